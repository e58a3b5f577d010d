# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Undo: bring what a failed task touched back to what it was, as far as that can be, and say what could not be.

The way back is planned like any other task, from the current to the former state: dependencies come first, and
removals come last. It is not the list of calls in reverse, since a call may have done more than its opposite takes back.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import difference, undo
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.planning import Plan
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.snapshot import Snapshot
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AnswerLost,
    InvalidOption,
    LoadMasterError,
    Overtaken,
    Refused,
    Unreachable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document, identified
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step

# How often to plan the way back again, and how often to look up a lost answer.
ROUNDS = 3
LOOK_UPS = 5
PAUSE = 1.0


@dataclass
class WayBack:
    """The way back on one appliance. ``planned`` plans a document, and ``carry_out`` carries out a step of a plan."""

    snapshot: Snapshot
    planned: Callable[[Document], tuple[Plan, World]]
    carry_out: Callable[[Step], None]
    sleep: Callable[[float], None]
    begun: bool = False
    _left: list[str] = field(default_factory=list)
    _failed: list[Step] = field(default_factory=list)
    _look_ups: int = 0

    def undo(self, plan: Plan, sent: list[Step], before: World, refused: frozenset[str]) -> list[str]:
        """Bring what a plan touches back to what it was, and return sentences about what is not as it was.

        ``sent`` are the steps that the task came to, the one that failed included. ``refused`` are the objects of which the
        LoadMaster refused every step.
        """
        reads = undo.reads(plan.touched())
        self.snapshot.forget()
        try:
            now = self.snapshot.world(reads)
        except LoadMasterError as problem:
            return [problem.account]
        self.begun = True
        try:
            touched = undo.own(plan.touched(), before, refused)
            former, self._left = undo.document_of(plan.document, touched, sent, before, now)
            self._carry_out(former)
        except LoadMasterError as problem:
            self._left.append(problem.account)
        try:
            self._left += self._differences(reads, before)
        except LoadMasterError as problem:
            self._left.append(f"what it is like now could not be read, so more may be left: {problem.account}")
        return self._left

    def sentence(self, left: list[str]) -> str:
        """Return the sentence about the result of the rollback, given what is left."""
        listed = "; ".join(dict.fromkeys(text.rstrip(".") for text in left))
        if not self.begun:
            return f"The steps before it could not be reverted: {listed}."
        return f"The steps before it were reverted, except: {listed}." if left else "The steps before it were reverted."

    def _differences(self, reads: frozenset[str], before: World) -> list[str]:
        found: list[str] = []
        for pause in (0.0, PAUSE):
            self.sleep(pause)
            self.snapshot.forget()
            found = difference.differences(before, self.snapshot.world(reads))
            if not found:
                break
        return found

    def _carry_out(self, former: Document) -> None:
        """Restore a document; report failures and continue with the rest."""
        impossible: list[str] = []
        rounds = 0
        while rounds < ROUNDS:
            plan, impossible = self._possible(former)
            steps = [step for step in plan.steps if step not in self._failed]
            if not steps:
                break
            rounds += 1
            for step in steps:
                try:
                    self.carry_out(step)
                except Unreachable:
                    raise
                except (AnswerLost, Overtaken):
                    # It may have been carried out or not, or no longer fits: look, and plan from what is there.
                    self._look_ups += 1
                    if self._look_ups > LOOK_UPS:
                        raise
                    self.sleep(PAUSE)
                    rounds -= 1
                    break
                except LoadMasterError as problem:
                    self._failed.append(step)
                    if not step.creates and step.creation is None:
                        self._left.append(problem.account)
                        continue
                    # Its dependents would fail too.
                    rounds -= 1
                    remedied = _otherwise(former, plan, step) if isinstance(problem, Refused) else None
                    if remedied is None:
                        self._left.append(problem.account)
                    former = remedied or _without(former, plan, step)
                    break
        self._left += impossible

    def _possible(self, document: Document) -> tuple[Plan, list[str]]:
        """Plan as much of a document as possible; return the plan, and sentences about the rest."""
        impossible: list[str] = []
        while True:
            try:
                return self.planned(document)[0], impossible
            except InvalidOption as error:
                places = {problem.place for problem in error.problems}
                if places.isdisjoint(document.places):
                    raise
                impossible += [problem.message for problem in error.problems]
                document = _kept(document, [place not in places for place in document.places])


def _of_step(plan: Plan, step: Step) -> list[Desired]:
    """Return the objects that a step is for. One that adds a server to all SubVSs is for a server in each."""
    pairs = list(zip(plan.document, plan.objects, strict=True))
    own = [wanted for wanted, part in pairs if step in part.steps]
    return own or [wanted for wanted, part in pairs if any(_alike(step, each) for each in part.steps)]


def _alike(one: Step, other: Step) -> bool:
    # Steps that were merged into one differ in their owners, and in a parameter that only the merged one has
    few, many = sorted((one.said, other.said), key=len)
    return one.command == other.command and few.items() <= many.items()


def _without(document: Document, plan: Plan, step: Step) -> Document:
    dropped = {identified(wanted) for wanted in _of_step(plan, step)}
    return _kept(document, [identified(wanted) not in dropped for wanted in document])


def _otherwise(document: Document, plan: Plan, step: Step) -> Document | None:
    """Return a document that avoids a refused step; None if the kinds know no alternative."""
    other = {identified(wanted): undo.instead(wanted, step) for wanted in _of_step(plan, step)}
    if not any(other.values()):
        return None
    return Document([other.get(identified(wanted)) or wanted for wanted in document], document.places)


def _kept(document: Document, keep: list[bool]) -> Document:
    pairs = [pair for pair, kept in zip(zip(document, document.places, strict=True), keep, strict=True) if kept]
    return Document([wanted for wanted, _place in pairs], [place for _wanted, place in pairs])
