# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a command answers, before it is spelt in XML or JSON.

An answer is an ordered list of members. The types of the values carry the differences between the
two spellings, so that a command never asks which API it was called through.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class YesNo:
    """A boolean of ``get`` and ``getall``: ``yes``/``no`` in v1 where objects have ``Y``/``N``."""

    value: bool


@dataclass(frozen=True)
class Strings:
    """A list of texts: elements named ``tag`` inside the member in v1, an array in v2."""

    items: tuple[str, ...]
    tag: str


@dataclass(frozen=True)
class CommaList:
    """A list of texts that v1 joins with commas and v2 gives as an array."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Records:
    """Repeated objects: repeated elements in v1, an array of objects in v2."""

    items: tuple[Members, ...]


@dataclass(frozen=True)
class ByApi:
    """A member whose content differs between the two APIs by more than spelling."""

    v1: Value
    v2: Value


@dataclass(frozen=True)
class Members:
    """An ordered list of named values, which is an object in both APIs."""

    items: tuple[tuple[str, Value], ...] = field(default_factory=tuple)


Value = str | int | float | bool | YesNo | Strings | CommaList | Records | ByApi | Members


@dataclass(frozen=True)
class Message:
    """An answer of one sentence and no data."""

    text: str


@dataclass(frozen=True)
class Download:
    """A file: raw in v1; in v2 in ``data``, as text or, where it is none, in base64."""

    name: str
    content: bytes
    is_text: bool = True
    content_type: str = "application/octet-stream"
    attached: bool = False
    """Whether it comes as an attachment with its name in quotes, or inline without them."""


Answer = Message | Members | Download


def members(*pairs: tuple[str, Value]) -> Members:
    """Make an object of the given pairs, in their order."""
    return Members(pairs)
