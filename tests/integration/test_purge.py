# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a purge takes and what it leaves: by kind, within its scope, and never what is in use or cannot be named."""

from __future__ import annotations

from typing import Any

import pytest
from authority import issue
from round_trip import DARING, DEFAULTS, EVERYTHING, apply, export, session_of

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import config
from loadmaster_emulator import Emulator

PLACE = {"address": "192.0.2.25", "port": 443}
MAIL = "virtual service tcp/192.0.2.25:443"
ADDRESSES = ["192.0.2.31", "198.51.100.31"]


@pytest.fixture
def lm() -> Emulator:
    """A LoadMaster with two of everything beside what the documents of these tests have."""
    made = Emulator()
    names = ("keep", "shop_a", "shop_b")
    leaves = {name: issue(name) for name in names}
    document = {
        "certificates": [{"name": name, "certificate": leaf.pem} for name, leaf in leaves.items()],
        "intermediate_certificates": [{"name": name, "certificate": issue(name, ca=True).pem} for name in names],
        "content_rules": [{"name": name, "kind": "match_content", "pattern": f"/{name}/"} for name in names],
        "virtual_services": [
            {
                **{**PLACE, "type": "http"},
                "sub_virtual_services": [{"name": name, "real_servers": servers()} for name in names],
            },
        ],
    }
    apply(session_of(made), document, secrets={f"certificates.{name}.private_key": leaves[name].key for name in names})
    return made


def servers(*addresses: str) -> list[dict[str, Any]]:
    return [{"address": address} for address in addresses or ADDRESSES]


def document_of(lm: Emulator) -> dict[str, Any]:
    """What must stay: the object "keep" of every kind."""
    exported = export(session_of(lm))["config"]
    kept = {
        member: [entry for entry in exported[member] if entry["name"] == "keep"]
        for member in ("certificates", "intermediate_certificates", "content_rules")
    }
    subs = [{"name": "keep", "real_servers": servers("192.0.2.39")}]
    return {**kept, "virtual_services": [{**PLACE, "sub_virtual_services": subs}]}


def removed(lm: Emulator, document: dict[str, Any], *purges: dict[str, Any], **options: Any) -> list[str]:
    """What a task with some purges removes, as it is predicted and then done."""
    asked = {**DEFAULTS, **document, **options, "purge": list(purges)}
    predicted = config.MODULE.perform(asked, session_of(lm), Mode(check=True))
    done = config.MODULE.perform(asked, session_of(lm), Mode())
    assert predicted["removed"] == done["removed"]
    again = config.MODULE.perform(asked, session_of(lm), Mode())
    assert (again["changed"], again["removed"]) == (False, [])
    return list(done["removed"])


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("certificates", "certificate"),
        ("intermediate_certificates", "intermediate certificate"),
        ("content_rules", "content rule"),
    ],
)
def test_what_has_a_name_goes_by_it(lm: Emulator, kind: str, word: str) -> None:
    document = document_of(lm)
    assert removed(lm, document, {"kind": kind, "names": ["Shop_*"]}) == []
    assert removed(lm, document, {"kind": kind, "names": ["*_b", "keep"]}) == [f"{word} shop_b"]
    assert removed(lm, document, {"kind": kind}) == [f"{word} shop_a"]
    assert [entry["name"] for entry in export(session_of(lm))["config"][kind]] == ["keep"]
    with pytest.raises(InvalidOption, match=f"purge: {kind} have no addresses"):
        removed(lm, document, {"kind": kind, "addresses": ["192.0.2.0/24"]})


def test_sub_services_go_by_name_and_their_servers_with_them(lm: Emulator) -> None:
    sub = "SubVS shop_b of tcp/192.0.2.25:443"
    gone = removed(lm, document_of(lm), {"kind": "sub_virtual_services", "names": ["shop_[b-z]"]})
    assert gone == [sub, *(f"real server {address}:443 of {sub}" for address in ADDRESSES)]


def test_real_servers_go_by_name_and_address_from_what_the_document_lists(lm: Emulator) -> None:
    document = document_of(lm)
    first, second = (f"real server {a}:443 of SubVS keep of tcp/192.0.2.25:443" for a in ADDRESSES)
    nets = {"kind": "real_servers", "addresses": ["203.0.113.0/24", "198.51.100.0/24"]}
    assert removed(lm, document, {"kind": "real_servers", "names": ["web*"]}) == []
    assert removed(lm, document, {**nets, "names": ["192.*"]}) == []
    assert removed(lm, document, nets) == [second]
    assert removed(lm, document, {"kind": "real_servers", "names": ["192.0.2.3?"]}) == [first]


def test_the_administrative_certificate_stays(lm: Emulator) -> None:
    lm.call("set", param="admincert", value="shop_a")
    assert removed(lm, document_of(lm), {"kind": "certificates"}) == ["certificate shop_b"]
    assert [entry["name"] for entry in lm.call("listcert")["cert"]] == ["keep", "shop_a"]


def test_an_intermediate_that_is_replaced_is_not_removed(lm: Emulator) -> None:
    entry = {"name": "shop_a", "certificate": issue("another", ca=True).pem}
    gone = removed(lm, {"intermediate_certificates": [entry]}, {"kind": "intermediate_certificates", "names": ["*_b"]})
    assert gone == ["intermediate certificate shop_b"]


# --- guards ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["names", "addresses"])
def test_an_empty_scope_is_refused(lm: Emulator, scope: str) -> None:
    with pytest.raises(InvalidOption, match=f"purge: {scope} of virtual_services is empty.* Nothing was changed."):
        removed(lm, document_of(lm), {"kind": "virtual_services", scope: []})


