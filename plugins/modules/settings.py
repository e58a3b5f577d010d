#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils import _result
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._settings_table import HEALTH_TABLE, TABLE
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.settings import Settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._task import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Make the settings that the task names as it says."""
    settings = Settings.from_options(options)
    outcome = session.reach([settings], check=mode.check)
    found = _result.of_object(outcome, settings, outcome.plan.objects[0])
    return {**_result.of_outcome(outcome, session, diff=mode.diff), "settings": found}


MODULE = Module(
    options={
        **TABLE.arguments(),
        **HEALTH_TABLE.arguments(),
        "parameters": {"type": "dict"},
        "update_secrets": {"type": "str", "choices": ["on_change", "always"], "default": "on_change", "no_log": False},
        "allow_lockout": {"type": "bool", "default": False},
    },
    perform=perform,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
