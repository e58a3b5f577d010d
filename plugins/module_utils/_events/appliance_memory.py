# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is known of one LoadMaster, and the events that follow from its next reading, or from a poll that failed. Pure.

A poll that failed says nothing about services. Their states stay as they were, and are compared when the LoadMaster is back.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import AccessDenied, LoadMasterError, spoken
from ansible_collections.kemp.loadmaster.plugins.module_utils._events import event_changes, event_states
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_certificates import Certificates
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_options import Appliance, Options
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_reading import Reading
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_shape import Event, event
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_states import States
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.masking import Masker

_LOGIN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
# A login that is refused again and again locks the account. So the pause doubles, up to this many seconds.
LONGEST_PAUSE = 3600.0


class ApplianceMemory:
    """What is known of one LoadMaster. ``pause`` is how many seconds the next poll has to wait."""

    def __init__(self, appliance: Appliance, options: Options) -> None:
        self._place = appliance.place
        self._options = options
        connection = appliance.connection
        self._masker = Masker({secret for secret in (connection.password, connection.api_key) if secret})
        self.pause = options.interval
        self._states: States | None = None
        self._world: World | None = None
        self._certificates = Certificates()
        self._failed = 0
        self._failing_since = 0.0
        self._is_unreachable = False
        self._refusals = 0

    def seen(self, reading: Reading, now: float) -> list[Event]:
        """Return the events of a reading; ``now`` is in seconds since 1970."""
        self.pause = self._options.interval
        found = [*self._back(now), *self._login_back(now), *self._changes(reading, now)]
        return self._masked(found)

    def failed(self, error: LoadMasterError, now: float) -> list[Event]:
        """Return the events of a poll that failed."""
        if isinstance(error, AccessDenied) and error.http_status in _LOGIN:
            return self._masked([*self._back(now), *self._login_refused(error, now)])
        self.pause = self._options.interval
        if not self._failed:
            self._failing_since = now
        self._failed += 1
        if self._is_unreachable or self._failed < self._options.unreachable_after:
            return []
        self._is_unreachable = True
        told = event(self._place, "unreachable", spoken(error.account), now, failed_polls=self._failed)
        return self._masked([told])

    def masked(self, text: str) -> str:
        """Return a text for a log without the secrets of the login."""
        return str(self._masker.apply(text))

    def _masked(self, events: list[Event]) -> list[Event]:
        masked: list[Event] = self._masker.apply(events)
        return masked

    def _back(self, now: float) -> Iterator[Event]:
        """Yield the event that the LoadMaster answers again, where it was said that it does not."""
        if self._is_unreachable:
            seconds = round(now - self._failing_since)
            told = f"it answers again, after {seconds} seconds."
            yield event(self._place, "reachable", told, now, unreachable_seconds=seconds)
        self._is_unreachable, self._failed = False, 0

    def _login_refused(self, error: AccessDenied, now: float) -> Iterator[Event]:
        self._refusals += 1
        doubled = self._options.login_retry_delay * 2.0 ** min(self._refusals - 1, 20)
        self.pause = max(self._options.interval, self._options.login_retry_delay, min(doubled, LONGEST_PAUSE))
        if self._refusals == 1:
            yield event(self._place, "login_refused", spoken(error.account), now, http_status=error.http_status)

    def _login_back(self, now: float) -> Iterator[Event]:
        if self._refusals:
            yield event(self._place, "login_accepted", "it accepts the login again.", now)
        self._refusals = 0

    def _changes(self, reading: Reading, now: float) -> Iterator[Event]:
        options, world, place = self._options, reading.world, self._place
        is_first = self._states is None or self._world is None
        found: list[Any] = []
        seen = event_states.watched(world)
        before = self._states
        states = (
            event_states.first(seen) if before is None else event_states.following(before, seen, options.confirmations)
        )
        found += event_states.events(before, states, place, now)
        replaced = [*self._certificates.replaced(reading.certificates)]
        if options.configuration_interval and self._world is not None:
            found += filter(None, [event_changes.changed(self._world, world, place, now, replaced)])
        if options.expiry_days:
            found += self._certificates.expiring(
                reading.certificates, world, options.expiry_days, place, now, initial=is_first
            )
        self._states, self._world = states, world
        if options.report_initial or not is_first:
            yield from found
