# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Real servers as data: their fields, what may be said about one, and one as it was read. Pure.

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
        Field("enabled", "enable", Flag(unset=True), reported="Enable", default="true"),
        Field("weight", "weight", Integer(low=1, high=65530), reported="Weight", default="1000"),
        Field(
            "forwarding",
            "forward",
            Choice(words={"nat": "nat", "route": "route"}, unset="nat"),
            reported="Forward",
            default="nat",
        ),
        Field("connection_limit", "limit", Integer(high=100000), reported="Limit", default="0", unit="connections"),
        Field(
            "connection_rate_limit",
            "ratelimit",
            Integer(high=100000),
            reported="RateLimit",
            default="0",
            unit="connections per second",
        ),
        Field("critical", "critical", Flag(), reported="Critical", default="false"),
        Field("non_local", "non_local", Flag(), write_only=True, default="false"),
    ]
)

# What a server is after addrs, which takes the settings sent with it only in part.
FRESH: Mapping[str, Any] = {
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
    STATE,
    Field("address", "rs", ADDRESS),
    Field("port", "rsport", _PORT),
    Field("new_port", "newport", _PORT),
    *TABLE.fields,
    *rule_lists.rows(RULES),
)

# One in the list of its service, and one by itself.
ENTRY = Shape(_ROWS, required=("address",))
SHAPE = Shape(
    rows=(
        Field("virtual_service", "vs", Text()),
        Field("sub_virtual_service", "vs", Text()),
        Field("all_sub_virtual_services", "addtoallsubvs", Flag(), preset=False),
        *_ROWS,
        ALLOW_NO_SERVERS,
    ),
    required=("virtual_service", "address"),
    exclusive=(("sub_virtual_service", "all_sub_virtual_services"),),
)


def subjects(service: Service) -> tuple[str, ...]:
    """Return the servers of a service that was read as messages name them."""
    owner = label(service.ref, service.nickname)
    return tuple(f"real server {place(record)} of {owner}" for record in service.servers)


def place(record: Mapping[str, Any]) -> str:
    """Return address and port of a server that was read, as messages have them."""
    state = describe(record)
    return endpoint(state["address"], state["port"])


def describe(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a server as it was read, in Ansible's words. ``address`` is the name it was added with, if any."""
    address = str(record.get("DnsName") or "") or ADDRESS.read(record.get("Addr"))
    rules = rule_lists.read(RULES, record)
    return {"address": address, "port": str(record.get("Port", "")), **TABLE.read(record), **rules}


def entry(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a server as a document has it."""
    state = describe(record)
    rules = {each.option: state[each.option] for each in RULES if state[each.option]}
    return {"address": state["address"], "port": state["port"], **TABLE.departing(state, FRESH), **rules}


def key(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return what tells a server that was read from others of its service."""
    return ADDRESS.read(record.get("Addr")), str(record.get("Port", ""))
