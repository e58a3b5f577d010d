# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which steps reached another object than they were meant for. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.recovering import all_recoveries
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Astray
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Sent


def found(sent: Sequence[Sent], before: World, now: World) -> list[Astray]:
    """Return the steps, of those sent between two readings, that reached another object."""
    return [each for recovery in all_recoveries() for each in recovery.astray(sent, before, now)]
