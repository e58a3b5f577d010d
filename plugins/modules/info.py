#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: info
short_description: Read services, settings and statistics
version_added: 0.1.0
description:
  - Reads the services, settings and statistics of a Kemp LoadMaster, in the words of the other modules of this
    collection. It changes nothing.
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - python >= 3.10
  - requests
  - jmespath, for O(query) only
  - cryptography, which comes with ansible-core, for what stands in certificates. Where a task is shipped to a host without it, these values are null,
    and a warning says so.
extends_documentation_fragment:
  - kemp.loadmaster.connection
  - kemp.loadmaster.attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing is ever changed.
  diff_mode:
    support: N/A
    details:
      - Nothing is ever changed.
  idempotent:
    support: full
options:
  gather_subset:
    description:
      - What is read. Each entry is a key of the result, and costs a call of the API or a few.
    type: list
    elements: str
    choices:
      all: All of it.
      virtual_services: Services, their SubVSs and real servers, with their settings and status.
      content_rules: Content rules, and where they are assigned.
      certificates: Certificates, what stands in them, their chains, and which services use them. Keys cannot be read. Costs a call for each certificate and
        intermediate certificate.
      intermediate_certificates: Intermediate certificates, and which services check client certificates against them. Costs a call for each.
      settings: Settings of the appliance.
      system: Name, firmware, serial number and times of the appliance.
      statistics: Processors, memory, disks, network and counters of the appliance. Together with V(virtual_services), those of each service and server too.
      commands: The API commands that the appliance knows.
    default: [virtual_services]
  virtual_service:
    description:
      - Limits V(virtual_services) of O(gather_subset) to one service. Give it as C(address:port), as C(protocol/address:port) where the protocol is
        not TCP, with an IPv6 address in brackets, or by its nickname, which no other service may have then.
      - The list is empty where there is no such service.
    type: str
  query:
    description:
      - A JMESPath expression that is applied to what was read. What it finds is in RV(query_result).
      - Its document has the keys of O(gather_subset), such as C(virtual_services). See U(https://jmespath.org).
    type: str
seealso:
  - module: kemp.loadmaster.virtual_service
    description: Create, change and remove services.
  - module: kemp.loadmaster.real_server
    description: Add, change and remove servers.
  - module: kemp.loadmaster.settings
    description: Change settings.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Have a service to look at
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    nickname: Mail
    real_servers:
      - address: 192.0.2.31
      - address: 192.0.2.32

- name: Read all services
  kemp.loadmaster.info:
  register: loadmaster

- name: Show which of them are up
  ansible.builtin.debug:
    msg: "{{ loadmaster.virtual_services | selectattr('status', 'equalto', 'up') | map(attribute='nickname') }}"

- name: Read one service, with its counters
  kemp.loadmaster.info:
    gather_subset:
      - virtual_services
      - statistics
    virtual_service: 192.0.2.25:443

- name: Find the real servers that are down
  kemp.loadmaster.info:
    query: "virtual_services[].real_servers[?status == 'down'].address[]"
  register: down

- name: Say so
  ansible.builtin.debug:
    var: down.query_result

- name: Find certificates that expire within a month
  kemp.loadmaster.info:
    gather_subset:
      - certificates
    query: "certificates[?days_left < `30`].{name: name, days_left: days_left, subject: subject}"
  register: expiring

- name: Read firmware and settings, from a play that has no LoadMaster in its inventory
  kemp.loadmaster.info:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    gather_subset:
      - system
      - settings
  delegate_to: localhost
"""

RETURN = r"""
virtual_services:
  description:
    - The virtual services, or the one that O(virtual_service) names.
    - Besides what is listed here, each has every option of M(kemp.loadmaster.virtual_service) that can be read, by the same name and in the same words.
  returned: when O(gather_subset) has V(virtual_services)
  type: list
  elements: dict
  contains:
    protocol:
      description: The protocol.
      returned: always
      type: str
      sample: tcp
    address:
      description: The address.
      returned: always
      type: str
      sample: 192.0.2.25
    port:
      description: The port.
      returned: always
      type: str
      sample: "443"
    status:
      description: What the health checks found, in small letters, such as V(up), V(down) and V(redirect).
      returned: always
      type: str
      sample: up
    layer:
      description: The layer at which the service runs, 4 or 7; 0 where the firmware does not tell.
      returned: always
      type: int
      sample: 7
    index:
      description: The index of the service right now. The LoadMaster renumbers services, so do not keep it.
      returned: always
      type: int
      sample: 1
    sub_virtual_services:
      description:
        - The SubVSs of the service, in the order of their slots. They have the keys RV(virtual_services[].status),
          RV(virtual_services[].layer), RV(virtual_services[].index), RV(virtual_services[].real_servers) and RV(virtual_services[].counters).
        - They also have every readable option of M(kemp.loadmaster.sub_virtual_service), with the same names and words.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: The name.
          returned: always
          type: str
          sample: OWA
    real_servers:
      description:
        - The real servers of the service.
        - Besides what is listed here, each has every option of M(kemp.loadmaster.real_server) that can be read, by the same name and in the same words.
      returned: always
      type: list
      elements: dict
      contains:
        address:
          description: The address, or the domain name that the server was added with.
          returned: always
          type: str
          sample: 192.0.2.31
        port:
          description: The port.
          returned: always
          type: str
          sample: "443"
        status:
          description: What the health checks found, in small letters, such as V(up) and V(down).
          returned: always
          type: str
          sample: up
        id:
          description: The index of the server right now.
          returned: always
          type: int
          sample: 1
        counters:
          description: What was counted since the LoadMaster started.
          returned: when O(gather_subset) has V(statistics), too
          type: dict
          contains:
            active_connections:
              description: Connections that are open now.
              returned: always
              type: int
              sample: 12
            total_connections:
              description: Connections up to now.
              returned: always
              type: int
              sample: 48211
            connections_per_second:
              description: New connections in the last second.
              returned: always
              type: int
              sample: 3
            bytes_read:
              description: Bytes from clients.
              returned: always
              type: int
              sample: 1048576
            bytes_written:
              description: Bytes to clients.
              returned: always
              type: int
              sample: 52428800
    counters:
      description: What was counted since the LoadMaster started.
      returned: when O(gather_subset) has V(statistics), too
      type: dict
      contains:
        active_connections:
          description: Connections that are open now.
          returned: always
          type: int
          sample: 12
        total_connections:
          description: Connections up to now.
          returned: always
          type: int
          sample: 48211
        connections_per_second:
          description: New connections in the last second.
          returned: always
          type: int
          sample: 3
        bytes_read:
          description: Bytes from clients.
          returned: always
          type: int
          sample: 1048576
        bytes_written:
          description: Bytes to clients.
          returned: always
          type: int
          sample: 52428800
content_rules:
  description: The content rules, each with its name, its kind, the options of M(kemp.loadmaster.content_rule) that its kind has, and where it is assigned.
  returned: when O(gather_subset) has V(content_rules)
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      returned: always
      type: str
      sample: OWA
    kind:
      description: The kind, as in the option of M(kemp.loadmaster.content_rule).
      returned: always
      type: str
      sample: match_content
    assigned_to:
      description: Where the rule is assigned, in words.
      returned: always
      type: list
      elements: str
      sample: ["content_rules of SubVS OWA of tcp/192.0.2.25:443"]
certificates:
  description: The certificates that are installed.
  returned: when O(gather_subset) has V(certificates)
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      returned: always
      type: str
      sample: mail-2026
    type:
      description: The kind of its key, as the LoadMaster lists it.
      returned: always
      type: str
      sample: RSA
    assigned_to:
      description: The services that use it, in words, and the web user interface where it has that role.
      returned: always
      type: list
      elements: str
      sample: ["virtual service tcp/192.0.2.25:443"]
    administrative:
      description: Whether it is the certificate of the web user interface and the API.
      returned: always
      type: bool
      sample: false
    chain:
      description: The names of the installed intermediate certificates above it, the nearest first. Empty where none of them signed it.
      returned: always
      type: list
      elements: str
      sample: ["mail-2026-1f2e3d4c"]
    fingerprint:
      description: Its SHA-256 fingerprint.
      returned: always
      type: str
      sample: 3B:9A:5F:10:61:C2:7D:44:9E:0B:51:F3:28:A6:D0:7C:92:1E:84:BD:35:6F:C8:17:40:EB:29:95:DA:03:76:4E
    subject:
      description: Whom it is for, as an LDAP name (RFC 4514).
      returned: always
      type: str
      sample: CN=mail.example.com,O=Example
    issuer:
      description: Who signed it, as an LDAP name (RFC 4514).
      returned: always
      type: str
      sample: CN=Example CA,O=Example
    serial_number:
      description: Its serial number, in hexadecimal digits.
      returned: always
      type: str
      sample: 0A1B2C3D
    names:
      description: The host names and addresses that it is for (subject alternative names).
      returned: always
      type: list
      elements: str
      sample: [mail.example.com]
    not_before:
      description: When it begins to be valid, in UTC.
      returned: always
      type: str
      sample: "2026-03-01T00:00:00Z"
    not_after:
      description: When it expires, in UTC.
      returned: always
      type: str
      sample: "2027-03-01T00:00:00Z"
    days_left:
      description: Whole days until it expires, by the clock of the host where the task runs; less than 0 once it has expired.
      returned: always
      type: int
      sample: 90
    key_type:
      description: The kind of its key, such as V(RSA), V(ECC) and V(Ed25519).
      returned: always
      type: str
      sample: RSA
    key_size:
      description: The bits of its key; null for kinds of keys that have one size only.
      returned: always
      type: int
      sample: 2048
intermediate_certificates:
  description: The intermediate certificates that are installed.
  returned: when O(gather_subset) has V(intermediate_certificates)
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      returned: always
      type: str
      sample: mail-2026-1f2e3d4c
    type:
      description: The kind of its key, as the LoadMaster lists it.
      returned: always
      type: str
      sample: RSA
    assigned_to:
      description: The services that check the certificates of clients against it, in words.
      returned: always
      type: list
      elements: str
      sample: []
    fingerprint:
      description: Its SHA-256 fingerprint.
      returned: always
      type: str
      sample: 3B:9A:5F:10:61:C2:7D:44:9E:0B:51:F3:28:A6:D0:7C:92:1E:84:BD:35:6F:C8:17:40:EB:29:95:DA:03:76:4E
    subject:
      description: Whom it is for, as an LDAP name (RFC 4514).
      returned: always
      type: str
      sample: CN=mail.example.com,O=Example
    issuer:
      description: Who signed it, as an LDAP name (RFC 4514).
      returned: always
      type: str
      sample: CN=Example CA,O=Example
    serial_number:
      description: Its serial number, in hexadecimal digits.
      returned: always
      type: str
      sample: 0A1B2C3D
    names:
      description: The host names and addresses that it is for (subject alternative names).
      returned: always
      type: list
      elements: str
      sample: []
    not_before:
      description: When it begins to be valid, in UTC.
      returned: always
      type: str
      sample: "2026-03-01T00:00:00Z"
    not_after:
      description: When it expires, in UTC.
      returned: always
      type: str
      sample: "2027-03-01T00:00:00Z"
    days_left:
      description: Whole days until it expires, by the clock of the host where the task runs; less than 0 once it has expired.
      returned: always
      type: int
      sample: 90
    key_type:
      description: The kind of its key, such as V(RSA), V(ECC) and V(Ed25519).
      returned: always
      type: str
      sample: RSA
    key_size:
      description: The bits of its key; null for kinds of keys that have one size only.
      returned: always
      type: int
      sample: 2048
settings:
  description:
    - The settings of the appliance, by the names and in the words of M(kemp.loadmaster.settings). Secrets are masked or left out.
  returned: when O(gather_subset) has V(settings)
  type: dict
  contains:
    parameters:
      description: The parameters that have no option of their own, as the LoadMaster reports them.
      returned: always
      type: dict
      sample:
        hamode: "0"
  sample:
    hostname: lm1
    dns_servers:
      - 192.0.2.53
    snmp_enabled: false
system:
  description: What the appliance is. What it does not report is an empty string.
  returned: when O(gather_subset) has V(system)
  type: dict
  contains:
    hostname:
      description: The name of the appliance.
      returned: always
      type: str
      sample: lm1
    firmware:
      description: The version of the firmware.
      returned: always
      type: str
      sample: 7.2.63.0.22650.RELEASE
    serial_number:
      description: The serial number.
      returned: always
      type: str
      sample: "1234567"
    booted:
      description: When the appliance was started.
      returned: always
      type: str
      sample: Thu, 28 May 26 18:36:40 UTC
    active_since:
      description: Since when the appliance has been the active one of a pair.
      returned: always
      type: str
      sample: Thu, 28 May 26 18:37:02 UTC
    time:
      description: The time on the appliance.
      returned: always
      type: str
      sample: Fri, 29 May 26 06:00:00 UTC
    ha_mode:
      description: The mode of high availability; 0 is a single appliance, 1 the first and 2 the second one of a pair.
      returned: always
      type: raw
      sample: "0"
statistics:
  description: What the appliance measures of itself and counts as a whole. What a firmware does not measure is null, or an empty list.
  returned: when O(gather_subset) has V(statistics)
  type: dict
  contains:
    cpu:
      description: What the processors do, in percent, on the whole and for each of RV(statistics.cpu.cores).
      returned: always
      type: dict
      contains:
        user:
          description: Time for programs.
          returned: always
          type: int
          sample: 1
        system:
          description: Time for the system.
          returned: always
          type: int
          sample: 1
        io_waiting:
          description: Time that is spent waiting for disks.
          returned: always
          type: int
          sample: 0
        idle:
          description: Time without anything to do.
          returned: always
          type: int
          sample: 98
        cores:
          description: The same for each core, with its C(number).
          returned: always
          type: list
          elements: dict
          sample: [{number: 0, user: 1, system: 1, io_waiting: 0, idle: 98}]
    memory:
      description: The memory, in megabytes and in percent.
      returned: always
      type: dict
      sample: {total_mb: 2003, used_mb: 246, free_mb: 1757, used_percent: 12, free_percent: 88}
    transactions_per_second:
      description: Transactions in the last second, and those of TLS among them.
      returned: always
      type: dict
      sample: {total: 12, ssl: 9}
    network:
      description: The network interfaces, with their C(speed) in megabits per second, the megabits that pass now, and the bytes up to now.
      returned: always
      type: list
      elements: dict
      sample: [{name: eth0, id: 0, speed: 10000, megabits_in: 0.4, megabits_out: 2.5, total_bytes_in: 1511851, total_bytes_out: 5702883}]
    disks:
      description: The partitions of the disk, in gigabytes and in percent.
      returned: always
      type: list
      elements: dict
      sample: [{name: /var/log, total_gb: 7.19, used_gb: 0.02, free_gb: 7.17, used_percent: 0, free_percent: 100}]
    virtual_services:
      description: How many virtual services there are in all, and how many are up, down and disabled.
      returned: always
      type: dict
      sample: {total: 4, up: 3, down: 1, disabled: 0}
    sub_virtual_services:
      description: How many SubVSs there are in all, and how many are up, down and disabled.
      returned: always
      type: dict
      sample: {total: 4, up: 3, down: 1, disabled: 0}
    real_servers:
      description: How many real servers there are in all, and how many are up, down and disabled.
      returned: always
      type: dict
      sample: {total: 4, up: 3, down: 1, disabled: 0}
    connections_per_second:
      description: New connections in the last second.
      returned: always
      type: int
      sample: 3
    total_connections:
      description: Connections up to now.
      returned: always
      type: int
      sample: 48211
    bytes_per_second:
      description: Bytes in the last second.
      returned: always
      type: int
      sample: 524288
    total_bytes:
      description: Bytes up to now.
      returned: always
      type: int
      sample: 53477376
commands:
  description: The API commands that the appliance knows.
  returned: when O(gather_subset) has V(commands)
  type: list
  elements: str
  sample: [addvs, addrs, modvs]
query_result:
  description: What the expression of O(query) found.
  returned: when O(query) is given
  type: raw
  sample: [192.0.2.31]
# steps, api_calls and error: made from tests/tools/returns.yml, but for their samples; changes belong there.
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 1
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
      sample: listvs
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
    command: listvs
    http_status: 422
    answer: Unknown VS
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports import info
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Read the requested data. The module never changes anything, so check mode has no effect."""
    gathered = info.gather(session.snapshot, options["gather_subset"], options["virtual_service"] or "")
    result: dict[str, Any] = {"changed": False, **gathered, "api_calls": session.calls}
    warnings = info.warnings(options["gather_subset"])
    if warnings:
        result["warnings"] = warnings
    if options["query"]:
        result["query_result"] = info.search(options["query"], gathered)
    return result


MODULE = Module(
    options={
        "gather_subset": {
            "type": "list",
            "elements": "str",
            "choices": ["all", *info.SUBSETS],
            "default": ["virtual_services"],
        },
        "virtual_service": {"type": "str"},
        "query": {"type": "str"},
    },
    perform=perform,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
