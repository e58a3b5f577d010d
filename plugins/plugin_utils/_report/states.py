# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The states of services and servers on a page: a sign and a word beside each colour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports.health import AS_WANTED


class State(NamedTuple):
    """A state: its class in the style, its sign, and its word."""

    style: str
    sign: str
    word: str


def state_of(part: Mapping[str, Any]) -> State:
    """Return the state of a service, SubVS or real server."""
    word = str(part.get("status") or "unknown")
    if not part.get("enabled", True) or word == "disabled":
        return State("off", "–", "disabled")
    if word not in AS_WANTED:
        return State("bad", "✕", word)
    return State("plain", "○", word) if word in ("unchecked", "sorry") else State("good", "✓", word)


def of_certificate(days: Any, expiry_days: int) -> State:
    """Return the state of a certificate by its days left; None where it could not be read."""
    if not isinstance(days, int):
        return State("plain", "○", "not read")
    if days < 0:
        return State("bad", "✕", "expired")
    return State("warn", "!", "expires soon") if days < expiry_days else State("good", "✓", "valid")


class Counts(NamedTuple):
    """How many there are, how many are down, and how many are disabled."""

    total: int
    down: int
    disabled: int


def counts(parts: list[Mapping[str, Any]]) -> Counts:
    """Count services, SubVSs or real servers."""
    styles = [state_of(part).style for part in parts]
    return Counts(len(parts), styles.count("bad"), styles.count("off"))


def subs(services: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the SubVSs of services."""
    return [sub for service in services for sub in service.get("sub_virtual_services") or ()]


def servers(services: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the real servers of services and of their SubVSs, one in several services several times."""
    return [server for part in _parts(services) for server in part.get("real_servers") or ()]


def connections(part: Mapping[str, Any]) -> int:
    """Return the open connections of a part, 0 where they were not read."""
    return int((part.get("counters") or {}).get("active_connections") or 0)


def _parts(services: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for service in services:
        yield service
        yield from service.get("sub_virtual_services") or ()


def place(service: Mapping[str, Any]) -> str:
    """Return the place of a service on the network, as messages have it."""
    address = f"[{service['address']}]" if ":" in str(service["address"]) else service["address"]
    return f"{service['protocol']}/{address}:{service['port']}"


def address_of(server: Mapping[str, Any]) -> str:
    """Return address and port of a real server."""
    address = f"[{server['address']}]" if ":" in str(server["address"]) else server["address"]
    return f"{address}:{server['port']}"
