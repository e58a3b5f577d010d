# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server out of service and back, while the run is killed, and while others do something at the same time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from maintained import (
    FIRST,
    IN,
    OUT,
    SECOND,
    Controller,
    Killed,
    Once,
    enabled,
    kill,
    lose_answer,
    notes,
    service,
    settings,
    switch,
)
from test_maintenance import Counters, counters

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import lock
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.waiting import cut_connections
from loadmaster_emulator import Emulator

__all__ = ["counters"]

NOTE = "Maintenance_192_0_2_31"
NOW: dict[str, Any] = {"drain_timeout": 0, "settle_time": 0, "healthy_timeout": 0}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "FOLDER", str(tmp_path))


@pytest.fixture
def lm() -> Emulator:
    """Two servers in three services."""
    made = Emulator()
    for port in (25, 443, 993):
        service(made, port)
    return made


@pytest.fixture
def here(lm: Emulator) -> Controller:
    return Controller(lm)


def number(lm: Emulator, port: int, address: str = FIRST) -> int:
    return next(
        int(server["RsIndex"])
        for vs in lm.call("listvs")["VS"]
        for server in vs["Rs"]
        if server["Addr"] == address and int(server["Port"]) == port
    )


# --- notes of several rules ---------------------------------------------------------------------------------------------

MANY = range(1000, 1045)
DISABLED_BEFORE = (1003, 1030)


def many() -> Emulator:
    lm = Emulator()
    for port in MANY:
        service(lm, port)
    for port in DISABLED_BEFORE:
        switch(lm, port)
    return lm


def writes_of(state: str) -> int:
    lm = many()
    here = Controller(lm)
    here.run(OUT, **NOW)
    if state == IN:
        here.run(IN, **NOW)
    return len(here.wire.writes)  # type: ignore[union-attr]


class AfterWrites:
    """Kills a run after so many writes."""

    def __init__(self, last: int) -> None:
        self._left = last

    def __call__(self, command: str, _parameters: Any) -> None:
        if command in ("addrule", "modrule", "delrule", "modrs"):
            self._left -= 1
            if self._left == 0:
                raise Killed


@pytest.mark.parametrize("state", [OUT, IN])
def test_killed_after_any_write_with_a_note_of_three_rules(state: str) -> None:
    """The run after it does the rest, and what a person disables in the end stays disabled."""
    calls = writes_of(state)
    assert calls == len(MANY) - len(DISABLED_BEFORE) + 3
    for last in range(1, calls + 1):
        lm = many()
        before = lm.state()
        here = Controller(lm)
        if state == IN:
            here.run(OUT, **NOW)
        with pytest.raises(Killed):
            Controller(lm, after=AfterWrites(last)).run(state, **NOW)
        assert not here.run(state, **NOW).get("failed"), f"killed after write {last}"
        if state == OUT:
            assert enabled(lm) == [] and len(notes(lm)) == 3
            here.run(IN, **NOW)
        assert lm.state() == before, f"killed after write {last}"
        for port in MANY:
            switch(lm, port)
        assert not here.run(IN, **NOW)["changed"] and enabled(lm) == []


def test_rules_of_a_note_without_the_first_one_are_still_read() -> None:
    """A person has removed it: what it had noted no one knows, but the rest is put back, and nothing is left behind."""
    lm = many()
    here = Controller(lm)
    here.run(OUT, **NOW)
    lm.call("delrule", name=NOTE)
    assert len(here.run(IN, **NOW)["server_maintenance"]["put_back"]) == len(MANY) - len(DISABLED_BEFORE) - 20
    assert notes(lm) == {}
    for port in MANY:
        switch(lm, port)
    assert not here.run(IN, **NOW)["changed"]


# --- the last healthy server --------------------------------------------------------------------------------------------


def test_two_machines_never_take_out_the_last_two(lm: Emulator, here: Controller) -> None:
    """The other machine disables its server after this one has looked and before this one has written."""
    before = lm.state()
    here.after = Once("addrule", lambda: switch(lm, 443, SECOND))
    result = here.run(OUT, **NOW)
    assert result["failed"] and not result["changed"]
    assert result["msg"] == (
        "Real server 192.0.2.31 cannot be taken out of service: virtual service tcp/192.0.2.25:443 would be left without a "
        "healthy real server. If that is meant, set allow_no_servers. This was found only after it was disabled, so it was enabled "
        "again everywhere. Meanwhile something else wrote to the LoadMaster. Run this again when that is done."
    )
    switch(lm, 443, SECOND, on=True)
    assert lm.state() == before


