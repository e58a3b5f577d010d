# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as users have them: in any order, with a key that is theirs or is not, with cryptography and without."""

from __future__ import annotations

import base64
import itertools
import sys
from typing import Any

import pytest
from authority import Issued, issue
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import leaves, pem

ROOT = issue("root", ca=True)
MIDDLE = issue("middle", ROOT, ca=True)
OTHER_ROOT = issue("another root", ca=True)
LEAF, NEXT = issue("mail", MIDDLE), issue("mail", MIDDLE)
KEYS = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ec": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def hide_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)


def der(*issued: Issued) -> list[bytes]:
    return [each.certificate.public_bytes(Encoding.DER) for each in issued]


def read(*issued: Issued, key: str = "") -> pem.Bundle:
    return pem.from_pem("".join(each.pem for each in issued), key, "certificate mail")


@pytest.mark.parametrize("order", list(itertools.permutations([LEAF, MIDDLE, ROOT])))
def test_the_certificate_is_found_in_any_order(order: tuple[Issued, ...]) -> None:
    bundle = read(*order)
    assert [bundle.leaf] == der(LEAF)
    assert list(bundle.chain) == der(*(each for each in order if each is not LEAF))


def test_an_authority_that_issued_none_of_them_is_above() -> None:
    assert [read(OTHER_ROOT, MIDDLE, LEAF).leaf] == der(LEAF)


def test_one_that_is_there_twice_counts_once() -> None:
    bundle = read(LEAF, MIDDLE, LEAF, MIDDLE)
    assert [bundle.leaf] == der(LEAF) and list(bundle.chain) == der(MIDDLE)


def test_without_the_library_it_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_the_library(monkeypatch)
    assert [read(LEAF, MIDDLE, ROOT).leaf] == der(LEAF)


def test_of_two_that_issued_none_the_key_tells() -> None:
    sentence = "it is not clear which of the 3 certificates is its own"
    assert [read(LEAF, NEXT, MIDDLE, key=NEXT.key).leaf] == der(NEXT)
    assert [read(LEAF, NEXT, MIDDLE, key=LEAF.key).leaf] == der(LEAF)
    for key in ("", ROOT.key):
        with pytest.raises(InvalidOption, match=sentence):
            read(LEAF, NEXT, MIDDLE, key=key)


@pytest.mark.parametrize("content", [b"\x30", b"\x30\x03\x02\x01\x01", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80"])
def test_what_is_no_certificate_among_several(content: bytes) -> None:
    with pytest.raises(InvalidOption, match="a certificate is cut off or invalid"):
        pem.from_pem(LEAF.pem + pem.to_pem(content), "", "certificate mail")


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_belongs_to_its_certificate_only(kind: str) -> None:
    own, other = issue("mail", ROOT, private=KEYS[kind]()), issue("mail", ROOT, private=KEYS[kind]())
    assert leaves.fault(own.key, *der(own)) == ""
    for wrong in (other.key, LEAF.key if kind != "ec" else issue("x", private=KEYS["rsa"]()).key):
        assert leaves.fault(wrong, *der(own)) == "the private key belongs to another certificate"


def test_a_key_that_cannot_be_read() -> None:
    broken = LEAF.key.replace(LEAF.key.splitlines()[1], "AAAA")
    assert "cannot be read" in leaves.fault(broken, *der(LEAF))


def test_without_the_library_a_key_is_left_to_the_appliance(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_the_library(monkeypatch)
    assert leaves.fault(NEXT.key, *der(LEAF)) == ""


def test_a_key_with_other_characters_than_those_of_pem() -> None:
    with pytest.raises(InvalidOption, match="the private key is not valid PEM"):
        read(LEAF, key=LEAF.key.replace("\n-----END", "é\n-----END"))


@pytest.mark.parametrize("kind", KEYS)
def test_a_pfx_with_every_kind_of_key(kind: str) -> None:
    own = issue("mail", MIDDLE, private=KEYS[kind]())
    content = base64.b64encode(own.pfx("of-the-file", MIDDLE, ROOT)).decode()
    bundle = pem.from_pfx(content, "of-the-file", "certificate mail")
    assert [bundle.leaf] == der(own) and set(bundle.chain) == set(der(MIDDLE, ROOT))
    assert leaves.fault(bundle.key, bundle.leaf) == ""


@pytest.mark.parametrize("content", ["AAAA", "é", "!", base64.b64encode(LEAF.pem.encode()).decode()])
def test_a_pfx_that_is_none(content: str) -> None:
    with pytest.raises(InvalidOption, match=r"certificate mail: pfx cannot be read.*Nothing was changed\.$"):
        pem.from_pfx(content, "x", "certificate mail")


def test_a_pfx_that_the_library_fails_on_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import pkcs12

    def fail(*_arguments: Any) -> None:
        raise UnsupportedAlgorithm("of another age")

    monkeypatch.setattr(pkcs12, "load_key_and_certificates", fail)
    with pytest.raises(InvalidOption, match="pfx cannot be read"):
        pem.from_pfx(base64.b64encode(LEAF.pfx("x")).decode(), "x", "certificate mail")


def test_a_pfx_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_the_library(monkeypatch)
    with pytest.raises(InvalidOption, match=r"needs the Python library cryptography .*Nothing was changed\.$"):
        pem.from_pfx("AAAA", "x", "certificate mail")
