# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content rules, and where they are attached."""

from __future__ import annotations

import json

import pytest
from wire_client import Client

from loadmaster_emulator import ApiError, Emulator

MATCH = {
    "Name": "r",
    "Pattern": "p",
    "MatchType": "Regex",
    "AddHost": False,
    "Negate": False,
    "CaseIndependent": False,
    "IncludeQuery": False,
    "Header": "",
    "MustFail": False,
}
LISTS = {
    "prerule": "PreProcessRules",
    "requestrule": "RequestRules",
    "responserule": "ResponseRules",
    "responsebodyrule": "MatchBodyRules",
}


def _refusal(lm, command, **parameters):
    before = lm.state()
    with pytest.raises(ApiError) as caught:
        lm.call(command, **parameters)
    assert lm.state() == before
    assert caught.value.status == 422
    return caught.value.text


def _names(answer):
    return {key: [rule["Name"] for rule in answer[key]] for key in answer if key not in ("code", "status")}


# -- rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "key", "reported"),
    [
        ({"pattern": "p"}, "MatchContentRule", MATCH),
        (
            {
                "pattern": "p",
                "matchtype": "POSTFIX",
                "inchost": "y",
                "negate": 1,
                "nocase": "Y",
                "incquery": True,
                "header": "body",
                "mustfail": "true",
                "setonmatch": 3,
                "onlyonflag": 4,
                "onlyonnoflag": 9,
            },
            "MatchContentRule",
            {
                "Name": "r",
                "Pattern": "p",
                "MatchType": "postfix",
                "AddHost": True,
                "Negate": True,
                "CaseIndependent": True,
                "IncludeQuery": True,
                "Header": "body",
                "MustFail": True,
                "SetFlagOnMatch": 3,
                "OnlyOnFlag": 4,
                "OnlyOnNoFlag": 9,
            },
        ),
        ({"pattern": "p", "setonmatch": 0, "onlyonflag": 10, "onlyonnoflag": 99}, "MatchContentRule", MATCH),
        (
            {"type": 1, "header": "X-A", "replacement": "v", "onlyonflag": 1},
            "AddHeaderRule",
            {"Name": "r", "Header": "X-A", "HeaderValue": "v", "OnlyOnFlag": 1},
        ),
        ({"type": 2, "pattern": "X-A", "setonmatch": 1}, "DeleteHeaderRule", {"Name": "r", "Pattern": "X-A"}),
        (
            {"type": 3, "header": "X-A", "pattern": "p", "replacement": "v"},
            "ReplaceHeaderRule",
            {"Name": "r", "Header": "X-A", "Pattern": "p", "Replacement": "v"},
        ),
        (
            {"type": 4, "pattern": "p", "replacement": "v"},
            "ModifyURLRule",
            {"Name": "r", "Pattern": "p", "Replacement": "v"},
        ),
        (
            {"type": 5, "pattern": "p", "nocase": 1, "replacement": "v"},
            "ReplaceBodyRule",
            {"Name": "r", "Pattern": "p", "Replacement": "v", "CaseIndependent": True},
        ),
        (
            {"type": 5, "pattern": "p", "caseindependent": 1},
            "ReplaceBodyRule",
            {"Name": "r", "Pattern": "p", "Replacement": "", "CaseIndependent": True},
        ),
    ],
)
def test_the_kinds(lm, sent, key, reported):
    answer = lm.call("addrule", name="r", **sent)
    assert list(answer) == ["code", key, "status"]
    assert list(answer[key][0].items()) == list(reported.items())
    assert lm.call("showrule", name="r") == lm.call("showrule") == answer


def test_v1_spelling(client):
    answer = client.v1("addrule", name="r", pattern="a<b", nocase=1, onlyonflag=2)
    assert "<Success><Data><MatchContentRule>\r\n<Name>r</Name>\r\n<Pattern>a&lt;b</Pattern>\r\n" in answer.text
    assert "<CaseIndependent>Y</CaseIndependent>\r\n" in answer.text
    assert "<MustFail>N</MustFail>\r\n<OnlyOnFlag>2</OnlyOnFlag>\r\n</MatchContentRule>" in answer.text


