# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content rules."""

from __future__ import annotations

from loadmaster_emulator import rules, texts
from loadmaster_emulator.answers import Answer, Members, Message, Records, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands.identity import mandatory
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.rules import Rule


def addrule(appliance: Appliance, request: Request) -> Answer:
    """Make a rule; a match rule unless the request says otherwise."""
    name = mandatory(request, "name")
    rules.check_name(name)
    if name == rules.BUILT_IN:
        raise ApiError(texts.CANNOT_READ_RULES)  # guess: the text; that the name is refused is documented
    if name in appliance.configuration.rules:
        raise ApiError(texts.DUPLICATE_RULE)
    rule = rules.make(name, rules.type_of(request.get("type") or "0"), request.parameters)
    appliance.configuration.rules[name] = rule
    return _shown(appliance, [rule])


def modrule(appliance: Appliance, request: Request) -> Answer:
    """Replace a rule, its type included: what is not sent goes back to its default."""
    old = find(appliance, mandatory(request, "name"))
    rule_type = rules.type_of(request.get("type")) if request.get("type") else old.type
    rule = rules.make(old.name, rule_type, request.parameters)
    # guess: a rule that becomes another type stays attached where it was
    appliance.configuration.rules[old.name] = rule
    return _shown(appliance, [rule])


def delrule(appliance: Appliance, request: Request) -> Answer:
    """Delete a rule, and detach it everywhere."""
    rule = find(appliance, mandatory(request, "name"))
    del appliance.configuration.rules[rule.name]
    for vs in appliance.configuration.every_service():
        for assigned in vs.rule_lists():
            if rule.name in assigned:
                assigned.remove(rule.name)
    return Message(texts.OK)


def showrule(appliance: Appliance, request: Request) -> Answer:
    """One rule, or all of a type, or all, grouped by kind."""
    rule_type = rules.type_of(request.get("type")) if request.get("type") else None
    if request.get("name"):
        rule = find(appliance, request.get("name").strip())
        if rule_type not in (None, rule.type):
            raise ApiError(texts.RULE_NOT_FOUND)  # guess: name and type together
        return _shown(appliance, [rule])
    found = appliance.configuration.rules.values()
    return _shown(appliance, [rule for rule in found if rule_type in (None, rule.type)])


def find(appliance: Appliance, name: str) -> Rule:
    """The rule of this name."""
    rules.check_name(name)
    rule = appliance.configuration.rules.get(name)
    if rule is None:
        raise ApiError(texts.RULE_NOT_FOUND)
    return rule


def _shown(appliance: Appliance, found: list[Rule]) -> Members:
    """Rules under their kinds."""  # guess: the order of the kinds, and of the rules of one kind: as they were made
    groups = [
        (kind.key, Records(tuple(rules.show(rule) for rule in found if rule.type == number)))
        for number, kind in enumerate(rules.KINDS)
    ]
    every = appliance.quirks.empty_lists and not found
    return members(*((key, group) for key, group in groups if group.items or every))
