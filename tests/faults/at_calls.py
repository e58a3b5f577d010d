# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault at one call of a task, for each call and each fault: lost, refused, not readable, ignored, or carried out late."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import requests

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import LoadMasterError
from loadmaster_emulator import Emulator, Fault
from loadmaster_emulator.decode import HttpRequest, decode

from .in_process import Send, opened
from .tasks import CANARIES, FOREIGN, READING, TASKS, Task, appliance
from .verdict import Verdict

OK = '{"code": 200, "status": "ok"}'
LATE = "late"
# Faults by name: what the emulator is set to, None where the wire itself does it.
FAULTS: dict[str, dict[str, Any] | None] = {
    "dropped before": {"kind": "drop_before"},
    "dropped after": {"kind": "drop_after"},
    "refused": {"kind": "status", "status": 422, "body": "Command Failed: no"},
    "server error": {"kind": "status", "status": 500},
    "busy": {"kind": "status", "status": 503, "body": "Service Unavailable"},
    "redirect": {"kind": "status", "status": 302},
    "failure with 200": {"kind": "fail_with_200"},
    "garbage": {"kind": "garbage"},
    "another status": {"kind": "garbage", "body": '{"code": 200, "status": "error", "message": "busy"}'},
    "bare ok": {"kind": "garbage", "body": OK},
    "ignored": {"kind": "ignore"},
    **{f"{LATE} by {calls}": None for calls in (1, 2, 5)},
}


class Case(NamedTuple):
    """One disturbed run."""

    task: int
    version: str
    call: int
    fault: str

    def __str__(self) -> str:
        return f"{TASKS[self.task].name}, API {self.version}, call {self.call}, {self.fault}"


@dataclass
class Undisturbed:
    """What a task is like without a fault: the appliance before and after, and its calls."""

    emulator: Emulator
    before: Any
    start: Any
    clean: Any
    services: int
    commands: list[str]


@cache
def undisturbed(task: int, version: str) -> Undisturbed:
    """Run a task once without a fault."""
    lm = appliance((*TASKS, *READING)[task])
    before, start = copy.deepcopy(lm._appliance.configuration), lm.state()
    session, wire = opened(lm, version)
    commands: list[str] = []

    def noted(request: HttpRequest, send: Send) -> Any:
        commands.append(decode(request).command)
        return send(request)

    wire.around = noted
    (*TASKS, *READING)[task].run(session)
    clean, services = lm.state(), len(lm.call("listvs").get("VS", []))
    return Undisturbed(lm, before, start, clean, services, commands)


def cases() -> Iterator[Case]:
    """Yield all cases."""
    for number, _task in enumerate(TASKS):
        for version in ("v2", "v1"):
            calls = len(undisturbed(number, version).commands)
            yield from (Case(number, version, call, fault) for fault in FAULTS for call in range(calls))


def judged(case: Case) -> Verdict:
    """Run a case and return what is wrong with it."""
    task, known = TASKS[case.task], undisturbed(case.task, case.version)
    lm = known.emulator
    put_back(lm, known.before)
    session, wire = opened(lm, case.version)
    plant(lm, wire, case)
    verdict = Verdict(str(case))
    failed, changed, told = attempt(task, session, verdict)
    lm.faults.clear()
    wire.around = lambda request, send: send(request)
    state = lm.state()
    judge_run(task, known, verdict, failed, changed, told, state)
    if case.fault.startswith(LATE):
        verdict.wrong.pop("wrong_changed", None)  # it may be carried out after the result
    again, _wire = opened(lm, case.version)
    failed_again, _changed, told_again = attempt(task, again, verdict)
    judge_rest(lm, known, verdict, failed_again, told_again)
    return verdict


def put_back(lm: Emulator, configuration: Any) -> None:
    """Make the appliance what it was."""
    lm.faults.clear()
    lm._appliance.configuration = copy.deepcopy(configuration)
    lm._appliance.listing = None
    lm.journal.clear()


def plant(lm: Emulator, wire: Any, case: Case) -> None:
    """Let the fault of a case happen at its call."""
    options = FAULTS[case.fault]
    if options is not None:
        if options.get("body") and case.version == "v1" and options["kind"] == "garbage":
            status = "ok" if options["body"] == OK else "error"
            options = {**options, "body": f'<Response stat="200" code="{status}"><Success></Success></Response>'}
        lm.faults.add(Fault(**options, skip=case.call))
        return
    after = int(case.fault.split()[-1])
    waiting: list[tuple[int, HttpRequest]] = []

    def around(request: HttpRequest, send: Send) -> Any:
        number = wire.requests - 1
        if number == case.call:
            waiting.append((number + after, request))
            raise requests.exceptions.ReadTimeout("Read timed out.")
        if waiting and number > waiting[0][0]:
            send(waiting.pop()[1])
        return send(request)

    wire.around = around


def attempt(task: Task, session: Session, verdict: Verdict) -> tuple[bool, bool, str]:
    """Run a task, and return whether it failed, whether it says that it changed something, and what it says."""
    try:
        result = task.run(session)
        failed, changed = bool(result.get("failed")), bool(result["changed"])
        told = str(result.get("msg", "")) + str(result.get("warnings", ""))
    except LoadMasterError as error:
        failed, changed, told, result = True, error.changed, error.message, {"error": error.details(), **error.more}
    except Exception as error:  # what the fence would catch is what this looks for
        verdict.wrong["tracebacks"] = f"{type(error).__name__}: {error}"
        return True, True, "a traceback"
    finally:
        session.close()
    shown = f"{told} {result}"
    if any(secret in shown for secret in CANARIES):
        verdict.wrong["leaks"] = shown[:200]
    return failed, changed, told


def judge_run(
    task: Task, known: Undisturbed, verdict: Verdict, failed: bool, changed: bool, told: str, state: Any
) -> None:
    """Judge the run with the fault by what the appliance is like after it."""
    if not failed and state != known.clean:
        verdict.wrong["silently_wrong"] = difference(known.clean, state)
    if failed and task.undoes and "were reverted." in told and state != known.start:
        verdict.wrong["silently_wrong"] = f"said to be undone: {difference(known.start, state)}"
    if not changed and state != known.start:
        verdict.wrong["wrong_changed"] = f"false, {told}"
    if changed and not known.emulator.journal:
        verdict.wrong["wrong_changed"] = f"true, {told}"


def judge_rest(lm: Emulator, known: Undisturbed, verdict: Verdict, failed: bool, told: str) -> None:
    """Judge the appliance after a run without a fault."""
    state = lm.state()
    if failed or state != known.clean:
        verdict.wrong["for_good"] = told or difference(known.clean, state)
    if len(lm.call("listvs").get("VS", [])) > known.services:
        verdict.wrong["doubled"] = "more services than without the fault"
    for key, service in known.start["services"].items():
        if FOREIGN in key and state["services"].get(key) != service:
            verdict.wrong["lost"] = key


def difference(wanted: Any, found: Any, path: str = "") -> str:
    """Return the first place where two states differ."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in sorted({*wanted, *found}, key=str):
            if wanted.get(name) != found.get(name):
                return difference(wanted.get(name), found.get(name), f"{path}/{name}")
    return f"{path} is {str(found)[:100]} instead of {str(wanted)[:100]}"
