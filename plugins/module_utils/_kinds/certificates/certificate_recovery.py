# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Recovery of certificates and intermediates: former state, differences, traces. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate, pem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    Certificate,
    IntermediateCertificate,
    installed,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.differences import replaced
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Attempt, Recovery
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step


def _former(wanted: Certificate, attempt: Attempt) -> list[Desired]:
    as_it_was: list[Desired] = []
    role = str(attempt.before.parameters.get(certificate.ADMINISTRATIVE, ""))
    changed = role != attempt.now.parameters.get(certificate.ADMINISTRATIVE)
    # If none has the role, the answer is a sentence.
    if changed and certificate.is_name(role) and not attempt.lost("certificates", role):
        as_it_was.append(Certificate(role, administrative=True, allow_lockout=True))
    # An existing certificate stays as it is now: its key cannot be restored.
    if wanted.present and not installed(attempt.before, certificate.ONE, wanted.name):
        as_it_was.append(Certificate(wanted.name, present=False))
    return as_it_was


def _former_intermediate(wanted: IntermediateCertificate, attempt: Attempt) -> list[Desired]:
    der = installed(attempt.before, certificate.ONE_INTERMEDIATE, wanted.name)
    if not der and not wanted.present:
        return []  # it was there and could not be read
    return [IntermediateCertificate(wanted.name, der, bool(der))]


def _differences(before: World, after: World) -> Iterator[str]:
    for name in certificate.read_in(before, after, certificate.ONE):
        was, now = (installed(world, certificate.ONE, name) for world in (before, after))
        if was and was != now:
            yield f"certificate {name}: the key of the one before ({pem.fingerprint(was)}) cannot be read"
        elif now and not was:
            yield f"certificate {name} is there, which was not before"


def _differences_of_intermediates(before: World, after: World) -> Iterator[str]:
    for name in certificate.read_in(before, after, certificate.ONE_INTERMEDIATE):
        was, now = (installed(world, certificate.ONE_INTERMEDIATE, name) for world in (before, after))
        yield from replaced(f"intermediate certificate {name}", was, now)


def _traces(world: World) -> Mapping[str, Any] | None:
    return _listed(world, certificate.LISTING, "certificate")


def _traces_of_intermediates(world: World) -> Mapping[str, Any] | None:
    return _listed(world, certificate.INTERMEDIATE_LISTING, "intermediate certificate")


def _listed(world: World, listing: str, title: str) -> Mapping[str, Any] | None:
    if listing not in world.answers:
        return None
    return {f"{title} {name}": True for name in certificate.names(world, listing)}


def _touched(step: Step, _worlds: tuple[World, World]) -> Iterator[str]:
    if "cert" in step.parameters:
        yield f"intermediate certificate {step.said['cert']}"


_READS = frozenset({LIST_SERVICES})
RECOVERY = Recovery(former=_former, differences=_differences, reads=_READS, traces=_traces)
OF_INTERMEDIATES = Recovery(
    former=_former_intermediate,
    differences=_differences_of_intermediates,
    reads=_READS,
    traces=_traces_of_intermediates,
    touched=_touched,
)
