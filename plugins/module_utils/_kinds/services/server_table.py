# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Real servers as data: their fields, their shape, and how one is read. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import ALLOW_NO_SERVERS, STATE, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    Address,
    Choice,
    Flag,
    Integer,
    Port,
    Text,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service

TABLE = Table(
    [
        Field(
            "enabled",
            "enable",
            Flag(unset=True),
            reported="Enable",
            default="true",
            label="Real Servers",
            description=(
                "Whether the server gets connections. V(false) takes it out of service for maintenance. With "
                "persistence, its clients may stay for the drain time of the appliance. Without persistence and at layer 4, it gets no new connections."
            ),
        ),
        Field(
            "weight",
            "weight",
            Integer(low=1, high=65530),
            reported="Weight",
            default="1000",
            label="Real Servers > Weight",
            description=(
                "The share of the server, relative to the weights of the others, with the scheduling methods "
                "that use weights."
            ),
        ),
        Field(
            "forwarding",
            "forward",
            Choice(words={"nat": "nat", "route": "route"}, unset="nat"),
            reported="Forward",
            default="nat",
            label="Real Servers > Forwarding method",
            description="How packets get to the server.",
            choices={
                "nat": "The LoadMaster translates addresses, and answers come back through it.",
                "route": (
                    "Direct server return: the server answers the client itself. It requires a service at layer 4; at "
                    "layer 7 it has no effect."
                ),
            },
        ),
        Field(
            "connection_limit",
            "limit",
            Integer(high=100000),
            reported="Limit",
            default="0",
            unit="connections",
            label="Real Servers > Connection Limit",
            description=("The maximum of open connections; V(0) means no limit."),
        ),
        Field(
            "connection_rate_limit",
            "ratelimit",
            Integer(high=100000),
            reported="RateLimit",
            default="0",
            unit="connections per second",
            label="Real Servers",
            description=("The maximum of new connections a second; V(0) means no limit. Newer firmware only."),
        ),
        Field(
            "critical",
            "critical",
            Flag(),
            reported="Critical",
            default="false",
            label="Real Servers",
            description=(
                "Makes the server required, so that the service counts as down as soon as this server is "
                "down. The WUI shows it while "
                "O(kemp.loadmaster.virtual_service#module:enhanced_health_checks=true)."
            ),
        ),
        Field(
            "non_local",
            "non_local",
            Flag(),
            write_only=True,
            default="false",
            label="Real Servers > Allow Remote Addresses",
            description=(
                "Allows a server outside the networks of the LoadMaster. It requires "
                "O(kemp.loadmaster.settings#module:non_local_real_servers=true) and a service that is not "
                "transparent.",
                "The LoadMaster does not report it, so it is not compared. It applies when the server is added.",
            ),
        ),
    ]
)

# The state of a server after addrs, which ignores some of its parameters.
NEW_SERVER: Mapping[str, Any] = {
    "enabled": True,
    "weight": 1000,
    "forwarding": "nat",
    "connection_limit": 0,
    "connection_rate_limit": 0,
    "critical": False,
}

RULES = (rule_lists.CONTENT_RULES,)
ADDRESS = Address(names=True)
_PORT = Port(high=65535)
_ROWS = (
    STATE._replace(
        preset=None,
        description=(
            "Whether the service should have the server. Removing a server of a missing service is no error.",
            "The default is V(present). A task of M(kemp.loadmaster.real_server) with only O(enabled) or "
            "O(new_port) changes an existing server and never creates one, so a mistyped address is an error. "
            "To create one with these options alone, set V(present).",
        ),
        choices={
            "present": "The server exists, with the options of the task.",
            "absent": "The server does not exist.",
        },
    ),
    Field(
        "address",
        "rs",
        ADDRESS,
        label="Real Servers > Real Server Address",
        description=(
            "The IP address of the server, or its domain name. A name requires "
            "O(kemp.loadmaster.settings#module:dns_names=true) and a DNS server on the LoadMaster."
        ),
    ),
    Field(
        "port",
        "rsport",
        _PORT,
        label="Real Servers > Port",
        description=(
            "The port of the server, from 3 to 65535. It defaults to the port of the service; for a SubVS, to "
            "that of its parent. It is required if the service has all ports."
        ),
    ),
    Field(
        "new_port",
        "newport",
        _PORT,
        label="Real Servers > Port",
        description=(
            "The port to which the server moves with its rules and settings, from 3 to 65535. A server that "
            "is already there stays. A server that is at neither port is added there. With O(state=absent) "
            "the server is removed from either port."
        ),
    ),
    *TABLE.fields,
    *rule_lists.rows(RULES),
)

# One in the list of its service, and one by itself.
ENTRY = Shape(_ROWS, required=("address",))
SHAPE = Shape(
    rows=(
        Field(
            "virtual_service",
            "vs",
            Text(),
            description=(
                "The service of the server, or the parent of its SubVS. Give it as C(address:port), as "
                "C(protocol/address:port) if the protocol is not TCP, with an IPv6 address in brackets, or by its "
                "nickname if that is unique.",
                "API parameters C(vs), C(port) and C(prot). WUI: Virtual Services > View/Modify Services.",
            ),
        ),
        Field(
            "sub_virtual_service",
            "vs",
            Text(),
            label="SubVSs",
            description=(
                "The name of the SubVS that the server belongs to. O(virtual_service) is its parent then.",
                "The LoadMaster identifies it by an index, which the module looks up each time.",
            ),
        ),
        Field(
            "all_sub_virtual_services",
            "addtoallsubvs",
            Flag(),
            preset=False,
            label="Real Servers > Add to all SubVSs",
            description=(
                "Adds the server to every SubVS of O(virtual_service), with the same options. With "
                "O(state=absent) it removes the server from all of them. You cannot combine it with "
                "O(sub_virtual_service).",
                "If none of them has the server, one call adds it to all. Otherwise it is added where it is "
                "missing. At least one SubVS must exist.",
            ),
        ),
        *_ROWS,
        ALLOW_NO_SERVERS._replace(
            description=(
                "Allows removing or disabling the last enabled server of the service. Otherwise the task fails "
                "before it changes anything."
            )
        ),
    ),
    required=("virtual_service", "address"),
    exclusive=(("sub_virtual_service", "all_sub_virtual_services"),),
)


def subjects(service: Service) -> tuple[str, ...]:
    """Return the servers of a service by their names in messages."""
    owner = label(service.ref, service.nickname)
    return tuple(f"real server {place(record)} of {owner}" for record in service.servers)


def place(record: Mapping[str, Any]) -> str:
    """Return address and port of a server, for messages."""
    state = describe(record)
    return endpoint(state["address"], state["port"])


def describe(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a server as it was read, in Ansible's words. ``address`` is the name it was added with, if any."""
    address = str(record.get("DnsName") or "") or ADDRESS.read(record.get("Addr"))
    rules = rule_lists.read(RULES, record)
    return {"address": address, "port": str(record.get("Port", "")), **TABLE.read(record), **rules}


def entry(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a server as an entry of a document."""
    state = describe(record)
    rules = {each.option: state[each.option] for each in RULES if state[each.option]}
    return {"address": state["address"], "port": state["port"], **TABLE.departing(state, NEW_SERVER), **rules}


def key(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return the identity of a server within its service."""
    return ADDRESS.read(record.get("Addr")), str(record.get("Port", ""))
