# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ciphers and the cipher sets that an appliance has from the start."""

from __future__ import annotations

import re

from loadmaster_emulator import texts
from loadmaster_emulator.errors import ApiError

#: guess: which names the appliance knows is not recorded; these are the ones OpenSSL has had for TLS up to
#: 1.2, by their beginnings.
_FAMILIES: dict[str, str] = {
    "": (
        "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA256 AES128-CCM AES256-CCM "
        "AES128-CCM8 AES256-CCM8 ARIA128-GCM-SHA256 ARIA256-GCM-SHA384 CAMELLIA128-SHA CAMELLIA256-SHA "
        "CAMELLIA128-SHA256 CAMELLIA256-SHA256 DES-CBC3-SHA DES-CBC-SHA IDEA-CBC-SHA RC4-MD5 RC4-SHA SEED-SHA "
        "NULL-MD5 NULL-SHA NULL-SHA256"
    ),
    "ECDHE-RSA-": (
        "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA384 CHACHA20-POLY1305 "
        "CAMELLIA128-SHA256 CAMELLIA256-SHA384 DES-CBC3-SHA RC4-SHA NULL-SHA"
    ),
    "ECDHE-ECDSA-": (
        "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA384 AES128-CCM AES256-CCM "
        "AES128-CCM8 AES256-CCM8 CHACHA20-POLY1305 ARIA128-GCM-SHA256 ARIA256-GCM-SHA384 CAMELLIA128-SHA256 "
        "CAMELLIA256-SHA384 DES-CBC3-SHA RC4-SHA NULL-SHA"
    ),
    "ECDHE-": "ARIA128-GCM-SHA256 ARIA256-GCM-SHA384",
    "DHE-RSA-": (
        "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA256 AES128-CCM AES256-CCM "
        "AES128-CCM8 AES256-CCM8 CHACHA20-POLY1305 ARIA128-GCM-SHA256 ARIA256-GCM-SHA384 CAMELLIA128-SHA "
        "CAMELLIA256-SHA CAMELLIA128-SHA256 CAMELLIA256-SHA256 DES-CBC3-SHA SEED-SHA"
    ),
    "DHE-DSS-": (
        "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA256 CAMELLIA128-SHA "
        "CAMELLIA256-SHA CAMELLIA128-SHA256 CAMELLIA256-SHA256 DES-CBC3-SHA SEED-SHA"
    ),
    "EDH-RSA-": "DES-CBC3-SHA DES-CBC-SHA",
    "EDH-DSS-": "DES-CBC3-SHA DES-CBC-SHA",
    "ECDH-RSA-": (
        "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA384 DES-CBC3-SHA RC4-SHA"
    ),
    "ECDH-ECDSA-": (
        "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA384 DES-CBC3-SHA RC4-SHA"
    ),
    "ADH-": (
        "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA AES128-SHA256 AES256-SHA256 DES-CBC3-SHA RC4-MD5"
    ),
    "PSK-": "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-CBC-SHA AES256-CBC-SHA CHACHA20-POLY1305 3DES-EDE-CBC-SHA",
    "SRP-": "AES-128-CBC-SHA AES-256-CBC-SHA RSA-AES-128-CBC-SHA RSA-AES-256-CBC-SHA",
}
CIPHERS: frozenset[str] = frozenset(start + end for start, ends in _FAMILIES.items() for end in ends.split())

_ECDSA = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256"
_RSA = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256"
_DHE = "DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256"
_CBC = "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA256:DHE-RSA-AES128-SHA256"
_OLD = "AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-SHA256:AES128-SHA256:AES256-SHA:AES128-SHA"

#: The read-only sets. Their names are documented; guess: their contents.
BUILT_IN: dict[str, str] = {
    "Default": ":".join((_ECDSA, _RSA, _DHE, _CBC, _OLD)),
    "Default_NoRc4": ":".join((_ECDSA, _RSA, _DHE, _CBC, _OLD)),
    "BestPractices": ":".join((_ECDSA, _RSA, _DHE)),
    "Intermediate_compatibility": ":".join((_ECDSA, _RSA, _DHE, _CBC)),
    "Backward_compatibility": ":".join((_ECDSA, _RSA, _DHE, _CBC, _OLD, "DES-CBC3-SHA")),
    "WUI": ":".join((_ECDSA, _RSA, _DHE)),
    "FIPS": ":".join((_DHE, _CBC, "AES256-GCM-SHA384:AES128-GCM-SHA256")),
    "Legacy": ":".join((_OLD, "DES-CBC3-SHA:RC4-SHA:RC4-MD5")),
    "Null_Ciphers": "NULL-SHA256:NULL-SHA:NULL-MD5",
    "ECDSA_Default": ":".join((_ECDSA, "ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256")),
    "ECDSA_BestPractices": _ECDSA,
}

#: Names of sets that services make for themselves, by the index they have then.
OWN_SET = re.compile(r"Custom_\d+")


def checked(text: str) -> str:
    """A list of ciphers with colons between them, refused when it has an unknown one."""
    names = text.strip().split(":")
    if not all(name in CIPHERS for name in names):
        raise ApiError(texts.INVALID_CIPHER_LIST)
    return ":".join(names)
