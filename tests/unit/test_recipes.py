# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of the Exchange recipes are those that are pinned, for a grid of variables; so is what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recipe_grid import (
    EAC,
    L4,
    L7,
    REQUIRED,
    VARIABLES,
    combinations,
    faulty,
    flat,
    found,
    listed,
    normal,
    packed,
    unpacked,
)

from ansible_collections.kemp.loadmaster.plugins.module_utils._documents.build import SHAPE, build
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.roles import (
    ROLES as ROLES_AS_FUNCTIONS,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes.roles import (
    refuse_unknown,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import recipe
from ansible_collections.kemp.loadmaster.plugins.modules import config

PINNED = json.loads(Path(__file__).with_name("pinned_recipes.json").read_text(encoding="utf-8"))
ROLES = (L4, L7, EAC)


@pytest.mark.parametrize("role", ROLES)
def test_the_grid_has_every_variable_in_every_way(role: str) -> None:
    made = combinations(role)
    assert made == combinations(role)
    for name, values in VARIABLES[role].items():
        variable = f"{role}_{name}"
        present = [variables[variable] for variables in made if variable in variables]
        assert len(present) >= 2 and (name in REQUIRED[role] or len(made) - len(present) >= 2), variable
        for value in values:
            assert sum(given in (value, str(value).lower()) or listed(given) == value for given in present) >= 2, (
                variable
            )
    words = [value for variables in made for value in variables.values() if isinstance(value, str)]
    assert sum(word.isdigit() or word in ("true", "false") or "," in word for word in words) >= 40


def test_the_grid_is_large() -> None:
    made = [json.dumps(variables, sort_keys=True) for role in ROLES for variables in combinations(role)]
    assert len(set(made)) >= 300
    assert len(list(faulty())) == len(PINNED["faulty"]) >= 60


def test_what_is_kept_of_documents_is_all_of_them() -> None:
    documents = [
        {"content_rules": [{"name": "x_A", "on": True}, {"name": "x_B", "on": True}], "virtual_services": []},
        {
            "content_rules": [{"name": "x_B", "on": True}],
            "virtual_services": [{"address": "1", "port": 2, "list": [1, 2]}],
        },
        {"content_rules": [{"name": "x_B", "on": False}]},
    ]
    assert unpacked(packed(documents)) == [flat(document) for document in documents]
    assert len({json.dumps(flat(document)) for document in documents}) == 3


def made(role: str, variables: dict[str, Any]) -> dict[str, Any]:
    return ROLES_AS_FUNCTIONS[role].document(variables, lambda: found(variables))  # type: ignore[return-value]


@pytest.mark.parametrize("role", ROLES)
def test_documents_are_those_that_are_pinned(role: str) -> None:
    pinned = iter(unpacked(PINNED[role]["documents"]))
    refused = PINNED[role]["refused"]
    for number, variables in enumerate(combinations(role)):
        if str(number) in refused:
            with pytest.raises(InvalidOption, match=refused[str(number)][0][:60]):
                made(role, variables)
            continue
        before, after = normal(next(pinned)), normal(flat(made(role, variables)))
        different = {path: (before.get(path), after.get(path)) for path in {**before, **after}}
        assert {path: both for path, both in different.items() if both[0] != both[1]} == {}, variables
    assert next(pinned, None) is None


@pytest.mark.parametrize("number", range(len(PINNED["faulty"])))
def test_faulty_variables_are_refused_as_pinned(number: int) -> None:
    """The file has what the templates said, as ``was``, next to it."""
    role, variables, seen = list(faulty())[number]
    with pytest.raises(InvalidOption) as refused:
        ROLES_AS_FUNCTIONS[role].document(variables, lambda: seen)
    says = [str(problem) for problem in refused.value.all_problems]
    assert says == PINNED["faulty"][number]["is"]
    assert all("exchange2013_" in sentence for sentence in says)
    assert len(refused.value.message) < 1200


def test_a_document_needs_no_appliance_unless_it_depends_on_it() -> None:
    def look() -> Any:
        raise AssertionError("looked at")

    for role in (L4, L7):
        assert ROLES_AS_FUNCTIONS[role].document(combinations(role)[1], look)
    with pytest.raises(AssertionError, match="looked at"):
        ROLES_AS_FUNCTIONS[EAC].document(combinations(EAC)[1], look)
    with pytest.raises(InvalidOption):
        ROLES_AS_FUNCTIONS[EAC].document({f"{EAC}_vip": "192.0.2.25"}, look)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "exchange2013_l4_schedulling",
            "unknown variable 'exchange2013_l4_schedulling'; did you mean 'exchange2013_l4_scheduling'?",
        ),
        ("exchange2013_l7_certificat", "did you mean 'exchange2013_l7_certificate'?"),
        ("exchange2013_restrict_eac_allowed_network", "did you mean 'exchange2013_restrict_eac_allowed_networks'?"),
        ("exchange2013_restict_eac_allowed_networks", "did you mean 'exchange2013_restrict_eac_allowed_networks'?"),
        ("general_setings_hostname", "did you mean 'general_settings_hostname'?"),
        ("general_settings_hostnam", "did you mean 'general_settings_hostname'?"),
        ("rolling_maintenance_server", "did you mean 'rolling_maintenance_servers'?"),
        ("exchange2013_l7_qqqq", "Names that begin with exchange2013_l7_ are reserved"),
    ],
)
def test_unknown_variables_are_refused_with_a_suggestion(name: str, says: str) -> None:
    everything = list(ROLES_AS_FUNCTIONS)
    with pytest.raises(InvalidOption) as refused:
        refuse_unknown([name, "exchange2013_l4_vip", "loadmasters"], everything)
    assert says in refused.value.message and len(refused.value.all_problems) == 1


