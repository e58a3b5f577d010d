# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real ansible-rulebook, as a user would start it, and a web server that it can talk to."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".build" / "collections"
BIN = ROOT / ".build" / "rulebook" / "bin"
LONGEST = 60.0
LEAST_JAVA = 17


def java_home() -> Path | None:
    """The folder of a Java that the rule engine runs in; None where there is none."""
    java = shutil.which("java")
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    return Path(java).resolve().parents[1] if version and int(version[1]) >= LEAST_JAVA else None


def install() -> str:
    """Install ansible-rulebook where that is due; return why it cannot be, empty where it is there."""
    done = subprocess.run([ROOT / "tests/tools/rulebook.sh"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


class Web:
    """A web server that keeps what is sent to it, and answers as ``answers`` says. Use it as a context manager."""

    def __init__(self, answers: Callable[[str, str], Any] = lambda _method, _path: {}) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                web.requests.append((self.command, self.path, json.loads(body) if body else None))
                answer = json.dumps(answers(self.command, self.path)).encode()
                self.send_response(201 if self.command == "POST" else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = _do

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Web:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def posted(self, path: str) -> list[Any]:
        return [body for method, asked, body in list(self.requests) if method == "POST" and asked == path]


class Rulebook:
    """ansible-rulebook at work. Use it as a context manager."""

    def __init__(
        self,
        folder: Path,
        java: Path,
        rulebook: str,
        variables: dict[str, Any],
        inventory: dict[str, Any],
        environment: dict[str, str],
        arguments: tuple[str, ...] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "vars.yml").write_text(json.dumps(variables), encoding="utf-8")
        (folder / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")
        foreign = ("ANSIBLE_", "LOADMASTER_", "EDA_", "PYTHON")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(foreign)},
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(folder),
            "JAVA_HOME": str(java),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_NOCOLOR": "1",
            **environment,
        }
        self._command = ["ansible-rulebook", "-r", rulebook, "-i", "inventory.yml", "-e", "vars.yml", *arguments]
        self._folder = folder
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Rulebook:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(LONGEST)
            except subprocess.TimeoutExpired:
                self._process.kill()
                raise

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait(self, until: Callable[[], bool], what: str) -> None:
        """Wait until something is so."""
        end = time.monotonic() + LONGEST
        while not until():
            assert self._process is not None and self._process.poll() is None, f"it ended before {what}\n{self.output}"
            assert time.monotonic() < end, f"no {what}\n{self.output}"
            time.sleep(0.05)

    def ends(self) -> int:
        """Return the exit code of a run that ends by itself."""
        assert self._process is not None
        return self._process.wait(LONGEST)
