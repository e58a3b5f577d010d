# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noted, counted and refused in out_of_service, decided without an appliance."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import FIRST, SECOND, server, service, world

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance import out_of_service
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.health_checks import health_checks
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.open_connections import (
    Count,
    count_open,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.out_of_service import (
    InService,
    Note,
    OutOfService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Step


def carried_out(rules: dict[str, str], step: Step) -> dict[str, str]:
    name = str(step.parameters["name"])
    if step.command == "delrule":
        return {other: pattern for other, pattern in rules.items() if other != name}
    return {**rules, name: str(step.parameters["pattern"])}


NUMBERS = st.lists(st.integers(1, 99999).map(str), unique=True, max_size=70)


@given(NUMBERS, NUMBERS)
def test_no_number_is_lost_while_a_note_grows(noted: list[str], more: list[str]) -> None:
    """Not even where the run ends between two of its rules."""
    note = Note(FIRST)
    rules: dict[str, str] = {}
    for wanted in (noted, list(dict.fromkeys([*noted, *more]))):
        for step in sorted(note.write(wanted, world(rules=rules)), key=lambda step: step.rank):
            before = note.read(world(rules=rules))
            rules = carried_out(rules, step)
            assert len(str(step.parameters["pattern"])) <= 250
            assert set(before) <= set(note.read(world(rules=rules)))
        assert note.read(world(rules=rules)) == wanted


@given(NUMBERS, st.data())
def test_a_number_that_stays_is_not_lost_while_a_note_shrinks(noted: list[str], data: Any) -> None:
    note = Note(FIRST)
    rules: dict[str, str] = {}
    for step in note.write(noted, world()):
        rules = carried_out(rules, step)
    rest = [number for number in noted if data.draw(st.booleans())]
    for step in sorted(note.write(rest, world(rules=rules)), key=lambda step: step.rank):
        rules = carried_out(rules, step)
        assert set(rest) <= set(note.read(world(rules=rules)))
    assert note.read(world(rules=rules)) == rest and (rest or not rules)


@given(
    st.sampled_from(
        ["192.0.2.31", "2001:db8::31", "2001:db8:0:31::", "web-1.example", "web.1.example", "web_1.example"]
    )
)
def test_the_name_of_a_note_is_that_of_a_rule_and_of_one_server_only(address: str) -> None:
    others = {"192.0.2.31", "2001:db8::31", "2001:db8:0:31::", "web-1.example", "web.1.example", "web_1.example"}
    name = Note(address).name
    assert name.replace("_", "a").isalnum() and len(name) <= 127
    assert name not in {Note(other).name for other in others - {address}}


def test_the_name_of_a_note_can_be_read() -> None:
    assert Note(FIRST).name == "Maintenance_192_0_2_31"
    assert Note("web1.example").name.startswith("Maintenance_web1_example_")


def test_a_server_is_found_by_address_and_by_name_on_all_ports() -> None:
    known = world(service(1, server(7), server(8, Port="25")), service(2, server(9, DnsName="web1.example")))
    assert [place.number for place in out_of_service.places(known, FIRST)] == ["7", "8", "9"]
    assert [place.number for place in out_of_service.places(known, "web1.example")] == ["9"]


def test_numbers_of_the_note_that_are_others_now_are_left_alone() -> None:
    """After a backup was restored a number may belong to another server."""
    known = world(
        service(1, server(7, Enable="N"), server(8, SECOND, Enable="N")), rules={Note(FIRST).name: "^taken_out_7_8$"}
    )
    back = InService(FIRST)
    plan = back.plan(known, ())
    assert [step.command for step in plan.steps] == ["modrs", "delrule"]
    assert [place.number for place in back.returning(known)] == ["7"]


@pytest.mark.parametrize(
    ("others", "fields", "fault"),
    [
        ([server(8, SECOND)], {}, ""),
        ([], {}, "would be left without a healthy real server"),
        ([server(8, SECOND, Status="Down")], {}, "would be left without a healthy real server"),
        ([server(8, SECOND, Enable="N")], {}, "would be left without a healthy real server"),
        ([server(8, FIRST, Port="8443")], {}, "would be left without a healthy real server"),
        ([server(8, SECOND, Status="Unchecked")], {}, ""),
        ([server(8, SECOND, Status="Down")], {"CheckType": "none"}, ""),
        ([], {"Enable": "N"}, ""),
        ([server(8, SECOND)], {"EnhancedHealthChecks": "Y", "RsMinimum": "2"}, "needs 2 healthy real servers"),
        ([server(8, SECOND)], {"EnhancedHealthChecks": "N", "RsMinimum": "2"}, ""),
    ],
)
def test_what_a_service_cannot_do_without(others: list[Any], fields: dict[str, Any], fault: str) -> None:
    known = world(service(1, server(7), *others, **fields))
    if not fault:
        assert OutOfService(FIRST).plan(known, ()).steps
        return
    with pytest.raises(InvalidOption, match=fault):
        OutOfService(FIRST).plan(known, ())
    assert OutOfService(FIRST, allow_no_servers=True).plan(known, ()).steps


def places(*services: dict[str, Any]) -> list[out_of_service.Place]:
    return out_of_service.places(world(*services), FIRST)


def counted(number: int, **fields: Any) -> dict[str, Any]:
    return {"RSIndex": str(number), "ActivConns": "0", "Persist": "0", **fields}


def test_connections_are_those_of_all_services() -> None:
    held = places(service(1, server(7)), service(2, server(8)), service(3, server(9)))
    told = {"Rs": [counted(7, ActivConns="3"), counted(8, ActivConns="4"), counted(9), counted(10, ActivConns="99")]}
    assert count_open(held, told) == Count(7, 0, frozenset({"7", "8"}))


@pytest.mark.parametrize("told", [{}, {"Rs": [counted(7)]}, {"Rs": [counted(7), {"RSIndex": "8"}]}])
def test_what_is_not_reported_is_unknown(told: dict[str, Any]) -> None:
    held = places(service(1, server(7)), service(2, server(8)))
    assert count_open(held, told).connections is None


def test_only_persistence_at_layer_7_brings_clients_back() -> None:
    told = {"Rs": [counted(7, Persist="5")]}
    expected = {("7", "src"): 5, ("7", "none"): 0, ("7", ""): 0, ("4", "src"): 0}
    for (layer, persist), clients in expected.items():
        held = places(service(1, server(7), Layer=layer, Persist=persist))
        assert count_open(held, told).known_clients == clients
    held = places(service(1, server(7), Persist="src"))
    assert count_open(held, {"Rs": [{"RSIndex": "7", "ActivConns": "0"}]}).known_clients is None


GOOD = list(range(200, 300))


@pytest.mark.parametrize(
    ("server_fields", "fields", "expected"),
    [
        ({}, {"CheckUrl": "/health"}, {"url": "https://192.0.2.31:443/health"}),
        ({"Port": "8080"}, {"CheckType": "http"}, {"url": "http://192.0.2.31:8080/"}),
        ({}, {"CheckPort": "81", "CheckUseGet": "1"}, {"url": "https://192.0.2.31:81/", "method": "GET"}),
        ({}, {"CheckUseGet": "2", "CheckPostData": "ping"}, {"method": "POST", "body": "ping"}),
        ({}, {"CheckHost": "mail", "CheckHeaders": "A:1|B:2"}, {"headers": {"Host": "mail", "A": "1", "B": "2"}}),
        ({}, {"CheckCodes": "404 503"}, {"status_codes": [*GOOD, 404, 503]}),
        ({"Status": "Down"}, {}, {"healthy": False}),
    ],
)
def test_a_health_check_is_what_the_service_asks_for(
    server_fields: dict[str, Any], fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    (check,) = health_checks(places(service(1, server(7, **server_fields), **fields)))
    usual = {"method": "HEAD", "headers": {}, "body": "", "status_codes": [*GOOD, 301, 302, 401], "healthy": True}
    assert check == {**usual, "url": "https://192.0.2.31:443/", **expected}


def test_health_checks_are_those_over_http_of_services_in_use_each_once() -> None:
    held = places(
        service(1, server(7, Status="Down")),
        service(2, server(8)),
        service(3, server(9), CheckType="tcp"),
        service(4, server(10), CheckUrl="/off", Enable="N"),
    )
    (check,) = health_checks(held)
    assert check["url"] == "https://192.0.2.31:443/" and check["healthy"]


def test_a_health_check_of_an_ipv6_address_is_a_url() -> None:
    address = "2001:db8::31"
    held = out_of_service.places(world(service(1, server(7, address))), address)
    assert health_checks(held)[0]["url"] == "https://[2001:db8::31]:443/"
