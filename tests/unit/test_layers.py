# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house rules that no linter knows: imports point down, the emulator stands alone, every module is complete."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))

# Folders from the top down. A file may import from its own folder, in the order of ORDER, and from the folders below it.
LAYERS = [
    "inventory",
    "filter",
    "action",
    "plugin_utils",
    "modules",
    "_events",
    "_inventory",
    "_tasks",
    "_recipes",
    "_engine",
    "_documents",
    "_kinds",
    "_model",
    "_fields",
    "_api",
    "_errors",
    "_requirements",
]
# The files of each folder, from the top down as well. Of _kinds it is the order of the rooms.
ORDER = {
    "_events": [
        *("watching", "appliance_memory", "appliance_reader", "event_certificates", "event_changes", "event_states"),
        *("event_reading", "event_options", "event_shape"),
    ],
    "_inventory": ["server_model", "listing", "group_names", "entries"],
    "_tasks": [
        *("recipe", "config", "any_command", "maintenance", "taking_out", "putting_back", "waiting"),
        *("maintenance_task", "reports", "files", "run", "masking", "results", "summary"),
    ],
    "_tasks/waiting": ["cut_connections", "polling"],
    "_tasks/files": ["source", "backup_file"],
    "_tasks/reports": ["info", "certificate_report", "machine_statistics", "health"],
    "_recipes": [
        *("roles", "exchange_restrict_eac", "exchange_l7", "exchange_l4", "general_settings", "rolling_maintenance"),
        *("exchange_remains", "exchange_parts", "exchange_protocols", "networks", "variables", "run_tags"),
    ],
    "_engine": ["session", "rollback", "repair", "watch", "snapshot", "planning"],
    "_documents": [
        "astray",
        "foreign_changes",
        "difference",
        "undo",
        "recovering",
        "purge",
        "export",
        "build",
        "dangling",
        "overlaps",
    ],
    "_kinds": ["all_kinds", "maintenance", "templates", "certificates", "services", "settings", "content_rules"],
    "_kinds/maintenance": [
        *("dropping", "out_of_service", "last_server", "health_checks", "open_connections", "maintenance_options"),
        "places",
    ],
    "_kinds/templates": ["template"],
    "_kinds/certificates": [
        *("cipher_sets", "certificates", "certificate_recovery", "certificate_purge", "former_chains"),
        *("cipher_set", "certificate"),
        *("usage", "pem", "leaves", "certificate_facts"),
    ],
    "_kinds/services": [
        *("service_kinds", "recovery", "service_export", "service_purge", "leftovers", "recreation", "conflicts"),
        *(
            "composition",
            "real_server",
            "sub_virtual_service",
            "virtual_service",
            "slots",
            "server_table",
            "service_table",
        ),
    ],
    "_kinds/services/recovery": ["service_traces", "service_differences", "service_astray", "service_former"],
    "_kinds/settings": ["settings", "settings_recovery", "appliance_settings", "settings_table", "time_zones"],
    "_kinds/content_rules": [
        *("content_rules", "rule_recovery", "rule_purge", "notes", "content_rule", "rule_lists"),
    ],
    "_model": [
        *(
            "registry",
            "composer",
            "document",
            "late",
            "step",
            "state",
            "services",
            "references",
            "differences",
            "ranks",
        ),
    ],
    "_fields": ["request_order", "shape", "field", "value_types", "characters"],
    "_api": ["client", "connection", "trouble", "wire", "stray_headers", "markup", "lock"],
}
# It knows HTTP, and only what reads and what writes may know it.
CLIENT = "_api/client"
KNOW_THE_CLIENT = {"_engine/session", "_engine/snapshot"}
PURE = {"_recipes", "_documents", "_kinds", "_model", "_fields", "_errors"}
PURE_FILES = {"_engine/planning", "_api/wire", "_api/connection"}
IMPURE = {"requests", "socket", "time", "os", "subprocess", "pathlib", "ssl"}
FILES_OF_A_FOLDER = 14


def place_of(path: Path) -> str:
    """Return a file by its folder and name, such as _kinds/services/virtual_service or modules/config."""
    relative = path.relative_to(PLUGINS).with_suffix("")
    parts = relative.parts[1:] if relative.parts[0] == "module_utils" else relative.parts
    return "/".join(parts)


def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def own(name: str) -> str | None:
    """Return the place of a file of this collection that an import names; None where it is another writer's."""
    match = re.match(r"ansible_collections\.kemp\.loadmaster\.plugins\.(?:module_utils\.)?([\w.]+)", name)
    if not match:
        return None
    parts = match.group(1).split(".")
    places = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next(place for place in places if place in PLACES or place in LAYERS)


FILES = [path for path in sorted(PLUGINS.rglob("*.py")) if "doc_fragments" not in path.parts]
PLACES = {place_of(path): path for path in FILES}
OF_MODULE_UTILS = [path for path in FILES if "module_utils" in path.parts and path.name != "__init__.py"]


def below(here: str, there: str) -> bool:
    """Return whether one place may import another: at the first folder where they part, the order decides."""
    one, other = here.split("/"), there.split("/")
    depth = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    order = LAYERS if depth == 0 else ORDER.get("/".join(one[:depth]), [])
    if not order or depth >= min(len(one), len(other)):
        return True
    return order.index(other[depth]) > order.index(one[depth])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_imports_point_down(path: Path) -> None:
    here = place_of(path)
    for name in imports(path):
        there = own(name)
        if there is None:
            pure = here.partition("/")[0] in PURE or here in PURE_FILES
            assert not (pure and name.split(".")[0] in IMPURE), f"{here} is pure and imports {name}"
            continue
        assert below(here, there), f"{here} imports {name}"
        assert there != CLIENT or here in KNOW_THE_CLIENT, f"{here} imports {name}"


def test_every_file_has_its_place() -> None:
    """Folders, and the files in them, are those that the order names; none of the folders is crowded."""
    found: dict[str, list[str]] = {}
    for path in OF_MODULE_UTILS:
        folder, _slash, name = place_of(path).rpartition("/")
        found.setdefault(folder, []).append(name)
    assert sorted(found.pop("")) == ["_errors", "_requirements"]
    for folder in [*found]:
        outer, _slash, name = folder.rpartition("/")
        if outer:
            found[outer].append(name)
    assert {folder: sorted(names) for folder, names in found.items()} == {
        folder: sorted(names) for folder, names in ORDER.items()
    }
    assert all(len(names) <= FILES_OF_A_FOLDER for names in found.values())


def test_no_two_files_have_one_name() -> None:
    names = [path.stem for path in OF_MODULE_UTILS]
    assert sorted(names) == sorted(set(names))


def test_the_emulator_stands_alone() -> None:
    for path in (ROOT / "tests" / "emulator").rglob("*.py"):
        assert not any(name.startswith("ansible_collections") for name in imports(path)), path
    for folder in ("plugins", "roles", "playbooks"):
        for path in (ROOT / folder).rglob("*"):
            assert not (path.suffix in (".py", ".yml") and "loadmaster_emulator" in path.read_text(encoding="utf-8")), (
                path
            )


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_complete(module: str) -> None:
    """It has its action plugin, so that it runs in the worker, and is in the action group."""
    assert "plugin_utils._action" in (PLUGINS / "action" / f"{module}.py").read_text(encoding="utf-8")
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert module in runtime["action_groups"]["all"]


def test_nothing_is_left_over() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert sorted(runtime["action_groups"]["all"]) == MODULES
    assert sorted(path.stem for path in (PLUGINS / "action").glob("*.py")) == MODULES
