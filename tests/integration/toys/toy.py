# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kind of object that no LoadMaster has: the smallest whole room, for the test of what a new kind takes. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import STATE, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Choice, Integer, Text
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.differences import come_and_gone, said
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import (
    Attempt,
    Export,
    Named,
    ObjectKind,
    Purging,
    Recovery,
    composing,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World, records
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Effect, ObjectPlan, Step

LISTING = "listtoys"
TABLE = Table(
    [
        Field(
            "colour",
            "colour",
            Choice(words={"red": "r", "blue": "b"}, unset="red"),
            reported="Colour",
            default="red",
            description="What the toy is painted in.",
            choices={"red": "It is red.", "blue": "It is blue."},
        ),
        Field(
            "weight",
            "weight",
            Integer(high=1000),
            reported="Weight",
            default="0",
            unit="grams",
            description="How heavy it is.",
        ),
    ]
)
SHAPE = Shape(
    rows=(
        STATE._replace(
            description="Whether the toy should be there.",
            choices={"present": "It is there.", "absent": "There is no such toy."},
        ),
        Field("name", "name", Text(lasting=True), description="The name of the toy."),
        *TABLE.fields,
    ),
    required=("name",),
)


@dataclass(frozen=True)
class Toy:
    """A toy as the user wants it."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    present: bool = True

    @classmethod
    def from_options(cls, options: Mapping[str, Any], terms: Terms) -> Toy:
        """Build it from options that its shape has checked."""
        left_out = {row.option: row.kind.unset for row in TABLE.fields} if terms.replace else {}
        given = {**left_out, **TABLE.given(options)}
        return cls(options["name"], given, options.get("state", "present") == "present")

    @property
    def subject(self) -> str:
        return f"toy {self.name}"

    def keys(self) -> tuple[Hashable, ...]:
        return (self.name,)

    def reads(self) -> frozenset[str]:
        return frozenset({LISTING})

    def found(self, world: World) -> dict[str, Any]:
        return listed(world).get(self.name, {})

    def plan(self, world: World, document: Document) -> ObjectPlan:
        state = self.found(world)
        if not self.present:
            step = Step("deltoy", {"name": self.name}, self.subject, "remove it", ranks.RULE_REMOVE)
            return ObjectPlan(self.subject, (step,) if state else (), before=state)
        changes = TABLE.changes(self.options, state or {row.option: row.kind.unset for row in TABLE.fields})
        values = {change.field.option: change.after for change in changes}
        parameters = {"name": self.name, **TABLE.parameters(values)}
        if not state:
            step = Step("addtoy", parameters, self.subject, "create it", ranks.RULE, creates=True)
            return ObjectPlan(self.subject, (step,), after={"name": self.name, **self.options})
        step = Step("modtoy", parameters, self.subject, "; ".join(map(str, changes)), ranks.RULE)
        before = {change.field.option: change.before for change in changes}
        return ObjectPlan(self.subject, (step,) if changes else (), before, values)


def listed(world: World) -> dict[str, dict[str, Any]]:
    """Return the toys that were read, in Ansible's words, by their names."""
    toys = records(world.answer(LISTING), "Toy")
    return {toy["Name"]: {"name": toy["Name"], **TABLE.read(toy)} for toy in toys}


def _entries(world: World, _made: Export) -> list[dict[str, Any]]:
    return [toy for _name, toy in sorted(listed(world).items())]


def _surplus(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for name in listed(world):
        if document.find(Toy, name) is None:
            yield Named(name), Toy(name, present=False)


def _former(wanted: Toy, attempt: Attempt) -> list[Desired]:
    state = wanted.found(attempt.before)
    return [Toy(wanted.name, TABLE.given(state), bool(state))]


def _differences(before: World, after: World) -> Iterator[str]:
    if LISTING in before.answers.keys() & after.answers.keys():
        was, now = listed(before), listed(after)
        yield from come_and_gone(*({name: f"toy {name}" for name in toys} for toys in (was, now)))
        for name in was.keys() & now.keys():
            yield from said(f"toy {name}", {o: v for o, v in was[name].items() if now[name][o] != v})


def _traces(world: World) -> Mapping[str, Any] | None:
    return {f"toy {name}": toy for name, toy in listed(world).items()} if LISTING in world.answers else None


KIND = ObjectKind(
    member="toys",
    title="Toys.",
    wanted=Toy,
    shape=SHAPE,
    compose=composing(Toy.from_options),
    listing=frozenset({LISTING}),
    entries=_entries,
    effects=dict.fromkeys(("addtoy", "modtoy", "deltoy"), Effect(stale=frozenset({LISTING}))),
    purging=lambda: Purging(_surplus, frozenset({LISTING})),
    recovery=lambda: Recovery(former=_former, differences=_differences, reads=frozenset({LISTING}), traces=_traces),
    about=("Toys, for the test of a new kind.",),
    purged="Toys.",
    module="toy",
)
