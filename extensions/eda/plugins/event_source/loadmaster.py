# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of Kemp LoadMasters for ansible-rulebook: services and servers down and up, certificates, changes, reachability."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

DOCUMENTATION = r"""
---
short_description: Events of Kemp LoadMasters
description:
  - Polls LoadMasters and sends an event when a virtual service, SubVS or real server goes down or up.
  - Certificates near their end, changes of the configuration, LoadMasters that are unreachable and refused logins are events too.
  - Each LoadMaster is polled at its own pace. A slow one does not hold up the others.
  - A poll is one API call. With O(configuration_interval), 10 more follow at that interval, and one for each certificate once a day.
  - A poll that failed says nothing about services, so it sends no event that one is down.
  - Texts in events come from the LoadMaster. They are no templates, C({{) in them becomes C({ {), and control characters become C(?).
  - Options of the connection are the same as those of the modules. Outside of C(loadmasters) they apply to all LoadMasters. What neither
    has comes from the environment variables whose names begin with C(LOADMASTER_), such as E(LOADMASTER_PASSWORD).
version_added: 0.1.0
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - requests
  - cryptography, for events about certificates
options:
  loadmasters:
    description:
      - The LoadMasters to watch, each a host or a dictionary with O(host), C(name) and other options of the connection.
      - C(name) is what events call it, such as its name in the inventory. Without it, that is the host.
      - Not needed for one LoadMaster, which O(host) or E(LOADMASTER_HOST) may name.
    type: list
    elements: raw
  interval:
    description:
      - The seconds from one poll to the next, from 1 to 86400.
    type: float
    default: 30
  configuration_interval:
    description:
      - The seconds after which content rules, settings and the lists of certificates are read again, from 10 to 86400. Changes of services, SubVSs
        and real servers are noticed in each poll.
      - V(0) turns the event C(configuration_changed) off.
    type: float
    default: 300
  expiry_days:
    description:
      - A certificate with fewer days left than this is an event, once a day. From 1 to 3650.
      - V(0) turns the event C(certificate_expiring) off.
    type: int
    default: 30
  confirmations:
    description:
      - How many polls in a row must agree on a new state of a service or server before it is an event, from 1 to 100.
      - An object that is new and down has to be down in one poll more, since it is down until its first health check.
    type: int
    default: 1
  unreachable_after:
    description:
      - How many polls in a row must fail until a LoadMaster is reported as unreachable, from 1 to 1000.
    type: int
    default: 3
  login_retry_delay:
    description:
      - The seconds until the next poll after a refused login, from 10 to 86400. They double with each refusal, up to an hour, so that the
        account is not locked.
    type: float
    default: 300
  report_initial:
    description:
      - Whether the first poll sends events for what is down already and for certificates near their end. They have C(initial) set to V(true).
    type: bool
    default: true
  host:
    description: The name or address of the LoadMaster.
    type: str
  host_port:
    description: The port on which the API answers. Without it, port 443 is used.
    type: int
  username:
    description: The user that logs in with O(password).
    type: str
  password:
    description: The password of O(username).
    type: str
  api_key:
    description: An API key, instead of O(username) and O(password).
    type: str
  client_cert:
    description: The path of a PEM file with a client certificate, instead of a password or key.
    type: path
  client_key:
    description: The path of a PEM file with the private key of O(client_cert), if that file does not have it.
    type: path
  validate_certs:
    description: Whether the certificate of the LoadMaster is verified. Without this option it is.
    type: bool
  ca_path:
    description: The path of a PEM file with the certificates of the authorities to trust.
    type: path
  fingerprint:
    description: The SHA-256 fingerprint of the certificate that the LoadMaster has. Only this certificate is accepted then.
    type: str
  api_version:
    description: Which API is used. Without this option it is V(auto).
    type: str
    choices: [auto, v1, v2]
  connect_timeout:
    description: How long an attempt to connect may take, in seconds. Without this option it is 10.
    type: float
  timeout:
    description: How long the LoadMaster may be silent before a poll fails, in seconds. Without this option it is 20.
    type: float
  retries:
    description: How often a poll repeats a request that failed. Without this option it is 1.
    type: int
"""

EXAMPLES = r"""
- kemp.loadmaster.loadmaster:
    loadmasters:
      - name: lm1
        host: 192.0.2.5
        fingerprint: "{{ LM1_FINGERPRINT }}"
      - name: lm2
        host: lm2.example.com
    username: monitor
    password: "{{ LM_PASSWORD }}"
    interval: 30
    confirmations: 2
"""

_EVENTS = "ansible_collections.kemp.loadmaster.plugins.module_utils"


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Send events until cancelled. Raises ValueError where an argument is wrong."""
    options, watching, errors = (_part(name) for name in ("_events.event_options", "_events.watching", "_errors"))
    try:
        await watching.watch(queue, options.read(args, os.environ))
    except errors.InvalidOption as error:
        raise ValueError(errors.spoken(error.account)) from None


def _part(name: str) -> Any:
    """Import a part of this collection. ansible-rulebook runs this file by its path, and does not know collections."""
    try:
        return importlib.import_module(f"{_EVENTS}.{name}")
    except ModuleNotFoundError as error:
        if error.name is None or not f"{_EVENTS}.".startswith(f"{error.name}."):
            raise
    _make_importable(os.path.abspath(__file__))
    return importlib.import_module(f"{_EVENTS}.{name}")


def _make_importable(path: str) -> None:
    """Let Python find the collection that a file belongs to. Raises ValueError where the file is in none."""
    root = path
    for _folder in ("loadmaster.py", "event_source", "plugins", "eda", "extensions", "loadmaster", "kemp"):
        root = os.path.dirname(root)
    if os.path.basename(root) != "ansible_collections":
        raise ValueError(
            f"The event source is not in an installed collection: {path}. Install the collection, or put it into "
            "ansible_collections/kemp/loadmaster."
        )
    found = sys.modules.get("ansible_collections")
    if found is None:
        sys.path.append(os.path.dirname(root))
        importlib.invalidate_caches()
        try:
            found = importlib.import_module("ansible_collections")
        except ModuleNotFoundError:
            return
    # The package ansible has a folder of this name, and would hide all others
    for package, folder in ((found, root), (sys.modules.get("ansible_collections.kemp"), os.path.join(root, "kemp"))):
        if package is not None and folder not in list(package.__path__):
            package.__path__ = [*package.__path__, folder]


class _Printer:
    """A queue that prints, for a look at the events without a rulebook."""

    async def put(self, event: Mapping[str, Any]) -> None:
        """Print an event."""
        sys.stdout.write(f"{event}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    try:
        asyncio.run(main(_Printer(), {}))  # type: ignore[arg-type]
    except ValueError as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(0)
