# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans, decided without an appliance: which calls, in which order, with which reasons, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine import planning
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    server_table,
    sub_virtual_service,
    virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import RealServer
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import TABLE
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import appliance_settings, settings_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import Settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.templates.template import Template
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import IndexOf
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Services
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import ALL_PARAMETERS, NotRead, World
from unit_values import record, values


def drawn(data: Any, table: Any, *without: str) -> dict[str, Any]:
    """Draw some options of a table with a value each."""
    names = [name for name in table.by_option if name not in without]
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=12))
    return {name: data.draw(values(table.by_option[name].kind, name)) for name in chosen}


PLACE = {"address": "192.0.2.25", "port": "443"}
REF = ServiceRef("tcp", "192.0.2.25", "443")


def service(index: int = 1, address: str = "192.0.2.25", port: str = "443", **fields: Any) -> dict[str, Any]:
    """A record as listvs has it, with what a plan looks at."""
    fresh = {
        "Index": str(index),
        "VSAddress": address,
        "VSPort": port,
        "Protocol": "tcp",
        "Enable": "Y",
        "ForceL7": "Y",
        "VStype": "gen",
        "Schedule": "rr",
        "CheckType": "tcp",
        "Idletime": "660",
        "SubnetOriginating": "Y",
        "PersistTimeout": "0",
        "MasterVSID": "0",
    }
    return {**fresh, **fields}


def server(address: str = "192.0.2.31", port: str = "443", **fields: Any) -> dict[str, Any]:
    return {
        "RsIndex": "7",
        "Addr": address,
        "Port": port,
        "DnsName": "",
        "Forward": "nat",
        "Weight": "1000",
        "Enable": "Y",
        **fields,
    }


def world(*services: dict[str, Any], **parameters: Any) -> World:
    return World(
        Services(services), {name.lower(): value for name, value in parameters.items()}, parameters.get("health", {})
    )


def calls(plan: planning.Plan) -> list[tuple[str, dict[str, Any]]]:
    """The calls of a plan without the parameters that name the object."""
    naming = {"vs", "port", "prot", "rs", "rsport"}
    return [(step.command, {k: v for k, v in step.parameters.items() if k not in naming}) for step in plan.steps]


def wanted_service(**options: Any) -> VirtualService:
    return VirtualService.from_options(virtual_service.SHAPE.checked({**PLACE, **options}))


def plan_of(current: World, *wanted: Any) -> planning.Plan:
    return planning.make(Document(wanted), current)


# --- services -----------------------------------------------------------------------------------------------------


def test_creation_sends_all_at_once_but_what_the_type_resets() -> None:
    plan = plan_of(
        world(), wanted_service(type="http", scheduling="least_connection", add_http_headers="via", cache=True)
    )
    assert calls(plan) == [("addvs", {"vstype": "http", "schedule": "lc"}), ("modvs", {"addvia": "6", "cache": "y"})]
    assert plan.steps[0].parameters["vs"] == "192.0.2.25" and plan.steps[0].parameters["prot"] == "tcp"


def test_omitted_is_not_default() -> None:
    current = world(service(Schedule="lc", NickName="mine", Idletime="1800"))
    assert not plan_of(current, wanted_service())
    assert calls(plan_of(current, wanted_service(idle_timeout=660))) == [("modvs", {"idletime": "660"})]


def test_type_goes_alone_and_first_and_what_it_resets_goes_again() -> None:
    current = world(service(VStype="http", AddVia="5", Cache="Y", Schedule="rr"))
    plan = plan_of(
        current, wanted_service(type="http2", add_http_headers="x_forwarded_for", scheduling="least_connection")
    )
    assert calls(plan) == [("modvs", {"vstype": "http2"}), ("modvs", {"schedule": "lc", "addvia": "5", "cache": "y"})]
    assert plan.objects[0].before == {"type": "http", "scheduling": "round_robin"}


def test_what_a_new_type_resets_is_put_back_unasked_or_shown_as_lost() -> None:
    current = world(service(VStype="http", AddVia="5", Cache="Y"))
    plan = plan_of(current, wanted_service(type="http2"))
    assert calls(plan) == [("modvs", {"vstype": "http2"}), ("modvs", {"addvia": "5", "cache": "y"})]
    assert plan.steps[1].reason == (
        "put add_http_headers back to x_forwarded_for, which the change of type resets; "
        "put cache back to true, which the change of type resets"
    )
    assert (plan.objects[0].before, plan.objects[0].after) == ({"type": "http"}, {"type": "http2"})
    plan = plan_of(current, wanted_service(type="generic"))
    assert calls(plan) == [("modvs", {"vstype": "gen"}), ("modvs", {"addvia": "5"})]
    assert plan.objects[0].before == {"type": "http", "cache": True}
    assert plan.objects[0].after == {"type": "generic", "cache": False}


