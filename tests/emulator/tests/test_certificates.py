# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates, cipher sets, and the renumbering that a change of them causes."""

from __future__ import annotations

import base64
import json
import re
import ssl
from urllib.parse import quote, unquote_plus, urlencode

import pytest
from made_certificates import make as made
from made_certificates import pem
from wire_client import Client

from loadmaster_emulator import ApiError, Emulator

INSTALLED = "Certificate Successfully Installed"


def _refusal(lm, command, **parameters):
    before = lm.state()
    with pytest.raises(ApiError) as caught:
        lm.call(command, **parameters)
    assert lm.state() == before
    return caught.value.text


def _upload_v1(client, command, body, kind="application/x-www-form-urlencoded", **parameters):
    headers = client.authorization + f"Content-Type: {kind}\r\n"
    return client.raw(f"/access/{command}?{urlencode(parameters)}", "POST", body, headers)


# -- installing and reading -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["pem", "encrypted pem", "pfx", "pfx without password", "key first", "chain"])
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_forms_of_an_upload(lm, client, api, form):
    own = made("own")
    password = "" if form in ("pem", "pfx without password", "key first", "chain") else "s3cret7"
    body = {
        "pem": own.pem,
        "encrypted pem": own.certificate_pem + own.key_pem("s3cret7"),
        "pfx": own.pfx("s3cret7"),
        "pfx without password": own.pfx(""),
        "key first": own.key_pem() + own.certificate_pem,
        "chain": own.certificate_pem + made("ca").certificate_pem + own.key_pem(),
    }[form]
    more = {"password": password} if password else {}
    if api == "v1":
        answer = _upload_v1(client, "addcert", body, cert="web", replace=0, **more)
        assert f"<Success>{INSTALLED}</Success>" in answer.text
    else:
        answer = client.v2("addcert", cert="web", data=base64.b64encode(body).decode(), **more)
        assert answer.json == {"code": 200, "message": INSTALLED, "status": "ok"}
    read = client.v2("readcert", cert="web", outform="PEM").json["certificate"]
    assert read.count("BEGIN") == 1 and "PRIVATE" not in read
    assert ssl.PEM_cert_to_DER_cert(read) == own.der
    assert read.encode() != own.certificate_pem  # another layout of lines
    text = client.v1("readcert", cert="web").text
    assert re.search(r"<Data><certificate>-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n</cert", text)


def test_a_form_with_a_file_is_taken(lm, client):
    body = (
        b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a.pem"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + pem("a") + b"\r\n--XX--\r\n"
    )
    assert _upload_v1(client, "addcert", body, "multipart/form-data; boundary=XX", cert="web").status == 200


def test_what_was_not_uploaded_right_is_refused(lm, client):
    own, other = made("own"), made("other")
    for data, more in (
        (b"", {}),
        (b"nonsense", {}),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + own.key_pem(), {}),
        (own.certificate_pem, {}),
        (own.key_pem(), {}),
        (own.certificate_pem + other.key_pem(), {}),
        (own.pfx("right"), {"password": "wrong"}),
        (own.pfx("right"), {}),
        (own.certificate_pem + own.key_pem("right"), {"password": "wrong"}),
        (own.certificate_pem + own.key_pem("right"), {}),
    ):
        _refusal(lm, "addcert", cert="web", data=data, **more)
    assert _refusal(lm, "addcert", data=own.pem) == "cert: String Value missing"
    _refusal(lm, "addcert", cert="a/b", data=own.pem)
    assert client.v2("addcert", cert="web", data=own.pem.decode()).status == 422  # no base64
    assert lm.state()["certificates"] == {}


def test_call_takes_bytes_text_and_base64(lm):
    own = made("own")
    for data in (own.pem, own.pem.decode(), base64.b64encode(own.pem).decode()):
        lm.call("addcert", cert="web", data=data, replace=1)
        assert ssl.PEM_cert_to_DER_cert(lm.call("readcert", cert="web")["certificate"]) == own.der


def test_lists_describe_the_key(lm):
    assert lm.call("listcert") == {"code": 200, "status": "ok"}
    curve, rsa = made("curve"), made("rsa", "RSA")
    lm.call("addcert", cert="z", data=curve.pem)
    lm.call("addcert", cert="a", data=rsa.pem)
    first, second = lm.call("listcert")["cert"]
    assert list(first) == ["name", "type", "modulus"] and (first["name"], first["type"]) == ("a", "RSA")
    assert int(first["modulus"], 16) == rsa.key.public_key().public_numbers().n
    assert first["modulus"] == first["modulus"].upper() and len(first["modulus"]) == 512
    assert list(second) == ["name", "type", "publickey"] and (second["name"], second["type"]) == ("z", "ECC")
    assert base64.b64decode(second["publickey"])[:2] == b"\x30\x59"


