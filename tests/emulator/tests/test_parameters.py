# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""get, set, getall, and the health and adaptive settings."""

from __future__ import annotations

import pytest

from loadmaster_emulator import ApiError, Emulator


def test_names_in_any_capitals_and_canonical_answers(lm):
    lm.call("set", param="SYSLOGPREFIX", value="p")
    assert lm.call("get", param="syslogprefix")["SyslogPrefix"] == "p"
    lm.call("set", param="namserver", val="8.8.8.8,8.8.4.4")
    assert lm.call("get", param="nameserver")["nameserver"] == ["8.8.8.8", "8.8.4.4"]


def test_unset_is_absent_from_getall_and_empty_in_get(client, lm):
    assert "motd" not in lm.call("getall")
    assert client.v1("get", param="motd").text.count("<motd></motd>") == 1
    lm.call("set", param="motd", value="hello")
    assert lm.call("getall")["motd"] == "hello"
    lm.call("set", param="motd", value="")
    assert "motd" not in lm.call("getall")


def test_booleans_are_words_in_v1(client):
    for word in ("no", "n", "0", "N"):
        client.v1("set", param="snat", value=word)
        assert "<snat>no</snat>" in client.v1("get", param="snat").text
        client.v1("set", param="snat", value="y")


def test_secrets_are_masked_whether_set_or_not(lm):
    assert lm.call("getall")["emailpassword"] == "********"
    lm.call("set", param="emailpassword", value="x")
    assert lm.call("get", param="emailpassword")["emailpassword"] == "********"


@pytest.mark.parametrize(
    ("parameter", "value", "reported"),
    [
        ("conntimeout", "0", 660),
        ("alwayspersist", "yes", 1),
        ("WUITLS13Ciphersets", "A,B", "A B"),
        ("finalpersist", "0", 0),
        ("snmpAuthProt", "sha", "SHA"),
        ("apiport", "", 443),
    ],
)
def test_rewritten(lm, parameter, value, reported):
    lm.call("set", param=parameter, value=value)
    assert lm.call("get", param=parameter)[parameter] == reported


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("version", "8"),
        ("time", "now"),
        ("authtimeout", "29"),
        ("authtimeout", "soon"),
        ("snat", "maybe"),
        ("dfltgw", "300.1.1.1"),
        ("sessionidletime", "0"),
        ("hostname", "not a host"),
        ("conntimeout", "30"),
    ],
)
def test_refused(lm, parameter, value):
    before = lm.state()
    with pytest.raises(ApiError) as caught:
        lm.call("set", param=parameter, value=value)
    assert caught.value.status == 422
    assert lm.state() == before


def test_missing_and_unknown(client):
    assert client.v2("set").json["message"] == "param: String Value missing"
    assert client.v2("set", param="motd").json["message"] == "value: String Value missing"
    assert client.v2("get", param="nosuch").json == {
        "code": 422, "message": "Unknown parameter value nosuch", "status": "fail",
    }  # fmt: skip


def test_a_syslog_host_is_in_one_level_only(lm):
    lm.call("set", param="syslogcritical", value="10.0.0.1,10.0.0.2")
    lm.call("set", param="sysloginfo", value="10.0.0.2")
    answer = lm.call("getall")
    assert (answer["syslogcritical"], answer["sysloginfo"]) == (["10.0.0.1"], ["10.0.0.2"])
    lm.call("set", param="syslognone", value="10.0.0.1")
    assert "syslogcritical" not in lm.call("getall")
    with pytest.raises(ApiError):
        lm.call("set", param="syslogwarn", value=",".join(f"10.0.1.{n}" for n in range(10)))


def test_the_last_name_server_stays_while_dnssec_is_on(lm):
    lm.call("set", param="nameserver", value="8.8.8.8")
    lm.call("set", param="dnssecclient", value=True)
    with pytest.raises(ApiError):
        lm.call("set", param="nameserver", value="")


@pytest.mark.parametrize(
    ("firmware", "there", "absent"),
    [
        ("7.2.54.12", {"directoryurl", "renewperiod"}, {"acmetype", "OCSPPort", "L7SameSite"}),
        ("7.2.60", {"acmetype", "OCSPPort", "L7SameSite"}, {"directoryurl", "SyslogPrefix"}),
    ],
)
def test_parameters_by_firmware(firmware, there, absent):
    names = set(Emulator(firmware=firmware).call("getall"))
    assert there <= names and not absent & names


def test_health_settings_keep_room_for_all_retries(lm):
    assert lm.call("modhealth", timeout=5, retrycount=3)["RetryInterval"] == "16"
    assert lm.call("modhealth", retryinterval=30)["RetryInterval"] == "30"
    assert lm.call("modhealth", timeout=4, retryinterval=60)["RetryInterval"] == "30"  # two requests are needed
    with pytest.raises(ApiError):
        lm.call("modhealth", retryinterval=12)
    assert lm.call("showhealth")["Timeout"] == "4"
