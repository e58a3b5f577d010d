# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a recipe for Exchange made, found on the appliance by the nicknames that it gives and not by today's variables. Pure.

A nickname is a prefix, a dash and a title, and a title has its port. What has no such nickname is another writer's.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import canonical_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.exchange_parts import REDIRECT_PORT, absent
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.exchange_protocols import MAIL

# A service as returned by kemp.loadmaster.info.
Service = Mapping[str, Any]
Place = tuple[str, str]
# The default prefixes of the roles.
PRESETS = {"l4": "Exchange 2013 L4", "l7": "Exchange L7", "external": "Exchange L7 External"}
_MAIL_PORTS = {mail.title: str(mail.port) for mail in MAIL.values()}


def place(address: str, port: Any) -> Place:
    """Return the place of a service."""
    return canonical_address(str(address).lower()), str(port)


class Family(NamedTuple):
    """The services of one recipe.

    ``titles`` are those of its services for HTTPS, at whatever port, which have SubVSs or have none. ``prefix`` begins their
    nicknames. ``rules`` begins the names of content rules that only its SubVSs have; empty where it has none.
    """

    prefix: str
    titles: Collection[str]
    with_subs: bool
    rules: str = ""

    def title(self, service: Service) -> str:
        """Return the title of a service of this recipe; empty for other services."""
        title = _parts(service)[1]
        port = str(service.get("port", ""))
        if service.get("protocol", "tcp") != "tcp":
            return ""
        if title in self.titles:
            bare = not service.get("real_servers") and not service.get("sub_virtual_services")
            return title if bare or bool(service.get("sub_virtual_services")) == self.with_subs else ""
        redirects = {f"{each} Redirect" for each in self.titles}
        if title in redirects:
            return title if port == str(REDIRECT_PORT) else ""
        return title if _MAIL_PORTS.get(title) == port else ""

    def has_rules_of(self, service: Service) -> bool:
        """Return whether a service has SubVSs with rules of this recipe, whatever its nickname."""
        names = [name for sub in service.get("sub_virtual_services") or () for name in sub.get("content_rules") or ()]
        return bool(self.rules) and any(name.startswith(self.rules) for name in names)


class Remains:
    """The services of a recipe on an appliance: ``services`` are all that it has, ``vips`` the addresses that are meant."""

    def __init__(self, family: Family, services: Sequence[Service], vips: Collection[str]) -> None:
        self.family = family
        self._services = services
        self._vips = {canonical_address(vip.lower()) for vip in vips if vip}
        here = [each for each in services if self._is_here(each)]
        # It may have another prefix, which the HTTPS service shows
        at_https = [_parts(each)[0] for each in here if family.title(each) in family.titles]
        others = set(PRESETS.values()) - {family.prefix}
        self._prefixes = {family.prefix, *(prefix for prefix in at_https if prefix not in others)}
        self._foreign = others - self._prefixes

    def _is_here(self, service: Service) -> bool:
        return canonical_address(str(service.get("address", "")).lower()) in self._vips

    def _is_mine(self, service: Service) -> bool:
        return bool(self.family.title(service)) and _parts(service)[0] in self._prefixes

    @property
    def here(self) -> list[Service]:
        """Return the services of the recipe at its addresses."""
        return [each for each in self._services if self._is_here(each) and self._is_mine(each)]

    @property
    def elsewhere(self) -> list[Service]:
        """Return the services at other addresses that have nicknames of the recipe."""
        named = (each for each in self._services if not self._is_here(each) and self.family.title(each))
        return [each for each in named if _parts(each)[0] == self.family.prefix]

    def is_foreign(self, service: Service) -> bool:
        """Return whether a service at a place of the recipe is foreign, by its nickname."""
        if not service.get("nickname") or self.family.has_rules_of(service):
            return False
        return not self.family.title(service) or _parts(service)[0] in self._foreign

    def foreign(self, places: Collection[tuple[str, Any]]) -> list[Service]:
        """Return the foreign services at some places of the recipe."""
        wanted = {place(*each) for each in places}
        return [each for each in self._services if _address_and_port(each) in wanted and self.is_foreign(each)]

    def absent(self, places: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
        """Return entries that remove what is at the places of the recipe, and what it made besides at its addresses."""
        left = {_address_and_port(each) for each in self.foreign(places)}
        entries = [absent(*each) for each in places if place(*each) not in left]
        known = {place(*each) for each in places}
        return [
            *entries,
            *(absent(each["address"], each["port"]) for each in self.here if _address_and_port(each) not in known),
        ]


def only_address(family: Family, services: Sequence[Service], variable: str) -> str:
    """Return the one address at which a recipe has services; empty where it has none.

    Raises InvalidOption where there are several: then the variable has to say which one is meant.
    """
    found = Remains(family, services, ()).elsewhere
    addresses = list(dict.fromkeys(str(each["address"]) for each in found))
    nicknames = [each["nickname"] for each in found]
    if len(set(nicknames)) < len(nicknames) or (len(addresses) > 1 and family.with_subs):
        raise InvalidOption.from_problems(
            [
                Problem(
                    "",
                    f"{variable} is missing, and services of this role are at {', '.join(addresses)}. Set {variable} to one of them.",
                )
            ]
        )
    return ", ".join(addresses)


def moved(
    entries: Sequence[dict[str, Any]], family: Family, services: Sequence[Service], former: Collection[str]
) -> list[dict[str, Any]]:
    """Return the entries of services so that they come from former addresses.

    A service moves where its new place is free. What else the recipe has at the former addresses is removed.
    """
    left = {_address_and_port(each): each for each in Remains(family, services, former).here}
    taken = {_address_and_port(each) for each in services}
    made = []
    for entry in entries:
        wanted = place(entry["address"], entry["port"])
        old = next((at for at, each in left.items() if each["nickname"] == entry["nickname"] and at != wanted), None)
        if old is None or wanted in taken:
            made.append(entry)
            left.pop(wanted, None)
            continue
        del left[old]
        move = {"address": old[0], "port": old[1], "new_address": entry["address"]}
        made.append({**entry, **move, **({"new_port": entry["port"]} if old[1] != wanted[1] else {})})
    kept = {place(entry["address"], entry["port"]) for entry in entries}
    return [*made, *(absent(*at) for at in left if at not in kept)]


def remarks(remains: Remains, places: Sequence[tuple[str, Any]], *, role: str, prefix: str, former: str) -> list[str]:
    """Return sentences about services that stay: those of others at places of the recipe, and its nicknames elsewhere.

    ``prefix`` and ``former`` are the variables that tell several uses of the role apart, and that name former addresses.
    """
    texts = [
        f"virtual service {_spoken(each)} was not made by {role}, and stays. Use kemp.loadmaster.virtual_service to delete it."
        for each in remains.foreign(places)
    ]
    by_address: dict[str, list[str]] = {}
    for each in remains.elsewhere:
        by_address.setdefault(str(each["address"]), []).append(str(each["nickname"]))
    for address, names in by_address.items():
        texts.append(
            f"{address} has services with nicknames of {role}, which stay: {', '.join(names)}. If they moved, list {address} in "
            f"{former}. If they are others, give them another {prefix}."
        )
    return texts


def _parts(service: Service) -> tuple[str, str]:
    prefix, _dash, title = str(service.get("nickname") or "").rpartition(" - ")
    return prefix, title


def _address_and_port(service: Service) -> Place:
    return place(service["address"], service["port"])


def _spoken(service: Service) -> str:
    return f"{service.get('protocol', 'tcp')}/{service['address']}:{service['port']} ({service['nickname']})"
