# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide: desired objects against what was read -> ordered steps, each with its reason. Pure: no I/O.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _leftovers
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import (
    Desired,
    Document,
    ObjectPlan,
    Step,
    World,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.real_server import added_at_once


@dataclass(frozen=True)
class Plan:
    """Everything that has to be done, in order, and what it changes; ``objects`` runs parallel to ``document``."""

    steps: tuple[Step, ...]
    objects: tuple[ObjectPlan, ...]
    document: Document

    def __bool__(self) -> bool:
        return bool(self.steps)

    def touched(self) -> list[Desired]:
        """Return the objects that the plan does anything about."""
        return [wanted for wanted, part in zip(self.document, self.objects, strict=True) if part.steps]


def make(document: Document, world: World) -> Plan:
    """Return the plan for a document. Raises InvalidOption with all that cannot be made so; nothing was sent then."""
    document = _leftovers.with_them(document.completed(world), world)
    repeated = document.repeated()
    if repeated:
        raise InvalidOption.of(repeated)
    objects: list[ObjectPlan] = []
    problems: list[Problem] = []
    for wanted, place in zip(document, document.places, strict=True):
        try:
            objects.append(wanted.plan(world, document))
        except InvalidOption as error:
            problems += [Problem(place, each.message) for each in error.problems] or [Problem(place, error.message)]
    if problems:
        raise InvalidOption.of(problems)
    steps = sorted((step for part in objects for step in part.steps), key=lambda step: step.rank)
    return Plan(tuple(added_at_once(steps, world, document)), tuple(objects), document)


def doing(step: Step) -> str:
    """Return a step as the middle of a sentence: "create it: virtual service ..."."""
    return f"{step.reason} ({step.subject}, command {step.command})"


def is_the_same(step: Step, other: Step) -> bool:
    """Tell whether two steps of two plans do the same to the same object, whatever number it has by now."""
    if step.command != other.command or step.parameters == other.parameters:
        return step.command == other.command
    # What has no name yet may be told by its slot by now, and be said to be taken over.
    sent, again = ({name: value for name, value in each.parameters.items() if name != "vs"} for each in (step, other))
    return step.subject == other.subject and (step.reason == other.reason or sent == again)


def without_secrets(step: Step, text: str) -> str:
    """Return a text without the secrets that a step has sent."""
    for name in step.hidden:
        value = step.parameters.get(name)
        if isinstance(value, str) and value:
            text = text.replace(value, "********")
    return text


def ignored(left: Plan) -> str:
    """Say what the appliance answered "ok" to and yet did not do."""
    parts = []
    for part in (part for part in left.objects if part.steps):
        wanted = {option: value for option, value in part.after.items() if part.before.get(option) != value}
        details = ", ".join(
            f"{option} should be {value!r} but is {part.before.get(option)!r}" for option, value in wanted.items()
        )
        parts.append(f"{part.subject}: {details or part.steps[0].reason + ' had no effect'}")
    return (
        'The LoadMaster answered "ok" but did not do all of it. '
        + "; ".join(parts)
        + ". Its firmware may not know the option, "
        "a setting that the option depends on is off, or something else has changed it back meanwhile."
    )
