# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance of one server after the other, by the playbook, as a user runs it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from strike import Strike

from loadmaster_emulator import Emulator
from runner import REAL_TIME, Playbook, Run

PLAYBOOK = "kemp.loadmaster.rolling_maintenance"
SERVERS = ["192.0.2.31", "192.0.2.32", "192.0.2.33"]
PORTS = (25, 443)


def prepare(lm: Emulator) -> None:
    """Two services with three servers; a person has disabled the last one in one of them."""
    for port in PORTS:
        lm.call("addvs", vs="192.0.2.25", port=port, prot="tcp")
        for address in SERVERS:
            lm.call("addrs", vs="192.0.2.25", port=port, prot="tcp", rs=address, rsport=port)
    lm.call("modrs", vs="192.0.2.25", port=25, prot="tcp", rs=SERVERS[2], rsport=25, enable="n")


def disabled(lm: Emulator) -> list[tuple[str, int]]:
    return [(rs["Addr"], rs["Port"]) for vs in lm.call("listvs")["VS"] for rs in vs["Rs"] if not rs["Enable"]]


def notes(lm: Emulator) -> list[str]:
    return [rule["Name"] for rule in lm.call("showrule").get("MatchContentRule", [])]


BEFORE = [(SERVERS[2], 25)]
EACH = [f"{address} on web{number}" for number, address in enumerate(SERVERS, start=1)]


@pytest.fixture
def lm(emulator: Emulator) -> Emulator:
    prepare(emulator)
    return emulator


