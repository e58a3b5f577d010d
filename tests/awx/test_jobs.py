# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job template of the kit, run by ansible-runner as AWX runs it, against two LoadMasters.

Answers of surveys are text. Canaries in the login and in secret answers must not show in anything that AWX stores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jobs
import pytest
import yaml
from authority import issue

from loadmaster_emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]
USER, PASSWORD = "bal", "canary-Hk3-of-the-login"
SECRET = "canary-Pw9-of-the-mail"
# AWX on Kubernetes ends a job after about five minutes of silence; this is what the collection promises
LONGEST_SILENCE = 30.0
LARGEST_EVENT = 64 * 1024
SHAPE = {"changed", "steps", "drift", "down", "certificates_expiring"}
MAIL = issue("mail.example.com")
DOCUMENT = yaml.safe_dump(
    {
        "virtual_services": [
            {
                **{"address": "192.0.2.80", "port": 80, "nickname": "Shop", "type": "http"},
                "real_servers": [{"address": "192.0.2.81"}, {"address": "192.0.2.82"}],
            }
        ]
    }
)
DOCUMENTS = {f"documents/{name}.yml": DOCUMENT for name in ("lm1", "lm2")}
L4 = {
    "exchange2013_l4_vip": "192.0.2.20",
    "exchange2013_l4_servers": "192.0.2.31, 192.0.2.32",
    "exchange2013_l4_port": 443,
    "exchange2013_l4_redirect": "true",
    "exchange2013_l4_mail_services": ["smtp", "imaps"],
    "exchange2013_l4_idle_timeout": 1800,
    "exchange2013_l4_former_vips": "",
}
L7 = {
    "exchange2013_l7_vip": "192.0.2.25",
    "exchange2013_l7_servers": '[{"address": "192.0.2.31", "weight": 500}, "192.0.2.32"]',
    "exchange2013_l7_certificate": "mail",
    "exchange2013_l7_tls_versions": ["TLSv1.2", "TLSv1.3"],
    "exchange2013_l7_idle_timeouts": '{"owa": 1200}',
    "exchange2013_l7_redirect": "false",
}
EAC = {
    "exchange2013_restrict_eac_vip": "192.0.2.25",
    "exchange2013_restrict_eac_allowed_networks": "198.51.100.0/24,2001:db8::/32",
    "exchange2013_restrict_eac_flag": "1",
}
SETTINGS = {
    "general_settings_profile": "exchange",
    "general_settings_dns_servers": "192.0.2.53, 192.0.2.54",
    "general_settings_email_enabled": "true",
    "general_settings_email_server": "mail.example.com",
    "general_settings_email_password": SECRET,
    "general_settings_syslog_error": "",
    "general_settings_connection_timeout": 900,
}


@dataclass(frozen=True)
class Case:
    """A job: the playbook of its template, the answers of its survey, and what it takes besides."""

    playbook: str
    answers: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    writes: bool = True
    # What has to be there first
    after: tuple[str, ...] = ()
    # Whether the second run changes nothing
    again: bool = True
    # Whether it leaves the LoadMasters other than they were
    stays: bool = True


