# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance of one server after the other while clients are at work, by the playbook, as a user runs it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from load import Load
from site_under_test import CERTIFICATE, LONGEST, OFFSET, WINDOW, Site

from runner import Run

VIP = 57
PATHS = ["/owa/x", "/ews/Exchange.asmx", "/mapi/x", "/Microsoft-Server-ActiveSync"]
RATE = 200
NAMES = ["EX1", "EX2", "EX3"]
#: A request is answered within this time, on a busy machine too.
ANSWERED = 2.0


@pytest.fixture(scope="module")
def site(bare_site: Site) -> Iterator[Site]:
    bare_site.deploy(
        "exchange2013_l7",
        exchange2013_l7_vip=bare_site.address(VIP),
        exchange2013_l7_servers=bare_site.servers,
        exchange2013_l7_certificate=CERTIFICATE,
        exchange2013_l7_protocols=["owa", "ews", "mapi", "activesync"],
    )
    yield bare_site


class Maintenance:
    """The playbook, whose tasks for each server tell that it is out and wait until the test is done with it."""

    def __init__(self, site: Site, folder: Path) -> None:
        self._site = site
        self._folder = folder
        server = "{{ rolling_maintenance_server.address }}"
        tell = {"content": "", "dest": f"{folder}/{server}.out", "mode": "0600"}
        wait = {"path": f"{folder}/{server}.done", "timeout": int(2 * LONGEST)}
        tasks = [
            {"name": "Tell", "ansible.builtin.copy": tell, "delegate_to": "localhost"},
            {"name": "Wait", "ansible.builtin.wait_for": wait, "delegate_to": "localhost"},
        ]
        (folder / "hook.yml").write_text(json.dumps(tasks), encoding="utf-8")

    def __call__(self, servers: list[str], work: Callable[[str], None]) -> Run:
        """Maintain servers; ``work`` is done with each while it is out."""
        started = self._site.playbook.start("kemp.loadmaster.rolling_maintenance", extra_vars=self._variables(servers))
        for server in servers:
            address = self._site.farm[server].address
            out = self._folder / f"{address}.out"
            self._site.wait(
                lambda out=out: out.exists() or started.process.poll() is not None,  # type: ignore[misc]
                f"{server} is out",
                3 * LONGEST,
            )
            if not out.exists():
                break
            work(server)
            (self._folder / f"{address}.done").touch()
        return started.wait()

    def _variables(self, servers: list[str]) -> dict[str, Any]:
        named = {
            "servers": [self._site.farm[server].address for server in servers],
            "tasks": str(self._folder / "hook.yml"),
            "drain_timeout": 15,
            "poll_interval": 1,
            "healthy_timeout": 10,
            "settle_time": 1,
            "health_urls": [f"https://{{server}}:{443 + OFFSET}/owa/healthcheck.htm"],
            "health_validate_certs": False,
        }
        return {f"rolling_maintenance_{name}": value for name, value in named.items()}


@pytest.fixture
def maintain(site: Site, tmp_path: Path) -> Maintenance:
    return Maintenance(site, tmp_path)


def under_load(site: Site) -> Load:
    return Load(site.address(VIP), 443 + OFFSET, PATHS, rate=RATE, source=site.address(210))


def asked(site: Site) -> set[str]:
    """The servers that the next requests reach."""
    site.farm.forget()
    site.wait(lambda: len(site.farm.requests) > RATE // 2, "requests go on")
    return {seen.server for seen in site.farm.requests}


def taken_out(run: Run) -> list[dict[str, Any]]:
    done = [task for task in run.results if task.task.endswith("Take the server out of all services")]
    return [task.result["server_maintenance"] for task in done if not task.failed]


def put_back(run: Run) -> list[bool]:
    return [not task.failed for task in run.results if task.task.endswith("Put the server back where it was")]


def test_all_servers_are_maintained_and_no_request_fails(site, maintain):
    """Each is switched off while it is out: nobody talks to it."""
    was_out = []

    def work(server: str) -> None:
        others = set(NAMES) - {server}
        assert asked(site) == others
        site.farm[server].crash()
        assert asked(site) == others
        site.farm[server].recover()
        was_out.append(server)

    with under_load(site) as load:
        run = maintain(NAMES, work).succeeded()
        site.wait(lambda: asked(site) == set(NAMES), "all servers are asked again")
    assert load.failures == []
    assert load.requests > 10 * RATE
    assert load.requests // 10 < load.connections < load.requests
    assert set(load.servers) == set(NAMES)
    assert was_out == NAMES
    assert [out["drained"] for out in taken_out(run)] == [True] * 3
    assert put_back(run) == [True] * 3
    assert site.healthy(site.address(VIP))


def test_of_a_server_that_crashes_meanwhile_only_its_own_requests_fail(site, maintain):
    """EX2 crashes while EX1 is out. The role takes EX1 back, finds EX2 dead at its turn, and leaves EX3 alone."""
    moments = []

    def work(server: str) -> None:
        if server == "EX1":
            moments.append(time.monotonic())
            site.farm["EX2"].crash()
            site.wait(lambda: site.statuses(site.address(VIP), "OWA")["EX2"] == "Down", "EX2 is down")

    before = time.monotonic()
    with under_load(site) as load:
        begun = time.monotonic()
        run = maintain(NAMES, work)
    seen = Counter(request.server for request in site.farm.requests)
    site.farm["EX2"].recover()
    site.playbook([{"name": "back", "kemp.loadmaster.server_maintenance": back(site, "EX2")}]).succeeded()

    # Whatever the others were asked, they answered; so what failed was EX2's
    for server in ("EX1", "EX3"):
        assert load.servers[server] == seen[server] > RATE
    (crash,) = moments
    for failure in load.failures:
        assert begun + failure.second > crash - ANSWERED, failure
        assert before + failure.second < crash + WINDOW, failure
    assert len(load.failures) == load.requests - sum(load.servers[server] for server in NAMES)
    assert 0 < len(load.failures) < RATE // 4

    assert run.rc != 0
    assert len(taken_out(run)) == 2
    assert put_back(run) == [True]
    assert run.failed[0].task.endswith("Wait until the server answers")


def test_fact34_the_last_healthy_server_is_not_taken_out(site, maintain):
    """The pages of the others fail for one protocol, and that is enough."""
    for server in ("EX1", "EX2"):
        site.farm[server].break_("owa", 503, page_only=True)
    site.wait(lambda: list(site.statuses(site.address(VIP), "OWA").values()).count("Down") == 2, "two are down")
    reached = []
    with under_load(site) as load:
        run = maintain(["EX3"], reached.append)
        assert asked(site) == set(NAMES)
    assert run.rc != 0
    assert "would be left without a healthy real server" in run.failed[0].msg
    assert reached == []
    assert load.failures == []


def back(site: Site, server: str) -> dict[str, Any]:
    return {"address": site.farm[server].address, "state": "in_service", "poll_interval": 1, "settle_time": 0}
