# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollback takes for objects of another writer, and leaves alone."""

from __future__ import annotations

import pytest
from worlds import service, world

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import undo
from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Terms

PLACE = {"address": "192.0.2.80", "port": 80, "nickname": "Shop"}
SERVER = "real server 192.0.2.81 of virtual service tcp/192.0.2.80:80"
SHOP = "virtual service tcp/192.0.2.80:80 (Shop)"
RULE = "content rule r1"
DOCUMENT = {
    "content_rules": [{"name": "r1", "kind": "match_content", "pattern": "x"}],
    "virtual_services": [{**PLACE, "real_servers": [{"address": "192.0.2.81"}]}],
}


@pytest.mark.parametrize(
    ("there_before", "refused", "kept"),
    [
        pytest.param(False, set(), [RULE, SHOP, SERVER], id="nothing is refused"),
        pytest.param(False, {SHOP}, [RULE], id="a service, and with it its server"),
        pytest.param(False, {RULE}, [SHOP, SERVER], id="a rule alone"),
        pytest.param(True, {SHOP}, [RULE, SHOP, SERVER], id="a change of a service that was there before"),
    ],
)
def test_what_was_refused_and_absent_before_is_not_ours(there_before: bool, refused: set[str], kept: list[str]) -> None:
    before = world(service(1, VSAddress=PLACE["address"], VSPort="80", Protocol="tcp")) if there_before else world()
    touched = list(build(DOCUMENT, Terms()))
    for order in (touched, touched[::-1]):
        assert sorted(wanted.subject for wanted in undo.own(order, before, refused)) == sorted(kept)
