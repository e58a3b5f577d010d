# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which services, SubVSs and real servers are up or down, and the events between two readings. Pure.

An object is known by what neither a new name nor a renumbering changes. So a rename is no event here.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_shape import (
    Event,
    Place,
    event,
    number_or_text,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

# FailMsg: no server is up, and the service answers with its error page.
_DOWN = frozenset({"down", "failmsg"})
# Of these, nothing is said: an administrator has disabled it, or the appliance does not tell.
_SILENT = frozenset({"disabled", ""})


class Watched(NamedTuple):
    """A service, SubVS or real server as it was read. ``status`` is the appliance's word in lower case."""

    kind: str
    status: str
    subject: str
    service: str
    nickname: str
    sub_virtual_service: str
    server: str
    port: str

    @property
    def is_down(self) -> bool | None:
        """Return whether it is down; None where its status does not say."""
        return None if self.status in _SILENT else self.status in _DOWN


class Confirmed(NamedTuple):
    """What is known of an object: whether it is down (None: not known yet), its status then, and how many later readings differ."""

    down: bool | None
    status: str
    differing: int = 0


@dataclass(frozen=True)
class States:
    """The objects of a reading, and what of them is confirmed."""

    watched: Mapping[Hashable, Watched] = field(default_factory=dict)
    confirmed: Mapping[Hashable, Confirmed] = field(default_factory=dict)


def watched(world: World) -> dict[Hashable, Watched]:
    """Return the objects whose state is watched, by what identifies them."""
    found: dict[Hashable, Watched] = {}
    for service in world.services:
        found[_identity(service)] = _of_service(service)
        for record in service.servers:
            address, port = server_table.key(record)
            subject = f"real server {endpoint(address, port)} of {_label(service)}"
            status = str(record.get("Status", "")).strip().lower()
            names = _of_service(service)._replace(server=address, port=port)
            found[_identity(service), address, port] = names._replace(kind="server", status=status, subject=subject)
    return found


def first(seen: Mapping[Hashable, Watched]) -> States:
    """Return the states of the first reading. There is nothing before to compare it with, so it holds at once."""
    return States(seen, {key: Confirmed(each.is_down, each.status) for key, each in seen.items()})


def following(before: States, seen: Mapping[Hashable, Watched], confirmations: int) -> States:
    """Return the states after one more reading. A new state holds once this many readings in a row agree on it.

    A new server is down until its first health check. So an object that appears down has to be down in one reading more.
    """
    return States(seen, {key: _next(before.confirmed.get(key), each, confirmations) for key, each in seen.items()})


def events(before: States | None, after: States, place: Place, now: float) -> Iterator[Event]:
    """Yield the events between two states; without states before, those for what is down already."""
    for key, each in after.watched.items():
        known = after.confirmed[key]
        was = before.confirmed.get(key) if before is not None else None
        was_down = bool(was.down) if was is not None else False
        if known.down is None or known.down == was_down:
            continue
        word = "down" if known.down else "up"
        former = was.status if was is not None else ""
        yield event(
            place,
            f"{each.kind}_{word}",
            f"{each.subject} is {word}.",
            now,
            service=each.service,
            nickname=each.nickname,
            sub_virtual_service=each.sub_virtual_service,
            server=each.server,
            port=number_or_text(each.port),
            state=known.status,
            was=former,
            initial=before is None,
        )


def _next(known: Confirmed | None, seen: Watched, confirmations: int) -> Confirmed:
    down = seen.is_down
    if known is None:
        # An object that is up, or says nothing, needs no event and so no confirmation
        return Confirmed(None, seen.status) if down else Confirmed(down, seen.status)
    if down is None:
        return known._replace(differing=0)
    if down == known.down:
        return Confirmed(down, seen.status)
    differing = known.differing + 1
    if differing < confirmations:
        return known._replace(differing=differing)
    return Confirmed(down, seen.status)


def _identity(service: Service) -> Hashable:
    anchor = service.anchor
    # Without a number for its slot, only its name distinguishes a SubVS from others of its parent
    if isinstance(anchor, SubRef) and not anchor.slot:
        return anchor._replace(name=service.nickname)
    return anchor


def _label(service: Service) -> str:
    if service.parent is None:
        return label(service.ref, service.nickname)
    return f"SubVS {service.nickname or 'without a name'} of {label(service.parent.ref, service.parent.nickname)}"


def _of_service(service: Service) -> Watched:
    top = service.parent or service
    return Watched(
        kind="sub_virtual_service" if service.parent is not None else "service",
        status=str(service.record.get("Status", "")).strip().lower(),
        subject=_label(service),
        service=str(top.ref),
        nickname=top.nickname,
        sub_virtual_service=service.nickname if service.parent is not None else "",
        server="",
        port=str(top.record.get("VSPort", "")),
    )
