#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: server_maintenance
short_description: Take a real server out of all services for maintenance, and put it back
version_added: 0.1.0
description:
  - With O(state=out_of_service) the task disables a real server in every virtual service and SubVS of a Kemp LoadMaster
    that holds it, on all its ports. Then it waits until its connections have ended or the time is up. On request it
    ends the remaining ones.
  - With O(state=in_service) the task enables the server only where it was taken out. Servers that an administrator had
    disabled before stay disabled. Then the task waits until the LoadMaster reports the server as healthy there.
  - Before the first server is disabled, the task stores a note on the LoadMaster. So nothing is lost if the run is
    interrupted, if another job on another machine puts the server back, or if a pair of LoadMasters changes roles. The
    note is a content rule without an assignment, so it has no effect. Its name is C(Maintenance_) and the address of
    the server. The task deletes it when the server is back.
  - The task fails if a service would be left without a healthy server, with fewer than its minimum, or without a server
    that is critical to it, unless O(allow_no_servers=true). A server counts as healthy if it is enabled and its status
    is C(Up). Disabled services are ignored. An unhealthy server can always be taken out.
  - The task checks this once more when the server is out. If another machine took out another server at the same
    moment, or one has failed, the task puts its server back and fails.
  - A disabled server gets no new clients. At layer 4, and at layer 7 without persistence, no client returns to it
    either. Open connections stay until one side ends them or they were idle for too long. At layer 7 with persistence,
    known clients may return until the drain time of the LoadMaster is over. The task waits for these too.
  - The task prints its progress every O(poll_interval) seconds, which also keeps AWX from ending the job as idle. It
    cannot print where C(delegate_to) ships the module to another host.
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
      - The steps that it predicts are the steps that a run takes. Nothing is waited for, so it cannot predict whether connections would have to be
        ended with O(cut_connections=true).
  diff_mode:
    support: full
    details:
      - The diff has every place where the server is disabled or enabled.
  idempotent:
    support: full
    details:
      - A second run waits once more if there is anything to wait for.
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  state:
    description:
      - Whether the server should be in service.
    type: str
    choices:
      out_of_service: The server is disabled everywhere, and its connections had time to end.
      in_service: The server is enabled where it was taken out, and healthy.
    required: true
  address:
    description:
      - The IP address of the server, or its domain name if it was added with that. Use the same one to take it out and to put it back.
      - >-
        API parameter C(rs). WUI: Real Servers.
    type: str
    required: true
  drain_timeout:
    description:
      - How many seconds to wait for the connections to end, with O(state=out_of_service). When the time is up, the task warns, goes on, and returns how many
        are left. To make it fail instead, use RV(server_maintenance.drained) in C(failed_when).
      - The LoadMaster counts every 5 seconds, so a zero is believed 5 seconds after the task has disabled the server or found it disabled. With less time than
        that the task never finds that the server has no connections left.
      - From V(0), which checks once without waiting, to V(86400).
    type: int
    default: 300
  poll_interval:
    description:
      - How many seconds to wait between two checks. Each costs one call of the API and prints one line. The LoadMaster counts every 5 seconds.
      - From V(1) to V(3600).
    type: int
    default: 5
  cut_connections:
    description:
      - Ends the connections that are left after O(drain_timeout), at layer 7. At layer 4 the LoadMaster cannot end connections.
      - It applies to services where this module took the server out and it is still disabled. If a person disabled or enabled it, it stays unchanged.
      - With an O(drain_timeout) below 5, the task first waits 5 seconds to find the remaining connections.
      - >-
        The API has no command that ends connections. Only two settings do, O(kemp.loadmaster.settings#module:drop_at_drain_time_end) and
        O(kemp.loadmaster.settings#module:l7_drain_time): with them, a server loses its connections when it is disabled. So the task sets them, enables the
        server for a moment, disables it again, and waits up to 30 seconds until the connections are gone. Then it restores both settings. In that moment new
        clients may reach the server, and are cut off as well.
      - Both settings are global. Another server that is disabled in that time loses its connections too, and so may one that is draining. The task notes the
        settings before it changes them, with an identifier of the run. If a run is interrupted, the next run of this module restores them; on another machine,
        once the note is five minutes old. Until then, a second run that ends connections waits. This requires synchronised clocks. Two runs that begin at the
        same moment do not see each other.
      - It requires the permission to change settings.
    type: bool
    default: false
  allow_no_servers:
    description:
      - Allows taking out a server that a service needs. Otherwise the task names the services and fails before it changes anything. If this shows only
        afterwards, the task puts the server back.
    type: bool
    default: false
  wait_healthy:
    description:
      - Whether to wait until the server is healthy, with O(state=in_service), in all enabled services where it is enabled. It is an error if it is not when
        O(healthy_timeout) is over; the server stays enabled then, and gets no clients where its health check fails.
      - Whether the LoadMaster checks disabled servers is not on record, so the health is known only after the server is back. Services without a health check
        do not count.
    type: bool
    default: true
  healthy_timeout:
    description:
      - How many seconds to wait until the server is healthy. The LoadMaster checks every few seconds, see
        O(kemp.loadmaster.settings#module:health_check_interval).
      - From V(0) to V(86400).
    type: int
    default: 300
  settle_time:
    description:
      - For how many seconds the server has to be back before the task believes that it is healthy, at most O(healthy_timeout). A LoadMaster may show a server
        as C(Up) until its first checks have failed.
      - It has no effect if nothing was put back.
      - From V(0) to V(86400).
    type: int
    default: 20
  remember:
    description:
      - Whether to note on the LoadMaster what is taken out. It requires the permission to change content rules.
      - With V(false), only the result contains what was taken out. Pass it as O(taken_out) to the task that puts the server back. If a run is interrupted
        before it returns a result, this is lost.
    type: bool
    default: true
  taken_out:
    description:
      - What was taken out, as RV(server_maintenance.taken_out) says.
      - With O(state=in_service) the server returns to these places only, whatever the note says. The rest of the note stays.
      - With O(state=out_of_service) it is what an earlier run took out. It is added to the note and to the result.
    type: list
    elements: dict
    suboptions:
      virtual_service:
        description:
          - The service that holds the server, or the parent of the SubVS that does, as C(protocol/address:port) or by its nickname.
        type: str
        required: true
      sub_virtual_service:
        description:
          - The name of the SubVS.
        type: str
      port:
        description:
          - The port of the server, if the service has it on several ports.
        type: str
      id:
        description:
          - The number of the server in this place on the LoadMaster. It never changes. If set, it alone identifies the place.
        type: int
notes:
  - A service that the note names and that no longer exists is ignored.
  - Every task reads the current state. This includes each item of a loop and each attempt of C(until).
  - If an administrator enables the server and disables it again while it is out, the module cannot tell this from its
    own change.
  - The API commands C(enablers) and C(disablers) switch a server everywhere in one call. The module does not use them,
    since they would enable servers that an administrator had disabled.
seealso:
  - module: kemp.loadmaster.real_server
    description: A server of one service, which can be enabled and disabled there alone.
  - module: kemp.loadmaster.info
    description: All services and servers with their status and counters.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Have a service with two servers
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    nickname: Mail
    real_servers:
      - address: 192.0.2.31
      - address: 192.0.2.32

- name: Take a server out of all services and give its connections ten minutes
  kemp.loadmaster.server_maintenance:
    address: 192.0.2.31
    state: out_of_service
    drain_timeout: 600

- name: Put it back where it was, and wait until it is healthy there
  kemp.loadmaster.server_maintenance:
    address: 192.0.2.31
    state: in_service

- name: Take a server out and end what is left after a minute
  kemp.loadmaster.server_maintenance:
    address: 192.0.2.31
    state: out_of_service
    drain_timeout: 60
    cut_connections: true

- name: Put it back, and do not wait for its health
  kemp.loadmaster.server_maintenance:
    address: 192.0.2.31
    state: in_service
    wait_healthy: false

- name: Take it out without a note on the LoadMaster
  kemp.loadmaster.server_maintenance:
    address: 192.0.2.31
    state: out_of_service
    remember: false
  register: out

- name: Put back what that task took out
  kemp.loadmaster.server_maintenance:
    address: 192.0.2.31
    state: in_service
    remember: false
    taken_out: "{{ out.server_maintenance.taken_out }}"
    settle_time: 5

- name: Take out both servers, from a play that has no LoadMaster in its inventory
  kemp.loadmaster.server_maintenance:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    address: "{{ item }}"
    state: out_of_service
    allow_no_servers: true
  loop:
    - 192.0.2.31
    - 192.0.2.32
  delegate_to: localhost
"""

RETURN = r"""
server_maintenance:
  description: What the task did with the server. It is also there when a task fails that may have changed something.
  returned: success, and failure that is not about the options
  type: dict
  contains:
    address:
      description: The server.
      returned: always
      type: str
      sample: 192.0.2.31
    taken_out:
      description: Where the server was taken out, by this run or by earlier ones that are noted. In check mode, where it would be.
      returned: with O(state=out_of_service)
      type: list
      elements: dict
      sample:
        - virtual_service: tcp/192.0.2.25:443
          sub_virtual_service: ""
          port: "443"
          id: 7
    put_back:
      description: Where the server was put back by this run. In check mode, where it would be.
      returned: with O(state=in_service)
      type: list
      elements: dict
    left_alone:
      description: Where the server is disabled, and not by this module.
      returned: always
      type: list
      elements: dict
    connections:
      description: How many connections were left at the last look; null in check mode, and where the LoadMaster did not report it.
      returned: with O(state=out_of_service)
      type: int
      sample: 0
    health_checks:
      description:
        - What the health checks of the services where the server was taken out ask it for over HTTP, so that it can be asked itself while it is out.
          Checks of other types are not here, nor what an answer has to contain.
      returned: with O(state=out_of_service)
      type: list
      elements: dict
      contains:
        url:
          description: The URL, with the address of the server.
          returned: always
          type: str
          sample: https://192.0.2.31:443/owa/healthcheck.htm
        method:
          description: The HTTP method.
          returned: always
          type: str
          sample: GET
        headers:
          description: Headers that are sent.
          returned: always
          type: dict
          sample: {Host: mail.example.com}
        body:
          description: What is sent with the method POST.
          returned: always
          type: str
        status_codes:
          description: The HTTP status codes of a healthy server.
          returned: always
          type: list
          elements: int
        healthy:
          description: Whether the LoadMaster found the server healthy by it before this run took it out.
          returned: always
          type: bool
    drained:
      description: Whether there were no connections any more and no client could come back. In check mode it is V(false).
      returned: with O(state=out_of_service)
      type: bool
      sample: true
    unhealthy:
      description: Where the server is enabled and was not healthy at the last look.
      returned: with O(state=in_service)
      type: list
      elements: dict
  sample:
    address: 192.0.2.31
    taken_out:
      - virtual_service: tcp/192.0.2.25:443
        sub_virtual_service: ""
        port: "443"
        id: 7
    left_alone: []
    connections: 0
    drained: true
msg:
  description: The warnings of the task as one text, which is what a C(failed_when) shows.
  returned: when there are warnings
  type: str
  sample: 192.0.2.31 has 2 connections left in 1 service when the time was up.
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
      sample: modrs
    object:
      description: What it changes.
      returned: always
      type: str
      sample: real server 192.0.2.31:443 of virtual service tcp/192.0.2.25:443 (Mail)
    reason:
      description: Why.
      returned: always
      type: str
      sample: take it out of service
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 6
error:
  description:
    - What went wrong, for programs. C(msg) has the sentence for people.
  returned: failure that is not about the form of an option
  type: dict
  contains:
    kind:
      description:
        - V(InvalidOption) is a task that asks for what cannot be, or for what a service cannot do without; nothing was sent, or it was put back.
        - V(Unhealthy) is a server that was put back and is not healthy.
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
      sample: Unknown RS
  sample:
    kind: Refused
    command: modrs
    http_status: 422
    answer: Unknown RS
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance.maintenance_options import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import maintenance
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.maintenance_task import Say, silent
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module


def module(say: Say) -> Module:
    """Return the module; ``say`` gets a line at every look while it waits."""

    def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
        return maintenance.perform(options, session, check=mode.check, diff=mode.diff, say=say)

    return Module(SHAPE.arguments(), perform)


MODULE = module(silent)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
