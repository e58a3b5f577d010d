# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The snapshot: read the state of the appliance in as few calls as possible, one listing for each kind.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.wire import Answer
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import AccessDenied, Refused, Unreadable
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Listing, Read, Witness
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

# How commands that read one thing name it, and what writes make stale. Other writes, and those that failed, leave nothing
# certain.
_READS = {command: read for kind in KINDS for command, read in kind.reads.items()}
_LISTINGS = {command: listing for kind in KINDS for command, listing in kind.listings.items()}
_OK_BUT = "The LoadMaster answered the command"
_TRY_AGAIN = "Try again; if this stays, look at the LoadMaster, and at any proxy before it."
# The same command without an argument
_ANY = Listing(())
_EFFECTS = {command: effect for kind in KINDS for command, effect in kind.effects.items()}


class Snapshot:
    """Cached answers of one appliance, dropped when a write makes them stale."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: dict[str, dict[str, Any]] = {}
        # Listings updated from the answers of writes
        self._kept_current: set[str] = set()
        self._last: World | None = None

    def confirm(self) -> None:
        """Drop what is known by the word of writes alone: an "ok" to one that was ignored looks no other."""
        for name in self._kept_current:
            self._answers.pop(name, None)
        self._kept_current.clear()

    def forget(self) -> None:
        """Drop everything that was read."""
        self._answers.clear()

    def written(self, command: str, answer: Answer) -> None:
        """Drop what a write may have changed, or update it from the answer of the write."""
        effect = _EFFECTS.get(command)
        if effect is None:
            self.forget()
        elif effect.refreshed is not None:
            listing, refresh = effect.refreshed
            if answer.data and listing in self._answers:
                self._answers[listing] = refresh(self._answers[listing], answer.data)
                self._kept_current.add(listing)
            else:
                self.forget()
        elif effect.stale is not None:
            self._answers = {name: data for name, data in self._answers.items() if name not in effect.stale}
        else:
            self._answers = {name: data for name, data in self._answers.items() if name in effect.keeps}

    def world(self, reads: Iterable[str]) -> World:
        """Return the state for ``reads``; cached answers are not read again."""
        for name in sorted(reads):
            self.answer(name)
        self._last = World.from_answers(self._answers, self._last)
        return self._last

    def answer(self, name: str) -> dict[str, Any]:
        """Return the data of one read; ``COMMAND:NAME`` reads one object, and is empty if that does not exist."""
        if name not in self._answers:
            command, _colon, argument = name.partition(":")
            read = _READS.get(command)
            try:
                if not argument:
                    data = self._listed(command, _LISTINGS.get(command, _ANY))
                else:
                    data = self._one(command, read, argument)
            except Refused as refusal:
                if read is None or not self._is_absent(command, read, argument, refusal):
                    refusal.sentence = f"Could not read {name.replace(':', ' ')}: {refusal.sentence}."
                    raise
                data = {}
            self._answers[name] = data
        return self._answers[name]

    def _one(self, command: str, read: Read | None, name: str) -> dict[str, Any]:
        """Return the answer of a command that reads one object. Raises Unreadable if it is "ok" and empty."""
        parameters = {read.argument: name} if read else {}
        # The answer for an unset parameter is empty
        may_be_empty = read is None or not read.may_be_absent
        for _reading in range(2):
            answer = self._client.read(command, parameters)
            if answer.data or may_be_empty:
                return answer.data
        raise Unreadable(f'{_OK_BUT} {command} with "ok" and without {name}. {_TRY_AGAIN}', command=command)

    def _is_absent(self, command: str, read: Read, name: str, refusal: Refused) -> bool:
        """Return whether a refused read means that the object does not exist."""
        if not read.may_be_absent or not refusal.says_unknown:
            return False
        if read.listing:
            records = self.answer(read.listing).get(read.member) or []
            return all(str(record.get("name", "")) != name for record in records)
        try:
            self._client.read(command, {read.argument: name})
        except Refused as again:
            return again.says_unknown
        return False

    def _listed(self, command: str, listing: Listing) -> dict[str, Any]:
        """Return the answer of a listing. Raises Unreadable if the list is missing and nothing confirms that it is empty."""
        for _reading in range(2):
            answer = self._client.read(command)
            if any(member in answer.data for member in listing.members) or (answer.data and not listing.members):
                return answer.data
            if answer.data or answer.message or listing.never_empty:
                continue
            if listing.witness is not None and self._is_confirmed(listing.witness):
                return answer.data
        if answer.data or answer.message or listing.never_empty or listing.witness is not None:
            raise Unreadable(
                f'{_OK_BUT} {command} with "ok" and without its list, and no other reply confirms that the list is empty. {_TRY_AGAIN}',
                command=command,
            )
        return answer.data

    def _is_confirmed(self, witness: Witness) -> bool:
        """Return whether another command shows that there is nothing to list, or cannot tell for this user."""
        try:
            data = self._client.read(witness.command).data
        except (Refused, AccessDenied):
            return True
        return witness.proof in data and not any(data.get(member) for member in witness.members)
