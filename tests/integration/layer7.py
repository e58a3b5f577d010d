# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks on a parent with rules and SubVSs, run without a playbook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import content_rule, sub_virtual_service, virtual_service
from loadmaster_emulator import Emulator

PARENT = {"address": "192.0.2.25", "port": "443", "type": "http", "nickname": "Exchange"}
HTTPS = "192.0.2.25:443"
PATHS = {"OWA": r"/^\/owa.*/", "EWS": r"/^\/ews.*/", "ECP": r"/^\/ecp.*/"}

Do = Callable[..., dict[str, Any]]


def runner(emulator: Emulator, api_version: str) -> Do:
    """Return what runs a module's function in a session of its own, as one task does."""
    options = {"host": emulator.host, "host_port": emulator.port, "username": "bal", "password": "secret-of-bal"}
    connection = build({**options, "fingerprint": emulator.fingerprint, "api_version": api_version})

    def run(module: Any, *, check: bool = False, **options: Any) -> dict[str, Any]:
        session = Session.open(connection)
        try:
            defaults = {name: argument.get("default") for name, argument in module.MODULE.options.items()}
            return module.MODULE.perform({**defaults, **options}, session, Mode(check, True))
        finally:
            session.close()

    return run


def prepare(do: Do) -> Do:
    """Make a parent with a rule for each of three protocols, no SubVSs yet."""
    do(virtual_service, **PARENT, transparent=False, subnet_originating=True)
    for name, pattern in PATHS.items():
        do(content_rule, name=name, kind="match_content", pattern=pattern, ignore_case=True)
    return do


def twice(do: Do, module: Any, **options: Any) -> dict[str, Any]:
    """Predict, do, and do again: the second time nothing is left."""
    predicted = do(module, check=True, **options)
    done = do(module, **options)
    assert predicted["changed"] and (predicted["steps"], predicted["diff"]) == (done["steps"], done["diff"])
    assert not do(module, **options)["changed"]
    return done


def commands(result: dict[str, Any]) -> list[str]:
    return [step["command"] for step in result["steps"]]


def sub(do: Do, name: str = "OWA", **options: Any) -> dict[str, Any]:
    return twice(do, sub_virtual_service, virtual_service=HTTPS, name=name, **options)


def rules_of_kind(do: Do, kind: str, *names: str) -> None:
    for name in names:
        what = {"header": "X-A"} if "header" in kind else {"pattern": "/a/"}
        do(content_rule, name=name, kind=kind, **what)
