# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a survey are text, numbers and lists of words: they mean the same as the values of an inventory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from recipe_grid import EAC, L4, L7, combinations, found

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.roles import ROLES

SETTINGS = "general_settings"


def as_json(value: Any) -> Any:
    """A list or dictionary as JSON, a boolean as the choice of a survey; numbers stay, as AWX returns them."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def as_words(value: Any) -> Any:
    """A list of words with commas between them, with blanks as people type; everything else as text."""
    if isinstance(value, list) and all(isinstance(each, (str, int)) and "," not in str(each) for each in value):
        return " , ".join(map(str, value))
    return as_json(value) if isinstance(value, (bool, list, dict)) else str(value)


def outcome(role: str, variables: dict[str, Any], seen: Any) -> Any:
    """The document in canonical form, or how many things are wrong."""
    try:
        document = ROLES[role].document(variables, lambda: seen) or {}
        for service in document.get("virtual_services", ()):
            if isinstance(service.get("certificates"), str):
                service["certificates"] = [name.strip() for name in service["certificates"].split(",")]
        rows = {row.option: row.kind for row in SHAPE.rows}
        for name, value in document.get("settings", {}).items():
            document["settings"][name] = rows[name].check(value)
        return document
    except InvalidOption as error:
        return len(error.all_problems)


@pytest.mark.parametrize("role", [L4, L7, EAC])
@pytest.mark.parametrize("spelled", [as_json, as_words])
def test_answers_mean_the_same_document(role: str, spelled: Any) -> None:
    for variables in combinations(role):
        seen = found(variables)
        # A pattern may have commas in it, so text is one pattern
        answers = {
            name: value if "patterns" in name and spelled is as_words else spelled(value)
            for name, value in variables.items()
        }
        assert outcome(role, answers, seen) == outcome(role, variables, seen), answers


def _samples() -> dict[str, Any]:
    """A value for each setting, of its own type."""
    made: dict[str, Any] = {}
    for row in SHAPE.rows:
        argument = row.argument()
        if argument.get("choices"):
            choices = argument["choices"]
            made[row.option] = choices[:1] if argument["type"] == "list" else choices[0]
        elif argument["type"] == "bool":
            made[row.option] = True
        elif argument["type"] == "int":
            made[row.option] = next(
                (number for number in (0, 1, 3, 5, 60, 443, 8443, 1024) if _accepts(row, number)), None
            )
        elif argument["type"] == "list":
            made[row.option] = next(
                (
                    each
                    for each in (["192.0.2.53", "192.0.2.54"], ["a.example.com"], ["a@example.com"])
                    if _accepts(row, each)
                ),
                None,
            )
    return {name: value for name, value in made.items() if value is not None}


def _accepts(row: Any, value: Any) -> bool:
    try:
        row.kind.check(value)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("spelled", [as_json, as_words])
def test_answers_about_settings_mean_the_same(spelled: Any) -> None:
    samples = _samples()
    assert len(samples) > 80
    for name, value in samples.items():
        native, answer = ({f"{SETTINGS}_{name}": each} for each in (value, spelled(value)))
        assert outcome(SETTINGS, answer, None) == outcome(SETTINGS, native, None), name
        empty = {f"{SETTINGS}_{name}": ""}
        if not isinstance(value, (str, list)):
            assert outcome(SETTINGS, empty, None) == outcome(SETTINGS, {}, None), name


def test_the_grid_has_every_type() -> None:
    kinds = {
        type(value).__name__
        for role in (L4, L7, EAC)
        for variables in combinations(role)
        for value in variables.values()
    }
    assert {"bool", "int", "list", "str"} <= kinds
