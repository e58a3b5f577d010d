# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The document of a task, merged from options and files, with its secrets.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import markup
from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape

# Options that hold a document, or a part of one.
OPAQUE = frozenset({"document", *SHAPE.names} - {"faults"})


def given(options: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """Return the document of a task: its members as options, as one value, and in a file, put together.

    Adds to ``problems`` what it has more than once. Raises InvalidOption where a part of it cannot be read.
    """
    members = {name: options[name] for name in SHAPE.names if name in options}
    in_file = load(options["src"]) if options.get("src") else {}
    return _together([members, parsed(options.get("document"), "document"), in_file], problems)


def unfolded(options: Mapping[str, Any], *more: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with all of the document in one value, and ``more`` of it: for a host that does not have its files."""
    rest = {name: value for name, value in options.items() if name not in ("src", "document", *SHAPE.names)}
    problems: list[Problem] = []
    document = _together([given(options, problems), *more], problems)
    if problems:
        raise InvalidOption.from_problems(problems)
    return {**rest, "document": document}


def _together(parts: Sequence[Mapping[str, Any]], problems: list[Problem]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if document.get(name) is not None and value is not None:
                problems.append(
                    Problem("", f"The task has {name} twice: as options, in document, in src or in template.")
                )
            elif value is not None:
                document[name] = value
    return document


@lru_cache(maxsize=1)
def load(path: str, name: str = "") -> dict[str, Any]:
    """Return the document in a file: JSON where its name ends so, else YAML. ``name`` is that of one decrypted to ``path``."""
    name = name or path
    if "\0" in path:
        raise InvalidOption("src has a null character in it, which a path cannot have.")
    if os.path.exists(path) and not os.path.isfile(path):
        # Reading a pipe could block forever
        raise InvalidOption(f"src: {name} is not a file.")
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise InvalidOption(f"src: {name} cannot be read: {error.strerror}.") from None
    except UnicodeEncodeError:
        raise InvalidOption("src has half a character (a lone surrogate), which a path cannot have here.") from None
    except UnicodeDecodeError:
        raise _no_document(f"src: {name}", "it is not in UTF-8") from None
    return parsed(text, f"src: {name}", json_only=name.endswith(".json"))


def parsed(content: Any, source: str, *, json_only: bool = False) -> dict[str, Any]:
    """Return the document from a text or value. Raises InvalidOption with the source."""
    try:
        document = _parsed(content, json_only) if isinstance(content, str) else content
    except ValueError as error:
        raise _no_document(source, str(error)) from None
    except RecursionError:
        raise _no_document(source, "its lists and dictionaries are nested too deeply") from None
    if document is not None and not isinstance(document, dict):
        raise InvalidOption(f"{source} must hold a dictionary, such as virtual_services: [...].")
    return document or {}


def _parsed(text: str, json_only: bool) -> Any:
    if json_only:
        return markup.from_json(text)
    if markup.YAML_ERROR is not None:
        raise InvalidOption(
            "A document in YAML needs the Python library PyYAML where this task runs: pip install PyYAML."
        )
    # The loader in C takes no kin of str, as templates return; and str() of what is unsafe to ansible-core 2.16 is that again.
    return markup.from_yaml(str.__str__(text))


def _no_document(source: str, fault: str) -> InvalidOption:
    return InvalidOption(f"{source} is not a document: {fault}.")


def with_secrets(document: Mapping[str, Any], secrets: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """Return a document with secrets put in at their places, which an export names; add to ``problems`` what has no place."""
    filled = dict(document)
    for place, value in secrets.items():
        member, _dot, rest = str(place).partition(".")
        name, _dot, option = rest.rpartition(".")
        if member in SHAPE.parts and not name and isinstance(filled.get(member, {}), Mapping):
            filled[member] = {**filled.get(member, {}), option: value}
            continue
        entries = filled.get(member) if _is_list(filled.get(member)) else ()
        holders = [entry for entry in entries or () if isinstance(entry, Mapping) and entry.get("name") == name]
        if not name or not holders:
            problems.append(
                Problem(
                    f"secrets.{place}",
                    "the document has no such place. If LoadMasters share a playbook, set their secrets as variables of each "
                    "host.",
                )
            )
            continue
        filled[member] = [{**entry, option: value} if entry in holders else entry for entry in entries or ()]
    return filled


def secrets_of(options: Mapping[str, Any]) -> set[str]:
    """Return the secrets in the document of a task, which must not show."""
    documents = (options, options.get("document"), _readable(options.get("src")))
    return {text for document in documents for text in _secrets(SHAPE, document) if text}


def _readable(path: str | None) -> dict[str, Any]:
    """Return the document in a file; empty if it cannot be read, which its task reports."""
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
