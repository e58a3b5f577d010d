# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grid of variables that pins the documents of the Exchange recipes, and the compact form in which they are kept.

The combinations are a walk: each differs from the one before in few variables, so that what is kept of its document is short
as well. The walk depends on nothing but this file.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

L4, L7, EAC = "exchange2013_l4", "exchange2013_l7", "exchange2013_restrict_eac"
SERVERS = ["192.0.2.31", "192.0.2.32"]
SERVERS_WITH_MORE = [
    "192.0.2.31",
    {"address": "192.0.2.32", "weight": 500, "critical": True},
    {"address": "192.0.2.33", "port": 8443, "enabled": False},
    {"address": "192.0.2.34", "state": "absent", "port": ""},
]
MAIL = ["smtp", "smtp_submission", "imap", "imaps", "pop", "pops"]

# What each variable is, where it is anything. It is absent besides, unless it is required.
COMMON: dict[str, list[Any]] = {
    "state": ["present", "absent"],
    "health_check_method": ["get", "head"],
    "health_check_pattern": ["200 OK", "", "it's {well}"],
    "health_check_host": ["mail.example.com", ""],
    "scheduling": ["round_robin", "least_connection", "weighted_round_robin", "weighted_least_connection"],
    "redirect": [False, True],
    "redirect_code": [302, 301],
    "redirect_url": ["https://%h/owa"],
    "mail_services": [["smtp"], MAIL, ["pops", "imap"], []],
}
VARIABLES: dict[str, dict[str, list[Any]]] = {
    L4: {
        **COMMON,
        "vip": ["192.0.2.25", "2001:DB8::25"],
        "servers": [SERVERS, SERVERS_WITH_MORE, ["2001:db8::31"]],
        "mode": ["force_l4", "passthrough"],
        "namespaces": [
            [{"protocol": "owa", "vip": "192.0.2.26"}, {"protocol": "rpc", "vip": "192.0.2.27"}],
            [
                {"protocol": name, "vip": f"192.0.2.{100 + place}"}
                for place, name in enumerate(
                    ["owa", "ecp", "ews", "activesync", "autodiscover", "mapi", "oab", "rpc", "powershell"]
                )
            ],
            [],
        ],
        "port": [8443, 443],
        "server_port": [444, 443],
        "health_check_url": ["/ews/healthcheck.htm"],
        "idle_timeout": [900],
        "name_prefix": ["Mail", "Exchange - 2013"],
    },
    L7: {
        **COMMON,
        "vip": ["192.0.2.25", "2001:DB8::25"],
        "servers": [SERVERS, SERVERS_WITH_MORE, ["2001:db8::31"]],
        "certificate": ["mail-2026", ["mail-2026", "mail-ecc"]],
        "tls_mode": ["offload", "bridge"],
        "extended_protection": [False, True],
        "tls_versions": [["TLSv1.2"], ["TLSv1.3", "TLSv1.2"], ["TLSv1.1", "TLSv1.2"]],
        "cipher_set": ["Default"],
        "exchange_version": [2016, 2019, 2013],
        "protocols": [["owa", "ecp"], ["rpc", "owa", "mapi"], ["ews"], []],
        "without": [["ecp", "powershell"], ["owa"], []],
        "port": [8443, 443],
        "server_port": [444, 80, 443],
        "idle_timeouts": [{"mapi": 3600, "owa": 900}, {}],
        "root_to_owa": [False, True],
        "name_prefix": ["Mail", "Exchange - 2013"],
        "rule_prefix": ["Mail_", ""],
    },
    EAC: {
        "state": ["present", "absent"],
        "method": ["deny_rules", "separate_service", "source_rules"],
        "vip": ["192.0.2.25", "2001:DB8::25"],
        "port": [8443, 443],
        "allowed_networks": [["10.0.0.0/8", "198.51.100.64/26", "2001:db8:1::/48"], ["192.0.2.7"]],
        "sub_virtual_service": ["Admin", "ECP"],
        "deny_patterns": [[r"/^\/ecp.*/", r"/^\/owa\/x.*/"], [r"/^\/a{1,2}$/"]],
        "detours": ["", r"/\.\.(\/|$)/"],
        "flag": [7, 1],
        "external_vip": ["192.0.2.125", "2001:db8::125"],
        "external_without": [["ecp"], ["ecp", "powershell", "owa"]],
        "external_name_prefix": ["Outside"],
        "external_mail_services": [["smtp"], []],
    },
}
REQUIRED = {
    L4: ("servers", "vip"),
    L7: ("servers", "vip", "certificate"),
    EAC: ("vip", "allowed_networks", "external_vip"),
}
# What the separate service is made of besides.
OF_L7 = {
    "exchange2013_l7_vip": "192.0.2.25",
    "exchange2013_l7_servers": SERVERS,
    "exchange2013_l7_certificate": "mail-2026",
}
NUMBER = {L4: 120, L7: 180, EAC: 110}


