# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""State files, restarts, comparison."""

from __future__ import annotations

import hashlib
import json
import ssl
import stat

import pytest
from wire_client import Client, Dropped

from loadmaster_emulator import ApiError, Emulator


def _busy(lm):
    lm.call("addvs", vs="192.0.2.1", port=443, prot="tcp", nickname="web")
    lm.call("modvs", vs=1, sslacceleration=1, tlstype=7)
    lm.call("modvs", vs=1, createsubvs="")
    lm.call("modvs", vs=2, nickname="owa", interceptopts="opblock")
    lm.call("addrs", vs=2, rs="10.0.0.1", rsport=80, weight=7)
    lm.call("addvs", vs="192.0.2.2", port=80, prot="tcp", followvsid=1)
    lm.call("set", param="nameserver", value="8.8.8.8,8.8.4.4")
    lm.call("modhealth", timeout=9)


def test_a_restart_is_the_same_appliance(make, tmp_path):
    file = tmp_path / "state.json"
    first = make(state=file, users={"bal": "pw", "eve": "e"}, permissions={"eve": ["vs"]}, api_keys={"bal": ["KEY"]})
    _busy(first)
    key = Client(first).v2("addapikey").json["apikeys"][1]
    first.stop()
    second = make(state=file, users={})
    assert second.state() == first.state()
    assert second.fingerprint == first.fingerprint
    assert second.call("listvs") == first.call("listvs")
    assert second.call("getall")["nameserver"] == ["8.8.8.8", "8.8.4.4"]
    client = Client(second, password="wrong")
    assert client.v2("listvs", apikey="KEY").status == client.v2("listvs", apikey=key).status == 200
    assert Client(second, "eve", "e").v2("modvs", vs=1, qos=1).status == 200
    # The sequence of server numbers goes on where it was.
    assert second.call("addrs", vs=2, rs="10.0.0.2", rsport=80)["Rs"][0]["RsIndex"] == 3


def test_the_state_file_is_private_and_always_whole(tmp_path):
    file = tmp_path / "state.json"
    lm = Emulator(state=file, users={"bal": "pw"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    assert file.read_text() != before
    json.loads(file.read_text())
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 99}'])
def test_another_file_is_a_clear_error(tmp_path, content):
    file = tmp_path / "state.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="is not a state file"):
        Emulator(state=file)


def test_restart_in_place(lm, client):
    lm.call("addvs", vs="192.0.2.1", port=80, prot="tcp")
    client.v2("listvs")
    url, before = lm.url, lm.state()
    lm.restart()
    assert (lm.url, lm.state()) == (url, before)
    with pytest.raises(Dropped):
        client.v2("listvs")  # the old connection is gone
    assert client.v2("listvs").status == 200
    assert lm.handshakes == 2


def test_state_does_not_depend_on_the_way_it_was_reached():
    one, other = Emulator(), Emulator()
    for port in (80, 81):
        one.call("addvs", vs="192.0.2.1", port=port, prot="tcp")
    for port in (99, 81, 80):
        other.call("addvs", vs="192.0.2.1", port=port, prot="tcp")
    other.call("delvs", vs=1)
    other.call("modvs", vs=2, transparent=1)
    assert one.state() != other.state()
    other.call("modvs", vs=2, transparent=0)
    assert one.state() == other.state()
    one.call("addrs", vs=1, rs="10.0.0.1", rsport=80)
    assert one.state() != other.state()
    assert json.loads(json.dumps(one.state())) == one.state()


def test_certificate(lm):
    der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((lm.host, lm.port), timeout=5))
    assert lm.fingerprint.replace(":", "").lower() == hashlib.sha256(der).hexdigest()
    assert lm.fingerprint[2] == ":" and lm.fingerprint == lm.fingerprint.upper()
    assert lm.fingerprint != Emulator().fingerprint


def test_an_occupied_port_is_a_clear_error(lm):
    with pytest.raises(OSError, match=f"Cannot listen on 127.0.0.1 port {lm.port}"):
        Emulator(port=lm.port).start()


def test_starting_twice_is_an_error_and_stopping_twice_is_not(lm):
    with pytest.raises(RuntimeError):
        lm.start()
    lm.stop()
    lm.stop()


# -- backups ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "changed"), [(1, {"parameters"}), (2, {"services", "rules"}), (3, {"parameters", "services", "rules"})]
)
def test_a_backup_brings_back_the_parts_that_are_asked_for(lm, parts, changed):
    def configure(name):
        lm.call("set", param="hostname", value=name)
        lm.call("addrule", name=name, pattern=name)
        lm.call("addvs", vs="192.0.2.1", port=80 if name == "old" else 81, prot="tcp", nickname=name)

    configure("old")
    old, backup = lm.state(), lm.call("backup")["data"]
    configure("new")
    new = lm.state()
    lm.call("restore", type=parts, data=backup)
    now = lm.state()
    assert {name for name in now if now[name] != new[name]} == changed
    assert {name: now[name] for name in changed} == {name: old[name] for name in changed}
    with pytest.raises(ApiError, match="Invalid file"):
        lm.call("restore", type=2, data="bm9uc2Vuc2U=")
