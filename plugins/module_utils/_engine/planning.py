# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan: compare wanted objects with what was read, and return ordered steps with reasons. Pure: no I/O.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import dangling, overlaps
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document, identified
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Recreation
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step

_PURGE = "purge"


@dataclass(frozen=True)
class Plan:
    """Everything that has to be done, in order, and what it changes; ``objects`` runs parallel to ``document``.

    ``recreated`` are the objects that are deleted and created again, by what identifies them; ``compared`` is then what
    differs in the end, with all that goes along with them.
    """

    steps: tuple[Step, ...]
    objects: tuple[ObjectPlan, ...]
    document: Document
    recreated: Mapping[Hashable, Recreation] = field(default_factory=dict)
    compared: tuple[ObjectPlan, ...] = ()

    @property
    def differences(self) -> Sequence[ObjectPlan]:
        """Return the objects that change, before and after."""
        return self.compared or [part for part in self.objects if part.steps]

    def __bool__(self) -> bool:
        return bool(self.steps)

    def named(self) -> frozenset[tuple[str, str]]:
        """Return the objects that the plan creates or changes and that others may refer to, by member and name."""
        members = {kind.wanted: kind.member for kind in KINDS}
        pairs = zip(self.document, self.objects, strict=True)
        made = [
            (members.get(type(wanted), ""), wanted.keys()[0]) for wanted, part in pairs if part.steps and part.after
        ]
        return frozenset((member, name) for member, name in made if member and isinstance(name, str))

    def touched(self) -> list[Desired]:
        """Return the objects that have steps in the plan."""
        touched: list[Desired] = []
        for wanted, part in zip(self.document, self.objects, strict=True):
            recreated = self.recreated.get(identified(wanted))
            if recreated is not None:
                # Undo treats it as deleted, with everything that belonged to it
                touched.append(recreated.removal)
            elif part.steps:
                touched.append(wanted)
        return touched


def make(document: Document, world: World, upload_fault: str = "", *, names: bool = False) -> Plan:
    """Return the plan for a document. Raises InvalidOption with all that cannot be made so; nothing was sent then.

    ``upload_fault`` says why nothing can be uploaded, if so. With ``names`` those of other objects are looked up, which may
    raise NotRead.
    """
    recreated, there = _recreated(document, world)
    problems: list[Problem] = []
    whole = document
    try:
        whole = _with_besides(document.completed(there), there)
        whole.check(there)
    except InvalidOption as error:
        problems += [each._replace(place=_PURGE) for each in error.all_problems]
    problems += [*whole.unallowed, *whole.repeated(), *overlaps.on(world, whole)]
    problems += dangling.on(there, whole) if names else ()
    objects: list[ObjectPlan] = []
    for wanted, place in zip(whole, whole.places, strict=True):
        try:
            part = wanted.plan(there, whole)
        except InvalidOption as error:
            problems += [Problem(place, each.message, missing=each.missing) for each in error.all_problems]
            continue
        former = recreated.get(identified(wanted)) if recreated else None
        objects.append(former.preceded(part) if former is not None else part)
        if upload_fault and any(step.data is not None for step in part.steps):
            problems.append(Problem(place, f"{part.subject} has to be uploaded. {upload_fault}"))
    if problems:
        invalid = InvalidOption.from_problems(_once(problems))
        invalid.foreseen = tuple(objects)
        raise invalid
    steps = sorted((step for part in objects for step in part.steps), key=lambda step: step.rank)
    for kind in KINDS:
        if kind.planning.condensed is not None:
            steps = kind.planning.condensed(steps, there, whole)
    compared = tuple(_compared(whole, objects, recreated, world)) if recreated else ()
    return Plan(tuple(steps), tuple(objects), whole, recreated, compared)


