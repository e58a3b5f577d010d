# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates, intermediates and cipher sets that someone uses: the role of one, its users, its key, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from authority import Issued, issue
from documents import PASSWORD, USER, export, run, session_with

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    InvalidOption,
    LoadMasterError,
    NotConverged,
    Refused,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate_facts, leaves
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import (
    certificate,
    cipher_set,
    info,
    intermediate_certificate,
    virtual_service,
)
from loadmaster_emulator import Emulator, Fault

PLACE = {"address": "192.0.2.25", "port": 443}
EMPTY = {**PLACE, "real_servers": []}
TLS = {**PLACE, "type": "http", "ssl_acceleration": True}
CIPHERS = ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"]
OLD, NEW, OTHER = issue("lm1"), issue("lm1"), issue("lm2")
ABOVE = issue("root", ca=True)
ROLE = {"administrative": True, "allow_lockout": True}


@pytest.fixture
def lm() -> Iterator[Emulator]:
    with Emulator(users={USER: PASSWORD}) as made:
        yield made


def do(lm: Emulator, module: Any, *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Run a module's function in a session of its own, as one task does."""
    defaults = {name: argument.get("default") for name, argument in module.MODULE.options.items()}
    with session_with(lm) as session:
        return module.MODULE.perform({**defaults, **options}, session, Mode(check, True))


def twice(lm: Emulator, module: Any, **options: Any) -> dict[str, Any]:
    """Predict, do, and do again: the second time nothing is left."""
    predicted, done = do(lm, module, check=True, **options), do(lm, module, **options)
    assert predicted["changed"] and (predicted["steps"], predicted["diff"]) == (done["steps"], done["diff"])
    assert not do(lm, module, **options)["changed"]
    return done


def refused(lm: Emulator, sentence: str, module: Any, **options: Any) -> None:
    """A task is refused before anything is sent, and check mode predicts it."""
    before = lm.state()
    for check in (True, False):
        with pytest.raises(InvalidOption, match=sentence) as caught:
            do(lm, module, check=check, **options)
        assert caught.value.message.endswith("Nothing was changed.")
    assert lm.state() == before


def refused_document(lm: Emulator, sentence: str, **document: Any) -> None:
    before = lm.state()
    for check in (True, False):
        with pytest.raises(InvalidOption, match=sentence):
            run(lm, check=check, **document)
    assert lm.state() == before


def commands(result: dict[str, Any]) -> list[str]:
    return [step["command"] for step in result["steps"]]


def given(issued: Issued) -> dict[str, str]:
    return {"certificate": issued.pem, "private_key": issued.key}


def administrative(lm: Emulator) -> str:
    return str(lm.call("get", param="admincert")["admincert"])


def with_role(lm: Emulator) -> Emulator:
    do(lm, certificate, name="lm1", **given(OLD), **ROLE)
    assert administrative(lm) == "lm1"
    return lm


# --- the administrative certificate --------------------------------------------------------------------------------------


def replacement(kind: str) -> dict[str, Any]:
    """The administrative certificate replaced by a task of its own, or amid a document with much else in it."""
    entry = {"name": "lm1", "administrative": True, "certificate": NEW.pem + ABOVE.pem, "private_key": NEW.key}
    if kind == "module":
        return {**entry, "allow_lockout": True}
    return {
        "settings": {"hostname": "lm1", "wui_tls_versions": ["TLSv1.2", "TLSv1.3"]},
        "certificates": [entry, {"name": "other", **given(OTHER)}],
        "cipher_sets": [{"name": "Mine", "ciphers": CIPHERS}],
        "virtual_services": [{**TLS, "certificates": ["lm1"], "real_servers": [{"address": "192.0.2.31"}]}],
        "allow_lockout": True,
    }


def perform(lm: Emulator, kind: str, **options: Any) -> dict[str, Any]:
    return do(lm, certificate, **options) if kind == "module" else run(lm, **options)


class Killed(BaseException):
    """Nothing that the engine could catch, as when its process is ended."""


def kill_after(lm: Emulator, last: int, monkeypatch: pytest.MonkeyPatch, kind: str, options: dict[str, Any]) -> None:
    """Run, and end the run when the emulator has answered a number of calls."""
    calls = iter(range(1, last + 1))
    original = Client._call

    def deadly(*arguments: Any) -> Any:
        try:
            return original(*arguments)
        finally:
            if next(calls) == last:
                raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Client, "_call", deadly)
        perform(lm, kind, **options)


