# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium of this machine, driven by Playwright, and axe-core from the npm registry.

Playwright is kept by its makers for this, and drives any Chromium: it brings none of its own here.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

AXE = "axe-core@4.11.0"
WIDTHS = (360, 768, 1280)
_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Pieces of text that lie over one another, and what is wider than the window
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('svg g text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  const wrong = [];
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const [a, b] = [boxes[i][1], boxes[j][1]];
    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
      wrong.push(boxes[i][0] + ' lies over ' + boxes[j][0]);
  }
  for (const g of document.querySelectorAll('svg g')) {
    const rect = g.querySelector('rect').getBoundingClientRect();
    for (const text of g.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (box.right > rect.right + 1 || box.left < rect.left - 1) wrong.push(text.textContent + ' leaves its box');
    }
  }
  return wrong;
}"""
WIDER = """() => {
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')].filter(e => !e.closest('.wide') || e.matches('.wide'))
    .filter(e => e.getBoundingClientRect().right > width + 1).map(e => e.tagName + ' ' + e.textContent.slice(0, 40));
}"""


class NoBrowser(Exception):
    """There is no browser here, or no axe-core. The text says why."""


def chromium() -> str:
    """Return the path of a Chromium. Raises NoBrowser."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise NoBrowser("Chromium is not installed; on Debian: apt install chromium")
    return found


def axe(cache: Path) -> str:
    """Return the script of axe-core, which is fetched once. Raises NoBrowser."""
    cache.mkdir(parents=True, exist_ok=True)
    script = cache / "axe.min.js"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not script.exists():
            if shutil.which("npm") is None:
                raise NoBrowser("npm is not installed, which fetches axe-core; on Debian: apt install npm")
            done = subprocess.run(
                ["npm", "pack", "--silent", AXE], cwd=cache, capture_output=True, text=True, timeout=300, check=False
            )
            if done.returncode:
                raise NoBrowser(f"npm cannot fetch axe-core: {done.stderr.strip().splitlines()[-1:]}")
            with tarfile.open(cache / done.stdout.strip().splitlines()[-1]) as archive:
                member = archive.extractfile("package/axe.min.js")
                assert member is not None
                script.write_bytes(member.read())
    return script.read_text(encoding="utf-8")


@contextmanager
def opened(text: str, width: int, scheme: str = "light") -> Iterator[Page]:
    """Show a page in a window of a width, in light or dark. Raises NoBrowser."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            options: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
            tab = browser.new_context(**options, device_scale_factor=1).new_page()
            tab.set_content(text)
            yield tab
        finally:
            browser.close()