def test_body_rules_that_a_new_type_empties_are_assigned_again() -> None:
    current = world(service(VStype="http", MatchBodyRules=["a", "b"]))
    plan = plan_of(current, wanted_service(type="generic"))
    again = [("addresponsebodyrule", {"rule": "a"}), ("addresponsebodyrule", {"rule": "b"})]
    assert calls(plan) == [("modvs", {"vstype": "gen"}), *again]
    assert plan.steps[
        1
    ].reason == "assign a to response_body_rules again, which the change of type empties" and plan.objects[
        0
    ].before == {"type": "http"}
    named = plan_of(current, wanted_service(type="generic", response_body_rules=[]))
    assert calls(named) == [("modvs", {"vstype": "gen"})]
    assert named.objects[0].before["response_body_rules"] == ["a", "b"]


def test_minimum_of_servers_comes_after_them_and_goes_before_its_prerequisite() -> None:
    plan = plan_of(
        world(service()),
        wanted_service(enhanced_health_checks=True, minimum_servers=2),
        wanted_server(),
        wanted_server("192.0.2.32"),
    )
    assert [command for command, _unused in calls(plan)] == ["modvs", "addrs", "addrs", "modvs"]
    assert calls(plan)[-1] == ("modvs", {"enhancedhealthchecks": "y", "rsminimum": "2"})
    current = world(service(EnhancedHealthChecks="Y", RsMinimum="2"))
    plan = plan_of(current, wanted_service(enhanced_health_checks=False, minimum_servers=0))
    assert [parameters for _unused, parameters in calls(plan)][1:] == [{"enhancedhealthchecks": "n"}]
    assert calls(plan)[0][1]["rsminimum"] == "0"


def test_persistence_travels_with_what_it_needs() -> None:
    plan = plan_of(world(service()), wanted_service(persistence="source_ip", persistence_timeout=400))
    assert calls(plan) == [("modvs", {"persist": "src", "persisttimeout": "360"})]
    current = world(service(Persist="src", PersistTimeout="360"))
    assert calls(plan_of(current, wanted_service(persistence_timeout=600))) == [
        ("modvs", {"persist": "src", "persisttimeout": "600"})
    ]
    # A time-out would turn persistence on again.
    assert calls(plan_of(current, wanted_service(persistence="none"))) == [("modvs", {"persist": "none"})]


def test_a_stale_cookie_is_sent_again_with_its_mode() -> None:
    current = world(service(Cookie="JSESSIONID"))
    plan = plan_of(current, wanted_service(persistence="server_cookie", persistence_cookie="JSESSIONID"))
    assert calls(plan) == [("modvs", {"persist": "cookie", "cookie": "JSESSIONID"})]


BRIDGE = {
    "SSLAcceleration": "Y",
    "SSLReencrypt": "Y",
    "PassSni": "Y",
    "AllowHTTP2": "Y",
    "CertFile": "mail",
    "TlsType": "3",
}


def test_ssl_goes_on_in_one_request_and_pass_through_of_the_sni_follows() -> None:
    on = {
        "ssl_acceleration": True,
        "certificates": ["mail"],
        "tls_versions": ["TLSv1.2", "TLSv1.3"],
        "ssl_reencrypt": True,
    }
    plan = plan_of(world(service()), wanted_service(**on, pass_through_sni_hostname=True))
    main = {"sslacceleration": "y", "certfile": "mail", "tlstype": "7", "sslreencrypt": "y"}
    assert calls(plan) == [("modvs", main), ("modvs", {"passsni": "y"})]
    assert calls(plan_of(world(), wanted_service(**on, pass_through_sni_hostname=True))) == [
        ("addvs", main),
        ("modvs", {"passsni": "y"}),
    ]


def test_ssl_goes_off_after_what_would_come_back_with_it() -> None:
    plan = plan_of(world(service(**BRIDGE)), wanted_service(ssl_acceleration=False))
    assert calls(plan) == [
        ("modvs", {"passsni": "n"}),
        ("modvs", {"allowhttp2": "n", "sslreencrypt": "n"}),
        ("modvs", {"sslacceleration": "n"}),
    ]
    assert plan.objects[0].after == {
        **{"ssl_acceleration": False, "http2": False, "ssl_reencrypt": False, "pass_through_sni_hostname": False}
    }
    assert calls(plan) == calls(
        plan_of(world(service(**BRIDGE)), wanted_service(ssl_acceleration=False, ssl_reencrypt=False, http2=False))
    )


