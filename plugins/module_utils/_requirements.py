# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What the collection needs, checked before imports that fail on an older Python or ansible-core.

This file uses only what Python 3.7 and ansible-core 2.11 have. It is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import json
import sys

from ansible.module_utils.ansible_release import __version__

LEAST_CORE = (2, 16)
LEAST_PYTHON = (3, 10)


def unmet(core: str = __version__, python: tuple[int, ...] = tuple(sys.version_info[:3])) -> str:
    """Return a sentence about what is missing here; empty if nothing is."""
    numbers = tuple(int(part) for part in core.split(".")[:2] if part.isdigit())
    if numbers >= LEAST_CORE and python[:2] >= LEAST_PYTHON:
        return ""
    return (
        f"kemp.loadmaster needs ansible-core {_text(LEAST_CORE)} or newer and Python {_text(LEAST_PYTHON)} or newer, but this is "
        f"ansible-core {core} with Python {_text(python)}. In AWX and Automation Controller, select an execution environment that has both. "
        "Elsewhere, install ansible-core in a virtual environment of a newer Python."
    )


def _text(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)


def end_module_if_unmet() -> None:
    """End a module, with the result that Ansible expects, if something is missing where it runs."""
    sentence = unmet()
    if sentence:
        sys.stdout.write(json.dumps({"failed": True, "changed": False, "msg": sentence}) + "\n")
        raise SystemExit(1)
