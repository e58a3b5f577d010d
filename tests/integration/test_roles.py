# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the collection, run as a user runs them."""

from __future__ import annotations

from typing import Any

import pytest

from runner import with_bastion

EXCHANGE = "kemp.loadmaster.exchange2013_l4"
SETTINGS = "kemp.loadmaster.general_settings"
MAKE = "Apply or remove the services"
MAKE_SETTINGS = "Apply the general settings"
READS = {"listvs", "stats", "getall", "get", "showhealth"}

PLAIN = {"exchange2013_l4_vip": "192.0.2.25", "exchange2013_l4_servers": ["192.0.2.31", "192.0.2.32"]}
NAMESPACES = [{"protocol": "owa", "vip": "192.0.2.26"}, {"protocol": "ews", "vip": "192.0.2.27"}]
ALL_MAIL = ["smtp", "smtp_submission", "imap", "imaps", "pop", "pops"]
VARIANTS: dict[str, dict[str, Any]] = {
    "passthrough": {},
    "force_l4": {"exchange2013_l4_mode": "force_l4"},
    "mail": {"exchange2013_l4_mail_services": ALL_MAIL},
    "mail_force_l4": {"exchange2013_l4_mode": "force_l4", "exchange2013_l4_mail_services": ALL_MAIL},
    "namespaces": {"exchange2013_l4_namespaces": NAMESPACES},
    "namespaces_force_l4": {"exchange2013_l4_namespaces": NAMESPACES, "exchange2013_l4_mode": "force_l4"},
    "other_check": {
        "exchange2013_l4_health_check_host": "mail.example.com",
        "exchange2013_l4_health_check_url": "/ews/healthcheck.htm",
        "exchange2013_l4_health_check_pattern": "Exchange is well",
    },
    "status_code_alone": {"exchange2013_l4_health_check_pattern": ""},
    "head": {"exchange2013_l4_health_check_method": "head"},
    "other_ports": {"exchange2013_l4_port": 8443, "exchange2013_l4_server_port": 444},
    "servers_with_more": {
        "exchange2013_l4_servers": [
            "192.0.2.31",
            {"address": "192.0.2.32", "weight": 500, "critical": True},
            {"address": "192.0.2.33", "port": 8443, "enabled": False},
            {"address": "192.0.2.34", "state": "absent"},
        ],
        "exchange2013_l4_mail_services": ["smtp"],
    },
    "no_redirect": {"exchange2013_l4_redirect": False},
    "302": {"exchange2013_l4_redirect_code": 302, "exchange2013_l4_redirect_url": "https://%h/owa"},
    "ipv6": {"exchange2013_l4_vip": "2001:db8::25", "exchange2013_l4_servers": ["2001:db8::31", "2001:db8::32"]},
}


def services(emulator) -> dict[str, dict[str, Any]]:
    """The services as the appliance reports them, by port, and by address besides where that is not the usual one."""
    found = {}
    for record in emulator.call("listvs")["VS"]:
        address = record["VSAddress"]
        found[(record["VSPort"] if address == "192.0.2.25" else f"{address} {record['VSPort']}")] = record
    return found


def writes(emulator) -> list[str]:
    return [command for command in emulator.journal.commands() if command not in READS]


