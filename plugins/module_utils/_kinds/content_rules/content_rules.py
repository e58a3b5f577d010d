# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Registration of the kind content rules. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.rule_lists import BUILT_IN
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import (
    Export,
    Listing,
    ObjectKind,
    Purging,
    Recovery,
    composing,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Effect


def _entries(world: World, _made: Export) -> list[dict[str, Any]]:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import is_note

    entries = [content_rule.entry(rule) for rule in content_rule.all_rules(world) if not is_note(rule)]
    return sorted(entries, key=lambda entry: str(entry["name"]))


def _with_rules(listing: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listing of rules in which those that were answered replace the ones of their names."""
    names = {rule.get("Name") for rules in answered.values() if isinstance(rules, list) for rule in rules}
    kept = {kind: [rule for rule in rules if rule.get("Name") not in names] for kind, rules in listing.items()}
    return {
        **kept,
        **{kind: [*kept.get(kind, []), *rules] for kind, rules in answered.items() if isinstance(rules, list)},
    }


def _purging() -> Purging:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.rule_purge import PURGING

    return PURGING


def _recovery() -> Recovery:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.rule_recovery import RECOVERY

    return RECOVERY


# The answer contains the new rule, which is as good as reading it
_WRITE = Effect(refreshed=(LIST_RULES, _with_rules))
KIND = ObjectKind(
    member=content_rule.MEMBER,
    title="Content rules.",
    wanted=ContentRule,
    shape=content_rule.SHAPE,
    compose=composing(ContentRule.from_options),
    listing=frozenset({LIST_RULES}),
    listings={LIST_RULES: Listing(tuple(kind.answer for kind in content_rule.KINDS.values()))},
    entries=_entries,
    effects={"addrule": _WRITE, "modrule": _WRITE},
    purging=_purging,
    recovery=_recovery,
    about=("Content rules, each with the options of M(kemp.loadmaster.content_rule).",),
    purged="Content rules.",
    module="content_rule",
    kept_names=(BUILT_IN,),
)
