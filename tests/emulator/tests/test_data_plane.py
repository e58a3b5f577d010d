# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data plane: requests go through it, its figures come back, and what it cannot do is refused."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from exchange_farm import Farm, Ports

from loadmaster_emulator import ApiError, DataPlane, DataPlaneError, Emulator, Fault, Places
from loadmaster_emulator.data_plane import plane, process

_NUMBER = os.getpid() % (60 * 256)
NET = f"127.{40 + _NUMBER // 256}.{_NUMBER % 256}"
VIP = f"{NET}.25"
# High ports: no one has to be root for these tests
PORTS = Ports(https=18443, http=18080, smtp=18025, submission=0, imap=0, imaps=0, pop=0, pops=0)
PLACE = {"vs": VIP, "port": 8080, "prot": "tcp"}
LONGEST = 10.0

pytestmark = pytest.mark.skipif(
    shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") is None,
    reason="HAProxy is not installed",
)


class Bench:
    """An appliance with one service of the type http, and two servers that are in nothing yet."""

    def __init__(self, lm: Emulator, farm: Farm) -> None:
        self.lm = lm
        self.farm = farm
        self.call = lm.call
        self.index = self.call("addvs", **PLACE, vstype="http", checktype="none")["Index"]

    def server(self, index: int, number: int, **settings: object) -> str:
        place = {"vs": index, "rs": self.farm.servers[number - 1].address, "rsport": PORTS.http}
        made = self.call("addrs", **place)["Rs"][0]["RsIndex"]
        if settings:
            self.call("modrs", **place, **settings)
        return f"!{made}"

    def sub(self, name: str, number: int, **rule: object) -> int:
        """A SubVS with one server and one rule."""
        slot = self.call("modvs", vs=self.index, createsubvs="")["SubVS"][-1]
        self.call("modvs", vs=slot["VSIndex"], nickname=name, checktype="none", transparent=0)
        self.call("addrule", name=name, **rule)
        self.call("addrsrule", vs=self.index, rs=f"!{slot['RsIndex']}", rule=name)
        self.server(slot["VSIndex"], number)
        return slot["VSIndex"]

    def get(self, path: str = "/owa/x", port: int = 8080, **headers: str) -> http.client.HTTPResponse:
        """Send a request when everything that was written is in force; the answer, with its body as .text."""
        self.call("vstotals")
        connection = http.client.HTTPConnection(VIP, port, timeout=LONGEST)
        with closing(connection):
            connection.request("GET", path, headers={"Host": "mail.example.com", **headers})
            response = connection.getresponse()
            response.text = response.read().decode()  # type: ignore[attr-defined]
        return response

    def who(self, path: str = "/owa/x", **headers: str) -> str:
        """The server that answers a request; nothing where none does."""
        return self.get(path, **headers).getheader("X-FEServer", "")

    def wait(self, condition: Callable[[], bool]) -> None:
        since = time.monotonic()
        while not condition():
            assert time.monotonic() - since < LONGEST
            time.sleep(0.02)


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with Farm([f"{NET}.31", f"{NET}.32"], PORTS) as farm:
        yield farm


@pytest.fixture
def bench(farm: Farm) -> Iterator[Bench]:
    with Emulator(users={"bal": "pw"}, data_plane=DataPlane(health_speed=20)) as lm:
        farm.repair()
        farm.forget()
        yield Bench(lm, farm)


