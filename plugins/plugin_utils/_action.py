# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of all modules.

It completes the connection options from the inventory and the environment, then runs the module's function in this
very process, without a module transfer and a new interpreter; or it ships the module where the task says so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import module_loader

# Imported here, and so once before the workers are forked: importing requests costs more than a task.
from ansible_collections.kemp.loadmaster.plugins.module_utils import _config, _connection, _result
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._task import Mode, Module

# The session of the task that this worker carries out, so that the items of a loop share connection and snapshot.
_kept: dict[tuple[str, _connection.Connection], Session] = {}


class ActionModule(ActionBase):
    """Run a module of this collection."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task and return its result."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            ship_to, connection = _connection.locate(self._situation(variables))
        except InvalidOption as error:
            return _result.of_error(error)
        arguments = {**self._task.args, **connection}
        if arguments.get("src"):
            arguments["src"] = self._local(arguments["src"])
        if ship_to:
            try:
                arguments = _config.unfolded(arguments)
            except InvalidOption as error:
                return _result.of_error(error)
            shipped: dict[str, Any] = self._execute_module(
                module_args=arguments, task_vars=variables, wrap_async=self._task.async_val
            )
            return shipped
        if self._task.async_val:
            return _result.of_error(
                InvalidOption("This task runs inside Ansible itself, which async cannot put into the background.")
            )
        mode = Mode(bool(self._task.check_mode), bool(self._task.diff))
        return self._module().run_in_worker(self._module_name(), arguments, self._open_session, mode)

    def _local(self, src: str) -> str:
        """Return the path of a file that the task names: found as copy finds its own, and decrypted."""
        path: str = self._loader.get_real_file(self._find_needle("files", src))
        return path

    def _situation(self, variables: Mapping[str, Any]) -> _connection.Situation:
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        delegate = str(self._task.delegate_to or "")
        own = self._templated(variables)
        if not delegate:
            # What the command line gives (-u, -k), and with it AWX's Machine credential, is in no variable.
            own.setdefault("ansible_user", self._play_context.remote_user)
            own.setdefault("ansible_password", self._play_context.password)
        return _connection.Situation(
            options={name: value for name, value in self._task.args.items() if name in _connection.ARGUMENTS},
            host=str(variables.get("inventory_hostname", "")),
            variables=own,
            environ={**os.environ, **{name: str(value) for name, value in environment.items()}},
            delegate=delegate,
            delegated=self._templated(variables.get("ansible_delegated_vars", {}).get(delegate, {})),
        )

    def _templated(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._templar.template(value) for name, value in variables.items() if _connection.relevant(name)}

    def _module_name(self) -> str:
        found = module_loader.find_plugin_with_context(self._task.action, collection_list=self._task.collections)
        return str(found.resolved_fqcn or self._task.action)

    def _module(self) -> Module:
        name = self._module_name().rpartition(".")[2]
        module: Module = import_module(f"ansible_collections.kemp.loadmaster.plugins.modules.{name}").MODULE
        return module

    def _open_session(self, connection: _connection.Connection) -> Session:
        """Return the session of this task: the one that an earlier item of its loop opened, or a new one."""
        key = (str(self._task._uuid), connection)
        if key not in _kept:
            while _kept:
                _kept.popitem()[1].close()
            _kept[key] = Session.open(connection)
        _kept[key].count_anew()
        return _kept[key]
