# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chart: a dot for each way and round trip, on a scale in which each step is ten times as long. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from typing import Any

from .figures import Figures
from .ways import WAYS

WIDTH, LEFT, RIGHT, TOP, ROW, FOOT = 860, 300, 40, 96, 34, 56
# Told apart by colour-blind eyes and on paper, too
MARKS = (("circle", "#0072b2"), ("square", "#d55e00"), ("diamond", "#009e73"))
INK, GREY, LINES = "#1f2328", "#59636e", "#d1d9e0"


def draw(content: dict[str, Any]) -> str:
    """Return the chart as SVG."""
    scenarios = Figures(content).all("again")
    ways = scenarios[0].ways if scenarios else ()
    values = [value for one in scenarios for way in ways if (value := one.of(way, "wall"))]
    low = 10 ** math.floor(math.log10(min(values, default=0.1)))
    high = 10 ** math.ceil(math.log10(max(values, default=1)))
    height = TOP + ROW * len(ways) + FOOT
    bottom = height - FOOT

    def across(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(value / low) / math.log10(high / low)

    parts = [
        "<!-- Copyright: (c) 2026, kemp.loadmaster contributors",
        "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)",
        "SPDX-License-Identifier: GPL-3.0-or-later -->",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="13" fill="{INK}" role="img" aria-labelledby="title">',
        '<title id="title">Time of a run that finds nothing to do, by way and round trip</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(20, 30, "Exchange at layer 7: time of a run that finds nothing to do", size=17),
        *_legend([one.facts["round_trip"] for one in scenarios]),
        *_grid(low, high, across, bottom),
    ]
    for row, way in enumerate(ways):
        middle = TOP + ROW * row + ROW / 2
        parts.append(_text(LEFT - 16, middle + 4, WAYS[way].title.replace("`", ""), anchor="end"))
        dots = [(value, mark) for one, mark in zip(scenarios, MARKS, strict=False) if (value := one.of(way, "wall"))]
        if dots:
            ends = [across(value) for value, _mark in dots]
            parts.append(f'<path d="M{min(ends):.1f} {middle}H{max(ends):.1f}" stroke="{GREY}" stroke-width="1.5"/>')
        # The nearest network on top, where dots lie on each other
        parts += [_mark(shape, colour, across(value), middle) for value, (shape, colour) in reversed(dots)]
    return "\n".join([*parts, "</svg>", ""])


def _legend(round_trips: list[float]) -> Iterator[str]:
    left = 26.0
    for round_trip, (shape, colour) in zip(round_trips, MARKS, strict=False):
        text = f"{round_trip * 1000:.0f} ms round trip" if round_trip else "same machine"
        yield _mark(shape, colour, left, 55)
        yield _text(left + 12, 59, text)
        left += 40 + 7.4 * len(text)


def _grid(low: float, high: float, across: Any, bottom: float) -> Iterator[str]:
    value = low
    while value <= high * 1.001:
        yield f'<path d="M{across(value):.1f} {TOP - 8}V{bottom}" stroke="{LINES}"/>'
        yield _text(across(value), bottom + 20, f"{value:g} s", anchor="middle", colour=GREY)
        value *= 10
    yield _text(
        (LEFT + WIDTH - RIGHT) / 2,
        bottom + 42,
        "seconds, each line ten times the one before",
        anchor="middle",
        colour=GREY,
    )


def _mark(shape: str, colour: str, x: float, y: float) -> str:
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y}" r="6" fill="{colour}"/>'
    turn = f' transform="rotate(45 {x:.1f} {y})"' if shape == "diamond" else ""
    return f'<rect x="{x - 5:.1f}" y="{y - 5}" width="10" height="10" fill="{colour}"{turn}/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, colour: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{escape(text)}</text>'
    )
