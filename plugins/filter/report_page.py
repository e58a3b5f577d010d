# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page about one LoadMaster, as the playbook kemp.loadmaster.report writes it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: report_page
short_description: A page about one LoadMaster
version_added: 0.1.0
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
description:
  - Returns an HTML page with the state of services, SubVSs and real servers, a picture of the topology, rules, certificates, drift and firmware.
  - The page is one file. It needs no other file, no script and no network. Texts from the LoadMaster are escaped.
positional: _input
options:
  _input:
    description:
      - The result of M(kemp.loadmaster.info) with V(virtual_services) and V(system) in its O(kemp.loadmaster.info#module:gather_subset). With
        V(content_rules), V(certificates) and V(statistics) the page has more.
    type: dict
    required: true
  name:
    description:
      - The name of the LoadMaster.
    type: str
    required: true
  time:
    description:
      - When it was read, as text.
    type: str
    default: ""
  drift:
    description:
      - The report of the playbook C(kemp.loadmaster.drift) for this LoadMaster.
    type: dict
  steps:
    description:
      - The steps of the last run, from the result of a module.
    type: list
    elements: dict
    default: []
  expiry_days:
    description:
      - A certificate with fewer days left is marked.
    type: int
    default: 30
seealso:
  - plugin: kemp.loadmaster.report_index
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the LoadMaster
  kemp.loadmaster.info:
    gather_subset: [virtual_services, system, content_rules, certificates, statistics]
  register: found

- name: Write a page about it
  ansible.builtin.copy:
    content: "{{ found | kemp.loadmaster.report_page(name=inventory_hostname) }}"
    dest: "{{ inventory_hostname }}.html"
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description:
    - The page, as HTML.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import is_supported, supported

if is_supported():
    from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report import pages


def report_page(
    found: Any, name: Any, time: Any = "", drift: Any = None, steps: Any = (), expiry_days: Any = 30
) -> str:
    """Return a page about a LoadMaster."""
    if not isinstance(found, Mapping) or not {"virtual_services", "system"} <= found.keys():
        raise AnsibleFilterError("report_page needs a result of kemp.loadmaster.info with virtual_services and system.")
    report = drift if isinstance(drift, Mapping) else None
    return pages.page(found, str(name), str(time), report, list(steps or ()), int(expiry_days))


class FilterModule:
    """Filters for reports."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"report_page": supported(report_page)}
