# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: run the cases, write the page, and fail where anything is wrong."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "integration"), str(ROOT / ".build" / "collections")]

from . import report, table  # noqa: E402 -- the collection is importable by now

OUTPUT = ROOT / "tests" / "output" / "faults"


def main() -> int:
    """Run the table and return the exit code: 1 where anything is wrong."""
    options = _parser().parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    rows = []
    for kind in table.KINDS:
        if options.only and options.only not in kind.name.lower():
            continue
        number = kind.sample if options.sample else kind.number
        rows.append(table.made(kind, number, options.seed, lambda line: print(line, flush=True)))
    examples = {row.name: row.examples for row in rows}
    (OUTPUT / "wrong.json").write_text(json.dumps(examples, indent=1) + "\n", encoding="utf-8")
    # What a part of it says is no page for people
    if not options.sample and not options.only:
        (ROOT / "docs" / "reliability.md").write_text(report.page(rows, options.seed), encoding="utf-8")
    wrong = [row for row in rows if not row.is_clean]
    print(
        f"{sum(row.cases for row in rows):,} cases, " + ("all right" if not wrong else f"see {OUTPUT / 'wrong.json'}")
    )
    return int(bool(wrong))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make faults", description="What comes of faults, as a table.")
    add = parser.add_argument
    add("--sample", action="store_true", help="some cases of each row; docs/ stays as it is")
    add("--only", metavar="ROW", help="the row with these words in its name; docs/ stays as it is")
    add("--seed", type=int, default=1, help="what chance begins with (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
