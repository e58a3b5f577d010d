# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The places of a real server: services, SubVSs and ports. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypedDict

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import TRUE, Address, Integer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import identity
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step

ADDRESS = Address(names=True)

# The status of a server that passes its health check, and that of a service without one.
_HEALTHY = frozenset({"up", "unchecked"})


class _Named(TypedDict):
    virtual_service: str


class Entry(_Named, total=False):
    """A place as results and options have it; ``id`` is the number that the appliance gave it."""

    sub_virtual_service: str | None
    port: str | None
    id: int | None


@dataclass(frozen=True)
class Place:
    """A real server in one of its services, as it was read."""

    service: Service = field(compare=False)
    record: Mapping[str, Any]

    @cached_property
    def number(self) -> str:
        """Return the number of the server, which the appliance never changes."""
        return str(self.record.get("RsIndex", ""))

    @cached_property
    def state(self) -> dict[str, Any]:
        """Return the server in Ansible's words."""
        return server_table.describe(self.record)

    @property
    def status(self) -> str:
        """Return the health status that the appliance reports."""
        return str(self.record.get("Status", "")).strip().lower()

    @property
    def enabled(self) -> bool:
        """Return whether the server is enabled here."""
        return bool(self.state["enabled"])

    @property
    def healthy(self) -> bool:
        """Return whether the appliance would send clients here; without a health check it always does."""
        unchecked = str(self.service.record.get("CheckType", "")).lower() == "none"
        return self.enabled and (unchecked or self.status in _HEALTHY)

    @property
    def in_use(self) -> bool:
        """Return whether the service is enabled; for a disabled one the appliance reports no health."""
        parent = self.service.parent
        flags = [self.service.slot, parent.record] if parent else [self.service.record]
        return all(str(record.get("Enable", "Y")).lower() in TRUE for record in flags)

    @property
    def lets_clients_return(self) -> bool:
        """Return whether clients that the service knows come back to a disabled server until the drain time is over."""
        return self.ends_connections and str(self.service.record.get("Persist") or "none").lower() != "none"

    @property
    def ends_connections(self) -> bool:
        """Return whether the appliance can end connections here: at layer 4 it only passes packets on."""
        return str(self.service.record.get("Layer", "7")) != "4"

    @property
    def server(self) -> str:
        """Return address and port of the server."""
        return endpoint(self.state["address"], self.state["port"])

    def __str__(self) -> str:
        return f"real server {self.server} of {label(self.service.ref, self.service.nickname)}"

    def entry(self) -> Entry:
        """Return the place in the form of results and options."""
        ref = self.service.ref
        parent = ref.parent if isinstance(ref, SubRef) else ref
        name = ref.name if isinstance(ref, SubRef) else ""
        return {
            "virtual_service": str(parent),
            "sub_virtual_service": name,
            "port": self.state["port"],
            "id": int(Integer().read(self.number)),
        }

    def is_meant_by(self, entry: Entry) -> bool:
        """Return whether an entry of an option is this place: by its number, or by service and port where it has none."""
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

        The index of a SubVS is the one that was just read: should the appliance renumber its services before
        the call gets there, no other service has a server of this number, and the call is refused.
        """
        ref = self.service.ref
        naming = {"vs": self.service.index} if isinstance(ref, SubRef) else identity(ref)
        parameters = {**naming, "rs": f"!{self.number}", **server_table.TABLE.parameters({"enabled": enabled})}
        reason = "put it back into service" if enabled else "take it out of service"
        return Step("modrs", parameters, str(self), reason, ranks.SERVER_CHANGE)


def places(world: World, address: str) -> list[Place]:
    """Return all places of a server, in the order of the services."""
    return [
        Place(service, record)
        for service in world.services
        for record in service.servers
        if address in (ADDRESS.read(record.get("Addr")), str(record.get("DnsName") or "").lower())
    ]


def shown(places_: Iterable[Place], enabled: bool | None = None) -> dict[str, dict[str, bool]]:
    """Return places for a diff, before or after."""
    return {str(place): {"enabled": place.enabled if enabled is None else enabled} for place in places_}
