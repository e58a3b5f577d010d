# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rule lists: whatever order is wanted, the calls lead there, and there are no fewer that do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.rule_lists import (
    CONTENT_RULES,
    OF_SERVICES,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step

REQUEST_RULES = next(each for each in OF_SERVICES if each.option == "request_rules")
LISTS = [CONTENT_RULES, REQUEST_RULES]
RULES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)
FEW_RULES = st.lists(st.sampled_from("abcd"), unique=True, max_size=4)


def steps_of(each: rule_lists.RuleList, present: list[str], target: list[str]) -> list[Step]:
    return rule_lists.steps([each], {each.option: target}, {each.option: present}, {}, "x")


def after_each(each: rule_lists.RuleList, present: list[str], target: list[str]) -> Iterator[list[str]]:
    """Carry the calls out as the appliance does, a new rule always last, and yield the list after each of them."""
    rules = list(present)
    for step in steps_of(each, present, target):
        if step.command == "modvs":
            rule, place = str(step.parameters[each.move]), int(str(step.parameters[f"{each.move}pos"]))
            assert rule in rules and 1 <= place <= len(rules)
            rules.remove(rule)
            rules.insert(place - 1, rule)
        elif step.command == each.assign:
            assert step.parameters["rule"] not in rules
            rules.append(str(step.parameters["rule"]))
        else:
            rules.remove(str(step.parameters["rule"]))
        yield list(rules)


@pytest.mark.parametrize("each", LISTS, ids=lambda each: each.option)
@given(present=RULES, target=RULES)
def test_the_calls_lead_to_the_wanted_order(each: rule_lists.RuleList, present: list[str], target: list[str]) -> None:
    assert [present, *after_each(each, present, target)][-1] == target


@given(present=FEW_RULES, target=FEW_RULES)
def test_there_are_no_fewer_calls_that_never_take_out_what_is_wanted(present: list[str], target: list[str]) -> None:
    """Try everything that can be done: assign, move anywhere, detach what is not wanted."""
    reached, edge, fewest = {tuple(present)}, {tuple(present)}, 0
    while tuple(target) not in reached:
        edge = {further for rules in edge for further in _one_call_later(rules, target)} - reached
        reached |= edge
        fewest += 1
    assert len(steps_of(REQUEST_RULES, present, target)) == fewest


def _one_call_later(rules: tuple[str, ...], target: list[str]) -> Iterator[tuple[str, ...]]:
    yield from ((*rules, name) for name in target if name not in rules)
    for name in rules:
        rest = [other for other in rules if other != name]
        if name not in target:
            yield tuple(rest)
        yield from ((*rest[:place], name, *rest[place:]) for place in range(len(rules)))


@given(present=RULES, target=RULES)
def test_what_can_be_moved_is_never_missing(present: list[str], target: list[str]) -> None:
    kept = set(present) & set(target)
    assert all(kept <= set(rules) for rules in after_each(REQUEST_RULES, present, target))


def test_the_last_of_five_becomes_the_first_in_one_call() -> None:
    (step,) = steps_of(REQUEST_RULES, list("abcde"), list("eabcd"))
    assert step.parameters == {"requestprecedence": "e", "requestprecedencepos": "1"}
    assert step.reason == "move e to place 1 of request_rules"


@given(present=RULES, target=RULES)
def test_there_are_no_fewer_calls_where_nothing_can_be_moved(present: list[str], target: list[str]) -> None:
    """What stays has to be a beginning of the wanted list, since what is assigned comes after it. Try them all."""
    kept = [
        list(stay)
        for size in range(len(present) + 1)
        for stay in combinations(present, size)
        if list(stay) == target[:size]
    ]
    fewest = min(len(present) - len(stay) + len(target) - len(stay) for stay in kept)
    assert len(steps_of(CONTENT_RULES, present, target)) == fewest


@given(present=RULES, target=RULES)
def test_nothing_wanted_is_missing_longer_than_it_takes_to_put_it_in_its_place(
    present: list[str], target: list[str]
) -> None:
    commands = [(step.command, step.parameters["rule"]) for step in steps_of(CONTENT_RULES, present, target)]
    for place, (command, rule) in enumerate(commands):
        if command == CONTENT_RULES.detach and rule in target:
            assert commands[place + 1] == (CONTENT_RULES.assign, rule)


def test_a_rule_goes_before_it_becomes_another_kind() -> None:
    made = rule_lists.steps(
        [REQUEST_RULES], {"request_rules": ["c"]}, {"request_rules": ["a", "b"]}, {}, "x", changes_kind="a".__eq__
    )
    first = min(made, key=lambda step: step.rank)
    assert (first.command, first.parameters, first.rank < ranks.RULE) == ("delrequestrule", {"rule": "a"}, True)
    assert [step.parameters["rule"] for step in made if step is not first] == ["c", "b"]


def test_a_kind_that_would_silently_not_be_assigned_is_refused() -> None:
    with pytest.raises(InvalidOption, match="takes rules of the kind match_content, but a is a modify_url rule"):
        rule_lists.check([CONTENT_RULES], {"content_rules": ["a"]}, {}, lambda _name, _assigned: "modify_url", "x")
    with pytest.raises(InvalidOption, match="there is no such rule"):
        rule_lists.check([CONTENT_RULES], {"content_rules": ["a"]}, {}, lambda _name, _assigned: "", "x")


# The catch-all is in no listing. The LoadMaster keeps it behind the others, or where it was assigned; it is tried last either way.
BUILT_IN = rule_lists.BUILT_IN
WITH_BUILT_IN = st.lists(st.sampled_from(["a", "b", "c", BUILT_IN]), unique=True)


@pytest.mark.parametrize("kept_last", [True, False])
@given(present=WITH_BUILT_IN, target=WITH_BUILT_IN)
def test_the_place_of_the_catch_all_says_nothing(kept_last: bool, present: list[str], target: list[str]) -> None:
    rules = sorted(present, key=BUILT_IN.__eq__) if kept_last else present

    def made(rules: list[str]) -> list[Step]:
        current = rule_lists.read([CONTENT_RULES], {"MatchRules": rules})
        return rule_lists.steps(
            [CONTENT_RULES], rule_lists.given([CONTENT_RULES], {"content_rules": target}), current, {}, "x"
        )

    steps = made(rules)
    for step in steps:
        rule = str(step.parameters["rule"])
        rules = [name for name in rules if name != rule] + ([rule] if step.command == CONTENT_RULES.assign else [])
        rules = sorted(rules, key=BUILT_IN.__eq__) if kept_last else rules
    assert [name for name in rules if name != BUILT_IN] == [name for name in target if name != BUILT_IN]
    assert (BUILT_IN in rules) == (BUILT_IN in target)
    assert made(rules) == []
    # Without it, requests that match no rule go nowhere
    moved = [step for step in steps if step.parameters["rule"] == BUILT_IN]
    assert len(moved) == (BUILT_IN in present) ^ (BUILT_IN in target)


def test_the_catch_all_is_for_content_rules_alone() -> None:
    def check(each: rule_lists.RuleList) -> None:
        rule_lists.check([each], {each.option: [BUILT_IN]}, {}, lambda _name, _assigned: "", "x")

    check(CONTENT_RULES)
    for each in OF_SERVICES:
        with pytest.raises(InvalidOption, match=f"{each.option} names default, the built-in catch-all"):
            check(each)
