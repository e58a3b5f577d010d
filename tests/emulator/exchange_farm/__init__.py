# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange servers to put behind a load balancer: they speak like Exchange, and have nothing to say.

HTTP is left to h11, which knows the protocol but not the connection: these servers also have to close connections,
keep them waiting and tell one from another.
"""

from __future__ import annotations

from exchange_farm.farm import Farm
from exchange_farm.protocols import PROTOCOLS, Ports, Seen
from exchange_farm.server import Exchange

__all__ = ["PROTOCOLS", "Exchange", "Farm", "Ports", "Seen"]
