#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: virtual_service
short_description: Create, change, move and delete virtual services
version_added: 0.1.0
description:
  - Creates, changes, moves and deletes one virtual service of a Kemp LoadMaster, and the real servers that the task
    lists.
  - A service is identified by O(protocol), O(address) and O(port), or by a unique O(nickname). Its index in the WUI is
    never used, since the LoadMaster renumbers it. O(new_address) and O(new_port) move a service, and the next run finds
    it in its new place.
  - Options that you leave out are not sent and not compared, so values from elsewhere stay. On a new service they have
    the default of the LoadMaster.
  - The task reads the service first and sends only differences. Then it reads the service back, because the LoadMaster
    answers C(ok) to options that it ignores. An option that it did not accept is an error that names the option, the
    wanted value and the found value. A second run changes nothing.
  - An option that depends on others names them in its description. If they do not match, the task fails before it
    changes anything.
  - O(real_servers) adds to the existing servers. Servers in the list are added or changed, those with
    O(real_servers[].state=absent) are deleted, and all others stay unchanged. The task adds servers before it deletes
    others.
  - The rule lists, such as O(request_rules), name rules of M(kemp.loadmaster.content_rule). Each list is complete and
    in order, since the LoadMaster applies rules in the order of their assignment. C([]) removes all rules, and a list
    that you leave out stays unchanged. A rule that does not exist, or that has the wrong kind for the list, is an error
    before anything is sent.
  - M(kemp.loadmaster.sub_virtual_service) manages SubVSs. This module leaves them unchanged, but deleting a service
    deletes its SubVSs.
author:
  - kemp.loadmaster contributors (@kemp-loadmaster)
requirements:
  - python >= 3.10
  - requests
extends_documentation_fragment:
  - kemp.loadmaster.connection
  - kemp.loadmaster.attributes
  - kemp.loadmaster.service_options
