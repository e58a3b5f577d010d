# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A document as the text of a file: it reads back as it was, and a person can read it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.kemp.loadmaster.plugins.filter.document_text import FilterModule, document_text


def certificate(name: str, until: datetime.datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(datetime.datetime(2020, 1, 1)).not_valid_after(until)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


PEM = certificate("mail.example.com", datetime.datetime(2031, 5, 17, 12))
DOCUMENTS: dict[str, Any] = {
    "nothing": {},
    "no entries": {"virtual_services": [], "settings": {}},
    "words that YAML reads otherwise": {
        "settings": {"hostname": "no", "location": "1e3", "contact": "", "note": "null"}
    },
    "text of several lines": {
        "virtual_services": [{"check_post_data": "a\nb\n\nc", "other": "x \ny", "third": " a\nb"}]
    },
    "strange text": {"content_rules": [{"name": "a", "pattern": "/\t\x1b\u2028: #/", "value": "'\"\\n"}]},
    "the same twice": {
        "virtual_services": [{"name": "a", "real_servers": (same := [{"address": "192.0.2.1"}])}, {"r": same}]
    },
    "a certificate": {"certificates": [{"name": "mail", "certificate": PEM, "administrative": True}]},
    "a chain": {"certificates": [{"name": "mail", "certificate": PEM + PEM}]},
    "no certificate": {"certificates": [{"name": "mail", "certificate": "-----BEGIN CERTIFICATE-----\nnone\n"}]},
    "a name like a word": {"on": [{"a": 1}], "settings": {"yes": True}},
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_it_reads_back_as_it_was(document: dict[str, Any]) -> None:
    text = document_text(document)
    assert yaml.safe_load(text) == document and text.endswith("\n")
    assert "&id" not in text and FilterModule().filters()["document_text"] is document_text


def test_a_certificate_is_a_block_below_its_subject_and_its_last_day() -> None:
    lines = document_text({"certificates": [{"name": "mail", "certificate": PEM}]}).splitlines()
    assert lines[:4] == [
        "certificates:",
        "# CN=mail.example.com, expires 2031-05-17",
        "- name: mail",
        "  certificate: |",
    ]
    assert [line.strip() for line in lines[4:]] == PEM.splitlines() and "" not in lines


def test_a_subject_stays_in_its_comment() -> None:
    text = document_text(
        {"certificates": [{"certificate": certificate("a\nadministrative: true", datetime.datetime(2031, 1, 1))}]}
    )
    assert list(yaml.safe_load(text)["certificates"][0]) == ["certificate"] and len(text.split("# ")) == 2


def _same(text: Any) -> Any:
    return text


# As ansible-core 2.18 and before has text that came from elsewhere: str() of it is that again.
Unsafe = type("Unsafe", (str,), {"__str__": _same})


def test_text_of_ansible_is_text() -> None:
    document = {
        Unsafe("settings"): {Unsafe("hostname"): Unsafe("lm1")},
        Unsafe("rules"): [{Unsafe("a"): [Unsafe("b")]}],
    }
    assert document_text(document) == "settings:\n  hostname: lm1\nrules:\n- a:\n  - b\n"


def test_what_is_no_document_is_a_sentence() -> None:
    with pytest.raises(AnsibleFilterError, match="needs a dictionary, but this is a list"):
        document_text([1])
