# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source against emulated LoadMasters: what happens to them becomes events, once each, and nothing else does."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from authority import issue
from event_watch import Watch, entry, polls

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from loadmaster_emulator import Emulator, Fault
from runner import COLLECTIONS

SERVICE = "tcp/192.0.2.80:80"
FIRST, SECOND = "192.0.2.81", "192.0.2.82"


@pytest.fixture
def lm(emulator: Any) -> Any:
    """A LoadMaster with a service of two servers."""
    emulator.call("addvs", vs="192.0.2.80", port=80, prot="tcp", nickname="Shop")
    for address in (FIRST, SECOND):
        emulator.call("addrs", vs="192.0.2.80", port=80, prot="tcp", rs=address, rsport=80)
    return emulator


@pytest.fixture
def other() -> Iterator[Emulator]:
    """A second LoadMaster."""
    with Emulator(users={"bal": "secret-of-bal"}) as loadmaster:
        loadmaster.call("addvs", vs="192.0.2.90", port=80, prot="tcp", nickname="Other")
        loadmaster.call("addrs", vs="192.0.2.90", port=80, prot="tcp", rs="192.0.2.91", rsport=80)
        yield loadmaster


def test_a_server_goes_down_and_up(lm: Any) -> None:
    with Watch(entry(lm, "lm1")) as watch:
        polls(lm, 2)
        lm.down.add((FIRST, 80))
        down = watch.wait("server_down")
        polls(lm, 3)
        lm.down.clear()
        watch.wait("server_up")
        polls(lm, 3)
    assert [each["type"] for each in watch.events] == ["server_down", "server_up"]
    assert down["loadmaster"] == {"name": "lm1", "host": lm.host, "port": lm.port}
    described = {key: down[key] for key in ("service", "nickname", "server", "port", "state", "was", "initial")}
    assert described == {
        "service": SERVICE,
        "nickname": "Shop",
        "server": FIRST,
        "port": 80,
        "state": "down",
        "was": "up",
        "initial": False,
    }
    assert down["message"] == f"lm1: real server {FIRST}:80 of virtual service {SERVICE} (Shop) is down."
    assert abs(datetime.fromisoformat(down["time"].replace("Z", "+00:00")).timestamp() - time.time()) < 60


def test_a_service_is_down_with_all_its_servers(lm: Any) -> None:
    with Watch(entry(lm, "lm1")) as watch:
        polls(lm, 2)
        lm.down.update({(FIRST, 80), (SECOND, 80)})
        assert watch.wait("service_down")["service"] == SERVICE
        watch.wait("server_down", 2)
        lm.down.clear()
        watch.wait("service_up")
        watch.wait("server_up", 2)
    assert len(watch.events) == 6


def test_a_sub_virtual_service_is_named_with_its_parent(emulator: Any) -> None:
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp", nickname="Mail", vstype="http")
    made = emulator.call("modvs", vs="192.0.2.25", port=443, prot="tcp", createsubvs="")
    sub = made["SubVS"][0]["VSIndex"]
    emulator.call("modvs", vs=sub, nickname="OWA")
    emulator.call("addrs", vs=sub, rs=FIRST, rsport=443)
    with Watch(entry(emulator, "lm1")) as watch:
        polls(emulator, 2)
        emulator.down.add((FIRST, 443))
        found = watch.wait("sub_virtual_service_down")
        assert (found["service"], found["sub_virtual_service"], found["server"]) == ("tcp/192.0.2.25:443", "OWA", "")
        assert watch.wait("server_down")["sub_virtual_service"] == "OWA"
        watch.wait("service_down")


def test_what_is_down_already_comes_once_and_is_marked(lm: Any) -> None:
    lm.down.add((FIRST, 80))
    with Watch(entry(lm, "lm1")) as watch:
        assert watch.wait("server_down")["initial"] is True
        polls(lm, 5)
        lm.down.clear()
        assert watch.wait("server_up")["initial"] is False
    assert len(watch.events) == 2
    lm.down.add((FIRST, 80))
    with Watch(entry(lm, "lm1"), report_initial=False) as watch:
        polls(lm, 3)
        lm.down.clear()
        watch.wait("server_up")
    assert len(watch.events) == 1


