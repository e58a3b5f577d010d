# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration as HAProxy's: what is written for a setting, and what is refused."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_certificates import pem

from loadmaster_emulator import ApiError, Emulator, Places
from loadmaster_emulator.data_plane import global_parameters
from loadmaster_emulator.data_plane.encryption import FOLDER
from loadmaster_emulator.data_plane.render import DEFAULTS, Rendered, render
from loadmaster_emulator.data_plane.words import Inexpressible
from loadmaster_emulator.parameters import PARAMETERS, Form

PLACE = {"vs": "127.0.0.1", "port": 8443, "prot": "tcp"}
HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


class Appliance:
    """An appliance to configure, without anyone that listens."""

    def __init__(self) -> None:
        self.lm = Emulator()
        self.call = self.lm.call

    def service(self, **settings: object) -> int:
        """Make a service of the type http, or of the one that is given."""
        made = self.call("addvs", **PLACE, vstype=settings.pop("vstype", "http"))["Index"]
        if settings:
            self.call("modvs", vs=made, **settings)
        return made

    def server(self, index: int, number: int = 1, **settings: object) -> str:
        """Add a server to a service; its RsIndex."""
        place = {"vs": index, "rs": f"10.0.0.{number}", "rsport": 80}
        made = self.call("addrs", **place)["Rs"][0]["RsIndex"]
        if settings:
            self.call("modrs", **place, **settings)
        return f"!{made}"

    def sub(self, index: int, name: str) -> tuple[int, str]:
        """Add a SubVS: its index, and its place in the parent."""
        slot = self.call("modvs", vs=index, createsubvs="")["SubVS"][-1]
        self.call("modvs", vs=slot["VSIndex"], nickname=name)
        return slot["VSIndex"], f"!{slot['RsIndex']}"

    def rendered(self, places: Places | None = None, speed: float = 1.0) -> Rendered:
        own = pem("own.example.com").decode()
        configuration = self.lm._appliance.configuration
        names = {name for vs in configuration.services for name in str(vs.settings["CertFile"]).split()}
        return render(configuration, places or Places(), speed, {name: own for name in names if len(name) == 32})

    def lines(self, **more: Any) -> list[str]:
        return [line.strip() for line in self.rendered(**more).text.splitlines()]


@pytest.fixture
def lm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Appliance]:
    """An appliance; what it has in the end is something that HAProxy takes, unless the test is about refusals."""
    appliance = Appliance()
    yield appliance
    if HAPROXY is None or "refused" in request.node.name:
        return
    rendered = appliance.rendered()
    if not rendered.listeners:
        return
    for name, text in rendered.files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "haproxy.cfg").write_text(f"global\n    setenv {FOLDER} {tmp_path}\n{DEFAULTS}{rendered.text}")
    command = [HAPROXY, "-c", "-f", str(tmp_path / "haproxy.cfg")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + rendered.text


# -- services ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings, line",
    [
        ({}, "mode http"),
        ({"vstype": "gen"}, "mode tcp"),
        ({"vstype": "gen"}, "tcp-request content accept if { req.len gt 0 }"),
        ({"idletime": 40}, "timeout client 40s"),
        ({"idletime": 40}, "timeout server 40s"),
        ({"schedule": "rr"}, "balance roundrobin"),
        ({"schedule": "wlc"}, "balance leastconn"),
        ({"schedule": "sh"}, "balance source"),
        ({"schedule": "fixed"}, "balance first"),
        ({}, "http-reuse never"),
        ({"multiconnect": 1}, "http-reuse always"),
        ({"maxconnslimit": 7}, "tcp-request connection reject if { fe_conn gt 7 }"),
        ({"connspersecLimit": 8}, "tcp-request connection reject if { fe_sess_rate ge 8 }"),
        ({"requestspersecLimit": 9}, "http-request reject if { fe_req_rate gt 9 }"),
        ({"transparent": 1}, "source 0.0.0.0 usesrc clientip"),
        ({"subnetoriginating": 0}, "source 127.0.0.1"),
        ({"extrahdrkey": "X-One", "extrahdrvalue": "50% 'x'"}, "http-request set-header X-One '50%% '\\''x'\\'''"),
        (
            {"errorcode": 404},
            "http-request return status 404 content-type text/plain string 'No server for this request'",
        ),
        (
            {"errorcode": 302, "errorurl": "https://%h/x%s"},
            "http-request redirect location 'https://%[req.hdr(host)]/x%[pathq]' code 302",
        ),
    ],
)
def test_a_setting_becomes_a_line(lm, settings, line):
    lm.server(lm.service(**settings))
    assert line in lm.lines()


