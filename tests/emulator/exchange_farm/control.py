# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A socket by which a farm that is running is known from a shell what to break."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import tempfile
import threading
from typing import Any

from exchange_farm.farm import Farm

_LONGEST = 10


class ControlError(Exception):
    """What was asked for cannot be done; the message says why."""


def usual_path() -> str:
    """Where the socket is unless another place is named: one for each user."""
    return os.path.join(tempfile.gettempdir(), f"exchange-farm-{os.getuid()}.socket")


def ask(path: str, request: dict[str, Any]) -> str:
    """Tell the farm at a socket what to do; what it says then."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_LONGEST)
        try:
            connection.connect(path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline() or b"{}")
        except OSError as error:
            raise ControlError(f"no farm is running at {path}: {error.strerror or error}") from error
    if "error" in answer:
        raise ControlError(str(answer["error"]))
    return str(answer.get("said", ""))


def obey(farm: Farm, request: dict[str, Any]) -> str:
    """Do what a request asks of a farm; a sentence about it."""
    names = [server.name for server in farm.servers]
    name, protocol = str(request.get("server", "")), request.get("protocol")
    if name not in names:
        raise ControlError(f"there is no server {name}; there are {', '.join(names)}")
    server = farm[name]
    what = str(request.get("what", ""))
    if what == "break" and protocol:
        fault = str(request.get("fault", ""))
        try:
            server.break_(protocol, int(fault) if fault.isdigit() else fault, page_only=bool(request.get("page_only")))
        except ValueError as error:
            raise ControlError(str(error)) from error
        return f"{protocol} is broken on {name}: {fault}"
    if what == "break":
        if server.listening:
            server.crash()
        return f"{name} is down"
    if what == "repair":
        server.repair(protocol)
        if not protocol and not server.listening:
            server.recover()
        return f"{protocol or 'everything'} is repaired on {name}"
    raise ControlError(f"{what!r} is nothing that can be done; there are break and repair")


class Control:
    """The socket of a farm, for the length of a ``with`` block."""

    def __init__(self, farm: Farm, path: str) -> None:
        self._path = path
        control = farm

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    answer = {"said": obey(control, json.loads(self.rfile.readline()))}
                except (ControlError, ValueError, OSError) as error:
                    answer = {"error": str(error)}
                self.wfile.write(json.dumps(answer).encode() + b"\n")

        self._handler = Handler
        self._server: socketserver.ThreadingUnixStreamServer | None = None

    def __enter__(self) -> Control:
        if os.path.exists(self._path):
            with socket.socket(socket.AF_UNIX) as other, contextlib.suppress(OSError):
                other.connect(self._path)
                raise ControlError(f"another farm uses {self._path} already: name another file with --control")
            os.unlink(self._path)
        before = os.umask(0o177)
        try:
            self._server = socketserver.ThreadingUnixStreamServer(self._path, self._handler)
        finally:
            os.umask(before)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="exchange-farm-control", daemon=True).start()
        return self

    def __exit__(self, *unused: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
