# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each part of plugins/plugin_utils/_startup.py saves: ``PYTHONPATH=tests python -m bench.startup``.

Copies of the collection run the same no-change task in turns: one as it is, one for each part without that part, and one more as it
is, which shows the noise. A figure is the difference in CPU time, children included, to the first copy in the same round.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from .farm import Farm
from .measure import Bench
from .scenarios import Scenario
from .ways import WAYS
from .workspace import ROOT, Failed, Workspace

AS_IS, AGAIN = "as it is", "as it is, again"
# What ends the file of a copy, so that the part does nothing there
PARTS = {
    "bytecode": "_Finder.find_spec = lambda *_arguments: None",
    "collector": "class gc:\n    freeze = staticmethod(lambda: None)",
    "context": "_first_context = lambda: None",
}


def main() -> int:
    """Measure, and print a table for each number of appliances."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.startup", description="What each part of the start-up saves."
    )
    parser.add_argument("--rounds", type=int, default=20, help="how often each copy runs")
    parser.add_argument("--hosts", type=int, nargs="+", default=[1, 20], help="numbers of appliances, and of forks")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to leave out, singly")
    options = parser.parse_args()
    endings = {AS_IS: "", AGAIN: "", **{f"without {part}": PARTS[part] for part in options.parts}}
    try:
        with tempfile.TemporaryDirectory(prefix="loadmaster-bench-") as folder, Farm() as farm:
            workspace = Workspace(Path(folder))
            bench = Bench(farm, workspace, lambda _line: None)
            copies = {
                name: _copy(Path(folder) / f"copy{number}", ending)
                for number, (name, ending) in enumerate(endings.items())
            }
            bench.record()
            for hosts in options.hosts:
                bench.settle(Scenario("fleet", ("src",), 1, hosts=hosts))
                _report(hosts, _measured(workspace, hosts, copies, options.rounds))
    except Failed as problem:
        print(f"The bench stopped. {problem}", file=sys.stderr)
        return 1
    return 0


def _copy(folder: Path, ending: str) -> Path:
    """Return a path of collections with a copy of this one, whose _startup.py has another ending."""
    collection = folder / "ansible_collections" / "kemp" / "loadmaster"
    shutil.copytree(ROOT / "plugins", collection / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "meta", collection / "meta")
    shutil.copy(ROOT / "galaxy.yml", collection)
    with (collection / "plugins" / "plugin_utils" / "_startup.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{ending}\n")
    return folder


def _measured(workspace: Workspace, forks: int, copies: dict[str, Path], rounds: int) -> dict[str, list[float]]:
    """Return the CPU time of each copy in each round."""
    taken: dict[str, list[float]] = {name: [] for name in copies}
    order = list(copies)
    for number in range(rounds + 1):
        for name in order:
            cost, _printed = workspace.run(WAYS["src"], forks, copies[name])
            # The first round fills caches
            if number:
                taken[name].append(cost["cpu"])
        # None of them always comes after the same one, or first
        order = [*order[1:], order[0]] if number % 2 else order[::-1]
    return taken


def _report(hosts: int, taken: dict[str, list[float]]) -> None:
    usual = taken[AS_IS]
    print(
        f"\n{hosts} appliances and forks, {len(usual)} rounds: {median(usual) * 1000:.0f} ms CPU as it is. "
        "More than that, in ms: median, quartiles, median for each appliance",
        flush=True,
    )
    for name, values in taken.items():
        if name == AS_IS:
            continue
        more = [(one - base) * 1000 for one, base in zip(values, usual, strict=True)]
        low, middle, high = quantiles(more, n=4)
        print(f"  {name:18} {middle:7.1f}  ({low:.1f} to {high:.1f})  {middle / hosts:6.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
