# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Registration of the kind cipher sets. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import cipher_set
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import read_in
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificates import WRITE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.cipher_set import (
    BUILT_IN,
    ONE,
    CipherSet,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_export import is_own_cipher_set
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE as SERVICES
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.differences import replaced
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import (
    Attempt,
    Export,
    Lookup,
    ObjectKind,
    Read,
    Recovery,
    composing,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import ALL_PARAMETERS, LIST_SERVICES, World


def _in_use(world: World) -> list[str]:
    """Return the custom cipher sets in use. The LoadMaster lists no others."""
    named = {str(service.record.get(SERVICES.by_option["cipher_set"].member) or "") for service in world.services}
    named |= {str(world.parameters.get(parameter) or "") for parameter in ("wuicipherset", "outboundcipherset")}
    return sorted(name for name in named - {""} - BUILT_IN if not is_own_cipher_set(name))


def _details(world: World) -> frozenset[str]:
    return frozenset(f"{ONE}:{name}" for name in _in_use(world))


def _entries(world: World, _made: Export) -> list[dict[str, Any]]:
    found = [CipherSet(name).found(world) for name in _in_use(world)]
    return [entry for entry in found if entry]


def _former(wanted: CipherSet, attempt: Attempt) -> list[Desired]:
    found = wanted.found(attempt.before)
    return [CipherSet(wanted.name, tuple(found["ciphers"])) if found else CipherSet(wanted.name, present=False)]


def _differences(before: World, after: World) -> Iterator[str]:
    for name in read_in(before, after, ONE):
        was, now = (str(world.answers[f"{ONE}:{name}"].get("cipherset") or "") for world in (before, after))
        yield from replaced(f"cipher set {name}", was, now)


def _known(name: str, world: World) -> list[str] | None:
    """Return the names of the sets that the LoadMaster has by itself where one is missing; it lists no others."""
    if name in BUILT_IN or name in _in_use(world):
        return None
    return None if world.answer(f"{ONE}:{name}").get("cipherset") else sorted(BUILT_IN)


def _recovery() -> Recovery:
    return Recovery(former=_former, differences=_differences)


KIND = ObjectKind(
    member="cipher_sets",
    title="Cipher sets that are in use and not the LoadMaster's own. One call for each.",
    wanted=CipherSet,
    shape=cipher_set.SHAPE,
    compose=composing(lambda entry, _terms: CipherSet.from_options(entry)),
    listing=frozenset({LIST_SERVICES, ALL_PARAMETERS}),
    details=_details,
    entries=_entries,
    reads={ONE: Read("name")},
    effects={"modifycipherset": WRITE, "delcipherset": WRITE},
    lookup=Lookup(
        _known,
        "Upper and lower case matter. Create one of your own before, with kemp.loadmaster.cipher_set or as one of cipher_sets in the "
        "same document.",
    ),
    recovery=_recovery,
    about=("Cipher sets, each with the options of M(kemp.loadmaster.cipher_set).",),
    module="cipher_set",
    kept_names=tuple(sorted(BUILT_IN)),
)
