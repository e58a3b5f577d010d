# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables in Markdown, from figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .figures import Figures, Measured
from .ways import WAYS

NOTHING = ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column is text, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def seconds(value: float | None) -> str:
    """Return a time."""
    if value is None:
        return NOTHING
    return f"{value:.0f} s" if value >= 20 else f"{value:.1f} s" if value >= 5 else f"{value:.2f} s"


def times(value: float | None) -> str:
    """Return a ratio."""
    return NOTHING if value is None else f"{value:.0f}" if value >= 20 else f"{value:.1f}"


def count(value: float | None) -> str:
    """Return a number of things."""
    return NOTHING if value is None else f"{value:,.0f}"


def mebibytes(value: float | None) -> str:
    """Return an amount of memory or data."""
    return NOTHING if value is None else f"{value / 2**20:.1f}" if value < 10 * 2**20 else f"{value / 2**20:.0f}"


def job(figures: Figures, group: str) -> str:
    """Return what each way takes for Exchange at layer 7, over networks of several round trips."""
    scenarios = figures.all(group)
    near, *far = scenarios
    head = ["", "API calls", "TLS handshakes", "time", "× empty", "CPU", "× empty", "memory, MiB"]
    head += [f"time at {one.facts['round_trip'] * 1000:.0f} ms" for one in far]
    return table(head, ([WAYS[way].title, *_job_cells(near, far, way)] for way in near.ways))


def _job_cells(near: Measured, far: Sequence[Measured], way: str) -> list[str]:
    return [
        count(near.of(way, "calls")),
        count(near.of(way, "handshakes")),
        seconds(near.of(way, "wall")),
        times(near.ratio(way, "empty")),
        seconds(near.of(way, "cpu")),
        times(near.ratio(way, "empty", "cpu")),
        mebibytes(near.of(way, "memory")),
        *(seconds(one.of(way, "wall")) for one in far),
    ]


def many(figures: Figures) -> str:
    """Return what a no-change run takes for many services."""
    scenarios = figures.all("many")
    ways = [way for way in scenarios[0].ways if WAYS[way].works]
    head = ["services", "answer, MiB", "empty playbook"]
    head += [cell for way in ways for cell in (WAYS[way].title, "× empty")]
    head += ["memory, MiB"]
    rows = (
        [
            count(one.facts["services"]),
            mebibytes(one.of("script", "received")),
            seconds(one.of("empty", "wall")),
            *(cell for way in ways for cell in (seconds(one.of(way, "wall")), times(one.ratio(way, "empty")))),
            mebibytes(one.of("src", "memory")),
        ]
        for one in scenarios
    )
    return table(head, rows)


def fleet(figures: Figures) -> str:
    """Return what a no-change run takes for many appliances, a line for each way."""
    head = ["", "appliances", "forks", "time", "CPU for each", "CPU × `debug`", "API calls for each"]
    rows = (
        [
            WAYS[way].title,
            count(one.facts["hosts"]),
            count(one.facts["forks"]),
            seconds(one.of(way, "wall")),
            _milliseconds(one.of(way, "cpu"), one.facts["hosts"]),
            times(one.ratio(way, "debug", "cpu")),
            times((one.of(way, "calls") or 0) / one.facts["hosts"]) if WAYS[way].works else NOTHING,
        ]
        for one in figures.all("fleet")
        for way in one.ways
    )
    return table(head, rows)


def _milliseconds(value: float | None, hosts: int) -> str:
    return NOTHING if value is None else f"{value / hosts * 1000:.0f} ms"


def limit(figures: Figures) -> str:
    """Return what a first run takes with the limit of calls per time and without it."""
    without, limited = figures.find("first", round_trip=0.0), figures.find("limit")
    head = ["", "time without limit", "time with limit", "API calls", "dropped"]
    rows = (
        [
            WAYS[way].title,
            seconds(without.of(way, "wall")),
            seconds(limited.of(way, "wall")),
            count(limited.of(way, "calls")),
            count(limited.of(way, "dropped")),
        ]
        for way in limited.ways
        if WAYS[way].works
    )
    return table(head, rows)


def emulator_share(figures: Figures) -> str:
    """Return how much processor time the emulators took for what is in the other tables."""
    rows = []
    for one in (*figures.all("again", round_trip=0.0), *figures.all("many")):
        job = f"{one.facts['services']:,} services" if one.facts["services"] else "Exchange at layer 7"
        rows.append([f"{job}, no change, {WAYS['src'].title}", seconds(one.of("src", "emulator_cpu"))])
    return table(["", "CPU of the emulators"], rows)
