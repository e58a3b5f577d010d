#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: virtual_service
short_description: Create, change, move and remove virtual services
version_added: 0.1.0
description:
  - Makes one virtual service of a Kemp LoadMaster as the task says, with as many of its real servers as the task names.
  - A service is named by O(protocol), O(address) and O(port), or by a O(nickname) that no other service has; never by the index that the WUI shows,
    since the LoadMaster renumbers it. With O(new_address) and O(new_port) a service moves, and is found in its new place by the next run.
  - Options that are left out are not sent and not compared, so what was set elsewhere stays. On a new service they have the default of the
    LoadMaster.
  - The task reads the service first, sends only what differs, and reads it back afterwards, because the LoadMaster answers C(ok) to options that it
    ignores. What it did not take is an error that names option, wanted and found value. A second run changes nothing.
  - An option that has an effect only together with others names them in its description. The task fails before it changes anything where they do not
    hold.
  - >-
    O(real_servers) adds to what is there: servers in the list are added or changed, those with O(real_servers[].state=absent) are removed, and all
    others stay as they are. Servers are added before others are removed.
  - >-
    The rule lists, such as O(request_rules), name rules that M(kemp.loadmaster.content_rule) makes. Each is complete and in order, since the LoadMaster
    carries rules out in the order in which they were assigned: C([]) takes all rules out, and a list that is left out stays as it is. A rule that does not
    exist, or of a kind that the list does not take, is an error before anything is sent.
  - Sub virtual services have a module of their own, M(kemp.loadmaster.sub_virtual_service). This one leaves them alone, except that the removal of a service
    removes them with it.
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
      - The diff has one part for the service and one for each real server that changes, with the options that change. Secrets are masked.
  idempotent:
    support: full
