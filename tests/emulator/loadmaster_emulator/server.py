# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTPS server: bytes in, bytes out, and connections that end as told."""

from __future__ import annotations

import itertools
import logging
import socket
import ssl
import struct
import threading
from contextlib import suppress
from email.utils import formatdate
from typing import Any

from cheroot import errors
from cheroot.server import Gateway, HTTPConnection, HTTPRequest, HTTPServer
from cheroot.workers.threadpool import ThreadPool

from loadmaster_emulator import texts
from loadmaster_emulator.calls import Calls, Drop
from loadmaster_emulator.decode import HttpRequest
from loadmaster_emulator.front_door import Reply
from loadmaster_emulator.tls import LateHandshake, peer_name

_LOG = logging.getLogger(__name__)
_WORKERS = 20
_MOST_WORKERS = 1000


class Workers(ThreadPool):
    """As many workers as there are callers to wait for: one that sends nothing holds up no one else."""

    def put(self, obj: HTTPConnection) -> None:
        """Hand a connection to a worker, to a new one if all are taken."""
        # Not grow(): it waits until the worker runs, and with it every other caller.
        pool: Any = self  # the types of the library leave out what is private
        if self.idle <= pool._queue.qsize() and len(pool._threads) < self.max:
            pool._threads.append(pool._spawn_worker())
        super().put(obj)


class ReadRequest(HTTPRequest):
    """A request whose head may be anything: what cannot be read is refused."""

    def __init__(self, server: HTTPServer, conn: HTTPConnection, **more: Any) -> None:
        # A target such as //accessv2 is no path by the book, and is served anyway.
        super().__init__(server, conn, **{**more, "strict_mode": False})

    def parse_request(self) -> None:
        """Read the head."""
        try:
            super().parse_request()
        except (OSError, errors.FatalSSLAlert, errors.NoSSLError):
            raise  # about the connection, not about what was sent
        except Exception as error:  # whatever the library stumbles over
            _LOG.debug("Unreadable request: %r", error)
            self.simple_response("400 Bad Request")

    def body(self) -> bytes | None:
        """Read the body; nothing where it cannot be read."""
        try:
            return self.rfile.read()
        except (ValueError, OverflowError, errors.MaxSizeExceeded) as error:
            _LOG.debug("Unreadable body: %r", error)
            return None


class Connection(HTTPConnection):
    """A connection whose TLS handshake happens in the worker, so that a slow caller holds up no one."""

    RequestHandlerClass = ReadRequest
    number = 0
    peer_name = ""

    def communicate(self) -> bool:
        """Shake hands if that is still to be done, then take one request."""
        self.server.opened(self)
        if not self.number:
            drop = self.server.calls.before_handshake()
            if drop is not None:
                end(self, drop)
                return False
            try:
                self.socket.do_handshake()
            except (OSError, ValueError) as error:
                _LOG.debug("TLS handshake failed: %s", error)
                return False
            self.number = self.server.shaken()
            self.peer_name = peer_name(self.socket)
        return super().communicate()

    def _conditional_error(self, req: HTTPRequest, response: str) -> None:
        """Say what is wrong, if the caller still listens."""
        inherited: Any = super()  # the types of the library leave out what is private
        with suppress(OSError):
            inherited._conditional_error(req, response)

    def close(self) -> None:
        """Close the connection and forget it."""
        self.server.closed(self)
        super().close()


def end(connection: HTTPConnection, drop: Drop) -> None:
    """Prepare the end of a connection: a plain close needs nothing, a reset must come from here."""
    if drop.mode == "reset":
        sock: socket.socket = connection.socket
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plain = socket.socket(fileno=sock.detach())
        plain.close()
        connection.linger = True  # nothing is left for cheroot to shut down


class Door(Gateway):
    """Hands each request to the calls and writes what they say, in one piece."""

    def respond(self) -> None:
        """Answer one request."""
        req = self.req
        body = req.body()
        req.sent_headers = True  # the head of the answer below is the only one
        if body is None:
            req.close_connection = True
            req.simple_response("400 Bad Request")
            return
        answer = req.server.calls.handle(
            HttpRequest(
                method=req.method.decode("latin-1"),
                target=req.uri.decode("latin-1"),
                headers={name.decode("latin-1").lower(): v.decode("latin-1") for name, v in req.inheaders.items()},
                body=body,
                connection=req.conn.number,
                peer_name=req.conn.peer_name,
            )
        )
        if isinstance(answer, Drop):
            req.close_connection = True
            end(req.conn, answer)
            return
        req.conn.wfile.write(self._bytes(answer))

    def _bytes(self, answer: Reply) -> bytes:
        req = self.req
        chunked = req.response_protocol == "HTTP/1.1"
        req.close_connection = req.close_connection or not chunked
        head = [
            f"HTTP/1.1 {answer.status} {texts.REASONS.get(answer.status, 'Error')}",
            f"Date: {formatdate(usegmt=True)}",
            f"Connection: {'close' if req.close_connection else 'Keep-Alive'}",
            *(["Transfer-Encoding: chunked"] if chunked else []),
            *answer.headers,
            f"Content-Type: {answer.content_type}",
        ]
        body = b"" if req.method == b"HEAD" else answer.body
        if chunked and req.method != b"HEAD":
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        return "\r\n".join([*head, "", ""]).encode("latin-1", "replace") + body


class Server(HTTPServer):
    """One listening socket with its workers; recreated for every start."""

    ConnectionClass = Connection
    keep_alive_conn_limit = None  # type: ignore[assignment]  # no limit, as its documentation says
    expiration_interval = 0.05
    shutdown_timeout = 2
    timeout = 60
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext, calls: Calls) -> None:
        super().__init__(address, Door)
        self.requests = Workers(self, min=_WORKERS, max=_MOST_WORKERS)
        self.ssl_adapter = LateHandshake(context)
        self.calls = calls
        self.handshakes = 0
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self._listening = threading.Event()
        self._failure: OSError | None = None

    def serve_until_stopped(self) -> None:
        """Listen and serve; meant for a daemon thread, whose workers are daemons then, too."""
        try:
            self.prepare()
        except OSError as error:
            self._failure = error
            return
        finally:
            self._listening.set()
        self.serve()

    def wait_until_listening(self) -> OSError | None:
        """Wait until callers can connect; otherwise the reason why they cannot."""
        self._listening.wait()
        return self._failure

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: tuple) -> socket.socket:
        """Bind so that a restart can take the port over from connections that are still closing."""
        socket_.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return HTTPServer.bind_socket(socket_, bind_addr)

    def opened(self, connection: Connection) -> None:
        """Remember a connection, to be able to end it."""
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        with self._lock:
            self._open.discard(connection)

    def shaken(self) -> int:
        """Count a TLS connection; its number."""
        with self._lock:
            self.handshakes += 1
            return next(self._numbers)

    def hang_up(self) -> None:
        """End all connections, so that no worker waits for a caller."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Callers that vanish are everyday here; only a fault of the emulator itself is worth a line."""
        _LOG.log(level if level >= logging.ERROR else logging.DEBUG, "%s", msg, exc_info=traceback)
