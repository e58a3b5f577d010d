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
        Field(
            "state",
            "",
            Choice(words={"out_of_service": "", "in_service": ""}),
            description="Whether the server should be in service.",
            choices={
                "out_of_service": ("The server is disabled everywhere, and its connections had time to end."),
                "in_service": "The server is enabled where it was taken out, and healthy.",
            },
        ),
        Field(
            "address",
            "rs",
            ADDRESS,
            label="Real Servers",
            description=(
                "The IP address of the server, or its domain name if it was added with that. Use the same one to "
                "take it out and to put it back."
            ),
        ),
        Field(
            "drain_timeout",
            "",
            Integer(high=_DAY),
            preset=300,
            description=(
                "How many seconds to wait for the connections to end, with O(state=out_of_service). When the time "
                "is up, the task warns, goes on, and returns how many are left. To make it fail instead, use "
                "RV(server_maintenance.drained) in C(failed_when).",
                "The LoadMaster counts every 5 seconds, so a zero is believed 5 seconds after the task "
                "has disabled the server or found it disabled. With less time than that the task never finds "
                "that the server has no connections left.",
                "From V(0), which checks once without waiting, to V(86400).",
            ),
        ),
        Field(
            "poll_interval",
            "",
            Integer(low=1, high=3600),
            preset=5,
            description=(
                "How many seconds to wait between two checks. Each costs one call of the API and prints one line. "
                "The LoadMaster counts every 5 seconds.",
                "From V(1) to V(3600).",
            ),
        ),
        Field(
            "cut_connections",
            "",
            Flag(),
            preset=False,
            description=(
                "Ends the connections that are left after O(drain_timeout), at layer 7. At layer 4 the LoadMaster "
                "cannot end connections.",
                "It applies to services where this module took the server out and it is still disabled. If a "
                "person disabled or enabled it, it stays unchanged.",
                ("With an O(drain_timeout) below 5, the task first waits 5 seconds to find the remaining connections."),
                "The API has no command that ends connections. Only two settings do, "
                "O(kemp.loadmaster.settings#module:drop_at_drain_time_end) and "
                "O(kemp.loadmaster.settings#module:l7_drain_time): with them, a server loses its connections when "
                "it is disabled. So the task sets them, enables the server for a moment, disables it again, and "
                "waits up to 30 seconds until the connections are gone. Then it restores both settings. In that "
                "moment new clients may reach the server, and are cut off as well.",
                "Both settings are global. Another server that is disabled in that time loses its connections "
                "too, and so may one that is draining. The task notes the settings before it changes them, with "
                "an identifier of the run. If a run is interrupted, the next run of this module restores them; on "
                "another machine, once the note is five minutes old. Until then, a second run that ends "
                "connections waits. This requires synchronised clocks. Two runs that begin at the same moment do "
                "not see each other.",
                "It requires the permission to change settings.",
            ),
        ),
        ALLOW_NO_SERVERS._replace(
            description=(
                "Allows taking out a server that a service needs. Otherwise the task names the services and fails "
                "before it changes anything. If this shows only afterwards, the task puts the server back."
            )
        ),
        Field(
            "wait_healthy",
            "",
            Flag(),
            preset=True,
            description=(
                "Whether to wait until the server is healthy, with O(state=in_service), in all enabled "
                "services where it is enabled. It is an error if it is not when O(healthy_timeout) is over; "
                "the server stays enabled then, and gets no clients where its health check fails.",
                "Whether the LoadMaster checks disabled servers is not on record, so the health is known only "
                "after the server is back. Services without a health check do not count.",
            ),
        ),
        Field(
            "healthy_timeout",
            "",
            Integer(high=_DAY),
            preset=300,
            description=(
                "How many seconds to wait until the server is healthy. The LoadMaster checks every few seconds, "
                "see O(kemp.loadmaster.settings#module:health_check_interval).",
                "From V(0) to V(86400).",
            ),
        ),
        Field(
            "settle_time",
            "",
            Integer(high=_DAY),
            preset=20,
            description=(
                "For how many seconds the server has to be back before the task believes that it is healthy, "
                "at most O(healthy_timeout). A LoadMaster may show a server as C(Up) until its first checks "
                "have failed.",
                "It has no effect if nothing was put back.",
                "From V(0) to V(86400).",
            ),
        ),
        Field(
            "remember",
            "",
            Flag(),
            preset=True,
            description=(
                (
                    "Whether to note on the LoadMaster what is taken out. It requires the permission to change "
                    "content rules."
                ),
                "With V(false), only the result contains what was taken out. Pass it as O(taken_out) to the task "
                "that puts the server back. If a run is interrupted before it returns a result, this is lost.",
            ),
        ),
    ),
    required=("state", "address"),
    about={
        "taken_out": (
            "What was taken out, as RV(server_maintenance.taken_out) says.",
            "With O(state=in_service) the server returns to these places only, whatever the note says. The "
            "rest of the note stays.",
            "With O(state=out_of_service) it is what an earlier run took out. It is added to the note and to "
            "the result.",
        )
    },
    lists={
        "taken_out": Shape(
            rows=(
                Field(
                    "virtual_service",
                    "",
                    Text(),
                    description=(
                        "The service that holds the server, or the parent of the SubVS that does, as "
                        "C(protocol/address:port) or by its nickname."
                    ),
                ),
                Field(
                    "sub_virtual_service",
                    "",
                    Text(),
                    description="The name of the SubVS.",
                ),
                Field(
                    "port",
                    "",
                    Text(),
                    description="The port of the server, if the service has it on several ports.",
                ),
                Field(
                    "id",
                    "",
                    Integer(),
                    description=(
                        "The number of the server in this place on the LoadMaster. It never changes. If set, it alone "
                        "identifies the place."
                    ),
                ),
            ),
            required=("virtual_service",),
        )
    },
)


@dataclass(frozen=True)
class Options:
    """The checked options. Times are in seconds; ``taken_out`` is None if the note on the appliance decides."""

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
