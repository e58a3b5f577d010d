# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The whole appliance at once: a document from a task or a file, carried out; and an appliance as a document.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import gc
import json
import os
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils import _result
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _document, _export
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._document import SHAPE, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._purge import Purge
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._snapshot import Snapshot

YAML_ERROR: str | None
try:
    import yaml
except ImportError:
    YAML_ERROR = traceback.format_exc()
else:
    YAML_ERROR = None

_REMOVALS = frozenset({"delvs", "delrs", "delrule", "delcert", "delintermediate", "delcipherset"})


def apply(options: Mapping[str, Any], session: Session, *, check: bool, diff: bool) -> dict[str, Any]:
    """Make the appliance as the document of the options says, and return the result of the task."""
    with _uncollected():
        return _apply(options, session, check=check, diff=diff)


def _apply(options: Mapping[str, Any], session: Session, *, check: bool, diff: bool) -> dict[str, Any]:
    terms = Terms(
        replace=options["state"] == "replaced",
        allow_no_servers=options["allow_no_servers"],
        allow_lockout=options["allow_lockout"],
        allow_empty_purge=options["allow_empty_purge"],
    )
    purges = [Purge.from_options(entry) for entry in options["purge"] or ()]
    document = _document.build(with_secrets(given(options), options["secrets"] or {}), terms, purges)
    files: list[str] = []

    def back_up() -> None:
        files.append(_write_backup(session.backup(), session.client.connection.host, options["backup_options"] or {}))

    if check:
        outcome = session.foresee(document)
    else:
        outcome = session.reach(document, rollback=options["rollback"], first=back_up if options["backup"] else None)
    changed = [part for part in outcome.plan.objects if part.steps]
    return {
        **_result.of_outcome(outcome, session, diff=diff),
        "before": {part.subject: dict(part.before) for part in changed},
        "after": {part.subject: dict(part.after) for part in changed},
        "removed": [step.subject for step in outcome.plan.steps if step.command in _REMOVALS],
        **({"backup_path": files[0]} if files else {}),
    }


def gather(snapshot: Snapshot, members: Sequence[str]) -> dict[str, Any]:
    """Return an appliance as a document, and what the document lacks."""
    wanted = frozenset(_export.MEMBERS if "all" in members else members)
    world = snapshot.world(_export.reads(wanted))
    made = _export.export(wanted, snapshot.world(_export.reads(wanted) | _export.further_reads(wanted, world)))
    result: dict[str, Any] = {"config": made.document, "secrets": made.secrets}
    return {**result, "warnings": made.warnings} if made.warnings else result


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a task: its members as options, as one value, and in a file, put together."""
    document = {member: options[member] for member in SHAPE.names if options.get(member) is not None}
    for more in (options.get("document") or {}, load(options["src"]) if options.get("src") else {}):
        both = sorted(document.keys() & more.keys())
        if both:
            raise InvalidOption(
                f"The task has {both[0]} twice: as options, in document or in src. Nothing was changed."
            )
        document.update(more)
    return document


def unfolded(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with the document in the place of the file that has it, for a host that does not have the file."""
    if not options.get("src"):
        return dict(options)
    return {**{name: value for name, value in options.items() if name not in ("src", "document")}, **given(options)}


@lru_cache(maxsize=1)
def load(path: str) -> dict[str, Any]:
    """Return the document in a file: JSON where its name ends so, else YAML."""
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file) if path.endswith(".json") else _yaml(file.read())
    except OSError as error:
        raise InvalidOption(f"src: {path} cannot be read: {error.strerror}. Nothing was changed.") from None
    except ValueError as error:
        raise InvalidOption(
            f"src: {path} is no document: {' '.join(str(error).split())}. Nothing was changed."
        ) from None
    if document is not None and not isinstance(document, dict):
        raise InvalidOption(
            f"src: {path} has to hold a dictionary, such as virtual_services: [...]. Nothing was changed."
        )
    return document or {}


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


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the garbage collector rest: a large document is many objects and no garbage, and it would look at all again and again."""
    resting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if resting:
            gc.enable()


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _yaml(text: str) -> Any:
    if YAML_ERROR is not None:
        raise InvalidOption("The option src needs the Python library PyYAML where this task runs: pip install PyYAML.")
    try:
        # The loader in C is ten times as fast, where PyYAML was built with it.
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _write_backup(content: bytes, host: str, options: Mapping[str, Any]) -> str:
    directory = os.path.expanduser(options.get("dir_path") or "backup")
    name = options.get("filename") or f"{host.replace(':', '_')}_{time.strftime('%Y-%m-%d@%H-%M-%S')}.backup"
    path = os.path.join(directory, name)
    try:
        os.makedirs(directory, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        raise InvalidOption(f"The backup cannot be written to {path}: {error.strerror}. Nothing was changed.") from None
    return path
