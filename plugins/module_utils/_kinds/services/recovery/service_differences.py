# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Differences of services between two readings, as sentences. Pure.

Left out is what means nothing by itself: status, counts, and the numbers that the appliance gives as it likes.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    server_table,
    service_table,
    sub_virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.differences import come_and_gone, plain, said
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service, Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World

Record = Mapping[str, Any]

# Numbers, statuses, and what other members say too; "Name" is that of a slot.
_LEFT_OUT = frozenset(
    {"Status", "Index", "VSIndex", "RsIndex", "MasterVS", "MasterVSID", "NumberOfRSs", "IsTransparent"}
)
_LEFT_OUT |= {"Rs", "SubVS", "Name", "Nrules", "NRules", "NRequestRules", "NResponseRules"}
_LEFT_OUT |= {"NMatchBodyRules", "NPreProcessRules"}
_LISTS = {each.reported: each.option for each in (*rule_lists.OF_SERVICES, rule_lists.CONTENT_RULES)}


def differences(before: World, after: World) -> Iterator[str]:
    """Yield the differences of services between two readings."""
    if LIST_SERVICES in before.answers.keys() & after.answers.keys():
        yield from _services(before.services, after.services)


def _services(before: Services, after: Services) -> Iterator[str]:
    was, now = ({each.ref: each for each in services if each.parent is None} for services in (before, after))
    yield from come_and_gone({ref: label(ref) for ref in was}, {ref: label(ref) for ref in now})
    for ref in was.keys() & now.keys():
        subject = label(ref, was[ref].nickname)
        yield from _changed(
            subject, _without_numbers(was[ref], before), _without_numbers(now[ref], after), service_table.TABLE
        )
        yield from _servers(subject, was[ref], now[ref], before, after)
        yield from _subs(subject, _by_name(was[ref], before), _by_name(now[ref], after), before, after)


def _without_numbers(service: Service, services: Services) -> Record:
    """Return the record of a service in which the one that it follows is named by its place.

    The rules of its servers, which firmware from 7.2.58 on lists here, too, are reported with the servers.
    """
    followed = services.by_index(str(service.record.get("FollowVSID", "0")))
    own = {name: value for name, value in service.record.items() if name != "MatchRules"}
    return {**own, "FollowVSID": str(followed.ref) if followed else ""}


def _by_name(parent: Service, services: Services) -> dict[tuple[str, int], Service]:
    """Return the SubVSs of a service by their names, and by which of the same name they are."""
    named: dict[tuple[str, int], Service] = {}
    for sub in services.subs(parent):
        alike = sum(1 for name, _number in named if name == sub.nickname)
        named[sub.nickname, alike] = sub
    return named


def _subs(
    parent: str,
    was: Mapping[tuple[str, int], Service],
    now: Mapping[tuple[str, int], Service],
    before: Services,
    after: Services,
) -> Iterator[str]:
    subjects = {key: label(sub.ref) for key, sub in was.items()}
    yield from come_and_gone(subjects, {key: label(sub.ref) for key, sub in now.items()})
    for key in was.keys() & now.keys():
        table = Table([*sub_virtual_service.SLOT_TABLE.fields, *sub_virtual_service.TABLE.fields])
        old, new = (
            {**_without_numbers(sub, services), **_followed(sub.slot, services)}
            for sub, services in ((was[key], before), (now[key], after))
        )
        yield from _changed(subjects[key], old, new, table)
        yield from _servers(subjects[key], was[key], now[key], before, after)
    yield from _order(f"the SubVSs of {parent}", [name for name, _n in was], [name for name, _n in now])


def _servers(subject: str, was: Service, now: Service, before: Services, after: Services) -> Iterator[str]:
    old, new = ({server_table.key(record): record for record in each.servers} for each in (was, now))
    names = [{key: f"real server {endpoint(*key)} of {subject}" for key in records} for records in (old, new)]
    yield from come_and_gone(*names)
    for key in old.keys() & new.keys():
        yield from _changed(names[0][key], _followed(old[key], before), _followed(new[key], after), server_table.TABLE)
    yield from _order(f"the real servers of {subject}", [endpoint(*k) for k in old], [endpoint(*k) for k in new])


def _followed(record: Record, services: Services) -> Record:
    """Return the record of a server or slot in which the one that it follows is named by its place."""
    number = str(record.get("Follow", "0"))
    for service in services if number not in ("", "0") else ():
        for other in service.servers:
            if str(other.get("RsIndex")) == number:
                return {**record, "Follow": endpoint(*server_table.key(other))}
    return record


def _order(what: str, was: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Report a changed order of what both have."""
    if sorted(was) == sorted(now) and list(was) != list(now):
        yield f"{what} come in another order: it was {', '.join(was)}"


def _changed(subject: str, was: Record, now: Record, table: Table) -> Iterator[str]:
    rows = {row.member: row for row in table.fields if not row.write_only}
    differing = {}
    for member in sorted((was.keys() | now.keys()) - _LEFT_OUT):
        if plain(was.get(member)) == plain(now.get(member)):
            continue
        row = rows.get(member)
        if row is None:
            differing[_LISTS.get(member, member)] = was.get(member)
        else:
            differing[row.option] = row.shown(row.kind.read(was.get(member)))
    yield from said(subject, differing)
