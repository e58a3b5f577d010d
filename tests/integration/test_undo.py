# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo the recipes without the variables that made things, and move them: what is theirs goes, what is not stays."""

from __future__ import annotations

from typing import Any

import pytest
from authority import issue
from test_roles_l7 import (
    EAC,
    EXCHANGE,
    EXCHANGE_L4,
    EXTERNAL,
    METHODS,
    RESTRICT,
    SITE,
    SMALL,
    VIP,
    install_certificate,
    rules,
    services,
    settled,
    subs,
)

from runner import Playbook

L4 = {"exchange2013_l4_vip": VIP, "exchange2013_l4_servers": ["192.0.2.31", "192.0.2.32"]}
MAIL = ["smtp", "imaps"]
NEW = "192.0.2.77"


@pytest.fixture
def lm(emulator: Any) -> Any:
    """A LoadMaster that has the certificate of the mail server."""
    install_certificate(emulator)
    return emulator


def places(lm: Any) -> list[tuple[str, str]]:
    return sorted(
        (each["VSAddress"], each["VSPort"]) for each in lm.call("listvs").get("VS", []) if each.get("VSAddress")
    )


def rest(playbook: Playbook, name: str, variables: dict[str, Any]) -> Any:
    """Run it as check mode predicts, then once more without a change."""
    predicted = playbook(name, extra_vars=variables, check=True).succeeded().changed
    run = playbook(name, extra_vars=variables).succeeded()
    assert (run.changed > 0) == (predicted > 0)
    assert playbook(name, extra_vars=variables).succeeded().changed == 0
    return run


@pytest.mark.parametrize("how", ["address", "nothing"])
def test_layer_7_is_undone_without_its_variables(playbook: Playbook, lm: Any, how: str) -> None:
    """Mail services that are no longer listed, another prefix, and the rules of the restriction."""
    made = {
        **EAC,
        **METHODS["deny_rules"],
        "exchange2013_l7_mail_services": MAIL,
        "exchange2013_l7_rule_prefix": "Mail_",
    }
    playbook(EXCHANGE, extra_vars=made).succeeded()
    playbook(RESTRICT, extra_vars=made).succeeded()
    lm.call("addvs", vs=VIP, port="143", prot="tcp", nickname="Exchange L7 - SMTP")
    lm.call("addvs", vs=VIP, port="110", prot="tcp", nickname="Of someone")
    lm.call("addrule", name="OfSomebody", type=0, pattern="/x/")
    gone = {"exchange2013_l7_state": "absent", **({"exchange2013_l7_vip": VIP} if how == "address" else {})}
    rest(playbook, EXCHANGE, gone)
    assert places(lm) == [(VIP, "110"), (VIP, "143")]
    assert list(rules(lm)) == ["OfSomebody"]


def test_layer_7_is_undone_under_another_prefix(playbook: Playbook, lm: Any) -> None:
    made = {**SMALL, "exchange2013_l7_mail_services": MAIL, "exchange2013_l7_name_prefix": "Mail - old"}
    playbook(EXCHANGE, extra_vars=made).succeeded()
    rest(playbook, EXCHANGE, {"exchange2013_l7_state": "absent", "exchange2013_l7_vip": VIP})
    assert places(lm) == [] and rules(lm) == {}


@pytest.mark.parametrize("nickname", ["Web", "Exchange 2013 L4 - HTTPS Redirect"])
def test_a_service_of_someone_else_at_a_port_of_the_recipe_stays(playbook: Playbook, lm: Any, nickname: str) -> None:
    playbook(EXCHANGE, extra_vars={**SMALL, "exchange2013_l7_redirect": False}).succeeded()
    lm.call("addvs", vs=VIP, port="80", prot="tcp", nickname=nickname)
    run = rest(playbook, EXCHANGE, {**SMALL, "exchange2013_l7_state": "absent"})
    assert places(lm) == [(VIP, "80")]
    assert nickname in run.stdout and "was not made by exchange2013_l7" in run.stdout