def test_variables_of_others_are_left_alone() -> None:
    """A role knows its own prefix: neither private names, nor those of other roles, nor what only begins alike."""
    names = [
        *("__exchange2013_l4_shown", "exchange2013_l7_vip", "exchange2013_restrict_eac_vip", "exchange2013_dag_name"),
        *("exchange2013_l4", "exchange_patch_tasks", "general", "generally_speaking", "exchange2013_l41_farm"),
    ]
    for role in ROLES_AS_FUNCTIONS.values():
        assert role.reads[0].unknown([*names, f"{role.reads[0].role}x"]) == []
    refuse_unknown(names, list(ROLES_AS_FUNCTIONS))


@pytest.mark.parametrize("role", [L4, L7])
def test_an_unknown_variable_is_named_beside_all_other_mistakes(role: str) -> None:
    variables = {**combinations(role)[1], f"{role}_schedulling": "x", f"{role}_port": "https", f"{role}_redirect": "?"}
    with pytest.raises(InvalidOption) as refused:
        made(role, variables)
    assert len(refused.value.all_problems) == 3


def test_lists_and_dictionaries_may_be_json_in_text() -> None:
    plain = {"exchange2013_l7_vip": "192.0.2.25", "exchange2013_l7_certificate": "mail-2026"}
    servers = [{"address": "192.0.2.31", "weight": 5}]
    typed = made(L7, {**plain, "exchange2013_l7_servers": servers, "exchange2013_l7_idle_timeouts": {"mapi": 900}})
    for timeouts in ('{"mapi": 900}', "mapi=900"):
        text = {"exchange2013_l7_servers": json.dumps(servers), "exchange2013_l7_idle_timeouts": timeouts}
        assert flat(made(L7, {**plain, **text})) == flat(typed)
    namespaces = [{"protocol": "owa", "vip": "192.0.2.26"}]
    l4 = {"exchange2013_l4_servers": "192.0.2.31, 192.0.2.32"}
    assert made(L4, {**l4, "exchange2013_l4_namespaces": namespaces}) == made(
        L4, {**l4, "exchange2013_l4_namespaces": json.dumps(namespaces)}
    )


def test_a_document_is_one_that_config_takes() -> None:
    """The names of variables are gone by then, so nothing of it may be left for the check of documents to find."""
    for role in ROLES:
        for variables in combinations(role)[:40]:
            try:
                document = made(role, variables)
            except InvalidOption:
                continue
            build(document, Terms())


@pytest.mark.parametrize(
    "text", ["yes", "1:30", "# none", "a: {b", "{{ lookup('pipe', 'id') }}", "'", '"', "0x1F", "~"]
)
def test_text_stays_what_the_user_wrote(text: str) -> None:
    """A value that YAML or Jinja would read as another one, or as more than a value, is the text that it was."""
    for role, services in ((L4, "virtual_services"), (L7, "sub_virtual_services")):
        variables = {**combinations(role)[1], f"{role}_health_check_pattern": text, f"{role}_redirect_url": text}
        document = made(role, {**variables, f"{role}_redirect": True})
        first, *rest = document["virtual_services"]
        checked = first if services == "virtual_services" else first[services][0]
        assert checked["check_pattern"] == text
        assert [service["error_url"] for service in rest if "error_url" in service][0] == text


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_is_as_good_as_not_set(nothing: Any) -> None:
    """A template of nothing is empty text to ansible-core 2.16, and null to later ones."""
    plain = {"exchange2013_l7_vip": "192.0.2.25", "exchange2013_l7_certificate": "mail-2026"}
    plain["exchange2013_l7_servers"] = "192.0.2.31"
    unset = ("server_port", "redirect", "state", "exchange_version", "idle_timeouts", "protocols", "tls_versions")
    assert made(L7, {**plain, **{f"exchange2013_l7_{name}": nothing for name in unset}}) == made(L7, plain)
    settings = {"general_settings_wui_port": nothing, "general_settings_snmp_enabled": nothing}
    assert ROLES_AS_FUNCTIONS["general_settings"].document(settings, dict) == {"settings": {}}


def test_the_separate_service_names_the_variables_that_it_is_made_of() -> None:
    outside = {f"{EAC}_method": "separate_service", f"{EAC}_external_vip": "192.0.2.125", f"{EAC}_vip": "192.0.2.25"}
    faulty_l7 = {
        "exchange2013_l7_servers": [{"address": "192.0.2.31", "wieght": 5}],
        "exchange2013_l7_certificat": "mail-2026",
        "exchange2013_l7_vip": "192.0.2.25",
    }
    with pytest.raises(InvalidOption) as refused:
        made(EAC, {**outside, **faulty_l7})
    assert [str(problem) for problem in refused.value.all_problems] == [
        "unknown variable 'exchange2013_l7_certificat'; did you mean 'exchange2013_l7_certificate'?"
    ]
    del faulty_l7["exchange2013_l7_certificat"]
    with pytest.raises(InvalidOption) as refused:
        made(EAC, {**outside, **faulty_l7})
    empty, strange = (str(problem) for problem in refused.value.all_problems)
    assert empty.startswith("exchange2013_l7_certificate is empty")
    assert strange.startswith("exchange2013_l7_servers[0] (192.0.2.31): unknown option 'wieght'")


def test_a_recipe_is_applied_as_config_applies_a_document() -> None:
    """With the defaults of the options that a recipe does not have."""
    options = {name: argument.get("default") for name, argument in config.MODULE.options.items()}
    # The action plugin of config has made a document of these by then
    not_there = {"template", "src", *SHAPE.names}
    used = {**recipe.USUAL, "document": None, "allow_lockout": False}
    assert used == {name: value for name, value in options.items() if name not in not_there}
