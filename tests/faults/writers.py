# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another writer at the same time: one that renumbers the services, and one that runs the same or another document."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from loadmaster_emulator.decode import HttpRequest

from .at_calls import attempt, difference, judge_rest, put_back, undisturbed
from .in_process import Send, opened
from .tasks import FOREIGN, TASKS
from .verdict import Verdict

OTHERS = [f"192.0.2.{number}" for number in range(101, 107)]
CIPHERS = ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256")


class Case(NamedTuple):
    """A task, and how often another writer writes between two of its calls."""

    task: int
    version: str
    often: float
    seed: int

    def __str__(self) -> str:
        return f"{TASKS[self.task].name}, API {self.version}, another writer at {self.often:.0%} of the calls, seed {self.seed}"


def cases(seed: int, number: int) -> Iterator[Case]:
    """Yield cases, from a writer that hardly ever comes between to one that always does."""
    chance = random.Random(seed)
    for index in range(number):
        task = (0, 1, 3)[index % 3]
        yield Case(task, chance.choice(("v1", "v2")), chance.choice((0.02, 0.1, 0.3, 1.0)), chance.randrange(2**32))


def judged(case: Case) -> Verdict:
    """Run a case and return what is wrong with it. What a failure names is not silent."""
    known = undisturbed(case.task, case.version)
    lm = known.emulator
    put_back(lm, known.before)
    for address in OTHERS:
        _add(lm, address)
    start = lm.state()
    session, wire = opened(lm, case.version)
    chance = random.Random(case.seed)
    verdict = Verdict(str(case))
    times = [0]

    def around(request: HttpRequest, send: Send) -> Any:
        answer = send(request)
        if chance.random() < case.often:
            times[0] += 1
            _renumber(lm, times[0])
        return answer

    wire.around = around
    failed, changed, told = attempt(TASKS[case.task], session, verdict)
    state = _own(lm.state())
    foreign = [
        key
        for key, service in start["services"].items()
        if _is_foreign(key) and lm.state()["services"].get(key) != service
    ]
    unnamed = [key for key in foreign if key not in told]
    if unnamed:
        verdict.wrong["lost"] = f"{unnamed}: {told}"
    if not failed and (foreign or state != known.clean):
        verdict.wrong["silently_wrong"] = difference(known.clean, state)
    if not changed and state != known.start:
        verdict.wrong["wrong_changed"] = f"false, {told}"
    if foreign:
        return verdict  # what was named has to be corrected by hand
    again, _wire = opened(lm, case.version)
    failed_again, _changed, told_again = attempt(TASKS[case.task], again, verdict)
    for address in OTHERS:
        lm.call("delvs", vs=address, port=80, prot="tcp")
    lm.call("delcipherset", name="Theirs") if "Theirs" in lm.state()["cipher_sets"] else None
    judge_rest(lm, known, verdict, failed_again, told_again)
    return verdict


def _is_foreign(key: str) -> bool:
    return any(f"/{address}:" in key for address in (*OTHERS, FOREIGN))


def _add(lm: Any, address: str) -> None:
    lm.call("addvs", vs=address, port=80, prot="tcp", vstype="http", nickname=f"Other {address}")
    lm.call("addrs", vs=address, port=80, prot="tcp", rs="192.0.2.201", rsport=80)


def _renumber(lm: Any, times: int) -> None:
    """Delete the service with the lowest number, change a cipher set, which renumbers all, and add the service again."""
    others = [record for record in lm.call("listvs")["VS"] if record.get("VSAddress") in OTHERS]
    first = min(others, key=lambda record: int(record["Index"]))["VSAddress"]
    lm.call("delvs", vs=first, port=80, prot="tcp")
    lm.call("modifycipherset", name="Theirs", value=CIPHERS[times % 2])
    _add(lm, first)


def _own(state: Any) -> Any:
    services = {key: value for key, value in state["services"].items() if not any(f"/{a}:" in key for a in OTHERS)}
    return {
        **state,
        "services": services,
        "cipher_sets": {n: v for n, v in state["cipher_sets"].items() if n != "Theirs"},
    }
