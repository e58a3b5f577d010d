# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a real ansible-playbook, as a user would, and tell what every task did.

The run has a folder, a home and an environment of its own: nothing that is set for the person who runs the tests, or
left behind by another run, has a say in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COLLECTIONS = ROOT / ".build" / "collections"
BIN = Path(sys.executable).parent
COLLECTION = "kemp.loadmaster"
RECORD = "LOADMASTER_TEST_RECORD"
SPEED = "LOADMASTER_TEST_SPEED"
REAL_TIME = 1.0
# Waits of a run are that much shorter than they say; see fast_clock
QUICK = 50.0
LONGEST_RUN = 120.0

WARNING = re.compile(r"^\[(?:DEPRECATION )?WARNING\]: ?")


@dataclass(frozen=True)
class TaskResult:
    """What one task did on one host, or what it did for one item of its loop."""

    host: str
    task: str
    action: str
    status: str
    result: dict[str, Any]
    item: Any = None
    of_item: bool = False
    ignored: bool = False

    @property
    def changed(self) -> bool:
        return self.status == "changed"

    @property
    def failed(self) -> bool:
        return self.status in ("failed", "unreachable")

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))


@dataclass(frozen=True)
class Run:
    """A run that has ended."""

    command: list[str]
    rc: int
    stdout: str
    stderr: str
    seconds: float
    results: list[TaskResult] = field(default_factory=list)
    stats: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        return sum(figures["changed"] for figures in self.stats.values())

    @property
    def failed(self) -> list[TaskResult]:
        """The tasks that failed and were not told to ignore it, as a whole and not item by item."""
        return [result for result in self.results if result.failed and not result.ignored and not result.of_item]

    @property
    def items(self) -> list[TaskResult]:
        return [result for result in self.results if result.of_item]

    @property
    def tasks(self) -> list[TaskResult]:
        """The tasks as a whole, without the single items of loops."""
        return [result for result in self.results if not result.of_item]

    @property
    def warnings(self) -> list[str]:
        """Warnings and deprecations: those that came with a result, and those that Ansible printed besides."""
        found: list[str] = []
        for result in self.tasks:
            for entry in result.result.get("warnings") or []:
                found.append(str(entry))
            for entry in result.result.get("deprecations") or []:
                found.append(str(entry.get("msg", entry) if isinstance(entry, dict) else entry))
        known = {_squeezed(text) for text in found}
        found += [text for text in _printed_warnings(self.stderr) if not any(part in _squeezed(text) for part in known)]
        return list(dict.fromkeys(found))

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    def one(self, task: str) -> TaskResult:
        """The result of the one task of this name."""
        found = [result for result in self.tasks if result.task == task]
        assert len(found) == 1, f"{len(found)} results of a task named {task!r}\n{self}"
        return found[0]

    def succeeded(self) -> Run:
        """The run itself, if it went well; else an error that shows it."""
        assert self.rc == 0, str(self)
        return self

    def __str__(self) -> str:
        return f"{' '.join(self.command)}\nreturned {self.rc} after {self.seconds:.1f} s\n{self.stdout}\n{self.stderr}"


def with_bastion(inventory: dict[str, Any]) -> dict[str, Any]:
    """Return an inventory with a host besides that modules can be shipped to; it stands for any such host."""
    inventory["all"]["children"]["bastions"] = {"hosts": {"bastion": {"ansible_connection": "local"}}}
    return inventory


def _squeezed(text: str) -> str:
    """The text without the spaces, since Ansible breaks its lines anywhere."""
    return re.sub(r"\s+", "", text)


def _printed_warnings(stderr: str) -> list[str]:
    found: list[list[str]] = []
    inside = False
    for line in stderr.splitlines():
        if WARNING.match(line):
            found.append([WARNING.sub("", line)])
            inside = True
        elif not line.strip() or line.startswith(("[", "Origin: ")):
            inside = False
        elif inside:
            found[-1].append(line)
    return [" ".join(lines).strip() for lines in found]


def _processes_with(setting: str) -> list[int]:
    """The processes that have this in their environment; where there is no /proc, none are found."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if setting.encode() in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found


class Started:
    """A run under way."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.command = command
        self.record = folder / "record.jsonl"
        self._out = folder / "stdout"
        self._err = folder / "stderr"
        self._since = time.monotonic()
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def results(self) -> list[TaskResult]:
        """What has been done up to now."""
        return self._read()[0]

    @property
    def shown(self) -> str:
        """What the run has printed up to now."""
        return self._out.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End the run and everything that it started, at once, as a power cut would."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        # Ansible's workers leave the group; the variable with the path of the record is in this run alone
        while strays := _processes_with(f"{RECORD}={self.record}"):
            for pid in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def wait(self, timeout: float = LONGEST_RUN) -> Run:
        try:
            rc = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
            raise AssertionError(
                f"the run was ended after {timeout:.0f} s\n{self._ended(self.process.returncode)}"
            ) from None
        return self._ended(rc)

    def _ended(self, rc: int) -> Run:
        results, stats = self._read()
        return Run(
            command=self.command,
            rc=rc,
            stdout=self._out.read_text(encoding="utf-8", errors="replace"),
            stderr=self._err.read_text(encoding="utf-8", errors="replace"),
            seconds=time.monotonic() - self._since,
            results=results,
            stats=stats,
        )

    def _read(self) -> tuple[list[TaskResult], dict[str, dict[str, int]]]:
        results: list[TaskResult] = []
        stats: dict[str, dict[str, int]] = {}
        if not self.record.exists():
            return results, stats
        for line in self.record.read_text(encoding="utf-8").splitlines(keepends=True):
            if not line.endswith("\n"):
                break  # the run was killed while it wrote this line
            entry = json.loads(line)
            if entry.pop("kind") == "stats":
                stats = entry["hosts"]
            else:
                results.append(TaskResult(**entry))
        return results, stats


