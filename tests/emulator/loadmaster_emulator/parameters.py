# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of ``get``, ``set`` and ``getall``: one row each, in the order of ``getall``.

The order is recorded for what the recordings list. Of the parameters that are absent while unset,
some positions are known from older printed tables; the others are guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from loadmaster_emulator import texts, values
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.profiles import Profile
from loadmaster_emulator.vs_fields import Stored


class Form(Enum):
    """How a parameter is spelt in answers."""

    FLAG = "yes/no"
    NUMBER = "number"
    DIGITS = "number that API v2 gives as a string"
    TEXT = "text"
    COMMA = "comma-separated list"
    SECRET = "masked"
    LIVE = "made up when asked for; read-only unless it can be converted"


@dataclass(frozen=True)
class Parameter:
    """One parameter: its canonical name, how it is spelt, what it accepts."""

    name: str
    form: Form
    default: Stored = ""
    convert: Callable[[str, str], Stored] | None = None
    since: tuple[int, ...] = (7, 2, 53)
    until: tuple[int, ...] = (9,)
    """The last release whose ``getall`` has it; ``get`` knows it later, too (pmv1-get-directoryurl.xml)."""
    listed: bool = True
    """Whether ``getall`` has it at all."""
    old_default: Stored | None = None
    """The default up to 7.2.54 where it was another one."""

    def at_firmware(self, release: tuple[int, ...]) -> bool:
        """Whether a firmware release has the parameter."""
        return self.since <= release

    def listed_by(self, release: tuple[int, ...]) -> bool:
        """Whether ``getall`` of a firmware release has the parameter."""
        return self.listed and self.since <= release <= self.until

    def default_of(self, release: tuple[int, ...]) -> Stored:
        """The value of a new appliance of a firmware release."""
        return self.old_default if self.old_default is not None and release <= (7, 2, 54) else self.default


# -- makers of rows ---------------------------------------------------------------------------------


def _flag(name: str, default: bool = False, **more: Any) -> Parameter:
    return Parameter(name, Form.FLAG, default, values.flag, **more)


def _number(
    name: str, default: int = 0, low: int = 0, high: int = 2**31 - 1, also: tuple[int, ...] = (), **more: Any
) -> Parameter:
    def convert(sent: str, text: str) -> int:
        number = values.integer(sent, text)
        if number not in also and not low <= number <= high:
            raise ApiError(texts.out_of_range(sent))
        return number

    form = more.pop("form", Form.NUMBER)
    return Parameter(name, form, default, convert, **more)


def _text(name: str, default: str = "", length: int = 5000, **more: Any) -> Parameter:
    def convert(sent: str, text: str) -> str:
        if len(text) > length:
            raise ApiError(texts.out_of_range(sent))
        return text

    return Parameter(name, Form.TEXT, default, convert, **more)


def _word(name: str, choices: tuple[str, ...], default: str = "", **more: Any) -> Parameter:
    def convert(sent: str, text: str) -> str:
        return values.choice(sent, text, choices)

    return Parameter(name, Form.TEXT, default, convert, **more)


def _address(name: str, default: str = "", **more: Any) -> Parameter:
    def convert(sent: str, text: str) -> str:
        return values.address(sent, text) if text.strip() else ""

    return Parameter(name, Form.TEXT, default, convert, **more)


def _hosts(name: str, only_addresses: bool = False, **more: Any) -> Parameter:
    def convert(sent: str, text: str) -> tuple[str, ...]:
        hosts = tuple(host.strip() for host in text.split(",") if host.strip())
        for host in hosts:
            if not (values.is_address(host) or (not only_addresses and values.is_host_name(host))):
                raise ApiError(texts.invalid(sent))
        return hosts

    return Parameter(name, Form.COMMA, (), convert, **more)


def _secret(name: str, **more: Any) -> Parameter:
    return Parameter(name, Form.SECRET, "", lambda sent, text: text, **more)


def _live(name: str) -> Parameter:
    return Parameter(name, Form.LIVE)


# -- conversions of single parameters ---------------------------------------------------------------


def _connection_timeout(sent: str, text: str) -> int:
    number = values.integer(sent, text, 0, 86400)
    if 0 < number < 60:
        raise ApiError(texts.out_of_range(sent))
    return number or 660


def _always_persist(sent: str, text: str) -> int:
    words = {"no": 0, "n": 0, "yes": 1, "y": 1}
    return words[text.strip().lower()] if text.strip().lower() in words else values.integer(sent, text, 0, 2)


