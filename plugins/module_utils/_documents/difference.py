# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What differs between two readings of an appliance, in sentences: all that it answers, with or without an option. Pure.

Left out is what means nothing by itself: status, counts, and the numbers that the appliance gives as it likes.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate, pem
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule, rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    real_server,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import base
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import (
    Service,
    Services,
    label,
)

Record = Mapping[str, Any]

# Numbers, statuses, and what is told by other members; "Name" is that of a slot.
_LEFT_OUT = frozenset(
    {"Status", "Index", "VSIndex", "RsIndex", "MasterVS", "MasterVSID", "NumberOfRSs", "IsTransparent"}
)
_LEFT_OUT |= {"Rs", "SubVS", "Name", "Nrules", "NRules", "NRequestRules", "NResponseRules"}
_LEFT_OUT |= {"NMatchBodyRules", "NPreProcessRules"}
_LISTS = {each.reported: each.option for each in (*rule_lists.OF_SERVICES, rule_lists.CONTENT_RULES)}
_LONGEST = 80


def differences(before: World, after: World) -> list[str]:
    """Return what of a reading is not as it was, as far as both were read."""
    both = before.answers.keys() & after.answers.keys()
    found: list[str] = []
    if base.LIST_SERVICES in both:
        found += _services(before.services, after.services)
    if base.LIST_RULES in both:
        found += _rules(before, after)
    for name in sorted(both):
        command, _colon, argument = name.partition(":")
        if argument:
            found += _SINGLE.get(command, _nothing)(argument, before, after)
    if {base.ALL_PARAMETERS, base.HEALTH} & both:
        found += _settings(before, after, both)
    return found


# --- services -------------------------------------------------------------------------------------------------------------


def _services(before: Services, after: Services) -> Iterator[str]:
    was, now = ({each.ref: each for each in services if each.parent is None} for services in (before, after))
    yield from _come_and_gone({ref: label(ref) for ref in was}, {ref: label(ref) for ref in now})
    for ref in was.keys() & now.keys():
        subject = label(ref, was[ref].nickname)
        yield from _changed(
            subject, _without_numbers(was[ref], before), _without_numbers(now[ref], after), virtual_service.TABLE
        )
        yield from _servers(subject, was[ref], now[ref], before, after)
        yield from _subs(subject, _by_name(was[ref], before), _by_name(now[ref], after), before, after)


def _without_numbers(service: Service, services: Services) -> Record:
    """Return the record of a service in which the one that it follows is named by its place."""
    followed = services.by_index(str(service.record.get("FollowVSID", "0")))
    return {**service.record, "FollowVSID": str(followed.ref) if followed else ""}


def _by_name(parent: Service, services: Services) -> dict[tuple[str, int], Service]:
    """Return the sub services of a service by their names, and by which of the same name they are."""
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
    yield from _come_and_gone(subjects, {key: label(sub.ref) for key, sub in now.items()})
    for key in was.keys() & now.keys():
        table = Table([*sub_virtual_service.SLOT_TABLE.fields, *sub_virtual_service.TABLE.fields])
        old, new = (
            {**_without_numbers(sub, services), **_followed(sub.slot, services)}
            for sub, services in ((was[key], before), (now[key], after))
        )
        yield from _changed(subjects[key], old, new, table)
        yield from _servers(subjects[key], was[key], now[key], before, after)
    yield from _order(f"the sub virtual services of {parent}", [name for name, _n in was], [name for name, _n in now])


def _servers(subject: str, was: Service, now: Service, before: Services, after: Services) -> Iterator[str]:
    old, new = ({real_server.key(record): record for record in each.servers} for each in (was, now))
    names = [{key: f"real server {_place(*key)} of {subject}" for key in records} for records in (old, new)]
    yield from _come_and_gone(*names)
    for key in old.keys() & new.keys():
        yield from _changed(names[0][key], _followed(old[key], before), _followed(new[key], after), real_server.TABLE)
    yield from _order(f"the real servers of {subject}", [_place(*k) for k in old], [_place(*k) for k in new])


def _followed(record: Record, services: Services) -> Record:
    """Return the record of a server or slot in which the one that it follows is named by its place."""
    number = str(record.get("Follow", "0"))
    for service in services if number not in ("", "0") else ():
        for other in service.servers:
            if str(other.get("RsIndex")) == number:
                return {**record, "Follow": _place(*real_server.key(other))}
    return record