# -- rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, hits, misses",
    [
        ({"pattern": "/^\\/owa.*/"}, ["/owa", "/owa/x?y"], ["/OWA", "/x/owa"]),
        ({"pattern": "/^\\/owa.*/", "nocase": 1}, ["/OWA/x"], ["/ews"]),
        ({"pattern": "/owa", "matchtype": "prefix"}, ["/owa/x"], ["/ews/owa"]),
        ({"pattern": ".htm", "matchtype": "postfix"}, ["/owa/x.htm"], ["/owa/x.html"]),
        ({"pattern": "/^\\/owa/", "negate": 1}, ["/ews"], ["/owa"]),
        ({"pattern": "/a=1/", "incquery": 1}, ["/owa?a=1"], ["/owa?a=2"]),
        ({"pattern": "/a=1/"}, [], ["/owa?a=1"]),
        ({"pattern": "/^mail\\.example\\.com\\/owa/", "inchost": 1}, ["/owa"], ["/ews"]),
        ({"pattern": "/^mail.*\\/owa\\?a/", "inchost": 1, "incquery": 1}, ["/owa?a"], ["/owa"]),
        ({"pattern": "/^127\\./", "header": "src-ip"}, ["/owa"], []),
        ({"pattern": "/^10\\./", "header": "src-ip"}, [], ["/owa"]),
    ],
)
def test_a_rule_decides_who_answers(bench, rule, hits, misses):
    bench.sub("A", 1, **rule)
    assert {path: bench.who(path) for path in hits} == dict.fromkeys(hits, "EX1")
    assert {path: bench.get(path).status for path in misses} == dict.fromkeys(misses, 503)


def test_a_rule_can_be_about_a_header(bench):
    bench.sub("A", 1, pattern="/Outlook/", header="User-Agent")
    bench.sub("B", 2, pattern="/Outlook/", header="User-Agent", negate=1)
    assert bench.who(**{"User-Agent": "Microsoft Outlook 15"}) == "EX1"
    assert bench.who(**{"User-Agent": "curl"}) == "EX2"


def test_the_first_of_several_that_match_answers(bench):
    bench.sub("A", 1, pattern="/^\\/owa/")
    bench.sub("B", 2, pattern="/./")
    assert (bench.who("/owa"), bench.who("/ews")) == ("EX1", "EX2")


def test_flags_join_rules_to_conditions(bench):
    bench.sub("A", 1, pattern="/./")
    bench.call("addrule", name="inside", pattern="/^yes$/", header="X-Inside", setonmatch=1)
    bench.call("addrule", name="deny", pattern="/^\\/ecp/", onlyonnoflag=1, mustfail=1)
    for rule in ("inside", "deny"):
        bench.call("addprerule", vs=bench.index, rule=rule)
    assert bench.who("/owa") == "EX1"
    assert bench.who("/ecp", **{"X-Inside": "yes"}) == "EX1"
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        bench.who("/ecp")
    assert [seen.target for seen in bench.farm.requests] == ["/owa", "/ecp"]


def test_rules_of_servers_choose_among_them(bench):
    one, two = bench.server(bench.index, 1), bench.server(bench.index, 2)
    bench.call("addrule", name="owa", pattern="/^\\/owa/")
    bench.call("addrule", name="all", pattern="/./")
    bench.call("addrsrule", vs=bench.index, rs=one, rule="owa")
    assert (bench.who("/owa"), bench.who("/ews")) == ("EX1", "")
    bench.call("addrsrule", vs=bench.index, rs=two, rule="all")
    assert bench.who("/ews") == "EX2"
    assert {bench.who("/owa") for _unused in range(8)} == {"EX1", "EX2"}


def test_headers_are_added_changed_and_deleted(bench):
    bench.server(bench.index, 1)
    for name, rule in {
        "add": {"type": 1, "header": "X-New", "replacement": "100% \\new"},
        "delete": {"type": 2, "pattern": "X-Old"},
        "change": {"type": 3, "header": "X-Name", "pattern": "/(\\w+)@old/", "replacement": "\\1@new"},
    }.items():
        bench.call("addrule", name=name, **rule)
        bench.call("addrequestrule", vs=bench.index, rule=name)
    bench.get(**{"X-Old": "1", "X-Name": "<me@old>"})
    (seen,) = bench.farm.requests
    assert seen.header("X-New") == ["100% \\new"]
    assert seen.header("X-Old") == []
    assert seen.header("X-Name") == ["<me@new>"]


def test_the_url_is_changed_and_its_query_kept(bench):
    bench.server(bench.index, 1)
    bench.call("addrule", name="move", type=4, pattern="/^\\/mail(.*)$/", replacement="/owa\\1")
    bench.call("addrequestrule", vs=bench.index, rule="move")
    bench.get("/mail/x?y=1")
    assert [seen.target for seen in bench.farm.requests] == ["/owa/x?y=1"]


