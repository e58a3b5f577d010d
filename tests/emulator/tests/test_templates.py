# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates, in the appliance's words as far as they are recorded, and in the emulator's own."""

from __future__ import annotations

import base64

import pytest

from loadmaster_emulator import ApiError, Emulator

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
    held = [
        {"name": "Two doors", "comment": "HTTP and HTTPS", "certified": "yes"},
        {"name": "Other", "comment": "HTTP and HTTPS", "certified": "no"},
    ]
    assert lm.call("listtemplates")["template"] == held
    # A second time they come beside the first, and count as new.
    assert "Installed 2 new" in client.raw("/access/uploadtemplate", "POST", body).text
    assert lm.call("listtemplates")["template"] == held + held
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
    assert (raw.text, raw.header("Content-Type")) == (text, "text/plain; charset=us-ascii")
    assert raw.header("Content-Disposition") == 'attachment; filename="web.txt"'
    lm.call("uploadtemplate", data=text)
    lm.call("addvs", vs="192.0.2.2", port=80, prot="tcp", nickname="web", template="Template generated from web")
    services = lm.state()["services"]
    one, other = services["tcp/192.0.2.1:80"], services["tcp/192.0.2.2:80"]
    for service in (one, other):
        assert len(service["settings"].pop("CertFile")) == 32
    assert one == other
    with pytest.raises(ApiError):
        lm.call("exportvstmplt", vs=7)


# The words of a recorded export (7.2.60), and one that no one has recorded.
IN_WORDS = """%TYPE% VS
%NAME% In words
%COMMENT% x

vip tcp/%VIP%+%PORT%
name "%REALNAME%"
mtype "http"
subnetorig
forcel7
cookie "JSESSIONID"
healthcheck "http"
persist "cookie"
schedule "lc"
ptimeout 360
useget 1
checkport 8810
someday
exit
"""


def test_the_words_of_the_appliance_are_understood(lm):
    lm.call("uploadtemplate", data=IN_WORDS.replace("%NAME% In words", "%NAME% In words "))
    assert lm.call("listtemplates")["template"][0]["name"] == "In words "
    lm.call("addvs", **PLACE, template="In words")
    made = lm.call("showvs", vs=1)
    assert (made["VStype"], made["CheckType"], made["CheckPort"], made["CheckUseGet"]) == ("http", "http", "8810", 1)
    assert (made["Persist"], made["Cookie"], made["PersistTimeout"]) == ("cookie", "JSESSIONID", "360")
    assert (made["NickName"], made["Schedule"], made["SubnetOriginating"]) == ("In words", "lc", True)
    lm.call("uploadtemplate", data=IN_WORDS.replace("In words", "Bare").replace("subnetorig\n", "transparent\n"))
    lm.call("addvs", vs="192.0.2.2", port=80, prot="tcp", template="Bare")
    made = lm.call("showvs", vs=2)
    assert (made["Transparent"], made["SubnetOriginating"], made["ForceL7"]) == (True, False, True)


def test_an_export_has_the_words_of_its_firmware():
    old, new = Emulator(firmware="7.2.58"), Emulator(firmware="7.2.60")
    texts = []
    for lm in (old, new):
        lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp", nickname="web")
        texts.append(lm.call("exportvstmplt", vs=1)["data"])
    assert "%NAME% Template automatically generated\r\n" in texts[0] and texts[0].endswith("\r\nexit")
    assert "%NAME% Template generated from web\r\n" in texts[1] and texts[1].endswith("\r\nexit\r\n")
    assert 'mtype "http"\r\nsubnetorig\r\nforcel7\r\nhealthcheck "http"\r\nschedule "rr"\r\nexit' in texts[1]


@pytest.mark.parametrize(("one_at_a_time", "left"), [(True, 1), (False, 0)])
def test_deleting_a_template_that_is_there_twice(lm, one_at_a_time, left):
    lm.quirks.deltemplate_one = one_at_a_time
    for _unused in range(2):
        lm.call("uploadtemplate", data=TEMPLATE)
    lm.call("deltemplate", name="Two doors")
    assert len(lm.call("listtemplates").get("template", [])) == left
