# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events between two states of a LoadMaster, by table: no input and output, no clock."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._events import event_changes, event_states
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_shape import (
    LONGEST,
    Place,
    event,
    harmless,
    number_or_text,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

PLACE = Place("lm1", "192.0.2.5", 443)
NOW = 1_767_225_600.0


def service(
    status: str = "Up", servers: dict[str, str] | None = None, *, index: str = "1", nickname: str = "Shop", **more: Any
) -> dict[str, Any]:
    records = [
        {"Addr": address, "Port": "80", "RsIndex": str(number), "Status": word}
        for number, (address, word) in enumerate((servers or {}).items(), 1)
    ]
    place = {"VSAddress": "192.0.2.80", "VSPort": "80", "Protocol": "tcp", "MasterVSID": "0"}
    return {"Index": index, "Status": status, "NickName": nickname, **place, "Rs": records, **more}


def world(*records: dict[str, Any]) -> World:
    return World.from_answers({"listvs": {"VS": list(records)}})


def run(*worlds: World, confirmations: int = 1) -> list[list[str]]:
    """The events of readings that follow each other, each as TYPE:SERVER."""
    states: event_states.States | None = None
    found = []
    for each in worlds:
        seen = event_states.watched(each)
        after = event_states.first(seen) if states is None else event_states.following(states, seen, confirmations)
        told = event_states.events(states, after, PLACE, NOW)
        found.append([f"{e['type']}:{e['server'] or e['sub_virtual_service'] or e['service']}" for e in told])
        states = after
    return found


def servers(*statuses: str) -> list[World]:
    return [world(service("Up", {"192.0.2.81": status, "192.0.2.82": "Up"})) for status in statuses]


DOWN, UP = ["server_down:192.0.2.81"], ["server_up:192.0.2.81"]


@pytest.mark.parametrize(
    ("statuses", "confirmations", "expected"),
    [
        (["Up", "Up"], 1, [[], []]),
        (["Up", "Down", "Down", "Up"], 1, [[], DOWN, [], UP]),
        (["Down", "Down", "Up"], 1, [DOWN, [], UP]),
        (["Up", "down"], 1, [[], DOWN]),
        (["Up", "Down", "Up", "Down", "Down"], 2, [[], [], [], [], DOWN]),
        (["Up", "Down", "Down", "Up", "Up"], 2, [[], [], DOWN, [], UP]),
        (["Down", "Up", "Down", "Up", "Up"], 2, [DOWN, [], [], [], UP]),
        (["Up", "Disabled", "Up"], 1, [[], [], []]),
        (["Up", "Down", "Disabled", "Down", "Up"], 1, [[], DOWN, [], [], UP]),
        (["Down", "Disabled", "Up"], 1, [DOWN, [], UP]),
        (["Disabled", "Down"], 1, [[], DOWN]),
        (["Disabled", "Up", "Down"], 1, [[], [], DOWN]),
        (["Up", "Down", "Disabled", "Down"], 2, [[], [], [], []]),
        (["Up", "", "Up"], 1, [[], [], []]),
        (["Up", "Something new"], 1, [[], []]),
        (["Up", "Down", "Unchecked"], 1, [[], DOWN, UP]),
    ],
)
def test_a_server(statuses: list[str], confirmations: int, expected: list[list[str]]) -> None:
    assert run(*servers(*statuses), confirmations=confirmations) == expected


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["Up", "Down", "Up"], [[], ["service_down:tcp/192.0.2.80:80"], ["service_up:tcp/192.0.2.80:80"]]),
        (["Up", "FailMsg"], [[], ["service_down:tcp/192.0.2.80:80"]]),
        (["Redirect", "Redirect"], [[], []]),
        (["Down", "Redirect"], [["service_down:tcp/192.0.2.80:80"], ["service_up:tcp/192.0.2.80:80"]]),
        (["Up", "Disabled"], [[], []]),
    ],
)
def test_a_service(statuses: list[str], expected: list[list[str]]) -> None:
    assert run(*(world(service(status)) for status in statuses)) == expected


def test_a_new_server_has_to_be_down_twice() -> None:
    before = world(service("Up", {"192.0.2.81": "Up"}))
    new = {"192.0.2.81": "Up", "192.0.2.82": "Down"}
    assert run(before, world(service("Up", new))) == [[], []]
    assert run(before, world(service("Up", new)), world(service("Up", new))) == [[], [], ["server_down:192.0.2.82"]]
    checked = {"192.0.2.81": "Up", "192.0.2.82": "Up"}
    assert run(before, world(service("Up", new)), world(service("Up", checked))) == [[], [], []]


def test_what_is_deleted_is_no_event_and_what_comes_back_down_is_one() -> None:
    both = world(service("Up", {"192.0.2.81": "Up", "192.0.2.82": "Down"}))
    one = world(service("Up", {"192.0.2.81": "Up"}))
    down = ["server_down:192.0.2.82"]
    assert run(both, one, both, both) == [down, [], [], down]
    assert run(world(service("Down")), world()) == [["service_down:tcp/192.0.2.80:80"], []]


def test_a_rename_or_another_number_is_no_event() -> None:
    before = service("Up", {"192.0.2.81": "Down"})
    assert run(world(before), world({**before, "NickName": "Store"})) == [DOWN, []]
    assert run(world(before), world({**before, "Index": "7"})) == [DOWN, []]


