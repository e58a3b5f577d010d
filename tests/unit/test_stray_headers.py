# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output of helper programs among the headers of a response: the body is read anyway."""

from __future__ import annotations

import io

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.stray_headers import Response

# Those with a name in front were recorded.
STRAY = (
    "date: mapfile: No such file or directory",
    "find: `waf_updated*': No such file or directory",
    "rm: cannot remove '/tmp/.liccreds': No such file or directory",
    "mlogc: no process found",
    "shell-init: error retrieving current directory: getcwd: No such file or directory",
    "no colon at all",
    "line 3: syntax error near x",
    "  behind blanks",
    "\tat: behind a tab",
    ": without a name",
    "Content-Length: mapfile",
)


class _Socket:
    """As much of a socket as a response needs."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def received(data: bytes) -> Response:
    response = Response(_Socket(data))  # type: ignore[arg-type]
    response.begin()
    return response


@pytest.mark.parametrize("line", STRAY)
@pytest.mark.parametrize("behind", ["Date: Wed, 07 Aug 2024 09:39:13 GMT", "Transfer-Encoding: chunked"])
def test_the_body_is_whole(line: str, behind: str) -> None:
    head = [
        "HTTP/1.1 200 OK",
        "Date: Wed, 07 Aug 2024 09:39:13 GMT",
        "Transfer-Encoding: chunked",
        "Content-Type: text/xml",
    ]
    head.insert(head.index(behind) + 1, line)
    response = received("\r\n".join([*head, "", "5\r\nhello\r\n0\r\n\r\n"]).encode())
    assert response.read() == b"hello"
    assert response.getheader("Content-Type") == "text/xml"


def test_a_response_without_stray_lines_is_as_ever() -> None:
    response = received(b"HTTP/1.1 422 Unprocessable\nX-A: 1\n  more\nContent-Length: 2\n\nok")
    assert (response.status, response.read()) == (422, b"ok")


def test_a_response_without_a_body_is_as_ever() -> None:
    assert received(b"HTTP/1.1 204 No Content\r\n\r\n").read() == b""