def combinations(role: str) -> list[dict[str, Any]]:
    """Return the combinations of a role, as a user writes them: some with types, some as text."""
    return list(_walk(role))


def _walk(role: str) -> Iterator[dict[str, Any]]:
    chance = random.Random(f"recipes {role}")
    choices = {
        name: [*values, *([None] if name not in REQUIRED[role] else [])] for name, values in VARIABLES[role].items()
    }
    state: dict[str, Any] = {name: values[0] if name in REQUIRED[role] else None for name, values in choices.items()}
    turns = [(name, value) for _round in range(2) for name, values in choices.items() for value in values]
    for number in range(NUMBER[role]):
        name, value = turns[number] if number < len(turns) else _drawn(chance, choices)
        state[name] = value
        other, drawn = _drawn(chance, {each: values for each, values in choices.items() if each != name})
        state[other] = drawn
        # Most of the recipe is only in a document of what is there.
        state["state"] = {0: "absent", 3: "present"}.get(number % 7)
        made = {f"{role}_{name}": value for name, value in state.items() if value is not None}
        if role == EAC:
            made = {**OF_L7, **made, **({"exchange2013_l7_tls_mode": "offload"} if number % 5 == 4 else {})}
        yield as_text(made) if number % 3 == 2 else made


def _drawn(chance: random.Random, choices: Mapping[str, list[Any]]) -> tuple[str, Any]:
    name = chance.choice(sorted(choices))
    return name, chance.choice(choices[name])


