# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cause is reported once, and a message says what to do about it."""

from __future__ import annotations

from typing import Any

import pytest
import round_trip
from recipes import install_certificate

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from loadmaster_emulator import Emulator
from runner import Playbook, with_bastion

L4, L7 = "kemp.loadmaster.exchange2013_l4", "kemp.loadmaster.exchange2013_l7"
SERVERS = ["192.0.2.31", "192.0.2.32"]
LAYER_4 = {"exchange2013_l4_vip": "192.0.2.25", "exchange2013_l4_servers": SERVERS}
LAYER_7 = {
    **{"exchange2013_l7_vip": "192.0.2.25", "exchange2013_l7_servers": SERVERS},
    "exchange2013_l7_certificate": "mail-2026",
}
SUBS = [{"name": name, "real_servers": [{"address": "192.0.2.31"}]} for name in ("OWA", "ECP", "EWS")]


@pytest.mark.parametrize("check", [True, False])
def test_from_layer_4_to_layer_7_one_cause_and_the_way_out(emulator: Emulator, playbook: Playbook, check: bool) -> None:
    install_certificate(emulator)
    playbook(L4, extra_vars=LAYER_4).succeeded()
    refused = playbook(L7, extra_vars=LAYER_7, check=check)
    (failed,) = refused.failed
    assert failed.msg.count("has real servers of its own") == 1 and "\n" not in failed.msg
    assert failed.msg.startswith(
        "virtual_services[0].sub_virtual_services[0], virtual_services[0].sub_virtual_services[1] and 7 more: virtual service "
        "tcp/192.0.2.25:443 has real servers of its own"
    )
    assert "run the role exchange2013_l4 with exchange2013_l4_state: absent" in failed.msg
    assert len(failed.result["error"]["problems"]) == 9
    playbook(L4, extra_vars={**LAYER_4, "exchange2013_l4_state": "absent"}).succeeded()
    playbook(L7, extra_vars=LAYER_7).succeeded()


def made(**document: Any) -> Any:
    lm = Emulator()
    session = round_trip.session_of(lm)
    round_trip.apply(session, document)
    return session


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        ({"real_servers": [{"address": "192.0.2.31"}]}, {"sub_virtual_services": SUBS}, "has real servers of its own"),
        (
            {"sub_virtual_services": SUBS},
            {"real_servers": [{"address": f"192.0.2.{number}"} for number in range(31, 36)]},
            "has SubVSs",
        ),
    ],
    ids=["to SubVSs", "to servers"],
)
def test_what_a_service_cannot_become_is_told_once_with_advice(
    before: dict[str, Any], after: dict[str, Any], cause: str
) -> None:
    place = {"address": "192.0.2.25", "port": 443, "type": "http"}
    session = made(virtual_services=[{**place, **before}])
    with pytest.raises(InvalidOption) as caught:
        round_trip.apply(session, {"virtual_services": [{**place, **after}]})
    assert caught.value.message.count(cause) == 1 and "Delete the service first (state: absent)" in caught.value.message
    assert len(caught.value.problems) == len(next(iter(after.values())))


def test_the_same_fault_in_many_places_is_told_once() -> None:
    """As in an export where a server of all SubVSs was mistyped."""
    bad = [{**sub, "real_servers": [{"address": "192.0.2.399"}]} for sub in SUBS]
    service = {"address": "192.0.2.25", "port": 443, "type": "http", "sub_virtual_services": bad}
    with pytest.raises(InvalidOption) as caught:
        made(virtual_services=[{**service, "idle_timeout": "soon"}])
    lines = caught.value.message.splitlines()
    assert lines[0] == "2 things are wrong. Nothing was changed." and len(lines) == 3
    first, second, third = (
        f"virtual_services[0].sub_virtual_services[{number}].real_servers[0] (192.0.2.399)" for number in range(3)
    )
    assert lines[1].startswith(f"- {first}, {second} and {third}: address is '192.0.2.399', but it must be ")
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize("key", ["adress", "Address", "addr", "ip_address"])
def test_a_server_of_a_role_with_a_misspelt_address(emulator: Emulator, playbook: Playbook, key: str) -> None:
    servers = ["192.0.2.31", {key: "192.0.2.32"}]
    refused = playbook(L7, extra_vars={**LAYER_7, "exchange2013_l7_servers": servers})
    told = refused.failed[0].msg
    assert told.startswith(f"exchange2013_l7_servers[1]: unknown option '{key}'; did you mean 'address'?")
    assert told.count(f"'{key}'") == 1 and "\n" not in told and emulator.call("listvs").get("VS", []) == []


def test_a_server_of_the_maintenance_with_a_misspelt_address(playbook: Playbook) -> None:
    given = {"rolling_maintenance_servers": [{"adress": "192.0.2.31"}], "rolling_maintenance_tasks": "/none.yml"}
    told = playbook("kemp.loadmaster.rolling_maintenance", extra_vars=given).failed[0].msg
    assert "rolling_maintenance_servers[0]: unknown option 'adress'; did you mean 'address'? Each entry of " in told


OPTIONS = [
    ("virtual_service", {"address": "192.0.2.25", "port": 443, "sheduling": "x"}, "sheduling", "scheduling"),
    ("virtual_service", {"address": "192.0.2.25", "port": 443, "check-url": "/"}, "check-url", "check_url"),
    ("virtual_service", {"address": "192.0.2.25", "port": 443, "checkUrl": "/"}, "checkUrl", "check_url"),
    (
        "virtual_service",
        {"address": "192.0.2.25", "port": 443, "real_servers": [{"address": "192.0.2.31", "wieght": 5}]},
        "real_servers.wieght",
        "weight",
    ),
    ("real_server", {"virtual_service": "Shop", "adress": "192.0.2.31"}, "adress", "address"),
    ("settings", {"hostnam": "lm1"}, "hostnam", "hostname"),
    ("config", {"virtual_service": []}, "virtual_service", "virtual_services"),
    ("info", {"gather_subsets": "all"}, "gather_subsets", "gather_subset"),
    ("certificate", {"name": "mail", "fingerprnt": "x"}, "fingerprnt", "fingerprint"),
]


@pytest.mark.parametrize(
    "way", [{}, {"delegate_to": "localhost"}, {"delegate_to": "bastion"}], ids=["here", "localhost", "shipped"]
)
def test_an_unknown_option_of_a_module_gets_a_suggestion(
    emulator: Emulator, playbook: Playbook, inventory: Any, way: Any
) -> None:
    data = with_bastion(inventory())
    tasks = [
        {f"kemp.loadmaster.{module}": args, "ignore_errors": True, **way} for module, args, _name, _meant in OPTIONS
    ]
    done = playbook(tasks, inventory=data)
    assert len(done.tasks) == len(OPTIONS)
    for result, (module, _args, name, meant) in zip(done.tasks, OPTIONS, strict=True):
        assert result.msg.startswith(
            f"Unsupported parameters for (kemp.loadmaster.{module}) module: {name}; did you mean '{meant}'?"
        ), result.msg
        assert "Supported parameters include" not in result.msg
    assert emulator.journal.commands() == []


def test_an_option_that_resembles_none_gets_the_list(emulator: Emulator, playbook: Playbook) -> None:
    told = playbook([{"kemp.loadmaster.content_rule": {"name": "a", "qqqq": 1, "knd": "x"}}]).failed[0].msg
    assert "qqqq" in told and "knd; did you mean 'kind'?" in told and "Supported parameters include: " in told
