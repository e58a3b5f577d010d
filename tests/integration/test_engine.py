# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine against the emulated appliance and everything that can go wrong between the two."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from authority import issue

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.client import Client
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    AccessDenied,
    AnswerLost,
    InvalidOption,
    NotConverged,
    Refused,
    Unreachable,
    Unreadable,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.results import of_error
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import info, settings, virtual_service
from loadmaster_emulator import Emulator, Fault

PASSWORD = "secret-of-bal"
OWA = {
    "address": "192.0.2.25",
    "port": "443",
    "nickname": "owa",
    "type": "generic",
    "scheduling": "least_connection",
    "check_type": "https",
    "check_url": "/owa/healthcheck.htm",
    "real_servers": [{"address": "192.0.2.31"}, {"address": "192.0.2.32", "weight": 500}],
}
WRITES = {"addvs", "modvs", "delvs", "addrs", "modrs", "delrs", "set", "modhealth"}

Open = Callable[..., Session]


class Clock:
    """Time that passes only where someone sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(emulator: Emulator, clock: Clock) -> Iterator[Open]:
    """Open a session with the emulator; options of the connection may be changed."""
    opened: list[Session] = []

    def open_session(**changed: Any) -> Session:
        options = {
            "host": emulator.host,
            "host_port": emulator.port,
            "username": "bal",
            "password": PASSWORD,
            "fingerprint": emulator.fingerprint,
            "timeout": 5,
            **changed,
        }
        client = Client(build({k: v for k, v in options.items() if v is not None}), sleep=clock.sleep, clock=clock)
        opened.append(Session(client, sleep=clock.sleep))
        return opened[-1]

    yield open_session
    for each in opened:
        each.close()


def make(session: Session, *, check: bool = False, **options: Any) -> dict[str, Any]:
    return virtual_service.MODULE.perform({"state": "present", **options}, session, Mode(check, True))


def set_(session: Session, *, check: bool = False, **options: Any) -> dict[str, Any]:
    return settings.MODULE.perform(options, session, Mode(check, True))


# --- both versions, all firmwares -----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    "firmware",
    [
        pytest.param(name, marks=pytest.mark.emulator(firmware=name))
        for name in ("7.2.53", "7.2.54", "7.2.60", "7.2.63")
    ],
)
def test_create_again_change_again_remove_again(emulator: Emulator, session: Open, version: str, firmware: str) -> None:
    change = {**OWA, "scheduling": "round_robin", "real_servers": [{"address": "192.0.2.31", "enabled": False}]}
    gone = {"address": "192.0.2.25", "port": "443", "state": "absent"}
    for options in (OWA, change, gone):
        first = make(session(api_version=version), **options)
        assert first["changed"] and first["steps"] and first["diff"]
        second = make(session(api_version=version), **options)
        assert not second["changed"] and second["steps"] == [] and second["diff"] == []
        # An empty listing is held against the statistics
        assert second["api_calls"] == (2 if options is gone else 1)
    assert emulator.state()["services"] == {}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_every_option_of_a_service(emulator: Emulator, session: Open, version: str) -> None:
    """Each option that can stand beside the others, set at once, reads back as it was set."""
    emulator.call("addvs", vs="192.0.2.26", port=443, prot="tcp", nickname="leader")
    emulator.call("set", param="localbind", value="yes")
    options = {
        **{"address": "192.0.2.25", "port": "80", "nickname": "all", "type": "http", "enabled": False},
        **{
            "alternate_address": "192.0.2.27",
            "extra_ports": ["8080", "8443"],
            "transparent": True,
            "subnet_originating": False,
        },
        **{
            "use_address_for_snat": True,
            "persistence": "server_cookie",
            "persistence_timeout": 400,
            "persistence_cookie": "S",
        },
        **{
            "persistence_refresh": True,
            "scheduling": "weighted_least_connection",
            "idle_timeout": 0,
            "server_initiating": "other",
        },
        **{
            "quality_of_service": "pass_through",
            "multiplex_connections": True,
            "bandwidth_limit": 1,
            "connection_rate_limit": 2,
        },
        **{
            "request_rate_limit": 3,
            "connection_limit": 4,
            "transaction_limit": 5,
            "add_http_headers": "x_forwarded_for",
        },
        **{
            "copy_header_from": "A",
            "copy_header_to": "B",
            "extra_header_name": "C",
            "extra_header_value": "D",
            "cache": True,
        },
        **{
            "cache_percent": 50,
            "compress": True,
            "default_gateway": "192.0.2.1",
            "error_code": 503,
            "error_url": "/sorry",
        },
        **{"follow_service": "leader", "local_bind_addresses": ["192.0.2.28"], "sorry_server_address": "192.0.2.29"},
        **{"sorry_server_port": 80, "detect_malicious_requests": "drop_and_warn", "reschedule_on_4xx": True},
        **{
            "response_status_remap": True,
            "check_type": "http",
            "check_port": 8080,
            "check_url": "/",
            "check_use_http_1_1": True,
        },
        **{
            "check_host": "h",
            "check_method": "post",
            "check_pattern": "ok",
            "check_post_data": "x",
            "check_codes": ["404", "301"],
        },
        **{"check_headers": ["X:1", "A:2"], "enhanced_health_checks": True, "minimum_servers": 2, "check_interval": 20},
        **{
            "check_timeout": 5,
            "check_retries": 3,
            "real_servers": [{"address": "192.0.2.31"}, {"address": "192.0.2.32"}],
        },
    }
    result = make(session(api_version=version), **options)
    stored = {
        "persistence_timeout": 360,
        "idle_timeout": 660,
        "check_codes": ["301", "404"],
        "check_headers": ["A:2", "X:1"],
    }
    expected = {**options, **stored, "follow_service": "tcp/192.0.2.26:443"}
    del expected["real_servers"]
    assert {option: result["virtual_service"][option] for option in expected} == expected
    assert not make(session(api_version="v2" if version == "v1" else "v1"), **options)["changed"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_bridging_offloading_and_no_ssl(emulator: Emulator, session: Open, version: str) -> None:
    place = {"address": "192.0.2.25", "port": "443", "type": "http"}
    bridging = {
        **{
            **place,
            "ssl_acceleration": True,
            "certificates": ["mail"],
            "tls_versions": ["TLSv1.2", "TLSv1.3"],
            "cipher_set": "BestPractices",
        },
        **{
            "ssl_reencrypt": True,
            "pass_through_sni_hostname": True,
            "reencryption_sni_hostname": "mail.example",
            "client_certificates": "none",
        },
    }
    offloading = {**place, "ssl_reencrypt": False, "pass_through_sni_hostname": False, "ssl_rewrite": "https"}
    plain = {**place, "ssl_acceleration": False}
    mail = issue("mail")
    emulator.call("addcert", cert="mail", replace=0, data=base64.b64encode((mail.key + mail.pem).encode()).decode())
    for options in (bridging, offloading, bridging, plain):
        assert make(session(api_version=version), **options)["changed"]
        assert not make(session(api_version=version), **options)["changed"]
    (service,) = emulator.call("listvs")["VS"]
    assert not any(service[member] for member in ("SSLReencrypt", "PassSni", "AllowHTTP2", "ClientCert"))


def test_services_survive_renumbering(emulator: Emulator, session: Open) -> None:
    for last in (1, 2, 3):
        emulator.call("addvs", vs=f"192.0.2.{last}", port=80, prot="tcp")
    make(session(), **OWA)
    emulator.call("delvs", vs="192.0.2.1", port=80, prot="tcp")
    emulator.renumber()
    assert not make(session(), **OWA)["changed"]
    changed = make(session(), **{**OWA, "idle_timeout": 900})
    assert [step["command"] for step in changed["steps"]] == ["modvs"]
    assert emulator.state()["services"]["tcp/192.0.2.2:80"] == emulator.state()["services"]["tcp/192.0.2.3:80"]


def test_check_mode_predicts_the_run(emulator: Emulator, session: Open) -> None:
    predicted = make(session(), check=True, **OWA)
    assert not WRITES & set(emulator.journal.commands())
    done = make(session(), **OWA)
    assert (predicted["changed"], predicted["steps"], predicted["diff"]) == (
        done["changed"],
        done["steps"],
        done["diff"],
    )
    writes = [command for command in emulator.journal.commands() if command in WRITES]
    assert writes == [step["command"] for step in predicted["steps"]]


def test_what_is_cleared_together_with_what_it_needs(session: Open) -> None:
    with_host = {
        **OWA,
        "check_use_http_1_1": True,
        "check_host": "mail.example",
        "check_method": "get",
        "check_pattern": "OK",
    }
    make(session(), **with_host)
    without = {**OWA, "check_use_http_1_1": False, "check_host": ""}
    assert make(session(), **without)["virtual_service"]["check_host"] == ""
    other = {**OWA, "check_type": "tcp", "check_url": "", "check_method": "head", "check_pattern": ""}
    make(session(), **other)
    assert not make(session(), **other)["changed"]


def test_udp_and_layer_4(session: Open) -> None:
    dns = {
        "address": "192.0.2.53",
        "port": "53",
        "protocol": "udp",
        "type": "generic",
        "force_l4": True,
        "check_type": "dns",
    }
    assert make(session(), **dns)["virtual_service"]["force_l4"] is True
    assert not make(session(), **dns)["changed"]


# --- lost answers, dropped connections -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
@pytest.mark.parametrize("command", ["addvs", "addrs", "modrs"])
def test_a_lost_answer_is_looked_up_never_sent_twice(
    emulator: Emulator, session: Open, kind: str, command: str
) -> None:
    emulator.faults.add(Fault(kind, command=command))
    result = make(session(), **OWA)
    assert result["changed"]
    carried_out = [call for call in emulator.journal if call.command == command and call.carried_out]
    # Where the server turns out to have its weight already, there is nothing left to send.
    assert len(carried_out) in {"addvs": (1,), "addrs": (2,), "modrs": (0, 1)}[command]
    (service,) = emulator.call("listvs")["VS"]
    assert [(server["Addr"], server["Weight"]) for server in service["Rs"]] == [
        ("192.0.2.31", 1000),
        ("192.0.2.32", 500),
    ]
    assert not make(session(), **OWA)["changed"]


class Fickle:
    """A service that cannot be as it is wanted any more, once it is there."""

    subject = "virtual service"

    def keys(self) -> tuple[Any, ...]:
        return (("fickle",),)

    def reads(self) -> frozenset[str]:
        return frozenset({LIST_SERVICES})

    def plan(self, world: Any, document: Any) -> Any:
        if list(world.services):
            raise InvalidOption("It cannot be.")
        step = Step("addvs", {"vs": "192.0.2.25", "port": "25", "prot": "tcp"}, self.subject, "create it")
        return ObjectPlan(self.subject, (step,))

    def found(self, world: Any) -> dict[str, Any]:
        return {}


def test_a_refusal_after_a_lost_answer_says_that_something_was_changed(emulator: Emulator, session: Open) -> None:
    emulator.faults.add(Fault("drop_after", command="addvs"))
    with pytest.raises(InvalidOption) as refusal:
        session().reach(Document([Fickle()]))
    told = of_error(refusal.value)
    assert told["changed"] and told["msg"] == (
        "It cannot be. 1 step was carried out and stays; the next run goes on from there. This showed only after this step, which "
        "the LoadMaster did not carry out as planned: create it (virtual service, command addvs)."
    )
    with pytest.raises(InvalidOption) as refusal:
        session().reach(Document([Fickle()]))
    told = of_error(refusal.value)
    assert not told["changed"] and told["msg"] == "It cannot be. Nothing was changed."


def test_an_answer_that_comes_too_late_is_a_lost_one(emulator: Emulator, session: Open) -> None:
    emulator.faults.add(Fault("delay", command="addvs", seconds=1.0))
    assert make(session(timeout=0.3), **OWA)["changed"]
    assert [c.command for c in emulator.journal if c.carried_out and c.command == "addvs"] == ["addvs"]


def test_a_write_that_is_never_answered_ends_in_a_sentence(emulator: Emulator, session: Open) -> None:
    emulator.faults.add(Fault("drop_before", command="addvs", times=None))
    with pytest.raises(AnswerLost) as caught:
        make(session(), **OWA)
    assert "Could not create it (virtual service tcp/192.0.2.25:443 (owa), command addvs)" in caught.value.message
    assert not caught.value.changed
    assert emulator.state()["services"] == {}


def test_reads_are_repeated(emulator: Emulator, session: Open, clock: Clock) -> None:
    emulator.faults.add(Fault("drop_before", command="listvs", times=2))
    assert make(session(), **OWA)["changed"]
    assert len(clock.naps) == 2


def test_a_handshake_that_is_cut_off_is_tried_again(emulator: Emulator, session: Open, clock: Clock) -> None:
    emulator.faults.add(Fault("drop_handshake", times=3))
    assert make(session(), **OWA)["changed"]
    assert clock.naps[:3] == [0.5, 1.0, 2.0]
    assert emulator.journal.commands().count("addvs") == 1


def test_the_rate_limit_is_kept(emulator: Emulator, session: Open, clock: Clock) -> None:
    """A burst, then no more than the appliance allows: by the client's own clock no window holds too many calls."""
    many = [{"address": f"192.0.2.{last}"} for last in range(31, 91)]
    stamps: list[float] = []
    emulator.on_call(lambda _call: stamps.append(clock.now))
    make(session(), address="192.0.2.25", port="443", real_servers=many)
    assert len(stamps) > 60
    assert all(stamps[n + 29] - stamps[n] >= 3.0 for n in range(len(stamps) - 29))


