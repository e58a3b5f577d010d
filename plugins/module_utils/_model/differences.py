# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Differences in words, shared by all kinds. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 80


def come_and_gone(was: Mapping[Any, str], now: Mapping[Any, str]) -> Iterator[str]:
    """Yield what is missing and what is new, given subjects by identity."""
    yield from (f"{subject} is missing" for key, subject in was.items() if key not in now)
    yield from (f"{subject} is there, which was not before" for key, subject in now.items() if key not in was)


def said(subject: str, was: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence with the former values of a changed object; nothing without any."""
    if was:
        yield f"{subject} is not as it was: " + ", ".join(f"{name} was {_spoken(value)}" for name, value in was.items())


def replaced(subject: str, was: Any, now: Any) -> Iterator[str]:
    """Yield a sentence about a replaced, missing or new object; nothing if both are the same."""
    if was != now:
        became = "another one" if was and now else "missing" if was else "there, which was not before"
        yield f"{subject} is {became}"


def plain(value: Any) -> Any:
    """Return a value with all spellings of "unset" as one."""
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value] or ""
    text = str(value if value is not None else "")
    return "" if text in ("0", "N", "False") else text


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value if value is not None else "")
    text = text or "unset"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
