# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts and groups the inventory plugin makes: no two things share a name, whatever administrators have typed."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory import group_names, listing, server_model
from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory.entries import entries
from ansible_collections.kemp.loadmaster.plugins.module_utils._inventory.server_model import Layout

LOGIN = {"username": "bal", "password": "of-the-unit-test"}


def server(address: str, name: str = "", **more: Any) -> dict[str, Any]:
    usual = {"port": "80", "weight": 1000, "enabled": True, "status": "up", "connections": None}
    return {**usual, "address": address, "name": name, **more}


def service(nickname: str, last: int, *servers: Any, subs: Any = (), **more: Any) -> dict[str, Any]:
    """A service at 192.0.2.LAST:80."""
    usual = {"protocol": "tcp", "address": f"192.0.2.{last}", "port": "80", "enabled": True, "checked": True}
    return {**usual, "nickname": nickname, "servers": list(servers), "subs": list(subs), **more}


def sub(nickname: str, slot: str, *servers: Any) -> dict[str, Any]:
    return {"nickname": nickname, "slot": slot, "enabled": True, "checked": True, "servers": list(servers)}


def built(layout: Layout | None = None, **listings: Any) -> server_model.Inventory:
    layout = layout or Layout()
    return server_model.build(listings, server_model.groups_of(list(listings), layout), layout)


def services(inventory: server_model.Inventory) -> dict[str, list[str]]:
    """The hosts of the groups of services and SubVSs."""
    return {group: hosts for group, hosts in inventory.members.items() if not group.startswith("real_servers")}


A, B, C = "198.51.100.1", "198.51.100.2", "198.51.100.3"


def test_one_nickname_on_two_loadmasters_is_two_groups() -> None:
    found = built(lm1=[service("Shop", 1, server(A))], lm2=[service("Shop", 1, server(B))])
    assert services(found) == {"loadmaster_lm1_Shop": [A], "loadmaster_lm2_Shop": [B]}
    assert found.children["loadmaster_lm1"] == ["loadmaster_lm1_Shop"]
    assert found.children["loadmaster_lm2"] == ["loadmaster_lm2_Shop"]


@pytest.mark.parametrize("other", ["Web shop", "Web-shop", "  Web   shop?", "Web__shop"])
def test_nicknames_that_become_one_name_are_named_by_place(other: str) -> None:
    """Neither gets the name: a play for the one never runs on the servers of the other."""
    found = services(built(lm1=[service("Web shop", 1, server(A)), service(other, 2, server(B))]))
    assert found == {"loadmaster_lm1__tcp_192_0_2_1_80": [A], "loadmaster_lm1__tcp_192_0_2_2_80": [B]}


def test_no_nickname_takes_the_name_of_another_service() -> None:
    """Neither the name that stands for a nickname, nor the one that stands for a place."""
    first = service("", 1, server(A))
    for nickname in ("_tcp_192_0_2_1_80", "tcp_192_0_2_1_80", "__tcp_192_0_2_1_80"):
        found = services(built(lm1=[first, service(nickname, 2, server(B))]))
        assert found["loadmaster_lm1__tcp_192_0_2_1_80"] == [A] and len(found) == 2


def test_a_service_and_a_subvs_of_one_name_are_apart() -> None:
    shop = service("Shop", 1, subs=[sub("API", "3", server(A))])
    found = services(built(lm1=[shop, service("Shop API", 2, server(B))]))
    assert found == {
        "loadmaster_lm1_Shop": [],
        "loadmaster_lm1__tcp_192_0_2_1_80__slot_3": [A],
        "loadmaster_lm1__tcp_192_0_2_2_80": [B],
    }
    assert services(built(lm1=[shop])) == {"loadmaster_lm1_Shop": [], "loadmaster_lm1_Shop_API": [A]}


def test_a_service_of_one_loadmaster_never_has_the_name_of_one_of_another() -> None:
    found = services(built(lm1=[service("Shop A", 1, server(A))], lm1_Shop=[service("A", 1, server(B))]))
    assert found == {"loadmaster_lm1__tcp_192_0_2_1_80": [A], "loadmaster_lm1_Shop__tcp_192_0_2_1_80": [B]}


def test_a_nickname_never_takes_the_group_of_a_loadmaster() -> None:
    found = built(lm1=[service("b", 1, server(A))], lm1_b=[service("c", 1, server(B))])
    assert services(found) == {"loadmaster_lm1__tcp_192_0_2_1_80": [A], "loadmaster_lm1_b_c": [B]}


