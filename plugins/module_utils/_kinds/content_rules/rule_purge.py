# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Purge of content rules. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import (
    ContentRule,
    all_rules,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import is_note
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Named, Purging
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, LIST_SERVICES, World


def _find(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for rule in all_rules(world):
        if document.find(ContentRule, rule["name"]) is None and not is_note(rule):
            yield Named(rule["name"]), ContentRule(rule["name"], present=False)


def _check(world: World, document: Document) -> None:
    """Raise InvalidOption if a rule to remove stays assigned somewhere."""
    for name in sorted(rule.name for rule in document.all(ContentRule) if not rule.present):
        places = list(rule_lists.assignments(world.services, name))
        if any(rule_lists.is_left_alone(place, world, document) for place in places):
            raise InvalidOption(
                f"content rule {name} is not in the document and would be deleted, but it is still in {'; '.join(map(str, places))}. "
                "Put it into the document, or narrow the purge."
            )


PURGING = Purging(_find, frozenset({LIST_RULES, LIST_SERVICES}), check=_check)
