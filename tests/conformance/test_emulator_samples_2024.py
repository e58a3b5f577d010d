# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator against the recordings of 2022 to 2025, which lie in ``samples-2024`` beside the others.

An emulator of the recorded firmware is brought into the recorded state through its API. Then members, their order,
their types and their values must be those of the recording. Each exception stands in a table with its reason.
"""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = Path(os.environ.get("LOADMASTER_SAMPLES") or REPOSITORY.parent / "shared" / "loadmaster-api" / "samples")
RECORDINGS = SAMPLES.parent / "samples-2024"

pytest.importorskip("cheroot", reason="the emulator needs cheroot")
pytest.importorskip("cryptography", reason="the emulator needs cryptography")
_TESTS = REPOSITORY / "tests"
sys.path[:0] = [str(_TESTS / folder) for folder in ("emulator", "emulator/tests", "conformance")]

from made_certificates import make as make_certificate  # noqa: E402
from recordings import Client, assert_same_json, assert_same_xml  # noqa: E402

from loadmaster_emulator import Emulator  # noqa: E402
from loadmaster_emulator.commands import COMMANDS  # noqa: E402

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason=f"no recorded answers at {RECORDINGS}; they lie beside the folder LOADMASTER_SAMPLES",
)

ADDRESS = "192.0.2.10"
PLACE = {"vs": ADDRESS, "port": 8810, "prot": "tcp"}
NAME = "PASOE-HTTP-JSESSIONID_Cookie"

#: Recordings of commands that the emulator does not carry out, by pattern. It answers them with 405, as an appliance does
#: whose licence lacks them.
OUT_OF_SCOPE = {
    "*-aclcontrol-*": "access lists",
    "*acme*": "certificates from ACME",
    "*lecert*": "certificates from ACME",
    "*leaccount*": "certificates from ACME",
    "*addon*": "add-ons",
    "*domain*": "single sign-on",
    "*saml*": "single sign-on",
    "*setrsa*": "single sign-on",
    "*ldap*": "LDAP endpoints",
    "*vlan*": "interfaces",
    "*bond*": "interfaces",
    "*modiface*": "interfaces",
    "*deladditional*": "interfaces",
    "*route*": "routes",
    "*hostsentry*": "hosts",
    "*resolvenow*": "hosts",
    "*setadminaccess*": "interfaces",
    "*vpn*": "VPNs",
    "*geo*": "GEO",
    "*waf*": "the commands of the WAF",
    "*owaspcustom*": "the commands of the WAF",
    "*updatedetect*": "the commands of the WAF",
    "*mlogc*": "the commands of the WAF",
    "*limit*add*": "limit lists",
    "*limit*del*": "limit lists",
    "*limitlist*": "limit lists",
    "*limitrule*": "limit rules",
    "*azurehamode*": "cloud HA",
    "*awsha*": "cloud HA",
    "*setlmcommsecret*": "HA",
    "*forceupdatepartner*": "HA",
    "*-logging-*": "logs",
    "*patch*": "firmware changes",
    "*previousversion*": "firmware changes",
    "*-reboot*": "power commands",
    "*user*": "user commands",
    "*group*": "user commands",
}
#: Recordings that are no answers as they stand.
NO_ANSWERS = {
    "SOURCES.md": "not a recording",
    "*-malformed.*": "edited by hand; only for names",
    "*-handedited.*": "as above",
}

TAKEN: set[str] = set()


def takes(*names: str):
    """Mark the recordings a test takes, so that none is forgotten unnoticed."""
    TAKEN.update(names)
    return lambda function: function


def recorded(name: str) -> bytes:
    """A recording, by its name below the folder."""
    return (RECORDINGS / name).read_bytes()


def same(answer: tuple[int, bytes], name: str, but: frozenset = frozenset()) -> None:
    """Hold an answer against a recording."""
    status, body = answer
    assert status == 200, body
    (assert_same_xml if name.endswith(".xml") else assert_same_json)(body, recorded(name), but=but)


def exported(name: str = NAME) -> str:
    """A template in the appliance's own words: the body of a recorded export, under another name."""
    _head, _blank, body = recorded("vs/pmv1-exportvstmplt.download").decode().replace("\r\n", "\n").partition("\n\n")
    text = re.sub(r"%NAME% .*", f"%NAME% {name}", body)
    # It was exported after the service had had SubVSs and another persistence.
    return text.replace("\ntransparent\n", "\nsubnetorig\n").replace('persist "super"', 'persist "cookie"')


