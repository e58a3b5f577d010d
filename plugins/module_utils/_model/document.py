# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The wanted objects of a task: their interface, and all of them as a document. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem, all_of
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import NotRead, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan

T = TypeVar("T")


class Terms(NamedTuple):
    """How options are meant, and what they may do.

    With ``replace`` what is left out of an object is what a new object has. With ``exact`` a service that cannot become
    what is wanted is deleted and recreated. What is ``whole`` says all that there will be, so that a new service must have
    something to answer with. What has to be ``existing`` is changed where it exists, and never created.
    """

    replace: bool = False
    exact: bool = False
    whole: bool = False
    existing: bool = False
    allow_no_servers: bool = False
    allow_lockout: bool = False
    allow_empty_purge: bool = False

    def with_permissions(self, options: Mapping[str, Any]) -> Terms:
        """Return the terms for an object, which may allow more by itself."""
        allowed = options.get("allow_no_servers") and not self.allow_no_servers
        return self._replace(allow_no_servers=True) if allowed else self


USUAL = Terms()


class OwnedBy(NamedTuple):
    """The key under which a document finds all objects of one owner, such as the real servers of a service."""

    owner: Hashable


class Desired(Protocol):
    """A wanted object. Planning never changes it."""

    @property
    def subject(self) -> str:
        """Return the name of the object in messages."""

    def keys(self) -> tuple[Hashable, ...]:
        """Return what a document finds the object by, among those of its class.

        The first key is its own, which no other one has. The others are further names, or its owner as OwnedBy.
        """

    def reads(self) -> frozenset[str]:
        """Return what always has to be read to plan this object."""

    def plan(self, world: World, document: Document) -> ObjectPlan:
        """Return the steps that make the appliance so. Raises InvalidOption where it cannot be made so, and NotRead.

        ``document`` is everything that is wanted in the same task: an object may depend on one that does not exist yet.
        """

    def found(self, world: World) -> dict[str, Any]:
        """Return the current object in Ansible's words; empty if absent."""


class Completion(Protocol):
    """A completion: adds objects to a document that only the appliance knows."""

    @property
    def place(self) -> str:
        """Return the place for problems of these objects."""

    def reads(self) -> frozenset[str]:
        """Return what has to be read for it."""

    def fault(self, given: Mapping[str, Any]) -> str:
        """Return its problem with the rest of the document; empty if none."""

    def removes(self, kind: str, name: str, address: str) -> bool:
        """Return whether it would remove an object that the document lacks."""

    def expand(self, world: World, document: Document) -> list[Desired]:
        """Return the objects to add."""

    def check(self, world: World, document: Document) -> None:
        """Raise InvalidOption if the completed document is not allowed."""


def identified(wanted: Desired) -> Hashable:
    """Return what no other wanted object has."""
    return type(wanted), wanted.keys()[0]


class Document:
    """Everything that is wanted in one task, in the user's order.

    ``places`` are where each object stands in what the user wrote, ``completions`` what is added to it. ``expected``
    are objects, by member and name, that are taken to be there. ``unallowed`` is what the user has not allowed, where that
    shows without an appliance.
    """

    def __init__(
        self,
        objects: Sequence[Desired],
        places: Sequence[str] = (),
        completions: Sequence[Completion] = (),
        expected: Collection[tuple[str, str]] = (),
        unallowed: Sequence[Problem] = (),
    ) -> None:
        self.objects = tuple(objects)
        self.places = tuple(places) or ("",) * len(self.objects)
        self.completions = tuple(completions)
        self.expected = frozenset(expected)
        self.unallowed = tuple(unallowed)
        self._by_key: dict[tuple[type[Any], Hashable], list[Any]] = {}
        for wanted in self.objects:
            for key in wanted.keys():
                self._by_key.setdefault((type(wanted), key), []).append(wanted)
        # Caches of the kinds for lookups in one appliance
        self._remembered_for: World | None = None
        self._remembered: dict[Hashable, Any] = {}

    def __iter__(self) -> Iterator[Desired]:
        return iter(self.objects)

    def __len__(self) -> int:
        return len(self.objects)

    def find(self, of: type[T], key: Hashable) -> T | None:
        """Return the first object of a class that has a key, or None."""
        return next(iter(self._by_key.get((of, key), ())), None)

    def owned(self, of: type[T], owner: Hashable) -> list[T]:
        """Return the objects of a class that belong to an owner."""
        return self._by_key.get((of, OwnedBy(owner)), [])

    def all(self, of: type[T]) -> list[T]:
        """Return all objects of a class."""
        return [wanted for wanted in self.objects if isinstance(wanted, of)]

    def remembered(self, world: World) -> dict[Hashable, Any]:
        """Return the lookup cache for an appliance; a new appliance gets an empty one."""
        if self._remembered_for is not world:
            self._remembered_for, self._remembered = world, {}
        return self._remembered

    def reads(self) -> frozenset[str]:
        """Return what has to be read to plan the whole document."""
        return frozenset().union(*(w.reads() for w in self.objects), *(c.reads() for c in self.completions))

    def with_more(self, objects: Sequence[Desired], place: str) -> Document:
        """Return the document with further objects, all at one place."""
        if not objects:
            return self
        places = (*self.places, *(place for _each in objects))
        return Document((*self.objects, *objects), places, self.completions, self.expected, self.unallowed)

    def expecting(self, expected: Collection[tuple[str, str]]) -> Document:
        """Return the document with objects that are assumed to exist, by member and name."""
        if not expected:
            return self
        return Document(self.objects, self.places, self.completions, expected, self.unallowed)

    def completed(self, world: World) -> Document:
        """Return the document with what is added to it, given an appliance. Raises NotRead where that is not read yet."""
        # Two completions may add the same object
        added = {
            identified(wanted): (wanted, completion.place)
            for completion in self.completions
            for wanted in completion.expand(world, self)
        }
        unread = frozenset().union(*(wanted.reads() for wanted, _place in added.values())) - world.answers.keys()
        if unread:
            raise NotRead(*unread)
        if not added:
            return self
        objects, places = zip(*added.values(), strict=True)
        return Document(
            (*self.objects, *objects), (*self.places, *places), self.completions, self.expected, self.unallowed
        )

    def check(self, world: World) -> None:
        """Raise InvalidOption if a completion is not allowed."""
        all_of(*(partial(completion.check, world, self) for completion in self.completions))

    def repeated(self) -> list[Problem]:
        """Return the places of duplicate objects."""
        first: dict[Hashable, str] = {}
        problems = []
        for wanted, place in zip(self.objects, self.places, strict=True):
            own = identified(wanted)
            if own in first:
                before = f", as in {first[own]}" if first[own] else ""
                problems.append(Problem(place, f"{wanted.subject} is listed more than once{before}."))
            first.setdefault(own, place)
        return problems
