# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The variables of the role rolling_maintenance, checked. It makes no document. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Integer, Items, Text
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.variables import (
    FLAG,
    Entries,
    Variables,
    Words,
    no_address,
    row,
)

VARIABLES = Variables(
    "rolling_maintenance",
    rows=(
        row("servers", Entries()),
        row("tasks", Text(lasting=True)),
        row("drain_timeout", Integer(), 300),
        row("poll_interval", Integer(), 5),
        row("cut_connections", FLAG, False),
        row("require_drained", FLAG, False),
        row("allow_no_servers", FLAG, False),
        row("health_urls", Words()),
        row("health_status", Items(item=Integer()), (200,)),
        row("health_validate_certs", FLAG, True),
        row("health_from", Text(lasting=True), "localhost"),
        row("healthy_timeout", Integer(), 600),
        row("settle_time", Integer(), 20),
        row("remember", FLAG, True),
    ),
    required=("tasks",),
)
_SERVERS = "rolling_maintenance_servers"


def addresses(given: Mapping[str, Any]) -> list[str]:
    """Return the addresses of the servers, as variables that were checked have them."""
    servers = VARIABLES.checked(given, [])["servers"]
    return [str(entry["address"] if isinstance(entry, Mapping) else entry) for entry in servers]


def remembers(given: Mapping[str, Any]) -> bool:
    """Return whether maintenance is noted on the LoadMaster."""
    return bool(VARIABLES.checked(given, []).get("remember"))


def check(given: Mapping[str, Any]) -> None:
    """Raise InvalidOption with all problems of the variables, by full names."""
    problems: list[Problem] = []
    values = VARIABLES.checked(given, problems)
    servers = values.get("servers")
    messages = [problem.message for problem in problems]
    if servers is None and not any(_SERVERS in message for message in messages):
        problems.append(Problem("", f"{_SERVERS} is missing."))
    if servers is not None and not servers:
        problems.append(Problem("", f"{_SERVERS} is empty."))
    addresses = [entry.get("address") if isinstance(entry, Mapping) else entry for entry in servers or ()]
    for number, (address, entry) in enumerate(zip(addresses, servers or (), strict=True)):
        if not isinstance(address, str) or not address:
            problems.append(Problem(f"{_SERVERS}[{number}]", no_address(entry, _SERVERS)))
    twice = [address for address in dict.fromkeys(map(str, addresses)) if list(map(str, addresses)).count(address) > 1]
    if twice:
        problems.append(Problem("", f"{_SERVERS} has the same server more than once: {', '.join(twice)}."))
    if problems:
        raise InvalidOption.from_problems(problems)
