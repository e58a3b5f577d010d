# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Results: changed, steps, diff, API calls, and failures. Secrets are masked.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Outcome, Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    NO_NAMES,
    InvalidOption,
    LoadMasterError,
    Names,
    spoken,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan


def of_outcome(outcome: Outcome, session: Session, *, diff: bool) -> dict[str, Any]:
    """Return the part of a result that all modules share."""
    result: dict[str, Any] = {
        "changed": bool(outcome.plan),
        "steps": [step.shown() for step in outcome.plan.steps],
        "api_calls": session.calls,
    }
    warnings = list(outcome.warnings)
    if not outcome.applied:
        # Must not be hidden among the steps when a person reads a check
        warnings += [recreation.warning for recreation in outcome.plan.recreated.values()]
    if warnings:
        result["warnings"] = [spoken(text) for text in warnings]
    if diff:
        result["diff"] = [_diff(part) for part in outcome.plan.differences]
    return result


def of_object(outcome: Outcome, wanted: Desired, part: ObjectPlan) -> dict[str, Any]:
    """Return an object as it is after the task; in check mode, as it would be as far as that is known."""
    found = wanted.found(outcome.world) if outcome.world is not None else {}
    if outcome.applied or not part.steps:
        return found
    gone = part.before.keys() - part.after.keys()
    kept = {option: value for option, value in found.items() if option not in gone}
    return {**kept, **part.after} if part.after else {}


def awaiting(error: InvalidOption, session: Session, key: str) -> dict[str, Any]:
    """Return what check mode says where an object needs others that an earlier task may make: no one can foresee more."""
    warned = [
        f"{problem.message} Unless an earlier task creates it, this task will fail." for problem in error.problems
    ]
    return {"changed": True, "steps": [], "api_calls": session.calls, "warnings": warned, key: {}}


def of_error(error: LoadMasterError, names: Names = NO_NAMES) -> dict[str, Any]:
    """Return a failure as a result. ``names`` are what the place of the reader calls the options."""
    error.names = {**names, **error.names}
    return {**error.more, "failed": True, "changed": error.changed, "msg": error.message, "error": error.details()}


def _diff(part: ObjectPlan) -> dict[str, Any]:
    return {
        "before_header": part.subject,
        "after_header": part.subject,
        "before": dict(part.before),
        "after": dict(part.after),
    }
