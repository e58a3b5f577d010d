# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what follows from something else: the role general_settings from its module, and the README of every role.

The role general_settings has every option of the module settings. Its argument specification is made from the rows that
this module is made from. The README of a role is made from its argument specification. With --check nothing is written, and what
is out of date is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import generated
import yaml
from option_docs import ROOT, documented, listed

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import SHAPE

ROLES = ROOT / "roles"
REPOSITORY = "https://github.com/kemp-loadmaster/ansible-collection-loadmaster"
WIDTH = 110
# What the test of pages prepares before the example of a role, and the reason not to run an example.
PREPARED = {
    "exchange2013_l7": "<!-- setup: certificate -->",
    "exchange2013_restrict_eac": "<!-- setup: layer 7 -->",
}
BEFORE = {"rolling_maintenance": "<!-- not run: it needs servers that Ansible can update -->\n"}

HEADER = """\
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
README_HEADER = f"""\
<!--
{re.sub("^# ", "", HEADER, flags=re.MULTILINE)}\
-->
"""
MADE_BY = "# Made by tests/tools/role_docs.py from the tables in plugins/module_utils/_kinds/settings; changes belong there.\n---\n"

# What the role has besides the options of the module
ENTRY_POINT = {
    "version_added": "0.1.0",
    "short_description": "General settings of a LoadMaster",
    "description": [
        "Changes settings of the appliance: names and time, access, layer 7, network, logs, SNMP, mail, backups and health checks.",
        "A variable that you do not set leaves its setting as it is. All settings are one task.",
    ],
    "examples": """\
- name: General settings
  hosts: loadmasters
  gather_facts: false
  roles:
    - role: kemp.loadmaster.general_settings
      vars:
        general_settings_profile: exchange
        general_settings_hostname: "{{ inventory_hostname }}"
        general_settings_dns_servers: [192.0.2.53, 192.0.2.54]
        general_settings_ntp_servers: [ntp1.example.com, ntp2.example.com]
        general_settings_time_zone: Europe/Berlin
""",
}
PROFILE = {
    "description": [
        "Values for settings that the other variables leave open. A variable that is set always wins.",
        "V(none) has no values. V(exchange) has some for Exchange, of Kemp's guides and of this collection.",
    ],
    "type": "str",
    "choices": ["none", "exchange"],
    "default": "none",
}


class _Dumper(yaml.SafeDumper):
    """YAML as yamllint and ansible-lint want it: lists are indented, and nothing is shared."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    style = "|" if "\n" in data else ">" if len(data) > WIDTH - 14 else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _text)


def general_settings() -> dict[Path, str]:
    """Return the files of the role general_settings that follow from the options of the module."""
    arguments, described = SHAPE.arguments(), documented(SHAPE)
    options: dict[str, Any] = {"general_settings_profile": PROFILE}
    for name, argument in arguments.items():
        option: dict[str, Any] = {"description": _for_role(described[name]["description"], arguments)}
        option.update({key: argument[key] for key in ("type", "elements", "choices", "no_log") if key in argument})
        options[f"general_settings_{name}"] = option
    specs = {"argument_specs": {"main": {**ENTRY_POINT, "options": options}}}

    return {ROLES / "general_settings" / "meta" / "argument_specs.yml": HEADER + MADE_BY + _yaml(specs)}


def _yaml(data: Any) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True)


def _for_role(paragraphs: Iterable[str], options: Mapping[str, Any]) -> list[str]:
    """Return the description of an option of the module with references to variables of the role."""

    def renamed(match: re.Match[str]) -> str:
        name = match.group(1)
        return f"O(general_settings_{name}" if name in options else match.group(0)

    return [re.sub(r"\bO\((\w+)", renamed, paragraph) for paragraph in paragraphs]


def readme(role: str, specs: Mapping[str, Any], sections: Mapping[str, str]) -> str:
    """Return the README of a role; ``sections`` names the part of the table that a variable belongs to."""
    main = specs["argument_specs"]["main"]
    parts = [README_HEADER, f"# {role}\n", f"{main['short_description']}.\n"]
    parts += [f"{_markdown(paragraph)}\n" for paragraph in main["description"]]
    parts += [
        "<!-- Made by tests/tools/role_docs.py from meta/argument_specs.yml; changes belong there. -->\n",
        "## Example\n",
        f"{PREPARED.get(role, '<!-- setup: inventory -->')}\n",
        f"{BEFORE.get(role, '')}```yaml\n{main['examples'].strip()}\n```\n",
        f"See the [guide]({REPOSITORY}/blob/main/docs/{role}.md), and [connection]({REPOSITORY}/blob/main/docs/connection.md) for "
        "the inventory and the login.\n",
        "## Variables\n",
    ]
    open_section = ""
    table: list[str] = []
    for name, option in _flattened(main["options"]):
        section = sections.get(name, "")
        if not table or section != open_section:
            if table:
                parts.append("\n".join(table) + "\n")
            if section:
                parts.append(f"### {section}\n")
            table = ["| Variable | Type | Default | Description |", "|---|---|---|---|"]
            open_section = section
        table.append(_row(name, option))
    parts += ["\n".join(table) + "\n", "## License\n", "GPL-3.0-or-later"]
    return "\n".join(parts) + "\n"


def _flattened(options: Mapping[str, Any], owner: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, option in options.items():
        yield owner + name, option
        yield from _flattened(option.get("options", {}), f"{owner}{name}[].")


def _row(name: str, option: Mapping[str, Any]) -> str:
    kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
    if option.get("required"):
        default = "required"
    elif "default" in option:
        default = f"`{option['default']!r}`" if option["default"] in ("", []) else f"`{_word(option['default'])}`"
    else:
        default = ""
    words = [_markdown(part) for part in listed(option["description"])]
    if "choices" in option:
        words.append("One of " + ", ".join(f"`{choice}`" for choice in option["choices"]) + ".")
    cells = [f"`{name}`", kind, default, "<br>".join(words)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _markdown(text: str) -> str:
    """Return text with Ansible's markup as Markdown."""
    text = re.sub(r"\bO\(([\w.]+)#module:([^)]+)\)", r"`\2` of `\1`", text)
    text = re.sub(r"\b[OVCE]\(((?:\\.|[^)\\])*)\)", lambda match: f"`{match.group(1)}`", text)
    text = re.sub(r"\bM\(([^)]+)\)", r"`\1`", text)
    text = re.sub(r"\bL\(([^,)]+),\s*([^)]+)\)", r"[\1](\2)", text)
    return " ".join(text.split())


def wanted() -> dict[Path, str]:
    """Return every file that this script writes, with what belongs into it."""
    files = general_settings()
    sections = {f"general_settings_{row.option}": row.section for row in SHAPE.rows if row.section}
    for name in ("parameters", "update_secrets", "allow_lockout"):
        sections[f"general_settings_{name}"] = "Other parameters, secrets and safety"
    made = {path for path in files if path.name == "argument_specs.yml"}
    for path in sorted(made.union(ROLES.glob("*/meta/argument_specs.yml"))):
        specs = yaml.safe_load(files.get(path) or path.read_text(encoding="utf-8"))
        role = path.parents[1]
        files[role / "README.md"] = readme(role.name, specs, sections)
    return files


if __name__ == "__main__":
    generated.main(wanted, __doc__)
