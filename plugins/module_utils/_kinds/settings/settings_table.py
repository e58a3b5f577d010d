# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The settings of an appliance as rows, section by section as the WUI has them.

Sources: the vendor's parameter reference, and four recordings of everything that an appliance reports. A parameter
that is unset is absent from those; names that the appliance spells with capitals are spelled so here.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    Address,
    Choice,
    Flag,
    Integer,
    Items,
    Text,
    TlsVersions,
)

_WORDS = ("no", "yes")
_YES = Flag(words=_WORDS, unset=True)
_NO = Flag(words=_WORDS)
_PORT = Integer(low=3, high=65530)

_SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

_MOVES = "it moves or closes the address that the API answers on"
_LOGIN = "it changes who may log in to the API, and how"
_ROUTE = "it changes the route back to this controller"
_TLS = "it changes which TLS connections the API accepts"


def _rows(section: str, *rows: Field) -> list[Field]:
    return [row._replace(section=section) for row in rows]


def _hosts(option: str, api: str) -> Field:
    return Field(option, api, Items(joint=","), default="unset")


def _secret(option: str, api: str, longest: int = 0) -> Field:
    return Field(option, api, Text(longest=longest), secret=True, write_only=True, default="unset")


_DAYS = ("daily", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

TABLE = Table(
    [
        *_rows(
            "Host & DNS Configuration",
            Field(
                "hostname",
                "hostname",
                Text(lasting=True, pattern=r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", meaning="a host name"),
                default="lb100",
            ),
            Field("dns_servers", "nameserver", Items(ordered=True, joint=",", item=Address()), default="unset"),
            Field("search_domains", "searchlist", Items(ordered=True, joint=","), default="unset"),
            Field("dnssec_client", "dnssecclient", _NO, default="false"),
            Field("dns_names", "DNSNamesEnable", _YES, default="true"),
            Field("dns_update_interval", "DNSUpdateInterval", Integer(low=1, high=60), default="60", unit="minutes"),
            Field("dns_reload_on_error", "DNSReloadOnError", _NO, default="false"),
        ),
        *_rows(
            "Date/Time",
            Field("time_zone", "timezone", Text(), default="unset"),
            Field(
                "ntp_key_type", "ntpkeytype", Choice(words={"sha1": "SHA1", "sha": "SHA", "md5": "M"}), default="unset"
            ),
            Field("ntp_key_id", "ntpkeyid", Integer(low=1, high=99), default="0"),
            _secret("ntp_key_secret", "ntpkeysecret", 40),
            Field("ntp_servers", "ntphost", Items(ordered=True), default="unset"),
        ),
        *_rows(
            "Default Gateway",
            Field("default_gateway", "dfltgw", Address(), danger=_ROUTE, default="as set up"),
            Field("default_gateway_ipv6", "dfltgwv6", Address(), danger=_ROUTE, default="unset"),
        ),
        *_rows(
            "Administrator Access",
            Field("ssh_access", "sshaccess", _YES, default="true"),
            Field("ssh_interface", "sshiface", Text(), default="all"),
            Field("ssh_port", "sshport", _PORT, default="22"),
            Field("ssh_banner", "SSHPreAuth", Text(longest=5000), default="unset"),
            Field("wui_access", "wuiaccess", _YES, danger=_MOVES, safe=(True,), default="true"),
            Field("wui_interface", "wuiiface", Integer(), danger=_MOVES, default="0"),
            Field("wui_port", "wuiport", Integer(low=3, high=65535), danger=_MOVES, default="443"),
            Field("admin_gateway", "admingw", Address(), danger=_ROUTE, default="unset"),
            Field("multi_homed_wui", "multihomedwui", _NO, default="false"),
            Field("api_enabled", "enableapi", _NO, danger=_MOVES, safe=(True,), default="false"),
            Field(
                "api_port",
                "apiport",
                Integer(low=3, high=65535),
                danger=_MOVES,
                default="443",
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
            ),
            Field("client_certificate_without_local_user", "AllowNoLocalUserClientCert", _NO, default="false"),
            Field("minimum_password_length", "MinPassword", Integer(low=8, high=16), default="8", unit="characters"),
            Field("outbound_cipher_set", "outboundcipherset", Text(), refers=True, default="unset"),
            Field("kemp_analytics", "Tethering", _YES, default="true"),
        ),
        *_rows(
            "Admin WUI Access",
            Field("session_management", "sessioncontrol", _YES, danger=_LOGIN, safe=(True,), default="true"),
            Field("session_basic_auth", "sessionbasicauth", _NO, danger=_LOGIN, safe=(False,), default="false"),
            Field("session_idle_timeout", "sessionidletime", Integer(low=60, high=86400), default="0", unit="seconds"),
            Field(
                "session_failed_logins",
                "sessionmaxfailattempts",
                Integer(low=1, high=999),
                default="0",
                unit="attempts",
            ),
            Field("session_concurrent_logins", "sessionconcurrent", Integer(high=9), default="0", unit="sessions"),
            Field("wui_banner", "WUIPreAuth", Text(longest=5000), default="unset"),
            Field("wui_tls_versions", "WUITLSProtocols", TlsVersions(), danger=_TLS, default="all"),
            Field("wui_cipher_set", "wuicipherset", Text(), danger=_TLS, refers=True, default="unset"),
            Field(
                "wui_tls13_cipher_suites",
                "WUITLS13Ciphersets",
                Items(),
                # Cleared, the appliance goes back to these.
                stored=lambda suites: suites or _SUITES,
                danger=_TLS,
                default="the three of TLS 1.3",
            ),
        ),
        *_rows(
            "WUI Settings",
            Field("hover_help", "hoverhelp", _YES, default="true"),
            Field("message_of_the_day", "motd", Text(longest=5000), default="unset"),
            Field("wui_display_lines", "wuidisplaylines", Integer(low=10, high=100), default="0", unit="lines"),
        ),
        *_rows(
            "L7 Configuration",
            Field("connection_scaling", "localbind", _NO, default="false"),
            Field(
                "always_check_persistence",
                "alwayspersist",
                Choice(words={"no": "0", "yes": "1", "yes_and_accept_changes": "2"}, unset="no"),
                default="no",
            ),
            Field("active_cookie_port", "addcookieport", _NO, default="false"),
            Field("conform_to_rfc", "rfcconform", _YES, default="true"),
            Field("close_on_error", "closeonerror", _NO, default="false"),
            Field("via_in_cache_responses", "addvia", _NO, default="false"),
            Field("real_servers_are_local", "rsarelocal", _NO, default="false"),
            Field("drop_connections_on_rs_failure", "droponfail", _NO, default="false"),
            Field("drop_at_drain_time_end", "dropatdrainend", _NO, default="false"),
            Field("l7_transparency", "transparent", _NO, default="false"),
            Field("l7_authentication_timeout", "authtimeout", Integer(low=30, high=300), default="30", unit="seconds"),
            Field("l7_wait_after_post", "authpostwait", Integer(low=1, high=2000), default="2000", unit="milliseconds"),
            Field(
                "l7_client_token_timeout",
                "clienttokentimeout",
                Integer(low=60, high=300),
                default="120",
                unit="seconds",
            ),
            Field(
                "l7_drain_time", "finalpersist", Integer(low=60, high=86400, zero=True), default="300", unit="seconds"
            ),
            Field(
                "additional_l7_header",
                "addforwardheader",
                Choice(words={"x_clientside": "0", "x_forwarded_for": "1", "none": "2"}),
                default="x_forwarded_for",
            ),
            Field(
                "handling_of_100_continue",
                "expect100",
                Choice(words={"rfc_2616": "0", "require": "1", "rfc_7231": "2"}),
                default="rfc_7231",
            ),
            Field("allow_empty_posts", "allowemptyposts", _NO, default="false"),
            Field("allow_empty_http_headers", "AllowEmptyHttpHeaders", _NO, default="false"),
            Field("force_complete_rs_match", "ForceFullRSMatch", _NO, default="false"),
            Field("slow_start_time", "slowstart", Integer(high=600), default="0", unit="seconds"),
            Field("share_subvs_persistence", "ShareSubVSPersist", _NO, default="false"),
            Field("log_insight_split_interval", "logsplitinterval", Integer(low=1, high=100), default="10"),
            Field("log_user_agent", "loguseragent", _NO, default="false"),
            Field("cef_log_format", "CEFmsgFormat", _NO, default="false"),
            Field("ntlm_proxy_mode", "L7NTLMProxy", _YES, default="true"),
        ),
        *_rows(
            "Network Options",
            Field("server_nat", "snat", _YES, default="true"),
            Field(
                "connection_timeout",
                "conntimeout",
                Integer(low=60, high=86400, zero=True),
                # 0 puts the factory default back, and that is what is reported then.
                stored=lambda seconds: seconds or 660,
                default="660",
                unit="seconds",
            ),
            Field("non_http_uploads", "allowupload", _NO, default="false"),
            Field("tcp_keepalives", "keepalive", _YES, default="true"),
            Field("reset_on_close", "resetclose", _NO, default="false"),
            Field("subnet_originating_requests", "subnetorigin", _NO, default="false"),
            Field("subnet_originating", "subnetoriginating", _NO, default="false"),
            Field("strict_ip_routing", "routefilter", _NO, default="false"),
            Field("tcp_timestamps", "tcptimestamp", _NO, default="false"),
            Field("non_local_real_servers", "nonlocalrs", _YES, default="true"),
            Field("alternate_gateways", "multigw", _NO, default="false"),
            Field("default_route_only", "onlydefaultroutes", _NO, danger=_ROUTE, safe=(False,), default="false"),
            Field("check_real_server_certificates", "SSLForceServerVerify", _NO, default="false"),
            Field("legacy_timewait_reuse", "TCPnorecycle", _NO, default="false"),
            Field("selective_acknowledgements", "tcpsack", _NO, default="false"),
            Field("ipv6_forwarding", "IPV6forwarding", _YES, default="true"),
            Field("http_proxy", "http_proxy", Text(), default="unset"),
        ),
        *_rows(
            "SSL Options",
            Field("ssl_renegotiation", "sslrenegotiate", _NO, default="false"),
            Field(
                "dh_key_size",
                "dhkeysize",
                Choice(words={size: size for size in ("512", "1024", "2048", "4096")}),
                default="2048",
                unit="bits",
            ),
            Field("ocsp_stapling", "SSLStapling", _NO, default="false"),
            Field(
                "ocsp_refresh_interval",
                "SSLRefreshInterval",
                Integer(low=3600, high=86400),
                default="3600",
                unit="seconds",
            ),
            Field("disable_master_secret", "SSLDisableMasterSecret", _NO, default="false"),
        ),
        *_rows(
            "Syslog Options",
            _hosts("syslog_emergency", "syslogemergency"),
            _hosts("syslog_critical", "syslogcritical"),
            _hosts("syslog_error", "syslogerror"),
            _hosts("syslog_warning", "syslogwarn"),
            _hosts("syslog_notice", "syslognotice"),
            _hosts("syslog_info", "sysloginfo"),
            Field("syslog_port", "SyslogPort", _PORT, default="514"),
            Field(
                "syslog_protocol",
                "SyslogProt",
                Choice(words={word: word for word in ("udp", "tcp", "tls")}),
                default="udp",
            ),
            Field("syslog_client_certificate", "SyslogCert", _NO, default="false"),
            Field("syslog_prefix", "SyslogPrefix", Text(longest=80), default="unset"),
        ),
        *_rows(
            "SNMP Options",
            Field("snmp_enabled", "snmpenable", _NO, default="false"),
            Field("snmp_clients", "snmpclient", Items(), default="unset"),
            Field("snmp_community", "snmpcommunity", Text(), secret=True, default="unset"),
            Field("snmp_contact", "snmpcontact", Text(), default="unset"),
            Field("snmp_location", "snmplocation", Text(), default="unset"),
            Field("snmp_v3_enabled", "snmpV3enable", _NO, default="false"),
            Field("snmp_v3_user", "snmpv3user", Text(), default="unset"),
            _secret("snmp_v3_password", "snmpv3userpasswd"),
            Field(
                "snmp_v3_authentication", "snmpAuthProt", Choice(words={"md5": "MD5", "sha": "SHA"}), default="unset"
            ),
            Field("snmp_v3_privacy_enabled", "snmpV3Privenable", _NO, default="false"),
            Field("snmp_v3_privacy", "snmpPrivProt", Choice(words={"des": "DES", "aes": "AES"}), default="unset"),
            _secret("snmp_v3_privacy_password", "snmpv3privpasswd"),
            Field("snmp_traps_enabled", "snmptrapenable", _NO, default="false"),
            Field("snmp_v1_trap_sinks", "snmpv1sink", Items(), default="unset"),
            Field("snmp_v2_trap_sinks", "snmpv2sink", Items(), default="unset"),
        ),
        *_rows(
            "Email Options",
            Field("email_enabled", "emailenable", _NO, default="false"),
            Field("email_server", "emailserver", Text(), default="unset"),
            Field("email_port", "emailport", Integer(high=65535), default="25"),
            Field("email_user", "emailuser", Text(), default="unset"),
            _secret("email_password", "emailpassword"),
            Field("email_domain", "emaildomain", Text(), default="unset"),
            Field(
                "email_security",
                "emailsslmode",
                Choice(words={"none": "0", "starttls_if_available": "1", "starttls": "2", "tls": "3"}),
                default="none",
            ),
            Field("email_emergency", "emailemergency", Text(), default="unset"),
            Field("email_critical", "emailcritical", Text(), default="unset"),
            Field("email_error", "emailerror", Text(), default="unset"),
            Field("email_warning", "emailwarn", Text(), default="unset"),
            Field("email_notice", "emailnotice", Text(), default="unset"),
            Field("email_info", "emailinfo", Text(), default="unset"),
        ),
        *_rows(
            "Automated Backups",
            Field("backup_enabled", "backupenable", _NO, default="false"),
            Field(
                "backup_day",
                "backupday",
                Choice(words={day: str(number) for number, day in enumerate(_DAYS)}),
                default="daily",
            ),
            Field("backup_hour", "backuphour", Integer(high=23), default="0", unit="hours"),
            Field("backup_minute", "backupminute", Integer(high=59), default="0", unit="minutes"),
            Field(
                "backup_method",
                "backupmethod",
                Choice(words={"ftp": "wput", "scp": "scp", "sftp": "sftp"}),
                default="ftp",
            ),
            Field("backup_host", "backuphost", Text(), default="unset"),
            Field("backup_user", "backupuser", Text(), default="unset"),
            _secret("backup_password", "backuppassword"),
            _secret("backup_ssh_key", "backupident"),
            Field("backup_path", "backuppath", Text(), default="unset"),
        ),
    ]
)

# Commands of their own set these; timeout and retries go first, the interval follows in a second call.
HEALTH_TABLE = Table(
    _rows(
        "Service (Health) Check Parameters",
        Field("health_check_timeout", "Timeout", Integer(low=4, high=60), default="4", unit="seconds"),
        Field("health_check_retries", "RetryCount", Integer(low=2, high=15), default="2", unit="attempts"),
        Field("health_check_interval", "RetryInterval", Integer(low=9, high=901), default="9", unit="seconds"),
    )
)

# Switches that have to be on before the rest of their section is set, and are turned off after it.
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

# Not, or not surely, among what getall reports: read one by one.
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
