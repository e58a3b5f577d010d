# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The way back: the document of what a task touches, and of what suffers with it, as it was before. Pure.

Undoing is making the appliance as that document says, so it needs no steps of its own. What the document cannot say is
found by difference.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.recovering import all_recoveries, recovery_of
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import (
    Desired,
    Document,
    OwnedBy,
    identified,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Attempt
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step


def reads(touched: Sequence[Desired]) -> frozenset[str]:
    """Return what has to be read before the first write, to be able to undo changes to some objects."""
    recoveries = [recovery_of(wanted) for wanted in touched]
    own = frozenset().union(*(wanted.reads() for wanted in touched))
    return own.union(*(recovery.reads for recovery in recoveries if recovery is not None))


def own(touched: Sequence[Desired], before: World, refused: Collection[str]) -> list[Desired]:
    """Return the objects without those that another writer created, and without what belongs to these.

    An object that was absent before, and of which the LoadMaster ``refused`` every step, was not created by this task.
    """
    foreign: set[Hashable] = set()
    found = -1
    while found != len(foreign):
        found = len(foreign)
        for wanted in touched:
            if (wanted.subject in refused and not wanted.found(before)) or any(
                isinstance(key, OwnedBy) and key.owner in foreign for key in wanted.keys()
            ):
                foreign.add(identified(wanted))
                foreign.update(key for key in wanted.keys() if not isinstance(key, OwnedBy))
    return [wanted for wanted in touched if identified(wanted) not in foreign]


def document_of(
    document: Document, touched: Sequence[Desired], sent: Sequence[Step], before: World, now: World
) -> tuple[Document, list[str]]:
    """Return the document of some objects of another document as they were, and sentences about what it cannot say.

    ``sent`` are the steps that the task came to, and ``now`` is the appliance as it left it.
    """

    def lost(member: str, key: Hashable) -> bool:
        classes = (kind.wanted for kind in KINDS if kind.member == member)
        wanted = next((found for of in classes if (found := document.find(of, key)) is not None), None)
        return wanted is not None and not getattr(wanted, "present", True) and not wanted.found(now)

    attempt = Attempt(document, sent, before, now, lost)
    objects: dict[Hashable, Desired] = {}
    left: list[str] = []
    for wanted in touched:
        recovery = recovery_of(wanted)
        try:
            for former in recovery.former(wanted, attempt) if recovery is not None else ():
                objects.setdefault(identified(former), former)
        except InvalidOption as problem:
            left.append(problem.account)
    for other in (each for recovery in all_recoveries() for each in recovery.also(touched, attempt)):
        objects.setdefault(identified(other), other)
    for wanted in touched:
        recovery = recovery_of(wanted)
        left += recovery.unreadable(wanted, attempt) if recovery is not None else ()
    # One place each, so that an object that cannot be planned does not block the others.
    return Document(list(objects.values()), [str(number) for number in range(len(objects))]), left


def instead(wanted: Desired, step: Step) -> Desired | None:
    """Return a fallback for a former object whose step was refused, or None."""
    recovery = recovery_of(wanted)
    return recovery.instead(wanted, step) if recovery is not None else None
