# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The module config: applies the document of a task.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import os
import tempfile
import time
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
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.source import given, with_secrets


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
        files.append(_write_backup(session.backup(), session.client.connection.host, options["backup_options"] or {}))

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


def _write_backup(content: bytes, host: str, options: Mapping[str, Any]) -> str:
    directory = os.path.expanduser(options.get("dir_path") or "backup")
    name = options.get("filename") or f"{host.replace(':', '_')}_{time.strftime('%Y-%m-%d@%H-%M-%S')}.backup"
    path = os.path.join(directory, name)
    try:
        os.makedirs(directory, exist_ok=True)
        _write_beside(path, content)
    except OSError as error:
        raise InvalidOption(f"The backup cannot be written to {path}: {error.strerror}.") from None
    except ValueError:
        raise InvalidOption(f"The backup cannot be written to {path!r}: a path cannot have these characters.") from None
    return path


def _write_beside(path: str, content: bytes) -> None:
    """Write a file atomically, readable by its owner only."""
    handle, beside = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
