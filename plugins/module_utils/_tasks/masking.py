# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Mask secrets in what a task shows, in every spelling: what an appliance or a proxy quotes is escaped, cut off or wrapped.

A text is compared without its escapes (backslashes, percent signs, entities), and with a long secret also without blanks and
line breaks, so that one line of a key counts, or the part of it that is left. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import base64
import difflib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

MASK = "********"
# Core's placeholder for a secret value
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

# A secret of this many characters is found in parts too. Each part has as many as PART at least.
_LONG = 24
_PART = 12
# Two parts of this length lie side by side in any part that is looked for
_STEP = 6
# The last line of a key may be short; shorter parts would match any text
_SHORTEST_LINE = 4
# How many levels of escaping are undone
_DEPTH = 4

# Names of secrets, and of unknown options that are probably misspelt secrets.
_SECRET_NAME = re.compile(r"pa?s+w|pass|secret|token|key|communit|credential|login|pw", re.IGNORECASE)

_ESCAPE = re.compile(
    r"\\+(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrtbf\"'/\\])"
    r"|%[0-9a-fA-F]{2}|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
)
_BACKSLASHED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_FRAME = re.compile(r"-----[A-Z0-9 ]+-----")


class _Text(NamedTuple):
    """A text without escapes, with the place of each of its characters in the original: from, to."""

    text: str
    places: list[tuple[int, int]]

    def without_blanks(self) -> _Text:
        """Return it in lower case, without blanks and line breaks."""
        kept = [number for number, sign in enumerate(self.text) if not sign.isspace()]
        return _Text("".join(_lower(self.text[number]) for number in kept), [self.places[number] for number in kept])


class Masker:
    """Masks secrets. ``apply`` returns a value without them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        given = {secret for secret in secrets if secret.strip()}
        spellings = {text for secret in given for text in _spellings(secret)}
        self._exact = sorted(spellings)
        self._escaped = sorted({text for secret in spellings for text in _escaped(secret)} - spellings)
        self._plain = sorted({_unescaped(text).text for text in spellings})
        self._long = sorted({text for secret in given for text in _long(secret)})
        self._parts: dict[str, list[tuple[str, int]]] = {}
        for text in self._long:
            for start in range(len(text) - _STEP + 1):
                self._parts.setdefault(text[start : start + _STEP], []).append((text, start))
        self._shortest = min([*map(len, self._plain), *([_PART] if self._long else [])], default=0)
        self._whole = frozenset(given)

    def apply(self, value: Any) -> Any:
        """Return a value of a result without secrets, and without what cannot be printed: halves of characters.

        Names in dictionaries stay as they are, as far as they can be printed.
        """
        if isinstance(value, str):
            return _printable(self._text(value) if self._exact else value)
        if isinstance(value, Mapping):
            return {
                _printable(name) if isinstance(name, str) else name: self.apply(member)
                for name, member in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.apply(member) for member in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and self._exact:
            return value if self._text(str(value)) == str(value) else WHOLE
        return value

    def _text(self, text: str) -> str:
        if len(text) < self._shortest:
            return text
        if text in self._whole:
            return WHOLE
        spans: list[tuple[int, int]] = []
        for secret in self._exact:
            if secret in text:
                spans += _found(secret, text)
        meant = text
        if ("\\" in text or "%" in text or "&" in text) and _ESCAPE.search(text):
            for secret in self._escaped:
                spans += _found(secret, text)
            meant = _meant_by(text)
        # Where each character comes from is looked at only where there is something to be found: a result has many texts
        if (meant is not text and any(secret in meant for secret in self._plain)) or self._may_have_parts(meant):
            read = _unescaped(text)
            for secret in self._plain:
                spans += [(read.places[start][0], read.places[end - 1][1]) for start, end in _found(secret, read.text)]
            spans += self._in_parts(read)
        return _masked(text, spans) if spans else text

    def _may_have_parts(self, text: str) -> bool:
        """Return whether an unescaped text may contain a part of a long secret."""
        if not self._parts or len(text) < _PART:
            return False
        squeezed = "".join(map(_lower, "".join(text.split()))) if not text.isascii() else "".join(text.split()).lower()
        return any(squeezed[at : at + _STEP] in self._parts for at in range(0, len(squeezed) - _STEP + 1, _STEP))

    def _in_parts(self, read: _Text) -> list[tuple[int, int]]:
        """Return the places of parts of long secrets in a text."""
        text, places = read.without_blanks()
        spans: list[tuple[int, int]] = []
        done = 0
        for number in range(0, len(text) - _STEP + 1, _STEP):
            if number < done:
                continue
            for secret, at in self._parts.get(text[number : number + _STEP], ()):
                start, end = _grown(text, number, secret, at)
                if end - start >= _PART:
                    spans.append((places[start][0], places[end - 1][1]))
                    done = max(done, end)
        return spans


def _printable(text: str) -> str:
    """Return a text with halves of characters as escapes; neither the connection to a module nor a terminal takes them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _grown(text: str, number: int, secret: str, at: int) -> tuple[int, int]:
    """Return how far a text and a secret match around a place of each."""
    start, first = number, at
    while start > 0 and first > 0 and text[start - 1] == secret[first - 1]:
        start, first = start - 1, first - 1
    end, last = number, at
    while end < len(text) and last < len(secret) and text[end] == secret[last]:
        end, last = end + 1, last + 1
    return start, end


