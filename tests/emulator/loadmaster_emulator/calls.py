# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of one call: limits, planted faults, the command itself, the journal."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from loadmaster_emulator import commands, texts
from loadmaster_emulator.answer_swap import AnswerSwap
from loadmaster_emulator.appliance import Appliance
from loadmaster_emulator.decode import Decoded, HttpRequest, decode
from loadmaster_emulator.errors import ApiError, PageError
from loadmaster_emulator.faults import Fault, Faults
from loadmaster_emulator.front_door import Outcome, Reply, enter, failure, page, reply, status_of
from loadmaster_emulator.journal import Call, Journal, masked, masked_target
from loadmaster_emulator.rate_limit import RateLimiter


@dataclass(frozen=True)
class Drop:
    """The connection ends without an answer: closed, or reset."""

    mode: str = "close"


class Calls:
    """Takes every call that reaches the server, from any thread."""

    def __init__(self, appliance: Appliance, journal: Journal, faults: Faults, changed: Callable[[], None]) -> None:
        self.appliance = appliance
        self.journal = journal
        self.faults = faults
        self.limiter = RateLimiter()
        self.lock = threading.RLock()
        """Held while a command runs: the model knows no concurrency."""
        self.stopping = threading.Event()
        self.callback: Callable[[Call], None] | None = None
        self._changed = changed
        self._swap = AnswerSwap()
        self._active = 0
        self._active_lock = threading.Lock()

    def before_handshake(self) -> Drop | None:
        """Whether a new connection is dropped before TLS begins."""
        fault = self.faults.for_handshake()
        if fault is not None:
            return Drop(fault.mode)
        return Drop() if self.limiter.exhausted(self.appliance.quirks.rate_limit) else None

    def handle(self, request: HttpRequest) -> Reply | Drop:
        """Take one call and say what goes back."""
        decoded = decode(request)
        quirks = self.appliance.quirks
        if quirks.long_url_reset is not None and len(request.target) > quirks.long_url_reset:
            return self._dropped(request, decoded, "reset")
        if not self.limiter.accept(quirks.rate_limit):
            return self._dropped(request, decoded)
        with self._one_more() as active:
            if quirks.concurrent_limit is not None and active > quirks.concurrent_limit:
                return self._dropped(request, decoded)
            return self._with_faults(request, decoded)

    def _with_faults(self, request: HttpRequest, decoded: Decoded) -> Reply | Drop:
        faults = {fault.kind: fault for fault in reversed(self.faults.for_call(decoded.command))}
        if "delay" in faults:
            self.stopping.wait(faults["delay"].seconds)
        if "drop_before" in faults:
            return self._dropped(request, decoded, faults["drop_before"].mode)
        if "status" in faults:
            return self._planted(request, decoded, self._planted_status(decoded, faults["status"]))
        if "fail_with_200" in faults:
            text = faults["fail_with_200"].body or texts.UNKNOWN_VS
            refusal = failure(self.appliance, decoded.api, 422, text)
            refusal.status = 200
            return self._planted(request, decoded, refusal, text)
        outcome = self._carry_out(request, decoded, only_pretend="ignore" in faults)
        if "drop_after" in faults:
            self._note(request, decoded, outcome, carried_out=outcome.error is None, dropped=True)
            return Drop(faults["drop_after"].mode)
        carried_out = outcome.error is None and "ignore" not in faults
        self._note(request, decoded, outcome, carried_out)
        answer = reply(self.appliance, decoded, outcome)
        if "garbage" in faults:
            answer.status, answer.body = 200, (faults["garbage"].body or "\x7fELF\x02\x01<<{").encode()
        if "stray_header" in faults:
            answer.headers.append(faults["stray_header"].body or texts.LEAKED_HEADER)
        elif self.appliance.quirks.leaked_header:
            answer.headers.append(texts.LEAKED_HEADER)
        return answer

    def _carry_out(self, request: HttpRequest, decoded: Decoded, only_pretend: bool) -> Outcome:
        swaps = self.appliance.quirks.swapped_addvs and decoded.command == "addvs"
        if swaps:
            self._swap.begin()
        with self.lock:
            if only_pretend:
                outcome = self._pretended(request, decoded)
            else:
                outcome = enter(self.appliance, request, decoded)
            if not only_pretend and outcome.error is None and commands.COMMANDS[decoded.command].writes:
                self._changed()
        if swaps:
            outcome.answer = self._swap.end(outcome.answer)
        return outcome

    def _pretended(self, request: HttpRequest, decoded: Decoded) -> Outcome:
        """What a call would come to, with nothing changed by it, neither here nor in the data plane."""
        appliance = self.appliance
        kept = copy.deepcopy((appliance.configuration, appliance.accounts))
        data_plane, appliance.data_plane = appliance.data_plane, None
        try:
            return enter(appliance, request, decoded)
        finally:
            appliance.configuration, appliance.accounts = kept
            appliance.data_plane = data_plane

    def _planted_status(self, decoded: Decoded, fault: Fault) -> Reply:
        status = fault.status or 500
        if fault.body is not None and decoded.api:
            return failure(self.appliance, decoded.api, status, fault.body)
        return page(status)

    def _planted(self, request: HttpRequest, decoded: Decoded, answer: Reply, message: str = "") -> Reply:
        self._write(request, decoded, http_status=answer.status, message=message)
        return answer

    def _dropped(self, request: HttpRequest, decoded: Decoded, mode: str = "close") -> Drop:
        self._write(request, decoded, dropped=True)
        return Drop(mode)

    def _note(
        self, request: HttpRequest, decoded: Decoded, outcome: Outcome, carried_out: bool, dropped: bool = False
    ) -> None:
        status = 200
        if isinstance(outcome.error, ApiError):
            status = status_of(self.appliance, decoded.api, outcome.error)
        elif isinstance(outcome.error, PageError):
            status = outcome.error.status
        call = self._write(
            request,
            decoded,
            user=outcome.user,
            http_status=None if dropped else status,
            message=outcome.message,
            carried_out=carried_out,
            dropped=dropped,
        )
        if carried_out and self.callback is not None:
            self.callback(call)

    def _write(self, request: HttpRequest, decoded: Decoded, **more: Any) -> Call:
        call = Call(
            number=self.journal.next_number(),
            api=decoded.api,
            command=decoded.command,
            parameters=masked(decoded.parameters),
            raw_target=masked_target(request.target),
            connection=request.connection,
            time=time.time(),
            **more,
        )
        self.journal.append(call)
        return call

    @contextmanager
    def _one_more(self) -> Iterator[int]:
        with self._active_lock:
            self._active += 1
            active = self._active
        try:
            yield active
        finally:
            with self._active_lock:
                self._active -= 1
