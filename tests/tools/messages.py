# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/messages.md: all messages of the collection, from the source of the plugins, roles and playbooks.

With --check nothing is written, and a page that is out of date is an error.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import generated
import yaml
from generated import ROOT

PAGE = ROOT / "docs" / "messages.md"
LEAST_WORDS = 4

HEAD = """<!--
Copyright: (c) 2026, kemp.loadmaster contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# Messages

Every message of the collection, by the part that reports it. Search for the words of your message that are not names or values.
Angle brackets stand for these. A role or document uses its own names for options.

<!-- Made by tests/tools/messages.py from the source; changes belong there. -->

Messages end with what happened to the LoadMaster: "Nothing was changed.", or how many steps were carried out and stay. If one
task finds several mistakes, it lists all of them below "N things are wrong.".
"""

# Where a reader meets a message, by the folder or file that has it; the first that fits counts.
PLACES = (
    ("plugins/plugin_utils", "Starting a task"),
    ("plugins/action", "Starting a task"),
    ("plugins/filter", "Filters"),
    ("plugins/inventory", "Inventory"),
    ("plugins/module_utils/_inventory", "Inventory"),
    ("plugins/module_utils/_api/lock", "Waiting for other tasks"),
    ("plugins/module_utils/_api", "Connection"),
    ("plugins/module_utils/_fields", "Values of options"),
    ("plugins/module_utils/_kinds/certificates", "Certificates and cipher sets"),
    ("plugins/module_utils/_kinds/content_rules", "Content rules"),
    ("plugins/module_utils/_kinds/settings", "Settings"),
    ("plugins/module_utils/_kinds/templates", "Templates"),
    ("plugins/module_utils/_kinds/maintenance", "Maintenance of servers"),
    ("plugins/module_utils/_kinds", "Services, SubVSs and real servers"),
    ("plugins/module_utils/_model", "References between objects"),
    ("plugins/module_utils/_documents", "Documents, purge and undo"),
    ("plugins/module_utils/_recipes", "Exchange recipes"),
    ("plugins/module_utils/_engine", "Applying and verifying"),
    ("plugins/module_utils/_events", "Events"),
    ("plugins/module_utils/_tasks", "Tasks"),
    ("plugins/module_utils/_errors", "Tasks"),
    ("plugins/module_utils/_requirements", "Starting a task"),
    ("roles", "Roles and playbooks"),
    ("playbooks", "Roles and playbooks"),
)
_MAINTENANCE = re.compile(r"_tasks/(taking_out|putting_back|maintenance\w*|cut_connections|drain\w*)\.py$")

# When an error of a class is reported, and what to do where its message does not say it.
WHEN = {
    "InvalidOption": ("Before the first write", "Correct the option or variable that the message names."),
    "Problem": ("Before the first write", "Correct the entry that the message names."),
    "Unreachable": ("The request did not reach the LoadMaster", "Check the address, the port and the network."),
    "_Hopeless": ("The request did not reach the LoadMaster", "Check the address, the port and the certificate."),
    "_Wrong": ("The request did not reach the LoadMaster", "Check the address, the port and the certificate."),
    "AnswerLost": ("The reply did not arrive", "Run the playbook again; it continues from the current state."),
    "AccessDenied": ("The LoadMaster denied access", "Check the login and the permissions of the user."),
    "Refused": ("The LoadMaster refused a call", "Read the reply of the LoadMaster in the message."),
    "Unreadable": ("The reply is not a LoadMaster API reply", "Check that the address is the one of a LoadMaster."),
    "NotAnAnswer": ("The reply is not a LoadMaster API reply", "Check that the address is the one of a LoadMaster."),
    "NotConverged": ("The LoadMaster reported success, but the result differs", "Check the option against the firmware and the licence."),
    "Overtaken": ("Another writer changed the LoadMaster during the task", "Run the playbook again."),
    "WentAstray": ("A call reached another object", "Check the objects that the message names, and run the playbook again."),
    "warning": ("The task continues with a warning", "Read the message."),
    "fail": ("A play stops", "Read the message."),
}  # fmt: skip
OTHER = ("Part of a longer message", "Read the rest of the message.")
# Arguments and constants that are documentation, and calls that take no message.
_DOCUMENTATION = {
    "description",
    "label",
    "title",
    "about",
    "purged",
    "choices",
    "default",
    "unit",
    "note",
    "notes",
    "help",
    "danger",
}
_NO_MESSAGE = {
    "compile",
    "match",
    "search",
    "fullmatch",
    "sub",
    "getLogger",
    "Field",
    "Shape",
    "Integer",
    "Text",
    "Choice",
}
_ADVICE = re.compile(
    r"^(?:Then |To |If you |If that |Or |Either )|^(?:Add|Ask|Check|Choose|Compare|Correct|Create|Decrypt|Delete|Enable|Give|Grant|Install|Leave|List|Log|"
    r"Look|Move|Name|Pass|Put|Read|Remove|Rename|Replace|Run|Say|Send|Set|Shorten|Switch|Take|Try|Turn|Update|Upgrade|Use|Wait|Write)\b|did you mean|\?$|meant"
)


class Message(NamedTuple):
    """A message: where it is reported, its text with placeholders, when, and what to do."""

    place: str
    text: str
    when: str
    advice: str


