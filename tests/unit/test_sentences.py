# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a user gives, or the machine has in its place, is a sentence of its own: no traceback, no wait, not the fence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.files import backup_file
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module
from ansible_collections.kemp.loadmaster.plugins.modules import (
    certificate,
    config,
    content_rule,
    real_server,
    server_maintenance,
    settings,
    virtual_service,
)


def run(module: Module, arguments: dict[str, Any]) -> dict[str, Any]:
    login = {"host": "192.0.2.9", "username": "bal", "password": "PasswordOfBal", "fingerprint": "ab" * 32}
    return module.run_in_worker(lambda: "kemp.loadmaster.it", {**login, **arguments}, Session.open, Mode())


def sentence(module: Module, arguments: dict[str, Any]) -> str:
    result = run(module, arguments)
    assert result["failed"] and not result.get("changed") and "fault of kemp.loadmaster" not in result["msg"], result
    result["msg"].encode("utf-8")
    assert "\0" not in result["msg"]
    return str(result["msg"])


@pytest.mark.parametrize("version", ["v1", "v2", "auto"])
@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        (settings.MODULE, {"syslog_prefix": "x\ud800"}),
        (settings.MODULE, {"parameters": {"a\ud800": "x"}}),
        (settings.MODULE, {"parameters": {"some": "x\ud800"}}),
        (settings.MODULE, {"email_password": "x\ud800"}),
        (virtual_service.MODULE, {"address": "192.0.2.1", "port": 80, "nickname": "\ud800"}),
        (virtual_service.MODULE, {"address": "192.0.2.1", "port": 80, "request_rules": ["\ud800"]}),
        (content_rule.MODULE, {"name": "A", "kind": "match_content", "pattern": "\ud800"}),
        (content_rule.MODULE, {"name": "\ud800", "state": "absent"}),
        (real_server.MODULE, {"virtual_service": "\ud800", "address": "192.0.2.3", "port": 80}),
        (server_maintenance.MODULE, {"address": "\ud800", "state": "out_of_service"}),
        (certificate.MODULE, {"name": "mail", "certificate": "\ud800", "private_key": "x"}),
        (certificate.MODULE, {"name": "mail", "pfx": "AAAA", "pfx_password": "\ud800"}),
        (config.MODULE, {"document": {"settings": {"ssh_banner": "a\ud800"}}}),
        (config.MODULE, {"document": {"\ud800": {"hostname": "a"}}}),
        (config.MODULE, {"settings": {"\ud800": "a"}}),
    ],
)
def test_half_a_character_is_refused_before_anything_is_sent(
    module: Module, arguments: dict[str, Any], version: str
) -> None:
    """The address leads nowhere, so a call that was sent would fail in other words."""
    assert "cannot be reached" not in sentence(module, {**arguments, "api_version": version})


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("password", "a\ud800", "password has a line break, a control character or half a character"),
        ("password", "secret\n", "password has a line break"),
        ("api_key", "a\0b", "api_key has a line break, a control character"),
        ("username", "b\x1bal", "username has a line break, a control character"),
        ("username", "bal:secret", "username has a colon in it"),
        ("host", "\ud800", "host is '\\ud800', but it must be the name or IP address"),
        ("host", "a\0b", "host is 'a\\x00b', but it must be"),
        ("timeout", float("nan"), "timeout is nan; it is a number from"),
        ("host_port", 10**400, "host_port is "),
        ("ca_path", "a\0b", "ca_path has a null character in it"),
        ("client_cert", "a\0b", "client_cert has a null character in it"),
    ],
)
def test_what_cannot_be_of_a_connection(option: str, value: Any, said: str) -> None:
    assert said in sentence(settings.MODULE, {"hostname": "lm1", option: value})


