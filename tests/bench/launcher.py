# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command to its end and write down what it and its descendants cost.

Started as ``python -I -S launcher.py RESULT COMMAND...``, a process of its own that is small: the peak memory of a
process counts from its fork, so one that is forked from a large process would show that one's memory.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run the command of the command line, write figures as JSON, and return the command's exit code."""
    result, *command = sys.argv[1:]
    if sys.platform == "linux":
        # Descendants that lose their parent come here, and so none goes uncounted
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    since = time.monotonic()
    process = os.posix_spawn(command[0], command, os.environ)
    _pid, status, usage = os.wait4(process, 0)
    wall = time.monotonic() - since
    usages = [usage]
    while True:
        try:
            usages.append(os.wait4(-1, 0)[2])
        except ChildProcessError:
            break
    unit = 1024 if sys.platform == "linux" else 1
    figures = {
        "wall": wall,
        "cpu": sum(one.ru_utime + one.ru_stime for one in usages),
        "memory": max(one.ru_maxrss for one in usages) * unit,
    }
    with open(result, "w", encoding="utf-8") as file:
        json.dump(figures, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
