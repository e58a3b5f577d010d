#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sub_virtual_service
short_description: Create, change and remove sub virtual services
version_added: 0.1.0
description:
  - Makes one sub virtual service (SubVS) of a virtual service of a Kemp LoadMaster as the task says, with as many of its real servers as the task names.
  - It is named by O(virtual_service), which is its parent, and O(name); never by the index or the slot that the WUI shows, since the LoadMaster renumbers
    indexes.
  - >-
    A sub service has no address. Requests come to its parent, and O(content_rules) say which of them it gets. A parent has either sub services or real
    servers of its own: where it has servers, the task fails before it changes anything.
  - Address, layer, TLS, HTTP/2, caching and compression belong to the parent and are options of M(kemp.loadmaster.virtual_service). O(enabled), O(weight),
    O(critical), O(slot_connection_limit), O(slot_rate_limit) and O(content_rules) are kept in the slot that the parent has for the sub service. All other
    options are its own.
  - With its first sub service the LoadMaster turns over O(kemp.loadmaster.virtual_service#module:transparent) and
    O(kemp.loadmaster.virtual_service#module:subnet_originating) of a parent. The very next call gives both back the values that they had; those of a parent
    that is made in the same task, and of which nobody says them, are V(false) and V(true).
  - A new sub service has no name until a later call. Where a run was interrupted before that, the next run takes the one that was left behind, which has
    neither name nor real servers, before it makes another one, and says so in C(steps). Where that is the only one of its parent, what the parent had before
    is not known any more, and what nobody says of the two options above becomes V(false) and V(true).
  - Options that are left out are not sent and not compared, so what was set elsewhere stays. On a new sub service they have the default of the LoadMaster.
  - >-
    The rule lists, such as O(request_rules), name rules that M(kemp.loadmaster.content_rule) makes. Each is complete and in order, since the LoadMaster
    carries rules out in the order in which they were assigned: C([]) takes all rules out, and a list that is left out stays as it is. A rule that does not
    exist, or of a kind that the list does not take, is an error before anything is sent.
  - The task reads the services first, sends only what differs, and reads them back afterwards, because the LoadMaster answers C(ok) to options that it
    ignores. What it did not take is an error that names option, wanted and found value. A second run changes nothing.
  - An option that has an effect only together with others names them in its description. The task fails before it changes anything where they do not hold.
    What concerns the parent is not checked before, but read back.
  - >-
    O(real_servers) adds to what is there: servers in the list are added or changed, those with O(real_servers[].state=absent) are removed, and all others
    stay as they are. Servers are added before others are removed.
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
      - The diff has one part for the sub service and one for each real server that changes, with the options that change.
  idempotent:
    support: full
options:
  state:
    description:
      - Whether the sub virtual service should exist. V(absent) removes it with all of its real servers. It is no error then if there is no parent.
    type: str
    choices:
      present: The sub virtual service exists, with the options of the task.
      absent: There is no such sub virtual service.
    default: present
  virtual_service:
    description:
      - The parent, which has to exist and has no real servers of its own. Give it as C(address:port), as C(protocol/address:port) where the protocol is not
        TCP, with an IPv6 address in brackets, or by its nickname, which no other service may have then.
      - >-
        API parameters C(vs), C(port) and C(prot). WUI: Virtual Services > View/Modify Services.
    type: str
    required: true
  name:
    description:
      - The name of the sub service, which no other one of its parent may have. It is made of letters, digits, spaces and the characters C(. @ - _), and
        begins with a letter or digit. It cannot be changed here, since it says which sub service is meant.
      - >-
        API parameter C(nickname). WUI: Basic Properties > SubVS Name.
    type: str
    required: true
  enabled:
    description:
      - Whether the sub service gets requests. V(false) takes it out of operation and keeps its configuration.
      - >-
        API parameter C(enable). WUI: SubVSs. Appliance default V(true).
    type: bool
  weight:
    description:
      - The share of the sub service, relative to the weights of the others, where the scheduling method of the parent uses weights.
      - >-
        API parameter C(weight). WUI: Basic Properties > SubVS Weight. Range 1 to 65530. Appliance default V(1000).
    type: int
  critical:
    description:
      - Makes the sub service required, so that the parent counts as down as soon as this one is down. Otherwise the parent stays up.
      - >-
        API parameter C(critical). WUI: SubVSs > Critical. Appliance default V(false).
    type: bool
  slot_connection_limit:
    description:
      - The most connections that the parent opens to the sub service at a time; V(0) is without a limit. O(connection_limit) is the limit of the sub service
        itself.
      - >-
        API parameter C(limit). WUI: Basic Properties > SubVS Limit. Range 0 to 100000 connections. Appliance default V(0).
    type: int
  slot_rate_limit:
    description:
      - The most new connections that the parent opens to the sub service in a second; V(0) is without a limit. Newer firmware only. O(connection_rate_limit)
        is the limit of the sub service itself.
      - >-
        API parameter C(ratelimit). WUI: Basic Properties. Range 0 to 100000 connections per second. Appliance default V(0).
    type: int
  type:
    description:
      - What kind of traffic the sub service carries. It decides what else it can do; HTTP headers, for example, take V(http).
      - Changing the type makes the LoadMaster put O(add_http_headers) back to its default, and take all rules out of O(response_body_rules). The type is
        therefore sent first, and after it what the task says about these, or else what they were.
      - >-
        API parameter C(vstype). WUI: Basic Properties > Service Type. Appliance default: by port.
    type: str
    choices:
      generic: Any TCP or UDP traffic, passed on without looking into it. API value C(gen).
      http: HTTP, and HTTPS whose TLS ends at the LoadMaster. API value C(http).
      http2: HTTP/2 with HTTPS. Newer firmware only. API value C(http2).
      starttls: Protocols that switch to TLS on request, such as SMTP, IMAP and POP3. Which of them it is, the parent says. API value C(tls).
      remote_terminal: Remote Desktop. API value C(ts).
      log_insight: Log messages for VMware Log Insight. Newer firmware only. API value C(log).
  transparent:
    description:
      - Whether real servers see the address of the client as the source of a connection. V(false) makes connections come from the LoadMaster, which works
        wherever the servers are; V(true) needs the LoadMaster as their default gateway and clients outside of their network.
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
      - >-
        API parameter C(transparent). WUI: Standard Options > L7 Transparency. Appliance default V(false).
    type: bool
  subnet_originating:
    description:
      - Whether connections to real servers come from the address that the LoadMaster has in their network, V(true), or from the address of the parent,
        V(false). It makes no difference while O(transparent=true).
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
      - >-
        API parameter C(subnetoriginating). WUI: Standard Options > Subnet Originating Requests. Appliance default V(true).
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
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
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
      - The most traffic that passes the service; V(0) is without a limit. The WUI takes 0 or 16 to 99999999.
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
  add_http_headers:
    description:
      - Which headers tell the real servers the address of the client and that a proxy was passed. They are added only while O(transparent=false).
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
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
      - Where clients are redirected to while no real server is available. C(%h) stands for the host and C(%s) for the path that the client asked for. An
        empty string clears it.
      - >-
        API parameter C(errorurl). WUI: Advanced Properties > Not Available Redirection Handling. Appliance default: unset.
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
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent.
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
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent, and O(type=http) or O(type=http2).
      - >-
        API parameter C(httpreschedule). WUI: Advanced Properties. Appliance default V(false).
    type: bool
  response_status_remap:
    description:
      - Replaces HTTP statuses in answers of the real servers. Newer firmware only. What is replaced by what is in O(response_remap_codes).
      - Needs O(kemp.loadmaster.virtual_service#module:force_l4=false) of the parent, and O(type=http) or O(type=http2).
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
        On a new service the method follows from the port of the parent: 443 gets V(https) and 25 gets V(smtp), for example; ports without a protocol of their
        own get V(tcp).
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
      - The name in the Host header of the check, for servers with several web sites. Without it, the LoadMaster sends the address of the parent. An empty
        string clears it.
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
      - Makes O(minimum_servers) available, and in the WUI the option that makes a real server critical. Where it is switched off, O(minimum_servers) is
        cleared before it.
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
  content_rules:
    description:
      - The rules by which requests of the parent are chosen for this sub service. A request goes to the one with a rule that matches.
      - Where rules of several sub services match, the order decides in which the parent has them. It is that in which they were assigned, whatever sub
        service they are for, and this list says it only among its own members.
      - >-
        Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=match_content). The list is complete and in order: rules that it does not have are
        taken out, and an empty list clears it.
      - >-
        API commands C(addrsrule) and C(delrsrule). WUI: SubVSs > Rules.
    type: list
    elements: str
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
      - Real servers of the sub service. Servers that are not in the list stay as they are.
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
          - The port of the server, from 3 to 65535. Without it, the port of the parent is meant.
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
          - Whether the server should be one of this sub service.
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
      - Allows O(real_servers) to remove or disable the last enabled server of the sub service. Otherwise the task fails before it changes anything.
        Removing the sub service itself does not need it.
    type: bool
    default: false
seealso:
  - module: kemp.loadmaster.virtual_service
    description: The parent.
  - module: kemp.loadmaster.content_rule
    description: The rules that choose where requests go, and that change requests and answers.
  - module: kemp.loadmaster.real_server
    description: One real server at a time, also of all sub virtual services at once.
  - module: kemp.loadmaster.info
    description: All services with their status and counters.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Have the service that takes the requests, ends TLS and encrypts again
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 443
    nickname: Mail
    type: http
    ssl_acceleration: true
    ssl_reencrypt: true

- name: Have a rule for each application
  kemp.loadmaster.content_rule:
    name: "{{ item.name }}"
    kind: match_content
    pattern: "{{ item.pattern }}"
    ignore_case: true
  loop:
    - {name: Owa, pattern: '/^\/owa.*/'}
    - {name: Root, pattern: '/^\/$/'}
    - {name: Ecp, pattern: '/^\/ecp.*/'}
    - {name: Ews, pattern: '/^\/ews.*/'}

- name: Have a rule that sends visitors without a path to Outlook on the web
  kemp.loadmaster.content_rule:
    name: Start_page
    kind: modify_url
    pattern: '/^\/$/'
    value: /owa/

- name: Serve Outlook on the web
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Mail
    name: Outlook on the web
    type: http
    scheduling: least_connection
    idle_timeout: 1800
    check_type: https
    check_url: /owa/healthcheck.htm
    check_method: get
    critical: true
    content_rules:
      - Owa
      - Root
    request_rules:
      - Start_page
    real_servers:
      - address: 192.0.2.31
        port: 443
      - address: 192.0.2.32
        port: 443

- name: Serve further applications over one connection
  kemp.loadmaster.sub_virtual_service:
    virtual_service: 192.0.2.25:443
    name: "{{ item.name }}"
    type: http
    check_type: https
    check_url: "{{ item.check }}"
    content_rules: "{{ item.rules }}"
    real_servers:
      - address: 192.0.2.31
      - address: 192.0.2.32
  loop:
    - {name: Administration, check: /ecp/healthcheck.htm, rules: [Ecp]}
    - {name: Web services, check: /ews/healthcheck.htm, rules: [Ews]}

- name: Add a server to all of them
  kemp.loadmaster.real_server:
    virtual_service: Mail
    all_sub_virtual_services: true
    address: 192.0.2.33
    port: 443

- name: Take one of them out of service
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Mail
    name: Administration
    enabled: false

- name: Send nobody there any more, and leave it one server
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Mail
    name: Administration
    content_rules: []
    real_servers:
      - address: 192.0.2.32
        port: 443
        state: absent
      - address: 192.0.2.33
        port: 443
        state: absent

- name: Remove it with its real servers
  kemp.loadmaster.sub_virtual_service:
    virtual_service: Mail
    name: Administration
    state: absent

- name: Do it from a play that has no LoadMaster in its inventory
  kemp.loadmaster.sub_virtual_service:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    virtual_service: 192.0.2.25:443
    name: Web services
    weight: 500
  delegate_to: localhost
"""

RETURN = r"""
sub_virtual_service:
  description:
    - The sub service as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the sub service is absent.
    - Besides its name it has every option that can be read, by the name and in the words of this module. Real servers are not in it. In check mode a sub
      service that does not exist yet has the options of the task only.
  returned: success
  type: dict
  contains:
    name:
      description: The name.
      returned: unless the sub service is absent
      type: str
      sample: Outlook on the web
  sample:
    name: Outlook on the web
    type: http
    enabled: true
    weight: 1000
    critical: true
    scheduling: least_connection
    persistence: none
    idle_timeout: 1800
    check_type: https
    check_url: /owa/healthcheck.htm
    content_rules:
      - Owa
      - Root
    request_rules:
      - Start_page
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
      sample: modvs
    object:
      description: What it changes.
      returned: always
      type: str
      sample: sub virtual service Outlook on the web of tcp/192.0.2.25:443
    reason:
      description: Why.
      returned: always
      type: str
      sample: name it and set it up
api_calls:
  description: How many calls of the API the task took. The LoadMaster allows about 30 in 3 seconds.
  returned: success
  type: int
  sample: 13
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

from collections.abc import Mapping
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.composition import objects_of_sub
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import SHAPE
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import USUAL, Desired
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making


def wanted_by(options: Mapping[str, Any]) -> list[Desired]:
    """Return the SubVS that the options define, and its real servers that the task names."""
    return objects_of_sub(ServiceRef.parse(options["virtual_service"]), options, USUAL)


MODULE = making("sub_virtual_service", SHAPE, wanted_by)


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
