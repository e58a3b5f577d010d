# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example for the maintenance of Exchange: its commands, in the order that Microsoft documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

EXAMPLE = Path(__file__).resolve().parents[2] / "playbooks" / "tasks" / "exchange2013_maintenance.yml"
OUT = [
    "Set-ServerComponentState .* HubTransport .*Draining",
    "Restart-Service MSExchangeTransport",
    "Set-ServerComponentState .* UMCallRouter .*Draining",
    "Redirect-Message ",
    "Suspend-ClusterNode ",
    r"Set-MailboxServer .*-DatabaseCopyActivationDisabledAndMoveNow \$true",
    "Set-MailboxServer .*-DatabaseCopyAutoActivationPolicy Blocked",
    "Set-ServerComponentState .* ServerWideOffline .*Inactive",
]
BACK = [
    "Set-ServerComponentState .* ServerWideOffline .*Active",
    "Set-ServerComponentState .* UMCallRouter .*Active",
    "Resume-ClusterNode ",
    r"Set-MailboxServer .*-DatabaseCopyActivationDisabledAndMoveNow \$false",
    "Set-MailboxServer .*-DatabaseCopyAutoActivationPolicy Unrestricted",
    "Set-ServerComponentState .* HubTransport .*Active",
    "Restart-Service MSExchangeTransport",
]
CHANGES = re.compile(r"\b(Set|Restart|Redirect|Suspend|Resume)-\w+.*")


def steps() -> list[str]:
    """What changes something in the scripts of the tasks, with the tasks of the user among them."""
    found = []
    for task in yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")):
        if "ansible.builtin.include_tasks" in task:
            found.append("your tasks")
            continue
        script = task["ansible.windows.win_powershell"]["script"]
        found += [match.group() for match in map(CHANGES.search, script.splitlines()) if match]
    return found


def test_fact32_the_steps_of_maintenance_are_in_their_order():
    """Every command that changes something, no other one, and the patches between the two halves."""
    expected = [*OUT, "your tasks", *BACK]
    found = steps()
    assert len(found) == len(expected), found
    for pattern, step in zip(expected, found, strict=True):
        assert re.match(pattern, step), f"{step} instead of {pattern}"


@pytest.mark.parametrize("wanted", ["Draining", "Inactive", "Active"])
def test_fact32_component_states_are_asked_for_by_maintenance(wanted):
    """Only the requester who took a component out gets it in again."""
    script = EXAMPLE.read_text(encoding="utf-8")
    lines = [line for line in script.splitlines() if re.search(rf"Set-ServerComponentState.*-State {wanted}\b", line)]
    assert lines
    assert all("@asked" in line or "-Requester Maintenance" in line for line in lines)
    assert script.count("$asked = @{Identity = $Name; Requester = 'Maintenance'}") == 2
