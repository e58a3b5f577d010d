# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual services: identity, indexes, rewrites, prerequisites, side effects."""

from __future__ import annotations

import pytest
from made_certificates import pem

from loadmaster_emulator import ApiError, Emulator, Quirks

PLACE = {"vs": "192.0.2.1", "port": 80, "prot": "tcp"}


def _add(lm, *ports, prot="tcp"):
    for port in ports:
        lm.call("addvs", vs="192.0.2.1", port=port, prot=prot)


# -- identity and indexes -----------------------------------------------------------------------------


def test_identity(lm):
    _add(lm, 80)
    assert lm.call("showvs", vs=1) == lm.call("showvs", **PLACE)
    for parameters, text in (
        ({"vs": 2}, "Unknown VS"),
        ({**PLACE, "prot": "udp"}, "Unknown VS"),
        ({"vs": "!1"}, "port: String Value missing"),
        ({"vs": "192.0.2.1", "port": 80}, "prot: String Value missing"),
        ({}, "vs: Address Value missing"),
    ):
        with pytest.raises(ApiError) as caught:
            lm.call("showvs", **parameters)
        assert caught.value.text == text


def test_same_address_and_port_in_both_protocols(lm):
    _add(lm, 53)
    _add(lm, 53, prot="udp")
    assert [vs["Protocol"] for vs in lm.call("listvs")["VS"]] == ["tcp", "udp"]
    with pytest.raises(ApiError):
        _add(lm, 53)


def test_ipv6_notations_are_one_address(lm):
    lm.call("addvs", vs="2001:db8::1", port=80, prot="tcp")
    assert lm.call("showvs", vs="2001:DB8:0::1", port=80, prot="tcp")["VSAddress"] == "2001:db8::1"


def test_new_services_take_the_lowest_free_index(lm):
    _add(lm, 80, 81, 82)
    lm.call("delvs", vs=2)
    assert lm.call("addvs", vs="192.0.2.9", port=1000, prot="tcp")["Index"] == 2


def test_renumbering_closes_gaps_and_puts_subvss_last(lm):
    _add(lm, 80)
    lm.call("modvs", vs=1, createsubvs="")
    _add(lm, 81, 82)
    lm.call("modvs", vs=4, followvsid=3)
    before = lm.state()
    slot = lm.call("showvs", vs=1)["SubVS"][0]["RsIndex"]
    lm.renumber()
    shown = {vs["VSPort"]: vs["Index"] for vs in lm.call("listvs")["VS"]}
    assert shown == {"80": 1, "81": 2, "82": 3, "0": 4}
    parent = lm.call("showvs", vs=1)
    assert (parent["SubVS"][0]["VSIndex"], parent["SubVS"][0]["RsIndex"]) == (4, slot)
    assert lm.call("showvs", vs=3)["FollowVSID"] == 2
    assert lm.state() == before


def test_renumbering_from_another_number_moves_every_service(lm):
    _add(lm, 80, 81)
    lm.call("modvs", vs=1, createsubvs="")
    lm.call("modvs", vs=2, followvsid=1)
    before = lm.state()
    lm.renumber(first=7)
    assert [vs["Index"] for vs in lm.call("listvs")["VS"]] == [7, 8, 9]
    assert (lm.call("showvs", vs=8)["FollowVSID"], lm.call("showvs", vs=7)["SubVS"][0]["VSIndex"]) == (7, 9)
    assert lm.state() == before
    lm.renumber()
    assert [vs["Index"] for vs in lm.call("listvs")["VS"]] == [1, 2, 3]


def test_listvs_is_ordered_by_address_and_port_with_subvss_last(lm):
    lm.call("addvs", vs="192.0.2.10", port=80, prot="tcp")
    lm.call("modvs", vs=1, createsubvs="")
    lm.call("addvs", vs="192.0.2.9", port=8080, prot="tcp")
    lm.call("addvs", vs="192.0.2.9", port=443, prot="tcp")
    assert [vs["Index"] for vs in lm.call("listvs")["VS"]] == [4, 3, 1, 2]


