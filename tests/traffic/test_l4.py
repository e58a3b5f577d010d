# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe for layer 4, by requests. The numbers are those of the facts in the README beside this file."""

from __future__ import annotations

import contextlib
import os
import ssl
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from authority import issue
from site_under_test import WINDOW, Site, trusting

from loadmaster_emulator import ApiError

VIP, OWA, EWS, TRANSPARENT, EMPTY = 35, 36, 37, 38, 39
MAIL = {"smtp": (25, b"220 "), "imap": (143, b"* OK "), "pop": (110, b"+OK ")}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="transparency takes root")


@pytest.fixture(scope="module")
def site(bare_site: Site) -> Iterator[Site]:
    servers = {"exchange2013_l4_servers": bare_site.servers}
    bare_site.deploy(
        "exchange2013_l4",
        **servers,
        exchange2013_l4_vip=bare_site.address(VIP),
        exchange2013_l4_mail_services=list(MAIL),
    )
    bare_site.deploy(
        "exchange2013_l4",
        **servers,
        exchange2013_l4_namespaces=[
            {"protocol": "owa", "vip": bare_site.address(OWA)},
            {"protocol": "ews", "vip": bare_site.address(EWS)},
        ],
        exchange2013_l4_redirect=False,
    )
    yield bare_site


@pytest.fixture
def vip(site: Site) -> str:
    return site.address(VIP)


@pytest.fixture(scope="module")
def transparent(site: Site) -> str:
    """The address of a service at layer 4 in the strict sense."""
    site.deploy(
        "exchange2013_l4",
        exchange2013_l4_vip=site.address(TRANSPARENT),
        exchange2013_l4_servers=site.servers,
        exchange2013_l4_mode="force_l4",
        exchange2013_l4_redirect=False,
    )
    site.wait(lambda: site.healthy(site.address(TRANSPARENT)), "its servers are up")
    return site.address(TRANSPARENT)


def down(site: Site, vip: str, server: str = "EX1", port: int = 443) -> float:
    return site.wait(lambda: site.statuses(vip, port=port)[server] == "Down", f"{server} is down")


def banner(site: Site, vip: str, protocol: str, **more: float) -> bytes:
    with site.connect(vip, MAIL[protocol][0], tls=False, **more) as connected:
        return connected.recv(200)


# -- health -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [503, 302, "close"])
def test_fact22_one_page_takes_a_server_out_for_every_protocol(site, vip, fault):
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(site.session(vip)) for _unused in range(9)]
        session = next(session for session in sessions if session.get("/ews/x").server == "EX1")
        site.farm["EX1"].break_("owa", fault, page_only=True)
        assert down(site, vip) < WINDOW
        assert session.get("/ews/x").server == "EX1", "a connection that exists goes on"
    for path in ("/owa/x", "/ews/x", "/mapi/x", "/rpc/x"):
        assert "EX1" not in site.spread(vip, path)
    site.farm["EX1"].repair()
    site.wait(lambda: site.statuses(vip)["EX1"] == "Up", "EX1 is back", WINDOW)
    assert "EX1" in site.spread(vip, "/owa/x")


def test_fact23_with_one_name_space_a_broken_protocol_goes_unnoticed(site, vip):
    site.farm["EX1"].break_("ews", 503)
    site.wait(lambda: site.statuses(site.address(EWS))["EX1"] == "Down", "its own check notices")
    assert site.statuses(vip)["EX1"] == "Up"
    found = [site.get(vip, "/ews/x") for _unused in range(12)]
    assert {answer.status for answer in found if answer.server == "EX1"} == {503}


def test_fact23_with_name_spaces_only_the_broken_one_leaves_the_server(site):
    site.farm["EX1"].break_("ews", 503)
    down(site, site.address(EWS))
    assert "EX1" not in site.spread(site.address(EWS), "/ews/x")
    assert site.statuses(site.address(OWA))["EX1"] == "Up"
    assert "EX1" in site.spread(site.address(OWA), "/owa/x")


