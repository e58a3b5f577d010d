# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The recovery functions of the kinds, imported only after a failure. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Recovery


def all_recoveries() -> tuple[Recovery, ...]:
    """Return the recovery functions of all kinds, in their order."""
    return tuple(_by_class().values())


def recovery_of(wanted: Desired) -> Recovery | None:
    """Return what the kind of an object knows; None where the object is of none, such as what a run left behind."""
    return _by_class().get(type(wanted))


@cache
def _by_class() -> Mapping[type[Any], Recovery]:
    return {kind.wanted: kind.recovery() for kind in KINDS if kind.recovery is not None}
