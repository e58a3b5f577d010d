# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which rules are assigned where: ordered lists on services, sub services and real servers. Pure.

The appliance carries rules out in the order in which they were assigned, and a new one always comes last.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _base
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import Step
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._kinds import Names
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import Services


@dataclass(frozen=True)
class RuleList:
    """A list of rules: its option, its member of answers, the commands that assign and detach, and the kinds it takes.

    A list with ``reset_by`` is emptied by the appliance when that option of its service changes.
    """

    option: str
    reported: str
    assign: str
    detach: str
    kinds: tuple[str, ...]
    reset_by: str = ""


_HEADERS = ("add_header", "delete_header", "replace_header")

# On a service or sub service.
OF_SERVICES = (
    RuleList("pre_process_rules", "PreProcessRules", "addprerule", "delprerule", ("match_content",)),
    RuleList("request_rules", "RequestRules", "addrequestrule", "delrequestrule", (*_HEADERS, "modify_url")),
    RuleList("response_rules", "ResponseRules", "addresponserule", "delresponserule", (*_HEADERS, "modify_url")),
    RuleList(
        "response_body_rules", "MatchBodyRules", "addresponsebodyrule", "delresponsebodyrule", ("replace_body",), "type"
    ),
)
# On a real server, or on the slot of a sub service: which requests go there.
CONTENT_RULES = RuleList("content_rules", "MatchRules", "addrsrule", "delrsrule", ("match_content",))


def rows(lists: Sequence[RuleList]) -> list[Field]:
    """Return the options that the lists are."""
    return [Field(each.option, each.assign, Names(), reported=each.reported) for each in lists]


def read(lists: Sequence[RuleList], record: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the rule lists of a record."""
    return {each.option: [str(name) for name in record.get(each.reported) or []] for each in lists}


def emptied(lists: Sequence[RuleList], current: Mapping[str, Any], changing: Sequence[str]) -> dict[str, list[str]]:
    """Return the lists, of those that have rules, that a change of some options empties."""
    return {each.option: [] for each in lists if each.reset_by in changing and current.get(each.option)}


def given(lists: Sequence[RuleList], options: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the lists that the user gave; those left out stay out."""
    return {each.option: options[each.option] for each in lists if each.option in options}


def check(
    lists: Sequence[RuleList],
    given: Mapping[str, Sequence[str]],
    current: Mapping[str, Sequence[str]],
    kind_of: Callable[[str, bool], str | None],
    subject: str,
) -> None:
    """Raise InvalidOption where a rule does not exist or is of a kind that the appliance would silently not assign.

    ``kind_of`` returns the kind of a rule, empty for none; and None where there is nothing to ask, since the rule is
    assigned (the second argument) and stays what it is.
    """
    problems = []
    for each in lists:
        for name in given.get(each.option, ()):
            kind = kind_of(name, name in current.get(each.option, ()))
            if kind is None:
                continue
            if not kind:
                problems.append(f"{subject}: {each.option} names {name}, but there is no such rule.")
            elif kind not in each.kinds:
                problems.append(
                    f"{subject}: {each.option} takes rules of the kind {' or '.join(each.kinds)}, but {name} is a {kind} rule."
                )
    if problems:
        raise InvalidOption.of([Problem("", problem) for problem in problems])


def steps(
    lists: Sequence[RuleList],
    given: Mapping[str, Sequence[str]],
    current: Mapping[str, Sequence[str]],
    naming: Mapping[str, Any],
    subject: str,
    rank: int = _base.RULE_ASSIGN,
) -> list[Step]:
    """Return the fewest calls that bring the lists into the wanted order.

    What can stay assigned is the longest beginning of the wanted list that is in order already; the rest is assigned
    after it. New rules come before those that are no longer wanted go.
    """
    made: list[Step] = []
    for each in lists:
        if each.option not in given:
            continue
        target, present = list(given[each.option]), list(current.get(each.option, ()))
        kept = 0
        for name in present:
            if kept < len(target) and name == target[kept]:
                kept += 1
        for name in target[kept:]:
            if name in present:
                made.append(
                    _step(
                        each.detach,
                        name,
                        naming,
                        subject,
                        f"take {name} out of {each.option} to put it in its place",
                        rank,
                    )
                )
            made.append(_step(each.assign, name, naming, subject, f"assign {name} to {each.option}", rank))
        for name in present:
            if name not in target:
                made.append(_step(each.detach, name, naming, subject, f"take {name} out of {each.option}", rank))
    return made


def holders(services: Services, rule: str) -> list[str]:
    """Return where a rule is assigned, in words."""
    places = []
    for service in services:
        where = f"{'sub ' if service.is_sub_service else ''}virtual service {service.ref}"
        places += [
            f"{each.option} of {where}" for each in OF_SERVICES if rule in (service.record.get(each.reported) or [])
        ]
        if rule in (service.slot.get(CONTENT_RULES.reported) or []):
            places.append(f"{CONTENT_RULES.option} of {where}")
        for server in service.servers:
            if rule in (server.get(CONTENT_RULES.reported) or []):
                places.append(
                    f"{CONTENT_RULES.option} of real server {server.get('Addr')}:{server.get('Port')} of {where}"
                )
    return places


def _step(command: str, rule: str, naming: Mapping[str, Any], subject: str, reason: str, rank: int) -> Step:
    return Step(command, {**naming, "rule": rule}, subject, reason, rank)