def test_exchange_variables_may_be_text(playbook, emulator):
    """As the command line and a survey give them: a role gets what is written, whatever type it says."""
    text = {
        "exchange2013_l4_vip": "192.0.2.25",
        "exchange2013_l4_servers": "192.0.2.31, 192.0.2.32",
        "exchange2013_l4_mail_services": "smtp,imap",
        "exchange2013_l4_redirect": "false",
        "exchange2013_l4_port": "8443",
    }
    playbook(EXCHANGE, extra_vars=text).succeeded()
    found = services(emulator)
    assert set(found) == {"8443", "25", "143"}
    assert [server["Addr"] for server in found["25"]["Rs"]] == ["192.0.2.31", "192.0.2.32"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_exchange_predicts_makes_and_then_rests(playbook, emulator, variant):
    variables = {**PLAIN, **VARIANTS[variant]}
    before = emulator.state()
    predicted = playbook(EXCHANGE, extra_vars=variables, check=True, diff=True).succeeded()
    assert emulator.state() == before
    assert writes(emulator) == []

    made = playbook(EXCHANGE, extra_vars=variables, diff=True).succeeded()
    for part in ("changed", "steps", "diff"):
        assert predicted.one(MAKE).result[part] == made.one(MAKE).result[part]
    assert made.changed == 1 and made.warnings == []

    after = emulator.state()
    emulator.journal.clear()
    again = playbook(EXCHANGE, extra_vars=variables).succeeded()
    assert again.changed == 0
    assert emulator.state() == after
    assert len(emulator.journal) <= 4
    assert writes(emulator) == []


def test_exchange_serves_what_the_recipe_says(playbook, emulator):
    playbook(EXCHANGE, extra_vars=PLAIN).succeeded()
    found = services(emulator)
    assert sorted(found) == ["443", "80"]
    https = found["443"]
    expected = {
        "NickName": "Exchange 2013 L4 - HTTPS",
        "VStype": "gen",
        "Layer": 7,
        "Transparent": False,
        "SubnetOriginating": True,
        "Schedule": "lc",
        "Idletime": 1800,
        "CheckType": "https",
        "CheckUrl": "/owa/healthcheck.htm",
        "CheckUseGet": 1,
        "CheckPattern": "200 OK",
        "Status": "Up",
    }
    assert {name: https[name] for name in expected} == expected
    assert "Persist" not in https
    assert "CheckCodes" not in https
    assert [(server["Addr"], server["Port"], server["Enable"]) for server in https["Rs"]] == [
        ("192.0.2.31", 443, True),
        ("192.0.2.32", 443, True),
    ]
    redirect = found["80"]
    assert redirect["NickName"] == "Exchange 2013 L4 - HTTPS Redirect"
    assert (redirect["VStype"], redirect["Status"]) == ("http", "Redirect")
    assert (str(redirect["ErrorCode"]), redirect["ErrorUrl"]) == ("301", "https://%h%s")
    assert "Rs" not in redirect


def test_exchange_namespaces_check_their_own_protocol(playbook, emulator):
    everything = ["owa", "ecp", "ews", "activesync", "autodiscover", "mapi", "oab", "rpc", "powershell"]
    namespaces = [{"protocol": name, "vip": f"192.0.2.{100 + place}"} for place, name in enumerate(everything)]
    variables = {"exchange2013_l4_servers": PLAIN["exchange2013_l4_servers"], "exchange2013_l4_namespaces": namespaces}
    playbook(EXCHANGE, extra_vars=variables).succeeded()
    found = services(emulator)
    assert len(found) == 18
    assert [found[f"192.0.2.{100 + place} 443"]["CheckUrl"].lower() for place in range(9)] == [
        f"/{'microsoft-server-activesync' if name == 'activesync' else name}/healthcheck.htm" for name in everything
    ]
    names = [record["NickName"] for record in found.values()]
    assert len(set(names)) == 18


@pytest.mark.parametrize("mode", ["passthrough", "force_l4"])
def test_exchange_mail_services(playbook, emulator, mode):
    variables = {**PLAIN, "exchange2013_l4_mode": mode, "exchange2013_l4_mail_services": ALL_MAIL}
    playbook(EXCHANGE, extra_vars=variables).succeeded()
    found = services(emulator)
    assert {port: (record["CheckType"], record["Idletime"]) for port, record in found.items()} == {
        "443": ("https", 1800),
        "80": ("none", 660),
        "25": ("smtp", 300),
        "587": ("smtp", 300),
        "143": ("imap", 3600),
        "993": ("tcp", 3600),
        "110": ("pop3", 1800),
        "995": ("tcp", 1800),
    }
    speak_first = {"25": 1, "587": 1, "143": 4, "110": 6} if mode == "passthrough" else {}
    assert {port: record["ServerInit"] for port, record in found.items() if record["ServerInit"]} == speak_first
    assert all(str(server["Port"]) == port for port, record in found.items() for server in record.get("Rs", []))


def test_exchange_at_layer_4_sends_no_option_of_layer_7(playbook, emulator):
    variables = {**PLAIN, "exchange2013_l4_mode": "force_l4", "exchange2013_l4_mail_services": ALL_MAIL}
    playbook(EXCHANGE, extra_vars=variables).succeeded()
    sent = [call.parameters for call in emulator.journal if call.command == "addvs" and call.parameters["port"] != "80"]
    assert len(sent) == 7
    for parameters in sent:
        assert parameters["forcel7"] == "n"
        assert not {"transparent", "subnetoriginating", "serverinit", "addvia", "multiconnect"} & set(parameters)
    assert {record["Layer"] for port, record in services(emulator).items() if port != "80"} == {4}


def test_exchange_changes_the_mode_of_what_exists(playbook, emulator):
    for mode, layer in (("passthrough", 7), ("force_l4", 4), ("passthrough", 7)):
        variables = {**PLAIN, "exchange2013_l4_mode": mode, "exchange2013_l4_mail_services": ["smtp"]}
        assert playbook(EXCHANGE, extra_vars=variables).succeeded().changed == 1
        assert {port: record["Layer"] for port, record in services(emulator).items()} == {
            "443": layer,
            "25": layer,
            "80": 7,
        }
        assert playbook(EXCHANGE, extra_vars=variables).succeeded().changed == 0


@pytest.mark.parametrize("former", ["other_check", "head", "status_code_alone"])
def test_exchange_puts_the_check_back(playbook, emulator, former):
    playbook(EXCHANGE, extra_vars={**PLAIN, **VARIANTS[former]}).succeeded()
    playbook(EXCHANGE, extra_vars=PLAIN).succeeded()
    https = services(emulator)["443"]
    assert (https["CheckUse1.1"], https["CheckUrl"]) == (False, "/owa/healthcheck.htm")
    assert https["CheckPattern"] == "200 OK"
    assert playbook(EXCHANGE, extra_vars=PLAIN).succeeded().changed == 0


def test_exchange_absent_takes_away_its_own_services_only(playbook, emulator):
    variables = {**PLAIN, "exchange2013_l4_mail_services": ["smtp"]}
    playbook(EXCHANGE, extra_vars=variables).succeeded()
    emulator.call("addvs", vs="192.0.2.25", port="8080", prot="tcp")
    gone = {**variables, "exchange2013_l4_state": "absent"}
    assert playbook(EXCHANGE, extra_vars=gone, check=True).succeeded().changed == 1
    assert len(services(emulator)) == 4
    assert playbook(EXCHANGE, extra_vars=gone).succeeded().changed == 1
    assert sorted(services(emulator)) == ["8080"]
    assert playbook(EXCHANGE, extra_vars=gone).succeeded().changed == 0


def test_exchange_leaves_alone_what_it_was_not_told(playbook, emulator):
    playbook(EXCHANGE, extra_vars=PLAIN).succeeded()
    emulator.call("addrs", vs="192.0.2.25", port="443", prot="tcp", rs="192.0.2.40", rsport="443")
    emulator.call("modrs", vs="192.0.2.25", port="443", prot="tcp", rs="192.0.2.31", rsport="443", enable="n")
    assert playbook(EXCHANGE, extra_vars=PLAIN).succeeded().changed == 0
    servers = {server["Addr"]: server["Enable"] for server in services(emulator)["443"]["Rs"]}
    assert servers == {"192.0.2.31": False, "192.0.2.32": True, "192.0.2.40": True}


BAD_INPUT = {
    "no_vip": ({"exchange2013_l4_vip": ""}, "exchange2013_l4_vip is missing"),
    "no_address": (
        {"exchange2013_l4_vip": "mail.example.com"},
        "exchange2013_l4_vip is 'mail.example.com', but it must be an IP address",
    ),
    "no_servers": ({"exchange2013_l4_servers": []}, "exchange2013_l4_servers is empty"),
    "strange_server": ({"exchange2013_l4_servers": ["192.0.2.31", {"port": 443}]}, "with the key address"),
    "same_server": ({"exchange2013_l4_servers": ["192.0.2.31", "192.0.2.31"]}, "the same server more than once"),
    "same_server_otherwise": (
        {"exchange2013_l4_servers": ["192.0.2.31", {"address": "192.0.2.31", "port": 443}]},
        "the same server more than once",
    ),
    "same_mail_server": (
        {
            "exchange2013_l4_servers": ["192.0.2.31", {"address": "192.0.2.31", "port": 444}],
            "exchange2013_l4_mail_services": ["smtp"],
        },
        "the same server more than once",
    ),
    "same_place": (
        {"exchange2013_l4_namespaces": [*NAMESPACES, {"protocol": "oab", "vip": "192.0.2.27"}]},
        "would have the same address and port",
    ),
    "redirect_to_itself": ({"exchange2013_l4_port": 80}, "would have the same address and port"),
    "mail_without_vip": (
        {
            "exchange2013_l4_vip": "",
            "exchange2013_l4_namespaces": NAMESPACES,
            "exchange2013_l4_mail_services": ["smtp"],
        },
        "exchange2013_l4_vip is missing",
    ),
    "far_server_at_layer_4": (
        {
            "exchange2013_l4_mode": "force_l4",
            "exchange2013_l4_servers": [{"address": "198.51.100.31", "non_local": True}],
        },
        "none of them can be non_local",
    ),
    "unknown_protocol": (
        {"exchange2013_l4_namespaces": [{"protocol": "gopher", "vip": "192.0.2.26"}]},
        "exchange2013_l4_namespaces[0]: protocol is 'gopher', but it must be one of",
    ),
    "unknown_mode": ({"exchange2013_l4_mode": "dsr"}, "exchange2013_l4_mode is 'dsr', but it must be one of"),
    "unknown_variable": (
        {"exchange2013_l4_schedulling": "round_robin"},
        "unknown variable 'exchange2013_l4_schedulling'; did you mean 'exchange2013_l4_scheduling'?",
    ),
    "unknown_word_about_a_server": (
        {"exchange2013_l4_servers": [{"address": "192.0.2.31", "wieght": 5}]},
        "wieght",
    ),
    "bad_port_of_a_server": (
        {"exchange2013_l4_servers": [{"address": "192.0.2.31", "port": 99999}]},
        "it must be a port from 3 to",
    ),
    "bad_name": (
        {"exchange2013_l4_name_prefix": "Exchange/2013"},
        "exchange2013_l4_name_prefix is 'Exchange/2013', but it must be made of letters",
    ),
    "long_url": ({"exchange2013_l4_health_check_url": "/" + "x" * 200}, "at most 126 characters"),
}


@pytest.mark.parametrize("fault", BAD_INPUT)
def test_exchange_refuses_bad_input_and_changes_nothing(playbook, emulator, fault):
    variables, sentence = BAD_INPUT[fault]
    before = emulator.state()
    run = playbook(EXCHANGE, extra_vars={**PLAIN, **variables})
    assert run.rc == 2
    (failed,) = run.failed
    assert sentence in failed.msg
    assert len(str(failed.result)) < 4000
    assert "Traceback" not in run.output
    assert emulator.state() == before
    assert writes(emulator) == []


def test_exchange_stops_at_the_first_service_that_fails(playbook, emulator):
    from loadmaster_emulator.faults import Fault

    emulator.faults.add(Fault("status", command="addvs", status=422, times=None))
    run = playbook(EXCHANGE, extra_vars={**PLAIN, "exchange2013_l4_mail_services": ALL_MAIL})
    assert run.rc == 2
    assert writes(emulator) == ["addvs"]


def test_exchange_runs_again_in_a_play_that_rescued_it(playbook, emulator):
    from loadmaster_emulator.faults import Fault

    emulator.faults.add(Fault("status", command="addvs", status=422))
    include = {"ansible.builtin.include_role": {"name": EXCHANGE}}
    tasks = [{"name": "once", "block": [include], "rescue": [{"name": "once more", **include}]}]
    run = playbook(tasks, extra_vars=PLAIN).succeeded()
    assert [task.status for task in run.tasks if task.task == MAKE] == ["failed", "changed"]


@pytest.mark.parametrize("firmware", ["7.2.53", "7.2.54.12"])
def test_exchange_with_older_firmware(playbook, request, firmware):
    request.node.add_marker(pytest.mark.emulator(firmware=firmware))
    assert playbook(EXCHANGE, extra_vars=PLAIN).succeeded().changed == 1
    assert playbook(EXCHANGE, extra_vars=PLAIN).succeeded().changed == 0


SOME_SETTINGS = {
    "general_settings_profile": "exchange",
    "general_settings_hostname": "lm1",
    "general_settings_dns_servers": ["192.0.2.53", "192.0.2.54"],
    "general_settings_ntp_servers": ["ntp1.example.com"],
    "general_settings_time_zone": "Europe/Berlin",
    "general_settings_snmp_enabled": True,
    "general_settings_snmp_community": "canary-in-the-community",
    "general_settings_health_check_retries": 3,
    "general_settings_health_check_interval": 20,
}


def test_general_settings_predicts_makes_and_then_rests(playbook, emulator):
    before = emulator.state()
    predicted = playbook(SETTINGS, extra_vars=SOME_SETTINGS, check=True, diff=True).succeeded().one(MAKE_SETTINGS)
    assert emulator.state() == before
    run = playbook(SETTINGS, extra_vars=SOME_SETTINGS, diff=True, verbosity=3).succeeded()
    done = run.one(MAKE_SETTINGS)
    for part in ("changed", "steps", "diff"):
        assert predicted.result[part] == done.result[part]
    assert done.changed
    assert "canary-in-the-community" not in run.output

    parameters = {name: emulator.call("get", param=name)[name] for name in ("hostname", "nameserver", "droponfail")}
    assert parameters == {"hostname": "lm1", "nameserver": ["192.0.2.53", "192.0.2.54"], "droponfail": True}

    emulator.journal.clear()
    assert playbook(SETTINGS, extra_vars=SOME_SETTINGS).succeeded().changed == 0
    assert writes(emulator) == []
    assert len(emulator.journal) <= 4


def test_general_settings_profile_gives_way_to_what_is_named(playbook, emulator):
    for parameter in ("expect100", "addforwardheader", "L7NTLMProxy"):
        emulator.call("set", param=parameter, value="0")
    made = playbook(SETTINGS, extra_vars={"general_settings_profile": "exchange"}, check=True).succeeded()
    assert made.one(MAKE_SETTINGS).result["after"]["settings"] == {
        "subnet_originating_requests": True,
        "handling_of_100_continue": "rfc_7231",
        "additional_l7_header": "x_forwarded_for",
        "drop_connections_on_rs_failure": True,
        "connection_timeout": 1800,
        "slow_start_time": 300,
        "ntlm_proxy_mode": True,
    }
    other = {
        "general_settings_profile": "exchange",
        "general_settings_connection_timeout": 2400,
        "general_settings_drop_connections_on_rs_failure": False,
    }
    playbook(SETTINGS, extra_vars={"general_settings_profile": "exchange"}).succeeded()
    changed = playbook(SETTINGS, extra_vars=other).succeeded().one(MAKE_SETTINGS).result["after"]["settings"]
    assert changed == {"connection_timeout": 2400, "drop_connections_on_rs_failure": False}


def test_general_settings_knows_no_other_variables(playbook, emulator):
    run = playbook(SETTINGS, extra_vars={"general_settings_hostnam": "lm9"})
    sentence = "unknown variable 'general_settings_hostnam'; did you mean 'general_settings_hostname'?"
    assert run.rc == 2 and sentence in run.failed[0].msg


@pytest.mark.parametrize(
    ("name", "variables", "shown"),
    [
        ("exchange2013_l4", PLAIN, "https://%h%s"),
        ("general_settings", SOME_SETTINGS, "192.0.2.53"),
    ],
)
def test_the_document_is_shown_before_anything_is_done(playbook, emulator, name, variables, shown):
    run = playbook(f"kemp.loadmaster.{name}", extra_vars=variables, tags=[f"{name}_document"]).succeeded()
    assert shown in run.output and "canary" not in run.output
    assert not emulator.journal


def test_general_settings_without_variables_does_nothing(playbook, emulator):
    before = emulator.state()
    assert playbook(SETTINGS).succeeded().changed == 0
    assert emulator.state() == before


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"general_settings_profile": "lync"},
            "general_settings_profile is 'lync', but it must be one of none, exchange",
        ),
        ({"general_settings_wui_port": 8443}, "allow_lockout"),
        ({"general_settings_connection_timeout": 5, "general_settings_hostname": "lm9"}, "from 60 to 86400"),
    ],
)
def test_general_settings_refuses_bad_input_and_changes_nothing(playbook, emulator, variables, sentence):
    before = emulator.state()
    run = playbook(SETTINGS, extra_vars=variables)
    assert run.rc == 2
    assert sentence in run.failed[0].msg
    assert emulator.state() == before


