# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of ``modvs`` that move a rule within its list."""

from __future__ import annotations

from collections.abc import Mapping

from loadmaster_emulator import values
from loadmaster_emulator.model import VirtualService

_SWITCHING = "rsruleprecedence"

#: The parameter that names the rule, and the list; the position is sent as the same name with ``pos``.
_LISTS = {
    "preprocprecedence": "PreProcessRules",
    "requestprecedence": "RequestRules",
    "responseprecedence": "ResponseRules",
    "matchbodyprecedence": "MatchBodyRules",
    _SWITCHING: "MatchRules",
}

Moves = dict[str, tuple[str, int]]


def requested(sent: Mapping[str, str]) -> Moves:
    """The moves of a request by list: rule and position; without both members of a pair there is none."""
    moves: Moves = {}
    for parameter, name in _LISTS.items():
        rule, place = sent.get(parameter, "").strip(), sent.get(parameter + "pos", "").strip()
        if rule and place:
            moves[name] = (rule, values.integer(parameter + "pos", place, 1))
    return moves


def move(vs: VirtualService, moves: Moves) -> None:
    """Carry the moves out."""
    for name, (rule, position) in moves.items():
        # guess: among the servers of a service the position is the one within each server's or SubVS's rules
        for assigned in vs.switching_lists() if name == "MatchRules" else [vs.rules[name]]:
            if rule in assigned:  # guess: otherwise nothing happens
                assigned.remove(rule)
                assigned.insert(position - 1, rule)  # guess: a position beyond the end is the end
