# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What firmware, login or permissions do not allow: told all at once, in check mode too, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from authority import issue
from documents import PASSWORD, USER, run, session_with
from new_objects import tried

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import build
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import is_older
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import service_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import settings_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import config, settings, virtual_service
from loadmaster_emulator import Emulator
from loadmaster_emulator.commands import COMMANDS

SUITE = "TLS_AES_256_GCM_SHA384"
OLDER = ["7.2.53", "7.2.54", "7.2.58", "7.2.59", "7.2.60"]
PLACE = {"address": "192.0.2.25", "port": 80}
KEY = "A" * 44


def refused(lm: Emulator, session: Session, module: Any = config, **options: Any) -> InvalidOption:
    """Be refused in check mode and in a run, with the same words, before anything is written."""
    defaults = {name: argument.get("default") for name, argument in module.MODULE.options.items()}
    errors = []
    lm.journal.clear()
    for check in (True, False):
        with pytest.raises(InvalidOption) as caught:
            module.MODULE.perform({**defaults, **options}, session, Mode(check, True))
        errors.append(caught.value)
    assert errors[0].message == errors[1].message
    assert not [call.command for call in lm.journal if COMMANDS[call.command].writes]
    return errors[1]


# --- firmware ------------------------------------------------------------------------------------------------------------


def test_a_setting_of_newer_firmware_comes_with_the_other_mistakes() -> None:
    with Emulator(firmware="7.2.54", users={"bal": "secret-of-bal"}) as lm, session_with(lm) as session:
        wanted = {"wui_tls13_cipher_suites": [SUITE], "syslog_prefix": "lm1", "hostname": "lm1", "wui_access": False}
        error = refused(lm, session, settings=wanted)
        assert "wui_tls13_cipher_suites: this firmware (7.2.54.12" in error.message
        assert "syslog_prefix: this firmware (7.2.54.12" in error.message and "It came with 7.2.63" in error.message
        assert "set allow_lockout" in error.message


@pytest.mark.parametrize("firmware", ["7.2.54", "7.2.60"])
def test_every_setting_is_known_or_refused(firmware: str) -> None:
    with Emulator(firmware=firmware, users={"bal": "secret-of-bal"}) as lm, session_with(lm) as session:
        rows = [row for row in settings_table.TABLE.fields if not row.danger]
        cells = [cell for row in rows for cell in tried(lm, session, settings, {"update_secrets": "always"}, row)]
        late = [f"{cell.option}: {cell.done}" for cell in cells if "Unknown parameter" in cell.done and cell.writes]
        assert not late, "\n".join(late)
        unknown = {cell.option for cell in cells if f"this firmware ({firmware}" in cell.done}
        newer = {row.option for row in rows if row.since and is_older(firmware, row.since)}
        assert unknown == newer and "syslog_prefix" in newer


@pytest.mark.parametrize("there", [False, True], ids=["nothing there", "a service there"])
@pytest.mark.parametrize("firmware", OLDER)
def test_every_option_of_a_service_is_known_or_refused(firmware: str, there: bool) -> None:
    sorts = [
        {"address": "192.0.2.25", "port": "9000", "type": "http", "persistence": "source_ip"},
        {**PLACE, "type": "generic", "scheduling": "resource_based_adaptive"},
    ]
    with Emulator(firmware=firmware, users={"bal": "secret-of-bal"}) as lm, session_with(lm) as session:
        if there:
            lm.call("addvs", vs="192.0.2.26", port=80, prot="tcp")
        rows = [row for row in service_table.TABLE.fields if row.since]
        cells = [cell for sort in sorts for row in rows for cell in tried(lm, session, virtual_service, sort, row)]
        faults = [f"{cell.option}={cell.value!r}: {cell.fault}" for cell in cells if cell.fault]
        assert not faults, "\n".join(faults)
        unknown = [cell.option for cell in cells if f"this firmware ({firmware}" in cell.done]
        assert ("reschedule_on_4xx" in unknown) == (firmware in OLDER[:3])
        assert ("adaptive_url" in unknown) == (firmware in OLDER[:4])


# --- login ---------------------------------------------------------------------------------------------------------------


@contextmanager
def by_key(lm: Emulator) -> Iterator[Session]:
    options = {"host": lm.host, "host_port": lm.port, "api_key": KEY, "fingerprint": lm.fingerprint}
    with Session.open(build({**options, "api_version": "v1"})).client as client:
        session = Session(client, sleep=lambda _seconds: None)
        client._pace.wait = lambda: None  # type: ignore[method-assign]
        yield session


def test_uploads_that_this_login_cannot_make_are_refused_with_the_rest() -> None:
    made = issue("mail.example.com")
    certificates = [{"name": "mail", "certificate": made.pem + made.key}]
    with Emulator(firmware="7.2.63", users={"bal": "x"}, api_keys={"bal": [KEY]}) as lm, by_key(lm) as session:
        wanted = {"certificates": certificates, "settings": {"hostname": "lm1", "wui_access": False}}
        error = refused(lm, session, **wanted)
        assert "certificate mail has to be uploaded. API v1 takes uploads only" in error.message
        assert "set allow_lockout" in error.message


# --- permissions -----------------------------------------------------------------------------------------------------------


def test_all_that_is_not_allowed_is_told_at_once() -> None:
    made = issue("mail.example.com")
    with Emulator(firmware="7.2.63", users={"bal": "secret-of-bal"}) as lm, session_with(lm) as session:
        lm.call("addvs", vs="192.0.2.25", port=80, prot="tcp")
        lm.call("addrs", vs="192.0.2.25", port=80, prot="tcp", rs="192.0.2.31", rsport=80)
        lm.call("addrule", name="Theirs", type=0, pattern="/a/")
        wanted: dict[str, Any] = {
            "settings": {"wui_access": False, "api_enabled": False, "hostname": "lm1"},
            "certificates": [{"name": "mail", "certificate": made.pem + made.key, "administrative": True}],
            "virtual_services": [{**PLACE, "real_servers": [{"address": "192.0.2.31", "state": "absent"}]}],
            "purge": [{"kind": "content_rules"}],
        }
        message = refused(lm, session, **wanted).message
        for told in ("wui_access", "api_enabled", "certificate mail", "allow_no_servers", "allow_empty_purge"):
            assert told in message, message
        assert message.count("allow_lockout") == 3
        assert refused(lm, session, settings, **wanted["settings"]).message.count("allow_lockout") == 2


@pytest.mark.parametrize("there", [True, False])
def test_what_a_service_with_sub_services_does_not_have_is_refused(there: bool) -> None:
    """The LoadMaster answers "ok" and drops it."""
    with Emulator(users={USER: PASSWORD}) as lm:
        service = {"address": "192.0.2.25", "port": 443, "type": "http"}
        subs = {"sub_virtual_services": [{"name": "OWA", "real_servers": []}]}
        if there:
            run(lm, document={"virtual_services": [{**service, **subs}]})
        wanted = {"virtual_services": [{**service, **({} if there else subs), "enhanced_health_checks": True}]}
        for check in (True, False):
            with pytest.raises(InvalidOption, match="with SubVSs has no enhanced_health_checks"):
                run(lm, check=check, document=wanted)
