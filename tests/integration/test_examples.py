# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of every module run as they stand, in their order, on an empty appliance; again, they change nothing new."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from loadmaster_emulator import Emulator
from runner import Playbook

MODULES = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "plugins" / "modules").glob("*.py"))
PASSWORD = "secret-of-bal"
# The address and the secrets that a reader has to put in.
LOADMASTER = "lm1.example.com"
VAULT = {
    "vault_loadmaster_password": PASSWORD,
    "vault_smtp_password": "of-the-mail-server",
    "vault_snmp_community": "of-snmp",
}


def examples(module: str, lm: Emulator) -> list[dict[str, Any]]:
    tasks = yaml.safe_load(import_module(f"ansible_collections.kemp.loadmaster.plugins.modules.{module}").EXAMPLES)
    for task in tasks:
        for value in task.values():
            if isinstance(value, dict) and value.get("host") == LOADMASTER:
                value.update(host=lm.host, host_port=lm.port, ca_path=str(lm.certificate_file))
    return tasks


@pytest.mark.parametrize("module", MODULES)
def test_examples(emulator: Emulator, playbook: Playbook, inventory: Callable[[], dict[str, Any]], module: str) -> None:
    run = playbook(examples(module, emulator), extra_vars=VAULT).succeeded()
    assert run.warnings == [] and len(run.tasks) >= 5
    assert not any(secret in run.output for secret in VAULT.values())
