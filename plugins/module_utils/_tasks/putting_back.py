# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Put a real server back where it was taken out, and wait until it is healthy there.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Outcome
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.maintenance_options import Options
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.out_of_service import InService
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import Place, places
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Task, Unhealthy
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.waiting.polling import (
    count_of_services,
    elapsed,
    poll,
    try_read,
)


def put_back(task: Task, wanted: InService, begin: Callable[[World], None] = lambda _world: None) -> Outcome:
    """Put a server back, and its note away once it was verified to be back; return how things stand then.

    ``begin`` gets the appliance as it is before that.
    """

    def begun(world: World) -> InService:
        begin(world)
        return wanted if task.check else wanted.begun(world)

    outcome = task.reach_from(wanted.reads(), begun)
    return task.reach(wanted) if wanted.remember and not task.check else outcome


class Return:
    """Puts a server back where it was taken out."""

    def __init__(self, task: Task, options: Options) -> None:
        self._task = task
        self._address = options.address
        self._options = options
        self._wanted = InService(options.address, options.remember, options.taken_out)
        self._returned: list[Place] = []
        self._held: list[Place] = []
        self._unhealthy: list[Place] = []

    def run(self) -> None:
        """Put the server back and wait until it is healthy there."""
        world = put_back(self._task, self._wanted, self._begin).world
        if world is None or self._task.check:
            return
        self._look(world)
        if not any(place.enabled for place in self._held):
            self._task.warnings.append(
                f"{self._address} is disabled in every service, and no note says that this module took it out. It stays disabled."
            )
        if self._options.wait_healthy:
            self._wait()

    def _begin(self, world: World) -> None:
        self._returned = self._wanted.returning(world)

    def result(self) -> dict[str, Any]:
        """Return the details for the result."""
        return {
            "address": self._address,
            "put_back": [place.entry() for place in self._returned],
            "left_alone": [place.entry() for place in self._held if not place.enabled],
            "unhealthy": [place.entry() for place in self._unhealthy],
        }

    def _look(self, world: World) -> None:
        self._held = places(world, self._address)
        self._unhealthy = [place for place in self._held if place.enabled and place.in_use and not place.healthy]

    def _wait(self) -> None:
        timeout = self._options.healthy_timeout
        settle_time = min(self._options.settle_time, timeout)
        began = self._task.clock.monotonic()
        times = poll(self._task, began, timeout, self._options.poll_interval)
        for number, waited in enumerate(times):
            if number:
                world = try_read(partial(self._task.world, LIST_SERVICES), self._task, waited >= timeout)
                if world is None:
                    continue
                self._look(world)
            enabled = sum(place.enabled for place in self._held)
            settled = waited >= settle_time or not self._returned
            if not self._unhealthy and not settled:
                self._task.say(
                    f"{self._address} is healthy; checking whether it stays healthy ({elapsed(waited, timeout)})"
                )
            elif not self._unhealthy:
                self._task.say(
                    f"{self._address} is healthy in {count_of_services(enabled)} ({elapsed(waited, timeout)})"
                )
                return
            else:
                self._task.say(
                    f"{self._address} is not healthy yet in {len(self._unhealthy)} of {count_of_services(enabled)} ({elapsed(waited, timeout)})"
                )
        where = ", ".join(f"{label(p.service.ref, p.service.nickname)} ({p.status})" for p in self._unhealthy)
        raise Unhealthy(
            f"Real server {self._address} is enabled again, but after {timeout} seconds it is not healthy in {where}. "
            "The LoadMaster sends it no clients there as long as its health check fails."
        )
