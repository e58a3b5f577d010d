# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Exchange serves: its directories, its ports, and what reached it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, fields
from urllib.parse import unquote

#: The directory of each protocol.
PROTOCOLS: dict[str, str] = {
    "owa": "/owa",
    "ecp": "/ecp",
    "ews": "/ews",
    "activesync": "/Microsoft-Server-ActiveSync",
    "autodiscover": "/autodiscover",
    "mapi": "/mapi",
    "oab": "/oab",
    "rpc": "/rpc",
    "powershell": "/powershell",
    "api": "/api",
}
HEALTH_PAGE = "healthcheck.htm"


@dataclass(frozen=True)
class Ports:
    """Where the protocols are; 0 leaves one out."""

    https: int = 443
    http: int = 80
    smtp: int = 25
    submission: int = 587
    imap: int = 143
    imaps: int = 993
    pop: int = 110
    pops: int = 995

    def shifted(self, offset: int) -> Ports:
        """The same protocols on higher ports."""
        ports = {row.name: getattr(self, row.name) for row in fields(self)}
        return Ports(**{name: port + offset if port else 0 for name, port in ports.items()})


@dataclass(frozen=True)
class Seen:
    """A request that reached a server."""

    server: str
    protocol: str
    """One of the protocols, or nothing for what belongs to none."""
    method: str
    target: str
    """As it stood in the request."""
    headers: tuple[tuple[str, str], ...]
    tls: bool
    sni: str
    client: tuple[str, int]
    """Who opened the connection, as the server sees it."""
    connection: int
    """The number of the connection; no two servers share any."""
    health: bool
    """Whether it asked for a health page."""
    moment: float
    """When it was there as a whole, by the monotonic clock."""
    client_certificate: str = ""
    """The common name in the certificate that the client showed."""
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> list[str]:
        """The values of a header, in their order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


def canonical(target: str) -> str:
    """The path that a web server like IIS makes of a request target.

    Escapes are decoded, backslashes are slashes, several slashes are one, and dot segments are resolved.
    """
    path = target.partition("?")[0]
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    path = unquote(path, "latin-1").replace("\\", "/")
    return posixpath.normpath("/" + path.lstrip("/"))


def protocol_of(path: str) -> str:
    """The protocol whose directory a canonical path is in, whatever its case."""
    first = "/" + path.lower().split("/")[1]
    return next((name for name, directory in PROTOCOLS.items() if directory.lower() == first), "")