def test_a_server_initiated_service_does_not_wait_for_the_client(lm):
    lm.server(lm.service(vstype="gen", serverinit=1))
    assert not [line for line in lm.lines() if line.startswith("tcp-request content")]


@pytest.mark.parametrize(
    "settings, lines",
    [
        ({"checktype": "none"}, []),
        ({"checktype": "tcp"}, []),
        ({"checktype": "smtp"}, ["option tcp-check", "tcp-check expect rstring ^220"]),
        ({"checktype": "imap"}, ["option tcp-check", r"tcp-check expect rstring ^\*\x20OK"]),
        ({"checktype": "pop3"}, ["option tcp-check", r"tcp-check expect rstring ^\+OK"]),
        (
            {"checktype": "https", "checkurl": "/a b"},
            [
                "option httpchk",
                "http-check send meth HEAD uri '/a b' ver HTTP/1.0",
                "http-check expect status 200-299,301,302,401",
            ],
        ),
        (
            {"checktype": "http", "checkuseget": 1, "checkpattern": "200 OK", "checkcodes": "404 503"},
            [
                "option httpchk",
                "http-check send meth GET uri '/' ver HTTP/1.0",
                "http-check expect status 200-299,404,503",
                "http-check expect string '200 OK'",
            ],
        ),
        (
            {"checktype": "http", "checkuse1.1": 1, "checkhost": "mail.example.com", "checkheaders": "A:1|B:2"},
            [
                "option httpchk",
                "http-check send meth HEAD uri '/' ver HTTP/1.1 hdr Host 'mail.example.com' hdr Connection close "
                "hdr A '1' hdr B '2'",
                "http-check expect status 200-299,301,302,401",
            ],
        ),
        *(
            (
                {"checktype": "http", "checkurl": "/a%20b", "checkheaders": headers},
                [
                    "option httpchk",
                    f"http-check send meth HEAD uri '/a%20b' ver HTTP/1.0 {words}",
                    "http-check expect status 200-299,301,302,401",
                ],
            )
            for headers, words in (
                ("User-Agent:Foo Bar 50%", "hdr User-Agent 'Foo Bar 50%%'"),
                ("User-Agent:Foo Bar|X-Two: 2 x:y", "hdr User-Agent 'Foo Bar' hdr X-Two '2 x:y'"),
                ("X-One:1 X-Two:2", "hdr X-One '1' hdr X-Two '2'"),
            )
        ),
    ],
)
def test_a_health_check_becomes_lines(lm, settings, lines):
    lm.server(lm.service(**settings))
    words = ("option httpchk", "option tcp-check", "http-check", "tcp-check")
    assert [line for line in lm.lines() if line.startswith(words)] == lines


def test_the_times_of_health_checks_are_divided_by_the_speed(lm):
    lm.server(lm.service(checktype="tcp"))
    assert any("inter 9000 fastinter 4000 fall 2 rise 1" in line for line in lm.lines())
    assert "timeout check 4000" in lm.lines()
    assert any("inter 900 fastinter 400 fall 2 rise 1" in line for line in lm.lines(speed=10))
    assert "timeout check 2000" in lm.lines(speed=10)
    lm.call("modvs", vs=1, chkinterval=30, chktimeout=5, chkretrycount=3)
    assert any("inter 30000 fastinter 5000 fall 3 rise 1" in line for line in lm.lines())


