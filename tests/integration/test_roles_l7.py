# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes for layer 7, run as a user runs them."""

from __future__ import annotations

import base64
import re
import threading
from contextlib import ExitStack
from typing import Any

import pytest
import yaml
from authority import issue
from documents import renumber

from loadmaster_emulator import Emulator
from loadmaster_emulator.faults import Fault
from runner import REAL_TIME

EXCHANGE = "kemp.loadmaster.exchange2013_l7"
EXCHANGE_L4 = "kemp.loadmaster.exchange2013_l4"
RESTRICT = "kemp.loadmaster.restrict_eac"
SITE = "kemp.loadmaster.site"
READS = {"listvs", "stats", "showrule", "getall", "get", "showhealth"}
MAKE = "Apply or remove the services"

VIP, EXTERNAL = "192.0.2.25", "192.0.2.125"
PREFIX = "Exchange_192_0_2_25_"
PLAIN = {
    "exchange2013_l7_vip": VIP,
    "exchange2013_l7_servers": ["192.0.2.31", "192.0.2.32", "192.0.2.33"],
    "exchange2013_l7_certificate": "mail-2026",
}
# Few protocols where a test is not about them: it takes less time
SMALL = {**PLAIN, "exchange2013_l7_protocols": ["owa", "ecp"], "exchange2013_l7_servers": ["192.0.2.31", "192.0.2.32"]}
PROTOCOLS = {
    "OWA": ("/owa/healthcheck.htm", 1800),
    "ECP": ("/ecp/healthcheck.htm", 660),
    "EWS": ("/ews/healthcheck.htm", 1800),
    "ActiveSync": ("/Microsoft-Server-ActiveSync/healthcheck.htm", 1800),
    "Autodiscover": ("/autodiscover/healthcheck.htm", 660),
    "MAPI": ("/mapi/healthcheck.htm", 1800),
    "OAB": ("/oab/healthcheck.htm", 660),
    "Outlook Anywhere": ("/rpc/healthcheck.htm", 1800),
    "PowerShell": ("/powershell/healthcheck.htm", 660),
}
EAC = {**SMALL, "exchange2013_restrict_eac_allowed_networks": ["10.0.0.0/8", "198.51.100.64/26", "2001:db8:1::/48"]}
METHODS: dict[str, dict[str, Any]] = {
    "source_rules": {"exchange2013_restrict_eac_method": "source_rules"},
    "deny_rules": {"exchange2013_restrict_eac_method": "deny_rules"},
    "separate_service": {
        "exchange2013_restrict_eac_method": "separate_service",
        "exchange2013_restrict_eac_external_vip": EXTERNAL,
    },
}


def install_certificate(emulator: Any, name: str = "mail-2026") -> None:
    made = issue("mail.example.com")
    emulator.call("addcert", cert=name, replace=0, data=base64.b64encode((made.pem + made.key).encode()).decode())


@pytest.fixture
def lm(emulator: Any) -> Any:
    """A LoadMaster that has the certificate of the mail server."""
    install_certificate(emulator)
    return emulator


def services(lm: Any, address: str = VIP) -> dict[str, dict[str, Any]]:
    """The services of an address as the appliance reports them, by port."""
    return {record["VSPort"]: record for record in lm.call("listvs")["VS"] if record.get("VSAddress") == address}


def subs(lm: Any, address: str = VIP, port: str = "443") -> dict[str, dict[str, Any]]:
    """The SubVSs of an address by name, each with its content rules."""
    parent = services(lm, address)[port]
    rules = {slot["VSIndex"]: slot.get("MatchRules", []) for slot in parent["SubVS"]}
    return {
        record["NickName"]: {**record, "content": rules[record["Index"]]}
        for record in lm.call("listvs")["VS"]
        if record["Index"] in rules
    }


def servers(record: dict[str, Any]) -> list[tuple[str, int]]:
    return [(server["Addr"], server["Port"]) for server in record.get("Rs", [])]


def rules(lm: Any) -> dict[str, dict[str, Any]]:
    listed = lm.call("showrule")
    return {record["Name"]: record for kind in listed.values() if isinstance(kind, list) for record in kind}


def writes(lm: Any) -> list[str]:
    return [command for command in lm.journal.commands() if command not in READS]


