# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration as a configuration of HAProxy: a pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import gcd

from loadmaster_emulator.data_plane import checks, conditions, encryption, global_parameters, refusals, rewriting
from loadmaster_emulator.data_plane.places import Places, joined
from loadmaster_emulator.data_plane.selection import Choice, named, select, tracked
from loadmaster_emulator.data_plane.words import Inexpressible, described, frontend, pool, server
from loadmaster_emulator.model import Configuration, RealServer, VirtualService
from loadmaster_emulator.rules import Rule

_HIGHEST_WEIGHT = 256
#: A process that has handed over to a newer one goes on with the connections that it has, but counts no servers.
_OFF_DUTY = "{ stopping }"
_ON_DUTY = "!{ stopping }"

#: What becomes of a request above the limit of its service, by SendRateLimitError.
_TOO_MANY = ("reject", "deny deny_status 429", "deny deny_status 503")  # guess: that it is about these limits too

#: What every section begins with.
DEFAULTS = """\
defaults
    # guess: where a connection to a server fails, another one is tried; nothing public says what a LoadMaster does
    option redispatch 1
    retries 3
    timeout connect 4s
    timeout queue 1s
    timeout client 660s
    timeout server 660s
    option idle-close-on-response
    load-server-state-from-file global
"""


@dataclass(frozen=True)
class Server:
    """A server in one section."""

    section: str
    name: str
    address: str
    port: int
    enabled: bool
    checked: bool
    tls: bool
    follows: bool
    """Whether it is a second mention of a server, which goes by the health and the state of the first."""


@dataclass
class Rendered:
    """What HAProxy is given: its sections, the files they name, and what it must know besides."""

    text: str = ""
    files: dict[str, str] = field(default_factory=dict)
    """Certificates with keys, by file names that change with what is in them."""
    servers: list[Server] = field(default_factory=list)
    """Whether a server is enabled is no part of the text: that changes without a reload."""
    listeners: dict[tuple[str, int], str] = field(default_factory=dict)
    """The addresses that are listened on, each with the service it belongs to."""
    transparent: str = ""
    """A service whose servers see the client's address, if there is one: that takes a privilege."""


def render(
    configuration: Configuration,
    places: Places,
    speed: float = 1.0,
    own_certificates: Mapping[str, str] | None = None,
) -> Rendered:
    """Render a configuration; ``Inexpressible`` for what has no counterpart.

    ``speed`` divides the times of health checks. ``own_certificates`` are those that services have of their own,
    certificate and key in PEM by the id that stands for them.
    """
    rendered = Rendered()
    renderer = _Renderer(configuration, places, speed, own_certificates or {}, rendered)
    lines: list[str] = []
    global_parameters.check(configuration.parameters)
    for vs in sorted(configuration.services, key=lambda vs: vs.key):
        refusals.check(vs)
        for slot in vs.slots:
            refusals.check(slot.service)
        if vs.settings["Enable"]:  # guess: no one listens for a disabled service
            lines += renderer.service(vs)
    rendered.text = "\n".join([*lines, ""])
    return rendered


