# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance believes no "ok": each write that the appliance ignores is an error, and the note stays until all is back."""

from __future__ import annotations

from typing import Any

import pytest
from maintained import DEFAULTS, FIRST, IN, OUT, enabled, notes, service, skipping_clock

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import LoadMasterError
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import maintenance
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.results import of_error
from loadmaster_emulator import Emulator, Fault

PORTS = (80, 443, 8080)
NOW = {"drain_timeout": 0, "settle_time": 0, "wait_healthy": False}


@pytest.fixture
def lm(emulator: Emulator) -> Emulator:
    for port in PORTS:
        service(emulator, port)
    return emulator


def run(lm: Emulator, state: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Run the module over a connection, so that planted faults count; return its result, a failed one too."""
    login = {"host": lm.host, "host_port": lm.port, "username": "bal", "password": "secret-of-bal"}
    with Client(build({**login, "fingerprint": lm.fingerprint}), sleep=lambda _seconds: None) as client:
        session = Session(client, sleep=lambda _seconds: None)
        task = {**DEFAULTS, "address": FIRST, "state": state, **options}
        try:
            return maintenance.perform(task, session, check=check, clock=skipping_clock())
        except LoadMasterError as error:
            return of_error(error)


@pytest.mark.parametrize("skip", range(len(PORTS)))
@pytest.mark.parametrize("given", [False, True])
def test_a_server_that_was_not_enabled_is_an_error_and_stays_noted(lm: Emulator, skip: int, given: bool) -> None:
    out = run(lm, OUT)
    assert enabled(lm) == [] and len(notes(lm)) == 1
    taken_out = {"taken_out": out["server_maintenance"]["taken_out"]} if given else {}
    lm.faults.add(Fault("ignore", command="modrs", skip=skip, times=1))
    told = run(lm, IN, **taken_out)
    assert told["failed"] and told["changed"] and told["error"]["kind"] == "NotConverged", told
    assert len(enabled(lm)) == len(PORTS) - 1 and len(notes(lm)) == 1
    again = run(lm, IN, **taken_out)
    assert again["changed"] and "failed" not in again
    assert enabled(lm) == sorted(PORTS) and notes(lm) == {}
    assert not run(lm, IN, **taken_out)["changed"]


def test_a_note_that_was_not_made_is_an_error(lm: Emulator) -> None:
    lm.faults.add(Fault("ignore", command="addrule", times=1))
    told = run(lm, OUT)
    assert told["failed"] and told["error"]["kind"] == "NotConverged", told
    # What is noted nowhere is in the result
    assert len(told["server_maintenance"]["taken_out"]) == len(PORTS)


@pytest.mark.parametrize("skip", range(len(PORTS)))
def test_a_server_that_was_not_disabled_is_an_error(lm: Emulator, skip: int) -> None:
    lm.faults.add(Fault("ignore", command="modrs", skip=skip, times=1))
    told = run(lm, OUT)
    assert told["failed"] and len(enabled(lm)) == 1
    assert not run(lm, OUT).get("failed") and enabled(lm) == []
    run(lm, IN)
    assert enabled(lm) == sorted(PORTS)


def test_a_note_that_was_not_removed_is_an_error(lm: Emulator) -> None:
    run(lm, OUT)
    lm.faults.add(Fault("ignore", command="delrule", times=1))
    told = run(lm, IN)
    assert told["failed"] and enabled(lm) == sorted(PORTS) and len(notes(lm)) == 1
    assert run(lm, IN)["changed"] and notes(lm) == {}


def test_check_mode_predicts_the_steps_of_both_ways(lm: Emulator) -> None:
    for state in (OUT, IN):
        predicted = run(lm, state, check=True)
        assert predicted["steps"] and predicted["steps"] == run(lm, state)["steps"]
