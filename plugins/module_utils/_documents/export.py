# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""An appliance as a document: what was read, in the words and the form in which a document says it. Pure.

Two appliances that are alike give the same document, so it can be compared as text.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate, cipher_set, pem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import is_note
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    real_server,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE as SERVICES
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import READ_ALONE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import TABLE as SETTINGS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import base
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service, ServiceRef, label


@dataclass
class Export:
    """A document, the places of the secrets that it lacks, and sentences about what else it lacks."""

    document: dict[str, Any] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def reads(members: frozenset[str]) -> frozenset[str]:
    """Return what has to be read first for members of a document."""
    return frozenset().union(*(_READS[member] for member in members))


def further_reads(members: frozenset[str], world: World) -> frozenset[str]:
    """Return what has to be read besides, one by one, once the first reads are there."""
    further: set[str] = set()
    if "certificates" in members:
        further |= {f"readcert:{name}" for name in certificate.names(world, certificate.LISTING)}
    if "intermediate_certificates" in members:
        listed = certificate.names(world, certificate.INTERMEDIATE_LISTING)
        further |= {f"readintermediate:{name}" for name in listed}
    if "cipher_sets" in members:
        further |= {f"getcipherset:{name}" for name in _own_cipher_sets(world)}
    return frozenset(further)


def export(members: frozenset[str], world: World) -> Export:
    """Return an appliance that was read as a document with some members."""
    made = Export()
    for member, write in _WRITE.items():
        if member in members:
            made.document[member] = write(world, made)
    return made


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
        if not world.services.is_told(sub):
            made.warnings.append(
                f"Sub virtual service {sub.nickname or 'without a name'} of {service.ref} is left out: its name does not tell it "
                "from others. Give it one of its own."
            )
        else:
            entry["sub_virtual_services"].append(
                {**sub_virtual_service.entry(sub, world), "real_servers": _servers(sub)}
            )
    return entry


def _servers(service: Service) -> list[dict[str, Any]]:
    entries = [real_server.entry(record) for record in service.servers]
    return sorted(entries, key=lambda entry: (_order(entry["address"]), int(entry["port"] or 0)))


def _services(world: World, made: Export) -> list[dict[str, Any]]:
    services = [service for service in world.services if not service.is_sub_service]
    ordered = sorted(services, key=lambda service: _place(service.ref))
    return [service_entry(service, world, made) for service in ordered]


def _place(ref: Any) -> tuple[Any, ...]:
    port = int(ref.port) if ref.port.isdigit() else 0
    return (_order(ref.address), port, ref.protocol) if isinstance(ref, ServiceRef) else ()


def _order(address: str) -> tuple[int, int, str]:
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return 9, 0, address
    return number.version, int(number), ""


def _settings(world: World, made: Export) -> dict[str, Any]:
    for row in SETTINGS.fields:
        # Whether one that the appliance masks is set at all, nobody can see.
        if row.secret and (row.write_only or appliance_settings.describe(world)[row.option]):
            made.secrets.append(f"settings.{row.option}")
    return appliance_settings.entry(world)


def _certificates(world: World, made: Export) -> list[dict[str, Any]]:
    entries = []
    for name in sorted(certificate.names(world, certificate.LISTING)):
        administrative = world.parameters.get(certificate.ADMINISTRATIVE) == name
        text = pem.to_pem(certificate.installed(world, "readcert", name))
        entries.append({"name": name, "certificate": text, **({"administrative": True} if administrative else {})})
        made.secrets.append(f"certificates.{name}.private_key")
    return entries


def _intermediates(world: World, made: Export) -> list[dict[str, Any]]:
    return [
        {"name": name, "certificate": pem.to_pem(certificate.installed(world, "readintermediate", name))}
        for name in sorted(certificate.names(world, certificate.INTERMEDIATE_LISTING))
    ]


def is_own_cipher_set(name: str) -> bool:
    """Tell whether a cipher set is one that a service has for itself: it goes with the service and cannot be assigned."""
    return name.startswith("Custom_")


def _own_cipher_sets(world: World) -> list[str]:
    """Return the cipher sets that are in use and not the LoadMaster's own. It lists no others."""
    named = {str(service.record.get(SERVICES.by_option["cipher_set"].member) or "") for service in world.services}
    named |= {str(world.parameters.get(parameter) or "") for parameter in ("wuicipherset", "outboundcipherset")}
    return sorted(name for name in named - {""} - cipher_set.BUILT_IN if not is_own_cipher_set(name))


def _cipher_sets(world: World, made: Export) -> list[dict[str, Any]]:
    found = [cipher_set.CipherSet(name).found(world) for name in _own_cipher_sets(world)]
    return [entry for entry in found if entry]


def _rules(world: World, made: Export) -> list[dict[str, Any]]:
    entries = [content_rule.entry(rule) for rule in content_rule.all_rules(world) if not is_note(rule)]
    return sorted(entries, key=lambda entry: str(entry["name"]))


_WRITE: Mapping[str, Callable[[World, Export], Any]] = {
    "settings": _settings,
    "certificates": _certificates,
    "intermediate_certificates": _intermediates,
    "cipher_sets": _cipher_sets,
    "content_rules": _rules,
    "virtual_services": _services,
}
MEMBERS = tuple(_WRITE)
_READS: Mapping[str, frozenset[str]] = {
    "settings": frozenset({base.ALL_PARAMETERS, base.HEALTH} | {f"get:{name}" for name in READ_ALONE}),
    "certificates": frozenset({certificate.LISTING, f"get:{certificate.ADMINISTRATIVE}"}),
    "intermediate_certificates": frozenset({certificate.INTERMEDIATE_LISTING}),
    "cipher_sets": frozenset({base.LIST_SERVICES, base.ALL_PARAMETERS}),
    "content_rules": frozenset({base.LIST_RULES}),
    "virtual_services": frozenset({base.LIST_SERVICES}),
}
