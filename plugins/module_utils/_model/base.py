# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What all kinds of object share: steps of a plan, the appliance as it was read, and the interface of a desired object.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem, all_of
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import (
    AnyRef,
    IndexOf,
    Service,
    ServiceRef,
    Services,
    SlotOf,
    SubRef,
)

# The order of steps across objects: what others stand on comes first, additions before removals, and what can cut off
# this very connection last.
SETTING = 10
CERTIFICATE = 12
# A setting that names a cipher set, which may be a new one.
SETTING_REFERRING = 13
# A rule leaves a list that will not take it before it becomes another kind.
RULE_DETACH = 14
RULE = 15
SERVICE = 20
LEFT_BEHIND = 22
SUB_SERVICE = 25
# Before there are servers: what has none yet gets no requests that the rules would not let it have.
RULE_ASSIGN = 27
SERVER_ADD = 30
SERVER_CHANGE = 40
SERVICE_LAST = 50
SERVER_RULE_ASSIGN = 55
SERVER_REMOVE = 60
SERVICE_REMOVE = 70
RULE_REMOVE = 75
CERTIFICATE_REMOVE = 80
SETTING_DANGEROUS = 90
# What had a role until then that can cut off the connection.
LAST_REMOVE = 95

# What can be read from the appliance; "get:NAME" reads one parameter that getall leaves out, "readcert:NAME" and the
# like one object.
LIST_SERVICES = "listvs"
LIST_RULES = "showrule"
ALL_PARAMETERS = "getall"
HEALTH = "showhealth"


@dataclass(frozen=True)
class Step:
    """One API call of a plan.

    ``hidden`` names the parameters whose values must not show. What a ``blind`` step does cannot be read back. A step
    that ``makes`` a sub virtual service, or follows one that does, answers with its parent, from which index and slot of
    the new one are told.
    ``data`` is an upload. Where the appliance refuses with a text of ``remedies``, those steps are carried out in
    the place of this one.
    """

    command: str
    parameters: Mapping[str, str | IndexOf | SlotOf]
    subject: str
    reason: str
    rank: int = SERVICE
    hidden: frozenset[str] = frozenset()
    blind: bool = False
    makes: SubRef | None = None
    data: bytes | None = field(default=None, repr=False)
    remedies: Mapping[str, tuple[Step, ...]] = field(default_factory=dict, repr=False)

    def shown(self) -> dict[str, Any]:
        """Return the step as results show it."""
        return {"command": self.command, "object": self.subject, "reason": self.reason}


