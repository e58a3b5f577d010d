# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages as text: everything is on them, nothing hostile is markup, and they are small."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report import firmware, pages, sections
from report import site

LARGEST = 300 * 1000


class Reader(HTMLParser):
    """Elements, attributes and text of a page, and whether elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return site.everything()


def test_everything_is_on_the_page(found: dict[str, Any]) -> None:
    text = Reader(site.page(found)).text
    for words in (
        "4 of 10 real servers are down.",
        "Shop ✓ up tcp/192.0.2.80:80 · layer 7",
        "✕ down 192.0.2.82:80 · weight 1000 · 0 connections",
        "– disabled 192.0.2.83:80",
        "Content rules that lead here, in order:",
        "Exchange_192_0_2_25_OWA /^\\/owa.*/",
        "mail ! expires soon",
        "settings hostname lm-south lm-north",
        "content rule Old is not in the document",
        "lacks these fixes: Fault What it allows Fixed in Source CVE-2026-8037",
        "virtual service tcp/192.0.2.80:80 : create it",
    ):
        assert words in text, (words, text)


def test_the_page_needs_nothing_else(found: dict[str, Any]) -> None:
    text = site.page(found)
    read = Reader(text)
    assert not {"script", "link", "img", "iframe"} & set(read.tags) and not {"src", "onclick"} & read.attributes
    assert (
        "http://" not in text and "https://" not in re.sub(r"answers 301 https://", "", text) and "@import" not in text
    )
    svg = re.search(r"<svg.*?</svg>", text, re.S)
    assert svg is not None
    ElementTree.fromstring(svg[0])


@pytest.mark.parametrize("hostile", site.HOSTILE, ids=ascii)
def test_what_is_hostile_is_text(found: dict[str, Any], hostile: str) -> None:
    """In every text of the reading, the drift report and the steps."""

    def poisoned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: poisoned(each) for key, each in value.items()}
        if isinstance(value, list):
            return [poisoned(each) for each in value]
        return hostile if isinstance(value, str) else value

    kept = copy.deepcopy(found)
    clean = Reader(site.page(kept))
    text = site.page(poisoned(found), name=hostile, drift=poisoned(site.DRIFT), steps=poisoned(site.STEPS))
    text.encode()
    read = Reader(text)
    assert set(read.tags) <= set(clean.tags) | {"p"} and read.attributes <= clean.attributes
    assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e\u2066-\u2069]", text)
    index = pages.index({hostile: poisoned(found), "b": {"failed": True, "msg": hostile}}, {}, site.TIME, 30)
    assert "script" not in Reader(index).tags


def test_two_hundred_services_are_a_small_page() -> None:
    found = site.many(200, 4)
    text = site.page(found, drift=None, steps=[])
    assert len(text.encode()) < LARGEST
    assert text.count('class="good"') >= 800 and Reader(text).text.count("weight 1000") == 800


def test_long_lists_end_in_a_number(found: dict[str, Any]) -> None:
    steps = site.STEPS * 500
    text = Reader(site.page(found, steps=steps)).text
    assert f"and {len(steps) - sections.MOST_LINES} more" in text


def test_without_drift_rules_or_services() -> None:
    empty = {"virtual_services": [], "system": {"hostname": "lb1", "firmware": ""}}
    text = Reader(site.page(empty, drift=None, steps=[])).text
    assert "There are no services." in text and "No drift run has left a report." in text
    assert "The firmware is not known" in text and "Last steps" not in text
    alike = {"drift": False, "before": {}, "after": {}, "problems": []}
    assert "The LoadMaster is as its document says." in Reader(site.page(empty, drift=alike)).text
    failed = {"drift": None, "error": "no document"}
    assert "could not be compared: no document" in Reader(site.page(empty, drift=failed)).text


def test_the_index_names_those_that_could_not_be_read(found: dict[str, Any]) -> None:
    results = {"lm1": found, "lm 2": found, "lm3": {"failed": True, "msg": "192.0.2.7:443 does not answer."}}
    text = pages.index(results, {"lm1": site.DRIFT}, site.TIME, 30)
    words = Reader(text).text
    assert "1 of 3 could not be read." in words and "lm3 ✕ not read 192.0.2.7:443 does not answer." in words
    assert 'href="lm1.html"' in text and 'href="lm%202.html"' in text
    assert "2 differ" in words and "not looked at" in words


@pytest.mark.parametrize(
    ("version", "first"),
    [
        ("7.2.63.1.22701.RELEASE", "7.2.63.2"),
        ("7.2.63.0.f6d42ce.DEV", "7.2.63.2"),
        ("7.2.54.17", "7.2.54.18"),
        ("7.2.48.9", "7.2.63.2"),
        ("7.2.63.2", ""),
        ("7.2.54.18", ""),
        ("7.3.0.0", ""),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_known_fixes(version: str, first: str) -> None:
    assert [each for _fix, each in firmware.missing(version)] == ([first] if first else [])
