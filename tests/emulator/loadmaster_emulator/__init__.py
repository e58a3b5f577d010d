# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator of the Progress Kemp LoadMaster, built from public records of its API."""

from __future__ import annotations

from loadmaster_emulator.data_plane import DataPlane, DataPlaneError, Places
from loadmaster_emulator.emulator import Emulator
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.faults import Fault, Faults
from loadmaster_emulator.journal import Call, Journal
from loadmaster_emulator.quirks import Quirks

__all__ = [
    "ApiError",
    "Call",
    "DataPlane",
    "DataPlaneError",
    "Emulator",
    "Fault",
    "Faults",
    "Journal",
    "Places",
    "Quirks",
]
__version__ = "1.0.0"
