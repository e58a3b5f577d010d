# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The appliance: its configuration and everything a command may look at or change."""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loadmaster_emulator import parameters, texts, values
from loadmaster_emulator.accounts import Accounts
from loadmaster_emulator.answers import Members
from loadmaster_emulator.data_plane import DataPlane
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.model import Configuration
from loadmaster_emulator.profiles import Profile
from loadmaster_emulator.quirks import Quirks
from loadmaster_emulator.vs_view import Weather


@dataclass(frozen=True)
class Request:
    """One command with its parameters, whose names are in lower case."""

    api: str
    command: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    user: str = ""

    def get(self, name: str, default: str = "") -> str:
        """A parameter's value, or the default where it was not sent."""
        return self.parameters.get(name, default)


@dataclass
class Listing:
    """An answer that is kept because a large one takes long to make."""

    statuses: tuple[str, ...]
    """Those of all services and servers in it, which change without a write."""
    answer: Members
    spelt: dict[str, bytes] = field(default_factory=dict)
    """The answer as an API spells it."""


@dataclass
class Appliance:
    """One LoadMaster without its network side."""

    profile: Profile
    accounts: Accounts
    quirks: Quirks
    configuration: Configuration = field(default_factory=Configuration)
    weather: Weather = field(default_factory=Weather)
    names: dict[str, str] = field(default_factory=dict)
    """Addresses of host names; an empty address means that the name does not resolve."""
    networks: Sequence[str] = ()
    """The networks of the interfaces; servers elsewhere need non-local servers. None: all are local."""
    certificate_users: Mapping[str, str] = field(default_factory=dict)
    """The user of a client certificate by its common name; any other name is the user's own."""
    data_plane: DataPlane | None = None
    """What carries the traffic, if anything does."""
    booted: float = field(default_factory=time.time)
    changed: float = field(default_factory=time.time)
    listing: Listing | None = None
    """The last listing of the services, until something is written."""

    def __post_init__(self) -> None:
        fresh = parameters.fresh(self.profile)
        self.configuration.parameters = {**fresh, **self.configuration.parameters}
        self.configuration.adaptive = self.configuration.adaptive or {
            "AdaptiveURL": "/load",
            "AdaptivePort": 80,
            "AdaptiveInterval": 10 if self.release >= (7, 2, 60) else 7,  # recorded in August 2024, and in July 2022
            "MinPercent": 5,
        }

    @property
    def release(self) -> tuple[int, ...]:
        """The firmware release that decides which fields and parameters exist."""
        return self.profile.release

    def parameter(self, name: str) -> Any:
        """The value of a global parameter."""
        return self.configuration.parameters.get(name)

    def take_rs_index(self) -> int:
        """A number for a new server or slot."""
        return self.configuration.take_rs_index(self.quirks.rs_index_again)

    def address(self, parameter: str, text: str) -> str:
        """An IP address as it is kept and shown."""
        address = values.address(parameter, text)
        return ipaddress.ip_address(address).compressed if self.quirks.short_ipv6 else address

    def resolve(self, host: str) -> str:
        """The address of a host name: from the table, otherwise an invented one that is always the same."""
        if host in self.names:
            if not self.names[host]:
                raise ApiError(texts.UNKNOWN_HOST)
            return self.names[host]
        digest = hashlib.sha256(host.lower().encode()).digest()
        return str(ipaddress.IPv4Address("198.18.0.0") + int.from_bytes(digest[:2], "big"))

    def is_local(self, address: str) -> bool:
        """Whether an address is on the network of an interface."""
        if not self.networks or not values.is_address(address):
            return True
        parsed = ipaddress.ip_address(address)
        return any(parsed in ipaddress.ip_network(network) for network in self.networks)
