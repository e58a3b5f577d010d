# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Appliances as they are read, with two real servers in some services."""

from __future__ import annotations

from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

FIRST, SECOND = "192.0.2.31", "192.0.2.32"


def server(number: int, address: str = FIRST, **fields: Any) -> dict[str, Any]:
    place = {"RsIndex": str(number), "Addr": address, "Port": "443", "DnsName": ""}
    return {**place, "Status": "Up", "Enable": "Y", **fields}


def service(index: int, *servers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    place = {"Index": str(index), "VSAddress": f"192.0.2.{100 + index}", "VSPort": "443", "Protocol": "tcp"}
    return {**place, "Enable": "Y", "Layer": "7", "CheckType": "https", "Rs": list(servers), **fields}


def world(*services: dict[str, Any], rules: dict[str, str] | None = None) -> World:
    listed = [{"Name": name, "Pattern": pattern} for name, pattern in (rules or {}).items()]
    return World(Services(services), answers={"showrule": {"MatchContentRule": listed}})