def test_show_prints_what_is_served(playbook, emulator):
    playbook(EXCHANGE, extra_vars=PLAIN).succeeded()
    emulator.down.add(("192.0.2.32", 443))
    emulator.journal.clear()
    run = playbook("kemp.loadmaster.show").succeeded()
    lines = run.one("Show the services").result["msg"]
    assert lines[0].endswith("2 services")
    assert "tcp/192.0.2.25:443 Exchange 2013 L4 - HTTPS: up, layer 7" in lines
    assert "    least_connection, check https /owa/healthcheck.htm" in lines
    assert "    192.0.2.31:443 up, weight 1000" in lines
    assert "    192.0.2.32:443 down, weight 1000" in lines
    assert "    answers 301 https://%h%s" in lines
    assert run.changed == 0
    assert len(emulator.journal) <= 2


def test_show_prints_sub_services_under_their_parent(playbook, emulator, module):
    emulator.call("addvs", vs="192.0.2.26", port=443, prot="tcp", nickname="Exchange")
    made = {"virtual_service": "Exchange", "name": "OWA", "real_servers": [{"address": "192.0.2.31"}]}
    assert module("sub_virtual_service", made).changed
    lines = playbook("kemp.loadmaster.show").succeeded().one("Show the services").result["msg"]
    assert lines[1:3] == ["tcp/192.0.2.26:443 Exchange: up, layer 7", "  OWA: up"]
    assert "    192.0.2.31:443 up, weight 1000" in lines


