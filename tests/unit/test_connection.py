# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the LoadMaster is, who logs in, and which source wins."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import Situation, build, locate
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption

LM = {"ansible_host": "192.0.2.5", "ansible_port": 8443, "ansible_user": "bal", "ansible_password": "of-the-host"}
EXCHANGE = {"ansible_host": "192.0.2.31", "ansible_user": "administrator", "ansible_password": "of-windows"}
MARK = {"ansible_network_os": "kemp.loadmaster.loadmaster"}
ENV = {"LOADMASTER_HOST": "192.0.2.9", "LOADMASTER_USERNAME": "env", "LOADMASTER_PASSWORD": "of-the-environment"}


def at(host: str = "lm1", variables: dict[str, Any] | None = None, **more: Any) -> tuple[str, dict[str, Any]]:
    situation = {"options": {}, "environ": {}, **more}
    return locate(Situation(host=host, variables=LM if variables is None else variables, **situation))


def test_order_of_the_sources() -> None:
    everything = {
        "options": {"username": "option", "password": "p1"},
        "variables": {**LM, "loadmaster_username": "variable", "loadmaster_password": "p2"},
        "environ": {**ENV, "ANSIBLE_NET_USERNAME": "net", "ANSIBLE_NET_PASSWORD": "p5"},
    }
    expected = [
        ("option", "p1"),
        ("variable", "p2"),
        ("bal", "of-the-host"),
        ("env", "of-the-environment"),
        ("net", "p5"),
    ]
    for login in expected:
        _place, options = at(**everything)
        assert (options["username"], options["password"]) == login
        # Take the winner away and look again.
        if login[0] == "option":
            everything["options"] = {}
        elif login[0] == "variable":
            everything["variables"] = dict(LM)
        elif login[0] == "bal":
            everything["variables"] = {"ansible_host": "192.0.2.5"}
        elif login[0] == "env":
            everything["environ"] = {"ANSIBLE_NET_USERNAME": "net", "ANSIBLE_NET_PASSWORD": "p5"}


def test_the_inventory_name_is_the_last_resort_for_the_address() -> None:
    assert at(variables={})[1]["host"] == "lm1"
    assert at()[1]["host"] == "192.0.2.5"
    assert at()[1]["host_port"] == 8443
    assert at(variables={**LM, "loadmaster_host": "192.0.2.6", "loadmaster_port": 444})[1]["host_port"] == 444


def test_login_is_taken_as_a_whole() -> None:
    """A key in the environment does not overrule a password in the task; a user name does not stray to another's password."""
    _place, options = at(options={"password": "p"}, environ={"LOADMASTER_API_KEY": "key"})
    assert "api_key" not in options and options["password"] == "p" and options["username"] == "bal"
    _place, options = at(variables={"ansible_user": "someone"}, environ=ENV)
    assert (options["username"], options["password"]) == ("env", "of-the-environment")
    _place, options = at(options={"username": "stated"}, variables={}, environ=ENV)
    assert (options["username"], options["password"]) == ("stated", "of-the-environment")


def test_an_option_that_names_another_host_gets_no_login_of_this_one() -> None:
    place, options = at(options={"host": "192.0.2.99"}, environ=ENV)
    assert place == "lm1"
    assert (options["username"], options["password"]) == ("env", "of-the-environment")
    place, options = at(options={"host": "192.0.2.5"})
    assert place == "" and options["password"] == "of-the-host"


@pytest.mark.parametrize(
    ("host", "variables", "more", "place", "address"),
    [
        # On the LoadMaster itself, and on localhost, the task runs here.
        ("lm1", LM, {}, "", "192.0.2.5"),
        ("localhost", {"ansible_host": "127.0.0.1"}, {"environ": ENV}, "", "192.0.2.9"),
        ("localhost", {}, {"options": {"host": "192.0.2.7"}}, "", "192.0.2.7"),
        ("localhost", {"loadmaster_host": "192.0.2.8"}, {}, "", "192.0.2.8"),
        # Delegated to localhost out of habit.
        ("lm1", LM, {"delegate": "localhost"}, "", "192.0.2.5"),
        ("lm1", {**LM, **MARK}, {"delegate": "localhost", "environ": ENV}, "", "192.0.2.5"),
        ("exchange1", EXCHANGE, {"delegate": "localhost", "environ": ENV}, "", "192.0.2.9"),
        # Delegated to the LoadMaster.
        ("exchange1", EXCHANGE, {"delegate": "lm1", "delegated": {**LM, **MARK}}, "", "192.0.2.5"),
        ("exchange1", EXCHANGE, {"delegate": "lm1", "delegated": {**LM, "loadmaster_ca_path": "/ca"}}, "", "192.0.2.5"),
        # From a bastion.
        ("lm1", {**LM, **MARK}, {"delegate": "bastion"}, "bastion", "192.0.2.5"),
        ("localhost", {}, {"delegate": "bastion", "options": {"host": "192.0.2.7"}}, "bastion", "192.0.2.7"),
        ("bastion", {"ansible_host": "192.0.2.77"}, {"options": {"host": "192.0.2.7"}}, "bastion", "192.0.2.7"),
    ],
)
def test_which_host_is_the_loadmaster(host: str, variables: dict, more: dict, place: str, address: str) -> None:
    found_place, options = at(host, variables, **more)
    assert (found_place, options["host"]) == (place, address)


