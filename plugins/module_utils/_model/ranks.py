# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The order of the steps of a task, across all objects. Pure.

Dependencies come first, additions before removals, and what can cut off this very connection last.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

SETTING = 10
CERTIFICATE = 12
# A setting that refers to a cipher set, which may be new.
SETTING_REFERRING = 13
# A rule leaves a list that does not accept its new kind before it changes.
RULE_DETACH = 14
RULE = 15
SERVICE = 20
LEFT_BEHIND = 22
SUB_SERVICE = 25
# Before there are servers: what has none yet gets no requests that the rules would not let it have.
RULE_ASSIGN = 27
SERVER_ADD = 30
SERVER_CHANGE = 40
SERVICE_LAST = 50
SERVER_RULE_ASSIGN = 55
SERVER_REMOVE = 60
SERVICE_REMOVE = 70
RULE_REMOVE = 75
CERTIFICATE_REMOVE = 80
SETTING_DANGEROUS = 90
# Former holders of a role that can cut off the connection.
LAST_REMOVE = 95
