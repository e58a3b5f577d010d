# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HAProxy as a process: started, asked, reloaded without closing a listener, ended."""

from __future__ import annotations

import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from loadmaster_emulator.data_plane.encryption import FOLDER

_LONGEST_START = 15.0
_LONGEST_ANSWER = 10.0
_LONGEST_END = 5.0
_PAUSE = 0.01
_WORKER = re.compile(r"^(\d+)\s+worker\s+(\d+)\s")
_MASTER = re.compile(r"^\d+\s+master\s+(\d+)\s+\[failed: (\d+)\]")
_SESSION = re.compile(r"^(0x\w+): .* fe=(vs-\S+) be=(\S+) srv=(\S+)", re.MULTILINE)
#: What is said to a wish for what is no more: a server that was removed, a session that has ended.
_GONE = re.compile(r"No such (server|backend|session)|Can't find the target")
_NOISE = re.compile(r"^\[NOTICE\]|^$")
#: Old processes end when their last connection does, and at the latest after this.
_HARD_STOP = "1h"


class ProcessError(Exception):
    """HAProxy is not there, does not start, or does not take a configuration; the message says why."""


def find() -> str:
    """The path of HAProxy."""
    # On Debian it is where only root looks
    path = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        raise ProcessError("The data plane takes HAProxy, which is not installed here. On Debian: apt install haproxy")
    return path


