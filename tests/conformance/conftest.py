# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests against recorded answers have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def appliance() -> Iterator[Any]:
    """A maker of emulators with a client each."""
    from recordings import Client  # the tests that ask for it have made both importable

    from loadmaster_emulator import Emulator

    running = []

    def make(firmware: str, **options: object) -> tuple[Emulator, Client]:
        lm = Emulator(firmware=firmware, users={"bal": "pw"}, servers_up=False, **options)
        lm.start()
        running.append(lm)
        return lm, Client(lm)

    yield make
    for lm in running:
        lm.stop()
