# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The document of a task: put together of options and files, with its secrets.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._document import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._shape import Shape

YAML_ERROR: str | None
try:
    import yaml
except ImportError:
    YAML_ERROR = traceback.format_exc()
else:
    YAML_ERROR = None


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a task: its members as options, as one value, and in a file, put together."""
    members = {name: options[name] for name in SHAPE.names if name in options}
    in_file = load(options["src"]) if options.get("src") else {}
    return _together(members, parsed(options.get("document"), "document"), in_file)


def unfolded(options: Mapping[str, Any], *more: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with all of the document in one value, and ``more`` of it: for a host that does not have its files."""
    rest = {name: value for name, value in options.items() if name not in ("src", "document", *SHAPE.names)}
    return {**rest, "document": _together(given(options), *more)}


def _together(first: Mapping[str, Any], *others: Mapping[str, Any]) -> dict[str, Any]:
    document = {name: value for name, value in first.items() if value is not None}
    for more in others:
        both = sorted(document.keys() & more.keys())
        if both:
            raise InvalidOption(
                f"The task has {both[0]} twice: as options, in document, in src or in template. Nothing was changed."
            )
        document.update(more)
    return document


@lru_cache(maxsize=1)
def load(path: str) -> dict[str, Any]:
    """Return the document in a file: JSON where its name ends so, else YAML."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise InvalidOption(f"src: {path} cannot be read: {error.strerror}. Nothing was changed.") from None
    except ValueError as error:
        raise _no_document(f"src: {path}", error) from None
    return parsed(text, f"src: {path}", json_only=path.endswith(".json"))


def parsed(content: Any, source: str, *, json_only: bool = False) -> dict[str, Any]:
    """Return the document that a text says, or a value is. Raises InvalidOption, which names the source."""
    try:
        document = _parsed(content, json_only) if isinstance(content, str) else content
    except ValueError as error:
        raise _no_document(source, error) from None
    if document is not None and not isinstance(document, dict):
        raise InvalidOption(f"{source} has to hold a dictionary, such as virtual_services: [...]. Nothing was changed.")
    return document or {}


def _parsed(text: str, json_only: bool) -> Any:
    if json_only:
        return json.loads(text)
    if YAML_ERROR is not None:
        raise InvalidOption(
            "A document in YAML needs the Python library PyYAML where this task runs: pip install PyYAML."
        )
    try:
        # The loader in C is ten times as fast, where PyYAML was built with it. It takes no kin of str, as templates return.
        return yaml.load(str(text), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _no_document(source: str, error: ValueError) -> InvalidOption:
    return InvalidOption(f"{source} is no document: {' '.join(str(error).split())}. Nothing was changed.")


def with_secrets(document: Mapping[str, Any], secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with secrets put in at their places, which an export names."""
    problems: list[Problem] = []
    filled = dict(document)
    for place, value in secrets.items():
        member, _dot, rest = str(place).partition(".")
        name, _dot, option = rest.rpartition(".")
        if member == "settings" and not name and isinstance(filled.get("settings", {}), Mapping):
            filled["settings"] = {**filled.get("settings", {}), option: value}
            continue
        entries = filled.get(member) if _is_list(filled.get(member)) else ()
        holders = [entry for entry in entries or () if isinstance(entry, Mapping) and entry.get("name") == name]
        if not name or not holders:
            problems.append(Problem(f"secrets.{place}", "there is no such place in the document."))
            continue
        filled[member] = [{**entry, option: value} if entry in holders else entry for entry in entries or ()]
    if problems:
        raise InvalidOption.of(problems)
    return filled


def secrets_of(options: Mapping[str, Any]) -> set[str]:
    """Return the secrets in the document of a task, which must not show."""
    documents = (options, options.get("document"), _readable(options.get("src")))
    return {text for document in documents for text in _secrets(SHAPE, document) if text}


def _readable(path: str | None) -> dict[str, Any]:
    """Return the document in a file; of one that cannot be read, which its task says, nothing has to be hidden."""
    try:
        return load(path) if path else {}
    except InvalidOption:
        return {}


def _secrets(shape: Shape, entry: Any) -> Iterator[str]:
    if not isinstance(entry, Mapping) or not shape.has_secrets:
        return
    for row in shape.rows:
        if row.secret and entry.get(row.option) is not None:
            yield str(entry[row.option])
    for name, part in shape.parts.items():
        yield from _secrets(part, entry.get(name))
    for name, member in shape.lists.items():
        for each in entry.get(name) or () if _is_list(entry.get(name)) else ():
            yield from _secrets(member, each)


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))
