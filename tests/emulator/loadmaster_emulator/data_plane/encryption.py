# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS: what a service presents to its clients, and how it speaks to its servers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache

from cryptography import x509

from loadmaster_emulator import ciphers, vs_fields
from loadmaster_emulator.certificates import Certificate
from loadmaster_emulator.data_plane.words import Inexpressible, described, quoted
from loadmaster_emulator.model import Configuration, VirtualService

#: The bits of TlsType, each of which switches a version off, from the oldest.
_VERSIONS = {2: "TLSv1.0", 4: "TLSv1.1", 8: "TLSv1.2", 16: "TLSv1.3"}
_SSLV3 = 1
_OLD_VERSIONS = 2 | 4
_LONGEST_CHAIN = 10

#: HAProxy's variable for the folder of the files.
FOLDER = "FILES"

Files = dict[str, str]


def own_certificates(configuration: Configuration) -> set[str]:
    """The ids of the certificates that services have of their own."""
    with_tls = [vs for vs in configuration.services if vs.settings["SSLAcceleration"]]
    return {name for vs in with_tls for name in _names(vs) if vs_fields.is_certificate_id(name)}


def bind_words(vs: VirtualService, configuration: Configuration, own: Mapping[str, str], files: Files) -> str:
    """The words of a listener that open TLS; empty for a service that does not. Adds the files they name."""
    settings = vs.settings
    if not settings["SSLAcceleration"]:
        return ""
    words = ["ssl"]
    chain = _intermediates(vs, configuration)
    for name in _names(vs):
        text = own[name] if name in own else _bundle(configuration.certificates[name], chain)
        words.append(f"crt {_added(files, text)}")
    if settings["NeedHostName"]:
        words.append("strict-sni")
    disabled = int(settings["TlsType"])
    words += _versions(disabled, described(vs))
    words.append(f"ciphers {_ciphers(vs, configuration, disabled)}")
    if settings["Tls13CipherSet"]:
        words.append(f"ciphersuites {':'.join(str(settings['Tls13CipherSet']).replace(':', ' ').split())}")
    words.append("alpn h2,http/1.1" if settings["AllowHTTP2"] else "alpn http/1.1")
    if settings["VStype"] != "http":
        words.pop()
    if settings["ClientCert"]:
        if not chain:
            raise Inexpressible(described(vs), "ClientCert without an intermediate certificate to verify by")
        words.append(f"verify required ca-file {_added(files, ''.join(entry.pem for entry in chain))}")
    return " ".join(words)


def server_words(vs: VirtualService, configuration: Configuration, files: Files) -> str:
    """The words of a server that is spoken to by TLS; empty where it is not."""
    top = vs.parent or vs
    verification = _verification(configuration, files)
    if not (top.settings["SSLAcceleration"] and top.settings["SSLReencrypt"]):
        # The health check may be the only one that speaks TLS
        return verification if vs.settings["CheckType"] == "https" else ""
    words = ["ssl", verification]
    if top.settings["ReverseSNIHostname"]:
        words.append(f"sni str({quoted(str(top.settings['ReverseSNIHostname']), described(vs))})")
    elif top.settings["PassSni"]:
        words.append("sni ssl_fc_sni")
    return " ".join(words)


def _verification(configuration: Configuration, files: Files) -> str:
    if not configuration.parameters["SSLForceServerVerify"]:
        return "verify none"
    # guess: by the intermediate certificates that are installed; without any, by what this machine trusts
    held = "".join(configuration.intermediates[name].pem for name in sorted(configuration.intermediates))
    return f"verify required ca-file {_added(files, held) if held else '@system-ca'}"


def _versions(disabled: int, where: str) -> list[str]:
    """The oldest and the newest version that is spoken."""
    spoken = [name for bit, name in _VERSIONS.items() if not disabled & bit]
    everything = list(_VERSIONS.values())
    if not disabled & _SSLV3:
        raise Inexpressible(where, f"SSLv3, which TlsType {disabled} leaves on; no OpenSSL of today has it")
    if not spoken or everything[everything.index(spoken[0]) :][: len(spoken)] != spoken:
        raise Inexpressible(where, f"TlsType {disabled}, which leaves {' and '.join(spoken) or 'nothing'} on")
    return [f"ssl-min-ver {spoken[0]}", f"ssl-max-ver {spoken[-1]}"]


def _names(vs: VirtualService) -> list[str]:
    return str(vs.settings["CertFile"]).split()


def _intermediates(vs: VirtualService, configuration: Configuration) -> list[Certificate]:
    """The intermediate certificates of a service: those it names, or all."""
    named = [name for name in str(vs.settings["IntermediateCerts"]).split("+") if name]
    held = configuration.intermediates
    return [held[name] for name in (named or sorted(held)) if name in held]


def _bundle(leaf: Certificate, intermediates: list[Certificate]) -> str:
    """A certificate, its key, and those of the intermediates that lead up from it."""
    chain: list[Certificate] = []
    last = leaf
    while len(chain) < _LONGEST_CHAIN:
        subject, issuer = _parties(last.der)
        above = next(
            (entry for entry in intermediates if _parties(entry.der)[0] == issuer and entry not in chain), None
        )
        if subject == issuer or above is None:
            break
        chain.append(above)
        last = above
    return "".join((leaf.pem, leaf.key, *(entry.pem for entry in chain)))


@lru_cache(maxsize=256)
def _parties(der: str) -> tuple[x509.Name, x509.Name]:
    certificate = x509.load_der_x509_certificate(base64.b64decode(der))
    return certificate.subject, certificate.issuer


def _ciphers(vs: VirtualService, configuration: Configuration, disabled: int) -> str:
    name = str(vs.settings["CipherSet"]) or "Default"
    found = ciphers.BUILT_IN.get(name) or configuration.cipher_sets[name]
    # Today's OpenSSL speaks the old versions only with a lower security level
    return found + (":@SECLEVEL=0" if disabled & _OLD_VERSIONS != _OLD_VERSIONS else "")


def _added(files: Files, text: str) -> str:
    """Add a file, whose name changes with what is in it; where HAProxy finds it."""
    name = f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.pem"
    files[name] = text
    return f'"${{{FOLDER}}}/{name}"'
