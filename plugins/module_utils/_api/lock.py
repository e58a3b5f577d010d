# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A lock for writers: tasks of one user on one machine take turns with each appliance.

The appliance has no lock of its own, and writers that overlap lose updates or make things twice. Files of this machine
stand in for it; writers on other machines and in other containers are not seen here, but noticed by what they write.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption

# The same for every task of a user: neither TMPDIR nor a login session, which a cron job has not, may change it.
FOLDER = "/tmp"
# How long to wait for the lock, how often to try, and how often to print a line.
PATIENCE = 300.0
INTERVAL = 0.05
SAY_EVERY = 5.0


class Turn:
    """The turn that a writer has. ``others_wrote`` tells whether another writer wrote since this writer's last turn.

    What takes turns is an appliance, identified by its addresses and port, so that its name and its address are the same;
    or with a ``purpose`` those of its writers that have it.
    """

    def __init__(self, host: str, port: int, purpose: str = "") -> None:
        self._host, self._port, self._purpose = host, port, purpose
        self._paths: list[str] = []
        self._handles: list[int] = []
        self._last: list[bytes] | None = None
        self.others_wrote = False

    @property
    def last_word(self) -> str:
        """Return the record of the last writer, as it was when the turn was taken."""
        return self._last[0].decode("ascii", "replace") if self._last else ""

    @contextmanager
    def taken(
        self, sleep: Callable[[float], None] = time.sleep, say: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Wait for the turn, and give it back in the end. ``say`` gets a line every few seconds of waiting."""
        # A name may have several addresses. All who take more than one lock take them in the same order.
        self._paths = self._paths or [os.path.join(_folder(), f"{name}.lock") for name in self._names()]
        with ExitStack() as locks:
            self._handles = [locks.enter_context(self._locked(path, sleep, say)) for path in self._paths]
            marks = self._marks()
            self.others_wrote = self._last is not None and marks != self._last
            self._last = marks
            yield
            self._last = self._marks()

    def wrote(self) -> str:
        """Record that something was written, and return the record. Only within a turn."""
        word = os.urandom(16).hex()
        for path, handle in zip(self._paths, self._handles, strict=True):
            with _explained(path, "cannot be written to"):
                os.pwrite(handle, word.encode("ascii"), 0)
        return word

    def _marks(self) -> list[bytes]:
        marks: list[bytes] = []
        for path, handle in zip(self._paths, self._handles, strict=True):
            with _explained(path, "cannot be read"):
                marks.append(os.pread(handle, 64, 0))
        return marks

    def _names(self) -> list[str]:
        places = [f"{address} {self._port} {self._purpose}" for address in _addresses(self._host)]
        return sorted(hashlib.sha256(place.encode("utf-8")).hexdigest()[:24] for place in places)

    @contextmanager
    def _locked(self, path: str, sleep: Callable[[float], None], say: Callable[[str], None] | None) -> Iterator[int]:
        handle = _opened(path)
        try:
            waited = said = 0.0
            while not _is_mine(path, handle):
                if waited >= PATIENCE:
                    raise InvalidOption(
                        f"Another task on this machine has been writing to {self._host} for {PATIENCE:.0f} seconds. "
                        "Try again when it is done."
                    )
                if say is not None and waited - said >= SAY_EVERY:
                    said = waited
                    say(
                        f"waiting for another task on this machine that writes to {self._host} "
                        f"({waited:.0f} s of {PATIENCE:.0f} s)"
                    )
                sleep(INTERVAL)
                waited += INTERVAL
            if not _is_still_at(path, handle):
                # The file was deleted meanwhile: nobody else can find it, so locking it protects nothing.
                with self._locked(path, sleep, say) as other:
                    yield other
                return
            yield handle
        finally:
            os.close(handle)


def _addresses(host: str) -> set[str]:
    """Return the addresses that a host has; the name itself where it has none here, as behind a proxy."""
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return {host.lower()}


def _folder() -> str:
    """Return the folder of the locks of this user, which no one else can write to."""
    path = os.path.join(_base(), f"kemp.loadmaster-{os.getuid()}")
    try:
        with _explained(path, "cannot be made"):
            os.mkdir(path, 0o700)
    except FileExistsError:
        with _explained(path, "cannot be looked at"):
            found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise InvalidOption(
                f"{path} holds the locks of tasks that write to a LoadMaster, but it does not belong to this user "
                "alone. Remove it."
            ) from None
    return path


def _base() -> str:
    """Return the parent of the lock folder."""
    if os.access(FOLDER, os.W_OK | os.X_OK):
        return FOLDER
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        raise InvalidOption(
            f"Tasks that write to a LoadMaster wait for each other at a lock in {FOLDER}, but neither this nor another folder for temporary "
            "files is writable. Free some space in it, or set TMPDIR to a writable folder."
        ) from None


@contextmanager
def _explained(path: str, what: str) -> Iterator[None]:
    """Turn errors of the file system into sentences. "Exists already" and "locked" are no errors here."""
    try:
        yield
    except (FileExistsError, BlockingIOError):
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = " Make room there." if full else ""
        raise InvalidOption(
            f"The lock {path}, for which tasks that write to a LoadMaster wait, {what}: {error.strerror or error}.{hint}"
        ) from None


def _opened(path: str) -> int:
    """Open a lock, which must be a regular file of this user: a pipe could block, and a link could be a trap."""
    with _explained(path, "cannot be opened"):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid():
        return handle
    os.close(handle)
    raise InvalidOption(
        f"The lock {path}, for which tasks that write to a LoadMaster wait, is not a file that belongs to this user. Remove it."
    )


def _is_mine(path: str, handle: int) -> bool:
    try:
        with _explained(path, "cannot be locked"):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still_at(path: str, handle: int) -> bool:
    with _explained(path, "cannot be looked at"):
        try:
            found = os.stat(path, follow_symlinks=False)
        except FileNotFoundError:
            return False
    mine = os.fstat(handle)
    return (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino)
