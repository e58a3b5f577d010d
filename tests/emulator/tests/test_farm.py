# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The farm from a shell: it runs, and a second command breaks and repairs what it serves."""

from __future__ import annotations

import http.client
import os
import random
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NETWORK = f"127.{random.randint(32, 90)}.{os.getpid() % 256}"
OFFSET = 20000


def farm(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exchange_farm", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def control() -> Iterator[str]:
    # A path of its own, since those of sockets must not be long
    with tempfile.TemporaryDirectory(prefix="farm-") as folder:
        yield str(Path(folder) / "socket")


@pytest.fixture
def running(control: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "exchange_farm", f"{NETWORK}.1", f"{NETWORK}.2", "--port-offset", str(OFFSET)]
    with subprocess.Popen([*command, "--control", control], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().split()[0] for _unused in range(2)] == ["EX1", "EX2"]
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def status(server: int, path: str) -> int | str:
    """The status of an answer, or the name of the error if there is none."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(f"{NETWORK}.{server}", 443 + OFFSET, timeout=2, context=context)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def test_a_protocol_and_a_server_can_be_broken_and_repaired(running: object, control: str) -> None:
    ews, owa = "/ews/healthcheck.htm", "/owa/healthcheck.htm"
    assert [status(1, ews), status(2, ews)] == [200, 200]
    done = farm("break", "EX1", "ews", "503", "--control", control)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "ews is broken on EX1: 503", "")
    assert [status(1, ews), status(1, owa), status(2, ews)] == [503, 200, 200]
    assert farm("repair", "EX1", "ews", "--control", control).returncode == 0 and status(1, ews) == 200
    assert farm("break", "EX2", "owa", "--control", control).returncode == 0
    assert status(2, owa) == "RemoteDisconnected" and status(2, ews) == 200
    assert farm("break", "EX2", "--control", control).stdout.strip() == "EX2 is down"
    assert status(2, ews) == "ConnectionRefusedError" and status(1, owa) == 200
    assert farm("break", "EX2", "--control", control).returncode == 0
    assert farm("repair", "EX2", "--control", control).stdout.strip() == "everything is repaired on EX2"
    assert [status(2, ews), status(2, owa)] == [200, 200]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("break", "EX9"), "there is no server EX9; there are EX1, EX2"),
        (("break", "EX1", "gopher"), "'gopher' is no protocol; there are owa, "),
        (("break", "EX1", "ews", "loud"), "'loud' is no fault of ews; there are close, hang, and HTTP statuses"),
        (("break", "EX1", "smtp", "503"), "503 is no fault of smtp"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    running: object, control: str, words: tuple[str, ...], sentence: str
) -> None:
    done = farm(*words, "--control", control)
    assert done.returncode == 1 and sentence in done.stderr and "Traceback" not in done.stderr


def test_where_no_farm_runs_that_is_said(control: str) -> None:
    done = farm("repair", "EX1", "--control", control)
    assert done.returncode == 1 and f"no farm is running at {control}" in done.stderr


def test_a_second_farm_has_a_socket_of_its_own_and_a_dead_one_is_no_hindrance(running: object, control: str) -> None:
    second = farm(f"{NETWORK}.3", "--port-offset", str(OFFSET), "--control", control)
    assert second.returncode == 1 and "name another file with --control" in second.stderr
    assert not any(status(3, "/owa/") == number for number in (200, 302))


def test_the_socket_is_gone_in_the_end(control: str) -> None:
    Path(control).touch()
    command = [sys.executable, "-m", "exchange_farm", f"{NETWORK}.4", "--port-offset", str(OFFSET)]
    with subprocess.Popen([*command, "--control", control], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline().startswith("EX1")
        assert Path(control).stat().st_mode & 0o777 == 0o600
        process.terminate()
        assert process.wait(20) == 0
    assert not Path(control).exists()
