# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What of the configuration changed between two readings, as one event. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import difference, foreign_changes
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_shape import Event, Place, event
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

# How many changes, and how many objects, an event names; it counts the rest.
NAMED = 20


def changed(before: World, after: World, place: Place, now: float, more: Sequence[str] = ()) -> Event | None:
    """Return the event that the configuration changed, None where it did not. ``more`` are sentences about other changes."""
    objects = foreign_changes.changed(before, after, ())
    sentences = [*difference.differences(before, after), *more]
    # What no sentence describes has its name at least
    sentences = sentences or [f"{name} changed" for name in objects]
    if not sentences:
        return None
    count = len(sentences)
    return event(
        place,
        "configuration_changed",
        f"the configuration changed: {sentences[0]}{f', and {count - 1} more' if count > 1 else ''}.",
        now,
        objects=objects[:NAMED],
        changes=sentences[:NAMED],
        count=count,
        fingerprint=fingerprint(after),
    )


def fingerprint(world: World) -> str:
    """Return a short text that is the same for the same configuration, whatever its states and numbers are."""
    things = foreign_changes.things(world)
    text = json.dumps(things, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
