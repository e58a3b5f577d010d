# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Open connections of a server, from the counters of the appliance.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import Place

STATISTICS = "stats"
# The appliance counts every 5 seconds: earlier values may predate the disabling of the server.
STATISTICS_PERIOD = 5.0


@dataclass(frozen=True)
class Count:
    """What is still open to a server; None where the appliance does not report it.

    ``known_clients`` are those that persistence sends back to it, ``places`` the numbers of the places with connections.
    """

    connections: int | None
    known_clients: int | None = 0
    places: frozenset[str] = frozenset()


def count_open(held: Iterable[Place], statistics: Mapping[str, Any]) -> Count:
    """Return the counters for the places of a server."""
    records = {str(record.get("RSIndex")): record for record in statistics.get("Rs") or []}
    connections: int | None = 0
    known: int | None = 0
    busy = set()
    for place in held:
        record = records.get(place.number, {})
        active = _number(record.get("ActivConns"))
        connections = None if connections is None or active is None else connections + active
        if active:
            busy.add(place.number)
        if place.lets_clients_return:
            clients = _number(record.get("Persist"))
            known = None if known is None or clients is None else known + clients
    return Count(connections, known, frozenset(busy))


def _number(raw: Any) -> int | None:
    try:
        return int(float(raw))
    except (TypeError, ValueError):
        return None
