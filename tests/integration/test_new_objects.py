# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New objects and what they have at first: check mode and a run say the same, and a refusal comes before the first write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from documents import session_with
from new_objects import Cell, tried
from recipes import install_certificate

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table, service_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SLOT_TABLE,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    TABLE as OF_SUBS,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import (
    config,
    real_server,
    sub_virtual_service,
    virtual_service,
)
from loadmaster_emulator import Emulator

TLS = {"ssl_acceleration": True}
# New services by port, protocol and what is said of them: ports that are on record, ports that are not, and every layer.
SERVICES: dict[str, dict[str, Any]] = {
    "tcp 80": {"port": "80"},
    "tcp 443": {"port": "443"},
    "tcp 8080": {"port": "8080"},
    "tcp 53": {"port": "53"},
    "tcp 25": {"port": "25"},
    "tcp 3389": {"port": "3389"},
    "tcp 20001": {"port": "20001"},
    "every port": {"port": "*"},
    "udp 53": {"port": "53", "protocol": "udp"},
    "udp 161": {"port": "161", "protocol": "udp"},
    "udp at layer 7": {"port": "5060", "protocol": "udp", "force_l4": False, "type": "generic"},
    "http at 8080": {"port": "8080", "type": "http"},
    "http at 9000": {"port": "9000", "type": "http", "check_type": "http"},
    "generic at 80": {"port": "80", "type": "generic"},
    "layer 4": {"port": "443", "type": "generic", "force_l4": True},
    "STARTTLS": {"port": "587", "type": "starttls", "check_type": "smtp"},
    "TLS at 443": {"port": "443", **TLS},
    "TLS at 9443": {"port": "9443", "type": "http", **TLS},
    "re-encryption": {"port": "443", "ssl_reencrypt": True, "real_servers": [{"address": "192.0.2.31"}] * 1, **TLS},
    "persistence": {"port": "8000", "persistence": "source_ip", "scheduling": "resource_based_adaptive"},
}
PARENTS: dict[str, dict[str, Any]] = {
    "of http at 80": {"port": 80},
    "of http at 443": {"port": 443},
    "of http at 8080": {"port": 8080},
    "of an unknown port": {"port": 9000},
    "of STARTTLS": {"port": 25, "vstype": "tls"},
    "of TLS": {"port": 443, "sslacceleration": 1},
}


@pytest.fixture
def lm() -> Iterator[Emulator]:
    with Emulator(firmware="7.2.63", users={"bal": "secret-of-bal"}) as emulator:
        install_certificate(emulator)
        emulator.call("addvs", vs="192.0.2.200", port=80, prot="tcp", nickname="leader")
        emulator.call("addrule", name="Grid", type=0, pattern="/a/")
        emulator.call("set", param="localbind", value="yes")
        yield emulator


@pytest.fixture
def session(lm: Emulator) -> Iterator[Session]:
    with session_with(lm) as opened:
        yield opened


def _faults(cells: Iterator[Cell]) -> list[str]:
    return [f"{cell.option}={cell.value!r}: {cell.fault}" for cell in cells if cell.fault]


@pytest.mark.parametrize("sort", SERVICES)
def test_every_option_of_a_new_service(lm: Emulator, session: Session, sort: str) -> None:
    options = {"address": "192.0.2.135", **SERVICES[sort]}
    rows = [*service_table.TABLE.fields, *rule_lists.rows(rule_lists.OF_SERVICES)]
    faults = [fault for row in rows for fault in _faults(tried(lm, session, virtual_service, options, row))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("sort", PARENTS)
def test_every_option_of_a_new_sub(lm: Emulator, session: Session, sort: str) -> None:
    lm.call("addvs", vs="192.0.2.135", prot="tcp", nickname="parent", **PARENTS[sort])
    rows = [
        *OF_SUBS.fields,
        *SLOT_TABLE.fields,
        *rule_lists.rows((*rule_lists.OF_SERVICES, rule_lists.CONTENT_RULES)),
    ]
    options = {"virtual_service": "parent", "name": "sub"}
    faults = [fault for row in rows for fault in _faults(tried(lm, session, sub_virtual_service, options, row))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("owner", ["tcp 80", "tcp 20001", "udp 161", "layer 4", "every port", "sub"])
def test_every_option_of_a_new_server(lm: Emulator, session: Session, owner: str) -> None:
    options: dict[str, Any] = {"virtual_service": "owner", "address": "192.0.2.31", "port": "8080"}
    place: Mapping[str, Any] = SERVICES.get(owner, {"port": "80"})
    lm.call("addvs", vs="192.0.2.135", port=place["port"], prot=place.get("protocol", "tcp"), nickname="owner")
    if place.get("force_l4"):
        lm.call("modvs", vs="192.0.2.135", port=place["port"], prot="tcp", vstype="gen")
        lm.call("modvs", vs="192.0.2.135", port=place["port"], prot="tcp", forcel7=0)
    if owner == "sub":
        parent = lm.call("modvs", vs="192.0.2.135", port=80, prot="tcp", createsubvs="")
        lm.call("modvs", vs=parent["SubVS"][0]["VSIndex"], nickname="sub")
        options["sub_virtual_service"] = "sub"
    rows = [*server_table.TABLE.fields, *rule_lists.rows(server_table.RULES)]
    faults = [fault for row in rows for fault in _faults(tried(lm, session, real_server, options, row))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("sort", ["tcp 80", "tcp 443", "tcp 8080", "tcp 20001", "every port", "http at 9000"])
def test_every_option_of_a_new_sub_in_a_new_service(lm: Emulator, session: Session, sort: str) -> None:
    """Both are new in the same document, so what the SubVS takes over is what the LoadMaster picks for its parent."""

    def perform(options: Mapping[str, Any], opened: Session, mode: Mode) -> dict[str, Any]:
        entry = {name: value for name, value in options.items() if name not in config.MODULE.options}
        parent = {"address": "192.0.2.135", **SERVICES[sort], "sub_virtual_services": [{"real_servers": [], **entry}]}
        given = {name: options[name] for name in config.MODULE.options if name in options}
        return config.MODULE.perform({**given, "virtual_services": [parent]}, opened, mode)

    document = SimpleNamespace(MODULE=replace(config.MODULE, perform=perform))
    rows = [*OF_SUBS.fields, *SLOT_TABLE.fields]
    faults = [fault for row in rows for fault in _faults(tried(lm, session, document, {"name": "sub"}, row))]
    assert not faults, "\n".join(faults)
