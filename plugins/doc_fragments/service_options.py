# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that virtual_service and sub_virtual_service have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Options that several modules describe in the same words."""

    DOCUMENTATION = r"""
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  persistence:
    description:
      - How the LoadMaster recognises a client, to send it to the same real server again. Modes with a second method use it if the first one finds nothing.
      - The modes with a cookie and V(selected_header) require O(persistence_cookie), V(http_query_hash) requires O(persistence_query_item). V(none) also sets
        O(persistence_timeout) to 0.
      - >-
        API parameter C(persist). WUI: Standard Options > Persistence Options. Appliance default V(none).
    type: str
    choices:
      none: Every connection is balanced again. API value C(none).
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
        API parameter C(persisttimeout). WUI: Standard Options > Persistence Options. Range 60 to 604800 seconds. Appliance default: 360 once persistence is on.
    type: int
  persistence_cookie:
    description:
      - The name of the cookie by which clients are recognised. For O(persistence=selected_header) it is the name of the header. An empty string clears it.
      - The LoadMaster keeps the name in other modes, so it may report one that has no effect.
      - Needs O(persistence=server_cookie), O(persistence=active_cookie), O(persistence=server_cookie_or_source_ip), O(persistence=active_cookie_or_source_ip),
        O(persistence=hash_all_cookies), O(persistence=hash_all_cookies_or_source_ip) or O(persistence=selected_header).
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
      - Lets the time of O(persistence_timeout) start again with traffic on a connection that is already open.
      - Needs any but O(persistence=none).
      - Firmware 7.2.54 and newer.
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
      - How often the LoadMaster asks for the load of the real servers.
      - Needs O(scheduling=resource_based_adaptive).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(adaptiveinterval). WUI: Standard Options. Range 10 to 60 seconds. Appliance default V(10).
    type: int
  adaptive_url:
    description:
      - The path under which the real servers report their load, with a slash at its beginning, such as V(/load). An empty string clears it.
      - Needs O(scheduling=resource_based_adaptive).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(adaptiveurl). WUI: Standard Options. Appliance default: unset.
    type: str
  adaptive_port:
    description:
      - The port on which the real servers report their load.
      - Needs O(scheduling=resource_based_adaptive).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(adaptiveport). WUI: Standard Options. Range 3 to 65530. Appliance default: unset.
    type: int
  adaptive_minimum_percent:
    description:
      - The load below which a real server counts as idle.
      - Needs O(scheduling=resource_based_adaptive).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(adaptiveminpercent). WUI: Standard Options. Range 0 to 50 percent. Appliance default: unset.
    type: int
  connection_rate_limit:
    description:
      - The maximum of new connections a second; V(0) means no limit.
      - Firmware 7.2.54 and newer.
      - >-
        API parameter C(connsperseclimit). WUI: QoS/Limiting > Connections per second. Range 0 and above, in connections per second. Appliance default V(0).
    type: int
  request_rate_limit:
    description:
      - The maximum of HTTP requests a second; V(0) means no limit.
      - Firmware 7.2.54 and newer.
      - >-
        API parameter C(requestsperseclimit). WUI: QoS/Limiting > HTTP Requests per second. Range 0 and above, in requests per second. Appliance default V(0).
    type: int
  connection_limit:
    description:
      - The maximum of open connections; V(0) means no limit.
      - Firmware 7.2.54 and newer.
      - >-
        API parameter C(maxconnslimit). WUI: QoS/Limiting > Concurrent Connections. Range 0 and above, in connections. Appliance default V(0).
    type: int
  transaction_limit:
    description:
      - The maximum of transactions; V(0) means no limit. The vendor does not describe this limit further.
      - >-
        API parameter C(transactionlimit). WUI: Virtual Services > View/Modify Services. Range 0 and above, in transactions. Appliance default V(0).
    type: int
  copy_header_from:
    description:
      - The request header that is copied into another one, named by O(copy_header_to), before the request goes to the real server. An empty string clears it.
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
  local_bind_addresses:
    description:
      - Addresses of the LoadMaster for connections to the real servers, used in turn, for more than 64,000 connections. It requires
        O(kemp.loadmaster.settings#module:connection_scaling=true). The order does not matter. An empty list clears it.
      - >-
        API parameter C(localbindaddrs). WUI: Advanced Properties > Alternate Source Addresses. Appliance default: unset.
    type: list
    elements: str
  sorry_server_address:
    description:
      - The server that gets the traffic while no real server is available. It is never checked. It requires O(sorry_server_port). An empty string clears it.
      - >-
        API parameter C(standbyaddr). WUI: Advanced Properties > Sorry Server. Appliance default: unset.
    type: str
  sorry_server_port:
    description:
      - The port of the sorry server. It requires O(sorry_server_address). V(0) removes it.
      - >-
        API parameter C(standbyport). WUI: Advanced Properties > Sorry Server. Range 0 or 3 to 65530. Appliance default: unset.
    type: int
  sorry_server_non_local:
    description:
      - Allows a sorry server outside the networks of the LoadMaster. It requires O(kemp.loadmaster.settings#module:non_local_real_servers=true).
      - >-
        The LoadMaster does not report it, so it is not compared: it is sent when the service is created, and along with a change of O(sorry_server_address) or
        O(sorry_server_port).
      - >-
        API parameter C(non_local). WUI: Advanced Properties. Appliance default V(false).
    type: bool
  response_remap_codes:
    description:
      - The statuses and their replacements, in the notation of the LoadMaster. An empty string clears it.
      - Needs O(response_status_remap=true).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(responseremapcodemap). WUI: Advanced Properties. Appliance default: unset.
    type: str
  response_remap_messages:
    description:
      - The texts that replaced statuses come with, in the notation of the LoadMaster. An empty string clears it.
      - Needs O(response_status_remap=true).
      - Firmware 7.2.60 and newer.
      - >-
        API parameter C(responseremapmsgmap). WUI: Advanced Properties. Appliance default: unset.
    type: str
  check_port:
    description:
      - The port of the real servers that is checked; V(0) checks the port that gets the traffic.
      - >-
        API parameter C(checkport). WUI: Real Servers > Real Server Check Parameters > Checked Port. Range 0 or 3 to 65530. Appliance default V(0).
    type: int
  check_url:
    description:
      - The path to request, with a leading slash, such as V(/owa/healthcheck.htm). For O(check_type=binary_data) it is the data to send, in hexadecimal digits.
        An empty string clears it.
      - Needs O(check_type=http), O(check_type=https) or O(check_type=binary_data).
      - >-
        API parameter C(checkurl). WUI: Real Servers > Real Server Check Parameters > URL. At most 126 characters. Appliance default: unset.
    type: str
  check_use_http_1_1:
    description:
      - Uses HTTP/1.1, with a Host header, instead of HTTP/1.0.
      - Needs O(check_type=http) or O(check_type=https).
      - >-
        API parameter C(checkuse1.1). WUI: Real Servers > Real Server Check Parameters > Use HTTP/1.1. Appliance default V(false).
    type: bool
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
      - A regular expression that must match the answer. For HTTP it applies with O(check_method=get) and O(check_method=post), to answers with a status from
        200 to 299. For O(check_type=binary_data) it is the data to find, in hexadecimal digits. An empty string clears it.
      - Needs O(check_type=http), O(check_type=https) or O(check_type=binary_data); the first two also O(check_method=get) or O(check_method=post).
      - >-
        API parameter C(checkpattern). WUI: Real Servers > Real Server Check Parameters > Reply 200 Pattern. Appliance default: unset.
    type: str
  check_post_data:
    description:
      - The body to send with O(check_method=post). An empty string clears it.
      - Needs O(check_type=http) or O(check_type=https), and O(check_method=post).
      - >-
        API parameter C(checkpostdata). WUI: Real Servers > Real Server Check Parameters. At most 2047 characters. Appliance default: unset.
    type: str
  check_codes:
    description:
      - HTTP statuses from 300 to 599 that count as up. Statuses from 200 to 299 always do. Without a list, 301, 302 and 401 do as well. The order does not
        matter. An empty list clears it.
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
        API parameter C(matchlen). WUI: Real Servers > Real Server Check Parameters > Find Match Within. Range 0 to 8000 bytes. Appliance default V(0).
    type: int
  check_ldap_endpoint:
    description:
      - The name of the LDAP endpoint, as it is configured on the LoadMaster, through which the check searches. An empty string clears it.
      - Needs O(check_type=ldap).
      - >-
        API parameter C(ldapendpoint). WUI: Real Servers > Real Server Check Parameters. Appliance default: unset.
    type: str
  minimum_servers:
    description:
      - How many real servers must be up for the service to count as up. A number above that of its servers is refused.
      - >-
        A service needs one anyway: the LoadMaster stores V(1) as 0, so V(1) and V(0) count as equal. The option is set after the real servers of the same task
        were added.
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
      - The rules that every request passes first. They can refuse it, or set a flag for other rules.
      - >-
        Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=match_content). The list is complete and in order: rules that it does not have are
        taken out, and an empty list clears it.
      - >-
        API commands C(addprerule) and C(delprerule). WUI: Advanced Properties.
    type: list
    elements: str
  request_rules:
    description:
      - The rules that change requests to the real servers, in this order.
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
      - The rules that change responses to the clients, in this order.
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
      - The rules that replace text in the body of responses, in this order. Compressed responses are not changed.
      - >-
        Takes rules of the kind O(kemp.loadmaster.content_rule#module:kind=replace_body). The list is complete and in order: rules that it does not have are
        taken out, and an empty list clears it.
      - >-
        API commands C(addresponsebodyrule) and C(delresponsebodyrule). WUI: Advanced Properties > Response Body Modification.
    type: list
    elements: str
  exact_servers:
    description:
      - Whether O(real_servers) is the complete list. With V(true), all other servers are removed. Removing the last enabled one requires O(allow_no_servers).
    type: bool
    default: false
"""