options:
  state:
    description:
      - Whether the service should exist. V(absent) removes it with all of its real servers and sub virtual services.
    type: str
    choices:
      present: The service exists, with the options of the task.
      absent: There is no such service.
    default: present
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
      - The protocol of the service. It is part of its name, so it cannot be changed.
      - >-
        API parameter C(prot). WUI: Add New > Protocol.
    type: str
    choices:
      tcp: TCP.
      udp: UDP.
    default: tcp
  new_address:
    description:
      - The IP address to which the service of O(address) and O(port) moves. Its real servers and settings move with it.
      - It is no error if the service is there already. It is one if both places have a service. Where neither has, the service is created at its new
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
      - What kind of traffic the service carries. It decides what else the service can do; caching, compression and HTTP headers, for example, take V(http).
      - Changing the type makes the LoadMaster put O(add_http_headers) and O(cache) back to their defaults, and take all rules out of O(response_body_rules).
        The type is therefore sent first, and after it what the task says about these, or else what they were. Where the new type cannot have it, the diff
        shows what is lost.
      - >-
        API parameter C(vstype). WUI: Basic Properties > Service Type. Appliance default: by port.
    type: str
    choices:
      generic: Any TCP or UDP traffic, passed on without looking into it. The only type that can run at layer 4. API value C(gen).
      http: HTTP, and HTTPS whose TLS ends at the LoadMaster. API value C(http).
      http2: HTTP/2 with HTTPS. Newer firmware only. API value C(http2).
      starttls: Protocols that switch to TLS on request, such as SMTP, IMAP and POP3. See O(starttls_mode). API value C(tls).
      remote_terminal: Remote Desktop. API value C(ts).
      log_insight: Log messages for VMware Log Insight. Newer firmware only. API value C(log).
  nickname:
    description:
      - The name of the service in lists and messages. It is made of letters, digits, spaces and the characters C(. @ - _), and begins with a letter
        or digit. An empty string clears it.
      - Together with O(address) and O(port) it is set like any other option. Without them it says which service is meant, which has to exist and to
        be the only one of that name.
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
      - Further ports on which the service answers, each a port such as V(8080) or a range such as V(8000-8010). The order does not matter. An empty
        list clears it.
      - >-
        API parameter C(extraports). WUI: Standard Options > Extra Ports. Appliance default: unset.
    type: list
    elements: str
  force_l4:
    description:
      - Runs the service at layer 4, which passes packets on without ending the connection. It is fast but always transparent, so the real servers
        have to route their answers through the LoadMaster, and everything that looks into the traffic is unavailable.
      - The API has it the other way round. V(true) is sent as C(n), V(false) as C(y).
      - Needs O(type=generic).
      - >-
        API parameter C(forcel7), inverted. WUI: Standard Options > Force L4. Appliance default: false for TCP, true for UDP.
    type: bool
  transparent:
    description:
      - Whether real servers see the address of the client as the source of a connection. V(false) makes connections come from the LoadMaster, which
        works wherever the servers are; V(true) needs the LoadMaster as their default gateway and clients outside of their network.
      - Needs O(force_l4=false).
      - >-
        API parameter C(transparent). WUI: Standard Options > L7 Transparency. Appliance default V(false).
    type: bool
  subnet_originating:
    description:
      - Whether connections to real servers come from the address that the LoadMaster has in their network, V(true), or from the address of the
        service, V(false). It makes no difference while O(transparent=true).
      - Needs O(force_l4=false).
      - >-
        API parameter C(subnetoriginating). WUI: Standard Options > Subnet Originating Requests. Appliance default V(true).
    type: bool
  use_address_for_snat:
    description:
      - Uses the address of the service as the source of connections that its real servers open to the outside, as mail servers want it whose address
        is looked up in reverse. The WUI shows it only while server NAT is on for the whole appliance, see
        O(kemp.loadmaster.settings#module:server_nat).
      - >-
        API parameter C(useforsnat). WUI: Standard Options > Use Address for Server NAT. Appliance default V(false).
    type: bool
  persistence:
    description:
      - By what the LoadMaster recognises a client, in order to send it to the same real server again. Modes with a second method use it where the
        first one finds nothing.
      - The modes with a cookie and V(selected_header) take O(persistence_cookie) with them, V(http_query_hash) takes O(persistence_query_item).
        V(none) also sets O(persistence_timeout) to 0.
      - >-
        API parameter C(persist). WUI: Standard Options > Persistence Options. Appliance default V(none).
    type: str
    choices:
      none: Every connection is balanced anew. API value C(none).
      ssl_session_id: The TLS session. API value C(ssl).
      server_cookie: The value of a cookie that the real servers set. API value C(cookie).
      active_cookie: A cookie that the LoadMaster sets itself. API value C(active-cookie).
      server_cookie_or_source_ip: As V(server_cookie), else the address of the client. API value C(cookie-src).
      active_cookie_or_source_ip: As V(active_cookie), else the address of the client. API value C(active-cook-src).
      hash_all_cookies: A hash of all cookies of the request. API value C(cookie-hash).
      hash_all_cookies_or_source_ip: As V(hash_all_cookies), else the address of the client. API value C(cookie-hash-src).
      url_hash: A hash of the URL, which sends equal requests to the same server. API value C(url).
      http_query_hash: A hash of one item of the query string. API value C(query-hash).
      http_host_header: The Host header. API value C(host).
      selected_header: A header of your choice, named by O(persistence_cookie). API value C(header).
      super_http: A fingerprint of the browser made of several headers. API value C(super).
      super_http_or_source_ip: As V(super_http), else the address of the client. API value C(super-src).
      source_ip: The address of the client. API value C(src).
      terminal_service: The user name or routing token of a Remote Desktop connection. API value C(rdp).
      terminal_service_or_source_ip: As V(terminal_service), else the address of the client. API value C(rdp-src).
      session_broker: The routing token of a Remote Desktop session broker. API value C(rdp-sb).
      session_broker_or_source_ip: As V(session_broker), else the address of the client. API value C(rdp-sb-src).
      udp_session_initiation: The call of a SIP message over UDP. API value C(udpsip).
  persistence_timeout:
    description:
      - How long the LoadMaster remembers a client after its last connection.
      - The LoadMaster keeps whole minutes and rounds down. V(400) becomes 360, and is compared as 360.
      - Needs any but O(persistence=none).
      - >-
        API parameter C(persisttimeout). WUI: Standard Options > Persistence Options. Range 60 to 604800 seconds. Appliance default: 360 once
        persistence is on.
    type: int
  persistence_cookie:
    description:
      - The name of the cookie by which clients are recognised. For O(persistence=selected_header) it is the name of the header. An empty string
        clears it.
      - The LoadMaster keeps the name when another mode is chosen, so it may be reported where it has no effect.
      - Needs O(persistence=server_cookie), O(persistence=active_cookie), O(persistence=server_cookie_or_source_ip),
        O(persistence=active_cookie_or_source_ip), O(persistence=hash_all_cookies), O(persistence=hash_all_cookies_or_source_ip) or
        O(persistence=selected_header).
      - >-
        API parameter C(cookie). WUI: Standard Options > Persistence Options. Appliance default: unset.
    type: str
  persistence_query_item:
    description:
      - The item of the query string by which clients are recognised. An empty string clears it.
      - Needs O(persistence=http_query_hash).
      - >-
        API parameter C(querytag). WUI: Standard Options > Persistence Options. Appliance default: unset.
    type: str
  persistence_refresh:
    description:
      - Lets the time of O(persistence_timeout) start again with traffic on a connection that is already open. Newer firmware only.
      - Needs any but O(persistence=none).
      - >-
        API parameter C(refreshpersist). WUI: Standard Options > Persistence Options. Appliance default V(false).
    type: bool
  scheduling:
    description:
      - How a real server is chosen for a connection whose client is not recognised.
      - >-
        API parameter C(schedule). WUI: Standard Options > Scheduling Method. Appliance default V(round_robin).
    type: str
    choices:
      round_robin: One after the other. API value C(rr).
      weighted_round_robin: One after the other, in proportion to their weights. API value C(wrr).
      least_connection: The one with the fewest open connections. API value C(lc).
      weighted_least_connection: The one with the fewest open connections for its weight. API value C(wlc).
      fixed_weighting: Always the available one with the highest weight, which makes the others spares. API value C(fixed).
      resource_based_adaptive: By the load that the servers report, see O(adaptive_url). API value C(adaptive).
      resource_based_sdn_adaptive: By the load that a network controller reports. API value C(sdn-adaptive).
      source_ip_hash: By a hash of the address of the client. API value C(sh).
      weighted_response_time: By how fast the servers answer health checks. API value C(dl).
      url_hash: By a hash of the URL. API value C(uhash).
  idle_timeout:
    description:
      - How long a connection may stay idle before the LoadMaster closes it. Raise it for clients that hold connections open, such as Outlook.
      - V(0) asks for the time-out of the whole appliance. The LoadMaster stores and reports 660 then, so V(0) and V(660) are compared as equal.
      - >-
        API parameter C(idletime). WUI: Standard Options > Idle Connection Timeout. Range 0 to 86400 seconds. Appliance default V(660).
    type: int
  server_initiating:
    description:
      - The protocol, where it is the server that speaks first. Without it a connection at layer 7 would wait for the client to say something.
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
  quality_of_service:
    description:
      - The type of service that the LoadMaster writes into the IP packets to the clients.
      - >-
        API parameter C(qos). WUI: Standard Options > Quality of Service. Appliance default V(normal_service).
    type: str
    choices:
      normal_service: No special treatment. API value C(0).
      minimize_cost: Minimize cost. API value C(1).
      maximize_reliability: Maximize reliability. API value C(2).
      maximize_throughput: Maximize throughput. API value C(4).
      minimize_delay: Minimize delay. API value C(8).
      pass_through: As it is in the packets of the client. API value C(16).
  multiplex_connections:
    description:
      - Lets requests of several clients share connections to the real servers, which saves the servers work. Do not use it with applications that
        authenticate a connection, such as NTLM. It cannot be on together with SSL acceleration, the web application firewall or the Edge Security
        Pack.
      - Needs O(force_l4=false) and O(ssl_acceleration=false).
      - >-
        API parameter C(multiconnect). WUI: Advanced Properties > Enable Multiple Connect. Appliance default V(false).
    type: bool
  adaptive_interval:
    description:
      - How often the load of the real servers is asked for. Newer firmware only, as the other options with C(adaptive) in their name.
      - Needs O(scheduling=resource_based_adaptive).
      - >-
        API parameter C(adaptiveinterval). WUI: Standard Options. Range 10 to 60 seconds. Appliance default V(10).
    type: int
  adaptive_url:
    description:
      - The path under which the real servers report their load, with a slash at its beginning, such as V(/load). An empty string clears it.
      - Needs O(scheduling=resource_based_adaptive).
      - >-
        API parameter C(adaptiveurl). WUI: Standard Options. Appliance default: unset.
    type: str
  adaptive_port:
    description:
      - The port on which the real servers report their load.
      - Needs O(scheduling=resource_based_adaptive).
      - >-
        API parameter C(adaptiveport). WUI: Standard Options. Range 3 to 65530. Appliance default: unset.
    type: int
  adaptive_minimum_percent:
    description:
      - The load below which a real server counts as idle.
      - Needs O(scheduling=resource_based_adaptive).
      - >-
        API parameter C(adaptiveminpercent). WUI: Standard Options. Range 0 to 50 percent. Appliance default: unset.
    type: int
  bandwidth_limit:
    description:
      - The most traffic that passes the service; V(0) is without a limit. A service with this limit runs at layer 7. The WUI takes 0 or 16 to
        99999999.
      - >-
        API parameter C(bandwidth). WUI: QoS/Limiting > Bandwidth Limit. Range 0 and above, in kbit/s. Appliance default V(0).
    type: int
  connection_rate_limit:
    description:
      - The most new connections that the service accepts in a second; V(0) is without a limit.
      - >-
        API parameter C(connsperseclimit). WUI: QoS/Limiting > Connections per second. Range 0 and above, in connections per second. Appliance default
        V(0).
    type: int
  request_rate_limit:
    description:
      - The most HTTP requests that the service accepts in a second; V(0) is without a limit.
      - >-
        API parameter C(requestsperseclimit). WUI: QoS/Limiting > HTTP Requests per second. Range 0 and above, in requests per second. Appliance
        default V(0).
    type: int
  connection_limit:
    description:
      - The most connections that the service has open at a time; V(0) is without a limit.
      - >-
        API parameter C(maxconnslimit). WUI: QoS/Limiting > Concurrent Connections. Range 0 and above, in connections. Appliance default V(0).
    type: int
  transaction_limit:
    description:
      - The most transactions that the service carries; V(0) is without a limit. The vendor does not describe this limit any further.
      - >-
        API parameter C(transactionlimit). WUI: Virtual Services > View/Modify Services. Range 0 and above, in transactions. Appliance default V(0).
    type: int
  ssl_acceleration:
    description:
      - Whether the LoadMaster ends TLS itself. Only then can it look into what passes through. Where it is switched off, O(client_certificates),
        O(ocsp_verify), O(require_sni_hostname), O(pass_cipher_headers), O(http2), O(ssl_rewrite), O(ssl_reencrypt), O(reencryption_sni_hostname) and
        O(pass_through_sni_hostname) are cleared before it, since the LoadMaster would keep them and bring them back the next time. Where it is switched on,
        O(multiplex_connections) is.
      - Needs O(force_l4=false).
      - >-
        API parameter C(sslacceleration). WUI: SSL Properties > SSL Acceleration. Appliance default V(false).
    type: bool
  certificates:
    description:
      - The names of the certificates that clients see, as they are installed on the LoadMaster. With several, the name that a client asks for (SNI)
        decides. An empty list means the self-signed certificate that the LoadMaster makes for the service.
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
      - A LoadMaster that is set to its old SSL library has no TLS 1.3 and nothing in the mask for it, so that V(TLSv1.3) reads as on there, whatever the task
        says.
      - Needs O(ssl_acceleration=true).
      - >-
        API parameter C(tlstype). WUI: SSL Properties > Supported Protocols. Appliance default: TLS 1.1 and newer.
    type: list
    elements: str
    choices: [SSLv3, TLSv1.0, TLSv1.1, TLSv1.2, TLSv1.3]
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
      - Whether clients have to show a certificate of their own, and in which header the real servers are told about it.
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
      - Whether the real servers are told in headers which cipher the client uses.
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
      legacy: "What older firmware does: X-Forwarded-For without Via. API value C(0)."
      x_forwarded_for_and_via: X-Forwarded-For and Via. API value C(1).
      none: No header. API value C(2).
      x_clientside_and_via: X-ClientSide and Via. API value C(3).
      x_clientside: X-ClientSide. API value C(4).
      x_forwarded_for: X-Forwarded-For. API value C(5).
      via: Via. API value C(6).
  copy_header_from:
    description:
      - The request header that is copied into another one, named by O(copy_header_to), before the request goes to the real server. An empty string
        clears it.
      - >-
        API parameter C(copyhdrfrom). WUI: Advanced Properties > Copy Header in Request. Appliance default: unset.
    type: str
  copy_header_to:
    description:
      - The request header into which O(copy_header_from) is copied. An empty string clears it.
      - >-
        API parameter C(copyhdrto). WUI: Advanced Properties > Copy Header in Request. Appliance default: unset.
    type: str
  extra_header_name:
    description:
      - The name of a header that is added to every request, with the value of O(extra_header_value). An empty string clears it.
      - >-
        API parameter C(extrahdrkey). WUI: Advanced Properties > Add Header to Request. Appliance default: unset.
    type: str
  extra_header_value:
    description:
      - The value of the header that O(extra_header_name) names. An empty string clears it.
      - >-
        API parameter C(extrahdrvalue). WUI: Advanced Properties > Add Header to Request. Appliance default: unset.
    type: str
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
  default_gateway:
    description:
      - The gateway for answers of this service to its clients, where it is not the one of the appliance. An empty string clears it.
      - >-
        API parameter C(defaultgw). WUI: Advanced Properties > Default Gateway. Appliance default: unset.
    type: str
  error_code:
    description:
      - The HTTP status that clients get while no real server is available. A redirect such as V(302) goes to O(error_url). V(0) turns it off.
      - >-
        API parameter C(errorcode). WUI: Advanced Properties > Not Available Redirection Handling. Range 0 or 200 to 505. Appliance default V(0).
    type: int
  error_url:
    description:
      - Where clients are redirected to while no real server is available. C(%h) stands for the host and C(%s) for the path that the client asked for;
        a service for port 80 without real servers, with V(https://%h%s) here and a redirect as O(error_code), sends browsers to HTTPS. An empty
        string clears it.
      - >-
        API parameter C(errorurl). WUI: Advanced Properties > Not Available Redirection Handling. Appliance default: unset.
    type: str
  follow_service:
    description:
      - Another service whose persistence this one follows, so that a client stays on one real server across both. Give it as C(address:port), as
        C(protocol/address:port), with an IPv6 address in brackets, or by its nickname. The LoadMaster keeps an index; the module looks it up anew
        each time. An empty string ends it.
      - >-
        API parameter C(followvsid). WUI: Advanced Properties > Port Following. Appliance default: unset.
    type: str
  local_bind_addresses:
    description:
      - Addresses of the LoadMaster from which connections to the real servers are opened in turn, for more than 64,000 connections at a time. It
        takes O(kemp.loadmaster.settings#module:connection_scaling=true). The order does not matter. An empty list clears it.
      - >-
        API parameter C(localbindaddrs). WUI: Advanced Properties > Alternate Source Addresses. Appliance default: unset.
    type: list
    elements: str
  sorry_server_address:
    description:
      - The server that gets the traffic while no real server is available. It is never checked. It takes O(sorry_server_port) with it. An empty
        string clears it.
      - >-
        API parameter C(standbyaddr). WUI: Advanced Properties > Sorry Server. Appliance default: unset.
    type: str
  sorry_server_port:
    description:
      - The port of the sorry server. It takes O(sorry_server_address) with it. V(0) removes it.
      - >-
        API parameter C(standbyport). WUI: Advanced Properties > Sorry Server. Range 0 or 3 to 65530. Appliance default: unset.
    type: int
  sorry_server_non_local:
    description:
      - Allows a sorry server outside of the networks of the LoadMaster. It takes O(kemp.loadmaster.settings#module:non_local_real_servers=true).
      - >-
        The LoadMaster does not report it, so it is not compared: it is sent when the service is created, and along with a change of
        O(sorry_server_address) or O(sorry_server_port).
      - >-
        API parameter C(non_local). WUI: Advanced Properties. Appliance default V(false).
    type: bool
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
      reject_and_warn: As V(reject), for what only might be an attack, too. API value C(5).
      drop_and_warn: As V(drop), for what only might be an attack, too. API value C(7).
  reschedule_on_4xx:
    description:
      - Tries another real server where one answers with an HTTP status from 400 to 499. Newer firmware only.
      - Needs O(force_l4=false), and O(type=http) or O(type=http2).
      - >-
        API parameter C(httpreschedule). WUI: Advanced Properties. Appliance default V(false).
    type: bool
  response_status_remap:
    description:
      - Replaces HTTP statuses in answers of the real servers. Newer firmware only. What is replaced by what is in O(response_remap_codes).
      - Needs O(force_l4=false), and O(type=http) or O(type=http2).
      - >-
        API parameter C(responsestatusremap). WUI: Advanced Properties. Appliance default V(false).
    type: bool
  response_remap_codes:
    description:
      - Which status becomes which one, in the notation of the LoadMaster. An empty string clears it.
      - Needs O(response_status_remap=true).
      - >-
        API parameter C(responseremapcodemap). WUI: Advanced Properties. Appliance default: unset.
    type: str
  response_remap_messages:
    description:
      - The texts that replaced statuses come with, in the notation of the LoadMaster. An empty string clears it.
      - Needs O(response_status_remap=true).
      - >-
        API parameter C(responseremapmsgmap). WUI: Advanced Properties. Appliance default: unset.
    type: str
  check_type:
    description:
      - How the LoadMaster finds out whether a real server is up.
      - >-
        On a new service the method follows from the port: 443 gets V(https) and 25 gets V(smtp), for example; ports without a protocol of their own
        get V(tcp).
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
      binary_data: "Bytes that are sent, and bytes that have to be in the answer: O(check_url) and O(check_pattern). API value C(bdata)."
      ldap: A search through an LDAP endpoint, see O(check_ldap_endpoint). API value C(ldap).
      dns: A DNS query. For UDP services. API value C(dns).
      none: No check; real servers always count as up. API value C(none).
  check_port:
    description:
      - The port of the real servers that is checked; V(0) checks the port that gets the traffic.
      - >-
        API parameter C(checkport). WUI: Real Servers > Real Server Check Parameters > Checked Port. Range 0 or 3 to 65530. Appliance default V(0).
    type: int
  check_url:
    description:
      - The path that is asked for, with a slash at its beginning, such as V(/owa/healthcheck.htm). For O(check_type=binary_data) it is what is sent,
        in hexadecimal digits. An empty string clears it.
      - Needs O(check_type=http), O(check_type=https) or O(check_type=binary_data).
      - >-
        API parameter C(checkurl). WUI: Real Servers > Real Server Check Parameters > URL. At most 126 characters. Appliance default: unset.
    type: str
  check_use_http_1_1:
    description:
      - Asks with HTTP/1.1, and so with a Host header, instead of HTTP/1.0.
      - Needs O(check_type=http) or O(check_type=https).
      - >-
        API parameter C(checkuse1.1). WUI: Real Servers > Real Server Check Parameters > Use HTTP/1.1. Appliance default V(false).
    type: bool
  check_host:
    description:
      - The name in the Host header of the check, for servers with several web sites. Without it, the LoadMaster sends the address of the service. An
        empty string clears it.
      - Needs O(check_type=http) or O(check_type=https), and O(check_use_http_1_1=true).
      - >-
        API parameter C(checkhost). WUI: Real Servers > Real Server Check Parameters. Appliance default: unset.
    type: str
  check_method:
    description:
      - The HTTP method of the check.
      - Needs O(check_type=http) or O(check_type=https).
      - >-
        API parameter C(checkuseget). WUI: Real Servers > Real Server Check Parameters > HTTP Method. Appliance default V(head).
    type: str
    choices:
      head: HEAD. API value C(0).
      get: GET. API value C(1).
      post: POST, with O(check_post_data). API value C(2).
      options: OPTIONS. Newer firmware only. API value C(3).
  check_pattern:
    description:
      - A regular expression that has to match the answer. For HTTP it counts with O(check_method=get) and O(check_method=post) and for answers with a
        status from 200 to 299. For O(check_type=binary_data) it is what has to be found, in hexadecimal digits. An empty string clears it.
      - Needs O(check_type=http), O(check_type=https) or O(check_type=binary_data); the first two also O(check_method=get) or O(check_method=post).
      - >-
        API parameter C(checkpattern). WUI: Real Servers > Real Server Check Parameters > Reply 200 Pattern. Appliance default: unset.
    type: str
  check_post_data:
    description:
      - What is sent along with O(check_method=post). An empty string clears it.
      - Needs O(check_type=http) or O(check_type=https), and O(check_method=post).
      - >-
        API parameter C(checkpostdata). WUI: Real Servers > Real Server Check Parameters. At most 2047 characters. Appliance default: unset.
    type: str
  check_codes:
    description:
      - HTTP statuses from 300 to 599 that count as up. Statuses from 200 to 299 always do. Without a list, 301, 302 and 401 do as well. The order
        does not matter. An empty list clears it.
      - Needs O(check_type=http) or O(check_type=https).
      - >-
        API parameter C(checkcodes). WUI: Real Servers > Real Server Check Parameters > Status Codes. Appliance default: unset.
    type: list
    elements: str
  check_headers:
    description:
      - Headers that are sent with the check, each as C(Name:value) without spaces. The order does not matter. An empty list clears it.
      - Needs O(check_type=http) or O(check_type=https).
      - >-
        API parameter C(checkheaders). WUI: Real Servers > Real Server Check Parameters. At most 4 entries. Appliance default: unset.
    type: list
    elements: str
  check_match_length:
    description:
      - How much of the answer is searched for O(check_pattern); V(0) searches all of it.
      - Needs O(check_type=binary_data).
      - >-
        API parameter C(matchlen). WUI: Real Servers > Real Server Check Parameters > Find Match Within. Range 0 to 8000 bytes. Appliance default
        V(0).
    type: int
  check_ldap_endpoint:
    description:
      - The name of the LDAP endpoint, as it is configured on the LoadMaster, through which the check searches. An empty string clears it.
      - Needs O(check_type=ldap).
      - >-
        API parameter C(ldapendpoint). WUI: Real Servers > Real Server Check Parameters. Appliance default: unset.
    type: str
  enhanced_health_checks:
    description:
      - Makes O(minimum_servers) available, and in the WUI the option that makes a real server critical. A service that has sub virtual services does
        not have this option. Where it is switched off, O(minimum_servers) is cleared before it.
      - >-
        API parameter C(enhancedhealthchecks). WUI: Real Servers. Appliance default V(false).
    type: bool
  minimum_servers:
    description:
      - How many real servers have to be up for the service to count as up; more than it has are refused.
      - >-
        One is what a service needs anyway: the LoadMaster stores V(1) as 0, so V(1) and V(0) are compared as equal. The option is set after the real
        servers of the same task were added.
      - Needs O(enhanced_health_checks=true).
      - >-
        API parameter C(rsminimum). WUI: Real Servers. Range 0 to 65535 servers. Appliance default V(0).
    type: int
  check_interval:
    description:
      - The time between two checks of a real server of this service. Newer firmware only, as O(check_timeout) and O(check_retries).
      - Once set, it can be changed, but the LoadMaster does not let it go back to the one of the whole appliance,
        O(kemp.loadmaster.settings#module:health_check_interval).
      - >-
        API parameter C(chkinterval). WUI: Real Servers. Range 9 to 120 seconds. Appliance default: the global one.
    type: int
  check_timeout:
    description:
      - How long a check waits for an answer.
      - Once set, it can be changed, but the LoadMaster does not let it go back to the one of the whole appliance,
        O(kemp.loadmaster.settings#module:health_check_timeout).
      - >-
        API parameter C(chktimeout). WUI: Real Servers. Range 4 to 60 seconds. Appliance default: the global one.
    type: int
  check_retries:
    description:
      - How often a check is repeated before the real server counts as down.
      - Once set, it can be changed, but the LoadMaster does not let it go back to the one of the whole appliance,
        O(kemp.loadmaster.settings#module:health_check_retries).
      - >-
        API parameter C(chkretrycount). WUI: Real Servers. Range 2 to 15 attempts. Appliance default: the global one.
    type: int
  pre_process_rules:
    description:
      - The rules that every request is held against before anything else is decided. They can refuse it, or set a flag that other rules ask for.
      - >-
        Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=match_content). The list is complete and in order: rules that it does not have are
        taken out, and an empty list clears it.
      - >-
        API commands C(addprerule) and C(delprerule). WUI: Advanced Properties.
    type: list
    elements: str
  request_rules:
    description:
      - The rules that change requests on their way to the real servers, carried out in this order.
      - >-
        Takes rules of the kinds O(kemp.loadmaster.content_rule#module:kind=add_header), O(kemp.loadmaster.content_rule#module:kind=delete_header),
        O(kemp.loadmaster.content_rule#module:kind=replace_header) and O(kemp.loadmaster.content_rule#module:kind=modify_url). The list is complete and in
        order: rules that it does not have are taken out, and an empty list clears it.
      - >-
        API commands C(addrequestrule) and C(delrequestrule). WUI: Advanced Properties > HTTP Header Modifications.
    type: list
    elements: str
  response_rules:
    description:
      - The rules that change answers on their way to the clients, carried out in this order.
      - >-
        Takes rules of the kinds O(kemp.loadmaster.content_rule#module:kind=add_header), O(kemp.loadmaster.content_rule#module:kind=delete_header),
        O(kemp.loadmaster.content_rule#module:kind=replace_header) and O(kemp.loadmaster.content_rule#module:kind=modify_url), the last one since firmware
        7.2.51. The list is complete and in order: rules that it does not have are taken out, and an empty list clears it.
      - >-
        API commands C(addresponserule) and C(delresponserule). WUI: Advanced Properties > HTTP Header Modifications.
    type: list
    elements: str
  response_body_rules:
    description:
      - The rules that replace text in the body of answers, carried out in this order. A compressed answer is not changed.
      - >-
        Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=replace_body). The list is complete and in order: rules that it does not have are
        taken out, and an empty list clears it.
      - >-
        API commands C(addresponsebodyrule) and C(delresponsebodyrule). WUI: Advanced Properties > Response Body Modification.
    type: list
    elements: str
  real_servers:
    description:
      - Real servers of the service. Servers that are not in the list stay as they are.
      - What is left out of a server that exists stays as it is.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - The IP address of the server, or its domain name. A name needs O(kemp.loadmaster.settings#module:dns_names=true) and a DNS server on the
            LoadMaster.
          - >-
            API parameter C(rs). WUI: Real Servers > Real Server Address.
        type: str
        required: true
      port:
        description:
          - The port of the server, from 3 to 65535. Without it, the port of the service is meant.
          - >-
            API parameter C(rsport). WUI: Real Servers > Port.
        type: str
      new_port:
        description:
          - The port to which the server moves, from 3 to 65535, with its rules and settings. It is no error if the server is there already; one that is at
            neither port is added there. With V(absent) it is removed from where it is.
          - >-
            API parameter C(newport). WUI: Real Servers > Port.
        type: str
      state:
        description:
          - Whether the server should be one of this service.
        type: str
        choices:
          present: The server is there, with the options of the task.
          absent: There is no such server.
        default: present
      enabled:
        description:
          - >-
            Whether the server gets connections. V(false) takes it out of service for maintenance: with persistence its clients may stay for the drain
            time of the appliance, without persistence and at layer 4 it gets no new connections from then on.
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
            Direct server return: the server answers the client itself. It takes a service at layer 4; at layer 7 the LoadMaster stores it without
            effect. API value C(route).
      connection_limit:
        description:
          - The most connections that the server has open at a time; V(0) is without a limit.
          - >-
            API parameter C(limit). WUI: Real Servers > Connection Limit. Range 0 to 100000 connections. Appliance default V(0).
        type: int
      connection_rate_limit:
        description:
          - The most new connections that the server gets in a second; V(0) is without a limit. Newer firmware only.
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
          - Allows a server outside of the networks of the LoadMaster. It takes O(kemp.loadmaster.settings#module:non_local_real_servers=true) and a
            service that is not transparent.
          - >-
            The LoadMaster does not report it, so it is not compared: it counts when the server is added.
          - >-
            API parameter C(non_local). WUI: Real Servers > Allow Remote Addresses. Appliance default V(false).
        type: bool
      content_rules:
        description:
          - The rules by which requests are chosen for this server. Where servers of a service have rules, a request goes to a server with a rule that
            matches.
          - >-
            Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=match_content). The list is complete and in order: rules that it does not have
            are taken out, and an empty list clears it.
          - >-
            API commands C(addrsrule) and C(delrsrule). WUI: Real Servers > Rules.
        type: list
        elements: str
  allow_no_servers:
    description:
      - Allows O(real_servers) to remove or disable the last enabled server of the service. Otherwise the task fails before it changes anything.
        Removing the service itself does not need it.
    type: bool
    default: false
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
        - V(Unreadable) is an answer that is none of the API.
        - V(NotConverged) is an answer C(ok), after which the LoadMaster still does not show what was wanted.
        - V(Overtaken) is somebody else who was writing to the LoadMaster at the same time. Run the task again when that is done.
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

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.composition import objects_of_service
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import USUAL
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making

MODULE = making("virtual_service", SHAPE, lambda options: objects_of_service(options, USUAL))


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
