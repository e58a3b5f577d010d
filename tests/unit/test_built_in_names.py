# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that every LoadMaster has, or makes for itself, and that no list shows: no one can make them, and no name of a user's is one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import cipher_sets
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import Certificate
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.cipher_set import BUILT_IN, CipherSet
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import ContentRule
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

OWN_CERTIFICATE = "0123456789abcdef0123456789abcdef"
CIPHERS = ["ECDHE-RSA-AES128-GCM-SHA256"]


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("wanted", "options", "told"),
    [
        (
            ContentRule,
            {"name": "default", "kind": "match_content", "pattern": "/x/"},
            "content rule default is built in",
        ),
        *(
            (CipherSet, {"name": name, "ciphers": CIPHERS}, f"cipher set {name} is built in")
            for name in sorted(BUILT_IN)
        ),
        (CipherSet, {"name": "Custom_12", "ciphers": CIPHERS}, "cipher set Custom_12 belongs to a virtual service"),
    ],
)
def test_it_cannot_be_made_or_removed(wanted: Any, options: dict[str, Any], told: str, state: str) -> None:
    with pytest.raises(InvalidOption, match=told):
        wanted.from_options({**options, "state": state})


def test_a_certificate_cannot_have_the_name_of_one_that_the_loadmaster_makes() -> None:
    """Under such a name it would never read as assigned."""
    with pytest.raises(InvalidOption, match="names of 32 hexadecimal digits"):
        Certificate.from_options({"name": OWN_CERTIFICATE})
    # One that was installed by hand can go
    assert not Certificate.from_options({"name": OWN_CERTIFICATE, "state": "absent"}).present


@pytest.mark.parametrize("name", ["Default", "DEFAULT", "default_"])
def test_names_alike_are_anybodys(name: str) -> None:
    assert ContentRule.from_options({"name": name}).name == name


def test_a_cipher_set_that_only_sounds_like_one_of_a_service_is_exported() -> None:
    services = [
        {"Index": str(index), "VSAddress": f"192.0.2.{index}", "VSPort": "443", "CipherSet": name}
        for index, name in enumerate(["Custom_web", "Custom_2", "Default"], 1)
    ]
    (read,) = cipher_sets.KIND.details(World(Services(services)))
    assert read == "getcipherset:Custom_web"


def test_a_firmware_that_lists_the_catch_all_changes_nothing() -> None:
    listed = [{"Name": "default", "Pattern": ""}, {"Name": "OWA", "Pattern": "/owa/"}]
    world = World(Services([]), answers={"showrule": {"MatchContentRule": listed}})
    assert [rule["name"] for rule in content_rule.all_rules(world)] == ["OWA"]
