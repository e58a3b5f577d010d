# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/run.svg: what the third task of the README prints, as a picture of a terminal.

It runs the examples of the README. With --check nothing is written, and a picture of something else than a run prints is an error.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

import generated
from generated import ROOT

sys.path[:0] = [str(ROOT / name) for name in ("tests", "tests/integration", "tests/emulator")]

from pages.network import type_page  # noqa: E402 - it lies where the line above points
from rich.console import Console  # noqa: E402
from rich.terminal_theme import MONOKAI  # noqa: E402
from rich.text import Text  # noqa: E402

PICTURE = ROOT / "docs" / "run.svg"
COMMAND = "ansible-playbook -i inventory.yml kemp.loadmaster.site"
WIDTH = 120
# No web font: a picture in a README must not ask another server for anything.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>A run that lists what it changed</title>
<style>
.{unique_id}-matrix {{ font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
STYLES = (
    (re.compile(r"^changed: |changed=[1-9]"), "yellow"),
    (re.compile(r"^ok: "), "green"),
    (re.compile(r"^lm1: "), "bright_white"),
    (re.compile(r"^(PLAY|TASK)"), "bold"),
    (re.compile(r"^\$ "), "bold cyan"),
)


def shown(printed: str) -> list[str]:
    """The tasks of a run that changed something, and its end; what lies between is '...'."""
    parts = re.split(r"\n\s*\n", printed.strip())
    lines = [f"$ {COMMAND}"]
    for part in parts:
        if part.startswith("PLAY RECAP") or "changed: [" in part:
            lines += ["", *(re.sub(r"\*{4,}$", "*" * 12, line.rstrip()) for line in part.splitlines())]
        elif lines[-1] != "...":
            lines += ["", "..."] if len(lines) > 1 else ["..."]
    return lines


def picture(lines: list[str]) -> str:
    """The picture as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), legacy_windows=False)
    for line in lines:
        style = next((style for pattern, style in STYLES if pattern.search(line)), "white")
        console.print(Text(line, style=style))
    made = console.export_svg(title="kemp.loadmaster", theme=MONOKAI, code_format=SVG, unique_id="run")
    return "\n".join(line.rstrip() for line in made.splitlines()) + "\n"


def made() -> dict[Path, str]:
    """Run the examples of the README, and return the picture. Raises Unmade where one of them fails."""
    with tempfile.TemporaryDirectory(prefix="picture-") as folder:
        result = type_page(ROOT / "README.md", Path(folder))
    if result["wrong"]:
        raise generated.Unmade("\n".join(f"README.md:{line}: {what}" for line, what in result["wrong"]))
    return {PICTURE: picture(shown(dict(map(tuple, result["printed"]))[COMMAND]))}


if __name__ == "__main__":
    generated.main(made, __doc__, "make picture")
