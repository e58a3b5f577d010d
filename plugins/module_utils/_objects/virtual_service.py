# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Virtual services: their fields, and how one is created, changed, moved and removed. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _base
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import IndexOf, ObjectPlan, Step, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._field import (
    FIRST,
    LAST,
    MAIN,
    RELEASE,
    Change,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._kinds import Address, Port
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import (
    Service,
    ServiceRef,
    identity,
    label,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._virtual_service_table import (
    ADAPTIVE_REPORTED,
    TABLE,
)

_PORT = Port(any_port=True)


@dataclass(frozen=True)
class VirtualService:
    """A virtual service as the user wants it. ``former`` is where it may still be when it is to move."""

    ref: ServiceRef
    options: Mapping[str, Any] = field(default_factory=dict)
    present: bool = True
    former: ServiceRef | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> VirtualService:
        """Build it from module options. Raises InvalidOption with the first thing that is wrong."""
        place = ref_from_options(options)
        moved = ServiceRef(
            place.protocol,
            _checked("new_address", Address(), options.get("new_address")) or place.address,
            _checked("new_port", _PORT, options.get("new_port")) or place.port,
            place.nickname,
        )
        wanted = TABLE.canonical(options, label(place))
        if not place.by_place:
            wanted.pop("nickname", None)
        if (moved.address, moved.port) == (place.address, place.port):
            return cls(place, wanted, options.get("state", "present") == "present")
        if not place.by_place:
            raise InvalidOption(f"{label(place)}: new_address and new_port need address and port. Nothing was changed.")
        return cls(moved, wanted, options.get("state", "present") == "present", place)

    def reads(self) -> frozenset[str]:
        return frozenset({_base.LIST_SERVICES})

    def find(self, world: World) -> Service | None:
        """Return the service that is meant, where it is wanted or where it used to be."""
        service = world.services.find(self.ref)
        former = world.services.find(self.former) if self.former else None
        if service and former:
            raise InvalidOption(
                f"{label(self.former or self.ref)} cannot move to {self.ref}: another service is there. Nothing was changed."
            )
        return service or former

    def found(self, world: World) -> dict[str, Any]:
        service = self.find(world)
        return describe(service, world) if service else {}

    def plan(self, world: World, document: Sequence[Any]) -> ObjectPlan:
        service = self.find(world)
        if not self.present:
            return self._removal(service, world)
        wanted = self
        if "follow_service" in self.options:
            followed = _place_of(self.options["follow_service"], world)
            wanted = replace(self, options={**self.options, "follow_service": followed})
        return wanted._creation() if service is None else wanted._modification(service, world)

    def _removal(self, service: Service | None, world: World) -> ObjectPlan:
        if service is None:
            return ObjectPlan(label(self.ref))
        subject = label(service.ref, service.nickname)
        step = Step("delvs", identity(service.ref), subject, "remove it with its real servers", _base.SERVICE_REMOVE)
        return ObjectPlan(subject, (step,), before=_removed(service, world))

    def _creation(self) -> ObjectPlan:
        if not self.ref.by_place:
            raise InvalidOption(
                f"There is no virtual service {self.ref!s}. To create it, give address and port. Nothing was changed."
            )
        subject = label(self.ref, self.options.get("nickname", ""))
        TABLE.check_needs(self.options, {**_fresh(self.ref), **self.options}, subject)
        later = self._later()
        at_once = {option: value for option, value in self.options.items() if option not in later}
        steps = [Step("addvs", {**identity(self.ref), **_parameters(at_once)}, subject, "create it", _base.SERVICE)]
        for request, rank in ((MAIN, _base.SERVICE), (LAST, _base.SERVICE_LAST)):
            changes = [
                Change(TABLE.by_option[o], None, self.options[o])
                for o in later
                if TABLE.by_option[o].request == request
            ]
            steps += self._request(changes, {}, self.ref, subject, rank)
        after = {"protocol": self.ref.protocol, "address": self.ref.address, "port": self.ref.port, **self.options}
        return ObjectPlan(subject, tuple(steps), after=TABLE.shown(after))

    def _later(self) -> list[str]:
        """Return the options that cannot go along when the service is created: the type would reset them again."""
        later: list[str] = []
        for row in TABLE.fields:
            waits = (
                row.request == LAST or row.reset_by in self.options or any(need.option in later for need in row.needs)
            )
            if waits and row.option in self.options:
                later.append(row.option)
        return later

    def _modification(self, service: Service, world: World) -> ObjectPlan:
        subject = label(service.ref, service.nickname)
        state = describe(service, world)
        TABLE.check_needs(self.options, {**state, **self.options}, subject)
        placed = self._changes(state)
        steps = self._move(service, subject)
        ref = self.ref if self.ref.by_place else service.ref
        for request in (FIRST, RELEASE, MAIN, LAST):
            rank = _base.SERVICE_LAST if request == LAST else _base.SERVICE
            for group in _groups([change for where, change in placed if where == request], request):
                steps += self._request(group, state, ref, subject, rank, releasing=request == RELEASE)
        after = {change.field.option: change.after for _where, change in placed}
        before = {option: state[option] for option in after}
        if self.former == service.ref:
            before["place"], after["place"] = str(service.ref), str(self.ref)
        seen = [option for option in after if before[option] != after[option]]
        return ObjectPlan(
            subject,
            tuple(steps),
            TABLE.shown({option: before[option] for option in seen}),
            TABLE.shown({option: after[option] for option in seen}),
        )

    def _changes(self, state: Mapping[str, Any]) -> list[tuple[int, Change]]:
        """Return what has to change, each with the request that it goes in."""
        merged = {**state, **self.options}
        differing = {change.field.option for change in TABLE.changes(self.options, state)}
        resets = {row.option: row.kind.unset for row in TABLE.fields if row.reset_by in differing}
        ending = _ending(self.options, state)
        ended = [change.field.option for change in ending]
        placed = [(RELEASE, change) for change in ending]
        for change in TABLE.changes(self.options, {**state, **resets}):
            row, request = change.field, change.field.request
            if row.option in ended:
                continue
            if _lets_go(change):
                counts = all(need.met(merged) for need in row.needs)
                if not counts and not all(need.met(state) for need in row.needs):
                    continue  # clearing what has no effect: the appliance would ignore it
                request = RELEASE if row.released or not counts else request
            placed.append((request, change))
        return placed

    def _move(self, service: Service, subject: str) -> list[Step]:
        if self.former != service.ref:
            return []
        place = {"vsaddress": self.ref.address, "vsport": self.ref.port}
        return [Step("modvs", {**identity(service.ref), **place}, subject, f"move it to {self.ref}", _base.SERVICE)]

    def _request(
        self,
        changes: list[Change],
        state: Mapping[str, Any],
        ref: ServiceRef,
        subject: str,
        rank: int,
        *,
        releasing: bool = False,
    ) -> list[Step]:
        """Return the modvs call for some changes, none where nothing changes.

        While something is let go, what it depends on still has its old value.
        """
        if not changes:
            return []
        values = {change.field.option: change.after for change in changes}
        wanted = {} if releasing else self.options
        merged = {**state, **wanted}
        for change in changes:
            prerequisites = {need.option for need in change.field.needs}
            for option in change.field.along:
                value = wanted.get(option, state.get(option) if option in prerequisites else None)
                if value is not None and all(need.met(merged) for need in TABLE.by_option[option].needs):
                    values.setdefault(option, value)
        reason = "; ".join(str(change) for change in changes)
        return [Step("modvs", {**identity(ref), **_parameters(values)}, subject, reason, rank)]


def ref_from_options(options: Mapping[str, Any]) -> ServiceRef:
    """Return the service that the options address, port, protocol and nickname name."""
    address = _checked("address", Address(), options.get("address"))
    port = _checked("port", _PORT, options.get("port"))
    nickname = str(options.get("nickname") or "").strip()
    if bool(address) != bool(port):
        missing = "port" if address else "address"
        raise InvalidOption(
            f"A virtual service is named by address and port, or by its nickname; {missing} is missing. Nothing was changed."
        )
    if not address and not nickname:
        raise InvalidOption(
            "A virtual service is named by address and port, or by its nickname; none of them is given. Nothing was changed."
        )
    protocol = options.get("protocol") or "tcp"
    return ServiceRef(protocol, address, port, "") if address else ServiceRef(nickname=nickname)


def describe(service: Service, world: World) -> dict[str, Any]:
    """Return a service as it was read, in Ansible's words: identity and every field."""
    state = TABLE.read(service.record)
    state["scheduling"] = ADAPTIVE_REPORTED.get(str(service.record.get("Adaptive", "")), state["scheduling"])
    followed = world.services.by_index(state["follow_service"]) if state["follow_service"] not in ("", "0") else None
    state["follow_service"] = str(followed.ref) if followed else ""
    place = {"protocol": service.ref.protocol, "address": service.ref.address, "port": service.ref.port}
    return {**place, **state}


def _place_of(text: str, world: World) -> str:
    """Return a service that the user named as ``protocol/address:port``, which is how a read one is named."""
    if not text:
        return ""
    ref = ServiceRef.parse(text)
    service = world.services.find(ref)
    if service is None and not ref.by_place:
        raise InvalidOption(f"follow_service: there is no virtual service {text!r}. Nothing was changed.")
    return str(service.ref if service else ref)


def _fresh(ref: ServiceRef) -> dict[str, Any]:
    """Return what is known of a new service before it exists, for the check of prerequisites."""
    unset = {row.option: row.kind.unset for row in TABLE.fields}
    # Type, kind of check and layer depend on port, protocol and firmware; reading back will tell.
    unknown = {"type": None, "check_type": None, "force_l4": False if ref.protocol == "tcp" else None}
    return {**unset, "scheduling": "round_robin", **unknown}


def _ending(options: Mapping[str, Any], state: Mapping[str, Any]) -> list[Change]:
    """Return what has to be cleared because what it depends on is switched off."""
    return [
        Change(row, state[row.option], row.kind.unset)
        for row in TABLE.fields
        if row.ends_with
        and state[row.ends_with]
        and options.get(row.ends_with) is False
        and not row.kind.is_unset(state[row.option])
    ]


def _lets_go(change: Change) -> bool:
    """Tell whether a change clears or lowers a value."""
    lower = isinstance(change.after, int) and isinstance(change.before, int) and change.after < change.before
    return lower or change.field.kind.is_unset(change.after)


def _groups(changes: list[Change], request: int) -> list[list[Change]]:
    """Return the changes of a request as one call, but what needs another one that is let go as a call before it."""
    if request != RELEASE:
        return [changes]
    going = {change.field.option for change in changes}
    first = [change for change in changes if any(need.option in going for need in change.field.needs)]
    return [first, [change for change in changes if change not in first]]


def _parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = dict(TABLE.parameters(values))
    if "followvsid" in parameters:
        followed = parameters["followvsid"]
        parameters["followvsid"] = IndexOf(ServiceRef.parse(followed)) if followed else "0"
    return parameters


def _removed(service: Service, world: World) -> dict[str, Any]:
    """Return what goes with a service: its settings that are not at their unset value, and its real servers."""
    state = describe(service, world)
    settings = {
        o: value
        for o, value in state.items()
        if o not in TABLE.by_option or not TABLE.by_option[o].kind.is_unset(value)
    }
    servers = [f"{record.get('DnsName') or record.get('Addr')}:{record.get('Port')}" for record in service.servers]
    return {**settings, **({"real_servers": servers} if servers else {})}


def _checked(option: str, kind: Any, value: Any) -> str:
    if value is None or value == "":
        return ""
    try:
        return str(kind.check(value))
    except ValueError as problem:
        raise InvalidOption(f"{option} is {value!r}, but it {problem}. Nothing was changed.") from None
