# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server out of all services and back, by real ansible-playbook runs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from strike import Strike

from loadmaster_emulator import Emulator, Fault, commands
from loadmaster_emulator.answers import Members, Records
from runner import Playbook, with_bastion

FIRST, SECOND = "192.0.2.31", "192.0.2.32"
WEB = {"vs": "192.0.2.25", "port": 443, "prot": "tcp"}
MAIL = {"vs": "192.0.2.25", "port": 25, "prot": "tcp"}
BOTH = ["v1", "v2"]


class Counters:
    """What an appliance counts for its servers, by their numbers; without an entry a server has no connections."""

    def __init__(self) -> None:
        self.connections: dict[int, int] = {}
        self.known_clients: dict[int, int] = {}
        self.silent = False

    def __call__(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def stats(appliance: Any, request: Any) -> Members:
            answer = run(appliance, request)
            return Members(
                tuple((name, self._counted(name, value)) for name, value in answer.items if self._told(name))
            )

        return stats

    def _told(self, name: str) -> bool:
        return not (self.silent and name == "Rs")

    def _counted(self, name: str, value: Any) -> Any:
        if name != "Rs":
            return value
        return Records(tuple(self._server(record) for record in value.items))

    def _server(self, record: Members) -> Members:
        number = dict(record.items)["RSIndex"]
        known = {"ActivConns": self.connections.get(number, 0), "Persist": self.known_clients.get(number, 0)}
        return Members(tuple((name, known.get(name, value)) for name, value in record.items))


@pytest.fixture
def counters(monkeypatch: pytest.MonkeyPatch) -> Counters:
    made = Counters()
    command = commands.COMMANDS["stats"]
    monkeypatch.setitem(commands.COMMANDS, "stats", replace(command, run=made(command.run)))
    return made


@pytest.fixture
def lm(emulator: Emulator) -> Emulator:
    """Two servers in a service at layer 7 with two SubVSs, and in one at layer 4."""
    emulator.call("addvs", **MAIL, nickname="SMTP", forcel7=0)
    emulator.call("addvs", **WEB, nickname="Web", vstype="http")
    for name in ("OWA", "EWS"):
        index = emulator.call("modvs", **WEB, createsubvs="")["SubVS"][-1]["VSIndex"]
        emulator.call("modvs", vs=index, nickname=name)
    for service in holders(emulator):
        for address in (FIRST, SECOND):
            emulator.call("addrs", vs=service["Index"], rs=address, rsport=25 if service.get("VSPort") == "25" else 443)
    return emulator


def holders(lm: Emulator) -> list[dict[str, Any]]:
    return [record for record in lm.call("listvs")["VS"] if not record.get("SubVS")]


def enabled(lm: Emulator, address: str = FIRST) -> dict[str, bool]:
    """In which services a server is enabled."""
    return {
        service["NickName"]: server["Enable"]
        for service in holders(lm)
        for server in service["Rs"]
        if server["Addr"] == address
    }


def number(lm: Emulator, service: str, address: str = FIRST) -> int:
    """The number of a server in a service."""
    return next(
        int(server["RsIndex"])
        for record in holders(lm)
        for server in record["Rs"]
        if record["NickName"] == service and server["Addr"] == address
    )


def disable(lm: Emulator, service: str, address: str = FIRST) -> None:
    """What a person does in the WUI."""
    index = next(record["Index"] for record in holders(lm) if record["NickName"] == service)
    lm.call("modrs", vs=index, rs=f"!{number(lm, service, address)}", enable="n")


def notes(lm: Emulator) -> dict[str, str]:
    return {rule["Name"]: rule["Pattern"] for rule in lm.call("showrule").get("MatchContentRule", [])}


def maintenance(state: str, **options: Any) -> dict[str, Any]:
    quick = {"poll_interval": 1, "drain_timeout": 0, "healthy_timeout": 3, "settle_time": 0}
    args = {"address": FIRST, "state": state, **quick, **options}
    return {"name": state, "kemp.loadmaster.server_maintenance": args}


OUT, IN = "out_of_service", "in_service"
NOTE = "Maintenance_192_0_2_31"
EVERYWHERE = {"SMTP": True, "OWA": True, "EWS": True}
NOWHERE = dict.fromkeys(EVERYWHERE, False)


@pytest.mark.parametrize("version", BOTH)
def test_out_and_in_again(playbook: Playbook, lm: Emulator, version: str) -> None:
    before = lm.state()
    lm.journal.clear()
    task = maintenance(OUT, api_version=version, drain_timeout=5, poll_interval=5)
    run = playbook([task], diff=True).succeeded()
    assert enabled(lm) == NOWHERE and enabled(lm, SECOND) == EVERYWHERE
    # The note is read back before the first server is disabled
    writes = ["addrule", "showrule", "modrs", "modrs", "modrs"]
    # That there is no rule yet is asked twice
    assert lm.journal.commands() == ["showrule", "showrule", "listvs", *writes, "listvs", "stats", "stats"]
    told = run.tasks[0].result
    assert [
        (entry["virtual_service"], entry["sub_virtual_service"]) for entry in told["server_maintenance"]["taken_out"]
    ] == [
        ("tcp/192.0.2.25:25", ""),
        ("tcp/192.0.2.25:443", "OWA"),
        ("tcp/192.0.2.25:443", "EWS"),
    ]
    assert told["server_maintenance"]["drained"] and told["server_maintenance"]["connections"] == 0
    place = "real server 192.0.2.31:443 of SubVS OWA of tcp/192.0.2.25:443"
    assert told["diff"][0]["before"][place] == {"enabled": True} and told["diff"][0]["after"][place] == {
        "enabled": False
    }
    lm.renumber()
    lm.journal.clear()
    assert playbook([maintenance(IN, api_version=version)]).succeeded().changed == 1
    # The last one shows that the note is gone
    assert len(lm.journal) == 10 and lm.journal.commands()[-1] == "showrule" and lm.state() == before


def test_what_a_person_had_disabled_stays_disabled(playbook: Playbook, lm: Emulator) -> None:
    disable(lm, "EWS")
    before = lm.state()
    run = playbook([maintenance(OUT), maintenance(OUT), maintenance(IN), maintenance(IN)]).succeeded()
    assert [task.changed for task in run.tasks] == [True, False, True, False]
    assert lm.state() == before and enabled(lm) == {**EVERYWHERE, "EWS": False}
    assert [entry["sub_virtual_service"] for entry in run.tasks[0].result["server_maintenance"]["left_alone"]] == [
        "EWS"
    ]


def test_a_server_that_a_person_took_out_everywhere_is_not_put_back(playbook: Playbook, lm: Emulator) -> None:
    for service in EVERYWHERE:
        disable(lm, service)
    run = playbook([maintenance(OUT), maintenance(IN)]).succeeded()
    assert run.changed == 0 and enabled(lm) == NOWHERE
    assert "no note says that this module took it out" in run.warnings[-1]


def test_the_note_comes_first_and_an_interrupted_run_is_finished(playbook: Playbook, lm: Emulator) -> None:
    disable(lm, "EWS")
    lm.faults.add(Fault("status", command="modrs", skip=1, times=1, status=422, body="Out of order"))
    run = playbook([maintenance(OUT)])
    assert run.rc != 0 and "Out of order" in run.failed[0].msg and run.failed[0].result["changed"]
    assert [entry["sub_virtual_service"] for entry in run.failed[0].result["server_maintenance"]["taken_out"]] == [
        "",
        "OWA",
    ]
    assert notes(lm) == {NOTE: f"^taken_out_{number(lm, 'SMTP')}_{number(lm, 'OWA')}$"}
    playbook([maintenance(OUT), maintenance(IN)]).succeeded()
    assert enabled(lm) == {**EVERYWHERE, "EWS": False} and notes(lm) == {}


def test_a_lost_answer_loses_nothing(playbook: Playbook, lm: Emulator) -> None:
    before = lm.state()
    for command in ("addrule", "modrs", "delrule"):
        lm.faults.add(Fault("drop_after", command=command))
    playbook([maintenance(OUT), maintenance(IN)]).succeeded()
    assert lm.state() == before


def test_services_that_are_renumbered_meanwhile_are_not_mixed_up(playbook: Playbook, lm: Emulator) -> None:
    """The number of a server is looked for in the service that has its index, and no other service has it."""
    lm.call("delvs", **MAIL)
    before = lm.state()

    def renumber(call: Any) -> None:
        if call.command == "addrule":
            lm.renumber()
            lm.on_call(None)

    lm.on_call(renumber)
    run = playbook([maintenance(OUT)]).succeeded()
    refused = [call.message for call in lm.journal if call.command == "modrs" and call.http_status != 200]
    assert refused and enabled(lm) == {"OWA": False, "EWS": False} and enabled(lm, SECOND) == {"OWA": True, "EWS": True}
    assert run.changed == 1
    playbook([maintenance(IN)]).succeeded()
    assert lm.state() == before


def test_a_note_that_someone_changed_is_no_guide(playbook: Playbook, lm: Emulator) -> None:
    lm.call("addrule", name=NOTE, type=0, pattern="/owa")
    before = lm.state()
    for state in (OUT, IN):
        assert "its pattern was changed to '/owa'" in playbook([maintenance(state)]).failed[0].msg
    assert lm.state() == before


def test_more_places_than_one_note_holds(playbook: Playbook, emulator: Emulator) -> None:
    for port in range(1000, 1045):
        emulator.call("addvs", vs="192.0.2.25", port=port, prot="tcp")
        for address in (FIRST, SECOND):
            emulator.call("addrs", vs="192.0.2.25", port=port, prot="tcp", rs=address, rsport=port)
    before = emulator.state()
    playbook([maintenance(OUT)]).succeeded()
    assert sorted(notes(emulator)) == [NOTE, f"{NOTE}_part2", f"{NOTE}_part3"]
    playbook([maintenance(IN)]).succeeded()
    assert emulator.state() == before


# --- who keeps the memory -----------------------------------------------------------------------------------------------


def test_without_a_note_the_result_is_the_memory(playbook: Playbook, lm: Emulator) -> None:
    disable(lm, "EWS")
    before = lm.state()
    out = {**maintenance(OUT, remember=False), "register": "out"}
    back = maintenance(IN, remember=False, taken_out="{{ out.server_maintenance.taken_out }}")
    run = playbook([out, back]).succeeded()
    assert run.changed == 2 and lm.state() == before
    assert "addrule" not in lm.journal.commands() and "showrule" not in lm.journal.commands()
    refused = playbook([maintenance(IN, remember=False)])
    assert "Set taken_out" in refused.failed[0].msg


def test_an_earlier_result_is_not_forgotten(playbook: Playbook, lm: Emulator) -> None:
    lm.faults.add(Fault("status", command="modrs", skip=1, times=1, status=422, body="Out of order"))
    tasks = [
        {**maintenance(OUT, remember=False), "register": "first", "ignore_errors": True},
        {**maintenance(OUT, remember=False, taken_out="{{ first.server_maintenance.taken_out }}"), "register": "out"},
        maintenance(IN, remember=False, taken_out="{{ out.server_maintenance.taken_out }}"),
    ]
    run = playbook(tasks).succeeded()
    assert len(run.tasks[1].result["server_maintenance"]["taken_out"]) == 3
    assert enabled(lm) == EVERYWHERE
    # Nor where the second run fails as well.
    given = run.tasks[1].result["server_maintenance"]["taken_out"][:1]
    lm.faults.add(Fault("status", command="modrs", status=422, body="Out of order"))
    failed = playbook([maintenance(OUT, remember=False, taken_out=given)]).failed[0]
    assert given[0]["port"] in [entry["port"] for entry in failed.result["server_maintenance"]["taken_out"]]


def test_a_part_is_put_back_and_the_rest_stays_noted(playbook: Playbook, lm: Emulator) -> None:
    part = [{"virtual_service": "Web", "sub_virtual_service": "EWS"}]
    playbook([maintenance(OUT), maintenance(IN, taken_out=part)]).succeeded()
    assert enabled(lm) == {**NOWHERE, "EWS": True}
    assert notes(lm) == {NOTE: f"^taken_out_{number(lm, 'SMTP')}_{number(lm, 'OWA')}$"}
    playbook([maintenance(IN)]).succeeded()
    assert enabled(lm) == EVERYWHERE and notes(lm) == {}


@pytest.mark.emulator(
    users={"bal": "secret-of-bal", "operator": "secret-of-bal"}, permissions={"operator": ["real", "vs"]}
)
def test_a_user_who_may_not_note_changes_nothing(playbook: Playbook, lm: Emulator) -> None:
    before = lm.state()
    run = playbook([maintenance(OUT, username="operator", password="secret-of-bal")])
    assert "does not let the user operator run the command addrule" in run.failed[0].msg and lm.state() == before
    playbook([maintenance(OUT, username="operator", password="secret-of-bal", remember=False)]).succeeded()
    assert enabled(lm) == NOWHERE


# --- the last healthy server --------------------------------------------------------------------------------------------


def refusal(playbook: Playbook, lm: Emulator, **options: Any) -> str:
    before = lm.state()
    run = playbook([maintenance(OUT, **options)])
    assert run.rc != 0 and lm.state() == before
    return run.failed[0].msg


def test_the_last_healthy_server_stays(playbook: Playbook, lm: Emulator) -> None:
    lm.down.add((SECOND, 25))
    assert refusal(playbook, lm) == (
        "Real server 192.0.2.31 cannot be taken out of service: virtual service tcp/192.0.2.25:25 (SMTP) would be left without "
        "a healthy real server. If that is meant, set allow_no_servers. Nothing was changed."
    )
    disable(lm, "OWA", SECOND)
    assert "SubVS OWA of tcp/192.0.2.25:443 would be left" in refusal(playbook, lm)
    playbook([maintenance(OUT, allow_no_servers=True)]).succeeded()
    assert enabled(lm) == NOWHERE


def test_two_servers_are_never_out_at_once(playbook: Playbook, lm: Emulator) -> None:
    run = playbook([maintenance(OUT), maintenance(OUT, address=SECOND)])
    assert "Real server 192.0.2.32 cannot be taken out" in run.failed[0].msg
    assert enabled(lm, SECOND) == EVERYWHERE


def test_as_many_servers_as_a_service_needs_stay(playbook: Playbook, lm: Emulator) -> None:
    lm.call("modvs", **MAIL, enhancedhealthchecks="y")
    lm.call("modvs", **MAIL, rsminimum=2)
    assert "SMTP) needs 2 healthy real servers and would have 1" in refusal(playbook, lm)
    lm.call("modvs", **MAIL, rsminimum=1)
    lm.call("modrs", **MAIL, rs=FIRST, rsport=25, critical="y")
    assert "SMTP) counts as down without this server, which is critical" in refusal(playbook, lm)


def test_a_service_that_is_disabled_is_ignored(playbook: Playbook, lm: Emulator) -> None:
    lm.down.add((SECOND, 25))
    lm.call("modvs", **MAIL, enable="n")
    playbook([maintenance(OUT), maintenance(IN)]).succeeded()
    assert enabled(lm) == EVERYWHERE


def test_a_server_that_no_one_has(playbook: Playbook, lm: Emulator) -> None:
    for state in (OUT, IN):
        run = playbook([maintenance(state, address="192.0.2.99")])
        assert "No virtual service and no SubVS has a real server 192.0.2.99" in run.failed[0].msg


# --- waiting ------------------------------------------------------------------------------------------------------------


def falling(lm: Emulator, counters: Counters, steps: dict[int, list[int]]) -> None:
    """Let the connections of servers become fewer at every look; the last number stays."""
    looks = iter(range(1, 1000))

    def set_to(look: int) -> None:
        counters.connections = {at: left[min(look, len(left) - 1)] for at, left in steps.items()}

    set_to(0)
    lm.on_call(lambda call: set_to(next(looks)) if call.command == "stats" else None)


LINE = re.compile(r"lm1: 192\.0\.2\.31 has (\d+) connections left in (\d) services? \(\d s of 30 s\)")


@pytest.mark.parametrize("version", BOTH)
def test_says_how_many_connections_are_left(playbook: Playbook, lm: Emulator, counters: Counters, version: str) -> None:
    """It says so while it waits. To a terminal each line gets at once; to a file only unbuffered."""
    falling(lm, counters, {number(lm, "SMTP"): [2, 2, 2, 0], number(lm, "OWA"): [40, 12, 1, 0]})
    task = maintenance(OUT, drain_timeout=30, api_version=version)
    # Slow enough to be seen while it waits
    started = playbook.start([task], env={"PYTHONUNBUFFERED": "1"}, speed=4)
    while started.process.poll() is None and not LINE.search(started.shown):
        time.sleep(0.1)
    assert LINE.search(started.shown) and started.results == []
    run = started.wait().succeeded()
    assert LINE.findall(run.stdout)[:3] == [("42", "2"), ("14", "2"), ("3", "2")]
    assert "lm1: 192.0.2.31 has no connections left (" in run.stdout
    assert run.tasks[0].result["server_maintenance"]["drained"] and run.warnings == []


def test_nothing_is_said_of_a_task_that_is_to_be_silent(playbook: Playbook, lm: Emulator, counters: Counters) -> None:
    counters.connections[number(lm, "OWA")] = 5
    run = playbook([{**maintenance(OUT), "no_log": True}]).succeeded()
    assert "192.0.2.31" not in run.stdout


def test_the_time_is_up(playbook: Playbook, lm: Emulator, counters: Counters) -> None:
    counters.connections[number(lm, "SMTP")] = 7
    run = playbook([maintenance(OUT, drain_timeout=2)]).succeeded()
    told = run.tasks[0].result["server_maintenance"]
    assert not told["drained"] and told["connections"] == 7
    sentence = "192.0.2.31 has 7 connections left in 1 service when the time was up."
    assert run.warnings == [sentence] and run.tasks[0].result["msg"] == sentence
    assert lm.journal.commands().count("stats") == 3


def test_connections_of_a_place_that_a_person_disabled_count(
    playbook: Playbook, lm: Emulator, counters: Counters
) -> None:
    disable(lm, "EWS")
    counters.connections[number(lm, "EWS")] = 1
    assert not playbook([maintenance(OUT)]).succeeded().tasks[0].result["server_maintenance"]["drained"]


def test_clients_that_come_back_are_waited_for(playbook: Playbook, lm: Emulator, counters: Counters) -> None:
    """With persistence at layer 7 no one is gone before the drain time is over."""
    lm.call(
        "modvs", vs=next(r["Index"] for r in holders(lm) if r["NickName"] == "OWA"), persist="src", persisttimeout=360
    )
    counters.known_clients[number(lm, "OWA")] = 3
    run = playbook([maintenance(OUT, drain_timeout=1)]).succeeded()
    assert "clients that the LoadMaster knows may still come back to it" in run.warnings[0]
    lm.call("set", param="finalpersist", value=0)
    long_enough = maintenance(OUT, drain_timeout=5, poll_interval=5)
    assert playbook([long_enough]).succeeded().tasks[0].result["server_maintenance"]["drained"]
    # At layer 4 persistence brings no one back.
    counters.known_clients = {number(lm, "SMTP"): 3}
    lm.call("set", param="finalpersist", value=300)
    lm.call("modvs", **MAIL, persist="src", persisttimeout=360)
    assert playbook([long_enough]).succeeded().tasks[0].result["server_maintenance"]["drained"]


def test_counters_that_are_not_reported_are_not_zero(playbook: Playbook, lm: Emulator, counters: Counters) -> None:
    counters.silent = True
    run = playbook([maintenance(OUT, drain_timeout=1)]).succeeded()
    told = run.tasks[0].result["server_maintenance"]
    assert told["connections"] is None and not told["drained"] and "did not say" in run.warnings[0]


def test_an_appliance_that_is_away_for_a_moment_does_not_end_the_wait(
    playbook: Playbook, lm: Emulator, counters: Counters
) -> None:
    lm.faults.add(Fault("drop_after", command="stats", times=2))
    run = playbook([maintenance(OUT, drain_timeout=8, retries=0)]).succeeded()
    assert "Looking again." in run.stdout and run.tasks[0].result["server_maintenance"]["drained"]
    lm.faults.add(Fault("drop_after", command="stats", times=None))
    failed = playbook([maintenance(OUT, drain_timeout=1, retries=0)]).failed[0]
    assert failed.result["error"]["kind"] == "AnswerLost" and len(failed.result["server_maintenance"]["taken_out"]) == 3


# --- ending connections -------------------------------------------------------------------------------------------------


def parameters(lm: Emulator) -> tuple[Any, Any]:
    answer = {name.lower(): value for name, value in lm.call("getall").items()}
    return answer["dropatdrainend"], answer["finalpersist"]


def ending(lm: Emulator, counters: Counters) -> None:
    """Do what Kemp's documentation says that these settings do to a server at layer 7 when it is disabled."""
    at_layer_7 = {number(lm, "OWA"), number(lm, "EWS")}

    def look(call: Any) -> None:
        if call.command == "modrs" and call.parameters.get("enable") == "n" and parameters(lm) == (True, 0):
            counters.connections = {at: n for at, n in counters.connections.items() if at not in at_layer_7}

    lm.on_call(look)


def test_what_is_left_is_ended(playbook: Playbook, lm: Emulator, counters: Counters) -> None:
    ending(lm, counters)
    counters.connections[number(lm, "OWA")] = 9
    before = parameters(lm)
    run = playbook([maintenance(OUT, drain_timeout=1, cut_connections=True)]).succeeded()
    told = run.tasks[0].result["server_maintenance"]
    assert told["drained"] and told["connections"] == 0 and enabled(lm) == NOWHERE
    assert parameters(lm) == before == (False, 300)
    assert list(notes(lm)) == [NOTE]
    lm.on_call(None)
    playbook([maintenance(IN)]).succeeded()
    assert enabled(lm) == EVERYWHERE and notes(lm) == {}


def test_nothing_is_ended_where_nothing_is_left(playbook: Playbook, lm: Emulator) -> None:
    playbook([maintenance(OUT, cut_connections=True)]).succeeded()
    assert "set" not in lm.journal.commands()


def test_connections_at_layer_4_cannot_be_ended(playbook: Playbook, emulator: Emulator, counters: Counters) -> None:
    emulator.call("addvs", **MAIL, nickname="SMTP", forcel7=0)
    for address in (FIRST, SECOND):
        emulator.call("addrs", **MAIL, rs=address, rsport=25)
    counters.connections[number(emulator, "SMTP")] = 2
    run = playbook([maintenance(OUT, cut_connections=True)]).succeeded()
    assert "at layer 4, where the LoadMaster cannot end connections" in run.warnings[0]
    assert "set" not in emulator.journal.commands()


def test_where_a_person_had_disabled_it_a_server_is_not_enabled_even_for_a_moment(
    playbook: Playbook, lm: Emulator, counters: Counters
) -> None:
    disable(lm, "EWS")
    counters.connections = {number(lm, "OWA"): 9, number(lm, "EWS"): 1}
    switched: list[tuple[str, str]] = []
    lm.on_call(
        lambda c: switched.append((c.parameters["rs"], c.parameters["enable"])) if c.command == "modrs" else None
    )
    run = playbook([maintenance(OUT, cut_connections=True, poll_interval=15)]).succeeded()
    owa, smtp = f"!{number(lm, 'OWA')}", f"!{number(lm, 'SMTP')}"
    assert switched == [(smtp, "n"), (owa, "n"), (owa, "y"), (owa, "n")]
    assert [entry["sub_virtual_service"] for entry in run.tasks[0].result["server_maintenance"]["left_alone"]] == [
        "EWS"
    ]


def test_settings_that_a_run_could_not_restore_are_restored_by_the_next(
    playbook: Playbook, lm: Emulator, counters: Counters, tmp_path: Path
) -> None:
    ending(lm, counters)
    counters.connections[number(lm, "OWA")] = 9
    before = parameters(lm)
    # Where a lock was held tells that the run which had it is no more.
    machine = {"TMPDIR": str(tmp_path)}
    lm.faults.add(Fault("status", command="set", skip=2, times=None, status=422, body="Out of order"))
    assert playbook([maintenance(OUT, cut_connections=True)], env=machine).rc != 0
    assert parameters(lm) == (True, 0)
    lm.faults.clear()
    lm.on_call(None)
    playbook([maintenance(IN)], env=machine).succeeded()
    assert parameters(lm) == before and notes(lm) == {} and enabled(lm) == EVERYWHERE


def test_killed_while_connections_are_ended(
    playbook: Playbook, lm: Emulator, counters: Counters, tmp_path: Path
) -> None:
    """After any call, the next runs put back both the server and the settings."""
    before = lm.state()
    machine = {"TMPDIR": str(tmp_path)}
    task = maintenance(OUT, cut_connections=True)
    counters.connections[number(lm, "OWA")] = 9
    ending(lm, counters)
    lm.journal.clear()
    playbook([task, maintenance(IN)]).succeeded()
    calls = lm.journal.commands()
    assert lm.state() == before and calls.count("set") == 4
    for last in range(calls.index("stats"), len(calls) - calls[::-1].index("set") + 1):
        counters.connections[number(lm, "OWA")] = 9
        strike = Strike(list(lm.journal)[-1].number + last)
        lm.on_call(strike)
        strike.at(playbook.start([task], env=machine))
        assert strike.run.wait().rc != 0, f"the run survived call {last}, {calls[last - 1]}"
        lm.on_call(None)
        playbook([maintenance(IN)], env=machine).succeeded()
        assert lm.state() == before, f"killed after call {last}, {calls[last - 1]}"


def test_ending_connections_takes_the_note(playbook: Playbook, lm: Emulator) -> None:
    assert "cannot be used with remember=false" in refusal(playbook, lm, cut_connections=True, remember=False)


# --- healthy again ------------------------------------------------------------------------------------------------------


def test_waits_until_the_server_is_healthy(playbook: Playbook, lm: Emulator) -> None:
    playbook([maintenance(OUT)]).succeeded()
    lm.down.update({(FIRST, 25), (FIRST, 443)})
    looks = iter([None, (FIRST, 443), (FIRST, 25)])

    def look(call: Any) -> None:
        if call.command == "listvs" and not notes(lm):
            lm.down.discard(next(looks, None))

    lm.on_call(look)
    run = playbook([maintenance(IN, healthy_timeout=20)]).succeeded()
    assert "lm1: 192.0.2.31 is not healthy yet in 3 of 3 services (0 s of 20 s)" in run.stdout
    assert "lm1: 192.0.2.31 is healthy in 3 services" in run.stdout


def test_does_not_believe_in_health_before_the_first_check(playbook: Playbook, lm: Emulator) -> None:
    playbook([maintenance(OUT)]).succeeded()
    looks = iter(["verified", "first look"])

    def look(call: Any) -> None:
        if call.command == "listvs" and not notes(lm) and next(looks, None) is None:
            lm.down.add((FIRST, 25))

    lm.on_call(look)
    run = playbook([maintenance(IN, healthy_timeout=4, settle_time=3)])
    assert "192.0.2.31 is healthy; checking whether it stays healthy (0 s of 4 s)" in run.stdout
    assert "not healthy in virtual service tcp/192.0.2.25:25 (SMTP) (down)" in run.failed[0].msg


def test_names_where_it_is_not_healthy(playbook: Playbook, lm: Emulator) -> None:
    playbook([maintenance(OUT)]).succeeded()
    lm.down.add((FIRST, 25))
    for changed in (True, False):
        failed = playbook([maintenance(IN, healthy_timeout=1)]).failed[0]
        assert "not healthy in virtual service tcp/192.0.2.25:25 (SMTP) (down)." in failed.msg
        assert failed.result["error"]["kind"] == "Unhealthy" and failed.result["changed"] is changed
        assert [entry["port"] for entry in failed.result["server_maintenance"]["unhealthy"]] == ["25"]
    assert enabled(lm) == EVERYWHERE
    playbook([maintenance(IN, wait_healthy=False)]).succeeded()


def test_a_service_without_health_check_is_not_waited_for(playbook: Playbook, lm: Emulator) -> None:
    lm.call("modvs", **MAIL, checktype="none")
    lm.down.add((FIRST, 25))
    playbook([maintenance(OUT), maintenance(IN, healthy_timeout=0)]).succeeded()


# --- the rest -----------------------------------------------------------------------------------------------------------


def test_check_mode_takes_the_steps_of_a_run(playbook: Playbook, lm: Emulator) -> None:
    for state in (OUT, IN):
        before = lm.state()
        predicted = playbook([maintenance(state)], check=True, diff=True).succeeded().tasks[0].result
        assert lm.state() == before
        done = playbook([maintenance(state)], diff=True).succeeded().tasks[0].result
        assert (predicted["steps"], predicted["diff"]) == (done["steps"], done["diff"])
        moved = "taken_out" if state == OUT else "put_back"
        assert predicted["server_maintenance"][moved] == done["server_maintenance"][moved] != []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"poll_interval": 0}, "poll_interval is 0, but it must be from 1 to 3600"),
        ({"drain_timeout": -1}, "drain_timeout is -1, but it must be from 0 to 86400"),
        ({"address": "192.0.2"}, "address is '192.0.2', but it must be an IP address or a domain name"),
        ({"address": ""}, "address is missing"),
        ({"taken_out": [{"port": "443"}]}, "missing required arguments: virtual_service found in taken_out"),
    ],
)
def test_bad_input(playbook: Playbook, lm: Emulator, options: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(playbook, lm, **options)


@pytest.fixture
def bastion(inventory: Callable[[], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield with_bastion(inventory())


def test_shipped_to_another_host_it_does_the_same_in_silence(
    playbook: Playbook, lm: Emulator, bastion: dict[str, Any]
) -> None:
    before = lm.state()
    tasks = [{**maintenance(state), "delegate_to": "bastion"} for state in (OUT, IN)]
    run = playbook(tasks, inventory=bastion).succeeded()
    assert run.changed == 2 and lm.state() == before and "(0 s of" not in run.stdout


def test_the_module_needs_no_file_of_the_controller(playbook: Playbook, lm: Emulator, tmp_path: Path) -> None:
    """A job in a container that is thrown away puts back what another one took out."""
    before = lm.state()
    for state in (OUT, IN):
        playbook([maintenance(state)], env={"TMPDIR": str(tmp_path / state), "HOME": str(tmp_path / state)}).succeeded()
    assert lm.state() == before
