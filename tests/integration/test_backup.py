# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups to files: names, permissions, rotation, and what cannot be written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from loadmaster_emulator import Emulator
from runner import TaskResult

OLD = ["127.0.0.1_2026-01-01@00-00-00.backup", "127.0.0.1_2026-01-02@00-00-00.backup"]
OTHERS = ["127.0.0.10_2026-01-01@00-00-00.backup", "127.0.0.1.backup", "127.0.0.1_2026-01-01@00-00-00.backup.txt"]


Run = Callable[..., TaskResult]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for backups alone."""
    made = tmp_path / "backups"
    made.mkdir()
    return made


def back_up(module: Run, *, check: bool = False, **options: object) -> TaskResult:
    return module("backup", options, check=check)


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_the_file_is_what_the_loadmaster_sends(emulator: Emulator, module: Run, folder: Path, api_version: str) -> None:
    done = back_up(module, dir_path=str(folder / "new"), api_version=api_version)
    path = Path(done.result["backup_path"])
    assert done.changed and path.parent == folder / "new" and path.name.startswith("127.0.0.1_20")
    assert path.stat().st_mode & 0o777 == 0o600 and path.stat().st_size == done.result["size"] > 100
    assert done.result["removed_backups"] == [] and list(path.parent.iterdir()) == [path]


def test_old_ones_of_this_loadmaster_go(emulator: Emulator, module: Run, folder: Path) -> None:
    for name in (*OLD, *OTHERS):
        (folder / name).write_text("earlier", encoding="utf-8")
    foreseen = back_up(module, check=True, dir_path=str(folder), keep=2)
    assert foreseen.changed and foreseen.result["size"] is None
    assert foreseen.result["removed_backups"] == [str(folder / OLD[0])]
    assert sorted(os.listdir(folder)) == sorted([*OLD, *OTHERS]) and "backup" not in emulator.journal.commands()
    done = back_up(module, dir_path=str(folder), keep=2)
    assert done.result["removed_backups"] == [str(folder / OLD[0])]
    left = sorted(os.listdir(folder))
    assert left == sorted([OLD[1], *OTHERS, Path(done.result["backup_path"]).name])


def test_a_name_of_ones_own_replaces_the_last_one(emulator: Emulator, module: Run, folder: Path) -> None:
    (folder / "lm1.backup").write_text("earlier", encoding="utf-8")
    done = back_up(module, dir_path=str(folder), filename="lm1.backup")
    assert done.result["backup_path"] == str(folder / "lm1.backup")
    assert (folder / "lm1.backup").read_bytes() != b"earlier" and len(os.listdir(folder)) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": 0}, "keep must be at least 1. Nothing was changed."),
        (
            {"keep": 1, "filename": "lm1"},
            "keep needs backups with dated names. Remove filename or keep. Nothing was changed.",
        ),
        ({"dir_path": "/dev/null/x"}, "The backup cannot be written to /dev/null/x/"),
    ],
)
def test_what_cannot_be(emulator: Emulator, module: Run, options: dict[str, object], message: str) -> None:
    done = back_up(module, **options)
    assert done.status == "failed" and message in done.result["msg"] and "\n" not in done.result["msg"]


def test_an_old_one_that_cannot_be_deleted_is_named(emulator: Emulator, module: Run, folder: Path) -> None:
    stuck = folder / OLD[0]
    stuck.mkdir()
    done = back_up(module, dir_path=str(folder), keep=1)
    assert done.status == "failed" and done.result["changed"]
    assert f"The old backup {stuck} cannot be deleted" in done.result["msg"]
    assert "Nothing was changed" not in done.result["msg"] and len(os.listdir(folder)) == 2


@pytest.mark.emulator(users={"bal": "secret-of-bal", "operator": "secret-of-bal"}, permissions={"operator": ["vs"]})
def test_without_the_permission_nothing_is_written(emulator: Emulator, module: Run, folder: Path) -> None:
    done = back_up(module, dir_path=str(folder), username="operator", password="secret-of-bal")
    assert done.status == "failed" and os.listdir(folder) == []
    assert done.result["error"]["kind"] == "AccessDenied"
