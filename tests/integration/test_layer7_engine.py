# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SubVSs, rules, certificates and what belongs to them, engine against emulated appliance."""

from __future__ import annotations

import base64
import re
import threading
from typing import Any

import pytest
from authority import issue
from cryptography.hazmat.primitives import serialization
from layer7 import HTTPS, PARENT, PATHS, Do, commands, sub, twice

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.modules import (
    certificate,
    cipher_set,
    content_rule,
    info,
    intermediate_certificate,
    real_server,
    sub_virtual_service,
    virtual_service,
    virtual_service_template,
)
from loadmaster_emulator import Emulator, Fault

# --- SubVSs --------------------------------------------------------------------------------------------


def test_life_of_a_sub_virtual_service(emulator: Emulator, exchange: Do) -> None:
    made = sub(exchange, check_type="https", check_url="/owa/healthcheck.htm", weight=500, content_rules=["OWA"])
    assert made["sub_virtual_service"]["name"] == "OWA" and made["sub_virtual_service"]["content_rules"] == ["OWA"]
    changed = sub(exchange, check_url="/owa/", enabled=False, content_rules=["EWS", "OWA"])
    assert commands(changed) == ["modvs", "modrs", "addrsrule", "delrsrule", "addrsrule"]
    gone = sub(exchange, state="absent")
    assert commands(gone) == ["delvs"] and len(emulator.call("listvs")["VS"]) == 1


def test_the_parent_keeps_its_transparency(exchange: Do) -> None:
    sub(exchange)
    again = exchange(virtual_service, **PARENT, transparent=False, subnet_originating=True)
    assert not again["changed"]


def test_names_survive_renumbering(emulator: Emulator, exchange: Do) -> None:
    for name in PATHS:
        sub(exchange, name, content_rules=[name])
    exchange(virtual_service, address="192.0.2.9", port="80")
    emulator.renumber()
    for name in PATHS:
        assert not exchange(sub_virtual_service, virtual_service="Exchange", name=name, content_rules=[name])["changed"]


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_lost_answer_leaves_no_second_one(emulator: Emulator, exchange: Do, kind: str, skip: int) -> None:
    emulator.faults.add(Fault(kind, command="modvs", skip=skip))
    exchange(sub_virtual_service, virtual_service=HTTPS, name="OWA", idle_timeout=900)
    (_parent, only) = emulator.call("listvs")["VS"]
    assert (only["NickName"], only["Idletime"]) == ("OWA", 900)


def test_one_left_without_a_name_is_taken(emulator: Emulator, exchange: Do) -> None:
    emulator.call("modvs", vs="192.0.2.25", port=443, prot="tcp", createsubvs="")
    made = sub(exchange)
    # The parent gets its transparency back, the left one a name.
    assert commands(made) == ["modvs", "modvs"] and len(emulator.call("listvs")["VS"]) == 2


def test_servers_of_all_of_them(emulator: Emulator, exchange: Do) -> None:
    for name in PATHS:
        sub(exchange, name)
    everywhere = {"virtual_service": HTTPS, "all_sub_virtual_services": True, "address": "192.0.2.31", "port": "443"}
    assert commands(twice(exchange, real_server, **everywhere)) == ["addrs"]
    assert [len(service["Rs"]) for service in emulator.call("listvs")["VS"][1:]] == [1, 1, 1]
    one = {"virtual_service": HTTPS, "sub_virtual_service": "EWS", "address": "192.0.2.31", "port": "443"}
    twice(exchange, real_server, **one, state="absent", allow_no_servers=True)
    assert commands(twice(exchange, real_server, **everywhere)) == ["addrs"]
    assert commands(twice(exchange, real_server, **everywhere, weight=5)) == ["modrs"] * 3
    with pytest.raises(InvalidOption, match="allow_no_servers"):
        exchange(real_server, **everywhere, state="absent")
    twice(exchange, real_server, **everywhere, state="absent", allow_no_servers=True)


def test_a_server_without_a_port_has_that_of_the_parent(emulator: Emulator, exchange: Do) -> None:
    made = {"virtual_service": "Exchange", "name": "OWA", "real_servers": [{"address": "192.0.2.31"}]}
    twice(exchange, sub_virtual_service, **made)
    assert emulator.call("listvs")["VS"][1]["Rs"][0]["Port"] == 443


