# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about one LoadMaster, and the index of all of them. Each is one file that needs no other, and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports.health import expiring
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report import firmware, sections
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report.markup import joined, printable, tag
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report.states import (
    State,
    connections,
    counts,
    place,
    servers,
)
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report.style import STYLE
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report.topology import topology


def page(
    found: Mapping[str, Any],
    name: str,
    time: str,
    drift: Mapping[str, Any] | None,
    steps: Sequence[Mapping[str, Any]],
    expiry_days: int,
) -> str:
    """Return the page about a LoadMaster, given a result of kemp.loadmaster.info."""
    services, system = list(found["virtual_services"]), found.get("system") or {}
    rules = {str(rule["name"]): rule for rule in found.get("content_rules") or ()}
    about = [
        f"Firmware {system.get('firmware') or 'unknown'}",
        f"host name {system.get('hostname') or 'unknown'}",
        time,
    ]
    ordered = sorted(services, key=lambda each: (str(each.get("nickname")), place(each)))
    main = [
        tag("h2", "Topology"),
        tag("div", topology(ordered), class_="wide", tabindex="0", role="region", aria_label="Topology"),
        tag("h2", "Services"),
        *(sections.service(each, rules) for each in ordered),
        tag("h2", "Certificates"),
        sections.certificates(found.get("certificates") or [], expiry_days),
        tag("h2", "Drift"),
        sections.drift(drift),
        tag("h2", "Firmware"),
        sections.firmware(str(system.get("firmware") or "")),
    ]
    if steps:
        main += [tag("h2", "Last steps"), sections.steps(steps)]
    header = [
        tag("h1", name),
        tag("p", " · ".join(about), class_="soft"),
        tag("p", sections.lead(services), class_="lead"),
        sections.tiles(found, sections.differing(drift), expiry_days),
    ]
    return _document(name, header, main)


def index(
    results: Mapping[str, Mapping[str, Any]], drifts: Mapping[str, Mapping[str, Any]], time: str, expiry_days: int
) -> str:
    """Return the index, given the results of kemp.loadmaster.info and the reports of drift by the names of the LoadMasters."""
    rows = [_row(name, results[name], drifts.get(name), expiry_days) for name in sorted(results)]
    failed = sum(1 for result in results.values() if not _was_read(result))
    lead = (
        f"{failed} of {len(results)} could not be read."
        if failed
        else f"LoadMasters: {len(results)}, all of them read."
    )
    heads = ("LoadMaster", "State", "Services", "Real servers", "Connections", "Certificates", "Drift", "Firmware")
    header = [tag("h1", "LoadMasters"), tag("p", time, class_="soft"), tag("p", lead, class_="lead")]
    return _document("LoadMasters", header, [sections.table(heads, rows, "LoadMasters")])


def _was_read(result: Mapping[str, Any]) -> bool:
    return "virtual_services" in result


def _row(name: str, found: Mapping[str, Any], drift: Mapping[str, Any] | None, expiry_days: int) -> tuple[Any, ...]:
    if not _was_read(found):
        why = tag("p", printable(found.get("msg") or "It was not read.", 400))
        return (tag("b", name), joined([sections.badge(State("bad", "✕", "not read")), why]), *[""] * 6)
    services = list(found["virtual_services"])
    number, behind = counts(services), counts(servers(services))
    differs = sections.differing(drift)
    version = str((found.get("system") or {}).get("firmware") or "")
    ending = len(expiring(found.get("certificates") or [], expiry_days))
    lacking = ", ".join(fix.name for fix, _first in firmware.missing(version))
    bad = number.down or behind.down
    state = State("bad", "✕", "something is down") if bad else State("good", "✓", "up")
    return (
        tag("a", name, href=f"{quote(name, errors='replace')}.html"),
        sections.badge(state),
        f"{number.total}, {number.down} down",
        f"{behind.total}, {behind.down} down",
        sum(map(connections, services)),
        f"{ending} expire{'s' if ending == 1 else ''} soon" if ending else "none expires soon",
        "not looked at" if differs is None else f"{differs} differ" if differs else "none",
        f"{version}, lacks the fix for {lacking}" if lacking else version,
    )


def _document(title: str, header: Sequence[Markup], main: Sequence[Markup]) -> str:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )
    footer = tag("footer", tag("p", "Made by kemp.loadmaster.report."))
    body = tag("body", tag("header", *header), tag("main", *main), footer)
    return "<!DOCTYPE html>\n" + str(tag("html", head, body, lang="en")) + "\n"
