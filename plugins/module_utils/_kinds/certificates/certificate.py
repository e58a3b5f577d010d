# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Certificates and intermediate certificates: how they are identified, installed, replaced and removed. Pure.

The private key can never be read back. So a certificate counts as installed when the appliance shows the same one;
a new key for the same certificate is not seen unless the installation is forced.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    InvalidOption,
    checked,
    option,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import ALLOW_LOCKOUT, STATE, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    Blob,
    Flag,
    Text,
    is_own_certificate,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import leaves, pem, usage
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import OTHER_OBJECTS, ObjectPlan, Step

_NAME = Text(lasting=True, longest=251, pattern=r"[A-Za-z0-9._-]+", meaning="made of letters, digits and . _ -")
ADMINISTRATIVE = "admincert"
LISTING = "listcert"
INTERMEDIATE_LISTING = "listintermediate"
# Read one, by its name.
ONE = "readcert"
ONE_INTERMEDIATE = "readintermediate"

_ROWS = (
    STATE._replace(
        description=(
            "Whether the certificate should be on the LoadMaster. V(absent) is an error while a virtual "
            "service or the web user interface uses it. Intermediate certificates that came with it stay."
        ),
        choices={
            "present": "The certificate is installed, with the options of the task.",
            "absent": "The certificate is not installed.",
        },
    ),
    Field(
        "name",
        "cert",
        _NAME,
        label="Certificates & Security > SSL Certificates > Certificate Identifier",
        description=(
            "The name by which O(kemp.loadmaster.virtual_service#module:certificates) know the "
            "certificate. It is made of letters, digits, dots, underscores and hyphens, at most 251 of "
            "them, and upper and lower case matter.",
        ),
    ),
    # It may contain the key.
    Field(
        "certificate",
        "",
        Blob(),
        secret=True,
        description=(
            "The certificate in PEM. The same text can contain its private key and its chain, in any layout "
            "and order. You cannot combine it with O(pfx).",
            "The certificate is the one that issued none of the others. If there are several, it is the one "
            "that matches the private key.",
            "Without it and without O(pfx), the certificate must already be installed.",
            "Ansible masks this option, O(private_key) and O(pfx), since each can contain the key.",
            "Read a file with P(ansible.builtin.file#lookup).",
            "API command C(addcert). WUI: Certificates & Security > SSL Certificates > Import Certificate.",
        ),
    ),
    Field(
        "private_key",
        "",
        Blob(),
        secret=True,
        description=(
            "The private key in PEM, unless O(certificate) contains it. It must not be encrypted.",
            "The LoadMaster never returns it, so it cannot be compared. See O(force).",
            "API command C(addcert). WUI: Certificates & Security > SSL Certificates > Import Certificate.",
        ),
    ),
    Field(
        "pfx",
        "",
        Blob(),
        secret=True,
        description=(
            "Certificate, private key and chain as PKCS#12 (PFX), encoded with Base64. The module opens it "
            "and sends PEM, so O(pfx_password) does not leave the host where the task runs.",
            "C(base64 mail.pfx) prints such a text. Keep it in a vault or in a file.",
            "API command C(addcert). WUI: Certificates & Security > SSL Certificates > Import Certificate.",
        ),
    ),
    Field(
        "pfx_password",
        "",
        Blob(),
        secret=True,
        description="The password of O(pfx), if it has one.",
    ),
    Field(
        "install_chain",
        "",
        Flag(),
        preset=True,
        description=(
            "Whether to install the rest of the chain in O(certificate) or O(pfx) as intermediate "
            "certificates. The LoadMaster itself keeps only the first certificate of a file.",
            "Each gets the name of the certificate, a hyphen and the first 8 digits of its own SHA-256 "
            "fingerprint, such as C(mail-1f2e3d4c). After a renewal, the new chain is installed beside the "
            "old one. The old chain is then removed, unless a virtual service names it, or it signed another "
            "certificate on the LoadMaster. This requires the Python library cryptography. Without it, and "
            "with V(false), the old chain stays.",
            "API command C(addintermediate). WUI: Certificates & Security > Intermediate Certs.",
        ),
    ),
    Field(
        "administrative",
        ADMINISTRATIVE,
        Flag(),
        preset=False,
        label="Certificates & Security > SSL Certificates > Administrative Certificates",
        description=(
            "Makes it the certificate of the WUI and the API. V(false) changes nothing. To take this role "
            "away, give it to another certificate.",
            "It requires O(allow_lockout=true). Only one certificate can have this role.",
            "It is required if you replace the certificate with this role, unless another one in the same "
            "document of M(kemp.loadmaster.config) gets the role.",
        ),
    ),
    Field(
        "force",
        "replace",
        Flag(),
        preset=False,
        description=(
            "Installs the certificate even if the LoadMaster has the same one. Use it for a new "
            "O(private_key) with an unchanged certificate. The task then always reports a change. It requires "
            "O(certificate) or O(pfx).",
            "API command C(addcert). WUI: Certificates & Security > SSL Certificates > Replace Certificate.",
        ),
    ),
)
_TOGETHER: dict[str, Any] = {
    "required": ("name",),
    "exclusive": (("certificate", "pfx"), ("private_key", "pfx")),
    "required_by": {"private_key": ["certificate"], "pfx_password": ["pfx"]},
}

