# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles by themselves: specification, defaults, tables and README agree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings as of_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import (
    exchange_l4,
    exchange_l7,
    general_settings,
    roles,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.exchange_protocols import (
    MAIL,
    PROTOCOLS,
    TLS_MODES,
)
from ansible_collections.kemp.loadmaster.plugins.modules import real_server, settings, virtual_service

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
# Playbooks that are not named like their role
PLAYBOOKS = {"exchange2013_restrict_eac": "restrict_eac"}


def load(role: str, *parts: str) -> Any:
    return yaml.safe_load(ROOT.joinpath("roles", role, *parts).read_text(encoding="utf-8"))


def options(role: str) -> dict[str, Any]:
    return load(role, "meta", "argument_specs.yml")["argument_specs"]["main"]["options"]


def test_there_are_roles():
    assert ROLES == [
        "exchange2013_l4",
        "exchange2013_l7",
        "exchange2013_restrict_eac",
        "general_settings",
        "rolling_maintenance",
    ]


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_those_of_the_specification(role):
    specified = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert load(role, "defaults", "main.yml") == specified


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_has_the_name_of_its_role(role):
    assert all(name.startswith(f"{role}_") for name in options(role))
    private = load(role, "vars", "main.yml") if (ROOT / "roles" / role / "vars").exists() else {}
    assert all(name.startswith(f"__{role}_") for name in private)


@pytest.mark.parametrize("role", ROLES)
def test_ansible_leaves_the_check_of_variables_to_the_recipe(role):
    """The file that ansible-core finds first has no specification; the one for readers has."""
    assert yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs").read_text()) == {"argument_specs": {}}
    assert options(role)
    first = yaml.safe_load((ROOT / "roles" / role / "tasks" / "main.yml").read_text())
    assert {"name": role} in [task.get("kemp.loadmaster.recipe") for task in first]


@pytest.mark.parametrize("role", ROLES)
def test_every_default_has_its_reason(role):
    lines = (ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8").split("---\n")[1].splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\w", line):
            assert lines[number - 1].startswith("# "), line


@pytest.mark.parametrize("role", ROLES)
def test_every_playbook_runs_its_role(role):
    playbook = ROOT / "playbooks" / f"{PLAYBOOKS.get(role, role)}.yml"
    (play,) = yaml.safe_load(playbook.read_text(encoding="utf-8"))
    assert play["roles"] == [{"role": f"kemp.loadmaster.{role}"}]
    assert play["gather_facts"] is False


def test_what_is_made_from_something_else_is_up_to_date():
    script = ROOT / "tests" / "tools" / "role_docs.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_general_settings_has_every_option_of_its_module():
    named = set(settings.MODULE.options)
    role = options("general_settings")
    assert {name.removeprefix("general_settings_") for name in role} == named | {"profile"}
    for name, argument in settings.MODULE.options.items():
        option = role[f"general_settings_{name}"]
        for key in ("type", "elements", "choices", "no_log"):
            assert option.get(key) == argument.get(key), (name, key)


def test_general_settings_profiles_are_settings_that_the_appliance_takes():
    profiles = general_settings.PROFILES
    assert sorted(profiles) == sorted(options("general_settings")["general_settings_profile"]["choices"])
    assert profiles["none"] == {}
    for profile in profiles.values():
        assert of_settings.SHAPE.checked(profile) == profile


def test_general_settings_shows_no_secret():
    secrets = {row.option: f"secret {row.option}" for row in of_settings.SHAPE.rows if row.secret}
    variables = {f"general_settings_{name}": value for name, value in secrets.items()}
    document = general_settings.document({**variables, "general_settings_hostname": "lm1"})
    assert document == {"settings": {**secrets, "hostname": "lm1"}}
    assert general_settings.masked(document) == {"settings": {**dict.fromkeys(secrets, "********"), "hostname": "lm1"}}
    assert roles.secrets(variables) == set(secrets.values()) and len(secrets) == 7


