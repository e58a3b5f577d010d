# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Dangling references: names in a document that no object has, on the appliance or in the document. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import ObjectKind
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

_REFERRED = {kind.member: (kind, kind.lookup) for kind in KINDS if kind.lookup is not None}
_REFERRING: dict[type[Any], list[Field]] = {
    kind.wanted: rows for kind in KINDS if (rows := [row for row in kind.shape.rows if row.refers in _REFERRED])
}
# How many of the existing names a sentence lists.
_NAMED = 5


def on(world: World, document: Document) -> Iterator[Problem]:
    """Yield where an object names another one that neither exists nor is created by the document. Raises NotRead."""
    for wanted, place in zip(document, document.places, strict=True):
        for row in _REFERRING.get(type(wanted), ()):
            value = getattr(wanted, "options", {}).get(row.option) if getattr(wanted, "present", True) else None
            for name in [value] if isinstance(value, str) else value or ():
                kind, lookup = _REFERRED[row.refers]
                known = lookup.known(name, world) if name and not _is_made(name, kind, document) else None
                if known is not None:
                    sentence = _sentence(wanted.subject, row, name, kind, known)
                    yield Problem(place, f"{sentence} {lookup.advice}")


def _is_made(name: str, kind: ObjectKind, document: Document) -> bool:
    wanted = document.find(kind.wanted, name)
    # If a removed object is still in use, its own plan reports that
    return wanted is not None or (kind.member, name) in document.expected


def _sentence(subject: str, row: Field, name: str, kind: ObjectKind, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    has = f" It has {', '.join(known[:_NAMED])}{' and more' if len(known) > _NAMED else ''}." if known else ""
    meant = f" Did you mean {close[0]}?" if close else has
    return f"{subject}: {row.option} names {name}, but the LoadMaster has no {kind.noun} of this name.{meant}"
