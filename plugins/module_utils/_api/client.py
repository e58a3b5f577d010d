# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Talk: authentication, TLS, time-outs, retries, pacing. Knows HTTP and the two API versions, knows no objects.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import socket
import ssl
import threading
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import wire
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import Connection, upload_fault
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.stray_headers import Response
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.trouble import Proxy, causes_of, of_tls
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AccessDenied,
    AnswerLost,
    InvalidOption,
    LoadMasterError,
    Refused,
    Unreachable,
    Unreadable,
    option,
)

REQUESTS_ERROR: str | None
try:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import InsecureRequestWarning
except ImportError:
    REQUESTS_ERROR = traceback.format_exc()
    HTTPAdapter = HTTPSConnection = HTTPSConnectionPool = object  # type: ignore[misc,assignment]
else:
    REQUESTS_ERROR = None

# The appliance drops connections above 30 calls in 3 seconds. The margin is for other clients.
BURST = 24
WINDOW = 3.0
# An answer may take this many times the time-out for one piece of it, and have this many bytes: more than a LoadMaster with
# a thousand services lists, and than a backup has.
LONGEST = 5
LARGEST = 256 * 2**20
PIECE = 2**16
# How often a read is retried if its answer was lost. Each try may cost the whole read time-out.
LOST_READS = 2


Decoded = TypeVar("Decoded")