CASES = {
    "check": Case("apply.yml", options={"check": True, "files": DOCUMENTS}, writes=False),
    "apply": Case("apply.yml", {"documents_directory": "documents"}, {"files": DOCUMENTS}),
    "site": Case("site.yml", L4),
    "general settings": Case("general_settings.yml", SETTINGS),
    "Exchange at layer 4": Case("exchange2013_l4.yml", L4),
    "Exchange at layer 7": Case("exchange2013_l7.yml", L7, after=("renew a certificate",)),
    "Exchange Admin Center": Case("restrict_eac.yml", EAC, after=("renew a certificate", "Exchange at layer 7")),
    "drain a server": Case(
        "out_of_service.yml",
        {"maintenance_server": "192.0.2.81", "maintenance_drain_timeout": 6, "maintenance_cut_connections": "false"},
        after=("apply",),
    ),
    "return a server": Case(
        "in_service.yml",
        {"maintenance_server": "192.0.2.81", "maintenance_healthy_timeout": 20, "maintenance_settle_time": 1},
        after=("apply", "drain a server"),
    ),
    "rolling maintenance": Case(
        "rolling_maintenance.yml",
        {
            "rolling_maintenance_servers": '[{"address": "192.0.2.81"}, "192.0.2.82"]',
            "rolling_maintenance_tasks": "update.yml",
            "rolling_maintenance_drain_timeout": 6,
            "rolling_maintenance_settle_time": 1,
            "rolling_maintenance_health_urls": "[]",
        },
        {"files": {"update.yml": "- name: Update\n  ansible.builtin.debug:\n    msg: updated\n"}},
        after=("apply",),
        again=False,
        stays=False,
    ),
    "renew a certificate": Case(
        "renew_certificate.yml",
        options={"certificate": {"name": "mail", "certificate": MAIL.pem, "private_key": MAIL.key}},
    ),
    "certificates": Case("certificates.yml", {"certificates_expiry_days": 5}, writes=False),
    "backup": Case("backup.yml", {"backup_directory": "backups", "backup_keep": 2}, writes=False, again=False),
    "export": Case("export.yml", {"documents_directory": "exported"}, writes=False, again=False),
    "drift": Case("drift.yml", {"drift_fails": "false"}, {"files": DOCUMENTS}, writes=False, after=("apply",)),
    "report": Case("report.yml", {"report_directory": "report", "report_expiry_days": 20}, writes=False),
    "show": Case("show.yml", {"show_paths": "true", "show_connections": ""}, writes=False),
}


@pytest.fixture
def loadmasters() -> Iterator[dict[str, Emulator]]:
    with Emulator(users={USER: PASSWORD}) as one, Emulator(users={USER: PASSWORD}) as two:
        yield {"lm1": one, "lm2": two}


def credential(loadmasters: dict[str, Emulator]) -> dict[str, Any]:
    authorities = "".join(Path(lm.certificate_file).read_text(encoding="utf-8") for lm in loadmasters.values())
    return {"username": USER, "password": PASSWORD, "ca": authorities}


def launch(folder: Path, name: str, loadmasters: dict[str, Emulator], **options: Any) -> jobs.Job:
    case = CASES[name]
    return jobs.run(
        folder, case.playbook, loadmasters, credential(loadmasters), case.answers, **{**case.options, **options}
    )


def look(job: jobs.Job, largest: int | None = LARGEST_EVENT) -> None:
    """No secret is in anything that AWX stores, no event is too large, and the job is never silent for long."""
    shown = job.shown()
    keys = [line for line in MAIL.key.splitlines() if not line.startswith("-")][:1]
    assert not [secret for secret in (PASSWORD, SECRET, *keys) if secret in shown]
    assert job.longest_silence < LONGEST_SILENCE
    assert largest is None or job.largest_event < largest


def test_every_template_of_the_kit_is_run() -> None:
    text = (ROOT / "extensions" / "awx" / "data" / "06_templates.yml").read_text(encoding="utf-8")
    templates = yaml.safe_load(text)["controller_templates"]
    names = {template["name"].removeprefix("{{ awx_kit_prefix }} "): template["playbook"] for template in templates}
    assert {name: case.playbook for name, case in CASES.items()} == names


@pytest.mark.parametrize("name", CASES)
def test_a_job(tmp_path: Path, loadmasters: dict[str, Emulator], name: str) -> None:
    case = CASES[name]
    for number, earlier in enumerate(case.after):
        assert launch(tmp_path / f"before{number}", earlier, loadmasters).rc == 0
    before = [lm.state() for lm in loadmasters.values()]
    job = launch(tmp_path / "first", name, loadmasters)
    assert job.rc == 0, job.stdout
    look(job)
    figures = job.artifacts["loadmaster_figures"]
    assert set(figures) == {"lm1", "lm2"} and all(set(each) == SHAPE for each in figures.values())
    assert len(str(job.artifacts)) < 2000
    if case.writes:
        assert all(each["changed"] and each["steps"] > 0 for each in figures.values())
        assert ([lm.state() for lm in loadmasters.values()] != before) == case.stays
    else:
        assert [lm.state() for lm in loadmasters.values()] == before
    if case.writes and case.again:
        second = launch(tmp_path / "second", name, loadmasters)
        assert second.rc == 0 and second.changed == 0, second.stdout
        assert all(not each["changed"] for each in second.artifacts["loadmaster_figures"].values())
        look(second)