def _order(what: str, was: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Say that the order of what is still there is another one."""
    if sorted(was) == sorted(now) and list(was) != list(now):
        yield f"{what} come in another order: it was {', '.join(was)}"


def _place(address: str, port: str) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


# --- everything else ------------------------------------------------------------------------------------------------------


def _rules(before: World, after: World) -> Iterator[str]:
    was, now = ({str(rule["name"]): rule for rule in content_rule.all_rules(world)} for world in (before, after))
    yield from _come_and_gone(*({name: f"content rule {name}" for name in rules} for rules in (was, now)))
    for name in was.keys() & now.keys():
        changed = [
            option for option in was[name].keys() | now[name].keys() if was[name].get(option) != now[name].get(option)
        ]
        yield from _said(f"content rule {name}", {option: was[name].get(option) for option in sorted(changed)})


def _certificate(name: str, before: World, after: World) -> Iterator[str]:
    was, now = (certificate.installed(world, "readcert", name) for world in (before, after))
    if was and was != now:
        yield f"certificate {name}: the key of the one before ({pem.fingerprint(was)}) cannot be read"
    elif now and not was:
        yield f"certificate {name} is there, which was not before"


def _intermediate(name: str, before: World, after: World) -> Iterator[str]:
    was, now = (certificate.installed(world, "readintermediate", name) for world in (before, after))
    if was != now:
        yield f"intermediate certificate {name} is {_other(bool(was), bool(now))}"


def _cipher_set(name: str, before: World, after: World) -> Iterator[str]:
    was, now = (str(world.answers[f"getcipherset:{name}"].get("cipherset") or "") for world in (before, after))
    if was != now:
        yield f"cipher set {name} is {_other(bool(was), bool(now))}"


def _other(was: bool, now: bool) -> str:
    return "another one" if was and now else "missing" if was else "there, which was not before"


def _parameter(name: str, before: World, after: World) -> Iterator[str]:
    was, now = (world.parameters.get(name.lower()) for world in (before, after))
    known = any(row.member.lower() == name.lower() for row in appliance_settings.TABLE.fields)
    if _plain(was) != _plain(now) and not known:
        yield from _said("settings", {name: was})


def _nothing(_name: str, _before: World, _after: World) -> Iterator[str]:
    yield from ()


def _settings(before: World, after: World, read: set[str]) -> Iterator[str]:
    was, now = appliance_settings.describe(before), appliance_settings.describe(after)
    rows: list[Field] = []
    if base.ALL_PARAMETERS in read:
        rows += [row for row in appliance_settings.TABLE.fields if row.option in was]
    if base.HEALTH in read:
        rows += appliance_settings.HEALTH_TABLE.fields
    yield from _said(
        "settings", {row.option: row.shown(was[row.option]) for row in rows if was[row.option] != now[row.option]}
    )


_SINGLE: Mapping[str, Callable[[str, World, World], Iterator[str]]] = {
    "readcert": _certificate,
    "readintermediate": _intermediate,
    "getcipherset": _cipher_set,
    "get": _parameter,
}


# --- in words -------------------------------------------------------------------------------------------------------------


def _come_and_gone(was: Mapping[Any, str], now: Mapping[Any, str]) -> Iterator[str]:
    yield from (f"{subject} is missing" for key, subject in was.items() if key not in now)
    yield from (f"{subject} is there, which was not before" for key, subject in now.items() if key not in was)


def _changed(subject: str, was: Record, now: Record, table: Table) -> Iterator[str]:
    rows = {row.member: row for row in table.fields if not row.write_only}
    differing = {}
    for member in sorted((was.keys() | now.keys()) - _LEFT_OUT):
        if _plain(was.get(member)) == _plain(now.get(member)):
            continue
        row = rows.get(member)
        if row is None:
            differing[_LISTS.get(member, member)] = was.get(member)
        else:
            differing[row.option] = row.shown(row.kind.read(was.get(member)))
    yield from _said(subject, differing)


def _said(subject: str, was: Mapping[str, Any]) -> Iterator[str]:
    if was:
        yield f"{subject} is not as it was: " + ", ".join(f"{name} was {_spoken(value)}" for name, value in was.items())


def _plain(value: Any) -> Any:
    """Return a value in which all ways of being unset are one."""
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value] or ""
    text = str(value if value is not None else "")
    return "" if text in ("0", "N", "False") else text


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value if value is not None else "")
    text = text or "unset"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
