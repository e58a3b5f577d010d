# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Machine statistics: processors, memory, TLS transactions, network and disks. Pure.

What a firmware does not report is None, or an empty list.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_PROCESSOR = {"User": "user", "System": "system", "IOWaiting": "io_waiting", "Idle": "idle"}


def read(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Return the machine part of an answer to stats, in our words."""
    cpu, memory = _part(stats, "CPU"), _part(stats, "Memory")
    tps = _part(stats, "TPS")
    return {
        "cpu": {
            **_processor(_part(cpu, "total")),
            "cores": [{"number": number, **_processor(core)} for number, core in _cores(cpu)],
        },
        "memory": _memory(memory),
        "transactions_per_second": {"total": _number(tps.get("Total")), "ssl": _number(tps.get("SSL"))},
        "network": [_interface(name, record) for name, record in _interfaces(_part(stats, "Network"))],
        "disks": [_disk(record) for record in _records(_part(stats, "DiskUsage").get("partition"))],
    }


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = of.get(name)
    return part if isinstance(part, Mapping) else {}


def _records(found: Any) -> list[Mapping[str, Any]]:
    return [record for record in found if isinstance(record, Mapping)] if isinstance(found, list) else []


def _processor(record: Mapping[str, Any]) -> dict[str, int | None]:
    return {ours: _number(record.get(theirs)) for theirs, ours in _PROCESSOR.items()}


def _cores(cpu: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the cores: a list in API v2, and members called cpu0 and so on in API v1."""
    for record in _records(cpu.get("cpu")):
        yield _number(record.get("cpu")) or 0, record
    for name, record in cpu.items():
        number = name.removeprefix("cpu")
        if number.isdigit() and isinstance(record, Mapping):
            yield int(number), record


def _memory(record: Mapping[str, Any]) -> dict[str, int | None]:
    used, free = (_megabytes(record, f"MB{word}", f"mem{word}") for word in ("used", "free"))
    total = _number(record.get("MBtotal"))
    if total is None and used is not None and free is not None:
        total = used + free
    percent = {f"{word}_percent": _number(record.get(f"percentmem{word}")) for word in ("used", "free")}
    return {"total_mb": total, "used_mb": used, "free_mb": free, **percent}


def _megabytes(record: Mapping[str, Any], name: str, in_kilobytes: str) -> int | None:
    """Return an amount of memory, which older firmware reports in kilobytes alone."""
    kilobytes = _number(record.get(in_kilobytes))
    return _number(record.get(name)) if name in record else (kilobytes // 1024 if kilobytes is not None else None)


def _interfaces(network: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the interfaces: a list in API v2, and members of their names in API v1."""
    for record in _records(network.get("Interface")):
        yield str(record.get("Name", "")), record
    for name, record in network.items():
        if isinstance(record, Mapping):
            yield name, record


def _interface(name: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "id": _number(record.get("ifaceID")),
        "speed": _number(record.get("speed")),
        "megabits_in": _fraction(record.get("in")),
        "megabits_out": _fraction(record.get("out")),
        "total_bytes_in": _number(record.get("inbytesTotal")),
        "total_bytes_out": _number(record.get("outbytesTotal")),
    }


def _disk(record: Mapping[str, Any]) -> dict[str, Any]:
    amounts = {f"{word}_gb": _fraction(record.get(f"GB{word}")) for word in ("total", "used", "free")}
    percent = {f"{word}_percent": _number(record.get(f"percent{word}")) for word in ("used", "free")}
    return {"name": str(record.get("name", "")), **amounts, **percent}


def _number(raw: Any) -> int | None:
    number = _fraction(raw)
    return None if number is None else int(number)


def _fraction(raw: Any) -> float | None:
    try:
        return float(str(raw))
    except ValueError:
        return None