# One in a document, and one by itself.
ENTRY = Shape(_ROWS, **_TOGETHER)
SHAPE = Shape(
    (
        *_ROWS,
        ALLOW_LOCKOUT._replace(
            description=(
                "Allows changes that can cut off the connection of this task: making it the administrative "
                "certificate, or replacing the administrative certificate. The connection then uses the new "
                "certificate, so O(fingerprint) and O(ca_path) must match that."
            )
        ),
    ),
    **_TOGETHER,
)
INTERMEDIATE_SHAPE = Shape(
    rows=(
        STATE._replace(
            description=(
                "Whether the certificate should be on the LoadMaster. V(absent) is an error while a virtual "
                "service names it."
            ),
            choices={
                "present": "The certificate is installed, with the options of the task.",
                "absent": "The certificate is not installed.",
            },
        ),
        Field(
            "name",
            "cert",
            _NAME,
            label="Certificates & Security > Intermediate Certs > Certificate Name",
            description=(
                "The name by which O(kemp.loadmaster.virtual_service#module:intermediate_certificates) know "
                "the certificate. It is made of letters, digits, dots, underscores and hyphens, at most 251 "
                "of them, and upper and lower case matter.",
            ),
        ),
        Field(
            "certificate",
            "",
            Blob(),
            description=(
                "Exactly one certificate in PEM, without a private key. It is required with O(state=present).",
                "Read a file with P(ansible.builtin.file#lookup).",
                "API command C(addintermediate). WUI: Certificates & Security > Intermediate Certs > Add a "
                "new Intermediate Certificate.",
            ),
        ),
    ),
    required=("name",),
    required_if=(("state", "present", ["certificate"]),),
)


