# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Repair: put back the objects that calls reached instead of those that they were meant for.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.planning import Plan
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.snapshot import Snapshot
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.watch import Watch, WentAstray, account
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AccessDenied,
    AnswerLost,
    InvalidOption,
    LoadMasterError,
    Overtaken,
    Refused,
    Unreachable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Astray
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

# How often one task tries, and the pause between tries.
TRIES = 10
PAUSE = (0.3, 1.2)

RENUMBERED = "Another writer made the LoadMaster renumber its services while this task ran, so that a call reached "
AGAIN = "Run this again when that is done."


@dataclass
class Repair:
    """The repairs of one task. ``planned`` plans a document, ``carry_out`` carries out a plan once, ``look`` reads a listing."""

    watch: Watch
    snapshot: Snapshot
    planned: Callable[[Document], tuple[Plan, World]]
    carry_out: Callable[[Plan, World], None]
    look: Callable[[], object]
    sleep: Callable[[float], None]
    _tries: int = 0
    _undone: list[Astray] = field(default_factory=list)

    def may_try(self) -> bool:
        """Count one more try; return whether it is within the limit."""
        self._tries += 1
        return self._tries <= TRIES

    def put_back(self) -> None:
        """Undo the steps that reached another object. Raises WentAstray where that fails again and again.

        The calls that undo them may go astray in their turn, which the next listing shows.
        """
        doubtful: list[Astray] = []
        left: list[Astray] = []
        while self.watch.astray or left:
            new = self.watch.taken()
            doubtful += [each for each in new if each.doubt]
            certain = [each for each in new if not each.doubt]
            self._undone += certain
            left += certain
            if not self.may_try():
                raise WentAstray(f"{RENUMBERED}{account([*left, *doubtful])}. This could not be undone. {AGAIN}")
            if self._tries > 1:
                self.sleep(random.uniform(*PAUSE))
            try:
                if self._is_put_back(left):
                    left = []
            except InvalidOption as problem:
                raise WentAstray(
                    f"{RENUMBERED}{account([*left, *doubtful])}. This could not be undone: {problem.account}"
                ) from None
        if doubtful:
            raise WentAstray(f"{RENUMBERED}{account(doubtful)}. Compare them with what should be there.")

    def _is_put_back(self, astray: list[Astray]) -> bool:
        """Restore the objects that were reached, last first; return whether new listings show it."""
        try:
            for each in reversed(astray):
                document = Document(each.wishes, [str(number) for number in range(len(each.wishes))])
                self.carry_out(*self.planned(document))
                self.snapshot.forget()
                if self.planned(document)[0] or self.watch.astray:
                    return False
            return True
        except (AnswerLost, Refused, Overtaken):
            self.snapshot.forget()
            self.look()
            return False

    def warnings(self) -> tuple[str, ...]:
        """Return what was undone, as sentences."""
        return (
            (f"{RENUMBERED}{account(self._undone)}. The task reverted what it changed there.",) if self._undone else ()
        )

    def after_failure(self, error: LoadMasterError) -> None:
        """Check whether a step of a failed task reached another object, restore that, and report it in the error."""
        if isinstance(error, (Unreachable, AccessDenied)) or not (self.watch.is_open or self.watch.astray):
            return
        try:
            self.snapshot.forget()
            self.look()
            if isinstance(error, WentAstray):
                more = self.watch.taken()
                error.sentence += f" It has also reached {account(more)}." if more else ""
                return
            self.put_back()
        except LoadMasterError as problem:
            error.sentence += f" {problem.account}"
        else:
            error.sentence += "".join(f" {each}" for each in self.warnings())
