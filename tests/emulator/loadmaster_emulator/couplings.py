# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prerequisites: without them the appliance says ok and drops the parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loadmaster_emulator.model import VirtualService
from loadmaster_emulator.vs_fields import Stored


@dataclass(frozen=True)
class Situation:
    """What a prerequisite may look at."""

    service: VirtualService
    before: Mapping[str, Stored]
    """The settings before the request."""
    after: Mapping[str, Stored]
    """The settings with what the request has changed so far."""
    parameters: Mapping[str, Stored]
    """The global parameters."""

    @property
    def http(self) -> bool:
        """Whether the service speaks HTTP at layer 7."""
        return bool(self.after["ForceL7"]) and self.after["VStype"] in ("http", "http2")


@dataclass(frozen=True)
class Need:
    """A prerequisite, and its rank: a need that rests on another parameter is judged after that one."""

    rank: int
    met: Callable[[Situation], bool]


def _checks_http(s: Situation) -> bool:
    return s.after["CheckType"] in ("http", "https")


def _non_local(s: Situation) -> bool:
    return bool(s.parameters.get("nonlocalrs")) and not s.after["Transparent"]


NEEDS: dict[str, Need] = {
    "": Need(0, lambda s: True),
    "layer 7": Need(1, lambda s: bool(s.after["ForceL7"])),
    "ssl": Need(1, lambda s: bool(s.after["SSLAcceleration"])),
    "HTTP type": Need(1, lambda s: s.http),
    "STARTTLS type": Need(1, lambda s: s.after["VStype"] in ("http", "http2", "tls")),
    "adaptive": Need(1, lambda s: bool(s.after["Adaptive"])),
    "local bind": Need(1, lambda s: bool(s.parameters.get("localbind"))),
    "OWASP": Need(1, lambda s: s.after["InterceptMode"] == 2),
    "esp": Need(1, lambda s: bool(s.after["EspEnabled"])),
    "no WAF, ESP or SSL": Need(
        1, lambda s: not (s.after["InterceptMode"] or s.after["EspEnabled"] or s.after["SSLAcceleration"])
    ),
    "no SubVSs": Need(1, lambda s: not s.service.slots),
    "HTTP check": Need(1, _checks_http),
    "binary check": Need(1, lambda s: s.after["CheckType"] == "bdata"),
    "LDAP check": Need(1, lambda s: s.after["CheckType"] == "ldap"),
    "HTTP/1.1 check": Need(1, lambda s: bool(s.after["CheckUse1.1"])),
    "persistence": Need(1, lambda s: bool(s.after["Persist"])),
    "non-local servers": Need(2, _non_local),
    "cache": Need(2, lambda s: bool(s.after["Cache"])),
    "re-encryption": Need(2, lambda s: bool(s.after["SSLReencrypt"])),
    # A GET or POST answers with a body; a binary check always does.
    "readable answer to check": Need(2, lambda s: not _checks_http(s) or s.after["CheckUseGet"] in (1, 2)),
    "POST check": Need(2, lambda s: _checks_http(s) and s.after["CheckUseGet"] == 2),
    # These two take effect only when the other parameter was on before the request. For passsni that is
    # recorded; for rsminimum the record asks for an order without saying that one request is too few.
    "re-encryption beforehand": Need(1, lambda s: bool(s.before["SSLReencrypt"])),
    "enhanced checks beforehand": Need(1, lambda s: bool(s.before["EnhancedHealthChecks"])),  # guess: see above
}
