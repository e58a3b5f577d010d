# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real servers of LoadMasters as hosts, their services as groups."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: loadmaster
short_description: Real servers of LoadMasters as hosts, services as groups
version_added: 0.1.0
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
description:
  - Reads the virtual services of one or more Kemp LoadMasters. It changes nothing.
  - Each real server becomes one host, even if it is behind several services or LoadMasters. Its name is its address, or its DNS name if it was
    added with one.
  - Groups are V(real_servers) with V(real_servers_enabled), V(real_servers_disabled), V(real_servers_up) and V(real_servers_down), one
    C(loadmaster_NAME) for each LoadMaster, one C(service_NICKNAME) for each service, and C(service_NICKNAME_SUBVS) for each SubVS. A service without
    a nickname is C(service_PROTOCOL_ADDRESS_PORT). Other characters than letters, digits and underscores become underscores. If two nicknames
    become the same name, the group names also have the place of the service.
  - The LoadMasters themselves are hosts of the group O(loadmasters_group), marked by C(ansible_network_os), so that tasks can be delegated to
    them. Their logins are not written into the inventory. Set them in C(group_vars) or the environment, as for any other playbook.
  - A real server has the variables C(ansible_host), C(real_server_address) and C(real_server_ports).
  - C(real_server_enabled) is true if it is enabled in any service, C(real_server_healthy) if it is not down in any service that it is enabled in.
  - C(real_server_loadmasters) lists the LoadMasters that hold it, and C(real_server_loadmaster) is the first of them.
  - C(real_server_services) is a list with C(loadmaster), C(virtual_service), C(nickname), C(sub_virtual_service), C(port), C(weight), C(enabled) and
    C(status) of each place. With O(statistics=true) it has C(connections) too, and C(real_server_connections) is their sum.
  - The inventory file must end with C(.loadmaster.yml) or C(.loadmaster.yaml).
requirements:
  - python >= 3.10
  - requests
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - Must be V(kemp.loadmaster.loadmaster).
    type: str
    required: true
    choices: [kemp.loadmaster.loadmaster]
  loadmasters:
    description:
      - The LoadMasters. An entry is an address, or a dictionary with C(name), which defaults to the address, and connection options of
        M(kemp.loadmaster.info), such as C(host), C(host_port), C(username), C(password), C(api_key), C(ca_path) and C(fingerprint).
      - An option that an entry leaves out comes from O(defaults), then from the environment (E(LOADMASTER_USERNAME), E(LOADMASTER_PASSWORD) and so on).
        Values may be templates, such as a lookup of a vault or the environment.
    type: list
    elements: raw
    required: true
  defaults:
    description:
      - Connection options for all O(loadmasters).
    type: dict
    default: {}
  statistics:
    description:
      - Whether to read the open connections of each server. This takes one more API call for each LoadMaster.
    type: bool
    default: false
  unreachable:
    description:
      - What to do if a LoadMaster cannot be read.
    type: str
    choices:
      fail: The inventory fails and names the LoadMaster.
      warn: A warning names the LoadMaster, and the inventory has the servers of the others.
    default: fail
  loadmasters_group:
    description:
      - The group of the LoadMasters themselves.
    type: str
    default: loadmasters
  parallel:
    description:
      - How many LoadMasters are read at the same time.
    type: int
    default: 20
"""

EXAMPLES = r"""
# servers.loadmaster.yml: one LoadMaster, with the login in the environment
---
plugin: kemp.loadmaster.loadmaster
loadmasters:
  - 192.0.2.5
defaults:
  fingerprint: "{{ lookup('ansible.builtin.env', 'LM_FINGERPRINT') }}"

# fleet.loadmaster.yml: two LoadMasters with one user, groups by status and port
---
plugin: kemp.loadmaster.loadmaster
loadmasters:
  - name: lm1
    host: lm1.example.com
  - name: lm2
    host: lm2.example.com
defaults:
  username: inventory
  password: "{{ lookup('ansible.builtin.env', 'LM_PASSWORD') }}"
  ca_path: /etc/ssl/certs/example-ca.pem
unreachable: warn
statistics: true
keyed_groups:
  - key: real_server_ports
    prefix: port
groups:
  busy: real_server_connections > 100
compose:
  ansible_user: "'deploy'"