@pytest.mark.parametrize(
    ("protocol", "address", "port", "name"),
    [
        ("tcp", "192.0.2.1", "443", "tcp_192_0_2_1_443"),
        ("udp", "192.0.2.1", "*", "udp_192_0_2_1_any"),
        ("tcp", "2001:db8::1", "80", "tcp_2001_db8__1_80"),
        ("tcp", "2001:db8:1::", "80", "tcp_2001_db8_1___80"),
    ],
)
def test_places_have_names(protocol: str, address: str, port: str, name: str) -> None:
    assert group_names.name_of_place(protocol, address, port) == name


def test_a_strange_place_has_a_name_too() -> None:
    strange = [
        ("x", "192.0.2.1", "80"),
        ("tcp", "fe80::1%{{ 7 * 7 }}", "80"),
        ("tcp", "", ""),
        ("tcp", "192.0.2.1", "8 0"),
    ]
    names = {group_names.name_of_place(*place) for place in strange}
    assert len(names) == len(strange) and all(group_names.group_name(name) == name for name in names)


def test_a_server_behind_several_services_is_one_host() -> None:
    found = built(
        lm1=[
            service("a", 1, server(A, weight=5)),
            service("b", 2, server(A, port="8080", enabled=False, status="disabled")),
        ],
        lm2=[service("a", 1, server(A, status="down"))],
    )
    assert list(found.hosts) == [A]
    variables = found.hosts[A].variables()
    assert variables["real_server_loadmasters"] == ["lm1", "lm2"] and variables["real_server_ports"] == [80, 8080]
    assert [place["weight"] for place in variables["real_server_services"]] == [5, 1000, 1000]
    assert variables["real_server_enabled"] is True and variables["real_server_healthy"] is False
    states = {group: hosts for group, hosts in found.members.items() if group.startswith("real_servers")}
    assert {group for group, hosts in states.items() if hosts} == {
        *("real_servers_enabled", "real_servers_disabled", "real_servers_up", "real_servers_down"),
    }


@pytest.mark.parametrize(
    ("places", "healthy"),
    [
        ([{}], True),
        ([{"status": "down"}], False),
        ([{"enabled": False, "status": "disabled"}], False),
        ([{}, {"enabled": False, "status": "disabled"}], True),
    ],
)
def test_health(places: list[dict[str, Any]], healthy: bool) -> None:
    found = built(lm1=[service("a", number, server(A, **more)) for number, more in enumerate(places)])
    assert found.hosts[A].variables()["real_server_healthy"] is healthy


def test_a_disabled_service_and_one_without_a_check_say_nothing_about_health() -> None:
    down = server(A, status="down")
    assert built(lm1=[service("a", 1, down, checked=False)]).hosts[A].variables()["real_server_healthy"] is True
    assert built(lm1=[service("a", 1, down, enabled=False)]).hosts[A].variables()["real_server_healthy"] is False


def test_servers_of_separate_networks_are_hosts_of_their_own() -> None:
    layout = Layout(merge_servers=False)
    found = built(layout, lm1=[service("a", 1, server(A, "web"))], lm2=[service("a", 1, server(A, "web"), server(B))])
    assert {name: each.variables()["ansible_host"] for name, each in found.hosts.items()} == {
        "lm1_web": "web", "lm2_web": "web", f"lm2_{B}": B,
    }  # fmt: skip
    assert found.hosts["lm2_web"].variables()["real_server_loadmasters"] == ["lm2"]


def test_a_server_is_named_by_its_dns_name() -> None:
    """It is one host, though another service has it by its address."""
    found = built(lm1=[service("a", 1, server(A, "web1.example.com")), service("b", 2, server(A))])
    assert list(found.hosts) == ["web1.example.com"]
    variables = found.hosts["web1.example.com"].variables()
    assert variables["real_server_address"] == A and variables["real_server_dns_names"] == ["web1.example.com"]
    assert "ansible_host" not in variables


def test_dns_names_that_tell_nothing_are_not_used() -> None:
    two = built(lm1=[service("a", 1, server(A, "web"), server(B, "web"))])
    assert sorted(two.hosts) == [A, B]
    both = built(lm1=[service("a", 1, server(A, "one"), server(A, "two", port="81"))])
    assert list(both.hosts) == [A] and both.hosts[A].variables()["real_server_dns_names"] == ["one", "two"]


def test_a_server_that_is_not_resolved_has_its_name() -> None:
    found = built(lm1=[service("a", 1, server("", "web1.example.com"))])
    assert found.hosts["web1.example.com"].variables()["real_server_address"] == "web1.example.com"


