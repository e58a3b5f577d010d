# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the pictures of the report: docs/report-WIDTH.png, of a page about an emulated LoadMaster with objects in every state."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / ".build" / "collections"), str(ROOT / "tests"), str(ROOT / "tests" / "integration")]

from report import browser, site  # noqa: E402 - they lie where the line above points

# How much of the page a picture shows, by its width
HEIGHTS = {360: 1500, 768: 1300, 1280: 1200}


def main() -> int:
    """Write all pictures."""
    text = site.page(site.everything())
    for width, height in HEIGHTS.items():
        path = ROOT / "docs" / f"report-{width}.png"
        with browser.opened(text, width) as tab:
            tab.screenshot(path=str(path), clip={"x": 0, "y": 0, "width": width, "height": height}, full_page=True)
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except browser.NoBrowser as error:
        sys.exit(f"{error}.")
