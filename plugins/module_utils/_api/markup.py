# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read YAML or JSON, and reject values that the format would silently reinterpret.

A document may have secrets in it. A fault is therefore named by its line and never quoted.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import json
import re
import traceback
from typing import Any

YAML_ERROR: str | None
try:
    import yaml
except ImportError:
    YAML_ERROR = traceback.format_exc()
else:
    YAML_ERROR = None

_VAULT = (
    "a value that is encrypted by itself (!vault) cannot be read here. Encrypt the whole file, or give the value in the "
    "option secrets of the task"
)
_NUMBER = (
    "a number as this one (such as 0443, 0x1F, 1_000, 1:30 or 1.10) is another one to YAML, or is written otherwise. Put it in "
    "quotes where it is a text, and write it in plain digits where it is a number"
)
_PLAIN_NUMBER = re.compile("0|-?[1-9][0-9]*")


def from_json(text: str) -> Any:
    """Parse JSON. Raises ValueError with the line, and a sentence without its end."""
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    except _Twice as twice:
        raise ValueError(f"line {_line_of(twice.key, text)}: {_there_twice(twice.key)}") from None


def from_yaml(text: str) -> Any:
    """Parse YAML. Raises ValueError with the line, and a sentence without its end."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ValueError(f"line {mark.line + 1 if mark else 1}: {_explained(error)}") from None
    except yaml.YAMLError:
        raise ValueError("it has a character that YAML does not allow") from None


class _Twice(Exception):
    """A dictionary has a duplicate key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _there_twice(key: str) -> str:
    return f"{key} is there twice in one dictionary, and only the last one would count"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _value in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return made


def _line_of(key: str, text: str) -> int:
    """Return the line of the second key of a name in the first object that has it twice, which json does not tell."""
    open_ones: list[set[str]] = []
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}]', text):
        if match[0] == "{":
            open_ones.append(set())
        elif match[0] == "}":
            open_ones.pop()
        elif match[2]:
            name = json.loads(f'"{match[1]}"')
            if name == key and name in open_ones[-1]:
                return text.count("\n", 0, match.start()) + 1
            open_ones[-1].add(name)
    raise AssertionError("a key that is there twice was found before")


def _explained(error: Any) -> str:
    """Return what is wrong, in words of YAML that quote nothing of the text."""
    problem = str(error.problem or error.context)
    if isinstance(error, _Refused):
        return problem
    if isinstance(error, yaml.constructor.ConstructorError):
        return _VAULT if "'!vault" in problem else "a tag (!) or a key of this kind has no meaning in a document"
    if "alias" in problem:
        return "an alias (*) refers to nothing. Put a text that begins with * in quotes"
    return "a tag (!) of this form has no meaning in a document" if "tag handle" in problem else problem


if YAML_ERROR is None:

    class _Refused(yaml.constructor.ConstructorError):
        """Valid YAML that a document does not allow."""

    # The loader in C is ten times as fast, where PyYAML was built with it.
    class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads YAML, and rejects values that would be reinterpreted silently."""

        def flatten_mapping(self, node: Any) -> None:
            # Called for every mapping, before merge keys (<<) are merged
            keys = [key.value for key, _value in node.value]
            # What is no text cannot be a key, which is reported when it is made
            if all(isinstance(key, str) for key in keys) and len(set(keys)) < len(keys):
                number = next(number for number, key in enumerate(keys) if key in keys[:number])
                raise _Refused(None, None, _there_twice(keys[number]), node.value[number][0].start_mark)
            super().flatten_mapping(node)

        def whole_number(self, node: Any) -> int:
            """Return a number written in plain decimal form."""
            if not _PLAIN_NUMBER.fullmatch(node.value):
                raise _Refused(None, None, _NUMBER, node.start_mark)
            return int(node.value)

        def fraction(self, node: Any) -> float:
            """Return a decimal number that keeps its spelling as text."""
            number = float(self.construct_yaml_float(node))
            if str(number) != node.value:
                raise _Refused(None, None, _NUMBER, node.start_mark)
            return number

        def date(self, node: Any) -> str:
            """Return a date as text. A document has no dates."""
            return str(node.value)

    _Loader.add_constructor("tag:yaml.org,2002:int", _Loader.whole_number)
    _Loader.add_constructor("tag:yaml.org,2002:float", _Loader.fraction)
    _Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.date)
