# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the documentation of options from the rows of their tables, for the scripts that write it down.

A row has the words; what a row says by its other members is put into words here: the needs, the danger, the API
parameter, the range, the default of the appliance.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import generated
from generated import ROOT

COLLECTIONS = ROOT / ".build" / "collections"
sys.path.insert(0, str(COLLECTIONS))

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import value_types  # noqa: E402
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Need  # noqa: E402
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape  # noqa: E402
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import (  # noqa: E402
    content_rule,
    rule_lists,
)

COLLECTION = "kemp.loadmaster"
# What a SubVS needs and does not have itself is an option of its parent.
PARENT = f"{COLLECTION}.virtual_service#module:"
UNLIMITED = value_types.Integer().high
RULE_LISTS = {each.option: each for each in (*rule_lists.OF_SERVICES, rule_lists.CONTENT_RULES)}

Documented = dict[str, dict[str, Any]]


class Undescribed(generated.Unmade):
    """A row without a description, or a choice without one, as a sentence."""


# --- an option


def description(row: Field, shape: Shape) -> list[str]:
    """Return the paragraphs of an option's description. Raises Undescribed where the row has none."""
    said = listed(row.description)
    if not said:
        raise Undescribed(f"The option {row.option} has no description. Write one into its row in {table_of(row)}.")
    if content_rule.OPTIONS.get(row.option) is row:
        return [*said, *_of_rules(row)]
    return [*said, *_danger(row), *_needs(row, shape, said), *_firmware(row), *_tail(row, said)]


def choices(row: Field) -> Mapping[str, str] | list[str]:
    """Return the choices of an option, with what each means where the row says it. Raises Undescribed."""
    words = row.kind.argument().get("choices", [])
    if not row.choices:
        return list(words)
    for word in words:
        if word not in row.choices:
            raise Undescribed(
                f"The option {row.option} has no description of its choice {word}. Add it to the choices of its row in "
                f"{table_of(row)}."
            )
    codes = row.kind.words if isinstance(row.kind, value_types.Choice) and row.api else {}
    return {word: _with_code(row.choices[word], codes.get(word)) for word in words}


def documented(shape: Shape, within: str = "") -> Documented:
    """Return the options of a shape as the documentation of a module has them, each under its name.

    ``within`` is the option that holds them, if any. Raises Undescribed with all sentences, one a line.
    """
    made: Documented = {}
    faults: list[str] = []
    arguments = shape.arguments()
    for name, argument in arguments.items():
        row = shape.by_option.get(name)
        option: dict[str, Any] = {}
        try:
            option["description"] = description(row, shape) if row else about(shape, name)
            if within:
                option["description"] = [_inside(text, within, arguments) for text in option["description"]]
            option.update({key: argument[key] for key in ("type", "elements") if key in argument})
            if row and choices(row):
                option["choices"] = choices(row)
            option.update({key: argument[key] for key in ("required", "default") if key in argument})
            if not row:
                option["suboptions"] = documented(shape.lists[name], f"{within}{name}[].")
        except Undescribed as fault:
            faults.append(str(fault))
        made[name] = option
    if faults:
        raise Undescribed("\n".join(dict.fromkeys(faults)))
    return made


def about(shape: Shape, name: str) -> list[str]:
    """Return the description of a list or a part of a shape. Raises Undescribed where it has none."""
    said = listed(shape.about.get(name, ""))
    if not said:
        holders = _files_with(rf'"{name}": Shape\(|lists=\{{"{name}": ')
        raise Undescribed(f"The list {name} has no description. Add it to 'about' of its shape in {holders}.")
    return said


def listed(said: str | Sequence[str]) -> list[str]:
    """Return a description as its paragraphs."""
    return ([said] if said else []) if isinstance(said, str) else list(said)


def table_of(row: Field) -> str:
    """Return the file that has a row, as a person has to open it."""
    return _files_with(rf'(?<!get)\(\s*"{re.escape(row.option)}",|option="{re.escape(row.option)}"')


def _files_with(pattern: str) -> str:
    # The rows of objects are in the rooms of their kinds
    folder = ROOT / "plugins" / "module_utils" / "_kinds"
    found = [path for path in sorted(folder.rglob("*.py")) if re.search(pattern, path.read_text(encoding="utf-8"))]
    return " or ".join(str(path.relative_to(ROOT)) for path in found) or str(folder.relative_to(ROOT))


def _inside(text: str, within: str, names: Iterable[str]) -> str:
    """Return a paragraph of an option that is inside another one: it refers to its neighbours by their whole names."""
    return re.sub(r"\bO\((\w+)", lambda m: f"O({within}{m.group(1)}" if m.group(1) in names else m.group(0), text)


def _with_code(text: str, code: str | None) -> str:
    if code is None:
        return text
    return f"{text} API value C({code})." if code else f"{text} API value empty."


# --- what the other members of a row say


