# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Appliance settings: turns the variables of the role general_settings into a document. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, LoadMasterError, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import ALLOW_LOCKOUT
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.variables import Variables, choice, row

PROFILES: dict[str, dict[str, Any]] = {
    "none": {},
    "exchange": {
        # The LoadMaster speaks to a server from its own address in the server's subnet, so that answers come back through
        # it and not past it. A chapter of Kemp's Exchange guides.
        "subnet_originating_requests": True,
        # Outlook and mobile devices send "Expect: 100-continue" before large messages. Handled as RFC 7231 says, they do
        # not wait for an answer that a server may never give. A chapter of Kemp's Exchange guides.
        "handling_of_100_continue": "rfc_7231",
        # The logs of the servers show the client and not the LoadMaster. A chapter of Kemp's Exchange guides.
        "additional_l7_header": "x_forwarded_for",
        # Outlook stays on a connection to a server that has failed until someone closes it. A chapter of Kemp's Exchange
        # guides, which also says that idle time-outs can be long only with it.
        "drop_connections_on_rs_failure": True,
        # Outlook Anywhere is silent for up to 900 seconds between two keep-alives; the LoadMaster's own 660 are too few.
        "connection_timeout": 1800,
        # A server that comes back has no connections, and least connection would send it all new ones at once. With this its
        # share grows over five minutes, the ramp that F5's template for Exchange has. It counts with least connection only.
        "slow_start_time": 300,
        # For clients that log on with NTLM. The LoadMaster has it on by default, and Kemp's manual says to keep it so.
        "ntlm_proxy_mode": True,
        # Not drop_at_drain_time_end, though the guides have it: without persistence, which Exchange 2013 does not need,
        # it cuts every connection of a server at the moment when the server is disabled.
    },
}
VARIABLES = Variables(
    "general_settings",
    rows=(row("profile", choice(*PROFILES), "none"), ALLOW_LOCKOUT, *appliance_settings.ENTRY.rows),
)

_OPTIONS = frozenset(each.option for each in appliance_settings.ENTRY.rows)


def document(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that variables mean, by their full names. Raises InvalidOption with everything that is wrong.

    The document has what the profile says, and over it every variable that is set.
    """
    problems: list[Problem] = []
    values = VARIABLES.checked(given, problems)
    if problems:
        raise InvalidOption.from_problems(problems)
    stated = VARIABLES.stated(given)
    named = {
        each.option: stated[VARIABLES.prefix + each.option]
        for each in appliance_settings.ENTRY.rows
        if VARIABLES.prefix + each.option in stated
    }
    return {"settings": {**PROFILES[values["profile"]], **named}}


def allows_lockout(given: Mapping[str, Any]) -> bool:
    """Return whether the variables allow changes that can cut off the connection."""
    return bool(VARIABLES.checked(given, []).get("allow_lockout"))


def renamed(error: LoadMasterError) -> LoadMasterError:
    """Return an error about the document with the variables of the role instead of settings."""
    if isinstance(error, InvalidOption):
        error.problems = tuple(
            each._replace(place=each.place.removeprefix("settings"), message=_renamed(each.message))
            for each in error.problems
        )
    error.sentence = _renamed(error.sentence)
    return error


def _renamed(text: str) -> str:
    prefix = VARIABLES.prefix
    # A plain word such as hostname is a setting only at the start of a sentence; one with an underscore anywhere
    text = text.removeprefix("settings: ")
    text = re.sub(r"(?<![\w.])\w*_\w+(?![\w.]*\()", lambda found: prefix * (found[0] in _OPTIONS) + found[0], text)
    return re.sub(r"^\w+", lambda found: prefix * (found[0] in _OPTIONS) + found[0], text)


def masked(made: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document for results, with secrets masked."""
    rows = appliance_settings.ENTRY.by_option
    return {**made, "settings": {name: rows[name].shown(value) for name, value in made["settings"].items()}}
