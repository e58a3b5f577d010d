# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spelling and reading of both API versions, above all of what goes wrong on the wire."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import wire

XML = '<?xml version="1.0" encoding="ISO-8859-1"?>\r\n<Response stat="200" code="ok">\r\n<Success>{}</Success>\r\n</Response>\r\n'
PAGE = b"<!DOCTYPE html><HTML><BODY>404 Not Found</BODY></HTML>"


def test_requests() -> None:
    assert wire.encode_v1("logging.df", {"a": "b c"}) == ("/access/logging/df", {"a": "b c"})
    path, body = wire.encode_v2("modvs", {"vs": "192.0.2.1"})
    assert path == "/accessv2"
    assert json.loads(body) == {"cmd": "modvs", "vs": "192.0.2.1"}


@pytest.mark.parametrize(
    ("version", "status", "body", "failure"),
    [
        ("v2", 422, b'{"code":422,"message":"Unknown VS","status":"fail"}', (422, "Unknown VS")),
        ("v2", 200, b'{"code":422,"message":"Unknown VS","status":"fail"}', (422, "Unknown VS")),
        ("v2", 200, b'{"code":200,"message":"Unknown VS","status":"fail"}', (422, "Unknown VS")),
        ("v1", 200, b'<Response stat="422" code="fail"><Error>Unknown VS</Error></Response>', (422, "Unknown VS")),
        ("v1", 401, PAGE, (401, "")),
        ("v2", 404, PAGE, (404, "")),
        ("v2", 502, b"Bad gateway", (502, "")),
        ("v1", 500, b"", (500, "")),
    ],
)
def test_refusals(version: str, status: int, body: bytes, failure: tuple[int, str]) -> None:
    with pytest.raises(wire.Failure) as caught:
        wire.decode(version, status, body)
    assert (caught.value.status, caught.value.text) == failure


@pytest.mark.parametrize(
    ("version", "body", "name"),
    [
        ("v1", PAGE, "an HTML page"),
        ("v2", PAGE, "an HTML page"),
        ("v1", b"", "nothing at all"),
        ("v2", b" ", "nothing at all"),
        ("v2", b'{"code": 200, "VS": [', "broken JSON"),
        ("v2", b'{"hello": "world"}', "without the members code and status"),
        ("v2", b"[1]", "without the members code and status"),
        ("v1", b"<Response><Success>", "broken XML"),
        ("v1", b"<rss/>", "root element rss"),
        ("v2", b"hello", "plain text"),
    ],
)
def test_what_is_no_answer(version: str, body: bytes, name: str) -> None:
    with pytest.raises(wire.NotAnAnswer, match=name):
        wire.decode(version, 200, body)


@pytest.mark.parametrize(
    ("version", "status", "body"),
    [
        ("v2", 200, b'{"code": 200, "status": "error"}'),
        ("v2", 200, b'{"code": 200}'),
        ("v2", 200, b'{"code": 200, "status": true}'),
        ("v2", 200, b'{"code": 302, "status": "ok"}'),
        ("v2", 302, b'{"code": 200, "status": "ok"}'),
        ("v2", 200, b'{"code": "UNAUTHENTICATED", "status": "ok"}'),
        ("v2", 200, b'{"code": 200, "status": "ok", "VS": "none"}'),
        ("v2", 200, b'{"code": 200, "status": "ok", "VS": [{"Index": 1, "Rs": [7]}]}'),
        ("v2", 200, b'{"code": 200, "status": "ok", "a": ' + b"[" * 5000 + b"}"),
        ("v1", 200, b'<Response stat="200" code="maybe"><Success>done</Success></Response>'),
        ("v1", 200, b'<Response stat="x" code="ok"><Success>done</Success></Response>'),
        ("v1", 301, b'<Response stat="200" code="ok"><Success>done</Success></Response>'),
        ("v1", 200, b'<Response stat="200"><message>done</message></Response>'),
    ],
)
def test_only_ok_is_success(version: str, status: int, body: bytes) -> None:
    with pytest.raises(wire.NotAnAnswer):
        wire.decode(version, status, body)


def test_ok_in_a_lower_case_envelope_is_success() -> None:
    body = b'<response stat="200"><message>Command completed ok</message><status>ok</status></response>'
    assert wire.decode("v1", 200, body).message == "Command completed ok"


@pytest.mark.parametrize("text", ['"x" ', '"x", ', '"x", "y" ,'])
def test_json_that_is_broken_often_is_read_in_no_time(text: str) -> None:
    """Mending went through all ways to divide a list of strings: 40 of them never came to an end."""
    with pytest.raises(wire.NotAnAnswer):
        wire.decode("v2", 200, b'{"code": 200, "status": "ok", "Names": [' + text.encode() * 5000 + b"}")


