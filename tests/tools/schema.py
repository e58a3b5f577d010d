# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the JSON Schema of the document of kemp.loadmaster.config, which editors complete and check documents with.

What an option takes comes from the tables that the modules work from, and so does its description. What an object is, and
what the members of a document are, comes from the documentation of the modules, where people write it. With --check nothing
is written, and a schema that is out of date is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, singledispatch
from importlib import import_module
from pathlib import Path
from typing import Any

import generated
import yaml
from option_docs import ROOT, Undescribed, choices, description, listed

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import value_types
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.all_kinds import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rule
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.time_zones import TimeZone, names

FILE = ROOT / "docs" / "config.schema.json"
ADDRESS = "https://raw.githubusercontent.com/kemp-loadmaster/ansible-collection-loadmaster/main/docs/config.schema.json"
COMMENT = (
    "Copyright: (c) 2026, kemp.loadmaster contributors. SPDX-License-Identifier: GPL-3.0-or-later. "
    "Made by tests/tools/schema.py from the tables and the documentation of the modules; changes belong there."
)

# The module of an entry of each member.
MODULES = {kind.member: kind.module for kind in KINDS}
# Names that the LoadMaster keeps for itself.
KEPT_NAMES = {kind.member: sorted(kind.kept_names) for kind in KINDS if kind.kept_names}

NOTHING: dict[str, Any] = {"type": "null"}
SOMETHING: dict[str, Any] = {"not": NOTHING}
EMPTY: dict[str, Any] = {"enum": [None, ""]}
FILLED: dict[str, Any] = {"not": EMPTY}

Json = dict[str, Any]
Said = Callable[[str], list[str]]


# --- values: what a kind takes, in one flat schema whose keywords each look at one type only


@singledispatch
def taken(kind: value_types.Kind) -> Json:
    """Return the schema of what a user may give for a kind."""
    raise TypeError(f"no schema is known for {type(kind).__name__}")


@taken.register
def _flag(kind: value_types.Flag) -> Json:
    words = "|".join(
        "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in word)
        for word in sorted({*value_types.TRUE, *value_types.FALSE, "on", "off"})
    )
    return {
        "type": ["boolean", "string", "integer"],
        **{"minimum": 0, "maximum": 1},
        **_spelled(words, "must be true or false"),
    }


@taken.register
def _integer(kind: value_types.Integer) -> Json:
    numerals = f"0*(?:{'0|' if kind.zero else ''}{_numerals(kind.low, kind.high)})"
    least: Json = {"minimum": kind.low}
    if kind.zero and kind.low > 0:
        least = {"anyOf": [{"const": 0}, least]}
    return {
        "type": ["integer", "string"],
        **least,
        **({"maximum": kind.high} if kind.high < value_types.Integer().high else {}),
        **_spelled(numerals, f"must be {kind.range}"),
    }


@taken.register
def _text(kind: value_types.Text) -> Json:
    made: Json = {"type": ["string", *_numbers_like(kind.pattern)]}
    if "integer" in made["type"]:
        made.update(_bounds(kind.pattern))
    elif "number" in made["type"] and kind.pattern and not re.fullmatch(kind.pattern, "-1"):
        made["minimum"] = 0
    if kind.longest:
        made["maxLength"] = kind.longest
    if kind.pattern and kind.verbatim:
        made.update({"pattern": f"^(?:{kind.pattern})?$", "patternErrorMessage": f"must be {kind.meaning}"})
    elif kind.pattern:
        made.update(_spelled(kind.pattern, f"must be {kind.meaning}", optional=not kind.lasting))
    elif kind.lasting:
        made.update({"pattern": r"\S", "patternErrorMessage": "must not be empty"})
    return made


@taken.register
def _time_zone(kind: TimeZone) -> Json:
    return {"enum": ["", *names()]}


@taken.register
def _port(kind: value_types.Port) -> Json:
    words = _numerals(3, kind.high) + (r"|\*" if kind.any_port else "")
    meaning = f"must be a port from 3 to {kind.high}" + (" or *" if kind.any_port else "")
    return {
        "type": ["integer", "string"],
        **{"minimum": 3, "maximum": kind.high},
        **_spelled(words, meaning, optional=not kind.lasting),
    }


@taken.register
def _ports(kind: value_types.Ports) -> Json:
    port = f"(?:{_numerals(3, value_types.Port().high)})"
    meaning = "must be a port, or a range from a lower to a higher one"
    return {
        "type": ["integer", "string"],
        **{"minimum": 3, "maximum": value_types.Port().high},
        **_spelled(rf"{port}(?:\s*-\s*{port})?", meaning),
    }


