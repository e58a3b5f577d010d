# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Registration of the kinds virtual services, SubVSs and real servers. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import (
    composition,
    conflicts,
    leftovers,
    recreation,
    server_table,
    service_export,
    sub_virtual_service,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.real_server import (
    RealServer,
    added_at_once,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.sub_virtual_service import (
    SubVirtualService,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.virtual_service import VirtualService
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import (
    Listing,
    ObjectKind,
    Planning,
    Purging,
    Recovery,
    Witness,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import Effect

_LISTING = frozenset({LIST_SERVICES})
_RULE_COMMANDS = [
    f"{verb}{where}rule" for verb in ("add", "del") for where in ("rs", "pre", "request", "response", "responsebody")
]
_COMMANDS = ("addvs", "modvs", "delvs", "addrs", "modrs", "delrs", *_RULE_COMMANDS)


def _purging_services() -> Purging:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_purge import OF_SERVICES

    return OF_SERVICES


def _purging_subs() -> Purging:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_purge import OF_SUBS

    return OF_SUBS


def _purging_servers() -> Purging:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.service_purge import OF_SERVERS

    return OF_SERVERS


def _recovery_of_services() -> Recovery:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.recovery import (
        service_astray,
        service_former,
        service_traces,
    )
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.recovery.service_differences import (
        differences,
    )

    return Recovery(
        former=service_former.former_service,
        differences=differences,
        also=service_former.others,
        unreadable=service_former.unreadable,
        reads=_LISTING,
        traces=service_traces.traces,
        touched=service_traces.touched,
        swept=service_traces.swept,
        astray=service_astray.astray,
    )


def _recovery_of_subs() -> Recovery:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.recovery.service_former import (
        former_sub,
    )

    return Recovery(former=former_sub, reads=_LISTING)


def _recovery_of_servers() -> Recovery:
    from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services.recovery.service_former import (
        former_server,
        outside,
    )

    return Recovery(former=former_server, instead=outside, reads=_LISTING)


VIRTUAL_SERVICES = ObjectKind(
    member="virtual_services",
    title="Virtual services with everything that belongs to them.",
    wanted=VirtualService,
    shape=composition.ENTRY,
    compose=composition.compose_service,
    check=composition.check,
    listing=_LISTING,
    listings={LIST_SERVICES: Listing(("VS",), witness=Witness("stats", "VStotals", ("Vs", "VS")))},
    entries=service_export.entries,
    effects=dict.fromkeys(_COMMANDS, Effect(stale=_LISTING)),
    settling={"addvs": "Unknown VS"},
    # Refusals that mention one without its name
    refusals={"certificate": "certfile", "cipher set": "cipherset"},
    planning=Planning(
        recreated=recreation.recreated,
        without=recreation.without,
        besides=leftovers.besides,
        same=conflicts.same_service,
        conflicts=conflicts.claimed_ports,
        condensed=added_at_once,
    ),
    purging=_purging_services,
    recovery=_recovery_of_services,
    about=(
        "Virtual services, each with the options of M(kemp.loadmaster.virtual_service), with C(real_servers) and C(sub_virtual_services).",
        "A new service without real servers, SubVSs or a redirect is an error, and so is a new SubVS "
        "without real servers. If you want one, set C(real_servers=[]).",
    ),
    purged="Services, with all that belongs to them.",
    module="virtual_service",
)
SUB_VIRTUAL_SERVICES = ObjectKind(
    member="sub_virtual_services",
    title="SubVSs of the services that list some.",
    wanted=SubVirtualService,
    shape=sub_virtual_service.ENTRY,
    word="SubVS",
    belongs_to="virtual_services",
    purging=_purging_subs,
    recovery=_recovery_of_subs,
    purged=(
        "SubVSs of services that the document has with a list C(sub_virtual_services). Those without a name of their own stay, "
        "with a warning, since no document can name them."
    ),
    module="sub_virtual_service",
)
REAL_SERVERS = ObjectKind(
    member="real_servers",
    title="Real servers of the services and SubVSs that list some.",
    wanted=RealServer,
    shape=server_table.ENTRY,
    belongs_to="virtual_services",
    planning=Planning(same=conflicts.same_server),
    purging=_purging_servers,
    recovery=_recovery_of_servers,
    purged="Real servers of services and SubVSs that the document has with a list C(real_servers).",
    module="real_server",
)
