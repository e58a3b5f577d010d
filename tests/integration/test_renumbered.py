# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another writer renumbers the services between a look-up and the call that uses the number: nothing stays wrong in silence."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from documents import PASSWORD, USER, exchange, put_back, run, saved, session_with
from recipes import install_certificate
from test_writers import doing

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import LoadMasterError
from loadmaster_emulator import Emulator, Fault

# Services of another writer, with numbers below and above those of the task, and one with SubVSs of its own.
FOREIGN = [f"192.0.2.{number}" for number in range(101, 109)]
CIPHERS = ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"]
OWN = "/192.0.2.25:"
Act = Callable[[], None]


@pytest.fixture
def lm() -> Iterator[Emulator]:
    with Emulator(users={USER: PASSWORD}) as made:
        install_certificate(made)
        for address in FOREIGN:
            add_foreign(made, address)
        made.call("addvs", vs="192.0.2.100", port=443, prot="tcp", vstype="http", nickname="Theirs")
        for name in ("A", "B"):
            sub = made.call("modvs", vs="192.0.2.100", port=443, prot="tcp", createsubvs="")["SubVS"][-1]
            made.call("modvs", vs=sub["VSIndex"], nickname=name)
            made.call("addrs", vs=sub["VSIndex"], rs="192.0.2.200", rsport=80)
        yield made


def add_foreign(lm: Emulator, address: str) -> None:
    lm.call("addvs", vs=address, port=80, prot="tcp", vstype="http", nickname=f"Foreign {address}")
    lm.call("addrs", vs=address, port=80, prot="tcp", rs="192.0.2.201", rsport=80)


class Renumbering:
    """Deletes a service of its own below all others, changes a cipher set, and adds the service again."""

    def __init__(self, lm: Emulator) -> None:
        self.lm = lm
        self.times = 0

    def __call__(self) -> None:
        address = min(
            (record for record in self.lm.call("listvs")["VS"] if record.get("VSAddress") in FOREIGN),
            key=lambda record: int(record["Index"]),
        )["VSAddress"]
        self.lm.call("delvs", vs=address, port=80, prot="tcp")
        self.lm.call("modifycipherset", name="Theirs", value=CIPHERS[self.times % 2])
        add_foreign(self.lm, address)
        self.times += 1


def after_calls(session: Any, which: Callable[[str], bool], act: Act) -> None:
    """Let another writer act after each call of a session that ``which`` chooses."""
    send = session.client._call

    def sent(command: str, *rest: Any) -> Any:
        answer = send(command, *rest)
        if which(command):
            act()
        return answer

    session.client._call = sent


def told_or_right(lm: Emulator, document: dict[str, Any], clean: Any, which: Callable[[str], bool]) -> str:
    """Run a document while another writer renumbers. Returns the message of a failure, empty without one.

    After a success everything is as it was without the other writer; after a failure, all that is wrong is named.
    """
    with session_with(lm) as session:
        after_calls(session, which, Renumbering(lm))
        try:
            doing(document)(session)
        except LoadMasterError as error:
            check_foreign_are_right_or_named(lm.state(), clean, error.message)
            run(lm, document=document)
            own = [key for key in clean["services"] if OWN in key]
            assert {key: lm.state()["services"][key] for key in own} == {key: clean["services"][key] for key in own}
            return error.message
    assert without_ciphers(lm.state()) == without_ciphers(clean)
    return ""


def check_foreign_are_right_or_named(state: Any, clean: Any, message: str) -> None:
    for key, service in clean["services"].items():
        if OWN not in key and state["services"].get(key) != service:
            assert key in message, (key, state["services"].get(key), message)


def without_ciphers(state: Any) -> Any:
    return {**state, "cipher_sets": {name: v for name, v in state["cipher_sets"].items() if name != "Theirs"}}


@pytest.fixture
def small() -> dict[str, Any]:
    """A service with three SubVSs, their servers and rules."""
    document = exchange(2)
    (https, *_others) = document["virtual_services"]
    https = {name: value for name, value in https.items() if name != "certificates"}
    return {**document, "virtual_services": [{**https, "sub_virtual_services": https["sub_virtual_services"][:3]}]}


@pytest.fixture
def recipe() -> dict[str, Any]:
    """Exchange at layer 7 with all of its protocols, a redirect and SMTP."""
    document = exchange(3)
    del document["virtual_services"][0]["certificates"]
    return document


