# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in certificates of all sorts, and who signed them."""

from __future__ import annotations

import datetime
import ipaddress
import sys
from typing import Any

import pytest
from authority import Issued, issue
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate_facts

BEGINS = datetime.datetime(2026, 3, 1, 12, 30, 15, tzinfo=datetime.timezone.utc)
ENDS = datetime.datetime(2027, 3, 1, 12, 30, 15, tzinfo=datetime.timezone.utc)
DAY = 86400.0


def der(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)


def written() -> bytes:
    """A certificate of which everything is known."""
    key = rsa.generate_private_key(65537, 2048)
    parts = [(NameOID.COMMON_NAME, "mail.example.com"), (NameOID.ORGANIZATION_NAME, "Käse, Wurst & Söhne")]
    name = x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])
    names = [
        x509.DNSName("mail.example.com"),
        x509.DNSName("*.example.com"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.25")),
    ]
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 0xA1B2C, BEGINS, ENDS)
        .add_extension(x509.SubjectAlternativeName([*names, x509.RFC822Name("a@example.com")]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def test_everything_is_said() -> None:
    assert certificate_facts.describe(written(), ENDS.timestamp() - 30.5 * DAY) == {
        "subject": "O=Käse\\, Wurst & Söhne,CN=mail.example.com",
        "issuer": "O=Käse\\, Wurst & Söhne,CN=mail.example.com",
        "serial_number": "0A1B2C",
        "names": ["mail.example.com", "*.example.com", "192.0.2.25"],
        "not_before": "2026-03-01T12:30:15Z",
        "not_after": "2027-03-01T12:30:15Z",
        "days_left": 30,
        "key_type": "RSA",
        "key_size": 2048,
    }


@pytest.mark.parametrize(("days", "left"), [(1.0, 1), (0.5, 0), (0.0, 0), (-0.5, -1), (-400.0, -400)])
def test_days_that_are_left(days: float, left: int) -> None:
    assert certificate_facts.describe(written(), ENDS.timestamp() - days * DAY)["days_left"] == left


@pytest.mark.parametrize(
    ("key", "kind", "size"),
    [
        (rsa.generate_private_key(65537, 3072), "RSA", 3072),
        (ec.generate_private_key(ec.SECP384R1()), "ECC", 384),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519", None),
    ],
    ids=lambda value: str(value) if isinstance(value, (str, int)) else "",
)
def test_keys(key: Any, kind: str, size: int | None) -> None:
    found = certificate_facts.describe(der(issue("mail", private=key)), 0.0)
    assert (found["key_type"], found["key_size"], found["names"]) == (kind, size, [])


@pytest.mark.parametrize("content", [b"", b"\x30\x03\x02\x01\x01", b"\x30garbage"])
def test_what_cannot_be_read_is_none(content: bytes) -> None:
    found = certificate_facts.describe(content, 0.0)
    assert set(found) == set(certificate_facts.describe(written(), 0.0)) and set(found.values()) == {None}
    assert certificate_facts.chain(content, {"a": content, "b": written()}) == []


def test_without_the_library_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = certificate_facts.describe(written(), 0.0)
    root = issue("root", ca=True)
    assert certificate_facts.missing() == "" and certificate_facts.is_above(der(root), der(issue("mail", root)))
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert "pip install cryptography" in certificate_facts.missing()
    assert certificate_facts.describe(written_before := der(root), 0.0) == dict.fromkeys(whole)
    assert not certificate_facts.is_above(written_before, der(root))


ROOT = issue("Root", ca=True)
FIRST = issue("First", ROOT, ca=True)
# The same name as another one, whose key it has not
IMPOSTOR = issue("First", ca=True)
LEAF = issue("mail", FIRST)


@pytest.mark.parametrize(
    ("installed", "chain"),
    [
        ({"root": ROOT, "first": FIRST}, ["first", "root"]),
        ({"impostor": IMPOSTOR, "first": FIRST}, ["first"]),
        ({"root": ROOT}, []),
        ({"impostor": IMPOSTOR}, []),
        ({}, []),
    ],
    ids="-".join,
)
def test_chains(installed: dict[str, Issued], chain: list[str]) -> None:
    ders = {name: der(each) for name, each in installed.items()}
    assert certificate_facts.chain(der(LEAF), ders) == chain


def test_a_chain_in_a_circle_ends() -> None:
    """Two authorities that have signed each other."""
    one = issue("One", ca=True)
    two = issue("Two", one, ca=True)
    crossed = issue("One", two, ca=True, private=one.private)
    ders = {"one": der(crossed), "two": der(two)}
    assert certificate_facts.chain(der(issue("mail", two)), ders) == ["two", "one"]
