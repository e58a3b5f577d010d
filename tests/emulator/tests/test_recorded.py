# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours that recordings of 2022 to 2025 and public clients show, without the recordings."""

from __future__ import annotations

import pytest
from made_certificates import make as make_certificate
from wire_client import Client

from loadmaster_emulator import ApiError, Emulator, Quirks

PLACE = {"vs": "192.0.2.1", "port": 80, "prot": "tcp"}


def _members_after(shown: dict, name: str, number: int) -> list[str]:
    names = list(shown)
    return names[names.index(name) + 1 : names.index(name) + 1 + number]


# -- presence and order of members ---------------------------------------------------------------------------


@pytest.mark.parametrize("firmware", ["7.2.60", "7.2.63"])
def test_adaptive_members_are_always_there(firmware):
    shown = Emulator(firmware=firmware).call("addvs", **PLACE)
    adaptive = ["AdaptivePort", "AdaptiveInterval", "AdaptiveMinPercent"]
    assert _members_after(shown, "ChkRetryCount", 4) == [*adaptive, "Bandwidth"]
    assert [shown[name] for name in adaptive] == [0, 0, 0]


@pytest.mark.parametrize(
    ("firmware", "there"), [("7.2.54.18", False), ("7.2.57", False), ("7.2.58", True), ("7.2.63", True)]
)
def test_a_slot_counts_its_rules_always_from_7_2_58(firmware, there):
    lm = Emulator(firmware=firmware)
    lm.call("addvs", **PLACE)
    slot = lm.call("modvs", vs=1, createsubvs="")["SubVS"][0]
    assert ("Nrules" in slot) is there
    lm.call("addrule", name="r", pattern="p")
    lm.call("addrsrule", vs=1, rs="!1", rule="r")
    assert lm.call("showvs", vs=1)["SubVS"][0]["Nrules"] == 1


def test_a_service_lists_the_rules_of_its_servers(lm, client):
    lm.call("addvs", **PLACE)
    assert lm.call("showvs", vs=1)["NRules"] == 0
    for number, names in ((1, "ab"), (2, "bc")):
        lm.call("addrs", vs=1, rs=f"10.0.0.{number}", rsport=80)
        for name in names:
            if name not in lm.state()["rules"]:
                lm.call("addrule", name=name, pattern="p")
            lm.call("addrsrule", vs=1, rs=f"!{number}", rule=name)
    lm.call("addrsrule", vs=1, rs="!1", rule="default")
    assert lm.call("showvs", vs=1)["MatchRules"] == ["a", "b", "c", "default"]
    lm.call("delrsrule", vs=1, rs="!1", rule="default")
    shown = lm.call("showvs", vs=1)
    assert (shown["NRules"], shown["MatchRules"]) == (3, ["a", "b", "c"])
    assert _members_after(shown, "NRules", 2) == ["MatchRules", "NRequestRules"]
    assert "<NRules>3</NRules>\r\n<MatchRules>\r\n<Name>a</Name>" in client.v1("showvs", vs=1).text


def test_a_parent_does_not_count_the_rules_of_its_slots(lm):
    lm.call("addvs", **PLACE)
    lm.call("modvs", vs=1, createsubvs="")
    lm.call("addrule", name="r", pattern="p")
    lm.call("addrsrule", vs=1, rs="!1", rule="r")
    assert lm.call("showvs", vs=1)["NRules"] == 0


def test_a_cookie_stands_behind_the_timeout(lm):
    lm.call("addvs", **PLACE)
    shown = lm.call("modvs", vs=1, persist="cookie", cookie="c")
    assert _members_after(shown, "Persist", 2) == ["PersistTimeout", "Cookie"]


