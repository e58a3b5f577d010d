# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of one case, and the sums of a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

# What each column counts.
COLUMNS = {
    "silently_wrong": "The task says ok, and the appliance is not as it should be.",
    "for_good": "The next run of the same task, without a fault, does not make the appliance as it should be.",
    "wrong_changed": "`changed` is false though something was changed, or true though nothing was sent.",
    "tracebacks": "The task ends with something else than a sentence, or with the sentence that asks for a report of a fault.",
    "doubled": "An object is there twice, or one without a name stays, after the next run.",
    "lost": "An object that the task does not name is changed or gone.",
    "leaks": "A password, key or other secret shows in the result.",
}


@dataclass
class Verdict:
    """What is wrong with one case: the columns, each with what was seen. None is a good case."""

    case: str
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass
class Row:
    """A row of the table. Its cases cannot show the columns in ``unasked``."""

    name: str
    what: str
    cases: int = 0
    wrong: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    unasked: tuple[str, ...] = ()
    examples: list[str] = field(default_factory=list)

    def add(self, verdicts: Iterable[Verdict]) -> Row:
        """Count verdicts, and keep what was seen of the bad ones."""
        for verdict in verdicts:
            self.cases += 1
            for column, seen in verdict.wrong.items():
                self.wrong[column] += 1
                self.examples.append(f"{column}: {verdict.case}: {seen}")
        return self

    @property
    def is_clean(self) -> bool:
        """Return whether nothing is wrong."""
        return not any(self.wrong.values())