@pytest.mark.parametrize(
    "schedule, weights, expected",
    [
        ("wrr", (1000, 1000), (1, 1)),
        ("wrr", (1000, 500, 250), (4, 2, 1)),
        ("wlc", (65535, 1), (256, 1)),
        ("rr", (1000, 500), (1, 1)),
    ],
)
def test_weights_keep_their_proportions(lm, schedule, weights, expected):
    index = lm.service(schedule=schedule)
    for number, weight in enumerate(weights, start=1):
        lm.server(index, number, weight=weight)
    found = [line.split(" weight ")[1].split()[0] for line in lm.lines() if line.startswith("server rs-")]
    assert tuple(map(int, found)) == expected


def test_every_mention_of_a_server_drops_its_connections_where_that_is_asked_for(lm):
    index = lm.service()
    lm.call("addrule", name="a", pattern="a")
    lm.call("addrsrule", vs=index, rs=lm.server(index), rule="a")
    for value in (0, 1):
        lm.call("set", param="droponfail", value=value)
        found = [line for line in lm.lines() if line.startswith("server rs-")]
        assert sorted(" track " in line for line in found) == [False, True]
        assert {line.endswith("on-marked-down shutdown-sessions") for line in found} == {bool(value)}


def test_limits_of_servers(lm):
    lm.server(lm.service(), limit=25)
    assert any(line.endswith("maxconn 25") for line in lm.lines())


def test_a_disabled_server_changes_nothing_in_the_text(lm):
    lm.server(lm.service())
    before = lm.rendered()
    lm.call("disablers", rs="10.0.0.1")
    after = lm.rendered()
    assert before.text == after.text
    assert [entry.enabled for entry in before.servers + after.servers] == [True, False]


def test_a_disabled_service_listens_nowhere(lm):
    index = lm.service()
    assert lm.rendered().listeners
    lm.call("modvs", vs=index, enable=0)
    assert not lm.rendered().listeners


def test_a_service_whose_subvss_are_all_disabled_serves_nothing(lm):
    index = lm.service()
    sub, slot = lm.sub(index, "A")
    lm.server(sub)
    assert [entry.name for entry in lm.rendered().servers] == ["rs-2-10.0.0.1:80"]
    lm.call("modrs", vs=index, rs=slot, enable=0)
    assert lm.rendered().servers == []
    assert not [line for line in lm.lines() if line.startswith("use_backend")]


def test_indexes_do_not_show(lm):
    lm.service()
    lm.call("addvs", vs="127.0.0.1", port=81, prot="tcp")
    lm.call("delvs", vs=1)
    before = lm.rendered().text
    lm.lm.renumber()
    assert lm.rendered().text == before


# -- TLS --------------------------------------------------------------------------------------------------------


def test_tls_versions_and_ciphers(lm):
    lm.service(sslacceleration=1)
    bind = next(line for line in lm.lines() if line.startswith("bind "))
    assert "ssl-min-ver TLSv1.1 ssl-max-ver TLSv1.3" in bind
    assert "@SECLEVEL=0" in bind
    lm.call("modvs", vs=1, tlstype=7, cipherset="BestPractices", allowhttp2=1)
    bind = next(line for line in lm.lines() if line.startswith("bind "))
    assert "ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.3" in bind
    assert "@SECLEVEL=0" not in bind
    assert "alpn h2,http/1.1" in bind


def test_certificates_are_in_files_that_are_named_by_their_contents(lm):
    lm.call("addcert", cert="one", replace=0, data=pem("one.example.com"))
    lm.service(sslacceleration=1, certfile="one")
    (first,) = lm.rendered().files
    assert "PRIVATE KEY" in lm.rendered().files[first]
    assert "PRIVATE KEY" not in lm.rendered().text
    lm.call("addcert", cert="one", replace=1, data=pem("one.example.com"))
    (second,) = lm.rendered().files
    assert first != second