class Client:
    """A conversation with one LoadMaster over one kept connection.

    ``calls`` counts the API calls that were sent. Use it as a context manager, or call ``close``.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if REQUESTS_ERROR is not None:
            raise InvalidOption("The Python library requests is needed where this task runs: pip install requests.")
        self.connection = connection
        self.calls = 0
        self._sleep = sleep
        self._pace = _Pace(sleep, clock)
        self._request_started = False
        self._understood = False
        self._proxy: Proxy | None = None
        # Whether the TCP connection, or the tunnel through a proxy, has reached the appliance
        self._arrived = False
        self._overdue = False
        self._aborted = False
        self._handle: socket.socket | None = None
        self._version = "v1" if connection.client_cert else connection.api_version
        self._session = self._open_session()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
        self._hold(None)

    def abort(self) -> None:
        """End the call that another thread waits for, and refuse all that follow. The thread gets a LoadMasterError."""
        self._aborted = True
        self._cut()

    @property
    def version(self) -> str:
        """Return the API version in use: v1, v2, or auto before the first call."""
        return self._version

    def read(self, command: str, parameters: Mapping[str, str] | None = None) -> wire.Answer:
        """Send a command that only reads. It is retried if the connection failed."""
        tries = min(self.connection.retries, LOST_READS) + 1
        for attempt in range(1, tries):
            try:
                return self._call(command, parameters or {}, wire.decode)
            except AnswerLost:
                self._sleep(_backoff(attempt))
        return self._call(command, parameters or {}, wire.decode)

    def write(self, command: str, parameters: Mapping[str, str], data: bytes | None = None) -> wire.Answer:
        """Carry out a command that changes something, with ``data`` as its upload. It is sent once at most.

        Raises AnswerLost where it may have been carried out, as after an answer that cannot be read: look before sending it
        again.
        """
        try:
            return self._call(command, parameters, wire.decode, data)
        except Unreadable as error:
            raise AnswerLost(error.sentence, command=command, http_status=error.http_status) from None

    def download(self, command: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """Return the file that a command sends back."""
        return self._call(command, parameters or {}, wire.decode_file)

    # --- the call, version by version ---------------------------------------------------------------------------

    def _call(
        self,
        command: str,
        parameters: Mapping[str, str],
        decoded: Callable[[str, int, bytes], Decoded],
        data: bytes | None = None,
    ) -> Decoded:
        if self._version != "auto":
            return self._exchange(self._version, command, parameters, data, decoded)
        try:
            answer = self._exchange(wire.V2, command, parameters, data, decoded)
            self._version = wire.V2
        except _NoSuchInterface:
            answer = self._exchange(wire.V1, command, parameters, data, decoded)
            self._version = wire.V1
        return answer

    def _exchange(
        self,
        version: str,
        command: str,
        parameters: Mapping[str, str],
        data: bytes | None,
        decoded: Callable[[str, int, bytes], Decoded],
    ) -> Decoded:
        response = self._send(version, command, parameters, data)
        try:
            answer = decoded(version, response.status_code, response.content)
            self._understood = True
            return answer
        except wire.Failure as failure:
            raise self._refusal(command, version, failure) from None
        except wire.NotAnAnswer as problem:
            # After one good answer, the address is known to be right
            doubt = "" if self._understood else " Is this the address of a LoadMaster, and its API port?"
            raise Unreadable(
                f"{self.connection.address} answered the command {command} with {problem}, which is not a reply of "
                f"the LoadMaster API.{doubt}",
                command=command,
                http_status=response.status_code,
            ) from None

    def _send(self, version: str, command: str, parameters: Mapping[str, str], data: bytes | None) -> Any:
        connection = self.connection
        headers = {}
        login = {"apikey": connection.api_key} if connection.api_key else {}
        if version == wire.V2:
            path, content = wire.encode_v2(command, {**parameters, **login}, data)
            headers["Content-Type"] = "application/json"
        else:
            fault = upload_fault(version, connection) if data is not None else ""
            if fault:
                raise InvalidOption(fault)
            path, content = wire.encode_v1(command, {**parameters, **login}, data)
            if data is not None:
                headers["Content-Type"] = "application/octet-stream"
        if connection.username and connection.password and not connection.api_key and not connection.client_cert:
            secret = f"{connection.username}:{connection.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(secret).decode("ascii")
        return self._post(command, f"https://{connection.address}{path}", content, headers)

    def _post(self, command: str, url: str, content: Any, headers: dict[str, str]) -> Any:
        """Send one request; retry only what never left this machine or was dropped before the appliance read it."""
        attempt = 0
        while True:
            self._pace.wait()
            if self._aborted:
                raise Unreachable(f"The connection to {self.connection.address} was closed here.", command=command)
            self._request_started = self._overdue = False
            try:
                with warnings.catch_warnings(), self._bounded():
                    warnings.simplefilter("ignore", InsecureRequestWarning)
                    response = self._session.post(
                        url,
                        data=content,
                        headers=headers,
                        timeout=(self.connection.connect_timeout, self.connection.timeout),
                        allow_redirects=False,
                        stream=True,
                    )
                    self._receive(response)
                self.calls += 1
                return response
            except requests.exceptions.RequestException as error:
                if self._request_started:
                    self.calls += 1
                    through = f" through {self._proxy}" if self._proxy else ""
                    raise AnswerLost(
                        f"The connection to {self.connection.address}{through} failed before the command {command} was answered"
                        f" ({self._reason(error)}).",
                        command=command,
                    ) from None
                problem = self._unreachable(command, error)
                if attempt == self.connection.retries or isinstance(problem, _Hopeless):
                    raise problem from None
                attempt += 1
                self._sleep(_backoff(attempt))

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """End a request that takes too long in all: each piece of an answer may come in time, and the last one never."""
        timer = threading.Timer(LONGEST * self.connection.timeout, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        """Close the socket, so that a pending read, tunnel or handshake fails."""
        self._overdue = True
        handle = self._handle
        if handle is not None:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

    def _hold(self, connected: socket.socket | None) -> None:
        """Keep a handle on a new TCP connection, which stands under whatever TLS makes of it."""
        if self._handle is not None:
            self._handle.close()
        self._handle = connected.dup() if connected is not None else None
        self._arrived = False

    def _reason(self, error: Exception) -> str:
        return "no answer in time" if self._overdue else _reason(error)

    def _receive(self, response: requests.Response) -> None:
        """Read the content of a response, up to the limits of size and time."""
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_content(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST:
                response.close()
                raise requests.exceptions.ContentDecodingError(f"its answer has more than {LARGEST // 2**20} MB")
        if self._overdue:
            # A truncated head can look complete: no further header, and no content
            raise requests.exceptions.ReadTimeout("it was cut off")
        response._content = b"".join(pieces)

    def _refusal(self, command: str, version: str, failure: wire.Failure) -> LoadMasterError:
        status, text, where = failure.status, failure.text, self.connection.address
        facts: dict[str, Any] = {"command": command, "http_status": status, "answer": text}
        if status == 401:
            return AccessDenied(
                f"{where} does not accept the credentials of {self.connection.login} (HTTP 401). "
                "Check username, password and API key.",
                **facts,
            )
        if status == 403:
            return AccessDenied(
                f"{where} does not let {self.connection.login} run the command {command} (HTTP 403). Give the user the "
                "permission on the LoadMaster (System Administration > User Management), or log in as another one.",
                **facts,
            )
        if status == 404 and not text:
            kind = _NoSuchInterface if self._version == "auto" and version == wire.V2 else AccessDenied
            return kind(
                f"{where} has no API {version} at this address (HTTP 404). Switch it on under Certificates & Security > Remote Access > "
                "Enable API Interface, check the port, and for API v2 that Session Management is on.",
                **facts,
            )
        if not text:
            text = "an error without a text"
        return Refused(f"the LoadMaster answered {text!r} (HTTP {status})", **facts)

    # --- TLS and failures ---------------------------------------------------------------------------------------

    def _open_session(self) -> requests.Session:
        connection = self.connection
        session = requests.Session()
        # Ignore .netrc and CA bundles of the environment. Its proxies are used, and looked up once.
        session.trust_env = False
        url = f"https://{connection.address}"
        session.proxies.update(requests.utils.get_environ_proxies(url))
        proxy = requests.utils.select_proxy(url, session.proxies)
        if proxy:
            self._proxy = Proxy.from_url(proxy if "://" in proxy else f"http://{proxy}", os.environ)
            if not self._proxy.is_readable:
                raise InvalidOption(
                    f"The URL of {self._proxy} cannot be read. It must be like http://proxy.example.com:3128, with a user and a "
                    "password as http://user:password@proxy.example.com:3128, in which / is %2F, @ is %40, : is %3A and # is %23. "
                    f"{self._proxy.way_around(connection.host)}"
                )
            if not self._proxy.is_http:
                raise InvalidOption(
                    f"For {connection.host} the environment names {self._proxy}, but only HTTP proxies can be used. "
                    f"{self._proxy.way_around(connection.host)}"
                )
        session.headers["User-Agent"] = "kemp.loadmaster"
        self._adapter = _Adapter(_tls_context(connection), connection.fingerprint, self)
        session.mount("https://", self._adapter)
        return session

    # The transport reports: a new TCP connection, the appliance reached, and a request written.

    def connected(self, connection: socket.socket) -> None:
        """Record a new TCP connection."""
        self._hold(connection)
        if self._aborted:
            self._cut()

    def arrived(self) -> None:
        """Record that further answers come from the appliance."""
        # A truncated answer may look complete
        self._arrived = not self._overdue

    def requested(self) -> None:
        """Record that the appliance may have read the request."""
        self._request_started = True

    def _unreachable(self, command: str, error: Exception) -> LoadMasterError:
        where = self.connection.address
        causes = list(causes_of(error))
        if self._proxy and not self._arrived:
            sentence, may_help = self._proxy.failure(where, self.connection.host, self._reason(error), causes)
            return (Unreachable if may_help else _Wrong)(sentence, command=command)
        verification = next((c for c in causes if isinstance(c, ssl.SSLCertVerificationError)), None)
        if verification is not None:
            return _Wrong(self._untrusted(verification.verify_message or str(verification)), command=command)
        if self.connection.fingerprint and "Fingerprints did not match" in str(error):
            return _Wrong(
                f"The certificate of {where} is not the one pinned by {option('fingerprint')}: it has {self._presented()}. "
                "Either the certificate was replaced or this is another machine. Nothing was sent.",
                command=command,
            )
        if any(isinstance(c, socket.gaierror) for c in causes):
            return _Hopeless(f"The name {self.connection.host} of the LoadMaster cannot be resolved.", command=command)
        tls = of_tls(causes)
        if tls and not self._overdue:
            return _Wrong(f"No TLS connection to {where} could be made: {tls}", command=command)
        through = f" through {self._proxy}" if self._proxy else ""
        return Unreachable(
            f"{where} cannot be reached{through} ({self._reason(error)}). Is the LoadMaster running, and is this its API address and port?",
            command=command,
        )

    def _untrusted(self, reason: str) -> str:
        return (
            f"The certificate of {self.connection.address} is not trusted ({reason}). Compare its SHA-256 "
            f"fingerprint, {self._presented()}, with the one that the LoadMaster shows, and set loadmaster_fingerprint "
            "(option fingerprint) to it. Or set loadmaster_ca_path (option ca_path) to the file of your CA. Nothing was sent."
        )

    def _presented(self) -> str:
        """Return the fingerprint of the certificate that the appliance presents, for a person to compare.

        It is asked for on the way that a request takes, through the proxy too.
        """
        try:
            with self._bounded():
                certificate = self._presented_certificate()
        except (OSError, ValueError, http.client.HTTPException, requests.exceptions.RequestException):
            return "an unknown one"
        digest = hashlib.sha256(certificate).hexdigest().upper()
        return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))

    def _presented_certificate(self) -> bytes:
        """Return the certificate of the appliance. Raises OSError, ValueError or HTTPException."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        place = (self.connection.host, self.connection.host_port)
        if self._proxy is None:
            way = http.client.HTTPConnection(*place, timeout=self.connection.connect_timeout)
        else:
            proxy = urlsplit(self._proxy.url)
            way = http.client.HTTPConnection(
                proxy.hostname or "", proxy.port or 80, timeout=self.connection.connect_timeout
            )
            way.set_tunnel(*place, headers=self._adapter.proxy_headers(self._proxy.url))

        def connected(*args: Any, **kwargs: Any) -> socket.socket:
            made = socket.create_connection(*args, **kwargs)
            self._hold(made)
            return made

        # The only way to get the socket before the tunnel exists, so that a time-out can close it
        setattr(way, "_create_connection", connected)  # noqa: B010
        try:
            way.connect()
            with context.wrap_socket(way.sock, server_hostname=self.connection.host) as presenting:
                return presenting.getpeercert(True) or b""
        finally:
            way.close()


