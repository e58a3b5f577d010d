# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grid of new objects and options: every option of a service, SubVS or real server, on each sort of new object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from documents import put_back, saved

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, LoadMasterError
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import value_types
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from loadmaster_emulator import Emulator
from loadmaster_emulator.commands import COMMANDS

# What a kind of value alone does not tell.
_VALUES: Mapping[str, Any] = {
    "follow_service": "192.0.2.200:80",
    "certificates": ["mail"],
    "intermediate_certificates": ["chain"],
    "cipher_set": "BestPractices",
    "tls13_cipher_suites": ["TLS_AES_256_GCM_SHA384"],
    "adaptive_url": "/load",
    "check_codes": ["404"],
    "check_headers": ["X-Check:yes"],
    "error_url": "https://%h%s",
    "ocsp_verify": True,
    "tls_versions": ["TLSv1.2"],
    "minimum_servers": 2,
}
# Options whose every value makes another object.
_EVERY_VALUE = ("type", "check_type")


class Cell(NamedTuple):
    """One combination: what came of it in check mode, in a run and in the run after that; empty where it went well."""

    option: str
    value: Any
    foreseen: str
    done: str
    again: str
    writes: int
    """How many writes the run had sent when it was refused."""

    @property
    def fault(self) -> str:
        """What is wrong with the cell, empty where nothing is."""
        if bool(self.foreseen) != bool(self.done):
            return f"check mode: {self.foreseen or 'ok'}; run: {self.done or 'ok'}"
        if self.done and self.foreseen != self.done:
            return f"check mode says {self.foreseen!r}, the run {self.done!r}"
        if self.done and self.writes:
            return f"refused after {self.writes} writes: {self.done}"
        return self.again and f"accepted, and then: {self.again}"


def values(row: Field) -> Iterator[Any]:
    """What the grid sets an option to: one value, or all of them where each makes another object, and both of a flag."""
    kind = row.kind
    if row.option in _VALUES:
        yield _VALUES[row.option]
    elif isinstance(kind, value_types.Flag):
        yield from (True, False)
    elif isinstance(kind, value_types.Choice):
        words = list(kind.words)
        yield from words if row.option in _EVERY_VALUE else [words[-1], words[0]]
    elif isinstance(kind, value_types.Integer):
        yield max(kind.low, min(kind.high, 240))
    elif isinstance(kind, value_types.Address):
        yield "192.0.2.77"
    elif isinstance(kind, value_types.Items):
        yield ["192.0.2.78"] if isinstance(kind.item, value_types.Address) else ["8443"]
    elif isinstance(kind, value_types.Names):
        yield ["Grid"]
    else:
        yield "grid"


def tried(lm: Emulator, session: Session, module: Any, options: Mapping[str, Any], row: Field) -> Iterator[Cell]:
    """Try every value of an option on a new object: in check mode, then in a run, then in another run."""
    before = saved(lm)
    for value in values(row):
        given = {**options, row.option: value}
        foreseen, _result = _outcome(session, module, given, check=True)
        lm.journal.clear()
        done, _result = _outcome(session, module, given)
        writes = sum(1 for call in lm.journal if COMMANDS[call.command].writes)
        again = ""
        if not done:
            session.snapshot.forget()
            failed, result = _outcome(session, module, given)
            again = failed or (f"the next run would {result['steps']}" if result["changed"] else "")
        yield Cell(row.option, value, foreseen, done, again, writes)
        put_back(lm, before)
        session.snapshot.forget()


def _outcome(
    session: Session, module: Any, options: Mapping[str, Any], *, check: bool = False
) -> tuple[str, dict[str, Any]]:
    defaults = {name: argument.get("default") for name, argument in module.MODULE.options.items()}
    try:
        return "", module.MODULE.perform({**defaults, **options}, session, Mode(check, True))
    except InvalidOption as error:
        return error.account, {}
    except LoadMasterError as error:
        return f"{type(error).__name__}: {error.account}", {}
