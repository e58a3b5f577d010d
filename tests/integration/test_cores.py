# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What versions of ansible-core differ in. tests/tools/cores.py runs these with the oldest and the newest one too."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authority import issue

from loadmaster_emulator import Emulator, Fault
from runner import Playbook, Run, with_bastion

WAYS: dict[str, dict[str, Any]] = {
    "worker": {},
    "shipped": {"delegate_to": "bastion"},
}


@pytest.fixture
def bastion(inventory: Any) -> dict[str, Any]:
    """The inventory with a host besides that modules can be shipped to."""
    hosts: dict[str, Any] = inventory()
    hosts["all"]["children"]["loadmasters"]["hosts"]["lm1"]["ansible_network_os"] = "kemp.loadmaster.loadmaster"
    return with_bastion(hosts)


@pytest.fixture
def playbook(playbook: Playbook) -> Callable[..., Run]:
    """A playbook about which core has nothing to say: no warning, no deprecation."""

    def run(*arguments: Any, **options: Any) -> Run:
        done = playbook(*arguments, **options)
        assert done.warnings == []
        return done

    return run


@pytest.mark.parametrize("way", WAYS)
def test_core_has_nothing_to_say_about_a_task(playbook: Callable[..., Run], bastion: dict[str, Any], way: str) -> None:
    service = {"address": "192.0.2.25", "port": 443, "type": "http", "nickname": "owa"}
    tasks = [
        {"name": "service", "kemp.loadmaster.virtual_service": service, **WAYS[way]},
        {"name": "again", "kemp.loadmaster.virtual_service": service, **WAYS[way]},
        {
            "name": "settings",
            "kemp.loadmaster.settings": {"hostname": "lm9", "email_password": " of mail "},
            **WAYS[way],
        },
        {"name": "read", "kemp.loadmaster.config_info": {}, **WAYS[way]},
    ]
    run = playbook(tasks, inventory=bastion, diff=True).succeeded()
    assert [result.changed for result in run.tasks] == [True, False, True, False]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("member", ["content_rules", "settings", "virtual_services", "document"])
def test_a_template_of_nothing_is_nothing(
    playbook: Callable[..., Run], bastion: dict[str, Any], member: str, way: str
) -> None:
    given = {"cipher_sets": [{"name": "Modern", "ciphers": ["ECDHE-RSA-AES128-GCM-SHA256"]}]}
    config = {**given, member: "{{ none }}"}
    whole = {"document": {**given, **({} if member == "document" else {member: "{{ none }}"})}}
    tasks = [{"kemp.loadmaster.config": each, **WAYS[way]} for each in (config, whole)]
    run = playbook(tasks, inventory=bastion).succeeded()
    assert [result.changed for result in run.tasks] == [True, False]


def test_lists_of_nothing_in_a_service(playbook: Callable[..., Run]) -> None:
    service = {"address": "192.0.2.25", "port": 443, "type": "http"}
    empty = {"real_servers": "{{ none }}", "sub_virtual_services": "{{ none }}"}
    entries = [{**service, "real_servers": []}, {**service, **empty}]
    tasks = [{"kemp.loadmaster.config": {"virtual_services": [entry]}} for entry in entries]
    assert [result.changed for result in playbook(tasks).succeeded().tasks] == [True, False]


