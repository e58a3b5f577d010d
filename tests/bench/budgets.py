# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection may cost at most. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from .figures import Figures

Values = Sequence[float]
"""A figure, once or for each round; nothing where it was not measured."""


@dataclass(frozen=True)
class Budget:
    """A figure and its limit."""

    subject: str
    """What is limited, as the subject of a sentence."""
    limit: float
    measured: Callable[[Figures], Values]
    """Its median is the figure."""
    unit: str = ""
    at_least: bool = False


@dataclass(frozen=True)
class Verdict:
    """What became of a budget."""

    budget: Budget
    values: Values

    @property
    def value(self) -> float | None:
        """The figure; None where it was not measured."""
        return median(self.values) if self.values else None

    @property
    def held(self) -> bool | None:
        """Whether the budget is kept; None where its figure was not measured."""
        if self.value is None:
            return None
        return self.value >= self.budget.limit if self.budget.at_least else self.value <= self.budget.limit

    @property
    def spread(self) -> str:
        """The least and the most of the rounds; empty where there is one figure only."""
        return f"{spelt(min(self.values))} to {spelt(max(self.values))}" if len(self.values) > 1 else ""

    @property
    def limit(self) -> str:
        """The limit in words."""
        return f"at {'least' if self.budget.at_least else 'most'} {spelt(self.budget.limit)}{self.budget.unit}"

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.value is None:
            return f"Not measured: {self.budget.subject}."
        word = "Kept" if self.held else "BROKEN"
        return f"{word}: {self.budget.subject}: {spelt(self.value)}{self.budget.unit}, {self.limit}."


def spelt(value: float) -> str:
    """Return a number with the digits that mean something."""
    return f"{value:.0f}" if value == int(value) or value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def check(content: dict[str, Any]) -> list[Verdict]:
    """Return a verdict for each budget."""
    figures = Figures(content)
    return [Verdict(budget, budget.measured(figures)) for budget in BUDGETS]


def _again(way: str, figure: str) -> Callable[[Figures], Values]:
    return lambda figures: _once(figures.find("again", round_trip=0.0).of(way, figure))


def _once(value: float | None) -> Values:
    return () if value is None else (value,)


def _again_ratio(way: str, base: str, figure: str = "wall") -> Callable[[Figures], Values]:
    return lambda figures: figures.find("again", round_trip=0.0).ratios(way, base, figure)


def _many_ratio(number: int, way: str) -> Callable[[Figures], Values]:
    return lambda figures: figures.find("many", services=number).ratios(way, "empty")


def _growth(way: str) -> Callable[[Figures], Values]:
    """How much faster the time above an empty run grows than the answer, from 100 services to 1,000."""

    def measured(figures: Figures) -> Values:
        few, lots = figures.find("many", services=100), figures.find("many", services=1000)
        times = few.above(way, "empty"), lots.above(way, "empty")
        sizes = few.of("script", "received"), lots.of("script", "received")
        # Where the smaller run takes no longer than an empty one, its noise would be the measure
        if None in (*times, *sizes) or times[0] <= 0:  # type: ignore[operator]
            return ()
        return _once((times[1] / times[0]) / (sizes[1] / sizes[0]))  # type: ignore[operator]

    return measured


def _fleet_calls(way: str) -> Callable[[Figures], Values]:
    def measured(figures: Figures) -> Values:
        calls = figures.find("fleet", hosts=50, forks=20).of(way, "calls")
        return () if calls is None else _once(calls / 50)

    return measured


def _fleet_cpu(way: str) -> Callable[[Figures], Values]:
    return lambda figures: figures.find("fleet", hosts=50, forks=20).ratios(way, "debug", "cpu")


_RECIPE = "the recipe for layer 7 that finds nothing to do"
_OBJECTS = "69 objects in 5 looped tasks that find nothing to do"

BUDGETS = (
    Budget(f"{_RECIPE}, API calls", 5, _again("recipe", "calls")),
    Budget(f"{_RECIPE}, TLS handshakes", 1, _again("recipe", "handshakes")),
    Budget(f"{_RECIPE}, time against an empty playbook", 1.2, _again_ratio("recipe", "empty"), " times"),
    Budget(
        f"`uri` tasks that read each object, time against {_RECIPE}",
        25,
        _again_ratio("uri_read", "recipe"),
        " times",
        at_least=True,
    ),
    Budget(f"{_OBJECTS}, API calls", 5, _again("objects", "calls")),
    # An empty playbook has no loops, so the ratio to it measures Ansible; and time depends on what else the machine does
    Budget(
        f"{_OBJECTS}, processor time against the same loops with `debug`",
        1.15,
        _again_ratio("objects", "loops", "cpu"),
        " times",
    ),
    *(
        Budget(
            f"1,000 services from a {form} file, time against an empty playbook", 2.5, _many_ratio(1000, way), " times"
        )
        for way, form in (("src", "YAML"), ("src_json", "JSON"))
    ),
    *(
        Budget(
            f"from 100 services to 1,000, {form} file, growth of the time above an empty playbook by that of the answer",
            1,
            _growth(way),
        )
        for way, form in (("src", "YAML"), ("src_json", "JSON"))
    ),
    Budget("50 appliances at 20 forks, one `config` task, API calls for each", 3, _fleet_calls("src")),
    Budget("50 appliances at 20 forks, the recipe, API calls for each", 3, _fleet_calls("recipe")),
    *(
        Budget(
            f"50 appliances at 20 forks, {title}, processor time against one `debug` task", 2, _fleet_cpu(way), " times"
        )
        for way, title in (("src", "one `config` task"), ("recipe", "the recipe"))
    ),
)
