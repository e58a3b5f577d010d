# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of several kinds, and the modules config and config_info run on them without a playbook."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from authority import issue
from round_trip import Watch

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import config, config_info
from loadmaster_emulator import Emulator

USER, PASSWORD = "bal", "secret-of-bal"


@contextmanager
def session_with(emulator: Emulator, api_version: str = "v2") -> Iterator[Session]:
    """A session as one task has it."""
    options = {"host": emulator.host, "host_port": emulator.port, "username": USER, "password": PASSWORD}
    connection = build({**options, "fingerprint": emulator.fingerprint, "api_version": api_version})
    session = Session.open(connection)
    # The emulated appliance has no limit to keep to here, and no one to wait for.
    session.client._pace.wait = lambda: None  # type: ignore[method-assign]
    session._sleep = lambda _seconds: None
    try:
        yield session
    finally:
        session.close()


def run(emulator: Emulator, *, check: bool = False, api_version: str = "v2", **options: Any) -> dict[str, Any]:
    """Run the module config. Raises LoadMasterError."""
    defaults = {name: argument.get("default") for name, argument in config.MODULE.options.items()}
    with session_with(emulator, api_version) as session:
        result = config.MODULE.perform({**defaults, **options}, session, Mode(check, True))
    if result["changed"] and not check:
        Watch.look_at(emulator)
    return result


def export(emulator: Emulator, *members: str, api_version: str = "v2") -> dict[str, Any]:
    """Run the module config_info."""
    with session_with(emulator, api_version) as session:
        return config_info.MODULE.perform({"members": list(members) or ["all"]}, session, Mode())


def renumber(emulator: Emulator) -> None:
    """Give every service another number than it had, as the appliance does when it likes."""
    before = numbers(emulator)
    emulator.renumber(1 if min(before.values(), default=1) > len(before) else max(before.values()) + 1)
    after = numbers(emulator)
    assert before.keys() == after.keys() and all(after[one] != number for one, number in before.items())


def numbers(emulator: Emulator) -> dict[str, int]:
    """The number of every service by what never changes: its place, or its slot."""
    records = emulator.call("listvs").get("VS", [])
    slots = {slot["VSIndex"]: f"slot {slot['RsIndex']}" for record in records for slot in record.get("SubVS", [])}
    places = {
        record["Index"]: "{Protocol} {VSAddress} {VSPort}".format(**{"VSAddress": "", **record}) for record in records
    }
    return {slots.get(index, place): index for index, place in places.items()}


def saved(emulator: Emulator) -> Any:
    """The configuration as it is, to be put back once or more."""
    return copy.deepcopy(emulator._appliance.configuration)


def put_back(emulator: Emulator, configuration: Any) -> None:
    """Make a configuration the one of an appliance: a new appliance without the time that one takes."""
    emulator._appliance.configuration = copy.deepcopy(configuration)
    emulator._appliance.listing = None
    emulator.journal.clear()


def interrupted_everywhere(lm: Emulator, api_version: str = "v2", **options: Any) -> int:
    """Make the appliance as a document says; then again from what there was after each write. Returns how many."""
    after_write: list[Any] = []
    with session_with(lm, api_version) as session:
        write = session.client.write

        def noted(*arguments: Any) -> Any:
            answer = write(*arguments)
            after_write.append(saved(lm))
            return answer

        session.client.write = noted  # type: ignore[method-assign]
        defaults = {name: argument.get("default") for name, argument in config.MODULE.options.items()}
        config.MODULE.perform({**defaults, **options}, session, Mode())
    assert not run(lm, api_version=api_version, **options)["changed"]
    undisturbed, services = lm.state(), len(lm.call("listvs").get("VS", []))
    for number, left in enumerate(after_write, start=1):
        put_back(lm, left)
        run(lm, api_version=api_version, **options)
        assert lm.state() == undisturbed, f"interrupted after write {number}"
        assert len(lm.call("listvs").get("VS", [])) == services, f"interrupted after write {number}"
    return len(after_write)


def text_of(document: Any) -> str:
    """A document as the playbook that exports one writes it."""
    return yaml.safe_dump(document, sort_keys=False)


def exchange(servers: int = 3, mode: str = "bridge") -> dict[str, Any]:
    """A layer-7 deployment: a parent with nine SubVSs, their rules, a redirect, and SMTP."""
    paths = ["owa", "ecp", "ews", "Microsoft-Server-ActiveSync", "autodiscover", "mapi", "oab", "rpc", "powershell"]
    bridge = mode == "bridge"
    port = "443" if bridge else "80"
    hosts = [{"address": f"192.0.2.{31 + number}", "port": port} for number in range(servers)]
    return {
        "content_rules": [
            *(
                {"name": f"Rule_{number}", "kind": "match_content", "pattern": rf"/^\/{path}.*/", "ignore_case": True}
                for number, path in enumerate(paths)
            ),
            {"name": "Root", "kind": "match_content", "pattern": r"/^\/$/"},
            {"name": "RootToOWA", "kind": "modify_url", "pattern": r"/^\/$/", "value": "/owa/"},
        ],
        "virtual_services": [
            {
                **{"address": "192.0.2.25", "port": 443, "nickname": "Exchange", "type": "http"},
                **{"transparent": False, "subnet_originating": True, "scheduling": "least_connection"},
                **{"persistence": "none", "idle_timeout": 1800, "ssl_acceleration": True, "certificates": ["mail"]},
                **{"tls_versions": ["TLSv1.2", "TLSv1.3"], "cipher_set": "BestPractices", "ssl_reencrypt": bridge},
                **{"ssl_rewrite": "none" if bridge else "https", "add_http_headers": "x_forwarded_for"},
                "sub_virtual_services": [
                    {
                        **{"name": f"Sub {number}", "type": "http", "persistence": "none", "idle_timeout": 900},
                        **{"transparent": False, "subnet_originating": True, "scheduling": "least_connection"},
                        **{"check_type": "https" if bridge else "http", "check_url": f"/{path}/healthcheck.htm"},
                        **{"check_method": "get", "check_pattern": "200 OK"},
                        "content_rules": [f"Rule_{number}", *(["Root"] if path == "owa" else [])],
                        **({"request_rules": ["RootToOWA"]} if path == "owa" else {}),
                        "real_servers": hosts,
                    }
                    for number, path in enumerate(paths)
                ],
            },
            {
                **{"address": "192.0.2.25", "port": 80, "type": "http", "check_type": "none"},
                **{"error_code": 301, "error_url": "https://%h%s"},
            },
            {
                **{"address": "192.0.2.25", "port": 25, "type": "generic", "server_initiating": "smtp"},
                "real_servers": [{"address": host["address"]} for host in hosts],
            },
        ],
    }


def with_certificate(document: dict[str, Any], name: str = "mail") -> tuple[dict[str, Any], dict[str, str]]:
    """A document with a certificate in it, and the secrets that it takes."""
    issued = issue("mail.example.com")
    entry = {"name": name, "certificate": issued.pem}
    return {**document, "certificates": [entry]}, {f"certificates.{name}.private_key": issued.key}