def test_headers_of_answers_are_changed(bench):
    bench.server(bench.index, 1)
    bench.call("addrule", name="hide", type=2, pattern="X-Protocol")
    bench.call("addresponserule", vs=bench.index, rule="hide")
    assert bench.get().getheader("X-Protocol") is None
    assert bench.get().getheader("X-FEServer") == "EX1"


# -- servers ----------------------------------------------------------------------------------------------------


def test_weights_count(bench):
    bench.call("modvs", vs=bench.index, schedule="wrr")
    bench.server(bench.index, 1, weight=3000)
    bench.server(bench.index, 2, weight=1000)
    assert Counter(bench.who() for _unused in range(12)) == {"EX1": 9, "EX2": 3}


def test_fixed_weighting_asks_the_heaviest_that_is_there(bench):
    bench.call("modvs", vs=bench.index, schedule="fixed")
    bench.server(bench.index, 1, weight=10)
    bench.server(bench.index, 2, weight=20)
    assert {bench.who() for _unused in range(4)} == {"EX2"}
    bench.call("disablers", rs=bench.farm["EX2"].address)
    assert {bench.who() for _unused in range(4)} == {"EX1"}


def test_a_limit_holds_connections_back(bench):
    bench.server(bench.index, 1, limit=1)
    bench.call("vstotals")
    first = threading.Thread(target=bench.get, args=("/owa/x?wait=2.5",))
    first.start()
    bench.wait(lambda: bool(bench.farm.requests))
    assert bench.get().status == 503
    first.join()
    assert bench.get().status == 200


def answered(number: int, requests: int = 1) -> int:
    """How many requests are answered that are sent at once: so many connections, with so many requests on each."""
    text = b"GET /owa/x HTTP/1.1\r\nHost: mail.example.com\r\n\r\n" * requests
    with ExitStack() as stack:
        opened, heads = [], 0
        for _unused in range(number):
            with suppress(ConnectionError):  # refused before it was open
                opened.append(stack.enter_context(socket.create_connection((VIP, 8080), LONGEST)))
        for each in opened:
            received = b""
            with suppress(ConnectionError):  # refused, or refused in the middle
                each.sendall(text)
                while received.count(b"HTTP/1.1 404") < requests and (part := each.recv(65536)):
                    received += part
            heads += received.count(b"HTTP/1.1 404")
        return heads


@pytest.mark.parametrize(
    "limit, load",
    [("maxconnslimit", (40, 1)), ("connsperseclimit", (40, 1)), ("requestsperseclimit", (1, 40))],
)
def test_a_service_has_limits(bench, limit, load):
    """Forty at once, of which three are within the limit; a few more are where the machine is that slow."""
    bench.call("modvs", vs=bench.index, errorcode=404)
    bench.call("vstotals")
    assert answered(*load) == 40
    bench.call("modvs", vs=bench.index, **{limit: 3})
    bench.call("vstotals")
    assert 3 <= answered(*load) < 20


def test_the_answer_above_the_limit_of_requests_is_what_the_appliance_is_set_to(bench):
    bench.call("modvs", vs=bench.index, errorcode=404)
    bench.call("modvs", vs=bench.index, requestsperseclimit=1)
    bench.call("set", param="SendRateLimitError", value=1)
    bench.call("vstotals")
    bench.wait(lambda: {bench.get().status for _unused in range(8)} == {404, 429})


def test_pre_processing_rules_of_a_subvs_make_its_requests_fail(bench):
    """A deny rule there has an effect, and on no other SubVS."""
    bench.sub("A", 1, pattern="/^\\/owa/")
    sub = bench.sub("B", 2, pattern="/./")
    bench.call("addrule", name="deny", pattern="/secret/", mustfail=1)
    bench.call("addprerule", vs=sub, rule="deny")
    assert bench.who("/owa/secret") == "EX1"
    assert bench.who("/ews/x") == "EX2"
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        bench.who("/ews/secret")
    assert [seen.target for seen in bench.farm.requests] == ["/owa/secret", "/ews/x"]


