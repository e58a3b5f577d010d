# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module kemp.loadmaster.recipe, run by the action plugin that all modules share.

The variables of the host that belong to the role are on the controller; they are collected and templated there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._action import ActionModule as SharedActionModule
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._startup import quick_imports

with quick_imports():
    from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
    from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import roles
    from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.run_tags import RUN_TAGS
    from ansible_collections.kemp.loadmaster.plugins.modules import recipe

__all__ = ["ActionModule"]


class ActionModule(SharedActionModule):
    """Run the module with the variables of the host."""

    module = recipe.MODULE

    def _arguments(self, variables: Mapping[str, Any], *, shipped: bool) -> dict[str, Any]:
        arguments = super()._arguments(variables, shipped=shipped)
        if arguments.get("variables") is not None:
            return arguments
        if arguments.get("name") in roles.ROLES:
            arguments["variables"] = self._values(variables, roles.prefixes([arguments["name"]]))
        elif arguments.get("check_names"):
            # Some may have no value yet, so only the names are used
            known = [name for name in self._named(arguments["check_names"]) if name in roles.ROLES]
            families = roles.families(known)
            arguments["variables"] = {name: None for name in variables if name.startswith(families)}
            if arguments.get("check_tags"):
                arguments["variables"].update({name: list(variables.get(name, ())) for name in RUN_TAGS})
        return arguments

    @staticmethod
    def _named(names: Any) -> list[str]:
        return [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)

    def _values(self, variables: Mapping[str, Any], prefixes: tuple[str, ...]) -> dict[str, Any]:
        """Return the variables with these prefixes, rendered. Raises InvalidOption, which names those that fail."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for name in variables:
            if not name.startswith(prefixes):
                continue
            try:
                values[name] = _readable(self._templar.template(variables[name]))
            except AnsibleError as error:
                problems.append(Problem("", f"{name} cannot be rendered: {error}"))
        if problems:
            raise InvalidOption.from_problems(problems)
        return values


def _readable(value: Any) -> Any:
    """Return a value with single encrypted values (!vault) as plain text; ansible-core 2.18 and before wraps them."""
    if hasattr(value, "vault"):
        return str(value)
    if isinstance(value, dict):
        return {name: _readable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_readable(member) for member in value]
    return value
