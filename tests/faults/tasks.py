# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks that are disturbed: each with the appliance that it begins with, and how it is run once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from documents import exchange
from everything import OTHER, SECRETS, after, before
from round_trip import DARING, DEFAULTS

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.maintenance_options import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import maintenance
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Clock
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import config, config_info
from loadmaster_emulator import Emulator

from .in_process import PASSWORD, USER, opened

FOREIGN = "192.0.2.180"
# What must not show anywhere. The first line of an EC key has its secret; later ones have the public point, as certificates do.
CANARIES = (PASSWORD, OTHER.key.splitlines()[1], *(key.splitlines()[1] for key in SECRETS.values()))


@dataclass
class Task:
    """A task: a name, what makes the appliance that it begins with, and what runs it. ``undoes`` itself where it fails."""

    name: str
    start: Callable[[Session], Any]
    run: Callable[[Session], dict[str, Any]]
    undoes: bool = False


def everything(document: dict[str, Any], **options: Any) -> Callable[[Session], dict[str, Any]]:
    """Return what runs the module config with everything allowed."""
    given = {**DEFAULTS, **DARING, **copy.deepcopy(document), **options}
    return lambda session: config.MODULE.perform(copy.deepcopy(given), session, Mode(diff=True))


def checked(document: dict[str, Any]) -> Callable[[Session], dict[str, Any]]:
    """Return what runs the module config in check mode."""
    given = {**DEFAULTS, **DARING, **document}
    return lambda session: config.MODULE.perform(copy.deepcopy(given), session, Mode(check=True, diff=True))


def exported() -> Callable[[Session], dict[str, Any]]:
    """Return what runs the module config_info."""
    return lambda session: {"changed": False, **config_info.MODULE.perform({"members": ["all"]}, session, Mode())}


def maintained(state: str, **options: Any) -> Callable[[Session], dict[str, Any]]:
    """Return what takes a server out of service, or puts it back."""
    given = {**{name: argument.get("default") for name, argument in SHAPE.arguments().items()}, **options}

    def run(session: Session) -> dict[str, Any]:
        now = [1_000_000.0]

        def sleep(seconds: float) -> None:
            now[0] += seconds

        clock = Clock(sleep, lambda: now[0], lambda: now[0])
        return maintenance.perform(
            {**given, "address": "192.0.2.31", "state": state}, session, check=False, clock=clock
        )

    return run


def add_foreign(emulator: Emulator) -> None:
    """Add what no task names: a service with servers, and one with SubVSs and rules."""
    emulator.call("addvs", vs=FOREIGN, port=80, prot="tcp", vstype="http", nickname="Theirs")
    emulator.call("addrs", vs=FOREIGN, port=80, prot="tcp", rs="192.0.2.190", rsport=80)
    emulator.call("addvs", vs=FOREIGN, port=443, prot="tcp", vstype="http", nickname="Theirs too")
    for name in ("A", "B"):
        sub = emulator.call("modvs", vs=FOREIGN, port=443, prot="tcp", createsubvs="")["SubVS"][-1]
        emulator.call("modvs", vs=sub["VSIndex"], nickname=name)
        emulator.call("addrs", vs=sub["VSIndex"], rs="192.0.2.191", rsport=80)


def _mail(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "secrets": SECRETS}


def _small() -> dict[str, Any]:
    document = exchange(2)
    https, *others = document["virtual_services"]
    del https["certificates"]
    https["sub_virtual_services"] = https["sub_virtual_services"][:4]
    return {**document, "virtual_services": [https, *others]}


def _without_purge() -> dict[str, Any]:
    return {name: value for name, value in after().items() if name not in ("purge", "state")}


TASKS = (
    Task("layer 7 on an empty appliance", lambda _session: None, everything(_small())),
    Task("changes of everything", everything(_mail(before())), everything(_without_purge())),
    Task(
        "changes of everything, with rollback",
        everything(_mail(before())),
        everything(_without_purge(), rollback=True),
        True,
    ),
    Task(
        "a server out of service",
        everything(_small()),
        maintained("out_of_service", drain_timeout=30, allow_no_servers=True),
    ),
)


# What only reads, so that many answers can be tried: what a document would change, and the appliance as a document.
READING = (
    Task("changes of everything in check mode", everything(_mail(before())), checked(after())),
    Task("the appliance as a document", everything(_mail(before())), exported()),
)


def appliance(task: Task) -> Emulator:
    """Return the appliance that a task begins with."""
    made = Emulator(users={USER: PASSWORD})
    add_foreign(made)
    session, _wire = opened(made)
    task.start(session)
    session.close()
    return made
