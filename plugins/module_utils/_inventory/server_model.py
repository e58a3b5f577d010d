# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The inventory that the listings of some LoadMasters make: servers as hosts, services and states as groups. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import LOCALHOST, endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import is_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory.group_names import (
    APART,
    apart,
    digest,
    name_of_place,
    safe_name,
    shared_names,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory.listing import Listing

# The groups of all real servers, and of those that are in a state in one service at least.
ALL = "real_servers"
STATES = ("enabled", "disabled", "up", "down", "unchecked")
_FIXED = ("all", "ungrouped", ALL, *(f"{ALL}_{state}" for state in STATES))
# What begins the name of a host whose own would be taken for something else
_SERVER = "real_server"
_HEALTHY = frozenset({"up", "unchecked"})

# Names go to commands such as ssh, which would take one with a hyphen in front for an option
_ADDRESS = re.compile(r"[0-9a-fA-F:.]{2,45}")
_DNS_NAME = re.compile(r"(?![\d.]+\Z)(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?")


class Layout(NamedTuple):
    """How the user wants groups to be named, and whether a server behind several LoadMasters is one host."""

    loadmasters_group: str = "loadmasters"
    group_prefix: str = "loadmaster_"
    merge_servers: bool = True


# A server: its LoadMaster, empty where servers of several are one host, and its address.
Identity = tuple[str, str]
# A service or SubVS: its LoadMaster, its number in the listing, and that of the SubVS, or -1.
Owner = tuple[str, int, int]


@dataclass
class Server:
    """A real server, and each place that it has in a service."""

    address: str
    names: dict[str, None] = field(default_factory=dict)
    places: list[dict[str, Any]] = field(default_factory=list)
    states: dict[str, None] = field(default_factory=dict)
    # Whether it is healthy in each enabled service in which it is enabled
    healthy: list[bool] = field(default_factory=list)
    # Where Ansible connects to, where this is not its name in the inventory
    connects_to: str = ""

    def variables(self) -> dict[str, Any]:
        """Return its variables. None of them marks the host as a LoadMaster."""
        places = self.places
        result = {
            "real_server_address": self.address,
            "real_server_ports": sorted({place["port"] for place in places if isinstance(place["port"], int)}),
            "real_server_enabled": "enabled" in self.states,
            "real_server_healthy": bool(self.healthy) and all(self.healthy),
            "real_server_loadmasters": list(dict.fromkeys(place["loadmaster"] for place in places)),
            "real_server_services": places,
        }
        if self.names:
            result["real_server_dns_names"] = list(self.names)
        if self.connects_to:
            result["ansible_host"] = self.connects_to
        counted = [place["connections"] for place in places if "connections" in place]
        if counted:
            result["real_server_connections"] = sum(counted)
        return result


@dataclass
class Inventory:
    """Servers by host name, the hosts of each group, its child groups, and sentences about what was left out."""

    hosts: dict[str, Server] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def groups_of(names: Sequence[str], layout: Layout) -> dict[str, str]:
    """Return the group of each LoadMaster. Raises InvalidOption where a name is taken."""
    for option, value in (("loadmasters_group", layout.loadmasters_group), ("group_prefix", layout.group_prefix)):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value) or APART in value:
            raise InvalidOption(
                f"{option} is {value!r}, but it must be made of letters, digits and single underscores, and begin with a letter."
            )
    groups = {name: layout.group_prefix + (safe_name(name) or digest(name)) for name in names}
    for shared in shared_names(groups.values()):
        both = " and ".join(name for name, group in groups.items() if group == shared)
        raise InvalidOption(f"loadmasters: {both} would have the same group, {shared}. Give one of them another name.")
    fixed = (*_FIXED, layout.loadmasters_group)
    for shared in shared_names(fixed):
        raise InvalidOption(f"loadmasters_group is {shared}, which is another group. Choose another name.")
    for name, group in groups.items():
        for taken in (name, group):
            if taken in fixed or (taken == name and taken in groups.values()):
                raise InvalidOption(f"loadmasters: {taken} is the name of a group. Give {name} another name.")
    return groups


def build(listings: Mapping[str, Listing], groups: Mapping[str, str], layout: Layout) -> Inventory:
    """Return the inventory of the LoadMasters that were read, by name. Names depend on no order.

    ``groups`` are the groups of all LoadMasters of the file, from groups_of.
    """
    result = Inventory()
    names = _names_of_groups(listings, groups, {*_FIXED, layout.loadmasters_group, *groups, *groups.values()})
    servers: dict[Identity, Server] = {}
    held: dict[str, dict[Identity, None]] = {f"{ALL}_{state}": {} for state in STATES}
    # A LoadMaster that could not be read has its group too
    result.children = {ALL: [*held, *groups.values()], **{group: [] for group in groups.values()}}
    for loadmaster, listing in listings.items():
        own = result.children[groups[loadmaster]]
        for number, service in enumerate(listing):
            group = names[loadmaster, number, -1]
            own.append(group)
            subs = [(names[loadmaster, number, at], sub) for at, sub in enumerate(service["subs"])]
            if subs:
                result.children[group] = [name for name, _sub in subs]
            for name, part in ((group, service), *subs):
                held[name] = {}
                for server in part["servers"]:
                    identity = _identity(loadmaster, server, layout, result.warnings)
                    if identity is not None:
                        held[name][identity] = None
                        _add_place(servers.setdefault(identity, Server(identity[1])), loadmaster, service, part, server)
    for identity, known in servers.items():
        for state in known.states:
            held[f"{ALL}_{state}"][identity] = None
    hosts = _names_of_hosts(servers, {*_FIXED, *LOCALHOST, layout.loadmasters_group, *groups, *groups.values(), *held})
    result.hosts = {hosts[identity]: server for identity, server in servers.items()}
    result.members = {group: [hosts[identity] for identity in members] for group, members in held.items()}
    return result


