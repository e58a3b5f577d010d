# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page typed in a network namespace, where its addresses are those of this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class NoNamespace(Exception):
    """This machine does not allow network namespaces."""


def _namespace() -> list[str]:
    """The command that gives a program a network of its own."""
    for options in (["--net"], ["--user", "--map-root-user", "--net"]):
        command = [shutil.which("unshare") or "unshare", *options]
        try:
            done = subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
        except FileNotFoundError:
            continue
        if done.returncode == 0:
            return command
    raise NoNamespace("this machine allows no network namespaces (unshare --net, and ip of iproute2)")


def type_page(page: Path, folder: Path) -> dict[str, list[Any]]:
    """Type all examples of a page in a folder; returns what pages.reader says. Raises NoNamespace."""
    path = os.pathsep.join(str(ROOT / name) for name in ("tests", "tests/integration", "tests/emulator"))
    command = [*_namespace(), sys.executable, "-m", "pages.reader", str(page), str(folder)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    result: dict[str, list[Any]] = json.loads(done.stdout.splitlines()[-1])
    return result
