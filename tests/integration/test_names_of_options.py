# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advice that can be followed where the reader is: what a message tells him to set exists there, and setting it helps."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loadmaster_emulator import Emulator
from runner import Playbook

L4 = {
    "exchange2013_l4_vip": "192.0.2.25",
    "exchange2013_l4_servers": ["192.0.2.31"],
    "exchange2013_l4_redirect": False,
}
GONE = [{"address": "192.0.2.31", "state": "absent"}]


def advice(run: Any) -> str:
    assert run.rc == 2, run
    found = re.search(r"If that is meant, set (\w+)\.", run.failed[0].msg)
    assert found, run.failed[0].msg
    return found.group(1)


@pytest.mark.parametrize("name", ["kemp.loadmaster.exchange2013_l4", "kemp.loadmaster.site"])
def test_a_role_names_its_variable_for_the_last_server(playbook: Playbook, emulator: Emulator, name: str) -> None:
    playbook(name, extra_vars=L4).succeeded()
    last = {**L4, "exchange2013_l4_servers": GONE}
    for check in (True, False):
        assert advice(playbook(name, extra_vars=last, check=check)) == "exchange2013_l4_allow_no_servers"
    playbook(name, extra_vars={**last, "exchange2013_l4_allow_no_servers": True}).succeeded()
    assert not emulator.call("listvs")["VS"][0].get("Rs")


def test_the_settings_name_their_variables(playbook: Playbook, emulator: Emulator) -> None:
    variables = {"general_settings_wui_port": 8443}
    run = playbook("kemp.loadmaster.general_settings", extra_vars=variables)
    assert advice(run) == "general_settings_allow_lockout"
    assert "change general_settings_wui_port from" in run.failed[0].msg and "settings: " not in run.failed[0].msg


def test_rebuild_names_its_extra_variable(playbook: Playbook, emulator: Emulator, tmp_path: Path) -> None:
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
    (tmp_path / "lm1.yml").write_text("settings:\n  hostname: lm1\n", encoding="utf-8")
    variables: dict[str, Any] = {"documents_directory": str(tmp_path)}
    run = playbook("kemp.loadmaster.rebuild", extra_vars=variables)
    assert advice(run) == "rebuild_allow_empty_purge" or "rebuild_allow_empty_purge" in run.failed[0].msg
    assert re.search(r"(?<!_)\ballow_empty_purge", run.failed[0].msg) is None


def test_maintenance_names_the_variable_of_the_role(playbook: Playbook, emulator: Emulator, tmp_path: Path) -> None:
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
    emulator.call("addrs", vs="192.0.2.25", port=443, prot="tcp", rs="192.0.2.31", rsport=443)
    (tmp_path / "hook.yml").write_text("[]", encoding="utf-8")
    variables = {
        "rolling_maintenance_servers": ["192.0.2.31"],
        "rolling_maintenance_tasks": str(tmp_path / "hook.yml"),
        "rolling_maintenance_drain_timeout": 1,
        "rolling_maintenance_settle_time": 0,
        "rolling_maintenance_health_urls": [],
    }
    run = playbook("kemp.loadmaster.rolling_maintenance", extra_vars=variables)
    assert advice(run) == "rolling_maintenance_allow_no_servers"
    allowed = {**variables, "rolling_maintenance_allow_no_servers": True}
    playbook("kemp.loadmaster.rolling_maintenance", extra_vars=allowed).succeeded()


def test_the_inventory_is_told_its_own_names(
    playbook: Playbook, emulator: Emulator, inventory: Callable[[], dict[str, Any]]
) -> None:
    for value, says in (
        ("ab" * 32, "is not the one pinned by loadmaster_fingerprint"),
        ("12:34", "loadmaster_fingerprint is not a SHA-256"),
    ):
        data = inventory()
        data["all"]["children"]["loadmasters"]["hosts"]["lm1"]["loadmaster_fingerprint"] = value
        run = playbook([{"name": "x", "kemp.loadmaster.info": {}}], inventory=data)
        assert says in run.failed[0].msg
    run = playbook([{"name": "x", "kemp.loadmaster.info": {"fingerprint": "ab" * 32}}])
    assert "is not the one pinned by fingerprint" in run.failed[0].msg
