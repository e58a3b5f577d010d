# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write into the modules what follows from something else: their options, and what their results have in common.

Ansible reads the documentation of a module from its source, so it has to stand there. The options of a module are those of
its shape, and are described by the rows of its tables; what both service modules have goes into a fragment that both name.
What results have in common comes from returns.yml. All else is written by hand: a module without a shape has its options
by hand, too. With --check nothing is written, and what is out of date is an error.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import generated
import yaml
from option_docs import COLLECTION, ROOT, Documented, Undescribed, documented

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS

PACKAGE = "ansible_collections.kemp.loadmaster.plugins"
MODULES = ROOT / "plugins" / "modules"
FRAGMENTS = ROOT / "plugins" / "doc_fragments"
# Which modules share options, by the fragment that has these.
SHARED = {"service_options": ("virtual_service", "sub_virtual_service")}
RETURNS: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("returns.yml").read_text(encoding="utf-8"))
WIDTH = 160


class Unwritable(generated.Unmade):
    """A module without the place where something must be written, as a sentence."""


MADE = "# Made by tests/tools/module_docs.py from the rows of the tables; changes belong there."
KINDS_FROM = "# The kinds of object: made by tests/tools/module_docs.py; changes belong into their rooms."
KINDS_TO = "# So far the kinds of object."
LIST_OF_ENTRIES = {"type": "list", "elements": "dict"}
MADE_RETURNS = (
    "# steps, api_calls and error: made from tests/tools/returns.yml, but for their samples; changes belong there."
)
FRAGMENT = '''\
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that {modules} have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Options that several modules describe in the same words."""

    DOCUMENTATION = r"""
options:
  {made}
{options}"""
'''


# --- what a module has


def shape_of(module: ModuleType) -> Shape | None:
    """Return the shape that the options of a module are made from; None where they are written by hand."""
    shapes = [value for value in vars(module).values() if isinstance(value, Shape)]
    return next((shape for shape in shapes if set(shape.arguments()) == set(module.MODULE.options)), None)


def options_of(names: Iterable[str]) -> dict[str, Documented]:
    """Return the options of those modules that have a shape. Raises Undescribed with all that is missing."""
    made: dict[str, Documented] = {}
    faults: list[str] = []
    for name in names:
        shape = shape_of(import_module(f"{PACKAGE}.modules.{name}"))
        if shape is None:
            continue
        try:
            made[name] = documented(shape)
        except Undescribed as fault:
            faults += str(fault).splitlines()
    if faults:
        raise Undescribed("\n".join(dict.fromkeys(faults)))
    return made


def in_common(modules: Iterable[Documented]) -> Documented:
    """Return the options that all of some modules describe alike."""
    first, *others = modules
    return {name: option for name, option in first.items() if all(other.get(name) == option for other in others)}


# --- what the files should be


def wanted() -> dict[Path, str]:
    """Return every file that this script writes, with what belongs into it. Raises Undescribed and Unwritable."""
    paths = {path.stem: path for path in sorted(MODULES.glob("*.py"))}
    options = options_of(paths)
    of_kinds = parts_of_kinds()
    files: dict[Path, str] = {}
    for fragment, modules in SHARED.items():
        common = in_common(options[module] for module in modules)
        text = "\n".join(lines(common, 2)) + "\n"
        names = " and ".join(modules)
        files[FRAGMENTS / f"{fragment}.py"] = FRAGMENT.format(modules=names, made=MADE, options=text)
        for module in modules:
            options[module] = {name: option for name, option in options[module].items() if name not in common}
    for name, path in paths.items():
        text = path.read_text(encoding="utf-8")
        if name in options:
            text = with_options(text, options[name], name)
        if name in of_kinds:
            text = with_kinds(text, of_kinds[name], name)
        files[path] = with_returns(text, name)
    return files


def with_options(text: str, options: Documented, module: str) -> str:
    """Return the source of a module with these options in its documentation. Raises Unwritable."""
    made = "\n".join(["options:", f"  {MADE}", *lines(options, 2)]) + "\n"
    text, places = re.subn(r"^options:\n(?:(?: .*)?\n)*", lambda _match: made, text, count=1, flags=re.MULTILINE)
    if not places:
        raise Unwritable(
            f"plugins/modules/{module}.py has no line 'options:' in its DOCUMENTATION. Add one, and nothing under it."
        )
    for fragment, modules in SHARED.items():
        if module in modules and f"- {COLLECTION}.{fragment}\n" not in text:
            raise Unwritable(
                f"plugins/modules/{module}.py does not name {COLLECTION}.{fragment} under extends_documentation_fragment, which "
                "has options of it. Add it there."
            )
    return text


def with_returns(text: str, module: str) -> str:
    """Return the source of a module with what results have in common in its RETURN."""
    before, mark, rest = text.partition('RETURN = r"""\n')
    body, end, after = rest.partition('"""\n')
    body = re.sub(r"^# steps, api_calls and error.*\n", "", body, flags=re.MULTILINE)
    own = yaml.safe_load(body) or {}
    first = True
    for key, common in RETURNS["returns"].items():
        if key not in own:
            continue
        made = "\n".join(lines({key: returned(key, common, own[key], module)}, 0)) + "\n"
        if first:
            made, first = f"{MADE_RETURNS}\n{made}", False
        body = re.sub(rf"^{key}:\n(?:(?: .*)?\n)*", lambda _match, made=made: made, body, flags=re.MULTILINE)  # type: ignore[misc]
    return before + mark + body + end + after


