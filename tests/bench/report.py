# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: method, tables, budgets. Pure, and whole from the figures, so that no one edits it by hand."""

from __future__ import annotations

from typing import Any

from . import budgets, tables
from .figures import Figures
from .ways import WAYS
from .workload import OBJECTS

_HEAD = """<!--
Copyright: (c) 2026, kemp.loadmaster contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Performance

<!-- Made by `make bench`; changes belong in tests/bench. -->

This page compares API calls, TLS handshakes, time, processor time and memory. The others are an empty playbook, a plain
script, and tasks that you would write without the collection.

![Time of a run that finds nothing to do](performance.svg)
"""


def page(content: dict[str, Any]) -> str:
    """Return the page in Markdown."""
    figures = Figures(content)
    parts = [_HEAD, _method(content)]
    parts += [text(figures) for group, text in _SECTIONS.items() if figures.all(group)]
    parts += [_emulators(figures), _budgets(content)]
    return "\n".join(part.strip() + "\n" for part in parts if part)


def _method(content: dict[str, Any]) -> str:
    machine = content["machine"]
    return f"""
## Method

`make bench` in a checkout runs all of it{_duration(content)} and writes this page. `make bench BENCH_ARGS=--quick` measures only what
the budgets below need. The figures are from one machine on one day, so compare the ratios, not the seconds.

- The machine: {machine["processors"]} processors, {machine["system"]}, Python {machine["python"]}, ansible-core {machine["ansible-core"]},
  requests {machine["requests"]}, {machine["openssl"]}. Load average {machine["load_before"]:.1f} before and {content["load_after"]:.1f} after:
  a higher load than that of the bench means that other work disturbed it.
- The LoadMaster is the emulator of this repository, in a separate process on the same machine. **Each time here includes
  its response time.** Its processor time has a table at the end and is in no other column.
- The bench measures all ways in turn, round by round, so that a disturbance affects all of them. A figure is the median over the
  rounds, a ratio the median of the ratios within the rounds. An uncounted round fills the caches first. Slow ways run only in the
  first round.
- *Time* is from the start of `ansible-playbook` to its end. *CPU* is the processor time of that process and all of its
  descendants. *Memory* is the peak of the largest of these processes.
- *Empty playbook* is a play on the same inventory with `gather_facts: false` and `tasks: []`. Nothing is set in `ansible.cfg`.
- Round trips of 20 and 150 ms come from a proxy that delays all data, and the opening of a connection. Its bandwidth is not
  limited.
- The bench checks every run. A run without changes must report `changed=0` and send no writes, except for the way that sends
  everything every time. After a first run all objects must exist.

The job is Exchange at layer 7 with three servers, nine protocols and five services for mail: {OBJECTS} objects (content rules,
services, SubVSs and servers). The ways to do it:

| Way | What it is |
|---|---|
| {WAYS["script"].title} | `requests`, one connection, the calls of the recipe in order, replies ignored |
| {WAYS["recipe"].title} | the playbook `kemp.loadmaster.exchange2013_l7` |
| {WAYS["src"].title} | `kemp.loadmaster.config` with the same objects as a document in `src`; the other two `config` ways likewise |
| {WAYS["loops"].title} | the cost of loops and templates of the next way in Ansible itself: its tasks with `ansible.builtin.debug` instead of the modules |
| {WAYS["objects"].title} | `content_rule`, `virtual_service`, `sub_virtual_service` and `real_server`, each in a loop |
| {WAYS["uri_lists"].title} | `ansible.builtin.uri` for `listvs` and `showrule`, conditions in Jinja, a call for each difference |
| {WAYS["uri_read"].title} | `ansible.builtin.uri` in loops: a call to read each object, and another one for a difference |
| {WAYS["uri_blind"].title} | `ansible.builtin.uri` in loops: an existing object counts as success |

The last three verify no certificates, and compare only some fields of an object. The modules compare all fields that a task names.
The playbooks are in `tests/bench/plays`.
"""


def _duration(content: dict[str, Any]) -> str:
    return f" in {content['seconds'] / 60:.0f} minutes" if "seconds" in content else ""


def _again(figures: Figures) -> str:
    return f"""
## Nothing to do

The most frequent run: nothing differs.

{tables.job(figures, "again")}
"""


def _first(figures: Figures) -> str:
    return f"""
## The first run

A new appliance, so all {OBJECTS} objects are created. A task of this collection keeps the pace that a LoadMaster allows: 24 calls at once
and then 8 a second. For the recipe and `config`, this is most of the time, so the round trip hardly matters. Looped modules read
again after each object that they created. The script keeps no pace, and `uri` tasks are slower than the pace.

{tables.job(figures, "first")}
"""


def _limit(figures: Figures) -> str:
    return f"""
## The limit of the appliance

A LoadMaster drops connections when more than 30 calls come within 3 seconds. This is the same first run, with an emulator that does not and with one
that does. After a drop, the script waits for a second and tries again. Each task keeps the pace separately, so several in a row can
reach the limit. They repeat a dropped call after a pause.

{tables.limit(figures)}
"""


def _many(figures: Figures) -> str:
    return f"""
## Many services

Plain services with four servers each, without a difference. For *variables*, the playbook reads the same YAML file with `vars_files` and passes
its content as options. The script requests the list and decodes it. Memory is that of the run with the YAML file.

{tables.many(figures)}
"""


def _fleet(figures: Figures) -> str:
    return f"""
## Many appliances

Exchange at layer 7 on each of them, no change. *CPU for each* is the processor time of the whole run divided by the number of appliances. The next
column compares it with a playbook of one `debug` task.

{tables.fleet(figures)}
"""


def _emulators(figures: Figures) -> str:
    if not (figures.all("again") or figures.all("many")):
        return ""
    return f"""
## Processor time of the emulators

{tables.emulator_share(figures)}
"""


def _budgets(content: dict[str, Any]) -> str:
    rows = []
    for verdict in budgets.check(content):
        if verdict.value is None:
            continue
        subject = verdict.budget.subject[0].upper() + verdict.budget.subject[1:]
        value = f"{budgets.spelt(verdict.value)}{verdict.budget.unit}"
        rows.append([subject, verdict.limit, value, verdict.spread, "yes" if verdict.held else "**no**"])
    return f"""
## Budgets

`make bench` fails if a budget is exceeded or could not be measured. *In the rounds* has the lowest and the highest ratio of the rounds,
which shows how reliable the median is.

{tables.table(["", "budget", "measured", "in the rounds", "met"], rows)}
"""


_SECTIONS = {"again": _again, "first": _first, "limit": _limit, "many": _many, "fleet": _fleet}
