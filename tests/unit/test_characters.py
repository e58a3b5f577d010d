# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No option takes what ends a line of the appliance, what it splits, or a text without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import value_types
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import time_zones

# What has lines by its nature: keys, certificates, banners and templates.
WITH_LINES = {
    *("certificate", "private_key", "pfx", "pfx_password", "backup_ssh_key", "content"),
    *("ssh_banner", "wui_banner", "message_of_the_day"),
}


def rows(shape: Shape, place: str = "") -> Iterator[tuple[str, Field]]:
    for row in shape.rows:
        if not isinstance(row.kind, (value_types.Flag, value_types.Integer, value_types.Choice)):
            yield f"{place}{row.option}", row
    for name, part in {**shape.lists, **shape.parts}.items():
        yield from rows(part, f"{place}{name}.")


ROWS = {place: row for place, row in rows(SHAPE) if row.option != "faults"}
EVERY_TEXT = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def refusal(row: Field, text: str) -> str:
    """Return the sentence by which a row refuses a text, also as a member of a list or dictionary."""
    given: list[Any] = [text, [text]] if isinstance(row.kind, (value_types.Items, value_types.Names)) else [text]
    if isinstance(row.kind, value_types.Mapped):
        given = [{"name": text}, {text: "value"}, {"name": ["fine", text]}]
    said = ""
    for value in given:
        with pytest.raises(ValueError, match=f"^{row.option} is .*, but it ") as caught:
            row.canonical(value)
        said = str(caught.value)
    return said


@EVERY_TEXT
@pytest.mark.parametrize(
    "sign", ["\0", "\x01", "\x08", "\x0b", "\x1b", "\x7f", "\x9b", "\ud800", "\udfff"], ids=lambda sign: hex(ord(sign))
)
def test_no_text_has_control_characters(row: Field, sign: str) -> None:
    said = refusal(row, f"a{sign}b")
    assert sign not in said
    assert len(said.splitlines()) == 1


@EVERY_TEXT
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x85", "\u2028"], ids=ascii)
def test_only_texts_of_several_lines_have_line_ends(row: Field, end: str) -> None:
    if row.option in WITH_LINES and end in ("\n", "\r\n"):
        assert row.canonical(f"a{end}b") == f"a{end}b"
    elif row.option not in WITH_LINES and not isinstance(row.kind, value_types.Mapped):
        refusal(row, f"a{end}b")


def test_only_what_is_compared_with_texts_of_others_has_tabulators() -> None:
    for row in ROWS.values():
        if row.option in ("pattern", "value"):
            assert row.canonical("a\tb") == "a\tb"
        elif row.option not in WITH_LINES and not isinstance(row.kind, value_types.Mapped):
            refusal(row, "a\tb")


@EVERY_TEXT
def test_no_text_is_without_end(row: Field) -> None:
    said = refusal(row, "a" * (5 * 2**20)) if not isinstance(row.kind, value_types.Mapped) else ""
    assert len(said) < 400, "a message that quotes it whole"


@EVERY_TEXT
def test_no_entry_of_a_list_has_a_separator_in_it(row: Field) -> None:
    """It would become two entries, on the way to the appliance or on the way back."""
    if not isinstance(row.kind, value_types.Items) or isinstance(row.kind, value_types.TlsVersions):
        return
    for separator in (" ", "\t", row.kind.joint):
        with pytest.raises(ValueError, match=f"^{row.option} is "):
            row.canonical([f"192.0.2.1{separator}192.0.2.2"])


def test_blanks_are_a_part_of_secrets_but_the_line_break_of_a_file_is_not() -> None:
    secrets = [row for row in ROWS.values() if row.secret and isinstance(row.kind, value_types.Text)]
    assert {row.option for row in secrets} >= {"email_password", "backup_password", "snmp_v3_password"}
    for row in secrets:
        # The LoadMaster reports it, without the blanks around it
        if row.option != "snmp_community":
            assert row.kind.send(row.canonical(" with blanks \n")) == " with blanks ", row.option


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Europe/Kyiv", "America/New_York", "US/Pacific", "GMT", ""])
def test_time_zones(zone: str) -> None:
    assert ROWS["settings.time_zone"].canonical(zone) == zone


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
        ("Mars/Base", ""),
    ],
)
def test_a_time_zone_that_there_is_not_is_refused_with_the_one_that_was_meant(zone: str, meant: str) -> None:
    said = refusal(ROWS["settings.time_zone"], zone)
    assert said.endswith(f" (did you mean {meant}?)." if meant else "such as UTC or Europe/Zurich.")


def test_there_is_a_time_zone_for_each_that_this_machine_knows() -> None:
    zoneinfo = pytest.importorskip("zoneinfo")
    # The last two are files of this machine, and no zones
    assert not zoneinfo.available_timezones() - set(time_zones.names()) - {"localtime", "posixrules", "Factory"}
