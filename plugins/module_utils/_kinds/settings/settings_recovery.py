# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Recovery of settings: former state, differences, traces. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import (
    SUBJECT,
    Settings,
    describe,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import (
    HEALTH_TABLE,
    SYSLOG_LEVELS,
    TABLE,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.differences import plain, said
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Attempt, Recovery
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import (
    ALL_PARAMETERS,
    HEALTH,
    PARAMETER,
    World,
)


def _former(wanted: Settings, attempt: Attempt) -> list[Desired]:
    state = describe(attempt.before)
    options = dict.fromkeys(wanted.options)
    if not options.keys().isdisjoint(SYSLOG_LEVELS):
        options |= dict.fromkeys(SYSLOG_LEVELS)  # a host that comes into one leaves another
    # The appliance raises the interval with the others.
    health = {row.option: state[row.option] for row in HEALTH_TABLE.fields if wanted.health}
    parameters = {name: attempt.before.parameters.get(name.lower(), "") for name in wanted.parameters}
    known = {option: state[option] for option in options if option in state}
    return [Settings(known, health, parameters, allow_lockout=True)]


def _unreadable(wanted: Settings, attempt: Attempt) -> Iterator[str]:
    state = describe(attempt.before)
    sent = {step.parameters.get("param") for step in attempt.sent}
    for name in wanted.options:
        if name not in state and TABLE.by_option[name].api in sent:
            yield f"{SUBJECT}: {name} cannot be read"


def _differences(before: World, after: World) -> Iterator[str]:
    both = before.answers.keys() & after.answers.keys()
    for name in sorted(both):
        command, _colon, parameter = name.partition(":")
        if command == PARAMETER:
            yield from _parameter(parameter, before, after)
    if not {ALL_PARAMETERS, HEALTH} & both:
        return
    was, now = describe(before), describe(after)
    rows: list[Field] = []
    if ALL_PARAMETERS in both:
        rows += [row for row in TABLE.fields if row.option in was]
    if HEALTH in both:
        rows += HEALTH_TABLE.fields
    changed = [row for row in rows if was[row.option] != now[row.option]]
    yield from said(SUBJECT, {row.option: row.shown(was[row.option]) for row in changed})


def _parameter(name: str, before: World, after: World) -> Iterator[str]:
    was, now = (world.parameters.get(name.lower()) for world in (before, after))
    known = any(row.member.lower() == name.lower() for row in TABLE.fields)
    if plain(was) != plain(now) and not known:
        yield from said(SUBJECT, {name: was})


def _traces(world: World) -> Mapping[str, Any] | None:
    return {SUBJECT: describe(world)} if ALL_PARAMETERS in world.answers else None


RECOVERY = Recovery(former=_former, differences=_differences, unreadable=_unreadable, traces=_traces)
