# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated LoadMasters, in a process of their own whose time is told apart from that of their callers."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

USER, PASSWORD = "bal", "a-password-of-the-bench"
CERTIFICATE = "mail-2026"

Call = tuple[str, dict[str, str]]
"""A command with its parameters."""


def is_write(command: str) -> bool:
    """Return whether a command changes something."""
    return not command.startswith(("list", "show", "get"))


@dataclass(frozen=True)
class Place:
    """Where an appliance is, and how to trust it."""

    port: int
    fingerprint: str
    certificate_file: str


@dataclass(frozen=True)
class Counts:
    """What the appliances saw since they were last asked, all of them together."""

    calls: int
    """Calls that were answered."""
    writes: int
    """Those of them that change something."""
    dropped: int
    """Calls that were dropped, for being too many."""
    handshakes: int
    cpu: float
    """Seconds of processor time that the emulators took."""


class Farm:
    """The process of the emulators, seen from outside. Close it at the end, or use it as a context manager."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(far_end,), name="emulators", daemon=True)
        self._process.start()
        far_end.close()

    def __enter__(self) -> Farm:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()

    def open(self, number: int, *, round_trip: float = 0.0, rate_limit: bool = False) -> list[Place]:
        """Replace the appliances by new ones; each has the certificate of the mail server."""
        return self._ask("open", number, round_trip, rate_limit)

    def carry_out(self, calls: Sequence[Call], only: int | None = None) -> None:
        """Carry out calls on every appliance, or on one by its number, behind the back of all counters."""
        self._ask("carry_out", list(calls), only)

    def census(self) -> dict[str, int]:
        """Return how many objects of a kind the first appliance has."""
        return self._ask("census")

    def taken(self) -> list[Call]:
        """Return the calls that the first appliance has taken since the last ``counts``."""
        return self._ask("taken")

    def counts(self) -> Counts:
        """Return what was seen since the last time, and count again."""
        return self._ask("counts")

    def _ask(self, name: str, *arguments: Any) -> Any:
        self._pipe.send((name, arguments))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _serve(pipe: Connection) -> None:
    """Do in this process what the other one asks for, until it goes away."""
    from . import emulators

    # Between the many threads of the emulators, waiting for the interpreter would count as their answering time
    sys.setswitchinterval(0.001)
    host = emulators.Emulators()
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            break
        try:
            pipe.send(getattr(host, name)(*arguments))
        except Exception as error:
            pipe.send(RuntimeError(f"{type(error).__name__} in the emulators: {error}"))
    host.close()
