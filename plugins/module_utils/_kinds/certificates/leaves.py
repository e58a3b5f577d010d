# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find the leaf among several certificates, and check its private key. Pure.

The library cryptography reads them, which is wherever ansible-core is. On another host it may be missing.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Sequence


def choose(certificates: Sequence[bytes], key: str) -> bytes | None:
    """Return the certificate that the others are above, in whatever order they come; None where that is unknown.

    It is the one that issued none of the others. Where several did not, those that vouch for themselves are authorities, and of the rest
    it is the one that the key belongs to. Without the library it is the first. Raises ValueError where one is no certificate.
    """
    if len(certificates) == 1:
        return certificates[0]
    # Imported where it is needed, since it takes longer than all else that a task imports.
    try:
        from cryptography import x509
    except ImportError:
        return certificates[0]
    read = {each: x509.load_der_x509_certificate(each) for each in certificates}
    issued_none = [
        each
        for each in certificates
        if not any(read[other].issuer == read[each].subject for other in certificates if other != each)
    ]
    if len(issued_none) > 1:
        issued_none = [each for each in issued_none if read[each].issuer != read[each].subject] or issued_none
    if len(issued_none) == 1:
        return issued_none[0]
    own = [each for each in issued_none or certificates if key and _belongs(key, each)]
    return own[0] if len(own) == 1 else None


def fault(key: str, certificate: bytes) -> str:
    """Return the problem of a private key with a certificate; empty if there is none, or if unknown."""
    try:
        return "" if _belongs(key, certificate) in (True, None) else "the private key belongs to another certificate"
    except ValueError:
        return "the private key or the certificate cannot be read; it may be cut off"


def _belongs(key: str, certificate: bytes) -> bool | None:
    """Return whether a key belongs to a certificate; None if unknown. Raises ValueError if it is not a key."""
    try:
        from cryptography import x509
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
    except ImportError:
        return None
    # The LoadMaster may support more key types than the library.
    try:
        public = x509.load_der_x509_certificate(certificate).public_key()
        private = serialization.load_pem_private_key(key.encode("ascii"), None)
    except UnsupportedAlgorithm:
        return None
    except TypeError as problem:
        raise ValueError(str(problem)) from None
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return bool(private.public_key().public_bytes(*form) == public.public_bytes(*form))
