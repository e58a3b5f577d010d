# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Makefile names tests that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def quick_tests() -> list[str]:
    show = ["make", "--silent", "--eval", 'show-quick-tests:;@echo "$(quick_tests)"', "show-quick-tests"]
    done = subprocess.run(show, cwd=ROOT, capture_output=True, text=True, check=True)
    return shlex.split(done.stdout)


def test_the_quick_tests_exist() -> None:
    named = quick_tests()
    assert len(named) > 15
    for each in named:
        file, _colons, test = each.partition("::")
        assert (ROOT / file).exists(), each
        if test:
            function = test.partition("[")[0]
            assert re.search(rf"^def {function}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), each
