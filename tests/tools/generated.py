# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all scripts that write generated files do: write those that are out of date, or with --check fail and name them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Unmade(Exception):
    """A file cannot be generated, and why, as a sentence."""


def main(made: Callable[[], Mapping[Path, str]], about: str | None, remedy: str = "make generate") -> None:
    """Write the files that ``made`` returns, as text by path, and print those that were out of date.

    With --check on the command line nothing is written, and a file that is out of date ends the script with 1. ``about`` is the
    help, ``remedy`` the command that writes the files.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something is out of date")
    check = parser.parse_args().check
    try:
        files = made()
    except Unmade as fault:
        sys.exit(str(fault))
    stale = {
        path: text for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    names = [str(path.relative_to(ROOT)) for path in stale]
    if check and names:
        sys.exit(f"Out of date: {', '.join(names)}. Run: {remedy}")
    for path, text in stale.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print("\n".join(names) or "Everything is up to date")
