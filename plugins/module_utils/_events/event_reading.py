# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A LoadMaster as one poll found it. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World


class Held(NamedTuple):
    """A certificate on the appliance: ``title`` is certificate or intermediate certificate, ``option`` what services call it."""

    title: str
    option: str
    name: str


@dataclass(frozen=True)
class Reading:
    """What was read of a LoadMaster by now, and the certificates that this poll has read, as DER."""

    world: World
    certificates: Mapping[Held, bytes] = field(default_factory=dict)
