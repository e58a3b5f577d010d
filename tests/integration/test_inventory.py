# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin: real servers as hosts, services as groups, read from emulated LoadMasters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from loadmaster_emulator import Emulator

COLLECTIONS = Path(__file__).resolve().parents[2] / ".build" / "collections"
BIN = Path(sys.executable).parent
PASSWORD = "secret-of-the-inventory"


@pytest.fixture
def lms() -> Iterator[tuple[Emulator, Emulator]]:
    """Two LoadMasters: both serve the shop with one server in common, the first has a SubVS and a hostile nickname."""
    with Emulator(users={"bal": PASSWORD}) as first, Emulator(users={"bal": PASSWORD}) as second:
        for lm, address, servers in ((first, "192.0.2.80", ("31", "32")), (second, "192.0.2.90", ("32", "33"))):
            lm.call("addvs", vs=address, port=80, prot="tcp", nickname="Web shop")
            for last in servers:
                lm.call("addrs", vs=address, port=80, prot="tcp", rs=f"192.0.2.{last}", rsport=8080)
        first.call("modrs", vs="192.0.2.80", port=80, prot="tcp", rs="192.0.2.31", rsport=8080, enable="n", weight=500)
        first.call("addvs", vs="192.0.2.81", port=443, prot="tcp", nickname="Portal", vstype="http")
        # The API refuses such a nickname; the WUI of some firmware may not
        first._appliance.configuration.services[1].settings["NickName"] = "{{ 7 * 7 }}"
        sub = first.call("modvs", vs="192.0.2.81", port=443, prot="tcp", createsubvs="")["SubVS"][-1]
        first.call("modvs", vs=sub["VSIndex"], nickname="API")
        first.call("addrs", vs=sub["VSIndex"], rs="192.0.2.34", rsport=443)
        first.call("addvs", vs="192.0.2.82", port=53, prot="udp")
        first.call("addrs", vs="192.0.2.82", port=53, prot="udp", rs="192.0.2.35", rsport=53)
        yield first, second
        # What no document may have is not for the comparison of documents after the test
        first._appliance.configuration.services[1].settings["NickName"] = "Portal"


def entry(lm: Emulator, name: str) -> dict[str, Any]:
    return {"name": name, "host": lm.host, "host_port": lm.port, "ca_path": str(lm.certificate_file)}


def source(folder: Path, *entries: Any, name: str = "servers.loadmaster.yml", **options: Any) -> Path:
    content = {
        "plugin": "kemp.loadmaster.loadmaster",
        "loadmasters": list(entries),
        "defaults": {"username": "bal", "password": "{{ lookup('ansible.builtin.env', 'OF_TEST') }}"},
        **options,
    }
    path = folder / name
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def listed(path: Path, *more: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(BIN / "ansible-inventory"), "-i", str(path), *(more or ("--list",))],
        cwd=path.parent,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "LOADMASTER_"))},
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
            "HOME": str(path.parent),
            "OF_TEST": PASSWORD,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == bool(expect), done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    return done


def read(path: Path) -> dict[str, Any]:
    return dict(plain(json.loads(listed(path).stdout)))


def plain(value: Any) -> Any:
    """A listing without the marks that ansible-inventory puts on texts of plugins."""
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else {k: plain(v) for k, v in value.items()}
        )
    return [plain(each) for each in value] if isinstance(value, list) else value


def hosts(content: dict[str, Any], group: str) -> list[str]:
    own = list(content.get(group, {}).get("hosts", []))
    return sorted(
        {*own, *(host for child in content.get(group, {}).get("children", []) for host in hosts(content, child))}
    )


