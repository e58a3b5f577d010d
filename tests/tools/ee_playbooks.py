# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run check, show and a recipe in an execution environment, against an emulator of this machine.

ee_playbooks.py FOLDER COMMAND...: COMMAND starts a program in the image, with FOLDER/project as its current directory.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from loadmaster_emulator import Emulator

USER, PASSWORD = "bal", "secret-of-bal"
SITE = {
    "general_settings_hostname": "lb1",
    "exchange2013_l4_vip": "192.0.2.20",
    "exchange2013_l4_servers": ["192.0.2.31", "192.0.2.32"],
}
# Each run: what it shows, its arguments, how many tasks change something, and a text that it prints
RUNS = (
    ("check", ["kemp.loadmaster.site", "--check"], True, "HTTPS): would create it"),
    ("show before", ["kemp.loadmaster.show"], False, "0 services"),
    ("recipe", ["kemp.loadmaster.exchange2013_l4"], True, "HTTPS): create it"),
    ("recipe again", ["kemp.loadmaster.exchange2013_l4"], False, "PLAY RECAP"),
    ("show after", ["kemp.loadmaster.show"], False, "tcp/192.0.2.20:443"),
)


def main(folder: Path, command: list[str]) -> int:
    """Run all, and print a line for each. Returns 1 if one of them is not as it should be."""
    project = folder / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir(parents=True)
    failed = 0
    version = subprocess.run([*command, "ansible", "--version"], capture_output=True, text=True, check=True).stdout
    print("ee          ", " ".join(version.splitlines()[0].split()))
    with Emulator(users={USER: PASSWORD}) as lm:
        shutil.copy(lm.certificate_file, project / "ca.pem")
        login = {"ansible_host": lm.host, "ansible_port": lm.port, "ansible_user": USER, "ansible_password": PASSWORD}
        hosts = {"lm1": {**login, "loadmaster_ca_path": "ca.pem", **SITE}}
        (project / "inventory.yml").write_text(yaml.safe_dump({"loadmasters": {"hosts": hosts}}), encoding="utf-8")
        for title, arguments, changes, text in RUNS:
            done = subprocess.run(
                [*command, "ansible-playbook", "-i", "inventory.yml", *arguments],
                capture_output=True,
                text=True,
                check=False,
            )
            figures = re.search(r"changed=(\d+)\s+unreachable=0\s+failed=0", done.stdout)
            good = done.returncode == 0 and figures and (figures[1] != "0") == changes and text in done.stdout
            print(f"ee           {title}: {'good' if good else 'BAD'}")
            if not good:
                failed = 1
                print(done.stdout, done.stderr, sep="\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
