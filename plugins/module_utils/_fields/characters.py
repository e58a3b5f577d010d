# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Allowed characters and length of texts: one rule for everything that is sent. Pure.

A control character in a value ends a header, a line or a string of the appliance, and what comes after it is something else there.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re

# The longest text without a limit of its own. No option of the WUI accepts more.
LONGEST = 2048
# A certificate chain has about ten thousand characters, the template of a large service a hundred thousand.
LONGEST_FILE = 4 * 2**20
# How many characters of a value a message shows
_SHOWN = 80

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def check(text: str, *, lines: bool = False, tabs: bool = False, longest: int = LONGEST) -> None:
    """Raise ValueError with the end of a sentence where a text cannot be sent.

    With ``lines`` it may have several of them, with ``tabs`` tabulators in its line.
    """
    if len(text) > longest:
        raise ValueError(f"must be at most {longest} characters long, it has {len(text)}")
    if _SURROGATE.search(text):
        raise ValueError("must be Unicode, and it has half a character (a lone surrogate)")
    if (_CONTROL_BUT_LINES if lines else _CONTROL).search(text.replace("\t", "") if tabs else text):
        raise ValueError(f"must {'' if lines else 'be one line and '}have no control characters")


def quoted(value: object) -> str:
    """Return a value as messages quote it: on one line, and truncated if long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