def test_a_sorry_server_answers_when_no_one_else_does(bench):
    bench.server(bench.index, 1)
    sorry = bench.farm["EX2"]
    bench.call("modvs", vs=bench.index, standbyaddr=sorry.address, standbyport=PORTS.http)
    assert {bench.who() for _unused in range(4)} == {"EX1"}
    bench.call("disablers", rs=bench.farm["EX1"].address)
    assert {bench.who() for _unused in range(4)} == {"EX2"}


def test_an_error_or_redirect_is_answered_when_no_one_is_there(bench):
    bench.call("modvs", vs=bench.index, errorcode=404)
    assert bench.get().status == 404
    bench.call("modvs", vs=bench.index, errorcode=302, errorurl="https://%h/sorry%s")
    answer = bench.get("/a?b=1")
    assert (answer.status, answer.getheader("Location")) == (302, "https://mail.example.com/sorry/a?b=1")
    assert bench.call("showvs", **PLACE)["Status"] == "Redirect"


def test_enough_servers_have_to_be_up_where_that_is_asked_for(bench):
    bench.server(bench.index, 1)
    bench.server(bench.index, 2)
    bench.call("modvs", vs=bench.index, enhancedhealthchecks=1)
    bench.call("modvs", vs=bench.index, rsminimum=2)
    assert bench.get().status == 200
    bench.call("disablers", rs=bench.farm["EX2"].address)
    assert bench.call("showvs", **PLACE)["Status"] == "Down"
    assert bench.get().status == 503


# -- health -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings, fault",
    [
        ({"checktype": "http", "checkurl": "/owa/healthcheck.htm"}, "owa"),
        ({"checktype": "https", "checkurl": "/owa/healthcheck.htm", "checkport": PORTS.https}, "owa"),
        ({"checktype": "smtp", "checkport": PORTS.smtp}, "smtp"),
    ],
)
def test_a_check_takes_a_server_out_and_back(bench, settings, fault):
    bench.call("modvs", vs=bench.index, **settings)
    bench.server(bench.index, 1)
    bench.server(bench.index, 2)

    def statuses() -> list[str]:
        shown = [entry["Status"] for entry in bench.call("showvs", **PLACE)["Rs"]]
        places = [{"rs": server.address, "rsport": PORTS.http} for server in bench.farm.servers]
        # Each call that tells a status looks by itself; what a moment ago was so may have changed between them
        alone = [bench.call("showrs", **PLACE, **place)["Rs"][0]["Status"] for place in places]
        (listed,) = ([entry["Status"] for entry in vs["Rs"]] for vs in bench.call("listvs")["VS"])
        return shown if shown == alone == listed else ["changing"]

    bench.wait(lambda: statuses() == ["Up", "Up"])
    bench.farm["EX1"].break_(fault, "close")
    bench.wait(lambda: statuses() == ["Down", "Up"])
    assert {bench.who() for _unused in range(4)} == {"EX2"}
    totals = bench.call("vstotals")
    assert totals["RSTotals"] == {"Total": 2, "Up": 1, "Down": 1, "Disabled": 0}
    bench.farm["EX1"].repair()
    bench.wait(lambda: statuses() == ["Up", "Up"])


def test_a_check_asks_for_its_url_as_it_is_written(bench):
    url = "/owa/healthcheck.htm?share=50%25&x=%20y"
    bench.call("modvs", vs=bench.index, checktype="http", checkurl=url)
    bench.call("modvs", vs=bench.index, **{"checkheaders": "User-Agent:Kemp 100% true|X-Two:2"})
    bench.server(bench.index, 1)
    bench.wait(lambda: bool(bench.farm["EX1"].seen))
    seen = bench.farm["EX1"].seen[-1]
    assert seen.target == url
    assert seen.header("User-Agent") == ["Kemp 100% true"]
    assert seen.header("X-Two") == ["2"]


