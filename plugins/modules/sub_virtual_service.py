#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils import _result
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import real_server as servers
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.sub_virtual_service import (
    SLOT_TABLE,
    TABLE,
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._task import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Make one sub virtual service, with the real servers that the task names, as the options say."""
    service = SubVirtualService.from_options(options)
    allow = bool(options.get("allow_no_servers"))
    members = [
        RealServer.from_options(service.ref, entry, allow_no_servers=allow)
        for entry in options.get("real_servers") or []
    ]
    outcome = session.reach([service, *members], check=mode.check)
    found = _result.of_object(outcome, service, outcome.plan.objects[0])
    return {**_result.of_outcome(outcome, session, diff=mode.diff), "sub_virtual_service": found}


MODULE = Module(
    options={
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "virtual_service": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        **SLOT_TABLE.arguments(),
        **TABLE.arguments(),
        "content_rules": _rule_lists.ARGUMENT,
        **{each.option: _rule_lists.ARGUMENT for each in _rule_lists.OF_SERVICES},
        "real_servers": {
            "type": "list",
            "elements": "dict",
            "options": {
                "address": {"type": "str", "required": True},
                "port": {"type": "str"},
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                **servers.TABLE.arguments(),
                "content_rules": _rule_lists.ARGUMENT,
            },
        },
        "allow_no_servers": {"type": "bool", "default": False},
    },
    perform=perform,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
