# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Watch: compare each new listing with the last one, to notice a step that reached another object than it was meant for.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine import planning
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Overtaken
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Astray
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Sent, Step


class WentAstray(Overtaken):
    """A step reached another object than it was meant for, since another writer made the appliance renumber."""


class Watch:
    """The last listing, what was sent since, and the steps that turned out to have gone astray."""

    def __init__(self) -> None:
        self._seen: World | None = None
        self._sent: list[Sent] = []
        self._refused = False
        self.astray: list[Astray] = []
        # Whether the last listing has other numbers than the one by which the last step was sent, which was refused
        self.refused_by_number = False

    @property
    def is_open(self) -> bool:
        """Return whether a step was sent that a number named, and no listing was read since."""
        return any(sent.meant for sent in self._sent)

    def sending(self, step: Step, parameters: Mapping[str, str], known: Mapping[Any, str]) -> None:
        """Record a step before it is sent. ``known`` are the late values that the task has learned."""
        late = {name: value for name, value in step.parameters.items() if not isinstance(value, str)}
        world = self._seen
        meant = {name: value.meant(world, known) for name, value in late.items()} if world is not None else {}
        self._sent.append(Sent(step, parameters, meant))

    def refused(self) -> None:
        """Forget the last step: it was refused, perhaps because its index meant another object."""
        self._refused = bool(self._sent and self._sent.pop().meant)

    def look(self, world: World) -> None:
        """Compare a reading with the last one, where it has a new listing."""
        listing = world.answers.get(LIST_SERVICES)
        before = self._seen
        if listing is None or (before is not None and before.answers.get(LIST_SERVICES) is listing):
            return
        sent, self._sent, self._seen = self._sent, [], world
        refused, self._refused = self._refused, False
        meant = any(each.meant for each in sent)
        renumbered = before is not None and (meant or refused) and world.services.renumbered_since(before.services)
        self.refused_by_number = refused and renumbered
        if before is not None and meant and renumbered:
            # Imported lazily: rarely needed
            from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import astray

            self.astray += astray.found(sent, before, world)

    def taken(self) -> list[Astray]:
        """Return and forget the steps that reached another object."""
        taken, self.astray = self.astray, []
        return taken


def account(found: list[Astray]) -> str:
    """Describe which step reached which object, as part of a sentence."""
    parts = dict.fromkeys(
        f"{each.victim} instead of {each.step.subject} ({each.step.command}: {each.step.reason})"
        + (f", but {each.doubt}" if each.doubt else "")
        for each in found
    )
    return "; ".join(parts)


def in_words(step: Step) -> str:
    """Return the sentence that stops a step which depends on one that reached another object."""
    return f"Could not {planning.doing(step)}: an earlier call reached another object."
