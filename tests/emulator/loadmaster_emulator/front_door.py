# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both APIs in front of one appliance: who may come in, and what goes back out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from loadmaster_emulator import commands, texts, v1_writer, v2_writer
from loadmaster_emulator.accounts import ADMINISTRATOR
from loadmaster_emulator.answers import Answer, Download, Message
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.decode import Decoded, HttpRequest
from loadmaster_emulator.errors import ApiError, CommandFailed, MissingParameter, PageError

_Answer = TypeVar("_Answer")


@dataclass
class Reply:
    """What goes back over the wire."""

    status: int
    content_type: str
    body: bytes
    headers: list[str] = field(default_factory=list)
    """Whole header lines, so that a line which is no header can be among them."""


@dataclass
class Outcome:
    """What became of one call."""

    api: str = ""

    user: str = ""
    answer: Answer | None = None
    error: ApiError | PageError | None = None

    @property
    def message(self) -> str:
        """The text of the answer or refusal; empty where data was answered."""
        if isinstance(self.error, ApiError):
            prefixed = self.api == "v1" and isinstance(self.error, CommandFailed)
            return (texts.FAILED_PREFIX if prefixed else "") + self.error.text
        return self.answer.text if isinstance(self.answer, Message) else ""


def enter(appliance: Appliance, request: HttpRequest, decoded: Decoded) -> Outcome:
    """Authenticate a call and carry its command out."""
    outcome = Outcome(decoded.api)
    try:
        _check_open(appliance, request, decoded)
        if decoded.unreadable is not None:
            raise decoded.unreadable
        outcome.user = _user(appliance, request, decoded)
        _check_enabling(appliance, decoded)
        outcome.answer = commands.carry_out(
            appliance, Request(decoded.api, decoded.command, decoded.parameters, outcome.user)
        )
    except (ApiError, PageError) as error:
        outcome.error = error
    return outcome


def reply(appliance: Appliance, decoded: Decoded, outcome: Outcome) -> Reply:
    """The outcome of a call, spelt for its API."""
    if isinstance(outcome.error, PageError):
        return page(outcome.error.status)
    if isinstance(outcome.error, ApiError):
        return failure(appliance, decoded.api, status_of(appliance, decoded.api, outcome.error), outcome.message)
    if outcome.answer is None:
        raise ValueError("an outcome has either an answer or an error")
    if decoded.api == "v1":
        if isinstance(outcome.answer, Download):
            return _file(outcome.answer)
        return Reply(200, v1_writer.CONTENT_TYPE, _spelt(appliance, "v1", outcome.answer, v1_writer.success))
    body = _spelt(appliance, "v2", outcome.answer, v2_writer.success)
    return Reply(200, v2_writer.CONTENT_TYPE, _v2_lines(appliance, body))


def _spelt(appliance: Appliance, api: str, answer: _Answer, success: Callable[[_Answer], bytes]) -> bytes:
    """The answer as an API spells it: once where it is a listing that is kept."""
    kept = appliance.listing.spelt if appliance.listing is not None and appliance.listing.answer is answer else {}
    if api not in kept:
        kept[api] = success(answer)
    return kept[api]


def failure(appliance: Appliance, api: str, status: int, text: str) -> Reply:
    """A refusal in the envelope of an API."""
    if api == "v1":
        return Reply(status, v1_writer.CONTENT_TYPE, v1_writer.failure(status, text))
    return Reply(status, v2_writer.CONTENT_TYPE, _v2_lines(appliance, v2_writer.failure(status, text)))


def page(status: int) -> Reply:
    """An HTML page of the web server."""
    headers = ['WWW-Authenticate: Basic realm="LoadMaster"'] if status == 401 else []  # guess: the realm
    return Reply(status, "text/html", texts.html_page(status), headers)


def status_of(appliance: Appliance, api: str, error: ApiError) -> int:
    """The HTTP status of a refusal."""
    if isinstance(error, MissingParameter) and api == "v1":
        return appliance.quirks.v1_missing_status
    return error.status


def _file(download: Download) -> Reply:
    # Recorded: without quotes for a backup (v1-backup-headers-2024.http), attached for a template
    # (pmv1-exportvstmplt.download)
    where = f'attachment; filename="{download.name}"' if download.attached else f"inline; filename={download.name}"
    return Reply(200, download.content_type, download.content, [f"Content-Disposition: {where}"])


def _v2_lines(appliance: Appliance, body: bytes) -> bytes:
    if appliance.quirks.broken_prerule_json:
        body = v2_writer.with_broken_prerules(body)
    return body if appliance.quirks.v2_crlf else v2_writer.with_lf(body)


def _check_open(appliance: Appliance, request: HttpRequest, decoded: Decoded) -> None:
    """Whether the API a call came through is switched on."""
    if not decoded.api:
        raise PageError(404)
    if not appliance.parameter("enableapi") and not _enables_api(request, decoded):
        raise PageError(404)
    if decoded.api == "v2" and (not appliance.parameter("sessioncontrol") or appliance.parameter("sessionbasicauth")):
        raise PageError(404)  # guess: that v2 does not work then is documented, its answer is not recorded


def _enables_api(request: HttpRequest, decoded: Decoded) -> bool:
    """The one call a disabled API takes: param first, then value, in the query of a GET."""
    order = tuple(name for name in decoded.query_order if name in ("param", "value"))
    return (
        decoded.api == "v1"
        and request.method == "GET"
        and decoded.command == "set"
        and order == ("param", "value")
        and decoded.parameters["param"].lower() == "enableapi"
    )


def _check_enabling(appliance: Appliance, decoded: Decoded) -> None:
    """The strict reading of the manual: the disabled API is enabled with ``yes``, never with ``1``."""
    if (
        appliance.quirks.strict_enableapi
        and not appliance.parameter("enableapi")
        and decoded.parameters.get("value", "").strip() == "1"
    ):
        raise ApiError(texts.invalid("enableapi"))  # guess: the text


def _user(appliance: Appliance, request: HttpRequest, decoded: Decoded) -> str:
    """The user a call comes from."""
    accounts = appliance.accounts
    sent = decoded.parameters
    if "apikey" in sent:
        user = accounts.by_key(sent["apikey"])
    elif decoded.api == "v2" and "apiuser" in sent:
        user = _by_password(appliance, sent["apiuser"], sent.get("apipass", ""))
    elif request.basic is not None:
        user = _by_password(appliance, *request.basic)
    elif decoded.api == "v1" and request.peer_name:
        user = _by_certificate(appliance, request.peer_name)
    else:
        user = None
    if user is None:
        raise PageError(401)
    return user


def _by_password(appliance: Appliance, name: str, password: str) -> str | None:
    if int(appliance.parameter("adminclientaccess") or 0) >= 2:
        return None  # certificates only
    return appliance.accounts.by_password(name, password)


def _by_certificate(appliance: Appliance, common_name: str) -> str | None:
    name = appliance.certificate_users.get(common_name, common_name)
    allowed = appliance.parameter("sessioncontrol") and appliance.parameter("adminclientaccess")
    return name if allowed and name != ADMINISTRATOR and name in appliance.accounts.users else None