@pytest.mark.parametrize("burst", [60])
def test_the_appliances_own_rate_limit_is_never_met(emulator: Emulator, burst: int) -> None:
    emulator.quirks.rate_limit = (30, 3.0)
    options = {
        "host": emulator.host,
        "host_port": emulator.port,
        "username": "bal",
        "password": PASSWORD,
        "fingerprint": emulator.fingerprint,
    }
    own = Session(Client(build(options)))
    result = make(
        own,
        address="192.0.2.25",
        port="443",
        real_servers=[{"address": f"192.0.2.{last}"} for last in range(31, 31 + burst)],
    )
    own.close()
    assert result["changed"] and not any(call.dropped for call in emulator.journal)


# --- refusals and silence --------------------------------------------------------------------------------------------


def test_what_is_ignored_is_told(emulator: Emulator, session: Open) -> None:
    make(session(), **OWA)
    emulator.faults.add(Fault("ignore", command="modvs", times=None))
    with pytest.raises(NotConverged) as caught:
        make(session(), **{**OWA, "idle_timeout": 900})
    assert "virtual service tcp/192.0.2.25:443 (owa): idle_timeout should be 900 but is 660" in caught.value.message
    assert caught.value.changed


@pytest.mark.emulator(firmware="7.2.53")
def test_what_an_old_firmware_lacks_is_told(session: Open) -> None:
    with pytest.raises(InvalidOption, match=r"connection_limit: this firmware .* does not know it\. It came with"):
        make(session(), **{**OWA, "connection_limit": 7})