def test_what_would_come_back_ends_with_what_it_needs() -> None:
    """The appliance keeps these where what they need is off, takes no change of them then, and brings them back."""
    bridged = world(service(**BRIDGE, ReverseSNIHostname="mail.example"))
    plan = plan_of(bridged, wanted_service(ssl_reencrypt=False))
    assert calls(plan) == [("modvs", {"passsni": "n", "reversesnihostname": ""}), ("modvs", {"sslreencrypt": "n"})]
    assert plan.objects[0].before["pass_through_sni_hostname"] is True
    checked = world(service(EnhancedHealthChecks="Y", RsMinimum="2"))
    plan = plan_of(checked, wanted_service(enhanced_health_checks=False))
    assert calls(plan) == [
        ("modvs", {"enhancedhealthchecks": "y", "rsminimum": "0"}),
        ("modvs", {"enhancedhealthchecks": "n"}),
    ]
    assert plan.objects[0].after == {"enhanced_health_checks": False, "minimum_servers": 0}
    more = {"OCSPVerify": "Y", "NeedHostName": "Y", "PassCipher": "Y", "SSLRewrite": "2"}
    plan = plan_of(world(service(SSLAcceleration="Y", **more)), wanted_service(ssl_acceleration=False))
    ended = {"ocspverify": "n", "needhostname": "n", "passcipher": "n", "sslrewrite": ""}
    assert calls(plan) == [("modvs", ended), ("modvs", {"sslacceleration": "n"})]


def test_multiplexing_ends_where_ssl_begins() -> None:
    plan = plan_of(world(service(MultiConnect="Y")), wanted_service(ssl_acceleration=True))
    assert calls(plan) == [("modvs", {"multiconnect": "n"}), ("modvs", {"sslacceleration": "y"})]
    assert plan.objects[0].after == {"ssl_acceleration": True, "multiplex_connections": False}


def test_what_has_no_effect_any_more_is_left() -> None:
    """What needs something that is off cannot be cleared: the appliance would ignore it."""
    stale = world(service(**{**BRIDGE, "SSLReencrypt": "N"}))
    assert calls(plan_of(stale, wanted_service(ssl_acceleration=False))) == [
        ("modvs", {"allowhttp2": "n"}),
        ("modvs", {"sslacceleration": "n"}),
    ]


ALL_TLS = ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]


def test_what_reads_as_nothing_without_ssl_goes_along_with_it() -> None:
    """Without SSL the mask of TLS versions reads 0, as if all were on."""
    on = {"ssl_acceleration": True, "tls_versions": ALL_TLS, "intermediate_certificates": []}
    plan = plan_of(world(service(TlsType="0")), wanted_service(**on))
    assert calls(plan) == [("modvs", {"sslacceleration": "y", "intermediatecerts": "", "tlstype": "0"})]
    assert plan.objects[0].before["tls_versions"] is None and plan.objects[0].after["tls_versions"] == ALL_TLS
    assert not plan_of(world(service(SSLAcceleration="Y", TlsType="0")), wanted_service(**on))
    assert not plan_of(world(service(TlsType="0")), wanted_service(intermediate_certificates=[]))


def test_the_old_ssl_library_has_no_bit_for_the_newest_tls() -> None:
    def asked(old: str, **fields: Any) -> planning.Plan:
        appliance = replace(world(service(**fields), SSLOldLibraryVersion=old), answers={ALL_PARAMETERS: {}})
        return plan_of(appliance, wanted_service(ssl_acceleration=True, tls_versions=["TLSv1.2"]))

    assert calls(asked("no")) == [("modvs", {"sslacceleration": "y", "tlstype": "23"})]
    assert calls(asked("yes")) == [("modvs", {"sslacceleration": "y", "tlstype": "7"})]
    assert not asked("yes", SSLAcceleration="Y", TlsType="7") and not asked("no", SSLAcceleration="Y", TlsType="23")
    with pytest.raises(NotRead):
        plan_of(world(service()), wanted_service(ssl_acceleration=True, tls_versions=["TLSv1.2"]))


