# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is wrong with a document is reported at once: without the appliance as far as that goes, else before it is written to."""

from __future__ import annotations

from typing import Any

import pytest
import round_trip

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from loadmaster_emulator import Emulator

PLACE = {"address": "192.0.2.25", "port": 443}
OTHER = {"address": "192.0.2.26", "port": 443}
SERVERS = [{"address": "192.0.2.31"}, {"address": "192.0.2.32"}]


def made(document: dict[str, Any]) -> Emulator:
    lm = Emulator()
    round_trip.apply(round_trip.session_of(lm), document)
    return lm


def faults(lm: Emulator, document: dict[str, Any], **options: Any) -> tuple[list[tuple[str, str]], int]:
    """What is wrong, each thing with its place, and how many calls it took to find out."""
    session = round_trip.session_of(lm)
    before = lm.state()
    with pytest.raises(InvalidOption) as caught:
        round_trip.apply(session, document, **options)
    assert lm.state() == before and not caught.value.changed and "Nothing was changed." in caught.value.message
    return [(each.place, each.message) for each in caught.value.all_problems], session.calls


def assert_told(found: list[tuple[str, str]], expected: list[tuple[str, str]]) -> None:
    for place, part in expected:
        assert any(place == where and part in message for where, message in found), (place, part, found)
    assert len(found) == len(expected), found


def test_what_the_document_alone_decides_is_told_before_the_first_call() -> None:
    rules = [{"name": "Gone", "state": "absent"}, {"name": "Header", "kind": "delete_header", "header": "X"}]
    twice = {"address": "192.0.2.31", "port": 443}
    document = {
        "settings": {"hostname": "lm1"},
        "content_rules": rules,
        "virtual_services": [
            {
                **{**PLACE, "type": "htpp", "content_rules": []},
                "sub_virtual_services": [
                    {
                        "name": "OWA",
                        "real_servers": [twice, twice, {"address": "192.0.2.33", "content_rules": ["Gone"]}],
                    },
                    {"name": "ECP", "content_rules": ["Header", "Gone"], "check_type": "tcp", "check_url": "/x"},
                    {"name": "OWA", "real_servers": []},
                    {"weight": 3, "real_servers": [{"address": "192.0.2.300"}]},
                ],
            },
            # One that cannot be identified at all, and two faults of one service
            {"port": 80, "real_servers": [{"weight": 0, "address": "192.0.2.31"}]},
            {**OTHER, "ssl_acceleration": False, "cipher_set": "Default", "http2": True, "real_servers": []},
            {**OTHER, "port": 80, "nickname": "Mail", "real_servers": []},
            {"nickname": "Mail", "idle_timeout": 900},
        ],
    }
    options = {
        "document": {"content_rules": []},
        "secrets": {"certificates.nobody.private_key": "x"},
        "purge": [
            {"kind": "virtual_services", "addresses": ["nowhere"]},
            {"kind": "certificates", "addresses": ["192.0.2.0/24"]},
        ],
    }
    found, calls = faults(Emulator(), {**document, **options})
    first = "virtual_services[0]"
    assert calls == 0
    assert_told(
        found,
        [
            ("", "The task has content_rules twice"),
            ("secrets.certificates.nobody.private_key", "the document has no such place"),
            ("", "purge: addresses has 'nowhere', but it must be a network"),
            ("", "purge: certificates have no addresses"),
            (first, "type is 'htpp', but it must be one of"),
            (first, "unknown option 'content_rules'"),
            (f"{first}.sub_virtual_services[0].real_servers[1]", "is listed more than once"),
            (f"{first}.sub_virtual_services[0].real_servers[2]", "content_rules names Gone, but there is no such rule"),
            (f"{first}.sub_virtual_services[1]", "but Header is a delete_header rule"),
            (f"{first}.sub_virtual_services[1]", "content_rules names Gone, but there is no such rule"),
            (f"{first}.sub_virtual_services[1]", "check_url has an effect only with check_type"),
            (f"{first}.sub_virtual_services[2]", "is listed more than once"),
            (f"{first}.sub_virtual_services[3]", "name is missing"),
            (f"{first}.sub_virtual_services[3].real_servers[0]", "must be an IP address"),
            ("virtual_services[1]", "address is missing"),
            ("virtual_services[1].real_servers[0]", "weight is 0, but it must be from 1 to 65530"),
            ("virtual_services[2]", "cipher_set has an effect only with ssl_acceleration: true"),
            ("virtual_services[2]", "http2 has an effect only with ssl_acceleration: true"),
            ("virtual_services[4]", "is the same as in virtual_services[3]"),
        ],
    )


