# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The notes that maintenance leaves on the appliance: what it took out, and which settings it changed. Pure.

Neither a service nor a server has a field for remarks, and the commands that enable or disable a server everywhere cannot
tell what a person had disabled. So a note is a content rule that is assigned to nothing, and so has no effect. Its
pattern has the numbers of the servers' places, which the appliance never changes, or the settings as they were.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step

_ALONE = Document(())
_NOTE = "Maintenance_"
_PATTERN = re.compile(r"^\^taken_out((?:_\d+)+)\$$")
# How many numbers fit into the pattern of one rule, whatever their length.
_NUMBERS_A_RULE = 20

_SETTINGS_NOTE = f"{_NOTE}drain_settings"
_SETTINGS_PATTERN = re.compile(r"^\^drop_at_drain_time_end_([ny])_l7_drain_time_(\d+)_run_([0-9a-f]+)_(\d+)\$$")


def is_note(rule: Mapping[str, Any]) -> bool:
    """Return whether a content rule that was read is a note of maintenance."""
    pattern = str(rule.get("pattern", ""))
    return str(rule["name"]).startswith(_NOTE) and bool(_PATTERN.match(pattern) or _SETTINGS_PATTERN.match(pattern))


@dataclass(frozen=True)
class Note:
    """The note about one server: the numbers of its places, in the order of their recording."""

    address: str

    @property
    def name(self) -> str:
        """Return the name of the rule, which may have letters, digits and underscores only."""
        name = _NOTE + re.sub(r"[^A-Za-z0-9]", "_", self.address)
        if re.fullmatch(r"[\d.]+", self.address):
            return name
        return f"{name[:90]}_{hashlib.sha256(self.address.encode('utf-8')).hexdigest()[:8]}"

    def read(self, world: World) -> list[str]:
        """Return the numbers in the note."""
        return list(dict.fromkeys(number for numbers in self._parts(world).values() for number in numbers))

    def write(self, numbers: Sequence[str], world: World) -> tuple[Step, ...]:
        """Return the steps that make the note have these numbers.

        A number never moves from one rule to another, so none is lost between two steps. What is more is noted before servers
        are changed, what is less afterwards.
        """
        parts = self._parts(world)
        wanted = {part: [number for number in noted if number in numbers] for part, noted in parts.items()}
        known = {number for noted in parts.values() for number in noted}
        part = 0
        for number in dict.fromkeys(numbers):
            if number in known:
                continue
            while len(wanted.setdefault(part, [])) >= _NUMBERS_A_RULE:
                part += 1
            wanted[part].append(number)
        steps: list[Step] = []
        for part in sorted(wanted):
            if wanted[part]:
                steps += self._rule(part, wanted[part], parts.get(part, []), world)
        # Were the first rule gone and not the others, a person who looks would take what is left for leftovers.
        for part in sorted((part for part in wanted if not wanted[part]), reverse=True):
            steps += ContentRule(self._named(part), present=False).plan(world, _ALONE).steps
        return tuple(replace(step, subject=f"the note {step.subject}") for step in steps)

    def _rule(self, part: int, numbers: Sequence[str], noted: Sequence[str], world: World) -> Sequence[Step]:
        pattern = f"^taken_out_{'_'.join(numbers)}$"
        steps = ContentRule(self._named(part), "match_content", {"pattern": pattern}).plan(world, _ALONE).steps
        fewer = not set(noted) <= set(numbers)
        return [replace(step, rank=ranks.RULE_REMOVE) for step in steps] if fewer else steps

    def _named(self, part: int) -> str:
        return self.name if part == 0 else f"{self.name}_part{part + 1}"

    def _parts(self, world: World) -> dict[int, list[str]]:
        """Return what each rule of the note has. One may be missing between others, where a person has removed it."""
        form = re.compile(rf"{self.name}(?:_part([1-9]\d*))?")
        parts: dict[int, list[str]] = {}
        for rule in content_rule.all_rules(world):
            name = str(rule["name"])
            named = form.fullmatch(name)
            part = int(named.group(1) or 1) - 1 if named else -1
            if part < 0 or self._named(part) != name:
                continue
            match = _PATTERN.match(str(rule.get("pattern", "")))
            if not match:
                raise InvalidOption(
                    f"The content rule {name} is the note of this module about what it took out, but its pattern was changed to "
                    f"{rule.get('pattern')!r}. Check where {self.address} is disabled, enable it as needed, and delete the rule."
                )
            parts[part] = match.group(1).strip("_").split("_")
        return dict(sorted(parts.items()))


@dataclass(frozen=True)
class SettingsNote:
    """The settings as they were before a run has changed them for a moment; which run, and since when in seconds."""

    settings: Mapping[str, Any]
    run: str
    since: int

    @classmethod
    def read(cls, world: World) -> SettingsNote | None:
        """Return the note, or None."""
        _kind, state = content_rule.find(world, _SETTINGS_NOTE)
        match = _SETTINGS_PATTERN.match(str(state.get("pattern", "")))
        if not match:
            return None
        flag, drain_time, run, since = match.groups()
        return cls({"drop_at_drain_time_end": flag == "y", "l7_drain_time": int(drain_time)}, run, int(since))

    def write(self, world: World) -> tuple[Step, ...]:
        """Return the steps that make the note."""
        flag = "y" if self.settings["drop_at_drain_time_end"] else "n"
        pattern = f"^drop_at_drain_time_end_{flag}_l7_drain_time_{self.settings['l7_drain_time']}_run_{self.run}_{self.since}$"
        return ContentRule(_SETTINGS_NOTE, "match_content", {"pattern": pattern}).plan(world, _ALONE).steps

    @staticmethod
    def forget(world: World) -> tuple[Step, ...]:
        """Return the steps that remove the note."""
        return ContentRule(_SETTINGS_NOTE, present=False).plan(world, _ALONE).steps
