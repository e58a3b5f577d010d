# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A constant load of HTTPS requests, and every single one that failed.

    with Load(address, port, ["/owa/x", "/ews/x"], rate=300) as load:
        ...  # change something
    load.all_answered()

Half of the clients open a connection for each request; the others keep theirs for a hundred requests, as long as
the other side does. Nothing is ever sent twice: a kept connection that is closed just as the next request comes is a
failure here, although RFC 9110 would let a client send it once more. The clients are a process of their own, so that
they do not wait for what the test does.
"""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_CLIENTS = 8
#: Every second client keeps its connection.
KEPT_CONNECTIONS = _CLIENTS // 2
_REQUESTS_ON_A_CONNECTION = 100
_TIMEOUT = 10.0
_LONGEST_END = 30.0
#: What counts as a load: this part of the rate that was asked for, over the whole time. Where the processors have
#: nothing left to give, since other tests run beside this one, less will do, but not next to nothing.
_LEAST_SHARE = 0.75
_BUSY = 0.9
_LEAST_WHERE_BUSY = 15.0
#: No one waits longer for an answer, even where the machine is busy.
_LONGEST_ANSWER = 5.0


@dataclass(frozen=True)
class Failure:
    """A request that was not answered as it should have been."""

    number: int
    """Every request of a load has its own, in its query as ``n``."""
    path: str
    kept: bool
    """Whether its connection had carried requests before."""
    reason: str
    begun: float
    """When it was sent, by the monotonic clock, which all processes share."""
    ended: float
    """When it was known that it had failed."""


@dataclass(frozen=True)
class Target:
    """Where requests go, and how many in a second."""

    address: str
    port: int
    paths: tuple[str, ...]
    rate: float = 300.0
    host: str = "mail.example.com"
    source: str = ""
    """The address that the clients have; nothing leaves it to the system."""


class Load:
    """Requests for the length of a ``with`` block. The figures are there after it."""

    def __init__(self, address: str, port: int, paths: Sequence[str], **more: Any) -> None:
        """Prepare the load; ``more`` are the other fields of a target."""
        self.target = Target(address, port, tuple(paths), **more)
        self.requests = 0
        """How many requests were sent."""
        self.seconds = 0.0
        """How long the load lasted."""
        self.busy = 0.0
        """The part of that time for which the processors of this machine were at work, for any program."""
        self.connections = 0
        """How many connections they were sent on."""
        self.slowest = 0.0
        """The longest time that a request took, in seconds."""
        self.failures: list[Failure] = []
        self.servers: dict[str, int] = {}
        """How many requests each server answered."""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Load:
        """Begin, and come back when the first requests are on their way."""
        command = [sys.executable, __file__, json.dumps(asdict(self.target))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "begun":
            self._process.kill()
            self._process.wait()
            raise RuntimeError("the clients do not start")
        return self

    def was_one(self) -> None:
        """Check that this was a load: enough requests a second, on new and on kept connections, none of them slow."""
        told = f"{self.requests} requests in {self.seconds:.1f} s, processors busy for {self.busy:.0%} of it"
        assert self.requests >= _LEAST_WHERE_BUSY * self.seconds, told
        assert self.requests >= _LEAST_SHARE * self.target.rate * self.seconds or self.busy > _BUSY, told
        assert self.requests // 10 < self.connections < self.requests
        assert self.slowest < _LONGEST_ANSWER, f"a request took {self.slowest:.1f} s"

    def all_answered(self) -> None:
        """Check that this was a load, and that every request was answered as it should be."""
        assert self.failures == []
        self.was_one()

    def __exit__(self, *unused: object) -> None:
        """End, and take in what the clients found."""
        assert self._process is not None
        try:
            told, _nothing = self._process.communicate("", timeout=_LONGEST_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        if self._process.returncode or not told:
            raise RuntimeError(f"the clients end with {self._process.returncode} instead of figures")
        found = json.loads(told)
        if found["faults"]:
            raise RuntimeError(f"a client ended too soon: {found['faults'][0]}")
        self.requests, self.connections, self.slowest = found["requests"], found["connections"], found["slowest"]
        self.seconds, self.busy = found["seconds"], found["busy"]
        self.servers = found["servers"]
        self.failures = [Failure(**failure) for failure in found["failures"]]


# -- in the process of the clients --------------------------------------------------------------------------------


@dataclass
class _Figures:
    requests: int = 0
    seconds: float = 0.0
    busy: float = 0.0
    faults: list[str] = field(default_factory=list)
    """Why clients ended that should not have."""
    connections: int = 0
    slowest: float = 0.0
    failures: list[dict[str, Any]] = field(default_factory=list)
    servers: dict[str, int] = field(default_factory=dict)


class _Clients:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._since = time.monotonic()
        self._processors = _processors()
        self._stopping = threading.Event()
        self._paths = zip(itertools.count(1), itertools.cycle(target.paths))
        self._lock = threading.Lock()
        self._figures = _Figures()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(_CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> _Figures:
        self._figures.seconds = time.monotonic() - self._since
        spent, idle = (now - before for now, before in zip(_processors(), self._processors, strict=True))
        self._figures.busy = 1 - idle / spent if spent else 0.0
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        return self._figures

    def _times(self, number: int) -> Iterator[float]:
        """When a client sends its requests: all clients together keep the rate."""
        step = _CLIENTS / self._target.rate
        return itertools.count(self._since + number * step / _CLIENTS, step)

    def _run(self, number: int) -> None:
        try:
            self._send(number)
        except BaseException:
            with self._lock:
                self._figures.faults.append(traceback.format_exc())

    def _send(self, number: int) -> None:
        keeps = number % 2 == 0
        connection: http.client.HTTPConnection | None = None
        carried = 0
        for moment in self._times(number):
            if self._stopping.wait(max(0.0, moment - time.monotonic())):
                break
            with self._lock:
                request, path = next(self._paths)
            sent = time.monotonic()
            reason = ""
            server = ""
            try:
                if connection is None:
                    carried = 0
                    connection = self._connected()
                numbered = f"{path}{'&' if '?' in path else '?'}n={request}"
                reason, server, closes = self._ask(connection, numbered)
            except (OSError, http.client.HTTPException) as error:
                reason, closes = f"{type(error).__name__}: {error}", True
            self._note(sent, request, path, carried > 0, reason, server)
            carried += 1
            if connection is not None and (closes or not keeps or carried >= _REQUESTS_ON_A_CONNECTION):
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _connected(self) -> http.client.HTTPConnection:
        target = self._target
        source = (target.source, 0) if target.source else None
        plain = socket.create_connection((target.address, target.port), _TIMEOUT, source_address=source)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = http.client.HTTPConnection(target.host)
        connection.auto_open = 0
        connection.sock = self._context.wrap_socket(plain, server_hostname=target.host)
        with self._lock:
            self._figures.connections += 1
        return connection

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> tuple[str, str, bool]:
        """Send a request: what is wrong with the answer, the server, and whether the connection ends with it."""
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        server = response.getheader("X-FEServer", "")
        if response.status != 200:
            return f"status {response.status}", server, response.will_close
        return "" if server and body.startswith(server.encode()) else "another answer", server, response.will_close

    def _note(self, sent: float, number: int, path: str, kept: bool, reason: str, server: str) -> None:
        ended = time.monotonic()
        with self._lock:
            self._figures.requests += 1
            self._figures.slowest = max(self._figures.slowest, ended - sent)
            self._figures.servers[server] = self._figures.servers.get(server, 0) + 1
            if reason:
                self._figures.failures.append(asdict(Failure(number, path, kept, reason, sent, ended)))


def _processors() -> tuple[int, int]:
    """The time that all processors have spent, and what they have idled away of it."""
    times = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return sum(times), times[3] + times[4]


def _main() -> None:
    given = json.loads(sys.argv[1])
    clients = _Clients(Target(**{**given, "paths": tuple(given["paths"])}))
    clients.start()
    print("begun", flush=True)
    sys.stdin.read()
    print(json.dumps(asdict(clients.stop())))


if __name__ == "__main__":
    _main()
