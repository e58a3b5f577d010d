# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module server_maintenance without a playbook and without a network: any moment can be struck, and no time passes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from round_trip import Direct

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import wire
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import AnswerLost, LoadMasterError
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.maintenance_options import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import maintenance
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Clock
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.results import of_error
from loadmaster_emulator import Emulator

FIRST, SECOND = "192.0.2.31", "192.0.2.32"
OUT, IN = "out_of_service", "in_service"
DEFAULTS = {name: argument.get("default") for name, argument in SHAPE.arguments().items()}
READS = ("listvs", "showrule", "getall", "stats")


class Killed(BaseException):
    """The end of a run that no one in it can do anything about."""


@dataclass
class Wire(Direct):
    """A client that is watched. ``after`` is called when a command was carried out; it may raise what ends the run."""

    after: Callable[[str, Mapping[str, str]], None] = lambda _command, _parameters: None
    sent: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    dead: bool = False

    def write(self, command: str, parameters: Mapping[str, str], data: bytes | None = None) -> wire.Answer:
        if self.dead:
            raise Killed
        answer = super().write(command, parameters, data)
        self.sent.append((command, parameters))
        try:
            self.after(command, parameters)
        except Killed:
            self.dead = True
            raise
        return answer

    @property
    def writes(self) -> list[str]:
        return [command for command, _parameters in self.sent if command not in READS]


@dataclass
class Controller:
    """A machine that runs the module. Its time passes only while it waits; ``at`` is what its wall clock shows then."""

    emulator: Emulator
    name: str = "this"
    at: float = 1_000_000.0
    after: Callable[[str, Mapping[str, str]], None] = lambda _command, _parameters: None
    asleep: Callable[[], None] = lambda: None
    said: list[str] = field(default_factory=list)
    wire: Wire | None = None
    session: Session | None = None
    # Whether the next run goes on with what the one before has read, as the items of a loop do.
    keeps: bool = False

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.asleep()

    def run(self, state: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        """Run the module and return its result, a failed one too."""
        # What is locked on one machine is not on another one.
        # Another address for each machine, so that none sees the turns of another one
        digest = hashlib.sha256(f"{id(self.emulator)} of {self.name}".encode()).digest()
        place = SimpleNamespace(host=f"127.{digest[0]}.{digest[1]}.{digest[2]}", host_port=443)
        if not self.keeps or self.session is None:
            self.wire = Wire(self.emulator, connection=place, after=self.after)
            self.session = Session(self.wire, sleep=lambda _seconds: None)  # type: ignore[arg-type]
        clock = Clock(self.sleep, lambda: self.at, lambda: self.at)
        task = {**DEFAULTS, "address": FIRST, "state": state, **options}
        try:
            return maintenance.perform(task, self.session, check=check, say=self.said.append, clock=clock)
        except LoadMasterError as error:
            return of_error(error)


def skipping_clock() -> Clock:
    """A clock that shows the time of this machine, and after each wait as much more as the wait would have taken."""
    skipped = 0.0

    def sleep(seconds: float) -> None:
        nonlocal skipped
        skipped += seconds

    return Clock(sleep, lambda: time.monotonic() + skipped)


class Once:
    """Does something at one command only, the ``skip`` ones before it not counted."""

    def __init__(self, command: str, action: Callable[[], None], *, skip: int = 0) -> None:
        self._command = command
        self._action = action
        self._skip = skip

    def __call__(self, command: str, _parameters: Mapping[str, str]) -> None:
        if command != self._command or self._action is _nothing:
            return
        if self._skip:
            self._skip -= 1
            return
        action, self._action = self._action, _nothing
        action()


def _nothing() -> None:
    """Do nothing any more."""


def kill() -> None:
    raise Killed


def lose_answer() -> None:
    raise AnswerLost("no answer came.")


def service(lm: Emulator, port: int, *addresses: str, **options: Any) -> None:
    place = {"vs": "192.0.2.25", "port": port, "prot": "tcp"}
    lm.call("addvs", **place)
    for address in addresses or (FIRST, SECOND):
        lm.call("addrs", **place, rs=address, rsport=port)
    for name, value in options.items():
        lm.call("modvs", **place, **{name: value})


def switch(lm: Emulator, port: int, address: str = FIRST, *, on: bool = False) -> None:
    """What a person or another machine does."""
    lm.call("modrs", vs="192.0.2.25", port=port, prot="tcp", rs=address, rsport=port, enable="y" if on else "n")


def enabled(lm: Emulator, address: str = FIRST) -> list[int]:
    """The ports on which a server is enabled."""
    servers = [server for vs in lm.call("listvs").get("VS", []) for server in vs.get("Rs", [])]
    return sorted(int(server["Port"]) for server in servers if server["Addr"] == address and server["Enable"])


def notes(lm: Emulator) -> dict[str, str]:
    return {rule["Name"]: rule["Pattern"] for rule in lm.call("showrule").get("MatchContentRule", [])}


def settings(lm: Emulator) -> tuple[Any, Any]:
    answer = {name.lower(): value for name, value in lm.call("getall").items()}
    return answer["dropatdrainend"], answer["finalpersist"]
