# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a document comes from: files of every form, text, and options; and that none of its secrets shows on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from authority import issue

from loadmaster_emulator import Emulator
from runner import BIN, COLLECTIONS, Playbook, Run, with_bastion

DOCUMENT = {"virtual_services": [{"address": "192.0.2.25", "port": 443, "nickname": "Mail", "real_servers": []}]}
TEXT = "virtual_services:\n- {address: 192.0.2.25, port: 443, nickname: Mail, real_servers: []}\n"
SECRET = "MailSecret1"
MASKED = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
WAYS = {"in the worker": {}, "shipped to a bastion": {"delegate_to": "bastion"}}
EVERY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture
def inventory(inventory: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The default inventory with another host beside the LoadMaster."""

    return lambda: with_bastion(inventory())


def encrypted(path: Path, folder: Path) -> dict[str, str]:
    """Encrypt a file; return the environment that can read it."""
    password = folder / "vault-password"
    password.write_text("open sesame")
    environment = {"ANSIBLE_VAULT_PASSWORD_FILE": str(password)}
    command = [str(BIN / "ansible-vault"), "encrypt", "--vault-password-file", str(password), str(path)]
    subprocess.run(command, check=True, capture_output=True, env={"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(folder)})
    assert path.read_text().startswith("$ANSIBLE_VAULT")
    return environment


def config(way: dict[str, str], **args: Any) -> dict[str, Any]:
    return {"name": "As the document says", "kemp.loadmaster.config": args, **way}


# --- files and text -----------------------------------------------------------------------------------------------------


@EVERY_WAY
@pytest.mark.parametrize("vault", [False, True], ids=["in the clear", "encrypted"])
@pytest.mark.parametrize(
    ("name", "text"), [("lm1.json", json.dumps(DOCUMENT)), ("lm1.yml", TEXT)], ids=["JSON", "YAML"]
)
def test_a_file_beside_the_playbook(
    emulator: Emulator, playbook: Playbook, tmp_path: Path, name: str, text: str, vault: bool, way: dict[str, str]
) -> None:
    own = tmp_path / "own"
    (own / "files").mkdir(parents=True)
    (own / "files" / name).write_text(text)
    environment = encrypted(own / "files" / name, tmp_path) if vault else {}
    task = config(way, src=name)
    (own / "site.yml").write_text(
        yaml.safe_dump([{"hosts": "loadmasters", "gather_facts": False, "tasks": [task, task]}])
    )
    done = playbook(own / "site.yml", env=environment).succeeded()
    assert [result.changed for result in done.tasks] == [True, False]
    assert emulator.call("listvs")["VS"][0]["NickName"] == "Mail"


@pytest.mark.parametrize("vault", [False, True], ids=["in the clear", "encrypted"])
@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.json", '{"virtual_services": [],\n"virtual_services": []}', "line 2: virtual_services is there twice"),
        ("a.yml", "virtual_services: []\nvirtual_services: []\n", "line 2: virtual_services is there twice"),
        # Read as YAML it would be right
        ("a.json", "virtual_services: []", "line 1: Expecting value"),
        ("a.yml", f"settings: {{email_password: {SECRET}\n", "line 2: did not find expected ',' or '}'"),
        ("a.yml", "settings: {email_password: !vault x}\n", "Encrypt the whole file, or give the value in the option"),
    ],
)
def test_a_wrong_file_is_named_with_the_line(
    emulator: Emulator,
    playbook: Playbook,
    tmp_path: Path,
    name: str,
    text: str,
    sentence: str,
    vault: bool,
) -> None:
    path = tmp_path / name
    path.write_text(text)
    environment = encrypted(path, tmp_path) if vault else {}
    failed = playbook([config({}, src=str(path))], env=environment).failed[0]
    assert failed.msg.startswith(f"src: {path} is not a document: ") and sentence in failed.msg
    assert failed.msg.endswith(". Nothing was changed.") and SECRET not in failed.msg and not emulator.journal


@EVERY_WAY
def test_text_as_of_a_lookup(emulator: Emulator, playbook: Playbook, tmp_path: Path, way: dict[str, str]) -> None:
    (tmp_path / "lm1.yml").write_text(TEXT)
    task = config(way, document=f"{{{{ lookup('ansible.builtin.file', '{tmp_path}/lm1.yml') }}}}")
    assert playbook([task, task]).succeeded().changed == 1 and emulator.call("listvs")["VS"]


# --- secrets ------------------------------------------------------------------------------------------------------------

KEY = issue("mail.example.com").key
# A line of the key, which a log has even where it shows line ends as \n
SHOWS_KEY = KEY.splitlines()[1]


def shows(done: Run) -> bool:
    everything = json.dumps([result.result for result in done.results]) + done.output
    return SECRET in everything or SHOWS_KEY in everything


@EVERY_WAY
@pytest.mark.parametrize(
    "args",
    [
        {"document": f"settings: {{email_password: {SECRET}"},
        {"document": f"- email_password: {SECRET}"},
        {"settings": f"email_password: {SECRET}"},
        {"document": {"settings": {"email_password": SECRET}}, "stat": "replaced"},
        {"settings": {"email_pasword": SECRET}},
        {"settings": {"email_password": [SECRET]}},
        {"document": {"certificates": {"mail": {"private_key": KEY}}}},
        {"certificates": [{"name": "mail", "certificate": "none", "private_key": KEY}]},
    ],
    ids=[
        *("broken text", "a list", "text for a dictionary", "a mistyped option of the task", "a mistyped option"),
        *("a list for a text", "a dictionary for a list", "a broken certificate"),
    ],
)
def test_a_task_that_is_wrong_shows_no_secret(
    emulator: Emulator, playbook: Playbook, args: dict[str, Any], way: dict[str, str]
) -> None:
    done = playbook([config(way, **args)], verbosity=3, env={"ANSIBLE_INJECT_INVOCATION": "1"})
    assert done.rc != 0 and not shows(done) and not emulator.journal
    given = done.tasks[0].result.get("invocation", {}).get("module_args", {})
    assert all(value in (MASKED, None) for name, value in given.items() if name in args and name != "stat")


RUN_WITH_A_LOG = """
import json, sys, types
lines = []
log = types.ModuleType("syslog")
log.LOG_USER, log.LOG_INFO = 8, 6
log.openlog = lambda *_arguments: None
log.syslog = lambda _priority, text: lines.append(text)
sys.modules["syslog"] = log
from ansible.module_utils import basic
basic.has_journal = False
from ansible_collections.kemp.loadmaster.plugins.modules import {module} as module
try:
    module.main()
finally:
    json.dump(lines, sys.stderr)
"""


def logged(module: str, tmp_path: Path, arguments: dict[str, Any]) -> tuple[str, str]:
    """Run a module as on a host that it is shipped to; return what it logs there and what it returns."""
    passed = tmp_path / "arguments.json"
    # Core does not pass everything on by itself; what it says about the log wins over what a module says
    passed.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, "_ansible_no_log": False}}))
    done = subprocess.run(
        [sys.executable, "-c", RUN_WITH_A_LOG.format(module=module), str(passed)],
        env={"PYTHONPATH": str(COLLECTIONS), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr, done.stdout


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("config", {"document": {"settings": {"email_password": SECRET}}}),
        ("config", {"settings": {"email_password": SECRET, "ntp_key_secret": "x"}}),
        ("config", {"certificates": [{"name": "mail", "certificate": "x", "private_key": KEY}]}),
        ("config", {"document": {"certificates": {"mail": {"private_key": KEY}}}}),
        ("config", {"secrets": {"certificates.mail.private_key": KEY}}),
        ("settings", {"email_password": SECRET}),
        ("certificate", {"name": "mail", "certificate": "x", "private_key": KEY}),
    ],
)
def test_no_secret_is_in_the_log_of_a_host_that_runs_the_module(
    tmp_path: Path, module: str, options: dict[str, Any]
) -> None:
    login = {"host": "localhost", "host_port": 9, "username": "bal", "password": SECRET, "retries": 0}
    log, result = logged(module, tmp_path, {**login, **options})
    shown = json.loads(result)
    assert "Invoked with host=localhost" in log and shown["failed"]
    # From 2.22 on, core reports to itself on the controller what it has to mask there; this reaches no user
    shown.pop("_ansible_new_secrets", None)
    for text in (log, json.dumps(shown)):
        assert SECRET not in text and SHOWS_KEY not in text
