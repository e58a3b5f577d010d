# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The module command: any command of the API, as a task that says whether it changed something.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem, option
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.settings_table import TABLE
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.files import backup_file
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports.info import search

# Commands that only read. One that is neither here nor begins like these counts as one that changes something.
_READING = re.compile(r"(?:get|list|read|show)[a-z]*")
_READS = frozenset(
    {
        *("acmeaccountinfo", "aslgetlicensetypes", "geoshowdnssec", "geostats", "grouplist", "groupshow", "hsminfo"),
        *("hsmsmartinfo", "isgeoenabled", "isopensslspeedrunning", "leaccountinfo", "licenseinfo", "stats"),
        *("statusikedaemon", "userlist", "userreadcert", "usershow", "vslistwafruleids", "vstotals"),
        *(f"client{limit}limitlist" for limit in ("bandwidth", "cps", "maxc", "rps")),
    }
)
# Commands that answer with a file. They read, too.
_FILES = frozenset(
    {
        *("backup", "exportvstmplt", "downloadowaspcustomdata", "downloadowaspcustomrule", "downloadsamlspcert"),
        *("downloadwafauditlog", "downloadwafcustomdata", "downloadwafcustomrule", "downloadwafrules"),
        *("backupcert", "userdownloadcert"),
    }
)
# Commands that can cut off this connection, or everyone's
_DANGEROUS = frozenset(
    {
        *("factoryreset", "installpatch", "modiface", "reboot", "restore", "restorecert", "restorepatch", "shutdown"),
        *("setadmingw", "kill_instance", "kill_spla_instance", "killaslinstance", "delinterface"),
    }
)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE)


def send(options: Mapping[str, Any], session: Session, *, check: bool) -> dict[str, Any]:
    """Send the command unless it is done already, and return the result of the task."""
    command = str(options["command"]).strip()
    parameters = _parameters(options)
    _check(command, parameters, options)
    changes = _changes(command, options)
    done = options["done_when"]
    if done is not None and _is_done(options, session):
        return _result(session, changed=False, skipped_because=f"{done} is true.")
    if check and changes:
        return _result(session, changed=True)
    if command.lower() in _FILES:
        return _download(command, parameters, options, session, check=check)
    if not changes:
        answer = session.client.read(command, parameters)
    else:
        answer = session.send(command, parameters, _upload(options["src"]))
    return _result(session, changed=changes, response=answer.data, message=answer.message)


def secrets(options: Mapping[str, Any]) -> set[str]:
    """Return the values that must not show."""
    given = options.get("secrets")
    return {str(value) for value in given.values() if value not in (None, "")} if isinstance(given, Mapping) else set()


def _result(session: Session, *, changed: bool, **more: Any) -> dict[str, Any]:
    empty = {"response": None, "message": "", "skipped_because": ""}
    return {"changed": changed, **empty, **more, "api_calls": session.calls}


def _changes(command: str, options: Mapping[str, Any]) -> bool:
    """Return whether a command changes something: as the user says, else by its name."""
    if options["changes"] is not None:
        return bool(options["changes"])
    name = command.lower()
    return not (_READING.fullmatch(name) or name in _READS or name in _FILES)


def _parameters(options: Mapping[str, Any]) -> dict[str, str]:
    """Return all parameters as text, secret ones included. Raises InvalidOption where one is none."""
    problems: list[Problem] = []
    made: dict[str, str] = {}
    for source in ("parameters", "secrets"):
        for name, value in (options[source] or {}).items():
            if isinstance(value, (Mapping, list, tuple)) or value is None:
                problems.append(Problem(f"{source}.{name}", "must be a text, a number or a boolean."))
            elif name in made:
                problems.append(Problem(f"{source}.{name}", "it is in parameters and in secrets."))
            else:
                made[str(name)] = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if problems:
        raise InvalidOption.from_problems(problems)
    return made


def _check(command: str, parameters: Mapping[str, str], options: Mapping[str, Any]) -> None:
    if not _NAME.fullmatch(command):
        raise InvalidOption(f"command is {command!r}, but it must be the name of an API command, such as listvs.")
    if options["done_command"] is not None and options["done_when"] is None:
        raise InvalidOption("done_command needs done_when, which says when nothing is left to do.")
    if options["done_when"] is not None and options["done_command"] is None:
        raise InvalidOption("done_when needs done_command, whose answer it is compared with.")
    if options["dest"] is not None and command.lower() not in _FILES:
        raise InvalidOption(f"dest is for commands that answer with a file, and {command} does not.")
    if options["src"] is not None and not _changes(command, options):
        raise InvalidOption(f"src is an upload, but {command} only reads.")
    if options["allow_lockout"]:
        return
    if command.lower() in _DANGEROUS:
        raise InvalidOption(f"{command} can cut off the connection. If that is meant, set {option('allow_lockout')}.")
    if command.lower() == "set":
        name = parameters.get("param", "").lower()
        if any(row.danger and row.api.lower() == name for row in TABLE.fields):
            raise InvalidOption(
                f"set {name} can cut off the connection. If that is meant, set {option('allow_lockout')}."
            )


def _is_done(options: Mapping[str, Any], session: Session) -> bool:
    answer = session.client.read(str(options["done_command"]), _texts(options["done_parameters"] or {}))
    return bool(search(options["done_when"], answer.data, "done_when"))


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(name): ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def _upload(path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        if not os.path.isfile(path):
            raise InvalidOption(f"The file given as src cannot be used: {path} is not a file.")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InvalidOption(f"The file given as src cannot be read: {path}: {error.strerror}.") from None


def _download(
    command: str, parameters: Mapping[str, str], options: Mapping[str, Any], session: Session, *, check: bool
) -> dict[str, Any]:
    if options["dest"] is None:
        raise InvalidOption(f"{command} answers with a file: set dest.")
    path = os.path.expanduser(options["dest"])
    if check:
        return _result(session, changed=True, dest=path)
    content = session.client.download(command, parameters)
    try:
        with open(path, "rb") as file:
            same = file.read() == content
    except OSError:
        same = False
    if not same:
        backup_file.write(path, content)
    return _result(session, changed=not same, dest=path)
