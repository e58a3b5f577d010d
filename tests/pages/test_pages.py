# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example on every page works as typed, and what a page prints is what a run prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pages.network import NoNamespace, type_page
from pages.reading import Unclear, commands, examples, missing_line

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("roles/*/README.md"),
        *ROOT.glob("tests/*/README.md"),
    ]
)
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")
# Reasons for not running an example, and how many examples have one
NOT_RUN = 37


def typed(page: Path, folder: Path) -> list[tuple[int, str]]:
    """What goes wrong when a reader types all examples of a page."""
    try:
        return [(fault[0], fault[1]) for fault in type_page(page, folder)["wrong"]]
    except NoNamespace as error:
        pytest.skip(str(error))


@pytest.fixture
def folder():
    # Sockets below pytest's own folder would have paths that are too long
    with tempfile.TemporaryDirectory(prefix="page-") as name:
        yield Path(name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_example_works_as_typed(page: Path, folder: Path) -> None:
    if "--data-plane" in page.read_text(encoding="utf-8") and not HAPROXY:
        pytest.skip("HAProxy is not installed, and this page sends requests through it")
    if any(example.what not in ("not run", "setup", "reset") for example in examples(page)):
        wrong = typed(page, folder)
        assert not wrong, "\n".join(f"{page.name}:{line}: {what}" for line, what in wrong)


def test_few_examples_are_not_run() -> None:
    reasons = [
        f"{page.relative_to(ROOT)}:{example.line}: {example.argument}"
        for page in PAGES
        for example in examples(page)
        if example.what == "not run"
    ]
    assert len(reasons) <= NOT_RUN, "\n".join(reasons)


# --- the reader notices what is wrong

SETUP = "<!-- setup: inventory -->\n"
TASK = """
```yaml
- name: Serve
  kemp.loadmaster.virtual_service:
    address: 192.0.2.80
    port: {port}
    real_servers: [{{address: 192.0.2.81}}]
```
"""


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        pytest.param(f"{SETUP}\n```console\n$ true\n$ false\n```\n", 3, "'false' ended with 1", id="a command that fails"),
        pytest.param(f"{SETUP}\n<!-- fails -->\n```console\n$ true\n```\n", 4, "'true' ended with 0", id="one that does not"),
        pytest.param(f"{SETUP}\n```console\n$ echo a\nb\n```\n", 3, "does not print 'b'", id="other output"),
        pytest.param(f"{SETUP}{TASK.format(port=99999)}", 3, "ended with 2", id="a task that is refused"),
        pytest.param(
            f"{SETUP}{TASK.format(port=80)}\n<!-- prints -->\n```text\nlm1: serves\n```\n", 3, "does not print 'lm1: serves'",
            id="other lines of a task",
        ),
        pytest.param("<!-- file: a -->\n```yaml\nb: c\n```\n\n<!-- part of: a -->\n```yaml\nb: d\n```\n", 7, "does not print 'b: d'", id="a part"),
    ],
)  # fmt: skip
def test_what_does_not_work_is_found(folder: Path, text: str, line: int, what: str) -> None:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    found = typed(page, folder)
    assert [number for number, _what in found] == [line]
    assert what in found[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "```yaml\na: b\n```\n",
        "```json\n{}\n```\n",
        "<!-- not run: later -->\n```console\n$ a\n```\n",
        "<!-- file -->\n```yaml\na: b\n```\n",
    ],
)
def test_a_block_without_a_purpose_is_refused(folder: Path, text: str) -> None:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(Unclear, match="page.md:"):
        examples(page)


def test_commands_and_what_they_print() -> None:
    assert commands("$ a \\\n  b\nc\n$ d\n") == [("a \\\n  b", ["c"]), ("d", [])]
    assert commands("a\nb\n") == [("a", []), ("b", [])]
    assert missing_line(["a ... c", "...", "d"], "x\na b c\ny\nd e\n") is None
    assert missing_line(["d", "a"], "a\nd\n") == "a"


def test_the_picture_of_the_readme_shows_what_a_run_prints() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "tools" / "picture.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    if "NoNamespace" in done.stderr:
        pytest.skip("this machine allows no network namespaces")
    assert done.returncode == 0, done.stdout + done.stderr
