# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A LoadMaster document as YAML that people can read and edit."""

from __future__ import annotations

DOCUMENTATION = r"""
name: document_text
short_description: A document as YAML that people can read
version_added: 0.1.0
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
description:
  - Returns a document, as M(kemp.loadmaster.config_info) returns it, as YAML for a file.
  - Text of several lines, such as certificates, is written as a block. A comment above each certificate names its subject and the day on which it
    expires.
positional: _input
options:
  _input:
    description:
      - The document.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the LoadMaster
  kemp.loadmaster.config_info:
  register: found

- name: Write it to a file
  ansible.builtin.copy:
    content: "{{ found.config | kemp.loadmaster.document_text }}"
    dest: "{{ inventory_hostname }}.yml"
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description:
    - The text, which ends with a line break.
  type: str
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._supported import is_supported, supported

if is_supported():
    from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate_facts, pem

_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_WIDTH = 160


def document_text(document: Any) -> str:
    """Return a document as YAML."""
    if not isinstance(document, Mapping):
        raise AnsibleFilterError(f"document_text needs a dictionary, but this is a {type(document).__name__}.")
    return "".join(_member(name, value) for name, value in _plain(document).items()) or "{}\n"


class _Dumper(yaml.SafeDumper):
    """Writes multi-line text as a block, and never uses YAML aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def _member(name: str, value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _dumped({name: value})
    heading = _dumped({name: None}).removesuffix(" null\n")
    return f"{heading}\n" + "".join("".join(_comments(entry)) + _dumped([entry]) for entry in value)


def _dumped(value: Any) -> str:
    return str(
        yaml.dump(
            value, Dumper=_Dumper, indent=2, width=_WIDTH, sort_keys=False, allow_unicode=True, default_flow_style=False
        )
    )


def _comments(entry: Any) -> Iterator[str]:
    """Yield a line for each certificate in an entry that can be read. Without cryptography there are none."""
    for value in entry.values() if isinstance(entry, dict) else ():
        if not isinstance(value, str) or not value.lstrip().startswith(_CERTIFICATE):
            continue
        try:
            facts = certificate_facts.describe(pem.read_der(value), 0.0)
        except InvalidOption:
            continue
        subject, until = facts["subject"], facts["not_after"]
        if until is None:
            continue
        shown = "".join(each if each.isprintable() else "?" for each in subject)
        yield f"# {shown or 'a certificate without a subject'}, expires {until[:10]}\n"


def _plain(value: Any) -> Any:
    """Return a value in plain YAML types; Ansible's texts and lists are subclasses of these."""
    if isinstance(value, Mapping):
        return {str.__str__(str(name)): _plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    return str.__str__(value) if isinstance(value, str) else value


class FilterModule:
    """Filters for documents."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"document_text": supported(document_text)}