def test_playbooks_run_on_the_hosts_that_the_user_names(playbook):
    run = playbook("kemp.loadmaster.show", extra_vars={"loadmasters": "lm1"}).succeeded()
    assert list(run.stats) == ["lm1"]


@pytest.mark.parametrize("way", ["roles", "include_role", "import_role"])
def test_a_recipe_is_one_task(playbook, emulator, way):
    """Ansible's own check of the variables takes a task for each host; see meta/argument_specs of the roles."""
    play = {"hosts": "loadmasters", "gather_facts": False, "vars": PLAIN}
    if way == "roles":
        play["roles"] = [{"role": EXCHANGE}]
    else:
        play["tasks"] = [{"name": "Apply the recipe", f"ansible.builtin.{way}": {"name": EXCHANGE}}]
    run = playbook([play]).succeeded()
    assert [task.task.rpartition(" : ")[2] for task in run.tasks if task.action != "ansible.builtin.include_role"] == [
        MAKE
    ]
    assert run.one(MAKE).changed


def test_a_value_that_cannot_be_rendered_is_named(playbook, emulator):
    variables = {**PLAIN, "exchange2013_l4_scheduling": "{{ nowhere }}"}
    run = playbook(EXCHANGE, extra_vars=variables)
    (failed,) = run.failed
    assert failed.msg.startswith("exchange2013_l4_scheduling cannot be rendered: ") and "nowhere" in failed.msg
    assert not emulator.journal


def test_a_recipe_is_applied_from_a_bastion(playbook, emulator, inventory):
    """What the variables are is known to the controller alone, and goes with the module."""
    data = with_bastion(inventory())
    task = {"name": MAKE, "kemp.loadmaster.recipe": {"name": "exchange2013_l4"}, "delegate_to": "bastion"}
    assert playbook([task], extra_vars=PLAIN, inventory=data).succeeded().changed == 1
    assert sorted(services(emulator)) == ["443", "80"]
    assert playbook([task], extra_vars=PLAIN, inventory=data).succeeded().changed == 0
    secrets = {"name": "Settings", "kemp.loadmaster.recipe": {"name": "general_settings"}, "delegate_to": "bastion"}
    run = playbook([secrets], extra_vars=SOME_SETTINGS, inventory=data, verbosity=3).succeeded()
    assert "canary-in-the-community" not in run.output
