# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader who types all examples of a page: a folder, a shell, and an emulated LoadMaster at the address of the page.

Run in a network namespace of its own, where 192.0.2.5 is an address of this machine:

    unshare --net python -m pages.reader PAGE FOLDER

It prints JSON: ``wrong``, a list of what went wrong, each with the line of the page and a sentence, and ``printed``, what each
command printed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from authority import Issued, issue

from loadmaster_emulator import Emulator
from pages.reading import Example, commands, examples, missing_line

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "192.0.2.5"
PASSWORD = "of-the-first-steps"
LONGEST = 240
INVENTORY = """all:
  children:
    loadmasters:
      hosts:
        lm1:
          ansible_host: 192.0.2.5
          ansible_user: bal
          ansible_password: "{{ lookup('ansible.builtin.env', 'LM_PASSWORD') }}"
          loadmaster_fingerprint: "12:34:..."
"""
LAYER_7 = {
    "exchange2013_l7_vip": "192.0.2.25",
    "exchange2013_l7_servers": ["192.0.2.31", "192.0.2.32"],
    "exchange2013_l7_certificate": "mail-2026",
}
_MARK = re.compile(r"^<<(\d+) (\d+)>>$", re.M)


class Reader:
    """What a reader has: a folder with files of his own, and what to type for what the page leaves open."""

    def __init__(self, folder: Path, lm: Emulator) -> None:
        self.folder, self.lm = folder, lm
        self.variables: dict[str, dict[str, Any]] = {}
        self.script: list[str] = []
        self.checks: list[tuple[int, str, list[str], bool]] = []
        self.printed: list[tuple[str, str]] = []
        issuing = issue("issuing", ca=True)
        self.mail = mail = issue("mail.example.com", issuing)
        (folder / "group_vars" / "all").mkdir(parents=True)
        for name, content in {"mail.pem": mail.pem, "mail.key": mail.key, "chain.pem": issuing.pem}.items():
            (folder / name).write_text(content, encoding="utf-8")
        (folder / "group_vars" / "all" / "vault.yml").write_text(
            yaml.safe_dump(_vault(mail, issuing)), encoding="utf-8"
        )

    def put_in(self, text: str) -> str:
        """Replace what a page leaves open to its reader."""
        return text.replace("12:34:...", self.lm.fingerprint).replace("LM_PASSWORD=...", f"LM_PASSWORD={PASSWORD}")

    # --- what a reader does

    def do(self, example: Example) -> None:
        """Take an example into the script, or check it at once."""
        {
            "file": self._write,
            "append": self._append,
            "vars": self._vars,
            "host": self._vars,
            "play": self._play,
            "tasks": self._tasks,
            "prints": self._prints,
            "part of": self._part,
            "run": self._run,
            "fails": self._run,
            "setup": self._setup,
            "not run": lambda _example: None,
        }[example.what](example)

    def _to_file(self, path: str, text: str, how: str = ">") -> None:
        quoted = shlex.quote(path)
        self.script.append(
            f"mkdir -p \"$(dirname {quoted})\"; cat {how} {quoted} <<'END OF FILE'\n{text.rstrip()}\nEND OF FILE"
        )

    def _write(self, example: Example) -> None:
        self._to_file(example.argument, self.put_in(example.text))

    def _append(self, example: Example) -> None:
        self._to_file(example.argument, self.put_in(example.text), ">>")

    def _vars(self, example: Example) -> None:
        path = f"host_vars/{example.argument}.yml" if example.argument else "group_vars/loadmasters.yml"
        known = self.variables.setdefault(path, {})
        known.update(yaml.safe_load(self.put_in(example.text)))
        self._to_file(path, yaml.safe_dump(known))

    def _setup(self, example: Example) -> None:
        self._to_file("inventory.yml", self.put_in(INVENTORY))
        self.script.append(f"export LM_PASSWORD={PASSWORD}")
        if example.argument in ("certificate", "layer 7"):
            self.lm.call("addcert", cert="mail-2026", replace=0, data=self.mail.pem + self.mail.key)
        if example.argument == "layer 7":
            self._to_file("layer7.yml", yaml.safe_dump(LAYER_7))
            self._command(example, "ansible-playbook -i inventory.yml kemp.loadmaster.exchange2013_l7 -e @layer7.yml")

    def _command(self, example: Example, command: str, prints: list[str] | None = None, fails: bool = False) -> None:
        number = len(self.checks)
        self.checks.append((example.line, command, prints or [], fails))
        self.script.append(f'{self.put_in(command)}\nrc=$?; echo; echo "<<{number} $rc>>"')

    def _run(self, example: Example) -> None:
        typed = commands(example.text)
        for position, (command, prints) in enumerate(typed, 1):
            self._command(example, command, prints, example.what == "fails" and position == len(typed))

    def _play(self, example: Example) -> None:
        self._write(example)
        self._command(example, f"ansible-playbook -i inventory.yml {shlex.quote(example.argument)}")

    def _tasks(self, example: Example) -> None:
        play = {"hosts": "loadmasters", "gather_facts": False, "tasks": yaml.safe_load(self.put_in(example.text))}
        self._to_file("tasks-of-the-page.yml", yaml.safe_dump([play], sort_keys=False))
        self._command(example, "ansible-playbook -i inventory.yml tasks-of-the-page.yml")

    def _prints(self, example: Example) -> None:
        self.checks[-1][2].extend(example.text.splitlines())

    def _part(self, example: Example) -> None:
        self._command(example, f"cat {shlex.quote(example.argument)}", example.text.splitlines())

    # --- and what comes of it

    def type_all(self) -> Iterator[tuple[int, str]]:
        """Run the script; yields the line of the page and what is wrong there."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "LOADMASTER_"))},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin:/sbin",
            "HOME": str(self.folder),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "PYTHONPATH": str(ROOT / "tests" / "emulator"),
        }
        shown = self.folder / ".shown"
        with shown.open("w") as output:
            shell = subprocess.Popen(
                ["bash", "-c", "\n".join(self.script)], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            try:
                shell.wait(LONGEST)
            except subprocess.TimeoutExpired:
                yield 0, f"the commands of this page took longer than {LONGEST} s"
            finally:
                # What was put into the background ends too
                with suppress(ProcessLookupError):
                    os.killpg(shell.pid, signal.SIGKILL)
        parts = _MARK.split(shown.read_text(errors="replace"))
        done = {
            int(number): (text, int(rc)) for text, number, rc in zip(parts[::3], parts[1::3], parts[2::3], strict=False)
        }
        for number, (line, command, expected, fails) in enumerate(self.checks):
            if number not in done:
                yield line, f"'{command}' did not end: {parts[-1][-2000:]}"
                return
            text, rc = done[number]
            self.printed.append((command, text.strip("\n")))
            if (rc != 0) != fails:
                yield line, f"'{command}' ended with {rc}: {text[-2000:]}"
            lacking = missing_line([self.put_in(each) for each in expected], text)
            if lacking is not None:
                yield line, f"'{command}' does not print '{lacking.strip()}', but: {text[-2000:]}"


def _vault(mail: Issued, issuing: Issued) -> dict[str, str]:
    """The secrets of the reader, by their names on the pages."""
    return {
        "vault_loadmaster_password": PASSWORD,
        "vault_mail_certificate": mail.pem + issuing.pem,
        "vault_mail_key": mail.key,
        "vault_smtp_password": "of-the-mail-server",
        "vault_snmp_community": "of-snmp",
    }


def read_and_type(page: Path, folder: Path) -> dict[str, list[Any]]:
    """Type all examples of a page; returns what went wrong, by line, and what each command printed."""
    parts: list[list[Example]] = [[]]
    for example in examples(page):
        if example.what == "reset":
            parts.append([])
        else:
            parts[-1].append(example)
    wrong: list[tuple[int, str]] = []
    printed: list[tuple[str, str]] = []
    for number, part in enumerate(parts):
        own = folder / str(number)
        own.mkdir()
        with Emulator(host=ADDRESS, port=443, users={"bal": PASSWORD}) as lm:
            reader = Reader(own, lm)
            for example in part:
                reader.do(example)
            if reader.checks:
                wrong += reader.type_all()
                printed += reader.printed
    return {"wrong": wrong, "printed": printed}


def main() -> int:
    """Prepare the network of this namespace, and type a page."""
    for command in (["link", "set", "lo", "up"], ["address", "add", "192.0.2.5/24", "dev", "lo"]):
        subprocess.run(["ip", *command], check=True, capture_output=True)
    print(json.dumps(read_and_type(Path(sys.argv[1]), Path(sys.argv[2]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
