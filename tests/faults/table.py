# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the table: which cases each has, and how they are run on all cores."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from . import answers, at_calls, inputs, kills, writers
from .verdict import Row, Verdict


class Kind(NamedTuple):
    """A row to be: its name, what it is about, its cases, the judge, and the columns that it cannot tell."""

    name: str
    what: str
    cases: Callable[[int, int], Iterable[Any]]
    judged: Callable[[Any], Verdict]
    number: int
    sample: int
    unasked: tuple[str, ...] = ()


def _at_calls(seed: int, number: int) -> list[Any]:
    every = list(at_calls.cases())
    return every if number >= len(every) else random.Random(seed).sample(every, number)


_NO_APPLIANCE = ("for_good", "doubled", "lost")
KINDS = (
    Kind(
        "Faults at calls",
        "One call of a task is lost, refused, answered with nonsense, ignored, or carried out after the time-out. Each call of "
        "four tasks, each fault, both API versions.",
        _at_calls,
        at_calls.judged,
        3_000,
        150,
    ),
    Kind(
        "Fuzzed inputs",
        "Options of every module, right ones and wrong ones mixed by chance, in check mode and in a run.",
        inputs.cases,
        inputs.judged,
        10_000,
        300,
        _NO_APPLIANCE,
    ),
    Kind(
        "Mutated answers",
        "One answer of a task has other bytes or members than the LoadMaster sent. What a plausible lie leads to is not judged.",
        answers.cases,
        answers.judged,
        20_000,
        300,
        ("silently_wrong", *_NO_APPLIANCE),
    ),
    Kind(
        "Another writer",
        "Another writer deletes and adds services and makes the LoadMaster renumber them, between some or all calls of a task.",
        writers.cases,
        writers.judged,
        150,
        9,
    ),
    Kind(
        "Kills",
        "The process that runs the task is killed after one of its calls.",
        kills.cases,
        kills.judged,
        50,
        4,
        ("silently_wrong", "wrong_changed"),
    ),
)


def made(kind: Kind, number: int, seed: int, said: Callable[[str], None]) -> Row:
    """Run the cases of a row on all cores and return it."""
    since = time.monotonic()
    row = Row(kind.name, kind.what, unasked=kind.unasked)
    cases = list(kind.cases(seed, number))
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        row.add(pool.imap_unordered(kind.judged, cases, chunksize=max(1, min(50, len(cases) // 40))))
    said(f"{row.name}: {row.cases:,} cases in {time.monotonic() - since:.0f} s, {sum(row.wrong.values())} wrong")
    for example in row.examples[:20]:
        said(f"  {example}")
    return row
