# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The fields of a virtual service as rows, page by page as the WUI has them.

Sources: the vendor's interface description, and what clients have recorded of live appliances.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import (
    FIRST,
    LAST,
    Companion,
    Field,
    Need,
    Table,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    WORD,
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
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef

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

# Since when a field is there is as recordings have it; that one that is older had it in a build of its own does no harm, as its
# answers tell.
TABLE = Table(
    [
        # Basic properties
        Field(
            "type",
            "vstype",
            Choice(words=_TYPES),
            reported="VStype",
            request=FIRST,
            default="by port",
            label="Basic Properties > Service Type",
            description=(
                "The kind of traffic. Other options depend on it; caching, compression and HTTP headers, for "
                "example, require V(http).",
                "A change of the type resets O(add_http_headers) and O(cache), and empties "
                "O(response_body_rules). So the type is sent first, followed by the values of the task, or else "
                "the former ones. The diff shows what the new type cannot keep.",
            ),
            choices={
                "generic": (
                    "Any TCP or UDP traffic, passed on without inspection. The only type that can run at layer 4."
                ),
                "http": "HTTP, and HTTPS whose TLS ends at the LoadMaster.",
                "http2": "HTTP/2 with HTTPS. Newer firmware only.",
                "starttls": (
                    "Protocols that switch to TLS on request, such as SMTP, IMAP and POP3. See O(starttls_mode)."
                ),
                "remote_terminal": "Remote Desktop.",
                "log_insight": "Log messages for VMware Log Insight. Newer firmware only.",
            },
        ),
        Field(
            "nickname",
            "nickname",
            Text(
                pattern=r"[A-Za-z0-9][A-Za-z0-9 .@_-]*",
                meaning="made of letters, digits, spaces and . @ - _, and begin with a letter or digit",
            ),
            reported="NickName",
            default="unset",
            label="Basic Properties > Service Name",
            description=(
                "The name of the service in lists and messages. It is made of letters, digits, spaces and the "
                "characters C(. @ - _), and begins with a letter or digit. An empty string clears it.",
                "With O(address) and O(port) it is an ordinary option. Without them it identifies the service, "
                "which must exist and have a unique name.",
            ),
        ),
        Field(
            "enabled",
            "enable",
            Flag(unset=True),
            reported="Enable",
            default="true",
            label="Basic Properties > Activate or Deactivate Service",
            description=(
                "Whether the service accepts connections. V(false) takes it out of operation and keeps its "
                "configuration."
            ),
        ),
        Field(
            "alternate_address",
            "altaddress",
            Address(),
            reported="AltAddress",
            default="unset",
            label="Basic Properties > Alternate Address",
            description=(
                "A second address on which the same service answers, commonly the IPv6 address of a service "
                "that has an IPv4 one. An empty string clears it."
            ),
        ),
        Field(
            "extra_ports",
            "extraports",
            Items(joint=",", item=Ports()),
            reported="ExtraPorts",
            default="unset",
            label="Standard Options > Extra Ports",
            description=(
                "Further ports on which the service answers, each a port such as V(8080) or a range such as "
                "V(8000-8010). The order does not matter. An empty list clears it."
            ),
        ),
        # Standard options
        Field(
            "force_l4",
            "forcel7",
            Flag(inverted=True),
            reported="ForceL7",
            needs=(Need("type", ("generic",)),),
            default="false for TCP, true for UDP",
            label="Standard Options > Force L4",
            description=(
                "Runs the service at layer 4, which passes packets on without ending the connection. It is "
                "fast but always transparent, so the real servers have to route their answers through the "
                "LoadMaster, and everything that looks into the traffic is unavailable.",
                "The API inverts it: V(true) is sent as C(n), V(false) as C(y).",
            ),
        ),
        Field(
            "transparent",
            "transparent",
            Flag(),
            reported="Transparent",
            needs=(_L7,),
            strict=True,
            default="false",
            label="Standard Options > L7 Transparency",
            description=(
                "Whether real servers see the address of the client as the source of a connection. V(false) "
                "makes connections come from the LoadMaster, which works wherever the servers are; V(true) "
                "needs the LoadMaster as their default gateway and clients outside of their network. At layer 4 a service is "
                "always transparent, so both values are refused there; a new service for UDP is at layer 4."
            ),
        ),
        Field(
            "subnet_originating",
            "subnetoriginating",
            Flag(),
            reported="SubnetOriginating",
            needs=(_L7,),
            strict=True,
            default="true",
            label="Standard Options > Subnet Originating Requests",
            description=(
                "Whether connections to real servers come from the address that the LoadMaster has in their "
                "network, V(true), or from the address of the service, V(false). It makes no difference while "
                "O(transparent=true)."
            ),
        ),
        Field(
            "use_address_for_snat",
            "useforsnat",
            Flag(),
            reported="UseforSnat",
            default="false",
            label="Standard Options > Use Address for Server NAT",
            description=(
                "Uses the address of the service as the source of connections that its real servers open "
                "to the outside. Mail servers need this if others look up their address in reverse. The WUI shows it "
                "only while server NAT is on for the whole appliance, see "
                "O(kemp.loadmaster.settings#module:server_nat)."
            ),
        ),
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
            label="Standard Options > Persistence Options",
            description=(
                "How the LoadMaster recognises a client, to send it to the same real server again. Modes with a "
                "second method use it if the first one finds nothing.",
                "The modes with a cookie and V(selected_header) require O(persistence_cookie), V(http_query_hash) "
                "requires O(persistence_query_item). V(none) also sets O(persistence_timeout) to 0.",
            ),
            choices={
                "none": "Every connection is balanced again.",
                "ssl_session_id": "The TLS session.",
                "server_cookie": "The value of a cookie that the real servers set.",
                "active_cookie": "A cookie that the LoadMaster sets itself.",
                "server_cookie_or_source_ip": "As V(server_cookie), else the address of the client.",
                "active_cookie_or_source_ip": "As V(active_cookie), else the address of the client.",
                "hash_all_cookies": "A hash of all cookies of the request.",
                "hash_all_cookies_or_source_ip": "As V(hash_all_cookies), else the address of the client.",
                "url_hash": "A hash of the URL, which sends equal requests to the same server.",
                "http_query_hash": "A hash of one item of the query string.",
                "http_host_header": "The Host header.",
                "selected_header": "A header of your choice, named by O(persistence_cookie).",
                "super_http": "A fingerprint of the browser made of several headers.",
                "super_http_or_source_ip": "As V(super_http), else the address of the client.",
                "source_ip": "The address of the client.",
                "terminal_service": "The user name or routing token of a Remote Desktop connection.",
                "terminal_service_or_source_ip": "As V(terminal_service), else the address of the client.",
                "session_broker": "The routing token of a Remote Desktop session broker.",
                "session_broker_or_source_ip": "As V(session_broker), else the address of the client.",
                "udp_session_initiation": "The call of a SIP message over UDP.",
            },
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
            label="Standard Options > Persistence Options",
            description=(
                "How long the LoadMaster remembers a client after its last connection.",
                "The LoadMaster keeps whole minutes and rounds down. V(400) becomes 360, and is compared as 360.",
            ),
        ),
        Field(
            "persistence_cookie",
            "cookie",
            Text(),
            reported="Cookie",
            needs=(Need("persistence", _COOKIE_MODES),),
            along=("persistence",),
            default="unset",
            label="Standard Options > Persistence Options",
            description=(
                "The name of the cookie by which clients are recognised. For O(persistence=selected_header) "
                "it is the name of the header. An empty string clears it.",
                "The LoadMaster keeps the name in other modes, so it may report one that has no effect.",
            ),
        ),
        Field(
            "persistence_query_item",
            "querytag",
            Text(),
            reported="QueryTag",
            needs=(Need("persistence", ("http_query_hash",)),),
            along=("persistence",),
            default="unset",
            label="Standard Options > Persistence Options",
            description=("The item of the query string by which clients are recognised. An empty string clears it."),
        ),
        Field(
            "persistence_refresh",
            "refreshpersist",
            Flag(),
            reported="RefreshPersist",
            needs=(_PERSISTENT,),
            request=LAST,
            since="7.2.54",
            default="false",
            label="Standard Options > Persistence Options",
            description=(
                "Lets the time of O(persistence_timeout) start again with traffic on a connection that is already open."
            ),
        ),
        Field(
            "scheduling",
            "schedule",
            Choice(words=_SCHEDULING),
            reported="Schedule",
            default="round_robin",
            label="Standard Options > Scheduling Method",
            description="How a real server is chosen for a connection whose client is not recognised.",
            choices={
                "round_robin": "One after the other.",
                "weighted_round_robin": "One after the other, in proportion to their weights.",
                "least_connection": "The one with the fewest open connections.",
                "weighted_least_connection": "The one with the fewest open connections for its weight.",
                "fixed_weighting": "Always the available one with the highest weight, which makes the others spares.",
                "resource_based_adaptive": "By the load that the servers report, see O(adaptive_url).",
                "resource_based_sdn_adaptive": "By the load that a network controller reports.",
                "source_ip_hash": "By a hash of the address of the client.",
                "weighted_response_time": "By how fast the servers answer health checks.",
                "url_hash": "By a hash of the URL.",
            },
        ),
        Field(
            "idle_timeout",
            "idletime",
            Integer(high=86400),
            reported="Idletime",
            # 0 means the global connection time-out, which the appliance then reports.
            stored=lambda seconds: seconds or 660,
            default="660",
            unit="seconds",
            label="Standard Options > Idle Connection Timeout",
            description=(
                "How long a connection may stay idle before the LoadMaster closes it. Raise it for clients "
                "that hold connections open, such as Outlook.",
                "V(0) asks for the time-out of the whole appliance. The LoadMaster stores and reports 660 "
                "then, so V(0) and V(660) are compared as equal.",
            ),
        ),
        Field(
            "server_initiating",
            "serverinit",
            Choice(words=_SERVER_INITIATING, unset="none"),
            reported="ServerInit",
            needs=(_L7,),
            default="none",
            label="Standard Options > Server Initiating Protocols",
            description=(
                "The protocol, if the server speaks first. Otherwise a connection at layer 7 waits for data from "
                "the client."
            ),
            choices={
                "none": "The client speaks first.",
                "smtp": "SMTP.",
                "ssh": "SSH.",
                "other": "Another protocol in which the server speaks first.",
                "imap4": "IMAP4.",
                "mysql": "MySQL.",
                "pop3": "POP3.",
            },
        ),
        Field(
            "starttls_mode",
            "starttlsmode",
            Choice(words=_STARTTLS, unset="http"),
            reported="StartTLSMode",
            needs=(Need("type", ("starttls",)),),
            default="http",
            label="Virtual Services > View/Modify Services",
            description="Which protocol switches to TLS, and whether the switch is required.",
            choices={
                "http": "No such switch. This is what services of other types have.",
                "smtp_if_requested": "SMTP, encrypted where the client asks for it.",
                "smtp_always": "SMTP, always encrypted.",
                "ftp": "FTP.",
                "imap": "IMAP.",
                "pop3": "POP3.",
            },
        ),
        Field(
            "quality_of_service",
            "qos",
            Choice(words=_QOS, unset="normal_service"),
            reported="QoS",
            default="normal_service",
            label="Standard Options > Quality of Service",
            description=("The type of service that the LoadMaster writes into the IP packets to the clients."),
            choices={
                "normal_service": "No special treatment.",
                "minimize_cost": "Minimize cost.",
                "maximize_reliability": "Maximize reliability.",
                "maximize_throughput": "Maximize throughput.",
                "minimize_delay": "Minimize delay.",
                "pass_through": "As it is in the packets of the client.",
            },
        ),
        Field(
            "multiplex_connections",
            "multiconnect",
            Flag(),
            reported="MultiConnect",
            needs=(_L7, _NO_SSL),
            ends_with=(_NO_SSL,),
            default="false",
            label="Advanced Properties > Enable Multiple Connect",
            description=(
                "Lets requests of several clients share connections to the real servers, which saves the "
                "servers work. Do not use it with applications that authenticate a connection, such as NTLM. "
                "It cannot be on together with SSL acceleration, the web application firewall or the Edge "
                "Security Pack."
            ),
        ),
        Field(
            "adaptive_interval",
            "adaptiveinterval",
            Integer(low=10, high=60),
            reported="AdaptiveInterval",
            needs=(_ADAPTIVE,),
            along=("scheduling",),
            since="7.2.60",
            default="10",
            unit="seconds",
            label="Standard Options",
            description=("How often the LoadMaster asks for the load of the real servers."),
        ),
        Field(
            "adaptive_url",
            "adaptiveurl",
            Text(pattern=r"/.*", meaning="a path that begins with a slash"),
            reported="AdaptiveURL",
            also_reported="AdaptiveUrl",
            needs=(_ADAPTIVE,),
            along=("scheduling",),
            since="7.2.60",
            default="unset",
            label="Standard Options",
            description=(
                "The path under which the real servers report their load, with a slash at its beginning, such "
                "as V(/load). An empty string clears it."
            ),
        ),
        Field(
            "adaptive_port",
            "adaptiveport",
            Integer(low=3, high=65530),
            reported="AdaptivePort",
            needs=(_ADAPTIVE,),
            along=("scheduling",),
            since="7.2.60",
            default="unset",
            label="Standard Options",
            description="The port on which the real servers report their load.",
        ),
        Field(
            "adaptive_minimum_percent",
            "adaptiveminpercent",
            Integer(high=50),
            reported="AdaptiveMinPercent",
            needs=(_ADAPTIVE,),
            along=("scheduling",),
            since="7.2.60",
            default="unset",
            unit="percent",
            label="Standard Options",
            description="The load below which a real server counts as idle.",
        ),
        # Limits
        Field(
            "bandwidth_limit",
            "bandwidth",
            Integer(),
            reported="Bandwidth",
            default="0",
            unit="kbit/s",
            label="QoS/Limiting > Bandwidth Limit",
            description=(
                "The maximum bandwidth; V(0) means no limit. A service with this limit runs at layer 7. The WUI "
                "accepts 0 or 16 to 99999999."
            ),
        ),
        Field(
            "connection_rate_limit",
            "connsperseclimit",
            Integer(),
            reported="ConnsPerSecLimit",
            since="7.2.54",
            default="0",
            unit="connections per second",
            label="QoS/Limiting > Connections per second",
            description=("The maximum of new connections a second; V(0) means no limit."),
        ),
        Field(
            "request_rate_limit",
            "requestsperseclimit",
            Integer(),
            reported="RequestsPerSecLimit",
            since="7.2.54",
            default="0",
            unit="requests per second",
            label="QoS/Limiting > HTTP Requests per second",
            description=("The maximum of HTTP requests a second; V(0) means no limit."),
        ),
        Field(
            "connection_limit",
            "maxconnslimit",
            Integer(),
            reported="MaxConnsLimit",
            since="7.2.54",
            default="0",
            unit="connections",
            label="QoS/Limiting > Concurrent Connections",
            description=("The maximum of open connections; V(0) means no limit."),
        ),
        Field(
            "transaction_limit",
            "transactionlimit",
            Integer(),
            reported="Transactionlimit",
            default="0",
            unit="transactions",
            label="Virtual Services > View/Modify Services",
            description=(
                "The maximum of transactions; V(0) means no limit. The vendor does not describe this limit further."
            ),
        ),
        # SSL properties
        Field(
            "ssl_acceleration",
            "sslacceleration",
            Flag(),
            reported="SSLAcceleration",
            needs=(_L7,),
            default="false",
            label="SSL Properties > SSL Acceleration",
            description=(
                "Whether the LoadMaster ends TLS itself. Only then can it look into what passes through. "
                "Where it is switched off, O(client_certificates), O(ocsp_verify), O(require_sni_hostname), "
                "O(pass_cipher_headers), O(http2), O(ssl_rewrite), O(ssl_reencrypt), "
                "O(reencryption_sni_hostname) and O(pass_through_sni_hostname) are cleared first. Otherwise "
                "the LoadMaster would keep them and restore them the next time. Where it is switched on, "
                "O(multiplex_connections) is."
            ),
        ),
        Field(
            "certificates",
            "certfile",
            Certificates(item=WORD),
            reported="CertFile",
            refers="certificates",
            needs=(_SSL,),
            default="one that it makes",
            label="SSL Properties > Certificates",
            description=(
                "The names of the certificates that clients see, as they are installed on the LoadMaster. "
                "With several, the name that a client asks for (SNI) decides. An empty list means the "
                "self-signed certificate that the LoadMaster makes for the service."
            ),
        ),
        Field(
            "intermediate_certificates",
            "intermediatecerts",
            Items(joint="+", splits=r"[+,\s]+", item=WORD),
            reported="IntermediateCerts",
            refers="intermediate_certificates",
            needs=(_SSL,),
            known_with=_SSL,
            default="all",
            label="SSL Properties",
            description=(
                "The names of the intermediate certificates against which client certificates are checked. "
                "The order does not matter. An empty list clears it."
            ),
        ),
        Field(
            "tls_versions",
            "tlstype",
            TlsVersions(),
            reported="TlsType",
            needs=(_SSL,),
            known_with=_SSL,
            default="TLS 1.1 and newer",
            label="SSL Properties > Supported Protocols",
            description=(
                "The versions of TLS that clients may use; all others are off. The LoadMaster keeps a mask of "
                "those that are off.",
                "A LoadMaster with its old SSL library has no TLS 1.3 and no bit for it in the mask. "
                "So V(TLSv1.3) always reads as on there.",
            ),
        ),
        Field(
            "cipher_set",
            "cipherset",
            Text(lasting=True),
            reported="CipherSet",
            refers="cipher_sets",
            needs=(_SSL,),
            default="Default",
            label="SSL Properties > Cipher Set",
            description=(
                "The name of the cipher set for TLS up to version 1.2, one of those that the LoadMaster has, "
                "such as V(BestPractices), or one of your own. Upper and lower case matter."
            ),
        ),
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
            label="SSL Properties",
            description=(
                "The cipher suites for TLS 1.3. The order does not matter. The LoadMaster does not let the "
                "list be emptied, so an empty list is refused."
            ),
        ),
        Field(
            "client_certificates",
            "clientcert",
            Choice(words=_CLIENT_CERTIFICATES, unset="none"),
            reported="ClientCert",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="none",
            label="SSL Properties > Client Certificates",
            description=(
                "Whether clients must present a certificate, and which header reports it to the real servers."
            ),
            choices={
                "none": "Clients need none.",
                "required": "Clients need one.",
                "required_with_headers": "Clients need one, and its fields are passed on in headers.",
                "der_as_ssl_client_cert": "Clients need one, and it is passed on in the header SSL-CLIENT-CERT, in DER.",
                "der_as_x_client_cert": "Clients need one, and it is passed on in the header X-CLIENT-CERT, in DER.",
                "pem_as_ssl_client_cert": "Clients need one, and it is passed on in the header SSL-CLIENT-CERT, in PEM.",
                "pem_as_x_client_cert": "Clients need one, and it is passed on in the header X-CLIENT-CERT, in PEM.",
            },
        ),
        Field(
            "ocsp_verify",
            "ocspverify",
            Flag(),
            reported="OCSPVerify",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
            label="SSL Properties",
            description="Whether client certificates are also checked with the OCSP server.",
        ),
        Field(
            "require_sni_hostname",
            "needhostname",
            Flag(),
            reported="NeedHostName",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
            label="SSL Properties > Require SNI hostname",
            description="Whether clients that name no host in the TLS handshake are refused.",
        ),
        Field(
            "pass_cipher_headers",
            "passcipher",
            Flag(),
            reported="PassCipher",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
            label="SSL Properties",
            description="Whether headers report the cipher of the client to the real servers.",
        ),
        Field(
            "http2",
            "allowhttp2",
            Flag(),
            reported="AllowHTTP2",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
            label="SSL Properties",
            description="Whether clients may use HTTP/2. Leave it off for services that use NTLM.",
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
            label="SSL Properties > Rewrite Rules",
            description=(
                "The scheme to which redirects of the real servers are changed, for servers that do not know "
                "that their clients use TLS."
            ),
            choices={
                "none": "Redirects stay as they are.",
                "http": "To http.",
                "https": "To https.",
            },
        ),
        Field(
            "ssl_reencrypt",
            "sslreencrypt",
            Flag(),
            reported="SSLReencrypt",
            needs=(_SSL,),
            ends_with=(_SSL,),
            default="false",
            label="SSL Properties > SSL Acceleration > Reencrypt",
            description=(
                "Whether traffic to the real servers is encrypted again. Such a service is never transparent, "
                "whatever O(transparent) says. Where it is switched off, O(reencryption_sni_hostname) and "
                "O(pass_through_sni_hostname) are cleared before it."
            ),
        ),
        Field(
            "reencryption_sni_hostname",
            "reversesnihostname",
            Text(longest=255),
            reported="ReverseSNIHostname",
            needs=(_REENCRYPT,),
            ends_with=(_REENCRYPT, _SSL),
            default="unset",
            label="SSL Properties > Reencryption SNI Hostname",
            description=(
                "The host name that the LoadMaster gives the real servers in the TLS handshake. An empty "
                "string clears it."
            ),
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
            label="SSL Properties > Pass through SNI hostname",
            description=("Whether the real servers get the host name that the client gave in its TLS handshake."),
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
            label="Advanced Properties > Add HTTP Headers",
            description=(
                "Which headers tell the real servers the address of the client and that a proxy was passed. "
                "They are added only while O(transparent=false)."
            ),
            choices={
                "legacy": "What older firmware does: X-Forwarded-For without Via.",
                "x_forwarded_for_and_via": "X-Forwarded-For and Via.",
                "none": "No header.",
                "x_clientside_and_via": "X-ClientSide and Via.",
                "x_clientside": "X-ClientSide.",
                "x_forwarded_for": "X-Forwarded-For.",
                "via": "Via.",
            },
        ),
        Field(
            "copy_header_from",
            "copyhdrfrom",
            Text(),
            reported="CopyHdrFrom",
            along=("copy_header_to",),
            default="unset",
            label="Advanced Properties > Copy Header in Request",
            description=(
                "The request header that is copied into another one, named by O(copy_header_to), before the "
                "request goes to the real server. An empty string clears it."
            ),
        ),
        Field(
            "copy_header_to",
            "copyhdrto",
            Text(),
            reported="CopyHdrTo",
            along=("copy_header_from",),
            default="unset",
            label="Advanced Properties > Copy Header in Request",
            description=("The request header into which O(copy_header_from) is copied. An empty string clears it."),
        ),
        Field(
            "extra_header_name",
            "extrahdrkey",
            Text(),
            reported="ExtraHdrKey",
            along=("extra_header_value",),
            default="unset",
            label="Advanced Properties > Add Header to Request",
            description=(
                "The name of a header that is added to every request, with the value of "
                "O(extra_header_value). An empty string clears it."
            ),
        ),
        Field(
            "extra_header_value",
            "extrahdrvalue",
            Text(),
            reported="ExtraHdrValue",
            along=("extra_header_name",),
            default="unset",
            label="Advanced Properties > Add Header to Request",
            description=("The value of the header that O(extra_header_name) names. An empty string clears it."),
        ),
        Field(
            "cache",
            "cache",
            Flag(),
            reported="Cache",
            needs=(_L7, _HTTP),
            reset_by="type",
            default="false",
            label="Advanced Properties > Enable Caching",
            description="Answers requests for static content from memory, without asking a real server.",
        ),
        Field(
            "cache_percent",
            "cachepercent",
            Integer(high=100),
            reported="CachePercent",
            needs=(Need("cache", (True,)),),
            along=("cache",),
            default="0",
            unit="percent",
            label="Advanced Properties > Maximum Cache Usage",
            description=(
                "The share of the cache of the appliance that this service may take; V(0) is without a limit."
            ),
        ),
        Field(
            "compress",
            "compress",
            Flag(),
            reported="Compress",
            needs=(_L7, _HTTP),
            default="false",
            label="Advanced Properties > Enable Compression",
            description="Compresses answers on their way to the client.",
        ),
        Field(
            "default_gateway",
            "defaultgw",
            Address(),
            reported="DefaultGW",
            default="unset",
            label="Advanced Properties > Default Gateway",
            description=(
                "The gateway for answers of this service to its clients, where it is not the one of the "
                "appliance. An empty string clears it."
            ),
        ),
        Field(
            "error_code",
            "errorcode",
            Integer(low=200, high=505, zero=True, cleared=""),
            reported="ErrorCode",
            default="0",
            label="Advanced Properties > Not Available Redirection Handling",
            description=(
                "The HTTP status that clients get while no real server is available. A redirect such as "
                "V(302) goes to O(error_url). V(0) turns it off."
            ),
        ),
        Field(
            "error_url",
            "errorurl",
            Text(),
            reported="ErrorUrl",
            default="unset",
            label="Advanced Properties > Not Available Redirection Handling",
            description=(
                "Where clients are redirected to while no real server is available. C(%h) stands for the host "
                "and C(%s) for the path that the client asked for. A service for port 80 without real "
                "servers, with V(https://%h%s) here and a redirect as O(error_code), sends browsers to HTTPS. "
                "An empty string clears it."
            ),
        ),
        # Last, since the same task may create the other service.
        Field(
            "follow_service",
            "followvsid",
            Text(),
            reported="FollowVSID",
            request=LAST,
            default="unset",
            label="Advanced Properties > Port Following",
            description=(
                "Another service whose persistence this one follows, so that a client stays on one real "
                "server across both. Give it as C(address:port), as C(protocol/address:port), with an IPv6 "
                "address in brackets, or by its nickname. The LoadMaster keeps an index; the module looks "
                "it up each time. An empty string ends it."
            ),
        ),
        Field(
            "local_bind_addresses",
            "localbindaddrs",
            Items(item=Address()),
            reported="LocalBindAddrs",
            default="unset",
            label="Advanced Properties > Alternate Source Addresses",
            description=(
                "Addresses of the LoadMaster for connections to the real servers, used in turn, for more than "
                "64,000 connections. It requires O(kemp.loadmaster.settings#module:connection_scaling=true). The "
                "order does not matter. An empty list clears it."
            ),
        ),
        Field(
            "sorry_server_address",
            "standbyaddr",
            Address(),
            reported="StandbyAddr",
            companions=(Companion("sorry_server_port"),),
            along=("sorry_server_port", "sorry_server_non_local"),
            default="unset",
            label="Advanced Properties > Sorry Server",
            description=(
                "The server that gets the traffic while no real server is available. It is never checked. "
                "It requires O(sorry_server_port). An empty string clears it."
            ),
        ),
        Field(
            "sorry_server_port",
            "standbyport",
            Integer(low=3, high=65530, zero=True, cleared=""),
            reported="StandbyPort",
            companions=(Companion("sorry_server_address"),),
            along=("sorry_server_address", "sorry_server_non_local"),
            default="unset",
            label="Advanced Properties > Sorry Server",
            description=("The port of the sorry server. It requires O(sorry_server_address). V(0) removes it."),
        ),
        Field(
            "sorry_server_non_local",
            "non_local",
            Flag(),
            write_only=True,
            default="false",
            label="Advanced Properties",
            description=(
                "Allows a sorry server outside the networks of the LoadMaster. It requires "
                "O(kemp.loadmaster.settings#module:non_local_real_servers=true).",
                "The LoadMaster does not report it, so it is not compared: it is sent when the service is "
                "created, and along with a change of O(sorry_server_address) or O(sorry_server_port).",
            ),
        ),
        Field(
            "detect_malicious_requests",
            "verify",
            Choice(words=_INTRUSION, unset="off"),
            reported="Verify",
            needs=(_L7,),
            default="off",
            label="Advanced Properties > Detect Malicious Requests",
            description=("Whether requests are checked against known attacks, and what happens to one that matches."),
            choices={
                "off": "Requests are not checked.",
                "reject": "The client gets an error.",
                "drop": "The connection is closed without an answer.",
                "reject_and_warn": "Like V(reject), also for possible attacks.",
                "drop_and_warn": "Like V(drop), also for possible attacks.",
            },
        ),
        Field(
            "reschedule_on_4xx",
            "httpreschedule",
            Flag(),
            reported="HTTPReschedule",
            needs=(_L7, _HTTP),
            since="7.2.59",
            default="false",
            label="Advanced Properties",
            description=("Tries another real server if one answers with an HTTP status from 400 to 499."),
        ),
        Field(
            "response_status_remap",
            "responsestatusremap",
            Flag(),
            reported="ResponseStatusRemap",
            needs=(_L7, _HTTP),
            since="7.2.60",
            default="false",
            label="Advanced Properties",
            description=(
                "Replaces HTTP statuses in responses of the real servers, as O(response_remap_codes) defines."
            ),
        ),
        Field(
            "response_remap_codes",
            "responseremapcodemap",
            Text(),
            reported="ResponseRemapCodeMap",
            needs=(Need("response_status_remap", (True,)),),
            along=("response_status_remap",),
            since="7.2.60",
            default="unset",
            label="Advanced Properties",
            description=(
                "The statuses and their replacements, in the notation of the LoadMaster. An empty string clears it."
            ),
        ),
        Field(
            "response_remap_messages",
            "responseremapmsgmap",
            Text(),
            reported="ResponseRemapMsgMap",
            needs=(Need("response_status_remap", (True,)),),
            along=("response_status_remap",),
            since="7.2.60",
            default="unset",
            label="Advanced Properties",
            description=(
                "The texts that replaced statuses come with, in the notation of the LoadMaster. An empty "
                "string clears it."
            ),
        ),
        # Real server check
        Field(
            "check_type",
            "checktype",
            Choice(words=_CHECKS),
            reported="CheckType",
            default="by port",
            label="Real Servers > Real Server Check Parameters > Real Server Check Method",
            description=(
                "How the LoadMaster checks whether a real server is up.",
                "On a new service the method follows from the port: 443 gets V(https) and 25 gets V(smtp), "
                "for example; ports without a protocol of their own get V(tcp).",
                "Set it together with the options that depend on it. A new service with one of these options and "
                "without the method is refused, unless the default method is known to fit.",
            ),
            choices={
                "icmp": "A ping.",
                "https": "A request over HTTPS, see O(check_url). The certificate is not verified.",
                "http": "A request over HTTP, see O(check_url).",
                "tcp": "A TCP connection.",
                "smtp": "An SMTP dialogue. The WUI calls it Mail.",
                "nntp": "An NNTP dialogue.",
                "ftp": "An FTP dialogue.",
                "telnet": "A Telnet dialogue.",
                "pop3": "A POP3 dialogue.",
                "imap": "An IMAP dialogue.",
                "rdp": "A Remote Desktop dialogue.",
                "binary_data": (
                    "Bytes to send, and bytes that the answer must contain: O(check_url) and O(check_pattern)."
                ),
                "ldap": "A search through an LDAP endpoint, see O(check_ldap_endpoint).",
                "dns": "A DNS query. For UDP services.",
                "none": "No check; real servers always count as up.",
            },
        ),
        Field(
            "check_port",
            "checkport",
            Integer(low=3, high=65530, zero=True),
            reported="CheckPort",
            default="0",
            label="Real Servers > Real Server Check Parameters > Checked Port",
            description=("The port of the real servers that is checked; V(0) checks the port that gets the traffic."),
        ),
        Field(
            "check_url",
            "checkurl",
            Text(longest=126),
            reported="CheckUrl",
            needs=(Need("check_type", ("http", "https", "binary_data")),),
            default="unset",
            label="Real Servers > Real Server Check Parameters > URL",
            description=(
                "The path to request, with a leading slash, such as V(/owa/healthcheck.htm). For "
                "O(check_type=binary_data) it is the data to send, in hexadecimal digits. An empty string clears "
                "it."
            ),
        ),
        Field(
            "check_use_http_1_1",
            "checkuse1.1",
            Flag(),
            reported="CheckUse1.1",
            needs=(_WEB_CHECK,),
            default="false",
            label="Real Servers > Real Server Check Parameters > Use HTTP/1.1",
            description="Uses HTTP/1.1, with a Host header, instead of HTTP/1.0.",
        ),
        Field(
            "check_host",
            "checkhost",
            Text(),
            reported="CheckHost",
            needs=(_WEB_CHECK, Need("check_use_http_1_1", (True,))),
            along=("check_use_http_1_1",),
            default="unset",
            label="Real Servers > Real Server Check Parameters",
            description=(
                "The name in the Host header of the check, for servers with several web sites. Without it, "
                "the LoadMaster sends the address of the service. An empty string clears it."
            ),
        ),
        Field(
            "check_method",
            "checkuseget",
            Choice(words=_METHODS, unset="head"),
            reported="CheckUseGet",
            needs=(_WEB_CHECK,),
            default="head",
            label="Real Servers > Real Server Check Parameters > HTTP Method",
            description="The HTTP method of the check.",
            choices={
                "head": "HEAD.",
                "get": "GET.",
                "post": "POST, with O(check_post_data).",
                "options": "OPTIONS. Newer firmware only.",
            },
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
            label="Real Servers > Real Server Check Parameters > Reply 200 Pattern",
            description=(
                "A regular expression that must match the answer. For HTTP it applies with O(check_method=get) "
                "and O(check_method=post), to answers with a status from 200 to 299. For "
                "O(check_type=binary_data) it is the data to find, in hexadecimal digits. An empty string clears "
                "it.",
                "Needs O(check_type=http), O(check_type=https) or O(check_type=binary_data); the first two "
                "also O(check_method=get) or O(check_method=post).",
            ),
        ),
        Field(
            "check_post_data",
            "checkpostdata",
            Text(longest=2047),
            reported="CheckPostData",
            needs=(_WEB_CHECK, Need("check_method", ("post",))),
            along=("check_method",),
            default="unset",
            label="Real Servers > Real Server Check Parameters",
            description="The body to send with O(check_method=post). An empty string clears it.",
        ),
        Field(
            "check_codes",
            "checkcodes",
            Items(item=Text(pattern=r"[345][0-9][0-9]", meaning="a status code from 300 to 599")),
            reported="CheckCodes",
            needs=(_WEB_CHECK,),
            default="unset",
            label="Real Servers > Real Server Check Parameters > Status Codes",
            description=(
                "HTTP statuses from 300 to 599 that count as up. Statuses from 200 to 299 always do. Without "
                "a list, 301, 302 and 401 do as well. The order does not matter. An empty list clears it."
            ),
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
            label="Real Servers > Real Server Check Parameters",
            description=(
                "Headers that are sent with the check, each as C(Name:value) without spaces. The order does "
                "not matter. An empty list clears it."
            ),
        ),
        Field(
            "check_match_length",
            "matchlen",
            Integer(high=8000),
            reported="MatchLen",
            needs=(Need("check_type", ("binary_data",)),),
            default="0",
            unit="bytes",
            label="Real Servers > Real Server Check Parameters > Find Match Within",
            description=("How much of the answer is searched for O(check_pattern); V(0) searches all of it."),
        ),
        Field(
            "check_ldap_endpoint",
            "ldapendpoint",
            Text(),
            reported="LdapEndpoint",
            needs=(Need("check_type", ("ldap",)),),
            default="unset",
            label="Real Servers > Real Server Check Parameters",
            description=(
                "The name of the LDAP endpoint, as it is configured on the LoadMaster, through which the "
                "check searches. An empty string clears it."
            ),
        ),
        Field(
            "enhanced_health_checks",
            "enhancedhealthchecks",
            Flag(),
            reported="EnhancedHealthChecks",
            childless=True,
            default="false",
            label="Real Servers",
            description=(
                "Makes O(minimum_servers) available, and in the WUI the option that makes a real server "
                "critical. A service that has SubVSs does not have this option. Where it is "
                "switched off, O(minimum_servers) is cleared before it."
            ),
        ),
        Field(
            "minimum_servers",
            "rsminimum",
            Integer(high=65535),
            reported="RsMinimum",
            # One server up is the usual meaning of "up".
            stored=lambda number: 0 if number == 1 else number,
            needs=(_ENHANCED_CHECKS,),
            along=("enhanced_health_checks",),
            released=True,
            ends_with=(_ENHANCED_CHECKS,),
            request=LAST,
            default="0",
            unit="servers",
            label="Real Servers",
            description=(
                (
                    "How many real servers must be up for the service to count as up. A number above that of its "
                    "servers is refused."
                ),
                "A service needs one anyway: the LoadMaster stores V(1) as 0, so V(1) and V(0) count as equal. "
                "The option is set after the real servers of the same task were added.",
            ),
        ),
        Field(
            "check_interval",
            "chkinterval",
            Integer(low=9, high=120),
            reported="ChkInterval",
            default="the global one",
            unit="seconds",
            label="Real Servers",
            description=(
                "The time between two checks of a real server of this service. Newer firmware only, as "
                "O(check_timeout) and O(check_retries).",
                "Once set, it can be changed, but the LoadMaster does not let it go back to the one of the "
                "whole appliance, O(kemp.loadmaster.settings#module:health_check_interval).",
            ),
        ),
        Field(
            "check_timeout",
            "chktimeout",
            Integer(low=4, high=60),
            reported="ChkTimeout",
            default="the global one",
            unit="seconds",
            label="Real Servers",
            description=(
                "How long a check waits for an answer.",
                "Once set, it can be changed, but the LoadMaster does not let it go back to the one of the "
                "whole appliance, O(kemp.loadmaster.settings#module:health_check_timeout).",
            ),
        ),
        Field(
            "check_retries",
            "chkretrycount",
            Integer(low=2, high=15),
            reported="ChkRetryCount",
            default="the global one",
            unit="attempts",
            label="Real Servers",
            description=(
                "How often a check is repeated before the real server counts as down.",
                "Once set, it can be changed, but the LoadMaster does not let it go back to the one of the "
                "whole appliance, O(kemp.loadmaster.settings#module:health_check_retries).",
            ),
        ),
    ]
)