def test_a_rename_is_a_change_and_no_event_of_a_service(lm: Any) -> None:
    with Watch(entry(lm, "lm1")) as watch:
        polls(lm, 2)
        lm.call("modvs", vs="192.0.2.80", port=80, prot="tcp", nickname="Store")
        changed = watch.wait("configuration_changed")
        polls(lm, 3)
    assert [each["type"] for each in watch.events] == ["configuration_changed"]
    assert changed["objects"] == [f"virtual service {SERVICE}"]
    assert changed["changes"] == [f"virtual service {SERVICE} (Shop) is not as it was: nickname was Shop"]


def test_changes_are_named(lm: Any) -> None:
    with Watch(entry(lm, "lm1"), changes={"configuration_interval": 0.1}) as watch:
        polls(lm, 3)
        lm.call("modrs", vs="192.0.2.80", port=80, prot="tcp", rs=FIRST, rsport=80, weight=500)
        weight = watch.wait("configuration_changed")
        lm.call("addrule", name="To_Shop", type="0", pattern="/^\\/shop/")
        rule = watch.wait("configuration_changed", 2)
        lm.call("set", param="ntphost", value="ntp1.example.com")
        setting = watch.wait("configuration_changed", 3)
        lm.call("delvs", vs="192.0.2.80", port=80, prot="tcp")
        gone = watch.wait("configuration_changed", 4)
        polls(lm, 3)
    assert "weight was 1000" in weight["changes"][0]
    assert rule["objects"] == ["content rule To_Shop"]
    assert setting["changes"] == ["settings is not as it was: ntp_servers was unset"]
    assert f"virtual service {SERVICE} is missing" in gone["changes"]
    fingerprints = {each["fingerprint"] for each in watch.of("configuration_changed")}
    assert len(fingerprints) == len(watch.events) == 4


def test_renumbering_and_statistics_are_no_change(lm: Any) -> None:
    lm.call("addvs", vs="192.0.2.85", port=80, prot="tcp")
    with Watch(entry(lm, "lm1"), changes={"configuration_interval": 0.1}, report_initial=False) as watch:
        polls(lm, 3)
        lm.renumber(first=100)
        polls(lm, 5)
        polls(lm, 3, "getall")
    assert watch.events == []


def test_configuration_events_can_be_turned_off(lm: Any) -> None:
    with Watch(entry(lm, "lm1"), configuration_interval=0, expiry_days=0) as watch:
        polls(lm, 2)
        lm.call("modvs", vs="192.0.2.80", port=80, prot="tcp", nickname="Store")
        polls(lm, 4)
    assert watch.events == []
    assert set(lm.journal.commands()) == {"listvs"}


def test_a_poll_is_one_call(lm: Any) -> None:
    with Watch(entry(lm, "lm1")) as watch:
        polls(lm, 6)
    calls = lm.journal.commands()
    further = [each for each in calls if each != "listvs"]
    assert calls.count("listvs") >= 6
    # 7 commands, and the three listings that are empty are read twice
    assert sorted(set(further)) == ["get", "getall", "listcert", "listintermediate", "showhealth", "showrule"]
    assert len(further) <= 13
    assert lm.handshakes == 1
    assert watch.events == []


def test_unreachable_once_and_back_without_false_events(lm: Any) -> None:
    with Watch(entry(lm, "lm1", retries=0), unreachable_after=2) as watch:
        polls(lm, 2)
        lm.stop()
        away = watch.wait("unreachable")
        time.sleep(0.5)
        lm.down.add((FIRST, 80))
        lm.start()
        back = watch.wait("reachable")
        watch.wait("server_down")
        polls(lm, 3)
    assert [each["type"] for each in watch.events] == ["unreachable", "reachable", "server_down"]
    assert away["failed_polls"] == 2 and "connection refused" in away["message"]
    assert back["unreachable_seconds"] >= 0


