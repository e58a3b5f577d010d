# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal: every call that reached the emulator."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import unquote_plus

from loadmaster_emulator import texts

_SECRET_PARAMETERS = frozenset(
    ("apikey", "apipass", "password", "passwd", "currpassword", "secret", "passphrase", "key", "data")
)
_PRIVATE_KEY = "PRIVATE KEY"
_SECRET_SETTINGS = ("password", "passwd", "secret", "community", "backupident")


@dataclass(frozen=True)
class Call:
    """One call: what was asked, by whom, and what became of it."""

    number: int
    api: str
    command: str
    parameters: dict[str, str] = field(default_factory=dict)
    user: str = ""
    http_status: int | None = None
    message: str = ""
    carried_out: bool = False
    dropped: bool = False
    raw_target: str = ""
    connection: int = 0
    time: float = 0.0


class Journal:
    """The calls in the order they arrived at the model."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._file = file
        self._number = 0

    def next_number(self) -> int:
        """The number of the call that is about to be journalled."""
        with self._lock:
            self._number += 1
            return self._number

    def append(self, call: Call) -> None:
        """Write one call down."""
        with self._lock:
            self._calls.append(call)
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(asdict(call)) + "\n")

    def clear(self) -> None:
        """Forget the calls so far; the numbers go on."""
        with self._lock:
            self._calls.clear()

    def commands(self) -> list[str]:
        """The names of the commands called."""
        return [call.command for call in self]

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._calls))

    def __getitem__(self, index: int) -> Call:
        with self._lock:
            return self._calls[index]


def masked(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a call without its secrets."""
    names_secret = any(word in parameters.get("param", "").lower() for word in _SECRET_SETTINGS)

    def secret(name: str, value: str) -> bool:
        by_name = name in _SECRET_PARAMETERS or (names_secret and name in ("value", "val"))
        return by_name or _is_key(name) or _is_key(value)

    return {
        texts.MASKED if _is_key(name) else name: texts.MASKED if secret(name, value) else value
        for name, value in parameters.items()
    }


def _is_key(text: str) -> bool:
    """Whether a text, perhaps still as it stood in a URL, has a private key in it."""
    return _PRIVATE_KEY in unquote_plus(text).upper()


def masked_target(target: str) -> str:
    """A request target without the secrets in its query."""
    path, question, query = target.partition("?")
    if not question:
        return target
    pairs = [pair.partition("=") for pair in query.split("&")]
    plain = masked({name.lower(): value for name, _unused, value in pairs})
    return (
        path
        + "?"
        + "&".join(
            (texts.MASKED if _is_key(name) else name)
            + equals
            + (texts.MASKED if equals and plain.get(name.lower(), texts.MASKED) == texts.MASKED else value)
            for name, equals, value in pairs
        )
    )
