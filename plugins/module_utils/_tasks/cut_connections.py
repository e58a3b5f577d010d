# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""End what is left open to a server, by settings of the whole appliance that are changed for a moment.

They belong to one run at a time. Those of this machine take turns; those of other machines see each other by the note of the
settings as they were.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.lock import Turn
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Refused
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import SettingsNote
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.dropping import (
    DisabledAnew,
    DropAsBefore,
    DropAtOnce,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Task

# How long the appliance gets to end connections that it was told to end.
CUT_TIME = 30.0
# A note of another machine that is older was left by a run that was interrupted; none takes as long as that.
FRESH = 300.0
# How often to look whether another machine is done.
INTERVAL = 5.0


def restore_settings(task: Task) -> None:
    """Give back the settings that a run has changed and could not restore, because it was interrupted."""
    if not _noted(task):
        return
    turn = _turn(task)
    # If a run is at it on this machine, this waits until it is done, and then there is nothing to restore.
    with turn.taken(task.clock.sleep, task.say):
        noted = _noted(task)
        if not noted:
            return
        if _interrupted(task, noted, turn):
            task.reach(DropAsBefore(noted.run))
            return
    task.warnings.append(
        "A run on another machine is ending connections, or was interrupted at that less than five minutes ago. The settings "
        "drop_at_drain_time_end and l7_drain_time, which it has changed for it, were left to it."
    )


def cut(task: Task, address: str, numbers: Collection[str], wait: Callable[[float], None]) -> None:
    """End the connections at layer 7, the only ones that the appliance can end, where the server is disabled.

    ``numbers`` are those of the places, ``wait`` waits for so many seconds until the connections are gone.
    """
    turn = _turn(task)
    with turn.taken(task.clock.sleep, task.say):
        while True:
            _wait_for_others(task, turn)
            at_once = DropAtOnce(turn.wrote(), int(task.clock.now()))
            try:
                if not _taken(task, at_once):
                    continue
                task.reach(DisabledAnew(address, numbers))
                wait(CUT_TIME)
            finally:
                task.reach(DropAsBefore(at_once.run, at_once.before))
            return


def _taken(task: Task, at_once: DropAtOnce) -> bool:
    """Change the settings; tell whether that worked, or another machine was quicker."""
    try:
        task.reach(at_once)
    except (Refused, InvalidOption):
        noted = _noted(task)
        if noted is None or noted.run == at_once.run:
            raise
        return False
    return True


def _turn(task: Task) -> Turn:
    """Return the turn of those who change the settings of the appliance for a moment."""
    connection = task.session.client.connection
    return Turn(connection.host, connection.host_port, "drain settings")


def _noted(task: Task) -> SettingsNote | None:
    task.session.snapshot.forget()
    return SettingsNote.read(task.session.snapshot.world({LIST_RULES}))


def _interrupted(task: Task, noted: SettingsNote, turn: Turn) -> bool:
    """Tell whether the run that has left a note is no more: it had this turn, which it cannot have now, or it is long ago."""
    return noted.run == turn.last_word or abs(task.clock.now() - noted.since) >= FRESH


def _wait_for_others(task: Task, turn: Turn) -> None:
    """Wait until no run on another machine has the settings; restore what one has left that was interrupted."""
    seen: dict[str, float] = {}
    while noted := _noted(task):
        waited = task.clock.monotonic() - seen.setdefault(noted.run, task.clock.monotonic())
        if waited >= FRESH or _interrupted(task, noted, turn):
            task.reach(DropAsBefore(noted.run))
            continue
        task.say(f"a run on another machine is ending connections; waiting for it ({waited:.0f} s of {FRESH:.0f} s)")
        task.clock.sleep(INTERVAL)
