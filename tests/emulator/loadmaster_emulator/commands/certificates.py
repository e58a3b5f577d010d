# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates and intermediate certificates."""

from __future__ import annotations

import json
import re
import time
import zlib

from loadmaster_emulator import certificates, texts, uploads
from loadmaster_emulator.answers import Answer, Download, Message, Records, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.certificates import Certificate
from loadmaster_emulator.commands.identity import mandatory
from loadmaster_emulator.errors import ApiError, CommandFailed
from loadmaster_emulator.values import choice, flag

_NAME = re.compile(r"[A-Za-z0-9_.-]+")  # guess: known to work; what else does is not recorded


def listcert(appliance: Appliance, request: Request) -> Answer:
    """The certificates."""
    return _listed(appliance, appliance.configuration.certificates)


def readcert(appliance: Appliance, request: Request) -> Answer:
    """One certificate, never its key."""
    return _read(appliance, appliance.configuration.certificates, request)


def addcert(appliance: Appliance, request: Request) -> Answer:
    """Install a certificate with its key, or replace one; services keep their assignment to the name."""
    configuration = appliance.configuration
    name = _name(request)
    replace = flag("replace", request.get("replace") or "0")  # guess: nothing sent is 0
    certificate = certificates.with_key(uploads.content(request.get(uploads.PARAMETER)), request.get("password"))
    if appliance.quirks.certificate_tombstones and name in configuration.deleted_certificates:
        raise ApiError(texts.IDENTIFIER_DELETED)
    held = _held(appliance, configuration.certificates, name)
    if held and not replace:
        raise CommandFailed(texts.FILE_EXISTS)
    name = held or name
    # guess: replacing a certificate that is not there installs it
    configuration.certificates[name] = certificate
    _leave_administration(appliance, name)
    return Message(texts.CERTIFICATE_INSTALLED)


def delcert(appliance: Appliance, request: Request) -> Answer:
    """Delete a certificate that no service uses."""
    configuration = appliance.configuration
    name = mandatory(request, "cert")
    if appliance.quirks.certificate_tombstones and name in configuration.deleted_certificates:
        configuration.deleted_certificates.remove(name)
        return Message(texts.OK)
    name = _held(appliance, configuration.certificates, name)
    if not name:
        raise ApiError(texts.UNKNOWN_CERTIFICATE)
    if any(name in str(vs.settings["CertFile"]).split() for vs in configuration.every_service()):
        raise ApiError(texts.CERTIFICATE_IN_USE)
    del configuration.certificates[name]
    _leave_administration(appliance, name)  # guess: by analogy with a replaced one
    if appliance.quirks.certificate_tombstones:
        configuration.deleted_certificates.append(name)
    return Message(texts.OK)


def listintermediate(appliance: Appliance, request: Request) -> Answer:
    """The intermediate certificates."""
    return _listed(appliance, appliance.configuration.intermediates)


def readintermediate(appliance: Appliance, request: Request) -> Answer:
    """One intermediate certificate."""
    return _read(appliance, appliance.configuration.intermediates, request)


def addintermediate(appliance: Appliance, request: Request) -> Answer:
    """Install an intermediate certificate; there is no replacing one."""
    name = _name(request)
    certificate = certificates.without_key(uploads.content(request.get(uploads.PARAMETER)))
    if _held(appliance, appliance.configuration.intermediates, name):
        raise CommandFailed(texts.FILE_EXISTS)
    appliance.configuration.intermediates[name] = certificate
    return Message(texts.INTERMEDIATE_INSTALLED)


def delintermediate(appliance: Appliance, request: Request) -> Answer:
    """Delete an intermediate certificate."""
    configuration = appliance.configuration
    name = _held(appliance, configuration.intermediates, mandatory(request, "cert"))
    if not name:
        raise ApiError(texts.UNKNOWN_CERTIFICATE)  # guess: by analogy
    if any(name in str(vs.settings["IntermediateCerts"]).split("+") for vs in configuration.every_service()):
        raise ApiError(texts.CERTIFICATE_IN_USE)  # guess: by analogy
    del configuration.intermediates[name]
    return Message(texts.OK)


def backupcert(appliance: Appliance, request: Request) -> Answer:
    """Every certificate and intermediate certificate with the keys, in a file that a password opens."""
    content = {
        "password": _password(request),
        "certificates": {name: vars(held) for name, held in appliance.configuration.certificates.items()},
        "intermediates": {name: vars(held) for name, held in appliance.configuration.intermediates.items()},
    }
    # guess: what is in the file, which the appliance encrypts. The form of its name is recorded.
    when = time.strftime("%Y_%m_%d.%H.%M")
    return Download(f"CertBackup_{when}", zlib.compress(json.dumps(content).encode()), is_text=False)


def restorecert(appliance: Appliance, request: Request) -> Answer:
    """Install what a backup has: the certificates (``vs``), the intermediate ones (``third``), or both (``full``)."""
    wanted = choice("type", mandatory(request, "type"), ("full", "third", "vs"))
    try:
        content = json.loads(zlib.decompress(uploads.content(request.get(uploads.PARAMETER))))
        password, found = content.pop("password"), {kind: content[kind] for kind in ("certificates", "intermediates")}
    except (zlib.error, ValueError, KeyError, AttributeError):
        raise ApiError(texts.INVALID_CERTIFICATE) from None
    if password != _password(request):
        raise ApiError(texts.WRONG_PASSWORD)
    configuration = appliance.configuration
    if wanted != "third":
        configuration.certificates |= {name: Certificate(**held) for name, held in found["certificates"].items()}
    if wanted != "vs":
        configuration.intermediates |= {name: Certificate(**held) for name, held in found["intermediates"].items()}
    return Message(texts.CERTIFICATES_RESTORED)


def _password(request: Request) -> str:
    password = mandatory(request, "password")
    if not (7 <= len(password) <= 64 and password.isalnum()):
        raise ApiError(texts.invalid("password"))  # guess: the text
    return password


def _name(request: Request) -> str:
    name = mandatory(request, "cert")
    if not _NAME.fullmatch(name):
        raise ApiError(texts.invalid("cert"))  # guess: status and text
    return name


def _listed(appliance: Appliance, found: dict[str, Certificate]) -> Answer:
    # guess: by name
    entries = tuple(certificates.describe(name, found[name]) for name in sorted(found))
    return members(*([("cert", Records(entries))] if entries or appliance.quirks.empty_lists else []))


def _held(appliance: Appliance, found: dict[str, Certificate], name: str) -> str:
    """The name under which a certificate is held that a request calls so; empty if there is none."""
    if name in found or appliance.quirks.certificate_case:
        return name if name in found else ""
    # Recorded for readcert and delintermediate; guess: that adding one meets it, too
    return next((held for held in found if held.lower() == name.lower()), "")


def _read(appliance: Appliance, found: dict[str, Certificate], request: Request) -> Answer:
    name = _held(appliance, found, mandatory(request, "cert"))
    if not name:
        raise ApiError(texts.UNKNOWN_CERTIFICATE)
    form = choice("outform", request.get("outform") or "PEM", ("PEM", "DER"))
    # guess: DER in base64; only PEM is recorded
    return members(("certificate", found[name].pem if form == "PEM" else found[name].der))


def _leave_administration(appliance: Appliance, name: str) -> None:
    if appliance.configuration.admin_certificate == name:
        appliance.configuration.admin_certificate = ""