@dataclass(frozen=True)
class Certificate:
    """A wanted certificate with its key. Without a bundle it must be installed already."""

    name: str
    bundle: pem.Bundle | None = field(default=None, repr=False)
    administrative: bool = False
    allow_lockout: bool = False
    force: bool = False
    present: bool = True
    # Whether leftovers of its former chains are removed
    cleans: bool = False

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Certificate:
        """Build it from checked options. Raises InvalidOption if they contain no certificate."""
        name = options["name"]
        subject = f"certificate {name}"
        present = options.get("state", "present") == "present"
        if present and is_own_certificate(name):
            raise InvalidOption(
                f"{subject}: the LoadMaster reserves names of 32 hexadecimal digits. Give it another name."
            )
        bundle = None
        if "pfx" in options:
            bundle = pem.from_pfx(options["pfx"], options.get("pfx_password", ""), subject)
        elif "certificate" in options:
            bundle = pem.from_pem(options["certificate"], options.get("private_key", ""), subject)
        elif options.get("force") and present:
            raise InvalidOption(f"{subject}: force needs the certificate to install.")
        with_chain = bool(options.get("install_chain", True))
        if bundle is not None and not with_chain:
            bundle = replace(bundle, chain=())
        return cls(
            name,
            bundle,
            bool(options.get("administrative")),
            bool(options.get("allow_lockout")),
            bool(options.get("force")),
            present,
            present and with_chain and bundle is not None,
        )

    @property
    def subject(self) -> str:
        return f"certificate {self.name}"

    def keys(self) -> tuple[Hashable, ...]:
        return (self.name,)

    def reads(self) -> frozenset[str]:
        own = {f"{ONE}:{self.name}", f"get:{ADMINISTRATIVE}"}
        return frozenset({*own, INTERMEDIATE_LISTING} if self.cleans else own)

    def found(self, world: World) -> dict[str, Any]:
        der = installed(world, ONE, self.name)
        if not der:
            return {}
        return {
            "name": self.name,
            "fingerprint": pem.fingerprint(der),
            "administrative": world.parameters.get(ADMINISTRATIVE) == self.name,
            "chain": [intermediate.name for intermediate in chain_of(self)],
        }

    def plan(self, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        der = installed(world, ONE, self.name)
        was_administrative = world.parameters.get(ADMINISTRATIVE) == self.name
        heirs = [each for each in document.all(Certificate) if each.present and each.administrative and each != self]
        if not self.present:
            return self._removal(der, was_administrative and not heirs, world, document)
        if self.bundle is None and not der:
            raise InvalidOption(f"There is no {subject}. To install it, give certificate and key, or a pfx.")
        if self.administrative and heirs:
            raise InvalidOption(f"{subject} and {heirs[0].subject} are both administrative, but only one can be.")
        installs = self.bundle is not None and (self.bundle.leaf != der or self.force)
        # Replacing a certificate takes the role from it.
        restores = was_administrative and installs and not heirs
        assigns = restores or (self.administrative and not was_administrative)
        bundle = self.bundle if installs else None
        steps = checked(
            lambda: [self._installation(bundle, der, restores)] if bundle else [],
            lambda: self._check_role(assigns, restores),
        )
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        if der and installs:
            check_spelling(world, LISTING, self.name, subject)
        if self.bundle is not None and installs:
            before = _shown(der)
            after = {**({} if der else {"name": self.name}), **_shown(self.bundle.leaf)}
        if assigns:
            # Giving back the role follows from the step that takes it, so it is blind like that one.
            blind = restores and steps[-1].blind
            assignment = {"param": ADMINISTRATIVE, "value": self.name}
            reason = "use it for the web user interface and the API"
            steps.append(Step("set", assignment, subject, reason, ranks.SETTING_DANGEROUS, blind=blind))
            if not was_administrative:
                before, after = {**before, "administrative": False}, {**after, "administrative": True}
        return ObjectPlan(subject, tuple(steps), before, after)

    def _check_role(self, assigns: bool, restores: bool) -> None:
        """Raise InvalidOption if this can cut off the connection without permission, or leave no certificate with the role."""
        if restores and not self.administrative:
            raise InvalidOption(
                f"{self.subject} is the one of the web user interface and the API, a role that it loses when it is replaced. Set administrative, "
                f"so that it gets it back, by the next run where this one is interrupted. That takes {option('allow_lockout')}, too."
            )
        if assigns and not self.allow_lockout:
            raise InvalidOption(
                f"{self.subject} {'is' if restores else 'would become'} the one of the web user interface and the API, so this can "
                f"cut off this very connection: it is then verified against another certificate. If that is meant, set {option('allow_lockout')}."
            )

    def _installation(self, bundle: pem.Bundle, der: bytes, restores: bool) -> Step:
        subject = self.subject
        if not bundle.key:
            raise InvalidOption(
                f"{subject} must be installed, but neither certificate nor private_key has a private key."
            )
        fault = leaves.fault(bundle.key, bundle.leaf)
        if fault:
            raise InvalidOption(f"{subject}: {fault}.")
        upload = bundle.upload()
        again = Step(
            "addcert",
            {"cert": self.name, "replace": "0"},
            subject,
            "install it",
            ranks.CERTIFICATE,
            data=upload,
            reaches=OTHER_OBJECTS,
        )
        forget = Step("delcert", {"cert": self.name}, subject, "forget the deleted one", ranks.CERTIFICATE)
        return Step(
            "addcert",
            {"cert": self.name, "replace": "1" if der else "0"},
            subject,
            "replace it, keeping it assigned" if der else "install it",
            # Right before the step that gives its role back, so that nothing comes between.
            ranks.SETTING_DANGEROUS if restores else ranks.CERTIFICATE,
            data=upload,
            # A change of the key alone cannot be read back.
            blind=bundle.leaf == der,
            reaches=OTHER_OBJECTS,
            # A name that was deleted may linger.
            remedies={"Identifier has been deleted": (forget, again)},
        )

    def _removal(self, der: bytes, administrative: bool, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        if not der and self.name not in names(world, LISTING):
            return ObjectPlan(subject)
        check_spelling(world, LISTING, self.name, subject)
        users = usage.services_then(world, document, "certificates", self.name)
        users += ["the web user interface"] if administrative else []
        if users:
            raise InvalidOption(f"{subject} is in use by {', '.join(users)}. Assign another one there first.")
        # Another certificate gets the role first.
        rank = ranks.LAST_REMOVE if world.parameters.get(ADMINISTRATIVE) == self.name else ranks.CERTIFICATE_REMOVE
        step = Step("delcert", {"cert": self.name}, subject, "remove it", rank, reaches=OTHER_OBJECTS)
        return ObjectPlan(subject, (step,), before={"name": self.name, **_shown(der)})


@dataclass(frozen=True)
class IntermediateCertificate:
    """A wanted intermediate certificate."""

    name: str
    der: bytes = field(default=b"", repr=False)
    present: bool = True
    # Whether it belongs to a former chain and is no longer needed
    former: bool = False

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> IntermediateCertificate:
        """Build it from checked options. Raises InvalidOption if they contain no certificate."""
        name = options["name"]
        present = options.get("state", "present") == "present"
        if not present:
            return cls(name, present=False)
        return cls(name, pem.one_from_pem(options["certificate"], f"intermediate certificate {name}"))

    @property
    def subject(self) -> str:
        return f"intermediate certificate {self.name}"

    def keys(self) -> tuple[Hashable, ...]:
        return (self.name,)

    def reads(self) -> frozenset[str]:
        return frozenset({f"{ONE_INTERMEDIATE}:{self.name}"})

    def found(self, world: World) -> dict[str, Any]:
        der = installed(world, ONE_INTERMEDIATE, self.name)
        return {"name": self.name, "fingerprint": pem.fingerprint(der)} if der else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        der = installed(world, ONE_INTERMEDIATE, self.name)
        if self.present and self.der == der:
            return ObjectPlan(subject)
        if not self.present:
            return self._removal(der, world, document)
        if der:
            check_spelling(world, INTERMEDIATE_LISTING, self.name, subject)
        upload = pem.to_pem(self.der).encode("ascii")
        rank = self._replacement_rank(world, document) if der else ranks.CERTIFICATE
        install = Step("addintermediate", {"cert": self.name}, subject, "install it", rank, data=upload)
        # The appliance cannot replace one: delete the old, then add the new.
        removal = Step(
            "delintermediate", {"cert": self.name}, subject, "remove the old one", rank, reaches=OTHER_OBJECTS
        )
        first = [removal] if der else []
        after = {**({} if der else {"name": self.name}), **_shown(self.der)}
        return ObjectPlan(subject, (*first, install), _shown(der), after)

    def _replacement_rank(self, world: World, document: Document) -> int:
        """Return the rank of the deletion: before others use the new one, or after the last user released the old one."""
        now = usage.services_now(world, "intermediate_certificates", self.name)
        if not now:
            return ranks.CERTIFICATE
        then = usage.services_then(world, document, "intermediate_certificates", self.name)
        if then:
            raise InvalidOption(
                f"{self.subject} is in use by {', '.join(dict.fromkeys([*now, *then]))}, and the LoadMaster cannot replace a certificate in use. Install "
                "the new one under another name, and assign that name there."
            )
        return ranks.CERTIFICATE_REMOVE

    def _removal(self, der: bytes, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        if not der and self.name not in names(world, INTERMEDIATE_LISTING):
            return ObjectPlan(subject)
        check_spelling(world, INTERMEDIATE_LISTING, self.name, subject)
        users = usage.services_then(world, document, "intermediate_certificates", self.name)
        if users:
            raise InvalidOption(f"{subject} is in use by {', '.join(users)}. Remove it there first.")
        step = Step(
            "delintermediate",
            {"cert": self.name},
            subject,
            "remove it: it came with a former certificate, and nothing needs it" if self.former else "remove it",
            # Its certificate may be that of the WUI, which is replaced late
            ranks.LAST_REMOVE if self.former else ranks.CERTIFICATE_REMOVE,
            reaches=OTHER_OBJECTS,
        )
        return ObjectPlan(subject, (step,), {"name": self.name, **_shown(der)})


def chain_of(certificate: Certificate) -> list[IntermediateCertificate]:
    """Return the chain above a certificate as intermediates, each named after the certificate and its own fingerprint."""
    chain = certificate.bundle.chain if certificate.bundle and certificate.present else ()
    return [IntermediateCertificate(f"{certificate.name}-{_digits(der)}", der) for der in chain]


def is_of_chain(name: str, der: bytes) -> bool:
    """Return whether an intermediate has a generated name, as part of a chain."""
    return name.endswith(f"-{_digits(der)}")


def _digits(der: bytes) -> str:
    return pem.fingerprint(der).replace(":", "")[:8].lower()


def is_name(text: str) -> bool:
    """Return whether a text can be the name of a certificate; without one the appliance reports a sentence."""
    return _NAME.takes(text)


def names(world: World, listing: str) -> list[str]:
    """Return the names in a listing of certificates, if it was read."""
    return [str(record.get("name")) for record in world.answers.get(listing, {}).get("cert") or []]


def check_spelling(world: World, listing: str, name: str, subject: str) -> None:
    """Refuse a name under which the appliance finds a certificate of another one. Raises InvalidOption, and NotRead.

    Some firmware finds certificates by names in any case. What uses them says the name as it is listed.
    """
    world.answer(listing)
    listed = names(world, listing)
    alike = [each for each in listed if each.lower() == name.lower()]
    if alike and name not in listed:
        raise InvalidOption(
            f"{subject} is called {alike[0]} on the LoadMaster, which ignores case in names of certificates. Use that "
            "name."
        )


def read_in(before: World, after: World, command: str) -> list[str]:
    """Return the names of objects that were read, one by one with a command, at both times."""
    both = sorted(before.answers.keys() & after.answers.keys())
    return [name.partition(":")[2] for name in both if name.startswith(f"{command}:")]


def installed(world: World, command: str, name: str) -> bytes:
    """Return a certificate that was read, as DER; empty if none has that name."""
    return pem.read_der(str(world.answers.get(f"{command}:{name}", {}).get("certificate", "")))


def _shown(der: bytes) -> dict[str, str]:
    return {"fingerprint": pem.fingerprint(der)} if der else {}
