# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new kind of object is a room and a line in KINDS: followed in a copy of the collection, as CONTRIBUTING says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from loadmaster_emulator import Emulator, Fault, commands, texts
from loadmaster_emulator.answers import Members, Message, Records, members
from loadmaster_emulator.errors import ApiError
from runner import Playbook, Run

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
COPIED = ["plugins", "playbooks", "meta", "docs", "tests/tools", "galaxy.yml"]
EXAMPLE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a kind of object\n")[2]
SERVICE = {"address": "192.0.2.25", "port": "443", "real_servers": []}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the collection in which the example of CONTRIBUTING was followed; where it can be imported from."""
    top = tmp_path_factory.mktemp("toys")
    tree = top / "ansible_collections/kemp/loadmaster"
    for name in COPIED:
        source, target = ROOT / name, tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    room = tree / "plugins/module_utils/_kinds/toys"
    room.mkdir()
    (room / "__init__.py").touch()
    shutil.copy2(HERE / "toys/toy.py", room)
    kinds = tree / "plugins/module_utils/_kinds/all_kinds.py"
    imported, listed = (textwrap.dedent(block) for block in re.findall(r"```python\n(.*?)```", EXAMPLE, re.DOTALL)[:2])
    before = kinds.read_text(encoding="utf-8")
    after = before.replace("\nKINDS: ", f"\n{imported}\nKINDS: ").replace(
        "\n)\n", f"\n    {listed.splitlines()[-2].strip()}\n)\n"
    )
    assert len(after.splitlines()) <= len(before.splitlines()) + 4, "one registration"
    kinds.write_text(after, encoding="utf-8")
    link = tree / ".build/collections/ansible_collections/kemp/loadmaster"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(tree, link.parent))
    return top


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """What the LoadMasters of this test know of toys, as listtoys reports them."""
    known: dict[str, dict[str, str]] = {}

    def listing(_appliance: Any, _request: Any) -> Members:
        return members(("Toy", Records(tuple(members(*toy.items()) for toy in known.values()))))

    def write(make: bool) -> Callable[[Any, Any], Message]:
        def carry_out(_appliance: Any, request: Any) -> Message:
            name = request.get("name")
            if not make and name not in known:
                raise ApiError("Unknown toy")
            toy = known.setdefault(name, {"Name": name, "Colour": "r", "Weight": "0"})
            toy.update({key.title(): value for key, value in request.parameters.items() if key in ("colour", "weight")})
            return Message(texts.OK)

        return carry_out

    def remove(_appliance: Any, request: Any) -> Message:
        del known[request.get("name")]
        return Message(texts.OK)

    for name, run in (("addtoy", write(True)), ("modtoy", write(False)), ("deltoy", remove)):
        monkeypatch.setitem(commands.COMMANDS, name, commands.Command(run, writes=True))
    monkeypatch.setitem(commands.COMMANDS, "listtoys", commands.Command(listing))
    return known


@pytest.fixture
def run(playbook: Playbook, collection: Path) -> Callable[..., Run]:
    """Run tasks or a playbook with the copy of the collection."""

    def start(source: Any, **options: Any) -> Run:
        return playbook(source, env={"ANSIBLE_COLLECTIONS_PATH": str(collection)}, **options)

    return start


def config(**options: Any) -> list[dict[str, Any]]:
    return [{"kemp.loadmaster.config": options}]


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_it_is_created_changed_and_removed(run: Callable[..., Run], toys: dict[str, Any], api: str) -> None:
    def config(**options: Any) -> list[dict[str, Any]]:
        return [{"kemp.loadmaster.config": {"api_version": api, **options}}]

    ball = config(toys=[{"name": "ball", "colour": "blue"}])
    assert run(ball, check=True).succeeded().tasks[-1].changed and not toys
    made = run([*ball, *ball]).succeeded().tasks
    assert [task.changed for task in made] == [True, False]
    assert toys == {"ball": {"Name": "ball", "Colour": "b", "Weight": "0"}}
    changed = run(config(toys=[{"name": "ball", "weight": 40}])).succeeded().tasks[-1]
    assert changed.result["steps"][0]["reason"] == "change weight from 0 to 40" and toys["ball"]["Weight"] == "40"
    wrong = run(config(toys=[{"name": "ball", "color": "red"}])).tasks[-1]
    assert wrong.failed and "toys[0] (ball): unknown option 'color'; did you mean 'colour'?" in wrong.msg
    assert run(config(toys=[{"name": "ball", "state": "absent"}])).succeeded().tasks[-1].changed and not toys


def test_it_is_exported_purged_and_rolled_back(
    run: Callable[..., Run], toys: dict[str, Any], emulator: Emulator
) -> None:
    for name in ("ball", "car"):
        toys[name] = {"Name": name, "Colour": "b", "Weight": "7"}
    told = run([{"kemp.loadmaster.config_info": {"members": ["toys"]}}]).succeeded().tasks[-1].result["config"]
    assert told == {"toys": [{"name": name, "colour": "blue", "weight": 7} for name in ("ball", "car")]}
    again = run(config(document=told, state="replaced", purge=[{"kind": "toys"}])).succeeded().tasks[-1]
    assert not again.changed

    emulator.faults.add(Fault("status", command="addvs", times=None, status=422))
    document = {"toys": [{"name": "ball", "colour": "red"}, {"name": "doll"}], "virtual_services": [SERVICE]}
    failed = run(config(**document, purge=[{"kind": "toys"}], rollback=True)).tasks[-1]
    assert failed.failed and failed.msg.endswith("The steps before it were reverted."), failed.msg
    assert sorted(toys) == ["ball", "car"] and toys["ball"]["Colour"] == "b"
    emulator.faults.clear()

    purged = run(config(toys=[{"name": "ball"}], purge=[{"kind": "all"}], allow_empty_purge=True)).succeeded()
    assert purged.tasks[-1].result["removed"] == ["toy car"] and sorted(toys) == ["ball"]


def test_it_is_in_the_drift_report(run: Callable[..., Run], toys: dict[str, Any], tmp_path: Path) -> None:
    toys["ball"] = {"Name": "ball", "Colour": "b", "Weight": "7"}
    toys["car"] = {"Name": "car", "Colour": "r", "Weight": "0"}
    (tmp_path / "lm1.yml").write_text("toys: [{name: ball, colour: red, weight: 7}]\n", encoding="utf-8")
    folders = {"documents_directory": str(tmp_path), "drift_directory": str(tmp_path)}
    run("kemp.loadmaster.drift", extra_vars=folders).succeeded()
    report = json.loads((tmp_path / "lm1.drift.json").read_text(encoding="utf-8"))
    assert report["before"] == {
        "toy ball": {"colour": "blue"},
        "toy car": {"name": "car", "colour": "red", "weight": 0},
    }
    run("kemp.loadmaster.rebuild", extra_vars={**folders, "rebuild_allow_empty_purge": True}).succeeded()
    assert toys == {"ball": {"Name": "ball", "Colour": "r", "Weight": "7"}}


def test_it_is_in_the_schema_and_in_the_documentation(collection: Path) -> None:
    tree = collection / "ansible_collections/kemp/loadmaster"
    for name in ("module_docs", "schema"):
        command = [sys.executable, f"tests/tools/{name}.py"]
        subprocess.run(command, cwd=tree, env={**os.environ, "PYTHONPATH": str(collection)}, check=True)
    schema = json.loads((tree / "docs/config.schema.json").read_text(encoding="utf-8"))
    assert schema["properties"]["toys"]["description"] == "Toys, for the test of a new kind."
    assert set(schema["$defs"]["toy"]["properties"]) == {"state", "name", "colour", "weight"}
    source = (tree / "plugins/modules/config.py").read_text(encoding="utf-8")
    options = yaml.safe_load(source.partition('DOCUMENTATION = r"""\n')[2].partition('"""')[0])["options"]
    assert options["toys"]["type"] == "list" and options["purge"]["suboptions"]["kind"]["choices"]["toys"] == "Toys."
