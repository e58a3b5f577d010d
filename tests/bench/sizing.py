# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many LoadMasters one job gets through: ``PYTHONPATH=tests python -m bench.sizing`` writes docs/sizing.md.

The job is the recipe exchange2013_l7, on appliances at a distance: the first run, and a run that finds no change. The largest
fleet is measured; what larger ones take is computed from it, and the page says so.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import machine
from .farm import Farm
from .measure import Bench
from .scenarios import Scenario
from .workspace import ROOT, Failed, Workspace

PAGE = ROOT / "docs" / "sizing.md"
ROUND_TRIPS = (0.02, 0.15)
# Forks, and how many appliances are measured with them: with few forks, fewer are enough to know the rate
FLEETS = ((5, 20), (20, 100), (50, 100))
LARGE = (250, 1000)


@dataclass(frozen=True)
class Row:
    """What one job took: the wall-clock time and the processor time, in seconds."""

    first: bool
    round_trip: float
    forks: int
    appliances: int
    wall: float
    cpu: float
    empty: float

    @property
    def each(self) -> float:
        """Seconds of the run for each appliance, without the start of Ansible."""
        return (self.wall - self.empty) / self.appliances

    def computed(self, appliances: int) -> float:
        return self.empty + self.each * appliances


def main() -> int:
    """Measure and write the page."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="loadmaster-bench-") as folder, Farm() as farm:
        bench = Bench(farm, Workspace(Path(folder)), lambda line: print(line, flush=True))
        try:
            bench.record()
            for round_trip in ROUND_TRIPS:
                for forks, hosts in FLEETS:
                    for first in (True, False):
                        rows.append(_row(bench, round_trip, forks, hosts, first))
        except Failed as problem:
            print(f"The bench stopped. {problem}", file=sys.stderr)
            return 1
    PAGE.write_text(page(rows), encoding="utf-8")
    print(f"Written: {PAGE.relative_to(ROOT)}")
    return 0


def _row(bench: Bench, round_trip: float, forks: int, hosts: int, first: bool) -> Row:
    surroundings = {"round_trip": round_trip, "hosts": hosts, "forks": forks, "fresh": first}
    measured = bench.measure(Scenario("sizing", ("empty", "recipe"), 1, **surroundings))  # type: ignore[arg-type]
    sample, empty = measured["samples"]["recipe"][0], measured["samples"]["empty"][0]
    return Row(first, round_trip, forks, hosts, sample["wall"], sample["cpu"], empty["wall"])


HEADER = """\
<!--
Copyright: (c) 2026, kemp.loadmaster contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Sizing: LoadMasters, forks and slices

One job applies Exchange at layer 7 to many LoadMasters. `PYTHONPATH=tests python -m bench.sizing` measures it and writes
this page.

"""


def page(rows: list[Row]) -> str:
    """Return the page. Times beyond the measured fleets are computed."""
    facts = machine.facts()
    largest = max(row.appliances for row in rows)
    lines = [HEADER]
    lines.append(
        f"The machine has {facts['processors']} processors and ran the emulated LoadMasters as well. A proxy delays their "
        f"answers. At most {largest} of them were measured. Times marked *computed* follow from the measured time of each "
        "LoadMaster.\n\n"
    )
    for first, title in ((False, "A run that finds no change"), (True, "The first run")):
        lines.append(f"## {title}\n\n")
        large = "".join(f" {number} LoadMasters, computed |" for number in LARGE)
        lines.append(
            f"| Round trip | Forks | Measured | Time | A minute | A minute for each fork | CPU for each |{large}\n"
        )
        lines.append("|---|---|---|---|---|---|---|" + "---|" * len(LARGE) + "\n")
        for row in rows:
            if row.first == first:
                a_minute = 60 / row.each
                computed = "".join(f" {_time(row.computed(number))} |" for number in LARGE)
                lines.append(
                    f"| {row.round_trip * 1000:.0f} ms | {row.forks} | {row.appliances} | {_time(row.wall)} | {a_minute:.0f} "
                    f"| {a_minute / row.forks:.1f} | {1000 * (row.cpu - row.empty) / row.appliances:.0f} ms |{computed}\n"
                )
        lines.append("\n")
    quiet = max((row for row in rows if not row.first), key=lambda row: 1 / row.each)
    busy = (quiet.cpu - quiet.empty) / quiet.appliances
    lines.append(
        "## Choose forks and slices\n\n"
        "- While a job waits for the network, more forks help. Choose forks so that the processors are busy: about the time "
        "of one LoadMaster divided by its CPU time, for each core.\n"
        f"- The CPU sets the limit of an execution node. A run without changes takes about {1000 * busy:.0f} ms of one core "
        f"for each LoadMaster, so one core gets through about {60 / busy:.0f} of them a minute.\n"
        "- The first run is slower for another reason: a LoadMaster allows about 30 calls in 3 seconds. More forks help "
        "there as long as the LoadMasters are different ones.\n"
        "- A job that takes longer than you want: add slices, one for each execution node. Slices share the work evenly.\n"
    )
    return "".join(lines)


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    sys.exit(main())
