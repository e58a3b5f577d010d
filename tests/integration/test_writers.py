# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two writers at once: both converge, or one says clearly that the other was writing; nothing is left to repair by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from documents import PASSWORD, USER, put_back, run, saved, session_with
from recipes import install_certificate
from stage import at_once, on_another_machine

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine import session as writing
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    LoadMasterError,
    NotConverged,
    Overtaken,
    Refused,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import config
from loadmaster_emulator import Emulator, Fault

# What is there, what two writers want, and whether they want the same or can both have theirs.
PAIRS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "the same": ((), "bridge", "bridge"),
    "two addresses": ((), "bridge", "elsewhere"),
    "more of the same service": ((), "fewer protocols of the first", "bridge"),
    "layer 7 and the restriction": (("other servers",), "bridge", "source rules"),
    "layer 7 and layer 4": ((), "bridge", "force_l4"),
}
# What cannot both be: the last one wins, but there is nothing to repair.
CONTRADICTIONS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "two ways to restrict": (("bridge",), "source rules", "deny rules"),
    "two TLS modes": ((), "bridge", "offload"),
    "one makes what the other takes away": (("bridge",), "everything", "gone"),
}
SEEDS = range(5)


def doing(document: dict[str, Any], **options: Any) -> Callable[[Session], Any]:
    defaults = {name: argument.get("default") for name, argument in config.MODULE.options.items()}
    return lambda session: config.MODULE.perform({**defaults, "document": document, **options}, session, Mode())


@pytest.fixture
def lm() -> Iterator[Emulator]:
    with Emulator(users={USER: PASSWORD}) as made:
        install_certificate(made)
        yield made


@pytest.fixture
def wanted(recipes: dict[str, Any]) -> dict[str, Any]:
    """The documents of the recipes, and one that has the same service with one protocol less."""
    fewer = {**recipes["bridge"]}
    https, redirect = fewer["virtual_services"]
    fewer["virtual_services"] = [
        {**https, "sub_virtual_services": [sub for sub in https["sub_virtual_services"] if sub["name"] != "ECP"]},
        redirect,
    ]
    return {**recipes, "fewer protocols of the first": fewer}


def check_nothing_is_left_to_repair(lm: Emulator) -> None:
    records = lm.call("listvs").get("VS", [])
    names = [(record["MasterVSID"], record.get("NickName", "")) for record in records if not record.get("VSAddress")]
    assert len(set(names)) == len(names) and all(name for _parent, name in names), names


def check_they_come_to_rest(lm: Emulator, *documents: dict[str, Any]) -> None:
    """At most one more run of each, and nothing is left to do."""
    for document in documents:
        run(lm, document=document)
    for document in documents:
        assert not run(lm, document=document)["changed"]
    check_nothing_is_left_to_repair(lm)


def told(error: LoadMasterError | None) -> bool:
    """Return whether a writer got through, or says that another writer is writing and what to do."""
    return error is None or ("else wr" in error.message and error.message.endswith(writing.AGAIN))


@pytest.mark.parametrize("pair", PAIRS)
def test_writers_that_do_not_see_each_other_converge(lm: Emulator, wanted: dict[str, Any], pair: str) -> None:
    before, one, other = PAIRS[pair]
    for each in before:
        run(lm, document=wanted[each])
    start = saved(lm)
    run(lm, document=wanted[one])
    run(lm, document=wanted[other])
    one_after_the_other = lm.state()
    for seed in SEEDS:
        put_back(lm, start)
        ended = at_once(lm, seed, {"one": doing(wanted[one]), "other": doing(wanted[other])})
        for error in ended.values():
            assert told(error), f"seed {seed}: {error}"
        check_they_come_to_rest(lm, wanted[one], wanted[other])
        assert lm.state() == one_after_the_other, f"seed {seed}"


@pytest.mark.parametrize("pair", CONTRADICTIONS)
def test_writers_that_contradict_each_other_leave_nothing_to_repair(
    lm: Emulator, wanted: dict[str, Any], pair: str
) -> None:
    before, one, other = CONTRADICTIONS[pair]
    for each in before:
        run(lm, document=wanted[each])
    start = saved(lm)
    for seed in SEEDS:
        put_back(lm, start)
        ended = at_once(lm, seed, {"one": doing(wanted[one]), "other": doing(wanted[other])})
        for error in ended.values():
            assert told(error), f"seed {seed}: {error}"
        for document in (wanted[other], wanted[one]):
            check_they_come_to_rest(lm, document)


