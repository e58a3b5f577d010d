# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Take a real server out of all services and put it back: wait for its connections to end, and for its health.

What is to be written is decided in _kinds.maintenance and written by a Session; here is the waiting, and what is said
meanwhile.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AnswerLost,
    InvalidOption,
    LoadMasterError,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance import out_of_service
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.health_checks import health_checks
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
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import Place, places
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import (
    describe as describe_settings,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import ALL_PARAMETERS, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import cut_connections, results
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import (
    Clock,
    Say,
    Task,
    Unhealthy,
    looked,
    looks,
    of,
    services,
    silent,
)


def perform(
    options: Mapping[str, Any],
    session: Session,
    *,
    check: bool = False,
    diff: bool = False,
    say: Say = silent,
    clock: Clock | None = None,
) -> dict[str, Any]:
    """Carry out the task that the options describe and return its result, a failed one too.

    ``say`` gets a line at every look while the task waits.
    """
    options = out_of_service.SHAPE.checked(out_of_service.SHAPE.own(options))
    _check(options)
    address = options["address"]
    # How things stand is what a task asks again and again, in a loop and with until; what was read before does not tell it.
    session.snapshot.forget()
    task = Task(session, check, diff, say, clock or Clock())
    way = Departure(task, address, options) if options["state"] == "out_of_service" else Return(task, address, options)
    try:
        if options["remember"]:
            cut_connections.restore_settings(task)
        way.run()
    except LoadMasterError as error:
        error.changed = error.changed or task.changed
        if isinstance(error, InvalidOption) and not error.changed:
            raise
        # What was done until then has to be known, or it could not be undone.
        return {**results.of_error(error), "server_maintenance": way.told()}
    return {**task.told(), "server_maintenance": way.told()}


def _check(options: Mapping[str, Any]) -> None:
    if options["remember"]:
        return
    if options["cut_connections"]:
        raise InvalidOption(
            "cut_connections changes settings of the whole LoadMaster for a moment, and notes there what they were. "
            "It cannot be used with remember=false."
        )
    if options["state"] == "in_service" and options.get("taken_out") is None:
        raise InvalidOption(
            "With remember=false nothing says what was taken out. Give it as taken_out, as the task returned it that took the server "
            "out of service."
        )


# --- out ----------------------------------------------------------------------------------------------------------------


class Departure:
    """A server leaves all services."""

    def __init__(self, task: Task, address: str, options: Mapping[str, Any]) -> None:
        self._task = task
        self._address = address
        self._options = options
        self._wanted = OutOfService(
            address, bool(options["allow_no_servers"]), bool(options["remember"]), tuple(options.get("taken_out") or ())
        )
        self._taken: list[Place] = []
        self._left_alone: list[Place] = []
        self._count: Count | None = None
        self._done = False
        self._drained = False

    def run(self) -> None:
        """Take the server out, wait, and end what is left where that is asked for."""
        before = self._task.changed
        try:
            world = self._task.reach(self._wanted).world
        except InvalidOption as refusal:
            # Nothing is taken yet where the first plan is refused; a later one is when servers are disabled already.
            if self._wanted.taken:
                self._put_back(refusal, before)
            raise
        except LoadMasterError as error:
            if error.changed or isinstance(error, AnswerLost):
                self._taken = list(self._wanted.taken.values())
            raise
        self._done = True
        held = places(world, self._address) if world else []
        self._taken = self._wanted.all_taken(world) if world else list(self._wanted.taken.values())
        out = {place.number for place in self._taken}
        self._left_alone = [place for place in held if not place.enabled and place.number not in out]
        if self._task.check:
            return
        self._wait(held, self._options["drain_timeout"])
        if self._options["cut_connections"]:
            if not self._drained and self._options["drain_timeout"] < STATISTICS_PERIOD:
                # Which connections are to be ended is not known yet.
                self._wait(held, STATISTICS_PERIOD)
            if not self._drained:
                self._cut(held)
        if not self._drained:
            self._task.warnings.append(f"{self._left()} when the time was up.")

    def _put_back(self, refusal: InvalidOption, before: bool) -> None:
        """Put back what this task took out, since it showed only afterwards that a service cannot do without it."""
        self._taken = list(self._wanted.taken.values())
        refusal.says_unchanged = False
        back = InService(self._address, self._wanted.remember, [place.entry() for place in self._taken])
        try:
            self._task.reach(back)
        except LoadMasterError as error:
            refusal.sentence += (
                f" This showed only when it was out, and it could not be put back everywhere: {error.account}"
            )
            refusal.changed = True
            return
        self._taken = []
        self._task.forget_all_but(before)
        refusal.sentence += " This showed only when it was out, so it was put back where it had been enabled."
        refusal.changed = before

    def told(self) -> dict[str, Any]:
        """Return what there is to know afterwards. What was given is still there if the task has failed."""
        known = [place.entry() for place in self._taken]
        given = [] if self._done else [entry for entry in self._wanted.given if not self._is_known(entry)]
        return {
            "address": self._address,
            "taken_out": [*known, *map(dict, given)],
            "left_alone": [place.entry() for place in self._left_alone],
            "health_checks": health_checks(self._wanted.taken.get(place.number, place) for place in self._taken),
            "connections": self._count.connections if self._count else None,
            "drained": self._drained,
        }

    def _is_known(self, entry: Mapping[str, Any]) -> bool:
        return any(place.is_meant_by(entry) for place in self._taken)

    def _wait(self, held: Sequence[Place], timeout: float) -> None:
        """Wait until nothing is open to the server any more, and no client may come back to it."""
        began = self._task.clock.monotonic()
        drain_time: float | None = None
        for waited in looks(self._task, began, timeout, self._options["poll_interval"]):
            last = waited >= timeout
            count = looked(lambda: count_open(held, self._task.read(STATISTICS)), self._task, last)
            if count is None:
                continue
            self._count = count
            if count.connections == 0 and count.known_clients != 0 and drain_time is None:
                drain_time = looked(self._drain_time, self._task, last)
            returning = count.known_clients != 0 and (drain_time is None or waited < drain_time)
            self._drained = count.connections == 0 and not returning and waited >= STATISTICS_PERIOD
            if self._drained:
                self._task.say(f"{self._address} has no connections left ({of(waited, timeout)})")
                return
            self._task.say(f"{self._left()} ({of(waited, timeout)})")

    def _drain_time(self) -> float:
        """Return for how many seconds clients that a persistent service knows may come back to a disabled server."""
        self._task.session.snapshot.forget()
        world = self._task.session.snapshot.world({ALL_PARAMETERS})
        return float(describe_settings(world)["l7_drain_time"])

    def _left(self) -> str:
        count = self._count
        if count is None or count.connections is None:
            return f"{self._address}: the LoadMaster did not say how many connections are left"
        if count.connections:
            return f"{self._address} has {count.connections} connections left in {services(len(count.places))}"
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
                f"What is left to {self._address} is at layer 4, where the LoadMaster has no means to end connections, or where a person "
                "had disabled it, which stays as it is."
            )
            return
        self._task.say(f"{self._address}: ending its connections at layer 7")
        cut_connections.cut(self._task, self._address, numbers, lambda seconds: self._wait(held, seconds))

    def _may_be_busy(self, place: Place) -> bool:
        count = self._count
        unknown = count is None or count.connections is None
        return unknown or place.lets_clients_return or (count is not None and place.number in count.places)