@dataclass(frozen=True)
class ObjectPlan:
    """The steps for one object, and the object before and after as the diff shows it (empty: absent or unchanged).

    ``belongings`` are the objects, as messages name them, that go with one that is removed.
    """

    subject: str
    steps: tuple[Step, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    belongings: tuple[str, ...] = ()


class NotRead(Exception):
    """A plan turns out to need what ``names`` read of the appliance, which was not read. To be read, and planned again."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = frozenset(names)


@dataclass(frozen=True)
class World:
    """The appliance as it was read.

    ``parameters`` has lower-case names; a parameter that is unset is absent. ``answers`` are all answers by what was
    read, for the kinds of object that know how to read them.
    """

    services: Services
    parameters: Mapping[str, Any] = field(default_factory=dict)
    health: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def answer(self, name: str) -> Mapping[str, Any]:
        """Return what was read. Raises NotRead where it was not."""
        if name not in self.answers:
            raise NotRead(name)
        return self.answers[name]


class Terms(NamedTuple):
    """How what a user says is meant, and what it may do.

    With ``replace`` what is left out of an object is what a new object has. With ``exact`` a service that cannot become
    what is said is made anew. What is ``whole`` says all that there will be, so that a new service must have something to
    answer with.
    """

    replace: bool = False
    exact: bool = False
    whole: bool = False
    allow_no_servers: bool = False
    allow_lockout: bool = False
    allow_empty_purge: bool = False

    def of(self, options: Mapping[str, Any]) -> Terms:
        """Return the terms for an object, which may allow more by itself."""
        allowed = options.get("allow_no_servers") and not self.allow_no_servers
        return self._replace(allow_no_servers=True) if allowed else self


USUAL = Terms()


class Desired(Protocol):
    """An object as the user wants it."""

    @property
    def subject(self) -> str:
        """Return the object as messages name it."""

    def keys(self) -> tuple[Hashable, ...]:
        """Return what others in a document know the object by. The first key is its own, which no other one has."""

    def reads(self) -> frozenset[str]:
        """Return what has to be read from the appliance in any case to plan this object."""

    def plan(self, world: World, document: Document) -> ObjectPlan:
        """Return the steps that make the appliance so. Raises InvalidOption where it cannot be made so, and NotRead.

        ``document`` is everything that is wanted in the same task: an object may stand on one that does not exist yet.
        """

    def found(self, world: World) -> dict[str, Any]:
        """Return the object as the appliance has it, in Ansible's words; empty where it is absent."""


class Completion(Protocol):
    """What adds to a document the objects that only the appliance knows of."""

    def reads(self) -> frozenset[str]:
        """Return what has to be read from the appliance for it."""

    def fault(self, given: Mapping[str, Any]) -> str:
        """Return what is wrong with it beside what the user wrote in the document; empty where nothing is."""

    def removes(self, kind: str, name: str, address: str) -> bool:
        """Tell whether it would remove an object that the document does not have."""

    def expand(self, world: World, document: Document) -> list[Desired]:
        """Return the objects to add."""

    def check(self, world: World, document: Document) -> None:
        """Raise InvalidOption where the document must not become what it became."""


class Document:
    """Everything that is wanted in one task, in the user's order.

    ``places`` are where each object stands in what the user wrote, ``completions`` what is to be added to it.
    """

    def __init__(
        self, objects: Sequence[Desired], places: Sequence[str] = (), completions: Sequence[Completion] = ()
    ) -> None:
        self.objects = tuple(objects)
        self.places = tuple(places) or ("",) * len(self.objects)
        self.completions = tuple(completions)
        self._by_key: dict[Hashable, list[Desired]] = {}
        for wanted in self.objects:
            for key in wanted.keys():
                self._by_key.setdefault(key, []).append(wanted)
        # What belongs to a service asks for it, so that it is looked up many times in the same appliance
        self._looked_up: tuple[World | None, dict[AnyRef, Service | None]] = (None, {})

    def __iter__(self) -> Iterator[Desired]:
        return iter(self.objects)

    def __len__(self) -> int:
        return len(self.objects)

    def find(self, key: Hashable) -> Any:
        """Return the first object with a key, None where there is none."""
        return next(iter(self._by_key.get(key, ())), None)

    def all(self, key: Hashable) -> list[Any]:
        """Return all objects with a key."""
        return self._by_key.get(key, [])

    def service(self, ref: AnyRef, world: World) -> Service | None:
        """Return the service that is meant, as it was read: where it is to be, or where it is if the document moves it."""
        if self._looked_up[0] is not world:
            self._looked_up = (world, {})
        services = self._looked_up[1]
        if ref not in services:
            services[ref] = self._service(ref, world)
        return services[ref]

    def _service(self, ref: AnyRef, world: World) -> Service | None:
        if isinstance(ref, SubRef):
            parent = self.service(ref.parent, world)
            if parent is None or not isinstance(parent.ref, ServiceRef):
                return None
            return world.services.find(ref._replace(parent=parent.ref))
        planned = self.find(ref)
        found: Service | None = planned.find(world) if planned else world.services.find(ref)
        return found

    def reads(self) -> frozenset[str]:
        """Return what has to be read from the appliance to plan all of it."""
        return frozenset().union(*(w.reads() for w in self.objects), *(c.reads() for c in self.completions))

    def of(self, kind: type[Any]) -> list[Any]:
        """Return all objects of a kind."""
        return [wanted for wanted in self.objects if isinstance(wanted, kind)]

    def completed(self, world: World) -> Document:
        """Return the document with what is to be added to it, given an appliance. Raises NotRead where that is not read yet."""
        if not self.completions:
            return self
        added = [wanted for completion in self.completions for wanted in completion.expand(world, self)]
        unread = frozenset().union(*(wanted.reads() for wanted in added)) - world.answers.keys()
        if unread:
            raise NotRead(*unread)
        return Document((*self.objects, *added), (*self.places, *("purge" for _unused in added)), self.completions)

    def check(self, world: World) -> None:
        """Raise InvalidOption where what was added to the document must not be in it."""
        all_of(*(partial(completion.check, world, self) for completion in self.completions))

    def repeated(self) -> list[Problem]:
        """Return where two objects of the document are the same one."""
        first: dict[Hashable, str] = {}
        problems = []
        for wanted, place in zip(self.objects, self.places, strict=True):
            own = wanted.keys()[0]
            if own in first:
                before = f", as in {first[own]}" if first[own] else ""
                problems.append(Problem(place, f"{wanted.subject} is there more than once{before}."))
            first.setdefault(own, place)
        return problems
