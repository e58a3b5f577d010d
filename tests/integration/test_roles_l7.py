# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes for layer 7, run as a user runs them."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from authority import issue
from documents import renumber

from loadmaster_emulator import Emulator
from loadmaster_emulator.faults import Fault

EXCHANGE = "kemp.loadmaster.exchange2013_l7"
EXCHANGE_L4 = "kemp.loadmaster.exchange2013_l4"
RESTRICT = "kemp.loadmaster.restrict_eac"
SITE = "kemp.loadmaster.site"
READS = {"listvs", "showrule", "getall", "get", "showhealth"}
MAKE = "Make the services as described, or take them away"

VIP, EXTERNAL = "192.0.2.25", "192.0.2.125"
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


def subs(lm: Any, address: str = VIP) -> dict[str, dict[str, Any]]:
    """The sub services of an address by name, each with its content rules."""
    parent = services(lm, address)["443"]
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
        assert "Persist" not in sub

    prefix = "Exchange_192_0_2_25_"
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


def foretold(run: Any) -> list[Any]:
    """What the task of a run does that makes the services, step by step and as a diff."""
    result = run.one(MAKE).result
    return [result["steps"], result.get("diff"), result["after"]]


def test_exchange_check_mode_foretells_a_change_of_what_exists(playbook, lm):
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
    assert foretold(predicted) == foretold(made)
    assert len(foretold(made)[0]) > 5
    assert playbook(EXCHANGE, extra_vars=other).succeeded().changed == 0


def test_exchange_check_mode_foretells_what_does_not_exist_yet(playbook, lm):
    before = lm.state()
    predicted = playbook(EXCHANGE, extra_vars=SMALL, check=True, diff=True).succeeded()
    assert lm.state() == before
    made = playbook(EXCHANGE, extra_vars=SMALL, diff=True).succeeded()
    assert foretold(predicted) == foretold(made)

    more = {**SMALL, "exchange2013_l7_protocols": ["owa", "ecp", "ews"]}
    predicted = playbook(EXCHANGE, extra_vars=more, check=True).succeeded()
    sub = "sub virtual service EWS of tcp/192.0.2.25:443"
    assert set(predicted.one(MAKE).result["after"]) == {
        "content rule Exchange_192_0_2_25_EWS",
        sub,
        *(f"real server {address}:443 of {sub}" for address in SMALL["exchange2013_l7_servers"]),
    }
    settled(playbook, lm, EXCHANGE, more)
    assert servers(subs(lm)["EWS"]) == [("192.0.2.31", 443), ("192.0.2.32", 443)]


def test_exchange_changes_between_bridge_and_offload(playbook, lm):
    settled(playbook, lm, EXCHANGE, SMALL)
    for mode, port, check, reencrypt, rewrite in (
        ("offload", 80, "http", False, "2"),
        ("bridge", 443, "https", True, "0"),
    ):
        variables = {**SMALL, "exchange2013_l7_tls_mode": mode}
        predicted = playbook(EXCHANGE, extra_vars=variables, check=True).succeeded()
        made = playbook(EXCHANGE, extra_vars=variables).succeeded()
        assert foretold(predicted) == foretold(made)
        assert playbook(EXCHANGE, extra_vars=variables).succeeded().changed == 0
        parent = services(lm)["443"]
        assert (parent["SSLAcceleration"], parent["SSLReencrypt"]) == (True, reencrypt)
        assert str(parent["SSLRewrite"]) == rewrite
        for sub in subs(lm).values():
            assert servers(sub) == [("192.0.2.31", port), ("192.0.2.32", port)]
            assert sub["CheckType"] == check


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
    assert foretold(predicted) == foretold(playbook(EXCHANGE, extra_vars=variables).succeeded())
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
    predicted = playbook(EXCHANGE, extra_vars=without, check=True).succeeded()
    assert foretold(predicted) == foretold(playbook(EXCHANGE, extra_vars=without).succeeded())
    settled(playbook, lm, EXCHANGE, without)
    assert list(subs(lm)) == ["OWA"]
    settled(playbook, lm, EXCHANGE, {**variables, "exchange2013_l7_protocols": ["ecp"]})
    assert sorted(subs(lm)) == ["ECP", "OWA"]


def test_exchange_2016_has_one_protocol_more(playbook, lm):
    settled(playbook, lm, EXCHANGE, {**PLAIN, "exchange2013_l7_exchange_version": 2016})
    assert sorted(subs(lm)) == sorted([*PROTOCOLS, "API"])
    assert subs(lm)["API"]["CheckUrl"] == "/owa/healthcheck.htm"


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


@pytest.mark.parametrize("variant", VARIANTS)
def test_exchange_variants_are_made_rest_and_go(playbook, lm, variant):
    install_certificate(lm, "mail-2027")
    before = lm.state()["services"]
    lm.call("addrule", name="OfSomebody", type=0, pattern="/x/")
    variables = {**SMALL, **VARIANTS[variant]}
    settled(playbook, lm, EXCHANGE, variables)
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
    lm.call("modvs", vs=parent["SubVS"][-1]["VSIndex"], nickname="Of somebody")
    lm.call("addrs", vs=parent["SubVS"][-1]["VSIndex"], rs="192.0.2.31", rsport="443")
    lm.call("addrs", vs=parent["SubVS"][-1]["VSIndex"], rs="192.0.2.32", rsport="443")
    assert playbook(EXCHANGE, extra_vars=SMALL).succeeded().changed == 0