@pytest.mark.parametrize(("as_made", "order"), [(False, [2, 4]), (True, [4, 2])])
def test_slots_come_by_the_index_of_their_service(lm, as_made, order):
    lm.quirks.slots_as_made = as_made
    lm.call("addvs", **PLACE)
    for _unused in range(3):
        lm.call("modvs", vs=1, createsubvs="")
    lm.call("delvs", vs=2)
    lm.call("addvs", vs="192.0.2.2", port=80, prot="tcp")  # takes index 2
    lm.call("delvs", vs=3)
    lm.call("delvs", vs=2)
    lm.call("modvs", vs=1, createsubvs="")
    assert [slot["VSIndex"] for slot in lm.call("showvs", vs=1)["SubVS"]] == order


def test_esp_members_come_with_esp(lm):
    lm.call("addvs", **PLACE)
    assert "EspLogs" not in lm.call("showvs", vs=1)
    shown = lm.call("modvs", vs=1, espenabled=1, domain="D", logoff="/off", allowedhosts="*", singlesignonmessage="M")
    assert _members_after(shown, "EspEnabled", 14) == [
        "EspLogs", "DisplayPubPriv", "DisablePasswordForm", "PermanentCookies", "IncludeNestedGroups",
        "MultiDomainPermittedGroups", "Domain", "Logoff", "UserPwdExpiryWarn", "UserPwdExpiryWarnDays", "Captcha",
        "AllowedHosts", "ServerFbaUsernameOnly", "InputAuthMode",
    ]  # fmt: skip
    assert _members_after(shown, "MasterVSID", 2) == ["SingleSignOnMessage", "IsTransparent"]
    assert (shown["EspLogs"], shown["DisplayPubPriv"]) == (7, True)
    assert "EspLogs" not in lm.call("modvs", vs=1, espenabled=0)


# -- values ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("firmware", "limit", "with_922"), [("7.2.57", 3000, False), ("7.2.60", 10000, True)])
def test_the_owasp_firewall_begins_with_eight_values(firmware, limit, with_922):
    lm = Emulator(firmware=firmware)
    fresh = lm.call("addvs", **PLACE)
    shown = lm.call("modvs", vs=1, interceptmode=2)
    assert (shown["InterceptMode"], shown["Intercept"]) == (2, False)
    assert _members_after(shown, "AnomalyScoringThreshold", 3) == ["RuleSets", "AuditParts", "PCRELimit"]
    assert (shown["BlockingParanoia"], shown["ExecutingParanoia"], shown["AnomalyScoringThreshold"]) == (1, 1, 100)
    assert (shown["PCRELimit"], shown["JSONDLimit"], shown["BodyLimit"]) == (limit, 10000, 1048576)
    assert ("922" in shown["RuleSets"].split(",")) is with_922 and shown["AuditParts"] == "BEFH"
    assert lm.call("modvs", vs=1, interceptmode=1)["InterceptMode"] == 2  # only by way of 0
    assert lm.call("modvs", vs=1, interceptmode=0) == fresh


def test_the_legacy_firewall_has_its_rules_with_a_blank_behind_each():
    lm = Emulator(firmware="7.2.54.18")
    lm.call("addvs", **PLACE)
    assert lm.call("modvs", vs=1, interceptmode=1)["Intercept"] is True
    lm.call("vsaddwafrule", **PLACE, rule="Generic/known_vulns G/malware_detection")
    shown = lm.call("showvs", vs=1)
    assert shown["InterceptRules"] == "G/known_vulns G/malware_detection "
    assert _members_after(shown, "AlertThreshold", 1) == ["InterceptRules"]
    lm.call("vsremovewafrule", **PLACE, rule="Generic/known_vulns")
    assert lm.call("showvs", vs=1)["InterceptRules"] == "G/malware_detection "
    with pytest.raises(ApiError, match="port"):
        lm.call("vsaddwafrule", vs=1, rule="G/x")


