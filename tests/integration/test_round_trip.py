# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States that no other test leaves behind, and that have to survive as a document like all others."""

from __future__ import annotations

from typing import Any

import pytest
import round_trip

from loadmaster_emulator import Emulator

PLACE = {"vs": "192.0.2.25", "port": 443, "prot": "tcp"}
OTHER = {"vs": "192.0.2.26", "port": 443, "prot": "tcp"}
Calls = list[tuple[str, dict[str, Any]]]

# What each state takes, on an appliance with a service at 192.0.2.25:443.
STATES: dict[str, Calls] = {
    "both protocols and address families": [
        ("addvs", {"vs": "2001:db8::1", "port": 53, "prot": "udp"}),
        ("addvs", {"vs": "192.0.2.1", "port": 53, "prot": "udp"}),
        ("addvs", {"vs": "192.0.2.1", "port": "*", "prot": "tcp"}),
    ],
    "one server at two ports": [
        ("addrs", {**PLACE, "rs": "192.0.2.31", "rsport": 443}),
        ("addrs", {**PLACE, "rs": "192.0.2.31", "rsport": 80}),
    ],
    "a server by its name": [("addrs", {**PLACE, "rs": "web.example.com", "rsport": 443})],
    "words that YAML takes for something else": [
        ("modvs", {**PLACE, "nickname": "yes"}),
        ("addrule", {"name": "no", "type": 0, "pattern": "/x: #y/"}),
        ("addrule", {"name": "1234", "type": 0, "pattern": "/\t x/"}),
    ],
    "text with lines and markup": [
        ("set", {"param": "motd", "value": "one\n  <b>two</b> & 'three'"}),
        ("set", {"param": "sshpreauth", "value": "{{ four }}"}),
    ],
    # What a setting needs was turned off, and the appliance keeps the setting for the day when it is turned on again.
    "persistence that was turned off": [
        ("modvs", {**PLACE, "persist": "cookie", "cookie": "A", "persisttimeout": 600, "refreshpersist": "y"}),
        ("modvs", {**PLACE, "persist": "none"}),
    ],
    "a check of another type": [
        ("modvs", {**PLACE, "checktype": "http", "checkuse1.1": "y", "checkhost": "a.example"}),
        ("modvs", {**PLACE, "checktype": "tcp"}),
    ],
    "remapping of statuses without HTTP": [
        ("modvs", {**PLACE, "vstype": "http"}),
        ("modvs", {**PLACE, "responsestatusremap": "y", "responseremapcodemap": "404 200"}),
        ("modvs", {**PLACE, "vstype": "gen"}),
    ],
    "a name for re-encryption without TLS": [
        ("modvs", {**PLACE, "vstype": "http"}),
        ("modvs", {**PLACE, "sslacceleration": "y", "sslreencrypt": "y", "reversesnihostname": "a.example"}),
        ("modvs", {**PLACE, "sslacceleration": "n"}),
    ],
    "TLS at layer 4": [
        ("modvs", {**PLACE, "vstype": "gen", "sslacceleration": "y"}),
        ("modvs", {**PLACE, "forcel7": "n"}),
    ],
    "the port of a sorry server that is gone": [
        ("modvs", {**PLACE, "standbyaddr": "192.0.2.9", "standbyport": 80}),
        ("modvs", {**PLACE, "standbyaddr": ""}),
    ],
}


@pytest.mark.parametrize("calls", STATES.values(), ids=STATES)
def test_it_survives(calls: Calls) -> None:
    lm = Emulator()
    lm.call("addvs", **PLACE)
    for command, parameters in calls:
        lm.call(command, **parameters)
    round_trip.check(lm)


@pytest.mark.parametrize("followed", [PLACE, OTHER], ids=["an earlier one", "a later one"])
def test_a_service_that_follows_another(followed: dict[str, Any]) -> None:
    lm = Emulator()
    for place in (PLACE, OTHER):
        lm.call("addvs", **place)
    index = lm.call("showvs", **followed)["Index"]
    lm.call("modvs", **(OTHER if followed is PLACE else PLACE), followvsid=index)
    round_trip.check(lm)


@pytest.mark.parametrize("firmware", ["7.2.53", "7.2.54.12", "7.2.58", "7.2.59", "7.2.60", "7.2.63"])
def test_every_firmware(firmware: str) -> None:
    lm = Emulator(firmware=firmware)
    lm.call("addvs", **PLACE)
    round_trip.check(lm)


def test_what_cannot_be_said_is_warned_of() -> None:
    lm = Emulator()
    lm.call("addvs", **PLACE)
    lm.call("modvs", **PLACE, createsubvs="")
    assert "without a name" in round_trip.export(round_trip.session_of(lm))["warnings"][0]
    round_trip.check(lm)


def test_what_does_not_survive_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check itself: an export that forgets something fails it, and so does one that makes something up."""
    lm = Emulator()
    lm.call("addvs", **PLACE)
    lm.call("addrs", **PLACE, rs="192.0.2.31", rsport=443, weight=7)
    exported = round_trip.export(round_trip.session_of(lm))
    service = exported["config"]["virtual_services"][0]
    for servers in ([], [{**service["real_servers"][0], "weight": 8}]):
        wrong = {
            **exported,
            "config": {**exported["config"], "virtual_services": [{**service, "real_servers": servers}]},
        }
        with monkeypatch.context() as patch, pytest.raises(AssertionError):
            patch.setattr(round_trip, "export", lambda _session, wrong=wrong: wrong)
            round_trip.check(lm)
