# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module kemp.loadmaster.server_maintenance, run by the action plugin that all modules share.

While it waits it says on the screen how things stand.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._action import ActionModule as SharedActionModule
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._startup import quick_imports

with quick_imports():
    from ansible_collections.kemp.loadmaster.plugins.modules import server_maintenance

__all__ = ["ActionModule"]


class ActionModule(SharedActionModule):
    """Run the module and print its progress."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task and return its result."""
        self.module = server_maintenance.module(self._say)
        return super().run(tmp, task_vars)
