# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Health checks: what is asked, what is expected, and how often."""

from __future__ import annotations

import re

from loadmaster_emulator.data_plane.places import Places
from loadmaster_emulator.data_plane.words import Inexpressible, formatted, quoted, token
from loadmaster_emulator.model import Configuration, VirtualService

_METHODS = {0: "HEAD", 1: "GET", 2: "POST", 3: "OPTIONS"}
_ALWAYS_UP = "200-299"
_UP_UNLESS_CODES_ARE_LISTED = "301,302,401"
_HEADER = re.compile(r"[^\s:|]+:")
_HEX = re.compile(r"([0-9A-Fa-f]{2})+")

#: However fast the tests want it, a busy machine is given this time to answer, in milliseconds.
_SHORTEST_TIMEOUT = 2000
_SHORTEST_INTERVAL = 50

#: What a server says first, by the kind of check.
_BANNERS = {
    "imap": r"rstring ^\*\x20OK",
    "pop3": r"rstring ^\+OK",
    "nntp": "rstring ^20[01]",
    "ftp": "rstring ^220",
}


def is_checked(vs: VirtualService) -> bool:
    """Whether the servers of a service are checked at all."""
    return str(vs.settings["CheckType"]) != "none"


def check_lines(vs: VirtualService, where: str) -> list[str]:
    """What is asked of every server of a service, and what it has to answer."""
    kind = str(vs.settings["CheckType"])
    if kind in ("none", "tcp"):
        return []
    if kind in ("http", "https"):
        return ["option httpchk", *_http_lines(vs, where)]
    if kind == "smtp":
        return ["option tcp-check", "tcp-check expect rstring ^220"]
    if kind in _BANNERS:
        return ["option tcp-check", f"tcp-check expect {_BANNERS[kind]}"]
    if kind == "ldap":
        return ["option ldap-check"]
    if kind == "bdata":
        return _binary_lines(vs, where)
    raise Inexpressible(where, f"the check type {kind}")


def check_words(vs: VirtualService, configuration: Configuration, speed: float, places: Places, where: str) -> str:
    """The words of a server that say how it is checked; the times are divided by the speed."""
    if not is_checked(vs):
        return ""
    health = configuration.health
    interval = int(vs.settings["ChkInterval"]) or health["RetryInterval"]
    timeout = int(vs.settings["ChkTimeout"]) or health["Timeout"]
    retries = int(vs.settings["ChkRetryCount"]) or health["RetryCount"]
    words = ["check", f"inter {_milliseconds(interval, speed)}", f"fastinter {_milliseconds(timeout, speed)}"]
    words.append(f"fall {retries} rise 1")
    words.append("check-ssl" if vs.settings["CheckType"] == "https" else "no-check-ssl")
    if port := int(vs.settings["CheckPort"]):
        words.append(f"port {places.server('127.0.0.1', port, where)[1]}")
    return " ".join(words)


def failure_words(vs: VirtualService, configuration: Configuration) -> str:
    """The words of a server that say what becomes of its connections when its check fails."""
    return "on-marked-down shutdown-sessions" if is_checked(vs) and configuration.parameters["droponfail"] else ""


def check_timeout(vs: VirtualService, configuration: Configuration, speed: float) -> str:
    """The line that says how long a server may take to answer."""
    timeout = int(vs.settings["ChkTimeout"]) or configuration.health["Timeout"]
    return f"timeout check {max(_SHORTEST_TIMEOUT, _milliseconds(timeout, speed))}"


def _milliseconds(seconds: int, speed: float) -> int:
    return max(_SHORTEST_INTERVAL, round(seconds * 1000 / speed))


def _http_lines(vs: VirtualService, where: str) -> list[str]:
    settings = vs.settings
    method = int(settings["CheckUseGet"])
    top = vs.parent or vs
    send = [f"http-check send meth {_METHODS[method]} uri {quoted(str(settings['CheckUrl']) or '/', where)}"]
    if settings["CheckUse1.1"]:
        send.append(f"ver HTTP/1.1 hdr Host {formatted(str(settings['CheckHost']) or top.address, where)}")
        send.append("hdr Connection close")
    else:
        send.append("ver HTTP/1.0")
    for name, value in _headers(str(settings["CheckHeaders"]), where):
        send.append(f"hdr {token(name, where)} {formatted(value, where)}")
    if method == 2 and settings["CheckPostData"]:
        send.append(f"body {quoted(str(settings['CheckPostData']), where)}")
    codes = ",".join(str(settings["CheckCodes"]).split()) or _UP_UNLESS_CODES_ARE_LISTED
    lines = [" ".join(send), f"http-check expect status {_ALWAYS_UP},{codes}"]
    if method in (1, 2) and settings["CheckPattern"]:
        # guess: the text itself, in a page of whatever accepted status
        lines.append(f"http-check expect string {quoted(str(settings['CheckPattern']), where)}")
    return lines


def _headers(text: str, where: str) -> list[tuple[str, str]]:
    """The headers of a check, each with its value."""
    # guess: bars part them, as the manual says; spaces do where there is no bar, as is on record too. A word without a
    # colon is more of the value before it
    parts: list[str] = text.split("|") if "|" in text else []
    for word in text.split() if not parts else ():
        if parts and not _HEADER.match(word):
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    headers = []
    for part in filter(None, map(str.strip, parts)):
        name, colon, value = part.partition(":")
        if not colon or not value.strip():
            raise Inexpressible(where, f"{part!r} in CheckHeaders, which is no header")
        headers.append((name.strip(), value.strip()))
    return headers


def _binary_lines(vs: VirtualService, where: str) -> list[str]:
    lines = ["option tcp-check"]
    for name, words in (("CheckUrl", "send-binary"), ("CheckPattern", "expect binary")):
        text = str(vs.settings[name])
        if not text:
            continue
        if not _HEX.fullmatch(text):
            raise Inexpressible(where, f"{name} {text!r}, which is not hexadecimal")
        lines.append(f"tcp-check {words} {text}")
    if vs.settings["MatchLen"]:
        raise Inexpressible(where, "MatchLen of a binary check")
    return lines
