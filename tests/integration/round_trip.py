# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document promises, held against the state that a test has left on its LoadMaster.

The modules run in this process, on emulators that listen nowhere.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import yaml
from jsonschema import Draft202012Validator

from ansible_collections.kemp.loadmaster.plugins.module_utils._api import wire
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import Refused
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from ansible_collections.kemp.loadmaster.plugins.modules import config, config_info
from loadmaster_emulator import ApiError, Emulator
from loadmaster_emulator.model import Configuration

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "config.schema.json").read_text(encoding="utf-8")))
DEFAULTS = {name: argument.get("default") for name, argument in config.MODULE.options.items()}
EVERYTHING = [{"kind": kind} for kind in config.MODULE.options["purge"]["options"]["kind"]["choices"]]
DARING = {"allow_empty_purge": True, "allow_no_servers": True, "allow_lockout": True}


@dataclass
class Direct:
    """A client of an emulator without a network between them."""

    emulator: Emulator
    calls: int = 0
    version: str = "v2"
    # A name of its own for this process, since those of one name take turns.
    connection: Any = field(default_factory=lambda: SimpleNamespace(host="127.0.0.1", host_port=os.getpid()))

    def read(self, command: str, parameters: Mapping[str, str] | None = None) -> wire.Answer:
        return self.write(command, parameters or {})

    def write(self, command: str, parameters: Mapping[str, str], data: bytes | None = None) -> wire.Answer:
        self.calls += 1
        upload = {} if data is None else {"data": data}
        try:
            answer = self.emulator.call(command, **parameters, **upload)
        except ApiError as refusal:
            facts = {"command": command, "http_status": refusal.status, "answer": refusal.text}
            raise Refused(f"the LoadMaster answered {refusal.text!r}", **facts) from None
        return wire.decode(wire.V2, 200, json.dumps(answer).encode())


class Watch:
    """Looks at every LoadMaster that a test has, whenever it is asked to; at each state once."""

    _seen: ClassVar[set[str]] = set()
    _resting: ClassVar[bool] = False

    def __init__(self) -> None:
        self._watched: list[Emulator] = []

    def begin(self, patch: pytest.MonkeyPatch) -> None:
        """Watch every LoadMaster that is made from now on."""
        made = Emulator.__init__

        def make(emulator: Emulator, *arguments: Any, **options: Any) -> None:
            made(emulator, *arguments, **options)
            if not Watch._resting:
                self._watched.append(emulator)

        patch.setattr(Emulator, "__init__", make)

    def look(self) -> None:
        """Hold the promises of a document against what there is now."""
        for emulator in self._watched:
            self.look_at(emulator)

    @classmethod
    def look_at(cls, emulator: Emulator) -> None:
        """Hold them against one LoadMaster, which does not notice."""
        configuration = emulator._appliance.configuration
        state = f"{emulator.firmware} {emulator.names} {configuration!r}"
        if cls._resting or state in cls._seen or is_untouched(emulator):
            return
        cls._resting = True
        try:
            twin = Emulator(firmware=emulator.firmware)
            twin.names.update(emulator.names)
            twin._appliance.configuration = copy.deepcopy(configuration)
            check(twin)
        finally:
            cls._resting = False
        cls._seen.add(state)


def check(emulator: Emulator) -> None:
    """Hold the promises of a document against a LoadMaster. What it warns of is all that it does not promise."""
    here = session_of(emulator)
    exported = export(here)
    document = exported["config"]
    assert [error.message for error in SCHEMA.iter_errors(document)] == [], "the document is not as the schema says"
    warnings = exported.get("warnings", [])
    unsaid = [service for service in document["virtual_services"] if any(place(service) in text for text in warnings)]
    assert len(unsaid) >= len(services_that_cannot_be_said(emulator)), f"it is not warned of all: {warnings}"
    assert bool(unsaid) == bool(warnings), f"it is warned of what is no service: {warnings}"
    steps = apply(here, document, check=True)["steps"]
    assert steps == [], f"it would change the LoadMaster that it was read from: {steps}"
    if unsaid:
        # What of these services is left out cannot come back; all else has to
        document = {
            **document,
            "virtual_services": [each for each in document["virtual_services"] if each not in unsaid],
        }
    else:
        options = {"state": "replaced", "purge": EVERYTHING}
        steps = apply(here, document, check=True, **options)["steps"]
        assert steps == [], f"with {options} it would change the LoadMaster that it was read from: {steps}"
    other = Emulator(firmware=emulator.firmware)
    other.names.update(emulator.names)
    there = session_of(other)
    apply(there, document, secrets=keys(emulator))
    assert text_of(export(there)["config"]) == text_of(document), "a LoadMaster made from it gives another document"


def place(service: Mapping[str, Any]) -> str:
    """A service of a document as messages name it."""
    address = f"[{service['address']}]" if ":" in service["address"] else service["address"]
    return f"{service['protocol']}/{address}:{service['port']}"


def services_that_cannot_be_said(emulator: Emulator) -> set[str]:
    """The indexes of the services with SubVSs that have no name, or the name of another one."""
    names: dict[str, list[str]] = {}
    for service in emulator.call("listvs").get("VS") or []:
        if str(service.get("MasterVSID", "0")) != "0":
            names.setdefault(str(service["MasterVSID"]), []).append(str(service.get("NickName", "")))
    return {parent for parent, subs in names.items() if len({*subs} - {""}) < len(subs)}


def is_untouched(emulator: Emulator) -> bool:
    """Return whether a LoadMaster is as good as new."""
    configuration = emulator._appliance.configuration
    return configuration == Configuration(parameters={"enableapi": True})


def keys(emulator: Emulator) -> dict[str, str]:
    """The keys of the certificates by their places, which only the emulator knows."""
    installed = emulator._appliance.configuration.certificates
    return {f"certificates.{name}.private_key": certificate.key for name, certificate in installed.items()}


def apply(session: Session, document: Mapping[str, Any], *, check: bool = False, **options: Any) -> dict[str, Any]:
    """Run the module config with everything allowed."""
    return config.MODULE.perform({**DEFAULTS, **DARING, **document, **options}, session, Mode(check, True))


def export(session: Session) -> dict[str, Any]:
    """Run the module config_info."""
    return config_info.MODULE.perform({"members": ["all"]}, session, Mode())


def text_of(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)


def session_of(emulator: Emulator) -> Session:
    return Session(Direct(emulator), sleep=lambda _seconds: None)  # type: ignore[arg-type]