def _placeholder(node: ast.expr) -> str:
    if (
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "option"
        and isinstance(node.args[0], ast.Constant)
    ):
        return str(node.args[0].value)
    names = [
        each.attr if isinstance(each, ast.Attribute) else each.id
        for each in ast.walk(node)
        if isinstance(each, (ast.Attribute, ast.Name))
    ]
    names = [name.strip("_") for name in names if name not in ("self", "str", "len", "join", "_listed", "option")]
    return f"<{names[0].replace('_', ' ')}>" if names else "<value>"


def _joined(node: ast.expr) -> str | None:
    """The text of a literal, an f-string or their concatenation; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else _placeholder(part.value)
            for part in node.values
            if isinstance(part, (ast.Constant, ast.FormattedValue))
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _joined(node.left), _joined(node.right)
        if left is None and right is None:
            return None
        return (left if left is not None else _placeholder(node.left)) + (
            right if right is not None else _placeholder(node.right)
        )
    return None


class _Reader(ast.NodeVisitor):
    """Collects texts with the class of the error that has them."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._error = ""
        self._depth = 0

    def _apart(self, node: Any) -> None:
        self._depth += isinstance(node, ast.FunctionDef)
        body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        for each in [*body, *getattr(node, "decorator_list", [])]:
            self.visit(each)
        self._depth -= isinstance(node, ast.FunctionDef)

    visit_Module = visit_ClassDef = visit_FunctionDef = _apart

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {getattr(target, "id", "") for target in node.targets}
        if not names & {"DOCUMENTATION", "EXAMPLES", "RETURN"}:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        owner = getattr(getattr(node.func, "value", None), "id", getattr(getattr(node.func, "value", None), "attr", ""))
        if name in _NO_MESSAGE:
            return
        before = self._error
        for each in (name, owner):
            if each in WHEN:
                self._error = each
        if name in ("append", "warn") and owner.endswith("warnings") or name == "warn":
            self._error = "warning"
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg == "advice" and (advice := _joined(keyword.value)):
                self.found.append(("advice", advice))
            elif keyword.arg not in _DOCUMENTATION:
                self.visit(keyword.value)
        self._error = before

    def _text(self, node: ast.expr) -> None:
        text = _joined(node)
        if (
            text is not None
            and len(re.findall(r"[A-Za-z<][\w>'-]*", text)) >= LEAST_WORDS
            and re.search(r"[a-z] [a-z]", text)
        ):
            self.found.append((self._error, " ".join(text.split())))
        elif not isinstance(node, ast.Constant):
            self.generic_visit(node)

    visit_Constant = visit_JoinedStr = visit_BinOp = _text


def _place(path: str) -> str:
    if _MAINTENANCE.search(path):
        return "Maintenance of servers"
    return next(place for start, place in PLACES if path.startswith(start))


def _is_sentence(text: str) -> bool:
    return text[-1] in ".?" and (text[0].isupper() or text[0] in "<'")


def _message(place: str, error: str, text: str) -> Message:
    when, usual = WHEN.get(error, OTHER)
    sentences = re.split(r"(?<=[.?]) (?=[A-Z])", text)
    advice = " ".join(sentence for sentence in sentences[1:] if _ADVICE.search(sentence))
    return Message(place, text, when, advice or usual)


def in_python(path: Path) -> Iterator[Message]:
    """The messages of a Python file: what an error or warning is made with, and other whole sentences."""
    reader = _Reader()
    reader.visit(ast.parse(path.read_text(encoding="utf-8")))
    place = _place(str(path.relative_to(ROOT)))
    for error, text in reader.found:
        if error or _is_sentence(text):
            yield _message(place, error, text)


def in_yaml(path: Path) -> Iterator[Message]:
    """The messages of tasks that fail or assert."""
    for node in _mappings(yaml.safe_load(path.read_text(encoding="utf-8"))):
        for module in ("ansible.builtin.fail", "ansible.builtin.assert"):
            said = node.get(module) or {}
            for member in ("msg", "fail_msg"):
                if isinstance(said, dict) and isinstance(said.get(member), str):
                    text = re.sub(r"\{[{%].*?[%}]\}", "<value>", " ".join(said[member].split()))
                    if len(text.split()) >= LEAST_WORDS:
                        yield _message(_place(str(path.relative_to(ROOT))), "fail", text)


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings(each)


def messages() -> list[Message]:
    """All messages, each once for each place."""
    found: list[Message] = []
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        if path.parts[-2] not in ("modules", "doc_fragments") and "__pycache__" not in path.parts:
            found += in_python(path)
    for path in sorted([*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")]):
        found += in_yaml(path)
    once = {(message.place, message.text): message for message in reversed(found)}
    return sorted(
        once.values(), key=lambda message: re.sub(r"\W", "", message.text.partition(": ")[2] or message.text).lower()
    )


def _cell(text: str) -> str:
    return re.sub(r"([|<>*_`\\])", r"\\\1", text)


def page() -> str:
    """The whole page."""
    found = messages()
    lines = [HEAD]
    for place in dict.fromkeys(place for _start, place in PLACES):
        rows = [message for message in found if message.place == place]
        if rows:
            lines += [f"## {place}\n", "| Message | When | What to do |", "|---|---|---|"]
            lines += [f"| {_cell(row.text)} | {row.when} | {_cell(row.advice)} |" for row in rows]
            lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    generated.main(lambda: {PAGE: page()}, __doc__)
