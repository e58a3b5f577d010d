# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quirks as switches."""

from __future__ import annotations

import threading
import time

import pytest
from wire_client import Client, Dropped

from loadmaster_emulator import Fault, Quirks

PLACE = {"vs": "192.0.2.1", "port": 80, "prot": "tcp"}


def test_rate_limit_counts_both_apis_and_drops_connections(make):
    lm = make(quirks=Quirks(rate_limit=(6, 0.5)))
    client = Client(lm)
    for _unused in range(3):
        client.v1("listvs")
        client.v2("listvs")
    with pytest.raises(Dropped):
        client.v2("addvs", **PLACE)  # on the kept connection, after the request was read
    assert lm.journal[-1].dropped and not lm.state()["services"]
    with pytest.raises(Dropped):
        client.v1("listvs")  # on a new one, in the handshake
    assert len(lm.journal) == 7 and lm.handshakes == 1
    time.sleep(0.55)
    assert client.v1("listvs").status == 200


def test_without_the_switch_there_is_no_limit(client):
    assert {client.v1("showhealth").status for _unused in range(60)} == {200}


def test_concurrent_limit(make):
    lm = make(quirks=Quirks(concurrent_limit=1))
    lm.faults.add(Fault("delay", command="listvs", seconds=0.5))
    thread = threading.Thread(target=Client(lm).v1, args=("listvs",))
    thread.start()
    time.sleep(0.2)
    with pytest.raises(Dropped):
        Client(lm).v1("showhealth")
    thread.join()
    assert Client(lm).v1("showhealth").status == 200


def test_missing_parameter_in_old_v1(make):
    client = Client(make(quirks=Quirks(v1_missing_status=400)))
    answer = client.v1("get")
    assert answer.status == 400 and 'stat="400"' in answer.text
    assert client.v2("get").status == 422
    assert client.v1("showvs", vs=1).status == 422


def test_line_ends_of_v2(client, lm):
    assert b"\r\n" in client.v2("showhealth").body
    lm.quirks.v2_crlf = False
    assert b"\r" not in client.v2("showhealth").body
    assert b"\r" not in client.v2("showvs", vs=1).body


def test_showvs_delay(client, lm):
    lm.quirks.showvs_delay = 0.3
    client.v2("addvs", **PLACE)
    assert client.v2("showvs", **PLACE).json["message"] == "Unknown VS"
    time.sleep(0.35)
    assert client.v2("showvs", **PLACE).status == 200


def test_overlapping_addvs_swap_their_answers(make):
    lm = make(quirks=Quirks(swapped_addvs=True))
    assert Client(lm).v2("addvs", **PLACE).json["VSPort"] == "80"  # alone it gets its own
    answers = {}

    def add(port):
        answers[port] = Client(lm).v2("addvs", vs="192.0.2.1", port=port, prot="tcp").json["VSPort"]

    with lm._calls.lock:  # neither can be carried out before both are under way
        threads = [threading.Thread(target=add, args=(port,)) for port in (81, 82)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
    for thread in threads:
        thread.join()
    assert answers == {81: "82", 82: "81"}


def test_leaked_headers_and_texts(make):
    lm = make(quirks=Quirks(leaked_header=True))
    assert "SIOCSIFMTU: Invalid argument" in Client(lm).v1("showhealth").header_lines
    assert "X-Frame-Options: SAMEORIGIN</Success>" in Client(lm).v1("set", param="syslogprefix", value="x").text
    lm.quirks = Quirks(syslogprefix_text=False)
    assert "Command completed ok" in Client(lm).v1("set", param="syslogprefix", value="x").text


def test_from_text():
    quirks = Quirks().changed("rate_limit", "").changed("v2_crlf", "no").changed("showvs_delay", "0.2")
    assert (quirks.rate_limit, quirks.v2_crlf, quirks.showvs_delay) == ((30, 3.0), False, 0.2)
    quirks = quirks.changed("rate_limit", "10/1.5").changed("long_url_reset", "off").changed("concurrent_limit", "on")
    assert (quirks.rate_limit, quirks.long_url_reset, quirks.concurrent_limit) == ((10, 1.5), None, 8)
    with pytest.raises(ValueError, match="no quirk 'nonsense'"):
        Quirks().changed("nonsense", "")
    with pytest.raises(ValueError, match="does not take"):
        Quirks().changed("v2_crlf", "perhaps")