@pytest.mark.parametrize("kind", ["module", "document"])
def test_replaced_and_killed_after_any_call_it_keeps_its_role(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    options = replacement(kind)
    with Emulator(users={USER: PASSWORD}) as lm:
        with_role(lm).journal.clear()
        assert perform(lm, kind, **options)["changed"]
        calls = lm.journal.commands()
        undisturbed = export(lm)["config"]
        assert administrative(lm) == "lm1" and not perform(lm, kind, **options)["changed"]
    for last in range(1, len(calls) + 1):
        with Emulator(users={USER: PASSWORD}) as lm:
            kill_after(with_role(lm), last, monkeypatch, kind, options)
            # Without it only for as long as the next call takes.
            assert administrative(lm) == "lm1" or calls[last - 1] == "addcert"
            perform(lm, kind, **options)
            assert administrative(lm) == "lm1", f"killed after call {last}, {calls[last - 1]}"
            assert export(lm)["config"] == undisturbed, f"killed after call {last}, {calls[last - 1]}"
            assert not perform(lm, kind, **options)["changed"]


def test_its_role_comes_back_at_once_and_last_of_all(lm: Emulator) -> None:
    done = run(with_role(lm), **replacement("document"))
    last = [(step["command"], step["object"]) for step in done["steps"][-2:]]
    assert last == [("addcert", "certificate lm1"), ("set", "certificate lm1")]


def test_replacing_it_takes_the_option_that_the_next_run_needs(lm: Emulator) -> None:
    with_role(lm)
    refused(lm, "loses when it is replaced. Set administrative", certificate, name="lm1", **given(NEW))
    refused(lm, "Set administrative", certificate, name="lm1", **given(NEW), allow_lockout=True)
    refused(lm, "set allow_lockout", certificate, name="lm1", **given(NEW), administrative=True)
    refused_document(lm, "Set administrative", certificates=[{"name": "lm1", **given(NEW)}], allow_lockout=True)
    # Where it stays the same, nothing of it is asked for.
    assert not do(lm, certificate, name="lm1", **given(OLD))["changed"]


def test_a_role_that_does_not_come_back_is_an_error(lm: Emulator) -> None:
    with_role(lm).faults.add(Fault("ignore", command="set"))
    with pytest.raises(NotConverged, match="administrative should be True"):
        do(lm, certificate, name="lm1", **given(NEW), **ROLE)
    assert administrative(lm) == "No Admin Certificate assigned"
    assert commands(twice(lm, certificate, name="lm1", **given(NEW), **ROLE)) == ["set"]


def test_forcing_it(lm: Emulator) -> None:
    options = {"name": "lm1", **given(OLD), **ROLE, "force": True}
    for _again in range(2):
        assert commands(do(with_role(lm), certificate, **options)) == ["addcert", "set"]
        assert administrative(lm) == "lm1"
    lm.faults.add(Fault("ignore", command="set"))
    with pytest.raises(NotConverged, match="administrative should be True"):
        do(lm, certificate, **options)


def test_forcing_hides_nothing_that_can_be_seen(lm: Emulator) -> None:
    do(lm, certificate, name="mail", **given(OLD))
    lm.faults.add(Fault("ignore", command="addcert"))
    with pytest.raises(NotConverged, match="fingerprint should be"):
        do(lm, certificate, name="mail", **given(NEW), force=True)


def test_only_one_can_have_the_role(lm: Emulator) -> None:
    both = [{"name": name, **given(OTHER), "administrative": True} for name in ("a", "b")]
    refused_document(lm, "certificate a and certificate b are both", certificates=both, allow_lockout=True)


def test_another_one_takes_the_role_and_the_old_one_may_change_or_go(lm: Emulator) -> None:
    with_role(lm)
    heir = {"name": "lm2", **given(OTHER), "administrative": True}
    refused(lm, "in use by the web user interface", certificate, name="lm1", state="absent")
    done = run(lm, certificates=[{"name": "lm1", **given(NEW)}, heir], allow_lockout=True)
    assert commands(done) == ["addcert", "addcert", "set"] and administrative(lm) == "lm2"
    run(lm, certificates=[{"name": "lm1", "administrative": True}], allow_lockout=True)
    document = {"certificates": [heir], "purge": [{"kind": "certificates"}], "allow_lockout": True}
    predicted, done = run(lm, check=True, **document), run(lm, **document)
    assert predicted["steps"] == done["steps"] and commands(done) == ["set", "delcert"]
    assert not run(lm, **document)["changed"]


# --- the way back --------------------------------------------------------------------------------------------------------


def failing(lm: Emulator, command: str, **document: Any) -> str:
    lm.faults.add(Fault("status", command=command, status=422, body="<html></html>"))
    with pytest.raises(LoadMasterError) as caught:
        run(lm, **document, rollback=True, allow_lockout=True)
    return caught.value.message


def test_undone_the_role_is_where_it_was(lm: Emulator) -> None:
    with_role(lm)
    told = failing(lm, "set", certificates=[{"name": "lm1", **given(NEW), "administrative": True}])
    assert "were reverted, except: certificate lm1: the key of the one before" in told and administrative(lm) == "lm1"
    before = export(lm)["config"]
    # Refused when the role is already with the other one.
    heir = {"name": "lm2", **given(OTHER), "administrative": True}
    lm.faults.add(Fault("ignore", command="addvs"))
    with pytest.raises(NotConverged, match=r"The steps before it were reverted\.$"):
        run(lm, certificates=[heir], virtual_services=[EMPTY], rollback=True, allow_lockout=True)
    assert export(lm)["config"] == before and administrative(lm) == "lm1"


def test_undone_where_no_one_had_the_role_before(lm: Emulator) -> None:
    heir = {"name": "lm2", **given(OTHER), "administrative": True}
    lm.faults.add(Fault("ignore", command="addvs"))
    with pytest.raises(
        NotConverged, match="were reverted, except: certificate lm2 is in use by the web user interface"
    ):
        document = {"virtual_services": [EMPTY], "cipher_sets": [{"name": "Mine", "ciphers": CIPHERS}]}
        run(lm, certificates=[heir], **document, rollback=True, allow_lockout=True)
    assert administrative(lm) == "lm2"
    with pytest.raises(Exception, match="Unknown cipher set"):
        lm.call("getcipherset", name="Mine")


def test_undone_a_role_alone_has_lost_no_key(lm: Emulator) -> None:
    do(with_role(lm), certificate, name="lm2", **given(OTHER))
    told = failing(lm, "set", certificates=[{"name": "lm2", "administrative": True}])
    assert "key of the one before" not in told and administrative(lm) == "lm1"


# --- intermediates that are in use ---------------------------------------------------------------------------------------


@pytest.fixture
def staff(lm: Emulator) -> Emulator:
    """A service that asks clients for certificates of one intermediate; another intermediate is there, unused."""
    for name in ("staff", "spare"):
        do(lm, intermediate_certificate, name=name, certificate=issue(name, ca=True).pem)
    do(lm, virtual_service, **TLS, client_certificates="required", intermediate_certificates=["staff"], nickname="Web")
    return lm


def test_one_in_use_cannot_be_replaced(staff: Emulator) -> None:
    new = issue("staff", ca=True)
    sentence = r"is in use by virtual service tcp/192.0.2.25:443, and the LoadMaster cannot replace a certificate in use.* another name"
    refused(staff, sentence, intermediate_certificate, name="staff", certificate=new.pem)
    # So the appliance says itself
    with pytest.raises(Exception, match="still associated"):
        staff.call("delintermediate", cert="staff")
    entry = {"name": "staff", "certificate": new.pem}
    for by in (PLACE, {"nickname": "Web"}):
        service = {**by, "idle_timeout": 900}
        refused_document(staff, sentence, intermediate_certificates=[entry], virtual_services=[service])


@pytest.mark.parametrize("by", [PLACE, {"nickname": "Web"}], ids=["place", "nickname"])
def test_one_that_the_document_frees_is_replaced_after_that(staff: Emulator, by: dict[str, Any]) -> None:
    new = issue("staff", ca=True)
    document = {
        "intermediate_certificates": [{"name": "staff", "certificate": new.pem}],
        "virtual_services": [{**by, "intermediate_certificates": ["spare"]}],
    }
    predicted, done = run(staff, check=True, **document), run(staff, **document)
    assert predicted["steps"] == done["steps"]
    assert commands(done) == ["modvs", "delintermediate", "addintermediate"]
    assert not run(staff, **document)["changed"]


def test_one_that_the_document_is_to_use_is_replaced_before_that(staff: Emulator) -> None:
    new = issue("spare", ca=True)
    document = {
        "intermediate_certificates": [{"name": "spare", "certificate": new.pem}],
        "virtual_services": [{**PLACE, "intermediate_certificates": ["spare"]}],
    }
    assert commands(run(staff, **document)) == ["delintermediate", "addintermediate", "modvs"]
    assert not run(staff, **document)["changed"]


def test_a_replaced_one_comes_back_although_it_is_in_use_by_then(staff: Emulator) -> None:
    before = export(staff)["config"]
    document = {
        "intermediate_certificates": [{"name": "spare", "certificate": issue("spare", ca=True).pem}],
        "virtual_services": [
            {**PLACE, "intermediate_certificates": ["spare"]},
            {**EMPTY, "address": "192.0.2.26"},
        ],
    }
    assert failing(staff, "addvs", **document).endswith("The steps before it were reverted.")
    assert export(staff)["config"] == before


def test_one_in_use_cannot_be_removed(staff: Emulator) -> None:
    sentence = r"intermediate certificate staff is in use by virtual service tcp/192.0.2.25:443\. Remove it there"
    refused(staff, sentence, intermediate_certificate, name="staff", state="absent")
    gone = [{"name": "staff", "state": "absent"}, {"name": "spare", "state": "absent"}]
    service = {"nickname": "Web", "intermediate_certificates": ["spare"]}
    refused_document(staff, "spare is in use", intermediate_certificates=gone, virtual_services=[service])
    run(staff, intermediate_certificates=gone[:1], virtual_services=[service])
    new = {**TLS, "address": "192.0.2.26", "intermediate_certificates": ["spare"]}
    gone = [{"name": "spare", "state": "absent"}]
    services = [{"nickname": "Web", "state": "absent"}, new]
    refused_document(
        staff,
        r"spare is in use by virtual service tcp/192.0.2.26:443\.",
        intermediate_certificates=gone,
        virtual_services=services,
    )
    done = run(staff, intermediate_certificates=gone, virtual_services=services[:1])
    assert commands(done) == ["delvs", "delintermediate"]


def test_an_intermediate_has_no_key(lm: Emulator) -> None:
    ca = issue("staff", ca=True)
    refused(lm, "has a private key", intermediate_certificate, name="staff", certificate=ca.pem + ca.key)
    refused(lm, "holds 2 certificates", intermediate_certificate, name="staff", certificate=ca.pem + OLD.pem)
    refused(lm, "no certificate in PEM", intermediate_certificate, name="staff", certificate="nonsense")


# --- cipher sets that are in use -----------------------------------------------------------------------------------------


def test_a_cipher_set_in_use_cannot_be_removed(lm: Emulator) -> None:
    do(lm, cipher_set, name="Mine", ciphers=CIPHERS)
    do(lm, virtual_service, **TLS, cipher_set="Mine", nickname="Web")
    sentence = r"cipher set Mine is in use by virtual service tcp/192.0.2.25:443\. Assign another one"
    refused(lm, sentence, cipher_set, name="Mine", state="absent")
    gone = {"cipher_sets": [{"name": "Mine", "state": "absent"}]}
    refused_document(lm, sentence, **gone, virtual_services=[{"nickname": "Web", "idle_timeout": 900}])
    new = {**TLS, "address": "192.0.2.26", "cipher_set": "Mine"}
    freed = {"nickname": "Web", "cipher_set": "BestPractices"}
    refused_document(lm, r"in use by virtual service tcp/192.0.2.26:443\.", **gone, virtual_services=[freed, new])
    done = run(lm, **gone, virtual_services=[freed])
    assert commands(done) == ["modvs", "delcipherset"]
    assert not run(lm, **gone, virtual_services=[freed])["changed"]


def test_a_refusal_names_what_the_appliance_leaves_out(lm: Emulator) -> None:
    """Another writer removes what was looked up, just before it is used."""
    made = issue("mail.example.com")
    lm.call("addcert", cert="mail", replace=0, data=made.pem + made.key)
    lm.call("modifycipherset", name="Mine", value=CIPHERS[0])
    for wanted, looked_up, removal, told in (
        (
            {"certificates": ["mail"]},
            "listcert",
            ("delcert", {"cert": "mail"}),
            r"'Unknown certificate' \(HTTP 422\)\. The certificate is mail\.",
        ),
        (
            {"cipher_set": "Mine"},
            "getcipherset",
            ("delcipherset", {"name": "Mine"}),
            r"'Unknown cipher set' \(HTTP 422\)\. The cipher set is Mine\.",
        ),
    ):
        once = iter([removal])

        def remove(call: Any, looked_up: str = looked_up, once: Any = once) -> None:
            for command, named in once if call.command == looked_up else ():
                lm.call(command, **named)

        lm.on_call(remove)
        with pytest.raises(Refused, match=told):
            do(lm, virtual_service, **TLS, **wanted)
        lm.on_call(None)


def test_settings_use_cipher_sets_too(lm: Emulator) -> None:
    do(lm, cipher_set, name="Mine", ciphers=CIPHERS)
    used = {"wui_cipher_set": "Mine", "outbound_cipher_set": "Mine"}
    run(lm, settings=used, allow_lockout=True)
    both = "in use by the setting wui_cipher_set, the setting outbound_cipher_set"
    refused(lm, both, cipher_set, name="Mine", state="absent")
    gone = {"cipher_sets": [{"name": "Mine", "state": "absent"}], "allow_lockout": True}
    refused_document(lm, r"in use by the setting wui_cipher_set\.", **gone, settings={"outbound_cipher_set": ""})
    refused_document(lm, both, **gone, settings=used)
    # What can cut off the connection goes last, and takes the removal with it
    do(lm, virtual_service, **TLS, cipher_set="Mine", nickname="Web")
    freed = {"wui_cipher_set": "", "outbound_cipher_set": ""}
    service = {"nickname": "Web", "cipher_set": "BestPractices"}
    done = run(lm, **gone, settings=freed, virtual_services=[service])
    assert commands(done) == ["set", "modvs", "set", "delcipherset"]
    assert not run(lm, **gone, settings=freed, virtual_services=[service])["changed"]


# --- what is given --------------------------------------------------------------------------------------------------------


def test_a_key_of_another_certificate_is_refused_before_anything_is_sent(lm: Emulator) -> None:
    wrong = {"certificate": OLD.pem, "private_key": NEW.key}
    refused(lm, "certificate mail: the private key belongs to another", certificate, name="mail", **wrong)
    refused_document(lm, r"certificates\[0\].*belongs to another", certificates=[{"name": "mail", **wrong}])
    assert "addcert" not in lm.journal.commands()


def test_without_the_library_the_appliance_refuses_it(lm: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaves, "_belongs", lambda _key, _certificate: None)
    with pytest.raises(Refused, match="Private key does not match"):
        do(lm, certificate, name="mail", certificate=OLD.pem, private_key=NEW.key)


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_a_chain_from_the_root_down(lm: Emulator, api_version: str) -> None:
    root = issue("root", ca=True)
    middle = issue("middle", root, ca=True)
    leaf = issue("mail", middle)
    entry = {"name": "mail", "certificate": leaf.key + root.pem + middle.pem + leaf.pem}
    done = run(lm, certificates=[entry], api_version=api_version)
    assert done["after"]["certificate mail"]["fingerprint"] == leaf.fingerprint
    assert commands(done) == ["addcert", "addintermediate", "addintermediate"]
    other_way = {"name": "mail", "certificate": leaf.pem + middle.pem + root.pem}
    assert not run(lm, certificates=[other_way], api_version=api_version)["changed"]


def test_an_option_that_is_given_is_not_passed_over(lm: Emulator) -> None:
    do(lm, certificate, name="mail", **given(OLD))
    refused(lm, "certificate holds no certificate", certificate, name="mail", certificate="")
    refused(lm, "pfx cannot be read|pfx holds no certificate", certificate, name="mail", pfx="")
    refused(lm, "force needs the certificate", certificate, name="mail", force=True)


# --- what is left of former chains --------------------------------------------------------------------------------------

ROOT = issue("Root", ca=True)
FIRST, SECOND = (issue(name, ROOT, ca=True) for name in ("First", "Second"))
BEFORE, AFTER = issue("mail", FIRST), issue("mail", SECOND)


def with_chain(leaf: Issued, *chain: Issued) -> dict[str, str]:
    return {"certificate": "".join(each.pem for each in (leaf, *chain)), "private_key": leaf.key}


def intermediates(lm: Emulator) -> set[str]:
    return {record["name"] for record in lm.call("listintermediate").get("cert", [])}


def of_chain(issued: Issued, name: str = "mail") -> str:
    return f"{name}-{issued.fingerprint.replace(':', '')[:8].lower()}"


@pytest.fixture
def renewed(lm: Emulator) -> Emulator:
    """A certificate with its chain, to be renewed by one with another chain."""
    do(lm, certificate, name="mail", **with_chain(BEFORE, FIRST, ROOT))
    assert intermediates(lm) == {of_chain(FIRST), of_chain(ROOT)}
    return lm


def test_a_former_chain_goes_with_the_renewal(renewed: Emulator) -> None:
    done = twice(renewed, certificate, name="mail", **with_chain(AFTER, SECOND, ROOT))
    assert commands(done) == ["addcert", "addintermediate", "delintermediate"]
    assert "came with a former certificate, and nothing needs it" in done["steps"][-1]["reason"]
    assert intermediates(renewed) == {of_chain(SECOND), of_chain(ROOT)}


def test_what_earlier_renewals_left_goes_with_the_next_run(renewed: Emulator) -> None:
    for left in (SECOND, issue("Third", ROOT, ca=True)):
        do(renewed, intermediate_certificate, name=of_chain(left), certificate=left.pem)
    entry = {"name": "mail", **with_chain(BEFORE, FIRST, ROOT)}
    assert commands(run(renewed, certificates=[entry])) == ["delintermediate"] * 2
    assert intermediates(renewed) == {of_chain(FIRST), of_chain(ROOT)}
    assert not run(renewed, certificates=[entry])["changed"]


def test_the_chain_of_the_certificate_of_the_web_user_interface_goes_after_it(lm: Emulator) -> None:
    do(lm, certificate, name="mail", **with_chain(BEFORE, FIRST, ROOT), **ROLE)
    done = twice(lm, certificate, name="mail", **with_chain(AFTER, SECOND, ROOT), **ROLE)
    assert commands(done) == ["addintermediate", "addcert", "set", "delintermediate"]


@pytest.mark.parametrize(
    "needed_by", ["another certificate", "an intermediate", "a service", "a new service", "its leaf"]
)
def test_what_is_needed_of_a_former_chain_stays(renewed: Emulator, needed_by: str) -> None:
    new, more = with_chain(AFTER, SECOND, ROOT), {}
    names = {
        **TLS,
        "client_certificates": "required",
        "intermediate_certificates": [of_chain(FIRST)],
        "real_servers": [],
    }
    if needed_by == "another certificate":
        do(renewed, certificate, name="other", **given(issue("other", FIRST)))
    elif needed_by == "an intermediate":
        do(renewed, intermediate_certificate, name="under", certificate=issue("Under", FIRST, ca=True).pem)
    elif needed_by == "a service":
        do(renewed, virtual_service, **names)
    elif needed_by == "a new service":
        more = {"virtual_services": [names]}
    else:
        new = given(issue("mail", FIRST))
    document = {"certificates": [{"name": "mail", **new}], **more}
    assert "delintermediate" not in commands(run(renewed, **document))
    assert {of_chain(FIRST), of_chain(ROOT)} <= intermediates(renewed)
    assert not run(renewed, **document)["changed"]


def test_another_one_may_stand_in_for_what_is_left(renewed: Emulator) -> None:
    """The certificate of another writer needs the issuer, and that is there under another name, too."""
    do(renewed, certificate, name="other", **with_chain(issue("other", FIRST), FIRST))
    twice(renewed, certificate, name="mail", **with_chain(AFTER, SECOND, ROOT))
    assert intermediates(renewed) == {of_chain(SECOND), of_chain(ROOT), of_chain(FIRST, "other")}


def test_what_no_one_can_tell_of_a_former_chain_stays(renewed: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    # A name that only looks like one of a chain, one of another certificate, and a chain that is not asked for
    for name in ("mail-deadbeef", "mail2-1234abcd", "shop"):
        do(renewed, intermediate_certificate, name=name, certificate=issue(name, ca=True).pem)
    before = intermediates(renewed)
    do(renewed, certificate, name="mail", **with_chain(AFTER, SECOND, ROOT), install_chain=False)
    assert intermediates(renewed) == before
    with monkeypatch.context() as patch:
        patch.setattr(certificate_facts, "missing", lambda: "missing")
        do(renewed, certificate, name="mail", **with_chain(AFTER, SECOND, ROOT))
        assert intermediates(renewed) == {*before, of_chain(SECOND)}
    twice(renewed, certificate, name="mail", **with_chain(AFTER, SECOND, ROOT))
    assert intermediates(renewed) == {*before, of_chain(SECOND)} - {of_chain(FIRST)}


def test_undone_a_former_chain_is_back(renewed: Emulator) -> None:
    before = intermediates(renewed)
    left = {"name": of_chain(SECOND), "certificate": SECOND.pem}
    run(renewed, intermediate_certificates=[left])
    renewed.faults.add(Fault("ignore", command="modifycipherset"))
    with pytest.raises(NotConverged, match="The steps before it were reverted"):
        entry = {"name": "mail", **with_chain(BEFORE, FIRST, ROOT)}
        run(renewed, certificates=[entry], cipher_sets=[{"name": "Mine", "ciphers": CIPHERS}], rollback=True)
    assert "delintermediate" in renewed.journal.commands()
    assert intermediates(renewed) == {*before, of_chain(SECOND)}


# --- what is shown of them ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_what_stands_in_certificates_is_shown(renewed: Emulator, api_version: str) -> None:
    do(renewed, certificate, name="lm1", **given(OLD), **ROLE)
    do(renewed, virtual_service, **TLS, certificates=["mail"], nickname="Web")
    options = {"gather_subset": ["certificates", "intermediate_certificates"], "virtual_service": None, "query": None}
    with session_with(renewed, api_version) as session:
        found = info.MODULE.perform(options, session, Mode())
    assert "warnings" not in found
    own, mail = found["certificates"]
    assert (own["name"], own["administrative"], own["chain"]) == ("lm1", True, [])
    assert own["assigned_to"] == ["the web user interface"]
    wanted = {
        "name": "mail",
        "type": "ECC",
        "assigned_to": ["virtual service tcp/192.0.2.25:443"],
        "administrative": False,
        "chain": [of_chain(FIRST), of_chain(ROOT)],
        "fingerprint": BEFORE.fingerprint,
        "subject": "CN=mail",
        "issuer": "CN=First",
        "days_left": 0,
        "key_type": "ECC",
        "key_size": 256,
        "names": [],
    }
    assert {name: mail[name] for name in wanted} == wanted
    assert int(mail["serial_number"], 16) == BEFORE.certificate.serial_number
    assert mail["not_before"] < mail["not_after"] and mail["not_after"].endswith("Z")
    shown = {entry["name"]: (entry["subject"], entry["issuer"]) for entry in found["intermediate_certificates"]}
    assert shown == {of_chain(FIRST): ("CN=First", "CN=Root"), of_chain(ROOT): ("CN=Root", "CN=Root")}


def test_where_certificates_cannot_be_read_it_is_said(renewed: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate_facts, "missing", lambda: "cryptography is missing")
    found = do(renewed, info, gather_subset=["all"])
    assert found["warnings"] == ["cryptography is missing"]
    (mail,) = found["certificates"]
    assert (mail["fingerprint"], mail["subject"], mail["days_left"], mail["chain"]) == (
        BEFORE.fingerprint,
        None,
        None,
        [],
    )
    assert "warnings" not in do(renewed, info, gather_subset=["virtual_services"])