def test_an_error_page_makes_another_status(lm):
    lm.call("addvs", **PLACE)
    lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    assert "ErrorPage" not in lm.call("modvs", vs=1, errorcode=404)
    assert lm.call("uploadvserrfile", vs=1, data="<html></html>")["status"] == "ok"
    assert lm.call("showvs", vs=1)["Status"] == "Up"
    lm.down.add(("10.0.0.1", 80))
    shown = lm.call("showvs", vs=1)
    assert (shown["Status"], shown["ErrorPage"]) == ("FailMsg", True)
    assert _members_after(shown, "ErrorCode", 1) == ["ErrorPage"]
    assert lm.call("vstotals")["VSTotals"] == {"Total": 1, "Up": 0, "Down": 1, "Disabled": 0}
    assert lm.call("stats")["Vs"][0]["Status"] == "failmsg"


def test_a_parent_stays_transparent_by_name_when_its_last_subvs_goes(make, tmp_path):
    lm = make(state=tmp_path / "state")
    lm.call("addvs", **PLACE)
    lm.call("modvs", vs=1, createsubvs="")
    lm.call("modvs", vs=1, createsubvs="")
    lm.call("delvs", vs=2)
    assert lm.call("showvs", vs=1)["IsTransparent"] == 0
    lm.call("delvs", vs=3)
    for emulator in (lm, Emulator(state=tmp_path / "state")):
        shown = emulator.call("showvs", vs=1)
        assert (shown["Transparent"], shown["SubnetOriginating"], shown["IsTransparent"]) == (True, False, 2)
        assert shown["EnhancedHealthChecks"] is False
    assert lm.call("modvs", vs=1, createsubvs="")["IsTransparent"] == 0


def test_a_copy_is_named_with_a_number(lm):
    lm.call("addvs", **PLACE, nickname="web")
    for number in (1, 2):
        lm.call("addrs", vs=1, rs=f"10.0.0.{number}", rsport=80)
    names = [lm.call("dupvs", vs=1, newvs="192.0.2.1", newport=port)["NickName"] for port in (81, 82)]
    assert names == ["web[1]", "web[2]"]
    numbers = [server["RsIndex"] for vs in lm.call("listvs")["VS"] for server in vs["Rs"]]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    lm.call("addvs", vs="192.0.2.2", port=80, prot="tcp")
    assert "NickName" not in lm.call("dupvs", vs="192.0.2.2", port=80, prot="tcp", newvs="192.0.2.2", newport=81)


@pytest.mark.parametrize(
    ("sent", "layer"), [({"forcel4": 1}, 4), ({"forcel4": "y", "vstype": "gen"}, 4), ({"forcel4": 0}, 7)]
)
def test_layer_4_can_be_asked_for(sent, layer):
    shown = Emulator().call("addvs", vs="192.0.2.1", port=25, prot="tcp", **sent)
    assert (shown["Layer"], shown["ForceL4"], shown["ForceL7"]) == (layer, layer == 4, layer == 7)


@pytest.mark.parametrize(("firmware", "interval"), [("7.2.58", "7"), ("7.2.60", "10")])
def test_the_first_interval_of_adaptive_checks(firmware, interval):
    assert Emulator(firmware=firmware).call("showadaptive")["AdaptiveInterval"] == interval


# -- parameters, statistics ------------------------------------------------------------------------------------


def test_get_knows_what_getall_dropped():
    for firmware, listed in (("7.2.54.18", True), ("7.2.60", False), ("7.2.63", False)):
        lm = Emulator(firmware=firmware)
        for name in ("directoryurl", "renewperiod"):
            assert (name in lm.call("getall")) is listed
            assert lm.call("get", param=name)[name]
    with pytest.raises(ApiError, match="Unknown parameter"):
        Emulator(firmware="7.2.60").call("get", param="SyslogPrefix")  # not there yet


def test_saml_parameters_of_7_2_60():
    shown = Emulator(firmware="7.2.60").call("getall")
    assert _members_after(shown, "wuiservercertval", 3) == ["samlidpprov", "samlidpmatchcert", "hostname"]
    assert (shown["samlidpprov"], shown["samlidpmatchcert"]) == (0, False)
    assert "samlidpprov" not in Emulator(firmware="7.2.63").call("getall")


