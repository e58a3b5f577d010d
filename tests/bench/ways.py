# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to get the same thing done, each a row: what is run, and how it is called in the report."""

from __future__ import annotations

from dataclasses import dataclass

#: The playbook that is made of ``objects.yml``: what its loops and templates cost when nothing is done in them.
DERIVED = "loops.yml"


@dataclass(frozen=True)
class Way:
    """A playbook, or the plain script if there is none."""

    name: str
    title: str
    playbook: str = ""
    """A file in ``plays``, or the full name of a playbook of the collection."""
    variables: str = ""
    """A file of variables in the workspace, where it takes one."""
    works: bool = True
    """Whether it does the job at all."""
    repeats: bool = False
    """Whether it sends what is there already."""


WAYS = {
    way.name: way
    for way in (
        Way("empty", "empty playbook", "empty.yml", works=False),
        Way("debug", "one `debug` task", "debug.yml", works=False),
        Way("script", "plain Python script"),
        Way("recipe", "recipe `exchange2013_l7`", "kemp.loadmaster.exchange2013_l7", "role.json"),
        Way("src", "one `config` task, YAML file", "config_src.yml", "src_yaml.json"),
        Way("src_json", "one `config` task, JSON file", "config_src.yml", "src_json.json"),
        Way("variables", "one `config` task, variables", "config_variables.yml", "src_yaml.json"),
        Way("loops", "the same 5 loops with `debug`", DERIVED, "objects.json", works=False),
        Way("objects", "single modules, 5 looped tasks", "objects.yml", "objects.json"),
        Way("uri_lists", "`uri`, two lists compared by hand", "uri_lists.yml", "objects.json"),
        Way("uri_read", "`uri`, each object read and compared", "uri_read.yml", "objects.json"),
        Way("uri_blind", "`uri`, everything sent every time", "uri_blind.yml", "objects.json", repeats=True),
    )
}