def test_a_new_server_gets_nothing_before_its_first_check(bench):
    bench.farm["EX1"].break_("owa", 503)
    bench.call("modvs", vs=bench.index, checktype="http", checkurl="/owa/healthcheck.htm")
    bench.server(bench.index, 1)
    for _unused in range(10):
        assert bench.get("/ews").status == 503
    assert bench.farm.requests == []


def test_health_outlives_a_reload(bench):
    bench.call("modvs", vs=bench.index, checktype="http", checkurl="/owa/healthcheck.htm")
    bench.server(bench.index, 1)
    bench.wait(lambda: bench.call("showvs", **PLACE)["Status"] == "Up")
    before = bench.lm.data_plane.reloads
    bench.call("modvs", vs=bench.index, idletime=100)
    assert bench.call("showvs", **PLACE)["Status"] == "Up"
    assert bench.lm.data_plane.reloads == before + 1


def test_a_disabled_server_stays_so_over_a_reload_and_takes_none_to_become_so(bench):
    bench.server(bench.index, 1)
    bench.server(bench.index, 2)
    bench.call("vstotals")
    before = bench.lm.data_plane.reloads
    bench.call("disablers", rs=bench.farm["EX1"].address)
    assert {bench.who() for _unused in range(4)} == {"EX2"}
    assert bench.lm.data_plane.reloads == before
    bench.call("modvs", vs=bench.index, idletime=100)
    assert {bench.who() for _unused in range(4)} == {"EX2"}
    assert bench.lm.data_plane.reloads == before + 1
    assert [entry["Status"] for entry in bench.call("showvs", **PLACE)["Rs"]] == ["Disabled", "Up"]


@pytest.mark.parametrize("reloaded", [False, True])
def test_connections_are_cut_though_the_server_is_enabled_again_at_once(bench, reloaded):
    """Writes in quick succession come into force together; the cut is not lost by that. It reaches former processes."""
    bench.server(bench.index, 1)
    bench.call("set", param="dropatdrainend", value=1)
    bench.call("vstotals")
    with closing(http.client.HTTPConnection(VIP, 8080, timeout=LONGEST)) as connection:
        connection.request("GET", "/owa/x?chunks=100&pause=0.1")
        response = connection.getresponse()
        if reloaded:
            bench.call("modvs", vs=bench.index, idletime=100)
        bench.call("disablers", rs=bench.farm["EX1"].address)
        bench.call("enablers", rs=bench.farm["EX1"].address)
        bench.call("set", param="dropatdrainend", value=0)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    assert bench.who() == "EX1"


@pytest.mark.parametrize("rules", [0, 1])
def test_connections_of_a_server_that_fails_are_dropped_with_droponfail(bench, rules):
    bench.call("set", param="droponfail", value=1)
    bench.call("modvs", vs=bench.index, checktype="http", checkurl="/owa/healthcheck.htm")
    one = bench.server(bench.index, 1)
    if rules:
        bench.call("addrule", name="all", pattern="/./")
        bench.call("addrsrule", vs=bench.index, rs=one, rule="all")
    bench.wait(lambda: bench.call("showvs", **PLACE)["Status"] == "Up")
    with closing(http.client.HTTPConnection(VIP, 8080, timeout=LONGEST)) as connection:
        connection.request("GET", "/owa/x?chunks=100&pause=0.1")
        response = connection.getresponse()
        bench.farm["EX1"].break_("owa", 503, page_only=True)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()


def test_the_status_of_one_server_and_of_a_subvs_is_measured(bench):
    """By showrs alone, which no one else has looked before."""
    sub = bench.sub("A", 1, pattern="/./")
    bench.call("modvs", vs=sub, checktype="http", checkurl="/owa/healthcheck.htm")
    (slot,) = bench.call("showvs", **PLACE)["SubVS"]
    places = {
        "Rs": {"vs": sub, "rs": bench.farm["EX1"].address, "rsport": PORTS.http},
        "SubVS": {"vs": bench.index, "rs": f"!{slot['RsIndex']}"},
    }

    def status(kind: str) -> str:
        return bench.call("showrs", **places[kind])[kind][0]["Status"]

    for kind in places:
        bench.wait(lambda kind=kind: status(kind) == "Up")
        bench.farm["EX1"].break_("owa", 503)
        bench.wait(lambda kind=kind: status(kind) == "Down")
        bench.farm["EX1"].repair()


