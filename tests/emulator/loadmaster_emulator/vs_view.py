# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A virtual service and its servers as answers show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loadmaster_emulator import vs_fields
from loadmaster_emulator.answers import Members, Records, Strings, Value, members
from loadmaster_emulator.model import RULE_LISTS, RealServer, Slot, VirtualService
from loadmaster_emulator.rules import BUILT_IN
from loadmaster_emulator.vs_fields import FIELDS, Field, Kind, Shown, Stored

#: What a service without a working server is, with and without an error page.
DOWN = ("Down", "FailMsg")
_RULES_OF_SLOTS_ALWAYS = (7, 2, 58)


@dataclass(frozen=True)
class Traffic:
    """What went through a service or to a server; bytes are seen from the client."""

    connections: int = 0
    active: int = 0
    per_second: int = 0
    read: int = 0
    written: int = 0
    refused: int = 0
    denied: int = 0


@dataclass
class Weather:
    """Which servers answer their health checks, where there is no data plane to ask.

    An enabled server is up unless ``servers_up`` is off or it is listed in ``down``.
    """

    servers_up: bool = True
    down: set[tuple[str, int]] = field(default_factory=set)

    def answers(self, vs: VirtualService, entry: RealServer) -> bool:
        """Whether a server answers its health checks."""
        return self.servers_up and (entry.address, entry.port) not in self.down

    def of_service(self, vs: VirtualService) -> Traffic:
        """What went through a service, or through a SubVS."""
        return Traffic()

    def of_server(self, vs: VirtualService, entry: RealServer) -> Traffic:
        """What went to a server."""
        return Traffic()

    def server(self, vs: VirtualService, server: RealServer) -> str:
        """The status of a server."""
        if not server.enable:
            return "Disabled"
        return "Up" if self.answers(vs, server) else "Down"

    def slot(self, slot: Slot) -> str:
        """The status of a SubVS in its parent."""
        return self.service(slot.service) if slot.enable else "Disabled"

    def service(self, vs: VirtualService) -> str:
        """The status of a service."""
        if not _enabled(vs):
            return "Disabled"  # guess: recorded of a server, not of a service
        slots = [self.slot(slot) for slot in vs.slots]
        statuses = [self.server(vs, server) for server in vs.servers] + slots
        if not statuses and 300 <= int(vs.settings["ErrorCode"]) < 400:
            return "Redirect"  # guess: that this is its condition
        # Recorded with every SubVS down (pmv2-listvs-ssl-esp-rules.json); guess: without any server, too
        down = "FailMsg" if vs.settings["ErrorPage"] else "Down"
        if any(slot.critical and status in DOWN for slot, status in zip(vs.slots, slots, strict=True)):
            return down
        needed = 1
        if vs.settings["EnhancedHealthChecks"]:
            needed = max(1, int(vs.settings["RsMinimum"]))
            if any(server.critical and self.server(vs, server) != "Up" for server in vs.servers):
                return down
        return "Up" if statuses.count("Up") >= needed else down


def show_service(vs: VirtualService, weather: Weather, release: tuple[int, ...]) -> Members:
    """Every field of a service that a firmware release has, in its order."""
    pairs: list[tuple[str, Value]] = []
    for row in FIELDS:
        if row.shown is Shown.NEVER or not vs_fields.since(row, release) or _left_out(row, vs):
            continue
        value = _value(row.name, vs, weather)
        if row.shown is Shown.ALWAYS or value:
            pairs.append((row.name, _spelt(row.kind, value)))
    if vs.servers:
        pairs.append(("Rs", Records(tuple(show_server(vs, server, weather) for server in vs.servers))))
    if vs.slots:
        pairs.append(("SubVS", Records(tuple(show_slot(slot, weather, release) for slot in vs.slots))))
    return Members(tuple(pairs))


def show_server(vs: VirtualService, server: RealServer, weather: Weather) -> Members:
    """The fields of a real server."""
    return members(
        ("Status", weather.server(vs, server)),
        ("VSIndex", vs.index),
        ("RsIndex", server.rs_index),
        ("Addr", server.address),
        ("Port", server.port),
        ("DnsName", server.dns_name),
        ("Forward", server.forward),
        ("Weight", server.weight),
        ("Limit", server.limit),
        ("RateLimit", server.rate_limit),
        ("Follow", server.follow),
        ("Enable", server.enable),
        ("Critical", server.critical),
        ("Nrules", len(server.rules)),
        *_match_rules(server),
    )


