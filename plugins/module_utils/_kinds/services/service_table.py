# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The fields of a virtual service as rows, page by page as the WUI has them.

Sources: the vendor's interface description, and what clients have recorded of live appliances.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import (
    FIRST,
    LAST,
    Companion,
    Field,
    Need,
    Table,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    Address,
    Certificates,
    Choice,
    Flag,
    Integer,
    Items,
    Ports,
    Text,
    TlsVersions,
)

_SSL = Need("ssl_acceleration", (True,))
_NO_SSL = Need("ssl_acceleration", (False,))
_REENCRYPT = Need("ssl_reencrypt", (True,))
_ENHANCED_CHECKS = Need("enhanced_health_checks", (True,))
_L7 = Need("force_l4", (False,))
_HTTP = Need("type", ("http", "http2"))
_PERSISTENT = Need("persistence", not_values=("none",))
_COOKIE_MODES = (
    "server_cookie",
    "active_cookie",
    "server_cookie_or_source_ip",
    "active_cookie_or_source_ip",
    "hash_all_cookies",
    "hash_all_cookies_or_source_ip",
    "selected_header",
)
_WEB_CHECK = Need("check_type", ("http", "https"))
_ADAPTIVE = Need("scheduling", ("resource_based_adaptive",))


def _whole_minutes(seconds: int) -> int:
    return seconds - seconds % 60


_TYPES = {
    "generic": "gen",
    "http": "http",
    "http2": "http2",
    "starttls": "tls",
    "remote_terminal": "ts",
    "log_insight": "log",
}
_PERSISTENCE = {
    "none": "none",
    "ssl_session_id": "ssl",
    "server_cookie": "cookie",
    "active_cookie": "active-cookie",
    "server_cookie_or_source_ip": "cookie-src",
    "active_cookie_or_source_ip": "active-cook-src",
    "hash_all_cookies": "cookie-hash",
    "hash_all_cookies_or_source_ip": "cookie-hash-src",
    "url_hash": "url",
    "http_query_hash": "query-hash",
    "http_host_header": "host",
    "selected_header": "header",
    "super_http": "super",
    "super_http_or_source_ip": "super-src",
    "source_ip": "src",
    "terminal_service": "rdp",
    "terminal_service_or_source_ip": "rdp-src",
    "session_broker": "rdp-sb",
    "session_broker_or_source_ip": "rdp-sb-src",
    "udp_session_initiation": "udpsip",
}
_SCHEDULING = {
    "round_robin": "rr",
    "weighted_round_robin": "wrr",
    "least_connection": "lc",
    "weighted_least_connection": "wlc",
    "fixed_weighting": "fixed",
    "resource_based_adaptive": "adaptive",
    "resource_based_sdn_adaptive": "sdn-adaptive",
    "source_ip_hash": "sh",
    "weighted_response_time": "dl",
    "url_hash": "uhash",
}
# With an adaptive method the answer names it in a member of its own.
ADAPTIVE_REPORTED = {"http_rs": "resource_based_adaptive", "sdn_gstats": "resource_based_sdn_adaptive"}
_CHECKS = {
    "icmp": "icmp",
    "https": "https",
    "http": "http",
    "tcp": "tcp",
    "smtp": "smtp",
    "nntp": "nntp",
    "ftp": "ftp",
    "telnet": "telnet",
    "pop3": "pop3",
    "imap": "imap",
    "rdp": "rdp",
    "binary_data": "bdata",
    "ldap": "ldap",
    "dns": "dns",
    "none": "none",
}
_SERVER_INITIATING = {"none": "0", "smtp": "1", "ssh": "2", "other": "3", "imap4": "4", "mysql": "5", "pop3": "6"}
_STARTTLS = {"http": "0", "smtp_if_requested": "1", "smtp_always": "2", "ftp": "3", "imap": "4", "pop3": "6"}
_QOS = {
    "normal_service": "0",
    "minimize_cost": "1",
    "maximize_reliability": "2",
    "maximize_throughput": "4",
    "minimize_delay": "8",
    "pass_through": "16",
}
_HEADERS = {
    "legacy": "0",
    "x_forwarded_for_and_via": "1",
    "none": "2",
    "x_clientside_and_via": "3",
    "x_clientside": "4",
    "x_forwarded_for": "5",
    "via": "6",
}
_CLIENT_CERTIFICATES = {
    "none": "0",
    "required": "1",
    "required_with_headers": "2",
    "der_as_ssl_client_cert": "3",
    "der_as_x_client_cert": "4",
    "pem_as_ssl_client_cert": "5",
    "pem_as_x_client_cert": "6",
}
_INTRUSION = {"off": "0", "reject": "1", "drop": "3", "reject_and_warn": "5", "drop_and_warn": "7"}
_METHODS = {"head": "0", "get": "1", "post": "2", "options": "3"}

