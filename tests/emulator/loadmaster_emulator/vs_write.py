# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing to a virtual service: what is stored, what is dropped, what changes along."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from loadmaster_emulator import ciphers, texts, values, vs_fields
from loadmaster_emulator.couplings import NEEDS, Situation
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.model import Configuration, VirtualService
from loadmaster_emulator.quirks import Quirks
from loadmaster_emulator.vs_fields import AUDITED_OPTIONS, BY_PARAMETER, Field, Stored

#: Type and check of a new service by port. Recorded: 53, 80, 8080, 20001, and the check of 443.
_BY_PORT: dict[tuple[str, str], tuple[str, str]] = {
    ("tcp", "53"): ("gen", "tcp"),
    ("udp", "53"): ("gen", "dns"),
    ("tcp", "80"): ("http", "http"),
    ("tcp", "8080"): ("http", "tcp"),
    # pmv2-listvs-ssl-esp-rules.json has one of the type http, with the options of one that was created as http
    ("tcp", "443"): ("http", "https"),
    ("tcp", "21"): ("gen", "ftp"),  # guess: this row and all below
    ("tcp", "23"): ("gen", "telnet"),
    ("tcp", "25"): ("gen", "smtp"),
    ("tcp", "110"): ("gen", "pop3"),
    ("tcp", "119"): ("gen", "nntp"),
    ("tcp", "143"): ("gen", "imap"),
    ("tcp", "389"): ("gen", "ldap"),
    ("tcp", "3389"): ("ts", "rdp"),
}
_OTHERWISE = {"tcp": ("gen", "tcp"), "udp": ("gen", "icmp")}  # guess: udp

#: What switching the OWASP WAF on sets next to it: recorded on 7 August 2024, and on 1 August 2022.
_OWASP: dict[str, Stored] = {
    "BlockingParanoia": 1,
    "ExecutingParanoia": 1,
    "AnomalyScoringThreshold": 100,
    "RuleSets": "911,913,920,921,922,930,931,932,933,934,941,942,943,944,950,951,952,953,954,980",
    "AuditParts": "BEFH",
    "PCRELimit": 10000,
    "JSONDLimit": 10000,
    "BodyLimit": 1048576,
}
_OWASP_BEFORE_7_2_60: dict[str, Stored] = {
    **_OWASP,
    "RuleSets": "911,913,920,921,930,931,932,933,934,941,942,943,944,950,951,952,953,954,980",
    "PCRELimit": 3000,
}

_SCHEDULE_AGENTS = {"adaptive": "http_rs", "sdn-adaptive": "sdn_gstats"}
_RESET_BY_TYPE = ("AddVia", "Cache")
_NEED_A_COOKIE = ("cookie", "cook", "header")


def set_fresh_values(vs: VirtualService, quirks: Quirks) -> None:
    """Give a new service the values that follow from its port and protocol."""
    vs_type, check = _BY_PORT.get((vs.protocol, vs.port), _OTHERWISE[vs.protocol])
    vs.settings["VStype"] = vs_type
    vs.settings["CheckType"] = check
    if vs_type == "http":
        vs.settings["InterceptOpts"] = AUDITED_OPTIONS
        if quirks.http_transparent:
            vs.settings["Transparent"], vs.settings["SubnetOriginating"] = True, False
    if vs.protocol == "udp" and not quirks.udp_at_layer_7:
        # guess: documented as "transparent (force L4)"; no fresh UDP service is recorded
        vs.settings["ForceL7"] = False


