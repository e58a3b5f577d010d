# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The settings of an appliance as rows, section by section as the WUI has them.

Sources: the vendor's parameter reference, and four recordings of everything that an appliance reports. A parameter
that is unset is absent from those; names that the appliance spells with capitals are spelled so here.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    HOST,
    WORD,
    Address,
    Choice,
    Flag,
    Integer,
    Items,
    Text,
    TlsVersions,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.time_zones import TimeZone

_WORDS = ("no", "yes")
_YES = Flag(words=_WORDS, unset=True)
_NO = Flag(words=_WORDS)
_PORT = Integer(low=3, high=65530)

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

_SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

_MOVES = "it moves or closes the address that the API answers on"
_LOGIN = "it changes who may log in to the API, and how"
_ROUTE = "it changes the route back to this controller"
_TLS = "it changes which TLS connections the API accepts"


def _rows(section: str, *rows: Field) -> list[Field]:
    return [row._replace(section=section) for row in rows]


def _hosts(option: str, api: str, **words: Any) -> Field:
    return Field(option, api, Items(joint=",", item=HOST), default="unset", **words)


_RECIPIENT = Text(
    longest=255, pattern=r"[!-+\--:<-~]+", meaning="the address of one recipient, without blanks, commas and semicolons"
)


def _recipients(option: str, api: str, level: str) -> Field:
    # The separator between recipients is not on public record; a comma is usual in mail.
    return Field(
        option,
        api,
        Items(joint=",", item=_RECIPIENT),
        default="unset",
        label="System Configuration > Logging Options > Email Options",
        description=(
            f"The addresses that get messages of the level {level}. The order does not matter. An empty list clears it."
        ),
    )


def _secret(option: str, api: str, longest: int = 0, *, lines: bool = False, **words: Any) -> Field:
    kind = Text(longest=longest, lines=lines, verbatim=True)
    return Field(option, api, kind, secret=True, write_only=True, default="unset", **words)


