# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of a virtual service: one row each, in the order of the appliance's answers.

The order is recorded for the fields that some public recording shows. The rest are optional texts,
absent while unset, whose position no recording gives; their rows say ``guess``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from loadmaster_emulator import texts, values
from loadmaster_emulator.errors import ApiError

#: A stored value: bool, int, str or tuple of str, as the kind of its row says.
Stored = Any


class Kind(Enum):
    """How a value is stored and spelt."""

    FLAG = "flag"
    INTEGER = "integer"
    DIGITS = "digits"
    """A number that API v2 gives as a string."""
    TEXT = "text"
    OPTIONS = "options"
    """A list of words, sent as one text with semicolons."""
    NAMES = "names"
    """A list of names of other objects, which is not sent at all."""


class Shown(Enum):
    """When an answer has the field."""

    ALWAYS = "always"
    WHEN_SET = "when set"
    NEVER = "never"


@dataclass(frozen=True)
class Field:
    """One field: its name in answers, how it is sent, and what it takes to be accepted."""

    name: str
    kind: Kind
    default: Stored
    parameter: str | None = None
    """The parameter's name in lower case; ``None`` for a field that cannot be sent."""
    convert: Callable[[str, str], Stored] | None = None
    shown: Shown = Shown.ALWAYS
    needs: str = ""
    """The name of a prerequisite in ``couplings``; without it the parameter is silently dropped."""
    only_with: str = ""
    """The name of a field without which answers leave this one out."""
    since: tuple[int, ...] = (7, 2, 53)
    on_subvs: bool = True
    """Whether a SubVS takes the parameter."""

    def taken(self, sent: Mapping[str, str]) -> Stored:
        """The value that a request has for this field, which can be sent. Raises ApiError."""
        assert self.parameter is not None and self.convert is not None, self.name
        return self.convert(self.parameter, sent[self.parameter])


# -- makers of rows ---------------------------------------------------------------------------------


def _computed(name: str, kind: Kind = Kind.INTEGER, **more: Any) -> Field:
    defaults = {Kind.FLAG: False, Kind.INTEGER: 0, Kind.DIGITS: 0, Kind.TEXT: "", Kind.NAMES: ()}
    return Field(name, kind, defaults[kind], **more)


def _flag(name: str, default: bool = False, **more: Any) -> Field:
    return Field(name, Kind.FLAG, default, name.lower(), values.flag, **more)


def _int(name: str, low: int = 0, high: int = 2**31 - 1, default: int = 0, **more: Any) -> Field:
    def convert(sent: str, text: str) -> int:
        return values.integer(sent, text, low, high)

    kind = more.pop("kind", Kind.INTEGER)
    return Field(name, kind, default, name.lower(), convert, **more)


def _one_of(name: str, numbers: tuple[int, ...], **more: Any) -> Field:
    def convert(sent: str, text: str) -> int:
        number = values.integer(sent, text)
        if number not in numbers:
            raise ApiError(texts.out_of_range(sent))
        return number

    return Field(name, Kind.INTEGER, 0, name.lower(), convert, **more)


def _text(name: str, length: int = 8099, **more: Any) -> Field:
    def convert(sent: str, text: str) -> str:
        if len(text) > length:
            raise ApiError(texts.out_of_range(sent))
        return text

    return Field(name, Kind.TEXT, "", name.lower(), convert, Shown.WHEN_SET, **more)


def _word(name: str, choices: tuple[str, ...], default: str, shown: Shown = Shown.ALWAYS, **more: Any) -> Field:
    def convert(sent: str, text: str) -> str:
        return values.choice(sent, text, choices)

    return Field(name, Kind.TEXT, default, name.lower(), convert, shown, **more)


def _address(name: str, **more: Any) -> Field:
    def convert(sent: str, text: str) -> str:
        return values.address(sent, text) if text else ""

    return Field(name, Kind.TEXT, "", name.lower(), convert, Shown.WHEN_SET, **more)


