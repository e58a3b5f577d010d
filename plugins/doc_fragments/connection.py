# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach a LoadMaster: the options that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of the connection."""

    DOCUMENTATION = r"""
options:
  host:
    description:
      - The name or address of the LoadMaster. It is the address on which its web user interface and its API answer.
      - Defaults to the host's C(loadmaster_host), C(ansible_host), or inventory name.
      - Variables C(loadmaster_host) and C(ansible_host). Environment variable E(LOADMASTER_HOST).
    type: str
  host_port:
    description:
      - The port on which the API answers. It is not called C(port), since that is the port of a service or a server.
      - Without it, port 443 is used.
      - Variables C(loadmaster_port) and C(ansible_port). Environment variable E(LOADMASTER_PORT).
    type: int
  username:
    description:
      - The user that logs in with O(password), such as C(bal). Another user needs the permissions for what the task does.
      - Variables C(loadmaster_username) and C(ansible_user). Environment variables E(LOADMASTER_USERNAME) and E(ANSIBLE_NET_USERNAME).
    type: str
  password:
    description:
      - The password of O(username).
      - Variables C(loadmaster_password) and C(ansible_password). Environment variables E(LOADMASTER_PASSWORD) and E(ANSIBLE_NET_PASSWORD).
    type: str
  api_key:
    description:
      - An API key, in place of O(username) and O(password). Given together, the key is used.
      - Variable C(loadmaster_api_key). Environment variable E(LOADMASTER_API_KEY).
    type: str
  client_cert:
    description:
      - The path of a PEM file with a client certificate, in place of a password or key. It may hold the private key as well.
      - The LoadMaster accepts client certificates in API v1 only, for other users than C(bal), and only if its login method allows them. The task uses
        API v1 then.
      - Variable C(loadmaster_client_cert). Environment variable E(LOADMASTER_CLIENT_CERT).
    type: path
  client_key:
    description:
      - The path of a PEM file with the private key of O(client_cert), where that does not hold it.
      - Variable C(loadmaster_client_key). Environment variable E(LOADMASTER_CLIENT_KEY).
    type: path
  validate_certs:
    description:
      - Whether the certificate of the LoadMaster is verified. Without this option it is.
      - A new LoadMaster has a self-signed certificate. O(fingerprint) is the safe way to accept it; V(false) lets anyone in the network read the
        password.
      - Variable C(loadmaster_validate_certs). Environment variable E(LOADMASTER_VALIDATE_CERTS).
    type: bool
  ca_path:
    description:
      - The path of a PEM file with the certificates of the authorities to trust. Without it, those that the system trusts are trusted.
      - Variable C(loadmaster_ca_path). Environment variable E(LOADMASTER_CA_PATH).
    type: path
  fingerprint:
    description:
      - The SHA-256 fingerprint of the certificate that the LoadMaster has, 64 hexadecimal digits with or without colons between them. Only this
        certificate is accepted then, no matter who signed it and which name it is for, also with O(validate_certs=false).
      - Variable C(loadmaster_fingerprint). Environment variable E(LOADMASTER_FINGERPRINT).
    type: str
  api_version:
    description:
      - Which API is used. Without this option it is V(auto).
      - Variable C(loadmaster_api_version). Environment variable E(LOADMASTER_API_VERSION).
    type: str
    choices:
      auto: API v2, or API v1 where the LoadMaster has no API v2.
      v1: API v1, which every firmware has.
      v2: API v2, which came with firmware 7.2.50. It needs Session Management on the LoadMaster, without Require Basic Authentication.
  connect_timeout:
    description:
      - How long an attempt to connect may take, in seconds, from 0.1 to 3600. Without this option it is 10.
      - Variable C(loadmaster_connect_timeout). Environment variable E(LOADMASTER_CONNECT_TIMEOUT).
    type: float
  timeout:
    description:
      - How long the LoadMaster may be silent before an answer counts as lost, in seconds, from 0.1 to 3600. Without this option it is 60.
      - Variable C(loadmaster_timeout). Environment variable E(LOADMASTER_TIMEOUT).
    type: float
  retries:
    description:
      - How often a request is repeated that did not reach the LoadMaster, from 0 to 100. Without this option it is 4. A LoadMaster drops connections
        when it gets more than about 30 calls in 3 seconds, from everybody together.
      - A change that may have reached the LoadMaster is never sent again blindly; the task looks first whether it was carried out.
      - Variable C(loadmaster_retries). Environment variable E(LOADMASTER_RETRIES).
    type: int
notes:
  - A task prints what it changed, a line for each step, and in check mode what it would change. Nothing is printed with C(no_log). The variable
    C(loadmaster_show_steps) or the environment variable E(LOADMASTER_SHOW_STEPS) turns this off with V(false).
  - The API has to be enabled on the LoadMaster, under Certificates & Security > Remote Access > Enable API Interface.
  - The module runs inside Ansible on the controller, without SSH, without a temporary file and without a new Python process. It requires no C(connection)
    setting. Only with C(delegate_to) it is shipped to another host and runs there like any module, which then needs Python and requests itself.
  - Each option of the connection comes from the first of these places that has it. First comes the task. Then come the variables of the LoadMaster,
    those whose names begin with C(loadmaster_) before C(ansible_host), C(ansible_port), C(ansible_user) and C(ansible_password). Then come environment
    variables whose names begin with C(LOADMASTER_), then E(ANSIBLE_NET_USERNAME) and E(ANSIBLE_NET_PASSWORD). C(environment) of the task counts
    as well.
  - The way to log in is one choice. O(username), O(password), O(api_key), O(client_cert) and O(client_key) come together, from the first place that
    names a password, a key or a certificate. So a password in the task is not overruled by an API key in the environment.
  - The LoadMaster is the host of the task, unless O(host) names another one. A play on C(localhost) uses the C(loadmaster_) variables of C(localhost)
    and the environment.
  - O(host) may name another machine than the host of the task. If that host is not marked as a LoadMaster (see below), C(ansible_user) and the other
    variables without C(loadmaster_) are ignored, since they belong to that host. The module is shipped to the host of the task then, unless that
    is C(localhost) or the task is delegated to C(localhost).
  - With C(delegate_to), a host that is marked as a LoadMaster is the LoadMaster, with its own variables. It is marked by
    C(ansible_network_os=kemp.loadmaster.loadmaster) or by any variable whose name begins with C(loadmaster_). If only the host of the task is marked,
    the module is shipped to the host that the task is delegated to. This also applies if O(host) or E(LOADMASTER_HOST) names the LoadMaster.
    Otherwise it could be either, and the task fails.
  - Delegated to C(localhost), the module runs on the controller. E(LOADMASTER_HOST) then says where the LoadMaster is, unless the task has O(host) or
    its host is marked as a LoadMaster.
"""
