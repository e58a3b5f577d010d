# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of a run: one shape, whatever the tasks returned."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.kemp.loadmaster.plugins.filter.run_figures import run_figures

NOTHING = {"changed": False, "steps": 0, "drift": None, "down": None, "certificates_expiring": None}
SERVICE = {"protocol": "tcp", "address": "192.0.2.1", "port": "80", "status": "down", "real_servers": []}
SERVERS = [{"address": "192.0.2.2", "port": "80", "status": state} for state in ("up", "down", "disabled")]
SUB = {"name": "a", "status": "up", "real_servers": SERVERS}


@pytest.mark.parametrize(
    ("results", "options", "figures"),
    [
        ([], {}, {}),
        ([{}], {"drift": ""}, {}),
        ([{"changed": True, "steps": [1, 2]}, {"changed": False, "steps": [3]}], {}, {"changed": True, "steps": 3}),
        ([{"results": [{"changed": True, "steps": [1]}, {"skipped": True}]}], {}, {"changed": True, "steps": 1}),
        ([{"changed": True, "steps": 4}], {"drift": "2"}, {"changed": True, "steps": 4, "drift": 2}),
        ([], {"info": {"virtual_services": [{**SERVICE, "sub_virtual_services": [SUB]}]}}, {"down": 2}),
        (
            [],
            {
                "info": {"certificates": [{"name": "a", "days_left": 3}, {"name": "b", "days_left": None}]},
                "expiry_days": "4",
            },
            {"certificates_expiring": 1},
        ),
    ],
)
def test_figures(results: Any, options: dict[str, Any], figures: dict[str, Any]) -> None:
    assert run_figures(results, **options) == {**NOTHING, **figures}


@pytest.mark.parametrize("wrong", ["text", {"changed": True}, [1], None])
def test_what_is_no_list_of_results_is_refused(wrong: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="needs a list of results"):
        run_figures(wrong)
