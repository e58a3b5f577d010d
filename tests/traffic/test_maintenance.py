# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance of one server after the other while clients are at work, by the playbook, as a user runs it."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from exchange_farm import Seen
from load import KEPT_CONNECTIONS, Load
from site_under_test import CERTIFICATE, CUT, LONGEST, OFFSET, Site

from runner import Run

VIP = 57
PATHS = ["/owa/x", "/ews/Exchange.asmx", "/mapi/x", "/Microsoft-Server-ActiveSync"]
RATE = 200
NAMES = ["EX1", "EX2", "EX3"]
#: Runs wait in quick motion here as well, but so that clients and health checks, which know no other time, keep up.
PACE = 3.0
#: By then HAProxy has seen that a connection has ended, on a busy machine too.
NOTICED = 1.0


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
        started = self._site.playbook.start(
            "kemp.loadmaster.rolling_maintenance", extra_vars=self._variables(servers), speed=PACE
        )
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
            "drain_timeout": int(15 * PACE),
            "poll_interval": 1,
            "healthy_timeout": 15,
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


class Long:
    """A request whose answer takes a while, read in a thread of its own. It is under way when this is made."""

    def __init__(self, site: Site, path: str) -> None:
        self._whole = False
        self.ended = 0.0
        """When the answer ended, or broke off."""
        self._stack = contextlib.ExitStack()
        self._session = self._stack.enter_context(site.session(site.address(VIP)))
        response = self._session.start("GET", path)
        self.server = response.getheader("X-FEServer")
        self._thread = threading.Thread(target=self._read, args=(response,), daemon=True)
        self._thread.start()

    def _read(self, response: http.client.HTTPResponse) -> None:
        with self._stack:
            with contextlib.suppress(*CUT):
                response.read()
                self._whole = True
            self.ended = time.monotonic()

    def break_off(self) -> None:
        """End the request from here."""
        self._session.socket.shutdown(socket.SHUT_RDWR)
        self.whole()

    def whole(self) -> bool:
        """Whether it is answered to the end, when it is over."""
        self._thread.join(2 * LONGEST)
        assert not self._thread.is_alive()
        return self._whole


def numbers(requests: list[Seen]) -> set[int]:
    """The numbers of those requests that are of a load."""
    found = (re.search(r"[?&]n=(\d+)$", seen.target) for seen in requests)
    return {int(number.group(1)) for number in found if number}


def taken_out(run: Run) -> list[dict[str, Any]]:
    done = [task for task in run.results if task.task.endswith("Take the server out of all services")]
    return [task.result["server_maintenance"] for task in done if not task.failed]


def put_back(run: Run) -> list[bool]:
    return [not task.failed for task in run.results if task.task.endswith("Put the server back")]


def test_all_servers_are_maintained_and_no_request_fails(site, maintain):
    """Each is switched off while it is out: no one talks to it."""
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
    load.all_answered()
    assert load.seconds > 10
    assert set(load.servers) == set(NAMES)
    assert was_out == NAMES
    assert [out["drained"] for out in taken_out(run)] == [True] * 3
    assert put_back(run) == [True] * 3
    assert site.healthy(site.address(VIP))


def test_of_a_server_that_crashes_meanwhile_only_its_own_requests_fail(site, maintain):
    """EX2 crashes while EX1 is out. The role takes EX1 back, finds EX2 dead at its turn, and leaves EX3 alone."""
    crashed: dict[str, Any] = {}

    def work(server: str) -> None:
        if server != "EX1":
            return
        # Long requests, of which each server has some: what the servers have begun and not ended when one of them crashes
        answers = [Long(site, f"/owa/x?chunks=80&pause=0.1&long={number}") for number in range(8)]
        assert {answer.server for answer in answers} == {"EX2", "EX3"}
        begun = time.monotonic()
        site.farm["EX2"].crash()
        crashed.update(begun=begun, over=time.monotonic(), unanswered=site.farm["EX2"].unanswered, answers=answers)
        site.wait(lambda: site.statuses(site.address(VIP), "OWA")["EX2"] == "Down", "EX2 is down")

    try:
        with under_load(site) as load:
            run = maintain(NAMES, work)
        seen = {server: numbers(site.farm[server].seen) for server in NAMES}
    finally:
        site.farm.repair()
        site.playbook(
            [{"name": "back", "kemp.loadmaster.server_maintenance": back(site, "EX2")}], speed=PACE
        ).succeeded()

    # What EX2 had begun and not ended has failed, and whatever the others were asked, they answered
    assert {(answer.server, answer.whole()) for answer in crashed["answers"]} == {("EX2", False), ("EX3", True)}
    failed = {failure.number for failure in load.failures}
    assert numbers(crashed["unanswered"]) <= failed
    for server in ("EX1", "EX3"):
        assert not failed & seen[server]
        assert load.servers[server] == len(seen[server]) > RATE
    # Nothing else has failed: what was on its way to EX2 is all there is. On a connection that is kept that can be a
    # request that came just before HAProxy had seen that the connection is gone; each of these ends once
    late = 0
    for failure in load.failures:
        assert failure.ended >= crashed["begun"], failure
        if failure.begun > crashed["over"]:
            assert failure.kept and failure.begun < crashed["over"] + NOTICED, failure
            late += 1
    assert late <= KEPT_CONNECTIONS
    load.was_one()

    assert run.rc != 0
    assert len(taken_out(run)) == 2
    assert put_back(run) == [True]
    assert run.failed[0].task.endswith("Wait until the server answers")


