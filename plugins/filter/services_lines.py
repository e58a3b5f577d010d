# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services of a LoadMaster as lines for a terminal."""

from __future__ import annotations

DOCUMENTATION = r"""
name: services_lines
short_description: What a LoadMaster serves, as lines for a terminal
version_added: 0.1.0
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
description:
  - Returns lines about the services, SubVSs and real servers of a LoadMaster, as the playbook C(kemp.loadmaster.show) prints them.
  - A line that would be too long goes on in the next one.
positional: _input
options:
  _input:
    description:
      - The result of M(kemp.loadmaster.info) with V(virtual_services) and V(system) in its O(kemp.loadmaster.info#module:gather_subset).
    type: dict
    required: true
  paths:
    description:
      - Whether the paths and headers are named that lead to a SubVS. This needs V(content_rules) in the subsets.
    type: bool
    default: false
  connections:
    description:
      - Whether the number of open connections is named. This needs V(statistics) in the subsets.
    type: bool
    default: false
  only_down:
    description:
      - Whether to leave out all that is not down.
    type: bool
    default: false
  width:
    description:
      - How many characters a line has at most.
    type: int
    default: 88
"""

EXAMPLES = r"""
- name: Read what is served
  kemp.loadmaster.info:
    gather_subset: [virtual_services, system, content_rules]
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ found | kemp.loadmaster.services_lines(paths=true) }}"
"""

RETURN = r"""
_value:
  description:
    - The lines.
  type: list
  elements: str
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import is_supported, supported

if is_supported():
    from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
    from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports.health import AS_WANTED


def services_lines(
    found: Any, *, paths: Any = False, connections: Any = False, only_down: Any = False, width: int = 88
) -> list[str]:
    """Return the lines for a result of kemp.loadmaster.info."""
    if not isinstance(found, Mapping) or not {"virtual_services", "system"} <= found.keys():
        raise AnsibleFilterError(
            "services_lines needs a result of kemp.loadmaster.info with virtual_services and system."
        )
    rules = {rule["name"]: rule for rule in found.get("content_rules", ())} if boolean(paths) else {}
    shown = _Shown(rules, boolean(connections), boolean(only_down))
    services, system = found["virtual_services"], found["system"]
    lines = [f"LoadMaster {system['hostname']}, firmware {system['firmware']}, {len(services)} services"]
    body = [line for service in services for line in shown.service(service)]
    if shown.only_down and not body:
        body = ["Nothing is down."]
    return [part for line in [*lines, *body] for part in _wrapped(line, int(width))]


class _Shown:
    """The lines for services. ``rules`` are the content rules by their names; without them, no paths are named."""

    def __init__(self, rules: Mapping[str, Mapping[str, Any]], connections: bool, only_down: bool) -> None:
        self.rules = rules
        self.connections = connections
        self.only_down = only_down

    def service(self, service: Mapping[str, Any]) -> Iterator[str]:
        place = f"{service['protocol']}/{endpoint(service['address'], service['port'])}"
        name = f"{place} {service['nickname']}".rstrip()
        below = [*self._own(service)]
        for sub in service["sub_virtual_services"]:
            of_sub = [*self._own(sub)]
            if of_sub or self._wanted(sub):
                below += [f"  {sub['name']}: {self._state(sub)}", *of_sub]
        if below or self._wanted(service):
            yield f"{name}: {service['status']}, layer {service['layer']}{self._extras(service)}"
            if service["error_code"]:
                yield f"    answers {service['error_code']} {service['error_url']}"
            yield from below

    def _own(self, part: Mapping[str, Any]) -> Iterator[str]:
        """Yield the lines of a service or SubVS, without its SubVSs."""
        servers = [server for server in part["real_servers"] if self._wanted(server)]
        leading = [self._path(name) for name in part.get("content_rules", ()) if name in self.rules]
        if leading and (servers or self._wanted(part)):
            yield f"    paths {', '.join(leading)}"
        if servers:
            checks = [str(each) for each in (part["check_type"], part["check_url"]) if each]
            yield f"    {part['scheduling']}, check {' '.join(checks)}"
        for server in servers:
            place = endpoint(server["address"], server["port"])
            yield f"    {place} {server['status']}, weight {server['weight']}{self._extras(server)}"

    def _wanted(self, part: Mapping[str, Any]) -> bool:
        return not self.only_down or part["status"] not in AS_WANTED

    def _state(self, part: Mapping[str, Any]) -> str:
        return f"{part['status']}{self._extras(part)}"

    def _extras(self, part: Mapping[str, Any]) -> str:
        disabled = "" if part["enabled"] or part["status"] == "disabled" else ", disabled"
        if not self.connections:
            return disabled
        number = part.get("counters", {}).get("active_connections", 0)
        return f"{disabled}, {number} connection{'' if number == 1 else 's'}"

    def _path(self, name: str) -> str:
        """Return the pattern of a content rule in readable form; its name if the rule is unknown."""
        rule = self.rules[name]
        pattern = str(rule.get("pattern", ""))
        inner = re.fullmatch(r"/\^?(.*?)\$?/", pattern, re.DOTALL)
        plain = inner.group(1) if inner else pattern
        if plain.endswith(".*"):
            plain = f"{plain[:-2]}*"
        plain = re.sub(r"\\([/.\-])", r"\1", plain)
        header = rule.get("header")
        return " ".join(part for part in (header, plain or name) if part)


def _wrapped(line: str, width: int) -> list[str]:
    """Wrap a line at a number of characters; continuation lines are indented deeper."""
    text = "".join(each if each.isprintable() else "?" for each in line)
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(
        text.strip(), width, initial_indent=indent, subsequent_indent=f"{indent}      ", break_on_hyphens=False
    ) or [""]


class FilterModule:
    """Filters for terminal output."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"services_lines": supported(services_lines)}
