# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A document that a template makes: rendered on the controller, once, wherever the module runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loadmaster_emulator import Emulator
from runner import Playbook, with_bastion

WAYS = {"in the worker": {}, "shipped to a bastion": {"delegate_to": "bastion"}}
EVERY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)

TEMPLATE = """\
{% include 'rules.yml.j2' %}

{% if not sites %}
faults:
- There is no site.
- And so there are no services.
{% endif %}
virtual_services:
{% for name, address in sites | dictsort %}
- address: {{ address }}
  port: 443
  nickname: {{ ('Site ' ~ name) | to_json }}
  enabled: no
  real_servers: {{ servers | to_json }}
{% endfor %}
"""


@pytest.fixture
def inventory(inventory: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The default inventory with another host beside the LoadMaster."""

    return lambda: with_bastion(inventory())


@pytest.fixture
def template(tmp_path: Path) -> Callable[[str], str]:
    """Write a template and return its path. There is one to include next to it."""
    rules = "content_rules:\n- {name: {{ rule }}, kind: match_content, pattern: /reports/}\n"
    (tmp_path / "rules.yml.j2").write_text(rules, encoding="utf-8")

    def make(text: str) -> str:
        path = tmp_path / "document.yml.j2"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return make


def config(way: dict[str, str], **args: Any) -> dict[str, Any]:
    return {"name": "As the template says", "kemp.loadmaster.config": args, **way}


SITES = {
    "sites": {"north": "192.0.2.25", "south": "192.0.2.26"},
    "servers": [{"address": "192.0.2.31"}],
    "rule": "Reports",
}


@EVERY_WAY
def test_it_is_rendered_with_the_variables_of_the_task(
    emulator: Emulator, playbook: Playbook, template: Callable[[str], str], way: dict[str, str]
) -> None:
    task = config(way, template=template(TEMPLATE), cipher_sets=[])
    run = playbook([{**task, "vars": SITES}, {**task, "vars": SITES}]).succeeded()
    assert [result.changed for result in run.tasks] == [True, False]
    services = emulator.call("listvs")["VS"]
    assert sorted((vs["VSAddress"], vs["NickName"]) for vs in services) == [
        ("192.0.2.25", "Site north"),
        ("192.0.2.26", "Site south"),
    ]
    assert emulator.call("showrule", name="Reports")["MatchContentRule"]


@EVERY_WAY
def test_what_it_says_is_wrong_is_told_and_nothing_is_sent(
    emulator: Emulator, playbook: Playbook, template: Callable[[str], str], way: dict[str, str]
) -> None:
    run = playbook([{**config(way, template=template(TEMPLATE)), "vars": {**SITES, "sites": {}}}])
    assert run.rc == 2 and not emulator.journal
    message = run.tasks[0].result["msg"]
    assert message == ("2 things are wrong. Nothing was changed.\n- There is no site.\n- And so there are no services.")


@EVERY_WAY
@pytest.mark.parametrize(
    ("text", "args", "sentence"),
    [
        ("virtual_services: [", {}, "is not a document"),
        ("- a list", {}, "must hold a dictionary, such as virtual_services: [...]."),
        ("content_rules: []", {"content_rules": []}, "The task has content_rules twice"),
        ("content_rules: []", {"document": "a list"}, "document must hold a dictionary"),
        ("services: []", {"document": {"content_rules": []}}, "unknown option 'services'"),
        ("virtual_services: {{ not_there }}", {}, "'not_there' is undefined"),
    ],
)
def test_a_wrong_one_is_refused_and_nothing_is_sent(
    emulator: Emulator,
    playbook: Playbook,
    template: Callable[[str], str],
    way: dict[str, str],
    text: str,
    args: dict[str, Any],
    sentence: str,
) -> None:
    run = playbook([config(way, template=template(text), **args)])
    assert run.rc == 2 and not emulator.journal
    assert sentence in run.tasks[0].result["msg"]


def test_it_may_be_one_expression(emulator: Emulator, playbook: Playbook, template: Callable[[str], str]) -> None:
    document = {"virtual_services": [{"address": "192.0.2.25", "port": 443, "real_servers": []}]}
    task = {**config({}, template=template("{{ everything }}")), "vars": {"everything": document}}
    assert playbook([task, task]).succeeded().changed == 1
    assert len(emulator.call("listvs")["VS"]) == 1


def test_no_secret_in_it_shows(emulator: Emulator, playbook: Playbook, template: Callable[[str], str]) -> None:
    text = "settings: {email_enabled: true, email_server: mail.example, email_password: {{ secret }}}"
    task = {**config({}, template=template(text)), "vars": {"secret": "MailSecret1"}, "no_log": False}
    run = playbook([task], diff=True, verbosity=2).succeeded()
    assert run.tasks[0].changed
    assert "MailSecret1" not in str(run.tasks[0].result)


def test_a_template_that_is_not_there(playbook: Playbook, tmp_path: Path) -> None:
    run = playbook([config({}, template="nowhere.yml.j2")])
    assert run.rc == 2 and "nowhere.yml.j2" in run.tasks[0].result["msg"]