def test_what_takes_the_appliance_is_told_together_before_it_is_written_to() -> None:
    there = {
        "content_rules": [{"name": "Used", "kind": "match_content", "pattern": "/x/"}],
        "virtual_services": [
            {**PLACE, "type": "http", "nickname": "Mail", "real_servers": SERVERS},
            {
                **{**OTHER, "nickname": "Shop"},
                "sub_virtual_services": [{"name": "A", "content_rules": ["Used"], "real_servers": SERVERS}],
            },
        ],
    }
    lm = made(there)
    document = {
        "virtual_services": [
            # Without TLS, with rules that there are not, and with a server that is the last one
            {
                **{**PLACE, "cipher_set": "Default", "http2": True, "request_rules": ["None1", "None2"]},
                "real_servers": [
                    {"address": "192.0.2.31", "state": "absent"},
                    {"address": "192.0.2.32", "enabled": False, "content_rules": ["None3"]},
                ],
            },
            {"nickname": "Mail", "idle_timeout": 900},
            {"nickname": "Shop", "real_servers": SERVERS[:1], "sub_virtual_services": [{"name": "A"}, {"name": "B"}]},
            # New, and no one would answer; and with an option that has no effect
            {"address": "192.0.2.27", "port": 80, "nickname": "Bare", "pre_process_rules": ["None4"]},
            {"nickname": "Nobody", "sub_virtual_services": [{"name": "C"}]},
        ]
    }
    found, calls = faults(lm, document, purge=[{"kind": "content_rules"}], allow_no_servers=False)
    assert calls > 0
    first = "virtual_services[0]"
    assert_told(
        found,
        [
            ("purge", "content rule Used is not in the document and would be deleted"),
            (first, "cipher_set has an effect only with ssl_acceleration: true"),
            (first, "http2 has an effect only with ssl_acceleration: true"),
            (first, "names None1"),
            (first, "names None2"),
            (f"{first}.real_servers[0]", "without an enabled real server"),
            (f"{first}.real_servers[1]", "without an enabled real server"),
            (f"{first}.real_servers[1]", "names None3"),
            ("virtual_services[1]", "is the same as in virtual_services[0]"),
            ("virtual_services[2].real_servers[0]", "the service has SubVSs"),
            ("virtual_services[2].sub_virtual_services[1]", "would be new and has no real_servers"),
            ("virtual_services[3]", "would be new and has neither real_servers nor sub_virtual_services"),
            ("virtual_services[3]", "names None4"),
            ("virtual_services[4]", "There is no virtual service Nobody"),
            ("virtual_services[4].sub_virtual_services[0]", "there is no virtual service Nobody"),
        ],
    )


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        ({**PLACE, "idle_timeout": 900}, {"nickname": "Mail", "idle_timeout": 1800}, "virtual_services[1]"),
        ({**PLACE, "new_port": 8443}, {**PLACE, "idle_timeout": 1800}, "virtual_services[1]"),
        (
            {**PLACE, "real_servers": [{"address": "web.example.com", "weight": 1}, {"address": "192.0.2.40"}]},
            {**OTHER, "real_servers": []},
            "virtual_services[0].real_servers[1]",
        ),
        (
            {"nickname": "Mail", "real_servers": [{"address": "192.0.2.31"}, {"address": "192.0.2.31", "port": 443}]},
            {**OTHER, "real_servers": []},
            "virtual_services[0].real_servers[1]",
        ),
    ],
    ids=["nickname and place", "former and present place", "name and address", "with and without a port"],
)
def test_one_object_under_two_names(first: dict[str, Any], second: dict[str, Any], where: str) -> None:
    lm = Emulator()
    lm.names["web.example.com"] = "192.0.2.40"
    servers = [{"address": "192.0.2.31"}, {"address": "web.example.com"}]
    round_trip.apply(
        round_trip.session_of(lm), {"virtual_services": [{**PLACE, "nickname": "Mail", "real_servers": servers}]}
    )
    found, _calls = faults(lm, {"virtual_services": [first, second]})
    assert_told(found, [(where, "is the same as in")])


def test_extra_ports_that_another_service_has() -> None:
    several = {**PLACE, "extra_ports": ["8443-8445"], "real_servers": []}
    inside = {**PLACE, "port": 8444, "real_servers": []}
    found, _calls = faults(Emulator(), {"virtual_services": [several, inside]})
    assert_told(
        found, [("virtual_services[0]", "extra_ports has 8443-8445, but virtual service tcp/192.0.2.25:8444 in")]
    )
    beside = [{**inside, "protocol": "udp"}, {**inside, "address": "192.0.2.99"}, {**inside, "port": "*"}]
    lm = made({"virtual_services": [several, *beside]})
    assert len(lm.call("listvs")["VS"]) == 4
