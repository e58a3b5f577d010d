# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""All errors, each as a sentence that a person can act on.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

# Around the name of an option in a sentence: characters that no text of a user or an appliance has.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKED = re.compile(f"{_OPEN}(\\w+){_CLOSE}")
# What each place calls an option, by the name that modules have for it; what is missing has that name.
Names = Mapping[str, str]
NO_NAMES: Names = MappingProxyType({})


def option(name: str) -> str:
    """Return the name of an option for a sentence that tells the reader to set it.

    The option of a module may be a variable of a role, an extra variable of a playbook, or a variable of the inventory. The
    sentence gets the name of the reader's place when it is shown, see spoken.
    """
    return f"{_OPEN}{name}{_CLOSE}"


def spoken(text: str, names: Names = NO_NAMES) -> str:
    """Return a sentence with the names that options have in a place."""
    return _MARKED.sub(lambda found: names.get(found.group(1), found.group(1)), text)


NOTHING_CHANGED = " Nothing was changed."


class LoadMasterError(Exception):
    """A failure with its sentence.

    ``sentence`` says what was being done, to which object, what the appliance said and what to do.
    ``command`` is the API command, ``http_status`` and ``answer`` are what came back, where anything did.
    ``advice`` comes after that. ``changed`` tells whether the task had changed something by then, ``kept`` how many steps it had
    carried out that stay, and ``more`` is what else its result has.
    """

    # Whether the message adds that nothing was changed, if that is true.
    says_unchanged = False
    # The names of the options at the reader's place.
    names: Names = NO_NAMES

    def __init__(self, sentence: str, *, command: str = "", http_status: int | None = None, answer: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.command = command
        self.http_status = http_status
        self.answer = answer
        self.advice = ""
        self.changed = False
        self.kept = 0
        self.more: dict[str, Any] = {}

    @property
    def account(self) -> str:
        """Return what happened, without the sentence on what was changed."""
        return self.sentence + self.advice + self._listed()

    @property
    def message(self) -> str:
        """Return the message for the user."""
        return spoken(self.sentence + self._left() + self.advice + self._listed(), self.names)

    def _left(self) -> str:
        """Return the sentence on what was changed; may be empty."""
        if self.changed and self.kept:
            steps = "1 step was" if self.kept == 1 else f"{self.kept} steps were"
            return f" {steps} carried out and stay{'s' if self.kept == 1 else ''}; the next run goes on from there."
        return NOTHING_CHANGED if self.says_unchanged and not self.changed else ""

    def _listed(self) -> str:
        return ""

    def __str__(self) -> str:
        return self.message

    def details(self) -> dict[str, Any]:
        """Return the machine-readable part of a failed result."""
        kind = next(cls.__name__ for cls in type(self).__mro__ if not cls.__name__.startswith("_"))
        return {
            "kind": kind,
            "command": self.command or None,
            "http_status": self.http_status,
            "answer": self.answer or None,
        }


class Problem(NamedTuple):
    """One thing that is wrong: where in a document (empty: in the options of a task), and a sentence."""

    place: str
    message: str
    title: str = ""
    # The problem is a missing object, which another task may create.
    missing: bool = False

    def titled(self, place: str, title: str) -> Problem:
        """Return the problem with the name of the entry at a place, if it is this one that has the problem."""
        return self._replace(title=title) if self.place == place else self

    @property
    def where(self) -> str:
        """Return the place with its title, as messages name it; empty where the message says it or there is none."""
        title = f" ({self.title})" if self.title else ""
        # There is only one set of settings, and their messages name it
        return f"{self.place}{title}" if self.place and not self.message.startswith(f"{self.place}: ") else ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


# Up to this many places with the same fault are listed; beyond that, the first two and a count.
_NAMED = 3


def _texts(problems: Sequence[Problem]) -> list[str]:
    """Return problems as sentences. The same fault in several places is one sentence that lists them."""
    alike: dict[str, list[Problem]] = {}
    for problem in problems:
        alike.setdefault(problem.message, []).append(problem)
    return [_text(group) for group in alike.values()]


def _text(group: Sequence[Problem]) -> str:
    places = list(dict.fromkeys(problem.where for problem in group if problem.where))
    if len(places) < 2:
        return str(group[0])
    shown = places if len(places) <= _NAMED else [*places[: _NAMED - 1], f"{len(places) - _NAMED + 1} more"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}: {group[0].message}"


class InvalidOption(LoadMasterError):
    """The task has invalid or impossible options; nothing was sent. ``problems`` are all that were found."""

    says_unchanged = True
    problems: tuple[Problem, ...] = ()
    # The steps of the rest of the task, if known.
    foreseen: tuple[Any, ...] = ()

    @classmethod
    def from_problems(cls, problems: Sequence[Problem]) -> InvalidOption:
        """Return one error for all problems."""
        texts = _texts(problems)
        error = cls(texts[0] if len(texts) == 1 else f"{len(texts)} things are wrong.")
        error.problems = tuple(problems)
        return error

    @classmethod
    def missing(cls, sentence: str) -> InvalidOption:
        """Return the error for a missing object, which another task may create."""
        return cls.from_problems([Problem("", sentence, missing=True)])

    @property
    def awaits(self) -> bool:
        """Return whether missing objects are the only problem."""
        return bool(self.problems) and all(problem.missing for problem in self.problems)

    def _listed(self) -> str:
        texts = _texts(self.problems)
        return "".join(f"\n- {text}" for text in texts) if len(texts) > 1 else ""

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """Return all problems, at least one."""
        return self.problems or (Problem("", self.sentence),)

    def details(self) -> dict[str, Any]:
        placed = [
            {"place": problem.place, "message": spoken(problem.message, self.names)}
            for problem in self.problems
            if problem.place
        ]
        return {**super().details(), **({"problems": placed} if placed else {})}


def checked(make: Callable[[], T], *checks: Callable[[], object]) -> T:
    """Return the result of the first function. Raises InvalidOption with the problems of all of them."""
    made: list[T] = []
    all_of(lambda: made.append(make()), *checks)
    return made[0]


def all_of(*checks: Callable[[], object]) -> None:
    """Run some checks. Raises InvalidOption with the problems of all of them."""
    problems: list[Problem] = []
    for check in checks:
        try:
            check()
        except InvalidOption as error:
            problems += error.all_problems
    if problems:
        raise InvalidOption.from_problems(problems)


class Unreachable(LoadMasterError):
    """The request never reached the appliance, so nothing was carried out."""

    # Whether something answered, and was refused: a certificate that is not trusted, or another kind of TLS.
    answered = False


class AnswerLost(LoadMasterError):
    """The request was sent but no answer came: it may or may not have been carried out."""


class AccessDenied(LoadMasterError):
    """The user has no permission for this."""


class Refused(LoadMasterError):
    """The appliance refused the call."""

    @property
    def says_unknown(self) -> bool:
        """Return whether the refusal says that the object does not exist."""
        return "unknown" in self.answer.lower() or "not found" in self.answer.lower()


class Unreadable(LoadMasterError):
    """The answer is neither data nor an error of the API."""


class NotConverged(LoadMasterError):
    """The appliance answered "ok", but reading back shows another value."""


class Overtaken(LoadMasterError):
    """Another writer changed the appliance, so the plan no longer fits."""
