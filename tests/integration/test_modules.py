# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module by real ansible-playbook runs, both ways of running it: inside the worker, and shipped to a host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from authority import issue

from loadmaster_emulator import Emulator, Fault
from runner import Playbook, Run, with_bastion

PASSWORD = "secret-of-bal"
WRITES = {
    "addvs",
    "modvs",
    "delvs",
    "addrs",
    "modrs",
    "delrs",
    "set",
    "modhealth",
    "addrule",
    "modrule",
    "delrule",
    "addrsrule",
}
WRITES |= {
    "addcert",
    "delcert",
    "addintermediate",
    "delintermediate",
    "modifycipherset",
    "delcipherset",
    "uploadtemplate",
    "deltemplate",
}
WRITES |= {
    f"{verb}{kind}rule" for verb in ("add", "del") for kind in ("rs", "pre", "request", "response", "responsebody")
}
PLACE = {"address": "192.0.2.25", "port": 443}
SERVER = {"virtual_service": "192.0.2.25:443", "address": "192.0.2.31"}
TLS = ["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
SUITE = "TLS_AES_256_GCM_SHA384"

# For each module a life: what comes first, then option by option, and whether it is there afterwards.
LIVES: dict[str, list[dict[str, Any]]] = {
    "virtual_service": [
        {**PLACE, "type": "generic", "nickname": "owa", "scheduling": "least_connection", "idle_timeout": 0},
        {**PLACE, "scheduling": "round_robin", "persistence": "source_ip", "enabled": False},
        {
            **{**PLACE, "type": "http", "ssl_acceleration": True, "tls_versions": ["SSLv3", *TLS], "http2": True},
            **{"ssl_reencrypt": True, "pass_through_sni_hostname": True, "add_http_headers": "x_forwarded_for"},
        },
        {**PLACE, "ssl_reencrypt": False, "tls_versions": ["TLSv1.2"], "tls13_cipher_suites": [SUITE]},
        {**PLACE, "type": "http2", "ssl_acceleration": False},
        {**PLACE, "new_port": 8443},
        {"nickname": "owa", "persistence": "none", "real_servers": [{"address": "192.0.2.31", "port": 443}]},
        {"nickname": "owa", "state": "absent"},
    ],
    "real_server": [
        {**SERVER, "weight": 500},
        {**SERVER, "weight": 600, "enabled": False, "allow_no_servers": True, "content_rules": ["One", "Two"]},
        {**SERVER, "connection_limit": 50, "content_rules": ["Two", "One"]},
        {**SERVER, "state": "absent"},
    ],
    "settings": [
        {
            "hostname": "lm1",
            "dns_servers": ["192.0.2.53"],
            "email_enabled": True,
            "email_password": "post-secret",
            "parameters": {"cachesize": 200},
        },
        {"hostname": "lm2", "health_check_timeout": 5},
    ],
}

_MAIL, _MAIL_AGAIN, _MIDDLE = issue("mail"), issue("mail"), issue("middle", ca=True)
_TEMPLATE = """%TYPE% VS
%NAME% Web
%COMMENT% A web server
%PORT% 80
%PROT% tcp
%TVERSION% 3

vip tcp/%VIP%+%PORT%
name "%REALNAME%"
vstype "http"
exit
"""
LIVES |= {
    "server_maintenance": [
        {"address": "192.0.2.31", "state": "out_of_service", "drain_timeout": 30},
        {"address": "192.0.2.31", "state": "in_service", "settle_time": 0},
    ],
    "content_rule": [
        {"name": "OWA", "kind": "match_content", "pattern": r"/^\/owa.*/", "ignore_case": True},
        {"name": "OWA", "kind": "modify_url", "pattern": r"/^\/$/", "value": "/owa/"},
        {"name": "OWA", "kind": "add_header", "header": "X-A", "value": "1", "only_on_flag": 2},
        {"name": "OWA", "kind": "delete_header", "header": "X-A"},
        {"name": "OWA", "kind": "replace_header", "header": "X-A", "pattern": "/a/", "value": "b"},
        {"name": "OWA", "kind": "replace_body", "pattern": "/a+b%/", "value": "c", "ignore_case": True},
        {"name": "OWA", "state": "absent"},
    ],
    "sub_virtual_service": [
        {
            "virtual_service": "192.0.2.25:443",
            "name": "OWA",
            "weight": 500,
            "real_servers": [{"address": "192.0.2.31"}],
        },
        {
            **{"virtual_service": "192.0.2.25:443", "name": "OWA", "idle_timeout": 900, "critical": True},
            **{"enabled": False, "slot_connection_limit": 50, "slot_rate_limit": 60, "content_rules": ["One", "Two"]},
            **{"pre_process_rules": ["One", "Two"], "request_rules": ["Url"]},
        },
        {
            **{"virtual_service": "192.0.2.25:443", "name": "OWA", "enabled": True, "slot_connection_limit": 0},
            **{"content_rules": ["Two"], "pre_process_rules": ["Two", "One"], "request_rules": []},
        },
        {"virtual_service": "192.0.2.25:443", "name": "OWA", "state": "absent"},
    ],
    "certificate": [
        {"name": "mail", "certificate": _MAIL.pem + _MIDDLE.pem, "private_key": _MAIL.key},
        {"name": "mail", "certificate": _MAIL_AGAIN.pem, "private_key": _MAIL_AGAIN.key},
        {"name": "mail", "state": "absent"},
    ],
    "intermediate_certificate": [{"name": "middle", "certificate": _MIDDLE.pem}, {"name": "middle", "state": "absent"}],
    "cipher_set": [
        {"name": "Modern", "ciphers": ["ECDHE-RSA-AES256-GCM-SHA384"]},
        {"name": "Modern", "state": "absent"},
    ],
    "virtual_service_template": [
        {"name": "Web", "content": _TEMPLATE, "virtual_service": "192.0.2.40:80"},
        {"name": "Web", "state": "absent"},
    ],
}
_SUB = {"name": "OWA", "content_rules": ["OWA"], "real_servers": [{"address": "192.0.2.31"}, {"address": "192.0.2.32"}]}
_SHOP = {"address": "192.0.2.26", "port": 80, "real_servers": [{"address": "192.0.2.41"}]}
LIVES["config"] = [
    {
        "certificates": [{"name": "mail", "certificate": _MAIL.pem}],
        "secrets": {"certificates.mail.private_key": _MAIL.key, "settings.email_password": "post-secret"},
        "settings": {"hostname": "lm1", "email_enabled": True},
        "content_rules": [{"name": "OWA", "kind": "match_content", "pattern": r"/^\/owa.*/"}],
        "virtual_services": [{**PLACE, "type": "http", "sub_virtual_services": [_SUB]}, _SHOP],
    },
    {
        "state": "replaced",
        "virtual_services": [
            {**PLACE, "sub_virtual_services": [{**_SUB, "real_servers": [{"address": "192.0.2.31"}]}]}
        ],
        "purge": [{"kind": "real_servers"}, {"kind": "virtual_services", "addresses": ["192.0.2.26/32"]}],
    },
    {"purge": [{"kind": "virtual_services"}, {"kind": "content_rules"}], "allow_empty_purge": True},
]

_L4 = {"exchange2013_l4_vip": "192.0.2.27", "exchange2013_l4_servers": ["192.0.2.31"]}
LIVES["recipe"] = [
    {"name": "exchange2013_l4", "variables": _L4},
    {"name": "exchange2013_l4", "variables": {**_L4, "exchange2013_l4_servers": "192.0.2.31,192.0.2.32"}},
    {"name": "general_settings", "variables": {"general_settings_hostname": "lm3"}},
    {"name": "exchange2013_l4", "variables": {**_L4, "exchange2013_l4_state": "absent"}},
]

# How a task gets to run: the play's host, and keywords of the task.
WAYS = {
    "worker": {},
    "delegated to localhost": {"delegate_to": "localhost"},
    "shipped to a bastion": {"delegate_to": "bastion"},
}


@pytest.fixture
def inventory(inventory: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The default inventory with a bastion beside the LoadMaster; it stands for any host that modules are shipped to."""

    return lambda: with_bastion(inventory())


def task(module: str, args: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {"name": f"{module}", f"kemp.loadmaster.{module}": args, **keywords}


def compared(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what Ansible itself adds to it."""
    return {name: value for name, value in result.items() if not name.startswith("_ansible_")}


def prepare(emulator: Emulator, module: str) -> None:
    if module in ("real_server", "sub_virtual_service", "server_maintenance"):
        emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
        if not emulator.call("showrule").get("ModifyURLRule"):
            for name in ("One", "Two"):
                emulator.call("addrule", name=name, pattern=f"/{name}/")
            emulator.call("addrule", name="Url", type=4, pattern="/a/", replacement="b")
    if module == "server_maintenance":
        for address in ("192.0.2.31", "192.0.2.32"):
            emulator.call("addrs", vs="192.0.2.25", port=443, prot="tcp", rs=address, rsport=443)


@pytest.mark.parametrize("way", ["worker", "shipped to a bastion"])
@pytest.mark.parametrize("module", LIVES)
def test_life(emulator: Emulator, playbook: Playbook, watch: Any, module: str, way: str) -> None:
    """Check, do, do again: check mode predicts the run with its steps and diff, the second run changes nothing."""
    prepare(emulator, module)
    life = [task(module, args, **WAYS[way]) for args in LIVES[module]]
    # The first step by the option of the command line as well
    asked = playbook(life[:1], check=True, diff=True).succeeded().tasks[0].result
    assert not WRITES & set(emulator.journal.commands()), "check mode wrote something"
    # All steps in one run: most of a run is its start
    emulator.journal.clear()
    started = playbook.start([each for only in life for each in ({**only, "check_mode": True}, only, only)], diff=True)
    commands: dict[int, set[str]] = {}
    lost: list[BaseException] = []

    def note(call: Any) -> None:
        number = len(started.results)
        if number not in commands and number % 3 != 1:
            # What the step has left, as after a run of its own
            try:
                watch.look()
            except BaseException as error:
                lost.append(error)
        commands.setdefault(number, set()).add(call.command)

    emulator.on_call(note)
    run = started.wait().succeeded()
    assert lost == []
    assert all(call.carried_out for call in emulator.journal if call.command in WRITES)
    assert len(run.tasks) == 3 * len(life) and run.warnings == []
    for number, args in enumerate(LIVES[module]):
        predicted, first, second = (each.result for each in run.tasks[3 * number : 3 * number + 3])
        assert not WRITES & commands.get(3 * number, set()), f"check mode wrote something: {args}"
        assert WRITES & commands[3 * number + 1], args
        assert predicted["changed"] and first["changed"] and not second["changed"], args
        assert (predicted["steps"], predicted["diff"]) == (first["steps"], first["diff"]), args
        assert second["steps"] == [] and second["diff"] == [], args
    assert (asked["steps"], asked["diff"]) == (run.tasks[0].result["steps"], run.tasks[0].result["diff"])


@pytest.mark.parametrize("module", ["virtual_service", "real_server", "settings"])
def test_both_ways_give_the_same_result(emulator: Emulator, playbook: Playbook, module: str) -> None:
    """What a task returns does not tell where it ran."""
    results = []
    for keywords in WAYS.values():
        for record in emulator.call("listvs").get("VS", []):
            emulator.call("delvs", vs=record["Index"])
        for name, value in {"hostname": "lb100", "nameserver": "", "emailenable": "no", "cachesize": "100"}.items():
            emulator.call("set", param=name, value=value)
        prepare(emulator, module)
        made = [task(module, LIVES[module][0], **keywords)]
        run = playbook(made, diff=True, env={"ANSIBLE_INJECT_INVOCATION": "1"}).succeeded()
        results.append(compared(run.tasks[0].result))
    worker, localhost, bastion = results
    assert worker["changed"] and worker == localhost == bastion
    assert worker["invocation"]["module_args"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


@pytest.mark.parametrize("wanted", ["0", "1"])
def test_both_ways_return_the_invocation_where_ansible_does(
    emulator: Emulator, playbook: Playbook, wanted: str
) -> None:
    tasks = [task("settings", LIVES["settings"][0], **keywords) for keywords in WAYS.values()]
    run = playbook(tasks, env={"ANSIBLE_INJECT_INVOCATION": wanted}).succeeded()
    assert len({"invocation" in each.result for each in run.tasks}) == 1


def test_info(emulator: Emulator, playbook: Playbook) -> None:
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp", nickname="owa")
    tasks = [
        task(
            "info",
            {"gather_subset": ["virtual_services", "statistics"], "query": "virtual_services[0].nickname"},
            **keywords,
        )
        for keywords in WAYS.values()
    ]
    run = playbook(tasks, check=True).succeeded()
    assert [result.result["query_result"] for result in run.tasks] == ["owa"] * 3
    assert run.changed == 0


def test_config_info(emulator: Emulator, playbook: Playbook) -> None:
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp", nickname="owa")
    tasks = [task("config_info", {"members": ["virtual_services"]}, **keywords) for keywords in WAYS.values()]
    run = playbook(tasks, check=True).succeeded()
    found = [compared(result.result)["config"] for result in run.tasks]
    assert run.changed == 0 and found == [found[0]] * 3 and found[0]["virtual_services"][0]["nickname"] == "owa"


def test_key_material_does_not_show(playbook: Playbook) -> None:
    args = {"name": "mail", "certificate": _MAIL.pem, "private_key": _MAIL.key}
    run = playbook(
        [task("certificate", args), task("certificate", args, delegate_to="bastion")], diff=True, verbosity=4
    ).succeeded()
    shown = run.output + str([result.result for result in run.results])
    assert _MAIL.key.splitlines()[2] not in shown and "PRIVATE KEY" not in shown


def test_a_loop_shares_connection_and_snapshot(emulator: Emulator, playbook: Playbook) -> None:
    looped = task(
        "virtual_service",
        {"address": "192.0.2.25", "port": "{{ item }}", "type": "generic"},
        loop=[25, 80, 110, 143, 443],
        loop_control={"label": "{{ item }}"},
    )
    playbook([looped]).succeeded()
    assert emulator.handshakes == 1
    emulator.journal.clear()
    assert playbook([looped]).succeeded().changed == 0
    assert emulator.journal.commands() == ["listvs"]


def test_a_task_that_is_tried_again_reads_again(emulator: Emulator, playbook: Playbook) -> None:
    """The tries of one item, that is; what one item has read serves the next one."""
    emulator.call("addvs", vs="192.0.2.25", port=25, prot="tcp")
    reads = iter(range(1, 9))

    def appear(call: Any) -> None:
        if call.command == "listvs" and next(reads) == 2:
            emulator.call("addrs", vs="192.0.2.25", port=25, prot="tcp", rs="192.0.2.31", rsport=25)

    emulator.on_call(appear)
    task = {
        "name": "Wait for a server",
        "kemp.loadmaster.info": {"gather_subset": "virtual_services"},
        "register": "found",
        "until": "found.virtual_services[0].real_servers | length > 0",
        "retries": 5,
        "delay": 0,
        "loop": ["first", "second"],
    }
    run = playbook([task]).succeeded()
    assert [item.result["attempts"] for item in run.items] == [3, 1]
    assert emulator.journal.commands() == ["listvs"] * 3 and emulator.handshakes == 1


def test_a_refusal_is_thought_over_when_the_task_is_tried_again(emulator: Emulator, playbook: Playbook) -> None:
    place = {"vs": "192.0.2.25", "port": 25, "prot": "tcp"}
    emulator.call("addvs", **place)
    for address in ("192.0.2.31", "192.0.2.32"):
        emulator.call("addrs", **place, rs=address, rsport=25)
    emulator.down.add(("192.0.2.32", 25))
    emulator.on_call(lambda call: emulator.down.clear() if call.number == 3 else None)
    out = {"address": "192.0.2.31", "state": "out_of_service", "drain_timeout": 0}
    task = {
        "kemp.loadmaster.server_maintenance": out,
        "register": "out",
        "until": "out is succeeded",
        "retries": 4,
        "delay": 0,
    }
    assert playbook([{"name": "Out", **task}]).succeeded().one("Out").result["attempts"] == 2


def test_the_worker_sees_what_others_did_between_tasks(emulator: Emulator, playbook: Playbook) -> None:
    tasks = [
        task("virtual_service", PLACE),
        task("virtual_service", {**PLACE, "state": "absent"}),
        task("virtual_service", PLACE),
        task("info", {"query": "length(virtual_services)"}),
    ]
    run = playbook(tasks).succeeded()
    assert run.changed == 3 and run.tasks[-1].result["query_result"] == 1


# --- connection ------------------------------------------------------------------------------------------------------


def play(tasks: list[dict[str, Any]], **keywords: Any) -> list[dict[str, Any]]:
    return [{"hosts": "localhost", "gather_facts": False, "tasks": tasks, **keywords}]


def connection(emulator: Emulator, **changed: Any) -> dict[str, Any]:
    options = {
        "host": emulator.host,
        "host_port": emulator.port,
        "fingerprint": emulator.fingerprint,
        "username": "bal",
        "password": PASSWORD,
    }
    return {name: value for name, value in {**options, **changed}.items() if value is not None}


def test_from_localhost_with_options(emulator: Emulator, playbook: Playbook) -> None:
    run = playbook(play([task("info", connection(emulator))])).succeeded()
    assert run.tasks[0].result["virtual_services"] == []


def test_from_localhost_with_module_defaults(emulator: Emulator, playbook: Playbook) -> None:
    defaults = {"group/kemp.loadmaster.all": connection(emulator)}
    tasks = [
        task("virtual_service", PLACE),
        task("real_server", SERVER),
        task("settings", {"hostname": "lm1"}),
        task("info", {}),
    ]
    assert playbook(play(tasks, module_defaults=defaults)).succeeded().changed == 3


@pytest.mark.parametrize("way", ["process", "task"])
@pytest.mark.parametrize("login", ["LOADMASTER", "ANSIBLE_NET"])
def test_from_the_environment(emulator: Emulator, playbook: Playbook, way: str, login: str) -> None:
    environment = {
        "LOADMASTER_HOST": emulator.host,
        "LOADMASTER_PORT": str(emulator.port),
        "LOADMASTER_FINGERPRINT": emulator.fingerprint,
        f"{login}_USERNAME": "bal",
        f"{login}_PASSWORD": PASSWORD,
    }
    if way == "process":
        playbook(play([task("info", {})]), env=environment).succeeded()
    else:
        playbook(play([task("info", {}, environment=environment)])).succeeded()
        shipped = playbook(play([task("info", {}, environment=environment, delegate_to="bastion")]))
        shipped.succeeded()


def test_from_the_command_line(
    emulator: Emulator, playbook: Playbook, inventory: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    """-u and the connection password, which is also how AWX hands over its Machine credential."""
    data = inventory()
    host = data["all"]["children"]["loadmasters"]["hosts"]["lm1"]
    del host["ansible_user"], host["ansible_password"]
    (tmp_path / "password").write_text(PASSWORD)
    options = {"ANSIBLE_REMOTE_USER": "bal", "ANSIBLE_CONNECTION_PASSWORD_FILE": str(tmp_path / "password")}
    run = playbook([task("info", {})], inventory=data, env=options, verbosity=4).succeeded()
    assert PASSWORD not in run.output


def test_an_explicit_option_wins_over_the_inventory(emulator: Emulator, playbook: Playbook) -> None:
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
    run = playbook([task("info", {"password": "wrong"})])
    assert "does not accept the credentials of the user bal (HTTP 401)" in run.tasks[0].msg
    # ... and the inventory over the environment.
    playbook([task("info", {})], env={"LOADMASTER_PASSWORD": "wrong", "LOADMASTER_API_KEY": "wrong"}).succeeded()


@pytest.mark.emulator(api_keys={"bal": ["KeyOfTheInventory"]})
def test_variables_of_the_collection_win_over_ansibles(
    emulator: Emulator, playbook: Playbook, inventory: Callable[[], dict[str, Any]]
) -> None:
    data = inventory()
    host = data["all"]["children"]["loadmasters"]["hosts"]["lm1"]
    host.update(
        ansible_host="192.0.2.1",
        loadmaster_host=emulator.host,
        loadmaster_api_key="{{ vaulted }}",
        vaulted="KeyOfTheInventory",
    )
    run = playbook([task("info", {})], inventory=data, verbosity=4).succeeded()
    assert "KeyOfTheInventory" not in run.output.replace("vaulted=", "")


def test_delegated_to_the_loadmaster(
    emulator: Emulator, playbook: Playbook, inventory: Callable[[], dict[str, Any]]
) -> None:
    data = inventory()
    data["all"]["children"]["exchange"] = {
        "hosts": {
            "ex1": {
                "ansible_host": "192.0.2.31",
                "ansible_connection": "winrm",
                "ansible_user": "admin",
                "ansible_password": "of-windows",
            }
        }
    }
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
    tasks = [task("real_server", {**SERVER, "address": "{{ ansible_host }}"}, delegate_to="lm1")]
    run = playbook([{"hosts": "exchange", "gather_facts": False, "tasks": tasks}], inventory=data).succeeded()
    assert run.changed == 1 and emulator.call("listvs")["VS"][0]["Rs"][0]["Addr"] == "192.0.2.31"


def delegated_from_exchange(data: dict[str, Any], **login: Any) -> dict[str, Any]:
    """Return an inventory whose LoadMaster has its login as templates, beside a host of Exchange with variables of those names."""
    group = data["all"]["children"]["loadmasters"]
    host = group["hosts"]["lm1"]
    del host["ansible_user"], host["ansible_password"]
    group["vars"] = login
    data["all"]["children"]["exchange"] = {
        "hosts": {"ex1": {"ansible_host": "192.0.2.31", "vault_user": "of-exchange"}}
    }
    return data


@pytest.mark.parametrize(
    "login",
    [
        # As docs/connection.md shows it
        {"ansible_user": "bal", "ansible_password": "{{ vault_loadmaster_password }}"},
        {
            "ansible_user": "{{ vault_user }}",
            "vault_user": "bal",
            "ansible_password": "{{ vault_loadmaster_password }}",
        },
        {
            "loadmaster_username": "{{ login_of[inventory_hostname].user }}",
            "loadmaster_password": "{{ login_of[inventory_hostname].password }}",
            "login_of": {"lm1": {"user": "bal", "password": "{{ vault_loadmaster_password }}"}},
        },
        {"ansible_user": "bal", "ansible_password": "{{ hostvars['lm1'].vault_loadmaster_password }}"},
        {
            "loadmaster_username": "bal",
            "loadmaster_password": "{{ passwords[group_names[0]] }}",
            "passwords": {"loadmasters": PASSWORD},
        },
    ],
    ids=["template", "same-name", "by-host", "hostvars", "groups"],
)
@pytest.mark.parametrize("looped", [False, True], ids=["alone", "loop"])
def test_delegated_to_a_loadmaster_whose_login_is_a_template(
    emulator: Emulator, playbook: Playbook, inventory: Callable[[], dict[str, Any]], login: dict[str, Any], looped: bool
) -> None:
    """What a login refers to are the LoadMaster's variables, not those of the host that the task is for."""
    data = delegated_from_exchange(inventory(), **login, vault_loadmaster_password=PASSWORD)
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
    more = {"loop": [443, 444]} if looped else {}
    arguments = {**SERVER, "address": "{{ ansible_host }}", "port": "{{ item | default(443) }}"}
    tasks = [task("real_server", arguments, delegate_to="{{ the_loadmaster }}", vars={"the_loadmaster": "lm1"}, **more)]
    run = playbook([{"hosts": "exchange", "gather_facts": False, "tasks": tasks}], inventory=data).succeeded()
    assert run.changed == 1
    servers = emulator.call("listvs")["VS"][0]["Rs"]
    assert [(server["Addr"], server["Port"]) for server in servers] == [
        ("192.0.2.31", port) for port in more.get("loop", [443])
    ]


# --- errors ----------------------------------------------------------------------------------------------------------


def failure(run: Run) -> str:
    assert run.rc != 0 and len(run.failed) == 1, run
    message = run.failed[0].msg
    assert "Traceback" not in run.output and message.strip() and "\n" not in message
    return message


BAD_INPUT = [
    (
        "virtual_service",
        {**PLACE, "sheduling": "x"},
        "Unsupported parameters for (kemp.loadmaster.virtual_service) module: sheduling",
    ),
    ("virtual_service", {**PLACE, "scheduling": "lc"}, "value of scheduling must be one of: round_robin"),
    ("virtual_service", {**PLACE, "idle_timeout": "long"}, "idle_timeout"),
    (
        "virtual_service",
        {**PLACE, "idle_timeout": 86401},
        "idle_timeout is 86401, but it must be from 0 to 86400. Nothing was changed.",
    ),
    ("virtual_service", {"port": 443}, "address is missing"),
    (
        "virtual_service",
        {**PLACE, "real_servers": [{"port": 443}]},
        "missing required arguments: address found in real_servers",
    ),
    (
        "virtual_service",
        {**PLACE, "cache": True, "type": "generic"},
        "cache has an effect only with type: http or http2",
    ),
    (
        "real_server",
        {"virtual_service": "192.0.2.99:443", "address": "192.0.2.31"},
        "there is no virtual service tcp/192.0.2.99:443",
    ),
    ("real_server", {"address": "192.0.2.31"}, "missing required arguments: virtual_service"),
    ("real_server", {**SERVER, "address": "not an address"}, "must be an IP address or a domain name"),
    ("settings", {"api_enabled": False}, "set allow_lockout"),
    ("settings", {"parameters": {"nosuchthing": 1}}, "Unknown parameter value nosuchthing"),
    (
        "config",
        {"virtual_services": [{**PLACE, "sheduling": "round_robin"}]},
        "virtual_services[0] (192.0.2.25:443): unknown option 'sheduling'; did you mean 'scheduling'? Nothing was changed.",
    ),
    ("config", {"purge": [{"kind": "virtual_services"}]}, "If that is meant, set allow_empty_purge."),
    ("config", {"purge": [{"kind": "templates"}]}, "value of kind must be one of: certificates"),
    ("config", {"secrets": {"certificates.mail.private_key": "a-key"}}, "the document has no such place"),
    ("config_info", {"members": ["users"]}, "value of members must be one or more of: all"),
    ("info", {"query": "["}, "query is not a JMESPath expression"),
    ("info", {"gather_subset": ["everything"]}, "value of gather_subset must be one or more of: all"),
]


@pytest.mark.parametrize("way", WAYS)
def test_bad_input_gets_a_sentence_and_changes_nothing(emulator: Emulator, playbook: Playbook, way: str) -> None:
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp")
    before = emulator.state()
    run = playbook(
        [{**task(module, args, **WAYS[way]), "ignore_errors": True} for module, args, _sentence in BAD_INPUT]
    )
    assert len(run.tasks) == len(BAD_INPUT) and "Traceback" not in run.output
    for result, (_module, args, sentence) in zip(run.tasks, BAD_INPUT, strict=True):
        assert result.failed and sentence in result.msg and "\n" not in result.msg, args
    assert emulator.state() == before and not WRITES & set(emulator.journal.commands())


def test_wrong_password_and_unreachable(
    emulator: Emulator, playbook: Playbook, inventory: Callable[[], dict[str, Any]]
) -> None:
    data = inventory()
    host = data["all"]["children"]["loadmasters"]["hosts"]["lm1"]
    assert "(HTTP 401)" in failure(
        playbook([task("info", {})], inventory={**data, **_with(data, ansible_password="wrong")})
    )
    emulator.stop()
    host["loadmaster_retries"] = 0
    message = failure(playbook([task("info", {})], inventory=data))
    assert f"{emulator.host}:{host['ansible_port']} cannot be reached (connection refused)" in message
    emulator.start()
    del host["ansible_password"]
    assert "No password for the LoadMaster" in failure(playbook([task("info", {})], inventory=data))


def _with(data: dict[str, Any], **variables: Any) -> dict[str, Any]:
    copy = yaml.safe_load(yaml.safe_dump(data))
    copy["all"]["children"]["loadmasters"]["hosts"]["lm1"].update(variables)
    return copy


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            Fault("status", command="addvs", status=422, body="Address in use"),
            "the LoadMaster answered 'Address in use' (HTTP 422)",
        ),
        (Fault("garbage", command="listvs"), "not a reply of the LoadMaster API"),
        (Fault("status", command="addvs", status=500), "HTTP 500"),
    ],
)
def test_failures_of_the_appliance(emulator: Emulator, playbook: Playbook, fault: Fault, sentence: str) -> None:
    emulator.faults.add(fault)
    run = playbook([task("virtual_service", PLACE)])
    assert sentence in failure(run)
    assert run.failed[0].result["error"]["kind"] in ("Refused", "Unreadable")


def test_no_loadmaster_given(playbook: Playbook) -> None:
    assert "No LoadMaster to talk to" in failure(playbook(play([task("info", {})])))


def test_async_is_refused_where_it_cannot_work(playbook: Playbook) -> None:
    assert "async" in failure(playbook([task("info", {}, **{"async": 10, "poll": 0})]))


# --- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.emulator(api_keys={"bal": ["ApiKeyOfBal"]})
def test_no_secret_shows(emulator: Emulator, playbook: Playbook, way: str) -> None:
    """Not in the most verbose output, not in a diff, a failure, the results or a URL."""
    secrets = ["MailSecret1", "SnmpSecret2", "BackupSecret3", "CommunityOf4"]
    args = {
        **{"email_enabled": True, "email_password": secrets[0], "email_server": "mail.example"},
        **{"snmp_enabled": True, "snmp_v3_password": secrets[1], "snmp_community": secrets[3], "snmp_location": "here"},
        **{"backup_enabled": True, "backup_password": secrets[2], "backup_host": "ftp.example"},
    }
    emulator.faults.add(Fault("status", command="set", skip=2, status=422, body=f"Cannot take {secrets[0]}"))
    tasks = [
        {**task("settings", args, **WAYS[way]), "ignore_errors": True},
        task("settings", args, **WAYS[way]),
        task("settings", {"email_password": secrets[0], "update_secrets": "always"}, **WAYS[way]),
        task("info", {"gather_subset": ["settings"], "api_key": "ApiKeyOfBal"}, **WAYS[way]),
    ]
    run = playbook(tasks, diff=True, verbosity=4)
    assert run.rc == 0 and run.tasks[0].failed and run.tasks[1].changed
    shown = run.output + str([result.result for result in run.results])
    for secret in [*secrets, "ApiKeyOfBal", PASSWORD]:
        assert secret not in shown, f"{secret} shows"
        assert not any(secret in call.raw_target for call in emulator.journal)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("given", ["options", "src"])
def test_no_secret_of_a_document_shows(
    emulator: Emulator, playbook: Playbook, tmp_path: Path, given: str, way: str
) -> None:
    secrets = ["MailSecret1", "BackupSecret3", "CommunityOf4"]
    document = {
        "certificates": [{"name": "mail", "certificate": _MAIL.pem, "private_key": _MAIL.key}],
        "settings": {
            **{"email_enabled": True, "email_password": secrets[0], "email_server": "mail.example"},
            **{"backup_enabled": True, "backup_host": "ftp.example", "snmp_community": secrets[2]},
        },
    }
    file = tmp_path / "document.yml"
    file.write_text(yaml.safe_dump(document))
    args = {"secrets": {"settings.backup_password": secrets[1]}, **({"src": str(file)} if given == "src" else document)}
    emulator.faults.add(Fault("status", command="set", skip=2, status=422, body=f"Cannot take {secrets[0]}"))
    only = task("config", args, **WAYS[way])
    run = playbook([{**only, "ignore_errors": True}, only, only], diff=True, verbosity=4).succeeded()
    assert run.tasks[0].failed and run.tasks[1].changed and not run.tasks[2].changed
    shown = run.output + str([result.result for result in run.results])
    for secret in [*secrets, _MAIL.key.splitlines()[2], "PRIVATE KEY", PASSWORD]:
        assert secret not in shown, f"{secret} shows"


def test_every_module_has_a_life_and_is_in_the_action_group() -> None:
    with open(f"{__file__.rsplit('/tests/', 1)[0]}/meta/runtime.yml", encoding="utf-8") as file:
        runtime = yaml.safe_load(file)
    # Those that know no wanted state have tests of their own: test_backup, test_command, test_documents_playbooks and below
    assert sorted([*LIVES, "backup", "command", "config_info", "info"]) == sorted(runtime["action_groups"]["all"])
