# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Compose a service with its SubVSs and real servers from an entry of a document, and check it. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    server_table,
    service_table,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import (
    OtherServers,
    RealServer,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.composer import Composer
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import AnyRef, ServiceRef, SubRef

ENTRY = replace(
    virtual_service.SHAPE,
    lists={"real_servers": server_table.ENTRY, "sub_virtual_services": sub_virtual_service.ENTRY},
)
_RULE_LISTS = (*rule_lists.OF_SERVICES, rule_lists.CONTENT_RULES)


def objects_of_service(entry: Mapping[str, Any], terms: Terms) -> list[Desired]:
    """Return the objects of a checked service entry. Raises InvalidOption if it contradicts itself."""
    return [*document_of_service(entry, terms)]


def document_of_service(entry: Mapping[str, Any], terms: Terms) -> Document:
    """Return a document with one checked entry for a service. Raises InvalidOption where it contradicts itself."""
    composer = Composer(terms, [])
    compose_service(composer, "", entry)
    return _finished(composer)


def document_of_sub(parent: ServiceRef, entry: Mapping[str, Any], terms: Terms) -> Document:
    """Return a document with one checked entry for a SubVS. Raises InvalidOption where it contradicts itself."""
    composer = Composer(terms, [])
    _compose_sub(composer, "", parent, entry)
    return _finished(composer)


def _finished(composer: Composer) -> Document:
    if composer.problems:
        raise InvalidOption.from_problems(composer.problems)
    return Document(composer.objects, composer.places, composer.completions)


def compose_service(composer: Composer, place: str, entry: Mapping[str, Any]) -> None:
    """Add the service that an entry means, with its SubVSs and real servers."""
    # Check the parts of an invalid service too
    ref = ServiceRef(nickname=place)
    service = composer.add(place, lambda: VirtualService.from_options(entry, composer.terms))
    if service is not None:
        ref = service.ref
        _check_needs(composer, place, service_table.TABLE, service)
    _add_servers(composer, place, ref, entry)
    for number, sub in enumerate(entry.get("sub_virtual_services", ())):
        _compose_sub(composer, f"{place}.sub_virtual_services[{number}]", ref, sub)


def _compose_sub(composer: Composer, place: str, parent: ServiceRef, entry: Mapping[str, Any]) -> None:
    ref = SubRef(parent, place)
    if sub_virtual_service.ENTRY.complete(entry):
        sub = composer.add(place, lambda: SubVirtualService.from_options(parent, entry, composer.terms))
        if sub is not None:
            ref = sub.ref
            _check_needs(composer, place, sub_virtual_service.TABLE, sub)
    _add_servers(composer, place, ref, entry)


def _check_needs(composer: Composer, place: str, table: Table, made: VirtualService | SubVirtualService) -> None:
    composer.check(place, lambda: table.check_needs(made.options, made.options, made.subject))


def _add_servers(composer: Composer, place: str, owner: AnyRef, entry: Mapping[str, Any]) -> None:
    terms = composer.terms.with_permissions(entry)
    _compose_exact(composer, place, owner, entry)
    for number, server in enumerate(entry.get("real_servers", ())):
        if server_table.ENTRY.complete(server):
            where = f"{place}.real_servers[{number}]" if place else ""
            composer.add(where, partial(RealServer.from_options, owner, server, terms))


def _compose_exact(composer: Composer, place: str, owner: AnyRef, entry: Mapping[str, Any]) -> None:
    """Add the objects of an entry with an exact server list."""
    if not entry.get("exact_servers") or entry.get("state") == "absent":
        return
    if "real_servers" not in entry:
        composer.blame(place, InvalidOption("exact_servers needs real_servers: the servers that stay."))
        return
    where = f"{place}.real_servers" if place else ""
    composer.complete(OtherServers(owner, composer.terms.with_permissions(entry), where))


def check(document: Document) -> list[Problem]:
    """Return the problems of the services of a document, without an appliance."""
    return [*_two_names(document), *_rules_that_go(document)]


def _two_names(document: Document) -> list[Problem]:
    """Return the entries that name a service by a nickname that another entry assigns."""
    services = [
        (wanted, place)
        for wanted, place in zip(document, document.places, strict=True)
        if isinstance(wanted, VirtualService)
    ]
    given = {
        wanted.options["nickname"]: place
        for wanted, place in services
        if wanted.ref.by_place and wanted.present and wanted.options.get("nickname")
    }
    return [
        Problem(
            place,
            f"{wanted.subject} is the same as in {given[wanted.ref.nickname]}. Merge both entries.",
        )
        for wanted, place in services
        if not wanted.ref.by_place and wanted.ref.nickname in given
    ]


def _rules_that_go(document: Document) -> list[Problem]:
    """Return where a document assigns rules of its own that it removes, or that a list does not take."""
    kinds = {rule.name: (rule.kind or None) if rule.present else "" for rule in document.all(ContentRule)}
    problems: list[Problem] = []
    for wanted, place in zip(document, document.places, strict=True):
        if isinstance(wanted, (VirtualService, SubVirtualService, RealServer)) and wanted.present:
            try:
                rule_lists.check(_RULE_LISTS, wanted.rules, {}, lambda name, _assigned: kinds.get(name), wanted.subject)
            except InvalidOption as error:
                problems += [each._replace(place=place) for each in error.all_problems]
    return problems
