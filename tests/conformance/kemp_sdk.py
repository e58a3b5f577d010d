# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch Kemp's own Python SDK from the package index into the cache of the tests. It is no part of the project."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = "python_kemptech_api"
# What the SDK imports besides requests
NEEDS = ("lxml==6.1.3", "netaddr==1.3.0")
_LONGEST = 300


class NotFetched(Exception):
    """The SDK cannot be fetched here. The text says why."""


def fetched(cache: Path) -> Path:
    """Return the folder that has the SDK and what it imports, which is fetched once. Raises NotFetched."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"sdk-{sys.version_info.major}.{sys.version_info.minor}"
    with (cache / "lock").open("w") as lock:
        # The processes of a test run share the cache
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as made:
                _fetch(Path(made))
                (Path(made) / "sdk").rename(folder)
    return folder


def _fetch(scratch: Path) -> None:
    target = scratch / "sdk"
    _pip("install", "--no-deps", "--target", str(target), *NEEDS)
    # The archive is taken apart before pip asks its setup script, which fails; --no-clean leaves what is there by then
    unpacked = scratch / "unpacked"
    unpacked.mkdir()
    options = ("--no-clean", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--require-hashes")
    said = ""
    try:
        _pip("download", *options, "--requirement", str(HERE / "kemp_sdk.txt"), scratch=unpacked)
    except NotFetched as error:
        said = str(error)
    source = next(unpacked.glob(f"**/{PACKAGE}/client.py"), None)
    if source is None:
        raise NotFetched(said)
    shutil.copytree(source.parent, target / PACKAGE)


def _pip(command: str, *arguments: str, scratch: Path | None = None) -> None:
    """Run pip. Raises NotFetched with the last line of what it says."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **({"TMPDIR": str(scratch)} if scratch else {})}
    # The source of this project is on the path of tests, and none of pip's business
    environment.pop("PYTHONPATH", None)
    process = [sys.executable, "-m", "pip", command, "--quiet", "--no-input", *arguments]
    try:
        done = subprocess.run(
            process, env=environment, cwd=scratch, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotFetched(f"pip {command} took more than {_LONGEST} seconds") from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["ERROR: no reason given"]
        raise NotFetched(f"pip {command} failed: {errors[-1].removeprefix('ERROR: ')}")