@pytest.mark.parametrize(
    "taken",
    ["all", "ungrouped", "localhost", "lm1", "loadmasters", "real_servers", "loadmaster_lm1", "loadmaster_lm1_a"],
)
def test_no_server_takes_the_name_of_a_group_or_of_a_loadmaster(taken: str) -> None:
    found = built(lm1=[service("a", 1, server(A, taken))])
    assert list(found.hosts) == [f"real_server__{A}"]
    assert found.hosts[f"real_server__{A}"].variables()["ansible_host"] == taken
    assert found.members["loadmaster_lm1_a"] == [f"real_server__{A}"]


def test_a_server_at_the_address_of_a_loadmaster_is_a_host_of_its_own() -> None:
    layout = Layout()
    names = {"192.0.2.5": [service("a", 1, server("192.0.2.5"), server("127.0.0.1"))]}
    found = server_model.build(names, server_model.groups_of(list(names), layout), layout)
    assert list(found.hosts) == ["real_server__192.0.2.5", "real_server__127.0.0.1"]


@pytest.mark.parametrize(
    "address", ["", "-oProxyCommand=id", "fe80::1%{{ 7 * 7 }}", "{{ 7 * 7 }}", "192.0.2.1 x", "192.0.2.999", "a\nb"]
)
def test_what_is_no_address_is_left_out_and_named(address: str) -> None:
    found = built(lm1=[service("a", 1, server(address, address), server(A))])
    assert found.members["loadmaster_lm1_a"] == [A] and list(found.hosts) == [A]
    assert len(found.warnings) == 1 and found.warnings[0].startswith("lm1: a real server is left out, since ")
    assert "\n" not in found.warnings[0]


@pytest.mark.parametrize(
    ("names", "options", "says"),
    [
        (["lm-1", "lm_1"], {}, "loadmasters: lm-1 and lm_1 would have the same group, loadmaster_lm_1."),
        (["all"], {}, "loadmasters: all is the name of a group."),
        (["real_servers_up"], {}, "loadmasters: real_servers_up is the name of a group."),
        (["loadmaster_lm1", "lm1"], {}, "loadmasters: loadmaster_lm1 is the name of a group."),
        (["up"], {"group_prefix": "real_servers_"}, "loadmasters: real_servers_up is the name of a group."),
        (["lm1"], {"group_prefix": ""}, "group_prefix is ''"),
        (["lm1"], {"group_prefix": "a__"}, "group_prefix is 'a__'"),
        (["lm1"], {"loadmasters_group": "all"}, "loadmasters_group is all, which is another group."),
        (["lm1"], {"loadmasters_group": "my lms"}, "loadmasters_group is 'my lms'"),
    ],
)
def test_names_in_the_file_that_cannot_be(names: list[str], options: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidOption, match=says.replace("(", r"\(")):
        server_model.groups_of(names, Layout(**options))


# --- whatever is typed

_nicknames = st.one_of(
    st.sampled_from(["Shop", "shop", "Shop API", "API", "_slot_1", "tcp_192_0_2_1_80", "__tcp_192_0_2_1_80", "all", "", "ü", "{{ 7 }}"]),
    st.text(max_size=8),
)  # fmt: skip
_addresses = st.sampled_from([A, B, C, "::1", "2001:db8::1", "127.0.0.1", "", "-x"])
_dns = st.sampled_from(
    ["", "", "web", "all", "lm1", "loadmaster_lm1_Shop", "real_server__198.51.100.1", "real_servers"]
)
_servers = st.lists(st.builds(server, _addresses, _dns), max_size=3)
_subs = st.lists(
    st.builds(lambda name, slot, own: sub(name, str(slot), *own), _nicknames, st.integers(1, 2), _servers), max_size=2
)
_listings = st.lists(
    st.builds(lambda name, last, own, subs: service(name, last, *own, subs=subs), _nicknames, st.integers(1, 3), _servers, _subs), max_size=4
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["lm1", "lm1_Shop", "lm2"]), _listings, min_size=1), st.booleans())
def test_whatever_is_typed_no_two_things_share_a_name(listings: dict[str, Any], merge: bool) -> None:
    layout = Layout(merge_servers=merge)
    groups = server_model.groups_of(list(listings), layout)
    found = server_model.build(listings, groups, layout)
    owners = [(lm, part) for lm, own in listings.items() for each in own for part in (each, *each["subs"])]
    own_groups = services(found)
    # As many groups as services and SubVSs, none of them one of another kind
    assert len(own_groups) == len(owners)
    assert not set(own_groups) & {"all", "ungrouped", "loadmasters", "real_servers", *groups.values(), *listings}
    assert all(group_names.group_name(group) == group for group in own_groups)
    assert not set(found.hosts) & {*found.members, *found.children, *listings, "all", "localhost", "127.0.0.1", "::1"}
    # Each group has the servers of its service, on its LoadMaster
    for lm, group in groups.items():
        below = {name for child in found.children.get(group, []) for name in (child, *found.children.get(child, []))}
        assert all(name.startswith(group) for name in below)
        held = {found.hosts[host].address for name in below for host in found.members[name]}
        said = {s[name] for _lm, part in owners if _lm == lm for s in part["servers"] for name in ("address", "name")}
        assert held <= said
        assert all(
            lm in found.hosts[host].variables()["real_server_loadmasters"] for n in below for host in found.members[n]
        )


