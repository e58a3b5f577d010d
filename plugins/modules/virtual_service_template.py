#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils import _result
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.template import Template
from ansible_collections.kemp.loadmaster.plugins.module_utils._task import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Make one template as the options say, and a service from it where there is none."""
    template = Template.from_options(options)
    outcome = session.reach([template], check=mode.check)
    found = _result.of_object(outcome, template, outcome.plan.objects[0])
    return {**_result.of_outcome(outcome, session, diff=mode.diff), "virtual_service_template": found}


MODULE = Module(
    options={
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str", "required": True},
        "content": {"type": "str"},
        "virtual_service": {"type": "str"},
    },
    perform=perform,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
