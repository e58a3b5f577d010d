# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions of ansible-core and Python are refused."""

from __future__ import annotations

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils import _requirements


@pytest.mark.parametrize(
    ("core", "python", "is_met"),
    [
        ("2.16.0", (3, 10, 0), True),
        ("2.22.0rc1", (3, 13, 0), True),
        ("3.0", (4, 0, 0), True),
        ("2.15.13", (3, 11, 7), False),
        ("2.9.27", (3, 11, 7), False),
        ("2.16.19", (3, 9, 18), False),
    ],
)
def test_what_is_met(core: str, python: tuple[int, ...], is_met: bool) -> None:
    sentence = _requirements.unmet(core, python)
    assert (sentence == "") == is_met
    if sentence:
        assert f"ansible-core {core} with Python {'.'.join(map(str, python))}" in sentence
        assert "execution environment" in sentence and len(sentence.splitlines()) == 1