def test_undo_without_an_address_asks_where_there_are_several(playbook: Playbook, lm: Any) -> None:
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    playbook(EXCHANGE, extra_vars={**SMALL, "exchange2013_l7_vip": NEW}).succeeded()
    before = lm.state()
    run = playbook(EXCHANGE, extra_vars={"exchange2013_l7_state": "absent"})
    assert run.rc == 2 and "exchange2013_l7_vip is missing" in run.failed[0].msg
    assert VIP in run.failed[0].msg and NEW in run.failed[0].msg
    assert lm.state() == before
    rest(playbook, EXCHANGE, {"exchange2013_l7_state": "absent", "exchange2013_l7_vip": VIP})
    assert {address for address, _port in places(lm)} == {NEW}


@pytest.mark.parametrize("how", ["address", "nothing"])
def test_layer_4_is_undone_without_its_variables(playbook: Playbook, lm: Any, how: str) -> None:
    made = {**L4, "exchange2013_l4_mail_services": MAIL}
    playbook(EXCHANGE_L4, extra_vars=made).succeeded()
    lm.call("addvs", vs=VIP, port="143", prot="tcp", nickname="Of someone")
    lm.call("addvs", vs="192.0.2.99", port="443", prot="tcp", nickname="Exchange L7 - HTTPS")
    gone = {"exchange2013_l4_state": "absent", **({"exchange2013_l4_vip": VIP} if how == "address" else {})}
    rest(playbook, EXCHANGE_L4, gone)
    assert places(lm) == [(VIP, "143"), ("192.0.2.99", "443")]


def test_namespaces_are_undone_without_their_list(playbook: Playbook, lm: Any) -> None:
    names = [{"protocol": "owa", "vip": "192.0.2.26"}, {"protocol": "ews", "vip": "192.0.2.27"}]
    playbook(EXCHANGE_L4, extra_vars={**L4, "exchange2013_l4_namespaces": names}).succeeded()
    rest(playbook, EXCHANGE_L4, {"exchange2013_l4_state": "absent"})
    assert places(lm) == []


def test_layer_4_undone_leaves_layer_7_at_the_same_address(playbook: Playbook, lm: Any) -> None:
    """After the move from layer 4 to layer 7, the state of the former recipe may stay in the variables."""
    playbook(EXCHANGE_L4, extra_vars={**L4, "exchange2013_l4_mail_services": MAIL}).succeeded()
    both = {**L4, **SMALL, "exchange2013_l4_state": "absent"}
    settled(playbook, lm, SITE, both)
    assert [port for _vip, port in places(lm)] == ["443", "80"] and "OWA" in subs(lm)
    back = {**L4, **SMALL, "exchange2013_l7_state": "absent"}
    settled(playbook, lm, SITE, back)
    assert services(lm)["443"]["NickName"] == "Exchange 2013 L4 - HTTPS"
    assert rules(lm) == {}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("named", [True, False], ids=["address", "nothing"])
def test_the_restriction_is_undone_without_its_variables(playbook: Playbook, lm: Any, method: str, named: bool) -> None:
    playbook(EXCHANGE, extra_vars=SMALL).succeeded()
    before = set(rules(lm))
    playbook(RESTRICT, extra_vars={**EAC, **METHODS[method]}).succeeded()
    address = {"exchange2013_l7_vip": VIP} if named else {}
    rest(playbook, RESTRICT, {"exchange2013_restrict_eac_state": "absent", **address})
    assert set(rules(lm)) == before
    assert {each for each, _port in places(lm)} == {VIP}


def test_site_undoes_everything_in_one_run(playbook: Playbook, emulator: Any) -> None:
    made = issue("mail.example.com")
    certificate = {"name": "mail-2026", "certificate": made.pem, "private_key": made.key}
    variables = {**EAC, **METHODS["separate_service"], "site_certificates": [certificate]}
    playbook(SITE, extra_vars=variables).succeeded()
    assert {each for each, _port in places(emulator)} == {VIP, EXTERNAL}
    gone = {
        "exchange2013_l7_state": "absent",
        "exchange2013_l7_vip": VIP,
        "exchange2013_restrict_eac_state": "absent",
        "site_certificates": [{"name": "mail-2026", "state": "absent"}],
    }
    rest(playbook, SITE, gone)
    assert places(emulator) == [] and rules(emulator) == {}
    assert not emulator.call("listcert").get("cert")


