# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin: real servers as hosts, services as groups, read from emulated LoadMasters."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kemp.loadmaster.plugins.inventory import loadmaster
from loadmaster_emulator import Emulator, Fault
from runner import BIN, COLLECTIONS

PASSWORD = "secret-of-the-inventory"
HOSTILE = "{{ 7 * 7 }}"


@pytest.fixture
def lms() -> Iterator[tuple[Emulator, Emulator]]:
    """Two LoadMasters: both serve a shop with one server in common; the first has a SubVS and a hostile nickname."""
    with Emulator(users={"bal": PASSWORD}) as first, Emulator(users={"bal": PASSWORD}) as second:
        for lm, address, servers in ((first, "192.0.2.80", ("31", "32")), (second, "192.0.2.90", ("32", "33"))):
            lm.call("addvs", vs=address, port=80, prot="tcp", nickname="Web shop")
            for last in servers:
                lm.call("addrs", vs=address, port=80, prot="tcp", rs=f"192.0.2.{last}", rsport=8080)
        first.call("modrs", vs="192.0.2.80", port=80, prot="tcp", rs="192.0.2.31", rsport=8080, enable="n", weight=500)
        first.call("addvs", vs="192.0.2.81", port=443, prot="tcp", nickname="Portal", vstype="http")
        # The API refuses such a nickname; the WUI of some firmware may not
        first._appliance.configuration.services[1].settings["NickName"] = HOSTILE
        sub = first.call("modvs", vs="192.0.2.81", port=443, prot="tcp", createsubvs="")["SubVS"][-1]
        first.call("modvs", vs=sub["VSIndex"], nickname="API")
        first.call("addrs", vs=sub["VSIndex"], rs="192.0.2.34", rsport=443)
        first.call("addvs", vs="192.0.2.82", port=53, prot="udp")
        first.call("addrs", vs="192.0.2.82", port=53, prot="udp", rs="dns1.example.com", rsport=53)
        yield first, second
        # What no document may have is not for the comparison of documents after the test
        first._appliance.configuration.services[1].settings["NickName"] = "Portal"


def entry(lm: Emulator, name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "host": lm.host, "host_port": lm.port, "ca_path": str(lm.certificate_file), **more}


def down(name: str) -> dict[str, Any]:
    """A LoadMaster that is switched off."""
    return {"name": name, "host": "127.0.0.1", "host_port": 9, "retries": 0}


