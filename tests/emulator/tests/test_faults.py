# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planted faults."""

from __future__ import annotations

import json
import threading
import time

import pytest
from wire_client import Dropped

from loadmaster_emulator import Fault

SERVER = {"vs": 1, "rs": "10.0.0.1", "rsport": 80}


@pytest.fixture
def one(lm):
    """An emulator with a service."""
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    return lm


def _servers(lm):
    return lm.call("showvs", vs=1)["NumberOfRSs"]


def test_drop_before_carries_nothing_out(one, client):
    one.faults.add(Fault("drop_before", command="addrs"))
    with pytest.raises(Dropped):
        client.v2("addrs", **SERVER)
    assert _servers(one) == 0
    assert (one.journal[0].dropped, one.journal[0].carried_out, one.journal[0].http_status) == (True, False, None)
    assert client.v2("addrs", **SERVER).status == 200


def test_drop_after_carries_it_out(one, client):
    seen = []
    one.on_call(seen.append)
    one.faults.add(Fault("drop_after", command="addrs"))
    with pytest.raises(Dropped):
        client.v2("addrs", **SERVER)
    assert _servers(one) == 1
    assert (seen[0].dropped, seen[0].carried_out, seen[0].http_status) == (True, True, None)


def test_drops_can_be_resets(one, client):
    one.faults.add(Fault("drop_before", command="listvs"))
    one.faults.add(Fault("drop_before", command="getall", mode="reset"))
    assert client.how_it_ends("/access/listvs") == "closed"
    assert client.how_it_ends("/access/getall") == "reset"


def test_drop_handshake(one, client):
    one.faults.add(Fault("drop_handshake", times=2))
    for _unused in range(2):
        with pytest.raises(Dropped):
            client.v2("listvs")
    assert (one.handshakes, len(one.journal)) == (0, 0)
    assert client.v2("listvs").status == 200
    assert one.handshakes == 1


def test_skip_and_times(one, client):
    one.faults.add(Fault("status", command="listvs", status=500, skip=1, times=2))
    assert [client.v1("listvs").status for _unused in range(4)] == [200, 500, 500, 200]
    one.faults.add(Fault("status", status=502, times=None))
    assert [client.v1("showhealth").status for _unused in range(3)] == [502] * 3
    one.faults.clear()
    assert client.v1("showhealth").status == 200


@pytest.mark.parametrize("status", [401, 403, 404, 500, 502])
def test_status_with_a_page(one, client, status):
    one.faults.add(Fault("status", status=status))
    answer = client.v2("addrs", **SERVER)
    assert (answer.status, answer.header("Content-Type")) == (status, "text/html")
    assert _servers(one) == 0


def test_status_with_a_text_of_the_api(one, client):
    one.faults.add(Fault("status", status=422, body="No", times=2))
    assert client.v2("addrs", **SERVER).json == {"code": 422, "message": "No", "status": "fail"}
    assert "<Error>No</Error>" in client.v1("addrs", **SERVER).text


def test_fail_with_200(one, client):
    one.faults.add(Fault("fail_with_200", body="Rule not found"))
    answer = client.v2("addrs", **SERVER)
    assert (answer.status, answer.json["code"], answer.json["status"]) == (200, 422, "fail")
    assert _servers(one) == 0


def test_garbage_hides_an_answer_that_was_due(one, client):
    one.faults.add(Fault("garbage"))
    answer = client.raw("/accessv2", "POST", json.dumps({"cmd": "addrs", **SERVER}).encode())
    assert answer.status == 200
    with pytest.raises(ValueError):
        json.loads(answer.body)
    assert _servers(one) == 1


def test_ignore_says_ok_and_does_nothing(one, client):
    before = one.state()
    one.faults.add(Fault("ignore", times=2))
    assert client.v2("addrs", **SERVER).json["Rs"][0]["Addr"] == "10.0.0.1"
    assert client.v2("delvs", vs=1).json["message"] == "Command completed ok"
    assert one.state() == before
    assert not any(call.carried_out for call in one.journal)
    assert client.v2("addrs", **SERVER).json["Rs"][0]["RsIndex"] == 1


def test_delay(one, client):
    one.faults.add(Fault("delay", command="listvs", seconds=0.2))
    began = time.monotonic()
    assert client.v2("listvs").status == 200
    assert time.monotonic() - began >= 0.2


def test_stop_does_not_wait_for_a_delay(one, client):
    one.faults.add(Fault("delay", seconds=60))
    thread = threading.Thread(target=lambda: pytest.raises(Dropped, client.v2, "listvs"))
    thread.start()
    time.sleep(0.1)
    began = time.monotonic()
    one.stop()
    assert time.monotonic() - began < 3
    thread.join()


def test_stray_header(one, client):
    one.faults.add(Fault("stray_header"))
    answer = client.v2("listvs")
    assert answer.header_lines[3:] == ["SIOCSIFMTU: Invalid argument", "Content-Type: text/json"]


def test_faults_from_text():
    fault = Fault.from_text("kind=drop_after, command=addrs, skip=1, times=none, seconds=0.5")
    assert fault == Fault("drop_after", "addrs", 1, None, 0.5)
    for text, message in (
        ("kind=nonsense", "no fault kind"),
        ("command=addrs", "names no kind"),
        ("kind=delay,times=often", "times"),
        ("kind", "NAME=VALUE"),
        ("kind=status", "needs its status"),
        ("kind=delay,colour=red", "has no 'colour'"),
    ):
        with pytest.raises(ValueError, match=message):
            Fault.from_text(text)
