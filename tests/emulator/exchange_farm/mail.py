# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mail protocols of a server: it greets, answers the simplest commands, and offers STARTTLS where it has it."""

from __future__ import annotations

import asyncio
import ssl

#: By protocol: the greeting, and the answers by command.
_SMTP = (
    "220 {name} Microsoft ESMTP MAIL Service ready",
    {
        "EHLO": "250-{name} Hello\r\n250-STARTTLS\r\n250 SIZE",
        "HELO": "250 {name} Hello",
        "NOOP": "250 OK",
        "STARTTLS": "220 go on",
        "QUIT": "221 bye",
    },
)
_IMAP = (
    "* OK {name} The Microsoft Exchange IMAP4 service is ready.",
    {"CAPABILITY": "* CAPABILITY IMAP4\r\n{tag} OK done", "NOOP": "{tag} OK done", "LOGOUT": "* BYE\r\n{tag} OK done"},
)
_POP = (
    "+OK {name} The Microsoft Exchange POP3 service is ready.",
    {"NOOP": "+OK", "CAPA": "+OK\r\nTOP\r\n.", "QUIT": "+OK bye"},
)
DIALOGUES = {"smtp": _SMTP, "submission": _SMTP, "imap": _IMAP, "imaps": _IMAP, "pop": _POP, "pops": _POP}
_LAST = ("QUIT", "LOGOUT")


async def converse(
    protocol: str, name: str, context: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Speak a mail protocol with a client until one of the two has enough."""
    greeting, answers = DIALOGUES[protocol]

    async def say(text: str, tag: str = "") -> None:
        writer.write(text.format(name=name, tag=tag).encode() + b"\r\n")
        await writer.drain()

    await say(greeting)
    while line := (await reader.readline()).decode("latin-1").strip():
        tag, _space, rest = line.partition(" ")
        command = (rest if answers is _IMAP[1] else tag).split(" ")[0].upper()
        answer = answers.get(command)
        await say(answer or ("{tag} BAD what?" if answers is _IMAP[1] else "500 what?"), tag)
        if answer is not None and command == "STARTTLS":
            await writer.start_tls(context)
        if answer is not None and command in _LAST:
            return