def test_moving_a_service(lm):
    _add(lm, 80, 81)
    moved = lm.call("modvs", **PLACE, vsaddress="192.0.2.7", vsport=8000)
    assert (moved["VSAddress"], moved["VSPort"]) == ("192.0.2.7", "8000")
    with pytest.raises(ApiError):
        lm.call("modvs", vs=2, vsaddress="192.0.2.7", vsport=8000)
    assert lm.call("showvs", vs=2)["VSPort"] == "81"


# -- rewrites -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "reported"),
    [
        ({"idletime": 0}, {"Idletime": 660}),
        ({"persist": "src"}, {"Persist": "src", "PersistTimeout": "360"}),
        ({"persisttimeout": 400}, {"Persist": "src", "PersistTimeout": "360"}),
        ({"persist": "src", "persisttimeout": 59}, {"Persist": None, "PersistTimeout": "0"}),
        ({"persist": "none", "persisttimeout": 600}, {"Persist": "src", "PersistTimeout": "600"}),
        ({"persist": "", "persisttimeout": 0}, {"Persist": None, "PersistTimeout": "0"}),
        ({"persist": "active-cookie", "cookie": "c"}, {"Persist": "active-cookie", "Cookie": "c"}),
        ({"persist": "active-cookie"}, {"Persist": None, "PersistTimeout": "0"}),
        ({"errorcode": 302}, {"ErrorCode": "302"}),
        ({"errorcode": ""}, {"ErrorCode": "0"}),
        ({"schedule": "adaptive"}, {"Schedule": "rr", "Adaptive": "http_rs"}),
        ({"schedule": "lc"}, {"Schedule": "lc", "Adaptive": None}),
        ({"verify": 2}, {"Verify": 0}),
        ({"verify": 3}, {"Verify": 3}),
        (
            {"interceptopts": "opblock;reqdataenable"},
            {"InterceptOpts": ["opblock", "auditrelevant", "reqdataenable", "resdatadisable"]},
        ),
        ({"nickname": "web"}, {"NickName": "web"}),
        ({"nickname": ""}, {"NickName": None}),
    ],
)
def test_rewritten_on_store(vs, sent, reported):
    answer = vs(**sent)
    assert {name: answer.get(name) for name in reported} == reported


# -- prerequisites ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "member"),
    [
        ({"tlstype": 7}, "TlsType"),
        ({"certfile": "one"}, "CertFile"),
        ({"sslrewrite": "https"}, "SSLRewrite"),
        ({"sslreencrypt": 1}, "SSLReencrypt"),
        ({"allowhttp2": 1}, "AllowHTTP2"),
        ({"reversesnihostname": "h"}, "ReverseSNIHostname"),
        ({"cachepercent": 10}, "CachePercent"),
        ({"checkhost": "h"}, "CheckHost"),
        ({"checkpattern": "p"}, "CheckPattern"),
        ({"checkpostdata": "p", "checkuseget": 1}, "CheckPostData"),
        ({"rsminimum": 2}, "RsMinimum"),
        ({"refreshpersist": 1}, "RefreshPersist"),
        ({"inputauthmode": 1}, "InputAuthMode"),
        ({"localbindaddrs": "192.0.2.5"}, "LocalBindAddrs"),
        ({"matchlen": 5}, "MatchLen"),
        ({"standbyaddr": "192.0.2.5"}, "StandbyAddr"),
        ({"forcel7": 0}, "ForceL7"),
        ({"passsni": 1, "sslacceleration": 1, "sslreencrypt": 1}, "PassSni"),
        ({"nosuchparameter": 1}, "Status"),
    ],
)
def test_silently_dropped_without_its_prerequisite(vs, sent, member):
    before = vs().get(member)
    assert vs(**sent).get(member) == before


@pytest.mark.parametrize(
    ("sent", "reported"),
    [
        ({"checkuse1.1": 1, "checkhost": "h"}, {"CheckHost": "h", "CheckUse1.1": True}),
        ({"checkuseget": 1, "checkpattern": "p"}, {"CheckPattern": "p"}),
        ({"checkuseget": 2, "checkpostdata": "p"}, {"CheckPostData": "p"}),
        ({"cache": 1, "cachepercent": 10}, {"Cache": True, "CachePercent": 10}),
        ({"standbyaddr": "192.0.2.5", "standbyport": 80}, {"StandbyAddr": "192.0.2.5", "StandbyPort": "80"}),
        ({"espenabled": 1, "inputauthmode": 1}, {"InputAuthMode": 1}),
    ],
)
def test_kept_with_its_prerequisite_in_one_request(vs, sent, reported):
    answer = vs(**sent)
    assert {name: answer.get(name) for name in reported} == reported