def _ciphers(sent: str, text: str) -> str:
    return " ".join(re.split(r"[ ,]+", text.strip())) if text.strip() else _TLS13


def _port_or_unset(sent: str, text: str) -> int:
    return values.integer(sent, text, 3, 65535) if text.strip() else 443


def _host_name(sent: str, text: str) -> str:
    if not values.is_host_name(text.strip()):
        raise ApiError(texts.invalid(sent))
    return text.strip()


def _object(sent: str, text: str) -> str:
    return text.strip()  # whether there is a certificate or cipher set of that name is for the command to say


_TLS13 = "TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_GCM_SHA256"
_SESSION_MODES = (7, 22, 23, 262, 263, 278, 279, 772, 773, 774, 775, 788, 789, 790, 791)
_HIGH = 2**31 - 1
_F54 = (7, 2, 54)
_F58 = (7, 2, 58)
_F60 = (7, 2, 60)
_F63 = (7, 2, 63)

# -- the table ----------------------------------------------------------------------------------------

PARAMETERS: tuple[Parameter, ...] = (
    _address("dfltgw", "192.0.2.1"),
    _address("dfltgwv6"),
    _address("admingw"),
    _flag("snat", True),
    _number("hatimeout", 1, 1, 5, listed=False),
    _number("hawait", 0, 0, 200, listed=False),
    _number("haprefered", 0, 0, 2, listed=False),
    _number("hamode", 0, 0, 2),
    _number("havhid", 1, 1, 255, listed=False),
    _flag("hastyle", listed=False),
    _flag("hainitial", listed=False),
    _flag("sshaccess", True),
    _number("sshport", 22, 3, 65530),
    _flag("wuiaccess", True),
    _number("wuiiface", 0, form=Form.DIGITS),
    _number("wuiport", 443, 3, 65535),
    Parameter("apiport", Form.NUMBER, 443, _port_or_unset),
    _text("sshiface", "all"),
    _flag("hoverhelp", True),
    _flag("routefilter"),
    _flag("transparent"),
    Parameter("alwayspersist", Form.NUMBER, 0, _always_persist, listed=False),
    _number("expect100", 2, 0, 2),
    _flag("localbind"),
    _flag("addcookieport"),
    _flag("subnetoriginating"),
    _flag("nonlocalrs", True),
    _flag("multigw"),
    _number("addforwardheader", 1, 0, 2),
    Parameter("conntimeout", Form.NUMBER, 660, _connection_timeout),
    _number("authtimeout", 30, 30, 300),
    _number("authpostwait", 2000, 1, 2000),
    _number("clienttokentimeout", 120, 60, 300),
    _number("finalpersist", 300, 60, 86400, also=(0,)),
    _flag("tcptimestamp"),
    _number("paranoia", 1, 0, 3),
    _number("cachesize", 100, 1, 409),
    _flag("hostcache"),
    _flag("resetclose"),
    _flag("rfcconform", True),
    _flag("keepalive", True),
    _number("backupday", 0, 0, 7),
    _flag("backupenable"),
    _text("backuphost"),
    _number("backuphour", 0, 0, 23),
    _number("backupminute", 0, 0, 59),
    _secret("backuppassword"),
    _text("backuppath"),
    _text("backupuser"),
    _flag("backuptop"),
    _flag("backupnetstat", True),
    _flag("backupsecure", True),
    _word("backupmethod", ("wput", "scp", "sftp"), "wput"),
    _secret("backupident"),
    _flag("enableapi", True),
    _text("emailuser"),
    _text("emaildomain"),
    _secret("emailpassword"),
    _text("emailserver"),
    _number("emailsslmode", 0, 0, 3),
    _number("emailport", 25, 0, 65535),
    _text("emailcritical"),
    _text("emailemergency"),
    _text("emailerror"),
    _text("emailinfo"),
    _text("emailnotice"),
    _text("emailwarn"),
    _flag("addvia"),
    _flag("loguseragent"),
    _flag("allowupload"),
    _flag("dropatdrainend"),
    _flag("droponfail"),
    _flag("closeonerror"),
    _flag("rsarelocal"),
    _number("slowstart", 0, 0, 600),
    _flag("subnetorigin"),
    _hosts("syslogcritical"),
    _hosts("syslogemergency"),
    _hosts("syslogerror"),
    _hosts("sysloginfo"),
    _hosts("syslognotice"),  # guess: position
    _hosts("syslogwarn"),  # guess: position
    _flag("dnssecclient"),
    _flag("emailenable"),
    _flag("irqbalance"),
    _flag("snmpenable"),
    _text("snmpclient"),  # guess: position, as of the SNMP texts below
    _text("snmpcommunity"),
    _text("snmpcontact"),
    _text("snmplocation"),
    _flag("snmpV3enable"),
    _text("snmpv3user"),
    _secret("snmpv3userpasswd"),
    _flag("snmpV3Privenable", since=_F60),
    _secret("snmpv3privpasswd", since=_F60),
    _word("snmpAuthProt", ("MD5", "SHA")),
    _word("snmpPrivProt", ("DES", "AES"), since=_F60),
    _flag("snmpHaTrap"),
    _flag("snmptrapenable"),
    _text("snmpv1sink"),
    _text("snmpv2sink"),
    _text("motd"),  # guess: position
    _number("wuidisplaylines", 0, 10, 100),
    _flag("linearesplogs"),
    _number("ssomaxthreads", 128),
    _flag("onlydefaultroutes"),
    _number("sessionauthmode", 0, 1, 0, also=_SESSION_MODES),
    _number("sessionidletime", 0, 60, 86400),
    _number("sessionmaxfailattempts", 0, 1, 999),
    _flag("sessioncontrol", True),
    _flag("sessionbasicauth"),
    _number("sessionconcurrent", 0, 0, 9),
    _number("adminclientaccess", 0, 0, 3),
    _flag("sessionlocalauth"),
    _text("ntphost"),
    _word("ntpkeytype", ("SHA1", "SHA", "M")),  # guess: position
    _number("ntpkeyid", 0, 1, 99),
    _secret("ntpkeysecret"),
    _text("timezone"),  # guess: position
    _number("netconsoleinterface", 0, form=Form.DIGITS),
    _hosts("nameserver", True),
    _text("searchlist"),  # guess: position
    _number("radiusbackupport", 0, 3, 65535),
    _secret("radiusbackupsecret"),
    _number("radiusport", 0, 3, 65535),
    _secret("radiussecret"),
    _address("radiusserver"),  # guess: position
    _number("radiusrevalidateinterval", 60, 10, 86400),
    _flag("radiussendnasid"),
    _flag("radiussendvendorspec"),
    _text("wuildapep"),  # guess: position
    _text("wuidomain"),  # guess: position
    _text("wuiusergroups"),  # guess: position
    _number("wuicertmapping"),
    _flag("wuinestedgroups"),
    _flag("wuiservercertval"),
    _number("samlidpprov", 0, since=_F60, until=_F60),
    _flag("samlidpmatchcert", since=_F60, until=_F60),
    Parameter("hostname", Form.TEXT, "lb100", _host_name),
    Parameter("admincert", Form.LIVE, "", _object),
    _live("localcert"),
    _live("time"),
    _live("boottime"),
    _live("activetime"),
    _live("serialnumber"),
    _live("version"),
    _flag("Tethering", True),
    _flag("multihomedwui"),
    _text("http_proxy"),  # guess: position
    _number("logsplitinterval", 10, 1, 100),
    _flag("allowemptyposts"),
    _number("WUITLSProtocols", 0, 0, 30),
    Parameter("WUITLS13Ciphersets", Form.TEXT, _TLS13, _ciphers, since=_F60),
    Parameter("wuicipherset", Form.TEXT, "", _object),  # guess: position
    Parameter("outboundcipherset", Form.TEXT, "", _object),  # guess: position
    _text("WUICACertList"),  # guess: position
    _flag("AllowEmptyHttpHeaders"),
    _flag("ShareSubVSPersist"),
    _flag("DNSNamesEnable", True),
    _number("DNSUpdateInterval", 60, 1, 60),
    _flag("DNSReloadOnError"),
    _flag("ForceFullRSMatch"),
    _number("SyslogPort", 514, 3, 65535),
    _text("SyslogPrefix", length=80, since=_F63),
    _word("SyslogProt", ("udp", "tcp", "tls"), "udp"),
    _flag("SyslogCert"),
    _flag("TCPnorecycle"),
    _number("SecurityHeaderAge", 31536000, 0, _HIGH, old_default=0),
    _text("SSHPreAuth"),  # guess: position
    _text("WUIPreAuth"),  # guess: position
    _flag("extendedperms"),
    _flag("tcpsack"),
    _flag("autosave", True),
    _flag("CEFmsgFormat"),
    _number("MinPassword", 8, 8, 16),
    _flag("EnableIsetupCli", True),
    _flag("SSLOldLibraryVersion"),
    _flag("irqpinning"),
    _flag("IPV6forwarding", True),
    _flag("KcdCipherSha1"),
    _flag("dhcpv6"),
    _flag("dhcpv6release"),
    _text("dhcpv6duid", "LLT"),
    _number("L4SyncThreshold", 3),
    _number("L4SyncPeriod", 50),
    _number("L4SyncRefreshPeriod"),
    _flag("L7NTLMProxy", True),
    _number("L7SameSite", 0, 0, 3, since=_F60),
    _flag("AllowNoLocalUserClientCert"),
    _hosts("geoclients"),  # guess: position
    _hosts("geopartners"),  # guess: position
    _number("geosshport", 22, 3, 65530),
    _number("geo_ssh_iface", 0, form=Form.DIGITS),
    _number("ClientCPSLimit"),
    _number("ClientRPSLimit"),
    _number("ClientMaxConnsLimit"),
    _number("ClientMaxBandwidthLimit"),
    _number("MaxCPSLimit"),
    _number("MaxRPSLimit"),
    _number("MaxConnsLimit"),
    _number("MaxBandwidthLimit"),
    _number("SendRateLimitError", 0, 0, 2),
    _flag("RateLimitFail"),
    _flag("LimitLogging"),
    _number("ClientRepeatDelay", 60, 10, 86400),
    _number("L7LimitInput"),
    _address("OCSPServer"),  # guess: position
    _text("OCSPUrl"),  # guess: position
    _number("OCSPPort", 0, 0, 65535, since=_F60),
    _flag("OCSPcertChecking"),
    _flag("OCSPUseSSL"),
    _flag("OCSPOnServerFail"),
    _flag("SSLForceServerVerify"),
    _flag("SSLStapling"),
    _number("SSLRefreshInterval", 3600, 3600, 86400),
    _flag("SSLDisableMasterSecret"),
    _flag("sslrenegotiate"),
    _number("sslclienterrors"),
    _number("ECCerts", 0, 0, 2),
    _number("dhkeysize", 2048, 1, 0, also=(512, 1024, 2048, 4096)),
    _text("directoryurl", "https://acme-v02.api.letsencrypt.org/directory", until=_F54),
    _number("renewperiod", 30, 1, 60, until=_F54),
    _number("acmetype", 0, 0, 2, since=_F60),
    _number("TelemetryActiveTimeout", 60),
    _number("TelemetryInActiveTimeout", 10),
    _text("TelemetryServer"),  # guess: position
    _flag("TelemetryOptArp", True),
    _flag("TelemetryOptDhcp", True),
    _flag("TelemetryOptDns", True),
    _flag("TelemetryOptHttp", True),
    _flag("TelemetryOptMail", True),
    _flag("TelemetryOptNbar2", True),
    _flag("TelemetryOptSamba", True),
    _flag("TelemetryOptExtendedVoip", True),
    _flag("TelemetryOptPostgres", True),
    _flag("TelemetryOptMySql", True),
    _flag("TelemetryOptNpm", True),
    _flag("TelemetryOptExtendedNpm", True),
    _flag("TelemetryOptTds", True),
    _text("ha1hostname", listed=False),
    _text("ha2hostname", listed=False),
    Parameter("hastatus", Form.LIVE, listed=False),
    _flag("hideaslloginmsg", listed=False),
)

#: Lower-case names, and the deprecated spelling of nameserver.
_BY_NAME: dict[str, Parameter] = {row.name.lower(): row for row in PARAMETERS}
_ALIASES = {"namserver": "nameserver"}

SYSLOG_LEVELS = (
    "syslogemergency", "syslogcritical", "syslogerror", "syslogwarn", "syslognotice", "sysloginfo",
)  # fmt: skip
SYSLOG_NONE = "syslognone"


def find(name: str, profile: Profile) -> Parameter | None:
    """The parameter of this name, in any capitals, if the firmware has it."""
    lower = name.strip().lower()
    row = _BY_NAME.get(_ALIASES.get(lower, lower))
    return row if row is not None and row.at_firmware(profile.release) else None


def fresh(profile: Profile) -> dict[str, Stored]:
    """The values of a new appliance."""
    return {
        row.name: row.default_of(profile.release)
        for row in PARAMETERS
        if row.form is not Form.LIVE and row.at_firmware(profile.release)
    }
