# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statistics: of the traffic where there is a data plane, of none otherwise."""

from __future__ import annotations

import time

from loadmaster_emulator.answers import Answer, ByApi, Members, Records, Value, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.model import RealServer, VirtualService
from loadmaster_emulator.vs_view import Traffic, Weather

_CORES = 2
_CLIENT_LIMITS = (
    "CurrentConnections",
    "CurrentConnectionsBlocked",
    "SuccessfulConnectionAttempts",
    "SuccessfulRequestAttempts",
    "SuccessfulMatchedRuleAttempts",
    "ConnectionAttemptsBlocked",
    "RequestAttemptsBlocked",
    "MatchedRulesBlocked",
)
_TOTALS = (
    "ConnsPerSec",
    "TotalConns",
    "BitsPerSec",
    "TotalBits",
    "BytesPerSec",
    "TotalBytes",
    "PktsPerSec",
    "TotalPackets",
)


def vstotals(appliance: Appliance, request: Request) -> Answer:
    """How many services, SubVSs and servers are up, down and disabled."""
    weather = appliance.weather
    every = list(appliance.configuration.every_service())
    return members(
        ("VSTotals", _totals([weather.service(vs) for vs in every if not vs.is_subvs])),
        ("SUBVSTotals", _totals([weather.service(vs) for vs in every if vs.is_subvs])),
        ("RSTotals", _totals([weather.server(vs, server) for vs in every for server in vs.servers])),
    )


def stats(appliance: Appliance, request: Request) -> Answer:
    """The counters of the machine, of every service and of every server."""
    now = time.time()
    disks = (_partition("/var/log", 7.19), _partition("/var/log/userlog", 7.68))
    every = list(appliance.configuration.every_service())
    pairs: list[tuple[str, Value]] = [
        ("CPU", _processors()),
        ("Memory", _memory()),
        ("Network", _network()),
        ("DiskUsage", members(("partition", Records(disks)))),
        ("ClientLimits", _client_limits(appliance.release)),
        ("CountryCounts", _countries()),
        ("VStotals", _all_traffic([appliance.weather.of_service(vs) for vs in every if not vs.is_subvs])),
    ]
    if every:
        pairs.append(("Vs", Records(tuple(_service(vs, appliance.weather, appliance.release) for vs in every))))
    servers = tuple(
        _server(vs, server, appliance.weather.of_server(vs, server)) for vs in every for server in vs.servers
    )
    if servers:
        pairs.append(("Rs", Records(servers)))
    pairs.append(("TPS", members(("Total", 0), ("SSL", 0))))
    pairs.append(("Timestamp", members(("Sec", int(now)), ("Usec", int(now % 1 * 1e6)), ("Period", 5000000))))
    if appliance.parameter("sessioncontrol"):
        pairs.append(("ChangeTime", int(appliance.changed)))
    return Members(tuple(pairs))


def _totals(statuses: list[str]) -> Members:
    up = sum(status in ("Up", "Redirect") for status in statuses)  # guess: where a redirecting service counts
    disabled = statuses.count("Disabled")
    down = len(statuses) - up - disabled
    return members(("Total", len(statuses)), ("Up", up), ("Down", down), ("Disabled", disabled))


def _zeros(names: tuple[str, ...]) -> Members:
    return Members(tuple((name, 0) for name in names))


def _processors() -> Value:
    total = members(("User", 0), ("System", 1), ("Idle", 99), ("IOWaiting", 0))
    core: tuple[tuple[str, Value], ...] = (
        ("User", 0),
        ("System", 1),
        ("HWInterrupts", 0),
        ("SWInterrupts", 0),
        ("Idle", 99),
        ("IOWaiting", 0),
    )
    return ByApi(
        v1=Members((("total", total), *((f"cpu{n}", Members(core)) for n in range(_CORES)))),
        v2=members(("total", total), ("cpu", Records(tuple(Members((("cpu", n), *core)) for n in range(_CORES))))),
    )


def _memory() -> Members:
    return members(
        ("MBtotal", 2003),
        ("memused", 252000),
        ("MBused", 246),
        ("percentmemused", 12),
        ("memfree", 1799184),
        ("MBfree", 1757),
        ("percentmemfree", 88),
    )


