# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The registry: how a kind of object describes itself to documents and engine. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.composer import Composer
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Effect, ObjectPlan, Sent, Step


class Read(NamedTuple):
    """A command that reads one object: the parameter that names it, and whether an object that is absent is an error.

    A refusal alone does not say that there is none: the ``member`` of ``listing`` does, or where there is no listing, a second
    refusal.
    """

    argument: str
    may_be_absent: bool = True
    listing: str = ""
    member: str = ""


class Witness(NamedTuple):
    """A command that shows in another way whether a listing can be empty: its answer always has ``proof``.

    It has one of ``members`` where the listing has something.
    """

    command: str
    proof: str
    members: tuple[str, ...]


class Listing(NamedTuple):
    """What the answer of a listing has: one of ``members``, unless there is nothing to list.

    No public source has the answer of every empty listing. So an empty one is believed where its ``witness`` agrees, or
    where a second reading is empty too; one that is ``never_empty`` is not believed at all.
    """

    members: tuple[str, ...]
    never_empty: bool = False
    witness: Witness | None = None


@dataclass
class Export:
    """A document, the places of the secrets that it lacks, and sentences about what else it lacks."""

    document: dict[str, Any] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Named(NamedTuple):
    """What patterns and networks of a purge are compared with: the words and the address of an object."""

    name: str
    address: str = ""


def _stays(_world: World, _document: Document) -> Iterator[str]:
    yield from ()


def _allowed(_world: World, _document: Document) -> None:
    pass


class Purging(NamedTuple):
    """How a kind finds what the appliance has and a document does not.

    ``find`` yields each such object, as it is named and as the wish that removes it. ``staying`` yields sentences about what
    stays since no document can name it. ``check`` raises InvalidOption if something to remove is needed by something that
    stays. ``with_address`` says whether networks can select objects of the kind.
    """

    find: Callable[[World, Document], Iterator[tuple[Named, Desired]]]
    reads: frozenset[str]
    with_address: bool = False
    staying: Callable[[World, Document], Iterator[str]] = _stays
    check: Callable[[World, Document], None] = _allowed


class Lookup(NamedTuple):
    """How to find out whether the appliance has an object that another one names.

    ``known`` returns None where it has one of that name, else the names that it does have, as far as it lists them. It
    raises NotRead. ``advice`` says how to make one.
    """

    known: Callable[[str, World], Sequence[str] | None]
    advice: str


class Attempt(NamedTuple):
    """A task that failed: its document, the steps that it came to, and the appliance before and now.

    ``lost`` tells whether the object of a member and a name was removed for good by the task.
    """

    document: Document
    sent: Sequence[Step]
    before: World
    now: World
    lost: Callable[[str, Hashable], bool]


class Astray(NamedTuple):
    """A step that reached another object than it was meant for.

    ``victim`` is that object as messages name it, and ``wishes`` put it back as it was; none where it is not certain that it
    was this step, which ``doubt`` explains.
    """

    step: Step
    victim: str
    wishes: tuple[Desired, ...] = ()
    doubt: str = ""


def _no_objects(_touched: Sequence[Desired], _attempt: Attempt) -> Iterator[Desired]:
    yield from ()


def _no_strays(_sent: Sequence[Sent], _before: World, _now: World) -> Iterator[Astray]:
    yield from ()


def _no_sentences(*_arguments: Any) -> Iterator[str]:
    yield from ()


def _no_other(_wanted: Desired, _step: Step) -> Desired | None:
    return None


def _nothing_read(_world: World) -> None:
    return None


class Recovery(NamedTuple):
    """What is needed of a kind after something went wrong. It is imported then only.

    ``former`` returns the wishes that put an object back as it was, given the wish that touched it. ``also`` yields what
    suffered besides, of which the task named nothing. ``unreadable`` yields sentences about what is lost and cannot be
    compared. ``instead`` returns another wish for a former object whose step the appliance has refused, None where there is
    none. ``reads`` is what has to be read before the task to know all that.

    ``differences`` yields what is not as it was between two readings, as sentences. ``traces`` returns what was read of the
    kind, by the names that messages use, None where it was not read. ``touched`` yields the names of what a step may have
    changed, ``swept`` those of what a step takes along with everything in it. ``astray`` yields the steps, of those sent between
    two readings, that reached another object than they were meant for.
    """

    former: Callable[[Any, Attempt], Sequence[Desired]]
    differences: Callable[[World, World], Iterator[str]] = _no_sentences
    also: Callable[[Sequence[Desired], Attempt], Iterator[Desired]] = _no_objects
    unreadable: Callable[[Any, Attempt], Iterator[str]] = _no_sentences
    instead: Callable[[Any, Step], Desired | None] = _no_other
    reads: frozenset[str] = frozenset()
    traces: Callable[[World], Mapping[str, Any] | None] = _nothing_read
    touched: Callable[[Step, tuple[World, World]], Iterator[str]] = _no_sentences
    swept: Callable[[Step, tuple[World, World]], Iterator[str]] = _no_sentences
    astray: Callable[[Sequence[Sent], World, World], Iterator[Astray]] = _no_strays


