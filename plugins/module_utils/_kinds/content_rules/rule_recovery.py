# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Recovery of content rules: former state, differences, traces. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.differences import come_and_gone, said
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Attempt, Recovery
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step


def _former(wanted: ContentRule, attempt: Attempt) -> list[Desired]:
    kind, state = content_rule.find(attempt.before, wanted.name)
    return [ContentRule(wanted.name, kind, state) if kind else ContentRule(wanted.name, present=False)]


def _differences(before: World, after: World) -> Iterator[str]:
    if LIST_RULES not in before.answers.keys() & after.answers.keys():
        return
    was, now = ({str(rule["name"]): rule for rule in content_rule.all_rules(world)} for world in (before, after))
    yield from come_and_gone(*({name: f"content rule {name}" for name in rules} for rules in (was, now)))
    for name in was.keys() & now.keys():
        changed = [
            option for option in was[name].keys() | now[name].keys() if was[name].get(option) != now[name].get(option)
        ]
        yield from said(f"content rule {name}", {option: was[name].get(option) for option in sorted(changed)})


def _traces(world: World) -> Mapping[str, Any] | None:
    if LIST_RULES not in world.answers:
        return None
    return {f"content rule {rule['name']}": rule for rule in content_rule.all_rules(world)}


def _touched(step: Step, _worlds: tuple[World, World]) -> Iterator[str]:
    if "name" in step.parameters and step.command.endswith("rule"):
        yield f"content rule {step.said['name']}"


RECOVERY = Recovery(
    former=_former, differences=_differences, reads=frozenset({LIST_SERVICES}), traces=_traces, touched=_touched
)