def test_one_failed_poll_is_no_event(lm: Any) -> None:
    with Watch(entry(lm, "lm1", retries=0)) as watch:
        polls(lm, 2)
        lm.faults.add(Fault("garbage", command="listvs", body="{"))
        lm.faults.add(Fault("status", command="listvs", status=500))
        polls(lm, 5)
    assert watch.events == []


def test_a_refused_login_is_not_tried_again_at_once(lm: Any) -> None:
    with Watch(entry(lm, "lm1", password="wrong-of-bal")) as watch:
        refused = watch.wait("login_refused")
        time.sleep(0.6)
    assert len(watch.events) == 1 and refused["http_status"] == 401
    assert "wrong-of-bal" not in json.dumps(watch.events)
    assert len(lm.journal.commands()) == 1


def test_a_login_is_accepted_again(lm: Any) -> None:
    lm.faults.add(Fault("status", command="listvs", status=401, times=2))
    with Watch(entry(lm, "lm1"), changes={"login_retry_delay": 0.1}) as watch:
        watch.wait("login_accepted")
        lm.down.add((FIRST, 80))
        watch.wait("server_down")
    assert [each["type"] for each in watch.events] == ["login_refused", "login_accepted", "server_down"]


def test_a_user_who_may_not_read_everything_gets_the_rest(lm: Any, caplog: pytest.LogCaptureFixture) -> None:
    lm.faults.add(Fault("status", command="listcert", status=403, times=None))
    with caplog.at_level(logging.WARNING), Watch(entry(lm, "lm1"), changes={"configuration_interval": 0.1}) as watch:
        polls(lm, 2, "listcert")
        lm.down.add((FIRST, 80))
        watch.wait("server_down")
    assert [each["type"] for each in watch.events] == ["server_down"]
    assert caplog.text.count("lm1 refuses listcert (HTTP 403), so events lack it") == 1


def test_a_state_needs_its_confirmations(lm: Any) -> None:
    with Watch(entry(lm, "lm1"), confirmations=100) as watch:
        polls(lm, 2)
        lm.down.add((FIRST, 80))
        polls(lm, 5)
        assert watch.events == []


def test_a_new_server_is_no_event_until_it_was_checked(lm: Any) -> None:
    with Watch(entry(lm, "lm1"), configuration_interval=0) as watch:
        polls(lm, 2)
        lm.down.add(("192.0.2.83", 80))
        lm.call("addrs", vs="192.0.2.80", port=80, prot="tcp", rs="192.0.2.83", rsport=80)
        assert watch.wait("server_down")["server"] == "192.0.2.83"
        lm.call("delrs", vs="192.0.2.80", port=80, prot="tcp", rs="192.0.2.83", rsport=80)
        polls(lm, 3)
    assert len(watch.events) == 1


def test_a_slow_loadmaster_does_not_hold_up_another(lm: Any, other: Emulator) -> None:
    """And the end of the source does not wait for it either."""
    other.faults.add(Fault("delay", seconds=60, times=None))
    with Watch(entry(lm, "lm1"), entry(other, "slow", timeout=60)) as watch:
        polls(lm, 3)
        lm.down.add((FIRST, 80))
        watch.wait("server_down", name="lm1")
        polls(lm, 3)
        assert len(other.journal.commands()) <= 1
    assert watch.ended_after < 10
    end = time.monotonic() + 15
    while any(thread.name == "loadmaster slow" for thread in threading.enumerate()):
        assert time.monotonic() < end, "the poll goes on"
        time.sleep(0.02)


def test_two_loadmasters_have_their_own_events(lm: Any, other: Emulator) -> None:
    with Watch(entry(lm, "lm1"), entry(other, "lm2")) as watch:
        polls(lm, 2)
        polls(other, 2)
        other.down.add(("192.0.2.91", 80))
        watch.wait("service_down", name="lm2")
        lm.down.add((FIRST, 80))
        watch.wait("server_down", name="lm1")
    assert len(watch.of("server_down", "lm2")) == 1 and not watch.of("service_down", "lm1")


