# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands. A command is a function of the appliance and a request that returns an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loadmaster_emulator import texts
from loadmaster_emulator.answers import Answer, Strings, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands import health, keys, servers, services, settings, statistics
from loadmaster_emulator.errors import ApiError

Function = Callable[[Appliance, Request], Answer]

_VS = ("vs",)
_RS = ("real", "vs")
_ALL = ("root",)


@dataclass(frozen=True)
class Command:
    """A command and who may call it: users with one of the permissions, or everybody."""

    run: Function
    writes: bool = False
    permissions: tuple[str, ...] = ()


def _listapi(appliance: Appliance, request: Request) -> Answer:
    """The commands this appliance carries out, and its version."""
    return members(("commands", Strings(tuple(COMMANDS), "cmd")), ("version", appliance.profile.version))


#: In the order of ``listapi``. Which permission a command takes is a guess but for the obvious pairs.
COMMANDS: dict[str, Command] = {
    "get": Command(settings.get),
    "set": Command(settings.set_, True, _ALL),
    "getall": Command(settings.getall),
    "listvs": Command(services.listvs),
    "showvs": Command(services.showvs),
    "addvs": Command(services.addvs, True, ("addvs", "vs")),
    "delvs": Command(services.delvs, True, _VS),
    "modvs": Command(services.modvs, True, _VS),
    "dupvs": Command(services.dupvs, True, ("addvs", "vs")),
    "enablers": Command(servers.enablers, True, _RS),
    "disablers": Command(servers.disablers, True, _RS),
    "addrs": Command(servers.addrs, True, _RS),
    "delrs": Command(servers.delrs, True, _RS),
    "modrs": Command(servers.modrs, True, _RS),
    "showrs": Command(servers.showrs),
    "stats": Command(statistics.stats),
    "vstotals": Command(statistics.vstotals),
    "showhealth": Command(health.showhealth),
    "modhealth": Command(health.modhealth, True, _ALL),
    "showadaptive": Command(health.showadaptive),
    "modadaptive": Command(health.modadaptive, True, _ALL),
    "listapi": Command(_listapi),
    "listapikeys": Command(keys.listapikeys),
    "delapikey": Command(keys.delapikey, True),
    "addapikey": Command(keys.addapikey, True),
}


def carry_out(appliance: Appliance, request: Request) -> Answer:
    """Carry out one command for a user who is known."""
    command = COMMANDS.get(request.command)
    if command is None:
        raise ApiError(texts.UNKNOWN_COMMAND, 405)
    if request.user and not appliance.accounts.may(request.user, command.permissions):
        raise ApiError(texts.PERMISSION_DENIED, 403)  # guess: the body of a 403 is not recorded
    return command.run(appliance, request)
