# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that can go wrong, each as a sentence that a person can act on.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from typing import Any


class LoadMasterError(Exception):
    """A failure with its sentence.

    ``message`` says what was being done, to which object, what the appliance said and what to do.
    ``command`` is the API command, ``http_status`` and ``answer`` are what came back, where anything did.
    ``changed`` tells whether the task had changed something by then.
    """

    def __init__(self, message: str, *, command: str = "", http_status: int | None = None, answer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.command = command
        self.http_status = http_status
        self.answer = answer
        self.changed = False

    def __str__(self) -> str:
        return self.message

    def details(self) -> dict[str, Any]:
        """Return the machine-readable part of a failed result."""
        kind = next(cls.__name__ for cls in type(self).__mro__ if not cls.__name__.startswith("_"))
        return {
            "kind": kind,
            "command": self.command or None,
            "http_status": self.http_status,
            "answer": self.answer or None,
        }


class InvalidOption(LoadMasterError):
    """The task asks for something that cannot be; nothing was sent."""


class Unreachable(LoadMasterError):
    """The request never reached the appliance, so nothing was carried out."""


class AnswerLost(LoadMasterError):
    """The request was sent but no answer came: it may or may not have been carried out."""


class AccessDenied(LoadMasterError):
    """The appliance does not let this user do this."""


class Refused(LoadMasterError):
    """The appliance answered that it will not do this."""

    @property
    def says_unknown(self) -> bool:
        """Tell whether the appliance says that there is no such thing."""
        return "unknown" in self.answer.lower() or "not found" in self.answer.lower()


class Unreadable(LoadMasterError):
    """The answer is neither data nor an error of the API."""


class NotConverged(LoadMasterError):
    """The appliance answered "ok", yet reading it back shows something else."""
