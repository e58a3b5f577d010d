#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: settings
short_description: Change settings of the appliance
version_added: 0.1.0
description:
  - Changes settings of a Kemp LoadMaster. These are names and time, access for administrators, the defaults of layer 7,
    network, logging, SNMP, mail, automated backups and health checks.
  - Options that you leave out are not sent and not compared, so values from elsewhere stay. An empty string or list
    clears a setting.
  - The task reads all settings at once and sends only differences. Then it reads them back. A setting that the
    LoadMaster did not accept is an error that names the setting, the wanted value and the found value. A second run
    changes nothing, unless O(update_secrets=always).
  - The order of the options is irrelevant. Switches such as O(snmp_enabled) are turned on before, and off after, the
    other settings of their section. Settings that can cut off the connection of the task come last.
  - A setting that can cut off this connection, such as O(wui_port), is refused unless O(allow_lockout=true).
  - O(parameters) changes settings that have no option here.
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - python >= 3.10
  - requests
extends_documentation_fragment:
  - kemp.loadmaster.connection
  - kemp.loadmaster.attributes
attributes:
  check_mode:
    support: full
    details:
      - The steps that it predicts are the steps that a run takes.
  diff_mode:
    support: full
    details:
      - The diff has the settings that change. Secrets are masked.
  idempotent:
    support: partial
    details:
      - Secrets cannot be compared. With O(update_secrets=always) those that the task names are sent, and reported as changed, by every run.
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  hostname:
    description:
      - The name of the LoadMaster. It is in syslog messages and in the names of backup files.
      - >-
        API parameter C(hostname). WUI: System Configuration > Network Setup > Host & DNS Configuration. At most 253 characters. Appliance default V(lb100).
    type: str
  dns_servers:
    description:
      - Addresses of the DNS servers, in the order in which they are asked. The last one cannot be removed while O(dnssec_client=true). An empty list clears it.
      - >-
        API parameter C(nameserver). WUI: System Configuration > Network Setup > Host & DNS Configuration. Appliance default: unset.
    type: list
    elements: str
  search_domains:
    description:
      - Domains in which short host names are looked up, in this order. An empty list clears it.
      - >-
        API parameter C(searchlist). WUI: System Configuration > Network Setup > Host & DNS Configuration. Appliance default: unset.
    type: list
    elements: str
  dnssec_client:
    description:
      - Whether the LoadMaster checks the signatures of DNS answers. It requires a DNS server, and a reboot to take effect. You can change it once between two
        reboots.
      - >-
        API parameter C(dnssecclient). WUI: System Configuration > Network Setup > Host & DNS Configuration. Appliance default V(false).
    type: bool
  dns_names:
    description:
      - Allows real servers to be added by a domain name instead of an address.
      - >-
        API parameter C(DNSNamesEnable). WUI: System Configuration > Network Setup > Host & DNS Configuration. Appliance default V(true).
    type: bool
  dns_update_interval:
    description:
      - How often the names of real servers are looked up again.
      - >-
        API parameter C(DNSUpdateInterval). WUI: System Configuration > Network Setup > Host & DNS Configuration. Range 1 to 60 minutes. Appliance default
        V(60).
    type: int
  dns_reload_on_error:
    description:
      - Looks the name of a real server up again when there is an error with the server.
      - >-
        API parameter C(DNSReloadOnError). WUI: System Configuration > Network Setup > Host & DNS Configuration. Appliance default V(false).
    type: bool
  time_zone:
    description:
      - The time zone of the LoadMaster, such as V(UTC). The clock itself cannot be set through the API, only by NTP. An empty string clears it.
      - >-
        API parameter C(timezone). WUI: System Configuration > System Administration > Date/Time. Appliance default: unset.
    type: str
  ntp_key_type:
    description:
      - The hash that authenticates NTP servers.
      - >-
        API parameter C(ntpkeytype). WUI: System Configuration > System Administration > Date/Time. Appliance default: unset.
    type: str
    choices:
      sha1: SHA-1. API value C(SHA1).
      sha: SHA. API value C(SHA).
      md5: MD5. API value C(M).
  ntp_key_id:
    description:
      - The number of the key on the NTP servers. Without a key, 0 is reported.
      - >-
        API parameter C(ntpkeyid). WUI: System Configuration > System Administration > Date/Time. Range 1 to 99. Appliance default V(0).
    type: int
  ntp_key_secret:
    description:
      - The key that authenticates NTP servers. More than 20 characters are read as hexadecimal digits. An empty string ends authentication.
      - The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).
      - >-
        API parameter C(ntpkeysecret). WUI: System Configuration > System Administration > Date/Time. At most 40 characters. Appliance default: unset.
    type: str
  ntp_servers:
    description:
      - The NTP servers, in the order in which they are asked. Setting them makes the LoadMaster ask at once, which takes some seconds. An empty list clears it.
      - >-
        API parameter C(ntphost). WUI: System Configuration > System Administration > Date/Time. Appliance default: unset.
    type: list
    elements: str
  default_gateway:
    description:
      - The IPv4 default gateway. It has to be in a network of the LoadMaster.
      - Can cut off the connection of this very task, since it changes the route back to this controller. Needs O(allow_lockout=true).
      - >-
        API parameter C(dfltgw). WUI: System Configuration > Network Setup > Default Gateway. Appliance default: as set up.
    type: str
  default_gateway_ipv6:
    description:
      - The IPv6 default gateway. An empty string clears it.
      - Can cut off the connection of this very task, since it changes the route back to this controller. Needs O(allow_lockout=true).
      - >-
        API parameter C(dfltgwv6). WUI: System Configuration > Network Setup > Default Gateway. Appliance default: unset.
    type: str
  ssh_access:
    description:
      - Whether administrators can log in with SSH.
      - >-
        API parameter C(sshaccess). WUI: Certificates & Security > Remote Access > Allow Remote SSH Access. Appliance default V(true).
    type: bool
  ssh_interface:
    description:
      - The network interface on which SSH answers, or V(all).
      - >-
        API parameter C(sshiface). WUI: Certificates & Security > Remote Access > Allow Remote SSH Access > Using. Appliance default V(all).
    type: str
  ssh_port:
    description:
      - The port on which SSH answers.
      - >-
        API parameter C(sshport). WUI: Certificates & Security > Remote Access > Allow Remote SSH Access > Port. Range 3 to 65530. Appliance default V(22).
    type: int
  ssh_banner:
    description:
      - A text that is shown before a user logs in with SSH. An empty string clears it.
      - >-
        API parameter C(SSHPreAuth). WUI: Certificates & Security > Remote Access > SSH Pre-Auth Banner. At most 5000 characters. Appliance default: unset.
    type: str
  wui_access:
    description:
      - Whether the WUI answers. After you turn it off, it may still answer until the next reboot.
      - Can cut off the connection of this very task, since it moves or closes the address that the API answers on. Needs O(allow_lockout=true), except for
        V(true).
      - >-
        API parameter C(wuiaccess). WUI: Certificates & Security > Remote Access > Allow Web Administrative Access. Appliance default V(true).
    type: bool
  wui_interface:
    description:
      - The number of the network interface on which the web user interface and the API answer.
      - Can cut off the connection of this very task, since it moves or closes the address that the API answers on. Needs O(allow_lockout=true).
      - >-
        API parameter C(wuiiface). WUI: Certificates & Security > Remote Access > Allow Web Administrative Access > Using. Range 0 and above. Appliance default
        V(0).
    type: int
  wui_port:
    description:
      - The port on which the web user interface answers, and the API with it as long as O(api_port) is not set.
      - Can cut off the connection of this very task, since it moves or closes the address that the API answers on. Needs O(allow_lockout=true).
      - >-
        API parameter C(wuiport). WUI: Certificates & Security > Remote Access > Allow Web Administrative Access > Port. Range 3 to 65535. Appliance default
        V(443).
    type: int
  admin_gateway:
    description:
      - The gateway for answers of the web user interface and the API, where it is not the default gateway. An empty string clears it.
      - Can cut off the connection of this very task, since it changes the route back to this controller. Needs O(allow_lockout=true).
      - >-
        API parameter C(admingw). WUI: Certificates & Security > Remote Access > Admin Default Gateway. Appliance default: unset.
    type: str
  multi_homed_wui:
    description:
      - Allows the web user interface on further interfaces. On which ones is set on each interface.
      - >-
        API parameter C(multihomedwui). WUI: Certificates & Security > Remote Access > Allow Multi Interface Access. Appliance default V(false).
    type: bool
  api_enabled:
    description:
      - Whether the API answers. This module uses the API, so it can only turn it off. Turn it on in the WUI.
      - Can cut off the connection of this very task, since it moves or closes the address that the API answers on. Needs O(allow_lockout=true), except for
        V(true).
      - >-
        API parameter C(enableapi). WUI: Certificates & Security > Remote Access > Enable API Interface. Appliance default V(false).
    type: bool
  api_port:
    description:
      - The port of the API, if it differs from that of the WUI.
      - Can cut off the connection of this very task, since it moves or closes the address that the API answers on. Needs O(allow_lockout=true).
      - >-
        API parameter C(apiport). WUI: Certificates & Security > Remote Access. Range 3 to 65535. Appliance default V(443).
    type: int
  admin_login_method:
    description:
      - How administrators authenticate. It requires O(session_management=true). The user C(bal) cannot have a certificate, so the methods without passwords
        lock it out.
      - Can cut off the connection of this very task, since it changes who may log in to the API, and how. Needs O(allow_lockout=true), except for V(password)
        and V(password_or_certificate).
      - >-
        API parameter C(adminclientaccess). WUI: Certificates & Security > Remote Access > Admin Login Method. Appliance default V(password).
    type: str
    choices:
      password: With a password. API value C(0).
      password_or_certificate: With a password or a client certificate. API value C(1).
      certificate: With a client certificate. API value C(2).
      certificate_with_ocsp: With a client certificate that is checked by OCSP. API value C(3).
  client_certificate_without_local_user:
    description:
      - Accepts a client certificate although the LoadMaster has no local user of that name.
      - >-
        API parameter C(AllowNoLocalUserClientCert). WUI: Certificates & Security > Remote Access. Appliance default V(false).
    type: bool
  minimum_password_length:
    description:
      - The shortest password that a local user may have.
      - >-
        API parameter C(MinPassword). WUI: Certificates & Security > Remote Access. Range 8 to 16 characters. Appliance default V(8).
    type: int
  outbound_cipher_set:
    description:
      - The cipher set for TLS connections that the LoadMaster itself opens. An empty string brings back the default.
      - >-
        API parameter C(outboundcipherset). WUI: Certificates & Security > Remote Access > Outbound Connection Cipher Set. Appliance default: unset.
    type: str
  kemp_analytics:
    description:
      - Whether the LoadMaster sends usage data to the vendor. It cannot be turned off with a licence that requires it.
      - >-
        API parameter C(Tethering). WUI: Certificates & Security > Remote Access. Appliance default V(true).
    type: bool
  session_management:
    description:
      - Whether the web user interface has sessions with a login page. API v2 needs it.
      - Can cut off the connection of this very task, since it changes who may log in to the API, and how. Needs O(allow_lockout=true), except for V(true).
      - >-
        API parameter C(sessioncontrol). WUI: Certificates & Security > Admin WUI Access > Enable Session Management. Appliance default V(true).
    type: bool
  session_basic_auth:
    description:
      - Asks for HTTP basic authentication before the login page. API v2 does not work while it is on.
      - Can cut off the connection of this very task, since it changes who may log in to the API, and how. Needs O(allow_lockout=true), except for V(false).
      - >-
        API parameter C(sessionbasicauth). WUI: Certificates & Security > Admin WUI Access > Require Basic Authentication. Appliance default V(false).
    type: bool
  session_idle_timeout:
    description:
      - How long a session may stay idle before it is ended. On a new appliance 0 is reported.
      - >-
        API parameter C(sessionidletime). WUI: Certificates & Security > Admin WUI Access > Idle Session Timeout. Range 60 to 86400 seconds. Appliance default
        V(0).
    type: int
  session_failed_logins:
    description:
      - After how many failed logins a user is blocked. On a new appliance 0 is reported.
      - >-
        API parameter C(sessionmaxfailattempts). WUI: Certificates & Security > Admin WUI Access > Failed Login Attempts. Range 1 to 999 attempts. Appliance
        default V(0).
    type: int
  session_concurrent_logins:
    description:
      - How many logins there may be at a time; V(0) is without a limit.
      - >-
        API parameter C(sessionconcurrent). WUI: Certificates & Security > Admin WUI Access > Limit Concurrent Logins. Range 0 to 9 sessions. Appliance default
        V(0).
    type: int
  wui_banner:
    description:
      - A text that is shown before the login page. It may contain HTML. An empty string clears it.
      - >-
        API parameter C(WUIPreAuth). WUI: Certificates & Security > Admin WUI Access > Pre-Auth Click Through Banner. At most 5000 characters. Appliance
        default: unset.
    type: str
  wui_tls_versions:
    description:
      - >-
        The TLS versions that the web user interface and the API accept. The list is complete: versions that are not in it are turned off. V([TLSv1.2, TLSv1.3])
        is a good choice.
      - The API takes the versions that are turned off, as the sum of 1 (SSLv3), 2 (TLSv1.0), 4 (TLSv1.1), 8 (TLSv1.2) and 16 (TLSv1.3).
      - Can cut off the connection of this very task, since it changes which TLS connections the API accepts. Needs O(allow_lockout=true).
      - >-
        API parameter C(WUITLSProtocols). WUI: Certificates & Security > Admin WUI Access > Supported TLS Protocols. Appliance default: all.
    type: list
    elements: str
    choices:
      - SSLv3
      - TLSv1.0
      - TLSv1.1
      - TLSv1.2
      - TLSv1.3
  wui_cipher_set:
    description:
      - The cipher set of the web user interface and the API, such as V(BestPractices) or one of your own. An empty string clears it.
      - Can cut off the connection of this very task, since it changes which TLS connections the API accepts. Needs O(allow_lockout=true).
      - >-
        API parameter C(wuicipherset). WUI: Certificates & Security > Admin WUI Access > WUI Cipher set. Appliance default: unset.
    type: str
  wui_tls13_cipher_suites:
    description:
      - The TLS 1.3 cipher suites of the web user interface and the API. An empty list brings back the default. The order does not matter.
      - Can cut off the connection of this very task, since it changes which TLS connections the API accepts. Needs O(allow_lockout=true).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(WUITLS13Ciphersets). WUI: Certificates & Security > Admin WUI Access > TLS1.3 Cipher sets. Appliance default: the three of TLS 1.3.
    type: list
    elements: str
  hover_help:
    description:
      - Whether the web user interface explains a field when the mouse rests on it.
      - >-
        API parameter C(hoverhelp). WUI: System Configuration > Miscellaneous Options > WUI Settings > Enable Hover Help. Appliance default V(true).
    type: bool
  message_of_the_day:
    description:
      - A text on the home page of the web user interface. It may contain HTML. An empty string clears it.
      - >-
        API parameter C(motd). WUI: System Configuration > Miscellaneous Options > WUI Settings > Message of the Day (MOTD). At most 5000 characters. Appliance
        default: unset.
    type: str
  wui_display_lines:
    description:
      - How many lines a table of the statistics pages shows. On a new appliance 0 is reported.
      - >-
        API parameter C(wuidisplaylines). WUI: System Configuration > Miscellaneous Options > WUI Settings. Range 10 to 100 lines. Appliance default V(0).
    type: int
  connection_scaling:
    description:
      - Makes O(kemp.loadmaster.virtual_service#module:local_bind_addresses) available.
      - >-
        API parameter C(localbind). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Allow connection scaling over 64K Connections.
        Appliance default V(false).
    type: bool
  always_check_persistence:
    description:
      - For which requests of a connection persistence is checked.
      - >-
        API parameter C(alwayspersist). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Always Check Persist. Appliance default V(no).
    type: str
    choices:
      'no': The first one. API value C(0).
      'yes': Each one. API value C(1).
      yes_and_accept_changes: Every request; changes within a connection are kept. API value C(2).
  active_cookie_port:
    description:
      - Adds the port of the client to the active cookie. It spreads clients better that share an address behind a proxy.
      - >-
        API parameter C(addcookieport). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Add Port to Active Cookie. Appliance default
        V(false).
    type: bool
  conform_to_rfc:
    description:
      - Ends the path of a request at the first space, as the standard says. V(false) helps browsers that do not escape spaces.
      - >-
        API parameter C(rfcconform). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Conform to RFC. Appliance default V(true).
    type: bool
  close_on_error:
    description:
      - Closes the connection when the LoadMaster itself answers with an error.
      - >-
        API parameter C(closeonerror). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Close on Error. Appliance default V(false).
    type: bool
  via_in_cache_responses:
    description:
      - Adds a Via header to answers from the cache.
      - >-
        API parameter C(addvia). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Add Via Header In Cache Responses. Appliance default
        V(false).
    type: bool
  real_servers_are_local:
    description:
      - >-
        For transparent services whose real servers are also their clients: connections from a real server to a service then come from the LoadMaster.
      - >-
        API parameter C(rsarelocal). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Real Servers are Local. Appliance default V(false).
    type: bool
  drop_connections_on_rs_failure:
    description:
      - Closes connections to a real server at once when it goes down. Otherwise clients such as Outlook hold on to it until their connection times out.
      - >-
        API parameter C(droponfail). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Drop Connections on RS failure. Appliance default
        V(false).
    type: bool
  drop_at_drain_time_end:
    description:
      - Closes the connections that a disabled real server still has at the end of O(l7_drain_time). Without persistence they are closed at once.
      - >-
        API parameter C(dropatdrainend). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Drop at Drain Time End. Appliance default
        V(false).
    type: bool
  l7_transparency:
    description:
      - The transparency of layer 7 services for the whole appliance. Services at layer 4 are always transparent.
      - >-
        API parameter C(transparent). WUI: System Configuration > Miscellaneous Options > L7 Configuration > L7 Transparency. Appliance default V(false).
    type: bool
  l7_authentication_timeout:
    description:
      - How long the Edge Security Pack waits for a client to authenticate.
      - >-
        API parameter C(authtimeout). WUI: System Configuration > Miscellaneous Options > L7 Configuration > L7 Authentication Timeout. Range 30 to 300 seconds.
        Appliance default V(30).
    type: int
  l7_wait_after_post:
    description:
      - How long the LoadMaster waits after a POST request.
      - >-
        API parameter C(authpostwait). WUI: System Configuration > Miscellaneous Options > L7 Configuration > L7 Wait after POST. Range 1 to 2000 milliseconds.
        Appliance default V(2000).
    type: int
  l7_client_token_timeout:
    description:
      - How long the Edge Security Pack waits for the token of a client, such as RSA SecurID.
      - >-
        API parameter C(clienttokentimeout). WUI: System Configuration > Miscellaneous Options > L7 Configuration > L7 Client Token Timeout. Range 60 to 300
        seconds. Appliance default V(120).
    type: int
  l7_drain_time:
    description:
      - How long a disabled real server still gets connections of clients with persistence. V(0) means none.
      - >-
        API parameter C(finalpersist). WUI: System Configuration > Miscellaneous Options > L7 Configuration > L7 Connection Drain Time. Range 0 or 60 to 86400
        seconds. Appliance default V(300).
    type: int
  additional_l7_header:
    description:
      - The header that tells real servers the address of the client.
      - >-
        API parameter C(addforwardheader). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Additional L7 Header. Appliance default
        V(x_forwarded_for).
    type: str
    choices:
      x_clientside: X-ClientSide. API value C(0).
      x_forwarded_for: X-Forwarded-For. API value C(1).
      none: No header. API value C(2).
  handling_of_100_continue:
    description:
      - >-
        Which standard the LoadMaster follows when a client announces a body with C(Expect: 100-continue).
      - >-
        API parameter C(expect100). WUI: System Configuration > Miscellaneous Options > L7 Configuration > 100-Continue Handling. Appliance default V(rfc_7231).
    type: str
    choices:
      rfc_2616: RFC 2616. API value C(0).
      require: The header is required. API value C(1).
      rfc_7231: RFC 7231. API value C(2).
  allow_empty_posts:
    description:
      - Accepts POST requests without a length, as some clients send them.
      - >-
        API parameter C(allowemptyposts). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Allow Empty POSTs. Appliance default V(false).
    type: bool
  allow_empty_http_headers:
    description:
      - Accepts HTTP headers without a value.
      - >-
        API parameter C(AllowEmptyHttpHeaders). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Allow Empty HTTP Headers. Appliance
        default V(false).
    type: bool
  force_complete_rs_match:
    description:
      - Content rules choose a real server by address and port, if the same server exists with several ports.
      - >-
        API parameter C(ForceFullRSMatch). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Force Complete RS Match. Appliance default
        V(false).
    type: bool
  slow_start_time:
    description:
      - How long a real server that came up gets fewer connections than the others. It applies to the least connection methods; V(0) turns it off.
      - >-
        API parameter C(slowstart). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Least Connection Slow Start. Range 0 to 600 seconds.
        Appliance default V(0).
    type: int
  share_subvs_persistence:
    description:
      - Shares persistence between the SubVSs of a service.
      - >-
        API parameter C(ShareSubVSPersist). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Share SubVS Persistence. Appliance default
        V(false).
    type: bool
  log_insight_split_interval:
    description:
      - After how many messages a Log Insight service chooses another real server.
      - >-
        API parameter C(logsplitinterval). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Log Insight Message Split Interval. Range 1 to
        100. Appliance default V(10).
    type: int
  log_user_agent:
    description:
      - Adds the User-Agent header to the logs of the Edge Security Pack.
      - >-
        API parameter C(loguseragent). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Include User Agent Header in User Logs. Appliance
        default V(false).
    type: bool
  cef_log_format:
    description:
      - Writes the logs of the Edge Security Pack in the Common Event Format.
      - >-
        API parameter C(CEFmsgFormat). WUI: System Configuration > Miscellaneous Options > L7 Configuration > Use CEF Log Format. Appliance default V(false).
    type: bool
  ntlm_proxy_mode:
    description:
      - Handles NTLM authentication as the authentication of a connection. Leave it on unless the vendor says otherwise.
      - >-
        API parameter C(L7NTLMProxy). WUI: System Configuration > Miscellaneous Options > L7 Configuration > NTLM Proxy Mode. Appliance default V(true).
    type: bool
  server_nat:
    description:
      - Lets real servers reach the outside through the LoadMaster, with an address of the LoadMaster.
      - >-
        API parameter C(snat). WUI: System Configuration > Miscellaneous Options > Network Options > Enable Server NAT. Appliance default V(true).
    type: bool
  connection_timeout:
    description:
      - How long a connection may stay idle before it is closed, for services without an idle time-out of their own.
      - V(0) restores the default of 660, and is compared as 660.
      - >-
        API parameter C(conntimeout). WUI: System Configuration > Miscellaneous Options > Network Options > Connection Timeout (secs). Range 0 or 60 to 86400
        seconds. Appliance default V(660).
    type: int
  non_http_uploads:
    description:
      - Makes uploads over protocols other than HTTP work, such as FTP.
      - >-
        API parameter C(allowupload). WUI: System Configuration > Miscellaneous Options > Network Options. Appliance default V(false).
    type: bool
  tcp_keepalives:
    description:
      - Sends TCP keepalives, which keep long connections through firewalls open.
      - >-
        API parameter C(keepalive). WUI: System Configuration > Miscellaneous Options > Network Options. Appliance default V(true).
    type: bool
  reset_on_close:
    description:
      - Closes connections with a TCP reset instead of the usual handshake.
      - >-
        API parameter C(resetclose). WUI: System Configuration > Miscellaneous Options > Network Options. Appliance default V(false).
    type: bool
  subnet_originating_requests:
    description:
      - Makes connections to real servers come from the address that the LoadMaster has in their network, for all services.
      - >-
        API parameter C(subnetorigin). WUI: System Configuration > Miscellaneous Options > Network Options > Subnet Originating Requests. Appliance default
        V(false).
    type: bool
  subnet_originating:
    description:
      - An older parameter with the same description as O(subnet_originating_requests). Use that one, unless you know that your firmware needs this one.
      - >-
        API parameter C(subnetoriginating). WUI: System Configuration > Miscellaneous Options > Network Options. Appliance default V(false).
    type: bool
  strict_ip_routing:
    description:
      - Accepts packets only on the interface on which answers to them would leave.
      - >-
        API parameter C(routefilter). WUI: System Configuration > Miscellaneous Options > Network Options. Appliance default V(false).
    type: bool
  tcp_timestamps:
    description:
      - Adds timestamps to TCP packets.
      - >-
        API parameter C(tcptimestamp). WUI: System Configuration > Miscellaneous Options > Network Options. Appliance default V(false).
    type: bool
  non_local_real_servers:
    description:
      - Allows real servers outside of the networks of the LoadMaster.
      - >-
        API parameter C(nonlocalrs). WUI: System Configuration > Miscellaneous Options > Network Options > Enable Non-Local Real Servers. Appliance default
        V(true).
    type: bool
  alternate_gateways:
    description:
      - Allows the default gateway on an interface other than the first one. Not available in clouds.
      - >-
        API parameter C(multigw). WUI: System Configuration > Miscellaneous Options > Network Options > Enable Alternate GW support. Appliance default V(false).
    type: bool
  default_route_only:
    description:
      - Sends answers of services that have a gateway of their own through that gateway only.
      - Can cut off the connection of this very task, since it changes the route back to this controller. Needs O(allow_lockout=true), except for V(false).
      - >-
        API parameter C(onlydefaultroutes). WUI: System Configuration > Miscellaneous Options > Network Options > Use Default Route Only. Appliance default
        V(false).
    type: bool
  check_real_server_certificates:
    description:
      - Verifies the certificates of real servers that are reached over TLS. They are not verified otherwise.
      - >-
        API parameter C(SSLForceServerVerify). WUI: System Configuration > Miscellaneous Options > Network Options. Appliance default V(false).
    type: bool
  legacy_timewait_reuse:
    description:
      - Reuses closed TCP connections as older firmware does.
      - >-
        API parameter C(TCPnorecycle). WUI: System Configuration > Miscellaneous Options > Network Options. Appliance default V(false).
    type: bool
  selective_acknowledgements:
    description:
      - Uses selective acknowledgements of TCP.
      - >-
        API parameter C(tcpsack). WUI: System Configuration. Appliance default V(false).
    type: bool
  ipv6_forwarding:
    description:
      - Forwards IPv6 packets between interfaces.
      - >-
        API parameter C(IPV6forwarding). WUI: System Configuration. Appliance default V(true).
    type: bool
  http_proxy:
    description:
      - The proxy, as C(host:port), through which the LoadMaster reaches the vendor's servers. An empty string clears it.
      - >-
        API parameter C(http_proxy). WUI: System Configuration > Miscellaneous Options > Network Options. At most 255 characters. Appliance default: unset.
    type: str
  ssl_renegotiation:
    description:
      - Whether clients may renegotiate a TLS connection.
      - >-
        API parameter C(sslrenegotiate). WUI: System Configuration > Miscellaneous Options. Appliance default V(false).
    type: bool
  dh_key_size:
    description:
      - The size of Diffie-Hellman keys.
      - >-
        API parameter C(dhkeysize). WUI: System Configuration > Miscellaneous Options. Unit: bits. Appliance default V(2048).
    type: str
    choices:
      '512': 512 bits. Not secure. API value C(512).
      '1024': 1024 bits. Not secure. API value C(1024).
      '2048': 2048 bits. API value C(2048).
      '4096': 4096 bits. API value C(4096).
  ocsp_stapling:
    description:
      - Answers clients that ask for a proof that the certificate of a service was not revoked.
      - >-
        API parameter C(SSLStapling). WUI: Certificates & Security > OCSP Configuration > Enable OCSP Stapling. Appliance default V(false).
    type: bool
  ocsp_refresh_interval:
    description:
      - How often such proofs are renewed.
      - >-
        API parameter C(SSLRefreshInterval). WUI: Certificates & Security > OCSP Configuration. Range 3600 to 86400 seconds. Appliance default V(3600).
    type: int
  disable_master_secret:
    description:
      - Disables the master secret. The vendor does not describe it further. Change it only if its support asks you to.
      - >-
        API parameter C(SSLDisableMasterSecret). WUI: System Configuration > Miscellaneous Options. Appliance default V(false).
    type: bool
  syslog_emergency:
    description:
      - Hosts that get messages of the level emergency. A host is in one level only. The order does not matter. An empty list clears it.
      - >-
        API parameter C(syslogemergency). WUI: System Configuration > Logging Options > Syslog Options. Appliance default: unset.
    type: list
    elements: str
  syslog_critical:
    description:
      - Hosts that get messages of the level critical and of the more severe ones. A host is in one level only. The order does not matter. An empty list clears
        it.
      - >-
        API parameter C(syslogcritical). WUI: System Configuration > Logging Options > Syslog Options. Appliance default: unset.
    type: list
    elements: str
  syslog_error:
    description:
      - Hosts that get messages of the level error and of the more severe ones. A host is in one level only. The order does not matter. An empty list clears it.
      - >-
        API parameter C(syslogerror). WUI: System Configuration > Logging Options > Syslog Options. Appliance default: unset.
    type: list
    elements: str
  syslog_warning:
    description:
      - Hosts that get messages of the level warning and of the more severe ones. A host is in one level only. The order does not matter. An empty list clears
        it.
      - >-
        API parameter C(syslogwarn). WUI: System Configuration > Logging Options > Syslog Options. Appliance default: unset.
    type: list
    elements: str
  syslog_notice:
    description:
      - Hosts that get messages of the level notice and of the more severe ones. A host is in one level only. The order does not matter. An empty list clears
        it.
      - >-
        API parameter C(syslognotice). WUI: System Configuration > Logging Options > Syslog Options. Appliance default: unset.
    type: list
    elements: str
  syslog_info:
    description:
      - Hosts that get messages of the level info, which are all messages. A host is in one level only. The order does not matter. An empty list clears it.
      - >-
        API parameter C(sysloginfo). WUI: System Configuration > Logging Options > Syslog Options. Appliance default: unset.
    type: list
    elements: str
  syslog_port:
    description:
      - The port of all syslog hosts.
      - >-
        API parameter C(SyslogPort). WUI: System Configuration > Logging Options > Syslog Options > Remote Syslog Port. Range 3 to 65530. Appliance default
        V(514).
    type: int
  syslog_protocol:
    description:
      - The protocol that messages are sent with.
      - >-
        API parameter C(SyslogProt). WUI: System Configuration > Logging Options > Syslog Options. Appliance default V(udp).
    type: str
    choices:
      udp: UDP. API value C(udp).
      tcp: TCP. API value C(tcp).
      tls: TLS. API value C(tls).
  syslog_client_certificate:
    description:
      - Presents a client certificate to the syslog hosts. It has an effect with O(syslog_protocol=tls).
      - >-
        API parameter C(SyslogCert). WUI: System Configuration > Logging Options > Syslog Options. Appliance default V(false).
    type: bool
  syslog_prefix:
    description:
      - A prefix for every message. An empty string clears it.
      - Firmware 7.2.63 and newer.
      - >-
        API parameter C(SyslogPrefix). WUI: System Configuration > Logging Options > Syslog Options. At most 80 characters. Appliance default: unset.
    type: str
  snmp_enabled:
    description:
      - Whether the LoadMaster answers SNMP requests. It costs performance.
      - >-
        API parameter C(snmpenable). WUI: System Configuration > Logging Options > SNMP Options > Enable SNMP. Appliance default V(false).
    type: bool
  snmp_clients:
    description:
      - Hosts that may ask. An empty list lets everyone ask. The order does not matter.
      - >-
        API parameter C(snmpclient). WUI: System Configuration > Logging Options > SNMP Options. Appliance default: unset.
    type: list
    elements: str
  snmp_community:
    description:
      - The community string. It counts as a secret and is masked in results. An empty string clears it.
      - >-
        API parameter C(snmpcommunity). WUI: System Configuration > Logging Options > SNMP Options. Appliance default: unset.
    type: str
  snmp_contact:
    description:
      - The contact that SNMP reports. An empty string clears it.
      - >-
        API parameter C(snmpcontact). WUI: System Configuration > Logging Options > SNMP Options > Contact. Appliance default: unset.
    type: str
  snmp_location:
    description:
      - The location that SNMP reports. An empty string clears it.
      - >-
        API parameter C(snmplocation). WUI: System Configuration > Logging Options > SNMP Options > SNMP Location. Appliance default: unset.
    type: str
  snmp_v3_enabled:
    description:
      - Whether SNMP version 3 is used.
      - >-
        API parameter C(snmpV3enable). WUI: System Configuration > Logging Options > SNMP Options > Enable SNMP V3. Appliance default V(false).
    type: bool
  snmp_v3_user:
    description:
      - The user name of SNMP version 3. An empty string clears it.
      - >-
        API parameter C(snmpv3user). WUI: System Configuration > Logging Options > SNMP Options > Username. Appliance default: unset.
    type: str
  snmp_v3_password:
    description:
      - The password of SNMP version 3. It needs at least 8 characters.
      - The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).
      - >-
        API parameter C(snmpv3userpasswd). WUI: System Configuration > Logging Options > SNMP Options > Authentication Password. Appliance default: unset.
    type: str
  snmp_v3_authentication:
    description:
      - The hash of SNMP version 3.
      - >-
        API parameter C(snmpAuthProt). WUI: System Configuration > Logging Options > SNMP Options > Authentication protocol. Appliance default: unset.
    type: str
    choices:
      md5: MD5, which is outdated. API value C(MD5).
      sha: SHA. API value C(SHA).
  snmp_v3_privacy_enabled:
    description:
      - Whether SNMP version 3 is encrypted.
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(snmpV3Privenable). WUI: System Configuration > Logging Options > SNMP Options > Enable Privacy. Appliance default V(false).
    type: bool
  snmp_v3_privacy:
    description:
      - The encryption of SNMP version 3.
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(snmpPrivProt). WUI: System Configuration > Logging Options > SNMP Options > Privacy protocol. Appliance default: unset.
    type: str
    choices:
      des: DES, which is outdated. API value C(DES).
      aes: AES. API value C(AES).
  snmp_v3_privacy_password:
    description:
      - The password of the encryption of SNMP version 3.
      - The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(snmpv3privpasswd). WUI: System Configuration > Logging Options > SNMP Options > Privacy Password. Appliance default: unset.
    type: str
  snmp_traps_enabled:
    description:
      - Whether the LoadMaster reports changes by itself.
      - >-
        API parameter C(snmptrapenable). WUI: System Configuration > Logging Options > SNMP Options > Enable SNMP Traps. Appliance default V(false).
    type: bool
  snmp_v1_trap_sinks:
    description:
      - Hosts that get traps of version 1. The order does not matter. An empty list clears it.
      - >-
        API parameter C(snmpv1sink). WUI: System Configuration > Logging Options > SNMP Options. Appliance default: unset.
    type: list
    elements: str
  snmp_v2_trap_sinks:
    description:
      - Hosts that get traps of version 2. The order does not matter. An empty list clears it.
      - >-
        API parameter C(snmpv2sink). WUI: System Configuration > Logging Options > SNMP Options. Appliance default: unset.
    type: list
    elements: str
  email_enabled:
    description:
      - Whether the LoadMaster sends log messages by mail.
      - >-
        API parameter C(emailenable). WUI: System Configuration > Logging Options > Email Options. Appliance default V(false).
    type: bool
  email_server:
    description:
      - The mail server. An empty string clears it.
      - >-
        API parameter C(emailserver). WUI: System Configuration > Logging Options > Email Options. At most 255 characters. Appliance default: unset.
    type: str
  email_port:
    description:
      - The port of the mail server.
      - >-
        API parameter C(emailport). WUI: System Configuration > Logging Options > Email Options. Range 0 to 65535. Appliance default V(25).
    type: int
  email_user:
    description:
      - The user that logs in to the mail server, where that is needed. An empty string clears it.
      - >-
        API parameter C(emailuser). WUI: System Configuration > Logging Options > Email Options. Appliance default: unset.
    type: str
  email_password:
    description:
      - The password of O(email_user).
      - The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).
      - >-
        API parameter C(emailpassword). WUI: System Configuration > Logging Options > Email Options. Appliance default: unset.
    type: str
  email_domain:
    description:
      - The domain that mails come from. An empty string clears it.
      - >-
        API parameter C(emaildomain). WUI: System Configuration > Logging Options > Email Options. At most 255 characters. Appliance default: unset.
    type: str
  email_security:
    description:
      - How the connection to the mail server is protected.
      - >-
        API parameter C(emailsslmode). WUI: System Configuration > Logging Options > Email Options. Appliance default V(none).
    type: str
    choices:
      none: Not at all. API value C(0).
      starttls_if_available: With STARTTLS if the server offers it. API value C(1).
      starttls: With STARTTLS. API value C(2).
      tls: With TLS from the beginning. API value C(3).
  email_emergency:
    description:
      - The addresses that get messages of the level emergency. The order does not matter. An empty list clears it.
      - >-
        API parameter C(emailemergency). WUI: System Configuration > Logging Options > Email Options. Appliance default: unset.
    type: list
    elements: str
  email_critical:
    description:
      - The addresses that get messages of the level critical. The order does not matter. An empty list clears it.
      - >-
        API parameter C(emailcritical). WUI: System Configuration > Logging Options > Email Options. Appliance default: unset.
    type: list
    elements: str
  email_error:
    description:
      - The addresses that get messages of the level error. The order does not matter. An empty list clears it.
      - >-
        API parameter C(emailerror). WUI: System Configuration > Logging Options > Email Options. Appliance default: unset.
    type: list
    elements: str
  email_warning:
    description:
      - The addresses that get messages of the level warning. The order does not matter. An empty list clears it.
      - >-
        API parameter C(emailwarn). WUI: System Configuration > Logging Options > Email Options. Appliance default: unset.
    type: list
    elements: str
  email_notice:
    description:
      - The addresses that get messages of the level notice. The order does not matter. An empty list clears it.
      - >-
        API parameter C(emailnotice). WUI: System Configuration > Logging Options > Email Options. Appliance default: unset.
    type: list
    elements: str
  email_info:
    description:
      - The addresses that get messages of the level info. The order does not matter. An empty list clears it.
      - >-
        API parameter C(emailinfo). WUI: System Configuration > Logging Options > Email Options. Appliance default: unset.
    type: list
    elements: str
  backup_enabled:
    description:
      - Whether the LoadMaster saves its configuration to another host by itself.
      - >-
        API parameter C(backupenable). WUI: System Configuration > System Administration > Backup/Restore. Appliance default V(false).
    type: bool
  backup_day:
    description:
      - The day of the week on which it does.
      - >-
        API parameter C(backupday). WUI: System Configuration > System Administration > Backup/Restore. Appliance default V(daily).
    type: str
    choices:
      daily: Every day. API value C(0).
      monday: On Mondays. API value C(1).
      tuesday: On Tuesdays. API value C(2).
      wednesday: On Wednesdays. API value C(3).
      thursday: On Thursdays. API value C(4).
      friday: On Fridays. API value C(5).
      saturday: On Saturdays. API value C(6).
      sunday: On Sundays. API value C(7).
  backup_hour:
    description:
      - The hour at which it does.
      - >-
        API parameter C(backuphour). WUI: System Configuration > System Administration > Backup/Restore. Range 0 to 23 hours. Appliance default V(0).
    type: int
  backup_minute:
    description:
      - The minute of O(backup_hour) at which it does.
      - >-
        API parameter C(backupminute). WUI: System Configuration > System Administration > Backup/Restore. Range 0 to 59 minutes. Appliance default V(0).
    type: int
  backup_method:
    description:
      - The protocol that is used.
      - >-
        API parameter C(backupmethod). WUI: System Configuration > System Administration > Backup/Restore. Appliance default V(ftp).
    type: str
    choices:
      ftp: FTP, which is not encrypted. API value C(wput).
      scp: SCP. API value C(scp).
      sftp: SFTP. API value C(sftp).
  backup_host:
    description:
      - The host that backups go to, as C(host) or C(host:port). An empty string clears it.
      - >-
        API parameter C(backuphost). WUI: System Configuration > System Administration > Backup/Restore. At most 255 characters. Appliance default: unset.
    type: str
  backup_user:
    description:
      - The user that logs in to O(backup_host). An empty string clears it.
      - >-
        API parameter C(backupuser). WUI: System Configuration > System Administration > Backup/Restore. Appliance default: unset.
    type: str
  backup_password:
    description:
      - The password of O(backup_user).
      - The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).
      - >-
        API parameter C(backuppassword). WUI: System Configuration > System Administration > Backup/Restore. Appliance default: unset.
    type: str
  backup_ssh_key:
    description:
      - The private SSH key of O(backup_user), encoded in base64, for the methods V(scp) and V(sftp) of O(backup_method).
      - The LoadMaster never reports it, so it cannot be compared. See O(update_secrets).
      - >-
        API parameter C(backupident). WUI: System Configuration > System Administration > Backup/Restore. At most 16384 characters. Appliance default: unset.
    type: str
  backup_path:
    description:
      - The folder on O(backup_host) that backups go to. An empty string clears it.
      - >-
        API parameter C(backuppath). WUI: System Configuration > System Administration > Backup/Restore. Appliance default: unset.
    type: str
  health_check_timeout:
    description:
      - How long a health check waits for an answer, unless the service says otherwise.
      - If you raise it, the LoadMaster also raises O(health_check_interval) if that is too short.
      - >-
        API parameter C(Timeout). WUI: Rules & Checking > Check Parameters > Connect Timeout. Range 4 to 60 seconds. Appliance default V(4).
    type: int
  health_check_retries:
    description:
      - How often a health check is repeated before a real server counts as down, unless the service says otherwise.
      - If you raise it, the LoadMaster also raises O(health_check_interval) if that is too short.
      - >-
        API parameter C(RetryCount). WUI: Rules & Checking > Check Parameters > Retry Count. Range 2 to 15 attempts. Appliance default V(2).
    type: int
  health_check_interval:
    description:
      - The time between two health checks of a real server, unless the service says otherwise.
      - It must be longer than O(health_check_timeout) times O(health_check_retries). It is set in a separate call, after those two.
      - >-
        API parameter C(RetryInterval). WUI: Rules & Checking > Check Parameters > Check Interval. Range 9 to 901 seconds. Appliance default V(9).
    type: int
  parameters:
    description:
      - Further parameters of the API command C(set), by their API names, for settings without an option. A value is a text, a number, a boolean or a list.
      - They are compared with what the LoadMaster reports. All words for yes and no are equal, and so are lists separated by commas or spaces. Parameters with
        an option and read-only parameters are refused.
      - Parameters are not masked in results, so do not set secrets here. Those that change high availability or the certificate of the WUI require
        O(allow_lockout=true).
      - API command C(set).
    type: dict
  update_secrets:
    description:
      - When to send secrets such as O(email_password). The LoadMaster never reports them, so they cannot be compared.
    type: str
    choices:
      on_change: If another setting of the same section changes. So the second run changes nothing.
      always: In every run. Use it once, to send a new secret.
    default: on_change
  allow_lockout:
    description:
      - Allows settings that can cut off the connection of this task. They are sent last.
      - If the LoadMaster no longer answers after the last of them, the task succeeds with a warning, since it cannot read the settings back.
    type: bool
    default: false
