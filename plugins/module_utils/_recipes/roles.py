# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The roles of the collection: their variables and documents. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    NO_NAMES,
    InvalidOption,
    LoadMasterError,
    Names,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import (
    exchange_l4,
    exchange_l7,
    exchange_restrict_eac,
    general_settings,
    rolling_maintenance,
    run_tags,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.variables import Variables, near_misses

Given = Mapping[str, Any]
Look = Callable[[], Mapping[str, Any]]


def nothing_stays(_given: Given, _found: Mapping[str, Any]) -> list[str]:
    """Return no remarks, for roles without services."""
    return []


def as_it_is(error: LoadMasterError) -> LoadMasterError:
    """Return an error unchanged: its sentences contain no variable names."""
    return error


class Role(NamedTuple):
    """A role.

    ``reads`` are the variables that it reads: its own first. ``document`` makes a document of them, or nothing where the
    role is more than a document; it may look at the appliance. ``masked`` is the document as it may show. ``names`` are what
    the role calls options of modules, and ``renamed`` returns an error of its document with the names of variables. ``looks_at`` are
    the subsets of kemp.loadmaster.info that it looks at. ``remarks`` returns sentences about what stays on an appliance.
    """

    reads: tuple[Variables, ...]
    document: Callable[[Given, Look], dict[str, Any] | None]
    allows_lockout: Callable[[Given], bool] = lambda _given: False
    allows_no_servers: Callable[[Given], bool] = lambda _given: False
    names: Names = NO_NAMES
    renamed: Callable[[LoadMasterError], LoadMasterError] = as_it_is
    masked: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    looks_at: tuple[str, ...] = ("virtual_services",)
    remarks: Callable[[Given, Mapping[str, Any]], list[str]] = nothing_stays
    # Names of options in messages about the document, and the variables that this role has for them.
    words: Mapping[str, str] = {}

    def said(self, message: str) -> str:
        """Return a message about the document with the names of the role."""
        for option, variable in self.words.items():
            message = message.replace(option, variable)
        return message


def _allowing(variables: Variables) -> Callable[[Given], bool]:
    """Return a predicate: whether variables allow a service without an enabled server."""
    return lambda given: bool(variables.checked(given, []).get("allow_no_servers"))


_CERTIFICATES = {
    ": certificates names ": ": exchange2013_l7_certificate names ",
    "as one of certificates in the same document": "in site_certificates of the playbook kemp.loadmaster.site",
}

ROLES = {
    "exchange2013_l4": Role(
        (exchange_l4.VARIABLES,),
        exchange_l4.document,
        allows_no_servers=_allowing(exchange_l4.VARIABLES),
        names={"allow_no_servers": "exchange2013_l4_allow_no_servers"},
        remarks=exchange_l4.remarks,
    ),
    "exchange2013_l7": Role(
        (exchange_l7.VARIABLES,),
        exchange_l7.document,
        allows_no_servers=_allowing(exchange_l7.VARIABLES),
        names={"allow_no_servers": "exchange2013_l7_allow_no_servers"},
        looks_at=("virtual_services", "content_rules"),
        remarks=exchange_l7.remarks,
        words=_CERTIFICATES,
    ),
    # The service for the Internet uses the variables of the layer 7 role.
    "exchange2013_restrict_eac": Role(
        (exchange_restrict_eac.VARIABLES, exchange_l7.VARIABLES),
        exchange_restrict_eac.document,
        allows_no_servers=_allowing(exchange_l7.VARIABLES),
        names={"allow_no_servers": "exchange2013_l7_allow_no_servers"},
        looks_at=("virtual_services", "content_rules"),
        words=_CERTIFICATES,
    ),
    "general_settings": Role(
        (general_settings.VARIABLES,),
        lambda given, _look: general_settings.document(given),
        allows_lockout=general_settings.allows_lockout,
        names={"allow_lockout": "general_settings_allow_lockout"},
        renamed=general_settings.renamed,
        masked=general_settings.masked,
    ),
    "rolling_maintenance": Role(
        (rolling_maintenance.VARIABLES,), lambda given, _look: rolling_maintenance.check(given)
    ),
}


def prefixes(names: Iterable[str]) -> tuple[str, ...]:
    """Return the prefixes of the variables that roles read."""
    return tuple(dict.fromkeys(each.prefix for name in names for each in ROLES[name].reads))


def families(names: Iterable[str]) -> tuple[str, ...]:
    """Return the role prefixes up to their first underscore."""
    return tuple(dict.fromkeys(prefix.partition("_")[0] + "_" for prefix in prefixes(names)))


def refuse_unknown(variables: Given, names: Sequence[str], tags: Sequence[str] = ()) -> None:
    """Raise InvalidOption where a variable is none that these roles have, and yet is named like theirs.

    ``tags`` are those that a playbook has; a tag of the run that is almost one of them is a mistake too.
    """
    known = [ROLES[name].reads[0] for name in names]
    problems = [problem for each in known for problem in each.unknown(variables)] + near_misses(variables, known)
    if tags:
        problems += run_tags.misspelt(variables, tags)
    if problems:
        raise InvalidOption.from_problems(problems)


def secrets(variables: Given) -> set[str]:
    """Return the secrets among variables, which must not show."""
    rows = (row for role in ROLES.values() for row in role.reads[0].shape.rows if row.secret)
    return {str(variables[row.option]) for row in rows if variables.get(row.option)}