def from_template(lm: Emulator, client: Client) -> None:
    """The services of 2 August 2024: the first on port 80, the second made from a template."""
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    client.upload("uploadtemplate", exported().encode())
    client.v1("addvs", **PLACE, template=NAME)


# -- services -------------------------------------------------------------------------------------------


@takes("vs/pmv1-addvs-80.xml")
def test_a_new_service_of_7_2_60(appliance):
    _unused, client = appliance("7.2.60")
    same(client.v1("addvs", vs=ADDRESS, port=80, prot="tcp"), "vs/pmv1-addvs-80.xml")


@takes("vs/pmv1-dupvs-of-template-vs.xml", "vs/pmv1-createsubvs-second.xml", "vs/pmv1-modvs-parent-persist-super.xml",
       "vs/pmv1-addrs-after-subvs-gone.xml", "vs/pmv1-exportvstmplt.download",
       "all/pmv1-modvs-owasp-requestrule.xml")  # fmt: skip
def test_the_life_of_a_service_in_august_2024(appliance):
    lm, client = appliance("7.2.60")
    from_template(lm, client)
    same(client.v1("dupvs", **PLACE, newvs=ADDRESS, newport=443), "vs/pmv1-dupvs-of-template-vs.xml")
    client.v1("modvs", **PLACE, createsubvs="")
    same(client.v1("modvs", **PLACE, createsubvs=""), "vs/pmv1-createsubvs-second.xml")
    client.v1("modvs", **PLACE, createsubvs="")
    same(client.v1("modvs", vs=2, persist="super"), "vs/pmv1-modvs-parent-persist-super.xml")
    for index in (4, 5, 6):
        client.v1("delvs", vs=index)
    same(client.v1("addrs", vs=2, rs="10.0.0.9", rsport=80), "vs/pmv1-addrs-after-subvs-gone.xml")
    client.v1("delrs", vs=2, rs="!1")
    _export_is_as_recorded(client)
    lm.call("addrule", name="ExampleResponseRule3", type=1, header="x", replacement="y")
    lm.call("addrequestrule", vs=2, rule="ExampleResponseRule3")
    same(client.v1("modvs", vs=2, InterceptMode=2), "all/pmv1-modvs-owasp-requestrule.xml")


def _export_is_as_recorded(client: Client) -> None:
    headers, body = client.download("exportvstmplt", **PLACE)
    head, _blank, text = recorded("vs/pmv1-exportvstmplt.download").partition(b"\r\n\r\n")
    for line in head.decode().splitlines()[1:]:
        name, _colon, value = line.partition(": ")
        assert headers[name] == value
    assert body == text


@takes("vs/pmv1-uploadtemplate.xml", "vs/pmv1-listtemplates-uploaded-twice.xml")
def test_a_template_file_uploaded_twice_is_there_twice(appliance):
    _unused, client = appliance("7.2.60")
    listing = recorded("vs/pmv1-listtemplates-uploaded-twice.xml").decode()
    held = re.findall(r"<name>(.*?)</name>\s*<comment>(.*?)</comment>", listing)
    half = len(held) // 2
    texts = [re.sub("%COMMENT% .*", f"%COMMENT% {comment}", exported(name)) for name, comment in held[:half]]
    for _unused in range(2):
        same(client.upload("uploadtemplate", "".join(texts).encode()), "vs/pmv1-uploadtemplate.xml")
    answer = client.v1("listtemplates")
    same(answer, "vs/pmv1-listtemplates-uploaded-twice.xml")
    # The comparison above takes blanks off; they are part of the names.
    assert re.findall("<name>(.*?)</name>", answer[1].decode()) == [name for name, _unused in held]


