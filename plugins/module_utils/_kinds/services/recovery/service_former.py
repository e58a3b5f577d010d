# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The former state of services, SubVSs and real servers as wanted objects, to undo a failed task. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule, rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    server_table,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.composition import objects_of_service
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_export import (
    is_own_cipher_set,
    service_entry,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import AnyRef, ServiceRef, SubRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Attempt, Export
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service, find_server
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step

AS_IT_WAS = Terms(replace=True, allow_no_servers=True)
# A recreated one is not used by anything yet
_AGAIN = AS_IT_WAS._replace(exact=True)
_LISTS_OF_SERVERS = (rule_lists.CONTENT_RULES,)


def former_service(wanted: VirtualService, attempt: Attempt) -> list[Desired]:
    """Return the objects that restore a service."""
    service = wanted.find(attempt.before)
    if service is None:
        return [VirtualService(wanted.ref, present=False)]
    if not wanted.present:
        return _again(service, attempt)
    as_it_was = _whole(service, attempt)
    moved = wanted.ref.by_place and wanted.ref != service.ref
    return [replace(as_it_was, former=wanted.ref) if moved else as_it_was]


def former_sub(wanted: SubVirtualService, attempt: Attempt) -> list[Desired]:
    """Return the objects that restore a SubVS."""
    parent = _service_of(wanted.ref.parent, attempt)
    if parent is None or not isinstance(parent.ref, ServiceRef):
        return []  # deleted with the parent, which the same task created
    # The first SubVS turns settings of its parent over.
    as_it_was: list[Desired] = [_whole(parent, attempt), *_nameless(parent, wanted.ref.parent, attempt.now)]
    ref = SubRef(parent.ref, wanted.ref.name)
    sub = attempt.before.services.sub_of(parent, wanted.ref.name)
    if sub is None:
        return [*as_it_was, SubVirtualService(ref, present=False)]
    entry = sub_virtual_service.entry(sub, attempt.before)
    as_it_was.append(SubVirtualService.from_options(parent.ref, entry, AS_IT_WAS))
    if not wanted.present:
        as_it_was += [_server_of(ref, record) for record in sub.servers]
    return as_it_was


def former_server(wanted: RealServer, attempt: Attempt) -> list[Desired]:
    """Return the objects that restore a real server."""
    owner = _service_of(wanted.owner, attempt)
    if owner is None:
        return []  # deleted with its service, which the same task created
    record = wanted.record_of(owner)
    if record is None:
        return [replace(wanted, owner=owner.ref, options={}, rules={}, present=False, terms=AS_IT_WAS)]
    as_it_was = _server_of(owner.ref, record)
    moved = wanted.new_port and wanted.new_port != as_it_was.port
    return [replace(as_it_was, port=wanted.new_port, new_port=as_it_was.port) if moved else as_it_was]


def outside(wanted: RealServer, step: Step) -> Desired | None:
    """Return a server that may be outside of the networks, which the LoadMaster never shows, where it refused to add one."""
    if step.command != "addrs" or "non_local" in step.parameters:
        return None
    return replace(wanted, options={**wanted.options, "non_local": True})


def others(touched: Sequence[Desired], attempt: Attempt) -> Iterator[Desired]:
    """Yield services that were affected by changes to others."""
    yield from _followers(touched, attempt)
    yield from _holders(touched, attempt)


def unreadable(wanted: VirtualService, attempt: Attempt) -> Iterator[str]:
    """Yield what is lost with a service and cannot be compared, since the LoadMaster never shows it."""
    if wanted.present:
        return
    service = wanted.find(attempt.before)
    gone = service is not None and attempt.now.services.find(service.ref) is None
    if service is not None and gone and service.record.get("StandbyAddr"):
        yield f"{wanted.subject}: sorry_server_non_local cannot be read"


def _again(service: Service, attempt: Attempt) -> list[Desired]:
    """Return a service with everything that belonged to it."""
    entry = service_entry(service, attempt.before, Export())
    gone = attempt.now.services.find(service.ref) is None
    if gone and is_own_cipher_set(entry.get("cipher_set", "")):
        del entry["cipher_set"]  # deleted with the service
    return objects_of_service(_with_certificates(entry, None, attempt), _AGAIN)


def _whole(service: Service, attempt: Attempt) -> VirtualService:
    current = attempt.now.services.find(service.ref)
    entry = _with_certificates(virtual_service.entry(service, attempt.before), current, attempt)
    return VirtualService.from_options(entry, AS_IT_WAS)


def _with_certificates(entry: dict[str, Any], current: Service | None, attempt: Attempt) -> dict[str, Any]:
    """Return an entry without certificates that are lost; the service keeps those that it has instead."""
    named = entry.get("certificates", [])
    kept = [name for name in named if not attempt.lost("certificates", name)]
    if kept != named:
        instead = virtual_service.reading(current, attempt.now)["certificates"] if current else []
        entry["certificates"] = kept or instead
    return entry


def _nameless(parent: Service, wanted: ServiceRef, now: World) -> Iterator[Desired]:
    """Yield the removal of SubVSs that the task created but did not name."""
    current = now.services.find(parent.ref) or now.services.find(wanted)
    for sub in now.services.subs(current) if current else []:
        if isinstance(sub.ref, SubRef) and sub.ref.slot and sub.ref.slot not in parent.slot_numbers:
            yield SubVirtualService(sub.ref, present=False)


def _service_of(ref: AnyRef, attempt: Attempt) -> Service | None:
    """Return the former state of the service; the task may have moved it."""
    if isinstance(ref, SubRef):
        parent = _service_of(ref.parent, attempt)
        return attempt.before.services.sub_of(parent, ref.name) if parent else None
    wanted = attempt.document.find(VirtualService, ref)
    return wanted.find(attempt.before) if wanted is not None else attempt.before.services.find(ref)


def _followers(touched: Sequence[Desired], attempt: Attempt) -> Iterator[Desired]:
    """Yield the services that followed a deleted one; the task may not mention them."""
    removed = [wanted for wanted in touched if isinstance(wanted, VirtualService) and not wanted.present]
    gone = {service.index: service for wanted in removed if (service := wanted.find(attempt.before))}
    for service in attempt.before.services:
        followed = gone.get(str(service.record.get("FollowVSID", "0")))
        if followed and isinstance(service.ref, ServiceRef) and _current(service.ref, attempt):
            yield VirtualService(service.ref, {"follow_service": str(followed.ref)})


def _holders(touched: Sequence[Desired], attempt: Attempt) -> Iterator[Desired]:
    """Yield the owners of deleted rules; the task may not mention them."""
    rules = {wanted.name for wanted in touched if isinstance(wanted, ContentRule)}
    gone = {rule for rule in rules if not content_rule.find(attempt.now, rule)[0]}
    for service in attempt.before.services if gone else ():
        own = rule_lists.read(rule_lists.OF_SERVICES, service.record)
        if isinstance(service.ref, SubRef):
            own |= rule_lists.read(_LISTS_OF_SERVERS, service.slot)
        holding = {option: names for option, names in own.items() if not gone.isdisjoint(names)}
        current = _current(service.ref, attempt)
        if current is None:
            continue  # deleted owners are restored with their rules
        if holding and isinstance(service.ref, SubRef):
            yield SubVirtualService(service.ref, rules=holding)
        elif holding and isinstance(service.ref, ServiceRef):
            yield VirtualService(service.ref, rules=holding)
        for record in service.servers:
            lists = rule_lists.read(_LISTS_OF_SERVERS, record)
            there = find_server(current, *server_table.key(record)) is not None
            if there and not gone.isdisjoint(lists[rule_lists.CONTENT_RULES.option]):
                state = server_table.describe(record)
                yield RealServer(service.ref, state["address"], state["port"], rules=lists)


def _current(ref: AnyRef, attempt: Attempt) -> Service | None:
    """Return a service as it is now; none where its name does not tell it from others, so that it cannot be changed."""
    try:
        return attempt.now.services.find(ref)
    except InvalidOption:
        return None


def _server_of(owner: AnyRef, record: Any) -> RealServer:
    return RealServer.from_options(owner, server_table.entry(record), AS_IT_WAS)
