# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nonsense as answer: what an appliance answers, with some of its bytes or members changed by chance."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from loadmaster_emulator.decode import HttpRequest

from .at_calls import Undisturbed, attempt, put_back, undisturbed
from .in_process import Send, opened
from .tasks import READING, TASKS
from .verdict import Verdict

_TASKS = (*TASKS, *READING)
WRITES = re.compile("add|del|mod|set|create|upload|enable|disable")


class Case(NamedTuple):
    """One answer of one run that is changed."""

    task: int
    version: str
    call: int
    seed: int

    def __str__(self) -> str:
        return f"{_TASKS[self.task].name}, API {self.version}, answer {self.call}, seed {self.seed}"


def cases(seed: int, number: int) -> Iterator[Case]:
    """Yield cases; most of them change an answer to what only reads, where all is decided."""
    chance = random.Random(seed)
    for _case in range(number):
        reading = chance.random() < 0.75
        task = len(TASKS) + chance.randrange(len(READING)) if reading else chance.randrange(len(TASKS))
        version = chance.choice(("v1", "v2"))
        calls = len(undisturbed(task, version).commands)
        yield Case(task, version, chance.randrange(calls), chance.randrange(2**32))


def judged(case: Case) -> Verdict:
    """Run a case up to its end and return what is wrong with it. What a plausible lie leads to is not judged."""
    known: Undisturbed = undisturbed(case.task, case.version)
    put_back(known.emulator, known.before)
    session, wire = opened(known.emulator, case.version)
    chance = random.Random(case.seed)
    verdict = Verdict(str(case))

    def around(request: HttpRequest, send: Send) -> Any:
        number = wire.requests - 1
        answer = send(request)
        if number == case.call and hasattr(answer, "body"):
            answer = copy.copy(answer)
            answer.body = mutated(chance, answer.body)
        return answer

    wire.around = around
    failed, changed, told = attempt(_TASKS[case.task], session, verdict)
    wrote = any(call.carried_out and WRITES.search(call.command) for call in known.emulator.journal)
    if not changed and known.emulator.state() != known.start:
        verdict.wrong["wrong_changed"] = f"false, {told}"
    if changed and not failed and not wrote and case.task < len(TASKS):
        verdict.wrong["wrong_changed"] = f"true, {told}"
    return verdict


def mutated(chance: random.Random, body: bytes) -> bytes:
    """Return an answer with one to three changes."""
    for _change in range(chance.choice((1, 1, 2, 3))):
        body = chance.choice((_bytes, _bytes, _structure))(chance, body)
    return body


def _bytes(chance: random.Random, body: bytes) -> bytes:
    if not body:
        return b"\x00"
    start = chance.randrange(len(body))
    end = min(len(body), start + chance.choice((1, 1, 4, 40)))
    return chance.choice(
        (
            lambda: body[:start] + body[end:],
            lambda: body[:start],
            lambda: body[:start] + bytes(chance.randrange(256) for _byte in range(end - start)) + body[end:],
            lambda: body[:end] + body[start:],
            lambda: (
                body[:start]
                + chance.choice((b"<", b">", b"&", b'"', b"\\", b"{", b"[", b"null", b"<!--", b"\xff"))
                + body[start:]
            ),
        )
    )()


def _structure(chance: random.Random, body: bytes) -> bytes:
    """Change a member of JSON, or an element of XML, as a whole."""
    try:
        content = json.loads(body)
    except ValueError:
        return _element(chance, body)
    places = list(_places(content))
    if not places:
        return body
    holder, key = chance.choice(places)
    value = chance.choice(
        (None, "", "UNKNOWN", -1, 1e300, [], {}, [[]], [{"a": 1}], True, "x" * 1000, {"VS": {}}, _GONE)
    )
    if value is _GONE:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(value)
    return json.dumps(content).encode()


_GONE = object()


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    pairs = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in list(pairs):
        yield content, key
        yield from _places(value)


@cache
def _tag() -> re.Pattern[bytes]:
    return re.compile(rb"<(\w+)>([^<]*)</\w+>")


def _element(chance: random.Random, body: bytes) -> bytes:
    found = list(_tag().finditer(body))
    if not found:
        return body
    match = chance.choice(found)
    name = match[1]
    instead = chance.choice(
        (
            b"",
            b"<%s/>" % name,
            b"<%s>UNKNOWN</%s>" % (name, name),
            b"<%s><a>1</a></%s>" % (name, name),
            match[0] * 3,
            b"<VS></VS>",
        )
    )
    return body[: match.start()] + instead + body[match.end() :]
