# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the surveys of the job templates for AWX, from the argument specifications of the roles.

A question has no default: AWX passes a default on as if the user had typed it, and it would overrule the inventory. With --check
nothing is written, and a file that is out of date is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import generated
import yaml

ROLES = generated.ROOT / "roles"
TARGET = generated.ROOT / "extensions" / "awx" / "data" / "05_surveys.yml"
HEADER = """\
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Made by tests/tools/awx_surveys.py from the argument specifications of the roles; changes belong there.
---
"""
LONGEST = {"text": 1024, "textarea": 65536, "password": 1024}
LARGEST = 2147483647
# Words that are not written in small letters
NAMES = {
    **{
        word: word.upper()
        for word in ("api", "cef", "dh", "dns", "eac", "http", "id", "ip", "l7", "ntlm", "ntp", "ocsp")
    },
    **{word: word.upper() for word in ("ssh", "ssl", "tcp", "tls", "url", "vip", "wui", "snmp", "nat", "rfc", "rs")},
    **{"ipv6": "IPv6", "subvs": "SubVS", "vips": "VIPs", "urls": "URLs", "dnssec": "DNSSEC", "kemp": "Kemp"},
    **{"tls13": "TLS 1.3", "wait": "wait", "exchange": "Exchange"},
}


def survey(role: str) -> dict[str, Any]:
    """Return the survey of a role: a question for each of its variables."""
    text = (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    entry = yaml.safe_load(text)["argument_specs"]["main"]
    questions = [question(name, role, option) for name, option in entry["options"].items()]
    about = f"{entry['short_description']}. What you leave out comes from the inventory, or is the default of the role."
    return {"name": role, "description": about, "spec": questions}


def question(name: str, role: str, option: Mapping[str, Any]) -> dict[str, Any]:
    """Return the question for a variable. AWX returns the answers as text, a number, or a list of choices."""
    kind, choices = kind_of(option)
    return {
        "variable": name,
        "question_name": title(name.removeprefix(f"{role}_")),
        "question_description": about(option),
        "required": bool(option.get("required", False)),
        "type": kind,
        **({"choices": choices} if choices else {}),
        **({"min": 0, "max": LONGEST[kind]} if kind in LONGEST else {}),
        **({"min": 0, "max": LARGEST} if kind == "integer" else {}),
    }


def kind_of(option: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the type of the question for an option, and its choices."""
    kind, choices = option.get("type", "str"), [str(choice) for choice in option.get("choices") or ()]
    if option.get("no_log"):
        return "password", []
    if kind == "bool":
        return "multiplechoice", ["true", "false"]
    if choices:
        return ("multiselect" if kind == "list" else "multiplechoice"), choices
    if kind == "int":
        return "integer", []
    # Lists of dictionaries are JSON, which is long
    long = kind in ("dict", "raw") or option.get("elements") in ("dict", "raw")
    return ("textarea" if long else "text"), []


def title(name: str) -> str:
    """Return the name of a variable as words."""
    words = [NAMES.get(word, word) for word in name.split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def about(option: Mapping[str, Any]) -> str:
    """Return the first sentence about an option, and how a list or dictionary is written."""
    said = option.get("description") or ""
    text = said if isinstance(said, str) else said[0]
    text = re.sub(r"\bO\(([^()]*?)(?:#\w+:)?([\w=.]+)\)", r"\2", text)
    text = re.sub(r"\b[A-Z]\(([^()]*(?:\([^()]*\)[^()]*)*)\)", r"\1", text)
    first = re.split(r"(?<=[.!?])\s+(?=[A-Z])", " ".join(text.split()))[0].rstrip(".") + "."
    kind = option.get("type", "str")
    if kind == "dict":
        return f"{first} Write it as JSON."
    if kind == "raw":
        return f"{first} Separate several with commas."
    if kind == "list" and not option.get("choices"):
        if option.get("elements") == "dict":
            return f"{first} Write it as JSON."
        if option.get("elements") == "raw":
            return f"{first} Separate addresses with commas, or write JSON."
        return f"{first} Separate several with commas."
    return first


class _Dumper(yaml.SafeDumper):
    """Lists are indented, as yamllint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def made() -> dict[Path, str]:
    """Return the file of surveys."""
    roles = sorted(path.parent.name for path in ROLES.glob("*/meta"))
    surveys = {"awx_kit_surveys": {role: survey(role) for role in roles}}
    return {TARGET: HEADER + yaml.dump(surveys, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)}


if __name__ == "__main__":
    generated.main(made, __doc__)