def test_exchange_stops_at_what_fails_first(playbook, lm):
    lm.faults.add(Fault("status", command="addrule", status=422, times=None))
    run = playbook(EXCHANGE, extra_vars=SMALL)
    assert run.rc == 2
    assert writes(lm) == ["addrule"]


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
    "no_address": ({"exchange2013_l7_vip": "mail.example.com"}, "mail.example.com is not an IP address"),
    "no_certificate": ({"exchange2013_l7_certificate": ""}, "exchange2013_l7_certificate is empty"),
    "no_servers": ({"exchange2013_l7_servers": []}, "exchange2013_l7_servers is empty"),
    "strange_server": ({"exchange2013_l7_servers": ["192.0.2.31", {"port": 443}]}, "with the key address"),
    "same_server": ({"exchange2013_l7_servers": ["192.0.2.31", "192.0.2.31"]}, "the same server more than once"),
    "unknown_word": ({"exchange2013_l7_servers": [{"address": "192.0.2.31", "wieght": 5}]}, "says wieght"),
    "later_protocol": ({"exchange2013_l7_protocols": ["owa", "api"]}, "Exchange 2013 has no api"),
    "unknown_protocol": ({"exchange2013_l7_protocols": ["gopher"]}, "must be one or more of"),
    "nothing_left": ({"exchange2013_l7_without": ["owa", "ecp"]}, "leave no protocol to serve"),
    "strange_timeout": ({"exchange2013_l7_idle_timeouts": {"gopher": 70}}, "gopher, which is no protocol"),
    "redirect_to_itself": ({"exchange2013_l7_port": 80}, "would have the same port"),
    "unknown_mode": ({"exchange2013_l7_tls_mode": "passthrough"}, "value of exchange2013_l7_tls_mode must be one of"),
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
    messages = [result.msg + str(result.result.get("argument_errors", "")) for result in run.results if result.failed]
    assert any(sentence in message for message in messages), messages
    assert "Traceback" not in run.output
    assert lm.state() == before
    assert writes(lm) == []


def test_exchange_with_a_certificate_that_is_not_installed(playbook, emulator):
    run = playbook(EXCHANGE, extra_vars=SMALL)
    assert run.rc == 2
    assert "Traceback" not in run.output
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

    @contextmanager
    def fresh() -> Iterator[tuple[Any, dict[str, Any]]]:
        with Emulator(firmware="7.2.63", users={"bal": "secret-of-bal"}) as lm:
            lm.call("addcert", cert="mail-2026", replace=0, data=data)
            host = {
                "ansible_host": lm.host,
                "ansible_port": lm.port,
                "ansible_user": "bal",
                "ansible_password": "secret-of-bal",
                "loadmaster_ca_path": str(lm.certificate_file),
            }
            yield lm, {"inventory": {"loadmasters": {"hosts": {"lm1": host}}}, "extra_vars": SMALL}

    with fresh() as (lm, options):
        playbook(EXCHANGE, **options).succeeded()
        undisturbed, calls = lasting(lm.state()), lm.journal.commands()
    assert len(calls) > 20
    # Every fifth call, a part of them in each of these tests
    for last in list(range(1, len(calls) + 1, 5))[start::2]:
        with fresh() as (lm, options):
            strike = Strike(last)
            lm.on_call(strike)
            strike.at(playbook.start(EXCHANGE, **options))
            assert strike.run.wait().rc != 0, f"the run survived call {last}, {calls[last - 1]}"
            lm.on_call(None)
            playbook(EXCHANGE, **options).succeeded()
            assert lasting(lm.state()) == undisturbed, f"killed after call {last}, {calls[last - 1]}"


@pytest.mark.parametrize("method", METHODS)
def test_eac_predicts_makes_rests_and_goes(playbook, lm, method):
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    before = lm.state()
    variables = {**EAC, **METHODS[method]}
    predicted = playbook(RESTRICT, extra_vars=variables, check=True).succeeded()
    assert predicted.changed > 0
    assert lm.state() == before
    settled(playbook, lm, RESTRICT, variables)
    lm.journal.clear()
    assert playbook(RESTRICT, extra_vars=variables).succeeded().changed == 0
    assert len(lm.journal) <= 6
    assert playbook(EXCHANGE, extra_vars=SMALL).succeeded().changed == 0

    gone = {**variables, "exchange2013_restrict_eac_state": "absent"}
    assert playbook(RESTRICT, extra_vars=gone, check=True).succeeded().changed > 0
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
    assert [name for name in rules(lm) if name.startswith("ExchangeEAC_")] == assigned[:1]


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
        *(f"{prefix}{name}" for name in ("Source1", "Deny1", "Deny2")),
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


@pytest.mark.parametrize("mode", ["force_l4", "passthrough"])
@pytest.mark.parametrize("method", METHODS)
def test_eac_refuses_a_service_that_does_not_look_inside(playbook, lm, mode, method):
    place = EXTERNAL if method == "separate_service" else VIP
    l4 = {"exchange2013_l4_vip": place, "exchange2013_l4_servers": ["192.0.2.31"], "exchange2013_l4_mode": mode}
    playbook(EXCHANGE_L4, extra_vars=l4).succeeded()
    words = "passes on what it carries at layer 4" if mode == "force_l4" else "passes on what it carries"
    refused(playbook, lm, RESTRICT, {**EAC, **METHODS[method]}, words)


BAD_EAC: dict[str, tuple[dict[str, Any], str]] = {
    "no_networks": ({"exchange2013_restrict_eac_allowed_networks": []}, "nobody could get to /ecp"),
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
        "has no sub virtual service Admin. It has OWA",
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