# The defaults of these depend on port and protocol, the firmware and global settings.
_BY_CIRCUMSTANCE = frozenset(
    {"type", "check_type", "force_l4", "ssl_acceleration", "transparent", "subnet_originating", "idle_timeout"}
    | {"tls_versions", "persistence_timeout"}
)
# The defaults of all others.
NEW_SERVICE = {
    row.option: row.kind.read(None) for row in TABLE.fields if row.option not in _BY_CIRCUMSTANCE and not row.write_only
} | {"scheduling": "round_robin", "cipher_set": "Default"}

# Default type and check by protocol and port, as recorded; None if unknown.
_BY_PORT: Mapping[tuple[str, str], tuple[str | None, str | None]] = {
    ("tcp", "53"): ("generic", "tcp"),
    ("udp", "53"): ("generic", "dns"),
    ("tcp", "80"): ("http", "http"),
    ("tcp", "443"): (None, "https"),
    ("tcp", "8080"): ("http", "tcp"),
    ("tcp", "20001"): ("generic", None),
}
_UNKNOWN = (None, None)
# What a new SubVS inherits from its parent.
OF_PARENTS = ("type", "check_type")


def picked(ref: ServiceRef, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the LoadMaster picks for a new service, of which the options say nothing; None where no one knows."""
    kind, check = _BY_PORT.get((ref.protocol, ref.port), _UNKNOWN)
    # All other types are always at layer 7
    layer_4 = ref.protocol == "udp" and options.get("type", "generic") == "generic"
    values = {"type": kind, "check_type": check, "force_l4": layer_4}
    return {option: value for option, value in values.items() if option not in options}


def check_new(table: Table, options: Mapping[str, Any], picks: Mapping[str, Any], subject: str) -> None:
    """Raise InvalidOption where options of a new object depend on a value that they do not have, or that no one knows."""
    unset = {row.option: row.kind.unset for row in table.fields}
    state = {**unset, "scheduling": "round_robin", **picks, **options}
    table.check_needs(options, state, subject, picks)