@pytest.fixture
def inventory(inventory: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The LoadMaster, and the servers by the names that they have in the inventory."""

    def make() -> dict[str, Any]:
        data = inventory()
        hosts = {f"web{number}": {"ansible_connection": "local"} for number in (1, 2, 3)}
        data["all"]["children"]["servers"] = {"hosts": hosts}
        return data

    return make


@pytest.fixture
def hook(tmp_path: Path) -> Callable[..., str]:
    """A file with tasks that write down which server they maintain, on which host, and what else is given."""

    def write(*tasks: dict[str, Any]) -> str:
        noted = {
            "name": "Maintain it",
            "ansible.builtin.lineinfile": {
                "path": str(tmp_path / "maintained"),
                "line": "{{ rolling_maintenance_server.address }} on {{ ansible_delegated_vars | first }}",
                "create": True,
                "mode": "0600",
                "insertafter": "EOF",
            },
            "delegate_to": "{{ rolling_maintenance_server.host }}",
        }
        path = tmp_path / "hook.yml"
        path.write_text(json.dumps([noted, *tasks]), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def maintained(tmp_path: Path) -> Callable[[], list[str]]:
    return lambda: (tmp_path / "maintained").read_text(encoding="utf-8").splitlines()


def variables(hook: str, **more: Any) -> dict[str, Any]:
    servers = [{"address": address, "host": f"web{number}"} for number, address in enumerate(SERVERS, start=1)]
    named = {
        "servers": servers,
        "tasks": hook,
        "drain_timeout": 1,
        "poll_interval": 1,
        "healthy_timeout": 5,
        "settle_time": 0,
        "health_urls": [],
        **more,
    }
    return {f"rolling_maintenance_{name}": value for name, value in named.items() if value is not None}


def message(run: Run) -> str:
    assert run.rc != 0, run
    return run.failed[0].msg


def test_server_by_server(playbook: Playbook, lm: Emulator, hook: Any, maintained: Any) -> None:
    """Each server is out in all services, the others are in, when it is maintained."""
    before = lm.state()
    seen: list[list[tuple[str, int]]] = []
    lm.on_call(lambda call: seen.append(disabled(lm)) if call.command == "stats" else None)
    run = playbook(PLAYBOOK, extra_vars=variables(hook(), drain_timeout=6, poll_interval=5)).succeeded()
    assert maintained() == EACH
    looked_at = [sorted({*out} - {*BEFORE}) for out in seen]
    assert [out for at, out in enumerate(looked_at) if out not in looked_at[:at]] == [
        [(SERVERS[0], 25), (SERVERS[0], 443)],
        [(SERVERS[1], 25), (SERVERS[1], 443)],
        [(SERVERS[2], 443)],
    ]
    assert lm.state() == before and run.warnings == []


def test_servers_may_be_addresses_alone(playbook: Playbook, lm: Emulator, hook: Any, inventory: Any) -> None:
    data = inventory()
    data["all"]["children"]["servers"] = {"hosts": {SERVERS[0]: {"ansible_connection": "local"}}}
    playbook(PLAYBOOK, extra_vars=variables(hook(), servers=SERVERS[:1]), inventory=data).succeeded()
    assert disabled(lm) == BEFORE


def test_stops_at_the_first_server_that_does_not_come_back(
    playbook: Playbook, lm: Emulator, hook: Any, maintained: Any
) -> None:
    lm.on_call(lambda call: lm.down.add((SERVERS[1], 443)) if disabled(lm)[:1] == [(SERVERS[1], 25)] else None)
    run = playbook(PLAYBOOK, extra_vars=variables(hook(), healthy_timeout=2))
    assert "not healthy in virtual service tcp/192.0.2.25:443 (down)" in message(run)
    assert maintained() == EACH[:2] and disabled(lm) == BEFORE


def test_a_hook_that_fails_stops_it_with_the_server_out(
    playbook: Playbook, lm: Emulator, hook: Any, maintained: Any
) -> None:
    broken = hook({"name": "Break", "ansible.builtin.fail": {"msg": "No patch"}})
    assert message(playbook(PLAYBOOK, extra_vars=variables(broken))) == "No patch"
    assert maintained() == EACH[:1] and disabled(lm) == [(SERVERS[0], 25), BEFORE[0], (SERVERS[0], 443)]
    playbook(PLAYBOOK, extra_vars=variables(hook())).succeeded()
    assert disabled(lm) == BEFORE


@pytest.mark.parametrize("plain", [False, True], ids=["entries", "addresses"])
@pytest.mark.parametrize("remember", [True, False])
def test_goes_on_after_a_failure_at_the_last_of_two_servers(
    playbook: Playbook, lm: Emulator, hook: Any, tmp_path: Path, plain: bool, remember: bool
) -> None:
    """The first one is the last healthy server by then. What is out comes first, and is put back before the other one goes."""
    lm.call("delrs", vs="192.0.2.25", port=25, prot="tcp", rs=SERVERS[2], rsport=25)
    lm.call("delrs", vs="192.0.2.25", port=443, prot="tcp", rs=SERVERS[2], rsport=443)
    fails = {"name": "Break", "ansible.builtin.fail": {"msg": "No patch"}}
    fails["when"] = f"rolling_maintenance_server.address == '{SERVERS[1]}' and patch_fails | bool"
    two = variables(hook(fails), remember=remember)
    two["rolling_maintenance_servers"] = SERVERS[:2] if plain else two["rolling_maintenance_servers"][:2]
    if plain:
        inventory_names = {"rolling_maintenance_tasks": str(tmp_path / "plain.yml")}
        (tmp_path / "plain.yml").write_text(json.dumps([fails]), encoding="utf-8")
        two |= inventory_names
    assert message(playbook(PLAYBOOK, extra_vars={**two, "patch_fails": True})) == "No patch"
    assert disabled(lm) == [(SERVERS[1], 25), (SERVERS[1], 443)]
    if remember:
        refused = playbook(
            [{"name": "x", "kemp.loadmaster.server_maintenance": {"state": "out_of_service", "address": SERVERS[0]}}]
        )
        assert "192.0.2.32 is out of service there, as the note Maintenance_192_0_2_32 says" in message(refused)
        seen: list[Any] = []
        lm.on_call(lambda call: seen.append(disabled(lm)) if call.command == "modrs" else None)
        run = playbook(PLAYBOOK, extra_vars={**two, "patch_fails": False}).succeeded()
        # The first call puts back what was out
        assert disabled(lm) == [] and seen[0] == [(SERVERS[1], 443)]
        assert all(len({address for address, _port in out}) == 1 for out in seen if out)
    else:
        # No one knows what took it out, so it stays out; but it is its turn first
        run = playbook(PLAYBOOK, extra_vars={**two, "patch_fails": True})
        assert message(run) == "No patch"


def test_stops_before_a_server_that_a_service_cannot_do_without(
    playbook: Playbook, lm: Emulator, hook: Any, tmp_path: Path
) -> None:
    lm.down.update({(SERVERS[1], 25)})
    run = playbook(PLAYBOOK, extra_vars=variables(hook()))
    assert "virtual service tcp/192.0.2.25:25 would be left without a healthy real server" in message(run)
    assert not (tmp_path / "maintained").exists() and disabled(lm) == BEFORE


def test_without_the_note(playbook: Playbook, lm: Emulator, hook: Any) -> None:
    before = lm.state()
    playbook(PLAYBOOK, extra_vars=variables(hook(), remember=False)).succeeded()
    assert lm.state() == before and "addrule" not in lm.journal.commands()


def test_check_mode_changes_nothing(playbook: Playbook, lm: Emulator, hook: Any, tmp_path: Path) -> None:
    before = lm.state()
    run = playbook(PLAYBOOK, extra_vars=variables(hook()), check=True, diff=True).succeeded()
    assert lm.state() == before and not (tmp_path / "maintained").exists()
    assert sum(task.changed for task in run.tasks if task.task.endswith("Take the server out of all services")) == 3


# --- several LoadMasters ------------------------------------------------------------------------------------------------


@pytest.fixture
def second() -> Iterator[Emulator]:
    with Emulator(users={"bal": "secret-of-bal"}) as other:
        prepare(other)
        yield other


def with_second(data: dict[str, Any], second: Emulator) -> dict[str, Any]:
    hosts = data["all"]["children"]["loadmasters"]["hosts"]
    address = {"ansible_port": second.port, "loadmaster_ca_path": str(second.certificate_file)}
    hosts["lm2"] = {**hosts["lm1"], **address}
    return data


def test_out_on_all_loadmasters_before_the_tasks_run_once(
    playbook: Playbook, lm: Emulator, second: Emulator, hook: Any, maintained: Any, inventory: Any
) -> None:
    run = playbook(PLAYBOOK, extra_vars=variables(hook()), inventory=with_second(inventory(), second)).succeeded()
    assert maintained() == EACH
    assert len([task for task in run.tasks if task.task == "Maintain it"]) == 3
    assert disabled(lm) == disabled(second) == BEFORE
    order = [(task.task.rpartition(" : ")[2], task.host) for task in run.tasks if "Validating" not in task.task]
    first = order[: order.index(("Maintain it", "lm1"))]
    assert {("Take the server out of all services", host) for host in ("lm1", "lm2")} <= set(first)


def test_a_loadmaster_that_refuses_stops_all(
    playbook: Playbook, lm: Emulator, second: Emulator, hook: Any, tmp_path: Path, inventory: Any
) -> None:
    second.down.update({(SERVERS[1], 25)})
    run = playbook(PLAYBOOK, extra_vars=variables(hook()), inventory=with_second(inventory(), second))
    assert "would be left without a healthy real server" in message(run)
    assert not (tmp_path / "maintained").exists() and disabled(second) == BEFORE


def test_serial_is_refused(playbook: Playbook, lm: Emulator, second: Emulator, hook: Any, inventory: Any) -> None:
    play = {
        "hosts": "loadmasters",
        "gather_facts": False,
        "serial": 1,
        "roles": [{"role": "kemp.loadmaster.rolling_maintenance"}],
    }
    run = playbook([play], extra_vars=variables(hook()), inventory=with_second(inventory(), second))
    assert "lm2 cannot go along: either the play has serial" in message(run) and disabled(lm) == BEFORE


# --- health before --------------------------------------------------------------------------------------------------------


@pytest.fixture
def page() -> Iterator[Any]:
    """A health page; it fails as often as ``failures`` says, and writes down who was asked for."""

    class Page(BaseHTTPRequestHandler):
        failures = 0
        delay = 0.0
        statuses: list[int] = []
        asked: list[str] = []
        headers_seen: Any = {}

        def do_GET(self) -> None:
            own = type(self)
            time.sleep(own.delay)
            own.asked.append(self.path)
            own.headers_seen = self.headers
            own.failures -= 1
            self.send_response(own.statuses.pop(0) if own.statuses else 503 if own.failures >= 0 else 200)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """No one reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Page.port = server.server_port
    yield Page
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_server_is_not_put_back_before_it_answers(playbook: Playbook, lm: Emulator, hook: Any, page: Any) -> None:
    page.failures = 1
    url = f"http://127.0.0.1:{page.port}/{{server}}"
    play = variables(hook(), servers=[{"address": SERVERS[0], "host": "web1"}], health_urls=[url], healthy_timeout=20)
    playbook(PLAYBOOK, extra_vars=play).succeeded()
    assert page.asked == [f"/{SERVERS[0]}"] * 2 and disabled(lm) == BEFORE


def test_a_server_that_never_answers_stays_out(playbook: Playbook, lm: Emulator, hook: Any, page: Any) -> None:
    page.failures = 100
    url = f"http://127.0.0.1:{page.port}/{{server}}"
    run = playbook(PLAYBOOK, extra_vars=variables(hook(), health_urls=[url], healthy_timeout=5))
    assert run.rc != 0 and (SERVERS[0], 443) in disabled(lm)


def test_the_time_for_an_answer_is_the_time_that_is_given(
    playbook: Playbook, lm: Emulator, hook: Any, page: Any
) -> None:
    """However long each try takes, and however many pages there are."""
    page.failures = 100
    page.delay = 3.0
    urls = [f"http://127.0.0.1:{page.port}/{{server}}/{number}" for number in (1, 2)]
    run = playbook(PLAYBOOK, extra_vars=variables(hook(), health_urls=urls, healthy_timeout=9), speed=REAL_TIME)
    assert run.rc != 0 and (SERVERS[0], 443) in disabled(lm)
    assert [path.rpartition("/")[2] for path in page.asked] == ["1", "1", "2"]


def checked(lm: Emulator, page: Any, **more: Any) -> None:
    """Let a service check its servers by a page of this machine."""
    for port in PORTS:
        lm.call("delvs", vs="192.0.2.25", port=port, prot="tcp")
    place = {"vs": "192.0.2.25", "port": 80, "prot": "tcp"}
    lm.call("addvs", **place, vstype="http")
    lm.call("modvs", **place, checktype="http", checkurl="/health", checkport=page.port, checkuseget=1, **more)
    for address in ("127.0.0.1", "127.0.0.2"):
        lm.call("addrs", **place, rs=address, rsport=8080)


LOCAL: dict[str, Any] = {"servers": [{"address": "127.0.0.1", "host": "web1"}], "health_urls": None}


def test_a_server_is_asked_what_the_loadmaster_asks_it(playbook: Playbook, lm: Emulator, hook: Any, page: Any) -> None:
    """Once before it is taken out, to see that it can be asked from here, and until it answers before it is put back."""
    checked(lm, page, **{"checkuse1.1": "y"}, checkhost="mail.example", checkheaders="X-Check:1", checkcodes="404")
    page.statuses = [404, 503, 200]
    playbook(PLAYBOOK, extra_vars=variables(hook(), **LOCAL, healthy_timeout=20)).succeeded()
    assert page.asked == ["/health"] * 3 and disabled(lm) == []
    assert page.headers_seen["Host"] == "mail.example" and page.headers_seen["X-Check"] == "1"


def test_a_server_that_does_not_answer_what_the_loadmaster_asks_stays_out(
    playbook: Playbook, lm: Emulator, hook: Any, page: Any
) -> None:
    checked(lm, page)
    page.statuses = [200, 503, 503, 503]
    assert playbook(PLAYBOOK, extra_vars=variables(hook(), **LOCAL, healthy_timeout=5)).rc != 0
    assert disabled(lm) == [("127.0.0.1", 8080)]


def test_a_server_that_cannot_be_asked_from_here_is_not_taken_out(
    playbook: Playbook, lm: Emulator, hook: Any, page: Any, tmp_path: Path
) -> None:
    checked(lm, page)
    page.statuses = [503] * 9
    run = playbook(PLAYBOOK, extra_vars=variables(hook(), **LOCAL))
    assert f"localhost it does not answer http://127.0.0.1:{page.port}/health as expected" in message(run)
    assert disabled(lm) == [] and not (tmp_path / "maintained").exists() and len(page.asked) == 1
    for none in ([], ""):
        playbook(PLAYBOOK, extra_vars=variables(hook(), **{**LOCAL, "health_urls": none})).succeeded()
    assert len(page.asked) == 1 and disabled(lm) == []


def test_a_server_that_is_down_can_be_repaired(playbook: Playbook, lm: Emulator, hook: Any, page: Any) -> None:
    """It does not have to answer before it is taken out."""
    checked(lm, page)
    lm.down.add(("127.0.0.1", 8080))
    lm.on_call(lambda call: lm.down.clear() if not notes(lm) and page.asked else None)
    page.statuses = [503, 200]
    playbook(PLAYBOOK, extra_vars=variables(hook(), **LOCAL, healthy_timeout=20)).succeeded()
    assert len(page.asked) == 2 and disabled(lm) == []


# --- variables from the command line and from a survey -------------------------------------------------------------------


def texts(hook: str, **more: str) -> dict[str, str]:
    """Every variable as text."""
    named = {
        "servers": f"{SERVERS[0]}, {SERVERS[1]}",
        "tasks": hook,
        "drain_timeout": "1",
        "poll_interval": "1",
        "cut_connections": "false",
        "require_drained": "false",
        "allow_no_servers": "false",
        "health_status": "200,204",
        "health_validate_certs": "false",
        "healthy_timeout": "5",
        "settle_time": "0",
        "remember": "true",
        "health_urls": "",
        **more,
    }
    return {f"rolling_maintenance_{name}": value for name, value in named.items()}


def test_variables_may_be_text(playbook: Playbook, lm: Emulator, hook: Any, page: Any, inventory: Any) -> None:
    data = inventory()
    data["all"]["children"]["servers"] = {"hosts": {address: {"ansible_connection": "local"} for address in SERVERS}}
    page.statuses = [204, 200, 204, 200]
    urls = ", ".join(f"http://127.0.0.1:{page.port}/{name}/{{server}}" for name in ("a", "b"))
    playbook(PLAYBOOK, extra_vars=texts(hook(), health_urls=urls), inventory=data).succeeded()
    assert page.asked == [f"/{name}/{address}" for address in SERVERS[:2] for name in ("a", "b")]
    assert disabled(lm) == BEFORE and "addrule" in lm.journal.commands()
    playbook(PLAYBOOK, extra_vars=texts(hook(), remember="false"), inventory=data).succeeded()
    assert lm.journal.commands().count("addrule") == 2 and disabled(lm) == BEFORE
    run = playbook(PLAYBOOK, extra_vars=texts(hook(), require_drained="true"), inventory=data)
    assert "still has connections, or too little time has passed to tell" in message(run)


# --- what cannot go well --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"servers": []}, "rolling_maintenance_servers is empty"),
        ({"servers": [{"host": "web1"}]}, "is an address, or a dictionary with the key address"),
        ({"servers": [SERVERS[0], {"address": SERVERS[0]}]}, "the same server more than once"),
        ({"tasks": "nowhere.yml"}, "/nowhere.yml, which rolling_maintenance_tasks names"),
    ],
)
def test_bad_input(playbook: Playbook, lm: Emulator, hook: Any, more: dict[str, Any], sentence: str) -> None:
    before = lm.state()
    assert sentence in message(playbook(PLAYBOOK, extra_vars=variables(hook(), **more)))
    assert lm.state() == before