class Playbook:
    """Callable that runs a playbook to its end; start() gives a run under way.

    source is the text of a playbook, a list of plays, a list of tasks (they then run on the LoadMasters, without facts)
    or the path of a file. A playbook of the collection is named as a user would: kemp.loadmaster.name.

    A run waits in quick motion: a wait of 5 seconds takes a tenth of one, and the run's clock shows 5 seconds more. Where
    something outside the run has to keep up, ``speed`` is less; REAL_TIME shortens nothing.
    """

    def __init__(
        self,
        folder: Path,
        default_inventory: Callable[[], dict[str, Any]],
        afterwards: Callable[[], None] = lambda: None,
        speed: float = QUICK,
    ) -> None:
        self._afterwards = afterwards
        self._speed = speed
        self._folder = folder
        self._default_inventory = default_inventory
        self._count = 0
        self._started: list[Started] = []
        self._temporary: list[tempfile.TemporaryDirectory[str]] = []

    def __call__(self, source: Any, *, timeout: float = LONGEST_RUN, **options: Any) -> Run:
        run = self.start(source, **options).wait(timeout)
        if run.rc == 0:
            self._afterwards()
        return run

    def start(
        self,
        source: Any,
        *,
        inventory: Any = None,
        check: bool = False,
        diff: bool = False,
        verbosity: int = 0,
        extra_vars: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        limit: str | None = None,
        tags: str | Sequence[str] | None = None,
        skip_tags: str | None = None,
        speed: float | None = None,
    ) -> Started:
        self._count += 1
        folder = self._folder / f"run{self._count}"
        folder.mkdir(parents=True)

        command = [str(BIN / "ansible-playbook")]
        for name in self._inventories(inventory, folder):
            command += ["--inventory", name]
        if check:
            command.append("--check")
        if diff:
            command.append("--diff")
        if verbosity:
            command.append("-" + "v" * verbosity)
        if extra_vars:
            # In a file: secrets have no place in the list of processes
            _write(folder / "extra_vars.json", json.dumps(extra_vars))
            command += ["--extra-vars", "@extra_vars.json"]
        if limit:
            command += ["--limit", limit]
        if tags:
            command += ["--tags", tags if isinstance(tags, str) else ",".join(tags)]
        if skip_tags:
            command += ["--skip-tags", skip_tags]
        command.append(_playbook(source, folder))

        # In a folder with a short name: ansible-core 2.22 makes a socket in it, whose name has 107 bytes at most
        temporary = tempfile.TemporaryDirectory(prefix="lm-", ignore_cleanup_errors=True)
        self._temporary.append(temporary)
        environment = _environment(folder, temporary.name, self._speed if speed is None else speed, env or {})
        started = Started(command, folder, environment)
        self._started.append(started)
        return started

    def close(self) -> None:
        """End what a test left running."""
        for started in self._started:
            if started.process.poll() is None:
                started.kill()
                started.process.wait()
        while self._temporary:
            self._temporary.pop().cleanup()

    def _inventories(self, inventory: Any, folder: Path) -> list[str]:
        if inventory is None:
            inventory = self._default_inventory()
        if isinstance(inventory, Path):
            return [str(inventory)]
        if isinstance(inventory, list):
            return [name for entry in inventory for name in self._inventories(entry, folder)]
        if isinstance(inventory, str):
            if "\n" not in inventory:
                return [inventory]
            return [_write(folder / "inventory.yml", inventory)]
        return [_write(folder / "inventory.yml", json.dumps(inventory))]


def _write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def _playbook(source: Any, folder: Path) -> str:
    if isinstance(source, Path):
        return str(source)
    if isinstance(source, str):
        if "\n" not in source:
            return source
        plays = yaml.safe_load(source)
        if all(
            "hosts" in play or "import_playbook" in play or "ansible.builtin.import_playbook" in play for play in plays
        ):
            return _write(folder / "playbook.yml", source)
    else:
        plays = source
    if not any("hosts" in play for play in plays):
        plays = [{"hosts": "loadmasters", "gather_facts": False, "tasks": plays}]
    # A line for each thing, so that errors can point at it
    return _write(folder / "playbook.yml", yaml.safe_dump(plays, sort_keys=False, allow_unicode=True))


def _environment(folder: Path, temporary: str, speed: float, extra: Mapping[str, str]) -> dict[str, str]:
    home = folder / "home"
    home.mkdir()
    return {
        "ANSIBLE_CALLBACKS_ENABLED": "record",
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        # Empty, so that no other file of settings is looked for
        "ANSIBLE_CONFIG": _write(folder / "ansible.cfg", ""),
        "ANSIBLE_HOME": str(home / ".ansible"),
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_LOCAL_TEMP": temporary,
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        RECORD: str(folder / "record.jsonl"),
        SPEED: str(speed),
        "PYTHONPATH": str(HERE / "fast_clock"),
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
        "TMPDIR": temporary,
        **extra,
    }
