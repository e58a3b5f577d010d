# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which calls by index reached another service than they were meant for, and how to put that one back. Pure.

The API names a SubVS by its index only. Another writer may make the LoadMaster renumber its services after the index was
looked up, and before it is used. The call then changes another service, and is answered "ok".

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import request_order
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import canonical_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.recovery import service_former
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import (
    VirtualService,
    change_step,
    reading,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import identity, place_in
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import AnyRef, SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Astray, Attempt
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service, find_server
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Sent

_LISTS = rule_lists.OF_SERVICES
_ASSIGN = {each.assign: each.option for each in _LISTS}
_DETACH = {each.detach: each.option for each in _LISTS}
_MOVE = {each.move: each.option for each in _LISTS}
_ROWS = {row.api: row for row in TABLE.fields if not row.write_only}
_SERVER_COMMANDS = ("addrs", "modrs", "delrs", rule_lists.CONTENT_RULES.assign, rule_lists.CONTENT_RULES.detach)
_PLACE = ("vs", "port", "prot")
_TWO_WRITERS = "it is not clear which of the two writers deleted it"

# A part of what a service has: the name of an option or list, or a server by its address and port.
Part = Hashable


def astray(sent: Sequence[Sent], before: World, now: World) -> Iterator[Astray]:
    """Yield the steps that reached another service, with that service and its restoration."""
    if LIST_SERVICES not in before.answers or LIST_SERVICES not in now.answers:
        return
    if not now.services.renumbered_since(before.services):
        return
    own = {pair for each in sent for pair in _changed_by_place(each, now)}
    for each in sent:
        meant = each.meant.get("vs")
        if isinstance(meant, SubRef):
            yield from _Call(each, meant, before, now).astray(own)


def _changed_by_place(sent: Sent, now: World) -> Iterator[tuple[AnyRef, Part]]:
    """Yield what a step changed of a service that it named by its place, so that it cannot have reached another one."""
    given = sent.parameters
    if "vs" not in given or "vs" in sent.meant or given.get("rs", "").startswith("!"):
        return
    place = place_in(given)
    found = now.services.find(place)
    for part in _parts(sent):
        yield found.anchor if found else place, part


def _parts(sent: Sent) -> Sequence[Part]:
    """Return the parts of a service that a call changes."""
    command, given = sent.step.command, sent.parameters
    if command in _ASSIGN or command in _DETACH:
        return [_ASSIGN.get(command) or _DETACH[command]]
    if command in _SERVER_COMMANDS:
        ports = (given.get("rsport"), given.get("newport"))
        return [(canonical_address(given["rs"]), port) for port in ports if port]
    rows = [_ROWS[name].option for name in given if name in _ROWS and name not in _PLACE]
    return rows + [_MOVE[name] for name in given if name and name in _MOVE]


@dataclass(frozen=True)
class _Call:
    """A call by index, and the appliance before and after it."""

    sent: Sent
    meant: SubRef
    before: World
    now: World

    def astray(self, own: set[tuple[AnyRef, Part]]) -> Iterator[Astray]:
        """Yield the services it reached instead; ``own`` is what other calls of this task changed."""
        if self.sent.step.command == "delvs":
            yield from self._deleted_instead()
            return
        reached = self._reached()
        index = self.sent.parameters["vs"]
        if reached and "addtoallsubvs" in self.sent.parameters:
            return
        for anchor, service in self.now.services.anchored.items():
            was = self.before.services.anchored.get(anchor)
            if anchor == self.meant or was is None or any((anchor, part) in own for part in self._parts):
                continue
            if (not reached or service.index == index) and self._did_this_to(was, service):
                yield Astray(self.sent.step, _label(was), tuple(self._back(was, service)))

    @cached_property
    def _parts(self) -> Sequence[Part]:
        return _parts(self.sent)

    def _reached(self) -> bool:
        """Return whether the intended service shows the change."""
        service, was = (world.services.anchored.get(self.meant) for world in (self.now, self.before))
        if service is None:
            return False
        nickname = self.sent.parameters.get("nickname")
        if nickname is not None:
            return service.nickname == nickname
        changed = was is not None and any(
            _part(was, part, self.before) != _part(service, part, self.now) for part in self._parts
        )
        return changed or self._is_so(service)

    def _did_this_to(self, was: Service, service: Service) -> bool:
        """Return whether another service became what the call says, and was not so before."""
        changed = [part for part in self._parts if _part(was, part, self.before) != _part(service, part, self.now)]
        if not changed or not self._fits(was, service):
            return False
        # A service may ignore a part of the call, and the LoadMaster rewrites some values, but hardly all of that at once.
        return self._is_so(service) or len(changed) == len(self._parts) or self._has_a_value(service, changed)

    def _has_a_value(self, service: Service, changed: Sequence[Part]) -> bool:
        """Return whether a changed option has the value of the call."""
        state, given = reading(service, self.now), self.sent.parameters
        rows = [row for row in map(TABLE.readable.get, map(str, changed)) if row is not None and row.api in given]
        return any(row.kind.send(state[row.option]) == given[row.api] for row in rows)

    def _fits(self, was: Service, service: Service) -> bool:
        """Return whether a change goes in the direction of the call: what it adds is there, what it removes is not."""
        command, rule = self.sent.step.command, self.sent.parameters.get("rule", "")
        for commands, there in ((_ASSIGN, True), (_DETACH, False)):
            if command in commands:
                names = _part(service, commands[command], self.now)
                return (rule in names) is there and (rule in _part(was, commands[command], self.before)) is not there
        if command in ("addrs", "delrs"):
            return (_part(service, self._parts[0], self.now) is not None) is (command == "addrs")
        return True

    def _is_so(self, service: Service) -> bool:
        """Return whether a service shows all values of the call."""
        command, given = self.sent.step.command, self.sent.parameters
        if command in _ASSIGN:
            return given["rule"] in _part(service, _ASSIGN[command], self.now)
        if command in _DETACH:
            return given["rule"] not in _part(service, _DETACH[command], self.now)
        if command in _SERVER_COMMANDS:
            return self._server_is_so(service)
        rows = [_ROWS[name] for name in given if name in _ROWS and name not in _PLACE]
        state = reading(service, self.now)
        return bool(rows) and all(row.kind.send(state[row.option]) == given[row.api] for row in rows)

    def _server_is_so(self, service: Service) -> bool:
        command, given = self.sent.step.command, self.sent.parameters
        record = find_server(service, canonical_address(given["rs"]), given.get("newport") or given.get("rsport", ""))
        if command == "delrs" or record is None:
            return (record is None) is (command == "delrs")
        rules = server_table.describe(record)[rule_lists.CONTENT_RULES.option]
        if command == rule_lists.CONTENT_RULES.assign:
            return given["rule"] in rules
        if command == rule_lists.CONTENT_RULES.detach:
            return given["rule"] not in rules
        rows = [row for row in server_table.TABLE.readable.values() if row.api in given]
        state = server_table.TABLE.read(record)
        return command == "addrs" or all(row.kind.send(state[row.option]) == given[row.api] for row in rows)

    def _back(self, was: Service, service: Service) -> Iterator[Desired]:
        """Yield the objects that restore what the call changed."""
        ref = _named(was)
        if self.sent.step.command in _SERVER_COMMANDS:
            given = self.sent.parameters
            address, port = canonical_address(given["rs"]), given.get("rsport", "")
            record = find_server(was, address, port)
            if record is None:
                yield RealServer(ref, address, port, present=False, terms=service_former.AS_IT_WAS)
                return
            entry = {**server_table.entry(record), "address": address}
            moved = given.get("newport")
            places = {"port": moved, "new_port": port} if moved and moved != port else {}
            yield RealServer.from_options(ref, {**entry, **places}, service_former.AS_IT_WAS)
            return
        state, there = reading(was, self.before), reading(service, self.now)
        values = {row.option: state[row.option] for row in _ROWS.values() if state[row.option] != there[row.option]}
        had, has = (rule_lists.read(_LISTS, each.record) for each in (was, service))
        yield AsBefore(ref, values, {option: names for option, names in had.items() if names != has[option]})

    def _deleted_instead(self) -> Iterator[Astray]:
        """Yield what went instead of the service that the call meant. A call that is answered "ok" deletes one."""
        now = self.now.services.anchored
        gone = {
            anchor: service
            for anchor, service in self.before.services.anchored.items()
            if anchor not in now and anchor != self.meant
        }
        topmost = [s for s in gone.values() if not (s.parent is not None and s.parent.anchor in gone)]
        certain = self.meant in now and len(topmost) == 1
        for service in topmost:
            if certain:
                yield Astray(self.sent.step, _label(service), tuple(self._again(service)))
            else:
                yield Astray(self.sent.step, _label(service), doubt=_TWO_WRITERS)

    def _again(self, service: Service) -> Sequence[Desired]:
        attempt = Attempt(Document([]), [self.sent.step], self.before, self.now, lambda _member, _name: False)
        if isinstance(service.ref, SubRef):
            return service_former.former_sub(SubVirtualService(service.ref, present=False), attempt)
        return service_former.former_service(VirtualService(service.ref, present=False), attempt)


@dataclass(frozen=True)
class AsBefore:
    """A service that gets back its own settings and rules. It is found by its place or slot, whatever its name."""

    ref: AnyRef
    values: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return label(self.ref)

    def keys(self) -> tuple[Hashable, ...]:
        return (self.ref,)

    def reads(self) -> frozenset[str]:
        return frozenset({LIST_SERVICES})

    def found(self, world: World) -> dict[str, Any]:
        service = world.services.find(self.ref)
        return {"name": service.nickname} if service else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        service = world.services.find(self.ref)
        if service is None:
            raise InvalidOption(f"{self.subject} does not exist any more.")
        state, rules = reading(service, world), rule_lists.read(_LISTS, service.record)
        requests, changes = request_order.to_change(TABLE, self.values, state)
        steps = [change_step(self.ref, self.subject, request) for request in requests]
        steps += rule_lists.steps(_LISTS, self.rules, rules, identity(self.ref), self.subject)
        before = {change.field.option: change.before for change in changes}
        after = {change.field.option: change.after for change in changes}
        return ObjectPlan(self.subject, tuple(steps), before, after)


def _part(service: Service, part: Part, world: World) -> Any:
    """Return a part of what a service has; of a server None where it has none."""
    if isinstance(part, tuple):
        record = find_server(service, part[0], part[1])
        return server_table.describe(record) if record is not None else None
    if part in TABLE.readable:
        return reading(service, world)[str(part)]
    return rule_lists.read(_LISTS, service.record)[str(part)]


def _named(service: Service) -> AnyRef:
    anchor = service.anchor
    return anchor._replace(name=service.nickname) if isinstance(anchor, SubRef) else anchor


def _label(service: Service) -> str:
    return label(_named(service), service.nickname)
