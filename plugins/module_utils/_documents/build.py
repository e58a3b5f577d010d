# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The whole appliance as one document: what may be in it, and which objects it means. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import overlaps
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Items
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate, cipher_set
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    Certificate,
    IntermediateCertificate,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.cipher_set import CipherSet
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule, rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    real_server,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import Settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import Completion, Desired, Document, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import AnyRef, ServiceRef, SubRef

_SERVICE = replace(
    virtual_service.SHAPE,
    lists={"real_servers": real_server.ENTRY, "sub_virtual_services": sub_virtual_service.ENTRY},
)
# What whoever made the document, such as a template, says against it.
FAULTS = Field("faults", "", Items(ordered=True))
SHAPE = Shape(
    rows=(FAULTS,),
    parts={"settings": appliance_settings.ENTRY},
    lists={
        "certificates": certificate.ENTRY,
        "intermediate_certificates": certificate.INTERMEDIATE_SHAPE,
        "cipher_sets": cipher_set.SHAPE,
        "content_rules": content_rule.SHAPE,
        "virtual_services": _SERVICE,
    },
)
# The members that a document can be asked to have all of, so that what it lacks goes; see _purge.
PURGEABLE = (
    "virtual_services",
    "sub_virtual_services",
    "real_servers",
    "content_rules",
    "certificates",
    "intermediate_certificates",
)
_RULE_LISTS = (*rule_lists.OF_SERVICES, rule_lists.CONTENT_RULES)


def build(given: Any, terms: Terms, purges: Sequence[Completion] = (), problems: Sequence[Problem] = ()) -> Document:
    """Return the objects that a document means. Raises InvalidOption with everything that is wrong with it.

    ``problems`` are those that the document came with.
    """
    problems = [*problems]
    checked = SHAPE.check(given, "", problems)
    if checked.get("faults"):
        # Whoever made the document knows better than what follows from it
        raise InvalidOption.of([Problem("", fault) for fault in checked["faults"]])
    builder = _Builder(terms._replace(whole=True), problems)
    builder.add_all(checked)
    if not terms.allow_empty_purge:
        problems += [Problem("purge", fault) for fault in (purge.fault(checked) for purge in purges) if fault]
    document = Document(builder.objects, builder.places, purges)
    problems += [*document.repeated(), *overlaps.in_document(document), *_rules_that_go(document)]
    if problems:
        raise InvalidOption.of(problems)
    return document


def _rules_that_go(document: Document) -> list[Problem]:
    """Return where a document assigns rules of its own that it removes, or that a list does not take."""
    rules = {rule.name: (rule.kind or None) if rule.present else "" for rule in document.of(ContentRule)}
    problems: list[Problem] = []
    for wanted, place in zip(document, document.places, strict=True):
        if isinstance(wanted, (VirtualService, SubVirtualService, RealServer)) and wanted.present:
            try:
                rule_lists.check(_RULE_LISTS, wanted.rules, {}, lambda name, _assigned: rules.get(name), wanted.subject)
            except InvalidOption as error:
                problems += [each._replace(place=place) for each in error.told]
    return problems


def objects_of_service(entry: Mapping[str, Any], terms: Terms) -> list[Desired]:
    """Return the objects that a checked entry for a service means. Raises InvalidOption where it contradicts itself."""
    problems: list[Problem] = []
    builder = _Builder(terms, problems)
    builder.add_service("", entry)
    if problems:
        raise InvalidOption.of(problems)
    return builder.objects


class _Builder:
    """Collects the objects of a document with their places, and what is wrong with them."""

    def __init__(self, terms: Terms, problems: list[Problem]) -> None:
        self.terms = terms
        self.problems = problems
        self._wrong = {problem.place for problem in problems}
        self.objects: list[Desired] = []
        self.places: list[str] = []

    def add_all(self, document: Mapping[str, Any]) -> None:
        """Add everything that a checked document has."""
        lockout = {"allow_lockout": self.terms.allow_lockout}
        if document.get("settings"):
            options = {**document["settings"], **lockout}
            self._add("settings", lambda: [Settings.from_options(options)])
        self._add_each(document, "certificates", lambda entry: [Certificate.from_options({**entry, **lockout})])
        self._add_each(
            document, "intermediate_certificates", lambda entry: [IntermediateCertificate.from_options(entry)]
        )
        self._add_chains()
        self._add_each(document, "cipher_sets", lambda entry: [CipherSet.from_options(entry)])
        self._add_each(
            document,
            "content_rules",
            lambda entry: [ContentRule.from_options(entry, self.terms)],
        )
        for number, entry in enumerate(document.get("virtual_services", ())):
            self.add_service(f"virtual_services[{number}]", entry)

    def _add_chains(self) -> None:
        """Add the intermediates that came with certificates and are not in the document by themselves."""
        known = {wanted.keys()[0] for wanted in self.objects}
        for wanted, place in list(zip(self.objects, self.places, strict=True)):
            if isinstance(wanted, Certificate):
                for intermediate in certificate.chain_of(wanted):
                    if intermediate.keys()[0] not in known:
                        self.objects.append(intermediate)
                        self.places.append(place)

    def add_service(self, place: str, entry: Mapping[str, Any]) -> None:
        # What belongs to one that is wrong is looked at all the same
        ref = ServiceRef(nickname=place)
        for service in self._add(place, lambda: [VirtualService.from_options(entry, self.terms)]):
            ref = service.ref
            self._check_needs(place, virtual_service.TABLE, service)
        self._add_servers(place, ref, entry)
        for number, sub in enumerate(entry.get("sub_virtual_services", ())):
            self._add_sub(f"{place}.sub_virtual_services[{number}]", ref, sub)

    def _add_sub(self, place: str, parent: Any, entry: Mapping[str, Any]) -> None:
        def make() -> list[Desired]:
            return [SubVirtualService.from_options(parent, entry, self.terms)]

        ref = SubRef(parent, place)
        for sub in self._add(place, make, sub_virtual_service.ENTRY.complete(entry)):
            ref = sub.ref
            self._check_needs(place, sub_virtual_service.TABLE, sub)
        self._add_servers(place, ref, entry)

    def _check_needs(self, place: str, table: Table, made: Any) -> None:
        try:
            table.check_needs(made.options, made.options, made.subject)
        except InvalidOption as error:
            self.problems += [each._replace(place=place) for each in error.told]

    def _add_servers(self, place: str, owner: AnyRef, entry: Mapping[str, Any]) -> None:
        terms = self.terms.of(entry)
        for number, server in enumerate(entry.get("real_servers", ())):
            if real_server.ENTRY.complete(server):
                self.objects.append(RealServer.from_options(owner, server, terms))
                self.places.append(f"{place}.real_servers[{number}]")

    def _add_each(
        self, document: Mapping[str, Any], member: str, make: Callable[[Mapping[str, Any]], Sequence[Desired]]
    ) -> None:
        for number, entry in enumerate(document.get(member, ())):
            place = f"{member}[{number}]"
            self._add(place, partial(make, entry), place not in self._wrong)

    def _add(self, place: str, make: Callable[[], Sequence[Any]], complete: bool = True) -> Sequence[Any]:
        """Add what is made of an entry, unless it is not ``complete`` enough to make anything of it."""
        if not complete:
            return []
        try:
            made = make()
        except InvalidOption as error:
            # That it cannot be told which one is meant may follow from what is known to be wrong with it
            if place not in self._wrong:
                self.problems += [each._replace(place=place) for each in error.told]
            return []
        self.objects += made
        self.places += [place] * len(made)
        return made
