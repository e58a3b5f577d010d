# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual services and SubVSs."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Iterable

from loadmaster_emulator import precedence, texts, uploads, values, vs_write
from loadmaster_emulator.answers import Answer, Members, Message, Records, members
from loadmaster_emulator.appliance import Appliance, Listing, Request
from loadmaster_emulator.commands import identity, templates
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.model import Slot, VirtualService
from loadmaster_emulator.vs_view import show_service

_IDENTITY = frozenset(("vs", "port", "prot"))


def listvs(appliance: Appliance, request: Request) -> Answer:
    """Every service and SubVS, each complete."""
    if not appliance.configuration.services and request.api == "v2" and not appliance.quirks.empty_lists:
        return Members()
    every, weather = tuple(appliance.configuration.every_service()), appliance.weather
    servers = (weather.server(vs, server) for vs in every for server in vs.servers)
    statuses = (*(weather.service(vs) for vs in every), *servers, *(weather.slot(s) for vs in every for s in vs.slots))
    if appliance.listing is None or appliance.listing.statuses != statuses:
        shown = tuple(_shown(appliance, vs) for vs in every)
        appliance.listing = Listing(statuses, members(("VS", Records(shown))))
    return appliance.listing.answer


def showvs(appliance: Appliance, request: Request) -> Answer:
    """One service."""
    vs = identity.service(appliance, request)
    if time.monotonic() < vs.hidden_until:
        raise ApiError(texts.UNKNOWN_VS)
    return _shown(appliance, vs)


def addvs(appliance: Appliance, request: Request) -> Answer:
    """Make a service, or the services of a template."""
    if request.get("template").strip():
        return templates.addvs(appliance, request)
    configuration = appliance.configuration
    address = appliance.address("vs", identity.mandatory(request, "vs"))
    port = values.port("port", identity.mandatory(request, "port"))
    protocol = values.choice("prot", identity.mandatory(request, "prot"), ("tcp", "udp"))
    if configuration.by_identity(address, port, protocol):
        raise ApiError(texts.DUPLICATE_VS)
    vs = VirtualService(configuration.free_index(), protocol, address, port)
    vs_write.set_fresh_values(vs, appliance.quirks)
    vs_write.apply(configuration, vs, _settings(request), appliance.release, appliance.quirks)
    if appliance.quirks.showvs_delay:
        vs.hidden_until = time.monotonic() + appliance.quirks.showvs_delay
    configuration.services.append(vs)
    return _shown(appliance, vs)


def modvs(appliance: Appliance, request: Request) -> Answer:
    """Change a service, or make a SubVS in it."""
    vs = identity.service(appliance, request)
    if "createsubvs" in request.parameters:
        _create_subvs(appliance, vs, request)
        return _shown(appliance, vs)
    address, port = _new_place(appliance, vs, request)
    moves = precedence.requested(request.parameters)
    vs_write.apply(appliance.configuration, vs, _settings(request), appliance.release, appliance.quirks)
    precedence.move(vs, moves)
    vs.address, vs.port = address, port
    if "transparent" in request.parameters:
        vs.lapsed = False  # guess: what ends it is not recorded
    return _shown(appliance, vs)


def delvs(appliance: Appliance, request: Request) -> Answer:
    """Delete a service with its servers and SubVSs, or a SubVS with its slot."""
    appliance.configuration.remove(identity.service(appliance, request))
    return Message(texts.OK)


def dupvs(appliance: Appliance, request: Request) -> Answer:
    """Copy a service to another address and port, or a SubVS beside itself."""
    configuration = appliance.configuration
    source = identity.service(appliance, request)
    if source.parent is not None:
        slot = next(slot for slot in source.parent.slots if slot.service is source)
        duplicate = _copy(appliance, source, source.address, source.port)
        _attach(appliance, source.parent, _copy_slot(appliance, slot, duplicate, source.parent))
        _copy_servers(appliance, source, duplicate)
        _rename(configuration.every_service(), duplicate)  # guess: as with a service
        return _shown(appliance, duplicate)
    address = appliance.address("newvs", identity.mandatory(request, "newvs"))
    port = values.port("newport", identity.mandatory(request, "newport"))
    if configuration.by_identity(address, port, source.protocol):
        raise ApiError(texts.DUPLICATE_VS)
    duplicate = _copy(appliance, source, address, port)
    configuration.services.append(duplicate)
    _copy_servers(appliance, source, duplicate)
    _rename(configuration.every_service(), duplicate)
    for slot in source.slots:
        service = _copy(appliance, slot.service, "", "0")
        _attach(appliance, duplicate, _copy_slot(appliance, slot, service, duplicate))
        _copy_servers(appliance, slot.service, service)
    return _shown(appliance, duplicate)