# A role is selected by its name, and by shorter words; see docs/tags.md
TAGS = {
    "exchange2013_l4": ["exchange2013_l4", "l4", "exchange"],
    "exchange2013_l7": ["exchange2013_l7", "l7", "exchange"],
    "exchange2013_restrict_eac": ["exchange2013_restrict_eac", "restrict_eac", "exchange"],
    "general_settings": ["general_settings", "settings"],
}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "rolling_maintenance"])
def test_every_recipe_makes_its_document_in_one_task(role):
    tasks = [
        task
        for path in sorted((ROOT / "roles" / role / "tasks").glob("*.yml"))
        for task in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    (made,) = [task for task in tasks if "never" not in task["tags"]]
    assert made["tags"] == TAGS[role]
    assert made["kemp.loadmaster.recipe"] == {"name": role}
    (shown,) = [task for task in tasks if "ansible.builtin.debug" in task]
    assert shown["tags"] == ["never", f"{role}_document"]
    assert all(task.get("tags") == shown["tags"] for task in tasks if task is not made)


@pytest.mark.parametrize("role", ROLES)
def test_the_variables_are_those_of_the_specification(role):
    """Names, defaults, choices and types of what checks the variables, and of what documents them."""
    specified = options(role)
    variables = roles.ROLES[role].reads[0]
    assert sorted(specified) == sorted(variables.shape.names)
    for row in variables.rows:
        option = specified[f"{role}_{row.option}"]
        argument = row.kind.argument()
        choices = option.get("choices")
        if role != "general_settings" and row.preset not in (None, ""):
            assert words(option["default"]) == words(row.preset), row.option
        if choices and option["type"] != "int":
            assert argument["choices"] == choices, row.option
        elif choices and "choices" in argument:
            assert argument["choices"] == [str(number) for number in choices], row.option
        elif "choices" not in argument and row.kind.argument()["type"] != "str":
            assert argument["type"] == option["type"], row.option


def words(value):
    """A value as text, in which form it does for every type."""
    return [str(member) for member in value] if isinstance(value, (list, tuple)) else str(value)


def test_exchange_tables_are_those_of_the_specification():
    role = options("exchange2013_l4")
    protocols = role["exchange2013_l4_namespaces"]["options"]["protocol"]["choices"]
    assert exchange_l4.NAMESPACE_PROTOCOLS == protocols
    assert list(MAIL) == role["exchange2013_l4_mail_services"]["choices"]


def test_exchange_choices_are_choices_of_the_module():
    offered = options("exchange2013_l4")
    module = virtual_service.MODULE.options
    for variable, option in (("scheduling", "scheduling"), ("health_check_method", "check_method"), ("state", "state")):
        assert set(offered[f"exchange2013_l4_{variable}"]["choices"]) <= set(module[option]["choices"])


def test_layer_7_tables_are_those_of_the_specification():
    role = options("exchange2013_l7")
    for variable in ("protocols", "without"):
        assert list(PROTOCOLS) == role[f"exchange2013_l7_{variable}"]["choices"]
    restrict = options("exchange2013_restrict_eac")
    assert (
        restrict["exchange2013_restrict_eac_external_without"]["choices"] == role["exchange2013_l7_without"]["choices"]
    )
    assert list(MAIL) == role["exchange2013_l7_mail_services"]["choices"]
    assert list(TLS_MODES) == role["exchange2013_l7_tls_mode"]["choices"]
    assert set(exchange_l7.SERVER_OPTIONS) < set(real_server.MODULE.options)
    assert set(exchange_l7.SERVER.names) == set(exchange_l7.SERVER_OPTIONS)
    names = [protocol.rule for protocol in PROTOCOLS.values()]
    assert all(re.fullmatch(r"\w+", name) for name in names) and len({*names, "Root", "RootToOWA"}) == len(names) + 2
    versions = role["exchange2013_l7_exchange_version"]["choices"]
    assert {protocol.since for protocol in PROTOCOLS.values()} <= set(versions)


def test_layer_7_patterns_tell_the_protocols_apart():
    for row in PROTOCOLS.values():
        path = row.check_url if row.title != "API" else "/api/v1"
        for asked in (path, path.upper(), path.rpartition("/")[0]):
            matching = [each.title for each in PROTOCOLS.values() if re.match(each.pattern[1:-1], asked, re.IGNORECASE)]
            assert matching == [row.title]


def test_layer_7_choices_are_choices_of_the_module():
    offered = options("exchange2013_l7")
    module = virtual_service.MODULE.options
    for variable, option in (
        ("scheduling", "scheduling"),
        ("health_check_method", "check_method"),
        ("state", "state"),
        ("tls_versions", "tls_versions"),
    ):
        assert set(offered[f"exchange2013_l7_{variable}"]["choices"]) <= set(module[option]["choices"])
