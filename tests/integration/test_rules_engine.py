# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content rules and the lists that they are in, engine against emulated appliance."""

from __future__ import annotations

from typing import Any

import pytest
from documents import export, run
from layer7 import HTTPS, PARENT, Do, commands, rules_of_kind, sub, twice

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, NotConverged
from ansible_collections.kemp.loadmaster.plugins.modules import (
    content_rule,
    real_server,
    sub_virtual_service,
    virtual_service,
)
from loadmaster_emulator import Emulator, Fault


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (
            "match_content",
            {"pattern": "/x/", "match_type": "prefix", "header": "src-ip", "negate": True, "set_flag": 3},
        ),
        ("add_header", {"header": "X-A", "value": "1", "only_on_flag": 2}),
        ("delete_header", {"header": "X-A"}),
        ("replace_header", {"header": "X-A", "pattern": "/a/", "value": "b"}),
        ("modify_url", {"pattern": r"/^\/$/", "value": "/owa/"}),
        ("replace_body", {"pattern": "/a+b%/", "value": "b", "ignore_case": True}),
    ],
)
def test_every_kind_of_rule(do: Do, kind: str, options: dict[str, Any]) -> None:
    made = twice(do, content_rule, name="r1", kind=kind, **options)["content_rule"]
    assert {name: made[name] for name in options} == options
    # The rest of a rule stays what it was, although the whole of it is sent.
    changed = twice(do, content_rule, name="r1", only_on_no_flag=4)["content_rule"]
    assert {name: changed[name] for name in options} == options
    other = "modify_url" if kind != "modify_url" else "match_content"
    assert "change kind" in twice(do, content_rule, name="r1", kind=other, pattern="/y/")["steps"][0]["reason"]
    twice(do, content_rule, name="r1", state="absent")


def test_removing_a_rule_says_where_it_was(exchange: Do) -> None:
    sub(exchange, content_rules=["OWA"])
    reason = exchange(content_rule, name="OWA", state="absent")["steps"][0]["reason"]
    assert reason == f"remove it, and so from content_rules of SubVS OWA of tcp/{HTTPS}"


def test_lists_are_ordered_with_the_fewest_calls(emulator: Emulator, exchange: Do) -> None:
    for name in "abcd":
        exchange(content_rule, name=name, kind="add_header", header=f"X-{name}")
    assert len(twice(exchange, virtual_service, **PARENT, request_rules=["a", "b", "c"])["steps"]) == 3
    assert commands(twice(exchange, virtual_service, **PARENT, request_rules=["a", "c"])) == ["delrequestrule"]
    assert (
        commands(twice(exchange, virtual_service, **PARENT, request_rules=["a", "c", "b", "d"]))
        == ["addrequestrule"] * 2
    )
    moved = twice(exchange, virtual_service, **PARENT, request_rules=["c", "b", "d", "a"])
    assert commands(moved) == ["modvs"]
    assert emulator.call("listvs")["VS"][0]["RequestRules"] == ["c", "b", "d", "a"]
    assert len(twice(exchange, virtual_service, **PARENT, request_rules=[])["steps"]) == 4


# Of each list: a kind of rule that it takes, its member of answers, and the word for it in commands.
LISTS = {
    "pre_process_rules": ("match_content", "PreProcessRules", "prerule"),
    "request_rules": ("modify_url", "RequestRules", "requestrule"),
    "response_rules": ("delete_header", "ResponseRules", "responserule"),
    "response_body_rules": ("replace_body", "MatchBodyRules", "responsebodyrule"),
}


@pytest.mark.parametrize("option", LISTS)
@pytest.mark.parametrize("of_sub", [False, True])
def test_every_list_of_a_service_and_of_a_sub_service(
    emulator: Emulator, exchange: Do, option: str, of_sub: bool
) -> None:
    """Assigned in order, moved without a moment in which one is missing, and taken out; as the LoadMaster has it then."""
    kind, member, word = LISTS[option]
    rules_of_kind(exchange, kind, *"abcde")

    def make(*names: str) -> list[str]:
        wanted = {option: list(names)}
        done = sub(exchange, **wanted) if of_sub else twice(exchange, virtual_service, **PARENT, **wanted)
        entry = emulator.state()["services"][f"tcp/{HTTPS}"]
        assert (entry["subvs"]["OWA"] if of_sub else entry)["rules"][member] == list(names)
        return commands(done)

    if of_sub:
        sub(exchange)
    assert make(*"abcd") == [f"add{word}"] * 4
    assert make(*"dabc") == ["modvs"]
    assert make(*"cbad") == ["modvs"] * 3
    assert make(*"be") == [f"add{word}", *[f"del{word}"] * 3]
    assert make(*"eb") == ["modvs"]
    assert make() == [f"del{word}"] * 2


