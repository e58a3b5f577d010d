# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of the job, as data: Exchange at layer 7 in 69 objects, and any number of plain services.

Each object is written down once, with the options of the collection; ``parameters`` spells it for the API.
"""

from __future__ import annotations

from typing import Any

from .farm import CERTIFICATE, Call

VIP = "192.0.2.25"
PLACE = f"{VIP}:443"
SERVERS = ["192.0.2.31", "192.0.2.32", "192.0.2.33"]
RULE_PREFIX, NAME_PREFIX = "Exchange_", "Exchange L7"

# Name, path, seconds of silence
_PROTOCOLS = (
    ("OWA", "owa", 1800),
    ("ECP", "ecp", 660),
    ("EWS", "ews", 1800),
    ("ActiveSync", "Microsoft-Server-ActiveSync", 1800),
    ("Autodiscover", "autodiscover", 660),
    ("MAPI", "mapi", 1800),
    ("OAB", "oab", 660),
    ("Outlook Anywhere", "rpc", 1800),
    ("PowerShell", "powershell", 660),
)
# Name of the role, title, port, who speaks first, check, seconds of silence
_MAIL = (
    ("smtp", "SMTP", 25, "smtp", "smtp", 300),
    ("smtp_submission", "SMTP submission", 587, "smtp", "smtp", 300),
    ("imap", "IMAP", 143, "imap4", "imap", 3600),
    ("imaps", "IMAPS", 993, "none", "tcp", 3600),
    ("pops", "POP3S", 995, "none", "tcp", 1800),
)

ROLE_VARIABLES: dict[str, Any] = {
    "exchange2013_l7_vip": VIP,
    "exchange2013_l7_servers": SERVERS,
    "exchange2013_l7_certificate": CERTIFICATE,
    "exchange2013_l7_mail_services": [name for name, *_rest in _MAIL],
    "exchange2013_l7_name_prefix": NAME_PREFIX,
    "exchange2013_l7_rule_prefix": RULE_PREFIX,
}

_BALANCED = {"transparent": False, "subnet_originating": True, "scheduling": "least_connection", "persistence": "none"}


def _pattern(path: str) -> str:
    return rf"/^\/{path.replace('Server', 'server').replace('ActiveSync', 'activesync')}.*/"


RULES: list[dict[str, Any]] = [
    *(
        {"name": RULE_PREFIX + name.replace(" ", ""), "kind": "match_content", "pattern": _pattern(path)}
        | {"ignore_case": True}
        for name, path, _idle in _PROTOCOLS
    ),
    {"name": f"{RULE_PREFIX}Root", "kind": "match_content", "pattern": r"/^\/$/", "ignore_case": False},
    {"name": f"{RULE_PREFIX}RootToOWA", "kind": "modify_url", "pattern": r"/^\/$/", "value": "/owa/"},
]
SERVICES: list[dict[str, Any]] = [
    {
        **{"address": VIP, "port": 443, "nickname": f"{NAME_PREFIX} - HTTPS", "type": "http", **_BALANCED},
        **{"idle_timeout": 1800, "ssl_acceleration": True, "certificates": [CERTIFICATE]},
        **{"tls_versions": ["TLSv1.2", "TLSv1.3"], "cipher_set": "BestPractices", "ssl_reencrypt": True},
        **{"add_http_headers": "x_forwarded_for"},
    },
    {
        **{"address": VIP, "port": 80, "nickname": f"{NAME_PREFIX} - HTTPS Redirect", "type": "http"},
        **{"check_type": "none", "error_code": 301, "error_url": "https://%h%s"},
    },
    *(
        {
            **{"address": VIP, "port": port, "nickname": f"{NAME_PREFIX} - {title}", "type": "generic"},
            **{"force_l4": False, **_BALANCED, "idle_timeout": idle},
            **{"server_initiating": first, "check_type": check},
        }
        for _name, title, port, first, check, idle in _MAIL
    ),
]
SUBS: list[dict[str, Any]] = [
    {
        **{"name": name, "type": "http", **_BALANCED, "idle_timeout": idle, "check_type": "https"},
        **{"check_url": f"/{path}/healthcheck.htm", "check_method": "get", "check_pattern": "200 OK"},
        "add_http_headers": "x_forwarded_for",
        "content_rules": [RULE_PREFIX + name.replace(" ", ""), *([f"{RULE_PREFIX}Root"] if name == "OWA" else [])],
        "request_rules": [f"{RULE_PREFIX}RootToOWA"] if name == "OWA" else [],
    }
    for name, path, idle in _PROTOCOLS
]
SUB_SERVERS: list[dict[str, Any]] = [
    {"sub": sub["name"], "address": address, "port": 443} for sub in SUBS for address in SERVERS
]
MAIL_SERVERS: list[dict[str, Any]] = [
    {"service": f"{VIP}:{port}", "address": address, "port": port}
    for _name, _title, port, *_rest in _MAIL
    for address in SERVERS
]

#: How many objects of each kind there are when the job is done.
CENSUS = {
    "content rules": len(RULES),
    "services": len(SERVICES),
    "SubVSs": len(SUBS),
    "servers": len(SUB_SERVERS) + len(MAIL_SERVERS),
}
OBJECTS = sum(CENSUS.values())


def document() -> dict[str, Any]:
    """Return the 69 objects as one document of ``kemp.loadmaster.config``."""

    def servers(entries: list[dict[str, Any]], owner: str, name: str) -> list[dict[str, Any]]:
        return [{"address": one["address"], "port": one["port"]} for one in entries if one[owner] == name]

    services = [{**one} for one in SERVICES]
    services[0]["sub_virtual_services"] = [
        {**sub, "real_servers": servers(SUB_SERVERS, "sub", sub["name"])} for sub in SUBS
    ]
    for service in services[2:]:
        service["real_servers"] = servers(MAIL_SERVERS, "service", f"{VIP}:{service['port']}")
    return {"content_rules": RULES, "virtual_services": services}


# Option, parameter, and what becomes of its value
_PARAMETERS: dict[str, tuple[str, dict[Any, str]]] = {
    "address": ("vs", {}),
    "port": ("port", {}),
    "nickname": ("nickname", {}),
    "type": ("vstype", {"generic": "gen"}),
    "force_l4": ("forcel7", {False: "1"}),
    "transparent": ("transparent", {}),
    "subnet_originating": ("subnetoriginating", {}),
    "scheduling": ("schedule", {"least_connection": "lc"}),
    "persistence": ("persist", {"source_ip": "src"}),
    "persistence_timeout": ("persisttimeout", {}),
    "idle_timeout": ("idletime", {}),
    "server_initiating": ("serverinit", {"none": "0", "smtp": "1", "imap4": "4"}),
    "ssl_acceleration": ("sslacceleration", {}),
    "certificates": ("certfile", {}),
    "tls_versions": ("tlstype", {("TLSv1.2", "TLSv1.3"): "7"}),
    "cipher_set": ("cipherset", {}),
    "ssl_reencrypt": ("sslreencrypt", {}),
    "add_http_headers": ("addvia", {"x_forwarded_for": "5"}),
    "check_type": ("checktype", {}),
    "check_url": ("checkurl", {}),
    "check_method": ("checkuseget", {"get": "1"}),
    "check_pattern": ("checkpattern", {}),
    "error_code": ("errorcode", {}),
    "error_url": ("errorurl", {}),
    "kind": ("type", {"match_content": "0", "modify_url": "4"}),
    "pattern": ("pattern", {}),
    "ignore_case": ("nocase", {}),
    "value": ("replacement", {}),
}


def parameters(entry: dict[str, Any]) -> dict[str, str]:
    """Return the parameters of the API for an object; a name stands for itself, lists of other objects are left out."""
    spelt = {"name": entry["name"]} if "kind" in entry else {"nickname": entry["name"]} if "name" in entry else {}
    for option, value in entry.items():
        if option in _PARAMETERS:
            name, words = _PARAMETERS[option]
            key = tuple(value) if isinstance(value, list) else value
            spelt[name] = words.get(key, " ".join(key) if isinstance(key, tuple) else _plain(key))
    return spelt | ({"prot": "tcp"} if "address" in entry else {})


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def many(number: int) -> list[dict[str, Any]]:
    """Return plain services with four servers each."""
    return [
        {
            **{"address": _address(18, index), "port": 443, "nickname": f"Service {index}", "type": "http"},
            **{"scheduling": "least_connection", "persistence": "source_ip", "persistence_timeout": 360},
            **{"check_type": "http", "check_url": "/health", "check_method": "get", "idle_timeout": 900},
            "real_servers": [{"address": _address(19, 4 * index + each), "port": 8443} for each in range(4)],
        }
        for index in range(number)
    ]


def _address(second: int, number: int) -> str:
    """Return an address of 198.18.0.0/15, which is for measurements like these."""
    return f"198.{second}.{number // 250}.{number % 250 + 1}"


def calls_for(services: list[dict[str, Any]]) -> list[Call]:
    """Return the calls that make services without SubVSs."""
    calls: list[Call] = []
    for service in services:
        sent = parameters(service)
        place = {name: sent[name] for name in ("vs", "port", "prot")}
        calls.append(("addvs", sent))
        for server in service["real_servers"]:
            calls.append(("addrs", {**place, "rs": server["address"], "rsport": str(server["port"])}))
    return calls
