# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of API v1: XML in the raw layout of the appliance."""

from __future__ import annotations

from xml.sax.saxutils import escape

from loadmaster_emulator.answers import ByApi, CommaList, Members, Message, Records, Strings, Value, YesNo

CONTENT_TYPE = "text/xml"

_EOL = "\r\n"
_DECLARATION = '<?xml version="1.0" encoding="ISO-8859-1"?>' + _EOL


def success(answer: Message | Members) -> bytes:
    """Spell the answer of a command that succeeded."""
    inner = escape(answer.text) if isinstance(answer, Message) else f"<Data>{_object(answer)}</Data>"
    return _encode(f'<Response stat="200" code="ok">{_EOL}<Success>{inner}</Success>{_EOL}</Response>{_EOL}')


def failure(status: int, text: str) -> bytes:
    """Spell the refusal of a command."""
    return _encode(f'<Response stat="{status}" code="fail">{_EOL}<Error>{escape(text)}</Error>{_EOL}</Response>{_EOL}')


def _encode(response: str) -> bytes:
    # Texts beyond ASCII leave the appliance as UTF-8 although it declares ISO-8859-1 (recorded once).
    return (_DECLARATION + response).encode()


def _object(value: Members) -> str:
    return "".join(_member(name, item) for name, item in value.items)


def _member(name: str, value: Value) -> str:
    if isinstance(value, ByApi):
        return _member(name, value.v1)
    if isinstance(value, Records):
        return "".join(_member(name, item) for item in value.items)
    if isinstance(value, Members):
        return f"<{name}>{_EOL}{_object(value)}</{name}>{_EOL}"
    if isinstance(value, Strings):
        inner = "".join(f"<{value.tag}>{escape(item)}</{value.tag}>{_EOL}" for item in value.items)
        return f"<{name}>{_EOL}{inner}</{name}>{_EOL}"
    return f"<{name}>{_scalar(value)}</{name}>{_EOL}"


def _scalar(value: str | int | float | bool | YesNo | CommaList) -> str:
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, YesNo):
        return "yes" if value.value else "no"
    if isinstance(value, CommaList):
        return escape(",".join(value.items))
    return escape(str(value))
