# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Callers that sit idle, and callers that send nonsense before anyone knows who they are."""

from __future__ import annotations

import logging
import random
import socket
import ssl
import struct
import time
from contextlib import ExitStack, suppress

import pytest
from wire_client import Client

from loadmaster_emulator import Emulator

#: Requests that are no request, and requests that cannot be read.
NONSENSE = [
    b"\x00" * 100,
    b"A" * 70000,
    b"GET /\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n x\r\n\r\n",
    b"GET / HTTP/1.1\r\nnocolon\r\n\r\n",
    b"GET https://[zz]/access HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[::1/access HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT /accessv2 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /access/%ff%00?param=%00&apikey=%ED%A0%80 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /access/get?param=version HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \xff\r\n\r\n",
    b"GET /access/get?param=version HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \xc3\xa9\r\n\r\n",
    *(
        b"POST /accessv2 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        for body in (
            b"[" * 100000,
            b'{"a":' * 50000,
            b'{"cmd":"get","a":' + b"[" * 950 + b"]" * 950 + b"}",
            b'{"cmd":' + b"9" * 6000 + b"}",
            b'{"cmd":"x","apiuser":"bal","apipass":"\\udfff"}',
            b'{"cmd":"x","apiuser":"\\ud800","apipass":"pw"}',
            b'{"cmd":"\\ud800","apikey":"\\ud800"}',
            b'{"cmd":NaN,"apikey":[{}]}',
            b"\xff\xfe",
        )
    ),
    *(
        b"POST /accessv2 HTTP/1.1\r\nHost: x\r\nContent-Length: %s\r\n\r\n{}" % length
        for length in (b"-1", b"x", b"1_0", b"9" * 30, b"9" * 5000, b"\xc2\xb2")
    ),
    *(
        b"POST /accessv2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body
        for body in (
            b"zz\r\n",
            b"5\r\nab",
            b"-5\r\nab\r\n0\r\n\r\n",
            b"2\r\nabXX0\r\n\r\n",
            b"\xff\r\n{}",
            b"F" * 30 + b"\r\n",
        )
    ),
    *(
        b"POST /access/addcert?cert=a HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data%s\r\nContent-Length: %d\r\n\r\n%s"
        % (boundary, len(body), body)
        for boundary, body in (
            (b"", b"x"),
            (b"; boundary=x", b"--x\r\n\r\n--x--"),
            (b"; boundary=x", b"--x\r\nContent-Transfer-Encoding: base64\r\n\r\n\xff==a\r\n--x--"),
            (b"; boundary=\xff", b"--\xff\r\n\r\n--\xff--"),
        )
    ),
]


@pytest.fixture
def quiet(lm: Emulator, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture):
    """Check that the emulator has said nothing, neither in its log nor on stderr."""
    caplog.set_level(logging.INFO)

    def check(what: object) -> None:
        time.sleep(0.01)
        said = caplog.text + capfd.readouterr().err
        caplog.clear()
        assert not any(word in said for word in ("Traceback", "ERROR", "CRITICAL")), f"{what!r}: {said[-600:]}"

    return check


def _tls(lm: Emulator) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=lm.certificate_file)
    return context.wrap_socket(socket.create_connection((lm.host, lm.port), 5), server_hostname=lm.host)


def _send(lm: Emulator, raw: bytes) -> None:
    with suppress(OSError), _tls(lm) as connection:
        connection.settimeout(0.5)
        connection.sendall(raw)
        connection.recv(1024)


def test_nonsense_before_login_gives_no_traceback(lm, quiet):
    for raw in NONSENSE:
        _send(lm, raw)
        quiet(raw[:150])
    assert Client(lm).v1("get", param="version").status == 200


def test_mutated_nonsense_gives_no_traceback(lm, quiet):
    chance = random.Random(7)
    for _unused in range(150):
        raw = bytearray(chance.choice(NONSENSE)[:2000])
        for _unused_too in range(chance.randint(1, 6)):
            place = chance.randrange(len(raw))
            raw[place : place + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
        _send(lm, bytes(raw))
        quiet(bytes(raw[:200]))


def test_what_is_no_tls_gives_no_traceback(lm, quiet):
    for raw in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"a" * 99, b"SSH-2.0-x\r\n"):
        for wait, reset in ((0, False), (0, True), (0.05, False), (0.05, True)):
            with socket.create_connection((lm.host, lm.port), 5) as connection:
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.sendall(raw)
                time.sleep(wait)
            quiet((raw, wait, reset))
    assert Client(lm).v1("get", param="version").status == 200


def test_idle_connections_hold_up_no_one(lm):
    with ExitStack() as stack:
        for number in range(90):
            if number % 3 == 0:
                stack.enter_context(socket.create_connection((lm.host, lm.port), 5))  # not even a handshake
                continue
            connection = stack.enter_context(_tls(lm))
            if number % 3 == 1:
                connection.sendall(b"POST /accessv2 HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")  # half a request
        began = time.monotonic()
        assert Client(lm).v1("get", param="version").status == 200
        assert time.monotonic() - began < 2


def test_the_pool_of_workers_gives_them_back(lm):
    with ExitStack() as stack:
        for _unused in range(60):
            stack.enter_context(_tls(lm))
        assert Client(lm).v1("get", param="version").status == 200
    began = time.monotonic()
    lm.stop()
    assert time.monotonic() - began < 5
