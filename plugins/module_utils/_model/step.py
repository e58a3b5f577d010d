# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Steps of a plan: API calls with reasons, and what is learned while they are carried out. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

# How far the effects of a call go, of which its step says nothing: to no other object, to others that exist, anywhere.
OWN_OBJECT = 0
OTHER_OBJECTS = 1
ANYWHERE = 2


class Late(Protocol):
    """A value of a request that is known only when the request is sent, such as an index that the appliance may change.

    It is hashable, and equal to another one that stands for the same.
    """

    @property
    def unsettled(self) -> bool:
        """Return whether another writer may be about to use its object."""

    def resolve(self, world: World) -> str:
        """Return the current value. Raises Overtaken if it no longer exists."""

    def meant(self, world: World, known: Mapping[Late, str]) -> Hashable:
        """Return what the value stands for, by something that the appliance keeps. ``known`` are late values learned so far."""


class Progress:
    """What is learned while a plan is carried out: it holds until another plan begins.

    ``planned_for`` is the appliance that the plan was made for, ``sent`` all steps of the task so far. ``known`` are values
    of late parameters that hold for the plan, ``fleeting`` those that hold for the next step only. ``memory`` is for
    creations to remember what they saw.
    """

    def __init__(self, planned_for: World | None = None, sent: list[Step] | None = None) -> None:
        self.planned_for = planned_for
        self.sent: list[Step] = [] if sent is None else sent
        self.known: dict[Late, str] = {}
        self.fleeting: dict[Late, str] = {}
        self.memory: dict[Hashable, Any] = {}

    def value(self, late: Late, world: Callable[[], World]) -> str:
        """Return a late value: as it was learned, or as the appliance has it now. Raises Overtaken."""
        return self.fleeting.get(late) or self.known.get(late) or late.resolve(world())


class Creation(Protocol):
    """How a step that creates an object finds the new one, if the appliance gives it no name."""

    def before(self, progress: Progress, world: Callable[[], World]) -> Any:
        """Return what to remember before the step is sent. Raises Overtaken if another writer was first."""

    def learn(self, before: Any, progress: Progress, answer: Mapping[str, Any]) -> None:
        """Record the new object from the answer. Raises Overtaken if the answer does not identify it."""


@dataclass(frozen=True)
class Step:
    """One API call of a plan.

    ``hidden`` names the parameters whose values must not show. What a ``blind`` step does cannot be read back. A step with
    a ``creation`` teaches the next ones what it made. A step that ``creates`` an object is what the later ones of that
    object depend on. What comes after a ``checkpoint`` is sent only once reading back shows that it was carried out.
    ``data`` is an upload. ``reaches`` says how far its side effects go. Where the appliance refuses with a text of
    ``remedies``, those steps are carried out instead of this one. A step that is ``one_of_many`` may have to be sent again:
    one call takes one of several objects that look alike.
    """

    command: str
    parameters: Mapping[str, str | Late]
    subject: str
    reason: str
    rank: int = ranks.SERVICE
    hidden: frozenset[str] = frozenset()
    blind: bool = False
    creation: Creation | None = None
    data: bytes | None = field(default=None, repr=False)
    remedies: Mapping[str, tuple[Step, ...]] = field(default_factory=dict, repr=False)
    creates: bool = False
    checkpoint: bool = False
    reaches: int = OWN_OBJECT
    one_of_many: bool = False

    def shown(self) -> dict[str, Any]:
        """Return the step for results."""
        return {"command": self.command, "object": self.subject, "reason": self.reason}

    @property
    def said(self) -> dict[str, str]:
        """Return the parameters without late values."""
        return {name: value for name, value in self.parameters.items() if isinstance(value, str)}

    @property
    def late(self) -> list[Late]:
        """Return the late values of the parameters."""
        return [value for value in self.parameters.values() if not isinstance(value, str)]


class Sent(NamedTuple):
    """A step as it was sent: with all values of its parameters, and what the late ones were meant for, by their names."""

    step: Step
    parameters: Mapping[str, str]
    meant: Mapping[str, Hashable]


class Effect(NamedTuple):
    """Which answers a successful write makes stale: those in ``stale``, or all but those in ``keeps``.

    With ``refreshed`` the answer to the write makes a listing current: the name of the listing, and a function of the listing
    and the data of the answer that returns the listing as it is now.
    """

    stale: frozenset[str] | None = None
    keeps: frozenset[str] = frozenset()
    refreshed: tuple[str, Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] | None = None


@dataclass(frozen=True)
class ObjectPlan:
    """The steps for one object, and the object before and after as the diff shows it (empty: absent or unchanged).

    ``belongings`` are the objects, as messages name them, that are removed with this one.
    """

    subject: str
    steps: tuple[Step, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    belongings: tuple[str, ...] = ()
