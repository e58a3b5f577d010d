# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Files with backups: their names, how one is written, and which ones are too old.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import os
import re
import tempfile
import time

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption

DIRECTORY = "backup"
_TIME = "%Y-%m-%d@%H-%M-%S"
_DATED = r"_\d{4}-\d\d-\d\d@\d\d-\d\d-\d\d\.backup"


def path_of(host: str, directory: str | None, name: str | None) -> str:
    """Return where a backup of a LoadMaster goes; by default it gets a dated name."""
    return os.path.join(
        os.path.expanduser(directory or DIRECTORY), name or f"{_stem(host)}_{time.strftime(_TIME)}.backup"
    )


def write(path: str, content: bytes) -> None:
    """Write a backup atomically, readable by its owner only. Raises InvalidOption where that cannot be."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        _write_beside(path, content)
    except OSError as error:
        raise InvalidOption(f"The backup cannot be written to {path}: {error.strerror}.") from None
    except ValueError:
        raise InvalidOption(f"The backup cannot be written to {path!r}: a path cannot have these characters.") from None


def outdated(host: str, directory: str | None, keep: int) -> list[str]:
    """Return the dated backups of a LoadMaster without the newest ``keep``, oldest first. Their names have their age."""
    folder = os.path.expanduser(directory or DIRECTORY)
    pattern = re.compile(re.escape(_stem(host)) + _DATED)
    try:
        names = sorted(name for name in os.listdir(folder) if pattern.fullmatch(name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InvalidOption(f"The backups in {folder} cannot be listed: {error.strerror}.") from None
    return [os.path.join(folder, name) for name in names[: max(len(names) - keep, 0)]]


def remove(path: str) -> None:
    """Delete an old backup. Raises InvalidOption where that cannot be."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InvalidOption(f"The old backup {path} cannot be deleted: {error.strerror}.") from None


def _stem(host: str) -> str:
    return host.replace(":", "_")


def _write_beside(path: str, content: bytes) -> None:
    handle, beside = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path) or ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
