# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the modules says what the modules do: it is held against their options and their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from ansible_collections.kemp.loadmaster.plugins.doc_fragments import attributes as attributes_fragment
from ansible_collections.kemp.loadmaster.plugins.doc_fragments import connection as connection_fragment
from ansible_collections.kemp.loadmaster.plugins.doc_fragments import service_options as service_fragment
from ansible_collections.kemp.loadmaster.plugins.module_utils._api import connection
from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import SHAPE, build
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import value_types
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import KINDS
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.rule_lists import RuleList
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import real_server as servers
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import service_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import sub_virtual_service as sub_services
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import settings_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import USUAL
from ansible_collections.kemp.loadmaster.plugins.modules import (
    backup,
    certificate,
    cipher_set,
    command,
    config,
    config_info,
    content_rule,
    info,
    intermediate_certificate,
    real_server,
    recipe,
    server_maintenance,
    settings,
    sub_virtual_service,
    virtual_service,
    virtual_service_template,
)

COLLECTION = "kemp.loadmaster"
MODULES = {
    "backup": backup,
    "certificate": certificate,
    "cipher_set": cipher_set,
    "command": command,
    "config": config,
    "config_info": config_info,
    "content_rule": content_rule,
    "info": info,
    "intermediate_certificate": intermediate_certificate,
    "real_server": real_server,
    "recipe": recipe,
    "server_maintenance": server_maintenance,
    "settings": settings,
    "sub_virtual_service": sub_virtual_service,
    "virtual_service": virtual_service,
    "virtual_service_template": virtual_service_template,
}
# Those that read, and so have no diff.
READING = ["config_info", "info"]
# Those whose result has a sample in the words of their options.
SAMPLED = ["cipher_set", "content_rule", "real_server", "settings", "sub_virtual_service", "virtual_service"]
FRAGMENTS = {
    f"{COLLECTION}.attributes": attributes_fragment,
    f"{COLLECTION}.connection": connection_fragment,
    f"{COLLECTION}.service_options": service_fragment,
}
LONGEST_LINE = 160
UNLIMITED = value_types.Integer().high

Documented = dict[str, dict[str, Any]]


@cache
def _fragment(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load(FRAGMENTS[name].ModuleDocFragment.DOCUMENTATION))


@cache
def _documentation(name: str) -> dict[str, Any]:
    """The documentation of a module together with its fragments, as Ansible puts them together."""
    own: dict[str, Any] = yaml.safe_load(MODULES[name].DOCUMENTATION)
    fragments = [_fragment(fragment) for fragment in own["extends_documentation_fragment"]]
    shared: Documented = {}
    attributes: Documented = {}
    for fragment in fragments:
        shared.update(fragment["options"])
        attributes.update(fragment.get("attributes", {}))
    for attribute, details in own["attributes"].items():
        attributes[attribute] = {**attributes.get(attribute, {}), **details}
    return {**own, "options": {**shared, **own["options"]}, "attributes": attributes}


def _paragraphs(documented: Mapping[str, Any]) -> list[str]:
    description = documented["description"]
    return [description] if isinstance(description, str) else list(description)


def _rows() -> Iterator[Any]:
    """Every row of every table with the option that documents it."""
    services = _documentation("virtual_service")["options"]
    subs = _documentation("sub_virtual_service")["options"]
    places = [
        ("virtual_service", service_table.TABLE, services),
        ("virtual_service real_servers", servers.TABLE, services["real_servers"]["suboptions"]),
        ("sub_virtual_service", sub_services.TABLE, subs),
        ("sub_virtual_service slot", sub_services.SLOT_TABLE, subs),
        ("sub_virtual_service real_servers", servers.TABLE, subs["real_servers"]["suboptions"]),
        ("real_server", servers.TABLE, _documentation("real_server")["options"]),
        ("settings", settings_table.TABLE, _documentation("settings")["options"]),
        ("settings", settings_table.HEALTH_TABLE, _documentation("settings")["options"]),
    ]
    for place, table, options in places:
        for row in table.fields:
            yield pytest.param(row, options.get(row.option, {"description": ""}), id=f"{place} {row.option}")