def test_modrule_replaces_everything_and_keeps_the_type_unless_it_is_sent(lm):
    lm.call("addrule", name="r", pattern="p", negate=1, setonmatch=3, matchtype="prefix")
    assert lm.call("modrule", name="r", pattern="p")["MatchContentRule"] == [MATCH]
    assert "pattern" in _refusal(lm, "modrule", name="r", negate=1)
    changed = lm.call("modrule", name="r", type=1, header="h", replacement="v")
    assert changed["AddHeaderRule"] == [{"Name": "r", "Header": "h", "HeaderValue": "v"}]
    assert list(lm.call("modrule", name="r", header="g")) == ["code", "AddHeaderRule", "status"]


@pytest.mark.parametrize(
    ("command", "sent", "text"),
    [
        ("addrule", {"name": "a-b", "pattern": "p"}, "Cannot read rules"),
        ("addrule", {"name": "r", "pattern": "p"}, None),
        ("addrule", {"name": "s"}, "pattern: String Value missing"),
        ("addrule", {"name": "s", "type": 2}, "pattern: String Value missing"),
        ("addrule", {"pattern": "p"}, "name: String Value missing"),
        ("addrule", {"name": "s", "pattern": "p" * 251}, None),
        ("addrule", {"name": "s", "type": 1, "header": "h", "replacement": "v" * 256}, None),
        ("addrule", {"name": "s", "pattern": "p", "type": 6}, None),
        ("addrule", {"name": "s", "pattern": "p", "matchtype": "suffix"}, None),
        ("modrule", {"name": "s", "pattern": "p"}, "Rule not found"),
        ("delrule", {"name": "s"}, "Rule not found"),
        ("showrule", {"name": "s"}, "Rule not found"),
        ("addprerule", {"vs": 1, "rule": "s"}, "Rule not found"),
        ("delprerule", {"vs": 1, "rule": "s"}, "Rule not found"),
        ("addprerule", {"vs": 2, "rule": "r"}, "Unknown VS"),
        ("addrsrule", {"vs": 1, "rs": "!9", "rule": "r"}, "Unknown RS"),
        ("addrsrule", {"vs": 1, "rs": "10.0.0.1", "rsport": 81, "rule": "r"}, "Unknown RS"),
        ("addrsrule", {"vs": 1, "rs": "10.0.0.1", "rsport": 80}, "rule: String Value missing"),
    ],
)
def test_refusals(lm, vs, command, sent, text):
    vs()
    lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    lm.call("addrule", name="r", pattern="p")
    refused = _refusal(lm, command, **sent)
    assert text is None or refused == text


def test_the_longest_pattern_is_taken(lm):
    assert lm.call("addrule", name="r", pattern="p" * 250)


def test_showrule_groups_and_filters(lm):
    assert lm.call("showrule") == {"code": 200, "status": "ok"}
    for name, sent in (("z", {"pattern": "p"}), ("h", {"type": 1, "header": "h"}), ("a", {"pattern": "p"})):
        lm.call("addrule", name=name, **sent)
    assert _names(lm.call("showrule")) == {"MatchContentRule": ["z", "a"], "AddHeaderRule": ["h"]}
    assert _names(lm.call("showrule", type=1)) == {"AddHeaderRule": ["h"]}
    assert _names(lm.call("showrule", type=5)) == {}
    assert _names(lm.call("showrule", name="a", type=0)) == {"MatchContentRule": ["a"]}


# -- the lists of a service -----------------------------------------------------------------------------


