# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep texts of an appliance from being rendered as templates, on every ansible-core that is supported."""

from __future__ import annotations

from typing import Any

from ansible import template


def untrusted(value: Any) -> Any:
    """Return a value of which no text is rendered as a template."""
    # Since ansible-core 2.19, a text is no template unless something has marked it as one
    if hasattr(template, "trust_as_template"):
        return value
    from ansible.utils.unsafe_proxy import wrap_var

    return wrap_var(value)
