# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks export, rebuild and drift: an appliance becomes a document, a document an appliance, and both are compared."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from authority import issue
from documents import PASSWORD, USER, exchange, run, with_certificate
from jsonschema import Draft202012Validator

from loadmaster_emulator import Emulator
from runner import ROOT, Playbook, Run

EXPORT, REBUILD, DRIFT = (f"kemp.loadmaster.{name}" for name in ("export", "rebuild", "drift"))
SCHEMA = ROOT / "docs" / "config.schema.json"
READS = {"listvs", "stats", "showrule", "getall", "get", "showhealth"}
READS |= {"listcert", "readcert", "listintermediate", "readintermediate", "getcipherset"}
ASKED_FOR = {"rebuild_allow_empty_purge": True, "rebuild_allow_no_servers": True, "rebuild_allow_lockout": True}
EXCHANGE, SECRETS = with_certificate(exchange(servers=2))
WHOLE = {
    **EXCHANGE,
    "settings": {"hostname": "lm-north", "ntp_servers": ["ntp1.example.com", "ntp2.example.com"]},
    "cipher_sets": [{"name": "Modern", "ciphers": ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"]}],
    "intermediate_certificates": [{"name": "issuing", "certificate": issue("issuing", ca=True).pem}],
}
WHOLE["virtual_services"] = [
    *EXCHANGE["virtual_services"],
    {
        **{"address": "2001:db8::25", "port": 443, "nickname": "Shop", "type": "http", "ssl_acceleration": True},
        **{
            "cipher_set": "Modern",
            "certificates": ["mail"],
            "enabled": False,
            "check_headers": ["Accept:*/*", "X-A:b"],
        },
        "real_servers": [{"address": "192.0.2.81", "port": 8443, "weight": 10}, {"address": "192.0.2.9", "port": 8080}],
    },
]
MESS = {
    "settings": {"hostname": "somebody", "snmp_location": "cellar", "syslog_error": ["192.0.2.60"]},
    "content_rules": [
        {"name": "Rule_0", "kind": "add_header", "header": "X-Old", "value": "1"},
        {"name": "Old", "kind": "match_content", "pattern": "/old/"},
    ],
    "virtual_services": [
        {
            **{"address": "192.0.2.25", "port": 25, "nickname": "Old mail", "request_rules": ["Rule_0"]},
            "real_servers": [{"address": "192.0.2.99", "port": 2525}],
        },
        {
            **{"address": "192.0.2.25", "port": 443, "nickname": "Old", "type": "http", "persistence": "source_ip"},
            "sub_virtual_services": [
                {
                    **{"name": "Sub 0", "type": "http", "persistence": "source_ip", "idle_timeout": 60},
                    **{"content_rules": ["Old"], "real_servers": [{"address": "192.0.2.31", "port": 81, "weight": 3}]},
                },
                {"name": "Leftover", "real_servers": [{"address": "192.0.2.98"}]},
            ],
        },
        {"address": "192.0.2.70", "port": 80, "real_servers": [{"address": "192.0.2.71"}]},
        # Another shape, and what cannot be cleared, at the place of a service of the document
        {
            **{"address": "2001:db8::25", "port": 443, "nickname": "Not the shop", "check_interval": 20},
            "sub_virtual_services": [{"name": "Nobody", "real_servers": [{"address": "192.0.2.81", "port": 8443}]}],
        },
    ],
}
# The same with servers where the document has SubVSs, and the other way round with the redirect.
OTHER_MESS = {
    **MESS,
    "virtual_services": [
        {"address": "192.0.2.25", "port": 443, "type": "http", "real_servers": [{"address": "192.0.2.31"}]},
        {
            **{"address": "192.0.2.25", "port": 80, "type": "http"},
            "sub_virtual_services": [{"name": "Nobody", "real_servers": []}],
        },
        {
            **{"address": "192.0.2.25", "port": 25, "check_timeout": 9, "check_retries": 3},
            "real_servers": [{"address": "192.0.2.31"}],
        },
    ],
}
# The SubVSs of the document, in another order.
BACKWARDS = {
    **{name: EXCHANGE[name] for name in ("content_rules", "certificates")},
    "virtual_services": [
        {
            **EXCHANGE["virtual_services"][0],
            "sub_virtual_services": EXCHANGE["virtual_services"][0]["sub_virtual_services"][::-1],
        }
    ],
    "secrets": SECRETS,
}
BEFORE = {"empty": {}, "dirty": MESS, "of other shapes": OTHER_MESS, "in another order": BACKWARDS}


@pytest.fixture
def other() -> Iterator[Emulator]:
    """Another LoadMaster, as new."""
    with Emulator(users={USER: PASSWORD}) as loadmaster:
        yield loadmaster


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return tmp_path / "documents"


def inventory_of(**loadmasters: Emulator) -> dict[str, Any]:
    hosts = {
        name: {
            "ansible_host": lm.host,
            "ansible_port": lm.port,
            "ansible_user": USER,
            "ansible_password": PASSWORD,
            "loadmaster_fingerprint": lm.fingerprint,
        }
        for name, lm in loadmasters.items()
    }
    return {"all": {"children": {"loadmasters": {"hosts": hosts}}}}


def exported(playbook: Playbook, documents: Path, *, api_version: str = "auto", **loadmasters: Emulator) -> Run:
    options = {"documents_directory": str(documents), "loadmaster_api_version": api_version}
    return playbook(EXPORT, inventory=inventory_of(**loadmasters), extra_vars=options).succeeded()


# --- export


def test_export_writes_a_document_for_each_loadmaster(
    emulator: Emulator, other: Emulator, playbook: Playbook, documents: Path
) -> None:
    run(emulator, **WHOLE, secrets=SECRETS)
    emulator.journal.clear()
    first = exported(playbook, documents, lm1=emulator, lm2=other)
    assert sorted(path.name for path in documents.iterdir()) == ["config.schema.json", "lm1.yml", "lm2.yml"]
    assert set(emulator.journal.commands()) <= READS
    text = (documents / "lm1.yml").read_text()
    assert text.startswith("# yaml-language-server: $schema=config.schema.json\n")
    for place in ("settings.email_password", "certificates.mail.private_key"):
        assert f"\n#   {place}\n" in text
    assert SECRETS["certificates.mail.private_key"].splitlines()[1] not in text and "PRIVATE KEY" not in text
    assert "certificates." not in (documents / "lm2.yml").read_text()
    assert (documents / "lm1.yml").stat().st_mode & 0o777 == 0o600
    assert (documents / "config.schema.json").read_bytes() == SCHEMA.read_bytes()
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    for name in ("lm1.yml", "lm2.yml"):
        assert [error.message for error in validator.iter_errors(yaml.safe_load((documents / name).read_text()))] == []
    again = exported(playbook, documents, lm1=emulator, lm2=other)
    assert first.changed == 3 and again.changed == 0 and first.warnings == again.warnings == []


def test_export_names_at_the_top_what_the_document_lacks(other: Emulator, playbook: Playbook, documents: Path) -> None:
    run(other, **WHOLE, secrets=SECRETS)
    made = other.call("modvs", vs="192.0.2.25", port=443, prot="tcp", createsubvs="")["SubVS"][-1]["VSIndex"]
    other.call("addrs", vs=made, rs="192.0.2.77", rsport=443)
    done = exported(playbook, documents, lm1=other)
    header = (documents / "lm1.yml").read_text().split("---\n")[0]
    told = [line for line in header.splitlines() if "SubVS without a name of tcp/192.0.2.25:443" in line]
    assert len(told) == 1 and told[0].startswith("# ") and len(done.warnings) == 1
    assert all(line.startswith("#") for line in header.splitlines())


def test_export_goes_to_the_current_directory_and_into_a_playbook_of_ones_own(
    emulator: Emulator, playbook: Playbook, tmp_path: Path
) -> None:
    own = tmp_path / "own" / "site.yml"
    own.parent.mkdir()
    own.write_text(f"- name: Keep the documents\n  ansible.builtin.import_playbook: {EXPORT}\n")
    playbook(own, inventory=inventory_of(lm1=emulator)).succeeded()
    here = tmp_path / "ansible" / "run1"
    assert (here / "lm1.yml").exists() and (here / "config.schema.json").exists()


# --- rebuild


@pytest.mark.parametrize("api_version", ["v1", "v2"])
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_what_is_rebuilt_from_an_export_gives_the_same_export(
    emulator: Emulator, other: Emulator, playbook: Playbook, documents: Path, before: dict[str, Any], api_version: str
) -> None:
    run(emulator, **WHOLE, secrets=SECRETS)
    run(other, **before)
    exported(playbook, documents, api_version=api_version, lm1=emulator)
    extra = {"documents_directory": str(documents), "documents_secrets": SECRETS, "loadmaster_api_version": api_version}
    inventory = inventory_of(lm1=other)
    tried = playbook(REBUILD, inventory=inventory, extra_vars={**extra, **ASKED_FOR}, check=True, diff=True).succeeded()
    made = playbook(REBUILD, inventory=inventory, extra_vars={**extra, **ASKED_FOR}, diff=True).succeeded()
    again = playbook(REBUILD, inventory=inventory, extra_vars={**extra, **ASKED_FOR}).succeeded()
    assert tried.tasks[0].result["steps"] == made.tasks[0].result["steps"] != []
    assert again.changed == 0 and made.warnings == again.warnings == []
    assert SECRETS["certificates.mail.private_key"].splitlines()[1] not in tried.output + made.output
    exported(playbook, documents / "again", api_version=api_version, lm1=other)
    assert (documents / "again" / "lm1.yml").read_bytes() == (documents / "lm1.yml").read_bytes()


def test_loadmasters_that_are_rebuilt_together_have_secrets_of_their_own(
    emulator: Emulator, other: Emulator, playbook: Playbook, documents: Path
) -> None:
    """As docs/config.md has it: one variable for all, which is another one on each."""
    run(emulator, **EXCHANGE, secrets=SECRETS)
    exported(playbook, documents, lm1=emulator, lm2=other)
    extra = {
        **{"documents_directory": str(documents), **ASKED_FOR},
        "documents_secrets": "{{ secrets_by_loadmaster[inventory_hostname] | default({}) }}",
        "secrets_by_loadmaster": {"lm1": SECRETS},
    }
    with Emulator(users={USER: PASSWORD}) as first, Emulator(users={USER: PASSWORD}) as second:
        inventory = inventory_of(lm1=first, lm2=second)
        shared = playbook(REBUILD, inventory=inventory, extra_vars={**extra, "documents_secrets": SECRETS})
        assert [task.host for task in shared.failed] == [
            "lm2"
        ] and "set their secrets as variables of each host" in shared.failed[0].msg
        playbook(REBUILD, inventory=inventory, extra_vars=extra).succeeded()
        assert first.call("listcert")["cert"] and not second.call("listcert").get("cert")


def test_rebuild_asks_for_what_is_dangerous(
    emulator: Emulator, other: Emulator, playbook: Playbook, documents: Path
) -> None:
    run(emulator, virtual_services=EXCHANGE["virtual_services"][1:])
    exported(playbook, documents, lm1=emulator)
    run(other, **MESS)
    before = other.state()
    extra = {"documents_directory": str(documents)}
    refused = playbook(REBUILD, inventory=inventory_of(lm1=other), extra_vars=extra)
    assert refused.rc != 0 and "allow_empty_purge" in refused.failed[0].msg and other.state() == before
    extra["rebuild_allow_empty_purge"] = True
    playbook(REBUILD, inventory=inventory_of(lm1=other), extra_vars=extra).succeeded()
    document = documents / "lm1.yml"
    document.write_text(document.read_text().replace("wui_port: 443", "wui_port: 8443"))
    refused = playbook(REBUILD, inventory=inventory_of(lm1=other), extra_vars=extra)
    assert refused.rc != 0 and "set rebuild_allow_lockout" in refused.failed[0].msg


def test_rebuild_without_a_document_changes_nothing(emulator: Emulator, playbook: Playbook, documents: Path) -> None:
    extra = {"documents_directory": str(documents), **ASKED_FOR}
    refused = playbook(REBUILD, inventory=inventory_of(lm1=emulator), extra_vars=extra)
    assert refused.rc != 0 and "lm1.yml" in refused.failed[0].msg and emulator.journal.commands() == []


# --- drift


def drift(playbook: Playbook, documents: Path, inventory: dict[str, Any], **extra: Any) -> Run:
    options = {"documents_directory": str(documents), "drift_directory": str(documents), **extra}
    return playbook(DRIFT, inventory=inventory, extra_vars=options, env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"})


def report(documents: Path, name: str = "lm1") -> dict[str, Any]:
    return dict(json.loads((documents / f"{name}.drift.json").read_text()))


def handed_over(done: Run) -> Any:
    """What set_stats left for AWX, as Ansible prints it."""
    return json.loads("".join(done.stdout.split("RUN: ", 1)[1].split("\n\n", 1)[0].split("\n")))


def behind_its_back(lm: Emulator) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Change things as a person in the user interface does; return before and after by object, as a report has them."""
    indexes = {service["NickName"]: service["Index"] for service in lm.call("listvs")["VS"] if service.get("NickName")}
    mail, sub = {"vs": "192.0.2.25", "port": 25, "prot": "tcp"}, {"vs": indexes["Sub 0"]}
    server = next(service for service in lm.call("listvs")["VS"] if str(service.get("VSPort")) == "25")["Rs"][0]
    lm.call("modvs", vs=indexes["Exchange"], idletime=900)
    lm.call("modrs", **mail, rs=f"!{server['RsIndex']}", weight=500)
    lm.call("addrs", **sub, rs="192.0.2.39", rsport=443)
    lm.call("addrule", name="Old", type=0, pattern="/old/")
    lm.call("delrequestrule", **sub, rule="RootToOWA")
    lm.call("set", param="hostname", value="lm-south")
    owa = "SubVS Sub 0 of tcp/192.0.2.25:443"
    return {
        "settings": ({"hostname": "lm-south"}, {"hostname": "lm-north"}),
        "virtual service tcp/192.0.2.25:443 (Exchange)": ({"idle_timeout": 900}, {"idle_timeout": 1800}),
        owa: ({"request_rules": []}, {"request_rules": ["RootToOWA"]}),
        f"real server {server['Addr']}:25 of virtual service tcp/192.0.2.25:25": ({"weight": 500}, {"weight": 1000}),
        f"real server 192.0.2.39:443 of {owa}": ({"address": "192.0.2.39"}, {}),
        "content rule Old": ({"pattern": "/old/"}, {}),
    }


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_drift_reports_what_a_person_changed_and_changes_nothing(
    emulator: Emulator, playbook: Playbook, documents: Path, api_version: str
) -> None:
    run(emulator, **WHOLE, secrets=SECRETS)
    exported(playbook, documents, lm1=emulator)
    inventory = inventory_of(lm1=emulator)
    quiet = drift(playbook, documents, inventory, loadmaster_api_version=api_version, drift_fails=True).succeeded()
    assert quiet.changed == 0 and handed_over(quiet)["loadmaster_drift"] == {"lm1": []}
    assert quiet.one("Show the differences").result["msg"] == ["LoadMaster lm1 is as its document says"]
    assert report(documents) == {
        "loadmaster": "lm1",
        "drift": False,
        "before": {},
        "after": {},
        "steps": [],
        "problems": [],
    }

    changed = behind_its_back(emulator)
    emulator.journal.clear()
    before = emulator.state()
    told = drift(playbook, documents, inventory, loadmaster_api_version=api_version).succeeded()
    assert emulator.state() == before and set(emulator.journal.commands()) <= READS
    found = report(documents)
    assert found["drift"] is True and found["steps"] and set(found["before"]) == set(found["after"]) == set(changed)
    for subject, (was, wanted) in changed.items():
        assert was.items() <= found["before"][subject].items() and found["after"][subject] == wanted
    assert sorted(handed_over(told)["loadmaster_drift"]["lm1"]) == sorted(changed)
    lines = told.one("Show the differences").result["msg"]
    assert lines[0] == "LoadMaster lm1 differs from its document" and told.changed == 1 and told.warnings == []
    assert "content rule Old is not in the document" in lines
    at = lines.index("virtual service tcp/192.0.2.25:443 (Exchange)")
    assert lines[at + 1] == "    idle_timeout is 900, not 1800"


def test_drift_fails_only_the_loadmaster_that_differs_and_only_when_asked(
    emulator: Emulator, other: Emulator, playbook: Playbook, documents: Path
) -> None:
    run(emulator, **WHOLE, secrets=SECRETS)
    exported(playbook, documents, lm1=emulator, lm2=other)
    emulator.call("modvs", vs="192.0.2.25", port=25, prot="tcp", enable="n")
    inventory = inventory_of(lm1=emulator, lm2=other)
    asked = drift(playbook, documents, inventory, drift_fails=True)
    assert asked.rc == 2 and [result.host for result in asked.failed] == ["lm1"]
    assert asked.failed[0].msg == "lm1 differs from its document: virtual service tcp/192.0.2.25:25."
    assert report(documents)["drift"] is True and report(documents, "lm2")["drift"] is False
    passed = handed_over(asked)
    assert passed["loadmaster_drift"] == {"lm1": ["virtual service tcp/192.0.2.25:25"], "lm2": []}
    assert [figures["drift"] for figures in passed["loadmaster_figures"].values()] == [1, 0]


def test_drift_reports_what_the_document_alone_cannot_put_right(
    emulator: Emulator, playbook: Playbook, documents: Path
) -> None:
    """A certificate that someone removed, servers instead of SubVSs, and what else there is."""
    run(emulator, **WHOLE, secrets=SECRETS)
    exported(playbook, documents, lm1=emulator)
    document = yaml.safe_load((documents / "lm1.yml").read_text())
    place = {"vs": "2001:db8::25", "port": 443, "prot": "tcp"}
    emulator.call("modvs", **place, certfile="")
    emulator.call("modvs", vs="192.0.2.25", port=443, prot="tcp", certfile="")
    emulator.call("delcert", cert="mail")
    emulator.call("delvs", vs="192.0.2.25", port=443, prot="tcp")
    emulator.call("addvs", vs="192.0.2.25", port=443, prot="tcp", nickname="Exchange")
    emulator.call("addrs", vs="192.0.2.25", port=443, prot="tcp", rs="192.0.2.31", rsport=443)
    before = emulator.state()
    told = drift(playbook, documents, inventory_of(lm1=emulator)).succeeded()
    assert emulator.state() == before and told.changed == 1 and told.warnings == []
    found = report(documents)
    number = [entry["name"] for entry in document["certificates"]].index("mail")
    problem = found["problems"][0]
    assert found["drift"] is True and found["steps"] == [] and problem["place"] == f"certificates[{number}]"
    assert "must be installed, but neither certificate nor private_key has a private key" in problem["message"]
    service, other = (f"virtual service tcp/{place}:443 ({name})" for place, name in NAMES)
    assert found["before"][service]["real_servers"] == ["192.0.2.31:443"] and found["after"][service]["type"] == "http"
    assert found["after"][other] == {"certificates": ["mail"]}
    lines = told.one("Show the differences").result["msg"]
    assert f"{problem['place']}: {problem['message']}" in lines
    assert set(handed_over(told)["loadmaster_drift"]["lm1"]) == {problem["place"], *found["before"]}
    failed = drift(playbook, documents, inventory_of(lm1=emulator), drift_fails=True)
    assert failed.rc == 2 and "lm1 differs from its document: " in failed.failed[0].msg
    # With the key it is a difference like any other
    with_key = {"documents_secrets": SECRETS}
    drift(playbook, documents, inventory_of(lm1=emulator), **with_key).succeeded()
    found = report(documents)
    assert found["problems"] == [] and found["before"]["certificate mail"] == {} and found["steps"]


NAMES = [("192.0.2.25", "Exchange"), ("[2001:db8::25]", "Shop")]


def test_drift_looks_only_for_others_of_the_kinds_that_it_is_told(
    emulator: Emulator, playbook: Playbook, documents: Path
) -> None:
    """A document that has only a part of the appliance says nothing about the rest."""
    run(emulator, **WHOLE, secrets=SECRETS)
    documents.mkdir()
    (documents / "lm1.yml").write_text(
        "content_rules:\n  - name: RootToOWA\n    kind: modify_url\n    pattern: /^\\/$/\n"
    )
    inventory = inventory_of(lm1=emulator)
    drift(playbook, documents, inventory, drift_purge=[]).succeeded()
    assert report(documents)["before"] == {"content rule RootToOWA": {"value": "/owa/"}}
    drift(playbook, documents, inventory, drift_purge=[{"kind": "virtual_services", "names": ["Sh*"]}]).succeeded()
    assert sorted(report(documents)["before"]) == [
        "content rule RootToOWA",
        "virtual service tcp/[2001:db8::25]:443 (Shop)",
    ]


def test_drift_of_a_document_that_is_wrong_says_where(emulator: Emulator, playbook: Playbook, documents: Path) -> None:
    documents.mkdir()
    (documents / "lm1.yml").write_text("virtual_services:\n  - address: 192.0.2.25\n    port: 443\n    sheduling: x\n")
    failed = drift(playbook, documents, inventory_of(lm1=emulator)).failed[0]
    assert "virtual_services[0] (192.0.2.25:443): unknown option 'sheduling'; did you mean 'scheduling'?" in failed.msg


@pytest.mark.parametrize("name", [EXPORT, REBUILD, DRIFT])
def test_other_hosts_can_be_named(
    emulator: Emulator, playbook: Playbook, documents: Path, inventory: Callable[[], dict[str, Any]], name: str
) -> None:
    extra = {"documents_directory": str(documents), "loadmasters": "lm1", **ASKED_FOR}
    exported(playbook, documents, lm1=emulator)
    playbook(name, extra_vars=extra).succeeded()


def down(lm: Emulator) -> dict[str, Any]:
    """The inventory of a LoadMaster that is down: no one listens where it should be."""
    inventory = inventory_of(lm1=lm)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        inventory["all"]["children"]["loadmasters"]["hosts"]["lm1"]["ansible_port"] = free.getsockname()[1]
    return inventory


def test_drift_says_what_is_wrong_with_a_loadmaster_that_is_down_and_leaves_no_old_report(
    emulator: Emulator, playbook: Playbook, documents: Path
) -> None:
    run(emulator, **WHOLE, secrets=SECRETS)
    exported(playbook, documents, lm1=emulator)
    drift(playbook, documents, inventory_of(lm1=emulator)).succeeded()
    assert report(documents)["drift"] is False
    failed = drift(playbook, documents, down(emulator), loadmaster_retries=0)
    (told,) = failed.failed
    assert told.msg.startswith("lm1 could not be compared with its document: ") and "failed_when" not in failed.output
    assert "connect" in told.msg.lower() or "reach" in told.msg.lower()
    found = report(documents)
    assert found["drift"] is None and found["error"] in told.msg and found["loadmaster"] == "lm1"
    assert failed.changed == 0
    # One whose document is gone leaves no report that could be taken for one of today
    (documents / "lm1.yml").unlink()
    gone = drift(playbook, documents, inventory_of(lm1=emulator))
    assert "lm1.yml" in gone.failed[0].msg and not (documents / "lm1.drift.json").exists()


def test_drift_makes_the_folder_of_its_reports(emulator: Emulator, playbook: Playbook, documents: Path) -> None:
    exported(playbook, documents, lm1=emulator)
    reports = documents / "reports" / "today"
    done = drift(playbook, documents, inventory_of(lm1=emulator), drift_directory=str(reports)).succeeded()
    assert json.loads((reports / "lm1.drift.json").read_text())["drift"] is False and done.changed == 0


def test_export_keeps_a_file_that_someone_has_edited(emulator: Emulator, playbook: Playbook, documents: Path) -> None:
    run(emulator, **WHOLE, secrets=SECRETS)
    first = exported(playbook, documents, lm1=emulator)
    document = documents / "lm1.yml"
    assert first.one("Name the backup of the former document").status == "skipped"
    text = document.read_text()
    edited = text.replace("nickname: Shop", "nickname: Store  # renamed in March")
    document.write_text(edited)
    told = exported(playbook, documents, lm1=emulator).one("Name the backup of the former document").msg
    assert document.read_text() == text
    (kept,) = [path for path in documents.iterdir() if path.name.startswith("lm1.yml.")]
    assert kept.read_text() == edited and str(kept) in told and f"{document} had other content" in told
    assert re.search(r"\d{4}-\d\d-\d\d", kept.name)
    again = exported(playbook, documents, lm1=emulator)
    assert again.changed == 0 and len(list(documents.iterdir())) == 3
    document.write_text(edited)
    without = {"documents_directory": str(documents), "export_backup": False}
    playbook(EXPORT, inventory=inventory_of(lm1=emulator), extra_vars=without).succeeded()
    assert document.read_text() == text and len(list(documents.iterdir())) == 3


def test_certificates_of_an_export_are_readable(emulator: Emulator, playbook: Playbook, documents: Path) -> None:
    run(emulator, **WHOLE, secrets=SECRETS)
    exported(playbook, documents, lm1=emulator)
    text = (documents / "lm1.yml").read_text()
    lines = text.splitlines()
    place = lines.index("- name: mail")
    assert lines[place - 1].startswith("# ") and "CN=mail" in lines[place - 1]
    assert re.search(r", expires 20\d\d-\d\d-\d\d", lines[place - 1])
    assert lines[place + 1 : place + 3] == ["  certificate: |", "    -----BEGIN CERTIFICATE-----"]
    assert "'-----BEGIN" not in text and '"-----BEGIN' not in text
    issuing = lines.index("- name: issuing")
    assert "CN=issuing" in lines[issuing - 1] and "\n\n" not in text


def test_drift_of_a_service_that_would_be_recreated_names_only_what_differs(
    emulator: Emulator, playbook: Playbook, documents: Path
) -> None:
    place = {"address": "192.0.2.25", "port": 443, "nickname": "Mail", "type": "http"}
    run(emulator, virtual_services=[{**place, "sub_virtual_services": [{"name": "A", "real_servers": []}]}])
    exported(playbook, documents, lm1=emulator)
    document = documents / "lm1.yml"
    text = document.read_text()
    wanted = yaml.safe_load(text)
    wanted["virtual_services"][0]["sub_virtual_services"].insert(
        0, {**wanted["virtual_services"][0]["sub_virtual_services"][0], "name": "First"}
    )
    document.write_text(yaml.safe_dump(wanted, sort_keys=False))
    lines = drift(playbook, documents, inventory_of(lm1=emulator)).succeeded().one("Show the differences").result["msg"]
    assert lines[1:] == [
        "virtual service tcp/192.0.2.25:443 (Mail)",
        '    sub_virtual_services is ["A"], not ["First", "A"]',
        "SubVS First of tcp/192.0.2.25:443 is missing",
    ]