def returned(key: str, common: Mapping[str, Any], own: Mapping[str, Any], module: str) -> dict[str, Any]:
    """Return a value of the result: what all modules say of it, with the samples and further members of this one."""
    made: dict[str, Any] = {name: value for name, value in common.items() if name != "contains"}
    if "contains" in common:
        held = own.get("contains", {})
        made["contains"] = {
            name: {**said, **({"sample": held[name]["sample"]} if "sample" in held.get(name, {}) else {})}
            for name, said in common["contains"].items()
        } | {name: value for name, value in held.items() if name not in common["contains"]}
    if key == "error":
        made["contains"]["kind"]["description"] = kinds_of_error(module)
        samples = {name: made["contains"][name].get("sample") for name in common["contains"]}
        return {**made, "sample": samples}
    return {**made, **({"sample": own["sample"]} if "sample" in own else {})}


def kinds_of_error(module: str) -> list[str]:
    """Return what each kind of error is that a module can have."""
    own = RETURNS["errors_of"].get(module, {})
    return [
        f"V({name}) {said}"
        for name, said in {**own, **{n: s for n, s in RETURNS["errors"].items() if n not in own}}.items()
    ]


# --- what follows from the kinds of object


def parts_of_kinds() -> dict[str, list[Documented]]:
    """Return what each module says of the kinds of object, place by place."""
    members = {
        kind.member: {"description": list(kind.about), **({"type": "dict"} if kind.single else LIST_OF_ENTRIES)}
        for kind in KINDS
        if not kind.belongs_to
    }
    purged = {kind.member: kind.purged for kind in KINDS if kind.purging is not None}
    exported = {kind.member: kind.title for kind in KINDS if kind.entries is not None}
    silent = [kind.member for kind in KINDS if not (kind.title and (kind.about or kind.belongs_to))]
    silent += [member for member, text in purged.items() if not text]
    if silent:
        raise Undescribed(f"The kind {silent[0]} does not say what it is: give its ObjectKind title, about and purged.")
    return {"config": [members, purged], "config_info": [exported]}


def with_kinds(text: str, parts: Iterable[Documented], module: str) -> str:
    """Return the source of a module with what it says of the kinds of object. Raises Unwritable."""
    places = list(re.finditer(rf"^( *){KINDS_FROM}\n((?:.*\n)*?) *{KINDS_TO}\n", text, flags=re.MULTILINE))
    parts = list(parts)
    if len(places) != len(parts):
        raise Unwritable(
            f"plugins/modules/{module}.py needs the lines '{KINDS_FROM}' and '{KINDS_TO}' {len(parts)} times."
        )
    for place, part in reversed(list(zip(places, parts, strict=True))):
        made = "\n".join(lines(part, len(place.group(1)))) + "\n"
        text = text[: place.start(2)] + made + text[place.end(2) :]
    return text


# --- YAML as the rest of the documentation has it, which no dumper writes


def lines(value: Mapping[str, Any], indent: int) -> list[str]:
    """Return a mapping as lines of YAML."""
    made: list[str] = []
    for name, member in value.items():
        start = " " * indent + (name if yaml.safe_load(name) == name else f"'{name}'") + ":"
        if isinstance(member, Mapping):
            made += [start, *lines(member, indent + 2)]
        elif isinstance(member, list) and member:
            made.append(start)
            for entry in member:
                made += _scalar(" " * (indent + 2) + "-", entry, indent + 4)
        else:
            made += _scalar(start, member, indent + 2)
    return made


def _scalar(start: str, value: Any, indent: int) -> list[str]:
    """Return a value after what it starts with; further lines of it are indented."""
    if not isinstance(value, str):
        return [f"{start} {json.dumps(value)}"]
    wrapped = textwrap.wrap(
        value,
        WIDTH - indent,
        initial_indent=" " * (len(start) + 1 - indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
    plain = (
        [start + " " + wrapped[0].lstrip(), *(" " * indent + line for line in wrapped[1:])]
        if wrapped
        else [f'{start} ""']
    )
    if _reads_as("\n".join(plain), value):
        return plain
    if len(value) <= 40 and ": " not in value:
        return [f"{start} {json.dumps(value, ensure_ascii=False)}"]
    folded = textwrap.wrap(value, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return [f"{start} >-", *(" " * indent + line for line in folded)]


def _reads_as(text: str, value: str) -> bool:
    """Return whether YAML reads a text as a mapping or a list of one member that has this value."""
    try:
        read = yaml.safe_load(textwrap.dedent(text))
    except yaml.YAMLError:
        return False
    return read == [value] if isinstance(read, list) else isinstance(read, dict) and list(read.values()) == [value]


if __name__ == "__main__":
    generated.main(wanted, __doc__)
