# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first SubVS turns over the transparency of its parent: it gets it back, also where a run is killed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import round_trip
from round_trip import Direct

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import AnswerLost
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import sub_virtual_service, virtual_service
from loadmaster_emulator import Emulator

PLACE = {"address": "192.0.2.25", "port": "443"}
VS = {"vs": "192.0.2.25", "port": 443, "prot": "tcp"}
NAMES = ("OWA", "ECP")
SUBS = [{"name": name, "weight": 500, "real_servers": [{"address": "192.0.2.31"}]} for name in NAMES]
# Each appears both turned over and not.
FLAGS = [(False, True), (True, False), (True, True), (False, False)]

Task = Callable[[Session], Any]


class Killed(BaseException):
    """The run is over, as after a power cut."""


@dataclass
class Mortal(Direct):
    """A client whose run ends when a certain call has been carried out, before it is answered."""

    last: int = 0
    changes: list[Mapping[str, str]] = field(default_factory=list)

    def write(self, command: str, parameters: Mapping[str, str], data: bytes | None = None) -> Any:
        answer = super().write(command, parameters, data)
        if command == "modvs":
            self.changes.append(parameters)
        if self.calls == self.last:
            raise Killed
        return answer


@dataclass
class Delayed(Direct):
    """A client that gives up the first call which makes a SubVS; it is carried out ``late`` calls after that."""

    late: int = 0
    given_up: Mapping[str, str] | None = None
    done: bool = False

    def write(self, command: str, parameters: Mapping[str, str], data: bytes | None = None) -> Any:
        if self.given_up is not None:
            if self.late == 0:
                self.arrive()
            self.late -= 1
        elif "createsubvs" in parameters:
            self.given_up = parameters
            raise AnswerLost("it took too long", command=command)
        return super().write(command, parameters, data)

    def arrive(self) -> None:
        if not self.done and self.given_up is not None:
            self.done = True
            super().write("modvs", self.given_up)


def perform(module: Any, session: Session, **options: Any) -> dict[str, Any]:
    defaults = {name: argument.get("default") for name, argument in module.MODULE.options.items()}
    return module.MODULE.perform({**defaults, **options}, session, Mode(False, True))


def modules(session: Session) -> None:
    for entry in SUBS:
        perform(sub_virtual_service, session, virtual_service="192.0.2.25:443", **entry)


def document(**options: Any) -> Task:
    entry = {**PLACE, "type": "http", "sub_virtual_services": SUBS, **options}
    return lambda session: round_trip.apply(session, {"virtual_services": [entry]})


def named(flags: tuple[bool, bool]) -> dict[str, bool]:
    return {"transparent": flags[0], "subnet_originating": flags[1]}


def appliance(flags: tuple[bool, bool] | None) -> Emulator:
    """A LoadMaster, with a parent that has no SubVSs yet unless ``flags`` are None."""
    lm = Emulator(firmware="7.2.63")
    if flags is not None:
        lm.call("addvs", **VS, vstype="http", transparent=int(flags[0]), subnetoriginating=int(flags[1]))
    return lm


def outcome(task: Task, lm: Emulator, last: int = 0) -> int:
    """Run a task to its end or to its death, and return the number of its calls."""
    client = Mortal(lm, last=last)
    try:
        task(Session(client, sleep=lambda _seconds: None))  # type: ignore[arg-type]
    except Killed:
        return client.calls
    assert not last
    return client.calls


def flags_of(lm: Emulator) -> tuple[bool, bool]:
    settings = lm.state()["services"]["tcp/192.0.2.25:443"]["settings"]
    return settings["Transparent"], settings["SubnetOriginating"]


def killed_anywhere(task: Task, before: tuple[bool, bool] | None) -> tuple[bool, bool]:
    """Kill a task after any of its calls, run it again and compare; return the parent's flags as undisturbed."""
    lm = appliance(before)
    number = outcome(task, lm)
    undisturbed = lm.state()
    assert set(undisturbed["services"]["tcp/192.0.2.25:443"]["subvs"]) == set(NAMES)
    for last in range(1, number + 1):
        again = appliance(before)
        outcome(task, again, last)
        outcome(task, again)
        assert again.state() == undisturbed, f"killed after call {last}"
    return flags_of(lm)


