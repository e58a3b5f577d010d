# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide: desired objects against what was read -> ordered steps, each with its reason. Pure: no I/O.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import overlaps
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import leftovers, recreation
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import added_at_once
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import (
    Desired,
    Document,
    ObjectPlan,
    Step,
    World,
)

_PURGE = "purge"
# What refusals speak of, and the parameter that has its name
_UNTOLD = {"certificate": "certfile", "cipher set": "cipherset"}


@dataclass(frozen=True)
class Plan:
    """Everything that has to be done, in order, and what it changes; ``objects`` runs parallel to ``document``.

    ``anew`` are the identities of the services that are removed and made anew.
    """

    steps: tuple[Step, ...]
    objects: tuple[ObjectPlan, ...]
    document: Document
    anew: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.steps)

    def touched(self) -> list[Desired]:
        """Return the objects that the plan does anything about."""
        touched: list[Desired] = []
        for wanted, part in zip(self.document, self.objects, strict=True):
            if isinstance(wanted, VirtualService) and id(wanted) in self.anew:
                # It is undone as one that went, with all that belonged to it
                touched.append(replace(wanted, present=False))
            elif part.steps:
                touched.append(wanted)
        return touched


def make(document: Document, world: World) -> Plan:
    """Return the plan for a document. Raises InvalidOption with all that cannot be made so; nothing was sent then."""
    anew = recreation.find(document, world)
    there = recreation.without(world, anew)
    problems: list[Problem] = []
    whole = document
    try:
        whole = leftovers.with_them(document.completed(there), there)
        whole.check(there)
    except InvalidOption as error:
        problems += [each._replace(place=_PURGE) for each in error.told]
    problems += [*whole.repeated(), *overlaps.on(world, whole)]
    objects: list[ObjectPlan] = []
    for wanted, place in zip(whole, whole.places, strict=True):
        try:
            part = wanted.plan(there, whole)
            objects.append(anew[id(wanted)].preceded(part) if id(wanted) in anew else part)
        except InvalidOption as error:
            problems += [Problem(place, each.message) for each in error.told]
    if problems:
        invalid = InvalidOption.of(_once(problems))
        invalid.foreseen = tuple(objects)
        raise invalid
    steps = sorted((step for part in objects for step in part.steps), key=lambda step: step.rank)
    return Plan(tuple(added_at_once(steps, there, whole)), tuple(objects), whole, frozenset(anew))


def _once(problems: list[Problem]) -> list[Problem]:
    """Return problems without those that purge meets as well, which are told at their own places."""
    placed = {each.message for each in problems if each.place != _PURGE}
    return [each for each in problems if each.place != _PURGE or each.message not in placed]


def doing(step: Step) -> str:
    """Return a step as the middle of a sentence: "create it: virtual service ..."."""
    return f"{step.reason} ({step.subject}, command {step.command})"


def named(step: Step, answer: str) -> str:
    """Return a sentence with the name that a refusal speaks of and does not tell; empty where there is none."""
    values = ((what, step.parameters.get(parameter)) for what, parameter in _UNTOLD.items() if what in answer.lower())
    return "".join(f" The {what} was to be {value}." for what, value in values if value)


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
