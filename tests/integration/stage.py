# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several writers to one appliance that know nothing of each other, their calls mixed by chance but the same each time."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

from documents import session_with

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.lock import Turn
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import LoadMasterError
from loadmaster_emulator import Emulator

# How long a call takes, in the time of the stage.
A_CALL = 0.1


class Stage:
    """Lets one writer go on at a time, up to its next call or pause. Time passes only where all of them wait."""

    def __init__(self, seed: int, names: list[str]) -> None:
        self._chance = random.Random(seed)
        self._free = threading.Condition()
        self._now = 0.0
        self._wakes = dict.fromkeys(names, 0.0)
        self._on = ""
        self._next()

    def enter(self, name: str) -> None:
        with self._free:
            self._wait(name)

    def pause(self, name: str, seconds: float) -> None:
        with self._free:
            self._wakes[name] = self._now + seconds
            self._next()
            self._wait(name)

    def leave(self, name: str) -> None:
        with self._free:
            del self._wakes[name]
            self._next()

    def _wait(self, name: str) -> None:
        assert self._free.wait_for(lambda: self._on == name, timeout=60), f"{name} does not get its turn"

    def _next(self) -> None:
        if self._wakes:
            self._now = max(self._now, min(self._wakes.values()))
            ready = [name for name, wake in self._wakes.items() if wake <= self._now]
            self._on = self._chance.choice(sorted(ready))
        with self._free:
            self._free.notify_all()


def on_another_machine(session: Session, name: str) -> None:
    """Let a session have a lock that no one else sees, as on a machine or in a container of its own."""
    session._turn = Turn("127.0.0.1", session.client.connection.host_port, f"machine of {name}")


def at_once(
    emulator: Emulator, seed: int, tasks: Mapping[str, Callable[[Session], Any]]
) -> dict[str, LoadMasterError | None]:
    """Carry out tasks at the same time. Returns what each of them failed with, if it did."""
    stage = Stage(seed, list(tasks))
    ended: dict[str, LoadMasterError | None] = {}

    def play(name: str, task: Callable[[Session], Any]) -> None:
        with session_with(emulator) as session:
            on_another_machine(session, name)
            write = session.client.write

            def wait_and_write(*arguments: Any) -> Any:
                stage.pause(name, A_CALL)
                return write(*arguments)

            session.client.write = wait_and_write  # type: ignore[method-assign]
            session._sleep = lambda seconds: stage.pause(name, seconds)
            stage.enter(name)
            try:
                task(session)
                ended[name] = None
            except LoadMasterError as error:
                ended[name] = error
            finally:
                stage.leave(name)

    threads = [threading.Thread(target=play, args=task) for task in tasks.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended.keys() == tasks.keys(), "a writer ended with something that no user may see"
    return ended