def test_a_restriction_is_taken_away_twice(emulator: Emulator, playbook: Callable[..., Run]) -> None:
    """The second time there is nothing left that its document could name."""
    made = issue("mail.example.com")
    coded = base64.b64encode((made.pem + made.key).encode()).decode()
    emulator.call("addcert", cert="mail-2026", replace=0, data=coded)
    given = {
        "exchange2013_l7_vip": "192.0.2.25",
        "exchange2013_l7_servers": ["192.0.2.31"],
        "exchange2013_l7_certificate": "mail-2026",
        "exchange2013_l7_protocols": ["owa", "ecp"],
        "exchange2013_restrict_eac_allowed_networks": ["10.0.0.0/8"],
    }
    playbook("kemp.loadmaster.exchange2013_l7", extra_vars=given).succeeded()
    playbook("kemp.loadmaster.restrict_eac", extra_vars=given).succeeded()
    gone = {**given, "exchange2013_restrict_eac_state": "absent"}
    for changed in (True, False):
        run = playbook("kemp.loadmaster.restrict_eac", extra_vars=gone).succeeded()
        assert bool(run.changed) is changed


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_that_the_appliance_quotes_does_not_show(
    emulator: Emulator, playbook: Callable[..., Run], bastion: dict[str, Any], way: str
) -> None:
    secret = 'of "mail"/42'
    emulator.faults.add(Fault("status", command="set", status=422, body=f"Cannot take {json.dumps(secret)}"))
    # In a variable: core prints the lines of the playbook around a task that failed
    given = {"email_enabled": True, "email_server": "m.example"}
    tasks = [
        {"kemp.loadmaster.settings": {**given, "email_password": "{{ vault_secret }}"}},
        {"kemp.loadmaster.settings": {"email_pasword": "{{ vault_secret }}"}},
        {"kemp.loadmaster.config": {"settings": {**given, "email_pasword": "{{ vault_secret }}"}}},
    ]
    run = playbook(
        [{**task, **WAYS[way], "ignore_errors": True} for task in tasks],
        inventory=bastion,
        verbosity=4,
        extra_vars={"vault_secret": secret},
    )
    assert [result.failed for result in run.tasks] == [True, True, True]
    shown = run.succeeded().output + str([result.result for result in run.results])
    for spelling in (secret, json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[1:-1]):
        assert spelling not in shown


DAILY: dict[str, tuple[dict[str, Any], int]] = {
    "apply": ({"documents_directory": "{folder}"}, 1),
    "certificates": ({"certificates_expiry_days": "20"}, 0),
    "report": ({"report_directory": "{folder}/report", "report_drift_directory": "{folder}"}, 0),
    "show": ({"show_paths": "true"}, 0),
    "drift": ({"documents_directory": "{folder}", "drift_directory": "{folder}"}, 1),
    "export": ({"documents_directory": "{folder}/exported"}, 2),
    "backup": ({"backup_directory": "{folder}/backups", "backup_keep": "2"}, 1),
    "out_of_service": ({"maintenance_server": "192.0.2.31", "maintenance_allow_no_servers": "true"}, 1),
    "renew_certificate": ({"renew_certificate_name": "mail", "renew_certificate_file": "{folder}/mail.pem"}, 1),
}


@pytest.mark.parametrize("name", DAILY)
def test_a_playbook_passes_its_figures_on(playbook: Callable[..., Run], tmp_path: Path, name: str) -> None:
    """The playbooks that AWX runs, with answers as a survey gives them."""
    mail = issue("mail.example.com")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mail.pem").write_text(mail.pem + mail.key, encoding="utf-8")
    document = {
        "virtual_services": [{"address": "192.0.2.25", "port": 80, "real_servers": [{"address": "192.0.2.31"}]}]
    }
    (folder / "lm1.yml").write_text(json.dumps(document), encoding="utf-8")
    if name == "out_of_service":
        playbook([{"kemp.loadmaster.config": document}]).succeeded()
    answers, changed = DAILY[name]
    given = {key: value.replace("{folder}", str(folder)) for key, value in answers.items()}
    run = playbook(f"kemp.loadmaster.{name}", extra_vars=given, env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"}).succeeded()
    assert run.changed == changed
    passed = json.loads("".join(run.stdout.split("RUN: ", 1)[1].split("\n\n", 1)[0].split("\n")))
    figures = passed["loadmaster_figures"]["lm1"]
    assert set(figures) == {"changed", "steps", "drift", "down", "certificates_expiring"}
    assert figures["changed"] is (name in ("apply", "out_of_service", "renew_certificate"))
