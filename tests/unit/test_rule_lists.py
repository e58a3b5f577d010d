# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rule lists: whatever order is wanted, the calls lead there, and there are no fewer that do."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._rule_lists import CONTENT_RULES

RULES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)


def carried_out(present: list[str], target: list[str]) -> tuple[list[str], int]:
    """Carry the calls out as the appliance does, a new rule always last; return the list then, and how many there were."""
    steps = _rule_lists.steps([CONTENT_RULES], {"content_rules": target}, {"content_rules": present}, {}, "x")
    rules = list(present)
    for step in steps:
        rule = step.parameters["rule"]
        if step.command == CONTENT_RULES.assign:
            assert rule not in rules
            rules.append(rule)
        else:
            rules.remove(rule)
    return rules, len(steps)


@given(present=RULES, target=RULES)
def test_the_calls_lead_to_the_wanted_order(present: list[str], target: list[str]) -> None:
    assert carried_out(present, target)[0] == target


@given(present=RULES, target=RULES)
def test_there_are_no_fewer_calls_that_do(present: list[str], target: list[str]) -> None:
    """What stays has to be a beginning of the wanted list, since what is assigned comes after it. Try them all."""
    kept = [
        list(stay)
        for size in range(len(present) + 1)
        for stay in combinations(present, size)
        if list(stay) == target[:size]
    ]
    fewest = min(len(present) - len(stay) + len(target) - len(stay) for stay in kept)
    assert carried_out(present, target)[1] == fewest


@given(present=RULES, target=RULES)
def test_nothing_wanted_is_missing_longer_than_it_takes_to_move_it(present: list[str], target: list[str]) -> None:
    steps = _rule_lists.steps([CONTENT_RULES], {"content_rules": target}, {"content_rules": present}, {}, "x")
    commands = [(step.command, step.parameters["rule"]) for step in steps]
    for place, (command, rule) in enumerate(commands):
        if command == CONTENT_RULES.detach and rule in target:
            assert commands[place + 1] == (CONTENT_RULES.assign, rule)


def test_a_kind_that_would_silently_not_be_assigned_is_refused() -> None:
    with pytest.raises(InvalidOption, match="takes rules of the kind match_content, but a is a modify_url rule"):
        _rule_lists.check([CONTENT_RULES], {"content_rules": ["a"]}, {}, lambda _name, _assigned: "modify_url", "x")
    with pytest.raises(InvalidOption, match="there is no such rule"):
        _rule_lists.check([CONTENT_RULES], {"content_rules": ["a"]}, {}, lambda _name, _assigned: "", "x")
