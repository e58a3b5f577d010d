# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""All kinds of object, in the order of their members in a document. A new kind is one line here. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificates, cipher_sets
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.content_rules import content_rules
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.services import service_kinds
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.settings import settings
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import ObjectKind

KINDS: tuple[ObjectKind, ...] = (
    settings.KIND,
    certificates.CERTIFICATES,
    certificates.INTERMEDIATE_CERTIFICATES,
    cipher_sets.KIND,
    content_rules.KIND,
    service_kinds.VIRTUAL_SERVICES,
    service_kinds.SUB_VIRTUAL_SERVICES,
    service_kinds.REAL_SERVERS,
)
