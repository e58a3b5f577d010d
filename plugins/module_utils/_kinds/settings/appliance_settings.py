# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Settings of the appliance: how they are compared, and the order of writes. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    InvalidOption,
    Problem,
    all_of,
    option,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Change, Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import ALLOW_LOCKOUT, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    FALSE,
    TRUE,
    Choice,
    Flag,
    Integer,
    Items,
    Kind,
    Mapped,
    Text,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import (
    HEALTH_TABLE,
    READ_ALONE,
    READ_ONLY,
    SWITCHES,
    SYSLOG_LEVELS,
    TABLE,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import ALL_PARAMETERS, HEALTH, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step

SUBJECT = "settings"
_MOST_SYSLOG_HOSTS = 10
_ROWS = (
    *TABLE.fields,
    *HEALTH_TABLE.fields,
    Field(
        "parameters",
        "",
        Mapped(),
        description=(
            "Further parameters of the API command C(set), by their API names, for settings without an "
            "option. A value is a text, a number, a boolean or a list.",
            "They are compared with what the LoadMaster reports. All words for yes and no are equal, and so "
            "are lists separated by commas or spaces. Parameters with an option and read-only parameters are "
            "refused.",
            "Parameters are not masked in results, so do not set secrets here. Those that change high "
            "availability or the certificate of the WUI require O(allow_lockout=true).",
            "API command C(set).",
        ),
    ),
    Field(
        "update_secrets",
        "",
        Choice(words={"on_change": "", "always": ""}),
        preset="on_change",
        description=(
            "When to send secrets such as O(email_password). The LoadMaster never reports them, so they "
            "cannot be compared."
        ),
        choices={
            "on_change": ("If another setting of the same section changes. So the second run changes nothing."),
            "always": "In every run. Use it once, to send a new secret.",
        },
    ),
)

# Those in a document, and those by themselves.
ENTRY = Shape(_ROWS)
SHAPE = Shape(
    (
        *_ROWS,
        ALLOW_LOCKOUT._replace(
            description=(
                "Allows settings that can cut off the connection of this task. They are sent last.",
                "If the LoadMaster no longer answers after the last of them, the task succeeds with a warning, "
                "since it cannot read the settings back.",
            )
        ),
    )
)


@dataclass(frozen=True)
class Settings:
    """The settings from the user; all others stay unchanged. ``parameters`` are rows made from a map."""

    options: Mapping[str, Any] = field(default_factory=dict)
    health: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    allow_lockout: bool = False
    update_secrets: str = "on_change"

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Settings:
        """Build it from options that its shape has checked. Raises InvalidOption where they contradict each other."""
        parameters = dict(options.get("parameters") or {})
        for name in parameters:
            _check_name(name)
        return cls(
            TABLE.given(options),
            HEALTH_TABLE.given(options),
            parameters,
            bool(options.get("allow_lockout")),
            options.get("update_secrets", "on_change"),
        )

    @property
    def subject(self) -> str:
        return SUBJECT

    def keys(self) -> tuple[Hashable, ...]:
        return (SUBJECT,)

    def reads(self) -> frozenset[str]:
        reads = set()
        if self.options or self.parameters:
            reads.add(ALL_PARAMETERS)
        if self.health:
            reads.add(HEALTH)
        alone = {TABLE.by_option[option].api for option in self.options} & READ_ALONE
        return frozenset(reads | {f"get:{name}" for name in alone} | {f"get:{name}" for name in self.parameters})

    def found(self, world: World) -> dict[str, Any]:
        state = describe(world)
        named = {option: state[option] for option in (*self.options, *self.health) if option in state}
        if self.parameters:
            named["parameters"] = {name: world.parameters.get(name.lower(), "") for name in self.parameters}
        return _masked(named)

    def plan(self, world: World, document: Document) -> ObjectPlan:
        state = describe(world)
        changes = TABLE.changes(self.options, state)
        changes += self._secrets(changes)
        changes += self._parameter_changes(world)
        health = HEALTH_TABLE.changes(self.health, state)
        all_of(
            lambda: self._check_firmware(world),
            lambda: self._check_danger(changes),
            lambda: self._check_syslog(state),
            lambda: self._check_health(state),
        )
        steps = [*self._syslog_moves(changes, state), *map(_step, _ordered(changes)), *_health_steps(health)]
        everything = [*changes, *health]
        before = {c.field.option: c.field.shown(c.before) for c in everything if not c.field.write_only}
        after = {c.field.option: c.field.shown(c.after) for c in everything}
        return ObjectPlan(SUBJECT, tuple(steps), before, after)

    def _secrets(self, changes: Sequence[Change]) -> list[Change]:
        """Return the secrets to send. They cannot be compared, so they go along when their section changes, or always."""
        sections = {change.field.section for change in changes}
        always = self.update_secrets == "always"
        return [
            Change(row, None, self.options[row.option])
            for row in TABLE.fields
            if row.write_only and row.option in self.options and (always or row.section in sections)
        ]

    def _parameter_changes(self, world: World) -> list[Change]:
        changes = []
        for name, value in self.parameters.items():
            raw = world.parameters.get(name.lower())
            row = Field(name, name, _kind_of(value, raw), danger=_danger_of(name))
            wanted = _canonical(row, value)
            before = row.kind.read(raw)
            if wanted != before:
                changes.append(Change(row, before, wanted))
        return changes

    def _check_danger(self, changes: Sequence[Change]) -> None:
        dangerous = [change for change in changes if _is_dangerous(change)]
        if dangerous and not self.allow_lockout:
            raise InvalidOption.from_problems(
                [
                    Problem(
                        "",
                        f"{SUBJECT}: {change} can cut off this very connection: {change.field.danger}. If that is meant, set {option('allow_lockout')}.",
                    )
                    for change in dangerous
                ]
            )

    def _check_firmware(self, world: World) -> None:
        """Refuse what the firmware does not know: by what is on record, and of numbers and switches by what getall lacks."""
        read = world.parameters

        def reports(member: str) -> bool:
            return member.lower() in read

        def absent() -> None:
            rows = [
                TABLE.by_option[o] for o, value in self.options.items() if not TABLE.by_option[o].kind.is_unset(value)
            ]
            always = [row for row in rows if isinstance(row.kind, (Flag, Integer)) and row.api not in READ_ALONE]
            lacking = [row for row in always if not row.since and not reports(row.member)]
            if lacking and world.firmware:
                raise InvalidOption.from_problems(
                    [Problem("", f"{SUBJECT}: {row.unknown_to(world.firmware)}") for row in lacking]
                )

        all_of(lambda: TABLE.check_firmware(self.options, reports, lambda: world.firmware, SUBJECT), absent)

    def _check_syslog(self, state: Mapping[str, Any]) -> None:
        level_of: dict[str, str] = {}
        for level in SYSLOG_LEVELS:
            for host in self.options.get(level) or []:
                if host in level_of:
                    raise InvalidOption(
                        f"{SUBJECT}: {host} is in {level_of[host]} and in {level}, but a host can be in one level only; each level also gets "
                        "everything that is more severe."
                    )
                level_of[host] = level
        if not level_of:
            return
        kept = {host for level in SYSLOG_LEVELS if level not in self.options for host in state[level]} - set(level_of)
        if len(kept) + len(level_of) > _MOST_SYSLOG_HOSTS:
            raise InvalidOption(
                f"{SUBJECT}: {len(kept) + len(level_of)} syslog hosts are too many, the LoadMaster takes {_MOST_SYSLOG_HOSTS}."
            )

    def _syslog_moves(self, changes: Sequence[Change], state: Mapping[str, Any]) -> list[Step]:
        """Return the step that removes hosts from their old level before they get a new one."""
        changed = {change.field.option: change.after for change in changes}
        moved = sorted(
            host
            for level in SYSLOG_LEVELS
            for host in changed.get(level, [])
            if any(host in state[other] for other in SYSLOG_LEVELS if other != level)
        )
        if not moved:
            return []
        reason = f"take {', '.join(moved)} out of the syslog level where they are"
        return [Step("set", {"param": "syslognone", "value": ",".join(moved)}, SUBJECT, reason, ranks.SETTING)]

    def _check_health(self, state: Mapping[str, Any]) -> None:
        if not self.health:
            return
        merged = {**state, **self.health}
        shortest = merged["health_check_timeout"] * merged["health_check_retries"] + 1
        interval = self.health.get("health_check_interval")
        if interval is not None and interval < shortest:
            raise InvalidOption(
                f"{SUBJECT}: health_check_interval is {interval}, but with a time-out of {merged['health_check_timeout']} seconds and "
                f"{merged['health_check_retries']} attempts it must be at least {shortest}."
            )


def describe(world: World) -> dict[str, Any]:
    """Return all settings as they were read, in Ansible's words. Secrets that the appliance masks are left out."""
    folded = {
        row.option: row.kind.read(world.parameters.get(row.member.lower()))
        for row in TABLE.fields
        if not row.write_only
    }
    return {**folded, **HEALTH_TABLE.read(world.health)}


def entry(world: World) -> dict[str, Any]:
    """Return all settings as a document has them, without secrets and without what is unset and cannot be unset again."""
    state = describe(world)
    rows = [row for row in (*TABLE.fields, *HEALTH_TABLE.fields) if not row.secret]
    return {row.option: state[row.option] for row in rows if _can_be_said(row, state[row.option])}


def staying(given: Mapping[str, Any], world: World) -> dict[str, Any]:
    """Return the settings that an appliance keeps though a document says all others: those that cannot be unset again.

    Of a document that leaves out more than these, nothing is known: it does not mean to say all.
    """
    rows = {row.option: row for row in (*TABLE.fields, *HEALTH_TABLE.fields)}
    left_out = {option: value for option, value in entry(world).items() if option not in given}
    return {} if any(rows[option].kind.takes(rows[option].kind.unset) for option in left_out) else left_out


def _can_be_said(row: Field, value: Any) -> bool:
    """Return whether an option can have a value and still has it once the appliance has stored it."""
    return row.kind.takes(value) and bool(row.canonical(value) == value)


def _masked(state: Mapping[str, Any]) -> dict[str, Any]:
    return {
        option: TABLE.by_option[option].shown(value) if option in TABLE.by_option else value
        for option, value in state.items()
    }


def _ordered(changes: Sequence[Change]) -> list[Change]:
    """Return the changes in the order in which they are safe.

    A switch goes on before and off after the rest of its section. Secrets go before the last other change of their
    section: as long as they were not sent, the next run still finds a difference and sends them.
    """

    def position(change: Change) -> int:
        if change.field.option not in SWITCHES:
            return 1
        return 0 if change.after else 2

    plain = sorted((c for c in changes if not c.field.write_only), key=position)
    ordered = list(plain)
    for secret in (c for c in changes if c.field.write_only):
        places = [
            number
            for number, c in enumerate(ordered)
            if c.field.section == secret.field.section and not c.field.write_only
        ]
        ordered.insert(places[-1] if places else len(ordered), secret)
    return ordered


def _step(change: Change) -> Step:
    row = change.field
    rank = ranks.SETTING_REFERRING if row.refers else ranks.SETTING
    rank = ranks.SETTING_DANGEROUS if _is_dangerous(change) else rank
    hidden = frozenset({"value"}) if row.secret else frozenset()
    return Step(
        "set",
        {"param": row.api, "value": row.kind.send(change.after)},
        SUBJECT,
        str(change),
        rank,
        hidden,
        row.write_only,
    )


def _health_steps(changes: Sequence[Change]) -> list[Step]:
    steps = []
    for group in (
        [c for c in changes if c.field.api != "RetryInterval"],
        [c for c in changes if c.field.api == "RetryInterval"],
    ):
        if group:
            parameters = {c.field.api: c.field.kind.send(c.after) for c in group}
            steps.append(Step("modhealth", parameters, SUBJECT, "; ".join(map(str, group)), ranks.SETTING))
    return steps


def _is_dangerous(change: Change) -> bool:
    return bool(change.field.danger) and change.after not in change.field.safe


def _row_of(name: str) -> Field | None:
    return next((row for row in TABLE.fields if row.api.lower() == name.lower()), None)


def _check_name(name: str) -> None:
    row = _row_of(name)
    if row is not None:
        raise InvalidOption(f"{SUBJECT}: the parameter {name} has an option of its own, {row.option}.")
    if name.lower() in READ_ONLY:
        raise InvalidOption(f"{SUBJECT}: the parameter {name} can only be read.")


def _danger_of(name: str) -> str:
    return (
        "it takes effect on who reaches the LoadMaster, and how"
        if name.lower() in ("hamode", "havhid", "haif", "admincert")
        else ""
    )


def _canonical(row: Field, value: Any) -> Any:
    try:
        return row.canonical(value)
    except ValueError as problem:
        raise InvalidOption(f"{SUBJECT}: {problem}") from None


def _kind_of(value: Any, raw: Any) -> Kind:
    """Return the kind of a parameter that no row knows, from what the user gave and what the appliance reports."""
    if isinstance(value, bool):
        return Flag(words=("no", "yes"))
    if isinstance(value, list) or isinstance(raw, list):
        return Items(ordered=True, joint=",")
    word, reported = str(value).strip().lower(), str(raw or "").strip().lower()
    if word in TRUE | FALSE and reported in {"y", "n", "yes", "no"}:
        return Flag(words=("no", "yes"))
    return Integer(low=-(2**31)) if isinstance(value, int) else Text(longest=16384, lines=True)
