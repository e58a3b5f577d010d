# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an appliance measures of itself, in the spellings of both APIs and of an old firmware."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import wire
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports import machine_statistics

CORE = {"User": 1, "System": 2, "HWInterrupts": 0, "SWInterrupts": 0, "Idle": 97, "IOWaiting": 0}
TOTAL = {"User": 1, "System": 1, "Idle": 98, "IOWaiting": 0}
MEMORY = {"memused": 252000, "percentmemused": 12, "memfree": 1799184, "percentmemfree": 88}
IN_MEGABYTES = {"MBtotal": 2003, "MBused": 246, "MBfree": 1757}
INTERFACE = {
    "ifaceID": 0,
    "speed": 10000,
    "in": 0.4,
    "inbytes": 224,
    "inbytesTotal": 99343,
    "out": 2.5,
    "outbytesTotal": 198123,
}
DISK = {"name": "/var/log", "GBtotal": 7.19, "GBused": 0.02, "percentused": 0, "GBfree": 7.17, "percentfree": 100}
V2 = {
    "CPU": {"total": TOTAL, "cpu": [{"cpu": 0, **CORE}, {"cpu": 1, **CORE}]},
    "Memory": {**MEMORY, **IN_MEGABYTES},
    "Network": {"Interface": [{"Name": "eth0", **INTERFACE}]},
    "DiskUsage": {"partition": [DISK]},
    "TPS": {"Total": 12, "SSL": 9},
}
V1 = {
    **V2,
    "CPU": {"total": TOTAL, "cpu0": CORE, "cpu1": CORE},
    "Network": {"eth0": INTERFACE},
}
SAID = {
    "cpu": {
        **{"user": 1, "system": 1, "io_waiting": 0, "idle": 98},
        "cores": [{"number": n, "user": 1, "system": 2, "io_waiting": 0, "idle": 97} for n in (0, 1)],
    },
    "memory": {"total_mb": 2003, "used_mb": 246, "free_mb": 1757, "used_percent": 12, "free_percent": 88},
    "transactions_per_second": {"total": 12, "ssl": 9},
    "network": [
        {
            **{"name": "eth0", "id": 0, "speed": 10000, "megabits_in": 0.4, "megabits_out": 2.5},
            **{"total_bytes_in": 99343, "total_bytes_out": 198123},
        }
    ],
    "disks": [
        {"name": "/var/log", "total_gb": 7.19, "used_gb": 0.02, "free_gb": 7.17, "used_percent": 0, "free_percent": 100}
    ],
}


def xml(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    members = ((name, each) for name, held in value.items() for each in (held if isinstance(held, list) else [held]))
    return "".join(f"<{name}>{xml(each)}</{name}>" for name, each in members)


def read(version: str, answer: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps({"code": 200, **answer, "status": "ok"})
    if version == "v1":
        text = f'<Response stat="200" code="ok"><Success><Data>{xml(answer)}</Data></Success></Response>'
    return machine_statistics.read(wire.decode(version, 200, text.encode()).data)


@pytest.mark.parametrize(("version", "answer"), [("v1", V1), ("v2", V2)])
def test_both_versions_say_the_same(version: str, answer: dict[str, Any]) -> None:
    assert read(version, answer) == SAID


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_old_firmware_has_memory_in_kilobytes_and_no_disks(version: str) -> None:
    found = read(version, {"Memory": MEMORY, "CPU": {"total": TOTAL}})
    assert found["memory"] == {**SAID["memory"], "total_mb": 246 + 1757}
    assert (found["disks"], found["network"], found["cpu"]["cores"]) == ([], [], [])
    assert found["transactions_per_second"] == {"total": None, "ssl": None}


@pytest.mark.parametrize("odd", ["", "none", [], ["x"], {"total": "x", "cpu": "y", "partition": "z", "Interface": [7]}])
def test_answers_of_another_form_are_no_traceback(odd: Any) -> None:
    found = machine_statistics.read(dict.fromkeys(V2, odd))
    assert (found["network"], found["disks"], found["memory"]["total_mb"]) == ([], [], None)
