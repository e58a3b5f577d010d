# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pure parts of the bench: figures, budgets, page and chart."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import budgets, chart, report, scenarios, workload
from bench.figures import Figures, Measured
from bench.ways import WAYS


def sample(wall: float = 1.0, **other: float) -> dict[str, float]:
    counts = {"calls": 2, "dropped": 0, "handshakes": 1, "received": 1000.0}
    return {"wall": wall, "cpu": wall, "memory": 2.0**26, "emulator_cpu": 0.1, **counts, **other}


def content(measured: tuple[scenarios.Scenario, ...] = scenarios.FULL, **walls: float) -> dict[str, Any]:
    """Figures of a run in which each way took a second in every round, or what is given for it."""
    samples = [
        {
            **asdict(scenario),
            "name": scenario.name,
            "samples": {
                way: [sample(walls.get(way, 1.0)) for _round in range(scenario.rounds)] for way in scenario.ways
            },
        }
        for scenario in measured
    ]
    machine = dict.fromkeys(("system", "python", "ansible-core", "requests", "openssl"), "1") | {"processors": 2}
    return {
        "quick": False,
        "only": [],
        "machine": machine | {"load_before": 0.5},
        "load_after": 1.0,
        "scenarios": samples,
    }


def scenario_with(**samples: list[dict[str, float]]) -> Measured:
    return Measured({"ways": list(samples), "samples": samples})


def verdict(figures: dict[str, Any], subject: str) -> budgets.Verdict:
    return next(one for one in budgets.check(figures) if subject in one.budget.subject)


def test_a_ratio_is_taken_within_the_rounds():
    # The machine became slow in the second round; that says nothing about the ways
    measured = scenario_with(slow=[sample(2.0), sample(20.0)], fast=[sample(1.0), sample(10.0)])
    assert measured.ratio("slow", "fast") == 2.0
    assert measured.above("slow", "fast") == 5.5


def test_a_way_of_one_round_is_compared_in_that_round():
    measured = scenario_with(once=[sample(30.0)], often=[sample(1.0), sample(9.0)])
    assert measured.ratio("once", "often") == 30.0


def test_what_was_not_measured_has_no_figures():
    nothing = Figures({"scenarios": []}).find("again", round_trip=0.0)
    assert nothing.of("recipe", "wall") is None
    assert nothing.ratio("recipe", "empty") is None


@pytest.mark.parametrize(("wall", "held"), [(1.2, True), (1.3, False)])
def test_the_recipe_may_take_a_bit_longer_than_nothing(wall, held):
    assert verdict(content(recipe=wall), "the recipe for layer 7 that finds nothing to do, time").held is held


@pytest.mark.parametrize(("wall", "held"), [(2.3, True), (2.4, False)])
def test_loops_are_compared_with_loops_of_ansible(wall, held):
    told = verdict(content(objects=wall, loops=2.0), "looped tasks that find nothing to do, processor time")
    assert told.held is held and "`debug`" in told.budget.subject


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(("way", "title"), [("src", "one `config` task"), ("recipe", "the recipe")])
@pytest.mark.parametrize(("cpu", "held"), [(2.0, True), (2.1, False)])
def test_many_appliances_cost_at_most_twice_a_debug_task(way, title, cpu, held, quick):
    scenarios_ = scenarios.QUICK if quick else scenarios.FULL
    told = verdict(content(scenarios_, **{way: cpu}), f"{title}, processor time")
    assert told.held is held and len(told.values) == 3


@pytest.mark.parametrize(("wall", "held"), [(25.0, True), (24.0, False)])
def test_a_budget_can_be_a_floor(wall, held):
    assert verdict(content(uri_read=wall), "`uri` tasks").held is held


def test_time_that_grows_as_the_answer_does_keeps_the_budget():
    figures = content()
    for measured in figures["scenarios"]:
        if measured["group"] == "many":
            services = measured["services"]
            measured["samples"]["src"] = [sample(1.0 + services / 1000)] * measured["rounds"]
            measured["samples"]["script"] = [sample(received=services * 3000.0)] * measured["rounds"]
    assert verdict(figures, "from 100 services to 1,000, YAML").value == pytest.approx(1.0)


def test_a_broken_budget_says_so():
    sentence = verdict(content(recipe=2.0), "the recipe for layer 7 that finds nothing to do, time").sentence
    assert sentence.startswith("BROKEN") and "2 times, at most 1.20 times" in sentence


def test_the_page_says_how_far_the_rounds_lie_apart():
    figures = content()
    again = next(one for one in figures["scenarios"] if one["group"] == "again" and one["round_trip"] == 0.0)
    again["samples"]["empty"] = [sample(1.0)] * 3
    again["samples"]["recipe"] = [sample(1.1), sample(1.15), sample(1.7)]
    told = verdict(figures, "the recipe for layer 7 that finds nothing to do, time")
    assert told.value == pytest.approx(1.15) and told.spread == "1.10 to 1.70" and told.held
    assert "| 1.15 times | 1.10 to 1.70 | yes |" in report.page(figures)


def test_a_budget_without_figures_is_neither_kept_nor_broken():
    assert {one.held for one in budgets.check({"scenarios": []})} == {None}


def test_the_page_has_every_group_and_no_gaps():
    page = report.page(content())
    for title in ("Nothing to do", "The first run", "The limit", "Many services", "Many appliances", "Budgets"):
        assert f"\n## {title}" in page
    assert "None" not in page and "nan" not in page
    tables = [line.count("|") for line in page.splitlines() if line.startswith("|")]
    assert min(tables) >= 3


def test_a_part_of_the_measurements_makes_a_page_too():
    figures = content()
    figures["scenarios"] = [one for one in figures["scenarios"] if one["group"] == "fleet"]
    assert "## Many appliances" in report.page(figures) and "## Nothing" not in report.page(figures)


def test_the_chart_is_an_image_with_each_way():
    image = ElementTree.fromstring(chart.draw(content(uri_read=40.0)))
    texts = {element.text for element in image.iter() if element.text}
    assert WAYS["uri_read"].title.replace("`", "") in texts


def test_the_job_is_as_large_as_the_budgets_say():
    assert workload.OBJECTS == 69
    assert len(workload.document()["virtual_services"][0]["sub_virtual_services"]) == 9
