# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writers to one appliance take turns."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import lock
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.lock import Turn
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption

KNOWN = {"lm1": ["192.0.2.5"], "lm1-ha": ["192.0.2.6", "192.0.2.5"], "other": ["192.0.2.6"]}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test alone, and names of its own."""

    def found(host: str, *_rest: Any, **_more: Any) -> list[Any]:
        if host == "nowhere":
            raise socket.gaierror
        return [(0, 0, 0, "", (address, 0)) for address in KNOWN.get(host, [host])]

    monkeypatch.setattr(lock, "FOLDER", str(tmp_path))
    monkeypatch.setattr(lock.socket, "getaddrinfo", found)
    return tmp_path


def excludes(first: Turn, second: Turn) -> bool:
    """Return whether a writer has to wait for another one."""
    with first.taken():
        return has_to_wait(second)


def has_to_wait(turn: Turn) -> bool:
    try:
        with turn.taken(lambda _seconds: None):
            return False
    except InvalidOption:
        return True


def test_a_writer_that_waits_too_long_says_so() -> None:
    naps: list[float] = []
    with (
        Turn("192.0.2.5", 443).taken(),
        pytest.raises(InvalidOption, match=r"Another task on this machine has been writing to 192.0.2.5 .* Try again"),
    ):
        with Turn("192.0.2.5", 443).taken(naps.append):
            pytest.fail("two writers at once")
    assert sum(naps) >= lock.PATIENCE


@pytest.mark.parametrize(
    ("first", "second", "the_same"),
    [
        (("lm1", 443), ("192.0.2.5", 443), True),
        (("lm1", 443), ("lm1-ha", 443), True),
        (("lm1-ha", 443), ("other", 443), True),
        (("lm1", 443), ("other", 443), False),
        (("lm1", 443), ("lm1", 8443), False),
        (("lm1", 443), ("lm1", 443, "drain settings"), False),
        (("nowhere", 443), ("nowhere", 443), True),
    ],
)
def test_an_appliance_is_told_by_its_addresses_and_port(first: Any, second: Any, the_same: bool) -> None:
    assert excludes(Turn(*first), Turn(*second)) is the_same
    assert excludes(Turn(*second), Turn(*first)) is the_same


def test_a_writer_that_waits_says_so_every_few_seconds() -> None:
    said: list[str] = []
    with Turn("lm1", 443).taken(), pytest.raises(InvalidOption, match=r"Nothing was changed\.$"):
        with Turn("lm1", 443).taken(lambda _seconds: None, said.append):
            pytest.fail("two writers at once")
    assert said[0] == "waiting for another task on this machine that writes to lm1 (5 s of 300 s)"
    assert 59 <= len(said) <= 60
    said.clear()
    with Turn("lm1", 443).taken(lambda _seconds: None, said.append):
        assert said == []


def test_a_writer_knows_the_last_word() -> None:
    """It shows that a note on an appliance was left by a run of this machine that has ended."""
    mine, other = Turn("lm1", 443), Turn("lm1", 443)
    with mine.taken():
        assert mine.last_word == ""
        word = mine.wrote()
    with other.taken():
        assert other.last_word == word


def test_a_writer_learns_that_others_wrote() -> None:
    mine, other = Turn("lm1", 443), Turn("lm1-ha", 443)
    with mine.taken():
        mine.wrote()
    with mine.taken():
        assert not mine.others_wrote
    with other.taken():
        other.wrote()
    with mine.taken():
        assert mine.others_wrote
    with mine.taken():
        assert not mine.others_wrote


def test_tmpdir_is_ignored(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    with Turn("lm1", 443).taken():
        assert list(folder.rglob("*.lock"))
    assert not (tmp_path / "elsewhere").exists()


def test_where_there_is_no_such_folder_it_is_that_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "FOLDER", str(tmp_path / "missing"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert excludes(Turn("lm1", 443), Turn("lm1", 443))
    assert len(list(tmp_path.rglob("*.lock"))) == 1


def _link(place: Path) -> None:
    (place.parent / "of someone").mkdir()
    place.symlink_to(place.parent / "of someone")


def _open_to_all(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)


def _file(place: Path) -> None:
    place.write_text("")


@pytest.mark.parametrize("make", [_link, _open_to_all, _file])
def test_a_folder_that_others_may_have_made_is_refused(folder: Path, make: Callable[[Path], None]) -> None:
    place = folder / f"kemp.loadmaster-{os.getuid()}"
    make(place)
    with pytest.raises(InvalidOption, match="belong to this user alone. Remove it. Nothing was changed"):
        with Turn("lm1", 443).taken():
            pytest.fail("it was trusted")
    assert not list(folder.rglob("*.lock"))


def test_a_lock_that_is_a_link_is_not_followed(folder: Path) -> None:
    with Turn("lm1", 443).taken():
        (lock,) = folder.rglob("*.lock")
    lock.unlink()
    lock.symlink_to(folder / "of someone")
    with pytest.raises(InvalidOption, match="cannot be opened: .*Nothing was changed"):
        with Turn("lm1", 443).taken():
            pytest.fail("it was followed")
    assert not (folder / "of someone").exists()


def test_a_lock_that_was_cleaned_up_while_someone_waited_is_taken_again(folder: Path) -> None:
    holder, waiting, third = Turn("lm1", 443), Turn("lm1", 443), Turn("lm1", 443)
    held = holder.taken()
    held.__enter__()

    def clean_up(_seconds: float) -> None:
        shutil.rmtree(folder / f"kemp.loadmaster-{os.getuid()}")
        (folder / f"kemp.loadmaster-{os.getuid()}").mkdir(mode=0o700)
        held.__exit__(None, None, None)

    with waiting.taken(clean_up):
        assert has_to_wait(third)


def _no_lock(path: Path) -> Path:
    """Return the place of a lock that there is not."""
    with Turn("lm1", 443).taken():
        (place,) = path.rglob("*.lock")
    place.unlink()
    return place


def link_to_itself(place: Path) -> None:
    place.symlink_to(place)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(os.mkfifo, id="pipe"),
        pytest.param(Path.mkdir, id="folder"),
        pytest.param(lambda place: place.symlink_to("/dev/zero"), id="link"),
        pytest.param(link_to_itself, id="link to itself"),
        pytest.param(lambda place: socket.socket(socket.AF_UNIX).bind(str(place)), id="socket"),
    ],
)
def test_what_is_no_file_instead_of_the_lock_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Any]
) -> None:
    # The name of a socket is short
    with tempfile.TemporaryDirectory() as short:
        monkeypatch.setattr(lock, "FOLDER", short)
        place = _no_lock(Path(short))
        make(place)
        with pytest.raises(InvalidOption, match=r"^The lock .*, for which tasks .* Nothing was changed\.$"):
            with Turn("lm1", 443).taken():
                pytest.fail("it was taken for a lock")


def test_the_file_of_someone_else_instead_of_the_lock_is_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, place = os.fstat, _no_lock(folder)
    place.write_text("")

    def of_someone(handle: int) -> os.stat_result:
        found = list(real(handle))
        found[4] = os.getuid() + 1
        return os.stat_result(found)

    monkeypatch.setattr(lock.os, "fstat", of_someone)
    with pytest.raises(InvalidOption, match="is not a file that belongs to this user. Remove it."):
        with Turn("lm1", 443).taken():
            pytest.fail("it was taken for a lock")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO, errno.ENOLCK, errno.EACCES])
@pytest.mark.parametrize("function", ["mkdir", "open", "pwrite", "pread", "stat", "flock"])
def test_what_the_file_system_refuses_is_a_sentence(monkeypatch: pytest.MonkeyPatch, function: str, error: int) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(lock.fcntl if function == "flock" else lock.os, function, refuse)
    turn = Turn("lm1", 443)
    with pytest.raises(InvalidOption) as caught:
        with turn.taken():
            turn.wrote()
    assert f": {os.strerror(error)}." in caught.value.message and "The lock /" in caught.value.message
    assert caught.value.message.endswith(" Nothing was changed.")
    assert ("Make room there." in caught.value.message) is (error in (errno.ENOSPC, errno.EDQUOT))


def test_no_folder_for_temporary_files_at_all_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(lock, "FOLDER", str(tmp_path / "missing"))
    monkeypatch.setattr(lock.tempfile, "gettempdir", nothing)
    with pytest.raises(InvalidOption, match="Free some space in it, or set TMPDIR to a writable folder"):
        with Turn("lm1", 443).taken():
            pytest.fail("where?")


def test_a_full_file_system(tmp_path: Path) -> None:
    """In a namespace of its own, where there may be one: a file system without room for a single byte."""
    script = f"""
        mount -t tmpfs -o size=4k,nr_inodes=4 none {tmp_path} && head -c 9999 /dev/zero >{tmp_path}/all 2>/dev/null
        exec {sys.executable} -c '
from ansible_collections.kemp.loadmaster.plugins.module_utils._api import lock
lock.FOLDER = "{tmp_path}"
turn = lock.Turn("192.0.2.5", 443)
try:
    with turn.taken():
        turn.wrote()
except lock.InvalidOption as error:
    print(error.message)
'"""
    alone = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*alone, f"mount -t tmpfs none {tmp_path}"], check=False).returncode
    ):
        return  # What it would show is shown above with the errors made by hand
    collections = Path(lock.__file__).parents[6]
    done = subprocess.run(
        [*alone, script],
        env={**os.environ, "PYTHONPATH": str(collections)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "No space left on device. Make room there. Nothing was changed." in done.stdout, done.stderr
