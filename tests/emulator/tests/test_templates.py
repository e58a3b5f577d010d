# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates, in the emulator's own text form."""

from __future__ import annotations

import base64

import pytest

from loadmaster_emulator import ApiError

TEMPLATE = """%TYPE% VS
%NAME% Two doors
%COMMENT% HTTP and HTTPS
%PORT% 80
%PROT% tcp
%TVERSION% 3

vip tcp/%VIP%+%PORT%
name "%REALNAME% plain"
vstype "http"
idletime "300"
exit
vip tcp/%VIP%+443
name "%REALNAME%"
sslacceleration "1"
sslreencrypt "1"
passsni "1"
exit
"""
PLACE = {"vs": "192.0.2.1", "port": 8000, "prot": "tcp"}


def test_a_template_makes_services(lm, client):
    data = base64.b64encode(TEMPLATE.encode()).decode()
    assert client.v2("uploadtemplate", data=data).json["message"] == "Installed 1 new Kemp certified templates."
    answer = client.v2("addvs", **PLACE, template="Two doors", nickname="web").json
    assert answer == {"code": 200, "message": "Template VS added", "status": "ok"}
    tls, plain = lm.call("listvs")["VS"]
    assert (plain["VSPort"], plain["NickName"], plain["Idletime"]) == ("8000", "web plain", 300)
    assert (tls["VSPort"], tls["NickName"], tls["SSLReencrypt"], tls["PassSni"]) == ("443", "web", True, True)
    before = lm.state()
    with pytest.raises(ApiError):
        lm.call("addvs", vs="192.0.2.1", port=9000, prot="tcp", template="Two doors")  # 443 is taken
    assert lm.state() == before
    with pytest.raises(ApiError):
        lm.call("addvs", **PLACE, template="No doors")
    lm.call("addvs", vs="192.0.2.2", port=80, prot="tcp", template="Two doors")
    assert lm.call("showvs", vs="192.0.2.2", port=443, prot="tcp")["NickName"] == "Two doors"


def test_upload_over_v1_list_and_delete(lm, client):
    assert lm.call("listtemplates") == {"code": 200, "status": "ok"}
    other = TEMPLATE.replace("Two doors", "Other").replace("%PROT%", "%CERTIFIED% no\n%PROT%")
    body = (TEMPLATE + other).replace("\n", "\r\n").encode()
    assert "Installed 2 new Kemp certified templates." in client.raw("/access/uploadtemplate", "POST", body).text
    assert "Installed 0 new" in client.raw("/access/uploadtemplate", "POST", body).text
    assert lm.call("listtemplates")["template"] == [
        {"name": "Two doors", "comment": "HTTP and HTTPS", "certified": "yes"},
        {"name": "Other", "comment": "HTTP and HTTPS", "certified": "no"},
    ]
    assert "<template>\r\n<name>Two doors</name>\r\n" in client.v1("listtemplates").text
    assert lm.call("deltemplate", name="Other")["message"] == "Command completed ok"
    assert list(lm.state()["templates"]) == ["Two doors"]
    with pytest.raises(ApiError):
        lm.call("deltemplate", name="Other")


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        TEMPLATE.replace("exit\n", ""),
        TEMPLATE.replace("%NAME% Two doors\n", ""),
        TEMPLATE.replace('idletime "300"', "subnetorig"),
        TEMPLATE.partition("vip")[0],
        "x\n" + TEMPLATE,
        b"\xff\xfe",
    ],
)
def test_other_texts_are_refused(lm, text):
    with pytest.raises(ApiError):
        lm.call("uploadtemplate", data=text)
    assert lm.state()["templates"] == {}


def test_an_export_makes_the_same_service_again(lm, client):
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp", vstype="http2", nickname="web")
    lm.call("modvs", vs=1, persist="active-cookie", cookie='a "b"', persisttimeout=600, schedule="adaptive")
    lm.call("modvs", vs=1, sslacceleration=1, sslrewrite="https", tlstype=7, sslreencrypt=1, interceptopts="opblock")
    lm.call("modvs", vs=1, passsni=1, checkuse1_1=1, checktype="https", checkuseget=2, checkpostdata="a=b")
    text = lm.call("exportvstmplt", vs=1)["data"]
    raw = client.v1("exportvstmplt", vs="192.0.2.1", port=80, prot="tcp")
    assert (raw.text, raw.header("Content-Type")) == (text, "application/octet-stream")
    lm.call("uploadtemplate", data=text)
    lm.call("addvs", vs="192.0.2.2", port=80, prot="tcp", nickname="web", template="Template automatically generated")
    services = lm.state()["services"]
    one, other = services["tcp/192.0.2.1:80"], services["tcp/192.0.2.2:80"]
    for service in (one, other):
        assert len(service["settings"].pop("CertFile")) == 32
    assert one == other
    with pytest.raises(ApiError):
        lm.call("exportvstmplt", vs=7)