def uploadvserrfile(appliance: Appliance, request: Request) -> Answer:
    """Give a service a page that answers when no server does."""
    vs = identity.service(appliance, request)
    uploads.content(request.get(uploads.PARAMETER))  # that there is one; guess: what is in it does not matter
    vs.settings["ErrorPage"] = True
    return Message(texts.OK)  # guess: the text; documented is only that it is a message


def _shown(appliance: Appliance, vs: VirtualService) -> Members:
    return show_service(vs, appliance.weather, appliance.release)


def _settings(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.parameters.items() if name not in _IDENTITY}


def _new_place(appliance: Appliance, vs: VirtualService, request: Request) -> tuple[str, str]:
    """The address and port of a service after a request that may change them."""
    if vs.is_subvs:
        return vs.address, vs.port
    address, port = vs.address, vs.port
    if request.get("vsaddress"):
        address = appliance.address("vsaddress", request.get("vsaddress"))
    if request.get("vsport"):
        port = values.port("vsport", request.get("vsport"))
    if appliance.configuration.by_identity(address, port, vs.protocol) not in (None, vs):
        raise ApiError(texts.DUPLICATE_VS)
    return address, port


def _create_subvs(appliance: Appliance, parent: VirtualService, request: Request) -> None:
    """Make a SubVS; the first one makes its parent transparent."""
    if parent.is_subvs:
        raise ApiError(texts.NO_SUBVS_IN_SUBVS)
    if parent.servers:
        raise ApiError(texts.NO_SUBVS_BESIDE_RS)  # guess: what happens to existing servers is not recorded
    if parent.layer == 4:
        raise ApiError(texts.NO_SUBVS_AT_L4)  # guess: not recorded
    configuration = appliance.configuration
    subvs = VirtualService(configuration.free_index(), parent.protocol, parent=parent)
    subvs.settings["VStype"] = parent.settings["VStype"]
    subvs.settings["CheckType"] = parent.settings["CheckType"]
    # Other settings of the request go to the SubVS; one client relies on it for its type.
    sent = {name: value for name, value in _settings(request).items() if name != "createsubvs"}
    vs_write.apply(configuration, subvs, sent, appliance.release, appliance.quirks)
    if not parent.slots:
        parent.settings["Transparent"] = True
        parent.settings["SubnetOriginating"] = False
        parent.lapsed = False
    _attach(appliance, parent, Slot(appliance.take_rs_index(), subvs))


def _attach(appliance: Appliance, parent: VirtualService, slot: Slot) -> None:
    """Give a new slot its place among those of the parent."""
    parent.slots.append(slot)
    if not appliance.quirks.slots_as_made:
        parent.slots.sort(key=lambda slot: slot.service.index)


def _copy(appliance: Appliance, source: VirtualService, address: str, port: str) -> VirtualService:
    """A copy with indexes of its own."""  # guess: that servers, SubVSs and rules are copied too
    index = appliance.configuration.free_index()
    duplicate = VirtualService(index, source.protocol, address, port, dict(source.settings), parent=source.parent)
    duplicate.rules = copy.deepcopy(source.rules)
    return duplicate


def _copy_servers(appliance: Appliance, source: VirtualService, duplicate: VirtualService) -> None:
    """Give a copy that has its place the servers of the original, with numbers of their own."""
    for server in source.servers:
        number = appliance.take_rs_index()
        duplicate.servers.append(copy.deepcopy(server))
        duplicate.servers[-1].rs_index = number


def _rename(others: Iterable[VirtualService], duplicate: VirtualService) -> None:
    """Give a copy the name of the original with a number (recorded: [1]); without a name it has none."""
    name = str(duplicate.settings["NickName"])
    if name:
        taken = {other.settings["NickName"] for other in others}
        # guess: the number of a further copy
        duplicate.settings["NickName"] = next(f"{name}[{n}]" for n in itertools.count(1) if f"{name}[{n}]" not in taken)


def _copy_slot(appliance: Appliance, slot: Slot, service: VirtualService, parent: VirtualService) -> Slot:
    duplicate = copy.copy(slot)
    duplicate.rules = list(slot.rules)
    duplicate.rs_index = appliance.take_rs_index()
    duplicate.service = service
    service.parent = parent
    return duplicate
