# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Objects made of a document's entries, each with its place, and what is wrong with the entries. Pure.

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
    """Collects the objects of a document with their places, and what is wrong with them."""

    def __init__(self, terms: Terms, problems: list[Problem]) -> None:
        self.terms = terms
        self.problems = problems
        self._wrong = {problem.place for problem in problems}
        self.objects: list[Desired] = []
        self.places: list[str] = []
        self._implied: list[tuple[Desired, str]] = []
        self.completions: list[Completion] = []

    def is_wrong(self, place: str) -> bool:
        """Tell whether the form of the entry at a place is wrong already."""
        return place in self._wrong

    def add(self, place: str, make: Callable[[], T]) -> T | None:
        """Add the object that is made of an entry and return it; None, and a problem, where none can be made."""
        try:
            made = make()
        except InvalidOption as error:
            # That it is not known which one is meant may follow from what is known to be wrong with it
            if place not in self._wrong:
                self.blame(place, error)
            return None
        self.objects.append(made)
        self.places.append(place)
        return made

    def imply(self, place: str, objects: Sequence[Desired]) -> None:
        """Add objects that follow from an entry, unless an entry of the document says them itself."""
        self._implied += [(wanted, place) for wanted in objects]

    def complete(self, completion: Completion) -> None:
        """Add what adds objects that only the appliance knows of."""
        self.completions.append(completion)

    def check(self, place: str, check: Callable[[], Any]) -> None:
        """Add as problems of a place what a check raises."""
        try:
            check()
        except InvalidOption as error:
            self.blame(place, error)

    def blame(self, place: str, error: InvalidOption) -> None:
        """Add as problems of a place what an error says."""
        self.problems += [each._replace(place=place) for each in error.all_problems]

    def finish(self) -> None:
        """Add what was implied and is not in the document by itself."""
        known = {identified(wanted) for wanted in self.objects}
        for wanted, place in self._implied:
            if identified(wanted) not in known:
                self.objects.append(wanted)
                self.places.append(place)
        self._implied = []
