# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe for layer 7, by requests. The numbers are those of the facts in the README beside this file."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from site_under_test import CERTIFICATE, CUT, HOST, LONGEST, SPEED, WINDOW, Answer, Site, trusting

VIP, OFFLOADED, BY_STATUS = 25, 26, 27
PATHS = {
    "owa": "/owa/x",
    "ecp": "/ecp/x",
    "ews": "/ews/Exchange.asmx",
    "activesync": "/Microsoft-Server-ActiveSync?Cmd=Ping",
    "autodiscover": "/autodiscover/autodiscover.xml",
    "mapi": "/mapi/emsmdb",
    "oab": "/oab/oab.xml",
    "rpc": "/rpc/rpcproxy.dll",
    "powershell": "/powershell/x",
}


@pytest.fixture(scope="module")
def site(bare_site: Site) -> Iterator[Site]:
    common = {"exchange2013_l7_servers": bare_site.servers, "exchange2013_l7_certificate": CERTIFICATE}
    bare_site.deploy("exchange2013_l7", exchange2013_l7_vip=bare_site.address(VIP), **common)
    bare_site.deploy(
        "exchange2013_l7",
        **common,
        exchange2013_l7_vip=bare_site.address(OFFLOADED),
        exchange2013_l7_tls_mode="offload",
        exchange2013_l7_protocols=["owa"],
        exchange2013_l7_redirect=False,
    )
    bare_site.deploy(
        "exchange2013_l7",
        **common,
        exchange2013_l7_vip=bare_site.address(BY_STATUS),
        exchange2013_l7_health_check_method="head",
        exchange2013_l7_protocols=["owa"],
        exchange2013_l7_redirect=False,
    )
    yield bare_site


@pytest.fixture
def vip(site: Site) -> str:
    return site.address(VIP)


@pytest.fixture
def by_status(site: Site) -> str:
    """The address of a service that looks at the status of health pages only."""
    return site.address(BY_STATUS)


def down(site: Site, vip: str, server: str = "EX1", name: str = "OWA") -> float:
    """Wait until a server is down in a SubVS; how long it took."""
    return site.wait(lambda: site.statuses(vip, name)[server] == "Down", f"{server} is down in {name}")


# -- routing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PATHS)
def test_fact01_each_directory_reaches_a_server_as_its_protocol(site, vip, protocol):
    answer = site.get(vip, PATHS[protocol])
    assert (answer.status, answer.protocol) == (200, protocol)
    title = {"rpc": "Outlook Anywhere", "activesync": "ActiveSync", "autodiscover": "Autodiscover"}
    index = site.sub(vip, title.get(protocol, "PowerShell" if protocol == "powershell" else protocol.upper()))["Index"]
    conns = {record["Index"]: record["TotalConns"] for record in site.lm.call("stats")["Vs"]}
    assert conns[index] > 0


@pytest.mark.parametrize("path", ["/nowhere", "/exchange/x", "/index.html", "/x/owa", "/xowa2"])
def test_fact01_what_belongs_to_no_protocol_reaches_no_server(site, vip, path):
    for _unused in range(5):
        answer = site.get(vip, path)
        assert answer.status == 503
        assert not answer.server
    assert site.farm.requests == []


@pytest.mark.parametrize("protocol", PATHS)
def test_fact02_case_does_not_matter(site, vip, protocol):
    for path in (PATHS[protocol].upper(), PATHS[protocol].swapcase()):
        assert site.get(vip, path).protocol == protocol


# -- health -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [503, 404, "close", "hang"])
def test_fact03_a_broken_protocol_leaves_its_server_and_the_others_stay(site, vip, fault):
    site.farm["EX1"].break_("owa", fault)
    took = down(site, vip)
    assert took < WINDOW + (4 if fault == "hang" else 0)
    site.farm.forget()
    assert "EX1" not in site.spread(vip, PATHS["owa"])
    assert not [seen for seen in site.farm.requests if seen.server == "EX1"]
    for protocol in ("ews", "activesync", "mapi"):
        assert set(site.spread(vip, PATHS[protocol])) == {"EX1", "EX2", "EX3"}
    assert site.service(vip)["Status"] == "Up"

    site.farm["EX1"].repair()
    site.wait(lambda: site.statuses(vip, "OWA")["EX1"] == "Up", "EX1 is back", WINDOW)
    assert set(site.spread(vip, PATHS["owa"])) == {"EX1", "EX2", "EX3"}


