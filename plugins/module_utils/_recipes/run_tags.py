# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Tags of a run that are almost tags of a playbook: Ansible would select nothing by them, without a word. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Problem

# The variables in which Ansible has the tags of a run.
RUN_TAGS = ("ansible_run_tags", "ansible_skip_tags")
# How much a tag has to be like one that is known to be taken for a misspelling of it. Other tags are the user's.
_MISSPELT = 0.9


def misspelt(variables: Mapping[str, Any], known: Sequence[str]) -> list[Problem]:
    """Return which tags of a run are misspelt, given those that a playbook has."""
    problems = []
    for tag in dict.fromkeys(str(tag) for name in RUN_TAGS for tag in variables.get(name) or ()):
        close = [] if tag in known else difflib.get_close_matches(tag, known, n=1, cutoff=_MISSPELT)
        problems += [Problem("", f"unknown tag '{tag}'; did you mean '{meant}'?") for meant in close]
    return problems
