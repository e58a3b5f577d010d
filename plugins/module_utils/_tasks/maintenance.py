# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The module server_maintenance: take a real server out of all services, or put it back.

_kinds.maintenance decides what to write, and a Session writes it. taking_out and putting_back wait, and say
meanwhile how things stand.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, LoadMasterError
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.maintenance_options import Options
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Clock, Say, Task, silent
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.putting_back import Return
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.taking_out import Departure
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.waiting import cut_connections


def perform(
    options: Mapping[str, Any],
    session: Session,
    *,
    check: bool = False,
    diff: bool = False,
    say: Say = silent,
    clock: Clock | None = None,
) -> dict[str, Any]:
    """Carry out the task that the options describe and return its result. Raises LoadMasterError with what was done.

    ``say`` gets a line at every look while the task waits.
    """
    asked = Options.checked(options)
    _check(asked)
    # A status is polled, in loops and with until, so cached answers are no use.
    session.snapshot.forget()
    task = Task(session, check, diff, say, clock or Clock())
    way = Departure(task, asked) if asked.out_of_service else Return(task, asked)
    try:
        if asked.remember:
            cut_connections.restore_settings(task)
        way.run()
    except LoadMasterError as error:
        error.changed, error.kept = error.changed or task.changed, error.kept + task.kept
        if not isinstance(error, InvalidOption) or error.changed:
            # The result must say what was done, or it could not be undone.
            error.more = {**error.more, "server_maintenance": way.result()}
        raise
    return {**task.result(), "server_maintenance": way.result()}


def _check(options: Options) -> None:
    if options.remember:
        return
    if options.cut_connections:
        raise InvalidOption(
            "cut_connections changes settings of the whole LoadMaster for a moment, and notes there what they were. "
            "It cannot be used with remember=false."
        )
    if not options.out_of_service and options.taken_out is None:
        raise InvalidOption(
            "With remember=false there is no note. Set taken_out to the value that the task with state=out_of_service "
            "returned."
        )
