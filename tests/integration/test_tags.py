# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every tag that docs/tags.md names does the work that it names, and what this depends on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from authority import issue

from loadmaster_emulator import Emulator
from runner import ROOT, Playbook

SITE = "kemp.loadmaster.site"
L4 = {
    "exchange2013_l4_vip": "192.0.2.24",
    "exchange2013_l4_servers": ["192.0.2.31", "192.0.2.32"],
    "exchange2013_l4_redirect": False,
}
L7 = {
    "exchange2013_l7_vip": "192.0.2.25",
    "exchange2013_l7_servers": ["192.0.2.31", "192.0.2.32"],
    "exchange2013_l7_certificate": "mail-2026",
    "exchange2013_l7_protocols": ["owa", "ecp"],
    "exchange2013_l7_redirect": False,
}
EAC = {
    "exchange2013_restrict_eac_allowed_networks": ["10.0.0.0/8"],
    "exchange2013_restrict_eac_method": "separate_service",
    "exchange2013_restrict_eac_external_vip": "192.0.2.125",
}
OUTSIDE = "192.0.2.125"
# What each tag of site leaves on a LoadMaster that has nothing yet
DOES: dict[str, set[str]] = {
    **dict.fromkeys(("general_settings", "settings"), {"hostname"}),
    "certificates": {"mail-2026"},
    **dict.fromkeys(("exchange2013_l4", "l4"), {"192.0.2.24"}),
    **dict.fromkeys(("exchange2013_l7", "l7"), {"mail-2026", "192.0.2.25"}),
    **dict.fromkeys(("exchange2013_restrict_eac", "restrict_eac"), {"mail-2026", OUTSIDE}),
    "exchange": {"mail-2026", "192.0.2.24", "192.0.2.25", OUTSIDE},
}
DOCUMENTS = [
    f"{role}_document"
    for role in ("general_settings", "exchange2013_l4", "exchange2013_l7", "exchange2013_restrict_eac")
]
MAINTENANCE = ["rolling_maintenance", "maintenance"]
PLAYBOOKS = ["drift", "export", "rebuild", "show"]


def everything() -> dict[str, Any]:
    made = issue("mail.example.com")
    certificate = {"name": "mail-2026", "certificate": made.pem, "private_key": made.key}
    return {**L4, **L7, **EAC, "general_settings_hostname": "by-tag", "site_certificates": [certificate]}


def found(lm: Emulator) -> set[str]:
    named = {"hostname"} if lm.call("get", param="hostname")["hostname"] == "by-tag" else set()
    certificates = {record["name"] for record in lm.call("listcert").get("cert", [])}
    return (
        named
        | certificates
        | {record["VSAddress"] for record in lm.call("listvs").get("VS", []) if record.get("VSAddress")}
    )


def test_the_documented_tags_are_those_that_are_tested() -> None:
    table = re.findall(r"^\| (`.*?) \|", (ROOT / "docs" / "tags.md").read_text(encoding="utf-8"), re.MULTILINE)
    documented = [tag for cell in table for tag in re.findall(r"`(\w+)`", cell)]
    assert sorted(documented) == sorted([*DOES, *DOCUMENTS, *MAINTENANCE, *PLAYBOOKS])


@pytest.mark.parametrize("tag", DOES)
def test_a_tag_of_site_does_its_work_and_what_that_depends_on(playbook: Playbook, emulator: Emulator, tag: str) -> None:
    variables = everything()
    playbook(SITE, extra_vars=variables, tags=tag).succeeded()
    assert found(emulator) == DOES[tag]
    assert playbook(SITE, extra_vars=variables, tags=tag).succeeded().changed == 0
    # Mistakes are found first, whatever the tag
    emulator.journal.clear()
    run = playbook(SITE, extra_vars={**variables, "exchange2013_l7_viip": "192.0.2.1"}, tags=tag)
    assert run.rc == 2 and "did you mean 'exchange2013_l7_vip'" in run.failed[0].msg and not emulator.journal


@pytest.mark.parametrize("tag", DOCUMENTS)
def test_a_tag_for_a_document_shows_it(playbook: Playbook, emulator: Emulator, tag: str) -> None:
    run = playbook(SITE, extra_vars=everything(), tags=tag).succeeded()
    (shown,) = [result for result in run.tasks if result.task.startswith("Show the document")]
    assert shown.result[f"__{tag}"]
    assert found(emulator) == set()


@pytest.mark.parametrize("tag", ["exchange2013_l7", "l7"])
def test_a_tag_of_a_role_works_in_its_own_playbook(playbook: Playbook, emulator: Emulator, tag: str) -> None:
    playbook(SITE, extra_vars=everything(), tags="certificates").succeeded()
    playbook("kemp.loadmaster.exchange2013_l7", extra_vars=L7, tags=tag).succeeded()
    assert found(emulator) == {"mail-2026", "192.0.2.25"}


