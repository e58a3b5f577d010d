# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that no one vouches for, as a fresh Exchange server has one."""

from __future__ import annotations

import datetime
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_DAY = datetime.timedelta(days=1)


def self_signed(name: str) -> tuple[str, str]:
    """A certificate and its key, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    party = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder(party, party, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 365 * _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, form, serialization.NoEncryption())
    return certificate.public_bytes(pem).decode(), private.decode()


def server_context(certificate: str, key: str, client_ca: str = "") -> ssl.SSLContext:
    """How a server speaks TLS. With an authority, clients may show a certificate of it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder, "both.pem")
        both.touch(mode=0o600)
        both.write_text(certificate + key, encoding="ascii")
        context.load_cert_chain(both)
    if client_ca:
        context.load_verify_locations(cadata=client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL

    def remember(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        connection.asked_for = name or ""  # type: ignore[attr-defined]

    context.sni_callback = remember
    return context