@takes("all/pmv1-modvs-limits.xml", "all/pmv2-addvs-limits.json")
def test_limits(appliance):
    limits = {"ConnsPerSecLimit": 10, "RequestsPerSecLimit": 10, "bandwidth": 17}
    lm, client = appliance("7.2.60")
    for number in (1, 2):
        lm.call("addvs", vs=f"192.0.2.{number}", port=80, prot="tcp")
    lm.call("addvs", vs=ADDRESS, port=80, prot="tcp")
    answer = client.v1("modvs", vs=ADDRESS, port=80, prot="tcp", MaxConnsLimit=40, **limits)
    same(answer, "all/pmv1-modvs-limits.xml")
    lm, client = appliance("7.2.58")
    for number in range(1, 5):
        lm.call("addvs", vs=f"192.0.2.{number}", port=80, prot="tcp")
    answer = client.v2("addvs", vs=ADDRESS, port="80", prot="tcp", MaxConnsLimit="50", **limits)
    same(answer, "all/pmv2-addvs-limits.json")


@takes("all/pmv2-modvs-legacywaf.json")
def test_the_legacy_waf(appliance):
    lm, client = appliance("7.2.57")
    lm.call("addvs", vs=ADDRESS, port=80, prot="tcp", nickname="Example Virtual Service")
    same(client.v2("modvs", vs="1", InterceptMode="1"), "all/pmv2-modvs-legacywaf.json")


@takes("all/pmv2-listvs-ssl-esp-rules.json")
def test_listvs_with_rules_esp_and_an_error_page(appliance):
    lm, client = appliance("7.2.58")
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    lm.call("modvs", vs=1, sslacceleration=1, cipherset="BestPractices", needhostname=1, securityheaderoptions=6)
    lm.call("modvs", vs=1, samesite=3, interceptmode=1, errorcode=404)
    lm.call("uploadvserrfile", vs=1, data=b"<html></html>")
    lm.call(
        "modvs", vs=1, espenabled=1, inputauthmode=2, domain="EXAMPLEDOMAIN", singlesignondir="Dual Factor Authentication",
        logoff="/owa/logoff.owa", allowedhosts="*.*", alloweddirectories="/*",
        singlesignonmessage="Please enter your Exchange",
    )  # fmt: skip
    lm.call("addvs", vs="192.0.2.20", port=443, prot="tcp", checktype="http")
    lm.call("modvs", vs=2, espenabled=1, inputauthmode=1, outputauthmode=1)
    lm.call("addvs", vs="192.0.2.21", port=80, prot="tcp")
    for _unused in range(3):
        lm.call("modvs", vs=1, createsubvs="")
    # The slots were made in another order: take the numbers as they are recorded.
    spare = [lm.call("addrs", vs=3, rs=f"10.0.0.{number}", rsport=80)["Rs"][0]["RsIndex"] for number in (1, 2, 3, 4, 5)]
    assert spare == [4, 5, 6, 7, 8]
    lm.call("delrs", vs=3, rs="!4")
    for number in (6, 7, 8):
        lm.call("delrs", vs=3, rs=f"!{number}")
    for index, number in ((5, 6), (2, 7), (4, 8)):
        lm.call("addrs", vs=3, rs="10.0.0.99", rsport=80)  # holds number 4
        added = lm.call(
            "addrs", vs=index, rs="192.0.2.22" if index == 2 else "10.0.0.9", rsport=443 if index == 2 else 80
        )
        assert added["Rs"][0]["RsIndex"] == number
        lm.call("delrs", vs=3, rs="!4")
    lm.call("addrule", name="Example03", pattern="s")
    for index, number in ((3, 5), (4, 8), (5, 6)):
        lm.call("addrsrule", vs=index, rs=f"!{number}", rule="Example03")
    lm.call("addrsrule", vs=5, rs="!6", rule="default")
    for index, number in ((2, 7), (3, 5)):
        lm.call("modrs", vs=index, rs=f"!{number}", enable=0)
    # The id of a self-signed certificate is the appliance's own. The slots were deleted and made in another order before.
    same(client.v2("listvs"), "all/pmv2-listvs-ssl-esp-rules.json", but=frozenset(["CertFile", "RsIndex"]))


