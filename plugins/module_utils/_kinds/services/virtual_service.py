# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Virtual services: how one is created, changed, moved and removed. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, all_of, checked
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import request_order
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Merged, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.request_order import Request
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import (
    ALLOW_NO_SERVERS,
    EXACT_SERVERS,
    STATE,
    Shape,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import (
    NEWEST_TLS,
    Address,
    Choice,
    Flag,
    Port,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import (
    changes_in,
    kinds_in,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import (
    ADAPTIVE_REPORTED,
    NEW_SERVICE,
    TABLE,
    check_new,
    picked,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import USUAL, Document, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import IndexOf, identity
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import AnyRef, ServiceRef, SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import ALL_PARAMETERS, LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step

SHAPE = Shape(
    rows=(
        STATE._replace(
            preset=None,
            description=(
                "Whether the service should exist. V(absent) deletes it with all of its real servers and SubVSs.",
                "The default is V(present). A task of M(kemp.loadmaster.virtual_service) with only O(enabled), "
                "O(new_address) or O(new_port) changes an existing service and never creates one, so a mistyped "
                "address is an error. To create one with these options alone, set V(present).",
            ),
            choices={
                "present": "The service exists, with the options of the task.",
                "absent": "The service does not exist.",
            },
        ),
        Field(
            "address",
            "vs",
            Address(),
            label="Add New > Virtual Address",
            description=(
                "The IP address of the service. Leave out O(address) and O(port) to name an existing service "
                "by O(nickname)."
            ),
        ),
        Field(
            "port",
            "port",
            Port(any_port=True),
            label="Add New > Port",
            description="The port of the service, from 3 to 65530, or V(*) for all ports.",
        ),
        Field(
            "protocol",
            "prot",
            Choice(words={"tcp": "tcp", "udp": "udp"}),
            preset="tcp",
            label="Add New > Protocol",
            description="The protocol of the service. It identifies the service, so you cannot change it.",
            choices={
                "tcp": "TCP.",
                "udp": "UDP.",
            },
        ),
        Field(
            "new_address",
            "vsaddress",
            Address(),
            label="Virtual Services > View/Modify Services",
            description=(
                "The IP address to which the service of O(address) and O(port) moves. Its real servers and "
                "settings move with it.",
                "If the service has already moved, nothing changes. If both places have a service, the task "
                "fails. If neither has one, the service is created at its new place.",
            ),
        ),
        Field(
            "new_port",
            "vsport",
            Port(any_port=True),
            label="Virtual Services > View/Modify Services",
            description=("The port to which the service of O(address) and O(port) moves, like O(new_address)."),
        ),
        *TABLE.fields,
        *rule_lists.rows(rule_lists.OF_SERVICES),
        EXACT_SERVERS._replace(
            description=(
                "Whether O(real_servers) is the complete list. With V(true), all other servers are removed. "
                "Removing the last enabled one requires O(allow_no_servers)."
            )
        ),
        ALLOW_NO_SERVERS._replace(
            description=(
                "Allows O(real_servers) to remove or disable the last enabled server of the service. "
                "Otherwise the task fails before it changes anything. Removing the service itself does not "
                "need it."
            )
        ),
    ),
    lists={"real_servers": server_table.ENTRY},
    about={
        "real_servers": (
            (
                "Real servers of the service. Servers that are not in the list stay unchanged, unless "
                "O(exact_servers=true)."
            ),
            "Options that you omit for an existing server stay unchanged.",
        )
    },
)
_LISTS = frozenset({"real_servers", "sub_virtual_services"})
# Fields that let a service answer without servers: a redirect, an error page or another server.
_ANSWERS = ("error_code", "error_url", "sorry_server_address")


@dataclass(frozen=True)
class VirtualService:
    """A virtual service as the user wants it. ``former`` is where it may still be when it is to move.

    ``lists`` names the lists of other objects that the user gave with it.
    """

    ref: ServiceRef
    options: Mapping[str, Any] = field(default_factory=dict)
    present: bool = True
    former: ServiceRef | None = None
    rules: Mapping[str, list[str]] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    terms: Terms = USUAL

    @classmethod
    def from_options(cls, options: Mapping[str, Any], terms: Terms = USUAL) -> VirtualService:
        """Build it from options that its shape has checked. Raises InvalidOption where they contradict each other."""
        place = ref_from_options(options)
        moved = ServiceRef(
            place.protocol,
            options.get("new_address") or place.address,
            options.get("new_port") or place.port,
            place.nickname,
        )
        wanted = TABLE.given(options)
        if not place.by_place:
            wanted.pop("nickname", None)
        present = options.get("state", "present") == "present"
        rules = rule_lists.given(rule_lists.OF_SERVICES, options)
        lists = _LISTS & options.keys()
        if (moved.address, moved.port) == (place.address, place.port):
            return cls(place, wanted, present, None, rules, lists, terms.with_permissions(options))
        if not place.by_place:
            raise InvalidOption(f"{label(place)}: new_address and new_port need address and port.")
        return cls(moved, wanted, present, place, rules, lists, terms.with_permissions(options))

    @property
    def subject(self) -> str:
        return label(self.ref, self.options.get("nickname", ""))

    def keys(self) -> tuple[Hashable, ...]:
        return (self.ref, self.former) if self.former else (self.ref,)

    def reads(self) -> frozenset[str]:
        return frozenset({LIST_SERVICES})

    def find(self, world: World) -> Service | None:
        """Return the existing service, at its wanted or its former place."""
        service = world.services.find(self.ref)
        former = world.services.find(self.former) if self.former else None
        if service and former:
            raise InvalidOption(
                f"{label(self.former or self.ref)} cannot move to {self.ref}: another service is there."
            )
        return service or former

    def found(self, world: World) -> dict[str, Any]:
        service = self.find(world)
        return describe(service, world) if service else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        service = self.find(world)
        if not self.present:
            return self._removal(service, world)
        subject = label(service.ref, service.nickname) if service else self.subject
        current = rule_lists.read(rule_lists.OF_SERVICES, service.record) if service else {}
        wanted, made = checked(
            lambda: self._planned(service, world, document),
            lambda: check_firmware(TABLE, self.options, world, subject),
            lambda: self.check_childless(subject) if service and service.slots else None,
            lambda: rule_lists.check(rule_lists.OF_SERVICES, self.rules, current, kinds_in(world, document), subject),
        )
        return wanted._with_rules(made, service, world, document)

    def check_childless(self, subject: str) -> None:
        """Raise InvalidOption if an option is set that a service with SubVSs lacks."""
        rows = (TABLE.by_option[option] for option in self.options if TABLE.by_option[option].childless)
        named = [row.option for row in rows if not row.kind.is_unset(self.options[row.option])]
        if named:
            raise InvalidOption(f"{subject}: a service with SubVSs has no {named[0]}. Set it on these instead.")

    def _planned(self, service: Service | None, world: World, document: Document) -> tuple[VirtualService, ObjectPlan]:
        """Return the service completed from its current state, and its plan without rules."""
        wanted = self._whole(service, world) if self.terms.replace and service else self
        wanted = wanted._as_the_library_can(service, world)
        if "follow_service" in wanted.options:
            followed = _named_service(wanted.options["follow_service"], world, document, self.subject)
            wanted = replace(wanted, options={**wanted.options, "follow_service": followed})
        return wanted, wanted._creation() if service is None else wanted._modification(service, world)

    def _whole(self, service: Service, world: World) -> VirtualService:
        """Return the service completed with the values of a new one."""
        no_rules: dict[str, list[str]] = {each.option: [] for each in rule_lists.OF_SERVICES}
        state = describe(service, world)
        TABLE.check_lasting(self.options, state, NEW_SERVICE, label(service.ref, service.nickname))
        return replace(
            self, options=TABLE.completed(self.options, state, NEW_SERVICE), rules={**no_rules, **self.rules}
        )

    def lasting(self, service: Service, world: World) -> dict[str, Any]:
        """Return what the service that is there has, is not to have, and cannot lose."""
        return TABLE.lasting(self.options, describe(service, world), NEW_SERVICE) if self.terms.replace else {}

    def _as_the_library_can(self, service: Service | None, world: World) -> VirtualService:
        """Return the service with TLS versions that the appliance is known.

        Its old SSL library has no TLS 1.3, and the mask of versions no bit for it: what has no bit always reads as on.
        """
        versions = self.options.get("tls_versions")
        if not versions or NEWEST_TLS in versions:
            return self
        if service and TABLE.known(TABLE.read(service.record))["tls_versions"] == versions:
            return self
        world.answer(ALL_PARAMETERS)
        if not Flag().read(world.parameters.get("ssloldlibraryversion")):
            return self
        return replace(self, options={**self.options, "tls_versions": [*versions, NEWEST_TLS]})

    def _with_rules(self, made: ObjectPlan, service: Service | None, world: World, document: Document) -> ObjectPlan:
        """Return a plan with the steps for the rule lists."""
        lists = rule_lists.OF_SERVICES
        current = rule_lists.read(lists, service.record) if service else {}
        emptied = rule_lists.emptied(lists, current, list(made.after)) if service else {}
        ref = self.ref if self.ref.by_place or service is None else service.ref
        steps = rule_lists.steps(
            lists,
            {**{option: current[option] for option in emptied}, **self.rules},
            {**current, **emptied},
            identity(ref),
            made.subject,
            changes_kind=changes_in(world, document),
            again=emptied,
        )
        changed = {option: names for option, names in self.rules.items() if names != current.get(option, [])}
        return ObjectPlan(
            made.subject,
            (*made.steps, *steps),
            {**made.before, **{option: current[option] for option in changed if option in current}},
            {**made.after, **changed},
        )

    def _removal(self, service: Service | None, world: World) -> ObjectPlan:
        if service is None:
            return ObjectPlan(label(self.ref))
        subject = label(service.ref, service.nickname)
        step = Step("delvs", identity(service.ref), subject, "remove it with its real servers", ranks.SERVICE_REMOVE)
        belongings = list(server_table.subjects(service))
        for sub in world.services.subs(service):
            belongings += [label(sub.ref), *server_table.subjects(sub)]
        return ObjectPlan(subject, (step,), before=removed(service, world), belongings=tuple(belongings))

    def _creation(self) -> ObjectPlan:
        if not self.ref.by_place:
            raise InvalidOption.missing(
                f"There is no virtual service {self.ref!s}. To create it, give address and port."
            )
        subject = label(self.ref, self.options.get("nickname", ""))
        check_creation(self.terms, label(self.former or self.ref), self.options)
        all_of(
            lambda: self._check_bare(subject),
            lambda: check_new(TABLE, self.options, picked(self.ref, self.options), subject),
        )
        at_once, following = request_order.to_create(TABLE, self.options)
        steps = [
            Step(
                "addvs",
                {**identity(self.ref), **parameters(at_once)},
                subject,
                "create it",
                ranks.SERVICE,
                creates=True,
            )
        ]
        steps += [change_step(self.ref, subject, request) for request in following]
        after = {"protocol": self.ref.protocol, "address": self.ref.address, "port": self.ref.port, **self.options}
        return ObjectPlan(subject, tuple(steps), after=TABLE.shown(after))

    def _check_bare(self, subject: str) -> None:
        if self.terms.whole and is_bare(self.lists, self.options):
            raise InvalidOption(
                f"{subject} would be new and has neither real_servers nor sub_virtual_services, and is no redirect either "
                "(error_code, error_url). If you want that, set real_servers: []."
            )

    def _modification(self, service: Service, world: World) -> ObjectPlan:
        subject = label(service.ref, service.nickname)
        state = reading(service, world)
        TABLE.check_needs(self.options, Merged(self.options, state), subject)
        requests, changes = request_order.to_change(TABLE, self.options, state)
        ref = self.ref if self.ref.by_place else service.ref
        steps = [*self._move(service, subject), *(change_step(ref, subject, request) for request in requests)]
        before = {change.field.option: change.before for change in changes}
        after = {change.field.option: change.after for change in changes}
        if self.former == service.ref:
            before["place"], after["place"] = str(service.ref), str(self.ref)
        return ObjectPlan(subject, tuple(steps), TABLE.shown(before), TABLE.shown(after))

    def holds(self, place: rule_lists.Assignment, world: World, document: Document) -> bool:
        """Return whether it is this service that has the list of a place."""
        return place.server is None and self._is(place.service, world)

    def removes(self, place: rule_lists.Assignment, world: World, document: Document) -> bool:
        """Return whether this service must be removed, and the list of a place with it."""
        return not self.present and self._is(place.service.parent or place.service, world)

    def _is(self, service: Service, world: World) -> bool:
        try:
            return self.find(world) is service
        except InvalidOption:
            return False  # its own plan says so

    def _move(self, service: Service, subject: str) -> list[Step]:
        if self.former != service.ref:
            return []
        place = {"vsaddress": self.ref.address, "vsport": self.ref.port}
        return [Step("modvs", {**identity(service.ref), **place}, subject, f"move it to {self.ref}", ranks.SERVICE)]


def check_firmware(table: Table, options: Mapping[str, Any], world: World, subject: str) -> None:
    """Raise InvalidOption where the firmware does not know an option. What any service reports, it knows. Raises NotRead."""

    def reports(member: str) -> bool:
        return any(member in service.record for service in world.services)

    table.check_firmware(options, reports, lambda: world.firmware, subject)


def ref_from_options(options: Mapping[str, Any]) -> ServiceRef:
    """Return the service that the options address, port, protocol and nickname name."""
    address, port = options.get("address", ""), options.get("port", "")
    nickname = options.get("nickname", "")
    if bool(address) != bool(port):
        missing = "port" if address else "address"
        raise InvalidOption(
            f"A virtual service is identified by address and port, or by its nickname; {missing} is missing."
        )
    if not address and not nickname:
        raise InvalidOption(
            "A virtual service is identified by address and port, or by its nickname; none of them is given."
        )
    protocol = options.get("protocol") or "tcp"
    return ServiceRef(protocol, address, port, "") if address else ServiceRef(nickname=nickname)


# Options that identify the object or permit actions. They do not describe the object.
_NAMING = {"virtual_service", "sub_virtual_service", "all_sub_virtual_services", "address", "port", "protocol", "name"}
_PERMITTING = {"allow_no_servers", "exact_servers"}
# Options that only change an existing object: its place, and whether it is enabled.
_CHANGING = {"enabled", "new_address", "new_port"}


def terms_of_task(options: Mapping[str, Any]) -> Terms:
    """Return the terms for the options of a module: where these only change an object, it has to exist.

    A mistyped address would add a disabled server otherwise. With ``state`` the task says what it wants.
    """
    said = options.keys() - _NAMING - _PERMITTING
    return USUAL._replace(existing=bool(said) and said <= _CHANGING)


def check_creation(terms: Terms, subject: str, options: Mapping[str, Any]) -> None:
    """Raise InvalidOption if the object is missing and the task only changes an existing one."""
    if terms.existing:
        word = "enabled" if "enabled" in options else "moving it"
        raise InvalidOption(
            f"{subject} does not exist, and {word} alone does not create it. Check the name and address, or set state to present to "
            "create it."
        )


def is_bare(lists: frozenset[str], options: Mapping[str, Any]) -> bool:
    """Return whether a service or SubVS could not answer anybody with these lists and options."""
    return not lists and not any(options.get(option) for option in _ANSWERS)


def reading(service: Service, world: World) -> Mapping[str, Any]:
    """Return the fields of a service as they were read, in Ansible's words."""
    state = TABLE.read(service.record)
    scheduling = ADAPTIVE_REPORTED.get(str(service.record.get("Adaptive", "")), state["scheduling"])
    followed = world.services.by_index(state["follow_service"]) if state["follow_service"] not in ("", "0") else None
    return Merged({"scheduling": scheduling, "follow_service": str(followed.ref) if followed else ""}, state)


def describe(service: Service, world: World) -> dict[str, Any]:
    """Return a service as it was read, in Ansible's words: identity, every field and the rule lists."""
    rules = rule_lists.read(rule_lists.OF_SERVICES, service.record)
    return {**_identity(service.ref), **reading(service, world), **rules}


def entry(service: Service, world: World) -> dict[str, Any]:
    """Return a service as an entry of a document, without its SubVSs and servers."""
    state = describe(service, world)
    rules = {each.option: state[each.option] for each in rule_lists.OF_SERVICES if state[each.option]}
    return {**_identity(service.ref), **TABLE.departing(state, NEW_SERVICE), **rules}


def _identity(ref: AnyRef) -> dict[str, str]:
    if isinstance(ref, ServiceRef):
        return {"protocol": ref.protocol, "address": ref.address, "port": ref.port}
    return {"protocol": ref.parent.protocol, "address": "", "port": ""}


def _named_service(text: str, world: World, document: Document, subject: str) -> str:
    """Return a service that the user named as ``protocol/address:port``, which is how one that was read is named.

    It is the service that has the place, or the nickname, once the document is carried out. Raises InvalidOption where there
    will be none.
    """
    if not text:
        return ""
    ref = ServiceRef.parse(text)
    wanted = document.find(VirtualService, ref) or _renamed(text, document)
    service = wanted.find(world) if wanted else world.services.find(ref)
    if wanted is None and service is not None:
        wanted = next((each for each in document.all(VirtualService) if each._is(service, world)), None)
    if wanted is not None and wanted.ref.by_place:
        ref = wanted.ref
    if wanted is not None and not wanted.present:
        raise InvalidOption(f"{subject}: follow_service is {text!r}, which the same document removes.")
    if service is None and wanted is None:
        raise InvalidOption(
            f"{subject}: follow_service: there is no virtual service {text!r}. Create it before, or in the same document."
        )
    return str(service.ref if service and not (wanted and wanted.ref.by_place) else ref)


def _renamed(nickname: str, document: Document) -> VirtualService | None:
    """Return the service that gets a nickname in a document."""
    services = document.all(VirtualService)
    return next((each for each in services if each.present and each.options.get("nickname") == nickname), None)


def parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as request parameters."""
    sent: dict[str, Any] = dict(TABLE.parameters(values))
    if "followvsid" in sent:
        sent["followvsid"] = IndexOf(ServiceRef.parse(sent["followvsid"])) if sent["followvsid"] else "0"
    return sent


def service_in(document: Document, ref: AnyRef, world: World) -> Service | None:
    """Return the service that is meant, as it was read: in its wanted place, or where it is if the document moves it."""
    known = document.remembered(world)
    if ref not in known:
        known[ref] = _service_in(document, ref, world)
    found: Service | None = known[ref]
    return found


def is_service(ref: AnyRef, service: Service, world: World, document: Document) -> bool:
    """Return whether a service that was read is the one that is meant; no where the name does not tell which one is."""
    try:
        return service_in(document, ref, world) is service
    except InvalidOption:
        return False  # its own plan says so


def _service_in(document: Document, ref: AnyRef, world: World) -> Service | None:
    if isinstance(ref, SubRef):
        parent = service_in(document, ref.parent, world)
        if parent is None or not isinstance(parent.ref, ServiceRef):
            return None
        return world.services.find(ref._replace(parent=parent.ref))
    wanted = document.find(VirtualService, ref)
    return wanted.find(world) if wanted else world.services.find(ref)


def change_step(ref: AnyRef, subject: str, request: Request) -> Step:
    """Return a request for changes as a step."""
    rank = ranks.SERVICE_LAST if request.last else ranks.SERVICE
    return Step("modvs", {**identity(ref), **parameters(request.values)}, subject, request.reason, rank)


def removed(service: Service, world: World) -> dict[str, Any]:
    """Return what goes with a service: its settings that are not at their unset value, and its real servers."""
    state = describe(service, world)
    settings = {
        o: value
        for o, value in state.items()
        if (not TABLE.by_option[o].kind.is_unset(value) if o in TABLE.by_option else value)
    }
    servers = [f"{record.get('DnsName') or record.get('Addr')}:{record.get('Port')}" for record in service.servers]
    return {**settings, **({"real_servers": servers} if servers else {})}
