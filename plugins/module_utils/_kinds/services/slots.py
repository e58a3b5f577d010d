# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Slots: which new SubVS of a document takes which slot of its parent. Pure.

An interrupted run, or two runs at once, leave SubVSs without a name behind. The next new ones take these
over, in the order of their slots, before more are made.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Overtaken
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import IndexOf, SlotOf, identity
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Progress


class _Wish(Protocol):
    """A wanted SubVS."""

    @property
    def ref(self) -> SubRef:
        """Return the SubVS that is meant."""

    @property
    def present(self) -> bool:
        """Return whether it is wanted present."""


class Slots:
    """The new SubVSs of a parent, by name in the order of the document, and those without a name.

    One that has servers belongs to someone, and one that the same document takes away is none to take over.
    """

    def __init__(self, wanted: Sequence[_Wish], parent: Service | None, world: World) -> None:
        subs = world.services.subs(parent) if parent else []
        present = {sub.nickname for sub in subs}
        going = {sub.ref.slot for sub in wanted if not sub.present}
        self.new = [sub.ref.name for sub in wanted if sub.present and sub.ref.name not in present]
        self._subs, self._before = subs, _slots_before(parent, world)
        self.nameless = [
            sub for sub in subs if not sub.nickname and sub.slot_number not in going and self.serves_no_one(sub)
        ]

    def serves_no_one(self, sub: Service) -> bool:
        """Return whether one has no servers, or none but those that a call of this very task added to all at once."""
        if not sub.servers:
            return True
        if self._before is None or sub.slot_number in self._before or sub.nickname:
            return False
        others = [set(map(server_table.key, each.servers)) for each in self._subs if each.nickname]
        return bool(others) and set(map(server_table.key, sub.servers)) <= set.intersection(*others)

    def taken_by(self, name: str) -> Service | None:
        """Return the nameless one that a new one takes over, None if it has to be created."""
        place = self.new.index(name)
        return self.nameless[place] if place < len(self.nameless) else None

    @property
    def are_all_nameless(self) -> bool:
        """Return whether the parent has none but those without a name, so that the first one was left behind."""
        return len(self.nameless) == len(self._subs)

    @property
    def left(self) -> list[Service]:
        """Return the nameless ones that no new one takes over."""
        return self.nameless[len(self.new) :]


class NewSlot(NamedTuple):
    """How a step that makes a SubVS, or follows one that does, learns which slot of the parent is the new one.

    The answer is the parent as it is then. The slot keeps its number. The index of the SubVS is good for the next step
    only, or until the parent answers again.
    """

    made: SubRef

    def before(self, progress: Progress, world: Callable[[], World]) -> frozenset[str]:
        """Return the slots that the parent has: as its last answer showed them, or as read.

        Raises Overtaken where there are more than there were when this was planned.
        """
        parent = self.made.parent
        if parent in progress.memory:
            seen: frozenset[str] = progress.memory[parent]
            return seen
        now = _slots_in(world(), parent)
        place = identity(parent)
        is_new = any(sent.command == "addvs" and place.items() <= sent.parameters.items() for sent in progress.sent)
        planned_for = progress.planned_for
        known = planned_for.services.find(parent) if planned_for else None
        if (known or is_new) and planned_for and now - _slots_in(planned_for, parent):
            raise Overtaken(f"Could not create {label(self.made)}: {label(parent)} has new ones from another writer.")
        return now

    def learn(self, before: Any, progress: Progress, answer: Mapping[str, Any]) -> None:
        """Tell the new SubVS from those before it; nothing else says which one is new. Raises Overtaken."""
        made = self.made
        slots = answer.get("SubVS") or []
        seen = frozenset(str(slot.get("RsIndex")) for slot in slots)
        progress.memory[made.parent] = seen
        known = progress.known.get(SlotOf(made), "").removeprefix("!")
        numbers = {known} if known else seen - before
        new = [slot for slot in slots if str(slot.get("RsIndex")) in numbers]
        if len(new) != 1:
            raise Overtaken(
                f"Could not create {label(made)}: {label(made.parent)} has got {len(new)} new ones, and it is unknown "
                "which one this task created."
            )
        progress.fleeting[IndexOf(made)] = str(new[0].get("VSIndex"))
        progress.known[SlotOf(made)] = f"!{new[0].get('RsIndex')}"


def _slots_before(parent: Service | None, world: World) -> frozenset[str] | None:
    """Return the slots that a parent had before the first write of the task; None where that is yet to come."""
    if world.started is None or parent is None:
        return None
    return _slots_in(world.started, parent.ref) if isinstance(parent.ref, ServiceRef) else None


def _slots_in(world: World, parent: ServiceRef) -> frozenset[str]:
    service = world.services.find(parent)
    return service.slot_numbers if service else frozenset()
