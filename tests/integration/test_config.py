# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole appliance as one document: made, changed, purged, undone and read back, without playbooks."""

from __future__ import annotations

import copy
import errno
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from documents import (
    PASSWORD,
    USER,
    exchange,
    export,
    interrupted_everywhere,
    numbers,
    renumber,
    run,
    session_with,
    text_of,
    with_certificate,
)

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, LoadMasterError
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import config
from loadmaster_emulator import Emulator, Fault

FIRMWARE = ["7.2.53", "7.2.54.12", "7.2.58", "7.2.59", "7.2.60", "7.2.63"]
PLACE = {"address": "192.0.2.25", "port": 443}
SERVERS = [{"address": "192.0.2.31"}, {"address": "192.0.2.32"}]


def small(**more: Any) -> dict[str, Any]:
    """A document with a rule, a service with two SubVSs, and one with servers of its own."""
    rule = {"name": "OWA", "kind": "match_content", "pattern": r"/^\/owa.*/"}
    owa = {"name": "OWA", "content_rules": ["OWA"], "real_servers": SERVERS}
    ecp = {"name": "ECP", "idle_timeout": 900, "real_servers": SERVERS}
    return {
        "content_rules": [rule],
        "virtual_services": [
            {**PLACE, "type": "http", "nickname": "Mail", "transparent": False, "sub_virtual_services": [owa, ecp]},
            {"address": "192.0.2.25", "port": 25, "real_servers": [{"address": "192.0.2.31", "weight": 500}]},
        ],
        **more,
    }


def objects(result: dict[str, Any]) -> set[str]:
    """What a result names as changed."""
    return {step["object"] for step in result["steps"]}


def commands(result: dict[str, Any]) -> list[str]:
    return [step["command"] for step in result["steps"]]


# --- made, and then at rest ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api_version", ["v1", "v2"])
@pytest.mark.parametrize("firmware", FIRMWARE)
def test_it_is_predicted_made_in_few_calls_and_rests(firmware: str, api_version: str) -> None:
    with Emulator(firmware=firmware, users={USER: PASSWORD}) as lm:
        document, secrets = with_certificate(exchange())
        before = lm.state()
        predicted = run(lm, check=True, api_version=api_version, **document, secrets=secrets)
        assert lm.state() == before
        made = run(lm, api_version=api_version, **document, secrets=secrets)
        for part in ("steps", "diff", "before", "after"):
            assert made[part] == predicted[part]
        # A certificate is six calls more than the 70 that nine protocols and three servers may take.
        assert made["api_calls"] <= 70 + 6
        for _again in range(2):
            rested = run(lm, api_version=api_version, **document, secrets=secrets)
            assert (rested["changed"], rested["steps"], rested["after"]) == (False, [], {})
            # One of them for what former renewals may have left of the chain
            assert rested["api_calls"] <= 6
            renumber(lm)


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_interrupted_after_any_write_and_run_again_it_ends_the_same(lm: Emulator, api_version: str) -> None:
    """A run that is killed leaves a state from which the next one gets to the end."""
    document, secrets = with_certificate(exchange())
    assert interrupted_everywhere(lm, api_version, **document, secrets=secrets) > 40


def _defaults(options: dict[str, Any]) -> dict[str, Any]:
    return {**{name: argument.get("default") for name, argument in config.MODULE.options.items()}, **options}


def _state(lm: Emulator) -> str:
    """The state as the document that it is, so that numbers do not matter."""
    return text_of(export(lm)["config"])