def sub(name: str, status: str, slot: str = "1", index: str = "2") -> list[dict[str, Any]]:
    slots = [{"RsIndex": slot, "VSIndex": index, "Name": name}] if slot else []
    parent = service("Up", index="1", SubVS=slots)
    return [parent, {"Index": index, "MasterVSID": "1", "NickName": name, "Status": status, "VSAddress": ""}]


@pytest.mark.parametrize("slot", ["1", ""])
def test_a_sub_virtual_service(slot: str) -> None:
    states = (world(*sub("OWA", status, slot)) for status in ("Up", "Down", "Up"))
    assert run(*states) == [[], ["sub_virtual_service_down:OWA"], ["sub_virtual_service_up:OWA"]]


def test_a_sub_virtual_service_may_get_another_name() -> None:
    assert run(world(*sub("OWA", "Down")), world(*sub("ECP", "Down")), world(*sub("ECP", "Up", index="9"))) == [
        ["sub_virtual_service_down:OWA"],
        [],
        ["sub_virtual_service_up:ECP"],
    ]


def test_what_an_event_says() -> None:
    before, after = (event_states.watched(each) for each in servers("Up", "Down"))
    first = event_states.first(before)
    (found,) = event_states.events(first, event_states.following(first, after, 1), PLACE, NOW)
    assert found == {
        "type": "server_down",
        "loadmaster": {"name": "lm1", "host": "192.0.2.5", "port": 443},
        "time": "2026-01-01T00:00:00Z",
        "message": "lm1: real server 192.0.2.81:80 of virtual service tcp/192.0.2.80:80 (Shop) is down.",
        "service": "tcp/192.0.2.80:80",
        "nickname": "Shop",
        "sub_virtual_service": "",
        "server": "192.0.2.81",
        "port": 80,
        "state": "down",
        "was": "up",
        "initial": False,
    }


def test_the_first_states_are_marked() -> None:
    (found,) = event_states.events(None, event_states.first(event_states.watched(servers("Down")[0])), PLACE, NOW)
    assert (found["initial"], found["was"], found["state"]) == (True, "", "down")


@given(
    st.lists(st.sampled_from(["Up", "Down", "Disabled", "FailMsg", "Unchecked", ""]), min_size=1, max_size=30),
    st.integers(1, 4),
)
def test_down_and_up_take_turns(statuses: list[str], confirmations: int) -> None:
    """Whatever a server does: no event comes twice in a row, and the first one is down."""
    found = [each.partition(":")[0] for step in run(*servers(*statuses), confirmations=confirmations) for each in step]
    assert found == ["server_down", "server_up"] * (len(found) // 2) + ["server_down"] * (len(found) % 2)


# --- changes


@pytest.mark.parametrize(
    ("before", "after", "objects"),
    [
        ([service()], [service()], None),
        ([service("Up", {"192.0.2.81": "Up"})], [service("Down", {"192.0.2.81": "Down"})], None),
        ([service()], [service(index="9")], None),
        ([service()], [service(nickname="Store")], ["virtual service tcp/192.0.2.80:80"]),
        ([service()], [], ["virtual service tcp/192.0.2.80:80"]),
        (
            [service()],
            [service("Up", {"192.0.2.81": "Up"})],
            ["real server 192.0.2.81:80 of virtual service tcp/192.0.2.80:80"],
        ),
    ],
)
def test_a_change_of_the_configuration(before: Any, after: Any, objects: list[str] | None) -> None:
    found = event_changes.changed(world(*before), world(*after), PLACE, NOW)
    assert (found is None) == (objects is None)
    if found is not None:
        assert found["objects"] == objects and found["count"] == len(found["changes"]) > 0
    same = event_changes.fingerprint(world(*before)) == event_changes.fingerprint(world(*after))
    assert same == (objects is None)


def test_many_changes_are_counted() -> None:
    many = [{**service(index=str(number)), "VSPort": str(number), "NickName": f"S{number}"} for number in range(1, 61)]
    found = event_changes.changed(world(*many), world(), PLACE, NOW)
    assert found is not None and found["count"] == 60 and len(found["changes"]) == len(found["objects"]) == 20
    assert found["message"].endswith("and 59 more.")


# --- texts of an appliance


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain {x} text", "plain {x} text"),
        ("{{ x }}", "{ { x }}"),
        ("{{{{x", "{ { { {x"),
        ("{% raw %}{# c #}", "{ % raw %}{ # c #}"),
        ("#jinja2: variable_start_string:'['", "# jinja2: variable_start_string:'['"),
        ("a\x1b[2Jb\ud800\n", "a?[2Jb??"),
        ("x" * 500, "x" * LONGEST + "..."),
    ],
)
def test_texts_cannot_be_templates(text: str, safe: str) -> None:
    assert harmless(text) == safe
    found = event(PLACE, "server_down", text[:50], NOW, changes=[text], more={text: text})
    assert found["changes"] == [safe] and found["more"] == {safe: safe}


@given(st.text())
def test_no_text_has_a_beginning_of_a_template(text: str) -> None:
    safe = harmless(text)
    assert not any(mark in safe for mark in ("{{", "{%", "{#", "#jinja2:"))
    safe.encode()


@pytest.mark.parametrize(("text", "value"), [("80", 80), ("*", "*"), ("", ""), ("٣", "٣"), ("9" * 9, "9" * 9)])
def test_a_port(text: str, value: Any) -> None:
    assert number_or_text(text) == value