def test_success_text_may_be_anything() -> None:
    """Helper programs leak their output even into the text of a success."""
    assert (
        wire.decode("v1", 200, XML.format("X-Frame-Options: SAMEORIGIN").encode()).message
        == "X-Frame-Options: SAMEORIGIN"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_text_in_either_encoding(encoding: str) -> None:
    body = XML.format("<Data><hostname>Zürich</hostname></Data>").encode(encoding)
    assert wire.decode("v1", 200, body).data == {"hostname": "Zürich"}


@pytest.mark.parametrize(
    ("inner", "message", "data"),
    [
        ("<Data>GEO is enabled</Data>", "GEO is enabled", {}),
        ("<Data>\n-----BEGIN A-----\nx\n-----END A-----\n</Data>", "-----BEGIN A-----\nx\n-----END A-----", {}),
        ("<Data> \r\n </Data>", "", {}),
        ("<Data>enabled<VS><Index>1</Index></VS></Data>", "enabled", {"VS": [{"Index": "1"}]}),
        ("<Data><a>1</a>enabled</Data>", "enabled", {"a": "1"}),
        ("<Data><a><b>1</b> and 2</a></Data>", "", {"a": "<b>1</b> and 2"}),
        ("<Data>a & b</Data>", "a & b", {}),
        ("find: no such file<Data><a>1</a></Data>", "find: no such file", {"a": "1"}),
    ],
)
def test_text_beside_elements_is_kept(inner: str, message: str, data: dict[str, object]) -> None:
    """isgeoenabled and userreadcert answer with text that stands in Data itself."""
    assert wire.decode("v1", 200, XML.format(inner).encode()) == wire.Answer(data=data, message=message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("GEO is enabled", "GEO is enabled"),
        ("-----BEGIN A-----\nx\n-----END A-----\n", "-----BEGIN A-----\nx\n-----END A-----"),
        ('it says "no", and {that}', 'it says "no", and {that}'),
    ],
)
def test_text_that_is_no_member_is_kept(text: str, message: str) -> None:
    """API v2 prints such a text as it is, which is no JSON."""
    body = f'{{ "code": 200,\n{text}\n,\n  "status": "ok"\n}}\n'.encode()
    assert wire.decode("v2", 200, body) == wire.Answer(message=message)
    with pytest.raises(wire.Failure) as caught:
        wire.decode("v2", 422, body.replace(b"200", b"422").replace(b"ok", b"fail"))
    assert caught.value.text == message


@pytest.mark.parametrize("text", ["real,vs\n", "a ", " a", "a\nb\n", "\ta"])
def test_a_value_keeps_its_ends(text: str) -> None:
    """The name of a template may end in a blank, and the permissions of a group end in a line break."""
    assert wire.decode("v1", 200, XML.format(f"<Data><a><b>{text}</b></a></Data>").encode()).data == {"a": {"b": text}}
    body = json.dumps({"code": 200, "status": "ok", "a": {"b": text}, "c": [text]}).encode()
    assert wire.decode("v2", 200, body).data == {"a": {"b": text}, "c": [text]}


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n  "])
def test_blanks_alone_are_nothing(text: str) -> None:
    assert wire.decode("v1", 200, XML.format(f"<Data><a>{text}</a></Data>").encode()).data == {"a": ""}
    assert wire.decode("v2", 200, json.dumps({"code": 200, "status": "ok", "a": text}).encode()).data == {"a": ""}


def test_users_are_a_list_and_the_time_for_users_is_none() -> None:
    body = XML.format(
        "<Data><User><Name>bal</Name><Perms>root</Perms></User><CPU><total><User>1</User></total></CPU></Data>"
    ).encode()
    assert wire.decode("v1", 200, body).data == {
        "User": [{"Name": "bal", "Perms": "root"}],
        "CPU": {"total": {"User": "1"}},
    }


def test_unescaped_text() -> None:
    body = XML.format("<Data><emailserver>a & b</emailserver><motd><p>Hello<br>you</motd><x>1</x></Data>").encode()
    assert wire.decode("v1", 200, body).data == {"emailserver": "a & b", "motd": "<p>Hello<br>you", "x": "1"}
    body = XML.format("<Data><motd>Hello <b>you</b></motd></Data>").encode()
    assert wire.decode("v1", 200, body).data == {"motd": "Hello <b>you</b>"}


def test_vs_status_is_not_the_envelopes() -> None:
    answer = wire.decode(
        "v2",
        200,
        b'{ "code": 200,\r\n "Status" : "Down",\r\n "Enable" : true, "Index": 1\r\n ,\r\n  "status": "ok"\r\n}',
    )
    assert answer.data == {"Status": "Down", "Enable": "Y", "Index": "1"}


def test_trailing_commas_are_forgiven() -> None:
    assert wire.decode("v2", 200, b'{"code": 200, "VS": [ {"Index": 1}, ],\n "status": "ok"}').data == {
        "VS": [{"Index": "1"}]
    }


@given(st.binary(max_size=200), st.sampled_from(["v1", "v2"]), st.sampled_from([200, 404, 422, 500]))
def test_garbage_never_surprises(body: bytes, version: str, status: int) -> None:
    try:
        wire.decode(version, status, body)
    except (wire.Failure, wire.NotAnAnswer):
        return
