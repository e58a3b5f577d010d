# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit of calls per time that the appliance enforces by dropping connections."""

from __future__ import annotations

import threading
import time
from collections import deque


class RateLimiter:
    """A sliding window over the calls of both APIs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted: deque[float] = deque()

    def exhausted(self, limit: tuple[int, float] | None) -> bool:
        """Whether the next call would be one too many; counts nothing."""
        with self._lock:
            return self._full(limit, time.monotonic())

    def accept(self, limit: tuple[int, float] | None) -> bool:
        """Count one call if the limit allows it."""
        now = time.monotonic()
        with self._lock:
            if self._full(limit, now):
                return False
            if limit is not None:
                self._accepted.append(now)
            return True

    def _full(self, limit: tuple[int, float] | None, now: float) -> bool:
        if limit is None:
            self._accepted.clear()
            return False
        calls, seconds = limit
        while self._accepted and self._accepted[0] <= now - seconds:
            self._accepted.popleft()
        return len(self._accepted) >= calls
