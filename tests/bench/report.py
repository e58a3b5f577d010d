# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: method, tables, budgets. Pure, and whole from the figures, so that nobody edits it by hand."""

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

What the collection costs: calls of the API, TLS handshakes, time, processor time and memory, beside an empty playbook, a
plain script, and the tasks that one would write without it.

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
## How it was measured

`make bench` in a checkout runs all of it{_duration(content)}, and writes this page. `make bench BENCH_ARGS=--quick` measures what
the budgets below need. The figures are of one machine on one day; the ratios say more than the seconds.

- The machine: {machine["processors"]} processors, {machine["system"]}, Python {machine["python"]}, ansible-core {machine["ansible-core"]},
  requests {machine["requests"]}, {machine["openssl"]}. Load average {machine["load_before"]:.1f} before and {content["load_after"]:.1f} after:
  more than the bench itself puts there means that other work took its share.
- The LoadMaster is the emulator of this repository, in a process of its own on the same machine. **Its answering time is part of each
  time here**; its processor time is not part of any other column and is told at the end.
- The ways are measured in turns, round by round, so that what disturbs one disturbs all. A figure is the median over the
  rounds, a ratio the median of the ratios within the rounds. A round before the first one, that does not count, fills caches.
  What takes long takes part in the first round only.
- *Time* is from the start of `ansible-playbook` to its end. *CPU* is the processor time of that process and all of its
  descendants. *Memory* is the peak of the largest of these processes.
- *Empty playbook* is a play on the same inventory with `gather_facts: false` and `tasks: []`. Nothing is set in `ansible.cfg`.
- Round trips of 20 and 150 ms come from a proxy that delays what passes, the opening of a connection included. Its bandwidth is
  not limited.
- Every run is checked: a no-change run must report `changed=0` and send nothing that changes anything, but for the way that sends
  everything every time; and after a first run all objects must be there.

The job is Exchange at layer 7 with three servers, nine protocols and five services for mail: {OBJECTS} objects, which are content rules,
services, SubVSs and servers. The ways to do it:

| | |
|---|---|
| {WAYS["script"].title} | `requests`, one connection, the calls of the recipe one after the other, without looking at the answers |
| {WAYS["recipe"].title} | the playbook `kemp.loadmaster.exchange2013_l7` |
| {WAYS["src"].title} | `kemp.loadmaster.config` with the same objects as a document in `src`; the other two `config` ways likewise |
| {WAYS["loops"].title} | what loops and templates of the next way cost in Ansible itself: its tasks, with `ansible.builtin.debug` in the place of the modules |
| {WAYS["objects"].title} | `content_rule`, `virtual_service`, `sub_virtual_service` and `real_server`, each in a loop |
| {WAYS["uri_lists"].title} | `ansible.builtin.uri` for `listvs` and `showrule`, conditions in Jinja, a call for what differs |
| {WAYS["uri_read"].title} | `ansible.builtin.uri` in loops: a call to read each object, and another one where it differs |
| {WAYS["uri_blind"].title} | `ansible.builtin.uri` in loops: what exists already is an answer like any other |

The last three verify no certificates and see less than the modules: they compare some fields of an object, the modules all that are named.
The playbooks are in `tests/bench/plays`.
"""


def _duration(content: dict[str, Any]) -> str:
    return f" in {content['seconds'] / 60:.0f} minutes" if "seconds" in content else ""


def _again(figures: Figures) -> str:
    return f"""
## Nothing to do

The run that happens most: everything is as it is described.

{tables.job(figures, "again")}
"""


def _first(figures: Figures) -> str:
    return f"""
## The first run

A new appliance, and all {OBJECTS} objects to be made. A task of this collection keeps to the pace that a LoadMaster allows, 24 calls at once
and then 8 a second. Where it makes everything, as the recipe and `config` do, that is most of its time, and the round trip hardly
matters. Looped modules read again after each object that they made. The script keeps no pace, and `uri` tasks are slower than it.

{tables.job(figures, "first")}
"""


def _limit(figures: Figures) -> str:
    return f"""
## The limit of the appliance

A LoadMaster drops connections when more than 30 calls come within 3 seconds. The same first run, with an emulator that does not and with one
that does. The script waits for a second when it is dropped, and tries again. Tasks keep the pace each by itself, so several in a row can
meet the limit; a call that was dropped is sent again after a pause.

{tables.limit(figures)}
"""


def _many(figures: Figures) -> str:
    return f"""
## Many services

Plain services with four servers each, all as described. *Variables* means that the same YAML file is read with `vars_files` and its content
given as options. The script asks for the list and decodes it. Memory is that of the run with the YAML file.

{tables.many(figures)}
"""


def _fleet(figures: Figures) -> str:
    return f"""
## Many appliances

Exchange at layer 7 on each of them, no change. *CPU for each* is the processor time of the whole run divided by the number of appliances,
and the column after it compares that with the playbook of one `debug` task.

{tables.fleet(figures)}
"""


def _emulators(figures: Figures) -> str:
    if not (figures.all("again") or figures.all("many")):
        return ""
    return f"""
## What the emulators took

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

`make bench` fails where one of them is broken or could not be measured. *In the rounds* are the least and the most of the rounds
that a ratio is the median of: how far to trust it.

{tables.table(["", "budget", "measured", "in the rounds", "kept"], rows)}
"""


_SECTIONS = {"again": _again, "first": _first, "limit": _limit, "many": _many, "fleet": _fleet}
