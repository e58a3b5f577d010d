# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How things are written in HAProxy's configuration, and the refusal of what cannot be."""

from __future__ import annotations

import re

from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.model import RealServer, Slot, VirtualService

#: Names of headers may have # and ' in them, which mean something else here.
_TOKEN = re.compile(r"[A-Za-z0-9!$%&*+.^_`|~-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Inexpressible(ApiError):
    """Something that is configured has no counterpart here: where, and what. The call that asked for it fails."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"The data plane of the emulator cannot express this: {where}: {what}")
        self.where = where
        self.what = what


def quoted(text: str, where: str) -> str:
    """A text as one word that means itself."""
    if _CONTROL.search(text):
        raise Inexpressible(where, f"a control character in {text!r}")
    return "'" + text.replace("'", "'\\''") + "'"


def formatted(text: str, where: str) -> str:
    """A text as one word where HAProxy expects a format."""
    return quoted(text.replace("%", "%%"), where)


def token(name: str, where: str) -> str:
    """The name of a header."""
    if not _TOKEN.fullmatch(name):
        raise Inexpressible(where, f"{name!r} is no name of a header")
    return name


def frontend(vs: VirtualService) -> str:
    """The name of the section that takes the connections of a service."""
    return f"vs-{vs.protocol}-{vs.address}:{vs.port}"


def pool(vs: VirtualService) -> str:
    """The name of the section with the servers of a service: without the index, which changes."""
    if vs.parent is None:
        return f"pool-{vs.protocol}-{vs.address}:{vs.port}"
    return f"sub-{slot_of(vs).rs_index}"


def server(entry: RealServer) -> str:
    """The name of a server. Another port makes it another one, whose health is yet to be seen."""
    return f"rs-{entry.rs_index}-{entry.address}:{entry.port}"


def slot_of(vs: VirtualService) -> Slot:
    """The place of a SubVS in its parent."""
    assert vs.parent is not None
    return next(slot for slot in vs.parent.slots if slot.service is vs)


def described(vs: VirtualService) -> str:
    """A service in a sentence."""
    if vs.parent is None:
        return vs.key
    return f"SubVS {vs.settings['NickName'] or vs.index} of {vs.parent.key}"