def _rule_list_options() -> Iterator[Any]:
    """Every list of rules with the option that documents it."""
    services = _documentation("virtual_service")["options"]
    subs = _documentation("sub_virtual_service")["options"]
    of_servers = (rule_lists.CONTENT_RULES,)
    places = [
        ("virtual_service", rule_lists.OF_SERVICES, services),
        ("virtual_service real_servers", of_servers, services["real_servers"]["suboptions"]),
        ("sub_virtual_service", (*rule_lists.OF_SERVICES, *of_servers), subs),
        ("sub_virtual_service real_servers", of_servers, subs["real_servers"]["suboptions"]),
        ("real_server", of_servers, _documentation("real_server")["options"]),
    ]
    for place, lists, options in places:
        for each in lists:
            yield pytest.param(each, options.get(each.option, {"description": ""}), id=f"{place} {each.option}")


def _rule_options() -> dict[str, dict[str, Field]]:
    """Every option of a content rule with its row in each kind that has it."""
    options: dict[str, dict[str, Field]] = {}
    for kind, details in KINDS.items():
        for row in details.table.fields:
            options.setdefault(row.option, {})[kind] = row
    return options


def _examples() -> Iterator[Any]:
    for name, module in MODULES.items():
        for number, task in enumerate(yaml.safe_load(module.EXAMPLES), start=1):
            yield pytest.param(task, id=f"{name} {number}")


ROWS = list(_rows())
RULE_LISTS = list(_rule_list_options())
RULE_OPTIONS = _rule_options()
PARENT = f"{COLLECTION}.virtual_service#module:"
EXAMPLES = list(_examples())


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- options against the argument specification


def _compare(spec: Mapping[str, Mapping[str, Any]], options: Documented, where: str) -> None:
    assert sorted(options) == sorted(spec), f"{where}: documented and accepted options differ"
    for name, argument in spec.items():
        option, here = options[name], f"{where} {name}"
        assert option["type"] == argument["type"], here
        assert option.get("elements") == argument.get("elements"), here
        assert bool(option.get("required")) == bool(argument.get("required")), here
        assert option.get("default") == argument.get("default"), here
        assert list(option.get("choices", [])) == list(argument.get("choices", [])), here
        if "options" in argument:
            _compare(argument["options"], option["suboptions"], here)
        else:
            assert "suboptions" not in option, here


@pytest.mark.parametrize("name", MODULES)
def test_options_are_those_that_the_module_accepts(name: str) -> None:
    _compare(MODULES[name].MODULE.argument_spec, _documentation(name)["options"], name)


@pytest.mark.parametrize("name", MODULES)
def test_options_of_the_fragments_are_not_documented_twice(name: str) -> None:
    documentation = yaml.safe_load(MODULES[name].DOCUMENTATION)
    own = documentation["options"]
    assert not set(own) & set(connection.ARGUMENTS)
    for fragment in documentation["extends_documentation_fragment"]:
        assert not set(own) & set(_fragment(fragment)["options"])


# --- rows of the tables against the last paragraph of their option


def _tail(row: Field) -> re.Pattern[str]:
    """What the last paragraph has to look like."""
    kind = row.kind
    parts = [rf"API parameter C\({re.escape(row.api)}\)"]
    parts[0] += r", inverted\." if getattr(kind, "inverted", False) else r"\."
    parts.append(r"WUI: [A-Z&][^.]*(?:\d\.\d[^.]*)?\.")
    parts += [re.escape(part) for part in (_range(row), _length(row), _default(row)) if part]
    return re.compile(" ".join(parts))


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
    """A default that is a value is marked up as one, anything else is in words."""
    kind, default = row.kind, row.default
    words = getattr(kind, "words", ())
    if isinstance(kind, value_types.Flag):
        is_value = default in ("true", "false")
    elif isinstance(kind, value_types.Choice):
        is_value = default in words
    elif isinstance(kind, value_types.Integer):
        is_value = default.isdigit()
    else:
        is_value = isinstance(kind, value_types.Text) and default != "unset" and " " not in default
    return f"Appliance default V({default})." if is_value else f"Appliance default: {default}."


@pytest.mark.parametrize(("row", "option"), ROWS)
def test_last_paragraph_is_what_the_row_says(row: Field, option: dict[str, Any]) -> None:
    last = _paragraphs(option)[-1]
    assert _tail(row).fullmatch(last), f"{last!r} does not match {_tail(row).pattern}"


