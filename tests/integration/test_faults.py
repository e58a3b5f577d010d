# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the table of faults, another one for each part; the whole of it is made by "make faults"."""

from __future__ import annotations

import pytest
from faults import table

PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", table.KINDS, ids=lambda kind: kind.name.lower())
def test_nothing_is_wrong(kind: table.Kind, part: int) -> None:
    cases = list(kind.cases(1000 + part, kind.sample // PARTS))
    assert cases
    wrong = [(verdict.case, verdict.wrong) for verdict in map(kind.judged, cases) if verdict.wrong]
    assert not wrong