# -- figures ----------------------------------------------------------------------------------------------------


def figures(bench: Bench) -> tuple[dict[str, Any], dict[str, Any]]:
    found = bench.call("stats")
    return found["Vs"][0], found["Rs"][0]


def test_figures_are_those_of_the_traffic_over_reloads(bench):
    bench.server(bench.index, 1)
    for number in range(3):
        bench.call("modvs", vs=bench.index, idletime=100 + number)
        bench.get("/owa/x?size=1000")
    service, server = figures(bench)
    assert (service["TotalConns"], server["Conns"]) == (3, 3)
    assert server["BytesWritten"] > 3000
    assert service["TotalBytes"] == service["BytesRead"] + service["BytesWritten"]
    assert bench.call("stats")["VStotals"]["TotalConns"] == 3


def test_open_connections_of_a_former_process_count(bench):
    bench.server(bench.index, 1)
    bench.call("vstotals")
    waiting = threading.Thread(target=bench.get, args=("/owa/x?wait=1.5",))
    waiting.start()
    bench.wait(lambda: figures(bench)[1]["ActivConns"] == 1)
    bench.call("modvs", vs=bench.index, idletime=100)
    assert figures(bench)[1]["ActivConns"] == 1
    waiting.join()
    bench.wait(lambda: figures(bench)[1]["ActivConns"] == 0)
    assert figures(bench)[1]["Conns"] == 1


def test_the_farm_knows_what_it_has_begun_and_not_ended(bench):
    bench.server(bench.index, 1)
    bench.get("/owa/x?done")
    server = bench.farm["EX1"]
    assert [seen.target for seen in bench.farm.requests] == ["/owa/x?done"]
    bench.wait(lambda: server.unanswered == [])
    with closing(http.client.HTTPConnection(VIP, 8080, timeout=LONGEST)) as connection:
        connection.request("GET", "/owa/x?chunks=100&pause=0.1")
        response = connection.getresponse()
        server.crash()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    assert [seen.target for seen in server.unanswered] == ["/owa/x?chunks=100&pause=0.1"]
    server.recover()
    assert bench.who() == "EX1"


def test_a_server_that_does_not_answer_is_not_the_last_word(bench):
    """Before a check has noticed anything, a new request goes to another one."""
    bench.server(bench.index, 1)
    bench.server(bench.index, 2)
    assert {bench.who() for _unused in range(4)} == {"EX1", "EX2"}
    bench.farm["EX1"].crash()
    assert {bench.who() for _unused in range(4)} == {"EX2"}


# -- following the configuration --------------------------------------------------------------------------------


def test_what_cannot_be_expressed_fails_the_call_and_changes_nothing(bench):
    bench.server(bench.index, 1)
    before = bench.lm.state()
    for command, sent, text in (
        ("modvs", {"vs": bench.index, "persist": "src", "idletime": 7}, "Persist src"),
        ("modvs", {"vs": bench.index, "persist": "src", "idletime": 7}, f"tcp/{VIP}:8080"),
        ("addvs", {"vs": "192.0.2.1", "port": 8081, "prot": "tcp"}, "listening on 192.0.2.1 port 8081"),
        ("addvs", {"vs": f"{NET}.32", "port": PORTS.http, "prot": "tcp"}, "Address already in use"),
        ("addvs", {"vs": VIP, "port": 53, "prot": "udp"}, "UDP"),
    ):
        with pytest.raises(ApiError) as caught:
            bench.call(command, **sent)
        assert text in caught.value.text
    assert bench.lm.state() == before
    assert bench.who() == "EX1"


