# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Content rules: the six types with their fields, and how one is created, changed and removed. Pure.

The appliance replaces a rule as a whole: what a change does not send goes back to its default. So the whole rule is
always sent.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import STATE, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Choice, Flag, Integer, Text
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.rule_lists import (
    BUILT_IN,
    assignments,
    holders,
    is_taken_out,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import USUAL, Document, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import OTHER_OBJECTS, ObjectPlan, Step

_LONGEST_PATTERN = 250
_PATTERN = Field(
    "pattern",
    "pattern",
    Text(lasting=True, longest=_LONGEST_PATTERN, tabs=True),
    reported="Pattern",
    label="Rules & Checking > Content Rules > Match String",
    description=(
        "What is looked for. It is a regular expression between slashes, as the LoadMaster takes it, "
        "such as V(/^\\\\/owa.*/) for all URLs that begin with C(/owa). Nothing anchors it but C(^) and "
        "C($). With O(match_type=prefix) and O(match_type=postfix) it is plain text."
    ),
)
_HEADER = Field(
    "header",
    "header",
    Text(lasting=True),
    reported="Header",
    label="Rules & Checking > Content Rules > Header Field",
    description=(
        "The name of the header, without a colon.",
        "Without it, a rule of the kind V(match_content) matches the URL. C(src-ip) is the address of the "
        "client, C(method) the HTTP method and C(body) the body of the request. An empty string clears "
        "it.",
    ),
)
_VALUE = Field(
    "value",
    "replacement",
    Text(longest=255, tabs=True),
    reported="Replacement",
    default="unset",
    label="Rules & Checking > Content Rules > Value of Header Field or Modified URL",
    description=(
        "The value of the new header, or the replacement for what O(pattern) matches. An empty string clears it.",
        "With a O(pattern), C(\\1) and so on refer to its groups.",
    ),
)
_FLAGS = (
    Field(
        "only_on_flag",
        "onlyonflag",
        Integer(low=1, high=9, zero=True),
        reported="OnlyOnFlag",
        default="0",
        label="Rules & Checking > Content Rules > Perform If Flag Set",
        description=("The rule applies only if this flag is set; V(0) means no flag. A rule with O(set_flag) sets it."),
    ),
    Field(
        "only_on_no_flag",
        "onlyonnoflag",
        Integer(low=1, high=9, zero=True),
        reported="OnlyOnNoFlag",
        default="0",
        label="Rules & Checking > Content Rules > Perform If Flag is NOT Set",
        description="The rule applies only if this flag is not set; V(0) means no flag.",
    ),
)
_IGNORE_CASE = Field(
    "ignore_case",
    "nocase",
    Flag(),
    reported="CaseIndependent",
    default="false",
    label="Rules & Checking > Content Rules > Ignore Case",
    description="Whether O(pattern) ignores case.",
)


class RuleKind(NamedTuple):
    """A kind of rule: the number and name that the API has for it, and its fields."""

    number: str
    answer: str
    table: Table


KINDS = {
    "match_content": RuleKind(
        "0",
        "MatchContentRule",
        Table(
            [
                _PATTERN,
                Field(
                    "match_type",
                    "matchtype",
                    Choice(words={"regex": "regex", "prefix": "prefix", "postfix": "postfix"}, unset="regex"),
                    reported="MatchType",
                    default="regex",
                    label="Rules & Checking > Content Rules > Match Type",
                    description="How O(pattern) is compared.",
                    choices={
                        "regex": "As a regular expression.",
                        "prefix": "The text must begin with it.",
                        "postfix": "The text must end with it.",
                    },
                ),
                _HEADER._replace(kind=Text(), default="unset"),
                _IGNORE_CASE,
                Field(
                    "negate",
                    "negate",
                    Flag(),
                    reported="Negate",
                    default="false",
                    label="Rules & Checking > Content Rules > Negation",
                    description="Inverts the rule: it matches if O(pattern) is not found.",
                ),
                Field(
                    "include_host",
                    "inchost",
                    Flag(),
                    reported="AddHost",
                    default="false",
                    label="Rules & Checking > Content Rules > Include Host in URL",
                    description="Puts the host in front of the URL before it is compared.",
                ),
                Field(
                    "include_query",
                    "incquery",
                    Flag(),
                    reported="IncludeQuery",
                    default="false",
                    label="Rules & Checking > Content Rules > Include Query in URL",
                    description="Includes the query string of the URL in the comparison.",
                ),
                Field(
                    "fail_on_match",
                    "mustfail",
                    Flag(),
                    reported="MustFail",
                    default="false",
                    label="Rules & Checking > Content Rules > Fail On Match",
                    description="Refuses a request that the rule matches.",
                ),
                Field(
                    "set_flag",
                    "setonmatch",
                    Integer(low=1, high=9, zero=True),
                    reported="SetFlagOnMatch",
                    default="0",
                    label="Rules & Checking > Content Rules > Set Flag If Matched",
                    description=(
                        "The flag to set if the rule matches, for O(only_on_flag) and O(only_on_no_flag) of other rules. "
                        "Flags are numbers from 1 to 9, and last for one request. V(0) means no flag."
                    ),
                ),
                *_FLAGS,
            ]
        ),
    ),
    "add_header": RuleKind(
        "1",
        "AddHeaderRule",
        Table(
            [
                _HEADER,
                _VALUE._replace(reported="HeaderValue"),
                *_FLAGS,
            ]
        ),
    ),
    # To delete a header, the API calls its name a pattern.
    "delete_header": RuleKind(
        "2",
        "DeleteHeaderRule",
        Table(
            [
                _HEADER._replace(api="pattern", kind=Text(lasting=True, longest=_LONGEST_PATTERN), reported="Pattern"),
                *_FLAGS,
            ]
        ),
    ),
    "replace_header": RuleKind(
        "3",
        "ReplaceHeaderRule",
        Table(
            [
                _HEADER,
                _PATTERN,
                _VALUE,
                *_FLAGS,
            ]
        ),
    ),
    "modify_url": RuleKind(
        "4",
        "ModifyURLRule",
        Table(
            [
                _PATTERN,
                _VALUE,
                *_FLAGS,
            ]
        ),
    ),
    "replace_body": RuleKind(
        "5",
        "ReplaceBodyRule",
        Table(
            [
                _PATTERN,
                _VALUE,
                _IGNORE_CASE,
                *_FLAGS,
            ]
        ),
    ),
}

_NAME = Text(lasting=True, longest=127, pattern=r"[A-Za-z0-9_]+", meaning="made of letters, digits and underscores")


def _of_any_kind(row: Field) -> Field:
    """Return a row that takes what any kind of rule takes; which kind it is may be known only from the appliance."""
    return row._replace(kind=Text(tabs=row.kind.tabs)) if isinstance(row.kind, Text) else row


MEMBER = "content_rules"
# Every option of every kind, once.
OPTIONS = {row.option: _of_any_kind(row) for kind in KINDS.values() for row in kind.table.fields}
SHAPE = Shape(
    rows=(
        STATE._replace(
            description=(
                "Whether the rule should exist. V(absent) also removes it from every list; C(steps) and the diff "
                "name these."
            ),
            choices={
                "present": "The rule exists, with the options of the task.",
                "absent": "The rule does not exist.",
            },
        ),
        Field(
            "name",
            "name",
            _NAME,
            label="Rules & Checking > Content Rules > Rule Name",
            description=(
                "The name of the rule. It is made of letters, digits and underscores, at most 127 characters, "
                "and upper and lower case matter.",
                "The rule C(default) is built in: it matches what no other rule does, can be assigned with "
                "O(kemp.loadmaster.real_server#module:content_rules), and can neither be changed nor removed.",
            ),
        ),
        Field(
            "kind",
            "type",
            Choice(words={word: kind.number for word, kind in KINDS.items()}),
            label="Rules & Checking > Content Rules > Rule Type",
            description=(
                "What the rule does, and thus which lists accept it. Without it, the rule must exist and keeps "
                "its kind.",
                "A change of the kind recreates the rule under its name. If it is in a list that does not accept "
                "the new kind, the task names the lists and fails before it changes anything. Remove it from them "
                "first, or in the same document of M(kemp.loadmaster.config).",
            ),
            choices={
                "match_content": (
                    "Matches requests. Such rules choose the real server or SubVS of a request, refuse requests, or "
                    "set flags for other rules."
                ),
                "add_header": "Adds a header.",
                "delete_header": "Deletes a header.",
                "replace_header": "Replaces the value of a header.",
                "modify_url": "Replaces the URL.",
                "replace_body": "Replaces text in the body of an answer.",
            },
        ),
        *OPTIONS.values(),
    ),
    required=("name",),
)


@dataclass(frozen=True)
class ContentRule:
    """A wanted rule. Without a kind it must exist."""

    name: str
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    present: bool = True
    terms: Terms = USUAL

    @classmethod
    def from_options(cls, options: Mapping[str, Any], terms: Terms = USUAL) -> ContentRule:
        """Build it from options that its shape has checked. Raises InvalidOption where they contradict each other."""
        name = options["name"]
        if name == BUILT_IN:
            raise InvalidOption(
                f"content rule {name} is built in and can neither be changed nor "
                "deleted. Name it in content_rules of a real server or SubVS, or give your rule another name."
            )
        given = {option: options[option] for option in OPTIONS if option in options}
        return cls(name, options.get("kind", ""), given, options.get("state", "present") == "present", terms)

    @property
    def subject(self) -> str:
        return f"content rule {self.name}"

    def keys(self) -> tuple[Hashable, ...]:
        return (self.name,)

    def reads(self) -> frozenset[str]:
        return frozenset({LIST_RULES} if self.present else {LIST_RULES, LIST_SERVICES})

    def found(self, world: World) -> dict[str, Any]:
        kind, state = find(world, self.name)
        return {"name": self.name, "kind": kind, **state} if kind else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        present_kind, state = find(world, self.name)
        if not self.present:
            return self._removal(subject, present_kind, state, world)
        kind = self.kind or present_kind
        if not kind:
            raise InvalidOption(f"There is no {subject}. To create it, set kind.")
        table = KINDS[kind].table
        strangers = [option for option in self.options if option not in table.by_option]
        if strangers:
            raise InvalidOption(
                f"{subject}: a rule of the kind {kind} has no {strangers[0]}; it has {', '.join(table.by_option)}."
            )
        fresh = {row.option: row.kind.unset for row in table.fields}
        wanted = {**(fresh if self.terms.replace else {}), **self._canonical(table)}
        basis = state if kind == present_kind else fresh
        whole = {**basis, **wanted}
        self._check_complete(subject, kind, whole)
        if kind == present_kind and not table.changes(wanted, state):
            return ObjectPlan(subject)
        parameters = {"name": self.name, "type": KINDS[kind].number, **table.parameters(whole)}
        if not present_kind:
            step = Step("addrule", parameters, subject, "create it", ranks.RULE, creates=True)
            return ObjectPlan(subject, (step,), after={"name": self.name, "kind": kind, **wanted})
        changes = table.changes(wanted, basis)
        reasons = [str(change) for change in changes]
        if kind != present_kind:
            reasons.insert(0, f"change kind from {present_kind} to {kind}")
            self._check_unassigned(subject, present_kind, kind, world, document)
        step = Step("modrule", parameters, subject, "; ".join(reasons), ranks.RULE, reaches=OTHER_OBJECTS)
        before = (
            {change.field.option: change.before for change in changes}
            if kind == present_kind
            else {"kind": present_kind, **state}
        )
        after = (
            {change.field.option: change.after for change in changes}
            if kind == present_kind
            else {"kind": kind, **whole}
        )
        return ObjectPlan(subject, (step,), before, after)

    def _check_unassigned(self, subject: str, before: str, after: str, world: World, document: Document) -> None:
        """Refuse to change the kind of a rule that stays in a list which does not accept the new kind."""
        world.answer(LIST_SERVICES)
        places = [
            str(place)
            for place in assignments(world.services, self.name)
            if after not in place.rule_list.kinds and not is_taken_out(self.name, place, world, document)
        ]
        if places:
            raise InvalidOption(
                f"{subject} cannot change from {before} to {after}, since it is in {'; '.join(places)}, where that "
                "kind has no effect. Remove it there first, or create the new rule under another name."
            )

    def _canonical(self, table: Table) -> dict[str, Any]:
        wanted, problems = {}, []
        for option, value in self.options.items():
            try:
                wanted[option] = table.by_option[option].canonical(value)
            except ValueError as problem:
                problems.append(Problem("", f"{self.subject}: {problem}"))
        if problems:
            raise InvalidOption.from_problems(problems)
        return wanted

    def _removal(self, subject: str, kind: str, state: Mapping[str, Any], world: World) -> ObjectPlan:
        if not kind:
            return ObjectPlan(subject)
        places = holders(world.services, self.name)
        reason = "remove it" + (f", and so from {'; '.join(places)}" if places else "")
        step = Step("delrule", {"name": self.name}, subject, reason, ranks.RULE_REMOVE, reaches=OTHER_OBJECTS)
        return ObjectPlan(
            subject, (step,), before={"kind": kind, **state, **({"assigned_to": places} if places else {})}
        )

    @staticmethod
    def _check_complete(subject: str, kind: str, whole: Mapping[str, Any]) -> None:
        for row in KINDS[kind].table.fields:
            if isinstance(row.kind, Text) and row.kind.lasting and not whole[row.option]:
                raise InvalidOption(f"{subject}: a rule of the kind {kind} needs {row.option}.")


def find(world: World, name: str) -> tuple[str, dict[str, Any]]:
    """Return kind and fields of a rule that was read; empty if there is none of that name."""
    listing = world.answer(LIST_RULES)
    for word, kind in KINDS.items():
        for record in listing.get(kind.answer) or []:
            if record.get("Name") == name:
                return word, dict(kind.table.read(record))
    return "", {}


def all_rules(world: World) -> list[dict[str, Any]]:
    """Return all rules that were read, in Ansible's words. The built-in one, which has no fields, is none of them."""
    listing = world.answer(LIST_RULES)
    return [
        {"name": record.get("Name"), "kind": word, **kind.table.read(record)}
        for word, kind in KINDS.items()
        for record in listing.get(kind.answer) or []
        if record.get("Name") != BUILT_IN
    ]


def entry(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule that was read as an entry of a document."""
    table = KINDS[rule["kind"]].table
    fresh = {row.option: row.kind.unset for row in table.fields}
    return {"name": rule["name"], "kind": rule["kind"], **table.departing(rule, fresh)}


def kinds_in(world: World, document: Document) -> Callable[[str, bool], str | None]:
    """Return what tells the kind that a rule has once a document is carried out; empty where there will be no such rule.

    Of one that is ``assigned`` already, and of which the document says nothing, no one has to know: where the rules were
    not read, it returns None.
    """

    def kind_of(name: str, assigned: bool) -> str | None:
        wanted = document.find(ContentRule, name)
        if wanted is None and assigned:
            return (find(world, name)[0] or None) if LIST_RULES in world.answers else None
        if wanted is not None and not wanted.present:
            return ""
        found = (wanted.kind if wanted else "") or find(world, name)[0]
        return None if not found and (MEMBER, name) in document.expected else found

    return kind_of


def changes_in(world: World, document: Document) -> Callable[[str], bool]:
    """Return what tells whether a document changes the kind of a rule."""

    def changes_kind(name: str) -> bool:
        wanted = document.find(ContentRule, name)
        if wanted is None or not wanted.present or not wanted.kind:
            return False
        return find(world, name)[0] not in ("", wanted.kind)

    return changes_kind
