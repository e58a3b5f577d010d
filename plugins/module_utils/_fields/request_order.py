# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which requests set the fields of an object, and in which order. Pure.

Virtual services and SubVSs share it; the rules are in the rows.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import (
    FIRST,
    LAST,
    MAIN,
    RELEASE,
    Change,
    Merged,
    Table,
)


class Request(NamedTuple):
    """One request: the values that it sends by option, why, and whether it has to wait for the rest of the task."""

    values: Mapping[str, Any]
    reason: str
    last: bool = False


def to_change(table: Table, options: Mapping[str, Any], state: Mapping[str, Any]) -> tuple[list[Request], list[Change]]:
    """Return the requests that change a state to the options, and the changes."""
    state = table.known(state)
    placed, lost = _by_request(table, options, state)
    requests = []
    for where in (FIRST, RELEASE, MAIN, LAST):
        for group in _groups([change for request, change in placed if request == where], where):
            wanted = {} if where == RELEASE else options
            requests.append(_request(table, group, wanted, state, last=where == LAST))
    became = [Change(change.field, state[change.field.option], change.after) for _where, change in placed]
    return requests, [*(change for change in became if change.after != change.before), *lost]


def to_create(table: Table, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[Request]]:
    """Return the parameters of the request that creates an object, and the requests that follow it."""
    later = _later(table, options)
    at_once = {option: value for option, value in options.items() if option not in later}
    requests = []
    for where in (MAIN, LAST):
        rows = [table.by_option[option] for option in later if table.by_option[option].request == where]
        if rows:
            changes = [Change(row, None, options[row.option]) for row in rows]
            requests.append(_request(table, changes, options, {}, last=where == LAST))
    return at_once, requests


def _later(table: Table, options: Mapping[str, Any]) -> list[str]:
    """Return the options that cannot be part of the creation, since the type would reset them."""
    later: list[str] = []
    for row in table.fields:
        waits = row.request == LAST or row.reset_by in options or any(need.option in later for need in row.needs)
        if waits and row.option in options:
            later.append(row.option)
    return later


def _by_request(
    table: Table, options: Mapping[str, Any], state: Mapping[str, Any]
) -> tuple[list[tuple[int, Change]], list[Change]]:
    """Return the changes, each with its request, and the values that are lost."""
    merged = Merged(options, state)
    differing = {change.field.option for change in table.changes(options, state)}
    ends = _ending(table, merged, state)
    if not differing and not ends:
        return [], []
    ended = [change.field.option for change in ends]
    placed = [(RELEASE, change) for change in ends]
    reset = [row for row in table.fields if row.reset_by in differing]
    for change in table.changes(options, Merged({row.option: row.kind.unset for row in reset}, state)):
        row, request = change.field, change.field.request
        if row.option in ended:
            continue
        if _lets_go(change):
            counts = all(need.met(merged) for need in row.needs)
            if not counts and not all(need.met(state) for need in row.needs):
                continue  # clearing a field without effect: the appliance would ignore it
            request = RELEASE if row.released or not counts else request
        placed.append((request, change))
    lost = []
    for row in reset:
        before = state[row.option]
        if row.option in options or row.kind.is_unset(before):
            continue
        if all(need.met(merged) for need in row.needs):
            placed.append((row.request, Change(row, row.kind.unset, before, back=True)))
        else:
            lost.append(Change(row, before, row.kind.unset))
    return placed, lost


def _ending(table: Table, merged: Mapping[str, Any], state: Mapping[str, Any]) -> list[Change]:
    """Return the fields to clear because what they depend on is removed."""
    return [
        Change(row, state[row.option], row.kind.unset)
        for row in table.ending
        if any(need.met(state) and not need.met(merged) for need in row.ends_with)
        and all(need.met(state) for need in row.needs)
        and not row.kind.is_unset(state[row.option])
    ]


def _lets_go(change: Change) -> bool:
    """Return whether a change clears or lowers a value."""
    lower = isinstance(change.after, int) and isinstance(change.before, int) and change.after < change.before
    return lower or change.field.kind.is_unset(change.after)


def _groups(changes: list[Change], request: int) -> Iterator[list[Change]]:
    """Yield the changes of a request as one call; a field that depends on another cleared one gets an earlier call."""
    going = {change.field.option for change in changes} if request == RELEASE else set()
    first = [change for change in changes if any(need.option in going for need in change.field.needs)]
    for group in (first, [change for change in changes if change not in first]):
        if group:
            yield group


def _request(
    table: Table, changes: list[Change], options: Mapping[str, Any], state: Mapping[str, Any], *, last: bool
) -> Request:
    """Return a request for some changes with what has to go along.

    ``options`` are those that the request may take values from: none while something is let go, since what it depends
    on still has its old value then.
    """
    values = {change.field.option: change.after for change in changes}
    merged = Merged(options, state)
    for change in changes:
        prerequisites = {need.option for need in change.field.needs}
        for option in change.field.along:
            value = options.get(option, state.get(option) if option in prerequisites else None)
            if value is not None and all(need.met(merged) for need in table.by_option[option].needs):
                values.setdefault(option, value)
    return Request(values, "; ".join(str(change) for change in changes), last)
