# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes: the part of the documentation that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes. Each module documents its own support of check mode, diff mode and idempotence."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and tell what would be changed, without changing anything.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) what would be changed, when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same options, the second run indicates that nothing changed.
      - This holds as long as no other writer changes the LoadMaster between the two runs.
  action_group:
    description: Use C(group/kemp.loadmaster.all) in C(module_defaults) to set options, such as those of the connection, for all modules of this collection.
    support: full
    membership:
      - kemp.loadmaster.all
  async:
    description: Supports being used with the C(async) keyword.
    support: partial
    details:
      - Only where the module is shipped to another host. A task that runs inside Ansible itself fails with C(async), before it changes anything.
  delegation:
    description: Can be used in conjunction with C(delegate_to) and related keywords.
    support: full
    details:
      - The notes say which host is the LoadMaster then, and where the module runs.
"""
