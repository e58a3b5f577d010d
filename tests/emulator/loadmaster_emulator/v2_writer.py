# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of API v2: JSON in the raw layout of the appliance, which no JSON library would choose."""

from __future__ import annotations

import base64
import json
import re

from loadmaster_emulator.answers import (
    Answer,
    ByApi,
    CommaList,
    Download,
    Members,
    Message,
    Records,
    Strings,
    Value,
    YesNo,
    members,
)

CONTENT_TYPE = "text/json"

_EOL = "\r\n"


def success(answer: Answer) -> bytes:
    """Spell the answer of a command that succeeded."""
    if isinstance(answer, Message):
        return _envelope(200, answer.text, "ok")
    if isinstance(answer, Download):
        content = answer.content if answer.is_text else base64.b64encode(answer.content)
        answer = members(("data", content.decode()))
    body = _object(answer)
    if answer.items and isinstance(_plain(answer.items[-1][1]), Records):
        body += " "
    comma = f",{_EOL}" if answer.items else ""
    return f'{{ "code": 200,{_EOL}{body}{comma}  "status": "ok"{_EOL}}}{_EOL}'.encode()


def failure(status: int, text: str) -> bytes:
    """Spell the refusal of a command."""
    return _envelope(status, text, "fail")


_PRERULES = re.compile(
    rb'("PreProcessRules": \[\r\n(?:"[A-Za-z0-9_]+",\r\n)*"[A-Za-z0-9_]+" \r\n)(\]\r\n,)( "EspEnabled" : \w+,\r\n)'
)


def with_broken_prerules(body: bytes) -> bytes:
    """The same body as a firmware with a fault spells it: a list swallows the member behind it."""
    return _PRERULES.sub(rb"\1\3\2", body)


def with_lf(body: bytes) -> bytes:
    """The same body with the line ends of the recordings that have no carriage returns."""
    return body.replace(b"\r\n", b"\n")


def as_dict(answer: Answer) -> dict:
    """The answer as a decoded v2 response."""
    return json.loads(success(answer))


def _envelope(status: int, text: str, word: str) -> bytes:
    lines = (f'{{ "code": {status},', f'  "message": {_text(text)},', f'  "status": "{word}"', "}", "")
    return _EOL.join(lines).encode()


def _object(value: Members) -> str:
    """The members between the braces, each with its own odd separators."""
    parts = []
    last = len(value.items) - 1
    for position, (name, item) in enumerate(value.items):
        item = _plain(item)
        if isinstance(item, (Strings, CommaList)):
            inner = f",{_EOL}".join(_text(entry) for entry in item.items)
            inner += f" {_EOL}" if inner else ""
            parts.append(f'"{name}": [{_EOL}{inner}]{_EOL}' + ("" if position == last else ","))
        elif isinstance(item, Records):
            # guess: how several objects of one array are separated; recordings hold one
            inner = f",{_EOL}".join(f"{{ {_object(entry)} }}{_EOL}" for entry in item.items)
            parts.append(f'"{name}": [{_EOL}{inner}]{_EOL}' + ("" if position == last else ","))
        elif isinstance(item, Members):
            # guess: the raw layout of a nested object is not recorded
            parts.append(f'"{name}": {{{_EOL}{_object(item)}}}' + (_EOL if position == last else f",{_EOL}"))
        else:
            parts.append(f' "{name}" : {_scalar(item)}' + (f" {_EOL}" if position == last else f",{_EOL}"))
    return "".join(parts)


def _plain(value: Value) -> Value:
    return value.v2 if isinstance(value, ByApi) else value


def _scalar(value: Value) -> str:
    if isinstance(value, YesNo):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    return str(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