def test_a_delegation_that_says_nothing_is_asked_about() -> None:
    with pytest.raises(InvalidOption, match="Which one is the LoadMaster, exchange1 or lm1"):
        at("exchange1", EXCHANGE, delegate="lm1", delegated=LM)


def test_environment_names_cover_every_option() -> None:
    environ = {f"LOADMASTER_{'PORT' if name == 'host_port' else name.upper()}": "1" for name in connection.ARGUMENTS}
    assert set(next(connection.environment_variables(environ))) == set(connection.ARGUMENTS)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "No LoadMaster to talk to"),
        ({"host": "lm"}, "No username and password for the LoadMaster lm"),
        ({"host": "lm", "username": "bal"}, "No password"),
        ({"host": "lm", "api_key": "k", "host_port": "x"}, "host_port is 'x'; it is a number from 1 to 65535"),
        ({"host": "lm", "api_key": "k", "timeout": 0}, "timeout is 0"),
        ({"host": "lm", "api_key": "k", "fingerprint": "AB:CD"}, "fingerprint is not a SHA-256 fingerprint"),
        ({"host": "lm", "api_key": "k", "validate_certs": "maybe"}, "validate_certs is 'maybe'"),
        ({"host": "lm", "api_key": "k", "api_version": "v3"}, "api_version is 'v3'"),
        ({"host": "lm", "client_cert": "c", "api_version": "v2"}, "API v1 only"),
    ],
)
def test_what_is_wrong_is_said(options: dict, sentence: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        build(options)
    assert sentence in caught.value.message


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("lm1:8443", "lm1:8443"),
        ("https://lm1", "lm1:443"),
        ("https://lm1:8443/", "lm1:8443"),
        ("lm1/", "lm1:443"),
        (" lm1 ", "lm1:443"),
        ("lm1.", "lm1.:443"),
        ("192.0.2.1:8443", "192.0.2.1:8443"),
        ("[2001:db8::5]:8443", "[2001:db8::5]:8443"),
        ("2001:db8::5", "[2001:db8::5]:443"),
        ("https://[2001:db8::5]/", "[2001:db8::5]:443"),
    ],
)
def test_the_host_may_be_what_a_browser_has(text: str, address: str) -> None:
    assert build({"host": text, "api_key": "k"}).address == address


@pytest.mark.parametrize(
    "text", ["user@lm1", "http://lm1", "lm1/access", "lm 1", "a" * 64, "lm..1", "-lm", "lm1:", "a." * 127 + "aa"]
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidOption, match="host is .* must be the name or IP address of a LoadMaster"):
        build({"host": text, "api_key": "k"})


def test_a_port_that_is_given_twice_must_be_one() -> None:
    assert build({"host": "lm1:8443", "host_port": 8443, "api_key": "k"}).host_port == 8443
    with pytest.raises(InvalidOption, match="host is 'lm1:8443', but host_port is 443. Give the port once."):
        build({"host": "lm1:8443", "host_port": 443, "api_key": "k"})


@pytest.mark.parametrize("prefix", ["", "SHA256:", "sha256 Fingerprint=", "SHA-256 = "])
def test_fingerprints_as_people_copy_them(prefix: str) -> None:
    digits = "ab" * 32
    pasted = prefix + ":".join(digits[n : n + 2] for n in range(0, 64, 2)).upper()
    assert build({"host": "lm", "api_key": "k", "fingerprint": pasted}).fingerprint == digits


def test_complete_connection() -> None:
    digits = "ab" * 32
    connection = build(
        {
            "host": "[2001:db8::5]",
            "username": "bal",
            "password": "p",
            "validate_certs": "no",
            "fingerprint": f"SHA256:{digits.upper()}",
        }
    )
    assert connection.address == "[2001:db8::5]:443"
    assert connection.fingerprint == digits
    assert connection.validate_certs is False
    assert build({"host": "lm", "api_key": "k", "host_port": 8443}).address == "lm:8443"
