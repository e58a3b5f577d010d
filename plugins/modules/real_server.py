#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: real_server
short_description: Add, change and delete real servers of a virtual service or SubVS
version_added: 0.1.0
description:
  - Adds, changes and deletes one real server of a virtual service of a Kemp LoadMaster. Other servers of the service
    stay unchanged.
  - With O(sub_virtual_service) the server belongs to that SubVS, with O(all_sub_virtual_services) to all SubVSs of the
    service.
  - The service must exist. It is identified by protocol, address and port, or by a unique nickname. The server is
    identified by O(address) and O(port), never by its index in the WUI.
  - O(content_rules) is complete and in order, since the LoadMaster tries rules in the order of their assignment. A rule
    that does not exist, or that has the wrong kind for the list, is an error before anything is sent.
  - Options that you leave out are not sent and not compared, so values from elsewhere stay. On a new server they have
    the default of the LoadMaster.
  - The task reads the service first and sends only differences. Then it reads the service back, because the LoadMaster
    answers C(ok) to options that it ignores. An option that it did not accept is an error that names the option, the
    wanted value and the found value. A second run changes nothing.
  - The address of a server cannot change. Add the server with its new address and delete the one with the old address.
    O(new_port) changes its port.
  - The last enabled server of a service is neither deleted nor disabled, unless O(allow_no_servers=true).
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - python >= 3.10
  - requests
extends_documentation_fragment:
  - kemp.loadmaster.connection
  - kemp.loadmaster.attributes
