# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch the collection awx.awx from the package index into the cache of the tests. It is no part of the project.

It comes in the package ansible up to 12.3.0, of which nothing else is unpacked.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "ansible==12.3.0"
MEMBERS = "ansible_collections/awx/awx/"
_LONGEST = 600


class NotFetched(Exception):
    """The collection cannot be fetched here. The text says why."""


def fetched(cache: Path) -> Path:
    """Return a folder for ANSIBLE_COLLECTIONS_PATH that has awx.awx, which is fetched once. Raises NotFetched."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / "collections"
    with (cache / "lock").open("w") as lock:
        # The processes of a test run share the cache
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                _fetch(Path(scratch))
                (Path(scratch) / "collections").rename(folder)
    return folder


def _fetch(scratch: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-input",
        "--no-deps",
        "--dest",
        str(scratch),
        PACKAGE,
    ]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_LONGEST, check=False)
    except subprocess.TimeoutExpired:
        raise NotFetched(f"pip took more than {_LONGEST} seconds") from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["ERROR: no reason given"]
        raise NotFetched(f"pip failed: {errors[-1].removeprefix('ERROR: ')}")
    with zipfile.ZipFile(next(scratch.glob("ansible-*.whl"))) as wheel:
        for name in wheel.namelist():
            if name.startswith(MEMBERS):
                wheel.extract(name, scratch / "collections")
