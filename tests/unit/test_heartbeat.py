# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that is at work for long says so, and not where it has just said something else."""

from __future__ import annotations

import threading
import time

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._heartbeat import Heartbeat


def test_silence_is_broken_and_ends_with_the_task() -> None:
    said: list[str] = []
    with Heartbeat(said.append, lambda: "step 2 of 3", 0.05):
        deadline = time.monotonic() + 10
        while len(said) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert said[:2] == ["still at work: step 2 of 3"] * 2
    count, threads = len(said), threading.active_count()
    time.sleep(0.15)
    assert len(said) == count and threading.active_count() == threads


def test_what_the_task_says_itself_counts() -> None:
    said: list[str] = []
    with Heartbeat(said.append, lambda: "waiting", 5) as heartbeat:
        for _look in range(3):
            time.sleep(0.02)
            heartbeat.said()
    assert said == []


def test_a_failing_task_ends_it_too() -> None:
    before = threading.active_count()
    try:
        with Heartbeat(print, lambda: "waiting", 5):
            raise ValueError
    except ValueError:
        pass
    assert threading.active_count() == before