attributes:
  check_mode:
    support: full
    details:
      - The steps that it predicts are the steps that a run takes.
  diff_mode:
    support: full
    details:
      - The diff has the options that change.
  idempotent:
    support: full
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  virtual_service:
    description:
      - The service of the server, or the parent of its SubVS. Give it as C(address:port), as C(protocol/address:port) if the protocol is not TCP, with an IPv6
        address in brackets, or by its nickname if that is unique.
      - >-
        API parameters C(vs), C(port) and C(prot). WUI: Virtual Services > View/Modify Services.
    type: str
    required: true
  sub_virtual_service:
    description:
      - The name of the SubVS that the server belongs to. O(virtual_service) is its parent then.
      - The LoadMaster identifies it by an index, which the module looks up each time.
      - >-
        API parameter C(vs). WUI: SubVSs.
    type: str
  all_sub_virtual_services:
    description:
      - Adds the server to every SubVS of O(virtual_service), with the same options. With O(state=absent) it removes the server from all of them. You cannot
        combine it with O(sub_virtual_service).
      - If none of them has the server, one call adds it to all. Otherwise it is added where it is missing. At least one SubVS must exist.
      - >-
        API parameter C(addtoallsubvs). WUI: Real Servers > Add to all SubVSs.
    type: bool
    default: false
  state:
    description:
      - Whether the service should have the server. Removing a server of a missing service is no error.
      - The default is V(present). A task of M(kemp.loadmaster.real_server) with only O(enabled) or O(new_port) changes an existing server and never creates
        one, so a mistyped address is an error. To create one with these options alone, set V(present).
    type: str
    choices:
      present: The server exists, with the options of the task.
      absent: The server does not exist.
  address:
    description:
      - The IP address of the server, or its domain name. A name requires O(kemp.loadmaster.settings#module:dns_names=true) and a DNS server on the LoadMaster.
      - >-
        API parameter C(rs). WUI: Real Servers > Real Server Address.
    type: str
    required: true
  port:
    description:
      - The port of the server, from 3 to 65535. It defaults to the port of the service; for a SubVS, to that of its parent. It is required if the service has
        all ports.
      - >-
        API parameter C(rsport). WUI: Real Servers > Port.
    type: str
  new_port:
    description:
      - The port to which the server moves with its rules and settings, from 3 to 65535. A server that is already there stays. A server that is at neither port
        is added there. With O(state=absent) the server is removed from either port.
      - >-
        API parameter C(newport). WUI: Real Servers > Port.
    type: str
  enabled:
    description:
      - Whether the server gets connections. V(false) takes it out of service for maintenance. With persistence, its clients may stay for the drain time of the
        appliance. Without persistence and at layer 4, it gets no new connections.
      - >-
        API parameter C(enable). WUI: Real Servers. Appliance default V(true).
    type: bool
  weight:
    description:
      - The share of the server, relative to the weights of the others, with the scheduling methods that use weights.
      - >-
        API parameter C(weight). WUI: Real Servers > Weight. Range 1 to 65530. Appliance default V(1000).
    type: int
  forwarding:
    description:
      - How packets get to the server.
      - >-
        API parameter C(forward). WUI: Real Servers > Forwarding method. Appliance default V(nat).
    type: str
    choices:
      nat: The LoadMaster translates addresses, and answers come back through it. API value C(nat).
      route: >-
        Direct server return: the server answers the client itself. It requires a service at layer 4; at layer 7 it has no effect. API value C(route).
  connection_limit:
    description:
      - The maximum of open connections; V(0) means no limit.
      - >-
        API parameter C(limit). WUI: Real Servers > Connection Limit. Range 0 to 100000 connections. Appliance default V(0).
    type: int
  connection_rate_limit:
    description:
      - The maximum of new connections a second; V(0) means no limit. Newer firmware only.
      - >-
        API parameter C(ratelimit). WUI: Real Servers. Range 0 to 100000 connections per second. Appliance default V(0).
    type: int
  critical:
    description:
      - Makes the server required, so that the service counts as down as soon as this server is down. The WUI shows it while
        O(kemp.loadmaster.virtual_service#module:enhanced_health_checks=true).
      - >-
        API parameter C(critical). WUI: Real Servers. Appliance default V(false).
    type: bool
  non_local:
    description:
      - Allows a server outside the networks of the LoadMaster. It requires O(kemp.loadmaster.settings#module:non_local_real_servers=true) and a service that is
        not transparent.
      - The LoadMaster does not report it, so it is not compared. It applies when the server is added.
      - >-
        API parameter C(non_local). WUI: Real Servers > Allow Remote Addresses. Appliance default V(false).
    type: bool
  content_rules:
    description:
      - The rules that choose requests for this server. If servers of a service have rules, a request goes to a server with a matching rule.
      - The built-in rule V(default) matches what no other rule does. The LoadMaster tries it last, so its place in the list has no meaning.
      - >-
        Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=match_content). The list is complete and in order: rules that it does not have are
        taken out, and an empty list clears it.
      - >-
        API commands C(addrsrule) and C(delrsrule). WUI: Real Servers > Rules.
    type: list
    elements: str
  allow_no_servers:
    description:
      - Allows removing or disabling the last enabled server of the service. Otherwise the task fails before it changes anything.
    type: bool
    default: false
seealso:
  - module: kemp.loadmaster.virtual_service
    description: The service, and several of its servers in one task.
  - module: kemp.loadmaster.sub_virtual_service
    description: The SubVS, and several of its servers in one task.
  - module: kemp.loadmaster.content_rule
    description: The rules by which requests are chosen for a server.
  - module: kemp.loadmaster.info
    description: All services and servers with their status and counters.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Have a service to add servers to
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    nickname: Mail

- name: Add a server
  kemp.loadmaster.real_server:
    virtual_service: 192.0.2.25:443
    address: 192.0.2.31
    port: 443

- name: Add several servers over one connection
  kemp.loadmaster.real_server:
    virtual_service: Mail
    address: "{{ item }}"
    port: 443
    weight: 500
    connection_limit: 2000
  loop:
    - 192.0.2.32
    - 192.0.2.33

- name: Take a server out of service for maintenance
  kemp.loadmaster.real_server:
    virtual_service: Mail
    address: 192.0.2.31
    port: 443
    enabled: false

- name: Put it back into service
  kemp.loadmaster.real_server:
    virtual_service: Mail
    address: 192.0.2.31
    port: 443
    enabled: true

- name: Move a server to another port
  kemp.loadmaster.real_server:
    virtual_service: tcp/192.0.2.25:443
    address: 192.0.2.31
    port: 443
    new_port: 8443

- name: Have a service with SubVSs
  kemp.loadmaster.virtual_service:
    address: 192.0.2.26
    port: 80
    nickname: Web
    type: http

- name: Have the SubVSs
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Web
    name: "{{ item }}"
  loop:
    - Shop
    - Blog

- name: Add a server to all SubVSs in one call
  kemp.loadmaster.real_server:
    virtual_service: Web
    all_sub_virtual_services: true
    address: 192.0.2.41
    port: 8080

- name: Add a server to one SubVS
  kemp.loadmaster.real_server:
    virtual_service: Web
    sub_virtual_service: Shop
    address: 192.0.2.42
    port: 8080

- name: Have a rule for the pictures of the shop
  kemp.loadmaster.content_rule:
    name: Pictures
    kind: match_content
    pattern: '/^\/pictures\//'

- name: Send requests for pictures to that server
  kemp.loadmaster.real_server:
    virtual_service: Web
    sub_virtual_service: Shop
    address: 192.0.2.42
    port: 8080
    content_rules:
      - Pictures

- name: Remove a server
  kemp.loadmaster.real_server:
    virtual_service: Mail
    address: 192.0.2.33
    port: 443
    state: absent

- name: Remove servers down to the last one, from a play that has no LoadMaster in its inventory
  kemp.loadmaster.real_server:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    virtual_service: 192.0.2.25:443
    address: "{{ item.address }}"
    port: "{{ item.port }}"
    state: absent
    allow_no_servers: true
  loop:
    - address: 192.0.2.31
      port: 8443
    - address: 192.0.2.32
      port: 443
  delegate_to: localhost
"""

RETURN = r"""
real_server:
  description:
    - The server as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the server is absent.
    - Besides its place it has every option that can be read, by the name and in the words of this module. In check mode a server that does not exist
      yet has the options of the task only.
  returned: success
  type: dict
  contains:
    address:
      description: The address, or the domain name that the server was added with.
      returned: unless the server is absent
      type: str
      sample: 192.0.2.31
    port:
      description: The port.
      returned: unless the server is absent
      type: str
      sample: "443"
    sub_virtual_services:
      description:
        - The SubVSs that have the server. The other members are those of the server in the first of them.
      returned: with O(all_sub_virtual_services=true), unless the server is absent; not for what check mode would add
      type: list
      elements: str
      sample:
        - Shop of tcp/192.0.2.26:80
        - Blog of tcp/192.0.2.26:80
  sample:
    address: 192.0.2.31
    port: "443"
    enabled: true
    weight: 1000
    forwarding: nat
    connection_limit: 0
    connection_rate_limit: 0
    critical: false
    content_rules: []
# steps, api_calls and error: made from tests/tools/returns.yml, but for their samples; changes belong there.
steps:
  description:
    - What was done, in order; in check mode, what would be done. Each step is one call of the API. Empty where nothing differs.
  returned: success
  type: list
  elements: dict
  contains:
    command:
      description: The API command.
      returned: always
      type: str
      sample: addrs
    object:
      description: What it changes.
      returned: always
      type: str
      sample: real server 192.0.2.31:443 of virtual service tcp/192.0.2.25:443 (Mail)
    reason:
      description: Why.
      returned: always
      type: str
      sample: add it
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 3
error:
  description:
    - What went wrong, for programs. C(msg) has the sentence for people.
  returned: failure that is not about the form of an option
  type: dict
  contains:
    kind:
      description:
        - V(InvalidOption) is a task that asks for what cannot be; nothing was sent.
        - V(Unreachable) is a request that never reached the LoadMaster.
        - V(AnswerLost) is a request without an answer, which may or may not have been carried out. Run the task again; it looks first.
        - V(AccessDenied) is a login that was not accepted, a permission that is missing, or an API that is turned off.
        - V(Refused) is an error that the LoadMaster answered with.
        - V(Unreadable) is an answer that is not one of the API.
        - V(NotConverged) is an answer C(ok), after which the LoadMaster still does not show what was wanted.
        - V(Overtaken) is another writer who was writing to the LoadMaster at the same time. Run the task again when that is done.
        - V(LoadMasterError) is anything else.
      returned: always
      type: str
      sample: Refused
    command:
      description: The API command that failed; null where none was sent.
      returned: always
      type: str
      sample: modrs
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Unknown VS
  sample:
    kind: Refused
    command: modrs
    http_status: 422
    answer: Unknown VS
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import (
    RealServer,
    ServerOfAllSubs,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.server_table import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import terms_of_task
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, SubRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making


def wanted_by(options: Mapping[str, Any]) -> list[Desired]:
    """Return the real server that the options describe: of a service, of a SubVS, or of all of these."""
    parent = ServiceRef.parse(options["virtual_service"])
    name = options.get("sub_virtual_service", "")
    owner = SubRef(parent, name) if name else parent
    server = RealServer.from_options(owner, options, terms_of_task(options))
    return [ServerOfAllSubs(parent, server) if options["all_sub_virtual_services"] else server]


MODULE = making("real_server", SHAPE, wanted_by)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
