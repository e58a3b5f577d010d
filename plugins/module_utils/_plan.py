# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide: desired objects against what was read -> ordered steps, each with its reason. Pure: no I/O.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import Desired, ObjectPlan, Step, World


@dataclass(frozen=True)
class Plan:
    """Everything that has to be done, in order, and what it changes; ``objects`` runs parallel to the document."""

    steps: tuple[Step, ...]
    objects: tuple[ObjectPlan, ...]

    def __bool__(self) -> bool:
        return bool(self.steps)


def make(document: Sequence[Desired], world: World) -> Plan:
    """Return the plan for a document. Raises InvalidOption where it cannot be made so; nothing was sent then."""
    objects = tuple(wanted.plan(world, document) for wanted in document)
    steps = [step for part in objects for step in part.steps]
    return Plan(tuple(sorted(steps, key=lambda step: step.rank)), objects)