class _Renderer:
    def __init__(
        self,
        configuration: Configuration,
        places: Places,
        speed: float,
        own: Mapping[str, str],
        rendered: Rendered,
    ) -> None:
        self.configuration = configuration
        self.places = places
        self.speed = speed
        self.own = own
        self.rendered = rendered

    def service(self, vs: VirtualService) -> Iterator[str]:
        """The sections of a service with its SubVSs."""
        if vs.settings["VStype"] == "http":
            yield from self._http_service(vs)
        else:
            yield from self._tcp_service(vs)

    # -- what takes connections ---------------------------------------------------------------------------

    def _http_service(self, vs: VirtualService) -> Iterator[str]:
        where = described(vs)
        rules = self.configuration.rules
        selection = select(vs, rules)
        every = [
            rule for entry in (vs, *(slot.service for slot in vs.slots)) for rule in named(_rule_names(entry), rules)
        ]
        every += [rule for slot in vs.slots for rule in named(slot.rules, rules)]
        yield f"frontend {frontend(vs)}"
        yield "    mode http"
        yield "    option http-ignore-probes"
        yield from _indented(self._listening(vs, where))
        if limit := int(vs.settings["RequestsPerSecLimit"]):
            refused = _TOO_MANY[int(self.configuration.parameters["SendRateLimitError"])]
            yield f"    http-request {refused} if {{ fe_req_rate gt {limit} }}"
        yield from _indented(conditions.preparation(every))
        yield from _indented(selection.lines)
        if vs.slots:
            yield from _indented(self._changes(vs, where))
        yield from _indented(rewriting.location_lines(vs))
        if vs.slots:
            yield from _indented(self._down(vs))
            for slot in vs.slots:
                if slot.enable:
                    yield from _indented(self._ways(slot.service, selection.choices[pool(slot.service)]))
        else:
            yield from _indented(self._ways(vs, selection.choices[pool(vs)]))
        yield f"    default_backend {_no_one(vs)}"
        yield from self._no_one_section(vs, where)
        for entry in [slot.service for slot in vs.slots if slot.enable] if vs.slots else [vs]:
            if entry is not vs:
                yield from self._no_one_section(entry, described(entry))
            yield from self._pool(entry, Choice(pool(entry)))
            for choice in selection.choices[pool(entry)]:
                if choice.servers is not None:
                    yield from self._pool(entry, choice)

    def _tcp_service(self, vs: VirtualService) -> Iterator[str]:
        where = described(vs)
        if vs.slots or any(vs.rules.values()) or any(entry.rules for entry in vs.servers):
            raise Inexpressible(where, "SubVSs or rules for what is not of the type http")
        yield f"frontend {frontend(vs)}"
        yield "    mode tcp"
        yield from _indented(self._listening(vs, where))
        if vs.layer == 7 and not int(vs.settings["ServerInit"]):
            # The client is expected to speak first
            yield f"    tcp-request inspect-delay {int(vs.settings['Idletime'])}s"
            yield "    tcp-request content accept if { req.len gt 0 }"
            yield "    tcp-request content reject"
        yield from _indented(self._ways(vs, [Choice(pool(vs))]))
        yield f"    default_backend {_no_one(vs)}"
        yield from self._no_one_section(vs, where)
        yield from self._pool(vs, Choice(pool(vs)))

    def _listening(self, vs: VirtualService, where: str) -> Iterator[str]:
        tls = encryption.bind_words(vs, self.configuration, self.own, self.rendered.files)
        for host in (vs.address, str(vs.settings["AltAddress"])):
            if not host:
                continue
            address, port = self.places.service(host, vs.port, where)
            if (address, port) in self.rendered.listeners:
                raise Inexpressible(where, f"it would listen where {self.rendered.listeners[address, port]} does")
            self.rendered.listeners[address, port] = where
            yield f"bind {joined(address, port)} {tls}".rstrip()
        yield f"timeout client {int(vs.settings['Idletime'])}s"
        if limit := int(vs.settings["MaxConnsLimit"]):
            yield f"tcp-request connection reject if {{ fe_conn gt {limit} }}"
        if limit := int(vs.settings["ConnsPerSecLimit"]):
            yield f"tcp-request connection reject if {{ fe_sess_rate ge {limit} }}"  # this one is not counted yet

    # -- where they go --------------------------------------------------------------------------------------

    def _down(self, vs: VirtualService) -> Iterator[str]:
        """When a service with SubVSs has no one to ask whatever the request: a critical one is down, or all are."""
        enabled = [slot for slot in vs.slots if slot.enable]
        for slot in enabled:
            if slot.critical:
                missing = f"!{{ nbsrv({pool(slot.service)}) ge {_needed(slot.service)} }}"
                yield f"use_backend {_no_one(vs)} if {missing} {_ON_DUTY}"
        if enabled:
            all_down = " ".join(f"{{ nbsrv({pool(slot.service)}) eq 0 }}" for slot in enabled)
            yield f"use_backend {_no_one(vs)} if {all_down} {_ON_DUTY}"

    def _ways(self, vs: VirtualService, choices: list[Choice]) -> Iterator[str]:
        """The sections that requests of a service go to, and where they go when no server is there for them."""
        available = [f"{{ nbsrv({pool(vs)}) ge {_needed(vs)} }}"]
        if vs.settings["EnhancedHealthChecks"]:
            available += [f"{{ srv_is_up({pool(vs)}/{server(entry)}) }}" for entry in vs.servers if entry.critical]
        for choice in choices:
            words = [*available, *([f"{{ nbsrv({choice.section}) ge 1 }}"] if choice.servers is not None else [])]
            condition = " ".join((*words, choice.condition)).strip()
            yield f"use_backend {choice.section} if {condition} || {_OFF_DUTY} {choice.condition}".rstrip()
        if vs.parent is not None:
            yield f"use_backend {_no_one(vs)} if {{ var(txn.sub) -m str {pool(vs)} }}"

    def _no_one_section(self, vs: VirtualService, where: str) -> Iterator[str]:
        """What becomes of requests that no server is there for: the sorry server, the error, or nothing."""
        yield f"backend {_no_one(vs)}"
        settings = vs.settings
        yield f"    mode {'http' if settings['VStype'] == 'http' else 'tcp'}"
        if settings["StandbyAddr"] and settings["StandbyPort"]:
            address, port = self.places.server(settings["StandbyAddr"], int(settings["StandbyPort"]), where)
            yield f"    timeout server {int(settings['Idletime'])}s"
            tls = encryption.server_words(vs, self.configuration, self.rendered.files)
            yield f"    server sorry {joined(address, port)} {tls if tls.startswith('ssl') else ''}".rstrip()
        elif settings["VStype"] == "http":
            yield f"    {rewriting.answer(vs, where)}"

    # -- servers --------------------------------------------------------------------------------------------

    def _pool(self, vs: VirtualService, choice: Choice) -> Iterator[str]:
        """A section with the servers of a service, or with some of them."""
        where = described(vs)
        settings = vs.settings
        entries = vs.servers if choice.servers is None else choice.servers
        yield f"backend {choice.section}"
        yield f"    mode {'http' if settings['VStype'] == 'http' else 'tcp'}"
        yield f"    balance {refusals.balance(vs)}"
        yield f"    timeout server {int(settings['Idletime'])}s"
        yield f"    timeout tunnel {int(settings['Idletime'])}s"
        transparent = _is_transparent(vs)
        if transparent and entries:
            self.rendered.transparent = where
            yield "    source 0.0.0.0 usesrc clientip"
        elif not transparent and not (settings["SubnetOriginating"] or self._all_originate_in_subnets()):
            top = vs.parent or vs
            yield f"    source {self.places.service(top.address, '1', where)[0]}"
        if settings["VStype"] == "http":
            yield from _indented(self._http_lines(vs, where, transparent))
        yield f"    {checks.check_timeout(vs, self.configuration, self.speed)}"
        if choice.servers is None:
            yield from _indented(checks.check_lines(vs, where))
        weights = _weights(entries) if refusals.has_weights(vs) else [1] * len(entries)
        ordered = list(zip(entries, weights, strict=True))
        if settings["Schedule"] == "fixed":
            ordered.sort(key=lambda pair: -pair[0].weight)
        shared = tracked(choice, vs)
        for entry, weight in ordered:
            yield f"    {self._server(vs, choice.section, entry, weight, shared, where)}"

    def _all_originate_in_subnets(self) -> bool:
        # guess: what is on for the whole appliance is so for every service; and either of the two parameters is enough
        return any(self.configuration.parameters[name] for name in ("subnetorigin", "subnetoriginating"))

    def _http_lines(self, vs: VirtualService, where: str, transparent: bool) -> Iterator[str]:
        if not vs.settings["MultiConnect"]:
            # A connection to a server belongs to one client, and keeps to it: NTLM authenticates connections
            yield "http-reuse never"
            yield "option prefer-last-server"
        else:
            yield "http-reuse always"
        if not transparent:
            yield from rewriting.client_headers(vs, self.configuration.parameters)
        yield from self._changes(vs, where)

    def _changes(self, vs: VirtualService, where: str) -> Iterator[str]:
        """What a service changes in requests and responses."""
        yield from rewriting.extra_headers(vs, where)
        yield from rewriting.rule_lines(self._rules(vs, "RequestRules"), "request", where)
        yield from rewriting.rule_lines(self._rules(vs, "ResponseRules"), "response", where)
        if vs.rules["MatchBodyRules"]:
            raise Inexpressible(where, "rules that change the body of responses")

    def _server(
        self, vs: VirtualService, section: str, entry: RealServer, weight: int, shared: dict[str, str], where: str
    ) -> str:
        address, port = self.places.server(entry.address, entry.port, where)
        name = server(entry)
        words = [f"server {name} {joined(address, port)} weight {weight}"]
        tls = encryption.server_words(vs, self.configuration, self.rendered.files)
        words.append(tls)
        if name in shared:
            words.append(f"track {shared[name]}" if checks.is_checked(vs) else "")
        else:
            words.append(checks.check_words(vs, self.configuration, self.speed, self.places, where))
        words.append(checks.failure_words(vs, self.configuration))
        if entry.limit:
            words.append(f"maxconn {entry.limit}")
        slow_start = int(self.configuration.parameters["slowstart"])
        if slow_start and vs.settings["Schedule"] in ("lc", "wlc"):
            words.append(f"slowstart {slow_start}s")
        checked = checks.is_checked(vs)
        self.rendered.servers.append(
            Server(
                section, name, address, port, entry.enable, checked, tls.startswith("ssl"), checked and name in shared
            )
        )
        return " ".join(word for word in words if word)

    def _rules(self, vs: VirtualService, member: str) -> list[Rule]:
        return [self.configuration.rules[name] for name in vs.rules[member]]