def test_a_refusal_names_object_answer_and_status(emulator: Emulator, session: Open) -> None:
    emulator.faults.add(Fault("status", command="addrs", status=422, body="Couldn't create RS"))
    with pytest.raises(Refused) as caught:
        make(session(), **OWA)
    assert caught.value.message == (
        "Could not add it (real server 192.0.2.31:443 of virtual service tcp/192.0.2.25:443, command addrs): "
        'the LoadMaster answered "Couldn\'t create RS" (HTTP 422). 1 step was carried out and stays; the next run goes on from there.'
    )
    assert caught.value.details() == {
        "kind": "Refused",
        "command": "addrs",
        "http_status": 422,
        "answer": "Couldn't create RS",
    }
    assert make(session(), **OWA)["changed"]


@pytest.mark.parametrize("kind", ["fail_with_200"])
def test_a_failure_under_http_200_is_a_failure(emulator: Emulator, session: Open, kind: str) -> None:
    emulator.faults.add(Fault(kind, command="addvs", body="Cannot do it"))
    with pytest.raises(Refused, match="Cannot do it"):
        make(session(), **OWA)


@pytest.mark.parametrize(
    ("fault", "error", "sentence"),
    [
        (Fault("garbage"), Unreadable, "which is not a reply of the LoadMaster API"),
        (Fault("status", status=500), Refused, "HTTP 500"),
        (Fault("status", status=502), Refused, "HTTP 502"),
        (Fault("status", status=403), AccessDenied, "does not let the user bal run the command listvs"),
    ],
)
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_strange_answers(
    emulator: Emulator, session: Open, version: str, fault: Fault, error: type, sentence: str
) -> None:
    emulator.faults.add(fault)
    with pytest.raises(error) as caught:
        make(session(api_version=version), **OWA)
    assert sentence in caught.value.message


