# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What stands in a certificate, and which certificates are above it. Pure.

The Python library cryptography reads them, which is wherever ansible-core is. On another host it may be missing.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

# Imported where they are needed, since it takes longer than all else that a task imports
_MISSING = (
    "The Python library cryptography is missing where this task runs, so certificates are shown without what stands in them. "
    "Install it: pip install cryptography."
)
_UNREAD: Mapping[str, Any] = dict.fromkeys(
    ("subject", "issuer", "serial_number", "names", "not_before", "not_after", "days_left", "key_type", "key_size")
)


def missing() -> str:
    """Return what to say where certificates cannot be read here; empty where they can."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        return _MISSING
    return ""


def describe(der: bytes, now: float) -> dict[str, Any]:
    """Return what stands in a certificate; values are None where it cannot be read. ``now`` is in seconds since 1970.

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
    """Return the names of the certificates above one, of those that are given, the nearest first."""
    names: list[str] = []
    while der:
        above = (name for name in intermediates if name not in names and is_above(intermediates[name], der))
        found = next(above, "")
        der = intermediates[found] if found else b""
        names += [found] if found else []
    return names


def is_above(above: bytes, der: bytes) -> bool:
    """Tell whether a certificate has signed another one, which is not itself. Without the library, none has."""
    if above == der or missing():
        return False
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        lower, upper = (x509.load_der_x509_certificate(each) for each in (der, above))
        if lower.issuer != upper.subject:
            return False
        # Where the library is too old to verify, or does not know the algorithm, the names have to do
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
    """Return a time of a certificate; older libraries have it without a time zone only."""
    moment = getattr(read, f"{name}_utc", None)
    found: datetime = moment if moment is not None else getattr(read, name).replace(tzinfo=timezone.utc)
    return found


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _names(read: Any) -> list[str]:
    """Return the names and addresses that it is for."""
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