def _no_one(vs: VirtualService) -> str:
    """The name of the section for requests that no server is there for."""
    return f"nobody-{pool(vs)}"


def _needed(vs: VirtualService) -> int:
    """How many servers of a service have to be up."""
    return max(1, int(vs.settings["RsMinimum"])) if vs.settings["EnhancedHealthChecks"] else 1


def _is_transparent(vs: VirtualService) -> bool:
    """Whether servers see the address of the client: always at layer 4, never with re-encryption."""
    top = vs.parent or vs
    if top.settings["SSLAcceleration"] and top.settings["SSLReencrypt"]:
        return False
    return top.layer == 4 or (bool(vs.settings["Transparent"]) and not vs.lapsed)


def _rule_names(vs: VirtualService) -> list[str]:
    return [name for names in vs.rules.values() for name in names] + [n for entry in vs.servers for n in entry.rules]


def _weights(entries: list[RealServer]) -> list[int]:
    """The weights in HAProxy's narrower range, in the same proportions as far as it goes."""
    if not entries:
        return []
    divisor = gcd(*(entry.weight for entry in entries))
    reduced = [entry.weight // divisor for entry in entries]
    highest = max(reduced)
    if highest <= _HIGHEST_WEIGHT:
        return reduced
    return [max(1, round(weight * _HIGHEST_WEIGHT / highest)) for weight in reduced]


def _indented(lines: Iterator[str] | list[str]) -> Iterator[str]:
    for line in lines:
        yield f"    {line}"
