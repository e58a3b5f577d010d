# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an appliance keeps while it has no effect, and what it makes of settings when another one is turned on."""

from __future__ import annotations

from typing import Any

import pytest
from layer7 import HTTPS, PARENT, Do, commands, sub, twice

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.modules import virtual_service
from loadmaster_emulator import Emulator

ALL_TLS = ["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
SERVERS = [{"address": "192.0.2.31"}, {"address": "192.0.2.32"}]


def settings(emulator: Emulator) -> dict[str, Any]:
    found: dict[str, Any] = emulator.state()["services"][f"tcp/{HTTPS}"]["settings"]
    return found


def service(do: Do, **options: Any) -> dict[str, Any]:
    return twice(do, virtual_service, **PARENT, **options)


def test_pass_through_of_the_sni_does_not_come_back(emulator: Emulator, do: Do) -> None:
    service(do, ssl_acceleration=True, ssl_reencrypt=True, pass_through_sni_hostname=True)
    off = service(do, ssl_reencrypt=False)
    assert commands(off) == ["modvs", "modvs"]
    assert off["diff"][0]["before"]["pass_through_sni_hostname"] is True
    service(do, ssl_reencrypt=True)
    assert settings(emulator)["PassSni"] is False


def test_what_goes_with_ssl_does_not_come_back(emulator: Emulator, do: Do) -> None:
    extras = {"ocsp_verify": True, "require_sni_hostname": True, "pass_cipher_headers": True, "ssl_rewrite": "https"}
    service(do, ssl_acceleration=True, ssl_reencrypt=True, reencryption_sni_hostname="mail.example", **extras)
    service(do, ssl_acceleration=False)
    service(do, ssl_acceleration=True, ssl_reencrypt=True)
    found = settings(emulator)
    assert not any(found[name] for name in ("OCSPVerify", "NeedHostName", "PassCipher", "SSLRewrite"))
    assert found["ReverseSNIHostname"] == ""


@pytest.mark.parametrize("of_sub", [False, True])
def test_the_minimum_of_servers_does_not_come_back(emulator: Emulator, exchange: Do, of_sub: bool) -> None:
    def make(**options: Any) -> dict[str, Any]:
        return sub(exchange, **options) if of_sub else service(exchange, **options)

    make(real_servers=SERVERS, enhanced_health_checks=True, minimum_servers=2)
    off = make(enhanced_health_checks=False)
    assert commands(off) == ["modvs", "modvs"] and off["diff"][0]["after"]["minimum_servers"] == 0
    make(enhanced_health_checks=True)
    entry = emulator.state()["services"][f"tcp/{HTTPS}"]
    assert (entry["subvs"]["OWA"] if of_sub else entry)["settings"]["RsMinimum"] == 0


@pytest.mark.parametrize("versions", [ALL_TLS, ["TLSv1.2", "TLSv1.3"]])
def test_tls_versions_go_along_with_turning_ssl_on(emulator: Emulator, do: Do, versions: list[str]) -> None:
    service(do)
    on = service(do, ssl_acceleration=True, tls_versions=versions, intermediate_certificates=[])
    assert commands(on) == ["modvs"] and on["virtual_service"]["tls_versions"] == versions
    assert settings(emulator)["TlsType"] == (0 if versions == ALL_TLS else 7)


def test_multiplexing_gives_way_to_ssl(emulator: Emulator, do: Do) -> None:
    service(do, multiplex_connections=True)
    on = service(do, ssl_acceleration=True)
    assert on["diff"][0]["before"]["multiplex_connections"] is True
    assert settings(emulator)["MultiConnect"] is False


def test_the_old_ssl_library_is_not_asked_for_what_it_refuses(emulator: Emulator, do: Do) -> None:
    emulator.call("set", param="SSLOldLibraryVersion", value="yes")
    service(do, ssl_acceleration=True, tls_versions=["TLSv1.2"])
    assert settings(emulator)["TlsType"] == 7
    service(do, tls_versions=["TLSv1.1", "TLSv1.2"])
    assert settings(emulator)["TlsType"] == 3
    emulator.call("set", param="SSLOldLibraryVersion", value="no")
    service(do, tls_versions=["TLSv1.1", "TLSv1.2"])
    assert settings(emulator)["TlsType"] == 19


def test_cipher_suites_of_tls_1_3(emulator: Emulator, do: Do) -> None:
    suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]
    service(do)
    emulator.call("modvs", vs="192.0.2.25", port=443, prot="tcp", sslacceleration=1, tls13cipherset=":".join(suites))
    assert not do(virtual_service, **PARENT, tls13_cipher_suites=suites)["changed"]
    service(do, tls13_cipher_suites=suites[:1])
    with pytest.raises(InvalidOption, match="at least one entry, since the LoadMaster cannot clear it once it is set"):
        do(virtual_service, **PARENT, tls13_cipher_suites=[])
