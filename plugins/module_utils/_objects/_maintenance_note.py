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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _base, content_rule
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import Document, Step, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.content_rule import ContentRule

_ALONE = Document(())
_NOTE = "Maintenance_"
_PATTERN = re.compile(r"^\^taken_out((?:_\d+)+)\$$")
# So many numbers fit into the pattern of one rule, however long they are.
_NUMBERS_A_RULE = 20

_SETTINGS_NOTE = f"{_NOTE}drain_settings"
_SETTINGS_PATTERN = re.compile(r"^\^drop_at_drain_time_end_([ny])_l7_drain_time_(\d+)\$$")


def is_note(rule: Mapping[str, Any]) -> bool:
    """Tell whether a content rule that was read is a note, and so no rule that a person has made."""
    pattern = str(rule.get("pattern", ""))
    return str(rule["name"]).startswith(_NOTE) and bool(_PATTERN.match(pattern) or _SETTINGS_PATTERN.match(pattern))


@dataclass(frozen=True)
class Note:
    """What is noted about one server: the numbers of its places, in the order in which they were noted."""

    address: str

    @property
    def name(self) -> str:
        """Return the name of the rule, which may have letters, digits and underscores only."""
        name = _NOTE + re.sub(r"[^A-Za-z0-9]", "_", self.address)
        if re.fullmatch(r"[\d.]+", self.address):
            return name
        return f"{name[:90]}_{hashlib.sha256(self.address.encode('utf-8')).hexdigest()[:8]}"

    def read(self, world: World) -> list[str]:
        """Return the numbers that are noted."""
        return [number for _name, numbers in self._rules(world) for number in numbers]

    def write(self, numbers: Sequence[str], world: World) -> tuple[Step, ...]:
        """Return the steps that make the note have these numbers: rules that get fewer are changed last."""
        chunks = [numbers[at : at + _NUMBERS_A_RULE] for at in range(0, len(numbers), _NUMBERS_A_RULE)]
        noted = dict(self._rules(world))
        names = [self._named(part) for part in range(max(len(chunks), len(noted)))]
        steps: list[Step] = []
        for part, name in enumerate(names):
            if part >= len(chunks):
                steps += ContentRule(name, present=False).plan(world, _ALONE).steps
                continue
            fewer = set(noted.get(name, ())) - set(chunks[part])
            pattern = f"^taken_out_{'_'.join(chunks[part])}$"
            rule = ContentRule(name, "match_content", {"pattern": pattern})
            steps += [
                replace(step, rank=_base.RULE_REMOVE) if fewer else step for step in rule.plan(world, _ALONE).steps
            ]
        return tuple(replace(step, subject=f"the note {step.subject}") for step in steps)

    def _named(self, part: int) -> str:
        return self.name if part == 0 else f"{self.name}_part{part + 1}"

    def _rules(self, world: World) -> Iterable[tuple[str, list[str]]]:
        part = 0
        while True:
            name = self._named(part)
            kind, state = content_rule.find(world, name)
            if not kind:
                return
            match = _PATTERN.match(str(state.get("pattern", "")))
            if not match:
                raise InvalidOption(
                    f"The content rule {name} is where this module notes what it takes out, but it was changed: its pattern is "
                    f"{state.get('pattern')!r}. Look where {self.address} is disabled, put it right by hand and remove the rule. "
                    "Nothing was changed."
                )
            yield name, match.group(1).strip("_").split("_")
            part += 1


def noted_settings(world: World) -> dict[str, Any]:
    """Return the settings that an interrupted run has left to be restored; empty where there are none."""
    _kind, state = content_rule.find(world, _SETTINGS_NOTE)
    match = _SETTINGS_PATTERN.match(str(state.get("pattern", "")))
    return {"drop_at_drain_time_end": match.group(1) == "y", "l7_drain_time": int(match.group(2))} if match else {}


def note_settings(settings: Mapping[str, Any], world: World) -> tuple[Step, ...]:
    """Return the steps that note settings as they were."""
    flag = "y" if settings["drop_at_drain_time_end"] else "n"
    pattern = f"^drop_at_drain_time_end_{flag}_l7_drain_time_{settings['l7_drain_time']}$"
    return ContentRule(_SETTINGS_NOTE, "match_content", {"pattern": pattern}).plan(world, _ALONE).steps


def forget_settings(world: World) -> tuple[Step, ...]:
    """Return the steps that remove the note of the settings."""
    return ContentRule(_SETTINGS_NOTE, present=False).plan(world, _ALONE).steps
