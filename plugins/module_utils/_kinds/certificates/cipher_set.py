# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Cipher sets: how one is created, changed and removed. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import STATE, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Items, Text
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import usage
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_export import is_own_cipher_set
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import TABLE as SETTINGS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import OTHER_OBJECTS, ObjectPlan, Step

BUILT_IN = frozenset(
    {"Default", "Default_NoRc4", "BestPractices", "Intermediate_compatibility", "Backward_compatibility", "WUI", "FIPS"}
    | {"Legacy", "Null_Ciphers", "ECDSA_Default", "ECDSA_BestPractices"}
)
# Reads one, by its name.
ONE = "getcipherset"
_NAME = Text(lasting=True, longest=127, pattern=r"[A-Za-z0-9._-]+", meaning="made of letters, digits and . _ -")
_CIPHER = Text(pattern=r"[!-+\--9;-~]+", meaning="the name of a cipher, without blanks, commas and colons")
_CIPHERS = Items(ordered=True, joint=":", splits=r"[:,\s]+", item=_CIPHER)
SHAPE = Shape(
    rows=(
        STATE._replace(
            description=(
                "Whether the cipher set should be on the LoadMaster. V(absent) is an error while a virtual "
                "service or a setting of M(kemp.loadmaster.settings) uses it."
            ),
            choices={
                "present": "The cipher set exists, with the options of the task.",
                "absent": "The cipher set does not exist.",
            },
        ),
        Field(
            "name",
            "name",
            _NAME,
            label="Certificates & Security > Cipher Sets > Cipher Set",
            description=(
                "The name by which O(kemp.loadmaster.virtual_service#module:cipher_set) knows the set. It is "
                "made of letters, digits, dots, underscores and hyphens, at most 127 of them, and upper and "
                "lower case matter.",
                "The sets that the LoadMaster brings cannot be changed or removed: C(Default), "
                "C(Default_NoRc4), C(BestPractices), C(Intermediate_compatibility), "
                "C(Backward_compatibility), C(WUI), C(FIPS), C(Legacy), C(Null_Ciphers), C(ECDSA_Default) and "
                "C(ECDSA_BestPractices). Nor can those that a virtual service has for itself: C(Custom_1) and so on.",
            ),
        ),
        Field(
            "ciphers",
            "value",
            _CIPHERS,
            label="Certificates & Security > Cipher Sets > Assigned Ciphers",
            description=(
                "The ciphers for TLS up to version 1.2, by their OpenSSL names, the preferred one first. It is "
                "required with O(state=present). The LoadMaster refuses the whole list if it does not know one of "
                "the names."
            ),
        ),
    ),
    required=("name",),
    required_if=(("state", "present", ["ciphers"]),),
)


@dataclass(frozen=True)
class CipherSet:
    """A wanted cipher set."""

    name: str
    ciphers: tuple[str, ...] = ()
    present: bool = True

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> CipherSet:
        """Build it from options that its shape has checked. Raises InvalidOption where they contradict each other."""
        name = options["name"]
        if name in BUILT_IN:
            raise InvalidOption(f"cipher set {name} is built in and cannot be changed.")
        if is_own_cipher_set(name):
            raise InvalidOption(
                f"cipher set {name} belongs to a virtual service that has ciphers of its own, and is deleted with it. Give your cipher set another name."
            )
        ciphers = tuple(options.get("ciphers", ()))
        present = options.get("state", "present") == "present"
        if present and not ciphers:
            raise InvalidOption(f"cipher set {name} needs ciphers.")
        return cls(name, ciphers, present)

    @property
    def subject(self) -> str:
        return f"cipher set {self.name}"

    def keys(self) -> tuple[Hashable, ...]:
        return (self.name,)

    def reads(self) -> frozenset[str]:
        return frozenset({f"{ONE}:{self.name}"})

    def found(self, world: World) -> dict[str, Any]:
        ciphers = self._read(world)
        return {"name": self.name, "ciphers": ciphers} if ciphers else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        ciphers = self._read(world)
        before = {"name": self.name, "ciphers": ciphers} if ciphers else {}
        if not self.present:
            return self._removal(before, world, document) if ciphers else ObjectPlan(subject)
        if tuple(ciphers) == self.ciphers:
            return ObjectPlan(subject)
        parameters = {"name": self.name, "value": _CIPHERS.send(self.ciphers)}
        step = Step(
            "modifycipherset", parameters, subject, "change its ciphers" if ciphers else "create it", ranks.CERTIFICATE
        )
        return ObjectPlan(subject, (step,), before, {"name": self.name, "ciphers": list(self.ciphers)})

    def _removal(self, before: Mapping[str, Any], world: World, document: Document) -> ObjectPlan:
        users = usage.services_then(world, document, "cipher_set", self.name)
        users += [f"the setting {option}" for option in usage.settings_then(world, document, self.name)]
        if users:
            raise InvalidOption(f"{self.subject} is in use by {', '.join(users)}. Assign another one there first.")
        # A setting that can cut off the connection releases it after all other removals
        lasts = any(SETTINGS.by_option[option].danger for option in usage.settings_now(world, self.name))
        rank = ranks.LAST_REMOVE if lasts else ranks.CERTIFICATE_REMOVE
        step = Step("delcipherset", {"name": self.name}, self.subject, "remove it", rank, reaches=OTHER_OBJECTS)
        return ObjectPlan(self.subject, (step,), before)

    def _read(self, world: World) -> list[str]:
        return list(_CIPHERS.read(world.answers.get(f"{ONE}:{self.name}", {}).get("cipherset")))
