# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End a run at a chosen API call, as a power cut would."""

from __future__ import annotations

import threading
from typing import Any


class Strike:
    """Kills a run when a certain call has been carried out, before it is answered."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._known = threading.Event()
        self.run: Any = None

    def at(self, run: Any) -> None:
        self.run = run
        self._known.set()

    def __call__(self, call: Any) -> None:
        self._known.wait()
        if call.number == self._last:
            self.run.kill()