TABLE = Table(
    [
        # Basic properties
        Field("type", "vstype", Choice(words=_TYPES), reported="VStype", request=FIRST, default="by port"),
        Field(
            "nickname",
            "nickname",
            Text(
                pattern=r"[A-Za-z0-9][A-Za-z0-9 .@_-]*",
                meaning="made of letters, digits, spaces and . @ - _, and begin with a letter or digit",
            ),
            reported="NickName",
            default="unset",
        ),
        Field("enabled", "enable", Flag(unset=True), reported="Enable", default="true"),
        Field("alternate_address", "altaddress", Address(), reported="AltAddress", default="unset"),
        Field(
            "extra_ports",
            "extraports",
            Items(joint=",", item=Ports()),
            reported="ExtraPorts",
            default="unset",
        ),
        # Standard options
        Field(
            "force_l4",
            "forcel7",
            Flag(inverted=True),
            reported="ForceL7",
            needs=(Need("type", ("generic",)),),
            default="false for TCP, true for UDP",
        ),
        Field("transparent", "transparent", Flag(), reported="Transparent", needs=(_L7,), default="false"),
        Field(
            "subnet_originating",
            "subnetoriginating",
            Flag(),
            reported="SubnetOriginating",
            needs=(_L7,),
            default="true",
        ),
        Field("use_address_for_snat", "useforsnat", Flag(), reported="UseforSnat", default="false"),
        Field(
            "persistence",
            "persist",
            Choice(words=_PERSISTENCE, unset="none"),
            reported="Persist",
            companions=(
                Companion("persistence_cookie", _COOKIE_MODES),
                Companion("persistence_query_item", ("http_query_hash",)),
            ),
            along=("persistence_timeout", "persistence_cookie", "persistence_query_item"),
            default="none",
        ),
        Field(
            "persistence_timeout",
            "persisttimeout",
            Integer(low=60, high=604800),
            reported="PersistTimeout",
            stored=_whole_minutes,
            needs=(_PERSISTENT,),
            along=("persistence",),
            default="360 once persistence is on",
            unit="seconds",
        ),
        Field(
            "persistence_cookie",
            "cookie",
            Text(),
            reported="Cookie",
            needs=(Need("persistence", _COOKIE_MODES),),
            along=("persistence",),
            default="unset",
        ),
        Field(
            "persistence_query_item",
            "querytag",
            Text(),
            reported="QueryTag",
            needs=(Need("persistence", ("http_query_hash",)),),
            along=("persistence",),
            default="unset",
        ),
        Field(
            "persistence_refresh",
            "refreshpersist",
            Flag(),
            reported="RefreshPersist",
            needs=(_PERSISTENT,),
            request=LAST,
            default="false",
        ),
        Field("scheduling", "schedule", Choice(words=_SCHEDULING), reported="Schedule", default="round_robin"),
        Field(
            "idle_timeout",
            "idletime",
            Integer(high=86400),
            reported="Idletime",
            # 0 means the global connection time-out, and that is what the appliance then reports.
            stored=lambda seconds: seconds or 660,
            default="660",
            unit="seconds",
        ),
        Field(
            "server_initiating",
            "serverinit",
            Choice(words=_SERVER_INITIATING, unset="none"),
            reported="ServerInit",
            needs=(_L7,),
            default="none",
        ),
        Field(
            "starttls_mode",
            "starttlsmode",
            Choice(words=_STARTTLS, unset="http"),
            reported="StartTLSMode",
            needs=(Need("type", ("starttls",)),),
            default="http",
        ),
        Field(
            "quality_of_service",
            "qos",
            Choice(words=_QOS, unset="normal_service"),
            reported="QoS",
            default="normal_service",
        ),
        Field(
            "multiplex_connections",
            "multiconnect",
            Flag(),
            reported="MultiConnect",
            needs=(_L7, _NO_SSL),
            ends_with=(_NO_SSL,),
            default="false",
        ),
        Field(
            "adaptive_interval",
            "adaptiveinterval",
            Integer(low=10, high=60),
            reported="AdaptiveInterval",
            needs=(_ADAPTIVE,),
            along=("scheduling",),
            default="10",
            unit="seconds",
        ),
        Field(
            "adaptive_url",
            "adaptiveurl",
            Text(pattern=r"/.*", meaning="a path that begins with a slash"),
            reported="AdaptiveURL",
            needs=(_ADAPTIVE,),
            along=("scheduling",),
            default="unset",
        ),
        Field(
            "adaptive_port",
            "adaptiveport",
            Integer(low=3, high=65530),
            reported="AdaptivePort",
            needs=(_ADAPTIVE,),
            along=("scheduling",),
            default="unset",
        ),
        Field(
            "adaptive_minimum_percent",
            "adaptiveminpercent",
            Integer(high=50),
            reported="AdaptiveMinPercent",
            needs=(_ADAPTIVE,),
            along=("scheduling",),
            default="unset",
            unit="percent",
        ),
        # Limits
        Field("bandwidth_limit", "bandwidth", Integer(), reported="Bandwidth", default="0", unit="kbit/s"),
        Field(
            "connection_rate_limit",
            "connsperseclimit",
            Integer(),
            reported="ConnsPerSecLimit",
            default="0",
            unit="connections per second",
        ),
        Field(
            "request_rate_limit",
            "requestsperseclimit",
            Integer(),
            reported="RequestsPerSecLimit",
            default="0",
            unit="requests per second",
        ),
        Field(
            "connection_limit", "maxconnslimit", Integer(), reported="MaxConnsLimit", default="0", unit="connections"
        ),
        Field(
            "transaction_limit",
            "transactionlimit",
            Integer(),
            reported="Transactionlimit",
            default="0",
            unit="transactions",
        ),
        # SSL properties
        Field("ssl_acceleration", "sslacceleration", Flag(), reported="SSLAcceleration", needs=(_L7,), default="false"),
        Field(
            "certificates", "certfile", Certificates(), reported="CertFile", needs=(_SSL,), default="one that it makes"
        ),
        Field(
            "intermediate_certificates",
            "intermediatecerts",
            Items(joint="+", splits=r"[+,\s]+"),
            reported="IntermediateCerts",
            needs=(_SSL,),
            known_with=_SSL,
            default="all",
        ),
        Field(
            "tls_versions",
            "tlstype",
            TlsVersions(),
            reported="TlsType",
            needs=(_SSL,),
            known_with=_SSL,
            default="TLS 1.1 and newer",
        ),
        Field("cipher_set", "cipherset", Text(lasting=True), reported="CipherSet", needs=(_SSL,), default="Default"),
        Field(
            "tls13_cipher_suites",
            "tls13cipherset",
            Items(
                splits=r"[,:\s]+",
                lasting=True,
                item=Text(
                    pattern=r"TLS_[A-Z0-9_]+",
                    meaning="the name of a TLS 1.3 cipher suite, such as TLS_AES_256_GCM_SHA384",
                ),
            ),
            reported="Tls13CipherSet",
            needs=(_SSL,),
            default="all",
        ),
        Field(
            "client_certificates",
            "clientcert",
            Choice(words=_CLIENT_CERTIFICATES, unset="none"),
            reported="ClientCert",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="none",
        ),
        Field(
            "ocsp_verify",
            "ocspverify",
            Flag(),
            reported="OCSPVerify",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
        ),
        Field(
            "require_sni_hostname",
            "needhostname",
            Flag(),
            reported="NeedHostName",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
        ),
        Field(
            "pass_cipher_headers",
            "passcipher",
            Flag(),
            reported="PassCipher",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
        ),
        Field(
            "http2",
            "allowhttp2",
            Flag(),
            reported="AllowHTTP2",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
        ),
        Field(
            "ssl_rewrite",
            "sslrewrite",
            Choice(
                words={"none": "", "http": "http", "https": "https"},
                reported={"none": "0", "http": "1", "https": "2"},
                unset="none",
            ),
            reported="SSLRewrite",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="none",
        ),
        Field(
            "ssl_reencrypt",
            "sslreencrypt",
            Flag(),
            reported="SSLReencrypt",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
        ),
        Field(
            "reencryption_sni_hostname",
            "reversesnihostname",
            Text(longest=255),
            reported="ReverseSNIHostname",
            needs=(_REENCRYPT,),
            ends_with=(_REENCRYPT, _SSL),
            default="unset",
        ),
        Field(
            "pass_through_sni_hostname",
            "passsni",
            Flag(),
            reported="PassSni",
            needs=(_REENCRYPT,),
            released=True,
            ends_with=(_REENCRYPT, _SSL),
            request=LAST,
            default="false",
        ),
        # Advanced properties
        Field(
            "add_http_headers",
            "addvia",
            Choice(words=_HEADERS, unset="legacy"),
            reported="AddVia",
            needs=(_L7,),
            reset_by="type",
            default="legacy",
        ),
        Field(
            "copy_header_from",
            "copyhdrfrom",
            Text(),
            reported="CopyHdrFrom",
            along=("copy_header_to",),
            default="unset",
        ),
        Field(
            "copy_header_to", "copyhdrto", Text(), reported="CopyHdrTo", along=("copy_header_from",), default="unset"
        ),
        Field(
            "extra_header_name",
            "extrahdrkey",
            Text(),
            reported="ExtraHdrKey",
            along=("extra_header_value",),
            default="unset",
        ),
        Field(
            "extra_header_value",
            "extrahdrvalue",
            Text(),
            reported="ExtraHdrValue",
            along=("extra_header_name",),
            default="unset",
        ),
        Field("cache", "cache", Flag(), reported="Cache", needs=(_L7, _HTTP), reset_by="type", default="false"),
        Field(
            "cache_percent",
            "cachepercent",
            Integer(high=100),
            reported="CachePercent",
            needs=(Need("cache", (True,)),),
            along=("cache",),
            default="0",
            unit="percent",
        ),
        Field("compress", "compress", Flag(), reported="Compress", needs=(_L7, _HTTP), default="false"),
        Field("default_gateway", "defaultgw", Address(), reported="DefaultGW", default="unset"),
        Field(
            "error_code",
            "errorcode",
            Integer(low=200, high=505, zero=True, cleared=""),
            reported="ErrorCode",
            default="0",
        ),
        Field("error_url", "errorurl", Text(), reported="ErrorUrl", default="unset"),
        # Last, since the other service may be made in the same task.
        Field("follow_service", "followvsid", Text(), reported="FollowVSID", request=LAST, default="unset"),
        Field(
            "local_bind_addresses",
            "localbindaddrs",
            Items(item=Address()),
            reported="LocalBindAddrs",
            default="unset",
        ),
        Field(
            "sorry_server_address",
            "standbyaddr",
            Address(),
            reported="StandbyAddr",
            companions=(Companion("sorry_server_port"),),
            along=("sorry_server_port", "sorry_server_non_local"),
            default="unset",
        ),
        Field(
            "sorry_server_port",
            "standbyport",
            Integer(low=3, high=65530, zero=True, cleared=""),
            reported="StandbyPort",
            companions=(Companion("sorry_server_address"),),
            along=("sorry_server_address", "sorry_server_non_local"),
            default="unset",
        ),
        Field("sorry_server_non_local", "non_local", Flag(), write_only=True, default="false"),
        Field(
            "detect_malicious_requests",
            "verify",
            Choice(words=_INTRUSION, unset="off"),
            reported="Verify",
            needs=(_L7,),
            default="off",
        ),
        Field(
            "reschedule_on_4xx",
            "httpreschedule",
            Flag(),
            reported="HTTPReschedule",
            needs=(_L7, _HTTP),
            default="false",
        ),
        Field(
            "response_status_remap",
            "responsestatusremap",
            Flag(),
            reported="ResponseStatusRemap",
            needs=(_L7, _HTTP),
            default="false",
        ),
        Field(
            "response_remap_codes",
            "responseremapcodemap",
            Text(),
            reported="ResponseRemapCodeMap",
            needs=(Need("response_status_remap", (True,)),),
            along=("response_status_remap",),
            default="unset",
        ),
        Field(
            "response_remap_messages",
            "responseremapmsgmap",
            Text(),
            reported="ResponseRemapMsgMap",
            needs=(Need("response_status_remap", (True,)),),
            along=("response_status_remap",),
            default="unset",
        ),
        # Real server check
        Field("check_type", "checktype", Choice(words=_CHECKS), reported="CheckType", default="by port"),
        Field("check_port", "checkport", Integer(low=3, high=65530, zero=True), reported="CheckPort", default="0"),
        Field(
            "check_url",
            "checkurl",
            Text(longest=126),
            reported="CheckUrl",
            needs=(Need("check_type", ("http", "https", "binary_data")),),
            default="unset",
        ),
        Field(
            "check_use_http_1_1", "checkuse1.1", Flag(), reported="CheckUse1.1", needs=(_WEB_CHECK,), default="false"
        ),
        Field(
            "check_host",
            "checkhost",
            Text(),
            reported="CheckHost",
            needs=(_WEB_CHECK, Need("check_use_http_1_1", (True,))),
            along=("check_use_http_1_1",),
            default="unset",
        ),
        Field(
            "check_method",
            "checkuseget",
            Choice(words=_METHODS, unset="head"),
            reported="CheckUseGet",
            needs=(_WEB_CHECK,),
            default="head",
        ),
        Field(
            "check_pattern",
            "checkpattern",
            Text(),
            reported="CheckPattern",
            needs=(
                Need("check_type", ("http", "https", "binary_data")),
                Need("check_method", ("get", "post"), only_for=_WEB_CHECK),
            ),
            along=("check_method",),
            default="unset",
        ),
        Field(
            "check_post_data",
            "checkpostdata",
            Text(longest=2047),
            reported="CheckPostData",
            needs=(_WEB_CHECK, Need("check_method", ("post",))),
            along=("check_method",),
            default="unset",
        ),
        Field(
            "check_codes",
            "checkcodes",
            Items(item=Text(pattern=r"[345]\d\d", meaning="a status code from 300 to 599")),
            reported="CheckCodes",
            needs=(_WEB_CHECK,),
            default="unset",
        ),
        Field(
            "check_headers",
            "checkheaders",
            Items(
                most=4,
                splits=r"[|\s]+",
                item=Text(pattern=r"[!-9;-{}~]+:[!-{}~]+", meaning="of the form Name:value without spaces or bars"),
            ),
            reported="CheckHeaders",
            needs=(_WEB_CHECK,),
            default="unset",
        ),
        Field(
            "check_match_length",
            "matchlen",
            Integer(high=8000),
            reported="MatchLen",
            needs=(Need("check_type", ("binary_data",)),),
            default="0",
            unit="bytes",
        ),
        Field(
            "check_ldap_endpoint",
            "ldapendpoint",
            Text(),
            reported="LdapEndpoint",
            needs=(Need("check_type", ("ldap",)),),
            default="unset",
        ),
        Field(
            "enhanced_health_checks", "enhancedhealthchecks", Flag(), reported="EnhancedHealthChecks", default="false"
        ),
        Field(
            "minimum_servers",
            "rsminimum",
            Integer(high=65535),
            reported="RsMinimum",
            # One server up is what "up" means anyway.
            stored=lambda number: 0 if number == 1 else number,
            needs=(_ENHANCED_CHECKS,),
            along=("enhanced_health_checks",),
            released=True,
            ends_with=(_ENHANCED_CHECKS,),
            request=LAST,
            default="0",
            unit="servers",
        ),
        Field(
            "check_interval",
            "chkinterval",
            Integer(low=9, high=120),
            reported="ChkInterval",
            default="the global one",
            unit="seconds",
        ),
        Field(
            "check_timeout",
            "chktimeout",
            Integer(low=4, high=60),
            reported="ChkTimeout",
            default="the global one",
            unit="seconds",
        ),
        Field(
            "check_retries",
            "chkretrycount",
            Integer(low=2, high=15),
            reported="ChkRetryCount",
            default="the global one",
            unit="attempts",
        ),
    ]
)

# What a new service has of these depends on its port and protocol, the firmware and global settings.
_BY_CIRCUMSTANCE = frozenset(
    {"type", "check_type", "force_l4", "ssl_acceleration", "transparent", "subnet_originating", "idle_timeout"}
    | {"tls_versions", "persistence_timeout"}
)
# What a new service has of all others.
FRESH = {
    row.option: row.kind.read(None) for row in TABLE.fields if row.option not in _BY_CIRCUMSTANCE and not row.write_only
} | {"scheduling": "round_robin", "cipher_set": "Default"}