def test_rules_of_real_servers(emulator: Emulator, exchange: Do) -> None:
    rules_of_kind(exchange, "match_content", *"abc")
    sub(exchange, real_servers=[{"address": "192.0.2.31"}])
    exchange(virtual_service, address="192.0.2.9", port="80")
    of_service = {"virtual_service": "192.0.2.9:80", "address": "192.0.2.31"}
    of_sub = {"virtual_service": HTTPS, "sub_virtual_service": "OWA", "address": "192.0.2.31"}
    for place in (of_service, of_sub):
        twice(exchange, real_server, **place, content_rules=["a", "b", "c"])
        twice(exchange, real_server, **place, content_rules=["c", "a"])
    services = emulator.state()["services"]
    assert services["tcp/192.0.2.9:80"]["servers"][0]["rules"] == ["c", "a"]
    assert services[f"tcp/{HTTPS}"]["subvs"]["OWA"]["servers"][0]["rules"] == ["c", "a"]
    twice(exchange, real_server, **of_sub, content_rules=[])
    services = emulator.state()["services"]
    assert services[f"tcp/{HTTPS}"]["subvs"]["OWA"]["servers"][0]["rules"] == []
    assert services["tcp/192.0.2.9:80"]["servers"][0]["rules"] == ["c", "a"]


@pytest.mark.parametrize(
    ("module", "options", "sentence"),
    [
        (
            sub_virtual_service,
            {"name": "OWA", "request_rules": ["OWA"]},
            "request_rules takes .* OWA is a match_content",
        ),
        (sub_virtual_service, {"name": "OWA", "content_rules": ["url"]}, "content_rules takes .* url is a modify_url"),
        (sub_virtual_service, {"name": "New", "response_body_rules": ["url"]}, "takes .*replace_body, but url"),
        (sub_virtual_service, {"name": "New", "pre_process_rules": ["nobody"]}, "there is no such rule"),
        (
            real_server,
            {"sub_virtual_service": "OWA", "address": "192.0.2.31", "content_rules": ["url"]},
            "url is a mod",
        ),
        (
            real_server,
            {"sub_virtual_service": "OWA", "address": "192.0.2.39", "content_rules": ["url"]},
            "url is a mod",
        ),
        (
            real_server,
            {"all_sub_virtual_services": True, "address": "192.0.2.31", "content_rules": ["url"]},
            "url is a",
        ),
    ],
)
def test_a_wrong_rule_of_a_sub_service_or_server_is_refused(
    emulator: Emulator, exchange: Do, module: Any, options: dict, sentence: str
) -> None:
    rules_of_kind(exchange, "modify_url", "url")
    sub(exchange, real_servers=[{"address": "192.0.2.31"}])
    before = emulator.state()
    with pytest.raises(InvalidOption, match=sentence):
        exchange(module, virtual_service=HTTPS, weight=7, **options)
    assert emulator.state() == before


def test_limits_of_a_slot(emulator: Emulator, exchange: Do) -> None:
    sub(exchange, slot_connection_limit=50, slot_rate_limit=60)
    changed = sub(exchange, slot_connection_limit=0, slot_rate_limit=61, connection_limit=70)
    assert commands(changed) == ["modvs", "modrs"]
    entry = emulator.state()["services"][f"tcp/{HTTPS}"]["subvs"]["OWA"]
    assert (entry["slot"]["limit"], entry["slot"]["rate_limit"]) == (0, 61)
    assert entry["settings"]["MaxConnsLimit"] == 70


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"request_rules": ["OWA"]}, "OWA is a match_content rule"),
        ({"pre_process_rules": ["nobody"]}, "there is no such rule"),
        ({"pre_process_rules": ["OWA", "OWA"]}, "more than once"),
    ],
)
def test_a_wrong_rule_is_refused_before_anything_is_sent(
    emulator: Emulator, exchange: Do, options: dict, sentence: str
) -> None:
    before = emulator.state()
    with pytest.raises(InvalidOption, match=sentence):
        exchange(virtual_service, **PARENT, idle_timeout=900, **options)
    assert emulator.state() == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "r-1", "kind": "modify_url", "pattern": "x"}, "letters, digits and underscores"),
        ({"name": "r1"}, "To create it, set kind"),
        ({"name": "default", "kind": "modify_url", "pattern": "x"}, "is built in"),
        ({"name": "r1", "kind": "modify_url"}, "needs pattern"),
        ({"name": "r1", "kind": "add_header", "header": "X", "pattern": "y"}, "has no pattern"),
        ({"name": "r1", "kind": "match_content", "pattern": "x" * 251}, "at most 250 characters"),
        ({"name": "r1", "kind": "match_content", "pattern": "x", "set_flag": 10}, "from 1 to 9"),
    ],
)
def test_bad_rules(do: Do, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidOption, match=sentence):
        do(content_rule, **options)


