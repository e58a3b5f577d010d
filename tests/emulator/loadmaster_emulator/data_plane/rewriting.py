# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is changed in requests and responses on their way, and what is answered instead of them."""

from __future__ import annotations

import re
from collections.abc import Callable

from loadmaster_emulator.data_plane.conditions import expression, flags
from loadmaster_emulator.data_plane.words import Inexpressible, formatted, quoted, token
from loadmaster_emulator.model import VirtualService
from loadmaster_emulator.rules import Rule
from loadmaster_emulator.vs_fields import Stored

_BACK_REFERENCE = re.compile(r"\\([0-9])")
_HIGHEST_REFERENCE = 9

#: By AddVia: which headers tell about the client. 0 is what the whole appliance is set to.
_LEGACY = {0: ("X-ClientSide",), 1: ("X-Forwarded-For",), 2: ()}
_HEADERS: dict[int, tuple[str, ...]] = {
    1: ("X-Forwarded-For", "Via"),
    2: (),
    3: ("X-ClientSide", "Via"),
    4: ("X-ClientSide",),
    5: ("X-Forwarded-For",),
    6: ("Via",),
}
_VALUES = {
    "X-Forwarded-For": "%[src]",
    "X-ClientSide": "'%[src]:%[src_port] -> %[dst]:%[dst_port]'",  # guess: the form
    "Via": "'1.1 {name}'",  # guess: the name is that of the appliance
}
_SCHEMES = {1: ("https", "http"), 2: ("http", "https")}


def rule_lines(rules: list[Rule], direction: str, where: str) -> list[str]:
    """The rules of a list as lines; the direction is ``request`` or ``response``."""
    lines = []
    for rule in rules:
        make = _MAKERS.get(rule.type)
        if make is None or (rule.type == 4 and direction == "response"):
            raise Inexpressible(where, f"rule {rule.name}, of type {rule.type}, for what is passed on in a {direction}")
        condition = " ".join(flags(rule))
        lines.append(f"http-{direction} {make(rule)}" + (f" if {condition}" if condition else ""))
    return lines


def client_headers(vs: VirtualService, parameters: dict[str, Stored]) -> list[str]:
    """The headers that tell a server about the client."""
    number = int(vs.settings["AddVia"])
    if number == 0 and vs.parent is not None:
        number = int(vs.parent.settings["AddVia"])  # guess: a SubVS that says nothing does as its parent
    names = _HEADERS[number] if number else _LEGACY[int(parameters["addforwardheader"])]
    host = str(parameters["hostname"])
    # guess: what the client itself has sent stays, and the line of the appliance comes after it
    return [f"http-request add-header {name} {_VALUES[name].format(name=host)}" for name in names]


def extra_headers(vs: VirtualService, where: str) -> list[str]:
    """The header that a service adds, and the one that it copies."""
    lines = []
    if vs.settings["ExtraHdrKey"]:
        name = token(vs.settings["ExtraHdrKey"], where)
        lines.append(f"http-request set-header {name} {formatted(vs.settings['ExtraHdrValue'], where)}")
    if vs.settings["CopyHdrFrom"] and vs.settings["CopyHdrTo"]:
        source, target = (token(vs.settings[name], where) for name in ("CopyHdrFrom", "CopyHdrTo"))
        lines.append(f"http-request set-header {target} %[req.fhdr({source})] if {{ req.fhdr({source}) -m found }}")
    return lines


def location_lines(vs: VirtualService) -> list[str]:
    """The scheme that redirects of servers are given."""
    if not vs.settings["SSLAcceleration"] or not int(vs.settings["SSLRewrite"]):
        return []
    old, new = _SCHEMES[int(vs.settings["SSLRewrite"])]
    return [f"http-response replace-header Location '(?i)^{old}://(.*)' '{new}://\\1'"]


def answer(vs: VirtualService, where: str) -> str:
    """What a service answers that has no one to ask."""
    code, url = int(vs.settings["ErrorCode"]), str(vs.settings["ErrorUrl"])
    if 300 <= code < 400 and url:
        # guess: a host is passed on with the port that the client named
        target = formatted(url, where).replace("%%h", "%[req.hdr(host)]").replace("%%s", "%[pathq]")
        return f"http-request redirect location {target} code {code}" if code in _REDIRECTS else _returned(code, target)
    if url:
        raise Inexpressible(where, f"an ErrorUrl with the ErrorCode {code}")
    return _returned(code or 503)  # guess: 503 where nothing is set


_REDIRECTS = (301, 302, 303, 307, 308)


def _returned(code: int, location: str = "") -> str:
    head = f" hdr Location {location}" if location else ""
    return f"http-request return status {code} content-type text/plain string 'No server for this request'{head}"


def _add_header(rule: Rule) -> str:
    where = f"rule {rule.name}"
    return f"add-header {token(str(rule.values['Header']), where)} {formatted(str(rule.values['HeaderValue']), where)}"


def _delete_header(rule: Rule) -> str:
    return f"del-header {token(str(rule.values['Pattern']), f'rule {rule.name}')}"


def _replace_header(rule: Rule) -> str:
    name = token(str(rule.values["Header"]), f"rule {rule.name}")
    return f"replace-header {name} {_replacement(rule)}"


def _modify_url(rule: Rule) -> str:
    return f"replace-path {_replacement(rule)}"  # guess: the query is no part of what is compared, and is kept


def _replacement(rule: Rule) -> str:
    """The pattern and the replacement of a rule that changes the part of a text that matches.

    HAProxy replaces whole texts, so what is around the part becomes a group before and one behind it.
    """
    where = f"rule {rule.name}"
    inner = expression(str(rule.values["Pattern"]), where)
    groups = re.compile(inner).groups
    if _BACK_REFERENCE.search(inner) or groups + 2 > _HIGHEST_REFERENCE:
        raise Inexpressible(where, f"the pattern {rule.values['Pattern']}, with back references or many groups")

    def shifted(number: str) -> str:
        return f"\\{int(number) + 1}" if number != "0" else "\\0"

    # Back references are distinguished from other text before that is escaped
    parts = _BACK_REFERENCE.split(str(rule.values["Replacement"]))
    text = ""
    for number, part in enumerate(parts):
        if number % 2:
            if int(part) > groups:
                raise Inexpressible(where, f"a reference to group {part}, which the pattern does not have")
            text += shifted(part)
        else:
            text += part.replace("\\", "\\\\").replace("%", "%%")
    whole = f"^(.*?)(?:{inner})(.*)$"
    return f"{quoted(whole, where)} {quoted(chr(92) + '1' + text + chr(92) + str(groups + 2), where)}"


_MAKERS: dict[int, Callable[[Rule], str]] = {1: _add_header, 2: _delete_header, 3: _replace_header, 4: _modify_url}
