# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Entries of a document that are one and the same object of an appliance under two names, or claim the same thing. Pure.

That entries have the same name is found without an appliance, by Document.repeated.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World


def on(world: World, document: Document) -> list[Problem]:
    """Return what an appliance shows: entries that are the same object of it, and what would be claimed twice."""
    first: dict[Hashable, str] = {}
    problems: list[Problem] = []
    same = {kind.wanted: kind.planning.same for kind in KINDS if kind.planning.same is not None}
    for wanted, place in zip(document, document.places, strict=True):
        tell = same.get(type(wanted))
        found = tell(wanted, world, document) if tell is not None else None
        if found is None:
            continue
        key = (type(wanted), found)
        if key in first:
            sentence = f"{wanted.subject} is the same as in {first[key]}. Merge both entries."
            problems.append(Problem(place, sentence))
        else:
            first[key] = place
    for kind in KINDS:
        if kind.planning.conflicts is not None:
            problems += kind.planning.conflicts(world, document)
    return problems
