# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The module config: applies the document of a task.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.planning import Plan
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import results
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.files import backup_file
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.files.source import given, with_secrets


def apply(options: Mapping[str, Any], session: Session, *, check: bool, diff: bool) -> dict[str, Any]:
    """Apply the document, and return the result of the task."""
    terms = Terms(
        replace=options["state"] == "replaced",
        allow_no_servers=options["allow_no_servers"],
        allow_lockout=options["allow_lockout"],
        allow_empty_purge=options["allow_empty_purge"],
    )
    problems: list[Problem] = []
    if options["backup_options"] is not None and not options["backup"]:
        problems.append(Problem("backup_options", "it says where a backup goes, but backup is not set."))
    wanted = with_secrets(given(options, problems), options["secrets"] or {}, problems)
    purges = _purges(options["purge"] or (), problems)
    document = build.build(wanted, terms, purges, problems)
    files: list[str] = []

    def back_up() -> None:
        where = options["backup_options"] or {}
        path = backup_file.path_of(session.client.connection.host, where.get("dir_path"), where.get("filename"))
        backup_file.write(path, session.backup())
        files.append(path)

    first = back_up if options["backup"] else None
    try:
        outcome = session.reach(document, check=check, rollback=options["rollback"], first=first)
    except InvalidOption as error:
        error.more = _differences([part for part in error.foreseen if part.steps]) if check else {}
        raise
    result = results.of_outcome(outcome, session, diff=diff)
    warnings = [text for purge in purges if outcome.world for text in purge.staying(outcome.world, document)]
    if terms.replace and outcome.world is not None:
        warnings += [
            text for kind in KINDS if wanted.get(kind.member) for text in kind.kept(wanted[kind.member], outcome.world)
        ]
    if warnings:
        result["warnings"] = [*result.get("warnings", ()), *warnings]
    return {
        **result,
        **_differences(outcome.plan.differences),
        "removed": _removed(outcome.plan),
        **({"backup_path": files[0]} if files else {}),
    }


def _removed(plan: Plan) -> list[str]:
    """Return the deleted objects in order, each followed by what is deleted with it."""
    gone = {part.subject: part for part in plan.objects if part.steps and part.before and not part.after}
    ordered = dict.fromkeys(step.subject for step in plan.steps if step.subject in gone)
    return [subject for name in ordered for subject in (name, *gone[name].belongings)]


def _differences(parts: Sequence[ObjectPlan]) -> dict[str, Any]:
    """Return the changes by object, before and after."""
    return {
        "before": {part.subject: dict(part.before) for part in parts},
        "after": {part.subject: dict(part.after) for part in parts},
    }


def _purges(entries: Sequence[Mapping[str, Any]], problems: list[Problem]) -> list[Any]:
    if not entries:
        return []
    # Imported lazily: few tasks need it
    from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.purge import Purge, without_repetition

    purges: list[Purge] = []
    for entry in entries:
        try:
            purges += Purge.from_options(entry)
        except InvalidOption as error:
            problems += error.all_problems
    return without_repetition(purges)
