# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users read is in plain words and short sentences, and contributors read no archaic words either."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import prose  # noqa: E402 - it lies where the line above points

LEAST_EASE = 50
# Texts of others, of past releases, and the lists of words themselves
NOT_OURS = ("LICENSES/", "CHANGELOG", "changelogs/changelog", "tests/tools/prose.py", "tests/unit/test_language.py")
GUIDES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("roles/*/README.md"))]
# Generated tables without running text
TABLES = ("docs/messages.md",)
# A topic or a task, not a question and not a sentence. Whether people search for its words, no check can tell.
HEADING = re.compile(r"^#{1,3} (?P<text>.+)$", re.MULTILINE)


def texts() -> Iterator[Path]:
    """Every file with prose that git knows, and new ones; not the texts of licences and past releases."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.splitlines() or [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    for name in names:
        path = ROOT / name
        if path.suffix in (".md", ".yml", ".yaml", ".py", ".sh") or path.name == "Makefile":
            if path.is_file() and not name.startswith(NOT_OURS):
                yield path


@pytest.mark.parametrize("path", list(texts()), ids=lambda path: str(path.relative_to(ROOT)))
def test_words_and_sentences(path: Path) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for line, what, for_users in prose.faults(path)
        if for_users or prose.ARCHAIC.match(what)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_is_easy_to_read(page: Path) -> None:
    if str(page.relative_to(ROOT)) not in TABLES:
        assert prose.reading_ease(page) >= LEAST_EASE


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: str(page.relative_to(ROOT)))
def test_headings_are_what_one_searches_for(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for heading in HEADING.finditer(text):
        words = heading["text"].split()
        assert len(words) <= 10, heading["text"]
        assert (
            not re.match(r"(?i)(how it|why|where it|that|this|to) ", heading["text"])
            or heading["text"] == "How it works"
        ), heading["text"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("It is made anew.\n", "'made anew'"),
        ("A service " + "and another one " * 12 + "exist.\n", "39 words"),
        ("| a | whoever reads it |\n", "'whoever'"),
    ],
)
def test_the_check_finds(tmp_path: Path, text: str, what: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert [found for _line, found, _users in prose.faults(page) if found.startswith(what)]


def test_code_and_comments_of_pages_do_not_count(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- not run: shall -->\n```console\n$ anew\n```\n\nUse `anew`.\n", encoding="utf-8")
    assert list(prose.faults(page)) == []