def _identity(loadmaster: str, server: Mapping[str, Any], layout: Layout, warnings: list[str]) -> Identity | None:
    """Return what tells a server from others: its IP address, or its DNS name where that has none."""
    address, name = server["address"], server["name"]
    if not (_ADDRESS.fullmatch(address) and is_address(address)):
        if not _DNS_NAME.fullmatch(name):
            warnings.append(
                f"{loadmaster}: a real server is left out, since {(address or name)[:60]!r} is neither an IP address nor a DNS name."
            )
            return None
        address = name
    return ("" if layout.merge_servers else loadmaster), address


def _add_place(
    known: Server, loadmaster: str, service: Mapping[str, Any], part: Mapping[str, Any], server: Mapping[str, Any]
) -> None:
    """Add a place to a server; ``part`` is the service, or the SubVS of it, that holds the server."""
    port, status, enabled = server["port"], server["status"], server["enabled"]
    place = {
        "loadmaster": loadmaster,
        "virtual_service": f"{service['protocol']}/{endpoint(service['address'], service['port'])}",
        "nickname": service["nickname"],
        "sub_virtual_service": "" if part is service else part["nickname"],
        "port": int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else port,
        "weight": server["weight"],
        "enabled": enabled,
        "status": status,
    }
    if server.get("connections") is not None:
        place["connections"] = server["connections"]
    known.places.append(place)
    known.states["enabled" if enabled else "disabled"] = None
    if status in STATES[2:]:
        known.states[status] = None
    if _DNS_NAME.fullmatch(server["name"]):
        known.names[server["name"]] = None
    if enabled and part["enabled"]:
        known.healthy.append(status in _HEALTHY or not part["checked"])


def _names_of_groups(
    listings: Mapping[str, Listing], groups: Mapping[str, str], taken: Collection[str]
) -> dict[Owner, str]:
    """Return the group of each service and SubVS: by nickname where no other has it, else by its place."""
    wanted: dict[Owner, str] = {}
    otherwise: dict[Owner, str] = {}
    for loadmaster, listing in listings.items():
        for number, service in enumerate(listing):
            place = groups[loadmaster] + APART + name_of_place(service["protocol"], service["address"], service["port"])
            nickname = safe_name(service["nickname"])
            own: Owner = (loadmaster, number, -1)
            wanted[own], otherwise[own] = f"{groups[loadmaster]}_{nickname}" if nickname else "", place
            for at, sub in enumerate(service["subs"]):
                inner: Owner = (loadmaster, number, at)
                name = safe_name(sub["nickname"])
                wanted[inner] = f"{wanted[own] or place}_{name}" if name else ""
                otherwise[inner] = f"{place}{APART}slot_{safe_name(sub['slot']) or at}"
    return _without_twins(apart(wanted, otherwise, taken))


def _without_twins(names: dict[Owner, str]) -> dict[Owner, str]:
    """Number what still shares a name, as on an appliance that lists one place twice."""
    twins = set(shared_names(names.values()))
    seen: dict[str, int] = {}
    for owner, name in names.items():
        if name in twins:
            seen[name] = seen.get(name, 0) + 1
            names[owner] = f"{name}{APART}{seen[name]}"
    return names


def _names_of_hosts(servers: Mapping[Identity, Server], taken: Collection[str]) -> dict[Identity, str]:
    """Return the host name of each server: its DNS name where this is one of its own, else its address."""
    shared = set(
        shared_names(_prefix(identity) + name for identity, server in servers.items() for name in server.names)
    )
    best: dict[Identity, str] = {}
    for identity, server in servers.items():
        own = next(iter(server.names), "")
        best[identity] = own if len(server.names) == 1 and _prefix(identity) + own not in shared else server.address
    # A server that is not resolved has a name for its address too, and that may be any
    wanted = {
        identity: "" if name.startswith(_SERVER + APART) else _prefix(identity) + name
        for identity, name in best.items()
    }
    otherwise = {identity: f"{_SERVER}{APART}{_prefix(identity)}{identity[1]}" for identity in servers}
    result = apart(wanted, otherwise, taken)
    for identity, server in servers.items():
        if result[identity] != best[identity]:
            server.connects_to = best[identity]
    return result


def _prefix(identity: Identity) -> str:
    return f"{safe_name(identity[0]) or digest(identity[0])}_" if identity[0] else ""


def leaves_up(children: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield each parent with each of its children, the lowest first."""
    for parent, own in reversed(children.items()):
        for child in own:
            yield parent, child
