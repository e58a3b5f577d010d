# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide: desired objects against what was read -> ordered steps, each with its reason. Pure: no I/O.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _anew, _overlaps
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import (
    Desired,
    Document,
    ObjectPlan,
    Step,
    World,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.real_server import added_at_once
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.virtual_service import VirtualService

_PURGE = "purge"


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
    anew = _anew.find(document, world)
    there = _anew.without(world, anew)
    problems: list[Problem] = []
    whole = document
    try:
        whole = document.completed(there)
        whole.check(there)
    except InvalidOption as error:
        problems += [replace(each, place=_PURGE) for each in error.told]
    problems += [*whole.repeated(), *_overlaps.on(world, whole)]
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

    def said(problem: Problem) -> str:
        return problem.message.removesuffix(" Nothing was changed.")

    placed = {said(each) for each in problems if each.place != _PURGE}
    return [each for each in problems if each.place != _PURGE or said(each) not in placed]
