# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The module recipe: turns role variables into a document, and applies it.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, LoadMasterError
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.maintenance import out_of_service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import DELETE_FIRST
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import rolling_maintenance
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.roles import (
    ROLES,
    Role,
    nothing_stays,
    refuse_unknown,
    secrets,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import config
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports import info

# Advice for the user if the services of another role are in the way.
_OTHER_LAYER = {"exchange2013_l7": "exchange2013_l4", "exchange2013_l4": "exchange2013_l7"}
# Options of kemp.loadmaster.config that a recipe lacks.
USUAL: dict[str, Any] = {
    "state": "merged",
    "secrets": None,
    "purge": None,
    "allow_empty_purge": False,
    "allow_no_servers": False,
    "rollback": False,
    "backup": False,
    "backup_options": None,
}


def apply(options: Mapping[str, Any], session: Session, *, check: bool, diff: bool) -> dict[str, Any]:
    """Apply the variables of a role, and return the result of the task."""
    variables: dict[str, Any] = options["variables"] or {}
    if options["check_names"]:
        refuse_unknown(variables, options["check_names"], options["check_tags"] or ())
        return {"changed": False}
    role = ROLES[options["name"]]
    try:
        document = role.document(
            variables, lambda: _facts(role, session, writes=not check and not options["document_only"])
        )
    except InvalidOption as error:
        if not options["document_only"]:
            raise
        return {"changed": False, "document": {"faults": [str(problem) for problem in error.all_problems]}}
    if document is None:
        # Servers that an earlier run left out come first: services may need them
        remember = rolling_maintenance.remembers(variables)
        world = session.snapshot.world(out_of_service.reads(remember=remember))
        servers = out_of_service.servers_out(world, rolling_maintenance.addresses(variables), remember=remember)
        return {"changed": False, "out_of_service": servers}
    if options["document_only"]:
        return {"changed": False, "document": role.masked(document)}
    given = {
        **USUAL,
        "document": document,
        "allow_lockout": role.allows_lockout(variables),
        "allow_no_servers": role.allows_no_servers(variables),
    }
    try:
        result = config.apply(given, session, check=check, diff=diff)
    except LoadMasterError as error:
        error.sentence = role.said(error.sentence)
        if isinstance(error, InvalidOption):
            error.problems = tuple(each._replace(message=role.said(each.message)) for each in error.problems)
            _advise(error, _OTHER_LAYER.get(options["name"], ""))
        error.names = {**error.names, **role.names}
        raise role.renamed(error) from None
    remarks = _remarks(role, variables, session)
    return {**result, **({"remarks": remarks} if remarks else {})}


def _facts(role: Role, session: Session, *, writes: bool) -> dict[str, Any]:
    """Return what a role looks at before it makes its document; never what another task of this machine is about to change."""
    if writes:
        session.settle()
    return info.gather(session.snapshot, role.looks_at, "")


def _advise(error: InvalidOption, other: str) -> None:
    """Replace the module advice in an error by advice for users of the role."""
    if not other:
        return
    role = f"If the role {other} created it, run the role {other} with {other}_state: absent first."
    error.sentence = error.sentence.replace(DELETE_FIRST, role)
    error.problems = tuple(each._replace(message=each.message.replace(DELETE_FIRST, role)) for each in error.problems)


def _remarks(role: Role, variables: Mapping[str, Any], session: Session) -> list[str]:
    """Return remarks about services that stay, and print them while the task runs."""
    if role.remarks is nothing_stays:
        return []
    remarks = role.remarks(variables, info.gather(session.snapshot, ("virtual_services",), ""))
    say = session.say
    if say is not None:
        for text in remarks:
            say(text)
    return remarks


def secrets_of(options: Mapping[str, Any]) -> set[str]:
    """Return the secrets among the variables of a task, which must not show."""
    variables = options.get("variables")
    return secrets(variables) if isinstance(variables, Mapping) else set()
