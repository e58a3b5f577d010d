#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: intermediate_certificate
short_description: Install, replace and delete intermediate certificates
version_added: 0.1.0
description:
  - Installs, replaces and deletes one certificate of an authority on a Kemp LoadMaster. The LoadMaster sends it
    together with the certificates that this authority issued, and verifies client certificates with it.
  - The task compares certificates by their content, not by their text. The LoadMaster cannot replace one in place. If
    the name is taken by another certificate, the task deletes that one before it installs the new one, so it is missing
    in between. The LoadMaster refuses to delete a certificate that is in
    O(kemp.loadmaster.virtual_service#module:intermediate_certificates) of a virtual service, so the task fails before
    it sends anything. Then install the new one under another name, and assign that name to the services.
  - M(kemp.loadmaster.certificate) installs the chain of a certificate together with it.
  - The task reads first and changes only what differs. Then it reads the result back. A change that the LoadMaster did
    not accept is an error.
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
      - The diff has the fingerprint of the certificate before and after.
  idempotent:
    support: full
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  state:
    description:
      - Whether the certificate should be on the LoadMaster. V(absent) is an error while a virtual service names it.
    type: str
    choices:
      present: The certificate is installed, with the options of the task.
      absent: The certificate is not installed.
    default: present
  name:
    description:
      - The name by which O(kemp.loadmaster.virtual_service#module:intermediate_certificates) know the certificate. It is made of letters, digits, dots,
        underscores and hyphens, at most 251 of them, and upper and lower case matter.
      - >-
        API parameter C(cert). WUI: Certificates & Security > Intermediate Certs > Certificate Name.
    type: str
    required: true
  certificate:
    description:
      - Exactly one certificate in PEM, without a private key. It is required with O(state=present).
      - Read a file with P(ansible.builtin.file#lookup).
      - >-
        API command C(addintermediate). WUI: Certificates & Security > Intermediate Certs > Add a new Intermediate Certificate.
    type: str
notes:
  - API v1 takes an upload together with O(api_key) only in the URL, where it could be logged. The task fails then, before it sends anything. Use API v2, or
    O(username) and O(password).
seealso:
  - module: kemp.loadmaster.certificate
    description: Certificates with their keys and chains.
  - module: kemp.loadmaster.virtual_service
    description: Which intermediate certificates a service checks clients with.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Install the certificate of an authority
  kemp.loadmaster.intermediate_certificate:
    name: example-issuing
    certificate: "{{ issuing_certificate }}"

- name: Install those that check the certificates of clients
  kemp.loadmaster.intermediate_certificate:
    name: "{{ item.name }}"
    certificate: "{{ item.certificate }}"
  loop:
    - {name: staff-root, certificate: "{{ staff_root_certificate }}"}
    - {name: staff-issuing, certificate: "{{ staff_issuing_certificate }}"}

- name: Check the clients of a service with them
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    type: http
    ssl_acceleration: true
    client_certificates: required
    intermediate_certificates:
      - staff-root
      - staff-issuing

- name: Replace one by another certificate of the same name
  kemp.loadmaster.intermediate_certificate:
    name: example-issuing
    certificate: "{{ new_issuing_certificate }}"

- name: Remove it
  kemp.loadmaster.intermediate_certificate:
    name: example-issuing
    state: absent

- name: Do it from a play that has no LoadMaster in its inventory
  kemp.loadmaster.intermediate_certificate:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    name: example-issuing
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
intermediate_certificate:
  description:
    - The certificate as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the certificate is absent.
  returned: success
  type: dict
  contains:
    name:
      description: The name.
      returned: unless the certificate is absent
      type: str
      sample: example-issuing
    fingerprint:
      description: The SHA-256 fingerprint of the certificate.
      returned: unless the certificate is absent
      type: str
      sample: 1F:2E:3D:4C:5B:6A:79:88:97:A6:B5:C4:D3:E2:F1:00:0F:1E:2D:3C:4B:5A:69:78:87:96:A5:B4:C3:D2:E1:F0
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
      sample: addintermediate
    object:
      description: What it changes.
      returned: always
      type: str
      sample: intermediate certificate example-issuing
    reason:
      description: Why.
      returned: always
      type: str
      sample: install it
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
      sample: addintermediate
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Filename already exists
  sample:
    kind: Refused
    command: addintermediate
    http_status: 422
    answer: Filename already exists
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    INTERMEDIATE_SHAPE,
    IntermediateCertificate,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making

MODULE = making(
    "intermediate_certificate", INTERMEDIATE_SHAPE, lambda options: [IntermediateCertificate.from_options(options)]
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
