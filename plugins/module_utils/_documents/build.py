# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The whole appliance as one document: its members, and the objects that they define. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Items
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.composer import Composer
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Completion, Document, Terms

MEMBERS = tuple(kind for kind in KINDS if not kind.belongs_to)
# Problems that the source of a document, such as a template, reports.
FAULTS = Field("faults", "", Items(ordered=True, splits=""))
SHAPE = Shape(
    rows=(FAULTS,),
    parts={kind.member: kind.shape for kind in MEMBERS if kind.single},
    lists={kind.member: kind.shape for kind in MEMBERS if not kind.single},
)


def build(given: Any, terms: Terms, purges: Sequence[Completion] = (), problems: Sequence[Problem] = ()) -> Document:
    """Return the objects that a document means. Raises InvalidOption with everything that is wrong with it.

    ``problems`` are those that the document came with.
    """
    problems = [*problems]
    checked = SHAPE.check(given, "", problems)
    if checked.get("faults"):
        # Problems of the source explain those that follow from them
        raise InvalidOption.from_problems([Problem("", fault) for fault in checked["faults"]])
    composer = Composer(terms._replace(whole=True), problems)
    _compose(composer, checked)
    faults = () if terms.allow_empty_purge else (purge.fault(checked) for purge in purges)
    # The rest depends on the appliance, and is reported together with this
    unallowed = [Problem("purge", fault) for fault in faults if fault]
    document = Document(composer.objects, composer.places, [*purges, *composer.completions], unallowed=unallowed)
    problems += document.repeated()
    for kind in KINDS:
        problems += kind.check(document)
    if problems:
        raise InvalidOption.from_problems([*problems, *unallowed])
    return document


def _compose(composer: Composer, document: Mapping[str, Any]) -> None:
    """Add all objects of a checked document."""
    for kind in MEMBERS:
        given = document.get(kind.member)
        if not given or kind.compose is None:
            continue
        if kind.single:
            kind.compose(composer, kind.member, given)
            continue
        for number, entry in enumerate(given):
            kind.compose(composer, f"{kind.member}[{number}]", entry)
    composer.finish()
