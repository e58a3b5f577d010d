# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Conflicts: entries that mean the same service or server, or claim the same port. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import (
    VirtualService,
    service_in,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World


def same_service(wanted: VirtualService, world: World, _document: Document) -> Hashable:
    """Return the identity of the service, or None."""
    try:
        service = wanted.find(world)
    except InvalidOption:
        return None  # its own plan says what is wrong
    return service and service.index


def same_server(wanted: RealServer, world: World, document: Document) -> Hashable:
    """Return the identity of the real server; None if its service does not exist."""
    try:
        service = service_in(document, wanted.owner, world)
        return service and (service.index, *wanted.key(service))
    except InvalidOption:
        return None  # its own plan says what is wrong


def claimed_ports(world: World, document: Document) -> Iterator[Problem]:
    """Yield services whose extra ports include the port of another one with the same address and protocol."""
    services = [
        (wanted, place)
        for wanted, place in zip(document, document.places, strict=True)
        if isinstance(wanted, VirtualService) and wanted.present and wanted.ref.by_place
    ]
    for wanted, place in services:
        service = world.services.find(wanted.ref)
        present = TABLE.read(service.record)["extra_ports"] if service else []
        for ports in wanted.options.get("extra_ports", ()):
            # Existing overlaps may stay
            for other, where in services if ports not in present else ():
                beside = (other.ref.protocol, other.ref.address) == (wanted.ref.protocol, wanted.ref.address)
                if beside and other is not wanted and _has(_ports(ports), other.ref.port):
                    yield Problem(place, f"extra_ports has {ports}, but {other.subject} in {where} has that port.")


def _ports(text: str) -> range:
    low, _dash, high = text.partition("-")
    return range(int(low), int(high or low) + 1)


def _has(ports: range, port: str) -> bool:
    """Return whether a port is among others. The port * matches only what no other service has."""
    return port.isdigit() and int(port) in ports
