# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module kemp.loadmaster.command, run by the action plugin that all modules share."""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._action import ActionModule as SharedActionModule
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._startup import quick_imports

with quick_imports():
    from ansible_collections.kemp.loadmaster.plugins.modules import command

__all__ = ["ActionModule"]


class ActionModule(SharedActionModule):
    """Run the module."""

    module = command.MODULE
