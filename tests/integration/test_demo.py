# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration shows what it promises, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[2] / "demo" / "run.py"
LONGEST = 120
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    # Not below pytest's folder: the paths of HAProxy's sockets would become longer than sockets may have
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        yield {**os.environ, "TMPDIR": folder}


def emulators(folder: str) -> list[str]:
    """The command lines of processes that work for the demonstration of this test."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if folder in command:
            found.append(command)
    return found


def test_demo_ends_with_a_second_run_that_changes_nothing(environment):
    done = subprocess.run(
        [sys.executable, str(DEMO)], env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert "  settings: change hostname from lb100 to lm1" in lines
    assert "  virtual service tcp/192.0.2.25:443 (Exchange 2013 L4 - HTTPS): create it" in lines
    served = lines.index("  tcp/192.0.2.25:443 Exchange 2013 L4 - HTTPS: up, layer 7")
    assert lines[served + 1].split() == ["least_connection,", "check", "https", "/owa/healthcheck.htm"]
    assert lines[served + 2].split()[:2] == ["192.0.2.31:443", "up,"]
    assert re.search(r"^kemp.loadmaster.general_settings: changed=0, [1-4] API calls?, ", done.stdout, re.MULTILINE)
    assert re.search(r"^kemp.loadmaster.exchange2013_l4: changed=0, [1-4] API calls?, ", done.stdout, re.MULTILINE)
    assert "  11 content rules: Exchange_192_0_2_26_OWA and 10 more" in lines
    assert any(line.startswith("  9 SubVSs: OWA, ECP, EWS, ") for line in lines)
    ews = next(number for number, line in enumerate(lines) if line.split() == ["EWS:", "up"])
    assert lines[ews + 1].split() == ["least_connection,", "check", "https", "/ews/healthcheck.htm"]
    assert [line.split()[:2] for line in lines[ews + 2 : ews + 4]] == [
        ["192.0.2.31:443", "up,"],
        ["192.0.2.32:443", "up,"],
    ]
    assert re.search(r"^kemp.loadmaster.exchange2013_l7: changed=0, [1-5] API calls?, ", done.stdout, re.MULTILINE)
    answered = re.findall(r"^  GET https://192\.0\.2\.26(\S+): 200, answered by EX[12]$", done.stdout, re.MULTILINE)
    failed = re.search(
        r"^EWS fails on EX1: EX2 answers all of it \d+\.\d s later, OWA is on EX1 and EX2\.$", done.stdout, re.MULTILINE
    )
    if HAPROXY:
        assert answered == ["/owa/", "/EWS/Exchange.asmx"]
        assert failed
        assert "Skipped" not in done.stdout
    else:
        assert "Skipped: traffic through the emulated LoadMaster requires HAProxy, which is not installed." in lines
        assert answered == []
        assert not failed
    assert re.search(r"^Done in \d+ seconds\.", done.stdout, re.MULTILINE)
    assert "\033" not in done.stdout
    assert len(lines) < 150 and max(map(len, lines)) <= 100
    assert [line.split("  ")[1] for line in lines[-3:]] == [
        "less docs/first-steps.md",
        "less docs/exchange2013_l7.md",
        "make test",
    ]
    assert "PRIVATE KEY" not in done.stdout
    assert os.listdir(environment["TMPDIR"]) == []
    assert emulators(environment["TMPDIR"]) == []


def test_demo_stopped_by_hand_stops_its_emulator(environment):
    with subprocess.Popen(
        [sys.executable, str(DEMO)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "listens on" in line:
                break
        assert emulators(environment["TMPDIR"])
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=LONGEST)
    assert process.returncode == 130
    assert "Stopped" in err
    assert "Traceback" not in err
    until = time.monotonic() + 10
    while emulators(environment["TMPDIR"]) and time.monotonic() < until:
        time.sleep(0.1)
    assert emulators(environment["TMPDIR"]) == []
    assert os.listdir(environment["TMPDIR"]) == []
