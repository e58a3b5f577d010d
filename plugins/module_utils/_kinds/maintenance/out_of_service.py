# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A real server out of all services and back. Pure.

What is taken out is noted on the appliance first, so that exactly that comes back.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import ALLOW_NO_SERVERS, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    TRUE,
    Choice,
    Flag,
    Integer,
    Text,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import Note
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import (
    ADDRESS,
    Place,
    places,
    shown,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step

_DAY = 86400
SHAPE = Shape(
    rows=(
        Field("state", "", Choice(words={"out_of_service": "", "in_service": ""})),
        Field("address", "rs", ADDRESS),
        Field("drain_timeout", "", Integer(high=_DAY), preset=300),
        Field("poll_interval", "", Integer(low=1, high=3600), preset=5),
        Field("cut_connections", "", Flag(), preset=False),
        ALLOW_NO_SERVERS,
        Field("wait_healthy", "", Flag(), preset=True),
        Field("healthy_timeout", "", Integer(high=_DAY), preset=300),
        Field("settle_time", "", Integer(high=_DAY), preset=20),
        Field("remember", "", Flag(), preset=True),
    ),
    required=("state", "address"),
    lists={
        "taken_out": Shape(
            rows=(
                Field("virtual_service", "", Text()),
                Field("sub_virtual_service", "", Text()),
                Field("port", "", Text()),
                Field("id", "", Integer()),
            ),
            required=("virtual_service",),
        )
    },
)


@dataclass
class OutOfService:
    """A server that gets no connections in any service.

    ``given`` are entries of what an earlier run has taken out, ``taken`` collects the places that this one takes out, as
    they were before. That no service lacks the server is looked at in every plan, so once more when it is out: another
    machine may have taken out another server at the same moment.
    """

    address: str
    allow_no_servers: bool = False
    remember: bool = True
    given: Sequence[Mapping[str, Any]] = ()
    taken: dict[str, Place] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return f"real server {self.address}"

    def keys(self) -> tuple[Hashable, ...]:
        return (("out of service", self.address),)

    def reads(self) -> frozenset[str]:
        return _reads(self.remember)

    def found(self, world: World) -> dict[str, Any]:
        return _found(world, self.address)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        held = _held(world, self.address)
        enabled = [place for place in held if place.enabled]
        leaving = {**self.taken, **{place.number: place for place in enabled}}
        if leaving and not self.allow_no_servers:
            _refuse_the_last(world, self.address, leaving)
        note: tuple[Step, ...] = ()
        if self.remember:
            noted = Note(self.address).read(world)
            more = [*(p.number for p in held if any(map(p.is_meant_by, self.given))), *(p.number for p in enabled)]
            note = Note(self.address).write(list(dict.fromkeys([*noted, *more])), world)
        self.taken.update(leaving)
        steps = (*note, *(place.switch(False) for place in enabled))
        return ObjectPlan(self.subject, steps, shown(enabled, True), shown(enabled, False))

    def all_taken(self, world: World) -> list[Place]:
        """Return what this run and earlier ones have taken out, as far as that is noted or was given."""
        noted = Note(self.address).read(world) if self.remember else []
        return [
            place
            for place in places(world, self.address)
            if place.number in {*noted, *self.taken} or any(map(place.is_meant_by, self.given))
        ]


@dataclass
class InService:
    """A server that is back where it was taken out: where ``given`` says, or else where the note says.

    ``returned`` collects the places that this run puts back.
    """

    address: str
    remember: bool = True
    given: Sequence[Mapping[str, Any]] | None = None
    returned: dict[str, Place] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return f"real server {self.address}"

    def keys(self) -> tuple[Hashable, ...]:
        return (("in service", self.address),)

    def reads(self) -> frozenset[str]:
        return _reads(self.remember)

    def found(self, world: World) -> dict[str, Any]:
        return _found(world, self.address)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        held = _held(world, self.address)
        noted = Note(self.address).read(world) if self.remember else []
        meant = [
            place
            for place in held
            if (place.number in noted if self.given is None else any(map(place.is_meant_by, self.given)))
        ]
        disabled = [place for place in meant if not place.enabled]
        self.returned.update({place.number: place for place in disabled})
        rest: list[str] = []
        if self.given is not None:
            # What is not put back now stays noted, as long as it is out.
            out = {place.number for place in held if not place.enabled} - {place.number for place in meant}
            rest = [number for number in noted if number in out]
        note = Note(self.address).write(rest, world) if noted else ()
        steps = (*(place.switch(True) for place in disabled), *note)
        return ObjectPlan(self.subject, steps, shown(disabled, False), shown(disabled, True))


def _reads(remember: bool) -> frozenset[str]:
    return frozenset({LIST_SERVICES, LIST_RULES} if remember else {LIST_SERVICES})


def _found(world: World, address: str) -> dict[str, Any]:
    return shown(places(world, address))


def _held(world: World, address: str) -> list[Place]:
    held = places(world, address)
    if not held:
        raise InvalidOption(
            f"No virtual service and no sub virtual service has a real server {address}. Name it as the LoadMaster has it."
        )
    return held


def _refuse_the_last(world: World, address: str, leaving: Mapping[str, Place]) -> None:
    """Raise InvalidOption where a service could not do without the server. ``leaving`` are its places as they were before."""
    held = places(world, address)
    going = {place.number for place in held}
    by_service: dict[Service, list[Place]] = {}
    for place in held:
        if place.number in leaving and place.in_use:
            by_service.setdefault(place.service, []).append(leaving[place.number])
    faults = []
    for service, before in by_service.items():
        fault = _fault(service, going, before)
        if fault:
            faults.append(f"{label(service.ref, service.nickname)} {fault}")
    if faults:
        raise InvalidOption(
            f"Real server {address} cannot be taken out of service: {'; '.join(faults)}. "
            "If that is meant, set allow_no_servers."
        )


def _fault(service: Service, going: Collection[str], before: Iterable[Place]) -> str:
    """Say what a service would lack without these servers; empty where it can do without them.

    A server that was not healthy sent no answers, and is missed by nobody: it has to be taken out to be repaired.
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