# -- parameters and settings ------------------------------------------------------------------------------


@takes("all/pmv1-get-admincert.xml", "all/pmv1-get-directoryurl.xml", "all/pmv1-get-kcdciphersha1.xml",
       "all/pmv2-get-kcdciphersha1.json", "all/plain-ok/pmv1-set-admincert.xml",
       "all/plain-ok/pmv1-set-kcdciphersha1.xml", "all/plain-ok/pmv1-set-minpassword.xml",
       "all/plain-ok/pmv1-set-paranoia.xml", "all/plain-ok/pmv1-set-hamode2.xml")  # fmt: skip
def test_parameters(appliance):
    lm, client = appliance("7.2.60")
    same(client.v1("get", param="kcdciphersha1"), "all/pmv1-get-kcdciphersha1.xml")
    lm.call("addcert", cert="ExampleCert", data=make_certificate("rsa", "RSA").pem)
    for name, value in (("admincert", "ExampleCert"), ("kcdciphersha1", 1), ("minpassword", 8), ("paranoia", 2)):
        same(client.v1("set", param=name, value=value), f"all/plain-ok/pmv1-set-{name}.xml")
    same(client.v1("set", param="hamode", value=2), "all/plain-ok/pmv1-set-hamode2.xml")
    same(client.v1("get", param="admincert"), "all/pmv1-get-admincert.xml")
    _unused, client = appliance("7.2.63")
    same(client.v1("get", param="directoryurl"), "all/pmv1-get-directoryurl.xml")
    _unused, client = appliance("7.2.53")
    same(client.v2("get", param="kcdciphersha1"), "all/pmv2-get-kcdciphersha1.json")


@takes("all/pmv1-showhealth.xml", "all/pmv1-modhealth-noparam.xml", "all/pmv1-modhealth-interval18.xml",
       "all/pmv1-modadaptive.xml")  # fmt: skip
def test_health_and_adaptive_settings(appliance):
    _unused, client = appliance("7.2.60")
    same(client.v1("showhealth"), "all/pmv1-showhealth.xml")
    same(client.v1("modhealth"), "all/pmv1-modhealth-noparam.xml")
    client.v1("modhealth", Timeout=5, RetryCount=3)
    same(client.v1("modhealth", RetryInterval=18), "all/pmv1-modhealth-interval18.xml")
    settings = {"AdaptiveURL": "/load", "AdaptivePort": 80, "AdaptiveInterval": 11, "MinPercent": 10}
    same(client.v1("modadaptive", **settings), "all/pmv1-modadaptive.xml")


# -- certificates, cipher sets, backups ---------------------------------------------------------------------


@takes("all/pmv1-addcert.xml", "all/pmv1-addintermediate.xml", "all/pmv1-listcert.xml", "all/pmv1-readcert.xml",
       "all/plain-ok/pmv1-delcert.xml", "all/plain-ok/pmv1-delintermediate.xml",
       "all/pmv1-getcipherset.xml")  # fmt: skip
def test_certificates(appliance):
    _unused, client = appliance("7.2.60")
    pair = make_certificate("rsa", "RSA")
    same(client.upload("addcert", pair.pem, cert="certificate"), "all/pmv1-addcert.xml")
    same(client.v1("listcert"), "all/pmv1-listcert.xml")
    same(client.v1("readcert", cert="Certificate"), "all/pmv1-readcert.xml")
    same(client.v1("delcert", cert="certificate"), "all/plain-ok/pmv1-delcert.xml")
    answer = client.upload("addintermediate", pair.certificate_pem, cert="Cert")
    same(answer, "all/pmv1-addintermediate.xml")
    same(client.v1("delintermediate", cert="cert"), "all/plain-ok/pmv1-delintermediate.xml")
    client.v1("modifycipherset", name="ExampleCipherSet", value="AES256-SHA")
    same(client.v1("getcipherset", name="ExampleCipherSet"), "all/pmv1-getcipherset.xml")