@pytest.mark.parametrize(
    "sent",
    [
        {"chkinterval": 0},
        {"chktimeout": 3},
        {"verify": 8},
        {"vstype": "nonsense"},
        {"idletime": "soon"},
        {"qos": 3},
        {"nickname": "-x"},
        {"vsport": 2},
        {"errorcode": 99},
        {"transparent": "perhaps"},
        {"sslacceleration": 1, "tlstype": 31},
        {"sslacceleration": 1, "cipherset": "default"},
        {"interceptopts": "opnothing"},
    ],
)
def test_refused_and_nothing_changed(vs, lm, sent):
    vs()
    before = lm.state()
    with pytest.raises(ApiError) as caught:
        vs(bandwidth=5, **sent)
    assert caught.value.status == 422
    assert lm.state() == before


# -- side effects ---------------------------------------------------------------------------------------


def test_ssl_from_on_to_off_and_on_again(vs, lm):
    on = vs(sslacceleration=1, tlstype=7, sslrewrite="http", clientcert=1)
    assert (on["SSLAcceleration"], on["TlsType"], on["CipherSet"], on["SSLRewrite"]) == (True, "7", "Default", "1")
    assert len(on["CertFile"]) == 32
    with pytest.raises(ApiError):
        vs(certfile=on["CertFile"])
    with pytest.raises(ApiError, match="Unknown certificate"):
        vs(certfile="one")
    for name in ("one", "two"):
        lm.call("addcert", cert=name, data=pem(name))
    assert vs(certfile=" one   two ")["CertFile"] == "one two"
    off = vs(sslacceleration=0)
    assert not {"SSLAcceleration", "CertFile", "CipherSet"} & set(off)
    again = vs(sslacceleration=1)
    assert (again["TlsType"], again["ClientCert"], len(again["CertFile"])) == ("7", 1, 32)


def test_tls13_cipher_suites_cannot_be_emptied(vs):
    suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"
    assert vs(sslacceleration=1, tls13cipherset=suites)["Tls13CipherSet"] == suites
    assert vs(tls13cipherset="")["Tls13CipherSet"] == suites


def test_tls_type_of_a_new_ssl_service(vs):
    assert vs()["TlsType"] == "0"
    assert vs(sslacceleration=1)["TlsType"] == "3"


def test_re_encryption_and_sni(vs):
    vs(sslacceleration=1, sslreencrypt=1, reversesnihostname="inner", transparent=1)
    answer = vs(passsni=1)
    assert (answer["PassSni"], answer["ReverseSNIHostname"], answer["IsTransparent"]) == (True, "inner", 1)
    assert answer["Transparent"] is True
    assert vs(sslreencrypt=0)["PassSni"] is True
    assert vs(passsni=0)["PassSni"] is True  # too late


def test_a_new_type_resets_and_wins_over_what_is_sent_beside_it(vs):
    vs(addvia=3, cache=1)
    answer = vs(vstype="http2", addvia=5)
    assert (answer["AddVia"], answer["Cache"]) == (0, False)
    assert vs(addvia=5)["AddVia"] == 5


def test_layer_4_is_for_gen_and_always_transparent(lm):
    _add(lm, 6000)
    shown = lm.call("modvs", vs=1, forcel7=0)
    assert (shown["Layer"], shown["ForceL4"], shown["ForceL7"]) == (4, True, False)
    assert (shown["Transparent"], shown["SubnetOriginating"], shown["IsTransparent"]) == (True, False, 0)
    assert lm.call("modvs", vs=1, transparent=0)["Transparent"] is True
    shown = lm.call("modvs", vs=1, vstype="http")
    assert (shown["Layer"], shown["Transparent"]) == (7, False)


def test_udp_begins_at_layer_4(lm):
    shown = lm.call("addvs", vs="192.0.2.1", port=53, prot="udp")
    assert (shown["Layer"], shown["VStype"], shown["CheckType"], shown["Transparent"]) == (4, "gen", "dns", True)


