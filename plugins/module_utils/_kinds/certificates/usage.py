# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Users of a certificate or cipher set: the appliance does not delete one that is in use. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import NEW_SERVICE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE as SERVICES
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import (
    SUBJECT,
    Settings,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import TABLE as SETTINGS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World

_CIPHER_SETTINGS = ("wui_cipher_set", "outbound_cipher_set")


def services_now(world: World, option: str, name: str) -> list[str]:
    """Return the services whose option has a name. Raises NotRead."""
    world.answer(LIST_SERVICES)
    row = SERVICES.by_option[option]
    return [
        label(service.ref) for service in world.services if _has(row.kind.read(service.record.get(row.member)), name)
    ]


def missing_of(
    option: str, listing: str, names: Callable[[World, str], list[str]]
) -> Callable[[str, World], Sequence[str] | None]:
    """Return what tells the names that there are where one is missing. What a service uses is there, and needs no call."""

    def known(name: str, world: World) -> Sequence[str] | None:
        if services_now(world, option, name):
            return None
        world.answer(listing)
        found = names(world, listing)
        return None if name in found else sorted(found)

    return known


def services_then(world: World, document: Document, option: str, name: str) -> list[str]:
    """Return the services whose option has a name after a document is applied. Raises NotRead."""
    world.answer(LIST_SERVICES)
    row = SERVICES.by_option[option]
    planned: dict[str, VirtualService] = {}
    users = []
    for each in document.all(VirtualService):
        service = each.find(world)
        if service is not None:
            planned[service.index] = each
        elif each.present and _has(each.options.get(option), name):
            users.append(label(each.ref))
    for service in world.services:
        wanted = planned.get((service.parent or service).index)
        if wanted is not None and not wanted.present:
            continue
        has = row.kind.read(service.record.get(row.member))
        if wanted is not None and service.parent is None:
            has = wanted.options.get(option, NEW_SERVICE[option] if wanted.terms.replace else has)
        if _has(has, name):
            users.append(label(service.ref))
    return users


def settings_now(world: World, name: str) -> list[str]:
    """Return the settings that use a cipher set. Raises NotRead."""
    rows = [SETTINGS.by_option[option] for option in _CIPHER_SETTINGS]
    for row in rows:
        world.answer(f"get:{row.api}")
    return [row.option for row in rows if row.kind.read(world.parameters.get(row.api)) == name]


def settings_then(world: World, document: Document, name: str) -> list[str]:
    """Return the settings that use a cipher set after a document is applied. Raises NotRead."""
    now, wanted = settings_now(world, name), document.find(Settings, SUBJECT)
    said = wanted.options if wanted is not None else {}
    return [option for option in _CIPHER_SETTINGS if (said[option] == name if option in said else option in now)]


def _has(value: Any, name: str) -> bool:
    return name == value if isinstance(value, str) else name in (value or ())
