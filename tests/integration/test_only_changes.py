# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that only changes the state of an object never creates one: a mistyped address or name is an error."""

from __future__ import annotations

from typing import Any

import layer7
import pytest
from layer7 import HTTPS, prepare

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.modules import real_server, sub_virtual_service, virtual_service
from loadmaster_emulator import Emulator

SERVER = {"virtual_service": "192.0.2.24:80", "address": "192.0.2.31", "port": "80"}
SUB = {"virtual_service": HTTPS, "name": "OWA"}
SERVICE = {"address": "192.0.2.24", "port": "80"}
# What is mistyped, and what there is to say about it
MISTYPED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "server address": (real_server, {**SERVER, "address": "192.0.2.13", "enabled": False}, "enabled"),
    "server enabled": (real_server, {**SERVER, "address": "192.0.2.13", "enabled": True}, "enabled"),
    "server port": (real_server, {**SERVER, "port": "8080", "enabled": False}, "enabled"),
    "server of a SubVS": (
        real_server,
        {"virtual_service": HTTPS, "sub_virtual_service": "OWA", "address": "192.0.2.13", "enabled": False},
        "enabled",
    ),
    "server of all SubVSs": (
        real_server,
        {"virtual_service": HTTPS, "all_sub_virtual_services": True, "address": "192.0.2.13", "enabled": False},
        "enabled",
    ),
    "server with a permission": (
        real_server,
        {**SERVER, "address": "192.0.2.13", "enabled": False, "allow_no_servers": True},
        "enabled",
    ),
    "server that moves": (real_server, {**SERVER, "port": "8080", "new_port": "8081"}, "moving it"),
    "SubVS": (sub_virtual_service, {**SUB, "name": "OWS", "enabled": False}, "enabled"),
    "service address": (virtual_service, {**SERVICE, "address": "192.0.2.42", "enabled": False}, "enabled"),
    "service protocol": (virtual_service, {**SERVICE, "protocol": "udp", "enabled": False}, "enabled"),
    "service that moves": (
        virtual_service,
        {**SERVICE, "address": "192.0.2.42", "new_address": "192.0.2.43"},
        "moving it",
    ),
}


@pytest.fixture
def made(do: layer7.Do) -> layer7.Do:
    prepare(do)
    for name in ("OWA", "ECP"):
        do(sub_virtual_service, virtual_service=HTTPS, name=name, real_servers=[{"address": "192.0.2.31"}])
    do(virtual_service, **SERVICE, real_servers=[{"address": "192.0.2.31"}, {"address": "192.0.2.32"}])
    return do


@pytest.mark.parametrize("check", [True, False], ids=["check", "run"])
@pytest.mark.parametrize("mistake", MISTYPED)
def test_what_only_changes_creates_nothing(made: layer7.Do, emulator: Emulator, mistake: str, check: bool) -> None:
    module, options, word = MISTYPED[mistake]
    before = emulator.state()
    with pytest.raises(InvalidOption, match=f"does not exist, and {word} alone does not create it") as refused:
        made(module, check=check, **options)
    assert "set state to present" in refused.value.message
    assert emulator.state() == before


@pytest.mark.parametrize("mistake", MISTYPED)
def test_with_a_state_the_same_is_created(made: layer7.Do, emulator: Emulator, mistake: str) -> None:
    module, options, _word = MISTYPED[mistake]
    layer7.twice(made, module, state="present", **options)


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (real_server, {**SERVER, "address": "192.0.2.33"}),
        (real_server, {**SERVER, "address": "192.0.2.33", "weight": 5, "enabled": False}),
        (sub_virtual_service, {**SUB, "name": "EWS", "type": "http", "enabled": False}),
        (sub_virtual_service, {**SUB, "name": "EWS"}),
        (virtual_service, {**SERVICE, "port": "81"}),
        (virtual_service, {**SERVICE, "port": "81", "nickname": "Web", "enabled": False}),
        (virtual_service, {**SERVICE, "port": "81", "enabled": False, "real_servers": [{"address": "192.0.2.31"}]}),
    ],
)
def test_what_makes_an_object_creates_it(made: layer7.Do, module: Any, options: dict[str, Any]) -> None:
    layer7.twice(made, module, **options)


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (real_server, SERVER),
        (real_server, {"virtual_service": HTTPS, "all_sub_virtual_services": True, "address": "192.0.2.32"}),
        (sub_virtual_service, SUB),
        (virtual_service, SERVICE),
    ],
    ids=["server", "some SubVSs", "SubVS", "service"],
)
def test_what_exists_is_changed(made: layer7.Do, emulator: Emulator, module: Any, options: dict[str, Any]) -> None:
    made(real_server, virtual_service=HTTPS, sub_virtual_service="OWA", address="192.0.2.32")
    servers = [len(each.get("Rs", [])) for each in emulator.call("listvs")["VS"]]
    layer7.twice(made, module, **options, enabled=False)
    assert [len(each.get("Rs", [])) for each in emulator.call("listvs")["VS"]] == servers


# --- exactly these servers


@pytest.mark.parametrize(
    ("module", "options"), [(virtual_service, SERVICE), (sub_virtual_service, SUB)], ids=["service", "SubVS"]
)
def test_a_list_of_servers_may_be_exact(
    made: layer7.Do, emulator: Emulator, module: Any, options: dict[str, Any]
) -> None:
    made(module, **options, real_servers=[{"address": "192.0.2.39", "enabled": False}])
    wanted = [{"address": "192.0.2.32"}, {"address": "192.0.2.33", "port": 8080}]
    port = 443 if module is sub_virtual_service else 80

    def held() -> list[tuple[str, int]]:
        nickname = {virtual_service: "", sub_virtual_service: "OWA"}[module]
        (record,) = [
            each
            for each in emulator.call("listvs")["VS"]
            if each.get("NickName", "") == nickname and each.get("VSAddress", "192.0.2.24") == "192.0.2.24"
        ]
        return [(rs["Addr"], rs["Port"]) for rs in record.get("Rs", [])]

    layer7.twice(made, module, **options, real_servers=wanted, exact_servers=True)
    assert sorted(held()) == [("192.0.2.32", port), ("192.0.2.33", 8080)]
    with pytest.raises(InvalidOption, match="without an enabled real server") as refused:
        made(module, **options, real_servers=[], exact_servers=True)
    assert "purge" not in refused.value.message
    layer7.twice(made, module, **options, real_servers=[], exact_servers=True, allow_no_servers=True)
    assert held() == []
    with pytest.raises(InvalidOption, match="exact_servers needs real_servers"):
        made(module, **options, exact_servers=True)
