# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The composer: builds the objects of a document with their places, and collects problems. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import (
    Completion,
    Desired,
    Terms,
    identified,
)

T = TypeVar("T", bound=Desired)


class Composer:
    """Collects the objects of a document with their places, and the problems."""

    def __init__(self, terms: Terms, problems: list[Problem]) -> None:
        self.terms = terms
        self.problems = problems
        self._wrong = {problem.place for problem in problems}
        self.objects: list[Desired] = []
        self.places: list[str] = []
        self._implied: list[tuple[Desired, str]] = []
        self.completions: list[Completion] = []

    def is_wrong(self, place: str) -> bool:
        """Return whether the entry at a place has a problem already."""
        return place in self._wrong

    def add(self, place: str, make: Callable[[], T]) -> T | None:
        """Add and return the object of an entry; None, and a problem, if it cannot be built."""
        try:
            made = make()
        except InvalidOption as error:
            # A missing identity may follow from a problem that is known already
            if place not in self._wrong:
                self.blame(place, error)
            return None
        self.objects.append(made)
        self.places.append(place)
        return made

    def imply(self, place: str, objects: Sequence[Desired]) -> None:
        """Add objects implied by an entry, unless another entry defines them."""
        self._implied += [(wanted, place) for wanted in objects]

    def complete(self, completion: Completion) -> None:
        """Add a completion, which adds objects that only the appliance knows."""
        self.completions.append(completion)

    def check(self, place: str, check: Callable[[], Any]) -> None:
        """Run a check, and add its problems to a place."""
        try:
            check()
        except InvalidOption as error:
            self.blame(place, error)

    def blame(self, place: str, error: InvalidOption) -> None:
        """Add the problems of an error to a place."""
        self.problems += [each._replace(place=place) for each in error.all_problems]

    def finish(self) -> None:
        """Add implied objects that no entry defines."""
        known = {identified(wanted) for wanted in self.objects}
        for wanted, place in self._implied:
            if identified(wanted) not in known:
                self.objects.append(wanted)
                self.places.append(place)
        self._implied = []
