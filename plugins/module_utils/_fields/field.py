# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A field of an object as a row: its names, its kind, and how the appliance treats it. Pure.

Comparison, checking, encoding, ordering, the diff and the test of the documentation all work from these rows.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, Problem
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import characters
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Kind

MASK = "********"

# Which request of a change sends a field.
FIRST = 0  # alone, before everything else: it resets others
RELEASE = 1  # what is let go before the thing that it depends on goes
MAIN = 2
LAST = 3  # after the rest, since it needs what the rest sets up


class Need(NamedTuple):
    """A field takes effect only while ``option`` has one of ``values`` (or, with ``not_values``, none of those).

    A need with ``only_for`` says nothing while another need, the one in ``only_for``, is not met.
    """

    option: str
    values: tuple[Any, ...] = ()
    not_values: tuple[Any, ...] = ()
    only_for: Need | None = None

    def met(self, state: Mapping[str, Any]) -> bool:
        """Return whether a state meets the need. What the state does not know counts as met: reading back will tell."""
        if self.only_for is not None and not self.only_for.met(state):
            return True
        value = state.get(self.option)
        if value is None:
            return True
        return value in self.values if self.values else value not in self.not_values

    def __str__(self) -> str:
        def words(values: Sequence[Any]) -> str:
            return " or ".join(str(v).lower() if isinstance(v, bool) else str(v) for v in values)

        return (
            f"{self.option}: {words(self.values)}"
            if self.values
            else f"{self.option} other than {words(self.not_values)}"
        )


class Companion(NamedTuple):
    """An option that has to be set as well while a field has one of ``values`` (none named: any value at all)."""

    option: str
    values: tuple[Any, ...] = ()


class Field(NamedTuple):
    """One row.

    ``option`` is Ansible's name, ``api`` the parameter to send, ``reported`` the member of answers where it differs, and
    ``also_reported`` another spelling of that where no recording tells which one is right.
    ``stored`` tells what the appliance makes of a value; ``needs`` what has to hold for the field to have effect, and
    ``companions`` what has to be set next to it;
    ``along`` which options have to be sent in the same request; ``reset_by`` an option whose change puts this field
    back to its unset value. A field with ``released`` is lowered or cleared in a request of its own before the main one;
    one with ``ends_with`` is cleared, asked or not, before any of these needs ceases to be met: the appliance would keep
    it, and bring it back once the need is met again. While ``known_with`` is not met, what an answer has for the field says
    nothing. A ``write_only`` field is never reported, so it cannot be compared. ``danger`` says how the
    field can cut off the connection, unless its value is one of ``safe``. One that ``refers`` to other objects by their
    names says of which member of a document, and is set when they are there. ``preset`` is what an option of a module has where
    the user says nothing. Of a ``strict`` field its unset value, too, is a claim that needs the rest.
    A virtual service with SubVSs has no field that is ``childless``. Firmware before ``since`` does not know the field, as far as that is on record.

    The rest is for the documentation, which tests/tools/module_docs.py makes from it: the appliance's own ``default``, the
    ``unit``, the ``label`` under which the WUI has the field, the ``description`` in paragraphs with Ansible's markup, and
    what each of the ``choices`` means. What other members say already (API parameter, range, needs, danger) is left out of it.
    """

    option: str
    api: str
    kind: Kind
    reported: str = ""
    also_reported: str = ""
    stored: Callable[[Any], Any] | None = None
    needs: tuple[Need, ...] = ()
    companions: tuple[Companion, ...] = ()
    along: tuple[str, ...] = ()
    reset_by: str = ""
    released: bool = False
    ends_with: tuple[Need, ...] = ()
    known_with: Need | None = None
    request: int = MAIN
    secret: bool = False
    write_only: bool = False
    section: str = ""
    danger: str = ""
    safe: tuple[Any, ...] = ()
    refers: str = ""
    strict: bool = False
    childless: bool = False
    since: str = ""
    default: str = ""
    unit: str = ""
    preset: Any = None
    # A run needs no words, but loads them: as constants of the bytecode they are 0.4 % of the instructions that the import of
    # a module takes. So they stand in the row, and not in a file of their own that could have other rows.
    label: str = ""
    description: str | tuple[str, ...] = ""
    choices: Mapping[str, str] = {}

    @property
    def member(self) -> str:
        """Return the name of the field in answers."""
        return self.reported or self.api

    def argument(self) -> dict[str, Any]:
        """Return the entry of the Ansible argument specification."""
        argument = self.kind.argument()
        if self.preset is not None:
            argument["default"] = self.preset
        if self.secret:
            argument["no_log"] = True
        elif any(word in self.option for word in ("pass", "secret", "token", "key")):
            argument["no_log"] = False
        return argument

    def unknown_to(self, version: str) -> str:
        """Return the sentence that a firmware does not know the field."""
        came = f" It came with {self.since}." if self.since else ""
        return f"{self.option}: this firmware ({version}) does not know it.{came}"

    def canonical(self, value: Any) -> Any:
        """Return what the appliance will report for a value from the user. Raises ValueError with a sentence."""
        try:
            checked = self.kind.check(value)
        except ValueError as problem:
            shown = MASK if self.secret else characters.quoted(value)
            raise ValueError(f"{self.option} is {shown}, but it {problem}.") from None
        return self.stored(checked) if self.stored else checked

    def shown(self, value: Any) -> Any:
        """Return a value for results, masked if secret."""
        return MASK if self.secret and value else value


