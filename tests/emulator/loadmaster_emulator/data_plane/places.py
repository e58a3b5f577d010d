# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the addresses of the configuration are on this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from loadmaster_emulator.data_plane.words import Inexpressible

_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Places:
    """How addresses and ports are mapped, so that a configuration for another network runs on this machine.

    ``addresses`` takes the place of addresses of services and servers alike. The offsets are added to the ports that
    services listen on and that servers are reached at, for people who may not listen below 1024.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    port_offset: int = 0
    server_port_offset: int = 0

    def __post_init__(self) -> None:
        for text in (*self.addresses, *self.addresses.values()):
            ipaddress.ip_address(text)

    def service(self, address: str, port: str, where: str) -> tuple[str, int]:
        """Where a service listens."""
        if not port.isdigit():
            raise Inexpressible(where, f"the port {port}")
        return self.addresses.get(address, address), _port(int(port) + self.port_offset, where)

    def server(self, address: str, port: int, where: str) -> tuple[str, int]:
        """Where a server is reached."""
        return self.addresses.get(address, address), _port(port + self.server_port_offset, where)


def joined(address: str, port: int) -> str:
    """An address and a port as one word."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _port(port: int, where: str) -> int:
    if not 0 < port <= _HIGHEST_PORT:
        raise Inexpressible(where, f"port {port}, which the offset leads to")
    return port
