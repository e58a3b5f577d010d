# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a job as AWX does: ansible-runner, a project, a login in the environment, and answers of a survey as unsafe extra vars."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

from loadmaster_emulator import Emulator
from runner import BIN, COLLECTIONS

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "extensions" / "awx" / "project"
TYPES = ROOT / "extensions" / "awx" / "data" / "02_credentials.yml"
FORKS = 5


class _Unsafe(str):
    """A text that Ansible never renders."""


class _Dumper(yaml.SafeDumper):
    """Writes answers as AWX does."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def unsafe(value: Any) -> Any:
    """Return answers with each text in them marked."""
    if isinstance(value, str):
        return _Unsafe(value)
    if isinstance(value, Mapping):
        return {key: unsafe(each) for key, each in value.items()}
    return [unsafe(each) for each in value] if isinstance(value, list) else value


def injected(index: int, inputs: Mapping[str, Any], folder: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the environment and the extra vars that a credential of the kit gives a job, with its files in a folder.

    ``index`` is the place of its type in the data of the kit. AWX renders injectors in the same way.
    """
    text = TYPES.read_text(encoding="utf-8").replace("!unsafe ", "")
    injectors = yaml.safe_load(text)["controller_credential_types"][index]["injectors"]
    jinja = ImmutableSandboxedEnvironment()
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, str] = {}
    for label, template in injectors.get("file", {}).items():
        path = folder / f"credential{index}-{label}"
        path.write_text(jinja.from_string(template).render(**inputs), encoding="utf-8")
        files[label.split(".")[1]] = str(path)
    names = {**inputs, "tower": {"filename": files}}
    environment = {name: jinja.from_string(each).render(**names) for name, each in injectors.get("env", {}).items()}
    variables = {
        name: jinja.from_string(each).render(**names) for name, each in injectors.get("extra_vars", {}).items()
    }
    return environment, variables


@dataclass(frozen=True)
class Job:
    """A job that has ended: its folder, its status, and the events that AWX stores."""

    folder: Path
    rc: int
    events: list[dict[str, Any]]

    @property
    def stdout(self) -> str:
        return (self.folder / "artifacts" / "job" / "stdout").read_text(encoding="utf-8")

    @property
    def artifacts(self) -> dict[str, Any]:
        """What set_stats passes on to workflows and notifications."""
        last = [event for event in self.events if event["event"] == "playbook_on_stats"]
        return dict(last[-1]["event_data"].get("artifact_data", {})) if last else {}

    @property
    def changed(self) -> int:
        stats = [event for event in self.events if event["event"] == "playbook_on_stats"][-1]
        return sum(stats["event_data"].get("changed", {}).values())

    @property
    def longest_silence(self) -> float:
        """The longest time between two events, in seconds. AWX ends a job that is silent for too long."""
        times = sorted(datetime.fromisoformat(event["created"]) for event in self.events)
        return max(((later - sooner).total_seconds() for sooner, later in pairwise(times)), default=0.0)

    @property
    def largest_event(self) -> int:
        return max(len(json.dumps(event)) for event in self.events)

    def shown(self) -> str:
        """All that AWX shows or stores of the job. The file ``command`` has the environment, and is not among it."""
        files = [path for path in (self.folder / "artifacts").rglob("*") if path.is_file() and path.name != "command"]
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def login(lm: Emulator, user: str, password: str) -> dict[str, Any]:
    """Return the inputs of the credential type for one or more emulators with one certificate."""
    return {"username": user, "password": password, "ca": Path(lm.certificate_file).read_text(encoding="utf-8")}


def run(
    folder: Path,
    playbook: str,
    hosts: Mapping[str, Emulator],
    credential: Mapping[str, Any],
    answers: Mapping[str, Any] | None = None,
    *,
    certificate: Mapping[str, Any] | None = None,
    check: bool = False,
    limit: str = "",
    slice_of: tuple[int, int] = (1, 1),
    files: Mapping[str, str] | None = None,
    wrapper: Sequence[str] = (),
    timeout: float = 180,
) -> Job:
    """Run a playbook of the project. ``slice_of`` is the number of a slice, and how many there are."""
    project = folder / "project"
    shutil.copytree(PROJECT, project)
    for name, text in (files or {}).items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    number, count = slice_of
    mine = [name for place, name in enumerate(sorted(hosts)) if place % count == number - 1]
    inventory = {
        name: {"ansible_host": hosts[name].host, "ansible_port": hosts[name].port, "documents_directory": "documents"}
        for name in mine
    }
    environment, variables = injected(0, credential, folder / "env")
    if certificate:
        variables |= injected(1, certificate, folder / "env")[1]
    settings = {
        "inventory/hosts.yml": yaml.safe_dump({"loadmasters": {"hosts": inventory}}),
        "env/envvars": yaml.safe_dump({**environment, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}),
        "env/extravars": yaml.dump(unsafe({**variables, **(answers or {})}), Dumper=_Dumper),
        "env/cmdline": " ".join(
            [f"--forks {FORKS}", *(["--check"] if check else []), *([f"--limit {limit}"] if limit else [])]
        ),
    }
    for name, text in settings.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    command = [*wrapper, str(BIN / "ansible-runner"), "run", str(folder), "--ident", "job", "--playbook", playbook]
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "LOADMASTER_"))}
    home = folder / "home"
    home.mkdir()
    done = subprocess.run(
        command,
        env={**plain, "PATH": f"{BIN}:{plain.get('PATH', '')}", "HOME": str(home), "PYTHONPATH": ""},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    events = [
        json.loads(path.read_text()) for path in (folder / "artifacts" / "job" / "job_events").glob("[0-9]*.json")
    ]
    if not events:
        raise AssertionError(f"no event: {done.stdout}\n{done.stderr}")
    return Job(folder, done.returncode, sorted(events, key=lambda event: int(event["counter"])))
