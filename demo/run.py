# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show what the collection does: three playbooks against an emulated LoadMaster, and the same three once more.

Where HAProxy is installed, the emulated LoadMaster carries traffic, and a client asks Exchange servers through it.
DEMO_VERBOSE=1 shows what Ansible itself prints.
"""

from __future__ import annotations

import datetime
import http.client
import json
import os
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from exchange_farm import Farm, Ports

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "integration"))

from runner import Playbook, Run  # noqa: E402 - it lies where the line above points

VERBOSE = os.environ.get("DEMO_VERBOSE") == "1"
COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
PLAYBOOKS = {
    "kemp.loadmaster.general_settings": "1. General settings, with the profile for Exchange",
    "kemp.loadmaster.exchange2013_l4": "2. Exchange at layer 4: TLS passthrough (the WUI shows it as L7)",
    "kemp.loadmaster.exchange2013_l7": "3. Exchange at layer 7 with a certificate, at another address",
}
SHOW = "kemp.loadmaster.show"
CERTIFICATE = {
    "hosts": "loadmasters",
    "gather_facts": False,
    "tasks": [
        {
            "name": "install",
            "kemp.loadmaster.certificate": {"name": "mail-2026", "certificate": "{{ text }}"},
            "no_log": True,
        }
    ],
}
# A run creates many of these, and their names are enough
MANY = ("content rule", "SubVS")
# What to type after the demonstration
NEXT = {
    "less docs/first-steps.md": "your first service in five minutes",
    "less docs/exchange2013_l7.md": "Exchange at layer 7 with a certificate",
    "make test": "all checks and tests",
}
LONGEST_START = 30.0
LONGEST_FAILOVER = 20.0
SERVICE = "192.0.2.26"
SERVERS = ("192.0.2.31", "192.0.2.32")
# On this machine the addresses of the demonstration are others, and no one but root may listen below port 1024
NETWORK = f"127.{100 + os.getpid() // 256 % 120}.{os.getpid() % 256}"
HERE_INSTEAD = {address: f"{NETWORK}.{address.rpartition('.')[2]}" for address in ("192.0.2.25", SERVICE, *SERVERS)}
PORT_OFFSET = 20000
HEALTH_SPEED = 20


class Unsuccessful(Exception):
    """The demonstration failed; the message says what happened."""


def main() -> int:
    """Run the demonstration and return the exit code."""
    since = time.monotonic()
    # Started in the background by a shell, this process would otherwise not hear of Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with (
            tempfile.TemporaryDirectory(prefix="loadmaster-demo-") as folder,
            exchange() if has_haproxy() else nullcontext() as farm,
            emulator(Path(folder), traffic=farm is not None) as lines,
        ):
            demonstrate(Path(folder), lines)
            heading("Requests through the LoadMaster")
            if farm is None:
                say("Skipped: traffic through the emulated LoadMaster requires HAProxy, which is not installed.")
            else:
                send_requests(farm)
    except Unsuccessful as problem:
        print(f"\nThe demonstration failed. {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The emulator is stopped as well.", file=sys.stderr)
        return 130
    say(f"\nDone in {time.monotonic() - since:.0f} seconds. The emulator is stopped, nothing is left behind.")
    heading("Next")
    show(f"{command:<{max(map(len, NEXT))}}  {what}" for command, what in NEXT.items())
    return 0


def has_haproxy() -> bool:
    """Return whether there is something to carry traffic with."""
    # On Debian it is where only root looks
    return shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin") is not None


def exchange() -> Farm:
    """Return the Exchange servers, to be started by a ``with`` block."""
    return Farm([HERE_INSTEAD[address] for address in SERVERS], Ports().shifted(PORT_OFFSET))


@contextmanager
def emulator(folder: Path, traffic: bool) -> Iterator[Path]:
    """Start an emulated LoadMaster, write an inventory for it, yield the journal of its calls, and stop it again."""
    password = secrets.token_urlsafe(12)
    ready, journal, log = folder / "ready", folder / "journal.jsonl", folder / "emulator.log"
    command = [sys.executable, "-m", "loadmaster_emulator", "--port", "0", "--user", f"bal:{password}"]
    command += ["--ready-file", str(ready), "--journal", str(journal)]
    if traffic:
        command += ["--data-plane", "--health-speed", str(HEALTH_SPEED)]
        command += ["--port-offset", str(PORT_OFFSET), "--server-port-offset", str(PORT_OFFSET)]
        command += [f"--map={address}={here}" for address, here in HERE_INSTEAD.items()]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + LONGEST_START
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise Unsuccessful(f"The emulator does not start: {log.read_text(encoding='utf-8').strip()}")
            time.sleep(0.05)
        announcement = log.read_text(encoding="utf-8").strip()
        port = ready.read_text(encoding="utf-8").strip().rpartition(":")[2]
        write_inventory(folder, int(port), password, announcement.rpartition(" ")[2])
        heading("A LoadMaster")
        say(f"An emulated LoadMaster listens on 127.0.0.1, port {port}. Nothing outside this machine changes.")
        say("It has a self-signed certificate, like a new appliance; the inventory pins its fingerprint.")
        yield journal
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def write_inventory(folder: Path, port: int, password: str, fingerprint: str) -> None:
    """Write what a user's inventory says about one LoadMaster, and the variables of the demonstration next to it."""
    lm1 = {
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": "bal",
        "ansible_password": password,
        "loadmaster_fingerprint": fingerprint,
    }
    inventory = {"all": {"children": {"loadmasters": {"hosts": {"lm1": lm1}}}}}
    (folder / "inventory.json").write_text(json.dumps(inventory, indent=2), encoding="utf-8")
    shutil.copytree(HERE / "group_vars", folder / "group_vars")


