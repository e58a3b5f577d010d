# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The requests of health checks, to check a server while it is disabled. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import Place
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE

_WEB = ("http", "https")
# Every one of the first counts as healthy, and one of the second where the service does not name others.
_GOOD = range(200, 300)
_GOOD_BESIDES = (301, 302, 401)


class HealthCheck(TypedDict):
    """A health check request, its good statuses, and whether the appliance considers the server healthy."""

    url: str
    method: str
    headers: dict[str, str]
    body: str
    status_codes: list[int]
    healthy: bool


def health_checks(places: Iterable[Place]) -> list[HealthCheck]:
    """Return the unique HTTP requests by which enabled services check a server."""
    checks: list[HealthCheck] = []
    for place in places:
        check = _check(place) if place.in_use else None
        if check is None:
            continue
        same = next((known for known in checks if {**known, "healthy": check["healthy"]} == check), None)
        if same is None:
            checks.append(check)
        else:
            same["healthy"] = same["healthy"] or check["healthy"]
    return checks


def _check(place: Place) -> HealthCheck | None:
    service = TABLE.read(place.service.record)
    if service["check_type"] not in _WEB:
        return None
    address, port = place.state["address"], service["check_port"] or place.state["port"]
    host = f"[{address}]" if ":" in address else address
    headers = dict(_header(text) for text in service["check_headers"])
    if service["check_host"]:
        headers["Host"] = service["check_host"]
    others = [int(code) for code in service["check_codes"]] or _GOOD_BESIDES
    return {
        "url": f"{service['check_type']}://{host}:{port}/{service['check_url'].lstrip('/')}",
        "method": service["check_method"].upper(),
        "headers": headers,
        "body": service["check_post_data"],
        "status_codes": [*_GOOD, *others],
        "healthy": place.healthy,
    }


def _header(text: str) -> tuple[str, str]:
    name, _colon, value = text.partition(":")
    return name, value