class Process:
    """HAProxy's master with its workers, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._program = find()
        self._master: subprocess.Popen[bytes] | None = None
        self._tried = directory / "tried.cfg"
        self._configuration = directory / "haproxy.cfg"
        self._states = directory / "states"
        self._log = directory / "haproxy.log"
        self._socket = directory / "master.sock"

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._master is not None and self._master.poll() is None

    def check(self, text: str) -> str:
        """What HAProxy has against a configuration, in one line; empty for nothing."""
        self._tried.write_text(self._head() + text, encoding="utf-8")
        done = subprocess.run(
            [self._program, "-c", "-f", str(self._tried)], capture_output=True, text=True, check=False
        )
        return "" if done.returncode == 0 else _complaint(done.stderr, self._tried)

    def take(self, text: str, states: str) -> None:
        """Start with a configuration, or go over to it; the states are those the servers begin with."""
        self._configuration.write_text(self._head() + text, encoding="utf-8")
        self._states.write_text(states, encoding="utf-8")
        before = self._log.stat().st_size if self._log.exists() else 0
        if not self.alive:
            self._start()
        else:
            self._reload(before)

    def ask(self, command: str, worker: int = 0) -> str:
        """What a worker answers: the current one, or the one with this process id."""
        return self._told(f"@!{worker} {command}" if worker else f"@1 {command}")

    def workers(self) -> dict[int, bool]:
        """The process ids of the workers, each with whether it is the current one."""
        found = filter(None, map(_WORKER.match, self._told("show proc").splitlines()))
        return {int(each.group(1)): each.group(2) == "0" for each in found}

    def statistics(self) -> list[dict[str, str]]:
        """The lines of ``show stat`` of the current worker; old ones have none."""
        return list(csv.DictReader(self.ask("show stat").removeprefix("# ").splitlines()))

    def sessions(self, worker: int) -> list[tuple[str, str, str]]:
        """The sessions of a worker: the section that took each, the one it went to, and the server."""
        return [found[1:] for found in _SESSION.findall(self.ask("show sess", worker))]

    def switch(self, section: str, server: str, enabled: bool) -> None:
        """Switch a server of the current worker on or off; connections that exist go on. Old workers take no such wish."""
        self._wish(f"set server {section}/{server} state {'ready' if enabled else 'drain'}")

    def drop(self, section: str, server: str) -> None:
        """End the connections to a server in every worker. Those of old workers are ended one by one."""
        self._wish(f"shutdown sessions server {section}/{server}")
        for worker, current in self.workers().items():
            for session, _frontend, *place in () if current else _SESSION.findall(self.ask("show sess", worker)):
                if place == [section, server]:
                    self._wish(f"shutdown session {session}", worker)

    def stop(self) -> None:
        """End it with all its workers, old ones included."""
        if self._master is None:
            return
        if self._master.poll() is None:
            self._master.send_signal(signal.SIGTERM)
            try:
                self._master.wait(_LONGEST_END)
            except subprocess.TimeoutExpired:
                self._master.kill()
                self._master.wait()
        self._master = None

    # -- inside ---------------------------------------------------------------------------------------------

    def _head(self) -> str:
        directory = self.directory
        return (
            "global\n"
            # Not noreuseport: a reload that does not get all listeners of the worker before it would pause that one, and with it
            # all traffic, to bind them again. That no one else is on an address is looked at before.
            "    nbthread 1\n"
            "    maxconn 4000\n"
            f"    hard-stop-after {_HARD_STOP}\n"
            "    max-spread-checks 50\n"
            "    tune.ssl.default-dh-param 2048\n"
            f"    setenv {FOLDER} {directory}\n"
            f"    server-state-file {self._states}\n"
            f"    stats socket {directory / 'worker.sock'} mode 600 level admin expose-fd listeners\n"
        )

    def _wish(self, command: str, worker: int = 0) -> None:
        answer = self.ask(command, worker).strip()
        if answer and not _GONE.match(answer):
            raise ProcessError(f"HAProxy does not {command}: {answer}")

    def _start(self) -> None:
        command = [self._program, "-W", "-S", f"{self._socket},mode,600", "-f", str(self._configuration)]
        if setpriv := shutil.which("setpriv"):
            # Should this process be killed, nothing may stay behind that carries traffic
            command = [setpriv, "--pdeathsig", "TERM", *command]
        self._socket.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._master = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        until = time.monotonic() + _LONGEST_START
        while time.monotonic() < until and self._master.poll() is None:
            try:
                if self.ask("show info"):
                    return
            except OSError:
                pass  # it does not listen yet
            time.sleep(_PAUSE)
        self.stop()
        raise ProcessError(f"HAProxy does not start: {_complaint(self._log.read_text(), self._configuration)}")

    def _reload(self, before: int) -> None:
        reloads, failures = self._counts()
        os.kill(self._pid(), signal.SIGUSR2)
        until = time.monotonic() + _LONGEST_START
        while time.monotonic() < until and self.alive:
            try:
                now, failed = self._counts()
            except (OSError, ProcessError):
                time.sleep(_PAUSE)  # the master is between two lives
                continue
            if failed > failures:
                said = self._log.read_bytes()[before:].decode("utf-8", "replace")
                raise ProcessError(f"HAProxy goes on as before: {_complaint(said, self._configuration)}")
            if now > reloads and self._answers():
                return
            time.sleep(_PAUSE)
        raise ProcessError(
            f"HAProxy does not answer after a reload: {_complaint(self._log.read_text(), self._configuration)}"
        )

    def _answers(self) -> bool:
        try:
            return bool(self.ask("show info"))
        except OSError:
            return False

    def _counts(self) -> tuple[int, int]:
        """How many reloads there were, and how many that failed since the last good one."""
        for found in map(_MASTER.match, self._told("show proc").splitlines()):
            if found:
                return int(found.group(1)), int(found.group(2))
        raise ProcessError("HAProxy does not tell how it is")

    def _pid(self) -> int:
        assert self._master is not None
        return self._master.pid

    def _told(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_LONGEST_ANSWER)
            connection.connect(str(self._socket))
            connection.sendall(command.encode() + b"\n")
            connection.shutdown(socket.SHUT_WR)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts).decode("utf-8", "replace")


def _complaint(said: str, file: Path) -> str:
    """The first of what HAProxy complained about, without the words that are the same every time."""
    lines = [line for line in said.splitlines() if not _NOISE.match(line)]
    errors = [line for line in lines if line.startswith("[ALERT]")] or lines or ["no reason given"]
    text = re.sub(r"^\[\w+\]\s+\(\d+\) : (config : )?", "", errors[0])
    return text.replace(str(file), file.name)
