# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Export: an appliance that was read, as a document. Pure.

Two appliances that are alike give the same document, so it can be compared as text.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Export, ObjectKind
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

MEMBERS = tuple(kind.member for kind in KINDS if kind.entries is not None)


def reads(members: frozenset[str]) -> frozenset[str]:
    """Return the listings to read for some members of a document."""
    return frozenset().union(*(kind.listing for kind in _named(members)))


def further_reads(members: frozenset[str], world: World) -> frozenset[str]:
    """Return the single objects to read, given the listings."""
    return frozenset().union(*(kind.details(world) for kind in _named(members)))


def export(members: frozenset[str], world: World) -> Export:
    """Return some members of the document of an appliance that was read."""
    made = Export()
    for kind in _named(members):
        if kind.entries is not None:
            made.document[kind.member] = kind.entries(world, made)
    return made


def _named(members: frozenset[str]) -> list[ObjectKind]:
    return [kind for kind in KINDS if kind.member in members]