def test_servers_are_hosts_once_and_services_groups(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    content = read(source(tmp_path, entry(lms[0], "lm1"), entry(lms[1], "lm2")))
    assert hosts(content, "real_servers") == [f"192.0.2.{last}" for last in (31, 32, 33, 34, 35)]
    assert hosts(content, "service_Web_shop") == ["192.0.2.31", "192.0.2.32", "192.0.2.33"]
    assert hosts(content, "loadmaster_lm2") == hosts(content, "service_Web_shop")
    assert hosts(content, "service____7___7____API") == ["192.0.2.34"]
    assert hosts(content, "service_udp_192_0_2_82_53") == ["192.0.2.35"]
    assert hosts(content, "real_servers_disabled") == ["192.0.2.31"] and "192.0.2.31" not in hosts(
        content, "real_servers_enabled"
    )
    shared = content["_meta"]["hostvars"]["192.0.2.32"]
    assert shared["real_server_loadmasters"] == ["lm1", "lm2"] and shared["real_server_ports"] == [8080]
    assert [place["virtual_service"] for place in shared["real_server_services"]] == [
        "tcp/192.0.2.80:80",
        "tcp/192.0.2.90:80",
    ]
    out = content["_meta"]["hostvars"]["192.0.2.31"]
    assert out["real_server_enabled"] is False and out["real_server_services"][0]["weight"] == 500
    assert "real_server_connections" not in out


def test_loadmasters_are_hosts_without_a_login(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    content = read(source(tmp_path, entry(lms[0], "lm1")))
    assert hosts(content, "loadmasters") == ["lm1"]
    assert content["_meta"]["hostvars"]["lm1"] == {
        "ansible_host": lms[0].host,
        "ansible_port": lms[0].port,
        "ansible_network_os": "kemp.loadmaster.loadmaster",
    }


def test_one_call_for_each_loadmaster_and_two_with_statistics(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    both = [entry(lms[0], "lm1"), entry(lms[1], "lm2")]
    read(source(tmp_path, *both))
    assert [lm.journal.commands() for lm in lms] == [["listvs"], ["listvs"]]
    content = read(source(tmp_path, *both, statistics=True))
    assert [lm.journal.commands()[1:] for lm in lms] == [["listvs", "stats"], ["listvs", "stats"]]
    assert content["_meta"]["hostvars"]["192.0.2.32"]["real_server_connections"] == 0


def test_a_nickname_is_data(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    """A nickname of the appliance with a template in it is never rendered, not even where a play uses it."""
    path = source(tmp_path, entry(lms[0], "lm1"))
    play = tmp_path / "play.yml"
    task = {"ansible.builtin.debug": {"msg": "is {{ real_server_services[0].nickname }}"}}
    play.write_text(yaml.safe_dump([{"hosts": "192.0.2.34", "gather_facts": False, "tasks": [task]}]))
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), "-i", str(path), str(play)],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "OF_TEST": PASSWORD},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "is {{ 7 * 7 }}" in done.stdout and "is 49" not in done.stdout, done.stdout + done.stderr


def test_composed_and_keyed_groups(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    options = {
        "keyed_groups": [{"key": "real_server_ports", "prefix": "port"}],
        "groups": {"web": "8080 in real_server_ports"},
        "compose": {"ansible_user": "'deploy'"},
    }
    content = read(source(tmp_path, entry(lms[0], "lm1"), **options))
    assert hosts(content, "port_53") == ["192.0.2.35"] and hosts(content, "web") == ["192.0.2.31", "192.0.2.32"]
    assert content["_meta"]["hostvars"]["192.0.2.35"]["ansible_user"] == "deploy"
    failed = listed(source(tmp_path, entry(lms[0], "lm1"), strict=True, compose={"x": "nothing.here"}), expect=1)
    assert "nothing" in failed.stderr


def test_one_that_is_down(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    down = {"name": "lm2", "host": "127.0.0.1", "host_port": 9, "retries": 0}
    failed = listed(source(tmp_path, entry(lms[0], "lm1"), down), expect=1)
    assert "lm2: 127.0.0.1:9 cannot be reached" in " ".join(failed.stderr.split())
    done = listed(source(tmp_path, entry(lms[0], "lm1"), down, unreachable="warn"))
    assert "lm2: 127.0.0.1:9 cannot be reached" in " ".join(done.stderr.split())
    assert hosts(json.loads(done.stdout), "service_Web_shop") == ["192.0.2.31", "192.0.2.32"]


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([{"name": "lm1", "hots": "192.0.2.5"}], "loadmasters[0]: unknown option 'hots'."),
        ([5], "loadmasters[0] is 5, but it must be an address or a dictionary with host."),
        (["192.0.2.5", "192.0.2.5"], "loadmasters has two entries with the name 192.0.2.5."),
        ([{"name": "lm1"}], "loadmasters[0] (lm1): No LoadMaster to talk to"),
        (["no host!"], "loadmasters[0] (no host!): host is 'no host!'"),
    ],
)
def test_a_mistake_in_the_file_is_a_sentence(tmp_path: Path, entries: list[Any], says: str) -> None:
    failed = listed(source(tmp_path, *entries), expect=1)
    assert says in " ".join(failed.stderr.split()), failed.stderr
    assert "Traceback" not in failed.stderr


def test_another_ending_is_not_for_this_plugin(tmp_path: Path) -> None:
    failed = listed(source(tmp_path, "192.0.2.5", name="servers.yml"), expect=1)
    assert "failed" in failed.stderr.lower()


def test_a_cache_saves_the_calls_and_holds_no_login(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    path = source(tmp_path, entry(lms[0], "lm1"), **cache)
    first, second = read(path), read(path)
    assert first == second and lms[0].journal.commands() == ["listvs"]
    kept = "".join(file.read_text() for file in (tmp_path / "cache").iterdir())
    assert "192.0.2.31" in kept and PASSWORD not in kept


def test_maintenance_of_a_service_from_its_group(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    """Server by server, delegated to the LoadMaster that holds it; the login comes from group_vars."""
    path = source(tmp_path, entry(lms[0], "lm1"))
    lms[0].call("modrs", vs="192.0.2.80", port=80, prot="tcp", rs="192.0.2.31", rsport=8080, enable="y")
    (tmp_path / "group_vars").mkdir()
    login = {"ansible_user": "bal", "ansible_password": PASSWORD, "loadmaster_ca_path": str(lms[0].certificate_file)}
    (tmp_path / "group_vars" / "loadmasters.yml").write_text(yaml.safe_dump(login))
    maintenance = {"address": "{{ real_server_address }}", "drain_timeout": 0}
    tasks = [
        {
            "kemp.loadmaster.server_maintenance": {
                **maintenance,
                "state": state,
                "healthy_timeout": 30,
                "settle_time": 0,
            },
            "delegate_to": "{{ real_server_loadmaster }}",
        }
        for state in ("out_of_service", "in_service")
    ]
    play = tmp_path / "play.yml"
    play.write_text(yaml.safe_dump([{"hosts": "service_Web_shop", "serial": 1, "gather_facts": False, "tasks": tasks}]))
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), "-i", str(path), str(play)],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "OF_TEST": PASSWORD, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert lms[0].journal.commands().count("modrs") == 4 and PASSWORD not in done.stdout + done.stderr
    assert not any("Maintenance" in str(rules) for rules in lms[0].call("showrule").values())