def test_killed_after_any_call(playbook: Playbook, hook: Any, inventory: Any) -> None:
    """The run after it ends as if nothing had happened."""
    tasks = hook()
    options = {"extra_vars": variables(tasks, servers=[{"address": SERVERS[2], "host": "web3"}])}

    def hosts(lm: Emulator) -> dict[str, Any]:
        data = inventory()
        place = {"ansible_host": lm.host, "ansible_port": lm.port, "loadmaster_ca_path": str(lm.certificate_file)}
        data["all"]["children"]["loadmasters"]["hosts"]["lm1"].update(place)
        return data

    with Emulator(users={"bal": "secret-of-bal"}) as lm:
        prepare(lm)
        before = lm.state()
        playbook(PLAYBOOK, inventory=hosts(lm), **options).succeeded()
        calls = lm.journal.commands()
        assert lm.state() == before and {"addrule", "modrs", "delrule"} <= set(calls)
    for last in range(1, len(calls) + 1):
        with Emulator(users={"bal": "secret-of-bal"}) as lm:
            prepare(lm)
            strike = Strike(last)
            lm.on_call(strike)
            strike.at(playbook.start(PLAYBOOK, inventory=hosts(lm), **options))
            assert strike.run.wait().rc != 0, f"the run survived call {last}, {calls[last - 1]}"
            lm.on_call(None)
            playbook(PLAYBOOK, inventory=hosts(lm), **options).succeeded()
            assert lm.state() == before, f"killed after call {last}, {calls[last - 1]}"
