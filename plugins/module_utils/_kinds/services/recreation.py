# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Services that cannot be changed in place, and are deleted and recreated if that is allowed. Pure.

That is where the document says all of the service (``state: replaced``) and its purge covers it.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, cast

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.server_table import (
    describe as describe_server,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.server_table import place
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    describe as describe_sub,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import (
    VirtualService,
    removed,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document, identified
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import identity
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Recreation
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service, Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step

MEMBER = "virtual_services"
_SERVERS = "real_servers"
_SUBS = "sub_virtual_services"


class RecreatedService(NamedTuple):
    """A service that exists and is deleted, and why. ``removal`` is the wish that deletes it.

    ``subs`` are the wanted names of its SubVSs, ``alone`` says that real servers of its own are wanted, and
    ``lasting`` names what it has and would not lose otherwise.
    """

    service: Service
    reason: str
    before: Mapping[str, object]
    removal: VirtualService
    subs: tuple[str, ...] = ()
    alone: bool = False
    lasting: frozenset[str] = frozenset()

    @property
    def warning(self) -> str:
        """Return a sentence on what would happen to the service."""
        subject = label(self.service.ref, self.service.nickname)
        return f"{subject} would be deleted and created again, since {self.reason}. Its connections would end."

    def preceded(self, plan: ObjectPlan) -> ObjectPlan:
        """Return the plan that creates the service, preceded by the step that removes the one that exists."""
        subject = label(self.service.ref, self.service.nickname)
        reason = f"delete and recreate it, since {self.reason}"
        step = Step("delvs", identity(self.service.ref), subject, reason, ranks.SERVICE)
        return replace(plan, steps=(step, *plan.steps), before=self.before)

    def compared(
        self, plan: ObjectPlan, change: ObjectPlan | None, staying: Collection[str], world: World
    ) -> Iterator[ObjectPlan]:
        """Yield what differs in the end: of the service itself, and of what goes with it and is not created again."""
        before = {**self.before, **(change.before if change else {})}
        after = {**before, **(change.after if change else plan.after)}
        subs = world.services.subs(self.service)
        before_subs = [sub.nickname for sub in subs]
        if before_subs != [*self.subs]:
            before |= {_SUBS: before_subs} if before_subs else {}
            after |= {_SUBS: [*self.subs]} if self.subs else {}
        after.pop(_SERVERS, None)
        if self.alone:
            before.pop(_SERVERS, None)
        for option in () if change else self.lasting:
            after.pop(option, None)
        yield ObjectPlan(plan.subject, plan.steps, before, after)
        yield from _lost_servers(self.service, label(self.service.ref, self.service.nickname), staying)
        for sub in subs:
            if label(sub.ref) not in staying:
                yield ObjectPlan(label(sub.ref), before=_set(describe_sub(sub, world)))
            yield from _lost_servers(sub, label(sub.ref), staying)


def _lost_servers(service: Service, owner: str, staying: Collection[str]) -> Iterator[ObjectPlan]:
    """Yield the servers of a service that are not among the objects that stay or are created again."""
    for record in service.servers:
        subject = f"real server {place(record)} of {owner}"
        if not {subject, f"real server {place(record)} of {label(service.ref)}"} & set(staying):
            yield ObjectPlan(subject, before=_set(describe_server(record)))


def _set(state: Mapping[str, object]) -> dict[str, object]:
    return {option: value for option, value in state.items() if value not in ("", [], 0, False, None)}


def recreated(document: Document, world: World) -> dict[Hashable, Recreation]:
    """Return the services to recreate, by the key of the wanted object."""
    found: dict[Hashable, Recreation] = {}
    for wanted in document.all(VirtualService):
        service = _existing(wanted, world)
        if service is None or not (wanted.terms.exact or _may_go(service, document)):
            continue
        try:
            reason = next(_reasons(wanted, service, world, document), "")
        except InvalidOption:
            continue  # its plan, or that of what belongs to it, says so
        if reason:
            subs = [sub for sub in document.owned(SubVirtualService, wanted.ref) if sub.present]
            found[identified(wanted)] = RecreatedService(
                service,
                reason,
                removed(service, world),
                replace(wanted, present=False),
                subs=tuple(sub.ref.name for sub in subs),
                alone=_SERVERS in wanted.lists and not subs,
                lasting=frozenset(wanted.lasting(service, world)),
            )
    return found


def without(world: World, gone: Sequence[Recreation]) -> World:
    """Return the appliance without the services to recreate."""
    indexes = {cast(RecreatedService, each).service.index for each in gone}
    records = [each.record for each in world.services if not {each.index, each.parent_index} & indexes]
    return replace(world, services=Services(records))


def _existing(wanted: VirtualService, world: World) -> Service | None:
    if not (wanted.present and wanted.terms.replace):
        return None
    try:
        return wanted.find(world)
    except InvalidOption:
        return None  # its plan says so


def _may_go(service: Service, document: Document) -> bool:
    address = service.ref.address if isinstance(service.ref, ServiceRef) else ""
    return any(each.removes(MEMBER, service.nickname, address) for each in document.completions)


def _reasons(wanted: VirtualService, service: Service, world: World, document: Document) -> Iterator[str]:
    """Yield the reasons why a service cannot be changed in place."""
    going = {sub.ref.slot for sub in document.owned(SubVirtualService, wanted.ref) if not sub.present}
    subs = [sub for sub in world.services.subs(service) if sub.slot_number not in going]
    names = [sub.nickname for sub in subs]
    of_document = [sub for sub in document.owned(SubVirtualService, wanted.ref) if sub.present]
    if of_document and service.servers:
        yield "it has real servers of its own, but must have SubVSs"
    if subs and _SERVERS in wanted.lists and not of_document:
        yield "it has SubVSs, but must have real servers of its own"
    # With one that its name does not tell from others it stays: what no document can say must not get lost
    if _SUBS in wanted.lists and len(set(names) - {""}) == len(names):
        listed = [sub.ref.name for sub in of_document]
        staying = [name for name in names if name in listed]
        if [*staying, *(name for name in listed if name not in staying)] != listed:
            yield "its SubVSs come in another order, and a new one is always the last"
    lasting = [*wanted.lasting(service, world)]
    for sub in of_document:
        if sub.ref.name in names:
            lasting += sub.lasting(subs[names.index(sub.ref.name)], world)
    if lasting:
        yield f"{lasting[0]} cannot be cleared"
