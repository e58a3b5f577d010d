# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of the appliance."""

from __future__ import annotations

import json
import time
import zlib

from loadmaster_emulator import state
from loadmaster_emulator.answers import Answer, Download
from loadmaster_emulator.appliance import Appliance, Request


def backup(appliance: Appliance, request: Request) -> Answer:
    """Everything that is configured, in a file."""
    host, when = appliance.parameter("hostname"), time.strftime("%Y_%m_%d.%H_%M")
    # guess: what is in the archive, which the appliance encrypts
    content = zlib.compress(json.dumps(state.comparable(appliance)).encode())
    return Download(f"LMBackups_{host}_{when}", content, is_text=False)