def test_from_bridging_to_offloading() -> None:
    plan = plan_of(
        world(service(**BRIDGE)),
        wanted_service(ssl_reencrypt=False, pass_through_sni_hostname=False, ssl_rewrite="https"),
    )
    assert calls(plan) == [("modvs", {"passsni": "n"}), ("modvs", {"sslreencrypt": "n", "sslrewrite": "https"})]


def test_a_certificate_that_the_appliance_made_counts_as_none() -> None:
    current = world(service(SSLAcceleration="Y", CertFile="f5d7b5869a48de4e30930785dcff3657", TlsType="3"))
    assert not plan_of(current, wanted_service(ssl_acceleration=True, certificates=[]))
    assert calls(plan_of(current, wanted_service(certificates=["mail", "web"]))) == [
        ("modvs", {"certfile": "mail web"})
    ]


def test_adaptive_scheduling_is_reported_in_a_member_of_its_own() -> None:
    current = world(service(Adaptive="http_rs"))
    assert not plan_of(current, wanted_service(scheduling="resource_based_adaptive"))
    assert calls(plan_of(current, wanted_service(scheduling="round_robin"))) == [("modvs", {"schedule": "rr"})]


def test_followed_service_is_named_never_numbered() -> None:
    followed = service(4, "192.0.2.26", NickName="leader")
    plan = plan_of(world(service(), followed), wanted_service(follow_service="leader"))
    assert plan.steps[0].parameters["followvsid"] == IndexOf(ServiceRef("tcp", "192.0.2.26", "443"))
    current = world(service(FollowVSID="4"), followed)
    assert not plan_of(current, wanted_service(follow_service="leader"))
    assert not plan_of(current, wanted_service(follow_service="tcp/192.0.2.26:443"))
    assert calls(plan_of(current, wanted_service(follow_service=""))) == [("modvs", {"followvsid": "0"})]
    with pytest.raises(InvalidOption, match="no virtual service 'nobody'"):
        plan_of(current, wanted_service(follow_service="nobody"))


def test_moving() -> None:
    old, new = service(), service(2, "192.0.2.26")
    moving = wanted_service(new_address="192.0.2.26", scheduling="least_connection")
    plan = plan_of(world(old), moving)
    assert calls(plan) == [("modvs", {"vsaddress": "192.0.2.26", "vsport": "443"}), ("modvs", {"schedule": "lc"})]
    assert [step.parameters["vs"] for step in plan.steps] == ["192.0.2.25", "192.0.2.26"]
    assert not plan_of(world({**new, "Schedule": "lc"}), moving)
    with pytest.raises(InvalidOption, match="another service is there"):
        plan_of(world(old, new), moving)


def test_by_nickname() -> None:
    named = VirtualService.from_options(virtual_service.SHAPE.checked({"nickname": "owa", "idle_timeout": 900}))
    plan = plan_of(world(service(3, NickName="owa")), named)
    assert plan.steps[0].parameters == {"vs": "192.0.2.25", "port": "443", "prot": "tcp", "idletime": "900"}
    with pytest.raises(InvalidOption, match="To create it, give address and port"):
        plan_of(world(), named)
    with pytest.raises(InvalidOption, match=r"not unique: tcp/192.0.2.25:443, tcp/192.0.2.26:443 have it"):
        plan_of(world(service(NickName="owa"), service(2, "192.0.2.26", NickName="owa")), named)


def test_removal() -> None:
    current = world(service(NickName="owa", Rs=[server()]))
    plan = plan_of(current, wanted_service(state="absent"))
    assert calls(plan) == [("delvs", {})]
    assert plan.objects[0].before["real_servers"] == ["192.0.2.31:443"] and plan.objects[0].after == {}
    assert not plan_of(world(), wanted_service(state="absent"))


