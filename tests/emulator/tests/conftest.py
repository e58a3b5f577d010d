# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Emulators to test, from this source tree."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from wire_client import Client  # noqa: E402

from loadmaster_emulator import Emulator  # noqa: E402


@pytest.fixture
def make() -> Iterator[Callable[..., Emulator]]:
    """A maker of running emulators."""
    running = []

    def start(**options: object) -> Emulator:
        lm = Emulator(**{"users": {"bal": "pw"}, **options})
        lm.start()
        running.append(lm)
        return lm

    yield start
    for lm in running:
        lm.stop()


@pytest.fixture
def lm(make: Callable[..., Emulator]) -> Emulator:
    """A running emulator."""
    return make()


@pytest.fixture
def client(lm: Emulator) -> Iterator[Client]:
    """A client of it."""
    client = Client(lm)
    yield client
    client.close()


@pytest.fixture
def vs(lm: Emulator) -> Callable[..., dict]:
    """Change service 1, which is made at first use, and see it."""

    def change(**parameters: object) -> dict:
        if not lm.state()["services"]:
            lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
        return lm.call("modvs", vs=1, **parameters)

    return change
