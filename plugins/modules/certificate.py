#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: certificate
short_description: Install, replace and remove certificates
version_added: 0.1.0
description:
  - Installs, replaces and deletes one certificate with its private key on a Kemp LoadMaster.
  - The task compares certificates by their content, not by their text. A certificate that differs replaces the
    installed one under the same name. The virtual services that use it keep it.
  - A LoadMaster forgets which certificate is the administrative one when that is replaced. The task assigns it again as
    its last step, since the connection is then verified against the new certificate. This requires
    O(administrative=true), so that a run after an interrupted one can do it too, and O(allow_lockout=true).
  - Private keys cannot be read back. If only the key differs, nothing is sent unless O(force=true).
  - The task reads first and changes only what differs. Then it reads the result back. A change that the LoadMaster did
    not accept is an error.
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - python >= 3.10
  - requests
  - cryptography, which comes with ansible-core. On a host without it, O(pfx) cannot be read, and the first of several certificates counts as the certificate
    itself. Only the LoadMaster then refuses a private key of another certificate.
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
      - The diff has the fingerprint of the certificate before and after. Keys are not shown.
  idempotent:
    support: partial
    details:
      - Every run with O(force=true) installs the certificate and reports a change.
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  state:
    description:
      - Whether the certificate should be on the LoadMaster. V(absent) is an error while a virtual service or the web user interface uses it. Intermediate
        certificates that came with it stay.
    type: str
    choices:
      present: The certificate is installed, with the options of the task.
      absent: The certificate is not installed.
    default: present
  name:
    description:
      - The name by which O(kemp.loadmaster.virtual_service#module:certificates) know the certificate. It is made of letters, digits, dots, underscores and
        hyphens, at most 251 of them, and upper and lower case matter.
      - >-
        API parameter C(cert). WUI: Certificates & Security > SSL Certificates > Certificate Identifier.
    type: str
    required: true
  certificate:
    description:
      - The certificate in PEM. The same text can contain its private key and its chain, in any layout and order. You cannot combine it with O(pfx).
      - The certificate is the one that issued none of the others. If there are several, it is the one that matches the private key.
      - Without it and without O(pfx), the certificate must already be installed.
      - Ansible masks this option, O(private_key) and O(pfx), since each can contain the key.
      - Read a file with P(ansible.builtin.file#lookup).
      - >-
        API command C(addcert). WUI: Certificates & Security > SSL Certificates > Import Certificate.
    type: str
  private_key:
    description:
      - The private key in PEM, unless O(certificate) contains it. It must not be encrypted.
      - The LoadMaster never returns it, so it cannot be compared. See O(force).
      - >-
        API command C(addcert). WUI: Certificates & Security > SSL Certificates > Import Certificate.
    type: str
  pfx:
    description:
      - Certificate, private key and chain as PKCS#12 (PFX), encoded with Base64. The module opens it and sends PEM, so O(pfx_password) does not leave the host
        where the task runs.
      - C(base64 mail.pfx) prints such a text. Keep it in a vault or in a file.
      - >-
        API command C(addcert). WUI: Certificates & Security > SSL Certificates > Import Certificate.
    type: str
  pfx_password:
    description:
      - The password of O(pfx), if it has one.
    type: str
  install_chain:
    description:
      - Whether to install the rest of the chain in O(certificate) or O(pfx) as intermediate certificates. The LoadMaster itself keeps only the first
        certificate of a file.
      - Each gets the name of the certificate, a hyphen and the first 8 digits of its own SHA-256 fingerprint, such as C(mail-1f2e3d4c). After a renewal, the
        new chain is installed beside the old one. The old chain is then removed, unless a virtual service names it, or it signed another certificate on the
        LoadMaster. This requires the Python library cryptography. Without it, and with V(false), the old chain stays.
      - >-
        API command C(addintermediate). WUI: Certificates & Security > Intermediate Certs.
    type: bool
    default: true
  administrative:
    description:
      - Makes it the certificate of the WUI and the API. V(false) changes nothing. To take this role away, give it to another certificate.
      - It requires O(allow_lockout=true). Only one certificate can have this role.
      - It is required if you replace the certificate with this role, unless another one in the same document of M(kemp.loadmaster.config) gets the role.
      - >-
        API parameter C(admincert). WUI: Certificates & Security > SSL Certificates > Administrative Certificates.
    type: bool
    default: false
  force:
    description:
      - Installs the certificate even if the LoadMaster has the same one. Use it for a new O(private_key) with an unchanged certificate. The task then always
        reports a change. It requires O(certificate) or O(pfx).
      - >-
        API command C(addcert). WUI: Certificates & Security > SSL Certificates > Replace Certificate.
    type: bool
    default: false
  allow_lockout:
    description:
      - >-
        Allows changes that can cut off the connection of this task: making it the administrative certificate, or replacing the administrative certificate. The
        connection then uses the new certificate, so O(fingerprint) and O(ca_path) must match that.
    type: bool
    default: false
notes:
  - API v1 takes an upload together with O(api_key) only in the URL, where it could be logged. The task fails then, before it sends anything. Use API v2, or
    O(username) and O(password).
seealso:
  - module: kemp.loadmaster.intermediate_certificate
    description: Certificates of authorities, one by one.
  - module: kemp.loadmaster.virtual_service
    description: Which certificates a service uses.
  - module: kemp.loadmaster.cipher_set
    description: Sets of ciphers for services.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

# vault_mail_certificate holds, in PEM, certificate, private key and the certificates above it.
- name: Install a certificate with its chain
  kemp.loadmaster.certificate:
    name: mail
    certificate: "{{ vault_mail_certificate }}"

- name: Install a certificate whose key is in a text of its own
  kemp.loadmaster.certificate:
    name: shop
    certificate: "{{ vault_shop_certificate }}"
    private_key: "{{ vault_shop_key }}"

- name: Install a certificate from a PFX file
  kemp.loadmaster.certificate:
    name: portal
    pfx: "{{ vault_portal_pfx }}"
    pfx_password: "{{ vault_portal_password }}"
    install_chain: false

- name: Use two of them for one service
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    type: http
    ssl_acceleration: true
    certificates:
      - mail
      - shop

- name: Install the certificate again, with a key that is another one
  kemp.loadmaster.certificate:
    name: shop
    certificate: "{{ vault_shop_certificate }}"
    private_key: "{{ vault_shop_key }}"
    force: true

- name: Use one for the web user interface and the API, once the connection trusts it
  kemp.loadmaster.certificate:
    name: portal
    administrative: true
    allow_lockout: true

- name: Let the service do without a certificate
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    certificates:
      - mail

- name: Remove the certificate that it no longer uses
  kemp.loadmaster.certificate:
    name: shop
    state: absent

- name: Do it from a play that has no LoadMaster in its inventory
  kemp.loadmaster.certificate:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    name: mail
    certificate: "{{ vault_mail_certificate }}"
  delegate_to: localhost
"""

RETURN = r"""
certificate:
  description:
    - The certificate as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the certificate is absent.
  returned: success
  type: dict
  contains:
    name:
      description: The name.
      returned: unless the certificate is absent
      type: str
      sample: mail
    fingerprint:
      description: The SHA-256 fingerprint of the certificate.
      returned: unless the certificate is absent
      type: str
      sample: 1F:2E:3D:4C:5B:6A:79:88:97:A6:B5:C4:D3:E2:F1:00:0F:1E:2D:3C:4B:5A:69:78:87:96:A5:B4:C3:D2:E1:F0
    administrative:
      description: Whether it is the certificate of the web user interface and the API.
      returned: unless the certificate is absent
      type: bool
      sample: false
    chain:
      description: The names of the intermediate certificates that came with it. Empty where the task has no chain, or O(install_chain=false).
      returned: unless the certificate is absent
      type: list
      elements: str
      sample:
        - mail-1f2e3d4c
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
      sample: addcert
    object:
      description: What it changes.
      returned: always
      type: str
      sample: certificate mail
    reason:
      description: Why.
      returned: always
      type: str
      sample: install it
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 5
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
      sample: addcert
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: No private key found
  sample:
    kind: Refused
    command: addcert
    http_status: 422
    answer: No private key found
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    SHAPE,
    Certificate,
    chain_of,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making


def wanted_by(options: Mapping[str, Any]) -> list[Desired]:
    """Return the certificate that the options describe, and the chain above it."""
    certificate = Certificate.from_options(options)
    return [certificate, *chain_of(certificate)]


MODULE = making("certificate", SHAPE, wanted_by)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
