# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a proxy does is not blamed on the LoadMaster, and TLS that cannot be has a sentence of its own."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from authority import issue

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import AnswerLost, InvalidOption, Unreachable
from loadmaster_emulator import Emulator, Fault

Handle = Callable[[socket.socket], None]
CREDENTIALS = "carl:of%20the%2Fproxy%401"
SECRETS = ("of the/", "of%20the", "carl")


@contextmanager
def server(handle: Handle) -> Iterator[int]:
    """Serve each connection in a thread of its own; yields the port."""

    def each(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            handle(connection)

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=each, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


def request_of(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
        head += more
    return head


def answering(answer: bytes) -> Handle:
    def handle(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(answer)

    return handle


def forwarding(seen: list[bytes]) -> Handle:
    """What a CONNECT proxy does."""

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def handle(connection: socket.socket) -> None:
        head = request_of(connection)
        seen.append(head)
        host, _colon, port = head.split()[1].decode().rpartition(":")
        with socket.create_connection((host, int(port))) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(target, connection), daemon=True)
            back.start()
            pump(connection, target)
            back.join(5)

    return handle


def dripping(connection: socket.socket) -> None:
    """Begin an answer, and never come to its end."""
    request_of(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        time.sleep(0.05)
        connection.sendall(b"x")


def silent_tls(connection: socket.socket) -> None:
    """Begin a handshake of TLS, and never come to its end."""
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        time.sleep(0.05)
        connection.sendall(b"\x02")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def client_of(emulator: Emulator, **options: Any) -> Iterator[Client]:
    login = {"host": emulator.host, "host_port": emulator.port, "username": "bal", "password": "secret-of-bal"}
    pinned = {} if "ca_path" in options else {"fingerprint": emulator.fingerprint}
    with Client(build({**login, **pinned, **options}), sleep=lambda _seconds: None) as opened:
        yield opened


def failure(emulator: Emulator, proxy: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> str:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with client_of(emulator, **options) as opened, pytest.raises(Unreachable) as caught:
        opened.read("listvs")
    assert not any(secret in caught.value.message for secret in SECRETS)
    return caught.value.message


def test_a_task_goes_through_the_proxy(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    with server(forwarding(seen)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://carl:pw@127.0.0.1:{port}")
        with client_of(emulator) as opened:
            opened.read("listvs")
    assert seen[0].startswith(f"CONNECT {emulator.host}:{emulator.port} ".encode())
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"carl:pw") in seen[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"407 Proxy Authentication Required", "wants a login, or does not accept the one in its URL (HTTP 407 Proxy"),
        (b"403 Forbidden", "does not connect to {where} (HTTP 403 Forbidden). Allow it there."),
        (b"302 Found", "does not connect to {where} (HTTP 302 Found)."),
        (b"502 Bad Gateway", "cannot reach {where} (HTTP 502 Bad Gateway). Is the LoadMaster running?"),
        (b"504 Gateway Timeout", "cannot reach {where} (HTTP 504 Gateway Timeout)."),
    ],
)
def test_what_the_proxy_refuses_is_not_blamed_on_the_loadmaster(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str
) -> None:
    with server(answering(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\n\r\n")) as port:
        message = failure(emulator, f"http://{CREDENTIALS}@127.0.0.1:{port}", monkeypatch, retries=1)
    assert message.startswith(f"The proxy http://********@127.0.0.1:{port} (from HTTPS_PROXY) ")
    assert said.format(where=f"{emulator.host}:{emulator.port}") in message
    assert message.endswith(f"To connect without a proxy, set NO_PROXY={emulator.host} in the environment.")
    assert not emulator.journal


@pytest.mark.parametrize("handle", [lambda connection: None, answering(b"SSH-2.0-OpenSSH_9.2\r\n")])
def test_a_proxy_that_is_none(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, handle: Handle) -> None:
    with server(handle) as port:
        message = failure(emulator, f"127.0.0.1:{port}", monkeypatch, retries=0)
    assert message.startswith(f"The proxy http://127.0.0.1:{port} (from HTTPS_PROXY) cannot be reached (")
    assert "API address" not in message


def test_a_proxy_that_is_not_there(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    message = failure(emulator, f"http://{CREDENTIALS}@127.0.0.1:{port}", monkeypatch, retries=0)
    assert "(from HTTPS_PROXY) cannot be reached (connection refused)." in message


def test_a_proxy_whose_name_there_is_not(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    message = failure(emulator, f"http://{CREDENTIALS}@proxy.invalid:3128", monkeypatch)
    assert "(from HTTPS_PROXY) cannot be reached (its name cannot be resolved)." in message


@pytest.mark.parametrize(
    "proxy", ["http://", "http://127.0.0.1:x", "http://[::1", "ftp://127.0.0.1:1", "socks5://127.0.0.1:1"]
)
def test_a_proxy_that_cannot_be_used(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises((InvalidOption, Unreachable), match=r"[Tt]he proxy .*from HTTPS_PROXY.*set NO_PROXY="):
        with client_of(emulator, retries=0) as opened:
            opened.read("listvs")


@pytest.mark.parametrize("login", ["carl:of%20the/proxy", "carl:of%20the#proxy", "carl:of%20the?proxy@1"])
def test_a_password_that_is_not_escaped_does_not_show(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{login}@127.0.0.1:3128")
    with pytest.raises(InvalidOption, match="The URL of the proxy http://.*127.0.0.1:3128 .* cannot be read") as caught:
        with client_of(emulator):
            pytest.fail("it was used")
    assert not any(secret in caught.value.message for secret in SECRETS)


def test_a_proxy_that_never_answers_is_given_up(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes well within the time-out, so that only the time in all can end it."""
    monkeypatch.setattr(client, "LONGEST", 1)
    since = time.monotonic()
    with server(dripping) as port:
        message = failure(emulator, f"http://127.0.0.1:{port}", monkeypatch, retries=0, timeout=1)
    assert "cannot be reached (no answer in time)" in message and time.monotonic() - since < 10


def test_a_handshake_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST", 1)
    with server(silent_tls) as port:
        options = {"host": "127.0.0.1", "host_port": port, "api_key": "k", "timeout": 1, "retries": 0}
        with (
            Client(build(options)) as opened,
            pytest.raises(Unreachable, match=r"cannot be reached \(no answer in time\)"),
        ):
            opened.read("listvs")


def test_time_and_size_have_bounds_behind_a_proxy_too(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 1000)
    emulator.faults.add(Fault("garbage", body="x" * 5000, times=None))
    with server(forwarding([])) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{CREDENTIALS}@127.0.0.1:{port}")
        with client_of(emulator) as opened, pytest.raises(AnswerLost, match="its answer has more than 0 MB") as caught:
            opened.read("listvs")
    assert (
        f"through the proxy http://********@127.0.0.1:{port} (from HTTPS_PROXY) failed before" in caught.value.message
    )


def tls_server(tmp_path: Path, issued: Any, handle: Handle, change: Callable[[ssl.SSLContext], None]) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    file = tmp_path / "server.pem"
    file.write_text(issued.pem + issued.key, encoding="ascii")
    context.load_cert_chain(file)
    change(context)

    def wrapped(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            handle(secured)

    return server(wrapped)


def test_an_answer_that_never_ends_behind_a_proxy_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST", 1)
    monkeypatch.setattr(client, "LOST_READS", 0)
    issued = issue("lm")
    with tls_server(tmp_path, issued, dripping, lambda _context: None) as port, server(forwarding([])) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
        options = {
            "host": "127.0.0.1",
            "host_port": port,
            "api_key": "k",
            "fingerprint": issued.fingerprint,
            "timeout": 1,
        }
        with Client(build(options)) as opened, pytest.raises(AnswerLost, match="no answer in time"):
            opened.read("listvs")


def test_an_untrusted_certificate_behind_a_proxy_shows_its_fingerprint(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is asked for through the proxy: there may be no other way, or another machine at its end."""
    authority = tmp_path / "ca.pem"
    authority.write_text(issue("other", ca=True).pem, encoding="ascii")
    seen: list[bytes] = []
    with server(forwarding(seen)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with client_of(emulator, ca_path=str(authority)) as opened, pytest.raises(Unreachable) as caught:
            opened.read("listvs")
    assert emulator.fingerprint.upper() in caught.value.message and len(seen) == 2


# --- TLS


def _old(context: ssl.SSLContext) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1


def _other_ciphers(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-SHA256:@SECLEVEL=0")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_old, "does not offer TLS 1.2 or newer, and older versions of TLS are not safe. Switch TLS 1.2 on under"),
        (_other_ciphers, "it and this machine have no cipher in common. Choose another cipher set under"),
    ],
)
@pytest.mark.parametrize("pinned", [True, False])
def test_tls_that_cannot_be(tmp_path: Path, change: Callable[[ssl.SSLContext], None], said: str, pinned: bool) -> None:
    issued = issue("lm")
    pauses: list[float] = []
    with tls_server(tmp_path, issued, answering(b""), change) as port:
        options = {"host": "127.0.0.1", "host_port": port, "api_key": "k"}
        pin = {"fingerprint": issued.fingerprint} if pinned else {}
        with Client(build({**options, **pin}), sleep=pauses.append) as opened, pytest.raises(Unreachable) as caught:
            opened.read("listvs")
    assert said in caught.value.message and f"127.0.0.1:{port}" in caught.value.message
    assert pauses == [], "to try it again cannot help"


def test_a_port_without_tls(tmp_path: Path) -> None:
    with server(answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")) as port:
        options = {
            "host": "127.0.0.1",
            "host_port": port,
            "api_key": "k",
            "retries": 0,
            "connect_timeout": 2,
            "timeout": 2,
        }
        with Client(build(options)) as opened, pytest.raises(Unreachable) as caught:
            opened.read("listvs")
    assert "127.0.0.1" in caught.value.message


@pytest.mark.parametrize(
    "text", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail ESMTP\r\n"]
)
def test_a_port_that_speaks_something_else(text: bytes) -> None:
    with server(lambda connection: connection.sendall(text) or time.sleep(1)) as port:
        options = {"host": "127.0.0.1", "host_port": port, "api_key": "k", "retries": 0}
        with Client(build(options)) as opened, pytest.raises(Unreachable, match="does not speak TLS at this port"):
            opened.read("listvs")
