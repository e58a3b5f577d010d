# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Networks as regular expressions, for content rules that match the address of the client. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption

_DIGITS = "0123456789abcdef"
_ANY_CLASS = {10: r"\d", 16: "[0-9a-f]"}
_OCTET = r"\d{1,3}"
_GROUP = "[0-9a-f]{1,4}"
_GROUPS = 8
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def patterns_of(networks: Iterable[Any], longest: int = 250) -> list[str]:
    """Return patterns that match the addresses of networks, each of up to ``longest`` characters. Raises InvalidOption."""
    patterns: list[list[str]] = []
    for network in _collapsed(networks):
        for part in _of_ipv4(network) if network.version == 4 else _of_ipv6(network):
            if len(_pattern([part])) > longest:
                raise InvalidOption(
                    f"{network} takes a pattern of {len(_pattern([part]))} characters, and there is room for {longest}. "
                    "Name a wider network, or several smaller ones."
                )
            if not patterns or len(_pattern([*patterns[-1], part])) > longest:
                patterns.append([])
            patterns[-1].append(part)
    return [_pattern(parts) for parts in patterns]


def _collapsed(networks: Iterable[Any]) -> list[Any]:
    found: dict[int, list[Any]] = {4: [], 6: []}
    for text in networks:
        network = _network(text)
        found[network.version].append(network)
    return [network for version in (4, 6) for network in ipaddress.collapse_addresses(found[version])]


def _network(text: Any) -> Any:
    if not isinstance(text, str):
        raise InvalidOption(f"{text!r} is not a network. Write one as in '192.0.2.0/24'.")
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError:
        try:
            wider = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            raise InvalidOption(f"{text!r} is not a network. Write one as in '192.0.2.0/24'.") from None
        raise InvalidOption(
            f"{text!r} names an address and not the beginning of its network. If the whole network is meant, it is {wider}."
        ) from None
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        raise InvalidOption(f"{text!r} is IPv4 written as IPv6. Write it as an IPv4 network.")
    return network


def _pattern(parts: Sequence[str]) -> str:
    return f"/^{_any_of(parts)}$/"


def _any_of(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({'|'.join(parts)})"


def _of_ipv4(network: Any) -> list[str]:
    whole, bits = divmod(network.prefixlen, 8)
    octets = list(network.network_address.packed)
    texts = [str(octet) for octet in octets[:whole]]
    if bits:
        texts.append(_any_of(number_range(octets[whole], octets[whole] + (1 << (8 - bits)) - 1, 10)))
    rest = 4 - len(texts)
    return [r"\.".join([*texts, *[_OCTET] * rest])]


def _of_ipv6(network: Any) -> list[str]:
    """Return the spellings of addresses of a network.

    An address has a ``::`` for two zero groups or more, or none. Either it comes after the groups that the prefix
    fixes, which are then all there; or it takes some of them, and then the groups behind it are counted.
    """
    whole, bits = divmod(network.prefixlen, 16)
    groups = [int(group, 16) for group in network.network_address.exploded.split(":")]
    texts = [f"{group:x}" for group in groups[:whole]]
    if bits:
        texts.append(_any_of(number_range(groups[whole], groups[whole] + (1 << (16 - bits)) - 1, 16)))
    fixed = len(texts)
    if not fixed:
        return ["[0-9a-f:.]*:[0-9a-f:.]*"]
    ways = [":".join(texts) + (":[0-9a-f:]*" if fixed < _GROUPS else "")]
    for start in range(fixed):
        if groups[start]:
            continue
        zeros = next((place for place in range(start, fixed) if groups[place]), fixed)
        if start and not groups[start - 1] and start - 1 < whole:
            # The zeros began earlier, and a :: takes all of them.
            continue
        before = ":".join(texts[:start]) + "::"
        if zeros < fixed:
            if zeros - start >= 2:
                ways.append(before + ":".join([*texts[zeros:], *[_GROUP] * (_GROUPS - fixed)]))
            continue
        # It ends among the free groups, or the last group of the prefix, which may be zero, is not.
        if bits and start < fixed - 1 and fixed - 1 - start >= 2:
            tail = _any_of(number_range(max(groups[whole], 1), groups[whole] + (1 << (16 - bits)) - 1, 16))
            ways.append(before + ":".join([tail, *[_GROUP] * (_GROUPS - fixed)]))
        most = _GROUPS - max(fixed, start + 2)
        if most >= 0:
            ways.append(before + _up_to(most))
    return ways


def _up_to(groups: int) -> str:
    if groups == 0:
        return ""
    if groups == 1:
        return f"({_GROUP})?"
    return f"({_GROUP}(:{_GROUP}){{0,{groups - 1}}})?"


def number_range(low: int, high: int, base: int) -> list[str]:
    """Return patterns that together match the numbers from low to high, written without leading zeros."""
    found: list[str] = []
    while low <= high:
        first = _written(low, base)
        last = min(high, base ** len(first) - 1)
        found += _same_length(first, _written(last, base), base)
        low = last + 1
    return found


def _written(number: int, base: int) -> str:
    return f"{number:x}" if base == 16 else str(number)


def _same_length(low: str, high: str, base: int) -> list[str]:
    smallest, largest = _DIGITS[0], _DIGITS[base - 1]
    if not low:
        return [""]
    if low[0] == high[0]:
        return [low[0] + rest for rest in _same_length(low[1:], high[1:], base)]
    found: list[str] = []
    rest = len(low) - 1
    first, last = _DIGITS.index(low[0]), _DIGITS.index(high[0])
    if low[1:] != smallest * rest:
        found += [low[0] + text for text in _same_length(low[1:], largest * rest, base)]
        first += 1
    whole_last = high[1:] == largest * rest
    if first <= (last if whole_last else last - 1):
        found.append(_class(first, last if whole_last else last - 1, base) + _times(_ANY_CLASS[base], rest))
    if not whole_last:
        found += [high[0] + text for text in _same_length(smallest * rest, high[1:], base)]
    return found


def _class(first: int, last: int, base: int) -> str:
    if (first, last) == (0, base - 1):
        return _ANY_CLASS[base]
    if first == last:
        return _DIGITS[first]
    if first < 10 <= last:
        low = _DIGITS[first] if first == 9 else f"{_DIGITS[first]}-9"
        return f"[{low}{'a' if last == 10 else 'a-' + _DIGITS[last]}]"
    return f"[{_DIGITS[first]}-{_DIGITS[last]}]" if last > first + 1 else f"[{_DIGITS[first]}{_DIGITS[last]}]"


def _times(text: str, count: int) -> str:
    return text * count if count < 2 else f"{text}{{{count}}}"
