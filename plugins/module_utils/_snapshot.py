# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read: the appliance's state in as few calls as it takes, one list call for each kind of object.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import LoadMasterError, Refused
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _base
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import IndexOf, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import Services, label


class Snapshot:
    """What was read of one appliance, kept until something is written."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: dict[str, dict[str, Any]] = {}

    def forget(self) -> None:
        """Drop what was read: it no longer holds."""
        self._answers.clear()

    def world(self, reads: Iterable[str]) -> World:
        """Return the appliance as far as ``reads`` asks for it; what was read before is not read again."""
        for name in sorted(reads):
            self.answer(name)
        parameters = {name.lower(): value for name, value in self._answers.get(_base.ALL_PARAMETERS, {}).items()}
        for name, data in self._answers.items():
            if name.startswith("get:"):
                parameters.update({member.lower(): value for member, value in data.items()})
        return World(
            Services(self._answers.get(_base.LIST_SERVICES, {}).get("VS") or []),
            parameters,
            self._answers.get(_base.HEALTH, {}),
        )

    def answer(self, name: str) -> dict[str, Any]:
        """Return the data of one read, ``get:NAME`` for a single parameter."""
        if name not in self._answers:
            command, _colon, parameter = name.partition(":")
            try:
                data = self._client.read(command, {"param": parameter} if parameter else {}).data
            except Refused as refusal:
                refusal.message = f"Could not read {command}{' ' + parameter if parameter else ''}: {refusal.message}."
                raise
            self._answers[name] = data
        return self._answers[name]

    def index(self, reference: IndexOf) -> str:
        """Return the index that a service has right now."""
        services = self.world({_base.LIST_SERVICES}).services
        service = services.find(reference.service)
        if service is None:
            raise LoadMasterError(
                f"There is no {label(reference.service)} any more; somebody else removed it while this task ran."
            )
        return service.index
