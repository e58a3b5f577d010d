# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the vendor's own against the emulator: what it reads over API v1 is what it made.

The SDK shares no code with this project and was written against appliances. It is fetched into .build/ once. Without a network
these tests are skipped, but not in CI.
"""

from __future__ import annotations

import importlib
import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("conformance", "emulator", "emulator/tests")]

import kemp_sdk  # noqa: E402
from made_certificates import make as make_certificate  # noqa: E402

from loadmaster_emulator import Emulator  # noqa: E402

# Not in ASCII, since the SDK encodes it by itself
PASSWORD = "gehe1m-äöü"
# The SDK verifies no certificate
pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
PLACE = ("192.0.2.10", "443", "tcp")


@pytest.fixture(scope="session")
def sdk() -> Any:
    """The SDK, imported."""
    try:
        folder = kemp_sdk.fetched(ROOT / ".build" / "kemp-sdk")
    except kemp_sdk.NotFetched as reason:
        pytest.skip(f"Kemp's SDK cannot be fetched: {reason}")
    sys.path.insert(0, str(folder))
    handlers = list(logging.root.handlers)
    try:
        return importlib.import_module("python_kemptech_api.client")
    finally:
        sys.path.remove(str(folder))
        # The SDK sets up logging for the whole process
        logging.root.handlers[:] = handlers


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    made = Emulator(users={"bal": PASSWORD})
    made.start()
    yield made
    made.stop()


@pytest.fixture
def lm(sdk: Any, emulator: Emulator) -> Any:
    """The SDK's LoadMaster, with the emulator as its appliance."""
    return sdk.LoadMaster(emulator.host, "bal", PASSWORD, emulator.port)


def made(lm: Any, place: tuple[str, str, str] = PLACE, **settings: Any) -> Any:
    """Make a service, then change it."""
    service = lm.create_virtual_service(*place)
    service.save()
    changed(service, **settings)
    return service


def changed(found: Any, **settings: Any) -> None:
    for name, value in settings.items():
        setattr(found, name, value)
    found.update()


def values(found: Any, names: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in names}


def sub(lm: Any, parent: Any, name: str) -> Any:
    """Make a SubVS, then name it. The SDK sends the parent's index until the SubVS is read again."""
    created = parent.create_sub_virtual_service()
    created.save()
    found = lm.get_virtual_service(index=created.index)
    changed(found, nickname=name)
    return found


def test_parameters(lm: Any, emulator: Emulator) -> None:
    assert lm["version"] == lm.get_all_parameters()["version"] == emulator.call("get", param="version")["version"]
    lm["hostname"] = "lm7"
    assert lm["hostname"] == lm.get_all_parameters()["hostname"] == "lm7"
    lm.set_check_parameters(timeout=5, retrycount=3)
    lm.set_check_parameters(retryinterval=20)
    assert lm.get_check_parameters() == {"retryinterval": 20, "timeout": 5, "retrycount": 3}


@pytest.mark.parametrize(
    "settings",
    [
        {"nickname": "Shop", "vstype": "http", "schedule": "lc", "checktype": "http", "checkurl": "/health"},
        {"vstype": "http", "persist": "active-cookie", "cookie": "id", "persisttimeout": 600},
        {"vstype": "http", "schedule": "adaptive", "idletime": "900", "transparent": "Y", "multiconnect": "Y"},
        {"vstype": "http", "errorcode": "302", "errorurl": "https://www.example.com/", "addvia": "1"},
        {"vstype": "gen", "forcel7": "N", "transparent": "Y"},
        {"enable": "N", "extraports": "444,445"},
        {"standbyaddr": "192.0.2.200", "standbyport": "8080"},
    ],
    ids="-".join,
)
def test_services(lm: Any, settings: dict[str, str]) -> None:
    service = made(lm, **settings)
    assert values(service, settings) == settings
    read = lm.get_virtual_service(index=service.index)
    assert read.to_dict() == lm.get_virtual_service(None, *PLACE).to_dict()
    assert values(read, settings) == settings
    assert (read.vs, read.port, read.prot) == PLACE
    (listed,) = lm.get_virtual_services()
    assert listed.to_dict() == read.to_dict()
    # All that was read can be sent, and changes nothing
    before = read.to_dict()
    read.update()
    assert lm.get_virtual_service(index=service.index).to_dict() == before
    read.delete()
    assert lm.vs == {}


def test_a_service_that_is_cloned(lm: Any) -> None:
    service = made(
        lm, nickname="Shop", vstype="http", schedule="lc", checkurl="/health", persist="src", persisttimeout=600
    )
    before = lm.get_virtual_service(index=service.index).to_dict()
    clone = lm.clone_virtual_service(lm.get_virtual_service(index=service.index), ip="192.0.2.11")
    after = lm.get_virtual_service(index=clone.index).to_dict()
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {"index", "vs"}


