# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""End the connections of a disabled server, by temporary changes to global settings. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import SettingsNote
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.places import places, shown
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import Settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import (
    describe as describe_settings,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step

_ALONE = Document(())

DrainSettings: TypeAlias = Mapping[str, bool | int]
# With these values, a disabled server loses its connections at once.
_AT_ONCE: DrainSettings = {"drop_at_drain_time_end": True, "l7_drain_time": 0}


class _Dropping:
    """The global settings that decide whether connections end."""

    READS = frozenset({LIST_RULES, LIST_SERVICES}) | Settings(_AT_ONCE).reads()

    @property
    def subject(self) -> str:
        return "settings"

    def reads(self) -> frozenset[str]:
        return self.READS

    def found(self, world: World) -> dict[str, Any]:
        return Settings(_AT_ONCE).found(world)


@dataclass(frozen=True)
class DropAtOnce(_Dropping):
    """The settings of the appliance that end the connections of a server that is disabled, and a note of those before.

    ``run`` and ``since`` identify the note for other runs, and give its age. ``before`` is what the settings were.
    """

    run: str
    since: int
    before: DrainSettings

    @classmethod
    def starting(cls, world: World, run: str, since: int) -> DropAtOnce:
        """Return the wanted object for a run that finds these settings."""
        state = describe_settings(world)
        return cls(run, since, {option: state[option] for option in _AT_ONCE})

    def keys(self) -> tuple[Hashable, ...]:
        return (("drop at once",),)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        noted = SettingsNote.read(world)
        if noted and noted.run != self.run:
            raise InvalidOption(
                "Another run has just begun to end connections on this LoadMaster, by the same settings. Run the task again."
            )
        note = noted or SettingsNote(self.before, self.run, self.since)
        plan = Settings(_AT_ONCE).plan(world, _ALONE)
        # The note first; by rank, settings would precede rules.
        later = (replace(step, rank=ranks.SERVICE) for step in plan.steps)
        # Without the note, nothing says what to restore
        first = (replace(step, checkpoint=True) for step in note.write(world))
        return replace(plan, steps=(*first, *later))


@dataclass(frozen=True)
class DropRestored(_Dropping):
    """The settings as a run has noted them. Where there is no note, or another run's, there is nothing to do.

    ``known`` is what the run itself knows of them, should someone have removed its note.
    """

    run: str
    known: DrainSettings = field(default_factory=dict)

    def keys(self) -> tuple[Hashable, ...]:
        return (("drop restored",),)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        noted = SettingsNote.read(world)
        if noted and noted.run != self.run:
            return ObjectPlan(self.subject)
        state = describe_settings(world)
        former = noted.settings if noted else self.known
        # Values that someone else changed meanwhile stay.
        before = {option: value for option, value in former.items() if state[option] == _AT_ONCE[option]}
        plan = Settings(before).plan(world, _ALONE)
        return replace(plan, steps=(*plan.steps, *SettingsNote.forget(world)))


@dataclass(frozen=True)
class Redisabled:
    """Disable a server once more where it is disabled: only that makes the appliance end its connections.

    Between the two calls the server is enabled. What they do cannot be read back; that it is disabled in the end can.
    ``numbers`` are those of the places where it was disabled before this: if it is enabled there, this task did it.
    """

    READS = frozenset({LIST_SERVICES})

    address: str
    numbers: frozenset[str]

    @classmethod
    def starting(cls, world: World, address: str, numbers: Collection[str]) -> Redisabled:
        """Return the wanted object for a server that is disabled now; one that someone enabled is left alone."""
        disabled = (place.number for place in places(world, address) if not place.enabled)
        return cls(address, frozenset(disabled) & frozenset(numbers))

    @property
    def subject(self) -> str:
        return f"real server {self.address}"

    def keys(self) -> tuple[Hashable, ...]:
        return (("redisabled", self.address),)

    def reads(self) -> frozenset[str]:
        return self.READS

    def found(self, world: World) -> dict[str, Any]:
        return shown(places(world, self.address))

    def plan(self, world: World, document: Document) -> ObjectPlan:
        steps: list[Step] = []
        for place in (place for place in places(world, self.address) if place.number in self.numbers):
            off = replace(place.switch(False), reason="disable it again, which ends its connections")
            if place.enabled:
                steps.append(off)
            else:
                on = replace(place.switch(True), reason="enable it for a moment", blind=True)
                steps += [on, replace(off, blind=True)]
        return ObjectPlan(self.subject, tuple(steps))
