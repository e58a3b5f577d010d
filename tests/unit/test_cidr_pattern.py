# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of networks match the addresses of the networks and no others; the module ipaddress knows which."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.filter.cidr_pattern import cidr_pattern
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.networks import number_range

LONGEST = 250


def matches(patterns: list[str], address: str) -> bool:
    """Whether the address of a client is let in by any of the rules."""
    assert all(pattern.startswith("/^") and pattern.endswith("$/") for pattern in patterns)
    return any(re.search(pattern[1:-1], address) for pattern in patterns)


def network_of(number: int, length: int, bits: int) -> Any:
    made = ipaddress.IPv4Network if bits == 32 else ipaddress.IPv6Network
    return made((number >> (bits - length) << (bits - length), length))


# Zeros, ones and repetitions are where addresses are written in a short form
IPV6 = st.lists(
    st.sampled_from([0, 0, 0, 1, 0x10, 0x100, 0xFFFF]) | st.integers(0, 0xFFFF), min_size=8, max_size=8
).map(lambda groups: sum(group << (16 * (7 - place)) for place, group in enumerate(groups)))


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 32), st.integers(0, 2**32 - 1))
def test_ipv4(number, length, other):
    network = network_of(number, length, 32)
    patterns = cidr_pattern([str(network)])
    inside = int(network.network_address) | (other & int(network.hostmask))
    beside = inside ^ (1 << max(0, 32 - length))
    for candidate in (inside, other, beside % 2**32, int(network[0]), int(network[-1])):
        address = ipaddress.IPv4Address(candidate)
        assert matches(patterns, str(address)) == (address in network), (patterns, address)


@pytest.mark.parametrize("length", range(0, 33))
def test_ipv4_prefixes_of_every_length_at_their_borders(length):
    for number in (0xC0A8FF80, 0x0A000000, 0xFFFFFFFF, 0, 0x63646566):
        network = network_of(number, length, 32)
        (pattern,) = cidr_pattern([str(network)])
        assert len(pattern) <= LONGEST
        first, last = int(network[0]), int(network[-1])
        for candidate in (first, last, max(0, first - 1), min(2**32 - 1, last + 1)):
            address = ipaddress.IPv4Address(candidate)
            assert matches([pattern], str(address)) == (address in network)


@settings(max_examples=1500, deadline=None)
@given(IPV6, st.integers(0, 128), IPV6)
@example(0x20010DB8 << 96, 48, 0x20010DB8 << 96 | 5)
@example(0x20010DB8 << 96, 52, 0x20010DB8 << 96 | 1 << 68)
@example(0, 20, 1)
@example(0, 128, 0)
@example(1, 128, 1)
def test_ipv6(number, length, other):
    network = network_of(number, length, 128)
    assume(not network.subnet_of(ipaddress.ip_network("::ffff:0:0/96")))
    patterns = cidr_pattern([str(network)])
    assert all(len(pattern) <= LONGEST for pattern in patterns)
    inside = int(network.network_address) | (other & int(network.hostmask))
    beside = inside ^ (1 << max(0, 128 - length))
    for candidate in (inside, other, beside % 2**128, int(network[0]), int(network[-1])):
        address = ipaddress.IPv6Address(candidate)
        if address.ipv4_mapped is None and candidate >> 32:
            assert matches(patterns, str(address)) == (address in network), (patterns, str(address), str(network))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), min_size=1, max_size=25),
    st.lists(st.tuples(IPV6, st.sampled_from([32, 48, 64])), max_size=5),
    st.integers(0, 2**32 - 1),
    IPV6,
)
def test_many_networks(four, six, other_four, other_six):
    networks = [network_of(*each, 32) for each in four] + [network_of(*each, 128) for each in six]
    networks = [each for each in networks if each.version == 4 or int(each.network_address) >> 96]
    assume(ipaddress.IPv6Address(other_six).ipv4_mapped is None and other_six >> 32)
    patterns = cidr_pattern([str(network) for network in networks])
    assert all(len(pattern) <= LONGEST for pattern in patterns)
    addresses = [each[0] for each in networks] + [each[-1] for each in networks]
    addresses += [ipaddress.IPv4Address(other_four), ipaddress.IPv6Address(other_six)]
    for address in addresses:
        assert matches(patterns, str(address)) == any(
            address in network for network in networks if network.version == address.version
        )


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.sampled_from([10, 16]))
def test_number_range(one, other, candidate, base):
    low, high = sorted((one, other))
    pattern = "|".join(number_range(low, high, base))
    for number in (low, high, candidate, low - 1, high + 1):
        text = f"{number:x}" if base == 16 else str(number)
        assert bool(re.fullmatch(pattern, text)) == (low <= number <= high)


@pytest.mark.parametrize(
    ("networks", "patterns"),
    [
        (["192.0.2.10"], [r"/^192\.0\.2\.10$/"]),
        (["10.0.0.0/8"], [r"/^10\.\d{1,3}\.\d{1,3}\.\d{1,3}$/"]),
        (["172.16.0.0/12"], [r"/^172\.(1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}$/"]),
        (["192.0.2.128/25", "192.0.2.0/25"], [r"/^192\.0\.2\.\d{1,3}$/"]),
        (["192.0.2.1", "192.0.2.3"], [r"/^(192\.0\.2\.1|192\.0\.2\.3)$/"]),
        (["2001:db8:1::/48"], ["/^2001:db8:1:[0-9a-f:]*$/"]),
        ([], []),
    ],
)
def test_patterns_are_readable(networks, patterns):
    assert cidr_pattern(networks) == patterns


@pytest.mark.parametrize(
    ("networks", "sentence"),
    [
        ("10.0.0.0/8", "takes a list"),
        (["10.1.2.3/8"], "it is 10.0.0.0/8"),
        (["10.0.0.0/33"], "is not a network"),
        (["mail.example.com"], "is not a network"),
        ([10], "is not a network"),
        (["::ffff:192.0.2.0/120"], "Write it as an IPv4 network"),
    ],
)
def test_what_is_no_network_is_refused(networks, sentence):
    with pytest.raises(AnsibleFilterError, match=re.escape(sentence)):
        cidr_pattern(networks)


def test_a_network_that_takes_too_much_is_refused():
    with pytest.raises(AnsibleFilterError, match="there is room for 40"):
        cidr_pattern(["2001:db8::/33"], 40)
