# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One GET by HTTP/2, spelt as the test wants it: the few frames of RFC 9113 that this takes."""

from __future__ import annotations

import socket
from collections.abc import Sequence

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _RESET, _SETTINGS, _GO_AWAY = 1, 3, 4, 7
_END_STREAM, _END_HEADERS = 1, 4
_ACKNOWLEDGED = 1
#: HPACK: a field that is written out and not remembered.
_LITERAL = b"\x00"
#: The answer 200 as HPACK writes it: one byte that stands for the whole field.
_OK = 0x88


def succeeds(connected: socket.socket, host: str, path: str, more: Sequence[tuple[str, str]] = ()) -> bool:
    """Whether a request is answered with 200; any other answer, and any end without one, is none."""
    fields = [(":method", "GET"), (":scheme", "https"), (":authority", host), (":path", path), *more]
    block = b"".join(_LITERAL + _text(name) + _text(value) for name, value in fields)
    connected.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, b"") + _frame(_HEADERS, _END_STREAM | _END_HEADERS, 1, block))
    received = connected.makefile("rb")
    while len(head := received.read(9)) == 9:
        content = received.read(int.from_bytes(head[:3], "big"))
        kind, flags = head[3], head[4]
        if kind == _HEADERS:
            return content[0] == _OK
        if kind in (_RESET, _GO_AWAY):
            return False
        if kind == _SETTINGS and not flags & _ACKNOWLEDGED:
            connected.sendall(_frame(_SETTINGS, _ACKNOWLEDGED, 0, b""))
    return False


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + content


def _text(text: str) -> bytes:
    """A text without compression; its length is one byte below 127."""
    data = text.encode("latin-1")
    assert len(data) < 127
    return bytes((len(data),)) + data
