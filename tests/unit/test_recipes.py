# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of the Exchange recipes are those that are pinned, for a grid of variables; so is what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recipe_grid import EAC, L4, L7, REQUIRED, VARIABLES, combinations, faulty, flat, packed, unpacked

PINNED = json.loads(Path(__file__).with_name("pinned_recipes.json").read_text(encoding="utf-8"))
ROLES = (L4, L7, EAC)


@pytest.mark.parametrize("role", ROLES)
def test_the_grid_has_every_variable_in_every_way(role: str) -> None:
    made = combinations(role)
    assert made == combinations(role)
    for name, values in VARIABLES[role].items():
        variable = f"{role}_{name}"
        present = [variables[variable] for variables in made if variable in variables]
        assert len(present) >= 2 and (name in REQUIRED[role] or len(made) - len(present) >= 2), variable
        for value in values:
            assert sum(given in (value, str(value).lower()) or _listed(given) == value for given in present) >= 2, (
                variable
            )
    words = [value for variables in made for value in variables.values() if isinstance(value, str)]
    assert sum(word.isdigit() or word in ("true", "false") or "," in word for word in words) >= 40


def _listed(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def test_the_grid_is_large() -> None:
    made = [json.dumps(variables, sort_keys=True) for role in ROLES for variables in combinations(role)]
    assert len(set(made)) >= 300
    assert len(list(faulty())) == len(PINNED["faulty"]) >= 60


def test_what_is_kept_of_documents_is_all_of_them() -> None:
    documents = [
        {"content_rules": [{"name": "x_A", "on": True}, {"name": "x_B", "on": True}], "virtual_services": []},
        {
            "content_rules": [{"name": "x_B", "on": True}],
            "virtual_services": [{"address": "1", "port": 2, "list": [1, 2]}],
        },
        {"content_rules": [{"name": "x_B", "on": False}]},
    ]
    assert unpacked(packed(documents)) == [flat(document) for document in documents]
    assert len({json.dumps(flat(document)) for document in documents}) == 3