def test_real_servers(lm: Any, emulator: Emulator) -> None:
    service = made(lm)
    for number in (1, 2):
        service.create_real_server(f"192.0.2.3{number}", 80).save()
    server = service.get_real_server("192.0.2.32", 80)
    changed(server, weight="500", limit="40", forward="nat", enable="N", critical="N")
    wanted = [("192.0.2.31", "1000", "0", "Y"), ("192.0.2.32", "500", "40", "N")]
    read = lm.get_virtual_service(index=service.index).get_real_servers()
    assert [(each.rs, each.weight, each.limit, each.enable) for each in read] == wanted
    (listed,) = lm.get_all_objects()
    assert [each.to_dict() for each in listed.real_servers] == [each.to_dict() for each in read]
    # The appliance itself has it so, too
    records = emulator.call("showvs", vs=int(service.index))["Rs"]
    assert [(each["Addr"], str(each["Weight"]), str(each["Limit"]), "NY"[each["Enable"]]) for each in records] == wanted
    changed(server, newport="8080")
    assert [each.rsport for each in service.get_real_servers()] == ["80", "8080"]
    server.delete()
    assert [each.rs for each in service.get_real_servers()] == ["192.0.2.31"]


def test_sub_virtual_services(lm: Any) -> None:
    parent = made(lm, vstype="http", nickname="Exchange")
    owa, ews = sub(lm, parent, "OWA"), sub(lm, parent, "EWS")
    owa.subvs_data["Weight"] = "700"
    changed(owa, checkurl="/owa/healthcheck.htm", checktype="https")
    lm.get_virtual_service(index=ews.index).create_real_server("192.0.2.31", 443).save()
    top, *subs = lm.get_all_objects()
    assert [each.nickname for each in top.subvs_entries] == [each.nickname for each in subs] == ["OWA", "EWS"]
    assert [each.subvs_data["Weight"] for each in top.subvs_entries] == ["700", "1000"]
    assert [each.subvs_data["Name"] for each in top.subvs_entries] == ["OWA", "EWS"]
    assert values(subs[0], ("checkurl", "checktype")) == {"checkurl": "/owa/healthcheck.htm", "checktype": "https"}
    assert [[server.rs for server in each.real_servers] for each in top.subvs_entries] == [[], ["192.0.2.31"]]
    lm.get_virtual_service(index=owa.index).delete()
    assert [each.nickname for each in lm.get_virtual_services()] == ["Exchange", "EWS"]


RULES = {
    "MatchContentRule": {
        "pattern": "/^\\/owa.*/",
        "matchtype": "Regex",
        "negate": "Y",
        "mustfail": "Y",
        "onlyonflag": "3",
    },
    "AddHeaderRule": {"header": "X-Forwarded-Proto", "replacement": "https"},
    "DeleteHeaderRule": {"pattern": "X-Powered-By"},
    "ReplaceHeaderRule": {"header": "Location", "pattern": "/^http:/", "replacement": "https:"},
    "ModifyURLRule": {"pattern": "/^\\/$/", "replacement": "/owa/"},
}


def test_rules(lm: Any, emulator: Emulator) -> None:
    for kind, options in RULES.items():
        rule = lm.create_rule(f"of_{kind}", options.get("pattern"))
        rule.type_string = kind
        for name, value in options.items():
            setattr(rule, name, value)
        rule.save()
    assert sorted(lm.rules) == sorted(f"of_{kind}" for kind in RULES)
    for kind, options in RULES.items():
        rule = lm.get_rule(f"of_{kind}")
        assert rule.to_dict() == lm.rules[f"of_{kind}"].to_dict()
        # What it sends as a replacement it reads as the value of a header
        known = {
            ("headervalue" if (kind, name) == ("AddHeaderRule", "replacement") else name): options[name]
            for name in options
        }
        assert values(rule, known) == known
        assert [record["Name"] for record in emulator.call("showrule")[kind]] == [f"of_{kind}"]
    lm.get_rule("of_DeleteHeaderRule").delete()
    assert "of_DeleteHeaderRule" not in lm.rules