def test_leaked_headers_do_no_harm(emulator: Emulator, session: Open) -> None:
    emulator.quirks.leaked_header = True
    assert make(session(), **OWA)["changed"]
    assert set_(session(api_version="v1"), syslog_prefix="x")["changed"]


def test_a_new_service_may_be_unknown_for_a_moment(emulator: Emulator) -> None:
    emulator.quirks.showvs_delay = 0.4
    options = {
        "host": emulator.host,
        "host_port": emulator.port,
        "username": "bal",
        "password": PASSWORD,
        "fingerprint": emulator.fingerprint,
    }
    own = Session(Client(build(options)))
    assert make(own, **OWA)["changed"]
    own.close()


# --- access ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["auto", "v1", "v2"])
def test_wrong_password(emulator: Emulator, session: Open, version: str) -> None:
    with pytest.raises(AccessDenied) as caught:
        make(session(password="wrong", api_version=version), **OWA)
    assert "does not accept the credentials of the user bal (HTTP 401)" in caught.value.message
    assert len(emulator.journal) == 1


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.emulator(api_keys={"bal": ["KEYKEYKEY"]})
def test_api_key_stays_out_of_urls(emulator: Emulator, session: Open, version: str) -> None:
    assert make(session(api_key="KEYKEYKEY", username=None, password=None, api_version=version), **OWA)["changed"]
    assert not any("KEYKEYKEY" in call.raw_target for call in emulator.journal)
    with pytest.raises(AccessDenied, match="credentials of this API key"):
        make(session(api_key="WRONG", username=None, password=None, api_version=version), **OWA)