def test_a_tag_of_the_user_selects_a_role_as_a_whole(playbook: Playbook, emulator: Emulator) -> None:
    plays = [
        {
            "hosts": "loadmasters",
            "gather_facts": False,
            "roles": [{"role": "kemp.loadmaster.exchange2013_l4", "tags": ["mine"]}],
        }
    ]
    playbook(plays, extra_vars=L4, tags="mine").succeeded()
    assert found(emulator) == {"192.0.2.24"}


@pytest.mark.parametrize("tag", [*MAINTENANCE, "mine"])
def test_a_tag_of_maintenance_runs_all_of_it(playbook: Playbook, emulator: Emulator, tmp_path: Path, tag: str) -> None:
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
    for address in ("192.0.2.31", "192.0.2.32"):
        emulator.call("addrs", vs="192.0.2.25", port=443, prot="tcp", rs=address, rsport=443)
    seen: list[int] = []
    emulator.on_call(lambda call: seen.append(call.parameters.get("enable")) if call.command == "modrs" else None)
    hook = tmp_path / "hook.yml"
    copy = {"dest": str(tmp_path / "was here"), "content": "", "mode": "0600"}
    hook.write_text(json.dumps([{"name": "Work", "ansible.builtin.copy": copy, "delegate_to": "localhost"}]))
    role = {"role": "kemp.loadmaster.rolling_maintenance", "tags": ["mine"]}
    variables = {
        "rolling_maintenance_servers": ["192.0.2.31"],
        "rolling_maintenance_tasks": str(hook),
        "rolling_maintenance_drain_timeout": 1,
        "rolling_maintenance_settle_time": 0,
        "rolling_maintenance_health_urls": [],
    }
    plays = [{"hosts": "loadmasters", "gather_facts": False, "roles": [role]}]
    run = playbook(plays, extra_vars=variables, tags=tag).succeeded()
    assert run.one("Put the server back").changed
    assert (tmp_path / "was here").exists()
    assert all(server["Enable"] for server in emulator.call("listvs")["VS"][0]["Rs"])


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_has_its_name_as_a_tag(playbook: Playbook, emulator: Emulator, tmp_path: Path, name: str) -> None:
    (tmp_path / "lm1.yml").write_text("settings:\n  hostname: by-tag\n", encoding="utf-8")
    folders = {f"{each}_directory": str(tmp_path) for each in ("documents", "drift", "export")}
    asked = {f"rebuild_allow_{each}": True for each in ("empty_purge", "no_servers", "lockout")}
    run = playbook(f"kemp.loadmaster.{name}", extra_vars={**folders, **asked}, tags=name).succeeded()
    assert run.tasks and "kemp.loadmaster" in str([result.action for result in run.tasks])


@pytest.mark.parametrize("option", ["tags", "skip_tags"])
@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("exchange2013_l44", "exchange2013_l4"),
        ("exchange2013_restict_eac", "exchange2013_restrict_eac"),
        ("certificate", "certificates"),
        ("exchange2013_restrict", "exchange2013_restrict_eac"),
    ],
)
def test_site_refuses_a_tag_that_is_misspelt(
    playbook: Playbook, emulator: Emulator, option: str, tag: str, meant: str
) -> None:
    """Ansible would end without an error, having done nothing; or with --skip-tags, having done what was to stay out."""
    run = playbook(SITE, extra_vars=everything(), **{option: tag})
    assert run.rc == 2 and len(run.failed) == 1
    assert run.failed[0].msg == f"unknown tag '{tag}'; did you mean '{meant}'? Nothing was changed."
    assert not emulator.journal


def test_site_leaves_tags_of_others_alone(playbook: Playbook, emulator: Emulator) -> None:
    playbook(SITE, extra_vars=everything(), tags=["mine", "l4"]).succeeded()
    assert found(emulator) == {"192.0.2.24"}
    playbook(SITE, extra_vars=everything(), tags=["web"]).succeeded()


def test_a_tag_of_an_import_selects_site_as_a_whole(playbook: Playbook, emulator: Emulator) -> None:
    plays = "- import_playbook: kemp.loadmaster.site\n  tags: [exchange_servers]\n"
    variables = {**L4, "general_settings_hostname": "by-tag"}
    playbook(plays, extra_vars=variables, tags="web").succeeded()
    assert found(emulator) == set()
    playbook(plays, extra_vars=variables, tags="exchange_servers").succeeded()
    assert found(emulator) == {"hostname", "192.0.2.24"}


def test_site_knows_the_tags_that_are_documented_for_it() -> None:
    (play,) = yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text(encoding="utf-8"))
    assert sorted(play["vars"]["__site_tags"]) == sorted([*DOES, *DOCUMENTS])
