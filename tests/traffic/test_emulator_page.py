# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example with traffic on the page about the emulator works as it is typed there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "emulator.md").read_text(encoding="utf-8")
# The page's own addresses and ports may be taken on a machine that runs several tests
NETWORK = f"127.{130 + os.getpid() // 256 % 100}"
API_PORT = str(30000 + os.getpid() % 20000)
LONGEST = 90


def of_the_machine(text: str) -> str:
    return re.sub(r"127\.0\.(25|31)\.", rf"{NETWORK}.\1.", text).replace("8443", API_PORT)


def blocks(kind: str, part: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)


def test_the_example_with_traffic_works_as_typed() -> None:
    before, _heading, traffic = PAGE.partition("## Traffic")
    inventory = next(block for block in blocks("yaml", before) if block.startswith("loadmasters:"))
    (playbook,) = blocks("yaml", traffic)
    typed = [line for block in blocks("console", traffic) for line in block.splitlines()]
    assert typed[0].startswith("$ pip install "), typed[0]
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        here = Path(folder)
        (here / "inventory.yml").write_text(of_the_machine(inventory))
        (here / "exchange.yml").write_text(of_the_machine(playbook))
        # What is printed shows which command it belongs to
        script = [line.removeprefix("$ ") for line in typed[1:] if line.startswith("$ ")]
        script = [f"{line}\necho '<{number}>'" for number, line in enumerate(script)]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            **{
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin",
                "HOME": folder,
                "TMPDIR": folder,
            },
            **{"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"), "ANSIBLE_NOCOLOR": "1"},
            "PYTHONPATH": str(ROOT / "tests" / "emulator"),
        }
        command = ["bash", "-c", of_the_machine("\n".join(script))]
        with (here / "shown").open("w") as shown:
            shell = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=shown, stderr=shown, start_new_session=True
            )
            try:
                shell.wait(LONGEST)
            finally:
                # What it has put into the background ends with it
                os.killpg(shell.pid, signal.SIGTERM)
        text = (here / "shown").read_text()
    printed: list[str] = []
    for line in typed[1:]:
        if not line.startswith("$ "):
            printed.append(of_the_machine(line))
    assert "failed=0" in text and "changed=1" in text, text
    # A server that is up may answer where the page has the other one
    found = re.findall(r"200 OK<br/>EX\d", text)
    assert len(found) == 2 and found[1] == "200 OK<br/>EX2", text
    for line in printed:
        assert line in text or line.startswith("200 OK"), f"{line}\n{text}"
