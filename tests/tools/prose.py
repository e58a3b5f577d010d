# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prose of the project: finds text in each sort of file, and words and sentences in it that readers stumble over.

prose.py FILE...            words and sentences to rewrite, one per line: FILE:LINE: what: text
prose.py --ease FILE...     Flesch reading ease of Markdown files
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

LONGEST_SENTENCE = 30  # words

# Word or phrase, as a pattern, and what to write instead.
WORDS = {
    r"anew": "again; recreate",
    r"shall|shan't": "must, will, or the present tense",
    r"whoever|whosoever|whomever": "anyone who; users who",
    r"foretells?|foretold": "predicts",
    r"(?:is|are|was|were|be|been) told\b(?! apart)": "say who tells: reports, says, is given",
    r"told by": "identified by; reported by",
    r"(?:made|makes?|making) (?:it|them) so": "applies",
    r"(?:is|are) made so": "is applied",
    r"stands? on": "depends on",
    r"all the same": "anyway; still",
    r"in the place of": "instead of",
    r"no say": "is ignored",
    r"nobody|somebody|anybody": "no one is named: say who; a user, another writer",
    r"thereof|thereby|herein|wherein|whereby|henceforth|hitherto|lest|thence|whence|hence|till|ere": "modern words",
    r"made (?:anew|of the|of what)": "recreated; built from",
    r"takes? it with|takes? .{1,30} with it": "requires",
    r"goes with it|go with it": "is deleted with it",
    r"(?:is|are) none": "is not one; does not exist",
    r"(?:is|are|was|were) to (?:be|have|do|go|stay|come|become|get)": "must",
    r"on the safe side": "say what is safe",
    r"looks? whether|looked whether|looking whether": "checks whether",
    r"as they? (?:is|are) said|as it says": "as described",
    r"be seen to|kept from": "plain verbs",
    r"what there is|what is there": "what exists",
    r"at last": "finally",
    r"puts? right|put right": "fixes; corrects",
    r"nowhere|nought|naught": "not ... anywhere",
    r"for ever": "forever; never ends",
    r"mends?|mended|mending": "fix",
    r"for nothing": "without effect",
    r"it is not so": "say what is not",
    r"with which .{0,20} goes|goes? wrong with": "plain words",
    r"(?:there|those) (?:that|which) (?:is|are) there": "existing ones",
    r"the very": "the same; exactly",
    r"beside it|beside them": "next to; besides",
    r"(?:who|which) has it": "plain words",
    r"tell whether": "return whether; show whether",
    r"introduces? (?:itself|themselves)": "describes; registers",
}
# Words that comments, docstrings and names in code do without too. The others are plain enough where they tell of values and objects.
ARCHAIC = re.compile(
    r"^'(?:anew|made anew|shall|who(?:so)?(?:m)?ever|foretells?|foretold|told by|made so|all the same|in the place of|no say|at last"
    r"|look\w* whether|tell whether|introduces? \w+sel\w+)'",
    re.I,
)
UNWANTED = re.compile(
    r"(?<![\w-])(?:" + "|".join(f"(?P<w{n}>{word})" for n, word in enumerate(WORDS)) + r")(?![\w-])", re.I
)

# Text that is not ours or no prose.
_FENCE = re.compile(r"^ {0,8}(```|~~~).*?^ {0,8}\1[ \t]*$", re.M | re.S)
_HTML_COMMENT = re.compile(r"<!--.*?-->", re.S)
_TABLE_ROW = re.compile(r"^\s*\|.*$", re.M)


@dataclass(frozen=True)
class Passage:
    """A piece of running text: where it begins, and whether users read it (the rest is for contributors)."""

    line: int
    text: str
    for_users: bool = True


