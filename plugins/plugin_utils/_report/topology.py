# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of a LoadMaster: each service on the left, its SubVSs in the middle, the real servers on the right.

A site with many objects has a square for each server instead of a box with its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report.markup import printable, tag
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report.states import (
    address_of,
    counts,
    place,
    servers,
    state_of,
    subs,
)

# Above this number of objects, servers are squares
MOST_BOXES = 150
ROW = 30
BOX = 24
COLUMNS = (8, 262, 476)
WIDTHS = (220, 180, 276)
WIDTH = 760
LETTERS = (23, 18, 30)
SQUARE = 16


def topology(services: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the picture, as an SVG with a description in words."""
    listed = list(services)
    boxed = len(listed) + len(subs(listed)) + len(servers(listed)) <= MOST_BOXES
    pieces: list[Markup] = []
    top = 8
    for service in listed:
        made, top = _service(service, top, boxed)
        pieces += made
        top += 8
    total, down, disabled = counts(servers(listed))
    about = f"{len(listed)} services with {total} real servers, of which {down} are down and {disabled} are disabled."
    return tag(
        "svg",
        tag("title", about),
        *pieces,
        viewBox=f"0 0 {WIDTH} {top}",
        width=WIDTH,
        height=top,
        role="img",
        aria_label=about,
    )


def _service(service: Mapping[str, Any], top: int, boxed: bool) -> tuple[list[Markup], int]:
    """Return the pieces of a service that begins at a height, and the height below it."""
    pieces = [_box(0, top, str(service.get("nickname") or place(service)), place(service), service)]
    middle, row = top + BOX // 2, top
    found = service.get("sub_virtual_services") or []
    for sub in found:
        pieces.append(_line(COLUMNS[0] + WIDTHS[0], middle, COLUMNS[1], row + BOX // 2))
        pieces.append(_box(1, row, str(sub.get("name") or "SubVS"), f"SubVS {sub.get('name')}", sub))
        made, row = _servers(sub, COLUMNS[1] + WIDTHS[1], row, boxed)
        pieces += made
    if not found:
        made, row = _servers(service, COLUMNS[0] + WIDTHS[0], row, boxed)
        pieces += made
    return pieces, row


def _servers(part: Mapping[str, Any], left: int, top: int, boxed: bool) -> tuple[list[Markup], int]:
    pieces: list[Markup] = []
    row, middle = top, top + BOX // 2
    found = part.get("real_servers") or []
    if boxed:
        for server in found:
            pieces.append(_line(left, middle, COLUMNS[2], row + BOX // 2))
            pieces.append(_box(2, row, address_of(server), address_of(server), server))
            row += ROW
        return pieces, max(row, top + ROW)
    each_row = max((WIDTH - COLUMNS[2] - 8) // (SQUARE + 4), 1)
    for number, server in enumerate(found):
        x = COLUMNS[2] + (number % each_row) * (SQUARE + 4)
        y = top + 4 + (number // each_row) * (SQUARE + 4)
        state = state_of(server)
        sign = tag("text", state.sign, x=x + SQUARE // 2, y=y + 12, text_anchor="middle")
        pieces.append(tag("g", tag("rect", x=x, y=y, width=SQUARE, height=SQUARE, rx=3), sign, class_=state.style))
    lines = -(-len(found) // each_row)
    return pieces, top + max(ROW, 8 + lines * (SQUARE + 4))


def _box(column: int, top: int, label: str, whole: str, part: Mapping[str, Any]) -> Markup:
    state = state_of(part)
    left, text = COLUMNS[column], printable(label, LETTERS[column])
    return tag(
        "g",
        tag("title", f"{whole}: {state.word}"),
        tag("rect", x=left, y=top, width=WIDTHS[column], height=BOX, rx=5),
        tag("text", state.sign, x=left + 8, y=top + 16, class_="sign"),
        tag("text", text, x=left + 24, y=top + 16),
        class_=state.style,
    )


def _line(left: int, top: int, right: int, bottom: int) -> Markup:
    bend = (left + right) // 2
    return tag("path", d=f"M{left} {top}C{bend} {top} {bend} {bottom} {right} {bottom}", class_="link")
