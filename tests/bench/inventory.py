# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory plugin costs on many LoadMasters, beside what cannot cost less: ``PYTHONPATH=tests python -m bench.inventory``.

The limit is FACTOR times what an empty ``ansible-inventory --list`` and one call to each appliance take together. ``script``
is core alone: the same hosts, groups and variables, which an inventory script prints from a file. ``bare`` is core alone with
the names of the hosts, without groups and variables.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from .farm import PASSWORD, USER, Farm, Place

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
FACTOR = 2.5
SERVERS_OF_A_SERVICE = 10

CALLS = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import requests

def call(place):
    with requests.Session() as session:
        session.trust_env = False
        session.verify, session.auth = place["ca"], (place["user"], place["password"])
        answer = session.post(place["url"], json={"cmd": "listvs"}, timeout=60)
        answer.raise_for_status()
        return len(answer.json()["VS"])

with open(sys.argv[1]) as file:
    places = json.load(file)
with ThreadPoolExecutor(20) as pool:
    print(sum(pool.map(call, places)))
"""


def main() -> int:
    """Measure, print a table, and return 1 where --host or --graph takes more than the limit."""
    parser = argparse.ArgumentParser(prog="python -m bench.inventory", description=__doc__.splitlines()[0])
    parser.add_argument("--loadmasters", type=int, default=50)
    parser.add_argument("--servers", type=int, default=200, help="real servers of each LoadMaster")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="loadmaster-bench-") as name, Farm() as farm:
        folder = Path(name)
        places = farm.open(options.loadmasters)
        _settle(farm, options.loadmasters, options.servers)
        ways = _prepare(folder, places)
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(options.rounds + 1):
            for way, command in ways.items():
                cost = _measured(folder, command)
                if number:
                    taken[way].append(cost)
    return _report({way: statistics.median(costs) for way, costs in taken.items()})


def _settle(farm: Farm, loadmasters: int, servers: int) -> None:
    """Give each appliance services with servers that no other one has."""
    for lm in range(loadmasters):
        calls = []
        for number in range(servers):
            service, place = divmod(number, SERVERS_OF_A_SERVICE)
            own = {"vs": f"192.0.2.{service + 1}", "port": "80", "prot": "tcp"}
            if not place:
                calls.append(("addvs", {**own, "nickname": f"Service {service}"}))
            calls.append(("addrs", {**own, "rs": f"10.{lm}.{service}.{place + 1}", "rsport": "80", "non_local": "1"}))
        farm.carry_out(calls, lm)


def _prepare(folder: Path, places: Sequence[Place]) -> dict[str, list[str]]:
    """Write what the ways need; returns the command of each."""
    (folder / "ansible.cfg").touch()
    (folder / "empty.yml").write_text("all: {}\n", encoding="utf-8")
    entries = [
        {"name": f"lm{number}", "host": "127.0.0.1", "host_port": place.port, "fingerprint": place.fingerprint}
        for number, place in enumerate(places)
    ]
    content = {
        "plugin": "kemp.loadmaster.loadmaster",
        "loadmasters": entries,
        "defaults": {"username": USER, "password": PASSWORD},
    }
    kept = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder / "cache")}
    (folder / "fleet.loadmaster.yml").write_text(json.dumps(content), encoding="utf-8")
    (folder / "kept.loadmaster.yml").write_text(json.dumps({**content, **kept}), encoding="utf-8")
    targets = [
        {
            "url": f"https://127.0.0.1:{place.port}/accessv2",
            "user": USER,
            "password": PASSWORD,
            "ca": str(place.certificate_file),
        }
        for place in places
    ]
    (folder / "places.json").write_text(json.dumps(targets), encoding="utf-8")
    (folder / "calls.py").write_text(CALLS, encoding="utf-8")
    fleet = [str(BIN / "ansible-inventory"), "-i", "fleet.loadmaster.yml"]
    listed = subprocess.run(
        [*fleet, "--list"], cwd=folder, env=_environment(folder), capture_output=True, text=True, check=True
    )
    (folder / "listed.json").write_text(json.dumps(_plain(json.loads(listed.stdout))), encoding="utf-8")
    hosts = json.loads(listed.stdout)["_meta"]["hostvars"]
    (folder / "bare.ini").write_text("\n".join(hosts), encoding="utf-8")
    script = folder / "script.sh"
    script.write_text('#!/bin/sh\n[ "$1" = --list ] && cat listed.json || echo "{}"\n', encoding="utf-8")
    script.chmod(0o755)
    return {
        "empty": [str(BIN / "ansible-inventory"), "-i", "empty.yml", "--list"],
        "calls": [sys.executable, "calls.py", "places.json"],
        "--host": [*fleet, "--host", "10.0.0.1"],
        "--graph": [*fleet, "--graph"],
        "--list": [*fleet, "--list"],
        "--list, cached": [*fleet[:2], "kept.loadmaster.yml", "--list"],
        "script --graph": [*fleet[:2], str(script), "--graph"],
        "script --list": [*fleet[:2], str(script), "--list"],
        "bare --list": [*fleet[:2], "bare.ini", "--list"],
    }


def _plain(value: object) -> object:
    """Return a listing without the marks that core puts on texts."""
    if isinstance(value, dict):
        if set(value) == {"__ansible_unsafe"}:
            return value["__ansible_unsafe"]
        return {name: _plain(member) for name, member in value.items() if name != "profile"}
    return [_plain(member) for member in value] if isinstance(value, list) else value


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "LOADMASTER_"))}
    return {
        **kept,
        "HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
    }


def _measured(folder: Path, command: Sequence[str]) -> float:
    """Run a command to its end, and return the seconds that it took."""
    result = folder / "result.json"
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(HERE / "launcher.py"), str(result), *command],
        cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stdout[-500:]}{done.stderr[-2000:]}")
    return float(json.loads(result.read_text(encoding="utf-8"))["wall"])


def _report(medians: Mapping[str, float]) -> int:
    limit = FACTOR * (medians["empty"] + medians["calls"])
    print(f"The limit is {FACTOR} x (empty + calls) = {limit:.2f} s")
    for way, seconds in medians.items():
        print(f"{way:16} {seconds:7.2f} s   {seconds / limit:5.2f} of the limit")
    # What --list takes is core's: it writes out all variables of all hosts
    return int(any(medians[way] > limit for way in ("--host", "--graph")))


if __name__ == "__main__":
    sys.exit(main())