def _options(name: str, groups: tuple[tuple[str, ...], ...], default: tuple[str, ...], **more: Any) -> Field:
    def convert(sent: str, text: str) -> tuple[str, ...]:
        words = [word.strip().lower() for word in text.split(";") if word.strip()]
        if unknown := [word for word in words if not any(word in group for group in groups)]:
            raise ApiError(texts.invalid(f"{sent} {unknown[0]}"))
        return tuple(words)

    return Field(name, Kind.OPTIONS, default, name.lower(), convert, **more)


# -- conversions of single fields -------------------------------------------------------------------


# The manual allows letters, digits and . @ - _, the first one a letter or a digit. It does not name spaces, but a recorded
# listvs has services "DNS UDP" and "DNS TCP" (postman-v2-listvs-subvs-ssl), and Kemp's own templates "Exchange 2019 SMTP".
# guess: that all else is refused, and with this text
def _nickname(sent: str, text: str) -> str:
    allowed = all(c.isascii() and (c.isalnum() or c in " .@-_") for c in text)
    if text and not (allowed and text[0].isalnum()):
        raise ApiError(texts.invalid(sent))
    return text


def _idle_time(sent: str, text: str) -> int:
    return values.integer(sent, text, 0, 86400) or 660


def _error_code(sent: str, text: str) -> int:
    return values.integer(sent, text, 200, 505) if text.strip() not in ("", "0") else 0


def _check_port(sent: str, text: str) -> int:
    return values.integer(sent, text, 3, 65530) if text.strip() not in ("", "0") else 0


def _standby_port(sent: str, text: str) -> str:
    return str(values.integer(sent, text, 3, 65530)) if text.strip() not in ("", "0") else ""


def _ssl_rewrite(sent: str, text: str) -> int:
    words = {"": 0, "http": 1, "https": 2}
    if text.strip().lower() not in words:
        raise ApiError(texts.invalid(sent))
    return words[text.strip().lower()]


def _tls_type(sent: str, text: str) -> int:
    return values.integer(sent, text, 0, 30)


def _certificates(sent: str, text: str) -> str:
    names = " ".join(text.split())
    if is_certificate_id(names):
        raise ApiError(texts.invalid(sent))  # guess: that the id cannot be sent back is recorded, its text is not
    return names


def is_certificate_id(text: str) -> bool:
    """Whether the text is the id of the self-signed certificate that a service gets by itself."""
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)


def _rs_minimum(sent: str, text: str) -> int:
    number = values.integer(sent, text)
    return 0 if number == 1 else number


def _verify(sent: str, text: str) -> int:
    mask = values.integer(sent, text, 0, 7)
    return mask if mask & 1 else 0  # bits 1 and 2 mean nothing without bit 0


def _ports(sent: str, text: str) -> str:
    return values.port_list(sent, text)


# -- vocabularies -------------------------------------------------------------------------------------

VS_TYPES = ("gen", "http", "http2", "ts", "tls", "log")
CHECK_TYPES = (
    "icmp", "https", "http", "tcp", "smtp", "nntp", "ftp", "telnet", "pop3", "imap", "rdp", "bdata", "ldap", "none",
    "dns",
)  # fmt: skip
PERSISTENCE = (
    "none", "ssl", "cookie", "active-cookie", "cookie-src", "active-cook-src", "cookie-hash", "cookie-hash-src",
    "url", "query-hash", "host", "header", "super", "super-src", "src", "rdp", "rdp-src", "rdp-sb", "rdp-sb-src",
    "udpsip",
)  # fmt: skip
SCHEDULES = ("rr", "wrr", "lc", "wlc", "fixed", "adaptive", "sh", "dl", "sdn-adaptive", "uhash")

OPTION_GROUPS: tuple[tuple[str, ...], ...] = (
    ("opnormal", "opblock"),
    ("auditnone", "auditrelevant", "auditall"),
    ("reqdatadisable", "reqdataenable"),
    ("resdatadisable", "resdataenable"),
    ("jsondisable", "jsonenable"),
    ("xmldisable", "xmlenable"),
    ("othercontenttypesdisable", "othercontenttypesenable", "otherctypesdisable", "otherctypesenable"),
)
QUIET_OPTIONS = ("opnormal", "auditnone", "reqdatadisable", "resdatadisable")
AUDITED_OPTIONS = ("opnormal", "auditrelevant", "reqdatadisable", "resdatadisable")

