# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that cannot become what a document says all of is deleted and recreated if purge covers it; otherwise the task says why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import round_trip

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, LoadMasterError
from loadmaster_emulator import Emulator

SERVERS = [{"address": "192.0.2.31", "port": 443}, {"address": "192.0.2.32", "port": 443}]
PLACE = {"protocol": "tcp", "address": "192.0.2.25", "port": 443, "nickname": "Mail", "type": "http"}
# As an export has it; the first SubVS turns it over
PLACE |= {"transparent": False, "subnet_originating": True}
OWA, ECP = ({"name": name, "real_servers": SERVERS} for name in ("OWA", "ECP"))
WITH_SERVERS = {**PLACE, "real_servers": SERVERS}
WITH_SUBS = {**PLACE, "sub_virtual_services": [OWA, ECP]}
BARE = {**PLACE, "real_servers": []}
SETS_OF_PURGE = {"state": "replaced", "purge": round_trip.EVERYTHING}

# What exists, what is wanted, and why this requires a new service.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "servers become SubVSs": (WITH_SERVERS, WITH_SUBS, "it has real servers of its own"),
    "SubVSs become servers": (
        WITH_SUBS,
        WITH_SERVERS,
        "it has SubVSs, but must have real servers",
    ),
    "SubVSs become nothing": (WITH_SUBS, BARE, "it has SubVSs, but must have real servers"),
    "another order": (WITH_SUBS, {**PLACE, "sub_virtual_services": [ECP, OWA]}, "come in another order"),
    "one in front of the others": (
        {**PLACE, "sub_virtual_services": [ECP]},
        WITH_SUBS,
        "come in another order, and a new one is always the last",
    ),
    "an interval of checks": ({**WITH_SERVERS, "check_interval": 20}, WITH_SERVERS, "check_interval cannot be cleared"),
    "retries of a SubVS": (
        {**PLACE, "sub_virtual_services": [OWA, {**ECP, "check_retries": 3}]},
        WITH_SUBS,
        "check_retries cannot be cleared",
    ),
}
EVERY_CASE = pytest.mark.parametrize(("before", "after", "why"), CASES.values(), ids=CASES)


def services(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"virtual_services": list(entries)}


def exported(lm: Emulator) -> str:
    return round_trip.text_of(round_trip.export(round_trip.session_of(lm))["config"]["virtual_services"])


def made(*entries: dict[str, Any]) -> Emulator:
    lm = Emulator()
    round_trip.apply(round_trip.session_of(lm), services(*entries))
    return lm


@EVERY_CASE
def test_it_is_made_again_with_its_reason(before: dict[str, Any], after: dict[str, Any], why: str) -> None:
    other = {**PLACE, "address": "192.0.2.99", "nickname": "Other", "real_servers": SERVERS}
    lm, session = (built := made(before, other)), round_trip.session_of(built)
    predicted = round_trip.apply(session, services(after, other), check=True, **SETS_OF_PURGE)
    done = round_trip.apply(session, services(after, other), **SETS_OF_PURGE)
    assert (predicted["steps"], predicted["diff"]) == (done["steps"], done["diff"])
    first = done["steps"][0]
    assert (first["command"], first["object"]) == ("delvs", "virtual service tcp/192.0.2.25:443 (Mail)")
    assert first["reason"].startswith("delete and recreate it, since ") and why in first["reason"]
    assert [step["command"] for step in done["steps"]].count("delvs") == 1
    assert not round_trip.apply(session, services(after, other), **SETS_OF_PURGE)["changed"]
    assert exported(lm) == exported(made(after, other))


@pytest.mark.parametrize(
    "purge",
    [
        [],
        [{"kind": "virtual_services", "addresses": ["198.51.100.0/24"]}],
        [{"kind": "virtual_services", "names": ["X*"]}],
    ],
    ids=["no purge", "a purge of other addresses", "a purge of other names"],
)
@EVERY_CASE
def test_where_no_purge_covers_it_nothing_is_made_again(
    before: dict[str, Any], after: dict[str, Any], why: str, purge: list[Any]
) -> None:
    lm, session = (built := made(before)), round_trip.session_of(built)
    was = exported(lm)
    options = {"state": "replaced", "purge": [*purge, {"kind": "real_servers"}]}
    if "order" in why or after is BARE:
        # The order and what the document does not name stay
        round_trip.apply(session, services(after), **options)
        assert not round_trip.apply(session, services(after), **options)["changed"]
        return
    with pytest.raises(InvalidOption, match="either these or|cannot clear it again. Set check_") as caught:
        round_trip.apply(session, services(after), **options)
    assert not caught.value.changed and exported(lm) == was