@pytest.mark.parametrize("reencrypt", [0, 1])
def test_servers_are_spoken_to_by_tls_where_it_is_made_again(lm, reencrypt):
    lm.server(lm.service(sslacceleration=1, sslreencrypt=reencrypt))
    line = next(line for line in lm.lines() if line.startswith("server rs-"))
    assert (" ssl verify none" in line) is bool(reencrypt)


# -- rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, condition",
    [
        ({"pattern": r"/^\/owa.*/", "nocase": 1}, r"{ path -i -m reg -- '^\/owa.*' }"),
        ({"pattern": "^/a b$"}, "{ path -m reg -- '^/a b$' }"),
        ({"pattern": "/owa", "matchtype": "prefix"}, "{ path -m beg -- '/owa' }"),
        ({"pattern": ".gif", "matchtype": "postfix", "negate": 1}, "!{ path -m end -- '.gif' }"),
        ({"pattern": "x", "incquery": 1}, "{ pathq -m reg -- 'x' }"),
        ({"pattern": "x", "inchost": 1}, "{ base -m reg -- 'x' }"),
        ({"pattern": "x", "inchost": 1, "incquery": 1}, "{ var(txn.whole_url) -m reg -- 'x' }"),
        ({"pattern": "x'y", "header": "User-Agent"}, "{ req.fhdr(User-Agent) -m reg -- 'x'\\''y' }"),
        ({"pattern": r"/^10\./", "header": "src-ip"}, r"{ src -m reg -- '^10\.' }"),
        ({"pattern": "x", "onlyonflag": 2}, "{ var(txn.flag2) -m bool } { path -m reg -- 'x' }"),
        ({"pattern": "x", "onlyonnoflag": 3}, "!{ var(txn.flag3) -m bool } { path -m reg -- 'x' }"),
    ],
)
def test_a_rule_becomes_a_condition(lm, rule, condition):
    index = lm.service()
    lm.call("addrule", name="r", type=0, **rule)
    sub, slot = lm.sub(index, "A")
    lm.call("addrsrule", vs=index, rs=slot, rule="r")
    lm.server(sub)
    chosen = f"http-request set-var(txn.sub) str(sub-{slot[1:]}) if !{{ var(txn.sub) -m found }} {condition}"
    assert chosen in lm.lines()


def test_flags_are_set_after_they_are_looked_at(lm):
    index = lm.service()
    lm.server(index)
    lm.call("addrule", name="first", pattern="a", setonmatch=1)
    lm.call("addrule", name="second", pattern="b", onlyonnoflag=1, mustfail=1)
    for name in ("first", "second"):
        lm.call("addprerule", vs=index, rule=name)
    lines = lm.lines()
    setting = lines.index("http-request set-var(txn.flag1) bool(true) if { path -m reg -- 'a' }")
    failing = lines.index("http-request reject if !{ var(txn.flag1) -m bool } { path -m reg -- 'b' }")
    assert setting < failing


@pytest.mark.parametrize(
    "rule, line",
    [
        ({"type": 1, "header": "X-A", "replacement": "1% \\x"}, "http-request add-header X-A '1%% \\x'"),
        ({"type": 2, "pattern": "Cookie"}, "http-request del-header Cookie"),
        (
            {"type": 3, "header": "Host", "pattern": r"/(\w+)\.old/", "replacement": r"\1.new"},
            r"http-request replace-header Host '^(.*?)(?:(\w+)\.old)(.*)$' '\1\2.new\3'",
        ),
        (
            {"type": 4, "pattern": r"/^\/$/", "replacement": "/owa/"},
            r"http-request replace-path '^(.*?)(?:^\/$)(.*)$' '\1/owa/\2'",
        ),
        (
            {"type": 4, "pattern": "x", "replacement": "y", "onlyonflag": 1},
            r"http-request replace-path '^(.*?)(?:x)(.*)$' '\1y\2' if { var(txn.flag1) -m bool }",
        ),
    ],
)
def test_a_rule_for_requests_becomes_a_line(lm, rule, line):
    index = lm.service()
    lm.server(index)
    lm.call("addrule", name="r", **rule)
    lm.call("addrequestrule", vs=index, rule="r")
    assert line in lm.lines()


