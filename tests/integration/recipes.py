# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes in their variants, as the documents that the roles make of their variables.

One playbook runs all roles in all variants; what each of them gave to the module is what it is about.
"""

from __future__ import annotations

import base64
from typing import Any

from authority import issue
from documents import PASSWORD, USER

from loadmaster_emulator import Emulator
from runner import Playbook

L7, L4, EAC = "exchange2013_l7", "exchange2013_l4", "exchange2013_restrict_eac"
MAIL = ["smtp", "smtp_submission", "imap", "imaps", "pop", "pops"]
SMALL: dict[str, Any] = {
    "exchange2013_l7_vip": "192.0.2.25",
    "exchange2013_l7_servers": ["192.0.2.31", "192.0.2.32"],
    "exchange2013_l7_certificate": "mail-2026",
    "exchange2013_l7_protocols": ["owa", "ecp", "powershell"],
}
OTHER = {**SMALL, "exchange2013_l7_vip": "192.0.2.26"}
ALL = {**SMALL, "exchange2013_l7_protocols": []}
SERVERS = {"exchange2013_l7_servers": ["192.0.2.31", {"address": "192.0.2.32", "state": "absent"}, "192.0.2.33"]}
PLAIN_L4 = {"exchange2013_l4_vip": "192.0.2.27", "exchange2013_l4_servers": ["192.0.2.31", "192.0.2.32"]}
NAMESPACES = [{"protocol": "owa", "vip": "192.0.2.28"}, {"protocol": "ews", "vip": "192.0.2.29"}]
ALLOWED = {"exchange2013_restrict_eac_allowed_networks": ["10.0.0.0/8", "2001:db8:1::/48"]}


def _by(method: str, **more: str) -> dict[str, Any]:
    words = {"method": method, **more}
    return {**SMALL, **ALLOWED, **{f"exchange2013_restrict_eac_{word}": value for word, value in words.items()}}


_OUTSIDE = {"external_vip": "192.0.2.125"}

# In this order: what restricts the Admin Center looks at the services that are there.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "everything": (L7, ALL),
    "exchange 2016": (L7, {**ALL, "exchange2013_l7_exchange_version": 2016}),
    "exchange 2019": (L7, {**ALL, "exchange2013_l7_exchange_version": 2019}),
    "everything gone": (L7, {**ALL, "exchange2013_l7_state": "absent"}),
    "mail": (L7, {**SMALL, "exchange2013_l7_mail_services": MAIL}),
    "mail gone": (L7, {**SMALL, "exchange2013_l7_mail_services": MAIL, "exchange2013_l7_state": "absent"}),
    "offload": (L7, {**SMALL, "exchange2013_l7_tls_mode": "offload"}),
    "other servers": (L7, {**SMALL, **SERVERS}),
    "fewer protocols": (L7, {**SMALL, "exchange2013_l7_without": ["powershell"]}),
    "bridge": (L7, SMALL),
    "elsewhere": (L7, OTHER),
    "source rules": (EAC, _by("source_rules")),
    "source rules gone": (EAC, _by("source_rules", state="absent")),
    "deny rules": (EAC, _by("deny_rules")),
    "deny rules gone": (EAC, _by("deny_rules", state="absent")),
    "separate service": (EAC, _by("separate_service", **_OUTSIDE)),
    "separate service gone": (EAC, _by("separate_service", state="absent", **_OUTSIDE)),
    "gone": (L7, {**SMALL, "exchange2013_l7_state": "absent"}),
    "passthrough": (L4, PLAIN_L4),
    "force_l4": (L4, {**PLAIN_L4, "exchange2013_l4_mode": "force_l4", "exchange2013_l4_mail_services": MAIL}),
    "an address for each protocol": (L4, {**PLAIN_L4, "exchange2013_l4_namespaces": NAMESPACES}),
}

# The variables in which the roles show their documents; without the underscores, the tags that show them.
DOCUMENTS = tuple(f"__{role}_document" for role in (L7, L4, EAC))

# What later ones look at is made; the others are only asked for.
_LOOKED_AT = ("bridge", "source rules", "source rules gone", "deny rules", "deny rules gone")
# What has to be there first.
AFTER = {name: ("bridge",) for name in VARIANTS if name.endswith(("rules", "service")) or name == "gone"}
AFTER |= {"other servers": ("bridge",), "fewer protocols": ("bridge",)}
AFTER |= {f"{name} gone": ("bridge", name) for name in ("source rules", "deny rules", "separate service")}
AFTER |= {f"{name} gone": (name,) for name in ("everything", "mail")}


def install_certificate(emulator: Emulator) -> None:
    made = issue("mail.example.com")
    data = base64.b64encode((made.pem + made.key).encode()).decode()
    emulator.call("addcert", cert="mail-2026", replace=0, data=data)


def rendered(playbook: Playbook) -> dict[str, dict[str, Any]]:
    """Return the document of each variant."""
    with Emulator(users={USER: PASSWORD}) as lm:
        install_certificate(lm)
        host = {"ansible_host": lm.host, "ansible_port": lm.port, "ansible_user": USER, "ansible_password": PASSWORD}
        host["loadmaster_fingerprint"] = lm.fingerprint
        tasks = [
            {
                "name": name,
                "ansible.builtin.include_role": {
                    "name": f"kemp.loadmaster.{role}",
                    "apply": {"check_mode": name not in _LOOKED_AT},
                },
                "vars": variables,
            }
            for name, (role, variables) in VARIANTS.items()
        ]
        inventory = {"loadmasters": {"hosts": {"lm1": host}}}
        run = playbook(tasks, inventory=inventory, tags=["all", *(name.strip("_") for name in DOCUMENTS)]).succeeded()
    # The module hides what it was given, since that can hold keys
    shown = [
        value
        for task in run.tasks
        if task.action == "ansible.builtin.debug"
        for name, value in task.result.items()
        if name in DOCUMENTS
    ]
    return dict(zip(VARIANTS, shown, strict=True))