def _danger(row: Field) -> list[str]:
    if not row.danger:
        return []
    safe = _joined([f"V({_shown(value)})" for value in row.safe], "and") if row.safe else ""
    return [
        f"Can cut off the connection of this very task, since {row.danger}. Needs O(allow_lockout=true)"
        + (f", except for {safe}." if safe else ".")
    ]


def _needs(row: Field, shape: Shape, said: Sequence[str]) -> list[str]:
    """Return what has to hold for a field to have an effect, unless its description says so in words of its own."""
    if not row.needs or any(text.startswith("Needs ") for text in said):
        return []
    words = [_need(need, shape) for need in row.needs]
    joint = ", and " if any(" or " in word or " of the parent" in word for word in words) else " and "
    return [f"Needs {joint.join(words)}."]


def _firmware(row: Field) -> list[str]:
    return [f"Firmware {row.since} and newer."] if row.since else []


def _need(need: Need, shape: Shape) -> str:
    own = need.option in shape.names
    named = [f"O({'' if own else PARENT}{need.option}={_shown(value)})" for value in need.values or need.not_values]
    return ("" if need.values else "any but ") + _joined(named, "or") + ("" if own else " of the parent")


def _tail(row: Field, said: Sequence[str], others: str = "") -> list[str]:
    """Return the last paragraph: where the field is in the API and in the WUI, its range and its default."""
    if not row.label:
        return []
    if isinstance(row.kind, value_types.Names) and row.option in RULE_LISTS:
        return _tail_of_rule_list(row, said)
    inverted = ", inverted" if getattr(row.kind, "inverted", False) else ""
    parts = [f"API parameter C({row.api}){inverted}{others}. WUI: {row.label}."]
    longest = getattr(row.kind, "longest", 0)
    length = "" if any(f"at most {longest} " in text for text in said) else _length(row)
    parts += [part for part in (_range(row), length, _default(row)) if part]
    return [" ".join(parts)]


def _tail_of_rule_list(row: Field, said: Sequence[str]) -> list[str]:
    """Return which rules a list takes, unless its description says so in words of its own, and the last paragraph."""
    rules = RULE_LISTS[row.option]
    kinds = [f"O({COLLECTION}.content_rule#module:kind={kind})" for kind in rules.kinds]
    takes = (
        f"Takes rules of the {'kind' if len(kinds) == 1 else 'kinds'} {_joined(kinds, 'and')}. The list is complete and in "
        "order: rules that it does not have are taken out, and an empty list clears it."
    )
    by_hand = any(text.startswith("Takes ") for text in said)
    return [
        *([] if by_hand else [takes]),
        f"API commands C({rules.assign}) and C({rules.detach}). WUI: {row.label}.",
    ]


def _of_rules(general: Field) -> list[str]:
    """Return which kinds of content rule have an option and which require it, and the last paragraph about all of them."""
    option = general.option
    rows = {
        word: kind.table.by_option[option]
        for word, kind in content_rule.KINDS.items()
        if option in kind.table.by_option
    }
    required = [word for word, row in rows.items() if getattr(row.kind, "lasting", False)]
    first = next(iter(rows.values()))
    others = "".join(
        f", for O(kind={word}) C({row.api})" + (f" with {_length(row)[:-1].lower()}" if _length(row) else "")
        for word, row in rows.items()
        if row.api != first.api
    )
    default = next((row.default for row in rows.values() if row.default), "")
    needs = [] if len(rows) == len(content_rule.KINDS) else [f"Needs {_kinds(rows, 'or')}."]
    needs += [f"Required for {_kinds(required, 'and')}."] if required else []
    return [*needs, *_tail(first._replace(default=default, label=general.label), (), others)]


def _kinds(words: Iterable[str], last: str) -> str:
    return _joined([f"O(kind={word})" for word in words], last)


def _joined(words: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _range(row: Field) -> str:
    kind = row.kind
    if not isinstance(kind, value_types.Integer):
        return f"Unit: {row.unit}." if row.unit else ""
    if kind.high == UNLIMITED:
        return f"Range {kind.low} and above" + (f", in {row.unit}." if row.unit else ".")
    zero = "0 or " if kind.zero and kind.low > 0 else ""
    return f"Range {zero}{kind.low} to {kind.high}" + (f" {row.unit}." if row.unit else ".")


def _length(row: Field) -> str:
    longest, most = getattr(row.kind, "longest", 0), getattr(row.kind, "most", 0)
    return f"At most {longest} characters." if longest else f"At most {most} entries." if most else ""


def _default(row: Field) -> str:
    if not row.default:
        return ""
    return f"Appliance default V({row.default})." if _is_value(row) else f"Appliance default: {row.default}."


def _is_value(row: Field) -> bool:
    """Return whether the default of the appliance is a value, and not words about it."""
    kind, default = row.kind, row.default
    if isinstance(kind, value_types.Flag):
        return default in ("true", "false")
    if isinstance(kind, value_types.Choice):
        return default in kind.words
    if isinstance(kind, value_types.Integer):
        return default.isdigit()
    return isinstance(kind, value_types.Text) and default != "unset" and " " not in default


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
