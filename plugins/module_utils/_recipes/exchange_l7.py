# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Exchange at layer 7: turns the variables of the role exchange2013_l7 into a document. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Text, TlsVersions
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import exchange_parts as parts
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import exchange_remains
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.exchange_protocols import (
    MAIL,
    PROTECTED_SINCE,
    PROTOCOLS,
    TLS_MODES,
    VERSIONS,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.variables import (
    FLAG,
    ByName,
    OneOrMore,
    Variables,
    Verbatim,
    Words,
    choice,
    of_service,
    row,
)

VARIABLES = Variables(
    "exchange2013_l7",
    rows=(
        *parts.shared_rows("Exchange L7"),
        row("certificate", OneOrMore()),
        row("tls_mode", choice(*TLS_MODES), "bridge"),
        row("extended_protection", FLAG),
        row("tls_versions", TlsVersions(), ("TLSv1.2", "TLSv1.3")),
        row("cipher_set", of_service("cipher_set"), "BestPractices"),
        row("exchange_version", choice(*VERSIONS), "2013"),
        row("protocols", Words(words=list(PROTOCOLS)), ()),
        row("without", Words(words=list(PROTOCOLS)), ()),
        row("idle_timeouts", ByName(), {}),
        row("root_to_owa", FLAG, True),
        row(
            "rule_prefix",
            Verbatim(kind=Text(pattern=r"[A-Za-z0-9_]+", meaning="made of letters, digits and underscores")),
            "",
        ),
    ),
)
# The options of a server: those of kemp.loadmaster.real_server, without those that the role sets.
SERVER_OPTIONS = (
    *("address", "port", "state", "enabled", "weight", "critical", "connection_limit", "connection_rate_limit"),
    *("non_local", "forwarding"),
)
SERVER = Shape([each for each in server_table.ENTRY.rows if each.option in SERVER_OPTIONS], required=("address",))
_SERVERS = "exchange2013_l7_servers"
# An empty path.
_ROOT = r"/^\/$/"


# Suffixes of the names of content rules.
RULES = (*(protocol.rule for protocol in PROTOCOLS.values()), "Root", "RootToOWA", "Detours")


class Instead(NamedTuple):
    """What is different about a second service that is made of the same variables; see exchange_restrict_eac.

    ``detours`` is a pattern: requests with such a path fail.
    """

    state: str
    vip: str
    without: list[str]
    name_prefix: str
    mail_services: list[str]
    detours: str
    vip_variable: str = "exchange2013_l7_vip"


Found = Mapping[str, Any]


def document(given: Mapping[str, Any], look: Callable[[], Found], instead: Instead | None = None) -> dict[str, Any]:
    """Return the document that variables mean, by their full names. Raises InvalidOption with everything that is wrong.

    ``look`` returns ``virtual_services`` and ``content_rules`` of the appliance as kemp.loadmaster.info does. It is called
    where the document depends on what earlier runs have made: where the services are removed, or come from another address.
    """
    recipe = _checked(given, instead)
    if recipe.values["state"] == "absent":
        return recipe.absent(look())
    return recipe.moved(look()) if recipe.values["former_vips"] else recipe.present()


def remarks(given: Mapping[str, Any], found: Found) -> list[str]:
    """Return sentences about services that stay, given the state of the appliance."""
    recipe = _checked(given, None)
    return exchange_remains.remarks(
        recipe.remains(found),
        recipe.places if recipe.values["state"] == "absent" else (),
        role=VARIABLES.role,
        prefix=f"{VARIABLES.prefix}name_prefix",
        former=f"{VARIABLES.prefix}former_vips",
    )


def restriction(vip: str) -> str:
    """Return the name prefix of the rules that restrict the Exchange Admin Center of a service."""
    return f"ExchangeEAC_{re.sub('[^0-9A-Za-z]', '_', vip)}_"


def rules_of_restriction(prefix: str) -> re.Pattern[str]:
    """Return the pattern of these rules."""
    return re.compile(re.escape(prefix) + r"(Source[0-9]+|Detours|Deny[0-9]+)$")


def former_vips(given: Mapping[str, Any]) -> list[str]:
    """Return the former addresses of the services, from the variables."""
    return list(VARIABLES.checked(given, []).get("former_vips", ()))


def _checked(given: Mapping[str, Any], instead: Instead | None) -> _Recipe:
    problems: list[Problem] = []
    values = VARIABLES.checked(given, problems)
    present = (instead.state if instead is not None else values.get("state")) != "absent"
    if present and not values.get("vip") and not any("exchange2013_l7_vip " in problem.message for problem in problems):
        problems.append(Problem("", "exchange2013_l7_vip is missing."))
    certificate = values.get("certificate")
    named = certificate if isinstance(certificate, (list, tuple)) else [certificate]
    if present and not [name for name in named if name]:
        message = "exchange2013_l7_certificate is empty. At layer 7 the LoadMaster presents the certificate, so it has to know which."
        problems.append(Problem("", message))
    servers = parts.servers(values.get("servers"), _SERVERS, SERVER, problems, required=present)
    parts.addresses(values.get("former_vips", ()), f"{VARIABLES.prefix}former_vips", problems)
    if instead is not None:
        values = {**values, "rule_prefix": "", "former_vips": (), **instead._asdict()}
    if not problems:
        recipe = _Recipe(values, servers)
        problems += recipe.problems("exchange2013_l7_" if instead is None else "exchange2013_restrict_eac_external_")
    if problems:
        raise InvalidOption.from_problems(problems)
    return recipe


class _Recipe:
    def __init__(self, values: Mapping[str, Any], entries: list[dict[str, Any]]) -> None:
        self.values = values
        self.vip: str = values.get("vip", "")
        self.version = int(values["exchange_version"])
        self.mode = TLS_MODES[values["tls_mode"]]
        self.detours: str = values.get("detours", "")
        named, without = values["protocols"], values["without"]
        self.served = {
            name: protocol
            for name, protocol in PROTOCOLS.items()
            if name not in without and (name in named if named else protocol.since <= self.version)
        }
        self.root_to_owa = values["root_to_owa"] and "owa" in self.served
        self.servers = [self._with_port(entry) for entry in entries]

    def _with_port(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Return a server with its port: one without a port of its own is on that of the mode, and may have to move there."""
        if entry.get("port"):
            return entry
        port = self.values.get("server_port") or self.mode.server_port
        former = self.mode.former_port
        place = {"port": port} if port == former else {"port": former, "new_port": port}
        return {**place, **entry}

    def rule(self, name: str) -> str:
        """Return the name of a content rule. Its prefix is made of the address, so that no two services share rules."""
        return f"{self.values['rule_prefix'] or _rule_prefix(self.vip)}{name}"

    @property
    def places(self) -> list[tuple[str, Any]]:
        """Return address and port of each service."""
        return [(self.vip, port) for port in self._ports()] if self.vip else []

    @property
    def family(self) -> exchange_remains.Family:
        """Return how to recognize the services of the recipe."""
        rules = self.rule("") if self.vip else ""
        return exchange_remains.Family(self.values["name_prefix"], ("HTTPS",), with_subs=True, rules=rules)

    def remains(self, found: Found) -> exchange_remains.Remains:
        """Return the objects of the recipe on an appliance."""
        vips = [self.vip, *self.values["former_vips"]]
        return exchange_remains.Remains(self.family, found["virtual_services"], vips)

    def problems(self, prefix: str) -> list[Problem]:
        """Return contradictions; ``prefix`` is that of the variables that can differ for a second service."""
        values, found = self.values, []
        timeouts = values["idle_timeouts"]
        asked = dict.fromkeys((*values["protocols"], *timeouts))
        too_new = [name for name in asked if name in PROTOCOLS and PROTOCOLS[name].since > self.version]
        if too_new:
            found.append(
                f"Exchange {self.version} has no {', '.join(too_new)}. Set exchange2013_l7_exchange_version to the version of "
                "the servers, or remove the protocol from exchange2013_l7_protocols and exchange2013_l7_idle_timeouts."
            )
        if not self.served:
            found.append(f"exchange2013_l7_protocols and {prefix}without leave no protocol to serve.")
        unknown = [name for name in timeouts if name not in PROTOCOLS]
        if unknown:
            found.append(
                f"exchange2013_l7_idle_timeouts has {', '.join(unknown)}, which is no protocol. There are {', '.join(PROTOCOLS)}."
            )
        kind = of_service("idle_timeout")
        for name, seconds in timeouts.items():
            try:
                kind.check(seconds)
            except ValueError as problem:
                found.append(f"exchange2013_l7_idle_timeouts: {name} is {seconds!r}, but it {problem}.")
        ports = self._ports()
        twice = [str(port) for port in dict.fromkeys(ports) if ports.count(port) > 1]
        if twice:
            found.append(
                f"Two services would have the same port: {', '.join(twice)}. Nothing else tells them apart. See "
                f"exchange2013_l7_port, exchange2013_l7_redirect and {prefix}mail_services."
            )
        if values["tls_mode"] == "offload" and values["state"] == "present":
            found += self._protected()
        mail = bool(values["mail_services"])
        places = [
            parts.server_place(server, server.get("new_port", server["port"]), mail=mail) for server in self.servers
        ]
        return parts.same_servers(places, _SERVERS) + [Problem("", text) for text in found]

    def _protected(self) -> list[str]:
        stated = self.values.get("extended_protection")
        if not (self.version >= PROTECTED_SINCE if stated is None else stated):
            return []
        why = "; Exchange 2019 has it on by default since CU14" if stated is None else ""
        return [
            "exchange2013_l7_tls_mode=offload does not work with Extended Protection, which refuses what did not come to the "
            f"server over TLS{why}. Take bridge. Or switch Extended Protection off on all servers, and set "
            "exchange2013_l7_extended_protection=false."
        ]

    def _ports(self) -> list[int]:
        """Return the port of each service."""
        redirected = [parts.REDIRECT_PORT] if self.values["redirect"] else []
        return [self.values["port"], *redirected, *(MAIL[name].port for name in self.values["mail_services"])]

    def absent(self, found: Found) -> dict[str, Any]:
        """Return the services as removed, and then every rule that the role may ever have made for them.

        What restricts the Admin Center of a service has nothing to restrict without it.
        """
        if not self.vip and not self.values["former_vips"]:
            self.vip = exchange_remains.only_address(
                self.family, found["virtual_services"], self.values.get("vip_variable", "exchange2013_l7_vip")
            )
            if not self.vip:
                return {"virtual_services": [], "content_rules": []}
        remains = self.remains(found)
        services = remains.absent(self.places)
        places = {exchange_remains.place(each["address"], each["port"]) for each in services}
        going = [
            each
            for each in found["virtual_services"]
            if exchange_remains.place(each["address"], each["port"]) in places
        ]
        named = [self.rule(name) for name in RULES] if self.vip else []
        there = [rule["name"] for rule in found["content_rules"]]
        besides = [name for name in self._rules_besides(going, found) if name in there]
        rules = dict.fromkeys([*named, *besides])
        return {
            "virtual_services": services,
            "content_rules": [{"name": name, "state": "absent"} for name in rules],
        }

    def _rules_besides(self, going: Sequence[Mapping[str, Any]], found: Found) -> list[str]:
        """Return the rules of services that go, under other prefixes, and those that restrict these services."""
        vips = [vip for vip in (self.vip, *self.values["former_vips"]) if vip]
        names = [f"{_rule_prefix(vip)}{name}" for vip in vips for name in RULES]
        elsewhere = _assigned(each for each in found["virtual_services"] if each not in going)
        for name in _assigned(going):
            prefix = next((name.removesuffix(end) for end in RULES if name.endswith(f"_{end}")), "")
            names += [f"{prefix}{end}" for end in RULES] if prefix else []
        restricting = [rules_of_restriction(restriction(vip)) for vip in vips]
        there = [rule["name"] for rule in found["content_rules"]]
        names += [name for name in there if any(pattern.match(name) for pattern in restricting)]
        # A rule of another service stays
        return [name for name in names if name not in elsewhere]

    def moved(self, found: Found) -> dict[str, Any]:
        """Return the services with their rules as they come from former addresses, where earlier runs have made them."""
        former = self.values["former_vips"]
        made = self.present()
        services = exchange_remains.moved(made["virtual_services"], self.family, found["virtual_services"], former)
        there = [rule["name"] for rule in found["content_rules"]]
        kept = {rule["name"] for rule in made["content_rules"]}
        old = [f"{_rule_prefix(vip)}{name}" for vip in former if vip != self.vip for name in RULES]
        stale = [{"name": name, "state": "absent"} for name in old if name in there and name not in kept]
        return {"content_rules": [*made["content_rules"], *stale], "virtual_services": services}

    def present(self) -> dict[str, Any]:
        """Return the services with their rules."""
        values = self.values
        services = [self._https()]
        if values["redirect"]:
            services.append(parts.redirect(self.vip, "HTTPS", values))
        services += [self._mail(name) for name in values["mail_services"]]
        return {"content_rules": self._rules(), "virtual_services": services}

    def _rules(self) -> list[dict[str, Any]]:
        """Return which requests belong to a protocol, and the handling of requests without a path."""
        made: list[dict[str, Any]] = []
        for name, protocol in PROTOCOLS.items():
            rule = self.rule(protocol.rule)
            if name in self.served:
                made.append({"name": rule, "kind": "match_content", "pattern": protocol.pattern, "ignore_case": True})
            elif name in self.values["without"]:
                made.append({"name": rule, "state": "absent"})
        root, to_owa = self.rule("Root"), self.rule("RootToOWA")
        if self.root_to_owa:
            made.append({"name": root, "kind": "match_content", "pattern": _ROOT})
            made.append({"name": to_owa, "kind": "modify_url", "pattern": _ROOT, "value": "/owa/"})
        elif not self.values["root_to_owa"] or "owa" in self.values["without"]:
            made += [{"name": root, "state": "absent"}, {"name": to_owa, "state": "absent"}]
        if self.detours:
            # Rules that map other directories to one that is not served here
            detours = {"kind": "match_content", "pattern": self.detours, "ignore_case": True, "fail_on_match": True}
            made.append({"name": self.rule("Detours"), **detours})
        return made

    def _https(self) -> dict[str, Any]:
        values = self.values
        return {
            "address": self.vip,
            "port": values["port"],
            **({"pre_process_rules": [self.rule("Detours")]} if self.detours else {}),
            "nickname": f"{values['name_prefix']} - HTTPS",
            "type": "http",
            "transparent": False,
            "subnet_originating": True,
            "scheduling": values["scheduling"],
            "persistence": "none",
            "idle_timeout": 1800,
            "ssl_acceleration": True,
            "certificates": values["certificate"],
            "tls_versions": list(values["tls_versions"]),
            "cipher_set": values["cipher_set"],
            "ssl_reencrypt": self.mode.ssl_reencrypt,
            "ssl_rewrite": self.mode.ssl_rewrite,
            # So that the logs of the servers can show the client
            "add_http_headers": "x_forwarded_for",
            "sub_virtual_services": [
                self._sub(name) if name in self.served else {"name": protocol.title, "state": "absent"}
                for name, protocol in PROTOCOLS.items()
                if name in self.served or name in values["without"]
            ],
        }

    def _sub(self, name: str) -> dict[str, Any]:
        values, protocol = self.values, PROTOCOLS[name]
        by_get = values["health_check_method"] == "get"
        rules = [self.rule(protocol.rule)]
        request_rules = {}
        if name == "owa":
            rules += [self.rule("Root")] if self.root_to_owa else []
            request_rules = {"request_rules": [self.rule("RootToOWA")] if self.root_to_owa else []}
        return {
            "name": protocol.title,
            "type": "http",
            "transparent": False,
            "subnet_originating": True,
            "scheduling": values["scheduling"],
            # No protocol of Exchange 2013 needs it: any server can continue a session
            "persistence": "none",
            "idle_timeout": values["idle_timeouts"].get(name, protocol.idle_timeout),
            # Set on each, as in the tables that Kemp publishes; inheritance is not on record
            "add_http_headers": "x_forwarded_for",
            "check_type": self.mode.check_type,
            "check_url": protocol.check_url,
            "check_method": values["health_check_method"],
            # The pattern needs GET; HEAD returns no text
            "check_pattern": values["health_check_pattern"] if by_get else "",
            "check_use_http_1_1": bool(values["health_check_host"]),
            "check_host": values["health_check_host"],
            "content_rules": rules,
            **request_rules,
            **parts.with_servers(values, self.servers),
        }

    def _mail(self, name: str) -> dict[str, Any]:
        values, mail = self.values, MAIL[name]
        return {
            "address": self.vip,
            "port": mail.port,
            "nickname": f"{values['name_prefix']} - {mail.title}",
            # Pass-through traffic is not inspected
            "type": "generic",
            "force_l4": False,
            "transparent": False,
            "subnet_originating": True,
            "server_initiating": mail.server_initiating,
            "scheduling": values["scheduling"],
            "persistence": "none",
            "idle_timeout": mail.idle_timeout,
            "check_type": mail.check_type,
            # An empty port means that of the service
            **parts.with_servers(values, [{**server, "port": "", "new_port": ""} for server in self.servers]),
        }


def _rule_prefix(vip: str) -> str:
    return f"Exchange_{vip.replace('.', '_').replace(':', '_')}_"


def _assigned(services: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the rules that services, and their SubVSs and servers, have."""
    found: set[str] = set()
    for service in services:
        for part in (service, *(service.get("sub_virtual_services") or ())):
            for holder in (part, *(part.get("real_servers") or ())):
                found |= {name for option, names in holder.items() if option.endswith("_rules") for name in names or ()}
    return found
