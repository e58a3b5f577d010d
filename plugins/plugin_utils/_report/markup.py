# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTML and SVG from values that may be hostile: a value becomes text, and never markup.

markupsafe does the escaping; it comes with ansible-core, as a part of Jinja.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape

# Control characters, characters that change the direction of text, and halves of characters
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_VOID = ("meta", "br", "rect", "path", "circle")
REPLACEMENT = "\ufffd"


def printable(value: Any, longest: int = 200) -> str:
    """Return a value as text that a page can show: on one line, cut off where it is long."""
    text = _UNPRINTABLE.sub(REPLACEMENT, re.sub(r"[\t\r\n]+", " ", str(value)))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def tag(element: str, /, *content: Any, **attributes: Any) -> Markup:
    """Return an element. Content that is no Markup is escaped, and so are the values of attributes.

    The name of an attribute may end in an underscore (``class_``), and has hyphens for others (``aria_label``).
    One with the value None is left out.
    """
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), printable(value))
        for key, value in attributes.items()
        if value is not None
    )
    if element in _VOID:
        return Markup(f"<{element}") + given + Markup("/>")
    return Markup(f"<{element}") + given + Markup(">") + joined(content) + Markup(f"</{element}>")


def joined(content: Iterable[Any]) -> Markup:
    """Return pieces as one, each escaped unless it is Markup."""
    return Markup("").join(each if isinstance(each, Markup) else escape(printable(each)) for each in content)
