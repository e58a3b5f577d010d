# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Restrict the Exchange Admin Center: turns role variables and found services into a document. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Integer, Text
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import exchange_l7, exchange_remains
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.exchange_parts import PORT
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.exchange_protocols import MAIL, PROTOCOLS
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.networks import patterns_of
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.variables import (
    STATE,
    Ip,
    Patterns,
    Variables,
    Verbatim,
    Words,
    choice,
    of_service,
    row,
)

VARIABLES = Variables(
    "exchange2013_restrict_eac",
    rows=(
        STATE,
        row("method", choice("separate_service", "source_rules", "deny_rules"), "source_rules"),
        row("vip", Ip()),
        row("port", PORT, 443),
        row("allowed_networks", Words(), ()),
        row("sub_virtual_service", Text(), "ECP"),
        row("deny_patterns", Patterns(), (r"/^\/ecp.*/",)),
        row("detours", Verbatim(), r"/(\/|\\|%2f|%5c)(\.|%2e){2}(\/|\\|%2f|%5c|$)/"),
        row("flag", Integer(low=1, high=9), 1),
        row("external_vip", Ip(), ""),
        row("external_without", Words(words=list(PROTOCOLS)), ("ecp", "powershell")),
        row("external_name_prefix", Verbatim(kind=of_service("nickname")), "Exchange L7 External"),
        row("external_mail_services", Words(words=list(MAIL)), ()),
    ),
)
# The rules are numbered, one for each pattern. This is the limit for each purpose.
MOST_RULES = 10
_ANY_RESTRICTION = re.compile(r"ExchangeEAC_([0-9A-Za-z_]+)_(?:Source[0-9]+|Detours|Deny[0-9]+)$")
Found = Mapping[str, Any]


def document(given: Mapping[str, Any], look: Callable[[], Found]) -> dict[str, Any]:
    """Return the document that variables mean, by their full names. Raises InvalidOption with everything that is wrong.

    ``look`` returns ``virtual_services`` and ``content_rules`` of the appliance as kemp.loadmaster.info does. It is called
    when there is nothing wrong with the variables themselves.
    """
    problems: list[Problem] = []
    values = VARIABLES.checked(given, problems)
    if values.get("vip") is None:
        # Defaults to the service of the role exchange2013_l7
        of_l7 = f"{exchange_l7.VARIABLES.prefix}vip"
        checked = exchange_l7.VARIABLES.shape.by_option[of_l7]
        values["vip"] = _checked(lambda: checked.canonical(given.get(of_l7) or ""), problems) or ""
    problems += exchange_l7.VARIABLES.unknown(given)
    l7_state, l7_vip = (given.get(f"{exchange_l7.VARIABLES.prefix}{name}") or "" for name in ("state", "vip"))
    if l7_state == "absent" and l7_vip == values.get("vip") and values.get("method") != "separate_service":
        # The same variables remove the service, so nothing is left to restrict
        values["state"] = "absent"
    undone = values.get("state") == "absent"
    networks = f"{VARIABLES.prefix}allowed_networks: "
    patterns = _checked(lambda: patterns_of(values.get("allowed_networks", ())), problems, networks) or []
    if problems:
        raise InvalidOption.from_problems(problems)
    restriction = _Restriction(values, patterns, exchange_l7.former_vips(given))
    problems += [Problem("", text) for text in ([] if undone else restriction.problems())]
    service: dict[str, Any] = {}
    if not restriction.by_rules and not undone:
        made = _checked(lambda: exchange_l7.document(_for_service(given), look, restriction.outside()), problems)
        service = made or {}
    if problems:
        raise InvalidOption.from_problems(problems)
    restriction.found = look()
    if undone:
        # Covers all methods: the variables may be back at their defaults
        outside = restriction.outside_found()
        service = exchange_l7.document(_for_service(given), look, outside) if outside is not None else {}
        rules = [*restriction.undone(), *service.get("content_rules", ())]
        return {"content_rules": rules, "virtual_services": service.get("virtual_services", [])}
    obstacle = restriction.obstacle() if values["state"] == "present" else ""
    if obstacle:
        raise InvalidOption.from_problems([Problem("", obstacle)])
    return restriction.document() if restriction.by_rules else service