@pytest.mark.parametrize(
    ("task", "before"),
    [
        pytest.param(modules, (False, True), id="modules"),
        pytest.param(document(), (False, True), id="document"),
        pytest.param(document(), None, id="document that makes the parent"),
    ],
)
def test_killed_after_any_call_where_no_one_names_transparency(task: Task, before: tuple[bool, bool] | None) -> None:
    assert killed_anywhere(task, before) == (False, True)


@pytest.mark.parametrize("before", [None, *FLAGS])
@pytest.mark.parametrize("wanted", FLAGS)
def test_killed_after_any_call_where_it_is_named(before: tuple[bool, bool] | None, wanted: tuple[bool, bool]) -> None:
    assert killed_anywhere(document(**named(wanted)), before) == wanted


@pytest.mark.parametrize("before", FLAGS)
@pytest.mark.parametrize("task", [modules, document()], ids=["modules", "document"])
def test_what_no_one_names_stays(task: Task, before: tuple[bool, bool]) -> None:
    lm = appliance(before)
    outcome(task, lm)
    assert flags_of(lm) == before


def test_the_parent_gets_it_back_in_the_very_next_call() -> None:
    client = Mortal(appliance((False, True)))
    modules(Session(client, sleep=lambda _seconds: None))  # type: ignore[arg-type]
    made, turned_back, naming = client.changes[:3]
    assert "createsubvs" in made and naming["nickname"] == "OWA"
    assert turned_back.items() >= {"transparent": "n", "subnetoriginating": "y"}.items()
    assert not any("transparent" in parameters for parameters in client.changes[2:])


def test_one_that_is_taken_over_is_told() -> None:
    lm = appliance((False, True))
    lm.call("modvs", **VS, createsubvs="")
    session = Session(Direct(lm), sleep=lambda _seconds: None)  # type: ignore[arg-type]
    made = perform(sub_virtual_service, session, virtual_service="192.0.2.25:443", name="OWA")
    assert [step["reason"] for step in made["steps"]] == [
        "give the parent back transparent: false and subnet_originating: true, which its first SubVS turns over",
        "take over the one without a name in slot 1, which an interrupted run has left behind; name it and set it up",
    ]


def test_one_that_is_taken_over_beside_others_says_nothing_of_the_parent() -> None:
    lm = appliance((True, False))
    for _number in range(2):
        lm.call("modvs", **VS, createsubvs="")
    lm.call("modvs", vs=2, nickname="EWS")
    session = Session(Direct(lm), sleep=lambda _seconds: None)  # type: ignore[arg-type]
    perform(sub_virtual_service, session, virtual_service="192.0.2.25:443", name="OWA")
    assert flags_of(lm) == (True, False)
    assert not perform(virtual_service, session, **PLACE, **named((True, False)))["changed"]


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("task", [modules, document()], ids=["modules", "document"])
@pytest.mark.parametrize("late", range(12))
def test_a_call_that_is_carried_out_after_the_time_out(task: Task, flags: tuple[bool, bool], late: int) -> None:
    """The call that makes the first one is given up for lost, and carried out any number of calls later."""
    lm = appliance(flags)
    client = Delayed(lm, late=late)
    task(Session(client, sleep=lambda _seconds: None))  # type: ignore[arg-type]
    assert flags_of(lm) == flags
    assert set(lm.state()["services"]["tcp/192.0.2.25:443"]["subvs"]) - {"-"} == set(NAMES)
    client.arrive()
    outcome(task, lm)
    outcome(document(), lm)
    assert flags_of(lm) == flags
    assert set(lm.state()["services"]["tcp/192.0.2.25:443"]["subvs"]) == set(NAMES)
