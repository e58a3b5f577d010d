# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Purge: what the appliance has and a document does not, by kind and within a scope. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    Certificate,
    IntermediateCertificate,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import (
    ContentRule,
    all_rules,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import is_note
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import (
    RealServer,
    describe,
    key,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import base
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import Desired, Document, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import (
    Service,
    ServiceRef,
    SubRef,
    label,
)

# Where an object is told by more than its name: by these words of its own, and by its address.
Named = tuple[str, str]


@dataclass(frozen=True)
class Purge:
    """What of a kind is to go where the document does not have it.

    ``names`` are patterns as of shells, ``networks`` ranges of addresses; what both are given for has to be in both.
    """

    kind: str
    names: tuple[str, ...] = ()
    networks: tuple[Any, ...] = ()

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Purge:
        """Build it from an entry of the option purge. Raises InvalidOption where it names nothing or no networks."""
        for scope in ("names", "addresses"):
            if options.get(scope) is not None and not options[scope]:
                raise InvalidOption(
                    f"purge: {scope} of {options['kind']} is empty, which names nothing. Leave it out where all of them are meant."
                )
        networks = []
        for text in options.get("addresses") or ():
            try:
                networks.append(ipaddress.ip_network(text, strict=False))
            except ValueError:
                raise InvalidOption(
                    f"purge: addresses has {text!r}, but it must be a network such as 192.0.2.0/24."
                ) from None
        if networks and options["kind"] not in _WITH_ADDRESS:
            raise InvalidOption(f"purge: {options['kind']} have no addresses; name them by names.")
        return cls(options["kind"], tuple(options.get("names") or ()), tuple(networks))

    def reads(self) -> frozenset[str]:
        """Return what has to be read from the appliance to know what is to go."""
        return _READS[self.kind] | {base.LIST_SERVICES}

    def fault(self, given: Mapping[str, Any]) -> str:
        """Return what is wrong with purging where the document has nothing of the kind, or that the kind belongs to."""
        entries = given.get("virtual_services" if self.kind in _OF_SERVICES else self.kind) or ()
        if any(entry.get("state", "present") == "present" for entry in entries):
            return ""
        return f"the document has no {self.kind}, so this would remove all of them. If that is meant, set allow_empty_purge."

    def removes(self, kind: str, name: str, address: str) -> bool:
        """Tell whether an object of a kind would go if the document did not have it."""
        return self.kind == kind and self._covers(name, address)

    def expand(self, world: World, document: Document) -> list[Desired]:
        """Return what is to go."""
        return [wanted for named, wanted in _FIND[self.kind](world, document) if self._covers(*named)]

    def staying(self, world: World, document: Document) -> list[str]:
        """Return sentences about what stays although the document does not have it, since no document can name it."""
        if self.kind != "sub_virtual_services" or self.names:
            return []
        return [
            f"{label(sub.ref)} stays: its name does not tell it from others. Give it one of its own, or remove it, on the LoadMaster."
            for wanted, service in _listed(world, document, "sub_virtual_services")
            for sub in world.services.subs(service)
            if not world.services.is_told(sub)
        ]

    def check(self, world: World, document: Document) -> None:
        """Raise InvalidOption where a rule is to go that something needs which stays."""
        if self.kind != "content_rules":
            return
        used = sorted(set(_rules_in_use(world, document)))
        going = [name for name in used if (rule := document.find(("rule", name))) is not None and not rule.present]
        if going:
            places = rule_lists.holders(world.services, going[0])
            raise InvalidOption(
                f"content rule {going[0]} is not in the document and so would go, but it is still in {'; '.join(places)}. Put it "
                "into the document, or narrow the purge."
            )

    def _covers(self, name: str, address: str) -> bool:
        by_name = not self.names or any(fnmatch.fnmatchcase(name, pattern) for pattern in self.names)
        return by_name and (not self.networks or any(_is_in(address, network) for network in self.networks))


def _services(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    wanted = {found.ref for each in document.of(VirtualService) if (found := each.find(world)) is not None}
    for service in world.services:
        if isinstance(service.ref, ServiceRef) and not service.is_sub_service and service.ref not in wanted:
            yield (service.nickname, service.ref.address), VirtualService(service.ref, present=False)


def _subs(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for wanted, service in _listed(world, document, "sub_virtual_services"):
        listed = document.all(("subs", wanted.ref))
        names = {sub.ref.name for sub in listed}
        taken_care_of = any(sub.present for sub in listed)
        for sub in world.services.subs(service):
            left_behind = taken_care_of and not sub.nickname and sub.is_empty
            # One that no document can name is none that this one leaves out.
            told = sub.nickname not in names and world.services.is_told(sub)
            if isinstance(sub.ref, SubRef) and told and not left_behind:
                yield (sub.nickname, ""), SubVirtualService(sub.ref, present=False)


def _servers(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for wanted, service in _listed(world, document, "real_servers"):
        kept = {server.key(service) for server in document.all(("servers", wanted.ref))}
        for record in service.servers:
            if key(record) not in kept:
                state = describe(record)
                gone = RealServer(wanted.ref, state["address"], state["port"], present=False, terms=wanted.terms)
                yield (state["address"], str(record.get("Addr", ""))), gone


def _listed(world: World, document: Document, member: str) -> Iterator[tuple[Any, Service]]:
    """Yield the services of a document that say what they have of a kind, as they are wanted and as they are."""
    for wanted in (*document.of(VirtualService), *document.of(SubVirtualService)):
        if wanted.present and member in wanted.lists:
            service = document.service(wanted.ref, world)
            if service is not None:
                yield wanted, service


def _rules(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for rule in all_rules(world):
        if document.find(("rule", rule["name"])) is None and not is_note(rule):
            yield (rule["name"], ""), ContentRule(rule["name"], present=False)


def _rules_in_use(world: World, document: Document) -> Iterator[str]:
    """Yield the rules that are assigned somewhere where a document leaves them."""
    for service in world.services:
        wanted = _wanted(service, world, document)
        parent = _wanted(service.parent, world, document) if service.parent else None
        if any(each is not None and not each.present for each in (wanted, parent)):
            continue
        yield from _left(wanted, rule_lists.OF_SERVICES, service.record)
        yield from _left(wanted, (rule_lists.CONTENT_RULES,), service.slot)
        owner = wanted.ref if wanted is not None else service.ref
        servers = {server.key(service): server for server in document.all(("servers", owner))}
        for record in service.servers:
            server = servers.get(key(record))
            if server is None or server.present:
                yield from _left(server, (rule_lists.CONTENT_RULES,), record)


def _wanted(service: Service, world: World, document: Document) -> Any:
    """Return a service as a document wants it, by whatever it names it; None where it does not."""
    if isinstance(service.ref, SubRef) and service.parent is not None:
        parent = _wanted(service.parent, world, document)
        return document.find(service.ref._replace(parent=parent.ref)) if parent is not None else None
    named = (document.find(service.ref), document.find(ServiceRef(nickname=service.nickname)))
    return next((each for each in named if each is not None and each.find(world) is service), None)


def _left(wanted: Any, lists: Sequence[rule_lists.RuleList], record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rules in those lists of a record that are left as they are by what is wanted of the object itself."""
    if wanted is None or not wanted.terms.replace:
        for option, names in rule_lists.read(lists, record).items():
            if wanted is None or option not in wanted.rules:
                yield from names


def _certificates(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    # It stays for its role, unless another one in the document gets that.
    heir = any(each.present and each.administrative for each in document.of(Certificate))
    administrative = None if heir else world.parameters.get(certificate.ADMINISTRATIVE)
    for name in certificate.names(world, certificate.LISTING):
        if document.find(("certificate", name)) is None and name != administrative:
            yield (name, ""), Certificate(name, present=False)


def _intermediates(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for name in certificate.names(world, certificate.INTERMEDIATE_LISTING):
        if document.find(("intermediate", name)) is None:
            yield (name, ""), IntermediateCertificate(name, present=False)


def _is_in(address: str, network: Any) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False


_FIND: Mapping[str, Callable[[World, Document], Iterator[tuple[Named, Desired]]]] = {
    "virtual_services": _services,
    "sub_virtual_services": _subs,
    "real_servers": _servers,
    "content_rules": _rules,
    "certificates": _certificates,
    "intermediate_certificates": _intermediates,
}
_OF_SERVICES = ("sub_virtual_services", "real_servers")
_WITH_ADDRESS = ("virtual_services", "real_servers")
_READS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("virtual_services", "sub_virtual_services", "real_servers"), frozenset[str]()),
    "content_rules": frozenset({base.LIST_RULES}),
    "certificates": frozenset({certificate.LISTING, f"get:{certificate.ADMINISTRATIVE}"}),
    "intermediate_certificates": frozenset({certificate.INTERMEDIATE_LISTING}),
}
