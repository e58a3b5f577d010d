# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to the recipes while clients are at work: no request may fail."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator

import pytest
from authority import issue
from load import Failure, Load
from site_under_test import CERTIFICATE, HOST, OFFSET, Site

VIP, VIP_L4 = 55, 56
PATHS = ["/owa/x", "/ews/Exchange.asmx", "/mapi/x", "/Microsoft-Server-ActiveSync"]
RATE = 200


@pytest.fixture(scope="module")
def site(bare_site: Site) -> Iterator[Site]:
    two = bare_site.servers[:2]
    bare_site.deploy("exchange2013_l7", **layer7(bare_site, two))
    bare_site.deploy("exchange2013_l4", exchange2013_l4_vip=bare_site.address(VIP_L4), exchange2013_l4_servers=two)
    yield bare_site


def layer7(site: Site, servers: list[str]) -> dict[str, object]:
    return {
        "exchange2013_l7_vip": site.address(VIP),
        "exchange2013_l7_servers": servers,
        "exchange2013_l7_certificate": CERTIFICATE,
        "exchange2013_l7_protocols": ["owa", "ecp", "ews", "mapi", "activesync"],
    }


def under_load(site: Site, vip: int = VIP) -> Load:
    return Load(site.address(vip), 443 + OFFSET, PATHS, rate=RATE, source=site.address(210))


def test_the_load_sees_failures(site):
    for server in site.farm.servers:
        server.break_("ews", 503)
    with under_load(site) as load:
        site.wait(lambda: site.sub(site.address(VIP), "EWS")["Status"] == "Down", "EWS is down")
    assert {failure.path for failure in load.failures} == {"/ews/Exchange.asmx"}
    assert {failure.reason for failure in load.failures} == {"status 503"}


def test_a_load_that_is_none_is_not_taken_for_one(site):
    """Too few requests, slow ones, or none that keep their connections."""
    with under_load(site) as load:
        site.wait(lambda: len(site.farm.requests) > 2 * RATE, "requests are sent")
    load.all_answered()
    for wrong in (
        {"requests": int(load.seconds * RATE / 2), "busy": 0.5},
        {"requests": int(load.seconds * 10), "busy": 1.0},
        {"slowest": 6.0},
        {"connections": load.requests},
        {"failures": [Failure(1, "/", False, "status 503", 0.0, 0.0)]},
    ):
        bad = copy.copy(load)
        vars(bad).update(wrong)
        with pytest.raises(AssertionError):
            bad.all_answered()


def test_a_client_that_ends_too_soon_is_noticed(site):
    with (
        pytest.raises(RuntimeError, match="UnicodeEncodeError"),
        Load(site.address(VIP), 443 + OFFSET, ["/owa/\u0416"]),
    ):
        time.sleep(0.5)


def test_a_server_is_added(site):
    assert "EX3" not in site.statuses(site.address(VIP), "OWA")
    with under_load(site) as load:
        site.deploy("exchange2013_l7", **layer7(site, site.servers))
        site.wait(lambda: site.healthy(site.address(VIP)), "the new server is up")
        site.wait(lambda: any(seen.server == "EX3" for seen in site.farm.requests), "the new server is asked")
    load.all_answered()
    assert set(load.servers) == {"EX1", "EX2", "EX3"}


def test_a_server_is_added_at_layer_4(site):
    with under_load(site, VIP_L4) as load:
        site.deploy(
            "exchange2013_l4",
            exchange2013_l4_vip=site.address(VIP_L4),
            exchange2013_l4_servers=site.servers,
        )
        site.wait(lambda: any(seen.server == "EX3" for seen in site.farm.requests), "the new server is asked")
    load.all_answered()


def test_a_rule_is_changed(site):
    """Which is seen by a path that is routed otherwise before and after."""
    vip = site.address(VIP)
    name = next(name for name in site.lm.state()["rules"] if name.endswith("_OWA"))
    with under_load(site) as load:
        for pattern, reaches in (("(owa|calendar)", True), ("owa", False), ("(owa|calendar|x)", True), ("owa", False)):
            assert bool(site.get(vip, "/calendar/x").server) is not reaches
            tasks = {"name": name, "kind": "match_content", "pattern": f"/^\\/{pattern}.*/", "ignore_case": True}
            run = site.playbook([{"name": "change", "kemp.loadmaster.content_rule": tasks}]).succeeded()
            assert run.changed == 1
            site.settle()
            assert bool(site.get(vip, "/calendar/x").server) is reaches
    load.all_answered()


def test_the_recipe_gets_another_rule(site):
    """A network more is let into the Admin Center, and taken away again."""
    vip, client = site.address(VIP), site.address(201)

    def allow(*networks: str) -> None:
        variables = {"exchange2013_restrict_eac_allowed_networks": ["10.0.0.0/8", *networks]}
        site.deploy("restrict_eac", **layer7(site, site.servers), **variables)
        site.settle()

    try:
        allow()
        assert not site.get(vip, "/ecp/x", client=client).server
        with under_load(site) as load:
            allow(f"{client}/32")
            assert site.get(vip, "/ecp/x", client=client).protocol == "ecp"
            allow()
            assert not site.get(vip, "/ecp/x", client=client).server
        load.all_answered()
    finally:
        off = {
            "exchange2013_restrict_eac_state": "absent",
            "exchange2013_restrict_eac_allowed_networks": ["10.0.0.0/8"],
        }
        site.deploy("restrict_eac", **layer7(site, site.servers), **off)


def test_the_certificate_is_replaced(site):
    vip = site.address(VIP)
    renewed = issue(HOST, site.authority)
    with under_load(site) as load:
        assert site.presented(vip).split() == site.certificate.pem.split()
        tasks = {"name": CERTIFICATE, "certificate": renewed.pem + renewed.key}
        site.playbook([{"name": "replace", "kemp.loadmaster.certificate": tasks, "no_log": True}]).succeeded()
        site.settle()
        assert site.presented(vip).split() == renewed.pem.split()
    load.all_answered()


def test_a_server_is_switched_off_and_on(site):
    with under_load(site) as load:
        reloads = site.lm.data_plane.reloads
        for server in ("EX1", "EX2"):
            site.lm.call("disablers", rs=site.farm[server].address)
            site.settle()
            time.sleep(0.5)  # what was on its way has arrived
            site.farm.forget()
            site.wait(lambda: len(site.farm.requests) > RATE // 2, "requests go on")
            assert server not in {seen.server for seen in site.farm.requests}
            site.lm.call("enablers", rs=site.farm[server].address)
            site.settle()
        assert site.lm.data_plane.reloads == reloads
        site.wait(lambda: len(site.farm.requests) > 2 * RATE, "requests go on")
    load.all_answered()


def test_a_server_fails_its_health_check(site):
    """Only the page fails, as when Exchange goes into maintenance: requests in flight are answered."""
    with under_load(site) as load:
        site.farm["EX2"].break_("owa", 503, page_only=True)
        site.wait(lambda: site.statuses(site.address(VIP), "OWA")["EX2"] == "Down", "it is down")
        site.farm["EX2"].repair()
        site.wait(lambda: site.healthy(site.address(VIP)), "it is back")
    load.all_answered()
