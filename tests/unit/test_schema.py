# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of documents takes what the module config takes, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml
from documents import exchange, with_certificate
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import SHAPE, build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine import planning
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import value_types
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import USUAL, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_RULES, World
from ansible_collections.kemp.loadmaster.plugins.modules import config
from unit_values import values

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "config.schema.json").read_text(encoding="utf-8"))
# On a busy machine a first try takes its time.
PATIENTLY = hypothesis.settings(deadline=None)
WHOLE = Draft202012Validator(SCHEMA)
# A new appliance, which has no rules.
EMPTY = World(Services([]), answers={LIST_RULES: {}})
DEFINED = {
    "settings": "settings",
    "certificates": "certificate",
    "intermediate_certificates": "intermediate_certificate",
    "cipher_sets": "cipher_set",
    "content_rules": "content_rule",
    "virtual_services": "virtual_service",
    "sub_virtual_services": "sub_virtual_service",
    "real_servers": "real_server",
}


def shapes(shape: Shape = SHAPE) -> Iterator[tuple[str, Shape]]:
    """Every shape in a document with the member that it is an entry of."""
    for member, part in {**shape.parts, **shape.lists}.items():
        yield member, part
        yield from shapes(part)


# One row of each kind that there is: those of the same kind are the same to the schema.
ROWS = {
    (repr(row.kind), row.option in shape.required): (member, row) for member, shape in shapes() for row in shape.rows
}
EVERY_KIND = pytest.mark.parametrize(
    ("member", "row"), ROWS.values(), ids=[f"{member}.{row.option}" for member, row in ROWS.values()]
)


def defined(member: str) -> dict[str, Any]:
    return SCHEMA["$defs"][DEFINED[member]]


def accepted(row: Field, value: Any) -> bool:
    try:
        row.canonical(value)
    except ValueError:
        return False
    return True


def valid(document: Any) -> bool:
    return WHOLE.is_valid(document)


def test_it_is_up_to_date() -> None:
    script = ROOT / "tests" / "tools" / "schema.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("member", "shape"), list(shapes()), ids=lambda value: value if isinstance(value, str) else "")
def test_it_has_every_option_with_a_description(member: str, shape: Shape) -> None:
    properties = defined(member)["properties"]
    assert sorted(properties) == sorted(shape.names) and defined(member)["additionalProperties"] is False
    assert all(len(described["description"]) > 15 for described in properties.values())


def test_descriptions_are_without_markup() -> None:
    texts = [text for member, _shape in shapes() for text in str(defined(member)).split("'description': ")[1:]]
    assert not [text[:80] for text in texts if any(f"{mark}(" in text[:200] for mark in "OVCM")]


# --- documents


def examples() -> Iterator[dict[str, Any]]:
    for task in yaml.safe_load(config.EXAMPLES):
        given = task["kemp.loadmaster.config"]
        yield {member: given[member] for member in SHAPE.names if member in given}


