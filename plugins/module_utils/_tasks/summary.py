# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The steps of a task as short lines for the screen: similar steps share a line, and long lists end with a count.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS

VARIABLE = "loadmaster_show_steps"
ENVIRONMENT = VARIABLE.upper()
LONGEST_LIST = 20
LONGEST_NAMES = 100
LONGEST_REASON = 160

# By the words that subjects begin with, such as "content rule". What others belong to keeps a line of its own.
_PLURALS = {
    kind.noun: kind.plural
    for kind in KINDS
    if not kind.single and kind.member not in {each.belongs_to for each in KINDS}
}
_OWNED = {kind.noun for kind in KINDS if kind.belongs_to}
_OWNERS = ("all ", *(kind.noun for kind in KINDS))
# Later steps for the same object belong to these
_CREATIONS = ("create it", "add it", "install it")
_THEM = {"it": "them", "its": "their"}


@dataclass
class _Line:
    """One line: the steps of one object, or the same step for several objects."""

    subject: str
    kind: str
    owner: str
    reason: str
    names: list[str] = field(default_factory=list)
    steps: int = 0

    def text(self, would: str) -> str:
        subject, reason = self.subject, self.reason
        if len(self.names) > 1:
            owner = f" of {self.owner}" if self.owner else ""
            subject = f"{len(self.names)} {_PLURALS[self.kind]}{owner} ({_listed(self.names)})"
            reason = re.sub(r"\bits?\b", lambda found: _THEM[found.group()], reason)
        return printable(f"{subject}: {would}{_cut(reason)}")


def is_wanted(*sources: Mapping[str, Any], default: bool = True) -> bool:
    """Return whether steps are printed: the first source that has the variable or the environment variable decides.

    Raises InvalidOption where it is neither true nor false.
    """
    for source in sources:
        for name in (VARIABLE, ENVIRONMENT):
            value = source.get(name)
            if value in (None, ""):
                continue
            try:
                return bool(boolean(value, strict=True))
            except TypeError:
                raise InvalidOption(f"{name} is {value!r}; it must be true or false.") from None
    return default


def lines(steps: Sequence[Mapping[str, Any]], *, check: bool) -> list[str]:
    """Return steps, as results have them, as lines of text. With ``check`` they say what would be done."""
    shown = _lines(steps)
    texts = [line.text("would " if check else "") for line in shown[:LONGEST_LIST]]
    left = sum(line.steps for line in shown[LONGEST_LIST:])
    if left:
        texts.append(f"and {left} more step{'' if left == 1 else 's'}")
    return texts


def printable(text: str) -> str:
    """Return a text on one line, without what a terminal would take for a command."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _lines(steps: Sequence[Mapping[str, Any]]) -> list[_Line]:
    shown: dict[tuple[str, ...], _Line] = {}
    created: dict[str, _Line] = {}
    for step in steps:
        subject, reason = str(step["object"]), str(step["reason"])
        line = created.get(subject)
        if line is None:
            kind, name, owner = _parts(subject)
            key = (kind, owner, reason) if kind else (subject, reason)
            line = shown.setdefault(key, _Line(subject, kind, owner, reason))
            if name not in line.names:
                line.names.append(name)
            if reason in _CREATIONS:
                created[subject] = line
        line.steps += 1
    return list(shown.values())


def _parts(subject: str) -> tuple[str, str, str]:
    """Return the kind of an object, its name, and what it belongs to; all empty where the kind has no list."""
    kind = next((each for each in _PLURALS if subject.startswith(f"{each} ")), "")
    if not kind:
        return "", subject, ""
    rest = subject[len(kind) + 1 :]
    if kind not in _OWNED:
        return kind, rest, ""
    name, _of, owner = rest.partition(" of ")
    if not owner.startswith(_OWNERS):
        # The name of a SubVS may contain "of"
        name, _of, owner = rest.rpartition(" of ")
    return kind, name, owner


def _listed(names: Sequence[str]) -> str:
    text, count = names[0], 1
    for name in names[1:]:
        if len(text) + len(name) > LONGEST_NAMES:
            break
        text, count = f"{text}, {name}", count + 1
    return text if count == len(names) else f"{text} and {len(names) - count} more"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 4].rstrip()} ..."
