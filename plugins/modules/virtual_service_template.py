#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: virtual_service_template
short_description: Upload and delete templates, and create virtual services from them
version_added: 0.1.0
description:
  - Uploads and deletes one template of virtual services on a Kemp LoadMaster, and creates a virtual service from it.
  - The LoadMaster does not report the content of a template. So a template exists if one has its name. A service is
    created from it once and not compared with it later. M(kemp.loadmaster.virtual_service) changes differences such as
    nickname and certificates.
  - The task reads first and changes only what differs. A second run changes nothing.
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
      - The diff has the name of the template, and the service that is made from it.
  idempotent:
    support: full
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  state:
    description:
      - Whether the template should be on the LoadMaster. V(absent) leaves the services alone that were made from it.
    type: str
    choices:
      present: The template is there, as the task says.
      absent: There is no such template.
    default: present
  name:
    description:
      - The name of the template, as it stands inside its file and in the list of templates.
      - >-
        API parameter C(name). WUI: Virtual Services > Manage Templates.
    type: str
    required: true
  content:
    description:
      - The text of the template file, which is uploaded where there is no template of this name yet. A file may bring several templates. The task fails where
        the file has none called O(name).
      - It is not compared. For a newer file under the same name, remove the template first.
      - Read a file with P(ansible.builtin.file#lookup).
      - >-
        API command C(uploadtemplate). WUI: Virtual Services > Manage Templates > Import Template.
    type: str
  virtual_service:
    description:
      - The service to create from the template if it does not exist, as C(address:port) or C(protocol/address:port), with an IPv6 address in brackets. A
        service that is there stays as it is, whatever the template says.
      - Where the template says a port, the LoadMaster uses that one instead of the one given here. Give the same port, else the service is not found at its
        place afterwards. A template may create further services.
      - >-
        API parameter C(template). WUI: Add New > Use Template.
    type: str
notes:
  - API v1 takes an upload together with O(api_key) only in the URL, where it could be logged. The task fails then, before it sends anything. Use API v2, or
    O(username) and O(password).
seealso:
  - module: kemp.loadmaster.virtual_service
    description: Services, option by option.
  - module: kemp.loadmaster.info
    description: All services with their status and counters.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

# mail_template holds the text of a template file from the vendor, whose name inside is "Mail HTTPS".
- name: Upload a template
  kemp.loadmaster.virtual_service_template:
    name: Mail HTTPS
    content: "{{ mail_template }}"

- name: Make a service from it, once
  kemp.loadmaster.virtual_service_template:
    name: Mail HTTPS
    virtual_service: 192.0.2.25:443

- name: Upload it where it is missing, and make another service from it
  kemp.loadmaster.virtual_service_template:
    name: Mail HTTPS
    content: "{{ mail_template }}"
    virtual_service: tcp/192.0.2.26:443

- name: Say what the template leaves open
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    nickname: Mail
    real_servers:
      - address: 192.0.2.31
        port: 443

- name: Remove the template and keep the services
  kemp.loadmaster.virtual_service_template:
    name: Mail HTTPS
    state: absent

- name: Do it from a play that has no LoadMaster in its inventory
  kemp.loadmaster.virtual_service_template:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    name: Mail HTTPS
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
virtual_service_template:
  description:
    - The template as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the template is absent.
  returned: success
  type: dict
  contains:
    name:
      description: The name.
      returned: unless the template is absent
      type: str
      sample: Mail HTTPS
    comment:
      description: What its file says about it.
      returned: unless the template is absent; not for what check mode would upload
      type: str
      sample: Mail over HTTPS, encrypted again
    virtual_service:
      description: The service that would be made from it.
      returned: in check mode, where a service would be made
      type: str
      sample: tcp/192.0.2.25:443
  sample:
    name: Mail HTTPS
    comment: Mail over HTTPS, encrypted again
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
      sample: uploadtemplate
    object:
      description: What it changes.
      returned: always
      type: str
      sample: template Mail HTTPS
    reason:
      description: Why.
      returned: always
      type: str
      sample: upload it
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 4
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
      sample: uploadtemplate
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Unknown template
  sample:
    kind: Refused
    command: uploadtemplate
    http_status: 422
    answer: Unknown template
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.templates.template import SHAPE, Template
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making

MODULE = making("virtual_service_template", SHAPE, lambda options: [Template.from_options(options)])


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
