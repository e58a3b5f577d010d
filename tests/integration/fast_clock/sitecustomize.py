# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shorten the waits of a test's run: a wait takes a fraction of its time, and the clock moves on by the whole.

Python imports this file at its start where its folder is in PYTHONPATH, so it holds for ansible-playbook, its workers and
the modules that it ships. Time that passes by itself, such as that of a call, counts as it is. Every decision about when
to wait and when to stop is thus the same as without this file. time.time, which others see, is left alone.

LOADMASTER_TEST_SPEED says by how much a wait is shortened.
"""

from __future__ import annotations

import os
import time

# Ansible polls its workers at shorter intervals: these are no waits for anything outside
SHORTEST = 0.05


def _install(speed: float) -> None:
    sleep, monotonic = time.sleep, time.monotonic
    skipped = 0.0

    def short_sleep(seconds: float) -> None:
        nonlocal skipped
        if seconds < SHORTEST:
            sleep(seconds)
            return
        sleep(seconds / speed)
        skipped += seconds - seconds / speed

    def clock() -> float:
        return monotonic() + skipped

    time.sleep, time.monotonic = short_sleep, clock


if float(os.environ.get("LOADMASTER_TEST_SPEED", "1")) > 1:
    _install(float(os.environ["LOADMASTER_TEST_SPEED"]))
