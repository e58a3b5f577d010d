# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Misspelt tags of a run: Ansible would silently select nothing. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem

# The variables in which Ansible has the tags of a run.
RUN_TAGS = ("ansible_run_tags", "ansible_skip_tags")
# How similar a tag must be to a known one to count as misspelt. Other tags belong to the user.
_MISSPELT = 0.9


def misspelt(variables: Mapping[str, Any], known: Sequence[str]) -> list[Problem]:
    """Return which tags of a run are misspelt, given those that a playbook has."""
    problems = []
    for tag in dict.fromkeys(str(tag) for name in RUN_TAGS for tag in variables.get(name) or ()):
        close = [] if tag in known else difflib.get_close_matches(tag, known, n=1, cutoff=_MISSPELT)
        problems += [Problem("", f"unknown tag '{tag}'; did you mean '{meant}'?") for meant in close]
    return problems
