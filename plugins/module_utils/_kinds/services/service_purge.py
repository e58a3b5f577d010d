# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Purge of services, SubVSs and real servers. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import unlisted
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.server_table import describe
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import (
    VirtualService,
    service_in,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Named, Purging
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World

Owner: TypeAlias = "VirtualService | SubVirtualService"


def _services(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    wanted = {found.ref for each in document.all(VirtualService) if (found := each.find(world)) is not None}
    for service in world.services:
        if isinstance(service.ref, ServiceRef) and not service.is_sub_service and service.ref not in wanted:
            yield Named(service.nickname, service.ref.address), VirtualService(service.ref, present=False)


def _subs(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for wanted, service in _listed(world, document, "sub_virtual_services"):
        listed = document.owned(SubVirtualService, wanted.ref)
        names = {sub.ref.name for sub in listed}
        taken_care_of = any(sub.present for sub in listed)
        for sub in world.services.subs(service):
            left_behind = taken_care_of and not sub.nickname and sub.is_empty
            # A document cannot leave out what it cannot name.
            can_be_named = sub.nickname not in names and world.services.has_unique_name(sub)
            if isinstance(sub.ref, SubRef) and can_be_named and not left_behind:
                yield Named(sub.nickname), SubVirtualService(sub.ref, present=False)


def _nameless(world: World, document: Document) -> Iterator[str]:
    for _wanted, service in _listed(world, document, "sub_virtual_services"):
        for sub in world.services.subs(service):
            if not world.services.has_unique_name(sub):
                yield (
                    f"{label(sub.ref)} was kept because its name is not unique. Rename or delete it on the LoadMaster."
                )


def _servers(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for wanted, service in _listed(world, document, "real_servers"):
        addresses = {
            (each["address"], each["port"]): str(record.get("Addr", ""))
            for record in service.servers
            for each in [describe(record)]
        }
        for gone in unlisted(wanted.ref, service, document, wanted.terms):
            yield Named(gone.address, addresses[gone.address, gone.port]), gone


def _listed(world: World, document: Document, member: str) -> Iterator[tuple[Owner, Service]]:
    """Yield the services of a document that say what they have of a kind, as they are wanted and as they are."""
    owners: list[Owner] = [*document.all(VirtualService), *document.all(SubVirtualService)]
    for wanted in owners:
        if wanted.present and member in wanted.lists:
            service = service_in(document, wanted.ref, world)
            if service is not None:
                yield wanted, service


_READS = frozenset({LIST_SERVICES})
OF_SERVICES = Purging(_services, _READS, with_address=True)
OF_SUBS = Purging(_subs, _READS, staying=_nameless)
OF_SERVERS = Purging(_servers, _READS, with_address=True)
