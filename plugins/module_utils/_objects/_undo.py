# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The way back: the document of what a task touches as it was before. Pure.

Undoing is making the appliance as that document says, so it needs no steps of its own.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import (
    _pem,
    content_rule,
    real_server,
    settings,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import Desired, Document, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._document import Terms, objects_of_service
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._export import Export, service_entry
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import Service, ServiceRef, SubRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.certificate import (
    Certificate,
    IntermediateCertificate,
    installed,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.cipher_set import CipherSet
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.settings import Settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.sub_virtual_service import SubVirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.virtual_service import VirtualService

_TERMS = Terms(replace=True, exact=True, allow_no_servers=True, allow_lockout=True)


def document_of(touched: Iterable[Desired], before: World) -> tuple[Document, list[str]]:
    """Return the document of some objects as they were, and sentences about what cannot be put back."""
    objects: dict[Any, Desired] = {}
    lost: list[str] = []
    for wanted in touched:
        for former in _as_it_was(wanted, before, lost):
            objects.setdefault(former.keys()[0], former)
    return Document(list(objects.values())), lost


def _as_it_was(wanted: Desired, before: World, lost: list[str]) -> list[Desired]:
    match wanted:
        case VirtualService():
            return _service(wanted, before)
        case SubVirtualService():
            return _sub(wanted, before)
        case RealServer():
            return _server(wanted, before)
        case ContentRule():
            kind, state = content_rule.find(before, wanted.name)
            if not kind:
                return [ContentRule(wanted.name, present=False)]
            return [ContentRule(wanted.name, kind, state)]
        case CipherSet():
            found = wanted.found(before)
            return [CipherSet(wanted.name, tuple(found["ciphers"])) if found else CipherSet(wanted.name, present=False)]
        case IntermediateCertificate():
            der = installed(before, "readintermediate", wanted.name)
            return [IntermediateCertificate(wanted.name, der, bool(der))]
        case Certificate():
            return _certificate(wanted, before, lost)
        case Settings():
            return _settings(wanted, before, lost)
    raise TypeError(f"nothing is known of how to undo a {type(wanted).__name__}")


def _service(wanted: VirtualService, before: World) -> list[Desired]:
    service = wanted.find(before)
    if service is None:
        return [VirtualService(wanted.ref, present=False)]
    if not wanted.present:
        return objects_of_service(service_entry(service, before, Export()), _TERMS)
    as_it_was = _whole(service, before)
    return [replace(as_it_was, former=wanted.ref) if wanted.ref.by_place and wanted.ref != service.ref else as_it_was]


def _whole(service: Service, before: World) -> VirtualService:
    entry = virtual_service.entry(service, before)
    return replace(VirtualService.from_options(entry), replace=True)


def _sub(wanted: SubVirtualService, before: World) -> list[Desired]:
    parent = before.services.find(wanted.ref.parent)
    if parent is None or not isinstance(parent.ref, ServiceRef):
        return []  # it goes with the parent, which was made by the same task
    as_it_was: list[Desired] = [_whole(parent, before)]
    sub = before.services.sub_of(parent, wanted.ref.name)
    ref = SubRef(parent.ref, wanted.ref.name)
    if sub is None:
        return [*as_it_was, SubVirtualService(ref, present=False)]
    entry = sub_virtual_service.entry(sub, before)
    as_it_was.append(replace(SubVirtualService.from_options(parent.ref, entry), replace=True))
    if not wanted.present:
        as_it_was += [_server_of(ref, record) for record in sub.servers]
    return as_it_was


def _server(wanted: RealServer, before: World) -> list[Desired]:
    owner = before.services.find(wanted.owner)
    if owner is None:
        return []  # it goes with its service, which was made by the same task
    record = wanted.record_of(owner)
    if record is None:
        return [replace(wanted, options={}, rules={}, present=False, allow_no_servers=True)]
    as_it_was = _server_of(owner.ref, record)
    moved = wanted.new_port and wanted.new_port != as_it_was.port
    return [replace(as_it_was, port=wanted.new_port, new_port=as_it_was.port) if moved else as_it_was]


def _server_of(owner: Any, record: Mapping[str, Any]) -> RealServer:
    made = RealServer.from_options(owner, real_server.entry(record), allow_no_servers=True)
    return replace(made, replace=True)


def _certificate(wanted: Certificate, before: World, lost: list[str]) -> list[Desired]:
    der = installed(before, "readcert", wanted.name)
    if not der:
        return [Certificate(wanted.name, present=False)]
    lost.append(f"{wanted.subject}: the key of the one before ({_pem.fingerprint(der)}) cannot be read")
    return []


def _settings(wanted: Settings, before: World, lost: list[str]) -> list[Desired]:
    state = settings.describe(before)
    options = {option: state[option] for option in wanted.options if option in state}
    lost += [f"settings: {option} cannot be read" for option in wanted.options if option not in state]
    health = {option: state[option] for option in wanted.health}
    parameters = {name: before.parameters.get(name.lower(), "") for name in wanted.parameters}
    return [Settings(options, health, parameters, allow_lockout=True)]
