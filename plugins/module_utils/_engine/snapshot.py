# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read: the appliance's state in as few calls as it takes, one list call for each kind of object.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.wire import Answer
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Overtaken, Refused
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import base
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import (
    IndexOf,
    Services,
    SlotOf,
    label,
)

# How commands that read one thing name it, and which of them answer with an error where there is no such thing.
_ARGUMENTS = {"get": "param", "readcert": "cert", "readintermediate": "cert", "getcipherset": "name"}
_MAY_BE_ABSENT = frozenset({"readcert", "readintermediate", "getcipherset"})


# What a write can have changed. Commands that are not here, and those that failed, leave nothing certain.
_SERVICE_WRITES = frozenset(
    {"addvs", "modvs", "delvs", "addrs", "modrs", "delrs"}
    | {f"{verb}{kind}rule" for verb in ("add", "del") for kind in ("rs", "pre", "request", "response", "responsebody")}
)
_RULE_WRITES = frozenset({"addrule", "modrule"})
# They renumber the services, but have nothing to do with rules.
_CERTIFICATE_WRITES = frozenset(
    {"addcert", "delcert", "addintermediate", "delintermediate", "modifycipherset", "delcipherset"}
)


class Snapshot:
    """What was read of one appliance, kept as long as nothing was written that it tells about."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: dict[str, dict[str, Any]] = {}
        # The answer that services were made of last, and they
        self._services: tuple[Any, Services] = (None, Services([]))

    def forget(self) -> None:
        """Drop what was read: it no longer holds."""
        self._answers.clear()

    def written(self, command: str, answer: Answer) -> None:
        """Drop what a write may have changed. A rule is answered as it is now, which is as good as reading it."""
        if command in _RULE_WRITES and answer.data and base.LIST_RULES in self._answers:
            self._answers[base.LIST_RULES] = _with_rules(self._answers[base.LIST_RULES], answer.data)
        elif command in _SERVICE_WRITES:
            self._answers.pop(base.LIST_SERVICES, None)
        elif command in _CERTIFICATE_WRITES:
            self._answers = {name: data for name, data in self._answers.items() if name == base.LIST_RULES}
        else:
            self.forget()

    def world(self, reads: Iterable[str]) -> World:
        """Return the appliance as far as ``reads`` asks for it; what was read before is not read again."""
        for name in sorted(reads):
            self.answer(name)
        parameters = {name.lower(): value for name, value in self._answers.get(base.ALL_PARAMETERS, {}).items()}
        for name, data in self._answers.items():
            if name.startswith("get:"):
                parameters.update({member.lower(): value for member, value in data.items()})
        listed = self._answers.get(base.LIST_SERVICES, {})
        if self._services[0] is not listed:
            self._services = (listed, Services(listed.get("VS") or []))
        return World(
            self._services[1],
            parameters,
            self._answers.get(base.HEALTH, {}),
            dict(self._answers),
        )

    def answer(self, name: str) -> dict[str, Any]:
        """Return the data of one read; ``COMMAND:NAME`` reads one thing, and is empty where there is no such thing."""
        if name not in self._answers:
            command, _colon, argument = name.partition(":")
            try:
                data = self._client.read(command, {_ARGUMENTS[command]: argument} if argument else {}).data
            except Refused as refusal:
                if command not in _MAY_BE_ABSENT or not refusal.says_unknown:
                    refusal.sentence = f"Could not read {name.replace(':', ' ')}: {refusal.sentence}."
                    raise
                data = {}
            self._answers[name] = data
        return self._answers[name]

    def resolve(self, reference: IndexOf | SlotOf) -> str:
        """Return the index or slot that a service has right now."""
        service = self.world({base.LIST_SERVICES}).services.find(reference.service)
        if service is None:
            raise Overtaken(
                f"There is no {label(reference.service)} any more; somebody else removed it while this task ran."
            )
        return service.index if isinstance(reference, IndexOf) else f"!{service.slot_number}"


def _with_rules(listing: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listing of rules in which those that were answered replace the ones of their names."""
    names = {rule.get("Name") for rules in answered.values() if isinstance(rules, list) for rule in rules}
    kept = {kind: [rule for rule in rules if rule.get("Name") not in names] for kind, rules in listing.items()}
    return {
        **kept,
        **{kind: [*kept.get(kind, []), *rules] for kind, rules in answered.items() if isinstance(rules, list)},
    }
