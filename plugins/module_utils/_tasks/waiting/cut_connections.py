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
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.lock import Turn
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Refused
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import SettingsNote
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.dropping import (
    DrainSettings,
    DropAtOnce,
    DropRestored,
    Redisabled,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Task

# How long the appliance may take to end connections.
CUT_TIME = 30.0
# An older note of another machine is a leftover of an interrupted run; no run takes that long.
ABANDONED_AFTER = 300.0
# How often to check whether another machine is done.
INTERVAL = 5.0


def restore_settings(task: Task) -> None:
    """Give back the settings that a run has changed and could not restore, because it was interrupted."""
    if not _noted(task):
        return
    turn = _turn(task)
    # If a run on this machine holds the turn, wait for it; then there is nothing to restore.
    with turn.taken(task.clock.sleep, task.say):
        noted = _noted(task)
        if not noted:
            return
        if _interrupted(task, noted, turn):
            task.reach(DropRestored(noted.run))
            return
    task.warnings.append(
        "A run on another machine is ending connections, or was interrupted at that less than five minutes ago. The settings "
        "drop_at_drain_time_end and l7_drain_time, which that run changed, stay as they are."
    )


def cut(task: Task, address: str, numbers: Collection[str], wait: Callable[[float], None]) -> None:
    """End the connections at layer 7, the only ones that the appliance can end, where the server is disabled.

    ``numbers`` are those of the places, ``wait`` waits for so many seconds until the connections are gone.
    """
    turn = _turn(task)
    with turn.taken(task.clock.sleep, task.say):
        while True:
            _wait_for_others(task, turn)
            change = _Change(turn.wrote(), int(task.clock.now()))
            try:
                if not change.make(task):
                    continue
                task.reach_from(Redisabled.READS, partial(Redisabled.starting, address=address, numbers=numbers))
                wait(CUT_TIME)
            finally:
                change.revert(task)
            return


@dataclass
class _Change:
    """The settings that a run changes temporarily; ``run`` and ``since`` identify it for other machines."""

    run: str
    since: int
    before: DrainSettings = field(default_factory=dict)

    def make(self, task: Task) -> bool:
        """Change the settings; return whether that worked, or another machine was first."""
        try:
            task.reach_from(DropAtOnce.READS, self._begin)
        except (Refused, InvalidOption):
            noted = _noted(task)
            if noted is None or noted.run == self.run:
                raise
            return False
        return True

    def revert(self, task: Task) -> None:
        """Restore the settings as they were."""
        task.reach(DropRestored(self.run, self.before))

    def _begin(self, world: World) -> DropAtOnce:
        wanted = DropAtOnce.starting(world, self.run, self.since)
        self.before = wanted.before
        return wanted


def _turn(task: Task) -> Turn:
    """Return the lock for temporary changes of settings."""
    connection = task.session.client.connection
    return Turn(connection.host, connection.host_port, "drain settings")


def _noted(task: Task) -> SettingsNote | None:
    return SettingsNote.read(task.world(LIST_RULES))


def _interrupted(task: Task, noted: SettingsNote, turn: Turn) -> bool:
    """Return whether the run that has left a note is no more: it had this turn, which it cannot have now, or it is long ago."""
    return noted.run == turn.last_word or abs(task.clock.now() - noted.since) >= ABANDONED_AFTER


def _wait_for_others(task: Task, turn: Turn) -> None:
    """Wait until no run on another machine has the settings; restore what one has left that was interrupted."""
    seen: dict[str, float] = {}
    while noted := _noted(task):
        waited = task.clock.monotonic() - seen.setdefault(noted.run, task.clock.monotonic())
        if waited >= ABANDONED_AFTER or _interrupted(task, noted, turn):
            task.reach(DropRestored(noted.run))
            continue
        task.say(
            f"a run on another machine is ending connections; waiting for it ({waited:.0f} s of {ABANDONED_AFTER:.0f} s)"
        )
        task.clock.sleep(INTERVAL)