def test_the_restriction_ends_with_its_service(playbook: Playbook, lm: Any) -> None:
    """Its variables may stay: there is nothing left to restrict."""
    variables = {**EAC, **METHODS["source_rules"]}
    playbook(SITE, extra_vars=variables).succeeded()
    rest(playbook, SITE, {**variables, "exchange2013_l7_state": "absent"})
    assert places(lm) == [] and rules(lm) == {}


# --- another address


@pytest.mark.parametrize(("name", "made"), [(EXCHANGE, SMALL), (EXCHANGE_L4, L4)], ids=["l7", "l4"])
def test_a_moved_address_is_said_and_the_services_move_on_request(
    playbook: Playbook, lm: Any, name: str, made: dict[str, Any]
) -> None:
    role = name.rpartition(".")[2]
    made = {**made, f"{role}_mail_services": ["smtp"]}
    playbook(name, extra_vars=made).succeeded()
    lm.call("addvs", vs=VIP, port="8080", prot="tcp", nickname="Of someone")
    number = services(lm)["25"]["Rs"][0]["RsIndex"]
    moved = {**made, f"{role}_vip": NEW}
    predicted = playbook(name, extra_vars=moved, check=True).succeeded()
    assert f"{role}_former_vips" in predicted.stdout and VIP in predicted.stdout
    rest(playbook, name, {**moved, f"{role}_former_vips": [VIP]})
    assert places(lm) == [(VIP, "8080"), (NEW, "25"), (NEW, "443"), (NEW, "80")]
    assert services(lm, NEW)["25"]["Rs"][0]["RsIndex"] == number
    assert all("192_0_2_25" not in rule for rule in rules(lm))
    later = playbook(name, extra_vars=moved).succeeded()
    assert later.changed == 0 and "former_vips" not in later.stdout


@pytest.mark.parametrize(("name", "made"), [(EXCHANGE, SMALL), (EXCHANGE_L4, L4)], ids=["l7", "l4"])
def test_what_was_made_at_both_addresses_is_removed_at_the_former(
    playbook: Playbook, lm: Any, name: str, made: dict[str, Any]
) -> None:
    role = name.rpartition(".")[2]
    playbook(name, extra_vars={**made, f"{role}_mail_services": ["smtp"]}).succeeded()
    moved = {**made, f"{role}_vip": NEW}
    run = playbook(name, extra_vars=moved).succeeded()
    assert f"list {VIP} in {role}_former_vips" in run.stdout
    rest(playbook, name, {**moved, f"{role}_former_vips": [VIP]})
    assert places(lm) == [(NEW, "443"), (NEW, "80")]


def test_a_moved_service_stays_restricted(playbook: Playbook, lm: Any) -> None:
    variables = {**EAC, **METHODS["deny_rules"]}
    playbook(SITE, extra_vars=variables).succeeded()
    moved = {**variables, "exchange2013_l7_vip": NEW, "exchange2013_l7_former_vips": [VIP]}
    playbook(SITE, extra_vars=moved).succeeded()
    assert playbook(SITE, extra_vars=moved).succeeded().changed == 0
    assert all("EAC_192_0_2_77" in rule for rule in services(lm, NEW)["443"]["PreProcessRules"])
    assert all("192_0_2_25" not in rule for rule in rules(lm))


# --- exactly these servers


@pytest.mark.parametrize(("name", "made"), [(EXCHANGE, SMALL), (EXCHANGE_L4, L4)], ids=["l7", "l4"])
def test_a_role_has_exactly_the_servers_of_its_list(
    playbook: Playbook, lm: Any, name: str, made: dict[str, Any]
) -> None:
    role = name.rpartition(".")[2]
    made = {**made, f"{role}_mail_services": ["smtp"]}
    playbook(name, extra_vars={**made, f"{role}_servers": ["192.0.2.31", "192.0.2.39"]}).succeeded()
    rest(playbook, name, {**made, f"{role}_exact_servers": True})
    held = [each["Rs"] for each in lm.call("listvs")["VS"] if each.get("Rs")]
    assert held and all([rs["Addr"] for rs in each] == ["192.0.2.31", "192.0.2.32"] for each in held)
