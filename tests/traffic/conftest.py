# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the traffic tests: one site a module, deployed once by the playbooks of the collection."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "emulator")]

from site_under_test import Site, running_site  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def haproxy() -> None:
    """The data plane of the emulator; without it there is nothing to send requests through."""
    if shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin") is None:
        pytest.skip("HAProxy is not installed: apt install haproxy")


@pytest.fixture(scope="module")
def bare_site(tmp_path_factory: pytest.TempPathFactory, haproxy: None) -> Iterator[Site]:
    """Servers, and a LoadMaster on which nothing is deployed yet."""
    with running_site(tmp_path_factory.mktemp("ansible")) as site:
        yield site


@pytest.fixture(autouse=True)
def in_order(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test begins with servers that are whole and have seen nothing, and that the LoadMaster takes for up."""
    if "site" not in request.fixturenames:
        yield
        return
    site: Site = request.getfixturevalue("site")
    site.farm.repair()
    vips = {record["VSAddress"] for record in site.lm.call("listvs")["VS"] if record.get("VSPort") == "443"}
    for vip in sorted(vips):
        site.wait(lambda vip=vip: site.healthy(vip), f"all servers of {vip} are up")  # type: ignore[misc]
    site.farm.forget()
    yield
    from round_trip import Watch  # the collection is importable by now

    # What carries traffic has to survive as a document as well
    Watch.look_at(site.lm)