seealso:
  - module: kemp.loadmaster.info
    description: All settings as they are, among them those that have no option here.
  - module: kemp.loadmaster.virtual_service
    description: Services, some of whose options replace settings of the appliance.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Name the appliance and tell it where names and time come from
  kemp.loadmaster.settings:
    hostname: lm1
    dns_servers:
      - 192.0.2.53
      - 198.51.100.53
    search_domains:
      - example.com
    ntp_servers:
      - ntp1.example.com
      - ntp2.example.com
    time_zone: UTC

- name: Set what services start from
  kemp.loadmaster.settings:
    subnet_originating_requests: true
    drop_connections_on_rs_failure: true
    handling_of_100_continue: rfc_7231
    additional_l7_header: x_forwarded_for
    connection_timeout: 1800

- name: Check real servers more patiently
  kemp.loadmaster.settings:
    health_check_timeout: 5
    health_check_retries: 3
    health_check_interval: 20

- name: Log to two hosts, to one of them only what is serious
  kemp.loadmaster.settings:
    syslog_notice:
      - 192.0.2.60
    syslog_critical:
      - 198.51.100.60

- name: Send mail about errors
  kemp.loadmaster.settings:
    email_enabled: true
    email_server: smtp.example.com
    email_port: 587
    email_security: starttls
    email_user: lm1
    email_password: "{{ vault_smtp_password }}"
    email_domain: example.com
    email_error: [admins@example.com, night@example.com]

