# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One writer at a time: tasks of one machine that talk to one appliance take turns.

The appliance has no lock of its own, and writers that overlap lose updates or make things twice. A file of this
machine stands in for it; writers on other machines are not seen.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption

# How long to wait for the turn, how often to look, and how often to say so.
PATIENCE = 300.0
INTERVAL = 0.05
SAY_EVERY = 5.0


class Turn:
    """The turn that a writer has. ``others_wrote`` tells whether somebody else wrote since this writer's last turn."""

    def __init__(self, appliance: str) -> None:
        digest = hashlib.sha256(appliance.encode("utf-8")).hexdigest()[:24]
        self._path = os.path.join(tempfile.gettempdir(), f"kemp.loadmaster-{os.getuid()}-{digest}.lock")
        self._appliance = appliance
        self._last: bytes | None = None
        self.others_wrote = False

    @property
    def last_word(self) -> str:
        """Return the word of the last one who wrote, as it was when the turn was taken."""
        return (self._last or b"").decode("ascii", "replace")

    @contextmanager
    def taken(
        self, sleep: Callable[[float], None] = time.sleep, say: Callable[[str], None] | None = None
    ) -> Iterator[None]:
        """Wait for the turn, and give it back in the end. ``say`` gets a line every few seconds of waiting."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            self._wait(handle, sleep, say)
            mark = os.pread(handle, 64, 0)
            self.others_wrote = self._last is not None and mark != self._last
            self._last = mark
            yield
            self._last = os.pread(handle, 64, 0)
        finally:
            os.close(handle)

    def wrote(self) -> str:
        """Leave word that something was written, and return it. Only within a turn."""
        word = os.urandom(16).hex()
        with open(self._path, "r+b") as file:
            file.write(word.encode("ascii"))
        return word

    def _wait(self, handle: int, sleep: Callable[[float], None], say: Callable[[str], None] | None) -> None:
        waited = said = 0.0
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if waited >= PATIENCE:
                    raise InvalidOption(
                        f"Another task on this machine has been writing to {self._appliance} for {PATIENCE:.0f} seconds. "
                        "Try again when it is done. Nothing was changed."
                    ) from None
                if say is not None and waited - said >= SAY_EVERY:
                    said = waited
                    say(
                        f"waiting for another task on this machine that writes to {self._appliance} "
                        f"({waited:.0f} s of {PATIENCE:.0f} s)"
                    )
                sleep(INTERVAL)
                waited += INTERVAL
