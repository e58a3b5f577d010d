# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Connection options: address and login, and the precedence of their sources. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    InvalidOption,
    option,
)

NETWORK_OS = "kemp.loadmaster.loadmaster"

ARGUMENTS: dict[str, dict[str, Any]] = {
    "host": {"type": "str"},
    # Not "port": that is the port of a service or server.
    "host_port": {"type": "int"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "api_key": {"type": "str", "no_log": True},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "validate_certs": {"type": "bool"},
    "ca_path": {"type": "path"},
    "fingerprint": {"type": "str"},
    "api_version": {"type": "str", "choices": ["auto", "v1", "v2"]},
    "connect_timeout": {"type": "float"},
    "timeout": {"type": "float"},
    "retries": {"type": "int"},
}

# Ansible's own variables for the address and login of a host.
_HOST_VARIABLES = {
    "host": "ansible_host",
    "host_port": "ansible_port",
    "username": "ansible_user",
    "password": "ansible_password",
}
_LAST_ENVIRONMENT = {"username": "ANSIBLE_NET_USERNAME", "password": "ANSIBLE_NET_PASSWORD"}

_SECRETS_OF_LOGIN = ("api_key", "client_cert", "password")
_LOGIN = (*_SECRETS_OF_LOGIN, "client_key")

_SHA256 = re.compile(r"[0-9a-f]{64}")
# What people and programs write around the digits of a fingerprint
_NO_DIGITS = re.compile(r"^(sha-?256)?[:=\s]*(fingerprint\s*=)?|[:\s]", re.IGNORECASE)

# Control characters, line ends and surrogates: nobody types them; they come from a file or an editor.
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TEXTS = ("username", "password", "api_key")
_PATHS = ("client_cert", "client_key", "ca_path")

LOCALHOST = ("localhost", "127.0.0.1", "::1")


def endpoint(address: str, port: int | str) -> str:
    """Return an address with a port, as messages and results have it: 192.0.2.1:80, [2001:db8::1]:80."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@dataclass(frozen=True)
class Connection:
    """A complete set of connection options. Times are in seconds."""

    host: str
    host_port: int = 443
    username: str = ""
    password: str = ""
    api_key: str = ""
    client_cert: str = ""
    client_key: str = ""
    validate_certs: bool = True
    ca_path: str = ""
    fingerprint: str = ""
    api_version: str = "auto"
    connect_timeout: float = 10.0
    timeout: float = 60.0
    retries: int = 4

    @property
    def address(self) -> str:
        """Return the address with its port, for messages."""
        return endpoint(self.host, self.host_port)

    @property
    def login(self) -> str:
        """Return the kind of login in words, without a secret."""
        if self.api_key:
            return "this API key"
        return "this client certificate" if self.client_cert else f"the user {self.username}"


# [host]:port, [host], or name:port; an IPv6 address without brackets has no port.
_HOST_AND_PORT = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::(\d{1,5}))?")
# Underscores are no part of DNS, but of many names that resolve anyway
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


class Situation(NamedTuple):
    """Where a task is run, as far as it matters for finding its LoadMaster.

    ``options`` are those that the task states. ``variables`` are those of the inventory host ``host``, ``delegated``
    those of the host ``delegate`` that the task is delegated to, if any. All are templated.
    """

    options: Mapping[str, Any]
    host: str
    variables: Mapping[str, Any]
    environ: Mapping[str, str]
    delegate: str = ""
    delegated: Mapping[str, Any] = MappingProxyType({})


def relevant(name: str) -> bool:
    """Return whether a variable configures the connection."""
    return name.startswith("loadmaster_") or name == "ansible_network_os" or name in _HOST_VARIABLES.values()


def locate(situation: Situation) -> tuple[str, dict[str, Any]]:
    """Return the host to ship the module to, "" to run it right here, and the connection options.

    Runs here where the task's host is the LoadMaster itself or localhost, and is shipped to any other host as every
    module is. Raises InvalidOption where it is unknown which host is the LoadMaster.
    """
    options, host, own = _given(situation.options), situation.host, situation.variables
    environment = list(environment_variables(situation.environ))
    here = not situation.delegate or situation.delegate in LOCALHOST
    if not here and is_marked(situation.delegated):
        return "", merge(options, *_of_host(situation.delegate, situation.delegated), *environment)
    itself = _of_host(host, own) if host not in LOCALHOST else [loadmaster_variables(own)]
    if "host" in options:
        is_itself = host not in LOCALHOST and (is_marked(own) or options["host"] in (host, own.get("ansible_host")))
        # The login of an inventory host is for that host, not for another one that the task names.
        merged = merge(options, *(itself if is_itself else [loadmaster_variables(own)]), *environment)
        ship_to = (
            situation.delegate if not here else ("" if is_itself or host in LOCALHOST or situation.delegate else host)
        )
        return ship_to, merged
    elsewhere = any("host" in source for source in environment)
    if situation.delegate and not is_marked(own) and host not in LOCALHOST:
        if not here and not elsewhere:
            raise InvalidOption(
                f"Which one is the LoadMaster, {host} or {situation.delegate}, to which the task is delegated? Set "
                f"ansible_network_os: {NETWORK_OS} on the one that is, or give the option host."
            )
        if elsewhere:
            itself = []
    return ("" if here else situation.delegate), merge(options, *itself, *environment)


def name_of(situation: Situation, connection: Mapping[str, Any]) -> str:
    """Return the LoadMaster that ``locate`` found as the user knows it: by its inventory name, else by its address."""
    address = str(connection.get("host", ""))
    for host, variables in ((situation.delegate, situation.delegated), (situation.host, situation.variables)):
        if host and host not in LOCALHOST and address in [source.get("host") for source in _of_host(host, variables)]:
            return host
    return address or situation.host


def names(situation: Situation) -> dict[str, str]:
    """Return what the place that an option of the connection comes from calls it; without one, what the host's place would.

    A task calls it as the module does, the inventory ``loadmaster_...`` or as Ansible does, the environment ``LOADMASTER_...``.
    """
    marked = bool(situation.delegate) and is_marked(situation.delegated)
    own = situation.delegated if marked else situation.variables
    from_task = _given(situation.options)
    in_inventory = marked or (situation.host not in LOCALHOST and "host" not in from_task)
    called: dict[str, str] = {}
    for name in ARGUMENTS:
        word = _word(name)
        places = (
            (f"loadmaster_{word}", own),
            (_HOST_VARIABLES.get(name, ""), own),
            (f"LOADMASTER_{word.upper()}", situation.environ),
            (_LAST_ENVIRONMENT.get(name, ""), situation.environ),
        )
        usual = f"loadmaster_{word}" if in_inventory else name
        if name not in from_task:
            called[name] = next((each for each, there in places if there.get(each) not in (None, "")), usual)
    return called


def loadmaster_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that ``loadmaster_*`` variables give."""
    return _given({option: variables.get(f"loadmaster_{_word(option)}") for option in ARGUMENTS})


def environment_variables(environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the options from the environment: first LOADMASTER_*, then those of AWX's Network credential."""
    yield _given({option: environ.get(f"LOADMASTER_{_word(option).upper()}") for option in ARGUMENTS})
    yield _given({option: environ.get(name) for option, name in _LAST_ENVIRONMENT.items()})


def is_marked(variables: Mapping[str, Any]) -> bool:
    """Return whether variables mark their host as a LoadMaster."""
    return variables.get("ansible_network_os") == NETWORK_OS or bool(loadmaster_variables(variables))


def merge(*sources: Mapping[str, Any]) -> dict[str, Any]:
    """Merge sources, the first one that has an option wins. The first source is what the task states.

    The way to log in is one choice: it comes as a whole from the first source that names a secret, so that a password
    in a task is never overruled by an API key that happens to lie in the environment, and a user name that belongs to
    something else is not paired with it. Only a user name that the task states stands in any case.
    """
    login: Mapping[str, Any] = next((s for s in sources if any(s.get(name) for name in _SECRETS_OF_LOGIN)), {})
    merged: dict[str, Any] = {name: login[name] for name in _LOGIN if name in login}
    for source in (sources[0], {"username": login["username"]} if "username" in login else {}, *sources[1:]):
        for name, value in source.items():
            if name not in _LOGIN:
                merged.setdefault(name, value)
    return merged


def _of_host(host: str, variables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the sources from a LoadMaster's own variables, strongest first."""
    named = _given({option: variables.get(name) for option, name in _HOST_VARIABLES.items()})
    return [loadmaster_variables(variables), named, {"host": host}]


def build(options: Mapping[str, Any]) -> Connection:
    """Check merged options, given as text or typed, and complete them.

    Raises InvalidOption with a sentence that says which one is wrong and where it can be given.
    """
    given = _given(options)
    if "host" not in given:
        raise InvalidOption(
            "No LoadMaster to talk to: give the option host, target an inventory host that is a LoadMaster, "
            "or set LOADMASTER_HOST in the environment."
        )
    _check_texts(given)
    host, port = _place(str(given["host"]))
    stated = {**({"host_port": port} if port else {}), **given}
    if port and str(stated["host_port"]) != port:
        raise InvalidOption(
            f"{option('host')} is {given['host']!r}, but {option('host_port')} is {given['host_port']}. Give the port once."
        )
    values: dict[str, Any] = {
        **given,
        "host": host,
        "host_port": _number(stated, "host_port", int, 443, 1, 65535),
        "validate_certs": _boolean(given, "validate_certs", True),
        "connect_timeout": _number(given, "connect_timeout", float, 10.0, 0.1, 3600),
        "timeout": _number(given, "timeout", float, 60.0, 0.1, 3600),
        "retries": _number(given, "retries", int, 4, 0, 100),
        "fingerprint": _fingerprint(str(given.get("fingerprint", ""))),
    }
    connection = Connection(**values)
    _check_login(connection)
    return connection


def _check_texts(given: Mapping[str, Any]) -> None:
    """Raise InvalidOption if a text cannot be part of a login, or a path cannot be a file."""
    for name in _TEXTS:
        if _NO_TEXT.search(str(given.get(name, ""))):
            raise InvalidOption(
                f"{option(name)} has a line break, a control character or half a character (a lone surrogate). Give it as it is typed "
                "into the WUI."
            )
    for name in _PATHS:
        if "\0" in str(given.get(name, "")):
            raise InvalidOption(f"{option(name)} has a null character in it, which a path cannot have.")


def _place(text: str) -> tuple[str, str]:
    """Return host and port (or "") of what was given as host, which may be the address of the WUI from a browser.

    Raises InvalidOption where it is no host.
    """
    plain = text.strip()
    rest = plain[len("https://") :] if plain.lower().startswith("https://") else plain
    rest = rest.removesuffix("/")
    match = _HOST_AND_PORT.fullmatch(rest)
    host, port = (match.group(1) or match.group(2), match.group(3) or "") if match else (rest, "")
    if _is_host(host):
        return host, port
    hint = ""
    if "@" in rest:
        hint = " Give the user as username, or as ansible_user in the inventory."
    elif "/" in rest:
        hint = " Give the name alone, without a path."
    raise InvalidOption(f"{option('host')} is {text!r}, but it must be the name or IP address of a LoadMaster.{hint}")


def _is_host(text: str) -> bool:
    """Return whether a text is an IP address or a name that DNS allows."""
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        try:
            text = text.encode("idna").decode("ascii")
        except UnicodeError:
            return False
        return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.removesuffix(".").split("."))
    return True


def _check_login(connection: Connection) -> None:
    where = f"for the LoadMaster {connection.host}"
    if connection.api_version not in ("auto", "v1", "v2"):
        raise InvalidOption(f"{option('api_version')} is {connection.api_version!r}; it must be one of auto, v1, v2.")
    if connection.client_cert and connection.api_version == "v2":
        raise InvalidOption(
            f"A client certificate works with API v1 only: set {option('api_version')} to v1, or use a password or API key."
        )
    if connection.api_key or connection.client_cert:
        return
    if ":" in connection.username:
        raise InvalidOption(
            "username has a colon in it, which a user of a LoadMaster cannot have. Give the password as password."
        )
    if not connection.username or not connection.password:
        missing = "password" if connection.username else "username and password"
        raise InvalidOption(
            f"No {missing} {where}: set api_key, or username and password, in the task. Or set the inventory variables loadmaster_api_key, "
            "or ansible_user and ansible_password. Or set LOADMASTER_API_KEY, or LOADMASTER_USERNAME and LOADMASTER_PASSWORD, in the environment."
        )


def _word(option: str) -> str:
    """Return an option as the names of variables spell it: among them, the port can only be that of the LoadMaster."""
    return "port" if option == "host_port" else option


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        option: value for option, value in options.items() if option in ARGUMENTS and value is not None and value != ""
    }


def _number(given: Mapping[str, Any], name: str, kind: type, default: float, low: float, high: float) -> Any:
    try:
        number = kind(given.get(name, default))
    except (TypeError, ValueError, OverflowError):
        raise InvalidOption(f"{option(name)} is {given[name]!r}; it is a number from {low:g} to {high:g}.") from None
    if not low <= number <= high:
        raise InvalidOption(f"{option(name)} is {str(given[name])[:40]}; it is a number from {low:g} to {high:g}.")
    return number


def _boolean(given: Mapping[str, Any], name: str, default: bool) -> bool:
    value = given.get(name, default)
    if isinstance(value, bool):
        return value
    words = {
        "yes": True,
        "true": True,
        "y": True,
        "1": True,
        "on": True,
        "no": False,
        "false": False,
        "n": False,
        "0": False,
        "off": False,
    }
    try:
        return words[str(value).strip().lower()]
    except KeyError:
        raise InvalidOption(f"{option(name)} is {value!r}; it is a yes or no.") from None


def _fingerprint(text: str) -> str:
    """Return a SHA-256 fingerprint as 64 lower-case hexadecimal digits."""
    digits = _NO_DIGITS.sub("", text.strip()).lower()
    if digits and not _SHA256.fullmatch(digits):
        raise InvalidOption(
            f"{option('fingerprint')} is not a SHA-256 fingerprint: 64 hexadecimal digits are needed, with or without colons between them."
        )
    return digits


def upload_fault(version: str, connection: Connection) -> str:
    """Return why a login can upload no files by a version of the API; empty where it can, or where the version is not known."""
    if version != "v1" or not connection.api_key:
        return ""
    return (
        "API v1 takes uploads only with the API key in the URL, where it could be logged. Use API v2, or log in with username "
        "and password."
    )
