# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several Exchange servers, in a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable

from exchange_farm.protocols import Ports, Seen
from exchange_farm.server import Exchange

_LONGEST_START = 20


class Farm:
    """Servers named EX1, EX2 and so on, one on each address; running for the length of a ``with`` block."""

    def __init__(self, addresses: Iterable[str], ports: Ports | None = None, client_ca: str = "") -> None:
        """Prepare the servers. Clients may show certificates of ``client_ca``, in PEM."""
        self.servers = [
            Exchange(f"EX{number}", address, ports or Ports(), client_ca)
            for number, address in enumerate(addresses, start=1)
        ]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __getitem__(self, name: str) -> Exchange:
        """A server by its name."""
        return next(server for server in self.servers if server.name == name)

    def start(self) -> None:
        """Listen everywhere."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="exchange-farm", daemon=True)
        self._thread.start()
        try:
            for server in self.servers:
                server.loop = self._loop
                asyncio.run_coroutine_threadsafe(server.listen(), self._loop).result(_LONGEST_START)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every connection and stop listening."""
        if self._loop is None or self._thread is None:
            return
        for server in self.servers:
            if server.loop is not None:
                server.crash()
                server.loop = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None

    def __enter__(self) -> Farm:
        self.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self.stop()

    # -- all servers together -----------------------------------------------------------------------------------

    @property
    def requests(self) -> list[Seen]:
        """The requests that reached any server, in their order, without health checks."""
        every = [seen for server in self.servers for seen in server.seen if not seen.health]
        return sorted(every, key=lambda seen: seen.moment)

    def forget(self) -> None:
        """Forget the requests so far."""
        for server in self.servers:
            server.forget()

    def repair(self) -> None:
        """Repair everything, and start what has crashed."""
        for server in self.servers:
            server.repair()
            server.health_text = "200 OK"
            if not server.listening:
                server.recover()