@pytest.mark.emulator(api_enabled=False)
def test_the_api_is_off(session: Open) -> None:
    with pytest.raises(AccessDenied, match="Enable API Interface"):
        make(session(), **OWA)


def test_v1_is_found_where_v2_is_not(emulator: Emulator, session: Open) -> None:
    emulator.call("set", param="sessioncontrol", value="no")
    opened = session()
    assert make(opened, **OWA)["changed"] and opened.client.version == "v1"
    with pytest.raises(AccessDenied, match="no API v2 .* Session Management"):
        make(session(api_version="v2"), **OWA)


def test_unreachable(emulator: Emulator, session: Open, clock: Clock) -> None:
    opened = session(retries=2)
    emulator.stop()
    with pytest.raises(Unreachable, match="cannot be reached \\(connection refused\\)"):
        make(opened, **OWA)
    assert clock.naps == [0.5, 1.0]
    emulator.start()


def test_unresolvable(session: Open, clock: Clock) -> None:
    with pytest.raises(Unreachable, match="The name no-such-host.invalid of the LoadMaster cannot be resolved"):
        make(session(host="no-such-host.invalid"), **OWA)
    assert clock.naps == []


def test_certificates(emulator: Emulator, session: Open) -> None:
    with pytest.raises(Unreachable) as caught:
        make(session(fingerprint=None), **OWA)
    assert "is not trusted" in caught.value.message and emulator.fingerprint in caught.value.message
    with pytest.raises(Unreachable) as caught:
        make(session(fingerprint="AB" * 32), **OWA)
    assert "not the one pinned" in caught.value.message and emulator.fingerprint in caught.value.message
    assert len(emulator.journal) == 0
    for changed in (
        {"ca_path": str(emulator.certificate_file)},
        {"validate_certs": False},
        {"fingerprint": emulator.fingerprint},
    ):
        assert "changed" in make(session(**{"fingerprint": None, **changed}), **OWA)
    for files, told in (
        ({"ca_path": "/nowhere/ca.pem"}, "ca_path cannot be used: /nowhere/ca.pem: No such file or directory"),
        ({"ca_path": "nowhere.pem"}, f"ca_path cannot be used: {Path.cwd()}/nowhere.pem: No such file or directory"),
        (
            {"ca_path": str(emulator.certificate_file), "client_cert": "/nowhere/me.pem"},
            "client_cert cannot be used: /nowhere/me.pem: No such file or directory",
        ),
    ):
        with pytest.raises(InvalidOption, match=f"The file given as {told}"):
            session(fingerprint=None, **files)