def demonstrate(folder: Path, journal: Path) -> None:
    """Run the playbooks twice and show what that changes."""
    playbook = Playbook(folder / "runs", dict)

    def run(source: Any, **options: Any) -> tuple[Run, int]:
        calls = number_of_calls(journal)
        done = playbook(source, inventory=folder / "inventory.json", **options)
        if VERBOSE:
            print(f"\n{done.output.strip()}\n", flush=True)
        if done.rc:
            failed = "; ".join(task.msg for task in done.failed)
            raise Unsuccessful(f"{done.command[-1]} ended with an error. {failed or done.output.strip()}")
        return done, number_of_calls(journal) - calls

    try:
        heading("The variables")
        say("demo/group_vars/loadmasters.yml:")
        wanted = (HERE / "group_vars" / "loadmasters.yml").read_text(encoding="utf-8").splitlines()
        show(line for line in wanted if line and not line.startswith(("#", "---")))

        run([CERTIFICATE], extra_vars={"text": certificate()})
        for name, title in PLAYBOOKS.items():
            heading(title)
            say(f"ansible-playbook {name}")
            done, calls = run(name)
            show(changes(done))
            say(f"{api_calls(calls)}, {done.seconds:.1f} s.")

        heading("What the LoadMaster serves now")
        say(f"ansible-playbook {SHOW}")
        served, _calls = run(SHOW)
        show(line for task in served.results for line in task.result.get("msg") or [])

        heading("The same playbooks again")
        again = {name: run(name) for name in PLAYBOOKS}
        for name, (done, calls) in again.items():
            say(f"{name}: changed={done.changed}, {api_calls(calls)}, {done.seconds:.1f} s")
        restless = [name for name, (done, _calls) in again.items() if done.changed]
        if restless:
            raise Unsuccessful(f"The second run of {' and '.join(restless)} changed something, and must not.")
        say("The second run changed nothing.")
    finally:
        playbook.close()


def send_requests(farm: Farm) -> None:
    """Ask the service at layer 7 as a client does, and once more when a protocol of a server has failed."""
    say(
        f"{SERVICE} port 443 is {HERE_INSTEAD[SERVICE]} port {443 + PORT_OFFSET} on this machine, with two servers behind it."
    )
    for path in ("/owa/", "/EWS/Exchange.asmx"):
        status, server = ask(path)
        say(f"  GET https://{SERVICE}{path}: {status}, answered by {server or 'no server'}")
        if status != 200:
            raise Unsuccessful("The service does not answer correctly.")
    broken, other = (each.name for each in farm.servers)
    farm[broken].break_("ews", 503)
    since = time.monotonic()
    # One request after the other, so that with both servers in use every second one reaches each
    while {ask("/EWS/Exchange.asmx") for _unused in range(4)} != {(200, other)}:
        if time.monotonic() - since > LONGEST_FAILOVER:
            raise Unsuccessful(f"EWS has failed on {broken}, and requests still reach it.")
        time.sleep(0.1)
    owa = sorted({server for _status, server in (ask("/owa/") for _unused in range(4))})
    say(
        f"EWS fails on {broken}: {other} answers all of it {time.monotonic() - since:.1f} s later, OWA is on {' and '.join(owa)}."
    )
    say(f"Health checks run {HEALTH_SPEED} times faster here than on an appliance.")


def ask(path: str) -> tuple[int, str]:
    """Return the status of an answer of the service at layer 7, and the server that gave it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(HERE_INSTEAD[SERVICE], 443 + PORT_OFFSET, timeout=10, context=context)
    try:
        connection.request("GET", path, headers={"Host": "mail.example.com"})
        response = connection.getresponse()
        response.read()
        return response.status, response.getheader("X-FEServer", "")
    except (OSError, http.client.HTTPException) as error:
        raise Unsuccessful(f"The service does not answer at {path}: {error}") from error
    finally:
        connection.close()


def certificate() -> str:
    """Return a certificate for the mail service, self-signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.com")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    form, pem = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    return (made.public_bytes(pem) + key.private_bytes(pem, form, serialization.NoEncryption())).decode()


def changes(done: Run) -> Iterator[str]:
    """Yield what a run changed, in the order in which it did, a line for each object and one for objects of a kind."""
    seen: dict[str, list[str]] = {}
    for result in done.results:
        for step in result.result.get("steps", []):
            seen.setdefault(step["object"], []).append(step["reason"])
    kinds: dict[str, list[str]] = {}
    for name in seen:
        kind = next((kind for kind in MANY if name.startswith(kind)), "")
        kinds.setdefault(kind or name, []).append(name.removeprefix(f"{kind} ").partition(" of ")[0])
    for kind, names in kinds.items():
        if kind in MANY:
            listed = ", ".join(names)
            yield f"{len(names)} {kind}s: {listed if len(listed) < 85 else f'{names[0]} and {len(names) - 1} more'}"
            continue
        # What belongs to making something is not told besides
        reasons = seen[kind][:1] if seen[kind][0] in ("create it", "add it") else seen[kind]
        yield from (f"{kind}: {reason}" for reason in reasons)


def number_of_calls(journal: Path) -> int:
    """Return how many API calls the LoadMaster has answered."""
    return len(journal.read_text(encoding="utf-8").splitlines()) if journal.exists() else 0


def api_calls(number: int) -> str:
    """Return a number of API calls in words."""
    return f"{number} API call{'' if number == 1 else 's'}"


def heading(text: str) -> None:
    """Print the heading of a part."""
    say(f"\n\033[1m{text}\033[0m" if COLOUR else f"\n{text}\n{'-' * len(text)}")


def show(lines: Iterator[str]) -> None:
    """Print lines that are data."""
    for line in lines:
        say(f"  {line}")


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
