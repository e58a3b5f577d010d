# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that fails half way and is undone: what the LoadMaster answers is as before, or the error says what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from everything import MAIL, OLD, OTHER, PLACE, SECRETS, after, before
from round_trip import DARING, DEFAULTS, apply, session_of

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.wire import Answer
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AnswerLost,
    LoadMasterError,
    NotConverged,
    Refused,
    Unreachable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import config
from loadmaster_emulator import Emulator

# Numbers that the appliance gives as it likes, and what follows from the rest.
NUMBERS = {"Status", "Index", "VSIndex", "RsIndex", "MasterVSID"}
REFUSED, IGNORED = "refused", "ignored"


def raw(lm: Emulator) -> dict[str, Any]:
    """All that a LoadMaster answers, by what a person knows it by."""
    services = lm.call("listvs").get("VS") or []
    by_index = {each["Index"]: each for each in services}
    found: dict[str, Any] = {}
    for service in services:
        place = f"{service.get('Protocol')}/{service.get('VSAddress')}:{service['VSPort']}"
        if not service.get("VSAddress"):
            parent = by_index[service["MasterVSID"]]
            slot = next(slot for slot in parent["SubVS"] if slot["VSIndex"] == service["Index"])
            place = f"{service.get('NickName')} of tcp/{parent['VSAddress']}:{parent['VSPort']}"
            service = {**service, "slot": plain(slot)}
        found[place] = plain(service)
    for kind, rules in lm.call("showrule").items():
        if isinstance(rules, list):
            found |= {f"content rule {rule['Name']}": {**rule, "kind": kind} for rule in rules}
    for command, what in (("listcert", "certificate"), ("listintermediate", "intermediate certificate")):
        read = command.replace("list", "read")
        names = [entry["name"] for entry in lm.call(command).get("cert") or []]
        found |= {f"{what} {name}": lm.call(read, cert=name) for name in names}
    for parameter in ("hostname", "syslogerror", "sysloginfo", "admincert"):
        found[f"settings {parameter}"] = lm.call("get", param=parameter)
    found["settings health"] = lm.call("showhealth")
    return found


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items() if name not in NUMBERS}
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def made(document: dict[str, Any] | None = None) -> Emulator:
    lm = Emulator()
    options = {"secrets": SECRETS} if document is None else {}
    apply(session_of(lm), document or before(), **options)
    return lm


def failing(lm: Emulator, options: dict[str, Any], number: int, how: str = REFUSED) -> LoadMasterError:
    """Run a task with rollback whose write of a number fails, the first being 0, and return its error."""
    session = session_of(lm)
    session.client.write = at(session.client.write, number, how)  # type: ignore[method-assign]
    with pytest.raises(LoadMasterError) as caught:
        config.MODULE.perform({**DEFAULTS, **DARING, **options, "rollback": True}, session, Mode())
    return caught.value


def at(write: Callable[..., Answer], number: int, how: str) -> Callable[..., Answer]:
    count = iter(range(10**6))

    def failing_write(*arguments: Any) -> Answer:
        if arguments[0].startswith(("list", "show", "get", "read")) or next(count) != number:
            return write(*arguments)
        if how == REFUSED:
            raise Refused("the LoadMaster answered that it will not", command=arguments[0])
        return Answer()

    return failing_write


# What is seen to be missing in the end, and not before.
VISIBLE = {"modrs", "modrule", "modhealth", "delrs", "delvs", "delrule", "delcert", "delintermediate"}
STEPS = apply(session_of(made()), after(), check=True)["steps"]