@pytest.mark.parametrize(("row", "option"), ROWS)
def test_there_is_a_description_before_it(row: Field, option: dict[str, Any]) -> None:
    first = _paragraphs(option)[0]
    assert not first.startswith(("API parameter", "Needs"))
    assert len(first) > 20


@pytest.mark.parametrize(("row", "option"), ROWS)
def test_choices_name_the_value_that_is_sent(row: Field, option: dict[str, Any]) -> None:
    if not isinstance(row.kind, value_types.Choice):
        return
    choices = option["choices"]
    assert {word: text.rpartition(" ")[2] for word, text in choices.items()} == {
        word: f"C({code})." if code else "empty." for word, code in row.kind.words.items()
    }


@pytest.mark.parametrize(("row", "option"), ROWS)
def test_prerequisites_are_named(row: Field, option: dict[str, Any]) -> None:
    needed = [paragraph for paragraph in _paragraphs(option) if paragraph.startswith("Needs ")]
    assert len(needed) == bool(row.needs)
    named = set(re.findall(r"O\(([^)]*)\)", " ".join(needed)))
    wanted = {f"{need.option}={_shown(v)}" for need in row.needs for v in need.values or need.not_values}
    assert {name.removeprefix(PARENT) for name in named} == wanted


@pytest.mark.parametrize("row", sub_services.TABLE.fields, ids=lambda row: row.option)
def test_prerequisites_of_a_sub_service_say_which_are_those_of_the_parent(row: Field) -> None:
    text = " ".join(_paragraphs(_documentation("sub_virtual_service")["options"][row.option]))
    assert {name.partition("=")[0] for name in re.findall(rf"O\({PARENT}([^)]*)\) of the parent", text)} == {
        need.option for need in row.needs if need.option not in sub_services.TABLE.by_option
    }


@pytest.mark.parametrize(("row", "option"), ROWS)
def test_dangers_are_named(row: Field, option: dict[str, Any]) -> None:
    warned = [paragraph for paragraph in _paragraphs(option) if "O(allow_lockout=true)" in paragraph]
    assert len(warned) == bool(row.danger)
    if row.danger:
        assert row.danger in warned[0]
        assert set(re.findall(r"V\(([^)]*)\)", warned[0])) == {_shown(value) for value in row.safe}


@pytest.mark.parametrize(("row", "option"), ROWS)
def test_what_cannot_be_compared_says_so(row: Field, option: dict[str, Any]) -> None:
    says_so = any("cannot be compared" in text or "is not compared" in text for text in _paragraphs(option))
    assert says_so == row.write_only


@pytest.mark.parametrize(("row", "option"), ROWS)
def test_values_that_are_rewritten_are_named(row: Field, option: dict[str, Any]) -> None:
    """Where the appliance stores something else than what it was sent, both are in the text."""
    if row.stored is None or not isinstance(row.kind, value_types.Integer):
        return
    low = row.kind.low
    rewritten = {
        v: row.stored(v) for v in {0, low, *range(low, min(low + 500, row.kind.high + 1))} if row.stored(v) != v
    }
    assert rewritten
    numbers = {int(number) for number in re.findall(r"\d+", " ".join(_paragraphs(option)[:-1]))}
    assert any(sent in numbers and stored in numbers for sent, stored in rewritten.items())


# --- content rules, whose options are not the same for every kind


def _kinds_in(paragraphs: list[str], beginning: str) -> set[str] | None:
    """The kinds that the paragraph with this beginning names, or None."""
    found = [paragraph for paragraph in paragraphs if paragraph.startswith(beginning)]
    assert len(found) <= 1
    return set(re.findall(r"O\(kind=(\w+)\)", found[0])) if found else None


def test_kinds_name_the_value_that_is_sent() -> None:
    choices = _documentation("content_rule")["options"]["kind"]["choices"]
    assert {kind: text.rpartition(" ")[2] for kind, text in choices.items()} == {
        kind: f"C({details.number})." for kind, details in KINDS.items()
    }


