# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide: desired objects against what was read -> ordered steps, each with its reason. Pure: no I/O.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
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
    document = document.completed(world)
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
