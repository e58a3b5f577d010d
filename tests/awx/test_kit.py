# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kit for AWX: it can be applied and deleted twice, and it fits the modules, the roles and the playbooks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import awx_collection
import pytest
import yaml
from stand_in import StandIn

from runner import COLLECTIONS, Playbook, Run

ROOT = Path(__file__).resolve().parents[2]

KIT = "kemp.loadmaster.awx_kit"
CANARY = "canary-Zq7-of-the-login"
OPTIONS: dict[str, Any] = {
    "awx_kit_project_url": "https://git.example.com/loadmasters.git",
    "awx_kit_login": {"username": "bal", "password": CANARY, "ca": "-----BEGIN CERTIFICATE-----"},
    "awx_kit_email_recipients": ["ops@example.com"],
    "awx_kit_webhook_url": "https://hooks.example.com/loadmaster",
}
EXPECTED = {
    "credential_types": 2,
    "credentials": 1,
    "execution_environments": 1,
    "projects": 1,
    "inventories": 2,
    "inventory_sources": 2,
    "workflow_job_templates": 2,
    "workflow_job_template_nodes": 8,
    "schedules": 2,
    "notification_templates": 2,
}


@pytest.fixture(scope="session")
def modules() -> Path:
    """The collection awx.awx, which is fetched once."""
    try:
        return awx_collection.fetched(ROOT / ".build" / "awx")
    except awx_collection.NotFetched as error:
        pytest.skip(f"the collection awx.awx is not available: {error}")


@pytest.fixture
def awx() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def playbook(tmp_path: Path) -> Iterator[Playbook]:
    made = Playbook(tmp_path, dict)
    yield made
    made.close()


def apply(playbook: Playbook, awx: StandIn, modules: Path, **options: Any) -> Run:
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}:{modules}",
        "CONTROLLER_HOST": awx.url,
        "CONTROLLER_OAUTH_TOKEN": "token-of-awx",
        # Its modules are older than the core of the tests
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "ANSIBLE_COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH": "ignore",
    }
    run = playbook(KIT, inventory="localhost,", extra_vars={**OPTIONS, **options}, env=environment, timeout=300)
    assert CANARY not in run.output
    return run


def test_the_second_time_changes_nothing_and_all_of_it_can_go(playbook: Playbook, awx: StandIn, modules: Path) -> None:
    first = apply(playbook, awx, modules).succeeded()
    assert first.changed > 0
    templates = yaml.safe_load(data("06_templates.yml"))["controller_templates"]
    found = {endpoint: len(awx.objects[endpoint]) for endpoint in (*EXPECTED, "job_templates")}
    assert found == {**EXPECTED, "job_templates": len(templates)}
    # The approvals stand between the check and the change
    nodes = {values["identifier"]: number for number, values in awx.objects["workflow_job_template_nodes"].items()}
    assert len(awx.objects["workflow_approval_templates"]) == 2 and {"check", "approval", "apply", "drift"} <= set(
        nodes
    )
    awx.writes.clear()
    second = apply(playbook, awx, modules).succeeded()
    assert second.changed == 0 and awx.writes == []

    assert apply(playbook, awx, modules, awx_kit_forks=50, awx_kit_slices=4).succeeded().changed > 0
    by_name = {values["name"]: values for values in awx.objects["job_templates"].values()}
    figures = ("forks", "job_slice_count", "allow_simultaneous")
    assert [by_name["LoadMaster drift"][figure] for figure in figures] == [50, 4, True]
    assert [by_name["LoadMaster apply"][figure] for figure in figures] == [50, 1, False]

    gone = apply(playbook, awx, modules, awx_kit_state="absent").succeeded()
    assert gone.changed > 0
    assert {endpoint: len(awx.objects[endpoint]) for endpoint in found} == dict.fromkeys(found, 0)
    awx.writes.clear()
    assert apply(playbook, awx, modules, awx_kit_state="absent").succeeded().changed == 0 and awx.writes == []


def test_without_a_project_nothing_is_done(playbook: Playbook, awx: StandIn, modules: Path) -> None:
    run = apply(playbook, awx, modules, awx_kit_project_url="")
    assert "awx_kit_project_url is the repository of your project" in run.failed[0].msg and awx.writes == []


def data(name: str) -> str:
    return (ROOT / "extensions" / "awx" / "data" / name).read_text(encoding="utf-8").replace("!unsafe ", "")


def kit() -> dict[str, Any]:
    files = sorted((ROOT / "extensions" / "awx" / "data").glob("*.yml"))
    return {name: value for path in files for name, value in yaml.safe_load(data(path.name)).items()}


def own_questions(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The questions that the data of a template has itself; others come from the surveys of the roles."""
    survey = entry.get("survey_spec")
    spec = survey["spec"] if isinstance(survey, dict) else []
    return [question for question in spec if isinstance(question, dict)]


def test_every_member_of_the_data_is_applied() -> None:
    """A member that the playbook does not pass on would be accepted and ignored."""
    plays = yaml.safe_load((ROOT / "playbooks" / "awx_kit.yml").read_text(encoding="utf-8"))
    present = next(task["block"] for task in plays[0]["tasks"] if "block" in task)
    passed: dict[str, set[str]] = {}
    for task in present:
        variable = task["loop"].split()[1]
        passed.setdefault(variable, set()).update(task["args"])
    for variable, entries in kit().items():
        if variable.startswith("controller_") and isinstance(entries, list):
            for entry in entries:
                assert set(entry) - {"simplified_workflow_nodes"} <= passed[variable], (variable, entry["name"])
    nodes = [node for workflow in kit()["controller_workflows"] for node in workflow["simplified_workflow_nodes"]]
    for node in nodes:
        assert set(node) <= passed["controller_workflows"], node


def test_every_playbook_of_a_template_is_in_the_project() -> None:
    project = ROOT / "extensions" / "awx" / "project"
    for template in kit()["controller_templates"]:
        imported = yaml.safe_load((project / template["playbook"]).read_text(encoding="utf-8"))
        name = imported[0]["ansible.builtin.import_playbook"].removeprefix("kemp.loadmaster.")
        assert (ROOT / "playbooks" / f"{name}.yml").is_file() and template["playbook"] == f"{name}.yml"
    used = {template["playbook"] for template in kit()["controller_templates"]}
    assert used == {path.name for path in project.glob("*.yml")}


def test_questions_are_about_variables_that_exist() -> None:
    """A survey of a role has all of its variables; the others name variables of their playbooks."""
    surveys = kit()["awx_kit_surveys"]
    for role in (ROOT / "roles").iterdir():
        options = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"][
            "options"
        ]
        assert [question["variable"] for question in surveys[role.name]["spec"]] == list(options)
    for template in kit()["controller_templates"]:
        text = (ROOT / "playbooks" / template["playbook"]).read_text(encoding="utf-8")
        for question in own_questions(template):
            assert question["variable"] in text, (template["name"], question["variable"])


def test_no_question_has_a_default() -> None:
    """AWX would pass it on as an answer, which overrules the inventory."""
    questions = [question for survey in kit()["awx_kit_surveys"].values() for question in survey["spec"]]
    for entry in [*kit()["controller_templates"], *kit()["controller_workflows"]]:
        questions += own_questions(entry)
    assert len(questions) > 200 and not any("default" in question for question in questions)
