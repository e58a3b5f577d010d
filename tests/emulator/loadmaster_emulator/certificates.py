# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates: read from what is uploaded, described as the appliance does."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, pkcs12

from loadmaster_emulator import texts
from loadmaster_emulator.answers import Members, members
from loadmaster_emulator.errors import ApiError

_KEY_BLOCK = re.compile(rb"-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
#: guess: that lines are longer than usual; recorded is only that the layout is the appliance's own
_LINE = 76


@dataclass(frozen=True)
class Certificate:
    """A certificate in base64 of its DER, and its key as PEM text; an intermediate has no key."""

    der: str
    key: str = field(default="", repr=False)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint: upper-case hex with colons."""
        digest = hashlib.sha256(base64.b64decode(self.der)).hexdigest().upper()
        return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))

    @property
    def pem(self) -> str:
        """The certificate as ``readcert`` shows it."""
        lines = [self.der[i : i + _LINE] for i in range(0, len(self.der), _LINE)]
        return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def with_key(content: bytes, password: str) -> Certificate:
    """The first certificate of an upload, which must bring its key: both as PEM in one file, or PFX."""
    if b"-----BEGIN" in content:
        leaf = _first_certificate(content)
        key = _pem_key(content, password)
    else:
        leaf, key = _from_pfx(content, password)
    if _public(leaf.public_key()) != _public(key.public_key()):
        raise ApiError(texts.KEY_DOES_NOT_MATCH)  # guess: that it is checked
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Certificate(_der(leaf), text)


def without_key(content: bytes) -> Certificate:
    """The first certificate of an upload."""  # guess: that an intermediate may be DER, and that the first counts
    if b"-----BEGIN" in content:
        return Certificate(_der(_first_certificate(content)))
    try:
        return Certificate(_der(x509.load_der_x509_certificate(content)))
    except ValueError:
        raise ApiError(texts.INVALID_CERTIFICATE) from None


def describe(name: str, certificate: Certificate) -> Members:
    """An entry of ``listcert``."""
    public = x509.load_der_x509_certificate(base64.b64decode(certificate.der)).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        modulus = f"{public.public_numbers().n:X}"
        modulus = modulus.zfill(len(modulus) + len(modulus) % 2)
        return members(("name", name), ("type", "RSA"), ("modulus", modulus))
    return members(("name", name), ("type", "ECC"), ("publickey", base64.b64encode(_public(public)).decode()))


def _first_certificate(content: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError:
        raise ApiError(texts.INVALID_CERTIFICATE) from None


def _pem_key(content: bytes, password: str):  # one of many classes of keys
    block = _KEY_BLOCK.search(content)
    if block is None:
        raise ApiError(texts.NO_PRIVATE_KEY)
    encrypted = b"ENCRYPTED" in block.group(0)
    try:
        return serialization.load_pem_private_key(block.group(0), password.encode() if encrypted else None)
    except (ValueError, TypeError):
        raise ApiError(texts.WRONG_PASSWORD if encrypted else texts.INVALID_CERTIFICATE) from None
    except UnsupportedAlgorithm:
        raise ApiError(texts.INVALID_CERTIFICATE) from None


def _from_pfx(content: bytes, password: str):  # as above
    try:
        key, leaf, unused = pkcs12.load_key_and_certificates(content, password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        wrong = "password" in str(error).lower()
        raise ApiError(texts.WRONG_PASSWORD if wrong else texts.INVALID_CERTIFICATE) from None
    if leaf is None or key is None:
        raise ApiError(texts.NO_PRIVATE_KEY)
    return leaf, key


def _der(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _public(key) -> bytes:  # as above
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