@pytest.mark.parametrize("place", [str.upper, os.mkfifo, os.mkdir])
@pytest.mark.parametrize("option", ["ca_path", "client_cert", "client_key", "src"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, option: str, place: Callable[[str], Any]) -> None:
    path = str(tmp_path / "it")
    place(path)
    # Without the pinned certificate, which would make the file of a CA unused
    more = {"client_key": {"client_cert": __file__}, "ca_path": {"fingerprint": None}}.get(option, {})
    module = config.MODULE if option == "src" else settings.MODULE
    said = sentence(module, {option: path, **more, **({} if option == "src" else {"hostname": "lm1"})})
    # Where there is no key, OpenSSL says no more than that something is wrong with the pair
    assert path in said or (option, place) == ("client_key", str.upper)
    if place is not str.upper:
        assert "is not a file" in said


def test_a_key_with_a_passphrase_is_not_asked_for(tmp_path: Path) -> None:
    from authority import issue
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    issued = issue("admin")
    locked = issued.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    file = tmp_path / "client.pem"
    file.write_text(issued.pem + locked.decode(), encoding="ascii")
    said = sentence(settings.MODULE, {"hostname": "lm1", "client_cert": str(file)})
    assert said.startswith("The private key of client_cert is encrypted, and a task cannot ask for its passphrase.")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.yml", "[" * 3000 + "]" * 3000),
        ("deep.json", "[" * 100000 + "]" * 100000),
        ("itself.yml", "settings: &a\n  parameters: *a\n"),
        ("itself.yml", "virtual_services: &a [*a]\n"),
        ("null.yml", "a\0b"),
        ("surrogate.json", '{"settings": {"hostname": "a\\ud800"}}'),
        ("infinite.json", '{"settings": {"wui_port": 1e999}}'),
        ("none.json", '{"settings": {"wui_port": NaN}}'),
        ("keys.yml", "? [a, b]\n: c\n"),
        ("binary.yml", "settings: !!binary aGVsbG8=\n"),
        ("set.yml", "settings: !!set {a, b}\n"),
        ("numbers.yml", "settings: {1: 2, null: 3}\n"),
        ("entries.yml", 'content_rules: [[], 1, null, "x", {name: [1]}, {name: {a: 1}}]\n'),
        ("types.yml", "virtual_services: [{address: {a: 1}, port: [1], nickname: {}, tls_versions: [{}]}]\n"),
        ("parameters.yml", 'settings: {parameters: {"": x}}\n'),
        ("parameters.yml", "settings: {parameters: {a b: c}}\n"),
        ("parameters.yml", "settings: {parameters: {a: [[1]], b: {c: d}}}\n"),
    ],
)
def test_documents_of_any_form(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    assert "cannot be reached" not in sentence(config.MODULE, {"src": str(file)})


@pytest.mark.parametrize("path", ["a\0b", "a/\ud800", "x" * 300, "/proc/none/x"], ids=ascii)
def test_a_backup_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(backup_file.InvalidOption, match="^The backup cannot be written to "):
        backup_file.write(backup_file.path_of("lm1", path, None), b"x")


def test_what_no_one_thought_of_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it happens before the run begins."""

    def broken(_self: Module, _parameters: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr(Module, "masked", broken)
    result = run(settings.MODULE, {"hostname": "lm1"})
    assert result["failed"] and result["msg"].startswith("This is a fault of kemp.loadmaster (RecursionError in ")
    assert result["invocation"] == {"module_args": {}}


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        (settings.MODULE, {"syslog_info": {"a": "b"}, "email_password": "Secret-of-mail!"}),
        (config.MODULE, {"purge": True, "secrets": {"settings.email_password": "Secret-of-mail!"}}),
        (server_maintenance.MODULE, {"address": "192.0.2.1", "state": "out_of_service", "taken_out": ["a"]}),
        (certificate.MODULE, {"name": "mail", "state": "there", "private_key": "Secret-of-mail!"}),
    ],
)
def test_no_secret_shows_where_core_refuses_an_option(module: Module, arguments: dict[str, Any]) -> None:
    """Core stops at the option that is wrong, and has not looked for secrets in those after it."""
    shown = str(run(module, arguments))
    assert "PasswordOfBal" not in shown and "Secret-of-mail!" not in shown
