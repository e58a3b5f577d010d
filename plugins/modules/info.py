#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils import _info
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._task import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Read what the task asks for. Nothing is ever changed, so the mode says nothing."""
    gathered = _info.gather(session.snapshot, options["gather_subset"], options["virtual_service"] or "")
    result: dict[str, Any] = {"changed": False, **gathered, "api_calls": session.client.calls}
    if options["query"]:
        result["query_result"] = _info.search(options["query"], gathered)
    return result


MODULE = Module(
    options={
        "gather_subset": {
            "type": "list",
            "elements": "str",
            "choices": ["all", *_info.SUBSETS],
            "default": ["virtual_services"],
        },
        "virtual_service": {"type": "str"},
        "query": {"type": "str"},
    },
    perform=perform,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
