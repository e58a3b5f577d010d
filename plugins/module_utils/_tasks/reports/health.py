# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What needs attention in a result of info: objects that are down, and certificates that expire. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# An object in one of these states is healthy, or was disabled on purpose
AS_WANTED = ("up", "redirect", "unchecked", "disabled", "sorry")


def down(services: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of services, SubVSs and real servers that are down, in the order of the services."""
    return [name for service in services for name in _down(service, _name(service))]


def expiring(certificates: Iterable[Mapping[str, Any]], days: int) -> list[str]:
    """Return the names of certificates with fewer days left. One that could not be parsed is not among them."""
    return [
        str(certificate["name"])
        for certificate in certificates
        if isinstance(certificate.get("days_left"), int) and certificate["days_left"] < days
    ]


def _down(service: Mapping[str, Any], name: str) -> Iterator[str]:
    if service.get("status") not in AS_WANTED:
        yield name
    for server in service.get("real_servers") or ():
        if server.get("status") not in AS_WANTED:
            yield f"{server['address']}:{server['port']} of {name}"
    for sub in service.get("sub_virtual_services") or ():
        yield from _down(sub, f"{sub['name']} of {name}")


def _name(service: Mapping[str, Any]) -> str:
    return f"{service['protocol']}/{service['address']}:{service['port']}"
