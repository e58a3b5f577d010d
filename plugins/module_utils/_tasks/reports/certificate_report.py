# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The certificate report of info: content and users of certificates.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import (
    certificate,
    certificate_facts,
    pem,
    usage,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World

_LISTING, _INTERMEDIATES = certificate.LISTING, certificate.INTERMEDIATE_LISTING
# The first reads; single_reads returns the following ones
LISTINGS = frozenset({_LISTING, _INTERMEDIATES, f"get:{certificate.ADMINISTRATIVE}", LIST_SERVICES})
LISTINGS_OF_INTERMEDIATES = frozenset({_INTERMEDIATES, LIST_SERVICES})


def single_reads(world: World, *, intermediates_only: bool = False) -> frozenset[str]:
    """Return the reads of the single certificates in the listings."""
    commands = {_INTERMEDIATES: certificate.ONE_INTERMEDIATE}
    if not intermediates_only:
        commands[_LISTING] = certificate.ONE
    return frozenset(
        f"{command}:{name}" for listing, command in commands.items() for name in certificate.names(world, listing)
    )


def certificates(world: World, now: float) -> list[dict[str, Any]]:
    """Return the certificates; ``now`` is in seconds since 1970."""
    above = _ders(world, _INTERMEDIATES, certificate.ONE_INTERMEDIATE)
    entries = []
    for entry in _entries(world, _LISTING, certificate.ONE, "certificates", now):
        administrative = world.parameters.get(certificate.ADMINISTRATIVE) == entry["name"]
        users = [*entry["assigned_to"], *(["the web user interface"] if administrative else [])]
        der = certificate.installed(world, certificate.ONE, entry["name"])
        chain = {"chain": certificate_facts.chain(der, above)}
        entries.append({**entry, "assigned_to": users, "administrative": administrative, **chain})
    return entries


def intermediates(world: World, now: float) -> list[dict[str, Any]]:
    """Return the intermediate certificates; ``now`` is in seconds since 1970."""
    option = "intermediate_certificates"
    return _entries(world, _INTERMEDIATES, certificate.ONE_INTERMEDIATE, option, now)


def _entries(world: World, listing: str, command: str, option: str, now: float) -> list[dict[str, Any]]:
    entries = []
    for record in world.answers[listing].get("cert") or []:
        name = str(record.get("name", ""))
        der = certificate.installed(world, command, name)
        entries.append(
            {
                "name": name,
                "type": record.get("type", ""),
                "assigned_to": usage.services_now(world, option, name),
                "fingerprint": pem.fingerprint(der),
                **certificate_facts.describe(der, now),
            }
        )
    return entries


def _ders(world: World, listing: str, command: str) -> dict[str, bytes]:
    return {name: certificate.installed(world, command, name) for name in certificate.names(world, listing)}
