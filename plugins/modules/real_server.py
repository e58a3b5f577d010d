#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils import _result
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import ServiceRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.real_server import TABLE, RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._task import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Make one real server of a virtual service as the options say."""
    server = RealServer.from_options(
        ServiceRef.parse(options["virtual_service"]), options, allow_no_servers=bool(options["allow_no_servers"])
    )
    outcome = session.reach([server], check=mode.check)
    found = _result.of_object(outcome, server, outcome.plan.objects[0])
    return {**_result.of_outcome(outcome, session, diff=mode.diff), "real_server": found}


MODULE = Module(
    options={
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "virtual_service": {"type": "str", "required": True},
        "address": {"type": "str", "required": True},
        "port": {"type": "str"},
        **TABLE.arguments(),
        "new_port": {"type": "str"},
        "allow_no_servers": {"type": "bool", "default": False},
    },
    perform=perform,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
