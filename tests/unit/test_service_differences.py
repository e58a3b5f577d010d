# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the services is not as it was, in words: each change once, and where it was made."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.recovery.service_differences import (
    differences,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World


def _world(rules: list[str], inside: bool) -> World:
    """A service with one server, or one whose SubVS has it. A service lists the rules of its servers, as recorded."""
    listed: dict[str, Any] = {"NRules": len(rules), **({"MatchRules": rules} if rules else {})}
    server = {"Addr": "192.0.2.31", "Port": 80, "RsIndex": 9, "Nrules": len(rules), "MatchRules": rules}
    service = {"Index": 1, "VSAddress": "192.0.2.25", "VSPort": "443", "Protocol": "tcp", "NickName": "Mail"}
    if not inside:
        return World.from_answers({"listvs": {"VS": [{**service, **listed, "Rs": [server]}]}})
    slot = {"VSIndex": 2, "RsIndex": 1, "Name": "OWA", "Nrules": 0}
    sub = {"Index": 2, "VSPort": "0", "NickName": "OWA", "MasterVSID": 1, **listed, "Rs": [server]}
    return World.from_answers({"listvs": {"VS": [{**service, "SubVS": [slot]}, sub]}})


@pytest.mark.parametrize("inside", [False, True])
def test_rules_of_servers_are_told_of_the_servers_alone(inside: bool) -> None:
    told = list(differences(_world(["One", "Two"], inside), _world([], inside)))
    assert len(told) == 1 and told[0].startswith("real server 192.0.2.31:80"), told