def test_servers_with_different_rules_are_chosen_among_by_what_matches(lm):
    index = lm.service()
    one, two = lm.server(index, 1), lm.server(index, 2)
    lm.call("addrule", name="a", pattern="a")
    lm.call("addrule", name="b", pattern="b")
    lm.call("addrsrule", vs=index, rs=one, rule="a")
    assert [entry.name for entry in lm.rendered().servers if entry.follows] == ["rs-1-10.0.0.1:80"]
    lm.call("addrsrule", vs=index, rs=two, rule="b")
    sections = [line.split()[1] for line in lm.lines() if line.startswith("use_backend")]
    pool = "pool-tcp-127.0.0.1:8443"
    assert sections == [f"{pool}.1-2", f"{pool}.1", f"{pool}.2"]


def test_the_built_in_rule_takes_what_no_other_one_matches(lm):
    """Requests for SubVSs, and for servers of a service: the other rules come first, wherever the built-in one is."""
    index = lm.service()
    (_first, first), (second, other) = lm.sub(index, "first"), lm.sub(index, "second")
    lm.call("addrule", name="a", pattern="a")
    lm.call("addrule", name="b", pattern="b")
    lm.call("addrsrule", vs=index, rs=first, rule="default")
    lm.call("addrsrule", vs=index, rs=other, rule="a")
    servers = [lm.server(second, number) for number in (1, 2)]
    for server, rule in zip(servers, ("default", "b"), strict=True):
        lm.call("addrsrule", vs=second, rs=server, rule=rule)
    subs = [line for line in lm.lines() if "set-var(txn.sub)" in line]
    assert len(subs) == 2
    assert subs[0].endswith("{ path -m reg -- 'a' }") and subs[1].endswith("if !{ var(txn.sub) -m found }")
    last, chosen = [line for line in lm.lines() if "txn.unmatched" in line]
    assert last.count("!{ var(txn.of_") == 2 and "txn.sub" in last
    assert chosen.startswith(f"http-request set-var(txn.of_{servers[0][1:]}) bool(true)")


# -- places -----------------------------------------------------------------------------------------------------


def test_addresses_and_ports_are_mapped(lm):
    lm.server(lm.service(checktype="tcp", checkport=81))
    places = Places({"127.0.0.1": "127.9.9.9", "10.0.0.1": "127.9.9.1"}, port_offset=20000, server_port_offset=30000)
    lines = lm.lines(places=places)
    assert "bind 127.9.9.9:28443" in lines
    assert any(line.startswith("server rs-1-10.0.0.1:80 127.9.9.1:30080 ") and " port 30081" in line for line in lines)
    with pytest.raises(Inexpressible):
        lm.rendered(Places(port_offset=60000))
    with pytest.raises(ValueError):
        Places({"here": "127.0.0.1"})


# -- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings, what",
    [
        ({"vstype": "tls"}, "the type tls"),
        ({"persist": "src"}, "Persist src"),
        ({"checktype": "icmp"}, "the check type icmp"),
        ({"schedule": "dl"}, "the scheduling method dl"),
        ({"schedule": "adaptive"}, "Adaptive http_rs"),
        ({"intercept": 1}, "Intercept True"),
        ({"cache": 1}, "Cache True"),
        ({"bandwidth": 10}, "Bandwidth 10"),
        ({"extraports": "81"}, "ExtraPorts 81"),
        ({"espenabled": 1}, "EspEnabled True"),
        ({"sslacceleration": 1, "tlstype": 2}, "SSLv3"),
        ({"sslacceleration": 1, "tlstype": 9}, "TlsType 9"),
        ({"sslacceleration": 1, "clientcert": 2}, "ClientCert 2"),
        *(
            ({"vstype": "gen", name: value}, f"{shown} {value} for what is not of the type http")
            for name, shown, value in (
                ("errorcode", "ErrorCode", 404),
                ("requestsperseclimit", "RequestsPerSecLimit", 9),
                ("extrahdrkey", "ExtraHdrKey", "X-One"),
                ("extrahdrvalue", "ExtraHdrValue", "1"),
                ("copyhdrfrom", "CopyHdrFrom", "X-One"),
                ("copyhdrto", "CopyHdrTo", "X-One"),
                ("errorurl", "ErrorUrl", "/x"),
            )
        ),
        ({"serverinit": 1}, "ServerInit 1 for the type http"),
        ({"vstype": "gen", "forcel7": 0, "sslacceleration": 1}, "SSLAcceleration at layer 4"),
        ({"checktype": "http", "checkheaders": "Name"}, "'Name' in CheckHeaders"),
        ({"checktype": "http", "checkheaders": "X#y:1"}, "'X#y' is no name of a header"),
    ],
)
def test_refused_settings_say_where_and_what(lm, settings, what):
    lm.server(lm.service(**settings))
    with pytest.raises(Inexpressible) as caught:
        lm.rendered()
    assert "tcp/127.0.0.1:8443" in caught.value.where
    assert what in caught.value.what
    assert isinstance(caught.value, ApiError)


@pytest.mark.parametrize(
    "rule, command",
    [
        ({"type": 0, "pattern": "x", "header": "body"}, "addprerule"),
        ({"type": 0, "pattern": "x("}, "addprerule"),
        ({"type": 1, "header": "X#y", "replacement": "y"}, "addrequestrule"),
        ({"type": 2, "pattern": "X'y"}, "addrequestrule"),
        ({"type": 0, "pattern": "x", "header": "X#y"}, "addprerule"),
        ({"type": 5, "pattern": "x", "replacement": "y"}, "addresponsebodyrule"),
        ({"type": 4, "pattern": "x", "replacement": "y"}, "addresponserule"),
        ({"type": 3, "header": "A", "pattern": "x", "replacement": r"\1"}, "addrequestrule"),
    ],
)
def test_refused_rules(lm, rule, command):
    index = lm.service()
    lm.call("addrule", name="r", **rule)
    lm.call(command, vs=index, rule="r")
    with pytest.raises(Inexpressible):
        lm.rendered()


@pytest.mark.parametrize("limit", ["MaxConnsLimit", "ConnsPerSecLimit", "RequestsPerSecLimit"])
def test_refused_limits_of_subvss(lm, limit):
    sub, _slot = lm.sub(lm.service(), "A")
    lm.call("modvs", vs=sub, **{limit.lower(): 9})
    with pytest.raises(Inexpressible, match=f"SubVS A of tcp/127.0.0.1:8443: {limit} 9 for a SubVS"):
        lm.rendered()


def test_refused_weights_of_subvss_without_rules(lm):
    index = lm.service()
    _sub, slot = lm.sub(index, "A")
    lm.sub(index, "B")
    lm.rendered()
    lm.call("modrs", vs=index, rs=slot, weight=2000)
    with pytest.raises(Inexpressible, match="different weights of SubVSs without rules"):
        lm.rendered()


#: A value of each that a new appliance does not have.
CHANGED = {
    Form.FLAG: lambda row: int(not row.default),
    Form.NUMBER: lambda row: {"dhkeysize": 4096, "expect100": 1, "authpostwait": 1000}.get(row.name, 1),
    Form.TEXT: lambda _row: "BestPractices",
}


@pytest.mark.parametrize("name", sorted(global_parameters.REFUSED))
def test_refused_global_parameters(lm, name):
    lm.service()
    lm.rendered()
    row = next(row for row in PARAMETERS if row.name == name)
    lm.call("set", param=name, value=CHANGED[row.form](row))
    with pytest.raises(Inexpressible, match=f"global parameters: {name} "):
        lm.rendered()


def test_every_global_parameter_is_one_of_three_kinds():
    """One that is new is refused until someone says what it means for the traffic."""
    unnoticed = [name for names in global_parameters.WITHOUT_EFFECT.values() for name in names.split()]
    every = {row.name for row in PARAMETERS if row.form is not Form.LIVE}
    assert len(unnoticed) == len(set(unnoticed))
    assert not global_parameters.EXPRESSED & set(unnoticed)
    assert set(unnoticed) | global_parameters.EXPRESSED <= every
    for name in (
        "expect100",
        "rfcconform",
        "closeonerror",
        "allowemptyposts",
        "L7NTLMProxy",
        "MaxConnsLimit",
        "transparent",
    ):
        assert name in global_parameters.REFUSED


def test_a_global_parameter_without_effect_changes_nothing(lm):
    """Those that the settings for Exchange and the maintenance of servers change are among them."""
    lm.server(lm.service())
    before = lm.rendered().text
    for name, value in {
        "conntimeout": 1800,
        "finalpersist": 0,
        "alwayspersist": 1,
        "localbind": 1,
        "ntphost": "x",
    }.items():
        lm.call("set", param=name, value=value)
    assert lm.rendered().text == before


@pytest.mark.parametrize(
    "name, value, settings, line, is_there",
    [
        (
            "SendRateLimitError",
            1,
            {"requestspersecLimit": 9},
            "http-request deny deny_status 429 if { fe_req_rate gt 9 }",
            1,
        ),
        (
            "SendRateLimitError",
            2,
            {"requestspersecLimit": 9},
            "http-request deny deny_status 503 if { fe_req_rate gt 9 }",
            1,
        ),
        ("subnetorigin", 1, {"subnetoriginating": 0}, "source 127.0.0.1", 0),
        ("subnetoriginating", 1, {"subnetoriginating": 0}, "source 127.0.0.1", 0),
        ("subnetorigin", 0, {"subnetoriginating": 0}, "source 127.0.0.1", 1),
        ("addforwardheader", 1, {}, "http-request add-header X-Forwarded-For %[src]", 1),
        ("addforwardheader", 2, {}, "http-request add-header X-Forwarded-For %[src]", 0),
        ("hostname", "lm7", {"addvia": 6}, "http-request add-header Via '1.1 lm7'", 1),
    ],
)
def test_a_global_parameter_becomes_a_line(lm, name, value, settings, line, is_there):
    lm.server(lm.service(**settings))
    lm.call("set", param=name, value=value)
    assert (line in lm.lines()) is bool(is_there)


def test_pre_processing_rules_of_a_subvs_are_about_its_requests(lm):
    index = lm.service()
    subs = {name: lm.sub(index, name) for name in "AB"}
    for name, (sub, slot) in subs.items():
        lm.call("addrule", name=name, pattern=name)
        lm.call("addrsrule", vs=index, rs=slot, rule=name)
        lm.server(sub)
    lm.call("addrule", name="flag", pattern="f", setonmatch=1)
    lm.call("addrule", name="deny", pattern="d", mustfail=1)
    for rule in ("flag", "deny"):
        lm.call("addprerule", vs=subs["A"][0], rule=rule)
    chosen = f"{{ var(txn.sub) -m str sub-{subs['A'][1][1:]} }}"
    lines = lm.lines()
    assert f"http-request set-var(txn.flag1) bool(true) if {chosen} {{ path -m reg -- 'f' }}" in lines
    assert f"http-request reject if {chosen} {{ path -m reg -- 'd' }}" in lines


def test_refused_udp(lm):
    lm.call("addvs", vs="127.0.0.1", port=53, prot="udp")
    with pytest.raises(Inexpressible):
        lm.rendered()


def test_subvss_without_rules_share_the_requests(lm):
    index = lm.service()
    subs = [lm.sub(index, name)[0] for name in "AB"]
    for number, sub in enumerate(subs, start=1):
        lm.server(sub, number)
    lines = lm.lines()
    assert "http-request set-var(txn.lot) rand(2)" in lines
    chosen = [line for line in lines if line.startswith("http-request set-var(txn.sub)")]
    assert [line.partition(" if ")[2] for line in chosen] == [f"{{ var(txn.lot) -m int {lot} }}" for lot in (0, 1)]
    assert len({line.partition(" if ")[0] for line in chosen}) == len(subs)
