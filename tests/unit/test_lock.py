# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writers to one appliance take turns."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils import _lock
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._lock import Turn


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_lock.tempfile, "gettempdir", lambda: str(tmp_path))


def test_a_writer_that_waits_too_long_says_so() -> None:
    naps: list[float] = []
    with (
        Turn("lm1:443").taken(),
        pytest.raises(InvalidOption, match="Another task on this machine has been writing to lm1:443"),
    ):
        with Turn("lm1:443").taken(naps.append):
            pytest.fail("two writers at once")
    assert sum(naps) >= _lock.PATIENCE
    with Turn("lm1:443").taken(), Turn("lm2:443").taken():
        assert True, "two appliances, two turns"


def test_a_writer_that_waits_says_so_every_few_seconds() -> None:
    said: list[str] = []
    with Turn("lm1:443").taken(), pytest.raises(InvalidOption, match=r"Nothing was changed\.$"):
        with Turn("lm1:443").taken(lambda _seconds: None, said.append):
            pytest.fail("two writers at once")
    assert said[0] == "waiting for another task on this machine that writes to lm1:443 (5 s of 300 s)"
    assert 59 <= len(said) <= 60
    said.clear()
    with Turn("lm1:443").taken(lambda _seconds: None, said.append):
        assert said == []


def test_a_writer_knows_the_last_word() -> None:
    """By it a note on an appliance is told that was left by a run of this machine which has ended."""
    mine, other = Turn("lm1:443"), Turn("lm1:443")
    with mine.taken():
        assert mine.last_word == ""
        word = mine.wrote()
    with other.taken():
        assert other.last_word == word


def test_a_writer_learns_that_others_wrote() -> None:
    mine, other = Turn("lm1:443"), Turn("lm1:443")
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
