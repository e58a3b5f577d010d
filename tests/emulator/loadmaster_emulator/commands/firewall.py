# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the legacy web application firewall of a service."""

from __future__ import annotations

from loadmaster_emulator import texts
from loadmaster_emulator.answers import Answer, Message
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands import identity
from loadmaster_emulator.errors import ApiError

#: The words that a rule may begin with, and the letters that answers have for them.
_GROUPS = {
    "ApplicationGeneric": "A",
    "ApplicationSpecific": "C",
    "Custom": "Z",
    "Generic": "G",
}  # guess: but for Generic


def vsaddwafrule(appliance: Appliance, request: Request) -> Answer:
    """Assign rules to a service whose legacy firewall is on."""
    return _changed(appliance, request, lambda held, named: held + [rule for rule in named if rule not in held])


def vsremovewafrule(appliance: Appliance, request: Request) -> Answer:
    """Take rules off a service."""
    return _changed(appliance, request, lambda held, named: [rule for rule in held if rule not in named])


def _changed(appliance: Appliance, request: Request, change) -> Answer:
    identity.mandatory(request, "port")
    identity.mandatory(request, "prot")
    vs = identity.service(appliance, request)
    named = [_spelt(rule) for rule in identity.mandatory(request, "rule").split()]
    if vs.settings["InterceptMode"] == 1:  # guess: otherwise nothing happens
        # Recorded: one blank behind each
        held = change(str(vs.settings["InterceptRules"]).split(), named)
        vs.settings["InterceptRules"] = "".join(f"{rule} " for rule in held)
    return Message(texts.OK)  # guess: the text


def _spelt(rule: str) -> str:
    group, slash, name = rule.partition("/")
    letter = _GROUPS.get(group, group)
    if not slash or letter not in _GROUPS.values():
        raise ApiError(texts.invalid("rule"))  # guess: the text
    return f"{letter}/{name}"
