# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors a command can end with."""

from __future__ import annotations

from loadmaster_emulator import texts


class ApiError(Exception):
    """The appliance refuses a command: an HTTP status and a text in the API's envelope."""

    def __init__(self, text: str, status: int = 422) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class CommandFailed(ApiError):
    """A refusal whose text API v1 begins with ``Command Failed:``."""


class MissingParameter(ApiError):
    """A mandatory parameter is absent; its status differs between firmware versions of API v1."""

    def __init__(self, parameter: str) -> None:
        super().__init__(texts.missing(parameter))
        self.parameter = parameter


class PageError(Exception):
    """The web server answers instead of the API: an HTTP status with an HTML page."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
