# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line, as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from wire_client import Client

PACKAGE = Path(__file__).resolve().parents[1]


@pytest.fixture
def run(tmp_path):
    """A maker of emulator processes that are listening."""
    processes = []

    def start(*arguments):
        ready = tmp_path / f"ready{len(processes)}"
        process = subprocess.Popen(
            [sys.executable, "-m", "loadmaster_emulator", "--port", "0", "--ready-file", str(ready), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PACKAGE,
        )
        processes.append(process)
        deadline = time.monotonic() + 30
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail(f"the emulator does not start: {process.communicate()}")
            time.sleep(0.01)
        return process, ready.read_text().strip()

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _client(url, certificate):
    host, _unused, port = url.removeprefix("https://").rpartition(":")
    return Client(SimpleNamespace(host=host, port=int(port), certificate_file=str(certificate)))  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_from_start_to_end(run, tmp_path, number):
    certificate, journal, state = (tmp_path / name for name in ("cert.pem", "journal.jsonl", "state.json"))
    options = ["--user", "bal:pw", "--firmware", "7.2.60", "--certificate-out", str(certificate)]
    options += ["--journal", str(journal), "--state", str(state), "--api-key", "bal:KEY"]
    process, url = run(*options, "--quirk", "v2_crlf=no", "--fault", "kind=status,status=500,command=listvs")
    client = _client(url, certificate)
    assert client.v2("get", param="version").json["version"].startswith("7.2.60")
    assert client.v2("addvs", vs="192.0.2.1", port=80, prot="tcp", apikey="KEY").status == 200
    assert b"\r" not in client.v2("showhealth").body
    assert [client.v2("listvs").status for _unused in range(2)] == [500, 200]
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")
    assert url in out and "7.2.60" in out and "SHA-256" in out
    calls = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [call["command"] for call in calls] == ["get", "addvs", "showhealth", "listvs", "listvs"]
    _unused, url = run("--state", str(state))
    assert len(_client(url, certificate).v2("listvs").json["VS"]) == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--firmware", "6.0"], "No profile for firmware '6.0'"),
        (["--quirk", "nonsense"], "no quirk 'nonsense'"),
        (["--fault", "kind=nonsense"], "no fault kind 'nonsense'"),
        (["--user", "bal"], "is not two values with a colon"),
        (["--state", "/nonexistent/state"], "No such file"),
        (["--host", "192.0.2.1", "--port", "1"], "Cannot listen on 192.0.2.1 port 1"),
    ],
)
def test_errors_are_sentences(arguments, text):
    command = [sys.executable, "-m", "loadmaster_emulator", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PACKAGE, timeout=20, check=False)
    assert done.returncode != 0
    assert text in done.stderr and "Traceback" not in done.stderr
