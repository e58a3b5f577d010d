# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Take a real server out of all services and put it back: wait for its connections to end, and for its health.

What is to be written is decided in _objects.maintenance and written by a Session; here is the waiting, and what is said
meanwhile.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils import _result
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Outcome, Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AnswerLost,
    InvalidOption,
    LoadMasterError,
    Refused,
    Unreachable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._lock import Turn
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _base, maintenance
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import Desired, Document, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._maintenance_note import noted_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import label
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.maintenance import (
    DisabledAnew,
    DropAsBefore,
    DropAtOnce,
    InService,
    OutOfService,
    Place,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.settings import describe as describe_settings

STATISTICS = "stats"
# The appliance counts anew every 5 seconds: what it says sooner may be from before the server was disabled.
STATISTICS_PERIOD = 5.0
# How long the appliance gets to end connections that it was told to end.
CUT_TIME = 30.0

Say = Callable[[str], None]


class Unhealthy(LoadMasterError):
    """The server is back, but the appliance does not find it healthy everywhere."""


def silent(_text: str) -> None:
    """Say nothing: nobody listens where a module was shipped to another host."""


@dataclass(frozen=True)
class Count:
    """What is still open to a server; None where the appliance does not report it.

    ``known_clients`` are those that persistence sends back to it, ``places`` the numbers of the places with connections.
    """

    connections: int | None
    known_clients: int | None = 0
    places: frozenset[str] = frozenset()


@dataclass
class Task:
    """One task: what it works with, and what it has done so far."""

    session: Session
    check: bool
    diff: bool
    say: Say
    sleep: Callable[[float], None]
    clock: Callable[[], float]
    outcomes: list[Outcome] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    interrupted: bool = False

    def reach(self, *wanted: Desired) -> Outcome:
        """Make the appliance as it is wanted, or in check mode only say what that takes."""
        document = Document(wanted)
        try:
            outcome = self.session.reach(document, check=self.check)
        except Refused as refusal:
            if not refusal.says_unknown:
                raise
            # The services were renumbered, or somebody removed one: what is to be done is looked up once more.
            outcome = self.session.reach(document, check=self.check)
            self.interrupted = self.interrupted or refusal.changed
        self.outcomes.append(outcome)
        return outcome

    def read(self, name: str) -> Mapping[str, Any]:
        """Read something anew."""
        self.session.snapshot.forget()
        return self.session.snapshot.answer(name)

    def world(self) -> World:
        """Read the services anew."""
        self.session.snapshot.forget()
        return self.session.snapshot.world({_base.LIST_SERVICES})

    @property
    def changed(self) -> bool:
        """Tell whether anything was changed up to now."""
        return self.interrupted or any(outcome.plan for outcome in self.outcomes)

    def told(self) -> dict[str, Any]:
        """Return the part of the result that all modules share."""
        parts = [_result.of_outcome(outcome, self.session, diff=self.diff) for outcome in self.outcomes]
        result: dict[str, Any] = {
            "changed": self.changed,
            "steps": [step for part in parts for step in part["steps"]],
            "api_calls": self.session.calls,
        }
        if self.warnings:
            result["warnings"] = self.warnings
        if self.diff:
            result["diff"] = [each for part in parts for each in part["diff"]]
        return result


def perform(
    options: Mapping[str, Any],
    session: Session,
    *,
    check: bool = False,
    diff: bool = False,
    say: Say = silent,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Carry out the task that the options describe and return its result, a failed one too.

    ``say`` gets a line at every look while the task waits. ``clock`` counts seconds.
    """
    options = maintenance.SHAPE.checked(maintenance.SHAPE.own(options))
    _check(options)
    address = options["address"]
    task = Task(session, check, diff, say, sleep, clock)
    way = Departure(task, address, options) if options["state"] == "out_of_service" else Return(task, address, options)
    try:
        _restore_settings(task, options)
        way.run()
    except LoadMasterError as error:
        error.changed = error.changed or task.changed
        if isinstance(error, InvalidOption) and not error.changed:
            raise
        # What was done until then has to be known, or it could not be undone.
        return {**_result.of_error(error), "server_maintenance": way.told()}
    return {**task.told(), "server_maintenance": way.told()}


def _check(options: Mapping[str, Any]) -> None:
    if options["remember"]:
        return
    if options["cut_connections"]:
        raise InvalidOption(
            "cut_connections changes settings of the whole LoadMaster for a moment, and notes there what they were. "
            "It cannot be used with remember=false. Nothing was changed."
        )
    if options["state"] == "in_service" and options.get("taken_out") is None:
        raise InvalidOption(
            "With remember=false nothing says what was taken out. Give it as taken_out, as the task returned it that took the server "
            "out of service. Nothing was changed."
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
        try:
            world = self._task.reach(self._wanted).world
        except LoadMasterError as error:
            if error.changed or isinstance(error, AnswerLost):
                self._taken = list(self._wanted.taken.values())
            raise
        self._done = True
        held = maintenance.places(world, self._address) if world else []
        self._taken = self._wanted.all_taken(world) if world else list(self._wanted.taken.values())
        out = {place.number for place in self._taken}
        self._left_alone = [place for place in held if not place.enabled and place.number not in out]
        if self._task.check:
            return
        self._wait(held, self._options["drain_timeout"])
        if self._drained:
            return
        if self._options["cut_connections"]:
            self._cut(held)
        if not self._drained:
            self._task.warnings.append(f"{self._left()} when the time was up.")

    def told(self) -> dict[str, Any]:
        """Return what there is to know afterwards. What was given is still there if the task has failed."""
        known = [place.entry() for place in self._taken]
        given = [] if self._done else [entry for entry in self._wanted.given if not self._is_known(entry)]
        return {
            "address": self._address,
            "taken_out": [*known, *map(dict, given)],
            "left_alone": [place.entry() for place in self._left_alone],
            "connections": self._count.connections if self._count else None,
            "drained": self._drained,
        }

    def _is_known(self, entry: Mapping[str, Any]) -> bool:
        return any(place.is_meant_by(entry) for place in self._taken)

    def _wait(self, held: Sequence[Place], timeout: float) -> None:
        """Wait until nothing is open to the server any more, and no client may come back to it."""
        began = self._task.clock()
        drain_time: float | None = None
        for waited in _looks(self._task, began, timeout, self._options["poll_interval"]):
            last = waited >= timeout
            count = _looked(lambda: count_open(held, self._task.read(STATISTICS)), self._task, last)
            if count is None:
                continue
            self._count = count
            if count.connections == 0 and count.known_clients != 0 and drain_time is None:
                drain_time = self._drain_time()
            returning = count.known_clients != 0 and (drain_time is None or waited < drain_time)
            recent = waited >= min(STATISTICS_PERIOD, timeout) or not self._task.changed
            self._drained = count.connections == 0 and not returning and recent
            if self._drained:
                self._task.say(f"{self._address} has no connections left ({_of(waited, timeout)})")
                return
            self._task.say(f"{self._left()} ({_of(waited, timeout)})")

    def _drain_time(self) -> float:
        """Return for how many seconds clients that a persistent service knows may come back to a disabled server."""
        self._task.session.snapshot.forget()
        world = self._task.session.snapshot.world({_base.ALL_PARAMETERS})
        return float(describe_settings(world)["l7_drain_time"])

    def _left(self) -> str:
        count = self._count
        if count is None or count.connections is None:
            return f"{self._address}: the LoadMaster did not say how many connections are left"
        if count.connections:
            return f"{self._address} has {count.connections} connections left in {_services(len(count.places))}"
        if count.known_clients == 0:
            return f"{self._address} has no connections now; looking once more"
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
        with _cutting(self._task).taken(self._task.sleep):
            try:
                self._task.reach(DropAtOnce())
                out = OutOfService(self._address, allow_no_servers=True, given=self._wanted.given)
                self._task.reach(out, DisabledAnew(self._address, numbers))
                self._wait(held, CUT_TIME)
            finally:
                self._task.reach(DropAsBefore())

    def _may_be_busy(self, place: Place) -> bool:
        count = self._count
        unknown = count is None or count.connections is None
        return unknown or place.lets_clients_return or (count is not None and place.number in count.places)


def count_open(held: Iterable[Place], statistics: Mapping[str, Any]) -> Count:
    """Return what the counters say about the places of a server."""
    records = {str(record.get("RSIndex")): record for record in statistics.get("Rs") or []}
    connections: int | None = 0
    known: int | None = 0
    busy = set()
    for place in held:
        record = records.get(place.number, {})
        active = _number(record.get("ActivConns"))
        connections = None if connections is None or active is None else connections + active
        if active:
            busy.add(place.number)
        if place.lets_clients_return:
            clients = _number(record.get("Persist"))
            known = None if known is None or clients is None else known + clients
    return Count(connections, known, frozenset(busy))


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
        self._held = maintenance.places(world, self._address)
        self._unhealthy = [place for place in self._held if place.enabled and place.in_use and not place.healthy]

    def _wait(self) -> None:
        timeout = self._options["healthy_timeout"]
        settle_time = min(self._options["settle_time"], timeout)
        began = self._task.clock()
        looks = _looks(self._task, began, timeout, self._options["poll_interval"])
        for number, waited in enumerate(looks):
            if number:
                world = _looked(self._task.world, self._task, waited >= timeout)
                if world is None:
                    continue
                self._look(world)
            enabled = sum(place.enabled for place in self._held)
            settled = waited >= settle_time or not self._wanted.returned
            if not self._unhealthy and not settled:
                self._task.say(f"{self._address} is healthy; looking whether it stays so ({_of(waited, timeout)})")
            elif not self._unhealthy:
                self._task.say(f"{self._address} is healthy in {_services(enabled)} ({_of(waited, timeout)})")
                return
            else:
                self._task.say(
                    f"{self._address} is not healthy yet in {len(self._unhealthy)} of {_services(enabled)} ({_of(waited, timeout)})"
                )
        where = ", ".join(f"{label(p.service.ref, p.service.nickname)} ({p.status})" for p in self._unhealthy)
        raise Unhealthy(
            f"Real server {self._address} is enabled again, but after {timeout} seconds it is not healthy in {where}. "
            "The LoadMaster sends it no clients there as long as its health check fails."
        )


# --- what both share ----------------------------------------------------------------------------------------------------


def _restore_settings(task: Task, options: Mapping[str, Any]) -> None:
    """Give back the settings that a run has changed and could not restore, because it was interrupted."""
    if not options["remember"]:
        return
    noted = noted_settings(task.session.snapshot.world({_base.LIST_RULES}))
    if not noted:
        return
    # If a run is at it on this machine, this waits until it is done, and then there is nothing to restore.
    with _cutting(task).taken(task.sleep):
        task.session.snapshot.forget()
        task.reach(DropAsBefore())


def _cutting(task: Task) -> Turn:
    """Return the turn of those who change the settings of the appliance for a moment."""
    connection = task.session.client.connection
    return Turn(connection.host, connection.host_port, "drain settings")


def _looks(task: Task, began: float, timeout: float, interval: float) -> Iterable[float]:
    """Yield how long has been waited, at once and then at intervals, for the last time when the time is up."""
    while True:
        waited = task.clock() - began
        yield waited
        left = timeout - waited
        if left <= 0:
            return
        task.sleep(min(interval, left))


def _looked(look: Callable[[], Any], task: Task, last: bool) -> Any:
    """Return what a look finds; None where the appliance does not answer, unless it is the last look."""
    try:
        return look()
    except (Unreachable, AnswerLost) as error:
        if last:
            raise
        task.say(f"{error.message} Looking again.")
        return None


def _of(waited: float, timeout: float) -> str:
    return f"{waited:.0f} s of {timeout:.0f} s"


def _services(number: int) -> str:
    return f"{number} service{'' if number == 1 else 's'}"


def _number(raw: Any) -> int | None:
    try:
        return int(float(raw))
    except (TypeError, ValueError):
        return None