- name: Give the mail server a new password
  kemp.loadmaster.settings:
    email_password: "{{ vault_smtp_password }}"
    update_secrets: always

- name: Answer SNMP requests of the monitoring
  kemp.loadmaster.settings:
    snmp_enabled: true
    snmp_clients:
      - 192.0.2.70
    snmp_community: "{{ vault_snmp_community }}"

- name: Accept current TLS versions only, which this very connection has to use as well
  kemp.loadmaster.settings:
    wui_tls_versions:
      - TLSv1.2
      - TLSv1.3
    allow_lockout: true

- name: Set a parameter that has no option of its own
  kemp.loadmaster.settings:
    parameters:
      LimitLogging: true
      ClientRepeatDelay: 120

- name: Stop logging to a host, from a play that has no LoadMaster in its inventory
  kemp.loadmaster.settings:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    syslog_critical: []
  delegate_to: localhost
"""

RETURN = r"""
settings:
  description:
    - The settings that the task names, as the LoadMaster has them afterwards; in check mode, as it would have them. Secrets are masked, and those that
      cannot be read are left out.
    - Empty where the LoadMaster can no longer be reached after a setting that cut off the connection, as O(allow_lockout=true) allows. A warning says
      so then.
  returned: success
  type: dict
  contains:
    parameters:
      description: The parameters that O(parameters) names.
      returned: when O(parameters) is given
      type: dict
      sample:
        ClientRepeatDelay: 120
  sample:
    hostname: lm1
    dns_servers:
      - 192.0.2.53
    ntp_servers:
      - ntp1.example.com
