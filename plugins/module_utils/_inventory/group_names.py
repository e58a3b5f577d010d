# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Names of groups and hosts from what administrators type on a LoadMaster: safe, and never shared by two things. Pure.

A name that comes from a nickname never has two underscores in a row behind the name of its LoadMaster. One that is
made where nicknames are no help always has. So no nickname can take the name of another service.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import is_address

APART = "__"
_SPECIAL = re.compile(r"[^A-Za-z0-9]+")
_SIGN = re.compile(r"[^A-Za-z0-9]")
_PORT = re.compile(r"\d{1,5}")

Thing = TypeVar("Thing", bound=Hashable)


def safe_name(text: str) -> str:
    """Return a text as a part of a name: letters, digits and single underscores. Empty where nothing is left."""
    return _SPECIAL.sub("_", text).strip("_")


def group_name(text: str) -> str:
    """Return a text as the name of a group, as keyed_groups and groups have it."""
    name = _SIGN.sub("_", text)
    return f"_{name}" if not name or name[0].isdigit() else name


def name_of_place(protocol: str, address: str, port: str) -> str:
    """Return the place of a service as a part of a name that no other place has."""
    # Each sign of an address becomes one underscore: 2001:db8::1 and 2001:db8:1:: stay apart
    if protocol in ("tcp", "udp") and is_address(address) and "%" not in address:
        if _PORT.fullmatch(port) or port == "*":
            return f"{protocol}_{_SIGN.sub('_', address)}_{'any' if port == '*' else port}"
    return f"place_{digest(protocol, address, port)}"


def digest(*texts: str) -> str:
    """Return texts as a part of a name that no other texts have."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def apart(wanted: Mapping[Thing, str], otherwise: Mapping[Thing, str], taken: Collection[str]) -> dict[Thing, str]:
    """Return a name for each thing: the wanted one where no other thing wants it, else the other one.

    It depends on no order: of two things that want one name, neither gets it. ``taken`` are names that no thing may have.
    """
    wishes = Counter(wanted.values())
    return {
        thing: name if name and wishes[name] == 1 and name not in taken else otherwise[thing]
        for thing, name in wanted.items()
    }


def shared_names(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once."""
    return sorted(name for name, number in Counter(names).items() if number > 1)