def apply(
    configuration: Configuration,
    vs: VirtualService,
    sent: Mapping[str, str],
    release: tuple[int, ...],
    quirks: Quirks,
) -> None:
    """Apply the parameters of one request to a service, all or (after an error) none.

    The appliance has its own order for them, whatever the order they were sent in.
    """
    if "forcel4" in sent and "forcel7" not in sent:
        # Not documented, and found to work by a client's tests against a real appliance, in both APIs.
        sent = {**sent, "forcel7": "0" if values.flag("forcel4", sent["forcel4"]) else "1"}
    fields = _known_fields(vs, sent, release)
    if vs.is_subvs and "enable" in sent:
        raise ApiError(texts.NO_ENABLE_ON_SUBVS)
    before = dict(vs.settings)
    after = dict(vs.settings)
    situation = Situation(vs, before, after, configuration.parameters)
    converted = {field: field.taken(sent) for field in fields}
    for field in sorted(converted, key=lambda row: NEEDS[row.needs].rank):
        if NEEDS[field.needs].met(situation):
            _store(after, field, converted[field], sent, quirks)
    if after["InterceptMode"] != before["InterceptMode"]:
        _firewall_switched(before, after, release)
    _check_certificates(configuration, before, after)
    _persistence(after, sent, quirks)
    _check_limits(configuration, vs, after, sent)
    _cipher_sets(configuration, vs, after, sent)
    if after["VStype"] != before["VStype"]:
        _type_changed(after)
    _ssl_switched(vs, before, after)
    if after["VStype"] != before["VStype"]:
        vs.rules["MatchBodyRules"].clear()
    vs.settings.update(after)


def _known_fields(vs: VirtualService, sent: Mapping[str, str], release: tuple[int, ...]) -> list[Field]:
    return [
        field
        for field in (BY_PARAMETER.get(name) for name in sent)
        if field is not None
        and vs_fields.since(field, release)
        and (field.on_subvs or not vs.is_subvs)
        and not (vs.is_subvs and field.needs in ("ssl", "HTTP type", "cache"))  # they belong to the parent
        and not (field.name == "Persist" and not sent["persist"].strip())
    ]


def _store(after: dict[str, Stored], field: Field, value: Stored, sent: Mapping[str, str], quirks: Quirks) -> None:
    """Store one value whose prerequisite is met."""
    if field.name == "Schedule":
        after["Adaptive"] = _SCHEDULE_AGENTS.get(str(value), "")
        if not after["Adaptive"] or quirks.adaptive_in_schedule:
            after["Schedule"] = value
    elif field.name in ("InterceptOpts", "OwaspOpts"):
        after[field.name] = vs_fields.merged_options(after[field.name], value)
    elif field.name == "ForceL7":
        vs_type = sent.get("vstype", after["VStype"]).strip().lower()
        if value or vs_type == "gen":  # every other type is always at layer 7
            after["ForceL7"] = value
    elif field.name in ("StandbyAddr", "StandbyPort"):
        other = "standbyport" if field.name == "StandbyAddr" else "standbyaddr"
        stored = "StandbyPort" if field.name == "StandbyAddr" else "StandbyAddr"
        if not value or sent.get(other) or after[stored]:
            after[field.name] = value
    elif field.name == "Tls13CipherSet":
        after[field.name] = value or after[field.name]  # it cannot be emptied; guess: nothing is said about it
    elif field.name not in ("Persist", "PersistTimeout"):
        after[field.name] = value
    if field.name == "Intercept":
        after["InterceptMode"] = (int(after["InterceptMode"]) or 1) if value else 0  # guess: the two go together
    elif field.name == "InterceptMode":
        after["Intercept"] = value == 1  # recorded: N beside 2, Y beside 1


def _firewall_switched(before: Mapping[str, Stored], after: dict[str, Stored], release: tuple[int, ...]) -> None:
    """The web application firewall goes on or off: its settings come and go with it."""
    if before["InterceptMode"] and after["InterceptMode"]:
        # Documented: from one to the other only by way of 0. guess: the request is dropped without a word
        after["InterceptMode"], after["Intercept"] = before["InterceptMode"], before["Intercept"]
    elif after["InterceptMode"] == 2:
        first = _OWASP if release >= (7, 2, 60) else _OWASP_BEFORE_7_2_60
        after.update({name: value for name, value in first.items() if after[name] == vs_fields.BY_NAME[name].default})
    elif not after["InterceptMode"]:
        # guess: they go back to what a service shows that never had it on
        after.update({name: vs_fields.BY_NAME[name].default for name in (*_OWASP, "InterceptRules")})


