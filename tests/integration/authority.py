# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for tests: an authority, one that it vouches for, and leaves of either."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    private: Any

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(PEM).decode()

    @property
    def key(self) -> str:
        old = isinstance(self.private, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey))
        form = serialization.PrivateFormat.TraditionalOpenSSL if old else serialization.PrivateFormat.PKCS8
        return self.private.private_bytes(PEM, form, serialization.NoEncryption()).decode()

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def pfx(self, password: str, *chain: Issued) -> bytes:
        encryption = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(
            b"x", self.private, self.certificate, [each.certificate for each in chain], encryption
        )


def issue(name: str, by: Issued | None = None, *, ca: bool = False, private: Any = None, days: float = 1) -> Issued:
    """Issue a certificate, for a new key unless there is one; without an issuer it vouches for itself."""
    now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
    key = private or ec.generate_private_key(ec.SECP256R1())
    signing = by.private if by else key
    digest = None if isinstance(signing, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(
            issuer_name=by.certificate.subject if by else subject,
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - day,
            not_valid_after=now + days * day,
        )
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .sign(signing, digest)
    )
    return Issued(certificate, key)