@pytest.fixture
def changed(lm: Emulator, small: dict[str, Any]) -> dict[str, Any]:
    """Changes of all sorts to the SubVSs of the small document, which is there already with a fourth one."""
    (service,) = small["virtual_services"]
    first, second, third = service["sub_virtual_services"]
    run(
        lm,
        document={
            **small,
            "virtual_services": [
                {
                    **service,
                    "sub_virtual_services": [
                        *service["sub_virtual_services"],
                        {**third, "name": "Last", "content_rules": []},
                    ],
                }
            ],
        },
    )
    servers = first["real_servers"]
    subs = [
        {
            **first,
            "idle_timeout": 700,
            "request_rules": [],
            "real_servers": [{**servers[0], "weight": 500}, {**servers[1], "state": "absent"}],
        },
        {"name": second["name"], "state": "absent"},
        {
            **third,
            "persistence": "source_ip",
            "persistence_timeout": 600,
            "real_servers": [{**servers[0], "new_port": 8443}, servers[1]],
        },
        {"name": "Last", "request_rules": ["RootToOWA"], "real_servers": [{"address": "192.0.2.77", "port": 443}]},
    ]
    return {**small, "virtual_services": [{**service, "sub_virtual_services": subs}]}


def undisturbed(lm: Emulator, document: dict[str, Any]) -> tuple[Any, list[str]]:
    """What the appliance is like after a run that no one disturbs, and its calls; it is put back to what it was."""
    start, calls = saved(lm), []
    with session_with(lm) as session:
        send = session.client._call

        def sent(command: str, *rest: Any) -> Any:
            calls.append(command)
            return send(command, *rest)

        session.client._call = sent  # type: ignore[method-assign]
        doing(document)(session)
    clean = lm.state()
    put_back(lm, start)
    return clean, calls


@pytest.mark.parametrize("which", ["small", "changed"])
def test_renumbering_once_after_any_call_leaves_nothing_wrong(
    lm: Emulator, which: str, request: pytest.FixtureRequest
) -> None:
    small = request.getfixturevalue(which)
    clean, calls = undisturbed(lm, small)
    start = saved(lm)
    for chosen in range(len(calls)):
        put_back(lm, start)
        number = iter(range(10_000))
        message = told_or_right(lm, small, clean, lambda _command, n=number, c=chosen: next(n) == c)
        # Of two that went at once, nothing tells which one this task has deleted
        told = "delvs" in calls[chosen:] and "not clear which of the two writers" in message
        assert not message or told, f"after call {chosen}, {calls[chosen]}: {message}"


@pytest.mark.parametrize("document", ["recipe", "changed"])
@pytest.mark.parametrize("which", ["listvs", ""])
def test_renumbering_after_every_call_leaves_nothing_wrong_that_is_not_named(
    lm: Emulator, document: str, which: str, request: pytest.FixtureRequest
) -> None:
    small = request.getfixturevalue(document)
    clean, _calls = undisturbed(lm, small)
    told_or_right(lm, small, clean, lambda command: not which or command == which)


@pytest.mark.parametrize("seed", range(12))
def test_renumbering_by_chance(lm: Emulator, seed: int, request: pytest.FixtureRequest) -> None:
    small = request.getfixturevalue(("recipe", "small", "changed")[seed % 3])
    clean, _calls = undisturbed(lm, small)
    chance = random.Random(seed)
    told_or_right(lm, small, clean, lambda _command: chance.random() < 0.2)


def test_a_rollback_survives_renumbering(lm: Emulator, small: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """What a rollback reaches by a number that no longer holds is put back or named as well."""
    changed = request.getfixturevalue("changed")
    clean, start = lm.state(), saved(lm)
    for chosen in range(4, 40, 3):
        put_back(lm, start)
        lm.faults.add(Fault("status", command="addrs", status=422, times=None))
        number = iter(range(10_000))
        with session_with(lm) as session:
            after_calls(session, lambda _command, n=number, c=chosen: next(n) == c, Renumbering(lm))
            with pytest.raises(LoadMasterError) as caught:
                doing(changed, rollback=True)(session)
        lm.faults.clear()
        message = caught.value.message
        if "except:" not in message and "renumber" not in message:
            assert without_ciphers(lm.state()) == without_ciphers(clean), (chosen, message)
        check_foreign_are_right_or_named(lm.state(), clean, message)