def test_what_is_to_be_absent_is_none_of_the_kind(lm: Emulator) -> None:
    absent = {"virtual_services": [{**PLACE, "port": 80, "state": "absent"}]}
    with pytest.raises(InvalidOption, match="the document has no virtual_services, .*set allow_empty_purge"):
        removed(lm, absent, {"kind": "virtual_services"})
    rules = {"content_rules": [{"name": "keep", "state": "absent"}]}
    with pytest.raises(InvalidOption, match="the document has no content_rules, .*set allow_empty_purge"):
        removed(lm, rules, {"kind": "content_rules"})


def test_the_last_enabled_server_is_asked_whatever_task_removes_it(lm: Emulator) -> None:
    def emptied(**more: Any) -> dict[str, Any]:
        subs = [{"name": "keep", "real_servers": [{"address": ADDRESSES[0], "enabled": False}], **more}]
        return {"virtual_services": [{**PLACE, "sub_virtual_services": subs}]}

    apply(session_of(lm), emptied())
    servers_go = {"kind": "real_servers"}
    with pytest.raises(InvalidOption, match="without an enabled real server. If that is meant, set allow_no_servers"):
        removed(lm, emptied(), servers_go, allow_empty_purge=True, allow_lockout=True)
    # Enabled again by the same task, since the document leaves it out
    on_again = {
        "virtual_services": [
            {**PLACE, "sub_virtual_services": [{"name": "keep", "real_servers": servers(ADDRESSES[0])}]}
        ]
    }
    assert config.MODULE.perform(
        {**DEFAULTS, **on_again, "state": "replaced", "purge": [servers_go]}, session_of(lm), Mode(check=True)
    )["removed"]
    assert len(removed(lm, emptied(allow_no_servers=True), servers_go)) == 1


def test_a_rule_stays_with_a_server_whatever_its_sub_service_says(lm: Emulator) -> None:
    """The restriction of the Admin Center by addresses hangs on servers, and the lists of their SubVS are others."""
    sub = next(slot for vs in lm.call("listvs")["VS"] for slot in vs.get("SubVS", ()) if slot["Name"] == "keep")
    server = next(vs for vs in lm.call("listvs")["VS"] if vs.get("NickName") == "keep")["Rs"][0]
    lm.call("addrsrule", vs=sub["VSIndex"], rs=f"!{server['RsIndex']}", rule="shop_a")
    rules = {"content_rules": [{"name": "keep"}]}
    for more in ({"content_rules": []}, {"content_rules": ["keep"]}):
        document = {**rules, "virtual_services": [{**PLACE, "sub_virtual_services": [{"name": "keep", **more}]}]}
        for state in ("merged", "replaced"):
            with pytest.raises(InvalidOption, match="shop_a is not in the document .* content_rules of real server"):
                removed(lm, document, {"kind": "content_rules"}, state=state)
    listed = {"name": "keep", "content_rules": [], "real_servers": [{"address": ADDRESSES[0], "content_rules": []}]}
    document = {**rules, "virtual_services": [{**PLACE, "sub_virtual_services": [listed]}]}
    assert removed(lm, document, {"kind": "content_rules"}) == ["content rule shop_a", "content rule shop_b"]


def test_a_rule_that_a_service_by_nickname_lets_go_is_not_in_use(lm: Emulator) -> None:
    lm.call("modvs", vs="192.0.2.25", port=443, prot="tcp", nickname="Mail")
    lm.call("addrule", name="Header", type=1, header="X-A", replacement="1")
    lm.call("addrequestrule", vs="192.0.2.25", port=443, prot="tcp", rule="Header")
    rules = [{"name": name} for name in ("keep", "shop_a", "shop_b")]
    document = {"content_rules": rules, "virtual_services": [{"nickname": "Mail", "request_rules": []}]}
    assert removed(lm, document, {"kind": "content_rules"}) == ["content rule Header"]


# --- what no document can name ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "shop_a"])
def test_a_sub_service_that_cannot_be_named_is_never_purged(lm: Emulator, name: str) -> None:
    """An export leaves it out; applied as it is to the same LoadMaster, it must not take it away."""
    made = lm.call("modvs", vs="192.0.2.25", port=443, prot="tcp", createsubvs="")["SubVS"][-1]["VSIndex"]
    lm.call("addrs", vs=made, rs="192.0.2.77", rsport=443)
    if name:
        lm.call("modvs", vs=made, nickname=name)
    before = lm.state()
    exported = export(session_of(lm))
    assert exported["gaps"] == exported["warnings"] and len(exported["gaps"]) == (2 if name else 1)
    done = apply(session_of(lm), exported["config"], state="replaced", purge=EVERYTHING)
    assert (done["steps"], done["removed"]) == ([], []) and lm.state() == before
    which = name or "without a name"
    assert done["warnings"][0].startswith(
        f"SubVS {which} of tcp/192.0.2.25:443 was kept because its name is not unique"
    )
    if name:
        entry = {**PLACE, "sub_virtual_services": [{"name": name}]}
        with pytest.raises(
            InvalidOption,
            match="has 2 SubVSs 'shop_a' with servers or rules, in the slots .*Delete or rename the others",
        ):
            apply(session_of(lm), {"virtual_services": [entry]}, purge=EVERYTHING)


def test_ciphers_that_a_service_has_for_itself_are_told_with_an_export(lm: Emulator) -> None:
    lm.call("modvs", vs="192.0.2.25", port=443, prot="tcp", sslacceleration=1, ciphers="ECDHE-RSA-AES256-GCM-SHA384")
    exported = export(session_of(lm))
    (gap,) = exported["gaps"]
    assert gap.startswith(f"{MAIL} has ciphers of its own (Custom_")
    assert not apply(session_of(lm), exported["config"], state="replaced", **{"purge": EVERYTHING, **DARING})["changed"]
