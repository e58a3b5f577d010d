# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The way back: the document of what a task touches, and of what suffers with it, as it was before. Pure.

Undoing is making the appliance as that document says, so it needs no steps of its own. What the document cannot say is
found by difference.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import objects_of_service
from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.export import (
    Export,
    is_own_cipher_set,
    service_entry,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    Certificate,
    IntermediateCertificate,
    installed,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.cipher_set import CipherSet
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule, rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    real_server,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.leftovers import LeftBehind
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import (
    HEALTH_TABLE,
    SYSLOG_LEVELS,
    Settings,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import base
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import (
    Desired,
    Document,
    Step,
    Terms,
    World,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import (
    AnyRef,
    Service,
    ServiceRef,
    SubRef,
    find_server,
)

_AS_IT_WAS = Terms(replace=True, allow_no_servers=True)
# Of one that went and is made again, nobody has anything yet
_AGAIN = _AS_IT_WAS._replace(exact=True)
_LISTS_OF_SERVERS = (rule_lists.CONTENT_RULES,)


def reads(touched: list[Desired]) -> frozenset[str]:
    """Return what has to be read, before anything is written, to undo what is done to some objects."""
    needed = frozenset().union(*(wanted.reads() for wanted in touched))
    if any(not isinstance(wanted, (Settings, CipherSet)) for wanted in touched):
        needed |= {base.LIST_SERVICES}
    return needed


def document_of(
    document: Document, touched: list[Desired], sent: list[Step], before: World, now: World
) -> tuple[Document, list[str]]:
    """Return the document of some objects of another document as they were, and sentences about what it cannot say.

    ``sent`` are the steps that the task came to, and ``now`` is the appliance as it left it.
    """
    return _Former(document, sent, before, now).document_of(touched)


@dataclass
class _Former:
    document: Document
    sent: list[Step]
    before: World
    now: World

    def document_of(self, touched: list[Desired]) -> tuple[Document, list[str]]:
        objects: dict[Any, Desired] = {}
        left: list[str] = []
        for wanted in touched:
            try:
                for former in self._as_it_was(wanted):
                    objects.setdefault(former.keys()[0], former)
            except InvalidOption as problem:
                left.append(problem.account)
        for former in (*self._followers(touched), *self._holders(touched)):
            objects.setdefault(former.keys()[0], former)
        left += self._unreadable(touched)
        # Each in a place of its own, so that one that cannot be planned is told from the others.
        return Document(list(objects.values()), [str(number) for number in range(len(objects))]), left

    def _as_it_was(self, wanted: Desired) -> list[Desired]:
        makers: dict[type[Any], Callable[[Any], list[Desired]]] = {
            VirtualService: self._service,
            SubVirtualService: self._sub,
            RealServer: self._server,
            ContentRule: self._rule,
            CipherSet: self._cipher_set,
            IntermediateCertificate: self._intermediate,
            Certificate: self._certificate,
            Settings: self._settings,
            LeftBehind: lambda _wanted: [],  # there was nothing in it
        }
        return makers[type(wanted)](wanted)

    # --- services -------------------------------------------------------------------------------------------------------

    def _service(self, wanted: VirtualService) -> list[Desired]:
        service = wanted.find(self.before)
        if service is None:
            return [VirtualService(wanted.ref, present=False)]
        if not wanted.present:
            return self._again(service)
        as_it_was = self._whole(service)
        moved = wanted.ref.by_place and wanted.ref != service.ref
        return [replace(as_it_was, former=wanted.ref) if moved else as_it_was]

    def _again(self, service: Service) -> list[Desired]:
        """Return a service with all that belonged to it."""
        entry = service_entry(service, self.before, Export())
        gone = self.now.services.find(service.ref) is None
        if gone and is_own_cipher_set(entry.get("cipher_set", "")):
            del entry["cipher_set"]  # it went with the service
        return objects_of_service(self._with_certificates(entry, None), _AGAIN)

    def _whole(self, service: Service) -> VirtualService:
        current = self.now.services.find(service.ref)
        entry = self._with_certificates(virtual_service.entry(service, self.before), current)
        return VirtualService.from_options(entry, _AS_IT_WAS)

    def _with_certificates(self, entry: dict[str, Any], current: Service | None) -> dict[str, Any]:
        """Return an entry without certificates that are lost; the service keeps those that it has instead."""
        named = entry.get("certificates", [])
        kept = [name for name in named if not self._is_lost(name)]
        if kept != named:
            instead = virtual_service.reading(current, self.now)["certificates"] if current else []
            entry["certificates"] = kept or instead
        return entry

    def _is_lost(self, name: str) -> bool:
        """Tell whether a certificate was removed: without its key it cannot be installed again."""
        wanted = self.document.find(("certificate", name))
        return wanted is not None and not wanted.present and not installed(self.now, "readcert", name)

    def _sub(self, wanted: SubVirtualService) -> list[Desired]:
        parent = self._service_of(wanted.ref.parent)
        if parent is None or not isinstance(parent.ref, ServiceRef):
            return []  # it goes with the parent, which was made by the same task
        # The first sub service turns settings of its parent over.
        as_it_was: list[Desired] = [self._whole(parent), *self._nameless(parent, wanted.ref.parent)]
        ref = SubRef(parent.ref, wanted.ref.name)
        sub = self.before.services.sub_of(parent, wanted.ref.name)
        if sub is None:
            return [*as_it_was, SubVirtualService(ref, present=False)]
        entry = sub_virtual_service.entry(sub, self.before)
        as_it_was.append(SubVirtualService.from_options(parent.ref, entry, _AS_IT_WAS))
        if not wanted.present:
            as_it_was += [_server_of(ref, record) for record in sub.servers]
        return as_it_was

    def _nameless(self, parent: Service, wanted: ServiceRef) -> Iterator[Desired]:
        """Yield the removal of sub services that the task made and did not get to name."""
        current = self.now.services.find(parent.ref) or self.now.services.find(wanted)
        for sub in self.now.services.subs(current) if current else []:
            if isinstance(sub.ref, SubRef) and sub.ref.slot and sub.ref.slot not in parent.slot_numbers:
                yield SubVirtualService(sub.ref, present=False)

    def _server(self, wanted: RealServer) -> list[Desired]:
        owner = self._service_of(wanted.owner)
        if owner is None:
            return []  # it goes with its service, which was made by the same task
        record = wanted.record_of(owner)
        if record is None:
            return [replace(wanted, owner=owner.ref, options={}, rules={}, present=False, terms=_AS_IT_WAS)]
        as_it_was = _server_of(owner.ref, record)
        moved = wanted.new_port and wanted.new_port != as_it_was.port
        return [replace(as_it_was, port=wanted.new_port, new_port=as_it_was.port) if moved else as_it_was]

    def _service_of(self, ref: AnyRef) -> Service | None:
        """Return the service that the document means, as it was; it may be one that the task moved."""
        if isinstance(ref, SubRef):
            parent = self._service_of(ref.parent)
            return self.before.services.sub_of(parent, ref.name) if parent else None
        wanted = self.document.find(ref)
        return wanted.find(self.before) if isinstance(wanted, VirtualService) else self.before.services.find(ref)

    # --- rules and what they are assigned to ------------------------------------------------------------------------------

    def _rule(self, wanted: ContentRule) -> list[Desired]:
        kind, state = content_rule.find(self.before, wanted.name)
        return [ContentRule(wanted.name, kind, state) if kind else ContentRule(wanted.name, present=False)]

    def _followers(self, touched: list[Desired]) -> Iterator[Desired]:
        """Yield the services that followed one that went, which the task need not name."""
        removed = [wanted for wanted in touched if isinstance(wanted, VirtualService) and not wanted.present]
        gone = {service.index: service for wanted in removed if (service := wanted.find(self.before))}
        for service in self.before.services:
            followed = gone.get(str(service.record.get("FollowVSID", "0")))
            if followed and isinstance(service.ref, ServiceRef) and self._current(service.ref):
                yield VirtualService(service.ref, {"follow_service": str(followed.ref)})

    def _holders(self, touched: list[Desired]) -> Iterator[Desired]:
        """Yield what rules that went were assigned to, which the task need not name."""
        rules = {wanted.name for wanted in touched if isinstance(wanted, ContentRule)}
        gone = {rule for rule in rules if not content_rule.find(self.now, rule)[0]}
        for service in self.before.services if gone else ():
            own = rule_lists.read(rule_lists.OF_SERVICES, service.record)
            if isinstance(service.ref, SubRef):
                own |= rule_lists.read(_LISTS_OF_SERVERS, service.slot)
            holding = {option: names for option, names in own.items() if not gone.isdisjoint(names)}
            current = self._current(service.ref)
            if current is None:
                continue  # what went is put back with its rules
            if holding and isinstance(service.ref, SubRef):
                yield SubVirtualService(service.ref, rules=holding)
            elif holding and isinstance(service.ref, ServiceRef):
                yield VirtualService(service.ref, rules=holding)
            for record in service.servers:
                lists = rule_lists.read(_LISTS_OF_SERVERS, record)
                there = find_server(current, *real_server.key(record)) is not None
                if there and not gone.isdisjoint(lists[rule_lists.CONTENT_RULES.option]):
                    state = real_server.describe(record)
                    yield RealServer(service.ref, state["address"], state["port"], rules=lists)

    def _current(self, ref: AnyRef) -> Service | None:
        """Return a service as it is now; none where its name does not tell it from others, so that it cannot be changed."""
        try:
            return self.now.services.find(ref)
        except InvalidOption:
            return None

    # --- certificates and settings --------------------------------------------------------------------------------------

    def _cipher_set(self, wanted: CipherSet) -> list[Desired]:
        found = wanted.found(self.before)
        return [CipherSet(wanted.name, tuple(found["ciphers"])) if found else CipherSet(wanted.name, present=False)]

    def _intermediate(self, wanted: IntermediateCertificate) -> list[Desired]:
        der = installed(self.before, "readintermediate", wanted.name)
        if not der and not wanted.present:
            return []  # it was there and could not be read
        return [IntermediateCertificate(wanted.name, der, bool(der))]

    def _certificate(self, wanted: Certificate) -> list[Desired]:
        as_it_was: list[Desired] = []
        role = str(self.before.parameters.get(certificate.ADMINISTRATIVE, ""))
        changed = role != self.now.parameters.get(certificate.ADMINISTRATIVE)
        # Where none has the role, the answer is a sentence.
        if changed and certificate.is_name(role) and not self._is_lost(role):
            as_it_was.append(Certificate(role, administrative=True, allow_lockout=True))
        # One that was there stays, whatever it is now: nothing can bring its key back.
        if wanted.present and not installed(self.before, "readcert", wanted.name):
            as_it_was.append(Certificate(wanted.name, present=False))
        return as_it_was

    def _settings(self, wanted: Settings) -> list[Desired]:
        state = appliance_settings.describe(self.before)
        options = dict.fromkeys(wanted.options)
        if not options.keys().isdisjoint(SYSLOG_LEVELS):
            options |= dict.fromkeys(SYSLOG_LEVELS)  # a host that comes into one leaves another
        # The appliance raises the interval with the others.
        health = {row.option: state[row.option] for row in HEALTH_TABLE.fields if wanted.health}
        parameters = {name: self.before.parameters.get(name.lower(), "") for name in wanted.parameters}
        known = {option: state[option] for option in options if option in state}
        return [Settings(known, health, parameters, allow_lockout=True)]

    def _unreadable(self, touched: list[Desired]) -> list[str]:
        """Return what is lost and cannot be compared, since the LoadMaster never shows it."""
        left = []
        state = appliance_settings.describe(self.before)
        for wanted in touched:
            if isinstance(wanted, Settings):
                hidden = [option for option in wanted.options if option not in state]
                sent = {step.parameters.get("param") for step in self.sent}
                left += [
                    f"settings: {name} cannot be read"
                    for name in hidden
                    if appliance_settings.TABLE.by_option[name].api in sent
                ]
            if isinstance(wanted, VirtualService) and not wanted.present:
                service = wanted.find(self.before)
                gone = service is not None and self.now.services.find(service.ref) is None
                if service is not None and gone and service.record.get("StandbyAddr"):
                    left.append(f"{wanted.subject}: sorry_server_non_local cannot be read")
        return left


def _server_of(owner: AnyRef, record: Mapping[str, Any]) -> RealServer:
    return RealServer.from_options(owner, real_server.entry(record), _AS_IT_WAS)
