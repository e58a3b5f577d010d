#!/usr/bin/python
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: content_rule
short_description: Create, change and delete content rules
version_added: 0.1.0
description:
  - Creates, changes and deletes one content rule of a Kemp LoadMaster. A rule has no effect until it is in a list of
    M(kemp.loadmaster.virtual_service), M(kemp.loadmaster.sub_virtual_service) or M(kemp.loadmaster.real_server).
  - The options of a rule depend on its O(kind), and each option names the kinds that have it. An option that the kind
    does not have is an error before anything is sent, and so is a missing required one.
  - An existing rule keeps the options that the task leaves out, unless its kind changes. On a new rule, and on one
    whose kind changes, they have the default of the LoadMaster. The task always sends the whole rule, since the
    LoadMaster resets every option that a change does not send.
  - The task reads the rules first and sends only differences. Then it reads them back, because the LoadMaster answers
    C(ok) to options that it ignores. An option that it did not accept is an error that names the option, the wanted
    value and the found value. A second run changes nothing.
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
      - The diff has the options that change, the kind where that changes, and for a rule that is removed the lists that it was in, as C(assigned_to).
  idempotent:
    support: full
options:
  # Made by tests/tools/module_docs.py from the rows of the tables; changes belong there.
  state:
    description:
      - Whether the rule should exist. V(absent) also removes it from every list; C(steps) and the diff name these.
    type: str
    choices:
      present: The rule exists, with the options of the task.
      absent: The rule does not exist.
    default: present
  name:
    description:
      - The name of the rule. It is made of letters, digits and underscores, at most 127 characters, and upper and lower case matter.
      - >-
        The rule C(default) is built in: it matches what no other rule does, can be assigned with O(kemp.loadmaster.real_server#module:content_rules), and can
        neither be changed nor removed.
      - >-
        API parameter C(name). WUI: Rules & Checking > Content Rules > Rule Name.
    type: str
    required: true
  kind:
    description:
      - What the rule does, and thus which lists accept it. Without it, the rule must exist and keeps its kind.
      - A change of the kind recreates the rule under its name. If it is in a list that does not accept the new kind, the task names the lists and fails before
        it changes anything. Remove it from them first, or in the same document of M(kemp.loadmaster.config).
      - >-
        API parameter C(type). WUI: Rules & Checking > Content Rules > Rule Type.
    type: str
    choices:
      match_content: Matches requests. Such rules choose the real server or SubVS of a request, refuse requests, or set flags for other rules. API value C(0).
      add_header: Adds a header. API value C(1).
      delete_header: Deletes a header. API value C(2).
      replace_header: Replaces the value of a header. API value C(3).
      modify_url: Replaces the URL. API value C(4).
      replace_body: Replaces text in the body of an answer. API value C(5).
  pattern:
    description:
      - What is looked for. It is a regular expression between slashes, as the LoadMaster takes it, such as V(/^\\/owa.*/) for all URLs that begin with C(/owa).
        Nothing anchors it but C(^) and C($). With O(match_type=prefix) and O(match_type=postfix) it is plain text.
      - Needs O(kind=match_content), O(kind=replace_header), O(kind=modify_url) or O(kind=replace_body).
      - Required for O(kind=match_content), O(kind=replace_header), O(kind=modify_url) and O(kind=replace_body).
      - >-
        API parameter C(pattern). WUI: Rules & Checking > Content Rules > Match String. At most 250 characters.
    type: str
  match_type:
    description:
      - How O(pattern) is compared.
      - Needs O(kind=match_content).
      - >-
        API parameter C(matchtype). WUI: Rules & Checking > Content Rules > Match Type. Appliance default V(regex).
    type: str
    choices:
      regex: As a regular expression. API value C(regex).
      prefix: The text must begin with it. API value C(prefix).
      postfix: The text must end with it. API value C(postfix).
  header:
    description:
      - The name of the header, without a colon.
      - Without it, a rule of the kind V(match_content) matches the URL. C(src-ip) is the address of the client, C(method) the HTTP method and C(body) the body
        of the request. An empty string clears it.
      - Needs O(kind=match_content), O(kind=add_header), O(kind=delete_header) or O(kind=replace_header).
      - Required for O(kind=add_header), O(kind=delete_header) and O(kind=replace_header).
      - >-
        API parameter C(header), for O(kind=delete_header) C(pattern) with at most 250 characters. WUI: Rules & Checking > Content Rules > Header Field.
        Appliance default: unset.
    type: str
  ignore_case:
    description:
      - Whether O(pattern) ignores case.
      - Needs O(kind=match_content) or O(kind=replace_body).
      - >-
        API parameter C(nocase). WUI: Rules & Checking > Content Rules > Ignore Case. Appliance default V(false).
    type: bool
  negate:
    description:
      - >-
        Inverts the rule: it matches if O(pattern) is not found.
      - Needs O(kind=match_content).
      - >-
        API parameter C(negate). WUI: Rules & Checking > Content Rules > Negation. Appliance default V(false).
    type: bool
  include_host:
    description:
      - Puts the host in front of the URL before it is compared.
      - Needs O(kind=match_content).
      - >-
        API parameter C(inchost). WUI: Rules & Checking > Content Rules > Include Host in URL. Appliance default V(false).
    type: bool
  include_query:
    description:
      - Includes the query string of the URL in the comparison.
      - Needs O(kind=match_content).
      - >-
        API parameter C(incquery). WUI: Rules & Checking > Content Rules > Include Query in URL. Appliance default V(false).
    type: bool
  fail_on_match:
    description:
      - Refuses a request that the rule matches.
      - Needs O(kind=match_content).
      - >-
        API parameter C(mustfail). WUI: Rules & Checking > Content Rules > Fail On Match. Appliance default V(false).
    type: bool
  set_flag:
    description:
      - The flag to set if the rule matches, for O(only_on_flag) and O(only_on_no_flag) of other rules. Flags are numbers from 1 to 9, and last for one request.
        V(0) means no flag.
      - Needs O(kind=match_content).
      - >-
        API parameter C(setonmatch). WUI: Rules & Checking > Content Rules > Set Flag If Matched. Range 0 or 1 to 9. Appliance default V(0).
    type: int
  only_on_flag:
    description:
      - The rule applies only if this flag is set; V(0) means no flag. A rule with O(set_flag) sets it.
      - >-
        API parameter C(onlyonflag). WUI: Rules & Checking > Content Rules > Perform If Flag Set. Range 0 or 1 to 9. Appliance default V(0).
    type: int
  only_on_no_flag:
    description:
      - The rule applies only if this flag is not set; V(0) means no flag.
      - >-
        API parameter C(onlyonnoflag). WUI: Rules & Checking > Content Rules > Perform If Flag is NOT Set. Range 0 or 1 to 9. Appliance default V(0).
    type: int
  value:
    description:
      - The value of the new header, or the replacement for what O(pattern) matches. An empty string clears it.
      - With a O(pattern), C(\1) and so on refer to its groups.
      - Needs O(kind=add_header), O(kind=replace_header), O(kind=modify_url) or O(kind=replace_body).
      - >-
        API parameter C(replacement). WUI: Rules & Checking > Content Rules > Value of Header Field or Modified URL. At most 255 characters. Appliance default:
        unset.
    type: str
seealso:
  - module: kemp.loadmaster.virtual_service
    description: Which rules a service carries out, and which ones choose its real servers.
  - module: kemp.loadmaster.sub_virtual_service
    description: Which requests go to a SubVS, and the rules that it carries out.
  - module: kemp.loadmaster.real_server
    description: Which requests go to a real server.
  - module: kemp.loadmaster.info
    description: All rules that there are.
"""

EXAMPLES = r"""
# The inventory host of these tasks is the LoadMaster itself: ansible_host is its address, ansible_user
# and ansible_password (or loadmaster_api_key) are the login.

- name: Have a rule for the requests of Outlook on the web
  kemp.loadmaster.content_rule:
    name: Owa
    kind: match_content
    pattern: '/^\/owa.*/'
    ignore_case: true

- name: Set a flag for clients of the own network
  kemp.loadmaster.content_rule:
    name: Own_network
    kind: match_content
    header: src-ip
    pattern: '/^192\.0\.2\.\d{1,3}$/'
    set_flag: 1

- name: Refuse the administration to everybody who does not have the flag
  kemp.loadmaster.content_rule:
    name: No_administration
    kind: match_content
    pattern: '/^\/ecp.*/'
    ignore_case: true
    only_on_no_flag: 1
    fail_on_match: true

- name: Have rules that change requests and answers
  kemp.loadmaster.content_rule:
    name: "{{ item.name }}"
    kind: "{{ item.kind }}"
    header: "{{ item.header | default(omit) }}"
    pattern: "{{ item.pattern | default(omit) }}"
    value: "{{ item.value | default(omit) }}"
  loop:
    - {name: Came_by_TLS, kind: add_header, header: X-Forwarded-Proto, value: https}
    - {name: No_server, kind: delete_header, header: Server}
    - {name: Redirect_to_TLS, kind: replace_header, header: Location, pattern: '/^http:(.*)$/', value: 'https:\1'}
    - {name: Start_page, kind: modify_url, pattern: '/^\/$/', value: /owa/}
    - {name: Links_to_TLS, kind: replace_body, pattern: '/http:\/\/mail\.example\.com/', value: 'https://mail.example.com'}

- name: Use them
  kemp.loadmaster.virtual_service:
    address: 192.0.2.25
    port: 80
    type: http
    pre_process_rules:
      - Own_network
      - No_administration
    request_rules:
      - Came_by_TLS
      - Start_page
    response_rules:
      - No_server
      - Redirect_to_TLS
    response_body_rules:
      - Links_to_TLS

- name: Change one option of a rule and keep the others
  kemp.loadmaster.content_rule:
    name: Owa
    include_query: true

- name: Make another kind of rule under the same name
  kemp.loadmaster.content_rule:
    name: Owa
    kind: add_header
    header: X-Application
    value: owa

- name: Remove a rule, also from the service that it is assigned to
  kemp.loadmaster.content_rule:
    name: Links_to_TLS
    state: absent

- name: Do it from a play that has no LoadMaster in its inventory
  kemp.loadmaster.content_rule:
    host: lm1.example.com
    username: bal
    password: "{{ vault_loadmaster_password }}"
    name: No_server
    state: absent
  delegate_to: localhost
"""

RETURN = r"""
content_rule:
  description:
    - The rule as the LoadMaster has it after the task; in check mode, as it would have it. Empty where the rule is absent.
    - Besides its name it has every option of its kind, by the name and in the words of this module. In check mode a rule that does not exist yet has the
      options of the task only.
  returned: success
  type: dict
  contains:
    name:
      description: The name.
      returned: unless the rule is absent
      type: str
      sample: Owa
    kind:
      description: What the rule does.
      returned: unless the rule is absent
      type: str
      sample: match_content
  sample:
    name: Owa
    kind: match_content
    pattern: /^\/owa.*/
    match_type: regex
    header: ""
    ignore_case: true
    negate: false
    include_host: false
    include_query: false
    fail_on_match: false
    set_flag: 0
    only_on_flag: 0
    only_on_no_flag: 0
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
      sample: addrule
    object:
      description: What it changes.
      returned: always
      type: str
      sample: content rule Owa
    reason:
      description: Why.
      returned: always
      type: str
      sample: create it
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
      sample: addrule
    http_status:
      description: The HTTP status of the answer; null where there was none.
      returned: always
      type: int
      sample: 422
    answer:
      description: The error text of the LoadMaster; null where there was none.
      returned: always
      type: str
      sample: Cannot read rules
  sample:
    kind: Refused
    command: addrule
    http_status: 422
    answer: Cannot read rules
"""

from ansible_collections.kemp.loadmaster.plugins.module_utils._requirements import end_module_if_unmet

end_module_if_unmet()

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import (
    SHAPE,
    ContentRule,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import making

MODULE = making("content_rule", SHAPE, lambda options: [ContentRule.from_options(options)])


def main() -> None:
    """Run as an ordinary module."""
    MODULE.main()


if __name__ == "__main__":
    main()