@settings(max_examples=100, deadline=None)
@given(_listings, st.randoms(use_true_random=False))
def test_names_depend_on_no_order(own: list[Any], chance: random.Random) -> None:
    own = list({(each["address"]): each for each in own}.values())
    for each in own:
        each["subs"] = list({(one["slot"]): one for one in each["subs"]}.values())
    mixed = chance.sample(own, len(own))
    first, second = built(lm1=own), built(lm1=mixed)
    assert {group: sorted(hosts) for group, hosts in first.members.items()} == {
        group: sorted(hosts) for group, hosts in second.members.items()
    }


# --- the entries of the file


def parsed(given_: Any, defaults: Any = None, **environ: str) -> list[Any]:
    return entries(given_, LOGIN if defaults is None else defaults, environ, lambda value: value)


def test_name_and_host_default_to_each_other() -> None:
    found = parsed(["192.0.2.5", {"name": "lm1.example.com"}, {"name": "lm2", "host": "192.0.2.6:8443"}])
    assert [(each.name, each.connection.address) for each in found] == [
        ("192.0.2.5", "192.0.2.5:443"), ("lm1.example.com", "lm1.example.com:443"), ("lm2", "192.0.2.6:8443"),
    ]  # fmt: skip


def test_the_environment_fills_what_is_missing_but_not_the_host_of_another() -> None:
    login = {"LOADMASTER_USERNAME": "env", "LOADMASTER_PASSWORD": "p", "LOADMASTER_HOST": "192.0.2.9"}
    assert [each.connection.host for each in parsed(["192.0.2.5"], {}, **login)] == ["192.0.2.5"]
    alone = parsed([], {}, **login)
    assert [(each.name, each.connection.username) for each in alone] == [("192.0.2.9", "env")]


def test_the_variables_of_a_loadmaster_have_no_login() -> None:
    entry = parsed([{"name": "lm1", "host": "192.0.2.5", "fingerprint": "ab" * 32, "timeout": 5}])[0]
    assert entry.variables() == {
        "ansible_host": "192.0.2.5", "ansible_port": 443, "loadmaster_fingerprint": "ab" * 32, "loadmaster_timeout": 5.0,
    }  # fmt: skip
    assert LOGIN["password"] not in str(entry.source()) and entry.secrets()[0] == LOGIN["password"]


@pytest.mark.parametrize(
    ("given_", "defaults", "says"),
    [
        ([{"name": "lm1", "hots": "192.0.2.5"}], None, "loadmasters[0]: unknown option 'hots'; did you mean 'host'?"),
        ([{"zzz": 1}], None, "loadmasters[0]: unknown option 'zzz'. The options are name, host, "),
        (["192.0.2.5"], {"name": "x"}, "defaults: unknown option 'name'"),
        ([5], None, "loadmasters[0] must be an address, or a dictionary with host."),
        ([{}], None, "loadmasters[0] has neither host nor name."),
        (["a", "a"], None, "loadmasters has two entries with the name a."),
        ([{"name": "a", "host": "x"}, {"name": "b", "host": "X"}], None, "loadmasters: a and b are the same LoadMaster, x:443."),
        (["no host!"], None, "loadmasters[0] (no host!): host is 'no host!'"),
        ([], None, "There is no LoadMaster to read."),
        (["192.0.2.5"], {}, "loadmasters[0] (192.0.2.5) has no username."),
        (["192.0.2.5"], {"username": "bal"}, "loadmasters[0] (192.0.2.5) has no password."),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence(given_: Any, defaults: Any, says: str) -> None:
    with pytest.raises(InvalidOption) as error:
        parsed(given_, defaults)
    assert error.value.sentence.startswith(says), error.value.sentence


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        "x",
        [1],
        [{}],
        [{**service("a", 1), "subs": [1]}],
        [{**service("a", 1), "servers": [{}]}],
        [{**service("a", 1), "port": 80}],
    ],
)
def test_only_a_listing_is_accepted(value: Any) -> None:
    assert not listing.is_listing(value)
    assert listing.is_listing([service("a", 1, server(A), subs=[sub("b", "1", server(B))])])
