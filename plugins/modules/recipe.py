#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: recipe
short_description: Apply a recipe of this collection to a LoadMaster
version_added: 0.1.0
description:
  - Builds a document from the variables of one of the roles of this collection, and applies it as
    M(kemp.loadmaster.config) does. The roles consist of this task.
  - The task checks all variables before the first API call. It reports every mistake in one message, each with the name
    of its variable, and then changes nothing.
  - The prefixes of the roles, such as C(exchange2013_l7_), are reserved for their variables. A variable with such a
    prefix that its role does not have is an error with a suggestion, wherever it is set. This includes results that you
    register. So a misspelt name never leaves a restriction open.
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
      - The steps that it predicts are the steps that a run takes, those for objects that do not exist yet included.
  diff_mode:
    support: full
    details:
      - The diff has one part for each object that changes, with the options that change. Secrets are masked.
  idempotent:
    support: full
    details:
      - With C(general_settings_update_secrets) set to V(always), secrets, which cannot be compared, are sent every time.
options:
  name:
    description:
      - The role whose variables are used. See the documentation of the role for them.
      - Either this or O(check_names) is required.
    type: str
    choices:
      exchange2013_l4: Exchange 2013 at layer 4.
      exchange2013_l7: Exchange at layer 7.
      exchange2013_restrict_eac: The Exchange Admin Center for some clients only. It looks at the services of the LoadMaster first.
      general_settings: Settings of the appliance.
      rolling_maintenance: It makes no document. The task checks the variables and changes nothing.
  check_names:
    description:
      - Roles, by the words of O(name). The task only refuses variables that none of them has, with a suggestion, and changes nothing. Nothing is sent
        to the LoadMaster.
      - It also refuses a name whose prefix is misspelt but that is otherwise nearly a variable of one of the roles. Use it where a role runs only when its
        variables are set.
    type: list
    elements: str
    choices: [exchange2013_l4, exchange2013_l7, exchange2013_restrict_eac, general_settings, rolling_maintenance]
  check_tags:
    description:
      - The tags that a playbook has, with O(check_names). The task also refuses a tag in C(--tags) or C(--skip-tags) that is almost one of these,
        since Ansible would select nothing by it without an error. Other tags are left alone.
    type: list
    elements: str
  variables:
    description:
      - The variables by their full names, such as C(exchange2013_l7_vip). Text does for every type, as the command line and surveys give it.
      - Defaults to those variables of the host that have the prefix of the role. V(exchange2013_restrict_eac) also reads those of V(exchange2013_l7).
    type: dict
  document_only:
    description:
      - Returns the document in RV(document) and applies nothing.
    type: bool
    default: false
seealso:
  - module: kemp.loadmaster.config
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Refuse misspelt variables of all roles before anything is done
  kemp.loadmaster.recipe:
    check_names:
      - exchange2013_l4
      - exchange2013_l7
      - exchange2013_restrict_eac
      - general_settings

- name: Exchange 2013 at layer 4, from the variables of the host
  kemp.loadmaster.recipe:
    name: exchange2013_l4
  vars:
    exchange2013_l4_vip: 192.0.2.25
    exchange2013_l4_servers:
      - 192.0.2.31
      - 192.0.2.32

- name: The same at another address, from variables of the task
  kemp.loadmaster.recipe:
    name: exchange2013_l4
    variables:
      exchange2013_l4_vip: 192.0.2.26
      exchange2013_l4_servers: "192.0.2.31, 192.0.2.32"
      exchange2013_l4_scheduling: round_robin

- name: Look at the document only
  kemp.loadmaster.recipe:
    name: general_settings
    document_only: true
    variables:
      general_settings_profile: exchange
  register: settings
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
  returned: when a document was applied, and failure of a plan in check mode
  type: dict
  sample:
    real server 192.0.2.31:443 of virtual service tcp/192.0.2.25:443:
      weight: 1000
after:
  description: The same objects as they are after the task; in check mode, as they would be. Empty for one that is removed.
  returned: when a document was applied, and failure of a plan in check mode
  type: dict
  sample:
    real server 192.0.2.31:443 of virtual service tcp/192.0.2.25:443:
      weight: 500
removed:
  description: What was removed, with what goes along, such as the real servers of a service; in check mode, what would be.
  returned: when a document was applied
  type: list
  elements: str
  sample:
    - virtual service tcp/192.0.2.99:80 (Old)
remarks:
  description:
    - Sentences about services that stay, which the task also prints while it runs. They are services of others at a place of the role, and services with
      nicknames of the role at another address.
  returned: when there are any
  type: list
  elements: str
  sample:
    - 192.0.2.25 has services with nicknames of exchange2013_l7, which stay
out_of_service:
  description: The servers in C(rolling_maintenance_servers) that are out of service already. The role maintains them first.
  returned: when O(name=rolling_maintenance)
  type: list
  elements: str
  sample: [192.0.2.32]
document:
  description:
    - The document that the variables make, as O(kemp.loadmaster.config#module:document) takes it. Secrets are masked.
    - Where the variables make none, its only member is C(faults), a list of sentences that say why.
  returned: when O(document_only) is set
  type: dict
  sample:
    virtual_services:
      - address: 192.0.2.25
        port: 443
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

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.roles import ROLES
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import recipe
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Apply the recipe."""
    return recipe.apply(options, session, check=mode.check, diff=mode.diff)


MODULE = Module(
    options={
        "name": {"type": "str", "choices": list(ROLES)},
        "check_names": {"type": "list", "elements": "str", "choices": list(ROLES)},
        "check_tags": {"type": "list", "elements": "str"},
        "variables": {"type": "dict"},
        "document_only": {"type": "bool", "default": False},
    },
    perform=perform,
    constraints={
        "required_one_of": [("name", "check_names")],
        "mutually_exclusive": [("name", "check_names")],
        "required_by": {"check_tags": ["check_names"]},
    },
    opaque=frozenset({"variables"}),
    secrets=recipe.secrets_of,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
