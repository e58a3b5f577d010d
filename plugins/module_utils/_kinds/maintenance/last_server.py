# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which services need a server, because it is their last one. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    InvalidOption,
    option,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import TRUE, Integer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import Note
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import Place, places
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, World


def refuse_the_last(world: World, address: str, leaving: Mapping[str, Place]) -> None:
    """Raise InvalidOption if a service needs the server. ``leaving`` are its places before the run."""
    held = places(world, address)
    going = {place.number for place in held}
    by_service: dict[Service, list[Place]] = {}
    for place in held:
        if place.number in leaving and place.in_use:
            by_service.setdefault(place.service, []).append(leaving[place.number])
    faults = []
    out: dict[str, str] = {}
    for service, before in by_service.items():
        fault = _fault(service, going, before)
        if fault:
            faults.append(f"{label(service.ref, service.nickname)} {fault}")
            out |= _noted_out(service, going, world)
    if faults:
        resume = "".join(
            f" {server} is out of service there, as the note {note} says. Put it back first: kemp.loadmaster.server_maintenance with "
            "state=in_service."
            for server, note in out.items()
        )
        raise InvalidOption(
            f"Real server {address} cannot be taken out of service: {'; '.join(faults)}. "
            f"If that is meant, set {option('allow_no_servers')}.{resume}"
        )


def _noted_out(service: Service, going: Collection[str], world: World) -> dict[str, str]:
    """Return the other servers of a service that are in maintenance, each with the name of its note."""
    if LIST_RULES not in world.answers:
        return {}
    others = [Place(service, record) for record in service.servers]
    found = {}
    for place in others:
        note = Note(place.state["address"])
        if not place.enabled and place.number not in going and place.number in note.read(world):
            found[str(place.state["address"])] = note.name
    return found


def _fault(service: Service, going: Collection[str], before: Iterable[Place]) -> str:
    """Say what a service would lack without these servers; empty where it can do without them.

    A server that was not healthy sent no answers, and is missed by no one: it has to be taken out to be repaired.
    """
    missed = [place for place in before if place.healthy]
    if not missed:
        return ""
    every = [Place(service, record) for record in service.servers]
    left = sum(place.healthy for place in every if place.number not in going)
    if not left:
        return "would be left without a healthy real server"
    record = service.record
    if str(record.get("EnhancedHealthChecks") or "").lower() not in TRUE:
        return ""
    if any(place.state["critical"] for place in missed):
        return "counts as down without this server, which is critical to it"
    least = Integer().read(record.get("RsMinimum"))
    return f"needs {least} healthy real servers and would have {left}" if left < least else ""
