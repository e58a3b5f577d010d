# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write tests/unit/pinned_recipes.json: the documents that the Exchange roles make of the grid of variables.

It renders the Jinja of the roles in this process.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests" / "unit" / "pinned_recipes.json"
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".build" / "collections")
sys.path[:0] = [str(ROOT / "tests" / "unit"), str(ROOT / ".build" / "collections")]

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.plugins.loader import init_plugin_loader  # noqa: E402
from ansible.template import Templar  # noqa: E402
from recipe_grid import EAC, L4, L7, combinations, faulty, found, packed  # noqa: E402

init_plugin_loader()
LOADER = DataLoader()
LOADER.set_basedir(str(ROOT))


def _file(role: str, *parts: str) -> Any:
    return LOADER.load_from_file(str(ROOT.joinpath("roles", role, *parts)), trusted_as_template=True)


def rendered(role: str, names: list[str], variables: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return variables of a role as Ansible renders them."""
    everything = {
        **_file(role, "defaults", "main.yml"),
        **variables,
        **_file(role, "vars", "main.yml"),
        **more,
        "ansible_search_path": [str(ROOT / "roles" / role)],
    }
    templar = Templar(loader=LOADER, variables=everything)
    return {name: plain(templar.template(everything[name])) for name in names}


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def arguments(role: str, variables: dict[str, Any]) -> list[str]:
    """Return what Ansible's check of a role's variables says."""
    options = _file(role, "meta", "argument_specs.yml")["argument_specs"]["main"]["options"]
    given = {**_file(role, "defaults", "main.yml"), **variables}
    given = {name: value for name, value in given.items() if name in options}
    return [str(text) for text in ArgumentSpecValidator(options).validate(given).error_messages]


def outcome(role: str, variables: dict[str, Any], seen: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the document of a role, or what is wrong with its variables."""
    wrong = arguments(role, variables)
    if wrong:
        return {}, wrong
    if role != EAC:
        document = rendered(role, [f"__{role}_document"], variables)[f"__{role}_document"]
        faults = document.pop("faults", None)
        return document, faults or []
    names = [f"__{EAC}_{name}" for name in ("fault", "by_rules")]
    fault, by_rules = rendered(EAC, names, variables, **{f"__{EAC}_found": seen}).values()
    if fault:
        return {}, [fault]
    more = {f"__{EAC}_found": seen}
    (obstacle,) = rendered(EAC, [f"__{EAC}_obstacle"], variables, **more).values()
    if obstacle:
        return {}, [obstacle]
    if by_rules:
        return rendered(EAC, [f"__{EAC}_document"], variables, **more)[f"__{EAC}_document"], []
    instead = next(
        task["vars"]["__exchange2013_l7_instead"]
        for task in _file(EAC, "tasks", "separate_service.yml")
        if "ansible.builtin.include_role" in task
    )
    wrong = arguments(L7, variables)
    if wrong:
        return {}, wrong
    made = rendered(EAC, ["instead"], variables, instead=instead)["instead"]
    document = rendered(L7, [f"__{L7}_document"], variables, __exchange2013_l7_instead=made)[f"__{L7}_document"]
    faults = document.pop("faults", None)
    return document, faults or []


def said(error: Exception) -> str:
    """Return the heart of what Ansible says of a template that fails."""
    return re.sub(r"\s+", " ", str(error)).rpartition(": ")[2]


def main() -> None:
    """Write the file."""
    pinned: dict[str, Any] = {}
    for role in (L4, L7, EAC):
        outcomes = [outcome(role, variables, found(variables)) for variables in combinations(role)]
        pinned[role] = {
            "documents": packed([document for document, faults in outcomes if not faults]),
            "refused": {str(number): faults for number, (_document, faults) in enumerate(outcomes) if faults},
        }
    pinned["faulty"] = []
    for role, variables, seen in faulty():
        try:
            faults = outcome(role, variables, seen)[1]
        except Exception as error:
            faults = [f"failed: {said(error)}"]
        pinned["faulty"].append(faults)
    lines = [f"{json.dumps(role)}: {_lines(part)}" for role, part in pinned.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _lines(value: Any, depth: int = 1) -> str:
    """Return JSON with one line for each document and each refusal."""
    space = " " * depth
    if isinstance(value, dict) and depth == 1:
        return "{\n" + ",\n".join(f"{space}{json.dumps(n)}: {_lines(v, 2)}" for n, v in value.items()) + "\n}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(space + json.dumps(v, ensure_ascii=False) for v in value) + "\n]"
    return json.dumps(value, ensure_ascii=False, indent=3)


if __name__ == "__main__":
    main()
