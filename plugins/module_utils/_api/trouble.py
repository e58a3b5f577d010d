# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Why a connection failed, in words: the proxy, or the TLS of the LoadMaster. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
# Everything before the last @: a password may have unescaped signs in it
_LOGIN = re.compile(r"^([a-zA-Z0-9+.-]+://)?.*@", re.DOTALL)
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})\s*([ -~]{0,80})")

_TLS_VERSION = (
    "it does not offer TLS 1.2 or newer, and older versions of TLS are not safe. Switch TLS 1.2 on under Certificates & Security > "
    "Admin WUI Access > Supported TLS Protocols, or upgrade the LoadMaster."
)
_CIPHERS = (
    "it and this machine have no cipher in common. Choose another cipher set under Certificates & Security > Admin WUI Access > "
    "WUI Cipher set."
)
_CLIENT_CERTIFICATE = "it wants a client certificate. Give client_cert, or change Admin Login Method on the LoadMaster."
_NO_TLS = "it does not speak TLS at this port. Is this its API port?"
_WEAK = (
    "it has a key or a renegotiation that this machine does not take for safe. Give the LoadMaster a certificate with a longer key, or "
    "upgrade it."
)
# OpenSSL's texts, and their causes
_REASONS = {
    "UNSUPPORTED_PROTOCOL": _TLS_VERSION,
    "NO_PROTOCOLS_AVAILABLE": _TLS_VERSION,
    "TLSV1_ALERT_PROTOCOL_VERSION": _TLS_VERSION,
    "NO_SHARED_CIPHER": _CIPHERS,
    "NO_CIPHERS_AVAILABLE": _CIPHERS,
    "HANDSHAKE_FAILURE": _CIPHERS,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _CIPHERS,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _CIPHERS,
    "WRONG_CIPHER_RETURNED": _CIPHERS,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _CLIENT_CERTIFICATE,
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "HTTPS_PROXY_REQUEST": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "DH_KEY_TOO_SMALL": _WEAK,
    "EE_KEY_TOO_SMALL": _WEAK,
    "CA_MD_TOO_WEAK": _WEAK,
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": _WEAK,
}


class Proxy(NamedTuple):
    """The proxy of a connection. ``url`` may have a login in it, which must not show; ``variable`` is where it comes from."""

    url: str
    variable: str = ""

    @classmethod
    def from_url(cls, url: str, environ: Mapping[str, str]) -> Proxy:
        """Return a proxy with the variable that names it."""
        return cls(url, next((name for name in _VARIABLES if environ.get(name) and environ[name] in url), ""))

    @property
    def is_http(self) -> bool:
        """Return whether it is a proxy for HTTP, which can be used."""
        return self.url.partition("://")[0].lower() in ("http", "https")

    @property
    def is_readable(self) -> bool:
        """Return whether its URL has a host and, if any, a port that is a number."""
        try:
            parts = urlsplit(self.url)
            return bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            return False

    def __str__(self) -> str:
        shown = _LOGIN.sub(r"\1********@", self.url)
        return f"the proxy {shown}" + (f" (from {self.variable})" if self.variable else "")

    def way_around(self, host: str) -> str:
        """Return a sentence that says how to bypass the proxy."""
        return f"To connect without a proxy, set NO_PROXY={host} in the environment."

    def failure(self, where: str, host: str, reason: str, causes: Sequence[BaseException]) -> tuple[str, bool]:
        """Return a sentence about the failure of the proxy, and whether a retry can help."""
        this = "T" + str(self)[1:]
        refused = next((match for cause in causes if (match := _TUNNEL.match(str(cause)))), None)
        if refused is None:
            unknown = any(isinstance(cause, socket.gaierror) for cause in causes)
            said = "its name cannot be resolved" if unknown else reason
            return f"{this} cannot be reached ({said}). {self.way_around(host)}", not unknown
        status, answer = int(refused[1]), f"HTTP {refused[1]} {refused[2].strip()}".strip()
        if status == 407:
            return (
                f"{this} wants a login, or does not accept the one in its URL ({answer}). Put user and password into the URL, as "
                f"http://user:password@proxy:port. {self.way_around(host)}"
            ), False
        if status >= 500:
            return f"{this} cannot reach {where} ({answer}). Is the LoadMaster running? {self.way_around(host)}", True
        return f"{this} does not connect to {where} ({answer}). Allow it there. {self.way_around(host)}", False


def of_tls(causes: Sequence[BaseException]) -> str:
    """Return the TLS problem of a LoadMaster and its remedy; empty if OpenSSL names no known cause."""
    reasons = (str(cause.reason).upper().replace(" ", "_") for cause in causes if isinstance(cause, ssl.SSLError))
    return next((_REASONS[reason] for reason in reasons if reason in _REASONS), "")


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those it came from."""
    seen: set[int] = set()
    queue: list[object] = [error]
    while queue:
        current = queue.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        queue += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
