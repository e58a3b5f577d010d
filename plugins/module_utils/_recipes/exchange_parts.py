# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Shared parts of the Exchange recipes: variables, server lists, mail services, redirection. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Port, is_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.exchange_protocols import MAIL
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.variables import (
    FLAG,
    STATE,
    Entries,
    Ip,
    Verbatim,
    Words,
    choice,
    no_address,
    of_service,
    row,
)


class PortNumber(Port):
    """A port, as a number."""

    def argument(self) -> dict[str, Any]:
        return {"type": "int"}

    def check(self, value: Any) -> Any:
        return int(super().check(value))


PORT = PortNumber(lasting=True)
SCHEDULINGS = ("least_connection", "round_robin", "weighted_least_connection", "weighted_round_robin")
REDIRECT_PORT = 80


def shared_rows(name_prefix: str) -> tuple[Field, ...]:
    """Return the variables that the roles for both layers have."""
    return (
        STATE,
        row("vip", Ip(), ""),
        row("servers", Entries()),
        row("port", PORT, 443),
        row("server_port", PORT),
        row("health_check_method", choice("get", "head"), "get"),
        row("health_check_pattern", of_service("check_pattern"), "200 OK"),
        row("health_check_host", of_service("check_host"), ""),
        row("scheduling", choice(*SCHEDULINGS), "least_connection"),
        row("redirect", FLAG, True),
        row("redirect_code", choice(301, 302), "301"),
        row("redirect_url", of_service("error_url"), "https://%h%s"),
        row("mail_services", Words(words=list(MAIL)), ()),
        row("exact_servers", FLAG, False),
        row("allow_no_servers", FLAG, False),
        row("former_vips", Words(), ()),
        row("name_prefix", Verbatim(kind=of_service("nickname")), name_prefix),
    )


def servers(
    given: Any, variable: str, shape: Shape, problems: list[Problem], *, required: bool = True
) -> list[dict[str, Any]]:
    """Return the entries of a list of servers as dictionaries; add to ``problems`` what is wrong with them.

    ``given`` is None where the list is missing or no list at all; of the latter the problems know already. It is not
    ``required`` where the services are removed.
    """
    if not given and not required:
        return []
    if given is None:
        if not any(variable in problem.message for problem in problems):
            problems.append(Problem("", f"{variable} is missing: the Exchange servers."))
        return []
    if not given:
        problems.append(Problem("", f"{variable} is empty, and services without servers would refuse every client."))
    made: list[dict[str, Any]] = []
    for number, entry in enumerate(given):
        server = dict(entry) if isinstance(entry, Mapping) else {"address": entry}
        if not isinstance(server.get("address"), str) or not server["address"]:
            problems.append(Problem(f"{variable}[{number}]", no_address(entry, variable)))
            continue
        shape.check(server, f"{variable}[{number}]", problems)
        made.append(server)
    return made


def with_servers(values: Mapping[str, Any], servers: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the server part of a service entry."""
    return {"real_servers": servers, **({"exact_servers": True} if values["exact_servers"] else {})}


def same_servers(places: Sequence[str], variable: str) -> list[Problem]:
    """Return the problem of a duplicate server; ``places`` describes where each is."""
    twice = [place for place in dict.fromkeys(places) if places.count(place) > 1]
    if not twice:
        return []
    message = (
        f"{variable} has the same server more than once: {', '.join(twice)}. A server is identified by its address and "
        "port, for mail services by its address alone."
    )
    return [Problem("", message)]


def server_place(server: Mapping[str, Any], port: Any, *, mail: bool) -> str:
    """Describe where a server is. Mail services have each server on their own port."""
    address = str(server["address"]).lower()
    return address if mail else f"{address} port {port}"


def redirect(address: str, title: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the service that redirects browsers to HTTPS. It needs no servers and no health check."""
    return {
        "address": address,
        "port": REDIRECT_PORT,
        "nickname": f"{values['name_prefix']} - {title} Redirect",
        "type": "http",
        "check_type": "none",
        "error_code": int(values["redirect_code"]),
        "error_url": values["redirect_url"],
    }


def addresses(given: Sequence[str], variable: str, problems: list[Problem]) -> list[str]:
    """Return addresses; add to ``problems`` what is none."""
    problems += [
        Problem("", f"{variable} has {text!r}, but it must be a list of IP addresses.")
        for text in given
        if not is_address(text)
    ]
    return list(given)


def absent(address: str, port: Any) -> dict[str, Any]:
    """Return the entry of a service that is removed."""
    return {"address": address, "port": port, "state": "absent"}
