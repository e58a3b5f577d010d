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

# From the top down. A file may import from its own layer and from those below it.
LAYERS = [
    {"action", "plugin_utils"},
    {"modules"},
    {"_task"},
    {"_info", "_config", "_maintenance"},
    {"_maintenance_cut"},
    {"_maintenance_task"},
    {"_source"},
    {"_result"},
    {"_apply"},
    {"_rollback"},
    {"_plan", "_snapshot"},
    {"_client", "_lock"},
    {"_objects"},
    {"_wire", "_connection", "_markup"},
    {"_errors"},
]
# _client knows HTTP, and only what reads and what writes may know _client.
KNOW_THE_CLIENT = {"_apply", "_snapshot"}
PURE = {"_objects", "_plan", "_wire", "_connection", "_errors"}
IMPURE = {"requests", "socket", "time", "os", "subprocess", "pathlib", "ssl"}


def part_of(path: Path) -> str:
    relative = path.relative_to(PLUGINS)
    return relative.parts[1].removesuffix(".py") if relative.parts[0] == "module_utils" else relative.parts[0]


def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def own(name: str) -> str | None:
    match = re.match(r"ansible_collections\.kemp\.loadmaster\.plugins\.(?:module_utils\.)?(\w+)", name)
    return match.group(1) if match else None


FILES = [path for path in sorted(PLUGINS.rglob("*.py")) if "doc_fragments" not in path.parts]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_imports_point_down(path: Path) -> None:
    rank = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    here = part_of(path)
    for name in imports(path):
        there = own(name)
        if there is None:
            assert not (here in PURE and name.split(".")[0] in IMPURE), f"{here} is pure and imports {name}"
            continue
        assert rank[there] >= rank[here], f"{here} imports {name}"
        assert there != "_client" or here in KNOW_THE_CLIENT | {"_client"}, f"{here} imports {name}"


def test_the_emulator_stands_alone() -> None:
    for path in (ROOT / "tests" / "emulator").rglob("*.py"):
        assert not any(own(name) for name in imports(path)), path
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
