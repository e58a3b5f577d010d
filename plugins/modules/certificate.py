#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils import _result
from ansible_collections.kemp.loadmaster.plugins.module_utils._apply import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.certificate import Certificate, chain_of
from ansible_collections.kemp.loadmaster.plugins.module_utils._task import Mode, Module


def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
    """Make one certificate, and the chain above it, as the options say."""
    certificate = Certificate.from_options(options)
    chain = chain_of(certificate) if options["install_chain"] else []
    outcome = session.reach([certificate, *chain], check=mode.check)
    found = _result.of_object(outcome, certificate, outcome.plan.objects[0])
    if found:
        found["chain"] = [intermediate.name for intermediate in chain]
    return {**_result.of_outcome(outcome, session, diff=mode.diff), "certificate": found}


MODULE = Module(
    options={
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str", "required": True},
        "certificate": {"type": "str"},
        "private_key": {"type": "str", "no_log": True},
        "pfx": {"type": "str", "no_log": True},
        "pfx_password": {"type": "str", "no_log": True},
        "install_chain": {"type": "bool", "default": True},
        "administrative": {"type": "bool", "default": False},
        "force": {"type": "bool", "default": False},
        "allow_lockout": {"type": "bool", "default": False},
    },
    perform=perform,
    constraints={
        "mutually_exclusive": [("certificate", "pfx"), ("private_key", "pfx")],
        "required_by": {"private_key": ["certificate"], "pfx_password": ["pfx"]},
    },
)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
