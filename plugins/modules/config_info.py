#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: config_info
short_description: Read a whole LoadMaster as one document
version_added: 0.1.0
description:
  - Reads a Kemp LoadMaster as a document for M(kemp.loadmaster.config). It changes nothing.
  - Applied to the same appliance, the document changes nothing. Applied to an empty one, together with its secrets, it
    creates an appliance with an identical export.
  - Services, SubVSs, real servers and content rules have only values that have an effect and that a new object does not
    have by default. Settings are complete.
  - Secrets are left out. RV(secrets) names their places in the form that O(kemp.loadmaster.config#module:secrets)
    takes. The document also lacks what the LoadMaster does not report. These are cipher sets without a user, and
    whether a real server or sorry server may be outside the networks of the LoadMaster (C(non_local)). Templates, and
    parameters without an option, are not part of a document.
  - RV(gaps) and a warning name everything else that is missing. These are SubVSs without a unique name, and ciphers of
    a service that belong to no named cipher set.
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
      - Nothing is ever changed.
  diff_mode:
    support: N/A
    details:
      - Nothing is ever changed.
  idempotent:
    support: full
options:
  members:
    description:
      - Which members of the document to read. Fewer of them take fewer calls of the API.
    type: list
    elements: str
    choices:
      all: All of them.
      # The kinds of object: made by tests/tools/module_docs.py; changes belong into their rooms.
      settings: The settings of the appliance.
      certificates: Certificates, without their keys. One call for each.
      intermediate_certificates: Intermediate certificates. One call for each.
      cipher_sets: Cipher sets that are in use and not the LoadMaster's own. One call for each.
      content_rules: Content rules.
      virtual_services: Virtual services with everything that belongs to them.
      # So far the kinds of object.
    default:
      - all
seealso:
  - module: kemp.loadmaster.config
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Read the appliance as a document
  kemp.loadmaster.config_info:
  register: loadmaster

- name: Keep it in a file
  ansible.builtin.copy:
    content: "{{ loadmaster.config | to_nice_yaml(indent=2, width=160, sort_keys=false) }}"
    dest: "{{ inventory_hostname }}.yml"
    mode: "0600"
  delegate_to: localhost

- name: Read services and rules only
  kemp.loadmaster.config_info:
    members:
      - content_rules
      - virtual_services
  register: services

- name: Apply them to the same appliance, which changes nothing
  kemp.loadmaster.config:
    content_rules: "{{ services.config.content_rules }}"
    virtual_services: "{{ services.config.virtual_services }}"
"""

RETURN = r"""
config:
  description: The document, with the members that O(members) asks for, in the form of M(kemp.loadmaster.config).
  returned: success
  type: dict
  sample:
    virtual_services:
      - protocol: tcp
        address: 192.0.2.25
        port: "443"
        nickname: Intranet
        type: http
        real_servers:
          - address: 192.0.2.31
            port: "443"
secrets:
  description:
    - The places of the secrets that the document lacks. Whether a password in the settings is set at all, the LoadMaster does not tell, so all of them are
      named.
  returned: success
  type: list
  elements: str
  sample:
    - settings.email_password
    - certificates.mail-2026.private_key
gaps:
  description:
    - What else the document lacks, or cannot bring to another LoadMaster, in sentences. The same are warnings of the task. Empty where it has everything.
  returned: success
  type: list
  elements: str
  sample:
    - >-
      SubVS without a name of tcp/192.0.2.25:443 is left out: its name is not unique. Rename it.
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

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.export import (
    MEMBERS,
    export,
    further_reads,
    reads,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Read the requested data. The module never changes anything, so check mode has no effect."""
    wanted = frozenset(MEMBERS if "all" in options["members"] else options["members"])
    first = reads(wanted)
    world = session.snapshot.world(first)
    made = export(wanted, session.snapshot.world(first | further_reads(wanted, world)))
    warnings = {"warnings": made.warnings} if made.warnings else {}
    parts = {"config": made.document, "secrets": made.secrets, "gaps": made.warnings}
    return {"changed": False, **parts, "api_calls": session.calls, **warnings}


MODULE = Module(
    options={
        "members": {"type": "list", "elements": "str", "choices": ["all", *MEMBERS], "default": ["all"]},
    },
    perform=perform,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
