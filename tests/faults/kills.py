# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill a real process at one of its calls; the next run has to go on from what it left."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session

from .at_calls import attempt, judge_rest, put_back, undisturbed
from .in_process import PASSWORD, USER, opened
from .tasks import TASKS
from .verdict import Verdict


class Case(NamedTuple):
    """A task that is killed once a number of its calls has been carried out."""

    task: int
    version: str
    calls: int

    def __str__(self) -> str:
        return f"{TASKS[self.task].name}, API {self.version}, killed after call {self.calls}"


def cases(seed: int, number: int) -> Iterator[Case]:
    """Yield cases spread over all calls of the tasks that do not undo themselves."""
    chance = random.Random(seed)
    for index in range(number):
        task, version = (0, 1, 3)[index % 3], ("v2", "v1")[index % 2]
        yield Case(task, version, chance.randrange(1, len(undisturbed(task, version).commands)))


def judged(case: Case) -> Verdict:
    """Run a case and return what is wrong with it."""
    known = undisturbed(case.task, case.version)
    lm = known.emulator
    put_back(lm, known.before)
    verdict = Verdict(str(case))
    # Forked before there are threads; it waits for the port
    reading, writing = os.pipe()
    victim = os.fork()
    if not victim:
        _run_and_exit(case, lm, reading)
    os.close(reading)

    def struck(_call: Any) -> None:
        if len(lm.journal) >= case.calls:
            os.kill(victim, signal.SIGKILL)

    lm.on_call(struck)
    lm.start()
    try:
        os.write(writing, str(lm.port).encode())
        os.close(writing)
        _pid, status = os.waitpid(victim, 0)
    finally:
        lm.on_call(None)
        lm.stop()
    if os.waitstatus_to_exitcode(status) not in (-signal.SIGKILL, 0):
        verdict.wrong["tracebacks"] = f"the process ended with {os.waitstatus_to_exitcode(status)}"
    again, _wire = opened(lm, case.version)
    failed, _changed, told = attempt(TASKS[case.task], again, verdict)
    judge_rest(lm, known, verdict, failed, told)
    return verdict


def _run_and_exit(case: Case, lm: Any, reading: int) -> None:
    """Run the task of a case over the network, in a process of its own, and end that."""
    code = 1
    try:
        port = int(os.read(reading, 20))
        login = {"host": "127.0.0.1", "host_port": port, "username": USER, "password": PASSWORD}
        session = Session.open(build({**login, "fingerprint": lm.fingerprint, "api_version": case.version}))
        session.client._pace.wait = lambda: None  # type: ignore[method-assign]
        TASKS[case.task].run(session)
        code = 0
    finally:
        os._exit(code)
