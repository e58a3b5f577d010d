# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measuring: the ways of a scenario in turns, round by round, so that what disturbs one disturbs all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from . import workload
from .farm import Call, Farm, Place, is_write
from .scenarios import Scenario
from .ways import WAYS, Way
from .workspace import Failed, Workspace, changed_in

Sample = dict[str, float]


class Bench:
    """Measures one scenario after the other."""

    def __init__(self, farm: Farm, workspace: Workspace, tell: Callable[[str], None]) -> None:
        self._farm = farm
        self._workspace = workspace
        self._tell = tell
        self._first: list[Call] = []
        self._again: list[Call] = []

    def record(self) -> None:
        """Let the recipe do the job once and once more, to know the calls that it takes. Raises Failed."""
        self._workspace.settle(self._farm.open(1), workload.document())
        recipe = WAYS["recipe"]
        self._workspace.run(recipe, 5)
        self._first = self._farm.taken()
        self._farm.counts()
        self._checked_census(recipe)
        self._workspace.run(recipe, 5)
        self._again = self._farm.taken()

    def measure(self, scenario: Scenario) -> dict[str, Any]:
        """Return a scenario with the samples of each way, in the order of the rounds. Raises Failed."""
        self._tell(scenario.name)
        samples: dict[str, list[Sample]] = {name: [] for name in scenario.ways}
        if not scenario.fresh:
            self.settle(scenario)
            for name in scenario.ways:
                if name not in scenario.slow:
                    self._sample(scenario, WAYS[name])
        for number in range(scenario.rounds):
            for name in _in_turns(scenario, number):
                if scenario.fresh:
                    self.settle(scenario)
                sample = self._sample(scenario, WAYS[name])
                samples[name].append(sample)
                self._tell(f"  {number + 1}  {name:10} {_shown(sample)}")
        return {**asdict(scenario), "name": scenario.name, "samples": samples}

    def settle(self, scenario: Scenario) -> None:
        """Make appliances for a scenario; unless new ones are wanted, everything is done there already."""
        places = self._farm.open(scenario.hosts, round_trip=scenario.round_trip, rate_limit=scenario.rate_limit)
        services = workload.many(scenario.services)
        document = {"virtual_services": services} if services else workload.document()
        self._workspace.settle(places, document)
        if not scenario.fresh:
            self._farm.carry_out(workload.calls_for(services) if services else self._writes())
        self._prepare_script(scenario, places[0])
        self._farm.counts()

    def _prepare_script(self, scenario: Scenario, place: Place) -> None:
        calls: Sequence[Call] = self._first if scenario.fresh else self._again
        self._workspace.prepare_script(place, [("listvs", {})] if scenario.services else calls)

    def _writes(self) -> list[Call]:
        return [call for call in self._first if is_write(call[0])]

    def _sample(self, scenario: Scenario, way: Way) -> Sample:
        cost, printed = self._workspace.run(way, scenario.forks)
        counts = self._farm.counts()
        # What `uri` does counts for Ansible as no change, so the appliance is asked as well
        if not scenario.fresh and ((way.playbook and changed_in(printed)) or (counts.writes and not way.repeats)):
            raise Failed(f"{scenario.name}: {way.title} changed something, and was to find everything done:\n{printed}")
        if scenario.fresh and way.works:
            self._checked_census(way)
        received = {} if way.playbook else {"received": float(printed)}
        seen = {"calls": counts.calls, "dropped": counts.dropped, "handshakes": counts.handshakes}
        return {**cost, **seen, "emulator_cpu": counts.cpu, **received}

    def _checked_census(self, way: Way) -> None:
        census = self._farm.census()
        if census != workload.CENSUS:
            raise Failed(f"{way.title} left {census}, and was to make {workload.CENSUS}.")


def _in_turns(scenario: Scenario, number: int) -> Iterator[str]:
    return (name for name in scenario.ways if number == 0 or name not in scenario.slow)


def _shown(sample: Sample) -> str:
    return (
        f"{sample['wall']:7.2f} s  {sample['cpu']:7.2f} s CPU  {sample['memory'] / 2**20:5.0f} MiB  "
        f"{sample['calls']:4.0f} calls  {sample['handshakes']:4.0f} handshakes  {sample['emulator_cpu']:6.2f} s emulator"
    )
