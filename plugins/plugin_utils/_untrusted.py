# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep texts of an appliance from being rendered as templates, on every ansible-core that is supported."""

from __future__ import annotations

from typing import Any

try:
    # Since ansible-core 2.19, a text is no template unless something has marked it as one
    from ansible.template import trust_as_template  # noqa: F401
except ImportError:
    from ansible.utils.unsafe_proxy import wrap_var

    def untrusted(value: Any) -> Any:
        """Return a value of which no text is rendered as a template."""
        return wrap_var(value)

else:

    def untrusted(value: Any) -> Any:
        """Return a value of which no text is rendered as a template."""
        return value
