# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of other objects: looked up on the appliance and in the document before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from authority import issue
from documents import run

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from loadmaster_emulator import Emulator
from loadmaster_emulator.commands import COMMANDS

PLACE = {"address": "192.0.2.25", "port": 443, "type": "http", "real_servers": []}
TLS = {**PLACE, "ssl_acceleration": True}
LEADER = {"address": "192.0.2.26", "port": 80, "real_servers": []}
SUITE = "ECDHE-RSA-AES256-GCM-SHA384"


@pytest.fixture
def lm() -> Iterator[Emulator]:
    with Emulator(firmware="7.2.63", users={"bal": "secret-of-bal"}) as emulator:
        yield emulator


def service(**options: Any) -> dict[str, Any]:
    return {"virtual_services": [{**TLS, **options}]}


def refused(lm: Emulator, document: dict[str, Any], **options: Any) -> InvalidOption:
    """Be refused in check mode and in a run, with the same words, before anything is written."""
    before = lm.state()
    errors = []
    for check in (True, False):
        with pytest.raises(InvalidOption) as caught:
            run(lm, document=document, check=check, **options)
        errors.append(caught.value)
    assert errors[0].message == errors[1].message
    assert not [call.command for call in lm.journal if COMMANDS[call.command].writes]
    assert lm.state() == before
    return errors[1]


@pytest.mark.parametrize(
    ("document", "sentence", "advice"),
    [
        (service(certificates=["mail-2026"]), "certificates names mail-2026, but", "kemp.loadmaster.certificate or"),
        (service(intermediate_certificates=["root"]), "intermediate_certificates names root, but", "_certificate or"),
        (service(cipher_set="bestpractices"), "cipher_set names bestpractices, but", "Did you mean BestPractices?"),
        ({"settings": {"wui_cipher_set": "Mine"}}, "wui_cipher_set names Mine, but", "kemp.loadmaster.cipher_set or"),
        ({"settings": {"outbound_cipher_set": "Mine"}}, "outbound_cipher_set names Mine, but", "cipher_sets in the"),
        (service(follow_service="leader"), "follow_service: there is no virtual service 'leader'", "Create it before"),
        (
            service(follow_service="192.0.2.26:80"),
            "follow_service: there is no virtual service '192.0.2.26:80'",
            "Create it before",
        ),
        (service(request_rules=["Nobody"]), "request_rules names Nobody, but", "there is no such rule"),
    ],
)
def test_a_name_that_nothing_has_is_refused_before_the_first_write(
    lm: Emulator, document: dict[str, Any], sentence: str, advice: str
) -> None:
    rule = {"name": "First", "kind": "match_content", "pattern": "/a/"}
    error = refused(lm, {"content_rules": [rule], **document}, allow_lockout=True)
    assert sentence in error.message and advice in error.message, error.message


def test_all_names_that_nothing_has_are_told_at_once(lm: Emulator) -> None:
    other = issue("other.example.com")
    lm.call("addcert", cert="other", replace=0, data=other.pem + other.key)
    certificates = ["one", "two"]
    document = service(certificates=certificates, cipher_set="Mine", intermediate_certificates=["three"])
    error = refused(lm, {**document, "settings": {"outbound_cipher_set": "Other"}})
    assert [word in error.message for word in ("one", "two", "three", "Mine", "Other")] == [True] * 5, error.message
    assert [call.command for call in lm.journal].count("listcert") == 2, "one listing for each run"


def test_what_the_document_makes_counts_as_there(lm: Emulator) -> None:
    made = issue("mail.example.com")
    document = {
        "certificates": [{"name": "mail-2026", "certificate": made.pem + made.key}],
        "cipher_sets": [{"name": "Mine", "ciphers": [SUITE]}],
        "settings": {"outbound_cipher_set": "Mine"},
        **service(certificates=["mail-2026"], cipher_set="Mine"),
    }
    assert run(lm, document=document, check=True)["changed"]
    assert run(lm, document=document)["changed"]
    lm.journal.clear()
    assert not run(lm, document={name: document[name] for name in ("settings", "virtual_services")})["changed"]
    looked_up = {"listcert", "listintermediate", "getcipherset"}
    assert not looked_up & {call.command for call in lm.journal}, "what is in use is there"


def test_a_name_that_is_nearly_one_is_asked_about(lm: Emulator) -> None:
    made = issue("mail.example.com")
    run(lm, document={"certificates": [{"name": "mail-2026", "certificate": made.pem + made.key}]})
    lm.journal.clear()
    assert "Did you mean mail-2026?" in refused(lm, service(certificates=["mail-2025"])).message


