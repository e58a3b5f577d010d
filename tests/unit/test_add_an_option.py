# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new option is one row of one table: the example in CONTRIBUTING, followed in a copy of the tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = [
    "plugins",
    "extensions",
    "roles",
    "playbooks",
    "meta",
    "docs",
    "tests/tools",
    "tests/requirements.txt",
    "Makefile",
    "galaxy.yml",
]
TABLE = "plugins/module_utils/_kinds/services/service_table.py"
OPTION = "waf_alert_threshold"
MODULES = ["virtual_service", "sub_virtual_service"]
SPECS = f"""\
import json
from ansible_collections.kemp.loadmaster.plugins.modules import {", ".join(MODULES)}
print(json.dumps([module.MODULE.argument_spec["{OPTION}"] for module in ({", ".join(MODULES)})]))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree in which a script finds itself as it does here."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    link = tmp_path / ".build" / "collections" / "ansible_collections" / "kemp" / "loadmaster"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(tmp_path, link.parent))
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    paths = {
        "ANSIBLE_COLLECTIONS_PATH": str(tree / ".build/collections"),
        "PYTHONPATH": str(tree / ".build/collections"),
    }
    return subprocess.run(command, cwd=tree, env={**os.environ, **paths}, capture_output=True, text=True, check=False)


def script(tree: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(tree, sys.executable, f"tests/tools/{name}.py", *arguments)


def make(tree: Path, target: str) -> subprocess.CompletedProcess[str]:
    """Run a target; the virtual environment is that of this test, and is not made again."""
    return run(tree, "make", "-o", ".venv/.made", target)


def section() -> str:
    return (
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add an option\n")[2].partition("\n## ")[0]
    )


def block(language: str) -> str:
    (found,) = re.findall(rf"^ *```{language}\n(.*?)^ *```$", section(), re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found)


def edit(tree: Path, pattern: str, put: str) -> None:
    path = tree / TABLE
    text, times = re.subn(pattern, lambda _match: put, path.read_text(encoding="utf-8"), count=1)
    assert times == 1, pattern
    path.write_text(text, encoding="utf-8")


def follow(tree: Path) -> list[str]:
    """Follow the example: add its row, run its commands. Returns the names of the files that the commands wrote."""
    assert f"`{TABLE}`, at the end of `TABLE`" in section()
    edit(tree, r"\n    \]\n\)\n", f"\n{textwrap.indent(block('python').rstrip(), ' ' * 8)},\n    ]\n)\n")
    assert script(tree, "module_docs", "--check").returncode != 0
    written: list[str] = []
    for command in block("console").splitlines():
        name, target = command.split()
        assert name == "make"
        done = make(tree, target)
        assert done.returncode == 0, done.stderr
        written += [line for line in done.stdout.splitlines() if not line.startswith("Everything")]
    return written


def documented(tree: Path) -> dict[str, dict[str, Any]]:
    """The documentation of the option in each of the modules, as ansible-doc shows it."""
    names = {module: f"kemp.loadmaster.{module}" for module in MODULES}
    done = run(tree, f"{sys.prefix}/bin/ansible-doc", "-t", "module", "--json", *names.values())
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    return {module: shown[name]["doc"]["options"][OPTION] for module, name in names.items()}


def test_the_tables_that_it_names_have_rows() -> None:
    """Two files that share a folder are named together, the second one without it."""
    named = 0
    for line in re.findall(r"^\|.*`plugins/.*$", section(), re.MULTILINE):
        first, *others = re.findall(r"`([\w/]+\.py)`", line)
        for path in [ROOT / first, *((ROOT / first).with_name(other) for other in others)]:
            assert re.search(r"\b(Field|RuleList)\(", path.read_text(encoding="utf-8")), path
            named += 1
    assert named >= 11


def test_the_example_works(tree: Path) -> None:
    assert follow(tree) == ["plugins/doc_fragments/service_options.py", "docs/config.schema.json"]
    specs = run(tree, sys.executable, "-c", SPECS)
    assert json.loads(specs.stdout) == [{"type": "int"}] * len(MODULES), specs.stderr
    properties = json.loads((tree / "docs" / "config.schema.json").read_text(encoding="utf-8"))["$defs"]
    for module, option in documented(tree).items():
        assert option["type"] == "int"
        assert option["description"][-1] == (
            "API parameter C(alertthreshold). WUI: WAF Options > Hourly Alert Notification Threshold. "
            "Range 0 to 100000 alerts. Appliance default V(0)."
        )
        described = properties[module]["properties"][OPTION]
        assert described["description"] == option["description"][0].replace("V(0)", "0")
        assert (described["maximum"], described["default"]) == (100000, 0)


@pytest.mark.parametrize("name", ["module_docs", "schema"])
def test_a_row_without_a_description_is_named_with_its_table(tree: Path, name: str) -> None:
    edit(
        tree,
        r'(?s)(?<="idle_timeout",\n)(.*?)            description=\(\n.*?\n            \),\n',
        '"idletime", Integer(),\n',
    )
    done = script(tree, name, "--check")
    assert done.returncode == 1
    assert done.stderr == f"The option idle_timeout has no description. Write one into its row in {TABLE}.\n"


@pytest.mark.parametrize("name", ["module_docs", "schema"])
def test_a_choice_without_a_description_is_named_with_its_table(tree: Path, name: str) -> None:
    edit(tree, r' *"url_hash": "By a hash of the URL.",\n', "")
    done = script(tree, name, "--check")
    assert done.returncode == 1
    assert done.stderr == (
        f"The option scheduling has no description of its choice url_hash. Add it to the choices of its row in {TABLE}.\n"
    )


def test_a_list_without_a_description_is_named_with_its_table(tree: Path) -> None:
    shapes = tree / "plugins/module_utils/_kinds/maintenance/maintenance_options.py"
    text = shapes.read_text(encoding="utf-8")
    assert text.count("    about={\n") == 1
    shapes.write_text(re.sub(r"(?s)    about=\{\n.*?\n    \},\n", "", text), encoding="utf-8")
    done = script(tree, "module_docs", "--check")
    assert done.returncode == 1
    assert done.stderr == (
        "The list taken_out has no description. Add it to 'about' of its shape in "
        "plugins/module_utils/_kinds/maintenance/maintenance_options.py.\n"
    )


def test_role_documentation_names_a_missing_description_as_well(tree: Path) -> None:
    table = tree / "plugins/module_utils/_kinds/settings/settings_table.py"
    text = table.read_text(encoding="utf-8")
    (said,) = re.findall(r' *description="How often the names of real servers are looked up again.",\n', text)
    table.write_text(text.replace(said, ""), encoding="utf-8")
    done = script(tree, "role_docs", "--check")
    assert done.returncode == 1
    assert done.stderr == (
        "The option dns_update_interval has no description. Write one into its row in "
        "plugins/module_utils/_kinds/settings/settings_table.py.\n"
    )


def test_a_module_without_a_place_for_its_options_is_named(tree: Path) -> None:
    path = tree / "plugins" / "modules" / "virtual_service.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  - kemp.loadmaster.service_options\n", ""), encoding="utf-8")
    assert script(tree, "module_docs", "--check").stderr == (
        "plugins/modules/virtual_service.py does not name kemp.loadmaster.service_options under "
        "extends_documentation_fragment, which has options of it. Add it there.\n"
    )
    path.write_text(text.replace("\noptions:\n", "\n"), encoding="utf-8")
    assert script(tree, "module_docs", "--check").stderr == (
        "plugins/modules/virtual_service.py has no line 'options:' in its DOCUMENTATION. Add one, and nothing under it.\n"
    )


def test_what_was_edited_by_hand_is_out_of_date(tree: Path) -> None:
    path = tree / "plugins" / "modules" / "cipher_set.py"
    text = path.read_text(encoding="utf-8")
    edited = text.replace("There is no such cipher set.", "Something else.").replace("The API command.", "A word.")
    path.write_text(edited, encoding="utf-8")
    done = script(tree, "module_docs", "--check")
    assert done.returncode == 1
    assert done.stderr == "Out of date: plugins/modules/cipher_set.py. Run: make generate\n"
    assert script(tree, "module_docs").stdout == "plugins/modules/cipher_set.py\n"
    assert path.read_text(encoding="utf-8") == text
