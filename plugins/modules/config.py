#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: config
short_description: Apply one document to a whole LoadMaster
version_added: 0.1.0
description:
  - Takes the desired state of a Kemp LoadMaster as one document, reads the appliance once, sends only differences in a
    safe order, and reads the result back. A second run changes nothing.
  - The members of the document are O(settings), O(certificates), O(intermediate_certificates), O(cipher_sets),
    O(content_rules) and O(virtual_services). Give them as options, as one value in O(document), in a file with O(src),
    by a O(template), or in several of these ways at once. An entry has the options of the module of its kind. An entry
    of O(virtual_services) also has C(sub_virtual_services), whose entries have the options of
    M(kemp.loadmaster.sub_virtual_service) without its parent.
  - The task checks the whole document before the first API call, and checks it against the appliance before the first
    write. It reports every mistake with its place in the document, and then changes nothing.
  - Dependencies come first, and additions come before removals. SubVSs are identified by their names, since the
    LoadMaster may renumber them at any time.
  - Objects that the document does not name stay unchanged, unless you set O(purge) or O(state=replaced).
  - M(kemp.loadmaster.config_info) reads an appliance as such a document. C(docs/config.schema.json) in the collection
    is a schema with which editors complete and check documents.
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - python >= 3.10
  - requests
  - PyYAML, for O(src) in YAML only
  - cryptography, which comes with ansible-core, for certificates
extends_documentation_fragment:
  - kemp.loadmaster.connection
  - kemp.loadmaster.attributes
attributes:
  check_mode:
    support: full
    details:
      - The steps that it predicts are the steps that a run takes, those for objects that do not exist yet included.
  diff_mode:
    support: full
    details:
      - The diff has one part for each object that changes, with the options that change. Secrets are masked.
  idempotent:
    support: full
    details:
      - With C(force) of a certificate and with C(update_secrets) set to V(always) in the settings, what cannot be compared is sent every time.