# steps, api_calls and error: made from tests/tools/returns.yml, but for their samples; changes belong there.
steps:
  description:
    - What was done, in order; in check mode, what would be done. Each step is one call of the API. Empty where nothing differs.
  returned: success
  type: list
  elements: dict
  contains:
    command:
      description: The API command.
      returned: always
      type: str
      sample: set
    object:
      description: What it changes.
      returned: always
      type: str
      sample: settings
    reason:
      description: Why.
      returned: always
      type: str
      sample: change hostname from lb100 to lm1
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 3
error:
  description:
    - What went wrong, for programs. C(msg) has the sentence for people.
  returned: failure that is not about the form of an option
  type: dict
  contains:
    kind:
      description:
        - V(InvalidOption) is a task that asks for what cannot be; nothing was sent.
        - V(Unreachable) is a request that never reached the LoadMaster.
        - V(AnswerLost) is a request without an answer, which may or may not have been carried out. Run the task again; it looks first.
        - V(AccessDenied) is a login that was not accepted, a permission that is missing, or an API that is turned off.
        - V(Refused) is an error that the LoadMaster answered with.
        - V(Unreadable) is an answer that is not one of the API.
        - V(NotConverged) is an answer C(ok), after which the LoadMaster still does not show what was wanted.
        - V(Overtaken) is another writer who was writing to the LoadMaster at the same time. Run the task again when that is done.
        - V(LoadMasterError) is anything else.
      returned: always
      type: str
      sample: Refused
    command:
      description: The API command that failed; null where none was sent.
      returned: always
      type: str
      sample: set
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Command Failed
  sample:
    kind: Refused
    command: set
    http_status: 422
    answer: Command Failed
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings.appliance_settings import SHAPE, Settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making

MODULE = making("settings", SHAPE, lambda options: [Settings.from_options(options)])


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