def test_no_sub_virtual_services_hold_no_servers(exchange: Do) -> None:
    nowhere = {"virtual_service": HTTPS, "all_sub_virtual_services": True, "address": "192.0.2.31"}
    assert not exchange(real_server, **nowhere, state="absent")["changed"]
    with pytest.raises(InvalidOption, match="the service has none. Create them first"):
        exchange(real_server, **nowhere)


def test_check_mode_shows_the_servers_of_all(exchange: Do) -> None:
    sub(exchange, "OWA")
    sub(exchange, "EWS")
    everywhere = {"virtual_service": HTTPS, "all_sub_virtual_services": True, "address": "192.0.2.31", "weight": 5}
    predicted, done = (exchange(real_server, check=check, **everywhere)["real_server"] for check in (True, False))
    assert predicted["sub_virtual_services"] == done["sub_virtual_services"] and len(done["sub_virtual_services"]) == 2
    assert predicted["weight"] == done["weight"] == 5


def test_a_change_of_type_empties_the_body_rules(exchange: Do) -> None:
    exchange(content_rule, name="body", kind="replace_body", pattern="/a/", value="b")
    twice(exchange, virtual_service, **PARENT, response_body_rules=["body"])
    kept = twice(exchange, virtual_service, **{**PARENT, "type": "generic"}, response_body_rules=["body"])
    assert commands(kept) == ["modvs", "addresponsebodyrule"]
    unnamed = twice(exchange, virtual_service, **PARENT)
    assert commands(unnamed) == ["modvs", "addresponsebodyrule"]
    assert unnamed["virtual_service"]["response_body_rules"] == ["body"]
    lost = twice(exchange, virtual_service, **{**PARENT, "type": "generic"}, response_body_rules=[])
    assert lost["diff"][0]["before"]["response_body_rules"] == ["body"]


@pytest.mark.parametrize("of_sub", [False, True])
def test_a_change_of_type_puts_back_what_no_one_named(emulator: Emulator, exchange: Do, of_sub: bool) -> None:
    exchange(content_rule, name="body", kind="replace_body", pattern="/a/", value="b")
    headers = {"add_http_headers": "x_forwarded_for", "response_body_rules": ["body"]}
    if of_sub:
        sub(exchange, type="http", **headers)
        changed = sub(exchange, type="http2")
        entry = emulator.state()["services"][f"tcp/{HTTPS}"]["subvs"]["OWA"]
    else:
        exchange(virtual_service, **PARENT, cache=True, **headers)
        changed = twice(exchange, virtual_service, **{**PARENT, "type": "http2"})
        entry = emulator.state()["services"][f"tcp/{HTTPS}"]
        assert entry["settings"]["Cache"] is True
    assert commands(changed) == ["modvs", "modvs", "addresponsebodyrule"]
    assert (entry["settings"]["VStype"], entry["settings"]["AddVia"]) == ("http2", 5)
    assert entry["rules"]["MatchBodyRules"] == ["body"]


def test_a_parent_with_servers_is_refused(exchange: Do) -> None:
    exchange(real_server, virtual_service=HTTPS, address="192.0.2.31")
    with pytest.raises(InvalidOption, match="has real servers of its own"):
        exchange(sub_virtual_service, virtual_service=HTTPS, name="OWA")


# --- certificates ----------------------------------------------------------------------------------------------------


def test_life_of_a_certificate(emulator: Emulator, do: Do) -> None:
    root = issue("root", ca=True)
    middle = issue("middle", root, ca=True)
    first, second = issue("mail", middle), issue("mail", middle)
    made = twice(do, certificate, name="mail", certificate=first.pem + middle.pem, private_key=first.key)
    assert commands(made) == ["addcert", "addintermediate"]
    assert made["certificate"]["fingerprint"] == first.fingerprint and len(made["certificate"]["chain"]) == 1
    do(virtual_service, **PARENT, ssl_acceleration=True, certificates=["mail"])
    replaced = twice(do, certificate, name="mail", certificate=second.key + second.pem + middle.pem)
    assert replaced["steps"][0]["reason"] == "replace it, keeping it assigned"
    assert emulator.call("listvs")["VS"][0]["CertFile"] == "mail"
    with pytest.raises(InvalidOption, match=f"in use by virtual service tcp/{HTTPS}"):
        do(certificate, name="mail", state="absent")
    do(virtual_service, **PARENT, state="absent")
    twice(do, certificate, name="mail", state="absent")


