# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The appliance can mix up the answers of two ``addvs`` that overlap; so can the emulator."""

from __future__ import annotations

import threading

from loadmaster_emulator.answers import Answer

_PATIENCE = 2.0


class AnswerSwap:
    """Exchanges the answers of calls that are under way at the same time, two by two."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._under_way = 0
        self._offered: list[Answer | None] = []
        self._returned: list[Answer | None] = []

    def begin(self) -> None:
        """A call begins."""
        with self._condition:
            self._under_way += 1

    def end(self, answer: Answer | None) -> Answer | None:
        """A call is done: give its answer, take that of another one if one is under way."""
        with self._condition:
            try:
                if answer is None:
                    return None
                if self._offered:
                    self._returned.append(answer)
                    return self._offered.pop()
                if self._under_way == 1:
                    return answer
                self._offered.append(answer)
                if self._condition.wait_for(lambda: bool(self._returned), _PATIENCE):
                    return self._returned.pop()
                self._offered.clear()
                return answer
            finally:
                self._under_way -= 1
                self._condition.notify_all()
