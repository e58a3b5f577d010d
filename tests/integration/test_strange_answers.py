# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that are no answers, never end or have no bounds, and faults of the collection itself: a sentence, and nothing is lost."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from authority import Issued, issue
from recipes import install_certificate

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.snapshot import Snapshot
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AnswerLost,
    NotConverged,
    Refused,
    Unreadable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import content_rule, virtual_service
from loadmaster_emulator import Emulator, Fault

PASSWORD = "secret-of-bal"
SERVICE = {"state": "present", "address": "192.0.2.25", "port": "443", "type": "http", "add_http_headers": "via"}


@contextmanager
def client_of(emulator: Emulator, **options: Any) -> Iterator[Client]:
    login = {"host": emulator.host, "host_port": emulator.port, "username": "bal", "password": PASSWORD}
    with Client(
        build({**login, "fingerprint": emulator.fingerprint, **options}), sleep=lambda _seconds: None
    ) as opened:
        yield opened


def make(opened: Client) -> dict[str, Any]:
    return virtual_service.MODULE.perform(SERVICE, Session(opened, sleep=lambda _seconds: None), Mode())


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault("garbage", command="addvs"),
        Fault("garbage", command="addvs", body='{"code": 200, "status": "done"}'),
        Fault("garbage", command="modvs", body="<html><body>Bad gateway</body></html>"),
    ],
)
def test_an_answer_that_cannot_be_read_is_looked_up(emulator: Emulator, version: str, fault: Fault) -> None:
    """What it answers was carried out, or not: the LoadMaster shows which."""
    emulator.faults.add(fault)
    with client_of(emulator, api_version=version) as opened:
        assert make(opened)["changed"]
    done = [call.command for call in emulator.journal if call.carried_out and call.command in ("addvs", "modvs")]
    assert done == ["addvs", "modvs"]
    with client_of(emulator, api_version=version) as opened:
        assert not make(opened)["changed"]


@pytest.mark.parametrize("command", ["addrule", "modrule", "delrule"])
def test_a_rule_that_was_ignored_is_missed(emulator: Emulator, command: str) -> None:
    """The answer to a write has the rule as it should be by then; only reading it shows that it is not."""
    rule = {"name": "OWA", "kind": "match_content", "pattern": "/^.owa.*/"}
    steps = {
        "addrule": [rule],
        "modrule": [rule, {**rule, "ignore_case": True}],
        "delrule": [rule, {**rule, "state": "absent"}],
    }
    emulator.faults.add(Fault("ignore", command=command))
    with client_of(emulator) as opened:
        session = Session(opened, sleep=lambda _seconds: None)
        *before, last = ({"state": "present", **step} for step in steps[command])
        for options in before:
            content_rule.MODULE.perform(options, session, Mode())
        with pytest.raises(NotConverged):
            content_rule.MODULE.perform(last, session, Mode())
        assert content_rule.MODULE.perform(last, session, Mode())["changed"]
        assert not content_rule.MODULE.perform(last, session, Mode())["changed"]


def test_nonsense_after_good_answers_is_no_matter_of_the_address(emulator: Emulator) -> None:
    with client_of(emulator) as opened:
        opened.read("listvs")
        emulator.faults.add(Fault("garbage", times=None))
        with pytest.raises(client.Unreadable) as caught:
            opened.read("listvs")
    assert caught.value.message.endswith("which is not a reply of the LoadMaster API.")


@pytest.fixture
def issued() -> Issued:
    return issue("lm")


