# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One connection of a client to the web site of a server."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import h11

from exchange_farm.protocols import HEALTH_PAGE, Seen, canonical, protocol_of

if TYPE_CHECKING:
    from exchange_farm.server import Exchange

_READ = 65536
_KEPT_BODY = 65536
_numbers = itertools.count(1)


@dataclass
class _Request:
    seen: Seen
    path: str
    query: dict[str, list[str]]
    body: bytes
    length: int

    def number(self, name: str, default: float = 0) -> float:
        return float(self.query.get(name, [str(default)])[0])


class WebConnection:
    """Reads requests and answers them until either side has enough.

    What the query of a request can ask for: ``wait`` seconds before the answer; ``chunks`` in the answer with ``pause``
    seconds between them; ``size`` bytes in it; ``ntlm``, an authentication of the connection in three steps;
    ``redirect``, a redirect with the scheme that the server believes in; ``cookie``, a cookie of the server's own.
    """

    def __init__(self, server: Exchange, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)
        self._number = next(_numbers)
        self._authenticated = False
        self._head = False
        tls = writer.get_extra_info("ssl_object")
        self._tls = tls is not None
        self._sni = getattr(tls, "asked_for", "")
        shown = (tls.getpeercert() or {}) if tls is not None else {}
        names = [value for part in shown.get("subject", ()) for key, value in part if key == "commonName"]
        self._client_name = names[0] if names else ""
        self._asked: Seen | None = None

    async def serve(self) -> None:
        """Serve the connection to its end."""
        try:
            while await self._one():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                await self._answer(error.error_status_hint, str(error).encode())

    async def _one(self) -> bool:
        """Take one request; whether another one may follow."""
        event = await self._event()
        if not isinstance(event, h11.Request):
            return False
        self._head = event.method == b"HEAD"
        request = await self._request(event)
        self._server.log(request.seen)
        self._asked = request.seen
        fault = self._server.fault_of(request.seen.protocol, request.seen.health)
        if fault == "hang":
            await asyncio.Event().wait()
        if fault == "close":
            return False
        if isinstance(fault, int):
            await self._answer(
                fault, b"broken", (("Location", "/owa/auth/errorfe.aspx"),) if fault in (301, 302) else ()
            )
        else:
            await self._respond(request)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _respond(self, request: _Request) -> None:
        seen = request.seen
        if request.path == "/":
            await self._answer(302, b"", (("Location", f"{self._origin(seen)}/owa/"),))
        elif not seen.protocol:
            await self._answer(404, b"nothing here")
        elif seen.health:
            await self._answer(200, f"{self._server.health_text}<br/>{self._server.name}".encode())
        elif "ntlm" in request.query and not self._authenticated:
            await self._authenticate(seen)
        elif "redirect" in request.query:
            await self._answer(302, b"", (("Location", f"{self._origin(seen)}/owa/auth/logon.aspx"),))
        else:
            await asyncio.sleep(request.number("wait"))
            await self._content(request)

    async def _content(self, request: _Request) -> None:
        seen = request.seen
        told = f"{self._server.name} {seen.protocol} {request.length} {hashlib.sha256(request.body).hexdigest()}\n".encode()
        headers = (("Set-Cookie", "OwaSession=1"),) if "cookie" in request.query else ()
        if chunks := int(request.number("chunks")):
            await self._stream(told, chunks, request.number("pause"), seen.protocol)
        else:
            await self._answer(200, told.ljust(int(request.number("size")), b"."), headers, seen.protocol)

    async def _stream(self, told: bytes, chunks: int, pause: float, protocol: str) -> None:
        headers = [("Content-Type", "text/plain"), ("Transfer-Encoding", "chunked"), *self._names(protocol)]
        await self._send(h11.Response(status_code=200, headers=headers))
        for number in range(chunks):
            if number:
                await asyncio.sleep(pause)
            await self._send(h11.Data(data=b"%d " % number + told))
        await self._send(h11.EndOfMessage())

    async def _authenticate(self, seen: Seen) -> None:
        """The three steps of NTLM, as far as a load balancer can see them: they belong to one connection."""
        challenge = f"challenge-{self._server.name}-{self._number}"
        sent = (seen.header("Authorization") or [""])[0]
        if sent == f"NTLM answer-to-{challenge}":
            self._authenticated = True
            await self._answer(200, f"{self._server.name} authenticated".encode(), (), seen.protocol)
        else:
            offer = f"NTLM {challenge}" if sent == "NTLM hello" else "NTLM"
            await self._answer(401, b"who are you?", (("WWW-Authenticate", offer),), seen.protocol)

    # -- reading and writing ----------------------------------------------------------------------------------

    async def _request(self, event: h11.Request) -> _Request:
        target = event.target.decode("latin-1")
        path = canonical(target)
        protocol = protocol_of(path)
        length, kept = 0, b""
        async for data in self._body():
            length += len(data)
            self._server.took(len(data))
            kept = (kept + data)[:_KEPT_BODY] if len(kept) < _KEPT_BODY else kept
        seen = Seen(
            server=self._server.name,
            protocol=protocol,
            method=event.method.decode("ascii"),
            target=target,
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items()
            ),
            tls=self._tls,
            sni=self._sni,
            client=self._writer.get_extra_info("peername")[:2],
            connection=self._number,
            health=path.lower().endswith("/" + HEALTH_PAGE),
            moment=time.monotonic(),
            client_certificate=self._client_name,
            body=kept,
        )
        return _Request(seen, path, parse_qs(urlsplit(target).query, keep_blank_values=True), kept, length)

    async def _body(self) -> AsyncIterator[bytes]:
        if self._http.they_are_waiting_for_100_continue:
            await self._send(h11.InformationalResponse(status_code=100, headers=[]))
        while True:
            event = await self._event()
            if not isinstance(event, h11.Data):
                return
            yield bytes(event.data)

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            try:
                data = await self._reader.read(_READ)
            except OSError:
                data = b""  # the other side is gone
            self._http.receive_data(data)
        return event

    async def _answer(
        self, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = (), protocol: str = ""
    ) -> None:
        every = [("Content-Type", "text/html"), ("Content-Length", str(len(body))), *self._names(protocol), *headers]
        if status == 204 or 100 <= status < 200:
            every = list(headers)
        content = [] if self._head else [h11.Data(data=body)]
        await self._send(h11.Response(status_code=status, headers=every), *content, h11.EndOfMessage())

    def _names(self, protocol: str) -> list[tuple[str, str]]:
        return [("X-FEServer", self._server.name), *([("X-Protocol", protocol)] if protocol else [])]

    def _origin(self, seen: Seen) -> str:
        return f"{'https' if self._tls else 'http'}://{(seen.header('Host') or [''])[0]}"

    async def _send(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        if self._asked is not None and isinstance(events[-1], h11.EndOfMessage):
            # From here on the other side may have all of it, whatever becomes of this server
            self._server.answered(self._asked)
        await self._writer.drain()
