# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Take a real server out of all services, and wait until its connections have ended.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AnswerLost,
    InvalidOption,
    LoadMasterError,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.health_checks import health_checks
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.maintenance_options import Options
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.open_connections import (
    STATISTICS,
    STATISTICS_PERIOD,
    Count,
    count_open,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.out_of_service import (
    InService,
    OutOfService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import Entry, Place, places
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import (
    describe as describe_settings,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import ALL_PARAMETERS, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Task
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.putting_back import put_back
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.waiting import cut_connections
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.waiting.polling import (
    count_of_services,
    elapsed,
    poll,
    try_read,
)


class Departure:
    """Takes a server out of all services."""

    def __init__(self, task: Task, options: Options) -> None:
        self._task = task
        self._address = options.address
        self._options = options
        self._wanted = OutOfService(
            options.address, options.allow_no_servers, options.remember, options.taken_out or ()
        )
        self._taken: list[Place] = []
        self._left_alone: list[Place] = []
        self._count: Count | None = None
        self._done = False
        self._drained = False

    def run(self) -> None:
        """Take the server out, wait, and end what is left where that is asked for."""
        world = self._take_out()
        self._done = True
        held = places(world, self._address) if world else []
        self._taken = self._wanted.all_taken(world) if world else self._before
        out = {place.number for place in self._taken}
        self._left_alone = [place for place in held if not place.enabled and place.number not in out]
        if self._task.check:
            return
        self._wait(held, self._options.drain_timeout)
        if self._options.cut_connections:
            if not self._drained and self._options.drain_timeout < STATISTICS_PERIOD:
                # The connections to end are not known yet.
                self._wait(held, STATISTICS_PERIOD)
            if not self._drained:
                self._cut(held)
        if not self._drained:
            self._task.warnings.append(f"{self._left()} when the time was up.")

    @property
    def _before(self) -> list[Place]:
        """The places that this task takes the server out of, as they were before."""
        return list(self._wanted.before or ())

    def _take_out(self) -> World | None:
        """Disable the server everywhere, and return the new state."""
        changed = self._task.changed
        wrote = False
        plain = self._wanted
        try:
            outcome = self._task.reach_from(plain.reads(), partial(self._begin, plain))
            while outcome.world and self._has_come_back(outcome.world):
                # Someone enabled it where it was disabled
                wrote = wrote or bool(outcome.plan)
                self._wanted = self._wanted.including(outcome.world)
                outcome = self._task.reach(self._wanted)
        except LoadMasterError as error:
            wrote = wrote or error.changed
            if isinstance(error, InvalidOption) and wrote:
                self._put_back(error, changed)
            elif wrote or isinstance(error, AnswerLost):
                self._taken = self._before
            raise
        return outcome.world

    def _begin(self, plain: OutOfService, world: World) -> OutOfService:
        self._wanted = plain.including(world)
        return self._wanted

    def _has_come_back(self, world: World) -> bool:
        return not self._task.check and self._wanted.including(world) != self._wanted

    def _put_back(self, refusal: InvalidOption, before: bool) -> None:
        """Put back what this task took out, since it showed only afterwards that a service cannot do without it."""
        self._taken = self._before
        refusal.says_unchanged = False
        back = InService(self._address, self._wanted.remember, tuple(place.entry() for place in self._taken))
        try:
            put_back(self._task, back)
        except LoadMasterError as error:
            refusal.sentence += (
                f" This showed only when it was out, and it could not be put back everywhere: {error.account}"
            )
            refusal.changed = True
            return
        self._taken = []
        self._task.forget_all_but(before)
        refusal.sentence += " This was found only after it was disabled, so it was enabled again everywhere."
        refusal.changed, refusal.kept = before, 0

    def result(self) -> dict[str, Any]:
        """Return the details for the result. What was given is still there if the task has failed."""
        known = [place.entry() for place in self._taken]
        given = [] if self._done else [entry for entry in self._wanted.given if not self._is_known(entry)]
        before = {place.number: place for place in self._before}
        return {
            "address": self._address,
            "taken_out": [*known, *given],
            "left_alone": [place.entry() for place in self._left_alone],
            "health_checks": health_checks(before.get(place.number, place) for place in self._taken),
            "connections": self._count.connections if self._count else None,
            "drained": self._drained,
        }

    def _is_known(self, entry: Entry) -> bool:
        return any(place.is_meant_by(entry) for place in self._taken)

    def _wait(self, held: Sequence[Place], timeout: float) -> None:
        """Wait until the server has no connections, and no client may return to it."""
        began = self._task.clock.monotonic()
        drain_time: float | None = None
        for waited in poll(self._task, began, timeout, self._options.poll_interval):
            last = waited >= timeout
            count = try_read(lambda: count_open(held, self._task.read(STATISTICS)), self._task, last)
            if count is None:
                continue
            self._count = count
            if count.connections == 0 and count.known_clients != 0 and drain_time is None:
                drain_time = try_read(self._drain_time, self._task, last)
            returning = count.known_clients != 0 and (drain_time is None or waited < drain_time)
            self._drained = count.connections == 0 and not returning and waited >= STATISTICS_PERIOD
            if self._drained:
                self._task.say(f"{self._address} has no connections left ({elapsed(waited, timeout)})")
                return
            self._task.say(f"{self._left()} ({elapsed(waited, timeout)})")

    def _drain_time(self) -> float:
        """Return for how many seconds clients that a persistent service knows may come back to a disabled server."""
        return float(describe_settings(self._task.world(ALL_PARAMETERS))["l7_drain_time"])

    def _left(self) -> str:
        count = self._count
        if count is None or count.connections is None:
            return f"{self._address}: the LoadMaster did not say how many connections are left"
        if count.connections:
            return f"{self._address} has {count.connections} connections left in {count_of_services(len(count.places))}"
        if count.known_clients == 0:
            return f"{self._address} has no connections by a count that may be from before it was disabled"
        return (
            f"{self._address} has no connections now, but clients that the LoadMaster knows may still come back to it"
        )

    def _cut(self, held: Sequence[Place]) -> None:
        """End the connections at layer 7, the only ones that the appliance can end."""
        numbers = frozenset(
            place.number for place in self._taken if place.ends_connections and self._may_be_busy(place)
        )
        if not numbers:
            self._task.warnings.append(
                f"What is left to {self._address} is at layer 4, where the LoadMaster cannot end connections, or where an administrator "
                "had disabled it."
            )
            return
        self._task.say(f"{self._address}: ending its connections at layer 7")
        cut_connections.cut(self._task, self._address, numbers, lambda seconds: self._wait(held, seconds))

    def _may_be_busy(self, place: Place) -> bool:
        count = self._count
        unknown = count is None or count.connections is None
        return unknown or place.lets_clients_return or (count is not None and place.number in count.places)