@taken.register
def _address(kind: value_types.Address) -> Json:
    words = rf"\[?(?:{_IP})\]?"
    if kind.names:
        words += r"|(?![\d.]+\s*$)(?=\S{1,253}\s*$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?"
    meaning = "must be an IP address" + (" or a domain name" if kind.names else "")
    return {"type": ["string"], **_spelled(words, meaning, optional=not kind.lasting)}


@taken.register
def _choice(kind: value_types.Choice) -> Json:
    numbers = [int(word) for word in kind.words if word.isdigit()]
    booleans = [value for value, words in value_types.SPOKEN.items() if kind.words.keys() & set(words)]
    return {"enum": [*kind.words, *numbers, *booleans]}


@taken.register
def _items(kind: value_types.Items) -> Json:
    item = taken(kind.item)
    words = _core(item.get("pattern", ""))
    # What is blank is left out.
    made: Json = {
        "type": ["array", "string"],
        "items": {**item, **({"pattern": rf"^\s*(?:{words})?\s*$"} if words else {})},
        **({"maxItems": kind.most} if kind.most else {}),
        **({"contains": {"pattern": r"\S"}} if kind.lasting else {}),
    }
    if words:
        more = f"{{0,{kind.most - 1}}}" if kind.most else "*"
        some = r"(?=[\s,]*[^\s,])" if kind.lasting else ""
        made["pattern"] = rf"^{some}\s*(?:(?:{words})\s*)?(?:,\s*(?:(?:{words})\s*)?){more}$"
        made["patternErrorMessage"] = item["patternErrorMessage"]
    return made


@taken.register
def _tls_versions(kind: value_types.TlsVersions) -> Json:
    versions = kind.argument()["choices"]
    words = "|".join(re.escape(version) for version in versions)
    return {
        "type": ["array", "string"],
        "items": {"enum": versions},
        "minItems": 1,
        **_spelled(rf"(?:{words})(?:\s*,\s*(?:{words}))*", "must be at least one of " + ", ".join(versions)),
    }


@taken.register
def _names(kind: value_types.Names) -> Json:
    return {"type": ["array", "string"], "items": {"type": ["string", "number"]}, "uniqueItems": True}


@taken.register
def _blob(kind: value_types.Blob) -> Json:
    return {"type": ["string"]}


@taken.register
def _mapped(kind: value_types.Mapped) -> Json:
    return {
        "type": ["object"],
        "propertyNames": {"pattern": "^[!-~]+$"},
        "additionalProperties": {"type": ["string", "number", "boolean", "array", "null"]},
    }


def _spelled(words: str, meaning: str, *, optional: bool = False) -> Json:
    """Return the part of a schema that looks at texts; blanks around them say nothing."""
    return {"pattern": rf"^\s*(?:{words}){'?' if optional else ''}\s*$", "patternErrorMessage": meaning}


def _core(pattern: str) -> str:
    """Return what ``_spelled`` made a pattern of."""
    return re.sub(r"^\^\\s\*\(\?:(.*)\)\??\\s\*\$$", r"\1", pattern)


def _numbers_like(pattern: str) -> list[str]:
    """Return the types of number that stand for texts of a pattern: YAML has no quotes around them."""
    if not pattern:
        return ["number"]
    if re.fullmatch(pattern, "7") and re.fullmatch(pattern, "1.5"):
        return ["number"]
    return ["integer"] if any(re.fullmatch(pattern, str(number)) for number in range(1000)) else []


def _bounds(pattern: str) -> Json:
    """Return the least and the greatest number whose digits a pattern takes; no greatest one where there are many."""
    taken_numbers = [number for number in range(10000) if re.fullmatch(pattern, str(number))]
    assert taken_numbers == list(range(taken_numbers[0], taken_numbers[-1] + 1)), f"{pattern} has gaps"
    endless = taken_numbers[-1] == 9999
    return {"minimum": taken_numbers[0], **({} if endless else {"maximum": taken_numbers[-1]})}


