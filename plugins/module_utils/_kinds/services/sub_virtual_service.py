# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""SubVSs: their own fields, their slot on the parent, and how one is created, changed and removed. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, all_of, checked
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields import request_order
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field, Merged, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import (
    ALLOW_NO_SERVERS,
    EXACT_SERVERS,
    STATE,
    Shape,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Flag, Integer, Text
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules.content_rule import (
    changes_in,
    kinds_in,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import server_table
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import (
    NEW_SERVICE,
    OF_PARENTS,
    check_new,
    picked,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_table import (
    TABLE as OF_SERVICES,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.slots import NewSlot, Slots
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import (
    VirtualService,
    check_creation,
    check_firmware,
    is_bare,
    is_service,
    parameters,
    reading,
    service_in,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import USUAL, Document, OwnedBy, Terms
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import IndexOf, SlotOf, identity
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, SubRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.services import DELETE_FIRST, Service
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ObjectPlan, Step

# Fields of the parent or of the slot: address, layer, TLS, and whether the SubVS is enabled.
_NOT_OWN = {
    *("nickname", "enabled", "alternate_address", "extra_ports", "force_l4", "use_address_for_snat", "starttls_mode"),
    *(
        "ssl_acceleration",
        "certificates",
        "intermediate_certificates",
        "tls_versions",
        "cipher_set",
        "http2",
        "ocsp_verify",
    ),
    *("tls13_cipher_suites", "client_certificates", "require_sni_hostname", "pass_cipher_headers", "ssl_rewrite"),
    *("ssl_reencrypt", "reencryption_sni_hostname", "pass_through_sni_hostname", "cache", "cache_percent", "compress"),
    *("follow_service", "multiplex_connections"),
}
# Descriptions that differ from those of a service.
_IN_OTHER_WORDS: Mapping[str, Mapping[str, Any]] = {
    "type": {
        "description": (
            "What kind of traffic the SubVS carries. It decides what else it can do; HTTP headers, "
            "for example, take V(http).",
            "Changing the type makes the LoadMaster put O(add_http_headers) back to its default, and take "
            "all rules out of O(response_body_rules). The type is therefore sent first, and after it what "
            "the task says about these, or else what they were.",
        ),
        "choices": {
            "generic": "Any TCP or UDP traffic, passed on without looking into it.",
            "starttls": (
                "Protocols that switch to TLS on request, such as SMTP, IMAP and POP3. Which of them "
                "it is, the parent says."
            ),
        },
    },
    "subnet_originating": {
        "description": (
            "Whether connections to real servers come from the address that the LoadMaster has in their "
            "network, V(true), or from the address of the parent, V(false). It makes no difference while "
            "O(transparent=true)."
        )
    },
    "bandwidth_limit": {
        "description": (
            "The most traffic that passes the service; V(0) is without a limit. The WUI takes 0 or 16 to 99999999."
        )
    },
    "error_url": {
        "description": (
            "Where clients are redirected to while no real server is available. C(%h) stands for the host "
            "and C(%s) for the path that the client asked for. An empty string clears it."
        )
    },
    "check_type": {
        "description": (
            "How the LoadMaster checks whether a real server is up.",
            "On a new service the method follows from the port of the parent: 443 gets V(https) and 25 "
            "gets V(smtp), for example; ports without a protocol of their own get V(tcp).",
        ),
    },
    "check_host": {
        "description": (
            "The name in the Host header of the check, for servers with several web sites. Without it, "
            "the LoadMaster sends the address of the parent. An empty string clears it."
        )
    },
    "enhanced_health_checks": {
        "description": (
            "Makes O(minimum_servers) available, and in the WUI the option that makes a real server "
            "critical. Where it is switched off, O(minimum_servers) is cleared before it."
        )
    },
}


def _reworded(row: Field) -> Field:
    words = _IN_OTHER_WORDS.get(row.option, {})
    return row._replace(**{**words, "choices": {**row.choices, **words.get("choices", {})}}) if words else row


TABLE = Table([_reworded(row) for row in OF_SERVICES.fields if row.option not in _NOT_OWN])

SLOT_TABLE = Table(
    [
        Field(
            "enabled",
            "enable",
            Flag(unset=True),
            reported="Enable",
            default="true",
            label="SubVSs",
            description=(
                "Whether the SubVS gets requests. V(false) takes it out of operation and keeps its configuration."
            ),
        ),
        Field(
            "weight",
            "weight",
            Integer(low=1, high=65530),
            reported="Weight",
            default="1000",
            label="Basic Properties > SubVS Weight",
            description=(
                "The share of the SubVS, relative to the weights of the others, where the scheduling "
                "method of the parent uses weights."
            ),
        ),
        Field(
            "critical",
            "critical",
            Flag(),
            reported="Critical",
            default="false",
            label="SubVSs > Critical",
            description=(
                "Makes the SubVS required, so that the parent counts as down as soon as this one is "
                "down. Otherwise the parent stays up."
            ),
        ),
        Field(
            "slot_connection_limit",
            "limit",
            Integer(high=100000),
            reported="Limit",
            default="0",
            unit="connections",
            label="Basic Properties > SubVS Limit",
            description=(
                "The most connections that the parent opens to the SubVS at a time; V(0) is without a "
                "limit. O(connection_limit) is the limit of the SubVS itself."
            ),
        ),
        Field(
            "slot_rate_limit",
            "ratelimit",
            Integer(high=100000),
            reported="RateLimit",
            default="0",
            unit="connections per second",
            label="Basic Properties",
            description=(
                "The most new connections that the parent opens to the SubVS in a second; V(0) is "
                "without a limit. Newer firmware only. O(connection_rate_limit) is the limit of the sub "
                "service itself."
            ),
        ),
    ]
)
_NEW_SLOT: Mapping[str, Any] = {
    **{"enabled": True, "weight": 1000, "critical": False},
    **{"slot_connection_limit": 0, "slot_rate_limit": 0},
}
# Fields that the first SubVS changes on its parent, with the defaults of a new service.
_CHANGED_BY_FIRST: Mapping[str, bool] = {"transparent": False, "subnet_originating": True}
_NEW_SUBVS = {option: value for option, value in NEW_SERVICE.items() if option in TABLE.by_option}
_SLOT_RULE_LIST = rule_lists.CONTENT_RULES._replace(
    label="SubVSs > Rules",
    description=(
        "The rules that choose requests of the parent for this SubVS. A request goes to the SubVS with a "
        "matching rule.",
        "If rules of several SubVSs match, the order on the parent decides: that in which they were "
        "assigned, across all SubVSs. This list only defines the order of its own rules.",
        rule_lists.CATCH_ALL,
    ),
)
_SLOT_RULES = (rule_lists.CONTENT_RULES,)
_LISTS = (*rule_lists.OF_SERVICES, rule_lists.CONTENT_RULES)
_STATE = STATE._replace(
    preset=None,
    description=(
        "Whether the SubVS should exist. V(absent) removes it with all its real servers. A missing parent "
        "is no error then.",
        "The default is V(present). A task of M(kemp.loadmaster.sub_virtual_service) with only O(enabled) "
        "changes an existing SubVS and never creates one, so a mistyped name is an error. To create one "
        "with this option alone, set V(present).",
    ),
    choices={
        "present": "The SubVS exists, with the options of the task.",
        "absent": "The SubVS does not exist.",
    },
)
_ABOUT = {
    "real_servers": (
        "Real servers of the SubVS. Servers that are not in the list stay as they are, unless O(exact_servers=true).",
        "Options that you omit for an existing server stay unchanged.",
    )
}
_ROWS = (
    OF_SERVICES.by_option["nickname"]._replace(
        option="name",
        default="",
        label="Basic Properties > SubVS Name",
        description=(
            "The name of the SubVS, unique within its parent. It consists of letters, digits, spaces and the "
            "characters C(. @ - _), and begins with a letter or digit. You cannot change it here, since it "
            "identifies the SubVS.",
        ),
    ),
    *SLOT_TABLE.fields,
    *TABLE.fields,
    *rule_lists.rows((_SLOT_RULE_LIST, *rule_lists.OF_SERVICES)),
    EXACT_SERVERS._replace(
        description=(
            "Whether O(real_servers) is the complete list. With V(true), all other servers are removed. "
            "Removing the last enabled one requires O(allow_no_servers)."
        )
    ),
    ALLOW_NO_SERVERS._replace(
        description=(
            "Allows O(real_servers) to remove or disable the last enabled server of the SubVS. "
            "Otherwise the task fails before it changes anything. Removing the SubVS itself does "
            "not need it."
        )
    ),
)

# One in the list of its parent, and one by itself.
ENTRY = Shape((_STATE, *_ROWS), required=("name",), lists={"real_servers": server_table.ENTRY}, about=_ABOUT)
SHAPE = Shape(
    (
        _STATE,
        Field(
            "virtual_service",
            "vs",
            Text(),
            description=(
                "The parent, which must exist and must not have real servers of its own. Give it as "
                "C(address:port), as C(protocol/address:port) if the protocol is not TCP, with an IPv6 address in "
                "brackets, or by its nickname if that is unique.",
                "API parameters C(vs), C(port) and C(prot). WUI: Virtual Services > View/Modify Services.",
            ),
        ),
        *_ROWS,
    ),
    required=("virtual_service", "name"),
    lists={"real_servers": server_table.ENTRY},
    about=_ABOUT,
)


@dataclass(frozen=True)
class SubVirtualService:
    """A wanted SubVS. ``lists`` names the lists of other objects that the user gave with it."""

    ref: SubRef
    options: Mapping[str, Any] = field(default_factory=dict)
    slot: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, list[str]] = field(default_factory=dict)
    present: bool = True
    lists: frozenset[str] = frozenset()
    terms: Terms = USUAL

    @classmethod
    def from_options(cls, parent: ServiceRef, options: Mapping[str, Any], terms: Terms = USUAL) -> SubVirtualService:
        """Build it from options, or from an entry of the list of its parent, that its shape has checked."""
        return cls(
            SubRef(parent, options["name"]),
            TABLE.given(options),
            SLOT_TABLE.given(options),
            rule_lists.given(_LISTS, options),
            options.get("state", "present") == "present",
            frozenset(ENTRY.lists.keys() & options.keys()),
            terms.with_permissions(options),
        )

    @property
    def subject(self) -> str:
        return label(self.ref)

    def keys(self) -> tuple[Hashable, ...]:
        return self.ref, OwnedBy(self.ref.parent)

    def reads(self) -> frozenset[str]:
        return frozenset({LIST_SERVICES})

    def found(self, world: World) -> dict[str, Any]:
        service = world.services.find(self.ref)
        return describe(service, world) if service else {}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        wanted_parent = document.find(VirtualService, self.ref.parent)
        parent = service_in(document, self.ref.parent, world)
        if wanted_parent is not None and not wanted_parent.present:
            return ObjectPlan(self.subject)
        # By the parent's future place, so that a new nickname does not change the identity.
        place = wanted_parent.ref if wanted_parent and wanted_parent.ref.by_place else parent.ref if parent else None
        if not isinstance(place, ServiceRef):
            if not self.present:
                return ObjectPlan(self.subject)
            raise InvalidOption.missing(f"{self.subject}: there is no {label(self.ref.parent)}. Create it first.")
        wanted = replace(self, ref=SubRef(place, self.ref.name, self.ref.slot))
        service = world.services.sub_of(parent, self.ref.name) if parent and not self.ref.slot else None
        if self.ref.slot:
            service = world.services.find(self.ref)  # one without a name
        if not self.present:
            return wanted._removal(service, world)
        current = _rules_of(service) if service else {}
        first = wanted_parent is not None and not (parent and parent.slots) and self._is_first_of(document)
        made = checked(
            lambda: wanted._planned(service, parent, world, document, self.ref.parent),
            lambda: check_firmware(TABLE, self.options, world, wanted.subject),
            lambda: wanted_parent.check_childless(wanted_parent.subject) if first and wanted_parent else None,
            lambda: rule_lists.check(_LISTS, self.rules, current, kinds_in(world, document), wanted.subject),
        )
        again = wanted._restoration_after_late_call(parent, wanted_parent, world) if self._is_first_of(document) else []
        return replace(made, steps=(*again, *made.steps)) if again else made

    def _is_first_of(self, document: Document) -> bool:
        """Return whether it is the first wanted SubVS of its parent."""
        present = (sub for sub in document.owned(SubVirtualService, self.ref.parent) if sub.present)
        return next(present, None) is self

    def _planned(
        self, service: Service | None, parent: Service | None, world: World, document: Document, named: ServiceRef
    ) -> ObjectPlan:
        if service is None:
            return self._creation(parent, world, document, named)
        wanted = self._whole(service, world) if self.terms.replace else self
        return wanted._modification(service, world, changes_in(world, document))

    def lasting(self, service: Service, world: World) -> dict[str, Any]:
        """Return what the SubVS that is there has, is not to have, and cannot lose."""
        return TABLE.lasting(self.options, describe(service, world), _NEW_SUBVS) if self.terms.replace else {}

    def _whole(self, service: Service, world: World) -> SubVirtualService:
        """Return the SubVS completed with the values of a new one."""
        state = describe(service, world)
        TABLE.check_lasting(self.options, state, _NEW_SUBVS, label(self.ref))
        return replace(
            self,
            options=TABLE.completed(self.options, state, _NEW_SUBVS),
            slot={**_NEW_SLOT, **self.slot},
            rules={**{each.option: [] for each in _LISTS}, **self.rules},
        )

    def _removal(self, service: Service | None, world: World) -> ObjectPlan:
        if service is None:
            return ObjectPlan(label(self.ref))
        subject = label(self.ref)
        step = Step("delvs", identity(self.ref), subject, "remove it with its real servers", ranks.SERVICE_REMOVE)
        before = {
            option: value for option, value in describe(service, world).items() if value not in ("", [], 0, False)
        }
        return ObjectPlan(subject, (step,), before=before, belongings=server_table.subjects(service))

    def _creation(self, parent: Service | None, world: World, document: Document, named: ServiceRef) -> ObjectPlan:
        subject = self.subject
        check_creation(self.terms, subject, self.slot)
        wanted_parent = document.find(VirtualService, named)
        picks = {
            option: value for option, value in _inherited(parent, wanted_parent).items() if option not in self.options
        }
        all_of(
            lambda: self._check_alone(parent),
            lambda: check_new(TABLE, self.options, picks, subject),
        )
        ref, steps, taken = self._new_slot(
            parent, Slots(document.owned(SubVirtualService, named), parent, world), wanted_parent, world
        )
        has = None if taken else _inherited(parent, wanted_parent)["type"]
        unlike = {option: value for option, value in self.options.items() if option != "type" or value != has}
        at_once, following = request_order.to_create(TABLE, unlike)
        naming = Step(
            "modvs",
            {**identity(ref), "nickname": self.ref.name, **parameters(at_once)},
            subject,
            f"{taken}name it and set it up",
            ranks.SUB_SERVICE,
        )
        # From here on its name identifies it.
        steps = [*steps, naming, *(_change(self.ref, subject, request) for request in following)]
        slot = SLOT_TABLE.changes(self.slot, _NEW_SLOT)
        steps += self._slot_steps(
            {change.field.option: change.after for change in slot}, "; ".join(map(str, slot)), subject
        )
        steps += self._rule_steps(self.rules, {}, subject)
        after = {"name": self.ref.name, **self.options, **self.slot, **self.rules}
        return ObjectPlan(subject, tuple(steps), after=after)

    def _check_alone(self, parent: Service | None) -> None:
        """Raise InvalidOption where it cannot be new beside what its parent has, or would be new and answer no one."""
        if parent and parent.servers:
            raise InvalidOption(
                f"{label(parent.ref)} has real servers of its own, and a service has either these or "
                f"SubVSs. {DELETE_FIRST}"
            )
        if self.terms.whole and is_bare(self.lists, self.options):
            raise InvalidOption(
                f"{self.subject} would be new and has no real_servers, and is no redirect either (error_code, error_url). If you want "
                "that, set real_servers: []."
            )

    def _new_slot(
        self, parent: Service | None, slots: Slots, wanted_parent: VirtualService | None, world: World
    ) -> tuple[SubRef, list[Step], str]:
        """Return how messages call the new one until it has its name, the steps that create it, and what to report of it.

        ``wanted_parent`` is the parent in the document, if any.
        """
        taken = slots.taken_by(self.ref.name)
        if taken is not None:
            no_one_else = parent is not None and slots.are_all_nameless and world.started is None
            steps = self._restoration_after_interruption(parent, wanted_parent) if parent and no_one_else else []
            number = taken.slot_number
            reason = f"take over the one without a name in slot {number}, which an interrupted run has left behind; "
            return SubRef(self.ref.parent, "", number), steps, reason
        place = identity(self.ref.parent)
        made = Step(
            "modvs",
            {**place, "createsubvs": ""},
            self.subject,
            "create it",
            ranks.SUB_SERVICE,
            creation=NewSlot(self.ref),
            creates=True,
        )
        is_first = slots.new[0] == self.ref.name and not (parent and parent.slots)
        if not is_first:
            return self.ref, [made], ""
        had = OF_SERVICES.read(parent.record) if parent else {}
        return self.ref, [made, *self._restoration(wanted_parent, had)], ""

    def _restoration(self, wanted_parent: VirtualService | None, had: Mapping[str, Any]) -> list[Step]:
        """Return the step that gives a parent back what its first SubVS turns over.

        That is what the user says, else what the parent ``had``, else what a new service has.
        """
        wanted = wanted_parent.options if wanted_parent else {}
        kept = {option: wanted.get(option, had.get(option, fresh)) for option, fresh in _CHANGED_BY_FIRST.items()}
        if not any(kept[option] == fresh for option, fresh in _CHANGED_BY_FIRST.items()):
            return []
        return [replace(self._giving_back(kept), creation=NewSlot(self.ref))]

    def _restoration_after_late_call(
        self, parent: Service | None, wanted_parent: VirtualService | None, world: World
    ) -> list[Step]:
        """Return the same step where this task made the first one, and the parent does not have it back yet.

        So it is where a call that made one was carried out after it was given up for lost.
        """
        started = world.started
        if started is None or parent is None or not parent.slots:
            return []
        former = started.services.find(parent.ref)
        if former is not None and former.slots:
            return []
        had = OF_SERVICES.read(former.record) if former else _CHANGED_BY_FIRST
        state = OF_SERVICES.read(parent.record)
        said = wanted_parent.options if wanted_parent else {}
        kept = {
            option: had[option] for option in _CHANGED_BY_FIRST if option not in said and state[option] != had[option]
        }
        return [self._giving_back(kept)] if kept else []

    def _restoration_after_interruption(self, parent: Service, wanted_parent: VirtualService | None) -> list[Step]:
        """Return the same step where an interrupted run has not come to it any more.

        What the parent had before no one knows then. It is taken for what a new service has; what the user says is
        compared anyway.
        """
        state = OF_SERVICES.read(parent.record)
        unsaid = {
            option: fresh
            for option, fresh in _CHANGED_BY_FIRST.items()
            if not wanted_parent or option not in wanted_parent.options
        }
        if not unsaid or any(state[option] == fresh for option, fresh in _CHANGED_BY_FIRST.items()):
            return []
        return [self._giving_back(unsaid)]

    def _giving_back(self, values: Mapping[str, Any]) -> Step:
        spoken = " and ".join(f"{option}: {str(value).lower()}" for option, value in values.items())
        reason = f"give the parent back {spoken}, which its first SubVS turns over"
        parameters = {**identity(self.ref.parent), **OF_SERVICES.parameters(values)}
        return Step("modvs", parameters, self.subject, reason, ranks.SUB_SERVICE)

    def _modification(self, service: Service, world: World, changes_kind: Callable[[str], bool]) -> ObjectPlan:
        subject = label(self.ref)
        state = _state(service, world)
        TABLE.check_needs(self.options, Merged(self.options, state), subject)
        requests, changes = request_order.to_change(TABLE, self.options, state)
        steps = [_change(self.ref, subject, request) for request in requests]
        slot = SLOT_TABLE.changes(self.slot, state)
        steps += self._slot_steps(
            {change.field.option: change.after for change in slot}, "; ".join(map(str, slot)), subject
        )
        emptied = rule_lists.emptied(_LISTS, state, [change.field.option for change in changes])
        rules = {**{option: state[option] for option in emptied}, **self.rules}
        steps += self._rule_steps(rules, Merged(emptied, state), subject, changes_kind, emptied)
        changes += slot
        lists = [option for option, names in self.rules.items() if names != state[option]]
        before = {**{c.field.option: c.before for c in changes}, **{option: state[option] for option in lists}}
        after = {**{c.field.option: c.after for c in changes}, **{option: self.rules[option] for option in lists}}
        return ObjectPlan(subject, tuple(steps), before, after)

    def holds(self, place: rule_lists.Assignment, world: World, document: Document) -> bool:
        """Return whether it is this SubVS that has the list of a place."""
        return place.server is None and is_service(self.ref, place.service, world, document)

    def removes(self, place: rule_lists.Assignment, world: World, document: Document) -> bool:
        """Return whether this SubVS must be removed, and the list of a place with it."""
        return not self.present and is_service(self.ref, place.service, world, document)

    def _slot_steps(self, values: Mapping[str, Any], reason: str, subject: str) -> list[Step]:
        if not values:
            return []
        naming = {**identity(self.ref.parent), "rs": SlotOf(self.ref)}
        return [Step("modrs", {**naming, **SLOT_TABLE.parameters(values)}, subject, reason, ranks.SUB_SERVICE)]

    def _rule_steps(
        self,
        rules: Mapping[str, list[str]],
        current: Mapping[str, Any],
        subject: str,
        changes_kind: Callable[[str], bool] = lambda _rule: False,
        again: Container[str] = (),
    ) -> list[Step]:
        on_parent = {**identity(self.ref.parent), "rs": SlotOf(self.ref)}
        more: dict[str, Any] = {"changes_kind": changes_kind, "again": again}
        return [
            *rule_lists.steps(_SLOT_RULES, rules, current, on_parent, subject, **more),
            *rule_lists.steps(rule_lists.OF_SERVICES, rules, current, identity(self.ref), subject, **more),
        ]


def _inherited(parent: Service | None, wanted_parent: VirtualService | None) -> dict[str, Any]:
    """Return what a new SubVS inherits: as planned, as read, or as the appliance picks it."""
    found = TABLE.read(parent.record) if parent else picked(wanted_parent.ref, {}) if wanted_parent else {}
    said = wanted_parent.options if wanted_parent else {}
    return {option: said.get(option, found.get(option)) for option in OF_PARENTS}


def _rules_of(service: Service) -> dict[str, list[str]]:
    """Return the rule lists of a SubVS, of which one is in its slot."""
    of_its_own = rule_lists.read(rule_lists.OF_SERVICES, service.record)
    return {**of_its_own, **rule_lists.read(_SLOT_RULES, service.slot)}


def _state(service: Service, world: World) -> Mapping[str, Any]:
    """Return what is known of a SubVS, in Ansible's words, and a little more, which belongs to its parent."""
    return Merged(Merged(_rules_of(service), SLOT_TABLE.read(service.slot)), reading(service, world))


def describe(service: Service, world: World) -> dict[str, Any]:
    """Return a SubVS as it was read, in Ansible's words."""
    state = _state(service, world)
    options = (*TABLE.by_option, *SLOT_TABLE.by_option, *(each.option for each in _LISTS))
    return {"name": service.nickname, **{option: state[option] for option in options if option in state}}


def entry(service: Service, world: World) -> dict[str, Any]:
    """Return a SubVS as an entry of a document, without its real servers."""
    state = describe(service, world)
    rules = {each.option: state[each.option] for each in _LISTS if state[each.option]}
    settings = {**SLOT_TABLE.departing(state, _NEW_SLOT), **TABLE.departing(state, _NEW_SUBVS)}
    return {"name": state["name"], **settings, **rules}


def _change(ref: SubRef, subject: str, request: request_order.Request) -> Step:
    rank = ranks.SERVICE_LAST if request.last else ranks.SUB_SERVICE
    return Step("modvs", {"vs": IndexOf(ref), **parameters(request.values)}, subject, request.reason, rank)
