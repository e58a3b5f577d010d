# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of every kind that a field can have, and records as the appliance would report them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import value_types
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.time_zones import TimeZone

# Every row is tried, so a few values of each are many in all. How long that takes on a busy machine says nothing.
settings.register_profile("rows", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rows")

_ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)


def values(kind: value_types.Kind, option: str = "") -> st.SearchStrategy[Any]:
    """Return what a user may give for a kind."""
    if isinstance(kind, value_types.Flag):
        return st.booleans()
    if isinstance(kind, value_types.Integer):
        numbers = st.integers(kind.low, min(kind.high, 10**6))
        return st.one_of(st.just(0), numbers) if kind.zero else numbers
    if isinstance(kind, value_types.Port):
        return st.integers(3, 65530).map(str)
    if isinstance(kind, value_types.Ports):
        return st.one_of(st.just("8080"), st.just("8000-8010"))
    if isinstance(kind, value_types.Address):
        return st.one_of(st.just(""), _ADDRESSES)
    if isinstance(kind, TimeZone):
        return st.sampled_from(["", "UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires"])
    if isinstance(kind, value_types.Text):
        # A pattern says less than the kind: no text may have control characters
        matching = st.from_regex(kind.pattern, fullmatch=True) if kind.pattern else st.nothing()
        filled = matching.filter(kind.takes) if kind.pattern else _texts(kind)
        return filled if kind.lasting else st.one_of(st.just(""), filled)
    if isinstance(kind, value_types.Choice):
        return st.sampled_from(list(kind.words))
    if isinstance(kind, value_types.TlsVersions):
        return st.lists(st.sampled_from(kind.argument()["choices"]), min_size=1)
    assert isinstance(kind, value_types.Items), f"no values for {option}"
    return st.lists(values(kind.item).filter(_is_item), min_size=int(kind.lasting), max_size=kind.most or 5)


def _texts(kind: value_types.Text) -> st.SearchStrategy[str]:
    letters = st.characters(codec="ascii", min_codepoint=33, max_codepoint=126, exclude_characters=",|+")
    return st.text(letters, min_size=1, max_size=min(kind.longest or 30, 30))


def _is_item(text: str) -> bool:
    return bool(text.strip()) and "\n" not in text


def reported(field: Field, value: Any, version: str) -> Any:
    """Return a canonical value as an answer holds it, in the plain shape that either API version decodes to."""
    if isinstance(field.kind, value_types.Choice):
        return (field.kind.reported or field.kind.words)[value]
    if (
        isinstance(field.kind, value_types.Items)
        and version == "v2"
        and not isinstance(field.kind, value_types.TlsVersions)
    ):
        return [str(member) for member in value]
    if isinstance(field.kind, value_types.Integer):
        return str(value)
    return field.kind.send(value)


def record(table: Table, wanted: Mapping[str, Any], version: str = "v2") -> dict[str, Any]:
    """Return the record of an appliance that has what is wanted. What is unset is absent."""
    return {
        field.member: reported(field, wanted[field.option], version)
        for field in table.fields
        if field.option in wanted
        and not (isinstance(field.kind, (value_types.Text, value_types.Items)) and not wanted[field.option])
    }
