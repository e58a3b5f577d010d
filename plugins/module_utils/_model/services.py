# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Virtual services and SubVSs as they were read, with lookups. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import canonical_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import AnyRef, ServiceRef, SubRef, label

# The rule lists of a service itself; those that lead to a SubVS are in its slot.
_RULES = ("PreProcessRules", "RequestRules", "ResponseRules", "MatchBodyRules")

# Advice for a service that has servers of its own but must have SubVSs, or the reverse.
DELETE_FIRST = "Delete the service first (state: absent)."


class Service:
    """A virtual service or SubVS as it was read.

    ``parent`` and ``slot`` are those of a SubVS: its parent, and its record in the parent's list.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        self.index = str(record.get("Index", ""))
        self.nickname = str(record.get("NickName", "")).strip()
        self.parent_index = str(record.get("MasterVSID", "0"))
        self.parent: Service | None = None
        self.slot: Mapping[str, Any] = {}
        self.ref: AnyRef = ServiceRef(
            str(record.get("Protocol", "tcp")).lower(),
            canonical_address(str(record.get("VSAddress", ""))),
            str(record.get("VSPort", "")),
        )

    @property
    def is_sub_service(self) -> bool:
        """Return whether this is a SubVS."""
        return not self.record.get("VSAddress")

    @property
    def slots(self) -> Sequence[Mapping[str, Any]]:
        """Return the records of its SubVSs."""
        slots: Sequence[Mapping[str, Any]] = self.record.get("SubVS") or []
        return slots

    @property
    def slot_numbers(self) -> frozenset[str]:
        """Return the slot numbers of its SubVSs."""
        return frozenset(str(slot.get("RsIndex")) for slot in self.slots)

    @property
    def slot_number(self) -> str:
        """Return the number of its slot on its parent, which the appliance never changes."""
        return str(self.slot.get("RsIndex", ""))

    @property
    def servers(self) -> Sequence[Mapping[str, Any]]:
        """Return the records of its real servers."""
        servers: Sequence[Mapping[str, Any]] = self.record.get("Rs") or []
        return servers

    @property
    def anchor(self) -> AnyRef:
        """Return the stable identity of the service: its place, or its slot on its parent."""
        if self.parent is None or not isinstance(self.parent.ref, ServiceRef):
            return self.ref
        return SubRef(self.parent.ref, "", self.slot_number)

    @property
    def is_empty(self) -> bool:
        """Return whether it has neither servers nor rules."""
        return not self.servers and not self.has_rules

    @property
    def has_rules(self) -> bool:
        """Return whether rules are assigned to it, or lead to it."""
        return any(self.record.get(name) for name in _RULES) or bool(self.slot.get("MatchRules"))


class Services:
    """All services of the appliance."""

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._services = [Service(record) for record in records]
        by_index = {service.index: service for service in self._services}
        self._by_index = by_index
        self._anchored: dict[AnyRef, Service] | None = None
        for sub in self._services:
            parent = by_index.get(sub.parent_index)
            if sub.is_sub_service and parent is not None and isinstance(parent.ref, ServiceRef):
                sub.parent = parent
                sub.slot = next((slot for slot in parent.slots if str(slot.get("VSIndex")) == sub.index), {})
                sub.ref = SubRef(parent.ref, sub.nickname, "" if sub.nickname else sub.slot_number)
        self._by_place: dict[AnyRef, Service] = {}
        self._by_nickname: dict[str, list[Service]] = {}
        self._subs: dict[str, list[Service]] = {}
        for service in self._services:
            if service.parent is not None:
                self._subs.setdefault(service.parent.index, []).append(service)
            elif not service.is_sub_service:
                self._by_place.setdefault(service.ref, service)
                self._by_nickname.setdefault(service.nickname, []).append(service)
        for index, subs in self._subs.items():
            places = {str(slot.get("VSIndex")): place for place, slot in enumerate(by_index[index].slots)}
            subs.sort(key=partial(_slot_order, places))

    def __iter__(self) -> Iterator[Service]:
        return iter(self._services)

    def find(self, ref: AnyRef) -> Service | None:
        """Return the service that is meant, or None.

        Raises InvalidOption where a name fits several, with the candidates.
        """
        if isinstance(ref, SubRef):
            return self._find_sub(ref)
        if ref.by_place:
            return self._by_place.get(ServiceRef(ref.protocol, ref.address, ref.port))
        named = self._by_nickname.get(ref.nickname, [])
        if len(named) > 1:
            candidates = ", ".join(str(service.ref) for service in named)
            raise InvalidOption(
                f"The nickname {ref.nickname!r} is not unique: {candidates} have it. Name the service by its address and port."
            )
        return named[0] if named else None

    @property
    def anchored(self) -> Mapping[AnyRef, Service]:
        """Return all services by their anchors."""
        if self._anchored is None:
            self._anchored = {service.anchor: service for service in self._services}
        return self._anchored

    def renumbered_since(self, before: Services) -> bool:
        """Return whether an index may have meant another service at some time since another listing."""
        now = self.anchored
        for anchor, service in before.anchored.items():
            if anchor not in now or now[anchor].index != service.index:
                return True
        return False

    def subs(self, parent: Service) -> list[Service]:
        """Return the SubVSs of a service, in the order of their slots."""
        return list(self._subs.get(parent.index, ()))

    def _find_sub(self, ref: SubRef) -> Service | None:
        parent = self.find(ref.parent)
        if parent is None:
            return None
        if ref.slot:
            return next((sub for sub in self.subs(parent) if sub.slot_number == ref.slot), None)
        return self.sub_of(parent, ref.name)

    def sub_of(self, parent: Service, name: str) -> Service | None:
        """Return the SubVS that a service has under a name, or None.

        Where two runs at once have made several, it is the one that has servers or rules, or the first if none has.
        """
        named = [sub for sub in self.subs(parent) if sub.nickname == name]
        used = [sub for sub in named if not sub.is_empty]
        if len(used) > 1:
            slots = ", ".join(sub.slot_number for sub in used)
            raise InvalidOption(
                f"{label(parent.ref)} has {len(used)} SubVSs {name!r} with servers or rules, in the slots {slots}, so "
                "it is unknown which one you mean. Delete or rename the others on the LoadMaster, and run this again."
            )
        return next(iter(used or named), None)

    def has_unique_name(self, sub: Service) -> bool:
        """Return whether a SubVS has a name that no other one of its parent has."""
        alike = [each for each in self.subs(sub.parent) if each.nickname == sub.nickname] if sub.parent else []
        return bool(sub.nickname) and len(alike) == 1

    def by_index(self, index: str) -> Service | None:
        """Return the service with an index."""
        return self._by_index.get(index)


def _slot_order(places: Mapping[str, int], sub: Service) -> int:
    return places.get(sub.index, len(places))


def refs_of(service: Service) -> list[AnyRef]:
    """Return all references that match a service."""
    if service.parent is not None:
        return [SubRef(ref, service.nickname) for ref in refs_of(service.parent) if isinstance(ref, ServiceRef)]
    nickname = [ServiceRef(nickname=service.nickname)] if service.nickname else []
    return [service.ref, *nickname]


def find_server(service: Service, address: str, port: str) -> Mapping[str, Any] | None:
    """Return the record of a real server, named by IP address or by the domain name it was added with."""
    for record in service.servers:
        names = (canonical_address(str(record.get("Addr", ""))), str(record.get("DnsName", "")).lower())
        if address and address in names and str(record.get("Port", "")) == port:
            return record
    return None