def test_minimum_of_servers(vs, lm):
    vs()
    for number in (1, 2, 3):
        lm.call("addrs", vs=1, rs=f"10.0.0.{number}", rsport=80)
    assert vs(enhancedhealthchecks=1, rsminimum=2)["RsMinimum"] == 0
    assert vs(rsminimum=2)["RsMinimum"] == 2
    assert vs(rsminimum=1)["RsMinimum"] == 0
    with pytest.raises(ApiError):
        vs(rsminimum=4)
    vs(rsminimum=3)
    vs(enhancedhealthchecks=0)
    assert vs(rsminimum=0)["RsMinimum"] == 3


def test_own_ciphers_make_a_set(vs, lm):
    assert vs(sslacceleration=1, ciphers="AES128-SHA")["CipherSet"] == "Custom_1"


# -- SubVSs -----------------------------------------------------------------------------------------------


def test_the_first_subvs_changes_its_parent(vs, lm):
    parent = vs(createsubvs="")
    assert (parent["MasterVS"], parent["NumberOfRSs"]) == (1, 1)
    assert (parent["Transparent"], parent["SubnetOriginating"], parent["IsTransparent"]) == (True, False, 0)
    assert "EnhancedHealthChecks" not in parent and parent["SubVS"][0]["Name"] == "-"
    child = lm.call("showvs", vs=parent["SubVS"][0]["VSIndex"])
    assert (child["MasterVSID"], child["VSPort"], child["VStype"]) == (1, "0", "http")
    assert "VSAddress" not in child
    with pytest.raises(ApiError, match="Couldn't create RS"):
        lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    with pytest.raises(ApiError):
        lm.call("modvs", vs=2, createsubvs="")
    vs(transparent=0)
    assert vs(createsubvs="1")["Transparent"] is False


def test_subvs_settings_and_slot(vs, lm):
    slot = vs(createsubvs="")["SubVS"][0]["RsIndex"]
    assert lm.call("modvs", vs=2, nickname="owa", idletime=1800)["Idletime"] == 1800
    with pytest.raises(ApiError):
        lm.call("modvs", vs=2, enable=0)
    assert "SSLAcceleration" not in lm.call("modvs", vs=2, sslacceleration=1, altaddress="192.0.2.2")
    lm.call("modrs", vs=1, rs=f"!{slot}", weight=5, critical=1, forward="route", enable=0)
    shown = lm.call("showvs", vs=1)["SubVS"][0]
    assert (shown["Name"], shown["Weight"], shown["Critical"], shown["Forward"]) == ("owa", 5, True, "nat")
    assert (shown["Status"], lm.call("showvs", vs=2)["Enable"]) == ("Disabled", False)
    lm.call("modrs", vs=1, rs="owa", weight=6)
    assert lm.call("showvs", vs=1)["SubVS"][0]["Weight"] == 6


def test_servers_in_all_subvss(vs, lm):
    vs(createsubvs="")
    vs(createsubvs="")
    lm.call("addrs", vs=2, rs="10.0.0.1", rsport=80, addtoallsubvs=1)
    assert [lm.call("showvs", vs=n)["NumberOfRSs"] for n in (2, 3)] == [1, 1]
    assert lm.call("showvs", vs=3)["Rs"][0]["RsIndex"] == lm.call("showvs", vs=2)["Rs"][0]["RsIndex"] + 1


def test_duplicates(vs, lm):
    vs(createsubvs="", bandwidth=5)
    lm.call("addrs", vs=2, rs="10.0.0.1", rsport=80)
    sibling = lm.call("dupvs", vs=2)
    assert (sibling["MasterVSID"], sibling["Bandwidth"], sibling["NumberOfRSs"]) == (1, 5, 1)
    assert lm.call("showvs", vs=1)["MasterVS"] == 2
    copy = lm.call("dupvs", **PLACE, newvs="192.0.2.2", newport=81)
    assert (copy["VSAddress"], copy["VSPort"], copy["MasterVS"]) == ("192.0.2.2", "81", 2)
    services = lm.state()["services"]
    assert services["tcp/192.0.2.1:80"] == services["tcp/192.0.2.2:81"]
    numbers = [entry["RsIndex"] for vs in lm.call("listvs")["VS"] for entry in vs.get("Rs", []) + vs.get("SubVS", [])]
    assert len(numbers) == len(set(numbers)) == 8
    with pytest.raises(ApiError):
        lm.call("dupvs", **PLACE, newvs="192.0.2.2", newport=81)


