# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the integration tests: an emulated LoadMaster, and a real ansible-playbook that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import COLLECTION, Playbook, TaskResult

USER = "bal"
PASSWORD = "secret-of-bal"
FIRMWARE = "7.2.63"


@pytest.fixture(autouse=True)
def watch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What a test leaves on any LoadMaster, and what each of its playbooks leaves there, has to survive as a document."""
    from round_trip import Watch  # the collection is importable by now

    made = Watch()
    made.begin(monkeypatch)
    yield made
    if not getattr(request.node, "has_failed", False):
        made.look()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Remember that a test has failed: then its LoadMasters are as they should not be anyway."""
    report = yield
    if report.when == "call":
        item.has_failed = report.failed  # type: ignore[attr-defined]
    return report


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A LoadMaster with one user; @pytest.mark.emulator(firmware=..., users=...) makes it another one.

    Whatever state the test leaves on it has to survive as a document, see watch.
    """
    try:
        from loadmaster_emulator import Emulator
    except ImportError as error:
        pytest.fail(f"The emulator cannot be imported, run 'make env': {error}", pytrace=False)
    options: dict[str, Any] = {"firmware": FIRMWARE, "users": {USER: PASSWORD}}
    for marker in reversed(list(request.node.iter_markers("emulator"))):
        options.update(marker.kwargs)
    with Emulator(**options) as loadmaster:
        yield loadmaster


@pytest.fixture
def inventory(request: pytest.FixtureRequest) -> Callable[[], dict[str, Any]]:
    """What a user's inventory says about one LoadMaster. The emulator starts when it is asked for first."""

    def make() -> dict[str, Any]:
        loadmaster = request.getfixturevalue("emulator")
        lm1 = {
            "ansible_host": loadmaster.host,
            "ansible_port": loadmaster.port,
            "ansible_user": USER,
            "ansible_password": PASSWORD,
            "loadmaster_ca_path": str(loadmaster.certificate_file),
        }
        return {
            "all": {
                # Nothing runs on the LoadMaster itself; what is shipped somewhere runs in the Python of these tests
                "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
                "children": {"loadmasters": {"hosts": {"lm1": lm1}}},
            }
        }

    return make


@pytest.fixture
def playbook(tmp_path: Path, inventory: Callable[[], dict[str, Any]], watch: Any) -> Iterator[Playbook]:
    """Run a playbook for real: playbook(source, check=True, ...) -> Run, playbook.start(...) for a run under way."""
    runner = Playbook(tmp_path / "ansible", inventory, afterwards=watch.look)
    yield runner
    runner.close()


@pytest.fixture(scope="session")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the roles make of their variables, as documents: for tests that need no playbook of their own."""
    import recipes as variants

    return variants.rendered(Playbook(tmp_path_factory.mktemp("recipes"), dict))


@pytest.fixture
def module(playbook: Playbook) -> Callable[..., TaskResult]:
    """Run one task of one module on lm1: module("virtual_service", {...}, check=True) -> TaskResult."""

    def run(name: str, args: dict[str, Any] | None = None, **options: Any) -> TaskResult:
        action = name if "." in name else f"{COLLECTION}.{name}"
        run = playbook([{"name": action, action: args or {}}], **options)
        assert run.tasks, f"the task did not get to run\n{run}"
        return run.tasks[-1]

    return run


@pytest.fixture(params=["v1", "v2"])
def do(request: pytest.FixtureRequest, emulator: Any) -> Any:
    """Run a module's function without a playbook, by either version of the API: do(virtual_service, ...) -> result."""
    import layer7  # the collection is importable by now

    return layer7.runner(emulator, request.param)


@pytest.fixture
def exchange(do: Any) -> Any:
    """The same on a LoadMaster that has a parent and rules, but no SubVSs yet."""
    import layer7

    return layer7.prepare(do)