@pytest.fixture
def dripping(issued: Issued, tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Where a server is that answers with one byte after the other, and never comes to an end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    file = tmp_path / "server.pem"
    file.write_text(issued.pem + issued.key, encoding="ascii")
    context.load_cert_chain(file)
    ended = threading.Event()

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while not ended.is_set():
                plain, _address = listening.accept()
                with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                    while not ended.is_set():
                        time.sleep(0.05)
                        connection.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()
        ended.set()


def test_an_answer_that_never_ends_is_cut_off(
    dripping: tuple[str, int], issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes well within the time-out, so that only the time in all can end it."""
    monkeypatch.setattr(client, "LONGEST", 1)
    monkeypatch.setattr(client, "LOST_READS", 0)
    host, port = dripping
    options = {"host": host, "host_port": port, "api_key": "k", "fingerprint": issued.fingerprint, "timeout": 0.5}
    with (
        Client(build(options)) as opened,
        pytest.raises(AnswerLost, match="failed before the command listvs was answered"),
    ):
        opened.read("listvs")


def test_an_answer_without_bounds_is_cut_off(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 1000)
    emulator.faults.add(Fault("garbage", body="x" * 5000, times=None))
    with client_of(emulator) as opened, pytest.raises(AnswerLost, match="its answer has more than 0 MB"):
        opened.read("listvs")


def test_a_fault_of_the_collection_is_a_sentence_without_values(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any, **_options: Any) -> None:
        raise KeyError(PASSWORD)

    monkeypatch.setattr(Session, "reach", broken)
    with client_of(emulator) as opened:
        told = virtual_service.MODULE.run(
            {**SERVICE, "host": "lm", "username": "bal", "password": PASSWORD},
            lambda _connection: Session(opened),
            Mode(),
        )
    assert told["failed"] and "KeyError in test_strange_answers.py" in told["msg"] and "Please report it" in told["msg"]
    assert PASSWORD not in str(told)


# What says "ok" and is no listing, and what a listing that may be empty looks like
NO_LISTS = ['{"code": 200, "status": "ok"}', '{"code": 200, "message": "Command completed ok", "status": "ok"}']
LISTINGS = ["listvs", "showrule", "listcert", "listintermediate", "getall", "showhealth"]


@pytest.mark.parametrize("body", NO_LISTS)
@pytest.mark.parametrize("command", LISTINGS)
def test_a_listing_without_its_list_is_not_taken_for_an_empty_one(emulator: Emulator, command: str, body: str) -> None:
    """An answer that came once is asked for again; one that stays is an error, or is shown to be true by another command."""
    install_certificate(emulator)
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
    emulator.call("addrule", name="OWA", type=0, pattern="/x/")
    emulator.call("addintermediate", cert="chain", data=issue("chain").pem)
    with client_of(emulator, api_version="v2") as opened:
        right = Snapshot(opened).answer(command)
        emulator.faults.add(Fault("garbage", command=command, body=body))
        assert Snapshot(opened).answer(command) == right
        if "message" not in body and command not in ("listvs", "getall", "showhealth"):
            return
        emulator.faults.add(Fault("garbage", command=command, body=body, times=None))
        with pytest.raises(Unreadable, match=f'the command {command} with "ok" and without its list'):
            Snapshot(opened).answer(command)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_empty_appliance_is_believed(emulator: Emulator, version: str) -> None:
    with client_of(emulator, api_version=version) as opened:
        snapshot = Snapshot(opened)
        for command in ("listvs", "showrule", "listcert", "listintermediate", "listtemplates"):
            assert not any(snapshot.answer(command).values())


def test_an_empty_listing_is_held_against_the_statistics(emulator: Emulator) -> None:
    with client_of(emulator, api_version="v1") as opened:
        emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
        empty = '<Response stat="200" code="ok"><Success><Data></Data></Success></Response>'
        emulator.faults.add(Fault("garbage", command="listvs", body=empty, times=None))
        with pytest.raises(Unreadable):
            Snapshot(opened).answer("listvs")


@pytest.mark.parametrize("name", ["readcert:mail-2026", "readintermediate:chain", "getcipherset:Mine"])
@pytest.mark.parametrize("body", NO_LISTS)
def test_one_that_is_answered_with_nothing_is_not_taken_for_absent(emulator: Emulator, name: str, body: str) -> None:
    install_certificate(emulator)
    emulator.call("addintermediate", cert="chain", data=issue("chain").pem)
    emulator.call("modifycipherset", name="Mine", value="ECDHE-RSA-AES256-GCM-SHA384")
    command = name.split(":", maxsplit=1)[0]
    with client_of(emulator, api_version="v2") as opened:
        right = Snapshot(opened).answer(name)
        assert right
        emulator.faults.add(Fault("garbage", command=command, body=body))
        assert Snapshot(opened).answer(name) == right
        emulator.faults.add(Fault("garbage", command=command, body=body, times=None))
        with pytest.raises(Unreadable, match=f'the command {command} with "ok" and without'):
            Snapshot(opened).answer(name)


@pytest.mark.parametrize("name", ["readcert:mail-2026", "readintermediate:chain", "getcipherset:Mine"])
def test_one_refusal_does_not_make_it_absent(emulator: Emulator, name: str) -> None:
    """Listings say what there is, and if there is none, a second refusal."""
    install_certificate(emulator)
    emulator.call("addintermediate", cert="chain", data=issue("chain").pem)
    emulator.call("modifycipherset", name="Mine", value="ECDHE-RSA-AES256-GCM-SHA384")
    command = name.split(":", maxsplit=1)[0]
    with client_of(emulator, api_version="v2") as opened:
        emulator.faults.add(Fault("fail_with_200", command=command, body="Unknown something"))
        try:
            assert Snapshot(opened).answer(name)
        except Refused as refusal:
            assert "Could not read" in refusal.message
