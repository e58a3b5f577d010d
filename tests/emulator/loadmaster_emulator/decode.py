# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP requests taken apart: which API, which command, which parameters, whose credentials."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from loadmaster_emulator import texts, uploads
from loadmaster_emulator.errors import ApiError

_SLASHES = re.compile("/+")
_V1 = "/access/"
_V2 = "/accessv2"


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header names are in lower case."""
    body: bytes = b""
    connection: int = 0
    peer_name: str = ""
    """The common name of a client certificate."""

    @property
    def path(self) -> str:
        """The target without its query, slashes that follow each other as one: ``https://HOST//accessv2`` is served."""
        return _SLASHES.sub("/", self.target.partition("?")[0])

    @property
    def query(self) -> str:
        """The query, without question marks that clients append to it."""
        return self.target.partition("?")[2].rstrip("?")

    @property
    def basic(self) -> tuple[str, str] | None:
        """Name and password of HTTP Basic authentication."""
        scheme, _unused, code = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, colon, password = base64.b64decode(code, validate=True).decode().partition(":")
        except ValueError:
            return None
        return (name, password) if colon else None


@dataclass(frozen=True)
class Decoded:
    """A request understood: ``api`` is empty where the path belongs to neither."""

    api: str
    command: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    query_order: tuple[str, ...] = ()
    """Names in the query of an API v1 request, in their order."""
    unreadable: ApiError | None = None


def decode(request: HttpRequest) -> Decoded:
    """Take a request apart."""
    lower = request.path.lower()
    if lower.startswith(_V2) and request.method == "POST":
        take, api = _decode_v2, "v2"
    elif lower.startswith(_V1) and request.method in ("GET", "POST"):
        take, api = _decode_v1, "v1"
    else:
        return Decoded("")
    try:
        return take(request)
    except (ValueError, RecursionError):
        return Decoded(api, unreadable=ApiError(texts.UNREADABLE_REQUEST))  # guess: status and text


def _decode_v1(request: HttpRequest) -> Decoded:
    command = unquote(request.path[len(_V1) :]).strip("/").lower()
    pairs = _pairs(request.query)
    order = tuple(name for name, unused in pairs)
    if request.method == "POST" and request.body:
        kind = request.headers.get("content-type", "").strip()
        if uploads.is_file(command, kind, request.body):
            pairs.append((uploads.PARAMETER, uploads.encoded(uploads.from_body(kind, request.body))))
        else:
            pairs += _pairs(request.body.decode("utf-8", "replace"))
    return Decoded("v1", command, dict(pairs), order)


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in parse_qsl(query, keep_blank_values=True)]


def _decode_v2(request: HttpRequest) -> Decoded:
    content = json.loads(request.body)
    if not isinstance(content, dict):
        raise ValueError("an object is needed")
    parameters = {name.lower(): as_text(value) for name, value in content.items()}
    command = parameters.pop("cmd", "").strip().lower()
    if not command:
        return Decoded("v2", "", parameters, unreadable=ApiError(texts.missing("cmd")))  # guess: by analogy
    return Decoded("v2", command, parameters)


def as_text(value: object) -> str:
    """A value of a JSON request as the text that API v1 would have sent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(as_text(item) for item in value)  # guess: no client sends arrays
    return str(value)
