# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What taking a server out and putting it back share: one task, its looks at the appliance, and what it says meanwhile.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Outcome, Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AnswerLost,
    LoadMasterError,
    Refused,
    Unreachable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import results

Say = Callable[[str], None]


class Unhealthy(LoadMasterError):
    """The server is back, but the appliance does not find it healthy everywhere."""


def silent(_text: str) -> None:
    """Say nothing: nobody listens where a module was shipped to another host."""


@dataclass(frozen=True)
class Clock:
    """How time passes: ``sleep`` and ``monotonic`` for waiting, ``now`` for what others are to know."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time


@dataclass
class Task:
    """One task: what it works with, and what it has done so far."""

    session: Session
    check: bool
    diff: bool
    say: Say
    clock: Clock
    outcomes: list[Outcome] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    interrupted: bool = False

    def reach(self, *wanted: Desired) -> Outcome:
        """Make the appliance as it is wanted, or in check mode only say what that takes."""
        document = Document(wanted)
        try:
            outcome = self.session.reach(document, check=self.check)
        except Refused as refusal:
            if not refusal.says_unknown:
                raise
            # The services were renumbered, or somebody removed one: what is to be done is looked up once more.
            self.interrupted = self.interrupted or refusal.changed
            outcome = self.session.reach(document, check=self.check)
        self.outcomes.append(outcome)
        return outcome

    def read(self, name: str) -> Mapping[str, Any]:
        """Read something anew."""
        self.session.snapshot.forget()
        return self.session.snapshot.answer(name)

    def world(self) -> World:
        """Read the services anew."""
        self.session.snapshot.forget()
        return self.session.snapshot.world({LIST_SERVICES})

    @property
    def changed(self) -> bool:
        """Tell whether anything was changed up to now."""
        return self.interrupted or any(outcome.plan for outcome in self.outcomes)

    def forget_all_but(self, changed: bool) -> None:
        """Forget what was done, since it is undone; ``changed`` tells whether anything was changed before that."""
        self.outcomes.clear()
        self.interrupted = changed

    def told(self) -> dict[str, Any]:
        """Return the part of the result that all modules share."""
        parts = [results.of_outcome(outcome, self.session, diff=self.diff) for outcome in self.outcomes]
        result: dict[str, Any] = {
            "changed": self.changed,
            "steps": [step for part in parts for step in part["steps"]],
            "api_calls": self.session.calls,
        }
        if self.warnings:
            result["warnings"] = self.warnings
            # What Ansible shows where a failed_when of the user's makes a failure of it
            result["msg"] = " ".join(self.warnings)
        if self.diff:
            result["diff"] = [each for part in parts for each in part["diff"]]
        return result


def looks(task: Task, began: float, timeout: float, interval: float) -> Iterable[float]:
    """Yield how long has been waited, at once and then at intervals, for the last time when the time is up."""
    while True:
        waited = task.clock.monotonic() - began
        yield waited
        left = timeout - waited
        if left <= 0:
            return
        task.clock.sleep(min(interval, left))


def looked(look: Callable[[], Any], task: Task, last: bool) -> Any:
    """Return what a look finds; None where the appliance does not answer, unless it is the last look."""
    try:
        return look()
    except (Unreachable, AnswerLost) as error:
        if last:
            raise
        task.say(f"{error.account} Looking again.")
        return None


def of(waited: float, timeout: float) -> str:
    return f"{waited:.0f} s of {timeout:.0f} s"


def services(number: int) -> str:
    return f"{number} service{'' if number == 1 else 's'}"
