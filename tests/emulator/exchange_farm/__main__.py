# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m exchange_farm 127.0.31.1 127.0.31.2``: run Exchange servers until a signal ends them.

``python -m exchange_farm break EX1 ews 503`` and ``python -m exchange_farm repair EX1`` tell servers that are running.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from exchange_farm.control import Control, ControlError, ask, usual_path
from exchange_farm.farm import Farm
from exchange_farm.mail import DIALOGUES
from exchange_farm.protocols import PROTOCOLS, Ports

_ENDING = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the servers, or tell those that are running what to break; the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _tell(given) if given[:1] in (["break"], ["repair"]) else _run(given)
    except ControlError as error:
        print(f"exchange_farm: {error}", file=sys.stderr)
        return 1


def _tell(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="exchange_farm",
        description="Break or repair a server of a farm that is running, or one of its protocols.",
        epilog=f"Protocols: {', '.join((*PROTOCOLS, *DIALOGUES))}.",
    )
    what = parser.add_subparsers(dest="what", required=True)
    breaking = what.add_parser("break", help="crash a server, or break one of its protocols")
    repairing = what.add_parser("repair", help="repair a server, or one of its protocols")
    for each in (breaking, repairing):
        each.add_argument("server", metavar="SERVER", help="such as EX1")
        each.add_argument("protocol", nargs="?", metavar="PROTOCOL", help="such as ews; without it the whole server")
        each.add_argument("--control", metavar="FILE", default=usual_path(), help="the socket of the farm")
    breaking.add_argument(
        "fault", nargs="?", default="close", metavar="FAULT", help="an HTTP status, close, or hang; without it, close"
    )
    breaking.add_argument("--page-only", action="store_true", help="break the health page alone")
    options = vars(parser.parse_args(given))
    print(ask(options.pop("control"), options))
    return 0


def _run(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="exchange_farm",
        description="Exchange servers to put behind a load balancer, one on each address.",
        epilog="While they run: exchange_farm break SERVER [PROTOCOL [FAULT]], exchange_farm repair SERVER [PROTOCOL].",
    )
    parser.add_argument("addresses", nargs="+", metavar="ADDRESS", help="an address of this machine for each server")
    parser.add_argument("--port-offset", type=int, default=0, metavar="N", help="added to every port")
    parser.add_argument("--control", metavar="FILE", default=usual_path(), help="the socket for break and repair")
    options = parser.parse_args(given)
    # Blocked before any thread starts, so that the signals wait for the one place that takes them
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    farm = Farm(options.addresses, Ports().shifted(options.port_offset))
    try:
        farm.start()
    except OSError as error:
        print(f"exchange_farm: {error}", file=sys.stderr)
        return 1
    try:
        with Control(farm, options.control):
            for server in farm.servers:
                print(f"{server.name} on {server.address}, HTTPS on port {server.ports.https}", flush=True)
            signal.sigwait(_ENDING)
    finally:
        farm.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