def test_certificates_and_ciphers(lm: Any, emulator: Emulator, tmp_path: Path) -> None:
    mail, authority = make_certificate("mail.example.com", "RSA"), make_certificate("CA", "RSA")
    (tmp_path / "mail.pem").write_bytes(mail.pem)
    (tmp_path / "mail.pfx").write_bytes(mail.pfx("secret"))
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    lm.create_certificate("mail", str(tmp_path / "mail.pem")).save()
    lm.create_certificate("same", str(tmp_path / "mail.pfx"), "secret").save()
    lm.create_intermediate_certificate("ca", str(tmp_path / "ca.pem")).save()
    moduli = {each.certname: int(each.modulus, 16) for each in lm.get_certificates()}
    assert moduli == dict.fromkeys(("mail", "same"), mail.key.public_key().public_numbers().n)
    (intermediate,) = lm.get_intermediate_certificates()
    assert (intermediate.certname, int(intermediate.modulus, 16)) == (
        "ca",
        authority.key.public_key().public_numbers().n,
    )
    stored = emulator.call("readcert", cert="mail")["certificate"]
    assert x509.load_pem_x509_certificate(stored.encode()) == mail.certificate

    lm.create_cipherset("Own", ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"])
    service = made(lm, vstype="http", sslacceleration="Y")
    assert service.certfile == []  # the self-signed one, which has no name that could be set
    changed(service, certfile=["mail"], cipherset="Own", sslreencrypt="Y")
    read = lm.get_virtual_service(index=service.index)
    wanted = {"sslacceleration": "Y", "certfile": ["mail"], "cipherset": "Own", "sslreencrypt": "Y"}
    assert values(read, wanted) == wanted
    assert emulator.call("showvs", vs=int(service.index))["CertFile"] == "mail"
    lm.certificates["same"].delete()
    intermediate.delete()
    assert ([each.certname for each in lm.get_certificates()], lm.get_intermediate_certificates()) == (["mail"], [])


def test_templates(lm: Any, tmp_path: Path) -> None:
    service = made(lm, nickname="Shop", vstype="http", schedule="lc", idletime="900", persist="src", persisttimeout=600)
    file = tmp_path / "shop.tmpl"
    file.write_text(service.export(), encoding="ascii", newline="")
    (name,) = lm.create_template(str(file))
    assert [template.name for template in lm.get_templates()] == [name]
    (copy,) = lm.apply_template("192.0.2.99", "443", "tcp", name, "Copy").values()
    assert (copy.vs, copy.port, copy.prot, copy.nickname) == ("192.0.2.99", "443", "tcp", "Copy")
    same = ("vstype", "schedule", "idletime", "persist", "persisttimeout", "checktype", "transparent")
    assert values(copy, same) == values(lm.get_virtual_service(index=service.index), same)
    lm.delete_template(name)
    assert lm.get_templates() == []


def test_backup(sdk: Any, lm: Any, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the SDK fetches backups with curl, which is not installed")
    service = made(lm, nickname="Shop", vstype="http")
    service.create_real_server("192.0.2.31", 80).save()
    before = [each.to_dict() for each in lm.get_virtual_services()]
    content = Path(lm.backup(str(tmp_path))).read_bytes()
    # Of two backups of one state, only the name of the file has a time
    assert content and content == Path(lm.backup(str(tmp_path / "again"))).read_bytes()
    made(lm, ("192.0.2.11", "443", "tcp"))
    assert Path(lm.backup(str(tmp_path / "later"))).read_bytes() != content
    service.delete()
    lm["hostname"] = "lm7"
    file = tmp_path / "kept"
    file.write_bytes(content)
    lm.restore_backup(2, str(file))
    assert [each.to_dict() for each in lm.get_virtual_services()] == before
    assert [each.rs for each in lm.get_virtual_service(None, *PLACE).get_real_servers()] == ["192.0.2.31"]
    # That of the base configuration was not asked for
    assert lm["hostname"] == "lm7"
    lm.restore_backup(1, str(file))
    assert lm["hostname"] != "lm7"
    file.write_bytes(b"nonsense")
    with pytest.raises(sdk.KempTechApiException, match="Invalid file"):
        lm.restore_backup(2, str(file))


def test_refusals(sdk: Any, lm: Any, emulator: Emulator) -> None:
    with pytest.raises(sdk.KempTechApiException, match="Unknown VS"):
        lm.get_virtual_service(index="77")
    made(lm)
    with pytest.raises(sdk.KempTechApiException, match="Virtual Service already exists|already"):
        made(lm)
    with pytest.raises(sdk.KempTechApiException, match="Unknown parameter value nonsense"):
        lm["nonsense"] = "1"
    stranger = sdk.LoadMaster(emulator.host, "bal", "wrong", emulator.port)
    with pytest.raises(importlib.import_module("python_kemptech_api.exceptions").UnauthorizedAccessError):
        stranger.get_virtual_services()


def test_statistics(lm: Any) -> None:
    service = made(lm, nickname="Shop")
    service.create_real_server("192.0.2.31", 80).save()
    data = lm.stats()["Response"]["Success"]["Data"]
    assert (data["Vs"]["VSAddress"], data["Vs"]["VSPort"], data["Vs"]["Index"]) == ("192.0.2.10", "443", service.index)
    assert (data["Rs"]["Addr"], data["Rs"]["Port"], data["Rs"]["VSIndex"]) == ("192.0.2.31", "80", service.index)
