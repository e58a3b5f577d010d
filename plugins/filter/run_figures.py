# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures of a run on one LoadMaster, in one shape for all playbooks."""

from __future__ import annotations

DOCUMENTATION = r"""
name: run_figures
short_description: Figures of a run, for workflows and notifications
version_added: 0.1.0
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
description:
  - Sums up what tasks did on one LoadMaster. The playbooks of this collection pass these figures to C(ansible.builtin.set_stats), as the artifact
    C(loadmaster_figures).
  - The figures always have the same members. One that the run did not look at is null.
positional: _input
options:
  _input:
    description:
      - The registered results of tasks with modules of this collection. A result with V(results) counts for each of its items.
    type: list
    elements: dict
    required: true
  drift:
    description:
      - How many objects differ from their document.
    type: int
  info:
    description:
      - A result of M(kemp.loadmaster.info). With V(virtual_services) it has the number of objects that are down. With V(certificates) it has the number
        of certificates that expire.
    type: dict
  expiry_days:
    description:
      - A certificate counts as expiring if it has fewer days left than this.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Read the LoadMaster
  kemp.loadmaster.info:
    gather_subset: [virtual_services, certificates]
  register: found

- name: Change the settings
  kemp.loadmaster.settings:
    hostname: lb1
  register: changed

- name: Pass the figures to workflows
  ansible.builtin.set_stats:
    data:
      loadmaster_figures: "{{ {inventory_hostname: [changed] | kemp.loadmaster.run_figures(info=found)} }}"
"""

RETURN = r"""
_value:
  description:
    - The figures.
  type: dict
  contains:
    changed:
      description: Whether a task changed the LoadMaster, or would in check mode.
      type: bool
    steps:
      description: The number of steps.
      type: int
    drift:
      description: The number of objects that differ from the document, or null.
      type: int
    down:
      description: The number of services, SubVSs and real servers that are down, or null.
      type: int
    certificates_expiring:
      description: The number of certificates that expire within O(expiry_days), or null.
      type: int
  sample:
    changed: true
    steps: 12
    drift: null
    down: 0
    certificates_expiring: 1
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import is_supported, supported

if is_supported():
    from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports.health import down, expiring


def run_figures(
    results: Any, drift: Any = None, info: Any = None, expiry_days: Any = 30
) -> dict[str, bool | int | None]:
    """Return the figures of a run."""
    if isinstance(results, (str, Mapping)) or not isinstance(results, Iterable):
        raise AnsibleFilterError("run_figures needs a list of results of tasks.")
    each = list(_single(results))
    found = info if isinstance(info, Mapping) else {}
    services, certificates = found.get("virtual_services"), found.get("certificates")
    return {
        "changed": any(bool(result.get("changed")) for result in each),
        "steps": sum(_count(result.get("steps")) for result in each),
        # Before ansible-core 2.19 a template of None is an empty text
        "drift": None if drift in (None, "") else int(drift),
        "down": None if services is None else len(down(services)),
        "certificates_expiring": None if certificates is None else len(expiring(certificates, int(expiry_days))),
    }


def _single(results: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for result in results:
        if not isinstance(result, Mapping):
            raise AnsibleFilterError("run_figures needs a list of results of tasks.")
        if isinstance(result.get("results"), list):
            yield from _single(result["results"])
        else:
            yield result


def _count(steps: Any) -> int:
    return steps if isinstance(steps, int) else len(steps or ())


class FilterModule:
    """Filters for figures."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"run_figures": supported(run_figures)}