# -- what passes through ----------------------------------------------------------------------------------------


def test_fact24_tls_passes_untouched(site, vip):
    certificates = {server.certificate for server in site.farm.servers}
    assert {site.presented(vip) for _unused in range(12)} == certificates

    client = issue("client of tests", site.authority)
    context = trusting()
    folder = site.playbook._folder / "client.pem"
    folder.write_text(client.pem + client.key, encoding="ascii")
    context.load_cert_chain(folder)
    site.get(vip, "/owa/x", context=context, name="autodiscover.example.com")
    (seen,) = site.farm.requests
    assert (seen.sni, seen.client_certificate) == ("autodiscover.example.com", "client of tests")


@needs_root
def test_fact25_at_layer_4_the_server_sees_the_client(site, vip, transparent):
    client = site.address(203)
    site.get(transparent, "/owa/x", client=client)
    site.get(vip, "/owa/x", client=client)
    assert [seen.client[0] == client for seen in site.farm.requests] == [True, False]
    assert not any(seen.header("X-Forwarded-For") for seen in site.farm.requests)
    assert (site.service(transparent)["Layer"], site.service(vip)["Layer"]) == (4, 7)


@needs_root
def test_fact26_what_takes_layer_7_is_not_asked_for(site, transparent):
    index = str(site.service(transparent)["Index"])
    sent: set[str] = set()
    for call in site.lm.journal:
        if call.command in ("addvs", "modvs") and call.parameters.get("vs") in (transparent, index):
            sent |= set(call.parameters)
    assert {"forcel7", "vs"} <= {name.lower() for name in sent}
    wrong = {"sslacceleration", "certfile", "cipherset", "createsubvs", "addvia", "transparent", "subnetoriginating"}
    assert wrong & {name.lower() for name in sent} == set()


@needs_root
def test_fact26_what_takes_layer_7_is_refused_or_ignored(site, transparent):
    """The emulator's part of the fact: such a service has none of it, whatever is sent."""
    before = site.service(transparent)
    index = before["Index"]
    site.lm.call("addrule", name="layer7", pattern="/./")
    refused = [
        ("modvs", {"createsubvs": ""}, "Virtual Service has Real Servers"),
        ("modvs", {"sslacceleration": 1}, "SSLAcceleration at layer 4"),
        ("addprerule", {"rule": "layer7"}, "rules for what is not of the type http"),
        (
            "addrsrule",
            {"rs": f"!{before['Rs'][0]['RsIndex']}", "rule": "layer7"},
            "rules for what is not of the type http",
        ),
    ]
    for command, sent, text in refused:
        with pytest.raises(ApiError, match=text):
            site.lm.call(command, vs=index, **sent)
    empty = site.lm.call("addvs", vs=site.address(EMPTY), port=443, prot="tcp")["Index"]
    site.lm.call("modvs", vs=empty, vstype="gen", forcel7=0)
    with pytest.raises(ApiError, match="layer 4"):
        site.lm.call("modvs", vs=empty, createsubvs="")
    site.lm.call("delvs", vs=empty)
    index = site.service(transparent)["Index"]
    before["Index"] = index
    site.lm.call("modvs", vs=index, transparent=0, subnetoriginating=1, addvia=1, serverinit=1)
    assert site.service(transparent) == before
    client = site.address(203)
    site.get(transparent, "/owa/x", client=client)
    (seen,) = site.farm.requests
    assert seen.client[0] == client


def test_fact27_connections_spread_over_the_servers(site, vip):
    counts = Counter(site.spread(vip, "/owa/x", 30))
    assert set(counts) == {"EX1", "EX2", "EX3"}
    assert min(counts.values()) >= 5