class Change(NamedTuple):
    """A field that has to change: from ``before`` to ``after``, or ``back`` to that since another change resets it."""

    field: Field
    before: Any
    after: Any
    back: bool = False

    def __str__(self) -> str:
        if self.field.secret:
            return f"set {self.field.option}"
        if self.back:
            return f"put {self.field.option} back to {_spoken(self.after)}, which the change of {self.field.reset_by} resets"
        if self.before is None or self.before in ("", []):
            return f"set {self.field.option} to {_spoken(self.after)}"
        if self.after in ("", []):
            return f"clear {self.field.option}, which is {_spoken(self.before)}"
        return f"change {self.field.option} from {_spoken(self.before)} to {_spoken(self.after)}"


class Reading(Mapping[str, Any]):
    """A record of an answer in Ansible's words. Fields are decoded lazily: few of many are used."""

    def __init__(self, table: Table, record: Mapping[str, Any]) -> None:
        self._table = table
        self._record = record
        self._values: dict[str, Any] = {}

    def __getitem__(self, option: str) -> Any:
        if option not in self._values:
            field = self._table.readable[option]
            raw = self._record.get(field.member)
            if raw is None and field.also_reported:
                raw = self._record.get(field.also_reported)
            self._values[option] = field.kind.read(raw)
        return self._values[option]

    def __contains__(self, option: object) -> bool:
        return option in self._table.readable

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.readable)

    def __len__(self) -> int:
        return len(self._table.readable)


class Merged(Mapping[str, Any]):
    """A state with other values on top, without a copy."""

    def __init__(self, values: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        self._values = values
        self._state = state

    def __getitem__(self, option: str) -> Any:
        return self._values[option] if option in self._values else self._state[option]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._state, *self._values)))

    def __len__(self) -> int:
        return sum(1 for _option in self)


