# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sections of the page about one LoadMaster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.reports.health import expiring
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report import firmware as fixes
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report.markup import joined, tag
from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report.states import (
    State,
    address_of,
    connections,
    counts,
    of_certificate,
    place,
    servers,
    state_of,
    subs,
)

# How many lines of a list a page has; of the rest it says how many they are
MOST_LINES = 300
_LISTS = {
    "pre_process_rules": "Pre-processing rules",
    "request_rules": "Request rules",
    "response_rules": "Response rules",
    "response_body_rules": "Response body rules",
    "content_rules": "Content rules that lead here",
}


def badge(state: State) -> Markup:
    """Return a state as a sign and a word in its colour."""
    return tag("span", f"{state.sign} {state.word}", class_=f"tag {state.style}")


def lead(services: list[Mapping[str, Any]]) -> str:
    """Return the sentence on top: what is down."""
    found = {"service": counts(services), "SubVS": counts(subs(services)), "real server": counts(servers(services))}
    plural = {"service": "services", "SubVS": "SubVSs", "real server": "real servers"}
    down = [f"{each.down} of {each.total} {plural[name]}" for name, each in found.items() if each.down]
    if not services:
        return "There are no services."
    if not down:
        return "Everything is up."
    listed = down[0] if len(down) == 1 else f"{', '.join(down[:-1])} and {down[-1]}"
    return f"{listed} {'is' if listed.startswith('1 of') and len(down) == 1 else 'are'} down."


def tiles(found: Mapping[str, Any], drift: int | None, expiry_days: int) -> Markup:
    """Return the figures on top."""
    services = list(found["virtual_services"])
    certificates = found.get("certificates") or []
    ending = len(expiring(certificates, expiry_days))
    figures: list[tuple[str, Any, str]] = [
        ("Services", *_figure(services)),
        ("SubVSs", *_figure(subs(services))),
        ("Real servers", *_figure(servers(services))),
        ("Connections", sum(map(connections, services)), "open now"),
        (
            "Certificates",
            len(certificates),
            f"{ending} expire{'s' if ending == 1 else ''} in {expiry_days} days" if ending else "none expires soon",
        ),
    ]
    if drift is not None:
        figures.append(("Drift", drift, "objects differ" if drift != 1 else "object differs"))
    made = [
        tag("div", tag("dt", name), tag("dd", value, tag("small", about)), class_="tile")
        for name, value, about in figures
    ]
    return tag("dl", *made, class_="tiles")


def _figure(parts: list[Mapping[str, Any]]) -> tuple[int, str]:
    number = counts(parts)
    more = [f"{number.down} down" if number.down else "none down"]
    return number.total, ", ".join([*more, *([f"{number.disabled} disabled"] if number.disabled else [])])


