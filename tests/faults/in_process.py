# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session whose requests reach an emulator without a network: the bytes are those of the wire, and any of them can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from loadmaster_emulator import Emulator
from loadmaster_emulator.calls import Drop
from loadmaster_emulator.decode import HttpRequest

USER, PASSWORD = "bal", "Canary-of-bal!9"

Send = Callable[[HttpRequest], Any]


class Answered:
    """As much of a response as the client looks at."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status_code = status
        self._body = self._content = body
        self.headers: dict[str, str] = {}

    @property
    def content(self) -> bytes:
        return self._content

    def iter_content(self, _size: int) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        pass


class Wire:
    """Stands in for a session of requests. ``around`` may answer, change or fail each request in its place."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.started: Callable[[], None] = lambda: None
        self.around: Callable[[HttpRequest, Send], Any] = lambda request, send: send(request)
        self.requests = 0
        self.closed = False

    def post(self, url: str, data: Any, headers: dict[str, str], **_options: Any) -> Answered:
        """Send one request."""
        parts = urlsplit(url)
        sent = {name.lower(): value for name, value in headers.items()}
        body = data
        if isinstance(data, dict):
            body = urlencode(data).encode()
            sent["content-type"] = "application/x-www-form-urlencoded"
        elif isinstance(data, str):
            body = data.encode()
        self.requests += 1
        self.started()
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = self.around(HttpRequest("POST", target, sent, body or b""), self.emulator._calls.handle)
        if isinstance(answer, Drop):
            raise requests.exceptions.ConnectionError("Connection aborted")
        return Answered(answer.status, answer.body)

    def close(self) -> None:
        """Close it."""
        self.closed = True


def opened(emulator: Emulator, version: str = "v2", **options: Any) -> tuple[Session, Wire]:
    """Return a session with an emulator that waits for nothing, and its wire."""
    login = {"host": "192.0.2.1", "username": USER, "password": PASSWORD, "api_version": version, **options}
    session = Session.open(build(login))
    wire = Wire(emulator)
    wire.started = session.client.requested
    session.client._session.close()
    session.client._session = wire
    session.client._sleep = lambda _seconds: None
    session.client._pace.wait = lambda: None  # type: ignore[method-assign]
    session._sleep = lambda _seconds: None
    return session, wire
