# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What interrupted runs, or two at once, left behind in a service, and what a plan makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine import planning
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import IndexOf
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, SubRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

PLACE = ServiceRef("tcp", "192.0.2.25", "443")
SERVER = {"Addr": "192.0.2.31", "Port": 443, "RsIndex": 90, "Enable": True}


def world(*subs: dict[str, Any]) -> World:
    """An appliance with one service; each SubVS has the slot of its place in the list."""
    slots = [
        {"VSIndex": number + 1, "RsIndex": number, "MatchRules": sub.pop("MatchRules", [])}
        for number, sub in enumerate(subs, start=1)
    ]
    parent = {"Index": 1, "Protocol": "tcp", "VSAddress": "192.0.2.25", "VSPort": "443", "SubVS": slots}
    records = [{"Index": slot["VSIndex"], "MasterVSID": 1, **sub} for slot, sub in zip(slots, subs, strict=True)]
    return World(Services([parent, *records]))


def plan(there: World, *names: str, present: bool = True) -> list[tuple[str, str]]:
    """The steps that a document of SubVSs takes, each with the slot or the name that it goes to."""
    return steps_of(there, *(SubVirtualService(SubRef(PLACE, name), present=present) for name in names))


def steps_of(there: World, *wanted: SubVirtualService) -> list[tuple[str, str]]:
    made = planning.make(Document(wanted), there)
    told = []
    for step in made.steps:
        target = step.parameters.get("vs")
        which = (target.service.slot or target.service.name) if isinstance(target, IndexOf) else "parent"
        told.append((step.command, which))
    return told


@pytest.mark.parametrize(
    ("subs", "names", "steps"),
    [
        ([{"NickName": "OWA"}, {}], ["OWA"], [("delvs", "2")]),
        ([{"NickName": "OWA"}, {}], ["OWA", "ECP"], [("modvs", "2")]),
        ([{}, {}, {}], ["OWA"], [("delvs", "2"), ("delvs", "3"), ("modvs", "1")]),
        ([{}, {"NickName": "OWA"}], ["EWS", "ECP"], [("modvs", "1"), ("modvs", "parent"), ("modvs", "ECP")]),
        # Someone put servers or rules into it
        ([{"NickName": "OWA"}, {"Rs": [SERVER]}], ["OWA"], []),
        ([{"NickName": "OWA"}, {"MatchRules": ["R"]}], ["OWA"], []),
        ([{"NickName": "OWA"}, {"RequestRules": ["R"]}], ["OWA"], []),
        # Two of a name
        ([{"NickName": "OWA", "Rs": [SERVER]}, {"NickName": "OWA"}], ["OWA"], [("delvs", "2")]),
        ([{"NickName": "OWA"}, {"NickName": "OWA", "Rs": [SERVER]}], ["OWA"], [("delvs", "1")]),
        ([{"NickName": "OWA"}, {"NickName": "OWA", "MatchRules": ["R"]}], ["OWA"], [("delvs", "1")]),
        ([{"NickName": "OWA"}, {"NickName": "OWA"}, {"NickName": "OWA"}], ["OWA"], [("delvs", "2"), ("delvs", "3")]),
        # What the document does not speak of
        ([{"NickName": "OWA"}, {"NickName": "EWS"}, {"NickName": "EWS"}], ["OWA"], []),
    ],
)
def test_what_is_left_behind_is_taken_or_goes(subs: Any, names: Any, steps: Any) -> None:
    assert plan(world(*subs), *names) == steps


def test_taking_a_service_away_leaves_others_as_they_are() -> None:
    assert plan(world({"NickName": "OWA"}, {}), "OWA", present=False) == [("delvs", "OWA")]


def test_one_that_the_same_document_takes_away_is_not_taken_over() -> None:
    goes = SubVirtualService(SubRef(PLACE, "", "1"), present=False)
    steps = steps_of(world({}, {}, {}), SubVirtualService(SubRef(PLACE, "OWA")), goes)
    assert sorted(steps) == [("delvs", "1"), ("delvs", "3"), ("modvs", "2")]


def test_two_of_a_name_that_both_serve_are_for_a_person_to_tell_apart() -> None:
    both = world({"NickName": "OWA", "Rs": [SERVER]}, {"NickName": "OWA", "MatchRules": ["R"]}, {"NickName": "OWA"})
    with pytest.raises(InvalidOption, match=r"2 SubVSs 'OWA' .* in the slots 1, 2, .* Delete or rename .* run"):
        plan(both, "OWA")


def test_it_is_told_whether_a_plan_rests_on_what_was_left_behind() -> None:
    wanted = Document([SubVirtualService(SubRef(PLACE, "OWA"))])
    for there, rests in ((world({}), True), (world({"NickName": "OWA"}, {}), True), (world({"NickName": "E"}), False)):
        steps = planning.make(wanted, there).steps
        assert any(late.unsettled for step in steps for late in step.late) is rests


def test_the_lists_of_rules_are_those_of_the_tables() -> None:
    assert set(services._RULES) == {each.reported for each in rule_lists.OF_SERVICES}
