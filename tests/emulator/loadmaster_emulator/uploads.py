# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that callers send: raw in API v1, as base64 in API v2, and as base64 inside the emulator."""

from __future__ import annotations

import base64
import binascii
from email.parser import BytesParser
from email.policy import HTTP

from loadmaster_emulator import texts
from loadmaster_emulator.errors import ApiError, MissingParameter

PARAMETER = "data"

#: Commands whose body in API v1 is a file and not a form, whether they are carried out or not.
COMMANDS = frozenset(
    (
        "addcert", "addintermediate", "restorecert", "uploadtemplate", "uploadvserrfile", "license", "restore",
        "installpatch", "addaddon", "updatedetect", "locdataupdate", "fetchleaccount",
    )
)  # fmt: skip


def encoded(value: bytes | str) -> str:
    """A file as the model carries it; text that is base64 already stays as it is."""
    if isinstance(value, str):
        if _decoded(value) is not None:
            return value
        value = value.encode()
    return base64.b64encode(value).decode()


def content(data: str) -> bytes:
    """The bytes of a file that a request carries."""
    if not data:
        raise MissingParameter(PARAMETER)  # guess: status and text
    decoded = _decoded(data)
    if decoded is None:
        raise ApiError(texts.INVALID_UPLOAD)  # guess: status and text
    return decoded


def is_file(command: str, content_type: str, body: bytes) -> bool:
    """Whether a body of API v1 is a file: by its command, or because it plainly is no form."""
    return command in COMMANDS or content_type.startswith("multipart/") or body.lstrip().startswith(b"-----BEGIN")


def from_body(content_type: str, body: bytes) -> bytes:
    """The file in a body: the body itself, or the parts of a form with files, one after the other.

    A certificate and its key may come as two parts.
    """
    if not content_type.startswith("multipart/form-data"):
        return body
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    payloads = [part.get_payload(decode=True) for part in message.iter_parts()]
    found = [payload for payload in payloads if isinstance(payload, bytes)]
    if any(b"-----BEGIN" in payload for payload in found):
        found = [payload if payload.endswith(b"\n") else payload + b"\n" for payload in found]
    return b"".join(found)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
