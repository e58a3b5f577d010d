# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site to send requests through: Exchange servers, an emulated LoadMaster that carries traffic, and clients.

All of it is on addresses 127.x.y.z that no other process with these tests has.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from authority import Issued, issue
from exchange_farm import Farm, Ports

from loadmaster_emulator import DataPlane, Emulator, Places
from runner import Playbook, Run

USER = "bal"
PASSWORD = "secret-of-bal"
HOST = "mail.example.com"
CERTIFICATE = "mail-2026"
SPEED = 15.0
LONGEST = 20.0
#: The longest that a server stays in after it broke, by the times that Kemp documents, with a busy machine in mind.
WINDOW = 18 / SPEED + 3
#: How the end of a connection in the middle of an answer looks to a client.
CUT = (ConnectionError, ssl.SSLError, http.client.IncompleteRead)
#: No one but root may listen below 1024: for others everything is so much higher.
OFFSET = 0 if os.geteuid() == 0 else 20000


def network() -> str:
    """The first three parts of the addresses of this process."""
    number = os.getpid() % (120 * 256)
    return f"127.{100 + number // 256}.{number % 256}"


@dataclass(frozen=True)
class Answer:
    """What a client got."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def server(self) -> str:
        """The server that answered, or nothing where none did."""
        return self.header("X-FEServer") or ""

    @property
    def protocol(self) -> str:
        """The protocol that the server answered as."""
        return self.header("X-Protocol") or ""


@dataclass
class Site:
    """The servers, the LoadMaster, and what is done with them."""

    farm: Farm
    lm: Emulator
    playbook: Playbook
    authority: Issued
    certificate: Issued
    net: str = field(default_factory=network)

    def address(self, last: int) -> str:
        """An address of this site by its last part."""
        return f"{self.net}.{last}"

    @property
    def servers(self) -> list[str]:
        """The addresses of the servers."""
        return [server.address for server in self.farm.servers]

    def deploy(self, name: str, **variables: Any) -> Run:
        """Run a playbook of the collection."""
        return self.playbook(f"kemp.loadmaster.{name}", extra_vars=variables).succeeded()

    def settle(self) -> None:
        """Wait until what was written last is in force."""
        self.lm.call("vstotals")

    @contextmanager
    def changed(self, vip: str, name: str = "", port: int = 443, **settings: Any) -> Iterator[None]:
        """A service, or SubVS, with other settings for a while."""
        record = self.sub(vip, name) if name else self.service(vip, port)
        spellings = {key.lower(): value for key, value in record.items()}
        former = {key: spellings.get(key, "") for key in settings}
        self.lm.call("modvs", vs=record["Index"], **settings)
        self.settle()
        try:
            yield
        finally:
            self.lm.call("modvs", vs=record["Index"], **former)
            self.settle()

    @contextmanager
    def parameter(self, name: str, value: Any, former: Any) -> Iterator[None]:
        """A global parameter with another value for a while."""
        self.lm.call("set", param=name, value=value)
        self.settle()
        try:
            yield
        finally:
            self.lm.call("set", param=name, value=former)
            self.settle()

    @contextmanager
    def disabled(
        self, server: str, vip: str, name: str = "", port: int = 443, server_port: int = 443
    ) -> Iterator[None]:
        """A server that is disabled in a service, or SubVS, for a while."""
        record = self.sub(vip, name) if name else self.service(vip, port)
        place = {"vs": record["Index"], "rs": self.farm[server].address, "rsport": server_port}
        self.lm.call("modrs", **place, enable=0)
        self.settle()
        try:
            yield
        finally:
            self.lm.call("modrs", **place, enable=1)
            self.settle()

    # -- clients ----------------------------------------------------------------------------------------------

    def connect(
        self,
        vip: str,
        port: int = 443,
        *,
        tls: bool = True,
        client: str | None = None,
        name: str = HOST,
        context: ssl.SSLContext | None = None,
        timeout: float = LONGEST,
    ) -> socket.socket:
        """A connection to a service, from an address of the client's own."""
        source = (client or self.address(201), 0)
        plain = socket.create_connection((vip, port + OFFSET), timeout, source_address=source)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not tls:
            return plain
        try:
            return (context or trusting()).wrap_socket(plain, server_hostname=name)
        except BaseException:
            plain.close()
            raise

    def presented(self, vip: str, port: int = 443) -> str:
        """The certificate that a client is shown, in PEM."""
        with closing(self.connect(vip, port)) as connected:
            return ssl.DER_cert_to_PEM_cert(connected.getpeercert(binary_form=True))  # type: ignore[attr-defined]

    @contextmanager
    def session(self, vip: str, port: int = 443, **more: Any) -> Iterator[Session]:
        """One connection that carries several requests."""
        session = Session(self.connect(vip, port, **more))
        try:
            yield session
        finally:
            session.close()

    def get(
        self, vip: str, path: str, *, port: int = 443, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Answer:
        """The answer to one request on a connection of its own."""
        with self.session(vip, port, **more) as session:
            return session.get(path, headers=headers)

    def outcome(self, vip: str, path: str, **more: Any) -> Answer | None:
        """The answer to one request, or nothing where the connection ended without one."""
        try:
            return self.get(vip, path, **more)
        except (ConnectionError, http.client.RemoteDisconnected, ssl.SSLEOFError):
            return None

    def spread(self, vip: str, path: str, number: int = 12, **more: Any) -> list[str]:
        """The servers that answer so many requests, each on a connection of its own; nothing where none did."""
        return [self.get(vip, path, **more).server for _unused in range(number)]

    # -- what the LoadMaster thinks -----------------------------------------------------------------------------

    def service(self, vip: str, port: int = 443) -> dict[str, Any]:
        """A service as the API shows it."""
        return self.lm.call("showvs", vs=vip, port=port, prot="tcp")

    def sub(self, vip: str, name: str) -> dict[str, Any]:
        """A SubVS as the API shows it."""
        slot = next(slot for slot in self.service(vip)["SubVS"] if slot["Name"] == name)
        return self.lm.call("showvs", vs=slot["VSIndex"])

    def statuses(self, vip: str, name: str = "", port: int = 443) -> dict[str, str]:
        """The status of each server of a service or SubVS, by its name in the farm."""
        record = self.sub(vip, name) if name else self.service(vip, port)
        names = {server.address: server.name for server in self.farm.servers}
        return {names[server["Addr"]]: server["Status"] for server in record.get("Rs", [])}

    def healthy(self, vip: str) -> bool:
        """Whether every server of a service is up in every place."""
        record = self.service(vip)
        names = [slot["Name"] for slot in record.get("SubVS", [])] or [""]
        return all(set(self.statuses(vip, name).values()) == {"Up"} for name in names)

    def wait(self, condition: Callable[[], bool], what: str, timeout: float = LONGEST) -> float:
        """Wait until a condition holds; how long that took."""
        since = time.monotonic()
        while not condition():
            assert time.monotonic() - since < timeout, f"{what}: not within {timeout:.0f} s"
            time.sleep(0.05)
        return time.monotonic() - since


class Session:
    """A connection that carries one request after the other."""

    def __init__(self, connected: socket.socket) -> None:
        self._http = http.client.HTTPConnection("unused")
        self._http.auto_open = 0
        self._http.sock = connected
        self.socket = connected

    def start(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> http.client.HTTPResponse:
        """Send a request as it is, and come back when the head of its answer is there."""
        sent = {"Host": HOST, **(headers or {})}
        if hasattr(body, "__next__"):
            sent.setdefault("Transfer-Encoding", "chunked")
        elif body is not None:
            sent.setdefault("Content-Length", str(len(body)))
        self._http.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            self._http.putheader(name, value)
        self._http.endheaders(body, encode_chunked="Transfer-Encoding" in sent)
        return self._http.getresponse()

    def send(self, method: str, path: str, **more: Any) -> Answer:
        """The whole answer to a request."""
        response = self.start(method, path, **more)
        return Answer(response.status, tuple(response.getheaders()), response.read())

    def get(self, path: str, **more: Any) -> Answer:
        """The whole answer to a GET."""
        return self.send("GET", path, **more)

    def closed_after(self, timeout: float) -> float:
        """How long it takes the other side to close a silent connection."""
        since = time.monotonic()
        self.socket.settimeout(timeout)
        try:
            left = self.socket.recv(1)
        except (ConnectionError, ssl.SSLError):
            left = b""
        assert left == b"", "something was sent on a silent connection"
        return time.monotonic() - since

    def close(self) -> None:
        """End the connection."""
        self._http.close()


def trusting() -> ssl.SSLContext:
    """A client that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def running_site(folder: Path, servers: int = 3, *, health_speed: float = SPEED) -> Iterator[Site]:
    """A site with nothing deployed yet but the certificate. Its authority vouches for clients, too."""
    net = network()
    authority = issue("Example Authority", ca=True)
    certificate = issue(HOST, authority)
    addresses = [f"{net}.{31 + number}" for number in range(servers)]
    places = Places(port_offset=OFFSET, server_port_offset=OFFSET)
    data_plane = DataPlane(places, health_speed)
    users = {USER: PASSWORD}
    with (
        Farm(addresses, Ports().shifted(OFFSET), authority.pem) as farm,
        Emulator(users=users, data_plane=data_plane) as lm,
    ):
        lm.call("addcert", cert=CERTIFICATE, replace=0, data=(certificate.pem + certificate.key).encode())
        playbook = Playbook(folder, lambda: inventory(lm))
        try:
            yield Site(farm, lm, playbook, authority, certificate, net)
        finally:
            playbook.close()


def inventory(lm: Emulator) -> dict[str, Any]:
    """What a user's inventory says about the LoadMaster."""
    lm1 = {
        "ansible_host": lm.host,
        "ansible_port": lm.port,
        "ansible_user": USER,
        "ansible_password": PASSWORD,
        "loadmaster_ca_path": lm.certificate_file,
    }
    return {"all": {"children": {"loadmasters": {"hosts": {"lm1": lm1}}}}}
