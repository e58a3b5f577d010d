#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cipher_set
short_description: Create, change and delete cipher sets
version_added: 0.1.0
description:
  - Creates, changes and deletes one cipher set of a Kemp LoadMaster.
  - O(ciphers) is complete and in order. A set that differs is replaced as a whole, for all virtual services that use
    it.
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
      - The diff has the ciphers before and after.
  idempotent:
    support: full
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  state:
    description:
      - Whether the cipher set should be on the LoadMaster. V(absent) is an error while a virtual service or a setting of M(kemp.loadmaster.settings) uses it.
    type: str
    choices:
      present: The cipher set exists, with the options of the task.
      absent: The cipher set does not exist.
    default: present
  name:
    description:
      - The name by which O(kemp.loadmaster.virtual_service#module:cipher_set) knows the set. It is made of letters, digits, dots, underscores and hyphens, at
        most 127 of them, and upper and lower case matter.
      - >-
        The sets that the LoadMaster brings cannot be changed or removed: C(Default), C(Default_NoRc4), C(BestPractices), C(Intermediate_compatibility),
        C(Backward_compatibility), C(WUI), C(FIPS), C(Legacy), C(Null_Ciphers), C(ECDSA_Default) and C(ECDSA_BestPractices). Nor can those that a virtual
        service has for itself: C(Custom_1) and so on.
      - >-
        API parameter C(name). WUI: Certificates & Security > Cipher Sets > Cipher Set.
    type: str
    required: true
  ciphers:
    description:
      - The ciphers for TLS up to version 1.2, by their OpenSSL names, the preferred one first. It is required with O(state=present). The LoadMaster refuses the
        whole list if it does not know one of the names.
      - >-
        API parameter C(value). WUI: Certificates & Security > Cipher Sets > Assigned Ciphers.
    type: list
    elements: str
seealso:
  - module: kemp.loadmaster.virtual_service
    description: Which set a service uses.
  - module: kemp.loadmaster.certificate
    description: Certificates with their keys and chains.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Have a set with ciphers of this day only
  kemp.loadmaster.cipher_set:
    name: Modern
    ciphers:
      - ECDHE-ECDSA-AES256-GCM-SHA384
      - ECDHE-RSA-AES256-GCM-SHA384
      - ECDHE-ECDSA-AES128-GCM-SHA256
      - ECDHE-RSA-AES128-GCM-SHA256

- name: Use it
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    type: http
    ssl_acceleration: true
    tls_versions:
      - TLSv1.2
      - TLSv1.3
    cipher_set: Modern

- name: Drop the shorter keys from it
  kemp.loadmaster.cipher_set:
    name: Modern
    ciphers:
      - ECDHE-ECDSA-AES256-GCM-SHA384
      - ECDHE-RSA-AES256-GCM-SHA384

- name: Give the service one of those that the LoadMaster brings
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    cipher_set: BestPractices

- name: Remove the set
  kemp.loadmaster.cipher_set:
    name: Modern
    state: absent

- name: Do it from a play that has no LoadMaster in its inventory
  kemp.loadmaster.cipher_set:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    name: Modern
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
cipher_set:
  description:
    - The set as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the set is absent.
  returned: success
  type: dict
  contains:
    name:
      description: The name.
      returned: unless the set is absent
      type: str
      sample: Modern
    ciphers:
      description: The ciphers, the preferred one first.
      returned: unless the set is absent
      type: list
      elements: str
      sample:
        - ECDHE-ECDSA-AES256-GCM-SHA384
        - ECDHE-RSA-AES256-GCM-SHA384
  sample:
    name: Modern
    ciphers:
      - ECDHE-ECDSA-AES256-GCM-SHA384
      - ECDHE-RSA-AES256-GCM-SHA384
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
      sample: modifycipherset
    object:
      description: What it changes.
      returned: always
      type: str
      sample: cipher set Modern
    reason:
      description: Why.
      returned: always
      type: str
      sample: create it
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
      sample: modifycipherset
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Invalid Cipher list
  sample:
    kind: Refused
    command: modifycipherset
    http_status: 422
    answer: Invalid Cipher list
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.cipher_set import SHAPE, CipherSet
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making

MODULE = making("cipher_set", SHAPE, lambda options: [CipherSet.from_options(options)])


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
