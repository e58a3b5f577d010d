# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network between caller and appliance: a TCP proxy on the loopback interface that delays what passes."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

CHUNK = 2**16


class Delay:
    """Passes connections on to a port of 127.0.0.1; every byte takes half of ``round_trip`` seconds each way.

    The loopback interface opens a connection without a round trip, where a network takes one. The proxy makes up for
    it: the first bytes of a connection wait for that one, too. Bandwidth is not limited.
    """

    def __init__(self, target: int, round_trip: float) -> None:
        self._target = target
        self._round_trip = round_trip
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, name="delay", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all connections and stop listening."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        since = self._loop.time()
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        opened = since + self._round_trip
        with suppress(asyncio.CancelledError):
            await asyncio.gather(self._passed(reader, far_writer, opened), self._passed(far_reader, writer, opened))

    async def _passed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, opened: float) -> None:
        """Pass on what comes, in its order, each piece when it has travelled long enough."""
        travelling: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrivals(travelling, writer))
        try:
            while True:
                with suppress(ConnectionError):
                    piece = await reader.read(CHUNK)
                    travelling.put_nowait((max(self._loop.time(), opened) + self._round_trip / 2, piece))
                    if piece:
                        continue
                break
            await arriving
        finally:
            arriving.cancel()
            writer.close()

    async def _arrivals(self, travelling: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due, piece = await travelling.get()
            await asyncio.sleep(due - self._loop.time())
            if not piece:
                return
            with suppress(ConnectionError):
                writer.write(piece)
                await writer.drain()