def test_a_service_follows_one_of_the_same_document_by_its_nickname(lm: Emulator) -> None:
    document = {"virtual_services": [{**PLACE, "follow_service": "leader"}, {**LEADER, "nickname": "leader"}]}
    foreseen = run(lm, document=document, check=True)
    done = run(lm, document=document)
    assert foreseen["changed"] and foreseen["steps"] == done["steps"]
    assert not run(lm, document=document)["changed"]


def test_a_service_follows_one_by_the_nickname_that_it_gets(lm: Emulator) -> None:
    run(lm, document={"virtual_services": [{**LEADER, "nickname": "old"}]})
    document = {"virtual_services": [{**PLACE, "follow_service": "new"}, {**LEADER, "nickname": "new"}]}
    foreseen = run(lm, document=document, check=True)
    assert foreseen["steps"] == run(lm, document=document)["steps"]
    assert not run(lm, document=document)["changed"]


def test_nothing_follows_what_the_same_document_removes(lm: Emulator) -> None:
    run(lm, document={"virtual_services": [{**LEADER, "nickname": "leader"}]})
    lm.journal.clear()
    gone = {"address": "192.0.2.26", "port": 80, "state": "absent"}
    for name in ("192.0.2.26:80", "leader"):
        document = {"virtual_services": [{**PLACE, "follow_service": name}, gone]}
        assert "follow_service is" in refused(lm, document).message


def test_the_recipe_without_its_certificate_writes_nothing(lm: Emulator, recipes: dict[str, Any]) -> None:
    document = next(each for name, each in recipes.items() if "mail-2026" in str(each))
    error = refused(lm, document)
    assert "certificates names mail-2026" in error.message and "kemp.loadmaster.certificate" in error.message


def test_tasks_that_build_on_each_other_are_foreseen(playbook: Any, emulator: Emulator) -> None:
    """Check mode cannot know whether an earlier task makes the parent: it says so, and goes on."""
    place = "192.0.2.25:80"
    tasks = [
        {"kemp.loadmaster.virtual_service": {"address": "192.0.2.25", "port": 80}},
        {"kemp.loadmaster.sub_virtual_service": {"virtual_service": place, "name": "OWA"}},
        {
            "kemp.loadmaster.real_server": {
                "virtual_service": place,
                "sub_virtual_service": "OWA",
                "address": "192.0.2.31",
            }
        },
    ]
    foreseen = playbook(tasks, check=True).succeeded()
    assert [task.changed for task in foreseen.tasks] == [True] * 3
    assert "there is no virtual service tcp/192.0.2.25:80" in str(foreseen.tasks[1].result["warnings"])
    assert emulator.state()["services"] == {}
    assert playbook(tasks).succeeded().changed == 3
    run = playbook(tasks[1:2], check=True)
    assert not run.succeeded().changed


def test_what_earlier_tasks_would_make_counts_as_there_in_check_mode(playbook: Any, emulator: Emulator) -> None:
    made = issue("mail.example.com")
    uses = {"certificates": ["mail"], "cipher_set": "Mine", "pre_process_rules": ["First"], "ssl_acceleration": True}
    tasks = [
        {"kemp.loadmaster.certificate": {"name": "mail", "certificate": made.pem + made.key}},
        {"kemp.loadmaster.cipher_set": {"name": "Mine", "ciphers": [SUITE]}},
        {"kemp.loadmaster.content_rule": {"name": "First", "kind": "match_content", "pattern": "/a/"}},
        {"kemp.loadmaster.virtual_service": {"address": "192.0.2.25", "port": 443, "type": "http", **uses}},
        {"kemp.loadmaster.config": {"virtual_services": [{**LEADER, **uses, "type": "http"}]}},
    ]
    foreseen = playbook(tasks, check=True).succeeded()
    assert [task.changed for task in foreseen.tasks] == [True] * 5
    alone = playbook(tasks[3:4], check=True)
    assert alone.rc == 2 and "certificates names mail" in alone.failed[0].msg and "First" in alone.failed[0].msg
    done = playbook(tasks).succeeded()
    assert [task.result["steps"] for task in foreseen.tasks] == [task.result["steps"] for task in done.tasks]


def test_a_role_names_its_variable_and_says_how_to_install_the_certificate(playbook: Any, emulator: Emulator) -> None:
    variables = {
        "exchange2013_l7_vip": "192.0.2.25",
        "exchange2013_l7_servers": ["192.0.2.31"],
        "exchange2013_l7_certificate": "mail-2026",
    }
    for check in (True, False):
        run = playbook("kemp.loadmaster.site", extra_vars=variables, check=check)
        assert run.rc == 2
        message = run.failed[0].msg
        assert "exchange2013_l7_certificate names mail-2026, but the LoadMaster has no certificate" in message
        assert "kemp.loadmaster.certificate or in site_certificates" in message
    assert not [call.command for call in emulator.journal if COMMANDS[call.command].writes]
