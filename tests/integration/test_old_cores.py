# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ansible-core that is too old, as that of a stock AWX, gets one line that says what the collection needs."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runner import COLLECTIONS, ROOT

OLD = "ansible-core==2.15.13"
NEEDS = "kemp.loadmaster needs ansible-core 2.16 or newer and Python 3.10 or newer, but this is ansible-core 2.15.13 with Python "
TASK = {"name": "Read", "kemp.loadmaster.info": {"host": "192.0.2.5"}}
FILTER = {"name": "Filter", "ansible.builtin.debug": {"msg": "{{ ['10.0.0.0/8'] | kemp.loadmaster.cidr_pattern }}"}}


def pythons() -> list[str]:
    """This Python, on which the old core runs, and the one of a stock AWX where a version manager has it."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return [sys.executable, *(str(path) for path in sorted(versions.glob("3.9.*/bin/python"))[:1])]


@pytest.fixture(
    scope="session", params=pythons(), ids=lambda path: "this Python" if path == sys.executable else "Python 3.9"
)
def old(request: pytest.FixtureRequest) -> Path:
    """A virtual environment with the old core; kept in .build, since it takes a while."""
    version = subprocess.run(
        [request.param, "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    home = ROOT / ".build" / "cores" / f"old-{version}"
    home.parent.mkdir(parents=True, exist_ok=True)
    # The workers of one test run share it
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready = home / ".ready"
        if not ready.exists():
            subprocess.run([request.param, "-m", "venv", "--clear", str(home)], check=True, capture_output=True)
            pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, OLD, "requests"], check=True, capture_output=True)
            ready.touch()
    return home / "bin"


def run(old: Path, folder: Path, command: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the old core."""
    return subprocess.run(
        [str(old / command), *arguments],
        env={"PATH": f"{old}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1", "COLUMNS": "9999",
             "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def failing(old: Path, folder: Path, *command: str) -> str:
    """What a playbook prints that fails."""
    done = run(old, folder, "ansible-playbook", "-i", "localhost,", *command)
    assert done.returncode != 0
    return done.stdout + done.stderr


def play_of(folder: Path, task: object) -> str:
    """The path of a playbook with one task."""
    path = folder / "play.yml"
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    return str(path)


def test_a_task_says_what_is_needed_on_one_line(old: Path, tmp_path: Path) -> None:
    shown = failing(old, tmp_path, play_of(tmp_path, TASK))
    assert [line for line in shown.splitlines() if line.startswith(f"ERROR! {NEEDS}")], shown
    assert "Traceback" not in shown and "probably a bug" not in shown


def test_a_playbook_of_the_collection_says_so_too(old: Path, tmp_path: Path) -> None:
    assert f"ERROR! {NEEDS}" in failing(old, tmp_path, "kemp.loadmaster.show", "-e", "loadmasters=localhost")


def test_a_filter_says_what_is_needed(old: Path, tmp_path: Path) -> None:
    shown = failing(old, tmp_path, play_of(tmp_path, FILTER))
    assert NEEDS in shown and "Traceback" not in shown and "Skipping" not in shown


def test_an_inventory_file_says_what_is_needed(old: Path, tmp_path: Path) -> None:
    source = tmp_path / "servers.loadmaster.yml"
    source.write_text("plugin: kemp.loadmaster.loadmaster\nloadmasters: [192.0.2.5]\n")
    done = run(
        old, tmp_path, "ansible-inventory", "-i", str(source), "--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true"
    )
    shown = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0 and NEEDS in shown, shown
    assert "Traceback" not in shown and "probably a bug" not in shown


@pytest.mark.parametrize("module", sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")))
def test_a_module_that_is_shipped_ends_with_a_result(old: Path, tmp_path: Path, module: str) -> None:
    """As on a host that runs it: no import before it fails, and the result is what Ansible expects."""
    code = f"from ansible_collections.kemp.loadmaster.plugins.modules import {module}"
    done = subprocess.run(
        [str(old / "python"), "-c", code],
        env={"PYTHONPATH": str(COLLECTIONS), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert result["failed"] and not result["changed"] and result["msg"].startswith(NEEDS)
    assert done.stderr == "" and done.returncode == 1