def _one_of_each(lm):
    for number in range(6):
        lm.call("addrule", name=f"t{number}", type=number, pattern="p", header="h")


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        ("prerule", ["t0"]),
        ("requestrule", ["t1", "t2", "t3", "t4"]),
        ("responserule", ["t1", "t2", "t3", "t4"]),
        ("responsebodyrule", ["t5"]),
    ],
)
def test_a_rule_of_the_wrong_type_is_not_attached_and_nothing_is_said(lm, vs, command, taken):
    vs()
    _one_of_each(lm)
    for number in range(6):
        assert lm.call(f"add{command}", vs=1, rule=f"t{number}")["message"] == "Command completed ok"
    shown = lm.call("showvs", vs=1)
    member = LISTS[command]
    assert (shown[f"N{member}"], shown[member]) == (len(taken), taken)
    members = list(shown)
    assert members.index(member) == members.index(f"N{member}") + 1
    assert not {other for other in LISTS.values() if other != member} & set(shown)
    for name in reversed(taken):
        lm.call(f"del{command}", vs=1, rule=name)
    shown = lm.call("showvs", vs=1)
    assert shown[f"N{member}"] == 0 and member not in shown


def test_v1_lists(lm, vs, client):
    vs()
    lm.call("addrule", name="a", pattern="p")
    lm.call("addrule", name="b", pattern="p")
    for name in ("b", "a", "b"):
        lm.call("addprerule", vs="192.0.2.1", port=80, prot="tcp", rule=name)
    expected = (
        "<NPreProcessRules>2</NPreProcessRules>\r\n"
        "<PreProcessRules>\r\n<Name>b</Name>\r\n<Name>a</Name>\r\n</PreProcessRules>\r\n"
    )
    assert expected in client.v1("showvs", vs=1).text
    _refusal(lm, "delrequestrule", vs=1, rule="a")


@pytest.mark.parametrize(
    ("command", "parameter", "rule_type"),
    [
        ("prerule", "preprocprecedence", 0),
        ("requestrule", "requestprecedence", 1),
        ("responserule", "responseprecedence", 4),
        ("responsebodyrule", "matchbodyprecedence", 5),
    ],
)
def test_precedence(lm, vs, command, parameter, rule_type):
    vs()
    for name in "abc":
        lm.call("addrule", name=name, type=rule_type, pattern="p", header="h")
        lm.call(f"add{command}", vs=1, rule=name)
    member = LISTS[command]
    assert vs(**{parameter: "c", f"{parameter}pos": 1})[member] == ["c", "a", "b"]
    assert vs(**{parameter: "c", f"{parameter}pos": 2})[member] == ["a", "c", "b"]
    assert vs(**{parameter: "a", f"{parameter}pos": 9})[member] == ["c", "b", "a"]
    assert vs(**{parameter: "a"})[member] == vs(**{f"{parameter}pos": 1})[member] == ["c", "b", "a"]
    assert vs(**{parameter: "x", f"{parameter}pos": 1})[member] == ["c", "b", "a"]
    _refusal(lm, "modvs", vs=1, bandwidth=5, **{parameter: "a", f"{parameter}pos": 0})


def test_a_new_type_of_service_clears_the_body_rules_only(lm, vs):
    vs()
    _one_of_each(lm)
    lm.call("addresponsebodyrule", vs=1, rule="t5")
    lm.call("addrequestrule", vs=1, rule="t1")
    assert vs(vstype="http")["NMatchBodyRules"] == 1
    shown = vs(vstype="http2")
    assert (shown["NMatchBodyRules"], shown["RequestRules"]) == (0, ["t1"])


# -- servers and slots ------------------------------------------------------------------------------------


def test_servers(lm, vs):
    vs()
    _one_of_each(lm)
    lm.call("addrule", name="second", pattern="p")
    number = lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)["Rs"][0]["RsIndex"]
    server = lm.call("showrs", vs=1, rs=f"!{number}")["Rs"][0]
    assert server["Nrules"] == 0 and "MatchRules" not in server
    for rule in ("t0", "t1", "second", "t0"):
        lm.call("addrsrule", vs=1, rs="10.0.0.1", rsport=80, rule=rule)
    server = lm.call("showvs", vs=1)["Rs"][0]
    assert list(server)[-2:] == ["Nrules", "MatchRules"]
    assert (server["Nrules"], server["MatchRules"]) == (2, ["t0", "second"])
    shown = vs(rsruleprecedence="second", rsruleprecedencepos=1)
    assert shown["Rs"][0]["MatchRules"] == ["second", "t0"]
    lm.call("delrsrule", vs=1, rs=f"!{number}", rule="second")
    assert lm.call("showvs", vs=1)["Rs"][0]["MatchRules"] == ["t0"]