@pytest.mark.parametrize("option", RULE_OPTIONS)
def test_option_of_a_rule_names_the_kinds_that_have_and_require_it(option: str) -> None:
    rows, paragraphs = RULE_OPTIONS[option], _paragraphs(_documentation("content_rule")["options"][option])
    required = {kind for kind, row in rows.items() if getattr(row.kind, "lasting", False)}
    assert _kinds_in(paragraphs, "Needs ") == (set(rows) if set(rows) != set(KINDS) else None)
    assert _kinds_in(paragraphs, "Required for ") == (required or None)


@pytest.mark.parametrize("option", RULE_OPTIONS)
def test_last_paragraph_is_what_the_rows_of_all_kinds_say(option: str) -> None:
    rows, documented = RULE_OPTIONS[option], _documentation("content_rule")["options"][option]
    first = next(iter(rows.values()))
    others = {kind: row for kind, row in rows.items() if row.api != first.api}
    last = _paragraphs(documented)[-1]
    for kind, row in others.items():
        said = f", for O(kind={kind}) C({row.api}) with {_length(row).lower().rstrip('.')}"
        assert said in last
        last = last.replace(said, "")
    default = next((_default(row) for row in rows.values() if row.default), "")
    assert {_default(row) for row in rows.values() if row.default} == ({default} if default else set())
    assert {(_range(row), _length(row)) for kind, row in rows.items() if kind not in others} == {
        (_range(first), _length(first))
    }
    parts = [rf"API parameter C\({first.api}\)\. WUI: [A-Z&][^.]*\."]
    parts += [re.escape(part) for part in (_range(first), _length(first), default) if part]
    assert re.fullmatch(" ".join(parts), last), last
    if isinstance(first.kind, value_types.Choice):
        assert {word: text.rpartition(" ")[2] for word, text in documented["choices"].items()} == {
            word: f"C({code})." for word, code in first.kind.words.items()
        }


@pytest.mark.parametrize(("rules", "option"), RULE_LISTS)
def test_list_of_rules_names_its_commands_and_kinds(rules: RuleList, option: dict[str, Any]) -> None:
    first, takes, last = _paragraphs(option)[0], _paragraphs(option)[-2], _paragraphs(option)[-1]
    assert len(first) > 20 and not first.startswith(("API", "Takes"))
    assert set(re.findall(rf"O\({COLLECTION}\.content_rule#module:kind=(\w+)\)", takes)) == set(rules.kinds)
    assert takes.startswith("Takes ") and "complete and in order" in takes and "an empty list clears it" in takes
    assert re.fullmatch(rf"API commands C\({rules.assign}\) and C\({rules.detach}\)\. WUI: [A-Z][^.]*\.", last), last


# --- options that are no rows


@pytest.mark.parametrize("name", MODULES)
def test_paragraph_about_the_api_is_last_and_complete(name: str) -> None:
    """Where an option says what it is in the API, it says where it is in the WUI."""

    def check(options: Documented) -> None:
        for option, documented in options.items():
            for paragraph in _paragraphs(documented):
                if paragraph.startswith("API ") and option != "parameters":  # which are anywhere in the WUI
                    assert paragraph == _paragraphs(documented)[-1], option
                    assert re.match(r"API (parameter|command)s? C\(.* WUI: [A-Z&].*\.$", paragraph), option
            check(documented.get("suboptions", {}))

    check(yaml.safe_load(MODULES[name].DOCUMENTATION)["options"])


# --- the connection


@pytest.mark.parametrize("name", connection.ARGUMENTS)
def test_connection_option_names_where_it_comes_from(name: str) -> None:
    last = _paragraphs(_fragment(f"{COLLECTION}.connection")["options"][name])[-1]
    word = "port" if name == "host_port" else name
    ansible = {
        "host": "ansible_host",
        "host_port": "ansible_port",
        "username": "ansible_user",
        "password": "ansible_password",
    }
    network = {"username": "ANSIBLE_NET_USERNAME", "password": "ANSIBLE_NET_PASSWORD"}
    # The words are those that the code looks for
    assert connection.loadmaster_variables({f"loadmaster_{word}": "1"}) == {name: "1"}
    assert {
        k: v for s in connection.environment_variables({f"LOADMASTER_{word.upper()}": "1"}) for k, v in s.items()
    } == {name: "1"}
    assert re.findall(r"C\(([^)]*)\)", last) == [f"loadmaster_{word}"] + ([ansible[name]] if name in ansible else [])
    assert re.findall(r"E\(([^)]*)\)", last) == [f"LOADMASTER_{word.upper()}"] + (
        [network[name]] if name in network else []
    )


