# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module kemp.loadmaster.config, run by the action plugin that all modules share.

Files that the task names are on the controller: one with the document is found, decrypted, and read there if the module
runs elsewhere; a template of the document is rendered with the variables of the host.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible import template

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._action import ActionModule as SharedActionModule
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._startup import quick_imports

with quick_imports():
    from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.files import source
    from ansible_collections.kemp.loadmaster.plugins.modules import config

__all__ = ["ActionModule"]


class ActionModule(SharedActionModule):
    """Run the module with the document from the files of the task."""

    module = config.MODULE

    def _arguments(self, variables: Mapping[str, Any], *, shipped: bool) -> dict[str, Any]:
        arguments = super()._arguments(variables, shipped=shipped)
        name = arguments.pop("template", None)
        if isinstance(arguments.get("document"), str):
            # Text, as of lookup('file', ...), which core would take for JSON only
            arguments["document"] = source.parsed(arguments["document"], "document")
        if arguments.get("src"):
            found = self._find_needle("files", arguments["src"])
            arguments["src"] = self._loader.get_real_file(found)
            if arguments["src"] != found:
                # A decrypted file has a temporary name, which shows neither its format nor which file it is
                arguments = source.unfolded({**arguments, "src": None}, source.load(arguments["src"], found))
        if name:
            arguments = source.unfolded(arguments, source.parsed(self._rendered(name, variables), f"template: {name}"))
        return source.unfolded(arguments) if shipped else arguments

    def _rendered(self, name: str, variables: Mapping[str, Any]) -> Any:
        """Return the rendered template: text, or a value if the template is a single expression."""
        path = self._find_needle("templates", name)
        folders = [*variables.get("ansible_search_path", ()), self._loader.get_basedir(), os.path.dirname(path)]
        templar = self._templar.copy_with_new_env(
            searchpath=[each for folder in folders for each in (os.path.join(folder, "templates"), folder)],
            available_variables=variables,
        )
        if hasattr(template, "trust_as_template"):
            text = template.trust_as_template(self._loader.get_text_file_contents(path))
            return templar.template(text, escape_backslashes=False)
        # ansible-core 2.18 and before
        with open(self._loader.get_real_file(path), encoding="utf-8") as file:
            return templar.do_template(file.read(), escape_backslashes=False)