def as_text(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables as the command line and surveys give them, as far as these can say them."""
    return {name: _text(name, value) for name, value in variables.items()}


def _text(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    # A pattern may have a comma in it, so text is one pattern.
    if (
        isinstance(value, list)
        and value
        and all(isinstance(member, str) for member in value)
        and "patterns" not in name
    ):
        return ",".join(value)
    return value


# --- what is found on the appliance, for the recipe that looks at it


def found(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what kemp.loadmaster.info tells of an appliance that has the service, with a restriction of an earlier run."""
    address = str(variables.get(f"{EAC}_vip", "192.0.2.25"))
    prefix = "ExchangeEAC_" + "".join(letter if letter.isalnum() else "_" for letter in address) + "_"
    own = [f"{prefix}{name}" for name in ("Detours", "Source1", "Source9", "Deny1", "Deny4")]
    servers = [{"address": "192.0.2.31", "port": "443"}, {"address": "192.0.2.32", "port": "444"}]
    subs = [{"name": name, "real_servers": servers} for name in ("OWA", "ECP", "Admin")]
    return {
        "virtual_services": [
            {
                "protocol": "tcp",
                "address": address.lower(),
                "port": port,
                "layer": 7,
                "pre_process_rules": ["OfSomebody", *own[:2]],
                "sub_virtual_services": subs,
                "real_servers": [],
            }
            for port in ("443", "8443")
        ],
        "content_rules": [{"name": name} for name in ("OfSomebody", *own, f"{prefix}Sources", "ExchangeEAC_1_Source1")],
    }


# --- faults: role, variables beside the required ones, and what has to be said of them

FAULTY: list[tuple[str, dict[str, Any]]] = [
    (L4, {"vip": ""}),
    (L4, {"vip": "mail.example.com"}),
    (L4, {"servers": []}),
    (L4, {"servers": ""}),
    (L4, {"servers": None}),
    (L4, {"servers": ["192.0.2.31", {"port": 443}]}),
    (L4, {"servers": ["192.0.2.31", "192.0.2.31"]}),
    (L4, {"servers": ["192.0.2.31", {"address": "192.0.2.31", "port": 443}]}),
    (L4, {"servers": ["192.0.2.31", {"address": "192.0.2.31", "port": 444}], "mail_services": ["smtp"]}),
    (L4, {"mode": "force_l4", "servers": [{"address": "198.51.100.31", "non_local": True}]}),
    (L4, {"namespaces": [{"protocol": "owa", "vip": "192.0.2.26"}, {"protocol": "ews", "vip": "192.0.2.26"}]}),
    (L4, {"namespaces": [{"protocol": "owa", "vip": "owa.example.com"}]}),
    (L4, {"namespaces": [{"protocol": "gopher", "vip": "192.0.2.26"}]}),
    (L4, {"namespaces": [{"protocol": "owa"}]}),
    (L4, {"vip": "", "namespaces": [{"protocol": "owa", "vip": "192.0.2.26"}], "mail_services": "smtp"}),
    (L4, {"port": 80}),
    (L4, {"port": "https"}),
    (L4, {"port": 25, "mail_services": ["smtp"]}),
    (L4, {"mode": "dsr", "state": "gone"}),
    (L4, {"mail_services": ["gopher"]}),
    (L4, {"redirect_code": 307}),
    (L4, {"redirect": "perhaps"}),
    (L4, {"scheduling": "random"}),
    (L4, {"health_check_method": "post"}),
    (L4, {"idle_timeout": "long"}),
    (L7, {"vip": ""}),
    (L7, {"vip": "mail.example.com"}),
    (L7, {"certificate": ""}),
    (L7, {"certificate": [""]}),
    (L7, {"certificate": None}),
    (L7, {"servers": []}),
    (L7, {"servers": ["192.0.2.31", {"port": 443}]}),
    (L7, {"servers": ["192.0.2.31", "192.0.2.31"]}),
    (L7, {"servers": ["192.0.2.31", {"address": "192.0.2.31", "port": 443}]}),
    (L7, {"servers": ["192.0.2.31", {"address": "192.0.2.31", "port": 444}], "mail_services": ["smtp"]}),
    (L7, {"servers": [{"address": "192.0.2.31", "new_port": 444}]}),
    (L7, {"servers": [{"address": "192.0.2.31", "wieght": 5}]}),
    (L7, {"protocols": ["owa", "api"]}),
    (L7, {"protocols": ["gopher"]}),
    (L7, {"protocols": ["owa"], "without": "owa"}),
    (L7, {"idle_timeouts": {"gopher": 70}}),
    (L7, {"idle_timeouts": {"api": 70}}),
    (L7, {"port": 80}),
    (L7, {"port": 25, "mail_services": "smtp"}),
    (L7, {"tls_mode": "passthrough"}),
    (L7, {"tls_mode": "offload", "extended_protection": True}),
    (L7, {"tls_mode": "offload", "exchange_version": "2019"}),
    (L7, {"exchange_version": 2010}),
    (L7, {"tls_versions": ["TLSv1.4"]}),
    (L7, {"mail_services": ["gopher"], "redirect_code": 307}),
    (L7, {"root_to_owa": "perhaps"}),
    (EAC, {"allowed_networks": []}),
    (EAC, {"allowed_networks": ""}),
    (EAC, {"allowed_networks": ["offices"]}),
    (EAC, {"allowed_networks": ["10.1.2.3/8"]}),
    (EAC, {"allowed_networks": [f"192.0.{net}.{net}" for net in range(1, 255)]}),
    (EAC, {"vip": ""}),
    (EAC, {"vip": "mail.example.com"}),
    (EAC, {"vip": "192.0.2.99"}),
    (EAC, {"sub_virtual_service": "Mail"}),
    (EAC, {"method": "deny_rules", "deny_patterns": []}),
    (EAC, {"method": "deny_rules", "deny_patterns": [f"/^{number}$/" for number in range(11)]}),
    (EAC, {"method": "separate_service", "external_vip": ""}),
    (EAC, {"method": "separate_service", "external_vip": "192.0.2.25"}),
    (EAC, {"method": "separate_service", "external_without": ["powershell"]}),
    (EAC, {"method": "none"}),
    (EAC, {"flag": 12}),
    (EAC, {"external_without": ["gopher"]}),
]


def faulty() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield role, all of its variables, and what is found on the appliance, for each combination that is refused."""
    for role, words in FAULTY:
        usual = {f"{role}_{name}": VARIABLES[role][name][0] for name in REQUIRED[role]}
        variables = {
            **(OF_L7 if role == EAC else {}),
            **usual,
            **{f"{role}_{name}": value for name, value in words.items()},
        }
        yield role, variables, found({})


# --- the compact form: what differs from a document that is kept already


def flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as paths and values.

    Numbers and booleans become text, as the document's own check has it. What all entries of a list say is said once, of ``*``.
    """
    made: dict[str, Any] = {}
    _flatten("", _in_words(document), made)
    return made


def _in_words(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _in_words(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_in_words(member) for member in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flatten(place: str, value: Any, made: dict[str, Any]) -> None:
    if isinstance(value, dict):
        for name, member in value.items():
            _flatten(f"{place}/{name}", member, made)
    elif isinstance(value, list) and any(isinstance(member, dict) for member in value):
        names = [_name(member) for member in value]
        made[f"{place} []"] = ", ".join(names)
        shared = _shared(value) if len(value) > 1 else {}
        _flatten(f"{place}/*", shared, made)
        for number, (name, member) in enumerate(zip(names, value, strict=True)):
            own = {key: member[key] for key in member if key not in shared}
            _flatten(f"{place}/{name if names.count(name) == 1 else number}", own, made)
    else:
        made[place] = value


def _shared(entries: list[dict[str, Any]]) -> dict[str, Any]:
    first, *rest = entries
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in rest)}


def _name(entry: Mapping[str, Any]) -> str:
    """Return a short name of an entry, which does not change with the address of the service."""
    return (
        str(entry.get("name", "")).rpartition("_")[2]
        or f"{entry.get('address') if 'nickname' not in entry else ''} {entry.get('port')}"
    )


def normal(paths: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat document as the check of documents has it: text is a list, and the order of TLS versions says nothing."""
    return {path: sorted(listed(value)) if path.endswith("/tls_versions") else value for path, value in paths.items()}


def listed(value: Any) -> Any:
    """Return the list that a text stands for."""
    return value.split(",") if isinstance(value, str) else value


def packed(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return documents, each as what differs from the nearest one before it: ``like``, ``set`` and ``unset``."""
    kept: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    for document in map(flat, documents):
        nearest, least = {}, None
        for number, other in enumerate(kept):
            change = {
                "like": number,
                "set": {path: value for path, value in document.items() if other.get(path) != value},
                "unset": [path for path in other if path not in document],
            }
            size = len(str(change))
            if least is None or size < least:
                nearest, least = change, size
        whole = {"set": document}
        made.append(
            whole
            if least is None or len(str(whole)) < least
            else {k: v for k, v in nearest.items() if v or k == "like"}
        )
        kept.append(document)
    return made


def unpacked(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the flat documents that ``packed`` made changes of."""
    kept: list[dict[str, Any]] = []
    for change in changes:
        base = dict(kept[change["like"]]) if "like" in change else {}
        for path in change.get("unset", ()):
            del base[path]
        kept.append({**base, **change.get("set", {})})
    return kept
