# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that sees every byte."""

from __future__ import annotations

import json
import os
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import urlencode

from loadmaster_emulator import Emulator


class Dropped(Exception):
    """The connection ended without an answer."""


@dataclass
class Answer:
    """One raw answer."""

    status: int
    header_lines: list[str]
    body: bytes
    json: dict = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def header(self, name: str) -> str | None:
        """The value of a header."""
        for line in self.header_lines:
            key, _unused, value = line.partition(": ")
            if key.lower() == name.lower():
                return value
        return None


class Client:
    """Speaks HTTP by hand over one kept TLS connection."""

    def __init__(self, lm: Emulator, user: str = "bal", password: str = "pw", context: ssl.SSLContext | None = None):
        self.lm = lm
        self.context = context or ssl.create_default_context(cafile=lm.certificate_file)
        self.authorization = f"Authorization: Basic {b64encode(f'{user}:{password}'.encode()).decode()}\r\n"
        self.socket: ssl.SSLSocket | None = None

    def v1(self, command: str, **parameters: object) -> Answer:
        """Call a command of API v1 by GET."""
        return self.raw(f"/access/{command}?{urlencode(parameters)}")

    def v2(self, command: str, **parameters: object) -> Answer:
        """Call a command of API v2."""
        answer = self.raw("/accessv2", "POST", json.dumps({"cmd": command, **parameters}).encode())
        if answer.header("Content-Type") == "text/json":
            answer.json = json.loads(answer.body)
        return answer

    def raw(self, target: str, method: str = "GET", body: bytes = b"", headers: str | None = None) -> Answer:
        """Send one request and read one answer."""
        head = f"{method} {target} HTTP/1.1\r\nHost: lm\r\n{self.authorization if headers is None else headers}"
        head += f"Content-Length: {len(body)}\r\n\r\n" if method == "POST" else "\r\n"
        try:
            if self.socket is None:
                plain = socket.create_connection((self.lm.host, self.lm.port), timeout=5)
                self.socket = self.context.wrap_socket(plain, server_hostname="localhost")
            self.socket.sendall(head.encode() + body)
            return self._read(method)
        except (Dropped, OSError) as error:
            self.close()
            raise Dropped(repr(error)) from error

    def how_it_ends(self, target: str) -> str:
        """Send a GET that gets no answer; whether TCP sees the connection closed or reset."""
        if self.socket is None:
            self.raw("/access/vstotals")
        assert self.socket is not None
        # The TLS layer tells both ends alike, so look below it.
        with socket.socket(fileno=os.dup(self.socket.fileno())) as plain:
            plain.settimeout(5)
            self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: lm\r\n{self.authorization}\r\n".encode())
            try:
                while plain.recv(4096):
                    pass
            except ConnectionResetError:
                return "reset"
            finally:
                self.close()
        return "closed"

    def close(self) -> None:
        """End the connection."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _read(self, method: str) -> Answer:
        assert self.socket is not None
        data = b""
        while not (b"\r\n\r\n" in data and (method == "HEAD" or data.endswith(b"0\r\n\r\n"))):
            chunk = self.socket.recv(65536)
            if not chunk:
                raise Dropped(f"after {data!r}")
            data += chunk
        head, _unused, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        body = b""
        while rest:
            size, _unused, rest = rest.partition(b"\r\n")
            body += rest[: int(size, 16)]
            rest = rest[int(size, 16) + 2 :]
        return Answer(int(lines[0].split()[1]), lines[1:], body)