def test_transparency_takes_a_privilege(bench, monkeypatch):
    bench.server(bench.index, 1)
    monkeypatch.setattr(plane, "_may_be_transparent", lambda: False)
    with pytest.raises(ApiError, match="takes root"):
        bench.call("modvs", vs=bench.index, transparent=1)
    assert bench.call("showvs", **PLACE)["Transparent"] is False
    assert bench.who() == "EX1"


def test_a_refusal_is_in_the_journal(bench):
    from wire_client import Client

    client = Client(bench.lm)
    try:
        answer = client.v2("modvs", vs=bench.index, persist="src")
    finally:
        client.close()
    assert answer.status == 422
    assert "data plane" in bench.lm.journal[-1].message


def test_writes_in_quick_succession_take_few_reloads(bench):
    bench.call("vstotals")
    before = bench.lm.data_plane.reloads
    for number in range(10):
        bench.call("modvs", vs=bench.index, nickname=f"Web {number}")
    assert bench.call("vstotals")
    assert bench.lm.data_plane.reloads == before, "a name is nothing that traffic notices"
    for number in range(10):
        bench.call("addrule", name=f"r{number}", pattern="x", mustfail=1)
        bench.call("addprerule", vs=bench.index, rule=f"r{number}")
    assert bench.call("vstotals")
    assert bench.lm.data_plane.reloads - before < 10


def test_figures_that_cannot_be_had_fail_no_configuration(bench, monkeypatch, caplog):
    bench.server(bench.index, 1)
    assert bench.who() == "EX1"
    before = bench.lm.data_plane.reloads

    def late(_self: object) -> None:
        raise TimeoutError("timed out")

    with monkeypatch.context() as patched:
        patched.setattr(process.Process, "statistics", late)
        bench.call("modvs", vs=bench.index, errorcode=404)
        bench.wait(lambda: bench.lm.data_plane.reloads == before + 1)
        with pytest.raises(ApiError, match="HAProxy does not answer: timed out") as caught:
            bench.call("vstotals")
        assert caught.value.status == 500
    assert "has counted since the last look is lost" in caplog.text
    assert bench.who() == "EX1"
    bench.call("disablers", rs=bench.farm["EX1"].address)
    assert bench.get().status == 404


def test_what_no_one_foresaw_is_told_and_ends_no_traffic(bench, monkeypatch, caplog):
    bench.server(bench.index, 1)
    assert bench.who() == "EX1"

    def broken(*_unused: object) -> None:
        raise ZeroDivisionError("by chance")

    with monkeypatch.context() as patched:
        patched.setattr(process.Process, "take", broken)
        bench.call("modvs", vs=bench.index, errorcode=404)
        with pytest.raises(ApiError, match="ZeroDivisionError: by chance"):
            bench.call("listvs")
        assert "ZeroDivisionError" in caplog.text
        with closing(http.client.HTTPConnection(VIP, 8080, timeout=LONGEST)) as connection:
            connection.request("GET", "/owa/x")
            assert connection.getresponse().getheader("X-FEServer") == "EX1"
    assert bench.who() == "EX1", "and it is tried again"
    bench.call("disablers", rs=bench.farm["EX1"].address)
    assert bench.get().status == 404


def test_a_pretended_call_changes_nothing(bench):
    bench.server(bench.index, 1)
    bench.call("vstotals")
    from wire_client import Client

    bench.lm.faults.add(Fault("ignore", command="disablers"))
    client = Client(bench.lm)
    try:
        assert client.v2("disablers", rs=bench.farm["EX1"].address).status == 200
    finally:
        client.close()
    assert bench.who() == "EX1"


def test_a_restart_ends_connections_and_carries_traffic_again(bench):
    bench.server(bench.index, 1)
    assert bench.who() == "EX1"
    with socket.create_connection((VIP, 8080)) as connected:
        bench.lm.restart()
        assert connected.recv(1) == b""
    assert bench.who() == "EX1"


def test_after_the_stop_no_one_listens(farm):
    with Emulator(data_plane=DataPlane()) as lm:
        lm.call("addvs", **PLACE)
        lm.call("vstotals")
        socket.create_connection((VIP, 8080)).close()
        directory = lm.data_plane._directory
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((VIP, 8080))
    assert not directory.exists()