_DAYS = ("daily", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

TABLE = Table(
    [
        *_rows(
            "Host & DNS Configuration",
            Field(
                "hostname",
                "hostname",
                Text(
                    lasting=True,
                    longest=253,
                    pattern=rf"({_LABEL}\.)*[0-9]*[A-Za-z]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?",
                    meaning="a host name",
                ),
                default="lb100",
                label="System Configuration > Network Setup > Host & DNS Configuration",
                description=("The name of the LoadMaster. It is in syslog messages and in the names of backup files."),
            ),
            Field(
                "dns_servers",
                "nameserver",
                Items(ordered=True, joint=",", item=Address()),
                default="unset",
                label="System Configuration > Network Setup > Host & DNS Configuration",
                description=(
                    "Addresses of the DNS servers, in the order in which they are asked. The last one cannot be "
                    "removed while O(dnssec_client=true). An empty list clears it."
                ),
            ),
            Field(
                "search_domains",
                "searchlist",
                Items(ordered=True, joint=",", item=HOST),
                default="unset",
                label="System Configuration > Network Setup > Host & DNS Configuration",
                description=(
                    "Domains in which short host names are looked up, in this order. An empty list clears it."
                ),
            ),
            Field(
                "dnssec_client",
                "dnssecclient",
                _NO,
                default="false",
                label="System Configuration > Network Setup > Host & DNS Configuration",
                description=(
                    "Whether the LoadMaster checks the signatures of DNS answers. It requires a DNS server, and a "
                    "reboot to take effect. You can change it once between two reboots."
                ),
            ),
            Field(
                "dns_names",
                "DNSNamesEnable",
                _YES,
                default="true",
                label="System Configuration > Network Setup > Host & DNS Configuration",
                description="Allows real servers to be added by a domain name instead of an address.",
            ),
            Field(
                "dns_update_interval",
                "DNSUpdateInterval",
                Integer(low=1, high=60),
                default="60",
                unit="minutes",
                label="System Configuration > Network Setup > Host & DNS Configuration",
                description="How often the names of real servers are looked up again.",
            ),
            Field(
                "dns_reload_on_error",
                "DNSReloadOnError",
                _NO,
                default="false",
                label="System Configuration > Network Setup > Host & DNS Configuration",
                description=("Looks the name of a real server up again when there is an error with the server."),
            ),
        ),
        *_rows(
            "Date/Time",
            Field(
                "time_zone",
                "timezone",
                TimeZone(),
                default="unset",
                label="System Configuration > System Administration > Date/Time",
                description=(
                    "The time zone of the LoadMaster, such as V(UTC). The clock itself cannot be set through the "
                    "API, only by NTP. An empty string clears it."
                ),
            ),
            Field(
                "ntp_key_type",
                "ntpkeytype",
                Choice(words={"sha1": "SHA1", "sha": "SHA", "md5": "M"}),
                default="unset",
                label="System Configuration > System Administration > Date/Time",
                description="The hash that authenticates NTP servers.",
                choices={
                    "sha1": "SHA-1.",
                    "sha": "SHA.",
                    "md5": "MD5.",
                },
            ),
            Field(
                "ntp_key_id",
                "ntpkeyid",
                Integer(low=1, high=99),
                default="0",
                label="System Configuration > System Administration > Date/Time",
                description="The number of the key on the NTP servers. Without a key, 0 is reported.",
            ),
            _secret(
                "ntp_key_secret",
                "ntpkeysecret",
                40,
                label="System Configuration > System Administration > Date/Time",
                description=(
                    "The key that authenticates NTP servers. More than 20 characters are read as hexadecimal "
                    "digits. An empty string ends authentication.",
                    "The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).",
                ),
            ),
            Field(
                "ntp_servers",
                "ntphost",
                Items(ordered=True, item=HOST),
                default="unset",
                label="System Configuration > System Administration > Date/Time",
                description=(
                    "The NTP servers, in the order in which they are asked. Setting them makes the LoadMaster ask "
                    "at once, which takes some seconds. An empty list clears it."
                ),
            ),
        ),
        *_rows(
            "Default Gateway",
            Field(
                "default_gateway",
                "dfltgw",
                Address(),
                danger=_ROUTE,
                default="as set up",
                label="System Configuration > Network Setup > Default Gateway",
                description="The IPv4 default gateway. It has to be in a network of the LoadMaster.",
            ),
            Field(
                "default_gateway_ipv6",
                "dfltgwv6",
                Address(),
                danger=_ROUTE,
                default="unset",
                label="System Configuration > Network Setup > Default Gateway",
                description="The IPv6 default gateway. An empty string clears it.",
            ),
        ),
        *_rows(
            "Administrator Access",
            Field(
                "ssh_access",
                "sshaccess",
                _YES,
                default="true",
                label="Certificates & Security > Remote Access > Allow Remote SSH Access",
                description="Whether administrators can log in with SSH.",
            ),
            Field(
                "ssh_interface",
                "sshiface",
                Text(),
                default="all",
                label="Certificates & Security > Remote Access > Allow Remote SSH Access > Using",
                description="The network interface on which SSH answers, or V(all).",
            ),
            Field(
                "ssh_port",
                "sshport",
                _PORT,
                default="22",
                label="Certificates & Security > Remote Access > Allow Remote SSH Access > Port",
                description="The port on which SSH answers.",
            ),
            Field(
                "ssh_banner",
                "SSHPreAuth",
                Text(longest=5000, lines=True),
                default="unset",
                label="Certificates & Security > Remote Access > SSH Pre-Auth Banner",
                description=("A text that is shown before a user logs in with SSH. An empty string clears it."),
            ),
            Field(
                "wui_access",
                "wuiaccess",
                _YES,
                danger=_MOVES,
                safe=(True,),
                default="true",
                label="Certificates & Security > Remote Access > Allow Web Administrative Access",
                description=(
                    "Whether the WUI answers. After you turn it off, it may still answer until the next reboot."
                ),
            ),
            Field(
                "wui_interface",
                "wuiiface",
                Integer(),
                danger=_MOVES,
                default="0",
                label="Certificates & Security > Remote Access > Allow Web Administrative Access > Using",
                description=("The number of the network interface on which the web user interface and the API answer."),
            ),
            Field(
                "wui_port",
                "wuiport",
                Integer(low=3, high=65535),
                danger=_MOVES,
                default="443",
                label="Certificates & Security > Remote Access > Allow Web Administrative Access > Port",
                description=(
                    "The port on which the web user interface answers, and the API with it as long as O(api_port) "
                    "is not set."
                ),
            ),
            Field(
                "admin_gateway",
                "admingw",
                Address(),
                danger=_ROUTE,
                default="unset",
                label="Certificates & Security > Remote Access > Admin Default Gateway",
                description=(
                    "The gateway for answers of the web user interface and the API, where it is not the default "
                    "gateway. An empty string clears it."
                ),
            ),
            Field(
                "multi_homed_wui",
                "multihomedwui",
                _NO,
                default="false",
                label="Certificates & Security > Remote Access > Allow Multi Interface Access",
                description=(
                    "Allows the web user interface on further interfaces. On which ones is set on each interface."
                ),
            ),
            Field(
                "api_enabled",
                "enableapi",
                _NO,
                danger=_MOVES,
                safe=(True,),
                default="false",
                label="Certificates & Security > Remote Access > Enable API Interface",
                description=(
                    "Whether the API answers. This module uses the API, so it can only turn it off. Turn it on in the "
                    "WUI."
                ),
            ),
            Field(
                "api_port",
                "apiport",
                Integer(low=3, high=65535),
                danger=_MOVES,
                default="443",
                label="Certificates & Security > Remote Access",
                description=("The port of the API, if it differs from that of the WUI."),
            ),
            Field(
                "admin_login_method",
                "adminclientaccess",
                Choice(
                    words={
                        "password": "0",
                        "password_or_certificate": "1",
                        "certificate": "2",
                        "certificate_with_ocsp": "3",
                    }
                ),
                danger=_LOGIN,
                safe=("password", "password_or_certificate"),
                default="password",
                label="Certificates & Security > Remote Access > Admin Login Method",
                description=(
                    "How administrators authenticate. It requires O(session_management=true). The user C(bal) cannot "
                    "have a certificate, so the methods without passwords lock it out."
                ),
                choices={
                    "password": "With a password.",
                    "password_or_certificate": "With a password or a client certificate.",
                    "certificate": "With a client certificate.",
                    "certificate_with_ocsp": "With a client certificate that is checked by OCSP.",
                },
            ),
            Field(
                "client_certificate_without_local_user",
                "AllowNoLocalUserClientCert",
                _NO,
                default="false",
                label="Certificates & Security > Remote Access",
                description=("Accepts a client certificate although the LoadMaster has no local user of that name."),
            ),
            Field(
                "minimum_password_length",
                "MinPassword",
                Integer(low=8, high=16),
                default="8",
                unit="characters",
                label="Certificates & Security > Remote Access",
                description="The shortest password that a local user may have.",
            ),
            Field(
                "outbound_cipher_set",
                "outboundcipherset",
                Text(),
                refers="cipher_sets",
                default="unset",
                label="Certificates & Security > Remote Access > Outbound Connection Cipher Set",
                description=(
                    "The cipher set for TLS connections that the LoadMaster itself opens. An empty string brings "
                    "back the default."
                ),
            ),
            Field(
                "kemp_analytics",
                "Tethering",
                _YES,
                default="true",
                label="Certificates & Security > Remote Access",
                description=(
                    "Whether the LoadMaster sends usage data to the vendor. It cannot be turned off with a "
                    "licence that requires it."
                ),
            ),
        ),
        *_rows(
            "Admin WUI Access",
            Field(
                "session_management",
                "sessioncontrol",
                _YES,
                danger=_LOGIN,
                safe=(True,),
                default="true",
                label="Certificates & Security > Admin WUI Access > Enable Session Management",
                description="Whether the web user interface has sessions with a login page. API v2 needs it.",
            ),
            Field(
                "session_basic_auth",
                "sessionbasicauth",
                _NO,
                danger=_LOGIN,
                safe=(False,),
                default="false",
                label="Certificates & Security > Admin WUI Access > Require Basic Authentication",
                description=(
                    "Asks for HTTP basic authentication before the login page. API v2 does not work while it is on."
                ),
            ),
            Field(
                "session_idle_timeout",
                "sessionidletime",
                Integer(low=60, high=86400),
                default="0",
                unit="seconds",
                label="Certificates & Security > Admin WUI Access > Idle Session Timeout",
                description=("How long a session may stay idle before it is ended. On a new appliance 0 is reported."),
            ),
            Field(
                "session_failed_logins",
                "sessionmaxfailattempts",
                Integer(low=1, high=999),
                default="0",
                unit="attempts",
                label="Certificates & Security > Admin WUI Access > Failed Login Attempts",
                description=("After how many failed logins a user is blocked. On a new appliance 0 is reported."),
            ),
            Field(
                "session_concurrent_logins",
                "sessionconcurrent",
                Integer(high=9),
                default="0",
                unit="sessions",
                label="Certificates & Security > Admin WUI Access > Limit Concurrent Logins",
                description="How many logins there may be at a time; V(0) is without a limit.",
            ),
            Field(
                "wui_banner",
                "WUIPreAuth",
                Text(longest=5000, lines=True),
                default="unset",
                label="Certificates & Security > Admin WUI Access > Pre-Auth Click Through Banner",
                description=(
                    "A text that is shown before the login page. It may contain HTML. An empty string clears it."
                ),
            ),
            Field(
                "wui_tls_versions",
                "WUITLSProtocols",
                TlsVersions(),
                danger=_TLS,
                default="all",
                label="Certificates & Security > Admin WUI Access > Supported TLS Protocols",
                description=(
                    "The TLS versions that the web user interface and the API accept. The list is complete: "
                    "versions that are not in it are turned off. V([TLSv1.2, TLSv1.3]) is a good choice.",
                    "The API takes the versions that are turned off, as the sum of 1 (SSLv3), 2 (TLSv1.0), 4 "
                    "(TLSv1.1), 8 (TLSv1.2) and 16 (TLSv1.3).",
                ),
            ),
            Field(
                "wui_cipher_set",
                "wuicipherset",
                Text(),
                danger=_TLS,
                refers="cipher_sets",
                default="unset",
                label="Certificates & Security > Admin WUI Access > WUI Cipher set",
                description=(
                    "The cipher set of the web user interface and the API, such as V(BestPractices) or one of "
                    "your own. An empty string clears it."
                ),
            ),
            Field(
                "wui_tls13_cipher_suites",
                "WUITLS13Ciphersets",
                Items(item=WORD),
                # When cleared, the appliance returns to these.
                stored=lambda suites: suites or _SUITES,
                danger=_TLS,
                since="7.2.60",
                default="the three of TLS 1.3",
                label="Certificates & Security > Admin WUI Access > TLS1.3 Cipher sets",
                description=(
                    "The TLS 1.3 cipher suites of the web user interface and the API. An empty list brings back "
                    "the default. The order does not matter."
                ),
            ),
        ),
        *_rows(
            "WUI Settings",
            Field(
                "hover_help",
                "hoverhelp",
                _YES,
                default="true",
                label="System Configuration > Miscellaneous Options > WUI Settings > Enable Hover Help",
                description="Whether the web user interface explains a field when the mouse rests on it.",
            ),
            Field(
                "message_of_the_day",
                "motd",
                Text(longest=5000, lines=True),
                default="unset",
                label="System Configuration > Miscellaneous Options > WUI Settings > Message of the Day (MOTD)",
                description=(
                    "A text on the home page of the web user interface. It may contain HTML. An empty string clears it."
                ),
            ),
            Field(
                "wui_display_lines",
                "wuidisplaylines",
                Integer(low=10, high=100),
                default="0",
                unit="lines",
                label="System Configuration > Miscellaneous Options > WUI Settings",
                description=("How many lines a table of the statistics pages shows. On a new appliance 0 is reported."),
            ),
        ),
        *_rows(
            "L7 Configuration",
            Field(
                "connection_scaling",
                "localbind",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Allow connection scaling over 64K Connections",
                description="Makes O(kemp.loadmaster.virtual_service#module:local_bind_addresses) available.",
            ),
            Field(
                "always_check_persistence",
                "alwayspersist",
                Choice(words={"no": "0", "yes": "1", "yes_and_accept_changes": "2"}, unset="no"),
                default="no",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Always Check Persist",
                description="For which requests of a connection persistence is checked.",
                choices={
                    "no": "The first one.",
                    "yes": "Each one.",
                    "yes_and_accept_changes": "Every request; changes within a connection are kept.",
                },
            ),
            Field(
                "active_cookie_port",
                "addcookieport",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Add Port to Active Cookie",
                description=(
                    "Adds the port of the client to the active cookie. It spreads clients better that share an "
                    "address behind a proxy."
                ),
            ),
            Field(
                "conform_to_rfc",
                "rfcconform",
                _YES,
                default="true",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Conform to RFC",
                description=(
                    "Ends the path of a request at the first space, as the standard says. V(false) helps browsers "
                    "that do not escape spaces."
                ),
            ),
            Field(
                "close_on_error",
                "closeonerror",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Close on Error",
                description="Closes the connection when the LoadMaster itself answers with an error.",
            ),
            Field(
                "via_in_cache_responses",
                "addvia",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Add Via Header In Cache Responses",
                description="Adds a Via header to answers from the cache.",
            ),
            Field(
                "real_servers_are_local",
                "rsarelocal",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Real Servers are Local",
                description=(
                    "For transparent services whose real servers are also their clients: connections from a real "
                    "server to a service then come from the LoadMaster."
                ),
            ),
            Field(
                "drop_connections_on_rs_failure",
                "droponfail",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Drop Connections on RS failure",
                description=(
                    "Closes connections to a real server at once when it goes down. Otherwise clients such as "
                    "Outlook hold on to it until their connection times out."
                ),
            ),
            Field(
                "drop_at_drain_time_end",
                "dropatdrainend",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Drop at Drain Time End",
                description=(
                    "Closes the connections that a disabled real server still has at the end of O(l7_drain_time). "
                    "Without persistence they are closed at once."
                ),
            ),
            Field(
                "l7_transparency",
                "transparent",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > L7 Transparency",
                description=(
                    "The transparency of layer 7 services for the whole appliance. Services at layer 4 are always "
                    "transparent."
                ),
            ),
            Field(
                "l7_authentication_timeout",
                "authtimeout",
                Integer(low=30, high=300),
                default="30",
                unit="seconds",
                label="System Configuration > Miscellaneous Options > L7 Configuration > L7 Authentication Timeout",
                description="How long the Edge Security Pack waits for a client to authenticate.",
            ),
            Field(
                "l7_wait_after_post",
                "authpostwait",
                Integer(low=1, high=2000),
                default="2000",
                unit="milliseconds",
                label="System Configuration > Miscellaneous Options > L7 Configuration > L7 Wait after POST",
                description="How long the LoadMaster waits after a POST request.",
            ),
            Field(
                "l7_client_token_timeout",
                "clienttokentimeout",
                Integer(low=60, high=300),
                default="120",
                unit="seconds",
                label="System Configuration > Miscellaneous Options > L7 Configuration > L7 Client Token Timeout",
                description=("How long the Edge Security Pack waits for the token of a client, such as RSA SecurID."),
            ),
            Field(
                "l7_drain_time",
                "finalpersist",
                Integer(low=60, high=86400, zero=True),
                default="300",
                unit="seconds",
                label="System Configuration > Miscellaneous Options > L7 Configuration > L7 Connection Drain Time",
                description=(
                    "How long a disabled real server still gets connections of clients with persistence. V(0) means "
                    "none."
                ),
            ),
            Field(
                "additional_l7_header",
                "addforwardheader",
                Choice(words={"x_clientside": "0", "x_forwarded_for": "1", "none": "2"}),
                default="x_forwarded_for",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Additional L7 Header",
                description="The header that tells real servers the address of the client.",
                choices={
                    "x_clientside": "X-ClientSide.",
                    "x_forwarded_for": "X-Forwarded-For.",
                    "none": "No header.",
                },
            ),
            Field(
                "handling_of_100_continue",
                "expect100",
                Choice(words={"rfc_2616": "0", "require": "1", "rfc_7231": "2"}),
                default="rfc_7231",
                label="System Configuration > Miscellaneous Options > L7 Configuration > 100-Continue Handling",
                description=(
                    "Which standard the LoadMaster follows when a client announces a body with C(Expect: 100-continue)."
                ),
                choices={
                    "rfc_2616": "RFC 2616.",
                    "require": "The header is required.",
                    "rfc_7231": "RFC 7231.",
                },
            ),
            Field(
                "allow_empty_posts",
                "allowemptyposts",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Allow Empty POSTs",
                description="Accepts POST requests without a length, as some clients send them.",
            ),
            Field(
                "allow_empty_http_headers",
                "AllowEmptyHttpHeaders",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Allow Empty HTTP Headers",
                description="Accepts HTTP headers without a value.",
            ),
            Field(
                "force_complete_rs_match",
                "ForceFullRSMatch",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Force Complete RS Match",
                description=(
                    "Content rules choose a real server by address and port, if the same server exists with several "
                    "ports."
                ),
            ),
            Field(
                "slow_start_time",
                "slowstart",
                Integer(high=600),
                default="0",
                unit="seconds",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Least Connection Slow Start",
                description=(
                    "How long a real server that came up gets fewer connections than the others. It applies to the "
                    "least connection methods; V(0) turns it off."
                ),
            ),
            Field(
                "share_subvs_persistence",
                "ShareSubVSPersist",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Share SubVS Persistence",
                description="Shares persistence between the SubVSs of a service.",
            ),
            Field(
                "log_insight_split_interval",
                "logsplitinterval",
                Integer(low=1, high=100),
                default="10",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Log Insight Message Split Interval",
                description="After how many messages a Log Insight service chooses another real server.",
            ),
            Field(
                "log_user_agent",
                "loguseragent",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Include User Agent Header in User Logs",
                description="Adds the User-Agent header to the logs of the Edge Security Pack.",
            ),
            Field(
                "cef_log_format",
                "CEFmsgFormat",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > L7 Configuration > Use CEF Log Format",
                description="Writes the logs of the Edge Security Pack in the Common Event Format.",
            ),
            Field(
                "ntlm_proxy_mode",
                "L7NTLMProxy",
                _YES,
                default="true",
                label="System Configuration > Miscellaneous Options > L7 Configuration > NTLM Proxy Mode",
                description=(
                    "Handles NTLM authentication as the authentication of a connection. Leave it on unless the "
                    "vendor says otherwise."
                ),
            ),
        ),
        *_rows(
            "Network Options",
            Field(
                "server_nat",
                "snat",
                _YES,
                default="true",
                label="System Configuration > Miscellaneous Options > Network Options > Enable Server NAT",
                description=(
                    "Lets real servers reach the outside through the LoadMaster, with an address of the LoadMaster."
                ),
            ),
            Field(
                "connection_timeout",
                "conntimeout",
                Integer(low=60, high=86400, zero=True),
                # 0 restores the factory default, which is then reported.
                stored=lambda seconds: seconds or 660,
                default="660",
                unit="seconds",
                label="System Configuration > Miscellaneous Options > Network Options > Connection Timeout (secs)",
                description=(
                    "How long a connection may stay idle before it is closed, for services without an idle "
                    "time-out of their own.",
                    "V(0) restores the default of 660, and is compared as 660.",
                ),
            ),
            Field(
                "non_http_uploads",
                "allowupload",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options",
                description="Makes uploads over protocols other than HTTP work, such as FTP.",
            ),
            Field(
                "tcp_keepalives",
                "keepalive",
                _YES,
                default="true",
                label="System Configuration > Miscellaneous Options > Network Options",
                description="Sends TCP keepalives, which keep long connections through firewalls open.",
            ),
            Field(
                "reset_on_close",
                "resetclose",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options",
                description="Closes connections with a TCP reset instead of the usual handshake.",
            ),
            Field(
                "subnet_originating_requests",
                "subnetorigin",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options > Subnet Originating Requests",
                description=(
                    "Makes connections to real servers come from the address that the LoadMaster has in their "
                    "network, for all services."
                ),
            ),
            Field(
                "subnet_originating",
                "subnetoriginating",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options",
                description=(
                    "An older parameter with the same description as O(subnet_originating_requests). Use that one, "
                    "unless you know that your firmware needs this one."
                ),
            ),
            Field(
                "strict_ip_routing",
                "routefilter",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options",
                description="Accepts packets only on the interface on which answers to them would leave.",
            ),
            Field(
                "tcp_timestamps",
                "tcptimestamp",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options",
                description="Adds timestamps to TCP packets.",
            ),
            Field(
                "non_local_real_servers",
                "nonlocalrs",
                _YES,
                default="true",
                label="System Configuration > Miscellaneous Options > Network Options > Enable Non-Local Real Servers",
                description="Allows real servers outside of the networks of the LoadMaster.",
            ),
            Field(
                "alternate_gateways",
                "multigw",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options > Enable Alternate GW support",
                description=(
                    "Allows the default gateway on an interface other than the first one. Not available in clouds."
                ),
            ),
            Field(
                "default_route_only",
                "onlydefaultroutes",
                _NO,
                danger=_ROUTE,
                safe=(False,),
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options > Use Default Route Only",
                description=("Sends answers of services that have a gateway of their own through that gateway only."),
            ),
            Field(
                "check_real_server_certificates",
                "SSLForceServerVerify",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options",
                description=(
                    "Verifies the certificates of real servers that are reached over TLS. They are not verified "
                    "otherwise."
                ),
            ),
            Field(
                "legacy_timewait_reuse",
                "TCPnorecycle",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options > Network Options",
                description="Reuses closed TCP connections as older firmware does.",
            ),
            Field(
                "selective_acknowledgements",
                "tcpsack",
                _NO,
                default="false",
                label="System Configuration",
                description="Uses selective acknowledgements of TCP.",
            ),
            Field(
                "ipv6_forwarding",
                "IPV6forwarding",
                _YES,
                default="true",
                label="System Configuration",
                description="Forwards IPv6 packets between interfaces.",
            ),
            Field(
                "http_proxy",
                "http_proxy",
                HOST,
                default="unset",
                label="System Configuration > Miscellaneous Options > Network Options",
                description=(
                    "The proxy, as C(host:port), through which the LoadMaster reaches the vendor's servers. An "
                    "empty string clears it."
                ),
            ),
        ),
        *_rows(
            "SSL Options",
            Field(
                "ssl_renegotiation",
                "sslrenegotiate",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options",
                description="Whether clients may renegotiate a TLS connection.",
            ),
            Field(
                "dh_key_size",
                "dhkeysize",
                Choice(words={size: size for size in ("512", "1024", "2048", "4096")}),
                default="2048",
                unit="bits",
                label="System Configuration > Miscellaneous Options",
                description="The size of Diffie-Hellman keys.",
                choices={
                    "512": "512 bits. Not secure.",
                    "1024": "1024 bits. Not secure.",
                    "2048": "2048 bits.",
                    "4096": "4096 bits.",
                },
            ),
            Field(
                "ocsp_stapling",
                "SSLStapling",
                _NO,
                default="false",
                label="Certificates & Security > OCSP Configuration > Enable OCSP Stapling",
                description=("Answers clients that ask for a proof that the certificate of a service was not revoked."),
            ),
            Field(
                "ocsp_refresh_interval",
                "SSLRefreshInterval",
                Integer(low=3600, high=86400),
                default="3600",
                unit="seconds",
                label="Certificates & Security > OCSP Configuration",
                description="How often such proofs are renewed.",
            ),
            Field(
                "disable_master_secret",
                "SSLDisableMasterSecret",
                _NO,
                default="false",
                label="System Configuration > Miscellaneous Options",
                description=(
                    "Disables the master secret. The vendor does not describe it further. Change it only if its "
                    "support asks you to."
                ),
            ),
        ),
        *_rows(
            "Syslog Options",
            _hosts(
                "syslog_emergency",
                "syslogemergency",
                label="System Configuration > Logging Options > Syslog Options",
                description=(
                    "Hosts that get messages of the level emergency. A host is in one level only. The order does "
                    "not matter. An empty list clears it."
                ),
            ),
            _hosts(
                "syslog_critical",
                "syslogcritical",
                label="System Configuration > Logging Options > Syslog Options",
                description=(
                    "Hosts that get messages of the level critical and of the more severe ones. A host is in one "
                    "level only. The order does not matter. An empty list clears it."
                ),
            ),
            _hosts(
                "syslog_error",
                "syslogerror",
                label="System Configuration > Logging Options > Syslog Options",
                description=(
                    "Hosts that get messages of the level error and of the more severe ones. A host is in one "
                    "level only. The order does not matter. An empty list clears it."
                ),
            ),
            _hosts(
                "syslog_warning",
                "syslogwarn",
                label="System Configuration > Logging Options > Syslog Options",
                description=(
                    "Hosts that get messages of the level warning and of the more severe ones. A host is in one "
                    "level only. The order does not matter. An empty list clears it."
                ),
            ),
            _hosts(
                "syslog_notice",
                "syslognotice",
                label="System Configuration > Logging Options > Syslog Options",
                description=(
                    "Hosts that get messages of the level notice and of the more severe ones. A host is in one "
                    "level only. The order does not matter. An empty list clears it."
                ),
            ),
            _hosts(
                "syslog_info",
                "sysloginfo",
                label="System Configuration > Logging Options > Syslog Options",
                description=(
                    "Hosts that get messages of the level info, which are all messages. A host is in one level "
                    "only. The order does not matter. An empty list clears it."
                ),
            ),
            Field(
                "syslog_port",
                "SyslogPort",
                _PORT,
                default="514",
                label="System Configuration > Logging Options > Syslog Options > Remote Syslog Port",
                description="The port of all syslog hosts.",
            ),
            Field(
                "syslog_protocol",
                "SyslogProt",
                Choice(words={word: word for word in ("udp", "tcp", "tls")}),
                default="udp",
                label="System Configuration > Logging Options > Syslog Options",
                description="The protocol that messages are sent with.",
                choices={
                    "udp": "UDP.",
                    "tcp": "TCP.",
                    "tls": "TLS.",
                },
            ),
            Field(
                "syslog_client_certificate",
                "SyslogCert",
                _NO,
                default="false",
                label="System Configuration > Logging Options > Syslog Options",
                description=(
                    "Presents a client certificate to the syslog hosts. It has an effect with O(syslog_protocol=tls)."
                ),
            ),
            Field(
                "syslog_prefix",
                "SyslogPrefix",
                Text(longest=80),
                since="7.2.63",
                default="unset",
                label="System Configuration > Logging Options > Syslog Options",
                description=("A prefix for every message. An empty string clears it."),
            ),
        ),
        *_rows(
            "SNMP Options",
            Field(
                "snmp_enabled",
                "snmpenable",
                _NO,
                default="false",
                label="System Configuration > Logging Options > SNMP Options > Enable SNMP",
                description="Whether the LoadMaster answers SNMP requests. It costs performance.",
            ),
            Field(
                "snmp_clients",
                "snmpclient",
                Items(item=HOST),
                default="unset",
                label="System Configuration > Logging Options > SNMP Options",
                description="Hosts that may ask. An empty list lets everyone ask. The order does not matter.",
            ),
            Field(
                "snmp_community",
                "snmpcommunity",
                Text(verbatim=True, pattern="[!-~]([ -~]*[!-~])?", meaning="without blanks around it"),
                secret=True,
                default="unset",
                label="System Configuration > Logging Options > SNMP Options",
                description=(
                    "The community string. It counts as a secret and is masked in results. An empty string clears it."
                ),
            ),
            Field(
                "snmp_contact",
                "snmpcontact",
                Text(),
                default="unset",
                label="System Configuration > Logging Options > SNMP Options > Contact",
                description=("The contact that SNMP reports. An empty string clears it."),
            ),
            Field(
                "snmp_location",
                "snmplocation",
                Text(),
                default="unset",
                label="System Configuration > Logging Options > SNMP Options > SNMP Location",
                description="The location that SNMP reports. An empty string clears it.",
            ),
            Field(
                "snmp_v3_enabled",
                "snmpV3enable",
                _NO,
                default="false",
                label="System Configuration > Logging Options > SNMP Options > Enable SNMP V3",
                description="Whether SNMP version 3 is used.",
            ),
            Field(
                "snmp_v3_user",
                "snmpv3user",
                Text(),
                default="unset",
                label="System Configuration > Logging Options > SNMP Options > Username",
                description="The user name of SNMP version 3. An empty string clears it.",
            ),
            _secret(
                "snmp_v3_password",
                "snmpv3userpasswd",
                label="System Configuration > Logging Options > SNMP Options > Authentication Password",
                description=(
                    "The password of SNMP version 3. It needs at least 8 characters.",
                    "The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).",
                ),
            ),
            Field(
                "snmp_v3_authentication",
                "snmpAuthProt",
                Choice(words={"md5": "MD5", "sha": "SHA"}),
                default="unset",
                label="System Configuration > Logging Options > SNMP Options > Authentication protocol",
                description="The hash of SNMP version 3.",
                choices={
                    "md5": "MD5, which is outdated.",
                    "sha": "SHA.",
                },
            ),
            Field(
                "snmp_v3_privacy_enabled",
                "snmpV3Privenable",
                _NO,
                since="7.2.60",
                default="false",
                label="System Configuration > Logging Options > SNMP Options > Enable Privacy",
                description="Whether SNMP version 3 is encrypted.",
            ),
            Field(
                "snmp_v3_privacy",
                "snmpPrivProt",
                Choice(words={"des": "DES", "aes": "AES"}),
                since="7.2.60",
                default="unset",
                label="System Configuration > Logging Options > SNMP Options > Privacy protocol",
                description="The encryption of SNMP version 3.",
                choices={
                    "des": "DES, which is outdated.",
                    "aes": "AES.",
                },
            ),
            _secret(
                "snmp_v3_privacy_password",
                "snmpv3privpasswd",
                since="7.2.60",
                label="System Configuration > Logging Options > SNMP Options > Privacy Password",
                description=(
                    "The password of the encryption of SNMP version 3.",
                    "The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).",
                ),
            ),
            Field(
                "snmp_traps_enabled",
                "snmptrapenable",
                _NO,
                default="false",
                label="System Configuration > Logging Options > SNMP Options > Enable SNMP Traps",
                description="Whether the LoadMaster reports changes by itself.",
            ),
            Field(
                "snmp_v1_trap_sinks",
                "snmpv1sink",
                Items(item=HOST),
                default="unset",
                label="System Configuration > Logging Options > SNMP Options",
                description=("Hosts that get traps of version 1. The order does not matter. An empty list clears it."),
            ),
            Field(
                "snmp_v2_trap_sinks",
                "snmpv2sink",
                Items(item=HOST),
                default="unset",
                label="System Configuration > Logging Options > SNMP Options",
                description=("Hosts that get traps of version 2. The order does not matter. An empty list clears it."),
            ),
        ),
        *_rows(
            "Email Options",
            Field(
                "email_enabled",
                "emailenable",
                _NO,
                default="false",
                label="System Configuration > Logging Options > Email Options",
                description="Whether the LoadMaster sends log messages by mail.",
            ),
            Field(
                "email_server",
                "emailserver",
                HOST,
                default="unset",
                label="System Configuration > Logging Options > Email Options",
                description="The mail server. An empty string clears it.",
            ),
            Field(
                "email_port",
                "emailport",
                Integer(high=65535),
                default="25",
                label="System Configuration > Logging Options > Email Options",
                description="The port of the mail server.",
            ),
            Field(
                "email_user",
                "emailuser",
                Text(),
                default="unset",
                label="System Configuration > Logging Options > Email Options",
                description=(
                    "The user that logs in to the mail server, where that is needed. An empty string clears it."
                ),
            ),
            _secret(
                "email_password",
                "emailpassword",
                label="System Configuration > Logging Options > Email Options",
                description=(
                    "The password of O(email_user).",
                    "The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).",
                ),
            ),
            Field(
                "email_domain",
                "emaildomain",
                HOST,
                default="unset",
                label="System Configuration > Logging Options > Email Options",
                description="The domain that mails come from. An empty string clears it.",
            ),
            Field(
                "email_security",
                "emailsslmode",
                Choice(words={"none": "0", "starttls_if_available": "1", "starttls": "2", "tls": "3"}),
                default="none",
                label="System Configuration > Logging Options > Email Options",
                description="How the connection to the mail server is protected.",
                choices={
                    "none": "Not at all.",
                    "starttls_if_available": "With STARTTLS if the server offers it.",
                    "starttls": "With STARTTLS.",
                    "tls": "With TLS from the beginning.",
                },
            ),
            _recipients("email_emergency", "emailemergency", "emergency"),
            _recipients("email_critical", "emailcritical", "critical"),
            _recipients("email_error", "emailerror", "error"),
            _recipients("email_warning", "emailwarn", "warning"),
            _recipients("email_notice", "emailnotice", "notice"),
            _recipients("email_info", "emailinfo", "info"),
        ),
        *_rows(
            "Automated Backups",
            Field(
                "backup_enabled",
                "backupenable",
                _NO,
                default="false",
                label="System Configuration > System Administration > Backup/Restore",
                description="Whether the LoadMaster saves its configuration to another host by itself.",
            ),
            Field(
                "backup_day",
                "backupday",
                Choice(words={day: str(number) for number, day in enumerate(_DAYS)}),
                default="daily",
                label="System Configuration > System Administration > Backup/Restore",
                description="The day of the week on which it does.",
                choices={
                    "daily": "Every day.",
                    "monday": "On Mondays.",
                    "tuesday": "On Tuesdays.",
                    "wednesday": "On Wednesdays.",
                    "thursday": "On Thursdays.",
                    "friday": "On Fridays.",
                    "saturday": "On Saturdays.",
                    "sunday": "On Sundays.",
                },
            ),
            Field(
                "backup_hour",
                "backuphour",
                Integer(high=23),
                default="0",
                unit="hours",
                label="System Configuration > System Administration > Backup/Restore",
                description="The hour at which it does.",
            ),
            Field(
                "backup_minute",
                "backupminute",
                Integer(high=59),
                default="0",
                unit="minutes",
                label="System Configuration > System Administration > Backup/Restore",
                description="The minute of O(backup_hour) at which it does.",
            ),
            Field(
                "backup_method",
                "backupmethod",
                Choice(words={"ftp": "wput", "scp": "scp", "sftp": "sftp"}),
                default="ftp",
                label="System Configuration > System Administration > Backup/Restore",
                description="The protocol that is used.",
                choices={
                    "ftp": "FTP, which is not encrypted.",
                    "scp": "SCP.",
                    "sftp": "SFTP.",
                },
            ),
            Field(
                "backup_host",
                "backuphost",
                HOST,
                default="unset",
                label="System Configuration > System Administration > Backup/Restore",
                description=("The host that backups go to, as C(host) or C(host:port). An empty string clears it."),
            ),
            Field(
                "backup_user",
                "backupuser",
                Text(),
                default="unset",
                label="System Configuration > System Administration > Backup/Restore",
                description="The user that logs in to O(backup_host). An empty string clears it.",
            ),
            _secret(
                "backup_password",
                "backuppassword",
                label="System Configuration > System Administration > Backup/Restore",
                description=(
                    "The password of O(backup_user).",
                    "The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).",
                ),
            ),
            _secret(
                "backup_ssh_key",
                "backupident",
                16384,
                lines=True,
                label="System Configuration > System Administration > Backup/Restore",
                description=(
                    "The private SSH key of O(backup_user), encoded in base64, for the methods V(scp) and V(sftp) "
                    "of O(backup_method).",
                    "The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).",
                ),
            ),
            Field(
                "backup_path",
                "backuppath",
                Text(),
                default="unset",
                label="System Configuration > System Administration > Backup/Restore",
                description="The folder on O(backup_host) that backups go to. An empty string clears it.",
            ),
        ),
    ]
)

# Commands of their own set these; timeout and retries go first, the interval follows in a second call.
HEALTH_TABLE = Table(
    _rows(
        "Service (Health) Check Parameters",
        Field(
            "health_check_timeout",
            "Timeout",
            Integer(low=4, high=60),
            default="4",
            unit="seconds",
            label="Rules & Checking > Check Parameters > Connect Timeout",
            description=(
                "How long a health check waits for an answer, unless the service says otherwise.",
                "If you raise it, the LoadMaster also raises O(health_check_interval) if that is too short.",
            ),
        ),
        Field(
            "health_check_retries",
            "RetryCount",
            Integer(low=2, high=15),
            default="2",
            unit="attempts",
            label="Rules & Checking > Check Parameters > Retry Count",
            description=(
                "How often a health check is repeated before a real server counts as down, unless the service "
                "says otherwise.",
                "If you raise it, the LoadMaster also raises O(health_check_interval) if that is too short.",
            ),
        ),
        Field(
            "health_check_interval",
            "RetryInterval",
            Integer(low=9, high=901),
            default="9",
            unit="seconds",
            label="Rules & Checking > Check Parameters > Check Interval",
            description=(
                "The time between two health checks of a real server, unless the service says otherwise.",
                "It must be longer than O(health_check_timeout) times O(health_check_retries). It is set in a "
                "separate call, after those two.",
            ),
        ),
    )
)

# Switches that are turned on before the rest of their section, and off after it.
SWITCHES = frozenset(
    {
        "snmp_enabled",
        "snmp_v3_enabled",
        "snmp_v3_privacy_enabled",
        "snmp_traps_enabled",
        "email_enabled",
        "backup_enabled",
    }
)

# Not, or not reliably, reported by getall: read one by one.
READ_ALONE = frozenset({"alwayspersist", "timezone", "wuicipherset", "outboundcipherset"})

SYSLOG_LEVELS = (
    "syslog_emergency",
    "syslog_critical",
    "syslog_error",
    "syslog_warning",
    "syslog_notice",
    "syslog_info",
)

READ_ONLY = frozenset({"version", "serialnumber", "boottime", "activetime", "time", "hastatus", "localcert"})