class _NoSuchInterface(AccessDenied):
    """The appliance does not offer API v2; it may offer API v1."""


class _Hopeless(Unreachable):
    """A retry cannot help."""


class _Wrong(_Hopeless):
    """Something answers that is not trusted, or that does not let the request through."""

    answered = True


class _Pace:
    """A burst at full speed, then the rate that the appliance allows."""

    def __init__(self, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._sent: deque[float] = deque(maxlen=BURST)
        self._sleep = sleep
        self._clock = clock

    def wait(self) -> None:
        """Wait until one more call stays within the rate, then count it."""
        if len(self._sent) == BURST:
            pause = self._sent[0] + WINDOW - self._clock()
            if pause > 0:
                self._sleep(pause)
        self._sent.append(self._clock())


class _Adapter(HTTPAdapter):
    """A transport with our own TLS context that reports the progress of a connection to the client."""

    def __init__(self, context: ssl.SSLContext, fingerprint: str, client: Client) -> None:
        self._tls = {"ssl_context": context, "assert_fingerprint": fingerprint or None}
        self._client = client
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **{**kwargs, **self._tls})
        self._track(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **{**kwargs, **self._tls})
        self._track(manager)
        return manager

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        # The context alone decides: left to itself, requests adds the CA bundle of certifi to the system's store.
        host, _ignored = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the pool as the TLS context made it (see above)."""

    def _track(self, manager: Any) -> None:
        client = self._client

        class TrackedConnection(HTTPSConnection):
            response_class = Response

            def _new_conn(self) -> Any:
                connected = super()._new_conn()
                client.connected(connected)
                if not self.proxy:
                    client.arrived()
                return connected

            def _tunnel(self) -> None:
                super()._tunnel()
                client.arrived()

            def request(self, *args: Any, **kwargs: Any) -> None:
                client.requested()
                super().request(*args, **kwargs)

        class TrackedPool(HTTPSConnectionPool):
            ConnectionCls = TrackedConnection

        manager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": TrackedPool}


def _tls_context(connection: Connection) -> ssl.SSLContext:
    """Return the TLS context: the system's CA store, the user's CA file, or none where a fingerprint is pinned."""
    if connection.validate_certs and not connection.fingerprint:
        # Loading the system store takes longer than a call, so it is loaded only if it is used.
        with _from_file("ca_path", connection.ca_path):
            context = ssl.create_default_context(cafile=connection.ca_path or None)
        # A file may have the self-signed certificates of several LoadMasters, which all have the same subject. Without this flag
        # OpenSSL finds only one of them. From Python 3.13 on it is the default.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if connection.client_cert:
        with _from_file("client_cert", connection.client_cert):
            if connection.client_key:
                _check_is_file("client_key", connection.client_key)
            context.load_cert_chain(connection.client_cert, connection.client_key or None, _no_passphrase)
    return context


@contextmanager
def _from_file(option: str, path: str) -> Iterator[None]:
    """Let an error about a file name the option and the file."""
    if path:
        _check_is_file(option, path)
    try:
        yield
    except OSError as error:
        raise InvalidOption(
            f"The file given as {option} cannot be used: {os.path.abspath(path)}: {error.strerror or error}."
        ) from None


def _check_is_file(option: str, path: str) -> None:
    """Raise InvalidOption if a path exists and is no regular file: reading a pipe could block forever."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise InvalidOption(f"The file given as {option} cannot be used: {os.path.abspath(path)} is not a file.")


def _no_passphrase() -> str:
    """Refuse a key that is encrypted: OpenSSL would ask at the terminal, and wait."""
    raise InvalidOption(
        "The private key of client_cert is encrypted, and a task cannot ask for its passphrase. Decrypt it."
    )


def _backoff(attempt: int) -> float:
    """Return the pause before retry number ``attempt``, counted from 1."""
    return min(0.25 * 2.0**attempt, 8.0)


def _reason(error: Exception) -> str:
    """Say in a few words why a connection failed."""
    causes = list(causes_of(error))
    texts = " ".join(str(c) for c in causes)
    if any(isinstance(c, ConnectionRefusedError) for c in causes):
        return "connection refused"
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return str(error) if "MB" in str(error) else "its answer is packed wrongly"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "no answer to the attempt to connect"
    if isinstance(error, requests.exceptions.ReadTimeout) or "timed out" in texts:
        return "no answer in time"
    if any(isinstance(c, ssl.SSLError) for c in causes):
        return "the TLS handshake was cut off"
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    return "the connection was closed"
