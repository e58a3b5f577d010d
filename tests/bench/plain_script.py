# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a script without Ansible costs: the given calls one after the other over one connection, and nothing else.

Started as ``python plain_script.py JOB``; JOB is a JSON file with url, user, password, ca and calls.
"""

from __future__ import annotations

import json
import sys
import time

import requests

PAUSE, TRIES = 1.0, 10


def main() -> int:
    """Send the calls, and print how many bytes came back."""
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    received = 0
    with requests.Session() as session:
        session.trust_env = False
        session.verify = job["ca"]
        session.auth = (job["user"], job["password"])
        for command, parameters in job["calls"]:
            answer = sent(session, job["url"], {"cmd": command, **parameters})
            answer.raise_for_status()
            answer.json()
            received += len(answer.content)
    print(received)
    return 0


def sent(session: requests.Session, url: str, content: dict[str, str]) -> requests.Response:
    """Send one call; again after a pause where the appliance hung up because of too many."""
    for _unused in range(TRIES):
        try:
            return session.post(url, json=content, timeout=60)
        except requests.ConnectionError:
            time.sleep(PAUSE)
    return session.post(url, json=content, timeout=60)


if __name__ == "__main__":
    sys.exit(main())
