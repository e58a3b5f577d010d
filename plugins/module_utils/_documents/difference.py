# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The differences between two readings of an appliance as sentences, fields without an option included. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.recovering import all_recoveries
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World


def differences(before: World, after: World) -> list[str]:
    """Return what changed between two readings, as far as both have it."""
    return [sentence for recovery in all_recoveries() for sentence in recovery.differences(before, after)]