@pytest.fixture
def client_certificate(tmp_path: Path) -> Path:
    """A PEM file with key and certificate of eve; next to it, ca.pem is the authority that issued it."""
    ca = issue("CA", ca=True)
    eve = issue("eve", ca)
    (tmp_path / "ca.pem").write_text(ca.pem)
    (tmp_path / "eve.pem").write_text(eve.key + eve.pem)
    return tmp_path / "eve.pem"


def test_client_certificate(client_certificate: Path, clock: Clock) -> None:
    """It logs in to API v1, which alone takes one, and a user may do what its permissions allow."""
    lm = Emulator(users={"bal": PASSWORD, "eve": "x"}, client_ca=client_certificate.with_name("ca.pem"))
    with lm:
        lm.call("set", param="adminclientaccess", value=1)
        options = {
            "host": lm.host,
            "host_port": lm.port,
            "fingerprint": lm.fingerprint,
            "client_cert": str(client_certificate),
        }
        own = Session(Client(build(options), sleep=clock.sleep, clock=clock))
        read = {"gather_subset": ["virtual_services"], "virtual_service": None, "query": None}
        assert info.perform(read, own, Mode())["virtual_services"] == []
        assert own.client.version == "v1" and {call.user for call in lm.journal} == {"eve"}
        with pytest.raises(AccessDenied, match="does not let this client certificate run the command addvs"):
            make(own, **OWA)
        own.close()


def test_one_connection_a_session(emulator: Emulator, session: Open) -> None:
    make(session(), **OWA)
    assert emulator.handshakes == 1 and len({call.connection for call in emulator.journal}) == 1


