# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of maintenance are functions of the object and the appliance: planning changes neither, and twice gives the same."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest
from worlds import FIRST, SECOND, server, service

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds import maintenance
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.notes import Note
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.dropping import (
    DropAtOnce,
    DropRestored,
    Redisabled,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.out_of_service import (
    InService,
    OutOfService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

BEFORE = {"drop_at_drain_time_end": False, "l7_drain_time": 300}
DRAIN_NOTE = "^drop_at_drain_time_end_n_l7_drain_time_300_run_abc_1000000$"


def world(first: str, second: str = "Y", at_once: bool = False, rules: dict[str, str] | None = None) -> World:
    """Two services that have the first server enabled as given, and the second one in one of them."""
    services = [
        service(1, server(7, Enable=first), server(8, SECOND, Enable=second)),
        service(2, server(9), server(10, SECOND)),
    ]
    settings = {"DropAtDrainEnd": "yes" if at_once else "no", "FinalPersist": "0" if at_once else "300"}
    listed = [{"Name": name, "Pattern": pattern, "Type": "0"} for name, pattern in (rules or {}).items()]
    answers: dict[str, Any] = {
        "listvs": {"VS": services},
        "showrule": {"MatchContentRule": listed},
        "getall": settings,
    }
    return World(Services(services), {name.lower(): value for name, value in settings.items()}, answers=answers)


WORLDS = {
    "nothing was done": world("Y"),
    "one place is out and noted": world("N", rules={Note(FIRST).name: "^taken_out_7$"}),
    "settings are changed and noted": world("N", at_once=True, rules={"Maintenance_drain_settings": DRAIN_NOTE}),
    "settings are changed without a note": world("N", at_once=True),
}
GIVEN = ({"virtual_service": "tcp/192.0.2.101:443", "sub_virtual_service": "", "port": "443", "id": 7},)
WANTED: dict[str, Callable[[World], Any]] = {
    "out": lambda now: OutOfService(FIRST),
    "out, given": lambda now: OutOfService(FIRST, given=GIVEN),
    "out, begun": lambda now: OutOfService(FIRST).including(now),
    "out, without a note": lambda now: OutOfService(FIRST, remember=False).including(WORLDS["nothing was done"]),
    "in": lambda now: InService(FIRST),
    "in, given": lambda now: InService(FIRST, given=GIVEN),
    "drop at once": lambda now: DropAtOnce.starting(now, "abc", 1_000_000),
    "drop restored": lambda now: DropRestored("abc", BEFORE),
    "redisabled": lambda now: Redisabled.starting(now, FIRST, ["7", "9"]),
    "redisabled, begun": lambda now: Redisabled(FIRST, frozenset({"7", "9"})),
}


def kinds() -> set[type]:
    """Everything in the room of maintenance that can be planned."""
    modules = [
        importlib.import_module(f"{maintenance.__name__}.{found.name}")
        for found in pkgutil.iter_modules(maintenance.__path__)
    ]
    classes = {each for module in modules for _name, each in inspect.getmembers(module, inspect.isclass)}
    return {each for each in classes if hasattr(each, "plan") and each.__module__.startswith(maintenance.__name__)}


def test_every_kind_is_planned_here() -> None:
    assert {type(wanted(WORLDS["nothing was done"])) for wanted in WANTED.values()} == kinds()


@pytest.mark.parametrize("now", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_planning_twice_gives_the_same_and_changes_nothing(wanted: Callable[[World], Any], now: World) -> None:
    one = wanted(now)
    before = {field.name: deepcopy(getattr(one, field.name)) for field in fields(one)}
    answers = deepcopy(now.answers)
    # What was planned in between for another appliance is not remembered either
    plans = [one.plan(world, Document((one,))) for world in (now, now, *WORLDS.values(), now)]
    assert plans[0] == plans[1] == plans[-1]
    assert {name: getattr(one, name) for name in before} == before and now.answers == answers
    assert one == wanted(now)


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_what_is_wanted_is_frozen(wanted: Callable[[World], Any]) -> None:
    one = wanted(WORLDS["nothing was done"])
    with pytest.raises(FrozenInstanceError):
        setattr(one, fields(one)[0].name, "another")


def test_there_is_something_to_plan_in_each_kind() -> None:
    """Or the tests above would compare nothing with nothing."""
    for name, wanted in WANTED.items():
        plans = [wanted(now).plan(now, Document(())) for now in WORLDS.values()]
        assert any(plan.steps for plan in plans), name
