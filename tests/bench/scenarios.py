# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """A job in some surroundings, and the ways that are measured in turns."""

    group: str
    """``again``, ``first``, ``fleet``, ``many`` or ``limit``: the table of the report."""
    ways: tuple[str, ...]
    rounds: int
    slow: tuple[str, ...] = ()
    """Ways that take part in the first round only."""
    fresh: bool = False
    """Whether each run meets a new appliance; otherwise one on which everything is done."""
    round_trip: float = 0.0
    hosts: int = 1
    forks: int = 5
    services: int = 0
    """How many plain services are the job; 0 for Exchange at layer 7."""
    rate_limit: bool = False

    @property
    def name(self) -> str:
        """What tells it from the others."""
        facts = [f"{self.round_trip * 1000:.0f} ms" if self.group in ("again", "first") else ""]
        facts += [f"{self.hosts} hosts, {self.forks} forks" if self.group == "fleet" else ""]
        facts += [f"{self.services} services" if self.services else ""]
        facts += [("limited" if self.rate_limit else "unlimited") if self.group == "limit" else ""]
        return f"{self.group}, {''.join(facts)}"


ROUND_TRIPS = (0.0, 0.02, 0.15)
FLEETS = (1, 10, 50)
FORKS = (5, 20)
SERVICES = (10, 100, 1000)

_URI = ("uri_read", "uri_blind")
_FIRST = ("empty", "script", "recipe", "src", "objects", "uri_lists")
_AGAIN = ("empty", "script", "recipe", "src", "loops", "objects", "uri_lists")
_FLEET = ("empty", "debug", "src", "recipe")
_MANY = ("empty", "script", "src", "src_json", "variables")

FULL = (
    Scenario("again", (*_AGAIN, *_URI), 9, slow=_URI),
    *(Scenario("again", (*_AGAIN, *_URI), 2, slow=_URI, round_trip=round_trip) for round_trip in ROUND_TRIPS[1:]),
    *(Scenario("many", _MANY, 5, slow=("variables",), services=number) for number in SERVICES),
    *(Scenario("fleet", _FLEET, 3, hosts=hosts, forks=forks) for hosts in FLEETS for forks in FORKS),
    Scenario("first", (*_FIRST, *_URI), 1, fresh=True),
    # At a distance the ways that send an object at a time would take the bench most of its time
    *(Scenario("first", _FIRST, 1, fresh=True, round_trip=round_trip) for round_trip in ROUND_TRIPS[1:]),
    Scenario("limit", _FIRST, 1, fresh=True, rate_limit=True),
)

# What the budgets need
QUICK = (
    Scenario("again", (*_AGAIN, "uri_read"), 5, slow=("uri_read",)),
    *(Scenario("many", _MANY[:-1], 3, services=number) for number in (100, 1000)),
    Scenario("fleet", _FLEET, 3, hosts=50, forks=20),
)