def polls(site: Site) -> list[float]:
    """When EX1 was asked for its page by the check of OWA; those of the other services ask otherwise."""
    found = [seen for seen in site.farm["EX1"].seen if seen.health and seen.protocol == "owa"]
    return [seen.moment for seen in found if seen.tls and seen.method == "GET"]


def test_fact03_the_window_is_the_documented_one(site, vip):
    """Not by the clock alone, which on a busy machine says little: by how often, and after how many failures.

    18 seconds are two polls, 9 seconds apart, after both of which a server is out.
    """
    site.wait(lambda: len(polls(site)) > 5, "the page is asked for")
    times = polls(site)
    shortest = min(later - earlier for earlier, later in pairwise(times))
    assert shortest < 1.5 * 9 / SPEED
    site.farm["EX1"].break_("owa", 503, page_only=True)
    begun = time.monotonic()
    still_up = begun
    until = begun + LONGEST
    while time.monotonic() < until:
        looking = time.monotonic()
        if site.statuses(vip, "OWA")["EX1"] != "Up":
            break
        still_up = looking
    failed = [moment for moment in polls(site) if moment > begun]
    assert len([moment for moment in failed if moment < still_up]) <= 2
    assert len(failed) >= 2
    down(site, vip)


def test_fact03_a_server_that_crashes_leaves_every_protocol(site, vip):
    site.farm["EX2"].crash()
    for name in ("OWA", "EWS", "Outlook Anywhere"):
        down(site, vip, "EX2", name)
    for path in PATHS.values():
        assert "EX2" not in site.spread(vip, path, 4)


@pytest.mark.parametrize("status", [302, 401])
def test_fact04_a_redirect_or_login_page_is_healthy_by_its_status_and_not_by_its_text(site, vip, by_status, status):
    site.farm["EX1"].break_("owa", status)
    down(site, vip)
    time.sleep(WINDOW - 3)
    assert site.statuses(by_status, "OWA")["EX1"] == "Up"


def test_fact05_the_text_of_the_page_decides_where_it_is_looked_at(site, vip, by_status):
    site.farm["EX1"].health_text = "Maintenance"
    down(site, vip)
    time.sleep(WINDOW - 3)
    assert site.statuses(by_status, "OWA")["EX1"] == "Up"


def test_fact06_a_protocol_without_servers_takes_nothing_else_with_it(site, vip):
    for server in site.farm.servers:
        server.break_("owa", 503)
        down(site, vip, server.name)
    assert site.sub(vip, "OWA")["Status"] == "Down"
    assert site.service(vip)["Status"] == "Up"
    site.farm.forget()
    answer = site.get(vip, PATHS["owa"])
    assert (answer.status, answer.server) == (503, "")
    assert set(site.spread(vip, PATHS["ews"])) == {"EX1", "EX2", "EX3"}
    with site.changed(vip, "OWA", errorcode=500):
        assert site.get(vip, PATHS["owa"]).status == 500
    assert not [seen for seen in site.farm.requests if seen.protocol == "owa"]


def test_fact06_a_critical_protocol_without_servers_takes_the_whole_service_down(site, vip):
    slot = next(slot for slot in site.service(vip)["SubVS"] if slot["Name"] == "OWA")
    place = {"vs": site.service(vip)["Index"], "rs": f"!{slot['RsIndex']}"}
    site.lm.call("modrs", **place, critical=1)
    site.settle()
    try:
        assert site.get(vip, PATHS["ews"]).status == 200
        for server in site.farm.servers:
            server.break_("owa", 503)
            down(site, vip, server.name)
        assert site.service(vip)["Status"] == "Down"
        assert site.get(vip, PATHS["ews"]).status == 503
    finally:
        site.lm.call("modrs", **place, critical=0)


# -- spreading --------------------------------------------------------------------------------------------------


def test_fact07_requests_spread_over_the_servers_without_a_cookie(site, vip):
    for path in (PATHS["owa"], PATHS["mapi"]):
        counts = Counter(site.spread(vip, path, 30))
        assert set(counts) == {"EX1", "EX2", "EX3"}
        assert min(counts.values()) >= 5
    assert site.get(vip, PATHS["owa"]).header("Set-Cookie") is None
    assert site.get(vip, PATHS["owa"] + "?cookie").header("Set-Cookie") == "OwaSession=1"


def test_fact07_round_robin_spreads_them_evenly(site, vip):
    with site.changed(vip, "OWA", schedule="rr"):
        assert Counter(site.spread(vip, PATHS["owa"], 30)) == {"EX1": 10, "EX2": 10, "EX3": 10}


