# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML and JSON, read strictly: nothing vanishes, nothing becomes something else, and nothing of the text is quoted."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import yaml

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import markup as readers

SECRET = "hunter2"


@pytest.fixture(params=["libyaml", "pure Python"])
def markup(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The reader with each of the two loaders that PyYAML may have."""
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader")
    yield importlib.reload(readers)
    monkeypatch.undo()
    importlib.reload(readers)


def fault(read: Callable[[str], Any], text: str) -> str:
    with pytest.raises(ValueError) as caught:
        read(text)
    return str(caught.value)


def test_both_read_what_they_should(markup: ModuleType) -> None:
    expected = {"a": [{"b": 443, "c": "0443"}, {"b": -1, "c": True}], "d": 1.5, "e": None, "f": "2026-05-28"}
    text = "a:\n- {b: 443, c: '0443'}\n- {b: -1, c: yes}\nd: 1.5\ne:\nf: 2026-05-28\n"
    assert markup.from_yaml(text) == expected
    assert (
        markup.from_json(
            '{"a": [{"b": 443, "c": "0443"}, {"b": -1, "c": true}], "d": 1.5, "e": null, "f": "2026-05-28"}'
        )
        == expected
    )


def test_merged_keys_are_no_duplicates(markup: ModuleType) -> None:
    text = "base: &base {port: 443, type: http}\nmade:\n  <<: *base\n  port: 80\nagain:\n  port: 25\n  <<: *base\n"
    read = markup.from_yaml(text)
    assert read["made"] == {"port": 80, "type": "http"} and read["again"] == {"port": 25, "type": "http"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: a is there twice in one dictionary"),
        ("a: 1\nb:\n- c: 1\n  d: 2\n  c: 3\n", "line 5: c is there twice"),
        ("a: {b: 1, b: 2}\n", "line 1: b is there twice"),
        ("x: &x {a: 1, a: 2}\ny:\n  <<: *x\n", "line 1: a is there twice"),
    ],
)
def test_yaml_with_a_key_twice(markup: ModuleType, text: str, sentence: str) -> None:
    assert fault(markup.from_yaml, text).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1,\n"b": 2,\n"a": 3}', "line 3: a is there twice in one dictionary"),
        ('{"x": {"a": 1},\n"a": [{"b": "{\\"b\\": }"}, {"b": 2,\n\n"b": 3}]}', "line 4: b is there twice"),
        ('{"a": 1,\n"\\u0061": 2}', "line 2: a is there twice"),
        ('{"a": {"b": 1},\n"c": {"b": 1}, "a": 2}', "line 2: a is there twice"),
        ('{"a": 1,\n}', "line 2: "),
    ],
)
def test_json_that_is_wrong(text: str, sentence: str) -> None:
    assert fault(readers.from_json, text).startswith(sentence)


@pytest.mark.parametrize(
    "number", ["0443", "1_000", "1:30", "0x1F", "0b11", "+443", "1.10", "1_0.5", "1:30.5", ".5", ".inf", "-0"]
)
def test_numbers_that_yaml_reads_as_others_are_refused_and_not_shown(markup: ModuleType, number: str) -> None:
    told = fault(markup.from_yaml, f"a: b\nc:\n- {number}\n")
    assert told.startswith("line 3: a number as this one") and f" {number} " not in told.replace(markup._NUMBER, "")
    assert markup.from_yaml(f"c: '{number}'") == {"c": number}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f'a: 1\npassword: "{SECRET}" more\n', "line 2: "),
        (f"a: 1\npassword: {SECRET}: more\n", "line 2: "),
        (f"a: 1\npassword: *{SECRET}\n", "line 2: an alias (*) refers to nothing"),
        (f"a: 1\npassword: !{SECRET}\n", "line 2: a tag (!)"),
        (f"a: 1\npassword: !{SECRET}!x\n", "line 2: a tag (!)"),
        (f"a: 1\npassword: @{SECRET}\n", "line 2: found character"),
        (f"a: 1\npassword: %{SECRET}\n", "line 2: "),
        (f"a: 1\npassword: [{SECRET}\n", "line 3: "),
        (f"a: 1\n{SECRET}\nb: 1\n", "line 3: "),
        (f"a: 1\n? [{SECRET}]\n: b\n", "line 2: a tag (!) or a key of this kind has no meaning"),
        (f"a: {SECRET}\x00", "it has a character that YAML does not allow"),
        (f"a: {SECRET}\n---\nb: 1\n", "line 2: but found another document"),
        ("a: 1\nb: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3136\n", "line 2: a value that is encrypted by itself"),
    ],
)
def test_what_is_wrong_is_told_without_the_text(markup: ModuleType, text: str, sentence: str) -> None:
    told = fault(markup.from_yaml, text)
    assert told.startswith(sentence) and SECRET not in told


def test_json_is_told_without_the_text() -> None:
    assert SECRET not in fault(readers.from_json, f'{{"a": "{SECRET}"\n"b": 1}}')
