# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The LoadMasters that an inventory file lists, each with its connection. Pure, except for the home folder in paths.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import Connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, spoken
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import closest

_PATHS = ("ca_path", "client_cert", "client_key")
# What a task needs besides the login to reach a LoadMaster in the same way as this file did.
_TLS_AND_TIMES = ("validate_certs", "ca_path", "fingerprint", "api_version", "connect_timeout", "timeout", "retries")


class Entry(NamedTuple):
    """A LoadMaster: its name in the inventory, and how to reach it."""

    name: str
    connection: Connection

    def variables(self) -> dict[str, Any]:
        """Return the variables with which tasks reach it. The login is not among them."""
        usual = Connection(host="")
        own = {f"loadmaster_{name}": getattr(self.connection, name) for name in _TLS_AND_TIMES}
        return {
            "ansible_host": self.connection.host,
            "ansible_port": self.connection.host_port,
            **{name: value for name, value in own.items() if value != getattr(usual, name.partition("_")[2])},
        }

    def secrets(self) -> list[str]:
        """Return what must not show."""
        return [self.connection.password, self.connection.api_key]

    def source(self) -> list[Any]:
        """Return what tells where and as whom it is read, without a secret."""
        own = self.connection
        return [
            *(own.host, own.host_port, own.username, own.validate_certs, own.ca_path, own.fingerprint),
            *(own.client_cert, own.client_key, own.api_version, bool(own.api_key)),
        ]


def entries(
    given: Any, defaults: Mapping[str, Any], environ: Mapping[str, str], render: Callable[[Any], Any]
) -> list[Entry]:
    """Return the LoadMasters of an inventory file; without any, the one that the environment names.

    ``render`` returns a value with its template or vault opened. Raises InvalidOption.
    """
    _check_names_of_options("defaults", defaults, connection.ARGUMENTS)
    environment = list(connection.environment_variables(environ))
    listed: Sequence[Any] = given if given else [{"host": each["host"]} for each in environment if "host" in each][:1]
    if not listed:
        raise InvalidOption("There is no LoadMaster to read. List them in loadmasters, or set LOADMASTER_HOST.")
    shared = _rendered(defaults, render)
    # An address in the environment is that of one LoadMaster, and not of each that has none of its own
    sources = [{name: value for name, value in each.items() if name != "host"} for each in environment]
    found = [_entry(f"loadmasters[{number}]", each, shared, sources, render) for number, each in enumerate(listed)]
    _check_apart(found)
    return found


def _entry(
    where: str,
    given: Any,
    shared: Mapping[str, Any],
    environment: Sequence[Mapping[str, Any]],
    render: Callable[[Any], Any],
) -> Entry:
    if isinstance(given, str):
        given = {"host": given}
    if not isinstance(given, Mapping):
        raise InvalidOption(f"{where} must be an address, or a dictionary with host.")
    _check_names_of_options(where, given, ("name", *connection.ARGUMENTS))
    own = _rendered(given, render)
    name = str(own.pop("name", "") or "").strip()
    own.setdefault("host", name)
    where = f"{where} ({name or own['host']})" if name or own["host"] else where
    options = connection.merge(own, shared, *environment)
    for path in _PATHS:
        if options.get(path):
            options[path] = os.path.expanduser(os.path.expandvars(str(options[path])))
    if not options.get("host"):
        raise InvalidOption(f"{where} has neither host nor name. Set host to the address of the LoadMaster.")
    if not any(options.get(each) for each in ("api_key", "client_cert")):
        lacking = next((each for each in ("username", "password") if not options.get(each)), "")
        if lacking:
            raise InvalidOption(
                f"{where} has no {lacking}. Set username and password, or api_key, for it or in defaults. Or set "
                "LOADMASTER_USERNAME and LOADMASTER_PASSWORD, or LOADMASTER_API_KEY, in the environment."
            )
    try:
        built = connection.build(options)
    except InvalidOption as error:
        raise InvalidOption(f"{where}: {spoken(error.account)}") from None
    return Entry(name or built.host, built)


def _check_names_of_options(where: str, given: Any, known: Sequence[str] | Mapping[str, Any]) -> None:
    if not isinstance(given, Mapping):
        raise InvalidOption(f"{where} must be a dictionary of connection options.")
    for name in given:
        if name not in known:
            close = closest(str(name), known)
            hint = f"; did you mean '{close}'?" if close else f". The options are {', '.join(known)}."
            raise InvalidOption(f"{where}: unknown option '{name}'{hint}")


def _rendered(options: Mapping[str, Any], render: Callable[[Any], Any]) -> dict[str, Any]:
    """Return options with their values opened; those that are empty are left out."""
    opened = {str(name): render(value) for name, value in options.items()}
    return {
        name: value if isinstance(value, (bool, int, float)) else str(value)
        for name, value in opened.items()
        if value is not None and value != ""
    }


def _check_apart(found: Sequence[Entry]) -> None:
    """Raise InvalidOption where two entries have one name or are one LoadMaster."""
    names: set[str] = set()
    places: dict[str, str] = {}
    for entry in found:
        place = entry.connection.address.lower()
        if entry.name in names:
            raise InvalidOption(f"loadmasters has two entries with the name {entry.name}. Give each its own name.")
        if place in places:
            raise InvalidOption(
                f"loadmasters: {places[place]} and {entry.name} are the same LoadMaster, {place}. Remove one of them."
            )
        names.add(entry.name)
        places[place] = entry.name
