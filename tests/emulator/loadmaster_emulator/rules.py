# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content rules: six kinds, one table each of what is sent and what is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from loadmaster_emulator import texts, values
from loadmaster_emulator.answers import Members, Value
from loadmaster_emulator.errors import ApiError, MissingParameter

_NAME = re.compile(r"[A-Za-z0-9_]+")
_PATTERN_LENGTH = 250

#: The catch-all that is in no list of rules: a request that no other rule matches goes to what has it.
BUILT_IN = "default"
_REPLACEMENT_LENGTH = 255
_HIGHEST_FLAG = 9
_MATCH_TYPES = ("Regex", "prefix", "postfix")

RuleValue = str | bool | int


@dataclass
class Rule:
    """One rule: its type as a number, and its values by their names in answers."""

    name: str
    type: int
    values: dict[str, RuleValue] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """One field of a rule: its name in answers, the parameters it is sent as, what an unsent one is."""

    name: str
    sent_as: tuple[str, ...]
    default: RuleValue
    convert: Callable[[str, str], RuleValue]
    mandatory: bool = False
    is_flag_number: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of rule: its member in answers and its fields in their order."""

    key: str
    parts: tuple[_Part, ...]


# -- conversions ------------------------------------------------------------------------------------


def _pattern(sent: str, text: str) -> str:
    return _limited(sent, text, _PATTERN_LENGTH)


def _replacement(sent: str, text: str) -> str:
    return _limited(sent, text, _REPLACEMENT_LENGTH)


def _limited(sent: str, text: str, length: int) -> str:
    if len(text) > length:
        raise ApiError(texts.out_of_range(sent))
    return text


def _match_type(sent: str, text: str) -> str:
    return values.choice(sent, text, _MATCH_TYPES)


def _flag_number(sent: str, text: str) -> int:
    number = values.integer(sent, text)
    return number if number <= _HIGHEST_FLAG else 0  # 10 and above are dropped without a word


# -- the kinds ----------------------------------------------------------------------------------------


def _yes_no(name: str, *sent_as: str) -> _Part:
    return _Part(name, sent_as, False, values.flag)


def _flag(name: str, sent_as: str) -> _Part:
    return _Part(name, (sent_as,), 0, _flag_number, is_flag_number=True)


_PATTERN = _Part("Pattern", ("pattern",), "", _pattern, mandatory=True)
_REPLACEMENT = _Part("Replacement", ("replacement",), "", _replacement)
# guess: that a rule about a header must name it, and how long its name may be
_HEADER = _Part("Header", ("header",), "", _replacement, mandatory=True)
_ONLY_ON = (_flag("OnlyOnFlag", "onlyonflag"), _flag("OnlyOnNoFlag", "onlyonnoflag"))

#: By type.
KINDS: tuple[Kind, ...] = (
    Kind(
        "MatchContentRule",
        (
            _PATTERN,
            _Part("MatchType", ("matchtype",), "Regex", _match_type),
            _yes_no("AddHost", "inchost"),
            _yes_no("Negate", "negate"),
            _yes_no("CaseIndependent", "nocase"),
            _yes_no("IncludeQuery", "incquery"),
            _Part("Header", ("header",), "", _replacement),
            _yes_no("MustFail", "mustfail"),
            _flag("SetFlagOnMatch", "setonmatch"),
            *_ONLY_ON,
        ),
    ),
    Kind("AddHeaderRule", (_HEADER, _Part("HeaderValue", ("replacement",), "", _replacement), *_ONLY_ON)),
    Kind("DeleteHeaderRule", (_PATTERN, *_ONLY_ON)),
    Kind("ReplaceHeaderRule", (_HEADER, _PATTERN, _REPLACEMENT, *_ONLY_ON)),
    Kind("ModifyURLRule", (_PATTERN, _REPLACEMENT, *_ONLY_ON)),
    Kind(
        "ReplaceBodyRule", (_PATTERN, _REPLACEMENT, _yes_no("CaseIndependent", "nocase", "caseindependent"), *_ONLY_ON)
    ),
)


# -- making and showing -------------------------------------------------------------------------------


def type_of(text: str) -> int:
    """A rule type as it is sent."""
    return values.integer("type", text, 0, len(KINDS) - 1)


def check_name(name: str) -> None:
    """Refuse a name with characters no rule can have."""
    if not _NAME.fullmatch(name):
        raise ApiError(texts.CANNOT_READ_RULES)


def make(name: str, rule_type: int, sent: Mapping[str, str]) -> Rule:
    """The rule of a request; what was not sent has its default, also where a rule of the name existed."""
    return Rule(name, rule_type, {part.name: _value(part, sent) for part in KINDS[rule_type].parts})


def show(rule: Rule) -> Members:
    """A rule as answers have it; flags that are 0 are absent."""
    pairs: list[tuple[str, Value]] = [("Name", rule.name)]
    for part in KINDS[rule.type].parts:
        value = rule.values[part.name]
        if value or not part.is_flag_number:
            pairs.append((part.name, value))
    return Members(tuple(pairs))


def _value(part: _Part, sent: Mapping[str, str]) -> RuleValue:
    for parameter in part.sent_as:
        text = sent.get(parameter, "")
        if text:
            return part.convert(parameter, text)
    if part.mandatory:
        raise MissingParameter(part.sent_as[0])
    return part.default
