# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What depends on the appliance before the first step is taken from it right before that step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from worlds import FIRST, SECOND, server, service, world

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.planning import Plan
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Outcome
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.out_of_service import OutOfService
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Clock, Task, silent


def known(*enabled: str) -> World:
    """A service for each of two places, in which the server is enabled or not."""
    places = ((1, "7"), (2, "8"))
    return world(
        *(service(i, server(int(n), Enable="Y" if n in enabled else "N"), server(90 + i, SECOND)) for i, n in places)
    )


@dataclass
class Session:
    """Reads in each turn the next of some worlds, and plans; it says what it would write and writes nothing."""

    worlds: list[World]
    written: list[list[str]] = field(default_factory=list)

    @property
    def snapshot(self) -> Session:
        return self

    def world(self, _reads: Iterable[str]) -> World:
        return self.worlds[0]

    def reach(self, document: Document, *, check: bool = False, first: Callable[[], None] | None = None) -> Outcome:
        if len(self.worlds) > 1:
            self.worlds.pop(0)
        plan = document.objects[0].plan(self.worlds[0], document)
        if plan.steps and not check:
            if first:
                first()
            self.written.append([str(step.parameters["rs"]) for step in plan.steps if step.command == "modrs"])
        made = Plan(plan.steps, (plan,), document)
        return Outcome(made, self.worlds[0], applied=bool(plan.steps) and not check)


def reached(*worlds: World, check: bool = False) -> tuple[list[list[str]], OutOfService]:
    session: Any = Session(list(worlds))
    task = Task(session, check, False, silent, Clock())
    plain = OutOfService(FIRST, remember=False)
    outcome = task.reach_from(plain.reads(), plain.including)
    wanted: Any = outcome.plan.document.objects[0]
    return session.written, wanted


def numbers(wanted: OutOfService) -> list[str]:
    return [place.number for place in wanted.before or ()]


def test_what_did_not_change_is_written_at_once() -> None:
    written, wanted = reached(known("7"), known("7"))
    assert written == [["!7"]] and numbers(wanted) == ["7"]


@pytest.mark.parametrize(
    ("then", "steps"),
    [(known("7", "8"), [["!7", "!8"]]), (known("8"), [["!8"]]), (known(), [])],
    ids=["enabled in one more", "another one", "disabled by others"],
)
def test_what_changed_while_the_task_waited_for_its_turn_is_looked_at_again(
    then: World, steps: list[list[str]]
) -> None:
    written, wanted = reached(known("7"), known("7"), then, then)
    assert written == steps and numbers(wanted) == [number.strip("!") for each in steps for number in each]


def test_check_mode_writes_nothing_and_knows_what_it_would_take_out() -> None:
    written, wanted = reached(known("7"), check=True)
    assert written == [] and numbers(wanted) == ["7"]
