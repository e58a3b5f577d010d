# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of the appliance: services, servers, parameters. No commands, no wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from loadmaster_emulator import values
from loadmaster_emulator.certificates import Certificate
from loadmaster_emulator.rules import Rule
from loadmaster_emulator.templates import Template
from loadmaster_emulator.vs_fields import STORED, Stored

#: The lists of rules a service has, by their names in answers.
RULE_LISTS = ("RequestRules", "ResponseRules", "MatchBodyRules", "PreProcessRules")


@dataclass
class RealServer:
    """A server behind a service."""

    rs_index: int
    address: str
    port: int
    dns_name: str = ""
    forward: str = "nat"
    weight: int = 1000
    limit: int = 0
    rate_limit: int = 0
    follow: int = 0
    enable: bool = True
    critical: bool = False
    non_local: bool = False
    rules: list[str] = field(default_factory=list)
    """The rules that select the server, in their order."""


@dataclass
class Slot:
    """The place of a SubVS in its parent, which the parent treats like a server."""

    rs_index: int
    service: VirtualService
    forward: str = "nat"
    weight: int = 1000
    limit: int = 0
    rate_limit: int = 0
    follow: int = 0
    enable: bool = True
    critical: bool = False
    rules: list[str] = field(default_factory=list)
    """The rules that select the SubVS, in their order."""


@dataclass(eq=False)
class VirtualService:
    """A virtual service, or a SubVS: then it has a parent and neither address nor port."""

    index: int
    protocol: str
    address: str = ""
    port: str = "0"
    settings: dict[str, Stored] = field(default_factory=lambda: {row.name: row.default for row in STORED})
    servers: list[RealServer] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    rules: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in RULE_LISTS})
    """The rules in each list, in their order."""
    parent: VirtualService | None = None
    lapsed: bool = False
    """Whether its last SubVS was deleted: it stays transparent as a setting, and is not so any more."""
    hidden_until: float = 0.0
    """Monotonic time until which ``showvs`` does not know the service yet."""

    @property
    def is_subvs(self) -> bool:
        """Whether the service belongs to another one."""
        return self.parent is not None

    @property
    def key(self) -> str:
        """The identity of a service that is no SubVS."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.protocol}/{host}:{self.port}"

    @property
    def layer(self) -> int:
        """The layer the service works at."""
        return 7 if self.settings["ForceL7"] else 4

    def server(self, rs_index: int) -> RealServer | None:
        """The server with this RsIndex."""
        return next((server for server in self.servers if server.rs_index == rs_index), None)

    def slot(self, rs_index: int) -> Slot | None:
        """The slot with this RsIndex."""
        return next((slot for slot in self.slots if slot.rs_index == rs_index), None)

    def switching_lists(self) -> list[list[str]]:
        """The lists of rules of its servers and slots."""
        return [server.rules for server in self.servers] + [slot.rules for slot in self.slots]

    def rule_lists(self) -> list[list[str]]:
        """Every list of rules in it, those of its servers and slots included."""
        return list(self.rules.values()) + self.switching_lists()


@dataclass
class Configuration:
    """Everything that is configured."""

    parameters: dict[str, Stored] = field(default_factory=dict)
    services: list[VirtualService] = field(default_factory=list)
    health: dict[str, int] = field(default_factory=lambda: {"RetryInterval": 9, "Timeout": 4, "RetryCount": 2})
    adaptive: dict[str, str | int] = field(default_factory=dict)
    """Empty until an appliance of some firmware takes the configuration."""
    cipher_sets: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    intermediates: dict[str, Certificate] = field(default_factory=dict)
    deleted_certificates: list[str] = field(default_factory=list)
    """Names that cannot be used again before they are deleted a second time."""
    admin_certificate: str = ""
    """The name of the certificate of the administration, empty for the appliance's own."""
    templates: list[Template] = field(default_factory=list)
    """In the order of their uploads; a name is there as often as it was uploaded."""
    next_rs_index: int = 1

    def every_service(self) -> Iterator[VirtualService]:
        """All services in the order of ``listvs``: by address, port and protocol, then the SubVSs by index."""
        yield from sorted(self.services, key=_listing_order)
        yield from sorted((slot.service for vs in self.services for slot in vs.slots), key=lambda vs: vs.index)

    def by_index(self, index: int) -> VirtualService | None:
        """The service with this index."""
        return next((vs for vs in self.every_service() if vs.index == index), None)

    def by_identity(self, address: str, port: str, protocol: str) -> VirtualService | None:
        """The service with this address, port and protocol."""
        for vs in self.services:
            if vs.port == port and vs.protocol == protocol and values.same_address(vs.address, address):
                return vs
        return None

    def free_index(self) -> int:
        """The lowest index that no service has."""
        taken = {vs.index for vs in self.every_service()}
        return next(number for number in range(1, len(taken) + 2) if number not in taken)

    def take_rs_index(self, again: bool = True) -> int:
        """A number of the one sequence that servers and slots share: the lowest free one, or one that never was."""
        taken = {server.rs_index for vs in self.every_service() for server in vs.servers}
        taken |= {slot.rs_index for vs in self.every_service() for slot in vs.slots}
        number = min(set(range(1, len(taken) + 2)) - taken) if again else self.next_rs_index
        self.next_rs_index = max(self.next_rs_index, number + 1)
        return number

    def renumber(self, first: int = 1) -> None:
        """Give every service a new index without gaps: services first, then SubVSs."""
        # guess: the order within each of the two groups is not recorded; by old index here
        order = sorted(self.every_service(), key=lambda vs: (vs.is_subvs, vs.index))
        new = {vs.index: number for number, vs in enumerate(order, start=first)}
        for vs in order:
            # guess: that the service another one follows is kept track of
            vs.settings["FollowVSID"] = new.get(int(vs.settings["FollowVSID"]), 0)
        for vs in order:
            vs.index = new[vs.index]

    def remove(self, vs: VirtualService) -> None:
        """Remove a service with its servers and SubVSs, or a SubVS with its slot."""
        if vs.parent is not None:
            vs.parent.slots = [slot for slot in vs.parent.slots if slot.service is not vs]
            # Recorded: pmv1-exportvstmplt.download, pmv1-modvs-owasp-requestrule.xml
            vs.parent.lapsed = vs.parent.lapsed or not vs.parent.slots
        else:
            self.services.remove(vs)
        for other in self.every_service():
            if other.settings["FollowVSID"] == vs.index:
                other.settings["FollowVSID"] = 0  # guess: what a follower of a deleted service shows


def _listing_order(vs: VirtualService) -> tuple:
    # guess: two recorded listings agree with address, port, protocol (the indexes of one are 1, 3, 2); nothing says it is
    # the rule
    port = -1 if vs.port == "*" else int(vs.port)
    return (values.address_order(vs.address), port, vs.protocol)