@pytest.mark.parametrize(
    "name", ["host_port", "validate_certs", "api_version", "connect_timeout", "timeout", "retries"]
)
def test_connection_option_names_its_default(name: str) -> None:
    default = getattr(connection.Connection(host="lm1"), name)
    text = " ".join(_paragraphs(_fragment(f"{COLLECTION}.connection")["options"][name]))
    said = {
        "validate_certs": "Without this option it is.",
        "api_version": f"V({default})",
        "host_port": f"port {default} is used",
    }
    assert default is not False
    assert (
        said.get(name, f"Without this option it is {default if isinstance(default, str) else f'{default:g}'}.") in text
    )


# --- the module as a whole


@pytest.mark.parametrize("name", MODULES)
def test_module_names_itself_and_what_it_supports(name: str) -> None:
    documentation = _documentation(name)
    assert documentation["module"] == name
    assert documentation["version_added"] == "0.1.0"
    for key in ("short_description", "description", "author", "requirements", "seealso"):
        assert documentation[key], key
    assert not documentation["short_description"].endswith(".")
    for attribute, details in documentation["attributes"].items():
        assert details["description"], attribute
        assert details["support"] in ("full", "partial", "none", "N/A"), attribute
    own = yaml.safe_load(MODULES[name].DOCUMENTATION)["attributes"]
    assert set(own) >= {"check_mode", "diff_mode", "idempotent"}
    assert own["check_mode"]["support"] == "full"
    assert own["diff_mode"]["support"] == (
        "N/A" if name in READING else "none" if name in ("backup", "command") else "full"
    )
    assert documentation["attributes"]["action_group"]["membership"] == [f"{COLLECTION}.all"]


@pytest.mark.parametrize("name", MODULES)
def test_references_lead_somewhere(name: str) -> None:
    """O() names an option of the module, or of the one that it names with a #."""
    module = MODULES[name]
    extended = yaml.safe_load(module.DOCUMENTATION)["extends_documentation_fragment"]
    fragments = [FRAGMENTS[fragment].ModuleDocFragment.DOCUMENTATION for fragment in extended]
    text = module.DOCUMENTATION + module.RETURN + "".join(fragments)
    for reference in re.findall(r"\bO\(([^)]*)\)", text):
        target, _hash, path = reference.rpartition("#")
        other = target.removeprefix(f"{COLLECTION}.") if target else name
        option, _equals, value = path.removeprefix("module:").partition("=")
        options = _documentation(other)["options"]
        parts = option.split("[].")
        for part in parts[:-1]:
            options = options[part]["suboptions"]
        assert parts[-1] in options, reference
        choices = options[parts[-1]].get("choices")
        assert not value or not choices or value in choices, reference


@pytest.mark.parametrize("source", [*MODULES, *FRAGMENTS])
def test_lines_fit(source: str) -> None:
    module = MODULES[source] if source in MODULES else FRAGMENTS[source].ModuleDocFragment
    for block in ("DOCUMENTATION", "EXAMPLES", "RETURN"):
        for line in getattr(module, block, "").splitlines():
            assert len(line) <= LONGEST_LINE, line
            assert line == line.rstrip(), line


# --- examples


@pytest.mark.parametrize("task", EXAMPLES)
def test_example_is_a_task_with_documented_options(task: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Z].*[^.]", task["name"])
    actions = [key for key in task if key.count(".") >= 2]
    assert len(actions) == 1, "one action, named in full"
    rest = set(task) - {"name", *actions}
    assert rest <= {"register", "loop", "delegate_to", "when", "vars"}, (
        "keywords, or an action that is not named in full"
    )
    action = actions[0]
    if not action.startswith(f"{COLLECTION}."):
        return
    _check_values(task[action] or {}, MODULES[action.removeprefix(f"{COLLECTION}.")].MODULE.argument_spec)


