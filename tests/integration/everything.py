# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A document with something of everything, and one that makes, changes and removes something of everything."""

from __future__ import annotations

import copy
from typing import Any

from authority import issue

from ansible_collections.kemp.loadmaster.plugins.modules import config

PLACE = {"address": "192.0.2.25", "port": 443}
MAIL, OLD, OTHER = issue("mail.example.com"), issue("old.example.com"), issue("other.example.com")
ISSUING, FORMER = issue("issuing", ca=True), issue("former", ca=True)
SECRETS = {f"certificates.{name}.private_key": each.key for name, each in (("mail", MAIL), ("old", OLD))}


def before() -> dict[str, Any]:
    """An appliance with something of everything, some of which only the purge will know of."""
    servers = [{"address": "192.0.2.31"}, {"address": "192.0.2.32", "weight": 20, "enabled": False}]
    old = {"name": "Old", "content_rules": ["Old"], "request_rules": ["Header"], "weight": 7, "real_servers": servers}
    return {
        "settings": {"hostname": "lm1", "syslog_info": ["192.0.2.60"], "health_check_interval": 20},
        "certificates": [{"name": "mail", "certificate": MAIL.pem}, {"name": "old", "certificate": OLD.pem}],
        "intermediate_certificates": [
            {"name": "issuing", "certificate": ISSUING.pem},
            {"name": "former", "certificate": FORMER.pem},
        ],
        "content_rules": [
            {"name": "OWA", "kind": "match_content", "pattern": "/owa/"},
            {"name": "Old", "kind": "match_content", "pattern": "/old/"},
            {"name": "Header", "kind": "add_header", "header": "X-A", "value": "1"},
        ],
        "virtual_services": [
            {
                **{**PLACE, "type": "http", "nickname": "Mail", "transparent": False, "ssl_acceleration": True},
                **{"certificates": ["mail"], "request_rules": ["Header"]},
                "sub_virtual_services": [{"name": "OWA", "content_rules": ["OWA"], "real_servers": servers}, old],
            },
            {"address": "192.0.2.25", "port": 25, "real_servers": [{"address": "192.0.2.31", "weight": 500}]},
            {
                "address": "192.0.2.90",
                "port": 80,
                "nickname": "Old",
                "persistence": "source_ip",
                "real_servers": servers,
            },
        ],
    }


def after() -> dict[str, Any]:
    """A document that makes, changes and, with a purge of everything, removes something of everything."""
    mail, smtp, _old = copy.deepcopy(before()["virtual_services"])
    mail |= {"nickname": "Post", "idle_timeout": 900, "request_rules": []}
    mail["sub_virtual_services"] = [
        {"name": "OWA", "weight": 30, "content_rules": ["EWS", "OWA"], "real_servers": [{"address": "192.0.2.31"}]},
        {"name": "EWS", "content_rules": ["EWS"], "real_servers": [{"address": "192.0.2.31"}]},
    ]
    smtp["real_servers"] = [{"address": "192.0.2.31", "weight": 20}, {"address": "192.0.2.39"}]
    new = {"address": "192.0.2.77", "port": 80, "real_servers": [{"address": "192.0.2.31"}]}
    return {
        "settings": {
            **{"hostname": "lm9", "syslog_error": ["192.0.2.60"]},
            **{"health_check_timeout": 9, "health_check_retries": 9},
        },
        "certificates": [{"name": "mail", "certificate": MAIL.pem}, {"name": "new", "certificate": OTHER.pem}],
        "secrets": {"certificates.new.private_key": OTHER.key},
        "intermediate_certificates": [{"name": "issuing", "certificate": issue("issuing", ca=True).pem}],
        "cipher_sets": [{"name": "Mine", "ciphers": ["ECDHE-RSA-AES256-GCM-SHA384"]}],
        "content_rules": [
            {"name": "OWA", "kind": "match_content", "pattern": "/other/"},
            {"name": "EWS", "kind": "match_content", "pattern": "/ews/"},
        ],
        "virtual_services": [mail, smtp, new],
        "purge": [{"kind": kind} for kind in config.MODULE.options["purge"]["options"]["kind"]["choices"]],
        "state": "replaced",
    }
