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

from ansible_collections.kemp.loadmaster.plugins.modules import (
    content_rule,
    real_server,
    settings,
    sub_virtual_service,
    virtual_service,
)

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
    assert all(name.startswith(f"__{role}_") for name in load(role, "vars", "main.yml"))


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
    (task,) = load("general_settings", "tasks", "main.yml")
    assert set(task["kemp.loadmaster.settings"]) == named
    for name, argument in settings.MODULE.options.items():
        option = role[f"general_settings_{name}"]
        for key in ("type", "elements", "choices", "no_log"):
            assert option.get(key) == argument.get(key), (name, key)


def test_general_settings_profiles_are_settings_that_the_appliance_takes():
    profiles = load("general_settings", "vars", "main.yml")["__general_settings_profiles"]
    assert sorted(profiles) == sorted(options("general_settings")["general_settings_profile"]["choices"])
    assert profiles["none"] == {}
    (task,) = load("general_settings", "tasks", "main.yml")
    for profile in profiles.values():
        assert settings.TABLE.canonical(profile, "profile") == profile
        for name in profile:
            assert f"__general_settings_profile.{name}" in task["kemp.loadmaster.settings"][name]


def test_exchange_tables_are_those_of_the_specification():
    role = options("exchange2013_l4")
    tables = load("exchange2013_l4", "vars", "main.yml")
    protocols = role["exchange2013_l4_namespaces"]["options"]["protocol"]["choices"]
    assert sorted(tables["__exchange2013_l4_protocols"]) == sorted([*protocols, "https"])
    assert list(tables["__exchange2013_l4_mail"]) == role["exchange2013_l4_mail_services"]["choices"]
    assert sorted(tables["__exchange2013_l4_common"]) == sorted(role["exchange2013_l4_mode"]["choices"])


def test_exchange_rows_are_options_of_the_module():
    known = {*virtual_service.MODULE.options, "title", "title_suffix"}
    tables = load("exchange2013_l4", "vars", "main.yml")
    rows = [*tables["__exchange2013_l4_protocols"].values(), *tables["__exchange2013_l4_mail"].values()]
    rows += [*tables["__exchange2013_l4_common"].values()]
    rows += [tables["__exchange2013_l4_web"], tables["__exchange2013_l4_redirector"]]
    for row in rows:
        assert set(row) <= known
    task = load("exchange2013_l4", "tasks", "main.yml")[-1]["kemp.loadmaster.virtual_service"]
    sent = {name for row in rows for name in row} - {"title", "title_suffix"}
    assert set(task) - sent == {"state", "address", "nickname"}
    assert sent <= set(task)


def test_exchange_choices_are_choices_of_the_module():
    offered = options("exchange2013_l4")
    module = virtual_service.MODULE.options
    for variable, option in (("scheduling", "scheduling"), ("health_check_method", "check_method"), ("state", "state")):
        assert set(offered[f"exchange2013_l4_{variable}"]["choices"]) <= set(module[option]["choices"])


def test_layer_7_tables_are_those_of_the_specification():
    role = options("exchange2013_l7")
    tables = load("exchange2013_l7", "vars", "main.yml")
    for variable in ("protocols", "without"):
        assert list(tables["__exchange2013_l7_protocols"]) == role[f"exchange2013_l7_{variable}"]["choices"]
    restrict = options("exchange2013_restrict_eac")
    assert (
        restrict["exchange2013_restrict_eac_external_without"]["choices"] == role["exchange2013_l7_without"]["choices"]
    )
    assert list(tables["__exchange2013_l7_mail"]) == role["exchange2013_l7_mail_services"]["choices"]
    assert list(tables["__exchange2013_l7_tls_modes"]) == role["exchange2013_l7_tls_mode"]["choices"]
    versions = role["exchange2013_l7_exchange_version"]["choices"]
    assert {row["since"] for row in tables["__exchange2013_l7_protocols"].values()} <= set(versions)


def test_mail_services_are_the_same_at_both_layers():
    assert (
        load("exchange2013_l7", "vars", "main.yml")["__exchange2013_l7_mail"]
        == load("exchange2013_l4", "vars", "main.yml")["__exchange2013_l4_mail"]
    )


def test_layer_7_rows_are_options_of_the_modules():
    tables = load("exchange2013_l7", "vars", "main.yml")
    rows = [*tables["__exchange2013_l7_mail"].values()]
    rows += [tables[f"__exchange2013_l7_{name}"] for name in ("common", "web", "redirector", "mail_common")]
    sent = {name for row in rows for name in row} - {"title"}
    tasks = load("exchange2013_l7", "tasks", "present.yml")
    given = {name: options for task in tasks for name, options in task.items() if name.startswith("kemp.loadmaster.")}
    assert set(given["kemp.loadmaster.virtual_service"]) == sent | {"address", "nickname"}
    modules = (content_rule, real_server, sub_virtual_service, virtual_service)
    assert sorted(given) == sorted(f"kemp.loadmaster.{module.__name__.rpartition('.')[2]}" for module in modules)
    for module in modules:
        assert set(given[f"kemp.loadmaster.{module.__name__.rpartition('.')[2]}"]) <= set(module.MODULE.options)
    words = tables["__exchange2013_l7_words_about_servers"]
    about = set(given["kemp.loadmaster.real_server"])
    assert set(words) == about - {"virtual_service", "all_sub_virtual_services", "allow_no_servers"}


def test_layer_7_patterns_tell_the_protocols_apart():
    rows = load("exchange2013_l7", "vars", "main.yml")["__exchange2013_l7_protocols"]
    for row in rows.values():
        path = row["check_url"] if row["title"] != "API" else "/api/v1"
        for asked in (path, path.upper(), path.rpartition("/")[0]):
            matching = [
                each["title"] for each in rows.values() if re.match(each["pattern"][1:-1], asked, re.IGNORECASE)
            ]
            assert matching == [row["title"]]


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