def test_replacing(lm, client):
    lm.call("addcert", cert="web", data=pem("one"))
    lm.call("addvs", vs="192.0.2.1", port=443, prot="tcp", sslacceleration=1, certfile="web")
    before = lm.state()["certificates"]["web"]
    for more in ({}, {"replace": 0}):
        assert _refusal(lm, "addcert", cert="web", data=pem("two"), **more) == "Filename already exists"
    answer = _upload_v1(client, "addcert", pem("two"), cert="web", replace=0)
    assert answer.status == 422 and "<Error>Command Failed: Filename already exists</Error>" in answer.text
    assert lm.journal[-1].message == "Command Failed: Filename already exists"
    assert client.v2("addcert", cert="web", data=base64.b64encode(pem("x")).decode()).json["message"] == (
        "Filename already exists"
    )
    lm.call("addcert", cert="web", data=pem("two"), replace=1)
    assert lm.state()["certificates"]["web"] != before
    assert lm.call("showvs", vs=1)["CertFile"] == "web"
    lm.call("addcert", cert="new", data=pem("new"), replace=1)
    assert set(lm.state()["certificates"]) == {"web", "new"}


def test_deleting(lm):
    assert _refusal(lm, "delcert", cert="web") == _refusal(lm, "readcert", cert="web") == "Unknown certificate"
    for name in ("web", "mail"):
        lm.call("addcert", cert=name, data=pem(name))
    lm.call("addvs", vs="192.0.2.1", port=443, prot="tcp", sslacceleration=1, certfile="mail web")
    assert _refusal(lm, "delcert", cert="web") == "Certfile still associated with a VS"
    lm.call("modvs", vs=1, certfile="mail")
    assert lm.call("delcert", cert="web")["message"] == "Command completed ok"
    lm.call("modvs", vs=1, sslacceleration=0)
    lm.call("delcert", cert="mail")
    assert lm.call("listcert") == {"code": 200, "status": "ok"}


def test_services_name_certificates_that_exist(lm):
    place = {"vs": "192.0.2.1", "port": 443, "prot": "tcp", "sslacceleration": 1}
    _refusal(lm, "addvs", **place, certfile="web")
    lm.call("addcert", cert="web", data=pem("web"))
    assert lm.call("addvs", **place, certfile="web")["CertFile"] == "web"
    _refusal(lm, "modvs", vs=1, bandwidth=5, certfile="web mail")


def test_tombstones(lm):
    lm.quirks.certificate_tombstones = True
    lm.call("addcert", cert="web", data=pem("web"))
    lm.call("delcert", cert="web")
    for replace in (0, 1):
        assert _refusal(lm, "addcert", cert="web", data=pem("web"), replace=replace) == "Identifier has been deleted"
    lm.call("addcert", cert="other", data=pem("other"))
    lm.call("delcert", cert="web")
    lm.call("addcert", cert="web", data=pem("web"))
    lm.quirks.certificate_tombstones = False
    lm.call("delcert", cert="web")
    lm.call("addcert", cert="web", data=pem("web"))


def test_intermediates(lm, client):
    ca, other = made("ca"), made("other", "RSA")
    answer = _upload_v1(client, "addintermediate", ca.certificate_pem, cert="ca.pem")
    assert "<Success>Certificate Installed</Success>" in answer.text
    answer = _upload_v1(client, "addintermediate", ca.certificate_pem, cert="ca.pem", replace=1)
    assert answer.status == 422 and "Command Failed: Filename already exists" in answer.text
    lm.call("addintermediate", cert="der", data=other.der)
    assert [entry["type"] for entry in lm.call("listintermediate")["cert"]] == ["ECC", "RSA"]
    assert ssl.PEM_cert_to_DER_cert(lm.call("readintermediate", cert="ca.pem")["certificate"]) == ca.der
    assert lm.call("listcert") == {"code": 200, "status": "ok"}
    assert set(lm.state()["intermediates"]) == {"ca.pem", "der"}
    lm.call("addvs", vs="192.0.2.1", port=443, prot="tcp", sslacceleration=1, intermediatecerts="ca.pem+der")
    _refusal(lm, "delintermediate", cert="der")
    lm.call("modvs", vs=1, intermediatecerts="ca.pem")
    lm.call("delintermediate", cert="der")
    _refusal(lm, "readintermediate", cert="der")


def test_the_certificate_of_the_administration(lm):
    unset = "No Admin Certificate assigned"
    assert lm.call("get", param="admincert")["admincert"] == lm.call("getall")["admincert"] == unset
    _refusal(lm, "set", param="admincert", value="web")
    for name in ("web", "mail"):
        lm.call("addcert", cert=name, data=pem(name))
    lm.call("set", param="admincert", value="web")
    assert lm.call("get", param="admincert")["admincert"] == lm.call("getall")["admincert"] == "web"
    assert lm.state()["admin_certificate"] == "web"
    lm.call("addcert", cert="mail", data=pem("mail"), replace=1)
    assert lm.call("get", param="admincert")["admincert"] == "web"
    lm.call("addcert", cert="web", data=pem("web"), replace=1)
    assert lm.call("get", param="admincert")["admincert"] == unset
    _refusal(lm, "set", param="localcert", value="web")


