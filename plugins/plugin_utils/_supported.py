# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuse an ansible-core or Python that is too old in one sentence, before other imports fail with a traceback.

The action plugins call ``require`` before their other imports. A filter that cannot be imported is skipped by Ansible with a
warning, so filters are ``supported`` functions, which raise the sentence when they are used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleError, AnsibleFilterError

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import unmet


def require() -> None:
    """Raise AnsibleError if something that the collection needs is missing here."""
    sentence = unmet()
    if sentence:
        raise AnsibleError(sentence)


def is_supported() -> bool:
    """Return whether everything that the collection needs is here."""
    return not unmet()


def supported(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter; if something is missing here, one that raises AnsibleFilterError with the sentence about it."""

    def refused(*_arguments: Any, **_options: Any) -> Any:
        raise AnsibleFilterError(unmet())

    return function if is_supported() else refused