def test_pfx(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = record_what_is_sent(monkeypatch)
    root = issue("root", ca=True)
    leaf = issue("mail", root)
    pfx = base64.b64encode(leaf.pfx("of-the-file", root)).decode()
    made = twice(do, certificate, name="mail", pfx=pfx, pfx_password="of-the-file")
    assert made["certificate"]["fingerprint"] == leaf.fingerprint
    with pytest.raises(InvalidOption, match="is pfx_password right"):
        do(certificate, name="mail", pfx=pfx, pfx_password="wrong")
    # The key goes to the LoadMaster, once and in the upload only; the password and the file go nowhere.
    (upload,) = [data for command, _parameters, data in sent if command == "addcert"]
    key = serialization.load_pem_private_key(upload, None)
    assert key.private_numbers() == leaf.private.private_numbers()
    others = str([call for call in sent if call[2] != upload])
    assert "readcert" in others and "PRIVATE KEY" not in others
    assert all(secret not in f"{sent} {made}" for secret in ("of-the-file", pfx))
    secret_lines = upload.decode().partition("-----END PRIVATE KEY-----")[0].splitlines()[1:]
    assert secret_lines and not any(line in str(made) for line in secret_lines)


def record_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return a list that fills with the calls as the client makes them; the journal of the emulator masks secrets."""
    sent: list[tuple[Any, ...]] = []
    original = Client._exchange

    def recorded(self: Client, version: str, command: str, parameters: Any, data: Any, *rest: Any) -> Any:
        sent.append((command, dict(parameters), data))
        return original(self, version, command, parameters, data, *rest)

    monkeypatch.setattr(Client, "_exchange", recorded)
    return sent


def test_the_tombstone_of_a_deleted_name(emulator: Emulator, do: Do) -> None:
    emulator.quirks.certificate_tombstones = True
    first = issue("mail")
    do(certificate, name="mail", certificate=first.pem, private_key=first.key)
    do(certificate, name="mail", state="absent")
    do(certificate, name="mail", certificate=first.pem, private_key=first.key)
    assert not do(certificate, name="mail", certificate=first.pem, private_key=first.key)["changed"]


def test_the_administrative_certificate_is_asked_for(emulator: Emulator, do: Do) -> None:
    first, second = issue("lm1"), issue("lm1")
    mine = {"name": "lm1", "administrative": True}
    with pytest.raises(InvalidOption, match="allow_lockout"):
        do(certificate, **mine, certificate=first.pem, private_key=first.key)
    do(certificate, **mine, certificate=first.pem, private_key=first.key, allow_lockout=True)
    assert emulator.call("get", param="admincert")["admincert"] == "lm1"
    # Replacing it takes its role away, so the role is given back.
    replaced = twice(do, certificate, **mine, certificate=second.pem, private_key=second.key, allow_lockout=True)
    assert commands(replaced) == ["addcert", "set"]
    assert emulator.call("get", param="admincert")["admincert"] == "lm1"


def test_forcing_the_same_certificate(do: Do) -> None:
    mine = issue("mail")
    options = {"name": "mail", "certificate": mine.pem, "private_key": mine.key}
    do(certificate, **options)
    assert not do(certificate, **options)["changed"] and do(certificate, **options, force=True)["changed"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"certificate": "nonsense"}, "holds no certificate in PEM"),
        ({"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, "not valid PEM"),
        ({}, "There is no certificate mail"),
        ({"name": "a b", "certificate": "x"}, "letters, digits and"),
        ({"pfx": "AAAA"}, "pfx cannot be read"),
    ],
)
def test_bad_certificates(do: Do, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidOption, match=sentence):
        do(certificate, **{"name": "mail", **options})


def test_a_certificate_without_its_key(do: Do) -> None:
    with pytest.raises(InvalidOption, match="neither certificate nor private_key has a private key"):
        do(certificate, name="mail", certificate=issue("mail").pem)


def test_intermediate_certificates(do: Do) -> None:
    first, second = issue("middle", ca=True), issue("middle", ca=True)
    twice(do, intermediate_certificate, name="middle", certificate=first.pem)
    replaced = twice(do, intermediate_certificate, name="middle", certificate=second.pem)
    assert commands(replaced) == ["delintermediate", "addintermediate"]
    twice(do, intermediate_certificate, name="middle", state="absent")


def test_info_shows_what_belongs_together(emulator: Emulator, exchange: Do) -> None:
    sub(exchange, content_rules=["OWA"], real_servers=[{"address": "192.0.2.31"}])
    mine = issue("mail")
    exchange(certificate, name="mail", certificate=mine.pem, private_key=mine.key)
    exchange(virtual_service, **PARENT, ssl_acceleration=True, certificates=["mail"])
    found = exchange(info, gather_subset=["virtual_services", "content_rules", "certificates", "statistics"])
    (service,) = found["virtual_services"]
    (owa,) = service["sub_virtual_services"]
    assert (owa["name"], owa["status"], owa["content_rules"], len(owa["real_servers"])) == ("OWA", "up", ["OWA"], 1)
    assert owa["counters"]["active_connections"] == 0 and "nickname" in service
    rules = {rule["name"]: rule["assigned_to"] for rule in found["content_rules"]}
    assert rules["OWA"] == [f"content_rules of SubVS OWA of tcp/{HTTPS}"] and rules["EWS"] == []
    (installed,) = found["certificates"]
    listed = {name: installed[name] for name in ("name", "type", "assigned_to")}
    assert listed == {"name": "mail", "type": "ECC", "assigned_to": [f"virtual service tcp/{HTTPS}"]}


# --- two writers ------------------------------------------------------------------------------------------------------


def test_two_writers_at_once_make_nothing_twice(emulator: Emulator, exchange: Do) -> None:
    """Both want the same, at the same time, over and over: they take turns, and the second finds it done."""
    problems: list[Exception] = []

    def write() -> None:
        try:
            for name in PATHS:
                exchange(sub_virtual_service, virtual_service=HTTPS, name=name, content_rules=[name])
                everywhere = {"all_sub_virtual_services": True, "address": "192.0.2.31", "port": "443"}
                exchange(real_server, virtual_service=HTTPS, **everywhere)
        except Exception as problem:
            problems.append(problem)

    writers = [threading.Thread(target=write) for _number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert problems == []
    services = emulator.call("listvs")["VS"]
    assert sorted(service.get("NickName", "") for service in services) == ["ECP", "EWS", "Exchange", "OWA"]
    assert [len(service.get("Rs", [])) for service in services[1:]] == [1, 1, 1]
    assert emulator.journal.commands().count("addvs") == 1


# --- cipher sets and templates ---------------------------------------------------------------------------------------


def test_cipher_sets(do: Do) -> None:
    modern = ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"]
    twice(do, cipher_set, name="Modern", ciphers=modern)
    twice(do, cipher_set, name="Modern", ciphers=[modern[1], modern[0]])
    twice(do, cipher_set, name="Modern", state="absent")
    with pytest.raises(InvalidOption, match="cannot be changed"):
        do(cipher_set, name="BestPractices", ciphers=modern)


def test_templates(emulator: Emulator, do: Do) -> None:
    emulator.call("addvs", vs="192.0.2.30", port=80, prot="tcp", nickname="Model", idletime=900)
    content = emulator.call("exportvstmplt", vs="192.0.2.30", port=80, prot="tcp")["data"]
    (name,) = re.findall(r"^%NAME% (.+?)\r?$", content, re.MULTILINE)
    made = twice(do, virtual_service_template, name=name, content=content, virtual_service="192.0.2.40:80")
    assert commands(made) == ["uploadtemplate", "addvs"]
    copy = next(service for service in emulator.call("listvs")["VS"] if service["VSAddress"] == "192.0.2.40")
    assert copy["Idletime"] == 900
    twice(do, virtual_service_template, name=name, state="absent")
    with pytest.raises(InvalidOption, match="To upload it, give its content"):
        do(virtual_service_template, name=name)
