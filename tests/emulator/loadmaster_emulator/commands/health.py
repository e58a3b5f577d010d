# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The global settings of health checks and of adaptive scheduling."""

from __future__ import annotations

from loadmaster_emulator import texts, values
from loadmaster_emulator.answers import Answer, Members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.errors import ApiError


def showhealth(appliance: Appliance, request: Request) -> Answer:
    """The health check settings; numbers are texts here."""
    return Members(tuple((name, str(value)) for name, value in appliance.configuration.health.items()))


def modhealth(appliance: Appliance, request: Request) -> Answer:
    """Change the health check settings; the interval must leave time for all retries."""
    health = dict(appliance.configuration.health)
    if "timeout" in request.parameters:
        health["Timeout"] = values.integer("Timeout", request.get("timeout"), 4, 60)
    if "retrycount" in request.parameters:
        health["RetryCount"] = values.integer("RetryCount", request.get("retrycount"), 2, 15)
    least = health["Timeout"] * health["RetryCount"] + 1
    if "retryinterval" in request.parameters and len(_named(request)) == 1:
        health["RetryInterval"] = values.integer("RetryInterval", request.get("retryinterval"), 9, 901)
        if health["RetryInterval"] < least:
            raise ApiError(texts.out_of_range("RetryInterval"))
    # An interval sent beside the others is not supported; it is dropped and the stored one raised.
    health["RetryInterval"] = max(health["RetryInterval"], least)
    appliance.configuration.health = health
    return showhealth(appliance, request)


def showadaptive(appliance: Appliance, request: Request) -> Answer:
    """The settings of adaptive scheduling; numbers are texts here."""
    return Members(tuple((name, str(value)) for name, value in appliance.configuration.adaptive.items()))


def modadaptive(appliance: Appliance, request: Request) -> Answer:
    """Change the settings of adaptive scheduling."""
    adaptive = dict(appliance.configuration.adaptive)
    if "adaptiveurl" in request.parameters:
        adaptive["AdaptiveURL"] = request.get("adaptiveurl")
    if "adaptiveport" in request.parameters:
        adaptive["AdaptivePort"] = values.integer("AdaptivePort", request.get("adaptiveport"), 3, 65530)
    if "adaptiveinterval" in request.parameters:
        # guess: documented for a service as 10-60, although the default is 7
        adaptive["AdaptiveInterval"] = values.integer("AdaptiveInterval", request.get("adaptiveinterval"), 1, 60)
    if "minpercent" in request.parameters:
        adaptive["MinPercent"] = values.integer("MinPercent", request.get("minpercent"), 0, 99)
    appliance.configuration.adaptive = adaptive
    return showadaptive(appliance, request)


def _named(request: Request) -> set[str]:
    return {"retryinterval", "timeout", "retrycount"} & set(request.parameters)
