# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Leftover SubVSs of an interrupted run, or of two runs at once. Pure.

One without a name is taken for the next new one (see slots). What is left over then, and a second one of a name, goes
where it holds nothing: no servers and no rules.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.slots import Slots
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import identity
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step


@dataclass(frozen=True)
class LeftBehind:
    """An unneeded SubVS, identified by its slot."""

    ref: SubRef

    @property
    def subject(self) -> str:
        return f"{label(self.ref)}, slot {self.ref.slot}"

    def keys(self) -> tuple[Hashable, ...]:
        return (self.ref,)

    def reads(self) -> frozenset[str]:
        return frozenset({LIST_SERVICES})

    def found(self, world: World) -> dict[str, Any]:
        sub = world.services.find(self.ref)
        return {"name": sub.nickname} if sub else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        reason = "remove it: it has no servers and no rules, so an interrupted run, or two at once, left it behind"
        # Before servers are added to all SubVSs
        step = Step("delvs", identity(self.ref), self.subject, reason, ranks.LEFT_BEHIND)
        return ObjectPlan(self.subject, (step,), before={"name": self.ref.name})


def besides(document: Document, world: World) -> tuple[Sequence[LeftBehind], str]:
    """Return the leftover SubVSs to remove, and the place for their problems."""
    left = [each for parent in _parents(document) for each in _left_behind(parent, world, document)]
    return left, "SubVSs left behind"


def _parents(document: Document) -> list[ServiceRef]:
    return list(dict.fromkeys(sub.ref.parent for sub in document.all(SubVirtualService) if sub.present))


def _left_behind(named: ServiceRef, world: World, document: Document) -> list[LeftBehind]:
    wanted = document.find(VirtualService, named)
    parent: Service | None = wanted.find(world) if wanted else world.services.find(named)
    if parent is None or not isinstance(parent.ref, ServiceRef) or (wanted is not None and not wanted.present):
        return []
    place = wanted.ref if wanted is not None and wanted.ref.by_place else parent.ref
    subs = world.services.subs(parent)
    slots = Slots(document.owned(SubVirtualService, named), parent, world)
    left = slots.left
    for name in dict.fromkeys(sub.ref.name for sub in document.owned(SubVirtualService, named) if sub.present):
        left += [sub for sub in subs if sub.nickname == name and sub is not world.services.sub_of(parent, name)]
    return [
        LeftBehind(SubRef(place, sub.nickname, sub.slot_number))
        for sub in left
        if not sub.has_rules and (not sub.servers or slots.serves_no_one(sub))
    ]
