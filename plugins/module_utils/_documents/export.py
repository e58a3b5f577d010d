# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""An appliance as a document: what was read, in the words and the form in which a document says it. Pure.

Two appliances that are alike give the same document, so it can be compared as text.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Export, ObjectKind
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

MEMBERS = tuple(kind.member for kind in KINDS if kind.entries is not None)


def reads(members: frozenset[str]) -> frozenset[str]:
    """Return what has to be read first for members of a document."""
    return frozenset().union(*(kind.listing for kind in _named(members)))


def further_reads(members: frozenset[str], world: World) -> frozenset[str]:
    """Return what has to be read besides, one by one, once the first reads are there."""
    return frozenset().union(*(kind.details(world) for kind in _named(members)))


def export(members: frozenset[str], world: World) -> Export:
    """Return an appliance that was read as a document with some members."""
    made = Export()
    for kind in _named(members):
        if kind.entries is not None:
            made.document[kind.member] = kind.entries(world, made)
    return made


def _named(members: frozenset[str]) -> list[ObjectKind]:
    return [kind for kind in KINDS if kind.member in members]
