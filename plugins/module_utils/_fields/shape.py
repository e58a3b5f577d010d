# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The shape of an object: the options of its module, and the members of its entry in a document. Pure.

The argument specifications of the modules, the check of documents and their JSON Schema are all made from shapes.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Choice, Flag

STATE = Field("state", "", Choice(words={"present": "", "absent": ""}), preset="present")
ALLOW_NO_SERVERS = Field("allow_no_servers", "", Flag(), preset=False)
EXACT_SERVERS = Field("exact_servers", "", Flag(), preset=False)
ALLOW_LOCKOUT = Field("allow_lockout", "", Flag(), preset=False)


@dataclass(frozen=True)
class Shape:
    """The options of one object.

    ``rows`` are options with a value, ``lists`` those that are lists of other objects and ``parts`` those that are one
    other object. ``exclusive`` names options that go without each other, ``required_by`` what an option takes with it, and
    ``required_if`` what a value of an option takes with it: (option, value, options). ``about`` describes the ``lists`` and
    ``parts`` as the rows describe themselves.
    """

    rows: Sequence[Field] = ()
    required: Sequence[str] = ()
    lists: Mapping[str, Shape] = field(default_factory=dict)
    parts: Mapping[str, Shape] = field(default_factory=dict)
    exclusive: Sequence[tuple[str, ...]] = ()
    required_by: Mapping[str, list[str]] = field(default_factory=dict)
    required_if: Sequence[tuple[str, Any, list[str]]] = ()
    about: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def by_option(self) -> dict[str, Field]:
        """Return the rows by option name."""
        return {row.option: row for row in self.rows}

    @cached_property
    def names(self) -> list[str]:
        """Return all options."""
        return [*self.by_option, *self.parts, *self.lists]

    @cached_property
    def has_secrets(self) -> bool:
        """Return whether any option, nested ones included, is a secret."""
        inner = (*self.lists.values(), *self.parts.values())
        return any(row.secret for row in self.rows) or any(shape.has_secrets for shape in inner)

    def complete(self, checked: Mapping[str, Any]) -> bool:
        """Return whether a checked entry has all required options."""
        return all(name in checked for name in self.required)

    def arguments(self) -> dict[str, dict[str, Any]]:
        """Return the Ansible argument specification."""
        made = {row.option: row.argument() for row in self.rows}
        for name, shape in self.lists.items():
            made[name] = {"type": "list", "elements": "dict", "options": shape.arguments()}
        for name in self.required:
            made[name]["required"] = True
        return made

    def constraints(self) -> dict[str, Any]:
        """Return the further constraints for AnsibleModule."""
        return {
            "mutually_exclusive": list(self.exclusive),
            "required_by": dict(self.required_by),
            "required_if": list(self.required_if),
        }

    def own(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a module that belong to this shape."""
        return {name: options[name] for name in self.names if options.get(name) is not None}

    def checked(self, given: Any) -> dict[str, Any]:
        """Return the options in canonical form. Raises InvalidOption with all problems."""
        problems: list[Problem] = []
        checked = self.check(given, "", problems)
        if problems:
            raise InvalidOption.from_problems(problems)
        return checked

    def check(self, given: Any, place: str, problems: list[Problem]) -> dict[str, Any]:
        """Return an entry of a document in canonical form; adds to ``problems``."""
        if not isinstance(given, Mapping):
            problems.append(Problem(place, "must be a dictionary of options."))
            return {}
        before = len(problems)
        checked = self._members(given, place, problems)
        self._check_together(given, place, problems)
        if len(problems) > before and place:
            problems[before:] = [problem.titled(place, _title(given)) for problem in problems[before:]]
        return checked

    def _members(self, given: Mapping[Any, Any], place: str, problems: list[Problem]) -> dict[str, Any]:
        checked: dict[str, Any] = {}
        rows = self.by_option
        for name, value in given.items():
            if value is None and name in self.names:
                continue
            if value == "" and (name in self.lists or name in self.parts):
                # Before ansible-core 2.19 a template of None is an empty text
                continue
            if name in rows:
                try:
                    checked[name] = rows[name].canonical(value)
                except ValueError as problem:
                    problems.append(Problem(place, str(problem)))
            elif name in self.lists:
                checked[name] = self._entries(name, value, place, problems)
            elif name in self.parts:
                checked[name] = self.parts[name].check(value, _within(place, name), problems)
            else:
                problems.append(Problem(place, self._unknown(str(name))))
        return checked

    def _entries(self, name: str, value: Any, place: str, problems: list[Problem]) -> list[dict[str, Any]]:
        where = _within(place, name)
        if not isinstance(value, (list, tuple)):
            problems.append(Problem(where, "must be a list of dictionaries."))
            return []
        shape = self.lists[name]
        return [shape.check(entry, f"{where}[{number}]", problems) for number, entry in enumerate(value)]

    def _check_together(self, given: Mapping[Any, Any], place: str, problems: list[Problem]) -> None:
        missing = [name for name in self.required if str(given.get(name) or "").strip() == ""]
        for option, others in self.required_by.items():
            missing += [name for name in others if given.get(option) is not None and given.get(name) is None]
        for option, value, others in self.required_if:
            stated = given.get(option)
            if (self.by_option[option].preset if stated is None else stated) == value:
                missing += [name for name in others if given.get(name) is None]
        problems += [Problem(place, f"{name} is missing.") for name in missing]
        for group in self.exclusive:
            both = [name for name in group if given.get(name) not in (None, self.by_option[name].preset)]
            if len(both) > 1:
                problems.append(Problem(place, f"{' and '.join(both)} exclude each other."))

    def _unknown(self, name: str) -> str:
        close = closest(name, self.names)
        return f"unknown option '{name}'" + (
            f"; did you mean '{close}'?" if close else f". The options are {_all(self.names)}."
        )


def closest(name: str, names: Iterable[str]) -> str:
    """Return the known name that is most like an unknown one; empty if none is alike."""
    # Spellings of other programs: check-url, checkUrl, Check URL
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-\s]+", "_", name).lower()
    return next(iter(difflib.get_close_matches(plain, list(names), n=1)), "")


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _title(given: Mapping[Any, Any]) -> str:
    """Return the title of an entry for messages."""
    for name in ("name", "nickname", "address"):
        if isinstance(given.get(name), str):
            port = f":{given['port']}" if name == "address" and "port" in given else ""
            return f"{given[name]}{port}"
    return ""


def _all(names: Sequence[str]) -> str:
    return ", ".join(sorted(names))