def show_slot(slot: Slot, weather: Weather, release: tuple[int, ...]) -> Members:
    """The fields of a SubVS's place in its parent."""
    return members(
        ("Status", weather.slot(slot)),
        ("VSIndex", slot.service.index),
        ("RsIndex", slot.rs_index),
        ("Name", str(slot.service.settings["NickName"]) or "-"),
        ("Forward", slot.forward),
        ("Weight", slot.weight),
        ("Limit", slot.limit),
        ("RateLimit", slot.rate_limit),
        ("Follow", slot.follow),
        ("Enable", slot.enable),
        ("Critical", slot.critical),
        *([("Nrules", len(slot.rules))] if slot.rules or release >= _RULES_OF_SLOTS_ALWAYS else []),
        *_match_rules(slot),
    )


def _match_rules(server: RealServer | Slot) -> list[tuple[str, Value]]:
    # guess: the elements of the list in API v1; recorded for the lists of a service only
    return [("MatchRules", Strings(tuple(server.rules), "Name"))] if server.rules else []


def _left_out(row: Field, vs: VirtualService) -> bool:
    """Fields that some services do not have although the firmware does."""
    if row.name == "EnhancedHealthChecks":
        return bool(vs.slots)
    return bool(row.only_with) and not vs.settings[row.only_with]


def _enabled(vs: VirtualService) -> bool:
    if vs.parent is None:
        return bool(vs.settings["Enable"])
    return next(slot.enable for slot in vs.parent.slots if slot.service is vs)


def _is_transparent(vs: VirtualService) -> bool:
    return vs.layer == 4 or bool(vs.settings["Transparent"])


def _transparency(vs: VirtualService) -> int:
    """0 transparent, 1 forced off by re-encryption, 2 not transparent, or no longer: its last SubVS was deleted."""
    if vs.lapsed:
        return 2
    top = vs.parent or vs
    if _is_transparent(top) and top.settings["SSLAcceleration"] and top.settings["SSLReencrypt"]:
        return 1
    return 0 if _is_transparent(vs) else 2


def _switching(vs: VirtualService) -> tuple[str, ...]:
    """The rules of the servers of a service."""
    # guess: each once; every recording has one server. Of a parent whose slots have rules nothing is recorded.
    found = dict.fromkeys(rule for server in vs.servers for rule in server.rules)
    return tuple(sorted(found, key=BUILT_IN.__eq__))  # recorded: the built-in rule is the last one


def _rules_in(name: str) -> Callable[[VirtualService], Stored]:
    return lambda vs: tuple(vs.rules[name])


def _number_in(name: str) -> Callable[[VirtualService], Stored]:
    return lambda vs: len(vs.rules[name])


_COMPUTED: dict[str, Callable[[VirtualService], Stored]] = {
    "Index": lambda vs: vs.index,
    "VSAddress": lambda vs: vs.address,
    "VSPort": lambda vs: vs.port,
    "Layer": lambda vs: vs.layer,
    "Enable": _enabled,
    # guess: at layer 4, which is always transparent, the answer says so whatever is stored
    "Transparent": _is_transparent,
    "SubnetOriginating": lambda vs: vs.layer == 7 and bool(vs.settings["SubnetOriginating"]),
    "ForceL4": lambda vs: vs.layer == 4,
    "Protocol": lambda vs: vs.protocol,
    "MasterVS": lambda vs: len(vs.slots),
    "MasterVSID": lambda vs: vs.parent.index if vs.parent else 0,
    "IsTransparent": _transparency,
    "TlsType": lambda vs: vs.settings["TlsType"] if vs.settings["SSLAcceleration"] else 0,
    "NRules": lambda vs: len(_switching(vs)),
    "MatchRules": _switching,
    "NumberOfRSs": lambda vs: len(vs.slots) or len(vs.servers),
    **{name: _rules_in(name) for name in RULE_LISTS},
    **{f"N{name}": _number_in(name) for name in RULE_LISTS},
}


def _value(name: str, vs: VirtualService, weather: Weather) -> Stored:
    if name == "Status":
        return weather.service(vs)
    if name in _COMPUTED:
        return _COMPUTED[name](vs)
    return vs.settings.get(name, vs_fields.BY_NAME[name].default)


def _spelt(kind: Kind, value: Stored) -> Value:
    if kind is Kind.DIGITS:
        return str(value)
    if kind is Kind.OPTIONS:
        return Strings(value, "Opt")
    if kind is Kind.NAMES:
        return Strings(value, "Name")
    return value
