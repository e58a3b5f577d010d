# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wire: headers, both APIs, forms of requests, pages."""

from __future__ import annotations

import json
import socket
import time
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadmaster_emulator import ApiError, Emulator, v1_writer, v2_writer
from loadmaster_emulator.answers import Message, Records, Strings, members


def test_headers_are_those_of_the_appliance(client):
    for answer, kind in ((client.v1("listvs"), "text/xml"), (client.v2("listvs"), "text/json")):
        names = [line.partition(":")[0] for line in answer.header_lines]
        assert names == ["Date", "Connection", "Transfer-Encoding", "Content-Type"]
        assert answer.header("Connection") == "Keep-Alive"
        assert answer.header("Content-Type") == kind


def test_a_connection_is_kept_and_small_answers_come_at_once(lm, client):
    client.v1("listvs")
    began = time.perf_counter()
    for _unused in range(50):
        client.v1("vstotals")
    assert (time.perf_counter() - began) / 50 < 0.02  # with Nagle's algorithm each would take 40 ms
    assert lm.handshakes == 1
    assert {call.connection for call in lm.journal} == {1}


def test_connection_close_is_honoured(client):
    answer = client.raw("/access/listvs", headers=client.authorization + "Connection: close\r\n")
    assert answer.header("Connection") == "close"


@pytest.mark.parametrize(
    "target",
    [
        "/access/addvs?vs=192.0.2.1&port=80&prot=tcp&nickname=my+name",
        "/access/AddVS?VS=192.0.2.1&Port=80&PROT=tcp&NickName=my%20name",
        "/access/addvs?&vs=192.0.2.1&port=80&prot=tcp&nickname=my%20name&nonsense=1",
        "/access/addvs?vs=192.0.2.1&port=80&prot=tcp&nickname=my%20name?",
    ],
)
def test_forms_of_a_v1_query(client, lm, target):
    assert client.raw(target).status == 200
    assert lm.call("showvs", vs=1)["NickName"] == "my name"


def test_v1_takes_a_form_body_beside_the_query(client, lm):
    body = b"port=80&prot=tcp&nickname=" + b"n" * 2000
    assert client.raw("/access/addvs?vs=192.0.2.1", "POST", body).status == 200
    assert len(lm.call("showvs", vs=1)["NickName"]) == 2000


def test_v2_ignores_the_rest_of_the_path_and_the_type_of_content(client):
    body = json.dumps({"cmd": "ListVS"}).encode()
    headers = client.authorization + "Content-Type: application/x-www-form-urlencoded\r\n"
    assert client.raw("/accessv2/whatever?x=1", "POST", body, headers).status == 200


@pytest.mark.parametrize("value", [True, "y", "Y", 1, "1", "true", "yes"])
def test_v2_takes_booleans_in_any_form(client, lm, value):
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    assert client.v2("modvs", vs=1, Transparent=value).json["Transparent"] is True


def test_unreadable_json_is_refused(client):
    for body in (b"{", b"[1]", b"{}", b"\xff"):
        assert client.raw("/accessv2", "POST", body).status >= 400


def test_unknown_command_is_405(client):
    answer = client.v1("nosuchcommand")
    assert answer.status == 405
    assert 'stat="405"' in answer.text and "Unknown command" in answer.text
    assert client.v2("logging.df").json == {"code": 405, "message": "Unknown command", "status": "fail"}


@pytest.mark.parametrize("target", ["/", "/access", "/accessv1/listvs", "/progs/status"])
def test_other_paths_are_an_html_404(client, target):
    answer = client.raw(target)
    assert (answer.status, answer.header("Content-Type")) == (404, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_a_url_over_the_limit_resets_the_connection(client, lm):
    assert client.how_it_ends("/access/listvs?x=" + "y" * 1024) == "reset"
    assert lm.journal[-1].dropped and not lm.journal[-1].carried_out
    lm.quirks.long_url_reset = None
    assert client.v1("listvs", x="y" * 8000).status == 200


def test_http_1_0_gets_no_chunks(lm, client):
    plain = socket.create_connection((lm.host, lm.port), timeout=5)
    with client.context.wrap_socket(plain, server_hostname="localhost") as sock:
        sock.sendall(f"GET /access/listvs HTTP/1.0\r\n{client.authorization}\r\n".encode())
        data = b""
        while chunk := sock.recv(4096):
            data += chunk
    assert b"Connection: close" in data and b"chunked" not in data and data.endswith(b"</Response>\r\n")


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")))


@given(_TEXT, st.lists(_TEXT, max_size=3), st.integers(), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_value_survives_both_spellings(text, items, number, flag):
    record = members(("Text", text), ("Number", number))
    answer = members(("A", text), ("L", Strings(tuple(items), "Opt")), ("R", Records((record, record))), ("F", flag))
    decoded = v2_writer.as_dict(answer)
    assert (decoded["A"], decoded["L"], decoded["F"]) == (text, items, flag)
    assert decoded["R"] == [{"Text": text, "Number": number}] * 2
    # The appliance declares ISO-8859-1 but sends UTF-8.
    xml = ElementTree.fromstring(v1_writer.success(answer).decode().partition("\n")[2])
    assert (xml.findtext(".//A") or "") == text
    assert [opt.text or "" for opt in xml.findall(".//Opt")] == items
    assert len(xml.findall(".//R")) == 2


def test_a_list_at_the_end_is_readable_json():
    assert v2_writer.as_dict(members(("L", Strings(("a",), "x")))) == {"code": 200, "L": ["a"], "status": "ok"}
    assert v2_writer.as_dict(members()) == {"code": 200, "status": "ok"}
    assert v2_writer.as_dict(Message("ok")) == {"code": 200, "message": "ok", "status": "ok"}


def test_call_raises_what_the_appliance_refuses():
    with pytest.raises(ApiError, match="Unknown VS"):
        Emulator().call("showvs", vs=1)


def test_on_call_sees_a_command_before_its_answer_is_sent(client, lm):
    seen = []

    def callback(call):
        seen.append((call.command, call.carried_out, len(lm.journal)))
        if call.command == "addvs":
            lm.call("delvs", vs=1)

    lm.on_call(callback)
    assert client.v2("addvs", vs="192.0.2.1", port=80, prot="tcp").status == 200
    assert client.v2("showvs", vs=1).status == 422
    assert seen == [("addvs", True, 1)]
    lm.on_call(None)
    client.v2("listvs")
    assert len(seen) == 1


def test_the_journal_hides_secrets(client, lm):
    client.v2("set", param="emailpassword", value="s3cret")
    client.v2("listvs", apiuser="bal", apipass="pw")
    client.raw("/access/listvs?apikey=hidden&x=1", headers="")
    text = repr(list(lm.journal))
    assert "s3cret" not in text and "'pw'" not in text and "hidden" not in text
    assert lm.journal[-1].raw_target == "/access/listvs?apikey=********&x=1"
    assert lm.journal.commands() == ["set", "listvs", "listvs"]
    assert [call.number for call in lm.journal] == [1, 2, 3]
    lm.journal.clear()
    assert len(lm.journal) == 0
