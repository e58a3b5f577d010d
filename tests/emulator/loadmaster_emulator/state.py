# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state file, and the plain dictionary that two emulators are compared by."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from loadmaster_emulator import ciphers
from loadmaster_emulator.accounts import Accounts, User
from loadmaster_emulator.appliance import Appliance
from loadmaster_emulator.certificates import Certificate
from loadmaster_emulator.model import Configuration, RealServer, Slot, VirtualService
from loadmaster_emulator.rules import Rule
from loadmaster_emulator.templates import Template
from loadmaster_emulator.tls import Identity

FORMAT = 2

_SERVER_SETTINGS = tuple(row.name for row in fields(RealServer) if row.name not in ("rs_index", "follow"))
_SLOT_SETTINGS = ("forward", "weight", "limit", "rate_limit", "enable", "critical", "rules")


# -- the state file ---------------------------------------------------------------------------------


def save(path: Path, appliance: Appliance, identity: Identity) -> None:
    """Write everything that a restart must find again, in one step and for the owner alone."""
    content = {
        "format": FORMAT,
        "certificate": identity.certificate,
        "key": identity.key,
        "users": {
            name: {"password": user.password, "permissions": sorted(user.permissions), "keys": user.keys}
            for name, user in appliance.accounts.users.items()
        },
        "configuration": written(appliance.configuration),
    }
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def load(path: Path) -> tuple[Configuration, Accounts, Identity]:
    """Read a state file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}")
        accounts = Accounts({}, {}, {})
        for name, user in content["users"].items():
            accounts.users[name] = User(user["password"], set(user["permissions"]), user["keys"])
        identity = Identity(content["certificate"], content["key"])
        return read(content["configuration"]), accounts, identity
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a state file of this emulator: {error}") from error


def written(configuration: Configuration) -> dict[str, Any]:
    """A configuration as JSON has it."""
    return {
        "parameters": configuration.parameters,
        "services": [_service(vs) for vs in configuration.services],
        "health": configuration.health,
        "adaptive": configuration.adaptive,
        "cipher_sets": configuration.cipher_sets,
        "rules": [vars(rule) for rule in configuration.rules.values()],
        "certificates": {name: vars(certificate) for name, certificate in configuration.certificates.items()},
        "intermediates": {name: vars(certificate) for name, certificate in configuration.intermediates.items()},
        "deleted_certificates": configuration.deleted_certificates,
        "admin_certificate": configuration.admin_certificate,
        "templates": [vars(template) for template in configuration.templates],
        "next_rs_index": configuration.next_rs_index,
    }


def _service(vs: VirtualService) -> dict[str, Any]:
    return {
        "index": vs.index,
        "protocol": vs.protocol,
        "address": vs.address,
        "port": vs.port,
        "settings": vs.settings,
        "lapsed": vs.lapsed,
        "rules": vs.rules,
        "servers": [asdict(server) for server in vs.servers],
        "slots": [{**vars(slot), "service": _service(slot.service)} for slot in vs.slots],
    }


def read(content: dict[str, Any]) -> Configuration:
    """The configuration that was written."""
    configuration = Configuration(**{**content, "services": [], "parameters": {}})
    # JSON knows lists only; the model compares tuples.
    configuration.parameters = {name: _tuples(value) for name, value in content["parameters"].items()}
    configuration.services = [_loaded_service(entry, None) for entry in content["services"]]
    configuration.rules = {rule["name"]: Rule(**rule) for rule in content["rules"]}
    configuration.templates = [Template(**template) for template in content["templates"]]
    configuration.certificates = {name: Certificate(**entry) for name, entry in content["certificates"].items()}
    configuration.intermediates = {name: Certificate(**entry) for name, entry in content["intermediates"].items()}
    return configuration


def _loaded_service(content: dict[str, Any], parent: VirtualService | None) -> VirtualService:
    vs = VirtualService(content["index"], content["protocol"], content["address"], content["port"], parent=parent)
    vs.settings.update({name: _tuples(value) for name, value in content["settings"].items()})
    vs.lapsed = content.get("lapsed", False)
    vs.rules.update(content["rules"])
    vs.servers = [RealServer(**server) for server in content["servers"]]
    vs.slots = [Slot(**{**slot, "service": _loaded_service(slot["service"], vs)}) for slot in content["slots"]]
    return vs


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# -- for comparison -----------------------------------------------------------------------------------


def comparable(appliance: Appliance) -> dict[str, Any]:
    """The configuration without anything that depends on the order it was made in."""
    configuration = appliance.configuration
    services = sorted(configuration.services, key=lambda vs: vs.key)
    keys = {vs.index: vs.key for vs in services}
    return {
        "parameters": {name: _plain(value) for name, value in sorted(configuration.parameters.items())},
        "health": dict(configuration.health),
        "adaptive": dict(configuration.adaptive),
        "services": {vs.key: _comparable_service(vs, keys, configuration) for vs in services},
        "rules": {name: {"type": rule.type, **rule.values} for name, rule in sorted(configuration.rules.items())},
        "certificates": {name: held.fingerprint for name, held in sorted(configuration.certificates.items())},
        "intermediates": {name: held.fingerprint for name, held in sorted(configuration.intermediates.items())},
        "admin_certificate": configuration.admin_certificate,
        "cipher_sets": {n: c for n, c in sorted(configuration.cipher_sets.items()) if not ciphers.OWN_SET.fullmatch(n)},
        "templates": {held.name: held.text for held in sorted(configuration.templates, key=lambda held: held.name)},
    }


def _comparable_service(vs: VirtualService, keys: dict[int, str], configuration: Configuration) -> dict[str, Any]:
    places = {server.rs_index: f"{server.address}:{server.port}" for server in vs.servers}
    places |= {slot.rs_index: str(slot.service.settings["NickName"]) for slot in vs.slots}
    settings = {name: _plain(value) for name, value in vs.settings.items() if name != "FollowVSID"}
    settings["Follows"] = keys.get(int(vs.settings["FollowVSID"]), "")
    if ciphers.OWN_SET.fullmatch(str(vs.settings["CipherSet"])):
        # Its name has the index that the service had when it was made.
        settings["CipherSet"] = "Custom"
        settings["Ciphers"] = configuration.cipher_sets[vs.settings["CipherSet"]]
    return {
        "settings": settings,
        "rules": {name: list(assigned) for name, assigned in vs.rules.items()},
        "servers": sorted(
            (
                {**{name: _plain(getattr(s, name)) for name in _SERVER_SETTINGS}, "follows": places.get(s.follow, "")}
                for s in vs.servers
            ),
            key=lambda server: (server["address"], server["port"]),
        ),
        "subvs": dict(
            sorted(
                (
                    name,
                    {
                        "slot": {setting: _plain(getattr(slot, setting)) for setting in _SLOT_SETTINGS},
                        "follows": places.get(slot.follow, ""),
                        **_comparable_service(slot.service, keys, configuration),
                    },
                )
                for name, slot in _named_slots(vs).items()
            )
        ),
    }


def _named_slots(vs: VirtualService) -> dict[str, Slot]:
    """The SubVSs by name; those without a name, and later ones of the same name, by name and number."""
    named: dict[str, Slot] = {}
    for slot in vs.slots:
        name = base = str(slot.service.settings["NickName"]) or "-"
        number = 1
        while name in named:
            number += 1
            name = f"{base} ({number})"
        named[name] = slot
    return named


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (tuple, list)) else value