def test_tcp_and_udp_are_two_services() -> None:
    assert calls(plan_of(world(service()), wanted_service(protocol="udp"))) == [("addvs", {})]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"check_host": "mail.example", "check_type": "https"},
            "check_use_http_1_1: true, but check_use_http_1_1 is false",
        ),
        ({"persistence_timeout": 600}, "persistence other than none, but persistence is none"),
        (
            {"force_l4": True, "transparent": True},
            "transparent has an effect only with force_l4: false, but force_l4 is true",
        ),
        ({"force_l4": True, "type": "http"}, "force_l4 has an effect only with type: generic, but type is http"),
        ({"type": "generic", "cache": True}, "cache has an effect only with type: http or http2"),
        ({"minimum_servers": 2}, "enhanced_health_checks: true"),
        (
            {"certificates": ["mail"]},
            "certificates has an effect only with ssl_acceleration: true, but ssl_acceleration is false",
        ),
        ({"ssl_acceleration": True, "pass_through_sni_hostname": True}, "ssl_reencrypt: true"),
        ({"check_type": "https", "check_pattern": "ok"}, "check_method: get or post, but check_method is head"),
        (
            {"persistence": "server_cookie"},
            "persistence server_cookie requires persistence_cookie, which is not set",
        ),
        ({"sorry_server_address": "192.0.2.9"}, "requires sorry_server_port"),
        ({"check_type": "tcp", "check_url": "/"}, "check_type: http or https or binary_data, but check_type is tcp"),
    ],
)
@pytest.mark.parametrize("exists", [True, False])
def test_what_would_be_ignored_is_refused(options: dict, sentence: str, exists: bool) -> None:
    with pytest.raises(InvalidOption) as caught:
        plan_of(world(service()) if exists else world(), wanted_service(**options))
    assert sentence in caught.value.message


def test_what_is_cleared_goes_before_what_it_needs() -> None:
    """Once HTTP/1.1 is off the appliance ignores the host, so the host goes first; one that counts no more is left."""
    current = world(service(CheckType="https", **{"CheckUse1.1": "Y", "CheckHost": "mail.example"}))
    plan = plan_of(current, wanted_service(check_use_http_1_1=False, check_host=""))
    assert calls(plan) == [("modvs", {"checkhost": "", "checkuse1.1": "y"}), ("modvs", {"checkuse1.1": "n"})]
    stale = world(service(CheckType="https", CheckHost="mail.example"))
    assert not plan_of(stale, wanted_service(check_use_http_1_1=False, check_host=""))


def test_clearing_what_has_no_effect_is_no_error() -> None:
    assert not plan_of(world(service()), wanted_service(check_host="", check_use_http_1_1=False, minimum_servers=0))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"port": "443"}, "address is missing"),
        ({"address": "192.0.2.25"}, "port is missing"),
        ({}, "none of them is given"),
        ({"address": "mail", "port": "443"}, "address is 'mail', but it must be an IP address"),
        ({"address": "192.0.2.25", "port": "https"}, "port is 'https', but it must be a port from 3 to 65530 or \\*"),
        ({"nickname": "owa", "new_port": "444"}, "new_address and new_port need address and port"),
    ],
)
def test_identity_is_checked(options: dict, sentence: str) -> None:
    with pytest.raises(InvalidOption, match=sentence):
        VirtualService.from_options(virtual_service.SHAPE.checked(options))


@pytest.mark.parametrize("version", ["v1", "v2"])
@given(data=st.data())
def test_the_plan_of_the_planned_state_is_empty(version: str, data: Any) -> None:
    """Whatever a user asks for, once the appliance reports it nothing is left to do."""
    wanted = wanted_service(**drawn(data, TABLE, "follow_service"))
    reported = {**service(), **record(TABLE, wanted.options, version)}
    try:
        plan = plan_of(replace(world(reported), answers={ALL_PARAMETERS: {}}), wanted)
    except InvalidOption as refusal:
        assert "has an effect only with" in refusal.message or "requires " in refusal.message
        return
    assert not plan, plan.steps


# --- SubVSs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "planned", "requests"),
    [
        # A new one has the type of its parent, and so the type resets nothing that is sent with it
        ("http", {}, [{"nickname", "addvia"}]),
        ("gen", {"type": "http"}, [{"nickname", "addvia"}]),
        ("", {"type": "http"}, [{"nickname", "addvia"}]),
        ("gen", {}, [{"nickname", "vstype"}, {"addvia"}]),
        ("http", {"type": "generic"}, [{"nickname", "vstype"}, {"addvia"}]),
    ],
)
def test_a_new_sub_service_is_sent_its_type_where_it_is_not_that_of_its_parent(
    found: str, planned: dict[str, Any], requests: list[set[str]]
) -> None:
    current = world(service(VStype=found)) if found else world()
    options = sub_virtual_service.ENTRY.checked({"name": "OWA", "type": "http", "add_http_headers": "x_forwarded_for"})
    parents = [wanted_service(**planned)] if planned else []
    plan = plan_of(current, *parents, SubVirtualService.from_options(REF, options))
    of_sub = [parameters for _command, parameters in calls(plan) if {"nickname", "addvia"} & set(parameters)]
    assert [set(parameters) for parameters in of_sub] == requests


# --- real servers -------------------------------------------------------------------------------------------------