def test_merged_makes_nothing_again() -> None:
    session = round_trip.session_of(made({**WITH_SERVERS, "check_interval": 20}))
    assert not round_trip.apply(session, services(WITH_SERVERS), purge=round_trip.EVERYTHING)["changed"]


def test_nothing_is_made_again_where_something_would_get_lost() -> None:
    """Two of a name: no document can say what they hold, so a person has to."""
    lm = made(WITH_SUBS)
    index = next(vs["Index"] for vs in lm.call("listvs")["VS"] if vs.get("NickName") == "ECP")
    lm.call("modvs", vs=index, nickname="OWA")
    session = round_trip.session_of(lm)
    before = lm.state()
    with pytest.raises(InvalidOption, match="has 2 SubVSs 'OWA' .* Delete or rename the others"):
        round_trip.apply(session, services(WITH_SUBS), **SETS_OF_PURGE)
    assert lm.state() == before


def test_a_rule_and_a_follower_of_the_former_one() -> None:
    """What the former service used may go, and a service that followed it follows the new one."""
    rule = {"name": "Old", "kind": "match_content", "pattern": "/old/"}
    follower = {**PLACE, "address": "192.0.2.99", "nickname": "Other", "follow_service": "tcp/192.0.2.25:443"}
    follower["real_servers"] = SERVERS
    lm = Emulator()
    session = round_trip.session_of(lm)
    subs = [{**OWA, "content_rules": ["Old"]}, ECP]
    round_trip.apply(session, {"content_rules": [rule], **services({**PLACE, "sub_virtual_services": subs}, follower)})
    wanted = services(WITH_SERVERS, follower)
    done = round_trip.apply(session, wanted, **SETS_OF_PURGE)
    assert "content rule Old" in done["removed"]
    assert not round_trip.apply(session, wanted, **SETS_OF_PURGE)["changed"]
    assert exported(lm) == exported(made(WITH_SERVERS, follower))


def failing_at_every_write(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[int, Emulator, Session]]:
    """Yield an appliance for each write of a change but the first, and a session in which that write fails."""
    planned = round_trip.apply(round_trip.session_of(made(before)), services(after), check=True, **SETS_OF_PURGE)
    for last in range(1, len(planned["steps"])):
        lm = made(before)
        session = round_trip.session_of(lm)
        session.client.write = _failing(session.client.write, last)  # type: ignore[method-assign]
        yield last, lm, session


@EVERY_CASE
def test_interrupted_after_any_write_the_next_run_ends_the_same(
    before: dict[str, Any], after: dict[str, Any], why: str
) -> None:
    expected = exported(made(after))
    for last, lm, session in failing_at_every_write(before, after):
        with pytest.raises(LoadMasterError):
            round_trip.apply(session, services(after), **SETS_OF_PURGE)
        round_trip.apply(round_trip.session_of(lm), services(after), **SETS_OF_PURGE)
        assert exported(lm) == expected, f"interrupted after write {last}"


@EVERY_CASE
def test_what_fails_at_any_step_is_undone(before: dict[str, Any], after: dict[str, Any], why: str) -> None:
    expected = exported(made(before))
    for last, lm, session in failing_at_every_write(before, after):
        with pytest.raises(LoadMasterError, match="The steps before it were reverted"):
            round_trip.apply(session, services(after), rollback=True, **SETS_OF_PURGE)
        assert exported(lm) == expected, f"failed after write {last}"


def test_a_setting_that_cannot_be_unset_is_told_where_the_document_says_all_others() -> None:
    document = round_trip.export(round_trip.session_of(Emulator()))["config"]
    lm = Emulator()
    lm.call("set", param="sessionidletime", value=900)
    session = round_trip.session_of(lm)
    told = [
        "settings: session_idle_timeout stays 900. The document does not have it, and the LoadMaster cannot unset it."
    ]
    for check in (True, False):
        done = round_trip.apply(session, document, check=check, **SETS_OF_PURGE)
        assert done["warnings"] == told and not done["changed"]
    assert "warnings" not in round_trip.apply(session, document)
    assert "warnings" not in round_trip.apply(session, {"settings": {"hostname": "lm9"}}, **SETS_OF_PURGE)


def _failing(write: Any, last: int) -> Any:
    """Let one write fail, the one after some that do not."""
    count = iter(range(10**6))

    def failing(command: str, *arguments: Any) -> Any:
        # Reads of this client come by here as well
        if command in ("listvs", "showrule", "getall", "listcert", "listintermediate", "get"):
            return write(command, *arguments)
        if next(count) == last:
            raise LoadMasterError("the LoadMaster answered that it will not.")
        return write(command, *arguments)

    return failing


