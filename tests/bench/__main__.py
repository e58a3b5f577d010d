# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: measure, write page, chart and figures, check the budgets."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from . import budgets, chart, machine, report, scenarios
from .farm import Farm
from .measure import Bench
from .workspace import ROOT, Failed, Workspace

OUTPUT = ROOT / "tests" / "output" / "bench"


def main() -> int:
    """Run the bench and return the exit code: 1 where a run failed or a budget is broken."""
    options = _parser().parse_args()
    since = time.monotonic()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    if options.render:
        figures = json.loads((OUTPUT / "figures.json").read_text(encoding="utf-8"))
    else:
        try:
            figures = _measured(options)
        except Failed as problem:
            print(f"The bench stopped. {problem}", file=sys.stderr)
            return 1
        figures["seconds"] = time.monotonic() - since
        (OUTPUT / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    # What a part of it says is no page for people
    folder = OUTPUT if figures["quick"] or figures["only"] else ROOT / "docs"
    (folder / "performance.svg").write_text(chart.draw(figures), encoding="utf-8")
    (folder / "performance.md").write_text(report.page(figures), encoding="utf-8")
    print(f"Written: performance.md and performance.svg in {folder.relative_to(ROOT)}")
    verdicts = budgets.check(figures)
    for verdict in verdicts:
        print(verdict.sentence)
    # What a part of the bench does not measure is no fault of it
    held = (True, None) if figures["quick"] or figures["only"] else (True,)
    return int(any(verdict.held not in held for verdict in verdicts))


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    chosen = scenarios.QUICK if options.quick else scenarios.FULL
    chosen = tuple(scenario for scenario in chosen if not options.only or scenario.group in options.only)
    figures: dict[str, Any] = {"quick": options.quick, "only": options.only, "machine": machine.facts()}
    with tempfile.TemporaryDirectory(prefix="loadmaster-bench-") as folder, Farm() as farm:
        bench = Bench(farm, Workspace(Path(folder)), lambda line: print(line, flush=True))
        bench.record()
        figures["scenarios"] = [bench.measure(scenario) for scenario in chosen]
    figures["load_after"] = machine.load()
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description="What the collection costs, in tables and a chart.")
    add = parser.add_argument
    add("--quick", action="store_true", help="only what the budgets need, in few rounds; docs/ stays as it is")
    add("--only", action="append", default=[], metavar="GROUP", help="again, first, fleet, many or limit; docs/ stays")
    add("--render", action="store_true", help="measure nothing: write the page again from the figures of the last run")
    return parser


if __name__ == "__main__":
    sys.exit(main())