@takes("all/pmv1-backupcert-headers.http", "all/pmv1-restorecert.xml")
def test_a_backup_of_certificates(appliance):
    lm, client = appliance("7.2.60")
    lm.call("addcert", cert="mail", data=make_certificate("curve").pem)
    headers, content = client.download("backupcert", password="ExamplePassword")
    for line in recorded("all/pmv1-backupcert-headers.http").decode().splitlines()[2:]:
        name, _colon, value = line.partition(": ")
        if name:
            assert headers[name].startswith(value.removesuffix("EXAMPLE")), line  # the name of the file is redacted
    lm.call("delcert", cert="mail")
    answer = client.upload("restorecert", content, password="ExamplePassword", type="full")
    same(answer, "all/pmv1-restorecert.xml")
    assert list(lm.state()["certificates"]) == ["mail"]


@takes("all/pmv2-backup.json", "all/plain-ok/pmv1-restore.xml")
def test_a_backup(appliance):
    _unused, client = appliance("7.2.58")
    same(client.v2("backup"), "all/pmv2-backup.json")
    _headers, content = client.download("backup")
    same(client.upload("restore", content, type=2), "all/plain-ok/pmv1-restore.xml")


# -- commands that say nothing but ok ------------------------------------------------------------------------


@takes("all/plain-ok/pmv1-addrsrule.xml", "all/plain-ok/pmv1-delresponsebodyrule.xml", "all/plain-ok/pmv1-delrule.xml",
       "all/plain-ok/pmv1-modrs-subvs-critical.xml")  # fmt: skip
def test_rules_and_slots(appliance):
    lm, client = appliance("7.2.60")
    place = {"vs": ADDRESS, "port": 443, "prot": "tcp"}
    lm.call("addvs", **place)
    lm.call("addrule", name="Example02", pattern="s")
    lm.call("addrule", name="ExampleResponseRule", type=5, pattern="s", replacement="t")
    lm.call("addresponsebodyrule", vs=1, rule="ExampleResponseRule")
    answer = client.v1("delresponsebodyrule", **place, rule="ExampleResponseRule")
    same(answer, "all/plain-ok/pmv1-delresponsebodyrule.xml")
    lm.call("addrs", vs=1, rs="10.0.0.9", rsport=443)
    same(
        client.v1("addrsrule", **place, rs="10.0.0.9", rsport=443, rule="Example02"), "all/plain-ok/pmv1-addrsrule.xml"
    )
    same(client.v1("delrule", name="Example02"), "all/plain-ok/pmv1-delrule.xml")
    # Without anything to change, too.
    same(client.v1("modrs", **place, rs="10.0.0.9", rsport=443), "all/plain-ok/pmv1-modrs-subvs-critical.xml")
    lm.call("delrs", vs=1, rs="!1")
    lm.call("modvs", vs=1, createsubvs="")
    same(client.v1("modrs", vs=1, rs="!1", critical=0), "all/plain-ok/pmv1-modrs-subvs-critical.xml")


# -- all of them -------------------------------------------------------------------------------------------------


def _matches(name: str, patterns: dict[str, str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def test_no_recording_is_forgotten():
    names = sorted(str(path.relative_to(RECORDINGS)) for path in RECORDINGS.rglob("*") if path.is_file())
    left = [name for name in names if name not in TAKEN and not _matches(name.rpartition("/")[2], NO_ANSWERS)]
    assert [name for name in left if not _matches(name, OUT_OF_SCOPE)] == []


def test_what_is_out_of_scope_is_a_command_that_the_emulator_does_not_know():
    """A table of exceptions hides nothing: none of these recordings is of a command that is carried out."""
    hidden = []
    for path in RECORDINGS.rglob("pmv?-*"):
        name = str(path.relative_to(RECORDINGS))
        if name not in TAKEN and not _matches(path.name, NO_ANSWERS):
            command = path.stem.split("-")[1]
            hidden += [name] if command in COMMANDS else []
    assert hidden == []
