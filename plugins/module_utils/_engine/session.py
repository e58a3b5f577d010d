# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The session: the only place that writes. It carries out a plan, reads back and plans again.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import Connection, upload_fault
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.lock import Turn
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.wire import Answer
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine import planning
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.planning import Plan
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.repair import AGAIN, Repair
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.snapshot import Snapshot
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.watch import Watch, WentAstray, in_words
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AccessDenied,
    AnswerLost,
    InvalidOption,
    LoadMasterError,
    NotConverged,
    Overtaken,
    Refused,
    Unreachable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.ranks import SETTING_DANGEROUS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, NotRead, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Progress, Step

# How often one task looks up a lost answer, and the pause before that.
LOOK_UPS = 5
LOOK_UP_PAUSE = 1.0
# What was just made may be unknown for a moment; a refused call was not carried out, so it may be sent again. By the command
# that makes it, the text by which the appliance refuses until it knows it.
SETTLING = {command: text for kind in KINDS for command, text in kind.settling.items()}
SETTLE_TRIES = 5
SETTLE_PAUSE = 0.3
# How often a task plans again because another writer writes at the same time, and how long that one has to be at rest
# first: longer than a writer may pause between two calls, and never the same for two who wait for each other.
MEETINGS = 5
REST = (3.5, 7.0)
LOOKS = 10
# How long the appliance still knows the name of a deleted object.
REMEDY_PAUSE = 1.0

MEANWHILE = "Meanwhile something else wrote to the LoadMaster"
SILENCE = "The last setting was sent, but the LoadMaster no longer answers here, so it could not be read back: "


class Outcome(NamedTuple):
    """What a task did, or with ``applied`` false would do: the plan, and the appliance afterwards as it was read."""

    plan: Plan
    world: World | None
    applied: bool
    warnings: tuple[str, ...] = ()


