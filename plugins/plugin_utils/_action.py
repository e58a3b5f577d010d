# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of all modules.

It completes the connection options from the inventory and the environment, then runs the module's function in this
very process, without a module transfer and a new interpreter; or it ships the module where the task says so.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import require

require()

import os
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import module_loader

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._heartbeat import Heartbeat
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._startup import quick_imports

with quick_imports():
    from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import (
        ARGUMENTS,
        Connection,
        Situation,
        locate,
        name_of,
        relevant,
    )
    from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import (
        names as connection_names,
    )
    from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
    from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
    from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import results, summary
    from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module, uncollected

# In check mode this fact records, by LoadMaster, what a task would create, so that later tasks can build on it.
FORESEEN = "loadmaster_foreseen"
# In this variable, playbooks and roles of this collection map option names to their own.
NAMES = "__loadmaster_names"
# Callbacks whose output programs read
_FOR_PROGRAMS = ("json", "jsonl", "null")
# The session of this worker's task, shared by the items of a loop.
_kept: dict[tuple[str, Connection], Session] = {}
# The task, or its copy for one item, that used the session last.
_tried: list[Any] = []


class ActionModule(ActionBase):
    """Run a module of this collection."""

    # A class attribute, so it is imported once before the fork: the import costs more than a task.
    module: Module

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task and return its result."""
        super().run(tmp, task_vars)
        self._host = str((task_vars or {}).get("inventory_hostname", ""))
        with uncollected():
            return self._run(task_vars or {})

    def _run(self, variables: dict[str, Any]) -> dict[str, Any]:
        names: dict[str, str] = {}
        try:
            names |= self._names(variables)
            situation = self._situation(variables)
            names = {**connection_names(situation), **names}
            ship_to, connection = locate(situation)
            show = self._shows_steps(situation)
            arguments = {**self._arguments(variables, shipped=bool(ship_to)), **connection}
        except InvalidOption as error:
            return results.of_error(error, names)
        if ship_to:
            shipped: dict[str, Any] = self._execute_module(
                module_args=self.module.without_nothing(arguments), task_vars=variables, wrap_async=self._task.async_val
            )
            return self._with_steps(shipped, name_of(situation, connection), show)
        if self._task.async_val:
            return results.of_error(
                InvalidOption("This task runs inside Ansible itself, which async cannot put into the background.")
            )
        mode = Mode(bool(self._task.check_mode), bool(self._task.diff))
        # If only this task is in check mode, earlier tasks really created their objects
        foresees = mode.check and bool(variables.get("ansible_check_mode"))
        noted = _noted(variables) if foresees else {}
        place = f"{connection.get('host')}:{connection.get('host_port')}"
        self._expected = frozenset((str(member), str(name)) for member, name in noted.get(place, ()))
        with Heartbeat(self._say, self._activity) as self._heartbeat:
            result = self.module.run_in_worker(self._module_name, arguments, self._open_session, mode, names)
        foreseen = self._expected.union(*(session.foreseen for session in _kept.values()))
        if foresees and foreseen != self._expected and not result.get("failed"):
            result["ansible_facts"] = {FORESEEN: {**noted, place: sorted(map(list, foreseen))}}
        if not _returns_invocation(variables):
            del result["invocation"]
        return self._with_steps(result, name_of(situation, connection), show)

    def _shows_steps(self, situation: Situation) -> bool:
        """Return whether the task prints its steps. Raises InvalidOption if its variable is not a boolean."""
        # Extra lines would break output that programs read
        read_by_program = constants.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] in _FOR_PROGRAMS
        wanted = summary.is_wanted(
            situation.delegated, situation.variables, situation.environ, default=not read_by_program
        )
        return wanted and not self._task.no_log

    def _with_steps(self, result: dict[str, Any], loadmaster: str, show: bool) -> dict[str, Any]:
        """Print the steps of a result and return it, with the name of the LoadMaster in its diffs."""
        if show and result.get("steps"):
            check = bool(self._task.check_mode)
            lines = [f"{loadmaster}: {line}" for line in summary.lines(result["steps"], check=check)]
            # One call, since each is a message to the main process
            self._display.display("\n".join(lines), color=constants.COLOR_CHANGED)
        for part in result.get("diff") or ():
            for header in ("before_header", "after_header"):
                part[header] = f"{loadmaster}: {part[header]}"
        return result

    def _arguments(self, variables: Mapping[str, Any], *, shipped: bool) -> dict[str, Any]:
        """Return the options of the task, for the module here or ``shipped`` to another host. Raises InvalidOption."""
        return dict(self._task.args)

    def _names(self, variables: Mapping[str, Any]) -> dict[str, str]:
        """Return the names that the playbook or role has for options, from its variable."""
        said = self._templar.template(variables[NAMES]) if NAMES in variables else {}
        return {str(name): str(called) for name, called in said.items()}

    def _situation(self, variables: Mapping[str, Any]) -> Situation:
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        delegate = str(self._task.delegate_to or "")
        own = self._templated(variables)
        if not delegate:
            # Options of the command line (-u, -k), and AWX's Machine credential, are not variables.
            own.setdefault("ansible_user", self._play_context.remote_user)
            own.setdefault("ansible_password", self._play_context.password)
        return Situation(
            options={name: value for name, value in self._task.args.items() if name in ARGUMENTS},
            host=str(variables.get("inventory_hostname", "")),
            variables=own,
            environ={**os.environ, **{name: str(value) for name, value in environment.items()}},
            delegate=delegate,
            delegated=self._of_delegate(delegate, variables.get("ansible_delegated_vars", {}).get(delegate, {})),
        )

    def _templated(self, variables: Mapping[str, Any], templar: Any = None) -> dict[str, Any]:
        templar = templar or self._templar
        return {name: templar.template(value) for name, value in variables.items() if relevant(name)}

    def _of_delegate(self, delegate: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the variables of the host that the task is delegated to, rendered with its own variables.

        The templar of the task knows those of the other host only. Core gives both the name of that one.
        """
        if not variables:
            return {}
        own = {**variables, "inventory_hostname": delegate}
        return self._templated(variables, self._templar.copy_with_new_env(available_variables=own))

    def _module_name(self) -> str:
        found = module_loader.find_plugin_with_context(self._task.action, collection_list=self._task.collections)
        return str(found.resolved_fqcn or self._task.action)

    def _open_session(self, connection: Connection) -> Session:
        """Return the session of this task: the one that an earlier item of its loop opened, or a new one.

        Each item of a loop has a copy of the task of its own, and all tries of ``until`` have the same. A task that is tried
        again hopes for a change, so it reads again.
        """
        key = (str(self._task._uuid), connection)
        if key not in _kept:
            while _kept:
                _kept.popitem()[1].close()
            _kept[key] = Session.open(connection)
        session = _kept[key]
        if _tried and _tried[0] is self._task:
            session.snapshot.forget()
        _tried[:] = [self._task]
        session.say = self._say
        session.expected = self._expected
        session.foreseen = frozenset()
        session.restart_count()
        return session

    def _say(self, text: str) -> None:
        """Print a line while the task waits. A worker may do that: its lines go through the main process."""
        self._heartbeat.said()
        if not self._task.no_log:
            self._display.display(f"{self._host}: {text}")

    def _activity(self) -> str:
        """Return what the task does right now, in words."""
        return next((session.activity for session in _kept.values()), "connecting")


def _noted(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what earlier tasks of a play in check mode would make, by member and name: for a run it would be there."""
    return dict((variables.get("ansible_facts") or {}).get(FORESEEN) or {})


def _returns_invocation(variables: Mapping[str, Any]) -> bool:
    """Return whether results have ``invocation``: always, until ansible-core 2.21 made a setting of it."""
    if constants.config.get_configuration_definition("INJECT_INVOCATION") is None:
        return True
    return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=variables))
