# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Known faults of firmware that a newer one fixes. Sources are named; a fault without a public source is not listed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Fix(NamedTuple):
    """A fault, and the first firmware with its fix: of a long-term line by that line, and of all others."""

    name: str
    about: str
    lines: Mapping[tuple[int, ...], tuple[int, ...]]
    others: tuple[int, ...]
    source: str


FIXES = (
    Fix(
        "CVE-2026-8037",
        "Without a login, anyone who reaches the WUI or the API can run commands as root.",
        {(7, 2, 54): (7, 2, 54, 18)},
        (7, 2, 63, 2),
        "the vendor's advisory",
    ),
)


def release(firmware: str) -> tuple[int, ...]:
    """Return the numbers of a firmware version, of 7.2.63.2.22701.RELEASE the first four; empty where it is none."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)(?:\.(\d+))?", firmware)
    return tuple(int(number or 0) for number in found.groups()) if found else ()


def missing(firmware: str) -> list[tuple[Fix, str]]:
    """Return the fixes that a firmware lacks, each with the version that has it."""
    numbers = release(firmware)
    if not numbers:
        return []
    wanted = [(fix, fix.lines.get(numbers[:3], fix.others)) for fix in FIXES]
    return [(fix, ".".join(map(str, first))) for fix, first in wanted if numbers < first]
