# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which new sub virtual service of a document takes which slot of its parent. Pure.

An interrupted run, or two runs at once, leave sub virtual services without a name behind. The next new ones take these
over, in the order of their slots, before more are made.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.module_utils._model.base import Document, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service, ServiceRef


class Slots:
    """The new sub virtual services of a parent, by name in the order of the document, and those without a name.

    One that has servers belongs to somebody, and one that the same document takes away is none to take over.
    """

    def __init__(self, named: ServiceRef, parent: Service | None, world: World, document: Document) -> None:
        subs = world.services.subs(parent) if parent else []
        present = {sub.nickname for sub in subs}
        wanted = document.all(("subs", named))
        going = {sub.ref.slot for sub in wanted if not sub.present}
        self.new = [sub.ref.name for sub in wanted if sub.present and sub.ref.name not in present]
        self.nameless = [sub for sub in subs if not sub.nickname and not sub.servers and sub.slot_number not in going]

    def taken_by(self, name: str) -> Service | None:
        """Return the one without a name that a new one takes over, None where it has to be made."""
        place = self.new.index(name)
        return self.nameless[place] if place < len(self.nameless) else None

    @property
    def left(self) -> list[Service]:
        """Return those without a name that no new one takes over."""
        return self.nameless[len(self.new) :]
