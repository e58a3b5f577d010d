# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data plane of an emulator: it follows the configuration, and tells how servers and traffic are.

A write is rendered, and looked through by HAProxy, while its call is still under way, so that what cannot be expressed
fails that call and changes nothing. HAProxy goes over to it right afterwards, once for several writes in quick
succession; anyone who reads a status waits for that. A server that is switched on or off needs no new process.
"""

from __future__ import annotations

import logging
import shutil
import socket
import tempfile
import threading
from pathlib import Path

from loadmaster_emulator import tls
from loadmaster_emulator.data_plane import encryption
from loadmaster_emulator.data_plane.measured import MeasuredWeather
from loadmaster_emulator.data_plane.places import Places
from loadmaster_emulator.data_plane.process import Process, ProcessError, find
from loadmaster_emulator.data_plane.render import DEFAULTS, Rendered, render
from loadmaster_emulator.data_plane.words import Inexpressible
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.model import Configuration

_LOG = logging.getLogger(__name__)
_QUIET = 0.03
_LONGEST_WAIT = 20.0
_STATES_HEAD = (
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
    "srv_agent_addr srv_agent_port\n"
)
#: The columns of the table above that tell how a server was; everything else is as it is configured now.
_HOW_IT_WAS = (5, 9, 10, 11, 12, 13)
_DRAINED = 8

#: Linux's option of that name, which Python does not know.
_IP_TRANSPARENT = 19

#: A section and a server in it.
Member = tuple[str, str]

DataPlaneError = ProcessError


class DataPlane:
    """HAProxy behind a configuration."""

    def __init__(self, places: Places | None = None, health_speed: float = 1.0) -> None:
        """Prepare it; ``health_speed`` divides the times of health checks, for tests that cannot wait."""
        if health_speed <= 0:
            raise ValueError("health_speed is how many times faster health checks are; it is more than 0")
        find()
        self.places = places or Places()
        self.health_speed = health_speed
        self.weather = MeasuredWeather()
        self.reloads = 0
        """How often HAProxy went over to a new configuration, the first one included."""
        self._own: dict[str, str] = {}
        self._condition = threading.Condition()
        self._wanted: Rendered | None = None
        self._running: Rendered | None = None
        self._to_drop: set[Member] = set()
        self._checked = ""
        self._fault = ""
        self._hurry = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._directory: Path | None = None
        self._process: Process | None = None
        self._asking = threading.Lock()

    # -- running --------------------------------------------------------------------------------------------

    def start(self, configuration: Configuration) -> None:
        """Carry the traffic of a configuration; ``DataPlaneError`` or ``Inexpressible`` where that cannot be."""
        self._directory = Path(tempfile.mkdtemp(prefix="loadmaster-data-plane-"))
        self._process = Process(self._directory)
        self._stopping = False
        self._fault = self._checked = ""
        self._running = self._wanted = None
        self._to_drop.clear()
        self.weather.measurements.begin()
        self.weather.measurements.figures.clear()
        try:
            self.follow(configuration, drop_drained=False)
            self._thread = threading.Thread(target=self._work, name="loadmaster-data-plane", daemon=True)
            self._thread.start()
            self._settle()
        except (ApiError, ProcessError) as error:
            self.stop()
            raise error if isinstance(error, ProcessError) else ProcessError(error.text) from None

    def stop(self) -> None:
        """Carry nothing any more; all connections end."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._process is not None:
            self._process.stop()
            self._process = None
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    @property
    def running(self) -> bool:
        """Whether it carries traffic."""
        return self._process is not None

    # -- following the configuration --------------------------------------------------------------------------

    def follow(self, configuration: Configuration, drop_drained: bool) -> None:
        """Go over to a configuration soon; ``Inexpressible`` when it cannot be, and nothing changes then.

        ``drop_drained`` ends the connections of servers that are disabled by it, also where they are enabled again
        before anything is in force.
        """
        assert self._process is not None and self._directory is not None
        for name in encryption.own_certificates(configuration):
            if name not in self._own:
                made = tls.make_identity()
                self._own[name] = made.certificate + made.key
        rendered = render(configuration, self.places, self.health_speed, self._own)
        self._check_listeners(rendered)
        if rendered.transparent and not _may_be_transparent():
            raise Inexpressible(
                rendered.transparent, "transparency, which takes root; at layer 4 there is no other way"
            )
        self._write_files(rendered)
        if rendered.text != self._checked:
            if complaint := self._process.check(DEFAULTS + rendered.text):
                raise Inexpressible("configuration", complaint)
            self._checked = rendered.text
        with self._condition:
            former, self._wanted = self._wanted, rendered
            if drop_drained and former is not None:
                before, now = _enabled(former), _enabled(rendered)
                self._to_drop |= {member for member, enabled in now.items() if before.get(member) and not enabled}
            self._fault = ""
            self._condition.notify_all()
            self._remove_files(rendered, former, self._running)

    def refresh(self) -> None:
        """Wait until the last configuration is in force, and take in how servers and traffic are."""
        self._settle()
        try:
            self._measure()
        except OSError as error:
            raise ApiError(f"The data plane of the emulator fails. HAProxy does not answer: {error}", 500) from None

    def _settle(self) -> None:
        with self._condition:
            self._hurry = True
            self._fault = ""  # what failed before is tried once more
            self._condition.notify_all()
            settled = self._condition.wait_for(
                lambda: self._running is self._wanted or bool(self._fault) or self._stopping, _LONGEST_WAIT
            )
            self._hurry = False
            fault = self._fault
        if fault or not settled:
            raise ApiError(f"The data plane of the emulator fails. {fault or 'It does not get ready'}", 500)

    def _work(self) -> None:
        """Bring what is wanted into force. HAProxy lives and dies with this thread."""
        while True:
            with self._condition:
                self._condition.wait_for(
                    lambda: self._stopping or (self._running is not self._wanted and not self._fault)
                )
                if self._stopping:
                    return
                wanted = self._wanted
                if not self._hurry:
                    self._condition.wait_for(
                        lambda: self._stopping or self._hurry or self._wanted is not wanted,  # noqa: B023
                        _QUIET,
                    )
                if self._wanted is not wanted:
                    continue  # more is being written
                to_drop, self._to_drop = self._to_drop, set()
            assert wanted is not None
            fault = ""
            try:
                self._bring_about(wanted, to_drop)
            except (ProcessError, OSError) as error:
                fault = str(error)
                _LOG.error("The data plane fails: %s", fault)
            except Exception as error:
                # HAProxy goes on with what it has; whatever asks for a status gets the failure
                fault = f"{type(error).__name__}: {error}"
                _LOG.exception("The data plane fails")
            with self._condition:
                if fault:
                    self._to_drop |= to_drop
                    if self._wanted is wanted:
                        self._fault = fault
                else:
                    self._running = wanted
                self._condition.notify_all()

    def _bring_about(self, wanted: Rendered, to_drop: set[Member]) -> None:
        process, running = self._process, self._running
        assert process is not None
        if running is None or wanted.text != running.text or not process.alive:
            states = self._states(wanted)
            if process.alive:
                try:
                    self._measure()  # what the worker has counted so far
                except Exception:  # figures are not worth a configuration that is not carried
                    _LOG.exception("What HAProxy has counted since the last look is lost")
            process.take(DEFAULTS + wanted.text, states)
            self.reloads += 1
        before = _enabled(running) if running else {}
        for entry in wanted.servers:
            enabled = before.get((entry.section, entry.name), entry.enabled)
            if enabled != entry.enabled and not entry.follows:
                process.switch(entry.section, entry.name, entry.enabled)
        for section, name in to_drop:
            process.drop(section, name)

    def _states(self, wanted: Rendered) -> str:
        """How the servers begin in a new process: as they are in this one, and down if they are new."""
        assert self._process is not None
        known = {}
        if self._process.alive:
            for line in self._process.ask("show servers state").splitlines():
                words = line.split()
                if len(words) > max(_HOW_IT_WAS) and not line.startswith("#"):
                    known[words[1], words[3]] = words
        lines = []
        for number, entry in enumerate(wanted.servers, 1):
            if entry.follows:
                continue
            words = (
                f"{number} {entry.section} {number} {entry.name} {entry.address} {0 if entry.checked else 2} "
                f"{0 if entry.enabled else _DRAINED} 1 1 0 1 0 0 6 0 0 0 - {entry.port} - {int(entry.tls)} 0 - - 0"
            ).split()
            before = known.get((entry.section, entry.name))
            if entry.checked and before is not None:
                for column in _HOW_IT_WAS:
                    words[column] = before[column]
            lines.append(" ".join(words))
        return _STATES_HEAD + "\n".join([*lines, ""])

    # -- files and addresses ----------------------------------------------------------------------------------

    def _write_files(self, rendered: Rendered) -> None:
        assert self._directory is not None
        for name, text in rendered.files.items():
            path = self._directory / name
            if not path.exists():
                path.touch(mode=0o600)
                path.write_text(text, encoding="ascii")

    def _remove_files(self, *used: Rendered | None) -> None:
        """Remove the certificates and keys that no one uses any more."""
        assert self._directory is not None
        names = {name for rendered in used if rendered for name in rendered.files}
        for path in self._directory.glob("*.pem"):
            if path.name not in names:
                path.unlink()

    def _check_listeners(self, rendered: Rendered) -> None:
        """Refuse an address that is not on this machine, and a port that another program has."""
        listening = set()
        with self._condition:
            for held in (self._running, self._wanted):
                listening |= set(held.listeners if held else ())
        for (address, port), where in rendered.listeners.items():
            if (address, port) in listening:
                continue
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError as error:
                    raise Inexpressible(where, f"listening on {address} port {port}: {error.strerror}") from None

    # -- how it is --------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Take in what HAProxy tells; ``OSError`` where it does not answer."""
        process = self._process
        if process is None:
            return
        measurements = self.weather.measurements
        with self._asking:
            workers = process.workers()
            lines = process.statistics()
            sessions = {worker: process.sessions(worker) for worker, current in workers.items() if not current}
            measurements.begin()
            for worker, current in workers.items():
                if current:
                    measurements.note(worker, lines)
                else:
                    measurements.note_old(worker, sessions[worker])


def _enabled(rendered: Rendered) -> dict[Member, bool]:
    """Every mention of a server, with whether it is enabled."""
    return {(entry.section, entry.name): entry.enabled for entry in rendered.servers}


def _may_be_transparent() -> bool:
    """Whether this process may speak from addresses that are not its own, and so may HAProxy."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.setsockopt(socket.IPPROTO_IP, _IP_TRANSPARENT, 1)
        except OSError:
            return False
    return True