def test_fact08_a_server_that_comes_back_is_not_flooded(site, vip):
    with site.parameter("slowstart", 60, 0):
        site.farm["EX1"].break_("owa", 503)
        down(site, vip)
        site.farm["EX1"].repair()
        site.wait(lambda: site.statuses(vip, "OWA")["EX1"] == "Up", "EX1 is back")
        site.farm.forget()
        threads = [threading.Thread(target=site.get, args=(vip, "/owa/x?wait=1.5")) for _unused in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = Counter(seen.server for seen in site.farm.requests)
        assert counts["EX2"] + counts["EX3"] >= 24, counts


# -- TLS --------------------------------------------------------------------------------------------------------


def test_fact09_the_client_sees_the_loadmaster_and_the_server_sees_tls(site, vip):
    assert site.presented(vip).split() == site.certificate.pem.split()
    assert site.get(vip, PATHS["owa"]).status == 200
    assert all(seen.tls for seen in site.farm.requests)


def test_fact09_certificates_of_servers_are_verified_only_where_it_is_asked_for(site, vip):
    with site.parameter("SSLForceServerVerify", 1, 0):
        for server in site.farm.servers:
            down(site, vip, server.name)
        assert site.get(vip, PATHS["owa"]).status == 503
    site.wait(lambda: site.healthy(vip), "unverified servers are up")
    assert site.get(vip, PATHS["owa"]).status == 200


def test_fact10_the_server_sees_the_loadmaster_and_the_client_in_a_header(site, vip):
    client = site.address(202)
    site.get(vip, PATHS["owa"], client=client)
    (seen,) = site.farm.requests
    assert seen.client[0] not in (client, vip)
    assert seen.header("X-Forwarded-For") == [client]
    with site.changed(vip, "OWA", subnetoriginating=0):
        site.farm.forget()
        site.get(vip, PATHS["owa"], client=client)
        (seen,) = site.farm.requests
        assert seen.client[0] == vip


@pytest.mark.parametrize(
    "number, headers",
    [
        (0, {"X-Forwarded-For"}),
        (1, {"X-Forwarded-For", "Via"}),
        (2, set()),
        (3, {"X-ClientSide", "Via"}),
        (4, {"X-ClientSide"}),
        (5, {"X-Forwarded-For"}),
        (6, {"Via"}),
    ],
)
def test_fact10_addvia_says_which_headers_are_added(site, vip, number, headers):
    with site.changed(vip, "OWA", addvia=number):
        site.get(vip, PATHS["owa"])
    (seen,) = site.farm.requests
    assert {name for name in ("X-Forwarded-For", "Via", "X-ClientSide") if seen.header(name)} == headers


def test_fact11_offloaded_servers_get_http_and_their_redirects_become_https(site):
    vip = site.address(OFFLOADED)
    answer = site.get(vip, "/owa/?redirect")
    assert answer.status == 302
    assert answer.header("Location") == f"https://{HOST}/owa/auth/logon.aspx"
    (seen,) = site.farm.requests
    assert not seen.tls
    site.lm.call("modvs", vs=site.service(vip)["Index"], sslrewrite="")
    site.settle()
    try:
        answer = site.get(vip, "/owa/?redirect")
        assert answer.header("Location") == f"http://{HOST}/owa/auth/logon.aspx"
    finally:
        site.lm.call("modvs", vs=site.service(vip)["Index"], sslrewrite="https")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_fact18_old_versions_of_tls_are_refused(site, vip):
    def version(newest: ssl.TLSVersion) -> str:
        context = trusting()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
        with contextlib.closing(site.connect(vip, context=context)) as connected:
            return connected.version()  # type: ignore[attr-defined]

    for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            version(old)
    assert version(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert version(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"

    site.lm.call("modifycipherset", name="Old", value="ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES256-GCM-SHA384")
    with site.changed(vip, tlstype=1, cipherset="Old"):
        assert version(ssl.TLSVersion.TLSv1) == "TLSv1"
        assert version(ssl.TLSVersion.TLSv1_1) == "TLSv1.1"
    assert site.service(vip)["CipherSet"] == "BestPractices"


# -- long and large ---------------------------------------------------------------------------------------------


def test_fact12_a_silent_connection_ends_at_the_idle_time_out(site, vip):
    with site.changed(vip, idletime=2):
        with site.session(vip) as session:
            assert 1.5 < session.closed_after(6) < 4
        with site.session(vip) as session:
            session.get(PATHS["owa"])
            assert 1.5 < session.closed_after(6) < 4


def test_fact12_what_is_not_silent_for_so_long_goes_on(site, vip):
    with site.changed(vip, "Outlook Anywhere", idletime=2):
        with site.session(vip) as session:
            answer = session.send("RPC_OUT_DATA", PATHS["rpc"] + "?chunks=4&pause=1")
            assert answer.body.count(b"rpc") == 4
        with site.session(vip) as session:
            assert session.get(PATHS["rpc"] + "?wait=5").status == 504


@pytest.mark.parametrize("idle, survives", [(8, True), (5, False)])
def test_fact12_a_keep_alive_every_720_seconds_takes_a_longer_time_out_than_660(site, vip, idle, survives):
    """120 times faster: 960 seconds are 8, 660 are 5, and Outlook Anywhere says something every 6."""
    with site.changed(vip, "Outlook Anywhere", idletime=idle), site.session(vip) as session:
        response = session.start("RPC_OUT_DATA", PATHS["rpc"] + "?chunks=3&pause=6")
        if survives:
            assert response.read().count(b"rpc") == 3
        else:
            with pytest.raises(CUT):
                response.read()


def test_fact13_a_client_that_asks_first_is_told_to_go_on(site, vip):
    with site.session(vip) as session:
        session.socket.sendall(
            f"POST {PATHS['ews']} HTTP/1.1\r\nHost: {HOST}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n".encode()
        )
        assert session.socket.recv(4096).startswith(b"HTTP/1.1 100 ")
        session.socket.sendall(b"12345")
        assert session.socket.recv(4096).startswith(b"HTTP/1.1 200 ")
    (seen,) = site.farm.requests
    assert seen.body == b"12345"


def test_fact14_large_bodies_arrive_whole(site, vip):
    body = bytes(range(256)) * 32768
    with site.session(vip) as session:
        assert f" {len(body)} ".encode() in session.send("POST", PATHS["ews"], body=body).body
        assert f" {len(body)} ".encode() in session.send("RPC_IN_DATA", PATHS["rpc"], body=body).body
        chunked = session.send("POST", PATHS["activesync"] + "&x=1", body=iter([b"a" * 70000, b"b" * 70000]))
        assert b" 140000 " in chunked.body
        assert len(session.get(PATHS["oab"] + "?size=5000000").body) == 5000000


@pytest.mark.parametrize("method, path", [("POST", PATHS["ews"]), ("RPC_IN_DATA", PATHS["rpc"])])
def test_fact14_a_body_is_passed_on_as_it_comes(site, vip, method, path):
    """The server has the first half before the second is sent."""
    half = b"x" * 100_000
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {2 * len(half)}\r\n\r\n"
    with site.session(vip) as session:
        session.socket.sendall(head.encode() + half)
        site.wait(lambda: sum(server.arrived for server in site.farm.servers) == len(half), "the first half is there")
        assert site.farm.requests == []
        session.socket.sendall(half)
        answer = http.client.HTTPResponse(session.socket)
        answer.begin()
        assert f" {2 * len(half)} ".encode() in answer.read()


def test_fact14_an_answer_is_passed_on_as_it_comes(site, vip):
    with site.session(vip) as session:
        since = time.monotonic()
        response = session.start("GET", PATHS["ews"] + "?chunks=3&pause=1")
        response.readline()
        assert time.monotonic() - since < 0.9
        assert len(response.readlines()) == 2
        assert time.monotonic() - since > 1.9


def test_fact14_a_request_that_hangs_is_answered_in_the_end(site, vip):
    assert site.get(vip, PATHS["activesync"] + "&wait=3").status == 200


def test_fact15_a_connection_to_a_server_belongs_to_one_client(site, vip):
    def handshake(session: Any) -> Answer:
        path = PATHS["ews"] + "?ntlm"
        assert session.get(path).header("WWW-Authenticate") == "NTLM"
        offer = session.get(path, headers={"Authorization": "NTLM hello"}).header("WWW-Authenticate")
        challenge = offer.partition(" ")[2]
        assert challenge.startswith("challenge-")
        return session.get(path, headers={"Authorization": f"NTLM answer-to-{challenge}"})

    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(site.session(vip)) for _unused in range(6)]
        assert [handshake(session).status for session in sessions] == [200] * 6
        for _unused in range(3):
            assert all(session.get(PATHS["ews"] + "?ntlm").status == 200 for session in sessions)
        strangers = [stack.enter_context(site.session(vip)) for _unused in range(6)]
        assert all(session.get(PATHS["ews"] + "?ntlm").status == 401 for session in strangers)
    by_connection = Counter(seen.connection for seen in site.farm.requests)
    assert len(by_connection) == 12


def test_fact33_a_server_returns_only_when_its_page_is_healthy_again(site, vip):
    site.farm["EX1"].crash()
    down(site, vip)
    site.farm["EX1"].break_("owa", 503)
    site.farm["EX1"].recover()
    site.wait(lambda: site.statuses(vip, "EWS")["EX1"] == "Up", "EWS is back")
    time.sleep(WINDOW - 3)
    assert site.statuses(vip, "OWA")["EX1"] == "Down"
    assert "EX1" not in site.spread(vip, PATHS["owa"])
    site.farm["EX1"].repair()
    site.wait(lambda: site.statuses(vip, "OWA")["EX1"] == "Up", "OWA is back")
    assert "EX1" in site.spread(vip, PATHS["owa"])


# -- redirects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/owa/?x=1&y=%2F", "/a%20b/c?d=https://x/"])
def test_fact16_http_is_sent_to_https_with_host_and_path(site, vip, path):
    answer = site.get(vip, path, port=80, tls=False)
    assert answer.status == 301
    assert answer.header("Location") == f"https://{HOST}{path}"
    assert site.service(vip, 80)["Status"] == "Redirect"
    assert site.farm.requests == []


def test_fact17_a_request_for_nothing_ends_at_owa(site, vip):
    answer = site.get(vip, "/")
    assert (answer.status, answer.protocol) == (200, "owa")
    assert [seen.target for seen in site.farm.requests] == ["/owa/"]


# -- taking a server out ----------------------------------------------------------------------------------------


def test_fact19_a_disabled_server_gets_nothing_new_and_finishes_what_it_has(site, vip):
    with site.session(vip) as session:
        response = session.start("GET", PATHS["owa"] + "?chunks=10&pause=0.2")
        server = response.getheader("X-FEServer")
        with site.disabled(server, vip, "OWA"):
            assert site.statuses(vip, "OWA")[server] == "Disabled"
            assert server not in site.spread(vip, PATHS["owa"])
            assert server in site.spread(vip, PATHS["ews"])
            assert len(response.readlines()) == 10
            assert session.get(PATHS["owa"]).server != server
    assert server in site.spread(vip, PATHS["owa"])


def test_fact19_with_dropatdrainend_its_connections_are_cut(site, vip):
    with site.parameter("dropatdrainend", 1, 0), site.session(vip) as session:
        response = session.start("GET", PATHS["owa"] + "?chunks=50&pause=0.2")
        with site.disabled(response.getheader("X-FEServer"), vip, "OWA"), pytest.raises(CUT):
            response.read()


@pytest.mark.parametrize("drop", [1, 0])
def test_fact20_droponfail_decides_about_the_connections_of_a_server_that_fails(site, vip, drop):
    with site.parameter("droponfail", drop, 0):
        site.wait(lambda: site.healthy(vip), "all are up")
        with site.session(vip) as session:
            response = session.start("GET", PATHS["owa"] + "?chunks=30&pause=0.1")
            server = site.farm[response.getheader("X-FEServer")]
            server.break_("owa", 503, page_only=True)
            down(site, vip, server.name)
            if drop:
                with pytest.raises(CUT):
                    response.read()
            else:
                assert len(response.readlines()) == 30


def test_fact21_the_second_run_changes_nothing(site, vip):
    """No index is another one, no SubVS, rule or server there twice, and all reads back as it did."""

    def shown() -> list[dict[str, Any]]:
        records = site.lm.call("listvs")["VS"]
        # A SubVS has a record of its own only where one asks for it by its index
        return records + [site.lm.call("showvs", vs=slot["VSIndex"]) for vs in records for slot in vs.get("SubVS", [])]

    state, before = site.lm.state(), shown()
    slots = [slot for record in before for slot in record.get("SubVS", [])]
    assert len({slot["VSIndex"] for slot in slots}) == len(slots) > 9
    assert len({slot["RsIndex"] for slot in slots}) == len(slots)
    calls = len(site.lm.journal)
    run = site.deploy(
        "exchange2013_l7",
        exchange2013_l7_vip=vip,
        exchange2013_l7_servers=site.servers,
        exchange2013_l7_certificate=CERTIFICATE,
    )
    assert run.changed == 0
    assert not [call for call in site.lm.journal[calls:] if call.command.startswith(("add", "mod", "del", "set"))]
    assert site.lm.state() == state
    assert shown() == before
