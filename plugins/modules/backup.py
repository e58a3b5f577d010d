#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup
short_description: Back up the configuration to a file
version_added: 0.1.0
description:
  - Downloads a backup of the configuration of a Kemp LoadMaster, and writes it to a file on the host where the task runs. That is the controller,
    unless you delegate the task to another host.
  - Restore the file in the WUI. According to the vendor's guide it contains neither certificates nor the licence.
  - The file is readable by its owner only. It is written in one step, so an existing file stays until the new one is complete.
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
      - Nothing is downloaded, written or deleted.
  diff_mode:
    support: none
    details:
      - A backup is encrypted, so there is nothing to compare.
  idempotent:
    support: none
    details:
      - Each run takes a new backup.
options:
  dir_path:
    description:
      - The directory, which is created if it does not exist.
    type: path
    default: backup
  filename:
    description:
      - The name of the file. The default has the address of the LoadMaster and the local time, such as V(192.0.2.5_2026-05-28@18-36-40.backup).
      - With a name of your own, each backup replaces the one before.
    type: str
  keep:
    description:
      - How many backups of this LoadMaster to keep in O(dir_path), the new one included. Older ones are deleted after the new one is complete. The
        default keeps all of them.
      - Only files with the default name count. Other files, and backups of other LoadMasters, stay.
    type: int
seealso:
  - module: kemp.loadmaster.config
    description: Takes a backup before a change, with O(kemp.loadmaster.config#module:backup).
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Back up the LoadMaster
  kemp.loadmaster.backup:
    dir_path: backups

- name: Back up the LoadMaster, and keep the last seven backups
  kemp.loadmaster.backup:
    dir_path: backups
    keep: 7

- name: Replace the last backup
  kemp.loadmaster.backup:
    dir_path: backups
    filename: "{{ inventory_hostname }}.backup"
"""

RETURN = r"""
backup_path:
  description: The file with the backup. In check mode, the file that a run at this moment would write.
  returned: success
  type: str
  sample: backups/192.0.2.5_2026-05-28@18-36-40.backup
size:
  description: The size of the backup in bytes; null in check mode.
  returned: success
  type: int
  sample: 48211
removed_backups:
  description: The old backups that were deleted. In check mode, those that a run would delete.
  returned: success
  type: list
  elements: str
  sample: ["backups/192.0.2.5_2026-05-21@18-36-40.backup"]
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
      sample: backup
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 403
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Permission denied
  sample:
    kind: Refused
    command: backup
    http_status: 403
    answer: Permission denied
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.files import backup_file
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Take the backup, then delete old ones."""
    directory, name, keep = options["dir_path"], options["filename"], options["keep"]
    problems = []
    if keep is not None and keep < 1:
        problems.append(Problem("", "keep must be at least 1."))
    if keep is not None and name:
        problems.append(Problem("", "keep needs backups with dated names. Remove filename or keep."))
    if problems:
        raise InvalidOption.from_problems(problems)
    host = session.client.connection.host
    path = backup_file.path_of(host, directory, name)
    size = None
    if mode.check:
        old = [] if keep is None else backup_file.outdated(host, directory, keep - 1)
    else:
        content = session.backup()
        backup_file.write(path, content)
        size = len(content)
        old = [] if keep is None else backup_file.outdated(host, directory, keep)
        try:
            for each in old:
                backup_file.remove(each)
        except InvalidOption as error:
            error.changed = True
            raise
    return {
        "changed": True,
        "backup_path": path,
        "size": size,
        "removed_backups": old,
        "api_calls": session.calls,
    }


MODULE = Module(
    options={
        "dir_path": {"type": "path", "default": "backup"},
        "filename": {"type": "str"},
        "keep": {"type": "int"},
    },
    perform=perform,
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