def test_key_material_is_nowhere_but_in_the_state_file(make, tmp_path):
    file, journal = tmp_path / "state.json", tmp_path / "journal.jsonl"
    lm = make(state=file, journal_file=journal)
    client, own = Client(lm), made("own")
    _upload_v1(client, "addcert", own.pem, cert="one")
    _upload_v1(client, "addcert", own.pfx("s3cret7"), cert="two", password="s3cret7")
    client.v2("addcert", cert="three", data=base64.b64encode(own.pem).decode(), password="s3cret7")
    client.v2("addcert", cert="three", file=own.pem.decode())
    _upload_v1(client, "nosuchcommand", own.pem, cert="one")
    _upload_v1(client, "restorecert", own.pfx("s3cret7"), type="full", password="s3cret7")
    assert [call.http_status for call in lm.journal] == [200, 200, 200, 422, 405, 422]  # restorecert takes backups only
    lm.quirks.long_url_reset = None
    for target in (f"/access/addcert?{urlencode({'cert': own.pem})}", f"/access/addcert?{quote(own.pem)}"):
        client.raw(target)
    client.raw("/access/nosuchcommand", "POST", b"Bag Attributes\n" + own.pem)
    _upload_v1(client, "nosuchcommand", own.pem, cert="one")
    _upload_v1(client, "restorecert", own.pfx("s3cret7"), type="full", password="s3cret7")
    hidden = "********"
    assert lm.journal[-2].parameters == {"cert": "one", "data": hidden}
    assert lm.journal[-1].parameters == {"type": "full", "password": hidden, "data": hidden}
    heart = "".join(own.key_pem().decode().splitlines()[1:-1])[8:40]
    inner = base64.b64encode(own.pem).decode()[-60:-20]
    shown = [repr(list(lm.journal)), journal.read_text(), json.dumps(lm.state()), repr(lm._appliance.configuration)]
    for command in ("listcert", "getall"):
        shown.append(client.v1(command).text)
    for name in ("one", "two", "three"):
        shown.append(client.v2("readcert", cert=name).text)
    for text in shown:
        text = unquote_plus(text).lower()  # names of parameters are noted in lower case
        assert heart.lower() not in text.replace("\\n", "").replace("\n", "")
        assert inner.lower() not in text and "s3cret7" not in text and "private key" not in text
    assert "PRIVATE KEY" in file.read_text()


def test_a_restart_keeps_everything(make, tmp_path):
    file = tmp_path / "state.json"
    first = Emulator(state=file, users={"bal": "pw"})
    first.quirks.certificate_tombstones = True
    for name in ("web", "gone"):
        first.call("addcert", cert=name, data=pem(name))
    first.call("delcert", cert="gone")
    first.call("set", param="admincert", value="web")
    first.call("addintermediate", cert="ca", data=made("ca").certificate_pem)
    first.call("modifycipherset", name="own", value="AES128-SHA")
    first.call("addrule", name="r", pattern="p", setonmatch=2)
    first.call("addvs", vs="192.0.2.1", port=443, prot="tcp", sslacceleration=1, certfile="web", cipherset="own")
    first.call("addprerule", vs=1, rule="r")
    first.call("uploadtemplate", data=first.call("exportvstmplt", vs=1)["data"])
    first.call("modvs", vs=1, createsubvs="")
    first.call("addrsrule", vs=1, rs="!1", rule="r")
    second = Emulator(state=file)
    second.quirks.certificate_tombstones = True
    assert second.state() == first.state()
    for command in ("listvs", "showrule", "listcert", "listintermediate", "listtemplates"):
        assert second.call(command) == first.call(command)
    assert _refusal(second, "addcert", cert="gone", data=pem("gone")) == "Identifier has been deleted"
    second.call("delrule", name="r")
    assert second.call("showvs", vs=1)["NPreProcessRules"] == 0


# -- cipher sets ------------------------------------------------------------------------------------------