def test_it_waits_for_a_long_request_and_says_so(site):
    """The server is out at once for everybody else, and the task ends after the request does."""
    answer = long_on(site, "EX1", chunks=60)
    with out_of_service(site, "EX1", drain_timeout=60) as (run, ended):
        assert run.one("out").result["server_maintenance"]["drained"] is True
        assert run.warnings == []
        assert answer.whole()
        assert answer.ended < ended
        address = re.escape(site.farm["EX1"].address)
        said = re.findall(rf"{address} has (\d+) connections? left in (\d+) service", run.output)
        assert len(said) >= 2
        assert set(said) == {("1", "1")}
        assert "EX1" not in site.spread(site.address(VIP), "/owa/x")


def test_it_goes_on_without_waiting_any_longer_when_the_time_is_up(site):
    answer = long_on(site, "EX1", chunks=120)
    with out_of_service(site, "EX1", drain_timeout=3) as (run, ended):
        assert run.one("out").result["server_maintenance"]["drained"] is False
        assert any("when the time was up" in warning for warning in run.warnings)
    assert answer.whole()
    assert answer.ended > ended


def test_it_cuts_what_is_left_where_it_is_told_to(site):
    """Only the connections of that server, and the settings that do it are as before."""
    answer, other = long_on(site, "EX1", chunks=150), long_on(site, "EX2", chunks=150)
    before = site.lm.call("getall")
    with out_of_service(site, "EX1", drain_timeout=3, cut_connections=True) as (run, ended):
        told = run.one("out").result["server_maintenance"]
        assert (told["drained"], told["connections"]) == (True, 0)
        assert not answer.whole()
        assert answer.ended < ended
        for name in ("dropatdrainend", "finalpersist"):
            assert site.lm.call("getall")[name] == before[name]
        assert site.statuses(site.address(VIP), "OWA")["EX1"] == "Disabled"
    assert other.whole()


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
    load.all_answered()


def long_on(site: Site, server: str, chunks: int) -> Long:
    """A request that a server answers in so many tenths of a second; those that went to other servers are broken off."""
    others: list[Long] = []
    try:
        for _unused in range(30):
            answer = Long(site, f"/owa/x?chunks={chunks}&pause=0.1")
            if answer.server == server:
                return answer
            others.append(answer)
    finally:
        for other in others:
            other.break_off()
    raise AssertionError(f"{server} is asked for nothing")


@contextlib.contextmanager
def out_of_service(site: Site, server: str, **more: Any) -> Iterator[tuple[Run, float]]:
    """A server that the module has taken out: what that run told, and when it was over. Afterwards it is put back."""
    options = {"address": site.farm[server].address, "state": "out_of_service", "poll_interval": 1, **more}
    try:
        run = site.playbook([{"name": "out", "kemp.loadmaster.server_maintenance": options}], speed=PACE)
        ended = time.monotonic()
        yield run.succeeded(), ended
    finally:
        site.playbook(
            [{"name": "back", "kemp.loadmaster.server_maintenance": back(site, server)}], speed=PACE
        ).succeeded()


def back(site: Site, server: str) -> dict[str, Any]:
    return {"address": site.farm[server].address, "state": "in_service", "poll_interval": 1, "settle_time": 0}
