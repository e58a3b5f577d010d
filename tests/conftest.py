# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: the collection under its own name, the recorded answers, and no silent skips in CI."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
MEASURING = tuple(f"tests/traffic/test_{name}.py" for name in ("l7", "load", "maintenance"))
COLLECTIONS = ROOT / ".build" / "collections"
SAMPLES = ROOT.parent / "shared" / "loadmaster-api" / "samples"
IN_CI = os.environ.get("LOADMASTER_CI") == "1"


def _link_collection() -> None:
    """Let this working tree be found as ansible_collections.kemp.loadmaster."""
    link = COLLECTIONS / "ansible_collections" / "kemp" / "loadmaster"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(os.path.relpath(ROOT, link.parent))
    except FileExistsError:
        # Made before, or by another worker at this moment
        assert link.resolve() == ROOT, f"{link} does not lead to this working tree; remove it"


# Before anything is collected: pytest-ansible reads the variable when it is configured
_link_collection()
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One worker more than processors: a fifth of the time, tests wait for something other than the processor."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # xdist's own way to say how many
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep each file of traffic tests on one worker, since it deploys a site of its own. These files come first.

    Files that measure times, or send a load, take turns. The groups of xdist 3.8 (--dist loadgroup) would do for this, but
    they have no effect with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if file in MEASURING:
                return "measuring"
            return file if file.startswith("tests/traffic/") else nodeid

    return Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where it is known that there are no recorded answers, leave their tests out openly: pytest counts them."""
    if os.environ.get("LOADMASTER_SAMPLES") != "none":
        return
    left_out = [item for item in items if "samples" in getattr(item, "fixturenames", ())]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder with recorded answers of real appliances; it is no part of the project."""
    folder = Path(os.environ.get("LOADMASTER_SAMPLES") or SAMPLES)
    if not folder.is_dir():
        pytest.skip(f"no recorded answers in {folder}; LOADMASTER_SAMPLES can name another folder")
    return folder


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"In CI nothing may be skipped, a test that does not run proves nothing: {_reason(report)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    report = yield
    _refuse_skip(report)
    return report