GOOD = {
    "nothing": {},
    "layer 7": exchange(),
    "without encryption to the servers": exchange(mode="offload"),
    "a certificate": with_certificate(exchange())[0],
    **{f"example {number}": document for number, document in enumerate(examples(), start=1)},
    "what is left out by a word": {"settings": None, "virtual_services": [{"nickname": "owa", "check_url": None}]},
    "numbers without quotes": {"virtual_services": [{"address": "192.0.2.25", "port": 443, "check_codes": [401, 403]}]},
    "words for true": {"virtual_services": [{"nickname": "owa", "enabled": "yes", "cache": "off", "compress": 1}]},
    "lists in a line": {"settings": {"dns_servers": "192.0.2.53, 2001:db8::53", "ntp_servers": "a.example,b.example"}},
    "all ports": {"virtual_services": [{"address": "2001:db8::25", "port": "*", "extra_ports": [80, "8000-8010"]}]},
    "an absent rule": {"content_rules": [{"name": "Old", "state": "absent"}]},
    "an absent intermediate": {"intermediate_certificates": [{"name": "old", "state": "absent"}]},
    "a parameter": {"settings": {"parameters": {"cachesize": 200, "some": ["a", "b"], "other": True}}},
}
SERVICE = {"address": "192.0.2.25", "port": 443}
BAD = {
    "no dictionary": [],
    "an unknown member": {"services": []},
    "a member that is no list": {"virtual_services": {"address": "192.0.2.25"}},
    "an entry that is nothing": {"virtual_services": [None]},
    "an unknown option": {"virtual_services": [{**SERVICE, "sheduling": "round_robin"}]},
    "an unknown option of a server": {"virtual_services": [{**SERVICE, "real_servers": [{"adress": "192.0.2.31"}]}]},
    "an unknown option of a SubVS": {
        "virtual_services": [{**SERVICE, "sub_virtual_services": [{"name": "owa", "ssl_acceleration": True}]}]
    },
    "a code for a word": {"virtual_services": [{**SERVICE, "scheduling": "lc"}]},
    "a number out of range": {
        "virtual_services": [{**SERVICE, "real_servers": [{"address": "a.example", "weight": 0}]}]
    },
    "a port out of range": {"virtual_services": [{"address": "192.0.2.25", "port": 65531}]},
    "a text for a number": {"settings": {"wui_port": "https"}},
    "a list for a text": {"settings": {"hostname": ["lm1"]}},
    "a word for a flag": {"settings": {"ssh_access": "maybe"}},
    "no address": {"virtual_services": [{"address": "mail.example.com", "port": 443}]},
    "a port without its address": {"virtual_services": [{"port": 443, "nickname": "owa"}]},
    "neither address nor nickname": {"virtual_services": [{"type": "http"}]},
    "a move from nowhere": {"virtual_services": [{"nickname": "owa", "new_port": 8443}]},
    "a SubVS without a name": {"virtual_services": [{**SERVICE, "sub_virtual_services": [{"type": "http"}]}]},
    "a server without an address": {"virtual_services": [{**SERVICE, "real_servers": [{"port": 443}]}]},
    "a rule without a name": {"content_rules": [{"kind": "match_content", "pattern": "/x/"}]},
    "a name with a space": {"content_rules": [{"name": "a b", "kind": "match_content", "pattern": "/x/"}]},
    "the rule that the LoadMaster keeps": {"content_rules": [{"name": "default", "kind": "match_content"}]},
    "an option of another kind of rule": {"content_rules": [{"name": "A", "kind": "modify_url", "header": "X"}]},
    "a pattern that is too long": {"content_rules": [{"name": "A", "kind": "modify_url", "pattern": "x" * 251}]},
    "a rule without its header": {"content_rules": [{"name": "A", "kind": "add_header", "header": " "}]},
    "a cipher set without ciphers": {"cipher_sets": [{"name": "Modern"}]},
    "a cipher set of the LoadMaster": {"cipher_sets": [{"name": "Default", "ciphers": ["A"]}]},
    "an intermediate that is nothing": {"intermediate_certificates": [{"name": "issuing"}]},
    "a key without its certificate": {"certificates": [{"name": "mail", "private_key": "x"}]},
    "a certificate twice": {"certificates": [{"name": "mail", "certificate": "x", "pfx": "y"}]},
    "a rule twice in a list": {"virtual_services": [{**SERVICE, "request_rules": ["A", "A"]}]},
    "no version of TLS": {"virtual_services": [{**SERVICE, "tls_versions": []}]},
    "too many headers": {"virtual_services": [{**SERVICE, "check_headers": [f"{name}:1" for name in "abcde"]}]},
}


@pytest.mark.parametrize("document", GOOD.values(), ids=GOOD)
def test_documents_are_valid(document: Any) -> None:
    assert [error.message for error in WHOLE.iter_errors(document)] == []
    build(document, USUAL)


@pytest.mark.parametrize("document", BAD.values(), ids=BAD)
def test_wrong_documents_are_not(document: Any) -> None:
    """... and the module refuses them as well; rules of an existing kind only once it knows the appliance."""
    assert not valid(document)
    with pytest.raises(InvalidOption):
        planning.make(build(document, USUAL), EMPTY)


# --- against the tables


@cache
def validator(member: str, option: str) -> Draft202012Validator:
    return Draft202012Validator(defined(member)["properties"][option])


def drawn(row: Field) -> st.SearchStrategy[Any]:
    if isinstance(row.kind, value_types.Names):
        return st.lists(st.from_regex(r"[A-Za-z0-9_]+", fullmatch=True), unique=True)
    if isinstance(row.kind, value_types.Mapped):
        return st.dictionaries(st.text("abc", min_size=1), st.one_of(st.booleans(), st.integers(), st.text("xyz ")))
    if isinstance(row.kind, value_types.Blob):
        return st.text(st.characters(codec="ascii", exclude_categories=["Cc"], include_characters="\n\t"))
    return values(row.kind, row.option)


# JSON does not know 5.0 from 5, and a list given as a text is Ansible's way of writing, tried in the documents above.
_ANY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 100000),
    st.sampled_from([-1.5, 0.25, 1.5, 80.5]),
    st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126, exclude_characters=","), max_size=12),
    st.sampled_from(
        ["yes", "off", "0", "443", " 8080 ", "*", "80-90", "192.0.2.1", "[2001:db8::1]", "a.example", "/x"]
    ),
)
ANYTHING = st.one_of(_ANY, st.lists(_ANY, max_size=3), st.dictionaries(st.text("abc", max_size=3), _ANY, max_size=2))


