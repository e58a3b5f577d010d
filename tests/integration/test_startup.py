# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection is imported from bytecode, which Ansible by itself does not keep of collections."""

from __future__ import annotations

TASK = [{"kemp.loadmaster.info": {"gather_subset": ["system"]}}]


def test_bytecode_is_used(playbook, tmp_path):
    """What Python says about each import: with bytecode there, no file of the collection is compiled."""
    env = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONVERBOSE": "1"}
    first, second = (playbook(TASK, env=env).output for _unused in range(2))
    told = [line for line in second.splitlines() if "kemp/loadmaster/plugins/module_utils/" in line]
    assert any("# code object from" in line and "client.py" in line for line in first.splitlines())
    assert {"client", "field", "info"} <= {path.name.split(".")[0] for path in tmp_path.rglob("plugins/**/*.pyc")}
    assert any("matches" in line for line in told)
    assert not [line for line in told if "# code object from" in line and ".pyc" not in line]


def test_where_nothing_can_be_kept_it_runs_anyway(playbook, tmp_path):
    nowhere = tmp_path / "a file, and no folder"
    nowhere.touch()
    assert playbook(TASK, env={"PYTHONPYCACHEPREFIX": str(nowhere)}).rc == 0
