# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Purge of certificates and intermediates. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates import certificate
from ansible_collections.kemp.loadmaster.plugins.module_utils._kinds.certificates.certificate import (
    Certificate,
    IntermediateCertificate,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.registry import Named, Purging
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World


def _certificates(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    # It stays because of its role, unless another one in the document gets that.
    heir = any(each.present and each.administrative for each in document.all(Certificate))
    administrative = None if heir else world.parameters.get(certificate.ADMINISTRATIVE)
    for name in certificate.names(world, certificate.LISTING):
        if document.find(Certificate, name) is None and name != administrative:
            yield Named(name), Certificate(name, present=False)


def _intermediates(world: World, document: Document) -> Iterator[tuple[Named, Desired]]:
    for name in certificate.names(world, certificate.INTERMEDIATE_LISTING):
        if document.find(IntermediateCertificate, name) is None:
            yield Named(name), IntermediateCertificate(name, present=False)


PURGING = Purging(_certificates, frozenset({certificate.LISTING, f"get:{certificate.ADMINISTRATIVE}", LIST_SERVICES}))
OF_INTERMEDIATES = Purging(_intermediates, frozenset({certificate.INTERMEDIATE_LISTING, LIST_SERVICES}))
