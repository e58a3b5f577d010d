#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sub_virtual_service
short_description: Create, change and delete SubVSs
version_added: 0.1.0
description:
  - Creates, changes and deletes one SubVS (sub virtual service) of a virtual service of a Kemp LoadMaster, and the real
    servers that the task lists.
  - A SubVS is identified by its parent O(virtual_service) and its O(name). Its index and slot in the WUI are never
    used, since the LoadMaster renumbers indexes.
  - A SubVS has no address. Requests come to its parent, and O(content_rules) decide which of them the SubVS gets. A
    parent has either SubVSs or real servers of its own. If it has servers, the task fails before it changes anything.
  - Address, layer, TLS, HTTP/2, caching and compression belong to the parent and are options of
    M(kemp.loadmaster.virtual_service). The LoadMaster stores O(enabled), O(weight), O(critical),
    O(slot_connection_limit), O(slot_rate_limit) and O(content_rules) in the slot of the parent. All other options
    belong to the SubVS.
  - With its first SubVS, the LoadMaster flips O(kemp.loadmaster.virtual_service#module:transparent) and
    O(kemp.loadmaster.virtual_service#module:subnet_originating) of a parent. The next call restores both. On a parent
    that the same task creates, they become V(false) and V(true) unless you set them.
  - A new SubVS has no name until a later call. If a run was interrupted before that, the next run uses the SubVS that
    was left behind, which has neither a name nor real servers, and C(steps) name this. If it is the only SubVS of its
    parent, the former values of the parent are unknown. Both options above then become V(false) and V(true) unless you
    set them.
  - Options that you leave out are not sent and not compared, so values from elsewhere stay. On a new SubVS they have
    the default of the LoadMaster.
  - The rule lists, such as O(request_rules), name rules of M(kemp.loadmaster.content_rule). Each list is complete and
    in order, since the LoadMaster applies rules in the order of their assignment. C([]) removes all rules, and a list
    that you leave out stays unchanged. A rule that does not exist, or that has the wrong kind for the list, is an error
    before anything is sent.
  - The task reads the services first and sends only differences. Then it reads them back, because the LoadMaster
    answers C(ok) to options that it ignores. An option that it did not accept is an error that names the option, the
    wanted value and the found value. A second run changes nothing.
  - An option that depends on others names them in its description. If they do not match, the task fails before it
    changes anything. Dependencies on the parent are not checked before, but read back.
  - O(real_servers) adds to the existing servers. Servers in the list are added or changed, those with
    O(real_servers[].state=absent) are deleted, and all others stay unchanged. The task adds servers before it deletes
    others.
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - python >= 3.10
  - requests
extends_documentation_fragment:
  - kemp.loadmaster.connection
  - kemp.loadmaster.attributes
  - kemp.loadmaster.service_options
attributes:
  check_mode:
    support: full
    details:
      - The steps that it predicts are the steps that a run takes.
  diff_mode:
    support: full
    details:
      - The diff has one part for the SubVS and one for each real server that changes, with the options that change.
  idempotent:
    support: full
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  state:
    description:
      - Whether the SubVS should exist. V(absent) removes it with all its real servers. A missing parent is no error then.
      - The default is V(present). A task of M(kemp.loadmaster.sub_virtual_service) with only O(enabled) changes an existing SubVS and never creates one, so a
        mistyped name is an error. To create one with this option alone, set V(present).
    type: str
    choices:
      present: The SubVS exists, with the options of the task.
      absent: The SubVS does not exist.
  virtual_service:
    description:
      - The parent, which must exist and must not have real servers of its own. Give it as C(address:port), as C(protocol/address:port) if the protocol is not
        TCP, with an IPv6 address in brackets, or by its nickname if that is unique.
      - >-
        API parameters C(vs), C(port) and C(prot). WUI: Virtual Services > View/Modify Services.
    type: str
    required: true
  name:
    description:
      - The name of the SubVS, unique within its parent. It consists of letters, digits, spaces and the characters C(. @ - _), and begins with a letter or
        digit. You cannot change it here, since it identifies the SubVS.
      - >-
        API parameter C(nickname). WUI: Basic Properties > SubVS Name.
    type: str
    required: true
  enabled:
    description:
      - Whether the SubVS gets requests. V(false) takes it out of operation and keeps its configuration.
      - >-
        API parameter C(enable). WUI: SubVSs. Appliance default V(true).
    type: bool
  weight:
    description:
      - The share of the SubVS, relative to the weights of the others, where the scheduling method of the parent uses weights.
      - >-
        API parameter C(weight). WUI: Basic Properties > SubVS Weight. Range 1 to 65530. Appliance default V(1000).
    type: int
  critical:
    description:
      - Makes the SubVS required, so that the parent counts as down as soon as this one is down. Otherwise the parent stays up.
      - >-
        API parameter C(critical). WUI: SubVSs > Critical. Appliance default V(false).
    type: bool
  slot_connection_limit:
    description:
      - The most connections that the parent opens to the SubVS at a time; V(0) is without a limit. O(connection_limit) is the limit of the SubVS itself.
      - >-
        API parameter C(limit). WUI: Basic Properties > SubVS Limit. Range 0 to 100000 connections. Appliance default V(0).
    type: int
  slot_rate_limit:
    description:
      - The most new connections that the parent opens to the SubVS in a second; V(0) is without a limit. Newer firmware only. O(connection_rate_limit) is the
        limit of the sub service itself.
      - >-
        API parameter C(ratelimit). WUI: Basic Properties. Range 0 to 100000 connections per second. Appliance default V(0).
    type: int
  type:
    description:
      - What kind of traffic the SubVS carries. It decides what else it can do; HTTP headers, for example, take V(http).
      - Changing the type makes the LoadMaster put O(add_http_headers) back to its default, and take all rules out of O(response_body_rules). The type is
        therefore sent first, and after it what the task says about these, or else what they were.
      - >-
        API parameter C(vstype). WUI: Basic Properties > Service Type. Appliance default: by port.
    type: str
    choices:
      generic: Any TCP or UDP traffic, passed on without looking into it. API value C(gen).
      http: HTTP, and HTTPS whose TLS ends at the LoadMaster. API value C(http).
      http2: HTTP/2 with HTTPS. Newer firmware only. API value C(http2).
      starttls: Protocols that switch to TLS on request, such as SMTP, IMAP and POP3. Which of them it is, the parent says. API value C(tls).
      remote_terminal: Remote Desktop. API value C(ts).
      log_insight: Log messages for VMware Log Insight. Newer firmware only. API value C(log).
  transparent:
    description:
      - Whether real servers see the address of the client as the source of a connection. V(false) makes connections come from the LoadMaster, which works
        wherever the servers are; V(true) needs the LoadMaster as their default gateway and clients outside of their network. At layer 4 a service is always
        transparent, so both values are refused there; a new service for UDP is at layer 4.
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
      - >-
        API parameter C(transparent). WUI: Standard Options > L7 Transparency. Appliance default V(false).
    type: bool
  subnet_originating:
    description:
      - Whether connections to real servers come from the address that the LoadMaster has in their network, V(true), or from the address of the parent,
        V(false). It makes no difference while O(transparent=true).
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
      - >-
        API parameter C(subnetoriginating). WUI: Standard Options > Subnet Originating Requests. Appliance default V(true).
    type: bool
  server_initiating:
    description:
      - The protocol, if the server speaks first. Otherwise a connection at layer 7 waits for data from the client.
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
      - >-
        API parameter C(serverinit). WUI: Standard Options > Server Initiating Protocols. Appliance default V(none).
    type: str
    choices:
      none: The client speaks first. API value C(0).
      smtp: SMTP. API value C(1).
      ssh: SSH. API value C(2).
      other: Another protocol in which the server speaks first. API value C(3).
      imap4: IMAP4. API value C(4).
      mysql: MySQL. API value C(5).
      pop3: POP3. API value C(6).
  bandwidth_limit:
    description:
      - The most traffic that passes the service; V(0) is without a limit. The WUI takes 0 or 16 to 99999999.
      - >-
        API parameter C(bandwidth). WUI: QoS/Limiting > Bandwidth Limit. Range 0 and above, in kbit/s. Appliance default V(0).
    type: int
  add_http_headers:
    description:
      - Which headers tell the real servers the address of the client and that a proxy was passed. They are added only while O(transparent=false).
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
      - >-
        API parameter C(addvia). WUI: Advanced Properties > Add HTTP Headers. Appliance default V(legacy).
    type: str
    choices:
      legacy: >-
        What older firmware does: X-Forwarded-For without Via. API value C(0).
      x_forwarded_for_and_via: X-Forwarded-For and Via. API value C(1).
      none: No header. API value C(2).
      x_clientside_and_via: X-ClientSide and Via. API value C(3).
      x_clientside: X-ClientSide. API value C(4).
      x_forwarded_for: X-Forwarded-For. API value C(5).
      via: Via. API value C(6).
  error_url:
    description:
      - Where clients are redirected to while no real server is available. C(%h) stands for the host and C(%s) for the path that the client asked for. An empty
        string clears it.
      - >-
        API parameter C(errorurl). WUI: Advanced Properties > Not Available Redirection Handling. Appliance default: unset.
    type: str
  detect_malicious_requests:
    description:
      - Whether requests are checked against known attacks, and what happens to one that matches.
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
      - >-
        API parameter C(verify). WUI: Advanced Properties > Detect Malicious Requests. Appliance default V(off).
    type: str
    choices:
      'off': Requests are not checked. API value C(0).
      reject: The client gets an error. API value C(1).
      drop: The connection is closed without an answer. API value C(3).
      reject_and_warn: Like V(reject), also for possible attacks. API value C(5).
      drop_and_warn: Like V(drop), also for possible attacks. API value C(7).
  reschedule_on_4xx:
    description:
      - Tries another real server if one answers with an HTTP status from 400 to 499.
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent, and O(type=http) or O(type=http2).
      - Firmware 7.2.59 and newer.
      - >-
        API parameter C(httpreschedule). WUI: Advanced Properties. Appliance default V(false).
    type: bool
  response_status_remap:
    description:
      - Replaces HTTP statuses in responses of the real servers, as O(response_remap_codes) defines.
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent, and O(type=http) or O(type=http2).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(responsestatusremap). WUI: Advanced Properties. Appliance default V(false).
    type: bool
  check_type:
    description:
      - How the LoadMaster checks whether a real server is up.
      - >-
        On a new service the method follows from the port of the parent: 443 gets V(https) and 25 gets V(smtp), for example; ports without a protocol of their
        own get V(tcp).
      - >-
        API parameter C(checktype). WUI: Real Servers > Real Server Check Parameters > Real Server Check Method. Appliance default: by port.
    type: str
    choices:
      icmp: A ping. API value C(icmp).
      https: A request over HTTPS, see O(check_url). The certificate is not verified. API value C(https).
      http: A request over HTTP, see O(check_url). API value C(http).
      tcp: A TCP connection. API value C(tcp).
      smtp: An SMTP dialogue. The WUI calls it Mail. API value C(smtp).
      nntp: An NNTP dialogue. API value C(nntp).
      ftp: An FTP dialogue. API value C(ftp).
      telnet: A Telnet dialogue. API value C(telnet).
      pop3: A POP3 dialogue. API value C(pop3).
      imap: An IMAP dialogue. API value C(imap).
      rdp: A Remote Desktop dialogue. API value C(rdp).
      binary_data: >-
        Bytes to send, and bytes that the answer must contain: O(check_url) and O(check_pattern). API value C(bdata).
      ldap: A search through an LDAP endpoint, see O(check_ldap_endpoint). API value C(ldap).
      dns: A DNS query. For UDP services. API value C(dns).
      none: No check; real servers always count as up. API value C(none).
  check_host:
    description:
      - The name in the Host header of the check, for servers with several web sites. Without it, the LoadMaster sends the address of the parent. An empty
        string clears it.
      - Needs O(check_type=http) or O(check_type=https), and O(check_use_http_1_1=true).
      - >-
        API parameter C(checkhost). WUI: Real Servers > Real Server Check Parameters. Appliance default: unset.
    type: str
  enhanced_health_checks:
    description:
      - Makes O(minimum_servers) available, and in the WUI the option that makes a real server critical. Where it is switched off, O(minimum_servers) is cleared
        before it.
      - >-
        API parameter C(enhancedhealthchecks). WUI: Real Servers. Appliance default V(false).
    type: bool
  content_rules:
    description:
      - The rules that choose requests of the parent for this SubVS. A request goes to the SubVS with a matching rule.
      - >-
        If rules of several SubVSs match, the order on the parent decides: that in which they were assigned, across all SubVSs. This list only defines the order
        of its own rules.
      - The built-in rule V(default) matches what no other rule does. The LoadMaster tries it last, so its place in the list has no meaning.
      - >-
        Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=match_content). The list is complete and in order: rules that it does not have are
        taken out, and an empty list clears it.
      - >-
        API commands C(addrsrule) and C(delrsrule). WUI: SubVSs > Rules.
    type: list
    elements: str
  allow_no_servers:
    description:
      - Allows O(real_servers) to remove or disable the last enabled server of the SubVS. Otherwise the task fails before it changes anything. Removing the
        SubVS itself does not need it.
    type: bool
    default: false
  real_servers:
    description:
      - Real servers of the SubVS. Servers that are not in the list stay as they are, unless O(exact_servers=true).
      - Options that you omit for an existing server stay unchanged.
    type: list
    elements: dict
    suboptions:
      state:
        description:
          - Whether the service should have the server. Removing a server of a missing service is no error.
          - The default is V(present). A task of M(kemp.loadmaster.real_server) with only O(real_servers[].enabled) or O(real_servers[].new_port) changes an
            existing server and never creates one, so a mistyped address is an error. To create one with these options alone, set V(present).
        type: str
        choices:
          present: The server exists, with the options of the task.
          absent: The server does not exist.
      address:
        description:
          - The IP address of the server, or its domain name. A name requires O(kemp.loadmaster.settings#module:dns_names=true) and a DNS server on the
            LoadMaster.
          - >-
            API parameter C(rs). WUI: Real Servers > Real Server Address.
        type: str
        required: true
      port:
        description:
          - The port of the server, from 3 to 65535. It defaults to the port of the service; for a SubVS, to that of its parent. It is required if the service
            has all ports.
          - >-
            API parameter C(rsport). WUI: Real Servers > Port.
        type: str
      new_port:
        description:
          - The port to which the server moves with its rules and settings, from 3 to 65535. A server that is already there stays. A server that is at neither
            port is added there. With O(real_servers[].state=absent) the server is removed from either port.
          - >-
            API parameter C(newport). WUI: Real Servers > Port.
        type: str
      enabled:
        description:
          - Whether the server gets connections. V(false) takes it out of service for maintenance. With persistence, its clients may stay for the drain time of
            the appliance. Without persistence and at layer 4, it gets no new connections.
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
          - Allows a server outside the networks of the LoadMaster. It requires O(kemp.loadmaster.settings#module:non_local_real_servers=true) and a service
            that is not transparent.
          - The LoadMaster does not report it, so it is not compared. It applies when the server is added.
          - >-
            API parameter C(non_local). WUI: Real Servers > Allow Remote Addresses. Appliance default V(false).
        type: bool
      content_rules:
        description:
          - The rules that choose requests for this server. If servers of a service have rules, a request goes to a server with a matching rule.
          - The built-in rule V(default) matches what no other rule does. The LoadMaster tries it last, so its place in the list has no meaning.
          - >-
            Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=match_content). The list is complete and in order: rules that it does not have
            are taken out, and an empty list clears it.
          - >-
            API commands C(addrsrule) and C(delrsrule). WUI: Real Servers > Rules.
        type: list
        elements: str
seealso:
  - module: kemp.loadmaster.virtual_service
    description: The parent.
  - module: kemp.loadmaster.content_rule
    description: The rules that choose where requests go, and that change requests and answers.
  - module: kemp.loadmaster.real_server
    description: One real server at a time, also of all SubVSs at once.
  - module: kemp.loadmaster.info
    description: All services with their status and counters.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Have the service that takes the requests, ends TLS and encrypts again
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    nickname: Mail
    type: http
    ssl_acceleration: true
    ssl_reencrypt: true

- name: Have a rule for each application
  kemp.loadmaster.content_rule:
    name: "{{ item.name }}"
    kind: match_content
    pattern: "{{ item.pattern }}"
    ignore_case: true
  loop:
    - {name: Owa, pattern: '/^\/owa.*/'}
    - {name: Root, pattern: '/^\/$/'}
    - {name: Ecp, pattern: '/^\/ecp.*/'}
    - {name: Ews, pattern: '/^\/ews.*/'}

- name: Have a rule that sends visitors without a path to Outlook on the web
  kemp.loadmaster.content_rule:
    name: Start_page
    kind: modify_url
    pattern: '/^\/$/'
    value: /owa/

- name: Serve Outlook on the web
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Mail
    name: Outlook on the web
    type: http
    scheduling: least_connection
    idle_timeout: 1800
    check_type: https
    check_url: /owa/healthcheck.htm
    check_method: get
    critical: true
    content_rules:
      - Owa
      - Root
    request_rules:
      - Start_page
    real_servers:
      - address: 192.0.2.31
        port: 443
      - address: 192.0.2.32
        port: 443

- name: Serve further applications over one connection
  kemp.loadmaster.sub_virtual_service:
    virtual_service: 192.0.2.25:443
    name: "{{ item.name }}"
    type: http
    check_type: https
    check_url: "{{ item.check }}"
    content_rules: "{{ item.rules }}"
    real_servers:
      - address: 192.0.2.31
      - address: 192.0.2.32
  loop:
    - {name: Administration, check: /ecp/healthcheck.htm, rules: [Ecp]}
    - {name: Web services, check: /ews/healthcheck.htm, rules: [Ews]}

- name: Add a server to all of them
  kemp.loadmaster.real_server:
    virtual_service: Mail
    all_sub_virtual_services: true
    address: 192.0.2.33
    port: 443

- name: Take one of them out of service
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Mail
    name: Administration
    enabled: false

- name: Send no clients there any more, and leave it one server
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Mail
    name: Administration
    content_rules: []
    real_servers:
      - address: 192.0.2.32
        port: 443
        state: absent
      - address: 192.0.2.33
        port: 443
        state: absent

- name: Remove it with its real servers
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Mail
    name: Administration
    state: absent

- name: Do it from a play that has no LoadMaster in its inventory
  kemp.loadmaster.sub_virtual_service:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    virtual_service: 192.0.2.25:443
    name: Web services
    weight: 500
  delegate_to: localhost
"""

RETURN = r"""
sub_virtual_service:
  description:
    - The SubVS as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the SubVS is absent.
    - Besides its name it has every option that can be read, by the name and in the words of this module. Real servers are not in it. In check mode a sub
      service that does not exist yet has the options of the task only.
  returned: success
  type: dict
  contains:
    name:
      description: The name.
      returned: unless the SubVS is absent
      type: str
      sample: Outlook on the web
  sample:
    name: Outlook on the web
    type: http
    enabled: true
    weight: 1000
    critical: true
    scheduling: least_connection
    persistence: none
    idle_timeout: 1800
    check_type: https
    check_url: /owa/healthcheck.htm
    content_rules:
      - Owa
      - Root
    request_rules:
      - Start_page
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
      sample: modvs
    object:
      description: What it changes.
      returned: always
      type: str
      sample: SubVS Outlook on the web of tcp/192.0.2.25:443
    reason:
      description: Why.
      returned: always
      type: str
      sample: name it and set it up
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 13
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
      sample: modvs
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
    command: modvs
    http_status: 422
    answer: Unknown VS
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.composition import document_of_sub
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import terms_of_task
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making


def wanted_by(options: Mapping[str, Any]) -> Document:
    """Return the SubVS that the options define, and its real servers."""
    return document_of_sub(ServiceRef.parse(options["virtual_service"]), options, terms_of_task(options))


MODULE = making("sub_virtual_service", SHAPE, wanted_by)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
