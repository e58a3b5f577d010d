# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers, and the slots of SubVSs, which are addressed like servers."""

from __future__ import annotations

from collections.abc import Callable

from loadmaster_emulator import texts, values
from loadmaster_emulator.answers import Answer, Message, Records, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands import identity
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.model import RealServer, Slot, VirtualService
from loadmaster_emulator.vs_view import show_server, show_slot


def _weight(text: str) -> int:
    return values.integer("weight", text, 1, 65535)


def _limit(text: str) -> int:
    return values.integer("limit", text, 0, 100000)


def _follow(text: str) -> int:
    return values.integer("follow", text)


def _flag(text: str) -> bool:
    return values.flag("flag", text)


def _forward(text: str) -> str:
    return values.choice("forward", text, ("nat", "route"))


def _port(text: str) -> int:
    return values.integer("rsport", text, 3, 65535)


#: Parameter, attribute, conversion: what both commands take.
_SETTINGS: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("weight", "weight", _weight),
    ("limit", "limit", _limit),
    ("ratelimit", "rate_limit", _limit),
    ("follow", "follow", _follow),
    ("enable", "enable", _flag),
    ("critical", "critical", _flag),
)
_ONLY_MODRS: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("forward", "forward", _forward),
    ("newport", "port", _port),
)


def addrs(appliance: Appliance, request: Request) -> Answer:
    """Add a server to a service, or to every SubVS of the same parent."""
    vs = identity.service(appliance, request)
    if vs.slots:
        raise ApiError(texts.CANNOT_CREATE_RS)
    name = identity.mandatory(request, "rs")
    # guess: what an omitted port means is not recorded
    port = _port(identity.mandatory(request, "rsport"))
    address, dns_name = _resolved(appliance, name)
    targets = [vs]
    if values.flag("addtoallsubvs", request.get("addtoallsubvs") or "0") and vs.parent is not None:
        targets = [vs] + [slot.service for slot in vs.parent.slots if slot.service is not vs]
    template = RealServer(0, address, port, dns_name)
    for parameter, attribute, convert in _SETTINGS:  # Forward is not among them: addrs ignores it
        if parameter in request.parameters:
            setattr(template, attribute, convert(request.get(parameter)))
    _check_locality(appliance, vs, template, request)
    if _has(vs, template):
        raise ApiError(texts.DUPLICATE_RS)
    added = [_added(appliance, target, template) for target in targets if not _has(target, template)]
    return members(("Rs", Records((show_server(vs, added[0], appliance.weather),))))


def showrs(appliance: Appliance, request: Request) -> Answer:
    """One server."""
    vs = identity.service(appliance, request)
    server = identity.server(request, vs)
    if isinstance(server, Slot):
        return members(
            ("SubVS", Records((show_slot(server, appliance.weather, appliance.release),)))
        )  # guess: not recorded
    return members(("Rs", Records((show_server(vs, server, appliance.weather),))))


def modrs(appliance: Appliance, request: Request) -> Answer:
    """Change a server or a slot; what it does not accept it ignores."""
    vs = identity.service(appliance, request)
    server = identity.server(request, vs)
    for parameter, attribute, convert in _SETTINGS + _ONLY_MODRS:
        if parameter not in request.parameters:
            continue
        if isinstance(server, Slot) and (parameter, attribute, convert) in _ONLY_MODRS:
            continue
        try:
            value = convert(request.get(parameter))
        except ApiError:
            continue
        if parameter == "newport" and _taken(vs, server, value):
            raise ApiError(texts.DUPLICATE_RS)
        setattr(server, attribute, value)
    return Message(texts.OK)


def delrs(appliance: Appliance, request: Request) -> Answer:
    """Remove a server, or a SubVS by its slot."""
    vs = identity.service(appliance, request)
    server = identity.server(request, vs)
    if isinstance(server, Slot):
        appliance.configuration.remove(server.service)  # guess: not recorded for a slot
    else:
        vs.servers.remove(server)
    return Message(texts.OK)


def enablers(appliance: Appliance, request: Request) -> Answer:
    """Enable every server with an address, in every service."""
    return _enable(appliance, request, True)


def disablers(appliance: Appliance, request: Request) -> Answer:
    """Disable every server with an address, in every service."""
    return _enable(appliance, request, False)


def _enable(appliance: Appliance, request: Request, enable: bool) -> Answer:
    address = identity.mandatory(request, "rs")
    for vs in appliance.configuration.every_service():
        for server in vs.servers:
            if values.same_address(server.address, address) or server.dns_name.lower() == address.lower():
                server.enable = enable
    return Message(texts.OK)  # guess: also for an address that no server has


def _resolved(appliance: Appliance, name: str) -> tuple[str, str]:
    """The address of a server given by address or name, and the name."""
    if values.is_address(name):
        return appliance.address("rs", name), ""
    if not appliance.parameter("DNSNamesEnable") or not values.is_host_name(name):
        raise ApiError(texts.CANNOT_CREATE_RS)  # guess: the text
    return appliance.resolve(name), name


def _check_locality(appliance: Appliance, vs: VirtualService, server: RealServer, request: Request) -> None:
    """A server on another network is refused unless the service may have such servers."""
    allowed = bool(appliance.parameter("nonlocalrs")) and vs.layer == 7 and not vs.settings["Transparent"]
    if "non_local" in request.parameters:
        server.non_local = allowed and values.flag("non_local", request.get("non_local"))
    if not server.non_local and not appliance.is_local(server.address):
        raise ApiError(texts.CANNOT_CREATE_RS)  # guess: the text


def _has(vs: VirtualService, server: RealServer) -> bool:
    return any(values.same_address(s.address, server.address) and s.port == server.port for s in vs.servers)


def _taken(vs: VirtualService, server: RealServer | Slot, port: object) -> bool:
    return any(
        s is not server and isinstance(server, RealServer) and s.address == server.address and s.port == port
        for s in vs.servers
    )


def _added(appliance: Appliance, vs: VirtualService, template: RealServer) -> RealServer:
    server = RealServer(**{**vars(template), "rs_index": appliance.take_rs_index(), "rules": []})
    vs.servers.append(server)
    return server
