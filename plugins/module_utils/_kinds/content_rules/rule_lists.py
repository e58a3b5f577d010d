# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Rule lists: ordered lists of rules on services, SubVSs and real servers. Pure.

The appliance carries rules out in the order in which they were assigned, and a new one always comes last. In the lists
of a service a rule can be moved.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, cast

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Names
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service, Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step

# The rule that every LoadMaster has and never lists: what no other rule matches goes where it is assigned. It is tried last,
# wherever it stands, and stands last here.
BUILT_IN = "default"
CATCH_ALL = (
    "The built-in rule V(default) matches what no other rule does. The LoadMaster tries it last, so its place in the list "
    "has no meaning."
)


class RuleList(NamedTuple):
    """A list of rules: its option, its member of answers, the commands that assign and detach, and the kinds it takes.

    ``move`` is the parameter of modvs that names a rule to move; with ``pos`` after it, that of the place. A list with
    ``reset_by`` is emptied by the appliance when that option of its service changes. ``label`` and ``description`` are for
    the documentation, as in a row of a table.
    """

    option: str
    reported: str
    assign: str
    detach: str
    kinds: tuple[str, ...]
    move: str = ""
    reset_by: str = ""
    label: str = ""
    description: str | tuple[str, ...] = ""


_HEADERS = ("add_header", "delete_header", "replace_header")

# On a service or SubVS.
OF_SERVICES = (
    RuleList(
        "pre_process_rules",
        "PreProcessRules",
        "addprerule",
        "delprerule",
        ("match_content",),
        "preprocprecedence",
        label="Advanced Properties",
        description=("The rules that every request passes first. They can refuse it, or set a flag for other rules."),
    ),
    RuleList(
        "request_rules",
        "RequestRules",
        "addrequestrule",
        "delrequestrule",
        (*_HEADERS, "modify_url"),
        "requestprecedence",
        label="Advanced Properties > HTTP Header Modifications",
        description=("The rules that change requests to the real servers, in this order."),
    ),
    RuleList(
        "response_rules",
        "ResponseRules",
        "addresponserule",
        "delresponserule",
        (*_HEADERS, "modify_url"),
        "responseprecedence",
        label="Advanced Properties > HTTP Header Modifications",
        description=(
            "The rules that change responses to the clients, in this order.",
            "Takes rules of the kinds O(kemp.loadmaster.content_rule#module:kind=add_header), "
            "O(kemp.loadmaster.content_rule#module:kind=delete_header), "
            "O(kemp.loadmaster.content_rule#module:kind=replace_header) and "
            "O(kemp.loadmaster.content_rule#module:kind=modify_url), the last one since firmware 7.2.51. "
            "The list is complete and in order: rules that it does not have are taken out, and an empty "
            "list clears it.",
        ),
    ),
    RuleList(
        "response_body_rules",
        "MatchBodyRules",
        "addresponsebodyrule",
        "delresponsebodyrule",
        ("replace_body",),
        "matchbodyprecedence",
        reset_by="type",
        label="Advanced Properties > Response Body Modification",
        description=(
            "The rules that replace text in the body of responses, in this order. Compressed responses are not changed."
        ),
    ),
)
# On a real server, or on the slot of a SubVS: which requests go there. There is a parameter that moves these, too,
# but it names a service and no server, and nothing tells in whose list it moves a rule that several have.
CONTENT_RULES = RuleList(
    "content_rules",
    "MatchRules",
    "addrsrule",
    "delrsrule",
    ("match_content",),
    label="Real Servers > Rules",
    description=(
        "The rules that choose requests for this server. If servers of a service have rules, a request "
        "goes to a server with a matching rule.",
        CATCH_ALL,
    ),
)


class Holder(Protocol):
    """A wanted object that rules can be assigned to: a service, a SubVS or a real server."""

    @property
    def rules(self) -> Mapping[str, Sequence[str]]:
        """Return the lists from the user, by option."""

    @property
    def terms(self) -> Terms:
        """Return the terms for omitted options."""

    def holds(self, place: Assignment, world: World, document: Document) -> bool:
        """Return whether the list of a place belongs to this object."""

    def removes(self, place: Assignment, world: World, document: Document) -> bool:
        """Return whether this object must be removed, and the list of a place with it."""


