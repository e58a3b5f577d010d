# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data plane: HAProxy carries the traffic that the configuration describes."""

from __future__ import annotations

from loadmaster_emulator.data_plane.places import Places
from loadmaster_emulator.data_plane.plane import DataPlane, DataPlaneError
from loadmaster_emulator.data_plane.words import Inexpressible

__all__ = ["DataPlane", "DataPlaneError", "Inexpressible", "Places"]
