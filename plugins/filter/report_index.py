# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index of all pages, as the playbook kemp.loadmaster.report writes it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: report_index
short_description: An index of the pages about LoadMasters
version_added: 0.1.0
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
description:
  - Returns an HTML page with a row for each LoadMaster, and a link to its page. It also names those that could not be read.
positional: _input
options:
  _input:
    description:
      - The results of M(kemp.loadmaster.info), by the names of the LoadMasters. The page of a LoadMaster is the file C(NAME.html) next to the index. A
        failed result is a LoadMaster that could not be read.
    type: dict
    required: true
  drift:
    description:
      - The reports of the playbook C(kemp.loadmaster.drift), by the names of the LoadMasters.
    type: dict
    default: {}
  time:
    description:
      - When they were read, as text.
    type: str
    default: ""
  expiry_days:
    description:
      - A certificate with fewer days left counts as expiring.
    type: int
    default: 30
seealso:
  - plugin: kemp.loadmaster.report_page
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the LoadMaster
  kemp.loadmaster.info:
    gather_subset: [virtual_services, system, certificates]
  register: found

- name: Write the index
  ansible.builtin.copy:
    content: "{{ {inventory_hostname: found} | kemp.loadmaster.report_index }}"
    dest: index.html
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description:
    - The index, as HTML.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import is_supported, supported

if is_supported():
    from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report import pages


def report_index(results: Any, drift: Any = None, time: Any = "", expiry_days: Any = 30) -> str:
    """Return an index of pages."""
    if not isinstance(results, Mapping) or not all(isinstance(each, Mapping) for each in results.values()):
        raise AnsibleFilterError("report_index needs results of kemp.loadmaster.info by the names of LoadMasters.")
    reports = {name: each for name, each in (drift or {}).items() if isinstance(each, Mapping)}
    return pages.index({str(name): each for name, each in results.items()}, reports, str(time), int(expiry_days))


class FilterModule:
    """Filters for reports."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"report_index": supported(report_index)}
