# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests against recorded answers share: a client that sees bytes, and comparisons."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

REDACTED = re.compile(r"would ?appear ?here", re.IGNORECASE)


class Client:
    """Just enough of a client to see the bytes of an answer."""

    def __init__(self, lm: Any) -> None:
        self.connection = http.client.HTTPSConnection(
            lm.host, lm.port, context=ssl.create_default_context(cafile=lm.certificate_file), timeout=10
        )
        self.headers = {"Authorization": "Basic " + b64encode(b"bal:pw").decode()}

    def v1(self, command: str, **parameters: object) -> tuple[int, bytes]:
        """Call a command of API v1."""
        self.connection.request("GET", f"/access/{command}?{urlencode(parameters)}", headers=self.headers)
        return self._answer()

    def v2(self, command: str, **parameters: object) -> tuple[int, bytes]:
        """Call a command of API v2."""
        body = json.dumps({"cmd": command, **parameters})
        self.connection.request("POST", "/accessv2", body, self.headers)
        return self._answer()

    def call(self, api: str, command: str, **parameters: object) -> tuple[int, bytes]:
        """Call a command of either API."""
        return getattr(self, api)(command, **parameters)

    def upload(self, command: str, content: bytes, **parameters: object) -> tuple[int, bytes]:
        """Call a command of API v1 with a file as the body."""
        self.connection.request("POST", f"/access/{command}?{urlencode(parameters)}", content, self.headers)
        return self._answer()

    def download(self, command: str, **parameters: object) -> tuple[dict[str, str], bytes]:
        """Call a command of API v1 that answers with a file; its headers, and the file."""
        self.connection.request("GET", f"/access/{command}?{urlencode(parameters)}", headers=self.headers)
        response = self.connection.getresponse()
        return dict(response.getheaders()), response.read()

    def _answer(self) -> tuple[int, bytes]:
        response = self.connection.getresponse()
        return response.status, response.read()


# -- comparison -----------------------------------------------------------------------------------------


def assert_same_json(answer: bytes, recorded: bytes, *, but: frozenset = frozenset(), shape_only: bool = False) -> None:
    """The same members in the same order, of the same types; the same values unless redacted or excepted."""
    compare_values(json.loads(answer), json.loads(recorded), "", but, shape_only)


def compare_values(mine: object, theirs: object, where: str, but: frozenset, shape_only: bool) -> None:
    """As ``assert_same_json``, for one value inside an answer."""
    assert type(mine) is type(theirs), f"{where}: {mine!r} instead of {theirs!r}"
    name = where.rpartition(".")[2].partition("[")[0]
    if isinstance(theirs, dict):
        assert list(mine) == list(theirs), f"members of {where or 'the answer'}"
        for key in theirs:
            compare_values(mine[key], theirs[key], f"{where}.{key}", but, shape_only)
    elif isinstance(theirs, list):
        assert len(mine) == len(theirs), f"length of {where}"
        for number, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            compare_values(one, other, f"{where}[{number}]", but, shape_only)
    elif not (shape_only or name in but or (isinstance(theirs, str) and REDACTED.search(theirs))):
        assert mine == theirs, where


def flat(xml: bytes) -> list[tuple[str, str]]:
    """The elements of an XML answer in their order: path and text."""
    found: list[tuple[str, str]] = []

    def walk(element: ElementTree.Element, path: str) -> None:
        path = f"{path}/{element.tag}"
        found.append((path, "" if len(element) else (element.text or "").strip()))
        for child in element:
            walk(child, path)

    walk(ElementTree.fromstring(xml), "")
    return found


def assert_same_xml(answer: bytes, recorded: bytes, *, but: frozenset = frozenset(), shape_only: bool = False) -> None:
    """The same elements in the same order; the same texts unless redacted or excepted."""
    mine, theirs = flat(answer), flat(recorded)
    assert [path for path, _unused in mine] == [path for path, _unused in theirs]
    for (path, one), (_unused, other) in zip(mine, theirs, strict=True):
        if not (shape_only or path.rpartition("/")[2] in but or REDACTED.search(other)):
            assert one == other, path