def wanted_server(address: str = "192.0.2.31", **options: Any) -> RealServer:
    terms = Terms(allow_no_servers=options.pop("allow_no_servers", False))
    checked = server_table.SHAPE.checked({"virtual_service": str(REF), "address": address, **options})
    return RealServer.from_options(REF, checked, terms)


def test_adding_a_server_takes_one_call_unless_it_is_special() -> None:
    plan = plan_of(world(service()), wanted_server(weight=1000, enabled=True))
    assert calls(plan) == [("addrs", {"enable": "y", "weight": "1000"})]
    assert plan.steps[0].parameters["rsport"] == "443"
    plan = plan_of(world(service()), wanted_server(weight=10, enabled=False, non_local=True))
    assert calls(plan) == [
        ("addrs", {"enable": "n", "weight": "10", "non_local": "y"}),
        ("modrs", {"enable": "n", "weight": "10"}),
    ]


def test_changing_and_removing_a_server() -> None:
    current = world(service(Rs=[server(), server("192.0.2.32")]))
    assert not plan_of(current, wanted_server(weight=1000))
    assert calls(plan_of(current, wanted_server(weight=5, enabled=False))) == [
        ("modrs", {"enable": "n", "weight": "5"})
    ]
    assert calls(plan_of(current, wanted_server(new_port="8443"))) == [("modrs", {"newport": "8443"})]
    assert calls(plan_of(current, wanted_server(state="absent"))) == [("delrs", {})]
    assert not plan_of(current, wanted_server("192.0.2.99", state="absent"))


def test_a_server_that_is_to_move_and_is_not_there_is_made_where_it_is_to_be() -> None:
    plan = plan_of(world(service()), wanted_server(port="80", new_port="8443"))
    assert [(step.command, step.parameters["rsport"]) for step in plan.steps] == [("addrs", "8443")]


def test_a_server_that_has_moved_is_dealt_with_where_it_is() -> None:
    current = world(service(Rs=[server(port="8443")]))
    moved = {"port": "443", "new_port": "8443"}
    assert not plan_of(current, wanted_server(**moved, weight=1000))
    for more, command in (({"weight": 5}, "modrs"), ({"state": "absent", "allow_no_servers": True}, "delrs")):
        (step,) = plan_of(current, wanted_server(**moved, **more)).steps
        assert (step.command, step.parameters["rsport"]) == (command, "8443")
        assert "newport" not in step.parameters


def test_a_server_that_is_to_be_gone_from_both_ports_goes_from_the_one_it_is_at() -> None:
    current = world(service(Rs=[server(), server("192.0.2.32")]))
    (step,) = plan_of(current, wanted_server(new_port="8443", state="absent")).steps
    assert (step.command, step.parameters["rsport"]) == ("delrs", "443")


def test_rules_are_put_on_a_server_where_it_has_moved() -> None:
    rules = {"showrule": {"MatchContentRule": [{"Name": "Pictures", "Pattern": "/x/"}]}}
    current = replace(world(service(Rs=[server()])), answers=rules)
    steps = plan_of(current, wanted_server(new_port="8443", content_rules=["Pictures"])).steps
    assert [(step.command, step.parameters["rsport"]) for step in steps] == [("modrs", "443"), ("addrsrule", "8443")]


@pytest.mark.parametrize(
    ("others", "found", "sentence"),
    [
        ([{}], [server()], "is to move from port 443 to 8443, and to be at port 443 besides"),
        ([{"port": "8443"}], [server()], "more than once"),
        ([], [server(), server(port="8443")], "it exists at both. Delete one of them first."),
    ],
)
def test_a_server_moves_from_one_port_to_one_other(others: Any, found: Any, sentence: str) -> None:
    with pytest.raises(InvalidOption, match=sentence):
        plan_of(
            world(service(Rs=found)),
            wanted_server(new_port="8443"),
            *(wanted_server(**other) for other in others),
        )


def test_additions_come_before_removals() -> None:
    current = world(service(Rs=[server()]))
    plan = plan_of(current, wanted_server(state="absent"), wanted_server("192.0.2.32"))
    assert [command for command, _unused in calls(plan)] == ["addrs", "delrs"]