# --- in -----------------------------------------------------------------------------------------------------------------


class Return:
    """A server comes back where it was taken out."""

    def __init__(self, task: Task, address: str, options: Mapping[str, Any]) -> None:
        self._task = task
        self._address = address
        self._options = options
        self._wanted = InService(address, bool(options["remember"]), options.get("taken_out"))
        self._held: list[Place] = []
        self._unhealthy: list[Place] = []

    def run(self) -> None:
        """Put the server back and wait until it is healthy there."""
        world = self._task.reach(self._wanted).world
        if world is None or self._task.check:
            return
        self._look(world)
        if not any(place.enabled for place in self._held):
            self._task.warnings.append(
                f"{self._address} is disabled in every service, and nothing says that this module took it out. It was left as it is."
            )
        if self._options["wait_healthy"]:
            self._wait()

    def told(self) -> dict[str, Any]:
        """Return what there is to know afterwards."""
        return {
            "address": self._address,
            "put_back": [place.entry() for place in self._wanted.returned.values()],
            "left_alone": [place.entry() for place in self._held if not place.enabled],
            "unhealthy": [place.entry() for place in self._unhealthy],
        }

    def _look(self, world: World) -> None:
        self._held = places(world, self._address)
        self._unhealthy = [place for place in self._held if place.enabled and place.in_use and not place.healthy]

    def _wait(self) -> None:
        timeout = self._options["healthy_timeout"]
        settle_time = min(self._options["settle_time"], timeout)
        began = self._task.clock.monotonic()
        times = looks(self._task, began, timeout, self._options["poll_interval"])
        for number, waited in enumerate(times):
            if number:
                world = looked(self._task.world, self._task, waited >= timeout)
                if world is None:
                    continue
                self._look(world)
            enabled = sum(place.enabled for place in self._held)
            settled = waited >= settle_time or not self._wanted.returned
            if not self._unhealthy and not settled:
                self._task.say(f"{self._address} is healthy; looking whether it stays so ({of(waited, timeout)})")
            elif not self._unhealthy:
                self._task.say(f"{self._address} is healthy in {services(enabled)} ({of(waited, timeout)})")
                return
            else:
                self._task.say(
                    f"{self._address} is not healthy yet in {len(self._unhealthy)} of {services(enabled)} ({of(waited, timeout)})"
                )
        where = ", ".join(f"{label(p.service.ref, p.service.nickname)} ({p.status})" for p in self._unhealthy)
        raise Unhealthy(
            f"Real server {self._address} is enabled again, but after {timeout} seconds it is not healthy in {where}. "
            "The LoadMaster sends it no clients there as long as its health check fails."
        )