@pytest.mark.parametrize("how", [REFUSED, IGNORED])
def test_with_a_purge_of_everything_each_step_is_undone_or_it_is_said_what_is_not(how: str) -> None:
    removed = {step["object"] for step in STEPS if step["reason"].startswith("remove")}
    kinds = ("virtual service", "SubVS", "real server", "content rule", "certificate", "intermediate")
    assert all(any(subject.startswith(kind) for subject in removed) for kind in kinds)
    certificates = [number for number, step in enumerate(STEPS) if step["command"] == "delcert"]
    for number in range(len(STEPS)):
        if how == IGNORED and STEPS[number]["command"] not in VISIBLE:
            continue
        lm = made()
        was = raw(lm)
        error = failing(lm, after(), number, how)
        step = f"write {number}, {STEPS[number]}: {error.message}"
        assert how == IGNORED or isinstance(error, Refused), step
        now = raw(lm)
        unlike = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
        lost = isinstance(error, NotConverged) or any(number > place for place in certificates)
        lost = lost and not (how == IGNORED and number in certificates)
        assert unlike == ({"certificate old"} if lost else set()), step
        assert error.changed == lost, step
        if lost:
            assert error.message.endswith(
                f"except: certificate old: the key of the one before ({OLD.fingerprint}) cannot be read."
            )
        else:
            assert error.message.endswith(" The steps before it were reverted."), step


# --- what the task did not name, and what it left half made ---------------------------------------------------------------


def tail(error: LoadMasterError) -> str:
    """What an error says about the way back."""
    return error.message[error.message.index(" The steps before it ") + 1 :]


def number_of(lm: Emulator, options: dict[str, Any], command: str, subject: str = "") -> int:
    """The number of the first write of a task that has a command and an object."""
    steps = apply(session_of(lm), options, check=True)["steps"]
    return next(n for n, step in enumerate(steps) if step["command"] == command and subject in step["object"])


def test_a_rule_that_is_put_back_is_assigned_again_where_the_task_did_not_look() -> None:
    document = before()
    mail, smtp, old = document["virtual_services"]
    mail["sub_virtual_services"][0]["request_rules"] = ["Header"]
    smtp |= {"type": "http", "response_rules": ["Header"]}
    old |= {"type": "http", "real_servers": [{"address": "192.0.2.31", "content_rules": ["Old", "OWA"]}]}
    lm = Emulator()
    apply(session_of(lm), document, secrets=SECRETS)
    was = raw(lm)
    gone = [{"name": name, "state": "absent"} for name in ("Header", "Old", "OWA")]
    options = {"content_rules": gone, "certificates": [{"name": "old", "state": "absent"}]}
    error = failing(lm, options, number_of(lm, options, "delcert"))
    assert raw(lm) == was and tail(error) == "The steps before it were reverted."


def test_a_follower_follows_again() -> None:
    lm = made()
    index = next(service["Index"] for service in lm.call("listvs")["VS"] if service.get("NickName") == "Old")
    lm.call("modvs", vs="192.0.2.25", port=25, prot="tcp", followvsid=index)
    options = {
        "virtual_services": [{"address": "192.0.2.90", "port": 80, "state": "absent"}],
        "certificates": [{"name": "old", "state": "absent"}],
    }
    error = failing(lm, options, 1)
    now = lm.call("listvs")["VS"]
    index = next(service["Index"] for service in now if service.get("NickName") == "Old")
    assert next(service for service in now if service["VSPort"] == "25")["FollowVSID"] == index
    assert tail(error) == "The steps before it were reverted."


def test_a_first_sub_service_without_a_name_does_not_stay() -> None:
    lm = made()
    was = raw(lm)
    options = {"virtual_services": [{"address": "192.0.2.77", "port": 443, "type": "http", "real_servers": []}]}
    apply(session_of(lm), options)
    was = raw(lm)
    options["virtual_services"][0]["sub_virtual_services"] = [{"name": "New", "real_servers": []}]
    error = failing(lm, options, 1)
    assert raw(lm) == was and tail(error) == "The steps before it were reverted."


# --- what cannot be put back is said --------------------------------------------------------------------------------------


def test_what_has_no_option_and_no_name_is_said_to_be_lost() -> None:
    lm = made()
    mail = {"vs": "192.0.2.25", "port": 443, "prot": "tcp"}
    lm.call("modvs", **mail, intercept=1)
    lm.call("modvs", **mail, createsubvs="")
    options = {
        "virtual_services": [{**PLACE, "state": "absent"}],
        "certificates": [{"name": "old", "state": "absent"}],
    }
    error = failing(lm, options, 1)
    parent = "virtual service tcp/192.0.2.25:443"
    assert tail(error) == (
        "The steps before it were reverted, except: "
        f"{parent} (Mail) is not as it was: Intercept was Y, InterceptMode was 1; "
        f"SubVS without a name of tcp/192.0.2.25:443 is missing."
    )
    assert error.changed


