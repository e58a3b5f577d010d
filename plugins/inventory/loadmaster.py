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
  - The name of the inventory file must end with C(.loadmaster.yml) or C(.loadmaster.yaml).
  - Each real server becomes one host, even if it is behind several services or LoadMasters. Servers are told apart by their IP address. The name
    of the host is the DNS name of the server if it was added by name, and its IP address otherwise.
  - Each service becomes a group, and each SubVS a group inside that. Their names begin with the group of their LoadMaster, so a group never has
    servers of another LoadMaster. Two services never share a group. Their names come from nicknames, or from protocol, address and port if there
    is no nickname or another service has the same.
  - The LoadMasters themselves are hosts of the group O(loadmasters_group), so that tasks can be delegated to them. They have variables for
    address, port and TLS, but no login. Set the login in C(group_vars) or the environment, as for any other playbook.
  - Texts from a LoadMaster are never rendered as templates.
requirements:
  - python >= 3.10
  - requests
notes:
  - >-
    Variables of a real server are C(real_server_address), C(real_server_dns_names), C(real_server_ports), C(real_server_enabled),
    C(real_server_healthy), C(real_server_connections), C(real_server_loadmasters) and C(real_server_services).
  - C(real_server_address) is what the option O(kemp.loadmaster.server_maintenance#module:address) takes.
  - C(real_server_loadmasters) lists all LoadMasters that hold the server. Maintenance must take it out of each of them.
  - C(real_server_enabled) is true if the server is enabled in any service. C(real_server_healthy) is true if it is up in all enabled services in
    which it is enabled, and there is at least one.
  - C(real_server_services) has a dictionary for each place of the server, with C(loadmaster), C(virtual_service), C(nickname),
    C(sub_virtual_service), C(port), C(weight), C(enabled) and C(status).
  - The group C(real_servers) has the variable C(real_server_unread_loadmasters), which lists the LoadMasters that O(skip_unreachable) skipped.
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
      - The LoadMasters. An entry is an address, or a dictionary with C(name) and connection options of M(kemp.loadmaster.info), such as C(host),
        C(host_port), C(username), C(password), C(api_key), C(ca_path) and C(fingerprint). Each of C(name) and C(host) defaults to the other.
      - An option that an entry leaves out comes from O(defaults), then from the environment (E(LOADMASTER_USERNAME), E(LOADMASTER_PASSWORD) and so
        on). Values may be templates or encrypted by Ansible Vault.
      - Without this option, the plugin reads the LoadMaster of E(LOADMASTER_HOST).
    type: list
    elements: raw
    default: []
  defaults:
    description:
      - Connection options for all O(loadmasters).
    type: dict
    default: {}
  statistics:
    description:
      - Whether to read the open connections of each server. This takes one more API call for each LoadMaster. Each dictionary of
        C(real_server_services) then has C(connections), and C(real_server_connections) is their sum.
    type: bool
    default: false
  skip_unreachable:
    description:
      - Whether to warn and go on without a LoadMaster that cannot be connected to. Otherwise this is an error, and no host is added.
      - A login that is refused, a certificate that is not trusted and a reply that cannot be read are errors in any case.
      - The inventory does not tell which servers a skipped LoadMaster holds. Do not take servers out of service with such an inventory.
    type: bool
    default: false
  merge_servers:
    description:
      - Whether a server behind several LoadMasters is one host. Set it to V(false) if different servers have the same address, as in separate
        networks. Names of hosts then begin with the name of the LoadMaster.
    type: bool
    default: true
  loadmasters_group:
    description:
      - The group of the LoadMasters themselves.
    type: str
    default: loadmasters
  group_prefix:
    description:
      - What the names of the groups of a LoadMaster begin with, before its name.
    type: str
    default: loadmaster_
  parallel:
    description:
      - How many LoadMasters are read at the same time, from V(1) to V(100).
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

# fleet.loadmaster.yml: two LoadMasters with one user, and more groups
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
statistics: true
keyed_groups:
  - key: real_server_ports
    prefix: port
groups:
  busy: real_server_connections > 100
compose:
  ansible_user: "'deploy'"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/loadmaster
cache_timeout: 300
"""

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import require

require()

import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._startup import quick_imports

with quick_imports():
    from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import NETWORK_OS
    from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
        InvalidOption,
        LoadMasterError,
        Unreachable,
    )
    from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory import listing, server_model
    from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory.entries import Entry, entries
    from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory.group_names import group_name
    from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory.listing import Listing
    from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.masking import Masker
    from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import uncollected
    from ansible_collections.kemp.loadmaster.plugins.plugin_utils._untrusted import untrusted

ENDINGS = (".loadmaster.yml", ".loadmaster.yaml")
MOST_AT_A_TIME = 100


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]
    """Reads LoadMasters in parallel and fills the inventory."""

    NAME = "kemp.loadmaster.loadmaster"
    _sanitize_group_name = staticmethod(group_name)

    def verify_file(self, path: str) -> bool:
        """Return whether a file is for this plugin, by the end of its name."""
        return bool(super().verify_file(path)) and path.endswith(ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory. Raises AnsibleParserError with a sentence."""
        super().parse(inventory, loader, path, cache)
        with uncollected():
            self._parse(path, cache)

    def _parse(self, path: str, cache: bool) -> None:
        self._read_config_data(path)
        self.templar.available_variables = self._vars
        try:
            layout = server_model.Layout(
                *(self.get_option(name) for name in ("loadmasters_group", "group_prefix", "merge_servers"))
            )
            found = entries(
                self.get_option("loadmasters"), self.get_option("defaults"), os.environ, self.templar.template
            )
            groups = server_model.groups_of([entry.name for entry in found], layout)
            if not 1 <= self.get_option("parallel") <= MOST_AT_A_TIME:
                raise InvalidOption(
                    f"parallel is {self.get_option('parallel')}; it must be a number from 1 to {MOST_AT_A_TIME}."
                )
        except InvalidOption as error:
            raise AnsibleParserError(error.sentence) from None
        listings = self._listings(found, cache)
        # Nothing is added before all is known: an error leaves no half of an inventory
        built = server_model.build(listings, groups, layout)
        for warning in built.warnings:
            self.display.warning(warning)
        self._add_loadmasters(found, layout.loadmasters_group)
        self._add_servers(built)
        unread = [entry.name for entry in found if entry.name not in listings]
        if unread:
            self.inventory.set_variable(server_model.ALL, "real_server_unread_loadmasters", unread)
        self._construct(built)

    # --- reading

    def _listings(self, found: Sequence[Entry], may_use_cache: bool) -> dict[str, Listing]:
        """Return the listings of the LoadMasters by name, from the cache where it has them."""
        keeps = bool(self.get_option("cache"))
        kept = {entry.name: self._kept(entry) if keeps and may_use_cache else None for entry in found}
        missing = [entry for entry in found if kept[entry.name] is None]
        answers = listing.read_all(
            [entry.connection for entry in missing], self.get_option("statistics"), self.get_option("parallel")
        )
        read: dict[str, Listing] = {}
        failed: list[str] = []
        for entry, answer in zip(missing, answers, strict=True):
            if not isinstance(answer, LoadMasterError):
                read[entry.name] = answer
                if keeps:
                    self._cache[self._key(entry)] = answer
                continue
            sentence = str(
                Masker(each for one in found for each in one.secrets()).apply(f"{entry.name}: {answer.message}")
            )
            if isinstance(answer, Unreachable) and not answer.answered and self.get_option("skip_unreachable"):
                self.display.warning(sentence)
            else:
                failed.append(sentence)
        if failed:
            raise AnsibleParserError("\n".join(failed))
        known = {name: own if own is not None else read.get(name) for name, own in kept.items()}
        return {name: own for name, own in known.items() if own is not None}

    def _kept(self, entry: Entry) -> Listing | None:
        """Return what the cache has of a LoadMaster."""
        try:
            kept = self._cache[self._key(entry)]
        except (KeyError, TypeError):
            # Not there, or a file that is not one of Ansible's
            return None
        return kept if listing.is_listing(kept) else None

    def _key(self, entry: Entry) -> str:
        """Return the key of a LoadMaster in the cache: where and as whom it is read, and what. No other option matters there."""
        told = json.dumps([listing.FORMAT, bool(self.get_option("statistics")), *entry.source()])
        return f"kemp_loadmaster_{hashlib.sha256(told.encode()).hexdigest()[:32]}"

    # --- filling

    def _add_loadmasters(self, found: Sequence[Entry], group: str) -> None:
        self.inventory.add_group(group)
        self.inventory.set_variable(group, "ansible_network_os", NETWORK_OS)
        for entry in found:
            self.inventory.add_host(entry.name, group)
            for name, value in entry.variables().items():
                self.inventory.set_variable(entry.name, name, value)

    def _add_servers(self, built: server_model.Inventory) -> None:
        """Add hosts and groups, through the hosts and groups themselves: through the inventory it takes several times as long."""
        inventory = self.inventory
        known = {}
        for name, server in built.hosts.items():
            inventory.add_host(name)
            host = known[name] = inventory.get_host(name)
            for variable, value in untrusted(server.variables()).items():
                host.set_variable(variable, value)
        for name, members in built.members.items():
            inventory.add_group(name)
            add = inventory.groups[name].add_host
            for member in members:
                add(known[member])
        for name in built.children:
            inventory.add_group(name)
        # Each host learns of its groups when these get a parent; the lowest first, and it learns of each once
        for parent, child in server_model.leaves_up(built.children):
            inventory.add_child(parent, child)

    def _construct(self, built: server_model.Inventory) -> None:
        """Apply compose, groups and keyed_groups to the servers."""
        compose, groups, keyed = (self.get_option(name) for name in ("compose", "groups", "keyed_groups"))
        if not (compose or groups or keyed):
            return
        strict = self.get_option("strict")
        for host in built.hosts:
            variables = self.inventory.get_host(host).get_vars()
            self._set_composite_vars(compose, variables, host, strict=strict)
            self._add_host_to_composed_groups(groups, variables, host, strict=strict)
            self._add_host_to_keyed_groups(keyed, variables, host, strict=strict)
