# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook show: at most 100 columns, and on request paths, connections, and only what is down."""

from __future__ import annotations

from typing import Any

import pytest
import round_trip

from loadmaster_emulator import Emulator
from runner import Playbook, Run

SHOW = "kemp.loadmaster.show"
RULES = [
    {"name": "OWA", "kind": "match_content", "pattern": r"/^\/owa.*/", "ignore_case": True},
    {"name": "Office", "kind": "match_content", "header": "src-ip", "pattern": r"/^192\.0\.2\..*/"},
]
LONG = "A service whose name says a great deal about what it is for"
SERVICES = [
    {
        **{"address": "2001:db8:1234:5678:9abc:def0:1234:5678", "port": 443, "nickname": LONG, "type": "http"},
        "sub_virtual_services": [
            {
                **{"name": "OWA", "content_rules": ["OWA", "Office"], "check_type": "https"},
                **{"check_url": "/owa/healthcheck.htm", "real_servers": [{"address": "192.0.2.31"}]},
            },
            {"name": "Off", "enabled": False, "real_servers": [{"address": "192.0.2.32", "enabled": False}]},
        ],
    },
    {"address": "192.0.2.26", "port": 80, "nickname": "Shop", "real_servers": [{"address": "192.0.2.33"}]},
    {"address": "192.0.2.27", "port": 80, "enabled": False, "real_servers": [{"address": "192.0.2.34"}]},
    {
        **{"address": "192.0.2.28", "port": 80, "type": "http", "check_type": "none", "error_code": 302},
        "error_url": "https://" + "long." * 30 + "example.com/",
    },
]


@pytest.fixture
def lm(emulator: Emulator) -> Emulator:
    round_trip.apply(round_trip.session_of(emulator), {"content_rules": RULES, "virtual_services": SERVICES})
    return emulator


def shown(playbook: Playbook, **options: Any) -> tuple[list[str], Run]:
    done = playbook(SHOW, extra_vars=options).succeeded()
    return done.one("Show the services").result["msg"], done


def test_no_line_on_the_screen_is_longer_than_100(lm: Emulator, playbook: Playbook) -> None:
    lines, done = shown(playbook, show_paths=True, show_connections=True)
    # Below that, the figures are Ansible's own
    assert max(map(len, done.stdout.partition("PLAY RECAP")[0].splitlines())) <= 100, done.stdout
    # Nothing is cut off: it goes on in the next line
    assert LONG.replace(" ", "") in "".join(lines).replace(" ", "")
    assert f"https://{'long.' * 30}example.com/" in "".join(lines).replace(" ", "")


def test_disabled_is_said_once(lm: Emulator, playbook: Playbook) -> None:
    lines, _done = shown(playbook)
    assert "    192.0.2.32:80 disabled, weight 1000" in [line.replace(":443", ":80") for line in lines]
    assert not any(line.count("disabled") > 1 for line in lines)
    assert any("disabled" in line for line in lines if line.startswith("tcp/192.0.2.27:80"))
    assert any("disabled" in line for line in lines if line.startswith("  Off:"))


def test_paths_and_connections_come_on_request(lm: Emulator, playbook: Playbook) -> None:
    plain, _done = shown(playbook)
    assert "/owa*" not in "\n".join(plain) and "connection" not in "\n".join(plain).replace("least_connection", "")
    lines, done = shown(playbook, show_paths=True, show_connections=True)
    assert "    paths /owa*, src-ip 192.0.2.*" in lines
    assert "    192.0.2.33:80 up, weight 1000, 0 connections" in lines
    assert any(line.startswith("tcp/192.0.2.26:80 Shop: up, layer ") and "0 connections" in line for line in lines)
    assert done.changed == 0


def test_only_what_is_down(lm: Emulator, playbook: Playbook) -> None:
    lines, _done = shown(playbook, show_only_down=True)
    assert lines[1:] == ["Nothing is down."]
    lm.down.add(("192.0.2.31", 443))
    lines, _done = shown(playbook, show_only_down="true")
    text = "\n".join(lines)
    assert "OWA: down" in text and "192.0.2.31:443 down" in text
    assert "Shop" not in text and "Off" not in text and "192.0.2.27" not in text and "192.0.2.34" not in text


RECIPIENTS = ["ops@example.com", "night@example.com"]


def test_email_recipients_are_a_list_as_syslog_hosts_are() -> None:
    lm = Emulator()
    session = round_trip.session_of(lm)

    def settings(value: Any) -> dict[str, Any]:
        return round_trip.apply(session, {"settings": {"email_error": value}})

    assert settings(RECIPIENTS)["changed"]
    assert lm.call("get", param="emailerror")["emailerror"] == "night@example.com,ops@example.com"
    assert not settings(RECIPIENTS[::-1])["changed"] and not settings("ops@example.com, night@example.com")["changed"]
    exported = round_trip.export(session)["config"]["settings"]["email_error"]
    assert exported == sorted(RECIPIENTS)
    assert settings([])["changed"] and lm.call("get", param="emailerror").get("emailerror", "") == ""
    # One address as before
    assert settings("ops@example.com")["changed"] and not settings(["ops@example.com"])["changed"]