@pytest.mark.parametrize(("firmware", "there"), [("7.2.54.12", True), ("7.2.63", False)])
def test_limits_by_rule_are_gone_from_the_statistics(make, firmware, there):
    assert ("glbcps" in Client(make(firmware=firmware)).v1("stats").text) is there


# -- requests ---------------------------------------------------------------------------------------------------


def test_slashes_that_follow_each_other_are_one(client):
    answer = client.raw("//accessv2", "POST", b'{"cmd":"get","param":"version","apiuser":"bal","apipass":"pw"}')
    assert answer.status == 200 and '"version" : "7.2.63' in answer.text
    assert client.raw("//access//get?param=version").status == 200


def test_a_certificate_and_its_key_may_be_two_parts(lm, client):
    made = make_certificate("curve")
    parts = [made.certificate_pem.rstrip(), made.key_pem()]
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="f%d"\r\n\r\n%s\r\n' % (number, number, part)
        for number, part in enumerate(parts)
    )
    answer = client.raw(
        "/access/addcert?cert=mail",
        "POST",
        body + b"--x--\r\n",
        client.authorization + "Content-Type: multipart/form-data; boundary=x\r\n",
    )
    assert "Certificate Successfully Installed" in answer.text
    assert list(lm.state()["certificates"]) == ["mail"]


@pytest.mark.parametrize("by_case", [False, True])
def test_certificates_by_names_in_other_capitals(make, by_case):
    lm = make(quirks=Quirks(certificate_case=by_case))
    made = make_certificate("curve")
    lm.call("addcert", cert="Mail", data=made.pem)
    lm.call("addintermediate", cert="Mid", data=made.certificate_pem)
    calls = [("readcert", "mail"), ("readintermediate", "MID"), ("delcert", "MAIL"), ("delintermediate", "mid")]
    for command, name in calls:
        if by_case:
            with pytest.raises(ApiError, match="Unknown certificate"):
                lm.call(command, cert=name)
        else:
            lm.call(command, cert=name)
    assert bool(lm.state()["certificates"] or lm.state()["intermediates"]) is by_case


def test_a_rule_of_the_wrong_kind_may_be_refused(make):
    for refused in (False, True):
        lm = make(quirks=Quirks(wrong_rule_refused=refused))
        lm.call("addvs", **PLACE)
        lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
        lm.call("addrule", name="header", type=1, header="x", replacement="y")
        for command, more in (("addrsrule", {"rs": "!1"}), ("addprerule", {}), ("addresponsebodyrule", {})):
            if refused:
                with pytest.raises(ApiError):
                    lm.call(command, vs=1, rule="header", **more)
            else:
                assert lm.call(command, vs=1, rule="header", **more)["status"] == "ok"
        assert lm.call("showvs", vs=1)["Rs"][0]["Nrules"] == 0


def test_a_backup_of_certificates_needs_its_password(lm):
    lm.call("addcert", cert="Mail", data=make_certificate("curve").pem)
    lm.call("addintermediate", cert="Mid", data=make_certificate("curve").certificate_pem)
    backup = lm.call("backupcert", password="longenough1")["data"]
    lm.call("delcert", cert="Mail")
    lm.call("delintermediate", cert="Mid")
    for refused in ({"password": "another123"}, {"password": "short"}, {"password": "longenough1", "data": b"x"}):
        with pytest.raises(ApiError):
            lm.call("restorecert", **{"data": backup, "type": "full", **refused})
    lm.call("restorecert", data=backup, type="vs", password="longenough1")
    assert (list(lm.state()["certificates"]), lm.state()["intermediates"]) == (["Mail"], {})
    assert (
        lm.call("restorecert", data=backup, type="third", password="longenough1")["message"] == "Certificates Restored"
    )
    assert list(lm.state()["intermediates"]) == ["Mid"]
