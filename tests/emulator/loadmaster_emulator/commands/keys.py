# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API keys."""

from __future__ import annotations

from loadmaster_emulator import texts
from loadmaster_emulator.answers import Answer, Strings, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands.identity import mandatory
from loadmaster_emulator.errors import ApiError


def listapikeys(appliance: Appliance, request: Request) -> Answer:
    """The keys of the calling user."""
    return _keys(appliance.accounts.keys(request.user))


def addapikey(appliance: Appliance, request: Request) -> Answer:
    """Make a key for the calling user."""
    return _keys(appliance.accounts.add_key(request.user))


def delapikey(appliance: Appliance, request: Request) -> Answer:
    """Delete a key of the calling user, or with user administration of another one."""
    key = mandatory(request, "key")
    owner = request.get("user") or request.user
    if owner != request.user and not appliance.accounts.may(request.user, ("users",)):
        raise ApiError(texts.PERMISSION_DENIED, 403)
    return _keys(appliance.accounts.delete_key(owner, key))


def _keys(keys: list[str]) -> Answer:
    return members(("apikeys", Strings(tuple(keys), "key")))