_F54 = (7, 2, 54)
_F57 = (7, 2, 57)
_F58 = (7, 2, 58)
_F58_1 = (7, 2, 58, 1)
_F59 = (7, 2, 59)
_F60 = (7, 2, 60)

_ESP: dict[str, Any] = {"needs": "esp", "only_with": "EspEnabled"}

# -- the table ----------------------------------------------------------------------------------------

FIELDS: tuple[Field, ...] = (
    _computed("Status", Kind.TEXT),
    _computed("Index"),
    _computed("VSAddress", Kind.TEXT, shown=Shown.WHEN_SET),
    _computed("VSPort", Kind.TEXT),
    _computed("Layer"),
    Field("NickName", Kind.TEXT, "", "nickname", _nickname, Shown.WHEN_SET),
    _address("AltAddress", on_subvs=False),  # guess: position
    Field("ExtraPorts", Kind.TEXT, "", "extraports", _ports, Shown.WHEN_SET, on_subvs=False),  # guess: position
    _flag("Enable", True),
    _flag("SSLReverse"),
    _flag("SSLReencrypt", needs="ssl"),
    _int("InterceptMode", 0, 2, since=_F54),
    _flag("Intercept"),
    _options("InterceptOpts", OPTION_GROUPS, QUIET_OPTIONS),
    _int("AlertThreshold", 0, 100000),
    _computed("InterceptRules", Kind.TEXT, shown=Shown.WHEN_SET),
    _options("OwaspOpts", OPTION_GROUPS, QUIET_OPTIONS, since=_F54),
    _int("BlockingParanoia", 0, 4, since=_F54),
    _flag("IPReputationBlocking", since=_F54),
    _int("ExecutingParanoia", 0, 4, since=_F54),
    _int("AnomalyScoringThreshold", since=_F54),
    _text("RuleSets", needs="OWASP", since=_F54),
    _text("AuditParts", needs="OWASP", since=_F54),
    _int("PCRELimit", since=_F54),
    _int("JSONDLimit", since=_F57),
    _int("BodyLimit", since=_F57),
    _int("Transactionlimit"),
    _flag("Transparent", needs="layer 7"),
    _flag("SubnetOriginating", True, needs="layer 7"),
    _int("ServerInit", 0, 6, needs="layer 7"),
    _one_of("StartTLSMode", (0, 1, 2, 3, 4, 6), needs="STARTTLS type"),
    Field("Idletime", Kind.INTEGER, 660, "idletime", _idle_time),
    _flag("Cache", needs="HTTP type"),
    _int("CachePercent", 0, 100, shown=Shown.WHEN_SET, needs="cache"),  # guess: position
    _flag("Compress", needs="HTTP type"),
    Field("Verify", Kind.INTEGER, 0, "verify", _verify),
    _flag("UseforSnat"),
    _computed("ForceL4", Kind.FLAG),
    _flag("ForceL7", True, on_subvs=False),
    _flag("MultiConnect", needs="no WAF, ESP or SSL"),
    _int("ClientCert", 0, 6, needs="ssl"),
    _one_of("SecurityHeaderOptions", (0, 1, 2, 4, 6), needs="ssl"),
    _int("SameSite", 0, 4, since=_F57),
    _flag("VerifyBearer"),
    Field("ErrorCode", Kind.DIGITS, 0, "errorcode", _error_code),
    _computed("ErrorPage", Kind.FLAG, shown=Shown.WHEN_SET),
    _text("ErrorUrl"),  # guess: position
    _text("CopyHdrFrom"),  # guess: position
    _text("CopyHdrTo"),  # guess: position
    _text("ExtraHdrKey"),  # guess: position
    _text("ExtraHdrValue"),  # guess: position
    _address("DefaultGW"),  # guess: position
    _address("StandbyAddr"),  # guess: position
    Field("StandbyPort", Kind.TEXT, "", "standbyport", _standby_port, Shown.WHEN_SET),  # guess: position
    _text("LocalBindAddrs", needs="local bind"),  # guess: position
    Field("CertFile", Kind.TEXT, "", "certfile", _certificates, Shown.WHEN_SET, "ssl"),
    _text("IntermediateCerts", needs="ssl"),  # guess: position
    _flag("CheckUse1.1"),
    _int("MatchLen", 0, 8000, needs="binary check"),
    _int("CheckUseGet", 0, 3, needs="HTTP check"),
    Field("SSLRewrite", Kind.DIGITS, 0, "sslrewrite", _ssl_rewrite, needs="ssl"),
    _word("VStype", VS_TYPES, "gen"),
    _int("FollowVSID", on_subvs=False),
    _computed("Protocol", Kind.TEXT),
    _word("Schedule", SCHEDULES, "rr"),
    _computed("Adaptive", Kind.TEXT, shown=Shown.WHEN_SET),  # guess: position
    _word("CheckType", CHECK_TYPES, "tcp"),
    _word("Persist", PERSISTENCE, "", Shown.WHEN_SET),
    _int("PersistTimeout", 0, 2419200, kind=Kind.DIGITS),
    _text("Cookie"),
    _text("QueryTag"),  # guess: position, beside the cookie that the export has it beside
    _flag("SSLAcceleration", shown=Shown.WHEN_SET, on_subvs=False),
    _text("ReverseSNIHostname", 255, needs="re-encryption"),
    Field("CheckPort", Kind.DIGITS, 0, "checkport", _check_port),
    _text("CheckHost", needs="HTTP/1.1 check"),
    _text("CheckUrl", 126),
    _text("CheckCodes", needs="HTTP check"),
    _text("CheckPattern", needs="readable answer to check"),  # guess: position
    _text("CheckPostData", 2047, needs="POST check"),  # guess: position
    _text("CheckHeaders", needs="HTTP check"),  # guess: position
    _text("LdapEndpoint", needs="LDAP check"),  # guess: position
    _flag("HTTPReschedule", since=_F58_1),
    _computed("NRules"),
    _computed("MatchRules", Kind.NAMES, shown=Shown.WHEN_SET),
    _computed("NRequestRules"),
    _computed("RequestRules", Kind.NAMES, shown=Shown.WHEN_SET),
    _computed("NResponseRules"),
    _computed("ResponseRules", Kind.NAMES, shown=Shown.WHEN_SET),
    _computed("NMatchBodyRules"),
    _computed("MatchBodyRules", Kind.NAMES, shown=Shown.WHEN_SET),
    _computed("NPreProcessRules"),
    _computed("PreProcessRules", Kind.NAMES, shown=Shown.WHEN_SET),
    _flag("EspEnabled"),
    _int("EspLogs", 0, 7, default=7, **_ESP),
    _flag("DisplayPubPriv", True, **_ESP),
    _flag("DisablePasswordForm", **_ESP),
    _int("PermanentCookies", **_ESP),
    _flag("IncludeNestedGroups", **_ESP),
    _flag("MultiDomainPermittedGroups", **_ESP),
    _text("Domain", **_ESP),
    _text("AltDomains", **_ESP),  # guess: position
    _text("SingleSignOnDir", **_ESP),
    _text("Logoff", 255, **_ESP),
    _text("AddAuthHeader", 255, **_ESP),  # guess: position
    _flag("UserPwdExpiryWarn", **_ESP),
    _int("UserPwdExpiryWarnDays", 0, 30, **_ESP),
    _text("UserPwdChangeURL", **_ESP),  # guess: position
    _text("UserPwdChangeMsg", **_ESP),  # guess: position
    _flag("Captcha", **_ESP),
    _text("AllowedHosts", **_ESP),
    _text("AllowedDirectories", 254, **_ESP),
    _text("ExcludedDirectories", **_ESP),  # guess: position, as of the texts up to the next flag
    _text("SMTPAllowedDomains", **_ESP),
    _text("AllowedGroups", 2048, **_ESP),
    _text("GroupSIDs", 2048, **_ESP),
    _text("SteeringGroups", 2048, **_ESP),
    _text("TokenServerFQDN", 127, **_ESP),
    _text("ServerFbaPath", **_ESP),
    _text("ServerFbaPost", **_ESP),
    _text("OutConf", **_ESP),
    _flag("ServerFbaUsernameOnly", **_ESP),
    _one_of("InputAuthMode", (0, 1, 2, 4, 5, 6, 7, 8), needs="esp"),
    _int("OutputAuthMode", 0, 4, needs="esp"),
    _computed("MasterVS"),
    _computed("MasterVSID"),
    _text("SingleSignOnMessage", 255, **_ESP),
    _computed("IsTransparent"),
    _int("AddVia", 0, 6, needs="layer 7"),
    _one_of("QoS", (0, 1, 2, 4, 8, 16)),
    Field("TlsType", Kind.DIGITS, 3, "tlstype", _tls_type, needs="ssl"),
    _flag("NeedHostName", needs="ssl"),
    _flag("OCSPVerify", needs="ssl"),
    _flag("AllowHTTP2", needs="ssl"),
    _flag("PassCipher", needs="ssl"),
    _flag("PassSni", needs="re-encryption beforehand"),
    _int("ChkInterval", 9, 120),
    _int("ChkTimeout", 4, 60),
    _int("ChkRetryCount", 2, 15),
    _text("AdaptiveUrl", needs="adaptive", since=_F60),  # guess: position
    _int("AdaptivePort", 3, 65530, needs="adaptive", since=_F60),
    _int("AdaptiveInterval", 10, 60, needs="adaptive", since=_F60),
    _int("AdaptiveMinPercent", 0, 50, needs="adaptive", since=_F60),
    _int("Bandwidth"),
    _int("ConnsPerSecLimit", since=_F54),
    _int("RequestsPerSecLimit", since=_F54),
    _int("MaxConnsLimit", since=_F54),
    _flag("RefreshPersist", needs="persistence", since=_F54),
    # Recorded in July 2022, absent in a recording of 2023, present again later in 2023.
    _flag("ResponseStatusRemap", since=_F58),
    _int("ResponseRemapMsgFormat", 0, 1, since=_F59),
    _text("ResponseRemapCodeMap", since=_F59),  # guess: position
    _text("ResponseRemapMsgMap", since=_F59),  # guess: position
    _flag("EnhancedHealthChecks", needs="no SubVSs"),
    Field("RsMinimum", Kind.INTEGER, 0, "rsminimum", _rs_minimum, needs="enhanced checks beforehand"),
    _text("CipherSet", needs="ssl", only_with="SSLAcceleration"),
    _text("Tls13CipherSet", needs="ssl", only_with="SSLAcceleration"),  # guess: position
    _computed("NumberOfRSs"),
    # Stored, never answered.
    _flag("non_local", shown=Shown.NEVER, needs="non-local servers"),
    _flag("NonLocalSorryServer", shown=Shown.NEVER, needs="non-local servers"),
)

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
BY_PARAMETER: dict[str, Field] = {field.parameter: field for field in FIELDS if field.parameter is not None}

#: What is stored though ``modvs`` cannot send it.
_OTHERWISE_SET = ("Adaptive", "ErrorPage", "InterceptRules")
#: Fields that are stored with a service; the others are computed when it is shown.
STORED: tuple[Field, ...] = tuple(
    field for field in FIELDS if field.parameter is not None or field.name in _OTHERWISE_SET
)


def since(field: Field, release: tuple[int, ...]) -> bool:
    """Whether a firmware release has the field."""
    if field.name == "ResponseStatusRemap" and release == _F58_1:
        return False
    return release >= field.since


def merged_options(current: tuple[str, ...], changes: tuple[str, ...]) -> tuple[str, ...]:
    """The options after a change: of each group of alternatives the last word counts."""
    chosen: dict[int, str] = {}
    for word in (*current, *changes):
        chosen[next(i for i, group in enumerate(OPTION_GROUPS) if word in group)] = word
    return tuple(chosen[i] for i in sorted(chosen))
