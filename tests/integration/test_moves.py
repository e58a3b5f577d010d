# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that a document moves takes along what belongs to it, changed or not."""

from __future__ import annotations

from typing import Any

import pytest
import round_trip

from loadmaster_emulator import Emulator

PLACE = {"address": "192.0.2.25", "port": 443}
SERVERS = [{"address": "192.0.2.31", "port": 443}, {"address": "192.0.2.32", "port": 443, "weight": 5}]
EVERYTHING = round_trip.EVERYTHING
RULE = {"name": "OWA", "kind": "match_content", "pattern": "/owa/"}
WITH_SUBS = {
    "sub_virtual_services": [
        {"name": "OWA", "content_rules": ["OWA"], "real_servers": SERVERS},
        {"name": "ECP", "real_servers": SERVERS},
    ]
}


def commands(result: dict[str, Any]) -> list[str]:
    return [step["command"] for step in result["steps"]]


@pytest.mark.parametrize("purge", [[], EVERYTHING], ids=["", "with purge"])
@pytest.mark.parametrize("state", ["merged", "replaced"])
@pytest.mark.parametrize("new", [{"new_address": "192.0.2.99"}, {"new_port": 8443}])
@pytest.mark.parametrize("content", [{"real_servers": SERVERS}, WITH_SUBS], ids=["servers", "SubVSs"])
def test_what_belongs_to_it_stays(content: dict[str, Any], new: dict[str, Any], state: str, purge: list[Any]) -> None:
    session = round_trip.session_of(Emulator())
    service = {**PLACE, "type": "http", "nickname": "Mail", **content}
    round_trip.apply(session, {"content_rules": [RULE], "virtual_services": [service]})
    was = round_trip.export(session)["config"]["virtual_services"][0]
    document = {"content_rules": [RULE], "virtual_services": [{**service, **new}], "state": state, "purge": purge}
    predicted = round_trip.apply(session, document, check=True)
    moved = round_trip.apply(session, document)
    assert commands(moved) == ["modvs"] and moved["steps"] == predicted["steps"]
    assert not round_trip.apply(session, document)["changed"]
    (now,) = round_trip.export(session)["config"]["virtual_services"]
    place = {name.removeprefix("new_"): str(value) for name, value in new.items()}
    assert now == {**was, **place}


def test_what_belongs_to_it_changes_on_the_way() -> None:
    session = round_trip.session_of(Emulator())
    service = {**PLACE, "type": "http", "nickname": "Mail", **WITH_SUBS}
    round_trip.apply(session, {"content_rules": [RULE], "virtual_services": [service]})
    other = [{**SERVERS[0], "weight": 7}, {"address": "192.0.2.33", "port": 443}]
    owa, ecp = WITH_SUBS["sub_virtual_services"]
    # One SubVS changes its servers, one goes, one comes; what all get is not added to one that goes
    subs = [{**owa, "idle_timeout": 900, "real_servers": other}, {"name": "New", "real_servers": other}]
    document = {
        "content_rules": [RULE],
        "virtual_services": [{**service, "new_port": 8443, "sub_virtual_services": subs}],
    }
    done = round_trip.apply(session, document, purge=EVERYTHING)
    assert set(done["removed"]) == {
        "SubVS ECP of tcp/192.0.2.25:8443",
        "real server 192.0.2.31:443 of SubVS ECP of tcp/192.0.2.25:443",
        "real server 192.0.2.32:443 of SubVS ECP of tcp/192.0.2.25:443",
        "real server 192.0.2.32:443 of SubVS OWA of tcp/192.0.2.25:8443",
    }
    assert not round_trip.apply(session, document, purge=EVERYTHING)["changed"]
    (now,) = round_trip.export(session)["config"]["virtual_services"]
    assert [sub["name"] for sub in now["sub_virtual_services"]] == ["OWA", "New"]
    for sub in now["sub_virtual_services"]:
        assert [server["address"] for server in sub["real_servers"]] == ["192.0.2.31", "192.0.2.33"]


def test_servers_without_a_port_of_their_own_move_with_the_port() -> None:
    session = round_trip.session_of(Emulator())
    round_trip.apply(session, {"virtual_services": [{**PLACE, "real_servers": [{"address": "192.0.2.31"}]}]})
    moved = {"virtual_services": [{**PLACE, "new_port": 8443, "real_servers": [{"address": "192.0.2.31"}]}]}
    done = round_trip.apply(session, moved, purge=[{"kind": "real_servers"}])
    assert commands(done) == ["modvs", "addrs", "delrs"]
    assert not round_trip.apply(session, moved, purge=[{"kind": "real_servers"}])["changed"]
