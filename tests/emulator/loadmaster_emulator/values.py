# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as callers send them, turned into values as the appliance stores them."""

from __future__ import annotations

import functools
import ipaddress
import re

from loadmaster_emulator import texts
from loadmaster_emulator.errors import ApiError

_TRUE = frozenset(("1", "y", "yes", "true"))
_FALSE = frozenset(("0", "n", "no", "false"))
_PORT_LIST = re.compile(r"\d+(-\d+)?([ ,]+\d+(-\d+)?)*")
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*\.?$")


def flag(parameter: str, text: str) -> bool:
    """A boolean in any of the words both APIs use."""
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ApiError(texts.invalid(parameter))


def integer(parameter: str, text: str, low: int = 0, high: int = 2**31 - 1) -> int:
    """A whole number within a range."""
    try:
        number = int(text.strip())
    except ValueError:
        raise ApiError(texts.invalid(parameter)) from None
    if not low <= number <= high:
        raise ApiError(texts.out_of_range(parameter))
    return number


def choice(parameter: str, text: str, choices: tuple[str, ...]) -> str:
    """One of the given words, in any capitals."""
    for word in choices:
        if word.lower() == text.strip().lower():
            return word
    raise ApiError(texts.invalid(parameter))


def port(parameter: str, text: str, low: int = 3, high: int = 65530) -> str:
    """The port of a service: a number or ``*``."""
    if text.strip() == "*":
        return "*"  # guess: how a wildcard port is reported is not recorded
    return str(integer(parameter, text, low, high))


def port_list(parameter: str, text: str) -> str:
    """Ports and ranges of ports, kept as they were typed."""  # guess: neither form nor separator is documented
    if text and not _PORT_LIST.fullmatch(text.strip()):
        raise ApiError(texts.invalid(parameter))
    return text.strip()


def address(parameter: str, text: str) -> str:
    """An IP address, kept as it was typed."""  # guess: the canonical form of IPv6 is not recorded
    if not is_address(text):
        raise ApiError(texts.invalid(parameter))
    return text.strip()


def is_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return True


def is_host_name(text: str) -> bool:
    """Whether the text could be a host name."""
    return bool(_HOST_NAME.match(text)) and not text.replace(".", "").isdigit()


def same_address(one: str, other: str) -> bool:
    """Whether two notations mean the same IP address."""
    return _canonical(one) == _canonical(other)


@functools.lru_cache(maxsize=2**16)
def _canonical(text: str) -> str:
    """The one notation of an IP address; kept, since a large configuration is searched for the same ones again and again."""
    plain = text.strip()
    return str(ipaddress.ip_address(plain)) if is_address(plain) else plain.lower()


@functools.lru_cache(maxsize=2**16)
def address_order(text: str) -> tuple[int, int]:
    """A sort key that puts IPv4 before IPv6 and compares addresses as numbers."""
    parsed = ipaddress.ip_address(text)
    return (parsed.version, int(parsed))
