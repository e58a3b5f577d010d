# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be known about the machine to read the figures, and nothing that tells whose it is."""

from __future__ import annotations

import os
import platform
import ssl
from importlib.metadata import version
from typing import Any


def facts() -> dict[str, Any]:
    """Return processors, versions and load, without names and paths."""
    return {
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "ansible-core": version("ansible-core"),
        "requests": version("requests"),
        "openssl": " ".join(ssl.OPENSSL_VERSION.split()[:2]),
        "load_before": load(),
    }


def load() -> float:
    """Return how many processes wanted a processor in the last minute, on average."""
    return os.getloadavg()[0]