def test_an_own_cipher_set_and_another_order_are_said_to_be_lost() -> None:
    lm = made()
    lm.quirks.slots_as_made = True  # by index, the one that comes back would have its former place
    lm.call("modvs", vs="192.0.2.25", port=443, prot="tcp", ciphers="ECDHE-RSA-AES256-GCM-SHA384")
    own = next(vs["CipherSet"] for vs in lm.call("listvs")["VS"] if vs.get("NickName") == "Mail")
    absent = {"state": "absent"}
    certificate = {"certificates": [{"name": "old", **absent}]}
    options = {"virtual_services": [{**PLACE, **absent}], **certificate}
    assert f"(Mail) is not as it was: cipher_set was {own}." in tail(failing(lm, options, 1))
    options = {"virtual_services": [{**PLACE, "sub_virtual_services": [{"name": "OWA", **absent}]}], **certificate}
    assert tail(failing(lm, options, 1)) == (
        "The steps before it were reverted, except: the SubVSs of virtual service tcp/192.0.2.25:443 (Mail) come in "
        "another order: it was OWA, Old."
    )


def test_a_service_comes_back_without_the_certificate_that_is_lost() -> None:
    lm = made()
    options = {
        "virtual_services": [{**PLACE, "state": "absent"}],
        "certificates": [{"name": "mail", "state": "absent"}, {"name": "old", "state": "absent"}],
    }
    error = failing(lm, options, 2)
    assert "(Mail) is not as it was: certificates was mail" in tail(error)
    assert f"certificate mail: the key of the one before ({MAIL.fingerprint}) cannot be read" in tail(error)
    assert [slot["Name"] for vs in lm.call("listvs")["VS"] for slot in vs.get("SubVS", ())] == ["OWA", "Old"]
    assert "certificate old" not in tail(error)


def test_a_key_counts_as_lost_only_where_the_certificate_is_another_one() -> None:
    lm = made()
    replaced = {"certificates": [{"name": "mail", "certificate": OTHER.pem, "private_key": OTHER.key}]}
    options = {"settings": {"hostname": "lm9"}, **replaced, "content_rules": [{"name": "OWA", "pattern": "/other/"}]}
    assert tail(failing(lm, options, number_of(lm, options, "addcert"))) == "The steps before it were reverted."
    assert "the key of the one before" in tail(failing(lm, options, number_of(lm, options, "modrule")))


def test_secrets_that_were_sent_are_said_to_be_lost() -> None:
    lm = made()
    options = {
        "settings": {"email_enabled": True, "email_server": "mail.example.com", "email_password": "hidden"},
        "content_rules": [{"name": "OWA", "pattern": "/other/"}],
    }
    error = failing(lm, options, number_of(lm, options, "modrule"))
    assert tail(error) == "The steps before it were reverted, except: settings: email_password cannot be read."
    other = {"settings": {"hostname": "lm9", "email_password": "hidden"}, "content_rules": options["content_rules"]}
    assert tail(failing(lm, other, number_of(lm, other, "modrule"))) == "The steps before it were reverted."


# --- what cannot be undone stops nothing else -----------------------------------------------------------------------------


def stubborn(lm: Emulator, options: dict[str, Any], number: int, refuses: Callable[..., Any]) -> LoadMasterError:
    """Run a task that fails at a write, after which the appliance also refuses what ``refuses`` is true for."""
    session = session_of(lm)
    direct = session.client.write
    count = iter(range(10**6))

    def write(command: str, parameters: Any, *data: Any) -> Answer:
        done = next(count)
        if not command.startswith(("list", "show", "get", "read")) and done >= number:
            if done == number:
                raise Refused("the LoadMaster answered that it will not", command=command)
            error = refuses(command, parameters)
            if error:
                raise error if isinstance(error, LoadMasterError) else Refused("it will not", command=command)
        return direct(command, parameters, *data)

    session.client.write = write  # type: ignore[method-assign]
    session.client.read = lambda command, parameters=None: direct(command, parameters or {})  # type: ignore[method-assign]
    with pytest.raises(LoadMasterError) as caught:
        config.MODULE.perform({**DEFAULTS, **DARING, **options, "rollback": True}, session, Mode())
    return caught.value


