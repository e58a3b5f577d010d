# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of facts says which are tested, and that is so."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
FACTS = range(1, 37)
ROW = re.compile(r"^\| (\d+) \| .+ \| (yes|no)\b(.*) \|$", re.MULTILINE)


def table() -> dict[int, tuple[str, str]]:
    rows = ROW.findall((HERE / "README.md").read_text(encoding="utf-8"))
    return {int(number): (answer, more) for number, answer, more in rows}


def with_tests() -> set[int]:
    texts = [path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py")]
    return {int(number) for text in texts for number in re.findall(r"^def test_fact(\d+)_", text, re.MULTILINE)}


def test_every_fact_is_in_the_table():
    assert list(table()) == list(FACTS)


def test_the_facts_that_are_said_to_be_tested_are():
    assert {number for number, (answer, _more) in table().items() if answer == "yes"} == with_tests()


def test_what_is_not_tested_has_a_reason():
    """Where a fact, or a part of it, is not tested, the row goes on."""
    for answer, more in table().values():
        assert answer == "yes" or re.match(r": \w.{20,}", more)
        for part in re.findall(r"; that [^;]+", more):
            assert re.search(r" is not, .{10,}", part), part


def test_what_the_readme_names_is_there():
    texts = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.py"))
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([A-Z][A-Z_]{5,})`", readme):
        assert re.search(rf"^{name}\b", texts, re.MULTILINE) or name.startswith("RPC_"), name
    for name in re.findall(r"`(\w+\.py)`", readme):
        assert (HERE / name).exists(), name