def _for_service(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the role exchange2013_l7. Unknown ones are reported already."""
    return {name: given[name] for name in exchange_l7.VARIABLES.shape.names if name in given}


def _checked(make: Callable[[], Any], problems: list[Problem], said_of: str = "") -> Any:
    """Return the result, or add to ``problems``; ``said_of`` begins their sentences."""
    try:
        return make()
    except InvalidOption as error:
        problems += [each._replace(message=said_of + each.message) for each in error.all_problems]
    except ValueError as error:
        problems.append(Problem("", said_of + str(error)))
    return None


class _Restriction:
    found: Found

    def __init__(self, values: Mapping[str, Any], source_patterns: Sequence[str], former_vips: Sequence[str]) -> None:
        self.values = values
        self.method: str = values["method"]
        self.by_rules = self.method != "separate_service"
        self.denies = self.method == "deny_rules"
        self.present = values["state"] == "present"
        self.vip: str = values["vip"]
        self.source_patterns = source_patterns
        self.deny_patterns = values["deny_patterns"] if self.denies else []
        # The names of the rules have the address in them, so that no two services share any.
        self.prefix = exchange_l7.restriction(self.vip)
        prefixes = [self.prefix, *map(exchange_l7.restriction, former_vips)]
        self._patterns = [exchange_l7.rules_of_restriction(prefix) for prefix in prefixes]

    def own(self, rule: str) -> bool:
        """Return whether a rule belongs to the restriction, former addresses included."""
        return any(pattern.match(rule) for pattern in self._patterns)

    def outside_found(self) -> exchange_l7.Instead | None:
        """Return what is different about the service for the Internet as it is found, or None.

        Raises InvalidOption where there are several, and no address that says which one is meant.
        """
        family = exchange_remains.Family(self.values["external_name_prefix"], ("HTTPS",), with_subs=True)
        services = self.found["virtual_services"]
        variable = f"{VARIABLES.prefix}external_vip"
        if self.values["external_vip"] and not self.by_rules:
            return self.outside()
        vip = self.values["external_vip"] or exchange_remains.only_address(family, services, variable)
        if not exchange_remains.Remains(family, services, [vip]).here:
            return None
        return self.outside()._replace(vip=vip)

    def undone(self) -> list[dict[str, Any]]:
        """Return the rules of the restriction as removed. Without an address they have to be those of one address."""
        there = [rule["name"] for rule in self.found["content_rules"]]
        if self.vip:
            return [{"name": name, "state": "absent"} for name in there if self.own(name)]
        rules = {name: match for name in there if (match := _ANY_RESTRICTION.match(name))}
        addresses = {match.group(1) for match in rules.values()}
        if len(addresses) > 1:
            message = (
                f"exchange2013_restrict_eac_vip is missing, and there are restrictions of {len(addresses)} services: rules that begin "
                f"with {', '.join(sorted(f'ExchangeEAC_{each}_' for each in addresses))}. Set it to the address of one of them."
            )
            raise InvalidOption.from_problems([Problem("", message)])
        return [{"name": name, "state": "absent"} for name in rules]

    def problems(self) -> list[str]:
        """Return the problems of the variables that need no LoadMaster."""
        values, found = self.values, []
        if self.by_rules and not self.vip:
            found.append(
                "exchange2013_restrict_eac_vip is missing; it is the IP address of the service that is restricted."
            )
        if self.by_rules and self.present and not values["allowed_networks"]:
            found.append(
                "exchange2013_restrict_eac_allowed_networks is empty, so that no client could reach /ecp. If you want that, leave "
                "ecp out of the service: exchange2013_l7_without."
            )
        if len(self.source_patterns) > MOST_RULES:
            found.append(
                f"exchange2013_restrict_eac_allowed_networks needs {len(self.source_patterns)} rules, and there can be "
                f"{MOST_RULES}. Name fewer and wider networks."
            )
        if self.denies and self.present and not 0 < len(self.deny_patterns) <= MOST_RULES:
            found.append(
                f"exchange2013_restrict_eac_deny_patterns has {len(self.deny_patterns)} patterns, and there can be 1 to "
                f"{MOST_RULES}."
            )
        if not self.by_rules:
            found += self._problems_outside()
        return found

    def _problems_outside(self) -> list[str]:
        outside = self.values["external_vip"]
        found = []
        if not outside:
            found.append(
                "exchange2013_restrict_eac_external_vip is missing; it is the IP address of the service for the Internet."
            )
        elif outside.lower() == self.vip.lower():
            found.append(
                "exchange2013_restrict_eac_external_vip is the address of the service that keeps /ecp. The service for the "
                "Internet needs an address of its own."
            )
        if "ecp" not in self.values["external_without"]:
            found.append("exchange2013_restrict_eac_external_without has to have ecp in it, or nothing is restricted.")
        return found

    def outside(self) -> exchange_l7.Instead:
        """Return the differences of the service for the Internet."""
        values = self.values
        return exchange_l7.Instead(
            state=values["state"],
            vip=values["external_vip"],
            without=values["external_without"],
            name_prefix=values["external_name_prefix"],
            mail_services=values["external_mail_services"],
            detours=values["detours"],
            vip_variable="exchange2013_restrict_eac_external_vip",
        )

    def obstacle(self) -> str:
        """Return why the found service cannot be restricted; empty if it can."""
        name = self.values["sub_virtual_service"]
        if not self.by_rules:
            outside = self._service(self.values["external_vip"])
            if outside.get("real_servers"):
                return (
                    f"The virtual service at {self.values['external_vip']} port {self.values['port']} has its own real servers "
                    f"and passes traffic through{_at_layer_4(outside)}, so it cannot see /ecp. Delete it "
                    "first, or choose another address as exchange2013_restrict_eac_external_vip."
                )
            return ""
        service = self._service(self.vip)
        subs = service.get("sub_virtual_services") or []
        sub = _named_sub(subs, name)
        if not service:
            return f"There is no virtual service {self._service_name}. Create it with the role exchange2013_l7 first."
        if not subs:
            return (
                f"The virtual service {self._service_name} passes traffic through{_at_layer_4(service)}; it has no SubVSs, so "
                "it cannot block requests for /ecp. Use the recipe exchange2013_l7, or set AdminEnabled to false on the servers with Set-EcpVirtualDirectory."
            )
        if not sub:
            return (
                f"The virtual service {self._service_name} has no SubVS {name}. It has "
                f"{', '.join(each['name'] for each in subs)}. See exchange2013_restrict_eac_sub_virtual_service."
            )
        if self.method == "source_rules" and not sub.get("real_servers"):
            return (
                f"The SubVS {name} has no real servers yet, and the rules for clients belong to real servers. Run the role "
                "exchange2013_l7 first."
            )
        return ""

    @property
    def _service_name(self) -> str:
        return f"tcp/{f'[{self.vip}]' if ':' in self.vip else self.vip}:{self.values['port']}"

    def _service(self, address: str) -> Mapping[str, Any]:
        place = {"protocol": "tcp", "port": str(self.values["port"]), "address": address.lower()}
        services = self.found["virtual_services"]
        return next((each for each in services if place.items() <= {**each, "port": str(each["port"])}.items()), {})

    def document(self) -> dict[str, Any]:
        """Return the rules with the place where they are assigned. To remove the restriction is to remove its rules."""
        wanted = self._rules() if self.present else []
        names = [rule["name"] for rule in wanted]
        there = [rule["name"] for rule in self.found["content_rules"]]
        stale = [name for name in there if self.own(name) and name not in names]
        return {
            "content_rules": [*wanted, *({"name": name, "state": "absent"} for name in stale)],
            "virtual_services": [self._assigned()] if self.present else [],
        }

    def _rules(self) -> list[dict[str, Any]]:
        # With deny_rules a client that is allowed sets the flag, and a request without it fails further down if its path is
        # one of those. What fails for everybody comes first. To be allowed, one match is enough.
        flag = self.values["flag"]
        rules = []
        if self.values["detours"]:
            rules.append(self._rule("Detours", self.values["detours"], fail_on_match=True))
        for number, pattern in enumerate(self.source_patterns, start=1):
            rules.append(self._rule(f"Source{number}", pattern, header="src-ip", set_flag=flag if self.denies else 0))
        for number, pattern in enumerate(self.deny_patterns, start=1):
            rules.append(self._rule(f"Deny{number}", pattern, fail_on_match=True, only_on_no_flag=flag))
        return rules

    def _rule(self, name: str, pattern: str, **more: Any) -> dict[str, Any]:
        usual = {"header": "", "ignore_case": True, "set_flag": 0, "only_on_no_flag": 0, "fail_on_match": False}
        return {"name": f"{self.prefix}{name}", "kind": "match_content", "pattern": pattern, **usual, **more}

    def _assigned(self) -> dict[str, Any]:
        """Return the service with the rules: on the servers for the Admin Center, or before everything else it does."""
        service = self._service(self.vip)
        rules = [rule["name"] for rule in self._rules()]
        sources = [name for name in rules if "Source" in name[len(self.prefix) :]]
        first = rules if self.denies else [name for name in rules if name not in sources]
        kept = [name for name in service["pre_process_rules"] if not self.own(name)]
        made = {"address": self.vip, "port": self.values["port"], "pre_process_rules": [*kept, *first]}
        if self.denies:
            return made
        sub = _named_sub(service["sub_virtual_services"], self.values["sub_virtual_service"])
        servers = [
            {"address": server["address"], "port": server["port"], "content_rules": sources}
            for server in sub["real_servers"]
        ]
        return {**made, "sub_virtual_services": [{"name": sub["name"], "real_servers": servers}]}


def _named_sub(subs: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next((sub for sub in subs if sub.get("name") == name), {})


def _at_layer_4(service: Mapping[str, Any]) -> str:
    return " at layer 4" if service.get("layer", 7) == 4 else ""
