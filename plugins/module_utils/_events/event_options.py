# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a rulebook says about the event source: its arguments, checked and completed. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import (
    ARGUMENTS,
    Connection,
    build,
    environment_variables,
    merge,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, option
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_shape import Place
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import closest


class Number(NamedTuple):
    """An argument that is a number: its default, its limits, what may stand for off, and whether it is whole."""

    default: float
    low: float
    high: float
    off: bool = False
    whole: bool = False


NUMBERS = {
    "interval": Number(30, 1, 86400),
    "configuration_interval": Number(300, 10, 86400, off=True),
    "expiry_days": Number(30, 1, 3650, off=True, whole=True),
    "confirmations": Number(1, 1, 100, whole=True),
    "unreachable_after": Number(3, 1, 1000, whole=True),
    "login_retry_delay": Number(300, 10, 86400),
}
OWN = (*NUMBERS, "loadmasters", "report_initial")
# A poll that waits longer is late for the next one, and is itself repeated.
DEFAULTS = {"connect_timeout": 10, "timeout": 20, "retries": 1}
# What ansible-rulebook adds to the arguments of a source.
_OF_THE_RULEBOOK = ("eda_feedback_queue",)
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class Appliance(NamedTuple):
    """A LoadMaster to watch: the name that events have for it, and its connection."""

    name: str
    connection: Connection

    @property
    def place(self) -> Place:
        """Return the LoadMaster as events name it."""
        return Place(self.name, self.connection.host, self.connection.host_port)


@dataclass(frozen=True)
class Options:
    """The arguments of the event source. Times are in seconds; 0 turns off what may be off."""

    loadmasters: tuple[Appliance, ...]
    interval: float = 30.0
    configuration_interval: float = 300.0
    expiry_days: int = 30
    confirmations: int = 1
    unreachable_after: int = 3
    login_retry_delay: float = 300.0
    report_initial: bool = True


def read(args: Mapping[str, Any], environ: Mapping[str, str]) -> Options:
    """Return the arguments of a rulebook. Raises InvalidOption with a sentence."""
    _check_names(args, (*OWN, *ARGUMENTS), "")
    numbers = {name: _number(args, name, number) for name, number in NUMBERS.items()}
    loadmasters = _loadmasters(args, environ)
    return replace(Options(loadmasters), **numbers, report_initial=_boolean(args, "report_initial", True))


def _loadmasters(args: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Appliance, ...]:
    shared = {name: args[name] for name in ARGUMENTS if args.get(name) not in (None, "")}
    entries = args.get("loadmasters")
    if entries is None:
        return (_appliance({"host": shared.get("host")}, shared, environ, ""),)
    if not isinstance(entries, list) or not entries:
        raise InvalidOption("loadmasters must be a list of LoadMasters, each with its host.")
    for name in ("host", "host_port"):
        if name in shared:
            raise InvalidOption(f"{name} and loadmasters exclude each other. Give {name} in each entry of loadmasters.")
    found = [_entry(number, entry, shared, environ) for number, entry in enumerate(entries, 1)]
    for what, names in (
        ("name", [each.name for each in found]),
        ("address", [each.connection.address for each in found]),
    ):
        twice = next((each for each in names if names.count(each) > 1), None)
        if twice is not None:
            raise InvalidOption(f"loadmasters has two entries with the {what} {twice}.")
    return tuple(found)


def _entry(number: int, entry: Any, shared: Mapping[str, Any], environ: Mapping[str, str]) -> Appliance:
    where = f"loadmasters, entry {number}"
    options = {"host": entry} if isinstance(entry, str) else entry
    if not isinstance(options, Mapping):
        raise InvalidOption(f"{where} must be a host, or a dictionary with host.")
    _check_names(options, ("name", *ARGUMENTS), f"{where}: ")
    if not options.get("host"):
        raise InvalidOption(f"{where} has no host.")
    return _appliance(options, shared, environ, f"{where}: ")


def _appliance(
    options: Mapping[str, Any], shared: Mapping[str, Any], environ: Mapping[str, str], where: str
) -> Appliance:
    for name, value in {**shared, **options}.items():
        if isinstance(value, (Mapping, list, tuple)):
            raise InvalidOption(f"{where}{option(name)} must be one value, not a list or a dictionary.")
    stated = {name: value for name, value in options.items() if value not in (None, "")}
    merged = merge(stated, shared, *environment_variables(environ))
    if "host" not in merged:
        raise InvalidOption("No LoadMaster to watch: give host or loadmasters, or set LOADMASTER_HOST.")
    if not (merged.get("api_key") or merged.get("client_cert") or (merged.get("username") and merged.get("password"))):
        raise InvalidOption(
            f"{where}No login for {merged['host']}: give username and password, or api_key. Or set LOADMASTER_USERNAME and "
            "LOADMASTER_PASSWORD, or LOADMASTER_API_KEY, in the environment."
        )
    try:
        connection = build({**DEFAULTS, **merged})
    except InvalidOption as error:
        raise InvalidOption(f"{where}{error.sentence}") from None
    return Appliance(str(stated.get("name", connection.host)).strip() or connection.host, connection)


def _check_names(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in given:
        if name in known or (not where and name in _OF_THE_RULEBOOK):
            continue
        close = closest(str(name), known)
        raise InvalidOption(
            f"{where}unknown option '{name}'{f'; did you mean {close!r}?' if close else '. Known are ' + ', '.join(known) + '.'}"
        )


def _number(args: Mapping[str, Any], name: str, number: Number) -> Any:
    given = args.get(name)
    if given is None or given == "":
        return int(number.default) if number.whole else float(number.default)
    meaning = f"must be a {'whole ' if number.whole else ''}number from {number.low:g} to {number.high:g}"
    meaning += ", or 0 to turn it off" if number.off else ""
    try:
        value = float(str(given)) if not isinstance(given, bool) else -1.0
    except ValueError:
        value = -1.0
    is_off = number.off and value == 0
    if not (is_off or number.low <= value <= number.high) or (number.whole and value != int(value)):
        raise InvalidOption(f"{name} is {str(given)[:40]!r}, but it {meaning}.")
    return int(value) if number.whole else value


def _boolean(args: Mapping[str, Any], name: str, default: bool) -> bool:
    given = args.get(name)
    if given is None or given == "":
        return default
    found = given if isinstance(given, bool) else _WORDS.get(str(given).strip().lower())
    if found is None:
        raise InvalidOption(f"{name} is {str(given)[:40]!r}, but it must be true or false.")
    return found
