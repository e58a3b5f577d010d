# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may come in: passwords, keys, certificates, permissions, switches."""

from __future__ import annotations

import datetime
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from wire_client import Client

from loadmaster_emulator import Quirks


def test_wrong_credentials_are_an_html_401(lm):
    for client in (Client(lm, password="wrong"), Client(lm, user="nobody")):
        for answer in (client.v1("listvs"), client.v2("listvs")):
            assert (answer.status, answer.header("Content-Type")) == (401, "text/html")
            assert answer.header("WWW-Authenticate").startswith("Basic")
    assert Client(lm).raw("/access/listvs", headers="").status == 401


def test_passwords_are_utf8(make):
    assert Client(make(users={"bal": "pässwörd"}), password="pässwörd").v1("listvs").status == 200


def test_an_api_key_wins_over_everything(make):
    lm = make(api_keys={"bal": ["KEY"]})
    client = Client(lm, password="wrong")
    assert client.v1("listvs", apikey="KEY").status == 200
    assert client.v2("listvs", apikey="KEY", apiuser="bal", apipass="wrong").status == 200
    assert client.v2("listvs", apiuser="bal", apipass="pw").status == 200
    client = Client(lm)
    assert client.v2("listvs", apikey="other", apiuser="bal", apipass="pw").status == 401
    assert client.v2("listvs", apiuser="bal", apipass="wrong").status == 401


def test_the_seventeenth_key_pushes_out_the_first(client):
    first = client.v2("addapikey").json["apikeys"][0]
    for _unused in range(16):
        keys = client.v2("addapikey").json["apikeys"]
    assert len(keys) == 16 and first not in keys
    assert client.v2("listapikeys").json["apikeys"] == keys
    assert client.v2("listvs", apikey=first).status == 401
    assert client.v2("delapikey", key=keys[0]).json["apikeys"] == keys[1:]


def test_users_read_unless_they_may_more(make):
    lm = make(users={"bal": "pw", "eve": "e", "vera": "v", "root": "r"}, permissions={"vera": ["vs"], "root": ["root"]})
    place = {"vs": "192.0.2.1", "port": 80, "prot": "tcp"}
    eve, vera, root = Client(lm, "eve", "e"), Client(lm, "vera", "v"), Client(lm, "root", "r")
    assert eve.v2("listvs").status == 200
    assert eve.v2("addvs", **place).status == 403
    assert vera.v2("addvs", **place).status == 200
    assert vera.v2("set", param="motd", value="x").status == 403
    assert root.v2("set", param="motd", value="x").status == 200
    assert eve.v2("delapikey", key="K", user="bal").status == 403


def test_the_disabled_api_is_an_html_404_but_for_one_call(make):
    lm = make(api_enabled=False)
    client = Client(lm)
    for answer in (client.v1("listvs"), client.v2("listvs"), client.v1("set", value="yes", param="enableapi")):
        assert (answer.status, answer.header("Content-Type")) == (404, "text/html")
    assert client.v2("set", param="enableapi", value="yes").status == 404
    assert Client(lm, password="wrong").v1("set", param="enableapi", value="yes").status == 401
    assert client.v1("set", param="enableapi", value="yes").status == 200
    assert client.v1("listvs").status == 200
    assert client.v1("set", param="enableapi", value="no").status == 200  # the call itself is still answered
    assert client.v1("listvs").status == 404


@pytest.mark.parametrize(("strict", "status"), [(False, 200), (True, 422)])
def test_enabling_with_1(make, strict, status):
    client = Client(make(api_enabled=False, quirks=Quirks(strict_enableapi=strict)))
    assert client.v1("set", param="enableapi", value="1").status == status


@pytest.mark.parametrize(("parameter", "value"), [("sessioncontrol", "no"), ("sessionbasicauth", "yes")])
def test_v2_needs_session_management(lm, client, parameter, value):
    lm.call("set", param=parameter, value=value)
    assert client.v2("listvs").status == 404
    assert client.v1("listvs").status == 200


@pytest.fixture
def authority(tmp_path):
    """A CA, and a maker of contexts with a client certificate of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name, public, ca):
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
        )

    file = tmp_path / "ca.pem"
    file.write_bytes(certificate("CA", key.public_key(), True))

    def context(lm, name):
        own = ec.generate_private_key(ec.SECP256R1())
        both = tmp_path / f"{name}.pem"
        both.write_bytes(
            certificate(name, own.public_key(), False)
            + own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        made = ssl.create_default_context(cafile=lm.certificate_file)
        made.load_cert_chain(both)
        return made

    return file, context


def test_client_certificates(make, authority):
    file, context = authority
    lm = make(users={"bal": "pw", "eve": "e"}, client_ca=file, certificate_users={"eve.example": "eve"})

    def by(name):
        client = Client(lm, context=context(lm, name))
        client.authorization = ""
        return client

    assert by("eve").v1("listvs").status == 401  # not switched on yet
    lm.call("set", param="adminclientaccess", value=1)
    assert by("eve").v1("listvs").status == 200
    assert by("eve.example").v1("listvs").status == 200
    assert by("eve").v2("listvs").status == 401
    assert by("bal").v1("listvs").status == 401
    assert by("mallory").v1("listvs").status == 401
    assert Client(lm).v1("listvs").status == 200
    lm.call("set", param="adminclientaccess", value=2)
    assert Client(lm).v1("listvs").status == 401
    assert [call.user for call in lm.journal].count("eve") == 2
