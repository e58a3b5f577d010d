# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of server_maintenance: their rows, and their values as an object. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import ALLOW_NO_SERVERS, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    Choice,
    Flag,
    Integer,
    Text,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import ADDRESS, Entry

_DAY = 86400
SHAPE = Shape(
    rows=(
        Field("state", "", Choice(words={"out_of_service": "", "in_service": ""})),
        Field("address", "rs", ADDRESS),
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


@dataclass(frozen=True)
class Options:
    """What the user asks for. Times are in seconds; ``taken_out`` is None where the note on the appliance decides."""

    out_of_service: bool
    address: str
    drain_timeout: int
    poll_interval: int
    cut_connections: bool
    allow_no_servers: bool
    wait_healthy: bool
    healthy_timeout: int
    settle_time: int
    remember: bool
    taken_out: tuple[Entry, ...] | None

    @classmethod
    def checked(cls, options: Mapping[str, Any]) -> Options:
        """Build it from the options of a task. Raises InvalidOption."""
        values = SHAPE.checked(SHAPE.own(options))
        taken_out = values.get("taken_out")
        return cls(
            out_of_service=values["state"] == "out_of_service",
            address=values["address"],
            drain_timeout=values["drain_timeout"],
            poll_interval=values["poll_interval"],
            cut_connections=bool(values["cut_connections"]),
            allow_no_servers=bool(values["allow_no_servers"]),
            wait_healthy=bool(values["wait_healthy"]),
            healthy_timeout=values["healthy_timeout"],
            settle_time=values["settle_time"],
            remember=bool(values["remember"]),
            taken_out=None if taken_out is None else tuple(taken_out),
        )
