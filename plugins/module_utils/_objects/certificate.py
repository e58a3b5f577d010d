# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Certificates and intermediate certificates: how they are told apart, installed, replaced and removed. Pure.

The private key can never be read back. So a certificate counts as installed when the appliance shows the same one;
a new key for the same certificate is not seen unless the installation is forced.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _base, _pem
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import Document, ObjectPlan, Step, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._kinds import Blob, Flag, Text
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._shape import ALLOW_LOCKOUT, STATE, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._virtual_service_table import TABLE

_NAME = Text(lasting=True, longest=251, pattern=r"[A-Za-z0-9._-]+", meaning="made of letters, digits and . _ -")
ADMINISTRATIVE = "admincert"
LISTING = "listcert"
INTERMEDIATE_LISTING = "listintermediate"

_ROWS = (
    STATE,
    Field("name", "cert", _NAME),
    # It may hold the key.
    Field("certificate", "", Blob(), secret=True),
    Field("private_key", "", Blob(), secret=True),
    Field("pfx", "", Blob(), secret=True),
    Field("pfx_password", "", Blob(), secret=True),
    Field("install_chain", "", Flag(), preset=True),
    Field("administrative", ADMINISTRATIVE, Flag(), preset=False),
    Field("force", "replace", Flag(), preset=False),
)
_TOGETHER: dict[str, Any] = {
    "required": ("name",),
    "exclusive": (("certificate", "pfx"), ("private_key", "pfx")),
    "required_by": {"private_key": ["certificate"], "pfx_password": ["pfx"]},
}

