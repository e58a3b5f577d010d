# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What somebody else did meanwhile: what changed on the appliance that no step of this task explains. Pure.

It is asked after something went wrong, so it may take its time; where it cannot tell, it takes a change for an own one.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import canonical_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import all_rules
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    real_server,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import base
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import Step, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import (
    AnyRef,
    IndexOf,
    Service,
    ServiceRef,
    SlotOf,
    SubRef,
    label,
)

_LISTINGS = ((certificate.LISTING, "certificate"), (certificate.INTERMEDIATE_LISTING, "intermediate certificate"))
# What changes lists of rules, certificates and the like in services that no step names.
_FAR_REACHING = frozenset({"delrule", "modrule", "addcert", "delcert", "delintermediate", "delcipherset"})
# How many objects a sentence names.
_NAMED = 3


def things(world: World) -> dict[str, Any]:
    """Return what was read as one thing after the other, by the names that messages use; numbers and health left out."""
    found: dict[str, Any] = {}
    for service in world.services:
        describe = sub_virtual_service.describe if service.parent else virtual_service.describe
        found[_label(service)] = dict(describe(service, world))
        for record in service.servers:
            server = real_server.describe(record)
            found[_server(server["address"], server["port"], _label(service))] = server
    if base.LIST_RULES in world.answers:
        found |= {f"content rule {rule['name']}": rule for rule in all_rules(world)}
    for listing, title in _LISTINGS:
        found |= {f"{title} {name}": True for name in certificate.names(world, listing)}
    if base.ALL_PARAMETERS in world.answers:
        found[appliance_settings.SUBJECT] = appliance_settings.describe(world)
    return found


def changed(before: World, now: World, sent: Iterable[Step]) -> list[str]:
    """Return the names of what is not as it was and that none of these steps was about."""
    sent = list(sent)
    if any("template" in step.parameters for step in sent):
        return []  # what it made is named in the template alone
    was, is_now = things(before), things(now)
    far_reaching = any(step.command in _FAR_REACHING for step in sent)
    own = {name for step in sent for name in _touched(step, (before, now))}
    within = tuple(f" of {owner}" for step in sent for owner in _moved_as_a_whole(step, (before, now)))
    names = []
    for name in sorted(was.keys() | is_now.keys()):
        there, here = was.get(name), is_now.get(name)
        # What was read only at one of the two times tells nothing
        if (
            there == here
            or (name == appliance_settings.SUBJECT and None in (there, here))
            or not _both_read(name, before, now)
        ):
            continue
        if name in own or (within and name.endswith(within)) or (far_reaching and None not in (there, here)):
            continue
        names.append(name)
    return names


def told(names: list[str]) -> str:
    """Return names as a part of a sentence."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _both_read(name: str, *worlds: World) -> bool:
    reads = {"content rule": base.LIST_RULES, **{title: listing for listing, title in _LISTINGS}}
    needed = [read for title, read in reads.items() if name.startswith(f"{title} ")]
    return all(read in world.answers for world in worlds for read in needed)


def _label(service: Service) -> str:
    return label(service.ref)


def _server(address: str, port: str, owner: str) -> str:
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return f"real server {place} of {owner}"


def _touched(step: Step, worlds: tuple[World, World]) -> Iterator[str]:
    """Yield the names of what a step may have changed."""
    parameters = step.parameters
    yield step.subject
    if "name" in parameters and step.command.endswith("rule"):
        yield f"content rule {parameters['name']}"
    if "cert" in parameters:
        yield f"intermediate certificate {parameters['cert']}"
    for owner in _owners(step, worlds):
        parent = owner.parent if isinstance(owner, SubRef) else owner
        slot = parameters.get("rs")
        if isinstance(slot, SlotOf):
            yield label(slot.service)
        elif slot is not None:
            yield from _servers(step, owner, parent, worlds)
        else:
            yield label(owner)
        if step.makes or isinstance(owner, SubRef):
            # One that is new, or was left behind, has no name first
            yield label(parent)
            yield label(SubRef(parent, str(parameters.get("nickname", ""))))
            yield label(SubRef(parent))


def _servers(step: Step, owner: AnyRef, parent: AnyRef, worlds: tuple[World, World]) -> Iterator[str]:
    owners = [owner]
    if "addtoallsubvs" in step.parameters and isinstance(parent, ServiceRef):
        found = [service for world in worlds if (service := world.services.find(parent)) is not None]
        owners = [sub.ref for world in worlds for each in found for sub in world.services.subs(each)]
    for each in owners:
        for port in (step.parameters.get("rsport"), step.parameters.get("newport")):
            if port is not None:
                yield _server(canonical_address(str(step.parameters["rs"])), str(port), label(each))


def _moved_as_a_whole(step: Step, worlds: tuple[World, World]) -> Iterator[str]:
    """Yield what goes, or gets another place, with all that is in it."""
    if step.command == "delvs" or "vsaddress" in step.parameters or "vsport" in step.parameters:
        for owner in _owners(step, worlds):
            yield label(owner)
            yield str(owner)
            if isinstance(owner, ServiceRef):
                moved = {"address": step.parameters.get("vsaddress"), "port": step.parameters.get("vsport")}
                at = owner._replace(**{part: str(value) for part, value in moved.items() if value})
                yield str(at)
                yield label(at)


def _owners(step: Step, worlds: tuple[World, World]) -> Iterator[AnyRef]:
    """Yield the service that a step is about, by the name it was sent with and by those it has on the appliance."""
    named = step.parameters.get("vs")
    if isinstance(named, IndexOf):
        ref: AnyRef = named.service
    elif isinstance(named, str):
        place: Mapping[str, Any] = step.parameters
        ref = ServiceRef(str(place.get("prot", "tcp")), canonical_address(named), str(place.get("port", "")))
    else:
        return
    yield ref
    parent = ref.parent if isinstance(ref, SubRef) else ref
    for world in worlds:
        found = world.services.find(parent)
        if found is not None and isinstance(found.ref, ServiceRef) and found.ref != parent:
            yield ref._replace(parent=found.ref) if isinstance(ref, SubRef) else found.ref
