# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Shared by taking out and putting back: one maintenance task and its progress.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Outcome, Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    LoadMasterError,
    Refused,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import results

Say = Callable[[str], None]


class _Moved(Exception):
    """Something else changed what a task depends on, before the task wrote anything."""


class Unhealthy(LoadMasterError):
    """The server is back, but the appliance does not find it healthy everywhere."""


def silent(_text: str) -> None:
    """Print nothing: a module on another host has no screen."""


@dataclass(frozen=True)
class Clock:
    """How time passes: ``sleep`` and ``monotonic`` for waiting, ``now`` for what others are to know."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time


@dataclass(frozen=True)
class _Reading:
    """A wanted object without changes, only with reads."""

    needed: frozenset[str]
    subject = "the LoadMaster"

    def keys(self) -> tuple[Hashable, ...]:
        return (("reading", self.needed),)

    def reads(self) -> frozenset[str]:
        return self.needed

    def plan(self, world: World, document: Document) -> ObjectPlan:
        return ObjectPlan(self.subject)

    def found(self, world: World) -> dict[str, Any]:
        return {}


@dataclass
class Task:
    """One task: its session, options and progress."""

    session: Session
    check: bool
    diff: bool
    say: Say
    clock: Clock
    outcomes: list[Outcome] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    interrupted: bool = False

    def reach(self, wanted: Desired, first: Callable[[], None] | None = None) -> Outcome:
        """Make the appliance as it is wanted, or in check mode only say what that takes.

        ``first`` is called before anything is written.
        """
        document = Document([wanted])
        try:
            outcome = self.session.reach(document, check=self.check, first=first)
        except Refused as refusal:
            if not refusal.says_unknown:
                raise
            # The services were renumbered, or one was removed: look up once more what to do.
            outcome = self._reach_again(document, refusal)
        self.outcomes.append(outcome)
        return outcome

    def _reach_again(self, document: Document, refusal: Refused) -> Outcome:
        self.interrupted = self.interrupted or refusal.changed
        try:
            return self.session.reach(document, check=self.check)
        except LoadMasterError as error:
            error.changed = error.changed or refusal.changed
            raise

    def reach_from(self, reads: frozenset[str], wanted: Callable[[World], Desired]) -> Outcome:
        """Reach what depends on how the appliance is before this task changes it.

        ``wanted`` returns it, given the appliance as far as ``reads`` asks for it. It is called several times, for the last
        time right before the first step, or where there is nothing to do. What is wanted then stays so until it is verified.
        """
        if not self.check:
            # Read while no other task of this machine writes
            self.session.reach(Document([_Reading(reads)]))
        while True:
            found = wanted(self.session.snapshot.world(reads))
            check_same = partial(self._check_same, reads, wanted, found)
            try:
                outcome = self.reach(found, first=check_same)
                if not outcome.applied:
                    check_same()
                return outcome
            except _Moved:
                continue

    def _check_same(self, reads: frozenset[str], wanted: Callable[[World], Desired], found: Desired) -> None:
        if wanted(self.session.snapshot.world(reads)) != found:
            raise _Moved

    def read(self, name: str) -> Mapping[str, Any]:
        """Read again, bypassing the cache."""
        self.session.snapshot.forget()
        return self.session.snapshot.answer(name)

    def world(self, *reads: str) -> World:
        """Read a part of the appliance again, bypassing the cache."""
        self.session.snapshot.forget()
        return self.session.snapshot.world(reads)

    @property
    def changed(self) -> bool:
        """Return whether anything was changed so far."""
        return self.interrupted or any(outcome.plan for outcome in self.outcomes)

    @property
    def kept(self) -> int:
        """Return the number of steps that were carried out and stay."""
        return sum(len(outcome.plan.steps) for outcome in self.outcomes)

    def forget_all_but(self, changed: bool) -> None:
        """Forget what was done, since it is undone; ``changed`` tells whether anything was changed before that."""
        self.outcomes.clear()
        self.interrupted = changed

    def result(self) -> dict[str, Any]:
        """Return the part of the result that all modules share."""
        parts = [results.of_outcome(outcome, self.session, diff=self.diff) for outcome in self.outcomes]
        result: dict[str, Any] = {
            "changed": self.changed,
            "steps": [step for part in parts for step in part["steps"]],
            "api_calls": self.session.calls,
        }
        if self.warnings:
            result["warnings"] = self.warnings
            # Ansible shows it if the user's failed_when fails the task
            result["msg"] = " ".join(self.warnings)
        if self.diff:
            # Changes of the note do not count
            result["diff"] = [each for part in parts for each in part["diff"] if each["before"] or each["after"]]
        return result