def settled(playbook: Any, lm: Any, name: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Run a playbook until it must have nothing to do, also after the appliance has renumbered its services."""
    made = playbook(name, extra_vars=variables).succeeded()
    assert made.warnings == []
    renumber(lm)
    after = lm.state()
    assert playbook(name, extra_vars=variables).succeeded().changed == 0
    assert lm.state() == after
    return after


def test_exchange_makes_what_the_recipe_says_in_few_calls(playbook, lm):
    lm.journal.clear()
    run = playbook(EXCHANGE, extra_vars=PLAIN).succeeded()
    assert run.changed == 1
    assert len(lm.journal) <= 70
    assert run.warnings == []

    found = services(lm)
    assert sorted(found) == ["443", "80"]
    https = found["443"]
    expected = {
        "NickName": "Exchange L7 - HTTPS",
        "VStype": "http",
        "Layer": 7,
        "Transparent": False,
        "SubnetOriginating": True,
        "SSLAcceleration": True,
        "SSLReencrypt": True,
        "CertFile": "mail-2026",
        "CipherSet": "BestPractices",
        "TlsType": "7",
        "AddVia": 5,
        "Schedule": "lc",
        "Idletime": 1800,
        "Status": "Up",
    }
    assert {name: type(wanted)(https[name]) for name, wanted in expected.items()} == expected
    assert "Rs" not in https and "Persist" not in https
    assert (found["80"]["Status"], found["80"]["ErrorUrl"]) == ("Redirect", "https://%h%s")

    made = subs(lm)
    assert {name: (sub["CheckUrl"], sub["Idletime"]) for name, sub in made.items()} == PROTOCOLS
    everywhere = [(address, 443) for address in PLAIN["exchange2013_l7_servers"]]
    for sub in made.values():
        assert servers(sub) == everywhere
        assert (sub["VStype"], sub["CheckType"], sub["CheckUseGet"], sub["CheckPattern"]) == (
            "http",
            "https",
            1,
            "200 OK",
        )
        assert (sub["Schedule"], sub["Transparent"], sub["SubnetOriginating"]) == ("lc", False, True)
        # Whether the parent hands it down is not known
        assert sub["AddVia"] == 5
        assert "Persist" not in sub

    prefix = PREFIX
    assert made["OWA"]["content"] == [f"{prefix}OWA", f"{prefix}Root"]
    assert made["OWA"]["RequestRules"] == [f"{prefix}RootToOWA"]
    assert made["Outlook Anywhere"]["content"] == [f"{prefix}OutlookAnywhere"]
    known = rules(lm)
    assert len(known) == 11
    assert (known[f"{prefix}RootToOWA"]["Pattern"], known[f"{prefix}RootToOWA"]["Replacement"]) == (r"/^\/$/", "/owa/")

    for path, name in (
        ("/owa/x", "OWA"),
        ("/EWS/Exchange.asmx", "EWS"),
        ("/Microsoft-Server-ActiveSync", "ActiveSync"),
        ("/rpc/rpcproxy.dll", "OutlookAnywhere"),
        ("/", "Root"),
        ("/elsewhere", None),
    ):
        matching = [
            rule.removeprefix(prefix)
            for sub in made.values()
            for rule in sub["content"]
            if re.search(known[rule]["Pattern"][1:-1], path, re.IGNORECASE if known[rule]["CaseIndependent"] else 0)
        ]
        assert matching == ([name] if name else [])

    after = lm.state()
    lm.journal.clear()
    again = playbook(EXCHANGE, extra_vars=PLAIN).succeeded()
    assert (again.changed, lm.state()) == (0, after)
    assert len(lm.journal) <= 5 and lm.journal.commands().count("listvs") == 1
    assert writes(lm) == []


def test_exchange_keeps_to_the_rate_that_the_appliance_allows(playbook, lm):
    """In real time: the other runs wait in quick motion, on a LoadMaster that has no limit."""
    lm.quirks.rate_limit = (30, 3.0)
    lm.journal.clear()
    run = playbook(EXCHANGE, extra_vars=PLAIN, speed=REAL_TIME).succeeded()
    assert run.changed == 1
    calls = list(lm.journal)
    assert len(calls) > 40 and not any(call.dropped for call in calls)
    assert all(later.time - earlier.time >= 3.0 for earlier, later in zip(calls, calls[30:], strict=False))


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("firmware", ["7.2.53", "7.2.63"])
def test_exchange_rests_whatever_the_api_and_the_firmware(playbook, request, api, firmware):
    request.node.add_marker(pytest.mark.emulator(firmware=firmware))
    lm = request.getfixturevalue("emulator")
    install_certificate(lm)
    variables = {**SMALL, "loadmaster_api_version": api, "exchange2013_l7_mail_services": ["smtp"]}
    settled(playbook, lm, EXCHANGE, variables)
    assert sorted(subs(lm)) == ["ECP", "OWA"]
    restricted = {**EAC, **variables}
    for method in METHODS.values():
        settled(playbook, lm, RESTRICT, {**restricted, **method})
    assert playbook(EXCHANGE, extra_vars=variables).succeeded().changed == 0


def prediction(run: Any) -> list[Any]:
    """What the task of a run does that makes the services, step by step and as a diff."""
    result = run.one(MAKE).result
    return [result["steps"], result.get("diff"), result["after"]]


def test_exchange_check_mode_predicts_a_change_of_what_exists(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    other = {
        **SMALL,
        "exchange2013_l7_scheduling": "round_robin",
        "exchange2013_l7_idle_timeouts": {"owa": 2400},
        "exchange2013_l7_health_check_host": "mail.example.com",
        "exchange2013_l7_root_to_owa": False,
        "exchange2013_l7_servers": ["192.0.2.31", "192.0.2.34", {"address": "192.0.2.32", "weight": 500}],
    }
    before = lm.state()
    predicted = playbook(EXCHANGE, extra_vars=other, check=True, diff=True).succeeded()
    assert lm.state() == before
    made = playbook(EXCHANGE, extra_vars=other, diff=True).succeeded()
    assert prediction(predicted) == prediction(made)
    assert len(prediction(made)[0]) > 5
    assert playbook(EXCHANGE, extra_vars=other).succeeded().changed == 0


def test_exchange_check_mode_predicts_what_does_not_exist_yet(playbook, lm):
    before = lm.state()
    predicted = playbook(EXCHANGE, extra_vars=SMALL, check=True, diff=True).succeeded()
    assert lm.state() == before
    made = playbook(EXCHANGE, extra_vars=SMALL, diff=True).succeeded()
    assert prediction(predicted) == prediction(made)

    more = {**SMALL, "exchange2013_l7_protocols": ["owa", "ecp", "ews"]}
    predicted = playbook(EXCHANGE, extra_vars=more, check=True).succeeded()
    sub = "SubVS EWS of tcp/192.0.2.25:443"
    assert set(predicted.one(MAKE).result["after"]) == {
        "content rule Exchange_192_0_2_25_EWS",
        sub,
        *(f"real server {address}:443 of {sub}" for address in SMALL["exchange2013_l7_servers"]),
    }
    settled(playbook, lm, EXCHANGE, more)
    assert servers(subs(lm)["EWS"]) == [("192.0.2.31", 443), ("192.0.2.32", 443)]


def changes(run: Any) -> dict[str, Any]:
    """What the task of a run changed that makes the services: by object, the options before and after."""
    result = run.one(MAKE).result
    assert set(result["before"]) == set(result["after"])
    return {name: (result["before"][name], result["after"][name]) for name in result["before"]}


def changed(playbook: Any, variables: dict[str, Any]) -> dict[str, Any]:
    """Run the recipe, which must do what check mode predicts, and return what it changed."""
    predicted = playbook(EXCHANGE, extra_vars=variables, check=True, diff=True).succeeded()
    made = playbook(EXCHANGE, extra_vars=variables, diff=True).succeeded()
    assert prediction(predicted) == prediction(made)
    assert made.one(MAKE).result["diff"]
    assert playbook(EXCHANGE, extra_vars=variables).succeeded().changed == 0
    return changes(made)


SERVICE = f"virtual service tcp/{VIP}:443 (Exchange L7 - HTTPS)"


def sub_name(name: str) -> str:
    return f"SubVS {name} of tcp/{VIP}:443"


def server_name(address: str, sub: str, port: int = 443) -> str:
    return f"real server {address}:{port} of {sub_name(sub)}"


def test_exchange_changes_between_bridge_and_offload(playbook, lm):
    """Servers move in their places, with their rules and all that someone set by hand, and the way back is exact."""
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    playbook(RESTRICT, extra_vars=EAC).succeeded()
    lm.call("modrs", vs=subs(lm)["OWA"]["Index"], rs="192.0.2.31", rsport=443, enable="n", weight=500)
    before = lm.state()
    moves = [(address, sub) for address in SMALL["exchange2013_l7_servers"] for sub in ("OWA", "ECP")]
    restriction = [["ExchangeEAC_192_0_2_25_Source1"]] * 2

    there = changed(playbook, {**SMALL, "exchange2013_l7_tls_mode": "offload"})
    assert there == {
        SERVICE: ({"ssl_reencrypt": True, "ssl_rewrite": "none"}, {"ssl_reencrypt": False, "ssl_rewrite": "https"}),
        **{sub_name(sub): ({"check_type": "https"}, {"check_type": "http"}) for sub in ("OWA", "ECP")},
        **{server_name(*move): ({"port": "443"}, {"port": "80"}) for move in moves},
    }
    parent = services(lm)["443"]
    assert (parent["SSLAcceleration"], parent["SSLReencrypt"], str(parent["SSLRewrite"])) == (True, False, "2")
    for sub in subs(lm).values():
        assert servers(sub) == [("192.0.2.31", 80), ("192.0.2.32", 80)]
        assert sub["CheckType"] == "http"
    assert [server["MatchRules"] for server in subs(lm)["ECP"]["Rs"]] == restriction
    by_hand = subs(lm)["OWA"]["Rs"][0]
    assert (by_hand["Enable"], by_hand["Weight"]) == (False, 500)
    assert playbook(RESTRICT, extra_vars={**EAC, "exchange2013_l7_tls_mode": "offload"}).succeeded().changed == 0

    back = changed(playbook, SMALL)
    assert back == {
        SERVICE: ({"ssl_reencrypt": False, "ssl_rewrite": "https"}, {"ssl_reencrypt": True, "ssl_rewrite": "none"}),
        **{sub_name(sub): ({"check_type": "http"}, {"check_type": "https"}) for sub in ("OWA", "ECP")},
        **{server_name(*move, port=80): ({"port": "80"}, {"port": "443"}) for move in moves},
    }
    assert lm.state() == before


def test_exchange_changes_the_mode_in_few_calls(playbook, lm):
    playbook(EXCHANGE, extra_vars=PLAIN).succeeded()
    lm.journal.clear()
    run = playbook(EXCHANGE, extra_vars={**PLAIN, "exchange2013_l7_tls_mode": "offload"}).succeeded()
    # The parent, and each SubVS with its servers at once, so that its checks and their ports fit again soon
    steps = run.one(MAKE).result["steps"]
    assert [step["command"] for step in steps] == ["modvs"] + ["modvs", "modrs", "modrs", "modrs"] * 9
    for name, part in zip(PROTOCOLS, (steps[number : number + 4] for number in range(1, 37, 4)), strict=True):
        assert all(step["object"].endswith(sub_name(name)) for step in part)
    # Each of them by an index that was looked up for it
    assert len(lm.journal) <= 2 * len(steps) + 3


def test_exchange_moves_only_servers_whose_port_is_that_of_the_mode(playbook, lm):
    listed = [
        "192.0.2.31",
        {"address": "192.0.2.32", "port": 8443},
        {"address": "192.0.2.33", "state": "absent"},
    ]
    settled(playbook, lm, EXCHANGE, SMALL)
    lm.call("addrs", vs=subs(lm)["ECP"]["Index"], rs="192.0.2.33", rsport=443)
    variables = {**SMALL, "exchange2013_l7_servers": listed, "exchange2013_l7_tls_mode": "offload"}
    settled(playbook, lm, EXCHANGE, variables)
    for sub in subs(lm).values():
        assert servers(sub) == [("192.0.2.31", 80), ("192.0.2.32", 443), ("192.0.2.32", 8443)]
    # The port may be another one from then on
    settled(
        playbook, lm, EXCHANGE, {**variables, "exchange2013_l7_tls_mode": "bridge", "exchange2013_l7_server_port": 444}
    )
    for sub in subs(lm).values():
        assert servers(sub) == [("192.0.2.31", 444), ("192.0.2.32", 443), ("192.0.2.32", 8443)]


def test_exchange_servers_come_go_and_say_more(playbook, lm):
    settled(playbook, lm, EXCHANGE, SMALL)
    lm.call("modrs", vs=subs(lm)["OWA"]["Index"], rs="192.0.2.31", rsport=443, enable="n")
    variables = {
        **SMALL,
        "exchange2013_l7_servers": [
            "192.0.2.31",
            {"address": "192.0.2.32", "state": "absent"},
            {"address": "192.0.2.33", "weight": 500, "port": 8443},
            {"address": "192.0.2.34", "enabled": False},
        ],
    }
    settled(playbook, lm, EXCHANGE, variables)
    for sub in subs(lm).values():
        assert servers(sub) == [("192.0.2.31", 443), ("192.0.2.33", 8443), ("192.0.2.34", 443)]
        assert [server["Weight"] for server in sub["Rs"]] == [1000, 500, 1000]
        assert sub["Rs"][2]["Enable"] is False
    assert subs(lm)["OWA"]["Rs"][0]["Enable"] is False


def test_exchange_replaces_all_servers_at_once(playbook, lm):
    settled(playbook, lm, EXCHANGE, SMALL)
    gone = [{"address": address, "state": "absent"} for address in SMALL["exchange2013_l7_servers"]]
    variables = {**SMALL, "exchange2013_l7_servers": [*gone, {"address": "192.0.2.35", "weight": 500}]}
    predicted = playbook(EXCHANGE, extra_vars=variables, check=True).succeeded()
    assert prediction(predicted) == prediction(playbook(EXCHANGE, extra_vars=variables).succeeded())
    settled(playbook, lm, EXCHANGE, variables)
    assert {name: servers(sub) for name, sub in subs(lm).items()} == dict.fromkeys(
        ["OWA", "ECP"], [("192.0.2.35", 443)]
    )
    run = playbook(
        EXCHANGE, extra_vars={**variables, "exchange2013_l7_servers": [{"address": "192.0.2.35", "state": "absent"}]}
    )
    assert run.rc == 2
    assert "without an enabled real server" in run.failed[0].msg


def test_exchange_without_a_protocol_takes_it_away(playbook, lm):
    variables = {**SMALL, "exchange2013_l7_protocols": ["owa", "ecp", "powershell"]}
    settled(playbook, lm, EXCHANGE, variables)
    without = {**variables, "exchange2013_l7_without": ["ecp", "powershell"]}
    gone = changed(playbook, without)
    assert set(gone) == {
        *(sub_name(sub) for sub in ("ECP", "PowerShell")),
        *(f"content rule {PREFIX}{rule}" for rule in ("ECP", "PowerShell")),
    }
    assert all(before and not after for before, after in gone.values())
    settled(playbook, lm, EXCHANGE, without)
    assert list(subs(lm)) == ["OWA"]
    # It comes back as it was, and what is in neither list stays
    settled(playbook, lm, EXCHANGE, {**variables, "exchange2013_l7_protocols": ["ecp"]})
    assert sorted(subs(lm)) == ["ECP", "OWA"]
    assert sorted(rules(lm)) == [f"{PREFIX}{rule}" for rule in ("ECP", "OWA", "Root", "RootToOWA")]
    settled(playbook, lm, EXCHANGE, {**variables, "exchange2013_l7_without": ["owa", "powershell"]})
    assert list(rules(lm)) == [f"{PREFIX}ECP"]


def test_exchange_with_another_protocol_adds_that_alone(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    before = lm.state()
    added = changed(playbook, {**SMALL, "exchange2013_l7_protocols": ["owa", "ecp", "ews"]})
    assert set(added) == {
        f"content rule {PREFIX}EWS",
        sub_name("EWS"),
        *(server_name(address, "EWS") for address in SMALL["exchange2013_l7_servers"]),
    }
    assert not any(before for before, _after in added.values())
    changed(playbook, {**SMALL, "exchange2013_l7_without": ["ews"]})
    assert [lm.state()[part] for part in ("services", "rules")] == [before[part] for part in ("services", "rules")]


def test_exchange_with_another_server_adds_and_removes_that_alone(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    before = lm.state()
    for entry, there in (("192.0.2.33", True), ({"address": "192.0.2.33", "state": "absent"}, False)):
        variables = {**SMALL, "exchange2013_l7_servers": [*SMALL["exchange2013_l7_servers"], entry]}
        change = changed(playbook, variables)
        assert set(change) == {server_name("192.0.2.33", sub) for sub in ("OWA", "ECP")}
        assert all((bool(former), bool(latter)) == (not there, there) for former, latter in change.values())
    assert lm.state()["services"] == before["services"]


def test_exchange_without_the_way_from_root_removes_its_rules_alone(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    before = lm.state()
    root, to_owa, owa = (f"{PREFIX}{name}" for name in ("Root", "RootToOWA", "OWA"))
    gone = changed(playbook, {**SMALL, "exchange2013_l7_root_to_owa": False})
    assert gone.pop(sub_name("OWA")) == (
        {"content_rules": [owa, root], "request_rules": [to_owa]},
        {"content_rules": [owa], "request_rules": []},
    )
    assert set(gone) == {f"content rule {root}", f"content rule {to_owa}"}
    assert sorted(rules(lm)) == [f"{PREFIX}ECP", owa]
    assert set(changed(playbook, SMALL)) == {sub_name("OWA"), *gone}
    assert lm.state()["services"] == before["services"]


@pytest.mark.parametrize("version", [2016, 2019])
def test_exchange_since_2016_has_one_protocol_more(playbook, lm, version):
    settled(playbook, lm, EXCHANGE, {**PLAIN, "exchange2013_l7_exchange_version": version})
    assert sorted(subs(lm)) == sorted([*PROTOCOLS, "API"])
    assert (subs(lm)["API"]["CheckUrl"], subs(lm)["API"]["Idletime"]) == ("/owa/healthcheck.htm", 660)
    assert rules(lm)[f"{PREFIX}API"]["Pattern"] == r"/^\/api.*/"


def test_exchange_2019_takes_offload_where_extended_protection_is_off(playbook, lm):
    offload = {**SMALL, "exchange2013_l7_exchange_version": 2019, "exchange2013_l7_tls_mode": "offload"}
    refused(playbook, lm, EXCHANGE, offload, "Exchange 2019 has it on by default since CU14. Take bridge.")
    settled(playbook, lm, EXCHANGE, {**offload, "exchange2013_l7_extended_protection": False})
    assert servers(subs(lm)["OWA"]) == [("192.0.2.31", 80), ("192.0.2.32", 80)]
    # To take it away again is no matter of protection
    settled(playbook, lm, EXCHANGE, {**offload, "exchange2013_l7_state": "absent"})
    assert not lm.state()["services"]


VARIANTS: dict[str, dict[str, Any]] = {
    "several_certificates": {"exchange2013_l7_certificate": ["mail-2026", "mail-2027"]},
    "other_tls": {
        "exchange2013_l7_tls_versions": ["TLSv1.0", "TLSv1.1", "TLSv1.2"],
        "exchange2013_l7_cipher_set": "Default",
    },
    "no_root_no_redirect": {"exchange2013_l7_root_to_owa": False, "exchange2013_l7_redirect": False},
    "head": {"exchange2013_l7_health_check_method": "head"},
    "status_code_alone": {"exchange2013_l7_health_check_pattern": ""},
    "host": {"exchange2013_l7_health_check_host": "mail.example.com"},
    "other_ports": {"exchange2013_l7_port": 8443, "exchange2013_l7_server_port": 444},
    "names": {"exchange2013_l7_name_prefix": "Mail", "exchange2013_l7_rule_prefix": "Mail_"},
    "mail": {"exchange2013_l7_mail_services": ["smtp", "smtp_submission", "imap", "imaps", "pop", "pops"]},
    "ipv6": {"exchange2013_l7_vip": "2001:db8::25", "exchange2013_l7_servers": ["2001:db8::31", "2001:db8::32"]},
}


# What the appliance shows of a variant: of the parent, and of each SubVS.
SHOWN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "several_certificates": ({"CertFile": "mail-2026 mail-2027"}, {}),
    "other_tls": ({"TlsType": "17", "CipherSet": "Default"}, {}),
    "head": ({}, {"CheckUseGet": 0, "CheckPattern": None, "CheckType": "https"}),
    "status_code_alone": ({}, {"CheckUseGet": 1, "CheckPattern": None}),
    "host": ({}, {"CheckUse1.1": True, "CheckHost": "mail.example.com", "CheckPattern": "200 OK"}),
    "other_ports": ({"VSPort": "8443"}, {"Rs": [("192.0.2.31", 444), ("192.0.2.32", 444)]}),
    "names": ({"NickName": "Mail - HTTPS"}, {"content": {"OWA": ["Mail_OWA", "Mail_Root"], "ECP": ["Mail_ECP"]}}),
    "ipv6": ({"VSAddress": "2001:db8::25"}, {"Rs": [("2001:db8::31", 443), ("2001:db8::32", 443)]}),
    "no_root_no_redirect": ({}, {"content": {"OWA": [f"{PREFIX}OWA"], "ECP": [f"{PREFIX}ECP"]}, "RequestRules": []}),
    "mail": ({}, {}),
}


def check_shown(lm: Any, variables: dict[str, Any], variant: str) -> None:
    """Compare what the appliance shows with what a variant is about."""
    vip, port = variables["exchange2013_l7_vip"], str(variables.get("exchange2013_l7_port", 443))
    parent, made = services(lm, vip)[port], subs(lm, vip, port)
    of_parent, of_subs = SHOWN[variant]
    assert {name: parent[name] for name in of_parent} == of_parent
    assert sorted(made) == ["ECP", "OWA"]
    for name, sub in made.items():
        shown = {**sub, "Rs": servers(sub), "RequestRules": sub.get("RequestRules", [])}
        wanted = {key: value[name] if isinstance(value, dict) else value for key, value in of_subs.items()}
        assert {key: shown.get(key) for key in wanted} == wanted


def test_exchange_mail_services(playbook, lm):
    playbook(EXCHANGE, extra_vars={**SMALL, **VARIANTS["mail"]}).succeeded()
    found = {port: record for port, record in services(lm).items() if port not in ("443", "80")}
    shown = ("NickName", "ServerInit", "CheckType", "Idletime")
    assert {port: tuple(record[name] for name in shown) for port, record in found.items()} == {
        "25": ("Exchange L7 - SMTP", 1, "smtp", 300),
        "587": ("Exchange L7 - SMTP submission", 1, "smtp", 300),
        "143": ("Exchange L7 - IMAP", 4, "imap", 3600),
        "993": ("Exchange L7 - IMAPS", 0, "tcp", 3600),
        "110": ("Exchange L7 - POP3", 6, "pop3", 1800),
        "995": ("Exchange L7 - POP3S", 0, "tcp", 1800),
    }
    for port, record in found.items():
        assert servers(record) == [("192.0.2.31", int(port)), ("192.0.2.32", int(port))]
        assert (record["VStype"], record["Layer"], record["Schedule"], record["Transparent"]) == ("gen", 7, "lc", False)
        assert "Persist" not in record and not record.get("SSLAcceleration")


@pytest.mark.parametrize("variant", VARIANTS)
def test_exchange_variants_are_made_rest_and_go(playbook, lm, variant):
    install_certificate(lm, "mail-2027")
    before = lm.state()["services"]
    lm.call("addrule", name="OfSomebody", type=0, pattern="/x/")
    variables = {**SMALL, **VARIANTS[variant]}
    settled(playbook, lm, EXCHANGE, variables)
    check_shown(lm, variables, variant)
    gone = {**variables, "exchange2013_l7_state": "absent"}
    settled(playbook, lm, EXCHANGE, gone)
    assert not before and lm.state()["services"] == before
    assert list(rules(lm)) == ["OfSomebody"]


def test_exchange_absent_leaves_others_alone(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    other = {**SMALL, "exchange2013_l7_vip": "192.0.2.26"}
    after = settled(playbook, lm, EXCHANGE, other)
    gone = {**SMALL, "exchange2013_l7_state": "absent"}
    before = lm.state()
    assert playbook(EXCHANGE, extra_vars=gone, check=True).succeeded().changed == 1
    assert lm.state() == before == after
    settled(playbook, lm, EXCHANGE, gone)
    assert services(lm) == {}
    assert playbook(EXCHANGE, extra_vars=other).succeeded().changed == 0


def test_exchange_leaves_alone_what_it_was_not_told(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    index = subs(lm)["ECP"]["Index"]
    lm.call("addrs", vs=index, rs="192.0.2.40", rsport="443")
    lm.call("addrule", name="OfSomebody", type=0, pattern="/x/")
    lm.call("addrsrule", vs=index, rs="192.0.2.40", rsport="443", rule="OfSomebody")
    lm.call("modvs", vs=VIP, port="443", prot="tcp", createsubvs="")
    parent = services(lm)["443"]
    lm.call("modvs", vs=parent["SubVS"][-1]["VSIndex"], nickname="Of someone")
    lm.call("addrs", vs=parent["SubVS"][-1]["VSIndex"], rs="192.0.2.31", rsport="443")
    lm.call("addrs", vs=parent["SubVS"][-1]["VSIndex"], rs="192.0.2.32", rsport="443")
    assert playbook(EXCHANGE, extra_vars=SMALL).succeeded().changed == 0


def test_exchange_stops_at_what_fails_first(playbook, lm):
    lm.faults.add(Fault("status", command="addrule", status=422, times=None))
    run = playbook(EXCHANGE, extra_vars=SMALL)
    assert run.rc == 2
    assert [command for command in writes(lm) if command != "listcert"] == ["addrule"]


def test_exchange_at_the_place_of_a_service_with_servers(playbook, lm):
    """The recipe for layer 4 was here before. Nothing is lost, and the message says what is in the way."""
    former = {"exchange2013_l4_vip": VIP, "exchange2013_l4_servers": ["192.0.2.31"]}
    playbook(EXCHANGE_L4, extra_vars=former).succeeded()
    run = playbook(EXCHANGE, extra_vars=SMALL)
    assert run.rc == 2
    assert "has real servers of its own" in run.failed[0].msg
    assert servers(services(lm)["443"]) == [("192.0.2.31", 443)]
    playbook(EXCHANGE_L4, extra_vars={**former, "exchange2013_l4_state": "absent"}).succeeded()
    settled(playbook, lm, EXCHANGE, SMALL)


BAD_INPUT: dict[str, tuple[dict[str, Any], str]] = {
    "no_address": (
        {"exchange2013_l7_vip": "mail.example.com"},
        "exchange2013_l7_vip is 'mail.example.com', but it must be an IP address",
    ),
    "no_certificate": ({"exchange2013_l7_certificate": ""}, "exchange2013_l7_certificate is empty"),
    "no_servers": ({"exchange2013_l7_servers": []}, "exchange2013_l7_servers is empty"),
    "no_certificate_in_a_list": ({"exchange2013_l7_certificate": [""]}, "exchange2013_l7_certificate is empty"),
    "no_vip": ({"exchange2013_l7_vip": ""}, "exchange2013_l7_vip is missing"),
    "strange_server": ({"exchange2013_l7_servers": ["192.0.2.31", {"port": 443}]}, "with the key address"),
    "same_server_otherwise": (
        {"exchange2013_l7_servers": ["192.0.2.31", {"address": "192.0.2.31", "port": 443}]},
        "the same server more than once",
    ),
    "same_mail_server": (
        {
            "exchange2013_l7_servers": ["192.0.2.31", {"address": "192.0.2.31", "port": 444}],
            "exchange2013_l7_mail_services": ["smtp"],
        },
        "the same server more than once",
    ),
    "protected_offload": (
        {"exchange2013_l7_tls_mode": "offload", "exchange2013_l7_extended_protection": True},
        "does not work with Extended Protection, which refuses what did not come to the server over TLS. Take bridge.",
    ),
    "move_of_a_server": (
        {"exchange2013_l7_servers": [{"address": "192.0.2.31", "new_port": 444}]},
        "exchange2013_l7_servers[0] (192.0.2.31): unknown option 'new_port'",
    ),
    "port_of_a_mail_service": (
        {"exchange2013_l7_port": 25, "exchange2013_l7_mail_services": ["smtp"]},
        "would have the same port",
    ),
    "same_server": ({"exchange2013_l7_servers": ["192.0.2.31", "192.0.2.31"]}, "the same server more than once"),
    "unknown_word": (
        {"exchange2013_l7_servers": [{"address": "192.0.2.31", "wieght": 5}]},
        "exchange2013_l7_servers[0] (192.0.2.31): unknown option 'wieght'; did you mean 'weight'?",
    ),
    "later_protocol": ({"exchange2013_l7_protocols": ["owa", "api"]}, "Exchange 2013 has no api"),
    "unknown_protocol": (
        {"exchange2013_l7_protocols": ["gopher"]},
        "exchange2013_l7_protocols is ['gopher'], but it must be",
    ),
    "nothing_left": ({"exchange2013_l7_without": ["owa", "ecp"]}, "leave no protocol to serve"),
    "strange_timeout": ({"exchange2013_l7_idle_timeouts": {"gopher": 70}}, "gopher, which is no protocol"),
    "redirect_to_itself": ({"exchange2013_l7_port": 80}, "would have the same port"),
    "unknown_mode": (
        {"exchange2013_l7_tls_mode": "passthrough"},
        "exchange2013_l7_tls_mode is 'passthrough', but it must be one of",
    ),
}


@pytest.mark.parametrize("fault", BAD_INPUT)
def test_exchange_refuses_bad_input_and_changes_nothing(playbook, lm, fault):
    variables, sentence = BAD_INPUT[fault]
    refused(playbook, lm, EXCHANGE, {**SMALL, **variables}, sentence)


def refused(playbook: Any, lm: Any, name: str, variables: dict[str, Any], sentence: str) -> None:
    before = lm.state()
    lm.journal.clear()
    run = playbook(name, extra_vars=variables)
    assert run.rc == 2
    (failed,) = run.failed
    assert sentence in failed.msg
    assert len(str(failed.result)) < 4000
    assert "Traceback" not in run.output
    assert lm.state() == before
    assert writes(lm) == []


def test_exchange_with_a_certificate_that_is_not_installed(playbook, emulator):
    run = playbook(EXCHANGE, extra_vars=SMALL)
    assert run.rc == 2
    assert "Traceback" not in run.output
    assert "exchange2013_l7_certificate" in run.failed[0].msg and "mail-2026" in run.failed[0].msg
    assert "addrule" not in emulator.journal.commands(), "it is found before the first write"
    install_certificate(emulator)
    settled(playbook, emulator, EXCHANGE, SMALL)


class Strike:
    """Kills a run when a certain call has been carried out, before it is answered."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._known = threading.Event()
        self.run: Any = None

    def at(self, run: Any) -> None:
        self.run = run
        self._known.set()

    def __call__(self, call: Any) -> None:
        self._known.wait()
        if call.number == self._last:
            self.run.kill()


def lasting(state: dict[str, Any]) -> dict[str, Any]:
    """The state without what tells one emulator from another."""
    return {name: value for name, value in state.items() if name not in ("certificate", "serial")}


@pytest.mark.parametrize("start", range(2))
def test_exchange_killed_after_any_call_ends_well(playbook, start):
    made = issue("mail.example.com")
    data = base64.b64encode((made.pem + made.key).encode()).decode()

    def fresh() -> Emulator:
        lm = Emulator(firmware="7.2.63", users={"bal": "secret-of-bal"})
        lm.call("addcert", cert="mail-2026", replace=0, data=data)
        return lm

    def options(**loadmasters: Emulator) -> dict[str, Any]:
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
        return {"inventory": {"loadmasters": {"hosts": hosts}}, "extra_vars": SMALL}

    with fresh() as lm:
        playbook(EXCHANGE, **options(lm1=lm)).succeeded()
        undisturbed, calls = lasting(lm.state()), lm.journal.commands()
    assert len(calls) > 20
    killed: dict[str, Emulator] = {}
    with ExitStack() as running:
        # Every fifth call, a part of them in each of these tests
        for last in list(range(1, len(calls) + 1, 5))[start::2]:
            lm = running.enter_context(fresh())
            strike = Strike(last)
            lm.on_call(strike)
            strike.at(playbook.start(EXCHANGE, **options(lm1=lm)))
            assert strike.run.wait().rc != 0, f"the run survived call {last}, {calls[last - 1]}"
            lm.on_call(None)
            killed[f"killed_after_call_{last}_{calls[last - 1]}"] = lm
        # One run for all of them, since most of a run is its start
        playbook(EXCHANGE, **options(**killed)).succeeded()
        for name, lm in killed.items():
            assert lasting(lm.state()) == undisturbed, name


def restricted_as_predicted(playbook: Any, lm: Any, variables: dict[str, Any]) -> None:
    """Run the restriction, which must do what check mode predicts, step by step and as a diff."""
    before = lm.state()
    predicted = playbook(RESTRICT, extra_vars=variables, check=True, diff=True).succeeded()
    assert lm.state() == before
    made = playbook(RESTRICT, extra_vars=variables, diff=True).succeeded()
    told = [
        [
            [task.task, *(task.result[part] for part in ("steps", "diff", "before", "after"))]
            for task in run.tasks
            if task.changed
        ]
        for run in (predicted, made)
    ]
    assert told[0] == told[1]
    assert len(told[1]) == 1 and told[1][0][1]


@pytest.mark.parametrize("method", METHODS)
def test_eac_predicts_makes_rests_and_goes(playbook, lm, method):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    before = lm.state()
    variables = {**EAC, **METHODS[method]}
    restricted_as_predicted(playbook, lm, variables)
    settled(playbook, lm, RESTRICT, variables)
    lm.journal.clear()
    assert playbook(RESTRICT, extra_vars=variables).succeeded().changed == 0
    assert len(lm.journal) <= 6
    assert playbook(EXCHANGE, extra_vars=SMALL).succeeded().changed == 0

    gone = {**variables, "exchange2013_restrict_eac_state": "absent"}
    restricted_as_predicted(playbook, lm, gone)
    settled(playbook, lm, RESTRICT, gone)
    assert [lasting(lm.state())[part] for part in ("services", "rules")] == [
        before[part] for part in ("services", "rules")
    ]


def test_eac_source_rules_are_on_every_server_of_ecp_alone(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    settled(playbook, lm, RESTRICT, EAC)
    name = "ExchangeEAC_192_0_2_25_Source1"
    assert [server["MatchRules"] for server in subs(lm)["ECP"]["Rs"]] == [[name], [name]]
    assert not any(server.get("MatchRules") for server in subs(lm)["OWA"]["Rs"])
    rule = rules(lm)[name]
    assert (rule["Header"], rule["MustFail"], rule["Negate"]) == ("src-ip", False, False)
    for address, allowed in (
        ("10.1.2.3", True),
        ("198.51.100.64", True),
        ("198.51.100.127", True),
        ("2001:db8:1::5", True),
        ("198.51.100.128", False),
        ("110.1.2.3", False),
        ("10.1.2.3.4", False),
        ("2001:db8:10::5", False),
    ):
        assert bool(re.search(rule["Pattern"][1:-1], address)) == allowed, address

    # A server that comes later has its rule as soon as the role has run again.
    more = {**EAC, "exchange2013_l7_servers": ["192.0.2.31", "192.0.2.32", "192.0.2.33"]}
    playbook(EXCHANGE, extra_vars=more).succeeded()
    settled(playbook, lm, RESTRICT, more)
    assert [server["MatchRules"] for server in subs(lm)["ECP"]["Rs"]] == [[name]] * 3


def test_eac_many_networks_take_several_rules(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    many = {**EAC, "exchange2013_restrict_eac_allowed_networks": [f"192.0.{net}.{net * 2}" for net in range(0, 60, 3)]}
    settled(playbook, lm, RESTRICT, many)
    assigned = subs(lm)["ECP"]["Rs"][0]["MatchRules"]
    assert len(assigned) > 1
    assert all(len(rules(lm)[name]["Pattern"]) <= 250 for name in assigned)
    settled(playbook, lm, RESTRICT, EAC)
    assert subs(lm)["ECP"]["Rs"][0]["MatchRules"] == assigned[:1]
    own = sorted(name for name in rules(lm) if name.startswith("ExchangeEAC_"))
    assert own == ["ExchangeEAC_192_0_2_25_Detours", *assigned[:1]]
    assert services(lm)["443"]["PreProcessRules"] == own[:1]


def test_exchange_variables_may_be_text(playbook, lm):
    """As the command line and a survey give them: a role gets what is written, whatever type it says."""
    text = {
        "exchange2013_l7_vip": "192.0.2.25",
        "exchange2013_l7_servers": "192.0.2.31, 192.0.2.32",
        "exchange2013_l7_certificate": SMALL["exchange2013_l7_certificate"],
        "exchange2013_l7_protocols": "owa,ecp,ews",
        "exchange2013_l7_without": "ecp",
        "exchange2013_l7_mail_services": "smtp,imap",
        "exchange2013_l7_root_to_owa": "false",
        "exchange2013_l7_redirect": "false",
        "exchange2013_l7_port": "8443",
    }
    playbook(EXCHANGE, extra_vars=text).succeeded()
    assert set(services(lm)) == {"8443", "25", "143"}
    made = {record["NickName"]: record for record in lm.call("listvs")["VS"] if not record.get("VSAddress")}
    assert set(made) == {"OWA", "EWS"}
    assert [server["Addr"] for server in made["OWA"]["Rs"]] == ["192.0.2.31", "192.0.2.32"]


TEXT_FOR_EAC = {
    "source_rules": {"exchange2013_restrict_eac_allowed_networks": "10.0.0.0/8, 198.51.100.64/26,2001:db8:1::/48"},
    # Ten characters, as many as there can be patterns
    "deny_rules": {"exchange2013_restrict_eac_deny_patterns": r"/^\/ecp.*/"},
    "separate_service": {"exchange2013_restrict_eac_external_without": "ecp,powershell"},
}


@pytest.mark.parametrize("method", METHODS)
def test_eac_variables_may_be_text(playbook, lm, method):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    variables = {**EAC, **METHODS[method]}
    playbook(RESTRICT, extra_vars=variables).succeeded()
    assert playbook(RESTRICT, extra_vars={**variables, **TEXT_FOR_EAC[method]}).succeeded().changed == 0


def test_eac_deny_rules_stand_before_everything_else(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    variables = {
        **EAC,
        **METHODS["deny_rules"],
        "exchange2013_restrict_eac_deny_patterns": [r"/^\/ecp.*/", r"/^\/powershell.*/"],
        "exchange2013_restrict_eac_flag": 7,
    }
    lm.call("addrule", name="OfSomebody", type=0, pattern="/x/")
    lm.call("addprerule", vs=VIP, port="443", prot="tcp", rule="OfSomebody")
    settled(playbook, lm, RESTRICT, variables)
    prefix = "ExchangeEAC_192_0_2_25_"
    assert services(lm)["443"]["PreProcessRules"] == [
        "OfSomebody",
        *(f"{prefix}{name}" for name in ("Detours", "Source1", "Deny1", "Deny2")),
    ]
    known = rules(lm)
    assert known[f"{prefix}Source1"]["SetFlagOnMatch"] == 7
    deny = known[f"{prefix}Deny2"]
    assert (deny["MustFail"], deny["OnlyOnNoFlag"], deny["CaseIndependent"]) == (True, 7, True)
    fewer = {**variables, "exchange2013_restrict_eac_deny_patterns": [r"/^\/ecp.*/"]}
    settled(playbook, lm, RESTRICT, fewer)
    assert f"{prefix}Deny2" not in rules(lm)


def test_eac_separate_service_has_no_ecp(playbook, lm):
    playbook(EXCHANGE, extra_vars=PLAIN).succeeded()
    inside = subs(lm)
    settled(playbook, lm, RESTRICT, {**PLAIN, **METHODS["separate_service"]})
    outside = subs(lm, EXTERNAL)
    assert sorted(outside) == sorted(set(PROTOCOLS) - {"ECP", "PowerShell"})
    assert services(lm, EXTERNAL)["443"]["NickName"] == "Exchange L7 External - HTTPS"
    assert sorted(services(lm, EXTERNAL)) == ["443", "80"]
    assert {name: servers(sub) for name, sub in subs(lm).items()} == {
        name: servers(sub) for name, sub in inside.items()
    }
    assert outside["OWA"]["content"] == ["Exchange_192_0_2_125_OWA", "Exchange_192_0_2_125_Root"]
    assert services(lm, EXTERNAL)["443"]["PreProcessRules"] == ["Exchange_192_0_2_125_Detours"]
    assert services(lm)["443"].get("PreProcessRules", []) == []


@pytest.mark.parametrize("mode", ["force_l4", "passthrough"])
@pytest.mark.parametrize("method", METHODS)
def test_eac_refuses_a_service_that_does_not_look_inside(playbook, lm, mode, method):
    place = EXTERNAL if method == "separate_service" else VIP
    l4 = {"exchange2013_l4_vip": place, "exchange2013_l4_servers": ["192.0.2.31"], "exchange2013_l4_mode": mode}
    playbook(EXCHANGE_L4, extra_vars=l4).succeeded()
    words = "passes traffic through at layer 4" if mode == "force_l4" else "passes traffic through"
    refused(playbook, lm, RESTRICT, {**EAC, **METHODS[method]}, words)


BAD_EAC: dict[str, tuple[dict[str, Any], str]] = {
    "no_networks": ({"exchange2013_restrict_eac_allowed_networks": []}, "no client could reach /ecp"),
    "no_network": ({"exchange2013_restrict_eac_allowed_networks": ["offices"]}, "'offices' is not a network"),
    "host_bits": ({"exchange2013_restrict_eac_allowed_networks": ["10.1.2.3/8"]}, "it is 10.0.0.0/8"),
    "too_many": (
        {"exchange2013_restrict_eac_allowed_networks": [f"192.0.{net}.{net}" for net in range(1, 255)]},
        "Name fewer and wider networks",
    ),
    "no_service": ({"exchange2013_restrict_eac_vip": "192.0.2.99"}, "There is no virtual service tcp/192.0.2.99:443"),
    "no_vip": ({"exchange2013_restrict_eac_vip": ""}, "exchange2013_restrict_eac_vip is missing"),
    "no_such_sub": (
        {"exchange2013_restrict_eac_sub_virtual_service": "Admin"},
        "has no SubVS Admin. It has OWA",
    ),
    "no_external": ({"exchange2013_restrict_eac_method": "separate_service"}, "external_vip is missing"),
    "same_external": (
        {**METHODS["separate_service"], "exchange2013_restrict_eac_external_vip": VIP},
        "needs an address of its own",
    ),
    "external_with_ecp": (
        {**METHODS["separate_service"], "exchange2013_restrict_eac_external_without": ["powershell"]},
        "has to have ecp in it",
    ),
    "no_networks_in_text": ({"exchange2013_restrict_eac_allowed_networks": ""}, "no client could reach /ecp"),
    "no_deny_patterns": (
        {**METHODS["deny_rules"], "exchange2013_restrict_eac_deny_patterns": []},
        "exchange2013_restrict_eac_deny_patterns has 0 patterns",
    ),
}


def test_eac_refuses_bad_input_and_changes_nothing(playbook, lm):
    lm.call("addvs", vs="192.0.2.200", port="443", prot="tcp")
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    for variables, sentence in BAD_EAC.values():
        refused(playbook, lm, RESTRICT, {**EAC, **variables}, sentence)


def test_eac_needs_servers_to_put_rules_on(playbook, lm):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    for server in subs(lm)["ECP"]["Rs"]:
        lm.call("delrs", vs=subs(lm)["ECP"]["Index"], rs=server["Addr"], rsport=server["Port"])
    refused(playbook, lm, RESTRICT, EAC, "has no real servers yet")


def test_site_runs_what_has_variables(playbook, lm):
    variables = {**EAC, "general_settings_hostname": "lm1"}
    run = playbook(SITE, extra_vars=variables).succeeded()
    assert run.changed > 0
    assert lm.call("get", param="hostname")["hostname"] == "lm1"
    assert "ExchangeEAC_192_0_2_25_Source1" in rules(lm)
    assert playbook(SITE, extra_vars=variables).succeeded().changed == 0
    lm.journal.clear()
    assert playbook(SITE, extra_vars={"general_settings_hostname": "lm1"}).succeeded().changed == 0
    assert "listvs" not in lm.journal.commands()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("exchange2013_restrict_eac_allowed_network", "exchange2013_restrict_eac_allowed_networks"),
        ("exchange2013_restict_eac_allowed_networks", "exchange2013_restrict_eac_allowed_networks"),
        ("exchange2013_l4_server", "exchange2013_l4_servers"),
        ("general_settings_hostnam", "general_settings_hostname"),
        ("rolling_maintenance_task", "rolling_maintenance_tasks"),
    ],
)
def test_site_refuses_a_misspelt_variable_before_it_does_anything(playbook, lm, name, meant):
    """The recipe that it is for would be skipped, and what it restricts would stay open."""
    variables = {**SMALL, "general_settings_hostname": "lm1", name: ["10.0.0.0/8"]}
    for tags in (None, ["exchange2013_restrict_eac_document"]):
        lm.journal.clear()
        run = playbook(SITE, extra_vars=variables, **({"tags": tags} if tags else {}))
        assert run.rc == 2
        (failed,) = run.failed
        assert failed.msg == f"unknown variable '{name}'; did you mean '{meant}'? Nothing was changed."
        assert not lm.journal


def test_site_leaves_no_restriction_out_in_silence(playbook, lm):
    """Who sets a variable of the restriction wants it: what is missing besides is an error, before anything is restricted."""
    run = playbook(
        SITE, extra_vars={"exchange2013_restrict_eac_method": "deny_rules", "exchange2013_l7_vip": "192.0.2.25"}
    )
    (failed,) = run.failed
    assert run.rc == 2 and "exchange2013_restrict_eac_allowed_networks" in failed.msg, failed.msg


def test_site_installs_certificates_before_the_recipe_and_shows_no_key(playbook, emulator):
    made = issue("mail.example.com")
    variables = {
        **SMALL,
        "site_certificates": [{"name": "mail-2026", "certificate": made.pem, "private_key": made.key}],
    }
    secret = made.key.splitlines()[1]
    for options in ({"check": True}, {}, {"verbosity": 3}):
        run = playbook(SITE, extra_vars=variables, diff=True, **options)
        assert secret not in str([result.result for result in run.results])
        assert secret not in run.output
        assert run.rc == 0, run
    assert services(emulator)["443"]["CertFile"] == "mail-2026"
    assert playbook(SITE, extra_vars=variables).succeeded().changed == 0

    # Renewed under its name, it stays where it is in use
    other = issue("mail.example.com")
    renewed = {**SMALL, "site_certificates": [{"name": "mail-2026", "certificate": other.pem + other.key}]}
    run = playbook(SITE, extra_vars=renewed).succeeded()
    assert run.one("Certificates").changed and not run.one(MAKE).changed
    assert services(emulator)["443"]["CertFile"] == "mail-2026"
    run = playbook(SITE, extra_vars={"site_certificates": [{"name": "mail-2026", "private_key": other.key}]})
    assert run.rc == 2 and "certificate is missing" in run.failed[0].msg
    assert other.key.splitlines()[1] not in run.output


@pytest.mark.parametrize(
    ("name", "variables", "shown"),
    [
        (EXCHANGE, {**SMALL, **VARIANTS["mail"]}, ["name: OWA", "new_port: 443", "Exchange L7 - IMAP"]),
        (EXCHANGE, {**SMALL, "exchange2013_l7_state": "absent"}, ["state: absent", f"{PREFIX}RootToOWA"]),
        (EXCHANGE, {**SMALL, "exchange2013_l7_port": 80}, ["faults:", "Two services would have the same port"]),
        (RESTRICT, {**SMALL, **METHODS["separate_service"]}, [EXTERNAL, "Exchange L7 External - HTTPS"]),
    ],
)
def test_the_document_is_shown_before_anything_is_done(playbook, lm, name, variables, shown):
    lm.journal.clear()
    tags = ["exchange2013_l7_document", "exchange2013_restrict_eac_document"]
    run = playbook(name, extra_vars=variables, tags=tags).succeeded()
    document = yaml.safe_dump(run.one("Show the document").result)
    assert all(text in document for text in shown)
    assert writes(lm) == []