def test_what_an_earlier_run_took_out_is_not_put_back(lm: Emulator, here: Controller) -> None:
    here.after = Once("modrs", kill)
    with pytest.raises(Killed):
        here.run(OUT, **NOW)
    here.after = Once("modrs", lambda: switch(lm, 443, SECOND))
    assert here.run(OUT, **NOW)["failed"]
    assert enabled(lm) == [443, 993] and notes(lm) == {NOTE: f"^taken_out_{number(lm, 25)}$"}


def test_with_allow_no_servers_it_stays_out(lm: Emulator, here: Controller) -> None:
    here.after = Once("addrule", lambda: switch(lm, 443, SECOND))
    assert not here.run(OUT, allow_no_servers=True, **NOW).get("failed") and enabled(lm) == []


def test_without_a_note_it_is_put_back_too(lm: Emulator, here: Controller) -> None:
    before = lm.state()
    here.after = Once("modrs", lambda: lm.down.add((SECOND, 443)))
    result = here.run(OUT, remember=False, **NOW)
    assert "it was enabled again" in result["msg"] and lm.state() == before


@pytest.mark.parametrize("remember", [True, False])
def test_a_place_that_a_person_enables_meanwhile_is_taken_out_and_comes_back(
    lm: Emulator, here: Controller, remember: bool
) -> None:
    switch(lm, 443)
    here.after = Once("modrs", lambda: switch(lm, 443, on=True))
    result = here.run(OUT, remember=remember, **NOW)
    taken_out = result["server_maintenance"]["taken_out"]
    assert enabled(lm) == [] and sorted(entry["port"] for entry in taken_out) == ["25", "443", "993"]
    assert result["changed"] and len(result["steps"]) == 3 + remember * 2
    here.run(IN, remember=remember, taken_out=taken_out, **NOW)
    assert enabled(lm) == [25, 443, 993] and notes(lm) == {}


def test_the_last_server_is_put_back_in_a_place_that_a_person_has_enabled_meanwhile(
    lm: Emulator, here: Controller
) -> None:
    """There it was out before, and others would have been the last; the rest is put back too."""
    switch(lm, 443)
    switch(lm, 443, SECOND)
    here.after = Once("modrs", lambda: switch(lm, 443, on=True))
    result = here.run(OUT, **NOW)
    assert result["failed"] and "443 would be left without a healthy real server" in result["msg"]
    assert enabled(lm) == [25, 443, 993] and notes(lm) == {} and not result["changed"]


def test_a_put_back_that_fails_says_what_is_out(lm: Emulator, here: Controller) -> None:
    def away() -> None:
        switch(lm, 443, SECOND)
        lm.call("modrule", name=NOTE, type=0, pattern="/owa")

    here.after = Once("modrs", away, skip=2)
    result = here.run(OUT, **NOW)
    assert result["failed"] and "Nothing was changed" not in result["msg"] and enabled(lm) == []
    assert (
        "could not be put back everywhere: The content rule" in result["msg"]
        and "its pattern was changed to '/owa'" in result["msg"]
    )
    assert result["changed"] and len(result["server_maintenance"]["taken_out"]) == 3


def test_a_refusal_after_a_lost_answer_does_not_say_that_nothing_was_changed(lm: Emulator, here: Controller) -> None:
    before = lm.state()

    def lost() -> None:
        lm.down.add((SECOND, 993))
        lose_answer()

    here.after = Once("modrs", lost)
    result = here.run(OUT, **NOW)
    assert result["failed"] and "Nothing was changed" not in result["msg"] and "it was enabled again" in result["msg"]
    assert lm.state() == before


def test_what_an_item_of_a_loop_has_read_is_old_for_the_next_one(lm: Emulator) -> None:
    lm.down.add((SECOND, 443))
    here = Controller(lm, keeps=True)
    assert "443 would be left" in here.run(OUT, remember=False, **NOW)["msg"]
    lm.down.clear()
    assert here.run(OUT, remember=False, **NOW)["changed"]


def test_a_server_that_is_not_healthy_is_missed_by_no_one(lm: Emulator, here: Controller) -> None:
    """Where all are down, each may be taken out to be repaired; one that is healthy may not."""
    lm.down.update({(FIRST, 443), (SECOND, 443)})
    assert here.run(OUT, **NOW)["changed"] and enabled(lm) == []
    here.run(IN, **NOW, wait_healthy=False)
    lm.down.discard((FIRST, 443))
    assert "443 would be left without a healthy real server" in here.run(OUT, **NOW)["msg"]


# --- ending connections -------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(lm: Emulator, counters: Counters) -> Counters:
    """One connection in each service; it ends when the server is disabled while the settings say so."""
    counters.connections = {number(lm, port): 1 for port in (25, 443, 993)}
    return counters


