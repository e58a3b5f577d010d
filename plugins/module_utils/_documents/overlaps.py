# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Entries of a document that are one and the same object under two names, or that claim one and the same port. Pure.

That entries have the same name is found without an appliance, by Document.repeated.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import Document, World


def in_document(document: Document) -> list[Problem]:
    """Return what is certain without an appliance: a nickname that another entry gives to the service of an address."""
    services = [(wanted, place) for wanted, place in _placed(document) if isinstance(wanted, VirtualService)]
    given = {
        wanted.options["nickname"]: place
        for wanted, place in services
        if wanted.ref.by_place and wanted.present and wanted.options.get("nickname")
    }
    return [
        _same(wanted, place, given[wanted.ref.nickname])
        for wanted, place in services
        if not wanted.ref.by_place and wanted.ref.nickname in given
    ]


def on(world: World, document: Document) -> list[Problem]:
    """Return what an appliance shows: entries that are the same object of it, and ports that would be claimed twice."""
    first: dict[Hashable, str] = {}
    problems = []
    for wanted, place in _placed(document):
        found = _found(wanted, world, document)
        if found is not None and found in first:
            problems.append(_same(wanted, place, first[found]))
        elif found is not None:
            first[found] = place
    return [*problems, *_claimed_twice(world, document)]


def _placed(document: Document) -> Iterator[tuple[Any, str]]:
    return zip(document, document.places, strict=True)


def _same(wanted: Any, place: str, before: str) -> Problem:
    return Problem(place, f"{wanted.subject} is the same one as in {before}. Name it once, and say there all of it.")


def _found(wanted: Any, world: World, document: Document) -> Hashable:
    """Return what tells the object of the appliance that is meant from all others; None where there is none."""
    try:
        if isinstance(wanted, VirtualService):
            service = wanted.find(world)
            return service and ("service", service.index)
        if isinstance(wanted, RealServer):
            service = document.service(wanted.owner, world)
            return service and ("server", service.index, *wanted.key(service))
    except InvalidOption:
        return None  # its own plan says what is wrong
    return None


def _claimed_twice(world: World, document: Document) -> Iterator[Problem]:
    """Yield services whose extra ports have the port of another one of the same address and protocol."""
    services = [
        (wanted, place)
        for wanted, place in _placed(document)
        if isinstance(wanted, VirtualService) and wanted.present and wanted.ref.by_place
    ]
    for wanted, place in services:
        service = world.services.find(wanted.ref)
        present = TABLE.read(service.record)["extra_ports"] if service else []
        for ports in wanted.options.get("extra_ports", ()):
            # What the appliance has already, it may keep
            for other, where in services if ports not in present else ():
                beside = (other.ref.protocol, other.ref.address) == (wanted.ref.protocol, wanted.ref.address)
                if beside and other is not wanted and _has(_ports(ports), other.ref.port):
                    yield Problem(place, f"extra_ports has {ports}, but {other.subject} in {where} has that port.")


def _ports(text: str) -> range:
    low, _dash, high = text.partition("-")
    return range(int(low), int(high or low) + 1)


def _has(ports: range, port: str) -> bool:
    """Tell whether a port is among others. The port * takes only what no other service has."""
    return port.isdigit() and int(port) in ports
