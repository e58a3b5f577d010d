# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What another writer did meanwhile: what changed on the appliance that no step of this task explains. Pure.

It is asked after something went wrong, so it may take its time; where it cannot tell, it takes a change for an own one.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.recovering import all_recoveries
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ANYWHERE, OTHER_OBJECTS, Step

# How many objects a sentence lists.
_NAMED = 3


def things(world: World) -> dict[str, Any]:
    """Return everything that was read, by the names in messages; without numbers and health."""
    found: dict[str, Any] = {}
    for recovery in all_recoveries():
        found |= recovery.traces(world) or {}
    return found


def changed(before: World, now: World, sent: Iterable[Step]) -> list[str]:
    """Return the names of the objects that changed although none of these steps was about them."""
    sent = list(sent)
    if any(step.reaches == ANYWHERE for step in sent):
        return []
    far_reaching = any(step.reaches == OTHER_OBJECTS for step in sent)
    worlds = (before, now)
    recoveries = all_recoveries()
    own = {step.subject for step in sent}
    own |= {name for step in sent for recovery in recoveries for name in recovery.touched(step, worlds)}
    swept = (owner for step in sent for recovery in recoveries for owner in recovery.swept(step, worlds))
    within = tuple(f" of {owner}" for owner in swept)
    names = []
    for name, (there, here) in sorted(_pairs(before, now).items()):
        if there == here or name in own or (within and name.endswith(within)):
            continue
        if far_reaching and None not in (there, here):
            continue
        names.append(name)
    return names


def _pairs(before: World, now: World) -> Mapping[str, tuple[Any, Any]]:
    """Return everything as it was and as it is. What was read only at one of the two times tells nothing."""
    pairs: dict[str, tuple[Any, Any]] = {}
    for recovery in all_recoveries():
        was, is_now = recovery.traces(before), recovery.traces(now)
        if was is not None and is_now is not None:
            pairs |= {name: (was.get(name), is_now.get(name)) for name in was.keys() | is_now.keys()}
    return pairs


def in_words(names: list[str]) -> str:
    """Return names as part of a sentence."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