class Table:
    """The fields of a kind of object."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self.by_option = {field.option: field for field in fields}
        self.readable = {field.option: field for field in fields if not field.write_only}
        self.ending = tuple(field for field in fields if field.ends_with)
        self._known_with = tuple(field for field in fields if field.known_with)

    def arguments(self) -> dict[str, dict[str, Any]]:
        """Return the argument specification of all fields."""
        return {field.option: field.argument() for field in self.fields}

    def read(self, record: Mapping[str, Any]) -> Reading:
        """Return a record of an answer in Ansible's words. An absent field reads as its unset value."""
        return Reading(self, record)

    def known(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a state with None for fields that the appliance does not really report."""
        unknown = {row.option: None for row in self._known_with if row.known_with and not row.known_with.met(state)}
        return Merged(unknown, state) if unknown else state

    def given(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options that are fields of the table, in its order."""
        return {field.option: options[field.option] for field in self.fields if field.option in options}

    def changes(self, wanted: Mapping[str, Any], current: Mapping[str, Any]) -> list[Change]:
        """Return what differs, in the order of the table. Write-only fields never differ."""
        return [
            Change(field, current.get(field.option), wanted[field.option])
            for field in self.fields
            if field.option in wanted and not field.write_only and wanted[field.option] != current.get(field.option)
        ]

    def departing(self, state: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that have an effect and differ from those of a new object, as far as ``fresh`` has these."""
        effective = self._effective(state)
        return {
            field.option: effective[field.option]
            for field in self.fields
            if field.option in effective
            and all(need.met(effective) for need in field.needs)
            and (field.option not in fresh or effective[field.option] != fresh[field.option])
            and not self._lacks_companion(field, effective)
        }

    def _effective(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Return a state with the fields unset that have no effect, so that they enable no others."""
        effective = {field.option: state[field.option] for field in self.fields if field.option in state}
        while idle := [
            field
            for field in self.fields
            if field.option in effective
            and not field.kind.is_unset(effective[field.option])
            and effective[field.option] != field.kind.read(None)
            and not all(need.met(effective) for need in field.needs)
        ]:
            effective.update({field.option: field.kind.read(None) for field in idle})
        return effective

    def _lacks_companion(self, field: Field, state: Mapping[str, Any]) -> bool:
        value = state[field.option]
        return not field.kind.is_unset(value) and any(
            self.by_option[companion.option].kind.is_unset(state.get(companion.option))
            for companion in field.companions
            if not companion.values or value in companion.values
        )

    def completed(
        self, options: Mapping[str, Any], state: Mapping[str, Any], fresh: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return options completed with the values of a new object, for fields that have or had an effect."""
        either = (self._effective({**state, **fresh, **options}), self._effective(state))
        return {
            **options,
            **{
                field.option: fresh[field.option]
                for field in self.fields
                if field.option in fresh
                and field.option not in options
                and state[field.option] != fresh[field.option]
                and any(all(need.met(each) for need in field.needs) for each in either)
                and not self._lacks_companion(field, either[1])
            },
        }

    def lasting(self, options: Mapping[str, Any], state: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that the options omit, a new object lacks, and the appliance cannot clear."""
        kept = (row for row in self.fields if row.option in fresh and row.option not in options)
        held = [
            row.option
            for row in kept
            if state[row.option] != fresh[row.option] and not row.kind.takes(fresh[row.option])
        ]
        after = self._effective({**state, **fresh, **options}) if held else {}
        return {o: state[o] for o in held if all(need.met(after) for need in self.by_option[o].needs)}

    def check_lasting(
        self, options: Mapping[str, Any], state: Mapping[str, Any], fresh: Mapping[str, Any], subject: str
    ) -> None:
        """Raise InvalidOption if a field must be cleared that the appliance cannot clear."""
        lasting = self.lasting(options, state, fresh)
        if lasting:
            raise InvalidOption.from_problems(
                [
                    Problem(
                        "",
                        f"{subject}: {option} is {_spoken(value)}, and the LoadMaster cannot clear it again. Set {option}, or let "
                        "purge cover the virtual service, so that it is recreated.",
                    )
                    for option, value in lasting.items()
                ]
            )

    def check_needs(
        self,
        wanted: Mapping[str, Any],
        state: Mapping[str, Any],
        subject: str,
        picks: Mapping[str, Any] | None = None,
    ) -> None:
        """Raise InvalidOption where options would be ignored: the appliance answers "ok" and drops them.

        ``picks`` are values of the state that the appliance picks for a new object; None is one that no one knows.
        """
        problems = []
        for option, value in wanted.items():
            field = self.by_option[option]
            if field.kind.is_unset(value) and not field.strict:
                continue
            fault = self._unmet(field, value, state, picks or {})
            if fault:
                problems.append(f"{subject}: {fault}")
            if field.kind.is_unset(value):
                continue
            for companion in field.companions:
                missing = self.by_option[companion.option].kind.is_unset(state.get(companion.option))
                if missing and (value in companion.values or not companion.values):
                    problems.append(
                        f"{subject}: {field.option} {_spoken(value)} requires {companion.option}, which is not set."
                    )
        if problems:
            raise InvalidOption.from_problems([Problem("", problem) for problem in problems])

    @staticmethod
    def _unmet(field: Field, value: Any, state: Mapping[str, Any], picks: Mapping[str, Any]) -> str:
        """Return the unmet need of a field in words; empty if all are met."""
        said = f"{field.option}: {_spoken(value)}" if field.kind.is_unset(value) else field.option
        for need in field.needs:
            has = state.get(need.option)
            if has is None and need.option in picks:
                return (
                    f"{said} has an effect only with {need}, and which {need.option} the LoadMaster picks for this one is "
                    f"not known. Set {need.option} too."
                )
            if not need.met(state):
                found = f"{said} has an effect only with {need}, but {need.option} is {_spoken(has)}"
                return (
                    f"{found}, which the LoadMaster picks for it. Set {need.option} too."
                    if need.option in picks
                    else f"{found}."
                )
        return ""

    def check_firmware(
        self, options: Mapping[str, Any], reports: Callable[[str], bool], firmware: Callable[[], str], subject: str
    ) -> None:
        """Raise InvalidOption with the options that the firmware does not know: it answers "ok" and drops them, or refuses.

        ``reports`` tells whether an answer has a member, which beats what is on record. ``firmware`` returns the version.
        """
        newer = [
            row
            for row in self.fields
            if row.since
            and row.option in options
            and not row.kind.is_unset(options[row.option])
            and not reports(row.member)
            and not (row.also_reported and reports(row.also_reported))
        ]
        version = firmware() if newer else ""
        lacking = [row for row in newer if is_older(version, row.since)]
        if lacking:
            raise InvalidOption.from_problems([Problem("", f"{subject}: {row.unknown_to(version)}") for row in lacking])

    def parameters(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return values as request parameters, in the order of the table."""
        return {field.api: field.kind.send(values[field.option]) for field in self.fields if field.option in values}

    def shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values for results, masked if secret."""
        return {
            option: self.by_option[option].shown(value) if option in self.by_option else value
            for option, value in values.items()
        }


def is_older(version: str, since: str) -> bool:
    """Return whether a firmware version, such as 7.2.54.12.22642.RELEASE, is older than another one; no where it is no version."""
    parts = version.split(".")[:3]
    if len(parts) < 3 or not all(part.isdigit() for part in parts):
        return False
    return [int(part) for part in parts] < [int(part) for part in since.split(".")]


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(member) for member in value) or "nothing"
    return "nothing" if value in (None, "") else str(value)
