# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers."""

from __future__ import annotations

import pytest

from loadmaster_emulator import ApiError

SERVER = {"vs": 1, "rs": "10.0.0.1", "rsport": 8080}


@pytest.fixture
def one(lm):
    """An emulator with a service."""
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    return lm


def test_addrs_ignores_forward_and_modrs_does_not(one):
    added = one.call("addrs", **SERVER, forward="route", weight=5)["Rs"][0]
    assert (added["Forward"], added["Weight"]) == ("nat", 5)
    assert one.call("modrs", **SERVER, forward="route", newport=8081) == {
        "code": 200, "message": "Command completed ok", "status": "ok",
    }  # fmt: skip
    shown = one.call("showrs", vs=1, rs="!1")["Rs"][0]
    assert (shown["Forward"], shown["Port"]) == ("route", 8081)


def test_modrs_ignores_what_it_does_not_accept(one):
    one.call("addrs", **SERVER)
    one.call("modrs", **SERVER, weight=0, limit=100001, forward="sideways", critical=1)
    shown = one.call("showrs", **SERVER)["Rs"][0]
    assert (shown["Weight"], shown["Limit"], shown["Forward"], shown["Critical"]) == (1000, 0, "nat", True)


def test_unknown_and_duplicate(one):
    one.call("addrs", **SERVER)
    for command in ("showrs", "modrs", "delrs"):
        for name in ({"rs": "10.0.0.2", "rsport": 8080}, {"rs": "10.0.0.1", "rsport": 80}, {"rs": "!9"}):
            with pytest.raises(ApiError, match="Unknown RS"):
                one.call(command, vs=1, **name)
    with pytest.raises(ApiError):
        one.call("addrs", **SERVER)
    with pytest.raises(ApiError, match="rs: String Value missing"):
        one.call("addrs", vs=1)


@pytest.mark.parametrize(("again", "third"), [(True, 2), (False, 3)])
def test_rs_index_is_one_sequence(one, again, third):
    one.quirks.rs_index_again = again
    one.call("addvs", vs="192.0.2.2", port=80, prot="tcp")
    numbers = [one.call("addrs", vs=n, rs="10.0.0.1", rsport=80)["Rs"][0]["RsIndex"] for n in (1, 2)]
    one.call("delrs", vs=2, rs="!2")
    numbers.append(one.call("addrs", vs=2, rs="10.0.0.1", rsport=80)["Rs"][0]["RsIndex"])
    one.renumber()
    assert numbers == [1, 2, third]
    assert one.call("showvs", vs=2)["Rs"][0]["RsIndex"] == third


def test_names(one):
    one.names["www.example"] = "10.9.9.9"
    one.names["gone.example"] = ""
    shown = one.call("addrs", vs=1, rs="www.example", rsport=80)["Rs"][0]
    assert (shown["Addr"], shown["DnsName"]) == ("10.9.9.9", "www.example")
    assert one.call("showrs", vs=1, rs="www.example", rsport=80)["Rs"][0] == shown
    invented = [one.call("addrs", vs=1, rs="app.example", rsport=p)["Rs"][0]["Addr"] for p in (80, 81)]
    assert invented[0] == invented[1] and invented[0].startswith("198.18.")
    with pytest.raises(ApiError):
        one.call("addrs", vs=1, rs="gone.example", rsport=80)
    one.call("set", param="DNSNamesEnable", value="no")
    with pytest.raises(ApiError):
        one.call("addrs", vs=1, rs="www.example", rsport=81)


def test_servers_elsewhere(make):
    lm = make(networks=["10.0.0.0/24"])
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    lm.call("addrs", **SERVER)
    with pytest.raises(ApiError):
        lm.call("addrs", vs=1, rs="10.0.1.1", rsport=80)
    lm.call("addrs", vs=1, rs="10.0.1.1", rsport=80, non_local=1)
    lm.call("modvs", vs=1, transparent=1)
    with pytest.raises(ApiError):
        lm.call("addrs", vs=1, rs="10.0.1.2", rsport=80, non_local=1)


def test_disablers_reach_every_service(one):
    one.call("addvs", vs="192.0.2.2", port=80, prot="tcp")
    for number in (1, 2):
        one.call("addrs", vs=number, rs="10.0.0.1", rsport=80)
    one.call("disablers", rs="10.0.0.1")
    assert [one.call("showvs", vs=n)["Rs"][0]["Enable"] for n in (1, 2)] == [False, False]
    one.call("enablers", rs="10.0.0.1")
    assert one.call("showvs", vs=2)["Rs"][0]["Status"] == "Up"
    assert one.call("stats")["Rs"][0]["Addr"] == "10.0.0.1"
