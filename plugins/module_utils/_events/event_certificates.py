# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which certificates are near their end, and which were replaced. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_reading import Held
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_shape import Event, Place, event
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate_facts, pem, usage
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

DAY = 86400.0


@dataclass
class Certificates:
    """What is known of the certificates of one LoadMaster."""

    fingerprints: dict[Held, str] = field(default_factory=dict)
    # When an event was last sent, by certificate and fingerprint
    reported: dict[tuple[Held, str], float] = field(default_factory=dict)

    def replaced(self, read: Mapping[Held, bytes]) -> Iterator[str]:
        """Yield sentences about certificates that are other ones than before, and remember those that were read."""
        for held, der in read.items():
            now = pem.fingerprint(der)
            was = self.fingerprints.get(held, now)
            self.fingerprints[held] = now
            if was != now:
                yield f"{held.title} {held.name} was replaced: its fingerprint was {was}"

    def expiring(
        self, read: Mapping[Held, bytes], world: World, days: int, place: Place, now: float, *, initial: bool
    ) -> Iterator[Event]:
        """Yield an event for each certificate that ends in fewer than ``days`` days, at most once a day for each."""
        for held, der in read.items():
            facts = certificate_facts.describe(der, now)
            left = facts["days_left"]
            key = (held, pem.fingerprint(der))
            if left is None or left >= days or now - self.reported.get(key, -DAY) < DAY:
                continue
            self.reported[key] = now
            told = "has expired" if left < 0 else f"expires in {left} day{'' if left == 1 else 's'}"
            yield event(
                place,
                "certificate_expiring",
                f"{held.title} {held.name} {told}, on {facts['not_after']}.",
                now,
                certificate=held.name,
                intermediate=held.option == "intermediate_certificates",
                days_left=left,
                not_after=facts["not_after"],
                subject=facts["subject"],
                used_by=usage.services_now(world, held.option, held.name),
                initial=initial,
            )
