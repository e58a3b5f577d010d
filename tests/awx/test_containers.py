# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two jobs at once in two containers: each has its own /tmp and processes, so neither sees the locks of the other."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jobs
import pytest
import yaml

from loadmaster_emulator import Emulator

USER, PASSWORD = "bal", "secret-of-bal"
# A container as far as it matters here. The network stays, since the emulators listen on this machine. The project may be below
# /tmp itself, and has to be there in the container too.
CONTAINER = (
    *("unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c"),
    'kept=/mnt && mount --rbind "$0" "$kept" && mount -t tmpfs tmpfs /tmp && mount -t tmpfs tmpfs /dev/shm && '
    'mkdir -p "$0" && mount --rbind "$kept" "$0" && exec "$@"',
    str(jobs.ROOT),
)
SERVICES = 6


@pytest.fixture
def containers() -> tuple[str, ...]:
    """The start of a command that runs in a container of its own."""
    probe = subprocess.run([*CONTAINER, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"no mount and process namespaces here: {probe.stderr.strip() or 'unshare failed'}")
    return CONTAINER


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside of /tmp, which containers do not share."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="lm-") as made:
        yield Path(made)


@pytest.fixture
def loadmasters() -> Iterator[dict[str, Emulator]]:
    with Emulator(users={USER: PASSWORD}) as one, Emulator(users={USER: PASSWORD}) as two:
        yield {"lm1": one, "lm2": two}


def document(first: int) -> str:
    """Services of one job: no two jobs name the same ones."""
    services: list[dict[str, Any]] = [
        {
            **{"address": f"192.0.2.{number}", "port": 80, "nickname": f"Shop {number}", "type": "http"},
            "real_servers": [{"address": f"198.51.100.{number}"}],
        }
        for number in range(first, first + SERVICES)
    ]
    services[0] |= {"nickname": f"Portal {first}"}
    services[0].pop("real_servers")
    services[0]["sub_virtual_services"] = [
        {"name": f"{first}-{letter}", "real_servers": [{"address": f"198.51.100.{first}"}]} for letter in "abc"
    ]
    return yaml.safe_dump({"virtual_services": services})


def both(folder: Path, loadmasters: dict[str, Emulator], containers: tuple[str, ...], slices: bool) -> list[jobs.Job]:
    """Run two jobs at the same time: slices of one template, or two templates with documents of their own."""
    authorities = "".join(Path(lm.certificate_file).read_text(encoding="utf-8") for lm in loadmasters.values())
    credential = {"username": USER, "password": PASSWORD, "ca": authorities}

    def one(number: int) -> jobs.Job:
        text = document(10 if slices else 10 + 50 * number)
        return jobs.run(
            folder / f"job{number}",
            "apply.yml",
            loadmasters,
            credential,
            files={f"documents/{name}.yml": text for name in loadmasters},
            slice_of=(number, 2) if slices else (1, 1),
            wrapper=containers,
        )

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, (1, 2)))


def nicknames(lm: Emulator) -> list[str]:
    return sorted(service["NickName"] for service in lm.call("listvs")["VS"] if service.get("NickName"))


def expected(*firsts: int) -> list[str]:
    names = []
    for first in firsts:
        names += [f"Portal {first}", *(f"{first}-{letter}" for letter in "abc")]
        names += [f"Shop {number}" for number in range(first + 1, first + SERVICES)]
    return sorted(names)


def test_slices_on_different_loadmasters(
    folder: Path, loadmasters: dict[str, Emulator], containers: tuple[str, ...]
) -> None:
    done = both(folder, loadmasters, containers, slices=True)
    assert [job.rc for job in done] == [0, 0], [job.stdout for job in done]
    assert all(nicknames(lm) == expected(10) for lm in loadmasters.values())


@pytest.mark.parametrize("attempt", range(2))
def test_two_jobs_on_the_same_loadmaster(
    folder: Path, loadmasters: dict[str, Emulator], containers: tuple[str, ...], attempt: int
) -> None:
    only = {"lm1": loadmasters["lm1"]}
    done = both(folder, only, containers, slices=False)
    # Each detects the other, waits and plans again. One that gives up says so, and the next run goes on from there.
    assert all(job.rc == 0 or "Run the task again" in job.stdout for job in done), [job.stdout for job in done]
    failed = [number for number, job in enumerate(done, 1) if job.rc]
    for number in failed:
        again = jobs.run(
            folder / f"again{number}",
            "apply.yml",
            only,
            {"username": USER, "password": PASSWORD, "ca": Path(only["lm1"].certificate_file).read_text("utf-8")},
            files={"documents/lm1.yml": document(10 + 50 * number)},
        )
        assert again.rc == 0, again.stdout
    # Nothing is lost, and nothing is there twice
    assert nicknames(only["lm1"]) == expected(60, 110)
    servers = [server for service in only["lm1"].call("listvs")["VS"] for server in service.get("Rs") or []]
    places = [(server["VSIndex"], server["Addr"]) for server in servers if server.get("Addr")]
    assert len(places) == len(set(places)) == 2 * (SERVICES - 1 + 3)
    assert os.path.isdir(folder)