@pytest.mark.parametrize("pair", ["the same", "more of the same service", "layer 7 and the restriction"])
def test_one_that_comes_between_any_two_writes_of_another_one(lm: Emulator, wanted: dict[str, Any], pair: str) -> None:
    """The second writer does all of its own between two calls of the first, which then goes on and succeeds."""
    before, one, other = PAIRS[pair]
    for each in before:
        run(lm, document=wanted[each])
    start = saved(lm)
    writes = len(run(lm, check=True, document=wanted[one])["steps"])
    for between in range(writes):
        put_back(lm, start)
        with session_with(lm) as session, session_with(lm) as second:
            on_another_machine(second, "second")
            session.client.write = _with(doing(wanted[other]), second, session.client.write, between)  # type: ignore[method-assign]
            doing(wanted[one])(session)
        check_nothing_is_left_to_repair(lm)
        check_they_come_to_rest(lm, wanted[one], wanted[other])


def _with(task: Callable[[Session], Any], second: Session, write: Any, between: int) -> Any:
    """A write that lets a second writer do its task first at one call, or at the next one where a new one has no name.

    No writer rests there for as long as another one waits before it takes what has no name.
    """
    number = iter(range(1000))
    done: list[bool] = []
    nameless: list[bool] = [False]

    def write_after_it(*arguments: Any) -> Any:
        if next(number) >= between and not nameless[0] and not done:
            done.append(True)
            task(second)
        nameless[0] = "createsubvs" in arguments[1]
        return write(*arguments)

    return write_after_it


# --- what is said ---------------------------------------------------------------------------------------------------------

SERVICE = {"address": "192.0.2.25", "port": 443, "type": "http"}
DOCUMENT = {"virtual_services": [{**SERVICE, "idle_timeout": 900, "real_servers": [{"address": "192.0.2.31"}]}]}
ELSE = {"vs": "192.0.2.90", "port": 80, "prot": "tcp"}


def meanwhile(session: Session, at: str, act: Callable[[], Any]) -> None:
    """Let another writer act just before a command of a session, once."""
    write, acted = session.client.write, iter([act])

    def write_after_it(command: str, *rest: Any) -> Any:
        if command == at:
            next(acted, lambda: None)()
        return write(command, *rest)

    session.client.write = write_after_it  # type: ignore[method-assign]


def failing(lm: Emulator, act: Callable[[], Any], at: str = "addrs") -> LoadMasterError:
    with session_with(lm) as session:
        meanwhile(session, at, act)
        with pytest.raises(LoadMasterError) as caught:
            doing(DOCUMENT)(session)
    return caught.value


def test_a_refusal_tells_of_someone_else_if_there_is_anyone(lm: Emulator) -> None:
    start = saved(lm)
    lm.faults.add(Fault("status", command="addrs", status=422, times=None))
    alone = failing(lm, lambda: None)
    assert isinstance(alone, Refused) and "else" not in alone.message
    put_back(lm, start)
    met = failing(lm, lambda: lm.call("addvs", **ELSE))
    sentence = f" Meanwhile something else wrote to the LoadMaster: virtual service tcp/192.0.2.90:80. {writing.AGAIN}"
    assert isinstance(met, Refused) and met.message == alone.message + sentence


def test_what_is_not_as_wanted_tells_of_someone_else_if_there_is_anyone(lm: Emulator) -> None:
    run(lm, document={"virtual_services": [{**SERVICE, "real_servers": [{"address": "192.0.2.31"}]}]})
    start = saved(lm)
    lm.faults.add(Fault("ignore", command="modvs", times=None))
    alone = failing(lm, lambda: None, "modvs")
    assert isinstance(alone, NotConverged) and "Meanwhile" not in alone.message
    put_back(lm, start)
    met = failing(lm, lambda: lm.call("addrule", name="Theirs", type=0, pattern="/x/"), "modvs")
    assert met.message == alone.message, "rules are not what this task has read"
    put_back(lm, start)
    met = failing(lm, lambda: lm.call("addvs", **ELSE), "modvs")
    assert isinstance(met, NotConverged) and "virtual service tcp/192.0.2.90:80. Run this again" in met.message


