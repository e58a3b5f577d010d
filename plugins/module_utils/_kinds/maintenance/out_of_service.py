# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Take a real server out of all services, and put it back. Pure.

What is taken out is noted on the appliance first, so that exactly that comes back.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import Note
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.last_server import refuse_the_last
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import (
    ADDRESS,
    Entry,
    Place,
    places,
    shown,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step


@dataclass(frozen=True)
class OutOfService:
    """A server that gets no connections in any service.

    ``given`` are entries of what an earlier run has taken out. ``before`` are the places to take the server out of, as they
    were before this run; None: wherever it is enabled. Every plan checks that no service lacks the server, so the one
    that verifies does too: another machine may have taken out another server at the same moment.
    """

    address: str
    allow_no_servers: bool = False
    remember: bool = True
    given: tuple[Entry, ...] = ()
    before: tuple[Place, ...] | None = None

    @property
    def subject(self) -> str:
        return f"real server {self.address}"

    def keys(self) -> tuple[Hashable, ...]:
        return (("out of service", self.address),)

    def reads(self) -> frozenset[str]:
        return _reads(self.remember)

    def found(self, world: World) -> dict[str, Any]:
        return _found(world, self.address)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        held = _held(world, self.address)
        known = self.including(world).before if self.before is None else self.before
        leaving = {place.number: place for place in known or ()}
        enabled = [place for place in held if place.enabled and place.number in leaving]
        leaving.update({place.number: place for place in enabled})
        if leaving and not self.allow_no_servers:
            refuse_the_last(world, self.address, leaving)
        note: tuple[Step, ...] = ()
        if self.remember:
            noted = Note(self.address).read(world)
            # Include places disabled by now, so that an ignored note is noticed
            more = [p.number for p in held if any(map(p.is_meant_by, self.given)) or p.number in leaving]
            # Without the note, nothing says what to put back
            steps = Note(self.address).write(list(dict.fromkeys([*noted, *more])), world)
            note = tuple(replace(step, checkpoint=True) for step in steps)
        disabling = (place.switch(False) for place in enabled)
        return ObjectPlan(self.subject, (*note, *disabling), shown(enabled, True), shown(enabled, False))

    def including(self, world: World) -> OutOfService:
        """Return a copy that includes the places where the server is enabled."""
        known = self.before or ()
        numbers = {place.number for place in known}
        more = (place for place in places(world, self.address) if place.enabled and place.number not in numbers)
        return replace(self, before=(*known, *more))

    def all_taken(self, world: World) -> list[Place]:
        """Return the places that this run and earlier ones took out, from the note or the options."""
        noted = Note(self.address).read(world) if self.remember else []
        known = {*noted, *(place.number for place in self.before or ())}
        return [
            place
            for place in places(world, self.address)
            if place.number in known or any(map(place.is_meant_by, self.given))
        ]


@dataclass(frozen=True)
class InService:
    """A server that is back where it was taken out: where ``given`` says, or else where the note says.

    Once the run has begun, ``due`` are the numbers of the places where it has to be back: as long as that was not verified, the
    note stays.
    """

    address: str
    remember: bool = True
    given: tuple[Entry, ...] | None = None
    due: tuple[str, ...] | None = None

    @property
    def subject(self) -> str:
        return f"real server {self.address}"

    def keys(self) -> tuple[Hashable, ...]:
        return (("in service", self.address),)

    def reads(self) -> frozenset[str]:
        return _reads(self.remember)

    def found(self, world: World) -> dict[str, Any]:
        return _found(world, self.address)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        held = _held(world, self.address)
        returning = self.returning(world)
        if self.due is not None:
            steps = tuple(place.switch(True) for place in returning)
            return ObjectPlan(self.subject, steps, shown(returning, False), shown(returning, True))
        noted = self._noted(world)
        rest: list[str] = []
        if self.given is not None:
            # Places that are not put back now stay in the note.
            out = {place.number for place in held if not place.enabled} - {place.number for place in returning}
            rest = [number for number in noted if number in out]
        note = Note(self.address).write(rest, world) if noted else ()
        steps = (*(place.switch(True) for place in returning), *note)
        return ObjectPlan(self.subject, steps, shown(returning, False), shown(returning, True))

    def begun(self, world: World) -> InService:
        """Return the same with the places to put back, given the appliance before the run.

        Raises InvalidOption where the note cannot be read: it has to be known what is noted before a server is enabled.
        """
        self._noted(world)
        return replace(self, due=tuple(place.number for place in self.returning(world)))

    def returning(self, world: World) -> list[Place]:
        """Return the places that still have to be put back."""
        meant = self._is_meant(world)
        return [place for place in places(world, self.address) if not place.enabled and meant(place)]

    def _is_meant(self, world: World) -> Callable[[Place], bool]:
        """Return a predicate for places to put back."""
        if self.due is None and self.given is not None:
            given = self.given
            return lambda place: any(map(place.is_meant_by, given))
        numbers = self._noted(world) if self.due is None else self.due
        return lambda place: place.number in numbers

    def _noted(self, world: World) -> list[str]:
        return Note(self.address).read(world) if self.remember else []


def servers_out(world: World, addresses: Iterable[str], *, remember: bool) -> list[str]:
    """Return the servers out of service: those with a note, and those disabled everywhere."""
    found = []
    for address in addresses:
        name = ADDRESS.check(address)
        held = places(world, name)
        noted = Note(name).read(world) if remember else []
        if any(not place.enabled and place.number in noted for place in held) or (
            held and not any(place.enabled for place in held)
        ):
            found.append(address)
    return found


def reads(*, remember: bool) -> frozenset[str]:
    """Return what to read to find the servers out of service."""
    return _reads(remember)


def _reads(remember: bool) -> frozenset[str]:
    return frozenset({LIST_SERVICES, LIST_RULES} if remember else {LIST_SERVICES})


def _found(world: World, address: str) -> dict[str, Any]:
    return shown(places(world, address))


def _held(world: World, address: str) -> list[Place]:
    held = places(world, address)
    if not held:
        raise InvalidOption(
            f"No virtual service and no SubVS has a real server {address}. Use the address that the LoadMaster shows."
        )
    return held
