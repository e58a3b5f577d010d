# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that a test plants, each for the calls it names."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

KINDS = (
    "delay",
    "drop_handshake",
    "drop_before",
    "drop_after",
    "status",
    "fail_with_200",
    "garbage",
    "ignore",
    "stray_header",
)

MODES = ("close", "reset")


@dataclass
class Fault:
    """One planted fault.

    ``command`` limits it to one command (``None``: any; a handshake has no command yet, so
    ``drop_handshake`` looks at connections instead). The first ``skip`` matching calls pass, the next
    ``times`` are hit (``None``: all that follow). ``mode`` says how a dropped connection ends: closed
    or reset.
    """

    kind: str
    command: str | None = None
    skip: int = 0
    times: int | None = 1
    seconds: float = 0.0
    status: int | None = None
    body: str | None = None
    mode: str = "close"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault kind {self.kind!r}; the kinds are {', '.join(KINDS)}")
        if self.mode not in MODES:
            raise ValueError(f"There is no drop mode {self.mode!r}; the modes are {', '.join(MODES)}")
        if self.kind == "status" and self.status is None:
            raise ValueError("A fault of kind 'status' needs its status")

    @classmethod
    def from_text(cls, text: str) -> Fault:
        """A fault from ``kind=drop_after,command=addrs,skip=1,times=1``, as a command line has it."""
        values: dict[str, Any] = {}
        for part in text.split(","):
            name, equals, value = part.strip().partition("=")
            if not equals:
                raise ValueError(f"A fault is written NAME=VALUE,NAME=VALUE ...; {part!r} is not")
            try:
                if name == "times" and value.lower() in ("none", "all"):
                    values[name] = None
                elif name in ("skip", "times", "status"):
                    values[name] = int(value)
                elif name == "seconds":
                    values[name] = float(value)
                elif name in ("kind", "command", "body", "mode"):
                    values[name] = value
                else:
                    raise ValueError(f"A fault has no {name!r}")
            except ValueError as error:
                raise ValueError(f"The fault {text!r} is not understood: {error}") from None
        if "kind" not in values:
            raise ValueError(f"The fault {text!r} names no kind; the kinds are {', '.join(KINDS)}")
        return cls(**values)


class Faults:
    """The planted faults of one emulator, safe to change while it runs."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = [_Armed(fault) for fault in faults]

    def add(self, fault: Fault) -> None:
        """Plant one more fault."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Remove every fault."""
        with self._lock:
            self._armed.clear()

    def for_handshake(self) -> Fault | None:
        """The fault that hits a connection which is about to begin its handshake."""
        with self._lock:
            return next((a.fault for a in self._armed if a.fault.kind == "drop_handshake" and a.hit()), None)

    def for_call(self, command: str) -> list[Fault]:
        """The faults that hit one call of a command, in the order they were planted."""
        with self._lock:
            return [
                armed.fault
                for armed in self._armed
                if armed.fault.kind != "drop_handshake" and armed.fault.command in (None, command) and armed.hit()
            ]


class _Armed:
    """A fault with its counters."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.to_skip = fault.skip
        self.left = fault.times

    def hit(self) -> bool:
        """Count one matching call and say whether it is hit."""
        if self.to_skip > 0:
            self.to_skip -= 1
            return False
        if self.left is None:
            return True
        if self.left <= 0:
            return False
        self.left -= 1
        return True
