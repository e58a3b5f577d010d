# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the documents of the Exchange recipes with tests/unit/pinned_recipes.json, and say where they differ.

With --write the file is written again. Do that when a recipe is meant to make another document, and read the difference of
the file: it has one line for each combination of variables.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests" / "unit" / "pinned_recipes.json"
sys.path[:0] = [str(ROOT / "tests" / "unit"), str(ROOT / ".build" / "collections")]

from recipe_grid import EAC, L4, L7, combinations, faulty, flat, found, normal, packed, unpacked  # noqa: E402

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption  # noqa: E402
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.roles import ROLES  # noqa: E402


def outcome(role: str, variables: dict[str, Any], seen: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the document of a role, or what is wrong with its variables."""
    try:
        return ROLES[role].document(variables, lambda: seen) or {}, []
    except InvalidOption as error:
        return {}, [str(problem) for problem in error.all_problems]


def main() -> None:
    """Print the differences, or write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the file again")
    write = parser.parse_args().write
    pinned = json.loads(FILE.read_text(encoding="utf-8"))
    different = False
    for role in (L4, L7, EAC):
        outcomes = [outcome(role, variables, found(variables)) for variables in combinations(role)]
        refused = {str(number): faults for number, (_document, faults) in enumerate(outcomes) if faults}
        documents = [document for document, faults in outcomes if not faults]
        for number, (before, after) in enumerate(
            zip(unpacked(pinned[role]["documents"]), map(flat, documents), strict=False)
        ):
            before, after = normal(before), normal(after)
            for path in sorted({**before, **after}):
                if before.get(path) != after.get(path):
                    different = True
                    print(f"{role}, document {number}: {path} was {before.get(path)!r} and is {after.get(path)!r}")
        pinned[role] = {"documents": packed(documents), "refused": refused}
    for entry, (role, variables, seen) in zip(pinned["faulty"], faulty(), strict=True):
        entry["is"] = outcome(role, variables, seen)[1]
    if write:
        lines = [f"{json.dumps(role)}: {_lines(part)}" for role, part in pinned.items()]
        FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    elif different:
        sys.exit(1)


def _lines(value: Any, depth: int = 1) -> str:
    """Return JSON with one line for each document and each refusal."""
    space = " " * depth
    if isinstance(value, dict) and depth == 1:
        return "{\n" + ",\n".join(f"{space}{json.dumps(n)}: {_lines(v, 2)}" for n, v in value.items()) + "\n}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(space + json.dumps(v, ensure_ascii=False) for v in value) + "\n]"
    return json.dumps(value, ensure_ascii=False, indent=3)


if __name__ == "__main__":
    main()
