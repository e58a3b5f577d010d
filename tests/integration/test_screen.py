# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees on a normal terminal, without -v and without --diff."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loadmaster_emulator import Emulator
from runner import BIN, COLLECTIONS, HERE, ROOT, Playbook, Run, with_bastion

SERVICE = "virtual service tcp/192.0.2.25:443 (Mail)"
MAIL = {
    **{"address": "192.0.2.25", "port": 443, "nickname": "Mail"},
    "real_servers": [{"address": "192.0.2.31"}, {"address": "192.0.2.32"}],
}
RULES = [{"name": f"Rule_{number}", "kind": "match_content", "pattern": f"/{number}/"} for number in range(5)]
TASK = {"name": "Serve mail", "kemp.loadmaster.virtual_service": MAIL}
STEPS = [
    f"{SERVICE}: create it",
    "2 real servers of virtual service tcp/192.0.2.25:443 (192.0.2.31:443, 192.0.2.32:443): add them",
]


@pytest.fixture
def inventory(inventory: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The default inventory with another host beside the LoadMaster."""

    return lambda: with_bastion(inventory())


def said(done: Run, name: str = "lm1") -> list[str]:
    """The lines about a LoadMaster that are Ansible's neither in form nor in the figures at the end."""
    start = f"{name}: "
    return [line.removeprefix(start) for line in done.stdout.splitlines() if line.startswith(start)]


@pytest.mark.parametrize("way", [{}, {"delegate_to": "bastion"}], ids=["in the worker", "shipped"])
def test_the_screen_says_what_was_changed(playbook: Playbook, way: dict[str, str]) -> None:
    tried = playbook([{**TASK, **way}], check=True).succeeded()
    assert said(tried) == [line.replace(": create", ": would create").replace(": add", ": would add") for line in STEPS]
    done = playbook([{**TASK, **way}]).succeeded()
    assert said(done) == STEPS and "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    heading = next(number for number, line in enumerate(lines) if line.startswith("TASK [Serve mail]"))
    assert lines[heading + 1] == f"lm1: {STEPS[0]}" and lines[heading + 3].startswith("changed: [lm1")
    assert said(playbook([{**TASK, **way}]).succeeded()) == []


def test_every_module_role_and_loop_says_it(emulator: Emulator, playbook: Playbook) -> None:
    loop = {"kemp.loadmaster.content_rule": "{{ item }}", "loop": RULES[:2]}
    document = {"kemp.loadmaster.config": {"content_rules": RULES, "settings": {"hostname": "lm-north"}}}
    out = {
        "kemp.loadmaster.server_maintenance": {"address": "192.0.2.31", "state": "out_of_service", "drain_timeout": 0}
    }
    role = {
        **{"ansible.builtin.include_role": {"name": "kemp.loadmaster.exchange2013_l4"}},
        "vars": {"exchange2013_l4_vip": "192.0.2.26", "exchange2013_l4_servers": ["192.0.2.31", "192.0.2.32"]},
    }
    done = playbook([loop, document, TASK, out, role]).succeeded()
    told = said(done)
    assert told[:2] == ["content rule Rule_0: create it", "content rule Rule_1: create it"]
    assert told[2] == "settings: change hostname from lb100 to lm-north"
    assert told[3:6] == ["3 content rules (Rule_2, Rule_3, Rule_4): create them", *STEPS]
    assert any("192.0.2.31" in line and "disable" in line for line in told[6:])
    assert "virtual service tcp/192.0.2.26:443 (Exchange 2013 L4 - HTTPS): create it" in told


@pytest.mark.parametrize(
    "switched_off",
    [
        {"vars": {"loadmaster_show_steps": False}},
        {"vars": {"loadmaster_show_steps": "no"}},
        {"environment": {"LOADMASTER_SHOW_STEPS": "false"}},
        {"no_log": True},
    ],
    ids=["variable", "text", "environment", "no_log"],
)
def test_it_can_be_switched_off(playbook: Playbook, switched_off: dict[str, Any]) -> None:
    assert said(playbook([{**TASK, **switched_off}]).succeeded()) == []


def test_no_log_wins_and_a_wrong_switch_is_a_sentence(playbook: Playbook) -> None:
    hidden = {**TASK, "no_log": True, "vars": {"loadmaster_show_steps": True}}
    assert said(playbook([hidden]).succeeded()) == []
    wrong = playbook([{**TASK, "vars": {"loadmaster_show_steps": "perhaps"}}])
    assert "loadmaster_show_steps is 'perhaps'; it must be true or false" in wrong.failed[0].msg


def test_a_secret_is_in_no_line(playbook: Playbook) -> None:
    secret = "Very-Secret-42"
    task = {
        "kemp.loadmaster.settings": {"email_password": secret, "email_user": f"user-{secret}", "email_enabled": True}
    }
    told = playbook([task], check=True)
    assert secret not in told.output


def test_the_loadmaster_is_named_not_the_host_of_the_task(emulator: Emulator, playbook: Playbook) -> None:
    play = {"hosts": "bastion", "gather_facts": False, "tasks": [{**TASK, "delegate_to": "lm1"}]}
    assert said(playbook([play], check=True).succeeded())[0] == f"{SERVICE}: would create it"
    options = {"host": emulator.host, "host_port": emulator.port, "username": "bal", "password": "secret-of-bal"}
    options |= {"fingerprint": emulator.fingerprint}
    here = {"kemp.loadmaster.virtual_service": {**MAIL, **options}}
    done = playbook([{"hosts": "localhost", "gather_facts": False, "tasks": [here]}], check=True, diff=True).succeeded()
    assert said(done, emulator.host)[0] == f"{SERVICE}: would create it"
    assert f"--- before: {emulator.host}: {SERVICE}" in done.stdout


@pytest.mark.parametrize("way", [{}, {"delegate_to": "bastion"}], ids=["in the worker", "shipped"])
def test_diffs_name_the_loadmaster(playbook: Playbook, way: dict[str, str]) -> None:
    done = playbook([{**TASK, **way}], check=True, diff=True).succeeded()
    assert f"--- before: lm1: {SERVICE}" in done.stdout and f"+++ after: lm1: {SERVICE}" in done.stdout


def test_what_programs_read_stays_whole(playbook: Playbook, tmp_path: Path) -> None:
    """A callback for programs prints one value; a line before it would break it."""
    (tmp_path / "json.py").write_text(
        "import json\nfrom ansible.plugins.callback import CallbackBase\n"
        "DOCUMENTATION = 'name: json\\ntype: stdout\\nshort_description: x\\ndescription: x\\noptions: {}'\n"
        "class CallbackModule(CallbackBase):\n"
        "    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, 'stdout', 'json'\n"
        "    def v2_playbook_on_stats(self, stats):\n"
        "        self._display.display(json.dumps(stats.changed))\n"
    )
    folders = f"{tmp_path}:{HERE / 'callback_plugins'}"
    done = playbook([TASK], env={"ANSIBLE_STDOUT_CALLBACK": "json", "ANSIBLE_CALLBACK_PLUGINS": folders}).succeeded()
    assert json.loads(done.stdout) == {"lm1": 1}
    asked = {**TASK, "vars": {"loadmaster_show_steps": True}, "kemp.loadmaster.virtual_service": {**MAIL, "port": 444}}
    done = playbook([asked], env={"ANSIBLE_STDOUT_CALLBACK": "json", "ANSIBLE_CALLBACK_PLUGINS": folders}).succeeded()
    assert said(done)


def test_the_readme_says_how_a_folder_of_ones_own_is_found(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^export ANSIBLE_COLLECTIONS_PATH=.*$", readme, re.MULTILINE)
    (tmp_path / "collections").symlink_to(COLLECTIONS)
    show = f"{BIN / 'ansible-playbook'} -i localhost, kemp.loadmaster.show"
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}

    def shell(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    missing = shell(show)
    assert missing.returncode != 0 and "kemp.loadmaster.show could not be found" in missing.stdout + missing.stderr
    assert "kemp.loadmaster.show could not be found" in readme
    assert shell(f"{line}\n{show}").returncode == 0


def test_the_format_of_results_is_an_option_that_ansible_has(emulator: Emulator, playbook: Playbook) -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    (name, value) = re.findall(r"^\$ export (ANSIBLE_CALLBACK_\w+)=(\w+)$", page, re.MULTILINE)[0]
    wrong = {"kemp.loadmaster.config": {"settings": {"hostnam": "x", "wui_display_lines": 5}}}
    done = playbook([wrong], env={name: value})
    assert "\n        - settings: unknown option 'hostnam'" in done.stdout, done.stdout