def changed(result: dict[str, Any]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """The diff of a result, by what it is of."""
    return {part["before_header"]: (part["before"], part["after"]) for part in result["diff"]}


@EVERY_CASE
def test_check_mode_warns_of_a_service_that_is_recreated(
    before: dict[str, Any], after: dict[str, Any], why: str
) -> None:
    session = round_trip.session_of(made(before))
    predicted = round_trip.apply(session, services(after), check=True, **SETS_OF_PURGE)
    (warning,) = predicted["warnings"]
    assert warning.startswith("virtual service tcp/192.0.2.25:443 (Mail) would be deleted and created again, since ")
    assert why in warning and warning.endswith("Its connections would end.")
    assert "warnings" not in round_trip.apply(session, services(after), **SETS_OF_PURGE)
    assert "warnings" not in round_trip.apply(session, services(after), check=True, **SETS_OF_PURGE)


def test_the_diff_of_a_recreated_service_shows_only_what_is_other_then() -> None:
    """One SubVS is missing: that it comes back, and the order, is all that differs in the end."""
    session = round_trip.session_of(made({**PLACE, "sub_virtual_services": [ECP]}))
    predicted = round_trip.apply(session, services(WITH_SUBS), check=True, **SETS_OF_PURGE)
    service, owa = "virtual service tcp/192.0.2.25:443 (Mail)", "SubVS OWA of tcp/192.0.2.25:443"
    servers = [f"real server 192.0.2.{number}:443 of {owa}" for number in (31, 32)]
    parts = changed(predicted)
    assert list(parts) == [service, owa, *servers]
    assert parts[service] == ({**parts[service][1], "sub_virtual_services": ["ECP"]}, parts[service][1])
    assert parts[service][1]["sub_virtual_services"] == ["OWA", "ECP"] and parts[service][1]["nickname"] == "Mail"
    assert parts[owa][0] == {} and parts[owa][1]["name"] == "OWA"
    assert predicted["before"].keys() == predicted["after"].keys() == parts.keys()


def test_the_diff_of_a_recreated_service_shows_what_was_there_before() -> None:
    """What another value gets, what its document does not name, and what goes with it."""
    gone = {"name": "Old", "idle_timeout": 60, "real_servers": [{"address": "192.0.2.39", "port": 81, "weight": 5}]}
    heavy = {**ECP, "idle_timeout": 1200, "real_servers": [{**SERVERS[0], "weight": 7}, SERVERS[1]]}
    session = round_trip.session_of(made({**PLACE, "idle_timeout": 900, "sub_virtual_services": [heavy, gone]}))
    wanted = {**PLACE, "idle_timeout": 660, "sub_virtual_services": [OWA, {**ECP, "idle_timeout": 660}]}
    parts = changed(round_trip.apply(session, services(wanted), check=True, **SETS_OF_PURGE))
    service = "virtual service tcp/192.0.2.25:443 (Mail)"
    ecp, old = (f"SubVS {name} of tcp/192.0.2.25:443" for name in ("ECP", "Old"))
    assert parts[service][0]["idle_timeout"] == 900 and parts[service][1]["idle_timeout"] == 660
    assert parts[service][0]["sub_virtual_services"] == ["ECP", "Old"]
    assert parts[ecp] == ({"idle_timeout": 1200}, {"idle_timeout": 660})
    assert parts[f"real server 192.0.2.31:443 of {ecp}"] == ({"weight": 7}, {"weight": 1000})
    assert f"real server 192.0.2.32:443 of {ecp}" not in parts
    assert parts[old][0]["idle_timeout"] == 60 and parts[old][1] == {}
    server = parts[f"real server 192.0.2.39:81 of {old}"]
    assert (server[0]["weight"], server[1]) == (5, {})


def test_servers_that_become_sub_services_are_shown_as_they_were() -> None:
    session = round_trip.session_of(made(WITH_SERVERS))
    parts = changed(round_trip.apply(session, services(WITH_SUBS), check=True, **SETS_OF_PURGE))
    service = "virtual service tcp/192.0.2.25:443 (Mail)"
    assert parts[service][0]["real_servers"] == ["192.0.2.31:443", "192.0.2.32:443"]
    assert "real_servers" not in parts[service][1]
    assert parts[service][1]["sub_virtual_services"] == ["OWA", "ECP"]
    assert parts[f"real server 192.0.2.31:443 of {service}"][1] == {}
