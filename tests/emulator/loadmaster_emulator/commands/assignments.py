# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rules work where: on servers and slots, and in the four lists of a service."""

from __future__ import annotations

from collections.abc import Callable

from loadmaster_emulator import texts
from loadmaster_emulator.answers import Answer, Message
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands import identity
from loadmaster_emulator.commands.rules import find
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.rules import BUILT_IN

#: The types each list takes. The manual differs for two: it lets match rules into requests, and no rule
#: that changes the URL into responses.
_TYPES: dict[str, frozenset[int]] = {
    "MatchRules": frozenset((0,)),
    "PreProcessRules": frozenset((0,)),
    "RequestRules": frozenset((1, 2, 3, 4)),
    "ResponseRules": frozenset((1, 2, 3, 4)),
    "MatchBodyRules": frozenset((5,)),
}


def add(member: str) -> Callable[[Appliance, Request], Answer]:
    """The command that attaches a rule to a list of this member, behind those that are there."""

    def run(appliance: Appliance, request: Request) -> Answer:
        assigned = _list(appliance, request, member)
        # guess: in the lists of a service, the built-in rule is not found
        if member == "MatchRules" and request.get("rule").strip() == BUILT_IN:
            assigned += [] if BUILT_IN in assigned else [BUILT_IN]
            return Message(texts.OK)
        rule = find(appliance, identity.mandatory(request, "rule"))
        if rule.type not in _TYPES[member] and appliance.quirks.wrong_rule_refused:
            raise ApiError(texts.invalid("rule"))  # guess: the text
        # A rule of the wrong type is not attached, and the answer is ok anyway.
        # guess: so it is with a rule that is attached already
        if rule.type in _TYPES[member] and rule.name not in assigned:
            assigned.append(rule.name)
            if appliance.quirks.default_rule_last:
                assigned.sort(key=BUILT_IN.__eq__)
        return Message(texts.OK)

    return run


def delete(member: str) -> Callable[[Appliance, Request], Answer]:
    """The command that detaches a rule from a list of this member."""

    def run(appliance: Appliance, request: Request) -> Answer:
        assigned = _list(appliance, request, member)
        name = identity.mandatory(request, "rule")
        if name != BUILT_IN:
            find(appliance, name)
        if name not in assigned:
            raise ApiError(texts.RULE_NOT_FOUND)  # guess: not recorded for a rule that exists elsewhere
        assigned.remove(name)
        return Message(texts.OK)

    return run


def _list(appliance: Appliance, request: Request, member: str) -> list[str]:
    vs = identity.service(appliance, request)
    return identity.server(request, vs).rules if member == "MatchRules" else vs.rules[member]
