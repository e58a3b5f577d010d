# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The module info: the appliance in Ansible's words, with live status and counters.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.snapshot import Snapshot
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate_facts
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule, rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    server_table,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import (
    HEALTH_TABLE,
    READ_ALONE,
    TABLE,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import (
    ALL_PARAMETERS,
    HEALTH,
    LIST_RULES,
    LIST_SERVICES,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports import (
    certificate_report,
    machine_statistics,
)

JMESPATH_ERROR: str | None
try:
    import jmespath
except ImportError:
    JMESPATH_ERROR = traceback.format_exc()
else:
    JMESPATH_ERROR = None

# Counters, by the appliance's names (services and servers differ) and ours.
_SERVICE_COUNTERS = {
    "ActiveConns": "active_connections",
    "TotalConns": "total_connections",
    "ConnsPerSec": "connections_per_second",
    "BytesRead": "bytes_read",
    "BytesWritten": "bytes_written",
}
_SERVER_COUNTERS = {
    "ActivConns": "active_connections",
    "Conns": "total_connections",
    "ConnsPerSec": "connections_per_second",
    "BytesRead": "bytes_read",
    "BytesWritten": "bytes_written",
}
_SYSTEM = {
    "hostname": "hostname",
    "version": "firmware",
    "serialnumber": "serial_number",
    "boottime": "booted",
    "activetime": "active_since",
    "time": "time",
    "hamode": "ha_mode",
}


def gather(snapshot: Snapshot, subsets: Sequence[str], only: str) -> dict[str, Any]:
    """Return the requested subsets; ``only`` limits services to one."""
    wanted = SUBSETS if "all" in subsets else {name: SUBSETS[name] for name in SUBSETS if name in subsets}
    result: dict[str, Any] = {}
    for name, read in wanted.items():
        result[name] = read(snapshot, only)
    if "statistics" in result and "virtual_services" in result:
        _add_counters(result["virtual_services"], snapshot.answer("stats"))
    return result


def warnings(subsets: Sequence[str]) -> list[str]:
    """Return sentences about requested details that are not available here."""
    about_certificates = {"all", "certificates", "intermediate_certificates"} & set(subsets)
    missing = certificate_facts.missing() if about_certificates else ""
    return [missing] if missing else []


def search(query: str, document: Mapping[str, Any], name: str = "query") -> Any:
    """Return the result of a JMESPath expression. ``name`` is the option that has it."""
    if JMESPATH_ERROR is not None:
        raise InvalidOption(
            f"The option {name} needs the Python library jmespath where this task runs: pip install jmespath."
        )
    try:
        return jmespath.search(query, document)
    except jmespath.exceptions.JMESPathError as error:
        raise InvalidOption(f"{name} is not a JMESPath expression that works: {str(error).splitlines()[0]}.") from None


def _virtual_services(snapshot: Snapshot, only: str) -> list[dict[str, Any]]:
    world = snapshot.world({LIST_SERVICES})
    if only:
        found = world.services.find(ServiceRef.parse(only))
        services: list[Service] = [found] if found else []
    else:
        services = [service for service in world.services if not service.is_sub_service]
    return [
        {
            **_service(service, virtual_service.describe(service, world)),
            "sub_virtual_services": [
                _service(sub, sub_virtual_service.describe(sub, world)) for sub in world.services.subs(service)
            ],
        }
        for service in services
    ]


def _service(service: Service, state: dict[str, Any]) -> dict[str, Any]:
    servers = [
        {
            **server_table.describe(record),
            "status": str(record.get("Status", "")).lower(),
            "id": _number(record.get("RsIndex")),
        }
        for record in service.servers
    ]
    live = {
        "status": str(service.record.get("Status", "")).lower(),
        "layer": _number(service.record.get("Layer")),
        "index": _number(service.index),
    }
    return {**state, **live, "real_servers": servers}


def _content_rules(snapshot: Snapshot, _only: str) -> list[dict[str, Any]]:
    world = snapshot.world({LIST_RULES, LIST_SERVICES})
    return [
        {**rule, "assigned_to": rule_lists.holders(world.services, rule["name"])}
        for rule in content_rule.all_rules(world)
    ]


def _certificates(snapshot: Snapshot, _only: str) -> list[dict[str, Any]]:
    world = snapshot.world(certificate_report.LISTINGS)
    return certificate_report.certificates(snapshot.world(certificate_report.single_reads(world)), time.time())


def _intermediates(snapshot: Snapshot, _only: str) -> list[dict[str, Any]]:
    world = snapshot.world(certificate_report.LISTINGS_OF_INTERMEDIATES)
    reads = certificate_report.single_reads(world, intermediates_only=True)
    return certificate_report.intermediates(snapshot.world(reads), time.time())


def _settings(snapshot: Snapshot, _only: str) -> dict[str, Any]:
    reads = {ALL_PARAMETERS, HEALTH} | {f"get:{name}" for name in READ_ALONE}
    world = snapshot.world(reads)
    named = {row.member.lower() for row in (*TABLE.fields, *HEALTH_TABLE.fields)}
    state = appliance_settings.describe(world)
    shown = {
        option: TABLE.by_option[option].shown(value) if option in TABLE.by_option else value
        for option, value in state.items()
    }
    others = {name: value for name, value in snapshot.answer(ALL_PARAMETERS).items() if name.lower() not in named}
    return {**shown, "parameters": others}


def _system(snapshot: Snapshot, _only: str) -> dict[str, Any]:
    parameters = snapshot.world({ALL_PARAMETERS}).parameters
    return {ours: parameters.get(theirs, "") for theirs, ours in _SYSTEM.items()}


def _statistics(snapshot: Snapshot, _only: str) -> dict[str, Any]:
    totals = snapshot.answer("vstotals")
    stats = snapshot.answer("stats")
    traffic = stats.get("VStotals") or {}
    return {
        **machine_statistics.read(stats),
        "virtual_services": _counts(totals.get("VSTotals")),
        "sub_virtual_services": _counts(totals.get("SUBVSTotals")),
        "real_servers": _counts(totals.get("RSTotals")),
        "connections_per_second": _number(traffic.get("ConnsPerSec")),
        "total_connections": _number(traffic.get("TotalConns")),
        "bytes_per_second": _number(traffic.get("BytesPerSec")),
        "total_bytes": _number(traffic.get("TotalBytes")),
    }


def _commands(snapshot: Snapshot, _only: str) -> list[str]:
    return [str(command) for command in snapshot.answer("listapi").get("commands") or []]


SUBSETS: dict[str, Callable[[Snapshot, str], Any]] = {
    "virtual_services": _virtual_services,
    "content_rules": _content_rules,
    "certificates": _certificates,
    "intermediate_certificates": _intermediates,
    "settings": _settings,
    "system": _system,
    "statistics": _statistics,
    "commands": _commands,
}


def _add_counters(services: Sequence[dict[str, Any]], stats: Mapping[str, Any]) -> None:
    by_service = {str(record.get("Index")): record for record in stats.get("Vs") or []}
    by_server = {str(record.get("RSIndex")): record for record in stats.get("Rs") or []}
    for service in [each for top in services for each in (top, *top["sub_virtual_services"])]:
        service["counters"] = _counters(by_service.get(str(service["index"])), _SERVICE_COUNTERS)
        for server in service["real_servers"]:
            server["counters"] = _counters(by_server.get(str(server["id"])), _SERVER_COUNTERS)


def _counters(record: Mapping[str, Any] | None, names: Mapping[str, str]) -> dict[str, int]:
    return {ours: _number((record or {}).get(theirs)) for theirs, ours in names.items()}


def _counts(record: Any) -> dict[str, int]:
    record = record if isinstance(record, dict) else {}
    return {word.lower(): _number(record.get(word)) for word in ("Total", "Up", "Down", "Disabled")}


def _number(raw: Any) -> int:
    try:
        return int(float(raw))
    except (TypeError, ValueError):
        return 0
