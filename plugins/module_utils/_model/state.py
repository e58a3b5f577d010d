# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The state of the appliance as it was read. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Services

# What can be read from the appliance; "COMMAND:NAME" reads one object or parameter by its name.
LIST_SERVICES = "listvs"
LIST_RULES = "showrule"
ALL_PARAMETERS = "getall"
HEALTH = "showhealth"
PARAMETER = "get"


class NotRead(Exception):
    """A plan turns out to need what ``names`` read of the appliance, which was not read. To be read, and planned again."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = frozenset(names)


def records(answer: Mapping[str, Any], member: str) -> list[Mapping[str, Any]]:
    """Return the records of a listing. Version 1 of the API has no lists: where there is one record, it is not in one."""
    found = answer.get(member) or []
    return [found] if isinstance(found, Mapping) else list(found)


def _trimmed(value: Any) -> Any:
    """Return the stripped value of a parameter; some programs add a line end."""
    return value.strip() if isinstance(value, str) else value


@dataclass(frozen=True)
class World:
    """The appliance as it was read.

    ``parameters`` has lower-case names; a parameter that is unset is absent. ``answers`` are all answers by what was
    read, for the kinds of object that know how to read them. ``started`` is the appliance before the first write of the task,
    None where nothing was written yet.
    """

    services: Services
    parameters: Mapping[str, Any] = field(default_factory=dict)
    health: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    started: World | None = None

    @classmethod
    def from_answers(cls, answers: Mapping[str, Mapping[str, Any]], last: World | None = None) -> World:
        """Return what answers say. The services of ``last`` are taken over where they come of the same listing."""
        parameters = {name.lower(): _trimmed(value) for name, value in answers.get(ALL_PARAMETERS, {}).items()}
        for name, data in answers.items():
            if name.startswith(f"{PARAMETER}:"):
                parameters.update({member.lower(): _trimmed(value) for member, value in data.items()})
        listed = answers.get(LIST_SERVICES, {})
        same = last is not None and last.answers.get(LIST_SERVICES) is listed
        services = last.services if last is not None and same else Services(listed.get("VS") or [])
        return cls(services, parameters, answers.get(HEALTH, {}), dict(answers))

    @property
    def firmware(self) -> str:
        """Return the version of the firmware, empty if it was read and not reported. Raises NotRead."""
        if "version" not in self.parameters and ALL_PARAMETERS not in self.answers:
            self.answer(f"{PARAMETER}:version")
        return str(self.parameters.get("version") or "")

    def answer(self, name: str) -> Mapping[str, Any]:
        """Return an answer. Raises NotRead if it was not read."""
        if name not in self.answers:
            raise NotRead(name)
        return self.answers[name]
