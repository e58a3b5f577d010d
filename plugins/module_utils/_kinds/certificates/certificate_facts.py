# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The content of a certificate, and its chain of issuers. Pure.

The Python library cryptography reads them, which is wherever ansible-core is. On another host it may be missing.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

# Imported lazily, since it takes longer than all other imports of a task
_MISSING = (
    "The Python library cryptography is missing where this task runs, so certificates are shown without what stands in them. "
    "Install it: pip install cryptography."
)
_UNREAD: Mapping[str, Any] = dict.fromkeys(
    ("subject", "issuer", "serial_number", "names", "not_before", "not_after", "days_left", "key_type", "key_size")
)


def missing() -> str:
    """Return a sentence if certificates cannot be parsed here; empty if they can."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        return _MISSING
    return ""


def describe(der: bytes, now: float) -> dict[str, Any]:
    """Return the content of a certificate; values are None if it cannot be parsed. ``now`` is in seconds since 1970.

    Times are in UTC, days are whole ones that are left, and less than 0 once it has expired.
    """
    if not der or missing():
        return dict(_UNREAD)
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        read = x509.load_der_x509_certificate(der)
        ends = _utc(read, "not_valid_after")
        return {
            "subject": read.subject.rfc4514_string(),
            "issuer": read.issuer.rfc4514_string(),
            "serial_number": _hexadecimal(read.serial_number),
            "names": _names(read),
            "not_before": _text(_utc(read, "not_valid_before")),
            "not_after": _text(ends),
            "days_left": (ends - datetime.fromtimestamp(now, timezone.utc)).days,
            **_key(read.public_key()),
        }
    except (ValueError, UnsupportedAlgorithm):
        return dict(_UNREAD)


def chain(der: bytes, intermediates: Mapping[str, bytes]) -> list[str]:
    """Return the names of the issuers of a certificate among those given, nearest first."""
    names: list[str] = []
    while der:
        above = (name for name in intermediates if name not in names and is_above(intermediates[name], der))
        found = next(above, "")
        der = intermediates[found] if found else b""
        names += [found] if found else []
    return names


def is_above(above: bytes, der: bytes) -> bool:
    """Return whether a certificate signed another one. Without the library, never."""
    if above == der or missing():
        return False
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        lower, upper = (x509.load_der_x509_certificate(each) for each in (der, above))
        if lower.issuer != upper.subject:
            return False
        # If the library is too old to verify, or does not know the algorithm, compare the names
        verify = getattr(lower, "verify_directly_issued_by", None)
        if verify is not None:
            verify(upper)
    except UnsupportedAlgorithm:
        return True
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _hexadecimal(number: int) -> str:
    digits = f"{number:X}"
    return digits.zfill(len(digits) + len(digits) % 2)


def _utc(read: Any, name: str) -> datetime:
    """Return a time of a certificate; older libraries return it without a time zone."""
    moment = getattr(read, f"{name}_utc", None)
    found: datetime = moment if moment is not None else getattr(read, name).replace(tzinfo=timezone.utc)
    return found


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _names(read: Any) -> list[str]:
    """Return the subject alternative names."""
    from cryptography import x509

    try:
        extension = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(each.value) for each in extension if isinstance(each, (x509.DNSName, x509.IPAddress))]


def _key(key: Any) -> dict[str, Any]:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    kinds = ((rsa.RSAPublicKey, "RSA"), (ec.EllipticCurvePublicKey, "ECC"))
    other = type(key).__name__.lstrip("_").removesuffix("PublicKey")
    kind = next((word for kind, word in kinds if isinstance(key, kind)), other)
    return {"key_type": kind, "key_size": getattr(key, "key_size", None)}
