# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Polling: read the appliance at intervals until the time is up.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import AnswerLost, Unreachable
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Task

Found = TypeVar("Found")


def poll(task: Task, began: float, timeout: float, interval: float) -> Iterator[float]:
    """Yield the seconds since the wait ``began``, at once and then at intervals, for the last time when the time is up."""
    while True:
        waited = task.clock.monotonic() - began
        yield waited
        left = timeout - waited
        if left <= 0:
            return
        task.clock.sleep(min(interval, left))


def try_read(read: Callable[[], Found], task: Task, last: bool) -> Found | None:
    """Return the answer; None if the appliance does not respond, except on the ``last`` try."""
    try:
        return read()
    except (Unreachable, AnswerLost) as error:
        if last:
            raise
        task.say(f"{error.account} Looking again.")
        return None


def elapsed(waited: float, timeout: float) -> str:
    """Return the elapsed part of a time, in words."""
    return f"{waited:.0f} s of {timeout:.0f} s"


def count_of_services(number: int) -> str:
    """Return "1 service", "2 services" and so on."""
    return f"{number} service{'' if number == 1 else 's'}"