def service(each: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Return the card of a service, with its SubVSs, rules and servers."""
    title = tag("h3", f"{each['nickname']} " if each.get("nickname") else "", badge(state_of(each)))
    facts = [place(each), f"layer {each['layer']}" if each.get("layer") else "", *_facts(each)]
    found = each.get("sub_virtual_services") or ()
    return tag(
        "article",
        title,
        tag("p", " · ".join(fact for fact in facts if fact), class_="soft"),
        *_rules(each, rules),
        _servers(each),
        *(_sub(sub, rules) for sub in found),
        class_="card",
    )


def _sub(sub: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> Markup:
    return tag(
        "div",
        tag("h4", f"{sub.get('name') or 'SubVS without a name'} ", badge(state_of(sub))),
        tag("p", " · ".join(fact for fact in _facts(sub) if fact), class_="soft"),
        *_rules(sub, rules),
        _servers(sub),
        class_="sub",
    )


def _facts(part: Mapping[str, Any]) -> list[str]:
    check = str(part.get("check_type") or "none").replace("_", " ")
    checked = "no health check" if check == "none" else f"checked by {check} {part.get('check_url') or ''}".rstrip()
    answers = f"answers {part['error_code']} {part.get('error_url') or ''}".rstrip() if part.get("error_code") else ""
    number = connections(part)
    open_now = f"{number} connection{'' if number == 1 else 's'}"
    return [str(part.get("scheduling") or "").replace("_", " "), checked, answers, open_now]


def _rules(part: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> Iterator[Markup]:
    for option, title in _LISTS.items():
        if names := part.get(option):
            yield tag("p", f"{title}, in order:")
            yield tag("ol", *(tag("li", _rule(str(name), rules.get(str(name), {}))) for name in names))


def _rule(name: str, rule: Mapping[str, Any]) -> Markup:
    what = " ".join(str(rule[option]) for option in ("header", "pattern", "replacement") if rule.get(option))
    return joined([tag("b", name), *([" ", tag("code", what)] if what else [])])


def _servers(part: Mapping[str, Any]) -> Markup:
    found = part.get("real_servers") or ()
    if not found:
        return Markup("")
    return tag("ul", *map(_server, found), class_="s")


def _server(each: Mapping[str, Any]) -> Markup:
    state, number = state_of(each), connections(each)
    about = f" · weight {each.get('weight')} · {number} connection{'' if number == 1 else 's'}"
    return tag("li", tag("b", f"{state.sign} {state.word}", class_=state.style), f" {address_of(each)}{about}")


def certificates(listed: Sequence[Mapping[str, Any]], expiry_days: int) -> Markup:
    """Return the table of certificates, those that end first on top."""
    if not listed:
        return tag("p", "No certificate is installed.")
    ordered = sorted(listed, key=lambda each: (not isinstance(each.get("days_left"), int), each.get("days_left") or 0))
    rows = [
        (
            tag("b", each.get("name")),
            badge(of_certificate(each.get("days_left"), expiry_days)),
            "" if each.get("days_left") is None else each["days_left"],
            str(each.get("not_after") or "")[:10],
            ", ".join(each.get("assigned_to") or ()) or "not used",
        )
        for each in ordered
    ]
    return table(("Name", "State", "Days left", "Valid until", "Used by"), rows, "Certificates")


def drift(report: Mapping[str, Any] | None) -> Markup:
    """Return what a drift run found; ``report`` is its report, None without one."""
    if not report:
        return tag("p", "No drift run has left a report.")
    if report.get("error"):
        return tag("p", f"The LoadMaster could not be compared: {report['error']}")
    rows = list(_differences(report))
    if not rows:
        return tag("p", "The LoadMaster is as its document says.")
    return table(("Object", "Option", "Is", "Should be"), rows, "Differences from the document")


def differing(report: Mapping[str, Any] | None) -> int | None:
    """Return how many objects differ; None without a report."""
    if not report or report.get("drift") is None:
        return None
    return len(report.get("before") or {}) + len(report.get("problems") or ())


def _differences(report: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for problem in report.get("problems") or ():
        yield problem.get("place"), "", problem.get("message"), ""
    after = report.get("after") or {}
    for subject, was in (report.get("before") or {}).items():
        wanted = after.get(subject) or {}
        if not was or not wanted:
            yield subject, "", "is missing" if wanted else "is not in the document", ""
            continue
        for option in {**was, **wanted}:
            if was.get(option) != wanted.get(option):
                yield subject, tag("code", option), _value(was.get(option)), _value(wanted.get(option))


def _value(value: Any) -> Any:
    return "unset" if value is None else tag("code", value)


def firmware(version: str) -> Markup:
    """Return the version of the firmware, and the fixes that it lacks."""
    lacking = fixes.missing(version)
    names = ", ".join(fix.name for fix in fixes.FIXES)
    if not fixes.release(version):
        return tag("p", f"The firmware is not known, so it cannot be compared with known fixes ({names}).")
    if not lacking:
        return tag("p", f"Firmware {version} has the fix for {names}. Other fixes are not known to this page.")
    rows = [(tag("b", fix.name), fix.about, first, fix.source) for fix, first in lacking]
    return joined(
        [
            tag("p", f"Firmware {version} lacks these fixes:"),
            table(("Fault", "What it allows", "Fixed in", "Source"), rows, "Known faults"),
        ]
    )


def steps(listed: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the last steps of a run, in order."""
    made = [tag("li", tag("b", step.get("object")), f": {step.get('reason')}") for step in listed[:MOST_LINES]]
    more = len(listed) - len(made)
    return joined([tag("ol", *made), *([tag("p", f"and {more} more")] if more else [])])


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], about: str) -> Markup:
    """Return a table that scrolls by itself where it is too wide; a long one ends in a number."""
    shown = rows[:MOST_LINES]
    body = [tag("tr", *(tag("td", cell) for cell in row)) for row in shown]
    more = [tag("p", f"and {len(rows) - len(shown)} more")] if len(rows) > len(shown) else []
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    made = tag("table", tag("thead", head), tag("tbody", *body))
    return joined([tag("div", made, class_="wide", tabindex="0", role="region", aria_label=about), *more])
