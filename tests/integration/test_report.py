# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook report: a page for each LoadMaster, and an index that names those that could not be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import round_trip

from loadmaster_emulator import Emulator
from runner import Playbook

REPORT = "kemp.loadmaster.report"
SHOP = {"address": "192.0.2.80", "port": 80, "nickname": "Shop", "type": "http", "check_type": "http"}


def with_nobody(inventory: dict[str, Any]) -> dict[str, Any]:
    """Add a LoadMaster at a port at which nothing listens."""
    hosts = inventory["all"]["children"]["loadmasters"]["hosts"]
    hosts["lm2"] = {**hosts["lm1"], "ansible_port": 1, "loadmaster_retries": 0}
    return inventory


def test_pages_and_index(
    emulator: Emulator, playbook: Playbook, inventory: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    session = round_trip.session_of(emulator)
    round_trip.apply(session, {"virtual_services": [{**SHOP, "real_servers": [{"address": "192.0.2.81"}]}]})
    emulator.down.add(("192.0.2.81", 80))
    folder = tmp_path / "report"
    drift = {"loadmaster": "lm1", "drift": True, "before": {"settings": {"hostname": "a"}}, "problems": []}
    drift["after"] = {"settings": {"hostname": "b"}}
    (tmp_path / "lm1.drift.json").write_text(json.dumps(drift), encoding="utf-8")
    options = {
        "report_directory": str(folder),
        "report_drift_directory": str(tmp_path),
        "report_steps": [{"object": "virtual service tcp/192.0.2.80:80", "reason": "create it", "command": "addvs"}],
        "report_expiry_days": "10",
    }
    before = emulator.state()
    run = playbook(REPORT, inventory=with_nobody(inventory()), extra_vars=options)
    assert run.rc == 2 and [each.host for each in run.failed] == ["lm2"] and run.changed == 0
    assert "127.0.0.1:1" in run.failed[0].msg and emulator.state() == before and run.warnings == []
    page, index = (folder / "lm1.html").read_text(), (folder / "index.html").read_text()
    assert not (folder / "lm2.html").exists()
    assert "192.0.2.81:80" in page and "down" in page and "hostname" in page and "create it" in page
    assert 'href="lm1.html"' in index and "lm2" in index and "1 of 2 could not be read" in index

    checked = playbook(REPORT, extra_vars={**options, "report_directory": str(tmp_path / "checked")}, check=True)
    assert checked.succeeded().changed == 0 and (tmp_path / "checked" / "index.html").exists()


def test_figures_of_the_report(emulator: Emulator, playbook: Playbook, tmp_path: Path) -> None:
    options = {"report_directory": str(tmp_path / "report"), "report_drift_directory": str(tmp_path)}
    run = playbook(REPORT, extra_vars=options, env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"}).succeeded()
    passed = json.loads("".join(run.stdout.split("RUN: ", 1)[1].split("\n\n", 1)[0].split("\n")))
    figures = passed["loadmaster_figures"]["lm1"]
    assert (figures["down"], figures["certificates_expiring"], figures["drift"]) == (0, 0, None)
    assert passed["loadmaster_report"] == str(tmp_path / "report" / "index.html")
