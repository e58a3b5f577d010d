#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: command
short_description: Send any command of the API
version_added: 0.1.0
description:
  - Sends one command of the API to a Kemp LoadMaster, for everything that has no module. The other modules know what they change, predict it and
    verify it, so prefer these.
  - A command that changes something is sent in every run, unless O(done_when) finds that nothing is left to do.
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - python >= 3.10
  - requests
  - jmespath, for O(done_when) only
extends_documentation_fragment:
  - kemp.loadmaster.connection
  - kemp.loadmaster.attributes
attributes:
  check_mode:
    support: full
    details:
      - A command that only reads is sent. A command that changes something is not sent, and the task reports a change.
  diff_mode:
    support: none
    details:
      - The module does not know what a command changes.
  idempotent:
    support: partial
    details:
      - With O(done_when) the second run changes nothing. A command that only reads never reports a change.
options:
  command:
    description:
      - The name of the command, such as V(addhost). M(kemp.loadmaster.info) lists those that the LoadMaster knows.
    type: str
    required: true
  parameters:
    description:
      - The parameters by their API names. A value is a text, a number or a boolean, which is sent as C(yes) or C(no).
    type: dict
    default: {}
  secrets:
    description:
      - Further parameters, whose values Ansible masks everywhere.
      - If the answer contains a secret, such as a new API key, set C(no_log) on the task.
    type: dict
  changes:
    description:
      - Whether the command changes something. By default the name decides. Commands that begin with C(get), C(list), C(read) or C(show), and some
        others on record, only read. All other commands count as changes.
    type: bool
  done_command:
    description:
      - A command that only reads. Its answer tells whether anything is left to do. It requires O(done_when).
    type: str
  done_parameters:
    description:
      - The parameters of O(done_command).
    type: dict
    default: {}
  done_when:
    description:
      - A JMESPath expression over the answer of O(done_command). If it is true, O(command) is not sent.
    type: str
  src:
    description:
      - A file to upload with the command, on the host where the task runs.
    type: path
  dest:
    description:
      - The file for the answer of a command that returns a file, on the host where the task runs. It is readable by its owner only. If it has the same
        content, it is not written.
    type: path
  allow_lockout:
    description:
      - Allows commands that can cut off the connection, such as C(reboot), C(restore), C(factoryreset), and C(set) with a dangerous parameter.
    type: bool
    default: false
notes:
  - Parameters and answers are those of the API, not the words of the other modules.
seealso:
  - module: kemp.loadmaster.settings
    description: Changes parameters of the command C(set), and verifies them.
  - module: kemp.loadmaster.info
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Read the totals of all services
  kemp.loadmaster.command:
    command: vstotals
  register: totals

- name: Add a content rule with a parameter that has no option, unless it exists
  kemp.loadmaster.command:
    command: addrule
    parameters:
      name: Intranet
      type: 0
      pattern: /^\/intranet/
    done_command: showrule
    done_when: "*[] | [?Name == 'Intranet'] | length(@) > `0`"

- name: Keep a backup
  kemp.loadmaster.command:
    command: backup
    dest: lm1.backup
"""

RETURN = r"""
response:
  description: The answer of the command, in the form of API v2; null if nothing was sent, or if the answer is a file.
  returned: success
  type: dict
  sample:
    VSTotals: {ConnsPerSec: "0"}
message:
  description: The text of the answer outside of its members.
  returned: success
  type: str
  sample: Command completed ok
skipped_because:
  description: Why the command was not sent; empty if it was.
  returned: success
  type: str
  sample: ""
dest:
  description: The file with the answer.
  returned: when O(dest) is set
  type: str
  sample: lm1.backup
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
      sample: addhost
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Invalid host
  sample:
    kind: Refused
    command: addhost
    http_status: 422
    answer: Invalid host
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import any_command
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Send the command."""
    return any_command.send(options, session, check=mode.check)


MODULE = Module(
    options={
        "command": {"type": "str", "required": True},
        "parameters": {"type": "dict", "default": {}},
        "secrets": {"type": "dict", "no_log": True},
        "changes": {"type": "bool"},
        "done_command": {"type": "str"},
        "done_parameters": {"type": "dict", "default": {}},
        "done_when": {"type": "str"},
        "src": {"type": "path"},
        "dest": {"type": "path"},
        "allow_lockout": {"type": "bool", "default": False},
    },
    perform=perform,
    secrets=any_command.secrets,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