def ending(lm: Emulator, busy: Counters, more: Callable[..., None] = lambda *_call: None) -> Callable[..., None]:
    def after(command: str, parameters: Any) -> None:
        if command == "modrs" and parameters.get("enable") in ("n", "0", "N") and settings(lm) == (True, 0):
            busy.connections.pop(int(parameters["rs"].strip("!")), None)
        more(command, parameters)

    return after


CUT = {**NOW, "cut_connections": True}
DROP = "^drop_at_drain_time_end_n_l7_drain_time_300"


def test_a_place_that_a_person_has_enabled_again_is_left_alone(lm: Emulator, here: Controller, busy: Counters) -> None:
    """The other server is gone by then, so this one is the last; and no one has to allow that it stays."""

    def person() -> None:
        switch(lm, 443, on=True)
        switch(lm, 443, SECOND)

    here.after = ending(lm, busy, Once("set", person))
    result = here.run(OUT, **CUT)
    assert enabled(lm) == [443] and not result.get("failed")
    switched = [p for command, p in here.wire.sent if command == "modrs" and "443" in (p.get("port"), p.get("vs"))]  # type: ignore[union-attr]
    assert len(switched) == 1
    assert settings(lm) == (False, 300)


def test_a_place_that_only_this_task_has_enabled_is_disabled_again(
    lm: Emulator, here: Controller, busy: Counters
) -> None:
    """Also where the answer was lost in between."""
    for skip in range(3, 9):
        here.after = ending(lm, busy, Once("modrs", lose_answer, skip=skip))
        busy.connections = {number(lm, port): 1 for port in (25, 443, 993)}
        result = here.run(OUT, **CUT)
        assert enabled(lm) == [] and result["server_maintenance"]["drained"], f"answer {skip} was lost"
        here.after = lambda *_call: None
        here.run(IN, **NOW)


def test_settings_of_a_run_on_another_machine_are_left_to_it(lm: Emulator, here: Controller, busy: Counters) -> None:
    """A run there that only puts something back does not undo them under the one that ends connections."""
    other = Controller(lm, "other", at=here.at)
    seen: list[Any] = []

    def meanwhile() -> None:
        seen.append(other.run(IN, address=SECOND, **NOW))
        seen.append(settings(lm))

    here.after = ending(lm, busy, Once("modrs", meanwhile, skip=3))
    assert here.run(OUT, **CUT)["server_maintenance"]["drained"]
    assert seen[1] == (True, 0) and "on another machine is ending connections" in seen[0]["warnings"][0]
    assert settings(lm) == (False, 300) and list(notes(lm)) == [NOTE]


def test_two_machines_end_connections_one_after_the_other(lm: Emulator, here: Controller, busy: Counters) -> None:
    """The second one waits, so that it never takes the settings of the first one for those of the user."""
    service(lm, 80, FIRST, SECOND, "192.0.2.33")
    other = Controller(lm, "other", at=here.at)
    cut_by_other = {"address": SECOND, "allow_no_servers": True, **CUT}
    busy.connections[number(lm, 80, SECOND)] = 1
    with pytest.raises(Killed):
        Controller(lm, after=ending(lm, busy, Once("set", kill, skip=1))).run(OUT, **CUT)
    assert settings(lm) == (True, 0)

    def first_is_done() -> None:
        if len(other.said) > 3 and settings(lm) == (True, 0):
            here.at = other.at
            here.run(OUT, **NOW)

    other.asleep = first_is_done
    result = other.run(OUT, **cut_by_other)
    assert not result.get("failed") and settings(lm) == (False, 300)
    assert any("a run on another machine is ending connections; waiting for it (" in line for line in other.said)
    assert "Maintenance_drain_settings" not in notes(lm)


@pytest.mark.parametrize("lost", [False, True])
def test_another_machine_was_quicker_by_a_moment(lm: Emulator, here: Controller, busy: Counters, lost: bool) -> None:
    """It has made the note after this run had looked for one."""
    theirs = {"name": "Maintenance_drain_settings", "type": 0, "pattern": f"{DROP}_run_abc_{int(here.at)}$"}

    def quicker() -> None:
        lm.call("addrule", **theirs)
        if lost:
            here.wire.after = ending(lm, busy, Once("addrule", lose_answer))  # type: ignore[union-attr]

    def done() -> None:
        if len(here.said) > 4 and "abc" in notes(lm).get("Maintenance_drain_settings", ""):
            lm.call("delrule", name="Maintenance_drain_settings")

    here.after = ending(lm, busy, Once("getall", quicker))
    here.asleep = done
    result = here.run(OUT, **CUT)
    assert result["server_maintenance"]["drained"] and settings(lm) == (False, 300) and list(notes(lm)) == [NOTE]
    assert any("a run on another machine is ending connections" in line for line in here.said)


