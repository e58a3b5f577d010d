# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Late values: indexes that are looked up right before a call, since the appliance renumbers services. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Overtaken
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import canonical_address
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import AnyRef, ServiceRef, SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World


class IndexOf(NamedTuple):
    """The index of a service. The appliance renumbers it, so it is looked up when a step is carried out."""

    service: AnyRef

    @property
    def unsettled(self) -> bool:
        """Return whether it is a nameless SubVS, which another run may be about to name."""
        return isinstance(self.service, SubRef) and bool(self.service.slot)

    def resolve(self, world: World) -> str:
        """Return the current index of the service. Raises Overtaken if the service no longer exists."""
        return _found(self.service, world).index

    def meant(self, world: World, known: Mapping[Any, str]) -> AnyRef:
        """Return the stable identity of the service: its place, or its slot on its parent."""
        service = world.services.find(self.service)
        if not isinstance(self.service, SubRef):
            return service.anchor if service else self.service
        parent = world.services.find(self.service.parent)
        place = parent.anchor if parent else self.service.parent
        slot = known.get(SlotOf(self.service), "").removeprefix("!") or (service.slot_number if service else "")
        return SubRef(place if isinstance(place, ServiceRef) else self.service.parent, "", slot)


class IndexOfOneOfAll(NamedTuple):
    """The index of a SubVS for a call that reaches all SubVSs of its parent: those of ``names``, and no others."""

    service: SubRef
    names: frozenset[str]

    @property
    def unsettled(self) -> bool:
        """Return whether another run may be about to name it; it has a name."""
        return False

    def resolve(self, world: World) -> str:
        """Return the index of the SubVS. Raises Overtaken if the SubVSs of the parent changed."""
        found = _found(self.service, world)
        names = {sub.nickname for sub in world.services.subs(found.parent)} if found.parent else set()
        if names != self.names:
            raise Overtaken(f"{label(self.service.parent)} has got other SubVSs while this task ran.")
        return found.index

    def meant(self, world: World, known: Mapping[Any, str]) -> AnyRef:
        """Return the SubVS by its slot on its parent."""
        return IndexOf(self.service).meant(world, known)


class SlotOf(NamedTuple):
    """The slot of a SubVS on its parent, in the form that requests take."""

    service: SubRef
    kind: str = "slot"

    @property
    def unsettled(self) -> bool:
        """Return whether another run may be about to use it; a slot is only named for a SubVS that has a name."""
        return False

    def resolve(self, world: World) -> str:
        """Return the current slot of the SubVS. Raises Overtaken if it no longer exists."""
        return f"!{_found(self.service, world).slot_number}"

    def meant(self, world: World, known: Mapping[Any, str]) -> AnyRef:
        """Return the SubVS by its slot on its parent."""
        return IndexOf(self.service).meant(world, known)


def identity(ref: AnyRef) -> dict[str, str | IndexOf]:
    """Return the request parameters that name a service: its address, port and protocol, or the index of a SubVS."""
    if isinstance(ref, SubRef):
        return {"vs": IndexOf(ref)}
    return {"vs": ref.address, "port": ref.port, "prot": ref.protocol}


def place_in(parameters: Mapping[str, str]) -> ServiceRef:
    """Return the service that request parameters name by its address, port and protocol; the opposite of ``identity``."""
    return ServiceRef(parameters.get("prot", "tcp"), canonical_address(parameters["vs"]), parameters.get("port", ""))


def _found(ref: AnyRef, world: World) -> Service:
    service = world.services.find(ref)
    if service is None:
        raise Overtaken(f"There is no {label(ref)} any more; it was deleted while this task ran.")
    return service
