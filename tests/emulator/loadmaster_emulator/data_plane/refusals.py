# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a service has no counterpart in the data plane, so that nothing is passed over in silence."""

from __future__ import annotations

from loadmaster_emulator.data_plane.words import Inexpressible, described
from loadmaster_emulator.model import VirtualService
from loadmaster_emulator.vs_fields import STORED

#: Settings that are expressed.
_EXPRESSED = frozenset(
    "Enable VStype ForceL7 Transparent SubnetOriginating ServerInit Idletime ErrorCode ErrorUrl StandbyAddr StandbyPort "
    "CopyHdrFrom CopyHdrTo ExtraHdrKey ExtraHdrValue AltAddress MultiConnect Schedule AddVia MaxConnsLimit "
    "ConnsPerSecLimit RequestsPerSecLimit EnhancedHealthChecks RsMinimum "
    "CheckType CheckUrl CheckPort CheckUse1.1 CheckHost CheckUseGet CheckCodes CheckPattern CheckPostData CheckHeaders "
    "MatchLen ChkInterval ChkTimeout ChkRetryCount "
    "SSLAcceleration SSLReencrypt CertFile IntermediateCerts CipherSet Tls13CipherSet TlsType ClientCert SSLRewrite "
    "NeedHostName AllowHTTP2 PassSni ReverseSNIHostname".split()
)
#: Of these, those that are expressed for services of the type http only.
_ONLY_HTTP = frozenset(
    "ErrorCode ErrorUrl CopyHdrFrom CopyHdrTo ExtraHdrKey ExtraHdrValue MultiConnect RequestsPerSecLimit SSLRewrite "
    "AllowHTTP2".split()
)
#: And those that are expressed for others only, whose servers may speak first.
_ONLY_OTHERS = frozenset(("ServerInit",))
#: Those that are expressed for services only: a SubVS takes them, too, but its connections are those of its parent.
_ONLY_SERVICES = frozenset("MaxConnsLimit ConnsPerSecLimit RequestsPerSecLimit".split())
#: Settings that no request or connection notices.
_UNNOTICED = frozenset(
    "NickName AlertThreshold Transactionlimit UseforSnat non_local NonLocalSorryServer ResponseRemapMsgFormat "
    "ResponseRemapCodeMap ResponseRemapMsgMap".split()
)
#: Settings that matter only while another one, which is refused, is on.
_ONLY_WITH = {
    "Intercept or InterceptMode": "InterceptOpts OwaspOpts BlockingParanoia IPReputationBlocking ExecutingParanoia "
    "AnomalyScoringThreshold PCRELimit JSONDLimit BodyLimit RuleSets AuditParts InterceptRules",
    "Cache": "CachePercent",
    "Persist": "PersistTimeout Cookie QueryTag RefreshPersist",
    "Adaptive": "AdaptiveInterval AdaptiveUrl AdaptivePort AdaptiveMinPercent",
    "EspEnabled": "EspLogs DisplayPubPriv DisablePasswordForm PermanentCookies IncludeNestedGroups "
    "MultiDomainPermittedGroups UserPwdExpiryWarn UserPwdExpiryWarnDays Captcha ServerFbaUsernameOnly "
    "AllowedHosts AllowedDirectories ExcludedDirectories Domain AltDomains Logoff AddAuthHeader "
    "SMTPAllowedDomains SingleSignOnDir SingleSignOnMessage AllowedGroups GroupSIDs SteeringGroups "
    "TokenServerFQDN ServerFbaPath ServerFbaPost OutConf UserPwdChangeURL UserPwdChangeMsg InputAuthMode "
    "OutputAuthMode SameSite",
    "LDAP check": "LdapEndpoint",
}
_HARMLESS = frozenset(name for names in _ONLY_WITH.values() for name in names.split())
#: Settings of TLS that wait while there is none.
_ONLY_WITH_TLS = frozenset(("PassCipher", "SecurityHeaderOptions", "OCSPVerify"))
_TYPES = ("gen", "http")
_BALANCE = {
    "rr": "roundrobin",
    "wrr": "roundrobin",
    "lc": "leastconn",
    "wlc": "leastconn",
    "fixed": "first",
    "sh": "source",
    "uhash": "uri",
}
_WITHOUT_WEIGHTS = ("rr", "lc", "fixed", "sh", "uhash")


def check(vs: VirtualService) -> None:
    """Refuse a service with a setting that would have no effect here."""
    where = described(vs)
    if vs.protocol != "tcp":
        raise Inexpressible(where, "UDP")
    if vs.settings["VStype"] not in _TYPES:
        raise Inexpressible(where, f"the type {vs.settings['VStype']}")
    if vs.layer == 4 and vs.settings["SSLAcceleration"]:
        raise Inexpressible(where, "SSLAcceleration at layer 4, which a LoadMaster does not have either")
    for row in STORED:
        value = vs.settings[row.name]
        if value != row.default and (kind := _not_expressed_for(row.name, vs)):
            raise Inexpressible(where, f"{row.name} {value} for {kind}")
        if row.name in _EXPRESSED or row.name in _UNNOTICED or row.name in _HARMLESS or value == row.default:
            continue
        if row.name == "InterceptMode" and vs.settings["Intercept"]:
            continue  # Intercept itself is refused
        if row.name in _ONLY_WITH_TLS and not vs.settings["SSLAcceleration"]:
            continue
        raise Inexpressible(where, f"{row.name} {value}")
    if int(vs.settings["ClientCert"]) > 1 and vs.settings["SSLAcceleration"]:
        raise Inexpressible(where, f"ClientCert {vs.settings['ClientCert']}, which passes on what the client showed")
    for entry in vs.servers:
        what = f"{entry.address}:{entry.port}"
        if entry.rate_limit or entry.follow:
            raise Inexpressible(f"server {what} of {where}", "RateLimit" if entry.rate_limit else "Follow")
        if entry.forward == "route" and vs.layer == 4:
            raise Inexpressible(f"server {what} of {where}", "direct return, the forwarding method route")
    for slot in vs.slots:
        if slot.rate_limit or slot.follow or slot.limit:
            raise Inexpressible(described(slot.service), "a limit of the SubVS within its parent, or Follow")
    if not any(slot.rules for slot in vs.slots) and len({slot.weight for slot in vs.slots if slot.enable}) > 1:
        raise Inexpressible(where, "different weights of SubVSs without rules")


def _not_expressed_for(name: str, vs: VirtualService) -> str:
    """What kind of service a setting is not expressed for, if this is one; empty otherwise."""
    if name in _ONLY_SERVICES and vs.is_subvs:
        return "a SubVS"
    if name in _ONLY_HTTP and vs.settings["VStype"] != "http":
        return "what is not of the type http"
    if name in _ONLY_OTHERS and vs.settings["VStype"] == "http":
        return "the type http"
    return ""


def balance(vs: VirtualService) -> str:
    """The method of choosing a server."""
    schedule = str(vs.settings["Schedule"])
    if schedule not in _BALANCE:
        raise Inexpressible(described(vs), f"the scheduling method {schedule}")
    return _BALANCE[schedule]


def has_weights(vs: VirtualService) -> bool:
    """Whether the weights of servers count."""
    return str(vs.settings["Schedule"]) not in _WITHOUT_WEIGHTS
