# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The wire formats: API v1 (XML) and v2 (JSON) to one plain shape, and back. Pure: no I/O, no knowledge of objects.

The plain shape is a ``dict`` whose leaves are strings. JSON booleans become ``Y`` and ``N``, numbers their
decimal text, absent stays absent; what the API repeats (services, servers, rules) is always a list. The two
versions of the API thus decode to the same ``dict``, up to ``yes`` and ``Y`` for a boolean, which the field
tables read alike. A text keeps its ends, since a name may end in a blank; blanks alone are no text. Strip
both before you compare a text with what a user wrote.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import base64
import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from xml.etree import ElementTree

V1 = "v1"
V2 = "v2"

# Members that hold records in both versions. A content rule is found by its name only, so each has one.
_WITH_NAME = frozenset(
    {"MatchContentRule", "AddHeaderRule", "DeleteHeaderRule", "ReplaceHeaderRule", "ModifyURLRule", "ReplaceBodyRule"}
)
_RECORDS = _WITH_NAME | {"VS", "Vs", "Rs", "SubVS", "cert", "template"}
# Elements that API v1 repeats. A single one looks like a scalar, so they are listed here.
_REPEATED = _RECORDS | {"Interface", "Route", "User", "HostsEntry", "IP", "partition"}
# Elements that hold a list of one kind of child.
_LIST_CHILDREN = frozenset({"Opt", "Name", "key", "cmd", "IPaddress", "RealInterface"})
# Free text that the appliance prints without escaping it.
_FREE_TEXT = ("motd", "SSHPreAuth", "WUIPreAuth", "Eula", "Success", "Error")

