# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples on a Markdown page, in order, each with what a reader does with it.

An HTML comment on the line above a fenced block says what the block is; a reader does not see it:

=========================  ============================================================================================
``<!-- file: PATH -->``    the content of a file in the reader's folder
``<!-- append: PATH -->``  lines to append to a file
``<!-- vars -->``          variables for ``group_vars/loadmasters.yml``; later blocks win
``<!-- host: NAME -->``    variables for ``host_vars/NAME.yml``
``<!-- play: PATH -->``    plays: written to the file and run
``<!-- tasks -->``         tasks: run on the group ``loadmasters``
``<!-- prints -->``        what the block before prints; a line ``...`` stands for any lines, ``...`` in a line for any text
``<!-- part of: PATH -->`` lines of a file that the reader has, in this order
``<!-- not run: WHY -->``  not run here, with the reason
=========================  ============================================================================================

A ``console`` block without a comment has commands, run as typed. ``<!-- fails -->`` above it says that the last command fails.
A comment on a line of its own prepares: ``<!-- setup: inventory -->`` gives the reader the inventory of the first steps,
``<!-- setup: certificate -->`` also installs the certificate mail-2026,
``<!-- setup: layer 7 -->`` also creates Exchange at layer 7 at 192.0.2.25, and ``<!-- reset -->`` gives a new folder and an empty LoadMaster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

_BLOCK = re.compile(
    r"^(?P<indent> *)(?:<!-- (?P<said>[^\n]*?) -->\n(?P=indent))?```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```[ ]*$",
    re.M | re.S,
)
_ALONE = re.compile(r"^ *<!-- (?P<said>setup: (?:inventory|certificate|layer 7)|reset) -->$", re.M)
KINDS = ("file", "append", "vars", "host", "play", "tasks", "prints", "part of", "not run", "fails", "run")
LEAST_WORDS = 4  # of a reason


class Unclear(ValueError):
    """A block whose purpose the page does not say."""


@dataclass(frozen=True)
class Example:
    """A block of a page: what to do with it, its argument (a path, a host, a reason), its text and its first line."""

    what: str
    argument: str
    text: str
    line: int


def examples(page: Path) -> list[Example]:
    """All examples of a page in order; Unclear names the first block that nothing can be done with."""
    text = page.read_text(encoding="utf-8")
    found = [*_blocks(page, text)]
    for match in _ALONE.finditer(text):
        what, _colon, argument = match["said"].partition(": ")
        found.append(Example(what, argument, "", _line(text, match.start())))
    return sorted(found, key=lambda example: example.line)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _blocks(page: Path, text: str) -> Iterator[Example]:
    for match in _BLOCK.finditer(text):
        line = _line(text, match.start("text")) - 1
        indent = len(match["indent"])
        content = "".join(each[indent:] for each in match["text"].splitlines(keepends=True))
        what, _colon, argument = (match["said"] or _usual(match["language"], content)).partition(": ")
        if what not in KINDS:
            raise Unclear(f"{page.name}:{line}: say in a comment above the block what it is: one of {', '.join(KINDS)}")
        if what == "not run" and len(argument.split()) < LEAST_WORDS:
            raise Unclear(f"{page.name}:{line}: give a reason of at least {LEAST_WORDS} words for 'not run'")
        if what in ("file", "append", "host", "play", "part of") and not argument:
            raise Unclear(f"{page.name}:{line}: name the file or host, as in <!-- {what}: NAME -->")
        yield Example(what, argument, content, line)


def _usual(language: str, content: str) -> str:
    """What a block is that has no comment; empty where this is unclear."""
    if language == "console":
        return "run"
    if language in ("yaml", "yml"):
        value = yaml.safe_load(content)
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            is_play = any(key in each for each in value for key in ("hosts", "ansible.builtin.import_playbook"))
            return "play: site.yml" if is_play else "tasks"
    return ""


def commands(text: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with what the page says that it prints. Without prompts every line is typed."""
    lines = text.splitlines()
    has_prompts = any(line.startswith("$ ") for line in lines)
    typed: list[tuple[str, list[str]]] = []
    for line in lines:
        if typed and typed[-1][0].endswith("\\"):
            typed[-1] = (f"{typed[-1][0]}\n{line}", [])
        elif line.startswith("$ ") or (not has_prompts and line.strip()):
            typed.append((line.removeprefix("$ "), []))
        elif typed and line.strip():
            typed[-1][1].append(line)
    return typed


def missing_line(expected: list[str], printed: str) -> str | None:
    """The first expected line that a run did not print after the lines before it; None where all are there."""
    lines = iter(printed.splitlines())
    for wanted in expected:
        if wanted.strip() == "..." or not wanted.strip():
            continue
        parts = [re.escape(" ".join(part.split())).replace(r"\ ", r"\s+") for part in wanted.split("...")]
        pattern = re.compile(".*".join(parts))
        if not any(pattern.search(" ".join(line.split())) for line in lines):
            return wanted
    return None