def _check_values(given: Mapping[str, Any], spec: Mapping[str, Mapping[str, Any]]) -> None:
    assert set(given) <= set(spec)
    for name, value in given.items():
        argument = spec[name]
        for member in value if isinstance(value, list) else [value]:
            if "options" in argument:
                if not str(member).startswith("{{"):
                    _check_values(member, argument["options"])
            elif "choices" in argument:
                assert member in argument["choices"] or str(member).startswith("{{ item"), name
            if argument.get("no_log"):
                for secret in member.values() if isinstance(member, dict) else [member]:
                    assert re.fullmatch(r"\{\{ vault_\w+ \}\}", secret), f"{name} is a secret in the open"


@pytest.mark.parametrize("name", MODULES)
def test_examples_use_the_addresses_that_are_kept_for_documentation(name: str) -> None:
    text = MODULES[name].EXAMPLES
    assert re.search(rf"{COLLECTION}\.{name}:", text)
    for address in re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text):
        assert address.startswith(("192.0.2.", "198.51.100.", "203.0.113.")), address
    for host in re.findall(r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|example)\b", text):
        assert host.endswith(("example.com", "example.net", "example.org", ".example")), host


# --- return values


def _returns(values: Mapping[Any, Any], where: str) -> Iterator[tuple[str, Any, Any]]:
    for key, value in values.items():
        yield where, key, value
        yield from _returns(value.get("contains", {}), f"{where} {key}")


@pytest.mark.parametrize("name", MODULES)
def test_return_values_are_described(name: str) -> None:
    for where, key, value in _returns(yaml.safe_load(MODULES[name].RETURN), name):
        here = f"{where} {key}"
        assert isinstance(key, str), here
        assert all(isinstance(paragraph, str) for paragraph in _paragraphs(value)), here
        assert value["description"] and value["returned"], here
        assert value["type"] in ("bool", "dict", "float", "int", "list", "raw", "str"), here
        assert ("elements" in value) == (value["type"] == "list"), here


@pytest.mark.parametrize("name", MODULES)
def test_return_values_are_those_of_the_module(name: str) -> None:
    documented = set(yaml.safe_load(MODULES[name].RETURN))
    if name == "info":
        subsets = set(MODULES[name].MODULE.argument_spec["gather_subset"]["choices"]) - {"all"}
        assert documented == subsets | {"query_result", "api_calls", "error"}
    elif name == "config":
        assert documented == {"steps", "before", "after", "removed", "backup_path", "api_calls", "error"}
    elif name == "recipe":
        assert documented == {
            *("steps", "before", "after", "removed", "document", "remarks", "out_of_service", "api_calls", "error")
        }
    elif name == "backup":
        assert documented == {"backup_path", "size", "removed_backups", "api_calls", "error"}
    elif name == "command":
        assert documented == {"response", "message", "skipped_because", "dest", "api_calls", "error"}
    elif name == "config_info":
        assert documented == {"config", "secrets", "gaps", "api_calls", "error"}
    else:
        more = {"msg"} if name == "server_maintenance" else set()
        assert documented == {name, "steps", "api_calls", "error"} | more


def test_members_of_a_document_are_those_of_its_shape() -> None:
    """... and each names the module whose options its entries have."""
    documented = _documentation("config")["options"]
    members = _documentation("config_info")["options"]["members"]["choices"]
    kinds = {**SHAPE.parts, **SHAPE.lists}
    assert set(members) == {"all", *kinds} and set(SHAPE.names) < set(documented)
    for member in kinds:
        module = re.findall(rf"M\({COLLECTION}\.(\w+)\)", _paragraphs(documented[member])[0])
        assert module == ["settings" if member == "settings" else member.removesuffix("s")]
        assert set(kinds[member].by_option) <= set(_documentation(module[0])["options"])


def test_sample_of_a_document_is_one() -> None:
    build(yaml.safe_load(config_info.RETURN)["config"]["sample"], USUAL)


@pytest.mark.parametrize("name", SAMPLED)
def test_sample_has_options_of_the_module(name: str) -> None:
    sample = yaml.safe_load(MODULES[name].RETURN)[name]["sample"]
    options = _documentation(name)["options"]
    for option, value in sample.items():
        assert option in options
        assert value in options[option].get("choices", [value]), option
