# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as the bench writes them down, and what can be asked of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any


class Measured:
    """The samples of one scenario."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self.facts = scenario
        self.ways: tuple[str, ...] = tuple(scenario["ways"])
        self._samples: dict[str, list[dict[str, float]]] = scenario["samples"]

    def of(self, way: str, figure: str) -> float | None:
        """Return the median of a figure over the rounds; None where the way was not measured."""
        values = [sample[figure] for sample in self._samples.get(way, ())]
        return median(values) if values else None

    def ratio(self, way: str, base: str, figure: str = "wall") -> float | None:
        """Return how many times as much a way takes as another one, as the median over rounds that both took part in."""
        ratios = self.ratios(way, base, figure)
        return median(ratios) if ratios else None

    def ratios(self, way: str, base: str, figure: str = "wall") -> list[float]:
        """Return how many times as much a way takes as another one, in each of the rounds that both took part in."""
        return [one[figure] / other[figure] for one, other in self._rounds(way, base) if other[figure]]

    def above(self, way: str, base: str, figure: str = "wall") -> float | None:
        """Return how much more a way takes than another one, as the median over rounds that both took part in."""
        differences = [one[figure] - other[figure] for one, other in self._rounds(way, base)]
        return median(differences) if differences else None

    def rounds(self, way: str) -> int:
        """Return how often a way was measured."""
        return len(self._samples.get(way, ()))

    def _rounds(self, way: str, base: str) -> Iterator[tuple[dict[str, float], dict[str, float]]]:
        return zip(self._samples.get(way, ()), self._samples.get(base, ()), strict=False)


class Figures:
    """All scenarios of a run of the bench."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self._all = [Measured(scenario) for scenario in content["scenarios"]]

    def all(self, group: str, **facts: Any) -> list[Measured]:
        """Return the scenarios of a group of which these facts are true, in their order."""
        return [
            one
            for one in self._all
            if one.facts["group"] == group and all(one.facts[name] == value for name, value in facts.items())
        ]

    def find(self, group: str, **facts: Any) -> Measured:
        """Return the one scenario of which these facts are true; one without samples where it was not measured."""
        return next(iter(self.all(group, **facts)), Measured({"ways": (), "samples": {}}))
