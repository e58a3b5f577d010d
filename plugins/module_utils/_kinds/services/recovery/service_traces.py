# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Traces of services: their state, and what a step may have changed, by the names in messages. Pure.

With these, changes of another writer are distinguished from those of the task itself.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import canonical_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    server_table,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import (
    IndexOf,
    IndexOfOneOfAll,
    SlotOf,
    place_in,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import (
    AnyRef,
    ServiceRef,
    SubRef,
    label,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step


def traces(world: World) -> Mapping[str, Any] | None:
    """Return services and their real servers by their names; numbers and health are left out."""
    if LIST_SERVICES not in world.answers:
        return None
    found: dict[str, Any] = {}
    for service in world.services:
        describe = sub_virtual_service.describe if service.parent else virtual_service.describe
        found[_label(service)] = dict(describe(service, world))
        for record in service.servers:
            server = server_table.describe(record)
            found[_server(server["address"], server["port"], _label(service))] = server
    return found


def touched(step: Step, worlds: tuple[World, World]) -> Iterator[str]:
    """Yield the services and servers that a step may have changed."""
    for owner in _owners(step, worlds):
        parent = owner.parent if isinstance(owner, SubRef) else owner
        server = step.parameters.get("rs")
        if isinstance(server, SlotOf):
            yield label(server.service)
        elif server is not None:
            yield from _servers(step, owner, parent, worlds)
        else:
            yield label(owner)
        if step.command == "delvs":
            yield from _followers(owner, worlds)
        if step.creation or isinstance(owner, SubRef):
            # A new one, or a leftover, has no name at first
            yield label(parent)
            yield label(SubRef(parent, step.said.get("nickname", "")))
            yield label(SubRef(parent))


def swept(step: Step, worlds: tuple[World, World]) -> Iterator[str]:
    """Yield the services that are removed or moved by a step, with all that is in them."""
    if step.command == "delvs" or "vsaddress" in step.parameters or "vsport" in step.parameters:
        for owner in _owners(step, worlds):
            yield label(owner)
            yield str(owner)
            if isinstance(owner, ServiceRef):
                moved = {"address": step.said.get("vsaddress"), "port": step.said.get("vsport")}
                at = owner._replace(**{part: value for part, value in moved.items() if value})
                yield str(at)
                yield label(at)


def _followers(owner: AnyRef, worlds: tuple[World, World]) -> Iterator[str]:
    """Yield the services that follow one, which the LoadMaster changes when that is deleted."""
    for world in worlds:
        followed = world.services.find(owner)
        for service in world.services if followed is not None else ():
            if followed is not None and str(service.record.get("FollowVSID", "0")) == followed.index:
                yield _label(service)


def _label(service: Service) -> str:
    return label(service.ref)


def _server(address: str, port: str, owner: str) -> str:
    return f"real server {endpoint(address, port)} of {owner}"


def _servers(step: Step, owner: AnyRef, parent: ServiceRef, worlds: tuple[World, World]) -> Iterator[str]:
    owners = [owner]
    if "addtoallsubvs" in step.parameters:
        found = [service for world in worlds if (service := world.services.find(parent)) is not None]
        owners = [sub.ref for world in worlds for each in found for sub in world.services.subs(each)]
    for each in owners:
        for port in (step.said.get("rsport"), step.said.get("newport")):
            if port is not None:
                yield _server(canonical_address(step.said["rs"]), port, label(each))


def _owners(step: Step, worlds: tuple[World, World]) -> Iterator[AnyRef]:
    """Yield the service that a step is about, by the name it was sent with and by those it has on the appliance."""
    named = step.parameters.get("vs")
    if isinstance(named, (IndexOf, IndexOfOneOfAll)):
        ref: AnyRef = named.service
    elif isinstance(named, str):
        ref = place_in(step.said)
    else:
        return
    yield ref
    parent = ref.parent if isinstance(ref, SubRef) else ref
    for world in worlds:
        found = world.services.find(parent)
        if found is not None and isinstance(found.ref, ServiceRef) and found.ref != parent:
            yield ref._replace(parent=found.ref) if isinstance(ref, SubRef) else found.ref
