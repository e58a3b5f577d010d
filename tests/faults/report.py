# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table as a page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from . import at_calls
from .tasks import TASKS
from .verdict import COLUMNS, Row

_HEADINGS = {
    **{"silently_wrong": "Silently wrong", "for_good": "Wrong for good", "wrong_changed": "Wrong `changed`"},
    **{"tracebacks": "Tracebacks", "doubled": "Doubled", "lost": "Lost", "leaks": "Leaks"},
}


def page(rows: Sequence[Row], seed: int) -> str:
    """Return the page."""
    total = sum(row.cases for row in rows)
    lines = [
        "<!--",
        "Copyright: (c) 2026, kemp.loadmaster contributors",
        "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)",
        "SPDX-License-Identifier: GPL-3.0-or-later",
        "-->",
        "",
        "# Reliability",
        "",
        "What the collection does when the LoadMaster, the network, another writer or the user does something wrong. `make faults` runs",
        f"all cases against the emulator and writes this page: {total:,} cases, seed {seed}.",
        "",
        "| Cases of | Number | " + " | ".join(_HEADINGS[column] for column in COLUMNS) + " |",
        "| --- | ---: |" + " ---: |" * len(COLUMNS),
        *(
            f"| {row.name} | {row.cases:,} | " + " | ".join(_cell(row, column) for column in COLUMNS) + " |"
            for row in rows
        ),
        "",
        "A dash means that the cases of this row cannot show it.",
        "",
        "## What each column counts",
        "",
        "| Column | A case counts when |",
        "| --- | --- |",
        *(f"| {_HEADINGS[column]} | {meaning} |" for column, meaning in COLUMNS.items()),
        "",
        "## What each row does",
        "",
        "| Cases of | What happens |",
        "| --- | --- |",
        *(f"| {row.name} | {row.what} |" for row in rows),
        "",
        "The tasks: " + "; ".join(task.name for task in TASKS) + ".",
        "",
        "The faults at calls:",
        "",
        *(f"- {fault}" for fault in at_calls.FAULTS),
        "",
        "A call that is late is carried out one, two or five calls after the client gave it up.",
        "",
        "## Run it",
        "",
        "    make faults                              # all cases, writes this page",
        "    make faults FAULTS_ARGS='--sample'       # a sample of about two minutes, writes nothing",
        "    make faults FAULTS_ARGS='--only kills'   # one row",
        "",
        "The emulator follows what is publicly known of the API. No case was run against a real LoadMaster.",
        "",
    ]
    return "\n".join(lines)


def _cell(row: Row, column: str) -> str:
    return "–" if column in row.unasked else str(row.wrong[column])
