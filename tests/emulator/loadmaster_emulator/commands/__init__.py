# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands. A command is a function of the appliance and a request that returns an answer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from loadmaster_emulator import texts
from loadmaster_emulator.answers import Answer, Strings, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands import (
    assignments,
    backups,
    certificates,
    ciphers,
    firewall,
    health,
    keys,
    rules,
    servers,
    services,
    settings,
    statistics,
    templates,
)
from loadmaster_emulator.errors import ApiError

Function = Callable[[Appliance, Request], Answer]

_VS = ("vs",)
_RS = ("real", "vs")
_ALL = ("root",)
_RULES = ("rules",)
_ASSIGN = ("rules", "vs")
_CERTS = ("certs",)
_THIRD = ("cert3", "certs")


@dataclass(frozen=True)
class Command:
    """A command and who may call it: users with one of the permissions, or everybody."""

    run: Function
    writes: bool = False
    permissions: tuple[str, ...] = ()
    renumbers: bool = False
    """Whether it is a global change, which renumbers the services."""
    shows_status: bool = False
    """Whether the answer tells how services, servers or traffic are."""


def _listapi(appliance: Appliance, request: Request) -> Answer:
    """The commands this appliance carries out, and its version."""
    return members(("commands", Strings(tuple(COMMANDS), "cmd")), ("version", appliance.profile.version))


#: In the order of ``listapi``. Which permission a command takes is a guess but for the obvious pairs.
COMMANDS: dict[str, Command] = {
    "get": Command(settings.get),
    "set": Command(settings.set_, True, _ALL),
    "getall": Command(settings.getall),
    "listvs": Command(services.listvs, shows_status=True),
    "showvs": Command(services.showvs, shows_status=True),
    "addvs": Command(services.addvs, True, ("addvs", "vs")),
    "delvs": Command(services.delvs, True, _VS),
    "modvs": Command(services.modvs, True, _VS),
    "dupvs": Command(services.dupvs, True, ("addvs", "vs")),
    "exportvstmplt": Command(templates.exportvstmplt),
    "enablers": Command(servers.enablers, True, _RS),
    "disablers": Command(servers.disablers, True, _RS),
    "addrs": Command(servers.addrs, True, _RS),
    "delrs": Command(servers.delrs, True, _RS),
    "modrs": Command(servers.modrs, True, _RS),
    "showrs": Command(servers.showrs, shows_status=True),
    "addrsrule": Command(assignments.add("MatchRules"), True, _ASSIGN),
    "delrsrule": Command(assignments.delete("MatchRules"), True, _ASSIGN),
    "showrule": Command(rules.showrule),
    "addrule": Command(rules.addrule, True, _RULES),
    "delrule": Command(rules.delrule, True, _RULES),
    "modrule": Command(rules.modrule, True, _RULES),
    "stats": Command(statistics.stats, shows_status=True),
    "vstotals": Command(statistics.vstotals, shows_status=True),
    "backup": Command(backups.backup, permissions=("backup",)),
    "restore": Command(backups.restore, True, ("backup",), True),
    "addprerule": Command(assignments.add("PreProcessRules"), True, _ASSIGN),
    "delprerule": Command(assignments.delete("PreProcessRules"), True, _ASSIGN),
    "addrequestrule": Command(assignments.add("RequestRules"), True, _ASSIGN),
    "delrequestrule": Command(assignments.delete("RequestRules"), True, _ASSIGN),
    "addresponserule": Command(assignments.add("ResponseRules"), True, _ASSIGN),
    "delresponserule": Command(assignments.delete("ResponseRules"), True, _ASSIGN),
    "addresponsebodyrule": Command(assignments.add("MatchBodyRules"), True, _ASSIGN),
    "delresponsebodyrule": Command(assignments.delete("MatchBodyRules"), True, _ASSIGN),
    "showhealth": Command(health.showhealth),
    "modhealth": Command(health.modhealth, True, _ALL),
    "showadaptive": Command(health.showadaptive),
    "modadaptive": Command(health.modadaptive, True, _ALL),
    "uploadtemplate": Command(templates.uploadtemplate, True, _VS),
    "deltemplate": Command(templates.deltemplate, True, _VS),
    "listtemplates": Command(templates.listtemplates),
    "uploadvserrfile": Command(services.uploadvserrfile, True, _VS),
    "getcipherset": Command(ciphers.getcipherset),
    "modifycipherset": Command(ciphers.modifycipherset, True, _CERTS, True),
    "delcipherset": Command(ciphers.delcipherset, True, _CERTS, True),
    "listapi": Command(_listapi),
    "vsaddwafrule": Command(firewall.vsaddwafrule, True, _VS),
    "vsremovewafrule": Command(firewall.vsremovewafrule, True, _VS),
    "listapikeys": Command(keys.listapikeys),
    "delapikey": Command(keys.delapikey, True),
    "addapikey": Command(keys.addapikey, True),
    "addcert": Command(certificates.addcert, True, _CERTS, True),
    "delcert": Command(certificates.delcert, True, _CERTS, True),
    "backupcert": Command(certificates.backupcert, permissions=_CERTS),
    "restorecert": Command(certificates.restorecert, True, _CERTS, True),
    "listcert": Command(certificates.listcert),
    "readcert": Command(certificates.readcert),
    "addintermediate": Command(certificates.addintermediate, True, _THIRD, True),
    "delintermediate": Command(certificates.delintermediate, True, _THIRD, True),
    "listintermediate": Command(certificates.listintermediate),
    "readintermediate": Command(certificates.readintermediate),
}


def carry_out(appliance: Appliance, request: Request) -> Answer:
    """Carry out one command for a user who is known."""
    command = COMMANDS.get(request.command)
    if command is None:
        raise ApiError(texts.UNKNOWN_COMMAND, 405)
    if request.user and not appliance.accounts.may(request.user, command.permissions):
        raise ApiError(texts.PERMISSION_DENIED, 403)  # guess: the body of a 403 is not recorded
    if appliance.data_plane is None or not appliance.data_plane.running:
        return _run(appliance, request, command)
    if command.shows_status:
        appliance.data_plane.refresh()
    if not command.writes:
        return _run(appliance, request, command)
    kept = copy.deepcopy(appliance.configuration)
    try:
        answer = _run(appliance, request, command)
        drop = bool(appliance.parameter("dropatdrainend"))
        appliance.data_plane.follow(appliance.configuration, drop_drained=drop)
    except Exception:
        appliance.configuration = kept
        raise
    return answer


def _run(appliance: Appliance, request: Request, command: Command) -> Answer:
    if command.writes or appliance.data_plane is not None:
        # Before it runs: a command that fails may have changed something, too. What a data plane measures changes by itself.
        appliance.listing = None
    answer = command.run(appliance, request)
    if command.renumbers and appliance.quirks.renumber_on_global_change:
        appliance.configuration.renumber()
    return answer
