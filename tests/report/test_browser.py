# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages in a browser: nothing overlaps or overflows at three widths, and axe-core finds no violation, in light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kemp.loadmaster.plugins.plugin_utils._report import pages
from report import browser, site

CACHE = Path(__file__).resolve().parents[2] / ".build" / "axe"
LM2 = {"failed": True, "msg": "192.0.2.6:443 does not answer: the connection timed out."}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return site.everything()


@pytest.fixture(scope="module")
def axe() -> str:
    try:
        browser.chromium()
        return browser.axe(CACHE)
    except browser.NoBrowser as error:
        pytest.skip(str(error))


PAGES: dict[str, Callable[[dict[str, Any]], str]] = {
    "page": site.page,
    "index": lambda found: pages.index({"lm1": found, "lm2": LM2}, {"lm1": site.DRIFT}, site.TIME, 30),
    "hostile": lambda found: site.page(
        {**found, "virtual_services": [{**each, "nickname": site.HOSTILE[-1]} for each in found["virtual_services"]]},
        name=site.HOSTILE[0],
    ),
    "many": lambda _found: site.page(site.many(40, 5), drift=None, steps=[]),
    "empty": lambda _found: site.page({"virtual_services": [], "system": {}}, drift=None, steps=[]),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page(found: dict[str, Any], axe: str, tmp_path: Path, name: str) -> None:
    text = PAGES[name](found)
    for width in browser.WIDTHS:
        for scheme in ("light", "dark"):
            with browser.opened(text, width, scheme) as tab:
                dialogs: list[str] = []
                tab.on("dialog", lambda dialog, seen=dialogs: (seen.append(dialog.message), dialog.dismiss()))
                assert tab.evaluate("document.scrollingElement.scrollWidth") <= width
                assert tab.evaluate(browser.OVERLAPS) == [] and tab.evaluate(browser.WIDER) == []
                tab.evaluate(axe)
                violations = tab.evaluate(
                    "axe.run().then(done => done.violations.map(each => [each.id, each.nodes[0].html]))"
                )
                assert violations == [], (width, scheme)
                picture = tmp_path / f"{name}-{width}-{scheme}.png"
                tab.screenshot(path=str(picture), full_page=True)
                assert picture.stat().st_size > 5000 and dialogs == []


def test_the_check_finds_what_is_wrong(found: dict[str, Any], axe: str) -> None:
    """What overlaps, what is too wide, and what cannot be read."""
    text = site.page(found).replace("192.0.2.81:80</text>", "192.0.2.81:80" + " too wide" * 9 + "</text>")
    text = text.replace("<main>", '<main><p style="width:2000px;color:#eee;background:#fff">wide</p>')
    with browser.opened(text, 768) as tab:
        assert any("leaves its box" in each for each in tab.evaluate(browser.OVERLAPS))
        assert tab.evaluate(browser.WIDER) != []
        tab.evaluate(axe)
        assert "color-contrast" in tab.evaluate("axe.run().then(done => done.violations.map(each => each.id))")
