# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Oddities of the appliance as switches."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass
class Quirks:
    """The switches; the defaults are what public recordings show as normal.

    A switch may be changed while the emulator runs.
    """

    rate_limit: tuple[int, float] | None = None
    """``(30, 3.0)``: from the 31st call within 3 seconds, over both APIs, connections are dropped."""

    concurrent_limit: int | None = None
    """More calls at once than this are dropped; the free edition allows about eight."""

    long_url_reset: int | None = 1024
    """A request target longer than this resets the connection; ``None`` accepts any length."""

    v1_missing_status: int = 422
    """The status of a missing mandatory parameter in API v1: 422, or 400 as in older manuals."""

    v2_crlf: bool = True
    """Lines of API v2 end with CR LF; some recordings have LF only."""

    strict_enableapi: bool = False
    """Refuse ``1`` where the disabled API is switched on; the manual wants ``yes``."""

    showvs_delay: float = 0.0
    """For so many seconds after ``addvs`` the new service is still unknown to ``showvs``."""

    swapped_addvs: bool = False
    """Two ``addvs`` that overlap in time receive each other's answer."""

    leaked_header: bool = False
    """Every answer carries the error output of a helper program as a broken header line."""

    syslogprefix_text: bool = True
    """``set syslogprefix`` in API v1 succeeds with a stray header as its text (recorded on 7.2.63)."""

    broken_prerule_json: bool = False
    """In API v2, the list of pre-processing rules of a service swallows the member after it, which makes the
    answer unreadable as JSON (recorded on 7.2.50)."""

    default_rule_last: bool = True
    """The built-in rule ``default`` stays behind the other rules of a list (recorded on 7.2.58); otherwise it stays
    where it was attached. It is tried last either way."""

    certificate_tombstones: bool = False
    """The name of a deleted certificate is refused until it is deleted a second time."""

    certificate_case: bool = False
    """The names of certificates are told apart by case; otherwise they are not (recorded for reading and deleting)."""

    wrong_rule_refused: bool = False
    """A rule of a type that a list does not take is refused (a test suite of 2025 expects it); otherwise the answer is ok
    and nothing is attached (recorded on 7.2.50)."""

    udp_at_layer_7: bool = False
    """A new UDP service is at layer 7 like any other; otherwise it is at layer 4, as the manual says."""

    http_transparent: bool = False
    """A new service of the type http is transparent, as a client found on 7.2.63; otherwise it is not (recorded)."""

    adaptive_in_schedule: bool = False
    """With an adaptive method ``Schedule`` shows it, too; otherwise the method that was there before."""  # guess

    persist_restarts: bool = False
    """A new persistence without a time-out begins with 360 seconds; otherwise a time-out that runs stays."""  # guess

    empty_lists: bool = False
    """In API v2 a list of nothing is an empty list; otherwise it is absent."""  # guess

    short_ipv6: bool = False
    """IPv6 addresses are shown in their shortest form; otherwise as they were typed."""  # guess

    slots_as_made: bool = False
    """The SubVSs of a parent are listed as they were made; otherwise by their index (recorded on 7.2.58)."""

    deltemplate_one: bool = False
    """Of several templates of a name one is deleted at a time; otherwise all of them."""  # guess: either way

    rs_index_again: bool = True
    """A new server or slot gets the lowest RsIndex that is free; otherwise a number that never was."""

    renumber_on_global_change: bool = True
    """A change of certificates or cipher sets renumbers the services."""

    renumber_on_set: bool = False
    """A global parameter change renumbers the services."""  # guess: recorded for cipher sets and certificates only

    def changed(self, name: str, text: str) -> Quirks:
        """A copy with one switch set from text, as a command line has it."""
        known = {field.name: field.default for field in fields(self)}
        if name not in known:
            raise ValueError(f"There is no quirk {name!r}; the quirks are {', '.join(sorted(known))}")
        return replace(self, **{name: _from_text(name, text, known[name])})


_ON = ("", "on", "yes", "true", "1")
_OFF = ("off", "no", "false", "0", "none")


def _from_text(name: str, text: str, default: object) -> Any:
    word = text.strip().lower()
    try:
        if name == "rate_limit":
            if word in _OFF:
                return None
            calls, _unused, seconds = ("30/3" if word in _ON else word).partition("/")
            return (int(calls), float(seconds))
        if isinstance(default, bool):
            if word in _ON + _OFF:
                return word in _ON
            raise ValueError(word)
        if name in ("concurrent_limit", "long_url_reset") and word in _OFF:
            return None
        if name == "concurrent_limit" and word in _ON:
            return 8
        return float(word) if isinstance(default, float) else int(word)
    except ValueError:
        raise ValueError(f"The quirk {name!r} does not take the value {text!r}") from None