def _numerals(low: int, high: int) -> str:
    """Return the pattern of the decimal numerals from low to high, without leading zeros."""
    # Blocks of numbers that have all but their last digits in common: (what they have in common, how many digits vary)
    blocks: list[tuple[int, int]] = []
    while low <= high:
        digits = 0
        while low and low % 10 ** (digits + 1) == 0 and low + 10 ** (digits + 1) - 1 <= high:
            digits += 1
        blocks.append((low // 10**digits, digits))
        low += 10**digits
    parts: dict[tuple[str, int], list[str]] = {}
    for common, digits in blocks:
        parts.setdefault((str(common)[:-1], digits), []).append(str(common)[-1])
    return "|".join(
        before + (last[0] if len(last) == 1 else f"[{last[0]}-{last[-1]}]") + _digits(digits)
        for (before, digits), last in parts.items()
    )


def _digits(number: int) -> str:
    return (r"\d" if number else "") + (f"{{{number}}}" if number > 1 else "")


def _ip_addresses() -> str:
    """Return the pattern of IPv4 and IPv6 addresses, after the grammar of RFC 3986."""
    group, byte = "[0-9A-Fa-f]{1,4}", r"(?:25[0-5]|(?:2[0-4]|1\d|[1-9]?)\d)"
    ipv4 = rf"(?:{byte}\.){{3}}{byte}"
    last = f"(?:{group}:{group}|{ipv4})"
    endings = [*(f"(?:{group}:){{{5 - before}}}{last}" for before in range(6)), group, ""]
    shortened = [
        (f"(?:(?:{group}:){{0,{before - 1}}}{group})?" if before else "") + f"::{ending}"
        for before, ending in enumerate(endings)
    ]
    return "|".join([ipv4, f"(?:{group}:){{6}}{last}", *shortened])


_IP = _ip_addresses()


# --- objects


def option(row: Field, said: Sequence[str], *, required: bool) -> Json:
    """Return the schema of an option. Nothing (null) is as good as leaving it out, unless it is required."""
    # All that is required is text.
    kind = replace(row.kind, lasting=True) if required else row.kind  # type: ignore[call-arg]
    made = {"description": _described(said), **taken(kind)}
    meanings = choices(row)
    if isinstance(meanings, Mapping) and "enum" in made:
        made["enumDescriptions"] = [_plain(text) for text in meanings.values()]
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    elif not required:
        made["type"] = [*made["type"], "null"]
    default = _default(row)
    return made if default is None else {**made, "default": default}


def _default(row: Field) -> Any:
    """Return what an option is where no one says anything, if that is known and a value."""
    kind, text = row.kind, row.default
    if row.preset is not None:
        return row.preset
    if isinstance(kind, value_types.Flag) and text in ("true", "false"):
        return text == "true"
    if isinstance(kind, value_types.Integer) and text.isdigit() and kind.takes(int(text)):
        return int(text)
    if isinstance(kind, value_types.Choice) and text in kind.words:
        return text
    # Its own kind, not one that is made of it: those write their defaults in words.
    is_value = kind.__class__ is value_types.Text and text not in ("", "unset") and " " not in text
    return text if is_value else None


def entry(member: str, shape: Shape, definitions: dict[str, Json]) -> Json:
    """Return the reference to the schema of an entry, which is added to the definitions."""
    name = MODULES[member]
    definitions[name] = {"description": _described(_of_objects(member))}  # before what it refers to
    definitions[name].update(whole(shape, _said_by(shape), definitions))
    definitions[name]["allOf"] = [*_together(shape), *_CONDITIONS.get(member, list)()]
    if member in KEPT_NAMES:
        kept = {"enum": KEPT_NAMES[member]}
        definitions[name]["allOf"].append({"properties": {"name": {"not": kept}}})
    if not definitions[name]["allOf"]:
        del definitions[name]["allOf"]
    return {"$ref": f"#/$defs/{name}"}


def whole(shape: Shape, said: Said, definitions: dict[str, Json]) -> Json:
    """Return the schema of a shape by its options; ``said`` returns the description of one."""
    properties: Json = {}
    for row in shape.rows:
        properties[row.option] = option(row, said(row.option), required=row.option in shape.required)
    for member, part in shape.parts.items():
        properties[member] = {"description": _described(said(member)), **entry(member, part, definitions)}
        definitions[MODULES[member]]["type"] = ["object", "null"]
    for member, part in shape.lists.items():
        properties[member] = {
            "description": _described(said(member)),
            "type": ["array", "null"],
            "items": entry(member, part, definitions),
        }
    made: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(shape.required)} if shape.required else made


def _together(shape: Shape) -> list[Json]:
    """Return what the options of a shape say about each other."""
    made: list[Json] = []
    for first, second in shape.exclusive:
        beyond = {name: {"not": {"enum": [None, shape.by_option[name].preset]}} for name in (first, second)}
        made.append({"not": {"required": [first, second], "properties": beyond}})
    for name, others in shape.required_by.items():
        stated = {"required": [name], "properties": {name: SOMETHING}}
        made.append({"if": stated, "then": _all_stated(others)})
    for name, value, others in shape.required_if:
        by_itself = shape.by_option[name].preset == value
        holds: Json = {"properties": {name: {"enum": [value, None] if by_itself else [value]}}}
        made.append({"if": holds if by_itself else {**holds, "required": [name]}, "then": _all_stated(others)})
    return made


def _all_stated(names: Iterable[str], kind: Json | None = None) -> Json:
    return {"required": list(names), "properties": dict.fromkeys(names, SOMETHING if kind is None else kind)}


def _identity() -> list[Json]:
    """Return how a virtual service is reported: by address and port, or by its nickname."""
    nowhere = {"properties": {"address": EMPTY, "port": EMPTY}}
    moves = {name: {"required": [name], "properties": {name: FILLED}} for name in ("new_address", "new_port")}
    by_place = _all_stated(["address", "port"], FILLED)
    return [
        {"anyOf": [by_place, {**_all_stated(["nickname"], FILLED), "allOf": [nowhere]}]},
        {"if": {"anyOf": list(moves.values())}, "then": by_place},
    ]


def _kinds_of_rules() -> list[Json]:
    """Return which options each kind of rule has, and what it takes for them."""
    made: list[Json] = []
    for word, kind in content_rule.KINDS.items():
        rows = kind.table.by_option
        properties: Json = {}
        for name, general in content_rule.OPTIONS.items():
            if name not in rows:
                properties[name] = {**NOTHING, "errorMessage": f"A rule of the kind {word} has no {name}."}
            elif (special := taken(rows[name].kind)) != taken(general.kind):
                properties[name] = {**special, "type": [*special["type"], "null"]}
        made.append(
            {
                "if": {
                    "required": ["kind"],
                    "properties": {"kind": {"const": word}, "state": {"enum": ["present", None]}},
                },
                "then": {"properties": properties},
            }
        )
    return made


_CONDITIONS = {"virtual_services": _identity, "content_rules": _kinds_of_rules}


# --- descriptions


@cache
def _documentation(module: str) -> Mapping[str, Any]:
    path = f"ansible_collections.kemp.loadmaster.plugins.modules.{module}"
    documentation: dict[str, Any] = yaml.safe_load(import_module(path).DOCUMENTATION)
    return documentation


def _of_objects(member: str) -> list[str]:
    """Return what the objects of a member are, in the words of their module, or of their kind if there is none yet."""
    if (FILE.parents[1] / "plugins" / "modules" / f"{MODULES[member]}.py").exists():
        return listed(_documentation(MODULES[member])["description"])
    return next(list(kind.about) for kind in KINDS if kind.member == member)


def _said_by(shape: Shape) -> Said:
    """Return the function that describes the options of a shape."""

    def said(name: str) -> list[str]:
        row = shape.by_option.get(name)
        if row is not None:
            return description(row, shape)
        # What only a document has is described as the objects are that it holds.
        return listed(shape.about.get(name, "")) or _of_objects(name)

    return said


def _said_of_member(member: str) -> list[str]:
    """Return what a member of a document is, in the words of its kind; or of the module config, which has others too."""
    about = next((kind.about for kind in KINDS if kind.member == member), ())
    documented = listed(_documentation("config")["options"].get(member, {}).get("description", ""))
    if not about and not documented:
        raise Undescribed(f"The member {member} has no description. Give its ObjectKind an about.")
    return list(about) or documented


def _described(paragraphs: Sequence[str]) -> str:
    """Return what an option is, and what it needs to have an effect."""
    needs = [text for text in paragraphs[1:] if text.startswith("Needs ")]
    return " ".join(_plain(text) for text in (paragraphs[0], *needs))


def _plain(text: str) -> str:
    """Return text without Ansible's markup."""

    def word(match: re.Match[str]) -> str:
        inner = re.sub(r"\\(.)", r"\1", match.group(2))
        if match.group(1) not in ("O", "RV"):
            return inner
        name, _equals, value = inner.rpartition("#module:")[2].partition("=")
        return f"{name}: {value}" if value else name

    text = re.sub(r"\b(O|RV|V|C|E|B|I)\(((?:\\.|[^)\\])*)\)", word, text)
    text = re.sub(r"\b[MP]\(([^)#]+)(?:#\w+)?\)", r"\1", text)
    text = re.sub(r"\bL\(([^,)]+),\s*([^)]+)\)", r"\1 (\2)", text)
    return " ".join(text.split())


# --- the file


def schema() -> Json:
    """Return the schema."""
    definitions: dict[str, Json] = {}
    root = whole(SHAPE, _said_of_member, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADDRESS,
        "$comment": COMMENT,
        "title": "The configuration of a Kemp LoadMaster",
        "description": "The document that kemp.loadmaster.config takes and kemp.loadmaster.config_info reads.",
        **root,
        "$defs": definitions,
    }


def made() -> dict[Path, str]:
    """Return the file with what belongs into it."""
    return {FILE: json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"}


if __name__ == "__main__":
    generated.main(made, __doc__)