@EVERY_KIND
@PATIENTLY
@given(data=st.data())
def test_what_an_option_takes_is_valid(member: str, row: Field, data: st.DataObject) -> None:
    value = data.draw(drawn(row))
    if row.option in dict(shapes())[member].required and value == "":
        return
    assert accepted(row, value), "the test drew something wrong"
    assert validator(member, row.option).is_valid(value), value


@EVERY_KIND
@PATIENTLY
@given(value=ANYTHING)
def test_anything_is_valid_or_not_as_the_option_takes_it_or_not(member: str, row: Field, value: Any) -> None:
    shape = dict(shapes())[member]
    problems: list[Any] = []
    shape.check({row.option: value}, "", problems)
    required = row.option in shape.required
    told = [problem for problem in problems if not problem.message.endswith(" is missing.")]
    missing = required and (value is None or not str(value).strip())
    assert validator(member, row.option).is_valid(value) == (not told and not missing), (value, told)


@EVERY_KIND
def test_bounds(member: str, row: Field) -> None:
    """The last number and the longest text that an option takes, and the first ones that it does not."""
    kind, tried = row.kind, []
    if isinstance(kind, value_types.Integer):
        tried = [number for bound in (kind.low, kind.high) for number in (bound - 1, bound, bound + 1)]
        tried = [0, *tried, *map(str, tried)] if kind.high < value_types.Integer().high else tried[:3]
    elif isinstance(kind, value_types.Port):
        tried = [each for port in (2, 3, kind.high, kind.high + 1) for each in (port, str(port))]
    elif isinstance(kind, value_types.Text) and kind.longest:
        tried = ["x" * kind.longest, "x" * (kind.longest + 1)]
    for value in tried:
        assert validator(member, row.option).is_valid(value) == accepted(row, value), value


@pytest.mark.parametrize("kind", content_rule.KINDS)
@PATIENTLY
@given(data=st.data())
def test_options_of_rules_go_with_their_kind(kind: str, data: st.DataObject) -> None:
    options = {}
    for row in data.draw(st.lists(st.sampled_from(list(content_rule.OPTIONS.values())), max_size=3)):
        options[row.option] = data.draw(st.one_of(st.just(" "), values(row.kind)))
    table = content_rule.KINDS[kind].table
    complete = {row.option: "x" for row in table.fields if isinstance(row.kind, value_types.Text) and row.kind.lasting}
    entry = {"name": "A", "kind": kind, **complete, **options}
    problems: list[Any] = []
    checked = SHAPE.check({"content_rules": [entry]}, "", problems)
    try:
        rule = content_rule.ContentRule.from_options(checked["content_rules"][0])
        rule.plan(EMPTY, Document([rule]))
    except InvalidOption as error:
        problems.append(error)
    assert valid({"content_rules": [entry]}) == (not problems), (entry, problems)


@pytest.mark.parametrize("member", ["certificates", "intermediate_certificates", "cipher_sets"])
@PATIENTLY
@given(data=st.data())
def test_options_go_with_each_other(member: str, data: st.DataObject) -> None:
    shape = SHAPE.lists[member]
    entry: dict[str, Any] = {"name": "A"}
    for row in data.draw(st.lists(st.sampled_from(shape.rows[2:]), max_size=4)):
        entry[row.option] = data.draw(st.one_of(st.none(), drawn(row)))
    entry["state"] = data.draw(st.sampled_from(["present", "absent", None]))
    problems: list[Any] = []
    shape.check(entry, "", problems)
    assert valid({member: [entry]}) == (not problems), (entry, problems)


@PATIENTLY
@given(data=st.data())
def test_a_service_is_told_by_its_place_or_its_name(data: st.DataObject) -> None:
    rows = SHAPE.lists["virtual_services"].by_option
    names = ["address", "port", "nickname", "new_address", "new_port"]
    entry = {name: data.draw(st.one_of(st.none(), st.just(""), drawn(rows[name]))) for name in names}
    try:
        build({"virtual_services": [entry]}, USUAL)
        taken = True
    except InvalidOption:
        taken = False
    assert valid({"virtual_services": [entry]}) == taken, entry


def test_what_is_known_of_an_appliance_is_its_default() -> None:
    properties = defined("settings")["properties"]
    fields = [row for row in appliance_settings.ENTRY.rows if row.option in properties]
    stated = {row.option: properties[row.option].get("default") for row in fields}
    assert stated["hostname"] == "lb100" and stated["ssh_access"] is True and stated["wui_port"] == 443
    assert stated["dns_servers"] is None and stated["update_secrets"] == "on_change"
    for row in fields:
        assert stated[row.option] is None or accepted(row, stated[row.option]), row.option
