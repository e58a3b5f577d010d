# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Real servers: how one is added to a virtual service, changed, moved and removed. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    InvalidOption,
    checked,
    option,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import (
    changes_in,
    kinds_in,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.server_table import (
    NEW_SERVER,
    RULES,
    TABLE,
    describe,
    key,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import (
    VirtualService,
    check_creation,
    is_service,
    service_in,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import (
    USUAL,
    Desired,
    Document,
    OwnedBy,
    Terms,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import IndexOf, IndexOfOneOfAll, identity
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import (
    AnyRef,
    ServiceRef,
    SubRef,
    label,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import DELETE_FIRST, Service, find_server
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step


@dataclass(frozen=True)
class RealServer:
    """A real server as the user wants it. An empty port is the port of its service.

    One with a new port is wanted there: it is moved, found there already, or made there. One that is wanted absent is
    wanted at neither.
    """

    owner: AnyRef
    address: str
    port: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    present: bool = True
    new_port: str = ""
    rules: Mapping[str, list[str]] = field(default_factory=dict)
    terms: Terms = USUAL

    @classmethod
    def from_options(cls, owner: AnyRef, options: Mapping[str, Any], terms: Terms = USUAL) -> RealServer:
        """Build it from options, or from an entry of a list of servers, that its shape has checked."""
        return cls(
            owner,
            options["address"],
            options.get("port", ""),
            TABLE.given(options),
            options.get("state", "present") == "present",
            options.get("new_port", ""),
            rule_lists.given(RULES, options),
            terms.with_permissions(options),
        )

    @property
    def subject(self) -> str:
        port = f":{self.port}" if self.port else ""
        return f"real server {self.address}{port} of {label(self.owner)}"

    def keys(self) -> tuple[Hashable, ...]:
        port = self.port or (self.owner.parent.port if isinstance(self.owner, SubRef) else self.owner.port)
        return (self.owner, self.address, self.new_port or port), OwnedBy(self.owner)

    def reads(self) -> frozenset[str]:
        return frozenset({LIST_SERVICES})

    def found(self, world: World) -> dict[str, Any]:
        service = world.services.find(self.owner)
        record = self.record_of(service) if service else None
        return describe(record) if service and record else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        service = service_in(document, self.owner, world)
        wanted_service = _owner(document, self.owner)
        if wanted_service is not None and not wanted_service.present:
            return ObjectPlan(label(self.owner))
        if service is None and wanted_service is None:
            if not self.present:
                return ObjectPlan(label(self.owner))
            raise InvalidOption.missing(
                f"Real server {self.address}: there is no {label(self.owner)} to add it to. Create it first."
            )
        ref = self._owner_reference(world, document)
        record = self.record_of(service) if service else None
        port = key(record)[1] if record else self.new_port or self._port(ref)
        subject = f"real server {endpoint(self.address, port)} of {label(ref, service.nickname if service else '')}"
        self._check_move(ref, subject, document)
        named = {**identity(ref), "rs": self.address, "rsport": port}
        if not self.present:
            return self._removal(record, service, named, subject, document)
        wanted = self._whole() if self.terms.replace else self
        current = rule_lists.read(RULES, record or {})
        made = checked(
            lambda: (
                wanted._addition(named, subject)
                if record is None
                else wanted._modification(record, service, named, subject, document)
            ),
            lambda: rule_lists.check(RULES, wanted.rules, current, kinds_in(world, document), subject),
            lambda: _check_alone(service),
        )
        # Its rules follow the move.
        moved = {**named, "rsport": self.new_port or port}
        changes_kind = changes_in(world, document)
        steps = rule_lists.steps(
            RULES, wanted.rules, current, moved, subject, ranks.SERVER_RULE_ASSIGN, changes_kind=changes_kind
        )
        changed = {option: names for option, names in wanted.rules.items() if names != current[option]}
        before = {option: current[option] for option in changed} if record else {}
        return ObjectPlan(subject, (*made.steps, *steps), {**made.before, **before}, {**made.after, **changed})

    def _check_move(self, ref: AnyRef, subject: str, document: Document) -> None:
        """Refuse to move a server from a port that the same document wants."""
        port = self._port(ref)
        there_besides = document.find(RealServer, (self.owner, self.address, port)) is not None
        if self.new_port and self.new_port != port and there_besides:
            raise InvalidOption(
                f"{subject} is to move from port {port} to {self.new_port}, and to be at port {port} besides. Leave out one "
                "of them, or new_port."
            )

    def _owner_reference(self, world: World, document: Document) -> AnyRef:
        """Return the service by the place that it has by the time its servers are dealt with, where that is known."""

        def placed(ref: ServiceRef) -> ServiceRef:
            wanted, service = document.find(VirtualService, ref), service_in(document, ref, world)
            if wanted and wanted.ref.by_place:
                return wanted.ref
            return service.ref if service and isinstance(service.ref, ServiceRef) else ref

        if isinstance(self.owner, SubRef):
            return self.owner._replace(parent=placed(self.owner.parent))
        return placed(self.owner)

    def _whole(self) -> RealServer:
        """Return the server completed with the values of a new one."""
        no_rules: dict[str, list[str]] = {each.option: [] for each in RULES}
        return replace(self, options={**NEW_SERVER, **self.options}, rules={**no_rules, **self.rules})

    def _addition(self, named: Mapping[str, Any], subject: str) -> ObjectPlan:
        check_creation(self.terms, subject, self.options)
        steps = [
            Step(
                "addrs", {**named, **TABLE.parameters(self.options)}, subject, "add it", ranks.SERVER_ADD, creates=True
            )
        ]
        changes = TABLE.changes(self.options, NEW_SERVER)
        if changes:
            values = {change.field.option: change.after for change in changes}
            reason = "; ".join(f"set {option} of the new server" for option in values)
            steps.append(Step("modrs", {**named, **TABLE.parameters(values)}, subject, reason, ranks.SERVER_ADD))
        return ObjectPlan(
            subject, tuple(steps), after={"address": self.address, "port": named["rsport"], **self.options}
        )

    def _modification(
        self,
        record: Mapping[str, Any],
        service: Service | None,
        named: Mapping[str, Any],
        subject: str,
        document: Document,
    ) -> ObjectPlan:
        state, port = TABLE.read(record), key(record)[1]
        changes = TABLE.changes(self.options, state)
        before = {change.field.option: change.before for change in changes}
        after = {change.field.option: change.after for change in changes}
        parameters = TABLE.parameters(after)
        if self.new_port and self.new_port != port:
            before["port"], after["port"], parameters["newport"] = port, self.new_port, self.new_port
        if not parameters:
            return ObjectPlan(subject)
        if service is not None and state["enabled"] and after.get("enabled") is False:
            self._keep_one(service, subject, "disabling", document)
        reasons = [str(change) for change in changes] + (
            [f"move it to port {self.new_port}"] if "newport" in parameters else []
        )
        # A move follows the settings of its service, whose health check may be meant for the new port.
        rank = ranks.SUB_SERVICE if parameters.keys() == {"newport"} else ranks.SERVER_CHANGE
        step = Step("modrs", {**named, **parameters}, subject, "; ".join(reasons), rank)
        return ObjectPlan(subject, (step,), before, after)

    def _removal(
        self,
        record: Mapping[str, Any] | None,
        service: Service | None,
        named: Mapping[str, Any],
        subject: str,
        document: Document,
    ) -> ObjectPlan:
        if record is None or service is None:
            return ObjectPlan(subject)
        if describe(record)["enabled"]:
            self._keep_one(service, subject, "removing", document)
        return ObjectPlan(
            subject, (Step("delrs", named, subject, "remove it", ranks.SERVER_REMOVE),), before=describe(record)
        )

    def _keep_one(self, service: Service, subject: str, doing: str, document: Document) -> None:
        """Refuse to leave a service without an enabled server, unless that is allowed."""
        if self.terms.allow_no_servers:
            return
        wanted = {w.key(service): w for w in document.owned(RealServer, self.owner)}
        enabled = {key(record): describe(record)["enabled"] for record in service.servers}
        for place, server in wanted.items():
            otherwise = NEW_SERVER["enabled"] if server.terms.replace else enabled.get(place, True)
            enabled[place] = server.present and server.options.get("enabled", otherwise)
        if not any(enabled.values()):
            raise InvalidOption(
                f"{subject}: {doing} it would leave the service without an enabled real server. If that is meant, set {option('allow_no_servers')}."
            )

    def key(self, service: Service) -> tuple[str, str]:
        """Return the identity of the server within its service."""
        record = self.record_of(service)
        return key(record) if record else (self.address, self.new_port or self._port_at(service))

    def record_of(self, service: Service) -> Mapping[str, Any] | None:
        """Return the server as a service that was read has it, at its port or at the one it is to move to."""
        record = find_server(service, self.address, self._port_at(service))
        if self.new_port:
            moved = find_server(service, self.address, self.new_port)
            if record and moved and record is not moved:
                raise InvalidOption(
                    f"Real server {self.address} of {label(service.ref)} cannot move from port {key(record)[1]} to {self.new_port}: it "
                    "exists at both. Delete one of them first."
                )
            record = record or moved
        return record

    def _port_at(self, service: Service) -> str:
        """Return its port on a service that was read, which may be about to move to the port that its owner is named by."""
        owner = self.owner.parent if isinstance(self.owner, SubRef) else self.owner
        return self._port(self.owner if owner.by_place else service.ref)

    def _port(self, ref: AnyRef) -> str:
        port = self.port or (ref.parent.port if isinstance(ref, SubRef) else ref.port)
        if not port.isdigit():
            raise InvalidOption(f"Real server {self.address} of {label(ref)} needs its own port.")
        return port

    def holds(self, place: rule_lists.Assignment, world: World, document: Document) -> bool:
        """Return whether it is this server that has the list of a place."""
        if place.server is None or not is_service(self.owner, place.service, world, document):
            return False
        return self.record_of(place.service) is place.server

    def removes(self, place: rule_lists.Assignment, world: World, document: Document) -> bool:
        """Return whether this server must be removed, and the list of a place with it."""
        return not self.present and self.holds(place, world, document)


@dataclass(frozen=True)
class ServerOfAllSubs:
    """A real server wanted in every SubVS of a service. ``like`` is it in the first of them."""

    parent: ServiceRef
    like: RealServer

    @property
    def subject(self) -> str:
        return f"real server {self.like.address} of all SubVSs of {self.parent}"

    def keys(self) -> tuple[Hashable, ...]:
        return ((self.parent, self.like.address, self.like.port),)

    def reads(self) -> frozenset[str]:
        return self.like.reads()

    def found(self, world: World) -> dict[str, Any]:
        servers = self._servers(world)
        held = [str(server.owner) for server in servers if server.found(world)]
        first = next((server.found(world) for server in servers if server.found(world)), {})
        return {**first, "sub_virtual_services": held} if held else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        servers = self._servers(world)
        if not servers:
            if not self.like.present:
                return ObjectPlan(self.subject)
            raise InvalidOption.missing(f"{self.subject}: the service has none. Create them first.")
        if self.like.terms.existing and any(server.found(world) for server in servers):
            # A mere change applies where it is
            servers = [server for server in servers if server.found(world)]
        each_of_them = Document(servers)
        plans = [server.plan(world, each_of_them) for server in servers]
        steps = tuple(step for plan in plans for step in plan.steps)
        held = [str(server.owner) for server in servers if server.found(world)]
        changed = next((plan for plan in plans if plan.steps), ObjectPlan(self.subject))
        before = {**changed.before, **({"sub_virtual_services": held} if held else {})}
        after = {**changed.after, "sub_virtual_services": [str(server.owner) for server in servers]}
        return ObjectPlan(self.subject, steps, before if steps else {}, after if steps and self.like.present else {})

    def _servers(self, world: World) -> list[RealServer]:
        parent = world.services.find(self.parent)
        return [replace(self.like, owner=sub.ref) for sub in world.services.subs(parent)] if parent else []


@dataclass(frozen=True)
class OtherServers:
    """All real servers of a service but those of the document: they are removed. ``place`` is where its list stands."""

    owner: AnyRef
    terms: Terms
    place: str

    def reads(self) -> frozenset[str]:
        return frozenset({LIST_SERVICES})

    def fault(self, given: Mapping[str, Any]) -> str:
        return ""

    def removes(self, kind: str, name: str, address: str) -> bool:
        return False

    def expand(self, world: World, document: Document) -> list[Desired]:
        service = service_in(document, self.owner, world)
        return [*unlisted(self.owner, service, document, self.terms)] if service else []

    def check(self, world: World, document: Document) -> None:
        pass


def unlisted(owner: AnyRef, service: Service, document: Document, terms: Terms) -> Iterator[RealServer]:
    """Yield the removals of servers that a document does not have."""
    kept = {server.key(service) for server in document.owned(RealServer, owner)}
    for record in service.servers:
        if key(record) not in kept:
            state = describe(record)
            yield RealServer(owner, state["address"], state["port"], present=False, terms=terms)


def _owner(document: Document, ref: AnyRef) -> VirtualService | SubVirtualService | None:
    """Return the wanted service of a server, None if the document does not have it."""
    return document.find(SubVirtualService, ref) if isinstance(ref, SubRef) else document.find(VirtualService, ref)


def _check_alone(service: Service | None) -> None:
    """Raise InvalidOption if a server is wanted on a service with SubVSs."""
    if service and not service.is_sub_service and service.slots:
        raise InvalidOption(
            f"{label(service.ref)} cannot get real servers: the service has SubVSs, and a service has either "
            f"these or real servers of its own. {DELETE_FIRST}"
        )


def added_at_once(steps: Sequence[Step], world: World, document: Document) -> list[Step]:
    """Return the steps of a plan in which one call adds a server that every SubVS of a parent gets.

    It takes only what addrs takes; the rest follows for each.
    """
    groups: dict[tuple[ServiceRef, Hashable], dict[str, int]] = {}
    for number, step in enumerate(steps):
        owner = step.parameters.get("vs")
        if step.command == "addrs" and isinstance(owner, IndexOf) and isinstance(owner.service, SubRef):
            settings = tuple((name, value) for name, value in step.parameters.items() if name != "vs")
            groups.setdefault((owner.service.parent, settings), {})[owner.service.name] = number
    merged: dict[int, Step | None] = {}
    for (parent, _settings), group in groups.items():
        if len(group) > 1 and set(group) == _subs_to_be(parent, world, document):
            first, *others = group.values()
            owner = IndexOfOneOfAll(SubRef(parent, next(iter(group))), frozenset(group))
            parameters = {**steps[first].parameters, "vs": owner, "addtoallsubvs": "1"}
            subject = f"real server {parameters['rs']} of all SubVSs of {parent}"
            merged[first] = replace(steps[first], parameters=parameters, subject=subject)
            merged |= dict.fromkeys(others)
    condensed = (merged.get(number, step) for number, step in enumerate(steps))
    return [step for step in condensed if step is not None]


def _subs_to_be(parent: ServiceRef, world: World, document: Document) -> set[str]:
    """Return the names of the SubVSs of a parent when servers are added."""
    found = service_in(document, parent, world)
    present = {sub.nickname for sub in world.services.subs(found)} if found else set()
    return present | {sub.ref.name for sub in document.owned(SubVirtualService, parent) if sub.present}
