# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Exchange server: what it answers, what it breaks, what it has seen."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import fields
from typing import Any

from exchange_farm.certificates import self_signed, server_context
from exchange_farm.mail import DIALOGUES, converse
from exchange_farm.protocols import PROTOCOLS, Ports, Seen
from exchange_farm.web import WebConnection

Fault = int | str
_FAULTS = ("close", "hang")
_TLS = ("https", "imaps", "pops")
_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Exchange:
    """A server with all its ports on one address. Its faults may be changed from any thread at any time."""

    def __init__(self, name: str, address: str, ports: Ports, client_ca: str = "") -> None:
        self.name = name
        self.address = address
        self.ports = ports
        self.certificate, key = self_signed(f"{name.lower()}.example.com")
        self.health_text = "200 OK"
        """What a healthy page says first."""
        self._context = server_context(self.certificate, key, client_ca)
        self._faults: dict[str, tuple[Fault, bool]] = {}
        self._seen: list[Seen] = []
        self._under_way: list[Seen] = []
        self._arrived = 0
        self._lock = threading.Lock()
        self._listeners: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self.loop: asyncio.AbstractEventLoop | None = None

    # -- what it did ------------------------------------------------------------------------------------------

    @property
    def seen(self) -> list[Seen]:
        """The requests that reached it, health checks included."""
        with self._lock:
            return list(self._seen)

    @property
    def unanswered(self) -> list[Seen]:
        """The requests that reached it and were not answered to the end: still under way, or broken off."""
        with self._lock:
            return list(self._under_way)

    @property
    def arrived(self) -> int:
        """How many bytes of the bodies of requests have arrived, those of unfinished requests included."""
        with self._lock:
            return self._arrived

    def forget(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._seen.clear()
            self._under_way.clear()
            self._arrived = 0

    def took(self, number: int) -> None:
        """Note down that so many bytes of a body have arrived."""
        with self._lock:
            self._arrived += number

    def log(self, seen: Seen) -> None:
        """Note a request down."""
        with self._lock:
            self._seen.append(seen)
            self._under_way.append(seen)

    def answered(self, seen: Seen) -> None:
        """Note down that a request was answered to the end."""
        with self._lock:
            # Not by equality: two requests may look alike
            self._under_way = [each for each in self._under_way if each is not seen]

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    # -- what is broken ---------------------------------------------------------------------------------------

    def break_(self, protocol: str, fault: Fault, *, page_only: bool = False) -> None:
        """Break a protocol, or only its health page: ``close``, ``hang``, or a status to answer HTTP requests with."""
        if protocol not in (*PROTOCOLS, *DIALOGUES):
            raise ValueError(f"{protocol!r} is no protocol; there are {', '.join((*PROTOCOLS, *DIALOGUES))}")
        if fault not in _FAULTS and (not isinstance(fault, int) or protocol in DIALOGUES):
            raise ValueError(f"{fault!r} is no fault of {protocol}; there are {', '.join(_FAULTS)}, and HTTP statuses")
        with self._lock:
            self._faults[protocol] = (fault, page_only)

    def repair(self, protocol: str | None = None) -> None:
        """Repair a protocol, or all of them."""
        with self._lock:
            if protocol is None:
                self._faults.clear()
            else:
                self._faults.pop(protocol, None)

    def fault_of(self, protocol: str, health: bool) -> Fault | None:
        """What is broken for a request."""
        with self._lock:
            fault, page_only = self._faults.get(protocol, (None, False))
        return fault if health or not page_only else None

    @property
    def listening(self) -> bool:
        """Whether it has not crashed."""
        return bool(self._listeners)

    def crash(self) -> None:
        """Lose all connections and refuse new ones."""
        self._run(self.close())

    def recover(self) -> None:
        """Listen again."""
        self._run(self.listen())

    # -- running ----------------------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Listen on every port; ``OSError`` names the one that cannot be had."""
        for row in fields(self.ports):
            port = getattr(self.ports, row.name)
            if not port:
                continue
            context = self._context if row.name in _TLS else None
            try:
                listener = await asyncio.start_server(self._taking(row.name), self.address, port, ssl=context)
            except OSError as error:
                await self.close()
                raise OSError(f"{self.name} cannot listen on {self.address} port {port}: {error.strerror}") from error
            self._listeners.append(listener)

    async def close(self) -> None:
        """Stop listening, and end every connection."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        for task in list(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(list(self._connections))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        assert self.loop is not None, "the farm is not running"
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def _taking(self, protocol: str) -> _Handler:
        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            try:
                fault = self.fault_of(protocol, True)
                if fault == "hang":
                    await asyncio.Event().wait()
                elif fault == "close":
                    pass
                elif protocol in DIALOGUES:
                    await converse(protocol, self.name, self._context, reader, writer)
                else:
                    await WebConnection(self, reader, writer).serve()
            except (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
                writer.transport.abort()  # the other side is gone, or this server is
            finally:
                self._connections.discard(task)
                writer.close()
                with contextlib.suppress(OSError, ssl.SSLError, asyncio.CancelledError):
                    await writer.wait_closed()

        return take