def test_deleting(vs, lm):
    vs(createsubvs="")
    vs(createsubvs="")
    lm.call("delvs", vs=2)
    assert lm.call("showvs", vs=1)["MasterVS"] == 1
    lm.call("delvs", vs=1)
    assert lm.call("listvs") == {"code": 200, "status": "ok"}


# -- status -----------------------------------------------------------------------------------------------


def test_status_follows_the_servers(vs, lm):
    assert vs()["Status"] == "Down"
    assert vs(errorcode=302, errorurl="https://example.com")["Status"] == "Redirect"
    lm.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    assert vs()["Status"] == "Up"
    lm.down.add(("10.0.0.1", 80))
    assert (vs()["Status"], vs()["Rs"][0]["Status"]) == ("Down", "Down")
    lm.down.clear()
    lm.call("disablers", rs="10.0.0.1")
    assert (vs()["Status"], vs()["Rs"][0]["Status"]) == ("Down", "Disabled")
    assert vs(enable=0)["Status"] == "Disabled"
    assert lm.call("vstotals")["VSTotals"] == {"Total": 1, "Up": 0, "Down": 0, "Disabled": 1}
    assert Emulator(servers_up=False).servers_up is False


# -- firmware -----------------------------------------------------------------------------------------------

_NOT_IN_LTSF = {
    "SameSite", "JSONDLimit", "BodyLimit", "HTTPReschedule", "AdaptivePort", "ResponseStatusRemap", "ResponseRemapMsgFormat",
}  # fmt: skip


@pytest.mark.parametrize(
    ("firmware", "there", "absent"),
    [
        ("7.2.53", {"Bandwidth"}, {"InterceptMode", "SameSite", "RefreshPersist", "HTTPReschedule"}),
        ("7.2.54.12", {"InterceptMode", "RefreshPersist"}, {"ResponseStatusRemap", "HTTPReschedule"} | _NOT_IN_LTSF),
        ("7.2.54.18", {"OwaspOpts", "IPReputationBlocking", "VerifyBearer", "MaxConnsLimit"}, _NOT_IN_LTSF),
        ("7.2.57", {"SameSite", "JSONDLimit", "BodyLimit"}, {"ResponseStatusRemap", "HTTPReschedule"}),
        ("7.2.58", {"ResponseStatusRemap"}, {"HTTPReschedule", "ResponseRemapMsgFormat"}),
        ("7.2.58.1", {"HTTPReschedule"}, {"ResponseStatusRemap", "ResponseRemapMsgFormat"}),
        ("7.2.59", {"HTTPReschedule", "ResponseStatusRemap", "ResponseRemapMsgFormat"}, {"AdaptivePort"}),
        ("7.2.60", {"HTTPReschedule", "ResponseStatusRemap", "ResponseRemapMsgFormat", "AdaptivePort"}, set()),
        ("7.2.63", {"HTTPReschedule", "ResponseStatusRemap", "ResponseRemapMsgFormat", "AdaptiveMinPercent"}, set()),
    ],
)
def test_fields_by_firmware(firmware, there, absent):
    shown = set(Emulator(firmware=firmware).call("addvs", **PLACE))
    assert there <= shown and not absent & shown


def test_a_build_has_its_own_profile_or_the_first_of_its_line():
    versions = {name: Emulator(firmware=name).firmware for name in ("7.2.54", "7.2.54.12", "7.2.54.18", "7.2.54.7")}
    assert versions["7.2.54"] == versions["7.2.54.12"] == versions["7.2.54.7"] != versions["7.2.54.18"]


def test_an_unknown_firmware_is_a_clear_error():
    with pytest.raises(ValueError, match="7.1.30.*7.2.63"):
        Emulator(firmware="7.1.30")


def test_quirks_object_is_live(lm):
    lm.quirks = Quirks(renumber_on_set=True)
    _add(lm, 80, 81)
    lm.call("delvs", vs=1)
    lm.call("set", param="motd", value="x")
    assert lm.call("listvs")["VS"][0]["Index"] == 1
