# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A real server out of all services and back. Pure.

What is taken out is noted on the appliance first, so that exactly that comes back.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _base, real_server
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import Document, ObjectPlan, Step, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._kinds import (
    TRUE,
    Address,
    Choice,
    Flag,
    Integer,
    Text,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._maintenance_note import (
    Note,
    forget_settings,
    note_settings,
    noted_settings,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import (
    Service,
    ServiceRef,
    SubRef,
    identity,
    label,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._shape import ALLOW_NO_SERVERS, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.settings import Settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.settings import describe as describe_settings

_ALONE = Document(())
_ADDRESS = Address(names=True)

_DAY = 86400
SHAPE = Shape(
    rows=(
        Field("state", "", Choice(words={"out_of_service": "", "in_service": ""})),
        Field("address", "rs", _ADDRESS),
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

# The appliance's word for a server that passes its health check, and the one for a service that has none.
_HEALTHY = frozenset({"up", "unchecked"})

# With these a server that is disabled loses its connections at once.
_AT_ONCE: Mapping[str, Any] = {"drop_at_drain_time_end": True, "l7_drain_time": 0}


class Place:
    """A real server in one of the services that hold it, as it was read."""

    def __init__(self, service: Service, record: Mapping[str, Any]) -> None:
        self.service = service
        self.record = record
        self.number = str(record.get("RsIndex", ""))
        self.state = real_server.describe(record)
        self.status = str(record.get("Status", "")).strip().lower()

    @property
    def enabled(self) -> bool:
        """Tell whether the server gets connections here."""
        return bool(self.state["enabled"])

    @property
    def healthy(self) -> bool:
        """Tell whether the appliance would send clients here; without a health check it always does."""
        unchecked = str(self.service.record.get("CheckType", "")).lower() == "none"
        return self.enabled and (unchecked or self.status in _HEALTHY)

    @property
    def in_use(self) -> bool:
        """Tell whether the service is enabled; of one that is not, the appliance says nothing about health."""
        parent = self.service.parent
        flags = [self.service.slot, parent.record] if parent else [self.service.record]
        return all(str(record.get("Enable", "Y")).lower() in TRUE for record in flags)

    @property
    def lets_clients_return(self) -> bool:
        """Tell whether clients that the service knows come back to a disabled server until the drain time is over."""
        return self.ends_connections and str(self.service.record.get("Persist") or "none").lower() != "none"

    @property
    def ends_connections(self) -> bool:
        """Tell whether the appliance can end connections here: at layer 4 it only passes packets on."""
        return str(self.service.record.get("Layer", "7")) != "4"

    @property
    def server(self) -> str:
        """Return address and port of the server."""
        address, port = self.state["address"], self.state["port"]
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    def __str__(self) -> str:
        return f"real server {self.server} of {label(self.service.ref, self.service.nickname)}"

    def entry(self) -> dict[str, Any]:
        """Return the place as results have it and options take it."""
        ref = self.service.ref
        parent = ref.parent if isinstance(ref, SubRef) else ref
        name = ref.name if isinstance(ref, SubRef) else ""
        return {
            "virtual_service": str(parent),
            "sub_virtual_service": name,
            "port": self.state["port"],
            "id": int(Integer().read(self.number)),
        }

    def is_meant_by(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether an entry of an option is this place: by its number, or by service and port where it has none."""
        if entry.get("id") is not None:
            return self.number == str(entry["id"])
        own = self.entry()
        wanted = ServiceRef.parse(str(entry["virtual_service"]))
        parent = self.service.parent or self.service
        named = str(wanted) == own["virtual_service"] if wanted.by_place else wanted.nickname == parent.nickname
        port = entry.get("port") or own["port"]
        return (
            named
            and (entry.get("sub_virtual_service") or "") == own["sub_virtual_service"]
            and str(port) == own["port"]
        )

    def switch(self, enabled: bool) -> Step:
        """Return the call that enables or disables the server here.

        The index of a sub virtual service is the one that was just read: should the appliance renumber its services before
        the call gets there, no other service has a server of this number, and the call is refused.
        """
        ref = self.service.ref
        naming = {"vs": self.service.index} if isinstance(ref, SubRef) else identity(ref)
        parameters = {**naming, "rs": f"!{self.number}", **real_server.TABLE.parameters({"enabled": enabled})}
        reason = "put it back into service" if enabled else "take it out of service"
        return Step("modrs", parameters, str(self), reason, _base.SERVER_CHANGE)


def places(world: World, address: str) -> list[Place]:
    """Return every place that holds a server, in the order of the services."""
    return [
        Place(service, record)
        for service in world.services
        for record in service.servers
        if address in (_ADDRESS.read(record.get("Addr")), str(record.get("DnsName") or "").lower())
    ]


# --- out and in ---------------------------------------------------------------------------------------------------------


@dataclass
class OutOfService:
    """A server that gets no connections in any service.

    ``given`` are entries of what an earlier run has taken out, ``taken`` collects the places that this one takes out.
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
        if enabled and not self.allow_no_servers:
            _refuse_the_last(world, self.address, enabled)
        self.taken.update({place.number: place for place in enabled})
        note: tuple[Step, ...] = ()
        if self.remember:
            noted = Note(self.address).read(world)
            more = [*(p.number for p in held if any(map(p.is_meant_by, self.given))), *(p.number for p in enabled)]
            note = Note(self.address).write(list(dict.fromkeys([*noted, *more])), world)
        steps = (*note, *(place.switch(False) for place in enabled))
        return ObjectPlan(self.subject, steps, _shown(enabled, True), _shown(enabled, False))

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
        return ObjectPlan(self.subject, steps, _shown(disabled, False), _shown(disabled, True))


def _reads(remember: bool) -> frozenset[str]:
    return frozenset({_base.LIST_SERVICES, _base.LIST_RULES} if remember else {_base.LIST_SERVICES})


def _found(world: World, address: str) -> dict[str, Any]:
    return _shown(places(world, address))


def _held(world: World, address: str) -> list[Place]:
    held = places(world, address)
    if not held:
        raise InvalidOption(
            f"No virtual service and no sub virtual service has a real server {address}. Name it as the LoadMaster has it. "
            "Nothing was changed."
        )
    return held


def _shown(shown: Iterable[Place], enabled: bool | None = None) -> dict[str, Any]:
    return {str(place): {"enabled": place.enabled if enabled is None else enabled} for place in shown}


def _refuse_the_last(world: World, address: str, leaving: Sequence[Place]) -> None:
    """Raise InvalidOption where a service could not do without the server."""
    going = {place.number for place in places(world, address)}
    faults = []
    for service in dict.fromkeys(place.service for place in leaving if place.in_use):
        fault = _fault(service, going)
        if fault:
            faults.append(f"{label(service.ref, service.nickname)} {fault}")
    if faults:
        raise InvalidOption(
            f"Real server {address} cannot be taken out of service: {'; '.join(faults)}. "
            "If that is meant, set allow_no_servers. Nothing was changed."
        )


def _fault(service: Service, going: Collection[str]) -> str:
    """Say what a service would lack without these servers; empty where it can do without them."""
    every = [Place(service, record) for record in service.servers]
    left = sum(place.healthy for place in every if place.number not in going)
    if not left:
        return "would be left without a healthy real server"
    record = service.record
    if str(record.get("EnhancedHealthChecks") or "").lower() not in TRUE:
        return ""
    if any(place.state["critical"] for place in every if place.enabled and place.number in going):
        return "counts as down without this server, which is critical to it"
    least = Integer().read(record.get("RsMinimum"))
    return f"needs {least} healthy real servers and would have {left}" if left < least else ""


# --- ending what is left ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DropAtOnce:
    """The settings of the appliance that end the connections of a server that is disabled, and a note of those before."""

    @property
    def subject(self) -> str:
        return "settings"

    def keys(self) -> tuple[Hashable, ...]:
        return (("drop at once",),)

    def reads(self) -> frozenset[str]:
        return frozenset({_base.LIST_RULES, _base.LIST_SERVICES}) | Settings(_AT_ONCE).reads()

    def found(self, world: World) -> dict[str, Any]:
        return Settings(_AT_ONCE).found(world)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        before = noted_settings(world) or {option: describe_settings(world)[option] for option in _AT_ONCE}
        plan = Settings(_AT_ONCE).plan(world, _ALONE)
        # The note comes first; settings would come before rules.
        later = (replace(step, rank=_base.SERVICE) for step in plan.steps)
        return replace(plan, steps=(*note_settings(before, world), *later))


@dataclass(frozen=True)
class DropAsBefore:
    """The settings as they are noted. Without a note there is nothing to do."""

    @property
    def subject(self) -> str:
        return "settings"

    def keys(self) -> tuple[Hashable, ...]:
        return (("drop as before",),)

    def reads(self) -> frozenset[str]:
        return DropAtOnce().reads()

    def found(self, world: World) -> dict[str, Any]:
        return Settings(_AT_ONCE).found(world)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        before = noted_settings(world)
        if not before:
            return ObjectPlan(self.subject)
        plan = Settings(before).plan(world, _ALONE)
        return replace(plan, steps=(*plan.steps, *forget_settings(world)))


@dataclass(frozen=True)
class DisabledAnew:
    """Disable a server once more where it is disabled: only that makes the appliance end its connections.

    Between the two calls the server is enabled. What they do cannot be read back; that it is disabled in the end is the
    business of OutOfService in the same document.
    """

    address: str
    numbers: frozenset[str]

    @property
    def subject(self) -> str:
        return f"real server {self.address}"

    def keys(self) -> tuple[Hashable, ...]:
        return (("disabled anew", self.address),)

    def reads(self) -> frozenset[str]:
        return _reads(remember=False)

    def found(self, world: World) -> dict[str, Any]:
        return _found(world, self.address)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        steps: list[Step] = []
        for place in places(world, self.address):
            if place.number in self.numbers:
                on = replace(place.switch(True), reason="enable it for a moment", blind=True)
                off = replace(place.switch(False), reason="disable it again, which ends its connections", blind=True)
                steps += [on, off]
        return ObjectPlan(self.subject, tuple(steps))
