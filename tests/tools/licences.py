# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that every file says under which licence it stands.

Python, YAML, shell, configuration and Make files carry an SPDX line near their top. What cannot or need not carry one
(prose, data, generated files) is named in REUSE.toml and left out here.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from stage import project_files

MARKED = {".cfg", ".ini", ".j2", ".py", ".sh", ".toml", ".yaml", ".yml"}
MARKED_NAMES = {".ansible-lint", ".gitignore", ".yamllint", "Makefile", "requirements.txt", "run"}
UNMARKED = ("changelogs/changelog.yaml", "changelogs/fragments/")
NEAR_THE_TOP = 15
SPDX = re.compile(r"SPDX-License-Identifier:\s*(\S+)")


def licence_of(path: Path) -> str | None:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for _number, line in zip(range(NEAR_THE_TOP), lines, strict=False):
            if found := SPDX.search(line):
                return found.group(1)
    return None


def expected(name: Path) -> str:
    return "BSD-2-Clause" if name.is_relative_to("plugins/module_utils") else "GPL-3.0-or-later"


def main() -> None:
    root = Path(__file__).resolve().parents[2]
    faults = []
    checked = 0
    for name in project_files(root):
        path = root / name
        if name.as_posix().startswith(UNMARKED) or path.is_symlink():
            continue
        if name.suffix not in MARKED and name.name not in MARKED_NAMES:
            continue
        if path.stat().st_size == 0:
            continue
        checked += 1
        found = licence_of(path)
        if found is None:
            faults.append(
                f"{name}: no SPDX-License-Identifier in the first {NEAR_THE_TOP} lines, {expected(name)} is due"
            )
        elif found != expected(name):
            faults.append(f"{name}: stands under {found}, {expected(name)} is due")
    print("\n".join(faults) if faults else f"{checked} files name their licence")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
