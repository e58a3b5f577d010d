# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Intermediates of former certificates: a renewal removes those that are no longer needed. Pure.

The appliance sends the intermediates above a certificate by itself, whatever they are called. So one is needed as long as it has
signed something that is there and that no other one has signed.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import (
    certificate,
    certificate_facts,
    usage,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    Certificate,
    IntermediateCertificate,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import NotRead, World


def besides(document: Document, world: World) -> tuple[Sequence[IntermediateCertificate], str]:
    """Return what is left of former chains of the certificates of a document, to be removed, and the place at which its faults are reported.

    Raises NotRead.
    """
    left = [name for wanted in document.all(Certificate) if wanted.cleans for name in _alike(wanted, world, document)]
    place = "chains of former certificates"
    if not left or certificate_facts.missing():
        return [], place
    _read_all(world)
    made = {name: der for name in left if (der := _installed(world, name)) and certificate.is_of_chain(name, der)}
    kept = {
        **{name: _installed(world, name) for name in _intermediates(world) if name not in made},
        **{wanted.name: wanted.der for wanted in document.all(IntermediateCertificate)},
    }
    below = _certificates(world, document)
    for name in _needed(made, {name: der for name, der in kept.items() if der}, below):
        del made[name]
    free = [name for name in made if not usage.services_then(world, document, "intermediate_certificates", name)]
    return [IntermediateCertificate(name, present=False, former=True) for name in free], place


def _alike(wanted: Certificate, world: World, document: Document) -> list[str]:
    """Return the intermediates with generated names of a certificate's chain that the document does not mention."""
    form = re.compile(rf"{re.escape(wanted.name)}-[0-9a-f]{{8}}")
    return [
        name
        for name in _intermediates(world)
        if form.fullmatch(name) and document.find(IntermediateCertificate, name) is None
    ]


def _needed(made: Mapping[str, bytes], kept: Mapping[str, bytes], certificates: Sequence[bytes]) -> list[str]:
    """Return those of ``made`` that signed something that stays, and that no other one replaces."""
    needed: list[str] = []
    below = [*certificates, *kept.values()]
    while below:
        der = below.pop()
        others = (*kept.values(), *(made[name] for name in needed))
        if any(certificate_facts.is_above(above, der) for above in others):
            continue
        signed = [name for name in made if name not in needed and certificate_facts.is_above(made[name], der)]
        needed += signed[:1]
        below += [made[name] for name in signed[:1]]
    return needed


def _certificates(world: World, document: Document) -> list[bytes]:
    """Return the certificates that exist after a document is applied."""
    there = {name: certificate.installed(world, certificate.ONE, name) for name in _names(world, certificate.LISTING)}
    for wanted in document.all(Certificate):
        if not wanted.present:
            there.pop(wanted.name, None)
        elif wanted.bundle is not None:
            there[wanted.name] = wanted.bundle.leaf
    return [der for der in there.values() if der]


def _read_all(world: World) -> None:
    """Raise NotRead unless all certificates and intermediates were read."""
    world.answer(certificate.LISTING)
    reads = [f"{certificate.ONE}:{name}" for name in _names(world, certificate.LISTING)]
    reads += [f"{certificate.ONE_INTERMEDIATE}:{name}" for name in _intermediates(world)]
    unread = [name for name in reads if name not in world.answers]
    if unread:
        raise NotRead(*unread)


def _intermediates(world: World) -> list[str]:
    world.answer(certificate.INTERMEDIATE_LISTING)
    return _names(world, certificate.INTERMEDIATE_LISTING)


def _names(world: World, listing: str) -> list[str]:
    return certificate.names(world, listing)


def _installed(world: World, name: str) -> bytes:
    return certificate.installed(world, certificate.ONE_INTERMEDIATE, name)