def plain(text: str) -> str:
    """Text without markup: code and links become one word or their label."""
    text = text.replace("<br>", "\n\n")
    text = re.sub(r"`[^`\n]*(?:\n[^`\n]+)?`", "code", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\b[A-Z]\((?:[^()]|\([^()]*\))*\)", "code", text)
    text = re.sub(r"\{[^{}]*\}", "code", text)
    text = re.sub(r"https?://\S+", "link", text)
    return re.sub(r"[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}", "", text)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a passage without markup. A colon or semicolon that ends a line or precedes a list ends one too."""
    for block in re.split(r"\n\s*\n|\n\s*(?:[-*]|\d+\.)\s+", "\n" + text):
        yield from re.split(r"(?<=[.!?:])[\"')]?\s+(?=[A-Z\"'(0-9-]|code)", " ".join(block.split()))


def words(sentence: str) -> list[str]:
    """The words of a sentence."""
    return re.findall(r"[A-Za-z0-9][\w'./-]*", sentence)


def in_markdown(text: str) -> Iterator[Passage]:
    """Headings, paragraphs, list items and cells of tables; no code, no comments."""

    def blanked(found: re.Match[str]) -> str:
        return "\n" * found.group().count("\n")

    text = _FENCE.sub(blanked, _HTML_COMMENT.sub(blanked, text))
    for row in _TABLE_ROW.finditer(text):
        line = text.count("\n", 0, row.start()) + 1
        for cell in re.split(r"(?<!\\)\|", row.group().strip().strip("|")):
            if re.search("[a-z]", cell):
                yield Passage(line, cell.strip())
    text = _TABLE_ROW.sub("", text)
    for block in re.finditer(r"(?:^(?!\s*$).*\n?)+", text, re.M):
        line = text.count("\n", 0, block.start()) + 1
        for item in re.finditer(
            r"(?:\A|^)\s*(?:#{1,6}\s|[-*]\s|\d+\.\s|>\s)?(.*\n?(?:^(?!\s*(?:[-*]\s|\d+\.\s|#)).*\n?)*)",
            block.group(),
            re.M,
        ):
            if re.search("[a-z]", item.group(1)):
                yield Passage(line + block.group().count("\n", 0, item.start()), item.group(1).strip())


# Members of YAML files whose values people read.
_SAID = {"description", "short_description", "notes", "name", "msg", "fail_msg", "success_msg", "prompt", "choices",
         "author", "title", "details", "requirements", "major_changes", "minor_changes", "bugfixes", "breaking_changes",
         "known_issues", "security_fixes", "removed_features", "deprecated_features", "release_summary"}  # fmt: skip


def in_yaml(text: str, first_line: int = 1) -> Iterator[Passage]:
    """Values of members that people read, and comments."""
    try:
        nodes = list(yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError:
        return
    for node in nodes:
        yield from _in_node(node, first_line, False)
    for number, line in enumerate(text.splitlines(), first_line):
        comment = re.match(r"\s*#\s?(.*)", line)
        if comment and re.search("[a-z]", comment.group(1)):
            yield Passage(number, comment.group(1), for_users=True)


def _in_node(node: Any, first_line: int, is_said: bool) -> Iterator[Passage]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = getattr(key, "value", "")
            # The name of a task is said; that of an object is one word, which is left out below
            yield from _in_node(value, first_line, is_said or (isinstance(name, str) and name in _SAID))
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _in_node(each, first_line, is_said)
    elif is_said and isinstance(node, yaml.ScalarNode) and " " in node.value:
        yield Passage(node.start_mark.line + first_line, node.value)


def in_python(text: str, for_users: bool) -> Iterator[Passage]:
    """Docstrings and comments (for contributors), texts of three words and more, and YAML in DOCUMENTATION and its like."""
    tree = ast.parse(text)
    documentation, docstrings = set(), set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and body and isinstance(body[0], ast.Expr):
            if isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str):
                docstrings.add(body[0].value)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            names = {getattr(target, "id", "") for target in node.targets}
            if names & {"DOCUMENTATION", "RETURN", "EXAMPLES"}:
                documentation.add(node.value)
                yield from in_yaml(node.value.value, node.lineno)
    for docstring in docstrings:
        yield Passage(docstring.lineno, docstring.value, for_users=False)
    for line, joined in _texts(tree, documentation | docstrings):
        if len(words(joined)) >= 3 and re.search(r"[a-z] [a-z]", joined):
            yield Passage(line, joined, for_users)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and re.search("[a-z]", token.string):
            yield Passage(token.start[0], token.string.lstrip("# "), for_users=False)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "_" in node.name.strip("_"):
            yield Passage(node.lineno, node.name.replace("_", " "), for_users=False)


def _texts(tree: ast.AST, apart: set[Any]) -> Iterator[tuple[int, str]]:
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = []
            for part in node.values:
                inside.add(part)
                parts.append(part.value if isinstance(part, ast.Constant) else "code")
            yield node.lineno, "".join(str(part) for part in parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in apart and node not in inside:
            yield node.lineno, node.value


def passages(path: Path) -> Iterator[Passage]:
    """The prose of a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        # READMEs within tests are for contributors
        yield from (replace(passage, for_users="tests" not in path.parts) for passage in in_markdown(text))
    elif path.suffix in (".yml", ".yaml"):
        yield from in_yaml(text)
    elif path.suffix == ".py":
        yield from in_python(text, for_users="plugins" in path.parts or "demo" in path.parts)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            said = re.search(r"(?:^|\s)#+\s?@?(.*)", line)
            if said and not line.startswith("#!"):
                yield Passage(number, said.group(1))


_IGNORED = re.compile(
    r"SPDX-|Copyright|General Public License|noqa|type: ignore|fmt: |pylint: |pragma|yamllint|shellcheck"
)


def faults(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, what to rewrite, and whether users read it."""
    for passage in passages(path):
        if _IGNORED.search(passage.text):
            continue
        text = plain(passage.text)
        line = " ".join(text.split())
        for found in UNWANTED.finditer(line):
            instead = list(WORDS.values())[int(found.lastgroup[1:])] if found.lastgroup else ""
            around = line[max(0, found.start() - 60) : found.end() + 60]
            yield passage.line, f"'{found.group()}' ({instead}): {around}", passage.for_users
        for sentence in sentences(text):
            count = len(words(sentence))
            if count > LONGEST_SENTENCE:
                yield passage.line, f"{count} words: {sentence}", passage.for_users


def reading_ease(path: Path) -> float:
    """Flesch reading ease of the running text of a Markdown file: higher is easier, 50 is fairly difficult.

    Headings, tables and code are left out. Names and addresses are no words of the language, so code counts as the word "code".
    """
    import textstat

    said = []
    text = re.sub(r"^#+ .*$", "", _TABLE_ROW.sub("", path.read_text(encoding="utf-8")), flags=re.MULTILINE)
    for passage in in_markdown(text):
        sentence = " ".join(plain(passage.text).split())
        said.append(sentence if sentence[-1] in ".!?" else sentence + ".")
    return float(textstat.flesch_reading_ease(" ".join(said)))


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--ease"]:
        for name in arguments[1:]:
            print(f"{reading_ease(Path(name)):5.1f}  {name}")
        return 0
    failed = False
    for name in arguments:
        for line, what, for_users in faults(Path(name)):
            failed = True
            print(f"{name}:{line}: {'' if for_users else '(contributors) '}{what}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