def test_slots_and_subvss(lm, vs):
    slot = vs(createsubvs="")["SubVS"][0]["RsIndex"]
    vs(createsubvs="")
    _one_of_each(lm)
    lm.call("addrsrule", vs=1, rs=f"!{slot}", rule="t0")
    lm.call("addprerule", vs=3, rule="t0")
    first, second = lm.call("showvs", vs=1)["SubVS"]
    assert list(first)[-2:] == ["Nrules", "MatchRules"] and first["MatchRules"] == ["t0"]
    assert "MatchRules" not in second and "PreProcessRules" not in lm.call("showvs", vs=1)
    assert lm.call("showvs", vs=3)["PreProcessRules"] == ["t0"]
    lm.call("modvs", vs=2, nickname="owa")
    subvs = lm.state()["services"]["tcp/192.0.2.1:80"]["subvs"]
    assert set(subvs) == {"owa", "-"}
    assert subvs["owa"]["slot"]["rules"] == ["t0"] and subvs["owa"]["rules"]["PreProcessRules"] == []
    assert subvs["-"]["slot"]["rules"] == [] and subvs["-"]["rules"]["PreProcessRules"] == ["t0"]
    lm.call("delvs", vs=2)
    assert "t0" not in str(lm.call("showvs", vs=1))


def test_delrule_detaches_everywhere(lm, vs):
    slot = vs(createsubvs="")["SubVS"][0]["RsIndex"]
    lm.call("addrs", vs=2, rs="10.0.0.1", rsport=80)
    for name in ("gone", "kept"):
        lm.call("addrule", name=name, pattern="p")
        lm.call("addrsrule", vs=1, rs=f"!{slot}", rule=name)
        lm.call("addrsrule", vs=2, rs="10.0.0.1", rsport=80, rule=name)
        lm.call("addprerule", vs=1, rule=name)
        lm.call("addprerule", vs=2, rule=name)
    assert lm.call("delrule", name="gone")["message"] == "Command completed ok"
    assert "gone" not in json.dumps(lm.state())
    # Twice in lists of the service, once each at the server and the slot, and once among the rules of its servers
    assert json.dumps(lm.call("listvs")).count("kept") == 5


def test_what_is_deleted_takes_its_assignments_along(lm, vs):
    vs()
    lm.call("addrule", name="r", pattern="p")
    lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    lm.call("addrsrule", vs=1, rs="10.0.0.1", rsport=80, rule="r")
    lm.call("addprerule", vs=1, rule="r")
    lm.call("delrs", vs=1, rs="10.0.0.1", rsport=80)
    assert "MatchRules" not in lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)["Rs"][0]
    lm.call("delvs", vs=1)
    assert lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")["NPreProcessRules"] == 0
    assert lm.call("showrule", name="r")


def test_a_copy_of_a_service_has_lists_of_its_own(lm, vs):
    vs()
    lm.call("addrule", name="r", pattern="p")
    lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    lm.call("addrsrule", vs=1, rs="10.0.0.1", rsport=80, rule="r")
    lm.call("addprerule", vs=1, rule="r")
    lm.call("dupvs", vs=1, newvs="192.0.2.2", newport=80)
    lm.call("delprerule", vs=2, rule="r")
    lm.call("delrsrule", vs=2, rs="10.0.0.1", rsport=80, rule="r")
    shown = lm.call("showvs", vs=1)
    assert (shown["PreProcessRules"], shown["Rs"][0]["MatchRules"]) == (["r"], ["r"])