def test_cipher_sets(lm, client):
    assert _refusal(lm, "getcipherset", name="own") == "Unknown cipher set"
    assert lm.call("modifycipherset", name="own", value="AES128-SHA:AES256-SHA")["message"] == "Cipher set updated"
    assert lm.call("getcipherset", name="own")["cipherset"] == "AES128-SHA:AES256-SHA"
    assert "<Data><cipherset>AES128-SHA:AES256-SHA</cipherset>" in client.v1("getcipherset", name="own").text
    lm.call("modifycipherset", name="own", value="ECDHE-RSA-AES256-GCM-SHA384")
    assert lm.state()["cipher_sets"] == {"own": "ECDHE-RSA-AES256-GCM-SHA384"}
    assert _refusal(lm, "getcipherset", name="Own") == "Unknown cipher set"
    for value in ("AES128-SHA:NONSENSE", "aes128-sha", "AES128-SHA,AES256-SHA", "AES128-SHA:", ":"):
        assert _refusal(lm, "modifycipherset", name="own", value=value) == "Invalid Cipher list"
    lm.call("addvs", vs="192.0.2.1", port=443, prot="tcp", sslacceleration=1, cipherset="own")
    assert _refusal(lm, "delcipherset", name="own") == "Cipher set in use"
    assert "<Error>Command Failed: Cipher set in use</Error>" in client.v1("delcipherset", name="own").text
    lm.call("modvs", vs=1, cipherset="Default")
    assert lm.call("delcipherset", name="own")["message"] == "Cipher set deleted"
    assert _refusal(lm, "delcipherset", name="own") == "Unknown cipher set"


def test_built_in_cipher_sets_are_read_only(lm):
    ciphers = lm.call("getcipherset", name="BestPractices")["cipherset"]
    assert ciphers.count(":") > 2
    _refusal(lm, "getcipherset", name="bestpractices")
    _refusal(lm, "modifycipherset", name="BestPractices", value="AES128-SHA")
    _refusal(lm, "delcipherset", name="BestPractices")
    lm.call("modifycipherset", name="copy", value=ciphers)


def test_cipher_sets_of_the_web_interface(lm):
    _refusal(lm, "set", param="wuicipherset", value="own")
    lm.call("modifycipherset", name="own", value="AES128-SHA")
    lm.call("set", param="wuicipherset", value="own")
    _refusal(lm, "delcipherset", name="own")
    lm.call("set", param="wuicipherset", value="WUI")
    lm.call("delcipherset", name="own")


def test_own_ciphers_of_a_service_are_checked_and_compared_by_content(vs, lm):
    with pytest.raises(ApiError, match="Invalid Cipher list"):
        vs(sslacceleration=1, ciphers="NONSENSE")
    vs(sslacceleration=1, ciphers="AES128-SHA")
    assert lm.call("getcipherset", name="Custom_1")["cipherset"] == "AES128-SHA"
    before = lm.state()
    assert before["cipher_sets"] == {}
    vs(ciphers="AES256-SHA")
    assert lm.state() != before


# -- renumbering --------------------------------------------------------------------------------------------


def _with_a_gap(lm):
    """Services 2 and 4 and SubVS 3."""
    for port in (80, 81):
        lm.call("addvs", vs="192.0.2.1", port=port, prot="tcp")
    lm.call("modvs", vs=2, createsubvs="")
    lm.call("addvs", vs="192.0.2.1", port=82, prot="tcp")
    lm.call("delvs", vs=1)


def _indexes(lm):
    return [vs["Index"] for vs in lm.call("listvs")["VS"]]


@pytest.mark.parametrize("renumbers", [True, False])
@pytest.mark.parametrize(
    ("prepare", "command", "parameters"),
    [
        ([], "addcert", {"cert": "web", "data": "PEM"}),
        ([("addcert", {"cert": "web", "data": "PEM"})], "addcert", {"cert": "web", "data": "PEM", "replace": 1}),
        ([("addcert", {"cert": "web", "data": "PEM"})], "delcert", {"cert": "web"}),
        ([], "addintermediate", {"cert": "ca", "data": "PEM"}),
        ([("addintermediate", {"cert": "ca", "data": "PEM"})], "delintermediate", {"cert": "ca"}),
        ([], "modifycipherset", {"name": "own", "value": "AES128-SHA"}),
        ([("modifycipherset", {"name": "own", "value": "AES128-SHA"})], "delcipherset", {"name": "own"}),
    ],
)
def test_a_global_change_renumbers(lm, prepare, command, parameters, renumbers):
    lm.quirks.renumber_on_global_change = renumbers
    content = pem("x")
    for name, sent in prepare:
        lm.call(name, **{**sent, **({"data": content} if "data" in sent else {})})
    _with_a_gap(lm)
    assert _indexes(lm) == [2, 4, 3]
    lm.call(command, **{**parameters, **({"data": content} if "data" in parameters else {})})
    assert _indexes(lm) == ([1, 2, 3] if renumbers else [2, 4, 3])


def test_a_refused_change_and_other_writes_do_not_renumber(lm):
    _with_a_gap(lm)
    _refusal(lm, "delcert", cert="web")
    _refusal(lm, "modifycipherset", name="own", value="x")
    lm.call("addrule", name="r", pattern="p")
    lm.call("listcert")
    assert _indexes(lm) == [2, 4, 3]
