# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Export of services, with their SubVSs and real servers. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    server_table,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import AnyRef, ServiceRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Export
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World


def entries(world: World, made: Export) -> list[dict[str, Any]]:
    """Return all services, in the order of their addresses and ports."""
    services = [service for service in world.services if not service.is_sub_service]
    ordered = sorted(services, key=lambda service: _sort_key(service.ref))
    return [service_entry(service, world, made) for service in ordered]


def service_entry(service: Service, world: World, made: Export) -> dict[str, Any]:
    """Return a service with everything that belongs to it."""
    entry = virtual_service.entry(service, world)
    if is_own_cipher_set(entry.get("cipher_set", "")):
        made.warnings.append(
            f"{label(service.ref, service.nickname)} has ciphers of its own ({entry['cipher_set']}), which the document only names: "
            "no other LoadMaster has them under that name. Assign a cipher set to it."
        )
    subs = world.services.subs(service)
    if not subs:
        return {**entry, "real_servers": _servers(service)}
    entry["sub_virtual_services"] = []
    for sub in subs:
        if not world.services.has_unique_name(sub):
            made.warnings.append(
                f"SubVS {sub.nickname or 'without a name'} of {service.ref} is left out: its name is not unique. "
                "Rename it."
            )
        else:
            entry["sub_virtual_services"].append(
                {**sub_virtual_service.entry(sub, world), "real_servers": _servers(sub)}
            )
    return entry


def is_own_cipher_set(name: str) -> bool:
    """Return whether a cipher set is one that a service has for itself: it is deleted with the service, and cannot be assigned."""
    return bool(re.fullmatch(r"Custom_\d+", name))


def _servers(service: Service) -> list[dict[str, Any]]:
    entries = [server_table.entry(record) for record in service.servers]
    return sorted(entries, key=lambda entry: (_order(entry["address"]), int(entry["port"] or 0)))


def _sort_key(ref: AnyRef) -> tuple[Any, ...]:
    if not isinstance(ref, ServiceRef):
        return ()
    return _order(ref.address), int(ref.port) if ref.port.isdigit() else 0, ref.protocol


def _order(address: str) -> tuple[int, int, str]:
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return 9, 0, address
    return number.version, int(number), ""
