# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m exchange_farm 127.0.31.1 127.0.31.2``: run Exchange servers until a signal ends them."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from exchange_farm.farm import Farm
from exchange_farm.protocols import Ports

_ENDING = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the servers; the exit code."""
    parser = argparse.ArgumentParser(
        prog="exchange_farm", description="Exchange servers to put behind a load balancer, one on each address."
    )
    parser.add_argument("addresses", nargs="+", metavar="ADDRESS", help="an address of this machine for each server")
    parser.add_argument("--port-offset", type=int, default=0, metavar="N", help="added to every port")
    options = parser.parse_args(arguments)
    # Blocked before any thread starts, so that the signals wait for the one place that takes them
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    farm = Farm(options.addresses, Ports().shifted(options.port_offset))
    try:
        farm.start()
    except OSError as error:
        print(f"exchange_farm: {error}", file=sys.stderr)
        return 1
    try:
        for server in farm.servers:
            print(f"{server.name} on {server.address}, HTTPS on port {server.ports.https}", flush=True)
        signal.sigwait(_ENDING)
    finally:
        farm.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
