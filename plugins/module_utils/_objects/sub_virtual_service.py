# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Sub virtual services: their own fields, their slot on the parent, and how one is made, changed and removed. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects import _base, _requests, _rule_lists
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._base import ObjectPlan, Step, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._field import Field, Table
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._kinds import Flag, Integer
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._service import (
    IndexOf,
    Service,
    ServiceRef,
    SlotOf,
    SubRef,
    identity,
    label,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects._virtual_service_table import (
    TABLE as OF_SERVICES,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.content_rule import kind_in
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.virtual_service import (
    describe as describe_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._objects.virtual_service import parameters

# What belongs to the parent, or to the slot: the address, the layer, TLS, and whether the sub service is in use.
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
TABLE = Table([row for row in OF_SERVICES.fields if row.option not in _NOT_OWN])

SLOT_TABLE = Table(
    [
        Field("enabled", "enable", Flag(unset=True), reported="Enable", default="true"),
        Field("weight", "weight", Integer(low=1, high=65530), reported="Weight", default="1000"),
        Field("critical", "critical", Flag(), reported="Critical", default="false"),
        Field(
            "slot_connection_limit", "limit", Integer(high=100000), reported="Limit", default="0", unit="connections"
        ),
        Field(
            "slot_rate_limit",
            "ratelimit",
            Integer(high=100000),
            reported="RateLimit",
            default="0",
            unit="connections per second",
        ),
    ]
)
_FRESH_SLOT: Mapping[str, Any] = {
    **{"enabled": True, "weight": 1000, "critical": False},
    **{"slot_connection_limit": 0, "slot_rate_limit": 0},
}
_SLOT_RULES = (_rule_lists.CONTENT_RULES,)
_LISTS = (*_rule_lists.OF_SERVICES, _rule_lists.CONTENT_RULES)
_NAME = OF_SERVICES.by_option["nickname"]


@dataclass(frozen=True)
class SubVirtualService:
    """A sub virtual service as the user wants it."""

    ref: SubRef
    options: Mapping[str, Any] = field(default_factory=dict)
    slot: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, list[str]] = field(default_factory=dict)
    present: bool = True

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> SubVirtualService:
        """Build it from module options. Raises InvalidOption with the first thing that is wrong."""
        name = _NAME.canonical(options["name"], "sub virtual service")
        if not name:
            raise InvalidOption("A sub virtual service needs a name. Nothing was changed.")
        ref = SubRef(ServiceRef.parse(options["virtual_service"]), name)
        subject = label(ref)
        return cls(
            ref,
            TABLE.canonical(options, subject),
            SLOT_TABLE.canonical(options, subject),
            _rule_lists.wanted(_LISTS, options, subject),
            (options.get("state") or "present") == "present",
        )

    def reads(self) -> frozenset[str]:
        return frozenset({_base.LIST_SERVICES, _base.LIST_RULES} if self.rules else {_base.LIST_SERVICES})

    def found(self, world: World) -> dict[str, Any]:
        service = world.services.find(self.ref)
        return describe(service, world) if service else {}

    def plan(self, world: World, document: Sequence[Any]) -> ObjectPlan:
        parent = world.services.find(self.ref.parent)
        if parent is None or not isinstance(parent.ref, ServiceRef):
            if not self.present:
                return ObjectPlan(label(self.ref))
            raise InvalidOption(
                f"{label(self.ref)}: there is no {label(self.ref.parent)}. Create it first. Nothing was changed."
            )
        # By its place from here on, so that a parent that gets another nickname stays the same.
        wanted = replace(self, ref=SubRef(parent.ref, self.ref.name))
        service = world.services.find(wanted.ref)
        if not self.present:
            return wanted._removal(service, world)
        _rule_lists.check(_LISTS, self.rules, lambda name: kind_in(world, document, name), label(wanted.ref))
        return wanted._creation(parent, world) if service is None else wanted._modification(service, world)

    def _removal(self, service: Service | None, world: World) -> ObjectPlan:
        if service is None:
            return ObjectPlan(label(self.ref))
        subject = label(self.ref)
        step = Step("delvs", identity(self.ref), subject, "remove it with its real servers", _base.SERVICE_REMOVE)
        before = {
            option: value for option, value in describe(service, world).items() if value not in ("", [], 0, False)
        }
        return ObjectPlan(subject, (step,), before=before)

    def _creation(self, parent: Service, world: World) -> ObjectPlan:
        subject = label(self.ref)
        if parent.servers:
            raise InvalidOption(
                f"{subject}: {label(parent.ref)} has real servers of its own, and a service has either these or sub virtual services. "
                "Nothing was changed."
            )
        known = {row.option: row.kind.unset for row in TABLE.fields} | {
            "type": None,
            "check_type": None,
            "scheduling": None,
        }
        TABLE.check_needs(self.options, {**known, **self.options}, subject)
        at_once, following = _requests.to_create(TABLE, self.options)
        ref, steps = self._new_slot(parent, world, subject)
        named = Step(
            "modvs",
            {**identity(ref), "nickname": self.ref.name, **parameters(at_once)},
            subject,
            "name it and set it up",
            _base.SUB_SERVICE,
        )
        # From here on it is known by its name.
        steps = [*steps, named, *(_change(self.ref, subject, request) for request in following)]
        slot = SLOT_TABLE.changes(self.slot, _FRESH_SLOT)
        steps += self._slot_steps(
            {change.field.option: change.after for change in slot}, "; ".join(map(str, slot)), subject
        )
        steps += self._rule_steps({}, subject)
        after = {"name": self.ref.name, **self.options, **self.slot, **self.rules}
        return ObjectPlan(subject, tuple(steps), after=after)

    def _new_slot(self, parent: Service, world: World, subject: str) -> tuple[SubRef, list[Step]]:
        """Return how the new one is told until it has its name, and the steps that make it.

        One without a name and without servers is what an interrupted run has left behind: it is taken first.
        """
        for sub in world.services.subs(parent):
            if not sub.nickname and not sub.servers and isinstance(sub.ref, SubRef):
                return sub.ref, []
        creation = {**identity(parent.ref), "createsubvs": ""}
        steps = [Step("modvs", creation, subject, "create it", _base.SUB_SERVICE, makes=self.ref)]
        flipped = {name: parent.record.get(name) for name in ("Transparent", "SubnetOriginating")}
        if not parent.slots:
            restored = {name.lower(): value for name, value in flipped.items() if value in ("Y", "N")}
            reason = "give the parent back its transparency, which its first sub virtual service turns over"
            steps.append(Step("modvs", {**identity(parent.ref), **restored}, subject, reason, _base.SERVICE_LAST))
        return self.ref, steps

    def _modification(self, service: Service, world: World) -> ObjectPlan:
        subject = label(self.ref)
        state = describe(service, world)
        TABLE.check_needs(self.options, {**state, **self.options}, subject)
        requests, differing = _requests.to_change(TABLE, self.options, state)
        steps = [_change(self.ref, subject, request) for request in requests]
        slot = SLOT_TABLE.changes(self.slot, state)
        steps += self._slot_steps(
            {change.field.option: change.after for change in slot}, "; ".join(map(str, slot)), subject
        )
        emptied = _rule_lists.emptied(_LISTS, state, differing)
        steps += self._rule_steps({**state, **emptied}, subject)
        lists = [option for option, names in {**emptied, **self.rules}.items() if names != state[option]]
        changed = [*differing, *(change.field.option for change in slot), *lists]
        target = {**self.options, **self.slot, **emptied, **self.rules}
        before, after = {option: state[option] for option in changed}, {option: target[option] for option in changed}
        return ObjectPlan(subject, tuple(steps), before, after)

    def _slot_steps(self, values: Mapping[str, Any], reason: str, subject: str) -> list[Step]:
        if not values:
            return []
        naming = {**identity(self.ref.parent), "rs": SlotOf(self.ref)}
        return [Step("modrs", {**naming, **SLOT_TABLE.parameters(values)}, subject, reason, _base.SUB_SERVICE)]

    def _rule_steps(self, current: Mapping[str, Any], subject: str) -> list[Step]:
        on_parent = {**identity(self.ref.parent), "rs": SlotOf(self.ref)}
        return [
            *_rule_lists.steps(_SLOT_RULES, self.rules, current, on_parent, subject),
            *_rule_lists.steps(_rule_lists.OF_SERVICES, self.rules, current, identity(self.ref), subject),
        ]


def describe(service: Service, world: World) -> dict[str, Any]:
    """Return a sub virtual service as it was read, in Ansible's words."""
    state = describe_service(service, world)
    own = {
        option: state[option]
        for option in (*TABLE.by_option, *(each.option for each in _rule_lists.OF_SERVICES))
        if option in state
    }
    return {
        "name": service.nickname,
        **own,
        **SLOT_TABLE.read(service.slot),
        **_rule_lists.read(_SLOT_RULES, service.slot),
    }


def _change(ref: SubRef, subject: str, request: _requests.Request) -> Step:
    rank = _base.SERVICE_LAST if request.last else _base.SUB_SERVICE
    return Step("modvs", {"vs": IndexOf(ref), **parameters(request.values)}, subject, request.reason, rank)