class Session:
    """A client with its snapshot. It can serve all items of a loop."""

    def __init__(self, client: Client, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.client = client
        self.snapshot = Snapshot(client)
        # Called with a progress line while the task waits for its turn; None without a screen.
        self.say: Callable[[str], None] | None = None
        # In check mode: the objects that earlier tasks would create, and those that this one would create.
        self.expected: frozenset[tuple[str, str]] = frozenset()
        self.foreseen: frozenset[tuple[str, str]] = frozenset()
        self._sleep = sleep
        self._turn = Turn(client.connection.host, client.connection.host_port)
        self._sent: list[Step] = []
        self._done: list[Step] = []
        self._unsure: list[Step] = []
        self._refused: list[Step] = []
        self._meetings = 0
        self._planned_steps = 0
        self._progress = Progress()
        self._watch = Watch()
        # Whether a write was sent since the session was opened or ``restart_count`` was called
        self.has_written = False
        self._repair = self._new_repair()
        self._started: World | None = None

    @classmethod
    def open(cls, connection: Connection) -> Session:
        """Open a session with a LoadMaster, without sending anything."""
        return cls(Client(connection))

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def abort(self) -> None:
        """End what another thread does in this session. The thread gets a LoadMasterError, and closes the session."""
        self.client.abort()

    @property
    def calls(self) -> int:
        """Return the number of API calls since the session was opened or ``restart_count`` was called."""
        return self.client.calls

    @property
    def activity(self) -> str:
        """Return what the session does right now, in words: another thread may ask."""
        if len(self._done) < self._planned_steps:
            return f"step {len(self._done) + 1} of {self._planned_steps}"
        return f"reading, {self.calls} calls so far" if self.calls != 1 else "reading, 1 call so far"

    def restart_count(self) -> None:
        """Count API calls, and notice writes, from here on."""
        self.client.calls = 0
        self.has_written = False
        self._planned_steps = 0

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
        self._started = None
        if check:
            outcome = Outcome(*self._planned(document.expecting(self.expected)), applied=False)
            self.foreseen = self.expected | outcome.plan.named()
            return outcome
        with self._turn.taken(say=self.say):
            if self._turn.others_wrote:
                self.snapshot.forget()
            foreseen = Outcome(*self._planned(document), applied=False)
            if any(late.unsettled for step in foreseen.plan.steps for late in step.late):
                # Unless another run is about to name it
                self._sleep(REST[0])
                self.snapshot.forget()
                foreseen = Outcome(*self._planned(document), applied=False)
            if not foreseen.plan:
                return foreseen
            if first is not None:
                first()
            self._turn.wrote()
            return self._apply(document, foreseen, rollback=rollback)

    def settle(self) -> None:
        """Wait until no other task of this machine writes. If one writes after that, the next turn begins with a new reading."""
        with self._turn.taken(say=self.say):
            if self._turn.others_wrote:
                self.snapshot.forget()

    def send(self, command: str, parameters: Mapping[str, str], data: bytes | None = None) -> Answer:
        """Send one command that changes something, in turn with other tasks of this machine. Nothing that was read holds then."""
        with self._turn.taken(say=self.say):
            self._turn.wrote()
            self.has_written = True
            self.snapshot.forget()
            return self.client.write(command, parameters, data)

    def backup(self) -> bytes:
        """Return a backup of the whole appliance, as the appliance encrypts it."""
        return self.client.download("backup")

    def _apply(self, document: Document, foreseen: Outcome, *, rollback: bool) -> Outcome:
        plan = foreseen.plan
        self._sent, self._done, self._unsure, self._refused, self._meetings = [], [], [], [], 0
        self._repair, self._started = self._new_repair(), foreseen.world
        before = self._before(plan) if rollback else None
        try:
            self._carry_out(plan, foreseen.world, document)
            world = self._verified(document, foreseen.world)
            if not self._done and not self._unsure:
                # Another writer did the work
                return Outcome(*self._planned(document), applied=True)
            return Outcome(plan, world, applied=True, warnings=self._repair.warnings())
        except LoadMasterError as error:
            self._repair.after_failure(error)
            error.changed, error.kept = bool(self._done), len(self._done)
            if isinstance(error, InvalidOption) and self._done:
                # The first plan succeeded
                error.says_unchanged = False
                error.advice += self._came_between(foreseen.world)
            if isinstance(error, (Unreachable, AccessDenied, AnswerLost)) and self._cut_off_as_asked(plan):
                return Outcome(plan, None, applied=True, warnings=(SILENCE + error.account,))
            if before is not None and self._sent:
                self._undo(plan, before, error)
            raise

    def _new_repair(self) -> Repair:
        return Repair(self._watch, self.snapshot, self._planned, self._carry_out_once, self._now, self._sleep)

    def _before(self, plan: Plan) -> World:
        """Read what is needed to undo a plan."""
        from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import undo

        return self.snapshot.world(undo.reads(plan.touched()))

    def _undo(self, plan: Plan, before: World, error: LoadMasterError) -> None:
        """Undo what a plan touched, and add the result to the error."""
        # Imported lazily: rarely needed
        from ansible_collections.kemp.loadmaster.plugins.module_utils._engine import rollback

        self._begin(plan, None)
        back = rollback.WayBack(self.snapshot, self._planned, self._carry_out_back, self._sleep)
        own = {step.subject for step in (*self._done, *self._unsure)}
        refused = frozenset(step.subject for step in self._refused) - own
        left = back.undo(plan, list(self._sent), before, refused)
        error.changed, error.kept = bool(left), 0
        error.says_unchanged = False
        error.sentence += f" {back.sentence(left)}"

    def _planned(self, document: Document) -> tuple[Plan, World]:
        """Return the plan for a document, and the appliance it is based on. Reads whatever the plan asks for."""
        reads = document.reads()
        while True:
            world = self.snapshot.world(reads)
            self._watch.look(world)
            if self._started is not None:
                world = replace(world, started=self._started)
            try:
                fault = upload_fault(self.client.version, self.client.connection)
                return planning.make(document, world, fault, names=True), world
            except NotRead as missing:
                reads |= missing.names

    def _carry_out(self, plan: Plan, world: World | None, document: Document) -> None:
        steps = self._begin(plan, world)
        look_ups = 0
        while steps:
            try:
                self._carry_out_step(steps[0])
                done = steps.pop(0)
                if steps and done.checkpoint:
                    steps = self._checked(document, done)
            except AnswerLost as lost:
                look_ups += 1
                if look_ups > LOOK_UPS:
                    lost.sentence = f"Could not {planning.doing(steps[0])}: {lost.sentence}"
                    raise
                unsure = steps[0]
                self._unsure.append(unsure)
                # It may have been carried out or not. Look, and plan from what is there; never send it blindly again.
                self._sleep(LOOK_UP_PAUSE)
                # It counts as done unless it is planned again, and where the plan is refused now.
                self._done.append(unsure)
                steps = self._begin(*self._planned(document))
                if any(planning.is_the_same(unsure, step) for step in steps):
                    self._done.remove(unsure)
            except WentAstray:
                self._repair.put_back()
                steps = self._begin(*self._planned(document))
            except (Refused, Overtaken) as error:
                steps = self._planned_again(document, world, steps[0], error)

    def _checked(self, document: Document, done: Step) -> list[Step]:
        """Return the steps that are left after a checkpoint. Raises NotConverged where it was not carried out."""
        self.snapshot.confirm()
        plan, world = self._planned(document)
        if any(planning.is_the_same(done, step) for step in plan.steps):
            raise NotConverged(planning.ignored(plan), command=done.command)
        return self._begin(plan, world)

    def _begin(self, plan: Plan, world: World | None) -> list[Step]:
        """Return the steps of a new plan, and forget what was learned during the last one."""
        self._progress = Progress(world, self._sent)
        self._planned_steps = len(self._done) + len(plan.steps)
        return list(plan.steps)

    def _planned_again(
        self, document: Document, before: World | None, failed: Step, error: LoadMasterError
    ) -> list[Step]:
        """Return the steps that are left where another writer made a step needless or impossible, or raise the error."""
        self.snapshot.forget()
        try:
            plan, now = self._planned(document)
        except LoadMasterError:
            raise error from None
        others = self._others(before, now)
        if isinstance(error, Refused) and self._watch.refused_by_number and self._repair.may_try():
            return self._begin(plan, now)
        if isinstance(error, Refused) and any(planning.is_the_same(failed, step) for step in plan.steps):
            if others:
                error.advice += f" {MEANWHILE}: {others}. {AGAIN}"
            raise error
        self._meet(document, error, others or failed.subject)
        return self._begin(*self._planned(document))

    def _meet(self, document: Document, error: LoadMasterError, others: str) -> None:
        """Wait until another writer is at rest. Raises Overtaken where this takes too long."""
        from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import foreign_changes

        self._meetings += 1
        if self.say is not None:
            self.say(f"something else seems to write to the LoadMaster: {others}. Waiting until it is at rest.")
        seen: Mapping[str, object] = {}
        for _look in range(LOOKS if self._meetings <= MEETINGS else 0):
            self._sleep(random.uniform(*REST))
            self.snapshot.forget()
            last, seen = seen, foreign_changes.things(self.snapshot.world(document.reads()))
            if seen == last:
                return
        overtaken = Overtaken(
            f"{error.account} Another writer changed the LoadMaster at the same time: {others}.",
            command=error.command,
            http_status=error.http_status,
            answer=error.answer,
        )
        overtaken.advice = f" {AGAIN}"
        raise overtaken

    def _others(self, before: World | None, now: World) -> str:
        """Return what another writer did since a plan was made, in words; empty where nothing tells of anyone."""
        from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import foreign_changes

        own = (*self._done, *self._unsure)
        return foreign_changes.in_words(foreign_changes.changed(before, now, own)) if before else ""

    def _came_between(self, before: World | None) -> str:
        """Return why a plan cannot be made any more that could be made at first: another writer, or what the steps came to."""
        # Everything that the plan is based on was read
        if self._others(before, self.snapshot.world(())):
            return f" {MEANWHILE}. {AGAIN}"
        return f" This showed only after this step, which the LoadMaster did not carry out as planned: {planning.doing(self._done[-1])}."

    def _carry_out_step(self, step: Step) -> None:
        progress = self._progress
        before = step.creation.before(progress, self._now) if step.creation else None
        sent = {
            name: value if isinstance(value, str) else progress.value(value, self._now)
            for name, value in step.parameters.items()
        }
        if self._watch.astray:
            raise WentAstray(in_words(step))
        self._watch.sending(step, sent, progress.known)
        progress.fleeting.clear()
        try:
            answer = self._send(step, sent)
        except AnswerLost:
            self.snapshot.forget()
            raise
        except Refused as refusal:
            self._refused.append(step)
            self._watch.refused()
            self.snapshot.forget()
            reason = planning.without_secrets(step, refusal.sentence)
            refusal.sentence = f"Could not {planning.doing(step)}: {reason}.{planning.named(step, refusal.answer)}"
            raise
        except LoadMasterError as error:
            self.snapshot.forget()
            error.sentence = f"Could not {planning.doing(step)}: {error.sentence}"
            raise
        self._done.append(step)
        self.snapshot.written(step.command, answer)
        if step.creation:
            step.creation.learn(before, progress, answer.data)

    def _carry_out_back(self, step: Step) -> None:
        """Carry out a step of the way back, after what puts back the objects that an earlier one reached instead."""
        try:
            self._carry_out_step(step)
        except WentAstray:
            self._repair.put_back()
            raise

    def _now(self) -> World:
        """Read the listing in which indexes and slots are looked up."""
        world = self.snapshot.world({LIST_SERVICES})
        self._watch.look(world)
        return world

    def _carry_out_once(self, plan: Plan, world: World) -> None:
        """Carry out the steps of a plan, up to the first failure."""
        for step in self._begin(plan, world):
            self._carry_out_step(step)

    def _send(self, step: Step, parameters: Mapping[str, str]) -> Answer:
        settling = {SETTLING[sent.command] for sent in self._sent if sent.command in SETTLING}
        self._sent.append(step)
        self.has_written = True
        for _attempt in range(SETTLE_TRIES if settling else 0):
            try:
                return self._write(step, parameters)
            except Refused as refusal:
                if not any(text in refusal.answer for text in settling):
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
            try:
                answer = self.client.write(other.command, {k: str(v) for k, v in other.parameters.items()}, other.data)
            except LoadMasterError:
                if other is not remedy[0]:
                    self._done.append(step)
                raise
            self._sleep(REMEDY_PAUSE if other is not remedy[-1] else 0.0)
        return answer

    def _verified(self, document: Document, before: World | None) -> World:
        """Return the appliance as it is now; raise NotConverged where it is not what the document says."""
        undone: list[str] = []
        rounds = 0
        while True:
            self.snapshot.confirm()
            world, left = self._left(document)
            if self._watch.astray:
                self._repair.put_back()
                self._carry_out(*self._planned(document), document)
                continue
            if left:
                self._sleep(SETTLE_PAUSE)
                self.snapshot.forget()
                world, left = self._left(document)
            if not left:
                return world
            news = [
                step
                for step in left.steps
                if step.one_of_many or not any(planning.is_the_same(step, sent) for sent in self._sent)
            ]
            if news and rounds < MEETINGS:
                # Nothing was sent for it: a call may take effect late, or have side effects
                rounds += 1
                self._carry_out(*self._planned(document), document)
                continue
            others = self._others(before, world)
            error = NotConverged(planning.ignored(left), command=left.steps[0].command)
            if not others:
                raise error
            again, undone = undone, [planning.doing(step) for step in left.steps]
            if undone == again:
                error.advice += f" {MEANWHILE}: {others}. {AGAIN}"
                raise error
            self._meet(document, error, others)
            self._carry_out(*self._planned(document), document)

    def _left(self, document: Document) -> tuple[World, Plan]:
        """Return the appliance as it is now, and the plan for what still differs."""
        plan, world = self._planned(document)
        return world, replace(plan, steps=tuple(step for step in plan.steps if not step.blind))

    def _cut_off_as_asked(self, plan: Plan) -> bool:
        """Return whether everything was sent, and the last step was one that may cut off this connection."""
        last = plan.steps[-1]
        return last.rank == SETTING_DANGEROUS and bool(self._sent) and self._sent[-1] == last
