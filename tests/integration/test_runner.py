# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner by itself: does it tell what a playbook did? No LoadMaster is needed for that."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from runner import QUICK, REAL_TIME

HOSTS = {"all": {"children": {"loadmasters": {"hosts": {"lm1": {"who": "first"}, "lm2": {"who": "second"}}}}}}


def test_tells_results_and_figures(playbook):
    run = playbook(
        """
- hosts: loadmasters
  gather_facts: false
  tasks:
    - name: say
      ansible.builtin.debug:
        msg: "I am {{ who }}"
    - name: change
      ansible.builtin.debug:
        msg: changed
      changed_when: true
    - name: only on the first
      ansible.builtin.set_fact:
        seen: true
      when: who == "first"
""",
        inventory=HOSTS,
    ).succeeded()

    assert sorted((result.host, result.msg) for result in run.results if result.task == "say") == [
        ("lm1", "I am first"),
        ("lm2", "I am second"),
    ]
    assert [result.status for result in run.tasks if result.host == "lm2"] == ["ok", "changed", "skipped"]
    assert run.changed == 2
    assert run.failed == []
    assert run.warnings == []
    assert run.stats["lm1"] == {
        "ok": 3,
        "changed": 1,
        "failures": 0,
        "unreachable": 0,
        "skipped": 0,
        "rescued": 0,
        "ignored": 0,
    }
    assert "I am second" in run.stdout


def test_tells_items_of_a_loop(playbook):
    tasks = [{"name": "each", "ansible.builtin.debug": {"msg": "{{ item }}"}, "loop": ["a", {"b": 1}]}]
    run = playbook(tasks, inventory=HOSTS, limit="lm1").succeeded()
    assert [(result.item, result.result["msg"]) for result in run.items] == [("a", "a"), ({"b": 1}, {"b": 1})]
    assert run.one("each").status == "ok"
    assert list(run.stats) == ["lm1"]


def test_tells_failures(playbook):
    tasks = [
        {"name": "ignored", "ansible.builtin.fail": {"msg": "never mind"}, "ignore_errors": True},
        {"name": "fatal", "ansible.builtin.fail": {"msg": "that is it"}},
        {"name": "not reached", "ansible.builtin.debug": {}},
    ]
    run = playbook(tasks, inventory=HOSTS, limit="lm1")
    assert run.rc == 2
    assert [result.msg for result in run.failed] == ["that is it"]
    assert run.one("ignored").ignored
    assert run.stats["lm1"]["failures"] == 1
    with pytest.raises(AssertionError, match="that is it"):
        run.succeeded()


def test_tells_warnings(playbook):
    tasks = [{"name": "odd", "ansible.builtin.debug": {"msg": "x"}, "when": "{{ who == 'first' }}"}]
    run = playbook(tasks, inventory=HOSTS, limit="lm1,lm9")
    assert any("Could not match supplied host pattern, ignoring: lm9" in warning for warning in run.warnings)
    assert len(run.warnings) == len(set(run.warnings))


def test_a_broken_playbook_has_no_results(playbook):
    run = playbook([{"name": "typo", "kemp.loadmaster.no_such_module": {}}], inventory=HOSTS)
    assert run.rc != 0
    assert run.results == [] and run.stats == {}
    assert "no_such_module" in run.output


def test_passes_options_on(playbook):
    tasks = [
        {
            "name": "say",
            "ansible.builtin.debug": {"msg": "{{ ansible_check_mode }} {{ ansible_diff_mode }} {{ given }}"},
        },
        {"name": "environment", "ansible.builtin.debug": {"msg": "{{ lookup('env', 'GIVEN') }}"}, "tags": ["env"]},
    ]
    options = {"inventory": HOSTS, "limit": "lm1", "extra_vars": {"given": "value"}}
    run = playbook(tasks, check=True, diff=True, **options).succeeded()
    assert run.one("say").msg == "True True value"
    run = playbook(tasks, tags=["env"], env={"GIVEN": "set"}, verbosity=1, **options).succeeded()
    assert [result.msg for result in run.tasks] == ["set"]


def test_nothing_of_the_user_has_a_say(playbook, monkeypatch, tmp_path):
    (tmp_path / "ansible.cfg").write_text("[defaults]\nfact_caching_connection = nonsense\nstdout_callback = minimal\n")
    monkeypatch.setenv("ANSIBLE_CONFIG", str(tmp_path / "ansible.cfg"))
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "nonsense")
    monkeypatch.setenv("LOADMASTER_PASSWORD", "of the user")
    tasks = [{"name": "say", "ansible.builtin.debug": {"msg": "{{ lookup('env', 'LOADMASTER_PASSWORD') }}"}}]
    run = playbook(tasks, inventory=HOSTS, limit="lm1").succeeded()
    assert run.one("say").msg == ""
    assert "PLAY RECAP" in run.stdout


def test_a_run_can_be_killed_with_all_that_it_started(playbook, tmp_path):
    pid_file = tmp_path / "pid"
    tasks = [
        {"name": "before", "ansible.builtin.debug": {}},
        {
            "name": "long",
            "ansible.builtin.command": {"argv": ["sh", "-c", f"echo $$ > {pid_file}; exec sleep 60"]},
            "delegate_to": "localhost",
            "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        },
    ]
    started = playbook.start(tasks, inventory=HOSTS, limit="lm1")
    pid = _eventually(lambda: pid_file.exists() and pid_file.read_text().strip())
    assert [result.task for result in started.results] == ["before"]
    started.kill()
    run = started.wait(10)
    assert run.rc == -9
    assert run.stats == {}
    _eventually(lambda: not _alive(int(pid)))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def _eventually(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not happen within {seconds:.0f} s")


@pytest.mark.parametrize(("speed", "shortened"), [(QUICK, True), (REAL_TIME, False)])
def test_waits_in_quick_motion_by_a_clock_that_shows_the_whole(playbook, speed, shortened):
    program = "import time; began = time.monotonic(); time.sleep(1.5); print(time.monotonic() - began >= 1.5)"
    task = {"name": "wait", "ansible.builtin.command": {"argv": [sys.executable, "-c", program]}}
    wait = {**task, "register": "wait", "until": "wait.attempts == 2", "retries": 2, "delay": 1.5}
    play = {"hosts": "lm1", "connection": "local", "gather_facts": False, "tasks": [wait]}
    run = playbook([play], inventory=HOSTS, speed=speed).succeeded()
    assert run.one("wait").result["stdout"] == "True"
    # The program and the pause between its two runs: 4.5 seconds in all
    assert (float(run.one("wait").result["delta"].rpartition(":")[2]) < 1.5) == shortened
    assert shortened or run.seconds >= 4.5
