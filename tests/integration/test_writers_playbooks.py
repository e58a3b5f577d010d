# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two ansible-playbook processes against one appliance at the same time, each with a TMPDIR of its own."""

from __future__ import annotations

from typing import Any

import pytest
from documents import PASSWORD, USER, run
from recipes import ALLOWED, SERVERS, SMALL, VARIANTS, install_certificate
from test_writers import check_nothing_is_left_to_repair

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine import session as writing
from loadmaster_emulator import Emulator
from runner import REAL_TIME, Playbook, Run

EXCHANGE = "kemp.loadmaster.exchange2013_l7"
RESTRICT = "kemp.loadmaster.restrict_eac"
Job = tuple[str, dict[str, Any]]


def inventory(lm: Emulator, host: str) -> dict[str, Any]:
    login = {"ansible_user": USER, "ansible_password": PASSWORD, "loadmaster_fingerprint": lm.fingerprint}
    return {"loadmasters": {"hosts": {"lm1": {"ansible_host": host, "ansible_port": lm.port, **login}}}}


def at_once(playbook: Playbook, lm: Emulator, jobs: tuple[Job, Job], hosts: tuple[str, str]) -> list[Run]:
    started = [
        playbook.start(name, extra_vars=variables, inventory=inventory(lm, host), speed=REAL_TIME)
        for (name, variables), host in zip(jobs, hosts, strict=True)
    ]
    return [each.wait() for each in started]


def check_they_rest(lm: Emulator, *documents: dict[str, Any]) -> None:
    for document in documents:
        assert not run(lm, document=document)["changed"]
    check_nothing_is_left_to_repair(lm)


@pytest.mark.parametrize("other", ["bridge", "elsewhere"])
def test_playbooks_on_one_machine_take_turns(playbook: Playbook, recipes: dict[str, Any], other: str) -> None:
    """The same service twice, or two services; and by its name and by its address it is the same appliance."""
    with Emulator(users={USER: PASSWORD}) as lm:
        install_certificate(lm)
        jobs = ((EXCHANGE, SMALL), (EXCHANGE, VARIANTS[other][1]))
        for each in at_once(playbook, lm, jobs, ("127.0.0.1", "localhost")):
            each.succeeded()
        check_they_rest(lm, recipes["bridge"], recipes[other])


def test_layer_7_and_the_restriction_at_once_need_one_more_run(playbook: Playbook, recipes: dict[str, Any]) -> None:
    """The restriction looks in one task and writes in another one, so servers that come or go between are missed."""
    jobs = ((EXCHANGE, {**SMALL, **SERVERS}), (RESTRICT, {**SMALL, **ALLOWED}))
    with Emulator(users={USER: PASSWORD}) as lm:
        install_certificate(lm)
        run(lm, document=recipes["bridge"])
        for each in at_once(playbook, lm, jobs, ("127.0.0.1", "127.0.0.1")):
            each.succeeded()
        for changes in (True, False):
            for name, variables in jobs:
                again = playbook(name, extra_vars=variables, inventory=inventory(lm, "127.0.0.1")).succeeded()
                assert changes or again.changed == 0
        check_nothing_is_left_to_repair(lm)


def test_playbooks_on_two_machines_converge_or_say_why_not(playbook: Playbook, recipes: dict[str, Any]) -> None:
    """The lock of an address that the other one does not know of is none."""
    with Emulator(host="0.0.0.0", users={USER: PASSWORD}) as lm:
        install_certificate(lm)
        for each in at_once(playbook, lm, ((EXCHANGE, SMALL), (EXCHANGE, SMALL)), ("127.0.0.1", "127.0.0.2")):
            if each.rc != 0:
                assert "else wr" in each.failed[0].msg and each.failed[0].msg.endswith(writing.AGAIN), each
        run(lm, document=recipes["bridge"])
        check_they_rest(lm, recipes["bridge"])