@pytest.mark.parametrize("change", [{"state": "absent"}, {"enabled": False}])
def test_the_last_enabled_server_stays_unless_asked(change: dict) -> None:
    current = world(service(Rs=[server(), server("192.0.2.32", Enable="N")]))
    with pytest.raises(InvalidOption, match="without an enabled real server. If that is meant, set allow_no_servers"):
        plan_of(current, wanted_server(**change))
    assert plan_of(current, wanted_server(**change, allow_no_servers=True))
    both = world(service(Rs=[server(), server("192.0.2.32")]))
    assert plan_of(both, wanted_server(**change))
    with pytest.raises(InvalidOption, match="without an enabled real server"):
        plan_of(both, wanted_server(**change), wanted_server("192.0.2.32", **change))


def test_a_server_by_name() -> None:
    current = world(service(Rs=[server("198.51.100.7", DnsName="ex1.example")]))
    assert not plan_of(current, wanted_server("EX1.example", weight=1000))
    assert not plan_of(current, wanted_server("198.51.100.7"))


def test_a_server_needs_its_service() -> None:
    with pytest.raises(InvalidOption, match="no virtual service tcp/192.0.2.25:443 to add it to"):
        plan_of(world(), wanted_server())
    assert not plan_of(world(), wanted_server(state="absent"))
    plan = plan_of(world(), wanted_service(), wanted_server())
    assert [command for command, _unused in calls(plan)] == ["addvs", "addrs"]


def test_servers_of_a_moving_service_are_added_at_its_new_place() -> None:
    moving = wanted_service(new_address="192.0.2.26")
    added = replace(wanted_server("192.0.2.32"), owner=moving.ref)
    plan = plan_of(world(service(Rs=[server()])), moving, added)
    assert [(step.command, step.parameters["vs"]) for step in plan.steps] == [
        ("modvs", "192.0.2.25"),
        ("addrs", "192.0.2.26"),
    ]


@pytest.mark.parametrize("version", ["v1", "v2"])
@given(data=st.data())
def test_the_plan_of_a_planned_server_is_empty(version: str, data: Any) -> None:
    wanted = wanted_server(**drawn(data, server_table.TABLE))
    assert not plan_of(world(service(Rs=[{**server(), **record(server_table.TABLE, wanted.options, version)}])), wanted)


# --- settings -----------------------------------------------------------------------------------------------------


def wanted_settings(**options: Any) -> Settings:
    return Settings.from_options(appliance_settings.SHAPE.checked(options))


def set_calls(plan: planning.Plan) -> list[tuple[str, Any]]:
    return [(str(step.parameters["param"]), step.parameters["value"]) for step in plan.steps if step.command == "set"]


def test_only_differences_are_set() -> None:
    current = world(hostname="lb100", snmpenable="no", nameserver=["192.0.2.53"])
    plan = plan_of(current, wanted_settings(hostname="lm1", snmp_enabled=False, dns_servers=["192.0.2.53"]))
    assert set_calls(plan) == [("hostname", "lm1")]


def test_switches_go_on_first_and_off_last() -> None:
    plan = plan_of(world(snmpenable="no"), wanted_settings(snmp_location="here", snmp_enabled=True))
    assert set_calls(plan) == [("snmpenable", "yes"), ("snmplocation", "here")]
    plan = plan_of(world(snmpenable="yes", snmplocation="x"), wanted_settings(snmp_location="", snmp_enabled=False))
    assert set_calls(plan) == [("snmplocation", ""), ("snmpenable", "no")]


def test_secrets_go_with_their_section_before_its_last_change() -> None:
    wanted = wanted_settings(email_enabled=True, email_server="mail.example", email_password="sekret", hostname="lm1")
    plan = plan_of(world(hostname="lb100", emailenable="no"), wanted)
    assert set_calls(plan) == [
        ("emailenable", "yes"),
        ("hostname", "lm1"),
        ("emailpassword", "sekret"),
        ("emailserver", "mail.example"),
    ]
    assert "sekret" not in str([step.shown() for step in plan.steps]) + str(plan.objects[0].before) + str(
        plan.objects[0].after
    )
    done = world(hostname="lm1", emailenable="yes", emailserver="mail.example", emailpassword="********")
    assert not plan_of(done, wanted)
    assert set_calls(plan_of(done, wanted_settings(email_password="x", update_secrets="always"))) == [
        ("emailpassword", "x")
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"api_enabled": False},
        {"wui_port": 8443},
        {"default_gateway": "192.0.2.1"},
        {"session_management": False},
        {"parameters": {"hamode": 1}},
    ],
)
def test_danger_is_asked_for_and_comes_last(options: dict) -> None:
    current = world(
        hostname="lb100", enableapi="yes", wuiport="443", dfltgw="192.0.2.254", sessioncontrol="yes", hamode="0"
    )
    with pytest.raises(InvalidOption, match="can cut off this very connection.*set allow_lockout"):
        plan_of(current, wanted_settings(**options))
    plan = plan_of(current, wanted_settings(**options, hostname="lm1", allow_lockout=True))
    assert set_calls(plan)[0] == ("hostname", "lm1") and len(set_calls(plan)) == 2
    assert not plan_of(world(hostname="lm1", enableapi="yes"), wanted_settings(api_enabled=True))


