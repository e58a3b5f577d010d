# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks of the collection in a real ansible-rulebook: an event of a LoadMaster starts a playbook, a ticket, a job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import rulebooks
from rulebooks import Rulebook, Web

LOGIN = {"LOADMASTER_USERNAME": "bal", "LOADMASTER_PASSWORD": "secret-of-bal"}
SERVER = "192.0.2.81"


@pytest.fixture
def java() -> Path:
    """Java and ansible-rulebook. Without them the loop of the source is tested by itself, in test_event_source."""
    home = rulebooks.java_home()
    if home is None:
        pytest.skip("ansible-rulebook needs Java 17: apt install openjdk-17-jre-headless")
    wrong = rulebooks.install()
    if wrong:
        pytest.skip(f"ansible-rulebook cannot be installed: {wrong}")
    return home


@pytest.fixture
def lm(emulator: Any) -> Any:
    emulator.call("addvs", vs="192.0.2.80", port=80, prot="tcp", nickname="Shop")
    for address in (SERVER, "192.0.2.82"):
        emulator.call("addrs", vs="192.0.2.80", port=80, prot="tcp", rs=address, rsport=80)
    return emulator


def loadmasters(lm: Any) -> dict[str, Any]:
    place = {"host": lm.host, "host_port": lm.port, "fingerprint": lm.fingerprint}
    return {"loadmasters": [{"name": "lm1", **place}], "loadmasters_interval": 1}


def inventory(lm: Any) -> dict[str, Any]:
    lm1 = {"ansible_host": lm.host, "ansible_port": lm.port, "loadmaster_fingerprint": lm.fingerprint}
    return {"all": {"children": {"loadmasters": {"hosts": {"lm1": lm1}}}}}


def test_a_server_that_is_down_is_shown_and_becomes_a_ticket(java: Path, lm: Any, tmp_path: Path) -> None:
    with Web() as tickets:
        variables = {**loadmasters(lm), "ticket_url": f"{tickets.url}/tickets"}
        with Rulebook(tmp_path, java, "kemp.loadmaster.servers", variables, inventory(lm), LOGIN) as run:
            run.wait(lambda: "listvs" in lm.journal.commands(), "poll")
            lm.down.add((SERVER, 80))
            run.wait(lambda: bool(tickets.posted("/tickets")), "ticket")
            lm.down.clear()
            run.wait(lambda: len(tickets.posted("/tickets")) == 2, "second ticket")
    down, up = tickets.posted("/tickets")
    assert (down["open"], up["open"]) == (True, False)
    assert down["key"] == up["key"] == f"lm1/tcp/192.0.2.80:80//{SERVER}/80"
    assert down["title"] == f"lm1: real server {SERVER}:80 of virtual service tcp/192.0.2.80:80 (Shop) is down."
    # The report is what kemp.loadmaster.show prints
    assert f"{SERVER}:80 down, weight 1000" in run.output
    assert LOGIN["LOADMASTER_PASSWORD"] not in run.output


def test_a_change_starts_one_job(java: Path, lm: Any, tmp_path: Path) -> None:
    """The answers are the least that ansible-rulebook asks a controller for; its own tests show what these look like."""

    def answers(method: str, path: str) -> Any:
        template = {"id": 7, "name": "Drift", "type": "job_template", "ask_limit_on_launch": True}
        template |= {f"ask_{what}_on_launch": what == "variables" for what in ("labels", "inventory", "variables")}
        template |= {"related": {"launch": "/api/v2/job_templates/7/launch/"}}
        template["summary_fields"] = {"organization": {"name": "Default"}}
        job = {
            "id": 9,
            "url": "/api/v2/jobs/9/",
            "status": "successful",
            "artifacts": {},
            "created": "2026-01-01T00:00:00Z",
        }
        if "launch" in path:
            return {**job, "job": 9}
        if "unified_jobs" in path:
            return {"count": 1, "next": None, "results": [job]}
        if "job_templates" in path:
            return {"count": 1, "next": None, "results": [template]}
        return job if "/jobs/" in path else {"version": "24.6.1"}

    # The rulebook as it is shipped, but in less than five minutes
    text = (rulebooks.ROOT / "extensions/eda/rulebooks/drift.yml").read_text(encoding="utf-8")
    assert "once_after: 5 minutes" in text
    quick = tmp_path / "drift.yml"
    quick.write_text(text.replace("once_after: 5 minutes", "once_after: 3 seconds"), encoding="utf-8")
    with Web(answers) as controller:
        variables = {**loadmasters(lm), "drift_job_template": "Drift", "drift_organization": "Default"}
        reach = {"EDA_CONTROLLER_URL": f"{controller.url}/", "EDA_CONTROLLER_TOKEN": "token-of-awx"}
        with Rulebook(tmp_path, java, str(quick), variables, inventory(lm), {**LOGIN, **reach}) as run:
            run.wait(lambda: lm.journal.commands().count("listvs") >= 2, "polls")
            lm.call("modvs", vs="192.0.2.80", port=80, prot="tcp", nickname="Store")
            launch = "/api/v2/job_templates/7/launch/"
            run.wait(lambda: bool(controller.posted(launch)), "job")
    (job,) = controller.posted(launch)
    assert job["limit"] == "lm1"
    said = "virtual service tcp/192.0.2.80:80 (Shop) is not as it was: nickname was Shop"
    assert job["extra_vars"]["drift_changes"] == [said]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"loadmasters_interval": "soon"}, "interval is 'soon', but it must be a number from 1 to 86400."),
        ({"loadmasters": [{"hots": "192.0.2.5"}]}, "unknown option 'hots'; did you mean 'host'?"),
    ],
)
def test_a_wrong_argument_ends_the_rulebook_with_a_sentence(
    java: Path, lm: Any, tmp_path: Path, changed: dict[str, Any], sentence: str
) -> None:
    variables = {**loadmasters(lm), "ticket_url": "http://127.0.0.1:9/", **changed}
    with Rulebook(tmp_path, java, "kemp.loadmaster.servers", variables, inventory(lm), LOGIN) as run:
        assert run.ends() != 0
    assert sentence in run.output


def test_the_source_is_found_without_being_on_the_path_of_python(java: Path) -> None:
    """ansible-rulebook knows collections by ansible-galaxy alone, so nothing there can be imported by itself."""
    import subprocess

    python, source = rulebooks.BIN / "python", "extensions/eda/plugins/event_source/loadmaster.py"
    path = rulebooks.COLLECTIONS / "ansible_collections/kemp/loadmaster" / source
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run([python, path], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "No LoadMaster to watch: give host or loadmasters, or set LOADMASTER_HOST."