def test_a_check_predicts_the_steps_of_the_job(tmp_path: Path, loadmasters: dict[str, Emulator]) -> None:
    foreseen = launch(tmp_path / "check", "apply", loadmasters, check=True).artifacts["loadmaster_figures"]
    assert launch(tmp_path / "run", "apply", loadmasters).artifacts["loadmaster_figures"] == foreseen


def test_a_limit_and_slices_share_the_work(tmp_path: Path, loadmasters: dict[str, Emulator]) -> None:
    limited = launch(tmp_path / "limited", "apply", loadmasters, limit="lm2", check=True)
    assert set(limited.artifacts["loadmaster_figures"]) == {"lm2"}
    slices = [launch(tmp_path / f"slice{n}", "apply", loadmasters, slice_of=(n, 2)) for n in (1, 2)]
    assert [set(job.artifacts["loadmaster_figures"]) for job in slices] == [{"lm1"}, {"lm2"}]
    assert all(len(lm.call("listvs")["VS"]) == 1 for lm in loadmasters.values())


def test_a_long_job_is_never_silent(tmp_path: Path, loadmasters: dict[str, Emulator]) -> None:
    """The LoadMaster allows about ten calls a second, so hundreds of objects take a while."""
    servers = [{"address": f"198.51.100.{number}"} for number in range(1, 41)]
    services = [{"address": f"192.0.2.{number}", "port": 80, "real_servers": servers} for number in range(10, 18)]
    document = yaml.safe_dump({"virtual_services": services})
    one = {"lm1": loadmasters["lm1"]}
    job = jobs.run(tmp_path, "apply.yml", one, credential(one), files={"documents/lm1.yml": document})
    assert job.rc == 0 and "lm1: still at work: step " in job.stdout
    look(job, largest=None)


def test_an_answer_is_never_rendered(tmp_path: Path, loadmasters: dict[str, Emulator]) -> None:
    answers = {**SETTINGS, "general_settings_message_of_the_day": "{{ lookup('env', 'LOADMASTER_PASSWORD') }}"}
    job = jobs.run(tmp_path, "general_settings.yml", loadmasters, credential(loadmasters), answers)
    look(job)
    motd = {lm.call("get", param="motd").get("motd", "") for lm in loadmasters.values()}
    assert motd <= {"{{ lookup('env', 'LOADMASTER_PASSWORD') }}", ""} and PASSWORD not in str(motd)


def test_a_wrong_answer_is_named_as_the_survey_names_it(tmp_path: Path, loadmasters: dict[str, Emulator]) -> None:
    before = [lm.state() for lm in loadmasters.values()]
    answers = {**L4, "exchange2013_l4_idle_timeout": "half an hour"}
    job = jobs.run(tmp_path, "exchange2013_l4.yml", loadmasters, credential(loadmasters), answers)
    assert job.rc != 0 and "exchange2013_l4_idle_timeout" in job.stdout
    assert [lm.state() for lm in loadmasters.values()] == before
    look(job)


def test_a_login_that_is_refused_shows_nothing(tmp_path: Path, loadmasters: dict[str, Emulator]) -> None:
    wrong = {**credential(loadmasters), "password": "canary-Xx1-wrong"}
    job = jobs.run(tmp_path, "show.yml", loadmasters, wrong)
    assert job.rc != 0 and "canary-Xx1-wrong" not in job.shown()


@pytest.mark.parametrize("name", ["drift", "certificates"])
def test_the_scheduled_jobs_fail_when_they_find_something(
    tmp_path: Path, loadmasters: dict[str, Emulator], name: str
) -> None:
    launch(tmp_path / "renewed", "renew a certificate", loadmasters)
    answers = {
        "drift": {"drift_fails": "true"},
        "certificates": {"certificates_fails": "true", "certificates_expiry_days": 3650},
    }
    job = jobs.run(
        tmp_path / "job", CASES[name].playbook, loadmasters, credential(loadmasters), answers[name], files=DOCUMENTS
    )
    figures = job.artifacts["loadmaster_figures"]["lm1"]
    assert job.rc != 0 and (figures["drift"] or figures["certificates_expiring"]) > 0
    look(job)