def source(folder: Path, *entries: Any, name: str = "servers.loadmaster.yml", **options: Any) -> Path:
    """Write an inventory file."""
    content = {
        "plugin": "kemp.loadmaster.loadmaster",
        "loadmasters": list(entries),
        "defaults": {"username": "bal", "password": "{{ lookup('ansible.builtin.env', 'OF_TEST') }}"},
        **options,
    }
    path = folder / name
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def run(
    folder: Path, command: str, *arguments: str, expect: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of Ansible's in a folder; whatever it prints, the password is not in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "LOADMASTER_"))}
    done = subprocess.run(
        [str(BIN / command), *arguments],
        cwd=folder,
        env={**kept, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_NOCOLOR": "1", "HOME": str(folder), "COLUMNS": "9999",
             "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", "OF_TEST": PASSWORD, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == bool(expect), done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr and "Traceback" not in done.stderr
    return done


def listed(path: Path, *more: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return run(path.parent, "ansible-inventory", "-i", str(path), *(more or ("--list",)), **options)


def read(path: Path, *more: str, **options: Any) -> dict[str, Any]:
    return dict(plain(json.loads(listed(path, "--list", *more, **options).stdout)))


def refused(path: Path, **options: Any) -> str:
    """What is said on one line where a file cannot be used."""
    return " ".join(listed(path, expect=1, **options).stderr.split())


def plain(value: Any) -> Any:
    """A listing without the marks that ansible-inventory puts on texts of plugins."""
    if isinstance(value, dict):
        marked = set(value) == {"__ansible_unsafe"}
        return value["__ansible_unsafe"] if marked else {k: plain(v) for k, v in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def hosts(content: dict[str, Any], group: str) -> list[str]:
    own = content.get(group, {})
    below = [host for child in own.get("children", []) for host in hosts(content, child)]
    return sorted({*own.get("hosts", []), *below})


def variables(content: dict[str, Any], host: str) -> dict[str, Any]:
    return dict(content["_meta"]["hostvars"][host])


# --- hosts and groups


def test_servers_are_hosts_once_and_groups_belong_to_one_loadmaster(
    lms: tuple[Emulator, Emulator], tmp_path: Path
) -> None:
    content = read(source(tmp_path, entry(lms[0], "lm1"), entry(lms[1], "lm2")))
    own = [f"192.0.2.{last}" for last in (31, 32, 34)] + ["dns1.example.com"]
    assert hosts(content, "real_servers") == sorted([*own, "192.0.2.33"])
    assert hosts(content, "loadmaster_lm1") == own
    assert hosts(content, "loadmaster_lm2") == hosts(content, "loadmaster_lm2_Web_shop") == ["192.0.2.32", "192.0.2.33"]
    assert hosts(content, "loadmaster_lm1_Web_shop") == ["192.0.2.31", "192.0.2.32"]
    assert hosts(content, "loadmaster_lm1_7_7") == hosts(content, "loadmaster_lm1_7_7_API") == ["192.0.2.34"]
    assert hosts(content, "loadmaster_lm1__udp_192_0_2_82_53") == ["dns1.example.com"]
    assert hosts(content, "real_servers_disabled") == ["192.0.2.31"]
    assert "192.0.2.31" not in hosts(content, "real_servers_enabled")


def test_the_variables_of_a_server(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    content = read(source(tmp_path, entry(lms[0], "lm1"), entry(lms[1], "lm2")))
    shared = variables(content, "192.0.2.32")
    assert shared["real_server_loadmasters"] == ["lm1", "lm2"] and shared["real_server_ports"] == [8080]
    assert [place["virtual_service"] for place in shared["real_server_services"]] == [
        "tcp/192.0.2.80:80",
        "tcp/192.0.2.90:80",
    ]
    assert variables(content, "192.0.2.31") == {
        "real_server_address": "192.0.2.31",
        "real_server_enabled": False,
        "real_server_healthy": False,
        "real_server_loadmasters": ["lm1"],
        "real_server_ports": [8080],
        "real_server_services": [
            {
                "loadmaster": "lm1", "virtual_service": "tcp/192.0.2.80:80", "nickname": "Web shop", "sub_virtual_service": "",
                "port": 8080, "weight": 500, "enabled": False, "status": "disabled",
            },
        ],
    }  # fmt: skip
    assert variables(content, "192.0.2.34")["real_server_services"][0]["sub_virtual_service"] == "API"
    named = variables(content, "dns1.example.com")
    assert named["real_server_dns_names"] == ["dns1.example.com"] and named["real_server_address"].startswith("198.18.")


def test_loadmasters_are_hosts_without_a_login(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    content = read(source(tmp_path, entry(lms[0], "lm1"), loadmasters_group="appliances"))
    assert hosts(content, "appliances") == ["lm1"] and "loadmasters" not in content
    assert variables(content, "lm1") == {
        "ansible_host": lms[0].host,
        "ansible_port": lms[0].port,
        "ansible_network_os": "kemp.loadmaster.loadmaster",
        "loadmaster_ca_path": str(lms[0].certificate_file),
    }


def test_one_call_for_each_loadmaster_and_two_with_statistics(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    both = [entry(lms[0], "lm1"), entry(lms[1], "lm2")]
    read(source(tmp_path, *both))
    assert [lm.journal.commands() for lm in lms] == [["listvs"], ["listvs"]]
    content = read(source(tmp_path, *both, statistics=True))
    assert [lm.journal.commands()[1:] for lm in lms] == [["listvs", "stats"], ["listvs", "stats"]]
    assert variables(content, "192.0.2.32")["real_server_connections"] == 0
    assert variables(content, "192.0.2.31")["real_server_services"][0]["connections"] == 0


def test_separate_networks(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    both = [entry(lms[0], "lm1"), entry(lms[1], "lm2")]
    content = read(source(tmp_path, *both, merge_servers=False, group_prefix="lb_"))
    assert hosts(content, "lb_lm2_Web_shop") == ["lm2_192.0.2.32", "lm2_192.0.2.33"]
    assert variables(content, "lm1_192.0.2.32")["real_server_loadmasters"] == ["lm1"]
    assert variables(content, "lm1_192.0.2.32")["ansible_host"] == "192.0.2.32"


def test_a_nickname_is_data(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    """A nickname with a template in it is never rendered: not in a play, nor in an expression of the file, nor from the cache."""
    kept = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    options = {"compose": {"composed": "real_server_services[0].nickname"}, **kept}
    path = source(tmp_path, entry(lms[0], "lm1"), **options)
    task = {"ansible.builtin.debug": {"msg": "is {{ real_server_services[0].nickname }} and {{ composed }}"}}
    play = tmp_path / "play.yml"
    play.write_text(yaml.safe_dump([{"hosts": "192.0.2.34", "gather_facts": False, "tasks": [task]}]))
    for _once_more in range(2):
        done = run(tmp_path, "ansible-playbook", "-i", str(path), str(play))
        assert f"is {HOSTILE} and {HOSTILE}" in done.stdout, done.stdout + done.stderr
    assert lms[0].journal.commands() == ["listvs"]


def test_the_examples_of_the_documentation(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    examples = list(yaml.safe_load_all(loadmaster.EXAMPLES))
    assert len(examples) == 2
    login = {"LOADMASTER_USERNAME": "bal", "LOADMASTER_PASSWORD": PASSWORD, "LM_PASSWORD": PASSWORD}
    for example in examples:
        named = zip(example["loadmasters"], lms, strict=False)
        example["loadmasters"] = [
            {"host": lm.host, "host_port": lm.port, "name": each["name"] if isinstance(each, dict) else each}
            for each, lm in named
        ]
        if "ca_path" in example["defaults"]:
            del example["defaults"]["ca_path"]
            example["defaults"]["username"] = "bal"
            for each, lm in zip(example["loadmasters"], lms, strict=True):
                each["ca_path"] = str(lm.certificate_file)
        path = source(tmp_path, **example)
        content = read(path, **login, LM_FINGERPRINT=lms[0].fingerprint)
        assert "192.0.2.31" in hosts(content, "real_servers")
    assert hosts(content, "port_53") == ["dns1.example.com"] and hosts(content, "busy") == []
    assert (
        variables(content, "192.0.2.33")["ansible_user"] == "deploy" and (tmp_path / ".cache" / "loadmaster").is_dir()
    )


# --- expressions of the file


def test_composed_and_keyed_groups(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    options = {
        "keyed_groups": [
            {"key": "real_server_ports", "prefix": "port"},
            {"key": "real_server_services | map(attribute='nickname')", "prefix": "nick"},
        ],
        "groups": {"web": "8080 in real_server_ports"},
        "compose": {"ansible_user": "'deploy'"},
    }
    content = read(source(tmp_path, entry(lms[0], "lm1"), **options))
    assert hosts(content, "port_53") == ["dns1.example.com"] and hosts(content, "web") == ["192.0.2.31", "192.0.2.32"]
    assert hosts(content, "nick_Web_shop") == ["192.0.2.31", "192.0.2.32"]
    assert hosts(content, "nick____7___7___") == ["192.0.2.34"]
    assert variables(content, "dns1.example.com")["ansible_user"] == "deploy"


def test_strict(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    options = {"compose": {"x": "nothing.here", "y": "'there'"}}
    content = read(source(tmp_path, entry(lms[0], "lm1"), **options))
    assert "x" not in variables(content, "192.0.2.31") and variables(content, "192.0.2.31")["y"] == "there"
    assert "Could not set x for host" in refused(source(tmp_path, entry(lms[0], "lm1"), strict=True, **options))


# --- what goes wrong


def test_one_of_three_that_is_down(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    three = [entry(lms[0], "lm1"), down("lm2"), entry(lms[1], "lm3")]
    assert "lm2: 127.0.0.1:9 cannot be reached" in refused(source(tmp_path, *three))
    path = source(tmp_path, *three, skip_unreachable=True)
    assert "lm2: 127.0.0.1:9 cannot be reached" in listed(path).stderr
    content = read(path)
    assert hosts(content, "loadmaster_lm3") == ["192.0.2.32", "192.0.2.33"] and hosts(content, "loadmasters") == [
        "lm1",
        "lm2",
        "lm3",
    ]
    assert variables(content, "192.0.2.32")["real_server_unread_loadmasters"] == ["lm2"]


def test_only_what_is_down_is_skipped(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    """A refused login, another certificate and a strange reply are errors. All of them are named at once."""
    wrong = [
        entry(lms[0], "lm1", password="not-the-one"),
        {"name": "lm2", "host": lms[1].host, "host_port": lms[1].port, "fingerprint": "ab" * 32},
        down("lm3"),
    ]
    said = refused(source(tmp_path, *wrong, skip_unreachable=True))
    assert "lm1: " in said and "does not accept the credentials of the user bal (HTTP 401)" in said
    assert "lm2: The certificate of" in said and "not-the-one" not in said
    lms[0].faults.add(Fault("garbage", command="listvs", times=None))
    said = refused(source(tmp_path, entry(lms[0], "lm1"), skip_unreachable=True))
    assert "which is not a reply of the LoadMaster API" in said


def test_an_error_leaves_no_half_of_an_inventory(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    path = source(tmp_path, entry(lms[0], "lm1"), down("lm2"))
    done = listed(path, "--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="false")
    assert hosts(json.loads(done.stdout), "all") == [] and "lm2: 127.0.0.1:9 cannot be reached" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"loadmasters": [{"name": "lm1", "hots": "192.0.2.5"}]},
            "loadmasters[0]: unknown option 'hots'; did you mean 'host'?",
        ),
        ({"loadmasters": ["no host!"]}, "loadmasters[0] (no host!): host is 'no host!'"),
        ({"defaults": {}}, "loadmasters[0] (192.0.2.5) has no username. Set username and password, or api_key"),
        ({"loadmasters": []}, "There is no LoadMaster to read. List them in loadmasters, or set LOADMASTER_HOST."),
        ({"parallel": 0}, "parallel is 0; it must be a number from 1 to 100."),
        ({"loadmasters_group": "real_servers"}, "loadmasters_group is real_servers, which is another group."),
    ],
)
def test_a_mistake_in_the_file_is_a_sentence(tmp_path: Path, options: dict[str, Any], says: str) -> None:
    assert says in refused(source(tmp_path, "192.0.2.5", **options))


def test_another_ending_is_not_for_this_plugin(tmp_path: Path) -> None:
    assert "could not be verified by inventory plugin" in refused(source(tmp_path, "192.0.2.5", name="servers.yml"))


# --- the login


def test_the_login_and_the_loadmaster_come_from_the_environment(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    login = {
        "LOADMASTER_USERNAME": "bal",
        "LOADMASTER_PASSWORD": PASSWORD,
        "LOADMASTER_FINGERPRINT": lms[0].fingerprint,
    }
    place = {"LOADMASTER_HOST": lms[0].host, "LOADMASTER_PORT": str(lms[0].port)}
    content = read(source(tmp_path, defaults={}), **login, **place)
    assert hosts(content, "loadmasters") == [lms[0].host]
    content = read(source(tmp_path, {"name": "lm1", "host": f"{lms[0].host}:{lms[0].port}"}, defaults={}), **login)
    assert hosts(content, "loadmaster_lm1_Web_shop") == ["192.0.2.31", "192.0.2.32"]


@pytest.mark.parametrize("whole", [True, False], ids=["the whole file", "one value"])
def test_the_login_comes_from_a_vault(lms: tuple[Emulator, Emulator], tmp_path: Path, whole: bool) -> None:
    (tmp_path / "of-the-vault").write_text("secret-of-the-vault")
    vault = ["--vault-password-file", "of-the-vault"]
    login = {"username": "bal", "password": PASSWORD if whole else "HERE"}
    path = source(tmp_path, entry(lms[0], "lm1"), defaults=login)
    if whole:
        run(tmp_path, "ansible-vault", "encrypt", *vault, str(path))
        assert PASSWORD not in path.read_text()
    else:
        value = run(tmp_path, "ansible-vault", "encrypt_string", *vault, "--name", "password", PASSWORD).stdout
        lines = value[value.index("password:") :].splitlines()
        text = path.read_text().replace("  password: HERE", "\n".join(f"  {line}" for line in lines))
        path.write_text(text)
    # ansible-core 2.22 hides each value of an encrypted file in what it prints, names of groups too
    shown = listed(path, "--graph", *vault).stdout
    assert "_Web_shop:\n  |  |  |  |--192.0.2.31\n  |  |  |  |--192.0.2.32\n" in shown, shown


# --- the cache


def test_a_cache_saves_the_calls_and_holds_no_login(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    path = source(tmp_path, entry(lms[0], "lm1"), **cache)
    first, second = read(path), read(path)
    assert first == second and lms[0].journal.commands() == ["listvs"]
    files = list((tmp_path / "cache").iterdir())
    kept = "".join(file.read_text() for file in files)
    assert "192.0.2.31" in kept and PASSWORD not in kept
    (tmp_path / "play.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks: []\n")
    run(tmp_path, "ansible-playbook", "-i", str(path), "--flush-cache", "--list-hosts", "play.yml")
    assert lms[0].journal.commands() == ["listvs"] * 2
    # What another program has left there is not believed
    for file in files:
        text = file.read_text()
        assert "nickname" in text
        file.write_text(text.replace("nickname", "surname"))
    assert read(path) == first and lms[0].journal.commands() == ["listvs"] * 3
    for file in files:
        file.write_text("[5]")
    assert read(path) == first and lms[0].journal.commands() == ["listvs"] * 4
    read(source(tmp_path, entry(lms[0], "lm1")))
    assert lms[0].journal.commands() == ["listvs"] * 5


def test_a_cache_hides_no_option(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    read(source(tmp_path, entry(lms[0], "lm1"), **cache))
    options = {
        "compose": {"x": "'composed'"}, "groups": {"web": "true"}, "group_prefix": "lb_", "loadmasters_group": "appliances",
        "merge_servers": False, "keyed_groups": [{"key": "real_server_ports", "prefix": "port"}],
    }  # fmt: skip
    content = read(source(tmp_path, entry(lms[0], "other"), **cache, **options))
    assert lms[0].journal.commands() == ["listvs"]
    shop = ["other_192.0.2.31", "other_192.0.2.32"]
    assert hosts(content, "lb_other_Web_shop") == hosts(content, "port_8080") == shop and hosts(
        content, "appliances"
    ) == ["other"]
    assert variables(content, shop[0])["x"] == "composed" and set(shop) < set(hosts(content, "web"))
    # Another LoadMaster is read, and the known one is not
    content = read(source(tmp_path, entry(lms[0], "lm1"), entry(lms[1], "lm2"), **cache))
    assert [lm.journal.commands() for lm in lms] == [["listvs"], ["listvs"]]
    assert hosts(content, "loadmaster_lm2_Web_shop") == ["192.0.2.32", "192.0.2.33"]
    # Who is asked, and for what, matters
    read(source(tmp_path, entry(lms[0], "lm1"), statistics=True, **cache))
    assert lms[0].journal.commands() == ["listvs", "listvs", "stats"]
    other = entry(lms[0], "lm1", username="another")
    assert "does not accept the credentials" in refused(source(tmp_path, other, **cache))


def test_what_was_skipped_is_read_the_next_time(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}
    two = [entry(lms[0], "lm1", retries=0), entry(lms[1], "lm2")]
    path = source(tmp_path, *two, skip_unreachable=True, **cache)
    lms[0].faults.add(Fault("drop_handshake"))
    assert hosts(read(path), "loadmaster_lm1") == []
    assert hosts(read(path), "loadmaster_lm1_Web_shop") == ["192.0.2.31", "192.0.2.32"]
    assert lms[1].journal.commands() == ["listvs"]


# --- maintenance


def test_maintenance_of_a_service_from_its_group(lms: tuple[Emulator, Emulator], tmp_path: Path) -> None:
    """Server by server, each delegated to every LoadMaster that holds it; the login comes from group_vars."""
    path = source(tmp_path, entry(lms[0], "lm1"), entry(lms[1], "lm2"))
    lms[0].call("modrs", vs="192.0.2.80", port=80, prot="tcp", rs="192.0.2.31", rsport=8080, enable="y")
    (tmp_path / "group_vars").mkdir()
    login = {"ansible_user": "bal", "ansible_password": PASSWORD}
    (tmp_path / "group_vars" / "loadmasters.yml").write_text(yaml.safe_dump(login))

    def task(state: str, **more: Any) -> dict[str, Any]:
        options = {"address": "{{ real_server_address }}", "state": state, **more}
        return {
            "kemp.loadmaster.server_maintenance": options,
            "loop": "{{ real_server_loadmasters }}",
            "delegate_to": "{{ item }}",
        }

    tasks = [task("out_of_service", drain_timeout=0), task("in_service", healthy_timeout=30, settle_time=0)]
    play = {"hosts": "loadmaster_lm1_Web_shop", "serial": 1, "gather_facts": False, "tasks": tasks}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    done = run(tmp_path, "ansible-playbook", "-i", str(path), "play.yml")
    writes = [
        [(call.parameters["rs"], call.parameters["enable"]) for call in lm.journal if call.command == "modrs"]
        for lm in lms
    ]
    numbers = {lm: {each["Addr"]: f"!{each['RsIndex']}" for each in lm.call("listvs")["VS"][0]["Rs"]} for lm in lms}
    first, both = numbers[lms[0]]["192.0.2.31"], numbers[lms[0]]["192.0.2.32"]
    assert writes[0] == [(first, "n"), (first, "y"), (both, "n"), (both, "y")], done.stdout
    assert writes[1] == [(numbers[lms[1]]["192.0.2.32"], "n"), (numbers[lms[1]]["192.0.2.32"], "y")]
    assert not any("Maintenance" in str(rules) for lm in lms for rules in lm.call("showrule").values())