# --- rules that become another kind ----------------------------------------------------------------------------------


ADD = {"name": "r1", "kind": "add_header", "header": "X-A", "value": "1"}
MATCH = {"name": "r1", "kind": "match_content", "pattern": "/a/"}
SERVER = {"address": "192.0.2.31"}


def test_an_assigned_rule_does_not_become_a_kind_that_its_list_does_not_take(emulator: Emulator, exchange: Do) -> None:
    exchange(content_rule, **ADD)
    sub(exchange, request_rules=["r1"])
    exchange(virtual_service, **PARENT, response_rules=["r1"])
    before = emulator.state()
    for check in (True, False):
        with pytest.raises(InvalidOption) as caught:
            exchange(content_rule, **MATCH, check=check)
    assert caught.value.message == (
        "content rule r1 cannot change from add_header to match_content, since it is in response_rules of virtual service "
        f"tcp/{HTTPS}; request_rules of SubVS OWA of tcp/{HTTPS}, where that kind has no effect. Remove it "
        "there first, or create the new rule under another name. Nothing was changed."
    )
    assert emulator.state() == before
    # A kind that both lists take is no matter.
    twice(exchange, content_rule, name="r1", kind="delete_header", header="X-A")
    exchange(virtual_service, **PARENT, response_rules=[])
    sub(exchange, request_rules=[])
    twice(exchange, content_rule, **MATCH)


@pytest.mark.parametrize("place", ["service", "SubVS", "slot", "server of a SubVS"])
def test_a_document_may_take_it_out_and_change_it(emulator: Emulator, exchange: Do, place: str) -> None:
    """It leaves the old list first, then it changes, then it comes into the new list."""
    owa: dict[str, Any] = {"name": "OWA", "real_servers": [SERVER]}
    service: dict[str, Any] = {**PARENT, "sub_virtual_services": [owa]}
    holder, old, new = {
        "service": (service, "request_rules", "pre_process_rules"),
        "SubVS": (owa, "request_rules", "pre_process_rules"),
        "slot": (owa, "content_rules", "request_rules"),
        "server of a SubVS": (owa["real_servers"][0], "content_rules", ""),
    }[place]
    first, second = (MATCH, ADD) if old == "content_rules" else (ADD, MATCH)
    holder[old] = ["r1"]
    run(emulator, content_rules=[first], virtual_services=[service])
    with pytest.raises(InvalidOption, match=f"r1 cannot change .* it is in {old} of"):
        run(emulator, content_rules=[second])
    with pytest.raises(InvalidOption, match="takes rules of the kind .* but r1 is a"):
        run(emulator, content_rules=[second], virtual_services=[service])
    holder[old] = []
    if new:
        holder[new] = ["r1"]
    wanted = {"content_rules": [second], "virtual_services": [service]}
    done = run(emulator, **wanted)
    changed, *assigned = commands(done)[1:]
    assert commands(done)[0].startswith("del") and changed == "modrule" and len(assigned) == (1 if new else 0)
    assert not run(emulator, **wanted)["changed"]


def test_a_document_may_remove_what_has_it(emulator: Emulator, exchange: Do) -> None:
    exchange(content_rule, **ADD)
    exchange(virtual_service, address="192.0.2.9", port="80", request_rules=["r1"])
    sub(exchange, request_rules=["r1"])
    gone = [{"address": "192.0.2.9", "port": 80, "state": "absent"}]
    with pytest.raises(InvalidOption, match="request_rules of SubVS OWA"):
        run(emulator, content_rules=[MATCH], virtual_services=gone)
    gone.append({**PARENT, "sub_virtual_services": [{"name": "OWA", "state": "absent"}]})
    assert run(emulator, content_rules=[MATCH], virtual_services=gone)["changed"]


