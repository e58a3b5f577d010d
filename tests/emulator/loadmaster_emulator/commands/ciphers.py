# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cipher sets."""

from __future__ import annotations

import re

from loadmaster_emulator import ciphers, texts
from loadmaster_emulator.answers import Answer, Message, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands.identity import mandatory
from loadmaster_emulator.errors import ApiError, CommandFailed

_NAME = re.compile(r"[A-Za-z0-9_.-]+")  # guess: which characters a name may have is not recorded
_SETTINGS = ("wuicipherset", "outboundcipherset")


def getcipherset(appliance: Appliance, request: Request) -> Answer:
    """The ciphers of a set."""
    name = mandatory(request, "name")
    found = ciphers.BUILT_IN.get(name) or appliance.configuration.cipher_sets.get(name)
    if found is None:
        raise ApiError(texts.UNKNOWN_CIPHER_SET)
    return members(("cipherset", found))


def modifycipherset(appliance: Appliance, request: Request) -> Answer:
    """Make a set, or replace what is in it."""
    name = mandatory(request, "name")
    if name in ciphers.BUILT_IN:
        raise ApiError(texts.READ_ONLY_CIPHER_SET)
    if not _NAME.fullmatch(name):
        raise ApiError(texts.invalid("name"))  # guess: the text
    appliance.configuration.cipher_sets[name] = ciphers.checked(mandatory(request, "value"))
    return Message(texts.CIPHER_SET_UPDATED)


def delcipherset(appliance: Appliance, request: Request) -> Answer:
    """Delete a set that nothing uses."""
    configuration = appliance.configuration
    name = mandatory(request, "name")
    if name in ciphers.BUILT_IN:
        raise ApiError(texts.READ_ONLY_CIPHER_SET)
    if name not in configuration.cipher_sets:
        raise ApiError(texts.UNKNOWN_CIPHER_SET)
    # guess: a service that keeps the name while its SSL is off uses it, too; so do the two global parameters
    users = [vs.settings["CipherSet"] for vs in configuration.every_service()]
    if name in users + [appliance.parameter(setting) for setting in _SETTINGS]:
        raise CommandFailed(texts.CIPHER_SET_IN_USE)
    del configuration.cipher_sets[name]
    return Message(texts.CIPHER_SET_DELETED)
