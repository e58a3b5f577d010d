# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""References: the identity of virtual services and SubVSs, never the index of the appliance. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import endpoint
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import canonical_address, is_address

_PLACE = re.compile(r"(?:(tcp|udp)/)?(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5}|\*)", re.IGNORECASE)


class ServiceRef(NamedTuple):
    """A virtual service by protocol, address and port, or by a nickname that only one service has."""

    protocol: str = "tcp"
    address: str = ""
    port: str = ""
    nickname: str = ""

    @classmethod
    def parse(cls, text: str) -> ServiceRef:
        """Read ``[protocol/]address:port`` (IPv6 in brackets); anything else is a nickname."""
        match = _PLACE.fullmatch(text.strip())
        if not match:
            return cls(nickname=text.strip())
        protocol, six, four, port = match.groups()
        address = canonical_address(six or four)
        if not is_address(address):
            raise InvalidOption(f"{text!r} names no virtual service: {six or four} is not an IP address.")
        return cls((protocol or "tcp").lower(), address, port)

    @property
    def by_place(self) -> bool:
        """Return whether the reference is an address, not a nickname."""
        return bool(self.address)

    def __str__(self) -> str:
        if not self.by_place:
            return self.nickname
        return f"{self.protocol}/{endpoint(self.address, self.port)}"


class SubRef(NamedTuple):
    """A SubVS: the service that it belongs to, and its name there.

    One that has no name yet is identified by its slot on the parent, whose number the appliance never changes.
    """

    parent: ServiceRef
    name: str = ""
    slot: str = ""

    @property
    def by_place(self) -> bool:
        """Return whether the reference is complete; that of a SubVS always is."""
        return True

    def __str__(self) -> str:
        return f"{self.name or 'without a name'} of {self.parent}"


AnyRef: TypeAlias = "ServiceRef | SubRef"


def label(ref: AnyRef, nickname: str = "") -> str:
    """Return the name of a service in messages and diffs."""
    if isinstance(ref, SubRef):
        return f"SubVS {ref}"
    return f"virtual service {ref}" + (f" ({nickname})" if nickname and ref.by_place else "")
