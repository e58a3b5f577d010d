# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How requests name a service and a server."""

from __future__ import annotations

from loadmaster_emulator import texts, values
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.errors import ApiError, MissingParameter
from loadmaster_emulator.model import RealServer, Slot, VirtualService


def mandatory(request: Request, name: str) -> str:
    """A parameter that must have been sent."""
    value = request.get(name).strip()
    if not value:
        raise MissingParameter(name)
    return value


def service(appliance: Appliance, request: Request) -> VirtualService:
    """The service a request names: by its index, or by address, port and protocol."""
    vs = mandatory(request, "vs")
    if vs.isdigit():
        found = appliance.configuration.by_index(int(vs))
    else:
        port = mandatory(request, "port")
        protocol = mandatory(request, "prot").lower()
        found = appliance.configuration.by_identity(vs, port, protocol)
    if found is None:
        raise ApiError(texts.UNKNOWN_VS)
    return found


def server(request: Request, vs: VirtualService) -> RealServer | Slot:
    """The server, or slot of a SubVS, that a request names within a service."""
    name = mandatory(request, "rs")
    if name.startswith(("!", "%21")):  # the manual of API v2 sends the escaped sign as it is
        number = name.removeprefix("%21").removeprefix("!")
        found = (vs.server(int(number)) or vs.slot(int(number))) if number.isdigit() else None
    else:
        found = _by_name(request, vs, name)
    if found is None:
        raise ApiError(texts.UNKNOWN_RS)
    return found


def _by_name(request: Request, vs: VirtualService, name: str) -> RealServer | Slot | None:
    for slot in vs.slots:
        if slot.service.settings["NickName"] == name:
            return slot
    port = mandatory(request, "rsport")
    for candidate in vs.servers:
        same = values.same_address(candidate.address, name) or candidate.dns_name.lower() == name.lower()
        if same and str(candidate.port) == port:
            return candidate
    return None
