# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Exchange 2013 at layer 4: turns the variables of the role exchange2013_l4 into a document. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import exchange_parts as parts
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import exchange_remains
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.exchange_protocols import MAIL, PROTOCOLS
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.variables import (
    Ip,
    Variables,
    choice,
    of_service,
    row,
)

# At layer 4 every service carries all protocols; Exchange 2013 allows one host name for each.
NAMESPACE_PROTOCOLS = [name for name, protocol in PROTOCOLS.items() if protocol.since == 2013]
VARIABLES = Variables(
    "exchange2013_l4",
    rows=(
        *parts.shared_rows("Exchange 2013 L4"),
        row("mode", choice("passthrough", "force_l4"), "passthrough"),
        row("health_check_url", of_service("check_url"), "/owa/healthcheck.htm"),
        row("idle_timeout", of_service("idle_timeout"), 1800),
    ),
    lists={
        "namespaces": Shape(
            rows=(row("protocol", choice(*NAMESPACE_PROTOCOLS)), row("vip", Ip())), required=("protocol", "vip")
        )
    },
)
_SERVERS = "exchange2013_l4_servers"


def document(given: Mapping[str, Any], look: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document that variables mean, by their full names. Raises InvalidOption with everything that is wrong.

    ``look`` returns ``virtual_services`` of the appliance as kemp.loadmaster.info does. It is called where the document
    depends on what earlier runs have made: where the services are removed, or come from another address.
    """
    recipe = _checked(given)
    values = recipe.values
    if values["state"] == "absent":
        return {"virtual_services": recipe.absent(look()["virtual_services"])}
    services = recipe.services()
    if values["former_vips"]:
        found = look()["virtual_services"]
        services = exchange_remains.moved(services, recipe.family, found, values["former_vips"])
    return {"virtual_services": services}


def remarks(given: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Return sentences about services that stay, given the state of the appliance."""
    recipe = _checked(given)
    return exchange_remains.remarks(
        recipe.remains(found["virtual_services"]),
        recipe.places if recipe.values["state"] == "absent" else (),
        role=VARIABLES.role,
        prefix=f"{VARIABLES.prefix}name_prefix",
        former=f"{VARIABLES.prefix}former_vips",
    )


def _checked(given: Mapping[str, Any]) -> _Recipe:
    problems: list[Problem] = []
    values = VARIABLES.checked(given, problems)
    present = values.get("state") != "absent"
    servers = parts.servers(values.get("servers"), _SERVERS, server_table.ENTRY, problems, required=present)
    parts.addresses(values.get("former_vips", ()), f"{VARIABLES.prefix}former_vips", problems)
    recipe = _Recipe(values, servers)
    if not problems:
        problems += recipe.problems()
    if problems:
        raise InvalidOption.from_problems(problems)
    return recipe


class _Recipe:
    def __init__(self, values: Mapping[str, Any], servers: list[dict[str, Any]]) -> None:
        self.values = values
        port = values.get("server_port") or 443
        self.servers = [{"port": port, **server} for server in servers]
        self.vip: str = values.get("vip", "")
        self.mail = [MAIL[name] for name in values.get("mail_services", ())]
        self.forced = values.get("mode") == "force_l4"
        named = [(entry["vip"], entry["protocol"]) for entry in values.get("namespaces") or () if len(entry) == 2]
        # One service for all protocols, without separate host names.
        self.namespaces = named or [(self.vip, "")]
        titles = ("HTTPS", *(PROTOCOLS[name].title for name in NAMESPACE_PROTOCOLS))
        self.family = exchange_remains.Family(values.get("name_prefix", ""), titles, with_subs=False)
        self.known = bool(self.vip or named)

    @property
    def places(self) -> list[tuple[str, Any]]:
        """Return address and port of each service."""
        vips = [vip for vip, _protocol in self.namespaces]
        redirected = vips if self.values["redirect"] else []
        places = [
            *((vip, self.values["port"]) for vip in vips),
            *((self.vip, protocol.port) for protocol in self.mail),
            *((vip, parts.REDIRECT_PORT) for vip in redirected),
        ]
        return [place for place in places if place[0]]

    def remains(self, found: Sequence[Mapping[str, Any]]) -> exchange_remains.Remains:
        """Return the objects of the recipe on an appliance."""
        vips = [self.vip, *(vip for vip, _protocol in self.namespaces), *self.values["former_vips"]]
        return exchange_remains.Remains(self.family, found, vips)

    def absent(self, found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the removal of the services: those in the variables, and those of earlier runs at their addresses."""
        if self.known or self.values["former_vips"]:
            return self.remains(found).absent(self.places)
        variable = f"{VARIABLES.prefix}vip"
        addresses = exchange_remains.only_address(self.family, found, variable).split(", ")
        return exchange_remains.Remains(self.family, found, addresses).absent(())

    def problems(self) -> list[Problem]:
        """Return contradictions between variables."""
        found = []
        present = self.values["state"] != "absent"
        if present and not self.vip and (self.mail or not self.values.get("namespaces")):
            found.append(
                "exchange2013_l4_vip is missing: the address that clients connect to. You can leave it out only with "
                "exchange2013_l4_namespaces and without exchange2013_l4_mail_services."
            )
        if self.forced and any(_true(server.get("non_local")) for server in self.servers):
            found.append(
                f"{_SERVERS}: at layer 4 the LoadMaster must be the gateway of its servers, so none of them can be "
                "non_local. Use exchange2013_l4_mode=passthrough for such servers."
            )
        words = [f"{vip.lower()} port {port}" for vip, port in self.places]
        twice = [place for place in dict.fromkeys(words) if words.count(place) > 1]
        if twice:
            found.append(
                f"Two services would have the same address and port: {', '.join(twice)}. At layer 4 nothing else tells them "
                "apart. Give each entry of exchange2013_l4_namespaces its own address, and check exchange2013_l4_port, "
                "exchange2013_l4_mail_services and exchange2013_l4_redirect."
            )
        places = [parts.server_place(server, server["port"], mail=bool(self.mail)) for server in self.servers]
        return [Problem("", text) for text in found] + parts.same_servers(places, _SERVERS)

    def services(self) -> list[dict[str, Any]]:
        """Return the services: HTTPS, mail and redirections."""
        values = self.values
        made = [self._https(vip, protocol) for vip, protocol in self.namespaces]
        for mail in self.mail:
            service = self._passed_on(self.vip, mail.port, mail.title, mail.idle_timeout, mail.server_initiating)
            # An empty port means that of the service
            real_servers = [{**server, "port": ""} for server in self.servers]
            made.append({**service, "check_type": mail.check_type, **parts.with_servers(values, real_servers)})
        if values["redirect"]:
            made += [parts.redirect(vip, _title(protocol), values) for vip, protocol in self.namespaces]
        return made

    def _https(self, vip: str, protocol: str) -> dict[str, Any]:
        values = self.values
        host = values["health_check_host"]
        # The page of a protocol tells whether that protocol works. One service for all has the page that a variable names.
        page = PROTOCOLS[protocol].check_url if protocol else values["health_check_url"]
        method = values["health_check_method"]
        return {
            **self._passed_on(vip, values["port"], _title(protocol), values["idle_timeout"], "none"),
            "check_type": "https",
            "check_url": page,
            "check_method": method,
            # The pattern needs GET; HEAD returns no text
            **({"check_pattern": values["health_check_pattern"]} if method == "get" else {}),
            "check_use_http_1_1": bool(host),
            **({"check_host": host} if host else {}),
            **parts.with_servers(values, self.servers),
        }

    def _passed_on(
        self, address: str, port: Any, title: str, idle_timeout: int, server_initiating: str
    ) -> dict[str, Any]:
        # At layer 4 the LoadMaster is always transparent, and has no such options.
        at_layer_7 = {"transparent": False, "subnet_originating": True, "server_initiating": server_initiating}
        return {
            "address": address,
            "port": port,
            "nickname": f"{self.values['name_prefix']} - {title}",
            # Pass-through traffic is not inspected
            "type": "generic",
            "force_l4": self.forced,
            **({} if self.forced else at_layer_7),
            "scheduling": self.values["scheduling"],
            # No protocol of Exchange 2013 needs it: any server can continue a session
            "persistence": "none",
            "idle_timeout": idle_timeout,
        }


def _title(protocol: str) -> str:
    return PROTOCOLS[protocol].title if protocol else "HTTPS"


def _true(value: Any) -> bool:
    return str(value).strip().lower() in ("true", "yes", "on", "y", "1")
