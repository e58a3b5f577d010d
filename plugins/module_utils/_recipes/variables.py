# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Role variables as typed inputs: reports all mistakes at once, with variable names. Pure.

The prefix of a role is reserved. A variable that has it and that the role does not know is a mistake, since a misspelt
name must never leave something undone in silence.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape, closest
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    Choice,
    Flag,
    Kind,
    Text,
    is_address,
    plain,
    structured,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import virtual_service

# How similar a name must be to a known variable to count as misspelt.
_MISSPELT = 0.9


@dataclass(frozen=True)
class Variables:
    """The variables of one role. ``rows`` and ``lists`` have their names without the prefix."""

    role: str
    rows: Sequence[Field]
    required: Sequence[str] = ()
    lists: Mapping[str, Shape] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """Return the prefix of all variables."""
        return f"{self.role}_"

    @cached_property
    def shape(self) -> Shape:
        """Return the variables as a shape, by their full names."""
        return Shape(
            rows=[row._replace(option=self.prefix + row.option) for row in self.rows],
            required=[self.prefix + name for name in self.required],
            lists={self.prefix + name: shape for name, shape in self.lists.items()},
        )

    def unknown(self, names: Iterable[str]) -> list[Problem]:
        """Return the problems of unknown names with the prefix of the role."""
        start = len(self.prefix)
        mine = [name[start:] for name in self.shape.names]
        problems = []
        for name in sorted(names):
            if name.startswith(self.prefix) and name[start:] not in mine:
                close = difflib.get_close_matches(name[start:], mine, n=1)
                problems.append(
                    _misspelling(name, self.prefix + close[0])
                    if close
                    else Problem(
                        "",
                        f"unknown variable '{name}'. Names that begin with {self.prefix} are reserved for the variables of "
                        f"the role {self.role}.",
                    )
                )
        return problems

    def stated(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of some variables that are the role's and have a value.

        Null is none. Neither is an empty text where the variable cannot be one: to ansible-core 2.16 a template of nothing is
        that, and to later ones it is null.
        """
        rows = self.shape.by_option
        return {
            name: given[name]
            for name in self.shape.names
            if given.get(name) is not None and (given[name] != "" or name not in rows or rows[name].kind.takes(""))
        }

    def checked(self, given: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
        """Return the values by their names without the prefix, with the defaults; add to ``problems`` what is wrong.

        ``given`` are variables of a host by their full names. A value that is wrong is not among those returned.
        """
        problems += self.unknown(given)
        known = self.stated(given)
        known.update({name: structured(known[name]) for name in self.shape.lists if name in known})
        # An empty list given as text is an empty list
        known.update({name: [] for name in self.shape.lists if known.get(name) == ""})
        checked = self.shape.check(known, "", problems)
        start = len(self.prefix)
        defaults = {row.option: row.preset for row in self.rows if self.prefix + row.option not in known}
        return {**defaults, **{name[start:]: value for name, value in checked.items()}}


def near_misses(names: Iterable[str], all_variables: Sequence[Variables]) -> list[Problem]:
    """Return names with a misspelt prefix: no role has them, but one has almost the same."""
    prefixes = tuple(each.prefix for each in all_variables)
    families = tuple({prefix.partition("_")[0] + "_" for prefix in prefixes})
    known = [name for each in all_variables for name in each.shape.names]
    strangers = [name for name in sorted(names) if name.startswith(families) and not name.startswith(prefixes)]
    return [
        _misspelling(name, close[0])
        for name in strangers
        if (close := difflib.get_close_matches(name, known, n=1, cutoff=_MISSPELT))
    ]


def _misspelling(name: str, meant: str) -> Problem:
    return Problem("", f"unknown variable '{name}'; did you mean '{meant}'?")


def no_address(entry: Any, variable: str) -> str:
    """Return the problem of a server entry without an address."""
    names = [str(name) for name in entry] if isinstance(entry, Mapping) else []
    meant = next((name for name in names if name != "address" and closest(name, ["address"])), "")
    problem = f"unknown option '{meant}'; did you mean 'address'?" if meant else "it has no address."
    return f"{problem} Each entry of {variable} is an address, or a dictionary with the key address."


def entries(value: Any) -> list[Any]:
    """Return the entries of a list; text is split at commas. Raises ValueError if it is not a list."""
    value = structured(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a list")
    return list(value)


def row(name: str, kind: Kind, preset: Any = None) -> Field:
    """Return the row of a variable. It is no parameter of the API."""
    return Field(name, "", kind, preset=preset)


def choice(*words: str | int) -> Choice:
    """Return the type of a choice."""
    return Choice(words={str(word): "" for word in words})


def of_service(option: str) -> Kind:
    """Return the type of an option of a virtual service."""
    return virtual_service.SHAPE.by_option[option].kind


STATE = row("state", choice("present", "absent"), "present")
FLAG = Flag()


# Each method that a dataclass gets is compiled when the class is made, in every run; kinds need none but the first.
@dataclass(eq=False, repr=False)
class Verbatim(Text):
    """Text that becomes part of other text, so blanks matter. ``kind`` checks it."""

    kind: Kind = Text()

    def check(self, value: Any) -> str:
        self.kind.check(value)
        plain(value)
        return str(value)


class Ip(Text):
    """An IP address in the user's spelling, since names contain it. Empty means none."""

    def check(self, value: Any) -> str:
        text = plain(value)
        if text and not is_address(text):
            raise ValueError("must be an IP address")
        return text


@dataclass(eq=False, repr=False)
class Words(Kind):
    """A list of words, duplicates included. Text is split at commas."""

    unset: tuple[str, ...] = ()
    words: Sequence[str] = ()

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str", **({"choices": list(self.words)} if self.words else {})}

    def check(self, value: Any) -> list[str]:
        given = [str(entry).strip() for entry in entries(value)]
        if self.words and set(given) - set(self.words):
            raise ValueError("must be a list of these words: " + ", ".join(self.words))
        return given


class Patterns(Kind):
    """A list of regular expressions. A pattern may have a comma in it, so text is JSON or one pattern."""

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str"}

    def check(self, value: Any) -> list[str]:
        value = structured(value)
        if isinstance(value, str):
            return [value] if value else []
        return [str(entry) for entry in entries(value)]


class Entries(Kind):
    """A list whose entries are checked elsewhere."""

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "raw"}

    def check(self, value: Any) -> list[Any]:
        return entries(value)


class OneOrMore(Kind):
    """A name, or several of them. Text is split at commas elsewhere, unless it is JSON."""

    def argument(self) -> dict[str, Any]:
        return {"type": "raw"}

    def check(self, value: Any) -> Any:
        return structured(value)


class Raw(Kind):
    """A value that goes into a document unchanged."""

    def argument(self) -> dict[str, Any]:
        return {"type": "raw"}

    def check(self, value: Any) -> Any:
        return value


class ByName(Kind):
    """A dictionary. In text it is JSON, or ``name=value`` between commas."""

    def argument(self) -> dict[str, Any]:
        return {"type": "dict"}

    def check(self, value: Any) -> dict[str, Any]:
        value = structured(value)
        if isinstance(value, str):
            pairs = [part.partition("=") for part in entries(value)]
            if all(equals for _name, equals, _value in pairs):
                return {name.strip(): text.strip() for name, _equals, text in pairs}
        if not isinstance(value, Mapping):
            raise ValueError("must be a dictionary of names and values")
        return {str(name): member for name, member in value.items()}