# --- settings and info -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_settings(emulator: Emulator, session: Open, version: str) -> None:
    wanted = {
        **{
            "hostname": "lm1",
            "dns_servers": ["192.0.2.53", "192.0.2.54"],
            "search_domains": ["example.com"],
            "time_zone": "UTC",
        },
        **{"ntp_servers": ["ntp1.example", "ntp2.example"], "connection_timeout": 1800, "additional_l7_header": "none"},
        **{
            "handling_of_100_continue": "require",
            "always_check_persistence": "yes",
            "snmp_enabled": True,
            "snmp_community": "quiet",
        },
        **{
            "snmp_v3_password": "also quiet",
            "email_enabled": True,
            "email_server": "mail.example",
            "email_security": "starttls",
        },
        **{
            "syslog_info": ["192.0.2.9", "192.0.2.8"],
            "syslog_error": ["192.0.2.7"],
            "message_of_the_day": "Hello <b>you</b>",
        },
        **{
            "health_check_timeout": 5,
            "health_check_retries": 3,
            "health_check_interval": 20,
            "parameters": {"cachesize": 200},
        },
        **{
            "wui_tls_versions": ["TLSv1.2", "TLSv1.3"],
            "allow_lockout": True,
            "backup_day": "sunday",
            "snmp_location": "Zürich",
        },
    }
    predicted = set_(session(api_version=version), check=True, **wanted)
    done = set_(session(api_version=version), **wanted)
    assert (predicted["steps"], predicted["diff"]) == (done["steps"], done["diff"])
    assert "quiet" not in str(done)
    again = set_(session(api_version=version), **wanted)
    assert not again["changed"], again["steps"]
    assert again["settings"]["snmp_community"] == "********" and again["settings"]["health_check_interval"] == 20
    moved = set_(session(api_version=version), syslog_error=["192.0.2.9"], syslog_info=["192.0.2.8"])
    assert moved["changed"] and not set_(session(api_version=version), syslog_error=["192.0.2.9"])["changed"]


def test_cutting_off_the_api_on_purpose(emulator: Emulator, session: Open) -> None:
    with pytest.raises(InvalidOption, match="allow_lockout"):
        set_(session(), api_enabled=False)
    result = set_(session(), api_enabled=False, hostname="lm1", allow_lockout=True)
    assert result["changed"] and "no longer answers here" in result["warnings"][0]
    with pytest.raises(AccessDenied, match="Enable API Interface"):
        set_(session(), hostname="lm2")


def test_unknown_parameter(session: Open) -> None:
    with pytest.raises(
        Refused, match="Could not read get nosuchthing: the LoadMaster answered 'Unknown parameter value nosuchthing'"
    ):
        set_(session(), parameters={"nosuchthing": 1})


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_info(emulator: Emulator, session: Open, version: str) -> None:
    make(session(), **OWA)
    options = {"gather_subset": ["all"], "virtual_service": None, "query": "virtual_services[?status=='up'].nickname"}
    result = info.perform(options, session(api_version=version), Mode())
    (service,) = result["virtual_services"]
    assert service["status"] == "up" and [server["status"] for server in service["real_servers"]] == ["up", "up"]
    assert service["counters"]["active_connections"] == 0 and result["statistics"]["real_servers"]["total"] == 2
    assert result["settings"]["hostname"] == "lb100" and result["settings"]["parameters"]["hamode"] == "0"
    assert result["system"]["firmware"].startswith("7.2.63") and "listvs" in result["commands"]
    assert result["query_result"] == ["owa"]
    one = {"gather_subset": ["virtual_services"], "virtual_service": "owa", "query": None}
    assert len(info.perform(one, session(), Mode())["virtual_services"]) == 1
    with pytest.raises(InvalidOption, match="query is not a JMESPath expression"):
        info.perform({**options, "query": "[[["}, session(), Mode())


def test_reading_costs_no_call_an_object(emulator: Emulator, session: Open) -> None:
    for last in range(1, 30):
        emulator.call("addvs", vs=f"192.0.2.{last}", port=80, prot="tcp")
    started = time.perf_counter()
    opened = session()
    info.perform({"gather_subset": ["virtual_services"], "virtual_service": None, "query": None}, opened, Mode())
    assert opened.client.calls == 1
    assert time.perf_counter() - started < 60
