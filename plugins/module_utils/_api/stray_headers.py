# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read responses whose headers hold the output of helper programs, which the appliance lets through.

Most such lines look like a header ("rm: cannot remove ...", a second "date: mapfile: ..."). One that does not ends the headers for
Python, or adds to the header above it, so that the body is read in the wrong way.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from http.client import HTTPResponse
from typing import Any

# The start of a header, and the line that ends all headers
_SOUND = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:|\r?\n\Z")
_STATUS = b"HTTP/"


class _Head:
    """The head of a response as a file, without stray lines."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readline(self, limit: int) -> bytes:
        """Return the next line that is a header, or the status line."""
        while True:
            line: bytes = self._file.readline(limit)
            if not line or len(line) >= limit or line.startswith(_STATUS) or _SOUND.match(line):
                return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Response(HTTPResponse):
    """A response that drops stray lines among its headers."""

    def begin(self) -> None:
        file = self.fp
        self.fp = _Head(file)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            # None if there is no body
            if self.fp is not None:
                self.fp = file
