# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of every module run as they stand, in their order, on an empty appliance; again, they change nothing new."""

from __future__ import annotations

import base64
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from authority import issue

from loadmaster_emulator import Emulator
from runner import Playbook

MODULES = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "plugins" / "modules").glob("*.py"))
PASSWORD = "secret-of-bal"
LOADMASTER = "lm1.example.com"
ISSUING = issue("issuing", ca=True)
MAIL, SHOP, PORTAL = (issue(f"{name}.example.com", ISSUING) for name in ("mail", "shop", "portal"))
# What a reader has to put in: secrets first, then what is none.
VAULT = {
    "vault_loadmaster_password": PASSWORD,
    "vault_smtp_password": "of-the-mail-server",
    "vault_snmp_community": "of-snmp",
    "vault_mail_certificate": MAIL.key + MAIL.pem + ISSUING.pem,
    "vault_mail_2026_key": MAIL.key,
    "vault_shop_certificate": SHOP.pem,
    "vault_shop_key": SHOP.key,
    "vault_portal_pfx": base64.b64encode(PORTAL.pfx("of-the-portal", ISSUING)).decode(),
    "vault_portal_password": "of-the-portal",
}
OPEN = {
    "issuing_certificate": ISSUING.pem,
    "new_issuing_certificate": issue("issuing", ca=True).pem,
    "staff_root_certificate": issue("root", ca=True).pem,
    "staff_issuing_certificate": issue("staff", ca=True).pem,
    "mail_template": """%TYPE% VS
%NAME% Mail HTTPS
%COMMENT% Mail over HTTPS, encrypted again
%PORT% 443
%PROT% tcp
%TVERSION% 3

vip tcp/%VIP%+%PORT%
name "%REALNAME%"
vstype "http"
idletime "1800"
exit
""",
}

# Files that a reader has, by the options of tasks that name them, and the variable of the environment that does.
DOCUMENT = {"virtual_services": [{"address": "192.0.2.60", "port": 80, "real_servers": [{"address": "192.0.2.61"}]}]}
TEMPLATE = """virtual_services:
- address: {{ intranet_address }}
  port: 80
  real_servers: {{ intranet_servers | to_json }}
"""
FILES = {
    "intranet.yml.j2": TEMPLATE,
    "lm1.yml": yaml.safe_dump(DOCUMENT),
    "certificates.yml": yaml.safe_dump({"certificates": [{"name": "mail-2026", "certificate": MAIL.pem}]}),
}

KEYS = [line for issued in (MAIL, SHOP, PORTAL) for line in issued.key.splitlines() if not line.startswith("-")]
SECRETS = [*KEYS, *(VAULT[name] for name in VAULT if "certificate" not in name and "key" not in name)]


def examples(module: str, lm: Emulator, folder: Path) -> list[dict[str, Any]]:
    """The tasks of a module, with an emulator instead of the LoadMaster and a folder instead of the reader's."""
    tasks = yaml.safe_load(import_module(f"ansible_collections.kemp.loadmaster.plugins.modules.{module}").EXAMPLES)
    for task in tasks:
        for value in task.values():
            if isinstance(value, dict) and value.get("host") == LOADMASTER:
                value.update(host=lm.host, host_port=lm.port, ca_path=str(lm.certificate_file))
            for option in ("src", "template"):
                if isinstance(value, dict) and value.get(option) in FILES:
                    value[option] = str(folder / value[option])
            if isinstance(value, dict) and "backup_options" in value:
                value["backup_options"]["dir_path"] = str(folder / "backups")
    return tasks


@pytest.mark.parametrize("module", MODULES)
def test_examples(
    emulator: Emulator, playbook: Playbook, inventory: Callable[[], dict[str, Any]], tmp_path: Path, module: str
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    tasks = examples(module, emulator, tmp_path)
    environment = {"LAB_DOCUMENT": str(tmp_path / "lm1.yml")}
    run = playbook(tasks, extra_vars={**VAULT, **OPEN}, env=environment).succeeded()
    assert run.warnings == [] and len(run.tasks) == len(tasks) >= 3
    shown = run.output + str([result.result for result in run.results])
    assert not any(secret in shown for secret in SECRETS)
    assert (tmp_path / "backups").exists() == (module == "config")


FILTERS = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "plugins" / "filter").glob("*.py"))


@pytest.mark.parametrize("name", FILTERS)
def test_examples_of_filters(emulator: Emulator, playbook: Playbook, tmp_path: Path, name: str) -> None:
    text = import_module(f"ansible_collections.kemp.loadmaster.plugins.filter.{name}").EXAMPLES
    tasks = yaml.safe_load(text)
    for task in tasks:
        for value in task.values():
            if isinstance(value, dict) and "dest" in value:
                value["dest"] = str(tmp_path / value["dest"])
    playbook([{"kemp.loadmaster.config": DOCUMENT}]).succeeded()
    run = playbook(tasks).succeeded()
    assert run.warnings == [] and len(run.tasks) == len(tasks) >= 2
    # The example says in a comment what its first filter returns
    if (promised := text.lstrip().splitlines()[0]).startswith("# => "):
        assert run.one(tasks[0]["name"]).result["msg"] == yaml.safe_load(promised.removeprefix("# => "))
    again = playbook(tasks).succeeded()
    assert again.changed == 0