def test_a_step_that_is_refused_on_the_way_back_stops_no_other() -> None:
    lm = made()
    was = raw(lm)
    last = len(STEPS) - 2
    error = stubborn(lm, after(), last, lambda command, sent: command == "modrule" or sent.get("vs") == "192.0.2.90")
    now = raw(lm)
    unlike = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
    assert unlike == {"content rule OWA", "tcp/192.0.2.90:80"}
    assert tail(error).count("Could not ") == 2
    assert "content rule OWA is not as it was: pattern was /owa/" in tail(error)
    assert "virtual service tcp/192.0.2.90:80 is missing" in tail(error)


def test_an_object_that_cannot_be_planned_on_the_way_back_stops_no_other() -> None:
    lm = made()
    was = raw(lm)

    number = number_of(lm, after(), "addrs")
    options = after()
    session = session_of(lm)
    write = session.client.write
    count = iter(range(10**6))

    def then_used(*arguments: Any) -> Answer:
        if next(count) == number:
            lm.call("modvs", vs="192.0.2.90", port=80, prot="tcp", sslacceleration=1, certfile="new")
            raise Refused("the LoadMaster answered that it will not", command=arguments[0])
        return write(*arguments)

    session.client.write = then_used  # type: ignore[method-assign]
    session.client.read = lambda command, parameters=None: write(command, parameters or {})  # type: ignore[method-assign]
    with pytest.raises(LoadMasterError) as caught:
        config.MODULE.perform({**DEFAULTS, **DARING, **options, "purge": None, "rollback": True}, session, Mode())
    now = raw(lm)
    unlike = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
    assert unlike == {"certificate new", "tcp/192.0.2.90:80"}
    assert "certificate new is in use by virtual service tcp/192.0.2.90:80" in tail(caught.value)
    assert "certificate new is there, which was not before" in tail(caught.value)


def test_a_server_outside_of_the_networks_comes_back() -> None:
    lm = Emulator()
    session = session_of(lm)
    apply(session, {"settings": {"non_local_real_servers": True}})
    server = {"address": "198.51.100.9", "non_local": True}
    apply(session, {"virtual_services": [{**PLACE, "type": "http", "transparent": False, "real_servers": [server]}]})
    lm.networks = ["192.0.2.0/24"]
    was = raw(lm)
    options = {"virtual_services": [{**PLACE, "state": "absent"}, {**PLACE, "port": 80, "real_servers": []}]}
    error = failing(lm, options, 1)
    assert raw(lm) == was and tail(error) == "The steps before it were reverted."


def test_where_nothing_answers_any_more_nothing_is_said_to_be_undone() -> None:
    lm = made()
    session = session_of(lm)
    write = session.client.write
    count = iter(range(10**6))
    down: list[bool] = []

    def cut_off(*arguments: Any) -> Answer:
        if down or next(count) == 3:
            down.append(True)
            raise Unreachable("The LoadMaster cannot be reached.")
        return write(*arguments)

    session.client.write = cut_off  # type: ignore[method-assign]
    session.client.read = lambda c, p=None: cut_off(c, p) if down else write(c, p or {})  # type: ignore[method-assign]
    with pytest.raises(Unreachable) as caught:
        config.MODULE.perform({**DEFAULTS, **DARING, **after(), "rollback": True}, session, Mode())
    assert caught.value.changed
    assert tail(caught.value) == "The steps before it could not be reverted: The LoadMaster cannot be reached."