"""

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import require

require()

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, LoadMasterError, spoken
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.masking import Masker
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports import inventory_model

NAME = "kemp.loadmaster.loadmaster"
ENDINGS = (".loadmaster.yml", ".loadmaster.yaml")
_SECRETS = ("password", "api_key")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]
    """Reads LoadMasters in parallel and fills the inventory."""

    NAME = NAME

    def verify_file(self, path: str) -> bool:
        """Tell whether a file is for this plugin, by the end of its name."""
        return bool(super().verify_file(path)) and path.endswith(ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory. Raises AnsibleParserError with a sentence."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            places = [self._place(number, entry) for number, entry in enumerate(self.get_option("loadmasters"))]
            _check_names(places)
        except InvalidOption as error:
            raise AnsibleParserError(f"{path}: {error.sentence}") from None
        found = self._cached(path, cache)
        if found is None:
            found = self._read_all(places)
            if self.get_option("cache"):
                self._cache[self.get_cache_key(path)] = found
        self._fill(places, found)

    def _cached(self, path: str, cache: bool) -> dict[str, Any] | None:
        """Return what the cache has of this file; it holds no login."""
        self.load_cache_plugin()
        if not (cache and self.get_option("cache")):
            return None
        try:
            return dict(self._cache[self.get_cache_key(path)])
        except KeyError:
            return None

    def _place(self, number: int, entry: Any) -> tuple[str, connection.Connection]:
        """Return the name and the connection of an entry. Raises InvalidOption."""
        where = f"loadmasters[{number}]"
        given = {"host": entry} if isinstance(entry, str) else entry
        if not isinstance(given, Mapping):
            raise InvalidOption(f"{where} is {entry!r}, but it must be an address or a dictionary with host.")
        defaults = self.get_option("defaults") or {}
        for source, options in ((where, given), ("defaults", defaults)):
            unknown = sorted(set(options) - set(connection.ARGUMENTS) - ({"name"} if source == where else set()))
            if unknown:
                known = ", ".join(connection.ARGUMENTS)
                raise InvalidOption(f"{source}: unknown option '{unknown[0]}'. The options are name, {known}.")
        own, shared = self._rendered(given), self._rendered(defaults)
        name = str(own.pop("name", "") or own.get("host", ""))
        try:
            options = connection.merge(own, shared, *connection.environment_variables(os.environ))
            return name, connection.build(options)
        except InvalidOption as error:
            raise InvalidOption(f"{where}{f' ({name})' if name else ''}: {spoken(error.account)}") from None

    def _rendered(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.templar.template(value) if isinstance(value, str) else value for name, value in options.items()
        }

    def _read_all(self, places: list[tuple[str, connection.Connection]]) -> dict[str, Any]:
        """Return the services of each LoadMaster that answers, by name."""
        statistics = bool(self.get_option("statistics"))
        found: dict[str, Any] = {}
        with ThreadPoolExecutor(max_workers=max(1, min(int(self.get_option("parallel")), len(places)))) as pool:
            for (name, place), answer in zip(
                places, pool.map(lambda each: _read(each[1], statistics), places), strict=True
            ):
                if not isinstance(answer, str):
                    found[name] = answer
                    continue
                secrets = [getattr(place, secret) for secret in _SECRETS]
                sentence = str(Masker(secrets).apply(f"{name}: {answer}"))
                if self.get_option("unreachable") == "fail":
                    raise AnsibleParserError(sentence)
                self.display.warning(sentence)
        return found

    def _fill(self, places: list[tuple[str, connection.Connection]], found: Mapping[str, Any]) -> None:
        group = self.inventory.add_group(self.get_option("loadmasters_group"))
        for name, place in places:
            self.inventory.add_host(name, group)
            own = {
                "ansible_host": place.host,
                "ansible_port": place.host_port,
                "ansible_network_os": connection.NETWORK_OS,
            }
            for variable, value in own.items():
                self.inventory.set_variable(name, variable, value)
        built = inventory_model.model((name, found[name]) for name, _place in places if name in found)
        for parent in (
            inventory_model.ALL,
            inventory_model.ENABLED,
            inventory_model.DISABLED,
            *inventory_model.STATUSES.values(),
        ):
            self.inventory.add_group(parent)
            if parent != inventory_model.ALL:
                self.inventory.add_child(inventory_model.ALL, parent)
        for parent, children in built.children.items():
            self.inventory.add_group(parent)
            for child in children:
                self.inventory.add_group(child)
                self.inventory.add_child(parent, child)
        for name, host in built.hosts.items():
            self._add(name, host)

    def _add(self, name: str, host: inventory_model.Host) -> None:
        for group in host.groups:
            self.inventory.add_host(name, group)
        # Names come from the appliance: they are data, not templates
        variables = {variable: wrap_var(value) for variable, value in host.variables().items()}
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)
        strict = self.get_option("strict")
        if self.get_option("compose"):
            self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        if self.get_option("groups"):
            self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        if self.get_option("keyed_groups"):
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)


def _check_names(places: list[tuple[str, connection.Connection]]) -> None:
    """Raise InvalidOption where two entries have one name."""
    seen: set[str] = set()
    for name, _place in places:
        if name in seen:
            raise InvalidOption(f"loadmasters has two entries with the name {name}. Give each its own name.")
        seen.add(name)


def _read(place: connection.Connection, statistics: bool) -> inventory_model.Read | str:
    """Return the services of a LoadMaster, or a sentence about why it cannot be read."""
    session = Session.open(place)
    try:
        return inventory_model.read(session.snapshot, statistics=statistics)
    except LoadMasterError as error:
        return error.message
    finally:
        session.close()