def test_a_state_file_that_cannot_be_carried_stops_the_start(tmp_path):
    Emulator(state=tmp_path / "state").call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    lm = Emulator(state=tmp_path / "state", data_plane=DataPlane())
    with pytest.raises(DataPlaneError, match=r"192\.0\.2\.1"):
        lm.start()
    with Emulator(state=tmp_path / "state", data_plane=DataPlane(Places({"192.0.2.1": VIP}, 20000))):
        socket.create_connection((VIP, 20080)).close()


def test_health_cannot_be_made_up_where_it_is_measured():
    lm = Emulator(data_plane=DataPlane())
    for use in (lambda: lm.down, lambda: lm.servers_up, lambda: setattr(lm, "servers_up", False)):
        with pytest.raises(RuntimeError, match="measured"):
            use()
    with pytest.raises(ValueError, match="measured"):
        Emulator(data_plane=DataPlane(), servers_up=False)
    with pytest.raises(ValueError):
        DataPlane(health_speed=0)


def test_without_haproxy_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(process.shutil, "which", lambda *unused, **more: None)
    with pytest.raises(DataPlaneError, match="apt install haproxy"):
        DataPlane()
    Emulator().call("addvs", **PLACE)


# -- command line -----------------------------------------------------------------------------------------------


def emulator_process(*options: str, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "loadmaster_emulator", "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1]), **more}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_command_line_carries_traffic_elsewhere(tmp_path, farm):
    state = tmp_path / "state"
    lm = Emulator(state=state)
    lm.call("addvs", vs="192.0.2.25", port=80, prot="tcp", checktype="none")
    lm.call("addrs", vs="192.0.2.25", port=80, prot="tcp", rs="192.0.2.31", rsport=80)
    emulator = emulator_process(
        "--state", str(state), "--data-plane", "--ready-file", str(tmp_path / "ready"),
        "--map", f"192.0.2.25={VIP}", "--map", f"192.0.2.31={NET}.31",
        "--port-offset", "20000", "--server-port-offset", "18000",
    )  # fmt: skip
    try:
        assert "listening on" in emulator.stdout.readline()
        connection = http.client.HTTPConnection(VIP, 20080, timeout=LONGEST)
        connection.request("GET", "/owa/x")
        assert connection.getresponse().getheader("X-FEServer") == "EX1"
        connection.close()
    finally:
        emulator.send_signal(signal.SIGTERM)
        emulator.communicate(timeout=LONGEST)
    assert emulator.returncode == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((VIP, 20080))


def test_the_data_plane_ends_with_an_emulator_that_is_killed(tmp_path):
    if shutil.which("setpriv") is None:
        pytest.skip("takes setpriv of util-linux")
    state = tmp_path / "state"
    Emulator(state=state).call("addvs", **PLACE)
    emulator = emulator_process("--state", str(state), "--data-plane")
    assert "listening on" in emulator.stdout.readline()
    socket.create_connection((VIP, 8080)).close()
    emulator.kill()
    emulator.communicate(timeout=LONGEST)
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        try:
            socket.create_connection((VIP, 8080)).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.05)
    pytest.fail("someone still listens")


@pytest.mark.parametrize(
    "options, text",
    [
        (["--health-speed", "2"], "take --data-plane"),
        (["--map", "192.0.2.1=127.0.0.1"], "take --data-plane"),
        (["--data-plane", "--health-speed", "0"], "more than 0"),
        (["--data-plane", "--servers-down"], "measured"),
        (["--data-plane", "--map", "192.0.2.1"], "equals sign"),
        (["--data-plane", "--map", "192.0.2.1=here"], "here"),
    ],
)
def test_wrong_options_are_told_in_a_sentence(options, text):
    emulator = emulator_process(*options)
    _out, error = emulator.communicate(timeout=LONGEST)
    assert emulator.returncode != 0
    assert text in error
    assert "Traceback" not in error