def _persistence(after: dict[str, Stored], sent: Mapping[str, str], quirks: Quirks) -> None:
    """The interplay of mode and timeout."""
    if "persist" in sent:
        mode = sent["persist"].strip().lower()
        if mode in ("", "none"):
            after["Persist"], after["PersistTimeout"] = "", 0
        elif _has_its_tag(mode, sent):
            # Recorded for a service without persistence, and for one whose time-out was 360
            keeps = not (quirks.persist_restarts and after["Persist"] != mode)
            after["PersistTimeout"] = (keeps and after["PersistTimeout"]) or 360
            after["Persist"] = mode
    if "persisttimeout" in sent:
        minutes = values.integer("persisttimeout", sent["persisttimeout"], 0, 2419200) // 60
        after["PersistTimeout"] = minutes * 60
        if not minutes:
            after["Persist"] = ""
        elif not after["Persist"]:
            after["Persist"] = "src"
    if not after["Persist"] and "RefreshPersist" in after:
        after["RefreshPersist"] = False  # guess: nothing is left to refresh


def _has_its_tag(mode: str, sent: Mapping[str, str]) -> bool:
    """Whether the request brings the name that the mode looks for."""
    if mode == "query-hash":
        return bool(sent.get("querytag") or sent.get("cookie"))  # the manual says cookie, clients send querytag
    if any(word in mode for word in _NEED_A_COOKIE):
        return bool(sent.get("cookie"))
    return True


def _cipher_sets(
    configuration: Configuration, vs: VirtualService, after: dict[str, Stored], sent: Mapping[str, str]
) -> None:
    if not after["SSLAcceleration"] or vs.is_subvs:
        return
    name = sent.get("cipherset", "")
    if name and name not in ciphers.BUILT_IN and name not in configuration.cipher_sets:
        raise ApiError(texts.UNKNOWN_CIPHER_SET)
    if sent.get("ciphers") and not name:
        own = f"Custom_{vs.index}"
        configuration.cipher_sets[own] = ciphers.checked(sent["ciphers"])  # guess: that it is checked
        after["CipherSet"] = own
    after["CipherSet"] = after["CipherSet"] or "Default"


def _check_certificates(
    configuration: Configuration, before: Mapping[str, Stored], after: Mapping[str, Stored]
) -> None:
    if after["CertFile"] != before["CertFile"]:
        for name in str(after["CertFile"]).split():
            if name not in configuration.certificates:
                raise ApiError(texts.UNKNOWN_CERTIFICATE)  # guess: status and text


def _check_limits(
    configuration: Configuration, vs: VirtualService, after: dict[str, Stored], sent: Mapping[str, str]
) -> None:
    """Ranges that depend on the rest of the configuration."""
    if "rsminimum" in sent and int(after["RsMinimum"]) > len(vs.servers):
        raise ApiError(texts.out_of_range("rsminimum"))
    if "tlstype" in sent and configuration.parameters.get("SSLOldLibraryVersion") and int(after["TlsType"]) > 14:
        raise ApiError(texts.out_of_range("tlstype"))


def _type_changed(after: dict[str, Stored]) -> None:
    """A new type resets settings of the old one, even those sent next to it."""
    for name in _RESET_BY_TYPE:
        after[name] = vs_fields.BY_NAME[name].default
    if after["VStype"] != "gen":
        after["ForceL7"] = True


def _ssl_switched(vs: VirtualService, before: Mapping[str, Stored], after: dict[str, Stored]) -> None:
    """Without certificates an SSL service makes its own; without SSL it has none."""
    if not after["SSLAcceleration"]:
        after["CertFile"] = ""
    elif not after["CertFile"]:
        after["CertFile"] = hashlib.md5(vs.key.encode(), usedforsecurity=False).hexdigest()
    if after["SSLAcceleration"] and not before["SSLAcceleration"]:
        after["MultiConnect"] = False  # guess: the two exclude each other; which one yields is not recorded
