# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Services that cannot become what a document says, and so are removed and made anew where they may be removed. Pure.

That is where the document says all of the service (``state: replaced``) and its purge covers it.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import (
    VirtualService,
    removed,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import base
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import Document, ObjectPlan, Step, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import (
    Service,
    ServiceRef,
    Services,
    identity,
    label,
)

KIND = "virtual_services"


class Anew(NamedTuple):
    """A service that is there and goes, and why."""

    service: Service
    reason: str
    before: Mapping[str, object]

    def preceded(self, made: ObjectPlan) -> ObjectPlan:
        """Return the plan that makes the service, preceded by the step that removes the one that is there."""
        subject = label(self.service.ref, self.service.nickname)
        reason = f"remove it to make it anew, since {self.reason}"
        step = Step("delvs", identity(self.service.ref), subject, reason, base.SERVICE)
        return replace(made, steps=(step, *made.steps), before=self.before)


def find(document: Document, world: World) -> dict[int, Anew]:
    """Return the services of a document that are to be made anew, by the identity of the objects that want them."""
    found = {}
    for wanted in document.of(VirtualService):
        service = _existing(wanted, world)
        if service is None or not (wanted.terms.exact or _may_go(service, document)):
            continue
        try:
            reason = next(_reasons(wanted, service, world, document), "")
        except InvalidOption:
            continue  # its plan, or that of what belongs to it, says so
        if reason:
            found[id(wanted)] = Anew(service, reason, removed(service, world))
    return found


def without(world: World, anew: Mapping[int, Anew]) -> World:
    """Return the appliance as it is once the services that are made anew have gone."""
    if not anew:
        return world
    indexes = {each.service.index for each in anew.values()}
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
    return any(each.removes(KIND, service.nickname, address) for each in document.completions)


def _reasons(wanted: VirtualService, service: Service, world: World, document: Document) -> Iterator[str]:
    """Yield why what is there cannot become what is wanted."""
    going = {sub.ref.slot for sub in document.all(("subs", wanted.ref)) if not sub.present}
    subs = [sub for sub in world.services.subs(service) if sub.slot_number not in going]
    names = [sub.nickname for sub in subs]
    of_document = [sub for sub in document.all(("subs", wanted.ref)) if sub.present]
    if of_document and service.servers:
        yield "it has real servers of its own, and is to have sub virtual services"
    if subs and "real_servers" in wanted.lists and not of_document:
        yield "it has sub virtual services, and is to have real servers of its own"
    # With one that its name does not tell from others it stays: what no document can say must not get lost
    if "sub_virtual_services" in wanted.lists and len(set(names) - {""}) == len(names):
        listed = [sub.ref.name for sub in of_document]
        staying = [name for name in names if name in listed]
        if [*staying, *(name for name in listed if name not in staying)] != listed:
            yield "its sub virtual services come in another order, and a new one is always the last"
    lasting = [*wanted.lasting(service, world)]
    for sub in of_document:
        if sub.ref.name in names:
            lasting += sub.lasting(subs[names.index(sub.ref.name)], world)
    if lasting:
        yield f"{lasting[0]} cannot be cleared"