def test_settings_are_restored_without_their_note(lm: Emulator, here: Controller, busy: Counters) -> None:
    """Someone has removed it; the run itself still knows."""
    gone = Once("modrs", lambda: lm.call("delrule", name="Maintenance_drain_settings"), skip=3)
    here.after = ending(lm, busy, gone)
    here.run(OUT, **CUT)
    assert settings(lm) == (False, 300) and list(notes(lm)) == [NOTE]


def test_a_run_deletes_its_own_note_only(lm: Emulator, here: Controller, busy: Counters) -> None:
    """It was asleep for so long that another machine took it for interrupted, and has the settings now."""
    theirs = f"{DROP}_run_abc_1000000$"

    def taken_over() -> None:
        lm.call("modrule", name="Maintenance_drain_settings", type=0, pattern=theirs)

    here.after = ending(lm, busy, Once("modrs", taken_over, skip=5))
    here.run(OUT, **CUT)
    assert settings(lm) == (True, 0) and notes(lm)["Maintenance_drain_settings"] == theirs


@pytest.mark.parametrize("machine", ["this", "other"])
def test_settings_of_an_interrupted_run_are_restored(
    lm: Emulator, here: Controller, busy: Counters, machine: str
) -> None:
    """On the same machine at once, since the turn is free; on another one when no one can be at it any more."""
    here.after = ending(lm, busy, Once("set", kill, skip=1))
    with pytest.raises(Killed):
        here.run(OUT, **CUT)
    other = Controller(lm, machine, at=here.at)
    result = other.run(IN, **NOW)
    assert (settings(lm) == (False, 300)) is (machine == "this") is ("warnings" not in result)
    other.at += cut_connections.ABANDONED_AFTER
    other.run(IN, **NOW)
    assert settings(lm) == (False, 300) and notes(lm) == {}


def test_a_run_that_ends_connections_restores_what_another_machine_has_left(
    lm: Emulator, here: Controller, busy: Counters
) -> None:
    here.after = ending(lm, busy, Once("set", kill, skip=1))
    with pytest.raises(Killed):
        here.run(OUT, **CUT)
    # Its clock is an hour behind: it goes by how long it has seen the note itself.
    for behind in (0.0, 3600.0):
        other = Controller(lm, f"other {behind}", at=here.at - behind)
        other.after = ending(lm, busy)
        assert other.run(OUT, **CUT)["server_maintenance"]["drained"] and settings(lm) == (False, 300)
        busy.connections = {number(lm, 443): 1}


def test_a_setting_that_someone_has_made_meanwhile_is_kept(lm: Emulator, here: Controller, busy: Counters) -> None:
    here.after = ending(lm, busy, Once("modrs", lambda: lm.call("set", param="finalpersist", value=120), skip=5))
    here.run(OUT, **CUT)
    assert settings(lm) == (False, 120)


# --- counters -----------------------------------------------------------------------------------------------------------


def looks(here: Controller) -> int:
    return sum(command == "stats" for command, _parameters in here.wire.sent)  # type: ignore[union-attr]


@pytest.mark.parametrize("again", [False, True])
def test_a_counter_from_before_is_not_believed(lm: Emulator, here: Controller, again: bool) -> None:
    """The LoadMaster counts every 5 seconds, and no one knows when an earlier run has disabled the server."""
    if again:
        here.run(OUT, **NOW)
    result = here.run(OUT, drain_timeout=4, poll_interval=1)
    assert not result["server_maintenance"]["drained"] and looks(here) == 5
    assert result["warnings"] == [
        "192.0.2.31 has no connections by a count that may be from before it was disabled when the time was up."
    ]
    result = here.run(OUT, drain_timeout=300, poll_interval=1)
    assert result["server_maintenance"]["drained"] and looks(here) == 6


def test_nothing_is_ended_by_a_counter_from_before(lm: Emulator, here: Controller, counters: Counters) -> None:
    counters.connections = {number(lm, 25): 1}

    def look(command: str, _parameters: Any) -> None:
        if command == "stats":
            counters.connections = {}

    here.after = look
    result = here.run(OUT, **CUT)
    assert result["server_maintenance"]["drained"] and "set" not in here.wire.writes  # type: ignore[union-attr]


def test_a_moment_without_an_answer_does_not_end_the_wait(lm: Emulator, here: Controller, counters: Counters) -> None:
    """Not where it is asked how long clients may come back either."""
    lm.call("modvs", vs="192.0.2.25", port=443, prot="tcp", persist="src", persisttimeout=360)
    lm.call("set", param="finalpersist", value=60)
    counters.known_clients = {number(lm, 443): 2}
    here.after = Once("getall", lose_answer)
    result = here.run(OUT, drain_timeout=90)
    assert not result.get("failed") and result["server_maintenance"]["drained"]
