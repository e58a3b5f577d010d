# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder in which everything runs, with an environment that nothing of the person who runs it reaches."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from . import workload
from .farm import PASSWORD, USER, Call, Place
from .ways import DERIVED, Way

HERE = Path(__file__).resolve().parent
PLAYS = HERE / "plays"
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
COLLECTIONS = ROOT / ".build" / "collections"
LONGEST_RUN = 600.0


class Failed(Exception):
    """A run did not do what it was to do, so its figures mean nothing; the text says what it printed."""


class Workspace:
    """Writes what runs need, and runs it. All runs share it, so none pays for what is made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        (folder / "ansible.cfg").touch()
        self._write("role.json", workload.ROLE_VARIABLES)
        self._write("objects.json", _objects())
        self._write(DERIVED, _without_modules(PLAYS / "objects.yml"))
        for form in ("yaml", "json"):
            self._write(f"src_{form}.json", {"document_file": str(folder / f"document.{form}")})

    def settle(self, places: Sequence[Place], document: dict[str, Any]) -> None:
        """Write the inventory of some appliances, and a document for them."""
        hosts = {
            f"lm{number}": {
                "ansible_host": "127.0.0.1",
                "ansible_port": place.port,
                "ansible_user": USER,
                "ansible_password": PASSWORD,
                "loadmaster_fingerprint": place.fingerprint,
                # So that modules of others need not look for it first
                "ansible_python_interpreter": sys.executable,
            }
            for number, place in enumerate(places, start=1)
        }
        self._write("inventory.json", {"all": {"children": {"loadmasters": {"hosts": hosts}}}})
        self._write("document.json", document)
        text = yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
        (self._folder / "document.yaml").write_text(text, encoding="utf-8")

    def prepare_script(self, place: Place, calls: Sequence[Call]) -> None:
        """Write down what the plain script is to send."""
        job = {"url": f"https://127.0.0.1:{place.port}/accessv2", "user": USER, "password": PASSWORD}
        self._write("script.json", {**job, "ca": place.certificate_file, "calls": calls})

    def run(self, way: Way, forks: int, collections: Path = COLLECTIONS) -> tuple[dict[str, float], str]:
        """Run a way to its end, with the collection in a folder; what it cost, and what it printed. Raises Failed."""
        result = self._folder / "result.json"
        command = [sys.executable, "-I", "-S", str(HERE / "launcher.py"), str(result), *self._command(way, forks)]
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment(collections),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN,
            check=False,
        )
        if done.returncode:
            raise Failed(f"{way.title} returned {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
        return json.loads(result.read_text(encoding="utf-8")), done.stdout

    def _command(self, way: Way, forks: int) -> list[str]:
        if not way.playbook:
            return [sys.executable, str(HERE / "plain_script.py"), str(self._folder / "script.json")]
        command = [str(BIN / "ansible-playbook"), "--inventory", "inventory.json", "--forks", str(forks)]
        if way.variables:
            command += ["--extra-vars", f"@{way.variables}"]
        ours = way.playbook.endswith(".yml") and way.playbook != DERIVED
        return [*command, str(PLAYS / way.playbook) if ours else way.playbook]

    def _environment(self, collections: Path) -> dict[str, str]:
        folder = self._folder
        return {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            # Empty, so that no other file of settings is looked for
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder / "home" / ".ansible"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "HOME": str(folder / "home"),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{BIN}{os.pathsep}/usr/local/bin:/usr/bin:/bin",
            "TMPDIR": str(folder / "tmp"),
        }

    def _write(self, name: str, content: Any) -> None:
        (self._folder / name).write_text(json.dumps(content), encoding="utf-8")


def changed_in(printed: str) -> int:
    """Return how many tasks the recap of a playbook says changed something."""
    return sum(int(number) for number in re.findall(r"\bchanged=(\d+)", printed))


def _without_modules(playbook: Path) -> Any:
    """Return a playbook whose tasks have the same loops and templates, but only say what they would do."""
    plays = yaml.safe_load(playbook.read_text(encoding="utf-8"))
    for task in plays[0]["tasks"]:
        module = next(name for name in task if name.startswith("kemp.loadmaster."))
        task["ansible.builtin.debug"] = {"msg": task.pop(module)}
    return plays


def _objects() -> dict[str, Any]:
    """Return the objects as variables of playbooks; ``sent`` is the request that those for the API need."""

    def with_request(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**entry, "sent": workload.parameters(entry)} for entry in entries]

    mail = [
        {**one, "sent": {"vs": workload.VIP, "port": port, "prot": "tcp", "rs": one["address"], "rsport": port}}
        for one in workload.MAIL_SERVERS
        for port in [str(one["port"])]
    ]
    return {
        "place": workload.PLACE,
        "rules": with_request(workload.RULES),
        "services": with_request(workload.SERVICES),
        "subs": with_request(workload.SUBS),
        "sub_servers": workload.SUB_SERVERS,
        "mail_servers": mail,
        "servers": [{**one, "service": workload.PLACE} for one in workload.SUB_SERVERS] + workload.MAIL_SERVERS,
    }
