# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Registration of the settings. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import Settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import READ_ALONE, TABLE
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import (
    Export,
    Listing,
    ObjectKind,
    Read,
    Recovery,
    composing,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import (
    ALL_PARAMETERS,
    HEALTH,
    PARAMETER,
    World,
)


def _entries(world: World, made: Export) -> Mapping[str, Any]:
    for row in TABLE.fields:
        # The appliance masks it, so nobody can see whether it is set.
        if row.secret and (row.write_only or appliance_settings.describe(world)[row.option]):
            made.secrets.append(f"settings.{row.option}")
    return appliance_settings.entry(world)


def _kept(entry: Mapping[str, Any], world: World) -> Iterator[str]:
    for option, value in appliance_settings.staying(entry, world).items():
        yield f"settings: {option} stays {value}. The document does not have it, and the LoadMaster cannot unset it."


def _recovery() -> Recovery:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_recovery import RECOVERY

    return RECOVERY


KIND = ObjectKind(
    member="settings",
    title="The settings of the appliance.",
    wanted=Settings,
    shape=appliance_settings.ENTRY,
    compose=composing(lambda entry, terms: Settings.from_options({**entry, "allow_lockout": terms.allow_lockout})),
    single=True,
    listing=frozenset({ALL_PARAMETERS, HEALTH} | {f"{PARAMETER}:{name}" for name in READ_ALONE}),
    listings={
        ALL_PARAMETERS: Listing(("hostname", "version", "wuiport"), never_empty=True),
        HEALTH: Listing(("RetryInterval",), never_empty=True),
    },
    entries=_entries,
    reads={PARAMETER: Read("param", may_be_absent=False)},
    recovery=_recovery,
    kept=_kept,
    about=("The settings of the appliance, with the options of M(kemp.loadmaster.settings).",),
    module="settings",
)
