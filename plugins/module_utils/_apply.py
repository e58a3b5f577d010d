# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Do: the only place that writes. Carries a plan out, reads back, plans again; what is left was ignored.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ansible_collections.kemp.loadmaster.plugins.module_utils import _plan
from ansible_collections.kemp.loadmaster.plugins.module_utils._client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._connection import Connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AccessDenied,
    AnswerLost,
    LoadMasterError,
    NotConverged,
    Refused,
    Unreachable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._lock import Turn
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import (
    LIST_SERVICES,
    SETTING_DANGEROUS,
    Document,
    NotRead,
    Step,
    World,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import (
    IndexOf,
    ServiceRef,
    SlotOf,
    SubRef,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._plan import Plan
from ansible_collections.kemp.loadmaster.plugins.module_utils._snapshot import Snapshot
from ansible_collections.kemp.loadmaster.plugins.module_utils._wire import Answer

# How often a lost answer is looked up in one task before giving up, and how long to wait before looking.
LOOK_UPS = 5
LOOK_UP_PAUSE = 1.0
# A service just made may be unknown for a moment; a refused call was not carried out, so it may be sent again.
SETTLE_TRIES = 5
SETTLE_PAUSE = 0.3
# How long the appliance takes to forget a name that it is told to forget.
REMEDY_PAUSE = 1.0

SILENCE = "The last setting was sent, but the LoadMaster no longer answers here, so it could not be read back: "


@dataclass(frozen=True)
class Outcome:
    """What a task did, or with ``applied`` false would do: the plan, and the appliance afterwards as it was read."""

    plan: Plan
    world: World | None
    applied: bool
    warnings: tuple[str, ...] = ()


class Session:
    """A client and what was read through it. It may live as long as a loop does."""

    def __init__(self, client: Client, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.client = client
        self.snapshot = Snapshot(client)
        self._sleep = sleep
        self._turn = Turn(client.connection.address)
        self._sent: list[Step] = []
        self._done = 0
        self._fresh_indexes: dict[IndexOf, str] = {}
        self._known_slots: dict[SlotOf, str] = {}
        self._seen_slots: dict[ServiceRef, frozenset[str]] = {}

    @classmethod
    def open(cls, connection: Connection) -> Session:
        """Return a session with a LoadMaster. Nothing is sent yet."""
        return cls(Client(connection))

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    @property
    def calls(self) -> int:
        """Return how many API calls were made since the session was opened or ``count_anew`` was called."""
        return self.client.calls

    def count_anew(self) -> None:
        """Count API calls from here on."""
        self.client.calls = 0

    def reach(
        self,
        document: Document,
        *,
        check: bool = False,
        rollback: bool = False,
        first: Callable[[], None] | None = None,
    ) -> Outcome:
        """Make the appliance as the document says, or with ``check`` only tell what that takes.

        ``first`` is called before anything is written. Raises LoadMasterError. What was carried out until then stays, and
        the next run goes on from there; or with ``rollback`` it is undone, and the error says what of it could not be.
        """
        if check:
            return Outcome(*self._planned(document), applied=False)
        with self._turn.taken():
            if self._turn.others_wrote:
                self.snapshot.forget()
            foreseen = Outcome(*self._planned(document), applied=False)
            if not foreseen.plan:
                return foreseen
            if first is not None:
                first()
            self._turn.wrote()
            return self._apply(document, foreseen, rollback=rollback)

    def backup(self) -> bytes:
        """Return a backup of the whole appliance, encrypted by itself."""
        return self.client.download("backup")

    def _apply(self, document: Document, foreseen: Outcome, *, rollback: bool) -> Outcome:
        plan = foreseen.plan
        self._sent, self._done = [], 0
        self._fresh_indexes, self._known_slots, self._seen_slots = {}, {}, {}
        try:
            self._carry_out(plan, document)
            return Outcome(plan, self._verified(document), applied=True)
        except LoadMasterError as error:
            error.changed = self._done > 0
            if isinstance(error, (Unreachable, AccessDenied, AnswerLost)) and self._cut_off_as_asked(plan):
                return Outcome(plan, None, applied=True, warnings=(SILENCE + error.message,))
            if rollback and foreseen.world is not None and self._sent:
                self._undo(plan, foreseen.world, error)
            raise

    def _undo(self, plan: Plan, before: World, error: LoadMasterError) -> None:
        """Put back what a plan touches as it was, and add to the error what came of it."""
        # Imported where it is needed, which is hardly ever
        from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _undo

        former, left = _undo.document_of(plan.touched(), before)
        self.snapshot.forget()
        try:
            for step in self._planned(former)[0].steps:
                self._carry_out_step(step)
        except LoadMasterError as problem:
            left.append(problem.message)
        try:
            _world, rest = self._left(former)
        except LoadMasterError as problem:
            left.append(problem.message)
        else:
            left += [f"{part.subject} is not as it was" for part in rest.objects if part.steps]
        error.changed = bool(left)
        if left:
            told = "; ".join(dict.fromkeys(text.removesuffix(" Nothing was changed.").rstrip(".") for text in left))
            error.message += f" What was done before is undone, except: {told}."
        else:
            error.message += " What was done before is undone."

    def _planned(self, document: Document) -> tuple[Plan, World]:
        """Return the plan for a document and the appliance that it is for. What turns out to be needed is read as well."""
        reads = document.reads()
        while True:
            world = self.snapshot.world(reads)
            try:
                return _plan.make(document, world), world
            except NotRead as missing:
                reads |= {missing.name}

    def _carry_out(self, plan: Plan, document: Document) -> None:
        steps = list(plan.steps)
        look_ups = 0
        while steps:
            try:
                self._carry_out_step(steps[0])
                steps.pop(0)
                self._done += 1
            except AnswerLost as lost:
                look_ups += 1
                if look_ups > LOOK_UPS:
                    lost.message = f"Could not {_doing(steps[0])}: {lost.message}"
                    raise
                # It may have been carried out or not. Look, and plan from what is there; never send it blindly again.
                self._sleep(LOOK_UP_PAUSE)
                steps = list(self._planned(document)[0].steps)

    def _carry_out_step(self, step: Step) -> None:
        before = self._slots(step.makes) if step.makes else frozenset()
        sent = {
            name: value if isinstance(value, str) else self._resolve(value) for name, value in step.parameters.items()
        }
        self._fresh_indexes.clear()
        try:
            answer = self._send(step, sent)
        except AnswerLost:
            self.snapshot.forget()
            raise
        except Refused as refusal:
            self.snapshot.forget()
            refusal.message = f"Could not {_doing(step)}: {_without_secrets(step, refusal.message)}."
            raise
        except LoadMasterError as error:
            self.snapshot.forget()
            error.message = f"Could not {_doing(step)}: {error.message}"
            raise
        self.snapshot.written(step.command, answer)
        if step.makes:
            self._learn(step.makes, before, answer)

    def _slots(self, made: SubRef) -> frozenset[str]:
        """Return the slots that the parent has before it gets a new one: as the last answer showed them, or as read."""
        if made.parent in self._seen_slots:
            return self._seen_slots[made.parent]
        parent = self.snapshot.world({LIST_SERVICES}).services.find(made.parent)
        return frozenset(str(slot.get("RsIndex")) for slot in parent.slots) if parent else frozenset()

    def _learn(self, made: SubRef, before: frozenset[str], answer: Answer) -> None:
        """Tell the new sub virtual service from those before it; nothing else says which one is new.

        Its slot keeps its number. Its index is good for the very next step only, or until the parent answers again.
        """
        slots = answer.data.get("SubVS") or []
        self._seen_slots[made.parent] = frozenset(str(slot.get("RsIndex")) for slot in slots)
        known = self._known_slots.get(SlotOf(made), "").removeprefix("!")
        numbers = {known} if known else self._seen_slots[made.parent] - before
        new = [slot for slot in slots if str(slot.get("RsIndex")) in numbers]
        if len(new) == 1:
            self._fresh_indexes[IndexOf(made)] = str(new[0].get("VSIndex"))
            self._known_slots[SlotOf(made)] = f"!{new[0].get('RsIndex')}"

    def _resolve(self, reference: IndexOf | SlotOf) -> str:
        if isinstance(reference, SlotOf):
            return self._known_slots.get(reference) or self.snapshot.resolve(reference)
        return self._fresh_indexes.get(reference) or self.snapshot.resolve(reference)

    def _send(self, step: Step, parameters: Mapping[str, str]) -> Answer:
        just_made = any(sent.command == "addvs" for sent in self._sent)
        self._sent.append(step)
        for _attempt in range(SETTLE_TRIES if just_made else 0):
            try:
                return self._write(step, parameters)
            except Refused as refusal:
                if "Unknown VS" not in refusal.answer:
                    raise
                self._sleep(SETTLE_PAUSE)
        return self._write(step, parameters)

    def _write(self, step: Step, parameters: Mapping[str, str]) -> Answer:
        """Send a step, and once more after what remedies its refusal."""
        try:
            return self.client.write(step.command, parameters, step.data)
        except Refused as refusal:
            remedy = next((steps for text, steps in step.remedies.items() if text in refusal.answer), ())
            if not remedy:
                raise
        answer = Answer()
        for other in remedy:
            answer = self.client.write(other.command, {k: str(v) for k, v in other.parameters.items()}, other.data)
            self._sleep(REMEDY_PAUSE if other is not remedy[-1] else 0.0)
        return answer

    def _verified(self, document: Document) -> World:
        """Return the appliance as it is now; raise NotConverged where it is not what the document says."""
        world, left = self._left(document)
        if left:
            self._sleep(SETTLE_PAUSE)
            self.snapshot.forget()
            world, left = self._left(document)
        if left:
            raise NotConverged(_ignored(left), command=left.steps[0].command)
        return world

    def _left(self, document: Document) -> tuple[World, Plan]:
        """Return the appliance as it is now, and what of the document it does not show."""
        plan, world = self._planned(document)
        return world, replace(plan, steps=tuple(step for step in plan.steps if not step.blind))

    def _cut_off_as_asked(self, plan: Plan) -> bool:
        """Tell whether everything was sent, and the last step was one that may cut off this connection."""
        last = plan.steps[-1]
        return last.rank == SETTING_DANGEROUS and bool(self._sent) and self._sent[-1] == last


def _doing(step: Step) -> str:
    """Return a step as the middle of a sentence: "create it: virtual service ..."."""
    return f"{step.reason} ({step.subject}, command {step.command})"


def _without_secrets(step: Step, text: str) -> str:
    for name in step.hidden:
        value = step.parameters.get(name)
        if isinstance(value, str) and value:
            text = text.replace(value, "********")
    return text


def _ignored(left: Plan) -> str:
    """Say what the appliance answered "ok" to and yet did not do."""
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
        "or a setting that the option depends on is off."
    )