def _network() -> Value:
    def interface(idle: float | int) -> tuple[tuple[str, Value], ...]:
        return (
            ("ifaceID", 0),
            ("speed", 10000),
            ("in", idle),
            ("inbytes", 0),
            ("inbytesTotal", 0),
            ("out", idle),
            ("outbytes", 0),
            ("outbytesTotal", 0),
        )

    return ByApi(
        v1=members(("eth0", Members(interface(0.0)))),
        v2=members(("Interface", Records((Members((("Name", "eth0"), *interface(0))),)))),
    )


def _partition(name: str, size: float) -> Members:
    return members(
        ("name", name),
        ("GBtotal", size),
        ("GBused", 0.02),
        ("percentused", 0),
        ("GBfree", round(size - 0.02, 2)),
        ("percentfree", 100),
    )


def _client_limits(release: tuple[int, ...]) -> Value:
    totals = ("Totals", _zeros(_CLIENT_LIMITS))
    if release > (7, 2, 60):
        return members(totals)  # recorded in May 2025; guess: from which release on
    return ByApi(v1=members(totals, ("glbcps", " "), ("glbrps", " ")), v2=members(totals))


def _countries() -> Members:
    nothing = ByApi(v1=" ", v2=Records((Members(),)))
    return members(("DifferentCountries", 0), ("Total", nothing), ("LastHour", nothing), ("LastDay", nothing))


def _service(vs: VirtualService, weather: Weather, release: tuple[int, ...]) -> Members:
    pairs: list[tuple[str, Value]] = []
    if not vs.is_subvs:
        port: Value = int(vs.port) if vs.port.isdigit() else vs.port
        pairs += [("VSAddress", vs.address), ("VSPort", port), ("VSProt", vs.protocol)]
    status = weather.service(vs)
    pairs += [
        ("Index", vs.index),
        ("Status", status.lower()),
        ("ErrorCode", vs.settings["ErrorCode"]),
        ("Enable", 0 if status == "Disabled" else 1),
        *_service_counters(weather.of_service(vs)),
        ("WafEnable", int(bool(vs.settings["Intercept"]))),
    ]
    if release >= (7, 2, 54):
        pairs.append(("InterceptMode", vs.settings["InterceptMode"]))
    return Members(tuple(pairs))


def _server(vs: VirtualService, server: RealServer, traffic: Traffic) -> Members:
    # The order is that of an old recording; no recent one has servers.
    return members(
        ("VSIndex", vs.index),
        ("RSIndex", server.rs_index),
        ("Addr", server.address),
        ("Port", server.port),
        ("Enable", int(server.enable)),
        ("Weight", server.weight),
        *_server_counters(traffic),
    )


# Packets are not counted here: they are 0, and so are persistence entries. The rest is in the order of the recordings.


def _service_counters(traffic: Traffic) -> list[tuple[str, Value]]:
    every = traffic.read + traffic.written
    return [
        ("TotalConns", traffic.connections),
        ("TotalPkts", 0),
        ("TotalBytes", every),
        ("TotalBits", every * 8),
        ("ActiveConns", traffic.active),
        ("BytesRead", traffic.read),
        ("BytesWritten", traffic.written),
        ("ConnsPerSec", traffic.per_second),
        ("ConnsRateBlocked", 0),  # guess: which limit refused a connection is not told apart
        ("RequestsRateBlocked", traffic.denied),
        ("MaxConnsBlocked", traffic.refused),
    ]


def _server_counters(traffic: Traffic) -> list[tuple[str, Value]]:
    every = traffic.read + traffic.written
    return [
        ("ActivConns", traffic.active),
        ("Persist", 0),
        ("Conns", traffic.connections),
        ("Pkts", 0),
        ("Bytes", every),
        ("Bits", every * 8),
        ("BytesRead", traffic.read),
        ("BytesWritten", traffic.written),
        ("ConnsPerSec", traffic.per_second),
    ]


def _all_traffic(each: list[Traffic]) -> Members:
    """The sums over all services. What passes in a second is not measured but for connections."""
    every = sum(traffic.read + traffic.written for traffic in each)
    figures = {
        "ConnsPerSec": sum(traffic.per_second for traffic in each),
        "TotalConns": sum(traffic.connections for traffic in each),
        "TotalBits": every * 8,
        "TotalBytes": every,
    }
    return Members(tuple((name, figures.get(name, 0)) for name in _TOTALS))
