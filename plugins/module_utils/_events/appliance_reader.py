# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read one LoadMaster again and again, each time in as few calls as that takes.

A poll is one call, the list of services. The rest of the configuration comes every ``configuration_interval`` seconds, and each
certificate once a day.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import Connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._documents import export
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import AccessDenied, Refused
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_certificates import DAY
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_options import Appliance, Options
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_reading import Held, Reading
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World, records

log = logging.getLogger("kemp.loadmaster")

# By its command, what a listing of certificates is called, what reads one of them, and the option of services that names it.
_CERTIFICATES = {
    certificate.LISTING: ("certificate", certificate.ONE, "certificates"),
    certificate.INTERMEDIATE_LISTING: (
        "intermediate certificate",
        certificate.ONE_INTERMEDIATE,
        "intermediate_certificates",
    ),
}


class ApplianceReader:
    """Reads one LoadMaster. It keeps the connection from poll to poll, until one fails."""

    def __init__(
        self,
        appliance: Appliance,
        options: Options,
        open_session: Callable[[Connection], Session] = Session.open,
    ) -> None:
        """Prepare. Nothing is sent yet. Raises InvalidOption where a file of the connection cannot be used."""
        self._appliance = appliance
        self._options = options
        self._open = open_session
        self._session = open_session(appliance.connection)
        self._answers: dict[str, Mapping[str, Any]] = {}
        self._world: World | None = None
        self._refused: set[str] = set()
        self._further_due = 0.0
        # When a certificate was read, and its record in the listing then
        self._read: dict[Held, tuple[float, Mapping[str, Any]]] = {}

    def read(self, now: float) -> Reading:
        """Return the LoadMaster as it is; ``now`` is in seconds since 1970. Raises LoadMasterError, and takes nothing over then."""
        snapshot = self._session.snapshot
        snapshot.forget()
        answers = {**self._answers, LIST_SERVICES: snapshot.answer(LIST_SERVICES)}
        further = self._further() if now >= self._further_due else ()
        for name in further:
            self._try_read(name, answers)
        world = World.from_answers(answers, self._world)
        read = {held: record for held, record in self._listed(answers) if self._is_due(held, record, now)}
        certificates = {held: der for held in read if (der := self._certificate(held)) is not None}
        if further:
            self._further_due = now + (self._options.configuration_interval or DAY)
        self._read.update({held: (now, record) for held, record in read.items()})
        self._answers, self._world = answers, world
        return Reading(world, certificates)

    def reopen(self) -> None:
        """Close the connection; the next poll makes a new one. What was read stays."""
        self._session.close()
        self._session = self._open(self._appliance.connection)

    def abort(self) -> None:
        """End what another thread reads; it gets a LoadMasterError."""
        self._session.abort()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _further(self) -> list[str]:
        if self._options.configuration_interval:
            return sorted(export.reads(frozenset(export.MEMBERS)) - {LIST_SERVICES})
        return [*_CERTIFICATES] if self._options.expiry_days else []

    def _try_read(self, name: str, answers: dict[str, Mapping[str, Any]]) -> Mapping[str, Any]:
        """Read one thing besides the services. A user who may not read it, or a firmware without it, gets the rest."""
        try:
            answers[name] = self._session.snapshot.answer(name)
        except (AccessDenied, Refused) as error:
            if isinstance(error, AccessDenied) and error.http_status != HTTPStatus.FORBIDDEN:
                raise
            self._note(name, error)
        return answers.get(name, {})

    def _note(self, name: str, error: AccessDenied | Refused) -> None:
        command = name.partition(":")[0]
        if command not in self._refused:
            self._refused.add(command)
            # Not the answer itself: what is in it is the appliance's
            log.warning("%s refuses %s (HTTP %s), so events lack it", self._appliance.name, command, error.http_status)

    def _listed(self, answers: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Held, Mapping[str, Any]]]:
        for listing, (title, _command, option) in _CERTIFICATES.items() if self._options.expiry_days else ():
            for record in records(answers.get(listing, {}), "cert"):
                yield Held(title, option, str(record.get("name", ""))), record

    def _is_due(self, held: Held, record: Mapping[str, Any], now: float) -> bool:
        read_at, last = self._read.get(held, (now - DAY, record))
        return bool(held.name) and (now - read_at >= DAY or last != record)

    def _certificate(self, held: Held) -> bytes | None:
        command = next(each for _title, each, option in _CERTIFICATES.values() if option == held.option)
        name = f"{command}:{held.name}"
        answers: dict[str, Mapping[str, Any]] = {}
        answer = self._try_read(name, answers)
        return certificate.installed(World.from_answers({name: answer}), command, held.name) or None
