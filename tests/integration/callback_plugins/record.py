# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes down what every task did, one JSON object a line, in the file that LOADMASTER_TEST_RECORD names."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: record
type: notification
short_description: Note down what every task did
description:
  - For the tests of this collection. Writes a line of JSON for every result and one for the figures at the end.
options: {}
"""

FIGURES = ("ok", "changed", "failures", "unreachable", "skipped", "rescued", "ignored")


def plain(value):
    """The value in the types that JSON has; Ansible's own strings and dictionaries are subclasses of these."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        path = os.environ.get("LOADMASTER_TEST_RECORD")
        self.disabled = path is None
        # Unbuffered: what was noted must be there when the run is killed
        self.file = None if path is None else open(path, "a", encoding="utf-8", buffering=1)

    def write(self, **entry):
        self.file.write(json.dumps(entry) + "\n")

    def note(self, result, status, *, of_item=False, ignored=False):
        # ansible-core 2.19 gave the three attributes public names
        task = getattr(result, "task", None) or result._task
        host = getattr(result, "host", None) or result._host
        data = result.result if hasattr(result, "result") else result._result
        if status == "ok" and data.get("changed"):
            status = "changed"
        label = data.get("_ansible_item_label", data.get(data.get("ansible_loop_var", "item")))
        self.write(
            kind="result",
            host=host.get_name(),
            task=task.name or "",
            action=task.action,
            of_item=of_item,
            item=plain(label) if of_item else None,
            status=status,
            ignored=bool(ignored),
            result=plain({key: value for key, value in data.items() if not str(key).startswith("_ansible_")}),
        )

    def v2_runner_on_ok(self, result):
        self.note(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.note(result, "failed", ignored=ignore_errors)

    def v2_runner_on_unreachable(self, result):
        self.note(result, "unreachable")

    def v2_runner_on_skipped(self, result):
        self.note(result, "skipped")

    def v2_runner_item_on_ok(self, result):
        self.note(result, "ok", of_item=True)

    def v2_runner_item_on_failed(self, result):
        self.note(result, "failed", of_item=True)

    def v2_runner_item_on_skipped(self, result):
        self.note(result, "skipped", of_item=True)

    def v2_playbook_on_stats(self, stats):
        hosts = {}
        for host in stats.processed:
            summary = stats.summarize(host)
            hosts[host] = {name: summary[name] for name in FIGURES}
        self.write(kind="stats", hosts=hosts)
