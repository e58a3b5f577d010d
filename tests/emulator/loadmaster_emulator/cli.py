# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import ipaddress
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from loadmaster_emulator.data_plane import DataPlane, DataPlaneError, Places
from loadmaster_emulator.emulator import Emulator
from loadmaster_emulator.faults import Fault
from loadmaster_emulator.quirks import Quirks

_T = TypeVar("_T")
_ENDING = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run an emulator until a signal ends it."""
    parser = _parser()
    options = parser.parse_args(arguments)
    # Blocked before any thread starts, so that the signals wait for the one place that takes them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        emulator = _emulator(options)
        emulator.start()
    except (OSError, ValueError, DataPlaneError) as error:
        print(f"loadmaster-emulator: {error}", file=sys.stderr)
        return 1
    try:
        _announce(emulator, options)
        signal.sigwait(_ENDING)
    finally:
        emulator.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="loadmaster-emulator", description="A Kemp LoadMaster for tests: its API over one configuration."
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=8443, help="port to listen on, 0 for a free one (default: %(default)s)")
    add("--firmware", default="7.2.63", help="firmware to behave like (default: %(default)s)")
    add("--state", type=Path, metavar="FILE", help="keep the appliance in this file over restarts")
    add("--user", action="append", default=[], type=_checked(_pair), metavar="NAME:PASSWORD", dest="users")
    add("--permissions", action="append", default=[], type=_checked(_pair), metavar="NAME:PERM,PERM")
    add("--api-key", action="append", default=[], type=_checked(_pair), metavar="USER:KEY", dest="api_keys")
    add("--api-disabled", action="store_true", help="begin with the API switched off")
    add("--servers-down", action="store_true", help="no server answers its health checks")
    add("--network", action="append", default=[], metavar="CIDR", dest="networks", help="a local network")
    add("--data-plane", action="store_true", help="carry the traffic of the services, by HAProxy")
    add("--health-speed", type=float, default=None, metavar="N", help="health checks of the data plane N times faster")
    add(
        "--map",
        action="append",
        default=[],
        type=_checked(_mapping),
        metavar="ADDRESS=ADDRESS",
        dest="addresses",
        help="where the data plane has an address of services or servers on this machine",
    )
    add("--port-offset", type=int, default=None, metavar="N", help="added to the ports that services listen on")
    add("--server-port-offset", type=int, default=None, metavar="N", help="added to the ports of servers")
    add("--client-ca", type=Path, metavar="FILE", help="accept client certificates of this CA")
    add("--quirk", action="append", default=[], metavar="NAME[=VALUE]", dest="quirks")
    add("--fault", action="append", default=[], type=_checked(Fault.from_text), metavar="kind=...,...", dest="faults")
    add("--journal", type=Path, metavar="FILE.jsonl", help="append every call to this file")
    add("--certificate-out", type=Path, metavar="FILE", help="write the certificate here")
    add("--ready-file", type=Path, metavar="FILE", help="write the address here once it listens")
    return parser


def _emulator(options: argparse.Namespace) -> Emulator:
    quirks = Quirks()
    for quirk in options.quirks:
        name, _unused, value = quirk.partition("=")
        quirks = quirks.changed(name, value)
    keys: dict[str, list[str]] = {}
    for user, key in options.api_keys:
        keys.setdefault(user, []).append(key)
    emulator = Emulator(
        data_plane=_data_plane(options),
        firmware=options.firmware,
        host=options.host,
        port=options.port,
        state=options.state,
        users=dict(options.users),
        api_keys=keys,
        quirks=quirks,
        api_enabled=not options.api_disabled,
        permissions={user: words.split(",") for user, words in options.permissions},
        servers_up=not options.servers_down,
        networks=options.networks,
        client_ca=options.client_ca,
        journal_file=options.journal,
    )
    for fault in options.faults:
        emulator.faults.add(fault)
    return emulator


def _data_plane(options: argparse.Namespace) -> DataPlane | None:
    """The data plane that is asked for; its options without it would do nothing, which is said."""
    details = (options.health_speed, options.port_offset, options.server_port_offset)
    if not options.data_plane:
        if options.addresses or any(value is not None for value in details):
            raise ValueError("--health-speed, --map, --port-offset and --server-port-offset take --data-plane")
        return None
    places = Places(dict(options.addresses), options.port_offset or 0, options.server_port_offset or 0)
    return DataPlane(places, 1.0 if options.health_speed is None else options.health_speed)


def _announce(emulator: Emulator, options: argparse.Namespace) -> None:
    if options.certificate_out:
        options.certificate_out.write_text(emulator.certificate, encoding="ascii")
    print(
        f"LoadMaster emulator listening on {emulator.url}, firmware {emulator.firmware}, "
        f"certificate SHA-256 {emulator.fingerprint}",
        flush=True,
    )
    if options.ready_file:
        _write_at_once(options.ready_file, emulator.url + "\n")


def _write_at_once(path: Path, text: str) -> None:
    """Write a file that appears complete or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(name, path)


def _pair(text: str) -> tuple[str, str]:
    left, colon, right = text.partition(":")
    if not (left and colon and right):
        raise ValueError(f"{text!r} is not two values with a colon between them")
    return left, right


def _mapping(text: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} is not two addresses with an equals sign between them")
    for address in (left, right):
        ipaddress.ip_address(address)
    return left, right


def _checked(convert: Callable[[str], _T]) -> Callable[[str], _T]:
    """Let argparse show the sentence of a ValueError instead of its own."""

    def checked(text: str) -> _T:
        try:
            return convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked
