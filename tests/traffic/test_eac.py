# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The restriction of the Admin Center, by requests from inside and outside. The numbers are those of the facts."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import http2
import pytest
from site_under_test import CERTIFICATE, HOST, OFFSET, Site, trusting

VIP, EXTERNAL = 45, 46
INSIDE, OUTSIDE = 100, 201
PROTOCOLS = ["owa", "ecp", "ews", "activesync", "autodiscover"]

#: Spellings of paths that begin with the directory of the Admin Center, for a LoadMaster or for a web server.
SPELLINGS = [
    "/ecp",
    "/ecp/",
    "/ECP/",
    "/eCp/default.aspx",
    "/ecp/default.aspx?ExchClientVer=15",
    "/ecp/?rfr=owa&owaparam=modurl%3D0",
    "/%65cp/",
    "/%45%43%50/",
    "//ecp/",
    "///ECP//default.aspx",
    "/./ecp/",
    "/%2fecp/",
    "/ecp;x/",
    "/ecp%2fdefault.aspx",
    "/ecp%5cdefault.aspx",
    "/\\ecp/",
    "/ecp%00/",
    "/ecp/../ecp/",
    "https://mail.example.com/ecp/",
]
#: The same by way of a directory that is open to everybody.
DETOURS = ["/owa/../ecp/", "/owa/%2e%2e/ecp/", "/owa/..%2fecp/", "/owa/..%5cECP/", "/ews/x/../../ecp/"]

METHODS: dict[str, dict[str, Any]] = {
    "source_rules": {},
    "deny_rules": {},
    "separate_service": {"exchange2013_restrict_eac_external_vip": EXTERNAL},
}


def base(site: Site) -> dict[str, Any]:
    return {
        "exchange2013_l7_vip": site.address(VIP),
        "exchange2013_l7_servers": site.servers,
        "exchange2013_l7_certificate": CERTIFICATE,
        "exchange2013_l7_protocols": PROTOCOLS,
    }


def restrict(site: Site, method: str, **more: Any) -> None:
    variables = {
        **base(site),
        "exchange2013_restrict_eac_method": method,
        "exchange2013_restrict_eac_allowed_networks": [f"{site.address(96)}/27", "10.0.0.0/8"],
        **more,
    }
    if method == "separate_service":
        variables["exchange2013_restrict_eac_external_vip"] = site.address(EXTERNAL)
    site.deploy("restrict_eac", **variables)
    site.settle()


@pytest.fixture(scope="module")
def site(bare_site: Site) -> Iterator[Site]:
    bare_site.deploy("exchange2013_l7", **base(bare_site))
    yield bare_site


@pytest.fixture(scope="module", params=METHODS)
def method(request: pytest.FixtureRequest, site: Site) -> Iterator[str]:
    """A way to restrict the Admin Center, in force; afterwards it is taken away again."""
    restrict(site, request.param)
    yield request.param
    restrict(site, request.param, exchange2013_restrict_eac_state="absent")


@pytest.fixture
def vip(site: Site, method: str) -> str:
    """The address that the Internet sees."""
    return site.address(EXTERNAL if method == "separate_service" else VIP)


def is_kept_out(site: Site, vip: str, path: str, **more: Any) -> bool:
    """Whether a request from outside gets no answer but an error, and reaches no server as the Admin Center."""
    answer = site.outcome(vip, path, client=site.address(OUTSIDE), **more)
    reached = [seen.target for seen in site.farm.requests if seen.protocol == "ecp"]
    return (answer is None or answer.status >= 400) and reached == []


@pytest.mark.parametrize("path", SPELLINGS)
def test_fact29_from_outside_no_spelling_reaches_a_server(site, method, vip, path):
    for _unused in range(4):
        answer = site.outcome(vip, path, client=site.address(OUTSIDE))
        assert answer is None or answer.status >= 400
    assert [seen.target for seen in site.farm.requests if seen.protocol == "ecp"] == []


@pytest.mark.parametrize("path", ["/ecp", "/ECP/", "/ecp/default.aspx?ExchClientVer=15"])
def test_fact29_from_inside_it_works(site, method, path):
    for _unused in range(4):
        assert site.get(site.address(VIP), path, client=site.address(INSIDE)).protocol == "ecp"


@pytest.mark.parametrize("client", [INSIDE, OUTSIDE])
@pytest.mark.parametrize(
    "path, protocol",
    [
        ("/owa/x", "owa"),
        ("/EWS/Exchange.asmx", "ews"),
        ("/Microsoft-Server-ActiveSync", "activesync"),
        ("/autodiscover/autodiscover.xml", "autodiscover"),
        ("/", "owa"),
        ("/owa/?url=/ecp/", "owa"),
        ("/owa/a..b/x", "owa"),
        ("/owa/?to=/../ecp/", "owa"),
    ],
)
def test_fact29_everything_else_works_from_everywhere(site, method, vip, path, protocol, client):
    assert site.get(vip, path, client=site.address(client)).protocol == protocol


def test_fact29_what_a_client_says_about_itself_does_not_count(site, method, vip):
    told = {
        "X-Forwarded-For": site.address(INSIDE),
        "X-ClientSide": site.address(INSIDE),
        "src-ip": site.address(INSIDE),
    }
    answer = site.outcome(vip, "/ecp/", client=site.address(OUTSIDE), headers=told)
    assert answer is None or answer.status >= 400
    assert site.farm.requests == []


@pytest.mark.parametrize("path", DETOURS)
def test_fact29_no_detour_by_an_open_directory_gets_there(site, method, vip, path):
    """Rules see the path as it was sent, and the web server what it comes to."""
    assert is_kept_out(site, vip, path)


def test_fact29_without_the_rule_against_detours_they_get_there(site):
    """So it is that rule which keeps them out, and nothing else."""
    restrict(site, "source_rules", exchange2013_restrict_eac_detours="")
    reached = [site.get(site.address(VIP), path, client=site.address(OUTSIDE)).protocol for path in DETOURS]
    restrict(site, "source_rules", exchange2013_restrict_eac_state="absent")
    assert reached == ["ecp"] * len(DETOURS)


@pytest.mark.parametrize(
    "host", ["mail.example.com.", "MAIL.example.com", "other.example.com", "mail.example.com:443", ""]
)
def test_fact29_the_host_makes_no_difference(site, method, vip, host):
    """Neither in the request, where a trailing dot is the same name to a web server, nor in the handshake."""
    for path in ("/ecp/", f"https://{host or 'x'}/ecp/"):
        assert is_kept_out(site, vip, path, headers={"Host": host})
        assert is_kept_out(site, vip, path, headers={"Host": host}, name=host.rstrip(".") or "x")
    assert site.get(vip, "/owa/x", client=site.address(OUTSIDE), headers={"Host": host or HOST}).protocol == "owa"


@pytest.mark.parametrize("path", ["/ecp/", "/ECP/default.aspx", "/%65cp/", "//ecp/"])
def test_fact29_http2_makes_no_difference(site, method, vip, path):
    context = trusting()
    context.set_alpn_protocols(["h2"])

    def succeeds(client: int, wanted: str) -> bool:
        with contextlib.closing(site.connect(vip, client=site.address(client), context=context)) as connected:
            assert connected.selected_alpn_protocol() == "h2"  # type: ignore[attr-defined]
            return http2.succeeds(connected, HOST, wanted)

    with site.changed(vip, allowhttp2=1):
        assert not succeeds(OUTSIDE, path)
        assert site.farm.requests == []
        assert succeeds(OUTSIDE, "/owa/x")
        if method != "separate_service" and path.lower().startswith("/ecp"):
            assert succeeds(INSIDE, path)


@pytest.fixture(scope="module")
def by_ipv6(bare_site: Site) -> str:
    """A service at the one IPv6 address that every machine has, on a port that no other process with these tests has."""
    probe = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    with contextlib.closing(probe):
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 address")
        port = probe.getsockname()[1]
    variables = {**base(bare_site), "exchange2013_l7_vip": "::1", "exchange2013_l7_port": port - OFFSET}
    bare_site.deploy("exchange2013_l7", **variables, exchange2013_l7_redirect=False)
    return str(port - OFFSET)


@pytest.mark.parametrize("restriction", ["source_rules", "deny_rules"])
@pytest.mark.parametrize("network, gets_in", [("::1/128", True), ("::/64", True), ("2001:db8::/32", False)])
def test_fact29_a_client_with_an_ipv6_address_is_told_by_it(site, by_ipv6, restriction, network, gets_in):
    variables = {
        **base(site),
        "exchange2013_l7_vip": "::1",
        "exchange2013_l7_port": int(by_ipv6),
        "exchange2013_restrict_eac_port": int(by_ipv6),
        "exchange2013_restrict_eac_method": restriction,
        "exchange2013_restrict_eac_allowed_networks": [network, "10.0.0.0/8", f"{site.address(0)}/24"],
    }
    where = {"port": int(by_ipv6), "client": "::1"}
    site.wait(lambda: site.get("::1", "/owa/x", **where).protocol == "owa", "its servers are up")
    site.deploy("restrict_eac", **variables)
    try:
        site.wait(lambda: site.get("::1", "/owa/x", **where).protocol == "owa", "its servers are up")
        site.farm.forget()
        answer = site.outcome("::1", "/ecp/", **where)
        assert (answer is not None and answer.protocol == "ecp") is gets_in
        assert bool(site.farm.requests) is gets_in
    finally:
        site.deploy("restrict_eac", **variables, exchange2013_restrict_eac_state="absent")


def test_fact30_deny_patterns_can_leave_the_options_of_owa_to_everybody(site):
    vip = site.address(VIP)
    pattern = "/^\\/ecp\\/(default\\.aspx|users)/"
    restrict(site, "deny_rules", exchange2013_restrict_eac_deny_patterns=[pattern])
    try:
        outside = site.address(OUTSIDE)
        assert site.get(vip, "/ecp/PersonalSettings/x?rfr=owa", client=outside).protocol == "ecp"
        site.farm.forget()
        assert site.outcome(vip, "/ecp/default.aspx?ExchClientVer=15", client=outside) is None
        assert site.farm.requests == []
        assert site.get(vip, "/ecp/default.aspx", client=site.address(INSIDE)).protocol == "ecp"
    finally:
        restrict(site, "deny_rules", exchange2013_restrict_eac_state="absent")


def test_fact31_without_the_restriction_everybody_gets_in_again(site):
    vip = site.address(VIP)
    assert site.get(vip, "/ecp/", client=site.address(OUTSIDE)).protocol == "ecp"
    restrict(site, "source_rules")
    site.farm.forget()
    site.outcome(vip, "/ecp/", client=site.address(OUTSIDE))
    assert site.farm.requests == []
    restrict(site, "source_rules", exchange2013_restrict_eac_state="absent")
    assert site.get(vip, "/ecp/", client=site.address(OUTSIDE)).protocol == "ecp"


def test_fact31_rules_in_the_wrong_order_do_not_deny(site):
    """Why the order matters: the deny rule looks for a flag that the rule for the networks has to set before."""
    vip = site.address(VIP)
    restrict(site, "deny_rules")
    try:
        index = site.service(vip)["Index"]
        deny = next(name for name in site.service(vip)["PreProcessRules"] if name.endswith("Deny1"))
        site.lm.call("modvs", vs=index, preprocprecedence=deny, preprocprecedencepos=1)
        site.settle()
        assert site.outcome(vip, "/ecp/", client=site.address(INSIDE)) is None
        restrict(site, "deny_rules")
        assert site.get(vip, "/ecp/", client=site.address(INSIDE)).protocol == "ecp"
    finally:
        restrict(site, "deny_rules", exchange2013_restrict_eac_state="absent")