def test_a_certificate_near_its_end(lm: Any) -> None:
    soon = issue("shop.example.com", days=9.1)
    later = issue("mail.example.com", days=90)
    lm.call("addcert", cert="shop", replace=0, data=soon.pem + soon.key)
    lm.call("addcert", cert="mail", replace=0, data=later.pem + later.key)
    lm.call("modvs", vs="192.0.2.80", port=80, prot="tcp", sslacceleration="Y", certfile="shop")
    with Watch(entry(lm, "lm1"), changes={"configuration_interval": 0.1}) as watch:
        found = watch.wait("certificate_expiring")
        polls(lm, 3, "listcert")
        assert lm.journal.commands().count("readcert") == 2
        assert len(watch.events) == 1
        lm.call("addcert", cert="shop", replace=1, data=later.pem + later.key)
        replaced = watch.wait("configuration_changed")
    assert (found["certificate"], found["days_left"], found["initial"]) == ("shop", 9, True)
    assert found["used_by"] == [f"virtual service {SERVICE}"] and "expires in 9 days" in found["message"]
    assert "certificate shop was replaced" in replaced["changes"][0]


def test_hostile_names_cannot_be_templates(lm: Any) -> None:
    name = "{{ lookup('pipe', 'id') }}{% raw %}\x1b[2J"
    server = {"Addr": FIRST, "Port": "80", "RsIndex": "1", "Status": "Down", "DnsName": name}
    service = {"VSAddress": "192.0.2.80", "VSPort": "80", "Protocol": "tcp", "Index": "1", "NickName": name}
    answer = {"code": 200, "VS": [{**service, "Status": "Down", "Rs": [server]}], "status": "ok"}
    lm.faults.add(Fault("garbage", command="listvs", body=json.dumps(answer), times=None))
    with Watch(entry(lm, "lm1")) as watch:
        found = watch.wait("server_down")
    text = json.dumps(watch.events)
    assert "{{" not in text and "{%" not in text and "\\u001b" not in text
    assert "lookup('pipe'" in found["nickname"]


def test_the_source_ends_at_once_and_closes_its_connections(lm: Any) -> None:
    with Watch(entry(lm, "lm1")) as watch:
        polls(lm, 2)
    assert watch.ended_after < 1
    count = len(lm.journal.commands())
    time.sleep(0.3)
    assert len(lm.journal.commands()) == count


def test_a_file_that_is_missing_ends_the_source_before_the_first_poll(lm: Any) -> None:
    with pytest.raises(InvalidOption, match="The file given as ca_path cannot be used"):
        import asyncio

        from ansible_collections.kemp.loadmaster.plugins.module_utils._events import watching

        watch = Watch({**entry(lm, "lm1", ca_path="/nowhere/ca.pem"), "fingerprint": ""})
        asyncio.run(watching.watch(watch, watch.options))


@pytest.mark.parametrize("hidden", [False, True])
def test_the_source_finds_its_collection(tmp_path: Path, hidden: bool) -> None:
    """ansible-rulebook runs it by its path. The package ansible may have a folder of the same name, which hides all others."""
    if hidden:
        (tmp_path / "ansible_collections").mkdir()
        (tmp_path / "ansible_collections" / "__init__.py").touch()
    source = COLLECTIONS / "ansible_collections/kemp/loadmaster/extensions/eda/plugins/event_source/loadmaster.py"
    assert _run(source, tmp_path) == "No LoadMaster to watch: give host or loadmasters, or set LOADMASTER_HOST."


def test_a_copy_of_the_source_alone_says_what_is_missing(tmp_path: Path) -> None:
    copy = tmp_path / "loadmaster.py"
    shutil.copy(
        COLLECTIONS / "ansible_collections/kemp/loadmaster/extensions/eda/plugins/event_source/loadmaster.py", copy
    )
    assert _run(copy, tmp_path).startswith(f"The event source is not in an installed collection: {copy}. Install")


def _run(source: Path, folder: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, source], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and not done.stdout
    return done.stderr.strip()