def test_copies_of_subvss_and_servers_have_lists_of_their_own(lm, vs):
    vs(createsubvs="")
    vs(createsubvs="")
    lm.call("addrule", name="r", pattern="p")
    lm.call("addrsrule", vs=1, rs="!1", rule="r")
    lm.call("dupvs", vs=2)
    first, second, duplicate = lm.call("showvs", vs=1)["SubVS"]
    assert (first["MatchRules"], "MatchRules" in second, duplicate["MatchRules"]) == (["r"], False, ["r"])
    lm.call("delrsrule", vs=1, rs=f"!{duplicate['RsIndex']}", rule="r")
    assert lm.call("showvs", vs=1)["SubVS"][0]["MatchRules"] == ["r"]
    lm.call("addrs", vs=2, rs="10.0.0.1", rsport=80, addtoallsubvs=1)
    lm.call("addrsrule", vs=2, rs="10.0.0.1", rsport=80, rule="r")
    assert [lm.call("showvs", vs=number)["Rs"][0]["Nrules"] for number in (2, 3, 4)] == [1, 0, 0]


def test_the_order_of_rules_is_part_of_the_state():
    one, other = Emulator(), Emulator()
    for lm, order in ((one, "ab"), (other, "ba")):
        lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
        for name in order:
            lm.call("addrule", name=name, pattern="p")
        for name in order:
            lm.call("addprerule", vs=1, rule=name)
    assert one.state()["rules"] == other.state()["rules"]
    assert one.state() != other.state()
    other.call("modvs", vs=1, preprocprecedence="a", preprocprecedencepos=1)
    assert one.state() == other.state()


def test_broken_json_of_pre_processing_rules(lm, vs, client):
    vs()
    lm.quirks.broken_prerule_json = True
    assert client.v2("showvs", vs=1).status == 200
    for name in ("rule_a", "rule_b"):
        lm.call("addrule", name=name, pattern="p")
        lm.call("addprerule", vs=1, rule=name)
    for command in ("showvs", "listvs"):
        with pytest.raises(json.JSONDecodeError):
            client.v2(command, vs=1)
    assert "<Name>rule_b</Name>" in client.v1("showvs", vs=1).text
    lm.quirks.broken_prerule_json = False
    assert client.v2("showvs", vs=1).json["PreProcessRules"] == ["rule_a", "rule_b"]


def test_rules_need_their_permission(make):
    lm = make(users={"bal": "pw", "vera": "v", "rudi": "r"}, permissions={"vera": ["vs"], "rudi": ["rules"]})
    assert Client(lm, "vera", "v").v2("addrule", name="r", pattern="p").status == 403
    assert Client(lm, "rudi", "r").v2("addrule", name="r", pattern="p").status == 200


# -- the built-in rule --------------------------------------------------------------------------------


def test_the_built_in_rule_is_attached_and_listed_nowhere(lm, vs):
    vs()
    lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    lm.call("addrule", name="r", pattern="p")
    for rule in ("default", "r", "default"):
        lm.call("addrsrule", vs=1, rs="10.0.0.1", rsport=80, rule=rule)
    assert lm.call("showvs", vs=1)["Rs"][0]["MatchRules"] == ["r", "default"]
    assert _names(lm.call("showrule")) == {"MatchContentRule": ["r"]}
    lm.call("delrsrule", vs=1, rs="10.0.0.1", rsport=80, rule="default")
    assert lm.call("showvs", vs=1)["Rs"][0]["MatchRules"] == ["r"]
    assert _refusal(lm, "delrsrule", vs=1, rs="10.0.0.1", rsport=80, rule="default") == "Rule not found"


def test_the_built_in_rule_may_stay_where_it_was_attached(lm, vs):
    lm.quirks.default_rule_last = False
    vs()
    lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    lm.call("addrule", name="r", pattern="p")
    for rule in ("default", "r"):
        lm.call("addrsrule", vs=1, rs="10.0.0.1", rsport=80, rule=rule)
    assert lm.call("showvs", vs=1)["Rs"][0]["MatchRules"] == ["default", "r"]


@pytest.mark.parametrize("command", ["addrule", "modrule", "delrule", "showrule"])
def test_the_built_in_rule_cannot_be_made_or_changed(lm, command):
    sent = {"pattern": "p"} if command in ("addrule", "modrule") else {}
    assert _refusal(lm, command, name="default", **sent)


@pytest.mark.parametrize("command", LISTS)
def test_the_built_in_rule_is_for_servers_alone(lm, vs, command):
    vs()
    assert _refusal(lm, f"add{command}", vs=1, rule="default") == "Rule not found"