def test_a_rule_of_the_wrong_kind_is_seen_where_rules_are_read(emulator: Emulator, exchange: Do) -> None:
    exchange(content_rule, **ADD)
    assigned = {"virtual_services": [{**PARENT, "request_rules": ["r1"], "sub_virtual_services": []}]}
    run(emulator, **assigned)
    emulator.call("modrule", name="r1", type=0, pattern="/a/")
    with pytest.raises(InvalidOption, match="request_rules takes rules of the kind .*, but r1 is a match_content rule"):
        run(emulator, content_rules=[{"name": "OWA", "pattern": "/b/"}], **assigned)
    run(emulator, virtual_services=[{**PARENT, "request_rules": [], "sub_virtual_services": []}])


# --- the built-in rule ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept_last", [True, False])
def test_the_catch_all_is_assigned_as_other_rules_are(emulator: Emulator, exchange: Do, kept_last: bool) -> None:
    emulator.quirks.default_rule_last = kept_last
    sub(exchange, content_rules=["default"])
    shown = sub(exchange, content_rules=["default", "OWA", "EWS"])
    assert shown["sub_virtual_service"]["content_rules"] == ["OWA", "EWS", "default"]
    assert commands(shown) == ["addrsrule", "addrsrule"]
    assert not exchange(content_rule, name="OWA", kind="match_content", pattern=r"/^\/owa.*/")["changed"]
    assert commands(sub(exchange, content_rules=["OWA", "EWS"])) == ["delrsrule"]
    exchange(virtual_service, address="192.0.2.26", port="80")
    server = {"virtual_service": "192.0.2.26:80", "address": "192.0.2.31", "port": "80"}
    twice(exchange, real_server, **server, content_rules=["OWA", "default"])
    shown = emulator.call("showvs", vs="192.0.2.26", port="80", prot="tcp")
    assert shown["Rs"][0]["MatchRules"] == ["OWA", "default"]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_the_catch_all_is_none_of_the_rules_that_can_be_made(emulator: Emulator, exchange: Do, state: str) -> None:
    with pytest.raises(InvalidOption, match="content rule default is built in and"):
        exchange(content_rule, name="default", kind="match_content", pattern="/x/", state=state)
    with pytest.raises(InvalidOption, match="content rule default is built in and"):
        run(emulator, content_rules=[{"name": "default", "state": state}])
    for option in LISTS:
        with pytest.raises(InvalidOption, match=f"{option} names default, the built-in catch-all"):
            exchange(virtual_service, **PARENT, **{option: ["default"]})


def test_documents_know_the_catch_all(emulator: Emulator, exchange: Do) -> None:
    sub(exchange, content_rules=["OWA", "default"])
    exchange(
        virtual_service,
        address="192.0.2.26",
        port="80",
        real_servers=[{"address": "192.0.2.31", "content_rules": ["default"]}],
    )
    exported = export(emulator, "content_rules", "virtual_services")["config"]
    assert "default" not in [rule["name"] for rule in exported["content_rules"]]
    services = {service["address"]: service for service in exported["virtual_services"]}
    assert services["192.0.2.26"]["real_servers"][0]["content_rules"] == ["default"]
    assert services[PARENT["address"]]["sub_virtual_services"][0]["content_rules"] == ["OWA", "default"]
    purge = [{"kind": "content_rules"}, {"kind": "virtual_services"}]
    # Nothing of it differs, and a purge of the rules that no one needs leaves it
    assert not run(emulator, **exported, state="replaced", purge=purge, check=True)["changed"]
    before = emulator.state()
    run(emulator, purge=purge, allow_empty_purge=True)
    assert not emulator.state()["services"]
    run(emulator, **exported, state="replaced")
    assert emulator.state()["services"] == before["services"]


def test_undone_the_catch_all_is_where_it_was(emulator: Emulator, exchange: Do) -> None:
    place = {"address": "192.0.2.26", "port": 80}
    assigned = {"address": "192.0.2.31", "content_rules": ["OWA", "default"]}
    run(emulator, virtual_services=[{**place, "real_servers": [assigned]}])
    sub(exchange, content_rules=["default"])
    before = emulator.state()
    changed = {
        "content_rules": [{"name": "OWA", "state": "absent"}],
        "virtual_services": [
            {**place, "real_servers": [{**assigned, "content_rules": ["EWS"]}]},
            {**PARENT, "sub_virtual_services": [{"name": "OWA", "content_rules": ["EWS"]}]},
        ],
    }
    emulator.faults.add(Fault("ignore", command="modifycipherset"))
    with pytest.raises(NotConverged, match="The steps before it were reverted"):
        run(
            emulator,
            **changed,
            cipher_sets=[{"name": "Mine", "ciphers": ["ECDHE-RSA-AES256-GCM-SHA384"]}],
            rollback=True,
        )
    assert "delrule" in emulator.journal.commands()
    assert emulator.state() == before
