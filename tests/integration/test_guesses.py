# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no one has recorded, or sources disagree about, and what decides how a module goes on: each either way.

The first way of each guess is the emulator's default, which every other test runs with.
"""

from __future__ import annotations

from typing import Any

import pytest
from authority import issue
from documents import PASSWORD, USER, renumber
from maintained import skipping_clock
from test_firmware import _result as result_of
from test_modules import LIVES, prepare

from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import maintenance
from loadmaster_emulator import Emulator, Quirks

#: The other way of each guess. tests/emulator/loadmaster_emulator/quirks.py says what it is about.
GUESSES: dict[str, dict[str, Any]] = {
    "RsIndex never twice": {"rs_index_again": False},
    "SubVSs as they were made": {"slots_as_made": True},
    "certificate names by case": {"certificate_case": True},
    "certificate names stay taken": {"certificate_tombstones": True},
    "one template at a time": {"deltemplate_one": True},
    "a wrong rule is refused": {"wrong_rule_refused": True},
    "UDP at layer 7": {"udp_at_layer_7": True},
    "HTTP is transparent": {"http_transparent": True},
    "Schedule says adaptive": {"adaptive_in_schedule": True},
    "a new persistence restarts its time-out": {"persist_restarts": True},
    "lists of nothing": {"empty_lists": True},
    "short IPv6 addresses": {"short_ipv6": True},
    "no global change renumbers": {"renumber_on_global_change": False},
    "every global change renumbers": {"renumber_on_set": True},
    "missing is 400": {"v1_missing_status": 400},
}

_DNS = {"address": "192.0.2.53", "port": 53, "protocol": "udp"}
_SIX = {"address": "2001:DB8:0:0:0:0:0:25", "port": 443}
_SERVERS = [{"address": "192.0.2.31", "port": 53}, {"address": "192.0.2.32", "port": 53}]
#: What the lives of the modules do not come across.
MORE: dict[str, list[dict[str, Any]]] = {
    "virtual_service": [
        {**_DNS, "nickname": "dns", "real_servers": _SERVERS},
        {**_DNS, "idle_timeout": 30, "real_servers": [{**_SERVERS[0], "weight": 500}]},
        {**_DNS, "state": "absent"},
        {**_SIX, "type": "http", "real_servers": [{"address": "2001:DB8::0031", "port": 80}]},
        {**_SIX, "persistence": "super_http", "persistence_timeout": 600, "scheduling": "resource_based_adaptive"},
        {**_SIX, "persistence": "source_ip", "scheduling": "round_robin"},
        {**_SIX, "transparent": True, "real_servers": [{"address": "2001:db8::31", "port": 80, "weight": 5}]},
        {**_SIX, "transparent": False, "subnet_originating": True},
        {**_SIX, "state": "absent"},
    ],
}


@pytest.mark.parametrize("guess", GUESSES)
@pytest.mark.parametrize("module", [*LIVES, *(f"{name}, more of it" for name in MORE)])
def test_a_module_rests_either_way(monkeypatch: pytest.MonkeyPatch, module: str, guess: str) -> None:
    monkeypatch.setattr(maintenance, "Clock", skipping_clock)
    name, _comma, more = module.partition(",")
    with Emulator(users={USER: PASSWORD}, quirks=Quirks(**GUESSES[guess])) as lm:
        prepare(lm, name)
        for options in (MORE if more else LIVES)[name]:
            assert result_of(lm, "v2", name, options)["changed"], options
            if lm.call("listvs").get("VS"):
                renumber(lm)
            again = result_of(lm, "v2", name, options)
            assert (again["changed"], again["steps"]) == (False, []), options


@pytest.mark.parametrize("one_at_a_time", [False, True])
def test_a_template_that_is_there_twice_goes(one_at_a_time: bool) -> None:
    with Emulator(users={USER: PASSWORD}, quirks=Quirks(deltemplate_one=one_at_a_time)) as lm:
        first = LIVES["virtual_service_template"][0]
        for _unused in range(2):
            lm.call("uploadtemplate", data=first["content"])
        assert not result_of(lm, "v2", "virtual_service_template", {"name": "Web"})["changed"]
        assert result_of(lm, "v2", "virtual_service_template", {"name": "Web", "state": "absent"})["changed"]
        assert lm.state()["templates"] == {}
        assert not result_of(lm, "v2", "virtual_service_template", {"name": "Web", "state": "absent"})["changed"]


@pytest.mark.parametrize("change", ["replace", "remove"])
@pytest.mark.parametrize("module", ["certificate", "intermediate_certificate"])
def test_a_certificate_that_is_spelt_otherwise_stays(module: str, change: str) -> None:
    """The LoadMaster finds a name in other capitals, too."""
    options = dict(LIVES[module][0 if module != "certificate" else 1])
    removal = {"name": options["name"].upper(), "state": "absent"}
    with Emulator(users={USER: PASSWORD}) as lm:
        result_of(lm, "v2", module, LIVES[module][0])
        before = lm.state()
        other = {"name": options["name"].upper(), "certificate": issue(options["name"], ca=True).pem}
        if module == "certificate":
            other = {**options, "name": options["name"].upper()}
        with pytest.raises(AssertionError, match=f"is called {options['name']}.*ignores case.*Use that name"):
            result_of(lm, "v2", module, removal if change == "remove" else other)
        assert lm.state() == before
