# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Real servers of several LoadMasters as hosts, and their services as groups. Pure, except for ``read``.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.snapshot import Snapshot
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES

# The groups of all real servers, and of those in a state.
ALL, ENABLED, DISABLED = "real_servers", "real_servers_enabled", "real_servers_disabled"
# Statuses that get a group; a server is in that of each status that it has in any service.
STATUSES = {"up": "real_servers_up", "down": "real_servers_down"}
_UNSAFE = re.compile(r"[^A-Za-z0-9_]")

# A LoadMaster as it was read: its services, each with its SubVSs, in plain values that a cache can hold.
Read = list[dict[str, Any]]


def read(snapshot: Snapshot, *, statistics: bool) -> Read:
    """Return the services of a LoadMaster with their real servers; two calls with ``statistics``, one without."""
    world = snapshot.world({LIST_SERVICES})
    connections = _connections(snapshot.answer("stats")) if statistics else {}
    return [
        {
            **_service(service, connections),
            "subs": [_service(sub, connections) for sub in world.services.subs(service)],
        }
        for service in world.services
        if not service.is_sub_service
    ]


def _connections(stats: Mapping[str, Any]) -> dict[str, int]:
    records = stats.get("Rs") or []
    return {str(record.get("RSIndex")): int(record.get("ActivConns") or 0) for record in records}


def _service(service: Service, connections: Mapping[str, int]) -> dict[str, Any]:
    return {
        "nickname": service.nickname,
        "protocol": str(service.record.get("Protocol", "")),
        "address": str(service.record.get("VSAddress", "")),
        "port": str(service.record.get("VSPort", "")),
        "status": str(service.record.get("Status", "")).lower(),
        "servers": [_server(record, connections) for record in service.servers],
    }


def _server(record: Mapping[str, Any], connections: Mapping[str, int]) -> dict[str, Any]:
    state = server_table.describe(record)
    known = {name: state[name] for name in ("address", "port", "weight", "enabled")}
    number = str(record.get("RsIndex"))
    counted = {"connections": connections.get(number, 0)} if connections else {}
    return {**known, "status": str(record.get("Status", "")).lower(), **counted}


@dataclass
class Host:
    """A real server: its address, the groups that it is in, and each place that it serves."""

    address: str
    groups: dict[str, None] = field(default_factory=dict)
    services: list[dict[str, Any]] = field(default_factory=list)

    def variables(self) -> dict[str, Any]:
        """Return its variables. None of them marks the host as a LoadMaster."""
        places = self.services
        loadmasters = list(dict.fromkeys(place["loadmaster"] for place in places))
        result = {
            "ansible_host": self.address,
            "real_server_address": self.address,
            "real_server_ports": sorted({int(place["port"]) for place in places if place["port"].isdigit()}),
            "real_server_loadmasters": loadmasters,
            "real_server_loadmaster": loadmasters[0],
            "real_server_enabled": any(place["enabled"] for place in places),
            "real_server_healthy": all(place["status"] != "down" for place in places if place["enabled"]),
            "real_server_services": places,
        }
        if any("connections" in place for place in places):
            result["real_server_connections"] = sum(place.get("connections", 0) for place in places)
        return result


@dataclass
class Inventory:
    """Hosts by name, and child groups by parent."""

    hosts: dict[str, Host] = field(default_factory=dict)
    children: dict[str, dict[str, None]] = field(default_factory=dict)

    def put(self, parent: str, group: str) -> None:
        """Put a group into another one."""
        self.children.setdefault(parent, {})[group] = None


def safe_name(text: str) -> str:
    """Return a text as the name of a group: letters, digits and underscores."""
    name = _UNSAFE.sub("_", text)
    return f"_{name}" if not name or name[0].isdigit() else name


def model(loadmasters: Iterable[tuple[str, Read]]) -> Inventory:
    """Return the inventory of some LoadMasters, by name. The same input gives the same names, whatever its order.

    A real server is one host, named by its address or DNS name, even if it is behind several services or LoadMasters. A service is a
    group named by its nickname or else by its place, and a SubVS a group within it. Services with one nickname on several LoadMasters
    share a group; two services whose names differ only in characters that groups cannot have get their place added.
    """
    known = list(loadmasters)
    names = _Names([service for _name, services in known for service in services])
    result = Inventory()
    for name, services in known:
        own = f"loadmaster_{safe_name(name)}"
        result.put(ALL, own)
        for service in services:
            group = names.of_service(service)
            result.put(own, group)
            _add(result, name, service, group, "")
            for sub in service["subs"]:
                inner = names.of_sub(service, sub)
                result.put(group, inner)
                _add(result, name, {**service, "servers": sub["servers"]}, inner, sub["nickname"])
    return result


class _Names:
    """The names of groups. Two texts that become one name are told apart by the place of their services."""

    def __init__(self, services: list[dict[str, Any]]) -> None:
        texts: dict[str, set[str]] = {}
        for service in services:
            texts.setdefault(safe_name(_title(service)), set()).add(_title(service))
        self._shared = {name for name, alike in texts.items() if len(alike) > 1}

    def of_service(self, service: Mapping[str, Any]) -> str:
        name = safe_name(_title(service))
        return f"service_{name}_{safe_name(_place(service))}" if name in self._shared else f"service_{name}"

    def of_sub(self, service: Mapping[str, Any], sub: Mapping[str, Any]) -> str:
        own = self.of_service(service)
        alike = {
            each["nickname"] for each in service["subs"] if safe_name(each["nickname"]) == safe_name(sub["nickname"])
        }
        if len(alike) > 1 or not sub["nickname"]:
            return f"{own}_{safe_name(sub['nickname'])}_{sorted(alike).index(sub['nickname']) + 1}"
        return f"{own}_{safe_name(sub['nickname'])}"


def _title(service: Mapping[str, Any]) -> str:
    return str(service["nickname"]) or _place(service)


def _place(service: Mapping[str, Any]) -> str:
    return f"{service['protocol']}_{service['address']}_{service['port']}"


def _add(result: Inventory, loadmaster: str, service: Mapping[str, Any], group: str, sub: str) -> None:
    for server in service["servers"]:
        host = result.hosts.setdefault(server["address"], Host(server["address"]))
        place = {
            "loadmaster": loadmaster,
            "virtual_service": f"{service['protocol']}/{endpoint(service['address'], service['port'])}",
            "nickname": service["nickname"],
            "sub_virtual_service": sub,
            **{name: value for name, value in server.items() if name != "address"},
        }
        host.services.append(place)
        states = (ENABLED if server["enabled"] else DISABLED, STATUSES.get(server["status"], ""))
        host.groups.update(dict.fromkeys(name for name in (group, *states) if name))
