# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What an event looks like, and which texts it may carry. Pure.

Names on an appliance may be hostile. Rulebooks and playbooks render what an event carries, so no text of one is a template.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

Event = dict[str, Any]

# How many characters a text of an event has at most.
LONGEST = 300
_TEMPLATE = re.compile(r"\{(?=[{%#])|#(?=jinja2:)")
_NOT_PRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Place(NamedTuple):
    """A LoadMaster as events name it."""

    name: str
    host: str
    port: int


def event(place: Place, kind: str, message: str, now: float, **details: Any) -> Event:
    """Return an event of a kind; ``now`` is in seconds since 1970, ``message`` a sentence without the LoadMaster's name."""
    moment = datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {
        "type": kind,
        "loadmaster": place._asdict(),
        "time": moment,
        "message": f"{place.name}: {message}",
        **details,
    }
    safe: Event = harmless(told)
    return safe


def harmless(value: Any) -> Any:
    """Return a value whose texts are printable and short, and not templates for Jinja2."""
    if isinstance(value, str):
        text = _TEMPLATE.sub(lambda found: f"{found.group(0)} ", _NOT_PRINTABLE.sub("?", value))
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    if isinstance(value, Mapping):
        return {harmless(name): harmless(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [harmless(member) for member in value]
    return value


def number_or_text(text: str) -> int | str:
    """Return a port as events have it: a number, but for the port * of a service on all ports."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else text
