# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of type 0 as conditions: what of a request is looked at, and when the rule matches."""

from __future__ import annotations

import re

from loadmaster_emulator.data_plane.words import Inexpressible, quoted, token
from loadmaster_emulator.rules import Rule

#: Host, path and query in one text, which HAProxy has no name for.
WHOLE_URL = "txn.whole_url"
_WHOLE_URL_IS_SET = f"http-request set-var-fmt({WHOLE_URL}) %[req.hdr(host)]%[pathq]"
_URL = {
    (False, False): "path",
    (False, True): "pathq",
    (True, False): "base",
    (True, True): f"var({WHOLE_URL})",
}
_METHODS = {"Regex": "reg", "prefix": "beg", "postfix": "end"}


def preparation(rules: list[Rule]) -> list[str]:
    """What has to come before the conditions of these rules."""
    needed = any(
        r.type == 0 and not r.values["Header"] and r.values["AddHost"] and r.values["IncludeQuery"] for r in rules
    )
    return [_WHOLE_URL_IS_SET] if needed else []


def matches(rule: Rule) -> str:
    """The condition under which a rule of type 0 matches.

    guess: the path is compared as it was sent, without decoding or resolving it.
    """
    where = f"rule {rule.name}"
    pattern = str(rule.values["Pattern"])
    method = _METHODS[str(rule.values["MatchType"])]
    words = [
        _looked_at(rule, where),
        *(["-i"] if rule.values["CaseIndependent"] else []),
        f"-m {method} --",
        quoted(expression(pattern, where) if method == "reg" else pattern, where),
    ]
    negation = "!" if rule.values["Negate"] else ""
    return " ".join([*flags(rule), f"{negation}{{ {' '.join(words)} }}"])


def flags(rule: Rule) -> list[str]:
    """The conditions that the flags of a rule of any type make."""
    needed = []
    if rule.values.get("OnlyOnFlag"):
        needed.append(f"{{ var(txn.flag{rule.values['OnlyOnFlag']}) -m bool }}")
    if rule.values.get("OnlyOnNoFlag"):
        needed.append(f"!{{ var(txn.flag{rule.values['OnlyOnNoFlag']}) -m bool }}")
    return needed


def flag_set(rule: Rule, besides: str = "") -> list[str]:
    """What sets the flag of a rule that matches, if it has one, where another condition is met besides."""
    number = rule.values.get("SetFlagOnMatch")
    condition = f"{besides} {matches(rule)}".strip()
    return [f"http-request set-var(txn.flag{number}) bool(true) if {condition}"] if number else []


def expression(pattern: str, where: str) -> str:
    """A regular expression without the slashes around it."""
    text = pattern[1:-1] if len(pattern) > 1 and pattern[0] == pattern[-1] == "/" else pattern
    try:
        re.compile(text)
    except re.error as error:
        raise Inexpressible(where, f"the pattern {pattern} ({error})") from None
    return text


def _looked_at(rule: Rule, where: str) -> str:
    header = str(rule.values["Header"])
    if header.lower() == "src-ip":
        return "src"
    if header.lower() == "body":
        raise Inexpressible(where, "a pattern for the body of requests")
    if header:
        return f"req.fhdr({token(header, where)})"
    return _URL[bool(rule.values["AddHost"]), bool(rule.values["IncludeQuery"])]