def _spellings(secret: str) -> set[str]:
    """Return the spellings of a secret that do not involve escapes."""
    bare = secret.strip()
    lines = [line.strip() for line in bare.splitlines()]
    kept = [line for line in lines if len(line) >= _SHORTEST_LINE and not _FRAME.fullmatch(line)] if lines[1:] else []
    coded = [base64.b64encode(text.encode("utf-8", "replace")).decode("ascii") for text in (secret, bare)]
    return {each for text in (secret, bare, *kept) for each in (text, text.replace(" ", "+"), *_foreign(text))} | {
        *coded
    }


def _foreign(text: str) -> list[str]:
    """Return what letters beyond ASCII become where escapes are of bytes, or of halves of a character."""
    if text.isascii():
        return []
    halves = text.encode("utf-16-be", "surrogatepass")
    return [
        text.encode("utf-8", "surrogatepass").decode("latin-1"),
        "".join(chr(halves[at] << 8 | halves[at + 1]) for at in range(0, len(halves), 2)),
    ]


def _escaped(text: str) -> set[str]:
    """Return the usual escaped spellings of a text. Where it has backslashes, these tell no more by themselves what is meant."""
    return {repr(text)[1:-1], json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], html.escape(text)}


def _long(secret: str) -> set[str]:
    """Return a secret as its parts are looked for, if it is long enough; what frames a key is no secret."""
    text = _unescaped(_FRAME.sub("", secret)).without_blanks().text
    return {text} if len(text) >= _LONG else set()


def _lower(sign: str) -> str:
    # Some letters become two in lower case, which would break the places
    return sign.lower() if len(sign.lower()) == 1 else sign


def _unescaped(text: str) -> _Text:
    """Return a text without escapes, as many times as it was escaped."""
    read = _Text(text, [(number, number + 1) for number in range(len(text))])
    for _again in range(_DEPTH):
        if not _ESCAPE.search(read.text):
            break
        read = _once_less(read)
    return read


def _meant_by(text: str) -> str:
    """Return a text without escapes as ``_unescaped`` does, but not where they were."""
    for _again in range(_DEPTH):
        less = _ESCAPE.sub(lambda match: _meant(match[0]), text)
        if less == text:
            break
        text = less
    return text


def _once_less(read: _Text) -> _Text:
    signs: list[str] = []
    places: list[tuple[int, int]] = []
    done = 0
    for match in _ESCAPE.finditer(read.text):
        signs.append(read.text[done : match.start()])
        places += read.places[done : match.start()]
        done = match.end()
        meant = _meant(match[0])
        signs.append(meant)
        places += [(read.places[match.start()][0], read.places[match.end() - 1][1])] * len(meant)
    signs.append(read.text[done:])
    places += read.places[done:]
    return _Text("".join(signs), places)


def _meant(escape: str) -> str:
    """Return the character that an escape stands for. Bytes of UTF-8 stay characters, in secrets as in texts."""
    if escape.startswith("%"):
        return chr(int(escape[1:], 16))
    if escape.startswith("&"):
        return html.unescape(escape)
    word = escape.lstrip("\\")
    if not word:
        return "\\"
    if word[0] in "xuU":
        return chr(min(int(word[1:], 16), 0x10FFFF))
    return _BACKSLASHED.get(word, word)


def _found(secret: str, text: str) -> list[tuple[int, int]]:
    spans = []
    start = text.find(secret)
    while start >= 0:
        spans.append((start, start + len(secret)))
        start = text.find(secret, start + 1)
    return spans


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    """Return a text with the places masked; adjacent ones share a mask."""
    parts: list[str] = []
    done = -1
    for start, end in sorted(spans):
        if start > done:
            parts += [text[max(done, 0) : start], MASK]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def masked(value: Any, argument: Mapping[str, Any] | None) -> Any:
    """Return the value of an option as results may have it; ``argument`` describes the option, None what is none."""
    if argument is None:
        return WHOLE
    inner = argument.get("options")
    if isinstance(inner, Mapping) and isinstance(value, Mapping):
        return {name: masked(member, inner.get(name)) for name, member in value.items()}
    if isinstance(inner, Mapping) and isinstance(value, (list, tuple)):
        return [masked(member, argument) if isinstance(member, Mapping) else member for member in value]
    return value


def secrets_in(value: Any, known: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of secret options, and of what is no option and has the name of a secret, or almost."""
    if isinstance(value, (list, tuple)):
        for member in value:
            yield from secrets_in(member, known)
    elif isinstance(value, Mapping):
        secrets = [name for name, argument in known.items() if argument.get("no_log")]
        for name, member in value.items():
            if name in known and known[name].get("no_log"):
                yield from _texts(member)
            elif name in known:
                yield from secrets_in(member, known[name].get("options") or {}) if known[name].get("options") else ()
            elif _SECRET_NAME.search(str(name)) or difflib.get_close_matches(str(name), secrets, n=1):
                yield from _texts(member)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for member in value:
            yield from _texts(member)
    elif value is not None and not isinstance(value, bool) and str(value).strip():
        yield str(value)
