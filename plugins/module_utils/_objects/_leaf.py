# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which of several certificates is the one itself, and whether a private key is its own. Pure.

Names are read from DER right here. Keys are compared by the library cryptography, where it is installed.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# A number in front of a certificate's own members, which version 1 does not have.
_VERSION = 0xA0


def choose(certificates: Sequence[bytes], key: str) -> bytes | None:
    """Return the certificate that the others are above, in whatever order they come; None where that cannot be told.

    It is the one that issued none of the others. Where several did not, those that vouch for themselves are authorities, and of the rest
    it is the one that the key belongs to. Raises ValueError where one is no certificate.
    """
    if len(certificates) == 1:
        return certificates[0]
    names = {each: (_fields(each)[2], _fields(each)[4]) for each in certificates}
    issued_none = [
        each
        for each in certificates
        if not any(names[other][0] == names[each][1] for other in certificates if other != each)
    ]
    if len(issued_none) > 1:
        issued_none = [each for each in issued_none if names[each][0] != names[each][1]] or issued_none
    if len(issued_none) == 1:
        return issued_none[0]
    own = [each for each in issued_none or certificates if key and _belongs(key, each)]
    return own[0] if len(own) == 1 else None


def fault(key: str, certificate: bytes) -> str:
    """Return what is wrong with a private key for a certificate; empty where nothing is, or where that cannot be told."""
    try:
        return "" if _belongs(key, certificate) in (True, None) else "the private key belongs to another certificate"
    except ValueError:
        return "the private key or the certificate cannot be read; it may be cut off"


def _belongs(key: str, certificate: bytes) -> bool | None:
    """Tell whether a key belongs to a certificate; None where that cannot be told. Raises ValueError for what is none."""
    # Imported here: only an installation needs it, and it takes longer than all else that a task imports.
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
    except ImportError:
        return None
    # The LoadMaster may know more kinds of keys than the library does.
    try:
        public: Any = serialization.load_der_public_key(_fields(certificate)[5])
        private: Any = serialization.load_pem_private_key(key.encode("ascii"), None)
    except UnsupportedAlgorithm:
        return None
    except TypeError as problem:
        raise ValueError(str(problem)) from None
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return bool(private.public_key().public_bytes(*form) == public.public_bytes(*form))


def _fields(certificate: bytes) -> list[bytes]:
    """Return number, signature algorithm, issuer, validity, subject and public key of a certificate, each as DER."""
    fields = _members(_members(certificate)[0])
    fields = fields[1:] if fields and fields[0][0] == _VERSION else fields
    if len(fields) < 6:
        raise ValueError("no certificate")
    return fields


def _members(value: bytes) -> list[bytes]:
    """Return the members of a DER value that is made of others, each with its head."""
    start, end = _span(value, 0)
    members = []
    while start < end:
        after = _span(value, start)[1]
        members.append(value[start:after])
        start = after
    if not members:
        raise ValueError("no members")
    return members


def _span(data: bytes, start: int) -> tuple[int, int]:
    """Return where the content of the DER value at a place begins, and where it ends."""
    if start + 2 > len(data):
        raise ValueError("cut off")
    body, length = start + 2, data[start + 1]
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[body : body + size], "big")
        body += size
    if body + length > len(data):
        raise ValueError("cut off")
    return body, body + length