def test_a_syslog_host_leaves_its_level_before_it_enters_another() -> None:
    plan = plan_of(
        world(sysloginfo="192.0.2.9,192.0.2.8"), wanted_settings(syslog_error=["192.0.2.9"], syslog_info=["192.0.2.8"])
    )
    assert set_calls(plan)[0] == ("syslognone", "192.0.2.9")
    with pytest.raises(InvalidOption, match="a host can be in one level only"):
        plan_of(world(), wanted_settings(syslog_error=["a"], syslog_info=["a"]))
    with pytest.raises(InvalidOption, match="11 syslog hosts are too many"):
        plan_of(world(), wanted_settings(syslog_info=[f"h{n}" for n in range(11)]))


def test_health_timing_takes_two_calls_and_has_to_fit() -> None:
    current = world(health={"RetryInterval": "9", "Timeout": "4", "RetryCount": "2"})
    plan = plan_of(current, wanted_settings(health_check_timeout=5, health_check_retries=3, health_check_interval=16))
    assert calls(plan) == [("modhealth", {"Timeout": "5", "RetryCount": "3"}), ("modhealth", {"RetryInterval": "16"})]
    with pytest.raises(InvalidOption, match="must be at least 16"):
        plan_of(current, wanted_settings(health_check_timeout=5, health_check_retries=3, health_check_interval=15))


@pytest.mark.parametrize(
    ("value", "raw", "sent"),
    [
        (True, "no", "yes"),
        ("yes", "N", "yes"),
        (200, "100", "200"),
        ("new", "old", "new"),
        (["b", "a"], "a", "b,a"),
        ("x", None, "x"),
    ],
)
def test_other_parameters(value: Any, raw: Any, sent: str) -> None:
    current = world(**({"something": raw} if raw is not None else {}))
    assert set_calls(plan_of(current, wanted_settings(parameters={"Something": value}))) == [("Something", sent)]
    assert not plan_of(
        world(something=value if isinstance(value, list) else sent), wanted_settings(parameters={"Something": value})
    )


@pytest.mark.parametrize(
    ("name", "sentence"), [("HostName", "has an option of its own, hostname"), ("version", "can only be read")]
)
def test_parameters_that_are_not_for_the_map(name: str, sentence: str) -> None:
    with pytest.raises(InvalidOption, match=sentence):
        wanted_settings(parameters={name: "x"})


@pytest.mark.parametrize("version", ["v1", "v2"])
@given(data=st.data())
def test_the_plan_of_planned_settings_is_empty(version: str, data: Any) -> None:
    table = settings_table.TABLE
    wanted = wanted_settings(**drawn(data, table, *settings_table.SYSLOG_LEVELS))
    assert not plan_of(world(**record(table, wanted.options, version)), wanted)


@pytest.mark.parametrize("end", ["", " ", "\n"])
def test_a_template_is_found_whatever_its_name_ends_in(end: str) -> None:
    """Names of the vendor's templates end in a blank, which no option of a task can have."""
    name = f"Source_IP{end}"
    world = World(Services([]), answers={"listtemplates": {"template": [{"name": name, "comment": ""}]}})
    gone, made = (
        Template.from_options({"name": "Source_IP", **options}).plan(world, Document(()))
        for options in ({"state": "absent"}, {"virtual_service": "192.0.2.25:443"})
    )
    assert [(step.command, step.parameters["name"]) for step in gone.steps] == [("deltemplate", name)]
    assert [(step.command, step.parameters["template"]) for step in made.steps] == [("addvs", name)]


def test_what_a_program_ends_with_its_line_is_no_other_value() -> None:
    answers = {ALL_PARAMETERS: {"hostname": "lm1\n"}, "get:admincert": {"admincert": "mail\n"}}
    world = World.from_answers({**answers, "listvs": {"VS": [service(NickName="Mail ")]}})
    assert world.parameters == {"hostname": "lm1", "admincert": "mail"}
    assert world.services.find(ServiceRef(nickname="Mail")) is not None
