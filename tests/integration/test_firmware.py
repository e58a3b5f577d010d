# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second run changes nothing: every module and every recipe, on every firmware and by both APIs, renumbered in between."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from documents import PASSWORD, USER, put_back, renumber, run, saved, session_with
from maintained import skipping_clock
from recipes import AFTER, VARIANTS
from recipes import install_certificate as install_mail_certificate
from test_modules import LIVES, prepare
from test_roles_l7 import EAC, SITE, install_certificate

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import Connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import maintenance
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from loadmaster_emulator import Emulator

FIRMWARE = ["7.2.53", "7.2.54.12", "7.2.54.18", "7.2.57", "7.2.58", "7.2.59", "7.2.60", "7.2.63"]

pytestmark = [pytest.mark.parametrize("api", ["v1", "v2"]), pytest.mark.parametrize("firmware", FIRMWARE)]


@pytest.mark.parametrize("module", LIVES)
def test_every_module_rests(monkeypatch: pytest.MonkeyPatch, module: str, firmware: str, api: str) -> None:
    monkeypatch.setattr(maintenance, "Clock", skipping_clock)
    with Emulator(firmware=firmware, users={USER: PASSWORD}) as lm:
        prepare(lm, module)
        lm.call("addvs", vs="192.0.2.9", port=80, prot="tcp")
        for options in LIVES[module]:
            assert _result(lm, api, module, options)["changed"], options
            renumber(lm)
            again = _result(lm, api, module, options)
            assert (again["changed"], again["steps"]) == (False, []), options


def _result(lm: Emulator, api: str, module: str, options: dict[str, Any]) -> dict[str, Any]:
    """Run a module as the action plugin does, without Ansible around it."""
    made = import_module(f"ansible_collections.kemp.loadmaster.plugins.modules.{module}").MODULE
    login = {"host": lm.host, "host_port": lm.port, "username": USER, "password": PASSWORD}
    arguments = {**login, "fingerprint": lm.fingerprint, "api_version": api, **options}
    with session_with(lm, api) as session:

        def opened(_connection: Connection) -> Session:
            return session

        result: dict[str, Any] = made.run_in_worker(module, arguments, opened, Mode())
    assert not result.get("failed"), result["msg"]
    return result


def test_every_recipe_rests(playbook: Any, request: pytest.FixtureRequest, firmware: str, api: str) -> None:
    """The playbook of all recipes: general settings, layer 4 and layer 7, and the restriction of the Admin Center."""
    request.node.add_marker(pytest.mark.emulator(firmware=firmware))
    lm = request.getfixturevalue("emulator")
    install_certificate(lm)
    variables = {
        **{"loadmaster_api_version": api, "general_settings_profile": "exchange"},
        **{"exchange2013_l4_vip": "192.0.2.26", "exchange2013_l4_servers": ["192.0.2.31"]},
        **{"exchange2013_l4_mail_services": ["smtp"]},
        **EAC,
    }
    assert playbook(SITE, extra_vars=variables).succeeded().changed == 4
    renumber(lm)
    assert playbook(SITE, extra_vars=variables).succeeded().changed == 0


def test_every_variant_of_a_recipe_rests(recipes: dict[str, Any], firmware: str, api: str) -> None:
    """The documents that the roles make, without playbooks around them."""
    with Emulator(firmware=firmware, users={USER: PASSWORD}) as lm:
        install_mail_certificate(lm)
        there: dict[tuple[str, ...], Any] = {(): saved(lm)}
        for name in (name for name in VARIANTS if not name.startswith("everything")):  # it is a part of Exchange 2016
            before = AFTER.get(name, ())
            if before not in there:
                put_back(lm, there[before[:-1]])
                run(lm, api_version=api, document=recipes[before[-1]])
                there[before] = saved(lm)
            put_back(lm, there[before])
            assert run(lm, api_version=api, document=recipes[name])["changed"], name
            renumber(lm)
            again = run(lm, api_version=api, document=recipes[name])
            assert (again["changed"], again["steps"]) == (False, []), name
