# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LoadMaster with something in every state, and pages about it."""

from __future__ import annotations

from typing import Any

import round_trip
from authority import issue

from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import exchange_l7
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports import info
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report import pages
from loadmaster_emulator import Emulator

TIME = "2026-12-01 06:00 UTC"
SUBSETS = ("virtual_services", "system", "content_rules", "certificates", "statistics")
DRIFT = {
    "loadmaster": "lm1",
    "drift": True,
    "before": {"settings": {"hostname": "lm-south"}, "content rule Old": {"pattern": "/old/"}},
    "after": {"settings": {"hostname": "lm-north"}, "content rule Old": {}},
    "problems": [],
}
STEPS = [
    {"command": "addvs", "object": "virtual service tcp/192.0.2.80:80", "reason": "create it"},
    {"command": "addrs", "object": "real server 192.0.2.81:80 of tcp/192.0.2.80:80", "reason": "add it"},
]
# What an appliance may hold, though this collection would not write it
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "]]></svg><script>1</script>",
    "\u202eright to left\u2066",
    "half \ud800 of a character",
    "bell \x07 and \x00",
    "&lt;already&gt; &amp;",
    "{{ 7 * 7 }}",
    "x" * 5000,
)


def everything() -> dict[str, Any]:
    """Return what kemp.loadmaster.info reads of a LoadMaster with services in all states."""
    lm = Emulator()
    session = round_trip.session_of(lm)
    variables = {
        "exchange2013_l7_vip": "192.0.2.25",
        "exchange2013_l7_servers": ["192.0.2.31", "192.0.2.32"],
        "exchange2013_l7_certificate": "mail",
        "exchange2013_l7_protocols": ["owa", "activesync", "mapi"],
    }
    document = exchange_l7.document(variables, dict)
    mail = issue("mail.example.com")
    document["certificates"] = [{"name": "mail", "certificate": mail.pem, "private_key": mail.key}]
    shop = {"address": "192.0.2.80", "port": 80, "nickname": "Shop", "type": "http", "check_type": "http"}
    servers = [{"address": "192.0.2.81"}, {"address": "192.0.2.82"}, {"address": "192.0.2.83", "enabled": False}]
    relay = {"address": "2001:db8::25", "port": 25, "nickname": "Mail relay", "type": "generic", "enabled": False}
    document["virtual_services"] += [
        {**shop, "check_url": "/health", "real_servers": servers},
        {**relay, "real_servers": [{"address": "2001:db8:1234:5678:9abc:def0:1234:5678"}]},
    ]
    round_trip.apply(session, document)
    lm.down.update({("192.0.2.82", 80), ("192.0.2.32", 443)})
    return read(lm)


def many(services: int, servers: int) -> dict[str, Any]:
    """Return what is read of a LoadMaster with so many services, each with so many servers."""
    lm = Emulator()
    session = round_trip.session_of(lm)
    listed = [
        {
            **{"address": f"192.0.{number // 200}.{number % 200 + 1}", "port": 80, "nickname": f"Service {number}"},
            **{"type": "http", "check_type": "http"},
            "real_servers": [{"address": f"198.51.{number // 200}.{each}"} for each in range(1, servers + 1)],
        }
        for number in range(services)
    ]
    round_trip.apply(session, {"virtual_services": listed})
    return read(lm)


def read(lm: Emulator) -> dict[str, Any]:
    """Return all that the report reads of a LoadMaster."""
    return info.gather(round_trip.session_of(lm).snapshot, list(SUBSETS), "")


def page(found: dict[str, Any], name: str = "lm1", **options: Any) -> str:
    """Return the page about what was read, with a drift report and steps."""
    given = {"drift": DRIFT, "steps": STEPS, "expiry_days": 30, **options}
    return pages.page(found, name, TIME, given["drift"], given["steps"], given["expiry_days"])