def test_two_writers_at_once_make_nothing_twice() -> None:
    results: list[Any] = []
    with Emulator(users={USER: PASSWORD}) as lm:
        threads = [threading.Thread(target=lambda: results.append(run(lm, **small()))) for _writer in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(result["changed"] for result in results) == [False, False, True]
        assert len(lm.call("listvs")["VS"]) == 4


# --- each change is exactly what it must be -------------------------------------------------------------------------------


@pytest.fixture
def mail() -> Iterator[Emulator]:
    """An appliance with the whole layer-7 deployment on it."""
    with Emulator(users={USER: PASSWORD}) as lm:
        document, secrets = with_certificate(exchange())
        run(lm, **document, secrets=secrets)
        yield lm


def changed(lm: Emulator, document: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Apply a document: check mode predicts it, the diff is what it changes, and then nothing is left."""
    was = export(lm)["config"]
    predicted = run(lm, check=True, **document, **options)
    done = run(lm, **document, **options)
    assert (predicted["steps"], predicted["diff"]) == (done["steps"], done["diff"])
    assert {part["before_header"] for part in done["diff"]} == done["after"].keys()
    assert not run(lm, **document, **options)["changed"]
    assert bool(done["changed"]) == (text_of(export(lm)["config"]) != text_of(was))
    return done


def everywhere(server: str) -> set[str]:
    return {f"real server {server} of SubVS Sub {n} of tcp/192.0.2.25:443" for n in range(9)}


def test_bridging_and_offload(mail: Emulator) -> None:
    was = _state(mail)
    parent = "virtual service tcp/192.0.2.25:443 (Exchange)"
    subs = {f"SubVS Sub {number} of tcp/192.0.2.25:443" for number in range(9)}
    for mode, port in (("offload", "80"), ("bridge", "443")):
        purge = [{"kind": "real_servers", "addresses": None, "names": None}]
        done = changed(mail, exchange(mode=mode), purge=purge)
        former = "443" if port == "80" else "80"
        gone = set().union(*(everywhere(f"192.0.2.{n}:{former}") for n in (31, 32, 33)))
        come = set().union(*(everywhere(f"192.0.2.{n}:{port}") for n in (31, 32, 33)))
        assert done["after"].keys() == {parent, *subs, *gone, *come}
        assert set(done["removed"]) == gone
        assert set(done["after"][parent]) == {"ssl_reencrypt", "ssl_rewrite"}
        assert all(set(done["after"][sub]) == {"check_type"} for sub in subs)
        order = [step["command"] for step in done["steps"] if step["command"] in ("addrs", "delrs")]
        assert order == ["addrs"] * 3 + ["delrs"] * 27
    assert _state(mail) == was


def test_a_server_comes_and_goes(mail: Emulator) -> None:
    was = _state(mail)
    more = exchange(servers=4)
    done = changed(mail, more)
    smtp = "real server 192.0.2.34:25 of virtual service tcp/192.0.2.25:25"
    assert done["after"].keys() == {smtp, *everywhere("192.0.2.34:443")}
    assert commands(done) == ["addrs", "addrs"]
    purged = changed(mail, exchange(), purge=[{"kind": "real_servers", "names": None, "addresses": None}])
    assert set(purged["removed"]) == {smtp, *everywhere("192.0.2.34:443")} == purged["after"].keys()
    assert _state(mail) == was


def test_a_protocol_comes_and_goes(mail: Emulator) -> None:
    was = _state(mail)
    more = exchange()
    more["content_rules"].append({"name": "Api", "kind": "match_content", "pattern": r"/^\/api.*/"})
    api = {"name": "API", "content_rules": ["Api"], "real_servers": [{"address": "192.0.2.31"}]}
    more["virtual_services"][0]["sub_virtual_services"].append(api)
    done = changed(mail, more)
    sub, server = "SubVS API of tcp/192.0.2.25:443", "192.0.2.31:443"
    server = f"real server {server} of {sub}"
    assert done["after"].keys() == {"content rule Api", sub, server}
    kinds = [{"kind": kind, "names": None, "addresses": None} for kind in ("content_rules", "sub_virtual_services")]
    purged = changed(mail, exchange(), purge=kinds)
    assert purged["removed"] == [sub, server, "content rule Api"]
    assert _state(mail) == was


def test_a_rule_changes_and_moves(mail: Emulator) -> None:
    other = exchange()
    other["content_rules"][2]["pattern"] = r"/^\/ews\/.*/"
    done = changed(mail, other)
    assert done["after"] == {"content rule Rule_2": {"pattern": r"/^\/ews\/.*/"}}
    sub = other["virtual_services"][0]["sub_virtual_services"][0]
    sub["content_rules"] = ["Root", "Rule_0"]
    done = changed(mail, other)
    assert done["after"] == {
        "SubVS Sub 0 of tcp/192.0.2.25:443": {"content_rules": ["Root", "Rule_0"]},
    }
    assert commands(done) == ["delrsrule", "addrsrule"]


def test_a_certificate_replaced_under_nine_sub_services_stays_bound(mail: Emulator) -> None:
    document, secrets = with_certificate(exchange())
    was = export(mail)["config"]
    done = changed(mail, document, secrets=secrets)
    assert commands(done) == ["addcert"]
    (diff,) = done["diff"]
    assert (diff["before_header"], diff["after_header"]) == ("certificate mail", "certificate mail")
    assert diff["before"].keys() == diff["after"].keys() == {"fingerprint"} and diff["before"] != diff["after"]
    # Nothing else is another one, on the appliance as in the diff.
    assert export(mail)["config"] == {**was, "certificates": document["certificates"]}
    parent = next(vs for vs in mail.call("listvs")["VS"] if vs.get("VSPort") == "443")
    assert parent["CertFile"] == "mail" and len(parent["SubVS"]) == 9


# --- purge ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lm() -> Iterator[Emulator]:
    with Emulator(users={USER: PASSWORD}) as made:
        yield made


def purge(kind: str, names: list[str] | None = None, addresses: list[str] | None = None) -> list[dict[str, Any]]:
    return [{"kind": kind, "names": names, "addresses": addresses}]


def others(lm: Emulator) -> None:
    for number, address in enumerate(["192.0.2.90", "198.51.100.90"]):
        run(lm, virtual_services=[{"address": address, "port": 80, "nickname": f"Old {number}", "real_servers": []}])


def test_purge_stays_within_its_scope(lm: Emulator) -> None:
    run(lm, **small())
    others(lm)
    assert not run(lm, **small())["changed"]
    predicted = run(lm, check=True, **small(), purge=purge("virtual_services", addresses=["192.0.2.0/24"]))
    assert predicted["removed"] == ["virtual service tcp/192.0.2.90:80 (Old 0)"]
    assert run(lm, **small(), purge=purge("virtual_services", names=["New *"]))["removed"] == []
    both = purge("virtual_services", names=["Old ?"], addresses=["198.51.100.0/24"])
    assert run(lm, **small(), purge=both)["removed"] == ["virtual service tcp/198.51.100.90:80 (Old 1)"]
    assert run(lm, **small(), purge=purge("virtual_services"))["removed"] == predicted["removed"]
    assert not run(lm, **small(), purge=purge("virtual_services"))["changed"]


def test_purge_adds_before_it_removes(lm: Emulator) -> None:
    run(lm, **small())
    other = small()
    other["virtual_services"][1]["real_servers"] = [{"address": "192.0.2.39"}]
    done = run(lm, **other, purge=purge("real_servers"))
    assert commands(done) == ["addrs", "delrs"]


def test_purge_of_a_kind_that_the_document_lacks_is_asked_for_twice(lm: Emulator) -> None:
    run(lm, **small())
    with pytest.raises(InvalidOption, match="the document has no virtual_services, .*set allow_empty_purge"):
        run(lm, settings={"hostname": "lm9"}, purge=purge("virtual_services"))
    assert len(lm.call("listvs")["VS"]) == 4
    everything = [*purge("virtual_services"), *purge("content_rules")]
    done = run(lm, purge=everything, allow_empty_purge=True)
    mail, smtp = (f"virtual service tcp/192.0.2.25:{port}" for port in ("443 (Mail)", "25"))
    subs = [f"SubVS {name} of tcp/192.0.2.25:443" for name in ("OWA", "ECP")]
    servers = [[f"real server 192.0.2.{n}:443 of {sub}" for n in (31, 32)] for sub in subs]
    with_it = [subs[0], *servers[0], subs[1], *servers[1]]
    assert done["removed"] == [smtp, f"real server 192.0.2.31:25 of {smtp}", mail, *with_it, "content rule OWA"]
    assert not lm.call("listvs").get("VS")


def test_purge_takes_no_rule_from_what_stays(lm: Emulator) -> None:
    run(lm, **small())
    without = [{**PLACE, "sub_virtual_services": [{"name": "OWA"}]}]
    with pytest.raises(InvalidOption, match="OWA is not in the document .* still in content_rules of SubVS"):
        run(lm, virtual_services=without, purge=purge("content_rules"), allow_empty_purge=True)
    without[0]["sub_virtual_services"] = [{"name": "OWA", "content_rules": []}]
    done = run(lm, virtual_services=without, purge=purge("content_rules"), allow_empty_purge=True)
    assert commands(done) == ["delrsrule", "delrule"]


def test_purge_takes_no_certificate_that_is_in_use(lm: Emulator) -> None:
    document, secrets = with_certificate({"virtual_services": [{**PLACE, "type": "http", "real_servers": []}]})
    document["virtual_services"][0] |= {"ssl_acceleration": True, "certificates": ["mail"]}
    run(lm, **document, secrets=secrets)
    used = {"virtual_services": [{**PLACE}]}
    with pytest.raises(InvalidOption, match="certificate mail is in use by virtual service"):
        run(lm, **used, purge=purge("certificates"), allow_empty_purge=True)
    freed = {"virtual_services": [{**PLACE, "ssl_acceleration": False}]}
    with pytest.raises(InvalidOption, match="certificate mail is in use"):
        run(lm, **freed, purge=purge("certificates"), allow_empty_purge=True)
    gone = {"virtual_services": [{**PLACE, "state": "absent"}]}
    assert len(run(lm, **gone, purge=purge("certificates"), allow_empty_purge=True)["removed"]) == 2


# --- replaced -------------------------------------------------------------------------------------------------------------


def test_replaced_puts_back_what_the_document_leaves_out(lm: Emulator) -> None:
    run(lm, **small())
    was = _state(lm)
    strange = small()
    strange["content_rules"][0] |= {"negate": True, "include_query": True}
    strange["virtual_services"][0] |= {
        "persistence": "source_ip",
        "persistence_timeout": 600,
        "add_http_headers": "via",
    }
    strange["virtual_services"][0]["sub_virtual_services"][0] |= {"weight": 20, "check_url": "/x", "check_type": "http"}
    strange["virtual_services"][1]["real_servers"] = [{"address": "192.0.2.31", "weight": 500, "connection_limit": 7}]
    run(lm, **strange)
    document = export_of(was)
    assert not run(lm, **small())["steps"][1:]
    done = run(lm, **document, state="replaced")
    assert _state(lm) == was and done["changed"]
    assert not run(lm, **document, state="replaced")["changed"]


def export_of(text: str) -> dict[str, Any]:
    import yaml

    document: dict[str, Any] = yaml.safe_load(text)
    return {member: document[member] for member in ("content_rules", "virtual_services")}


# --- everything that is wrong, before the first call --------------------------------------------------------------------


def test_all_errors_are_named_with_their_places(lm: Emulator) -> None:
    wrong = {
        "settings": {"hostnam": "x", "wui_display_lines": 5},
        "cipher_sets": [{"name": "Mine"}],
        "content_rules": [{"name": "a b", "kind": "match"}, {"kind": "add_header"}, "OWA"],
        "virtual_services": [
            {**PLACE, "idle_timeout": "soon", "type": "https", "nickname": True},
            {**PLACE, "sub_virtual_services": [{"name": "OWA", "real_servers": [{"addres": "192.0.2.31"}]}]},
            {"address": "192.0.2.26", "port": 443, "ssl_acceleration": False, "cipher_set": "Default"},
            {"port": 443},
        ],
    }
    with pytest.raises(InvalidOption) as caught:
        run(lm, **wrong)
    found = [(problem.place, problem.message) for problem in caught.value.problems]
    for place, part in [
        ("settings", "unknown option 'hostnam'; did you mean 'hostname'?"),
        ("settings", "wui_display_lines is 5, but it must be from 10 to 100."),
        ("cipher_sets[0]", "ciphers is missing."),
        ("content_rules[0]", "name is 'a b', but it must be made of letters, digits and underscores."),
        ("content_rules[0]", "must be one of match_content, add_header"),
        ("content_rules[1]", "name is missing."),
        ("content_rules[2]", "must be a dictionary"),
        ("virtual_services[0]", "idle_timeout is 'soon', but it must be a whole number from 0 to 86400."),
        ("virtual_services[0]", "type is 'https', but it must be one of generic, http"),
        ("virtual_services[0]", "nickname is True, but it must be text, so put it into quotes."),
        (
            "virtual_services[1].sub_virtual_services[0].real_servers[0]",
            "unknown option 'addres'; did you mean 'address'?",
        ),
        ("virtual_services[1].sub_virtual_services[0].real_servers[0]", "address is missing."),
        ("virtual_services[2]", "cipher_set has an effect only with ssl_acceleration: true"),
        ("virtual_services[3]", "identified by address and port, or by its nickname; address is missing"),
        ("virtual_services[1]", "is listed more than once, as in virtual_services[0]"),
    ]:
        assert any(place == where and part in message for where, message in found), (place, part, found)
    assert len(found) == 15
    assert caught.value.message.startswith("15 things are wrong. Nothing was changed.\n- settings: ")
    assert not lm.journal


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"virtual_services": [PLACE]}, r"virtual_services\[0\]: .* has neither real_servers nor sub_virtual_services"),
        (
            {"virtual_services": [{**PLACE, "real_servers": []}, {**PLACE, "port": "443", "real_servers": []}]},
            r"virtual_services\[1\]: .*is listed more than once, as in virtual_services\[0\]",
        ),
        (
            {"virtual_services": [{**PLACE, "request_rules": ["Nobody"], "real_servers": []}]},
            r"request_rules names Nobody, but there is no such rule",
        ),
        (
            {"virtual_services": [{**PLACE, "real_servers": [{"address": "192.0.2.31", "port": 443}, SERVERS[0]]}]},
            r"real_servers\[1\]: real server .*is listed more than once",
        ),
    ],
)
def test_conflicts_are_refused_and_nothing_is_written(lm: Emulator, document: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidOption, match=sentence):
        run(lm, **document)
    assert set(lm.journal.commands()) <= {"listvs", "showrule", "stats"}


def test_a_secret_does_not_show_in_what_is_wrong(lm: Emulator) -> None:
    with pytest.raises(InvalidOption) as caught:
        run(lm, settings={"ntp_key_secret": "s" * 41})
    assert "sss" not in str(caught.value)


# --- undone ---------------------------------------------------------------------------------------------------------------


def changes() -> dict[str, Any]:
    """A document that makes something of everything, and changes and removes some, as against the small one."""
    document, secrets = with_certificate(copy.deepcopy(small()))
    mail, smtp = document["virtual_services"]
    mail |= {"nickname": "Post", "idle_timeout": 900, "ssl_acceleration": True, "certificates": ["mail"]}
    mail["sub_virtual_services"][0] |= {"weight": 30, "content_rules": ["EWS"]}
    mail["sub_virtual_services"][1] = {"name": "ECP", "state": "absent"}
    mail["sub_virtual_services"].append({"name": "EWS", "content_rules": ["OWA"], "real_servers": SERVERS})
    smtp["real_servers"] = [{"address": "192.0.2.31", "weight": 20}, {"address": "192.0.2.39"}]
    document["content_rules"][0]["pattern"] = "/other/"
    document["content_rules"].append({"name": "EWS", "kind": "match_content", "pattern": "/ews/"})
    document["cipher_sets"] = [{"name": "Mine", "ciphers": ["ECDHE-RSA-AES256-GCM-SHA384"]}]
    document["settings"] = {"hostname": "lm9", "ntp_servers": ["ntp1.example.com"]}
    new = {"address": "192.0.2.77", "port": 80, "real_servers": SERVERS}
    gone = {"address": "192.0.2.90", "port": 80, "state": "absent"}
    document["virtual_services"] += [new, gone]
    return {**document, "secrets": secrets}


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_what_fails_at_any_step_is_undone(api_version: str) -> None:
    """Over the wire, and as the document tells it; test_rollback looks closer, and purges."""
    with Emulator(users={USER: PASSWORD}) as lm:
        run(lm, **small())
        others(lm)
        writes = len(run(lm, check=True, **changes())["steps"])
    for failing in range(1, writes):
        with Emulator(users={USER: PASSWORD}) as lm:
            run(lm, **small())
            others(lm)
            was = _state(lm)
            with session_with(lm, api_version) as session:
                session.client.write = _refusing(session.client.write, failing)  # type: ignore[method-assign]
                with pytest.raises(LoadMasterError, match="The steps before it were reverted.$") as caught:
                    config.MODULE.perform(_defaults({**changes(), "rollback": True}), session, Mode())
            assert not caught.value.changed
            assert _state(lm) == was, f"failed at write {failing + 1}"


def _refusing(write: Any, failing: int) -> Any:
    count = iter(range(10**6))

    def refusing(*arguments: Any) -> Any:
        if next(count) == failing:
            raise LoadMasterError("the LoadMaster answered that it will not.")
        return write(*arguments)

    return refusing


def test_without_rollback_what_was_done_stays(lm: Emulator) -> None:
    lm.faults.add(Fault("status", command="addrs", skip=2, status=422, body="<html></html>"))
    with pytest.raises(LoadMasterError) as caught:
        run(lm, **small())
    assert caught.value.changed and "reverted" not in caught.value.message
    assert run(lm, **small())["changed"] and not run(lm, **small())["changed"]


def test_what_cannot_be_undone_is_said(lm: Emulator) -> None:
    document, secrets = with_certificate(small())
    run(lm, **document, secrets=secrets)
    other, secrets = with_certificate(small())
    other["virtual_services"][1]["idle_timeout"] = 900
    lm.faults.add(Fault("status", command="modvs", status=422, body="<html></html>"))
    with pytest.raises(
        LoadMasterError, match="were reverted, except: certificate mail: the key of the one before .* cannot be"
    ):
        run(lm, **other, secrets=secrets, rollback=True)


# --- backup and secrets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api_version", ["v1", "v2"])
def test_a_backup_is_taken_before_anything_is_written_and_only_then(
    lm: Emulator, tmp_path: Any, api_version: str
) -> None:
    options = {"backup": True, "backup_options": {"dir_path": str(tmp_path / "new"), "filename": None}}
    done = run(lm, **small(), api_version=api_version, **options)
    order = lm.journal.commands()
    assert order.index("backup") < order.index("addrule")
    (path,) = (tmp_path / "new").iterdir()
    assert done["backup_path"] == str(path) and path.stat().st_mode & 0o777 == 0o600 and path.stat().st_size > 100
    assert "backup_path" not in run(lm, **small(), api_version=api_version, **options)
    assert lm.journal.commands().count("backup") == 1


def test_a_backup_that_cannot_be_written_changes_nothing(lm: Emulator, tmp_path: Any) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidOption, match="The backup cannot be written to .*Nothing was changed"):
        run(lm, **small(), backup=True, backup_options={"dir_path": str(tmp_path / "file")})
    assert not lm.call("listvs").get("VS")


def test_a_full_disk_leaves_the_backup_that_is_there(
    lm: Emulator, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = {"backup": True, "backup_options": {"dir_path": str(tmp_path), "filename": "lm1.backup"}}
    earlier = tmp_path / "lm1.backup"
    earlier.write_text("the one before")
    earlier.chmod(0o644)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(InvalidOption, match="cannot be written to .*lm1.backup: No space left on device"):
            run(lm, **small(), **where)
    assert [path.name for path in tmp_path.iterdir()] == ["lm1.backup"] and earlier.read_text() == "the one before"
    assert not lm.call("listvs").get("VS")
    run(lm, **small(), **where)
    assert [path.name for path in tmp_path.iterdir()] == ["lm1.backup"]
    assert earlier.stat().st_size > 100 and earlier.stat().st_mode & 0o777 == 0o600


def test_a_place_for_a_backup_that_no_one_takes_is_refused(lm: Emulator, tmp_path: Any) -> None:
    with pytest.raises(InvalidOption, match="backup_options: it says .* but backup is not set. Nothing was changed."):
        run(lm, **small(), backup_options={"dir_path": str(tmp_path)})
    assert not lm.journal


def test_secrets_go_to_their_places(lm: Emulator) -> None:
    document, secrets = with_certificate({"settings": {"email_enabled": True, "email_server": "mail.example.com"}})
    run(lm, **document, secrets={**secrets, "settings.email_password": "hidden"})
    with pytest.raises(InvalidOption, match=r"secrets.certificates.nobody.private_key: the document has no such place"):
        run(lm, **document, secrets={"certificates.nobody.private_key": "x"})
    with pytest.raises(
        InvalidOption, match="must be installed, but neither certificate nor private_key has a private key"
    ):
        with Emulator(users={USER: PASSWORD}) as other:
            run(other, **document)


# --- renumbered on the way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api_version", ["v1", "v2"])
@pytest.mark.parametrize(
    "dangerous", [{}, {"wui_tls_versions": ["TLSv1.2", "TLSv1.3"]}], ids=["settings first", "and last"]
)
def test_settings_and_services_where_every_setting_renumbers(
    lm: Emulator, api_version: str, dangerous: dict[str, Any]
) -> None:
    """A gap in the numbers closes while a document is carried out, and again with each gap that it makes itself."""
    lm.quirks.renumber_on_set = True
    decoy = {"vs": "192.0.2.9", "port": 80, "prot": "tcp"}
    lm.call("addvs", **decoy)
    run(lm, **small(), api_version=api_version)
    lm.call("delvs", **decoy)
    was = numbers(lm)
    document = small(settings={"hostname": "lm9", "ntp_servers": ["ntp1.example.com"], **dangerous})
    mail = document["virtual_services"][0]
    mail["sub_virtual_services"][0] |= {"idle_timeout": 1200, "weight": 30}
    mail["sub_virtual_services"].append({"name": "EWS", "idle_timeout": 600, "real_servers": SERVERS})
    done = run(lm, **document, api_version=api_version, allow_lockout=True)
    services = lm.call("listvs")["VS"]
    assert commands(done)[0] == "set" and (commands(done)[-1] == "set") is bool(dangerous)
    assert all(numbers(lm)[one] == number - 1 for one, number in was.items())
    times = {service["NickName"]: service["Idletime"] for service in services if not service.get("VSAddress")}
    assert times == {"OWA": 1200, "ECP": 900, "EWS": 600}
    assert [len(service["Rs"]) for service in services if not service.get("VSAddress")] == [2, 2, 2]
    assert not run(lm, **document, api_version=api_version, allow_lockout=True)["changed"]