# One in a document, and one by itself.
ENTRY = Shape(_ROWS, **_TOGETHER)
SHAPE = Shape((*_ROWS, ALLOW_LOCKOUT), **_TOGETHER)
INTERMEDIATE_SHAPE = Shape(
    rows=(STATE, Field("name", "cert", _NAME), Field("certificate", "", Blob())),
    required=("name",),
    required_if=(("state", "present", ["certificate"]),),
)


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key as the user wants it. Without a bundle it is one that is installed already."""

    name: str
    bundle: _pem.Bundle | None = field(default=None, repr=False)
    administrative: bool = False
    allow_lockout: bool = False
    force: bool = False
    present: bool = True

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Certificate:
        """Build it from options that its shape has checked. Raises InvalidOption where they hold no certificate."""
        name = options["name"]
        subject = f"certificate {name}"
        bundle = None
        if options.get("pfx"):
            bundle = _pem.from_pfx(options["pfx"], options.get("pfx_password", ""), subject)
        elif options.get("certificate"):
            bundle = _pem.from_pem(options["certificate"], options.get("private_key", ""), subject)
        if bundle is not None and not options.get("install_chain", True):
            bundle = replace(bundle, chain=())
        return cls(
            name,
            bundle,
            bool(options.get("administrative")),
            bool(options.get("allow_lockout")),
            bool(options.get("force")),
            options.get("state", "present") == "present",
        )

    @property
    def subject(self) -> str:
        return f"certificate {self.name}"

    def keys(self) -> tuple[Hashable, ...]:
        return (("certificate", self.name),)

    def reads(self) -> frozenset[str]:
        reads = {f"readcert:{self.name}", f"get:{ADMINISTRATIVE}"}
        return frozenset(reads if self.present else reads | {_base.LIST_SERVICES})

    def found(self, world: World) -> dict[str, Any]:
        der = installed(world, "readcert", self.name)
        if not der:
            return {}
        return {
            "name": self.name,
            "fingerprint": _pem.fingerprint(der),
            "administrative": world.parameters.get(ADMINISTRATIVE) == self.name,
            "chain": [intermediate.name for intermediate in chain_of(self)],
        }

    def plan(self, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        der = installed(world, "readcert", self.name)
        was_administrative = world.parameters.get(ADMINISTRATIVE) == self.name
        if not self.present:
            return self._removal(der, was_administrative, world, document)
        if self.bundle is None and not der:
            raise InvalidOption(
                f"There is no {subject}. To install it, give certificate and key, or a pfx. Nothing was changed."
            )
        steps: list[Step] = []
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        if self.bundle is not None and (self.bundle.leaf != der or self.force):
            if not self.bundle.key:
                raise InvalidOption(
                    f"{subject} has to be installed, but there is no private key, in certificate or in private_key. "
                    "Nothing was changed."
                )
            steps.append(self._installation(self.bundle, bool(der), subject))
            named = {} if der else {"name": self.name}
            before = {"fingerprint": _pem.fingerprint(der)} if der else {}
            after = {**named, "fingerprint": _pem.fingerprint(self.bundle.leaf)}
        # A new certificate under its name costs the administrative certificate its role.
        if (self.administrative and not was_administrative) or (was_administrative and steps):
            if not self.allow_lockout:
                raise InvalidOption(
                    f"{subject} {'is' if was_administrative else 'would become'} the one of the web user interface and the API, so this can "
                    "cut off this very connection: it is then verified against another certificate. If that is meant, set allow_lockout. "
                    "Nothing was changed."
                )
            assignment = {"param": ADMINISTRATIVE, "value": self.name}
            steps.append(
                Step(
                    "set", assignment, subject, "use it for the web user interface and the API", _base.SETTING_DANGEROUS
                )
            )
            if not was_administrative:
                before, after = {**before, "administrative": False}, {**after, "administrative": True}
        return ObjectPlan(subject, tuple(steps), before, after)

    def _installation(self, bundle: _pem.Bundle, exists: bool, subject: str) -> Step:
        upload = bundle.upload()
        anew = Step(
            "addcert", {"cert": self.name, "replace": "0"}, subject, "install it", _base.CERTIFICATE, data=upload
        )
        forget = Step("delcert", {"cert": self.name}, subject, "forget the deleted one", _base.CERTIFICATE)
        return Step(
            "addcert",
            {"cert": self.name, "replace": "1" if exists else "0"},
            subject,
            "replace it, keeping it assigned" if exists else "install it",
            _base.CERTIFICATE,
            data=upload,
            blind=self.force,
            # A name that was deleted may linger.
            remedies={"Identifier has been deleted": (forget, anew)},
        )

    def _removal(self, der: bytes, administrative: bool, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        if not der and self.name not in names(world, LISTING):
            return ObjectPlan(subject)
        users = _users(world, document, "certificates", self.name)
        users += ["the web user interface"] if administrative else []
        if users:
            raise InvalidOption(
                f"{subject} is in use by {', '.join(users)}. Give these another one first. Nothing was changed."
            )
        step = Step("delcert", {"cert": self.name}, subject, "remove it", _base.CERTIFICATE_REMOVE)
        return ObjectPlan(subject, (step,), before={"name": self.name, **_shown(der)})


@dataclass(frozen=True)
class IntermediateCertificate:
    """An intermediate certificate as the user wants it."""

    name: str
    der: bytes = field(default=b"", repr=False)
    present: bool = True

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> IntermediateCertificate:
        """Build it from options that its shape has checked. Raises InvalidOption where they hold no certificate."""
        name = options["name"]
        present = options.get("state", "present") == "present"
        if not present:
            return cls(name, present=False)
        bundle = _pem.from_pem(options["certificate"], "", f"intermediate certificate {name}")
        if bundle.chain:
            raise InvalidOption(
                f"intermediate certificate {name}: certificate holds {1 + len(bundle.chain)} certificates, and each needs a name of its own. "
                "Nothing was changed."
            )
        return cls(name, bundle.leaf)

    @property
    def subject(self) -> str:
        return f"intermediate certificate {self.name}"

    def keys(self) -> tuple[Hashable, ...]:
        return (("intermediate", self.name),)

    def reads(self) -> frozenset[str]:
        reads = {f"readintermediate:{self.name}"}
        return frozenset(reads if self.present else reads | {_base.LIST_SERVICES})

    def found(self, world: World) -> dict[str, Any]:
        der = installed(world, "readintermediate", self.name)
        return {"name": self.name, "fingerprint": _pem.fingerprint(der)} if der else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        der = installed(world, "readintermediate", self.name)
        if self.present and self.der == der:
            return ObjectPlan(subject)
        before = _shown(der)
        if not self.present:
            if not der and self.name not in names(world, INTERMEDIATE_LISTING):
                return ObjectPlan(subject)
            users = _users(world, document, "intermediate_certificates", self.name)
            if users:
                raise InvalidOption(
                    f"{subject} is in use by {', '.join(users)}. Take it out of these first. Nothing was changed."
                )
            removal = Step("delintermediate", {"cert": self.name}, subject, "remove it", _base.CERTIFICATE_REMOVE)
            return ObjectPlan(subject, (removal,), {"name": self.name, **before})
        upload = _pem.to_pem(self.der).encode("ascii")
        install = Step("addintermediate", {"cert": self.name}, subject, "install it", _base.CERTIFICATE, data=upload)
        # The appliance cannot replace one: the old goes, then the new comes.
        first = (
            [Step("delintermediate", {"cert": self.name}, subject, "remove the old one", _base.CERTIFICATE)]
            if der
            else []
        )
        named = {} if der else {"name": self.name}
        return ObjectPlan(subject, (*first, install), before, {**named, "fingerprint": _pem.fingerprint(self.der)})


def chain_of(certificate: Certificate) -> list[IntermediateCertificate]:
    """Return the chain above a certificate as intermediates, each named after the certificate and its own fingerprint."""
    chain = certificate.bundle.chain if certificate.bundle and certificate.present else ()
    return [
        IntermediateCertificate(f"{certificate.name}-{_pem.fingerprint(der).replace(':', '')[:8].lower()}", der)
        for der in chain
    ]


def is_name(text: str) -> bool:
    """Tell whether a text can be the name of a certificate."""
    return _NAME.takes(text)


def names(world: World, listing: str) -> list[str]:
    """Return the names in a list of certificates, as far as that was read."""
    return [str(record.get("name")) for record in world.answers.get(listing, {}).get("cert") or []]


def _users(world: World, document: Document, option: str, name: str) -> list[str]:
    """Return the services that have a certificate in an option once a document is carried out."""
    row = TABLE.by_option[option]
    users = []
    for service in world.services:
        wanted = document.find(service.ref)
        if wanted is None or wanted.present:
            listed = wanted.options.get(option, [] if wanted.replace else None) if wanted is not None else None
            if name in (row.kind.read(service.record.get(row.member)) if listed is None else listed):
                users.append(f"virtual service {service.ref}")
    return users


def installed(world: World, command: str, name: str) -> bytes:
    """Return a certificate that was read, as DER; empty where there is none of that name."""
    return _pem.read_der(str(world.answers.get(f"{command}:{name}", {}).get("certificate", "")))


def _shown(der: bytes) -> dict[str, str]:
    return {"fingerprint": _pem.fingerprint(der)} if der else {}
