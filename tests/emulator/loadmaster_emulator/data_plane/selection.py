# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which SubVS and which servers a request goes to, as lines of the section that takes it.

Every rule of the lists is looked at in its order, and what it found is kept in variables of the request:
``txn.sub`` for the SubVS, ``txn.of_N`` for a group of servers that have the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from loadmaster_emulator.data_plane import conditions
from loadmaster_emulator.data_plane.words import Inexpressible, described, pool, server
from loadmaster_emulator.model import RealServer, VirtualService
from loadmaster_emulator.rules import BUILT_IN, Rule

_MOST_GROUPS = 4
FAIL = "http-request reject"  # guess: "the connection fails" means that it ends without an answer


@dataclass(frozen=True)
class Choice:
    """A section with servers, and the conditions under which a request may go there."""

    section: str
    condition: str = ""
    servers: list[RealServer] | None = None
    """The servers, where they are fewer than those of the service."""


@dataclass
class Selection:
    """The lines that find out, and the choices in the order in which they are tried, by service."""

    lines: list[str] = field(default_factory=list)
    choices: dict[str, list[Choice]] = field(default_factory=dict)
    """By the name of the section with all the servers of a service."""


def select(vs: VirtualService, rules: dict[str, Rule]) -> Selection:
    """How the requests of a service find their way."""
    found = Selection(lines=_before_all(vs, rules))
    if not vs.slots:
        _among_servers(vs, "", rules, found)
        return found
    enabled = [slot for slot in vs.slots if slot.enable]
    if any(slot.rules for slot in enabled):
        # guess: a SubVS without rules gets nothing while others have some; of several that match, the first gets it
        for slot in enabled:
            name = pool(slot.service)
            for rule in named(slot.rules, rules):
                if rule.values["MustFail"]:
                    found.lines.append(f"{FAIL} if {conditions.matches(rule)}")
                else:
                    unset = "!{ var(txn.sub) -m found }"
                    found.lines.append(
                        f"http-request set-var(txn.sub) str({name}) if {unset} {conditions.matches(rule)}"
                    )
                found.lines += conditions.flag_set(rule)
        # guess: of several with the built-in rule, the first gets what no other rule matches
        found.lines += [
            f"http-request set-var(txn.sub) str({pool(slot.service)}) if !{{ var(txn.sub) -m found }}"
            for slot in enabled
            if BUILT_IN in slot.rules
        ][:1]
    else:
        with_servers = [slot for slot in enabled if slot.service.servers]
        # guess: several without rules share the requests; here chance decides, whatever the scheduling of the service is
        found.lines += [f"http-request set-var(txn.lot) rand({len(with_servers)})"] if with_servers else []
        found.lines += [
            f"http-request set-var(txn.sub) str({pool(slot.service)}) if {{ var(txn.lot) -m int {number} }}"
            for number, slot in enumerate(with_servers)
        ]
    for slot in enabled:
        chosen = f"{{ var(txn.sub) -m str {pool(slot.service)} }}"
        found.lines += _before_all(slot.service, rules, chosen)  # guess: those of a SubVS come when it is chosen
        _among_servers(slot.service, chosen, rules, found)
    return found


def _before_all(vs: VirtualService, rules: dict[str, Rule], condition: str = "") -> list[str]:
    """The pre-processing rules: they make requests fail and set flags."""  # guess: and nothing else
    lines = []
    for rule in named(vs.rules["PreProcessRules"], rules):
        if rule.values["MustFail"]:
            matched = f"{condition} {conditions.matches(rule)}".strip()
            lines.append(f"{FAIL} if {matched}")
        lines += conditions.flag_set(rule, condition)
    return lines


def _among_servers(vs: VirtualService, condition: str, rules: dict[str, Rule], found: Selection) -> None:
    """Add how a request that has come to a service finds the servers whose rules it matches."""
    section = pool(vs)
    groups: dict[tuple[str, ...], list[RealServer]] = {}
    for entry in vs.servers:
        groups.setdefault(tuple(entry.rules), []).append(entry)
    # guess: servers without rules get nothing while others have some
    with_rules = {names: servers for names, servers in groups.items() if names}
    if not with_rules:
        found.choices[section] = [Choice(section, condition)]
        return
    if len(with_rules) > _MOST_GROUPS:
        raise Inexpressible(described(vs), f"more than {_MOST_GROUPS} groups of servers with different content rules")
    numbers = {}
    for names, servers in with_rules.items():
        number = numbers[names] = min(entry.rs_index for entry in servers)
        for rule in named(names, rules):
            both = f"{condition} {conditions.matches(rule)}".strip()
            found.lines.append(
                f"{FAIL} if {both}"
                if rule.values["MustFail"]
                else f"http-request set-var(txn.of_{number}) bool(true) if {both}"
            )
            found.lines += conditions.flag_set(rule, condition)
    # Variables of groups that matched by the built-in rule come last, and say nothing about each other
    none = " ".join(f"!{{ var(txn.of_{number}) -m bool }}" for number in numbers.values())
    catching = [number for names, number in numbers.items() if BUILT_IN in names]
    if catching:
        found.lines.append(f"http-request set-var(txn.unmatched) bool(true) if {condition} {none}".replace("  ", " "))
        found.lines += [
            f"http-request set-var(txn.of_{number}) bool(true) if {{ var(txn.unmatched) -m bool }}"
            for number in catching
        ]
    choices = []
    for size in range(len(with_rules), 0, -1):
        for chosen in combinations(with_rules, size):
            servers = [entry for names in chosen for entry in with_rules[names]]
            matched = " ".join(f"{{ var(txn.of_{numbers[names]}) -m bool }}" for names in chosen)
            name = f"{section}.{'-'.join(str(numbers[names]) for names in chosen)}"
            choices.append(Choice(name, f"{condition} {matched}".strip(), servers))
    found.choices[section] = choices


def named(names: Iterable[str], rules: dict[str, Rule]) -> list[Rule]:
    """The rules of a list, without the built-in one, which has no condition."""
    return [rules[name] for name in names if name != BUILT_IN]


def tracked(choice: Choice, vs: VirtualService) -> dict[str, str]:
    """The servers of a choice with fewer servers, each with the one whose health it shares."""
    return {server(entry): f"{pool(vs)}/{server(entry)}" for entry in choice.servers or []}