class Assignment(NamedTuple):
    """Where a rule is assigned: a list of a service, of its slot, or of one of its servers (the record of it)."""

    service: Service
    rule_list: RuleList
    server: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        where = f"{'SubVS' if self.service.is_sub_service else 'virtual service'} {self.service.ref}"
        if self.server is not None:
            where = f"real server {self.server.get('Addr')}:{self.server.get('Port')} of {where}"
        return f"{self.rule_list.option} of {where}"


def rows(lists: Sequence[RuleList]) -> list[Field]:
    """Return the options that the lists are."""
    return [
        Field(
            each.option,
            each.assign,
            Names(),
            reported=each.reported,
            label=each.label,
            description=each.description,
        )
        for each in lists
    ]


def read(lists: Sequence[RuleList], record: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the rule lists of a record."""
    return {each.option: _catch_all_last([str(name) for name in record.get(each.reported) or []]) for each in lists}


def emptied(lists: Sequence[RuleList], current: Mapping[str, Any], changing: Sequence[str]) -> dict[str, list[str]]:
    """Return the lists, of those that have rules, that a change of some options empties."""
    return {each.option: [] for each in lists if each.reset_by in changing and current.get(each.option)}


def given(lists: Sequence[RuleList], options: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the lists from the user, without omitted ones."""
    return {each.option: _catch_all_last(options[each.option]) for each in lists if each.option in options}


def _catch_all_last(names: Sequence[str]) -> list[str]:
    return sorted(names, key=BUILT_IN.__eq__)


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
            if name == BUILT_IN:
                if each.reported != CONTENT_RULES.reported:
                    message = (
                        f"{subject}: {each.option} names {name}, the built-in catch-all, which only {CONTENT_RULES.option} of a "
                        "real server or SubVS can have."
                    )
                    problems.append(Problem("", message))
                continue
            kind = kind_of(name, name in current.get(each.option, ()))
            if kind is None:
                continue
            if not kind:
                message = f"{subject}: {each.option} names {name}, but there is no such rule."
                problems.append(Problem("", message))
            elif kind not in each.kinds:
                message = f"{subject}: {each.option} takes rules of the kind {' or '.join(each.kinds)}, but {name} is a {kind} rule."
                problems.append(Problem("", message))
    if problems:
        raise InvalidOption.from_problems(problems)


def steps(
    lists: Sequence[RuleList],
    given: Mapping[str, Sequence[str]],
    current: Mapping[str, Sequence[str]],
    naming: Mapping[str, Any],
    subject: str,
    rank: int = ranks.RULE_ASSIGN,
    *,
    changes_kind: Callable[[str], bool] = lambda _rule: False,
    again: Container[str] = (),
) -> list[Step]:
    """Return the fewest calls that produce the wanted lists.

    New rules come before those that are no longer wanted go; but one that ``changes_kind`` in the same task goes before
    it does. Lists in ``again`` are those that another step has emptied.
    """
    return [
        Step(command, {**naming, **parameters}, subject, reason, ranks.RULE_DETACH if early else rank)
        for each in lists
        if each.option in given
        for command, parameters, reason, early in _calls(
            each, list(current.get(each.option, ())), list(given[each.option]), changes_kind, again
        )
    ]


def _calls(
    each: RuleList, present: list[str], target: list[str], changes_kind: Callable[[str], bool], again: Container[str]
) -> Iterator[tuple[str, dict[str, str], str, bool]]:
    """Yield the calls for a list: command, parameters, reason, and whether it comes before the rules change."""
    had, wanted = BUILT_IN in present, BUILT_IN in target
    present, target = ([name for name in names if name != BUILT_IN] for names in (present, target))
    kept = [name for name in present if name in target]
    first = [name for name in present if name not in target and changes_kind(name)]
    for name in first:
        yield each.detach, {"rule": name}, f"take {name} out of {each.option} before its kind changes", True
    rest = [name for name in present if name not in first]
    for name in target[0 if each.move else _in_order(kept, target) :]:
        if name in kept and each.move:
            continue
        if name in kept:
            yield each.detach, {"rule": name}, f"take {name} out of {each.option} to put it in its place", False
        emptied = f" again, which the change of {each.reset_by} empties" if each.option in again else ""
        yield each.assign, {"rule": name}, f"assign {name} to {each.option}{emptied}", False
    for name, place in _moves(rest, target) if each.move else ():
        parameters = {each.move: name, f"{each.move}pos": str(place)}
        yield "modvs", parameters, f"move {name} to place {place} of {each.option}", False
    if wanted and not had:
        yield each.assign, {"rule": BUILT_IN}, f"assign {BUILT_IN} to {each.option}", False
    for name in rest:
        if name not in target:
            yield each.detach, {"rule": name}, f"take {name} out of {each.option}", False
    if had and not wanted:
        yield each.detach, {"rule": BUILT_IN}, f"take {BUILT_IN} out of {each.option}", False


def _in_order(present: Sequence[str], target: Sequence[str]) -> int:
    """Return the length of the longest beginning of a list that is in order already; the rest is assigned after it."""
    length = 0
    for name in present:
        if length < len(target) and name == target[length]:
            length += 1
    return length


def _moves(present: Sequence[str], target: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the fewest moves that bring a list into order to which the new rules have just been added, in their order.

    Each is a rule and its place from then on, counted from 1.
    """
    new = [name for name in target if name not in present]
    rules = [*present, *new]
    place = {name: number for number, name in enumerate(target)}
    staying = set(_longest_rising([name for name in rules if name in place], place))
    for number, name in enumerate(target):
        if name not in staying:
            rules.remove(name)
            rules.insert(rules.index(target[number - 1]) + 1 if number else 0, name)
            yield name, rules.index(name) + 1


def _longest_rising(names: Sequence[str], place: Mapping[str, int]) -> list[str]:
    """Return a longest increasing subsequence of names, by place."""
    best: list[list[str]] = []
    for name in names:
        before = [chain for chain in best if place[chain[-1]] < place[name]]
        best.append([*max(before, key=len, default=[]), name])
    return max(best, key=len, default=[])


def holders_in(document: Document) -> list[Holder]:
    """Return the objects of a document that can have rule lists."""
    # Duck-typed: their classes are in higher rooms
    return [cast(Holder, wanted) for wanted in document if hasattr(wanted, "holds")]


def is_taken_out(rule: str, place: Assignment, world: World, document: Document) -> bool:
    """Return whether a document takes a rule out of the list where it is, or removes what has the list."""

    def takes_out(wanted: Holder) -> bool:
        unsaid = () if wanted.terms.replace else (rule,)
        kept = rule in wanted.rules.get(place.rule_list.option, unsaid)
        return wanted.removes(place, world, document) or (not kept and wanted.holds(place, world, document))

    return any(map(takes_out, holders_in(document)))


def is_left_alone(place: Assignment, world: World, document: Document) -> bool:
    """Return whether a document leaves a list as it is, and what has it."""

    def changes(wanted: Holder) -> bool:
        said = wanted.terms.replace or place.rule_list.option in wanted.rules
        return wanted.removes(place, world, document) or (said and wanted.holds(place, world, document))

    return not any(map(changes, holders_in(document)))


def assignments(services: Services, rule: str) -> Iterator[Assignment]:
    """Yield where a rule is assigned."""
    for service in services:
        for each in OF_SERVICES:
            if rule in (service.record.get(each.reported) or []):
                yield Assignment(service, each)
        if rule in (service.slot.get(CONTENT_RULES.reported) or []):
            yield Assignment(service, CONTENT_RULES)
        for server in service.servers:
            if rule in (server.get(CONTENT_RULES.reported) or []):
                yield Assignment(service, CONTENT_RULES, server)


def holders(services: Services, rule: str) -> list[str]:
    """Return where a rule is assigned, in words."""
    return [str(place) for place in assignments(services, rule)]
