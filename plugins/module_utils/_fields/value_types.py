# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Value types of fields: how each is read, compared, checked and sent. Pure.

A value in Ansible's words is a bool, int, str or list of str. ``read`` takes what an answer holds (the plain
shape of _api.wire) and returns such a value. ``check`` takes what the user gave, of whatever type, returns it in canonical
form or raises ValueError with the end of a sentence ("must be ..."). ``send`` spells a checked value for a request.
``check(read(send(v))) == v`` holds for every checked value.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import characters

TRUE = frozenset({"y", "yes", "true", "1"})
FALSE = frozenset({"n", "no", "false", "0"})
# How Choice reads words that YAML parses as booleans.
SPOKEN = {False: ("no", "off", "false"), True: ("yes", "on", "true")}

NEWEST_TLS = "TLSv1.3"

_WHOLE_NUMBER = re.compile(r"-?\d+")
_PORT_NUMBER = re.compile(r"\d{1,5}")
# More digits than any number here has, and fewer than Python refuses
_MOST_DIGITS = 20
# Digits and dots alone are a mistyped address.
_DOMAIN_NAME = re.compile(r"(?![\d.]+\Z)(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_PARAMETER = re.compile("[!-~]+")
_OWN_NAME = re.compile(r"[0-9a-f]{32}")


# Each method that a dataclass gets is compiled when the class is made, in every run; kinds need none but the first.
@dataclass(eq=False, repr=False)
class Kind:
    """The base of all value types. ``unset`` is the value of an absent field."""

    unset: Any = None

    def argument(self) -> dict[str, Any]:
        """Return the part of an Ansible argument specification for this type."""
        raise NotImplementedError

    def is_unset(self, value: Any) -> bool:
        """Return whether a value is that of an absent field."""
        return bool(value == self.unset)

    def read(self, raw: Any) -> Any:
        """Return the value from an answer; ``raw`` is None if the answer lacks the field."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """Return a value from the user in canonical form. Raises ValueError."""
        raise NotImplementedError

    def takes(self, value: Any) -> bool:
        """Return whether a value is valid."""
        try:
            self.check(value)
        except ValueError:
            return False
        return True

    def send(self, value: Any) -> str:
        """Return the value as text for a request."""
        raise NotImplementedError


@dataclass(eq=False, repr=False)
class Flag(Kind):
    """A boolean. ``inverted`` if the option means the opposite of the parameter."""

    unset: bool = False
    inverted: bool = False
    words: tuple[str, str] = ("n", "y")

    def argument(self) -> dict[str, Any]:
        return {"type": "bool"}

    def read(self, raw: Any) -> bool:
        if raw is None or raw == "":
            return self.unset
        return (str(raw).strip().lower() in TRUE) != self.inverted

    def check(self, value: Any) -> bool:
        word = str(value).strip().lower()
        if word not in TRUE | FALSE | {"on", "off"}:
            raise ValueError("must be true or false")
        return word in TRUE or word == "on"

    def send(self, value: bool) -> str:
        return self.words[bool(value) != self.inverted]


@dataclass(eq=False, repr=False)
class Integer(Kind):
    """A whole number. ``low`` to ``high`` may be set; ``zero`` allows 0 besides, ``cleared`` is how 0 is sent."""

    unset: int = 0
    low: int = 0
    high: int = 2**31 - 1
    zero: bool = False
    cleared: str = "0"

    def argument(self) -> dict[str, Any]:
        return {"type": "int"}

    def read(self, raw: Any) -> int:
        text = str(raw if raw is not None else "").strip()
        return int(text) if _WHOLE_NUMBER.fullmatch(text) else self.unset

    def check(self, value: Any) -> int:
        digits = str(value).strip()
        if isinstance(value, bool) or not _WHOLE_NUMBER.fullmatch(digits):
            raise ValueError(f"must be a whole number {self.range}")
        if len(digits) > _MOST_DIGITS:
            raise ValueError(f"must be {self.range}")
        number = int(value)
        if not (self.low <= number <= self.high or (self.zero and number == 0)):
            raise ValueError(f"must be {self.range}")
        return number

    @property
    def range(self) -> str:
        """Return the accepted numbers in words."""
        return f"{'0 or ' if self.zero else ''}from {self.low} to {self.high}"

    def send(self, value: int) -> str:
        return self.cleared if value == 0 else str(value)


@dataclass(eq=False, repr=False)
class Text(Kind):
    """Text in one line, or in several with ``lines``. Empty clears it, unless it is ``lasting``.

    Blanks around it are no part of it, except where it is ``verbatim``, as passwords are. What is compared with texts of others may
    have ``tabs`` in its line. ``longest`` is how many characters it may
    have; 0 stands for characters.LONGEST.
    """

    unset: str = ""
    lasting: bool = False
    longest: int = 0
    lines: bool = False
    verbatim: bool = False
    tabs: bool = False
    pattern: str = ""
    meaning: str = ""

    def argument(self) -> dict[str, Any]:
        return {"type": "str"}

    def read(self, raw: Any) -> str:
        return self.unset if raw is None else str(raw).strip()

    def check(self, value: Any) -> str:
        # The final line break comes from a file or YAML block, not from the password
        text = value.rstrip("\r\n") if self.verbatim and isinstance(value, str) else plain(value)
        if self.lasting and not text:
            raise ValueError("must not be empty")
        characters.check(text, lines=self.lines, tabs=self.tabs, longest=self.longest or characters.LONGEST)
        if text and self.pattern and not re.fullmatch(self.pattern, text):
            raise ValueError(f"must be {self.meaning}")
        return text

    def send(self, value: str) -> str:
        return value


@dataclass(eq=False, repr=False)
class Port(Text):
    """A port number as text, ``*`` for every port where ``any_port``."""

    any_port: bool = False
    high: int = 65530

    def check(self, value: Any) -> str:
        text = plain(value)
        if (text == "*" and self.any_port) or (not text and not self.lasting):
            return text
        if not _PORT_NUMBER.fullmatch(text) or not 3 <= int(text) <= self.high:
            raise ValueError(f"must be a port from 3 to {self.high}" + (" or *" if self.any_port else ""))
        return str(int(text))


class Ports(Text):
    """A port number or a range of them, such as 8000-8010, as text."""

    def check(self, value: Any) -> str:
        bounds = [Port(lasting=True).check(bound) for bound in plain(value).split("-", 1)]
        if int(bounds[0]) > int(bounds[-1]):
            raise ValueError("must be a port, or a range from a lower to a higher one")
        return "-".join(bounds)


@dataclass(eq=False, repr=False)
class Address(Text):
    """An IP address in canonical form. Where ``names``, a fully qualified domain name does as well."""

    names: bool = False

    def read(self, raw: Any) -> str:
        return canonical_address(super().read(raw))

    def check(self, value: Any) -> str:
        text = plain(value)
        address = canonical_address(text.strip("[]"))
        if is_address(address) or not text:
            return address
        if not self.names:
            raise ValueError("must be an IP address")
        if not _DOMAIN_NAME.fullmatch(text):
            raise ValueError("must be an IP address or a domain name")
        return text.lower()


@dataclass(eq=False, repr=False)
class Choice(Kind):
    """A choice. ``words`` maps a word to its code in requests, ``reported`` to the code in answers."""

    words: Mapping[str, str] = field(default_factory=dict)
    reported: Mapping[str, str] | None = None
    unset: str = ""

    def argument(self) -> dict[str, Any]:
        return {"type": "str", "choices": list(self.words)}

    def read(self, raw: Any) -> str:
        text = str(raw if raw is not None else "").strip()
        # An unknown code stays visible, and differs from every word.
        return self._by_code.get(text.lower(), text or self.unset)

    @cached_property
    def _by_code(self) -> Mapping[str, str]:
        # Codes of answers win over codes of requests, and the first word of a code over later ones
        spelt = [*(self.reported or {}).items(), *self.words.items()]
        return {code.lower(): word for word, code in reversed(spelt)}

    def check(self, value: Any) -> str:
        alike = SPOKEN[value] if isinstance(value, bool) else ()
        meant = next((word for word in alike if word in self.words), str(value))
        if meant not in self.words:
            raise ValueError("must be one of " + ", ".join(self.words))
        return meant

    def send(self, value: str) -> str:
        # An unknown code is sent back as it was reported
        return self.words.get(value, value)


@dataclass(eq=False, repr=False)
class Items(Kind):
    """A list of texts. Unless ``ordered`` the order says nothing and the canonical form is sorted.

    Requests have the entries joined by ``joint``, answers are split at ``splits``: no entry can have such a separator in it. One
    that is ``lasting`` can be changed, but not cleared.
    """

    unset: tuple[str, ...] = ()
    ordered: bool = False
    joint: str = " "
    splits: str = r"[,\s]+"
    most: int = 0
    lasting: bool = False
    item: Kind = Text()

    def is_unset(self, value: Any) -> bool:
        return not value

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": self.item.argument()["type"]}

    def read(self, raw: Any) -> list[Any]:
        members: Sequence[Any] = raw if isinstance(raw, list) else re.split(self.splits, str(raw or "").strip())
        return self._canonical([self.item.read(member) for member in members if str(member).strip()])

    def check(self, value: Any) -> list[Any]:
        given = _listed(value)
        members = self._canonical([self.item.check(member) for member in given if str(member).strip()])
        for member in members:
            if self.splits and isinstance(member, str) and re.search(self.splits, member):
                raise ValueError(
                    f"must be a list of entries without blanks or separators in them, and {characters.quoted(member)} has some"
                )
        if self.lasting and not members:
            raise ValueError("must have at least one entry, since the LoadMaster cannot clear it once it is set")
        if self.most and len(members) > self.most:
            raise ValueError(f"must have at most {self.most} entries, it has {len(members)}")
        return members

    def _canonical(self, members: list[Any]) -> list[Any]:
        unique = list(dict.fromkeys(members))
        return unique if self.ordered else sorted(unique)

    def send(self, value: Sequence[Any]) -> str:
        return self.joint.join(self.item.send(member) for member in value)


class TlsVersions(Items):
    """Enabled TLS versions. The appliance stores a mask of the disabled ones."""

    _BITS: ClassVar = {"SSLv3": 1, "TLSv1.0": 2, "TLSv1.1": 4, "TLSv1.2": 8, NEWEST_TLS: 16}

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str", "choices": list(self._BITS)}

    def read(self, raw: Any) -> list[str]:
        mask = int(raw) if str(raw).isdigit() else 0
        return [word for word, bit in self._BITS.items() if not mask & bit]

    def check(self, value: Any) -> list[str]:
        given = [str(word) for word in _listed(value)]
        if not given or set(given) - set(self._BITS):
            raise ValueError("must be at least one of " + ", ".join(self._BITS))
        return [word for word in self._BITS if word in given]

    def send(self, value: Sequence[str]) -> str:
        return str(sum(bit for word, bit in self._BITS.items() if word not in value))


def is_own_certificate(name: str) -> bool:
    """Return whether a name is that of a self-made certificate, which the appliance never lists."""
    return bool(_OWN_NAME.fullmatch(name))


@dataclass(eq=False, repr=False)
class Certificates(Items):
    """Names of certificates. The appliance shows 32 hexadecimal digits for a self-made one."""

    ordered: bool = True

    def read(self, raw: Any) -> list[Any]:
        names = super().read(raw)
        return [] if len(names) == 1 and is_own_certificate(names[0]) else names


@dataclass(eq=False, repr=False)
class Blob(Kind):
    """Text kept verbatim, the final line end included."""

    unset: str = ""
    lines: bool = True

    def argument(self) -> dict[str, Any]:
        return {"type": "str"}

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("must be text")
        characters.check(value, lines=self.lines, longest=characters.LONGEST_FILE)
        return value


@dataclass(eq=False, repr=False)
class Names(Kind):
    """An ordered list of unique names."""

    unset: tuple[str, ...] = ()

    def argument(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str"}

    def is_unset(self, value: Any) -> bool:
        return not value

    def check(self, value: Any) -> list[str]:
        names = [Text().check(name) for name in _listed(value)]
        twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
        if twice is not None:
            raise ValueError(f"has {twice} more than once, which it must not")
        return names


@dataclass(eq=False, repr=False)
class Mapped(Kind):
    """A flat dictionary of names and scalar values."""

    unset: Any = None

    def argument(self) -> dict[str, Any]:
        return {"type": "dict"}

    def check(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or any(isinstance(member, Mapping) for member in value.values()):
            raise ValueError("must be a dictionary of names and values")
        if not all(_PARAMETER.fullmatch(str(name)) for name in value):
            raise ValueError(
                "must be a dictionary of names and values, and a name has no blanks and only letters of ASCII"
            )
        for name, member in value.items():
            for text in (name, *(member if isinstance(member, (list, tuple)) else (member,))):
                if isinstance(text, str):
                    characters.check(text, lines=text is not name)
        return {str(name): member for name, member in value.items()}


# What the appliance keeps in a list that it splits at blanks and commas: an address or a name, with or without a port.
_PART_OF_HOST = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
# The last label of a name has a letter; otherwise it would be an address.
_NAME_OF_HOST = rf"({_PART_OF_HOST}\.)*[0-9]*[A-Za-z_]([A-Za-z0-9_-]{{0,61}}[A-Za-z0-9_])?\.?"
_IPV4 = r"\d{1,3}(\.\d{1,3}){3}"
_IPV6 = r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?"
HOST = Text(
    longest=255,
    pattern=rf"({_NAME_OF_HOST}|{_IPV4}|\[{_IPV6}\])(:\d{{1,5}})?|{_IPV6}",
    meaning="the name or IP address of a host, without blanks",
)
# Printable characters of ASCII, but blanks, commas and what else separates the entries of a list
WORD = Text(pattern=r"[!-*\--9;-~]+", meaning="one word without blanks, commas, colons and plus signs")


def plain(value: Any) -> str:
    """Return a value as text. Raises ValueError if it is not text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("must be text" + (", so put it into quotes" if isinstance(value, bool) else ""))
    return str(value)


def structured(value: Any) -> Any:
    """Parse a list or dictionary in JSON, as from surveys and the command line; return anything else unchanged."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _listed(value: Any) -> Sequence[Any]:
    """Return a list from the user. Text is JSON, or is split at commas as everywhere in Ansible."""
    value = structured(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if value.strip() else []
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a list")
    return value


@lru_cache(maxsize=65536)
def is_address(text: str) -> bool:
    """Return whether a text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=65536)
def canonical_address(text: str) -> str:
    """Return an address in canonical form, anything else as it is."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text
