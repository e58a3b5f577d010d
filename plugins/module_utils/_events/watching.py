# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Watch LoadMasters side by side: each has its own pace, and none waits for another.

A poll blocks, so it runs in a thread. It is a daemon: where a poll waits for a LoadMaster, the end of the program does not.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import LoadMasterError, spoken
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.appliance_memory import ApplianceMemory
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.appliance_reader import ApplianceReader, log
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_options import Appliance, Options
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_shape import Event
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate_facts

Result = TypeVar("Result")


class Queue(Protocol):
    """Where events go, as ansible-rulebook has it."""

    async def put(self, event: Event) -> Any:
        """Take an event."""


async def watch(queue: Queue, options: Options) -> None:
    """Put the events of all LoadMasters into a queue, until this is cancelled. Raises InvalidOption before the first poll."""
    watchers: list[_Watcher] = []
    try:
        for appliance in options.loadmasters:
            watchers.append(_Watcher(appliance, options))
        if options.expiry_days and certificate_facts.missing():
            log.warning("There are no events about certificates: %s", certificate_facts.missing())
        tasks = [asyncio.create_task(watcher.watch(queue)) for watcher in watchers]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for watcher in watchers:
            watcher.stop()


class _Watcher:
    """Polls one LoadMaster. A poll begins when the one before has ended and its events are in the queue."""

    def __init__(self, appliance: Appliance, options: Options) -> None:
        self._appliance = appliance
        self._reader = ApplianceReader(appliance, options)
        self._memory = ApplianceMemory(appliance, options)
        self._state = threading.Lock()
        self._is_polling = False
        self._is_stopped = False
        # A LoadMaster that is off would fill the log with one sentence
        self._logged = ""

    async def watch(self, queue: Queue) -> None:
        """Poll at intervals."""
        while True:
            began = time.monotonic()
            for each in await _in_thread(self._poll, f"loadmaster {self._appliance.name}"):
                await queue.put(each)
            # A poll that took longer than the interval is followed by the next one after a breath
            await asyncio.sleep(max(self._memory.pause - (time.monotonic() - began), self._memory.pause / 10))

    def stop(self) -> None:
        """End a poll that is under way, and close the connection."""
        with self._state:
            self._is_stopped = True
            self._reader.abort()
            if not self._is_polling:
                self._reader.close()

    def _poll(self) -> list[Event]:
        with self._state:
            if self._is_stopped:
                return []
            self._is_polling = True
        try:
            return self._events()
        finally:
            with self._state:
                self._is_polling = False
                if self._is_stopped:
                    self._reader.close()

    def _events(self) -> list[Event]:
        try:
            found = self._memory.seen(self._reader.read(time.time()), time.time())
            self._logged = ""
            return found
        except LoadMasterError as error:
            failure = error
        except Exception as error:
            failure = _fault(error)
        with self._state:
            if self._is_stopped:
                return []
            with suppress(LoadMasterError):
                self._reader.reopen()
        told = self._memory.masked(spoken(failure.account))
        if told != self._logged:
            self._logged = told
            log.warning("%s: a poll failed: %s", self._appliance.name, told)
        return self._memory.failed(failure, time.time())


def _fault(error: Exception) -> LoadMasterError:
    """Return a fault of this collection as a sentence. It names the place, and nothing of the values: these may be secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "an unknown place"
    return LoadMasterError(
        f"This is a fault of kemp.loadmaster ({type(error).__name__} in {place}). Please report it: "
        "https://github.com/kemp-loadmaster/ansible-collection-loadmaster/issues"
    )


async def _in_thread(work: Callable[[], Result], name: str) -> Result:
    """Return what a function returns that runs in a thread of its own."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: Result | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except BaseException as error:
            failure = error
        # The loop may have ended meanwhile
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await future
