# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Certificates and keys from users: PEM in one text or two, chains, PFX. Pure.

Certificates are compared by what they are (DER), never by their text: the appliance formats PEM in its own way.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import leaves

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s*(.+?)\s*-----END \1-----", re.DOTALL)


@dataclass(frozen=True)
class Bundle:
    """A certificate with its key and the chain above it. Certificates are DER, the key is PEM text."""

    leaf: bytes
    chain: tuple[bytes, ...] = ()
    key: str = field(default="", repr=False)

    def upload(self) -> bytes:
        """Return certificate and key in one file, as the appliance requires."""
        return (self.key.strip() + "\n" + to_pem(self.leaf)).encode("ascii")


def from_pem(certificate: str, key: str, subject: str) -> Bundle:
    """Read a certificate with its chain, in any order, from PEM. The key is in the same text or a separate one."""
    certificates, keys = _blocks(certificate + "\n" + key, subject)
    if not certificates:
        raise InvalidOption(f"{subject}: certificate holds no certificate in PEM.")
    if len(keys) > 1:
        raise InvalidOption(f"{subject}: there are {len(keys)} private keys, and only one can belong to it.")
    own = keys[0] if keys else ""
    if "ENCRYPTED" in own:
        raise InvalidOption(f"{subject}: the private key is encrypted. Give it without a password, or give a pfx.")
    if not own.isascii():
        raise InvalidOption(f"{subject}: the private key is not valid PEM.")
    try:
        leaf = leaves.choose(certificates, own)
    except ValueError:
        raise InvalidOption(f"{subject}: a certificate is cut off or invalid.") from None
    if leaf is None:
        raise InvalidOption(
            f"{subject}: it is not clear which of the {len(certificates)} certificates is its own. Leave out certificates that are not part of "
            "its chain."
        )
    return Bundle(leaf, tuple(each for each in certificates if each != leaf), own)


def one_from_pem(text: str, subject: str) -> bytes:
    """Read a single certificate, without chain and key."""
    certificates, keys = _blocks(text, subject)
    if len(certificates) > 1:
        raise InvalidOption(
            f"{subject}: certificate holds {len(certificates)} certificates, and each needs its own name."
        )
    if keys:
        raise InvalidOption(f"{subject}: certificate has a private key. Remove it from there.")
    if not certificates:
        raise InvalidOption(f"{subject}: certificate holds no certificate in PEM.")
    return certificates[0]


def from_pfx(data: str, password: str, subject: str) -> Bundle:
    """Read certificate, key and chain from a PFX in base64."""
    # Imported lazily: few tasks have a PFX, and it takes longer than all other imports of a task.
    try:
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
    except ImportError:
        raise InvalidOption(
            f"{subject}: pfx needs the Python library cryptography where this task runs: pip install cryptography."
        ) from None
    try:
        key, leaf, chain = pkcs12.load_key_and_certificates(
            base64.b64decode(data, validate=False), password.encode() if password else None
        )
        # The only format that supports all key types.
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii") if key else ""
        own = leaf.public_bytes(Encoding.DER) if leaf else b""
        above = [each.public_bytes(Encoding.DER) for each in chain]
    except Exception:  # the exceptions of the library differ from version to version
        raise InvalidOption(f"{subject}: pfx cannot be read. Is it base64, and is pfx_password right?") from None
    if not own or not text:
        raise InvalidOption(f"{subject}: pfx holds no certificate with its key.")
    return Bundle(own, tuple(each for each in dict.fromkeys(above) if each != own), text)


def read_der(answer: str) -> bytes:
    """Return the first certificate of an answer as DER, empty where it holds none."""
    match = _BLOCK.search(answer)
    return _der(match.group(2), "the certificate that the LoadMaster shows") if match else b""


def to_pem(der: bytes) -> str:
    """Return a certificate as PEM."""
    text = base64.b64encode(der).decode("ascii")
    lines = "\n".join(text[n : n + 64] for n in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 fingerprint in readable form; empty without a certificate."""
    digest = hashlib.sha256(der).hexdigest().upper()
    return ":".join(digest[n : n + 2] for n in range(0, len(digest), 2)) if der else ""


def _blocks(text: str, subject: str) -> tuple[list[bytes], list[str]]:
    """Return the unique certificates in a text as DER, and the private keys as PEM."""
    certificates: list[bytes] = []
    keys: list[str] = []
    for match in _BLOCK.finditer(text):
        kind, body = match.group(1), match.group(2)
        if kind == "CERTIFICATE":
            certificates.append(_der(body, subject))
        elif kind.endswith("PRIVATE KEY"):
            keys.append(match.group(0))
    return list(dict.fromkeys(certificates)), keys


def _der(body: str, subject: str) -> bytes:
    try:
        der = base64.b64decode(re.sub(r"\s+", "", body), validate=True)
    except (ValueError, binascii.Error):
        raise InvalidOption(f"{subject}: a certificate is not valid PEM.") from None
    if not der.startswith(b"\x30"):
        raise InvalidOption(f"{subject}: a certificate is not valid PEM.")
    return der