class Recreation(Protocol):
    """An object that cannot be changed in place, so that it is deleted and recreated."""

    @property
    def removal(self) -> Desired:
        """Return the wanted object that removes the existing one."""

    @property
    def warning(self) -> str:
        """Return a sentence on what would happen to the object, and why."""

    def preceded(self, plan: ObjectPlan) -> ObjectPlan:
        """Return the plan that creates the object, preceded by the step that removes the one that exists."""

    def compared(
        self, plan: ObjectPlan, change: ObjectPlan | None, staying: Collection[str], world: World
    ) -> Iterator[ObjectPlan]:
        """Yield what differs in the end, the objects that go with it and are not created again included.

        ``change`` is what a change in place would be, None where there can be none. ``staying`` are the objects of the plan,
        and ``world`` is the appliance before it.
        """


class Planning(NamedTuple):
    """What a kind adds when a whole document is planned.

    ``recreated`` returns the objects of a document to delete and recreate, by what identifies the wish;
    ``without`` the appliance as it is once these are gone. ``besides`` returns what is removed in any case, with the place for
    its problems. ``same`` returns the identity of the appliance's object, None if there is none. ``conflicts`` yields
    entries that claim the same thing. ``condensed`` returns the steps of a plan, with those merged that one call can do.
    """

    recreated: Callable[[Document, World], dict[Hashable, Recreation]] | None = None
    without: Callable[[World, Sequence[Recreation]], World] | None = None
    besides: Callable[[Document, World], tuple[Sequence[Desired], str]] | None = None
    same: Callable[[Any, World, Document], Hashable] | None = None
    conflicts: Callable[[World, Document], Iterator[Problem]] | None = None
    condensed: Callable[[list[Step], World, Document], list[Step]] | None = None


# The default for kinds without any; never modified
_NOTHING: Mapping[str, Any] = {}


def _no_reads(_world: World) -> frozenset[str]:
    return frozenset()


def _keeps(_entry: Any, _world: World) -> Iterator[str]:
    yield from ()


def _sound(_document: Document) -> list[Problem]:
    return []


class ObjectKind(NamedTuple):
    """A kind of object.

    ``member`` is its list in a document, or with ``belongs_to`` its list in the entries of another member; ``single`` says
    that the member is one object instead of a list. ``wanted`` is the class of its wishes and ``shape`` the options of an
    entry. ``compose`` adds the objects that an entry means to a composer, at a place; what belongs to another member is composed
    with that. ``check`` returns what is wrong with all of a document, without an appliance.

    ``listing`` is what an export reads first, ``details`` what it reads once that is there, and ``entries`` what it writes;
    a kind without ``entries`` is part of no export of its own. ``listings`` are its listings by their commands, and ``reads`` its
    commands that read one object, ``effects``
    what its commands make stale, ``settling`` texts by which the appliance refuses for a moment what follows a command, and
    ``refusals`` the parameters that have the name which a refusal speaks of without telling it, by the word for it.

    ``title`` says what an export has of it, ``about`` what an entry is, and ``purged`` what a purge of the kind removes; the
    documentation of the modules config and config_info is made of these. ``word`` is the noun of messages, where it differs from
    the member. ``module`` is the module for one object of the kind, and ``kept_names`` are the names that the appliance keeps
    for itself; the schema of documents is made of these.

    ``lookup`` tells whether there is an object that another one names. ``purging`` and ``recovery`` return what is needed in
    few tasks. ``kept`` yields what a document in state replaced leaves out and the appliance cannot unset.
    """

    member: str
    title: str
    wanted: type[Any]
    shape: Shape
    compose: Callable[[Composer, str, Mapping[str, Any]], None] | None = None
    belongs_to: str = ""
    single: bool = False
    check: Callable[[Document], list[Problem]] = _sound
    listing: frozenset[str] = frozenset()
    details: Callable[[World], frozenset[str]] = _no_reads
    entries: Callable[[World, Export], Any] | None = None
    listings: Mapping[str, Listing] = _NOTHING
    reads: Mapping[str, Read] = _NOTHING
    effects: Mapping[str, Effect] = _NOTHING
    settling: Mapping[str, str] = _NOTHING
    refusals: Mapping[str, str] = _NOTHING
    planning: Planning = Planning()
    lookup: Lookup | None = None
    purging: Callable[[], Purging] | None = None
    recovery: Callable[[], Recovery] | None = None
    kept: Callable[[Any, World], Iterator[str]] = _keeps
    about: tuple[str, ...] = ()
    purged: str = ""
    module: str = ""
    kept_names: tuple[str, ...] = ()
    word: str = ""

    @property
    def noun(self) -> str:
        """The singular of the kind in messages."""
        return self.word or self.member.replace("_", " ").removesuffix("s")

    @property
    def plural(self) -> str:
        """The plural of the kind in messages."""
        return f"{self.word}s" if self.word else self.member.replace("_", " ")


def composing(
    make: Callable[[Mapping[str, Any], Terms], Desired],
) -> Callable[[Composer, str, Mapping[str, Any]], None]:
    """Return the composition for a kind with one object for each entry."""

    def compose(composer: Composer, place: str, entry: Mapping[str, Any]) -> None:
        if not composer.is_wrong(place):
            composer.add(place, lambda: make(entry, composer.terms))

    return compose