def test_an_answer_that_is_lost_on_the_way_back_is_looked_up() -> None:
    lm = made()
    was = raw(lm)
    session = session_of(lm)
    options = {
        "virtual_services": [{"address": "192.0.2.90", "port": 80, "state": "absent"}],
        "certificates": [{"name": "old", "state": "absent"}],
    }
    write = session.client.write
    lost: list[str] = []

    def losing(command: str, *arguments: Any) -> Answer:
        if command == "delcert":
            raise Refused("the LoadMaster answered that it will not", command=command)
        answer = write(command, *arguments)
        if command in ("addvs", "addrs") and command not in lost:
            lost.append(command)
            raise AnswerLost("no answer came")
        return answer

    session.client.write = losing  # type: ignore[method-assign]
    session.client.read = lambda command, parameters=None: write(command, parameters or {})  # type: ignore[method-assign]
    with pytest.raises(LoadMasterError) as caught:
        config.MODULE.perform({**DEFAULTS, **DARING, **options, "rollback": True}, session, Mode())
    assert lost == ["addvs", "addrs"] and raw(lm) == was
    assert tail(caught.value) == "The steps before it were reverted."


HIDDEN: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "content rule": (
        {"command": "addrule", "name": "Late", "type": "0", "pattern": "/^other$/"},
        {"content_rules": [{"name": "Late", "kind": "match_content", "pattern": "/^mine$/"}]},
    ),
    "virtual service": (
        {"command": "addvs", "vs": "192.0.2.99", "port": "80", "prot": "tcp"},
        {"virtual_services": [{"address": "192.0.2.99", "port": 80, "real_servers": [{"address": "192.0.2.98"}]}]},
    ),
    "intermediate certificate": (
        {"command": "addintermediate", "cert": "Late"},
        {"intermediate_certificates": [{"name": "Late", "certificate": OTHER.pem}]},
    ),
    "certificate": (
        {"command": "addcert", "cert": "Late", "replace": "0"},
        {"certificates": [{"name": "Late", "certificate": OTHER.pem, "private_key": OTHER.key}]},
    ),
}


def without(answer: Any, names: tuple[str, ...]) -> Any:
    """An answer without the records that have one of some names or addresses."""
    if isinstance(answer, dict):
        return {key: without(value, names) for key, value in answer.items()}
    if not isinstance(answer, list):
        return answer
    kept = [each for each in answer if not isinstance(each, dict) or not set(names) & set(map(str, each.values()))]
    return [without(each, names) for each in kept]


@pytest.mark.parametrize("kind", HIDDEN)
def test_what_a_refused_step_did_not_create_stays(kind: str) -> None:
    """A listing that lacks an object makes the task create it. The refusal says that it exists, so it is not the task's."""
    lm = made()
    call, document = HIDDEN[kind]
    parameters = {name: value for name, value in call.items() if name != "command"}
    data = (MAIL.pem + MAIL.key if kind == "certificate" else OLD.pem).encode() if "cert" in call else None
    lm.call(call["command"], **parameters, **({"data": data} if data else {}))
    there = lm.state()
    session = session_of(lm)
    read, write, refused = session.client.read, session.client.write, []

    def noticed(*arguments: Any, **options: Any) -> Answer:
        try:
            return write(*arguments, **options)
        except Refused:
            refused.append(arguments)
            raise

    def blind(command: str, *arguments: Any) -> Answer:
        if refused:
            return read(command, *arguments)
        if command.startswith("read") and {"cert": "Late"} in arguments:
            raise Refused("unknown", command=command, answer="Unknown certificate")
        answer = read(command, *arguments)
        return Answer(without(answer.data, ("Late", "192.0.2.99")), answer.message)

    session.client.read, session.client.write = blind, noticed  # type: ignore[method-assign]
    options = {**DEFAULTS, "settings": {"hostname": "lm9"}, **document, "rollback": True}
    try:
        config.MODULE.perform(options, session, Mode())
    except LoadMasterError as error:
        assert lm.state() == there, error.message
    else:
        wanted = {"settings": options["settings"], **document}
        assert apply(session_of(lm), wanted, check=True)["steps"] == []
    assert refused
