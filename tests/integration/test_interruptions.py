# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook that is killed after any single API call, then run again, ends as if it had never been disturbed."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from strike import Strike

from loadmaster_emulator import Emulator
from runner import Playbook

ROOT = Path(__file__).resolve().parents[2]

RECIPES: dict[str, dict[str, Any]] = {
    "exchange2013_l4.yml": {
        "exchange2013_l4_vip": "192.0.2.25",
        "exchange2013_l4_servers": ["192.0.2.31", {"address": "192.0.2.32", "weight": 500}],
        "exchange2013_l4_mail_services": ["smtp"],
    },
    "general_settings.yml": {
        "general_settings_hostname": "lm1",
        "general_settings_ntp_servers": ["ntp.example"],
        "general_settings_email_enabled": True,
        "general_settings_email_password": "of-the-mailbox",
        "general_settings_health_check_timeout": 5,
        "general_settings_health_check_retries": 3,
        "general_settings_health_check_interval": 20,
    },
}


def fresh() -> Emulator:
    return Emulator(firmware="7.2.63", users={"bal": "secret-of-bal"})


def inventory(**loadmasters: Emulator) -> dict[str, Any]:
    hosts = {
        name: {
            "ansible_host": lm.host,
            "ansible_port": lm.port,
            "ansible_user": "bal",
            "ansible_password": "secret-of-bal",
            "loadmaster_ca_path": str(lm.certificate_file),
        }
        for name, lm in loadmasters.items()
    }
    return {"loadmasters": {"hosts": hosts}}


def without_clock(state: dict[str, Any]) -> dict[str, Any]:
    """The state without what tells one emulator from another."""
    return {name: value for name, value in state.items() if name not in ("certificate", "serial")}


@pytest.mark.parametrize("recipe", RECIPES)
def test_killed_after_any_call(playbook: Playbook, recipe: str) -> None:
    options = {"extra_vars": RECIPES[recipe]}
    with fresh() as lm:
        assert playbook(ROOT / "playbooks" / recipe, inventory=inventory(lm1=lm), **options).succeeded().changed > 0
        undisturbed, calls = without_clock(lm.state()), lm.journal.commands()
    assert len(calls) > 6
    killed: dict[str, Emulator] = {}
    with ExitStack() as running:
        for last in range(1, len(calls) + 1):
            lm = running.enter_context(fresh())
            strike = Strike(last)
            lm.on_call(strike)
            strike.at(playbook.start(ROOT / "playbooks" / recipe, inventory=inventory(lm1=lm), **options))
            assert strike.run.wait().rc != 0, f"the run survived call {last}, {calls[last - 1]}"
            lm.on_call(None)
            assert len(lm.journal) == last
            killed[f"killed_after_call_{last}"] = lm
        # One run for all of them, since most of a run is its start
        playbook(ROOT / "playbooks" / recipe, inventory=inventory(**killed), **options).succeeded()
        for last, lm in enumerate(killed.values(), start=1):
            assert without_clock(lm.state()) == undisturbed, f"killed after call {last}, {calls[last - 1]}"
