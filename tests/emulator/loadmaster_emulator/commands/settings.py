# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The global parameters."""

from __future__ import annotations

import time

from loadmaster_emulator import ciphers, parameters, texts
from loadmaster_emulator.answers import Answer, CommaList, Members, Message, Value, YesNo, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands.identity import mandatory
from loadmaster_emulator.errors import ApiError, MissingParameter
from loadmaster_emulator.parameters import SYSLOG_LEVELS, SYSLOG_NONE, Form, Parameter
from loadmaster_emulator.vs_fields import Stored

_TIME = "%a, %d %b %y %H:%M:%S UTC"


def get(appliance: Appliance, request: Request) -> Answer:
    """One parameter, under its canonical name."""
    row = _row(appliance, mandatory(request, "param"))
    value = _spelt(appliance, row)
    if row.name == "serialnumber" and appliance.release <= (7, 2, 53):
        value = int(str(value))  # a number here, a text in getall
    return members((row.name, value))  # guess: an unset parameter is an empty element; only its status is known


def getall(appliance: Appliance, request: Request) -> Answer:
    """Every parameter that is set, in the order of the table."""
    shown = [
        (row.name, _spelt(appliance, row))
        for row in parameters.PARAMETERS
        if row.listed_by(appliance.release) and _is_set(appliance, row)
    ]
    return Members(tuple(shown))


def set_(appliance: Appliance, request: Request) -> Answer:
    """Change one parameter."""
    name = mandatory(request, "param")
    if "value" not in request.parameters and "val" not in request.parameters:
        raise MissingParameter("value")
    text = request.get("value", request.get("val"))
    stored = appliance.configuration.parameters
    if name.strip().lower() == SYSLOG_NONE:
        _remove_syslog_hosts(stored, tuple(host.strip() for host in text.split(",")))
        return Message(texts.OK)
    row = _row(appliance, name)
    if row.convert is None:
        raise ApiError(texts.read_only(row.name))
    value = row.convert(row.name, text)
    _check(appliance, row, value)
    if row.name in SYSLOG_LEVELS:
        _remove_syslog_hosts(stored, value)  # guess: a host moves between levels
    if row.name == "admincert":
        appliance.configuration.admin_certificate = value
    else:
        stored[row.name] = value
    if appliance.quirks.renumber_on_set:
        appliance.configuration.renumber()
    if row.name == "SyslogPrefix" and request.api == "v1" and appliance.quirks.syslogprefix_text:
        return Message(texts.LEAKED_SUCCESS)
    return Message(texts.OK)


def _row(appliance: Appliance, name: str) -> Parameter:
    row = parameters.find(name, appliance.profile)
    if row is None:
        raise ApiError(texts.unknown_parameter(name))
    return row


def _is_set(appliance: Appliance, row: Parameter) -> bool:
    if row.form in (Form.LIVE, Form.SECRET):
        return True
    return appliance.parameter(row.name) not in ("", ())


def _spelt(appliance: Appliance, row: Parameter) -> Value:
    if row.form is Form.LIVE:
        return _live(appliance, row.name)
    if row.form is Form.SECRET:
        return texts.MASKED
    value = appliance.parameter(row.name)
    if row.form is Form.FLAG:
        return YesNo(bool(value))
    if row.form is Form.COMMA:
        return CommaList(value)
    if row.form is Form.DIGITS:
        return str(value)
    return value


def _live(appliance: Appliance, name: str) -> str:
    booted = time.strftime(_TIME, time.gmtime(appliance.booted))
    return {
        "admincert": appliance.configuration.admin_certificate or texts.NO_ADMIN_CERTIFICATE,
        "localcert": "Only available in HA mode",
        "time": time.strftime(_TIME, time.gmtime()),
        "boottime": booted,
        "activetime": booted,
        "serialnumber": appliance.profile.serial_number,
        "version": appliance.profile.version,
        "hastatus": "HA not configured",
    }[name]


def _check(appliance: Appliance, row: Parameter, value: Stored) -> None:
    """Refusals that depend on the rest of the configuration."""
    if row.name == "admincert" and value and value not in appliance.configuration.certificates:
        raise ApiError(texts.UNKNOWN_CERTIFICATE)  # guess: the text; and that an empty value ends the assignment
    if row.name in ("wuicipherset", "outboundcipherset") and value:
        if value not in ciphers.BUILT_IN and value not in appliance.configuration.cipher_sets:
            raise ApiError(texts.UNKNOWN_CIPHER_SET)  # guess: the text
    if row.name == "nameserver" and not value and appliance.parameter("dnssecclient"):
        raise ApiError(texts.LAST_NAMESERVER)
    if row.name == "adminclientaccess" and value and not appliance.parameter("sessioncontrol"):
        raise ApiError(texts.invalid(row.name))  # guess: the text
    if row.name in SYSLOG_LEVELS:
        elsewhere = {host for level in SYSLOG_LEVELS if level != row.name for host in appliance.parameter(level)}
        if len(elsewhere | set(value)) > 10:
            raise ApiError(texts.out_of_range(row.name))


def _remove_syslog_hosts(stored: dict[str, Stored], hosts: tuple[str, ...]) -> None:
    for level in SYSLOG_LEVELS:
        stored[level] = tuple(host for host in stored[level] if host not in hosts)