attributes:
  check_mode:
    support: full
    details:
      - The steps that it predicts are the steps that a run takes.
  diff_mode:
    support: full
    details:
      - The diff has one part for the service and one for each real server that changes, with the options that change. Secrets are masked.
  idempotent:
    support: full
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  state:
    description:
      - Whether the service should exist. V(absent) deletes it with all of its real servers and SubVSs.
      - The default is V(present). A task of M(kemp.loadmaster.virtual_service) with only O(enabled), O(new_address) or O(new_port) changes an existing service
        and never creates one, so a mistyped address is an error. To create one with these options alone, set V(present).
    type: str
    choices:
      present: The service exists, with the options of the task.
      absent: The service does not exist.
  address:
    description:
      - The IP address of the service. Leave out O(address) and O(port) to name an existing service by O(nickname).
      - >-
        API parameter C(vs). WUI: Add New > Virtual Address.
    type: str
  port:
    description:
      - The port of the service, from 3 to 65530, or V(*) for all ports.
      - >-
        API parameter C(port). WUI: Add New > Port.
    type: str
  protocol:
    description:
      - The protocol of the service. It identifies the service, so you cannot change it.
      - >-
        API parameter C(prot). WUI: Add New > Protocol.
    type: str
    choices:
      tcp: TCP. API value C(tcp).
      udp: UDP. API value C(udp).
    default: tcp
  new_address:
    description:
      - The IP address to which the service of O(address) and O(port) moves. Its real servers and settings move with it.
      - If the service has already moved, nothing changes. If both places have a service, the task fails. If neither has one, the service is created at its new
        place.
      - >-
        API parameter C(vsaddress). WUI: Virtual Services > View/Modify Services.
    type: str
  new_port:
    description:
      - The port to which the service of O(address) and O(port) moves, like O(new_address).
      - >-
        API parameter C(vsport). WUI: Virtual Services > View/Modify Services.
    type: str
  type:
    description:
      - The kind of traffic. Other options depend on it; caching, compression and HTTP headers, for example, require V(http).
      - A change of the type resets O(add_http_headers) and O(cache), and empties O(response_body_rules). So the type is sent first, followed by the values of
        the task, or else the former ones. The diff shows what the new type cannot keep.
      - >-
        API parameter C(vstype). WUI: Basic Properties > Service Type. Appliance default: by port.
    type: str
    choices:
      generic: Any TCP or UDP traffic, passed on without inspection. The only type that can run at layer 4. API value C(gen).
      http: HTTP, and HTTPS whose TLS ends at the LoadMaster. API value C(http).
      http2: HTTP/2 with HTTPS. Newer firmware only. API value C(http2).
      starttls: Protocols that switch to TLS on request, such as SMTP, IMAP and POP3. See O(starttls_mode). API value C(tls).
      remote_terminal: Remote Desktop. API value C(ts).
      log_insight: Log messages for VMware Log Insight. Newer firmware only. API value C(log).
  nickname:
    description:
      - The name of the service in lists and messages. It is made of letters, digits, spaces and the characters C(. @ - _), and begins with a letter or digit.
        An empty string clears it.
      - With O(address) and O(port) it is an ordinary option. Without them it identifies the service, which must exist and have a unique name.
      - >-
        API parameter C(nickname). WUI: Basic Properties > Service Name. Appliance default: unset.
    type: str
  enabled:
    description:
      - Whether the service accepts connections. V(false) takes it out of operation and keeps its configuration.
      - >-
        API parameter C(enable). WUI: Basic Properties > Activate or Deactivate Service. Appliance default V(true).
    type: bool
  alternate_address:
    description:
      - A second address on which the same service answers, commonly the IPv6 address of a service that has an IPv4 one. An empty string clears it.
      - >-
        API parameter C(altaddress). WUI: Basic Properties > Alternate Address. Appliance default: unset.
    type: str
  extra_ports:
    description:
      - Further ports on which the service answers, each a port such as V(8080) or a range such as V(8000-8010). The order does not matter. An empty list clears
        it.
      - >-
        API parameter C(extraports). WUI: Standard Options > Extra Ports. Appliance default: unset.
    type: list
    elements: str
  force_l4:
    description:
      - Runs the service at layer 4, which passes packets on without ending the connection. It is fast but always transparent, so the real servers have to route
        their answers through the LoadMaster, and everything that looks into the traffic is unavailable.
      - >-
        The API inverts it: V(true) is sent as C(n), V(false) as C(y).
      - Needs O(type=generic).
      - >-
        API parameter C(forcel7), inverted. WUI: Standard Options > Force L4. Appliance default: false for TCP, true for UDP.
    type: bool
  transparent:
    description:
      - Whether real servers see the address of the client as the source of a connection. V(false) makes connections come from the LoadMaster, which works
        wherever the servers are; V(true) needs the LoadMaster as their default gateway and clients outside of their network. At layer 4 a service is always
        transparent, so both values are refused there; a new service for UDP is at layer 4.
      - Needs O(force_l4=false).
      - >-
        API parameter C(transparent). WUI: Standard Options > L7 Transparency. Appliance default V(false).
    type: bool
  subnet_originating:
    description:
      - Whether connections to real servers come from the address that the LoadMaster has in their network, V(true), or from the address of the service,
        V(false). It makes no difference while O(transparent=true).
      - Needs O(force_l4=false).
      - >-
        API parameter C(subnetoriginating). WUI: Standard Options > Subnet Originating Requests. Appliance default V(true).
    type: bool
  use_address_for_snat:
    description:
      - Uses the address of the service as the source of connections that its real servers open to the outside. Mail servers need this if others look up their
        address in reverse. The WUI shows it only while server NAT is on for the whole appliance, see O(kemp.loadmaster.settings#module:server_nat).
      - >-
        API parameter C(useforsnat). WUI: Standard Options > Use Address for Server NAT. Appliance default V(false).
    type: bool
  server_initiating:
    description:
      - The protocol, if the server speaks first. Otherwise a connection at layer 7 waits for data from the client.
      - Needs O(force_l4=false).
      - >-
        API parameter C(serverinit). WUI: Standard Options > Server Initiating Protocols. Appliance default V(none).
    type: str
    choices:
      none: The client speaks first. API value C(0).
      smtp: SMTP. API value C(1).
      ssh: SSH. API value C(2).
      other: Another protocol in which the server speaks first. API value C(3).
      imap4: IMAP4. API value C(4).
      mysql: MySQL. API value C(5).
      pop3: POP3. API value C(6).
  starttls_mode:
    description:
      - Which protocol switches to TLS, and whether the switch is required.
      - Needs O(type=starttls).
      - >-
        API parameter C(starttlsmode). WUI: Virtual Services > View/Modify Services. Appliance default V(http).
    type: str
    choices:
      http: No such switch. This is what services of other types have. API value C(0).
      smtp_if_requested: SMTP, encrypted where the client asks for it. API value C(1).
      smtp_always: SMTP, always encrypted. API value C(2).
      ftp: FTP. API value C(3).
      imap: IMAP. API value C(4).
      pop3: POP3. API value C(6).
  multiplex_connections:
    description:
      - Lets requests of several clients share connections to the real servers, which saves the servers work. Do not use it with applications that authenticate
        a connection, such as NTLM. It cannot be on together with SSL acceleration, the web application firewall or the Edge Security Pack.
      - Needs O(force_l4=false) and O(ssl_acceleration=false).
      - >-
        API parameter C(multiconnect). WUI: Advanced Properties > Enable Multiple Connect. Appliance default V(false).
    type: bool
  bandwidth_limit:
    description:
      - The maximum bandwidth; V(0) means no limit. A service with this limit runs at layer 7. The WUI accepts 0 or 16 to 99999999.
      - >-
        API parameter C(bandwidth). WUI: QoS/Limiting > Bandwidth Limit. Range 0 and above, in kbit/s. Appliance default V(0).
    type: int
  ssl_acceleration:
    description:
      - Whether the LoadMaster ends TLS itself. Only then can it look into what passes through. Where it is switched off, O(client_certificates),
        O(ocsp_verify), O(require_sni_hostname), O(pass_cipher_headers), O(http2), O(ssl_rewrite), O(ssl_reencrypt), O(reencryption_sni_hostname) and
        O(pass_through_sni_hostname) are cleared first. Otherwise the LoadMaster would keep them and restore them the next time. Where it is switched on,
        O(multiplex_connections) is.
      - Needs O(force_l4=false).
      - >-
        API parameter C(sslacceleration). WUI: SSL Properties > SSL Acceleration. Appliance default V(false).
    type: bool
  certificates:
    description:
      - The names of the certificates that clients see, as they are installed on the LoadMaster. With several, the name that a client asks for (SNI) decides. An
        empty list means the self-signed certificate that the LoadMaster makes for the service.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(certfile). WUI: SSL Properties > Certificates. Appliance default: one that it makes.
    type: list
    elements: str
  intermediate_certificates:
    description:
      - The names of the intermediate certificates against which client certificates are checked. The order does not matter. An empty list clears it.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(intermediatecerts). WUI: SSL Properties. Appliance default: all.
    type: list
    elements: str
  tls_versions:
    description:
      - The versions of TLS that clients may use; all others are off. The LoadMaster keeps a mask of those that are off.
      - A LoadMaster with its old SSL library has no TLS 1.3 and no bit for it in the mask. So V(TLSv1.3) always reads as on there.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(tlstype). WUI: SSL Properties > Supported Protocols. Appliance default: TLS 1.1 and newer.
    type: list
    elements: str
    choices:
      - SSLv3
      - TLSv1.0
      - TLSv1.1
      - TLSv1.2
      - TLSv1.3
  cipher_set:
    description:
      - The name of the cipher set for TLS up to version 1.2, one of those that the LoadMaster has, such as V(BestPractices), or one of your own. Upper and
        lower case matter.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(cipherset). WUI: SSL Properties > Cipher Set. Appliance default V(Default).
    type: str
  tls13_cipher_suites:
    description:
      - The cipher suites for TLS 1.3. The order does not matter. The LoadMaster does not let the list be emptied, so an empty list is refused.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(tls13cipherset). WUI: SSL Properties. Appliance default: all.
    type: list
    elements: str
  client_certificates:
    description:
      - Whether clients must present a certificate, and which header reports it to the real servers.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(clientcert). WUI: SSL Properties > Client Certificates. Appliance default V(none).
    type: str
    choices:
      none: Clients need none. API value C(0).
      required: Clients need one. API value C(1).
      required_with_headers: Clients need one, and its fields are passed on in headers. API value C(2).
      der_as_ssl_client_cert: Clients need one, and it is passed on in the header SSL-CLIENT-CERT, in DER. API value C(3).
      der_as_x_client_cert: Clients need one, and it is passed on in the header X-CLIENT-CERT, in DER. API value C(4).
      pem_as_ssl_client_cert: Clients need one, and it is passed on in the header SSL-CLIENT-CERT, in PEM. API value C(5).
      pem_as_x_client_cert: Clients need one, and it is passed on in the header X-CLIENT-CERT, in PEM. API value C(6).
  ocsp_verify:
    description:
      - Whether client certificates are also checked with the OCSP server.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(ocspverify). WUI: SSL Properties. Appliance default V(false).
    type: bool
  require_sni_hostname:
    description:
      - Whether clients that name no host in the TLS handshake are refused.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(needhostname). WUI: SSL Properties > Require SNI hostname. Appliance default V(false).
    type: bool
  pass_cipher_headers:
    description:
      - Whether headers report the cipher of the client to the real servers.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(passcipher). WUI: SSL Properties. Appliance default V(false).
    type: bool
  http2:
    description:
      - Whether clients may use HTTP/2. Leave it off for services that use NTLM.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(allowhttp2). WUI: SSL Properties. Appliance default V(false).
    type: bool
  ssl_rewrite:
    description:
      - The scheme to which redirects of the real servers are changed, for servers that do not know that their clients use TLS.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(sslrewrite). WUI: SSL Properties > Rewrite Rules. Appliance default V(none).
    type: str
    choices:
      none: Redirects stay as they are. API value empty.
      http: To http. API value C(http).
      https: To https. API value C(https).
  ssl_reencrypt:
    description:
      - Whether traffic to the real servers is encrypted again. Such a service is never transparent, whatever O(transparent) says. Where it is switched off,
        O(reencryption_sni_hostname) and O(pass_through_sni_hostname) are cleared before it.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(sslreencrypt). WUI: SSL Properties > SSL Acceleration > Reencrypt. Appliance default V(false).
    type: bool
  reencryption_sni_hostname:
    description:
      - The host name that the LoadMaster gives the real servers in the TLS handshake. An empty string clears it.
      - Needs O(ssl_reencrypt=true).
      - >-
        API parameter C(reversesnihostname). WUI: SSL Properties > Reencryption SNI Hostname. At most 255 characters. Appliance default: unset.
    type: str
  pass_through_sni_hostname:
    description:
      - Whether the real servers get the host name that the client gave in its TLS handshake.
      - Needs O(ssl_reencrypt=true).
      - >-
        API parameter C(passsni). WUI: SSL Properties > Pass through SNI hostname. Appliance default V(false).
    type: bool
  add_http_headers:
    description:
      - Which headers tell the real servers the address of the client and that a proxy was passed. They are added only while O(transparent=false).
      - Needs O(force_l4=false).
      - >-
        API parameter C(addvia). WUI: Advanced Properties > Add HTTP Headers. Appliance default V(legacy).
    type: str
    choices:
      legacy: >-
        What older firmware does: X-Forwarded-For without Via. API value C(0).
      x_forwarded_for_and_via: X-Forwarded-For and Via. API value C(1).
      none: No header. API value C(2).
      x_clientside_and_via: X-ClientSide and Via. API value C(3).
      x_clientside: X-ClientSide. API value C(4).
      x_forwarded_for: X-Forwarded-For. API value C(5).
      via: Via. API value C(6).
  cache:
    description:
      - Answers requests for static content from memory, without asking a real server.
      - Needs O(force_l4=false), and O(type=http) or O(type=http2).
      - >-
        API parameter C(cache). WUI: Advanced Properties > Enable Caching. Appliance default V(false).
    type: bool
  cache_percent:
    description:
      - The share of the cache of the appliance that this service may take; V(0) is without a limit.
      - Needs O(cache=true).
      - >-
        API parameter C(cachepercent). WUI: Advanced Properties > Maximum Cache Usage. Range 0 to 100 percent. Appliance default V(0).
    type: int
  compress:
    description:
      - Compresses answers on their way to the client.
      - Needs O(force_l4=false), and O(type=http) or O(type=http2).
      - >-
        API parameter C(compress). WUI: Advanced Properties > Enable Compression. Appliance default V(false).
    type: bool
  error_url:
    description:
      - Where clients are redirected to while no real server is available. C(%h) stands for the host and C(%s) for the path that the client asked for. A service
        for port 80 without real servers, with V(https://%h%s) here and a redirect as O(error_code), sends browsers to HTTPS. An empty string clears it.
      - >-
        API parameter C(errorurl). WUI: Advanced Properties > Not Available Redirection Handling. Appliance default: unset.
    type: str
  follow_service:
    description:
      - Another service whose persistence this one follows, so that a client stays on one real server across both. Give it as C(address:port), as
        C(protocol/address:port), with an IPv6 address in brackets, or by its nickname. The LoadMaster keeps an index; the module looks it up each time. An
        empty string ends it.
      - >-
        API parameter C(followvsid). WUI: Advanced Properties > Port Following. Appliance default: unset.
    type: str
  detect_malicious_requests:
    description:
      - Whether requests are checked against known attacks, and what happens to one that matches.
      - Needs O(force_l4=false).
      - >-
        API parameter C(verify). WUI: Advanced Properties > Detect Malicious Requests. Appliance default V(off).
    type: str
    choices:
      'off': Requests are not checked. API value C(0).
      reject: The client gets an error. API value C(1).
      drop: The connection is closed without an answer. API value C(3).
      reject_and_warn: Like V(reject), also for possible attacks. API value C(5).
      drop_and_warn: Like V(drop), also for possible attacks. API value C(7).
  reschedule_on_4xx:
    description:
      - Tries another real server if one answers with an HTTP status from 400 to 499.
      - Needs O(force_l4=false), and O(type=http) or O(type=http2).
      - Firmware 7.2.59 and newer.
      - >-
        API parameter C(httpreschedule). WUI: Advanced Properties. Appliance default V(false).
    type: bool
  response_status_remap:
    description:
      - Replaces HTTP statuses in responses of the real servers, as O(response_remap_codes) defines.
      - Needs O(force_l4=false), and O(type=http) or O(type=http2).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(responsestatusremap). WUI: Advanced Properties. Appliance default V(false).
    type: bool
  check_type:
    description:
      - How the LoadMaster checks whether a real server is up.
      - >-
        On a new service the method follows from the port: 443 gets V(https) and 25 gets V(smtp), for example; ports without a protocol of their own get V(tcp).
      - Set it together with the options that depend on it. A new service with one of these options and without the method is refused, unless the default method
        is known to fit.
      - >-
        API parameter C(checktype). WUI: Real Servers > Real Server Check Parameters > Real Server Check Method. Appliance default: by port.
    type: str
    choices:
      icmp: A ping. API value C(icmp).
      https: A request over HTTPS, see O(check_url). The certificate is not verified. API value C(https).
      http: A request over HTTP, see O(check_url). API value C(http).
      tcp: A TCP connection. API value C(tcp).
      smtp: An SMTP dialogue. The WUI calls it Mail. API value C(smtp).
      nntp: An NNTP dialogue. API value C(nntp).
      ftp: An FTP dialogue. API value C(ftp).
      telnet: A Telnet dialogue. API value C(telnet).
      pop3: A POP3 dialogue. API value C(pop3).
      imap: An IMAP dialogue. API value C(imap).
      rdp: A Remote Desktop dialogue. API value C(rdp).
      binary_data: >-
        Bytes to send, and bytes that the answer must contain: O(check_url) and O(check_pattern). API value C(bdata).
      ldap: A search through an LDAP endpoint, see O(check_ldap_endpoint). API value C(ldap).
      dns: A DNS query. For UDP services. API value C(dns).
      none: No check; real servers always count as up. API value C(none).
  check_host:
    description:
      - The name in the Host header of the check, for servers with several web sites. Without it, the LoadMaster sends the address of the service. An empty
        string clears it.
      - Needs O(check_type=http) or O(check_type=https), and O(check_use_http_1_1=true).
      - >-
        API parameter C(checkhost). WUI: Real Servers > Real Server Check Parameters. Appliance default: unset.
    type: str
  enhanced_health_checks:
    description:
      - Makes O(minimum_servers) available, and in the WUI the option that makes a real server critical. A service that has SubVSs does not have this option.
        Where it is switched off, O(minimum_servers) is cleared before it.
      - >-
        API parameter C(enhancedhealthchecks). WUI: Real Servers. Appliance default V(false).
    type: bool
  allow_no_servers:
    description:
      - Allows O(real_servers) to remove or disable the last enabled server of the service. Otherwise the task fails before it changes anything. Removing the
        service itself does not need it.
    type: bool
    default: false
  real_servers:
    description:
      - Real servers of the service. Servers that are not in the list stay unchanged, unless O(exact_servers=true).
      - Options that you omit for an existing server stay unchanged.
    type: list
    elements: dict
    suboptions:
      state:
        description:
          - Whether the service should have the server. Removing a server of a missing service is no error.
          - The default is V(present). A task of M(kemp.loadmaster.real_server) with only O(real_servers[].enabled) or O(real_servers[].new_port) changes an
            existing server and never creates one, so a mistyped address is an error. To create one with these options alone, set V(present).
        type: str
        choices:
          present: The server exists, with the options of the task.
          absent: The server does not exist.
      address:
        description:
          - The IP address of the server, or its domain name. A name requires O(kemp.loadmaster.settings#module:dns_names=true) and a DNS server on the
            LoadMaster.
          - >-
            API parameter C(rs). WUI: Real Servers > Real Server Address.
        type: str
        required: true
      port:
        description:
          - The port of the server, from 3 to 65535. It defaults to the port of the service; for a SubVS, to that of its parent. It is required if the service
            has all ports.
          - >-
            API parameter C(rsport). WUI: Real Servers > Port.
        type: str
      new_port:
        description:
          - The port to which the server moves with its rules and settings, from 3 to 65535. A server that is already there stays. A server that is at neither
            port is added there. With O(real_servers[].state=absent) the server is removed from either port.
          - >-
            API parameter C(newport). WUI: Real Servers > Port.
        type: str
      enabled:
        description:
          - Whether the server gets connections. V(false) takes it out of service for maintenance. With persistence, its clients may stay for the drain time of
            the appliance. Without persistence and at layer 4, it gets no new connections.
          - >-
            API parameter C(enable). WUI: Real Servers. Appliance default V(true).
        type: bool
      weight:
        description:
          - The share of the server, relative to the weights of the others, with the scheduling methods that use weights.
          - >-
            API parameter C(weight). WUI: Real Servers > Weight. Range 1 to 65530. Appliance default V(1000).
        type: int
      forwarding:
        description:
          - How packets get to the server.
          - >-
            API parameter C(forward). WUI: Real Servers > Forwarding method. Appliance default V(nat).
        type: str
        choices:
          nat: The LoadMaster translates addresses, and answers come back through it. API value C(nat).
          route: >-
            Direct server return: the server answers the client itself. It requires a service at layer 4; at layer 7 it has no effect. API value C(route).
      connection_limit:
        description:
          - The maximum of open connections; V(0) means no limit.
          - >-
            API parameter C(limit). WUI: Real Servers > Connection Limit. Range 0 to 100000 connections. Appliance default V(0).
        type: int
      connection_rate_limit:
        description:
          - The maximum of new connections a second; V(0) means no limit. Newer firmware only.
          - >-
            API parameter C(ratelimit). WUI: Real Servers. Range 0 to 100000 connections per second. Appliance default V(0).
        type: int
      critical:
        description:
          - Makes the server required, so that the service counts as down as soon as this server is down. The WUI shows it while
            O(kemp.loadmaster.virtual_service#module:enhanced_health_checks=true).
          - >-
            API parameter C(critical). WUI: Real Servers. Appliance default V(false).
        type: bool
      non_local:
        description:
          - Allows a server outside the networks of the LoadMaster. It requires O(kemp.loadmaster.settings#module:non_local_real_servers=true) and a service
            that is not transparent.
          - The LoadMaster does not report it, so it is not compared. It applies when the server is added.
          - >-
            API parameter C(non_local). WUI: Real Servers > Allow Remote Addresses. Appliance default V(false).
        type: bool
      content_rules:
        description:
          - The rules that choose requests for this server. If servers of a service have rules, a request goes to a server with a matching rule.
          - The built-in rule V(default) matches what no other rule does. The LoadMaster tries it last, so its place in the list has no meaning.
          - >-
            Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=match_content). The list is complete and in order: rules that it does not have
            are taken out, and an empty list clears it.
          - >-
            API commands C(addrsrule) and C(delrsrule). WUI: Real Servers > Rules.
        type: list
        elements: str
seealso:
  - module: kemp.loadmaster.real_server
    description: One real server at a time, for loops and for maintenance.
  - module: kemp.loadmaster.sub_virtual_service
    description: Services without an address of their own, to which a service passes its requests on.
  - module: kemp.loadmaster.content_rule
    description: The rules that choose where requests go, and that change requests and answers.
  - module: kemp.loadmaster.info
    description: All services with their status and counters.
  - module: kemp.loadmaster.settings
    description: Settings of the whole appliance, among them the defaults of health checks and time-outs.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Balance HTTPS over two mail servers and leave TLS to them
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    nickname: Mail
    type: generic
    scheduling: least_connection
    idle_timeout: 1800
    check_type: https
    check_url: /owa/healthcheck.htm
    check_method: get
    real_servers:
      - address: 192.0.2.31
        port: 443
      - address: 192.0.2.32
        port: 443

- name: Send browsers that come without TLS to HTTPS
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 80
    nickname: Mail redirect
    type: http
    check_type: none
    error_code: 302
    error_url: https://%h%s

- name: Keep the clients of a shop on one server
  kemp.loadmaster.virtual_service:
    address: 192.0.2.40
    port: 8080
    nickname: Shop
    type: http
    persistence: active_cookie_or_source_ip
    persistence_cookie: shop
    persistence_timeout: 3600
    add_http_headers: x_forwarded_for
    check_type: http
    check_url: /health
    check_use_http_1_1: true
    check_host: shop.example.com
    real_servers:
      - address: 192.0.2.41
        port: 80
        weight: 2000
      - address: 192.0.2.42
        port: 80

- name: Answer DNS over UDP and IPv6
  kemp.loadmaster.virtual_service:
    protocol: udp
    address: 2001:db8::53
    port: 53
    nickname: DNS
    check_type: dns
    real_servers:
      - address: 2001:db8::5
      - address: 2001:db8::6

- name: Take a mail server out of service, by the nickname of the service
  kemp.loadmaster.virtual_service:
    nickname: Mail
    real_servers:
      - address: 192.0.2.31
        port: 443
        enabled: false

- name: Replace it by another one
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    real_servers:
      - address: 192.0.2.33
        port: 443
      - address: 192.0.2.31
        port: 443
        state: absent

- name: Move the mail service to another address
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    new_address: 192.0.2.26

- name: Have rules for the shop
  kemp.loadmaster.content_rule:
    name: "{{ item.name }}"
    kind: "{{ item.kind }}"
    header: "{{ item.header | default(omit) }}"
    pattern: "{{ item.pattern | default(omit) }}"
    value: "{{ item.value | default(omit) }}"
  loop:
    - {name: Pictures, kind: match_content, pattern: '/^\/pictures\//'}
    - {name: Came_by_TLS, kind: add_header, header: X-Forwarded-Proto, value: https}
    - {name: No_server, kind: delete_header, header: Server}

- name: Tell the shop about TLS, hide what runs it, and leave the pictures to one of its servers
  kemp.loadmaster.virtual_service:
    nickname: Shop
    request_rules:
      - Came_by_TLS
    response_rules:
      - No_server
    real_servers:
      - address: 192.0.2.43
        port: 80
        content_rules:
          - Pictures

- name: Clear a setting and a list of rules
  kemp.loadmaster.virtual_service:
    address: 192.0.2.40
    port: 8080
    check_host: ""
    response_rules: []

- name: Remove a service with its real servers
  kemp.loadmaster.virtual_service:
    nickname: Shop
    state: absent

- name: Do it from a play that has no LoadMaster in its inventory
  kemp.loadmaster.virtual_service:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    address: 192.0.2.25
    port: 80
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
virtual_service:
  description:
    - The service as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the service is absent.
    - Besides its place it has every option that can be read, by the name and in the words of this module. In check mode a service that does not exist
      yet has the options of the task only.
  returned: success
  type: dict
  contains:
    protocol:
      description: The protocol.
      returned: unless the service is absent
      type: str
      sample: tcp
    address:
      description: The address.
      returned: unless the service is absent
      type: str
      sample: 192.0.2.25
    port:
      description: The port.
      returned: unless the service is absent
      type: str
      sample: "443"
  sample:
    protocol: tcp
    address: 192.0.2.25
    port: "443"
    nickname: Mail
    type: generic
    enabled: true
    scheduling: least_connection
    persistence: none
    idle_timeout: 1800
    check_type: https
    check_url: /owa/healthcheck.htm
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
      sample: addvs
    object:
      description: What it changes.
      returned: always
      type: str
      sample: virtual service tcp/192.0.2.25:443 (Mail)
    reason:
      description: Why.
      returned: always
      type: str
      sample: create it
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 5
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
      sample: modvs
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Unknown VS
  sample:
    kind: Refused
    command: modvs
    http_status: 422
    answer: Unknown VS
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.composition import document_of_service
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import (
    SHAPE,
    terms_of_task,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making

MODULE = making("virtual_service", SHAPE, lambda options: document_of_service(options, terms_of_task(options)))


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
