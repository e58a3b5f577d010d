# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message calls an option what the reader's place calls it: module, role, playbook, inventory or environment."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import Situation, build, locate, names
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem, option, spoken
from ansible_collections.kemp.loadmaster.plugins.module_utils._recipes import roles
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import results

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins" / "module_utils"
PERMISSIONS = re.compile(r"\ballow_(no_servers|lockout|empty_purge)\b")


def test_a_name_is_that_of_the_place() -> None:
    error = InvalidOption(f"If that is meant, set {option('allow_no_servers')}.")
    assert str(error) == "If that is meant, set allow_no_servers. Nothing was changed."
    shown = results.of_error(error, {"allow_no_servers": "exchange2013_l7_allow_no_servers"})
    assert shown["msg"] == "If that is meant, set exchange2013_l7_allow_no_servers. Nothing was changed."
    problem = Problem("virtual_services[0]", f"set {option('allow_lockout')}.")
    shown = results.of_error(
        InvalidOption.from_problems([problem, problem]), {"allow_lockout": "general_settings_allow_lockout"}
    )
    assert "allow_lockout" not in str(shown).replace("general_settings_allow_lockout", "")
    assert "\ue000" not in str(shown) and "\ue000" not in spoken(problem.message)


def test_every_message_that_names_a_permission_has_its_name_from_the_place() -> None:
    """In a sentence that is raised, the name of a permission is no plain text."""
    plain = []
    for path in sorted(PLUGINS.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            texts = [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
            said = any(re.search(r"\b(If that is meant|[Ss]et|takes|needs) ", text) for text in texts)
            # A description of an option, which is read with the module, has the name in O()
            plain += [
                f"{path.name}: {text}"
                for text in texts
                if said and PERMISSIONS.search(text) and "O(" not in text and "``" not in text
            ]
    assert plain == []


@pytest.mark.parametrize("name", roles.ROLES)
def test_a_role_has_a_variable_for_every_permission_that_its_messages_name(name: str) -> None:
    role = roles.ROLES[name]
    known = {variable for each in role.reads for variable in each.shape.names}
    assert set(role.names.values()) <= known
    if role.reads[0].prefix.startswith("exchange2013"):
        assert "allow_no_servers" in role.names


@pytest.mark.parametrize("playbook", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_a_playbook_names_the_variables_of_permissions_that_it_passes_on(playbook: Path) -> None:
    text = playbook.read_text(encoding="utf-8")
    passed = dict(re.findall(r'(allow_\w+): "\{\{ (\w+) \|', text))
    (play,) = yaml.safe_load(text)
    said = dict(play.get("vars", {}).get("__loadmaster_names", {}))
    for task in play.get("tasks", ()):
        said.update(task.get("vars", {}).get("__loadmaster_names", {}))
    assert said.items() >= passed.items()


def situation(**parts: Any) -> Situation:
    usual: dict[str, Any] = {"options": {}, "host": "lm1", "variables": {}, "environ": {}}
    return Situation(**{**usual, **parts})


LOGIN = {"ansible_user": "bal", "ansible_password": "p"}


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"variables": {**LOGIN, "loadmaster_fingerprint": "12:34"}}, "loadmaster_fingerprint is not a SHA-256"),
        ({"variables": LOGIN, "options": {"fingerprint": "12:34"}}, "fingerprint is not a SHA-256"),
        ({"variables": LOGIN, "environ": {"LOADMASTER_FINGERPRINT": "12"}}, "LOADMASTER_FINGERPRINT is not a SHA-256"),
        ({"variables": {**LOGIN, "ansible_port": "x"}}, "ansible_port is 'x'"),
        ({"variables": {**LOGIN, "ansible_host": "a b"}}, "ansible_host is 'a b'"),
        ({"variables": {**LOGIN, "loadmaster_port": "x"}}, "loadmaster_port is 'x'"),
        ({"variables": {**LOGIN, "loadmaster_timeout": "soon"}}, "loadmaster_timeout is 'soon'"),
        ({"variables": {**LOGIN, "loadmaster_validate_certs": "perhaps"}}, "loadmaster_validate_certs is 'perhaps'"),
        ({"variables": {**LOGIN, "loadmaster_api_version": "v3"}}, "loadmaster_api_version is 'v3'"),
        (
            {"host": "localhost", "options": {"host": "lm1", "timeout": "soon", "username": "a", "password": "b"}},
            "timeout is 'soon'",
        ),
        (
            {"host": "ex1", "delegate": "lm1", "delegated": {**LOGIN, "loadmaster_fingerprint": "12:34"}},
            "loadmaster_fingerprint is not a SHA-256",
        ),
    ],
)
def test_an_option_of_the_connection_is_called_as_where_it_stands(where: dict[str, Any], says: str) -> None:
    of_task = situation(**where)
    with pytest.raises(InvalidOption) as refused:
        build(locate(of_task)[1])
    assert results.of_error(refused.value, names(of_task))["msg"].startswith(says)
