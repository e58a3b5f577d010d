# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks as regular expressions, for content rules that match the address of the client."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cidr_pattern
short_description: Networks as patterns for content rules
version_added: 0.1.0
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
description:
  - Returns regular expressions that match the addresses of the given networks and no others, written as a LoadMaster wants them, between slashes. They
    are for content rules of the kind C(match_content) with O(kemp.loadmaster.content_rule#module:header=src-ip).
  - A pattern has up to 250 characters, which is the most that a LoadMaster takes. Networks that do not fit into one are spread over several patterns. A
    client belongs to the networks if any of the patterns matches.
  - Any length of a prefix will do. Networks that lie within each other, or complete each other, are put together first.
  - IPv6 addresses are matched in their shortest form with small letters, as RFC 5952 has it.
positional: _input
options:
  _input:
    description:
      - Networks such as V(192.0.2.0/24) and V(2001:db8::/32), or single addresses.
    type: list
    elements: str
    required: true
  longest:
    description:
      - How many characters a pattern may have.
    type: int
    default: 250
"""

EXAMPLES = r"""
# => ["/^10\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}$/"]
- name: One network
  ansible.builtin.debug:
    msg: "{{ ['10.0.0.0/8'] | kemp.loadmaster.cidr_pattern }}"

- name: Rules for the networks of the administrators
  kemp.loadmaster.content_rule:
    name: "Administrators{{ number }}"
    kind: match_content
    header: src-ip
    pattern: "{{ item }}"
  loop: "{{ ['192.0.2.64/26', '198.51.100.7', '2001:db8:1::/48'] | kemp.loadmaster.cidr_pattern }}"
  loop_control:
    index_var: number
"""

RETURN = r"""
_value:
  description:
    - The patterns, one for each content rule that it takes.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import is_supported, supported

if is_supported():
    from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
    from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.networks import patterns_of


def cidr_pattern(networks: Any, longest: int = 250) -> list[str]:
    """Return patterns that match the addresses of networks."""
    if isinstance(networks, str) or not isinstance(networks, Iterable):
        raise AnsibleFilterError(f"cidr_pattern takes a list of networks, but this is {networks!r}.")
    try:
        return patterns_of(networks, longest)
    except InvalidOption as error:
        raise AnsibleFilterError(error.sentence) from None


class FilterModule:
    """Filters for networks."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"cidr_pattern": supported(cidr_pattern)}
