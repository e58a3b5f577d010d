# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Registration of the kinds certificates and intermediate certificates. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import (
    certificate,
    former_chains,
    pem,
    usage,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    Certificate,
    IntermediateCertificate,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.composer import Composer
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import (
    Export,
    Listing,
    Lookup,
    ObjectKind,
    Planning,
    Purging,
    Read,
    Recovery,
    composing,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Effect

# They renumber the services, but do not affect rules.
WRITE = Effect(keeps=frozenset({LIST_RULES}))


def _compose(composer: Composer, place: str, entry: Mapping[str, Any]) -> None:
    """Add a certificate, and the intermediates that come with it."""
    if composer.is_wrong(place):
        return
    lockout = {"allow_lockout": composer.terms.allow_lockout}
    made = composer.add(place, lambda: Certificate.from_options({**entry, **lockout}))
    if made is not None:
        composer.imply(place, certificate.chain_of(made))


def _details(world: World) -> frozenset[str]:
    return frozenset(f"{certificate.ONE}:{name}" for name in certificate.names(world, certificate.LISTING))


def _details_of_intermediates(world: World) -> frozenset[str]:
    listed = certificate.names(world, certificate.INTERMEDIATE_LISTING)
    return frozenset(f"{certificate.ONE_INTERMEDIATE}:{name}" for name in listed)


def _entries(world: World, made: Export) -> list[dict[str, Any]]:
    entries = []
    for name in sorted(certificate.names(world, certificate.LISTING)):
        administrative = world.parameters.get(certificate.ADMINISTRATIVE) == name
        text = pem.to_pem(certificate.installed(world, certificate.ONE, name))
        entries.append({"name": name, "certificate": text, **({"administrative": True} if administrative else {})})
        made.secrets.append(f"certificates.{name}.private_key")
    return entries


def _intermediates(world: World, _made: Export) -> list[dict[str, Any]]:
    return [
        {"name": name, "certificate": pem.to_pem(certificate.installed(world, certificate.ONE_INTERMEDIATE, name))}
        for name in sorted(certificate.names(world, certificate.INTERMEDIATE_LISTING))
    ]


def _purging() -> Purging:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate_purge import PURGING

    return PURGING


def _purging_intermediates() -> Purging:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate_purge import (
        OF_INTERMEDIATES,
    )

    return OF_INTERMEDIATES


def _recovery() -> Recovery:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate_recovery import (
        RECOVERY,
    )

    return RECOVERY


def _recovery_of_intermediates() -> Recovery:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate_recovery import (
        OF_INTERMEDIATES,
    )

    return OF_INTERMEDIATES


CERTIFICATES = ObjectKind(
    member="certificates",
    title="Certificates, without their keys. One call for each.",
    wanted=Certificate,
    shape=certificate.ENTRY,
    compose=_compose,
    listing=frozenset({certificate.LISTING, f"get:{certificate.ADMINISTRATIVE}"}),
    listings={certificate.LISTING: Listing(("cert",))},
    details=_details,
    entries=_entries,
    reads={certificate.ONE: Read("cert", listing=certificate.LISTING, member="cert")},
    effects={"addcert": WRITE, "delcert": WRITE},
    planning=Planning(besides=former_chains.besides),
    lookup=Lookup(
        usage.missing_of("certificates", certificate.LISTING, certificate.names),
        "Install it before, with kemp.loadmaster.certificate or as one of certificates in the same document.",
    ),
    purging=_purging,
    recovery=_recovery,
    about=(
        "Certificates with their keys, each with the options of M(kemp.loadmaster.certificate).",
        ("One without a key is compared with the installed one. It is an error only if it must be installed."),
    ),
    purged="Certificates. The administrative one stays, unless the document gives its role to another one.",
    module="certificate",
)
INTERMEDIATE_CERTIFICATES = ObjectKind(
    member="intermediate_certificates",
    title="Intermediate certificates. One call for each.",
    wanted=IntermediateCertificate,
    shape=certificate.INTERMEDIATE_SHAPE,
    compose=composing(lambda entry, _terms: IntermediateCertificate.from_options(entry)),
    listing=frozenset({certificate.INTERMEDIATE_LISTING}),
    listings={certificate.INTERMEDIATE_LISTING: Listing(("cert",))},
    details=_details_of_intermediates,
    entries=_intermediates,
    reads={certificate.ONE_INTERMEDIATE: Read("cert", listing=certificate.INTERMEDIATE_LISTING, member="cert")},
    effects={"addintermediate": WRITE, "delintermediate": WRITE},
    lookup=Lookup(
        usage.missing_of("intermediate_certificates", certificate.INTERMEDIATE_LISTING, certificate.names),
        "Install it before, with kemp.loadmaster.intermediate_certificate or as one of intermediate_certificates in the same document.",
    ),
    purging=_purging_intermediates,
    recovery=_recovery_of_intermediates,
    about=("Intermediate certificates, each with the options of M(kemp.loadmaster.intermediate_certificate).",),
    purged="Intermediate certificates.",
    module="intermediate_certificate",
)
