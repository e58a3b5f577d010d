# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print a line now and then while a task is at work, so that nobody takes it for hung. AWX ends a job that is silent for too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

# How many seconds a task may be silent
SILENCE = 20.0


class Heartbeat:
    """Calls ``say`` with ``what()`` after each time of silence. Use it as a context manager; ``said`` starts the time again."""

    def __init__(self, say: Callable[[str], None], what: Callable[[], str], silence: float = SILENCE) -> None:
        self._say, self._what, self._silence = say, what, silence
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.said()

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def said(self) -> None:
        """Note that something was printed just now."""
        self._last = time.perf_counter()

    def _beat(self) -> None:
        while not self._over.wait(max(self._last + self._silence - time.perf_counter(), 0.01)):
            if time.perf_counter() >= self._last + self._silence:
                self._say(f"still at work: {self._what()}")
                self.said()
