# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of the appliance."""

from __future__ import annotations

import json
import time
import zlib

from loadmaster_emulator import state, texts, uploads, values
from loadmaster_emulator.answers import Answer, Download, Message
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands import identity
from loadmaster_emulator.errors import ApiError

_BASE, _SERVICES = 1, 2
_PARTS = {
    _BASE: ("parameters", "health", "adaptive"),
    _SERVICES: ("services", "rules", "cipher_sets", "templates", "next_rs_index"),
}


def backup(appliance: Appliance, request: Request) -> Answer:
    """Everything that is configured, in a file."""
    host, when = appliance.parameter("hostname"), time.strftime("%Y_%m_%d.%H_%M")
    # guess: what is in the archive, which the appliance encrypts; certificates have a backup of their own
    kept = {**state.written(appliance.configuration), "certificates": {}, "intermediates": {}}
    content = zlib.compress(json.dumps(kept).encode())
    return Download(f"LMBackups_{host}_{when}", content, is_text=False)


def restore(appliance: Appliance, request: Request) -> Answer:
    """Put back what a backup has: the base configuration, the services, or both. Others are not emulated."""
    parts = values.integer("type", identity.mandatory(request, "type"), 1, 15)
    try:
        kept = state.read(json.loads(zlib.decompress(uploads.content(request.get(uploads.PARAMETER)))))
    except (ValueError, KeyError, TypeError, zlib.error):
        raise ApiError(texts.INVALID_FILE) from None  # guess: status and text
    # guess: what belongs to which part, and that the restored configuration takes effect without a reboot
    for bit, names in _PARTS.items():
        if parts & bit:
            for name in names:
                setattr(appliance.configuration, name, getattr(kept, name))
    return Message(texts.OK)