def test_someone_who_never_rests_is_given_up_on(lm: Emulator) -> None:
    number = iter(range(100, 200))
    with session_with(lm) as session:
        session._sleep = lambda _seconds: lm.call("addvs", **{**ELSE, "port": next(number)})
        meanwhile(session, "addvs", lambda: lm.call("addvs", vs="192.0.2.25", port=443, prot="tcp", vstype="http"))
        with pytest.raises(Overtaken, match="changed the LoadMaster at the same time: .* Run this again when that"):
            doing(DOCUMENT)(session)


def test_what_someone_else_did_is_not_told_as_done(lm: Emulator) -> None:
    with session_with(lm) as session, session_with(lm) as second:
        on_another_machine(second, "second")
        meanwhile(session, "addvs", lambda: doing(DOCUMENT)(second))
        result = doing(DOCUMENT)(session)
    assert (result["changed"], result["steps"]) == (False, [])


def test_a_service_that_gets_its_name_in_a_moment_is_not_taken(lm: Emulator) -> None:
    lm.call("addvs", vs="192.0.2.25", port=443, prot="tcp", vstype="http")
    lm.call("modvs", vs="192.0.2.25", port=443, prot="tcp", createsubvs="")
    document = {"virtual_services": [{**SERVICE, "sub_virtual_services": [{"name": "OWA", "real_servers": []}]}]}
    naps: list[float] = []
    with session_with(lm) as session:

        def named_by_its_maker(seconds: float) -> None:
            naps.append(seconds)
            if len(naps) == 1:
                lm.call("modvs", vs=2, nickname="EWS")

        session._sleep = named_by_its_maker
        doing(document)(session)
    assert naps[0] == writing.REST[0] > 3.0, "a writer may rest for 3 seconds between two calls"
    names = [record["NickName"] for record in lm.call("listvs")["VS"] if not record.get("VSAddress")]
    assert sorted(names) == ["EWS", "OWA"]


@pytest.mark.parametrize("purge", [[], [{"kind": "sub_virtual_services", "names": None, "addresses": None}]])
def test_what_a_double_run_left_behind_goes_with_the_next_one(
    lm: Emulator, wanted: dict[str, Any], purge: list[Any]
) -> None:
    run(lm, document=wanted["bridge"])
    clean = lm.state()
    parent = {"vs": "192.0.2.25", "port": 443, "prot": "tcp"}
    for nickname in ("OWA", ""):
        (slot,) = lm.call("modvs", **parent, createsubvs="")["SubVS"][-1:]
        if nickname:
            lm.call("modvs", vs=slot["VSIndex"], nickname=nickname)
    options = {"document": wanted["bridge"], "purge": purge}
    predicted = run(lm, check=True, **options)
    done = run(lm, **options)
    assert predicted["steps"] == done["steps"] and [step["command"] for step in done["steps"]] == ["delvs", "delvs"]
    assert not run(lm, **options)["changed"]
    check_nothing_is_left_to_repair(lm)
    assert lm.state() == clean


def test_a_rollback_leaves_out_what_was_left_behind(lm: Emulator, wanted: dict[str, Any]) -> None:
    run(lm, document=wanted["bridge"])
    clean = lm.state()
    lm.call("modvs", vs="192.0.2.25", port=443, prot="tcp", createsubvs="")
    lm.faults.add(Fault("status", command="addrs", status=422, times=None))
    with pytest.raises(Refused, match="The steps before it were reverted"):
        run(lm, document=wanted["other servers"], rollback=True)
    assert lm.state()["rules"] == clean["rules"]
    check_nothing_is_left_to_repair(lm)


def test_what_was_looked_at_before_the_turn_is_read_again(lm: Emulator) -> None:
    """A recipe looks at the LoadMaster to make its document; a task of the same machine that writes after that is noticed."""
    with session_with(lm) as session, session_with(lm) as second:
        session.settle()
        session.snapshot.answer("listvs")
        doing(DOCUMENT)(second)
        result = doing(DOCUMENT)(session)
    assert (result["changed"], result["steps"]) == (False, [])
    assert lm.journal.commands().count("addvs") == 1, "it is not tried again from what was read before"