def test_fact27_least_connection_counts_connections(site, vip):
    held = []
    try:
        for _unused in range(9):
            held.append(site.connect(vip))
        time.sleep(0.2)
        figures = {
            record["Addr"]: record["ActivConns"]
            for record in site.lm.call("stats")["Rs"]
            if record["VSIndex"] == site.service(vip)["Index"]
        }
        assert set(figures.values()) == {3}
    finally:
        for connected in held:
            connected.close()


def test_fact28_the_admin_center_cannot_be_kept_back(site, vip):
    run = site.playbook(
        "kemp.loadmaster.restrict_eac",
        extra_vars={
            "exchange2013_restrict_eac_vip": vip,
            "exchange2013_restrict_eac_allowed_networks": ["10.0.0.0/8"],
        },
    )
    assert run.rc != 0
    assert " ".join(run.failed[0].msg.split()) == (
        f"The virtual service tcp/{vip}:443 passes traffic through; it has no SubVSs, so it cannot block requests for /ecp. "
        "Use the recipe exchange2013_l7, or set AdminEnabled to false on the servers with Set-EcpVirtualDirectory. Nothing was changed."
    )
    assert run.changed == 0
    assert site.get(vip, "/ecp/x").protocol == "ecp"


def test_fact16_the_redirect_keeps_host_and_path(site, vip):
    answer = site.get(vip, "/owa/?x=1", port=80, tls=False)
    assert (answer.status, answer.header("Location")) == (301, "https://mail.example.com/owa/?x=1")
    assert site.farm.requests == []


def test_fact12_a_silent_connection_ends_at_the_idle_time_out(site, vip):
    with site.changed(vip, idletime=2), site.session(vip) as session:
        session.get("/owa/x")
        assert 1.5 < session.closed_after(6) < 4


def test_fact19_a_disabled_server_keeps_its_connections_and_gets_no_new_ones(site, vip):
    with site.session(vip) as session:
        server = session.get("/owa/x").server
        with site.disabled(server, vip):
            assert site.statuses(vip)[server] == "Disabled"
            assert server not in site.spread(vip, "/owa/x")
            assert session.get("/owa/x").server == server
    assert server in site.spread(vip, "/owa/x")


# -- mail -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", MAIL)
def test_fact35_the_server_greets_before_the_client_says_anything(site, vip, protocol):
    assert banner(site, vip, protocol).startswith(MAIL[protocol][1])


def test_fact35_without_server_initiating_the_session_stalls(site, vip):
    with site.changed(vip, port=25, serverinit=0), site.connect(vip, 25, tls=False, timeout=1.5) as connected:
        with pytest.raises(TimeoutError):
            connected.recv(200)
        connected.sendall(b"EHLO x\r\n")
        assert connected.recv(200).startswith(b"220 ")


@pytest.mark.parametrize("protocol", MAIL)
def test_fact36_a_server_that_does_not_greet_is_taken_out(site, vip, protocol):
    port = MAIL[protocol][0]
    site.farm["EX1"].break_(protocol, "close")
    down(site, vip, port=port)
    greetings = [banner(site, vip, protocol) for _unused in range(8)]
    assert {name for name in ("EX1", "EX2", "EX3") for text in greetings if name.encode() in text} == {"EX2", "EX3"}
    assert site.statuses(vip)["EX1"] == "Up"


def test_fact36_starttls_passes_untouched(site, vip):
    with site.connect(vip, 25, tls=False) as connected:
        connected.recv(200)
        connected.sendall(b"EHLO x\r\n")
        assert b"STARTTLS" in connected.recv(500)
        connected.sendall(b"STARTTLS\r\n")
        assert connected.recv(200).startswith(b"220 ")
        with trusting().wrap_socket(connected, server_hostname="mail.example.com") as encrypted:
            shown = ssl.DER_cert_to_PEM_cert(encrypted.getpeercert(binary_form=True))
            assert shown in {server.certificate for server in site.farm.servers}
            encrypted.sendall(b"NOOP\r\n")
            assert encrypted.recv(200).startswith(b"250 ")