_ENVELOPE = frozenset({"code", "status", "message"})
_HTML = re.compile(r"\s*(<!doctype html|<html)", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """A decoded answer: ``data`` in the plain shape, and as ``message`` what it says outside of any member."""

    data: dict[str, Any] = field(default_factory=dict)
    message: str = ""


class NotAnAnswer(ValueError):
    """The reply is not one of the API. The text says what it looks like."""


@dataclass
class Failure(Exception):
    """The appliance answered with an error: its HTTP-like ``status`` and its ``text`` (empty for an HTML page)."""

    status: int
    text: str


def encode_v1(command: str, parameters: Mapping[str, str], data: bytes | None = None) -> tuple[str, Any]:
    """Return path and body of a v1 request.

    Parameters go in a form body: nothing of them lands in a URL or log. Only an upload takes the body for itself.
    """
    path = "/access/" + command.replace(".", "/")
    return (path, dict(parameters)) if data is None else (f"{path}?{urlencode(parameters, quote_via=quote)}", data)


def encode_v2(command: str, parameters: Mapping[str, str], data: bytes | None = None) -> tuple[str, bytes]:
    """Return path and JSON body of a v2 request."""
    upload = {} if data is None else {"data": base64.b64encode(data).decode("ascii")}
    return "/accessv2", json.dumps({"cmd": command, **parameters, **upload}).encode("utf-8")


def decode(version: str, http_status: int, body: bytes) -> Answer:
    """Decode an answer of either API.

    Raises Failure where the appliance says no, by HTTP status or within an HTTP 200, and NotAnAnswer where the
    bytes are neither data nor an error of the API. Only "ok" is success.
    """
    text = _text(body)
    if _HTML.match(text):
        if http_status >= 400:
            raise Failure(http_status, "")
        raise NotAnAnswer("an HTML page")
    try:
        status, verdict, answer = _parse_v1(text) if version == V1 else _parse_v2(text)
    except RecursionError:
        raise NotAnAnswer("members nested too deeply") from None
    except NotAnAnswer:
        if http_status >= 400:
            raise Failure(http_status, "") from None
        raise
    if http_status >= 400:
        raise Failure(http_status, answer.message)
    if verdict == "fail" or status >= 400:
        raise Failure(status if status >= 400 else 422, answer.message)
    if not 200 <= http_status < 300:
        raise NotAnAnswer(f"HTTP {http_status}")
    if verdict != "ok" or not 200 <= status < 300:
        raise NotAnAnswer(f"neither ok nor fail (status {verdict or 'missing'}, code {status})")
    _check_records(answer.data)
    return answer


def _check_records(data: Mapping[str, Any]) -> None:
    """Raise NotAnAnswer where a listing holds anything but records, or one without the name that it must have."""
    for name, value in data.items():
        if name in _RECORDS:
            if not isinstance(value, list) or not all(isinstance(record, dict) for record in value):
                raise NotAnAnswer(f"a list of records ({name}) that is not one")
            for record in value:
                if name in _WITH_NAME and not isinstance(record.get("Name"), str):
                    raise NotAnAnswer(f"a record ({name}) without a name")
                _check_records(record)


def decode_file(version: str, http_status: int, body: bytes) -> bytes:
    """Return the file that an answer is: raw in v1, in base64 in v2. Raises what ``decode`` raises."""
    if version == V1 and http_status < 400 and not body.lstrip().startswith(b"<"):
        return body
    answer = decode(version, http_status, body)
    try:
        return base64.b64decode(answer.data["data"], validate=True)
    except (KeyError, ValueError):
        raise NotAnAnswer("no file") from None


def _text(body: bytes) -> str:
    """Decode bytes: v1 declares ISO-8859-1 but often holds UTF-8."""
    try:
        return body.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


# --- v1 ---------------------------------------------------------------------------------------------------------


def _number(value: Any) -> int:
    """Return the code that an answer has in its envelope. Raises NotAnAnswer where it is no number."""
    text = str(value).strip()
    if not re.fullmatch(r"\d{1,5}", text):
        raise NotAnAnswer("an envelope whose code is no number")
    return int(text)


def _parse_v1(text: str) -> tuple[int, str, Answer]:
    root = _xml(text)
    if root.tag.lower() != "response":
        raise NotAnAnswer(f"XML with the root element {root.tag}")
    status = _number(root.get("stat") or 200)
    error = root.find("Error")
    if error is not None:
        return status, "fail", Answer(message=_inner(error))
    success = root.find("Success")
    # Some commands use an element instead of the attribute
    said = root.get("code") or root.findtext("status") or ("ok" if success is not None else "")
    ok = said.strip().lower()
    if success is None:
        return status, ok, Answer(message=" ".join(_inner(child) for child in root if child.tag == "message"))
    data = success.find("Data")
    if data is None:
        return status, ok, Answer(message=_inner(success))
    # Some commands answer with a text instead of data, and helper programs leak theirs next to it
    texts = [text.strip() for element in (success, data) for text in _own_texts(element) if text.strip()]
    return status, ok, Answer(data=_children(data), message="\n".join(texts))


def _xml(text: str) -> ElementTree.Element:
    # Imported lazily: API v2 is the usual one
    from xml.etree import ElementTree

    # The declared encoding no longer holds once the text is decoded, and a string may not carry one.
    text = re.sub(r"^\s*<\?xml[^>]*\?>\s*", "", text)
    if not text.startswith("<"):
        raise NotAnAnswer("plain text" if text.strip() else "nothing at all")
    for candidate in _readings(text):
        try:
            return ElementTree.fromstring(candidate)
        except ElementTree.ParseError:
            continue
    raise NotAnAnswer("broken XML")


def _readings(text: str) -> Iterator[str]:
    """Yield the text as it is, then with the escapes that the appliance is known to omit."""
    yield text
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    text = re.sub(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)", "&amp;", text)
    yield text
    for name in _FREE_TEXT:
        text = re.sub(rf"(<{name}>)(.*?)(</{name}>)", _escape_markup, text, flags=re.DOTALL)
    yield text


def _escape_markup(match: re.Match[str]) -> str:
    opening, inner, closing = match.groups()
    if opening == "<Success>" and inner.lstrip().startswith("<Data>"):
        return match.group(0)
    return opening + inner.replace("<", "&lt;").replace(">", "&gt;") + closing


def _children(element: ElementTree.Element) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for child in element:
        value = _value(child)
        if child.tag in data:
            known = data[child.tag]
            data[child.tag] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            # CPU time for "user" has the same name as a user account
            is_record = child.tag != "User" or len(child) > 0
            data[child.tag] = [value] if child.tag in _REPEATED and is_record else value
    return data


def _value(element: ElementTree.Element) -> Any:
    tags = {child.tag for child in element}
    if not tags:
        text = _kept(element.text or "")
        return [] if element.tag in ("apikeys", "InterceptOpts", "OwaspOpts") and not text else text
    beside = _own_texts(element)
    if beside[0].strip() or (element.tag not in _RECORDS and any(text.strip() for text in beside)):
        return _inner(element)  # markup inside free text, e.g. HTML in a message of the day
    if len(tags) == 1 and tags <= _LIST_CHILDREN:
        return [_kept(child.text or "") if len(child) == 0 else _inner(child) for child in element]
    return _children(element)


def _own_texts(element: ElementTree.Element) -> list[str]:
    """Return the texts of an element that are in none of its children: before the first one and behind each."""
    return [element.text or "", *(child.tail or "" for child in element)]


def _kept(text: str) -> str:
    """Return a text as it is; an element that is empty may be printed with blanks in it."""
    return text if text.strip() else ""


def _inner(element: ElementTree.Element) -> str:
    """Return the text of an element with any markup inside it kept as text."""
    from xml.etree import ElementTree

    inner = (element.text or "") + "".join(ElementTree.tostring(child, encoding="unicode") for child in element)
    return inner.strip()


# --- v2 ---------------------------------------------------------------------------------------------------------


def _parse_v2(text: str) -> tuple[int, str, Answer]:
    document = _json(text)
    if not isinstance(document, dict) or not ({"code", "status"} & document.keys()):
        raise NotAnAnswer("JSON without the members code and status")
    status = _number(document.get("code") or 200)
    verdict = document.get("status")
    ok = verdict.strip().lower() if isinstance(verdict, str) else ""
    data = {name: _plain(value) for name, value in document.items() if name not in _ENVELOPE}
    return status, ok, Answer(data=data, message=str(document.get("message", "")).strip())


def _json(text: str) -> Any:
    if not text.strip():
        raise NotAnAnswer("nothing at all")
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return _mended(text)


# Strings in a list, then a member that the firmware printed before it closed the list: "a", "b", "NRules": 3 ],
_MEMBER_IN_LIST = re.compile(r'"([\w.]+)"\s*:\s*([^,\[\]{}"]+|"[^"\\]*")\s*,?\s*\]\s*,')


# What surrounds a text that is printed where a member should be: {"code": 200, TEXT, "status": "ok"}
_BEFORE_TEXT = re.compile(r'\s*\{\s*"code"\s*:\s*(\d{1,5})\s*,\s*(?=[^\s"])')
_AFTER_TEXT = re.compile(r',\s*"status"\s*:\s*"(\w*)"\s*\}\s*')


def _bare_text(text: str) -> dict[str, str] | None:
    """Return an answer whose text is no member, as API v2 prints what API v1 has in Data itself; None where it is none."""
    before = _BEFORE_TEXT.match(text)
    last = text.rfind(",")
    after = _AFTER_TEXT.fullmatch(text, last) if before and last >= before.end() else None
    if before is None or after is None:
        return None
    return {"code": before[1], "status": after[1], "message": text[before.end() : last]}


def _mended(text: str) -> Any:
    """Read JSON with a firmware bug.

    A service with pre-processing rules prints the member after the list inside it, and a text may be no member at all.
    """
    bare = _bare_text(text)
    if bare is not None:
        return bare
    whole = "".join(_closed_lists(text))
    whole = re.sub(r",\s*(?=[\]}])", "", whole)
    try:
        return json.loads(whole, strict=False)
    except ValueError:
        raise NotAnAnswer("broken JSON" if text.lstrip().startswith("{") else "plain text") from None


def _closed_lists(text: str) -> Iterator[str]:
    """Yield the text in parts, in which a list of strings is closed before the member that is printed inside it."""
    done = 0
    for member in _MEMBER_IN_LIST.finditer(text):
        opened = text.rfind("[", done, member.start())
        inside = text[opened + 1 : member.start()]
        if opened < 0 or any(sign in inside for sign in "{}]:"):
            continue
        yield text[done : member.start()].rstrip().rstrip(",")
        yield f"],\n{member.group(0)[: member.group(0).rindex(']')].rstrip().rstrip(',')},"
        done = member.end()
    yield text[done:]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        # Nearly all members are texts, and an answer may have a hundred thousand of them
        return {
            name: member if isinstance(member, str) and member[:1] > " " else _plain(member)
            for name, member in value.items()
        }
    if isinstance(value, str):
        return _kept(value)
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return "" if value is None else str(value)
