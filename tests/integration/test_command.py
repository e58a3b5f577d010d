# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any command of the API: reads are known as reads, changes are asked for once, and secrets never show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import any_command
from loadmaster_emulator import Emulator
from runner import TaskResult

Run = Callable[..., TaskResult]
RULE = {"name": "Intranet", "type": 0, "pattern": r"/^\/intranet/"}
EXISTS = "*[] | [?Name == 'Intranet'] | length(@) > `0`"
CANARY = "canary-Jw5-secret"


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_a_read_changes_nothing_and_returns_its_answer(emulator: Emulator, module: Run, api_version: str) -> None:
    for check in (False, True):
        done = module("command", {"command": "vstotals", "api_version": api_version}, check=check)
        assert done.status == "ok" and done.result["response"] and done.result["api_calls"] >= 1
    assert emulator.journal.commands().count("vstotals") == 2


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_a_change_is_sent_until_it_is_done(emulator: Emulator, module: Run, api_version: str) -> None:
    options = {"command": "addrule", "parameters": RULE, "api_version": api_version}
    until = {"done_command": "showrule", "done_when": EXISTS}
    foreseen = module("command", {**options, **until}, check=True)
    assert foreseen.changed and "addrule" not in emulator.journal.commands()
    assert module("command", {**options, **until}).changed
    assert [rule["Name"] for rule in emulator.call("showrule")["MatchContentRule"]] == ["Intranet"]
    for check in (False, True):
        again = module("command", {**options, **until}, check=check)
        assert again.status == "ok" and again.result["skipped_because"] == f"{EXISTS} is true."
    assert emulator.journal.commands().count("addrule") == 1
    refused = module("command", options)
    assert refused.status == "failed" and refused.result["error"]["kind"] == "Refused" and not refused.result["changed"]


def test_an_unknown_command_counts_as_a_change_unless_one_says_otherwise(emulator: Emulator, module: Run) -> None:
    assert module("command", {"command": "whatever"}, check=True).changed
    read = module("command", {"command": "whatever", "changes": False}, check=True)
    assert read.status == "failed" and "whatever" in emulator.journal.commands()


def test_a_file_is_written_once(emulator: Emulator, module: Run, tmp_path: Path) -> None:
    path = tmp_path / "lm1.backup"
    options = {"command": "backup", "dest": str(path)}
    assert module("command", options, check=True).changed and not path.exists()
    assert module("command", options).changed and path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"other")
    assert module("command", options).changed and path.read_bytes() != b"other"


def test_an_upload_is_sent(emulator: Emulator, module: Run, tmp_path: Path) -> None:
    pem = Path(emulator.certificate_file).read_bytes()
    (tmp_path / "ca.pem").write_bytes(pem)
    options = {"command": "addintermediate", "parameters": {"cert": "ca"}, "src": str(tmp_path / "ca.pem")}
    assert module("command", options).changed
    assert "ca" in str(emulator.call("listintermediate"))


def test_secrets_never_show(emulator: Emulator, module: Run) -> None:
    options = {"command": "set", "parameters": {"param": "snmpcommunity"}, "secrets": {"value": CANARY}}
    done = module("command", options, verbosity=4)
    assert done.changed and CANARY not in str(done.result)
    assert emulator.call("get", param="snmpcommunity")["snmpcommunity"] == CANARY
    failed = module("command", {"command": f"no{CANARY}", "secrets": {"value": CANARY}})
    assert failed.status == "failed" and CANARY not in str(failed.result).replace(f"no{CANARY}", "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"command": "list vs"}, "must be the name of an API command"),
        ({"command": "reboot"}, "reboot can cut off the connection. If that is meant, set allow_lockout."),
        ({"command": "set", "parameters": {"param": "enableapi", "value": False}}, "can cut off the connection"),
        ({"command": "addvs", "parameters": {"vs": ["a"]}}, "parameters.vs: must be a text, a number or a boolean."),
        (
            {"command": "addvs", "parameters": {"vs": "a"}, "secrets": {"vs": "b"}},
            "it is in parameters and in secrets.",
        ),
        ({"command": "addvs", "done_when": "a"}, "done_when needs done_command"),
        ({"command": "addvs", "done_command": "listvs"}, "done_command needs done_when"),
        ({"command": "addvs", "done_command": "listvs", "done_when": "[["}, "done_when is not a JMESPath expression"),
        ({"command": "listvs", "dest": "/tmp/x"}, "dest is for commands that answer with a file, and listvs does not."),
        ({"command": "backup"}, "backup answers with a file: set dest."),
        ({"command": "listvs", "src": "/dev/null"}, "src is an upload, but listvs only reads."),
        ({"command": "addcert", "src": "/none"}, "/none is not a file"),
    ],
)
def test_what_cannot_be(emulator: Emulator, module: Run, options: dict[str, Any], message: str) -> None:
    before = emulator.state()
    done = module("command", options)
    assert done.status == "failed" and message in done.result["msg"] and "\n" not in done.result["msg"]
    assert emulator.state() == before


def test_every_command_on_record_is_a_read_or_a_change(samples: Path) -> None:
    """No command that the record calls a change begins like a read."""
    text = (samples / "system" / "v1-listapi-7.2.63.xml").read_text(encoding="utf-8")
    names = {name.split("</cmd>")[0] for name in text.split("<cmd>")[1:]}
    changing = {name for name in names if any_command._changes(name, {"changes": None})}
    assert len(names) > 300 and 150 < len(changing) < 280
    writes = (
        "add",
        "del",
        "mod",
        "set",
        "enable",
        "disable",
        "create",
        "start",
        "stop",
        "install",
        "restore",
        "accept",
    )
    assert not [name for name in names - changing if name.startswith(writes)]
    assert {"addvs", "modvs", "delvs", "set", "reboot", "acmeaccountinfo", "userlist"} & changing == {
        *("addvs", "modvs", "delvs", "set", "reboot")
    }