def _compared(
    document: Document, objects: Sequence[ObjectPlan], recreated: Mapping[Hashable, Recreation], world: World
) -> Iterator[ObjectPlan]:
    """Yield what differs in the end where something is recreated: what is created again as it was differs in nothing."""
    staying = {part.subject for part in objects if part.after or not part.steps}
    for wanted, part in zip(document, objects, strict=True):
        former = recreated.get(identified(wanted))
        if former is not None:
            yield from former.compared(part, _in_place(wanted, world, document), staying, world)
        elif part.steps and (part.before or not wanted.found(world)):
            yield part
        elif part.steps:
            change = _in_place(wanted, world, document)
            if change is None:
                found, after = wanted.found(world), part.after
                yield replace(
                    part,
                    before={option: value for option, value in found.items() if after.get(option, value) != value},
                    after={option: value for option, value in after.items() if found.get(option) != value},
                )
            elif change.steps:
                yield change


def _in_place(wanted: Desired, world: World, document: Document) -> ObjectPlan | None:
    """Return the plan to change an object in place; None if that is impossible."""
    try:
        return wanted.plan(world, document)
    except InvalidOption:
        return None


def _recreated(document: Document, world: World) -> tuple[dict[Hashable, Recreation], World]:
    """Return the objects to recreate, and the appliance after their deletion."""
    recreated: dict[Hashable, Recreation] = {}
    there = world
    for kind in KINDS:
        found = kind.planning.recreated(document, world) if kind.planning.recreated is not None else {}
        recreated |= found
        if found and kind.planning.without is not None:
            there = kind.planning.without(there, list(found.values()))
    return recreated, there


def _with_besides(document: Document, world: World) -> Document:
    """Return a document with what is removed in any case, such as what an interrupted run left behind."""
    for kind in KINDS:
        if kind.planning.besides is not None:
            document = document.with_more(*kind.planning.besides(document, world))
    return document


def _once(problems: list[Problem]) -> list[Problem]:
    """Return the problems that a purge reports, without those that the document itself has."""
    placed = {each.message for each in problems if each.place != _PURGE}
    return [each for each in problems if each.place != _PURGE or each.message not in placed]


def doing(step: Step) -> str:
    """Return a step as part of a sentence: "create it: virtual service ..."."""
    return f"{step.reason} ({step.subject}, command {step.command})"


def named(step: Step, answer: str) -> str:
    """Return a sentence with the name that a refusal speaks of and does not tell, or empty."""
    words = {word: parameter for kind in KINDS for word, parameter in kind.refusals.items() if word in answer.lower()}
    values = ((word, step.parameters.get(parameter)) for word, parameter in words.items())
    return "".join(f" The {word} is {value}." for word, value in values if value)


def is_the_same(step: Step, other: Step) -> bool:
    """Return whether two steps of two plans do the same to the same object, whatever number it has by now."""
    if step.command != other.command or step.parameters == other.parameters:
        return step.command == other.command
    # What has no name yet may be identified by its slot by now, and be reported as taken over.
    return step.subject == other.subject and (step.reason == other.reason or step.said == other.said)


def without_secrets(step: Step, text: str) -> str:
    """Return a text without the secrets that a step has sent."""
    for name in step.hidden:
        value = step.parameters.get(name)
        if isinstance(value, str) and value:
            text = text.replace(value, "********")
    return text


def ignored(left: Plan) -> str:
    """Return a sentence about steps that were answered "ok" but had no effect."""
    parts = []
    for part in (part for part in left.objects if part.steps):
        wanted = {option: value for option, value in part.after.items() if part.before.get(option) != value}
        details = ", ".join(
            f"{option} should be {value!r} but is {part.before.get(option)!r}" for option, value in wanted.items()
        )
        parts.append(f"{part.subject}: {details or part.steps[0].reason + ' had no effect'}")
    return (
        'The LoadMaster answered "ok" but did not do all of it. '
        + "; ".join(parts)
        + ". Its firmware may not know the option, "
        "a setting that the option depends on is off, or another writer changed it."
    )
