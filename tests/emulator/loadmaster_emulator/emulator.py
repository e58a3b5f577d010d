# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator: a LoadMaster for tests, to be started and stopped from Python."""

from __future__ import annotations

import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping, MutableSet, Sequence
from pathlib import Path
from typing import Any

from loadmaster_emulator import commands, profiles, uploads, v2_writer
from loadmaster_emulator import state as state_file
from loadmaster_emulator.accounts import ADMINISTRATOR, Accounts
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.calls import Calls
from loadmaster_emulator.data_plane import DataPlane
from loadmaster_emulator.decode import as_text
from loadmaster_emulator.faults import Faults
from loadmaster_emulator.journal import Call, Journal
from loadmaster_emulator.model import Configuration
from loadmaster_emulator.quirks import Quirks
from loadmaster_emulator.server import Server
from loadmaster_emulator.tls import make_identity, server_context
from loadmaster_emulator.vs_view import Weather


class Emulator:
    """One emulated appliance.

    It is new unless ``state`` names a file that exists: then it is the appliance of that file, with its
    configuration, accounts, keys and certificate, and ``users``, ``api_keys``, ``permissions`` and
    ``api_enabled`` do not apply.
    """

    def __init__(
        self,
        firmware: str = "7.2.63",
        host: str = "127.0.0.1",
        port: int = 0,
        state: Path | str | None = None,
        users: Mapping[str, str] | None = None,
        api_keys: Mapping[str, Sequence[str]] | None = None,
        quirks: Quirks | None = None,
        api_enabled: bool = True,
        *,
        permissions: Mapping[str, Collection[str]] | None = None,
        servers_up: bool = True,
        networks: Sequence[str] = (),
        client_ca: Path | str | None = None,
        certificate_users: Mapping[str, str] | None = None,
        journal_file: Path | str | None = None,
        data_plane: DataPlane | None = None,
    ) -> None:
        """Prepare an appliance.

        ``users`` are names with passwords (``bal`` may do everything), ``permissions`` the rights of the
        others as words of ``usersetperms``. ``servers_up`` says whether servers answer health checks,
        ``networks`` what is local (nothing given: everything). With ``client_ca`` callers may log in by a
        certificate of that CA; ``certificate_users`` maps its common name to a user of another name.

        With a ``data_plane`` services carry traffic from ``start`` to ``stop``, and the status of servers is measured;
        ``servers_up`` and ``down`` are ignored then. What the data plane cannot express is refused: the call fails,
        and so does the start of an appliance whose state file has it.
        """
        if data_plane is not None and not servers_up:
            raise ValueError("With a data plane, whether servers answer is measured; servers_up does not apply")
        self.host = host
        self.journal = Journal(Path(journal_file) if journal_file else None)
        self.faults = Faults()
        self._state = Path(state) if state is not None else None
        self._configured_port = port
        self._client_ca = Path(client_ca) if client_ca is not None else None
        if self._state is not None and self._state.exists():
            configuration, accounts, self._identity = state_file.load(self._state)
        else:
            configuration = Configuration(parameters={"enableapi": api_enabled})
            accounts = Accounts(users or {}, api_keys or {}, permissions or {})
            self._identity = make_identity()
        self._appliance = Appliance(
            profile=profiles.find(firmware),
            accounts=accounts,
            quirks=quirks if quirks is not None else Quirks(),
            configuration=configuration,
            weather=data_plane.weather if data_plane is not None else Weather(servers_up),
            data_plane=data_plane,
            networks=networks,
            certificate_users=certificate_users or {},
        )
        self._calls = Calls(self._appliance, self.journal, self.faults, self._changed)
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._handshakes = 0
        self._directory_lock = threading.Lock()
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._save()

    # -- running ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Listen and serve, in threads of its own."""
        if self._server is not None:
            raise RuntimeError("The emulator is running already")
        if self._appliance.data_plane is not None:
            self._appliance.data_plane.start(self._appliance.configuration)
        server = Server((self.host, self._configured_port), self._context(), self._calls)
        self._calls.stopping.clear()
        self._thread = threading.Thread(target=server.serve_until_stopped, name="loadmaster-emulator", daemon=True)
        self._thread.start()
        error = server.wait_until_listening()
        if error is not None:
            self._thread = None
            self._stop_data_plane()
            raise OSError(f"Cannot listen on {self.host} port {self._configured_port}: {error}") from error
        self._configured_port = server.bind_addr[1]
        self._server = server

    def stop(self) -> None:
        """Stop serving and end all connections; the configuration stays."""
        if self._server is None or self._thread is None:
            return
        self._calls.stopping.set()
        self._server.hang_up()
        self._server.stop()
        self._thread.join()
        self._handshakes += self._server.handshakes
        self._server = self._thread = None
        self._stop_data_plane()

    def restart(self) -> None:
        """Stop and start again: the same appliance on the same port, newly booted."""
        self.stop()
        self._appliance.booted = time.time()
        self.start()

    def __enter__(self) -> Emulator:
        """Start."""
        self.start()
        return self

    def __exit__(self, *unused: object) -> None:
        """Stop."""
        self.stop()

    # -- where and who it is --------------------------------------------------------------------------

    @property
    def port(self) -> int:
        """The port it listens on; 0 before the first start where the system chooses one."""
        return self._configured_port

    @property
    def url(self) -> str:
        """The address of the appliance, without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}"

    @property
    def firmware(self) -> str:
        """The version it says it has."""
        return self._appliance.profile.version

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint of its certificate, upper-case hex with colons."""
        return self._identity.fingerprint

    @property
    def certificate(self) -> str:
        """Its certificate as PEM text."""
        return self._identity.certificate

    @property
    def certificate_file(self) -> str:
        """The path of a file with its certificate, which is its own CA."""
        with self._directory_lock:
            if self._directory is None:
                self._directory = tempfile.TemporaryDirectory(prefix="loadmaster-emulator-")
                Path(self._directory.name, "certificate.pem").write_text(self.certificate, encoding="ascii")
            return str(Path(self._directory.name, "certificate.pem"))

    @property
    def handshakes(self) -> int:
        """How many TLS connections were accepted."""
        return self._handshakes + (self._server.handshakes if self._server else 0)

    # -- switches -------------------------------------------------------------------------------------

    @property
    def quirks(self) -> Quirks:
        """The quirks, which may be changed at any time."""
        return self._appliance.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self._appliance.quirks = quirks

    @property
    def down(self) -> MutableSet[tuple[str, int]]:
        """The servers, by address and port, that do not answer their health checks."""
        self._measured("down")
        return self._appliance.weather.down

    @property
    def servers_up(self) -> bool:
        """Whether servers that are not listed in ``down`` answer their health checks."""
        self._measured("servers_up")
        return self._appliance.weather.servers_up

    @servers_up.setter
    def servers_up(self, up: bool) -> None:
        self._measured("servers_up")
        self._appliance.weather.servers_up = up

    @property
    def data_plane(self) -> DataPlane | None:
        """What carries the traffic, if anything does."""
        return self._appliance.data_plane

    @property
    def names(self) -> dict[str, str]:
        """Addresses of host names; an empty address is a name that does not resolve."""
        return self._appliance.names

    def on_call(self, callback: Callable[[Call], None] | None) -> None:
        """Call back after a command was carried out and journalled, before its answer is sent."""
        self._calls.callback = callback

    # -- behind its back --------------------------------------------------------------------------------

    def call(self, command: str, **parameters: object) -> dict[str, Any]:
        """Carry out a command in-process, without journal; the answer as API v2 gives it.

        ``data`` is the file of an upload: bytes, plain text, or base64 as in API v2.
        """
        sent = {name.lower(): as_text(value) for name, value in parameters.items()}
        if isinstance(data := parameters.get(uploads.PARAMETER), (bytes, str)):
            sent[uploads.PARAMETER] = uploads.encoded(data)
        request = Request("v2", command.lower(), sent, ADMINISTRATOR)
        with self._calls.lock:
            answer = commands.carry_out(self._appliance, request)
            if commands.COMMANDS[request.command].writes:
                self._changed()
            return v2_writer.as_dict(answer)

    def state(self) -> dict[str, Any]:
        """The whole configuration as plain data without volatile values, to compare two emulators by."""
        with self._calls.lock:
            return state_file.comparable(self._appliance)

    def renumber(self, first: int = 1) -> None:
        """Give the services new indexes, as a global change does on the appliance.

        That begins at 1, so it moves nothing where there is no gap; another ``first`` moves every service.
        """
        with self._calls.lock:
            self._appliance.configuration.renumber(first)
            self._appliance.listing = None
            self._changed()

    # -- inside -----------------------------------------------------------------------------------------

    def _context(self) -> ssl.SSLContext:
        return server_context(self._identity, self._client_ca)

    def _stop_data_plane(self) -> None:
        if self._appliance.data_plane is not None:
            self._appliance.data_plane.stop()

    def _measured(self, switch: str) -> None:
        if self._appliance.data_plane is not None:
            raise RuntimeError(f"With a data plane, whether servers answer is measured; {switch} does not apply")

    def _changed(self) -> None:
        self._appliance.changed = time.time()
        self._save()

    def _save(self) -> None:
        if self._state is not None:
            state_file.save(self._state, self._appliance, self._identity)
