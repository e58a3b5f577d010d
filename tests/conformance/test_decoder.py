# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decoder against every recorded answer of a real appliance."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import wire

# Recordings that are no answers of a device as they stand, by what SOURCES.md says of them.
NO_ANSWERS = {
    "v1-alsilicensetypes-malformed-2022.xml": "edited by hand, without its closing tag",
    "v1-addacmecert-malformed-2024.xml": "edited by hand, closed by a tag of another case",
    "v1-backup-headers-2024.http": "headers only, the body is a file",
    "v1-tcpdump-headers-2024.http": "headers only, the body is a file",
}
ERRORS = {
    "v1-error-400-param-missing-doc2022.xml": (400, "param: String Value missing"),
    "ifd2022-v1-error-400.xml": (400, "param: String Value missing"),
    "v2-error-param-missing.json": (422, "param: String Value missing"),
    "postman-v2-error-missing-value.json": (422, "param: String Value missing"),
    "v1-error-422-acmetype-postman.xml": (422, "Incorrect ACME type specified"),
    "postman-v1-error-422.xml": (422, "Incorrect ACME type specified"),
    "puppet-v1-error-unknown-vs.xml": (422, "Unknown VS"),
    "technicallyjack-v2-error-unknown-vs.json": (422, "Unknown VS"),
    # The status is real, the body was replaced by the author of the documentation.
    "v1-alsilicense-422-leaked-rm-header-2024.http": (422, "Command completed ok"),
}


def recorded(path: Path) -> tuple[str, int, bytes]:
    """Return API version, HTTP status and body of a recording."""
    body = path.read_bytes()
    status = 200
    if path.suffix == ".http":
        head, _blank, body = body.replace(b"\r\n", b"\n").partition(b"\n\n")
        status = int(head.split()[1])
    return ("v1" if body.lstrip().startswith(b"<") else "v2"), status, body


def recordings(samples: Path) -> list[Path]:
    return sorted(path for path in samples.glob("*/*") if path.suffix in (".xml", ".json", ".http"))


def decode(samples: Path, name: str) -> wire.Answer:
    (path,) = samples.glob(f"*/{name}")
    return wire.decode(*recorded(path))


def test_every_recording_decodes(samples: Path) -> None:
    paths = recordings(samples)
    assert len(paths) > 150
    problems = []
    for path in paths:
        try:
            answer = wire.decode(*recorded(path))
            ok = (answer.data or answer.message or path.name == "docs-v1-showrule-empty.xml") and path.name not in {
                **NO_ANSWERS,
                **ERRORS,
            }
            problems += [] if ok else [f"{path.name}: decoded to nothing, or should not have decoded"]
        except wire.Failure as failure:
            problems += [] if ERRORS.get(path.name) == (failure.status, failure.text) else [f"{path.name}: {failure}"]
        except wire.NotAnAnswer as problem:
            problems += [] if path.name in NO_ANSWERS else [f"{path.name}: {problem}"]
    assert problems == []


def test_both_versions_decode_to_one_shape(samples: Path) -> None:
    """The same appliance answered showvs in both versions; but for the fields that one firmware lacks, they agree."""
    old, new = decode(samples, "mathlu-showvs.xml").data, decode(samples, "mathlu-showvs.json").data
    assert set(new) < set(old)
    assert {name for name in new if old[name] != new[name]} == {"VSAddress"}  # recorded on two days


def test_lists_stay_lists(samples: Path) -> None:
    for name in ("mathlu-addrs.xml", "mathlu-addrs.json", "sdk-showrs.xml"):
        servers = decode(samples, name).data["Rs"]
        assert isinstance(servers, list) and len(servers) == 1
    services = decode(samples, "postman-v2-listvs-subvs-ssl.json").data["VS"]
    assert [service["Index"] for service in services] == ["3", "4", "1", "2", "5"]
    assert decode(samples, "v1-delapikey-last-empty.xml").data == {"apikeys": []}


def test_firmware_bug_of_preprocessing_rules_is_repaired(samples: Path) -> None:
    answer = decode(samples, "technicallyjack-v2-showvs-preprocessrules-broken.json")
    assert answer.data["PreProcessRules"] == ["rule_a", "rule_b"]
    assert answer.data["EspEnabled"] == "N"
    assert answer.data["MasterVS"] == "0"


def test_utf8_under_a_latin1_declaration(samples: Path) -> None:
    assert "Progress\u2019 continuous" in decode(samples, "v1-accepteula.xml").data["Eula"]


@pytest.mark.parametrize("name", sorted(NO_ANSWERS))
def test_what_is_no_answer_is_named(samples: Path, name: str) -> None:
    with pytest.raises(wire.NotAnAnswer, match="broken XML|plain text|nothing at all"):
        decode(samples, name)