options:
  state:
    description:
      - What becomes of options that an entry of the document leaves out. What objects the document does not have at all is left to O(purge).
    type: str
    choices:
      merged: They stay as they are.
      replaced: >-
        They get the value that a new object has. That goes for services, SubVSs, real servers and content rules. Where the value depends on port,
        firmware or global settings (C(type), C(check_type), C(force_l4), C(ssl_acceleration), C(transparent), C(subnet_originating), C(idle_timeout),
        C(tls_versions), C(persistence_timeout)), it stays as it is; M(kemp.loadmaster.config_info) always has these.
    default: merged
  src:
    description:
      - A file with the document, in YAML, or in JSON where its name ends in C(.json). It holds the members that are options here.
      - Ansible looks for it as for the file of a copy task, C(files/) of role and playbook first, and decrypts it where it is encrypted with Ansible Vault.
        It is not templated, and so costs a fraction of the time that a large document takes as options.
      - A key that is there twice is an error, and so is a number that YAML reads as another one, such as C(0443), C(1_000) or C(1:30). Single values that are
        encrypted (C(!vault)) cannot be read. Encrypt the file, or use O(secrets).
    type: path
  template:
    description:
      - A Jinja2 template of the document, which Ansible looks for as for that of a template task, C(templates/) of role and playbook first. What it renders
        to is YAML with the members that are options here. It may say in O(faults) why its variables make no document.
    type: path
  document:
    description:
      - The document as one value, such as RV(kemp.loadmaster.config_info#module:config). It holds the members that are options here.
      - It may be text in YAML too, as that of a lookup.
    type: dict
  # The kinds of object: made by tests/tools/module_docs.py; changes belong into their rooms.
  settings:
    description:
      - The settings of the appliance, with the options of M(kemp.loadmaster.settings).
    type: dict
  certificates:
    description:
      - Certificates with their keys, each with the options of M(kemp.loadmaster.certificate).
      - One without a key is compared with the installed one. It is an error only if it must be installed.
    type: list
    elements: dict
  intermediate_certificates:
    description:
      - Intermediate certificates, each with the options of M(kemp.loadmaster.intermediate_certificate).
    type: list
    elements: dict
  cipher_sets:
    description:
      - Cipher sets, each with the options of M(kemp.loadmaster.cipher_set).
    type: list
    elements: dict
  content_rules:
    description:
      - Content rules, each with the options of M(kemp.loadmaster.content_rule).
    type: list
    elements: dict
  virtual_services:
    description:
      - Virtual services, each with the options of M(kemp.loadmaster.virtual_service), with C(real_servers) and C(sub_virtual_services).
      - A new service without real servers, SubVSs or a redirect is an error, and so is a new SubVS without real servers. If you want one, set
        C(real_servers=[]).
    type: list
    elements: dict
  # So far the kinds of object.
  faults:
    description:
      - What is wrong with the document, as sentences of the role or template that built it. If there are any, the task
        fails with them and changes nothing. This is for templates whose variables can contradict each other.
    type: list
    elements: str
  secrets:
    description:
      - Secrets by their places, which are put into the document before it is used. M(kemp.loadmaster.config_info) names the places of those that an
        export lacks. Places are C(settings.OPTION) and C(certificates.NAME.OPTION).
    type: dict
  purge:
    description:
      - What to remove if the document does not list it, by kind. It goes after everything else is made. RV(removed) names it, in check mode before it goes.
      - Without O(purge[].names) and O(purge[].addresses) all of the kind is meant; an empty list is refused. Where the document has nothing of the kind,
        or nothing that is present, the task fails unless O(allow_empty_purge) is set.
      - A rule or certificate that something needs which stays is not removed. The task fails before it changes anything.
      - With O(state=replaced) a service that V(virtual_services) covers is deleted and recreated where a change in place is impossible. This
        covers a service that has real servers but must have SubVSs, or the other way round. It also covers SubVSs in another order, and C(check_interval),
        C(check_timeout) and C(check_retries) that would have to be cleared. The step names the reason.
    type: list
    elements: dict
    suboptions:
      kind:
        description:
          - What to remove. Cipher sets cannot be purged, since the LoadMaster does not list them.
        type: str
        required: true
        choices:
          # The kinds of object: made by tests/tools/module_docs.py; changes belong into their rooms.
          certificates: Certificates. The administrative one stays, unless the document gives its role to another one.
          intermediate_certificates: Intermediate certificates.
          content_rules: Content rules.
          virtual_services: Services, with all that belongs to them.
          sub_virtual_services: SubVSs of services that the document has with a list C(sub_virtual_services). Those without a name of their own stay, with a
            warning, since no document can name them.
          real_servers: Real servers of services and SubVSs that the document has with a list C(real_servers).
          # So far the kinds of object.
          all: Every kind that can be removed, in this and in later versions. It takes neither O(purge[].names) nor O(purge[].addresses).
      names:
        description:
          - Only what has a name that fits one of these patterns, in which C(*) stands for any text and C(?) for any character. The name of a service is its
            nickname, that of a real server its address as it was given.
        type: list
        elements: str
      addresses:
        description:
          - Only services or real servers whose address is in one of these networks.
        type: list
        elements: str
  allow_empty_purge:
    description:
      - Lets O(purge) remove all of a kind that the document has nothing of.
    type: bool
    default: false
  allow_no_servers:
    description:
      - Lets the task, and so O(purge) as well, remove or disable the last enabled real server of a service. An entry can say it for itself.
    type: bool
    default: false
  allow_lockout:
    description:
      - Lets the task change what can cut off its own connection, such as the port of the API or the administrative certificate.
    type: bool
    default: false
  rollback:
    description:
      - Where a step fails, undoes what this task did before. The way back is planned like any task, from the current to the former state. A step that
        cannot be reverted does not stop the others. In the end the LoadMaster is read again. The error says that it was undone,
        or names all that is not as it was, such as a certificate that was removed or replaced, whose key cannot be read.
    type: bool
    default: false
  backup:
    description:
      - Takes a backup of the LoadMaster before anything is written, and only then. It needs the permission for backups.
    type: bool
    default: false
  backup_options:
    description:
      - Where the backup is written, on the host where the task runs, which is the controller unless it is delegated to another one. It requires
        O(backup). An existing file stays until the new one is complete.
    type: dict
    suboptions:
      dir_path:
        description:
          - The directory, which is made where it does not exist. The default is C(backup) in the current one.
        type: path
      filename:
        description:
          - The name of the file. The default has address and time.
        type: str
seealso:
  - module: kemp.loadmaster.config_info
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Make two services with one task
  kemp.loadmaster.config:
    settings:
      hostname: lm1
      ntp_servers:
        - ntp1.example.com
    content_rules:
      - name: Reports
        kind: match_content
        pattern: /^\/reports.*/
        ignore_case: true
    virtual_services:
      - address: 192.0.2.25
        port: 443
        nickname: Intranet
        type: http
        ssl_acceleration: true
        ssl_reencrypt: true
        sub_virtual_services:
          - name: Reports
            content_rules:
              - Reports
            check_type: https
            check_url: /reports/health
            real_servers:
              - address: 192.0.2.31
              - address: 192.0.2.32
      - address: 192.0.2.25
        port: 80
        nickname: Intranet Redirect
        type: http
        check_type: none
        error_code: 301
        error_url: https://%h%s

- name: Make the appliance as a file says, and remove services of the lab network that the file does not have
  kemp.loadmaster.config:
    src: "{{ lookup('ansible.builtin.env', 'LAB_DOCUMENT', default='lm1.yml') }}"
    state: replaced
    purge:
      - kind: virtual_services
        addresses:
          - 192.0.2.0/24
      - kind: real_servers
    rollback: true

- name: Make the services that a template describes, with the addresses of this site
  kemp.loadmaster.config:
    template: intranet.yml.j2
  vars:
    intranet_address: 192.0.2.80
    intranet_servers:
      - address: 192.0.2.81
      - address: 192.0.2.82

- name: Install a certificate whose key is not in the document
  kemp.loadmaster.config:
    src: certificates.yml
    secrets:
      certificates.mail-2026.private_key: "{{ vault_mail_2026_key }}"
    backup: true
    backup_options:
      dir_path: /var/backups/loadmaster
"""

RETURN = r"""
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
      sample: addvs
    object:
      description: What it changes.
      returned: always
      type: str
      sample: virtual service tcp/192.0.2.25:443 (Intranet)
    reason:
      description: Why.
      returned: always
      type: str
      sample: create it
before:
  description:
    - The objects that the task changes, as far as it changes them, as they were. Empty for one that did not exist. Secrets are masked.
    - In check mode also where a part of the document cannot be made so, which RV(error.problems) names; then it has the rest.
  returned: success, and failure of a plan in check mode
  type: dict
  sample:
    real server 192.0.2.31:443 of virtual service tcp/192.0.2.25:443:
      weight: 1000
after:
  description: The same objects as they are after the task; in check mode, as they would be. Empty for one that is removed.
  returned: success, and failure of a plan in check mode
  type: dict
  sample:
    real server 192.0.2.31:443 of virtual service tcp/192.0.2.25:443:
      weight: 500
removed:
  description: What was removed, with what goes along, such as the real servers of a service; in check mode, what would be.
  returned: success
  type: list
  elements: str
  sample:
    - virtual service tcp/192.0.2.99:80 (Old)
backup_path:
  description: The file with the backup.
  returned: when O(backup) is set and something was written
  type: str
  sample: /var/backups/loadmaster/192.0.2.5_2026-05-28@18-36-40.backup
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
      sample: addvs
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Invalid VS address
    problems:
      description: Everything that is wrong with the document, each with its place in it.
      returned: where the document is wrong
      type: list
      elements: dict
      contains:
        place:
          description: Where it is.
          returned: always
          type: str
          sample: virtual_services[0].real_servers[1]
        message:
          description: What is wrong there.
          returned: always
          type: str
          sample: weight is 0, but it must be from 1 to 65530.
  sample:
    kind: Refused
    command: addvs
    http_status: 422
    answer: Invalid VS address
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import MEMBERS
from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.purge import EVERYTHING, PURGEABLE
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import config
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.files import source
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Apply the document."""
    return config.apply(options, session, check=mode.check, diff=mode.diff)


MODULE = Module(
    options={
        "state": {"type": "str", "choices": ["merged", "replaced"], "default": "merged"},
        "src": {"type": "path"},
        "template": {"type": "path"},
        "document": {"type": "dict"},
        **{kind.member: {"type": "dict"} if kind.single else {"type": "list", "elements": "dict"} for kind in MEMBERS},
        "faults": {"type": "list", "elements": "str"},
        "secrets": {"type": "dict", "no_log": True},
        "purge": {
            "type": "list",
            "elements": "dict",
            "options": {
                "kind": {"type": "str", "required": True, "choices": [*PURGEABLE, EVERYTHING]},
                "names": {"type": "list", "elements": "str"},
                "addresses": {"type": "list", "elements": "str"},
            },
        },
        "allow_empty_purge": {"type": "bool", "default": False},
        "allow_no_servers": {"type": "bool", "default": False},
        "allow_lockout": {"type": "bool", "default": False},
        "rollback": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
        "backup_options": {
            "type": "dict",
            "options": {"dir_path": {"type": "path"}, "filename": {"type": "str"}},
        },
    },
    perform=perform,
    opaque=source.OPAQUE,
    secrets=source.secrets_of,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
