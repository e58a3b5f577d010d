# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The real servers of a LoadMaster as they were read, in plain values that a cache can hold: services, SubVSs and their servers.

A listing is a list of services. Each is a dictionary of texts and booleans, with its SubVSs in ``subs`` and its servers in
``servers``; SERVICE, SUB and SERVER have the members and their types. Nothing in it depends on an option of the inventory
file, except that ``connections`` has a number only if someone asked for it.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import Connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.snapshot import Snapshot
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import LoadMasterError
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import TRUE, canonical_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES

STATISTICS = "stats"
# Whenever the members change, a cache's listings with the former ones are ignored
FORMAT = 1

Listing = list[dict[str, Any]]

_SHARED = {"nickname": str, "enabled": bool, "checked": bool, "servers": list}
SERVICE = {**_SHARED, "protocol": str, "address": str, "port": str, "subs": list}
SUB = {**_SHARED, "slot": str}
SERVER = {"address": str, "name": str, "port": str, "weight": int, "enabled": bool, "status": str}


def read_all(connections: Sequence[Connection], statistics: bool, parallel: int) -> list[Listing | LoadMasterError]:
    """Return the listing of each LoadMaster, or why it cannot be read; ``parallel`` of them are read at a time."""

    def attempt(connection: Connection) -> Listing | LoadMasterError:
        try:
            return read(connection, statistics)
        except LoadMasterError as error:
            return error

    if not connections:
        return []
    with ThreadPoolExecutor(max_workers=min(parallel, len(connections))) as pool:
        return list(pool.map(attempt, connections))


def read(connection: Connection, statistics: bool) -> Listing:
    """Return the listing of a LoadMaster, with one call, or two with ``statistics``. Raises LoadMasterError."""
    session = Session.open(connection)
    try:
        return of_snapshot(session.snapshot, statistics)
    finally:
        session.close()


def of_snapshot(snapshot: Snapshot, statistics: bool) -> Listing:
    """Return the listing of what a snapshot reads. Raises LoadMasterError."""
    services = snapshot.world({LIST_SERVICES}).services
    count = _counter(snapshot.answer(STATISTICS)) if statistics else None
    return [
        {
            **_service(service, count),
            "protocol": service.ref.protocol,
            "address": service.ref.address,
            "port": service.ref.port,
            "subs": [{**_service(sub, count), "slot": sub.slot_number} for sub in services.subs(service)],
        }
        for service in services
        if isinstance(service.ref, ServiceRef) and not service.is_sub_service
    ]


def is_listing(value: Any) -> bool:
    """Return whether a value is a listing: a file of a cache may hold anything."""
    return isinstance(value, list) and all(
        _has(service, SERVICE)
        and all(_has(sub, SUB) for sub in service["subs"])
        and all(_has(server, SERVER) for each in (service, *service["subs"]) for server in each["servers"])
        for service in value
    )


def _has(value: Any, members: Mapping[str, type]) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), kind) for name, kind in members.items())


def _service(service: Service, count: Callable[[str], int] | None) -> dict[str, Any]:
    parent = service.parent
    flags = [service.slot, service.record, parent.record] if parent else [service.record]
    return {
        "nickname": service.nickname,
        # Of a disabled service, the appliance says nothing about health
        "enabled": all(str(record.get("Enable") or "Y").strip().lower() in TRUE for record in flags),
        "checked": str(service.record.get("CheckType", "")).strip().lower() != "none",
        "servers": [_server(record, count) for record in service.servers],
    }


def _server(record: Mapping[str, Any], count: Callable[[str], int] | None) -> dict[str, Any]:
    state = server_table.TABLE.read(record)
    return {
        "address": canonical_address(str(record.get("Addr") or "").strip()),
        "name": str(record.get("DnsName") or "").strip().lower(),
        "port": str(record.get("Port") or ""),
        "weight": state["weight"],
        "enabled": state["enabled"],
        "status": str(record.get("Status") or "").strip().lower(),
        "connections": count(str(record.get("RsIndex"))) if count else None,
    }


def _counter(statistics: Mapping[str, Any]) -> Callable[[str], int]:
    """Return a function that tells how many connections are open to a server, by its number."""
    records = {str(record.get("RSIndex")): record.get("ActivConns") for record in statistics.get("Rs") or []}

    def count(number: str) -> int:
        try:
            return int(float(records.get(number) or 0))
        except (TypeError, ValueError, OverflowError):
            return 0

    return count
