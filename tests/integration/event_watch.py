# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of the event source at work: events are collected while a test does something to the LoadMasters."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._events import event_options, watching
from loadmaster_emulator import Emulator

FAST = 0.05
LONGEST = 15.0

Event = dict[str, Any]


def entry(lm: Emulator, name: str, **options: Any) -> dict[str, Any]:
    """What a rulebook says about an emulated LoadMaster."""
    return {
        "name": name,
        "host": lm.host,
        "host_port": lm.port,
        "username": "bal",
        "password": "secret-of-bal",
        "fingerprint": lm.fingerprint,
        **options,
    }


class Watch:
    """Runs the loop in a thread, faster than any argument allows. Use it as a context manager."""

    def __init__(self, *entries: dict[str, Any], changes: dict[str, Any] | None = None, **args: Any) -> None:
        options = event_options.read({"loadmasters": list(entries), **args}, {})
        self.options = replace(options, interval=FAST, **(changes or {}))
        self.events: list[Event] = []
        self.ended_after = 0.0
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    async def put(self, event: Event) -> None:
        self.events.append(event)

    def _run(self) -> None:
        self._task = self._loop.create_task(watching.watch(self, self.options))
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.close()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        began = time.monotonic()
        if self._task is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(LONGEST)
        self.ended_after = time.monotonic() - began
        assert not self._thread.is_alive(), "the loop did not end"

    def wait(self, kind: str, count: int = 1, name: str = "", where: Callable[[Event], bool] = bool) -> Event:
        """Return the event number ``count`` of a kind, and of a LoadMaster, as soon as it is there."""
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            found = [e for e in self.of(kind, name) if where(e)]
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.01)
        raise AssertionError(f"no event {kind} {name} came, only {self.events}")

    def of(self, kind: str, name: str = "") -> list[Event]:
        return [e for e in self.events if e["type"] == kind and (not name or e["loadmaster"]["name"] == name)]


def polls(lm: Emulator, count: int, command: str = "listvs") -> None:
    """Wait until a LoadMaster was asked so many more times."""
    before = lm.journal.commands().count(command)
    end = time.monotonic() + LONGEST
    while lm.journal.commands().count(command) < before + count:
        assert time.monotonic() < end, "there are no polls"
        time.sleep(0.01)
