# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Purge: remove objects that a document does not have, by kind and within a scope. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    InvalidOption,
    option,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Named, Purging
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

_OWNERS = {kind.member: kind.belongs_to for kind in KINDS}
_PURGING = {kind.member: kind.purging for kind in KINDS if kind.purging is not None}
# The members that a document can be asked to have all of, so that what it lacks is removed.
PURGEABLE = tuple(_PURGING)
# Stands for all of them, of this and of later versions.
EVERYTHING = "all"


@dataclass(frozen=True)
class Purge:
    """What of a kind a purge removes if the document does not have it.

    ``names`` are patterns as of shells, ``networks`` ranges of addresses; what both are given for has to be in both.
    """

    kind: str
    names: tuple[str, ...] = ()
    networks: tuple[Any, ...] = ()

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> list[Purge]:
        """Build them from an entry of the option purge. Raises InvalidOption where it names nothing or no networks."""
        if options["kind"] == EVERYTHING:
            scoped = [scope for scope in ("names", "addresses") if options.get(scope) is not None]
            if scoped:
                raise InvalidOption(
                    f"purge: kind all covers everything, so it has no {scoped[0]}. Name the kinds one by one."
                )
            return [cls(kind) for kind in PURGEABLE]
        for scope in ("names", "addresses"):
            if options.get(scope) is not None and not options[scope]:
                raise InvalidOption(f"purge: {scope} of {options['kind']} is empty. Leave it out to cover all of them.")
        networks = []
        for text in options.get("addresses") or ():
            try:
                networks.append(ipaddress.ip_network(text, strict=False))
            except ValueError:
                raise InvalidOption(
                    f"purge: addresses has {text!r}, but it must be a network such as 192.0.2.0/24."
                ) from None
        purge = cls(options["kind"], tuple(options.get("names") or ()), tuple(networks))
        if networks and not purge.functions.with_address:
            raise InvalidOption(f"purge: {options['kind']} have no addresses; name them by names.")
        return [purge]

    @property
    def place(self) -> str:
        """Return the place for problems of the removed objects."""
        return "purge"

    @cached_property
    def functions(self) -> Purging:
        """Return the kind's functions for a purge."""
        return _PURGING[self.kind]()

    @property
    def is_whole(self) -> bool:
        """Return whether all of the kind is meant."""
        return not self.names and not self.networks

    def reads(self) -> frozenset[str]:
        """Return what has to be read to find the objects to remove."""
        return self.functions.reads

    def fault(self, given: Mapping[str, Any]) -> str:
        """Return what is wrong with purging where the document has nothing of the kind, or that the kind belongs to."""
        entries = given.get(_OWNERS[self.kind] or self.kind) or ()
        if any(entry.get("state", "present") == "present" for entry in entries):
            return ""
        return f"the document has no {self.kind}, so this would remove all of them. If that is meant, set {option('allow_empty_purge')}."

    def removes(self, kind: str, name: str, address: str) -> bool:
        """Return whether the purge would remove an object that the document lacks."""
        return self.kind == kind and self._covers(Named(name, address))

    def expand(self, world: World, document: Document) -> list[Desired]:
        """Return what to remove."""
        return [wanted for named, wanted in self.functions.find(world, document) if self._covers(named)]

    def staying(self, world: World, document: Document) -> list[str]:
        """Return sentences about objects that stay, since no document can name them."""
        return [] if self.names else list(self.functions.staying(world, document))

    def check(self, world: World, document: Document) -> None:
        """Raise InvalidOption if something to remove is needed by something that stays."""
        self.functions.check(world, document)

    def _covers(self, named: Named) -> bool:
        by_name = not self.names or any(fnmatch.fnmatchcase(named.name, pattern) for pattern in self.names)
        return by_name and (not self.networks or any(_is_in(named.address, network) for network in self.networks))


def without_repetition(purges: Sequence[Purge]) -> list[Purge]:
    """Return purges without those that a purge of the whole kind includes."""
    whole = {purge.kind for purge in purges if purge.is_whole}
    kept = (purge for purge in purges if purge.is_whole or purge.kind not in whole)
    return list(dict.fromkeys(kept))


def _is_in(address: str, network: Any) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False
