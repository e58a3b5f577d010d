# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kinds and the rows promise, for every row of every table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import value_types
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE as SERVICES
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import settings_table
from unit_values import record, values

TABLES = [SERVICES, server_table.TABLE, settings_table.TABLE, settings_table.HEALTH_TABLE]
ROWS = [pytest.param(row, id=row.option) for table in TABLES for row in table.fields]


@pytest.mark.parametrize("row", ROWS)
@given(data=st.data())
def test_normalising_twice_is_normalising_once(row: Field, data: Any) -> None:
    once = row.canonical(data.draw(values(row.kind, row.option)))
    assert row.canonical(once) == once


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("version", ["v1", "v2"])
@given(data=st.data())
def test_what_was_set_reads_back(row: Field, version: str, data: Any) -> None:
    wanted = row.canonical(data.draw(values(row.kind, row.option)))
    answer = record(type(SERVICES)([row]), {row.option: wanted}, version)
    assert row.kind.read(answer.get(row.member)) == wanted


@pytest.mark.parametrize("row", ROWS)
def test_absent_reads_as_unset(row: Field) -> None:
    assert row.kind.is_unset(row.kind.read(None)) or isinstance(row.kind, value_types.TlsVersions)


@pytest.mark.parametrize("table", TABLES, ids=["services", "servers", "settings", "health"])
def test_names_are_unique(table: Any) -> None:
    options = [row.option for row in table.fields]
    assert len(set(options)) == len(options)
    assert len({row.api.lower() for row in table.fields}) == len(options)


@pytest.mark.parametrize("table", TABLES, ids=["services", "servers", "settings", "health"])
def test_rows_refer_to_rows(table: Any) -> None:
    for row in table.fields:
        for name in (
            *row.along,
            *(c.option for c in row.companions),
            *(need.option for need in (*row.needs, *row.ends_with)),
            *([row.known_with.option] if row.known_with else []),
            *([row.reset_by] if row.reset_by else []),
        ):
            assert name in table.by_option, f"{row.option} refers to {name}"
        for need in (*row.needs, *row.ends_with):
            kind = table.by_option[need.option].kind
            for value in (*need.values, *need.not_values):
                assert kind.check(value) == value, f"{row.option} needs an impossible {need}"


@pytest.mark.parametrize(
    ("table", "option", "given_", "stored"),
    [
        (SERVICES, "idle_timeout", 0, 660),
        (SERVICES, "persistence_timeout", 400, 360),
        (SERVICES, "minimum_servers", 1, 0),
        (SERVICES, "check_codes", ["404", "301", "404"], ["301", "404"]),
        (SERVICES, "alternate_address", "2001:DB8:0::1", "2001:db8::1"),
        (SERVICES, "nickname", " Exchange 2013 ", "Exchange 2013"),
        (settings_table.TABLE, "connection_timeout", 0, 660),
        (settings_table.TABLE, "dns_servers", ["192.0.2.2", "192.0.2.1"], ["192.0.2.2", "192.0.2.1"]),
        (settings_table.TABLE, "syslog_info", ["b", "a"], ["a", "b"]),
        (settings_table.TABLE, "wui_tls_versions", ["TLSv1.3", "TLSv1.2"], ["TLSv1.2", "TLSv1.3"]),
    ],
)
def test_normalisation(table: Any, option: str, given_: Any, stored: Any) -> None:
    assert table.by_option[option].canonical(given_) == stored


@pytest.mark.parametrize(
    ("table", "option", "value", "sentence"),
    [
        (SERVICES, "persistence_timeout", 59, "from 60 to 604800"),
        (SERVICES, "check_interval", 0, "from 9 to 120"),
        (SERVICES, "error_code", 199, "0 or from 200 to 505"),
        (SERVICES, "nickname", "-x", "begin with a letter or digit"),
        (SERVICES, "check_headers", ["a:b"] * 2 + ["c:d", "e:f", "g:h", "i:j"], "at most 4 entries"),
        (SERVICES, "check_headers", ["Host: x"], "without spaces or bars"),
        (SERVICES, "check_url", "/" * 127, "at most 126 characters"),
        (SERVICES, "default_gateway", "router", "must be an IP address"),
        (SERVICES, "extra_ports", ["0"], "must be a port from 3 to 65530"),
        (SERVICES, "extra_ports", ["90-80"], "from a lower to a higher one"),
        (SERVICES, "adaptive_url", "load", "begins with a slash"),
        (
            SERVICES,
            "tls13_cipher_suites",
            [],
            "at least one entry, since the LoadMaster cannot clear it once it is set",
        ),
        (SERVICES, "tls13_cipher_suites", ["AES128"], "the name of a TLS 1.3 cipher suite"),
        (settings_table.TABLE, "hostname", "", "must not be empty"),
        (server_table.TABLE, "weight", 0, "from 1 to 65530"),
        (settings_table.TABLE, "wui_tls_versions", [], "at least one of"),
        (settings_table.TABLE, "l7_drain_time", 59, "0 or from 60 to 86400"),
        (settings_table.TABLE, "dns_servers", ["dns.example"], "must be an IP address"),
    ],
)
def test_bad_values_are_named(table: Any, option: str, value: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{option} is .*, but it ") as caught:
        table.by_option[option].canonical(value)
    assert sentence in str(caught.value)


def test_a_bad_secret_does_not_show() -> None:
    with pytest.raises(ValueError, match="at most 40 characters") as caught:
        settings_table.TABLE.by_option["ntp_key_secret"].canonical("s" * 41)
    assert "sss" not in str(caught.value)


@pytest.mark.parametrize("raw", ["Y", "y", "yes", "1", "true"])
def test_words_for_yes(raw: str) -> None:
    assert value_types.Flag().read(raw) is True and value_types.Flag(inverted=True).read(raw) is False


def test_a_code_that_is_not_known_stays_visible() -> None:
    assert SERVICES.by_option["scheduling"].kind.read("brandnew") == "brandnew"


def test_header_lists_read_both_separators() -> None:
    kind = SERVICES.by_option["check_headers"].kind
    assert kind.read("A:1|B:2") == kind.read("B:2 A:1") == ["A:1", "B:2"]


def test_cipher_suites_read_every_separator() -> None:
    kind = SERVICES.by_option["tls13_cipher_suites"].kind
    suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]
    assert all(kind.read(separator.join(suites)) == suites for separator in (" ", ":", ", "))
